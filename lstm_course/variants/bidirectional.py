"""A bidirectional LSTM layer, forward and backward, for sequences of different lengths.

Shapes: N batch, T time steps, D input features, H hidden units of each direction.  One LSTM
reads each sequence from its first step to its last, another one from its last to its first,
and the two outputs of a step are merged (``eq-bidirectional``).  Padding stands behind a
sequence and is never read: the reversal happens within each sequence's own length, and the
outputs of padded steps are zero, as those of a packed batch in PyTorch.  Schuster and Paliwal
(1997); with LSTM, Graves and Schmidhuber (2005).  Derived in the chapter "Bidirectional LSTMs".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.arrays import Array, check_shape
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMWeights,
    check_lstm_weights,
    lstm_backward,
    lstm_forward,
)

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


class BidirectionalGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (2, N, H)
    dc0: Array  # (2, N, H)
    dweights: BidirectionalWeights


def reverse_within(x: Array, lengths: Integers) -> Array:
    """Reverse each sequence within its own length; padding stays where it is.

    Parameters
    ----------
    x : array (N, T, D)
    lengths : integers (N,), each from 1 to T

    Returns
    -------
    array (N, T, D)
        A new array; ``x[n, lengths[n] - 1]`` comes first in row n.
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


def _check(
    x: Array, h0: Array, c0: Array, weights: BidirectionalWeights, lengths: Any, merge: str
) -> Integers:
    if merge not in MERGE_MODES:
        raise ValueError(f"merge must be one of {', '.join(MERGE_MODES)}, got {merge!r}")
    if np.ndim(x) != 3:
        raise ValueError(f"x must have shape (N, T, D), got {np.shape(x)}")
    N, T, _ = x.shape
    (D_a, H), (D_b, H_b) = (check_lstm_weights(part) for part in weights)
    if (D_a, H) != (D_b, H_b):
        raise ValueError(f"the directions must have one D and H, got {(D_a, H)} and {(D_b, H_b)}")
    check_shape("x", x, (N, T, D_a), "(N, T, D)")
    check_shape("h0", h0, (2, N, H), "(2, N, H)")
    check_shape("c0", c0, (2, N, H), "(2, N, H)")
    steps = np.full(N, T) if lengths is None else np.asarray(lengths)
    if steps.shape != (N,) or not np.issubdtype(steps.dtype, np.integer):
        raise ValueError(f"lengths must be integers of shape (N,) = {(N,)}, got {lengths!r}")
    if steps.min(initial=1) < 1 or steps.max(initial=T) > T:
        raise ValueError(f"lengths must lie between 1 and T = {T}, got {steps.tolist()}")
    return steps


def _run(
    x: Array, h0: Array, c0: Array, weights: LSTMWeights, lengths: Integers
) -> tuple[Array, Array, Array, list[tuple[Integers, int, LSTMCache]]]:
    """Run one direction; sequences of one length go together, so no step of padding is run."""
    N, T, _ = x.shape
    h_n, c_n = np.empty_like(h0), np.empty_like(c0)
    h = np.zeros((N, T, h0.shape[1]), np.result_type(x, h0, *weights))
    groups: list[tuple[Integers, int, LSTMCache]] = []
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        start = LSTMState(h0[rows], c0[rows])
        h[rows, :length], (h_n[rows], c_n[rows]), part = lstm_forward(
            x[rows, :length], weights, start
        )
        groups.append((rows, int(length), part))
    return h, h_n, c_n, groups


