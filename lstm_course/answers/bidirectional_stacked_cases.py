# Made from solutions/bidirectional_stacked/cases.py by `make exercises`: edit that file, not this one.
"""Inputs of the tests of ``bidirectional_stacked``: padding, nothing zero, a case for each trap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from nbjudge.checks.seeds import VISIBLE
from nbjudge.checks.seen import Case

from lstm_course.answers import bidirectional_stacked as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES
from lstm_course.variants.bidirectional import Integers

Weights = tuple[Array, Array, Array]


class Batch(NamedTuple):
    """A padded batch, the weights of two directions and of a stack; no bias is zero."""

    label: str
    x: Array  # (N, T, D), padded at the end with numbers that are not zero
    lengths: Integers  # (N,)
    ahead: Weights  # (D, 4H), (H, 4H), (4H,)
    back: Weights
    dy: Array  # (N, T, 2H), not zero in padded steps
    layers: list[Weights]  # of a stack; the first reads D features, the others H
    masks: list[Array]  # one fewer, (N, T, H)

    @property
    def y(self) -> Array:
        """Return the outputs (N, T, 2H) of both directions."""
        result: Array = reference.bidirectional_forward(self.x, self.lengths, self.ahead, self.back)
        return result


def batches(seed: int) -> Iterator[Batch]:
    """Yield one batch for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for number, (label, N, T, D, H, dtype) in enumerate(SIZES):

        def weights(
            width: int, H: int = H, dtype: type[np.floating] = dtype
        ) -> tuple[Array, Array, Array]:
            arrays = draw((width, 4 * H)), draw((H, 4 * H)), draw(4 * H)
            return (
                (0.7 * arrays[0]).astype(dtype),
                (0.7 * arrays[1]).astype(dtype),
                arrays[2].astype(dtype),
            )

        L = (4, 1, 3, 2, 2, 3)[number]
        lengths = np.maximum(1, T - 2 * np.arange(N))
        lengths = rng.permutation(lengths) if N > 1 else np.array([max(1, T - 1)])
        layers = [weights(H if k else D) for k in range(L)]
        masks = [((rng.random((N, T, H)) < 0.6) / 0.6).astype(dtype) for _ in range(L - 1)]
        x, dy = draw((N, T, D)).astype(dtype), draw((N, T, 2 * H)).astype(dtype)
        yield Batch(label, x, lengths, weights(D), weights(D), dy, layers, masks)


def single_precision(turn: Any) -> Mapping[str, Any]:
    """Let a float32 batch be turned, and return whether it stays one."""
    x = np.arange(1.0, 13.0, dtype=np.float32).reshape(2, 3, 2)
    turned = turn(x, np.array([3, 2]))
    same = not isinstance(turned, np.ndarray) or turned.dtype == x.dtype
    return {"the turned batch must have the dtype of x": same}


def reverse_within(seed: int) -> Iterator[Case]:
    """Yield each batch, and one scene that looks at the dtype."""
    for batch in batches(seed):
        yield Case(batch.label, {"x": batch.x, "lengths": batch.lengths})
    yield Case("the dtype of x", single_precision)


def bidirectional_forward(seed: int) -> Iterator[Case]:
    """Yield each batch with the weights of both directions."""
    for batch in batches(seed):
        given = {name: getattr(batch, name) for name in ("x", "lengths", "ahead", "back")}
        yield Case(batch.label, given)


def final_states(seed: int) -> Iterator[Case]:
    """Yield the outputs of both directions for each batch."""
    for batch in batches(seed):
        yield Case(batch.label, {"y": batch.y, "lengths": batch.lengths})


def final_states_backward(seed: int) -> Iterator[Case]:
    """Yield a gradient of the final states of each batch."""
    for batch in batches(seed):
        N, T, _ = batch.x.shape
        d_final = batch.dy[np.arange(N), batch.lengths - 1]
        yield Case(batch.label, {"d_final": d_final, "lengths": batch.lengths, "T": T})


def both_backward(seed: int) -> Iterator[Case]:
    """Yield each batch with a gradient of the outputs that is not zero in padded steps."""
    for batch in batches(seed):
        names = ("dy", "x", "lengths", "ahead", "back")
        yield Case(batch.label, {name: getattr(batch, name) for name in names})


def stacked_forward(seed: int) -> Iterator[Case]:
    """Yield stacks of one to four layers over each batch."""
    for batch in batches(seed):
        layers = "one layer" if len(batch.layers) == 1 else f"{len(batch.layers)} layers"
        given = {name: getattr(batch, name) for name in ("x", "layers", "masks")}
        yield Case(f"{layers}, {batch.label}", given)


def parameter_count(seed: int) -> Iterator[Case]:
    """Yield sizes of stacks in one and in two directions, of one layer and of several."""
    rng = np.random.default_rng(seed)
    for words, directions, L in (
        ("one layer", 1, 1),
        ("one layer in two directions", 2, 1),
        ("a stack", 1, int(rng.integers(3, 6))),
        ("a stack in two directions", 2, int(rng.integers(3, 6))),
        ("two layers in two directions", 2, 2),
    ):
        D, H = (int(size) for size in rng.integers((3, 11), (10, 30)))
        shown = f": D, H, L, directions = {D}, {H}, {L}, {directions}" if seed == VISIBLE else ""
        yield Case(words + shown, {"D": D, "H": H, "L": L, "directions": directions})
