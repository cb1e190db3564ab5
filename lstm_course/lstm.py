"""The LSTM: one step in the order of the equations, and a whole layer, fast and still readable.

Shapes: N batch, D input features, H hidden units.  Rows are examples.  The four gate
blocks stand in the order input, forget, candidate, output (i, f, g, o), which is also
the order of PyTorch and Keras.  The equations are those of Gers, Schmidhuber and
Cummins (2000), derived in the chapter "The LSTM cell, by hand" (``eq-cell-step``).

:func:`lstm_forward` and :func:`lstm_backward` take ``x (N, T, D)``.  Inside, columns are
examples, for three reasons that together make it about as fast as a compiled layer:

* the gate blocks of one step are then contiguous rows of one ``(4H, N)`` array;
* ``W [x_t; 1; h_prev]`` is one matrix product a step, and the gradient of all weights is
  one matrix product over all steps;
* one ``tanh`` call serves all four blocks, because sigma(a) = (1 + tanh(a / 2)) / 2; the
  halves are folded into the weights.
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
    sigmoid,
    state_or_zeros,
    zero_state,
)


class LSTMState(NamedTuple):
    """What an LSTM hands from one step to the next."""

    h: Array  # (N, H), hidden state
    c: Array  # (N, H), cell state


class LSTMWeights(NamedTuple):
    """The weights of one LSTM layer, gate blocks in the order i, f, g, o."""

    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)
    b: Array  # (4H,)


class LSTMStepCache(NamedTuple):
    """What the backward step needs: inputs, gates and cell state, named by symbol."""

    x_t: Array  # (N, D)
    h_prev: Array  # (N, H)
    c_prev: Array  # (N, H)
    i: Array  # (N, H)
    f: Array  # (N, H)
    g: Array  # (N, H)
    o: Array  # (N, H)
    tanh_c: Array  # (N, H)
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)


class LSTMCache(NamedTuple):
    """What the backward pass needs; columns are examples, index t is the time step."""

    z: Array  # (T + 1, D + 1 + H, N): x_t, 1 and h_{t-1} stacked; the last holds h_T
    gates: Array  # (T, 4H, N): i, f, g, o after their activations
    c: Array  # (T + 1, H, N): c_0 ... c_T
    tanh_c: Array  # (T, H, N)
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)


def check_lstm_weights(weights: LSTMWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b = weights
    D, H = check_matrices(W_x, W_h, 4)
    check_shape("b", b, (4 * H,), "(4H,)")
    return D, H


def init_lstm(rng: np.random.Generator, D: int, H: int, *, forget_bias: float = 1.0) -> LSTMWeights:
    """Draw the weights of an LSTM layer; ``ValueError`` if ``D`` or ``H`` is smaller than 1.

    ``W_x`` is Glorot uniform with the limit of one gate, sqrt(6 / (D + H)), and ``W_h`` has an
    orthogonal (H, H) block for each gate; Keras applies both rules to the whole (., 4H) matrix
    instead.  ``forget_bias`` is the bias of the forget gate, 1.0 after Gers et al. (2000) and
    Jozefowicz et al. (2015); the other biases are zero.
    """
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return LSTMWeights(glorot(rng, D, H, 4), orthogonal(rng, H, 4), b)


def lstm_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> LSTMState:
    """Return the state of ``N`` sequences before their first step: zeros."""
    return zero_state(LSTMState, 2, (N, H), dtype)


def lstm_parameter_count(D: int, H: int, *, biases: int = 1) -> int:
    """Return 4 (D H + H^2 + biases H): four blocks, each with its weights and biases.

    ``biases`` is the number of bias vectors a block has: 1 in Keras, 2 in PyTorch, 0 if off.
    """
    return 4 * (D * H + H * H + biases * H)


def lstm_step(
    x_t: Array, state: LSTMState, weights: LSTMWeights
) -> tuple[LSTMState, LSTMStepCache]:
    """Advance the LSTM by one time step, from ``x_t (N, D)`` and the state ``h, c (N, H)``.

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_lstm_weights(weights)
    check_state("state", state, lstm_zero_state(check_batch(x_t, D), H))
    (h_prev, c_prev), (W_x, W_h, b) = state, weights
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)  # each (N, H)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c_t = f * c_prev + i * g
    tanh_c = np.tanh(c_t)
    h_t = o * tanh_c
    return LSTMState(h_t, c_t), LSTMStepCache(x_t, h_prev, c_prev, i, f, g, o, tanh_c, W_x, W_h)


def lstm_step_backward(
    d_state: LSTMState, cache: LSTMStepCache
) -> tuple[Array, LSTMState, LSTMWeights]:
    """Carry the gradient of the loss back through one time step (``eq-back-gates``).

    ``d_state`` is the gradient by the state after the step, from all that uses it later.
    """
    x_t, h_prev, c_prev, i, f, g, o, tanh_c, W_x, W_h = cache
    check_state("d_state", d_state, LSTMState(h_prev, c_prev))
    dh_t, dc_t = d_state
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)  # all that reaches c_t
    da_i = dc * g * i * (1.0 - i)
    da_f = dc * c_prev * f * (1.0 - f)
    da_g = dc * i * (1.0 - g**2)
    da_o = dh_t * tanh_c * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    d_weights = LSTMWeights(x_t.T @ da, h_prev.T @ da, da.sum(axis=0))
    return da @ W_x.T, LSTMState(da @ W_h.T, dc * f), d_weights


def lstm_forward(
    x: Array, weights: LSTMWeights, state: LSTMState | None = None
) -> tuple[Array, LSTMState, LSTMCache]:
    """Run an LSTM layer over ``x (N, T, D)``; ``h (N, T, H)`` is the hidden state of every step.

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_lstm_weights(weights)
    N, T = check_sequence(x, D)
    state = state_or_zeros("state", state, lstm_zero_state(N, H, x.dtype))
    (h0, c0), (W_x, W_h, b) = state, weights
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
    final = LSTMState(h[:, -1].copy(), c[T].T.copy())
    return h, final, LSTMCache(z, gates, c, tanh_c, W_x, W_h)


def lstm_backward(
    dh: Array, cache: LSTMCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, LSTMWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time.

    ``dh`` holds the gradient by the hidden state of every step, each without what reaches the
    loss by way of later steps: the loop adds that.
    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    z, gates, c, tanh_c, W_x, W_h = cache
    T, H, N = tanh_c.shape
    D = W_x.shape[0]
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = state_or_zeros("d_state", d_state, lstm_zero_state(N, H, dh.dtype))

    da = np.empty_like(gates)  # (T, 4H, N): gradient of the pre-activations
    dh_next, dc_next = (d.T for d in d_state)  # what the steps after t hand back
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
    d_initial = LSTMState(dh_next.T.copy(), dc_next.T.copy())
    return Gradients(dx.copy(), d_initial, LSTMWeights(dW[:D], dW[D + 1 :], dW[D]))
