"""The chapters as notebooks: what nbval runs, and what it put out.

A chapter runs again only when something changes that its outputs come from: its code, the
package modules it imports, the results it reads, the lock file, the environment.  A hash of all
that is its *key*.  `prepare` writes a notebook of every chapter into ``_build/notebooks``, where
nbval finds it; the plugin in ``nbval_chapters.py`` runs those of which no run with that key is
kept (``kept.py``).
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
import yaml
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from tools.book import expected, toc
from tools.book.kept import (
    EXECUTED,
    code_cells,
    executed_path,
    forget,
    record_of,
    with_outputs,
)
from tools.environment import KERNEL_ENVIRONMENT

#: Where the packages stand that chapters import.
PACKAGES = {"lstm_course": ".", "nbjudge": "grader"}
NOTEBOOKS = "_build/notebooks"
#: A cell may take this long before it counts as hung, on a machine however busy.
CELL_SECONDS = 3600
#: How pytest runs the notebooks.  Nothing is imported from them, so no way to import matters.
NBVAL = ["-p", "tools.book.nbval_chapters", "--nbval-lax", f"--nbval-cell-timeout={CELL_SECONDS}"]


def read(root: Path, page: str) -> NotebookNode:
    """Return a chapter as a notebook, read as MyST-NB reads it."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf8"))
    extensions = settings["parse"]["myst_enable_extensions"]
    path = root / f"{page}.md"
    text = path.read_text(encoding="utf8")
    config = MdParserConfig(enable_extensions=set(extensions))
    reader = create_nb_reader(str(path), config, NbParserConfig(), text)
    assert reader is not None, f"{page} has no kernel in its front matter"
    notebook: NotebookNode = reader.read(text)
    return notebook


def imported_modules(source: str) -> set[str]:
    """Return the dotted names that Python source imports, with ``from a import b`` as a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def module_files(name: str, root: Path) -> Iterator[Path]:
    """Yield the files of a module of our packages, and of the package that it stands in."""
    package = name.partition(".")[0]
    if package in PACKAGES:
        base = root / PACKAGES[package] / name.replace(".", "/")
        for path in (base.with_suffix(".py"), base / "__init__.py", base.parent / "__init__.py"):
            if path.is_file() and package in path.parts:
                yield path


def dependencies(notebook: NotebookNode, root: Path) -> list[Path]:
    """Return the files that decide a chapter's outputs: package modules, results, the lock."""
    code = "\n".join(cell.source for cell in code_cells(notebook))
    found = {root / "requirements.lock"}
    pending = list(imported_modules(code))
    while pending:
        for path in set(module_files(pending.pop(), root)) - found:
            found.add(path)
            pending += imported_modules(path.read_text(encoding="utf8"))
    for name in re.findall(r"""load_results\(["'](\w+)["']""", code):
        found.add(root / "lstm_course/results" / f"{name}.json")
    return sorted(path for path in found if path.is_file())


def key_of(notebook: NotebookNode, root: Path) -> str:
    """Return a hash of everything that a chapter's outputs come from."""
    code = [cell.source for cell in code_cells(notebook)]
    total = hashlib.sha256(json.dumps([code, KERNEL_ENVIRONMENT], sort_keys=True).encode())
    for path in dependencies(notebook, root):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def refresh(notebook: NotebookNode, executed: Path) -> None:
    """Bring the prose of an executed notebook up to date; its code is that of ``notebook``."""
    old = nbformat.read(executed, as_version=4)
    outputs = [cell.outputs for cell in code_cells(old)]
    for cell, before in zip(notebook.cells, old.cells, strict=False):
        cell.id = before.id  # ids are drawn anew at each reading
    new = with_outputs(notebook, outputs, old.metadata["language_info"])
    if new != old:
        executed.write_text(nbformat.writes(new), encoding="utf8")


class Prepared(NamedTuple):
    """What `prepare` found."""

    stale: list[str]  # the chapters that have to run
    faults: list[str]  # files of expected outputs that do not fit


def write(notebook: NotebookNode, root: Path, page: str, key: str) -> None:
    """Write the notebook of a chapter for nbval."""
    note = {"key": key, "folder": str((root / page).parent)}
    notebook.metadata["execution"] = note | {"executed": str(executed_path(root, page))}
    path = root / NOTEBOOKS / f"{page}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf8")


def prepare(root: Path, chosen: Collection[str] = (), *, compare: bool) -> Prepared:
    """Write the notebooks of the chapters for nbval.

    Parameters
    ----------
    root
        The folder with ``_config.yml`` and ``_toc.yml``.
    chosen
        The chapters, all of them if none is named.
    compare
        Whether the notebooks hold the expected outputs, which nbval then compares.
    """
    shutil.rmtree(root / NOTEBOOKS, ignore_errors=True)
    forget_others(root)
    prepared = Prepared([], [])
    for page in chosen or toc.notebooks(root):
        notebook, executed = read(root, page), executed_path(root, page)
        record, key = record_of(executed), key_of(notebook, root)
        if record is None or record.key != key:
            prepared.stale.append(page)
        else:
            refresh(notebook, executed)
        if compare:
            try:
                expected.fill(notebook, root, page)
            except expected.ExpectedError as fault:
                prepared.faults.append(str(fault))
        write(notebook, root, page, key)
    return prepared


def forget_others(root: Path) -> None:
    """Delete what is kept of pages that are no longer in the book."""
    for path in (root / EXECUTED).glob("**/*.ipynb"):
        if str(path.relative_to(root / EXECUTED).with_suffix("")) not in toc.notebooks(root):
            forget(path)


def main(chosen: list[str]) -> int:
    prepared = prepare(Path.cwd(), chosen, compare=True)
    print(*prepared.faults, f"chapters that have to run: {len(prepared.stale)}", sep="\n")
    return 1 if prepared.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
