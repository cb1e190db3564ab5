"""Dropout on the recurrent path: with the same masks all frameworks and differences agree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course import LSTMWeights, lstm_backward, lstm_forward
from lstm_course.gradcheck import gradient_errors, named_arrays, random_problem, relative_error
from lstm_course.variants.recurrent_dropout import (
    draw_mask,
    dropout_lstm_backward,
    dropout_lstm_forward,
)
from lstm_course.variants.recurrent_dropout_torch import VariationalLSTM, WeightDropLSTM

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))
NAMES = ("x", "h0", "c0", "W_x", "W_h", "b")


def masked_problem(seed, N=3, T=5, D=4, H=6, steps=None):
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, N, T, D, H)
    mask = draw_mask(rng, (N, steps or T, H), 0.4)
    return problem, mask


def run(problem, mask, backward=dropout_lstm_backward):
    x, (h0, c0), weights, dh, d_state = problem
    *outputs, cache = dropout_lstm_forward(x, h0, c0, *weights, mask)
    return outputs, flat(backward(dh, *d_state, cache))


def flat(gradients):
    """Return the six gradients of a layer in the order of NAMES."""
    return [gradients.dx, *gradients.d_state, *gradients.d_weights]


def errors(problem, mask, backward=dropout_lstm_backward):
    x, (h0, c0), weights, dh, d_state = problem
    upstream = (dh, *d_state)

    def loss(**inputs):
        *outputs, _ = dropout_lstm_forward(*inputs.values(), mask)
        return sum(np.sum(a * b) for a, b in zip(outputs, upstream, strict=True))

    inputs = dict(zip(NAMES, (x, h0, c0, *weights), strict=True))
    gradients = run(problem, mask, backward)[1]
    return gradient_errors(loss, inputs, dict(zip(NAMES, gradients, strict=True)))


def assert_same(ours, theirs):
    for name, a, b in zip(NAMES, ours, theirs, strict=True):
        same = relative_error(a, np.asarray(b)) < TOLERANCE
        assert same or np.abs(a - b).max() < 1e-12, name


@pytest.mark.parametrize("steps", [1, None], ids=["one mask", "a mask a step"])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape, steps):
    found = errors(*masked_problem(0, *shape, steps=steps))
    assert max(found.values()) < TOLERANCE, found


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_without_dropout_it_is_the_lstm(shape):
    problem, _ = masked_problem(1, *shape)
    N, _, _, H = shape
    outputs, gradients = run(problem, np.ones((N, 1, H)))
    x, state, weights, dh, d_state = problem
    h, final, cache = lstm_forward(x, weights, state)
    for ours, theirs in zip(outputs, (h, *final), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    assert_same(gradients, flat(lstm_backward(dh, cache, d_state)))


def load(layer, weights, suffix=""):
    W_x, W_h, b = (torch.tensor(array) for array in weights)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    values = (W_x.T, W_h.T, b, torch.zeros_like(b))
    layer.load_state_dict({n + suffix: v for n, v in zip(names, values, strict=True)})


def torch_gradients(layer, problem, mask, states, suffix):
    inputs = (problem.x, *problem.state)
    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in inputs)
    h, (h_n, c_n) = layer(x, states(h0, c0), mask=mask)
    dh, dh_T, dc_T = map(torch.tensor, (problem.dh, *problem.d_state))
    ((h * dh).sum() + (h_n * dh_T).sum() + (c_n * dc_T).sum()).backward()
    inner = layer.cell if suffix == "" else layer.lstm
    W_x, W_h = getattr(inner, "weight_ih" + suffix), getattr(inner, "weight_hh" + suffix)
    b = getattr(inner, "bias_ih" + suffix)
    grads = [p.grad.numpy() for p in (x, h0, c0, W_x, W_h, b)]
    outputs = [a.detach().numpy() for a in (h, h_n, c_n)]
    return outputs, [*grads[:3], grads[3].T, grads[4].T, grads[5]]


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_variational_equals_torch(shape):
    problem, mask = masked_problem(2, *shape, steps=1)
    outputs, gradients = run(problem, mask)
    layer = VariationalLSTM(shape[2], shape[3], 0.4).double()
    load(layer.cell, problem.weights)
    given = torch.tensor(mask[:, 0])
    found, theirs = torch_gradients(layer, problem, given, lambda h, c: (h, c), "")
    for a, b in zip(outputs, found, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    assert_same(gradients, theirs)


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_weight_drop_equals_torch(shape):
    problem, _ = masked_problem(3, *shape)
    x, state, weights, dh, d_state = problem
    drop = draw_mask(np.random.default_rng(4), weights.W_h.shape, 0.4)
    h, final, cache = lstm_forward(x, weights._replace(W_h=drop * weights.W_h), state)
    dx, d_initial, d_weights = lstm_backward(dh, cache, d_state)
    d_weights = d_weights._replace(W_h=drop * d_weights.W_h)
    layer = WeightDropLSTM(shape[2], shape[3], 0.4).double()
    load(layer.lstm, weights, "_l0")
    given = torch.tensor(drop.T)
    found, theirs = torch_gradients(layer, problem, given, lambda h, c: (h[None], c[None]), "_l0")
    for a, b in zip((h, *final), found, strict=True):
        np.testing.assert_allclose(a, b.reshape(a.shape), rtol=0, atol=1e-12)
    assert_same([dx, *d_initial, *d_weights], theirs)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 5, 4, 6), (3, 1, 4, 1)], ids=str)
def test_variational_equals_keras(shape):
    import tensorflow as tf

    from lstm_course.variants.recurrent_dropout_keras import to_keras

    problem, mask = masked_problem(5, *shape, steps=1)
    outputs, gradients = run(problem, mask)
    layer = to_keras(problem.weights, 0.4, return_sequences=True, return_state=True)
    layer.cell.fixed = mask[:, 0]
    x, h0, c0 = (tf.Variable(array) for array in (problem.x, *problem.state))
    with tf.GradientTape() as tape:
        found = layer(x, initial_state=[h0, c0], training=True)
        upstream = (problem.dh, *problem.d_state)
        loss = sum(tf.reduce_sum(a * b) for a, b in zip(found, upstream, strict=True))
    for ours, theirs in zip(outputs, found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    theirs = tape.gradient(loss, [x, h0, c0, *(w.value for w in layer.weights)])
    assert_same(gradients, [g.numpy() for g in theirs])


def test_keras_draws_one_mask_for_all_gates():
    from lstm_course.variants.recurrent_dropout_keras import to_keras

    problem, _ = masked_problem(6)
    layer = to_keras(problem.weights, 0.5)
    masks = layer.cell.get_recurrent_dropout_mask(np.ones((2, 6)))
    assert len(masks) == 4
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    assert set(np.unique(masks[0])) == {0.0, 2.0}


@pytest.mark.parametrize("kind", [VariationalLSTM, WeightDropLSTM])
def test_torch_drops_only_in_training(kind):
    torch.manual_seed(0)
    layer, x = kind(4, 6, 0.5), torch.randn(2, 5, 4)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])


PLANTS = {
    "mask left out on the way back": ("mask[:, t] * dmasked", "dmasked"),
    "mask of the wrong step": ("mask[:, t] * dmasked", "mask[:, t - 1] * dmasked"),
    "mask applied twice": ("mask[:, t] * dmasked", "mask[:, t] ** 2 * dmasked"),
    "mask on the sum that arrives": (
        "dh_t = dh[:, t] + dh_next",
        "dh_t = mask[:, t] * (dh[:, t] + dh_next)",
    ),
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t] + dh_T * (t == T - 1)"),
    "mask on the cell state": (
        "dh_next = mask[:, t] * dmasked",
        "dh_next, dc_next = mask[:, t] * dmasked, mask[:, t] * dc_next",
    ),
    "loss gradient only at the last step": (
        "dh[:, t] + dh_next",
        "dh[:, t] * (t == T - 1) + dh_next",
    ),
    "dh_T ignored": ("dh_next, dc_next = dh_T, dc_T", "dh_next, dc_next = 0 * dh_T, dc_T"),
    "dc_T ignored": ("dh_next, dc_next = dh_T, dc_T", "dh_next, dc_next = dh_T, 0 * dc_T"),
    "weights of the last step only": (
        "total + part for total, part",
        "part for total, part",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_bugs_are_caught(planted, name):
    wrong = planted(dropout_lstm_backward, *PLANTS[name])
    assert max(errors(*masked_problem(7), wrong).values()) > TOLERANCE


def test_masks_have_mean_one():
    mask = draw_mask(np.random.default_rng(0), (400, 500), 0.3)
    assert set(np.unique(mask)) == {0.0, 1.0 / 0.7}
    assert abs(mask.mean() - 1.0) < 0.01
    with pytest.raises(ValueError, match=r"p must be at least 0 and below 1, got 1\.0"):
        draw_mask(np.random.default_rng(0), (2, 2), 1.0)


def test_inputs_are_not_mutated():
    problem, mask = masked_problem(8)
    arrays = [*named_arrays(problem).values(), mask]
    before = [array.copy() for array in arrays]
    run(problem, mask)
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_errors_name_expected_and_given_shape():
    problem, mask = masked_problem(9)
    x, (h0, c0), weights, dh, (dh_T, dc_T) = problem
    with pytest.raises(ValueError, match=r"\(N, 1, H\) = \(3, 1, 6\) or .* got \(3, 6\)"):
        dropout_lstm_forward(x, h0, c0, *weights, mask[:, 0])
    with pytest.raises(ValueError, match=r"with T >= 1, got \(5, 4\)"):
        dropout_lstm_forward(x[0], h0, c0, *weights, mask)
    with pytest.raises(ValueError, match=r"x_t must have shape"):
        dropout_lstm_forward(x, h0, c0, *LSTMWeights(weights.W_x[:2], *weights[1:]), mask)
    cache = dropout_lstm_forward(x, h0, c0, *weights, mask)[3]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        dropout_lstm_backward(dh[:, :2], dh_T, dc_T, cache)
