"""Open the chapters and the assignments in JupyterLab (`make lab`).

    python -m tools.lab [--teacher] [arguments of jupyter lab]

Kernels get the environment in which the book is made.  A double click on a page in Markdown
opens it as a notebook.  What instructors alone need of nbgrader, the panel *Create Assignment*
and the formgrader, is there with ``--teacher``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tools.environment import KERNEL_ENVIRONMENT
from tools.lab import chapters

ROOT = Path(__file__).resolve().parents[2]


def environment(*, teacher: bool) -> dict[str, str]:
    """Return the environment of JupyterLab, whose settings are those of this course."""
    here = Path(__file__).parent
    settings = [str(here / "settings"), *([] if teacher else [str(here / "student")])]
    own = os.environ.get("JUPYTER_CONFIG_PATH")
    path = os.pathsep.join([*settings, *([own] if own else [])])
    return {**os.environ, **KERNEL_ENVIRONMENT, "JUPYTER_CONFIG_PATH": path}


def main(arguments: list[str]) -> None:
    """Write the reader's copies of the chapters, and become JupyterLab."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", action="store_true", help="with the formgrader")
    parser.add_argument("--folder", default=chapters.FOLDER, help="of your copies of the chapters")
    options, others = parser.parse_known_args(arguments)
    folder = ROOT / options.folder
    folder.mkdir(parents=True, exist_ok=True)
    if changed := chapters.write(ROOT, folder):
        print(f"{len(changed)} of your notebooks in {folder.name} are changed, and stay so")
    start = f"--LabApp.default_url=/lab/tree/{options.folder}/{chapters.START}"
    command = [sys.executable, "-m", "jupyterlab", start, *others]
    os.chdir(ROOT)
    os.execve(sys.executable, command, environment(teacher=options.teacher))


if __name__ == "__main__":
    main(sys.argv[1:])
