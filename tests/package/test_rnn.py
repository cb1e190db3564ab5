"""The plain RNN equals PyTorch, in outputs and gradients, and its gradients equal differences."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.rnn import (
    RNNGradients,
    RNNWeights,
    init_rnn,
    rnn_backward,
    rnn_forward,
    rnn_step,
)

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H


class Problem(NamedTuple):
    x: np.ndarray
    h_0: np.ndarray
    weights: RNNWeights
    dh: np.ndarray
    dh_T: np.ndarray


def random_problem(seed, N=3, T=5, D=4, H=6):
    """Draw a problem in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    weights = RNNWeights(0.5 * draw((D, H)), 0.5 * draw((H, H)), 0.5 * draw(H))
    return Problem(draw((N, T, D)), draw((N, H)), weights, draw((N, T, H)), draw((N, H)))


def errors_of(problem, backward=rnn_backward):
    """Return the relative error of each of the five gradients against central differences."""
    x, h_0, weights, dh, dh_T = problem
    inputs = {"x": x, "h_0": h_0, **weights._asdict()}

    def loss(x, h_0, **weights):
        h, _ = rnn_forward(x, RNNWeights(**weights), h_0)
        return np.sum(h * dh) + np.sum(h[:, -1] * dh_T)

    gradients = backward(dh, rnn_forward(x, weights, h_0)[1], dh_T)
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=True)))


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape):
    errors = errors_of(random_problem(1, *shape))
    assert set(errors) == {"x", "h_0", "W_x", "W_h", "b"}
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_the_steps(shape):
    problem = random_problem(2, *shape)
    h, _ = rnn_forward(problem.x, problem.weights, problem.h_0)
    h_t = problem.h_0
    for t in range(shape[1]):
        h_t = rnn_step(problem.x[:, t], h_t, problem.weights)
        np.testing.assert_allclose(h[:, t], h_t, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, bias):
    x, h_0, weights, dh, dh_T = random_problem(3, *shape)
    if not bias:
        weights = weights._replace(b=np.zeros_like(weights.b))
    h, cache = rnn_forward(x, weights, h_0)
    gradients = rnn_backward(dh, cache, dh_T)

    layer = torch.nn.RNN(*weights.W_x.shape, bias=bias, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(weights.W_x.T))
        layer.weight_hh_l0.copy_(torch.tensor(weights.W_h.T))
        if bias:
            layer.bias_ih_l0.copy_(torch.tensor(weights.b))
            layer.bias_hh_l0.zero_()
    x, h_0 = torch.tensor(x, requires_grad=True), torch.tensor(h_0, requires_grad=True)
    output, h_n = layer(x, h_0[None])
    np.testing.assert_allclose(h, output.detach(), atol=1e-12)
    np.testing.assert_allclose(h[:, -1], h_n[0].detach(), atol=1e-12)
    ((output * torch.tensor(dh)).sum() + (h_n[0] * torch.tensor(dh_T)).sum()).backward()
    W_x, W_h = layer.weight_ih_l0.grad.T, layer.weight_hh_l0.grad.T
    db = layer.bias_ih_l0.grad if bias else gradients.db
    theirs = RNNGradients(x.grad, h_0.grad, W_x, W_h, db)
    for name, a, b in zip(RNNGradients._fields, gradients, theirs, strict=True):
        assert relative_error(a, np.asarray(b)) < TOLERANCE, name


#: name: (text of rnn_backward, what the bug makes of it)
PLANTS = {
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t] + (dh_T if t == T - 1 else 0.0)"),
    "loss gradient only at the last step": (
        "dh[:, t] + dh_next",
        "dh[:, t] * (t == T - 1) + dh_next",
    ),
    "dh_T ignored": ("dh_next = dh_T ", "dh_next = 0.0 * dh_T "),
    "dh_next added twice": ("dh[:, t] + dh_next", "dh[:, t] + 2.0 * dh_next"),
    "slope taken one step early": ("1.0 - h[:, t + 1] ** 2", "1.0 - h[:, t] ** 2"),
    "slope forgotten": (" * (1.0 - h[:, t + 1] ** 2)", ""),
    "tanh' of an activated value": (
        "1.0 - h[:, t + 1] ** 2",
        "1.0 - np.tanh(h[:, t + 1]) ** 2",
    ),
    "bias missing when the state is recomputed": (
        "1.0 - h[:, t + 1] ** 2",
        "1.0 - np.tanh(x[:, t] @ W_x + h[:, t] @ W_h) ** 2",
    ),
    "slope left out on the way back": ("da[:, t] @ W_h.T", "dh_t @ W_h.T"),
    "W_h not transposed": ("da[:, t] @ W_h.T", "da[:, t] @ W_h"),
    "dW_h built with h_t": ("tensordot(h[:, :-1]", "tensordot(h[:, 1:]"),
    "dW_h from the last step only": (
        "np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))",
        "h[:, -2].T @ da[:, -1]",
    ),
    "dW_h without the initial state": (
        "np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))",
        "np.tensordot(h[:, 1:-1], da[:, 1:], axes=([0, 1], [0, 1]))",
    ),
    "db not summed over the batch": ("da.sum(axis=(0, 1))", "da[0].sum(axis=0)"),
    "db averaged over the batch": ("da.sum(axis=(0, 1))", "da.mean(axis=0).sum(axis=0)"),
    "db from the last step only": ("da.sum(axis=(0, 1))", "da[:, -1].sum(axis=0)"),
}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", range(3))
def test_each_planted_bug_is_caught(name, seed, planted):
    backward = planted(rnn_backward, *PLANTS[name])
    assert max(errors_of(random_problem(seed), backward).values()) > TOLERANCE


