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
# # Backpropagation through time
#
# In this assignment you write a recurrent network in NumPy, its backward pass, the check that proves the backward pass right, and a training step.
# It goes with the chapter *Backpropagation through time*, where every equation below is derived.
#
# There are six questions and **12 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# Some questions have two or three parts: each gives points of its own, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, biases and states that are not zero, `float32` arrays.
# Three habits get you through all of them:
#
# - take `N`, `T`, `D` and `H` from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are;
# - add gradients up wherever a value is used more than once: over time, and over the examples of the batch.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
# So you can go on even where a test still fails.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import rnn_bptt as reference
from lstm_course.answers.rnn_bptt_cases import random_cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_number
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x`, `x_t` | `(N, T, D)`, `(N, D)` | input sequences; input of one step |
# | `h` | `(N, T + 1, H)` | all hidden states: `h[:, 0]` is $h_0$ and `h[:, t]` is $h_t$ |
# | `h_prev`, `h_t` | `(N, H)` | hidden state before and after a step |
# | `W_x`, `W_h`, `b` | `(D, H)`, `(H, H)`, `(H,)` | the weights, the same at every step |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# Rows are examples, so a layer computes $x W + b$.
# In NumPy `@` is the matrix product and `*` the elementwise product, which we write as $\odot$.

# %% [markdown]
# ## Question 1: one step forward (1 point)
#
# The plain RNN adds what it reads to what it remembers, and squashes the sum:
#
# $$h_t = \tanh\left(x_t W_x + h_{t-1} W_h + b\right)$$


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_rnn_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_step(x_t, h_prev, W_x, W_h, b):
    """Advance the RNN by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_x, W_h, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    h_t : array (N, H), floats

    Hint: write the shape of each product at the end of its line.
    """
    ### BEGIN SOLUTION
    a_t = x_t @ W_x + h_prev @ W_h + b  # (N, H)
    return np.tanh(a_t)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_rnn_step_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_rnn_step():
    check_own(rnn_step)
    x_t, h_prev = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.5, -0.5], [1.0, 0.2]])
    W_x, W_h = np.array([[0.2, -0.4], [0.1, 0.3]]), np.array([[0.5, 0.3], [-0.2, 0.4]])
    b = np.array([0.1, -0.2])
    check_example(
        "h_t",
        rnn_step(x_t, h_prev, W_x, W_h, b),
        [[0.6911, -0.0500], [0.4301, -0.1194]],
        hints=[
            ([[0.85, -0.05], [0.46, -0.12]], "the tanh is missing"),
            ([[0.6351, 0.1489], [0.3452, 0.0798]], "the bias b is missing"),
            ([[0.4621, 0.0], [0.0, -0.4621]], "the hidden state is missing"),
            ([[0.4219, -0.2449], [0.5080, 0.1781]], "the input is missing"),
            ([[0.5370, -0.2913], [0.5080, -0.5511]], "W_h is transposed: rows are examples"),
            ([[0.7006, 0.4875], [0.6130, 0.4700]], "this is the sigmoid, not tanh"),
        ],
    )


test_rnn_step()


### BEGIN HIDDEN TESTS
def hidden_rnn_step():
    for case in random_cases(question_seed("rnn_step")):
        x_t, W_x, W_h, b = case.x[:, 0], case.W_x, case.W_h, case.b
        result = call_unchanged(rnn_step, x_t=x_t, h_prev=case.h0, W_x=W_x, W_h=W_h, b=b)
        check_array(
            f"h_t for {case.label}",
            result,
            np.tanh(x_t @ W_x + case.h0 @ W_h + b),
            hints=[
                (np.tanh(x_t @ W_x + case.h0 @ W_h), "the bias b is missing"),
                (np.tanh(x_t @ W_x + b), "the hidden state h_prev is missing"),
                (np.tanh(x_t @ W_x + case.h0 @ W_h.T + b), "W_h is transposed"),
            ],
        )


hidden_rnn_step()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_step` is the reference version.  To try your own again, run its cell again.
rnn_step = reference.rnn_step

