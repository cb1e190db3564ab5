"""The reference version of every question; a locked cell hands them out."""

from __future__ import annotations

import numpy as np

from samplecourse.arrays import Array, logistic
from samplecourse.model import fit

__all__ = ["logistic"]
train = fit


def predict(x: Array, W: Array, b: Array) -> Array:
    """Return the probabilities (N, K)."""
    return logistic(x @ W + b)


def centre_and_scale(x: Array) -> tuple[Array, Array]:
    """Return ``x`` without its mean, and that divided by its spread, both (N, D)."""
    centred = x - x.mean(axis=0)
    return centred, centred / x.std(axis=0)


def blend(old: Array, new: Array, w: Array) -> Array:
    """Return ``w`` of the old and the rest of the new."""
    return w * old + (1.0 - w) * new


def errors_and_gradient(x: Array, y: Array, W: Array, b: Array) -> tuple[Array, Array]:
    """Return the errors (N, K) and the gradient (D, K)."""
    errors = predict(x, W, b) - y
    return errors, x.T @ errors / len(x)


def summary(x: Array) -> tuple[Array, Array, Array, Array]:
    """Return the mean, the spread, the least and the largest of each column, (D,) each."""
    return x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0)


def step(x: Array, y: Array, W: Array, b: Array, rate: float) -> tuple[Array, Array]:
    """Return W (D, K) and b (K,) after one step down the gradient."""
    errors, gradient = errors_and_gradient(x, y, W, b)
    return W - rate * gradient, b - rate * errors.mean(axis=0)


def parameter_count(D: int, K: int, L: int) -> int:
    """Return the number of parameters of a stack of L layers."""
    return (D + 1) * K + (L - 1) * (K + 1) * K


def initial_bias(K: int, share: float) -> Array:
    """Return the bias (K,) that predicts ``share``."""
    return np.full(K, np.log(share / (1.0 - share)))
