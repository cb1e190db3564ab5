"""The table of what is no cell: attention, encoder-decoder, autoencoder, CRF.

Each keeps its natural form, ``forward(...) -> outputs, cache`` and ``backward(d_outputs, cache)``,
and the promises of the table of cells that apply: the columns have the same names.  A piece says
how its arguments are drawn, which of them have gradients, and which module carries its weights to
PyTorch and to Keras.  ``test_pieces.py`` runs every column for every piece.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lstm_course.gradcheck import map_arrays, named_arrays, numerical_gradient
from lstm_course.variants import attention, autoencoder, crf, seq2seq

VARIANTS = "lstm_course.variants"
V_SOURCE, V = 5, 4


class Drawn(NamedTuple):
    """Arguments of a piece by name, and the gradient of the loss by its output."""

    point: dict[str, Any]  # those that have gradients
    fixed: dict[str, Any]  # the others: masks, symbols, lengths
    upstream: Any


class Piece(NamedTuple):
    """A part that is no cell.  ``backward`` gives the gradients in the order of ``point``."""

    label: str
    module: str
    draw: Callable[..., tuple[dict[str, Any], dict[str, Any]]]  # (rng, N, T, D, H)
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[Any, Any], Any]
    kinds: tuple[str, ...] = ()  # the frameworks to which MODULE_torch, MODULE_keras carry it

    def __str__(self) -> str:
        return self.label

    @property
    def path(self) -> str:
        """The file of the module."""
        return f"{self.module.replace('.', '/')}.py"

    def drawn(self, seed: int, N: int = 3, T: int = 4, D: int = 2, H: int = 3) -> Drawn:
        """Draw arguments and an upstream gradient in which nothing is zero but padding."""
        rng = np.random.default_rng(seed)
        point, fixed = self.draw(rng, N, T, D, H)
        outputs, _ = self.forward(**point, **fixed)
        return Drawn(point, fixed, map_arrays(lambda a: rng.standard_normal(a.shape), outputs))

    def gradient_errors(
        self, drawn: Drawn, backward: Callable[[Any, Any], Any] | None = None
    ) -> dict[str, float]:
        """Return the error of each gradient against central differences.

        The scale is at least one thousandth: what nothing reads has a gradient of zero.
        """
        point, fixed, upstream = drawn

        def loss(moved: Any) -> float:
            outputs, _ = self.forward(**moved, **fixed)
            pairs = zip(leaves(outputs), leaves(upstream), strict=True)
            return float(sum(np.sum(a * b) for a, b in pairs))

        cache = self.forward(**point, **fixed)[1]
        found = leaves((backward or self.backward)(upstream, cache))
        errors = {}
        for (name, array), ours in zip(named_arrays(point).items(), found, strict=True):

            def moved(value: np.ndarray, array: np.ndarray = array) -> float:
                return loss(map_arrays(lambda a: value if a is array else a, point))

            numeric = numerical_gradient(moved, array)
            assert ours.shape == array.shape, name
            errors[name] = np.max(np.abs(ours - numeric)) / max(1e-3, np.max(np.abs(numeric)))
        return errors


def leaves(tree: Any) -> list[np.ndarray]:
    """Return the arrays of a tree in their order."""
    return list(named_arrays(tree).values())


def like(rng: np.random.Generator, tree: Any, scale: float = 0.7) -> Any:
    """Return a tree of the same form and shapes in which nothing is zero."""
    return map_arrays(lambda array: scale * rng.standard_normal(array.shape), tree)


def right_mask(rng: np.random.Generator, N: int, S: int) -> np.ndarray:
    """Return a mask (N, S) of 1 to S real steps; the second row, where there is one, is padded."""
    lengths = rng.integers(1, S + 1, N)
    lengths[1:2] = max(1, S - 2)
    return (np.arange(S) < lengths[:, None]).astype(float)


def attention_drawn(kind, rng, N, T, D, H):
    """Draw a layer that reads T + 1 encoder states with T queries."""
    keys = rng.standard_normal((N, T + 1, H))
    weights = seq2seq.init_seq2seq(rng, 2, 2, 2, H, kind).attention
    point = {"query": rng.standard_normal((N, T, H)), "keys": keys, "weights": like(rng, weights)}
    return point, {"mask": right_mask(rng, N, T + 1)}


def read_by_attention(**arguments):
    """Return what the head reads, and the cache."""
    h_tilde, _, cache = attention.attention_forward(**arguments)
    return h_tilde, cache


def masked_drawn(rng, N, T, D, H):
    """Draw a padded batch and the layer that reads it."""
    weights = seq2seq.init_seq2seq(rng, 2, 2, D, H).encoder
    point = {"x": rng.standard_normal((N, T, D)), "weights": like(rng, weights)}
    return point, {"mask": right_mask(rng, N, T)}


def masked_outputs(**arguments):
    """Return all states and the final ones, and the cache."""
    h, state, cache = seq2seq.masked_lstm_forward(**arguments)
    return (h, state), cache


def masked_back(upstream, cache):
    """Return the gradients but that of the state, which is always zero at the start."""
    dx, _, d_weights = seq2seq.masked_lstm_backward(upstream[0], cache, upstream[1])
    return dx, d_weights


def seq2seq_drawn(kind, rng, N, T, D, H):
    """Draw a model and a batch with a padded source."""
    weights = like(rng, seq2seq.init_seq2seq(rng, V_SOURCE, V, D, H, kind))
    source, target = rng.integers(0, V_SOURCE, (N, T + 1)), rng.integers(0, V, (N, T))
    fixed = {"source": source, "inputs": seq2seq.teacher_inputs(target, 0)}
    return {"weights": weights}, {**fixed, "mask": right_mask(rng, N, T + 1)}


def loss_drawn(rng, N, T, D, H):
    """Draw scores and padded targets."""
    fixed = {"target": rng.integers(0, V, (N, T)), "mask": right_mask(rng, N, T)}
    return {"scores": rng.standard_normal((N, T, V))}, fixed


def mean_loss(scores, target, mask):
    """Return the loss as an array, and its gradient for a cache."""
    loss, dscores = seq2seq.masked_cross_entropy(scores, target, mask)
    return np.array([loss], scores.dtype), dscores


WAYS = {
    "repeat": None,
    "forced": {"forced": True},
    "free": {"forced": False},
    "forced reversed": {"forced": True, "reverse": True},
    "free reversed": {"forced": False, "reverse": True},
}


def autoencoder_drawn(way, rng, N, T, D, H):
    """Draw sequences and an autoencoder."""
    weights = autoencoder.init_autoencoder(rng, D, H, repeat=WAYS[way] is None)
    return {"x": rng.standard_normal((N, T, D)), "weights": like(rng, weights)}, {}


def autoencoder_forward(way, x, weights):
    """Return the copy and the cache."""
    if WAYS[way] is None:
        x_hat, _, cache = autoencoder.repeat_forward(x, weights)
    else:
        x_hat, _, cache = autoencoder.autoregressive_forward(x, weights, **WAYS[way])
    return x_hat, cache


def autoencoder_backward(way, dx_hat, cache):
    """Return the gradients of the sequences and of all weights."""
    if WAYS[way] is None:
        return autoencoder.repeat_backward(dx_hat, cache)
    reverse = WAYS[way].get("reverse", False)
    return autoencoder.autoregressive_backward(dx_hat, cache, reverse=reverse)


def crf_drawn(rng, N, T, D, H):
    """Draw emissions for H tags, tags, and sequences of which the first is whole."""
    draw, lengths = rng.standard_normal, rng.integers(1, T + 1, N)
    lengths[0] = T
    weights = crf.CRFWeights(draw((H, H)), draw(H), draw(H))
    point = {"emissions": draw((N, T, H)), "weights": weights}
    return point, {"tags": rng.integers(0, H, (N, T)), "lengths": lengths}


PIECES = [
    *(
        Piece(
            f"attention, {kind}",
            f"{VARIANTS}.attention",
            partial(attention_drawn, kind),
            read_by_attention,
            attention.attention_backward,
            ("torch",),
        )
        for kind in ("additive", "general", "dot")
    ),
    Piece("masked LSTM", f"{VARIANTS}.seq2seq", masked_drawn, masked_outputs, masked_back),
    Piece(
        "masked cross-entropy",
        f"{VARIANTS}.seq2seq",
        loss_drawn,
        mean_loss,
        lambda upstream, dscores: (upstream * dscores,),
    ),
    *(
        Piece(
            f"encoder-decoder, {kind}",
            f"{VARIANTS}.seq2seq",
            partial(seq2seq_drawn, kind),
            seq2seq.seq2seq_forward,
            lambda dscores, cache: (seq2seq.seq2seq_backward(dscores, cache),),
            ("torch", "keras"),
        )
        for kind in ("none", "additive", "general", "dot")
    ),
    *(
        Piece(
            f"autoencoder, {way}",
            f"{VARIANTS}.autoencoder",
            partial(autoencoder_drawn, way),
            partial(autoencoder_forward, way),
            partial(autoencoder_backward, way),
        )
        for way in WAYS
    ),
    Piece(
        "crf",
        f"{VARIANTS}.crf",
        crf_drawn,
        crf.crf_nll,
        crf.crf_nll_backward,
        ("torch", "keras"),
    ),
]


def piece_of(label: str) -> Piece:
    """Return the piece with this label."""
    return next(piece for piece in PIECES if piece.label == label)