# %% [markdown]
# ## Question 2: a whole sequence (2 points)
#
# The same step, with the same weights, is applied to one column of `x` after the other, and each step starts from the state that the step before has left.
# The backward pass will need every state, also the first, so keep them all: `h` has $T + 1$ columns, and `h[:, 0]` is $h_0$.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_rnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_forward(x, h0, W_x, W_h, b):
    """Run the RNN over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0 : array (N, H)
        Initial state.
    W_x, W_h, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    h : array (N, T + 1, H), floats
        All states, batch first; ``h[:, 0]`` is ``h0`` and ``h[:, t]`` the state after step t.

    Hint: start a list with ``h0``; ``np.stack`` has an argument ``axis``.
    """
    ### BEGIN SOLUTION
    h = [h0]
    for t in range(x.shape[1]):
        h.append(rnn_step(x[:, t], h[t], W_x, W_h, b))  # (N, H)
    return np.stack(h, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_rnn_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_rnn_forward():
    check_own(rnn_forward)
    x = np.array([[[1.0], [0.0], [-1.0]]])  # one sequence of three steps
    h0, W_x, W_h, b = np.array([[0.5]]), np.array([[0.6]]), np.array([[0.8]]), np.array([0.1])
    check_example(
        "h",
        rnn_forward(x, h0, W_x, W_h, b),
        [[[0.5], [0.8005], [0.6294], [0.0035]]],
        hints=[
            ([[[0.8005], [0.6294], [0.0035]]], "h0 is missing: it comes first"),
            (
                [[[0.5]], [[0.8005]], [[0.6294]], [[0.0035]]],
                "time stands first: stack along axis 1",
            ),
            ([[0.0035]], "this is the last state only: keep them all"),
            ([[[0.5], [0.8005], [0.4621], [-0.0997]]], "each step starts from h0: carry h_t on"),
            ([[[0.0], [0.6044], [0.5252], [-0.0797]]], "start from h0, not from zeros"),
            ([[[0.5], [0.8005], [0.6294]]], "the last step is missing"),
        ],
    )


test_rnn_forward()


### BEGIN HIDDEN TESTS
def hidden_rnn_forward():
    for case in random_cases(question_seed("rnn_forward")):
        arrays = (case.x, case.h0, case.W_x, case.W_h, case.b)
        names = ("x", "h0", "W_x", "W_h", "b")
        right, zero = case.h, np.zeros_like(case.h0)
        from_zero = reference.rnn_forward(case.x, zero, *arrays[2:])
        check_array(
            f"h for {case.label}",
            call_unchanged(rnn_forward, **dict(zip(names, arrays, strict=True))),
            right,
            hints=[
                (from_zero, "start from h0, not from zeros"),
                (right[:, 1:], "h0 is missing: it comes first"),
                (right[:, :-1], "the last step is missing"),
                (right.transpose(1, 0, 2), "time stands first: stack along axis 1"),
                (
                    right.transpose(1, 0, 2).reshape(right.shape),
                    "reshape mixes examples and time steps: stack along axis 1 instead",
                ),
            ],
        )


hidden_rnn_forward()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_forward` is the reference version.
rnn_forward = reference.rnn_forward

# %% [markdown]
# ## Question 3: one step back (2 points)
#
# Somebody hands you `dh_t`, the gradient of the loss with respect to $h_t$, from everything that uses $h_t$.
# First it passes the tanh, whose slope is known from $h_t$ itself:
#
# $$\frac{\partial \mathcal{L}}{\partial a_t} = \frac{\partial \mathcal{L}}{\partial h_t} \odot \left(1 - h_t^2\right)
# \qquad\text{with}\qquad a_t = x_t W_x + h_{t-1} W_h + b$$
#
# Then it goes to everything that $a_t$ was computed from: to $x_t$ and $h_{t-1}$, and to the weights.
# Find the five products with the help of the shapes.
# Only one of them is not settled by its shape: $W_h$ is square, so think about it.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_step_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    x_t, h_prev, h_t : arrays (N, D), (N, H), (N, H)
        Input, state before and state after the step.
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H), floats
    dW_x, dW_h, db : arrays (D, H), (H, H), (H,), floats

    Hint: each gradient has the shape of what it belongs to; weights serve all examples.
    """
    ### BEGIN SOLUTION
    da_t = dh_t * (1.0 - h_t**2)  # (N, H)
    dx_t, dh_prev = da_t @ W_x.T, da_t @ W_h.T  # (N, D), (N, H)
    dW_x, dW_h = x_t.T @ da_t, h_prev.T @ da_t  # (D, H), (H, H)
    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_step_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
FIVE = ("dx_t", "dh_prev", "dW_x", "dW_h", "db")


def test_step_backward():
    check_own(step_backward)
    dh_t, x_t = np.array([[1.0, -2.0], [0.5, 1.0]]), np.array([[1.0, 2.0], [0.0, -1.0]])
    h_prev, h_t = np.array([[0.5, -0.5], [1.0, 0.2]]), np.array([[0.5, -0.6], [0.8, 0.0]])
    W_x, W_h = np.array([[0.2, -0.4], [0.1, 0.3]]), np.array([[0.5, 0.3], [-0.2, 0.4]])
    result = step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h)
    dx_t, dh_prev, dW_x, dW_h, db = take_apart("step_backward", result, FIVE)
    with parts.part("the gradients of the input and of the state before", 1):
        slope = "the slope of tanh is missing: multiply by 1 - h_t**2 first"
        check_example(
            "dh_prev",
            dh_prev,
            [[-0.009, -0.662], [0.39, 0.364]],
            hints=[
                ([[0.631, -0.287], [-0.11, 0.454]], "W_h must be transposed on the way back"),
                ([[-0.1, -1.0], [0.55, 0.3]], slope),
                ([[-0.0337, -0.7266], [0.4398, 0.3441]], "h_t is a tanh already: do not apply it"),
                ([[-0.075, -0.75], [0.288, 0.384]], "the slope belongs to h_t, not to h_prev"),
                ([[-0.71, -1.38], [0.35, 0.38]], "the slope is 1 - h_t**2, not 1 - h_t"),
            ],
        )
        hint = ([[1.0, -0.5], [-0.3, 0.35]], slope)
        check_example("dx_t", dx_t, [[0.662, -0.309], [-0.364, 0.318]], hints=[hint])
    with parts.part("the gradients of the weights", 1):
        hint = ([[1.0, -2.0], [1.5, -5.0]], slope)
        check_example("dW_x", dW_x, [[0.75, -1.28], [1.32, -3.56]], hints=[hint])
        check_example(
            "dW_h",
            dW_h,
            [[0.555, 0.36], [-0.339, 0.84]],
            hints=[
                ([[0.519, 0.16], [-0.45, 0.768]], "W_h multiplied h_prev, not h_t"),
                ([[0.555, -0.339], [0.36, 0.84]], "this is the transpose"),
                ([[1.0, 0.0], [-0.4, 1.2]], slope),
            ],
        )
        check_example(
            "db",
            db,
            [0.93, -0.28],
            hints=[
                ([0.465, -0.14], "add over the batch, do not average"),
                ([[0.75, -1.28], [0.18, 1.0]], "the bias serves all examples: add over the batch"),
                ([-0.53, 1.18], "add over the batch (axis 0), not over the units"),
                ([1.5, -1.0], slope),
            ],
        )


test_step_backward()


### BEGIN HIDDEN TESTS
def hidden_step_backward():
    for case in random_cases(question_seed("step_backward")):
        dh_t, x_t, h_prev, h_t = case.dh[:, 0], case.x[:, 0], case.h0, case.h[:, 1]
        arrays = {"dh_t": dh_t, "x_t": x_t, "h_prev": h_prev, "h_t": h_t}
        result = call_unchanged(step_backward, **arrays, W_x=case.W_x, W_h=case.W_h)
        yours = dict(zip(FIVE, take_apart("step_backward", result, FIVE), strict=True))
        right = dict(
            zip(FIVE, reference.step_backward(*arrays.values(), case.W_x, case.W_h), strict=True)
        )
        da_t = dh_t * (1.0 - h_t**2)
        hints = {
            "dx_t": (dh_t @ case.W_x.T, "the slope of tanh is missing"),
            "dh_prev": (da_t @ case.W_h, "W_h must be transposed on the way back"),
            "dW_x": (x_t.T @ dh_t, "the slope of tanh is missing"),
            "dW_h": (h_t.T @ da_t, "W_h multiplied h_prev, not h_t"),
            "db": (da_t.mean(axis=0), "add over the batch, do not average"),
        }
        back = parts.part("the gradients of the input and of the state before")
        with back:
            for name in FIVE[:2]:
                what = f"{name} for {case.label}"
                check_array(what, yours[name], right[name], hints=[hints[name]])
        with parts.part("the gradients of the weights"):
            for name in FIVE[2:]:
                what = f"{name} for {case.label}"
                check_array(what, yours[name], right[name], hints=[hints[name]])


hidden_step_backward()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_step_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step_backward` is the reference version.
step_backward = reference.step_backward

# %% [markdown]
# ## Question 4: backpropagation through time (3 points)
#
# Now walk back over the sequence.
# A state is used twice, by the loss of its own step and by the next step, so two gradients meet there:
#
# $$\frac{\partial \mathcal{L}}{\partial h_t} = \underbrace{\frac{\partial \mathcal{L}_t}{\partial h_t}}_{\texttt{dh[:, t - 1]}} + \underbrace{\frac{\partial \mathcal{L}}{\partial a_{t+1}}\, W_h^\top}_{\text{from step } t + 1}$$
#
# `dh` has $T$ columns, one for each step, and `h` has $T + 1$: the column `t` of `dh` and of `x` belongs to the column `t + 1` of `h`.
# After the last step there is no next one; there, the gradient from the future is `dh_T`, which comes from whatever else uses the final state.
# The weights are used at every step, so their gradients are sums over time.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_rnn_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    """Backpropagate through time.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss of each step with respect to the state after that step.
    dh_T : array (N, H)
        Gradient that reaches the final state from elsewhere; it is added to ``dh[:, -1]``.
    x : array (N, T, D)
    h : array (N, T + 1, H)
        All states, as ``rnn_forward`` returns them.
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx, dh0 : arrays (N, T, D), (N, H), floats
    dW_x, dW_h, db : arrays (D, H), (H, H), (H,), floats

    Hint: ``reversed(range(T))``, and ``step_backward`` for each step.
    """
    ### BEGIN SOLUTION
    dx, dh_next = np.zeros_like(x), dh_T
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(W_h[0])
    for t in reversed(range(x.shape[1])):
        dh_t = dh[:, t] + dh_next  # (N, H)
        now = step_backward(dh_t, x[:, t], h[:, t], h[:, t + 1], W_x, W_h)
        dx[:, t], dh_next = now[0], now[1]
        dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db + now[4]
    return dx, dh_next, dW_x, dW_h, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_rnn_backward_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
GRADIENTS = ("dx", "dh0", "dW_x", "dW_h", "db")


def test_rnn_backward():
    check_own(rnn_backward)
    x, h = np.array([[[1.0], [0.0], [-1.0]]]), np.array([[[0.5], [0.8], [0.6], [0.0]]])
    dh, dh_T, W_x, W_h = np.array([[[1.0], [2.0], [3.0]]]), np.array([[1.0]]), [[0.6]], [[0.8]]
    result = rnn_backward(dh, dh_T, x, h, np.array(W_x), np.array(W_h))
    dx, dh0, dW_x, dW_h, db = take_apart("rnn_backward", result, GRADIENTS)
    carry = "the gradient from the next step is missing: carry dh_prev on"
    own = "the losses of the earlier steps are missing: add dh[:, t] at every step"
    final = "dh_T is missing: it is added at the last step"
    with parts.part("what flows back to the inputs and to the initial state", 1):
        check_example(
            "dx",
            dx,
            [[[0.7911], [1.9968], [2.4]]],
            hints=[
                ([[[0.216], [0.768], [2.4]]], carry),
                ([[[0.3539], [1.2288], [2.4]]], own),
                ([[[0.7026], [1.6896], [1.8]]], final),
                ([[[2.4], [1.9968], [0.7911]]], "the steps stand in reverse order"),
            ],
        )
        hints = [(0.288, carry), (0.4719, own), (0.9368, final)]
        check_example("dh0", dh0, [[1.0548]], hints=hints)
    with parts.part("what adds up in the weights", 2):
        overwritten = "each step overwrites the last one: add them up"
        for name, found, right, first, last in (
            ("dW_x", dW_x, -2.6815, 1.3185, -4.0),
            ("dW_h", dW_h, 5.7216, 0.6592, 2.4),
            ("db", db, 8.6465, 1.3185, 4.0),
        ):
            hints = [(first, overwritten), (last, "this is the last step only: add them up")]
            check_example(name, found, [right] if name == "db" else [[right]], hints=hints)


test_rnn_backward()


### BEGIN HIDDEN TESTS
def hidden_rnn_backward():
    for case in random_cases(question_seed("rnn_backward")):
        arrays = {"dh": case.dh, "dh_T": case.dh_T, "x": case.x, "h": case.h}
        result = call_unchanged(rnn_backward, **arrays, W_x=case.W_x, W_h=case.W_h)
        yours = take_apart("rnn_backward", result, GRADIENTS)
        weights, rest = (case.W_x, case.W_h), (case.x, case.h, case.W_x, case.W_h)
        right = reference.rnn_backward(*arrays.values(), *weights)
        without_T = reference.rnn_backward(case.dh, 0 * case.dh_T, *rest)
        last_only = case.dh.copy()
        last_only[:, :-1] = 0
        without_own = reference.rnn_backward(last_only, case.dh_T, *rest)
        checks = list(zip(GRADIENTS, yours, right, without_T, without_own, strict=True))
        with parts.part("what flows back to the inputs and to the initial state"):
            for name, found, expected, no_T, no_own in checks[:2]:
                check_array(
                    f"{name} for {case.label}",
                    found,
                    expected,
                    hints=[(no_T, "dh_T is missing"), (no_own, "add dh[:, t] at every step")],
                )
        with parts.part("what adds up in the weights"):
            for name, found, expected, no_T, no_own in checks[2:]:
                check_array(
                    f"{name} for {case.label}",
                    found,
                    expected,
                    hints=[(no_T, "dh_T is missing"), (no_own, "add dh[:, t] at every step")],
                )


hidden_rnn_backward()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_backward` is the reference version.
rnn_backward = reference.rnn_backward

# %% [markdown]
# ## Question 5: a gradient check (2 points)
#
# A derivation is a claim, and differences are its test.
# For each entry $v$ of an array, nudge that entry alone, in both directions:
#
# $$\text{numeric} = \frac{\mathcal{L}(v + \varepsilon) - \mathcal{L}(v - \varepsilon)}{2 \varepsilon}$$
#
# Then compare with the gradient that was claimed.
# The error is relative to the largest entry; both maxima run over the whole array:
#
# $$\text{error} = \frac{\max |\text{gradient} - \text{numeric}|}{\max\left(|\text{gradient}| + |\text{numeric}|\right)}$$
#
# What to expect: in the test, the loss is the sum of the cubes, and with the (large) step 0.1 the numerical gradient at 1 is 3.01 where the exact one is 3.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_gradient_check", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_check(loss, array, gradient, step):
    """Compare a gradient with central differences.

    Parameters
    ----------
    loss : function
        ``loss(values)`` takes an array of the shape of ``array`` and returns a number.
    array : array of any shape, float64
        Where the gradient is wanted.  It must be as before when you return.
    gradient : array of the same shape
        The gradient to be checked.
    step : float
        How far each entry is nudged.

    Returns
    -------
    numeric : array of the same shape, floats
        The gradient by central differences.
    error : float
        The relative error of ``gradient``.

    Hint: nudge a copy; ``np.ndindex(array.shape)`` runs over all indices, whatever the shape.
    """
    ### BEGIN SOLUTION
    numeric = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        above, below = array.copy(), array.copy()
        above[index] += step
        below[index] -= step
        numeric[index] = (loss(above) - loss(below)) / (2 * step)
    largest = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / largest)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_gradient_check_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_gradient_check():
    check_own(gradient_check)
    array = np.array([[1.0, 2.0], [-1.0, 0.5]])
    claimed = np.array([[3.0, 12.0], [3.0, 1.05]])  # the last entry should be 0.75
    result = gradient_check(lambda values: float(np.sum(values**3)), array, claimed, 0.1)
    numeric, error = take_apart("gradient_check", result, ("numeric", "error"))
    with parts.part("the numerical gradient", 1):
        check_example(
            "numeric",
            numeric,
            [[3.01, 12.01], [3.01, 0.76]],
            hints=[
                ([[3.31, 12.61], [2.71, 0.91]], "nudge in both directions"),
                ([[6.02, 24.02], [6.02, 1.52]], "divide by twice the step"),
                ([[0.602, 2.402], [0.602, 0.152]], "divide by twice the step"),
            ],
        )
    with parts.part("the relative error", 1):
        check_number(
            "the error",
            error,
            0.012078,
            rtol=1e-3,
            hints=[
                (0.29, "this is the absolute error: divide by the size of the gradients"),
                (0.160221, "divide by the largest sum in the array, not entry by entry"),
                (0.011377, "these are norms: the question asks for maxima"),
                (0.024147, "the scale is the sum of both gradients"),
                (0.0084567, "these are means: the question asks for maxima"),
            ],
            reveal=True,
        )


test_gradient_check()


### BEGIN HIDDEN TESTS
def hidden_gradient_check():
    rng = np.random.default_rng(question_seed("gradient_check"))
    sizes = (((2, 3), 1e-5, 0.0), ((4,), 0.1, -30.0), ((1, 1), 1e-4, 0.0), ((2, 1, 2), 0.3, 2.0))
    for shape, step, tilt in sizes:
        weights, array = rng.standard_normal(shape), rng.standard_normal(shape)
        other = rng.standard_normal(shape)

        def loss(values, weights=weights, tilt=tilt):
            total = np.sum(values)  # through which the entries meet
            return float(np.sum(weights * values**3) + tilt * total + total**2)

        exact = 3.0 * weights * array**2 + tilt + 2.0 * np.sum(array)
        for kind, claimed in (
            ("right", exact),
            ("wrong", exact + other),
            ("far too small", exact / 9),
        ):
            right = reference.gradient_check(loss, array, claimed, step)
            result = call_unchanged(
                gradient_check, loss=loss, array=array, gradient=claimed, step=step
            )
            yours = take_apart("gradient_check", result, ("numeric", "error"))
            where = f"for an array of {len(shape)} dimensions and a gradient that is {kind}"
            with parts.part("the numerical gradient"):
                check_array(f"numeric {where}", yours[0], right[0], rtol=1e-6)
            with parts.part("the relative error"):
                # Of a right gradient the error is rounding, which no two ways share.
                check_number(f"the error {where}", yours[1], right[1], rtol=1e-5)


hidden_gradient_check()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: learn five sequences (2 points)
#
# The first thing to ask of a new network is that it can learn a handful of examples by heart; if it cannot, something is broken.
# Here a head reads the **last** state, and the loss is the mean of all squared differences:
#
# $$\hat y = h_T W_y \qquad\qquad \mathcal{L} = \frac{1}{N K} \sum_{n, k} \left(\hat y_{nk} - y_{nk}\right)^2$$
#
# A training step runs the network from $h_0 = 0$, computes all gradients, and moves each array a little against its gradient: $W \leftarrow W - \text{rate} \cdot \partial \mathcal{L} / \partial W$.
# The gradient of the head is a product like those of question 3.
#
# What to expect: on the five sequences of the test the loss is 0.5927 before the first step, 0.4351 after it, and close to zero after forty steps.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_five_sequences", "locked": true, "schema_version": 3, "solution": false, "task": false}
def five_sequences(H=8):
    """Return x (5, 4, 2), y (5, 1) and the weights W_x, W_h, b, W_y, always the same."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 4, 2)).round(1)
    y = np.array([[1.0], [-1.0], [0.5], [0.0], [-0.5]])
    W_x, W_h = 0.5 * rng.standard_normal((2, H)), 0.4 * rng.standard_normal((H, H))
    return x, y, W_x, W_h, np.zeros(H), 0.3 * rng.standard_normal((H, 1))


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(x, y, W_x, W_h, b, W_y, learning_rate):
    """Do one step of gradient descent.

    Parameters
    ----------
    x, y : arrays (N, T, D), (N, K)
    W_x, W_h, b, W_y : arrays (D, H), (H, H), (H,), (H, K)
    learning_rate : float
        The learning rate.

    Returns
    -------
    loss : float
        The mean squared error before the step.
    W_x, W_h, b, W_y : arrays, floats
        The weights after the step: new arrays.

    Hint: first ``dy_hat (N, K)``, the gradient of the loss with respect to the prediction; it
    gives ``dW_y`` and the gradient of the last state.  ``rnn_backward`` does the rest.
    """
    ### BEGIN SOLUTION
    h = rnn_forward(x, np.zeros((len(x), len(W_h)), x.dtype), W_x, W_h, b)
    wrong = h[:, -1] @ W_y - y  # (N, K)
    dy_hat = 2 * wrong / wrong.size  # (N, K)
    dh = np.zeros_like(h[:, 1:])  # no step has a loss of its own
    _, _, dW_x, dW_h, db = rnn_backward(dh, dy_hat @ W_y.T, x, h, W_x, W_h)
    dW_y = h[:, -1].T @ dy_hat  # (H, K)
    loss = float(np.mean(wrong**2))
    return (
        loss,
        W_x - learning_rate * dW_x,
        W_h - learning_rate * dW_h,
        b - learning_rate * db,
        W_y - learning_rate * dW_y,
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_training_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
RESULTS = ("loss", "W_x", "W_h", "b", "W_y")


def test_training_step():
    check_own(training_step)
    x, y, *weights = five_sequences()
    losses = []  # what you return, and the true loss after your step
    for _ in range(40):
        result = training_step(x, y, *weights, 0.2)
        loss, *weights = take_apart("training_step", result, RESULTS)
        losses.append((loss, reference.training_step(x, y, *weights, 0.2)[0]))
    with parts.part("the loss", 1):
        check_number(
            "the first loss",
            losses[0][0],
            0.59268,
            rtol=1e-3,
            hints=[
                (2.963402, "this is the sum: the loss is the mean"),
                (0.296340, "there is no factor one half in this loss"),
                (0.435062, "this is the loss after the step: return the one before"),
            ],
            reveal=True,
        )
    with parts.part("the weights", 1):
        check_number(
            "the loss with the weights of the first step",
            losses[0][1],
            0.43506,
            rtol=1e-3,
            hints=[
                (0.59268, "the weights did not change: return the new ones"),
                (0.8616, "go against the gradient, not along it"),
                (0.5115, "the loss is a mean, so its gradient is divided too"),
                (0.5010, "the gradient of a square has a factor 2"),
                (0.4749, "W_y learns too"),
                (0.4149, "only the last step has a loss: dh is zero, dh_T is not"),
            ],
            reveal=True,
        )
        check_number("the loss after 40 steps", losses[-1][1], 0.0, rtol=1e-2, reveal=True)


test_training_step()


### BEGIN HIDDEN TESTS
def hidden_training_step():
    for case in random_cases(question_seed("training_step")):
        start = {"W_x": case.W_x, "W_h": case.W_h, "b": case.b, "W_y": case.W_y}
        for number, learning_rate in (("first", 0.1), ("second", 0.02)):
            where = f"the {number} step, {case.label}"
            result = call_unchanged(
                training_step, x=case.x, y=case.y, **start, learning_rate=learning_rate
            )
            loss, *yours = take_apart("training_step", result, RESULTS)
            right_loss, *right = reference.training_step(
                case.x, case.y, *start.values(), learning_rate
            )
            after, *_ = reference.training_step(case.x, case.y, *right, learning_rate)
            with parts.part("the loss"):
                hints = [
                    (after, "return the loss before the step, not after it"),
                    (right_loss / 2, "there is no factor one half in this loss"),
                    (right_loss * case.y.size, "this is the sum: the loss is the mean"),
                ]
                check_number(f"the loss of {where}", loss, right_loss, rtol=1e-4, hints=hints)
            with parts.part("the weights"):
                for (name, old), new, expected in zip(start.items(), yours, right, strict=True):
                    hints = [
                        (old, "it did not change"),
                        (2 * old - expected, "go against the gradient, not along it"),
                        ((old + expected) / 2, "the loss has no factor one half"),
                        (
                            old + case.y.size * (expected - old),
                            "the loss is a mean, so its gradient is divided too",
                        ),
                    ]
                    check_array(f"{name} after {where}", new, expected, hints=hints)
            start = dict(zip(start, right, strict=True))


hidden_training_step()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Where to go from here
#
# You own a recurrent network, its gradient, and the proof that the gradient is right.
# Two things are worth trying with it:
#
# - check `reference.rnn_backward`, or your own, with your `gradient_check`, and then break it on purpose: which of your bugs does the check find with $T = 1$?
# - train on longer sequences, and print the norm of the gradient that arrives at $h_0$.
