"""Two processes train one model, and get the weights of one process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from lstm_course import data_parallel


@pytest.mark.skipif(not torch.distributed.is_available(), reason="PyTorch without distributed")
def test_two_processes_get_the_weights_of_one(tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    done = subprocess.run(
        [*command, "-m", "lstm_course.data_parallel", str(tmp_path)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    both = torch.load(tmp_path / "ranks-2.pt")
    alone, losses, _ = data_parallel.train(0, 1)
    for name, weight in alone.state_dict().items():
        torch.testing.assert_close(both["weights"][name], weight, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(both["losses"], torch.tensor(losses), atol=1e-5, rtol=1e-4)
    assert losses[-1] < losses[0] / 2
