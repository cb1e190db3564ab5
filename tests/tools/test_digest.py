"""The digest in the grading report changes with each thing that decides what the report says."""

from __future__ import annotations

import ast
import dataclasses
import shutil
from pathlib import Path

import nbformat
import pytest
from nbjudge.engine import deciding
from nbjudge.processes.withheld import Withheld
from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import Bank

from tools import answers, assignments, exercises

ROOT = Path(__file__).resolve().parents[2]
NAME = "gru"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a copy of the course's package, which digests are made of in place of the real one."""
    copied = tmp_path / "lstm_course"
    shutil.copytree(ROOT / "lstm_course", copied, ignore=shutil.ignore_patterns("__pycache__"))
    places = deciding._places

    def moved(root, packages):
        return [copied] if root == "lstm_course" else places(root, packages)

    monkeypatch.setattr(deciding, "_places", moved)
    return copied


def with_another_number(source):
    """Yield versions of a module, each with one number in it that is another."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            line = lines[node.lineno - 1].encode()
            new = repr(node.value + 1).encode()
            line = line[: node.col_offset] + new + line[node.end_col_offset :]
            yield "".join([*lines[: node.lineno - 1], line.decode(), *lines[node.lineno :]])


def test_one_number_is_changed_at_a_time():
    source = "x = [1,\n  2.5]  # 3\n"
    assert list(with_another_number(source)) == [
        "x = [2,\n  2.5]  # 3\n",
        "x = [1,\n  3.5]  # 3\n",
    ]


@pytest.mark.parametrize("name", exercises.names())
def test_a_single_value_of_a_case_makes_the_report_stale(name, package):
    one = assignments.assignment(name)
    path = package / f"answers/{name}_cases.py"
    source = (ROOT / f"solutions/{name}/cases.py").read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == answers.cases(name, source)
    digests = {one.digest()}
    others = list(with_another_number(source))[::7]
    for other in others:
        path.write_text(answers.cases(name, other), encoding="utf-8")
        digests.add(one.digest())
    assert len(digests) == len(others) + 1 > 1


def edited(package, file):
    """Add a line to a module of the package."""
    path = package / file
    path.write_text(path.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")


@pytest.mark.parametrize(
    "file",
    [
        f"answers/{NAME}.py",
        f"answers/{NAME}_cases.py",
        f"answers/{NAME}_mistakes.py",
        "arrays.py",
        "__init__.py",
    ],
)
def test_a_module_that_the_tests_import_makes_the_report_stale(file, package):
    one = assignments.assignment(NAME)
    before = one.digest()
    edited(package, file)
    assert one.digest() != before


@pytest.mark.parametrize("file", ["answers/crf.py", "answers/crf_cases.py", "variants/mlstm.py"])
def test_a_module_of_others_leaves_the_report_fresh(file, package):
    one = assignments.assignment(NAME)
    before = one.digest()
    edited(package, file)
    assert one.digest() == before


def changed_notebook(one, kind):
    """Return the notebook with a space more at the end of the first cell of a kind."""
    notebook = nbformat.from_dict(one.source)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get(kind))
    cell.source += " "
    return notebook


def changed_points(one):
    """Return the notebook with another number of points for a question."""
    notebook = nbformat.from_dict(one.source)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))
    cell.metadata["nbgrader"]["points"] += 1
    return notebook


def other_bank(one, **changes):
    return dataclasses.replace(one.bank, **changes)


def other_mistakes(one, **changes):
    """Return the bank with another first mistake of the first question."""
    question, (first, *others) = next(iter(one.bank.mistakes.items()))
    known = {**one.bank.mistakes, question: [first._replace(**changes), *others]}
    return other_bank(one, mistakes=known)


#: What is changed -> fields of the assignment that differ then.
CHANGES = {
    "a solution": lambda one: {"source": changed_notebook(one, "solution")},
    "a test": lambda one: {"source": changed_notebook(one, "grade")},
    "points": lambda one: {"source": changed_points(one)},
    "a file beside": lambda one: {"files": {"data.csv": b"1"}},
    "open modules": lambda one: {
        "withheld": Withheld(one.withheld.packages, (*one.withheld.open, "lstm_course.gru"))
    },
    "a wrong answer more": lambda one: {
        "bank": other_bank(one, wrong=[one.wrong[0]._replace(name="more")])
    },
    "points that a mistake must lose": lambda one: {"bank": other_mistakes(one, loses=0.5)},
    "what a mistake must be told": lambda one: {"bank": other_mistakes(one, sentence="other")},
    "how a mistake is made": lambda one: {"bank": other_mistakes(one, ways=("x = 1",))},
    "a right answer": lambda one: {
        "bank": other_bank(
            one, right=[one.bank.right[0]._replace(extra="x = 1"), *one.bank.right[1:]]
        )
    },
    "mutants that are listed": lambda one: {"bank": other_bank(one, equivalent={})},
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_part_of_an_assignment_makes_the_report_stale(what):
    one = assignments.assignment(NAME)
    other = dataclasses.replace(one, **CHANGES[what](one))
    assert dataclasses.replace(one).digest() == one.digest()
    assert other.digest() != one.digest()


def test_the_name_makes_the_report_stale():
    one = dataclasses.replace(assignments.assignment(NAME), bank=Bank())
    assert dataclasses.replace(one, name="another").digest() != one.digest()


def test_mutants_of_another_kind_make_the_report_stale():
    one = assignments.assignment(NAME)
    assert any("np.stack" in source for source in one.answers.values())
    other = dataclasses.replace(one, confused=(("stack", "hstack"),))
    assert other.digest() != one.digest()


def test_key_limits_and_grader_make_the_report_stale(monkeypatch):
    one = assignments.assignment(NAME)
    job, digests = one.job("", None), {one.digest()}
    limits = dataclasses.replace(job.limits, threads=3)
    for changed in (
        dataclasses.replace(job, key=b"other"),
        dataclasses.replace(job, limits=limits),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(Assignment, "job", lambda *_, made=changed: made)
            digests.add(one.digest())
    monkeypatch.setattr(deciding, "digest", lambda: "another grader")
    digests.add(one.digest())
    assert len(digests) == 4
