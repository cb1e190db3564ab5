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
# # The LSTM, backwards
#
# In this assignment you write the backward pass of an LSTM in NumPy, check it, and train a network with it: no framework, every gradient your own.
# It goes with the chapter *Send the blame back through an LSTM*, where every line below is derived.
# The forward pass is given; if you would like to write that too, do the assignment `lstm_cell` first.
# Backpropagation through a plain RNN, and a gradient check entry by entry, are in `rnn_bptt`.
#
# There are seven questions and **12 points**.
# Plan 90 minutes.
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
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, `float32` arrays, with biases and states that are not zero, and gradients that enter at every place.
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

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import lstm_backward as reference
from lstm_course.answers import lstm_backward_cases as cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_number, check_numbers
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# The forward pass of a step is
#
# $$
# \begin{aligned}
# {} [\,a_i \;\; a_f \;\; a_g \;\; a_o\,] &= x_t W_x + h_{t-1} W_h + b \\
# i_t = \sigma(a_i) \quad f_t &= \sigma(a_f) \quad g_t = \tanh(a_g) \quad o_t = \sigma(a_o) \\
# c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
# h_t &= o_t \odot \tanh(c_t)
# \end{aligned}
# $$
#
# `dv` stands for the gradient of the loss with respect to `v`, and has the shape of `v`.
# Two gradients enter a step: `dh_t`, from everything that reads $h_t$, and `dc_t`, from the next step, which reads $c_t$.
#
# The forward pass keeps a **cache** of each step, a dict with these arrays:
#
# | Key | Shape | Meaning |
# |---|---|---|
# | `"x_t"` | `(N, D)` | input of the step |
# | `"h_prev"`, `"c_prev"` | `(N, H)` | the states before the step |
# | `"i"`, `"f"`, `"g"`, `"o"` | `(N, H)` | gates and candidate, after sigmoid and tanh |
# | `"tanh_c"` | `(N, H)` | $\tanh(c_t)$, of the new cell state |
# | `"W_x"`, `"W_h"` | `(D, 4H)`, `(H, 4H)` | weights, blocks in the order i, f, g, o |

# %% [markdown]
# The forward pass is given.
# It returns the hidden states of all steps and the list of their caches, the first step first.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
def sequence_forward(x, h0, c0, W_x, W_h, b):
    """Run the LSTM over x (N, T, D); return h (N, T, H) and a list of T caches."""
    h_t, c_t, h, caches = h0, c0, [], []
    for t in range(x.shape[1]):
        cache = {"x_t": x[:, t], "h_prev": h_t, "c_prev": c_t, "W_x": W_x, "W_h": W_h}
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)  # each (N, H)
        i, f, o = (0.5 * (1.0 + np.tanh(0.5 * a)) for a in (a_i, a_f, a_o))
        g = np.tanh(a_g)
        c_t = f * c_t + i * g
        h_t = o * np.tanh(c_t)
        h.append(h_t)
        caches.append({**cache, "i": i, "f": f, "g": g, "o": o, "tanh_c": np.tanh(c_t)})
    return np.stack(h, axis=1), caches


# %% [markdown]
# ## Question 1: back through the cell (2 points)
#
# Start with the two last equations of the step, $h_t = o_t \odot \tanh(c_t)$ and $c_t = f_t \odot c_{t-1} + i_t \odot g_t$.
# A product sends its gradient to each factor, multiplied by the other one.
# The cell state is read twice, by $h_t$ and by the next step, so its gradient is a sum:
#
# $$dc = dc_t + dh_t \odot o_t \odot \left(1 - \tanh^2(c_t)\right)$$
#
# Compute this first; then the five gradients follow in a line each.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_through_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c):
    """Carry the gradient from the new states back to gates, candidate and old cell state.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients of the loss with respect to h_t, and with respect to c_t from the next step.
    c_prev, i, f, g, o, tanh_c : arrays (N, H)
        From the forward pass.

    Returns
    -------
    di, df, dg, do, dc_prev : five arrays (N, H)

    Hint: ``tanh_c`` is already the tanh, so its slope is one minus its square.
    """
    ### BEGIN SOLUTION
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)  # (N, H)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_through_cell_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_through_cell():
    check_own(through_cell)
    numbers = (1.0, 0.5, 2.0, 0.25, 0.8, -0.5, 0.6, 0.9)
    result = through_cell(*(np.array([[number]]) for number in numbers))
    names = ("di", "df", "dg", "do", "dc_prev")
    di, df, dg, do, dc_prev = take_apart("through_cell", result, names)
    with parts.part("gates and candidate", 1):
        check_example("do", do, [[0.9]], hints=[(0.6, "do is multiplied by tanh(c_t), not by o")])
        check_example(
            "di",
            di,
            [[-0.307]],
            hints=[
                (-0.057, "the gradient dc_t of the next step is missing"),
                (-0.55, "the slope of the tanh is missing: one minus tanh_c squared"),
                (-0.345, "the output gate is missing on the way to the cell state"),
                (-0.3013, "dh_t was overwritten by do before it was used for dc"),
                (1.228, "this is df: return di, df, dg, do, dc_prev in this order"),
                (0.1535, "di is multiplied by g, and dg by i"),
                (0.1002, "the slope is taken at c_t: one minus tanh_c squared"),
            ],
        )
        check_example("df", df, [[1.228]], hints=[(0.9039, "df needs c_prev, not c_t")])
        check_example("dg", dg, [[0.1535]], hints=[(-0.307, "dg is multiplied by i")])
    with parts.part("the cell state before", 1):
        check_example(
            "dc_prev",
            dc_prev,
            [[0.4912]],
            hints=[
                (0.4, "this is dc_t times f: what comes by way of h_t counts too"),
                (0.614, "the forget gate is missing"),
                (0.0912, "the gradient dc_t of the next step is missing"),
                (0.88, "the slope of the tanh is missing: one minus tanh_c squared"),
            ],
        )


