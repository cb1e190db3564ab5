"""Every scan equals the loop, in NumPy and PyTorch; gradients equal differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import scan, scan_torch

TOLERANCE = 1e-6
SCANS = (scan.scan_loop, scan.scan_doubling, scan.scan_tree)


def recurrence(seed, N=3, T=5, H=4):
    """Draw factors, summands, a start and an upstream gradient."""
    draw = np.random.default_rng(seed).standard_normal
    return draw((N, T, H)), draw((N, T, H)), draw((N, H)), draw((N, T, H))


@pytest.mark.parametrize("T", [*range(1, 18), 64, 65])
def test_every_scan_equals_the_loop(T):
    a, b, h0, _ = recurrence(T, T=T)
    right = scan.scan_loop(a, b, h0)
    last = a[:, -1] * (right[:, -2] if T > 1 else h0) + b[:, -1]
    np.testing.assert_allclose(right[:, -1], last, rtol=0, atol=1e-12)
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
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-12)
    assert not np.allclose(scan.combine(one, two), scan.combine(two, one), rtol=0, atol=1e-2)


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


def test_keeps_its_arguments_and_the_dtype():
    a, b, h0, dh = recurrence(7)
    copies = [array.copy() for array in (a, b, h0, dh)]
    low = [array.astype(np.float32) for array in copies]
    for way in SCANS:
        h = way(a, b, h0)
        found = scan.scan_backward(dh, a, h, h0, scan=way)
        light = way(*low[:3])
        found = [light, *scan.scan_backward(low[3], low[0], light, low[2], scan=way)]
        assert {array.dtype for array in found} == {np.dtype(np.float32)}
    assert all(map(np.array_equal, (a, b, h0, dh), copies))


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
        with pytest.raises(ValueError, match="keep must be a NumPy array of floats"):
            way(a.tolist(), b, h0)
    with pytest.raises(ValueError, match="dh must have shape"):
        scan.scan_backward(dh[:, :-1], a, b, h0)
