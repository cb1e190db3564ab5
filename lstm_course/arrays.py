"""What every cell is made of: checked arrays, draws of weights, zero states, the logistic function.

All cells have one form, here with NAME for ``lstm``, ``rnn``, ``gru`` and so on:

* ``init_NAME(rng, D, H, ...) -> weights`` draws float64 weights from the generator ``rng``, for D
  input features and H hidden units; ``NAME_zero_state(N, H, dtype) -> state`` is what N sequences
  start from; ``NAME_parameter_count(D, H) -> int`` counts without drawing;
* ``NAME_step(x_t, state, weights) -> state, cache`` advances by one step, ``x_t (N, D)``, and
  ``NAME_step_backward(d_state, cache) -> dx_t, d_state, d_weights`` carries the gradient of the
  loss back through it; what goes in is the gradient by the state after the step, from all that
  uses it later, what comes out that by the state before;
* ``NAME_forward(x, weights, state=None) -> h, state, cache`` runs over sequences, ``x (N, T, D)``
  with T at least 1, from zeros where no state is given; ``h (N, T, H)`` holds the hidden state
  after every step, ``state`` the final one;
* ``NAME_backward(dh, cache, d_state=None) -> Gradients(dx, d_state, d_weights)`` backpropagates
  through time: ``dh (N, T, H)`` is the gradient by the hidden state of every step, without what
  reaches the loss by way of later steps, ``d_state`` that by the final state where it is used
  again (by a decoder, say), zeros if left out; it is added to what ``dh`` holds for the last step.

A state and a set of weights are named tuples; ``d_state`` and ``d_weights`` have the same form:
each field holds the gradient of the field of that name.  All results have the dtype of what is
given, float32 or float64; nothing that is given is changed.  Each function raises ``ValueError``
with the expected and the given shape.  ``NAME_torch`` and ``NAME_keras`` carry weights to PyTorch
and Keras and back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating]
Whole = NDArray[np.integer]
State = TypeVar("State", bound=tuple[Any, ...])
Weights = TypeVar("Weights")


class Gradients(NamedTuple, Generic[State, Weights]):
    """The gradients of a layer: each of the form and the shapes of what it is the gradient of."""

    dx: Array  # (N, T, D)
    d_state: State  # of the initial state
    d_weights: Weights


def sigmoid(a: Array) -> Array:
    """Return the logistic function of ``a``, of any shape, without overflow.

    Uses sigma(a) = (1 + tanh(a / 2)) / 2, which is exact and safe for large ``|a|``.
    """
    result: Array = 0.5 * (1.0 + np.tanh(0.5 * a))
    return result


def check_floats(name: str, array: Array, meaning: str) -> None:
    """Raise ``ValueError`` with what is given in place of a NumPy array of floats."""
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        given = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name} must be a NumPy array of floats {meaning}, got {given}")


def check_shape(name: str, array: Array, shape: tuple[int, ...], meaning: str) -> None:
    """Raise ``ValueError`` with the expected and the given shape, or the wrong dtype."""
    check_floats(name, array, meaning)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {meaning} = {shape}, got {array.shape}")


def check_whole(name: str, array: Whole, shape: tuple[int, ...], meaning: str) -> None:
    """Raise ``ValueError`` unless ``array`` is a NumPy array of integers of this shape."""
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.integer):
        given = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name} must be a NumPy array of integers {meaning}, got {given}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {meaning} = {shape}, got {array.shape}")


def check_sizes(**sizes: int) -> None:
    """Raise ``ValueError`` with all sizes where one of them is below 1."""
    if min(sizes.values()) < 1:
        given = " and ".join(f"{name}={size}" for name, size in sizes.items())
        raise ValueError(f"{' and '.join(sizes)} must be at least 1, got {given}")


def check_sequence(x: Array, D: int) -> tuple[int, int]:
    """Return (N, T) of ``x (N, T, D)``; raise ``ValueError`` where it is something else."""
    check_floats("x", x, "(N, T, D)")
    if x.ndim != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {x.shape}")
    check_shape("x", x, (*x.shape[:2], D), "(N, T, D)")
    return x.shape[0], x.shape[1]


def check_batch(x_t: Array, D: int) -> int:
    """Return N of ``x_t (N, D)``; raise ``ValueError`` where it is something else."""
    check_floats("x_t", x_t, "(N, D)")
    N = len(x_t) if x_t.ndim else 0
    check_shape("x_t", x_t, (N, D), "(N, D)")
    return N


def check_state(name: str, state: State, like: State, meaning: str = "(N, H)") -> State:
    """Return a state, or the gradient of one, in the form of ``like``, which has the right shapes.

    ``ValueError`` where it is not a tuple of arrays of these shapes.
    """
    fields: tuple[str, ...] = like._fields  # type: ignore[attr-defined]
    if not isinstance(state, tuple) or len(state) != len(fields):
        given = f"{len(state)} of them" if isinstance(state, tuple) else type(state).__name__
        raise ValueError(f"{name} must be a tuple of ({', '.join(fields)}), got {given}")
    for field, array, right in zip(fields, state, like, strict=True):
        check_shape(f"{name}.{field}", array, right.shape, meaning)
    return type(like)(*state)


def state_or_zeros(name: str, state: State | None, zeros: State, meaning: str = "(N, H)") -> State:
    """Return the state that :func:`check_state` takes, or ``zeros``, of its shapes, for none."""
    return zeros if state is None else check_state(name, state, zeros, meaning)


def check_matrices(W_x: Array, W_h: Array, blocks: int) -> tuple[int, int]:
    """Return (D, H) of ``W_x (D, kH)`` and ``W_h (H, kH)`` for k ``blocks``.

    ``ValueError`` where they do not fit, with the expected and the given shape.
    """
    width = "H" if blocks == 1 else f"{blocks}H"
    check_floats("W_h", W_h, f"(H, {width})")
    check_floats("W_x", W_x, f"(D, {width})")
    if W_h.ndim != 2 or W_h.shape[1] != blocks * W_h.shape[0]:
        raise ValueError(f"W_h must have shape (H, {width}), got {W_h.shape}")
    if W_x.ndim != 2:
        raise ValueError(f"W_x must have shape (D, {width}), got {W_x.shape}")
    D, H = len(W_x), len(W_h)
    check_shape("W_x", W_x, (D, blocks * H), f"(D, {width})")
    return D, H


def glorot(rng: np.random.Generator, D: int, H: int, blocks: int = 1) -> Array:
    """Draw ``W_x (D, blocks H)``, uniform with the limit of one block, sqrt(6 / (D + H)).

    The limit is that of Glorot and Bengio (2010).  ``ValueError`` if D or H is smaller than 1.
    """
    check_sizes(D=D, H=H)
    limit = np.sqrt(6.0 / (D + H))
    return rng.uniform(-limit, limit, size=(D, blocks * H))


def orthogonal(rng: np.random.Generator, H: int, blocks: int = 1) -> Array:
    """Draw ``W_h (H, blocks H)``, each block an orthogonal matrix, after Saxe et al. (2014).

    A block is drawn uniformly: the columns of Q take the signs of the diagonal of R, without
    which the eigenvalues of a block would lean to one side.
    """
    factors = (np.linalg.qr(rng.standard_normal((H, H))) for _ in range(blocks))
    return np.concatenate([Q * np.sign(np.diag(R)) for Q, R in factors], axis=1)


def zero_state(
    kind: Callable[..., State], fields: int, shape: tuple[int, ...], dtype: DTypeLike
) -> State:
    """Return a state of ``fields`` arrays of zeros, each of ``shape``."""
    return kind(*(np.zeros(shape, dtype) for _ in range(fields)))
