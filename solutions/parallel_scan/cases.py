"""Inputs of the tests of ``parallel_scan``: many sizes, nothing zero, gates of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.answers import parallel_scan as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Cell(NamedTuple):
    """Numbers for one set of sizes: a recurrence, a layer, states, and a memory with keys."""

    label: str
    recurrence: dict[str, Array]  # keep, write (N, T, H), h0 (N, H)
    dh: Array  # (N, T, H)
    layer: dict[str, Array]  # x (N, T, D), h0 (N, H), W_x (D, 2H), b (2H,)
    states: dict[str, Array]  # a (N, 4H), c_prev, n_prev, m_prev (N, H); n_prev is positive
    memory: dict[str, Array]  # q, k, v (N, T, H), log_i, log_f (N, T)

    @property
    def large(self) -> float:
        """Return a gate whose exponential does not fit, and that leaves digits enough."""
        return 100.0 if self.dh.dtype == np.float32 else 800.0


def cells(seed: int) -> Iterator[Cell]:
    """Yield numbers for each of `SIZES`."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for label, N, T, D, H, dtype in SIZES:
        recurrence = {"keep": draw((N, T, H)), "write": draw((N, T, H)), "h0": draw((N, H))}
        dh = draw((N, T, H)).astype(dtype)
        layer = {"x": draw((N, T, D)), "h0": draw((N, H))}
        layer |= {"W_x": 0.5 * draw((D, 2 * H)), "b": draw(2 * H)}
        states = {"a": 2.0 * draw((N, 4 * H)), "c_prev": draw((N, H))}
        states |= {"n_prev": 0.5 + rng.random((N, H)), "m_prev": draw((N, H))}
        memory = {name: draw((N, T, H)) for name in "qkv"}
        memory |= {"log_i": draw((N, T)), "log_f": -0.05 - rng.random((N, T))}
        kinds = [_as(kind, dtype) for kind in (recurrence, layer, states, memory)]
        yield Cell(label, kinds[0], dh, *kinds[1:])


def _as(arrays: Mapping[str, Array], dtype: type[np.floating]) -> dict[str, Array]:
    return {name: array.astype(dtype) for name, array in arrays.items()}


def combine(seed: int) -> Iterator[Case]:
    """Yield two maps of each size."""
    for cell in cells(seed):
        maps = cell.recurrence["keep"], cell.recurrence["write"], cell.dh, cell.memory["q"]
        names = "keep_1", "write_1", "keep_2", "write_2"
        yield Case(cell.label, dict(zip(names, maps, strict=True)))


def scan_round(seed: int) -> Iterator[Case]:
    """Yield the maps of each size with every reach from 1 to T."""
    for cell in cells(seed):
        keep, write = cell.recurrence["keep"], cell.recurrence["write"]
        for reach in range(1, keep.shape[1] + 1):
            given = {"keep": keep, "write": write, "reach": reach}
            yield Case(f"reach {reach}, {cell.label}", given)


def scan_backward(seed: int) -> Iterator[Case]:
    """Yield gradients of all states of a recurrence of each size."""
    for cell in cells(seed):
        keep, h0 = cell.recurrence["keep"], cell.recurrence["h0"]
        h = reference.scan(**cell.recurrence)
        yield Case(cell.label, {"dh": cell.dh, "keep": keep, "h": h, "h0": h0})


def min_gru(seed: int) -> Iterator[Case]:
    """Yield a layer of each size, and one with gates far from zero."""
    for cell in cells(seed):
        yield Case(cell.label, cell.layer)
        if cell.label == SIZES[0][0]:
            far = cell.layer | {"x": 1000.0 * cell.layer["x"]}
            yield Case("inputs in the thousands", far)


def slstm_step(seed: int) -> Iterator[Case]:
    """Yield a step of each size; the group ``large`` has large gates and empty memories."""
    for cell in cells(seed):
        yield Case(cell.label, cell.states, group="ordinary")
        if cell.label in (SIZES[0][0], SIZES[-1][0]):
            for label, states in _large_steps(cell):
                yield Case(f"{label}, {cell.label}", states, group="large")


def _large_steps(cell: Cell) -> Iterator[tuple[str, dict[str, Array]]]:
    """Yield steps with one large gate, with both memory gates closed, and from nothing."""
    H = cell.states["c_prev"].shape[1]

    def moved(blocks: str, size: float) -> dict[str, Array]:
        a = cell.states["a"].copy()
        for block in blocks:
            k = "ifgo".index(block)
            a[:, k * H : (k + 1) * H] += np.sign(size) * cell.large
        return cell.states | {"a": a}

    for block in ("i", "f", "g", "o"):
        yield f"a large a_{block}", moved(block, 1.0)
        yield f"a very negative a_{block}", moved(block, -1.0)
    yield "very negative a_i and a_f", moved("if", -1.0)
    zero = np.zeros_like(cell.states["c_prev"])
    empty = {"c_prev": zero, "n_prev": zero.copy(), "m_prev": zero - np.inf}
    yield "an empty memory", cell.states | empty
    yield "an empty memory and a large a_i", moved("i", 1.0) | empty
    yield "an empty memory and a very negative a_i", moved("i", -1.0) | empty


def mlstm_parallel(seed: int) -> Iterator[Case]:
    """Yield sequences of each size; the group ``large`` has gates that are large as well.

    There the gates are multiples of 1/64: sums of them are exact in float32 too, in any order.
    """
    for cell in cells(seed):
        yield Case(cell.label, cell.memory, group="ordinary")
        if cell.label in (SIZES[0][0], SIZES[-1][0]):
            log_i, log_f = (np.floor(64 * cell.memory[name]) / 64 for name in ("log_i", "log_f"))
            last = np.zeros_like(log_i)
            last[:, -1] = cell.large
            for label, gate in (
                ("a large log_i", {"log_i": log_i + log_i.dtype.type(cell.large)}),
                ("a very negative log_i", {"log_i": log_i - log_i.dtype.type(0.75 * cell.large)}),
                ("a large log_i at the last step", {"log_i": log_i + last}),
                ("a very negative log_f", {"log_f": log_f - log_f.dtype.type(cell.large)}),
            ):
                given = cell.memory | {"log_i": log_i, "log_f": log_f} | gate
                yield Case(f"{label}, {cell.label}", given, group="large")


def scan_restarts(seed: int) -> Iterator[Case]:
    """Yield rows with several sequences: one that begins at once, two in a row, and none."""
    rng = np.random.default_rng(seed)
    for cell in cells(seed):
        N, T, _ = cell.dh.shape
        starts = rng.random((N, T)) < 0.3
        starts[-1] = False
        starts[0, T // 2] = True
        starts[:1, 0] = N > 1
        starts[1:2, 1:3] = N > 2
        yield Case(cell.label, cell.recurrence | {"starts": starts})
