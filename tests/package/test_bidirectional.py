"""The bidirectional layer equals packed sequences in PyTorch and masks in Keras."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_course import LSTMState, LSTMWeights
from lstm_course.gradcheck import (
    Problem,
    check_gradients,
    map_arrays,
    named_arrays,
    relative_error,
)
from lstm_course.variants import (
    bidirectional,
    bidirectional_keras,
    bidirectional_torch,
)
from lstm_course.variants.bidirectional import (
    MERGE_MODES,
    BidirectionalWeights,
    bidirectional_backward,
    bidirectional_forward,
    merge_directions,
    reverse_within,
)

TOLERANCE = 1e-6
CLOSE = {"rtol": 0, "atol": 1e-12}
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H


def random_weights(draw, D, H):
    sides = (
        LSTMWeights(0.5 * draw((D, 4 * H)), 0.5 * draw((H, 4 * H)), 0.5 * draw(4 * H))
        for _ in range(2)
    )
    return BidirectionalWeights(*sides)


def random_problem(seed, N=3, T=5, D=4, H=6, merge="concat"):
    """Draw a problem in which nothing is zero, with lengths from T down, and wild padding."""
    draw = np.random.default_rng(seed).standard_normal
    weights = random_weights(draw, D, H)
    lengths = np.maximum(1, T - 2 * np.arange(N))
    x = draw((N, T, D))
    x[np.arange(T) >= lengths[:, None]] = 9.0
    state, d_state = (LSTMState(draw((2, N, H)), draw((2, N, H))) for _ in range(2))
    dy = draw((N, T, 2 * H if merge == "concat" else H))
    return Problem(x, state, weights, dy, d_state), lengths


def errors_of(problem, lengths, merge="concat", backward=bidirectional_backward):
    """Return the relative error of each gradient against central differences."""
    return check_gradients(
        problem, partial(bidirectional_forward, lengths=lengths, merge=merge), backward
    )


@pytest.mark.parametrize("merge", MERGE_MODES)
def test_gradients_equal_differences(merge):
    errors = errors_of(*random_problem(0, T=4, D=2, H=2, merge=merge), merge)
    assert len(errors) == 9
    assert max(errors.values()) < TOLERANCE, errors


def all_of(gradients):
    """Return the gradients of the input, of both states and of all weights, one after another."""
    weights = [array for side in gradients.d_weights for array in side]
    return [gradients.dx, *gradients.d_state, *weights]


def torch_run(problem, lengths):
    """Return outputs and gradients of a packed bidirectional layer."""
    x, state, weights, dy, d_state = problem
    module = bidirectional_torch.to_torch(weights)
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, *state)]
    packed = pack_padded_sequence(
        inputs[0], torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    out, final = module(packed, (inputs[1], inputs[2]))
    y, _ = pad_packed_sequence(out, batch_first=True, total_length=x.shape[1])
    pairs = zip((y, *final), (dy, *d_state), strict=True)
    sum((o * torch.tensor(d)).sum() for o, d in pairs).backward()
    gradients = [a.grad.numpy() for a in inputs]
    for ih, hh, bias, _ in module.all_weights:
        gradients += [ih.grad.numpy().T, hh.grad.numpy().T, bias.grad.numpy()]
    return [o.detach().numpy() for o in (y, *final)], gradients


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_a_packed_batch_in_torch(shape):
    problem, lengths = random_problem(1, *shape)
    y, final, cache = bidirectional_forward(problem.x, problem.weights, problem.state, lengths)
    outputs, gradients = torch_run(problem, lengths)
    for a, b in zip((y, *final), outputs, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    found = bidirectional_backward(problem.dh, cache, problem.d_state)
    for a, b in zip(all_of(found), gradients, strict=True):
        assert relative_error(a, b) < TOLERANCE


@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize("merge", MERGE_MODES)
def test_equals_keras_with_a_mask(shape, merge):
    import tensorflow as tf

    (x, state, weights, dy, d_state), lengths = random_problem(2, *shape, merge)
    y_ours, final, cache = bidirectional_forward(x, weights, state, lengths, merge)
    layer = bidirectional_keras.to_keras(weights, merge, return_sequences=True, return_state=True)
    inputs = [tf.Variable(a) for a in (x, *state)]
    mask = np.arange(shape[1]) < lengths[:, None]
    with tf.GradientTape() as tape:
        states = [inputs[k][side] for side in (0, 1) for k in (1, 2)]
        y, h_f, c_f, h_b, c_b = layer(inputs[0], mask=mask, initial_state=states)
        outputs = (y, tf.stack([h_f, h_b]), tf.stack([c_f, c_b]))
        loss = sum(tf.reduce_sum(o * d) for o, d in zip(outputs, (dy, *d_state), strict=True))
    for a, b in zip((y_ours, *final), outputs, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    gradients = tape.gradient(loss, [*inputs, *layer.trainable_variables])
    for a, b in zip(all_of(bidirectional_backward(dy, cache, d_state)), gradients, strict=True):
        assert relative_error(a, np.array(b)) < TOLERANCE


def test_two_layers_equal_torch():
    (x, state, lower, *_), lengths = random_problem(3)
    upper = random_weights(np.random.default_rng(4).standard_normal, 12, 6)
    above = LSTMState(2 * state.h, 2 * state.c)
    y_1, final_1, _ = bidirectional_forward(x, lower, state, lengths)
    y_2, final_2, _ = bidirectional_forward(y_1, upper, above, lengths)
    module = bidirectional_torch.to_torch(lower, upper)
    packed = pack_padded_sequence(torch.tensor(x), torch.tensor(lengths), batch_first=True)
    start = tuple(torch.tensor(np.concatenate(both)) for both in zip(state, above, strict=True))
    with torch.no_grad():
        out, final = module(packed, start)
    y, _ = pad_packed_sequence(out, batch_first=True)
    np.testing.assert_allclose(y_2, y, **CLOSE)
    for first, second, both in zip(final_1, final_2, final, strict=True):
        np.testing.assert_allclose(np.concatenate([first, second]), both, **CLOSE)


def test_padding_has_no_influence_and_gets_no_gradient():
    (x, state, weights, dy, d_state), lengths = random_problem(5)
    padded = np.arange(x.shape[1]) >= lengths[:, None]
    other = np.where(padded[:, :, None], -7.0, x)
    y, final, cache = bidirectional_forward(x, weights, state, lengths)
    y_other, final_other, _ = bidirectional_forward(other, weights, state, lengths)
    for a, b in zip((y, *final), (y_other, *final_other), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not y[padded].any()
    assert not bidirectional_backward(dy, cache, d_state).dx[padded].any()
    for n, length in enumerate(lengths):
        row = slice(n, n + 1)
        start = LSTMState(*(array[:, row] for array in state))
        alone, end, _ = bidirectional_forward(x[row, :length], weights, start)
        np.testing.assert_allclose(y[row, :length], alone, **CLOSE)
        np.testing.assert_allclose(final.h[:, row], end.h, **CLOSE)


def test_final_states_are_the_last_and_the_first_output():
    (x, state, weights, *_), lengths = random_problem(6)
    y, final, _ = bidirectional_forward(x, weights, state, lengths)
    np.testing.assert_array_equal(final.h[0], y[np.arange(3), lengths - 1, :6])
    np.testing.assert_array_equal(final.h[1], y[:, 0, 6:])


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
    "final states swapped": (
        "bidirectional_backward",
        "direction_backward(turned, backward, end_b",
        "direction_backward(turned, backward, LSTMState(end_f.h, end_b.c)",
    ),
    "final cell states swapped": (
        "bidirectional_backward",
        "direction_backward(dh_f, forward, end_f",
        "direction_backward(dh_f, forward, LSTMState(end_f.h, end_b.c)",
    ),
    "final state ignored": (
        "bidirectional_backward",
        "direction_backward(turned, backward, end_b",
        "direction_backward(turned, backward, LSTMState(0 * end_b.h, end_b.c)",
    ),
    "final cell state ignored": (
        "bidirectional_backward",
        "direction_backward(turned, backward, end_b",
        "direction_backward(turned, backward, LSTMState(end_b.h, 0 * end_b.c)",
    ),
    "weights swapped": (
        "bidirectional_backward",
        "BidirectionalWeights(d_forward, d_backward)",
        "BidirectionalWeights(d_backward, d_forward)",
    ),
    "initial states swapped": (
        "bidirectional_backward",
        "zip(start_f, start_b,",
        "zip(start_b, start_f,",
    ),
    "only the last group counts": ("direction_backward", "reduce(added, found)", "found[-1]"),
    "padding read": ("direction_backward", "dh[rows, :length]", "dh[rows, -length:]"),
    "rows mixed up": ("direction_backward", "d_start.h[rows]", "d_start.h[rows[::-1]]"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    function, text, bug = PLANTS[name]
    broken = planted(getattr(bidirectional, function), text, bug)
    monkeypatch.setattr(bidirectional, function, broken)
    problem, _ = random_problem(0, N=4, T=5, D=2, H=2)
    lengths = np.array([5, 3, 3, 1])
    errors = errors_of(problem, lengths, backward=bidirectional.bidirectional_backward)
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
    errors = errors_of(*random_problem(0, T=3, D=2, H=2, merge=merge), merge)
    assert max(errors.values()) > TOLERANCE


def test_the_layers_of_a_stack_survive_the_trip_to_torch():
    lower = random_problem(7)[0].weights
    upper = random_weights(np.random.default_rng(8).standard_normal, 12, 6)
    module = bidirectional_torch.to_torch(lower, upper)
    back = bidirectional_torch.layers_from_torch(module)
    for ours, theirs in zip((lower, upper), back, strict=True):
        for side, side_back in zip(ours, theirs, strict=True):
            for a, b in zip(side, side_back, strict=True):
                np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="takes one layer, got 2"):
        bidirectional_torch.from_torch(module)
    with pytest.raises(ValueError, match=r"layer 2 must have .* = \(12, 6\), got \(4, 6\)"):
        bidirectional_torch.to_torch(lower, lower)


@pytest.mark.parametrize(
    "options", [{"bidirectional": False}, {"proj_size": 2}, {"bias": False}, {"dropout": 0.5}]
)
def test_torch_layers_that_compute_another_function_are_refused(options):
    layer = torch.nn.LSTM(3, 5, 2, **{"bidirectional": True, **options})
    with pytest.raises(ValueError, match=f"{next(iter(options))}=.* another function"):
        bidirectional_torch.layers_from_torch(layer)


@pytest.mark.parametrize("options", [{"activation": "relu"}, {"go_backwards": True}])
def test_keras_layers_that_compute_another_function_are_refused(options):
    import keras

    ahead = keras.layers.LSTM(5, **options)
    back = keras.layers.LSTM(5, go_backwards=not ahead.go_backwards)
    layer = keras.layers.Bidirectional(ahead, backward_layer=back)
    layer.build((None, None, 3))
    with pytest.raises(ValueError, match=f"{next(iter(options))}=.* another function"):
        bidirectional_keras.from_keras(layer)


@pytest.mark.parametrize("merge", MERGE_MODES)
def test_padded_batches_stay_and_float32_is_kept(merge):
    problem, lengths = random_problem(9, merge=merge)
    problem = map_arrays(lambda a: a.astype(np.float32), problem)
    before = map_arrays(np.copy, (problem, lengths))
    x, state, weights, dh, d_state = problem
    y, final, cache = bidirectional_forward(x, weights, state, lengths, merge)
    found = [y, *final, *all_of(bidirectional_backward(dh, cache, d_state))]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    after = named_arrays((problem, lengths))
    for name, array in named_arrays(before).items():
        np.testing.assert_array_equal(after[name], array)


def test_errors_name_expected_and_given():
    (x, (h0, c0), weights, dy, (dh_n, dc_n)), lengths = random_problem(10)
    with pytest.raises(ValueError, match=r"state.h must have shape \(2, N, H\) = \(2, 3, 6\)"):
        bidirectional_forward(x, weights, (h0[0], c0))
    with pytest.raises(ValueError, match="merge must be one of concat, sum, mul, ave, got 'max'"):
        bidirectional_forward(x, weights, None, lengths, "max")
    with pytest.raises(ValueError, match=r"lengths must be integers of shape \(N,\) = \(3,\)"):
        bidirectional_forward(x, weights, None, lengths[:2])
    with pytest.raises(ValueError, match=r"lengths must lie between 1 and T = 5, got \[6, 3, 1\]"):
        bidirectional_forward(x, weights, None, lengths + np.array([1, 0, 0]))
    narrow = random_weights(np.random.default_rng(0).standard_normal, 4, 2).backward
    with pytest.raises(ValueError, match=r"one D and H, got \(4, 6\) and \(4, 2\)"):
        bidirectional_forward(x, weights._replace(backward=narrow))
    cache = bidirectional_forward(x, weights, None, lengths)[2]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, 2H\) = \(3, 5, 12\)"):
        bidirectional_backward(dy[:, :, :6], cache)
    with pytest.raises(ValueError, match=r"d_state.h must have shape \(2, N, H\) = \(2, 3, 6\)"):
        bidirectional_backward(dy, cache, (dh_n[0], dc_n))
