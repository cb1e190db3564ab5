"""What the engine promises, each on a notebook of a few cells."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import time

import nbformat
import neutral
import psutil
import pytest
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import CRASHED, GRADED, NOT_GRADED, TIMED_OUT, UNREADABLE
from nbjudge.errors import SandboxError, SourceError
from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld
from neutral import WITHHELD

SETUP = (
    "locked",
    "setup",
    """
import numpy as np
from nbjudge.checks.calls import call_unchanged, check_own, no_overflow
from nbjudge.checks.arrays import check_array
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import question_seed
""",
)
DOUBLE = "def double(a):\n    return 2 * a"
DOUBLE_TEST = """
check_array("double(a)", call_unchanged(double, a=np.ones(2)), 2 * np.ones(2), reveal=True)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(question_seed("double"))
a = rng.standard_normal((3, 4))
check_array("double(a), two axes", double(a), 2 * a, hints=[(a, "nothing is doubled")])
### END HIDDEN TESTS
"""
THIRD = "def third(a):\n    return a / 3"
THIRD_TEST = 'check_array("third(a)", third(np.ones(3)), np.ones(3) / 3)'


@pytest.fixture
def course(small):
    """Return an assignment of two questions, the second worth two points."""
    return small(
        SETUP,
        ("solution", "double", DOUBLE),
        ("test", "double_test", DOUBLE_TEST),
        ("solution", "third", THIRD),
        ("test", "third_test", THIRD_TEST, 2),
        limits=Limits(cell_seconds=3, memory_mb=300, disk_mb=8, output_kb=20),
    )


RIGHT = {"double_test": 1, "third_test": 2}


@pytest.mark.parametrize(
    "source",
    [
        DOUBLE,
        "double = lambda a: a + a",
        "%matplotlib inline\nimport math\ndef twice(x): return x * 2\n\ndef double(a):\n"
        "    display(a); print('hello'); return twice(a)",
        "class Doubler:\n    def __call__(self, a):\n        return 2 * a\n\ndouble = Doubler()",
        "import functools\n@functools.cache\ndef two(): return 2\ndef double(a):\n"
        "    import warnings; warnings.warn('old'); return np.multiply(a, two())",
        "import sys\ndef double(a):\n    print('to stderr', file=sys.stderr)\n    return a * 2.0",
    ],
)
def test_right_answers_in_any_style_get_full_marks(course, source):
    points, texts = course.graded({"double": source})
    assert points == RIGHT, texts


WRONG = {
    "wrong": ("def double(a):\n    return 3 * a", "should be 2"),
    "only on the example": (
        "def double(a):\n    return 2 * a if a.ndim == 1 else a",
        "A hidden test of this question fails. Wrong values: double(a), two axes: nothing is",
    ),
    "in place": ("def double(a):\n    a *= 2\n    return a", "changes its argument a"),
    "raises": ("def double(a):\n    return a[7]", "IndexError"),
    "raises its own class": (
        "class Mine(ValueError): pass\ndef double(a):\n    raise Mine('odd')",
        "Mine: odd",
    ),
    "missing": ("", "name 'double' is not defined"),
    "syntax": ("def double(a) return a", "your answer's cell has a SyntaxError in line 1"),
    "object": ("class A: pass\ndef double(a):\n    return A()", "must be a NumPy array"),
    "exit": ("def double(a):\n    raise SystemExit", "SystemExit"),
    "masked": ("def double(a):\n    return np.ma.masked_all(a.shape)", "must be a NumPy array"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_lose_their_question_and_no_other(course, name):
    source, says = WRONG[name]
    points, texts = course.graded({"double": source})
    assert points == RIGHT | {"double_test": 0}
    assert says in texts


LOST = {
    "ends the process": ("import os\ndef double(a):\n    os._exit(0)", CRASHED),
    "ends in its cell": ("import os\nos._exit(0)", CRASHED),
    "hangs": ("def double(a):\n    while True: pass", TIMED_OUT),
    "sleeps": ("import time\ndef double(a):\n    time.sleep(60)", TIMED_OUT),
    "takes all memory": (
        "def double(a):\n    keep = []\n    while True: keep.append(np.ones(10**6))",
        None,
    ),
    "segfaults": ("import ctypes\ndef double(a):\n    ctypes.string_at(0)", CRASHED),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_process_costs_one_question(course, read, name):
    source, status = LOST[name]
    report = course.report(course.filled({"double": source}))
    points, _ = read(report)
    assert points == RIGHT | {"double_test": 0}
    assert status in (None, report.status)
    assert report.problems or status is None


def test_a_process_that_dies_in_every_cell_ends_the_run_not_the_grading(course, read):
    answers = {"double": "import os\nos._exit(0)", "third": "import os\nos._exit(0)"}
    report = course.report(course.filled(answers, before="import os\nos._exit(0)"))
    assert read(report)[0] == {"double_test": 0, "third_test": 0}
    assert report.status == CRASHED


BROKEN = {
    "nothing": (None, "no notebook of this name"),
    "no json": (b"PK\x03\x04", "is not a notebook"),
    "old": (json.dumps({"nbformat": 3, "worksheets": []}).encode(), "format 4"),
    "truncated": (b'{"cells": [', "is not a notebook"),
    "no cells": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "damaged"),
    "deep": (b"[" * 100_000, "is not a notebook"),
    "large": (b" " * (21 * 2**20), "larger than 20 MB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_notebook_gets_zero_and_a_reason(course, read, name):
    content, says = BROKEN[name]
    report = course.report(content)
    points, texts = read(report)
    assert report.status == UNREADABLE
    assert points == {"double_test": 0, "third_test": 0}
    assert says in report.problems[0]
    assert says in texts


def test_the_notebook_is_the_instructors_with_answers_in_it(course):
    notebook = course.filled({"double": DOUBLE.replace("2", "4")}, before="mine = 1")
    test = notebook.cells[3]
    test.source, test.metadata.nbgrader["points"] = "pass", 100
    notebook.cells[2].metadata.nbgrader |= {"grade": True, "points": 50}
    notebook.cells.append(notebook.cells[3].copy())
    del notebook.cells[5]
    report = course.report(notebook)
    cells = nbformat.from_dict(report.graded).cells
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    assert ids == [None, "setup", "double", "double_test", "third", "third_test"]
    assert cells[3].source == course.source.cells[2].source
    assert cells[3].metadata.nbgrader["points"] == 1
    assert not cells[2].metadata.nbgrader["grade"]
    assert "4 * a" in cells[2].source


def test_a_missing_answer_is_reported_and_costs_its_question(course, read):
    notebook = course.filled({})
    del notebook.cells[1]
    report = course.report(notebook)
    assert read(report)[0] == RIGHT | {"double_test": 0}
    assert report.problems == ["the cell double is missing or of another type"]


def test_twenty_gradings_agree(course, read):
    source = "def double(a):\n    return 2 * a + np.random.randn() * 1e-3"
    reports = [read(course.report(course.filled({"double": source}))) for _ in range(20)]
    assert reports == [reports[0]] * 20


SUM_LEFT = """
def total(a):
    return a.sum()

