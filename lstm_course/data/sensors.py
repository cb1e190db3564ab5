"""Motion sensors of a smart watch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.packages import folder


class WatchRecords(NamedTuple):
    """Recordings of shoulder exercises; entry k of each list belongs to recording k."""

    series: list[NDArray[np.float32]]  # each (steps, 6), 50 steps a second
    exercise: NDArray[np.int64]  # (140,), index into ``exercises``
    subject: NDArray[np.int64]  # (140,), number of the person
    channels: tuple[str, ...]
    exercises: tuple[str, ...]


def load_watch() -> WatchRecords:
    """Return 140 recordings of a smart watch: 7 shoulder exercises, 20 people, 6 channels.

    Source: the package seglearn (BSD) ships them; recorded by Burns et al. (2018) with an
    accelerometer and a gyroscope at 50 Hz.  The file is read without importing the package;
    ``ModuleNotFoundError`` if it is missing.
    """
    path = folder("seglearn") / "data" / "watch_dataset.npy"
    content = np.load(path, allow_pickle=True).item()
    return WatchRecords(
        [np.asarray(one, np.float32) for one in content["X"]],
        np.asarray(content["y"], np.int64),
        np.asarray(content["subject"], np.int64),
        tuple(map(str, content["X_labels"])),
        tuple(map(str, content["y_labels"])),
    )


def windows(
    series: list[NDArray[np.float32]], length: int, step: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Cut recordings into windows ``x (windows, length, channels)`` of equal length.

    The second result, (windows,), says which recording each window comes from; split by recording
    or person, not by window, because windows that overlap share samples.  ``ValueError`` if a
    number is below 1, or no recording is long enough.
    """
    if min(length, step) < 1:
        raise ValueError(f"length and step must be at least 1, got {length} and {step}")
    starts = [
        (number, start)
        for number, one in enumerate(series)
        for start in range(0, len(one) - length + 1, step)
    ]
    if not starts:
        raise ValueError(f"no recording has {length} steps")
    x = np.stack([series[number][start : start + length] for number, start in starts])
    return x, np.array([number for number, _ in starts])
