"""A small book with the settings, the extension and the tools of the real one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

from tools import stages

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# {title}
"""
CELL = """
```{{code-cell}} ipython3
{code}
```
"""


class SmallBook:
    """A folder with a book, and what its commands come to."""

    def __init__(self, folder):
        self.folder, self.names = folder, []
        (folder / "chapters").mkdir()
        (folder / "chapters/_static").symlink_to(ROOT / "chapters/_static")
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tools", folder / "tools", ignore=unwanted)
        shutil.copy(ROOT / "_config.yml", folder)
        (folder / "requirements.lock").write_text("")
        (folder / "references.bib").write_text("@misc{a, title={A}, year={2000}}")
        (folder / "intro.md").write_text("# Start\n")

    def write(self, name, *cells, title="A chapter"):
        """Write a chapter and put it into the table of contents."""
        text = CHAPTER.format(title=title) + "".join(CELL.format(code=code) for code in cells)
        (self.folder / f"chapters/{name}.md").write_text(text)
        self.names = list(dict.fromkeys([*self.names, name]))
        toc = {"format": "jb-book", "root": "intro"}
        toc["chapters"] = [{"file": f"chapters/{one}"} for one in self.names]
        (self.folder / "_toc.yml").write_text(yaml.safe_dump(toc))

    def run(self, *command):
        """Run a command in the folder; return its exit code and what it printed."""
        folder = str(self.folder)
        paths = {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": folder, "HOME": folder}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=paths,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        return done.returncode, done.stdout + done.stderr

    def build(self):
        return self.run(sys.executable, "-m", "tools.book.build")

    def judge(self):
        """Run the chapters as `make test` does; return the outcome and message of each cell."""
        prepare, test = stages.nbval().commands
        self.run(*prepare)
        self.run(*test, "--junitxml=report.xml")
        cells = {}
        for case in ElementTree.parse(self.folder / "report.xml").iter("testcase"):
            found = [child for child in case if child.tag in ("failure", "error", "skipped")]
            verdict = (found[0].tag, found[0].text or found[0].get("message")) if found else None
            page = re.sub(r".*\.(\w+)\.ipynb", r"\1", case.get("classname"))
            cells[page, int(case.get("name").removeprefix("Cell "))] = verdict
        return cells


@pytest.fixture
def small_book(tmp_path):
    return SmallBook(tmp_path)
