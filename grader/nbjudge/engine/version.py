"""Which grader this is: two with the same digest give the same grades."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

#: What decides a grade.
PARTS = (
    "errors.py",
    "files.py",
    "limits.py",
    "checks/*.py",
    "processes/*.py",
    "sandbox/*.py",
    "engine/*.py",
)


@functools.cache
def digest() -> str:
    """Return a digest of the code that decides a grade."""
    root = Path(__file__).parents[1]
    files = sorted({path for part in PARTS for path in root.glob(part)})
    whole = hashlib.sha256()
    for path in files:
        for content in (str(path.relative_to(root)).encode(), path.read_bytes()):
            whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()
