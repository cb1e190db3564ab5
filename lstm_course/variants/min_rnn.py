"""minGRU and minLSTM: the GRU and the LSTM with all that reads ``h_{t-1}`` taken out of the gates.

After Feng et al. (2024).  What is left is a linear recurrence (``eq-linear-recurrence``), which
any scan of :mod:`lstm_course.variants.scan` computes.  The kind of the weights says which cell it
is: :class:`MinGRUWeights` (``eq-min-gru``) or :class:`MinLSTMWeights` (``eq-min-lstm``).

Shapes: N batch, T time steps, D input features, H hidden units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_floats,
    check_sequence,
    check_shape,
    check_sizes,
    check_state,
    glorot,
    sigmoid,
    state_or_zeros,
    zero_state,
)
from lstm_course.variants.scan import Scan, scan_backward, scan_tree


class MinRNNState(NamedTuple):
    """What is handed from one step to the next."""

    h: Array  # (N, H)


class MinGRUWeights(NamedTuple):
    """The weights of a minGRU layer, blocks z (update gate) and g (candidate)."""

    W_x: Array  # (D, 2H)
    b: Array  # (2H,)


class MinLSTMWeights(NamedTuple):
    """The weights of a minLSTM layer, blocks i, f (gates) and g (candidate)."""

    W_x: Array  # (D, 3H)
    b: Array  # (3H,)


MinRNNWeights = MinGRUWeights | MinLSTMWeights
#: How many blocks of H columns the weights of each kind have.
BLOCKS: dict[type[MinRNNWeights], int] = {MinGRUWeights: 2, MinLSTMWeights: 3}


class MinRNNCache(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    weights: MinRNNWeights
    gates: tuple[Array, ...]  # each (N, T, H): z; or i and f
    keep: Array  # (N, T, H): the factor of h_{t-1}
    g: Array  # (N, T, H): the candidate
    slope: Array  # (N, T, H): derivative of the candidate by its pre-activation
    h: Array  # (N, T, H)


def init_min_rnn(
    rng: np.random.Generator, D: int, H: int, kind: type[MinRNNWeights] = MinGRUWeights
) -> MinRNNWeights:
    """Draw the weights of a layer, Glorot uniform; the biases are zero."""
    check_sizes(D=D, H=H)
    return kind(glorot(rng, D, H, BLOCKS[kind]), np.zeros(BLOCKS[kind] * H))


def min_rnn_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> MinRNNState:
    """Return the state of ``N`` sequences before their first step: zeros."""
    return zero_state(MinRNNState, 1, (N, H), dtype)


def min_rnn_parameter_count(D: int, H: int, kind: type[MinRNNWeights] = MinGRUWeights) -> int:
    """Return 2 (D H + H) for a minGRU, 3 (D H + H) for a minLSTM."""
    return BLOCKS[kind] * (D * H + H)


def check_min_rnn_weights(weights: MinRNNWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    if type(weights) not in BLOCKS:
        names = " or ".join(kind.__name__ for kind in BLOCKS)
        raise ValueError(f"weights must be {names}, got {type(weights).__name__}")
    (W_x, b), blocks = weights, BLOCKS[type(weights)]
    check_floats("b", b, f"({blocks}H,)")
    if b.ndim != 1 or len(b) < blocks or len(b) % blocks:
        raise ValueError(f"b must have shape ({blocks}H,), got {b.shape}")
    D = len(W_x) if np.ndim(W_x) else 0
    check_shape("W_x", W_x, (D, len(b)), f"(D, {blocks}H)")
    return D, len(b) // blocks


def positive(a: Array) -> Array:
    """Return ``a + 1/2`` above zero and ``sigmoid(a)`` below: positive, with a slope everywhere.

    What Feng et al. (2024) put on the candidate so that it has a logarithm.
    """
    result: Array = np.where(a >= 0, np.maximum(a, 0) + 0.5, sigmoid(a)).astype(a.dtype)
    return result


def _candidate(a_g: Array, is_positive: bool) -> tuple[Array, Array]:
    """Return the candidate and its slope; it is linear unless it must be positive."""
    if not is_positive:
        return a_g, np.ones_like(a_g)
    s = sigmoid(a_g)
    return positive(a_g), np.where(a_g >= 0, 1.0, s * (1.0 - s)).astype(a_g.dtype)


def min_rnn_forward(
    x: Array,
    weights: MinRNNWeights,
    state: MinRNNState | None = None,
    *,
    is_positive: bool = False,
    scan: Scan = scan_tree,
) -> tuple[Array, MinRNNState, MinRNNCache]:
    """Run a minGRU or a minLSTM layer over ``x (N, T, D)``, whichever the weights are of.

    With ``is_positive`` the candidate goes through :func:`positive`; else it is linear.  ``scan``
    is ``scan_loop``, ``scan_doubling`` or ``scan_tree``.
    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_min_rnn_weights(weights)
    N, _ = check_sequence(x, D)
    state = state_or_zeros("state", state, min_rnn_zero_state(N, H, x.dtype))
    *a, a_g = np.split(x @ weights.W_x + weights.b, BLOCKS[type(weights)], axis=2)  # (N, T, H)
    gates, (g, slope) = tuple(sigmoid(a_gate) for a_gate in a), _candidate(a_g, is_positive)
    if isinstance(weights, MinGRUWeights):
        keep, written = 1.0 - gates[0], gates[0]
    else:  # f / (i + f), from logarithms: both gates may be too small for a number
        keep = sigmoid(np.logaddexp(0.0, -a[0]) - np.logaddexp(0.0, -a[1])).astype(g.dtype)
        written = 1.0 - keep
    h = scan(keep, written * g, state.h)
    cache = MinRNNCache(x, state.h, weights, gates, keep, g, slope, h)
    return h.copy(), MinRNNState(h[:, -1].copy()), cache


