"""`make test` cannot pass by accident: no tests, a lost report and a failing lint all count."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import check, stages
from tools.stages import Stage

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
    command = stages.tool("pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_it.py"))
    assert check.run(Stage("trial", [command])).passed is expected


def test_a_stage_runs_all_its_commands_and_fails_with_any(tmp_path):
    mark = tmp_path / "ran"
    commands = [[sys.executable, "-c", "raise SystemExit(3)"], ["touch", str(mark)]]
    assert not check.run(Stage("trial", commands)).passed
    assert mark.exists()


OK, BAD = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(1)"]


@pytest.fixture
def given(monkeypatch, tmp_path):
    """Return a function that sets the stages which `make test` has."""
    monkeypatch.setattr(check, "REPORTS", tmp_path / "reports")
    monkeypatch.delenv("CI", raising=False)
    return lambda *chosen: monkeypatch.setattr(check, "stages", lambda: list(chosen))


def test_the_sum_counts_stages_without_tests(given, capsys):
    given(Stage("first", [OK]), Stage("second", [BAD]))
    assert check.main([]) == 1
    printed = capsys.readouterr().out
    assert "failed stages: second" in printed
    assert printed.endswith("1 passed, 1 failed, 0 skipped\n")
    assert check.main(["nonsense"]) == 2


def test_a_stage_is_not_run_without_what_it_needs(given, capsys, tmp_path):
    mark = tmp_path / "ran"
    touch = Stage("pages", [["touch", str(mark)]], needs="book")
    given(Stage("book", [BAD]), touch)
    assert check.main([]) == 1
    assert not mark.exists()
    assert capsys.readouterr().out.endswith("0 passed, 2 failed, 0 skipped\n")
    assert check.main(["pages"]) == 0, "alone it runs"
    given(Stage("book", [OK]), touch)
    assert check.main([]) == 0


def test_the_longest_tests_of_all_stages_are_named(given, capsys, tmp_path):
    for number in (1, 2):
        cases = [
            f"@pytest.mark.parametrize('n', range({number}, 9, 2))",
            "def test_it(n):\n    time.sleep(n / 100)\n",
        ]
        source = "\n".join(["import time", "import pytest", *cases])
        (tmp_path / f"test_number_{number}.py").write_text(source)
    command = stages.pytest("-q", "-p", "no:cacheprovider")
    names = [str(tmp_path / f"test_number_{number}.py") for number in (1, 2)]
    given(Stage("one", [[*command, names[0]]]), Stage("two", [[*command, name] for name in names]))
    assert check.main([]) == 0
    printed = capsys.readouterr().out
    table = printed[printed.index("the tests that took longest") :].splitlines()
    assert len(table[1 : table.index("")]) == 5
    assert "test_it[8]" in table[1]
    assert "test_it[7]" in table[2]
    assert printed.endswith("12 passed, 0 failed, 0 skipped\n")


def test_daily_work_runs_what_a_change_needs():
    def names(*changed):
        return {
            stage.name: " ".join(" ".join(command) for command in stage.commands)
            for stage in stages.fast_stages(list(changed))
        }

    found = names("README.md")
    assert list(found) == ["lint", "drift", "unit"]
    assert "tests/chapters" in found["unit"]
    assert "tests/package" not in found["unit"]
    found = names("lstm_course/lstm.py", "solutions/gru/gru.py", "chapters/variants/attention.md")
    assert list(found) == ["lint", "drift", "unit", "grading", "nbval"]
    assert "tests/package" in found["unit"]
    assert "-k every_function or committed_report or gru" in found["grading"]
    assert "test_answers.py" in found["grading"]
    assert "tools.book.notebooks chapters/variants/attention" in found["nbval"]


def test_changed_files_are_those_since_main(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "ROOT", tmp_path)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]

    def commit(name):
        (tmp_path / name).write_text(name)
        stages.git("add", ".")
        stages.git(*who, "commit", "-q", "-m", name)

    stages.git("init", "-q", "-b", "main")
    commit("first")
    commit("second")
    assert stages.changed_files() == ["second"], "of the last commit, where nothing else changed"
    stages.git("checkout", "-q", "-b", "work")
    commit("third")
    (tmp_path / "first").write_text("changed")
    (tmp_path / "new").write_text("")
    assert stages.changed_files() == ["first", "new", "third"]


def test_ci_runs_everything(given, capsys, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert check.main(["--fast"]) == 2
    assert capsys.readouterr().out == "CI runs every check: `make test` without FAST\n"
