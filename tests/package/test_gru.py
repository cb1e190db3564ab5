"""The GRU equals PyTorch and Keras, in outputs and gradients, in both forms; bugs are caught."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import gru, gru_interop
from lstm_course.variants.gru import (
    GRUGradients,
    GRUWeights,
    flip_update_gate,
    gru_backward,
    gru_forward,
    gru_parameter_count,
    gru_step,
    init_gru,
)

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
KERAS_GRID = [(1, 1, 1, 1), (3, 5, 4, 6), (1, 5, 4, 1), (3, 1, 1, 6)]
BOTH = pytest.mark.parametrize("reset_after", [True, False], ids=["after", "before"])
SHAPES = pytest.mark.parametrize("shape", GRID, ids=str)
INPUTS = ("x", "h0", "W_x", "W_h", "b_x", "b_h")


class Problem(NamedTuple):
    x: np.ndarray
    h0: np.ndarray
    weights: GRUWeights
    dh: np.ndarray
    dh_T: np.ndarray


def random_problem(seed, N=3, T=5, D=4, H=6):
    """Draw a problem in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    matrices = 0.5 * draw((D, 3 * H)), 0.5 * draw((H, 3 * H))
    weights = GRUWeights(*matrices, draw(3 * H), draw(3 * H))
    return Problem(draw((N, T, D)), draw((N, H)), weights, draw((N, T, H)), draw((N, H)))


def errors_of(problem, reset_after, backward=gru_backward):
    """Return the relative error of each of the six gradients against central differences."""
    x, h0, weights, dh, dh_T = problem
    inputs = dict(zip(INPUTS, (x, h0, *weights), strict=True))

    def loss(x, h0, **weights):
        h, _ = gru_forward(x, GRUWeights(**weights), h0, reset_after=reset_after)
        return float(np.sum(h * dh) + np.sum(h[:, -1] * dh_T))

    cache = gru_forward(x, weights, h0, reset_after=reset_after)[1]
    gradients = dict(zip(INPUTS, backward(dh, cache, dh_T), strict=True))
    return gradient_errors(loss, inputs, gradients)


@BOTH
@SHAPES
def test_gradients_equal_differences(shape, reset_after):
    errors = errors_of(random_problem(1, *shape), reset_after)
    assert max(errors.values()) < TOLERANCE, errors


@BOTH
@SHAPES
def test_equals_the_steps(shape, reset_after):
    problem = random_problem(2, *shape)
    h, cache = gru_forward(problem.x, problem.weights, problem.h0, reset_after=reset_after)
    h_t = problem.h0
    for t in range(shape[1]):
        h_t, step = gru_step(problem.x[:, t], h_t, problem.weights, reset_after=reset_after)
        np.testing.assert_allclose(h[:, t], h_t, atol=1e-12)
        for ours, kept in zip(step, cache.steps[t], strict=True):
            np.testing.assert_allclose(ours, kept, atol=1e-12)


def test_one_step_by_the_equations():
    """The equations of both forms, written out block by block."""
    x, h, ((W_x, W_h, b_x, b_h)) = random_problem(3)[:3]
    x_t = x[:, 0]
    W_xr, W_xz, W_xg = np.split(W_x, 3, axis=1)
    W_hr, W_hz, W_hg = np.split(W_h, 3, axis=1)
    (b_xr, b_xz, b_xg), (b_hr, b_hz, b_hg) = np.split(b_x, 3), np.split(b_h, 3)
    r = 1 / (1 + np.exp(-(x_t @ W_xr + h @ W_hr + b_xr + b_hr)))
    z = 1 / (1 + np.exp(-(x_t @ W_xz + h @ W_hz + b_xz + b_hz)))
    after = np.tanh(x_t @ W_xg + b_xg + r * (h @ W_hg + b_hg))
    before = np.tanh(x_t @ W_xg + b_xg + (r * h) @ W_hg + b_hg)
    for reset_after, g in ((True, after), (False, before)):
        h_t, _ = gru_step(x_t, h, GRUWeights(W_x, W_h, b_x, b_h), reset_after=reset_after)
        np.testing.assert_allclose(h_t, z * h + (1 - z) * g, atol=1e-12)


