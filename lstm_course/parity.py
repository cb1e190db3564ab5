"""What carries layers between NumPy, PyTorch and Keras: the checks that converters share.

A converter takes a layer only where it computes what the NumPy cell computes; everything else
is refused with the reason.  torch and keras are imported inside the functions, so that NumPy
chapters start fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_course.arrays import Array

if TYPE_CHECKING:
    import torch


def check_same_function(name: str, layer: Any, kind: type, method: str) -> None:
    """Raise ``ValueError`` unless ``layer`` is a ``kind`` whose ``method`` is that of ``kind``."""
    if not isinstance(layer, kind) or getattr(type(layer), method) is not getattr(kind, method):
        wanted = f"{kind.__module__.split('.')[0]}'s own {kind.__name__}"
        raise ValueError(f"{name} takes {wanted} layer, got {type(layer).__name__}")


def check_options(name: str, layer: Any, **wanted: Any) -> None:
    """Raise ``ValueError`` where an attribute of ``layer`` is not the wanted one.

    Attributes that the layer does not have are passed over; functions are compared by name.
    """
    for option, right in wanted.items():
        given = getattr(layer, option, right)
        given = getattr(given, "__name__", given)
        if given != right:
            raise ValueError(
                f"{name} takes a layer with {option}={right!r}, got {given!r}: "
                "it computes another function"
            )


def torch_dtype(array: Array) -> torch.dtype:
    """Return the dtype that PyTorch gives to ``array``."""
    import torch

    return torch.from_numpy(np.empty(0, array.dtype)).dtype


def torch_arrays(name: str, layer: torch.nn.RNNBase, kind: type) -> tuple[Array, Array, Array]:
    """Return ``W_x (D, kH)``, ``W_h (H, kH)`` and both biases ``(2, kH)`` of a PyTorch layer.

    A layer without biases gives zeros.

    Raises
    ------
    ValueError
        If the layer is of another kind, stacked, bidirectional or has a projection.
    """
    check_same_function(name, layer, kind, "forward")
    check_options(name, layer, num_layers=1, bidirectional=False, proj_size=0)
    W_x, W_h = (
        getattr(layer, key).detach().cpu().numpy().T.copy()
        for key in ("weight_ih_l0", "weight_hh_l0")
    )
    if not layer.bias:
        return W_x, W_h, np.zeros((2, W_h.shape[1]), W_h.dtype)
    biases = (getattr(layer, key).detach().cpu().numpy() for key in ("bias_ih_l0", "bias_hh_l0"))
    return W_x, W_h, np.stack(list(biases))


def torch_layer(kind: type, W_x: Array, W_h: Array, b_x: Array, b_h: Array) -> Any:
    """Return a one-layer, batch-first PyTorch layer of the dtype of the weights."""
    import torch

    layer = kind(len(W_x), len(W_h), batch_first=True, dtype=torch_dtype(W_x))
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    arrays = zip(names, (W_x.T, W_h.T, b_x, b_h), strict=True)
    layer.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in arrays})
    return layer


def keras_layer(kind: type, D: int, H: int, dtype: Any, options: dict[str, Any]) -> Any:
    """Return a built Keras layer of ``H`` units, of ``dtype`` unless ``options`` say another."""
    layer = kind(H, **{"dtype": str(dtype), **options})
    layer.build((None, None, D))
    return layer


def keras_arrays(name: str, layer: Any, kind: type, go_backwards: bool = False) -> list[Array]:
    """Return the arrays of a built Keras layer, with a bias or without.

    Raises
    ------
    ValueError
        If the layer is of another kind, is not built, reads in another direction, starts from a
        state of its own, or has other activations than tanh and the logistic function.
    """
    check_same_function(name, layer, kind, "call")
    check_options(
        name,
        layer,
        activation="tanh",
        recurrent_activation="sigmoid",
        go_backwards=go_backwards,
        stateful=False,
    )
    arrays: list[Array] = layer.get_weights()
    if not arrays:
        raise ValueError("the Keras layer has no weights yet: call it once, or layer.build(...)")
    return arrays
