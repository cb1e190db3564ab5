"""Every released notebook runs, solved, with no more than what the README has students install."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import is_solution
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.exercises import source_notebook

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "exercises").glob("*/*.ipynb"))
PACKAGES = {"lstm-course": ROOT / "lstm_course", "nbjudge": ROOT / "grader/nbjudge"}
#: Modules that are here, and that students need not install.
SPARED = ["nbgrader", "sqlalchemy", "dask", "distributed", "psycopg", "pyseccomp", "nh3"]
#: Run each notebook in a process of its own, which has the slow imports from its parent.
RUN = """
import json, os, sys
import keras, lstm_course, nbjudge.checks.parts, tensorflow, torch
from IPython.core.interactiveshell import InteractiveShell

def run(name):
    shell = InteractiveShell.instance(colors="nocolor")
    for cell in json.load(open(f"{name}.ipynb"))["cells"]:
        if cell["cell_type"] == "code" and not shell.run_cell("".join(cell["source"])).success:
            os._exit(1)
    os._exit(0)

for name in sys.argv[1:]:
    print(f"=== {name}", flush=True)
    child = os.fork() or run(name)
    print("=> ok" if os.waitpid(child, 0)[1] == 0 else "=> failed", flush=True)
"""


def installed_by_the_readme() -> list[str]:
    """Return the requirements in the README's line for students."""
    (line,) = re.findall(
        r"^pip install --constraint requirements.lock (.+)$",
        (ROOT / "README.md").read_text(),
        flags=re.M,
    )
    assert line == "--editable '.[student]' --editable grader"
    return ["lstm-course[student]", "nbjudge"]


def closure(requirements: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """Return, by name, the distributions that these requirements bring."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting, seen = [Requirement(text) for text in requirements], set()
    while waiting:
        requirement = waiting.pop()
        extras = {"", *requirement.extras}
        name = canonicalize_name(requirement.name)
        if (name, *sorted(extras)) in seen:
            continue
        seen.add((name, *sorted(extras)))
        found[name] = importlib.metadata.distribution(name)
        for each in map(Requirement, found[name].requires or []):
            if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(each)
    return found


def parts(distribution: importlib.metadata.Distribution) -> Iterator[Path]:
    """Yield what a distribution has in site-packages, whole folders where they are its own."""
    site = Path(sysconfig.get_path("purelib"))
    for file in distribution.files or []:
        if file.parts[0] in ("..", "__pycache__"):
            continue
        shared = len(file.parts) > 1 and not (site / file.parts[0] / "__init__.py").exists()
        own = not file.parts[0].endswith(".dist-info") and shared
        yield site.joinpath(*file.parts[: 2 if own else 1])


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> Path:
    """Return the Python of an environment with links to what students install."""
    folder = tmp_path_factory.mktemp("student")
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    own = Path(sysconfig.get_path("purelib"))
    for name, distribution in closure(installed_by_the_readme()).items():
        if name in PACKAGES:
            (site / PACKAGES[name].name).symlink_to(PACKAGES[name])
            continue
        for part in set(parts(distribution)):
            link = site / part.relative_to(own)
            link.parent.mkdir(exist_ok=True)
            if not link.exists():
                link.symlink_to(part)
    return folder / "bin/python"


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), *arguments],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "JUPYTER_PREFER_ENV_PATH": "1"},
        capture_output=True,
        text=True,
        timeout=1800,  # a safety net: it takes about half a minute of a quiet processor
    )


def solved(name: str) -> nbformat.NotebookNode:
    """Return the released notebook with the course's own solutions in it."""
    source = source_notebook(ROOT / "solutions" / name / f"{name}.py")
    answers = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
    notebook = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


@pytest.fixture(scope="module")
def ran(student, tmp_path_factory) -> dict[str, str]:
    """Return what each solved release printed when all its cells were run; the end says how."""
    folder = tmp_path_factory.mktemp("solved")
    for name in NAMES:
        nbformat.write(solved(name), folder / f"{name}.ipynb")
    done = run(student, folder, "-c", RUN, *NAMES)
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^=== (\w+)\n(.*?=> \w+)$", done.stdout, flags=re.M | re.S))


@pytest.mark.parametrize("name", NAMES)
def test_a_solved_release_runs(name, ran):
    assert ran[name].endswith("=> ok"), ran[name]


def test_a_notebook_runs_in_a_kernel(student, tmp_path):
    nbformat.write(solved("lstm_cell"), tmp_path / "lstm_cell.ipynb")
    execute = "from nbclient.cli import main; main()"  # what `jupyter execute` calls
    done = run(student, tmp_path, "-c", execute, "lstm_cell.ipynb")
    assert done.returncode == 0, done.stderr[-3000:]


def test_what_grades_is_not_there(student, tmp_path):
    look = f"from importlib.util import find_spec; print([n for n in {SPARED} if find_spec(n)])"
    assert run(Path(sys.executable), tmp_path, "-c", look).stdout == f"{SPARED}\n"
    assert run(student, tmp_path, "-c", look).stdout == "[]\n"
