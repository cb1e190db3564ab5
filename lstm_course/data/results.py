"""Committed measurements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load_results(name: str) -> dict[str, Any]:
    """Return the committed measurements ``results/<name>.json``.

    The folder is looked for from the working directory upwards, so that a chapter finds it
    from wherever in the course it runs.  Each file says in ``date``, ``hardware``,
    ``versions`` and ``command`` where its figures come from.  ``FileNotFoundError`` if no such
    file is found: it says which command makes it.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "results" / f"{name}.json"
        if path.is_file():
            results: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
            return results
    raise FileNotFoundError(
        f"results/{name}.json is neither in {here} nor in a folder above it; "
        "work inside a clone of the course, where `make long` makes it"
    )
