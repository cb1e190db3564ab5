# ---
# jupyter:
#   # ruff: noqa: F811
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A ConvLSTM of your own
#
# In this assignment you write the parts of a ConvLSTM: a convolution that keeps the size of the frame, the step of the cell, the backward pass of the convolution, and the same step in PyTorch with weights carried over.
# It goes with the chapter *ConvLSTM*, where the equations below are derived.
# Question 4, every frame of a film through one kernel, belongs to the chapter *CNN-LSTM*, and the last question is answered on no page.
#
# There are seven questions and **12 points**.
# Plan 90 minutes, 15 of them for question 4.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "conv_lstm_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from lstm_course.answers import conv_lstm as reference
from lstm_course.answers import conv_lstm_cases as cases
from lstm_course.answers import conv_lstm_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x_t` | `(N, R, C, D)` | frames of `R` rows and `C` columns with `D` channels |
# | `h_t`, `c_t` | `(N, R, C, H)` | states: `H` maps of the size of the frame |
# | `W_x`, `W_h` | `(size, size, D, 4H)`, `(size, size, H, 4H)` | kernels, blocks in the order i, f, g, o; `size` is odd, in formulas $\kappa$ |
# | `b` | `(4H,)` | one bias for each map of each block |
# | `w_c` | `(3, H)` | peepholes of the gates i, f and o, one number a channel |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# A **map** is what one unit writes at all positions of a frame, an array `(R, C)`.
# In NumPy `@` is the matrix product and `*` the elementwise product, which we write as $\odot$; $\ast$ is the convolution of question 1.
# The logistic function is given:


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
def sigmoid(a):
    """Return the logistic function, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


# %% [markdown]
# ## Question 1: a convolution that keeps the size (2 points)
#
# Read: ConvLSTM, section *A convolution, by hand*.
#
# At each position the kernel multiplies the neighbourhood and adds up:
#
# $$y_{r,c} = \sum_{\xi} \sum_{\zeta} x_{r+\xi,\, c+\zeta}\, W_{\xi\zeta}, \qquad -\tfrac{\kappa-1}{2} \le \xi, \zeta \le \tfrac{\kappa-1}{2},$$
#
# where $x_{r,c}$ is the row vector of the channels of one pixel, and $W_{\xi\zeta}$ a matrix $(D, F)$.
# Outside the frame there are zeros.
# The kernel is *not* turned: `W[0, 0]` belongs to the neighbour above and to the left.
#
# What to expect: with the numbers 1 to 9 in a kernel of $3 \times 3$, a bright pixel in the middle of the upper edge gives 6 5 4 and 3 2 1 in the first two rows.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_same_conv", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    size, (_, R, C, _) = len(W), x.shape
    pad = size // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    y = np.zeros((*x.shape[:3], W.shape[3]), x.dtype)
    for r in range(size):
        for c in range(size):
            y = y + padded[:, r : r + R, c : c + C] @ W[r, c]
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_same_conv_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("same_conv")


def test_same_conv(cases):
    yours = attempt(same_conv, reference.same_conv, cases, known.same_conv, gives=["y"])
    with parts.part("a convolution that keeps the size", 2):
        yours.check()


test_same_conv(cases.same_conv(VISIBLE))

### BEGIN HIDDEN TESTS
test_same_conv(cases.same_conv(question_seed("same_conv")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "conv_lstm_reference_same_conv", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `same_conv` is the reference version.  To try your own again, run its cell again.
same_conv = reference.same_conv

# %% [markdown]
# ## Question 2: one step of the ConvLSTM (2 points)
#
# Read: ConvLSTM, section *The cell*.
#
# The step of an LSTM with convolutions in place of matrix products, and peepholes:
#
# $$a_t = x_t \ast W_x + h_{t-1} \ast W_h + b, \quad\text{blocks } a_i, a_f, a_g, a_o$$
#
# $$i_t = \sigma(a_i + w_{ci} \odot c_{t-1}), \quad f_t = \sigma(a_f + w_{cf} \odot c_{t-1}), \quad g_t = \tanh(a_g)$$
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad o_t = \sigma(a_o + w_{co} \odot c_t), \quad h_t = o_t \odot \tanh(c_t)$$
#
# What to expect: with all weights, peepholes and biases zero every gate is 0.5 and the candidate 0, so $c_t$ is half of $c_{t-1}$.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_conv_lstm_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    a = same_conv(x_t, W_x) + same_conv(h_prev, W_h) + b  # (N, R, C, 4H)
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=3)
    i, f = sigmoid(a_i + w_c[0] * c_prev), sigmoid(a_f + w_c[1] * c_prev)
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_conv_lstm_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("conv_lstm_step")


def test_conv_lstm_step(cases):
    yours = attempt(
        conv_lstm_step, reference.conv_lstm_step, cases, known.conv_lstm_step, gives=["h_t", "c_t"]
    )
    with parts.part("the new cell state", 1):
        yours.check("c_t")
    with parts.part("the output gate and the hidden state", 1):
        yours.check("h_t")


test_conv_lstm_step(cases.conv_lstm_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_conv_lstm_step(cases.conv_lstm_step(question_seed("conv_lstm_step")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: the convolution backward (2 points)
#
# Read: ConvLSTM, section *The way back*.
#
# A pixel was read by all positions around it, and an entry of the kernel was used at every position of every frame:
#
# $$\frac{\partial \mathcal{L}}{\partial x_{r,c}} = \sum_{\xi} \sum_{\zeta} \frac{\partial \mathcal{L}}{\partial y_{r-\xi,\, c-\zeta}}\, W_{\xi\zeta}^\top, \qquad
# \frac{\partial \mathcal{L}}{\partial W_{\xi\zeta}} = \sum_{r} \sum_{c} x_{r+\xi,\, c+\zeta}^\top\, \frac{\partial \mathcal{L}}{\partial y_{r,c}}$$
#
# The second sum also goes over the examples of the batch.
# Your `same_conv` is at hand, as the reference version.
#
# What to expect: with a kernel of one pixel `dx` is `dy @ W[0, 0].T`, and with `dy` all ones the middle entry of `dW` holds the sum of each channel of `x`.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_conv_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    dx = same_conv(dy, W[::-1, ::-1].transpose(0, 1, 3, 2))  # (N, R, C, D)
    pad, (R, C) = len(W) // 2, x.shape[1:3]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dW = np.zeros_like(W)
    for r in range(len(W)):
        for c in range(len(W)):
            dW[r, c] = np.einsum("nrcd,nrcf->df", padded[:, r : r + R, c : c + C], dy)
    return dx, dW
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_conv_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("conv_backward")


def test_conv_backward(cases):
    yours = attempt(
        conv_backward, reference.conv_backward, cases, known.conv_backward, gives=["dx", "dW"]
    )
    with parts.part("the gradient of the frames", 1):
        yours.check("dx")
    with parts.part("the gradient of the kernel", 1):
        yours.check("dW")


test_conv_backward(cases.conv_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_conv_backward(cases.conv_backward(question_seed("conv_backward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "conv_lstm_reference_conv_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `conv_backward` is the reference version.
conv_backward = reference.conv_backward

# %% [markdown]
# ## Question 4: every frame through one kernel (1 point)
#
# Read: CNN-LSTM, section *Over frames*.
#
# Now PyTorch, which puts the channels first: a film is `(N, T, D, R, C)`.
# In front of an LSTM stands a convolution over each frame, then a ReLU, $\max(0, a)$, and the LSTM wants `(N, T, features)`.
# Fold time into the batch, convolve all frames at once, and unfold.
# There is no padding, and the kernel moves by one pixel at a time, so the frames become a little smaller.
# The chapter moves the channels to the end before it flattens; here they stay where they are.
#
# What to expect: frames of $7 \times 6$ pixels and three kernels of $3 \times 2$ give $3 \cdot 5 \cdot 5 = 75$ features, none of them negative.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_every_frame", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    N, T = x.shape[:2]
    y = torch.nn.functional.conv2d(x.flatten(0, 1), W, b)  # (N T, F, R', C')
    return y.relu().flatten(1).unflatten(0, (N, T))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_every_frame_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("every_frame")


def test_every_frame(cases):
    yours = attempt(
        every_frame,
        reference.every_frame,
        cases,
        known.every_frame,
        gives=["the array of features"],
    )
    with parts.part("every frame through one kernel", 1):
        yours.check()


test_every_frame(cases.every_frame(VISIBLE))

### BEGIN HIDDEN TESTS
test_every_frame(cases.every_frame(question_seed("every_frame")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the step in PyTorch, with weights from NumPy (2 points)
#
# Read: ConvLSTM, section *In PyTorch*.
#
# The same step as in question 2, on tensors with the channels first.
# The weights come as question 2 has them, only as tensors: kernels `(size, size, D, 4H)` and peepholes `(3, H)`.
# PyTorch wants kernels `(4H, D, size, size)`, and a peephole has to meet maps `(N, H, R, C)`.
#
# What to expect: the results are those of question 2 with the axis of the maps moved to place 1.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_torch_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    conv2d = torch.nn.functional.conv2d
    a = conv2d(x_t, W_x.permute(3, 2, 0, 1), b, padding="same")
    a = a + conv2d(h_prev, W_h.permute(3, 2, 0, 1), padding="same")
    a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
    w_i, w_f, w_o = w_c[:, :, None, None]  # each (H, 1, 1)
    i, f = torch.sigmoid(a_i + w_i * c_prev), torch.sigmoid(a_f + w_f * c_prev)
    c_t = f * c_prev + i * torch.tanh(a_g)
    return torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t), c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_torch_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("torch_step")


def test_torch_step(cases):
    yours = attempt(torch_step, reference.torch_step, cases, known.torch_step, gives=["h_t", "c_t"])
    with parts.part("the new cell state", 1):
        yours.check("c_t")
    with parts.part("the output gate and the hidden state", 1):
        yours.check("h_t")


test_torch_step(cases.torch_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_torch_step(cases.torch_step(question_seed("torch_step")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: how many weights? (1 point)
#
# Read: ConvLSTM, section *Counting weights*.
#
# Count the parameters of one layer: two kernels, whose sizes may differ, the biases, and the peepholes of three gates.
# A peephole is missing (`"none"`), one number for each channel (`"channel"`), or one for each position of each channel (`"position"`).
#
# What to expect: with one input channel, 8 maps and kernels of $3 \times 3$ there are 2,624 without peepholes.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_parameter_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    each = {"none": 0, "channel": H, "position": R * C * H}[peepholes]
    return 4 * H * (size_x**2 * D + size_h**2 * H + 1) + 3 * each
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_parameter_count_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("parameter_count")


def test_parameter_count(cases):
    yours = attempt(
        parameter_count,
        reference.parameter_count,
        cases,
        known.parameter_count,
        gives=["the count"],
    )
    with parts.part("the number of parameters", 1):
        yours.check()


test_parameter_count(cases.parameter_count(VISIBLE))

### BEGIN HIDDEN TESTS
test_parameter_count(cases.parameter_count(question_seed("parameter_count")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: a kernel with holes (2 points)
#
# Read: ConvLSTM, sections *How far a unit sees* and *The way back*.
#
# No page prints this answer.
# A unit sees farther if the entries of its kernel stand farther apart.
# With a **dilation** $\delta$ the neighbours lie $\delta$ pixels away, and the pixels between them are skipped:
#
# $$y_{r,c} = \sum_{\xi} \sum_{\zeta} x_{r+\delta\xi,\, c+\delta\zeta}\, W_{\xi\zeta}$$
#
# The number of weights stays the same.
# Return the convolution, and the gradients of frames and kernel for a given `dy`.
# `same_conv` and `conv_backward` are at hand, and no new loop is needed: think of a larger kernel that does the same.
#
# What to expect: with $\delta = 1$ these are the results of questions 1 and 3.
# With $\delta = 2$ a kernel of $3 \times 3$ covers $5 \times 5$ pixels, of which it reads nine.


# %% nbgrader={"grade": false, "grade_id": "conv_lstm_dilated_conv", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    side = dilation * (len(W) - 1) + 1
    wide = np.zeros((side, side, *W.shape[2:]), W.dtype)
    wide[::dilation, ::dilation] = W
    dx, dwide = conv_backward(dy, x, wide)
    return same_conv(x, wide), dx, dwide[::dilation, ::dilation]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_dilated_conv_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("dilated_conv")


def test_dilated_conv(cases):
    yours = attempt(
        dilated_conv, reference.dilated_conv, cases, known.dilated_conv, gives=["y", "dx", "dW"]
    )
    with parts.part("the convolution", 1):
        yours.check("y")
    with parts.part("the gradients", 1):
        yours.check("dx", "dW")


test_dilated_conv(cases.dilated_conv(VISIBLE))

### BEGIN HIDDEN TESTS
test_dilated_conv(cases.dilated_conv(question_seed("dilated_conv")))
### END HIDDEN TESTS

parts.score()
