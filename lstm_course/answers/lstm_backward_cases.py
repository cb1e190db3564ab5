# Made from solutions/lstm_backward/cases.py by `make exercises`: edit that file, not this one.
"""Cases for the hidden tests of ``lstm_backward``: caches, upstream gradients, small networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.answers import lstm_backward as reference
from lstm_course.arrays import Array
from lstm_course.cases import lstm_cases
from lstm_course.lstm import init_lstm
from lstm_course.tasks import adding_problem


class BackwardCase(NamedTuple):
    """The caches of a forward pass and what enters the backward pass; nothing is zero."""

    label: str
    dh: Array  # (N, T, H)
    dh_T: Array  # (N, H)
    dc_T: Array  # (N, H)
    caches: list[dict[str, Array]]


def backward_cases(seed: int) -> Iterator[BackwardCase]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    for case in lstm_cases(seed):
        h, caches = reference.sequence_forward(*case[1:])
        states = rng.standard_normal((2, *case.h0.shape)).astype(h.dtype)
        dh = rng.standard_normal(h.shape).astype(h.dtype)
        yield BackwardCase(case.label, dh, states[0], states[1], caches)


class Network(NamedTuple):
    """A small network for the adding problem, and sequences to learn by heart."""

    label: str
    x: Array  # (N, T, 2)
    y: Array  # (N,)
    parameters: list[Array]  # W_x, W_h, b, W_y, b_y


def networks(seed: int) -> Iterator[Network]:
    """Yield networks of several sizes; their first gradients are longer than 1."""
    rng = np.random.default_rng(seed)
    sizes = (("five sequences", 5, 6, 5), ("one sequence", 1, 4, 3), ("one step more", 3, 7, 2))
    for label, N, T, H in sizes:
        x, y = adding_problem(rng, N, T)
        core = init_lstm(rng, 2, H)
        head = [rng.standard_normal((H, 1)), np.full(1, -1.0)]
        yield Network(label, x, y + 1.0, [*core, *head])