def bidirectional_forward(
    x: Array,
    h0: Array,
    c0: Array,
    weights: BidirectionalWeights,
    lengths: Integers | None = None,
    merge: str = "concat",
) -> tuple[Array, Array, Array, BidirectionalCache]:
    """Run a bidirectional LSTM layer over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Sequences, padded at the end.
    h0, c0 : arrays (2, N, H)
        Initial states: of the forward direction before step 1, of the backward direction
        before it reads the last step.
    weights : BidirectionalWeights
    lengths : integers (N,), optional
        Number of real steps of each sequence; all T if left out.
    merge : str
        ``"concat"``, ``"sum"``, ``"mul"`` or ``"ave"``, as in Keras.

    Returns
    -------
    y : array (N, T, 2H), or (N, T, H) if the directions are not concatenated
        Merged outputs in the order of time; zero in padded steps.
    h_n, c_n : arrays (2, N, H)
        Final states: forward after the last real step, backward after step 1.
    cache : BidirectionalCache
        What :func:`bidirectional_backward` needs.

    Raises
    ------
    ValueError
        If a shape, a length or ``merge`` does not fit, with what is expected and given.
    """
    lengths = _check(x, h0, c0, weights, lengths, merge)
    h_f, h_f_n, c_f_n, groups_f = _run(x, h0[0], c0[0], weights.forward, lengths)
    turned = reverse_within(x, lengths)
    h_b, h_b_n, c_b_n, groups_b = _run(turned, h0[1], c0[1], weights.backward, lengths)
    h_b = reverse_within(h_b, lengths)  # back into the order of time
    directions = DirectionCache(tuple(groups_f), h_f), DirectionCache(tuple(groups_b), h_b)
    h_n, c_n = np.stack([h_f_n, h_b_n]), np.stack([c_f_n, c_b_n])
    cache = BidirectionalCache(directions, lengths, merge, x.shape[2])
    return merge_directions(h_f, h_b, merge), h_n, c_n, cache


def _run_back(
    dh: Array, dh_n: Array, dc_n: Array, cache: DirectionCache, D: int
) -> tuple[Array, Array, Array, LSTMWeights]:
    """Backpropagate through one direction; the weights serve every group, so they add up."""
    dx = np.zeros((*dh.shape[:2], D), dh.dtype)
    dh0, dc0 = np.empty_like(dh_n), np.empty_like(dc_n)
    sums: list[Any] = [0.0, 0.0, 0.0]
    for rows, length, part in cache.groups:
        found = lstm_backward(dh[rows, :length], part, LSTMState(dh_n[rows], dc_n[rows]))
        dx[rows, :length], (dh0[rows], dc0[rows]) = found.dx, found.d_state
        sums = [total + more for total, more in zip(sums, found.d_weights, strict=True)]
    return dx, dh0, dc0, LSTMWeights(*sums)


def bidirectional_backward(
    dy: Array, dh_n: Array, dc_n: Array, cache: BidirectionalCache
) -> BidirectionalGradients:
    """Backpropagate through both directions.

    Parameters
    ----------
    dy : array of the shape of ``y``
        Gradient of the loss with respect to the merged outputs; what stands in padded steps
        has no influence.
    dh_n, dc_n : arrays (2, N, H)
        Gradient with respect to the final states.
    cache : BidirectionalCache
        From :func:`bidirectional_forward`.

    Returns
    -------
    BidirectionalGradients
        ``dx, dh0, dc0, dweights``; ``dx`` is zero in padded steps.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    (forward, backward), lengths, merge, D = cache
    N, T, H = forward.h.shape
    width = 2 * H if merge == "concat" else H
    check_shape("dy", dy, (N, T, width), "(N, T, 2H)" if merge == "concat" else "(N, T, H)")
    check_shape("dh_n", dh_n, (2, N, H), "(2, N, H)")
    check_shape("dc_n", dc_n, (2, N, H), "(2, N, H)")
    dh_f, dh_b = split_gradient(dy, forward.h, backward.h, merge)
    dx_f, dh0_f, dc0_f, d_forward = _run_back(dh_f, dh_n[0], dc_n[0], forward, D)
    turned = reverse_within(dh_b, lengths)
    dx_b, dh0_b, dc0_b, d_backward = _run_back(turned, dh_n[1], dc_n[1], backward, D)
    dx = dx_f + reverse_within(dx_b, lengths)
    dh0, dc0 = np.stack([dh0_f, dh0_b]), np.stack([dc0_f, dc0_b])
    return BidirectionalGradients(dx, dh0, dc0, BidirectionalWeights(d_forward, d_backward))
