"""``nbgrader autograde`` takes no graded notebook away where it cannot make a new one."""

from __future__ import annotations

from typing import Any

import pytest

CONFIG = """
c.Autograde.exporter_class = "nbjudge.course.keeping.KeepingExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = ["grading_by_orders.Obey"]
"""
PREPROCESSOR = """
from pathlib import Path
from nbgrader.preprocessors import NbGraderPreprocessor

class Obey(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] in Path("fails.txt").read_text().split():
            raise RuntimeError("the judge's process ended")
        nb.metadata["graded"] = Path("fails.txt").read_text()
        return nb, resources
"""


@pytest.fixture
def course(small: Any) -> Any:
    """Return a course in which anna and ben are graded; `fails.txt` says who fails next."""
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write(CONFIG)
    (small.root / "grading_by_orders.py").write_text(PREPROCESSOR)
    (small.root / "fails.txt").write_text("")
    for student in ("anna", "ben"):
        small.submit(student)
    small.nbgrader("autograde", "sums")
    (small.root / "autograded" / "ben" / "sums" / "notes.txt").write_text("the teacher's")
    return small


def files(course: Any) -> list[str]:
    base = course.root / "autograded"
    return sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file())


def test_a_failure_keeps_what_was_graded(course: Any) -> None:
    before, notebook = files(course), course.autograded("ben")
    (course.root / "fails.txt").write_text("ben")
    said = course.nbgrader("autograde", "sums", "--force", status=1)
    assert "the judge's process ended" in said
    assert "What was graded before is kept" in said
    assert files(course) == before
    assert course.autograded("ben") == notebook
    assert course.autograded("anna").metadata["graded"] == "ben"  # is graded anew


def test_a_success_leaves_nothing_of_what_was_there(course: Any) -> None:
    course.nbgrader("autograde", "sums", "--force")
    assert files(course) == ["anna/sums/sums.ipynb", "ben/sums/sums.ipynb"]


def test_who_was_never_graded_has_nothing_after_a_failure(course: Any) -> None:
    course.submit("cleo")
    (course.root / "fails.txt").write_text("cleo")
    course.nbgrader("autograde", "sums", "--force", status=1)
    assert not (course.root / "autograded" / "cleo" / "sums").exists()
    assert [path.name for path in (course.root / "autograded").glob(".*")] == []
