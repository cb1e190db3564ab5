"""What only a GPU can show; skipped where there is none."""

from __future__ import annotations

import pytest
import torch
from nbjudge.checks.devices import run_on
from torch import nn

from lstm_course.answers import gpu_execution as reference
from lstm_course.answers import gpu_execution_cases as cases

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


def test_a_state_on_the_gpu():
    x = torch.ones(3, 5, 2, dtype=torch.float64)
    report = run_on("cuda", (), reference.zero_state, x, 4)
    state = {"tensor": ["cuda", "float64", [3, 4]]}
    assert (report["error"], report["created"], report["result"]) == ("", [], [state, state])


def test_a_cell_gives_the_values_of_the_cpu():
    for _, x, H in cases.inputs(0):
        cell = nn.LSTMCell(x.shape[2], H, dtype=x.dtype)
        with torch.no_grad():
            h, (h_T, c_T) = reference.run_cell(cell, x)
            report = run_on("cuda", (), reference.run_cell, cell, x)
        for found, right in zip(report["values"], (h, h_T, c_T), strict=True):
            torch.testing.assert_close(found, right, rtol=1e-5, atol=1e-6)


def test_an_epoch_lives_on_the_gpu_and_reads_once():
    for number in range(len(cases.SIZES)):
        case, twin = cases.training(0, number), cases.training(0, number)
        report = run_on(
            "cuda", (2,), reference.train_epoch, case.model, case.optimizer, case.batches, "device"
        )
        right = reference.train_epoch(twin.model, twin.optimizer, twin.batches, torch.device("cpu"))
        assert (report["error"], report["created"], report["reads"]) == ("", [], 1)
        assert report["parameters"] == ["cuda"]
        assert report["result"] == pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + torch.zeros(3, 4),
        lambda x: x @ torch.zeros(4, 4),
        lambda x: x.numpy(),
        lambda x: torch.cat([x, torch.zeros(3, 4)]),
    ],
)
def test_the_gpu_refuses_what_the_pretended_device_refuses(function):
    x = torch.ones(3, 4)
    assert run_on("meta", (), function, x)["error"]
    with pytest.raises((RuntimeError, TypeError)):
        function(x.cuda())


def test_a_call_returns_before_its_work_is_done():
    x, done = torch.randn(4096, 4096, device="cuda"), torch.cuda.Event()
    for _ in range(200):  # a good part of a second of work
        x @ x
    done.record()
    assert not done.query()
    torch.cuda.synchronize()
    assert done.query()


def test_cudnn_gives_the_values_of_the_cpu():
    layer, x = nn.LSTM(3, 8, batch_first=True).double(), torch.randn(4, 6, 3).double()
    right = layer(x)[0]
    assert torch.backends.cudnn.is_acceptable(x.cuda())
    torch.testing.assert_close(layer.cuda()(x.cuda())[0].cpu(), right, rtol=1e-9, atol=1e-9)
