"""Random ConvLSTMs for tests: nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from lstm_course.answers import conv_lstm as reference
from lstm_course.arrays import Array

#: What the case is, then N, R, C, D, H, the side of the kernels and the dtype.
SIZES: tuple[tuple[str, int, int, int, int, int, int, type[np.floating]], ...] = (
    ("several frames, wider than high", 2, 3, 5, 2, 5, 3, np.float64),
    ("a batch of one frame, N = 1", 1, 4, 3, 3, 2, 3, np.float64),
    ("one channel and one map, D = H = 1", 3, 3, 4, 1, 1, 5, np.float64),
    ("a kernel of one pixel", 2, 2, 3, 2, 2, 1, np.float64),
    ("a frame of one pixel", 2, 1, 1, 2, 3, 3, np.float64),
    ("float32 arrays", 2, 4, 3, 1, 2, 3, np.float32),
)


class Case(NamedTuple):
    """One step of a ConvLSTM, and an upstream gradient for its first convolution."""

    label: str
    x_t: Array  # (N, R, C, D)
    h_prev: Array  # (N, R, C, H)
    c_prev: Array  # (N, R, C, H)
    W_x: Array  # (size, size, D, 4H)
    W_h: Array  # (size, size, H, 4H)
    b: Array  # (4H,)
    w_c: Array  # (3, H)
    dy: Array  # (N, R, C, 4H)

    def step(self) -> dict[str, Array]:
        """Return the arguments of a step by name."""
        return {
            name: value for name, value in self._asdict().items() if name not in ("label", "dy")
        }

    def tensors(self) -> dict[str, Any]:
        """Return the arguments of a step as tensors, the maps with their channels first."""
        arrays = self.step()
        for name in ("x_t", "h_prev", "c_prev"):
            arrays[name] = np.moveaxis(arrays[name], 3, 1).copy()
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap."""
    rng = np.random.default_rng(seed)
    for label, N, R, C, D, H, size, dtype in SIZES:
        shapes = ((N, R, C, D), (N, R, C, H), (N, R, C, H), (size, size, D, 4 * H))
        shapes += ((size, size, H, 4 * H), (4 * H,), (3, H), (N, R, C, 4 * H))  # type: ignore[assignment]
        yield Case(label, *(rng.standard_normal(shape).astype(dtype) for shape in shapes))


def small_case() -> Case:
    """Return the case of the visible tests, always the same."""
    return next(random_cases(0))


def same_conv(x: Array, W: Array) -> Array:
    """Return the answer's convolution; where the channels do not fit, the error says so."""
    if np.ndim(x) != 4 or x.shape[3] != W.shape[2]:
        raise ValueError(f"x must have shape (N, R, C, D) with D = {W.shape[2]}, got {np.shape(x)}")
    y: Array = reference.same_conv(x, W)
    return y
