"""Check a backward pass against central differences.

The design of a check decides which bugs it can see.  :func:`random_problem` draws the one
that the tests use: float64, T = 5 and N = 3, with biases, initial states and all three
upstream gradients random, because each of them at zero (or T or N at one) hides known bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMGradients, LSTMWeights, lstm_backward, lstm_forward


class Problem(NamedTuple):
    """The inputs of an LSTM layer and the upstream gradients of its three outputs."""

    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    c0: Array  # (N, H)
    weights: LSTMWeights
    dh: Array  # (N, T, H)
    dh_T: Array  # (N, H)
    dc_T: Array  # (N, H)


def random_problem(
    rng: np.random.Generator, N: int = 3, T: int = 5, D: int = 4, H: int = 6
) -> Problem:
    """Draw a gradient-check problem in which nothing is zero; all arrays float64."""
    draw = rng.standard_normal
    weights = LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), draw(4 * H))
    states = draw((N, H)), draw((N, H))
    return Problem(draw((N, T, D)), *states, weights, draw((N, T, H)), draw((N, H)), draw((N, H)))


def numerical_gradient(
    function: Callable[[Array], float], array: Array, step: float = 1e-5
) -> Array:
    """Return the gradient of a scalar function at ``array`` by central differences.

    ``function`` receives an array of the same shape; ``array`` itself is not changed.  The
    error is of order ``step**2`` plus rounding of order ``1e-16 / step``.

    Raises
    ------
    ValueError
        If ``array`` is not float64: float32 has too few digits for a difference quotient.
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
    Anything not finite gives infinity: a NaN is never a match.

    Raises
    ------
    ValueError
        If the shapes differ.
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
    """Return the relative error of each gradient against central differences.

    Parameters
    ----------
    loss : function
        Called with the arrays of ``inputs`` by name, one of them changed a little; returns
        a number.
    inputs : mapping from names to float64 arrays
        The point at which the gradients were taken.
    gradients : mapping from the same names to arrays
        What a backward pass returned.

    Returns
    -------
    dict
        Name -> error as :func:`relative_error` has it; a right gradient stays below 1e-6.

    Raises
    ------
    ValueError
        If the names differ, or a shape does.
    """
    if set(inputs) != set(gradients):
        raise ValueError(f"inputs are {sorted(inputs)}, gradients {sorted(gradients)}")
    errors: dict[str, float] = {}
    for name, array in inputs.items():

        def loss_of(changed: Array, name: str = name) -> float:
            return loss(**{**inputs, name: changed})

        errors[name] = relative_error(gradients[name], numerical_gradient(loss_of, array))
    return errors


def check_lstm_gradients(
    problem: Problem,
    forward: Callable[..., tuple[Array, Array, Array, object]] = lstm_forward,
    backward: Callable[..., LSTMGradients] = lstm_backward,
) -> dict[str, float]:
    """Return the relative error of each of the six gradients of an LSTM layer.

    ``forward`` and ``backward`` have the signatures of :func:`lstm_forward` and
    :func:`lstm_backward`; a correct pair stays below 1e-6 on a :func:`random_problem`.
    """
    x, h0, c0, weights, dh, dh_T, dc_T = problem
    inputs = dict(zip(("x", "h0", "c0", "W_x", "W_h", "b"), (x, h0, c0, *weights), strict=True))

    def loss(**changed: Array) -> float:
        h, h_T, c_T, _ = forward(**changed)
        return float(np.sum(h * dh) + np.sum(h_T * dh_T) + np.sum(c_T * dc_T))

    gradients = backward(dh, dh_T, dc_T, forward(**inputs)[3])
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=True)))
