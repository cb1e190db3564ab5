"""A stack with masks and residual connections equals PyTorch and Keras; planted bugs are caught."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from lstm_course import LSTMState, LSTMWeights, lstm_backward, lstm_forward
from lstm_course.gradcheck import Problem, check_gradients, map_arrays, relative_error
from lstm_course.lstm_keras import to_keras
from lstm_course.variants import stacked, stacked_keras, stacked_torch
from lstm_course.variants.stacked import (
    init_stacked,
    stacked_backward,
    stacked_forward,
    stacked_parameter_count,
)

TOLERANCE = 1e-6
CLOSE = {"rtol": 0, "atol": 1e-12}


def random_problem(seed, N=3, T=5, D=4, H=6, L=3):
    """Draw a problem in which nothing is zero but what a mask drops; one mask for all steps."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    layers = tuple(
        LSTMWeights(0.5 * draw((H if k else D, 4 * H)), 0.5 * draw((H, 4 * H)), 0.5 * draw(4 * H))
        for k in range(L)
    )
    masks = tuple((rng.random((N, T if k else 1, H)) < 0.7) / 0.7 for k in range(L - 1))
    states = [LSTMState(draw((L, N, H)), draw((L, N, H))) for _ in range(2)]
    return Problem(draw((N, T, D)), states[0], layers, draw((N, T, H)), states[1]), masks


def errors_of(problem, residual=False, masks=(), backward=stacked_backward):
    """Return the relative error of each gradient against central differences."""
    return check_gradients(
        problem, partial(stacked_forward, masks=masks, residual=residual), backward
    )


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("use_masks", [False, True], ids=["no masks", "masks"])
def test_gradients_equal_differences(residual, use_masks):
    problem, masks = random_problem(0, N=2, T=3, D=2, H=3)
    errors = errors_of(problem, residual, masks if use_masks else ())
    assert len(errors) == 3 + 9
    assert max(errors.values()) < TOLERANCE, errors


def all_of(gradients):
    """Return the gradients of the input, of both states and of all weights, one after another."""
    layers = [array for layer in gradients.d_weights for array in layer]
    return [gradients.dx, *gradients.d_state, *layers]


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 5, 1, 6), (3, 1, 4, 1)], ids=str)
def test_masks_and_residual_connections_equal_autograd(shape, residual):
    (x, state, layers, dh, d_state), masks = random_problem(2, *shape)
    h, final, cache = stacked_forward(x, layers, state, masks=masks, residual=residual)

    modules = [stacked_torch.to_torch([weights]) for weights in layers]
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, *state)]
    z, loss = inputs[0], 0.0
    for k, module in enumerate(modules):
        out, ends = module(z, (inputs[1][k : k + 1], inputs[2][k : k + 1]))
        for ours, theirs, d in zip(final, ends, d_state, strict=True):
            np.testing.assert_allclose(ours[k], theirs[0].detach(), **CLOSE)
            loss += (theirs[0] * torch.tensor(d[k])).sum()
        up = out * torch.tensor(masks[k]) if k < len(masks) else out
        z = up + z if residual and k else up
    np.testing.assert_allclose(h, z.detach(), **CLOSE)
    (loss + (z * torch.tensor(dh)).sum()).backward()
    theirs = [a.grad for a in inputs]
    for module in modules:
        ih, hh, bias, _ = (p.grad for p in module.parameters())
        theirs += [ih.T, hh.T, bias]
    for a, b in zip(all_of(stacked_backward(dh, cache, d_state)), theirs, strict=True):
        assert relative_error(a, b.numpy()) < TOLERANCE


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 1, 1, 1)], ids=str)
def test_masks_and_residual_connections_equal_keras(shape, residual):
    import tensorflow as tf

    (x, state, layers, dh, d_state), masks = random_problem(3, *shape)
    h, final, cache = stacked_forward(x, layers, state, masks=masks, residual=residual)

    built = [to_keras(w, return_sequences=True, return_state=True) for w in layers]
    inputs = [tf.Variable(a) for a in (x, *state)]
    with tf.GradientTape() as tape:
        z, loss = inputs[0], 0.0
        for k, layer in enumerate(built):
            out, *ends = layer(z, initial_state=[inputs[1][k], inputs[2][k]])
            for ours, theirs, d in zip(final, ends, d_state, strict=True):
                np.testing.assert_allclose(ours[k], theirs, **CLOSE)
                loss += tf.reduce_sum(theirs * d[k])
            up = out * masks[k] if k < len(masks) else out
            z = up + z if residual and k else up
        loss += tf.reduce_sum(z * dh)
    np.testing.assert_allclose(h, z, **CLOSE)
    weights = [v for layer in built for v in layer.trainable_variables]
    theirs = tape.gradient(loss, [*inputs, *weights])
    for a, b in zip(all_of(stacked_backward(dh, cache, d_state)), theirs, strict=True):
        assert relative_error(a, np.array(b)) < TOLERANCE


