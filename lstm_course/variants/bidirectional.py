"""A bidirectional LSTM layer, forward and backward, for sequences of different lengths.

Shapes: N batch, T time steps, D input features, H hidden units of each direction.  One LSTM
reads each sequence from its first step to its last, another one from its last to its first,
and the two outputs of a step are merged (``eq-bidirectional``).  Padding stands behind a
sequence and is never read: the reversal happens within each sequence's own length, and the
outputs of padded steps are zero, as those of a packed batch in PyTorch.  Schuster and Paliwal
(1997); with LSTM, Graves and Schmidhuber (2005).  Derived in the chapter "Bidirectional LSTMs".
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstm_course.arrays import (
    Array,
    Gradients,
    check_sequence,
    check_shape,
    state_or_zeros,
    zero_state,
)
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMWeights,
    check_lstm_weights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
)
from lstm_course.variants.steps import added, zeros_like

Integers = NDArray[np.integer]
MERGE_MODES = ("concat", "sum", "mul", "ave")


class BidirectionalWeights(NamedTuple):
    """The weights of the two directions, with the same D and H."""

    forward: LSTMWeights
    backward: LSTMWeights


class DirectionCache(NamedTuple):
    """What the backward pass needs of one direction: sequences of one length run together."""

    groups: tuple[tuple[Integers, int, LSTMCache], ...]  # rows, their length, cache
    h: Array  # (N, T, H): outputs in the order of time, zero in padded steps


class BidirectionalCache(NamedTuple):
    """What the backward pass needs."""

    directions: tuple[DirectionCache, DirectionCache]
    lengths: Integers  # (N,)
    merge: str
    D: int


def init_bidirectional(rng: np.random.Generator, D: int, H: int) -> BidirectionalWeights:
    """Return the weights of two directions, each drawn by ``init_lstm``."""
    return BidirectionalWeights(init_lstm(rng, D, H), init_lstm(rng, D, H))


def bidirectional_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> LSTMState:
    """Return the initial states of the two directions: zeros (2, N, H)."""
    return zero_state(LSTMState, 2, (2, N, H), dtype)


def bidirectional_parameter_count(D: int, H: int, *, biases: int = 1) -> int:
    """Return that of two LSTMs; ``biases`` as in ``lstm_parameter_count``."""
    return 2 * lstm_parameter_count(D, H, biases=biases)


def reverse_within(x: Array, lengths: Integers) -> Array:
    """Return ``x (N, T, D)`` with each sequence reversed within its own length.

    ``lengths (N,)`` are integers from 1 to T; padding stays where it is, so that
    ``x[n, lengths[n] - 1]`` comes first in row n.
    """
    steps = np.arange(x.shape[1])
    source = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # (N, T)
    reversed_x: Array = np.take_along_axis(x, source[:, :, None], axis=1)
    return reversed_x


def merge_directions(ahead: Array, back: Array, merge: str) -> Array:
    """Return the two outputs (N, T, H) as one: (N, T, 2H) if concatenated, else (N, T, H)."""
    if merge == "concat":
        return np.concatenate([ahead, back], axis=-1)
    if merge == "mul":
        return ahead * back
    return (ahead + back) * (0.5 if merge == "ave" else 1.0)


def split_gradient(dy: Array, ahead: Array, back: Array, merge: str) -> tuple[Array, Array]:
    """Return the gradients of the two outputs, each (N, T, H), from that of the merged one."""
    if merge == "concat":
        H = ahead.shape[-1]
        return dy[..., :H], dy[..., H:]
    if merge == "mul":
        return dy * back, dy * ahead
    share = dy * (0.5 if merge == "ave" else 1.0)
    return share, share


def check_directions(weights: BidirectionalWeights) -> tuple[int, int]:
    """Return (D, H) of both directions; raise ``ValueError`` where they do not fit."""
    ahead, back = check_lstm_weights(weights.forward), check_lstm_weights(weights.backward)
    if ahead != back:
        raise ValueError(f"the directions must have one D and H, got {ahead} and {back}")
    return ahead


def check_lengths(lengths: Any, N: int, T: int) -> Integers:
    """Return ``lengths`` as an array (N,), all T if None; raise ``ValueError`` if it is another."""
    steps = np.full(N, T) if lengths is None else np.asarray(lengths)
    if steps.shape != (N,) or not np.issubdtype(steps.dtype, np.integer):
        raise ValueError(f"lengths must be integers of shape (N,) = {(N,)}, got {lengths!r}")
    if steps.min(initial=1) < 1 or steps.max(initial=T) > T:
        raise ValueError(f"lengths must lie between 1 and T = {T}, got {steps.tolist()}")
    return steps


def direction_forward(
    x: Array, weights: LSTMWeights, state: LSTMState, lengths: Integers
) -> tuple[Array, LSTMState, DirectionCache]:
    """Run one direction; sequences of one length go together, so no step of padding is run."""
    (N, T, _), H = x.shape, len(weights.W_h)
    h, final = np.zeros((N, T, H), np.result_type(x, *state, *weights)), zeros_like(state)
    groups: list[tuple[Integers, int, LSTMCache]] = []
    for length in np.unique(lengths) if N else [T]:
        rows = np.flatnonzero(lengths == length)
        start = LSTMState(*(array[rows] for array in state))
        h[rows, :length], end, cache = lstm_forward(x[rows, :length], weights, start)
        final.h[rows], final.c[rows] = end
        groups.append((rows, int(length), cache))
    return h, final, DirectionCache(tuple(groups), h)


def bidirectional_forward(
    x: Array,
    weights: BidirectionalWeights,
    state: LSTMState | None = None,
    lengths: Integers | None = None,
    merge: str = "concat",
) -> tuple[Array, LSTMState, BidirectionalCache]:
    """Run a bidirectional LSTM layer over ``x (N, T, D)``, sequences that are padded at the end.

    ``state`` is (2, N, H): that of the forward direction before step 1, and that of the backward
    direction before it reads the last step.  ``lengths (N,)`` are the real steps of each sequence,
    all T if left out; ``merge`` is ``"concat"``, ``"sum"``, ``"mul"`` or ``"ave"``, as in Keras.
    The outputs are (N, T, 2H), or (N, T, H) if they are not concatenated, in the order of time,
    zero in padded steps; the final states are those after the last real step and after step 1.
    Form and errors: :mod:`lstm_course.arrays`; ``ValueError`` for a length or a merge too.
    """
    if merge not in MERGE_MODES:
        raise ValueError(f"merge must be one of {', '.join(MERGE_MODES)}, got {merge!r}")
    D, H = check_directions(weights)
    N, T = check_sequence(x, D)
    zeros = bidirectional_zero_state(N, H, x.dtype)
    state = state_or_zeros("state", state, zeros, "(2, N, H)")
    lengths = check_lengths(lengths, N, T)
    start_f, start_b = map(LSTMState, *state)
    h_f, end_f, forward = direction_forward(x, weights.forward, start_f, lengths)
    turned = reverse_within(x, lengths)
    h_b, end_b, backward = direction_forward(turned, weights.backward, start_b, lengths)
    h_b = reverse_within(h_b, lengths)  # back into the order of time
    cache = BidirectionalCache((forward, backward._replace(h=h_b)), lengths, merge, D)
    final = LSTMState(*map(np.stack, zip(end_f, end_b, strict=True)))
    return merge_directions(h_f, h_b, merge), final, cache


def direction_backward(
    dh: Array, cache: DirectionCache, d_state: LSTMState, D: int
) -> Gradients[LSTMState, LSTMWeights]:
    """Backpropagate through one direction; the weights serve every group, so they add up."""
    dx = np.zeros((*dh.shape[:2], D), dh.dtype)
    d_start, found = zeros_like(d_state), []
    for rows, length, part in cache.groups:
        d_end = LSTMState(*(array[rows] for array in d_state))
        dx[rows, :length], d_before, d_weights = lstm_backward(dh[rows, :length], part, d_end)
        d_start.h[rows], d_start.c[rows] = d_before
        found.append(d_weights)
    return Gradients(dx, d_start, reduce(added, found))


def bidirectional_backward(
    dh: Array, cache: BidirectionalCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, BidirectionalWeights]:
    """Backpropagate ``dh``, of the shape of the merged outputs, through both directions.

    What stands in padded steps has no influence, and ``dx`` is zero there.
    """
    (forward, backward), lengths, merge, D = cache
    N, T, H = forward.h.shape
    width = 2 * H if merge == "concat" else H
    check_shape("dh", dh, (N, T, width), "(N, T, 2H)" if merge == "concat" else "(N, T, H)")
    zeros = bidirectional_zero_state(N, H, dh.dtype)
    d_state = state_or_zeros("d_state", d_state, zeros, "(2, N, H)")
    end_f, end_b = map(LSTMState, *d_state)
    dh_f, dh_b = split_gradient(dh, forward.h, backward.h, merge)
    dx_f, start_f, d_forward = direction_backward(dh_f, forward, end_f, D)
    turned = reverse_within(dh_b, lengths)
    dx_b, start_b, d_backward = direction_backward(turned, backward, end_b, D)
    dx = dx_f + reverse_within(dx_b, lengths)
    d_start = LSTMState(*map(np.stack, zip(start_f, start_b, strict=True)))
    return Gradients(dx, d_start, BidirectionalWeights(d_forward, d_backward))