def spread(a):
    return a.std()
"""
PARTS_TEST = """
parts = Parts()
a = np.arange(4.0)
with parts.part("the sum", 1):
    assert total(a) == 6.0, "that is not the sum"
with parts.part("the spread", 2):
    assert abs(spread(a) - 1.118034) < 1e-5, "that is not the spread"
### BEGIN HIDDEN TESTS
with parts.part("the spread"):
    assert spread(np.zeros(3)) == 0, "of equal numbers the spread is zero"
### END HIDDEN TESTS
parts.score()
"""


@pytest.mark.parametrize(
    ("edit", "points", "says"),
    [
        (("", ""), 3, ""),
        (("a.std()", "0.0"), 1, "failed: the spread (2 points): that is not the spread"),
        (("a.sum()", "0.0"), 2, "failed: the sum (1 point): that is not the sum"),
        (("a.std()", "1.118034"), 1, "A hidden test of this question fails. of equal numbers the"),
    ],
)
def test_parts_of_a_question_have_points_of_their_own(small, edit, points, says):
    course = small(SETUP, ("solution", "both", SUM_LEFT), ("test", "both_test", PARTS_TEST, 3))
    given, texts = course.graded({"both": SUM_LEFT.replace(*edit)})
    assert given == {"both_test": points}
    assert says in texts


LEAKY = """
seen = []
def double(a):
    seen.append(a)
    if a.ndim == 2:
        raise ValueError(f"LEAK {a[0, 0]}")
    return 2 * a
