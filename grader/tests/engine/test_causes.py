"""The first cause of a failure: which of the student's cells did not run, and why."""

from __future__ import annotations

import pytest
from nbjudge.engine.job import NOT_GRADED
from nbjudge.limits import Limits

SETUP = ("locked", "setup", "from nbjudge.checks.parts import Parts")
DOUBLE = ("solution", "double", "def double(x):\n    return 2 * x")
HALF = ("solution", "half", "def half(x):\n    return x / 2")
TEST = """\
assert double(2) == 4, "double(2) must be 4"
### BEGIN HIDDEN TESTS
assert double(31337) == 62674, "an odd number"
### END HIDDEN TESTS"""
PARTS = """\
parts = Parts()
with parts.part("even numbers", 1):
    assert half(4) == 2
with parts.part("odd numbers", 1):
    assert half(3) == 1.5
parts.score()"""
UNCLOSED = "def double(x):\n    y = (2 * x\n    return y"


@pytest.fixture
def sums(small):
    """Return an assignment of two questions, the second in parts."""
    questions = (DOUBLE, ("test", "double_test", TEST, 2), HALF, ("test", "half_test", PARTS, 2))
    return small(SETUP, *questions, limits=Limits(cell_seconds=3))


def said(report):
    """Return what stands below each test."""
    return {
        node["metadata"]["nbgrader"]["grade_id"]: "\n".join(
            output.get("evalue", output.get("text", "")) for output in node["outputs"]
        )
        for node in report.graded["cells"]
        if node["metadata"].get("nbgrader", {}).get("grade")
    }


def answered(sums, before="", **answers):
    return said(sums.report(sums.filled(answers, before)))


def test_cell_that_cannot_be_read_is_named_with_its_line(sums):
    found = answered(sums, double=UNCLOSED)
    assert found["double_test"] == (
        "your answer's cell has a SyntaxError in line 2: '(' was never closed"
    )
    assert found["half_test"] == ""
    found = answered(sums, double="def double(x):\n    return (2 * x")  # open to the end
    assert found["double_test"].endswith("SyntaxError in line 2: '(' was never closed")
    found = answered(sums, double="%matplotlib inline\ndef double(x):\n    return (2 * x")
    assert "your answer's cell has a SyntaxError in line" in found["double_test"]
    found = answered(sums, double="def double(x):\n  y = 2\n return y")
    assert found["double_test"].startswith("your answer's cell has an IndentationError in line 3")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("print(nothing)\n", "stops with a NameError: name 'nothing' is not defined"),
        ("import pandaz\n", "stops with a ModuleNotFoundError: No module named 'pandaz'"),
        ("1 / 0\n", "stops with a ZeroDivisionError: division by zero"),
        (
            "while True:\n    pass\n",
            "did not come to its end: your code took longer than 3 seconds",
        ),
        (
            "import os\nos._exit(1)\n",
            "did not come to its end: your code ended the process that ran it",
        ),
    ],
)
def test_cell_that_does_not_come_to_its_end_is_named(sums, answer, cause):
    found = answered(sums, double=answer + DOUBLE[2])
    assert found["double_test"] == f"your answer's cell {cause}"
    assert found["half_test"] == ""


def test_question_in_parts_says_the_cause_once(sums):
    found = answered(sums, half="def half(x)\n    return x / 2")
    assert found["half_test"] == "your answer's cell has a SyntaxError in line 1: expected ':'"


def test_part_that_fails_for_want_of_a_cell_says_so_beside_one_that_passes(sums):
    own = "def odd(x)\n    return x / 2"
    half = "def half(x):\n    return x // 2 if x % 2 == 0 else odd(x)"
    cause = "a cell of your own has a SyntaxError in line 1: expected ':'"
    assert answered(sums, own, half=half)["half_test"].strip().splitlines() == [
        "1 of 2 points",
        "  passed: even numbers (1 point)",
        f"  failed: odd numbers (1 point): {cause}",
    ]


def test_own_cell_that_fails_is_named_where_the_answer_needs_it(sums):
    own = "import statistic as st\ntwo = st.mean([2])"
    found = answered(sums, own, double="def double(x):\n    return two * x")
    assert found["double_test"] == (
        "a cell of your own stops with a ModuleNotFoundError: No module named 'statistic'"
    )


def test_what_is_missing_for_another_reason_is_said_as_before(sums):
    assert answered(sums, double="")["double_test"] == "name 'double' is not defined"
    for uses in ("double(1)", "double == 1"):  # and was never to bind the name
        found = answered(sums, uses, double="")
        assert found["double_test"] == "name 'double' is not defined"
    bound = answered(sums, double=f"{DOUBLE[2]}\ndouble(None)")  # fails after the definition
    assert bound["double_test"] == ""


def test_run_that_ended_early_says_why_at_every_question(small):
    loop = "while True:\n    pass"
    questions = [
        part
        for number in range(4)
        for part in (
            ("solution", f"q{number}", f"def f{number}():\n    return 1"),
            ("test", f"q{number}_test", f"assert f{number}() == 1", 1),
        )
    ]
    found = answered(
        small(*questions, limits=Limits(cell_seconds=1)), **{f"q{n}": loop for n in range(3)}
    )
    took = "your code took longer than 1 seconds"
    assert found["q1_test"] == f"your answer's cell did not come to its end: {took}"
    assert found["q3_test"] == f"the run had ended before this test: {took}"


def test_an_error_of_the_student_is_said_once(sums):
    report = sums.report(sums.filled({"double": "def double(x):\n    return x['a']"}))
    node = next(n for n in report.graded["cells"] if "double_test" in str(n["metadata"]))
    trace = "\n".join(node["outputs"][-1]["traceback"])
    assert trace.count("TypeError: 'int' object is not subscriptable") == 1
    assert "in double" in trace


def test_a_missing_key_is_quoted_once(sums):
    assert answered(sums, double="def double(x):\n    return {}['a']")["double_test"] == "'a'"


DIES = """\
if dies:
    import os, sys
    print("a first line", file=sys.__stderr__, flush=True)
    os.write(2, b"the library libexample is missing\\n")
    os._exit(1)
assert double(2) == 4"""


def test_judge_that_ends_says_its_last_words(small):
    # The instructor's own solution passes; `double` of the student's brings the judge to its end.
    test = f"dies = double(3) != 6\n{DIES}"
    sums = small(DOUBLE, ("test", "double_test", test, 2))
    report = sums.report(sums.filled({"double": "def double(x):\n    return 4"}))
    assert report.status == NOT_GRADED
    assert report.problems == [
        "the judge's process ended; its last words: a first line; "
        "the library libexample is missing; an earlier grade stays as it is"
    ]
