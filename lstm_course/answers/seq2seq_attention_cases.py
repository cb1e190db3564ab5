# Made from solutions/seq2seq_attention/cases.py by `make exercises`: edit that file, not this one.
"""Random cases for the tests of ``seq2seq_attention``, and a check of symbols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from nbjudge.checks.arrays import CheckFailed, Hints, check_array, note_texts

from lstm_course.arrays import Array, Whole

#: What the case is, then N, T, S, H, A, V, the size of the scores and the dtype.
SIZES: tuple[tuple[str, int, int, int, int, int, int, float, type[np.floating]], ...] = (
    ("several examples", 3, 4, 5, 3, 6, 7, 1.0, np.float64),
    ("a batch of one example, N = 1", 1, 3, 4, 2, 3, 5, 1.0, np.float64),
    ("one target step, T = 1", 4, 1, 3, 3, 2, 4, 1.0, np.float64),
    ("one source step, S = 1", 2, 3, 1, 4, 3, 3, 1.0, np.float64),
    ("one hidden unit", 2, 3, 4, 1, 1, 3, 1.0, np.float64),
    ("scores of a thousand", 3, 2, 4, 2, 5, 4, 1000.0, np.float64),
    ("float32 arrays", 3, 4, 2, 3, 4, 5, 1.0, np.float32),
)


class Case(NamedTuple):
    """The inputs of all questions for one set of sizes; sources and targets are padded."""

    label: str
    scores: Array  # (N, T, V)
    target: Whole  # (N, T)
    target_mask: Array  # (N, T)
    query: Array  # (N, T, H)
    keys: Array  # (N, S, H)
    W_q: Array  # (H, A)
    W_k: Array  # (H, A)
    w_e: Array  # (A,)
    e: Array  # (N, T, S): scores of the attention
    mask: Array  # (N, S)
    dcontext: Array  # (N, T, H)


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap; in every case with room for it, something is padded."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal

    def padded(N: int, longest: int) -> Array:
        lengths = rng.integers(1, longest + 1, N)
        lengths[0], lengths[-1] = longest, max(1, longest - 1)
        mask: Array = (np.arange(longest) < lengths[:, None]).astype(np.float64)
        return mask

    for label, N, T, S, H, A, V, size, dtype in SIZES:
        target = rng.integers(0, V, (N, T))
        scores, target_mask = size * draw((N, T, V)), padded(N, T)
        states = draw((N, T, H)), draw((N, S, H)), draw((H, A)), draw((H, A)), draw(A)
        mask = padded(N, S)
        e = size * (draw((N, T, S)) + 3.0 * (1.0 - mask)[:, None])  # padding scores high
        rest = e, mask, draw((N, T, H))
        first, *others = (
            np.asarray(array, dtype) for array in (scores, target_mask, *states, *rest)
        )
        yield Case(label, first, target, *others)


def check_symbols(name: str, actual: object, expected: Whole, hints: Hints = ()) -> None:
    """Check that ``actual`` is an array of whole numbers equal to ``expected``.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    kind = "symbols are whole numbers: start from an array of integers"
    note_texts(name, kind)
    if type(actual) is np.ndarray and actual.dtype.kind not in "iu":
        raise CheckFailed(f"{name} holds {actual.dtype}: {kind}", "Not whole numbers", name, kind)
    found = actual.astype(np.float64) if type(actual) is np.ndarray else actual
    check_array(name, found, np.asarray(expected, np.float64), hints=hints, reveal=False)
