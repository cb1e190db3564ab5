"""Execution of the chapters: what they depend on, progress, failures, a keyed cache.

Jupyter Book reuses the outputs of a chapter as long as the code in the chapter stays the
same.  That misses a change of the helper package or of a results file.  So before Sphinx reads
the sources, the functions here

* make every chapter depend on the package modules it imports, the results it reads and the
  lock file, so that a change of those has the chapter read again;
* execute the chapters whose cache entry was made from something else, one on every core,
  saying which and how many there are, and put the result in the same cache (jupyter-cache);
* leave of an intended error the line of the cell and the message;
* stop the build when a cell fails, after all chapters had their turn, and name the chapter,
  the cell and the error.

The executed notebooks are also written to ``_build/executed``: they are what the download
button offers and what nbval runs again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from tools.environment import KERNEL_ENVIRONMENT

PACKAGE = "lstm_course"
SLOW_CELL_SECONDS = 5.0
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
logger = logging.getLogger(__name__)


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


def dependencies(notebook: nbformat.NotebookNode, root: Path) -> list[Path]:
    """Return the files that decide a chapter's outputs: package modules, results, the lock."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found = {root / "requirements.lock"}
    pending = [name for name in imported_modules(code) if name.split(".")[0] == PACKAGE]
    while pending:
        name = pending.pop()
        base = root / name.replace(".", "/")
        for path in (base.with_suffix(".py"), base / "__init__.py", base.parent / "__init__.py"):
            if path.is_file() and PACKAGE in path.parts and path not in found:
                found.add(path)
                pending += [n for n in imported_modules(path.read_text()) if n.startswith(PACKAGE)]
    for name in re.findall(r"""load_results\(["'](\w+)["']""", code):
        found.add(root / "results" / f"{name}.json")
    return sorted(path for path in found if path.is_file())


def digest(files: list[Path]) -> str:
    """Return a hash of the files a chapter depends on and of the environment it runs in."""
    total = hashlib.sha256()
    for path in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    total.update(json.dumps(KERNEL_ENVIRONMENT, sort_keys=True).encode())
    return total.hexdigest()


def read_notebook(env: Any, docname: str) -> nbformat.NotebookNode | None:
    """Return a page as a notebook, read as MyST-NB reads it, or None for a plain page."""
    path = env.doc2path(docname)
    text = Path(path).read_text(encoding="utf8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    return None if reader is None else reader.read(text)


def note_dependencies(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have Sphinx read a chapter again when something changes that its outputs come from."""
    notebook = read_notebook(app.env, docname)
    if notebook is not None:
        for path in dependencies(notebook, Path(app.srcdir)):
            app.env.note_dependency(str(path))


def executed_path(app: Sphinx, docname: str) -> Path:
    return Path(app.outdir).parent / "executed" / f"{docname}.ipynb"


def find_missing(app: Sphinx, env: Any, *_: Any) -> list[str]:
    """Read again the notebooks whose executed copy is gone."""
    return [
        docname
        for docname in env.found_docs
        if "kernelspec" in env.metadata.get(docname, {})
        and not executed_path(app, docname).exists()
    ]


def execute(notebook: nbformat.NotebookNode, path: Path, timeout: int) -> float:
    """Execute a notebook in place, logging slow cells; return the seconds it took."""
    began: dict[int, float] = {}

    def start(cell: nbformat.NotebookNode, cell_index: int) -> None:
        began[cell_index] = time.perf_counter()

    def done(cell: nbformat.NotebookNode, cell_index: int, **_: Any) -> None:
        seconds = time.perf_counter() - began[cell_index]
        if seconds > SLOW_CELL_SECONDS:
            where = f"{path.stem}, cell {cell_index + 1} of {len(notebook.cells)}"
            logger.info(f"      cell: {where}: {seconds:.1f} s")

    client = NotebookClient(
        notebook,
        timeout=timeout,
        record_timing=False,  # it would change the metadata that the cache hashes
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=start,
        on_cell_executed=done,
    )
    total = time.perf_counter()
    client.execute(env={**os.environ, **KERNEL_ENVIRONMENT})
    shorten_tracebacks(notebook)
    return time.perf_counter() - total


def shorten_tracebacks(notebook: nbformat.NotebookNode) -> None:
    """Leave of each error on a page the line of the cell and the message.

    What lies between are files of the libraries, with the folders of the machine that built
    the book.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [
                    part
                    for part in output.traceback
                    if not COLOURS.sub("", part).startswith("File ")
                ]


def failure(docname: str, notebook: nbformat.NotebookNode, error: Exception) -> str:
    """Say in which cell of which chapter execution stopped, and why."""
    ran = [n for n, c in enumerate(notebook.cells) if c.cell_type == "code" and c.execution_count]
    number = max(ran, default=0)
    first_line = notebook.cells[number].source.strip().partition("\n")[0]
    reason = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else error
    return f"{docname}, cell {number + 1} ({first_line!r}): {reason}"


def execute_outdated(app: Sphinx, env: Any, docnames: list[str]) -> None:
    """Execute every chapter about to be read whose cached outputs are not up to date."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    failures: list[str] = []
    pending: list[tuple[str, nbformat.NotebookNode, str]] = []
    for docname in docnames:
        notebook = read_notebook(env, docname)
        if notebook is None:
            continue
        key = digest(dependencies(notebook, Path(app.srcdir)))
        try:
            record = cache.match_cache_notebook(notebook)
        except KeyError:
            pending.append((docname, notebook, key))
            continue
        if record.data.get("key") != key:
            cache.remove_cache(record.pk)
            pending.append((docname, notebook, key))
        else:
            write_executed(app, docname, cache.merge_match_into_notebook(notebook)[1])
    # A kernel is a process with one thread of arithmetic; a thread here only waits for it.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        runs = {}
        for number, job in enumerate(pending, start=1):
            runs[pool.submit(run, env, f"[{number}/{len(pending)}]", *job[:2])] = number, job
        for done in as_completed(runs):
            number, (docname, notebook, key) = runs[done]
            seconds, fault = done.result()
            if fault:
                failures.append(fault)
                continue
            data = {"execution_seconds": seconds, "key": key}
            bundle = CacheBundleIn(notebook, env.doc2path(docname), data=data)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            write_executed(app, docname, notebook)
            logger.info(f"[{number}/{len(pending)}] {docname} done in {seconds:.1f} s")
    if failures:
        raise ExtensionError("execution failed:\n  " + "\n  ".join(failures))


def run(env: Any, number: str, docname: str, notebook: nbformat.NotebookNode) -> tuple[float, str]:
    """Execute a chapter in place; return the seconds it took and what failed, if anything."""
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    logger.info(f"{number} executing {docname} ({cells} code cells)")
    path = Path(env.doc2path(docname))
    try:
        return execute(notebook, path, env.mystnb_config.execution_timeout), ""
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        fault = failure(docname, notebook, error)
        logger.info(f"{number} FAILED {fault}")
        logger.info(str(error))
        return 0.0, fault


def write_executed(app: Sphinx, docname: str, notebook: nbformat.NotebookNode) -> None:
    path = executed_path(app, docname)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf8")
