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
# # The LSTM cell, by hand
#
# In this assignment you write an LSTM cell in NumPy, one gate at a time, and then run it over a sequence.
# It goes with the chapter *The LSTM cell, by hand*, where every equation below is derived.
#
# There are ten questions and **20 points**.
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
# - take `N`, `D` and `H` from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are;
# - let the arrays keep their dtype; where a question does not ask for a particular one, `float64` and `float32` are both right.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
# So you can go on even where a test still fails.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import lstm_cell as reference
from lstm_course.answers.lstm_cell_cases import random_cases
from nbjudge.checks.calls import call_unchanged, check_own, no_overflow, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x_t` | `(N, D)` | input of this step: `N` examples (rows), `D` features |
# | `h_prev`, `h_t` | `(N, H)` | hidden state before and after the step |
# | `c_prev`, `c_t` | `(N, H)` | cell state before and after the step |
# | `i`, `f`, `o` | `(N, H)` | input, forget and output gate |
# | `g` | `(N, H)` | candidate: what could be written |
# | `a_i`, `a_f`, `a_g`, `a_o` | `(N, H)` | pre-activations, before sigmoid or tanh |
#
# Rows are examples, so a layer computes $x W + b$.
# In NumPy `@` is the matrix product and `*` the elementwise product, which we write as $\odot$.

# %% [markdown]
# ## Question 1: the sigmoid (2 points)
#
# All three gates use the logistic function, which maps every number into the interval from 0 to 1:
#
# $$\sigma(a) = \frac{1}{1 + e^{-a}} = \frac{1}{2}\left(1 + \tanh\frac{a}{2}\right)$$
#
# The first form overflows in NumPy where $a$ is very negative: `np.exp(1000.0)` is infinity, with a warning.
# Your function must give the right limits, 0 and 1, without any warning.
#
# What to expect: $\sigma(0) = 0.5$, $\sigma(2) \approx 0.8808$ and $\sigma(-1000) = 0$.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(a):
    """Return the logistic function of each entry of ``a``.

    Parameters
    ----------
    a : array of any shape, float32 or float64

    Returns
    -------
    array of the same shape and the same dtype as ``a``

    Hint: tanh never overflows.  The second form of the equation needs one line.
    """
    ### BEGIN SOLUTION
    return 0.5 * (1.0 + np.tanh(0.5 * a))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_sigmoid_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_sigmoid():
    check_own(sigmoid)
    result = sigmoid(np.array([-1.0, 0.0, 2.0]))
    with parts.part("moderate numbers", 1):
        check_example(
            "sigmoid(a)",
            result,
            [0.2689, 0.5, 0.8808],
            hints=[
                ([0.7311, 0.5, 0.1192], "the sign of a is flipped"),
                ([-0.7616, 0.0, 0.9640], "this is tanh, which runs from -1 to 1"),
                ([-0.4621, 0.0, 0.7616], "this is tanh(a / 2): shift and scale it"),
            ],
        )
    with parts.part("very large numbers", 1), no_overflow():
        check_example("sigmoid(a)", sigmoid(np.array([[-1000.0, 1000.0]])), [[0.0, 1.0]])


test_sigmoid()


### BEGIN HIDDEN TESTS
def hidden_sigmoid():
    rng = np.random.default_rng(question_seed("sigmoid"))
    for dtype in (np.float64, np.float32):
        for shape in ((7,), (1, 1), (2, 3), (2, 3, 4)):
            a = (6.0 * rng.standard_normal(shape)).astype(dtype)
            expected = (1.0 / (1.0 + np.exp(-a.astype(np.float64)))).astype(dtype)
            with parts.part("moderate numbers"):
                check_array(
                    f"sigmoid(a) for a {len(shape)}-dimensional {np.dtype(dtype)} array",
                    call_unchanged(sigmoid, a=a),
                    expected,
                    same_dtype=True,
                )
        extreme = np.array([-3e4, -120.0, -89.0, 0.0, 89.0, 120.0, 3e4], dtype)
        with parts.part("very large numbers"), no_overflow():  # in both dtypes
            check_array(
                f"sigmoid(a) for very large |a| in {np.dtype(dtype)}",
                sigmoid(extreme),
                np.array([0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0], dtype),
            )


hidden_sigmoid()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `sigmoid` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_reference_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
sigmoid = reference.sigmoid

# %% [markdown]
# ## Question 2: the forget gate (2 points)
#
# The forget gate looks at the input and at the last hidden state, and says for each hidden unit how much of the old cell state to keep: 1 keeps all, 0 erases.
#
# $$f_t = \sigma\left(x_t W_{xf} + h_{t-1} W_{hf} + b_f\right)$$


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_forget_gate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    """Return the forget gate.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_xf, W_hf, b_f : arrays (D, H), (H, H), (H,)

    Returns
    -------
    f_t : array (N, H), floats

    Hint: write the shape of each product at the end of its line; ``sigmoid`` is at hand.
    """
    ### BEGIN SOLUTION
    a_f = x_t @ W_xf + h_prev @ W_hf + b_f  # (N, H)
    return sigmoid(a_f)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_forget_gate_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_forget_gate():
    check_own(forget_gate)
    x_t, h_prev = np.array([[1.0, 2.0]]), np.array([[3.0]])
    W_xf, W_hf, b_f = np.array([[0.5], [-0.5]]), np.array([[0.2]]), np.array([0.4])
    check_example(
        "f_t",
        forget_gate(x_t, h_prev, W_xf, W_hf, b_f),
        [[0.6225]],
        hints=[
            (0.5000, "this is the pre-activation: the sigmoid is missing"),
            (0.4621, "a gate uses the sigmoid, not tanh: it is never negative"),
            (0.5250, "the bias b_f is missing"),
            (0.4750, "the hidden state is missing: add its product with W_hf"),
            (0.7311, "the input is missing: add its product with W_xf"),
            (0.3775, "only the input is there: add the hidden state and the bias"),
        ],
    )


test_forget_gate()


### BEGIN HIDDEN TESTS
def hidden_forget_gate():
    for case in random_cases(question_seed("forget_gate")):
        x_t, (W_xf, W_hf, b_f) = case.x[:, 0], case.block("f")
        result = call_unchanged(forget_gate, x_t=x_t, h_prev=case.h0, W_xf=W_xf, W_hf=W_hf, b_f=b_f)
        cache = case.first_step()[2]
        check_array(
            f"f_t for {case.label}",
            result,
            cache.f,
            hints=[
                (sigmoid(x_t @ W_xf + case.h0 @ W_hf), "the bias b_f is missing"),
                (sigmoid(x_t @ W_xf + b_f), "the hidden state h_prev is missing"),
                (sigmoid(x_t @ W_xf + case.h0 @ W_hf.T + b_f), "W_hf is transposed"),
            ],
        )


hidden_forget_gate()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 3: the input gate and the candidate (2 points)
#
# Two layers decide what is written into the cell.
# The candidate $g_t$ proposes a value between -1 and 1; the input gate $i_t$ says how much of it gets in.
#
# $$i_t = \sigma\left(x_t W_{xi} + h_{t-1} W_{hi} + b_i\right)$$
#
# $$g_t = \tanh\left(x_t W_{xg} + h_{t-1} W_{hg} + b_g\right)$$
#
# The two look alike and differ in one function.
# Many texts write $\tilde{c}_t$ for the candidate.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_input_gate_and_candidate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    """Return the input gate and the candidate.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_xi, W_hi, b_i : arrays (D, H), (H, H), (H,)
        Weights of the input gate.
    W_xg, W_hg, b_g : arrays (D, H), (H, H), (H,)
        Weights of the candidate.

    Returns
    -------
    i_t, g_t : two arrays (N, H), floats

    Hint: a gate opens between 0 and 1; a value may also be negative.
    """
    ### BEGIN SOLUTION
    i = sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)  # (N, H)
    g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)  # (N, H)
    return i, g
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_input_gate_and_candidate_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_input_gate_and_candidate():
    check_own(input_gate_and_candidate)
    x_t, h_prev = np.array([[1.0, 2.0]]), np.array([[3.0]])
    W_xi, W_hi, b_i = np.array([[0.5], [-0.5]]), np.array([[0.2]]), np.array([0.4])
    W_xg, W_hg, b_g = np.array([[-1.0], [0.2]]), np.array([[0.1]]), np.array([0.1])
    result = input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g)
    i_t, g_t = take_apart("input_gate_and_candidate", result, ("i_t", "g_t"))
    with parts.part("the input gate", 1):
        check_example(
            "i_t",
            i_t,
            [[0.6225]],
            hints=[
                (-0.1974, "this is the candidate: return i_t first, then g_t"),
                (0.4621, "the input gate uses the sigmoid, not tanh"),
            ],
        )
    with parts.part("the candidate", 1):
        wrong = (0.4502, "the candidate uses tanh, not the sigmoid: it may be negative")
        check_example("g_t", g_t, [[-0.1974]], hints=[wrong])


test_input_gate_and_candidate()


### BEGIN HIDDEN TESTS
def hidden_input_gate_and_candidate():
    for case in random_cases(question_seed("input_gate_and_candidate")):
        weights = dict(zip(("W_xi", "W_hi", "b_i"), case.block("i"), strict=True))
        weights |= dict(zip(("W_xg", "W_hg", "b_g"), case.block("g"), strict=True))
        result = call_unchanged(
            input_gate_and_candidate, x_t=case.x[:, 0], h_prev=case.h0, **weights
        )
        yours_i, yours_g = take_apart("input_gate_and_candidate", result, ("i_t", "g_t"))
        cache = case.first_step()[2]
        a_i = case.x[:, 0] @ weights["W_xi"] + case.h0 @ weights["W_hi"]
        with parts.part("the input gate"):
            hint = (sigmoid(a_i), "the bias b_i is missing")
            check_array(f"i_t for {case.label}", yours_i, cache.i, hints=[hint])
        with parts.part("the candidate"):
            hint = (np.tanh(a_i + weights["b_i"]), "the candidate has weights of its own")
            check_array(f"g_t for {case.label}", yours_g, cache.g, hints=[hint])


hidden_input_gate_and_candidate()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: the cell update (1 point)
#
# Now the cell state moves on: the forget gate scales what was there, the input gate scales what comes in, and the two are added.
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t$$
#
# This one line is why an LSTM can remember: where $f_t$ is near 1 and $i_t$ near 0, the cell state passes through almost unchanged.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_cell_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cell_update(c_prev, i, f, g):
    """Return the new cell state.

    Parameters
    ----------
    c_prev : array (N, H)
    i, f, g : arrays (N, H)
        Input gate, forget gate and candidate, already activated.

    Returns
    -------
    c_t : array (N, H), floats

    Hint: every product here is elementwise.
    """
    ### BEGIN SOLUTION
    c_t = f * c_prev + i * g  # (N, H)
    return c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_cell_update_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_cell_update():
    check_own(cell_update)
    c_prev = np.array([[2.0, -1.0]])
    i, f, g = np.array([[0.1, 0.5]]), np.array([[0.9, 0.8]]), np.array([[0.5, -0.4]])
    check_example(
        "c_t",
        cell_update(c_prev, i, f, g),
        [[1.85, -1.0]],
        hints=[
            ([[0.65, -0.82]], "the forget gate multiplies c_prev, not the candidate"),
            ([[2.05, -1.2]], "c_prev is kept whole: the forget gate scales it"),
            ([[2.3, -1.2]], "the candidate is added whole: the input gate scales it"),
            ([[0.25, -0.4]], "multiply c_prev by f, not by 1 - f"),
            ([[0.09, 0.16]], "the two parts are added, not multiplied"),
        ],
    )


test_cell_update()


### BEGIN HIDDEN TESTS
def hidden_cell_update():
    for case in random_cases(question_seed("cell_update")):
        c_prev, (_, c_t, cache) = case.c0, case.first_step()
        i, f, g = cache.i, cache.f, cache.g
        check_array(
            f"c_t for {case.label}",
            call_unchanged(cell_update, c_prev=c_prev, i=i, f=f, g=g),
            c_t,
            hints=[
                (i * c_prev + f * g, "the forget gate multiplies c_prev, not the candidate"),
                ((1.0 - i) * c_prev + i * g, "the forget gate is an argument of its own"),
            ],
        )


hidden_cell_update()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 5: the output gate and the hidden state (2 points)
#
# The cell state is private.
# The output gate says how much of it the rest of the network sees, as the hidden state.
#
# $$o_t = \sigma\left(x_t W_{xo} + h_{t-1} W_{ho} + b_o\right)$$
#
# $$h_t = o_t \odot \tanh\left(c_t\right)$$


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_output_gate_and_hidden_state", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    """Return the output gate and the new hidden state.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    c_t : array (N, H)
        The new cell state.
    W_xo, W_ho, b_o : arrays (D, H), (H, H), (H,)

    Returns
    -------
    o_t, h_t : two arrays (N, H), floats

    Hint: the cell state can grow beyond 1; the hidden state cannot.
    """
    ### BEGIN SOLUTION
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)  # (N, H)
    h_t = o * np.tanh(c_t)  # (N, H)
    return o, h_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_output_gate_and_hidden_state_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_output_gate_and_hidden_state():
    check_own(output_gate_and_hidden_state)
    x_t, h_prev, c_t = np.array([[1.0, 2.0]]), np.array([[3.0]]), np.array([[2.0]])
    W_xo, W_ho, b_o = np.array([[0.5], [-0.5]]), np.array([[0.2]]), np.array([0.4])
    result = output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o)
    o_t, h_t = take_apart("output_gate_and_hidden_state", result, ("o_t", "h_t"))
    with parts.part("the output gate", 1):
        check_example(
            "o_t",
            o_t,
            [[0.6225]],
            hints=[
                (0.6001, "this is the hidden state: return o_t first, then h_t"),
                (0.4621, "the output gate uses the sigmoid, not tanh"),
            ],
        )
    with parts.part("the hidden state", 1):
        check_example(
            "h_t",
            h_t,
            [[0.6001]],
            hints=[
                (1.2449, "the tanh of the cell state is missing"),
                (0.5483, "the cell state goes through tanh, not through the sigmoid"),
                (0.9640, "the output gate is missing"),
                (0.8468, "apply tanh to c_t before you multiply by the gate, not after"),
            ],
        )


test_output_gate_and_hidden_state()


### BEGIN HIDDEN TESTS
def hidden_output_gate_and_hidden_state():
    for case in random_cases(question_seed("output_gate_and_hidden_state")):
        h_t, c_t, cache = case.first_step()
        weights = dict(zip(("W_xo", "W_ho", "b_o"), case.block("o"), strict=True))
        result = call_unchanged(
            output_gate_and_hidden_state, x_t=case.x[:, 0], h_prev=case.h0, c_t=c_t, **weights
        )
        yours_o, yours_h = take_apart("output_gate_and_hidden_state", result, ("o_t", "h_t"))
        with parts.part("the output gate"):
            a_o = case.x[:, 0] @ weights["W_xo"] + case.h0 @ weights["W_ho"]
            hint = (sigmoid(a_o), "the bias b_o is missing")
            check_array(f"o_t for {case.label}", yours_o, cache.o, hints=[hint])
        with parts.part("the hidden state"):
            hint = (cache.o * c_t, "the tanh of the cell state is missing")
            check_array(f"h_t for {case.label}", yours_h, h_t, hints=[hint])


hidden_output_gate_and_hidden_state()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: all four at once (2 points)
#
# The four layers multiply the same `x_t` and `h_prev`, so real implementations stack their weights side by side and do one product for all.
# The stacked arrays are `W_x (D, 4H)`, `W_h (H, 4H)` and `b (4H,)`, with the blocks in the order **i, f, g, o**, as in PyTorch and Keras:
#
# $$\left[\,a_i \;\; a_f \;\; a_g \;\; a_o\,\right] = x_t W_x + h_{t-1} W_h + b$$
#
# Compute the sum once, then cut it into four blocks of `H` columns.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_pre_activations", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pre_activations(x_t, h_prev, W_x, W_h, b):
    """Return the four pre-activations of one step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Blocks in the order i, f, g, o.

    Returns
    -------
    a_i, a_f, a_g, a_o : four arrays (N, H), floats

    Hint: look up the argument ``axis`` of ``np.split``, or slice the columns yourself.
    """
    ### BEGIN SOLUTION
    a = x_t @ W_x + h_prev @ W_h + b  # (N, 4H)
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (N, H)
    return a_i, a_f, a_g, a_o
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_pre_activations_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_pre_activations():
    check_own(pre_activations)
    x_t, h_prev = np.array([[1.0], [2.0]]), np.zeros((2, 1))  # two examples, one feature
    W_x, W_h = np.array([[10.0, 20.0, 30.0, 40.0]]), np.ones((1, 4))
    b = np.array([0.1, 0.2, 0.3, 0.4])
    names = ("a_i", "a_f", "a_g", "a_o")
    blocks = take_apart("pre_activations", pre_activations(x_t, h_prev, W_x, W_h, b), names)
    expected = [[[10.1], [20.1]], [[20.2], [40.2]], [[30.3], [60.3]], [[40.4], [80.4]]]
    for block, right, name in zip(blocks, expected, names, strict=True):
        check_example(
            name,
            block,
            right,
            hints=[
                ([[10.1], [20.1]], "this is the input gate's block: it comes first"),
                ([[20.2], [40.2]], "this is the forget gate's block: it comes second"),
                ([[30.3], [60.3]], "this is the candidate's block: it comes third"),
                ([[40.4], [80.4]], "this is the output gate's block: it comes last"),
                (np.round(right), "the bias b is missing"),
            ],
        )


test_pre_activations()


### BEGIN HIDDEN TESTS
def hidden_pre_activations():
    for case in random_cases(question_seed("pre_activations")):
        x_t, names = case.x[:, 0], ("a_i", "a_f", "a_g", "a_o")
        result = call_unchanged(
            pre_activations, x_t=x_t, h_prev=case.h0, W_x=case.W_x, W_h=case.W_h, b=case.b
        )
        yours = take_apart("pre_activations", result, names)
        for part, name in zip(yours, names, strict=True):
            W_x, W_h, b = case.block(name[-1])
            check_array(
                f"{name} for {case.label}",
                part,
                x_t @ W_x + case.h0 @ W_h + b,
                hints=[
                    (x_t @ W_x + case.h0 @ W_h, "the bias b is missing"),
                    (x_t @ W_x + b, "the hidden state h_prev is missing"),
                ],
            )


hidden_pre_activations()
### END HIDDEN TESTS

# %% [markdown]
# The next question puts the pieces together.
# From here on, the functions of questions 2 to 6 are the reference versions, so use whichever you like.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_reference_gates", "locked": true, "schema_version": 3, "solution": false, "task": false}
forget_gate = reference.forget_gate
input_gate_and_candidate = reference.input_gate_and_candidate
cell_update = reference.cell_update
output_gate_and_hidden_state = reference.output_gate_and_hidden_state
pre_activations = reference.pre_activations

# %% [markdown]
# ## Question 7: one step (3 points)
#
# You have all the pieces of an LSTM step:
#
# $$
# \begin{aligned}
# i_t &= \sigma(a_i) & f_t &= \sigma(a_f) & g_t &= \tanh(a_g) & o_t &= \sigma(a_o) \\
# c_t &= f_t \odot c_{t-1} + i_t \odot g_t & h_t &= o_t \odot \tanh(c_t)
# \end{aligned}
# $$
#
# Write the whole step, from the stacked weights to the two new states.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    """Advance the LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, c_prev : arrays (N, H)
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Blocks in the order i, f, g, o.

    Returns
    -------
    h_t, c_t : two arrays (N, H), floats

    Hint: ``pre_activations`` does the products; three blocks then need a sigmoid, one a tanh.
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = pre_activations(x_t, h_prev, W_x, W_h, b)  # each (N, H)
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = np.tanh(a_g)
    c_new = cell_update(c_prev, i, f, g)  # (N, H)
    return o * np.tanh(c_new), c_new
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_step_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_step():
    check_own(step)
    x_t, h_prev, c_prev = np.array([[1.0]]), np.array([[0.0]]), np.array([[2.0]])
    W_x, W_h, b = np.array([[-1.0, 2.0, 0.5, 1.0]]), np.zeros((1, 4)), np.zeros(4)
    h_t, c_t = take_apart("step", step(x_t, h_prev, c_prev, W_x, W_h, b), ("h_t", "c_t"))
    with parts.part("the hidden state h_t", 1):
        check_example(
            "h_t",
            h_t,
            [[0.6982]],
            hints=[
                (1.8859, "this is c_t: return h_t first, then c_t"),
                (0.7048, "h_t uses the new cell state, not c_prev"),
                (1.3787, "the tanh of the cell state is missing"),
                (0.5391, "the forget gate multiplies c_prev, not the candidate"),
                (0.5985, "the blocks stand in the order i, f, g, o: g is the third"),
                (0.7008, "the candidate uses tanh, not the sigmoid"),
            ],
        )
    with parts.part("the cell state c_t", 2):
        check_example("c_t", c_t, [[1.8859]])


test_step()


### BEGIN HIDDEN TESTS
def hidden_step():
    for case in random_cases(question_seed("step")):
        expected_h, expected_c, cache = case.first_step()
        result = call_unchanged(
            step,
            x_t=case.x[:, 0],
            h_prev=case.h0,
            c_prev=case.c0,
            W_x=case.W_x,
            W_h=case.W_h,
            b=case.b,
        )
        yours_h, yours_c = take_apart("step", result, ("h_t", "c_t"))
        a = case.x[:, 0] @ case.W_x + case.h0 @ case.W_h + case.b
        i, f, g, o = (a[:, k : k + 1] for k in range(4))
        one_column = sigmoid(o) * np.tanh(sigmoid(f) * case.c0 + sigmoid(i) * np.tanh(g))
        with parts.part("the hidden state h_t"):
            check_array(
                f"h_t for {case.label}",
                yours_h,
                expected_h,
                hints=[
                    (expected_c, "this is c_t: return h_t first, then c_t"),
                    (cache.o * expected_c, "the tanh of the cell state is missing"),
                    (cache.o * np.tanh(case.c0), "h_t uses the new cell state, not c_prev"),
                    (one_column, "each block has H columns, not one: take H from a shape"),
                ],
            )
        swapped = cache.i * case.c0 + cache.f * cache.g
        with parts.part("the cell state c_t"):
            check_array(
                f"c_t for {case.label}",
                yours_c,
                expected_c,
                hints=[(swapped, "the forget gate multiplies c_prev, not the candidate")],
            )


hidden_step()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_reference_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step` is the reference version.
step = reference.step

