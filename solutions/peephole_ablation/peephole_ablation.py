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
# # Peepholes, a clock, and the LSTM in parts
#
# In this assignment you write an LSTM whose gates see the cell state, one step of its backward pass, a clock of a single unit, and a cell that can leave out its parts.
# It goes with the chapters *Peephole LSTM* and *Eight ablations*, where the equations below are derived; only the last question is answered on no page.
#
# There are six questions and **12 points**.
# Plan 90 minutes for all six.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import peephole_ablation as reference
from lstm_course.answers import peephole_ablation_cases as cases
from lstm_course.answers import peephole_ablation_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed


def sigmoid(a):
    """Return the logistic function of an array, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x`, `x_t` | `(N, T, D)`, `(N, D)` | input sequences; input of one step |
# | `h_prev`, `c_prev`, `h_t`, `c_t` | `(N, H)` | hidden state and cell state before and after a step |
# | `W_x`, `W_h`, `b` | `(D, 4H)`, `(H, 4H)`, `(4H,)` | weights, gate blocks in the order i, f, g, o |
# | `w_c` | `(3, H)` | peepholes: row 0 of the input gate, row 1 of the forget gate, row 2 of the output gate |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# `sigmoid` is defined above.

# %% [markdown]
# ## Question 1: one step with peepholes (2 points)
#
# Read: Peephole LSTM, section *Three weights for each unit*.
#
# The input gate and the forget gate see the cell state before the step, the output gate sees it after the step:
#
# $$i_t = \sigma(a_i + c_{t-1} \odot w_{ci}), \qquad f_t = \sigma(a_f + c_{t-1} \odot w_{cf}), \qquad c_t = f_t \odot c_{t-1} + i_t \odot \tanh(a_g)$$
#
# $$o_t = \sigma(a_o + c_t \odot w_{co}), \qquad h_t = o_t \odot \tanh(c_t)$$
#
# with $[a_i, a_f, a_g, a_o] = x_t W_x + h_{t-1} W_h + b$.
#
# What to expect: with `w_c` zero it is a step of the plain LSTM.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_peephole_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    """Advance the peephole LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, c_prev : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)

    Returns
    -------
    h_t, c_t : arrays (N, H), floats

    Hint: the output gate has to wait until the new cell state is known.
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t), c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_peephole_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("peephole_step")


def test_peephole_step(cases):
    yours = attempt(
        peephole_step,
        reference.peephole_step,
        cases,
        known.peephole_step,
        gives=["h_t", "c_t"],
    )
    with parts.part("the cell state", 1):
        yours.check("c_t")
    with parts.part("the hidden state", 1):
        yours.check("h_t")


