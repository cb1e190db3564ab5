"""Layers that a framework made itself: with its own weights, without biases, with its options."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
import torch

from lstm_course import lstm_torch
from tests.package.contract import ROWS
from tests.package.test_contract import GRID, HALF, leaves

CELLS = {row.name: row for row in ROWS if row.name in ("lstm", "rnn", "gru") and row.torch}
KINDS = {"lstm": ("LSTM", "LSTM"), "rnn": ("RNN", "SimpleRNN"), "gru": ("GRU", "GRU")}


def check(row, weights, problem, theirs):
    """Compare outputs and the gradients of x and the state; ``theirs`` stand in that order."""
    h, final, cache = row.forward(problem.x, weights, problem.state)
    dx, d_state, _ = row.call("NAME_backward")(problem.dh, cache, problem.d_state)
    for a, b in zip(leaves((h, final, dx, d_state)), theirs, strict=True):
        np.testing.assert_allclose(a, np.reshape(b, a.shape), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("sizes", GRID, ids=str)
@pytest.mark.parametrize("name", CELLS)
def test_a_fresh_layer_of_torch(name, sizes, bias):
    row, (kind, _) = CELLS[name], KINDS[name]
    N, T, D, H = sizes
    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(D, H, bias=bias, batch_first=True, dtype=torch.float64)
    weights = importlib.import_module(row.torch.module).from_torch(layer)
    assert bias == any(array.any() for array in weights[2:])
    problem = row.draw(0, N, T, D, H)
    x, *state = inputs = [torch.tensor(a, requires_grad=True) for a in leaves(problem[:2])]
    found = row.torch.run(layer, x, state)
    upstream = map(torch.tensor, leaves(problem[3:]))
    sum((a * b).sum() for a, b in zip(found, upstream, strict=True)).backward()
    check(row, weights, problem, [a.detach().numpy() for a in (*found, *(a.grad for a in inputs))])


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("sizes", HALF, ids=str)
@pytest.mark.parametrize("name", CELLS)
def test_a_fresh_layer_of_keras(name, sizes, bias):
    import keras
    import tensorflow as tf

    row, (_, kind) = CELLS[name], KINDS[name]
    N, T, D, H = sizes
    options = {**row.keras.options, "use_bias": bias, "bias_initializer": "random_normal"}
    layer = getattr(keras.layers, kind)(H, dtype="float64", **options)
    layer.build((None, None, D))
    weights = importlib.import_module(row.keras.module).from_keras(layer)
    assert bias == any(array.any() for array in weights[2:])
    problem = row.draw(0, N, T, D, H)
    x, *state = inputs = [tf.constant(a) for a in leaves(problem[:2])]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        found = row.keras.run(layer, x, state)
        loss = sum(tf.reduce_sum(a * b) for a, b in zip(found, leaves(problem[3:]), strict=True))
    theirs = [*found, *tape.gradient(loss, inputs)]
    check(row, weights, problem, [a.numpy() for a in theirs])


@pytest.mark.parametrize("name", CELLS)
def test_a_layer_that_keeps_its_state_is_refused(name):
    there, back = (
        getattr(importlib.import_module(CELLS[name].keras.module), f"{way}_keras")
        for way in ("to", "from")
    )
    layer = there(CELLS[name].draw(0).weights)
    layer.stateful = True
    with pytest.raises(ValueError, match="stateful=False, got True: it computes another"):
        back(layer)


@pytest.mark.parametrize("name", CELLS)
def test_a_function_of_the_same_name_is_refused(name):
    """An activation may be any function; the name says what it does in a framework alone."""
    import tensorflow

    def tanh(a):
        return a

    there, back = (
        getattr(importlib.import_module(CELLS[name].keras.module), f"{way}_keras")
        for way in ("to", "from")
    )
    weights = CELLS[name].draw(0).weights
    back(there(weights, activation=tensorflow.tanh))
    with pytest.raises(ValueError, match=r"activation='tanh', got 'tests.*\.tanh'"):
        back(there(weights, activation=tanh))


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(CELLS, 2)))
def test_a_layer_of_another_cell_is_refused(name, other):
    mine, theirs = CELLS[name], CELLS[other]
    for kind, oracle, given in (
        ("torch", mine.torch, theirs.torch),
        ("keras", mine.keras, theirs.keras),
    ):
        layer = getattr(importlib.import_module(given.module), f"to_{kind}")(theirs.draw(0).weights)
        with pytest.raises(ValueError, match=rf"from_{kind} takes .*, got {type(layer).__name__}"):
            getattr(importlib.import_module(oracle.module), f"from_{kind}")(layer)


def test_biases_of_torch_are_summed():
    layer = torch.nn.LSTM(3, 5, dtype=torch.float64)
    expected = (layer.bias_ih_l0 + layer.bias_hh_l0).detach()
    np.testing.assert_array_equal(lstm_torch.from_torch(layer).b, expected)
