"""The vanilla LSTM of Greff et al. (2017) and its eight ablations, as one cell with switches.

The vanilla cell, V, is the course's LSTM with peepholes (Gers and Schmidhuber, 2000): each gate
also reads the cell state, the output gate the new one.  Each ablation removes or changes one
part; ``NP``, no peepholes, is the LSTM of :mod:`lstm_course.lstm`.  Derived in the chapters
"Peephole LSTM" (``eq-peephole-step``, ``eq-peephole-back``) and "Eight ablations".

Shapes: N batch, T time steps, D input features, H hidden units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, Gradients, check_batch, check_sequence, check_shape, sigmoid
from lstm_course.variants.ablation_weights import (
    VARIANTS,
    AblationState,
    AblationWeights,
    ablation_parameter_count,
    ablation_zero_state,
    check_ablation_state,
    check_ablation_weights,
    init_ablation,
    switches_of,
    weight_shapes,
)
from lstm_course.variants.steps import run_steps, run_steps_back, zeros_like

__all__ = [
    "VARIANTS",
    "AblationCache",
    "AblationState",
    "AblationWeights",
    "ablation_backward",
    "ablation_forward",
    "ablation_parameter_count",
    "ablation_step",
    "ablation_step_backward",
    "ablation_zero_state",
    "init_ablation",
    "switches_of",
    "weight_shapes",
]


class AblationCache(NamedTuple):
    """What the backward step needs, named by symbol; a gate that is missing is one."""

    x_t: Array  # (N, D)
    state: AblationState  # before the step
    i: Array  # (N, H)
    f: Array  # (N, H)
    g: Array  # (N, H)
    o: Array  # (N, H)
    c_t: Array  # (N, H)
    shown: Array  # (N, H) tanh(c_t), or c_t itself
    weights: AblationWeights
    variant: str


def ablation_step(
    x_t: Array, state: AblationState, weights: AblationWeights, variant: str = "V"
) -> tuple[AblationState, AblationCache]:
    """Advance a variant, a key of :data:`VARIANTS`, by one time step (``eq-peephole-step``).

    Form, shapes and errors: :mod:`lstm_course.arrays`; ``ValueError`` for an unknown variant too.
    """
    D, _ = check_ablation_weights(weights, variant)
    check_ablation_state("state", state, check_batch(x_t, D), weights)
    v, one = VARIANTS[variant], np.ones_like(state.c)
    blocks = np.split(x_t @ weights.W_x + state.h @ weights.W_h + weights.b, len(v.blocks), axis=1)
    a = dict(zip(v.blocks, blocks, strict=True))  # pre-activations, each (N, H)
    w = dict(zip(v.gates, weights.w_c, strict=False))  # peepholes, each (H,)
    if v.gate_recurrence:
        for gate, part in zip(v.gates, np.split(state.u @ weights.W_u, 3, axis=1), strict=True):
            a[gate] = a[gate] + part
    for gate in [gate for gate in "if" if gate in w]:
        a[gate] = a[gate] + state.c * w[gate]
    i = sigmoid(a["i"]) if "i" in a else one
    f = sigmoid(a["f"]) if "f" in a else 1.0 - i if v.coupled else one
    g = np.tanh(a["g"]) if v.candidate_tanh else a["g"]
    c_t = f * state.c + i * g
    if "o" in w:
        a["o"] = a["o"] + c_t * w["o"]  # the new cell state
    o = sigmoid(a["o"]) if "o" in a else one
    shown = np.tanh(c_t) if v.output_tanh else c_t
    u_t = np.concatenate([i, f, o], axis=1) if v.gate_recurrence else state.u
    cache = AblationCache(x_t, state, i, f, g, o, c_t, shown, weights, variant)
    return AblationState(o * shown, c_t, u_t), cache


def ablation_step_backward(
    d_state: AblationState, cache: AblationCache
) -> tuple[Array, AblationState, AblationWeights]:
    """Carry the gradient by the state after a step back through it (``eq-peephole-back``)."""
    check_ablation_state("d_state", d_state, len(cache.x_t), cache.weights)
    x_t, (h_prev, c_prev, u_prev), i, f, g, o, c_t, shown, weights, variant = cache
    v, w = VARIANTS[variant], dict(zip(VARIANTS[variant].gates, weights.w_c, strict=False))
    none = np.zeros_like(c_t)
    di, df, do = np.split(d_state.u, 3, axis=1) if v.gate_recurrence else (none, none, none)
    do = do + d_state.h * shown
    dc = d_state.c + d_state.h * o * (1.0 - shown**2 if v.output_tanh else 1.0)
    da = {"o": do * o * (1.0 - o)}  # zero where o is one
    if "o" in w:
        dc = dc + da["o"] * w["o"]  # before dc is used
    di, df, dg = di + dc * g, df + dc * c_prev, dc * i
    if v.coupled:
        di = di - df
    da |= {"i": di * i * (1.0 - i), "f": df * f * (1.0 - f)}
    da["g"] = dg * (1.0 - g**2 if v.candidate_tanh else 1.0)
    dc_prev = dc * f
    for gate in [gate for gate in "if" if gate in w]:
        dc_prev = dc_prev + da[gate] * w[gate]
    dw_c = [(da[gate] * (c_t if gate == "o" else c_prev)).sum(axis=0) for gate in w]
    da_all = np.concatenate([da[block] for block in v.blocks], axis=1)  # (N, BH)
    du_prev, dW_u = u_prev, weights.W_u  # both empty
    if v.gate_recurrence:
        da_u = np.concatenate([da[gate] for gate in v.gates], axis=1)  # (N, 3H)
        du_prev, dW_u = da_u @ weights.W_u.T, u_prev.T @ da_u
    d_before = AblationState(da_all @ weights.W_h.T, dc_prev, du_prev)
    d_weights = (x_t.T @ da_all, h_prev.T @ da_all, da_all.sum(axis=0))
    rows = np.stack(dw_c) if w else weights.w_c
    return da_all @ weights.W_x.T, d_before, AblationWeights(*d_weights, rows, dW_u)


def ablation_forward(
    x: Array, weights: AblationWeights, state: AblationState | None = None, variant: str = "V"
) -> tuple[Array, AblationState, tuple[AblationCache, ...]]:
    """Run a layer of a variant over ``x (N, T, D)``; the rest as :func:`ablation_step`."""
    D, H = check_ablation_weights(weights, variant)
    N, T = check_sequence(x, D)
    start = ablation_zero_state(N, H, x.dtype, variant) if state is None else state
    return run_steps(lambda t, s: ablation_step(x[:, t], s, weights, variant), T, start)


def ablation_backward(
    dh: Array, cache: tuple[AblationCache, ...], d_state: AblationState | None = None
) -> Gradients[AblationState, AblationWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    N, H = cache[0].c_t.shape
    check_shape("dh", dh, (N, len(cache), H), "(N, T, H)")
    end = zeros_like(cache[0].state) if d_state is None else d_state
    check_ablation_state("d_state", end, N, cache[0].weights)
    return run_steps_back(ablation_step_backward, dh, cache, end)
