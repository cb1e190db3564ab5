"""Inputs of the tests of ``peephole_ablation``: nothing zero, both dtypes, and clocks that run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from nbjudge.checks.calls import take_apart
from nbjudge.checks.seeds import VISIBLE
from nbjudge.checks.seen import Case

from lstm_course.arrays import Array
from lstm_course.cases import lstm_cases

GATES, OTHERS = ("V", "NIG", "NFG", "NOG"), ("NIAF", "NOAF", "CIFG", "NP")
LONGEST = 300  # period of a clock
SHOWN = 6  # ticks, of a clock that ticks too often
SEEN = math.atanh(0.5)  # a cell state that an open output gate shows as 0.5


def layers(seed: int) -> Iterator[tuple[str, dict[str, Array]]]:
    """Yield labels and arrays ``x, h0, c0, W_x, W_h, b, w_c``, one layer for each trap."""
    draw = np.random.default_rng(seed).standard_normal
    for case in lstm_cases(seed):
        w_c = draw((3, case.h0.shape[1])).astype(case.b.dtype)
        arrays = dict(zip(case._fields[1:], case[1:], strict=True))
        yield case.label, {**arrays, "w_c": w_c}


def peephole_step(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer."""
    for label, layer in layers(seed):
        given = {"x_t": layer["x"][:, 0].copy(), "h_prev": layer["h0"], "c_prev": layer["c0"]}
        yield Case(label, given | {name: layer[name] for name in ("W_x", "W_h", "b", "w_c")})


def drawn(seed: int) -> Iterator[tuple[str, dict[str, Array]]]:
    """Yield labels and the arrays of a step: gradients, cell states, gates and peepholes."""
    rng = np.random.default_rng(seed)
    for label, layer in layers(seed):
        shape, dtype = layer["h0"].shape, layer["b"].dtype
        arrays = {k: rng.standard_normal(shape) for k in ("dh_t", "dc_t", "c_prev", "c_t")}
        arrays |= {gate: rng.uniform(0.1, 0.9, shape) for gate in "ifgo"}
        arrays["g"] = 2 * arrays["g"] - 1  # a tanh
        yield label, {k: v.astype(dtype) for k, v in arrays.items()} | {"w_c": layer["w_c"]}


def step_backward(seed: int) -> Iterator[Case]:
    """Yield what a step back needs, for each layer."""
    yield from (Case(label, arrays) for label, arrays in drawn(seed))


def coupled_backward(seed: int) -> Iterator[Case]:
    """Yield what a step back through coupled gates needs, for each layer."""
    for label, arrays in drawn(seed):
        given = {"dc": arrays["dc_t"]} | {k: arrays[k] for k in ("c_prev", "i", "g")}
        yield Case(label, given | {"w_ci": arrays["w_c"][0].copy()})


#: A sentence for what goes wrong, and what holds of cell states and ticks where it does not.
TRUE_OF_ALL: dict[str, Callable[[list[float], list[int]], bool]] = {
    "the step of the count is tanh(b_g): it must be 1 / period": (
        lambda cells, ticks: 1 not in ticks
    ),
    "the cell never leaves 0: open the input gate, and let b_g write": (
        lambda cells, ticks: any(cells)
    ),
    "the cell state stands still: keep the input and the forget gate open while it counts": (
        lambda cells, ticks: len(set(cells)) > 1
    ),
    "it never ticks, since the cell state never comes above one half": (
        lambda cells, ticks: bool(ticks) or max(cells) > SEEN
    ),
    "it never ticks, although the cell state grows: the output gate must open": (
        lambda cells, ticks: bool(ticks) or max(cells) <= SEEN
    ),
    "after the first tick it never falls silent: the forget gate must empty the cell": (
        lambda cells, ticks: len(ticks) < 3 or len(ticks) <= len(cells) - ticks[0]
    ),
}


def sigmoid(a: float) -> float:
    """Return the logistic function of a number, without overflow."""
    return 0.5 * (1.0 + math.tanh(0.5 * a))


def run_clock(b: Array, w_c: Array, T: int) -> tuple[list[float], list[float]]:
    """Return the cell states and the hidden states of a one-unit cell that sees itself alone."""
    (b_i, b_f, b_g, b_o), (w_i, w_f, w_o) = b.tolist(), w_c.tolist()
    c, cells, hidden = 0.0, [], []
    for _ in range(T):
        i, f = sigmoid(b_i + c * w_i), sigmoid(b_f + c * w_f)
        c = f * c + i * math.tanh(b_g)
        cells.append(c)
        hidden.append(sigmoid(b_o + c * w_o) * math.tanh(c))
    return cells, hidden


def numbers(value: Any, count: int) -> Array | None:
    """Return an array of ``count`` floats, or None if the value is something else."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.shape == (count,) else None


def watched(period: int) -> Callable[[Any], Mapping[str, Any]]:
    """Return the scene in which a wired clock runs for three periods."""

    def scene(wire_clock: Any) -> Mapping[str, Any]:
        wired = take_apart("wire_clock", wire_clock(period), ("b", "w_c"))
        b, w_c = numbers(wired[0], 4), numbers(wired[1], 3)
        seen: dict[str, Any] = {
            "b must hold four numbers, the biases of i, f, g, o": b is not None,
            "w_c must hold three numbers, the peepholes of i, f, o": w_c is not None,
        }
        if b is None or w_c is None:
            return seen | {"the list of ticks": ""}
        defined = not np.isnan([*b, *w_c]).any()
        seen["nan stands in b or w_c: arctanh takes numbers between -1 and 1"] = bool(defined)
        cells, hidden = run_clock(b, w_c, 3 * period)
        ticks = [t for t, h in enumerate(hidden, 1) if h > 0.5]
        if period >= SHOWN:  # what is true of every clock that counts so far
            seen |= {name: holds(cells, ticks) for name, holds in TRUE_OF_ALL.items()}
        more = " and so on" if len(ticks) > SHOWN else ""
        return seen | {"the list of ticks": " ".join(map(str, ticks[:SHOWN])) + more}

    return scene


def wire_clock(seed: int) -> Iterator[Case]:
    """Yield clocks of short and of long periods, the shortest and the longest among them."""
    rng = np.random.default_rng(seed)
    between = int(rng.integers(6, 10)), int(rng.integers(10, 40)), int(rng.integers(100, LONGEST))
    for period in (between[0], 2, 3, *between[1:], LONGEST):
        yield Case(f"a period of {period} steps", watched(period))


def variant_forward(seed: int) -> Iterator[Case]:
    """Yield each layer as each variant; the groups are ``gates`` and ``others``."""
    for label, layer in layers(seed):
        for group, variants in (("gates", GATES), ("others", OTHERS)):
            for variant in variants:
                given = {**layer, "variant": variant}
                yield Case(f"{variant}, {label}", given, group=group)


def parameter_count(seed: int) -> Iterator[Case]:
    """Yield the sizes of a layer for each variant."""
    rng = np.random.default_rng(seed)
    for variant in (*GATES, *OTHERS):
        D, H = (int(size) for size in rng.integers((3, 11), (10, 30)))
        shown = f", D = {D}, H = {H}" if seed == VISIBLE else ""
        yield Case(variant + shown, {"D": D, "H": H, "variant": variant})
