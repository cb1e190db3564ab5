"""The mLSTM: planted bugs, the stabiliser, the parallel form; the rest is in the contract."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import relative_error
from lstm_course.variants import mlstm, mlstm_keras, mlstm_torch
from lstm_course.variants.mlstm import MLSTMWeights
from tests.package.contract import row_of

TOLERANCE = 1e-6
FEW = [(1, 1, 1, 1), (3, 5, 4, 6), (2, 3, 1, 4)]


def problem(seed, **sizes):
    return row_of("mlstm").draw(seed, **{"D": 2, "H": 3, **sizes})


def test_the_problem_uses_both_branches_of_the_divisor():
    x, state, weights, _, _ = problem(1)
    _, _, cache = mlstm.mlstm_forward(x, weights, state)
    large = [
        np.abs(np.sum(cache.parts.q[:, t] * state.n, axis=1)) > np.exp(-state.m)
        for t, state in enumerate(cache.states[1:])
    ]
    assert 0 < np.mean(large) < 1


PLANTS = {
    "divisor forgotten": ("dh_t * o[:, t] / divisor[:, None]", "dh_t * o[:, t]"),
    "divisor treated as constant": ("ddivisor = -np.sum", "ddivisor = -0.0 * np.sum"),
    "sign of the overlap": ("* np.sign(overlap) *", "*"),
    "both branches differentiated": (" * (np.abs(overlap) == divisor)", ""),
    "dC not carried": ("dC = dC + q[", "dC = 0 * dC + q["),
    "dn without this read": ("dn = dn + q[:, t] * doverlap[:, None]", "dn = dn + 0.0"),
    "normaliser does not reach the key": ("v[:, t]) + dn  #", "v[:, t])  #"),
    "scale of the keys": (" * dk / H**0.5", " * dk"),
    "query reads the old memory": ("after.C, dfound", "before.C, dfound"),
    "normaliser does not reach the query": (" + after.n * doverlap[:, None]", ""),
    "value without the input gate": (
        'da_v[:, t] = i[:, None] * np.einsum("nkv',
        'da_v[:, t] = np.einsum("nkv',
    ),
    "rows and columns swapped": ('"nkv,nk->nv", dC, k', '"nvk,nk->nv", dC, k'),
    "slope of the output gate": (" * o[:, t] * (1.0 - o[:, t])", " * o[:, t]"),
    "slope of the forget gate": ("f * f_slope[:, t] * kept", "f * kept"),
    "normaliser does not reach the forget gate": (" + np.sum(dn * before.n, axis=1)", ""),
    "forget gate not applied to dC": ("f[:, None, None] * dC, f", "dC, f"),
    "dh_T ignored": ("dh_next, dC, dn, _ = d_end", "_, dC, dn, _ = d_end; dh_next = 0.0 * dn"),
    "dh_T at every step": ("np.zeros_like(dh_t), f[", "dh_next, f["),
    "dC_T ignored": ("dh_next, dC, dn, _ = d_end", "dh_next, dC, dn, _ = d_end; dC = 0 * dC"),
    "dn_T ignored": ("dh_next, dC, dn, _ = d_end", "dh_next, dC, dn, _ = d_end; dn = 0 * dn"),
}


@pytest.mark.parametrize("bug", PLANTS)
def test_planted_bugs_are_found(planted, bug):
    broken = planted(mlstm.mlstm_backward, *PLANTS[bug])
    assert max(row_of("mlstm").gradient_errors(problem(1, N=5), broken).values()) > 1e-3


@pytest.mark.parametrize("T", [1, 2, 9])
def test_in_parallel_equals_the_loop(T):
    x, _, weights, _, _ = problem(2, T=T)
    h, _, _ = mlstm.mlstm_forward(x, weights)
    assert relative_error(h, mlstm.mlstm_parallel(x, weights)) < 1e-12


@pytest.mark.parametrize("mode", ["parallel", "loop"])
@pytest.mark.parametrize("shape", FEW, ids=str)
def test_equals_torch_from_an_empty_memory(shape, mode):
    x, _, weights, dh, _ = row_of("mlstm").draw(4, *shape)
    h, _, cache = mlstm.mlstm_forward(x, weights)
    dx, _, d_weights = mlstm.mlstm_backward(dh, cache)
    layer = mlstm_torch.to_torch(weights, mode=mode)
    leaf = torch.tensor(x, requires_grad=True)
    theirs, final = layer(leaf)
    assert (final is None) == (mode == "parallel")
    assert relative_error(h, theirs.detach().numpy()) < 1e-10
    (theirs * torch.tensor(dh)).sum().backward()
    leaves = [leaf, *(layer.get_parameter(name) for name in mlstm_torch.NAMES)]
    for mine, other in zip((dx, *(g.T for g in d_weights)), leaves, strict=True):
        assert relative_error(mine, other.grad.numpy()) < TOLERANCE


@pytest.mark.parametrize("shape", FEW, ids=str)
def test_equals_keras(shape):
    import tensorflow as tf

    x, _, weights, dh, _ = row_of("mlstm").draw(5, *shape)
    h, _, cache = mlstm.mlstm_forward(x, weights)
    dx, _, d_weights = mlstm.mlstm_backward(dh, cache)
    layer, leaf = mlstm_keras.to_keras(weights), tf.Variable(x)
    with tf.GradientTape() as tape:
        theirs = layer(leaf)
        loss = tf.reduce_sum(theirs * dh)
    np.testing.assert_allclose(h, theirs, rtol=0, atol=1e-12)
    found = tape.gradient(loss, [leaf, *layer.trainable_variables])
    for mine, other in zip((dx, *d_weights), found, strict=True):
        assert relative_error(mine, np.asarray(other)) < TOLERANCE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_survive_the_trip_to_keras(dtype):
    weights = MLSTMWeights(*(array.astype(dtype) for array in problem(6).weights))
    layer = mlstm_keras.to_keras(weights)
    returned = mlstm_keras.from_keras(layer)
    layer.set_weights([np.full_like(array, 7.0) for array in weights])
    for array, original in zip(returned, weights, strict=True):
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, original)


def test_keras_converters_refuse():
    import keras

    weights = problem(6).weights
    with pytest.raises(ValueError, match=r"b must have shape \(4H \+ 2,\), got \(13,\)"):
        mlstm_keras.to_keras(weights._replace(b=weights.b[1:]))
    with pytest.raises(ValueError, match="got Dense"):
        mlstm_keras.from_keras(keras.layers.Dense(6))
    with pytest.raises(ValueError, match="no weights yet: call it once"):
        mlstm_keras.from_keras(mlstm_keras.MLSTM(3))


def plain_mlstm(x, weights):
    """The mLSTM from an empty memory without a stabiliser, straight from the equations."""
    q, k, v, o, a_i, log_f, _ = mlstm.mlstm_parts(x, weights)
    N, T, H = q.shape
    C, n, outputs = np.zeros((N, H, H)), np.zeros((N, H)), []
    for t in range(T):
        i, f = np.exp(a_i[:, t]), np.exp(log_f[:, t])
        C = f[:, None, None] * C + i[:, None, None] * k[:, t, :, None] * v[:, t, None]
        n = f[:, None] * n + i[:, None] * k[:, t]
        divisor = np.maximum(np.abs(np.sum(q[:, t] * n, axis=1)), 1.0)
        outputs.append(o[:, t] * np.einsum("nk,nkv->nv", q[:, t], C) / divisor[:, None])
    return np.stack(outputs, axis=1)


def test_the_stabiliser_changes_nothing():
    x, _, weights, _, _ = problem(6, T=9)
    assert relative_error(mlstm.mlstm_forward(x, weights)[0], plain_mlstm(x, weights)) < 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [-2000.0, -600.0, -100.0, 100.0, 600.0, 2000.0])
def test_does_not_overflow(size, dtype):
    """Below -709 (-88 in float32) exp(-m) is infinite: what is found is 0, without a warning."""
    x, _, weights, dh, _ = problem(7, T=9)
    b = weights.b.copy()
    b[-2:] = size, -size
    weights = MLSTMWeights(*(array.astype(dtype) for array in weights._replace(b=b)))
    x, dh = x.astype(dtype), dh.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        h, end, cache = mlstm.mlstm_forward(x, weights)
        dx, d_start, d_weights = mlstm.mlstm_backward(dh, cache)
        parallel = mlstm.mlstm_parallel(x, weights)
    assert all(np.isfinite(array).all() for array in (h, *end, dx, *d_start, *d_weights))
    error = relative_error(h.astype(float), parallel.astype(float))
    assert error < (1e-9 if dtype == np.float64 else 1e-3)
    if size < -700.0:
        assert not any(array.any() for array in (h, dx, *d_weights))


def test_no_gradient_flows_through_the_stabiliser_or_the_first_output():
    x, state, weights, dh, d_state = problem(8)
    cache = mlstm.mlstm_forward(x, weights, state)[2]
    other = mlstm.mlstm_backward(dh, cache, d_state._replace(m=np.ones_like(state.m)))
    dx, d_start, _ = mlstm.mlstm_backward(dh, cache, d_state)
    np.testing.assert_array_equal(other.dx, dx)
    assert not d_start.m.any()
    assert not d_start.h.any()


def test_errors():
    x, state, weights, _, _ = problem(9, H=6)
    with pytest.raises(ValueError, match=r"b must have shape \(4H \+ 2,\), got \(25,\)"):
        mlstm.mlstm_forward(x, weights._replace(b=weights.b[1:]), state)
    with pytest.raises(ValueError, match=r"state.C must have shape .* = \(3, 6, 6\), got \(6, 6\)"):
        mlstm.mlstm_forward(x, weights, state._replace(C=state.C[0]))
    with pytest.raises(ValueError, match="mode must be"):
        mlstm_torch.MLSTM(1, 1, mode="scan")
