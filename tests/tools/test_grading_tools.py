"""The tools that measure grading: they find what is wrong, and write what the files hold."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import Bank
from nbjudge.verify.messages import Messages
from nbjudge.verify.mutants import Mutant, mutants
from nbjudge.verify.probes import Probe, together
from nbjudge.verify.visible import ERROR, Visible

from tools import assignments, grading_report
from tools.bench import course_folders, grading

ROOT = Path(__file__).resolve().parents[2]


NAMES = sorted(path.name for path in ROOT.glob("solutions/*/"))


def cell(*lines):
    """Return a solution cell with these lines in its region."""
    body = "".join(f"    {line}\n" for line in ("### BEGIN SOLUTION", *lines, "### END SOLUTION"))
    return f'def answer(x, y):\n    """Return 1 + 1."""\n    z = 1\n{body}    return z - 1\n'


# A line of a solution, and some of what must become of it.
CHANGES = {
    "w = x + y": ["w = x - y", "w = x * y", "w = x", "w = y", "(removed)"],
    "w = x @ y": ["w = y @ x", "w = x @ y.T", "w = x * y"],
    "w = x.T": ["w = x"],
    "w = x < y": ["w = x <= y", "w = x > y"],
    "w = x in y": ["w = not x in y"],
    "w = x & y": ["w = x", "w = y"],
    "w = x and y": ["w = x or y", "w = x", "w = y"],
    "w = -x": ["w = x"],
    "w = 2": ["w = 3", "w = 1", "w = 0"],
    "w = 0.5": ["w = 1.0", "w = 0.0", "w = -0.5", "w = 1.0"],
    "w = True": ["w = False"],
    "w = np.tanh(x)": ["w = sigmoid(x)", "w = x"],
    "w = f(x, y)": ["w = f(y, x)", "w = x"],
    "w = x.sum(axis=1)": ["w = x.mean(axis=1)", "w = x.sum()", "w = x.sum(axis=0)", "w = x"],
    "w = x.detach()": ["w = x"],
    "w = x[:, y]": ["w = x[:, y - 1]", "w = x[:, y + 1]", "w = x[y, :]"],
    "w = x[y:2]": ["w = x[y - 1:2]", "w = x[y + 1:2]", "w = x[y:3]", "w = x[:2]", "w = x[y:]"],
    "w = [v for v in x if v]": ["w = [v for v in x]"],
    "w = x if y else z": ["w = x", "w = z"],
    "w += x": ["w = x", "w -= x", "(removed)"],
    "model.eval()": ["model.train()", "(removed)"],
    "optimizer.zero_grad()": ["(removed)"],
    "with torch.no_grad(): w = x": ["w = x", "with torch.enable_grad():", "(removed)"],
    "if x: w = y": ["w = y", "(removed)"],
    "for v in range(x): w = v": [
        "for v in range(x - 1):",
        "for v in reversed(range(x)):",
        "for v in range(x): (once)",
    ],
    "return x, y": ["return (y, x)", "(removed)"],
}


@pytest.mark.parametrize("line", CHANGES)
def test_every_kind_of_mistake_is_made(line):
    made = [mutant.change.partition(" -> ")[2] for mutant in mutants(cell(line))]
    assert [change for change in CHANGES[line] if change not in made] == []


def test_layers_of_this_course_are_exchanged():
    source = cell("w = nn.LSTM(x)", "v = nn.GRU(y)")
    made = [mutant.change for mutant in mutants(source, assignments.CONFUSED)]
    exchanged = ["w = nn.LSTM(x) -> w = nn.GRU(x)", "v = nn.GRU(y) -> v = nn.LSTM(y)"]
    assert [change for change in made if change in exchanged] == exchanged
    assert [one.change for one in mutants(source)] == [c for c in made if c not in exchanged]
    assert assignments.assignment("lstm_cell").confused == assignments.CONFUSED


def test_mutants_change_the_region_only_and_each_is_another():
    source = cell("w = x + y", "w = x + y")
    original = ast.unparse(ast.parse(source))
    made = mutants(source)
    assert len({mutant.change for mutant in made}) == len({m.source for m in made}) == len(made)
    assert "w = x + y -> w = x - y (no. 2)" in [mutant.change for mutant in made]
    for mutant in made:
        ast.parse(mutant.source)
        assert mutant.source != original
        for kept in ('"""Return 1 + 1."""', "z = 1\n", "return z - 1"):
            assert kept in mutant.source
    with pytest.raises(ValueError, match="no ### BEGIN SOLUTION in the cell 'x = 1'"):
        mutants("x = 1")


def test_unknown_names_are_refused(capsys):
    with pytest.raises(ValueError, match=r"no assignment nonsense, only .*lstm_cell"):
        assignments.assignments(["nonsense"])
    with pytest.raises(SystemExit, match="2"):
        grading_report.main(["nonsense", "lstm_cell"])
    assert "error: no assignment nonsense, only bidirectional" in capsys.readouterr().err
    assignment = assignments.assignment("lstm_cell")
    with pytest.raises(ValueError, match="lstm_cell has no question nonsense"):
        assignment.hand_in({"nonsense": ""})


def test_a_name_that_is_missing_in_an_annotation_is_noticed():
    assignment = assignments.assignment("gru")
    visible = Visible(assignment)
    answer = assignment.answers["candidate"]
    told = visible.told("candidate", answer.replace("):", ") -> Missing:", 1))
    assert told == (ERROR, "NameError: name 'Missing' is not defined")


SAME = "return -> return"


def measured(assignment, one_in):
    """Stand for `nbjudge.verify.messages.measure`, which has tests of its own."""
    return Messages({question: {} for question in assignment.points}, [])


def small(equivalent, wrong=None, right=None):
    """Return lstm_cell with one wrong and one right answer, few mutants, one no mistake."""
    whole = assignments.assignment("lstm_cell")
    wrong, right = wrong or whole.wrong[0], right or whole.bank.right[0]
    bank = Bank([wrong], [right], equivalent=equivalent)
    assignment = Assignment(whole.name, whole.source, bank, whole.withheld)
    few = {name: mutants(text)[:1] for name, text in assignment.answers.items()}
    few["step"] = [Mutant(SAME, assignment.answers["step"])]
    vars(assignment)["mutants"] = few
    return assignment


@pytest.fixture
def report(monkeypatch, tmp_path):
    """Return a function that makes the quick report of one assignment, without its messages."""
    monkeypatch.setattr("nbjudge.verify.report.measure", measured)

    def report(assignment, *options):
        monkeypatch.setattr(assignments, "assignments", lambda _: [assignment])
        status = grading_report.main(["--quick", "--output", str(tmp_path), *options])
        return status, json.loads((tmp_path / grading_report.FILE).read_text())

    return report


def test_report_is_good_when_everything_is(report):
    assignment = small({"step": {SAME: "same"}})
    status, made = report(assignment)
    assert made["failures"] == []
    assert status == 0
    (row,) = made["assignments"]
    assert row["wrong_as_stated"] == row["right_full_marks"] == row["mutants_equivalent"] == 1
    # Both entries are graded with every key, and as often with one key.
    assert row["gradings"] == 2 * row["keys"] + 2 * row["right_keys"]
    assert row["mutants"] == row["mutants_noticed"] + 1 == len(assignment.answers)
    kept = json.loads((ROOT / "lstm_course/results" / grading_report.FILE).read_text())
    assert made.keys() == kept.keys()


def test_a_report_of_one_assignment_keeps_the_rows_of_the_others(report, tmp_path):
    assignment = small({"step": {SAME: "same"}})
    _, made = report(assignment)
    (row,), other = made["assignments"], {"assignment": "another"}
    made["assignments"] = [{**row, "points": 0}, row | other]
    made["questions"] = [made["questions"][0] | other]
    made["failures"] = ["another, x: bad", "lstm_cell, y: bad"]
    (tmp_path / grading_report.FILE).write_text(json.dumps(made))
    _, again = report(assignment, "lstm_cell")
    assert again["assignments"][0] == row | other
    assert again["assignments"][1]["points"] == 20
    assert len(again["questions"]) == 1 + len(assignment.answers)
    assert again["failures"] == ["another, x: bad"]
    _, whole = report(assignment)
    assert [row["assignment"] for row in whole["assignments"]] == ["lstm_cell"]
    assert whole["failures"] == []


def test_report_fails_for_each_thing_that_is_wrong(report):
    whole = assignments.assignment("lstm_cell")
    wrong = whole.wrong[0]._replace(breaks={"step": 1})
    right = whole.bank.right[0]._replace(answers={"step": "step = None"})
    status, made = report(small({}, wrong, right))
    assert status == 1
    assert [text.partition(":")[0] for text in made["failures"]] == [
        f"lstm_cell, {wrong.name}",
        f"lstm_cell, {right.name}",
        f"lstm_cell, mutant of step | {SAME}",
    ]
    (row,) = made["assignments"]
    assert row["wrong_as_stated"] == row["right_full_marks"] == row["mutants_equivalent"] == 0


def test_a_changed_list_or_file_beside_makes_the_report_stale():
    assignment = small({"step": {SAME: "same"}})
    digest = assignment.digest()
    assert small({"step": {SAME: "same"}}).digest() == digest
    assert small({"step": {SAME: "another reason"}}).digest() != digest
    beside = Assignment(
        assignment.name, assignment.source, assignment.bank, files={"data.csv": b"1"}
    )
    assert beside.digest() != digest


def test_entries_handed_in_together_answer_different_questions():
    answers = {"a": {"p": "1"}, "b": {"p": "2"}, "c": {"q": "3"}, "d": {"p": "4", "q": "5"}}
    probes = [Probe(name, given, lambda _: "") for name, given in answers.items()]
    groups = [[probe.name for probe in group] for group in together(probes)]
    assert groups == [["a", "c"], ["b"], ["d"]]


@pytest.fixture(scope="module")
def speed(tmp_path_factory):
    """Run the whole comparison with few submissions; return what was written."""
    folder = tmp_path_factory.mktemp("speed")
    assert grading.main(["--quick", "--output", str(folder), "lstm_cell"]) == 0
    return json.loads((folder / grading.FILE).read_text())


def test_both_ways_grade_the_same_submissions(speed):
    (row,) = speed["comparison"]
    assert row["submissions"] == grading.QUICK_SUBMISSIONS
    assert row["equal"] + row["different"] == 11 * row["submissions"]
    assert len(speed["differences"]) == row["different"]
    assert all(found["lstm_course"] == found["expected"] for found in speed["differences"])


class Course:
    """Grading that takes the seconds it is told."""

    def __init__(self, *seconds):
        self.times = list(seconds)

    def hand_in(self, submissions):
        pass

    def grade(self):
        seconds = self.times.pop(0)
        return course_folders.Spent(seconds, seconds / 2, {})


def test_the_ratio_is_the_median_over_the_rounds():
    stock, ours = Course(2.0, 9.0, 4.0), Course(1.0, 3.0, 1.0)
    row = grading.compare(stock, ours, {"ann": b"", "ben": b""}, rounds=3)
    theirs = {"nbgrader_seconds": 2.0, "nbgrader_cpu_seconds": 1.0}
    own = {"lstm_course_seconds": 0.5, "lstm_course_cpu_seconds": 0.25}
    assert row == {"submissions": 2, "rounds": 3, **theirs, **own, "ratio": 3.0}


def test_growth_and_phases_are_measured(speed):
    assert [row["submissions"] for row in speed["growth"]] == list(grading.QUICK_GROWTH)
    for row in speed["growth"]:
        assert min(row[f"{kind}_mb"] for kind in ("main", "worker", "server")) > 10
    (row,) = speed["phases"]
    assert {"first", "start", "open run", "graded run", "gradebook"} < row.keys()
    assert all(value > 0 for key, value in row.items() if key != "assignment")


def test_a_command_that_fails_is_not_measured(tmp_path):
    assignment = assignments.assignment("lstm_cell")
    course = course_folders.Ours(tmp_path, assignment, workers=1)
    course.hand_in({})
    with pytest.raises(RuntimeError, match="there is no submission of lstm_cell"):
        course.grade()


def test_a_difference_is_explained(tmp_path):
    assignment = assignments.assignment("lstm_cell")
    stock = course_folders.Stock(tmp_path, assignment)
    noisy = "import sys\n\n\ndef cell_update(c_prev, i, f, g):\n"
    noisy += "    print('hm', file=sys.stderr)\n    return f * c_prev + i * g"
    broken = "def cell_update(c_prev, i, f, g):\n    return 1 / 0"
    answers = {"noisy": noisy, "broken": broken}
    stock.hand_in({name: assignment.hand_in({"cell_update": a}) for name, a in answers.items()})
    stock.grade()
    assert stock.grades()["noisy"]["cell_update"] == 0
    assert stock.grades()["noisy"]["step"] == 3
    reasons = {
        name: grading.why(assignment, stock, name, "cell_update") for name in (*answers, "nobody")
    }
    broken = reasons.pop("broken")
    assert "your code raised ZeroDivisionError: division by zero" in broken
    assert reasons == {
        "noisy": "text on stderr",
        "nobody": "nbgrader did not grade the submission",
    }


def test_the_committed_report_is_of_these_banks_and_mutants():
    kept = json.loads((ROOT / "lstm_course/results" / grading_report.FILE).read_text())
    assert kept["failures"] == []
    graded = [row["assignment"] for row in kept["assignments"]]
    assert graded == NAMES, "run for what is missing: make grading-report ASSIGNMENT=name"
    assert kept["command"] == grading_report.COMMAND
    for row in kept["assignments"]:
        assignment = assignments.assignment(row["assignment"])
        stale = f"run: make grading-report ASSIGNMENT={assignment.name}"
        assert row["digest"] == assignment.digest(), stale
        bank = assignment.bank
        assert (row["wrong"], row["right"]) == (len(assignment.wrong), len(bank.right))
        assert (row["wrong_as_stated"], row["right_full_marks"]) == (row["wrong"], row["right"])
        pace = assignments.pace(assignment.name)
        assert (row["keys"], row["right_keys"]) == (pace.keys, pace.right_keys)
        assert row["mutants_made"] == sum(map(len, assignment.mutants.values()))
