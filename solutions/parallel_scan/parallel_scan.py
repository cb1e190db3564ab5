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
# # Recurrences without a loop
#
# In this assignment you compute a linear recurrence by a scan, forward and backward, build a minGRU on it, and write the two cells of xLSTM: one stabilised step of the sLSTM and the parallel form of the mLSTM.
# In the end you run a scan over rows that hold several sequences.
# It goes with the chapter *After 2017*, where the equations below are derived; only the last question is answered on no page.
#
# There are seven questions and **13 points**.
# Plan 75 minutes.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "parallel_scan_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import parallel_scan as reference
from lstm_course.answers import parallel_scan_cases as cases
from lstm_course.answers import parallel_scan_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `keep`, $\phi_t$ | `(N, T, H)` | factor of the old state |
# | `write`, $\psi_t$ | `(N, T, H)` | what is added |
# | `h0`, `h` | `(N, H)`, `(N, T, H)` | the state before the first step; all states |
# | `starts` | `(N, T)` | whether a new sequence begins at a step |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# The recurrence is $h_t = \phi_t \odot h_{t-1} + \psi_t$.

# %% [markdown]
# ## Question 1: two maps are one (1 point)
#
# Read: After 2017, section *A linear recurrence*.
#
# A step is the map $h \mapsto \phi h + \psi$.
# Do the first map, then the second, and write the result as one map again.
# All products are elementwise.
#
# What to expect: "times 2, plus 1" followed by "times 3, plus 10" is "times 6, plus 13".


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_combine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def combine(keep_1, write_1, keep_2, write_2):
    """Return the map "first 1, then 2".

    Parameters
    ----------
    keep_1, write_1, keep_2, write_2 : arrays of one shape

    Returns
    -------
    keep, write : arrays of the same shape, floats

    Hint: put ``keep_1 * h + write_1`` where the second map has its ``h``.
    """
    ### BEGIN SOLUTION
    return keep_2 * keep_1, keep_2 * write_1 + write_2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_combine_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("combine")


def test_combine(cases):
    yours = attempt(combine, reference.combine, cases, known.combine, gives=["keep", "write"])
    with parts.part("one map", 1):
        yours.check()


test_combine(cases.combine(VISIBLE))

