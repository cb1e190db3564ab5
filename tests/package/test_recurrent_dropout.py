"""What is special about dropout on the recurrent path: masks, weight drop, planted bugs."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
import torch

from lstm_course import LSTMState, lstm_backward, lstm_forward, lstm_step, lstm_torch
from lstm_course.gradcheck import check_gradients, random_problem, relative_error
from lstm_course.variants import recurrent_dropout
from lstm_course.variants.recurrent_dropout import (
    draw_mask,
    recurrent_dropout_backward,
    recurrent_dropout_forward,
    recurrent_dropout_step,
    recurrent_dropout_step_backward,
)
from lstm_course.variants.recurrent_dropout_torch import VariationalLSTM, WeightDropLSTM

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))
CLOSE = {"rtol": 0, "atol": 1e-12}


def masked_problem(seed, N=3, T=5, D=4, H=6):
    """Draw a problem, and a mask of its own for each step."""
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, N, T, D, H)
    return problem, draw_mask(rng, (N, T, H), 0.4)


def flat(h, state, gradients):
    """Return outputs, and the gradients of the input, the state and the weights, in lists."""
    return [h, *state], [gradients.dx, *gradients.d_state, *gradients.d_weights]


def run(problem, mask):
    x, state, weights, dh, d_state = problem
    h, final, cache = recurrent_dropout_forward(x, weights, state, mask=mask)
    return flat(h, final, recurrent_dropout_backward(dh, cache, d_state))


def errors(problem, mask):
    forward = partial(recurrent_dropout_forward, mask=mask)
    return check_gradients(problem, forward, recurrent_dropout.recurrent_dropout_backward)


def assert_same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        same = relative_error(a, np.asarray(b)) < TOLERANCE
        assert same or np.abs(a - b).max() < 1e-12


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_with_a_mask_a_step_equal_differences(shape):
    found = errors(*masked_problem(0, *shape))
    assert max(found.values()) < TOLERANCE, found


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_without_dropout_it_is_the_lstm(shape):
    problem, _ = masked_problem(1, *shape)
    outputs, gradients = run(problem, np.ones((shape[0], 1, shape[3])))
    x, state, weights, dh, d_state = problem
    h, final, cache = lstm_forward(x, weights, state)
    expected, right = flat(h, final, lstm_backward(dh, cache, d_state))
    for ours, theirs in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)
    assert_same(gradients, right)


def torch_gradients(layer, problem, mask):
    """Return outputs and gradients of a layer of PyTorch, whose states have one axis more."""
    inner, suffix = (layer.lstm, "_l0") if hasattr(layer, "lstm") else (layer.cell, "")
    inputs = [torch.tensor(array, requires_grad=True) for array in (problem.x, *problem.state)]
    start = [state[None] if suffix else state for state in inputs[1:]]
    h, final = layer(inputs[0], tuple(start), mask=mask)
    outputs = [h, *(state.reshape(inputs[1].shape) for state in final)]
    upstream = map(torch.tensor, (problem.dh, *problem.d_state))
    sum((a * d).sum() for a, d in zip(outputs, upstream, strict=True)).backward()
    names = ("weight_ih", "weight_hh", "bias_ih")
    grads = [getattr(inner, name + suffix).grad.numpy().T for name in names]
    return [a.detach().numpy() for a in outputs], [*(a.grad.numpy() for a in inputs), *grads]


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_weight_drop_equals_torch(shape):
    problem, _ = masked_problem(3, *shape)
    x, state, weights, dh, d_state = problem
    drop = draw_mask(np.random.default_rng(4), weights.W_h.shape, 0.4)
    h, final, cache = lstm_forward(x, weights._replace(W_h=drop * weights.W_h), state)
    outputs, gradients = flat(h, final, lstm_backward(dh, cache, d_state))
    gradients[4] = drop * gradients[4]
    layer = WeightDropLSTM(shape[2], shape[3], 0.4).double()
    layer.lstm.load_state_dict(lstm_torch.to_torch(weights).state_dict())
    found, theirs = torch_gradients(layer, problem, torch.tensor(drop.T))
    for a, b in zip(outputs, found, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    assert_same(gradients, theirs)


def test_keras_draws_one_mask_for_all_gates():
    from lstm_course.variants.recurrent_dropout_keras import from_keras, to_keras

    problem, _ = masked_problem(6)
    layer = to_keras(problem.weights, 0.5)
    masks = layer.cell.get_recurrent_dropout_mask(np.ones((2, 6)))
    assert len(masks) == 4
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    assert set(np.unique(masks[0])) == {0.0, 2.0}
    layer.cell.dropout = 0.5
    with pytest.raises(ValueError, match=r"dropout=0.0, got 0.5: it computes another function"):
        from_keras(layer)


@pytest.mark.parametrize("kind", [VariationalLSTM, WeightDropLSTM])
def test_torch_drops_only_in_training(kind):
    torch.manual_seed(0)
    layer, x = kind(4, 6, 0.5), torch.randn(2, 5, 4)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])


#: name: (text of the step backward, what the bug makes of it); those of the loop: test_steps.py
PLANTS = {
    "mask left out on the way back": ("cache.mask * dmasked", "dmasked"),
    "mask applied twice": ("cache.mask * dmasked", "cache.mask**2 * dmasked"),
    "mask on the gradient that arrives": (
        "lstm_step_backward(d_state,",
        "lstm_step_backward(LSTMState(cache.mask * d_state.h, d_state.c),",
    ),
    "mask on the cell state": (
        "LSTMState(cache.mask * dmasked, dc_prev)",
        "LSTMState(cache.mask * dmasked, cache.mask * dc_prev)",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_bugs_are_caught(planted, monkeypatch, name):
    wrong = planted(recurrent_dropout_step_backward, *PLANTS[name])
    monkeypatch.setattr(recurrent_dropout, "recurrent_dropout_step_backward", wrong)
    assert max(errors(*masked_problem(7)).values()) > TOLERANCE


def test_each_step_has_its_own_mask(planted):
    (x, start, weights, _, _), mask = masked_problem(7)
    state, by_hand = start, []
    for t in range(x.shape[1]):
        state, _ = lstm_step(x[:, t], LSTMState(mask[:, t] * state.h, state.c), weights)
        by_hand.append(state.h)
    wrong = planted(recurrent_dropout_forward, "masks[:, t])", "masks[:, t - 1])")
    right = recurrent_dropout_forward(x, weights, start, mask=mask)[0]
    np.testing.assert_allclose(right, np.stack(by_hand, axis=1), **CLOSE)
    assert np.abs(wrong(x, weights, start, mask=mask)[0] - right).max() > TOLERANCE


def test_masks_have_mean_one_and_the_dtype_that_is_asked_for():
    mask = draw_mask(np.random.default_rng(0), (400, 500), 0.3)
    assert set(np.unique(mask)) == {0.0, 1.0 / 0.7}
    assert abs(mask.mean() - 1.0) < 0.01
    single = draw_mask(np.random.default_rng(0), (400, 500), 0.3, np.float32)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, mask.astype(np.float32))
    with pytest.raises(ValueError, match=r"p must be at least 0 and below 1, got 1\.0"):
        draw_mask(np.random.default_rng(0), (2, 2), 1.0)


def test_errors_name_expected_and_given_shape():
    (x, state, weights, _, _), mask = masked_problem(9)
    with pytest.raises(ValueError, match=r"\(N, 1, H\) = \(3, 1, 6\) or .* got \(3, 6\)"):
        recurrent_dropout_forward(x, weights, state, mask=mask[:, 0])
    with pytest.raises(ValueError, match=r"mask must have shape \(N, H\) = \(3, 6\), got"):
        recurrent_dropout_step(x[:, 0], state, weights, mask=mask[0])