test_through_cell()


### BEGIN HIDDEN TESTS
def hidden_through_cell():
    for case in cases.backward_cases(question_seed("through_cell")):
        cache, names = case.caches[0], ("c_prev", "i", "f", "g", "o", "tanh_c")
        given = {"dh_t": case.dh_T, "dc_t": case.dc_T, **{name: cache[name] for name in names}}
        wanted = ("di", "df", "dg", "do", "dc_prev")
        yours = take_apart("through_cell", call_unchanged(through_cell, **given), wanted)
        expected = reference.through_cell(**given)
        alone = reference.through_cell(**{**given, "dc_t": 0.0 * case.dc_T})
        slope = case.dc_T + case.dh_T * cache["o"] * (1.0 - np.arctanh(cache["tanh_c"]) ** 2)
        for name, array, right, wrong in zip(wanted, yours, expected, alone, strict=True):
            hints = [(wrong, "the gradient dc_t of the next step is missing")]
            if name == "dc_prev":
                hints.append((slope * cache["f"], "the slope is taken at c_t, not at tanh(c_t)"))
            is_last = name == "dc_prev"
            with parts.part("the cell state before" if is_last else "gates and candidate"):
                check_array(f"{name} for {case.label}", array, right, hints=hints)


hidden_through_cell()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `through_cell` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_through_cell", "locked": true, "schema_version": 3, "solution": false, "task": false}
through_cell = reference.through_cell

