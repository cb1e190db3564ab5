"""Reference versions of the functions that the assignment ``gru`` asks for.

Later questions of the assignment build on earlier ones.  There the notebook replaces the
student's functions by these, so that one slip costs the points of one question only.
Shapes and the order of the blocks (r, z, g) as in :mod:`lstm_course.gru`.
"""

from __future__ import annotations

import numpy as np

from lstm_course import gru
from lstm_course.arrays import Array
from lstm_course.gru import GRUState, GRUStepCache, GRUWeights
from lstm_course.gru_keras import swap_reset_and_update

__all__ = [
    "candidate",
    "flip_update_gate",
    "gru_forward",
    "gru_step",
    "step_backward",
    "torch_to_keras",
]

Four = tuple[Array, Array, Array, Array]


def candidate(
    x_t: Array,
    h_prev: Array,
    r: Array,
    W_xg: Array,
    W_hg: Array,
    b_xg: Array,
    b_hg: Array,
    reset_after: bool,
) -> Array:
    """Return ``g (N, H)``."""
    recurrent = r * (h_prev @ W_hg + b_hg) if reset_after else (r * h_prev) @ W_hg + b_hg
    g: Array = np.tanh(x_t @ W_xg + b_xg + recurrent)
    return g


def gru_step(x_t: Array, h_prev: Array, W_x: Array, W_h: Array, b_x: Array, b_h: Array) -> Four:
    """Return ``h_t, r, z, g``, each ``(N, H)``; the reset stands after the product."""
    state, cache = gru.gru_step(x_t, GRUState(h_prev), GRUWeights(W_x, W_h, b_x, b_h))
    return state.h, cache.r, cache.z, cache.g


def gru_forward(x: Array, h0: Array, W_x: Array, W_h: Array, b_x: Array, b_h: Array) -> Array:
    """Return ``h (N, T, H)``."""
    return gru.gru_forward(x, GRUWeights(W_x, W_h, b_x, b_h), GRUState(h0))[0]


def flip_update_gate(W_x: Array, W_h: Array, b_x: Array, b_h: Array) -> Four:
    """Return the four arrays for the other convention of the update gate."""
    flipped = gru.flip_update_gate(GRUWeights(W_x, W_h, b_x, b_h))
    return flipped.W_x, flipped.W_h, flipped.b_x, flipped.b_h


def torch_to_keras(
    weight_ih: Array, weight_hh: Array, bias_ih: Array, bias_hh: Array
) -> tuple[Array, Array, Array]:
    """Return ``kernel (D, 3H), recurrent_kernel (H, 3H), bias (2, 3H)``, blocks z, r, h."""
    kernels = swap_reset_and_update(weight_ih.T), swap_reset_and_update(weight_hh.T)
    return *kernels, swap_reset_and_update(np.stack([bias_ih, bias_hh]))


def step_backward(dh_t: Array, cache: dict[str, Array]) -> tuple[Array, ...]:
    """Return ``dx_t, dh_prev, dW_x, dW_h, db_x, db_h``."""
    no_bias = np.zeros(cache["W_h"].shape[1], dh_t.dtype)  # the backward step does not use it
    weights = GRUWeights(cache["W_x"], cache["W_h"], no_bias, no_bias)
    x_t, h_prev, r, z, g, h_g = (cache[k] for k in ("x_t", "h_prev", "r", "z", "g", "h_g"))
    kept = GRUStepCache(x_t, h_prev, r, z, g, h_g, weights, True)
    back = gru.gru_step_backward(GRUState(dh_t), kept)
    return back[0], *back[1], *back[2]
