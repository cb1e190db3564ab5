"""A course folder in a temporary place, with the commands that work in it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import is_solution

from tools import exercises

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"  # the assignment of tests that need only one


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment in which Jupyter sees this interpreter and no one's settings."""
    kept = ("LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }


class Course:
    """A course folder: the project's configuration and solutions, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.environment = clean_environment(folder / "home")
        (folder / "home").mkdir()
        self.root.mkdir()
        for part in ("solutions", "exercises"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, self.root / part, ignore=ignored)
        shutil.copy(ROOT / "nbgrader_config.py", self.root)

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / NAME / f"{NAME}.py"

    @property
    def release(self) -> Path:
        return self.root / "exercises" / NAME / f"{NAME}.ipynb"

    @property
    def source(self) -> Path:
        return self.root / "build" / "source" / NAME / f"{NAME}.ipynb"

    def exercises(self, *options: str) -> tuple[int, str]:
        """Run `tools.exercises` in the course folder; return its exit status and its output."""
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            return exercises.main(options, self.root), output.getvalue()

    def run(self, module: str, *arguments: str) -> None:
        """Run a command in the course folder, which must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{module} {' '.join(arguments)}\n{done.stdout}{done.stderr}"

    def solved(self, release: Path | None = None) -> NotebookNode:
        """Return a released notebook with the course's own solutions written into it."""
        source = nbformat.read(self.source, as_version=4)
        answers = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
        notebook = nbformat.read(release or self.release, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        return notebook

    def submit(self, student: str, notebook: NotebookNode) -> None:
        """Hand in a notebook."""
        folder = self.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")

    def scores(self) -> dict[str, dict[str, float]]:
        """Return student -> cell -> points, from the gradebook."""
        from nbgrader.api import Gradebook

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", self.environment["PATH"])  # the gradebook calls alembic by name
            with Gradebook(f"sqlite:///{self.root}/gradebook.db", "lstm_course") as gradebook:
                return {
                    submission.student.id: {
                        grade.cell.name: grade.auto_score
                        for notebook in submission.notebooks
                        for grade in notebook.grades
                    }
                    for submission in gradebook.find_assignment(NAME).submissions
                }
