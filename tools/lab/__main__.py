"""Open the chapters and the assignments in JupyterLab (`make lab`).

    python -m tools.lab [--teacher] [arguments of jupyter lab]

Kernels get the environment in which the book is made.  A double click on a page in Markdown
opens it as a notebook.  What instructors alone need of nbgrader, the panel *Create Assignment*
and the formgrader, is there with ``--teacher``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from tools.environment import KERNEL_ENVIRONMENT
from tools.lab import chapters

ROOT = Path(__file__).resolve().parents[2]


def write_kernel(folder: Path) -> None:
    """Write the kernel of the course, as chapters name it and with the environment of the book."""
    path = folder / "kernels/python3/kernel.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    path.write_text(json.dumps(spec | {"env": KERNEL_ENVIRONMENT}), encoding="utf8")


def before(name: str, *paths: Path) -> dict[str, str]:
    """Return a variable of paths in which some come before those that it has."""
    own = [os.environ[name]] if os.environ.get(name) else []
    return {name: os.pathsep.join([*map(str, paths), *own])}


def environment(*, teacher: bool) -> dict[str, str]:
    """Return the environment of JupyterLab, whose settings are those of this course."""
    here = Path(__file__).parent
    settings = [here / "settings", *([] if teacher else [here / "student"])]
    write_kernel(ROOT / "build/lab")
    data = before("JUPYTER_PATH", ROOT / "build/lab")
    return {**os.environ, **data, **before("JUPYTER_CONFIG_PATH", *settings)}


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
