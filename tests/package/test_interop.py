"""Weights survive the trip to PyTorch and Keras and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import LSTMWeights, init_lstm
from lstm_course.interop import from_keras, from_torch, to_keras, to_torch


def weights(dtype=np.float64):
    rng = np.random.default_rng(0)
    drawn = init_lstm(3, 5, rng)
    return LSTMWeights(*(w.astype(dtype) for w in drawn._replace(b=rng.standard_normal(20))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("there", "back"), [(to_torch, from_torch), (to_keras, from_keras)])
def test_round_trip_is_exact(there, back, dtype):
    original = weights(dtype)
    for a, b in zip(back(there(original)), original, strict=True):
        assert a.dtype == dtype
        np.testing.assert_array_equal(a, b)


def test_torch_biases_are_summed():
    layer = torch.nn.LSTM(3, 5, dtype=torch.float64)
    expected = (layer.bias_ih_l0 + layer.bias_hh_l0).detach()
    np.testing.assert_array_equal(from_torch(layer).b, expected)


def test_layers_without_bias_give_zeros():
    assert not from_torch(torch.nn.LSTM(3, 5, bias=False)).b.any()
    assert not from_keras(to_keras(weights(), use_bias=False)).b.any()


def test_conversion_copies():
    original = weights()
    layer = to_torch(original)
    kept = from_torch(layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(7.0)
    for a, b in zip(kept, original, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}, {"proj_size": 2}])
def test_unsupported_torch_layers_are_refused(options):
    with pytest.raises(ValueError, match="one layer, one direction and no projection"):
        from_torch(torch.nn.LSTM(3, 5, **options))


def test_unbuilt_keras_layer_is_refused():
    import keras

    with pytest.raises(ValueError, match="no weights yet: call it once"):
        from_keras(keras.layers.LSTM(5))


def test_wrong_shapes_are_refused():
    W_x, W_h, b = weights()
    with pytest.raises(
        ValueError, match=r"W_x must have shape \(D, 4H\) = \(3, 20\), got \(3, 19\)"
    ):
        to_torch(LSTMWeights(W_x[:, :-1], W_h, b))
