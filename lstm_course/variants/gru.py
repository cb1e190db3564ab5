"""The GRU, one step and a whole sequence, forward and backward, in both of its forms.

Shapes: N batch, T time steps, D input features, H hidden units.  Rows are examples.  The three
blocks stand in the order reset, update, candidate (r, z, g), which is that of PyTorch.  A large
update gate keeps the old state, as in Cho et al. (2014), PyTorch and Keras; Chung et al. (2014)
let it write, see :func:`flip_update_gate`.  ``reset_after`` says on which side of the matrix
product the reset gate stands: after it (``True``; PyTorch, and Keras by default) or before it
(``False``; Cho et al. and Chung et al.).  All is derived in the chapter "The gated recurrent
unit" (``eq-gru-gates``, ``eq-gru-before``, ``eq-gru-after``, ``eq-gru-update``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, sigmoid


class GRUWeights(NamedTuple):
    """The weights of one GRU layer, blocks in the order r, z, g."""

    W_x: Array  # (D, 3H)
    W_h: Array  # (H, 3H)
    b_x: Array  # (3H,), added to the product with the input
    b_h: Array  # (3H,), added to the product with the state


class GRUStepCache(NamedTuple):
    """What the backward step needs besides the input and the weights."""

    h_prev: Array  # (N, H)
    r: Array  # (N, H)
    z: Array  # (N, H)
    g: Array  # (N, H)
    recurrent_g: Array  # (N, H): what the product with the state adds to the candidate


class GRUCache(NamedTuple):
    """What the backward pass needs; inputs and weights are kept by reference."""

    x: Array  # (N, T, D)
    steps: tuple[GRUStepCache, ...]  # T of them
    weights: GRUWeights
    reset_after: bool


class GRUGradients(NamedTuple):
    """The six gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dW_x: Array  # (D, 3H)
    dW_h: Array  # (H, 3H)
    db_x: Array  # (3H,)
    db_h: Array  # (3H,)


