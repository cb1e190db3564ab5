"""What a training loop needs besides gradients: clipping by global norm, and Adam.

Pure functions: they return new arrays and change none.  Parameters and gradients are
sequences of arrays in the same order, such as an ``LSTMWeights``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array


def clip_by_global_norm(gradients: Sequence[Array], limit: float) -> tuple[list[Array], float]:
    """Shorten a gradient that is longer than ``limit``, keeping its direction.

    ``gradients`` are taken together as one long vector (``eq-clip-global``; Pascanu et al.,
    2013).  Returns ``gradient * min(1, limit / norm)`` for each, and the norm before clipping,
    worth logging.  PyTorch divides by ``norm + 1e-6`` instead.  ``ValueError`` if ``limit`` is
    not above zero.
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, got {limit}")
    norm = float(np.sqrt(sum(np.sum(np.square(array)) for array in gradients)))
    scale = 1.0 if norm <= limit else limit / norm
    return [array * scale for array in gradients], norm


class AdamState(NamedTuple):
    """What Adam remembers between updates."""

    step: int  # updates done
    m: tuple[Array, ...]  # running mean of the gradients, shapes of the parameters
    v: tuple[Array, ...]  # running mean of their squares


def adam_init(parameters: Sequence[Array]) -> AdamState:
    """Return the state of Adam before the first update: zeros of the parameters' shapes."""
    zeros = tuple(np.zeros_like(array) for array in parameters)
    return AdamState(0, zeros, tuple(np.zeros_like(array) for array in parameters))


def adam_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    state: AdamState,
    learning_rate: float = 1e-3,
    *,
    decay_m: float = 0.9,
    decay_v: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[list[Array], AdamState]:
    """Do one update of Adam (Kingma and Ba, 2015; ``eq-adam``), as ``torch.optim.Adam`` does.

    ``parameters`` and ``gradients`` have the same shapes in the same order; ``state`` is from
    :func:`adam_init` or the update before.  ``decay_m`` and ``decay_v`` are beta 1 and beta 2 of
    the paper, ``epsilon`` is added to the denominator outside the root.  Returns the new
    parameters, of the same shapes and dtypes, and the state.  ``ValueError`` if the shapes of
    parameters, gradients and state differ, with all of them.
    """
    step = state.step + 1
    new_parameters: list[Array] = []
    m: list[Array] = []
    v: list[Array] = []
    if not len(parameters) == len(gradients) == len(state.m):
        numbers = f"{len(parameters)}, {len(gradients)} and {len(state.m)}"
        raise ValueError(f"parameters, gradients and state must be equally many, got {numbers}")
    for array, gradient, m_prev, v_prev in zip(
        parameters, gradients, state.m, state.v, strict=True
    ):
        if not array.shape == gradient.shape == m_prev.shape:
            shapes = f"{array.shape}, {gradient.shape} and {m_prev.shape}"
            raise ValueError(f"parameter, gradient and state must have one shape, got {shapes}")
        m.append(decay_m * m_prev + (1.0 - decay_m) * gradient)
        v.append(decay_v * v_prev + (1.0 - decay_v) * gradient**2)
        m_hat = m[-1] / (1.0 - decay_m**step)
        v_hat = v[-1] / (1.0 - decay_v**step)
        new_parameters.append(array - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon))
    return new_parameters, AdamState(step, tuple(m), tuple(v))