def min_rnn_backward(
    dh: Array, cache: MinRNNCache, d_state: MinRNNState | None = None, *, scan: Scan = scan_tree
) -> Gradients[MinRNNState, MinRNNWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state: one scan from the end."""
    x, h0, weights, gates, keep, g, slope, h = cache
    check_shape("dh", dh, h.shape, "(N, T, H)")
    if d_state is not None:
        d_state = check_state("d_state", d_state, MinRNNState(h0))
        dh = np.concatenate([dh[:, :-1], dh[:, -1:] + d_state.h[:, None]], axis=1)
    dkeep, dwrite, dh0 = scan_backward(dh, keep, h, h0, scan)
    da_keep = (dkeep - dwrite * g) * keep * (1.0 - keep)  # gradient before the sigmoid of keep
    da_g = dwrite * (1.0 - keep) * slope
    if len(gates) == 1:
        blocks = [-da_keep, da_g]
    else:
        i, f = gates
        blocks = [-da_keep * (1.0 - i), da_keep * (1.0 - f), da_g]
    da = np.concatenate(blocks, axis=2)  # (N, T, 2H) or (N, T, 3H)
    d_weights = type(weights)(np.tensordot(x, da, axes=([0, 1], [0, 1])), da.sum(axis=(0, 1)))
    return Gradients(da @ weights.W_x.T, MinRNNState(dh0), d_weights)


def min_rnn_step(
    x_t: Array, state: MinRNNState, weights: MinRNNWeights, *, is_positive: bool = False
) -> tuple[MinRNNState, MinRNNCache]:
    """Advance by one step from ``x_t (N, D)``: a sequence of length one."""
    check_batch(x_t, check_min_rnn_weights(weights)[0])
    return min_rnn_forward(x_t[:, None], weights, state, is_positive=is_positive)[1:]


def min_rnn_step_backward(
    d_state: MinRNNState, cache: MinRNNCache
) -> tuple[Array, MinRNNState, MinRNNWeights]:
    """Return ``dx_t (N, D)`` and the gradients of the state before the step and of the weights."""
    dx, d_before, d_weights = min_rnn_backward(np.zeros_like(cache.h), cache, d_state)
    return dx[:, 0], d_before, d_weights