def test_one_layer_is_the_layer():
    (x, state, layers, dh, d_state), _ = random_problem(4, L=1)
    first, d_first = (LSTMState(*(array[0] for array in both)) for both in (state, d_state))
    h, final, cache = lstm_forward(x, layers[0], first)
    for residual in (False, True):  # there is no layer above the first
        out, ends, stack = stacked_forward(x, layers, state, residual=residual)
        for a, b in zip((out, *ends), (h, final.h[None], final.c[None]), strict=True):
            np.testing.assert_array_equal(a, b)
        found = stacked_backward(dh, stack, d_state)
        np.testing.assert_array_equal(found.dx, lstm_backward(dh, cache, d_first).dx)


def test_a_mask_of_ones_changes_nothing_and_one_of_zeros_cuts_the_stack():
    (x, state, layers, dh, _), masks = random_problem(5)
    plain = stacked_forward(x, layers, state)[0]
    ones = [np.ones_like(mask) for mask in masks]
    np.testing.assert_array_equal(stacked_forward(x, layers, state, masks=ones)[0], plain)
    zeros = [np.zeros_like(mask) for mask in masks]
    cache = stacked_forward(x, layers, state, masks=zeros)[2]
    assert not stacked_backward(dh, cache).dx.any()


def test_masks_stay_and_float32_is_kept():
    problem, masks = map_arrays(lambda a: a.astype(np.float32), random_problem(8))
    before = map_arrays(np.copy, masks)
    x, state, layers, dh, d_state = problem
    h, final, cache = stacked_forward(x, layers, state, masks=masks, residual=True)
    found = [h, *final, *all_of(stacked_backward(dh, cache, d_state))]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    for a, b in zip(masks, before, strict=True):
        np.testing.assert_array_equal(a, b)


