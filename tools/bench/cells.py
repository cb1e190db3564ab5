"""Time the NumPy LSTM against torch.nn.LSTM, alternately, on one thread (`make bench`)."""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from lstm_course import LSTMWeights, init_lstm, lstm_backward, lstm_forward
from lstm_course.lstm_torch import to_torch

SIZES = [(32, 60, 64, 128), (32, 60, 1, 50), (1, 60, 1, 50), (32, 200, 64, 256)]
ROUNDS = 30


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def alternate(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Return the median seconds of ``first`` and the median of the pairwise ratio second/first."""
    for _ in range(3):
        first(), second()
    pairs = [(seconds(first), seconds(second)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b / a for a, b in pairs)


def bench(N: int, T: int, D: int, H: int) -> str:
    rng = np.random.default_rng(0)
    weights = LSTMWeights(*(w.astype(np.float32) for w in init_lstm(rng, D, H)))
    x = rng.standard_normal((N, T, D)).astype(np.float32)
    dh = rng.standard_normal((N, T, H)).astype(np.float32)
    layer = to_torch(weights)
    x_torch = torch.from_numpy(x).requires_grad_()
    dh_torch = torch.from_numpy(dh)

    def torch_forward() -> None:
        with torch.no_grad():
            layer(x_torch)

    def torch_training() -> None:
        layer.zero_grad()
        x_torch.grad = None
        layer(x_torch)[0].backward(dh_torch)

    def numpy_forward() -> None:
        lstm_forward(x, weights)

    def numpy_training() -> None:
        lstm_backward(dh, lstm_forward(x, weights)[2])

    f_ms, f_ratio = alternate(torch_forward, numpy_forward)
    b_ms, b_ratio = alternate(torch_training, numpy_training)
    size = f"N={N} T={T} D={D} H={H}"
    return f"{size:24} {1e3 * f_ms:8.2f} {f_ratio:8.2f} {1e3 * b_ms:12.2f} {b_ratio:8.2f}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"{'float32, one thread':24} {'forward':>17} {'forward + backward':>21}")
    print(f"{'':24} {'torch ms':>8} {'ratio':>8} {'torch ms':>12} {'ratio':>8}")
    for shape in SIZES:
        print(bench(*shape), flush=True)
