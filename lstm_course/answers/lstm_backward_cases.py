# Made from solutions/lstm_backward/cases.py by `make exercises`: edit that file, not this one.
"""Inputs of the tests of ``lstm_backward``: caches, upstream gradients, small networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.answers import lstm_backward as reference
from lstm_course.arrays import Array
from lstm_course.cases import lstm_cases
from lstm_course.lstm import init_lstm
from lstm_course.tasks import adding_problem

GATES = ("c_prev", "i", "f", "g", "o", "tanh_c")
#: The number of an update, and how large its gradients are; at 1e-8 the small number below the
#: fraction line counts.
UPDATES = ((1, 1.0), (1, 1e-8), (2, 1e-3), (3, 30.0), (5, 1e-8), (7, 1.0))


class Layer(NamedTuple):
    """The caches of a forward pass and what enters the backward pass; nothing is zero."""

    label: str
    dh: Array  # (N, T, H)
    dh_T: Array  # (N, H)
    dc_T: Array  # (N, H)
    caches: list[dict[str, Array]]


def layers(seed: int) -> Iterator[Layer]:
    """Yield one layer for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    for case in lstm_cases(seed):
        h, caches = reference.sequence_forward(*case[1:])
        states = rng.standard_normal((2, *case.h0.shape)).astype(h.dtype)
        dh = rng.standard_normal(h.shape).astype(h.dtype)
        yield Layer(case.label, dh, states[0], states[1], caches)


def through_cell(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with both gradients that enter it."""
    for layer in layers(seed):
        held = {name: layer.caches[0][name] for name in GATES}
        yield Case(layer.label, {"dh_t": layer.dh_T, "dc_t": layer.dc_T, **held})


def step_backward(seed: int) -> Iterator[Case]:
    """Yield the last step of each layer as its cache, with both gradients that enter it."""
    for layer in layers(seed):
        given = {"dh_t": layer.dh_T, "dc_t": layer.dc_T, "cache": layer.caches[-1]}
        yield Case(layer.label, given)


def sequence_backward(seed: int) -> Iterator[Case]:
    """Yield the caches of each layer, with gradients at every step and behind the last."""
    for layer in layers(seed):
        given = {"dh": layer.dh, "dh_T": layer.dh_T, "dc_T": layer.dc_T, "caches": layer.caches}
        yield Case(layer.label, given)


def directional_error(seed: int) -> Iterator[Case]:
    """Yield arrays of 1 to 3 axes, and gradients that are right, too long, too short, turned."""
    rng = np.random.default_rng(seed)
    for shape, step in (((3, 4), 0.1), ((1,), 0.2), ((2, 3, 2), 0.05)):
        array, direction, weight = rng.standard_normal((3, *shape))
        direction = direction + np.sign(direction)
        right = weight * np.cos(array)
        for factor, what in (
            (1.0, "right"),
            (1.3, "too long"),
            (0.6, "too short"),
            (-0.7, "of the wrong sign"),
        ):
            given = {"loss": _waves(weight), "array": array, "gradient": factor * right}
            label = f"an array of shape {shape} and a gradient that is {what}"
            yield Case(label, given | {"direction": direction, "step": step})


def _waves(weight: Array) -> Callable[[Array], float]:
    """Return a loss whose gradient is ``weight * cos(array)``."""

    def loss(array: Array) -> float:
        return float(np.sum(weight * np.sin(array)))

    return loss


def clip(seed: int) -> Iterator[Case]:
    """Yield gradients whose joint norm is above the limit, below it, and zero."""
    draw = np.random.default_rng(seed).standard_normal
    arrays = [draw(shape) for shape in ((3, 8), (2, 8), (8,), (1,))]
    length = reference.clip(arrays, 1.0)[1]
    single = [array.astype(np.float32) for array in arrays]
    short = [0.8 / length * array for array in arrays]
    for label, gradients, limit in (
        ("a joint norm far above the limit", arrays, 0.3 * length),
        ("a joint norm above the limit, where no array alone is", arrays, 0.95 * length),
        ("a joint norm below the limit", arrays, 1.7 * length),
        ("gradients that are all zero", [np.zeros(2), np.zeros((1, 3))], 1.3),
        ("a joint norm below 1 and above the limit", short, 0.5),
        ("float32 arrays", single, 0.4 * length),
    ):
        yield Case(label, {"gradients": gradients, "limit": limit})


def adam(seed: int) -> Iterator[Case]:
    """Yield updates of three arrays; the groups are ``first`` and ``later``."""
    rng = np.random.default_rng(seed)
    shapes = ((3, 4), (4,), (1, 1))

    def drawn(size: float) -> list[Array]:
        return [size * rng.standard_normal(shape) for shape in shapes]

    for n, size in UPDATES:
        before = size if n > 1 else 0.0  # at the first update m and v are zero
        m, v = drawn(before), [array**2 for array in drawn(before)]
        given: dict[str, Any] = {"parameters": drawn(1.0), "gradients": drawn(size)}
        given |= {"m": m, "v": v, "n": n, "learning_rate": 0.02}
        label = f"update {n} with gradients of a size near {size:g}"
        yield Case(label, given, group="first" if n == 1 else "later")


def train(seed: int) -> Iterator[Case]:
    """Yield networks of several sizes; their gradients begin longer than the limit, and shrink."""
    rng = np.random.default_rng(seed)
    sizes = (("five sequences", 5, 6, 5), ("one sequence", 1, 4, 3), ("one step more", 3, 7, 2))
    settings = ((6, 0.9), (4, 0.8), (8, 0.7))
    for (label, N, T, H), (updates, share) in zip(sizes, settings, strict=True):
        x, y = adding_problem(rng, N, T)
        head = [rng.standard_normal((H, 1)), np.full(1, -1.0)]
        given = {"x": x, "y": y + 1.0, "parameters": [*init_lstm(rng, 2, H), *head]}
        length = reference.clip(reference.loss_and_gradients(*given.values())[1], 1.0)[1]
        given |= {"updates": updates, "learning_rate": 0.04, "limit": share * length}
        yield Case(label, given)


def through_limited_cell(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer with limits that cut half, nothing and all."""
    for layer in layers(seed):
        held = {name: layer.caches[0][name] for name in GATES[:-1]}
        c = np.abs(held["f"] * held["c_prev"] + held["i"] * held["g"])
        sizes = np.sort(c.ravel())
        half = float(sizes[sizes.size // 2 - 1 : sizes.size // 2 + 1].mean())
        given = {"dh_t": layer.dh_T, "dc_t": layer.dc_T, **held}
        for what, limit in (("half", half), ("nothing", 9.0), ("all", 0.7 * float(sizes[0]))):
            label = f"a limit that cuts {what}, {layer.label}"
            yield Case(label, given | {"limit": limit})
