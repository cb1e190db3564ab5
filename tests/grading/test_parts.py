"""Partial credit: in a notebook, and as nbgrader reads it."""

from __future__ import annotations

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbgrader.utils import determine_grade

from lstm_course.grading import checks
from lstm_course.grading.parts import Parts, Score


def two_parts(first=None, second=None, again=None):
    """Return the score of a question with 1 + 2 points; an exception given is raised inside."""
    parts = Parts()
    for name, points, error in (("one", 1, first), ("two", 2, second), ("one", None, again)):
        with parts.part(name, points):
            if error is not None:
                raise error
    return parts.score()


def test_full_marks_print_nothing(capsys):
    assert two_parts() == 3
    assert capsys.readouterr().out == ""


def test_a_failing_part_costs_its_points_and_says_why(capsys):
    score = two_parts(second=AssertionError("the tanh is missing"))
    assert (score, score.total) == (1, 3)
    assert capsys.readouterr().out == (
        "1 of 3 points\n  passed: one (1 point)\n  failed: two (2 points): the tanh is missing\n"
    )


def test_a_part_that_is_opened_twice_must_pass_twice():
    assert two_parts(again=AssertionError("hidden")) == 2
    score = two_parts(first=AssertionError("visible"), again=AssertionError("hidden"))
    assert score == 2
    assert [str(part.error) for part in score.outcomes] == ["visible", "None"]


def test_an_exception_of_the_student_fails_the_part(capsys):
    assert two_parts(first=ZeroDivisionError("division by zero")) == 2
    assert "failed: one (1 point): ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_nothing_earned(capsys):
    assert two_parts(AssertionError("a"), AssertionError("b")) == 0
    assert capsys.readouterr().out.startswith("0 of 3 points\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupts_are_not_swallowed(error):
    with pytest.raises(error):
        two_parts(first=error())


def test_outcomes():
    error = AssertionError("b")
    outcomes = two_parts(second=error).outcomes
    seen = [(part.name, part.points, part.earned, part.error) for part in outcomes]
    assert seen == [("one", 1, 1, None), ("two", 2, 0, error)]


def test_mistakes_of_the_author():
    parts = Parts()
    with pytest.raises(ValueError, match="at least one part"):
        parts.score()
    for points in (None, 0, -1):
        with pytest.raises(ValueError, match="needs its points"), parts.part("one", points):
            pass
    with parts.part("one", 1):
        pass
    with parts.part("one", 1):
        pass
    with pytest.raises(ValueError, match="has 1 points, not 2"), parts.part("one", 2):
        pass


def test_names_are_recorded(monkeypatch):
    texts = []
    monkeypatch.setattr(checks, "author_texts", texts.append)
    two_parts()
    assert set(texts) == {"one", "two"}


@pytest.mark.parametrize(("score", "shown"), [(0, "0"), (1, "1"), (2.5, "2.5"), (3, "3")])
def test_nbgrader_reads_the_points(score, shown):
    data, metadata = InteractiveShell.instance().display_formatter.format(Score(score))
    assert data == {"text/plain": shown}
    grade = {"grade": True, "solution": False, "locked": True, "points": 3, "grade_id": "a"}
    cell = nbformat.v4.new_code_cell("parts.score()", metadata={"nbgrader": grade})
    cell.outputs = [nbformat.v4.new_output("execute_result", data, metadata=metadata)]
    assert determine_grade(cell) == (score, 3)
