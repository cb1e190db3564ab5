"""Adam and clipping equal those of PyTorch; nothing is changed in place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import init_lstm
from lstm_course.training import AdamState, adam_init, adam_step, clip_by_global_norm

SHAPES = [(3, 8), (2, 8), (8,), ()]


def draw(seed, scale=1.0):
    rng = np.random.default_rng(seed)
    return [np.asarray(scale * rng.standard_normal(shape)) for shape in SHAPES]


@pytest.mark.parametrize(
    "settings",
    [{}, {"decay_m": 0.5, "decay_v": 0.9, "epsilon": 1e-3}],
    ids=["defaults", "others"],
)
def test_adam_equals_torch(settings):
    parameters = draw(0)
    theirs = [torch.nn.Parameter(torch.tensor(array)) for array in parameters]
    betas = settings.get("decay_m", 0.9), settings.get("decay_v", 0.999)
    epsilon = settings.get("epsilon", 1e-8)
    optimiser = torch.optim.Adam(theirs, lr=0.01, betas=betas, eps=epsilon)
    state = adam_init(parameters)
    for update in range(50):
        gradients = draw(update + 1, scale=10.0 ** (update % 5 - 3))
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = torch.tensor(gradient)
        optimiser.step()
        parameters, state = adam_step(parameters, gradients, state, 0.01, **settings)
        for ours, parameter in zip(parameters, theirs, strict=True):
            np.testing.assert_allclose(ours, parameter.detach().numpy(), rtol=0, atol=1e-12)
    assert state.step == 50


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_size():
    for scale in (1e-3, 1.0, 1e6):
        parameters, gradients = draw(0), draw(1, scale)
        updated, _ = adam_step(parameters, gradients, adam_init(parameters), 0.01)
        for before, after, gradient in zip(parameters, updated, gradients, strict=True):
            np.testing.assert_allclose(before - after, 0.01 * np.sign(gradient), rtol=1e-2, atol=0)


def test_adam_changes_nothing_in_place_and_keeps_dtype():
    weights = init_lstm(np.random.default_rng(0), 3, 4)
    parameters = [array.astype(np.float32) for array in weights]
    gradients = [np.ones_like(array) for array in parameters]
    state = adam_init(parameters)
    _, state = adam_step(parameters, gradients, state)
    kept = [a.copy() for a in (*parameters, *gradients, *state.m, *state.v)]
    updated, following = adam_step(parameters, gradients, state)
    for a, b in zip((*parameters, *gradients, *state.m, *state.v), kept, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (state.step, following.step) == (1, 2)
    assert {a.dtype for a in (*updated, *following.m, *following.v)} == {np.dtype(np.float32)}


def test_adam_names_shapes_that_differ():
    parameters = [np.zeros((2, 3))]
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3\), \(3, 2\) and \(2, 3\)"):
        adam_step(parameters, [np.zeros((3, 2))], adam_init(parameters))
    with pytest.raises(ValueError, match="equally many, got 1, 2 and 1"):
        adam_step(parameters, parameters * 2, adam_init(parameters))
    with pytest.raises(ValueError, match="one shape"):
        adam_step(parameters, parameters, AdamState(0, (np.zeros(1),), (np.zeros(1),)))


@pytest.mark.parametrize("limit", [0.5, 1.0, 100.0])
def test_clip_equals_torch(limit):
    gradients = draw(3)
    theirs = [torch.nn.Parameter(torch.zeros(array.shape).double()) for array in gradients]
    for parameter, gradient in zip(theirs, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    expected = torch.nn.utils.clip_grad_norm_(theirs, limit).item()
    clipped, norm = clip_by_global_norm(gradients, limit)
    assert norm == pytest.approx(expected, rel=1e-12)
    for ours, parameter in zip(clipped, theirs, strict=True):
        # PyTorch adds 1e-6 to the norm (about 6 here) before it divides.
        np.testing.assert_allclose(ours, parameter.grad.numpy(), rtol=1e-6, atol=0)


def test_clip_leaves_short_gradients_alone_and_keeps_the_direction():
    gradients = draw(4)
    length = np.sqrt(sum(np.sum(a**2) for a in gradients))
    for limit in (length * 1.01, 1.0):
        kept = [a.copy() for a in gradients]
        clipped, norm = clip_by_global_norm(gradients, limit)
        assert norm == pytest.approx(length, rel=1e-12)
        new_length = np.sqrt(sum(np.sum(a**2) for a in clipped))
        assert new_length == pytest.approx(min(limit, length), rel=1e-12)
        for before, after, copy in zip(gradients, clipped, kept, strict=True):
            np.testing.assert_allclose(after * length, before * new_length, rtol=1e-12, atol=0)
            np.testing.assert_array_equal(before, copy)
            assert not np.shares_memory(before, after)


def test_clip_of_zero_gradients_and_of_a_bad_limit():
    clipped, norm = clip_by_global_norm([np.zeros(3)], 1.0)
    assert norm == 0.0
    assert np.all(clipped[0] == 0)
    for limit in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="limit must be above 0"):
            clip_by_global_norm([np.ones(3)], limit)