# %% [markdown]
# ## Question 2: one step (2 points)
#
# Two more layers of the step are left.
# The slopes of sigmoid and tanh lead from the gates to the pre-activations, and both are known from the *activated* values:
#
# $$da_i = di \odot i \odot (1 - i) \qquad da_g = dg \odot (1 - g^2) \qquad \dots$$
#
# Side by side, in the order i, f, g, o, they are `da (N, 4H)`.
# From there, the matrix products lead to everything else:
#
# $$dx_t = da\, W_x^\top \quad dh_{t-1} = da\, W_h^\top \quad dW_x = x_t^\top da \quad dW_h = h_{t-1}^\top da \quad db = \textstyle\sum_{\text{rows}} da$$


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_step_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_backward(dh_t, dc_t, cache):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
    cache : dict of arrays
        See the table above: ``cache["i"]`` is the input gate.

    Returns
    -------
    dx_t, dh_prev, dc_prev : arrays (N, D), (N, H), (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)

    Hint: ``through_cell`` is at hand; ``np.concatenate`` has an argument ``axis``.
    """
    ### BEGIN SOLUTION
    i, f, g, o = cache["i"], cache["f"], cache["g"], cache["o"]
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, cache["c_prev"], i, f, g, o, cache["tanh_c"])
    da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)
    da_g, da_o = dg * (1.0 - g**2), do * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    dx_t, dh_prev = da @ cache["W_x"].T, da @ cache["W_h"].T
    return dx_t, dh_prev, dc_prev, cache["x_t"].T @ da, cache["h_prev"].T @ da, da.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_step_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_step_backward():
    check_own(step_backward)
    columns = {
        "x_t": [1.0, 2.0],
        "h_prev": [0.5, -1.0],
        "c_prev": [2.0, 1.0],
        "i": [0.25, 0.5],
        "f": [0.8, 0.5],
        "g": [-0.5, 0.5],
        "o": [0.6, 0.5],
        "tanh_c": [0.9, 0.6],
    }
    cache = {name: np.array(column)[:, None] for name, column in columns.items()}
    cache["W_x"] = np.array([[1.0, 2.0, 3.0, 4.0]])
    cache["W_h"] = np.array([[-1.0, 0.5, 2.0, 1.0]])
    result = step_backward(np.array([[1.0], [-1.0]]), np.array([[0.5], [1.0]]), cache)
    names = ("dx_t", "dh_prev", "dc_prev", "dW_x", "dW_h", "db")
    dx_t, dh_prev, dc_prev, dW_x, dW_h, db = take_apart("step_backward", result, names)
    with parts.part("what leaves the step", 1):
        check_example(
            "dx_t",
            dx_t,
            [[1.5448], [0.59]],
            hints=[
                ([[6.2095], [0.32]], "the slopes of sigmoid and tanh are missing"),
                ([[1.6188], [0.6005]], "the gates are activated already: use i (1 - i)"),
                ([[0.854], [0.08]], "the candidate goes through tanh: its slope is 1 - g squared"),
                ([[1.5616], [0.6272]], "the candidate is activated already: use 1 - g squared"),
                ([[1.2907], [0.505]], "the blocks of i and f are swapped"),
                ([[1.4439], [0.995]], "the blocks stand in the order i, f, g, o"),
            ],
        )
        check_example("dh_prev", dh_prev, [[0.6021], [0.36]])
        check_example("dc_prev", dc_prev, [[0.4912], [0.34]])
    with parts.part("the weights", 1):
        check_example(
            "dW_x",
            dW_x,
            [[0.1124, 0.5365, 0.6251, -0.084]],
            hints=[([[0.0562, 0.2682, 0.3126, -0.042]], "sum over the batch, do not average")],
        )
        check_example(
            "dW_h",
            dW_h,
            [[-0.1138, -0.0718, -0.1974, 0.258]],
            hints=[([[-0.0056, 0.1571, 0.1387, 0.0716]], "dW_h needs h_prev, not h_t")],
        )
        check_example(
            "db",
            db,
            [0.0274, 0.3665, 0.3701, 0.066],
            hints=[
                ([-0.0576, 0.1965, 0.1151, 0.216], "sum over the batch: this is one example"),
                ([0.0137, 0.1832, 0.1851, 0.033], "sum over the batch, do not average"),
            ],
        )


test_step_backward()


### BEGIN HIDDEN TESTS
def hidden_step_backward():
    for case in cases.backward_cases(question_seed("step_backward")):
        cache, names = case.caches[-1], ("dx_t", "dh_prev", "dc_prev", "dW_x", "dW_h", "db")
        given = {"dh_t": case.dh_T, "dc_t": case.dc_T, "cache": dict(cache)}
        yours = take_apart("step_backward", call_unchanged(step_backward, **given), names)
        expected = reference.step_backward(case.dh_T, case.dc_T, cache)
        with_h_t = {**cache, "h_prev": cache["o"] * cache["tanh_c"]}
        late = reference.step_backward(case.dh_T, case.dc_T, with_h_t)[4]
        for name, array, right in zip(names, yours, expected, strict=True):
            hints = [(late, "dW_h needs h_prev, not h_t")] if name == "dW_h" else []
            with parts.part("the weights" if name[1] in "Wb" else "what leaves the step"):
                check_array(f"{name} for {case.label}", array, right, hints=hints)


hidden_step_backward()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_step_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step_backward` is the reference version.
step_backward = reference.step_backward

# %% [markdown]
# ## Question 3: the whole sequence (2 points)
#
# Walk through the sequence from its end.
# At each step, the gradient of $h_t$ is what the loss says about it, `dh[:, t]`, plus what the step after it has handed back; the gradient of $c_t$ comes from the step after it alone.
# Behind the last step stand `dh_T` and `dc_T`, from whoever uses the final states.
# The weights are the same in every step, so their gradients add up.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_sequence_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_backward(dh, dh_T, dc_T, caches):
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        What the loss says about the hidden state of every step.
    dh_T, dc_T : arrays (N, H)
        Gradients of the final states, from whoever uses them.
    caches : list of T dicts
        The cache of every step, the first step first.

    Returns
    -------
    dx : array (N, T, D)
    dh0, dc0 : arrays (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)

    Hint: two gradients are carried from step to step.  ``reversed(range(T))`` counts down.
    """
    ### BEGIN SOLUTION
    dh_next, dc_next = dh_T, dc_T
    dx, dW_x, dW_h, db = [], 0.0, 0.0, 0.0
    for t in reversed(range(len(caches))):
        dx_t, dh_next, dc_next, *dW = step_backward(dh[:, t] + dh_next, dc_next, caches[t])
        dx.insert(0, dx_t)
        dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]
    return np.stack(dx, axis=1), dh_next, dc_next, dW_x, dW_h, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_sequence_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_sequence_backward():
    check_own(sequence_backward)
    x = np.array([[[1.0], [0.0], [-1.0]]])  # one sequence of three steps
    h0, c0 = np.array([[0.5]]), np.array([[2.0]])
    W_x, W_h = np.array([[-1.0, 2.0, 0.5, 1.0]]), np.array([[1.0, 0.5, -1.0, 0.5]])
    caches = sequence_forward(x, h0, c0, W_x, W_h, np.zeros(4))[1]
    dh, dh_T, dc_T = np.array([[[1.0], [-1.0], [2.0]]]), np.array([[0.5]]), np.array([[-1.0]])
    names = ("dx", "dh0", "dc0", "dW_x", "dW_h", "db")
    result = take_apart("sequence_backward", sequence_backward(dh, dh_T, dc_T, caches), names)
    dx, dh0, dc0, dW_x, dW_h, db = result
    with parts.part("inputs and initial states", 1):
        check_example(
            "dx",
            dx,
            [[[0.0887], [-0.6406], [-0.4042]]],
            hints=[
                ([[[0.0636], [-0.6878], [-0.4042]]], "dh is not carried from step to step"),
                ([[[0.2183], [-0.5771], [-0.4042]]], "dc is not carried from step to step"),
                ([[[-0.0044], [-0.0163], [-0.4042]]], "dh enters at every step, not at the end"),
                ([[[0.0939], [-0.609], [-0.4188]]], "dh_T is ignored"),
                ([[[0.0667], [-0.7823], [0.0728]]], "dc_T is ignored"),
                ([[[-0.4042], [-0.6406], [0.0887]]], "dx stands in reverse order"),
                ([[[-0.2244], [-1.3576], [-0.2277]]], "walk from the last step to the first"),
            ],
        )
        check_example("dh0", dh0, [[0.1361]])
        check_example("dc0", dc0, [[-0.1487]])
    with parts.part("the weights", 1):
        check_example(
            "dW_x",
            dW_x,
            [[-0.0426, 0.0007, 0.0974, 0.4003]],
            hints=[([[-0.0426, 0.029, 0.1594, 0.2239]], "add up over all steps: this is the last")],
        )
        check_example("dW_h", dW_h, [[0.057, -0.1599, -0.2121, -0.0806]])
        check_example("db", db, [0.1005, -0.2419, -0.3946, -0.1745])


