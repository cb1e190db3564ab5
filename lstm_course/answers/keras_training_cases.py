# Made from solutions/keras_training/cases.py by `make exercises`: edit that file, not this one.
"""Cases for the hidden tests of Keras assignments: models and data from one seed.

Two cases made from the same seed are equal, so that a test can train one with the student's
function and its twin with the reference, and compare all weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
from nbjudge.checks.arrays import CheckFailed, describe, note_texts
from nbjudge.checks.calls import beside_student
from numpy.typing import NDArray

from lstm_course.answers import keras_training as reference

Array = NDArray[np.floating]
Pair = tuple[Array, Array]


class Case(NamedTuple):
    """A compiled model and data; two cases made from one seed are equal."""

    label: str
    model: Any
    x: Array  # (N, T, D)
    y: Array  # (N, 1)


# What the case is, then N, T, D, H, the dropout and the optimiser.
_CASES: tuple[tuple[str, int, int, int, int, float, Callable[[], Any]], ...] = (
    ("dropout", 5, 3, 1, 4, 0.5, lambda: keras.optimizers.SGD(0.1)),
    ("Adam and one example", 1, 2, 2, 3, 0.0, lambda: keras.optimizers.Adam(0.02)),
)


def twins(make_model: Callable[..., Any], seed: int) -> Iterator[tuple[Case, Case]]:
    """Yield pairs of equal cases: one for the student's function, its twin for the reference.

    ``make_model(D, H, dropout)`` returns a compiled model; the case sets its optimiser.
    """
    for number in range(len(_CASES)):
        yield make_case(make_model, seed, number), make_case(make_model, seed, number)


def make_case(make_model: Callable[..., Any], seed: int, number: int = 0) -> Case:
    """Return a case in which the gradients of the first step are larger than 1."""
    label, N, T, D, H, dropout, make_optimizer = _CASES[number]
    rng = np.random.default_rng([seed, number])
    keras.utils.set_random_seed((seed + number) % 2**32)  # for the dropout
    model = make_model(D, H, dropout)
    model.compile(make_optimizer(), "mse", run_eagerly=True)
    randomise(model, rng)
    x = floats(rng.normal(size=(N, T, D)))
    # The forecast starts near 0 and the target near 2, so no gradient starts out small.
    y = floats(2.0 + 0.5 * x[:, -1, :1] + 0.3 * rng.normal(size=(N, 1)))
    return Case(label, model, x, y)


def stopping_set(seed: int, N: int) -> tuple[Pair, Pair]:
    """Return data for training and validation on which the validation loss falls, then rises.

    The validation targets lie below those of training: the forecasts pass them on their way
    up, and from there the loss rises.
    """
    rng = np.random.default_rng([seed, N])
    x = floats(rng.normal(size=(N, 3, 1)))
    y = floats(2.0 + 0.3 * x[:, -1] + 0.1 * rng.normal(size=(N, 1)))
    return (x, y), (x[: N // 2], floats(y[: N // 2] - 1.0))


def fit(model: Any, train_set: Pair, valid_set: Pair, epochs: int, patience: int) -> list[float]:
    """Train as ``model.fit`` does with the two callbacks; leave the best weights in the model.

    Written out, it takes a fifth of the time of the answer, and does not share its mistakes.
    """
    losses: list[float] = []
    best, weights_of_best, plateau = math.inf, model.get_weights(), math.inf
    for _ in range(epochs):
        losses.append(reference.train(model, train_set, valid_set, 1, 16, 1e9)[1][0])
        if losses[-1] < best:
            best, weights_of_best = losses[-1], model.get_weights()
        if losses[-1] < plateau - 1e-4:  # what ReduceLROnPlateau calls better
            plateau = losses[-1]
        else:
            model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 2
        if len(losses) - 1 - losses.index(best) >= patience:
            break
    model.set_weights(weights_of_best)
    return losses


def floats(values: Any) -> Array:
    """Return an array of float32, the dtype of Keras."""
    return np.asarray(values, dtype=np.float32)


def randomise(model: Any, rng: np.random.Generator) -> None:
    """Set all weights of a model to random numbers, the biases too."""
    model.set_weights([floats(0.4 * rng.normal(size=w.shape)) for w in model.get_weights()])


def line(model: Any) -> None:
    """Set each array of weights of a model to evenly spaced numbers from -0.5 to 0.5."""
    model.set_weights(
        [floats(np.linspace(-0.5, 0.5, w.size).reshape(w.shape)) for w in model.get_weights()]
    )


def weights(model: Any) -> Array:
    """Return all weights of a model, one after the other, as one vector."""
    return np.concatenate([w.ravel() for w in model.get_weights()])


def array(name: str, value: object) -> Array:
    """Return a tensor that the student's code returned as an array.

    Raises
    ------
    CheckFailed
        If it is no tensor of Keras.
    """
    note_texts(name)
    if not (hasattr(value, "__proxy__") or keras.ops.is_tensor(value)):
        message = f"{name} must be a tensor, made with keras.ops, but yours is {describe(value)}"
        raise CheckFailed(message, "Not a tensor, made with keras.ops", name)
    found = beside_student(keras.ops.convert_to_numpy, value)
    if type(found) is not np.ndarray:
        message = f"{name} must be a tensor, but yours is something else"
        raise CheckFailed(message, "Not a tensor, made with keras.ops", name)
    return found
