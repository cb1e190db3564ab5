"""Inputs of the tests of ``rnn_bptt``: many sizes, nothing zero, both dtypes, one case a trap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.answers import rnn_bptt as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Layer(NamedTuple):
    """The inputs of one RNN layer, the upstream gradients, and a head with its targets."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    W_x: Array  # (D, H)
    W_h: Array  # (H, H)
    b: Array  # (H,)
    dh: Array  # (N, T, H)
    dh_T: Array  # (N, H)
    W_y: Array  # (H, K)
    y: Array  # (N, K)
    alpha: Array  # (H,), between 0 and 1

    @property
    def h(self) -> Array:
        """Return all states, ``(N, T + 1, H)``."""
        states: Array = reference.rnn_forward(self.x, self.h0, self.W_x, self.W_h, self.b)
        return states

    @property
    def step(self) -> dict[str, Array]:
        """Return what the first step reads, and its weights."""
        return {"x_t": np.ascontiguousarray(self.x[:, 0]), "h_prev": self.h0} | self.weights

    @property
    def weights(self) -> dict[str, Array]:
        """Return W_x, W_h and b."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}

    @property
    def back(self) -> dict[str, Array]:
        """Return what the first step gets on the way back; ``h_t`` is what its tanh has given."""
        step = self.step
        states = {"x_t": step["x_t"], "h_prev": self.h0, "h_t": reference.rnn_step(**step)}
        return {"dh_t": np.ascontiguousarray(self.dh[:, 0]), **states}


def layers(seed: int) -> Iterator[Layer]:
    """Yield one layer for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for number, (label, N, T, D, H, dtype) in enumerate(SIZES):
        K = 2 - number % 2
        weights = 0.5 * draw((D, H)), 0.5 * draw((H, H)), 0.5 * draw(H)
        gradients = draw((N, T, H)), draw((N, H))
        head = draw((H, K)), 1.0 + draw((N, K)), rng.uniform(0.1, 0.9, H)
        arrays = (draw((N, T, D)), draw((N, H)), *weights, *gradients, *head)
        yield Layer(label, *(np.asarray(array, dtype) for array in arrays))


def rnn_step(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer."""
    yield from (Case(layer.label, layer.step) for layer in layers(seed))


def rnn_forward(seed: int) -> Iterator[Case]:
    """Yield the sequences of each layer."""
    for layer in layers(seed):
        yield Case(layer.label, {"x": layer.x, "h0": layer.h0} | layer.weights)


def step_backward(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with the gradient of its state."""
    for layer in layers(seed):
        yield Case(layer.label, layer.back | {"W_x": layer.W_x, "W_h": layer.W_h})


def rnn_backward(seed: int) -> Iterator[Case]:
    """Yield the sequences of each layer, with gradients at every step and behind the last."""
    for layer in layers(seed):
        given = {"dh": layer.dh, "dh_T": layer.dh_T, "x": layer.x, "h": layer.h}
        yield Case(layer.label, given | {"W_x": layer.W_x, "W_h": layer.W_h})


def gradient_check(seed: int) -> Iterator[Case]:
    """Yield arrays of 1 to 3 axes and gradients that are right and wrong in three ways."""
    rng = np.random.default_rng(seed)
    sizes: tuple[tuple[tuple[int, ...], float, float, float], ...] = (
        ((2, 3), 0.01, 0.7, 1.0),
        ((4,), 0.1, -30.0, 1.0),
        ((1, 1), 0.2, 1.3, 1.0),
        ((2, 1, 2), 0.3, 2.0, 1.0),
        ((3, 2), 0.2, 0.4, 0.01),
    )
    for shape, step, tilt, size in sizes:  # the last gradient is far below 1
        weights, array, other = (rng.standard_normal(shape) for _ in range(3))
        exact = size * (3.0 * weights * array**2 + tilt + 2.0 * np.sum(array))
        other = size * other
        for kind, claimed in (
            ("right", exact),
            ("wrong", exact + other),
            ("far too small", exact / 9),
            ("in reverse order and upside down", -0.8 * np.flip(exact)),
        ):
            given = {"loss": _loss(weights, tilt, size), "array": array, "gradient": claimed}
            label = f"an array of shape {shape} and a gradient that is {kind}"
            yield Case(label, given | {"step": step})


def _loss(weights: Array, tilt: float, size: float) -> Callable[[Array], float]:
    """Return a loss in which the entries meet, so that each must be nudged alone."""

    def loss(values: Array) -> float:
        total = np.sum(values)
        return size * float(np.sum(weights * values**3) + tilt * total + total**2)

    return loss


def training_step(seed: int) -> Iterator[Case]:
    """Yield each layer with a head, at two learning rates."""
    for layer in layers(seed):
        given = {"x": layer.x, "y": layer.y} | layer.weights | {"W_y": layer.W_y}
        for words, learning_rate in (("a large", 0.3), ("a small", 0.02)):
            label = f"{words} learning rate, {layer.label}"
            yield Case(label, given | {"learning_rate": learning_rate})


def leaky_backward(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer as that of a leaky one, with the gradient of its state."""
    for layer in layers(seed):
        *read, g_t = layer.back.items()
        given = dict(read) | {"g_t": g_t[1], "alpha": layer.alpha}
        yield Case(layer.label, given | {"W_x": layer.W_x, "W_h": layer.W_h})
