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
    check_state,
    glorot,
    orthogonal,
    sigmoid,
    state_or_zeros,
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
    """Draw the weights of a GRU layer; ``ValueError`` if ``D`` or ``H`` is smaller than 1.

    ``W_x`` is Glorot uniform with the limit of one block, sqrt(6 / (D + H)), and ``W_h`` has an
    orthogonal (H, H) block for each.  ``keep_bias`` is the bias of the update gate, in ``b_x``;
    all others are zero.  It is what the forget bias is to an LSTM: the larger, the longer a fresh
    layer keeps its state.
    """
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


def weight_gradients(
    x: Array, read: Array, r: Array, da_x: Array, da_h: Array, cache: GRUStepCache
) -> GRUWeights:
    """Return the gradients of the weights from those of both products, summed over examples.

    Arrays are (N, .) for a step, (N, T, .) for a layer.  Gates read the state before the step,
    and so does the candidate, unless the reset gate stands before the product.
    """
    H, over = read.shape[-1], tuple(range(x.ndim - 1))
    read_g = read if cache.reset_after else r * read
    gates = np.tensordot(read, da_h[..., : 2 * H], axes=(over, over))
    candidate = np.tensordot(read_g, da_h[..., 2 * H :], axes=(over, over))
    dW_x, dW_h = np.tensordot(x, da_x, axes=(over, over)), np.append(gates, candidate, axis=1)
    return GRUWeights(dW_x, dW_h, da_x.sum(axis=over), da_h.sum(axis=over))


def gru_step(
    x_t: Array, state: GRUState, weights: GRUWeights, *, reset_after: bool = True
) -> tuple[GRUState, GRUStepCache]:
    """Advance the GRU by one time step; ``reset_after`` as the head of this module says.

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_gru_weights(weights)
    check_state("state", state, gru_zero_state(check_batch(x_t, D), H))
    from_x = x_t @ weights.W_x + weights.b_x  # (N, 3H)
    h_t, cache = step_core(from_x, x_t, state[0], weights, reset_after)
    return GRUState(h_t), cache


def gru_step_backward(d_state: GRUState, cache: GRUStepCache) -> tuple[Array, GRUState, GRUWeights]:
    """Carry the gradient by the state after a step back through it."""
    check_state("d_state", d_state, GRUState(cache.h_prev))
    dh_prev, da_x, da_h = step_core_backward(d_state[0], cache)
    d_weights = weight_gradients(cache.x_t, cache.h_prev, cache.r, da_x, da_h, cache)
    return da_x @ cache.weights.W_x.T, GRUState(dh_prev), d_weights


def gru_forward(
    x: Array, weights: GRUWeights, state: GRUState | None = None, *, reset_after: bool = True
) -> tuple[Array, GRUState, GRUCache]:
    """Run a GRU layer over ``x (N, T, D)``; form, shapes and errors: :mod:`lstm_course.arrays`."""
    D, H = check_gru_weights(weights)
    N, T = check_sequence(x, D)
    state = state_or_zeros("state", state, gru_zero_state(N, H, x.dtype))

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
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    x, steps = cache
    (N, T, _), H, W_x = x.shape, len(steps[0].weights.W_h), steps[0].weights.W_x
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = state_or_zeros("d_state", d_state, gru_zero_state(N, H, dh.dtype))

    (dh_next,) = d_state
    found: list[tuple[Array, Array]] = []
    for t in reversed(range(T)):
        dh_next, from_x, from_h = step_core_backward(dh[:, t] + dh_next, steps[t])
        found.append((from_x, from_h))
    da_x, da_h = (np.stack(parts[::-1], axis=1) for parts in zip(*found, strict=True))
    read, r = (np.stack(parts, axis=1) for parts in zip(*(s[1:3] for s in steps), strict=True))
    d_weights = weight_gradients(x, read, r, da_x, da_h, steps[0])
    return Gradients(da_x @ W_x.T, GRUState(dh_next), d_weights)
