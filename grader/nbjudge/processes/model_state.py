"""Models and optimisers that a test passes to a student's function and looks at afterwards.

A plain argument goes by value.  A module, a parameter, an optimiser or a Keras model exists
once on each side; its state is sent with the call and brought back after it.
"""

from __future__ import annotations

import sys
from typing import Any


class Yielded(list[Any]):
    """What a generator yields; it arrives as an iterator."""

    def __reduce__(self) -> Any:
        """Travel as a list, and become an iterator on the other side."""
        return iter, (list(self),)


def reduce_tensor(value: Any) -> Any:
    """Return how to pickle a plain tensor in the memory of the CPU, or ``NotImplemented``."""
    torch = sys.modules.get("torch")
    if torch is None or type(value) not in (torch.Tensor, torch.nn.Parameter):
        return NotImplemented
    if value.device.type != "cpu" or value.layout is not torch.strided or value.is_quantized:
        return NotImplemented
    if value.dtype is torch.bfloat16 or value.is_conj() or value.is_neg():
        return NotImplemented
    array = value.detach().numpy()
    return make_tensor, (array, value.requires_grad, type(value) is torch.nn.Parameter)


def make_tensor(array: Any, requires_grad: bool, parameter: bool) -> Any:
    """Return the tensor that `reduce_tensor` took apart."""
    import torch

    tensor = torch.from_numpy(array)
    if parameter:
        return torch.nn.Parameter(tensor, requires_grad)
    return tensor.requires_grad_(requires_grad)


def has_state(value: object) -> bool:
    """Return whether ``value`` has a state that calls change."""
    torch = sys.modules.get("torch")
    if torch is not None:
        kinds = (torch.nn.Module, torch.nn.Parameter, torch.optim.Optimizer)
        if isinstance(value, (*kinds, torch.optim.lr_scheduler.LRScheduler)):
            return True
    return _is_keras(value)


def find(value: object, found: list[Any]) -> None:
    """Append the objects with a state in ``value``, also inside lists, tuples and dicts."""
    if has_state(value):
        if not any(value is other for other in found):
            found.append(value)
    elif type(value) in (list, tuple, Yielded):
        for item in value:  # type: ignore[attr-defined]
            find(item, found)
    elif type(value) is dict:
        for item in value.values():
            find(item, found)


def snapshot(value: Any) -> dict[str, Any]:
    """Return the state of such an object as plain data."""
    if _is_keras(value):
        optimizer = getattr(value, "optimizer", None)
        own = optimizer.variables if optimizer is not None else []
        return {
            "weights": [variable.numpy() for variable in value.variables],
            "optimizer": [variable.numpy() for variable in own],
            "kept": [variable.numpy() for variable in _kept(value)],
        }
    import torch

    if isinstance(value, torch.nn.Parameter):
        return {"data": value.detach(), "grad": value.grad}
    if isinstance(value, torch.nn.Module):
        return {
            "tensors": dict(value.state_dict()),
            "grads": {name: p.grad for name, p in value.named_parameters()},
            "trains": {name: p.requires_grad for name, p in value.named_parameters()},
            "modes": {name: module.training for name, module in value.named_modules()},
        }
    return {"state": value.state_dict()}


def restore(value: Any, state: dict[str, Any]) -> None:
    """Put ``state`` into such an object, in place.

    Raises
    ------
    ValueError
        If the state does not belong to an object of this structure.
    """
    try:
        _restore(value, state)
    except (KeyError, TypeError, RuntimeError, AttributeError, IndexError) as error:
        kind = type(value).__name__
        raise ValueError(f"the {kind} came back with another structure than before") from error


def _restore(value: Any, state: dict[str, Any]) -> None:
    if _is_keras(value):
        _assign(value.variables, state["weights"])
        _assign(_kept(value), state["kept"])
        optimizer, given = getattr(value, "optimizer", None), state["optimizer"]
        if optimizer is not None and len(given) > len(optimizer.variables):
            optimizer.build(value.trainable_variables)  # Keras does so at the first step
        if optimizer is not None and len(given) >= len(optimizer.variables):
            _assign(optimizer.variables, given)
        return
    import torch

    if isinstance(value, torch.nn.Parameter):
        with torch.no_grad():
            value.copy_(state["data"])
        value.grad = _gradient(state["grad"], value)
    elif isinstance(value, torch.nn.Module):
        value.load_state_dict(state["tensors"])
        parameters, modules = dict(value.named_parameters()), dict(value.named_modules())
        for name, gradient in state["grads"].items():
            parameters[name].grad = _gradient(gradient, parameters[name])
        for name, trains in state["trains"].items():
            parameters[name].requires_grad_(bool(trains))
        for name, mode in state["modes"].items():
            modules[name].training = bool(mode)
    else:
        value.load_state_dict(state["state"])


def _gradient(gradient: Any, parameter: Any) -> Any:
    if gradient is None:
        return None
    if gradient.shape != parameter.shape:
        raise KeyError("a gradient of another shape")
    return gradient.detach().to(parameter.dtype)


def _is_keras(value: object) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, (keras.Model, keras.layers.Layer))


def _kept(value: Any) -> list[Any]:
    """Return the states of stateful layers, which Keras does not count among the variables."""
    return [
        variable
        for layer in value._flatten_layers()
        if getattr(layer, "stateful", False) is True
        for variable in getattr(layer, "states", None) or ()
        if hasattr(variable, "assign")
    ]


def _assign(variables: list[Any], arrays: list[Any]) -> None:
    if len(variables) != len(arrays):
        raise KeyError("another number of weights")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
