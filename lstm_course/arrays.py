"""What every cell is made of: arrays of floats, their checks, the logistic function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def sigmoid(a: Array) -> Array:
    """Return the logistic function of ``a``, of any shape, without overflow.

    Uses sigma(a) = (1 + tanh(a / 2)) / 2, which is exact and safe for large ``|a|``.
    """
    result: Array = 0.5 * (1.0 + np.tanh(0.5 * a))
    return result


def check_shape(name: str, array: Array, shape: tuple[int, ...], meaning: str) -> None:
    """Raise ``ValueError`` with the expected and the given shape, or the wrong dtype."""
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        given = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name} must be a NumPy array of floats {meaning}, got {given}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {meaning} = {shape}, got {array.shape}")
