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
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_matrices,
    check_sequence,
    check_shape,
    check_sizes,
    check_state,
    glorot,
    orthogonal,
    sigmoid,
    zero_state,
)


class GRUState(NamedTuple):
    """What a GRU hands from one step to the next."""

    h: Array  # (N, H), hidden state


class GRUWeights(NamedTuple):
    """The weights of one GRU layer, blocks in the order r, z, g."""

    W_x: Array  # (D, 3H)
    W_h: Array  # (H, 3H)
    b_x: Array  # (3H,), added to the product with the input
    b_h: Array  # (3H,), added to the product with the state


class GRUStepCache(NamedTuple):
    """What the backward step needs; input and weights are kept by reference."""

    x_t: Array  # (N, D)
    h_prev: Array  # (N, H)
    r: Array  # (N, H)
    z: Array  # (N, H)
    g: Array  # (N, H)
    recurrent_g: Array  # (N, H): what the product with the state adds to the candidate
    weights: GRUWeights
    reset_after: bool


class GRUCache(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (N, T, D)
    steps: tuple[GRUStepCache, ...]  # T of them


def check_gru_weights(weights: GRUWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b_x, b_h = weights
    D, H = check_matrices(W_x, W_h, 3)
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
    check_sizes(D=D, H=H)
    b_x = np.zeros(3 * H)
    b_x[H : 2 * H] = keep_bias
    return GRUWeights(glorot(rng, D, H, 3), orthogonal(rng, H, 3), b_x, np.zeros(3 * H))


def gru_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> GRUState:
    """Return the state of ``N`` sequences before their first step: zeros."""
    return zero_state(GRUState, 1, (N, H), dtype)


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


def step_core(
    from_x: Array, x_t: Array, h_prev: Array, weights: GRUWeights, reset_after: bool
) -> tuple[Array, GRUStepCache]:
    """Return ``h_t (N, H)`` and the cache of a step, from ``from_x (N, 3H) = x_t W_x + b_x``."""
    _, W_h, _, b_h = weights
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
    return h_t, GRUStepCache(x_t, h_prev, r, z, g, recurrent_g, weights, reset_after)


def step_core_backward(dh_t: Array, cache: GRUStepCache) -> tuple[Array, Array, Array]:
    """Return ``dh_prev (N, H)`` and the gradients of both products, ``da_x, da_h (N, 3H)``."""
    _, h_prev, r, z, g, recurrent_g, (_, W_h, _, _), reset_after = cache
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


def product_gradients(read: Array, read_g: Array, da_h: Array) -> Array:
    """Return ``dW_h (H, 3H)`` from what the gates and the candidate read, both (..., H).

    The candidate reads what the gates read, ``h_prev``, or ``r h_prev`` where the reset gate
    stands before the product.
    """
    H, axes = read.shape[-1], tuple(range(read.ndim - 1))
    over = (axes, axes)
    gates = np.tensordot(read, da_h[..., : 2 * H], axes=over)
    return np.concatenate([gates, np.tensordot(read_g, da_h[..., 2 * H :], axes=over)], axis=1)


def gru_step(
    x_t: Array, state: GRUState, weights: GRUWeights, *, reset_after: bool = True
) -> tuple[GRUState, GRUStepCache]:
    """Advance the GRU by one time step.

    Parameters
    ----------
    x_t : array (N, D)
        Input of this step.
    state : GRUState
        State of the step before.
    weights : GRUWeights
    reset_after : bool
        Whether the reset gate stands after the product with the state, or before it.

    Returns
    -------
    state : GRUState
        State after the step.
    cache : GRUStepCache
        The gates and what else :func:`gru_step_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_gru_weights(weights)
    check_state("state", state, GRUState._fields, (check_batch(x_t, D), H))
    from_x = x_t @ weights.W_x + weights.b_x  # (N, 3H)
    h_t, cache = step_core(from_x, x_t, state[0], weights, reset_after)
    return GRUState(h_t), cache


def gru_step_backward(d_state: GRUState, cache: GRUStepCache) -> tuple[Array, GRUState, GRUWeights]:
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    d_state : GRUState
        Gradient of the loss with respect to ``h_t``, from everything that uses it after this
        step.
    cache : GRUStepCache
        From :func:`gru_step`.

    Returns
    -------
    dx_t : array (N, D)
    d_state : GRUState
        Gradient with respect to ``h_prev``.
    d_weights : GRUWeights

    Raises
    ------
    ValueError
        If ``d_state.h`` is not (N, H).
    """
    check_state("d_state", d_state, GRUState._fields, cache.h_prev.shape)
    dh_prev, da_x, da_h = step_core_backward(d_state[0], cache)
    read_g = cache.h_prev if cache.reset_after else cache.r * cache.h_prev
    dW_h = product_gradients(cache.h_prev, read_g, da_h)
    d_weights = GRUWeights(cache.x_t.T @ da_x, dW_h, da_x.sum(axis=0), da_h.sum(axis=0))
    return da_x @ cache.weights.W_x.T, GRUState(dh_prev), d_weights


def gru_forward(
    x: Array, weights: GRUWeights, state: GRUState | None = None, *, reset_after: bool = True
) -> tuple[Array, GRUState, GRUCache]:
    """Run a GRU layer over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    weights : GRUWeights
    state : GRUState, optional
        Initial state; zero if left out.
    reset_after : bool
        As in :func:`gru_step`.

    Returns
    -------
    h : array (N, T, H)
        State after every step.
    state : GRUState
        The final one.
    cache : GRUCache
        What :func:`gru_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_gru_weights(weights)
    N, T = check_sequence(x, D)
    state = gru_zero_state(N, H, x.dtype) if state is None else state
    check_state("state", state, GRUState._fields, (N, H))

    from_x = x @ weights.W_x + weights.b_x  # (N, T, 3H): needs no state, so all steps at once
    (h_t,) = state
    h: list[Array] = []
    steps: list[GRUStepCache] = []
    for t in range(T):
        h_t, step = step_core(from_x[:, t], x[:, t], h_t, weights, reset_after)
        h.append(h_t)
        steps.append(step)
    return np.stack(h, axis=1), GRUState(h_t.copy()), GRUCache(x, tuple(steps))


def gru_backward(
    dh: Array, cache: GRUCache, d_state: GRUState | None = None
) -> Gradients[GRUState, GRUWeights]:
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the state of every step, each without what reaches
        the loss by way of later steps: the loop adds that.
    cache : GRUCache
        From :func:`gru_forward`.
    d_state : GRUState, optional
        Gradient with respect to the final state where it is used again (by a decoder, say);
        added to what ``dh`` holds for the last step.  Zero if left out.

    Returns
    -------
    Gradients
        ``dx, d_state, d_weights``; ``d_state`` is that of the initial state.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    x, steps = cache
    weights, reset_after = steps[0].weights, steps[0].reset_after
    (N, T, _), H = x.shape, len(weights.W_h)
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = gru_zero_state(N, H, dh.dtype) if d_state is None else d_state
    check_state("d_state", d_state, GRUState._fields, (N, H))

    (dh_next,) = d_state
    da_x: list[Array] = []
    da_h: list[Array] = []
    for t in reversed(range(T)):
        dh_next, from_x, from_h = step_core_backward(dh[:, t] + dh_next, steps[t])
        da_x.insert(0, from_x)
        da_h.insert(0, from_h)
    dx_all, dh_all = np.stack(da_x, axis=1), np.stack(da_h, axis=1)  # (N, T, 3H)
    read = np.stack([step.h_prev for step in steps], axis=1)  # (N, T, H): what the gates read
    read_g = read if reset_after else read * np.stack([step.r for step in steps], axis=1)
    d_weights = GRUWeights(
        np.tensordot(x, dx_all, axes=([0, 1], [0, 1])),
        product_gradients(read, read_g, dh_all),
        dx_all.sum(axis=(0, 1)),
        dh_all.sum(axis=(0, 1)),
    )
    return Gradients(dx_all @ weights.W_x.T, GRUState(dh_next), d_weights)