test_sequence_backward()


### BEGIN HIDDEN TESTS
def hidden_sequence_backward():
    for case in cases.backward_cases(question_seed("sequence_backward")):
        order = ("dx", "dh0", "dc0", "dW_x", "dW_h", "db")
        given = {"dh": case.dh, "dh_T": case.dh_T, "dc_T": case.dc_T, "caches": case.caches}
        result = call_unchanged(sequence_backward, **given)
        yours = take_apart("sequence_backward", result, order)
        right = reference.sequence_backward(**given)
        no_dh_T = reference.sequence_backward(**{**given, "dh_T": 0.0 * case.dh_T})
        no_dc_T = reference.sequence_backward(**{**given, "dc_T": 0.0 * case.dc_T})
        for k, name in enumerate(order):
            hints = [(no_dh_T[k], "dh_T is ignored"), (no_dc_T[k], "dc_T is ignored")]
            with parts.part("the weights" if k > 2 else "inputs and initial states"):
                check_array(f"{name} for {case.label}", yours[k], right[k], hints=hints)


hidden_sequence_backward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: check it along a direction (1 point)
#
# A check of every entry calls the loss twice for each of them.
# There is a cheaper one: move the whole array a little along one direction $u$, and compare.
# The gradient promises the slope $\sum dv \odot u$, and two calls measure it:
#
# $$n = \frac{\mathcal{L}(v + \epsilon u) - \mathcal{L}(v - \epsilon u)}{2 \epsilon} \qquad\qquad \text{error} = \frac{\lvert a - n \rvert}{\lvert a \rvert + \lvert n \rvert} \quad\text{with } a = \textstyle\sum dv \odot u$$
#
# With a random direction, a wrong gradient shows nearly surely.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_directional_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def directional_error(loss, array, gradient, direction, step):
    """Return the relative error of a gradient along one direction.

    Parameters
    ----------
    loss : function
        ``loss(array)`` is a number.
    array, gradient, direction : arrays of one shape
        Where to look, the gradient that is claimed there, and which way to move.
    step : float
        How far to move to either side.

    Returns
    -------
    error : float
        Between 0 and 1; close to 0 where the gradient is right.

    Hint: ``array`` must stay as it is; ``array + step * direction`` is a new array.
    """
    ### BEGIN SOLUTION
    analytic = np.sum(gradient * direction)
    numeric = (loss(array + step * direction) - loss(array - step * direction)) / (2.0 * step)
    return float(abs(analytic - numeric) / (abs(analytic) + abs(numeric)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_directional_error_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def cubes(array):
    return float(np.sum(array**3))


def test_directional_error():
    check_own(directional_error)
    array, direction = np.array([1.0, 2.0]), np.array([1.0, -0.5])
    # The slope along the direction is -3; with a step as wide as 0.1, differences give -2.99125.
    for gradient, error, what in (
        ([3.0, 12.0], 0.00146, "the right gradient and a wide step"),
        ([3.0, 10.0], 0.19836, "a wrong gradient"),
        ([-3.0, -12.0], 1.0, "a gradient with the wrong sign"),
    ):
        check_number(
            f"the error for {what}",
            directional_error(cubes, array, np.array(gradient), direction, 0.1),
            error,
            rtol=1e-2,
            hints=[
                (0.08279, "a one-sided difference: move to both sides"),
                (0.33236, "divide by twice the step"),
                (0.00292, "divide by the sum of the two sizes, not by one of them"),
                (0.00875, "this is the absolute error: divide by the sum of the sizes"),
            ],
            reveal=True,
        )


test_directional_error()


### BEGIN HIDDEN TESTS
def hidden_directional_error():
    rng = np.random.default_rng(question_seed("directional_error"))
    for shape in ((3, 4), (1,), (2, 3, 2)):
        array, direction, weight = rng.standard_normal((3, *shape))
        direction = direction + np.sign(direction)

        def loss(given, weight=weight):
            return float(np.sum(weight * np.sin(given)))

        right = weight * np.cos(array)
        slope = np.sum(right * direction)
        for factor, what in ((1.0, "a right gradient"), (1.3, "a wrong one"), (-0.5, "a sign")):
            given = (array, factor * right, direction)
            names = ("array", "gradient", "direction")
            found = call_unchanged(
                directional_error, loss=loss, **dict(zip(names, given, strict=True)), step=1e-4
            )
            expected = reference.directional_error(loss, *given, 1e-4)
            one_sided = (loss(array + 1e-4 * direction) - loss(array)) / 1e-4
            rough = abs(factor * slope - one_sided) / (abs(factor * slope) + abs(one_sided))
            check_number(
                f"the error for {what}, {len(shape)}-dimensional",
                found,
                expected,
                rtol=1e-6,
                hints=[(rough, "a one-sided difference: move to both sides")],
            )


hidden_directional_error()
### END HIDDEN TESTS

# %% [markdown]
# Here is the check at work on the sequence of question 3, with your functions' reference versions: the first line is close to zero, and a gradient with `dc_T` forgotten is not.

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_sequence", "locked": true, "schema_version": 3, "solution": false, "task": false}
sequence_backward = reference.sequence_backward
directional_error = reference.directional_error

# %%
rng = np.random.default_rng(0)
x, h0, c0 = rng.standard_normal((3, 5, 4)), *rng.standard_normal((2, 3, 6))
W_x, W_h, b = rng.standard_normal((4, 24)) / 2, rng.standard_normal((6, 24)) / 2, np.ones(24)
dh, dc_T = rng.standard_normal((3, 5, 6)), rng.standard_normal((3, 6))


def loss_of_W_h(W_h):
    h, caches = sequence_forward(x, h0, c0, W_x, W_h, b)
    last = caches[-1]
    c_T = last["f"] * last["c_prev"] + last["i"] * last["g"]
    return float(np.sum(h * dh) + np.sum(c_T * dc_T))


caches = sequence_forward(x, h0, c0, W_x, W_h, b)[1]
direction = rng.standard_normal(W_h.shape)
for name, upstream in (("right", dc_T), ("dc_T forgotten", 0.0 * dc_T)):
    dW_h = sequence_backward(dh, np.zeros((3, 6)), upstream, caches)[4]
    print(f"{name:14} {directional_error(loss_of_W_h, W_h, dW_h, direction, 1e-5):.1e}")

# %% [markdown]
# ## Question 5: clip by the global norm (1 point)
#
# Before a gradient is used, it is shortened if it is too long.
# All arrays together are one vector with one norm, so that the direction stays what it is:
#
# $$\lVert \Delta \rVert = \sqrt{\textstyle\sum_{\text{arrays}} \sum_{\text{entries}} \Delta^2} \qquad\qquad \Delta \leftarrow \Delta \cdot \frac{\text{limit}}{\lVert \Delta \rVert} \quad\text{if } \lVert \Delta \rVert > \text{limit}$$


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_clip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip(gradients, limit):
    """Shorten a list of gradients to a joint norm of at most ``limit``.

    Parameters
    ----------
    gradients : list of arrays of any shapes
    limit : float

    Returns
    -------
    clipped : list of arrays of the same shapes
    norm : float
        The joint norm before clipping, a plain number.

    Hint: gradients that are all zero have the norm 0: do not divide by it.
    """
    ### BEGIN SOLUTION
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = limit / norm if norm > limit else 1.0
    return [gradient * scale for gradient in gradients], norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_clip_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_clip():
    check_own(clip)
    result = clip([np.array([3.0, 4.0]), np.array([[12.0]])], 6.5)
    clipped, norm = take_apart("clip", result, ("clipped", "norm"))
    hints = [
        (169.0, "take the square root"),
        (17.0, "add the squares of all entries, then take the root of the sum"),
        (6.5, "return the norm before clipping"),
    ]
    check_number("the norm", norm, 13.0, rtol=1e-3, hints=hints, reveal=True)
    first, second = take_apart("the clipped gradients", clipped, ("first", "second"))
    hints = [
        ([3.0, 4.0], "each array is clipped alone: there is one norm for all"),
        ([0.2308, 0.3077], "this has the norm 1: multiply by the limit as well"),
    ]
    check_example("the first of the clipped gradients", first, [1.5, 2.0], hints=hints)
    check_example("the second of the clipped gradients", second, [[6.0]])


test_clip()


### BEGIN HIDDEN TESTS
def hidden_clip():
    rng = np.random.default_rng(question_seed("clip"))
    gradients = [rng.standard_normal(shape) for shape in ((3, 8), (2, 8), (8,), (1,))]
    length = reference.clip(gradients, 1.0)[1]
    zeros = [np.zeros(2), np.zeros((1, 3))]
    for what, given, limit in (
        ("a norm above the limit", gradients, 0.3 * length),
        ("a norm below the limit", gradients, 1.7 * length),
        ("gradients that are all zero", zeros, 1.0),
    ):
        before = [array.copy() for array in given]
        result = clip(given, limit)
        scaled, norm = take_apart("clip", result, ("clipped", "norm"))
        expected, right = reference.clip(before, limit)
        check_number(f"the norm for {what}", norm, right)
        yours = take_apart("the clipped gradients", scaled, ("array",) * len(given))
        for array, wanted in zip(yours, expected, strict=True):
            hints = [(1.7 * wanted, "a gradient that is short enough stays as it is")]
            check_array(f"a clipped gradient for {what}", array, wanted, hints=hints)


hidden_clip()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_clip", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `clip` is the reference version.
clip = reference.clip

# %% [markdown]
# ## Question 6: Adam (2 points)
#
# Adam keeps two running means for each array: `m` of the gradient $\Delta$, and `v` of its square.
# Both start at zero, so the first ones are too small; the denominators put that right.
# At the update with the number $n$, which starts at 1,
#
# $$
# \begin{aligned}
# m &\leftarrow 0.9\, m + 0.1\, \Delta \qquad\qquad v \leftarrow 0.999\, v + 0.001\, \Delta^2 \\
# \Theta &\leftarrow \Theta - \eta\, \frac{m / (1 - 0.9^n)}{\sqrt{v / (1 - 0.999^n)} + 10^{-8}}
# \end{aligned}
# $$
#
# What to expect: at the first update, each parameter moves by the learning rate $\eta$, against the sign of its gradient.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_adam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam(parameters, gradients, m, v, n, learning_rate):
    """Do one update of Adam.

    Parameters
    ----------
    parameters, gradients, m, v : lists of arrays
        The k-th arrays of all four lists have the same shape.
    n : int
        The number of this update; the first is 1.
    learning_rate : float

    Returns
    -------
    parameters, m, v : three lists of new arrays

    Hint: loop over ``zip(parameters, gradients, m, v)``; the stored ``m`` and ``v`` are the ones
    before the division.
    """
    ### BEGIN SOLUTION
    new_parameters, new_m, new_v = [], [], []
    for theta, gradient, mean, square in zip(parameters, gradients, m, v, strict=True):
        new_m.append(0.9 * mean + 0.1 * gradient)
        new_v.append(0.999 * square + 0.001 * gradient**2)
        m_hat, v_hat = new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)
        new_parameters.append(theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8))
    return new_parameters, new_m, new_v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_adam_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_adam():
    check_own(adam)
    zero, start = [np.zeros(2)], [np.array([1.0, -1.0])]
    names = ("parameters", "m", "v")
    result = adam(start, [np.array([0.2, -4.0])], zero, zero, 1, 0.1)
    lists = take_apart("adam", result, names)
    first = [take_apart(n, r, (n,))[0] for n, r in zip(names, lists, strict=True)]
    with parts.part("the first update", 1):
        check_example(
            "the parameters after the first update",
            first[0],
            [0.9, -0.9],
            hints=[
                ([0.6838, -0.6838], "divide m and v by 1 - 0.9**n and 1 - 0.999**n"),
                ([1.1, -1.1], "go down: subtract the step"),
                ([0.98, -0.6], "this is plain gradient descent"),
                ([0.5, -0.975], "the square root of v is missing"),
            ],
        )
        hints = [
            ([0.18, -3.6], "0.9 is the share of the old mean"),
            ([0.2, -4.0], "keep m and v as they are before the division"),
        ]
        check_example("m", first[1], [0.02, -0.4], hints=hints)
        check_example("v", first[2], [0.00004, 0.016])
    m, v = [np.array([0.02, -0.4])], [np.array([0.00004, 0.016])]
    result = adam([np.array([0.9, -0.9])], [np.array([0.1, 1.0])], m, v, 2, 0.1)
    second = take_apart("the parameters", take_apart("adam", result, names)[0], ("parameter",))
    with parts.part("later updates", 1):
        hints = [
            ([0.7747, -0.8369], "the exponent is the number of the update, n"),
            ([0.5039, -0.7005], "divide m and v by 1 - 0.9**n and 1 - 0.999**n"),
            ([0.8, -1.0], "the mean of earlier gradients, m, is not used"),
        ]
        check_example("the second parameters", second[0], [0.8068, -0.8531], hints=hints)