def without(*fields):
    def change(problem):
        zeroed = {k: np.zeros_like(getattr(problem, k)) for k in fields if k != "b"}
        if "b" in fields:
            weights = problem.weights
            zeroed["weights"] = weights._replace(b=np.zeros_like(weights.b))
        return problem._replace(**zeroed)

    return change


@pytest.mark.parametrize(
    ("shape", "change"),
    [
        ({"T": 1}, without()),
        ({"N": 1}, without()),
        ({"H": 1}, without()),
        ({}, without("b")),
        ({}, without("h_0")),
        ({}, without("dh_T")),
        ({}, without("dh")),
    ],
    ids=["T=1", "N=1", "H=1", "zero bias", "zero h_0", "no dh_T", "no dh"],
)
def test_cheaper_designs_miss_some(shape, change, planted):
    problem = change(random_problem(0, **shape))
    backwards = [planted(rnn_backward, *PLANTS[name]) for name in PLANTS]
    assert min(max(errors_of(problem, b).values()) for b in backwards) <= TOLERANCE


def test_initial_state_and_final_gradient_default_to_zero():
    x, h_0, weights, dh, dh_T = random_problem(4)
    h, cache = rnn_forward(x, weights)
    zeros, zero_cache = rnn_forward(x, weights, np.zeros_like(h_0))
    np.testing.assert_array_equal(h, zeros)
    ours, explicit = rnn_backward(dh, cache), rnn_backward(dh, zero_cache, np.zeros_like(dh_T))
    for a, b in zip(ours, explicit, strict=True):
        np.testing.assert_array_equal(a, b)


def test_initial_weights():
    weights = init_rnn(np.random.default_rng(0), 4, 6)
    assert [w.shape for w in weights] == [(4, 6), (6, 6), (6,)]
    assert np.abs(weights.W_x).max() <= np.sqrt(0.6)
    np.testing.assert_allclose(weights.W_h @ weights.W_h.T, np.eye(6), atol=1e-12)
    assert not weights.b.any()
    for a, b in zip(weights, init_rnn(np.random.default_rng(0), 4, 6), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="D and H must be at least 1, got D=0 and H=2"):
        init_rnn(np.random.default_rng(0), 0, 2)


def test_inputs_and_cache_are_not_mutated():
    x, h_0, weights, dh, dh_T = random_problem(5)
    arrays = [x, h_0, *weights, dh, dh_T]
    before = [a.copy() for a in arrays]
    h, cache = rnn_forward(x, weights, h_0)
    kept = cache.h.copy()
    h[...] = 0.0  # the caller may do what they like with the result
    rnn_backward(dh, cache, dh_T)
    for a, b in zip([*arrays, cache.h], [*before, kept], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    x, h_0, weights, dh, dh_T = random_problem(6)
    x, h_0, dh, dh_T, *arrays = (a.astype(dtype) for a in (x, h_0, dh, dh_T, *weights))
    for initial, final in ((h_0, dh_T), (None, None)):
        h, cache = rnn_forward(x, RNNWeights(*arrays), initial)
        results = (h, *rnn_backward(dh, cache, final))
        assert {a.dtype for a in results} == {np.dtype(dtype)}


def test_errors_name_expected_and_given_shape():
    x, h_0, weights, dh, dh_T = random_problem(7)
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(5, 4\)"):
        rnn_forward(x[0], weights, h_0)
    with pytest.raises(ValueError, match=r"h_0 must have shape \(N, H\) = \(3, 6\), got \(1, 6\)"):
        rnn_forward(x, weights, h_0[:1])
    with pytest.raises(ValueError, match=r"W_h must have shape \(H, H\) = \(6, 6\)"):
        rnn_forward(x, weights._replace(W_h=weights.W_h[:, :5]), h_0)
    with pytest.raises(ValueError, match=r"W_x must have shape \(D, H\), got \(4,\)"):
        rnn_forward(x, weights._replace(W_x=weights.W_x[:, 0]), h_0)
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, D\) = \(3, 4\), got \(4,\)"):
        rnn_step(x[0, 0], h_0, weights)
    cache = rnn_forward(x, weights, h_0)[1]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        rnn_backward(dh[:, :4], cache, dh_T)
    with pytest.raises(ValueError, match=r"dh_T must have shape \(N, H\) = \(3, 6\)"):
        rnn_backward(dh, cache, dh_T[0])
