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
# One question belongs to the CNN-LSTM: every frame of a film through one kernel.
# It goes with the chapters *Look first, then remember* and *Keep the map a map*.
#
# There are six questions and **10 points**.
# Plan 75 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: frames that are not square, a batch of one, one channel, kernels of one pixel and of five, frames of one pixel, `float32`.
# Take all sizes from the shapes of the arguments, return new arrays, and leave the arguments as they are.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "conv_lstm_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from lstm_course.answers import conv_lstm as reference
from lstm_course.answers import conv_lstm_cases as cases
from lstm_course.answers.conv_lstm_cases import random_cases, small_case
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count
from nbjudge.checks.seeds import question_seed
from nbjudge.checks.tensors import check_tensor


def sigmoid(a):
    """Return the logistic function, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x_t` | `(N, R, C, D)` | frames of `R` rows and `C` columns with `D` channels |
# | `h_t`, `c_t` | `(N, R, C, H)` | states: `H` maps of the size of the frame |
# | `W_x`, `W_h` | `(size, size, D, 4H)`, `(size, size, H, 4H)` | kernels, blocks in the order i, f, g, o; `size` is odd |
# | `b` | `(4H,)` | one bias for each map of each block |
# | `w_c` | `(3, H)` | peepholes of the gates i, f and o, one number a channel |
#
# The function `sigmoid` is at hand.

# %% [markdown]
# ## Question 1: a convolution that keeps the size (2 points)
#
# At each position the kernel multiplies the neighbourhood and adds up:
#
# $$y_{r,c} = \sum_{\xi} \sum_{\zeta} x_{r+\xi,\, c+\zeta}\, W_{\xi\zeta}, \qquad -\tfrac{\text{size}-1}{2} \le \xi, \zeta \le \tfrac{\text{size}-1}{2},$$
#
# where $x_{r,c}$ is the row vector of the channels of one pixel, and $W_{\xi\zeta}$ a matrix $(D, F)$.
# Outside the frame there are zeros.
# The kernel is *not* turned: `W[0, 0]` belongs to the neighbour above and to the left.
#
# What to expect: in the test, a bright pixel in the middle of the upper edge gives 6 5 4 and 3 2 1 in the first two rows.


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
def test_same_conv():
    check_own(same_conv)
    x, W = np.zeros((1, 3, 3, 1)), np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    x[0, 0, 1, 0] = 1.0
    shape = (1, 3, 3, 1)
    check_example(
        "y",
        same_conv(x, W),
        np.reshape([6.0, 5, 4, 3, 2, 1, 0, 0, 0], shape),
        hints=[
            (np.reshape([4.0, 5, 6, 7, 8, 9, 0, 0, 0], shape), "do not turn the kernel"),
            (np.reshape([8.0, 5, 2, 7, 4, 1, 0, 0, 0], shape), "the axes of the kernel are mixed"),
            (np.reshape([2.0], (1, 1, 1, 1)), "pad with zeros first: the size must be kept"),
        ],
    )
    case = small_case()
    several = reference.same_conv(case.x_t, case.W_x)
    check_array("y with several channels", same_conv(case.x_t, case.W_x), several)


test_same_conv()


### BEGIN HIDDEN TESTS
def hidden_same_conv():
    for case in random_cases(question_seed("same_conv")):
        found = call_unchanged(same_conv, x=case.x_t, W=case.W_x)
        turned = reference.same_conv(case.x_t, case.W_x[::-1, ::-1])
        hints = [(turned, "do not turn the kernel")]
        right = reference.same_conv(case.x_t, case.W_x)
        check_array(f"y for {case.label}", found, right, hints=hints)


hidden_same_conv()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "conv_lstm_reference_same_conv", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `same_conv` is the reference version.  To try your own again, run its cell again.
same_conv = cases.same_conv

# %% [markdown]
# ## Question 2: one step of the ConvLSTM (2 points)
#
# The step of an LSTM with convolutions in place of matrix products, and peepholes:
#
# $$a_t = x_t \ast W_x + h_{t-1} \ast W_h + b, \quad\text{blocks } a_i, a_f, a_g, a_o$$
#
# $$i_t = \sigma(a_i + w_{ci} \odot c_{t-1}), \quad f_t = \sigma(a_f + w_{cf} \odot c_{t-1}), \quad g_t = \tanh(a_g)$$
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad o_t = \sigma(a_o + w_{co} \odot c_t), \quad h_t = o_t \odot \tanh(c_t)$$


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

    Hint: ``np.split(a, 4, axis=3)`` cuts the blocks.
    """
    ### BEGIN SOLUTION
    a = same_conv(x_t, W_x) + same_conv(h_prev, W_h) + b  # (N, R, C, 4H)
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=3)
    i, f = sigmoid(a_i + w_c[0] * c_prev), sigmoid(a_f + w_c[1] * c_prev)
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_lstm_conv_lstm_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_conv_lstm_step():
    check_own(conv_lstm_step)
    given = small_case().step()
    h_t, c_t = take_apart("conv_lstm_step", conv_lstm_step(**given), ("h_t", "c_t"))

    def other(**changes):
        return reference.conv_lstm_step(**{**given, **changes})

    right_h, right_c = other()
    w_c, b, zero = given["w_c"], given["b"], np.zeros_like(given["h_prev"])
    mistakes = [
        (other(w_c=0 * w_c), "the peepholes are missing"),
        (other(w_c=w_c[[1, 0, 2]]), "the peepholes stand in the order i, f, o"),
        (other(b=0 * b), "the bias is missing"),
        (other(h_prev=zero), "the hidden state is missing"),
        ((right_c, right_h), "return h_t first, then c_t"),
    ]
    hints = [(wrong[1], text) for wrong, text in mistakes]
    check_array("c_t", c_t, right_c, hints=hints, reveal=True)
    gate = other(w_c=w_c * [[1.0], [1.0], [0.0]])[0]
    hints = [(gate, "the output gate has a peephole too"), (right_c, "h_t is o_t times tanh(c_t)")]
    check_array("h_t", h_t, right_h, hints=hints, reveal=True)