def check_gru_weights(weights: GRUWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b_x, b_h = weights
    if np.ndim(W_h) != 2 or W_h.shape[1] != 3 * W_h.shape[0]:
        raise ValueError(f"W_h must have shape (H, 3H), got {np.shape(W_h)}")
    if np.ndim(W_x) != 2:
        raise ValueError(f"W_x must have shape (D, 3H), got {np.shape(W_x)}")
    H, D = W_h.shape[0], W_x.shape[0]
    check_shape("W_x", W_x, (D, 3 * H), "(D, 3H)")
    check_shape("W_h", W_h, (H, 3 * H), "(H, 3H)")
    check_shape("b_x", b_x, (3 * H,), "(3H,)")
    check_shape("b_h", b_h, (3 * H,), "(3H,)")
    return D, H


def init_gru(rng: np.random.Generator, D: int, H: int, *, keep_bias: float = 0.0) -> GRUWeights:
    """Draw the weights of a GRU layer.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random numbers.
    D, H : int
        Number of input features and of hidden units, both at least 1.
    keep_bias : float
        Bias of the update gate, in ``b_x``; all others are zero.  What the forget bias is to an
        LSTM: the larger, the longer a fresh layer keeps its state.

    Returns
    -------
    GRUWeights
        ``W_x`` Glorot uniform with the limit of one block, sqrt(6 / (D + H)), and ``W_h`` with
        an orthogonal (H, H) block for each; float64.

    Raises
    ------
    ValueError
        If ``D`` or ``H`` is smaller than 1.
    """
    if D < 1 or H < 1:
        raise ValueError(f"D and H must be at least 1, got D={D} and H={H}")
    limit = np.sqrt(6.0 / (D + H))
    W_x = rng.uniform(-limit, limit, size=(D, 3 * H))
    blocks = [np.linalg.qr(rng.standard_normal((H, H)))[0] for _ in range(3)]
    b_x = np.zeros(3 * H)
    b_x[H : 2 * H] = keep_bias
    return GRUWeights(W_x, np.concatenate(blocks, axis=1), b_x, np.zeros(3 * H))


def gru_parameter_count(D: int, H: int, *, biases: int = 2) -> int:
    """Return 3 (D H + H^2 + biases H): three blocks, each with its weights and biases.

    ``biases`` is the number of bias vectors a block has: 2 in PyTorch and in Keras by default,
    1 in Keras with ``reset_after=False``, 0 if off.
    """
    return 3 * (D * H + H * H + biases * H)


def flip_update_gate(weights: GRUWeights) -> GRUWeights:
    """Return the weights with the update block negated: sigma(-a) = 1 - sigma(a).

    They compute with h_t = (1 - z) h_prev + z g what the given ones compute with
    h_t = z h_prev + (1 - z) g, and the other way round.
    """
    _, H = check_gru_weights(weights)
    sign = np.repeat(np.array([1.0, -1.0, 1.0]), H)
    return GRUWeights(*((array * sign).astype(array.dtype) for array in weights))


def advance(
    from_x: Array, h_prev: Array, W_h: Array, b_h: Array, reset_after: bool
) -> tuple[Array, GRUStepCache]:
    """Return ``h_t (N, H)`` and the cache of a step, from ``from_x (N, 3H) = x_t W_x + b_x``."""
    H = h_prev.shape[1]
    x_r, x_z, x_g = np.split(from_x, 3, axis=1)  # each (N, H)
    if reset_after:
        h_r, h_z, recurrent_g = np.split(h_prev @ W_h + b_h, 3, axis=1)
    else:
        h_r, h_z = np.split(h_prev @ W_h[:, : 2 * H] + b_h[: 2 * H], 2, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    if reset_after:
        g = np.tanh(x_g + r * recurrent_g)
    else:
        recurrent_g = (r * h_prev) @ W_h[:, 2 * H :] + b_h[2 * H :]
        g = np.tanh(x_g + recurrent_g)
    h_t = z * h_prev + (1.0 - z) * g
    return h_t, GRUStepCache(h_prev, r, z, g, recurrent_g)


def retreat(
    dh_t: Array, cache: GRUStepCache, W_h: Array, reset_after: bool
) -> tuple[Array, Array, Array]:
    """Return ``dh_prev (N, H)`` and the gradients of both products, ``da_x, da_h (N, 3H)``."""
    h_prev, r, z, g, recurrent_g = cache
    H = h_prev.shape[1]
    da_z = dh_t * (h_prev - g) * z * (1.0 - z)
    da_g = dh_t * (1.0 - z) * (1.0 - g**2)
    if reset_after:
        da_r = da_g * recurrent_g * r * (1.0 - r)
        da_x = np.concatenate([da_r, da_z, da_g], axis=1)
        da_h = np.concatenate([da_r, da_z, da_g * r], axis=1)
        return dh_t * z + da_h @ W_h.T, da_x, da_h
    dreset = da_g @ W_h[:, 2 * H :].T  # (N, H): the gradient of r * h_prev
    da_r = dreset * h_prev * r * (1.0 - r)
    da = np.concatenate([da_r, da_z, da_g], axis=1)
    return dh_t * z + dreset * r + da[:, : 2 * H] @ W_h[:, : 2 * H].T, da, da


def gru_step(
    x_t: Array, h_prev: Array, weights: GRUWeights, *, reset_after: bool = True
) -> tuple[Array, GRUStepCache]:
    """Advance the GRU by one time step.

    Parameters
    ----------
    x_t : array (N, D)
        Input of this step.
    h_prev : array (N, H)
        State of the step before.
    weights : GRUWeights
    reset_after : bool
        Whether the reset gate stands after the product with the state, or before it.

    Returns
    -------
    h_t : array (N, H)
        State after the step.
    cache : GRUStepCache
        The gates and what else the backward step needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_gru_weights(weights)
    N = len(h_prev) if np.ndim(h_prev) else 0
    check_shape("h_prev", h_prev, (N, H), "(N, H)")
    check_shape("x_t", x_t, (N, D), "(N, D)")
    return advance(x_t @ weights.W_x + weights.b_x, h_prev, weights.W_h, weights.b_h, reset_after)


def gru_forward(
    x: Array, weights: GRUWeights, h0: Array | None = None, *, reset_after: bool = True
) -> tuple[Array, GRUCache]:
    """Run a GRU layer over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    weights : GRUWeights
    h0 : array (N, H), optional
        Initial state; zero if left out.
    reset_after : bool
        As in :func:`gru_step`.

    Returns
    -------
    h : array (N, T, H)
        State after every step; ``h[:, -1]`` is the final one.
    cache : GRUCache
        What :func:`gru_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_gru_weights(weights)
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    N, T, _ = x.shape
    check_shape("x", x, (N, T, D), "(N, T, D)")
    h_t = np.zeros((N, H), x.dtype) if h0 is None else h0
    check_shape("h0", h_t, (N, H), "(N, H)")

    from_x = x @ weights.W_x + weights.b_x  # (N, T, 3H): needs no state, so all steps at once
    h: list[Array] = []
    steps: list[GRUStepCache] = []
    for t in range(T):
        h_t, step = advance(from_x[:, t], h_t, weights.W_h, weights.b_h, reset_after)
        h.append(h_t)
        steps.append(step)
    return np.stack(h, axis=1), GRUCache(x, tuple(steps), weights, reset_after)


def gru_backward(dh: Array, cache: GRUCache, dh_T: Array | None = None) -> GRUGradients:
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the state of every step, each without what reaches
        the loss by way of later steps: the loop adds that.
    cache : GRUCache
        From :func:`gru_forward`.
    dh_T : array (N, H), optional
        Gradient with respect to the final state where it is used again (by a decoder, say);
        added to what ``dh`` holds for the last step.

    Returns
    -------
    GRUGradients
        ``dx, dh0, dW_x, dW_h, db_x, db_h``.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    x, steps, (W_x, W_h, _, _), reset_after = cache
    (N, T, _), H = x.shape, W_h.shape[0]
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    dh_next = np.zeros((N, H), dh.dtype) if dh_T is None else dh_T
    check_shape("dh_T", dh_next, (N, H), "(N, H)")

    da_x: list[Array] = []
    da_h: list[Array] = []
    for t in reversed(range(T)):
        dh_next, from_x, from_h = retreat(dh[:, t] + dh_next, steps[t], W_h, reset_after)
        da_x.insert(0, from_x)
        da_h.insert(0, from_h)
    dx_all, dh_all = np.stack(da_x, axis=1), np.stack(da_h, axis=1)  # (N, T, 3H)
    read = np.stack([step.h_prev for step in steps], axis=1)  # (N, T, H): what the gates read
    read_g = read if reset_after else read * np.stack([step.r for step in steps], axis=1)
    over = ([0, 1], [0, 1])
    dW_h = [np.tensordot(read, dh_all[..., : 2 * H], axes=over)]
    dW_h.append(np.tensordot(read_g, dh_all[..., 2 * H :], axes=over))
    return GRUGradients(
        dx_all @ W_x.T,
        dh_next,
        np.tensordot(x, dx_all, axes=over),
        np.concatenate(dW_h, axis=1),
        dx_all.sum(axis=(0, 1)),
        dh_all.sum(axis=(0, 1)),
    )
