"""Reference versions of the functions that the assignment ``conv_lstm`` asks for.

Shapes as in :mod:`lstm_course.variants.conv_lstm`; peepholes are one number a channel.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMState
from lstm_course.variants import cnn_lstm, conv_lstm
from lstm_course.variants.conv_lstm import ConvLSTMWeights

__all__ = [
    "conv_backward",
    "conv_lstm_step",
    "every_frame",
    "parameter_count",
    "same_conv",
    "torch_step",
]


def same_conv(x: Array, W: Array) -> Array:
    """Return the convolution of ``x (N, R, C, D)`` with ``W``, of the size of the frame."""
    return cnn_lstm.conv2d(x, W, padding=(W.shape[0] // 2, W.shape[1] // 2))


def conv_lstm_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_x: Array, W_h: Array, b: Array, w_c: Array
) -> tuple[Array, Array]:
    """Return ``h_t`` and ``c_t``, both ``(N, R, C, H)``."""
    weights = ConvLSTMWeights(W_x, W_h, b, w_c)
    return conv_lstm.conv_lstm_step(x_t, LSTMState(h_prev, c_prev), weights)[0]


def conv_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array]:
    """Return ``dx`` and ``dW`` of :func:`same_conv`."""
    padding = (W.shape[0] // 2, W.shape[1] // 2)
    return cnn_lstm.conv2d_backward(dy, x, W, padding=padding)


def every_frame(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Return what a convolution, a ReLU and flattening make of each frame, ``(N, T, .)``."""
    frames = functional.conv2d(x.flatten(0, 1), W, b).relu()
    return frames.flatten(1).view(x.shape[0], x.shape[1], -1)


def torch_step(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor, w_c: Tensor
) -> tuple[Tensor, Tensor]:
    """Return ``h_t`` and ``c_t``, both ``(N, H, R, C)``; the kernels are in NumPy's layout."""
    kernels = [W.permute(3, 2, 0, 1) for W in (W_x, W_h)]
    a = functional.conv2d(x_t, kernels[0], b, padding="same")
    a = a + functional.conv2d(h_prev, kernels[1], padding="same")
    a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
    w_i, w_f, w_o = w_c[:, :, None, None]
    kept = torch.sigmoid(a_f + w_f * c_prev) * c_prev
    c_t = kept + torch.sigmoid(a_i + w_i * c_prev) * torch.tanh(a_g)
    return torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t), c_t


def parameter_count(
    D: int, H: int, size_x: int, size_h: int, peepholes: str, R: int, C: int
) -> int:
    """Return the number of weights; ``peepholes`` is none, channel or position."""
    extra = {"none": 0, "channel": 3 * H, "position": 3 * R * C * H}[peepholes]
    return conv_lstm.conv_lstm_parameter_count(D, H, size_x, size_h, peepholes=extra)
