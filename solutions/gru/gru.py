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
# # The GRU, in all its conventions
#
# In this assignment you write a gated recurrent unit in NumPy, forward and backward, and carry its weights between conventions that look alike and are not.
# It goes with the chapter *Two gates, one state: the GRU*, where every equation below is derived.
#
# There are six questions and **10 points**.
# Plan 60 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# Some questions have two parts: each gives points of its own, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, `float32` arrays, with biases and states that are not zero.
# Two habits get you through all of them:
#
# - take sizes from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are: write `a = a + b`, not `a += b`.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "gru_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import gru as reference
from lstm_course.answers.gru_cases import random_cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x`, `x_t` | `(N, T, D)`, `(N, D)` | input sequences; input of one step |
# | `h_prev`, `h_t` | `(N, H)` | the state before and after a step |
# | `r`, `z`, `g` | `(N, H)` | reset gate, update gate, candidate |
# | `W_x`, `W_h` | `(D, 3H)`, `(H, 3H)` | weights, three blocks in the order r, z, g |
# | `b_x`, `b_h` | `(3H,)` each | the bias beside `x_t @ W_x`, and the one beside `h_prev @ W_h` |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# Rows are examples.
# In NumPy `@` is the matrix product and `*` the elementwise product, which we write as $\odot$.
# The logistic function is given:


# %% nbgrader={"grade": false, "grade_id": "gru_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))


# %% [markdown]
# ## Question 1: the candidate, in both forms (2 points)
#
# In PyTorch, and by default in Keras, the reset gate stands *after* the product with the state:
#
# $$g_t = \tanh\bigl(x_t W_{xg} + b_{xg} + r_t \odot (h_{t-1} W_{hg} + b_{hg})\bigr)$$
#
# In the papers it stands *before* it:
#
# $$g_t = \tanh\bigl(x_t W_{xg} + b_{xg} + (r_t \odot h_{t-1}) W_{hg} + b_{hg}\bigr)$$


# %% nbgrader={"grade": false, "grade_id": "gru_candidate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def candidate(x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg, reset_after):
    """Compute the candidate of a GRU.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, r : arrays (N, H)
    W_xg, W_hg : arrays (D, H), (H, H)
    b_xg, b_hg : arrays (H,)
    reset_after : bool
        Whether the reset gate stands after the product with the state, or before it.

    Returns
    -------
    g : array (N, H), floats

    Hint: look where the brackets are, and on which side of them each bias stands.
    """
    ### BEGIN SOLUTION
    from_x = x_t @ W_xg + b_xg  # (N, H)
    if reset_after:
        return np.tanh(from_x + r * (h_prev @ W_hg + b_hg))
    return np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_candidate_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_candidate():
    check_own(candidate)
    x_t, h_prev = np.array([[1.0], [-1.0]]), np.array([[0.5, -1.0], [1.0, 0.5]])
    r = np.array([[0.5, 1.0], [0.25, 0.75]])
    W_xg, W_hg = np.array([[0.5, -0.5]]), np.array([[1.0, 0.5], [-0.5, 1.0]])
    b_xg, b_hg = np.array([0.1, -0.1]), np.array([0.2, 0.4])
    given = (x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg)
    after = [[0.8337, -0.7398], [-0.1611, 0.8957]]
    before = [[0.9138, -0.7913], [-0.1366, 0.8617]]
    with parts.part("the reset gate after the product", 1):
        check_example(
            "g with reset_after=True",
            candidate(*given, True),
            after,
            hints=[
                (before, "this is the other form: the gate multiplies the product, not h_prev"),
                ([[0.8617, -0.7398], [-0.0125, 0.9138]], "the gate multiplies b_hg too"),
                ([[0.9468, -0.7398], [0.5005, 0.9468]], "the reset gate is missing"),
                ([[0.6044, -0.8957], [-0.0375, 0.6044]], "W_hg is transposed"),
                ([[1.2, -0.95], [-0.1625, 1.45]], "the tanh is missing"),
                ([[0.7163, -0.7398], [0.1366, 0.8741]], "the gate does not touch the input"),
            ],
        )
    with parts.part("the reset gate before the product", 1):
        check_example(
            "g with reset_after=False",
            candidate(*given, False),
            before,
            hints=[
                (after, "this is the other form: the gate multiplies h_prev, before the product"),
                ([[0.8957, -0.7913], [-0.2798, 0.8337]], "b_hg is not multiplied by the gate here"),
                ([[0.9468, -0.7398], [0.5005, 0.9468]], "the reset gate is missing"),
                ([[1.55, -1.075], [-0.1375, 1.3]], "the tanh is missing"),
            ],
        )


test_candidate()


### BEGIN HIDDEN TESTS
def hidden_candidate():
    for case in random_cases(question_seed("candidate")):
        cache, H = case.cache, case.h0.shape[1]
        block = {name: array[..., 2 * H :].copy() for name, array in case.weights.items()}
        given = {"x_t": cache["x_t"], "h_prev": case.h0, "r": cache["r"]}
        given |= {"W_xg": block["W_x"], "W_hg": block["W_h"]}
        given |= {"b_xg": block["b_x"], "b_hg": block["b_h"]}
        right = {form: reference.candidate(**given, reset_after=form) for form in (True, False)}
        for form, name in ((True, "after"), (False, "before")):
            with parts.part(f"the reset gate {name} the product"):
                check_array(
                    f"g with reset_after={form} for {case.label}",
                    call_unchanged(candidate, **given, reset_after=form),
                    right[form],
                    hints=[(right[not form], "this is the other form")],
                )


hidden_candidate()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `candidate` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "gru_reference_candidate", "locked": true, "schema_version": 3, "solution": false, "task": false}
candidate = reference.candidate

# %% [markdown]
# ## Question 2: one step (2 points)
#
# The gates are
#
# $$r_t = \sigma(x_t W_{xr} + b_{xr} + h_{t-1} W_{hr} + b_{hr}) \qquad z_t = \sigma(x_t W_{xz} + b_{xz} + h_{t-1} W_{hz} + b_{hz})$$
#
# and the new state is an average, in the convention of PyTorch and Keras, where a large $z_t$ *keeps*:
#
# $$h_t = z_t \odot h_{t-1} + (1 - z_t) \odot g_t$$
#
# Use the candidate with `reset_after=True`.


# %% nbgrader={"grade": false, "grade_id": "gru_gru_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    """Advance the GRU by one time step.

    Parameters
    ----------
    x_t, h_prev : arrays (N, D), (N, H)
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    h_t, r, z, g : four arrays (N, H), floats

    Hint: the blocks stand in the order r, z, g; ``candidate`` is at hand.
    """
    ### BEGIN SOLUTION
    H = h_prev.shape[1]
    a = x_t @ W_x + b_x + h_prev @ W_h + b_h  # (N, 3H); the last block is not used
    r, z = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])
    last = [array[..., 2 * H :] for array in (W_x, W_h, b_x, b_h)]
    g = candidate(x_t, h_prev, r, *last, True)
    return z * h_prev + (1.0 - z) * g, r, z, g
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_gru_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
FOUR = ("h_t", "r", "z", "g")


def test_gru_step():
    check_own(gru_step)
    x_t, h_prev = np.array([[1.0], [-1.0]]), np.array([[0.5, -1.0], [1.0, 0.5]])
    W_x = np.array([[0.5, -0.5, 1.0, 0.25, 0.5, -1.0]])
    W_h = np.array([[0.5, 1.0, -0.5, 0.25, 1.0, -0.5], [-1.0, 0.5, 0.75, 1.0, 0.5, 0.25]])
    b_x = np.array([0.1, -0.2, 0.3, 0.4, -0.1, 0.2])
    b_h = np.array([0.2, 0.1, -0.4, 0.3, 0.5, -0.3])
    result = gru_step(x_t, h_prev, W_x, W_h, b_x, b_h)
    h_t, r, z, g = take_apart("gru_step", result, FOUR)
    with parts.part("the gates", 1):
        right_r, right_z = [[0.8859, 0.3543], [0.4502, 0.8389]], [[0.475, 0.5187], [0.2271, 0.7685]]
        hints = [
            (right_z, "r and z are exchanged"),
            ([[0.8641, 0.3318], [0.4013, 0.8249]], "the bias b_h is missing"),
        ]
        check_example("r", r, right_r, hints=hints)
        check_example(
            "z",
            z,
            right_z,
            hints=[
                (right_r, "r and z are exchanged"),
                ([[0.525, 0.4813], [0.7729, 0.2315]], "this is 1 - z"),
            ],
        )
    with parts.part("candidate and state", 1):
        check_example("g", g, [[0.6874, -0.7945], [0.1856, 0.5606]])
        check_example(
            "h_t",
            h_t,
            [[0.5984, -0.9011], [0.3705, 0.514]],
            hints=[
                ([[0.589, -0.8934], [0.8151, 0.5466]], "a large z keeps the old state here"),
                ([[0.9249, -1.3132], [0.4127, 0.9449]], "the candidate is weighted with 1 - z"),
                ([[0.5214, -0.8673], [0.5522, 0.5098]], "z weighs the average, not r"),
            ],
        )


test_gru_step()


### BEGIN HIDDEN TESTS
def hidden_gru_step():
    for case in random_cases(question_seed("gru_step")):
        given = {"x_t": case.cache["x_t"], "h_prev": case.h0, **case.weights}
        yours = take_apart("gru_step", call_unchanged(gru_step, **given), FOUR)
        h_t, r, z, g = expected = reference.gru_step(**given)
        hints = {
            "h_t": [((1.0 - z) * case.h0 + z * g, "a large z keeps the old state here")],
            "r": [(z, "r and z are exchanged")],
            "z": [(r, "r and z are exchanged")],
            "g": [(h_t, "the results stand in the order h_t, r, z, g")],
        }
        for name, array, right in zip(FOUR, yours, expected, strict=True):
            with parts.part("the gates" if name in "rz" else "candidate and state"):
                check_array(f"{name} for {case.label}", array, right, hints=hints[name])


hidden_gru_step()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gru_reference_gru_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `gru_step` is the reference version.
gru_step = reference.gru_step

# %% [markdown]
# ## Question 3: a whole sequence (1 point)
#
# The same step, with the same weights, for one column of `x` after the other; each step starts from the state that the step before has left.


# %% nbgrader={"grade": false, "grade_id": "gru_gru_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    """Run the GRU over a batch of sequences.

    Parameters
    ----------
    x, h0 : arrays (N, T, D), (N, H)
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    h : array (N, T, H), floats
        The state after every step, without ``h0``.

    Hint: ``np.stack`` has an argument ``axis``.
    """
    ### BEGIN SOLUTION
    h_t, h = h0, []
    for t in range(x.shape[1]):
        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]
        h.append(h_t)
    return np.stack(h, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_gru_forward_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_gru_forward():
    check_own(gru_forward)
    x, h0 = np.array([[[1.0], [0.0], [-1.0]]]), np.array([[0.5]])
    weights = (np.array([[1.0, -0.5, 2.0]]), np.array([[0.5, 1.0, -1.0]]))
    biases = (np.array([0.1, 0.2, -0.3]), np.array([0.3, -0.1, 0.4]))
    check_example(
        "h",
        gru_forward(x, h0, *weights, *biases),
        [[[0.7014], [0.3399], [-0.0306]]],
        hints=[
            ([[[0.7014]], [[0.3399]], [[-0.0306]]], "time stands first: stack along axis 1"),
            ([[[0.5], [0.7014], [0.3399], [-0.0306]]], "leave h0 out: h has T columns"),
            ([[-0.0306]], "this is the last state only: keep them all"),
            ([[[0.7014], [0.1987], [0.13]]], "each step starts from h0: carry h_t on"),
            ([[[0.578], [0.2502], [-0.1175]]], "start from h0, not from zeros"),
        ],
    )


test_gru_forward()


### BEGIN HIDDEN TESTS
def hidden_gru_forward():
    for case in random_cases(question_seed("gru_forward")):
        given = {"x": case.x, "h0": case.h0, **case.weights}
        right = reference.gru_forward(**given)
        cold = reference.gru_forward(case.x, np.zeros_like(case.h0), **case.weights)
        check_array(
            f"h for {case.label}",
            call_unchanged(gru_forward, **given),
            right,
            hints=[
                (cold, "start from h0, not from zeros"),
                (right.transpose(1, 0, 2), "time stands first: stack along axis 1"),
            ],
        )


hidden_gru_forward()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "gru_reference_gru_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `gru_forward` is the reference version.
gru_forward = reference.gru_forward

# %% [markdown]
# ## Question 4: the other convention (1 point)
#
# Chung et al. (2014) and many tutorials let a large update gate *write*:
#
# $$h_t = (1 - z_t) \odot h_{t-1} + z_t \odot g_t$$
#
# Change the weights of a layer so that it computes in their convention what yours computes in ours.
# Use that $1 - \sigma(a) = \sigma(-a)$.


# %% nbgrader={"grade": false, "grade_id": "gru_flip_update_gate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flip_update_gate(W_x, W_h, b_x, b_h):
    """Convert weights between the two conventions of the update gate.

    Parameters
    ----------
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    W_x, W_h, b_x, b_h : new arrays of the same shapes and dtypes

    Hint: everything that enters the update gate takes part.
    """
    ### BEGIN SOLUTION
    H = len(W_h)
    sign = np.ones_like(b_x)
    sign[H : 2 * H] = -1.0
    return W_x * sign, W_h * sign, b_x * sign, b_h * sign
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_flip_update_gate_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
NAMES = ("W_x", "W_h", "b_x", "b_h")


def test_flip_update_gate():
    check_own(flip_update_gate)
    W_x, W_h = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]), np.arange(12.0).reshape(2, 6)
    b_x, b_h = np.arange(6.0) + 0.5, np.arange(6.0) + 7.0
    result = flip_update_gate(W_x, W_h, b_x, b_h)
    flipped = take_apart("flip_update_gate", result, NAMES)
    hints = [
        ([[-1.0, -2.0, 3.0, 4.0, 5.0, 6.0]], "this is the block of the reset gate"),
        ([[1.0, 2.0, 3.0, 4.0, -5.0, -6.0]], "this is the block of the candidate"),
        ([[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]], "change only the block of the update gate"),
        ([[1.0, 2.0, -2.0, -3.0, 5.0, 6.0]], "1 - sigma(a) is sigma(-a), not sigma(1 - a)"),
    ]
    check_example("W_x", flipped[0], [[1.0, 2.0, -3.0, -4.0, 5.0, 6.0]], hints=hints)
    whole = [[0.0, 1.0, -2.0, -3.0, 4.0, 5.0], [6.0, 7.0, -8.0, -9.0, 10.0, 11.0]]
    check_example("W_h", flipped[1], whole, hints=[(W_h, "the recurrent weights take part too")])
    missing = "the biases take part too"
    check_example("b_x", flipped[2], [0.5, 1.5, -2.5, -3.5, 4.5, 5.5], hints=[(b_x, missing)])
    check_example("b_h", flipped[3], [7.0, 8.0, -9.0, -10.0, 11.0, 12.0], hints=[(b_h, missing)])


test_flip_update_gate()


### BEGIN HIDDEN TESTS
def hidden_flip_update_gate():
    for case in random_cases(question_seed("flip_update_gate")):
        result = call_unchanged(flip_update_gate, **case.weights)
        yours = take_apart("flip_update_gate", result, NAMES)
        right = reference.flip_update_gate(**case.weights)
        for name, array, wanted in zip(NAMES, yours, right, strict=True):
            hints = [(case.weights[name], f"the update block of {name} is unchanged")]
            check_array(f"{name} for {case.label}", array, wanted, hints=hints, same_dtype=True)


hidden_flip_update_gate()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 5: from PyTorch to Keras (2 points)
#
# | | PyTorch `nn.GRU` | Keras `layers.GRU` |
# |---|---|---|
# | input weights | `weight_ih (3H, D)` | `kernel (D, 3H)` |
# | recurrent weights | `weight_hh (3H, H)` | `recurrent_kernel (H, 3H)` |
# | biases | `bias_ih (3H,)`, `bias_hh (3H,)` | `bias (2, 3H)`: first that of the input, then that of the state |
# | order of the blocks | r, z, n | z, r, h |
#
# `n` and `h` are two names for the candidate.


# %% nbgrader={"grade": false, "grade_id": "gru_torch_to_keras", "locked": false, "schema_version": 3, "solution": true, "task": false}
def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    """Carry the weights of a GRU layer from PyTorch's layout to that of Keras.

    Parameters
    ----------
    weight_ih, weight_hh : arrays (3H, D), (3H, H)
    bias_ih, bias_hh : arrays (3H,)

    Returns
    -------
    kernel, recurrent_kernel, bias : arrays (D, 3H), (H, 3H), (2, 3H)

    Hint: ``np.split(array, 3, axis=-1)`` gives the three blocks of any of them.
    """
    ### BEGIN SOLUTION
    moved = []
    for array in (weight_ih.T, weight_hh.T, np.stack([bias_ih, bias_hh])):
        r, z, n = np.split(array, 3, axis=-1)
        moved.append(np.concatenate([z, r, n], axis=-1))
    return tuple(moved)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_torch_to_keras_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
THREE = ("kernel", "recurrent_kernel", "bias")


def test_torch_to_keras():
    check_own(torch_to_keras)
    weight_ih = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])  # H = 2: two rows a block
    weight_hh = np.arange(10.0, 22.0).reshape(6, 2)
    bias_ih, bias_hh = np.arange(6.0), np.arange(30.0, 36.0)
    result = torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh)
    kernel, recurrent_kernel, bias = take_apart("torch_to_keras", result, THREE)
    with parts.part("the two kernels", 1):
        order = "the blocks of Keras stand in the order z, r, h"
        hints = [
            ([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], order),
            ([[5.0, 6.0, 3.0, 4.0, 1.0, 2.0]], order),
        ]
        hints.append((weight_ih, "Keras stores the transpose"))
        check_example("kernel", kernel, [[3.0, 4.0, 1.0, 2.0, 5.0, 6.0]], hints=hints)
        check_example(
            "recurrent_kernel",
            recurrent_kernel,
            [[14.0, 16.0, 10.0, 12.0, 18.0, 20.0], [15.0, 17.0, 11.0, 13.0, 19.0, 21.0]],
            hints=[
                (weight_hh.reshape(2, 6), "transpose, do not reshape"),
                (
                    [[14.0, 15.0, 16.0, 17.0, 10.0, 11.0], [12.0, 13.0, 18.0, 19.0, 20.0, 21.0]],
                    "transpose, do not reshape",
                ),
                (weight_hh.T, order),
            ],
        )
    with parts.part("the biases", 1):
        check_example(
            "bias",
            bias,
            [[2.0, 3.0, 0.0, 1.0, 4.0, 5.0], [32.0, 33.0, 30.0, 31.0, 34.0, 35.0]],
            hints=[
                ([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [30.0, 31.0, 32.0, 33.0, 34.0, 35.0]], order),
                (
                    [[32.0, 33.0, 30.0, 31.0, 34.0, 35.0], [2.0, 3.0, 0.0, 1.0, 4.0, 5.0]],
                    "the first row is the bias of the input",
                ),
                ([34.0, 36.0, 30.0, 32.0, 38.0, 40.0], "a GRU needs both biases: do not add them"),
            ],
        )


test_torch_to_keras()


### BEGIN HIDDEN TESTS
def hidden_torch_to_keras():
    for case in random_cases(question_seed("torch_to_keras")):
        given = {"weight_ih": case.W_x.T.copy(), "weight_hh": case.W_h.T.copy()}
        given |= {"bias_ih": case.b_x, "bias_hh": case.b_h}
        yours = take_apart("torch_to_keras", call_unchanged(torch_to_keras, **given), THREE)
        right = reference.torch_to_keras(**given)
        unmoved = (case.W_x, case.W_h, np.stack([case.b_x, case.b_h]))
        for name, array, wanted, wrong in zip(THREE, yours, right, unmoved, strict=True):
            with parts.part("the biases" if name == "bias" else "the two kernels"):
                hints = [(wrong, "the blocks of Keras stand in the order z, r, h")]
                check_array(f"{name} for {case.label}", array, wanted, hints=hints)


hidden_torch_to_keras()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: one step back (2 points)
#
# The forward pass has kept a **cache**, a dict with these arrays:
#
# | Key | Shape | Meaning |
# |---|---|---|
# | `"x_t"`, `"h_prev"` | `(N, D)`, `(N, H)` | what the step has read |
# | `"r"`, `"z"`, `"g"` | `(N, H)` | gates and candidate, after sigmoid and tanh |
# | `"h_g"` | `(N, H)` | $h_{t-1} W_{hg} + b_{hg}$, which the reset gate multiplied |
# | `"W_x"`, `"W_h"` | `(D, 3H)`, `(H, 3H)` | weights, blocks r, z, g |
#
# Start with the average $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot g_t$, which has three factors, and go on through the slopes of tanh and sigmoid to the pre-activations.
# Then keep two arrays apart:
#
# - `da_x (N, 3H)`, the gradient of $x_t W_x + b_x$;
# - `da_h (N, 3H)`, the gradient of $h_{t-1} W_h + b_h$, which in the block of the candidate has passed the reset gate.
#
# $h_{t-1}$ is read three times: by the average, by the gates, by the candidate.


# %% nbgrader={"grade": false, "grade_id": "gru_step_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_backward(dh_t, cache):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    cache : dict of arrays
        See the table above.

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H)
    dW_x, dW_h : arrays (D, 3H), (H, 3H)
    db_x, db_h : arrays (3H,)

    Hint: first ``da_g`` and ``da_z``, then ``da_r`` from ``da_g``.
    """
    ### BEGIN SOLUTION
    h_prev, r, z, g = cache["h_prev"], cache["r"], cache["z"], cache["g"]
    da_z = dh_t * (h_prev - g) * z * (1.0 - z)
    da_g = dh_t * (1.0 - z) * (1.0 - g**2)
    da_r = da_g * cache["h_g"] * r * (1.0 - r)
    da_x = np.concatenate([da_r, da_z, da_g], axis=1)  # (N, 3H)
    da_h = np.concatenate([da_r, da_z, da_g * r], axis=1)  # (N, 3H)
    dx_t, dh_prev = da_x @ cache["W_x"].T, dh_t * z + da_h @ cache["W_h"].T
    dW_x, dW_h = cache["x_t"].T @ da_x, h_prev.T @ da_h
    return dx_t, dh_prev, dW_x, dW_h, da_x.sum(axis=0), da_h.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_step_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
SIX = ("dx_t", "dh_prev", "dW_x", "dW_h", "db_x", "db_h")


def test_step_backward():
    check_own(step_backward)
    columns = {"x_t": [1.0, 2.0], "h_prev": [0.5, -1.0], "r": [0.75, 0.5], "z": [0.25, 0.8]}
    columns |= {"g": [0.8, -0.5], "h_g": [2.0, -0.5]}
    cache = {name: np.array(column)[:, None] for name, column in columns.items()}
    cache |= {"W_x": np.array([[1.0, 2.0, 3.0]]), "W_h": np.array([[-1.0, 0.5, 2.0]])}
    result = step_backward(np.array([[1.0], [-2.0]]), cache)
    dx_t, dh_prev, dW_x, dW_h, db_x, db_h = take_apart("step_backward", result, SIX)
    with parts.part("what leaves the step", 1):
        check_example(
            "dx_t",
            dx_t,
            [[0.7987], [-0.5425]],
            hints=[
                ([[0.5962], [-0.0925]], "the input does not pass the reset gate: use da_x"),
                ([[1.0237], [-1.1825]], "dz is multiplied by h_prev - g, not by g - h_prev"),
                ([[0.1912], [-3.13]], "g is weighted with 1 - z, h_prev with z"),
                ([[1.3026], [-0.5844]], "g is a tanh already: its slope is 1 - g**2"),
                ([[0.75], [1.25]], "the slopes of the sigmoids are missing"),
            ],
        )
        check_example(
            "dh_prev",
            dh_prev,
            [[0.5256], [-1.8575]],
            hints=[
                ([[0.2756], [-0.2575]], "the average reads h_prev too: add dh_t * z"),
                ([[0.25], [-1.6]], "the gates and the candidate read h_prev too"),
                ([[0.6606], [-2.1575]], "the candidate's block of da_h has passed the reset gate"),
            ],
        )
    with parts.part("the weights", 1):
        check_example("dW_x", dW_x, [[0.1762, 0.2637, -0.33]])
        check_example(
            "dW_h",
            dW_h,
            [[0.0131, -0.1881, 0.2512]],
            hints=[
                (
                    [[0.0131, -0.1881, 0.435]],
                    "the candidate's block of da_h has passed the reset gate",
                )
            ],
        )
        check_example(
            "db_x",
            db_x,
            [0.1387, 0.1037, -0.03],
            hints=[([0.0694, 0.0519, -0.015], "add over the batch, do not average")],
        )
        check_example(
            "db_h",
            db_h,
            [0.1387, 0.1037, 0.0525],
            hints=[([0.1387, 0.1037, -0.03], "db_h is the sum of da_h, not of da_x")],
        )


test_step_backward()


### BEGIN HIDDEN TESTS
def hidden_step_backward():
    for case in random_cases(question_seed("step_backward")):
        given = {"dh_t": case.dh_t, "cache": case.cache}
        yours = take_apart("step_backward", call_unchanged(step_backward, **given), SIX)
        right = dict(zip(SIX, reference.step_backward(**given), strict=True))
        direct = case.dh_t * case.cache["z"]
        hints = {
            "dh_prev": (right["dh_prev"] - direct, "the average reads h_prev too: add dh_t * z"),
            "db_h": (right["db_x"], "db_h is the sum of da_h, not of da_x"),
        }
        for name, array in zip(SIX, yours, strict=True):
            known = [hints[name]] if name in hints else []
            with parts.part("the weights" if name[1] in "Wb" else "what leaves the step"):
                check_array(f"{name} for {case.label}", array, right[name], hints=known)


hidden_step_backward()
### END HIDDEN TESTS

parts.score()