def compare(outputs, gradients, theirs, their_gradients):
    np.testing.assert_allclose(outputs, theirs, atol=1e-12)
    for name, a, b in zip(GRUGradients._fields, gradients, their_gradients, strict=True):
        assert relative_error(a, np.asarray(b)) < TOLERANCE, name


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@SHAPES
def test_equals_torch(shape, bias):
    x, h0, weights, dh, dh_T = random_problem(4, *shape)
    if not bias:
        weights = weights._replace(b_x=0.0 * weights.b_x, b_h=0.0 * weights.b_h)
    h, cache = gru_forward(x, weights, h0)
    gradients = gru_backward(dh, cache, dh_T)

    layer = gru_interop.to_torch(weights)
    if not bias:
        unbiased = torch.nn.GRU(shape[2], shape[3], bias=False, batch_first=True).double()
        unbiased.load_state_dict(
            {name: p for name, p in layer.state_dict().items() if name.startswith("weight")}
        )
        layer = unbiased
    x, h0 = torch.tensor(x, requires_grad=True), torch.tensor(h0, requires_grad=True)
    output, h_n = layer(x, h0[None])
    np.testing.assert_allclose(h[:, -1], h_n[0].detach(), atol=1e-12)
    ((output * torch.tensor(dh)).sum() + (h_n[0] * torch.tensor(dh_T)).sum()).backward()
    biases = [layer.bias_ih_l0.grad, layer.bias_hh_l0.grad] if bias else gradients[4:]
    W_x, W_h = layer.weight_ih_l0.grad.T, layer.weight_hh_l0.grad.T
    compare(h, gradients, output.detach(), [x.grad, h0.grad, W_x, W_h, *biases])


@BOTH
@pytest.mark.parametrize("shape", KERAS_GRID, ids=str)
def test_equals_keras(shape, reset_after):
    import tensorflow as tf

    x, h0, weights, dh, dh_T = random_problem(5, *shape)
    h, cache = gru_forward(x, weights, h0, reset_after=reset_after)
    gradients = gru_backward(dh, cache, dh_T)
    options = {"return_sequences": True, "return_state": True, "reset_after": reset_after}
    layer = gru_interop.to_keras(weights, **options)
    x, h0 = tf.constant(x), tf.constant(h0)
    with tf.GradientTape() as tape:
        tape.watch([x, h0])
        output, h_T = layer(x, initial_state=h0)
        loss = tf.reduce_sum(output * dh) + tf.reduce_sum(h_T * dh_T)
    np.testing.assert_allclose(h[:, -1], h_T, atol=1e-12)
    dx, dh0, *blocks = tape.gradient(loss, [x, h0, *layer.trainable_variables])
    dW_x, dW_h, db = (gru_interop.swap_reset_and_update(block.numpy()) for block in blocks)
    biases = db if reset_after else [db, db]  # the only bias stands for both
    compare(h, gradients, output, [dx, dh0, dW_x, dW_h, *biases])


def test_the_two_forms_differ_and_share_a_bias_only_in_one():
    x, h0, weights, dh, dh_T = random_problem(6)
    after, cache = gru_forward(x, weights, h0)
    before, other = gru_forward(x, weights, h0, reset_after=False)
    assert np.abs(after - before).max() > 0.01
    db_x, db_h = gru_backward(dh, cache, dh_T)[4:]
    H = h0.shape[1]
    np.testing.assert_allclose(db_x[: 2 * H], db_h[: 2 * H], atol=1e-12)
    assert np.abs(db_x[2 * H :] - db_h[2 * H :]).max() > 0.01
    db_x, db_h = gru_backward(dh, other, dh_T)[4:]
    np.testing.assert_array_equal(db_x, db_h)


@BOTH
def test_flipped_update_gate_writes_in_place_of_keeping(reset_after):
    x, h0, weights, _, _ = random_problem(7)
    h, cache = gru_forward(x, weights, h0, reset_after=reset_after)
    flipped = flip_update_gate(weights)
    h_t = h0
    for t in range(x.shape[1]):
        _, step = gru_step(x[:, t], h_t, flipped, reset_after=reset_after)
        np.testing.assert_allclose(step.z, 1.0 - cache.steps[t].z, atol=1e-12)
        h_t = (1.0 - step.z) * h_t + step.z * step.g
        np.testing.assert_allclose(h_t, h[:, t], atol=1e-12)
    for twice, once in zip(flip_update_gate(flipped), weights, strict=True):
        np.testing.assert_array_equal(twice, once)


@BOTH
def test_the_state_never_leaves_the_range_of_its_start_and_of_tanh(reset_after):
    x, _, weights, _, _ = random_problem(8, T=40)
    h, _ = gru_forward(10.0 * x, weights, reset_after=reset_after)
    assert np.abs(h).max() <= 1.0


