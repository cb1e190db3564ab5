"""The visible tests name the mistakes that students make; `make messages` says it at length."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools import exercises


@pytest.mark.parametrize("name", exercises.names())
def test_every_known_mistake_is_named_by_the_visible_test(name):
    # A process of its own: TensorFlow splits its devices only before it has begun.
    command = [sys.executable, "-m", "tools.messages", "--quick", name]
    done = subprocess.run(command, cwd=exercises.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
