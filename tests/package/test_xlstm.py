"""sLSTM and mLSTM: three frameworks, differences, the stabiliser, and the parallel form."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course.arrays import sigmoid
from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import mlstm, xlstm
from lstm_course.variants.xlstm_torch import MLSTM, SLSTM

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
FEW = [(1, 1, 1, 1), (3, 5, 4, 6), (2, 3, 1, 4)]
BOTH = pytest.mark.parametrize("exp_forget", [False, True], ids=["sigmoid", "exp"])


def slstm_problem(seed, N=3, T=5, D=4, H=6):
    """Draw inputs in which nothing is zero, the stabiliser m, and the upstream gradients."""
    draw = np.random.default_rng(seed).standard_normal
    inputs = {
        "x": draw((N, T, D)),
        "h0": draw((N, H)),
        "c0": draw((N, H)),
        "n0": 0.5 + np.abs(draw((N, H))),
        "W_x": 0.5 * draw((D, 4 * H)),
        "W_h": 0.5 * draw((H, 4 * H)),
        "b": draw(4 * H),
    }
    return inputs, draw((N, H)), [draw((N, T, H)), *(draw((N, H)) for _ in range(3))]


def run_slstm(inputs, m, exp_forget):
    x, h0, c0, n0, *weights = inputs.values()
    return xlstm.slstm_forward(x, xlstm.SLSTMState(h0, c0, n0, m), *weights, exp_forget=exp_forget)


def slstm_errors(backward, seed=1, exp_forget=False, **sizes):
    inputs, m, (dh, dh_T, dc_T, dn_T) = slstm_problem(seed, **sizes)
    _, end, caches = run_slstm(inputs, m, exp_forget)

    def loss(**arrays):
        h, state, _ = run_slstm(arrays, m, exp_forget)
        scale = np.exp(state.m - end.m)  # the true states: m itself is free to move
        return float(
            np.sum(h * dh)
            + np.sum(state.h * dh_T)
            + np.sum(state.c * scale * dc_T)
            + np.sum(state.n * scale * dn_T)
        )

    gradients = backward(dh, dh_T, dc_T, dn_T, caches)
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=True)))


@BOTH
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_slstm_gradients_equal_differences(shape, exp_forget):
    sizes = dict(zip("NTDH", shape, strict=True))
    errors = slstm_errors(xlstm.slstm_backward, exp_forget=exp_forget, **sizes)
    assert max(errors.values()) < TOLERANCE, errors


STEP_PLANTS = {
    "normaliser ignored in dc": ("dc_t + dh_t * o / n", "dc_t + dh_t * o"),
    "normaliser treated as constant": ("dn_t - dh_t * o * ratio / n", "dn_t"),
    "sign of the normaliser": ("dn_t - dh_t * o * ratio / n", "dn_t + dh_t * o * ratio / n"),
    "dc of later steps dropped": ("dc = dc_t + ", "dc = "),
    "dn of later steps dropped": ("dn = dn_t - ", "dn = -"),
    "input gate as a sigmoid": ("(dc * g + dn) * i\n", "(dc * g + dn) * i * (1.0 - i)\n"),
    "input gate does not reach n": ("(dc * g + dn) * i\n", "dc * g * i\n"),
    "forget gate does not reach n": ("(dc * before.c + dn * before.n)", "(dc * before.c)"),
    "slope of the forget gate": (" * f * f_slope", " * f * (1.0 - f)"),
    "slope of tanh": ("dc * i * (1.0 - g**2)", "dc * i"),
    "cell state in place of the ratio": ("dh_t * ratio * o * (1.0", "dh_t * before.c * o * (1.0"),
    "gates in the wrong order": ("[da_i, da_f, da_g, da_o]", "[da_f, da_i, da_g, da_o]"),
    "dW_h without the state": ("before.h.T @ da", "before.c.T @ da"),
    "bias of one example": ("da.sum(axis=0)", "da[0]"),
    "dn carried as dc": ("dc * f, dn * f", "dc * f, dc * f"),
    "dc not multiplied by f": ("dc * f, dn * f", "dc, dn * f"),
}
LOOP_PLANTS = {
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t]"),
    "dh_T ignored": ("dn_next, dx = dh_T, dc_T", "dn_next, dx = 0 * dh_T, dc_T"),
    "dc not carried": ("+ dh_next, dc_next, dn_next", "+ dh_next, dc_T, dn_next"),
    "dn not carried": ("+ dh_next, dc_next, dn_next", "+ dh_next, dc_next, dn_T"),
    "dx in reverse order": ("dx[::-1]", "dx"),
    "weights of the last step only": ("total + part", "part"),
}


@pytest.mark.parametrize("bug", STEP_PLANTS)
def test_planted_bugs_of_the_slstm_step_are_found(planted, monkeypatch, bug):
    broken = planted(xlstm.slstm_step_backward, *STEP_PLANTS[bug])
    monkeypatch.setattr(xlstm, "slstm_step_backward", broken)
    assert max(slstm_errors(xlstm.slstm_backward, T=4, D=2, H=3).values()) > 1e-3


@pytest.mark.parametrize("bug", LOOP_PLANTS)
def test_planted_bugs_of_the_slstm_loop_are_found(planted, bug):
    broken = planted(xlstm.slstm_backward, *LOOP_PLANTS[bug])
    assert max(slstm_errors(broken, T=4, D=2, H=3).values()) > 1e-3


@BOTH
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_slstm_equals_torch(shape, exp_forget):
    inputs, m, upstream = slstm_problem(2, *shape)
    h, end, caches = run_slstm(inputs, m, exp_forget)
    gradients = xlstm.slstm_backward(*upstream, caches)
    layer = SLSTM(shape[2], shape[3], exp_forget=exp_forget).double()
    with torch.no_grad():
        layer.input.weight.copy_(torch.tensor(inputs["W_x"].T))
        layer.hidden.weight.copy_(torch.tensor(inputs["W_h"].T))
        layer.input.bias.copy_(torch.tensor(inputs["b"]))
    x, *states = (torch.tensor(inputs[key], requires_grad=True) for key in ("x", "h0", "c0", "n0"))
    theirs, final = layer(x, (*states, torch.tensor(m)))
    assert relative_error(h, theirs.detach().numpy()) < 1e-10
    for ours, other in zip(end, final, strict=True):
        assert relative_error(ours, other.detach().numpy()) < 1e-10
    outputs = theirs, *final[:3]
    sum((out * torch.tensor(d)).sum() for out, d in zip(outputs, upstream, strict=True)).backward()
    weights = layer.input.weight.grad.T, layer.hidden.weight.grad.T, layer.input.bias.grad
    for ours, other in zip(gradients, (x.grad, *(s.grad for s in states), *weights), strict=True):
        assert relative_error(ours, other.numpy()) < TOLERANCE


@pytest.mark.parametrize("shape", FEW, ids=str)
def test_slstm_equals_keras(shape):
    import tensorflow as tf

    from lstm_course.variants import xlstm_keras

    inputs, m, upstream = slstm_problem(3, *shape)
    h, _, caches = run_slstm(inputs, m, False)
    layer = xlstm_keras.SLSTM(shape[3], dtype="float64")
    layer.build((None, None, shape[2]))
    layer.set_weights([inputs[key] for key in ("W_x", "W_h", "b")])
    variables = [tf.Variable(inputs[key]) for key in ("x", "h0", "c0", "n0")]
    with tf.GradientTape() as tape:
        theirs, final = layer(variables[0], (*variables[1:], tf.constant(m)))
        outputs = theirs, *final[:3]
        loss = sum(tf.reduce_sum(out * d) for out, d in zip(outputs, upstream, strict=True))
    gradients = tape.gradient(loss, [*variables, *layer.trainable_variables])
    np.testing.assert_allclose(h, theirs, atol=1e-12)
    for ours, other in zip(xlstm.slstm_backward(*upstream, caches), gradients, strict=True):
        assert relative_error(ours, np.asarray(other)) < TOLERANCE
    empty = run_slstm({**inputs, **dict.fromkeys(("h0", "c0", "n0"), 0 * m)}, m - np.inf, False)
    np.testing.assert_allclose(layer(inputs["x"])[0], empty[0], atol=1e-12)


def plain_slstm(x, W_x, W_h, b, exp_forget):
    """The sLSTM from an empty memory without a stabiliser, straight from the equations."""
    N, T, _ = x.shape
    h = c = n = np.zeros((N, len(W_h)))
    outputs = []
    for t in range(T):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h @ W_h + b, 4, axis=1)
        f = np.exp(a_f) if exp_forget else sigmoid(a_f)
        c, n = f * c + np.exp(a_i) * np.tanh(a_g), f * n + np.exp(a_i)
        h = sigmoid(a_o) * c / n
        outputs.append(h)
    return np.stack(outputs, axis=1), c, n


@BOTH
def test_the_stabiliser_changes_nothing(exp_forget):
    inputs, _, _ = slstm_problem(4, T=9)
    weights = [inputs[key] for key in ("W_x", "W_h", "b")]
    start = xlstm.slstm_start(3, 6)
    h, end, _ = xlstm.slstm_forward(inputs["x"], start, *weights, exp_forget=exp_forget)
    right, c, n = plain_slstm(inputs["x"], *weights, exp_forget)
    assert relative_error(h, right) < 1e-12
    assert relative_error(end.c * np.exp(end.m), c) < 1e-12
    assert relative_error(end.n * np.exp(end.m), n) < 1e-12


@BOTH
@pytest.mark.parametrize("size", [100.0, 1000.0])
def test_no_overflow_at_gates_of_100(size, exp_forget):
    inputs, _, upstream = slstm_problem(5, T=9)
    weights = [inputs[key] for key in ("W_x", "W_h")]
    b = size * np.sign(inputs["b"])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        state = xlstm.slstm_start(3, 6)
        h, end, caches = xlstm.slstm_forward(inputs["x"], state, *weights, b, exp_forget=exp_forget)
        gradients = xlstm.slstm_backward(*upstream, caches)
    assert all(np.isfinite(array).all() for array in (h, *end, *gradients))
    assert np.all(np.abs(h) <= 1.0)
    if size == 1000.0:
        with np.errstate(over="ignore", invalid="ignore"):
            assert not np.isfinite(plain_slstm(inputs["x"], *weights, b, exp_forget)[0]).all()


def mlstm_problem(seed, N=3, T=5, D=4, H=6):
    draw = np.random.default_rng(seed).standard_normal
    size = 4 * H + 2
    inputs = {
        "x": draw((N, T, D)),
        "C": draw((N, H, H)),
        "n": draw((N, H)),
        "W_x": 0.5 * draw((D, size)),
        "b": draw(size),
    }
    return inputs, draw(N), [draw((N, T, H)), draw((N, H, H)), draw((N, H))]


def run_mlstm(inputs, m):
    return mlstm.mlstm_forward(
        inputs["x"], mlstm.MLSTMState(inputs["C"], inputs["n"], m), inputs["W_x"], inputs["b"]
    )


def mlstm_errors(backward, seed=1, **sizes):
    inputs, m, (dh, dC_T, dn_T) = mlstm_problem(seed, **sizes)
    _, end, cache = run_mlstm(inputs, m)

    def loss(**arrays):
        h, state, _ = run_mlstm(arrays, m)
        scale = np.exp(state.m - end.m)[:, None]
        final = np.sum(state.C * scale[..., None] * dC_T) + np.sum(state.n * scale * dn_T)
        return float(np.sum(h * dh) + final)

    gradients = backward(dh, dC_T, dn_T, cache)
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=True)))


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_mlstm_gradients_equal_differences(shape):
    errors = mlstm_errors(mlstm.mlstm_backward, **dict(zip("NTDH", shape, strict=True)))
    assert max(errors.values()) < TOLERANCE, errors


def test_the_problem_uses_both_branches_of_the_divisor():
    inputs, m, _ = mlstm_problem(1)
    _, _, cache = run_mlstm(inputs, m)
    large = [
        np.abs(np.sum(cache.parts.q[:, t] * state.n, axis=1)) > np.exp(-state.m)
        for t, state in enumerate(cache.states[1:])
    ]
    assert 0 < np.mean(large) < 1


MLSTM_PLANTS = {
    "divisor forgotten": ("dfound = dratio / divisor[:, None]", "dfound = dratio"),
    "divisor treated as constant": ("ddivisor = -np.sum", "ddivisor = -0.0 * np.sum"),
    "sign of the overlap": ("* np.sign(overlap) *", "*"),
    "both branches differentiated": (" * (np.abs(overlap) >= np.exp(-after.m))", ""),
    "dC not carried": ("dC = dC + q[", "dC = 0 * dC + q["),
    "dn without this read": ("dn = dn + q[:, t] * doverlap[:, None]", "dn = dn + 0.0"),
    "normaliser does not reach the key": ("v[:, t]) + dn  #", "v[:, t])  #"),
    "scale of the keys": (" * dk / np.sqrt(H)", " * dk"),
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
    "forget gate not applied to dC": ("dC, dn = f[:, None, None] * dC,", "dC, dn = dC,"),
    "dC_T ignored": ("dC, dn = dC_T, dn_T", "dC, dn = 0 * dC_T, dn_T"),
    "dn_T ignored": ("dC, dn = dC_T, dn_T", "dC, dn = dC_T, 0 * dn_T"),
}


@pytest.mark.parametrize("bug", MLSTM_PLANTS)
def test_planted_bugs_of_the_mlstm_are_found(planted, bug):
    broken = planted(mlstm.mlstm_backward, *MLSTM_PLANTS[bug])
    assert max(mlstm_errors(broken, N=5, D=2, H=3).values()) > 1e-3


@pytest.mark.parametrize("T", [1, 2, 9])
def test_mlstm_in_parallel_equals_the_loop(T):
    inputs, _, _ = mlstm_problem(2, T=T)
    h, _, _ = mlstm.mlstm_forward(inputs["x"], mlstm.mlstm_start(3, 6), inputs["W_x"], inputs["b"])
    parallel = mlstm.mlstm_parallel(inputs["x"], inputs["W_x"], inputs["b"])
    assert relative_error(h, parallel) < 1e-12


def carried(layer, inputs):
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor(inputs["W_x"].T))
        layer.linear.bias.copy_(torch.tensor(inputs["b"]))
    return layer


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_mlstm_equals_torch(shape):
    inputs, m, upstream = mlstm_problem(3, *shape)
    h, end, cache = run_mlstm(inputs, m)
    gradients = mlstm.mlstm_backward(*upstream, cache)
    layer = carried(MLSTM(shape[2], shape[3]).double(), inputs)
    x, C, n = (torch.tensor(inputs[key], requires_grad=True) for key in ("x", "C", "n"))
    theirs, final = layer(x, (C, n, torch.tensor(m)))
    assert relative_error(h, theirs.detach().numpy()) < 1e-10
    assert relative_error(end.m, final[2].numpy()) < 1e-10
    outputs = theirs, *final[:2]
    sum((out * torch.tensor(d)).sum() for out, d in zip(outputs, upstream, strict=True)).backward()
    weights = layer.linear.weight.grad.T, layer.linear.bias.grad
    for ours, other in zip(gradients, (x.grad, C.grad, n.grad, *weights), strict=True):
        assert relative_error(ours, other.numpy()) < TOLERANCE


def mlstm_from_empty(inputs, upstream):
    x, _, _, W_x, b = inputs.values()
    h, _, cache = mlstm.mlstm_forward(x, mlstm.mlstm_start(len(x), len(b) // 4), W_x, b)
    dx, _, _, dW_x, db = mlstm.mlstm_backward(upstream[0], *(0 * d for d in upstream[1:]), cache)
    return h, (dx, dW_x, db)


@pytest.mark.parametrize("mode", ["parallel", "loop"])
@pytest.mark.parametrize("shape", FEW, ids=str)
def test_mlstm_equals_torch_from_an_empty_memory(shape, mode):
    inputs, _, upstream = mlstm_problem(4, *shape)
    h, gradients = mlstm_from_empty(inputs, upstream)
    layer = carried(MLSTM(shape[2], shape[3], mode=mode).double(), inputs)
    x = torch.tensor(inputs["x"], requires_grad=True)
    theirs, final = layer(x)
    assert (final is None) == (mode == "parallel")
    assert relative_error(h, theirs.detach().numpy()) < 1e-10
    (theirs * torch.tensor(upstream[0])).sum().backward()
    others = x.grad, layer.linear.weight.grad.T, layer.linear.bias.grad
    for ours, other in zip(gradients, others, strict=True):
        assert relative_error(ours, other.numpy()) < TOLERANCE


@pytest.mark.parametrize("shape", FEW, ids=str)
def test_mlstm_equals_keras(shape):
    import tensorflow as tf

    from lstm_course.variants import xlstm_keras

    inputs, _, upstream = mlstm_problem(5, *shape)
    h, gradients = mlstm_from_empty(inputs, upstream)
    layer = xlstm_keras.MLSTM(shape[3], dtype="float64")
    layer.build((None, None, shape[2]))
    layer.set_weights([inputs["W_x"], inputs["b"]])
    x = tf.Variable(inputs["x"])
    with tf.GradientTape() as tape:
        theirs = layer(x)
        loss = tf.reduce_sum(theirs * upstream[0])
    np.testing.assert_allclose(h, theirs, atol=1e-12)
    others = tape.gradient(loss, [x, *layer.trainable_variables])
    for ours, other in zip(gradients, others, strict=True):
        assert relative_error(ours, np.asarray(other)) < TOLERANCE


def plain_mlstm(x, W_x, b):
    """The mLSTM from an empty memory without a stabiliser, straight from the equations."""
    q, k, v, o, a_i, log_f, _ = mlstm.mlstm_parts(x, W_x, b)
    N, T, H = q.shape
    C, n, outputs = np.zeros((N, H, H)), np.zeros((N, H)), []
    for t in range(T):
        i, f = np.exp(a_i[:, t]), np.exp(log_f[:, t])
        C = f[:, None, None] * C + i[:, None, None] * k[:, t, :, None] * v[:, t, None]
        n = f[:, None] * n + i[:, None] * k[:, t]
        divisor = np.maximum(np.abs(np.sum(q[:, t] * n, axis=1)), 1.0)
        outputs.append(o[:, t] * np.einsum("nk,nkv->nv", q[:, t], C) / divisor[:, None])
    return np.stack(outputs, axis=1)


def test_the_stabiliser_of_the_mlstm_changes_nothing():
    inputs, _, _ = mlstm_problem(6, T=9)
    x, W_x, b = inputs["x"], inputs["W_x"], inputs["b"]
    h, _, _ = mlstm.mlstm_forward(x, mlstm.mlstm_start(3, 6), W_x, b)
    assert relative_error(h, plain_mlstm(x, W_x, b)) < 1e-12


@pytest.mark.parametrize("size", [-600.0, -100.0, 100.0, 600.0])
def test_mlstm_does_not_overflow(size):
    inputs, _, upstream = mlstm_problem(7, T=9)
    x, W_x, b = inputs["x"], inputs["W_x"], inputs["b"].copy()
    b[-2:] = size, -size
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        h, end, cache = mlstm.mlstm_forward(x, mlstm.mlstm_start(3, 6), W_x, b)
        gradients = mlstm.mlstm_backward(*upstream, cache)
        parallel = mlstm.mlstm_parallel(x, W_x, b)
    assert all(np.isfinite(array).all() for array in (h, *end, *gradients))
    assert relative_error(h, parallel) < 1e-9


def test_keeps_its_arguments():
    inputs, m, upstream = slstm_problem(8)
    arrays = [*inputs.values(), m, *upstream]
    before = [array.copy() for array in arrays]
    xlstm.slstm_backward(*upstream, run_slstm(inputs, m, False)[2])
    inputs, m, upstream = mlstm_problem(8)
    more = [*inputs.values(), m, *upstream]
    before += [array.copy() for array in more]
    mlstm.mlstm_backward(*upstream, run_mlstm(inputs, m)[2])
    assert all(np.array_equal(x, y) for x, y in zip(arrays + more, before, strict=True))


def test_errors():
    inputs, m, upstream = slstm_problem(9)
    with pytest.raises(ValueError, match=r"n must have shape \(N, H\) = \(3, 6\), got \(3, 5\)"):
        run_slstm({**inputs, "n0": inputs["n0"][:, 1:]}, m, False)
    with pytest.raises(ValueError, match="x must have shape"):
        run_slstm({**inputs, "x": inputs["x"][0]}, m, False)
    with pytest.raises(ValueError, match="dh must have shape"):
        xlstm.slstm_backward(upstream[0][:, 1:], *upstream[1:], run_slstm(inputs, m, False)[2])
    inputs, m, upstream = mlstm_problem(9)
    with pytest.raises(ValueError, match=r"b must have shape \(4H \+ 2,\), got \(25,\)"):
        run_mlstm({**inputs, "b": inputs["b"][1:]}, m)
    with pytest.raises(ValueError, match="C must have shape"):
        run_mlstm({**inputs, "C": inputs["C"][0]}, m)
    with pytest.raises(ValueError, match="dn_T must have shape"):
        mlstm.mlstm_backward(*upstream[:2], upstream[2][0], run_mlstm(inputs, m)[2])
    with pytest.raises(ValueError, match="mode must be"):
        MLSTM(1, 1, mode="scan")
