"""Live models: numbers that a chapter computes and a script in the browser runs.

A cell hands a model over by putting out a script of JSON with an id (CONTRIBUTING says how).
After the build the numbers stand in ``_static/models/ID.js`` as well, from where any page of
the book can load them, also one that was opened as a file, where scripts may not read JSON.
They are those of the chapter's last run: there is no second copy to keep up to date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from sphinx.application import Sphinx

from tools.book.kept import code_cells, executed_path

SCRIPT = re.compile(r'<script type="application/json" id="([a-z-]+)">(.*?)</script>', re.DOTALL)
FOLDER = "_static/models"


def models_of(executed: Path) -> Iterator[tuple[str, str]]:
    """Yield the id and the JSON of each model that an executed notebook hands over."""
    if "application/json" not in executed.read_text(encoding="utf-8"):
        return
    for cell in code_cells(nbformat.read(executed, as_version=4)):
        for output in cell.outputs:
            yield from SCRIPT.findall(output.get("data", {}).get("text/html", ""))


def script_of(name: str, model: str) -> str:
    """Return a script that puts a model into the table ``courseModels`` of a page."""
    data = json.dumps(json.loads(model), separators=(",", ":"))
    return f"window.courseModels = {{ ...window.courseModels, {json.dumps(name)}: {data} }};\n"


def write_models(app: Sphinx, exception: Exception | None) -> None:
    """Write the models of all chapters, after a build that went well."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted(app.env.found_docs):
        executed = executed_path(Path(app.srcdir), page)
        if executed.exists():
            for name, model in models_of(executed):
                (folder / f"{name}.js").write_text(script_of(name, model), encoding="utf-8")
