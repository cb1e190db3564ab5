"""The answers to ``conv_lstm``, as later questions and hidden tests use them.

Made from solutions/conv_lstm/conv_lstm.py by `make exercises`: edit that file, not this one.
"""

import numpy as np
import torch


def sigmoid(a):
    """Return the logistic function, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def same_conv(x, W):
    """Convolve a batch of frames and keep their size.

    Parameters
    ----------
    x : array (N, R, C, D)
    W : array (size, size, D, F), size odd

    Returns
    -------
    y : array (N, R, C, F), floats

    Hint: ``np.pad`` takes a pair of numbers for each axis.  Then add up ``size**2`` products,
    one for each entry of the kernel, each with a window of the padded array.
    """
    size, (_, R, C, _) = len(W), x.shape
    pad = size // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    y = np.zeros((*x.shape[:3], W.shape[3]), x.dtype)
    for r in range(size):
        for c in range(size):
            y = y + padded[:, r : r + R, c : c + C] @ W[r, c]
    return y


def conv_lstm_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    """Advance the ConvLSTM by one frame.

    Parameters
    ----------
    x_t : array (N, R, C, D)
    h_prev, c_prev : arrays (N, R, C, H)
    W_x, W_h : arrays (size, size, D, 4H), (size, size, H, 4H)
    b : array (4H,)
    w_c : array (3, H)
        Peepholes of i, f and o.

    Returns
    -------
    h_t, c_t : arrays (N, R, C, H), floats

    Hint: ``np.split(a, 4, axis=3)`` cuts the blocks; ``same_conv`` is at hand.
    """
    a = same_conv(x_t, W_x) + same_conv(h_prev, W_h) + b  # (N, R, C, 4H)
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=3)
    i, f = sigmoid(a_i + w_c[0] * c_prev), sigmoid(a_f + w_c[1] * c_prev)
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t


def conv_backward(dy, x, W):
    """Return the gradients of ``same_conv(x, W)``.

    Parameters
    ----------
    dy : array (N, R, C, F)
        Gradient of the loss with respect to the output.
    x : array (N, R, C, D)
    W : array (size, size, D, F)

    Returns
    -------
    dx : array (N, R, C, D), floats
    dW : array (size, size, D, F), floats

    Hint: ``dx`` is a convolution of ``dy`` with another kernel.  For ``dW`` take the same
    windows of the padded ``x`` as in question 1; ``np.einsum`` or ``np.tensordot`` adds up.
    """
    dx = same_conv(dy, W[::-1, ::-1].transpose(0, 1, 3, 2))  # (N, R, C, D)
    pad, (R, C) = len(W) // 2, x.shape[1:3]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dW = np.zeros_like(W)
    for r in range(len(W)):
        for c in range(len(W)):
            dW[r, c] = np.einsum("nrcd,nrcf->df", padded[:, r : r + R, c : c + C], dy)
    return dx, dW


def every_frame(x, W, b):
    """Convolve each frame of a batch of films, apply a ReLU, and flatten.

    Parameters
    ----------
    x : tensor (N, T, D, R, C)
    W : tensor (F, D, rows, columns)
    b : tensor (F,)

    Returns
    -------
    features : tensor (N, T, F R' C')
        Within a step in the order F, R', C'.

    Hint: ``torch.nn.functional.conv2d(frames, W, b)``; ``flatten`` and ``unflatten``.
    """
    N, T = x.shape[:2]
    y = torch.nn.functional.conv2d(x.flatten(0, 1), W, b)  # (N T, F, R', C')
    return y.relu().flatten(1).unflatten(0, (N, T))


def torch_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    """Advance the ConvLSTM by one frame, in PyTorch.

    Parameters
    ----------
    x_t : tensor (N, D, R, C)
    h_prev, c_prev : tensors (N, H, R, C)
    W_x, W_h : tensors (size, size, D, 4H), (size, size, H, 4H)
    b : tensor (4H,)
    w_c : tensor (3, H)

    Returns
    -------
    h_t, c_t : tensors (N, H, R, C)

    Hint: ``permute`` moves axes, ``reshape`` does not; ``conv2d`` of ``torch.nn.functional``
    knows ``padding="same"``; ``w[:, None, None]`` makes (H,) to (H, 1, 1).
    """
    conv2d = torch.nn.functional.conv2d
    a = conv2d(x_t, W_x.permute(3, 2, 0, 1), b, padding="same")
    a = a + conv2d(h_prev, W_h.permute(3, 2, 0, 1), padding="same")
    a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
    w_i, w_f, w_o = w_c[:, :, None, None]  # each (H, 1, 1)
    i, f = torch.sigmoid(a_i + w_i * c_prev), torch.sigmoid(a_f + w_f * c_prev)
    c_t = f * c_prev + i * torch.tanh(a_g)
    return torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t), c_t


def parameter_count(D, H, size_x, size_h, peepholes, R, C):
    """Return the number of parameters of a ConvLSTM layer.

    Parameters
    ----------
    D, H : int
        Channels of the input and of the state.
    size_x, size_h : int
        Sides of the kernels of the input and of the state.
    peepholes : str
        "none", "channel" or "position".
    R, C : int
        Rows and columns of the frame.

    Returns
    -------
    int
    """
    each = {"none": 0, "channel": H, "position": R * C * H}[peepholes]
    return 4 * H * (size_x**2 * D + size_h**2 * H + 1) + 3 * each


def dilated_conv(x, W, dilation, dy):
    """Convolve with a dilated kernel that keeps the size, and return the gradients.

    Parameters
    ----------
    x : array (N, R, C, D)
    W : array (size, size, D, F), size odd
    dilation : int
        How many pixels apart the entries of the kernel are; 1 is an ordinary convolution.
    dy : array (N, R, C, F)
        Gradient of the loss with respect to ``y``.

    Returns
    -------
    y : array (N, R, C, F), floats
    dx, dW : arrays (N, R, C, D), (size, size, D, F), floats

    Hint: how large is the larger kernel, and what stands between the entries of ``W``?
    """
    side = dilation * (len(W) - 1) + 1
    wide = np.zeros((side, side, *W.shape[2:]), W.dtype)
    wide[::dilation, ::dilation] = W
    dx, dwide = conv_backward(dy, x, wide)
    return same_conv(x, wide), dx, dwide[::dilation, ::dilation]
