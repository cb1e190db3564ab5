"""Device mistakes are found without a GPU, and what a GPU accepts is let through."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nbjudge.checks import arrays
from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.device_checks import (
    GPU_PART,
    NO_GPU,
    WHAT_FAILS,
    WHERE_MADE,
    WHERE_RESULT,
    check_run,
    gpu_part,
    with_devices,
)
from nbjudge.checks.devices import described, run_on
from nbjudge.checks.parts import Parts
from torch import nn

X = torch.ones(3, 4)


def assigned(x, h):
    h[:, 0] = x
    return h


class KeepsAnAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(4)

    def forward(self, x):
        return x - self.mean


ACCEPTED = {
    "same device": lambda x: x + x.new_zeros(3, 4),
    "a single number": lambda x: x * torch.tensor(2.0) + 1,
    "zeros_like": lambda x: x + torch.zeros_like(x),
    "named device": lambda x: x @ torch.zeros(4, 2, device=x.device),
    "cpu then numpy": lambda x: x.cpu().numpy(),
    "to cpu in float64": lambda x: x.to("cpu", torch.float64).numpy(),
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x.sum()),
    "truth": lambda x: 1 if x.sum() > 0 else 2,
    "tolist": lambda x: x.tolist(),
    "written in place": lambda x: assigned(x, x.new_zeros(3, 2, 4)),
    "work on the CPU afterwards": lambda x: torch.cat([x.cpu(), x.cpu()]).numpy(),
}
REFUSED = {
    "zeros": (lambda x: x + torch.zeros(3, 4), "same device"),
    "product": (lambda x: x @ torch.zeros(4, 4), "same device"),
    "linear": (lambda x: nn.functional.linear(x, torch.zeros(2, 4)), "same device"),
    "list": (lambda x: x * torch.tensor([1.0, 2.0, 3.0, 4.0]), "same device"),
    "array": (lambda x: x + torch.from_numpy(np.zeros((3, 4), np.float32)), "same device"),
    "numpy": (lambda x: x.numpy(), "to numpy"),
    "asarray": (lambda x: np.asarray(x), "to numpy"),
}


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.parametrize("inference", [False, True])
def test_what_a_gpu_accepts_passes(name, inference):
    with torch.inference_mode(inference):
        report = run_on("meta", (), ACCEPTED[name], X)
    assert (report["error"], report["created"]) == ("", [])


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("inference", [False, True])
def test_what_a_gpu_refuses_fails(name, inference):
    function, says = REFUSED[name]
    with torch.inference_mode(inference):
        report = run_on("meta", (), function, X)
    assert says in report["error"]


def test_a_detour_over_the_cpu_is_noted_with_its_line():
    report = run_on("meta", (), lambda x: x + torch.zeros(3, 4).to(x.device), X)
    assert report["error"] == ""
    (note,) = report["created"]
    assert note["shape"] == [3, 4]


def test_a_result_collected_on_the_cpu_counts_its_copies():
    report = run_on("meta", (), lambda x: assigned(x, torch.zeros(3, 2, 4)), X)
    assert (report["copies"], report["result"]) == (1, {"tensor": ["cpu", "float32", [3, 2, 4]]})


def test_modules_move_and_their_attributes_do_not():
    good = run_on("meta", (), nn.Linear(4, 2), X)
    assert (good["error"], good["parameters"]) == ("", ["meta"])
    assert "same device" in run_on("meta", (), KeepsAnAttribute(), X)["error"]


def test_a_model_and_its_optimiser_move_together():
    model = nn.Linear(4, 1)
    before = model.weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)

    def step(model, optimizer, x, device):
        loss = model(x.to(device)).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    for device in ("meta", "cpu"):
        report = run_on(device, (2,), step, model, optimizer, X, "device")
        assert report["error"] == ""
        assert report["parameters"] == [device]
        assert report["reads"] == 1
    assert torch.equal(model.weight, before), "the model that was given stays as it is"


def test_check_run_says_what_is_wrong():
    right = {"tensor": ["device", "float32", [3, 4]]}
    check_run("doubled", lambda x: 2 * x, X, expected=right)
    for function, public in (
        (lambda x: x + torch.zeros(3, 4), WHAT_FAILS),
        (lambda x: x + torch.zeros(3, 4).to(x), WHERE_MADE),
        (lambda x: x.double(), WHERE_RESULT),
    ):
        with pytest.raises(CheckFailed) as caught:
            check_run("a case", function, X, expected=right)
        assert caught.value.public == public


def test_described_replaces_the_device():
    nested = {"a": [X, ("text", 2)], "b": np.zeros(2)}
    assert described(nested, "device") == {
        "a": [{"tensor": ["device", "float32", [3, 4]]}, ["text", 2]],
        "b": {"array": ["cpu", "float64", [2]]},
    }


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_machines_with_other_devices(cuda, mps, best):
    def pick():
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

    before = torch.cuda.is_available()
    assert with_devices(cuda, mps, pick) == ("device", best)
    assert torch.cuda.is_available() == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_its_part_is_listed_and_costs_nothing(capsys, monkeypatch):
    texts = []
    monkeypatch.setattr(arrays, "author_texts", texts.append)
    parts = Parts()
    with parts.part("the values", 0.8):
        pass
    gpu_part(parts, 0.2, print, lambda device: pytest.fail("must not run"))
    assert parts.score() == 1
    assert f"not run: {GPU_PART}: {NO_GPU}" in capsys.readouterr().out
    assert {GPU_PART, NO_GPU} <= set(texts)
