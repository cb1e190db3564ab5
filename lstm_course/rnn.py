"""The plain tanh RNN, one step and a whole sequence, forward and backward.

Shapes: N batch, T time steps, D input features, H hidden units.  Rows are examples.  The
network is that of Elman (1990), and its backward pass is backpropagation through time
(Werbos 1990).  Both are derived and checked in the chapter "Backpropagation through time"
(``eq-bptt-step``, ``eq-bptt-sums``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_matrices,
    check_sequence,
    check_shape,
    check_state,
    glorot,
    orthogonal,
    state_or_zeros,
    zero_state,
)


class RNNState(NamedTuple):
    """What an RNN hands from one step to the next."""

    h: Array  # (N, H), hidden state


class RNNWeights(NamedTuple):
    """The weights of one RNN layer."""

    W_x: Array  # (D, H)
    W_h: Array  # (H, H)
    b: Array  # (H,)


class RNNStepCache(NamedTuple):
    """What the backward step needs; inputs and weights are kept by reference."""

    x_t: Array  # (N, D)
    h_prev: Array  # (N, H)
    h_t: Array  # (N, H)
    weights: RNNWeights


class RNNCache(NamedTuple):
    """What the backward pass needs; inputs and weights are kept by reference."""

    x: Array  # (N, T, D)
    h: Array  # (N, T + 1, H): h_0 ... h_T
    weights: RNNWeights


def check_rnn_weights(weights: RNNWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b = weights
    D, H = check_matrices(W_x, W_h, 1)
    check_shape("b", b, (H,), "(H,)")
    return D, H


def init_rnn(rng: np.random.Generator, D: int, H: int) -> RNNWeights:
    """Draw the weights of an RNN layer; ``ValueError`` if ``D`` or ``H`` is smaller than 1.

    ``W_x`` is uniform with the limit sqrt(6 / (D + H)) of Glorot and Bengio (2010), ``W_h``
    orthogonal after Saxe et al. (2014), ``b`` zero.  Keras draws alike.
    """
    return RNNWeights(glorot(rng, D, H), orthogonal(rng, H), np.zeros(H))


def rnn_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> RNNState:
    """Return the state of ``N`` sequences before their first step: zeros."""
    return zero_state(RNNState, 1, (N, H), dtype)


def rnn_parameter_count(D: int, H: int, *, biases: int = 1) -> int:
    """Return D H + H^2 + biases H: the weights of one layer, with its bias vectors.

    ``biases`` is the number of bias vectors: 1 in Keras, 2 in PyTorch, 0 if off.
    """
    return D * H + H * H + biases * H


def rnn_step(x_t: Array, state: RNNState, weights: RNNWeights) -> tuple[RNNState, RNNStepCache]:
    """Advance the RNN by one time step: h_t = tanh(x_t W_x + h_prev W_h + b), ``x_t (N, D)``.

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_rnn_weights(weights)
    check_state("state", state, rnn_zero_state(check_batch(x_t, D), H))
    (h_prev,), (W_x, W_h, b) = state, weights
    h_t: Array = np.tanh(x_t @ W_x + h_prev @ W_h + b)
    return RNNState(h_t), RNNStepCache(x_t, h_prev, h_t, weights)


def rnn_step_backward(d_state: RNNState, cache: RNNStepCache) -> tuple[Array, RNNState, RNNWeights]:
    """Carry the gradient by the state after a step back through it (``eq-bptt-step``)."""
    x_t, h_prev, h_t, (W_x, W_h, _) = cache
    check_state("d_state", d_state, RNNState(h_prev))
    (dh_t,) = d_state
    da = dh_t * (1.0 - h_t**2)  # (N, H)
    d_weights = RNNWeights(x_t.T @ da, h_prev.T @ da, da.sum(axis=0))
    return da @ W_x.T, RNNState(da @ W_h.T), d_weights


def rnn_forward(
    x: Array, weights: RNNWeights, state: RNNState | None = None
) -> tuple[Array, RNNState, RNNCache]:
    """Run an RNN layer over ``x (N, T, D)``; form, shapes and errors: :mod:`lstm_course.arrays`."""
    D, H = check_rnn_weights(weights)
    N, T = check_sequence(x, D)
    state = state_or_zeros("state", state, rnn_zero_state(N, H, x.dtype))

    (h0,), (W_x, W_h, b) = state, weights
    from_input = x @ W_x + b  # (N, T, H): needs no state, so all steps at once
    h = np.empty((N, T + 1, H), np.result_type(from_input, h0, W_h))
    h[:, 0] = h0
    for t in range(T):
        h[:, t + 1] = np.tanh(from_input[:, t] + h[:, t] @ W_h)
    return h[:, 1:].copy(), RNNState(h[:, T].copy()), RNNCache(x, h, weights)


def rnn_backward(
    dh: Array, cache: RNNCache, d_state: RNNState | None = None
) -> Gradients[RNNState, RNNWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time.

    ``dh`` holds the gradient by the hidden state of every step, each without what reaches the
    loss by way of later steps: the loop adds that (``eq-bptt-sums``).
    """
    x, h, (W_x, W_h, _) = cache
    N, T, H = h.shape[0], h.shape[1] - 1, h.shape[2]
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = state_or_zeros("d_state", d_state, rnn_zero_state(N, H, dh.dtype))

    (dh_next,) = d_state  # what the steps after t hand back
    da = np.empty((N, T, H), np.result_type(dh, dh_next, h))  # gradient of the pre-activations
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next  # (N, H)
        da[:, t] = dh_t * (1.0 - h[:, t + 1] ** 2)
        dh_next = da[:, t] @ W_h.T  # (N, H)
    dW_x = np.tensordot(x, da, axes=([0, 1], [0, 1]))  # (D, H)
    dW_h = np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))  # (H, H)
    d_weights = RNNWeights(dW_x, dW_h, da.sum(axis=(0, 1)))
    return Gradients(da @ W_x.T, RNNState(dh_next), d_weights)
