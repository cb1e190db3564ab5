"""The rules that keep the house as it is: layers, sizes, words, and names that pages may use."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 250  # lines of a module
CODE = sorted(
    path
    for folder in ("lstm_course", "grader/nbjudge", "studies", "tools")
    for path in ROOT.glob(f"{folder}/**/*.py")
    if "answers" not in path.parts
)
SOLUTIONS = sorted(ROOT.glob("solutions/*/*.py"))
ASSIGNMENTS = sorted(path.parent.name for path in SOLUTIONS if path.stem == path.parent.name)
BESIDE = ("bank.py", "cases.py", "equivalent.toml")  # of the notebook, in a folder of solutions/
#: What entries of a bank are made with.
ENTRIES = {"Right", "Wrong"}
#: Code that belongs to no assignment; the grader names none by another rule.
ELSEWHERE = sorted(
    path
    for folder in ("lstm_course", "studies", "tools", "tests")
    for path in ROOT.glob(f"{folder}/**/*.py")
    if path.parent != ROOT / "lstm_course/answers"
)
TESTS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("grader/tests/**/*.py")])
CHAPTERS = sorted(ROOT.glob("chapters/**/*.md"))
PACKAGE = [path for path in ROOT.glob("lstm_course/**/*.py") if path.parent.name != "answers"]
#: What code may be named after, though an assignment has the name, too.
SUBJECTS = {path.stem for path in [*PACKAGE, *CHAPTERS]}
#: Names that code may not bind, and the word for it in this house.
WORDS = {
    "advance": "NAME_step",
    "retreat": "NAME_step_backward",
    "crf_forward": "crf_log_partition",
    "h_0": "h0",
    "c_0": "c0",
    "dh_0": "dh0",
    "dc_0": "dc0",
    "lr": "learning_rate",
    "rate": "learning_rate",
    "optimiser": "optimizer",
    "peers": "process",
    "conduct": "run",
    "stand_ins": "proxies",
}


def short(path):
    return path.relative_to(ROOT).as_posix()


def bound_names(tree):
    """Yield the names that code binds: functions, classes, parameters, variables, modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.rpartition(".")[2]


def cells(path):
    """Return the code cells of a page, each as source."""
    return [c.source for c in jupytext.read(path).cells if c.cell_type == "code"]


def wrong_words(source):
    return sorted(set(bound_names(ast.parse(source))) & set(WORDS))


def test_wrong_words_are_found():
    assert wrong_words("def step(h_0, *, lr=1): rate = lr") == ["h_0", "lr", "rate"]
    assert wrong_words("Adam(model.parameters(), lr=learning_rate)") == []


@pytest.mark.parametrize("path", [*CODE, *SOLUTIONS], ids=short)
def test_code_uses_the_words_of_the_house(path):
    found = wrong_words(path.read_text(encoding="utf-8"))
    assert not found, [f"{word}: say {WORDS[word]}" for word in found]


@pytest.mark.parametrize("path", CHAPTERS, ids=short)
def test_chapters_use_the_words_of_the_house(path):
    found = sorted({word for source in cells(path) for word in wrong_words(source)})
    assert not found, [f"{word}: say {WORDS[word]}" for word in found]


@pytest.mark.parametrize("path", CODE, ids=short)
def test_modules_are_short(path, exceptions):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    listed = (short(path), "module-length") in exceptions
    assert listed or lines <= LONGEST, f"{lines} lines: split it, or list it as an exception"
    assert lines > LONGEST or not listed, f"{lines} lines need no exception any more"


#: The rules with exceptions of their own; those of ``contract`` are held by its tests.
RULES = {"module-length", "cell-length", "times"}


def test_every_exception_is_from_a_rule_and_of_a_file_that_are_there(exceptions):
    rules = {rule for _, rule in exceptions}
    assert {rule for rule in rules if not rule.startswith("contract")} <= RULES
    assert [path for path, _ in exceptions if not (ROOT / path).is_file()] == []


