"""A whole LSTM layer over a sequence, forward and backward, fast and still readable.

Outside, arrays are batch first and rows are examples: ``x (N, T, D)``.  Inside, columns
are examples, for three reasons that together make it about as fast as a compiled layer:

* the gate blocks of one step are then contiguous rows of one ``(4H, N)`` array;
* ``W [x_t; 1; h_prev]`` is one matrix product a step, and the gradient of all weights is
  one matrix product over all steps;
* one ``tanh`` call serves all four blocks, because sigma(a) = (1 + tanh(a / 2)) / 2; the
  halves are folded into the weights.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.cell import Array, check_shape, check_weights


class SequenceCache(NamedTuple):
    """What the backward pass needs; columns are examples, index t is the time step."""

    z: Array  # (T + 1, D + 1 + H, N): x_t, 1 and h_{t-1} stacked; the last holds h_T
    gates: Array  # (T, 4H, N): i, f, g, o after their activations
    c: Array  # (T + 1, H, N): c_0 ... c_T
    tanh_c: Array  # (T, H, N)
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)


class LSTMGradients(NamedTuple):
    """The six gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dc0: Array  # (N, H)
    dW_x: Array  # (D, 4H)
    dW_h: Array  # (H, 4H)
    db: Array  # (4H,)


def lstm_forward(
    x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, Array, Array, SequenceCache]:
    """Run an LSTM layer over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    h0, c0 : arrays (N, H)
        Initial hidden state and cell state.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Weights, gate blocks in the order i, f, g, o.

    Returns
    -------
    h : array (N, T, H)
        Hidden state after every step.
    h_T, c_T : arrays (N, H)
        Final hidden state and cell state.
    cache : SequenceCache
        What :func:`lstm_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_weights(W_x, W_h, b)
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    N, T, _ = x.shape
    check_shape("x", x, (N, T, D), "(N, T, D)")
    check_shape("h0", h0, (N, H), "(N, H)")
    check_shape("c0", c0, (N, H), "(N, H)")
    dtype = np.result_type(x, h0, c0, W_x, W_h, b)

    halves = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], dtype), H)[:, None]  # (4H, 1)
    W = np.concatenate([W_x, b[None], W_h]).T * halves  # (4H, D + 1 + H)
    z = np.empty((T + 1, D + 1 + H, N), dtype)
    z[:T, :D], z[:, D], z[0, D + 1 :] = x.transpose(1, 2, 0), 1.0, h0.T
    gates, tanh_c = np.empty((T, 4 * H, N), dtype), np.empty((T, H, N), dtype)
    c = np.empty((T + 1, H, N), dtype)
    c[0] = c0.T
    for t in range(T):
        a = np.matmul(W, z[t], out=gates[t])  # (4H, N)
        np.tanh(a, out=a)
        for sigma in (a[: 2 * H], a[3 * H :]):  # i and f, then o
            sigma *= 0.5
            sigma += 0.5
        i, f, g, o = a.reshape(4, H, N)
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=z[t + 1, D + 1 :])
    h = z[1:, D + 1 :].transpose(2, 0, 1).copy()  # (N, T, H)
    return h, h[:, -1].copy(), c[T].T.copy(), SequenceCache(z, gates, c, tanh_c, W_x, W_h)


def lstm_backward(dh: Array, dh_T: Array, dc_T: Array, cache: SequenceCache) -> LSTMGradients:
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the hidden state of every step.
    dh_T, dc_T : arrays (N, H)
        Gradient with respect to the final states where they are used again (by a decoder,
        say); added to what ``dh`` holds for the last step.
    cache : SequenceCache
        From :func:`lstm_forward`.

    Returns
    -------
    LSTMGradients
        ``dx, dh0, dc0, dW_x, dW_h, db``.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    z, gates, c, tanh_c, W_x, W_h = cache
    T, H, N = tanh_c.shape
    D = W_x.shape[0]
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    check_shape("dh_T", dh_T, (N, H), "(N, H)")
    check_shape("dc_T", dc_T, (N, H), "(N, H)")

    da = np.empty_like(gates)  # (T, 4H, N): gradient of the pre-activations
    dh_next, dc_next = dh_T.T, dc_T.T  # what the steps after t hand back
    for t in reversed(range(T)):
        i, f, g, o = gates[t].reshape(4, H, N)
        da_i, da_f, da_g, da_o = da[t].reshape(4, H, N)
        dh_t = dh[:, t].T + dh_next
        dc_t = dc_next + dh_t * o * (1.0 - tanh_c[t] ** 2)
        np.multiply(dc_t * g, i * (1.0 - i), out=da_i)
        np.multiply(dc_t * c[t], f * (1.0 - f), out=da_f)
        np.multiply(dc_t * i, 1.0 - g**2, out=da_g)
        np.multiply(dh_t * tanh_c[t], o * (1.0 - o), out=da_o)
        dh_next = W_h @ da[t]  # (H, N)
        dc_next = dc_t * f
    dW = np.tensordot(z[:T], da, axes=([0, 2], [0, 2]))  # (D + 1 + H, 4H)
    dx = np.matmul(W_x, da).transpose(2, 0, 1)  # (N, T, D)
    return LSTMGradients(dx.copy(), dh_next.T.copy(), dc_next.T.copy(), dW[:D], dW[D + 1 :], dW[D])
