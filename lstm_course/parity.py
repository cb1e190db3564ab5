"""What carries layers between NumPy, PyTorch and Keras: the checks that converters share.

A converter takes a layer only where it computes what the NumPy cell computes; everything else
is refused with the reason.  torch and keras are imported inside the functions, so that NumPy
chapters start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

    ``ValueError`` if the layer is of another kind, is not built, reads in another direction,
    starts from a state of its own, or has other activations than tanh and the logistic function.
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


def weights_kind(name: str, layer: Any, kinds: Mapping[type, type]) -> type:
    """Return which weights a layer of the course has; ``ValueError`` if it is another layer."""
    for weights, kind in kinds.items():
        if type(layer) is kind:
            return weights
    known = " or ".join(kind.__name__ for kind in kinds.values())
    raise ValueError(f"{name} takes lstm_course's own {known} layer, got {type(layer).__name__}")


Converters = tuple[Callable[..., Any], Callable[[Any], Any]]


def torch_converters(
    kinds: Mapping[type, type],
    sizes: Callable[[Any], tuple[int, ...]],
    names: Sequence[str],
    turned: bool = True,
) -> Converters:
    """Return ``to_torch`` and ``from_torch`` for PyTorch modules of the course.

    ``kinds`` says which module computes with which weights, ``sizes`` checks weights and gives
    what their module is made of, ``names`` are its parameters in the order of the weights, and
    ``turned`` whether it holds the transposes of our matrices.
    """

    def to_torch(weights: Any, **options: Any) -> Any:
        """Return a module that computes the same function, in the dtype of the weights."""
        import torch

        made, arrays = sizes(weights), (a.T if turned else a for a in weights)
        layer = kinds[type(weights)](*made, **options).to(torch_dtype(weights[0]))
        tensors = (torch.from_numpy(array.copy()) for array in arrays)
        layer.load_state_dict(dict(zip(names, tensors, strict=True)))
        return layer

    def from_torch(layer: Any) -> Any:
        """Return the weights of a module; ``ValueError`` if it is of another kind."""
        kind, state = weights_kind("from_torch", layer, kinds), layer.state_dict()
        arrays = (state[name].cpu().numpy() for name in names)
        return kind(*(array.T.copy() if turned else array.copy() for array in arrays))

    return to_torch, from_torch


def keras_converters(
    kinds: Mapping[type, type], sizes: Callable[[Any], tuple[int, int]]
) -> Converters:
    """Return ``to_keras`` and ``from_keras`` for Keras layers of the course that hold our arrays.

    ``kinds`` and ``sizes``, which gives (D, H), are those of :func:`torch_converters`.
    """

    def to_keras(weights: Any, **options: Any) -> Any:
        """Return a built layer that computes the same function, in the dtype of the weights."""
        layer = keras_layer(kinds[type(weights)], *sizes(weights), weights[0].dtype, options)
        layer.set_weights(list(weights))
        return layer

    def from_keras(layer: Any) -> Any:
        """Return the weights of a built layer; ``ValueError`` if it is of another kind."""
        kind = weights_kind("from_keras", layer, kinds)
        return kind(*keras_arrays("from_keras", layer, type(layer)))

    return to_keras, from_keras
