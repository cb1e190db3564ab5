"""Reference versions of the functions that the assignment ``peephole_ablation`` asks for.

Shapes as in :mod:`lstm_course.variants.ablation`; here every variant gets all four blocks and
all three peepholes, and leaves alone what it does not have.
"""

from __future__ import annotations

import numpy as np

from lstm_course.arrays import Array
from lstm_course.assignments.cases import random_cases as lstm_cases
from lstm_course.variants.ablation import (
    AblationCache,
    AblationState,
    AblationWeights,
    ablation_forward,
    ablation_parameter_count,
    ablation_step,
    ablation_step_backward,
    switches_of,
    weight_shapes,
)

__all__ = [
    "fired",
    "parameter_count",
    "peephole_cases",
    "peephole_step",
    "step_backward",
    "variant_forward",
    "wire_clock",
]


def _weights(W_x: Array, W_h: Array, b: Array, w_c: Array, variant: str = "V") -> AblationWeights:
    """Return the weights that a variant has, cut out of the full set."""
    H, v = W_h.shape[0], switches_of(variant)
    kept = [np.arange(H) + "ifgo".index(block) * H for block in v.blocks]
    rows = ["ifo".index(gate) for gate in v.gates] if v.peepholes else []
    columns = np.concatenate(kept)
    return AblationWeights(
        W_x[:, columns], W_h[:, columns], b[columns], w_c[rows], np.zeros((0, 0), b.dtype)
    )


def _state(h: Array, c: Array) -> AblationState:
    return AblationState(h, c, np.zeros((len(h), 0), h.dtype))


def peephole_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_x: Array, W_h: Array, b: Array, w_c: Array
) -> tuple[Array, Array]:
    """Return ``h_t, c_t (N, H)``."""
    state, _ = ablation_step(x_t, _state(h_prev, c_prev), _weights(W_x, W_h, b, w_c))
    return state.h, state.c


def step_backward(
    dh_t: Array,
    dc_t: Array,
    c_prev: Array,
    c_t: Array,
    i: Array,
    f: Array,
    g: Array,
    o: Array,
    w_c: Array,
) -> tuple[Array, Array, Array]:
    """Return ``da (N, 4H), dc_prev (N, H), dw_c (3, H)``."""
    N, H = c_t.shape
    # With an input that tells the examples apart, the gradient of W_x is da, one row for each.
    shapes = weight_shapes(N, H)
    W_x, W_h = (np.zeros(shape, c_t.dtype) for shape in shapes[:2])
    weights = AblationWeights(W_x, W_h, W_x[0], w_c, np.zeros((0, 0), c_t.dtype))
    before, x_t = _state(np.zeros_like(c_t), c_prev), np.eye(N, dtype=c_t.dtype)
    cache = AblationCache(x_t, before, i, f, g, o, c_t, np.tanh(c_t), weights, "V")
    _, d_before, gradients = ablation_step_backward(_state(dh_t, dc_t), cache)
    return gradients.W_x, d_before.c, gradients.w_c


def wire_clock(period: int) -> tuple[Array, Array]:
    """Return ``b (4,), w_c (3,)`` of a one-unit clock that fires every ``period`` steps."""
    k, threshold = 80.0 * period, 1.0 - 0.5 / period
    b = np.array([40.0, k * threshold, np.arctanh(1.0 / period), -k * threshold])
    return b, np.array([0.0, -k, k])


def fired(b: Array, w_c: Array, T: int) -> list[int]:
    """Return the steps, counted from 1, at which a one-unit cell without inputs shows > 0.5."""
    weights = AblationWeights(
        np.zeros((1, 4)), np.zeros((1, 4)), b, w_c.reshape(3, 1), np.zeros((0, 0))
    )
    zero = np.zeros((1, 1))
    h, _, _ = ablation_forward(np.zeros((1, T, 1)), weights, _state(zero, zero))
    return [int(t) for t in 1 + np.flatnonzero(h[0, :, 0] > 0.5)]


def variant_forward(
    x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array, w_c: Array, variant: str
) -> Array:
    """Return ``h (N, T, H)`` of one of the variants without gate recurrence."""
    weights = _weights(W_x, W_h, b, w_c, variant)
    return ablation_forward(x, weights, _state(h0, c0), variant)[0]


def parameter_count(D: int, H: int, variant: str) -> int:
    """Return the number of weights that a layer of the variant has."""
    return ablation_parameter_count(D, H, variant)


def peephole_cases(seed: int) -> list[tuple[str, dict[str, Array]]]:
    """Return labels and arrays ``x, h0, c0, W_x, W_h, b, w_c`` of random layers."""
    draw = np.random.default_rng(seed).standard_normal
    cases = []
    for case in lstm_cases(seed):
        w_c = draw((3, case.h0.shape[1])).astype(case.b.dtype)
        arrays = dict(zip(case._fields[1:], case[1:], strict=True))
        cases.append((case.label, {**arrays, "w_c": w_c}))
    return cases
