"""Whatever decides a grade has submissions graded again; whatever does not leaves them alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbgrader.preprocessors import NbGraderPreprocessor
from nbjudge.course import plugins
from nbjudge.course.folder import Course
from nbjudge.course.submissions import Submission
from nbjudge.engine.deciding import course_modules, deciding
from nbjudge.engine.job import GRADED, Job, Report
from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld

#: A course's package: what each module holds.
MODULES = {
    "figures/__init__.py": "",
    "figures/cases.py": "from . import answers\nfrom figures.deep.numbers import *\nTWO = 2\n",
    "figures/answers.py": "def double(x):\n    return 2 * x\n",
    "figures/deep/__init__.py": "from ..shapes import corner\n",
    "figures/deep/numbers.py": "THREE = 3\n",
    "figures/shapes.py": "corner = 4\n",
    "figures/unused.py": "FIVE = 5\n",
    "alone.py": "def f():\n    import json, numpy, figures.nowhere\n",
    "broken.py": "def f(:\n",
}
IMPORTS = (
    "from figures import cases, nothing\nimport alone, broken, json",
    "%magic",
    "import numpy",
)
NEEDED = {
    *("figures", "figures.cases", "figures.answers", "figures.deep", "figures.deep.numbers"),
    *("figures.shapes", "alone", "broken"),
}


def notebook(*cells: str) -> bytes:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return nbformat.writes(made).encode()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: Any) -> Path:
    """Return the folder with the package, in which Python looks for modules."""
    folder = tmp_path / "lib"
    for name, text in MODULES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_modules_of_the_course_are_found_with_what_they_import(package: Path) -> None:
    found = course_modules(notebook(*IMPORTS), ())
    assert set(found) == NEEDED
    assert found["figures.answers"] == MODULES["figures/answers.py"].encode()
    assert "figures" not in sys.modules  # nothing of it was run


def test_installed_packages_count_where_they_are_named_as_the_courses() -> None:
    source = notebook("import nbformat.v4")
    assert course_modules(source, ()) == {}
    assert {"nbformat", "nbformat.v4", "nbformat.v4.nbbase"} <= set(
        course_modules(source, ("nbformat",))
    )


CHANGES: dict[str, Callable[[Job], Job]] = {
    "source": lambda job: replace(job, source=notebook(*IMPORTS, "1")),
    "key": lambda job: replace(job, key=b"another"),
    "files": lambda job: replace(job, files={"data.csv": b"2"}),
    "file names": lambda job: replace(job, files={"data.csv1": b""}),
    "limits": lambda job: replace(job, limits=Limits(threads=63)),
    "open modules": lambda job: replace(job, withheld=Withheld(("figures",), ("figures.shapes",))),
    "assignment": lambda job: replace(job, assignment="other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_part_of_a_job_decides(package: Path, change: str) -> None:
    job = Job("c", "sums", "sums", "", notebook(*IMPORTS), None, b"key", {"data.csv": b"1"})
    job = replace(job, withheld=Withheld(("figures",)))
    assert deciding(CHANGES[change](job)) != deciding(job)
    assert deciding(replace(job, student="ada", submission=b"{}")) == deciding(job)


@pytest.mark.parametrize("module", [*MODULES, "figures/nothing.py"])
def test_each_module_that_is_needed_decides(package: Path, module: str) -> None:
    job = Job("c", "sums", "sums", "", notebook(*IMPORTS), None)
    before = deciding(job)
    (package / module).write_text(MODULES.get(module, "") + "\nx = 1\n")
    assert (deciding(job) == before) == (module == "figures/unused.py")


def add_import(small: Any) -> None:
    """Let the instructor's notebook import a case of the course, and release it."""
    path = small.root / "build" / "source" / "sums" / "sums.ipynb"
    content = json.loads(path.read_text())
    test = content["cells"][1]
    test["source"] = ["from figures.cases import TWO\n", *test["source"]]
    path.write_text(json.dumps(content))
    assert small.command("release", "sums")[0] == 0


def write(path: Path, text: str) -> Callable[[], int]:
    """Return a function that writes a file."""
    path.parent.mkdir(exist_ok=True)
    return lambda: path.write_text(text)


