"""The commands of the README, in their order, with one student who uses the exchange."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"
OURS = ["doctor", "release", "collect", "grade", "feedback", "export"]
THEIRS = ["fetch_assignment", "validate", "submit", "fetch_feedback"]


def commands(text, start):
    """Return the commands of the README that begin with ``start``, as argument lists."""
    lines = re.findall(rf"^{re.escape(start)} +(.+)$", text, flags=re.M)
    return [shlex.split(line, comments=True) for line in lines]


def test_the_whole_round_as_documented(course, tmp_path):
    readme = (ROOT / "README.md").read_text()
    teacher, student = commands(readme, ".venv/bin/lstm-course"), commands(readme, "nbgrader")
    assert [line[0] for line in teacher] == OURS
    assert [line[0] for line in student] == THEIRS
    assert "`.venv/bin/nbgrader release_feedback lstm_cell`" in readme
    desk = tmp_path / "desk"
    desk.mkdir()

    def as_student(line):
        line = [part.replace("/path/to/course", str(course.root)) for part in line]
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *line],
            cwd=desk,
            env=course.environment | {"USER": "ada", "JUPYTERHUB_USER": "ada"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def as_teacher(line):
        command = "from nbjudge.cli import main; raise SystemExit(main())"
        done = subprocess.run(
            [sys.executable, "-c", command, *line],
            cwd=course.root,
            env=course.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    assert course.exercises()[0] == 0
    for line in teacher[:2]:
        as_teacher(line)
    as_student(student[0])
    fetched = desk / NAME / f"{NAME}.ipynb"
    nbformat.write(course.solved(fetched), fetched)
    assert "Success" in as_student(student[1])
    as_student(student[2])
    for line in teacher[2:]:
        as_teacher(line)
    course.run("nbgrader", "release_feedback", NAME)
    as_student(student[3])
    assert list(desk.glob(f"{NAME}/feedback/**/*.html"))
    with (course.root / "grades.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["score"]) == float(row["max_score"]) == 20
