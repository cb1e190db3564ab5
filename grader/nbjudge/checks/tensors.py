"""The strict comparison of :mod:`nbjudge.checks.arrays` for PyTorch tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbjudge.checks.arrays import (
    CheckFailed,
    Floats,
    Hints,
    compare,
    describe,
    note_texts,
    spread,
)

if TYPE_CHECKING:
    import torch


def check_tensor(
    name: str,
    actual: object,
    expected: torch.Tensor,
    *,
    rtol: float | None = None,
    hints: Hints = (),
    same_dtype: bool = False,
    reveal: bool = False,
) -> None:
    """Check that ``actual`` is a dense tensor of floats equal to ``expected``.

    A ``Parameter`` counts as a tensor; the device and gradients do not matter.  All else is
    as in `check_array`.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    import torch

    note_texts(name, *(text for _, text in hints))
    if type(actual) not in (torch.Tensor, torch.nn.Parameter):
        message = f"{name} must be a PyTorch tensor, but yours is {describe(actual)}"
        raise CheckFailed(message, "Not a PyTorch tensor", name)
    assert isinstance(actual, torch.Tensor)  # for the type checker
    if actual.dtype not in (torch.float32, torch.float64) or actual.layout != torch.strided:
        form = "" if actual.layout == torch.strided else f", {actual.layout}"
        message = (
            f"{name} must be a dense tensor of floats (float64 or float32), "
            f"but yours holds {actual.dtype}{form}"
        )
        raise CheckFailed(message, "Not a tensor of floats (float64 or float32)", name)
    if actual.shape == expected.shape and same_dtype and actual.dtype != expected.dtype:
        message = f"{name} must keep the dtype {expected.dtype}, but yours is {actual.dtype}"
        raise CheckFailed(message, "Wrong dtype: it must be that of the input", name)
    arrays = [(_array(wrong), text) for wrong, text in hints]
    compare(name, _array(actual), _array(expected), rtol, arrays, reveal)


def check_tensor_example(name: str, actual: object, expected: Any, hints: Hints = ()) -> None:
    """Check a tensor against an example printed with four digits; see `check_example`."""
    import torch

    right = torch.tensor(expected, dtype=torch.float64)
    hints = spread(hints, tuple(right.shape))
    check_tensor(name, actual, right, rtol=1e-3, hints=hints, reveal=True)


def _array(values: Any) -> Floats:
    """Return a tensor, or anything that NumPy takes, as an array."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().resolve_neg().numpy()
    array: Floats = np.asarray(values)
    return array
