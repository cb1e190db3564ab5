"""`make test` cannot pass by accident: no tests, a lost report and a failing lint all count."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest

from tools import check

ROOT = Path(__file__).resolve().parents[2]


PASSING = "def test_a():\n    pass\n"
CASES = {
    "passing": (PASSING, True),
    "failing": ("def test_a():\n    assert False\n", False),
    "erroring": ("import nowhere\n", False),
    "empty": ("x = 1\n", False),
    "all skipped": ("import pytest\npytestmark = pytest.mark.skip\n" + PASSING, False),
    "exits with success": ("import os\nos._exit(0)\n", False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_pytest_stage_passes_only_with_passing_tests(case, tmp_path, monkeypatch):
    source, expected = CASES[case]
    (tmp_path / "test_it.py").write_text(source)
    monkeypatch.setattr(check, "REPORTS", tmp_path)
    command = check.tool("pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_it.py"))
    assert check.run(check.Stage("trial", [command])).passed is expected


@pytest.mark.parametrize(("stored", "expected"), [("4", True), ("5", False)])
def test_nbval_compares_the_tagged_outputs(stored, expected, tmp_path, monkeypatch):
    cell = nbformat.v4.new_code_cell("2 + 2", metadata={"tags": ["nbval-check-output"]})
    cell.execution_count = 1
    data = {"text/plain": stored}
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "page.ipynb")
    monkeypatch.setattr(check, "REPORTS", tmp_path)
    command = check.tool("pytest", "-q", "-p", "no:cacheprovider", *check.NBVAL, str(tmp_path))
    assert check.run(check.Stage("trial", [command])).passed is expected


def test_a_stage_runs_all_its_commands_and_fails_with_any(tmp_path):
    mark = tmp_path / "ran"
    commands = [[sys.executable, "-c", "raise SystemExit(3)"], ["touch", str(mark)]]
    assert not check.run(check.Stage("trial", commands)).passed
    assert mark.exists()


def test_the_sum_counts_stages_without_tests(monkeypatch, capsys):
    ok, bad = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(1)"]
    stages = [check.Stage("first", [ok]), check.Stage("second", [bad])]
    monkeypatch.setattr(check, "stages", lambda: stages)
    assert check.main([]) == 1
    printed = capsys.readouterr().out
    assert "failed stages: second" in printed
    assert printed.endswith("1 passed, 1 failed, 0 skipped\n")
    assert check.main(["nonsense"]) == 2
