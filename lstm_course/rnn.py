"""The plain tanh RNN, one step and a whole sequence, forward and backward.

Shapes: N batch, T time steps, D input features, H hidden units.  Rows are examples.  The
network is that of Elman (1990), and its backward pass is backpropagation through time
(Werbos 1990).  Both are derived and checked in the chapter "Backpropagation through time"
(``eq-bptt-step``, ``eq-bptt-sums``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape


class RNNWeights(NamedTuple):
    """The weights of one RNN layer: ``W_x (D, H)``, ``W_h (H, H)``, ``b (H,)``."""

    W_x: Array
    W_h: Array
    b: Array


class RNNCache(NamedTuple):
    """What the backward pass needs; inputs and weights are kept by reference."""

    x: Array  # (N, T, D)
    h: Array  # (N, T + 1, H): h_0 ... h_T
    weights: RNNWeights


class RNNGradients(NamedTuple):
    """The five gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh_0: Array  # (N, H)
    dW_x: Array  # (D, H)
    dW_h: Array  # (H, H)
    db: Array  # (H,)


def check_rnn_weights(weights: RNNWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b = weights
    if np.ndim(W_x) != 2:
        raise ValueError(f"W_x must have shape (D, H), got {np.shape(W_x)}")
    D, H = W_x.shape
    check_shape("W_x", W_x, (D, H), "(D, H)")
    check_shape("W_h", W_h, (H, H), "(H, H)")
    check_shape("b", b, (H,), "(H,)")
    return D, H


def init_rnn(rng: np.random.Generator, D: int, H: int) -> RNNWeights:
    """Draw the weights of an RNN layer.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random numbers.
    D, H : int
        Number of input features and of hidden units, both at least 1.

    Returns
    -------
    RNNWeights
        ``W_x`` uniform with the limit sqrt(6 / (D + H)) of Glorot and Bengio (2010), ``W_h``
        orthogonal after Saxe et al. (2014), ``b`` zero; float64.  Keras draws alike.

    Raises
    ------
    ValueError
        If ``D`` or ``H`` is smaller than 1.
    """
    if D < 1 or H < 1:
        raise ValueError(f"D and H must be at least 1, got D={D} and H={H}")
    limit = np.sqrt(6.0 / (D + H))
    W_x = rng.uniform(-limit, limit, size=(D, H))
    Q, R = np.linalg.qr(rng.standard_normal((H, H)))
    return RNNWeights(W_x, Q * np.sign(np.diag(R)), np.zeros(H))


def rnn_step(x_t: Array, h_prev: Array, weights: RNNWeights) -> Array:
    """Advance the RNN by one time step: h_t = tanh(x_t W_x + h_prev W_h + b).

    Parameters
    ----------
    x_t : array (N, D)
        Input of this step.
    h_prev : array (N, H)
        Hidden state of the step before.
    weights : RNNWeights

    Returns
    -------
    h_t : array (N, H)
        Hidden state after the step.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_rnn_weights(weights)
    N = len(h_prev) if np.ndim(h_prev) else 0
    check_shape("h_prev", h_prev, (N, H), "(N, H)")
    check_shape("x_t", x_t, (N, D), "(N, D)")
    h_t: Array = np.tanh(x_t @ weights.W_x + h_prev @ weights.W_h + weights.b)
    return h_t


def rnn_forward(x: Array, weights: RNNWeights, h_0: Array | None = None) -> tuple[Array, RNNCache]:
    """Run an RNN layer over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    weights : RNNWeights
    h_0 : array (N, H), optional
        Initial hidden state; zero if left out.

    Returns
    -------
    h : array (N, T, H)
        Hidden state after every step; ``h[:, -1]`` is the final state.
    cache : RNNCache
        What :func:`rnn_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_rnn_weights(weights)
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    N, T, _ = x.shape
    check_shape("x", x, (N, T, D), "(N, T, D)")
    if h_0 is None:
        h_0 = np.zeros((N, H), x.dtype)
    check_shape("h_0", h_0, (N, H), "(N, H)")

    W_x, W_h, b = weights
    from_input = x @ W_x + b  # (N, T, H): needs no state, so all steps at once
    h = np.empty((N, T + 1, H), np.result_type(from_input, h_0, W_h))
    h[:, 0] = h_0
    for t in range(T):
        h[:, t + 1] = np.tanh(from_input[:, t] + h[:, t] @ W_h)
    return h[:, 1:].copy(), RNNCache(x, h, weights)


def rnn_backward(dh: Array, cache: RNNCache, dh_T: Array | None = None) -> RNNGradients:
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the hidden state of every step, each without
        what reaches the loss by way of later steps: the loop adds that.
    cache : RNNCache
        From :func:`rnn_forward`.
    dh_T : array (N, H), optional
        Gradient with respect to the final state where it is used again (by a decoder, say);
        added to what ``dh`` holds for the last step.

    Returns
    -------
    RNNGradients
        ``dx, dh_0, dW_x, dW_h, db``.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    x, h, (W_x, W_h, _) = cache
    N, T, H = h.shape[0], h.shape[1] - 1, h.shape[2]
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    if dh_T is None:
        dh_T = np.zeros((N, H), dh.dtype)
    check_shape("dh_T", dh_T, (N, H), "(N, H)")

    da = np.empty((N, T, H), np.result_type(dh, dh_T, h))  # gradient of the pre-activations
    dh_next = dh_T  # what the steps after t hand back
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next  # (N, H)
        da[:, t] = dh_t * (1.0 - h[:, t + 1] ** 2)
        dh_next = da[:, t] @ W_h.T  # (N, H)
    dW_x = np.tensordot(x, da, axes=([0, 1], [0, 1]))  # (D, H)
    dW_h = np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))  # (H, H)
    return RNNGradients(da @ W_x.T, dh_next, dW_x, dW_h, da.sum(axis=(0, 1)))