"""


def test_hidden_inputs_reach_no_text(small, read):
    show = "print('LEAK', seen)\nraise ValueError(f'LEAK {seen}')"
    course = small(
        SETUP,
        ("solution", "double", DOUBLE),
        ("test", "double_test", DOUBLE_TEST),
        ("solution", "third", THIRD),
        ("test", "third_test", THIRD_TEST.replace("/ 3)", "/ 3, reveal=True)"), 2),
    )
    third = "def third(a):\n    return seen[-1].ravel()[:3] * 1.0"
    notebook = course.filled({"double": LEAKY, "third": third})
    notebook.cells.append(nbformat.v4.new_code_cell(show))
    report = course.report(notebook)
    text = json.dumps([cell["outputs"] for cell in report.graded["cells"] if "outputs" in cell])
    assert read(report)[0] == {"double_test": 0, "third_test": 0}
    assert "your code raised a ValueError" in text
    assert "LEAK [array([1., 1.]), array([1., 1.])" not in text.replace("\\n", "")
    assert "-0." not in text


def test_a_function_of_the_test_can_be_an_argument(small):
    solution = "def slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6"
    test = "assert abs(slope(lambda x: x**3, 2.0) - 12) < 1e-4"
    course = small(SETUP, ("solution", "slope", solution), ("test", "slope_test", test))
    assert course.graded({})[0] == {"slope_test": 1}
    assert course.graded({"slope": solution.replace("2e-6", "1e-6")})[0] == {"slope_test": 0}


def test_error_states_of_a_test_hold_for_the_students_code(small):
    solution = "def half(a):\n    return 1 / (1 + np.exp(-np.clip(a, -700, 700)))"
    test = "with no_overflow():\n    half(np.array([-1000.0]))"
    course = small(SETUP, ("solution", "half", solution), ("test", "half_test", test))
    points, texts = course.graded({"half": "def half(a):\n    return 1 / (1 + np.exp(-a))"})
    assert points == {"half_test": 0}
    assert "overflow" in texts


HAND_OUT = [
    ("locked", "setup2", "from samplecourse import answers as reference"),
    ("solution", "logistic", "def logistic(a):\n    return 0.5 * (1 + np.tanh(a / 2))"),
    ("test", "logistic_test", "check_array('s', logistic(np.zeros(1)), np.ones(1) / 2)"),
    ("locked", "hand_out", "logistic = reference.logistic"),
    ("solution", "gate", "def gate(a):\n    return logistic(a) * 2"),
    ("test", "gate_test", "check_array('g', gate(np.zeros(1)), np.ones(1))"),
]


def test_a_reference_is_there_after_its_question_and_not_before(small):
    course = small(SETUP, *HAND_OUT, withheld=WITHHELD)
    own = "import samplecourse.arrays\n\ndef logistic(a):\n    return 0.5 * (1 + np.tanh(a / 2))"
    assert course.graded({"logistic": own})[0] == {"logistic_test": 1, "gate_test": 1}
    for theft in (
        "logistic = reference.logistic",
        "def logistic(a):\n    return reference.logistic(a)",
        "from samplecourse import logistic",
        "import importlib\nlogistic = importlib.import_module('samplecourse.arrays').logistic",
        "def logistic(a):\n    import gc\n    return [f for f in gc.get_objects()"
        " if type(f) is type(logistic) and 'logistic' in f.__name__ and f is not logistic][0](a)",
    ):
        points, texts = course.graded({"logistic": theft})
        assert points == {"logistic_test": 0, "gate_test": 1}, theft
        assert "not available" in texts or "IndexError" in texts


@pytest.fixture
def other_course(tmp_path, monkeypatch):
    """Return the folder of a package ``othercourse`` with two modules, one of them made now."""
    package = tmp_path / "othercourse"
    package.mkdir()
    (package / "__init__.py").write_text("from othercourse.of_tomorrow import twice\n")
    (package / "plots.py").write_text("from othercourse.of_tomorrow import twice\n")
    (package / "of_tomorrow.py").write_text("def twice(a):\n    return 2 * a\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


IMPORTING = "{statement}\n\ndef double(a):\n    return {name}(a)"


def test_a_module_is_closed_unless_it_is_named(small, other_course):
    answer = IMPORTING.format(statement="from othercourse.of_tomorrow import twice", name="twice")
    told = f"import os\nprint(os.listdir({str(other_course)!r}))"
    for open_modules, points, files in (
        (("othercourse.plots",), 0, ["plots.py"]),
        (("othercourse.plots", "othercourse.of_tomorrow"), 1, ["of_tomorrow.py", "plots.py"]),
    ):
        course = small(
            SETUP,
            ("locked", "setup2", "import othercourse.plots"),
            ("solution", "double", DOUBLE),
            ("test", "double_test", DOUBLE_TEST),
            withheld=Withheld(("othercourse",), open_modules),
        )
        report = course.report(course.filled({"double": answer}, before=told))
        assert neutral.points(report.graded) == {"double_test": points}
        seen = ast.literal_eval(report.graded["cells"][0]["outputs"][0]["text"])
        assert sorted(name for name in seen if name != "__pycache__") == files


def test_a_course_that_is_not_there_is_named(small):
    for withheld, says in (
        (Withheld(("nowhere",)), "there is no package of this name"),
        (Withheld(("samplecourse",), ("samplecourse.nowhere",)), "there is no module of this name"),
    ):
        course = small(SETUP, ("solution", "double", DOUBLE), withheld=withheld)
        with pytest.raises(SandboxError, match=says):
            course.report(course.filled({}))


REPLIES = {
    "other names": """