def test_a_changed_case_key_limit_or_grader_has_everyone_graded_again(
    small: Any, package: Path, monkeypatch: Any
) -> None:
    add_import(small)
    config, data = small.root / "nbgrader_config.py", small.root / "build/source/sums/data"
    names = "c.RunSubmission.course_packages = ['figures']\n"
    small.submit("anna")

    def graded(*options: str) -> bool:
        status, output = small.command("grade", "sums", *options)
        assert status == 0, output
        assert ("1 graded" in output) != ("1 already up to date" in output)
        return "1 graded" in output

    assert graded()
    steps: dict[str, Callable[[], Any]] = {
        "a case": write(package / "figures/cases.py", MODULES["figures/cases.py"] + "SIX = 6"),
        "an answer": write(package / "figures/answers.py", "double = 2 .__mul__\n"),
        "the key": write(small.root / ".grading-key", "ab" * 32),
        "a file": write(data / "numbers.csv", "1,2"),
        "open modules": write(config, config.read_text() + names),
        "a limit": write(config, config.read_text() + names + "c.RunSubmission.threads = 32\n"),
        "the grader": lambda: monkeypatch.setattr("nbjudge.engine.deciding.digest", lambda: "new"),
    }
    for what, step in steps.items():
        step()
        assert graded(), what
    write(package / "figures/unused.py", "FIVE = 6")()
    write(data / "__pycache__", "not a file that counts")()
    assert not graded()
    assert graded("--cell-seconds", "30")


def test_what_decides_is_worked_out_once_for_all_students(small: Any, monkeypatch: Any) -> None:
    for student in ("anna", "ben", "cleo"):
        small.submit(student)
    small.command("grade", "sums")
    calls = []

    def counted(job: Job) -> str:
        calls.append(job)
        return deciding(job)

    monkeypatch.setattr("nbjudge.course.submissions.deciding", counted)
    assert "3 already up to date" in small.command("grade", "sums")[1]
    assert len(calls) == 1


FILES = {
    "data/numbers.csv": "1,2",
    "mine.txt": "the instructor's",
    "note.ipynb": "{}",
    "sums.py": "the solutions",
    "data/sums.py": "the solutions",
    "__pycache__/x.txt": "x",
    ".ipynb_checkpoints/sums-checkpoint.txt": "x",
    "data/old.pyc": "x",
    "feedback/x.txt": "x",
}


def test_nbgraders_own_command_sees_the_same_files(small: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", small.environment["PATH"])
    monkeypatch.chdir(small.root)
    with open("nbgrader_config.py", "a") as file:
        file.write("\nc.Autograde.exclude_overwriting = {'sums': ['mine.txt', 'data/none.txt']}\n")
        file.write("c.RunSubmission.output_kb = 77\nc.RunSubmission.open_modules = ['a.b']\n")
    for name, text in FILES.items():
        path = small.root / "build/source/sums" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    content = small.submit("anna").read_text()
    (small.folder("anna") / "mine.txt").write_text("hers")
    course, asked = Course(), []
    ours = course.loader("sums", ["sums"], b"a" * 32, course.run.limits())(
        Submission("anna", "sums", small.folder("anna"))
    )
    (small.root / ".grading-key").write_text(ours.key.hex())

    def grade(job: Job) -> Report:
        asked.append(job)
        return Report("sums", "sums", "anna", GRADED, json.loads(content))

    monkeypatch.setattr(plugins, "_engine", lambda sandbox: SimpleNamespace(grade=grade))
    about = {"assignment": "sums", "notebook": "sums", "student": "anna"}
    plugin: NbGraderPreprocessor = plugins.RunSubmission(config=course.app.config)
    resources = {"nbgrader": {**about, "db_url": course.settings.db_url}}
    plugin.preprocess(nbformat.reads(content, 4), resources)
    (theirs,) = asked
    assert ours.files == {"data/numbers.csv": b"1,2", "mine.txt": b"hers"}
    assert ours.limits.output_kb == 77
    assert replace(theirs, submission=None) == replace(ours, submission=None)
    assert nbformat.reads(theirs.submission.decode(), 4) == nbformat.reads(content, 4)
