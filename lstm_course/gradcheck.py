"""Check a backward pass against central differences.

The design of a check decides which bugs it can see.  :func:`random_problem` draws the one
that the tests use: float64, T = 5 and N = 3, with biases, initial states and all three
upstream gradients random, because each of them at zero (or T or N at one) hides known bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMState, LSTMWeights, lstm_backward, lstm_forward


class Problem(NamedTuple):
    """The inputs of a layer and the upstream gradients of its outputs."""

    x: Array  # (N, T, D)
    state: Any  # the initial state; of the LSTM, h and c (N, H)
    weights: Any
    dh: Array  # (N, T, H)
    d_state: Any  # of the form of the state


def random_problem(
    rng: np.random.Generator, N: int = 3, T: int = 5, D: int = 4, H: int = 6
) -> Problem:
    """Draw a gradient-check problem of an LSTM in which nothing is zero; all arrays float64."""
    draw = rng.standard_normal
    weights = LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), draw(4 * H))
    state = LSTMState(draw((N, H)), draw((N, H)))
    x, dh = draw((N, T, D)), draw((N, T, H))
    return Problem(x, state, weights, dh, LSTMState(draw((N, H)), draw((N, H))))


def named_arrays(tree: Any, name: str = "") -> dict[str, Array]:
    """Return the arrays of nested tuples, lists and mappings by their paths, ``weights.b`` say.

    A field of a named tuple has its name, an item of another its number; what holds no array is
    left out.
    """
    if isinstance(tree, np.ndarray):
        return {name: tree}
    found: dict[str, Array] = {}
    for key, part in _parts(tree):
        found |= named_arrays(part, f"{name}.{key}" if name else key)
    return found


def map_arrays(function: Callable[[Array], Array], tree: Any) -> Any:
    """Return ``tree`` with ``function(array)`` in place of each array, in their order."""
    if isinstance(tree, np.ndarray):
        return function(tree)
    made = {key: map_arrays(function, part) for key, part in _parts(tree)}
    if isinstance(tree, Mapping):
        return made
    if hasattr(tree, "_fields"):
        return type(tree)(**made)
    return type(tree)(made.values()) if isinstance(tree, tuple | list) else tree


def _parts(tree: Any) -> list[tuple[str, Any]]:
    """Return the parts of a tuple, list or mapping with their names; of anything else, none."""
    if isinstance(tree, Mapping):
        return [(str(key), part) for key, part in tree.items()]
    if not isinstance(tree, tuple | list):
        return []
    names = getattr(tree, "_fields", map(str, range(len(tree))))
    return list(zip(names, tree, strict=True))


def numerical_gradient(
    function: Callable[[Array], float], array: Array, step: float = 1e-5
) -> Array:
    """Return the gradient of a scalar function at ``array`` by central differences.

    ``function`` receives an array of the same shape; ``array`` itself is not changed.  The
    error is of order ``step**2`` plus rounding of order ``1e-16 / step``.  ``ValueError`` if
    ``array`` is not float64: float32 has too few digits for a difference quotient.
    """
    if array.dtype != np.float64:
        raise ValueError(f"numerical_gradient needs a float64 array, got {array.dtype}")
    point, gradient = array.copy(), np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = point[index]
        point[index] = value + step
        above = function(point)
        point[index] = value - step
        below = function(point)
        point[index] = value
        gradient[index] = (above - below) / (2.0 * step)
    return gradient


def relative_error(analytic: Array, numeric: Array) -> float:
    """Return max |analytic - numeric| / max(|analytic| + |numeric|) over two equal shapes.

    The scale is that of the largest entry, so that entries near zero do not dominate.
    Anything not finite gives infinity: a NaN is never a match.  ``ValueError`` if shapes differ.
    """
    if np.shape(analytic) != np.shape(numeric):
        raise ValueError(f"shapes differ: {np.shape(analytic)} and {np.shape(numeric)}")
    if not (np.all(np.isfinite(analytic)) and np.all(np.isfinite(numeric))):
        return float("inf")
    scale = np.max(np.abs(analytic) + np.abs(numeric), initial=1e-300)
    return float(np.max(np.abs(analytic - numeric), initial=0.0) / scale)


def gradient_errors(
    loss: Callable[..., float], inputs: Mapping[str, Array], gradients: Mapping[str, Array]
) -> dict[str, float]:
    """Return the relative error of each gradient against central differences, by name.

    ``loss`` is called with the arrays of ``inputs``, float64, by name, one of them changed a
    little, and returns a number; ``gradients`` are what a backward pass returned, under the same
    names.  A right one has a :func:`relative_error` below 1e-6.  ``ValueError`` if the names
    differ, or a shape does.
    """
    if set(inputs) != set(gradients):
        raise ValueError(f"inputs are {sorted(inputs)}, gradients {sorted(gradients)}")
    errors: dict[str, float] = {}
    for name, array in inputs.items():

        def loss_of(changed: Array, name: str = name) -> float:
            return loss(**{**inputs, name: changed})

        errors[name] = relative_error(gradients[name], numerical_gradient(loss_of, array))
    return errors


def check_gradients(
    problem: Problem,
    forward: Callable[..., tuple[Array, Any, Any]] = lstm_forward,
    backward: Callable[..., Any] = lstm_backward,
) -> dict[str, float]:
    """Return the relative error of each gradient of a layer, by the path of what it is of.

    ``forward(x, weights, state)`` gives the outputs, the final state and a cache,
    ``backward(dh, cache, d_state)`` the gradients in the form of ``Gradients``; all arrays of
    ``problem`` are float64.  A right pair stays below 1e-6 on a :func:`random_problem`.
    """
    x, state, weights, dh, d_state = problem
    point = {"x": x, "state": state, "weights": weights}
    inputs, upstream = named_arrays(point), named_arrays((dh, d_state)).values()

    def loss(**arrays: Array) -> float:
        moved = (arrays[name] for name in inputs)
        h, final, _ = forward(**map_arrays(lambda _: next(moved), point))
        outputs = named_arrays((h, final)).values()
        return float(sum(np.sum(a * d) for a, d in zip(outputs, upstream, strict=True)))

    found = named_arrays(tuple(backward(dh, forward(**point)[2], d_state)))
    return gradient_errors(loss, inputs, dict(zip(inputs, found.values(), strict=True)))
