"""The bidirectional layer equals packed sequences in PyTorch and masks in Keras."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_course import LSTMWeights
from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import bidirectional
from lstm_course.variants.bidirectional import (
    MERGE_MODES,
    BidirectionalWeights,
    bidirectional_backward,
    bidirectional_forward,
    merge_directions,
    reverse_within,
)
from lstm_course.variants.layers_interop import (
    bidirectional_from_keras,
    bidirectional_from_torch,
    bidirectional_to_keras,
    bidirectional_to_torch,
)

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
NAMES = ("W_x", "W_h", "b")


class Problem(NamedTuple):
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    weights: BidirectionalWeights
    lengths: np.ndarray
    dy: np.ndarray
    dh_n: np.ndarray
    dc_n: np.ndarray


def random_weights(draw, D, H):
    return LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), 0.5 * draw(4 * H))


def random_problem(seed, N=3, T=5, D=4, H=6, merge="concat"):
    """Draw a problem in which nothing is zero, with lengths from T down, and wild padding."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    weights = BidirectionalWeights(random_weights(draw, D, H), random_weights(draw, D, H))
    lengths = np.maximum(1, T - 2 * np.arange(N))
    x = draw((N, T, D))
    x[np.arange(T) >= lengths[:, None]] = 9.0
    states = [draw((2, N, H)) for _ in range(4)]
    dy = draw((N, T, 2 * H if merge == "concat" else H))
    return Problem(x, *states[:2], weights, lengths, dy, *states[2:])


def flat(x, h0, c0, weights):
    """Return the arrays by name."""
    arrays = {"x": x, "h0": h0, "c0": c0}
    for side, one in zip("fb", weights, strict=True):
        arrays |= {f"{name}_{side}": w for name, w in zip(NAMES, one, strict=True)}
    return arrays


def errors_of(problem, merge="concat", backward=bidirectional_backward):
    """Return the relative error of each gradient against central differences."""
    x, h0, c0, weights, lengths, dy, dh_n, dc_n = problem

    def run(x, h0, c0, **arrays):
        sides = [LSTMWeights(*(arrays[f"{n}_{side}"] for n in NAMES)) for side in "fb"]
        return bidirectional_forward(x, h0, c0, BidirectionalWeights(*sides), lengths, merge)

    def loss(**arrays):
        y, h_n, c_n, _ = run(**arrays)
        return float(np.sum(y * dy) + np.sum(h_n * dh_n) + np.sum(c_n * dc_n))

    inputs = flat(x, h0, c0, weights)
    return gradient_errors(loss, inputs, flat(*backward(dy, dh_n, dc_n, run(**inputs)[3])))


@pytest.mark.parametrize("merge", MERGE_MODES)
def test_gradients_equal_differences(merge):
    errors = errors_of(random_problem(0, T=4, D=2, H=2, merge=merge), merge)
    assert len(errors) == 9
    assert max(errors.values()) < TOLERANCE, errors


