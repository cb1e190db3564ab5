"""A notebook says what to install before an import fails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_course.packages import INSTALL, MissingPackages, need

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_there_is_not_mentioned_and_not_imported():
    code = "import sys; from lstm_course.packages import need; need('torch', 'nbjudge')"
    check = f"{code}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd="/").returncode == 0


def test_what_is_missing_is_named_with_the_command_of_the_readme():
    with pytest.raises(MissingPackages) as caught:
        need("numpy", "nowhere_a", "nowhere_b")
    shown = "\n".join(caught.value._render_traceback_())
    assert "needs nowhere_a and nowhere_b, which" in shown
    assert "numpy" not in shown
    assert INSTALL in shown
    assert re.search(rf"^{re.escape(INSTALL)}$", (ROOT / "README.md").read_text(), re.MULTILINE)
    with pytest.raises(MissingPackages, match="needs nowhere_a, which"):
        need("nowhere_a")
    with pytest.raises(ModuleNotFoundError, match="a, b and c, which"):
        need("a", "b", "c")