test_adam()


### BEGIN HIDDEN TESTS
def hidden_adam():
    rng = np.random.default_rng(question_seed("adam"))
    shapes = ((3, 4), (4,), (1, 1))
    right = [rng.standard_normal(shape) for shape in shapes]
    m, v = [np.zeros(shape) for shape in shapes], [np.zeros(shape) for shape in shapes]
    for n, size in enumerate((1e-8, 3e-8, 1e-3, 30.0, 1.0), start=1):
        gradients = [size * rng.standard_normal(shape) for shape in shapes]
        lists = [[array.copy() for array in given] for given in (right, gradients, m, v)]
        found = take_apart("adam", adam(*lists, n, 0.02), ("parameters", "m", "v"))
        right, m, v = reference.adam(right, gradients, m, v, n, 0.02)
        # The first gradients are so small that the 1e-8 in the denominator counts.
        with parts.part("the first update" if n == 1 else "later updates"):
            names, wanted_lists = ("the parameters", "m", "v"), (right, m, v)
            for name, yours, wanted in zip(names, found, wanted_lists, strict=True):
                arrays = take_apart(name, yours, ("array",) * len(shapes))
                for array, expected in zip(arrays, wanted, strict=True):
                    check_array(f"{name} after update {n}", array, expected)


hidden_adam()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `adam` is the reference version.
#
# The network of the last question is an LSTM with a linear layer on the last hidden state.
# For `parameters = [W_x, W_h, b, W_y, b_y]`, `loss_and_gradients` returns the mean squared error of its answers against `y (N,)`, and the list of the five gradients.
# Read it: it is your backward pass at work.

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_adam", "locked": true, "schema_version": 3, "solution": false, "task": false}
adam = reference.adam


