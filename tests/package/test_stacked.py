"""A stack of layers equals PyTorch and Keras, and its gradients equal differences."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest
import torch

from lstm_course import LSTMState, LSTMWeights, lstm_backward, lstm_forward
from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.lstm_keras import to_keras
from lstm_course.variants import stacked
from lstm_course.variants.layers_interop import stacked_from_torch, stacked_to_torch
from lstm_course.variants.stacked import (
    init_stacked,
    stacked_backward,
    stacked_forward,
    stacked_parameter_count,
)

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
NAMES = ("W_x", "W_h", "b")


class Problem(NamedTuple):
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    layers: tuple
    masks: tuple
    dh: np.ndarray
    dh_n: np.ndarray
    dc_n: np.ndarray


def random_problem(seed, N=3, T=5, D=4, H=6, L=3):
    """Draw a problem in which nothing is zero but what a mask drops; one mask for all steps."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    layers = tuple(
        LSTMWeights(0.5 * draw((H if k else D, 4 * H)), 0.5 * draw((H, 4 * H)), 0.5 * draw(4 * H))
        for k in range(L)
    )
    masks = tuple((rng.random((N, T if k else 1, H)) < 0.7) / 0.7 for k in range(L - 1))
    states = [draw((L, N, H)) for _ in range(4)]
    return Problem(draw((N, T, D)), *states[:2], layers, masks, draw((N, T, H)), *states[2:])


def flat(x, h0, c0, layers):
    """Return the arrays by name."""
    arrays = {"x": x, "h0": h0, "c0": c0}
    for k, weights in enumerate(layers):
        arrays |= {f"{name}{k}": w for name, w in zip(NAMES, weights, strict=True)}
    return arrays


def errors_of(problem, residual=False, use_masks=True, backward=stacked_backward):
    """Return the relative error of each gradient against central differences."""
    x, h0, c0, layers, masks, dh, dh_n, dc_n = problem
    masks = masks if use_masks else ()

    def run(x, h0, c0, **weights):
        sets = [LSTMWeights(*(weights[f"{n}{k}"] for n in NAMES)) for k in range(len(layers))]
        return stacked_forward(x, h0, c0, sets, masks=masks, residual=residual)

    def loss(**arrays):
        h, h_n, c_n, _ = run(**arrays)
        return float(np.sum(h * dh) + np.sum(h_n * dh_n) + np.sum(c_n * dc_n))

    inputs = flat(x, h0, c0, layers)
    gradients = backward(dh, dh_n, dc_n, run(**inputs)[3])
    return gradient_errors(loss, inputs, flat(*gradients))


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("use_masks", [False, True], ids=["no masks", "masks"])
def test_gradients_equal_differences(residual, use_masks):
    errors = errors_of(random_problem(0, N=2, T=3, D=2, H=3), residual, use_masks)
    assert len(errors) == 3 + 9
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("L", [1, 2, 3])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, L):
    x, h0, c0, layers, _, dh, dh_n, dc_n = random_problem(1, *shape, L)
    h, h_n, c_n, cache = stacked_forward(x, h0, c0, layers)
    gradients = stacked_backward(dh, dh_n, dc_n, cache)

    module = stacked_to_torch(layers)
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, h0, c0)]
    out, (hidden, cell) = module(inputs[0], (inputs[1], inputs[2]))
    for ours, theirs in ((h, out), (h_n, hidden), (c_n, cell)):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-12)
    pairs = ((out, dh), (hidden, dh_n), (cell, dc_n))
    sum((o * torch.tensor(d)).sum() for o, d in pairs).backward()
    for ours, theirs in zip(gradients[:3], inputs, strict=True):
        assert relative_error(ours, theirs.grad.numpy()) < TOLERANCE
    for ours, (ih, hh, bias, _) in zip(gradients.dlayers, module.all_weights, strict=True):
        for a, b in zip(ours, (ih.grad.T, hh.grad.T, bias.grad), strict=True):
            assert relative_error(a, b.numpy()) < TOLERANCE


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 5, 1, 6), (3, 1, 4, 1)], ids=str)
def test_masks_and_residual_connections_equal_autograd(shape, residual):
    x, h0, c0, layers, masks, dh, dh_n, dc_n = random_problem(2, *shape)
    h, h_n, c_n, cache = stacked_forward(x, h0, c0, layers, masks=masks, residual=residual)
    gradients = stacked_backward(dh, dh_n, dc_n, cache)

    modules = [stacked_to_torch([weights]) for weights in layers]
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, h0, c0)]
    z, loss = inputs[0], 0.0
    for k, module in enumerate(modules):
        out, (hidden, cell) = module(z, (inputs[1][k : k + 1], inputs[2][k : k + 1]))
        np.testing.assert_allclose(h_n[k], hidden[0].detach(), atol=1e-12)
        np.testing.assert_allclose(c_n[k], cell[0].detach(), atol=1e-12)
        loss += (hidden[0] * torch.tensor(dh_n[k])).sum() + (cell[0] * torch.tensor(dc_n[k])).sum()
        up = out * torch.tensor(masks[k]) if k < len(masks) else out
        z = up + z if residual and k else up
    np.testing.assert_allclose(h, z.detach(), atol=1e-12)
    (loss + (z * torch.tensor(dh)).sum()).backward()
    for ours, theirs in zip(gradients[:3], inputs, strict=True):
        assert relative_error(ours, theirs.grad.numpy()) < TOLERANCE
    for ours, module in zip(gradients.dlayers, modules, strict=True):
        ih, hh, bias, _ = (p.grad for p in module.parameters())
        for a, b in zip(ours, (ih.T, hh.T, bias), strict=True):
            assert relative_error(a, b.numpy()) < TOLERANCE


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (1, 1, 1, 1)], ids=str)
def test_equals_keras(shape, residual):
    import tensorflow as tf

    x, h0, c0, layers, masks, dh, dh_n, dc_n = random_problem(3, *shape)
    h, h_n, c_n, cache = stacked_forward(x, h0, c0, layers, masks=masks, residual=residual)
    gradients = stacked_backward(dh, dh_n, dc_n, cache)

    built = [to_keras(w, return_sequences=True, return_state=True) for w in layers]
    inputs = [tf.Variable(a) for a in (x, h0, c0)]
    with tf.GradientTape() as tape:
        z, loss = inputs[0], 0.0
        for k, layer in enumerate(built):
            out, hidden, cell = layer(z, initial_state=[inputs[1][k], inputs[2][k]])
            loss += tf.reduce_sum(hidden * dh_n[k]) + tf.reduce_sum(cell * dc_n[k])
            np.testing.assert_allclose(h_n[k], hidden, atol=1e-12)
            np.testing.assert_allclose(c_n[k], cell, atol=1e-12)
            up = out * masks[k] if k < len(masks) else out
            z = up + z if residual and k else up
        loss += tf.reduce_sum(z * dh)
    np.testing.assert_allclose(h, z, atol=1e-12)
    weights = [v for layer in built for v in layer.trainable_variables]
    theirs = tape.gradient(loss, [*inputs, *weights])
    ours = [*gradients[:3], *(a for layer in gradients.dlayers for a in layer)]
    for a, b in zip(ours, theirs, strict=True):
        assert relative_error(a, np.array(b)) < TOLERANCE


