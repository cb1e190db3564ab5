"""Logistic regression: what the questions build up to."""

from __future__ import annotations

import numpy as np

from samplecourse.arrays import Array, logistic


def fit(
    x: Array, y: Array, W: Array, b: Array, rate: float, epochs: int
) -> tuple[Array, Array, Array]:
    """Return the losses (epochs,) of gradient descent, and W (D, K) and b (K,) after it."""
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        errors = logistic(x @ W + b) - y  # (N, K)
        losses[epoch] = np.mean(errors**2)
        W = W - rate * x.T @ errors / len(x)  # (D, K)
        b = b - rate * errors.mean(axis=0)  # (K,)
    return losses, W, b
