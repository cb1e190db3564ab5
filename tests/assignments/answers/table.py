"""The table of checks of answers, and what the checks share.

A check takes the function that the answers hold and a draw of sizes and numbers; it compares
the function with something that is not made from the solutions: layers of PyTorch and Keras,
automatic differentiation, the reference of the package, plain loops, or a property that
defines the function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from lstm_course.lstm import LSTMState, LSTMWeights

#: Sizes (N, T, D, H) of the draws: all different, then with ones at each place.
SIZES = [(3, 5, 4, 6), (1, 4, 3, 2), (4, 1, 2, 3), (2, 6, 1, 4), (5, 3, 2, 1)]


class Draw(NamedTuple):
    """Sizes, and a generator of numbers."""

    rng: np.random.Generator
    N: int
    T: int
    D: int
    H: int

    def array(self, *shape: int) -> Any:
        """Return normal numbers."""
        return self.rng.standard_normal(shape)

    def gate(self, *shape: int) -> Any:
        """Return numbers between 0 and 1."""
        return self.rng.uniform(0.05, 0.95, shape)

    def lengths(self) -> Any:
        """Return N lengths from 1 to T, one of them T."""
        lengths = self.rng.integers(1, self.T + 1, self.N)
        lengths[self.rng.integers(self.N)] = self.T
        return lengths

    def lstm(self, D: int | None = None) -> LSTMWeights:
        """Return the weights of an LSTM in which nothing is zero."""
        D, H = D or self.D, self.H
        return LSTMWeights(self.array(D, 4 * H), self.array(H, 4 * H), self.array(4 * H))

    def state(self) -> LSTMState:
        """Return a state of an LSTM in which nothing is zero."""
        return LSTMState(self.array(self.N, self.H), self.array(self.N, self.H))


Check = Callable[[Any, Draw], None]
#: "assignment.function" -> its check.
CHECKS: dict[str, Check] = {}


def checks(*names: str) -> Callable[[Check], Check]:
    """Enter a check into the table, under the names of what it checks."""

    def enter(check: Check) -> Check:
        for name in names:
            assert name not in CHECKS, f"{name} is checked twice"
            CHECKS[name] = check
        return check

    return enter


def close(found: Any, right: Any, atol: float = 1e-12) -> None:
    """Compare arrays, tensors, numbers, and sequences of them: structure, shape and values."""
    if isinstance(right, tuple | list):
        assert isinstance(found, tuple | list)
        assert len(found) == len(right)
        for one, other in zip(found, right, strict=True):
            close(one, other, atol)
        return
    if isinstance(right, float):
        assert isinstance(found, float)
    found, right = as_array(found), as_array(right)
    assert found.shape == right.shape
    assert found.dtype == right.dtype
    np.testing.assert_allclose(found, right, rtol=0, atol=atol)


def as_array(value: Any) -> Any:
    """Return an array, a number, or a tensor of either framework as an array."""
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def leaf(array: Any) -> torch.Tensor:
    """Return a tensor of which a gradient may be asked."""
    return torch.tensor(array, requires_grad=True)


def gradients(outputs: Sequence[Any], upstream: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    """Return, by automatic differentiation, the gradients of ``sum(outputs * upstream)``."""
    pairs = zip(outputs, upstream, strict=True)
    loss = sum((output * torch.as_tensor(d)).sum() for output, d in pairs)
    found = torch.autograd.grad(loss, list(leaves), allow_unused=True)  # type: ignore[arg-type]
    return [torch.zeros_like(x) if d is None else d for x, d in zip(leaves, found, strict=True)]


def torch_layer(
    kind: str, x: Any, state: Any, W_x: Any, W_h: Any, b_x: Any, b_h: Any = None
) -> Any:
    """Run PyTorch's RNN, LSTM or GRU on tensors of ours; gradients flow to all of them.

    Returns
    -------
    h : tensor (N, T, H)
    state : tensor, or tuple of tensors, (N, H)
    """
    layer = getattr(torch.nn, kind)(len(W_x), len(W_h), batch_first=True, dtype=torch.float64)
    b_h = torch.zeros_like(b_x) if b_h is None else b_h
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    held = dict(zip(names, (W_x.T, W_h.T, b_x, b_h), strict=True))
    start = tuple(part[None] for part in state)
    start = start if len(start) > 1 else start[0]
    h, final = torch.func.functional_call(layer, held, (x, start))
    return h, tuple(part[0] for part in final) if isinstance(final, tuple) else final[0]
