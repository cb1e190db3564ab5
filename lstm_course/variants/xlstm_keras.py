"""sLSTM and mLSTM as Keras layers, small: sLSTM step by step, mLSTM in its parallel form.

The weights are those of :mod:`lstm_course.variants.xlstm` and
:mod:`lstm_course.variants.mlstm`, with the same blocks.  T must be known when the layer is
called.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


class SLSTM(keras.layers.Layer):  # type: ignore[misc]
    """An sLSTM layer: ``(N, T, D)`` in, ``(h (N, T, H), [h, c, n, m])`` out, each (N, H)."""

    def __init__(self, H: int, exp_forget: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.H, self.exp_forget = H, exp_forget

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create ``W_x (D, 4H)``, ``W_h (H, 4H)`` and ``b (4H,)``."""
        self.W_x = self.add_weight(shape=(shape[-1], 4 * self.H), name="W_x")
        self.W_h = self.add_weight(shape=(self.H, 4 * self.H), name="W_h")
        self.b = self.add_weight(shape=(4 * self.H,), initializer="zeros", name="b")

    def call(self, x: Any, state: Any = None) -> tuple[Any, list[Any]]:
        """Run the layer; without a state the memory is empty."""
        a = ops.matmul(x, self.W_x) + self.b  # (N, T, 4H)
        if state is None:
            zeros = ops.zeros_like(a[:, 0, : self.H])
            state = zeros, zeros, zeros, zeros - np.inf
        (h, c, n, m), outputs = state, []
        for t in range(x.shape[1]):
            a_t = a[:, t] + ops.matmul(h, self.W_h)
            a_i, a_f, a_g, a_o = ops.split(a_t, 4, axis=-1)
            log_f = a_f if self.exp_forget else -ops.softplus(-a_f)
            m_prev, m = m, ops.stop_gradient(ops.maximum(log_f + m, a_i))
            i, f = ops.exp(a_i - m), ops.exp(log_f + m_prev - m)
            c, n = f * c + i * ops.tanh(a_g), f * n + i
            h = ops.sigmoid(a_o) * c / n
            outputs.append(h)
        return ops.stack(outputs, axis=1), [h, c, n, m]


class MLSTM(keras.layers.Layer):  # type: ignore[misc]
    """An mLSTM layer with one head, from an empty memory: ``(N, T, D)`` in, ``h (N, T, H)`` out."""

    def __init__(self, H: int, **options: Any) -> None:
        super().__init__(**options)
        self.H = H

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create ``W_x (D, 4H + 2)`` and ``b (4H + 2,)``: q, k, v, o, then i and f."""
        self.W_x = self.add_weight(shape=(shape[-1], 4 * self.H + 2), name="W_x")
        self.b = self.add_weight(shape=(4 * self.H + 2,), initializer="zeros", name="b")

    def call(self, x: Any) -> Any:
        """Run the layer."""
        H, T = self.H, x.shape[1]
        a = ops.matmul(x, self.W_x) + self.b
        q, k, v, o = ops.split(a[:, :, : 4 * H], 4, axis=-1)
        total = ops.cumsum(-ops.softplus(-a[:, :, -1]), axis=1)  # (N, T)
        log_d = total[:, :, None] - total[:, None] + a[:, None, :, -2]  # (N, T, T)
        log_d = ops.where(np.tri(T, dtype=bool), log_d, -np.inf)
        m = ops.stop_gradient(ops.max(log_d, axis=2, keepdims=True))
        scores = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / H**0.5
        weights = scores * ops.exp(log_d - m)
        divisor = ops.maximum(ops.abs(ops.sum(weights, axis=2, keepdims=True)), ops.exp(-m))
        return ops.sigmoid(o) * ops.matmul(weights / divisor, v)
