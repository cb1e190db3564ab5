"""Device mistakes, found on a machine without a GPU.

PyTorch's meta device holds shapes and no numbers.  Inside `PretendDevice` it behaves like an
accelerator: what works on a GPU works, what fails there fails, and every tensor that is made
on the CPU out of nothing is noted.  Meta tensors alone would not do: they let a matrix
product with a tensor on the CPU pass, and refuse ``.cpu()`` and ``.item()``.

`run_on` runs next to the student's code and returns plain data, which are the word of the
student's process.  `device_checks` has what tests use.
"""

from __future__ import annotations

import copy
import linecache
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten
_COPIES = (_aten._to_copy.default, _aten.copy_.default)
_INDEXED = (_aten.index.Tensor, _aten.index_put_.default, _aten.index_put.default)
_MOST = 20  # notes of a kind


class PretendDevice(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Note what is made on another device than ``device``; let meta act like an accelerator.

    Attributes
    ----------
    created : list of dict
        A note for each tensor made from nothing on another device, with its shape and the
        line that made it.  A single number (no axis) may be anywhere, as on a GPU.
    reads : int
        How many times Python asked ``device`` for a number, as ``.item()`` does: each time it
        waits for the device.
    copies : int
        How many tensors were copied from ``device`` to the CPU.
    """

    def __init__(self, device: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.device = torch.device(device).type
        self.created: list[dict[str, Any]] = []
        self.reads = self.copies = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out one operation."""
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():  # where operations arrive that are made of others
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        given = _tensors((args, kwargs))
        away = [t for t in given if t.device.type == self.device]
        if func is _aten._local_scalar_dense.default and away:
            self.reads += 1
            return _number(away[0]) if self.device == "meta" else func(*args, **kwargs)
        if func in _COPIES:
            return self._copy(func, args, kwargs)
        if away and func not in _INDEXED:
            _refuse_mixed(given, self.device)
        result = func(*args, **kwargs)
        if not given:
            self._note([t for t in _tensors(result) if t.device.type != self.device])
        return result

    def _copy(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Copy a tensor; from meta comes a tensor of zeros."""
        source = args[0] if func is _aten._to_copy.default else args[1]
        if func is _aten._to_copy.default:
            target = torch.device(kwargs.get("device") or source.device).type
        else:
            target = args[0].device.type
        if source.device.type != self.device or target == self.device:
            return func(*args, **kwargs)
        self.copies += 1
        if self.device != "meta":
            return func(*args, **kwargs)
        if func is _aten.copy_.default:
            return args[0]
        dtype = kwargs.get("dtype") or source.dtype
        return torch.zeros(source.shape, dtype=dtype, device=target)

    def _note(self, made: Sequence[torch.Tensor]) -> None:
        for tensor in made:
            if tensor.ndim and len(self.created) < _MOST:
                note = {"device": tensor.device.type, "shape": list(tensor.shape)}
                self.created.append(note | {"line": _line()})


def run_on(
    device: str, stay: Sequence[int], function: Callable[..., Any], *arguments: Any
) -> dict[str, Any]:
    """Return how ``function(*arguments)`` fares on another device, as plain data.

    Parameters
    ----------
    device : str
        ``"meta"`` or the name of a real device, such as ``"cuda"``.
    stay : numbers of arguments
        These stay on the CPU; all others are copied to ``device`` first: tensors, modules, and
        both of them inside lists, tuples and dicts.  An optimiser is made anew, with its
        settings, for the copies of the parameters.  The string ``"device"`` becomes ``device``.
    function, *arguments
        The student's function and its arguments.

    Returns
    -------
    dict
        ``error``: what was raised, or an empty string; ``result``: the result with a
        description (kind, device, dtype, shape) in place of each tensor and array;
        ``values``: the tensors of the result, copied to the CPU, where they hold numbers;
        ``parameters``: the devices of all parameters afterwards; ``arguments``: all arguments
        afterwards, described; ``created``, ``reads`` and
        ``copies`` as in `PretendDevice`.
    """
    known: dict[int, Any] = {}
    moved = [
        value if number in stay else move(value, device, known)
        for number, value in enumerate(arguments)
    ]
    # A handle of the student's may be a module that he made: it is a callable, and moves too.
    called = move(function, device, known) if isinstance(function, torch.nn.Module) else function
    report: dict[str, Any] = {"error": "", "result": None, "values": []}
    with PretendDevice(device) as watch:
        try:
            result = called(*moved)
        except Exception as error:
            report["error"] = f"{type(error).__name__}: {error}"[:600]
            report["line"] = _line(error)
        else:
            report["result"] = described(result)
    if not report["error"] and watch.device != "meta":
        report["values"] = [t.detach().cpu() for t in _tensors(result)]
    modules = [m for m in (*known.values(), called) if isinstance(m, torch.nn.Module)]
    places = {p.device.type for module in modules for p in module.parameters()}
    report |= {"parameters": sorted(places), "created": watch.created}
    report["arguments"] = described(moved)
    return report | {"reads": watch.reads, "copies": watch.copies}


def move(value: Any, device: str, known: dict[int, Any]) -> Any:
    """Return a copy of ``value`` on ``device``; ``known`` holds what was copied before."""
    if isinstance(value, str) and value == "device":
        return torch.device(device)
    if isinstance(value, torch.nn.Module):
        if id(value) not in known:
            known[id(value)] = copy.deepcopy(value).to(device)
            for old, new in zip(value.parameters(), known[id(value)].parameters(), strict=True):
                known[id(old)] = new
        return known[id(value)]
    if isinstance(value, torch.optim.Optimizer):
        parameters = [known[id(p)] for group in value.param_groups for p in group["params"]]
        return type(value)(parameters, **value.defaults)
    if isinstance(value, torch.Tensor):
        return value.detach().to(device)
    if type(value) in (list, tuple):
        return type(value)(move(item, device, known) for item in value)
    if type(value) is dict:
        return {key: move(item, device, known) for key, item in value.items()}
    return value


def described(value: Any, place: str = "") -> Any:
    """Return ``value`` with ``{kind: [device, dtype, shape]}`` for each tensor or array.

    ``place``, if given, stands in the place of every tensor's device.
    """
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return {"tensor": [place or value.device.type, dtype, list(value.shape)]}
    if type(value).__name__ == "ndarray":
        return {"array": ["cpu", str(value.dtype), list(value.shape)]}
    if isinstance(value, (list, tuple)):
        return [described(item, place) for item in value]
    if isinstance(value, dict):
        return {str(key): described(item, place) for key, item in value.items()}
    return value if value is None or type(value) in (bool, int, float, str) else str(type(value))


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _number(tensor: torch.Tensor) -> float | int | bool:
    """Return what a meta tensor gives when it is asked for its number."""
    if tensor.dtype is torch.bool:
        return False
    return 0.0 if tensor.is_floating_point() else 0


def _refuse_mixed(given: Sequence[torch.Tensor], device: str) -> None:
    """Raise what a GPU would: operands on two devices, apart from single numbers."""
    others = [t for t in given if t.ndim and t.device.type != device]
    if others:
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices: "
            f"one operand of shape {tuple(others[0].shape)} is on the {others[0].device.type}"
        )


def _line(error: BaseException | None = None) -> str:
    """Return the line of the notebook that is being run, or where ``error`` arose in it."""
    walk = traceback.walk_stack(None)
    for frame, number in reversed([*traceback.walk_tb(error.__traceback__)]) if error else walk:
        if frame.f_globals.get("__name__") == "__main__":
            line = linecache.getline(frame.f_code.co_filename, number).strip()
            if line:
                return f" in the line `{line}`"
    return ""
