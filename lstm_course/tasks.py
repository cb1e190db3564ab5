"""Small synthetic tasks with a known best answer: one generator for each, pure functions.

Each draws from a generator that the caller seeds, and nothing is stored.  Because the rule
behind each task is known, so is the score of the honest baseline and of the best answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.arrays import Array

Integers = NDArray[np.int64]


def _require(N: int, T: int, shortest: int) -> None:
    if min(N - 1, T - shortest) < 0:
        raise ValueError(f"N must be at least 1 and T at least {shortest}, got N={N} and T={T}")


def adding_problem(rng: np.random.Generator, N: int, T: int) -> tuple[Array, Array]:
    """Draw the adding problem: sum the two marked numbers of a sequence.

    After Hochreiter and Schmidhuber (1997), in the form without negative numbers that later
    papers use.  ``ValueError`` if ``N`` is smaller than 1 or ``T`` smaller than 2.

    Returns
    -------
    x : array (N, T, 2)
        Channel 0 holds numbers uniform in [0, 1), channel 1 is 1 at two steps and else 0:
        one step in the first half, ``t < T // 2``, and one in the second.
    y : array (N,)
        The sum of the two marked numbers.  Always answering its mean, 1, has a mean squared
        error of 1/6: each number has the variance 1/12.
    """
    _require(N, T, 2)
    rows, half = np.arange(N), T // 2
    first, second = rng.integers(0, half, N), rng.integers(half, T, N)  # each (N,)
    x = np.zeros((N, T, 2))
    x[:, :, 0] = rng.random((N, T))
    x[rows, first, 1] = x[rows, second, 1] = 1.0
    y: Array = x[rows, first, 0] + x[rows, second, 0]
    return x, y


def recall(rng: np.random.Generator, N: int, T: int) -> tuple[Array, Array]:
    """Draw the recall task: which bit stood at the first step, before ``T - 1`` of noise?

    The race of the chapter "Why gradients vanish and explode", with NumPy's random numbers.
    ``ValueError`` if ``N`` or ``T`` is smaller than 1.

    Returns
    -------
    x : array (N, T, 2)
        ``x[:, 0, 0]`` is +1 or -1, ``x[:, 1:, 1]`` is standard normal, the rest is zero.
    y : array (N,)
        1.0 where the sign was +1, else 0.0.  A coin is right half of the time.
    """
    _require(N, T, 1)
    y: Array = rng.integers(0, 2, N).astype(np.float64)  # (N,)
    x = np.zeros((N, T, 2))
    x[:, 0, 0] = 2.0 * y - 1.0
    x[:, 1:, 1] = rng.standard_normal((N, T - 1))
    return x, y


def parity(rng: np.random.Generator, N: int, T: int) -> tuple[Array, Array]:
    """Draw random bits and, at each step, whether the number of ones so far is odd.

    ``ValueError`` if ``N`` or ``T`` is smaller than 1.

    Returns
    -------
    x : array (N, T, 1)
        Bits, 0.0 or 1.0.
    y : array (N, T)
        1.0 where the number of ones up to and including this step is odd, else 0.0;
        ``y[:, -1]`` is the parity of the whole sequence.  A coin is right half of the time.
    """
    _require(N, T, 1)
    bits = rng.integers(0, 2, (N, T))
    y: Array = (np.cumsum(bits, axis=1) % 2).astype(np.float64)
    return bits[:, :, None].astype(np.float64), y


#: The symbols of the Reber grammar, in the order of the one-hot code.
REBER_SYMBOLS = "BTPSXVE"

#: The inner grammar: state -> {symbol: next state}; state 7 is the end.
_REBER: tuple[dict[str, int], ...] = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
)


class ReberBatch(NamedTuple):
    """Strings of the embedded Reber grammar, encoded; T is the longest length minus one."""

    strings: tuple[str, ...]
    x: Array  # (N, T, 7): every symbol but the last, one-hot; zero where a string has ended
    y: Integers  # (N, T): index of the symbol that follows; 0 where a string has ended
    p: Array  # (N, T, 7): the grammar's probability of each symbol to follow; else zero
    mask: Array  # (N, T): 1 where there is a symbol to predict, else 0


def _reber_steps(string: str) -> list[dict[str, int]]:
    """Return what the grammar allows before each symbol of ``string``; raise if it is broken."""
    allowed: list[dict[str, int]] = [{"B": 0}, {"T": 0, "P": 0}]
    for symbol in string[2:-2]:
        state = allowed[-1][string[len(allowed) - 1]] if len(allowed) > 2 else 0
        if state == 7 or symbol not in _REBER[state]:
            raise ValueError(f"{string!r} is not in the embedded Reber grammar")
        allowed.append(_REBER[state])
    allowed += [{string[1:2]: 0}, {"E": 0}]
    complete = len(string) >= 9 and string[-3] == "E"
    if not complete or any(s not in a for s, a in zip(string, allowed, strict=True)):
        raise ValueError(f"{string!r} is not in the embedded Reber grammar")
    return allowed


def encode_reber(strings: Sequence[str]) -> ReberBatch:
    """Encode strings of the embedded Reber grammar as arrays, padded at the end.

    ``ValueError`` if there is no string, or for the first one that the grammar does not generate.
    """
    if not strings:
        raise ValueError("encode_reber needs at least one string")
    steps = [_reber_steps(string) for string in strings]
    N, T = len(strings), max(map(len, strings)) - 1
    x, p, mask = np.zeros((N, T, 7)), np.zeros((N, T, 7)), np.zeros((N, T))
    y = np.zeros((N, T), np.int64)
    for n, string in enumerate(strings):
        for t, allowed in enumerate(steps[n][1:]):
            x[n, t, REBER_SYMBOLS.index(string[t])] = 1.0
            y[n, t] = REBER_SYMBOLS.index(string[t + 1])
            p[n, t, [REBER_SYMBOLS.index(symbol) for symbol in allowed]] = 1.0 / len(allowed)
        mask[n, : len(string) - 1] = 1.0
    return ReberBatch(tuple(strings), x, y, p, mask)


def embedded_reber(rng: np.random.Generator, N: int) -> ReberBatch:
    """Draw N strings of the embedded Reber grammar, with the next symbol as the target.

    A string is B, then T or P, a string of the Reber grammar, the same T or P again, E.  Its
    last symbol but one can only be known by remembering the second.  Wherever the grammar
    allows two symbols it takes each with probability 1/2.  A string has 7 such choices and
    12 symbols on average, and at least 9 symbols.  No model can have a mean cross-entropy below
    7 ln 2 / 11 = 0.4411 nats a predicted symbol, in the long run; the floor of one batch follows
    from its ``p``.

    The grammar is that of Reber (1967), its embedding that of the first experiment of
    Hochreiter and Schmidhuber (1997).  ``ValueError`` if ``N`` is smaller than 1.
    """
    if N < 1:
        raise ValueError(f"N must be at least 1, got N={N}")
    strings = []
    for _ in range(N):
        state, inner = 0, ""
        while state != 7:
            symbols = sorted(_REBER[state])
            symbol = symbols[rng.integers(len(symbols))] if len(symbols) > 1 else symbols[0]
            state, inner = _REBER[state][symbol], inner + symbol
        outer = "TP"[rng.integers(2)]
        strings.append(f"B{outer}{inner}{outer}E")
    return encode_reber(strings)
