# Made from solutions/crf/cases.py by `make exercises`: edit that file, not this one.
"""Random problems for the assignment ``crf``: many sizes, padding, both dtypes; a check of tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from nbjudge.checks.arrays import CheckFailed, Hints, check_array, describe, note_texts

from lstm_course.arrays import Array, Whole
from lstm_course.variants.crf import CRFWeights, crf_marginals

#: What the case is, then N, T, M, the dtype, and how large the scores are.
SIZES: tuple[tuple[str, int, int, int, type[np.floating], float], ...] = (
    ("several sequences of different lengths", 4, 5, 3, np.float64, 1.0),
    ("one sequence, N = 1", 1, 4, 5, np.float64, 1.0),
    ("one step, T = 1", 3, 1, 4, np.float64, 1.0),
    ("one tag, M = 1", 2, 3, 1, np.float64, 1.0),
    ("more tags than steps", 3, 2, 6, np.float64, 1.0),
    ("large scores", 3, 6, 3, np.float64, 400.0),
    ("float32 arrays", 3, 4, 4, np.float32, 1.0),
)


class Case(NamedTuple):
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
    def marginals(self) -> tuple[Array, Array]:
        """Return ``single (N, T, M)`` and ``pair (N, T - 1, M, M)``."""
        weights = CRFWeights(self.transitions, self.start, self.end)
        return crf_marginals(self.emissions, weights, self.lengths)


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap; the first sequence is whole, the second shorter."""
    rng = np.random.default_rng(seed)
    for label, N, T, M, dtype, scale in SIZES:
        lengths = rng.integers(1, T + 1, N)
        lengths[0], lengths[1:2] = T, max(1, T - 2)
        tags = np.where(np.arange(T) < lengths[:, None], rng.integers(0, M, (N, T)), -1)
        shapes = (N, T, M), (M, M), (M,), (M,)
        arrays = [(scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes]
        yield Case(label, arrays[0], tags, lengths, *arrays[1:])


def check_tags(name: str, actual: Any, expected: Whole, *, hints: Hints = ()) -> None:
    """Check that ``actual`` is an array of whole numbers equal to ``expected``.

    Two mistakes may write the same tags, by chance: then the message names both.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name)
    if type(actual) is not np.ndarray or not np.issubdtype(actual.dtype, np.integer):
        given = actual.dtype if type(actual) is np.ndarray else describe(actual)
        message = f"{name} must be a NumPy array of whole numbers, but yours is {given}"
        raise CheckFailed(message, "Not a NumPy array of whole numbers", name)
    arrays = [(np.asarray(value, np.float64), text) for value, text in hints]
    wrong = [
        (value, ", or ".join(t for other, t in arrays if np.array_equal(other, value)))
        for value, _ in arrays
    ]
    check_array(name, actual.astype(np.float64), expected.astype(np.float64), hints=wrong)
