"""Inputs of the tests of ``lstm_cell``: many sizes, nothing zero, both dtypes, each gate alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from nbjudge.checks.calls import no_overflow
from nbjudge.checks.seen import Case

from lstm_course.arrays import Array
from lstm_course.cases import LSTMCase, lstm_cases
from lstm_course.lstm import LSTMState, LSTMStepCache, LSTMWeights, lstm_step

DTYPES = (np.float64, np.float32)
HUGE = (89.0, 120.0, 3e4)  # exp(89) is too large for float32, exp(3e4) for float64


class Layer(LSTMCase):
    """The inputs of one LSTM layer, whose gates can be looked at one by one."""

    def block(self, gate: str) -> dict[str, Array]:
        """Return the weights of one gate by their names: (D, H), (H, H), (H,).

        Parameters
        ----------
        gate : str
            ``"i"``, ``"f"``, ``"g"`` or ``"o"``.
        """
        H = self.W_h.shape[0]
        start = "ifgo".index(gate) * H
        names = f"W_x{gate}", f"W_h{gate}", f"b_{gate}"
        arrays = (array[..., start : start + H].copy() for array in (self.W_x, self.W_h, self.b))
        return dict(zip(names, arrays, strict=True))

    @property
    def weights(self) -> dict[str, Array]:
        """Return the stacked weights."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}

    @property
    def read(self) -> dict[str, Array]:
        """Return what every gate of the first step reads, x_t (N, D) and h_prev (N, H)."""
        return {"x_t": np.ascontiguousarray(self.x[:, 0]), "h_prev": self.h0}

    def steps(self) -> list[tuple[LSTMState, LSTMStepCache]]:
        """Return the state after each step and the package's cache of the step."""
        state, found = LSTMState(self.h0, self.c0), []
        for t in range(self.x.shape[1]):
            x_t = np.ascontiguousarray(self.x[:, t])
            state, cache = lstm_step(x_t, state, LSTMWeights(self.W_x, self.W_h, self.b))
            found.append((state, cache))
        return found


def layers(seed: int) -> Iterator[Layer]:
    """Yield one layer for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    yield from (Layer(*case) for case in lstm_cases(seed))


def sigmoid(seed: int) -> Iterator[Case]:
    """Yield arrays of both dtypes; the groups are ``moderate`` and ``large``."""
    draw = np.random.default_rng(seed).standard_normal
    for dtype in DTYPES:
        name = np.dtype(dtype).name
        for shape in ((7,), (1, 1), (2, 3), (2, 3, 4)):
            label = f"a {len(shape)}-dimensional {name} array"
            yield Case(label, {"a": (6.0 * draw(shape)).astype(dtype)}, group="moderate")
        a: Array = draw((3, 2)).astype(dtype)
        yield Case(f"a {name} array", _dtype_kept(a), group="moderate")
        for sign, kind in ((-1.0, "negative"), (1.0, "positive")):
            label = f"very {kind} numbers in {name}"
            yield Case(label, _extreme((sign * np.array(HUGE)).astype(dtype)), group="large")


def _dtype_kept(a: Array) -> Callable[..., Mapping[str, Any]]:
    """Return a scene that looks at the dtype of the result alone."""

    def scene(sigmoid: Callable[..., Any]) -> dict[str, Any]:
        kept = getattr(sigmoid(a.copy()), "dtype", None) == a.dtype
        return {f"the result has the dtype of a: {a.dtype} stays {a.dtype}": kept}

    return scene


def _extreme(a: Array) -> Callable[..., Mapping[str, Any]]:
    """Return a scene in which nothing may overflow."""

    def scene(sigmoid: Callable[..., Any]) -> dict[str, Any]:
        with no_overflow():
            return {"sigmoid(a)": sigmoid(a.copy())}

    return scene


def forget_gate(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with the weights of the forget gate."""
    for layer in layers(seed):
        yield Case(layer.label, layer.read | layer.block("f"))


def input_gate_and_candidate(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with the weights of input gate and candidate."""
    for layer in layers(seed):
        yield Case(layer.label, layer.read | layer.block("i") | layer.block("g"))


def cell_update(seed: int) -> Iterator[Case]:
    """Yield the cell state before the first step of each layer, and its gates."""
    for layer in layers(seed):
        (_, cache), *_ = layer.steps()
        yield Case(layer.label, {"c_prev": layer.c0, "i": cache.i, "f": cache.f, "g": cache.g})


def output_gate_and_hidden_state(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with its new cell state."""
    for layer in layers(seed):
        (after, _), *_ = layer.steps()
        yield Case(layer.label, layer.read | {"c_t": after.c} | layer.block("o"))


def pre_activations(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with the stacked weights."""
    for layer in layers(seed):
        yield Case(layer.label, layer.read | layer.weights)


def step(seed: int) -> Iterator[Case]:
    """Yield the first step of each layer, with both states and the stacked weights."""
    for layer in layers(seed):
        yield Case(layer.label, layer.read | {"c_prev": layer.c0} | layer.weights)


def sequence(seed: int) -> Iterator[Case]:
    """Yield the sequences of each layer."""
    for layer in layers(seed):
        yield Case(layer.label, {"x": layer.x, "h0": layer.h0, "c0": layer.c0} | layer.weights)


def parameter_count(seed: int) -> Iterator[Case]:
    """Yield sizes of stacks, all different; the groups are ``one`` and ``several``."""
    rng = np.random.default_rng(seed)
    kinds = ("fewer features than units", 3, 11), ("more features than units", 23, 17)
    for kind, D, H in kinds:
        for words, L in (("one layer", 1), ("two layers", 2), ("five layers", 5)):
            sizes = {"D": D + int(rng.integers(4)), "H": H + int(rng.integers(4)), "L": L}
            yield Case(f"{words}, {kind}", sizes, group="one" if L == 1 else "several")
    yield Case("one layer, one feature, one unit", {"D": 1, "H": 1, "L": 1}, group="one")


def initial_bias(seed: int) -> Iterator[Case]:
    """Yield sizes and forget biases, also a whole number, a negative one and zero."""
    drawn = np.random.default_rng(seed).uniform(1.1, 2.9, 3).round(3).tolist()
    for label, H, bias in (
        ("several hidden units", 3, drawn[0]),
        ("one hidden unit", 1, drawn[1]),
        ("a negative forget bias", 5, -drawn[2]),
        ("a forget bias that is a whole number", 4, 3),
        ("a forget bias of zero", 2, 0.0),
    ):
        yield Case(label, {"H": H, "forget_bias": bias})


def contributions(seed: int) -> Iterator[Case]:
    """Yield the gates and candidates of all steps of each layer, with its first cell state."""
    for layer in layers(seed):
        caches = [cache for _, cache in layer.steps()]
        gates = {name: np.stack([getattr(c, name) for c in caches], axis=1) for name in "ifg"}
        yield Case(layer.label, {"c0": layer.c0, **gates})
    rng = np.random.default_rng(seed)
    i, f, g = (rng.uniform(0.1, 0.9, (2, 4, 3)) for _ in "ifg")
    f[0, 1], f[1, 3, 0] = 0.0, 0.0
    c0 = rng.standard_normal((2, 3))
    yield Case("a forget gate that closes", {"c0": c0, "i": i, "f": f, "g": g})