test_conv_lstm_step()


### BEGIN HIDDEN TESTS
def hidden_conv_lstm_step():
    for case in random_cases(question_seed("conv_lstm_step")):
        found = call_unchanged(conv_lstm_step, **case.step())
        pair = take_apart("conv_lstm_step", found, ("h_t", "c_t"))
        expected = reference.conv_lstm_step(**case.step())
        for name, one, right in zip(("h_t", "c_t"), pair, expected, strict=True):
            check_array(f"{name} for {case.label}", one, right)


hidden_conv_lstm_step()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 3: the convolution backward (2 points)
#
# A pixel was read by all positions around it, and an entry of the kernel was used at every position of every frame:
#
# $$\frac{\partial \mathcal{L}}{\partial x_{r,c}} = \sum_{\xi} \sum_{\zeta} \frac{\partial \mathcal{L}}{\partial y_{r-\xi,\, c-\zeta}}\, W_{\xi\zeta}^\top, \qquad
# \frac{\partial \mathcal{L}}{\partial W_{\xi\zeta}} = \sum_{r} \sum_{c} x_{r+\xi,\, c+\zeta}^\top\, \frac{\partial \mathcal{L}}{\partial y_{r,c}}$$
#
# The second sum also goes over the examples of the batch.


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
parts = Parts()


def test_conv_backward():
    check_own(conv_backward)
    case = small_case()
    dy, x, W = case.dy, case.x_t, case.W_x
    dx, dW = take_apart("conv_backward", conv_backward(dy, x, W), ("dx", "dW"))
    right_dx, right_dW = reference.conv_backward(dy, x, W)
    with parts.part("the gradient of the frames", 1):
        straight = reference.same_conv(dy, W.swapaxes(2, 3))
        hints = [(straight, "turn the kernel by half a turn on the way back")]
        check_array("dx", dx, right_dx, hints=hints, reveal=True)
    with parts.part("the gradient of the kernel", 1):
        first = reference.conv_backward(dy[:1], x[:1], W)[1]
        hints = [
            (right_dW / len(x), "add over the batch, do not average"),
            (first, "this is the first example only: add over the batch"),
            (right_dW[::-1, ::-1], "the kernel's gradient is turned: look at the windows again"),
        ]
        check_array("dW", dW, right_dW, hints=hints, reveal=True)


test_conv_backward()


### BEGIN HIDDEN TESTS
def hidden_conv_backward():
    for case in random_cases(question_seed("conv_backward")):
        result = call_unchanged(conv_backward, dy=case.dy, x=case.x_t, W=case.W_x)
        found = take_apart("conv_backward", result, ("dx", "dW"))
        expected = reference.conv_backward(case.dy, case.x_t, case.W_x)
        with parts.part("the gradient of the frames"):
            check_array(f"dx for {case.label}", found[0], expected[0])
        with parts.part("the gradient of the kernel"):
            check_array(f"dW for {case.label}", found[1], expected[1])


hidden_conv_backward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: every frame through one kernel (1 point)
#
# Now PyTorch, which puts the channels first: a film is `(N, T, D, R, C)`.
# In front of an LSTM stands a convolution over each frame, then a ReLU, and the LSTM wants `(N, T, features)`.
# Fold time into the batch, convolve all frames at once, and unfold.
# There is no padding and no stride, so the frames become a little smaller.


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
def test_every_frame():
    check_own(every_frame)
    x = torch.linspace(-1.0, 1.0, 144).reshape(2, 3, 2, 3, 4) ** 3
    W, b = torch.linspace(-1.0, 0.8, 24).reshape(3, 2, 2, 2), torch.tensor([0.1, 0.2, -0.1])
    right = reference.every_frame(x, W, b)
    mixed = right.reshape(3, 2, -1).transpose(0, 1)
    hints = [
        (right.flatten(0, 1), "unfold the batch again: the LSTM needs the axis of time"),
        (mixed, "films and frames are mixed: the batch was N films of T frames"),
        (reference.every_frame(x, W, 0 * b), "the bias is missing"),
        (-reference.every_frame(x, -W, -b) + right, "the ReLU is missing"),
        (right.reshape(2, 3, 3, 2, 3), "flatten the features of a frame"),
    ]
    check_tensor("features", every_frame(x, W, b), right, hints=hints, reveal=True)