def loss_and_gradients(x, y, parameters):
    """Return the loss, a number, and the gradients of the five parameters."""
    W_x, W_h, b, W_y, b_y = parameters
    zeros = np.zeros((len(x), len(W_h)))  # (N, H)
    h, caches = sequence_forward(x, zeros, zeros, W_x, W_h, b)
    error = h[:, -1] @ W_y + b_y - y[:, None]  # (N, 1)
    dy_hat = 2.0 * error / len(error)  # (N, 1)
    dh_T = dy_hat @ W_y.T  # (N, H): the loss sees the last hidden state only
    _, _, _, dW_x, dW_h, db = sequence_backward(np.zeros_like(h), dh_T, zeros, caches)
    loss = float(np.mean(error**2))
    return loss, [dW_x, dW_h, db, h[:, -1].T @ dy_hat, dy_hat.sum(axis=0)]


# %% [markdown]
# ## Question 7: learn five sequences by heart (2 points)
#
# A training loop that is right can learn a handful of examples by heart; one that cannot is wrong somewhere.
# An update computes the loss and the gradients, clips the gradients, and lets Adam change the parameters.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(x, y, parameters, updates, learning_rate, limit):
    """Train on all sequences at once, with clipping and Adam.

    Parameters
    ----------
    x, y : arrays (N, T, D), (N,)
    parameters : list of arrays
        Where to start; the list and its arrays must stay as they are.
    updates : int
    learning_rate : float
    limit : float
        The largest norm of a gradient.

    Returns
    -------
    parameters : list of arrays
        After all updates.
    losses : list of floats
        The loss before each update.

    Hint: ``m`` and ``v`` start as lists of zeros of the parameters' shapes, and the number of
    the first update is 1.
    """
    ### BEGIN SOLUTION
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses = []
    for n in range(1, updates + 1):
        loss, gradients = loss_and_gradients(x, y, parameters)
        clipped, _ = clip(gradients, limit)
        parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
        losses.append(loss)
    return parameters, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_train_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def five_sequences():
    """Return x (5, 6, 2), y (5,) and parameters for four hidden units, always the same."""
    x = np.zeros((5, 6, 2))
    x[:, :, 0] = (np.arange(30).reshape(5, 6) * 0.37) % 1
    for n, steps in enumerate(([0, 5], [1, 3], [2, 4], [0, 3], [2, 5])):
        x[n, steps, 1] = 1.0
    shapes = (((2, 16), 0.8), ((4, 16), 0.6), ((16,), 0.3), ((4, 1), 1.0), ((1,), 0.0))
    waves = [s * np.sin(np.arange(1, np.prod(shape) + 1)).reshape(shape) for shape, s in shapes]
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1), waves


