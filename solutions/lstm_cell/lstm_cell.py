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
# It goes with the chapter *The LSTM cell*, where the equations below are derived; only the last question is answered on no page.
#
# There are eleven questions and **20 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import lstm_cell as reference
from lstm_course.answers import lstm_cell_cases as cases
from lstm_course.answers import lstm_cell_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

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
# Read: The LSTM cell, section *Two functions that squash*.
#
# All three gates use the logistic function, which maps every number into the interval from 0 to 1:
#
# $$\sigma(a) = \frac{1}{1 + e^{-a}} = \frac{1}{2}\left(1 + \tanh\frac{a}{2}\right)$$
#
# The first form overflows in NumPy where $a$ is very negative: `np.exp(1000.0)` is infinity, with a warning.
# Your function must give the right limits, 0 and 1, without any warning, and keep the dtype: `float32` in, `float32` out.
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
parts = Parts("sigmoid")


def test_sigmoid(cases):
    yours = attempt(sigmoid, reference.sigmoid, cases, known.sigmoid, gives=["sigmoid(a)"])
    with parts.part("moderate numbers", 1):
        yours.check(group="moderate")
    with parts.part("very large numbers", 1):
        yours.check(group="large")


test_sigmoid(cases.sigmoid(VISIBLE))

### BEGIN HIDDEN TESTS
test_sigmoid(cases.sigmoid(question_seed("sigmoid")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `sigmoid` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_reference_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
sigmoid = reference.sigmoid

# %% [markdown]
# ## Question 2: the forget gate (1 point)
#
# Read: The LSTM cell, section *The forget gate*.
#
# The forget gate looks at the input and at the last hidden state, and says for each hidden unit how much of the old cell state to keep: 1 keeps all, 0 erases.
#
# $$f_t = \sigma\left(x_t W_{xf} + h_{t-1} W_{hf} + b_f\right)$$
#
# What to expect: all entries lie between 0 and 1; where $x_t$ and $h_{t-1}$ are zero, $f_t$ is $\sigma(b_f)$.


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


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_forget_gate_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("forget_gate")


def test_forget_gate(cases):
    yours = attempt(forget_gate, reference.forget_gate, cases, known.forget_gate, gives=["f_t"])
    with parts.part("the forget gate", 1):
        yours.check()


test_forget_gate(cases.forget_gate(VISIBLE))

### BEGIN HIDDEN TESTS
test_forget_gate(cases.forget_gate(question_seed("forget_gate")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: the input gate and the candidate (2 points)
#
# Read: The LSTM cell, section *The input gate and the candidate*.
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
#
# What to expect: no entry of $i_t$ is negative, and about half of those of $g_t$ are; where $x_t$ and $h_{t-1}$ are zero, they are $\sigma(b_i)$ and $\tanh(b_g)$.


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
parts = Parts("input_gate_and_candidate")


def test_input_gate_and_candidate(cases):
    yours = attempt(
        input_gate_and_candidate,
        reference.input_gate_and_candidate,
        cases,
        known.input_gate_and_candidate,
        gives=["i_t", "g_t"],
    )
    with parts.part("the input gate", 1):
        yours.check("i_t")
    with parts.part("the candidate", 1):
        yours.check("g_t")


test_input_gate_and_candidate(cases.input_gate_and_candidate(VISIBLE))

### BEGIN HIDDEN TESTS
test_input_gate_and_candidate(
    cases.input_gate_and_candidate(question_seed("input_gate_and_candidate"))
)
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: the cell update (1 point)
#
# Read: The LSTM cell, section *The cell update*.
#
# Now the cell state moves on: the forget gate scales what was there, the input gate scales what comes in, and the two are added.
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t$$
#
# This one line is why an LSTM can remember: where $f_t$ is near 1 and $i_t$ near 0, the cell state passes through almost unchanged.
#
# What to expect: with $c_{t-1} = 2$, $f_t = 0.9$, $i_t = 0.1$ and $g_t = 0.4$ the new cell state is 1.84.


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
parts = Parts("cell_update")


def test_cell_update(cases):
    yours = attempt(cell_update, reference.cell_update, cases, known.cell_update, gives=["c_t"])
    with parts.part("the new cell state", 1):
        yours.check()


test_cell_update(cases.cell_update(VISIBLE))

### BEGIN HIDDEN TESTS
test_cell_update(cases.cell_update(question_seed("cell_update")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the output gate and the hidden state (2 points)
#
# Read: The LSTM cell, section *The output gate*.
#
# The cell state is private.
# The output gate says how much of it the rest of the network sees, as the hidden state.
#
# $$o_t = \sigma\left(x_t W_{xo} + h_{t-1} W_{ho} + b_o\right)$$
#
# $$h_t = o_t \odot \tanh\left(c_t\right)$$
#
# What to expect: $h_t$ lies between -1 and 1 whatever $c_t$ is; with $o_t = 0.8$ and $c_t = 2$ it is 0.7712.


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
parts = Parts("output_gate_and_hidden_state")


def test_output_gate_and_hidden_state(cases):
    yours = attempt(
        output_gate_and_hidden_state,
        reference.output_gate_and_hidden_state,
        cases,
        known.output_gate_and_hidden_state,
        gives=["o_t", "h_t"],
    )
    with parts.part("the output gate", 1):
        yours.check("o_t")
    with parts.part("the hidden state", 1):
        yours.check("h_t")


test_output_gate_and_hidden_state(cases.output_gate_and_hidden_state(VISIBLE))

### BEGIN HIDDEN TESTS
test_output_gate_and_hidden_state(
    cases.output_gate_and_hidden_state(question_seed("output_gate_and_hidden_state"))
)
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: all four at once (1 point)
#
# Read: The LSTM cell, section *One product instead of eight*.
#
# The four layers multiply the same `x_t` and `h_prev`, so real implementations stack their weights side by side and do one product for all.
# The stacked arrays are `W_x (D, 4H)`, `W_h (H, 4H)` and `b (4H,)`, with the blocks in the order **i, f, g, o**, as in PyTorch and Keras:
#
# $$\left[\,a_i \;\; a_f \;\; a_g \;\; a_o\,\right] = x_t W_x + h_{t-1} W_h + b$$
#
# Compute the sum once, then cut it into four blocks of `H` columns.
#
# What to expect: with $H = 1$, `x_t = [[1.0]]`, `W_x = [[1.0, 2.0, 3.0, 4.0]]` and all else zero, the four results are 1, 2, 3 and 4.


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


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_pre_activations_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("pre_activations")


def test_pre_activations(cases):
    yours = attempt(
        pre_activations,
        reference.pre_activations,
        cases,
        known.pre_activations,
        gives=["a_i", "a_f", "a_g", "a_o"],
    )
    with parts.part("the four pre-activations", 1):
        yours.check()


test_pre_activations(cases.pre_activations(VISIBLE))

### BEGIN HIDDEN TESTS
test_pre_activations(cases.pre_activations(question_seed("pre_activations")))
### END HIDDEN TESTS

parts.score()

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
# Read: The LSTM cell, section *The six equations on one page*.
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
#
# What to expect: with all weights and biases zero the gates are one half and the candidate is 0, so $c_t$ is half of $c_{t-1}$, and $h_t$ half of $\tanh(c_t)$.


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
parts = Parts("step")


def test_step(cases):
    yours = attempt(step, reference.step, cases, known.step, gives=["h_t", "c_t"])
    with parts.part("the hidden state h_t", 1):
        yours.check("h_t")
    with parts.part("the cell state c_t", 2):
        yours.check("c_t")


test_step(cases.step(VISIBLE))

### BEGIN HIDDEN TESTS
test_step(cases.step(question_seed("step")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_reference_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step` is the reference version.
step = reference.step

# %% [markdown]
# ## Question 8: a whole sequence (3 points)
#
# Read: The LSTM cell, section *The loop over time*.
#
# An LSTM layer applies the same step, with the same weights, to every time step of a batch of sequences `x (N, T, D)`.
# Both states start from `h0` and `c0` and are carried from step to step.
# Collect the hidden state of every step; hand back the final states as well.
#
# What to expect: `h[:, -1]` is `h_T`, and `h[:, 0]` is what one step makes of `h0` and `c0`.


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
parts = Parts("sequence")


def test_sequence(cases):
    yours = attempt(sequence, reference.sequence, cases, known.sequence, gives=["h", "h_T", "c_T"])
    with parts.part("the hidden state of every step", 1):
        yours.check("h")
    with parts.part("the final hidden state", 1):
        yours.check("h_T")
    with parts.part("the final cell state", 1):
        yours.check("c_T")


test_sequence(cases.sequence(VISIBLE))

### BEGIN HIDDEN TESTS
test_sequence(cases.sequence(question_seed("sequence")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 9: how many parameters? (2 points)
#
# Read: The LSTM cell, section *How many parameters*.
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
parts = Parts("parameter_count")


def test_parameter_count(cases):
    yours = attempt(
        parameter_count,
        reference.parameter_count,
        cases,
        known.parameter_count,
        gives=["the count"],
    )
    with parts.part("one layer", 1):
        yours.check(group="one")
    with parts.part("several layers", 1):
        yours.check(group="several")


test_parameter_count(cases.parameter_count(VISIBLE))

### BEGIN HIDDEN TESTS
test_parameter_count(cases.parameter_count(question_seed("parameter_count")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 10: the forget bias (1 point)
#
# Read: The LSTM cell, section *The bias of the forget gate*.
#
# At the start of training the weights are small, so the gates sit near $\sigma(\text{bias})$.
# With a forget bias of 0 a cell keeps about half of its state at each step, and after ten steps about a thousandth is left.
# That is why the forget gate usually starts with a positive bias, most often 1, and all other biases with 0.
#
# What to expect: for two hidden units and a forget bias of 1 the vector is 0, 0, 1, 1, 0, 0, 0, 0; it holds floats whatever the type of `forget_bias`.


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
parts = Parts("initial_bias")


def test_initial_bias(cases):
    yours = attempt(initial_bias, reference.initial_bias, cases, known.initial_bias, gives=["b"])
    with parts.part("the bias vector", 1):
        yours.check()


test_initial_bias(cases.initial_bias(VISIBLE))

### BEGIN HIDDEN TESTS
test_initial_bias(cases.initial_bias(question_seed("initial_bias")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 11: who wrote the cell state? (2 points)
#
# Read: The LSTM cell, section *The cell update*.
#
# No page prints this answer.
# The cell update only scales and adds, so in the end the cell state is a sum: what is left of $c_0$, and what is left of that which each step has written.
#
# $$c_T = p_0 + p_1 + \dots + p_T$$
#
# Find these parts from the gates and the candidates of all steps.
# Write two steps out by hand first: what has become of $c_0$, and what of $i_1 \odot g_1$, when the second step is done?
#
# What to expect: the sum of the parts over their axis 1 is $c_T$.
# With $c_0 = 2$, $f_1 = 0.5$, $f_2 = 0.9$, $i_1 = i_2 = 0.4$ and $g_1 = g_2 = 1$ the parts are 0.9, 0.36 and 0.4.


# %% nbgrader={"grade": false, "grade_id": "lstm_cell_contributions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def contributions(c0, i, f, g):
    """Take the last cell state apart: what each step has written, as far as it is still there.

    Parameters
    ----------
    c0 : array (N, H)
    i, f, g : arrays (N, T, H)
        Input gates, forget gates and candidates of all steps.

    Returns
    -------
    p : array (N, T + 1, H), floats
        First what is left of ``c0``, then what is left of the writing of steps 1 to T.

    Hint: what a step has written is multiplied by the forget gates of all steps *after* it.
    """
    ### BEGIN SOLUTION
    p = np.concatenate([c0[:, None], i * g], axis=1)  # (N, T + 1, H), as it was written
    for t in range(f.shape[1]):
        p[:, : t + 1] *= f[:, t : t + 1]  # what was there before step t + 1
    return p
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_cell_contributions_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("contributions")


def test_contributions(cases):
    yours = attempt(contributions, reference.contributions, cases, known.contributions, gives=["p"])
    with parts.part("what is left of each writing", 2):
        yours.check()


test_contributions(cases.contributions(VISIBLE))

### BEGIN HIDDEN TESTS
test_contributions(cases.contributions(question_seed("contributions")))
### END HIDDEN TESTS

parts.score()


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
# The chapter *The LSTM cell* goes on from here to the same cell in PyTorch and Keras.
