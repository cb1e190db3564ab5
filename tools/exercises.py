"""Build what is made from solutions/ (`make exercises`), or check that it is up to date (--check).

For each solutions/NAME/NAME.py (py:percent with nbgrader metadata):

    solutions/NAME/NAME.py  -> build/source/NAME/NAME.ipynb -> exercises/NAME/NAME.ipynb
    solutions/NAME/NAME.py  -> lstm_course/answers/NAME.py
    solutions/NAME/cases.py -> lstm_course/answers/NAME_cases.py

The exercise is made by nbgrader's generate_assignment without a database, so that no gradebook
changes.  The same solution gives the same bytes every time.
"""

from __future__ import annotations

import argparse
import builtins
import io
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tools import answers
from tools.answers import top_level_names

ROOT = Path(__file__).resolve().parents[1]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECRET = ("SOLUTION", "HIDDEN TESTS")  # the regions that nbgrader takes out
ANSWERS = Path("lstm_course/answers")
SHORT = 13  # a line of fewer characters, such as `return model`, may stand anywhere


class ExerciseError(Exception):
    """An assignment that cannot be built; the message says what to change and where."""


def source_notebook(solution: Path) -> NotebookNode:
    """Return the teacher's notebook: fixed cell ids, one kernel, checked metadata."""
    name = solution.stem
    notebook: NotebookNode = jupytext.read(solution, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{name}-{number:03d}"
        cell.metadata.pop("lines_to_next_cell", None)
    check_metadata(solution, notebook)
    check_judgeable(solution, notebook)
    return notebook


def check_metadata(solution: Path, notebook: NotebookNode) -> None:
    """Raise ExerciseError unless every question is a solution cell followed by its test."""
    ids: set[str] = set()
    solutions: set[str] = set()
    tests: set[str] = set()
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            if any(f"BEGIN {region}" in cell.source for region in SECRET):
                start = cell.source.splitlines()[0]
                raise ExerciseError(f"{solution}: no nbgrader metadata on the cell {start!r}")
            continue
        grade_id = str(meta.get("grade_id", ""))
        where = f"{solution}: cell {grade_id!r}"
        if meta.get("schema_version") != 3:
            raise ExerciseError(f'{where}: its metadata needs "schema_version": 3')
        if not grade_id.startswith(f"{solution.stem}_") or not grade_id.isidentifier():
            raise ExerciseError(
                f"{where}: a grade_id is {solution.stem}_<question>, of letters, digits and _"
            )
        if grade_id in ids:
            raise ExerciseError(f"{where}: this grade_id is used twice")
        ids.add(grade_id)
        if meta.get("grade"):
            tests.add(grade_id)
            if not meta.get("points", 0) > 0:
                raise ExerciseError(f'{where}: a graded cell needs "points"')
        elif meta.get("solution"):
            solutions.add(grade_id)
            if "BEGIN SOLUTION" not in cell.source:
                raise ExerciseError(f"{where}: the region ### BEGIN SOLUTION is missing")
    unpaired = {f"{grade_id}_test" for grade_id in solutions} ^ tests
    if unpaired:
        raise ExerciseError(
            f"{solution}: a question X needs a cell X to fill in and a graded cell X_test, "
            f"but one of the two is missing for {', '.join(sorted(unpaired))}"
        )


def check_judgeable(solution: Path, notebook: NotebookNode) -> None:
    """Raise ExerciseError if a locked cell cannot run apart from the student's code.

    Tests run in a process of their own.  What they use must come from a locked cell, a test or
    a solution cell above; a solution's names reach only the tests, not other locked cells.
    """
    own, students = set(dir(builtins)), set[str]()
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None or cell.cell_type != "code":
            continue
        where = f"{solution}: cell {meta['grade_id']!r}"
        try:
            bound, used = top_level_names(cell.source)
        except SyntaxError as error:
            raise ExerciseError(
                f"{where}: plain Python is needed here, no magic: {error}"
            ) from error
        if meta.get("solution"):
            students |= bound
            own -= bound
            continue
        known = own | bound | (students if meta.get("grade") else set())
        if unknown := sorted(used - known):
            raise ExerciseError(
                f"{where} uses {', '.join(unknown)}, which no locked or solution cell above defines"
            )
        own |= bound


def secret_lines(notebook: NotebookNode) -> Iterator[str]:
    """Yield the lines of all solutions and hidden tests that say more than `name(`."""
    for cell in notebook.cells:
        inside = False
        for line in cell.source.splitlines():
            if any(f"BEGIN {region}" in line or f"END {region}" in line for region in SECRET):
                inside = "BEGIN" in line
            elif inside and len(line.strip()) >= SHORT and not line.endswith("("):
                yield line.strip()


def check_release(source: NotebookNode, release: Path) -> None:
    """Raise ExerciseError if a solution or a hidden test can be read in the release."""
    cells = nbformat.read(release, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    marks = [f"{edge} {region}" for region in SECRET for edge in ("BEGIN", "END")]
    for secret in [*marks, *secret_lines(source)]:
        if secret in text:
            raise ExerciseError(f"{release.name}: the release gives away {secret!r}")


def generate(name: str, folder: Path, config: Config) -> None:
    """Let nbgrader turn folder/build/source/NAME into folder/exercises/NAME."""
    messages = io.StringIO()
    log = logging.Logger("exercises")
    log.addHandler(logging.StreamHandler(messages))
    config.SaveCells.enabled = False
    course = CourseDirectory(config=config, root=str(folder), assignment_id=name, log=log)
    try:
        GenerateAssignment(coursedir=course, config=config, no_database=True, log=log).start()
    except Exception as error:
        raise ExerciseError(f"{name}: nbgrader failed: {error}\n{messages.getvalue()}") from error


def names() -> list[str]:
    """Return the names of all assignments.

    Raises
    ------
    ExerciseError
        If there is none, or a folder of solutions/ lacks its notebook.
    """
    folders = sorted(path for path in ROOT.glob("solutions/*/") if any(path.glob("*.py")))
    for path in folders:
        if not (path / f"{path.name}.py").exists():
            raise ExerciseError(f"{path}: must hold {path.name}.py")
    if not folders:
        raise ExerciseError(f"no solutions/NAME/NAME.py below {ROOT}")
    return [path.name for path in folders]


def build(folder: Path) -> list[Path]:
    """Build everything below ``folder``; return the files, relative to it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    return [path for name in names() for path in build_one(name, folder, config)]


def build_one(name: str, folder: Path, config: Config) -> list[Path]:
    """Build what is made of one assignment; return the files, relative to ``folder``."""
    solution = ROOT / "solutions" / name / f"{name}.py"
    source = source_notebook(solution)
    paths = [Path(stage) / name / f"{name}.ipynb" for stage in ("build/source", "exercises")]
    (folder / paths[0]).parent.mkdir(parents=True)
    nbformat.write(source, folder / paths[0])
    generate(name, folder, config)
    check_release(source, folder / paths[1])
    if not (ROOT / ANSWERS.parent).is_dir():
        return paths  # a course folder without the package beside it
    modules = {f"{name}.py": answers.answers(name, source)}
    modules[f"{name}_cases.py"] = answers.cases(name, solution.with_name("cases.py").read_text())
    (folder / ANSWERS).mkdir(parents=True, exist_ok=True)
    for file, text in modules.items():
        (folder / ANSWERS / file).write_text(text, encoding="utf-8")
    return [*paths, *(ANSWERS / file for file in modules)]


def stale(folder: Path, built: list[Path]) -> list[str]:
    """Return a line for each committed file that is not what ``folder`` holds."""
    fresh = {path for path in built if path.parts[0] != "build"}
    found = {p.relative_to(ROOT) for p in ROOT.glob("exercises/**/*") if p.is_file()}
    found |= {p.relative_to(ROOT) for p in ROOT.glob(f"{ANSWERS}/*.py")}
    found -= {ANSWERS / "__init__.py"}
    found = {path for path in found if ".ipynb_checkpoints" not in path.parts}
    lines = [f"{path}: missing" for path in fresh - found]
    lines += [f"{path}: not built from any solution" for path in found - fresh]
    for path in fresh & found:
        if (ROOT / path).read_bytes() != (folder / path).read_bytes():
            lines.append(f"{path}: differs from what solutions/ gives")
    return sorted(lines)


def install(folder: Path, built: list[Path]) -> None:
    """Put what was built in its place in the project; an exercise's folder holds nothing else."""
    for path in built:
        if path.suffix == ".ipynb":
            shutil.rmtree((ROOT / path).parent, ignore_errors=True)
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, ROOT / path)
        print(f"wrote {path}")


def main() -> int:
    """Build or check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing, report differences")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        try:
            built = build(folder)
        except ExerciseError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        if not check:
            install(folder, built)
            return 0
        lines = stale(folder, built)
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print("run `python -m tools.exercises` (make exercises) and commit", file=sys.stderr)
        return 1
    print(f"exercises/ and {ANSWERS}/ are up to date ({len(names())} assignments)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
