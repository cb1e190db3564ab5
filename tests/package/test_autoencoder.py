"""Both decoders equal PyTorch and Keras, gradients equal differences, planted bugs are caught."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course import LSTMWeights
from lstm_course.gradcheck import gradient_errors, relative_error
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

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
WAYS = {
    "repeat": None,
    "forced": {"forced": True},
    "free": {"forced": False},
    "forced reversed": {"forced": True, "reverse": True},
    "free reversed": {"forced": False, "reverse": True},
}


def problem(seed, repeat, N=3, T=5, D=4, H=6):
    """Draw an input, weights and an upstream gradient in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal

    def layer(D):
        return LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), draw(4 * H))

    weights = AutoencoderWeights(layer(D), layer(H if repeat else D), draw((H, D)), draw(D))
    return draw((N, T, D)), weights, draw((N, T, D))


def forward(way, x, weights):
    options = WAYS[way]
    if options is None:
        return repeat_forward(x, weights)
    return autoregressive_forward(x, weights, **options)


def backward(way, dx_hat, cache):
    options = WAYS[way]
    if options is None:
        return repeat_backward(dx_hat, cache)
    return autoregressive_backward(dx_hat, cache, reverse=options.get("reverse", False))


def flat(gradients):
    """Return the nine gradients: x, three of each layer, two of the head."""
    return [gradients[0], *gradients[1], *gradients[2], *gradients[3:]]


NAMES = ["x", *(f"{part}_{name}" for part in "ed" for name in ("W_x", "W_h", "b")), "W_y", "b_y"]


def errors_of(way, seed=0, run_back=backward, **sizes):
    x, weights, dx_hat = problem(seed, WAYS[way] is None, **sizes)
    inputs = dict(zip(NAMES, [x, *weights.encoder, *weights.decoder, *weights[2:]], strict=True))

    def loss(x, W_y, b_y, **layers):
        e, d = (LSTMWeights(*(layers[f"{p}_{n}"] for n in LSTMWeights._fields)) for p in "ed")
        return float(np.sum(dx_hat * forward(way, x, AutoencoderWeights(e, d, W_y, b_y))[0]))

    gradients = flat(run_back(way, dx_hat, forward(way, x, weights)[2]))
    return gradient_errors(loss, inputs, dict(zip(NAMES, gradients, strict=True)))


@pytest.mark.parametrize("way", WAYS)
def test_gradients_equal_differences(way):
    assert max(errors_of(way, N=2, T=4, D=2, H=3).values()) < TOLERANCE


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
    ours, _, cache = forward(way, x, weights)
    theirs, leaves = torch_outputs(way, x, weights)
    (theirs * torch.tensor(dx_hat)).sum().backward()
    assert relative_error(ours, theirs.detach().numpy()) < TOLERANCE
    for name, mine, leaf in zip(NAMES, flat(backward(way, dx_hat, cache)), leaves, strict=True):
        grad = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        grad = grad.T if name[1:] in ("_W_x", "_W_h") else grad
        assert np.allclose(mine, grad, atol=1e-9), name


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
    ours, _, cache = forward(way, x, weights)
    assert relative_error(ours, x_hat.numpy()) < TOLERANCE
    for name, mine, grad in zip(NAMES, flat(backward(way, dx_hat, cache)), theirs, strict=True):
        assert relative_error(mine, grad.numpy()) < TOLERANCE, name