### BEGIN HIDDEN TESTS
test_combine(cases.combine(question_seed("combine")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "parallel_scan_reference_combine", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `combine` is the reference version.
combine = reference.combine

# %% [markdown]
# ## Question 2: one round of the doubling scan (2 points)
#
# Read: After 2017, section *A linear recurrence*.
#
# Before a round, the map at step $t$ covers the last `reach` steps up to $t$.
# In the round every step takes in the map that ends `reach` steps earlier, all at the same time; the first `reach` steps have nothing earlier, and stay as they are.
#
# What to expect: with `keep` 2 everywhere, `write` 1, 2, 3, 4 and `reach` 1, `write` becomes 1, 4, 7, 10.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_scan_round", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scan_round(keep, write, reach):
    """Do one round.

    Parameters
    ----------
    keep, write : arrays (N, T, H)
    reach : int
        From 1 to T.

    Returns
    -------
    new_keep, new_write : arrays (N, T, H), floats

    Hint: the earlier maps are ``keep[:, :-reach]``, the later ones ``keep[:, reach:]``.
    Work on copies: a step must see what its neighbour held *before* the round.
    """
    ### BEGIN SOLUTION
    new_keep, new_write = keep.copy(), write.copy()
    joined = combine(keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:])
    new_keep[:, reach:], new_write[:, reach:] = joined
    return new_keep, new_write
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_scan_round_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("scan_round")


def test_scan_round(cases):
    yours = attempt(
        scan_round,
        reference.scan_round,
        cases,
        known.scan_round,
        gives=["new_keep", "new_write"],
    )
    with parts.part("one round", 2):
        yours.check()


test_scan_round(cases.scan_round(VISIBLE))

### BEGIN HIDDEN TESTS
test_scan_round(cases.scan_round(question_seed("scan_round")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "parallel_scan_reference_scan", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `scan_round` is the reference version, and with it the whole scan is a short loop
# over rounds: for T = 1000 there are ten of them.
scan_round = reference.scan_round


def scan(keep, write, h0):
    """Return all states h (N, T, H) of h_t = keep_t * h_{t-1} + write_t."""
    write, reach = write.copy(), 1
    write[:, 0] += keep[:, 0] * h0
    while reach < write.shape[1]:
        keep, write = scan_round(keep, write, reach)
        reach *= 2
    return write


# %% [markdown]
# ## Question 3: backward through a scan (2 points)
#
# Read: After 2017, section *Backward is a scan from the end*.
#
# The gradient of what is written runs from the last step to the first:
#
# $$\frac{\partial \mathcal{L}}{\partial \psi_t} = \left[\frac{\partial \mathcal{L}}{\partial h_t}\right]_{\text{head}} + \phi_{t+1} \odot \frac{\partial \mathcal{L}}{\partial \psi_{t+1}}$$
#
# It is a scan again, on reversed arrays, with the factor of the *next* step; at the last step there is none.
# The other two gradients follow from it:
#
# $$\frac{\partial \mathcal{L}}{\partial \phi_t} = \frac{\partial \mathcal{L}}{\partial \psi_t} \odot h_{t-1}, \qquad \frac{\partial \mathcal{L}}{\partial h_0} = \phi_1 \odot \frac{\partial \mathcal{L}}{\partial \psi_1}$$
#
# What to expect: with `keep` 2, 3, 5 and `dh` 1 at every step, `dwrite` is 19, 6, 1.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_scan_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scan_backward(dh, keep, h, h0):
    """Carry a gradient back through a linear recurrence.

    Parameters
    ----------
    dh, keep, h : arrays (N, T, H)
        ``dh`` is the gradient with respect to ``h``.
    h0 : array (N, H)

    Returns
    -------
    dkeep, dwrite, dh0 : arrays (N, T, H), (N, T, H), (N, H), floats

    Hint: ``array[:, ::-1]`` reverses time; call ``scan`` above, and turn its result back.
    """
    ### BEGIN SOLUTION
    later = np.roll(keep, -1, axis=1)  # of step t + 1; what stands at the last one meets a zero
    dwrite = scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_scan_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("scan_backward")


def test_scan_backward(cases):
    yours = attempt(
        scan_backward,
        reference.scan_backward,
        cases,
        known.scan_backward,
        gives=["dkeep", "dwrite", "dh0"],
    )
    with parts.part("what is written", 1):
        yours.check("dwrite")
    with parts.part("the factors and the first state", 1):
        yours.check("dkeep", "dh0")


test_scan_backward(cases.scan_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_scan_backward(cases.scan_backward(question_seed("scan_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: minGRU (2 points)
#
# Read: After 2017, section *minGRU and minLSTM*.
#
# The gate and the candidate of the minGRU depend on the input alone, so the layer is a scan:
#
# $$[a_z, a_g] = x_t W_x + b, \qquad z_t = \sigma(a_z), \qquad h_t = (1 - z_t) \odot h_{t-1} + z_t \odot a_g$$
#
# The candidate is linear here: there is no tanh.
# Mind the gate: here a large $z_t$ *writes*, as in Chung et al. (2014), while in the GRU of PyTorch and Keras it keeps.
# The gate may be as large as it likes, in both directions.
#
# What to expect: with `W_x = [[0, 1]]`, zeros for `b` and `h0`, and the inputs 1, 2 and 3, the gate is one half and the states are 0.5, 1.25 and 2.125.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_min_gru", "locked": false, "schema_version": 3, "solution": true, "task": false}
def min_gru(x, h0, W_x, b):
    """Run a minGRU layer.

    Parameters
    ----------
    x : array (N, T, D)
    h0 : array (N, H)
    W_x, b : arrays (D, 2H), (2H,)
        The first H columns are those of the gate z, the others those of the candidate.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: ``np.split(a, 2, axis=2)`` separates the blocks; then it is one call of ``scan``.
    """
    ### BEGIN SOLUTION
    a_z, a_g = np.split(x @ W_x + b, 2, axis=2)  # each (N, T, H)
    z = 1 / (1 + np.exp(-a_z))
    return scan(1 - z, z * a_g, h0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_min_gru_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("min_gru")


def test_min_gru(cases):
    yours = attempt(min_gru, reference.min_gru, cases, known.min_gru, gives=["h"])
    with parts.part("the layer", 2):
        yours.check()


test_min_gru(cases.min_gru(VISIBLE))

### BEGIN HIDDEN TESTS
test_min_gru(cases.min_gru(question_seed("min_gru")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a stabilised step of the sLSTM (2 points)
#
# Read: After 2017, section *sLSTM: gates without a ceiling*.
#
# The sLSTM has an exponential input gate, and a normaliser $n$ beside the cell state $c$.
# A stabiliser $m$ keeps every exponent at zero or below; with $\log f_t = \log \sigma(a_f)$:
#
# $$m_t = \max\left(\log f_t + m_{t-1},\; a_i\right), \qquad i'_t = e^{a_i - m_t}, \qquad f'_t = e^{\log f_t + m_{t-1} - m_t}$$
#
# $$c_t = f'_t \odot c_{t-1} + i'_t \odot \tanh(a_g), \qquad n_t = f'_t \odot n_{t-1} + i'_t, \qquad h_t = \sigma(a_o) \odot c_t / n_t$$
#
# All gates may be as large as they like, in both directions: $\log \sigma(a) = -\log(1 + e^{-a})$, which `np.logaddexp(0, -a)` computes without an overflow (up to the sign).
#
# What to expect: one of the two gates $i'_t$ and $f'_t$ is exactly 1, and the other is at most 1.
# From an empty memory the first step gives $h_t = \sigma(a_o) \odot \tanh(a_g)$ and $n_t = 1$, whatever the other gates are.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_slstm_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slstm_step(a, c_prev, n_prev, m_prev):
    """Advance the sLSTM by one step.

    Parameters
    ----------
    a : array (N, 4H)
        Pre-activations, blocks i, f, g, o.
    c_prev, n_prev, m_prev : arrays (N, H)
        ``m_prev`` is minus infinity where the memory is empty; ``c_prev`` and ``n_prev`` are
        then 0.

    Returns
    -------
    h_t, c_t, n_t, m_t : arrays (N, H), floats

    Hint: never form ``np.exp(a_i)`` itself.
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (N, H)
    log_f = -np.logaddexp(0, -a_f)
    m_t = np.maximum(log_f + m_prev, a_i)
    i, f = np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)
    c_t, n_t = f * c_prev + i * np.tanh(a_g), f * n_prev + i
    return np.exp(-np.logaddexp(0, -a_o)) * c_t / n_t, c_t, n_t, m_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_slstm_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("slstm_step")


def test_slstm_step(cases):
    yours = attempt(
        slstm_step,
        reference.slstm_step,
        cases,
        known.slstm_step,
        gives=["h_t", "c_t", "n_t", "m_t"],
    )
    with parts.part("the four states", 1):
        yours.check(group="ordinary")
    with parts.part("gates of any size", 1):
        yours.check(group="large")


test_slstm_step(cases.slstm_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_slstm_step(cases.slstm_step(question_seed("slstm_step")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: the mLSTM at once (2 points)
#
# Read: After 2017, section *All steps at once*.
#
# The mLSTM stores every value under its key in a matrix, and its gates see the input only.
# So all outputs can be computed at once.
# What step $t$ still has of step $s$ is a weight with the logarithm
#
# $$\log \vartheta_{ts} = \sum_{j=s+1}^{t} \log f_j + \log i_s \quad\text{for } s \le t,$$
#
# and with the largest of them in each row, $m_t = \max_s \log \vartheta_{ts}$, the output is
#
# $$w_{ts} = e^{\log \vartheta_{ts} - m_t}\, q_t k_s^\top, \qquad h_t = \frac{\sum_{s \le t} w_{ts} v_s}{\max\left(\left|\sum_{s \le t} w_{ts}\right|,\; e^{-m_t}\right)}$$
#
# In the chapter the divisor has a 1; here everything is divided by $e^{m_t}$, and so that 1 becomes $e^{-m_t}$.
# The output gate is left out here, and the keys are scaled already.
#
# What to expect: with one unit, queries and keys of 1, the values 2 and 4, $\log i_t = 0$ and $f_2 = 0.5$, `h` is 2 at the first step and $5 / 1.5$ at the second.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_mlstm_parallel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlstm_parallel(q, k, v, log_i, log_f):
    """Return the outputs of the mLSTM from an empty memory, before the output gate.

    Parameters
    ----------
    q, k, v : arrays (N, T, H)
    log_i, log_f : arrays (N, T)
        Logarithms of the gates, of any size.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: with ``total = np.cumsum(log_f, axis=1)`` the sum of log f from s + 1 to t is
    ``total[:, t] - total[:, s]``; ``np.tri(T, dtype=bool)`` is True where s <= t.
    """
    ### BEGIN SOLUTION
    total = np.cumsum(log_f, axis=1)  # (N, T)
    log_weight = total[:, :, None] - total[:, None, :] + log_i[:, None, :]  # (N, T, T)
    log_weight = np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)
    m = log_weight.max(axis=2, keepdims=True)  # (N, T, 1)
    w = np.exp(log_weight - m) * (q @ k.transpose(0, 2, 1))
    return w @ v / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_mlstm_parallel_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("mlstm_parallel")


def test_mlstm_parallel(cases):
    yours = attempt(
        mlstm_parallel, reference.mlstm_parallel, cases, known.mlstm_parallel, gives=["h"]
    )
    with parts.part("the outputs", 1):
        yours.check(group="ordinary")
    with parts.part("gates of any size", 1):
        yours.check(group="large")


test_mlstm_parallel(cases.mlstm_parallel(VISIBLE))

### BEGIN HIDDEN TESTS
test_mlstm_parallel(cases.mlstm_parallel(question_seed("mlstm_parallel")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: many sequences in one row (2 points)
#
# Read: After 2017, section *A linear recurrence*.
#
# No page prints this answer.
# Short sequences waste a long batch, so several of them are laid in one row, one behind the other.
# `starts[n, t]` is `True` where a new sequence begins.
# There the state must start afresh: that step reads $h_0$ in place of the state of the step before, which belongs to another sequence.
# The row itself begins from $h_0$, whatever `starts` says of its first step.
#
# Compute all states with one call of `scan` and no loop: find the two arrays of which it makes just this.
#
# What to expect: with `keep` 2 and `write` 1 at four steps, a start at the third and $h_0 = 1$, the states are 3, 7, 3 and 7.


# %% nbgrader={"grade": false, "grade_id": "parallel_scan_scan_restarts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scan_restarts(keep, write, h0, starts):
    """Run the recurrence over rows in which several sequences stand one behind the other.

    Parameters
    ----------
    keep, write : arrays (N, T, H)
    h0 : array (N, H)
        The state from which every sequence of a row begins.
    starts : bool array (N, T)
        Where a new sequence begins.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: with which factor does a step forget all that came before, and what must it write then?
    """
    ### BEGIN SOLUTION
    new = starts[:, :, None]  # (N, T, 1)
    begun = keep * h0[:, None] + write  # what a step makes of h0
    return scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parallel_scan_scan_restarts_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("scan_restarts")


def test_scan_restarts(cases):
    yours = attempt(scan_restarts, reference.scan_restarts, cases, known.scan_restarts, gives=["h"])
    with parts.part("all states", 2):
        yours.check()


test_scan_restarts(cases.scan_restarts(VISIBLE))

### BEGIN HIDDEN TESTS
test_scan_restarts(cases.scan_restarts(question_seed("scan_restarts")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Where to go from here
#
# - Time your scan against a loop, for T from 10 to 10,000: from which length on does it win on your machine?
# - Run the mLSTM step by step, with a matrix as memory, and compare with your parallel form.
