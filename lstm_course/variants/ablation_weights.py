"""Switches, weights and states of the nine variants of :mod:`lstm_course.variants.ablation`.

Shapes: N batch, D input features, H hidden units, B blocks (four, or three where a gate is
missing), G gates.  Blocks and gates stand in the order i, f, g, o.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import Array, check_shape
from lstm_course.lstm import init_lstm


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


def check_ablation_state(name: str, state: AblationState, N: int, weights: AblationWeights) -> None:
    """Raise ``ValueError`` where a state, or the gradient of one, does not fit."""
    if not isinstance(state, AblationState):
        raise ValueError(f"{name} must be an AblationState of h, c, u, got {type(state).__name__}")
    H, U = len(weights.W_h), len(weights.W_u)
    check_shape(f"{name}.h", state.h, (N, H), "(N, H)")
    check_shape(f"{name}.c", state.c, (N, H), "(N, H)")
    check_shape(f"{name}.u", state.u, (N, U), "(N, 3H) in FGR, else (N, 0)")
