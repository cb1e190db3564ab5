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


#: Whose functions do what their names say.
FRAMEWORKS = ("keras", "tensorflow", "torch")
#: What a PyTorch module must have to be one layer of ours.
ONE_LAYER: dict[str, Any] = {"num_layers": 1, "bidirectional": False}


def check_same_function(name: str, layer: Any, kind: type, method: str) -> None:
    """Raise ``ValueError`` unless ``layer`` is a ``kind`` whose ``method`` is that of ``kind``."""
    if not isinstance(layer, kind) or getattr(type(layer), method) is not getattr(kind, method):
        wanted = f"{kind.__module__.split('.')[0]}'s own {kind.__name__}"
        raise ValueError(f"{name} takes {wanted} layer, got {type(layer).__name__}")


def named(value: Any) -> Any:
    """Return a function's name, with its module where no framework ships it; else the value."""
    name = getattr(value, "__name__", None)
    shipped = str(getattr(value, "__module__", "")).partition(".")[0] in FRAMEWORKS
    return value if name is None else name if shipped else f"{value.__module__}.{name}"


def check_options(name: str, layer: Any, **wanted: Any) -> None:
    """Raise ``ValueError`` where an attribute of ``layer`` is not the wanted one.

    Attributes that the layer does not have are passed over; functions are compared by name.
    """
    for option, right in wanted.items():
        given = named(getattr(layer, option, right))
        if given != right:
            raise ValueError(
                f"{name} takes a layer with {option}={right!r}, got {given!r}: "
                "it computes another function"
            )


def torch_dtype(array: Array) -> torch.dtype:
    """Return the dtype that PyTorch gives to ``array``."""
    import torch

    return torch.from_numpy(np.empty(0, array.dtype)).dtype


def torch_arrays(
    name: str, layer: torch.nn.RNNBase, kind: type, **wanted: Any
) -> list[tuple[Array, Array, Array]]:
    """Return ``W_x (D, kH)``, ``W_h (H, kH)`` and both biases ``(2, kH)`` of each PyTorch layer.

    A layer without biases gives zeros.  ``ValueError`` if the module is of another kind, has a
    projection, or other options than the ``wanted`` ones.
    """
    check_same_function(name, layer, kind, "forward")
    check_options(name, layer, proj_size=0, **wanted)
    found: list[tuple[Array, Array, Array]] = []
    for parameters in layer.all_weights:
        W_x, W_h, *biases = (p.detach().cpu().numpy().T.copy() for p in parameters)
        none = np.zeros((2, W_h.shape[1]), W_h.dtype)
        found.append((W_x, W_h, np.stack(biases) if biases else none))
    return found


def torch_layer(kind: type, layers: Sequence[Sequence[Array]], **options: Any) -> Any:
    """Return a batch-first PyTorch module of the dtype of ``W_x, W_h, b_x, b_h`` of its layers."""
    import torch

    W_x, W_h = layers[0][:2]
    options = {"batch_first": True, "dtype": torch_dtype(W_x), **options}
    module = kind(len(W_x), len(W_h), **options)
    with torch.no_grad():
        for arrays, parameters in zip(layers, module.all_weights, strict=True):
            for array, parameter in zip(arrays, parameters, strict=True):
                parameter.copy_(torch.from_numpy(array.T.copy()))  # .T leaves vectors alone
    return module


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
