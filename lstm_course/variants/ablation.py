"""The vanilla LSTM of Greff et al. (2017) and its eight ablations, as one cell with switches.

The vanilla cell, V, is the course's LSTM with peepholes (Gers and Schmidhuber, 2000): each gate
also reads the cell state, the output gate the new one.  Each ablation removes or changes one
part; ``NP``, no peepholes, is the LSTM of :mod:`lstm_course.lstm`.  Derived in the chapters
"Peephole LSTM" (``eq-peephole-step``, ``eq-peephole-back``) and "Eight ablations".

Shapes: N batch, T time steps, D input features, H hidden units, B blocks (four, or three where a
gate is missing), G gates.  Blocks and gates stand in the order i, f, g, o.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_sequence,
    check_shape,
    check_state,
    sigmoid,
    state_or_zeros,
)
from lstm_course.lstm import init_lstm
from lstm_course.variants.steps import run_steps, run_steps_back, zeros_like


class Switches(NamedTuple):
    """What a variant has: its blocks, and five switches."""

    blocks: str = "ifgo"
    coupled: bool = False  # f = 1 - i
    candidate_tanh: bool = True
    output_tanh: bool = True
    peepholes: bool = True
    gate_recurrence: bool = False  # the gates also read the gates of the step before

    @property
    def gates(self) -> str:
        """Return the gates that have weights of their own."""
        return self.blocks.replace("g", "")


#: The names of Greff et al. (2017), in the order of the paper's text.
VARIANTS: dict[str, Switches] = {
    "V": Switches(),
    "NIG": Switches("fgo"),
    "NFG": Switches("igo"),
    "NOG": Switches("ifg"),
    "NIAF": Switches(candidate_tanh=False),
    "NOAF": Switches(output_tanh=False),
    "CIFG": Switches("igo", coupled=True),
    "NP": Switches(peepholes=False),
    "FGR": Switches(gate_recurrence=True),
}


class AblationWeights(NamedTuple):
    """The weights of one layer; ``w_c`` and ``W_u`` are empty where the variant has none."""

    W_x: Array  # (D, BH)
    W_h: Array  # (H, BH)
    b: Array  # (BH,)
    w_c: Array  # (G, H) peepholes, one row a gate, or (0, H)
    W_u: Array  # (3H, 3H) from gates to gates, or (0, 0)


class AblationState(NamedTuple):
    """What a step hands to the next one; ``u`` is empty, (N, 0), but in FGR."""

    h: Array  # (N, H)
    c: Array  # (N, H)
    u: Array  # (N, 3H) the gates i, f, o side by side


#: What a message says of the shapes of a state.
SHAPES = "of ablation_zero_state(N, H)"


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


def switches_of(variant: str) -> Switches:
    """Return the switches of a variant; raise ``ValueError`` for an unknown name."""
    if variant not in VARIANTS:
        raise ValueError(f"variant must be one of {', '.join(VARIANTS)}, got {variant!r}")
    return VARIANTS[variant]


def weight_shapes(D: int, H: int, variant: str = "V") -> AblationWeights:
    """Return the shapes of the five arrays of weights, as tuples in their places."""
    v = switches_of(variant)
    K, G = len(v.blocks) * H, len(v.gates) if v.peepholes else 0
    U = 3 * H if v.gate_recurrence else 0
    return AblationWeights((D, K), (H, K), (K,), (G, H), (U, U))  # type: ignore[arg-type]


def ablation_parameter_count(D: int, H: int, variant: str = "V") -> int:
    """Return B (D H + H^2 + H), plus H for each peephole, plus 9 H^2 in FGR."""
    return sum(int(np.prod(shape)) for shape in weight_shapes(D, H, variant))


def init_ablation(
    rng: np.random.Generator, D: int, H: int, variant: str = "V", *, forget_bias: float = 1.0
) -> AblationWeights:
    """Draw weights: :func:`lstm_course.init_lstm`, and N(0, 0.1^2) for ``w_c`` and ``W_u``.

    ``ValueError`` if ``D`` or ``H`` is smaller than 1, or the variant is unknown.
    """
    blocks = ["ifgo".index(block) for block in switches_of(variant).blocks]
    W_x, W_h, b = init_lstm(rng, D, H, forget_bias=forget_bias)
    columns = np.concatenate([np.arange(k * H, (k + 1) * H) for k in blocks])
    shapes = weight_shapes(D, H, variant)
    w_c, W_u = 0.1 * rng.standard_normal(shapes.w_c), 0.1 * rng.standard_normal(shapes.W_u)
    return AblationWeights(W_x[:, columns], W_h[:, columns], b[columns], w_c, W_u)


def ablation_zero_state(
    N: int, H: int, dtype: DTypeLike = np.float64, variant: str = "V"
) -> AblationState:
    """Return the state before the first step, all zero."""
    U = 3 * H if switches_of(variant).gate_recurrence else 0
    return AblationState(*(np.zeros((N, width), dtype) for width in (H, H, U)))


def check_ablation_weights(weights: AblationWeights, variant: str) -> tuple[int, int]:
    """Return (D, H); raise ``ValueError`` where the weights do not fit the variant."""
    W_x, W_h = weights[:2]
    if np.ndim(W_x) != 2 or np.ndim(W_h) != 2:
        given = np.shape(W_x), np.shape(W_h)
        raise ValueError(f"W_x and W_h must have shapes (D, BH) and (H, BH), got {given}")
    shapes: Any = weight_shapes(len(W_x), len(W_h), variant)
    meanings = ("(D, BH)", "(H, BH)", "(BH,)", "(G, H)", "(3H, 3H) or (0, 0)")
    parts = zip(weights._fields, weights, shapes, meanings, strict=True)
    for name, array, shape, meaning in parts:
        check_shape(name, array, shape, f"{meaning} of {variant}")
    return len(W_x), len(W_h)


def ablation_step(
    x_t: Array, state: AblationState, weights: AblationWeights, variant: str = "V"
) -> tuple[AblationState, AblationCache]:
    """Advance a variant, a key of :data:`VARIANTS`, by one time step (``eq-peephole-step``).

    Form, shapes and errors: :mod:`lstm_course.arrays`; ``ValueError`` for an unknown variant too.
    """
    D, H = check_ablation_weights(weights, variant)
    zeros = ablation_zero_state(check_batch(x_t, D), H, variant=variant)
    state = check_state("state", state, zeros, SHAPES)
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
    d_state = check_state("d_state", d_state, cache.state, SHAPES)
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
    zeros = ablation_zero_state(N, H, x.dtype, variant)
    start = state_or_zeros("state", state, zeros, SHAPES)
    return run_steps(lambda t, s: ablation_step(x[:, t], s, weights, variant), T, start)


def ablation_backward(
    dh: Array, cache: tuple[AblationCache, ...], d_state: AblationState | None = None
) -> Gradients[AblationState, AblationWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    N, H = cache[0].c_t.shape
    check_shape("dh", dh, (N, len(cache), H), "(N, T, H)")
    end = state_or_zeros("d_state", d_state, zeros_like(cache[0].state), SHAPES)
    return run_steps_back(ablation_step_backward, dh, cache, end)
