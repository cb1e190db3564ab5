"""What other modules of this course need; it gives an answer away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def logistic(a: Array) -> Array:
    """Return the logistic function of each entry."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))