REPEAT_PLANTS = {
    "code of the last step only": ("back.dx.sum(axis=1)", "back.dx[:, -1]"),
    "code averaged over the steps": ("back.dx.sum(axis=1)", "back.dx.mean(axis=1)"),
    "code handed to the cell state": (
        "LSTMState(dcode, np.zeros_like(dcode))",
        "LSTMState(np.zeros_like(dcode), dcode)",
    ),
    "decoder's caches for the encoder": ("encoder, LSTMState(", "decoder, LSTMState("),
    "head's weights not transposed away": ("dx_hat @ W_y.T", "dx_hat @ (W_y[::-1]).T"),
    "head of the last step only": (
        '"nth,ntd->hd", h, dx_hat',
        '"nth,ntd->hd", h[:, -1:], dx_hat[:, -1:]',
    ),
    "bias of the head averaged": ("dx_hat.sum(axis=(0, 1))", "dx_hat.mean(axis=(0, 1))"),
    "encoder's and decoder's gradients exchanged": (
        "front.d_weights, back.d_weights",
        "back.d_weights, front.d_weights",
    ),
}
FREE_PLANTS = {
    "not through what was fed back": ("(dtarget if forced else dy)", "dtarget"),
    "fed back to the same step": ("[:, t - 1] += dy_prev", "[:, t] += dy_prev"),
    "dh not carried": ("@ W_y.T + d_state.h", "@ W_y.T"),
    "dc not carried": (
        "_backward(d_state, caches[t])",
        "_backward(d_state._replace(c=0 * d_state.c), caches[t])",
    ),
    "weights of one step only": ("[a + b for a, b", "[b for a, b"),
    "code from the cell state": (
        "d_state._replace(c=np.zeros_like(d_state.c))",
        "d_state._replace(h=d_state.c, c=np.zeros_like(d_state.c))",
    ),
    "encoder left out": ("encoder, from_code)", "encoder)"),
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
    broken = planted(function, text, bug)

    def run_back(way, dx_hat, cache):
        options = WAYS[way] or {}
        reverse = {"reverse": True} if options.get("reverse") else {}
        return broken(dx_hat, cache, **reverse)

    assert max(errors_of(way, 1, run_back, N=2, T=3, D=2, H=2).values()) > TOLERANCE


def test_forced_and_free_differ_only_after_the_first_step():
    x, weights, _ = problem(0, repeat=False)
    forced, free = (autoregressive_forward(x, weights, forced=way)[0] for way in (True, False))
    assert np.array_equal(forced[:, 0], free[:, 0])
    assert not np.allclose(forced[:, 1], free[:, 1])


def test_reversed_writes_the_last_step_first():
    x, weights, _ = problem(0, repeat=False)
    x_hat, code, _ = autoregressive_forward(x, weights, forced=False, reverse=True)
    plain, _, _ = autoregressive_forward(x, weights, forced=False)
    assert np.allclose(x_hat, plain[:, ::-1])  # free: the decoder never sees the order
    assert np.array_equal(code, encode(x, weights.encoder)[0])


def test_inputs_stay_and_dtype_is_kept():
    for way in WAYS:
        x, weights, dx_hat = problem(2, WAYS[way] is None)
        arrays = [x, *weights.encoder, *weights.decoder, *weights[2:], dx_hat]
        copies = [array.copy() for array in arrays]
        backward(way, dx_hat, forward(way, x, weights)[2])
        assert all(np.array_equal(a, b) for a, b in zip(arrays, copies, strict=True))
        low = AutoencoderWeights(
            *(LSTMWeights(*(a.astype(np.float32) for a in layer)) for layer in weights[:2]),
            *(a.astype(np.float32) for a in weights[2:]),
        )
        x_hat, _, cache = forward(way, x.astype(np.float32), low)
        gradients = flat(backward(way, dx_hat.astype(np.float32), cache))
        assert {array.dtype for array in (x_hat, *gradients)} == {np.dtype(np.float32)}


def test_wrong_shapes_are_named():
    x, weights, dx_hat = problem(0, repeat=True)
    with pytest.raises(ValueError, match=r"W_x of the decoder .* \(4, 24\), got \(6, 24\)"):
        autoregressive_forward(x, weights, forced=True)
    with pytest.raises(ValueError, match=r"W_y must have shape \(H, D\)"):
        repeat_forward(x, weights._replace(W_y=weights.W_y.T))
    with pytest.raises(ValueError, match=r"b_y"):
        repeat_forward(x, weights._replace(b_y=weights.b_y[1:]))
    with pytest.raises(ValueError, match=r"dx_hat .*got \(3, 4, 4\)"):
        repeat_backward(dx_hat[:, 1:], repeat_forward(x, weights)[2])


def test_initial_weights_fit():
    for repeat in (True, False):
        weights = init_autoencoder(3, 5, np.random.default_rng(0), repeat=repeat)
        x = np.random.default_rng(1).standard_normal((2, 4, 3))
        x_hat, code, _ = forward("repeat" if repeat else "free", x, weights)
        assert x_hat.shape == x.shape
        assert code.shape == (2, 5)
