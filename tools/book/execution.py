"""What Sphinx shows as the outputs of a chapter: those of its last run, kept by nbval.

Jupyter Book takes outputs from a cache (jupyter-cache) and executes itself what it does not find
there.  Here the cache is filled from ``_build/executed`` before Sphinx reads the sources, so that
nothing is executed twice, and a chapter is read again when its executed notebook changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools.book import kept, notebooks


def read_notebook(env: Any, docname: str) -> nbformat.NotebookNode | None:
    """Return a page as a notebook, read as MyST-NB reads it, or None for a plain page."""
    path = env.doc2path(docname)
    text = Path(path).read_text(encoding="utf8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    return None if reader is None else reader.read(text)


def executed_path(app: Sphinx, docname: str) -> Path:
    return kept.executed_path(Path(app.srcdir), docname)


def note_dependencies(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have Sphinx read a chapter again when its outputs change."""
    if read_notebook(app.env, docname) is not None:
        app.env.note_dependency(str(executed_path(app, docname)))


def has(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode, key: str) -> bool:
    """Say whether the cache holds the run with this key; take out any other of the notebook."""
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    if record.data.get("key") == key:
        return True
    cache.remove_cache(record.pk)
    return False


def fill_cache(app: Sphinx, env: Any, docnames: list[str]) -> None:
    """Put the outputs of every chapter about to be read where MyST-NB looks for them."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    for docname in docnames:
        notebook = read_notebook(env, docname)
        if notebook is None:
            continue
        executed = executed_path(app, docname)
        record = kept.record_of(executed)
        if record is None or record.key != notebooks.key_of(notebook, Path(app.srcdir)):
            raise ExtensionError(f"{docname} was not executed as it stands now: run `make book`")
        if not has(cache, notebook, record.key):
            ran = nbformat.read(executed, as_version=4)
            data = {"execution_seconds": record.seconds, "key": record.key}
            bundle = CacheBundleIn(ran, env.doc2path(docname), data=data)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
