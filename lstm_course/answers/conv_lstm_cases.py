# Made from solutions/conv_lstm/cases.py by `make exercises`: edit that file, not this one.
"""Inputs of the tests of ``conv_lstm``: many sizes, nothing zero, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from nbjudge.checks.seen import Case

from lstm_course.arrays import Array

#: What the case is, then N, R, C, D, H, the side of the kernels and the dtype.
SIZES: tuple[tuple[str, int, int, int, int, int, int, type[np.floating]], ...] = (
    ("several frames, wider than high", 2, 5, 7, 4, 6, 3, np.float64),
    ("a batch of one frame, N = 1", 1, 6, 4, 2, 5, 3, np.float64),
    ("one channel and one map, D = H = 1", 3, 2, 4, 1, 1, 5, np.float64),
    ("a kernel of one pixel", 4, 2, 3, 5, 6, 1, np.float64),
    ("a frame of one pixel", 2, 1, 1, 4, 5, 3, np.float64),
    ("float32 arrays", 4, 6, 5, 3, 2, 3, np.float32),
)

#: What the case is, then N, T, D, R, C, F, and the rows and columns of the kernel.
FILMS: tuple[tuple[str, int, int, int, int, int, int, int, int], ...] = (
    ("several films", 2, 4, 3, 7, 6, 5, 3, 2),
    ("one film, N = 1", 1, 3, 2, 4, 6, 5, 2, 3),
    ("one frame, T = 1", 4, 1, 2, 3, 5, 6, 1, 2),
    ("one channel and one map, D = F = 1", 3, 2, 1, 5, 4, 1, 3, 3),
)


class Layer(NamedTuple):
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

    @property
    def step(self) -> dict[str, Array]:
        """Return the arguments of a step by name."""
        left_out = ("label", "dy")
        return {name: value for name, value in self._asdict().items() if name not in left_out}

    @property
    def tensors(self) -> dict[str, Any]:
        """Return the arguments of a step as tensors, the maps with their channels first."""
        arrays = self.step
        for name in ("x_t", "h_prev", "c_prev"):
            arrays[name] = np.moveaxis(arrays[name], 3, 1).copy()
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


def layers(seed: int) -> Iterator[Layer]:
    """Yield one layer for each trap."""
    rng = np.random.default_rng(seed)
    for label, N, R, C, D, H, size, dtype in SIZES:
        maps, kernels = [(N, R, C, depth) for depth in (D, H, H, 4 * H)], (size, size)
        shapes = [*maps[:3], (*kernels, D, 4 * H), (*kernels, H, 4 * H), (4 * H,), (3, H), maps[3]]
        scale = 0.3 if dtype is np.float32 else 1.0  # so that rounding stays small
        drawn = ((scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes)
        yield Layer(label, *drawn)


def same_conv(seed: int) -> Iterator[Case]:
    """Yield the frames and the kernel of the input, of each layer."""
    for layer in layers(seed):
        yield Case(layer.label, {"x": layer.x_t, "W": layer.W_x})


def conv_lstm_step(seed: int) -> Iterator[Case]:
    """Yield one step of each layer."""
    yield from (Case(layer.label, layer.step) for layer in layers(seed))


def conv_backward(seed: int) -> Iterator[Case]:
    """Yield the convolution of the input of each layer, with an upstream gradient."""
    for layer in layers(seed):
        yield Case(layer.label, {"dy": layer.dy, "x": layer.x_t, "W": layer.W_x})


def every_frame(seed: int) -> Iterator[Case]:
    """Yield films of many sizes with a kernel that is not square."""
    rng = torch.Generator().manual_seed(seed)
    for (label, N, T, D, R, C, F, rows, columns), dtype in (
        *((sizes, torch.float64) for sizes in FILMS),
        (("float32 tensors", 2, 3, 4, 5, 6, 1, 3, 2), torch.float32),
    ):
        shapes = {"x": (N, T, D, R, C), "W": (F, D, rows, columns), "b": (F,)}
        yield Case(
            label, {n: torch.randn(s, generator=rng, dtype=dtype) for n, s in shapes.items()}
        )


def torch_step(seed: int) -> Iterator[Case]:
    """Yield one step of each layer in tensors."""
    yield from (Case(layer.label, layer.tensors) for layer in layers(seed))


def parameter_count(seed: int) -> Iterator[Case]:
    """Yield layers whose two kernels differ, with each kind of peephole."""
    rng = np.random.default_rng(seed)
    names = ("D", "H", "size_x", "size_h", "peepholes", "R", "C")
    for kind in ("none", "channel", "position"):
        for size_x, size_h in ((5, 3), (3, 7)):
            D, R = (int(n) for n in rng.integers(2, 5, 2))
            H, C = D + int(rng.integers(1, 4)), R + int(rng.integers(1, 4))
            sizes = D, H, size_x, size_h, kind, R, C
            label = f"peepholes={kind!r} and kernels of {size_x} and {size_h}"
            yield Case(label, dict(zip(names, sizes, strict=True)))


def dilated_conv(seed: int) -> Iterator[Case]:
    """Yield the convolution of the input of each layer, dilated by 1, 2 and 3."""
    for number, layer in enumerate(layers(seed)):
        dilation = (2, 3, 2, 3, 2, 1)[number]
        given = {"x": layer.x_t, "W": layer.W_x, "dilation": dilation, "dy": layer.dy}
        yield Case(f"dilation {dilation}, {layer.label}", given)