# %% [markdown]
# ## Question 8: a whole sequence (3 points)
#
# An LSTM layer applies the same step, with the same weights, to every time step of a batch of sequences `x (N, T, D)`.
# Both states start from `h0` and `c0` and are carried from step to step.
# Collect the hidden state of every step; hand back the final states as well.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_sequence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence(x, h0, c0, W_x, W_h, b):
    """Run the LSTM over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0, c0 : arrays (N, H)
        Initial states.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)

    Returns
    -------
    h : array (N, T, H), floats
        Hidden state after every step, batch first.
    h_T, c_T : two arrays (N, H), floats
        Final states.

    Hint: ``x[:, t]`` is the input of step t; ``np.stack`` has an argument ``axis``.
    """
    ### BEGIN SOLUTION
    h_t, c_t = h0, c0
    hidden_states = []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)  # both (N, H)
        hidden_states.append(h_t)
    return np.stack(hidden_states, axis=1), h_t, c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_sequence_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_sequence():
    check_own(sequence)
    x = np.array([[[1.0], [0.0], [-1.0]]])  # one sequence of three steps
    h0, c0 = np.array([[0.5]]), np.array([[2.0]])
    W_x, W_h = np.array([[-1.0, 2.0, 0.5, 1.0]]), np.array([[1.0, 0.5, -1.0, 0.5]])
    result = sequence(x, h0, c0, W_x, W_h, np.zeros(4))
    h, h_T, c_T = take_apart("sequence", result, ("h", "h_T", "c_T"))
    with parts.part("the hidden state of every step", 1):
        check_example(
            "h",
            h,
            [[[0.7367], [0.3360], [-0.1285]]],
            hints=[
                ([[[0.7367]], [[0.3360]], [[-0.1285]]], "time stands first: stack along axis 1"),
                ([[-0.1285]], "this is the last hidden state only: keep that of every step"),
                ([[[0.7367], [0.3501], [-0.1519]]], "each step starts from h0: carry h_t on"),
                ([[[0.7367], [0.3782], [-0.0847]]], "each step starts from c0: carry c_t on"),
                ([[[0.0904], [0.0084], [-0.0887]]], "start from h0 and c0, not from zeros"),
            ],
        )
    with parts.part("the final hidden state", 1):
        wrong = (-0.4523, "this is c_T: the hidden state comes first")
        check_example("h_T", h_T, [[-0.1285]], hints=[wrong])
    with parts.part("the final cell state", 1):
        wrong = (-0.1285, "this is h_T: the cell state comes last")
        check_example("c_T", c_T, [[-0.4523]], hints=[wrong])


