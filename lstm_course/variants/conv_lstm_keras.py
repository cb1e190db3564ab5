"""Carry the weights of a ConvLSTM to ``keras.layers.ConvLSTM2D`` and back.

Keras stores kernels, bias and the order of the gates as we do, and has no peepholes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_course.parity import check_options, check_same_function
from lstm_course.variants.conv_lstm import ConvLSTMWeights, check_conv_weights

#: What a ``ConvLSTM2D`` must have to compute our function.
WANTED: dict[str, Any] = {
    "padding": "same",
    "data_format": "channels_last",
    "strides": (1, 1),
    "dilation_rate": (1, 1),
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "use_bias": True,
    "go_backwards": False,
    "stateful": False,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
}


def to_keras(weights: ConvLSTMWeights, frame: tuple[int, int], **options: Any) -> Any:
    """Return a ``ConvLSTM2D`` that computes the same function on frames of R x C pixels.

    A layer of Keras is bound to one size of frames, although its weights are not.  It pads
    the input too (``padding="same"``); ``options`` go to the layer.  ``ValueError`` if a shape
    does not fit, there are peepholes, or the two kernels differ in size.
    """
    import keras

    W_x, W_h, b, w_c = weights
    if w_c is not None:
        raise ValueError("keras.layers.ConvLSTM2D has no peepholes: w_c must be None")
    D, H = check_conv_weights(weights, ())
    if W_x.shape[:2] != W_h.shape[:2]:
        sizes = f"{W_x.shape[:2]} and {W_h.shape[:2]}"
        raise ValueError(f"keras.layers.ConvLSTM2D has one kernel size, got {sizes}")
    options = {"padding": "same", "dtype": str(b.dtype), **options}
    layer = keras.layers.ConvLSTM2D(H, W_x.shape[:2], **options)
    layer.build((None, None, *frame, D))
    layer.set_weights([W_x, W_h, b])
    return layer


def from_keras(layer: Any) -> ConvLSTMWeights:
    """Return the weights of a built ``ConvLSTM2D``.

    ``ValueError`` if it computes another function: another padding, activation or stride, say.
    """
    import keras

    check_same_function("from_keras", layer, keras.layers.ConvLSTM2D, "call")
    check_options("from_keras", layer, **WANTED)
    if not layer.built:
        raise ValueError("the Keras layer has no weights yet: call it once, or layer.build(...)")
    return ConvLSTMWeights(*(np.array(array) for array in layer.get_weights()))
