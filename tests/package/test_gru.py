"""The GRU beyond the contract: its equations, both forms, the update gate, planted bugs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import gru, gru_keras, gru_torch
from lstm_course.gradcheck import check_gradients
from lstm_course.gru import (
    GRUState,
    GRUWeights,
    flip_update_gate,
    gru_backward,
    gru_forward,
    gru_parameter_count,
    gru_step,
    init_gru,
)
from tests.package.contract import ROWS

TOLERANCE = 1e-6
FORMS = {row.options.get("reset_after", True): row for row in ROWS if row.name == "gru"}
BOTH = pytest.mark.parametrize("reset_after", [True, False], ids=["after", "before"])


def random_problem(seed, **sizes):
    return FORMS[True].draw(seed, **sizes)


def test_one_step_by_the_equations():
    """The equations of both forms, written out block by block."""
    x, (h,), (W_x, W_h, b_x, b_h) = random_problem(3)[:3]
    x_t = x[:, 0]
    W_xr, W_xz, W_xg = np.split(W_x, 3, axis=1)
    W_hr, W_hz, W_hg = np.split(W_h, 3, axis=1)
    (b_xr, b_xz, b_xg), (b_hr, b_hz, b_hg) = np.split(b_x, 3), np.split(b_h, 3)
    r = 1 / (1 + np.exp(-(x_t @ W_xr + h @ W_hr + b_xr + b_hr)))
    z = 1 / (1 + np.exp(-(x_t @ W_xz + h @ W_hz + b_xz + b_hz)))
    after = np.tanh(x_t @ W_xg + b_xg + r * (h @ W_hg + b_hg))
    before = np.tanh(x_t @ W_xg + b_xg + (r * h) @ W_hg + b_hg)
    weights = GRUWeights(W_x, W_h, b_x, b_h)
    for reset_after, g in ((True, after), (False, before)):
        state, _ = gru_step(x_t, GRUState(h), weights, reset_after=reset_after)
        np.testing.assert_allclose(state.h, z * h + (1 - z) * g, rtol=0, atol=1e-12)


def test_the_two_forms_differ_and_share_a_bias_only_in_one():
    x, state, weights, dh, d_state = random_problem(6)
    after, _, cache = gru_forward(x, weights, state)
    before, _, other = gru_forward(x, weights, state, reset_after=False)
    assert np.abs(after - before).max() > 0.01
    db_x, db_h = gru_backward(dh, cache, d_state).d_weights[2:]
    H = state.h.shape[1]
    np.testing.assert_allclose(db_x[: 2 * H], db_h[: 2 * H], rtol=0, atol=1e-12)
    assert np.abs(db_x[2 * H :] - db_h[2 * H :]).max() > 0.01
    db_x, db_h = gru_backward(dh, other, d_state).d_weights[2:]
    np.testing.assert_array_equal(db_x, db_h)


@BOTH
def test_the_cache_of_a_layer_holds_those_of_its_steps(reset_after):
    x, state, weights, _, _ = random_problem(2)
    cache = gru_forward(x, weights, state, reset_after=reset_after)[2]
    for t in range(x.shape[1]):
        state, step = gru_step(x[:, t], state, weights, reset_after=reset_after)
        for ours, theirs in zip(step[:6], cache.steps[t][:6], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@BOTH
def test_flipped_update_gate_writes_in_place_of_keeping(reset_after):
    x, state, weights, _, _ = random_problem(7)
    h, _, cache = gru_forward(x, weights, state, reset_after=reset_after)
    flipped, h_t = flip_update_gate(weights), state.h
    for t in range(x.shape[1]):
        _, step = gru_step(x[:, t], GRUState(h_t), flipped, reset_after=reset_after)
        np.testing.assert_allclose(step.z, 1.0 - cache.steps[t].z, rtol=0, atol=1e-12)
        h_t = (1.0 - step.z) * h_t + step.z * step.g
        np.testing.assert_allclose(h_t, h[:, t], rtol=0, atol=1e-12)
    for twice, once in zip(flip_update_gate(flipped), weights, strict=True):
        np.testing.assert_array_equal(twice, once)


def test_flipping_keeps_dtype_and_inputs():
    weights = GRUWeights(*(array.astype(np.float32) for array in random_problem(11).weights))
    before = [array.copy() for array in weights]
    assert {array.dtype for array in flip_update_gate(weights)} == {np.dtype(np.float32)}
    for array, kept in zip(weights, before, strict=True):
        np.testing.assert_array_equal(array, kept)


@BOTH
def test_the_state_never_leaves_the_range_of_its_start_and_of_tanh(reset_after):
    x, _, weights, _, _ = random_problem(8, T=40)
    h = gru_forward(10.0 * x, weights, reset_after=reset_after)[0]
    assert np.abs(h).max() <= 1.0


#: name: (function, text, what the bug makes of it, the forms in which it must be caught)
TWO, AFTER, BEFORE = (True, False), (True,), (False,)
CORE = "step_core_backward"
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
    "dh_T ignored": ("gru_backward", "(dh_next,) = d_state", "dh_next = 0.0 * d_state[0]", TWO),
    "time not reversed": ("gru_backward", "reversed(range(T))", "range(T)", TWO),
    "dW_h of the candidate from h in both forms": (
        "weight_gradients",
        "read if cache.reset_after else r",
        "read if True else r",
        BEFORE,
    ),
    "dW_h of the candidate from r h in both forms": (
        "weight_gradients",
        "read if cache.reset_after else r",
        "read if False else r",
        AFTER,
    ),
    "dW_h built with h_t": (
        "gru_backward",
        "weight_gradients(x, read, r,",
        "weight_gradients(x, np.roll(read, -1, 1), r,",
        TWO,
    ),
    "db_h taken for db_x": (
        "weight_gradients",
        "da_x.sum(axis=over),",
        "da_h.sum(axis=over),",
        AFTER,
    ),
    "db_x not summed over the batch": (
        "weight_gradients",
        "da_x.sum(axis=over),",
        "da_x[0].sum(axis=0),",
        TWO,
    ),
    "kept with 1 - z on the way back": (
        CORE,
        "dh_t * z + da_h",
        "dh_t * (1 - z) + da_h",
        AFTER,
    ),
    "kept with 1 - z on the way back, before": (
        CORE,
        "dh_t * z + dreset",
        "dh_t * (1 - z) + dreset",
        BEFORE,
    ),
    "direct path of the state forgotten": (CORE, "dh_t * z + da_h", "da_h", AFTER),
    "direct path of the state forgotten, before": (
        CORE,
        "dh_t * z + dreset",
        "dreset",
        BEFORE,
    ),
    "sign of dz": (CORE, "(h_prev - g)", "(g - h_prev)", TWO),
    "candidate left out of dz": (CORE, "(h_prev - g)", "h_prev", TWO),
    "candidate weighted with z": (CORE, "dh_t * (1.0 - z) *", "dh_t * z *", TWO),
    "slope of the update gate forgotten": (CORE, " * z * (1.0 - z)", "", TWO),
    "sigma' of an activated value": (
        CORE,
        "recurrent_g * r * (1.0 - r)",
        "recurrent_g * sigmoid(r) * (1.0 - sigmoid(r))",
        AFTER,
    ),
    "tanh' of an activated value": (
        CORE,
        "(1.0 - g**2)",
        "(1.0 - np.tanh(g) ** 2)",
        TWO,
    ),
    "reset gate reads the state in both forms": (
        CORE,
        "da_g * recurrent_g * r",
        "da_g * h_prev * r",
        AFTER,
    ),
    "reset gate forgotten on the way back": (CORE, "da_g * r]", "da_g]", AFTER),
    "reset gate forgotten on the way back, before": (
        CORE,
        "dreset * r",
        "dreset",
        BEFORE,
    ),
    "reset gate reads the product in both forms": (
        CORE,
        "dreset * h_prev * r",
        "da_g * recurrent_g * r",
        BEFORE,
    ),
    "gates left out of dh_prev": (
        CORE,
        " + da[:, : 2 * H] @ W_h[:, : 2 * H].T",
        "",
        BEFORE,
    ),
    "blocks r and z swapped": (
        CORE,
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
        backward = broken
        if function != "gru_backward":
            monkeypatch.setattr(gru, function, broken)
            backward = gru.gru_backward
        row = FORMS[reset_after]
        problem = row.draw(9, N=3, T=4, D=2, H=3)
        assert max(check_gradients(problem, row.forward, backward).values()) > TOLERANCE


@pytest.mark.parametrize(("D", "H"), [(1, 1), (4, 5), (64, 128)])
def test_parameter_count(D, H):
    import keras

    layer = torch.nn.GRU(D, H)
    assert gru_parameter_count(D, H) == sum(p.numel() for p in layer.parameters())
    for biases, options in ((2, {}), (1, {"reset_after": False}), (0, {"use_bias": False})):
        layer = keras.layers.GRU(H, **options)
        layer.build((None, None, D))
        assert gru_parameter_count(D, H, biases=biases) == layer.count_params()


def test_initial_weights():
    weights = init_gru(np.random.default_rng(0), 4, 6, keep_bias=2.0)
    assert np.abs(weights.W_x).max() <= np.sqrt(0.6)
    for block in np.split(weights.W_h, 3, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(6), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(weights.b_x, np.repeat([0.0, 2.0, 0.0], 6))
    assert not weights.b_h.any()


def test_layers_that_lack_a_bias():
    weights = random_problem(10).weights
    assert not gru_torch.from_torch(torch.nn.GRU(4, 6, bias=False)).b_x.any()
    assert not gru_keras.from_keras(gru_keras.to_keras(weights, use_bias=False)).b_h.any()
    one = gru_keras.from_keras(gru_keras.to_keras(weights, reset_after=False), reset_after=False)
    np.testing.assert_allclose(one.b_x, weights.b_x + weights.b_h, rtol=0, atol=1e-15)
    assert not one.b_h.any()