def test_one_layer_is_the_layer():
    x, h0, c0, layers, _, dh, dh_n, dc_n = random_problem(4, L=1)
    h, (h_T, c_T), cache = lstm_forward(x, layers[0], LSTMState(h0[0], c0[0]))
    for residual in (False, True):  # there is no layer above the first
        ours = stacked_forward(x, h0, c0, layers, residual=residual)
        for a, b in zip(ours[:3], (h, h_T[None], c_T[None]), strict=True):
            np.testing.assert_array_equal(a, b)
        found = stacked_backward(dh, dh_n, dc_n, ours[3])
        plain = lstm_backward(dh, cache, LSTMState(dh_n[0], dc_n[0]))
        np.testing.assert_array_equal(found.dx, plain.dx)


def test_a_mask_of_ones_changes_nothing_and_one_of_zeros_cuts_the_stack():
    x, h0, c0, layers, masks, dh, dh_n, dc_n = random_problem(5)
    plain = stacked_forward(x, h0, c0, layers)[0]
    ones = [np.ones_like(mask) for mask in masks]
    np.testing.assert_array_equal(stacked_forward(x, h0, c0, layers, masks=ones)[0], plain)
    zeros = [np.zeros_like(mask) for mask in masks]
    cache = stacked_forward(x, h0, c0, layers, masks=zeros)[3]
    assert not stacked_backward(dh, 0 * dh_n, 0 * dc_n, cache).dx.any()


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
    "dh_n only at the top": ("dh_n[k], dc_n[k]", "dh_n[k] * (k == L - 1), dc_n[k]"),
    "dc_n only at the top": ("dh_n[k], dc_n[k]", "dh_n[k], dc_n[k] * (k == L - 1)"),
    "dh_n and dc_n swapped": ("dh_n[k], dc_n[k]", "dc_n[k], dh_n[k]"),
    "states of the wrong layer": ("dh_n[k], dc_n[k]", "dh_n[L - 1 - k], dc_n[L - 1 - k]"),
    "layers in reverse order": ("found.reverse()", "pass"),
    "dh0 taken for dc0": ("np.stack([g.d_state.c", "np.stack([g.d_state.h"),
    "every layer gets dh": ("dz = gradients.dx + dz", "dz = dh if k > 1 else gradients.dx + dz"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted):
    bug = planted(stacked.stacked_backward, *PLANTS[name])
    shape = {"N": 2, "T": 3, "D": 3, "H": 3}  # D = H, so that no shape gives a bug away
    caught = False
    for residual in (False, True):
        problem = random_problem(0, **shape)
        masks = tuple(np.broadcast_to(mask, (2, 3, 3)).copy() for mask in problem.masks)
        try:
            errors = errors_of(problem._replace(masks=masks), residual, backward=bug)
        except (ValueError, IndexError):
            caught = True
        else:
            caught |= max(errors.values()) > TOLERANCE
    assert caught


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("L", [1, 2, 4])
def test_parameter_count(L, directions):
    module = torch.nn.LSTM(5, 3, num_layers=L, bidirectional=directions == 2)
    count = stacked_parameter_count(5, 3, L, directions=directions, biases=2)
    assert count == sum(p.numel() for p in module.parameters())
    layers = init_stacked(5, 3, L, np.random.default_rng(0))
    assert stacked_parameter_count(5, 3, L) == sum(w.size for layer in layers for w in layer)