def torch_run(problem):
    """Return outputs and gradients of a packed bidirectional layer."""
    x, h0, c0, weights, lengths, dy, dh_n, dc_n = problem
    module = bidirectional_to_torch([weights])
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, h0, c0)]
    packed = pack_padded_sequence(
        inputs[0], torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    out, (h_n, c_n) = module(packed, (inputs[1], inputs[2]))
    y, _ = pad_packed_sequence(out, batch_first=True, total_length=x.shape[1])
    pairs = ((y, dy), (h_n, dh_n), (c_n, dc_n))
    sum((o * torch.tensor(d)).sum() for o, d in pairs).backward()
    gradients = [a.grad.numpy() for a in inputs]
    for ih, hh, bias, _ in module.all_weights:
        gradients += [ih.grad.numpy().T, hh.grad.numpy().T, bias.grad.numpy()]
    return [o.detach().numpy() for o in (y, h_n, c_n)], gradients


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_a_packed_batch_in_torch(shape):
    problem = random_problem(1, *shape)
    *ours, cache = bidirectional_forward(*problem[:5])
    outputs, gradients = torch_run(problem)
    for a, b in zip(ours, outputs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    found = bidirectional_backward(*problem[5:], cache)
    arrays = [*found[:3], *(a for side in found.dweights for a in side)]
    for a, b in zip(arrays, gradients, strict=True):
        assert relative_error(a, b) < TOLERANCE


@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize("merge", MERGE_MODES)
def test_equals_keras_with_a_mask(shape, merge):
    import tensorflow as tf

    problem = random_problem(2, *shape, merge)
    x, h0, c0, weights, lengths, dy, dh_n, dc_n = problem
    *ours, cache = bidirectional_forward(*problem[:5], merge)
    layer = bidirectional_to_keras(weights, merge, return_sequences=True, return_state=True)
    inputs = [tf.Variable(a) for a in (x, h0, c0)]
    mask = np.arange(shape[1]) < lengths[:, None]
    with tf.GradientTape() as tape:
        states = [inputs[k][side] for side in (0, 1) for k in (1, 2)]
        y, h_f, c_f, h_b, c_b = layer(inputs[0], mask=mask, initial_state=states)
        outputs = (y, tf.stack([h_f, h_b]), tf.stack([c_f, c_b]))
        loss = sum(tf.reduce_sum(o * d) for o, d in zip(outputs, (dy, dh_n, dc_n), strict=True))
    for a, b in zip(ours, outputs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    found = bidirectional_backward(dy, dh_n, dc_n, cache)
    arrays = [*found[:3], *(a for side in found.dweights for a in side)]
    gradients = tape.gradient(loss, [*inputs, *layer.trainable_variables])
    for a, b in zip(arrays, gradients, strict=True):
        assert relative_error(a, np.array(b)) < TOLERANCE


def test_two_layers_equal_torch():
    x, h0, c0, lower, lengths, *_ = random_problem(3)
    draw = np.random.default_rng(4).standard_normal
    upper = BidirectionalWeights(random_weights(draw, 12, 6), random_weights(draw, 12, 6))
    y_1, h_1, c_1, _ = bidirectional_forward(x, h0, c0, lower, lengths)
    y_2, h_2, c_2, _ = bidirectional_forward(y_1, 2 * h0, 2 * c0, upper, lengths)
    module = bidirectional_to_torch([lower, upper])
    packed = pack_padded_sequence(torch.tensor(x), torch.tensor(lengths), batch_first=True)
    start = [torch.tensor(np.concatenate([a, 2 * a])) for a in (h0, c0)]
    with torch.no_grad():
        out, (h_n, c_n) = module(packed, tuple(start))
    y, _ = pad_packed_sequence(out, batch_first=True)
    np.testing.assert_allclose(y_2, y, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([h_1, h_2]), h_n, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([c_1, c_2]), c_n, atol=1e-12)


def test_padding_has_no_influence_and_gets_no_gradient():
    problem = random_problem(5)
    x, h0, c0, weights, lengths, *upstream = problem
    padded = np.arange(x.shape[1]) >= lengths[:, None]
    other = np.where(padded[:, :, None], -7.0, x)
    *ours, cache = bidirectional_forward(x, h0, c0, weights, lengths)
    for a, b in zip(ours, bidirectional_forward(other, h0, c0, weights, lengths), strict=False):
        np.testing.assert_array_equal(a, b)
    assert not ours[0][padded].any()
    assert not bidirectional_backward(*upstream, cache).dx[padded].any()
    for n, length in enumerate(lengths):
        row = slice(n, n + 1)
        alone = bidirectional_forward(x[row, :length], h0[:, row], c0[:, row], weights)
        np.testing.assert_allclose(ours[0][row, :length], alone[0], atol=1e-12)
        np.testing.assert_allclose(ours[1][:, row], alone[1], atol=1e-12)


def test_final_states_are_the_last_and_the_first_output():
    x, h0, c0, weights, lengths, *_ = random_problem(6)
    y, h_n, _, _ = bidirectional_forward(x, h0, c0, weights, lengths)
    np.testing.assert_array_equal(h_n[0], y[np.arange(3), lengths - 1, :6])
    np.testing.assert_array_equal(h_n[1], y[:, 0, 6:])


def test_reverse_within():
    x = np.array([[[1.0], [2.0], [3.0], [0.0]], [[4.0], [0.0], [0.0], [0.0]]])
    turned = reverse_within(x, np.array([3, 1]))
    np.testing.assert_array_equal(turned[:, :, 0], [[3, 2, 1, 0], [4, 0, 0, 0]])
    np.testing.assert_array_equal(reverse_within(turned, np.array([3, 1])), x)
    full = reverse_within(x, np.array([4, 4]))
    np.testing.assert_array_equal(full, x[:, ::-1])


def test_merge_modes():
    ahead, back = np.array([[[1.0, 2.0]]]), np.array([[[3.0, 5.0]]])
    expected = {"concat": [1, 2, 3, 5], "sum": [4, 7], "mul": [3, 10], "ave": [2, 3.5]}
    for merge, values in expected.items():
        np.testing.assert_array_equal(merge_directions(ahead, back, merge)[0, 0], values)


#: name: (function, text, what the bug makes of it)
PLANTS = {
    "gradient not turned round": (
        "bidirectional_backward",
        "turned = reverse_within(dh_b, lengths)",
        "turned = dh_b",
    ),
    "dx not turned back": (
        "bidirectional_backward",
        "dx_f + reverse_within(dx_b, lengths)",
        "dx_f + dx_b",
    ),
    "turned over the whole width": (
        "bidirectional_backward",
        "turned = reverse_within(dh_b, lengths)",
        "turned = dh_b[:, ::-1]",
    ),
    "dx turned over the whole width": (
        "bidirectional_backward",
        "dx_f + reverse_within(dx_b, lengths)",
        "dx_f + dx_b[:, ::-1]",
    ),
    "dx of one direction": (
        "bidirectional_backward",
        "dx_f + reverse_within(dx_b, lengths)",
        "dx_f",
    ),
    "halves swapped": ("bidirectional_backward", "dh_f, dh_b = split", "dh_b, dh_f = split"),
    "final states swapped": ("bidirectional_backward", "turned, dh_n[1]", "turned, dh_n[0]"),
    "final cell states swapped": ("bidirectional_backward", "dc_n[0], forward", "dc_n[1], forward"),
    "final state ignored": ("bidirectional_backward", "turned, dh_n[1]", "turned, 0 * dh_n[1]"),
    "final cell state ignored": ("bidirectional_backward", "dc_n[1], back", "0 * dc_n[1], back"),
    "weights swapped": (
        "bidirectional_backward",
        "BidirectionalWeights(d_forward, d_backward)",
        "BidirectionalWeights(d_backward, d_forward)",
    ),
    "initial states swapped": (
        "bidirectional_backward",
        "np.stack([dh0_f, dh0_b])",
        "np.stack([dh0_b, dh0_f])",
    ),
    "only the last group counts": ("_run_back", "total + more for", "more for"),
    "padding read": ("_run_back", "dh[rows, :length]", "dh[rows, -length:]"),
    "rows mixed up": ("_run_back", "dh0[rows], dc0", "dh0[rows[::-1]], dc0"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    function, text, bug = PLANTS[name]
    broken = planted(getattr(bidirectional, function), text, bug)
    monkeypatch.setattr(bidirectional, function, broken)
    problem = random_problem(0, N=4, T=5, D=2, H=2)
    problem = problem._replace(lengths=np.array([5, 3, 3, 1]))
    errors = errors_of(problem, backward=bidirectional.bidirectional_backward)
    assert max(errors.values()) > TOLERANCE


@pytest.mark.parametrize(
    ("merge", "text", "bug"),
    [
        ("mul", "return dy * back, dy * ahead", "return dy * ahead, dy * back"),
        ("ave", "0.5 if", "1.0 if"),
        ("sum", "else 1.0", "else 0.5"),
        ("concat", "dy[..., :H], dy[..., H:]", "dy[..., H:], dy[..., :H]"),
    ],
)
def test_bugs_of_the_merge_are_caught(merge, text, bug, planted, monkeypatch):
    broken = planted(bidirectional.split_gradient, text, bug)
    monkeypatch.setattr(bidirectional, "split_gradient", broken)
    errors = errors_of(random_problem(0, T=3, D=2, H=2, merge=merge), merge)
    assert max(errors.values()) > TOLERANCE


def test_weights_survive_the_trip():
    problem = random_problem(7)
    draw = np.random.default_rng(8).standard_normal
    upper = BidirectionalWeights(random_weights(draw, 12, 6), random_weights(draw, 12, 6))
    layers = (problem.weights, upper)
    trips = zip(layers, bidirectional_from_torch(bidirectional_to_torch(layers)), strict=True)
    pairs = [*trips, (upper, bidirectional_from_keras(bidirectional_to_keras(upper)))]
    for ours, back in pairs:
        for side, side_back in zip(ours, back, strict=True):
            for a, b in zip(side, side_back, strict=True):
                np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="two directions, no projection and biases"):
        bidirectional_from_torch(torch.nn.LSTM(3, 5))
    with pytest.raises(ValueError, match=r"W_x of layer 2 must have shape .* \(24, 12\)"):
        bidirectional_to_torch((problem.weights, problem.weights))


def test_inputs_are_not_mutated():
    problem = random_problem(9)
    sides = [w for side in problem.weights for w in side]
    arrays = [a for k, a in enumerate(problem) if k != 3] + sides
    before = [a.copy() for a in arrays]
    bidirectional_backward(*problem[5:], bidirectional_forward(*problem[:5])[3])
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_errors_name_expected_and_given():
    x, h0, c0, weights, lengths, dy, dh_n, dc_n = random_problem(10)
    with pytest.raises(ValueError, match=r"h0 must have shape \(2, N, H\) = \(2, 3, 6\)"):
        bidirectional_forward(x, h0[0], c0, weights)
    with pytest.raises(ValueError, match=r"x must have shape \(N, T, D\) = \(3, 5, 4\)"):
        bidirectional_forward(x[:, :, :3], h0, c0, weights)
    with pytest.raises(ValueError, match=r"x must have shape \(N, T, D\), got \(5, 4\)"):
        bidirectional_forward(x[0], h0, c0, weights)
    with pytest.raises(ValueError, match="merge must be one of concat, sum, mul, ave, got 'max'"):
        bidirectional_forward(x, h0, c0, weights, lengths, "max")
    with pytest.raises(ValueError, match=r"lengths must be integers of shape \(N,\) = \(3,\)"):
        bidirectional_forward(x, h0, c0, weights, lengths[:2])
    with pytest.raises(ValueError, match=r"lengths must lie between 1 and T = 5, got \[6, 3, 1\]"):
        bidirectional_forward(x, h0, c0, weights, lengths + np.array([1, 0, 0]))
    narrow = random_weights(np.random.default_rng(0).standard_normal, 4, 2)
    with pytest.raises(ValueError, match=r"one D and H, got \(4, 6\) and \(4, 2\)"):
        bidirectional_forward(x, h0, c0, weights._replace(backward=narrow))
    cache = bidirectional_forward(x, h0, c0, weights, lengths)[3]
    with pytest.raises(ValueError, match=r"dy must have shape \(N, T, 2H\) = \(3, 5, 12\)"):
        bidirectional_backward(dy[:, :, :6], dh_n, dc_n, cache)
    with pytest.raises(ValueError, match=r"dh_n must have shape \(2, N, H\) = \(2, 3, 6\)"):
        bidirectional_backward(dy, dh_n[0], dc_n, cache)
