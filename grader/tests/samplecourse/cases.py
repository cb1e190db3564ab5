"""Random inputs for hidden tests, with the right answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from samplecourse import answers
from samplecourse.arrays import Array

#: What the case is, then N, D, K and the dtype.
SIZES: tuple[tuple[str, int, int, int, type[np.floating]], ...] = (
    ("several examples", 5, 4, 3, np.float64),
    ("one example, N = 1", 1, 3, 2, np.float64),
    ("one feature and one output", 6, 1, 1, np.float64),
    ("more outputs than features", 4, 2, 5, np.float64),
    ("float32 arrays", 7, 3, 4, np.float32),
)


class Case(NamedTuple):
    """The inputs of a model."""

    label: str
    x: Array  # (N, D)
    y: Array  # (N, K)
    W: Array  # (D, K)
    b: Array  # (K,)

    def prediction(self) -> Array:
        """Return the right probabilities."""
        return answers.predict(self.x, self.W, self.b)


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap."""
    rng = np.random.default_rng(seed)
    for label, N, D, K, dtype in SIZES:
        shapes = ((N, D), (N, K), (D, K), (K,))
        yield Case(label, *(rng.standard_normal(shape).astype(dtype) for shape in shapes))
