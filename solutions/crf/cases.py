"""Inputs of the tests of ``crf``: many sizes, padding, nothing zero, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from nbjudge.checks.seen import Case

from lstm_course.arrays import Array, Whole
from lstm_course.cases import SIZES as LAYERS
from lstm_course.variants.crf import CRFWeights, crf_marginals

#: What the case is, then N, T, M, the dtype, and how large the scores are.
SIZES: tuple[tuple[str, int, int, int, type[np.floating], float], ...] = (
    ("several sequences of different lengths", 4, 6, 3, np.float64, 1.0),
    ("one sequence", 1, 4, 5, np.float64, 1.0),
    ("one step, T = 1", 3, 1, 4, np.float64, 1.0),
    ("one tag, M = 1", 2, 3, 1, np.float64, 1.0),
    ("more tags than steps", 3, 2, 6, np.float64, 1.0),
    ("large scores", 5, 6, 3, np.float64, 400.0),
    ("float32 arrays", 3, 5, 4, np.float32, 1.0),
)

#: What the case is, the shape, the axis, and the mean and the spread of the numbers.
SUMS: tuple[tuple[str, tuple[int, ...], int, float, float], ...] = (
    ("a matrix, along its rows", (4, 3), 1, 0.0, 1.0),
    ("a matrix, along its columns", (2, 5), 0, 1.0, 1.0),
    ("three axes, along the second", (2, 5, 3), 1, -1.0, 1.0),
    ("three axes, along the last", (3, 2, 4), -1, 0.5, 2.0),
    ("three axes, one of them of length 1", (3, 1, 4), 2, 0.5, 1.0),
    ("numbers near 900", (3, 4), 1, 900.0, 1.0),
    ("numbers near -2000", (4, 2), 0, -2000.0, 1.0),
    ("numbers far apart", (3, 6), 1, 0.0, 2000.0),
)


class Problem(NamedTuple):
    """Emissions, tags (padding holds -1), lengths and the three arrays of scores."""

    label: str
    emissions: Array  # (N, T, M)
    tags: Whole  # (N, T)
    lengths: Whole  # (N,)
    transitions: Array  # (M, M)
    start: Array  # (M,)
    end: Array  # (M,)

    @property
    def scores(self) -> dict[str, Array]:
        """Return transitions, start and end by name, in this order."""
        return {"transitions": self.transitions, "start": self.start, "end": self.end}

    @property
    def given(self) -> dict[str, Any]:
        """Return emissions, lengths and scores by name, in this order."""
        return {"emissions": self.emissions, "lengths": self.lengths, **self.scores}

    @property
    def marginals(self) -> dict[str, Array]:
        """Return ``single (N, T, M)`` and ``pair (N, T - 1, M, M)``."""
        weights = CRFWeights(self.transitions, self.start, self.end)
        single, pair = crf_marginals(self.emissions, weights, self.lengths)
        return {"single": single, "pair": pair}


def problems(seed: int, repeat: int = 1) -> Iterator[Problem]:
    """Yield one problem for each trap; the last sequence is whole and uses one pair twice."""
    rng = np.random.default_rng(seed)
    for label, fewest, T, M, dtype, scale in SIZES:
        N = repeat * fewest
        lengths = rng.integers(1, T + 1, N)
        lengths[0], lengths[-1] = max(1, T - 2), T
        tags = rng.integers(0, M, (N, T))
        tags[-1, 2:4] = tags[-1, : min(2, max(0, T - 2))]
        tags = np.where(np.arange(T) < lengths[:, None], tags, -1)
        shapes = (N, T, M), (M, M), (M,), (M,)
        arrays = [(scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes]
        if M == 1:  # sixteenths add up exactly in any order, so that what cancels is zero
            arrays = [((np.round(8 * array) + 0.5) / 8).astype(dtype) for array in arrays]
        yield Problem(label, arrays[0], tags, lengths, *arrays[1:])


def log_sum_exp(seed: int) -> Iterator[Case]:
    """Yield arrays with two and three axes, small and large, in both dtypes."""
    rng = np.random.default_rng(seed)
    for dtype in (np.float64, np.float32):
        for label, shape, axis, mean, spread in SUMS:
            a = (mean + spread * rng.standard_normal(shape)).astype(dtype)
            yield Case(f"{label}, {np.dtype(dtype).name}", {"a": a, "axis": axis})


def sequence_score(seed: int) -> Iterator[Case]:
    """Yield a path for each sequence of each problem."""
    for one in problems(seed):
        given = {"emissions": one.emissions, "tags": one.tags, "lengths": one.lengths}
        yield Case(one.label, given | one.scores)


def log_partition(seed: int) -> Iterator[Case]:
    """Yield the emissions and scores of each problem."""
    yield from (Case(one.label, one.given) for one in problems(seed))


def viterbi(seed: int) -> Iterator[Case]:
    """Yield problems with many sequences, so that each score decides some path."""
    yield from (Case(one.label, one.given) for one in problems(seed, repeat=4))


def nll_gradient(seed: int) -> Iterator[Case]:
    """Yield tags with the probabilities that the model of each problem gives."""
    for one in problems(seed):
        yield Case(one.label, {"tags": one.tags, "lengths": one.lengths} | one.marginals)


def path_entropy(seed: int) -> Iterator[Case]:
    """Yield emissions and scores with the probabilities that they give.

    Where one path has all probability, the entropy is nothing but rounding; so the large scores
    are large emissions that differ little.
    """
    for one in problems(seed):
        if one.label == "large scores":
            small: dict[str, Any] = {name: array / 400 for name, array in one.scores.items()}
            one = one._replace(emissions=300 + one.emissions / 400, **small)
        yield Case(one.label, one.given | one.marginals)


def torch_nll(seed: int) -> Iterator[Case]:
    """Yield the problems of two steps or more in tensors, without padding."""
    rng = np.random.default_rng(seed)
    for one in problems(seed):
        N, T, M = one.emissions.shape
        if T > 1:
            given: dict[str, Any] = {"emissions": one.emissions, "tags": rng.integers(0, M, (N, T))}
            given |= one.scores
            yield Case(one.label, {name: torch.tensor(array) for name, array in given.items()})


def repeat_decoder(seed: int) -> Iterator[Case]:
    """Yield codes with decoders of many sizes."""
    rng = np.random.default_rng(seed)
    for label, N, T, D, H, dtype in LAYERS:
        shapes = {"W_x": (H, 4 * H), "W_h": (H, 4 * H), "b": (4 * H,), "W_y": (H, D), "b_y": (D,)}
        z = rng.standard_normal((N, H)).astype(dtype)
        drawn = {n: rng.standard_normal(shape).astype(dtype) for n, shape in shapes.items()}
        yield Case(label, {"z": z, "T": T, **drawn})
