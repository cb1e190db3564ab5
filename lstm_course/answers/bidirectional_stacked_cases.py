# Made from solutions/bidirectional_stacked/cases.py by `make exercises`: edit that file, not this one.
"""Random stacks and bidirectional layers for tests: padding, nothing zero, both dtypes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.cases import SIZES
from lstm_course.variants.bidirectional import Integers

Weights = tuple[Array, Array, Array]


class Case(NamedTuple):
    """A padded batch, the weights of two directions and of a stack; no bias is zero."""

    label: str
    x: Array  # (N, T, D), padded at the end with numbers that are not zero
    lengths: Integers  # (N,)
    ahead: Weights  # (D, 4H), (H, 4H), (4H,)
    back: Weights
    dy: Array  # (N, T, 2H), not zero in padded steps
    layers: list[Weights]  # of a stack; the first reads D features, the others H
    masks: list[Array]  # one fewer, (N, T, H)


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for number, (label, N, T, D, H, dtype) in enumerate(SIZES):

        def weights(
            width: int, H: int = H, dtype: type[np.floating] = dtype
        ) -> tuple[Array, Array, Array]:
            arrays = draw((width, 4 * H)), draw((H, 4 * H)), draw(4 * H)
            return (
                (0.7 * arrays[0]).astype(dtype),
                (0.7 * arrays[1]).astype(dtype),
                arrays[2].astype(dtype),
            )

        L = 1 + number % 3 if number else 3
        lengths = np.maximum(1, T - 2 * np.arange(N))
        lengths = rng.permutation(lengths) if N > 1 else np.array([max(1, T - 1)])
        layers = [weights(H if k else D) for k in range(L)]
        masks = [((rng.random((N, T, H)) < 0.6) / 0.6).astype(dtype) for _ in range(L - 1)]
        x, dy = draw((N, T, D)).astype(dtype), draw((N, T, 2 * H)).astype(dtype)
        yield Case(label, x, lengths, weights(D), weights(D), dy, layers, masks)
