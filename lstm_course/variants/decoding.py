"""Beam search over any decoder that can take one step.

A decoder is a function ``step(symbols, state) -> log_p, state``: from the last symbol of each
of B sequences, int (B,), and their states, it gives the log-probabilities (B, V) of the next
symbol.  A state is a tuple of arrays whose first axis is B.  Derived in the chapter "Two LSTMs
and a vector between them" (``eq-beam-score``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

State = tuple[Any, ...]
Step = Callable[[Any, State], tuple[Any, State]]


class Hypothesis(NamedTuple):
    """An output with the sum of its log-probabilities; ``end`` closes it and is counted."""

    symbols: tuple[int, ...]
    log_p: float


def beam_score(hypothesis: Hypothesis, length_power: float) -> float:
    """Return the log-probability divided by the length to some power; 0 leaves it as it is."""
    return float(hypothesis.log_p / len(hypothesis.symbols) ** length_power)


def beam_search(
    step: Step,
    state: State,
    begin: int,
    end: int,
    longest: int,
    width: int,
    length_power: float = 0.0,
) -> list[Hypothesis]:
    """Search for likely outputs of one source, keeping ``width`` beginnings at a time.

    ``step`` is the decoder and ``state`` its state for one source, B = 1; ``begin`` and ``end`` are
    the symbols that open and close an output, of at most ``longest`` symbols.  Complete outputs are
    compared by ``log_p / length ** length_power``.  Returns them, the best first, or the open ones
    where none was completed.  ``ValueError`` if ``width`` or ``longest`` is smaller than 1.
    """
    if width < 1 or longest < 1:
        raise ValueError(f"width and longest must be at least 1, got {width} and {longest}")
    beam, complete = [Hypothesis((), 0.0)], list[Hypothesis]()
    last = np.array([begin])
    for _ in range(longest):
        log_p, state = step(last, state)
        totals = np.array([one.log_p for one in beam])[:, None] + np.asarray(log_p)  # (B, V)
        beginnings, rows = list[Hypothesis](), list[int]()
        for place in np.argsort(-totals, axis=None, kind="stable")[: 2 * width]:
            row, symbol = (int(k) for k in np.unravel_index(place, totals.shape))
            longer = Hypothesis((*beam[row].symbols, symbol), float(totals[row, symbol]))
            if symbol == end:
                complete.append(longer)
            elif len(beginnings) < width:
                beginnings.append(longer)
                rows.append(row)
        complete = sorted(complete, key=lambda one: -beam_score(one, length_power))[:width]
        beam, state = beginnings, tuple(array[rows] for array in state)
        worst = complete[-1].log_p if len(complete) == width else -np.inf
        if not beam or (length_power == 0.0 and worst >= beam[0].log_p):
            break  # a longer output can only be less likely
        last = np.array([one.symbols[-1] for one in beam])
    return complete or beam