test_sequence()


### BEGIN HIDDEN TESTS
def hidden_sequence():
    from lstm_course import LSTMState, LSTMWeights, lstm_forward

    for case in random_cases(question_seed("sequence")):
        arrays = (case.x, case.h0, case.c0, case.W_x, case.W_h, case.b)
        names = ("x", "h0", "c0", "W_x", "W_h", "b")
        result = call_unchanged(sequence, **dict(zip(names, arrays, strict=True)))
        yours = take_apart("sequence", result, ("h", "h_T", "c_T"))
        start, weights = LSTMState(case.h0, case.c0), LSTMWeights(*arrays[3:])
        right_h, (right_h_T, right_c_T), _ = lstm_forward(case.x, weights, start)
        from_zero = lstm_forward(case.x, weights)
        mixed = right_h.transpose(1, 0, 2).reshape(right_h.shape)
        with parts.part("the hidden state of every step"):
            check_array(
                f"h for {case.label}",
                yours[0],
                right_h,
                hints=[
                    (right_h.transpose(1, 0, 2), "time stands first: stack along axis 1"),
                    (from_zero[0], "start from h0 and c0, not from zeros"),
                    (right_h_T, "this is the last hidden state only: keep that of every step"),
                    (mixed, "reshape mixes examples and time steps: stack along axis 1 instead"),
                ],
            )
        with parts.part("the final hidden state"):
            hint = (right_h[:, 0], "this is the hidden state of the first step")
            check_array(f"h_T for {case.label}", yours[1], right_h_T, hints=[hint])
        with parts.part("the final cell state"):
            hint = (right_h_T, "this is h_T: the cell state comes last")
            check_array(f"c_T for {case.label}", yours[2], right_c_T, hints=[hint])


