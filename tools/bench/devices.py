"""Time LSTM training on the devices of this machine; writes lstm_course/results/gpu_execution.json.

    python -m tools.bench.devices            the CPU, and the GPU where there is one
    python -m tools.bench.devices --cuda     the GPU alone; the CPU figures in the file stay

Each figure is the median over repeats, after a warm-up, with the device's queue run empty
before and after.  A step is one forward and backward pass and one step of the optimiser.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

import torch

from lstm_course.answers.gpu_execution import median_seconds
from tools import records  # sets the number of threads before PyTorch is imported

PATH = records.ROOT / "lstm_course/results/gpu_execution.json"
T, D = 64, 16
BATCHES = (1, 4, 16, 64, 256)
CUDA_BATCHES = (*BATCHES, 1024, 4096)
UNITS = (32, 128)
CUDA_UNITS = (*UNITS, 512, 1024)


class Stepper:
    """One training step of a layer and a head, on random data."""

    def __init__(self, device: str, N: int, H: int, cell: bool = False) -> None:
        torch.manual_seed(0)
        self.device, self.cell = device, cell
        make = torch.nn.LSTMCell(D, H) if cell else torch.nn.LSTM(D, H, batch_first=True)
        self.layer = make.to(device)
        self.out = torch.nn.Linear(H, 1).to(device)
        parameters = [*self.layer.parameters(), *self.out.parameters()]
        self.optimizer = torch.optim.SGD(parameters, lr=0.01)
        self.x = torch.randn(N, T, D, device=device)
        self.y = torch.randn(N, 1, device=device)

    def last_hidden(self) -> torch.Tensor:
        """Return ``h_T (N, H)``, by the layer or by a loop over its cell."""
        if not self.cell:
            h: torch.Tensor = self.layer(self.x)[0][:, -1]
            return h
        state: Any = None
        for x_t in self.x.unbind(1):
            state = self.layer(x_t, state)
        h_T: torch.Tensor = state[0]
        return h_T

    def __call__(self) -> None:
        """Do one step."""
        self.optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(self.out(self.last_hidden()), self.y)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def seconds(self, repeats: int) -> float:
        """Return the median time of a step."""
        wait = torch.cuda.synchronize if self.device == "cuda" else (lambda: None)
        return float(median_seconds(self, wait, time.perf_counter, warm_up=3, repeats=repeats))


def throughput(device: str, batches: tuple[int, ...], units: tuple[int, ...]) -> list[Any]:
    """Return a row for each layer size: milliseconds of a step against the batch size."""
    rows = []
    for H in units:
        for cell in (False, True):
            if cell and units[1] != H:
                continue
            name = "LSTMCell in a loop" if cell else "LSTM"
            repeats = 20 if device == "cuda" else 9
            found = [Stepper(device, N, H, cell).seconds(repeats) for N in batches]
            row = {"layer": name, "H": H, "N": list(batches)}
            rows.append(row | {"milliseconds": [round(1000 * s, 3) for s in found]})
            print(device, rows[-1], flush=True)
    return rows


def precision(H: int = 512, N: int = 256) -> list[dict[str, Any]]:
    """Return the milliseconds of a step on the GPU in several precisions."""
    rows = []
    for name, dtype, tf32 in (
        ("float32", None, False),
        ("float32 with TF32", None, True),
        ("autocast float16", torch.float16, True),
        ("autocast bfloat16", torch.bfloat16, True),
    ):
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
        step = Stepper("cuda", N, H)
        with torch.autocast("cuda", dtype or torch.float16, enabled=dtype is not None):
            rows.append({"precision": name, "milliseconds": round(1000 * step.seconds(20), 3)})
    with torch.backends.cudnn.flags(enabled=False):
        seconds = Stepper("cuda", N, H).seconds(20)
    rows.append({"precision": "float32 without cuDNN", "milliseconds": round(1000 * seconds, 3)})
    return rows


def measure(device: str) -> dict[str, Any]:
    """Return the section of one device: date, hardware, versions, figures."""
    cuda = device == "cuda"
    hardware = records.hardware()
    if cuda:
        hardware |= {"gpu": torch.cuda.get_device_name(), "cuda": torch.version.cuda}
        hardware["cudnn"] = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    section: dict[str, Any] = {
        "date": records.today(),
        "hardware": hardware,
        "versions": records.versions(),
        "load_before": round(os.getloadavg()[0], 1),
        "settings": {"T": T, "D": D, "dtype": "float32"},
    }
    rows = throughput(device, *((CUDA_BATCHES, CUDA_UNITS) if cuda else (BATCHES, UNITS)))
    section["throughput"] = rows
    if cuda:
        section["precision"] = precision()
    return section


def main() -> int:
    """Measure and write; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cuda", action="store_true", help="the GPU alone")
    only_cuda = parser.parse_args().cuda
    torch.set_num_threads(records.THREADS)
    content = json.loads(PATH.read_text()) if PATH.exists() else {}
    content |= {"schema": 1, "command": "python -m tools.bench.devices"}
    content |= {"chapter": "chapters/foundations/gpu_execution.md"}
    if not only_cuda:
        content["cpu"] = measure("cpu")
    if torch.cuda.is_available():
        content["cuda"] = measure("cuda")
    elif only_cuda:
        print("no GPU: nothing measured")
        return 1
    records.write(PATH, content)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
