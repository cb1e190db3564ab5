"""What a submission may use: each limit stands here, with its usual value and its meaning.

The options of the command line and the settings of ``nbgrader_config.py`` are made from it.
Seconds are those of a processor, and those that code sleeps; what a busy machine lets it wait
is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _limit(usual: float, meaning: str) -> Any:
    return field(default=usual, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Limits:
    """What a submission may use; every number is per submission unless it says otherwise."""

    cell_seconds: float = _limit(60.0, "how long one cell may run")
    total_seconds: float = _limit(600.0, "how long the whole notebook may run")
    memory_mb: int = _limit(2048, "memory, on top of what the imported libraries take")
    output_kb: int = _limit(200, "text and pictures shown below one cell")
    reply_mb: int = _limit(64, "data that one call may hand to a test")
    disk_mb: int = _limit(64, "all files that the code writes")
    threads: int = _limit(64, "threads and processes")
    submission_mb: int = _limit(20, "size of a submitted file")


#: The meaning of each limit, in the order of the command line.
MEANINGS: dict[str, str] = {limit.name: limit.metadata["meaning"] for limit in fields(Limits)}