test_peephole_step(cases.peephole_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_peephole_step(cases.peephole_step(question_seed("peephole_step")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `peephole_step` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_reference_peephole_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
peephole_step = reference.peephole_step

# %% [markdown]
# ## Question 2: one step back (3 points)
#
# Read: Peephole LSTM, section *The way back*.
#
# Going back, three lines of the plain LSTM change.
# The cell state $c_t$ is read by the output gate, so a third term joins its gradient before anything else is computed with it:
#
# $$dc = dc_t + dh_t \odot o_t \odot (1 - \tanh^2 c_t) + da_o \odot w_{co}$$
#
# The cell state $c_{t-1}$ is read by the sum and by two gates:
#
# $$dc_{t-1} = dc \odot f_t + da_i \odot w_{ci} + da_f \odot w_{cf}$$
#
# And each peephole collects, over the examples, the gradient of its gate times what it saw.
# The rest is as you know it: $da_o = dh_t \odot \tanh(c_t) \odot o_t (1 - o_t)$, and $dc$ goes to $i_t$, $f_t$ and $g_t$, each through its slope.
#
# What to expect: where `dh_t` is zero, the block of the output gate in `da` is zero, and row 2 of `dw_c` too.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_step_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    """Carry the gradient of the loss back through one step, as far as the pre-activations.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients with respect to ``h_t`` and ``c_t``, from everything after this step.
    c_prev, c_t, i, f, g, o : arrays (N, H)
        Cell state before and after the step, and the gates after their activations.
    w_c : array (3, H)

    Returns
    -------
    da : array (N, 4H), floats
        Gradient of the pre-activations, blocks in the order i, f, g, o.
    dc_prev : array (N, H), floats
    dw_c : array (3, H), floats

    Hint: begin with the block of the output gate; everything else waits for it.
    """
    ### BEGIN SOLUTION
    tanh_c = np.tanh(c_t)
    da_o = dh_t * tanh_c * o * (1 - o)
    dc = dc_t + dh_t * o * (1 - tanh_c**2) + da_o * w_c[2]
    da_i, da_f, da_g = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)
    dc_prev = dc * f + da_i * w_c[0] + da_f * w_c[1]
    dw_c = np.stack([da_i * c_prev, da_f * c_prev, da_o * c_t]).sum(axis=1)
    return np.concatenate([da_i, da_f, da_g, da_o], axis=1), dc_prev, dw_c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_step_backward_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts("step_backward")


def test_step_backward(cases):
    yours = attempt(
        step_backward,
        reference.step_backward,
        cases,
        known.step_backward,
        gives=["da", "dc_prev", "dw_c"],
    )
    with parts.part("the pre-activations", 1):
        yours.check("da")
    with parts.part("the cell state before", 1):
        yours.check("dc_prev")
    with parts.part("the peepholes", 1):
        yours.check("dw_c")


test_step_backward(cases.step_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_step_backward(cases.step_backward(question_seed("step_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: a clock of one unit (2 points)
#
# Read: Peephole LSTM, section *A clock of one cell*.
#
# Choose four biases and three peepholes, so that a single unit fires exactly every $\tau$ steps.
# It has no input and no recurrent weights: all it sees is its own cell state, which starts at 0.
# *Firing* means that the hidden state is above 0.5, and at all other steps it must stay below.
# The first tick is at step $\tau$, counted from 1.
#
# A way to do it: let the cell state grow by $1/\tau$ a step; open the output gate once it has come close to 1; and let the forget gate close in the step after that.
# Think about which of the two gates sees $c_{t-1}$ and which sees $c_t$: it makes the count come out exactly.
#
# Any wiring that keeps time is right, for every $\tau$ from 2 to 300.
#
# What to expect: with $\tau = 6$ it ticks at the steps 6, 12, 18, and so on.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_wire_clock", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wire_clock(period):
    """Wire a one-unit peephole LSTM that fires every ``period`` steps.

    Parameters
    ----------
    period : int
        Period, at least 2.

    Returns
    -------
    b : array (4,), floats
        Biases of i, f, g, o.
    w_c : array (3,), floats
        Peepholes of i, f, o.

    Hint: ``np.arctanh``; and let both gates switch sharply, half a step before 1.
    """
    ### BEGIN SOLUTION
    sharp, threshold = 80.0 * period, 1.0 - 0.5 / period
    b = np.array([40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold])
    return b, np.array([0.0, -sharp, sharp])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_wire_clock_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("wire_clock")


def test_wire_clock(cases):
    yours = attempt(
        wire_clock,
        reference.wire_clock,
        cases,
        known.wire_clock,
        gives=["the list of ticks"],
    )
    with parts.part("short and long periods", 2):
        yours.check()


test_wire_clock(cases.wire_clock(VISIBLE))

### BEGIN HIDDEN TESTS
test_wire_clock(cases.wire_clock(question_seed("wire_clock")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: a sequence, with parts left out (2 points)
#
# Read: Eight ablations, section *Nine cells*.
#
# Now the whole sequence, for one of eight variants.
# All of them get the full set of weights and leave alone what they do not have:
#
# | `variant` | what differs from `"V"`, the cell of question 1 |
# |---|---|
# | `"NIG"`, `"NFG"`, `"NOG"` | no input gate, no forget gate, no output gate: the gate is 1 |
# | `"NIAF"` | no tanh for the candidate: it is $a_g$ itself |
# | `"NOAF"` | no tanh at the output: $h_t = o_t \odot c_t$ |
# | `"CIFG"` | coupled gates: $f_t = 1 - i_t$ |
# | `"NP"` | no peepholes |
#
# What to expect: `"V"` gives at every step what `peephole_step` gives.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_variant_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    """Run a layer of a variant over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0, c0 : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)
    variant : str
        One of V, NIG, NFG, NOG, NIAF, NOAF, CIFG, NP.

    Returns
    -------
    h : array (N, T, H), floats
        Hidden state after every step.

    Hint: write question 1 once more, and change one line for each variant.  A gate that is
    missing can be ``np.ones_like(c_t)``.
    """
    ### BEGIN SOLUTION
    h_t, c_t, h = h0, c0, []
    w_i, w_f, w_o = 0 * w_c if variant == "NP" else w_c
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)
        i = np.ones_like(c_t) if variant == "NIG" else sigmoid(a_i + c_t * w_i)
        f = np.ones_like(c_t) if variant == "NFG" else sigmoid(a_f + c_t * w_f)
        if variant == "CIFG":
            f = 1 - i
        c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))
        o = np.ones_like(c_t) if variant == "NOG" else sigmoid(a_o + c_t * w_o)
        h_t = o * (c_t if variant == "NOAF" else np.tanh(c_t))
        h.append(h_t)
    return np.stack(h, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_variant_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("variant_forward")


def test_variant_forward(cases):
    yours = attempt(
        variant_forward,
        reference.variant_forward,
        cases,
        known.variant_forward,
        gives=["h"],
    )
    with parts.part("the three gates", 1):
        yours.check(group="gates")
    with parts.part("the others", 1):
        yours.check(group="others")


test_variant_forward(cases.variant_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_variant_forward(cases.variant_forward(question_seed("variant_forward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: how many parameters? (1 point)
#
# Read: Eight ablations, section *The same size, not the same width*.
#
# A variant without a gate has no weights for it, and no peephole of it.
# In CIFG the forget gate follows from the input gate, so it has none either.
# Count the weights of a layer: `W_x`, `W_h`, `b` and the peepholes.
#
# What to expect: with D = H = 10 it is 870 for V, and 650 for CIFG.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_parameter_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_count(D, H, variant):
    """Return the number of parameters of one layer.

    Parameters
    ----------
    D, H : int
        Input features and hidden units.
    variant : str
        As in question 4.

    Returns
    -------
    int

    Hint: count the blocks, and then the peepholes.
    """
    ### BEGIN SOLUTION
    blocks = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4
    peepholes = 0 if variant == "NP" else blocks - 1
    return blocks * (D * H + H * H + H) + peepholes * H
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_parameter_count_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
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
# ## Question 6: one step back through coupled gates (2 points)
#
# Read: Eight ablations, section *What each does to the gradient*.
#
# In CIFG the input gate decides about both terms of the sum:
#
# $$c_t = (1 - i_t) \odot c_{t-1} + i_t \odot g_t, \qquad i_t = \sigma(a_i + c_{t-1} \odot w_{ci}), \qquad g_t = \tanh(a_g)$$
#
# Given the gradient $dc$ of the loss with respect to $c_t$, all of it, carry it back to the two pre-activations and to the cell state before.
# The forget gate has no pre-activation of its own, so there is no third gradient.
#
# What to expect: where the candidate equals $c_{t-1}$, the gate decides nothing, and its gradient is zero.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_coupled_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def coupled_backward(dc, c_prev, i, g, w_ci):
    """Carry the gradient of the cell state back through a step with coupled gates.

    Parameters
    ----------
    dc : array (N, H)
        Gradient of the loss with respect to ``c_t``, from everything that reads it.
    c_prev, i, g : arrays (N, H)
        Cell state before the step; input gate and candidate, after sigmoid and tanh.
    w_ci : array (H,)
        Peephole of the input gate.

    Returns
    -------
    da_i, da_g, dc_prev : arrays (N, H), floats

    Hint: count the places where ``i`` stands in the equations, and those where ``c_prev`` stands.
    """
    ### BEGIN SOLUTION
    da_i = dc * (g - c_prev) * i * (1 - i)
    da_g = dc * i * (1 - g**2)
    return da_i, da_g, dc * (1 - i) + da_i * w_ci
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_coupled_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("coupled_backward")


def test_coupled_backward(cases):
    yours = attempt(
        coupled_backward,
        reference.coupled_backward,
        cases,
        known.coupled_backward,
        gives=["da_i", "da_g", "dc_prev"],
    )
    with parts.part("the pre-activations", 1):
        yours.check("da_i", "da_g")
    with parts.part("the cell state before", 1):
        yours.check("dc_prev")


test_coupled_backward(cases.coupled_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_coupled_backward(cases.coupled_backward(question_seed("coupled_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Where to go from here
#
# You own nine tenths of the cell of the study that took the LSTM apart.
# Two things are worth trying with it:
#
# - let your clock run with the output gate looking at the old cell state, and see what becomes of it;
# - train two variants on a task of your own, at the same number of parameters, with three seeds each, and look at the spread before you name a winner.
