"""Reference versions of the functions that the assignment ``lstm_cell`` asks for.

Later questions of the assignment build on earlier ones.  There the notebook replaces the
student's functions by these, so that one slip costs the points of one question only.
Shapes as in :mod:`lstm_course.lstm`; ``W_xf (D, H)``, ``W_hf (H, H)`` and ``b_f (H,)`` are
the blocks of one gate.
"""

from __future__ import annotations

import numpy as np

from lstm_course.arrays import Array, sigmoid
from lstm_course.lstm import LSTMState, LSTMWeights, lstm_step

__all__ = [
    "cell_update",
    "forget_gate",
    "input_gate_and_candidate",
    "output_gate_and_hidden_state",
    "pre_activations",
    "sigmoid",
    "step",
]


def forget_gate(x_t: Array, h_prev: Array, W_xf: Array, W_hf: Array, b_f: Array) -> Array:
    """Return ``f_t (N, H)``."""
    return sigmoid(x_t @ W_xf + h_prev @ W_hf + b_f)


def input_gate_and_candidate(
    x_t: Array,
    h_prev: Array,
    W_xi: Array,
    W_hi: Array,
    b_i: Array,
    W_xg: Array,
    W_hg: Array,
    b_g: Array,
) -> tuple[Array, Array]:
    """Return ``i_t`` and ``g_t``, both ``(N, H)``."""
    return sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i), np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)


def cell_update(c_prev: Array, i: Array, f: Array, g: Array) -> Array:
    """Return ``c_t (N, H)``."""
    return f * c_prev + i * g


def output_gate_and_hidden_state(
    x_t: Array, h_prev: Array, c_t: Array, W_xo: Array, W_ho: Array, b_o: Array
) -> tuple[Array, Array]:
    """Return ``o_t`` and ``h_t``, both ``(N, H)``."""
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)
    return o, o * np.tanh(c_t)


def pre_activations(
    x_t: Array, h_prev: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, Array, Array, Array]:
    """Return ``a_i, a_f, a_g, a_o``, each ``(N, H)``."""
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    return a_i, a_f, a_g, a_o


def step(
    x_t: Array, h_prev: Array, c_prev: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, Array]:
    """Return ``h_t`` and ``c_t``, both ``(N, H)``."""
    state, _ = lstm_step(x_t, LSTMState(h_prev, c_prev), LSTMWeights(W_x, W_h, b))
    return state