hidden_sequence()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 9: how many parameters? (2 points)
#
# Count the weights and biases of a stack of `L` LSTM layers with one bias vector for each block, as in Keras.
# The first layer reads `D` features; every layer above it reads the `H` hidden units of the layer below.
#
# What to expect: one layer with `D = 3` and `H = 50` has 10,800 parameters.
# The length of the sequence does not enter.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_parameter_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_count(D, H, L):
    """Return the number of parameters of a stack of LSTM layers.

    Parameters
    ----------
    D, H, L : int
        Input features, hidden units of each layer, and layers (at least 1).

    Returns
    -------
    int

    Hint: count the entries of ``W_x``, ``W_h`` and ``b`` of one layer, then ask what changes
    in the next.
    """
    ### BEGIN SOLUTION
    first = 4 * (D * H + H * H + H)
    above = 4 * (H * H + H * H + H)
    return first + (L - 1) * above
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_parameter_count_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_parameter_count():
    check_own(parameter_count)
    one_layer = parameter_count(3, 50, 1)
    with parts.part("one layer", 1):
        check_count(
            "parameter_count(3, 50, 1)",
            one_layer,
            10_800,
            hints=[
                (2_700, "this is one block: an LSTM layer has four"),
                (8_100, "this counts three blocks: the candidate has weights too"),
                (800, "W_h is missing: it has H rows"),
                (10_200, "W_x is missing: it has D rows"),
                (10_600, "the biases are missing"),
                (11_000, "this counts two biases a block, as in PyTorch: the question says one"),
                (10_604, "the bias has one entry for each hidden unit in each block"),
            ],
        )
    with parts.part("several layers", 1):
        check_count(
            "parameter_count(3, 50, 2)",
            parameter_count(3, 50, 2),
            31_000,
            hints=[
                (21_600, "the second layer reads H features, not D"),
                (10_800, "this is one layer only"),
            ],
        )