#: name: (text of stacked_backward, what the bug makes of it)
PLANTS = {
    "layers walked upwards": ("in reversed(range(L))", "in range(L)"),
    "mask forgotten": ("dz * cache.masks[k] if masked", "dz if masked"),
    "mask of the layer below": ("cache.masks[k]", "cache.masks[k - 1]"),
    "mask on the highest layer too": ("k < L - 1", "True"),
    "mask on the shortcut": ("gradients.dx + dz if", "gradients.dx + dh_k if"),
    "shortcut forgotten": ("gradients.dx + dz if", "gradients.dx if"),
    "shortcut around the lowest layer": ("cache.residual and k > 0", "cache.residual"),
    "shortcut without residual": ("cache.residual and k > 0", "k > 0"),
    "only the shortcut": ("gradients.dx + dz if", "dz if"),
    "dh_n only at the top": ("(dh_n[k], dc_n[k]", "(dh_n[k] * (k == L - 1), dc_n[k]"),
    "dc_n only at the top": ("(dh_n[k], dc_n[k]", "(dh_n[k], dc_n[k] * (k == L - 1)"),
    "dh_n and dc_n swapped": ("(dh_n[k], dc_n[k]", "(dc_n[k], dh_n[k]"),
    "states of the wrong layer": ("(dh_n[k], dc_n[k]", "(dh_n[L - 1 - k], dc_n[L - 1 - k]"),
    "layers in reverse order": ("found.reverse()", "pass"),
    "dh0 taken for dc0": ("*map(np.stack, starts)", "*2 * [np.stack(next(starts))]"),
    "every layer gets dh": ("dz = gradients.dx + dz", "dz = dh if k > 1 else gradients.dx + dz"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted):
    bug = planted(stacked.stacked_backward, *PLANTS[name])
    shape = {"N": 2, "T": 3, "D": 3, "H": 3}  # D = H, so that no shape gives a bug away
    caught = False
    for residual in (False, True):
        problem, masks = random_problem(0, **shape)
        masks = tuple(np.broadcast_to(mask, (2, 3, 3)).copy() for mask in masks)
        try:
            errors = errors_of(problem, residual, masks, bug)
        except (ValueError, IndexError):
            caught = True
        else:
            caught |= max(errors.values()) > TOLERANCE
    assert caught


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("L", [1, 2, 4])
def test_parameter_count(L, directions):
    module = torch.nn.LSTM(5, 3, num_layers=L, bidirectional=directions == 2)
    count = stacked_parameter_count(5, 3, L=L, directions=directions, biases=2)
    assert count == sum(p.numel() for p in module.parameters())
    layers = init_stacked(np.random.default_rng(0), 5, 3, L=L)
    assert stacked_parameter_count(5, 3, L=L) == sum(w.size for layer in layers for w in layer)


@pytest.mark.parametrize(
    "options", [{"bidirectional": True}, {"proj_size": 2}, {"bias": False}, {"dropout": 0.5}]
)
def test_torch_layers_that_compute_another_function_are_refused(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))}=.* another function"):
        stacked_torch.from_torch(torch.nn.LSTM(3, 5, num_layers=2, **options))


@pytest.mark.parametrize(
    "options", [{"activation": "relu"}, {"recurrent_activation": "hard_sigmoid"}, {"dropout": 0.5}]
)
def test_keras_layers_that_compute_another_function_are_refused(options):
    import keras

    cells = [keras.layers.LSTMCell(5), keras.layers.LSTMCell(5, **options)]
    layer = keras.layers.RNN(cells)
    layer.build((None, None, 3))
    with pytest.raises(ValueError, match=f"{next(iter(options))}=.* another function"):
        stacked_keras.from_keras(layer)


def test_errors_name_expected_and_given_shape():
    (x, (h0, c0), layers, dh, (dh_n, dc_n)), masks = random_problem(9)
    with pytest.raises(ValueError, match=r"state.h must have shape \(L, N, H\) = \(3, 3, 6\), got"):
        stacked_forward(x, layers, (h0[:2], c0))
    with pytest.raises(ValueError, match=r"state.c must have shape \(L, N, H\)"):
        stacked_forward(x, layers, (h0, c0[:, :, :5]))
    with pytest.raises(ValueError, match=r"layer 2 must have shapes .* got \(\(4, 24\)"):
        stacked_forward(x, (layers[0], layers[0], layers[2]))
    with pytest.raises(ValueError, match="at least one layer"):
        stacked_forward(x, ())
    with pytest.raises(ValueError, match=r"L - 1 = 2 arrays, got 1"):
        stacked_forward(x, layers, masks=masks[:1])
    with pytest.raises(ValueError, match=r"a mask must have shape \(N, T, H\) or \(N, 1, H\)"):
        stacked_forward(x, layers, masks=[mask[:, :, :2] for mask in masks])
    cache = stacked_forward(x, layers)[2]
    with pytest.raises(ValueError, match=r"d_state.c must have shape \(L, N, H\) = \(3, 3, 6\)"):
        stacked_backward(dh, cache, (dh_n, dc_n[0]))
    with pytest.raises(ValueError, match=r"D and H and L must be at least 1, got .* L=0"):
        init_stacked(np.random.default_rng(0), 4, 6, L=0)