#: name: (function, text, what the bug makes of it, the forms in which it must be caught)
TWO, AFTER, BEFORE = (True, False), (True,), (False,)
PLANTS = {
    "dh not carried": (
        "gru_backward",
        "dh[:, t] + dh_next",
        "dh[:, t] + dh_next * (t == T - 1)",
        TWO,
    ),
    "loss gradient only at the last step": (
        "gru_backward",
        "dh[:, t] + dh_next",
        "dh[:, t] * (t == T - 1) + dh_next",
        TWO,
    ),
    "dh_T ignored": ("gru_backward", "else dh_T", "else 0.0 * dh_T", TWO),
    "time not reversed": ("gru_backward", "reversed(range(T))", "range(T)", TWO),
    "dW_h of the candidate from h in both forms": (
        "gru_backward",
        "read if reset_after else read",
        "read if True else read",
        BEFORE,
    ),
    "dW_h of the candidate from r h in both forms": (
        "gru_backward",
        "read if reset_after else read",
        "read if False else read",
        AFTER,
    ),
    "dW_h built with h_t": (
        "gru_backward",
        "np.tensordot(read, dh_all",
        "np.tensordot(np.roll(read, -1, 1), dh_all",
        TWO,
    ),
    "db_h taken for db_x": (
        "gru_backward",
        "        dx_all.sum(axis=(0, 1)),",
        "        dh_all.sum(axis=(0, 1)),",
        AFTER,
    ),
    "db_x not summed over the batch": (
        "gru_backward",
        "        dx_all.sum(axis=(0, 1)),",
        "        dx_all[0].sum(axis=0),",
        TWO,
    ),
    "kept with 1 - z on the way back": (
        "retreat",
        "dh_t * z + da_h",
        "dh_t * (1 - z) + da_h",
        AFTER,
    ),
    "kept with 1 - z on the way back, before": (
        "retreat",
        "dh_t * z + dreset",
        "dh_t * (1 - z) + dreset",
        BEFORE,
    ),
    "direct path of the state forgotten": ("retreat", "dh_t * z + da_h", "da_h", AFTER),
    "direct path of the state forgotten, before": (
        "retreat",
        "dh_t * z + dreset",
        "dreset",
        BEFORE,
    ),
    "sign of dz": ("retreat", "(h_prev - g)", "(g - h_prev)", TWO),
    "candidate left out of dz": ("retreat", "(h_prev - g)", "h_prev", TWO),
    "candidate weighted with z": ("retreat", "dh_t * (1.0 - z) *", "dh_t * z *", TWO),
    "slope of the update gate forgotten": ("retreat", " * z * (1.0 - z)", "", TWO),
    "sigma' of an activated value": (
        "retreat",
        "recurrent_g * r * (1.0 - r)",
        "recurrent_g * sigmoid(r) * (1.0 - sigmoid(r))",
        AFTER,
    ),
    "tanh' of an activated value": ("retreat", "(1.0 - g**2)", "(1.0 - np.tanh(g) ** 2)", TWO),
    "reset gate reads the state in both forms": (
        "retreat",
        "da_g * recurrent_g * r",
        "da_g * h_prev * r",
        AFTER,
    ),
    "reset gate forgotten on the way back": ("retreat", "da_g * r]", "da_g]", AFTER),
    "reset gate forgotten on the way back, before": ("retreat", "dreset * r", "dreset", BEFORE),
    "reset gate reads the product in both forms": (
        "retreat",
        "dreset * h_prev * r",
        "da_g * recurrent_g * r",
        BEFORE,
    ),
    "gates left out of dh_prev": ("retreat", " + da[:, : 2 * H] @ W_h[:, : 2 * H].T", "", BEFORE),
    "blocks r and z swapped": (
        "retreat",
        "da_x = np.concatenate([da_r, da_z",
        "da_x = np.concatenate([da_z, da_r",
        AFTER,
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    function, text, bug, forms = PLANTS[name]
    broken = planted(getattr(gru, function), text, bug)
    for reset_after in forms:
        if function == "gru_backward":
            backward = broken
        else:
            monkeypatch.setattr(gru, function, broken)
            backward = gru.gru_backward
        assert (
            max(errors_of(random_problem(9, 3, 4, 2, 3), reset_after, backward).values())
            > TOLERANCE
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("there", ["torch", "keras"])
def test_round_trip_is_exact(there, dtype):
    weights = GRUWeights(*(w.astype(dtype) for w in random_problem(10).weights))
    to, back = getattr(gru_interop, f"to_{there}"), getattr(gru_interop, f"from_{there}")
    for a, b in zip(back(to(weights)), weights, strict=True):
        assert a.dtype == dtype
        np.testing.assert_array_equal(a, b)


def test_layers_that_lack_a_bias():
    weights = random_problem(10).weights
    plain = torch.nn.GRU(4, 6, bias=False)
    assert not gru_interop.from_torch(plain).b_x.any()
    assert not gru_interop.from_keras(gru_interop.to_keras(weights, use_bias=False)).b_h.any()
    one = gru_interop.from_keras(gru_interop.to_keras(weights, reset_after=False))
    np.testing.assert_allclose(one.b_x, weights.b_x + weights.b_h)
    assert not one.b_h.any()


def test_conversion_copies():
    weights = random_problem(10).weights
    layer = gru_interop.to_torch(weights)
    kept = gru_interop.from_torch(layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(7.0)
    for a, b in zip(kept, weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_layers_that_are_refused():
    import keras

    for options in ({"num_layers": 2}, {"bidirectional": True}):
        with pytest.raises(ValueError, match="one layer and one direction"):
            gru_interop.from_torch(torch.nn.GRU(3, 5, **options))
    with pytest.raises(ValueError, match="no weights yet: call it once"):
        gru_interop.from_keras(keras.layers.GRU(5))


@pytest.mark.parametrize(("D", "H"), [(1, 1), (4, 5), (64, 128)])
def test_parameter_count(D, H):
    import keras

    layer = torch.nn.GRU(D, H)
    assert gru_parameter_count(D, H) == sum(p.numel() for p in layer.parameters())
    assert gru_parameter_count(D, H) == sum(w.size for w in init_gru(np.random.default_rng(), D, H))
    for biases, options in ((2, {}), (1, {"reset_after": False}), (0, {"use_bias": False})):
        layer = keras.layers.GRU(H, **options)
        layer.build((None, None, D))
        assert gru_parameter_count(D, H, biases=biases) == layer.count_params()


def test_initial_weights():
    weights = init_gru(np.random.default_rng(0), 4, 6, keep_bias=2.0)
    assert np.abs(weights.W_x).max() <= np.sqrt(0.6)
    for block in np.split(weights.W_h, 3, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(6), atol=1e-12)
    np.testing.assert_array_equal(weights.b_x, np.repeat([0.0, 2.0, 0.0], 6))
    assert not weights.b_h.any()
    with pytest.raises(ValueError, match="D and H must be at least 1, got D=0 and H=2"):
        init_gru(np.random.default_rng(0), 0, 2)


@BOTH
def test_defaults_and_dtype(reset_after):
    x, h0, weights, dh, dh_T = random_problem(11)
    h, cache = gru_forward(x, weights, reset_after=reset_after)
    zeros, other = gru_forward(x, weights, 0.0 * h0, reset_after=reset_after)
    np.testing.assert_array_equal(h, zeros)
    ours, explicit = gru_backward(dh, cache), gru_backward(dh, other, 0.0 * dh_T)
    for a, b in zip(ours, explicit, strict=True):
        np.testing.assert_array_equal(a, b)
    x, h0, dh, dh_T, *arrays = (a.astype(np.float32) for a in (x, h0, dh, dh_T, *weights))
    for state, final in ((h0, dh_T), (None, None)):
        h, cache = gru_forward(x, GRUWeights(*arrays), state, reset_after=reset_after)
        assert {a.dtype for a in (h, *gru_backward(dh, cache, final))} == {np.dtype(np.float32)}
    assert {a.dtype for a in flip_update_gate(GRUWeights(*arrays))} == {np.dtype(np.float32)}


@BOTH
def test_inputs_and_cache_are_not_mutated(reset_after):
    x, h0, weights, dh, dh_T = random_problem(12)
    h, cache = gru_forward(x, weights, h0, reset_after=reset_after)
    arrays = [x, h0, *weights, dh, dh_T, *itertools.chain(*cache.steps)]
    before = [a.copy() for a in arrays]
    h[...] = 0.0  # the caller may do what they like with the result
    gru_backward(dh, cache, dh_T)
    flip_update_gate(weights)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_errors_name_expected_and_given_shape():
    x, h0, weights, dh, dh_T = random_problem(13)
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(5, 4\)"):
        gru_forward(x[0], weights, h0)
    with pytest.raises(ValueError, match=r"h0 must have shape \(N, H\) = \(3, 6\), got \(1, 6\)"):
        gru_forward(x, weights, h0[:1])
    with pytest.raises(ValueError, match=r"W_h must have shape \(H, 3H\), got \(6, 17\)"):
        gru_forward(x, weights._replace(W_h=weights.W_h[:, :17]), h0)
    with pytest.raises(ValueError, match=r"W_x must have shape \(D, 3H\), got \(4,\)"):
        gru_forward(x, weights._replace(W_x=weights.W_x[:, 0]), h0)
    with pytest.raises(ValueError, match=r"b_h must have shape \(3H,\) = \(18,\), got \(6,\)"):
        gru_forward(x, weights._replace(b_h=weights.b_h[:6]), h0)
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, D\) = \(3, 4\), got \(4,\)"):
        gru_step(x[0, 0], h0, weights)
    cache = gru_forward(x, weights, h0)[1]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        gru_backward(dh[:, :4], cache, dh_T)
    with pytest.raises(ValueError, match=r"dh_T must have shape \(N, H\) = \(3, 6\)"):
        gru_backward(dh, cache, dh_T[0])
