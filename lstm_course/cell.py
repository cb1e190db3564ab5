"""One step of an LSTM, forward and backward, in the order of the equations.

Shapes: N batch, D input features, H hidden units.  Rows are examples.  The four gate
blocks stand in the order input, forget, candidate, output (i, f, g, o), which is also
the order of PyTorch and Keras.  The equations are those of Gers, Schmidhuber and
Cummins (2000), derived in the chapter "The LSTM cell, by hand" (``eq-cell-step``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class LSTMWeights(NamedTuple):
    """The weights of one LSTM layer: ``W_x (D, 4H)``, ``W_h (H, 4H)``, ``b (4H,)``."""

    W_x: Array
    W_h: Array
    b: Array


class StepCache(NamedTuple):
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


def sigmoid(a: Array) -> Array:
    """Return the logistic function of ``a``, of any shape, without overflow.

    Uses sigma(a) = (1 + tanh(a / 2)) / 2, which is exact and safe for large ``|a|``.
    """
    result: Array = 0.5 * (1.0 + np.tanh(0.5 * a))
    return result


def check_shape(name: str, array: Array, shape: tuple[int, ...], meaning: str) -> None:
    """Raise ``ValueError`` with the expected and the given shape, or the wrong dtype."""
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        given = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name} must be a NumPy array of floats {meaning}, got {given}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {meaning} = {shape}, got {array.shape}")


def check_weights(W_x: Array, W_h: Array, b: Array) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    if np.ndim(W_h) != 2 or W_h.shape[1] != 4 * W_h.shape[0]:
        raise ValueError(f"W_h must have shape (H, 4H), got {np.shape(W_h)}")
    if np.ndim(W_x) != 2:
        raise ValueError(f"W_x must have shape (D, 4H), got {np.shape(W_x)}")
    H, D = W_h.shape[0], W_x.shape[0]
    check_shape("W_x", W_x, (D, 4 * H), "(D, 4H)")
    check_shape("W_h", W_h, (H, 4 * H), "(H, 4H)")
    check_shape("b", b, (4 * H,), "(4H,)")
    return D, H


def init_lstm(D: int, H: int, rng: np.random.Generator, *, forget_bias: float = 1.0) -> LSTMWeights:
    """Draw the weights of an LSTM layer.

    Parameters
    ----------
    D, H : int
        Number of input features and of hidden units, both at least 1.
    rng : numpy.random.Generator
        Source of the random numbers.
    forget_bias : float
        Bias of the forget gate; the other biases are zero.  1.0 after Gers et al. (2000)
        and Jozefowicz et al. (2015).

    Returns
    -------
    LSTMWeights
        ``W_x`` Glorot uniform with the limit of one gate, sqrt(6 / (D + H)), and ``W_h`` with
        an orthogonal (H, H) block for each gate; float64.  Keras applies both rules to the
        whole (., 4H) matrix instead.

    Raises
    ------
    ValueError
        If ``D`` or ``H`` is smaller than 1.
    """
    if D < 1 or H < 1:
        raise ValueError(f"D and H must be at least 1, got D={D} and H={H}")
    limit = np.sqrt(6.0 / (D + H))
    W_x = rng.uniform(-limit, limit, size=(D, 4 * H))
    blocks = [np.linalg.qr(rng.standard_normal((H, H)))[0] for _ in range(4)]
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return LSTMWeights(W_x, np.concatenate(blocks, axis=1), b)


def lstm_parameter_count(D: int, H: int, *, biases: int = 1) -> int:
    """Return 4 (D H + H^2 + biases H): four blocks, each with its weights and biases.

    ``biases`` is the number of bias vectors a block has: 1 in Keras, 2 in PyTorch, 0 if off.
    """
    return 4 * (D * H + H * H + biases * H)


def lstm_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, Array, StepCache]:
    """Advance the LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
        Input of this step.
    h_prev, c_prev : arrays (N, H)
        Hidden state and cell state of the step before.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Weights, gate blocks in the order i, f, g, o.

    Returns
    -------
    h_t, c_t : arrays (N, H)
        Hidden state and cell state after the step.
    cache : StepCache
        What :func:`lstm_step_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_weights(W_x, W_h, b)
    N = len(h_prev) if np.ndim(h_prev) else 0
    check_shape("h_prev", h_prev, (N, H), "(N, H)")
    check_shape("c_prev", c_prev, (N, H), "(N, H)")
    check_shape("x_t", x_t, (N, D), "(N, D)")
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)  # each (N, H)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c_t = f * c_prev + i * g
    tanh_c = np.tanh(c_t)
    h_t = o * tanh_c
    return h_t, c_t, StepCache(x_t, h_prev, c_prev, i, f, g, o, tanh_c, W_x, W_h)


def lstm_step_backward(
    dh_t: Array, dc_t: Array, cache: StepCache
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradient of the loss with respect to ``h_t`` and ``c_t``, each from everything that
        uses it after this step.
    cache : StepCache
        From :func:`lstm_step`.

    Returns
    -------
    dx_t, dh_prev, dc_prev : arrays (N, D), (N, H), (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)

    Raises
    ------
    ValueError
        If ``dh_t`` or ``dc_t`` is not (N, H).
    """
    x_t, h_prev, c_prev, i, f, g, o, tanh_c, W_x, W_h = cache
    check_shape("dh_t", dh_t, h_prev.shape, "(N, H)")
    check_shape("dc_t", dc_t, h_prev.shape, "(N, H)")
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)  # all that reaches c_t
    da_i = dc * g * i * (1.0 - i)
    da_f = dc * c_prev * f * (1.0 - f)
    da_g = dc * i * (1.0 - g**2)
    da_o = dh_t * tanh_c * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    return da @ W_x.T, da @ W_h.T, dc * f, x_t.T @ da, h_prev.T @ da, da.sum(axis=0)
