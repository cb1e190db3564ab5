"""Both decoders equal PyTorch and Keras, planted bugs are caught; the rest is in the pieces."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
import torch

from lstm_course import LSTMWeights
from lstm_course.gradcheck import relative_error
from lstm_course.lstm_keras import to_keras
from lstm_course.lstm_torch import to_torch
from lstm_course.variants.autoencoder import (
    AutoencoderWeights,
    autoregressive_backward,
    autoregressive_forward,
    encode,
    init_autoencoder,
    repeat_backward,
    repeat_forward,
)
from tests.package.pieces import WAYS, autoencoder_backward, autoencoder_forward, piece_of

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H


def problem(seed, repeat, N=3, T=5, D=4, H=6):
    """Draw an input, weights and an upstream gradient in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal

    def layer(D):
        return LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), draw(4 * H))

    weights = AutoencoderWeights(layer(D), layer(H if repeat else D), draw((H, D)), draw(D))
    return draw((N, T, D)), weights, draw((N, T, D))


def flat(gradients):
    """Return the nine gradients: x, three of each layer, two of the head."""
    (encoder, decoder, *head), dx = gradients.d_weights, gradients.dx
    return [dx, *encoder, *decoder, *head]


NAMES = ["x", *(f"{part}_{name}" for part in "ed" for name in ("W_x", "W_h", "b")), "W_y", "b_y"]


def torch_outputs(way, x, weights):
    """Return the reconstruction and the nine leaves, built from PyTorch's own layers."""
    encoder, decoder = to_torch(weights.encoder), to_torch(weights.decoder)
    W_y, b_y = (torch.tensor(array, requires_grad=True) for array in weights[2:])
    x = torch.tensor(x, requires_grad=True)
    _, (code, _) = encoder(x)  # (1, N, H)
    options = WAYS[way] or {}
    if WAYS[way] is None:
        x_hat = decoder(code[0][:, None].expand(-1, x.shape[1], -1))[0] @ W_y + b_y
    else:
        target = x.flip(1) if options.get("reverse") else x
        state, y, rows = (code, torch.zeros_like(code)), torch.zeros_like(x[:, :1]), []
        for t in range(x.shape[1]):
            h, state = decoder(y, state)
            rows.append(h @ W_y + b_y)
            y = target[:, t : t + 1] if options["forced"] else rows[-1]
        x_hat = torch.cat(rows, dim=1)
        x_hat = x_hat.flip(1) if options.get("reverse") else x_hat
    layers = [p for layer in (encoder, decoder) for p in list(layer.parameters())[:3]]
    return x_hat, [x, *layers, W_y, b_y]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("N", "T", "D", "H"), GRID)
def test_torch_agrees(way, N, T, D, H):
    x, weights, dx_hat = problem(N + T + D + H, WAYS[way] is None, N, T, D, H)
    ours, cache = autoencoder_forward(way, x, weights)
    theirs, leaves = torch_outputs(way, x, weights)
    (theirs * torch.tensor(dx_hat)).sum().backward()
    assert relative_error(ours, theirs.detach().numpy()) < TOLERANCE
    for name, mine, leaf in zip(
        NAMES, flat(autoencoder_backward(way, dx_hat, cache)), leaves, strict=True
    ):
        grad = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        grad = grad.T if name[1:] in ("_W_x", "_W_h") else grad
        assert np.allclose(mine, grad, rtol=0, atol=1e-12), name


@pytest.mark.parametrize("way", ["repeat", "forced", "free reversed"])
@pytest.mark.parametrize(("N", "T", "D", "H"), [(3, 4, 2, 5), (1, 3, 1, 2)])
def test_keras_agrees(way, N, T, D, H):
    tf = pytest.importorskip("tensorflow")
    import keras

    x, weights, dx_hat = problem(N + T, WAYS[way] is None, N, T, D, H)
    encoder = to_keras(weights.encoder)
    decoder = to_keras(weights.decoder, return_sequences=True, return_state=True)
    head = keras.layers.Dense(D, dtype="float64")
    head.build((None, None, H))
    head.set_weights(list(weights[2:]))
    x_tensor, options = tf.Variable(x), WAYS[way] or {}
    with tf.GradientTape() as tape:
        code = encoder(x_tensor)
        if WAYS[way] is None:
            x_hat = head(decoder(keras.layers.RepeatVector(T, dtype="float64")(code))[0])
        else:
            target = keras.ops.flip(x_tensor, 1) if options.get("reverse") else x_tensor * 1.0
            state, y, rows = [code, 0.0 * code], 0.0 * x_tensor[:, :1], []
            for t in range(T):
                h, *state = decoder(y, initial_state=state)
                rows.append(head(h))
                y = target[:, t : t + 1] if options["forced"] else rows[-1]
            x_hat = keras.ops.concatenate(rows, axis=1)
            x_hat = keras.ops.flip(x_hat, 1) if options.get("reverse") else x_hat
        loss = tf.reduce_sum(x_hat * dx_hat)
    leaves = [layer.trainable_variables for layer in (encoder, decoder, head)]
    theirs = tape.gradient(loss, [x_tensor, *(w.value for layer in leaves for w in layer)])
    ours, cache = autoencoder_forward(way, x, weights)
    assert relative_error(ours, x_hat.numpy()) < TOLERANCE
    for name, mine, grad in zip(
        NAMES, flat(autoencoder_backward(way, dx_hat, cache)), theirs, strict=True
    ):
        assert relative_error(mine, grad.numpy()) < TOLERANCE, name


