"""Import this before nbformat: it spares a second.

nbformat's validator asks jsonschema for every format that it knows, and one of them (that of
addresses, RFC 3987) loads a grammar of its own.  No notebook has such a field.
"""

from __future__ import annotations

import importlib
import sys

GRAMMAR = "rfc3987_syntax"


def load_validator() -> None:
    """Import jsonschema without that grammar; whoever needs the grammar can import it later."""
    if GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[GRAMMAR] = None  # type: ignore[assignment]  # an import of it fails
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[GRAMMAR]
