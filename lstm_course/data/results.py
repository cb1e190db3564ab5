"""Committed measurements."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def load_results(name: str) -> dict[str, Any]:
    """Return the committed measurements ``lstm_course/results/<name>.json``.

    They are part of the package, so that a chapter finds them wherever it runs.  Each file says
    in ``date``, ``hardware``, ``versions`` and ``command`` where its figures come from.
    ``FileNotFoundError`` if there is none of this name: it says which command makes it.
    """
    path = files("lstm_course") / "results" / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"the package lstm_course has no results/{name}.json; "
            "in a clone of the course `make long` makes it"
        )
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
    return results
