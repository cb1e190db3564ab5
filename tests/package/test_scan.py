"""Scans equal the loop; minGRU and minLSTM agree in three frameworks and with differences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import scan, scan_torch

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
SCANS = (scan.scan_loop, scan.scan_doubling, scan.scan_tree)
CELLS = {
    "minGRU": (2, scan.min_gru_forward, scan_torch.MinGRU),
    "minLSTM": (3, scan.min_lstm_forward, scan_torch.MinLSTM),
}


def recurrence(seed, N=3, T=5, H=4):
    """Draw factors, summands, a start and an upstream gradient."""
    draw = np.random.default_rng(seed).standard_normal
    return draw((N, T, H)), draw((N, T, H)), draw((N, H)), draw((N, T, H))


def layer_problem(seed, blocks, N=3, T=5, D=4, H=6):
    """Draw a layer in which nothing is zero: its inputs, and the upstream gradient."""
    draw = np.random.default_rng(seed).standard_normal
    inputs = {
        "x": draw((N, T, D)),
        "h0": draw((N, H)),
        "W_x": 0.5 * draw((D, blocks * H)),
        "b": draw(blocks * H),
    }
    return inputs, draw((N, T, H))


@pytest.mark.parametrize("T", [*range(1, 18), 64, 65])
def test_every_scan_equals_the_loop(T):
    a, b, h0, _ = recurrence(T, T=T)
    right = scan.scan_loop(a, b, h0)
    assert right[:, -1] == pytest.approx(a[:, -1] * (right[:, -2] if T > 1 else h0) + b[:, -1])
    tensors = [torch.tensor(array) for array in (a, b, h0)]
    for function in SCANS[1:]:
        assert relative_error(function(a, b, h0), right) < 1e-12, function.__name__
    for name, function in scan_torch.SCANS.items():
        assert relative_error(function(*tensors).numpy(), right) < 1e-12, name


@pytest.mark.parametrize("T", [1, 2, 7, 64])
def test_the_scan_in_logarithms(T):
    a, b, h0, _ = (np.abs(array) for array in recurrence(T, T=T))
    logs = [np.log(array) for array in (a, b, h0)]
    right = scan.scan_loop(a, b, h0)
    assert relative_error(scan.scan_log(*logs), right) < 1e-12
    assert relative_error(scan_torch.scan_log(*map(torch.tensor, logs)).numpy(), right) < 1e-12
    from_zero = scan.scan_log(logs[0], logs[1], np.full_like(h0, -np.inf))
    assert relative_error(from_zero, scan.scan_loop(a, b, 0 * h0)) < 1e-12


def test_combine_is_associative_and_not_commutative():
    draw = np.random.default_rng(0).standard_normal
    one, two, three = (tuple(draw((2, 3))) for _ in range(3))
    left = scan.combine(scan.combine(one, two), three)
    right = scan.combine(one, scan.combine(two, three))
    np.testing.assert_allclose(left, right, atol=1e-12)
    assert not np.allclose(scan.combine(one, two), scan.combine(two, one))


def scan_errors(function, seed=1, **sizes):
    a, b, h0, dh = recurrence(seed, **sizes)
    h = scan.scan_loop(a, b, h0)
    gradients = dict(zip(("a", "b", "h0"), function(dh, a, h, h0), strict=True))

    def loss(a, b, h0):
        return float(np.sum(scan.scan_loop(a, b, h0) * dh))

    return gradient_errors(loss, {"a": a, "b": b, "h0": h0}, gradients)


@pytest.mark.parametrize("way", SCANS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("T", [1, 2, 5, 8])
def test_gradient_of_a_scan(T, way):
    def backward(*arrays):
        return scan.scan_backward(*arrays, scan=way)

    assert max(scan_errors(backward, T=T).values()) < TOLERANCE


SCAN_PLANTS = {
    "scan runs forward": ("scan(after[:, ::-1], dh[:, ::-1]", "scan(after, dh"),
    "factor one step early": ("[keep[:, 1:], np.zeros_like(keep[:, :1])]", "[keep]"),
    "factors not reversed": ("after[:, ::-1]", "after"),
    "gradients not reversed": ("dh[:, ::-1]", "dh"),
    "result not turned back": ("np.zeros_like(h0))[:, ::-1]", "np.zeros_like(h0))"),
    "factors negated": ("after[:, ::-1]", "-after[:, ::-1]"),
    "h_t in place of h_prev": ("[h0[:, None], h[:, :-1]]", "[h]"),
    "h0 taken for zero": ("[h0[:, None],", "[0 * h0[:, None],"),
    "dh0 without the factor": ("keep[:, 0] * dwrite[:, 0]", "dwrite[:, 0]"),
    "dh0 from the last step": ("keep[:, 0] * dwrite[:, 0]", "keep[:, -1] * dwrite[:, -1]"),
}


@pytest.mark.parametrize("bug", SCAN_PLANTS)
def test_planted_bugs_of_the_scan_are_found(planted, bug):
    broken = planted(scan.scan_backward, *SCAN_PLANTS[bug])
    assert max(scan_errors(broken).values()) > 1e-3


def layer_errors(name, backward, seed=2, is_positive=False, **sizes):
    blocks, forward, _ = CELLS[name]
    inputs, dh = layer_problem(seed, blocks, **sizes)

    def loss(**arrays):
        return float(np.sum(forward(**arrays, is_positive=is_positive)[0] * dh))

    gradients = backward(dh, forward(**inputs, is_positive=is_positive)[1])
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=True)))


@pytest.mark.parametrize("is_positive", [False, True], ids=["linear", "positive"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape, name, is_positive):
    sizes = dict(zip("NTDH", shape, strict=True))
    errors = layer_errors(name, scan.min_backward, is_positive=is_positive, **sizes)
    assert max(errors.values()) < TOLERANCE, errors


LAYER_PLANTS = {
    "candidate forgotten in the gate": ("(dkeep - dwrite * g)", "dkeep"),
    "sign of the candidate": ("(dkeep - dwrite * g)", "(dkeep + dwrite * g)"),
    "previous state forgotten in the gate": ("(dkeep - dwrite * g)", "(-dwrite * g)"),
    "slope of the gate": (" * keep * (1.0 - keep)  #", " * keep  #"),
    "candidate kept in place of written": ("da_g = dwrite * (1.0 - keep)", "da_g = dwrite * keep"),
    "candidate not gated": ("da_g = dwrite * (1.0 - keep)", "da_g = dwrite"),
    "slope of the candidate": (" * slope\n", "\n"),
    "update gate with the wrong sign": ("blocks = [-da_keep, da_g]", "blocks = [da_keep, da_g]"),
    "blocks in the wrong order": ("blocks = [-da_keep, da_g]", "blocks = [da_g, -da_keep]"),
    "input gate with the wrong sign": ("-da_keep * (1.0 - i)", "da_keep * (1.0 - i)"),
    "slope of the input gate": ("-da_keep * (1.0 - i)", "-da_keep * i"),
    "slope of the forget gate": ("da_keep * (1.0 - f), da_g", "da_keep, da_g"),
    "gates not normalised": ("da_keep * (1.0 - f), da_g", "0.0 * da_keep, da_g"),
    "bias of one example": ("d_all.sum(axis=(0, 1))", "d_all.sum(axis=1)[0]"),
    "bias of the last step": ("d_all.sum(axis=(0, 1))", "d_all[:, -1].sum(axis=0)"),
}


@pytest.mark.parametrize("bug", LAYER_PLANTS)
def test_planted_bugs_of_the_layers_are_found(planted, bug):
    broken = planted(scan.min_backward, *LAYER_PLANTS[bug])
    found = [
        max(layer_errors(name, broken, is_positive=True, T=4, D=2, H=3).values()) for name in CELLS
    ]
    assert max(found) > 1e-3


def torch_results(name, inputs, dh, **options):
    layer = CELLS[name][2](inputs["W_x"].shape[0], inputs["h0"].shape[1], **options).double()
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor(inputs["W_x"].T))
        layer.linear.bias.copy_(torch.tensor(inputs["b"]))
    x, h0 = (torch.tensor(inputs[key], requires_grad=True) for key in ("x", "h0"))
    h, h_T = layer(x, h0)
    (h * torch.tensor(dh)).sum().backward()
    assert torch.equal(h_T, h[:, -1])
    return h.detach().numpy(), (x.grad, h0.grad, layer.linear.weight.grad.T, layer.linear.bias.grad)


@pytest.mark.parametrize("mode", ["loop", "doubling", "tree", "log"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, name, mode):
    is_positive = mode in ("tree", "log")
    blocks, forward, _ = CELLS[name]
    inputs, dh = layer_problem(3, blocks, *shape)
    inputs["h0"] = np.abs(inputs["h0"])  # log needs a positive start
    h, cache = forward(**inputs, is_positive=is_positive)
    theirs, gradients = torch_results(name, inputs, dh, mode=mode, is_positive=is_positive)
    assert relative_error(h, theirs) < 1e-10
    for ours, other in zip(scan.min_backward(dh, cache), gradients, strict=True):
        assert relative_error(ours, other.numpy()) < TOLERANCE


@pytest.mark.parametrize("name", CELLS)
def test_torch_in_logarithms_from_zero_has_finite_gradients(name):
    layer = CELLS[name][2](2, 3, mode="log", is_positive=True).double()
    layer(torch.randn(2, 6, 2, dtype=torch.float64))[0].sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters())


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 5, 4, 6), (2, 8, 1, 3)], ids=str)
def test_equals_keras(shape, name):
    import tensorflow as tf

    from lstm_course.variants import scan_keras

    blocks, forward, _ = CELLS[name]
    inputs, dh = layer_problem(4, blocks, *shape)
    h, cache = forward(**inputs)
    layer = getattr(scan_keras, name.replace("min", "Min"))(shape[3], dtype="float64")
    layer.build((None, None, shape[2]))
    layer.set_weights([inputs["W_x"], inputs["b"]])
    x, h0 = tf.Variable(inputs["x"]), tf.Variable(inputs["h0"])
    with tf.GradientTape() as tape:
        theirs, h_T = layer(x, h0)
        loss = tf.reduce_sum(theirs * dh)
    gradients = tape.gradient(loss, [x, h0, *layer.trainable_variables])
    np.testing.assert_allclose(h, theirs, atol=1e-12)
    np.testing.assert_allclose(h[:, -1], h_T, atol=1e-12)
    for ours, other in zip(scan.min_backward(dh, cache), gradients, strict=True):
        assert relative_error(ours, np.asarray(other)) < TOLERANCE


def test_extreme_gates_stay_finite():
    inputs, dh = layer_problem(5, 3, T=6)
    inputs["b"] = 800.0 * np.sign(inputs["b"])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        h, cache = scan.min_lstm_forward(**inputs)
        gradients = scan.min_backward(dh, cache)
    assert all(np.isfinite(array).all() for array in (h, *gradients))


def test_positive_is_positive_and_continuous():
    a = np.linspace(-30.0, 30.0, 601)
    g = scan.positive(a)
    assert np.all(g > 0)
    assert np.all(np.diff(g) > 0)
    assert scan.positive(np.array([0.0, 2.0]))[[0, 1]] == pytest.approx([0.5, 2.5])
    log_g = scan_torch.log_positive(torch.tensor(a)).numpy()
    np.testing.assert_allclose(np.exp(log_g), g, atol=1e-14)


@pytest.mark.parametrize("name", CELLS)
def test_keeps_its_arguments_and_the_dtype(name):
    blocks, forward, _ = CELLS[name]
    inputs, dh = layer_problem(6, blocks)
    arrays = [*inputs.values(), dh]
    before = [array.copy() for array in arrays]
    scan.min_backward(dh, forward(**inputs)[1])
    for way in SCANS:
        a, b, h0, _ = recurrence(7)
        kept = a.copy(), b.copy(), h0.copy()
        way(a, b, h0)
        assert all(np.array_equal(x, y) for x, y in zip((a, b, h0), kept, strict=True))
    assert all(np.array_equal(x, y) for x, y in zip(arrays, before, strict=True))
    single = {key: array.astype(np.float32) for key, array in inputs.items()}
    h, cache = forward(**single, is_positive=True)
    gradients = scan.min_backward(dh.astype(np.float32), cache)
    assert all(array.dtype == np.float32 for array in (h, *gradients))


def test_errors():
    a, b, h0, dh = recurrence(8)
    for way in SCANS:
        with pytest.raises(
            ValueError, match=r"write must have shape .*\(3, 5, 4\), got \(3, 4, 4\)"
        ):
            way(a, b[:, :-1], h0)
        with pytest.raises(ValueError, match="h0 must have shape"):
            way(a, b, h0[:, :-1])
        with pytest.raises(ValueError, match="T >= 1"):
            way(a[:, :0], b[:, :0], h0)
    with pytest.raises(ValueError, match="dh must have shape"):
        scan.scan_backward(dh[:, :-1], a, b, h0)
    inputs, dh = layer_problem(9, 2)
    with pytest.raises(ValueError, match=r"\(D, 3H\)"):
        scan.min_lstm_forward(**inputs)
    with pytest.raises(ValueError, match="x must have shape"):
        scan.min_gru_forward(**{**inputs, "x": inputs["x"][0]})
    with pytest.raises(ValueError, match="dh must have shape"):
        scan.min_backward(dh[:, :, :-1], scan.min_gru_forward(**inputs)[1])
    with pytest.raises(ValueError, match="mode must be one of"):
        scan_torch.MinGRU(1, 1, mode="fast")
    with pytest.raises(ValueError, match="is_positive"):
        scan_torch.MinGRU(1, 1, mode="log")