test_parameter_count()


### BEGIN HIDDEN TESTS
def hidden_parameter_count():
    for D, H, L in ((1, 1, 1), (3, 2, 1), (7, 5, 2), (5, 5, 3), (64, 128, 4)):
        layers = [4 * (width * H + H * H + H) for width in (D, *[H] * (L - 1))]
        kind = "one layer" if L == 1 else "several layers"
        with parts.part(kind):
            check_count(
                f"the number of parameters of {kind}",
                parameter_count(D, H, L),
                sum(layers),
                hints=[(L * 4 * (D * H + H * H + H), "the upper layers read H features, not D")],
            )


hidden_parameter_count()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 10: the forget bias (1 point)
#
# At the start of training the weights are small, so the gates sit near $\sigma(\text{bias})$.
# With a forget bias of 0 a cell keeps about half of its state at each step, and after ten steps about a thousandth is left.
# That is why the forget gate usually starts with a positive bias, most often 1, and all other biases with 0.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_initial_bias", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initial_bias(H, forget_bias):
    """Return the bias vector of an LSTM layer before training.

    Parameters
    ----------
    H : int
        Hidden units.
    forget_bias : float
        Bias of every forget gate; all other biases are zero.

    Returns
    -------
    b : array (4H,), floats
        Blocks in the order i, f, g, o.

    Hint: ``np.zeros`` gives floats.
    """
    ### BEGIN SOLUTION
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_initial_bias_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_initial_bias():
    check_own(initial_bias)
    check_example(
        "b",
        initial_bias(2, 1.0),
        [0, 0, 1, 1, 0, 0, 0, 0],
        hints=[
            (1, "only the forget gate gets the bias, not all four blocks"),
            ([1, 1, 0, 0, 0, 0, 0, 0], "this is block 1, the input gate's: forget is block 2"),
            ([0, 0, 0, 0, 1, 1, 0, 0], "this is block 3, the candidate's: forget is block 2"),
            ([0, 1, 0, 0, 0, 0, 0, 0], "every hidden unit has a forget bias, not just one"),
            ([[0, 0], [1, 1], [0, 0], [0, 0]], "flatten it into one vector"),
        ],
    )