test_every_frame()


### BEGIN HIDDEN TESTS
def hidden_every_frame():
    rng = torch.Generator().manual_seed(question_seed("every_frame"))
    sizes = [
        ("several films", (3, 4, 2, 5, 4), (3, 3, 2)),
        ("one film, N = 1", (1, 3, 1, 4, 4), (2, 2, 3)),
        ("one frame, T = 1", (3, 1, 2, 3, 5), (1, 1, 1)),
    ]
    for label, shape, (F, rows, columns) in sizes:
        film = torch.randn(shape, generator=rng, dtype=torch.float64)
        W = torch.randn((F, shape[2], rows, columns), generator=rng, dtype=torch.float64)
        b = torch.randn(F, generator=rng, dtype=torch.float64)
        found = call_unchanged(every_frame, x=film, W=W, b=b)
        check_tensor(f"features for {label}", found, reference.every_frame(film, W, b))


hidden_every_frame()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 5: the step in PyTorch, with weights from NumPy (2 points)
#
# The same step as in question 2, on tensors with the channels first.
# The weights come as question 2 has them, only as tensors: kernels `(size, size, D, 4H)` and peepholes `(3, H)`.
# PyTorch wants kernels `(4H, D, size, size)`, and a peephole has to meet maps `(N, H, R, C)`.


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
def test_torch_step():
    check_own(torch_step)
    given = small_case().tensors()
    h_t, c_t = take_apart("torch_step", torch_step(**given), ("h_t", "c_t"))

    def other(**changes):
        return reference.torch_step(**{**given, **changes})

    def renamed(W):
        return W.reshape(W.shape[3], W.shape[2], *W.shape[:2]).permute(2, 3, 1, 0)

    right_h, right_c = other()
    kernels = {name: given[name] for name in ("W_x", "W_h")}
    tilted = {name: W.transpose(0, 1) for name, W in kernels.items()}
    reshaped = {name: renamed(W) for name, W in kernels.items()}
    mistakes = [
        (other(**reshaped), "reshape mixes the kernel: permute moves its axes"),
        (other(**tilted), "rows and columns of the kernel are exchanged: check the permute"),
        (other(w_c=0 * given["w_c"]), "the peepholes are missing"),
        ((right_c, right_h), "return h_t first, then c_t"),
    ]
    hints = [(wrong[1], text) for wrong, text in mistakes]
    check_tensor("c_t", c_t, right_c, hints=hints, reveal=True)
    check_tensor("h_t", h_t, right_h, hints=[(right_c, "h_t is o_t times tanh(c_t)")], reveal=True)


test_torch_step()


### BEGIN HIDDEN TESTS
def hidden_torch_step():
    for case in random_cases(question_seed("torch_step")):
        found = call_unchanged(torch_step, **case.tensors())
        pair = take_apart("torch_step", found, ("h_t", "c_t"))
        expected = reference.torch_step(**case.tensors())
        for name, one, right in zip(("h_t", "c_t"), pair, expected, strict=True):
            check_tensor(f"{name} for {case.label}", one, right)


hidden_torch_step()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 6: how many weights? (1 point)
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
def test_parameter_count():
    check_own(parameter_count)
    hints = [
        (2592, "the biases are missing"),
        (320, "a kernel has size times size entries for each channel"),
        (656, "there are four blocks"),
        (2336, "the input's kernel is missing"),
        (2656, "one bias for each map of each block, not two"),
    ]
    found = parameter_count(1, 8, 3, 3, "none", 16, 16)
    check_count("the count without peepholes", found, 2624, hints=hints)
    check_count(
        "the count with peepholes by channel",
        parameter_count(1, 8, 3, 3, "channel", 16, 16),
        2648,
        hints=[(2656, "three gates have a peephole, the candidate has none")],
    )
    check_count("the count by position", parameter_count(1, 8, 3, 3, "position", 2, 3), 2768)


test_parameter_count()


### BEGIN HIDDEN TESTS
def hidden_parameter_count():
    rng = np.random.default_rng(question_seed("parameter_count"))
    for kind in ("none", "channel", "position"):
        for _ in range(3):
            D, H, half_x, half_h, R, C = (int(n) for n in rng.integers(1, 6, 6))
            sizes = (D, H, 2 * half_x + 1, 2 * half_h - 1, kind, R, C + 5)
            right = reference.parameter_count(*sizes)
            check_count(f"the count with peepholes: {kind}", parameter_count(*sizes), right)


hidden_parameter_count()
### END HIDDEN TESTS