import nbjudge.processes.student as harness
class Names(harness.Student):
    pass
harness.Student._do_names = lambda self, names: {
    "double": lambda a: 7, "check_array": lambda *a, **k: None, "np": 1, "call_unchanged": len
}
""",
    "no dict": "import nbjudge.processes.student as h\nh.Student._do_names = lambda s, n: 5",
    "no reply": "import nbjudge.processes.student as h\nh.Student._call = lambda s, p: b'abc'",
    "two replies": """
import nbjudge.processes.student as h
from nbjudge.processes import frames
old = h.Student._call
def twice(self, payload):
    frames.send(self._socket, frames.REPLY, old(self, payload))
    frames.send(self._socket, frames.DONE, b'{"reached": true}')
    return b''
h.Student._call = twice
""",
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_harness_that_lies_gains_nothing(course, name):
    points, _ = course.graded({"double": REPLIES[name]})
    assert points["double_test"] == 0


def test_without_a_sandbox_the_grades_are_the_same(course):
    with Engine(sandbox=False) as engine:
        course.engine = engine
        assert course.graded({})[0] == RIGHT
        assert course.graded({"double": WRONG["wrong"][0]})[0] == RIGHT | {"double_test": 0}
        assert course.graded({"double": LOST["ends the process"][0]})[0]["double_test"] == 0


def test_data_files_lie_next_to_the_notebook(small):
    solution = "def first():\n    return open('data/numbers.txt').read().split()[0]"
    test = "assert first() == open('data/numbers.txt').read()[:1]"
    files = {"data/numbers.txt": b"7 8 9"}
    course = small(SETUP, ("solution", "f", solution), ("test", "f_test", test), files=files)
    assert course.graded({})[0] == {"f_test": 1}


def test_an_instructors_mistake_is_named_before_anything_is_graded(small):
    course = small(SETUP, ("solution", "double", DOUBLE), ("test", "double_test", "assert False"))
    with pytest.raises(SourceError, match="own solution does not pass double_test"):
        course.report(course.filled({}))


def test_a_judge_that_hangs_gives_no_grade(small):
    test = "n = length()\nwhile n > 3: pass"
    course = small(
        SETUP,
        ("solution", "length", "def length():\n    return 3"),
        ("test", "length_test", test),
        limits=Limits(cell_seconds=1),
    )
    report = course.report(course.filled({"length": "def length():\n    return 4"}))
    assert report.status == NOT_GRADED
    assert report.graded is None


def test_points_alone_are_the_same_points(course, read):
    half = course.filled({"length": "def length():\n    return 4"})
    whole = course.report(half)
    course.settings["points_only"] = True
    alone = course.report(half)
    assert read(alone)[0] == read(whole)[0]
    assert "open run" in whole.phases
    assert "open run" not in alone.phases


def test_nothing_is_left_behind(course, read):
    before, running = set(os.listdir("/tmp")), set(_servers())
    with Engine() as engine:
        course.engine = engine
        source = "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n"
        report = course.report(course.filled({"double": source + DOUBLE}))
        assert report.status == GRADED
        processes = set(_servers()) - running
        assert processes
    deadline = time.monotonic() + 5
    while any(os.path.exists(f"/proc/{pid}") for pid in processes):
        assert time.monotonic() < deadline
    assert {name for name in set(os.listdir("/tmp")) - before if "pytest" not in name} == set()


def _servers() -> list[int]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # ended, or ended and not yet buried
            if "forkserver.py" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found
