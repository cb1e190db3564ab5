# Made from solutions/seq2seq_attention/cases.py by `make exercises`: edit that file, not this one.
"""Inputs of the tests of ``seq2seq_attention``: padded sources and targets, one case a trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.answers import seq2seq_attention as reference
from lstm_course.arrays import Array, Whole

#: What the case is, then N, T, S, H, A, V, the size of the scores and the dtype.
SIZES: tuple[tuple[str, int, int, int, int, int, int, float, type[np.floating]], ...] = (
    ("several examples", 3, 4, 5, 2, 6, 7, 1.0, np.float64),
    ("a batch of one example, N = 1", 1, 3, 4, 2, 6, 5, 1.0, np.float64),
    ("one target step, T = 1", 4, 1, 3, 2, 5, 6, 1.0, np.float64),
    ("one source step, S = 1", 2, 3, 1, 4, 5, 6, 1.0, np.float64),
    ("one hidden unit", 2, 3, 4, 1, 1, 5, 1.0, np.float64),
    ("scores of a thousand", 3, 2, 4, 5, 6, 7, 1000.0, np.float64),
    ("float32 arrays", 3, 4, 2, 5, 6, 7, 1.0, np.float32),
)

#: Beginnings B, symbols V, the width of the beam, and the dtype.
BEAMS: tuple[tuple[int, int, int, type[np.floating]], ...] = (
    (4, 3, 2, np.float64),
    (2, 7, 9, np.float64),
    (1, 5, 3, np.float64),
    (3, 4, 1, np.float64),
    (5, 6, 30, np.float64),
    (3, 5, 4, np.float32),
)


class Pair(NamedTuple):
    """Numbers for one set of sizes; sources and targets are padded on the right."""

    label: str
    scores: Array  # (N, T, V)
    target: Whole  # (N, T)
    target_mask: Array  # (N, T)
    query: Array  # (N, T, H)
    keys: Array  # (N, S, H)
    W_q: Array  # (H, A)
    W_k: Array  # (H, A)
    w_e: Array  # (A,)
    e: Array  # (N, T, S): scores of the attention, high where the source is padded
    mask: Array  # (N, S)
    dcontext: Array  # (N, T, H)
    dscores: Array  # (N, T, S)
    W: Array  # (H, H): the matrix of the general score

    @property
    def is_large(self) -> bool:
        """Return whether the scores are there to overflow."""
        return bool(np.abs(self.e).max() > 100.0)


def pairs(seed: int) -> Iterator[Pair]:
    """Yield one set of numbers for each of `SIZES`; where there is room, something is padded."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal

    def padded(N: int, longest: int) -> Array:
        lengths = rng.integers(1, longest + 1, N)
        lengths[0], lengths[-1] = longest, max(1, longest - 1)
        mask: Array = (np.arange(longest) < lengths[:, None]).astype(np.float64)
        return mask

    for label, N, T, S, H, A, V, size, dtype in SIZES:
        target = rng.integers(0, V - 1, (N, T))
        target[0, 0] = V - 1 if N < 3 else 0  # the last symbol need not occur
        level = (
            2.0 * (1.0 - np.arange(N)[:, None] - np.arange(T))[..., None]
        )  # of the scores of a step
        scores, target_mask = size * (draw((N, T, V)) + level), padded(N, T)
        mask = padded(N, S)
        states = draw((N, T, H)), draw((N, S, H)), draw((H, A)), draw((H, A)), draw(A)
        e = size * (draw((N, T, S)) + level + 3.0 * (1.0 - mask)[:, None])  # padding scores high
        rest = e, mask, draw((N, T, H)), draw((N, T, S)), draw((H, H))
        drawn = (scores, target_mask, *states, *rest)
        first, *others = (np.asarray(array, dtype) for array in drawn)
        yield Pair(label, first, target, *others)


def teacher_inputs(seed: int) -> Iterator[Case]:
    """Yield targets of each size, with symbols that differ, and a begin that is none of them."""
    rng = np.random.default_rng(seed)
    for pair in pairs(seed):
        target = rng.integers(10, 90, pair.target.shape)
        yield Case(pair.label, {"target": target, "begin": int(rng.integers(2, 10))})


def masked_cross_entropy(seed: int) -> Iterator[Case]:
    """Yield scores, padded targets and their mask of each size; the symbols of padding vary."""
    for pair in pairs(seed):
        given = {"scores": pair.scores, "target": pair.target, "mask": pair.target_mask}
        yield Case(pair.label, given)


def additive_scores(seed: int) -> Iterator[Case]:
    """Yield queries, keys and weights of each size."""
    names = ("query", "keys", "W_q", "W_k", "w_e")
    for pair in pairs(seed):
        if not pair.is_large:
            yield Case(pair.label, {name: getattr(pair, name) for name in names})


def attend(seed: int) -> Iterator[Case]:
    """Yield scores, values and the mask of the source of each size."""
    for pair in pairs(seed):
        yield Case(pair.label, {"scores": pair.e, "values": pair.keys, "mask": pair.mask})


def attend_backward(seed: int) -> Iterator[Case]:
    """Yield gradients of contexts, with an attention that is zero where the source is padded."""
    for pair in pairs(seed):
        if not pair.is_large:
            attention = reference.attend(pair.e, pair.keys, pair.mask)[1]
            given = {"dcontext": pair.dcontext, "attention": attention, "values": pair.keys}
            yield Case(pair.label, given)


def beam_step(seed: int) -> Iterator[Case]:
    """Yield beams of each size, with log-probabilities that add up to one for each beginning."""
    rng = np.random.default_rng(seed)
    for B, V, width, dtype in BEAMS:
        log_p = np.log(rng.dirichlet(np.ones(V), B)).astype(dtype)
        totals = -2.0 * rng.exponential(size=B).astype(dtype)
        label = f"{B} beginnings, {V} symbols, a width of {width}"
        if dtype is np.float32:
            label += ", float32 arrays"
        yield Case(label, {"log_p": log_p, "totals": totals.astype(dtype), "width": width})


def general_backward(seed: int) -> Iterator[Case]:
    """Yield gradients of scores, with the queries, keys and the matrix of each size."""
    for pair in pairs(seed):
        if not pair.is_large:
            given = {"dscores": pair.dscores, "query": pair.query, "keys": pair.keys}
            yield Case(pair.label, given | {"W_q": pair.W})
