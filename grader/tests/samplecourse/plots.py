"""An open module: it gives no answer away."""

from __future__ import annotations

from collections.abc import Sequence


def bars(values: Sequence[float]) -> str:
    """Return a picture of whole numbers in letters."""
    return "\n".join("#" * round(value) for value in values)
