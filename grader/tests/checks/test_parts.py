"""Partial credit: in a notebook, and as nbgrader reads it."""

from __future__ import annotations

import re

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbgrader.utils import determine_grade
from nbjudge.checks import arrays
from nbjudge.checks.parts import PartResult, Parts, Score, report
from nbjudge.checks.progress import how_far


def two_parts(first=None, second=None, again=None):
    """Return the score of a question with 1 + 2 points; an exception given is raised inside."""
    parts = Parts()
    for name, points, error in (("one", 1, first), ("two", 2, second), ("one", None, again)):
        with parts.part(name, points):
            if error is not None:
                raise error
    return parts.score()


def told(capsys):
    """Return what was printed, without its colors."""
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_full_marks_are_one_green_line(capsys):
    assert two_parts() == 3
    assert capsys.readouterr().out == "\x1b[32mpassed, 3 of 3 points\x1b[0m\n"


def test_what_failed_is_red_and_what_passed_is_green(capsys):
    two_parts(second=AssertionError("b"))
    _, passed, failed = capsys.readouterr().out.splitlines()
    assert passed == "\x1b[32m  passed: one (1 point)\x1b[0m"
    assert failed == "\x1b[1;31m  failed: two (2 points): b\x1b[0m"


def test_a_stub_is_not_written_yet(capsys):
    score = two_parts(NotImplementedError("a"), NotImplementedError("b"))
    assert (score, told(capsys)) == (0, "not written yet\n")
    two_parts(NotImplementedError("a"))
    assert "failed: one (1 point): not written yet: replace the line" in told(capsys)


def test_validate_reads_the_question_and_no_colors(capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    parts = Parts("candidate")
    with parts.part("one", 1):
        raise AssertionError("the tanh is missing")
    parts.score()
    out, err = capsys.readouterr()
    text = "candidate: 0 of 1 point\n  failed: one (1 point): the tanh is missing\n"
    assert (out, err) == ("", text)


def test_how_far(capsys):
    questions = [("a", "1. first", 2), ("b", "2. the second", 1), ("c", "3. third", 1)]
    for name, error in (("a", None), ("b", ValueError("x")), ("a", ValueError("x")), ("a", None)):
        parts = Parts(name)
        with parts.part("all", 2 if name == "a" else 1):
            if error:
                raise error
        parts.score()
    parts = Parts("c")
    with parts.part("all", 1):
        raise NotImplementedError
    parts.score()
    told(capsys)
    how_far([*questions, ("d", "4. last", 3)])
    assert told(capsys).splitlines() == [
        "1. first       2 of 2 points",
        "2. the second  0 of 1 point",
        "3. third       not written yet",
        "4. last        the test has not run",
        "Together       2 of 7 points",
    ]


def test_a_failing_part_costs_its_points_and_says_why(capsys):
    score = two_parts(second=AssertionError("the tanh is missing"))
    assert (score, score.total) == (1, 3)
    assert told(capsys) == (
        "1 of 3 points\n  passed: one (1 point)\n  failed: two (2 points): the tanh is missing\n"
    )


def test_a_part_that_is_opened_twice_must_pass_twice():
    assert two_parts(again=AssertionError("hidden")) == 2
    score = two_parts(first=AssertionError("visible"), again=AssertionError("hidden"))
    assert score == 2
    assert [str(part.error) for part in score.parts] == ["visible", "None"]


def test_an_exception_of_the_student_fails_the_part(capsys):
    assert two_parts(first=ZeroDivisionError("division by zero")) == 2
    assert "failed: one (1 point): ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_nothing_earned(capsys):
    assert two_parts(AssertionError("a"), AssertionError("b")) == 0
    assert told(capsys).startswith("0 of 3 points\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupts_are_not_swallowed(error):
    with pytest.raises(error):
        two_parts(first=error())


def test_parts_are_plain_data_until_they_are_written():
    score = two_parts(second=ValueError("b"))
    results = [PartResult("one", 1, True), PartResult("two", 2, False, "ValueError: b")]
    assert [part.result for part in score.parts] == results
    assert report(score, 3, results) == score.report


def with_a_gpu_part(first=None, second=None, gpu=None):
    """Return the score of 0.8 + 0.8 + 0.4 points; without ``gpu`` the last part is not run."""
    parts = Parts()
    for name, error in (("one", first), ("two", second)):
        with parts.part(name, 0.8):
            if error is not None:
                raise error
    if gpu is None:
        parts.not_run("on a GPU", 0.4, "no GPU")
    else:
        with parts.part("on a GPU", 0.4):
            assert gpu == "right", "wrong on the GPU"
    return parts.score()


def test_a_part_that_is_not_run_costs_nothing(capsys):
    score = with_a_gpu_part()
    assert (score, score.total, repr(score)) == (2, 2, "2")
    assert told(capsys) == (
        "2 of 2 points\n  passed: one (1 point)\n  passed: two (1 point)\n"
        "  not run: on a GPU: no GPU\n"
    )


def test_the_other_parts_carry_the_points_of_one_not_run(capsys):
    score = with_a_gpu_part(second=AssertionError("wrong"))
    assert (score, score.total, repr(score)) == (1, 2, "1")
    assert "failed: two (1 point): wrong" in capsys.readouterr().out


def test_a_part_counts_where_it_runs(capsys):
    assert with_a_gpu_part(gpu="right") == 2
    assert told(capsys) == "passed, 2 of 2 points\n"
    assert with_a_gpu_part(gpu="wrong") == 1.6
    assert "failed: on a GPU (0.4 points): wrong on the GPU" in capsys.readouterr().out


def test_validate_does_not_take_a_part_not_run_for_a_failure(capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    with_a_gpu_part()
    assert capsys.readouterr().err == ""
    with_a_gpu_part(first=AssertionError("wrong"))
    assert "not run: on a GPU: no GPU" in capsys.readouterr().err


@pytest.mark.parametrize("points", [1, 2, 3, 0.7])
@pytest.mark.parametrize("share", [0.1, 0.2, 1 / 3])
def test_full_marks_are_exact_whatever_is_not_run(points, share):
    parts = Parts()
    for name in ("one", "two", "three"):
        with parts.part(name, points / 3):
            pass
    parts.not_run("on a GPU", share, "no GPU")
    assert parts.score() == pytest.approx(points + share, abs=1e-6)


def test_mistakes_of_the_author_with_parts_not_run():
    parts = Parts()
    with pytest.raises(ValueError, match="say why"):
        parts.not_run("one", 1, "")
    parts.not_run("one", 1, "no GPU")
    with pytest.raises(ValueError, match="at least one part"):
        parts.score()


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
    monkeypatch.setattr(arrays, "author_texts", texts.append)
    two_parts()
    assert set(texts) == {"one", "two"}
    with_a_gpu_part()
    assert set(texts) == {"one", "two", "on a GPU", "no GPU"}


@pytest.mark.parametrize(("score", "shown"), [(0, "0"), (1, "1"), (2.5, "2.5"), (3, "3")])
def test_nbgrader_reads_the_points(score, shown):
    data, metadata = InteractiveShell.instance().display_formatter.format(Score(score))
    assert data == {"text/plain": shown, "text/html": ""}  # a notebook shows nothing of it
    grade = {"grade": True, "solution": False, "locked": True, "points": 3, "grade_id": "a"}
    cell = nbformat.v4.new_code_cell("parts.score()", metadata={"nbgrader": grade})
    cell.outputs = [nbformat.v4.new_output("execute_result", data, metadata=metadata)]
    assert determine_grade(cell) == (score, 3)