def test_train():
    check_own(train)
    result = train(*five_sequences(), 4, 0.05, 0.5)
    parameters, losses = take_apart("train", result, ("parameters", "losses"))
    right, expected = reference.train(*five_sequences(), 4, 0.05, 0.5)
    later = reference.train(*five_sequences(), 5, 0.05, 0.5)[1][1:]
    with parts.part("the losses", 1):
        hints = [
            (later, "return the loss before each update, not after it"),
            (reference.train(*five_sequences(), 4, 0.05, 1e9)[1], "clip the gradients"),
        ]
        check_numbers("the losses", losses, expected, rtol=1e-4, hints=hints, reveal=True)
    with parts.part("the parameters", 1):
        arrays = take_apart("the parameters", parameters, ("W_x", "W_h", "b", "W_y", "b_y"))
        start = five_sequences()[2]
        for k, name in enumerate(("W_x", "W_h", "b", "W_y", "b_y")):
            hints = [(start[k], "the parameters did not change: use what adam returns")]
            check_array(name, arrays[k], right[k], rtol=1e-4, hints=hints)


test_train()


### BEGIN HIDDEN TESTS
def hidden_train():
    for network in cases.networks(question_seed("train")):
        given = network.parameters
        kept = [array.copy() for array in given]
        result = call_unchanged(
            train,
            x=network.x,
            y=network.y,
            parameters=given,
            updates=12,
            learning_rate=0.04,
            limit=0.7,
        )
        parameters, course = take_apart("train", result, ("parameters", "losses"))
        settings = (network.x, network.y, kept, 12, 0.04)
        right, expected = reference.train(*settings, 0.7)
        loose = reference.train(*settings, 1e9)[1]
        with parts.part("the losses"):
            hints = [(loose, "clip the gradients")]
            name = f"the losses for {network.label}"
            check_numbers(name, course, expected, rtol=1e-5, hints=hints)
        with parts.part("the parameters"):
            arrays = take_apart("the parameters", parameters, ("array",) * 5)
            for array, wanted in zip(arrays, right, strict=True):
                check_array(f"a parameter for {network.label}", array, wanted, rtol=1e-5)


hidden_train()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# Run the cell: your loop learns the five sums by heart, in 300 updates.
# The last loss is far below 0.0001, and the answers are the targets.

# %%
x, y, start = five_sequences()
parameters, losses = train(x, y, start, 300, 0.05, 1.0)
print(f"loss at the start {losses[0]:.2f}, at the end below 0.0001: {losses[-1] < 1e-4}")

# %% [markdown]
# Everything between the input and that number is arithmetic that you have written down yourself.
# The chapter *Send the blame back through an LSTM* goes on from here to a task that a plain RNN does not learn.
