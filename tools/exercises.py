"""Build what is made from solutions/ (`make exercises`), or check that it is up to date (--check).

For each solutions/NAME/NAME.py (py:percent with nbgrader metadata):

    solutions/NAME/NAME.py  -> build/source/NAME/NAME.ipynb -> exercises/NAME/NAME.ipynb
    solutions/NAME/NAME.py  -> lstm_course/answers/NAME.py
    solutions/NAME/cases.py -> lstm_course/answers/NAME_cases.py
    solutions/NAME/bank.py  -> lstm_course/answers/NAME_mistakes.py

The exercise is made by nbgrader's generate_assignment without a database, so that no gradebook
changes.  The same solution gives the same bytes every time.
"""

from __future__ import annotations

import argparse
import ast
import io
import logging
import runpy
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tools import answers
from tools.notebooks import SECRET, ExerciseError, source_notebook

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = Path("lstm_course/answers")
SHORT = 13  # a line of fewer characters, such as `return model`, may stand anywhere


def secret_lines(notebook: NotebookNode, module: str) -> Iterator[str]:
    """Yield the lines that no student may read and that say more than ``name(``.

    These are the lines of solutions and hidden tests, and those lines of the answers, the
    ``module`` made from the notebook, that stand in no public part of it.
    """
    public: set[str] = set()
    for cell in notebook.cells:
        inside = False
        for line in cell.source.splitlines():
            if any(f"BEGIN {region}" in line or f"END {region}" in line for region in SECRET):
                inside = "BEGIN" in line
            elif not inside:
                public.add(line.strip())
            elif _says_something(line):
                yield line.strip()
    for line in module.splitlines():
        if _says_something(line) and line.strip() not in public:
            yield line.strip()


def _says_something(line: str) -> bool:
    is_import = line.startswith(("import ", "from "))
    return len(line.strip()) >= SHORT and not line.endswith("(") and not is_import


def check_release(source: NotebookNode, module: str, release: Path) -> None:
    """Raise ExerciseError if an answer or a hidden test can be read in the release."""
    cells = nbformat.read(release, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    marks = [f"{edge} {region}" for region in SECRET for edge in ("BEGIN", "END")]
    for secret in [*marks, *secret_lines(source, module)]:
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


def names(root: Path = ROOT) -> list[str]:
    """Return the names of all assignments.

    Raises
    ------
    ExerciseError
        If there is none, or a folder of solutions/ lacks its notebook.
    """
    folders = sorted(path for path in root.glob("solutions/*/") if any(path.glob("*.*")))
    for path in folders:
        if not (path / f"{path.name}.py").exists():
            raise ExerciseError(f"{path}: must hold {path.name}.py")
    if not folders:
        raise ExerciseError(f"no solutions/NAME/NAME.py below {root}")
    return [path.name for path in folders]


def cases_of(name: str, path: Path) -> str:
    """Return the module of the cases; raise ExerciseError where the file is no Python."""
    try:
        source = path.read_text(encoding="utf-8")
        ast.parse(source)
    except (OSError, ValueError, SyntaxError) as error:
        raise ExerciseError(f"{path}: must be there, and be Python: {error}") from error
    return answers.cases(name, source)


def mistakes_of(name: str, path: Path, source: NotebookNode) -> str:
    """Return the module of the known mistakes; raise ExerciseError where one does not fit."""
    try:
        known = runpy.run_path(str(path)).get("MISTAKES", {})
        answers.check_mistakes(name, source, known)
    except (OSError, ValueError, SyntaxError, TypeError) as error:
        raise ExerciseError(f"{path}: {error}") from error
    return answers.mistakes(name, known)


def build(root: Path, folder: Path) -> list[Path]:
    """Build everything of ``root`` below ``folder``; return the files, relative to it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    return [path for name in names(root) for path in build_one(root, name, folder, config)]


def build_one(root: Path, name: str, folder: Path, config: Config) -> list[Path]:
    """Build what is made of one assignment; return the files, relative to ``folder``."""
    solution = root / "solutions" / name / f"{name}.py"
    source = source_notebook(solution)
    module = answers.answers(name, source)
    paths = [Path(stage) / name / f"{name}.ipynb" for stage in ("build/source", "exercises")]
    (folder / paths[0]).parent.mkdir(parents=True)
    nbformat.write(source, folder / paths[0])
    generate(name, folder, config)
    check_release(source, module, folder / paths[1])
    if not (root / ANSWERS.parent).is_dir():
        return paths  # a course folder without the package beside it
    cases = cases_of(name, solution.with_name("cases.py"))
    known = mistakes_of(name, solution.with_name("bank.py"), source)
    modules = {f"{name}.py": module, f"{name}_cases.py": cases, f"{name}_mistakes.py": known}
    (folder / ANSWERS).mkdir(parents=True, exist_ok=True)
    for file, text in modules.items():
        (folder / ANSWERS / file).write_text(text, encoding="utf-8")
    return [*paths, *(ANSWERS / file for file in modules)]


def stale(root: Path, folder: Path, built: list[Path]) -> list[str]:
    """Return a line for each committed file that is not what ``folder`` holds."""
    fresh = {path for path in built if path.parts[0] != "build"}
    found = {p.relative_to(root) for p in root.glob("exercises/**/*") if p.is_file()}
    found |= {p.relative_to(root) for p in root.glob(f"{ANSWERS}/*.py")}
    found -= {ANSWERS / "__init__.py"}
    found = {path for path in found if ".ipynb_checkpoints" not in path.parts}
    lines = [f"{path}: missing" for path in fresh - found]
    lines += [f"{path}: not built from any solution" for path in found - fresh]
    for path in fresh & found:
        if (root / path).read_bytes() != (folder / path).read_bytes():
            lines.append(f"{path}: differs from what solutions/ gives")
    return sorted(lines)


def install(root: Path, folder: Path, built: list[Path]) -> None:
    """Put what was built in its place in the project; an exercise's folder holds nothing else."""
    for path in built:
        if path.suffix == ".ipynb":
            shutil.rmtree((root / path).parent, ignore_errors=True)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, root / path)
        print(f"wrote {path}")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Build or check the exercises of a project; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, report differences")
    check = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        try:
            built = build(root, folder)
        except ExerciseError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        if not check:
            install(root, folder, built)
            return 0
        lines = stale(root, folder, built)
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print("run `make exercises` and commit what it changes", file=sys.stderr)
        return 1
    number = len(names(root))
    print(f"exercises/ and {ANSWERS}/ are up to date ({number} assignments)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
