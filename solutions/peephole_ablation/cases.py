"""Random layers with peepholes for the tests of ``peephole_ablation``, and a clock to run."""

from __future__ import annotations

import numpy as np

from lstm_course.answers import peephole_ablation as reference
from lstm_course.arrays import Array
from lstm_course.cases import lstm_cases


def peephole_cases(seed: int) -> list[tuple[str, dict[str, Array]]]:
    """Return labels and arrays ``x, h0, c0, W_x, W_h, b, w_c`` of random layers."""
    draw = np.random.default_rng(seed).standard_normal
    cases = []
    for case in lstm_cases(seed):
        w_c = draw((3, case.h0.shape[1])).astype(case.b.dtype)
        arrays = dict(zip(case._fields[1:], case[1:], strict=True))
        cases.append((case.label, {**arrays, "w_c": w_c}))
    return cases


def fired(b: Array, w_c: Array, T: int) -> list[int]:
    """Return the steps, counted from 1, at which a one-unit cell without inputs shows > 0.5."""
    weights = np.zeros((1, 4)), np.zeros((1, 4)), b, w_c.reshape(3, 1)
    x_t = h_t = c_t = np.zeros((1, 1))
    steps = []
    for t in range(1, T + 1):
        h_t, c_t = reference.peephole_step(x_t, h_t, c_t, *weights)
        if h_t[0, 0] > 0.5:
            steps.append(t)
    return steps