def test_weights_survive_the_trip_to_torch():
    layers = random_problem(6).layers
    for ours, back in zip(layers, stacked_from_torch(stacked_to_torch(layers)), strict=True):
        for a, b in zip(ours, back, strict=True):
            np.testing.assert_array_equal(a, b)
    for options in ({"bidirectional": True}, {"proj_size": 2}, {"bias": False}):
        with pytest.raises(ValueError, match="one direction, no projection and biases"):
            stacked_from_torch(torch.nn.LSTM(3, 5, **options))


def test_inputs_are_not_mutated():
    problem = random_problem(7)
    x, h0, c0, layers, masks, dh, dh_n, dc_n = problem
    arrays = [x, h0, c0, *(w for layer in layers for w in layer), *masks, dh, dh_n, dc_n]
    before = [a.copy() for a in arrays]
    cache = stacked_forward(x, h0, c0, layers, masks=masks, residual=True)[3]
    stacked_backward(dh, dh_n, dc_n, cache)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_float32_stays_float32():
    x, h0, c0, layers, masks, dh, dh_n, dc_n = random_problem(8)
    small = [a.astype(np.float32) for a in (x, h0, c0, dh, dh_n, dc_n)]
    low = [LSTMWeights(*(w.astype(np.float32) for w in layer)) for layer in layers]
    masks = [mask.astype(np.float32) for mask in masks]
    *outputs, cache = stacked_forward(*small[:3], low, masks=masks, residual=True)
    found = stacked_backward(*small[3:], cache)
    assert {a.dtype for a in [*outputs, *found[:3], *found.dlayers[1]]} == {np.dtype(np.float32)}


def test_errors_name_expected_and_given_shape():
    x, h0, c0, layers, masks, dh, dh_n, dc_n = random_problem(9)
    with pytest.raises(ValueError, match=r"h0 must have shape \(L, N, H\) = \(3, 3, 6\), got"):
        stacked_forward(x, h0[:2], c0, layers)
    with pytest.raises(ValueError, match=r"c0 must have shape \(L, N, H\)"):
        stacked_forward(x, h0, c0[:, :, :5], layers)
    with pytest.raises(ValueError, match=r"layer 2 must have shapes .* got \(\(4, 24\)"):
        stacked_forward(x, h0, c0, (layers[0], layers[0], layers[2]))
    with pytest.raises(ValueError, match="at least one layer"):
        stacked_forward(x, h0, c0, ())
    with pytest.raises(ValueError, match=r"x must have shape \(N, T, D\), got \(5, 4\)"):
        stacked_forward(x[0], h0, c0, layers)
    with pytest.raises(ValueError, match=r"L - 1 = 2 arrays, got 1"):
        stacked_forward(x, h0, c0, layers, masks=masks[:1])
    with pytest.raises(ValueError, match=r"a mask must have shape \(N, T, H\) or \(N, 1, H\)"):
        stacked_forward(x, h0, c0, layers, masks=[mask[:, :, :2] for mask in masks])
    cache = stacked_forward(x, h0, c0, layers)[3]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        stacked_backward(dh[:, 1:], dh_n, dc_n, cache)
    with pytest.raises(ValueError, match=r"dc_n must have shape \(L, N, H\) = \(3, 3, 6\)"):
        stacked_backward(dh, dh_n, dc_n[0], cache)
    with pytest.raises(ValueError, match="L must be at least 1, got L=0"):
        init_stacked(4, 6, 0, np.random.default_rng(0))
