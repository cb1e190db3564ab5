"""The loop over time of the layers that are their step again and again, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from lstm_course.arrays import Array, Gradients

State = TypeVar("State", bound=tuple[Any, ...])
Weights = TypeVar("Weights", bound=tuple[Any, ...])
Cache = TypeVar("Cache")


def zeros_like(state: State) -> State:
    """Return a state of the same form and the same shapes, all zero."""
    return type(state)(*map(np.zeros_like, state))


def run_steps(
    step: Callable[[int, State], tuple[State, Cache]], T: int, state: State
) -> tuple[Array, State, tuple[Cache, ...]]:
    """Call ``step(t, state)`` for ``T`` steps; ``h`` is the first field of a state.

    Returns ``h (N, T, ...)``, the hidden state after every step, the state after the last one, and
    what ``step`` returned besides, one entry for each step.
    """
    h: list[Array] = []
    caches: list[Cache] = []
    for t in range(T):
        state, cache = step(t, state)
        h.append(state[0])
        caches.append(cache)
    final = type(state)(*map(np.copy, state))  # the caller may write into it
    return np.stack(h, axis=1), final, tuple(caches)


def run_steps_back(
    step_backward: Callable[[State, Cache], tuple[Array, State, Weights]],
    dh: Array,
    caches: Sequence[Cache],
    d_state: State,
) -> Gradients[State, Weights]:
    """Backpropagate ``dh (N, T, ...)`` and ``d_state`` through the steps of :func:`run_steps`.

    The weights serve every step, so their gradients add up; those that are None stay None.
    """
    dx: list[Array] = []
    total: Any = None
    for t in reversed(range(len(caches))):
        d_state = type(d_state)(d_state[0] + dh[:, t], *d_state[1:])
        dx_t, d_state, d_weights = step_backward(d_state, caches[t])
        dx.append(dx_t)
        total = d_weights if total is None else added(total, d_weights)
    return Gradients(np.stack(dx[::-1], axis=1), d_state, total)


def added(weights: Weights, more: Weights) -> Weights:
    """Return the sum of two sets of weights, array by array."""
    sums: Any = (None if a is None else a + b for a, b in zip(weights, more, strict=True))
    return type(weights)(*sums)