REPEAT_PLANTS = {
    "code of the last step only": ("back.dx.sum(axis=1)", "back.dx[:, -1]"),
    "code averaged over the steps": ("back.dx.sum(axis=1)", "back.dx.mean(axis=1)"),
    "code handed to the cell state": (
        "LSTMState(dcode, np.zeros_like(dcode))",
        "LSTMState(np.zeros_like(dcode), dcode)",
    ),
    "decoder's caches for the encoder": (
        "np.zeros_like(h), encoder,",
        "np.zeros_like(h), decoder,",
    ),
    "head's weights not transposed away": ("dx_hat @ W_y.T", "dx_hat @ (W_y[::-1]).T"),
    "head of the last step only": (
        '"nth,ntd->hd", h, dx_hat',
        '"nth,ntd->hd", h[:, -1:], dx_hat[:, -1:]',
    ),
    "bias of the head averaged": ("dx_hat.sum(axis=(0, 1))", "dx_hat.mean(axis=(0, 1))"),
    "encoder's and decoder's gradients exchanged": (
        "(front.d_weights, back.d_weights,",
        "(back.d_weights, front.d_weights,",
    ),
}
FREE_PLANTS = {
    "not through what was fed back": ("(dtarget if forced else dy)", "dtarget"),
    "fed back to the same step": ("[:, t - 1] += dy_prev", "[:, t] += dy_prev"),
    "dh not carried": ("@ W_y.T + d_state.h", "@ W_y.T"),
    "dc not carried": ("d_state._replace(h=", "d_state._replace(c=0 * d_state.c, h="),
    "weights of one step only": ("added(total, d_weights)", "d_weights"),
    "code from the cell state": (
        "d_code = d_state._replace(c=",
        "d_code = d_state._replace(h=d_state.c, c=",
    ),
    "encoder left out": ("encoder, d_code)", "encoder)"),
    "head sees the loss alone": (
        "h, dy), dy.sum(axis=(0, 1))",
        "h, dx_hat), dx_hat.sum(axis=(0, 1))",
    ),
    "order of the decoder forgotten": (
        "(dx_hat[:, ::-1] if reverse else dx_hat).copy()",
        "dx_hat.copy()",
    ),
}
FORCED_PLANTS = {
    "gradient of the forced input forgotten": (
        "(dtarget if forced else dy)",
        "(0 * dtarget if forced else dy)",
    ),
    "forced input treated as fed back": ("(dtarget if forced else dy)", "dy"),
    "forced input in the wrong order": ("(dtarget[:, ::-1] if reverse else dtarget)", "dtarget"),
}
PLANTS = [
    (way, function, name, *change)
    for way, function, plants in (
        ("repeat", repeat_backward, REPEAT_PLANTS),
        ("free reversed", autoregressive_backward, FREE_PLANTS),
        ("forced reversed", autoregressive_backward, FORCED_PLANTS),
    )
    for name, change in plants.items()
]


@pytest.mark.parametrize(
    ("way", "function", "name", "text", "bug"), PLANTS, ids=[f"{p[0]}-{p[2]}" for p in PLANTS]
)
def test_planted_bugs_are_caught(planted, way, function, name, text, bug):
    options = {"reverse": True} if "reversed" in way else {}
    back, piece = partial(planted(function, text, bug), **options), piece_of(f"autoencoder, {way}")
    errors = piece.gradient_errors(piece.drawn(1, 2, 3, 2, 2), back)
    assert max(errors.values()) > TOLERANCE


def test_forced_and_free_differ_only_after_the_first_step():
    x, weights, _ = problem(0, repeat=False)
    forced, free = (autoregressive_forward(x, weights, forced=way)[0] for way in (True, False))
    assert np.array_equal(forced[:, 0], free[:, 0])
    assert not np.allclose(forced[:, 1], free[:, 1], rtol=0, atol=1e-2)


def test_reversed_writes_the_last_step_first():
    x, weights, _ = problem(0, repeat=False)
    x_hat, code, _ = autoregressive_forward(x, weights, forced=False, reverse=True)
    plain, _, _ = autoregressive_forward(x, weights, forced=False)
    # Free: the decoder never sees the order.
    assert np.allclose(x_hat, plain[:, ::-1], rtol=0, atol=1e-12)
    assert np.array_equal(code, encode(x, weights.encoder)[0])


def test_wrong_shapes_are_named():
    x, weights, _ = problem(0, repeat=True)
    with pytest.raises(ValueError, match=r"W_x of the decoder .* \(4, 24\), got \(6, 24\)"):
        autoregressive_forward(x, weights, forced=True)
    with pytest.raises(ValueError, match=r"W_y must have shape \(H, D\)"):
        repeat_forward(x, weights._replace(W_y=weights.W_y.T))


def test_initial_weights_fit():
    for repeat in (True, False):
        weights = init_autoencoder(np.random.default_rng(0), 3, 5, repeat=repeat)
        x = np.random.default_rng(1).standard_normal((2, 4, 3))
        way = repeat_forward if repeat else partial(autoregressive_forward, forced=False)
        x_hat, code, _ = way(x, weights)
        assert x_hat.shape == x.shape
        assert code.shape == (2, 5)