test_initial_bias()


### BEGIN HIDDEN TESTS
def hidden_initial_bias():
    for H, forget_bias in ((1, 1.0), (3, 2.5), (5, -0.5), (4, 3), (7, 0.0)):
        expected = np.concatenate([np.zeros(H), np.full(H, float(forget_bias)), np.zeros(2 * H)])
        check_array(
            "b for another size and another forget bias",
            initial_bias(H, forget_bias),
            expected,
            hints=[((expected != 0) * 1.0, "use the argument forget_bias, not 1")],
        )


hidden_initial_bias()
### END HIDDEN TESTS

# %% [markdown]
# ## What you have built
#
# How long does a cell remember when nothing else happens?
# With a constant forget gate $f = \sigma(b_f)$ the state halves every $\ln 2 / (-\ln f)$ steps.
# Run the cell: it should print 1.0, 2.2, 14.3 and 103.2 steps.

# %%
for forget_bias in (0.0, 1.0, 3.0, 5.0):
    kept = sigmoid(np.array([forget_bias]))  # (1,)
    half_life = np.log(2) / -np.log(kept[0])
    print(f"forget bias {forget_bias:.0f}: half of the memory is left after {half_life:5.1f} steps")

# %% [markdown]
# From 1 step to 103, by one number in one vector: the initial forget bias sets how far back an untrained LSTM can see.
# The chapter *The LSTM cell, by hand* goes on from here to the same cell in PyTorch and Keras.