def private_names(source):
    """Return the private names of the package that a cell imports or reaches for."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lstm_course"):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            found += [name for name in names if name.startswith("_")]
        elif isinstance(node, ast.Import):
            names = [name for alias in node.names for name in alias.name.split(".")]
            found += [name for name in names if re.match(r"_[^_]", name)]
        elif isinstance(node, ast.Call) and _name(node.func) == "getattr":
            names = [str(a.value) for a in node.args if isinstance(a, ast.Constant)]
            found += [name for name in names if re.match(r"_[^_]", name)]
        elif isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            found.append(node.attr)
    return found


def test_private_names_are_found():
    assert private_names("from lstm_course.variants.scan import _tree\nscan._tree(a)") == [
        "_tree",
        "_tree",
    ]
    assert private_names("LSTMState._fields; x.__class__") == ["_fields"]
    assert private_names("import lstm_course._a\nfrom lstm_course._b import c") == ["_a", "_b"]
    assert private_names("getattr(scan, '_tree'); getattr(x, 'name', '_')") == ["_tree"]


@pytest.mark.parametrize("path", CHAPTERS, ids=short)
def test_chapters_use_public_names(path):
    allowed = {"_fields", "_replace", "_asdict"}  # of named tuples: public in spite of their form
    found = [name for source in cells(path) for name in private_names(source)]
    assert set(found) <= allowed, found


def test_the_grader_knows_nothing_of_this_course():
    for path in sorted(ROOT.glob("grader/**/*")):
        if path.suffix in {".py", ".j2", ".css", ".toml", ".json"}:
            assert "lstm" not in path.read_text(encoding="utf-8").lower(), short(path)


def test_the_package_stays_small():
    lines = [
        len(path.read_text(encoding="utf-8").splitlines())
        for path in ROOT.glob("lstm_course/**/*.py")
        if not {"answers", "data"} & set(path.parts)
    ]
    assert sum(lines) <= 7000
    loaders = {p.name: p.read_text().count("\n") for p in ROOT.glob("lstm_course/data/*.py")}
    assert {name: lines for name, lines in loaders.items() if lines > 130} == {}


def files_below(folder):
    """Return the files that people or tools put below a folder, by their paths in it."""
    by_themselves = {"__pycache__", ".ipynb_checkpoints"}
    paths = [path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.*")]
    return {path.as_posix() for path in paths if not by_themselves & set(path.parts)}


def test_every_folder_of_solutions_has_exactly_its_files():
    assert len(ASSIGNMENTS) > 10
    right = {f"{name}/{file}" for name in ASSIGNMENTS for file in (f"{name}.py", *BESIDE)}
    assert files_below("solutions") == right


def test_exercises_and_answers_are_those_of_the_assignments():
    assert files_below("exercises") == {f"{name}/{name}.ipynb" for name in ASSIGNMENTS}
    made = {f"{name}{part}.py" for name in ASSIGNMENTS for part in ("", "_cases", "_mistakes")}
    assert files_below("lstm_course/answers") == {"__init__.py", *made}


def named_after(path, subjects):
    """Return the parts of a module's path that say that it belongs to an assignment."""
    kinds = ("answers", "bank", "cases", "equivalent", "mutants", "reference", "solution")
    parts = {f"{name}_{kind}" for name in ASSIGNMENTS for kind in kinds}
    own = (set(ASSIGNMENTS) - subjects) | parts
    folders = [folder for folder in path.parts[:-1] if folder in ASSIGNMENTS]
    return folders + [path.stem] * (path.stem.removeprefix("test_") in own)


def held_of_assignments(source):
    """Return what a module imports of solutions/, and the entries of a bank that it makes."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(f"{node.module}.")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append(node.func.id)
    return [name for name in found if f"{name}.".startswith("solutions.") or name in ENTRIES]


def test_what_belongs_to_an_assignment_is_found():
    assert named_after(Path("tests/gru/bank.py"), {"gru"}) == ["gru"]
    assert named_after(Path("tests/test_rnn_bptt.py"), {"gru"}) == ["test_rnn_bptt"]
    assert named_after(Path("tools/gru_cases.py"), {"gru"}) == ["gru_cases"]
    assert named_after(Path("tests/package/test_gru.py"), {"gru"}) == []
    code = "import solutions.gru, numpy\nfrom solutions.gru import bank\nWrong(1)\nBank(2)"
    assert held_of_assignments(code) == ["solutions.gru", "solutions.gru.", "Wrong"]
    assert held_of_assignments("import solutions as s, solutions_of_mine") == ["solutions"]


@pytest.mark.parametrize("path", ELSEWHERE, ids=short)
def test_nothing_of_an_assignment_stands_elsewhere(path):
    assert named_after(path.relative_to(ROOT), SUBJECTS) == []
    assert held_of_assignments(path.read_text(encoding="utf-8")) == []


COMPARISONS = {"assert_allclose", "allclose", "isclose", "assert_close"}


def loose_comparisons(source):
    """Return the comparisons, and the settings of comparisons, that lack one of two tolerances.

    NumPy's own ``rtol`` is 1e-7 or 1e-5: next to it ``atol=1e-12`` says nothing.
    """
    both, found = {"rtol", "atol"}, []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            given = {key.value for key in node.keys if isinstance(key, ast.Constant)} & both
            found += [ast.unparse(node)] * (len(given) == 1)
        elif isinstance(node, ast.Call) and _name(node.func) in COMPARISONS:
            given = {keyword.arg for keyword in node.keywords}
            found += [ast.unparse(node)] * (None not in given and not both <= given)
        elif isinstance(node, ast.Call) and _name(node.func) == "approx":  # of one it takes none
            given = {keyword.arg for keyword in node.keywords} & {"rel", "abs"}
            found += [ast.unparse(node)] * (not given)
    return found


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_loose_comparisons_are_found():
    loose = ["np.testing.assert_allclose(a, b, atol=1e-12)", "np.isclose(a, b)", "allclose(a, b)"]
    loose += ["approx(a)", "CLOSE = {'rtol': 1e-12}"]
    assert [source for source in loose if not loose_comparisons(source)] == []
    assert loose_comparisons("CLOSE = {'atol': 1e-12}") == ["{'atol': 1e-12}"]
    strict = [
        "assert_allclose(a, b, rtol=0, atol=1e-12)",
        "allclose(a, b, **CLOSE)",
        "{'x': 1}",
        "approx(a, abs=1)",
    ]
    assert [source for source in strict if loose_comparisons(source)] == []


@pytest.mark.parametrize("path", TESTS, ids=short)
def test_comparisons_say_both_tolerances(path):
    assert loose_comparisons(path.read_text(encoding="utf-8")) == []
