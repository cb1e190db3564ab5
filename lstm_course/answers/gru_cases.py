# Made from solutions/gru/cases.py by `make exercises`: edit that file, not this one.
"""Inputs of the tests of ``gru``: many sizes, nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.answers import gru as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Layer(NamedTuple):
    """The inputs of one GRU layer and the gradient of a state; blocks in the order r, z, g."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    weights: dict[str, Array]  # W_x (D, 3H), W_h (H, 3H), b_x (3H,), b_h (3H,)
    dh_t: Array  # (N, H)

    @property
    def step(self) -> dict[str, Array]:
        """Return the arguments of the first step."""
        return {"x_t": np.ascontiguousarray(self.x[:, 0]), "h_prev": self.h0, **self.weights}

    @property
    def cache(self) -> dict[str, Array]:
        """Return the cache of the first step, as the assignment describes it."""
        _, r, z, g = reference.gru_step(**self.step)
        h_g = (self.h0 @ self.weights["W_h"] + self.weights["b_h"])[:, 2 * self.h0.shape[1] :]
        given = {name: self.step[name] for name in ("x_t", "h_prev", "W_x", "W_h")}
        return given | {"r": r, "z": z, "g": g, "h_g": h_g}


def layers(seed: int) -> Iterator[Layer]:
    """Yield one layer for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    draw = np.random.default_rng(seed).standard_normal
    for label, N, T, D, H, dtype in SIZES:
        shapes = (N, T, D), (N, H), (N, H), (D, 3 * H), (H, 3 * H), (3 * H,), (3 * H,)
        x, h0, dh_t, *drawn = (draw(shape).astype(dtype) for shape in shapes)
        weights = dict(zip(("W_x", "W_h", "b_x", "b_h"), drawn, strict=True))
        yield Layer(label, x, h0, weights, dh_t)


def candidate(seed: int) -> Iterator[Case]:
    """Yield each layer in both forms; the groups are ``after`` and ``before``."""
    for layer in layers(seed):
        H = layer.h0.shape[1]
        blocks = [np.ascontiguousarray(w[..., 2 * H :]) for w in layer.weights.values()]
        given = {name: layer.step[name] for name in ("x_t", "h_prev")} | {"r": layer.cache["r"]}
        given |= dict(zip(("W_xg", "W_hg", "b_xg", "b_hg"), blocks, strict=True))
        for after, group in ((True, "after"), (False, "before")):
            label = f"reset_after={after}, {layer.label}"
            yield Case(label, given | {"reset_after": after}, group=group)


def gru_step(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer."""
    yield from (Case(layer.label, layer.step) for layer in layers(seed))


def gru_forward(seed: int) -> Iterator[Case]:
    """Yield the sequences of each layer."""
    for layer in layers(seed):
        yield Case(layer.label, {"x": layer.x, "h0": layer.h0, **layer.weights})


def flip_update_gate(seed: int) -> Iterator[Case]:
    """Yield the weights of each layer."""
    yield from (Case(layer.label, layer.weights) for layer in layers(seed))


def torch_to_keras(seed: int) -> Iterator[Case]:
    """Yield the weights of each layer in PyTorch's layout."""
    for layer in layers(seed):
        W_x, W_h, b_x, b_h = layer.weights.values()
        given = {"weight_ih": W_x.T.copy(), "weight_hh": W_h.T.copy()}
        yield Case(layer.label, given | {"bias_ih": b_x, "bias_hh": b_h})


def step_backward(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with the gradient of its state."""
    for layer in layers(seed):
        yield Case(layer.label, {"dh_t": layer.dh_t, "cache": layer.cache})


def average_weights(seed: int) -> Iterator[Case]:
    """Yield update gates over a whole sequence, of each layer."""
    for layer in layers(seed):
        N, T, _ = layer.x.shape
        a = np.random.default_rng(seed).standard_normal((N, T, layer.h0.shape[1]))
        yield Case(layer.label, {"z": reference.sigmoid(a).astype(layer.x.dtype)})
