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
# It goes with the chapter *After 2017*, where every equation below is derived.
#
# There are six questions and **11 points**.
# Plan 60 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# The last two questions have two parts of one point each, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, states that are not zero, `float32` arrays, gates of any size.
# Two habits get you through all of them:
#
# - take `N`, `T` and `H` from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "parallel_scan_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import parallel_scan as reference
from lstm_course.answers.parallel_scan_cases import random_cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `keep`, $\phi_t$ | `(N, T, H)` | factor of the old state |
# | `write`, $\psi_t$ | `(N, T, H)` | what is added |
# | `h0`, `h` | `(N, H)`, `(N, T, H)` | the state before the first step; all states |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# The recurrence is $h_t = \phi_t \odot h_{t-1} + \psi_t$.

# %% [markdown]
# ## Question 1: two maps are one (1 point)
#
# A step is the map $h \mapsto \phi h + \psi$.
# Do the first map, then the second, and write the result as one map again.
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
def test_combine():
    check_own(combine)
    arrays = [np.array([number]) for number in (2.0, 1.0, 3.0, 10.0)]
    keep, write = take_apart("combine", combine(*arrays), ("keep", "write"))
    check_example("keep", keep, [6.0], hints=[([5.0], "the factors are multiplied, not added")])
    check_example(
        "write",
        write,
        [13.0],
        hints=[
            ([21.0], "this is the second map first: what was written first is multiplied later"),
            ([11.0], "the second map multiplies what the first has written"),
            ([30.0], "the second summand is added"),
        ],
    )


test_combine()


### BEGIN HIDDEN TESTS
def hidden_combine():
    for case in random_cases(question_seed("combine")):
        first, second = (case.keep, case.write), (case.dh, case.q)
        given = {"keep_1": first[0], "write_1": first[1], "keep_2": second[0], "write_2": second[1]}
        yours = take_apart("combine", call_unchanged(combine, **given), ("keep", "write"))
        right = reference.combine(*first, *second)
        turned = reference.combine(*second, *first)
        check_array(f"keep for {case.label}", yours[0], right[0])
        hints = [(turned[1], "this is the second map first")]
        check_array(f"write for {case.label}", yours[1], right[1], hints=hints)


hidden_combine()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "parallel_scan_reference_combine", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `combine` is the reference version.
combine = reference.combine

# %% [markdown]
# ## Question 2: one round of the doubling scan (2 points)
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
    keep, write : arrays (N, T, H), floats

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
def test_scan_round():
    check_own(scan_round)
    keep, write = np.full((1, 4, 1), 2.0), np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1)
    yours = take_apart("scan_round", scan_round(keep, write, 1), ("keep", "write"))
    one_by_one = "a step saw what its neighbour became in this round: start from copies"
    check_example(
        "write",
        yours[1],
        np.array([1.0, 4.0, 7.0, 10.0]).reshape(1, 4, 1),
        hints=[
            (np.array([1.0, 4.0, 11.0, 26.0]).reshape(1, 4, 1), one_by_one),
            (np.array([1.0, 5.0, 8.0, 11.0]).reshape(1, 4, 1), "the earlier map comes first"),
            (np.array([4.0, 7.0, 10.0]).reshape(1, 3, 1), "the first steps stay as they are"),
            (np.array([5.0, 8.0, 11.0, 4.0]).reshape(1, 4, 1), "look back, not ahead"),
        ],
    )
    check_example(
        "keep",
        yours[0],
        np.array([2.0, 4.0, 4.0, 4.0]).reshape(1, 4, 1),
        hints=[
            (np.array([2.0, 4.0, 8.0, 16.0]).reshape(1, 4, 1), one_by_one),
            (np.full((1, 4, 1), 2.0), "keep changes in a round too"),
        ],
    )


test_scan_round()


### BEGIN HIDDEN TESTS
def hidden_scan_round():
    for case in random_cases(question_seed("scan_round")):
        for reach in range(1, case.keep.shape[1] + 1):
            given = {"keep": case.keep, "write": case.write, "reach": reach}
            result = call_unchanged(scan_round, **given)
            yours = take_apart("scan_round", result, ("keep", "write"))
            right = reference.scan_round(case.keep, case.write, reach)
            short = reference.scan_round(case.keep, case.write, 1)
            for name, found, expected, wrong in zip(
                ("keep", "write"), yours, right, short, strict=True
            ):
                hints = [(wrong, "this is the round with reach 1: use reach")]
                check_array(f"{name} for {case.label}", found, expected, hints=hints)


hidden_scan_round()
### END HIDDEN TESTS

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
GRADIENTS = ("dkeep", "dwrite", "dh0")


def test_scan_backward():
    check_own(scan_backward)
    keep, h0 = np.array([2.0, 3.0, 5.0]).reshape(1, 3, 1), np.array([[1.0]])
    dh, h = np.ones((1, 3, 1)), np.array([3.0, 11.0, 54.0]).reshape(1, 3, 1)
    result = scan_backward(dh, keep, h, h0)
    dkeep, dwrite, dh0 = take_apart("scan_backward", result, GRADIENTS)
    check_example(
        "dwrite",
        dwrite,
        np.array([19.0, 6.0, 1.0]).reshape(1, 3, 1),
        hints=[
            (np.array([9.0, 4.0, 1.0]).reshape(1, 3, 1), "use the factor of the next step"),
            (np.array([1.0, 6.0, 19.0]).reshape(1, 3, 1), "turn the result back in time"),
            (np.array([1.0, 4.0, 21.0]).reshape(1, 3, 1), "run from the last step to the first"),
            (np.array([1.0, 1.0, 1.0]).reshape(1, 3, 1), "later steps read this one too"),
        ],
    )
    check_example(
        "dkeep",
        dkeep,
        np.array([19.0, 18.0, 11.0]).reshape(1, 3, 1),
        hints=[
            (np.array([57.0, 66.0, 54.0]).reshape(1, 3, 1), "the factor multiplied h_{t-1}"),
            (np.array([0.0, 18.0, 11.0]).reshape(1, 3, 1), "before the first step stands h0"),
        ],
    )
    check_example("dh0", dh0, [[38.0]], hints=[([[19.0]], "the first step multiplied h0 by keep")])


test_scan_backward()


### BEGIN HIDDEN TESTS
def hidden_scan_backward():
    for case in random_cases(question_seed("scan_backward")):
        h = reference.scan(case.keep, case.write, case.h0)
        given = {"dh": case.dh, "keep": case.keep, "h": h, "h0": case.h0}
        yours = take_apart("scan_backward", call_unchanged(scan_backward, **given), GRADIENTS)
        right = reference.scan_backward(*given.values())
        wrong = (right[1] * h, case.dh, right[1][:, 0])
        texts = ("the factor multiplied h_{t-1}", "later steps read it too", "keep is missing")
        for name, found, expected, other, text in zip(
            GRADIENTS, yours, right, wrong, texts, strict=True
        ):
            check_array(f"{name} for {case.label}", found, expected, hints=[(other, text)])


hidden_scan_backward()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 4: minGRU (2 points)
#
# The gate and the candidate of the minGRU depend on the input alone, so the layer is a scan:
#
# $$[a_z, a_g] = x_t W_x + b, \qquad z_t = \sigma(a_z), \qquad h_t = (1 - z_t) \odot h_{t-1} + z_t \odot a_g$$
#
# The candidate is linear here: there is no tanh.
#
# What to expect: in the test the states are 0.5, 1.25 and 2.125.


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
def test_min_gru():
    check_own(min_gru)
    x, h0 = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1), np.zeros((1, 1))
    h = min_gru(x, h0, np.array([[0.0, 1.0]]), np.zeros(2))
    check_example(
        "h",
        h,
        np.array([0.5, 1.25, 2.125]).reshape(1, 3, 1),
        hints=[
            (np.array([0.3808, 0.6724, 0.8337]).reshape(1, 3, 1), "the candidate has no tanh"),
            (np.array([1.0, 2.5, 4.25]).reshape(1, 3, 1), "z multiplies the candidate"),
            (np.array([0.5, 1.5, 3.0]).reshape(1, 3, 1), "1 - z multiplies the old state"),
            (np.zeros((1, 3, 1)), "the first block is the gate, the second the candidate"),
        ],
    )


test_min_gru()


### BEGIN HIDDEN TESTS
def hidden_min_gru():
    for case in random_cases(question_seed("min_gru")):
        given = {"x": case.x, "h0": case.h0, "W_x": case.W_x, "b": case.b}
        result = call_unchanged(min_gru, **given)
        H = case.h0.shape[1]
        swapped = np.roll(case.W_x, H, axis=1), np.roll(case.b, H)
        opposite = case.W_x.copy(), case.b.copy()
        for array in opposite:
            array[..., :H] *= -1
        hints = [
            (reference.min_gru(case.x, 0 * case.h0, case.W_x, case.b), "start from h0"),
            (reference.min_gru(case.x, case.h0, case.W_x, 0 * case.b), "the bias b is missing"),
            (reference.min_gru(case.x, case.h0, *swapped), "gate and candidate are exchanged"),
            (reference.min_gru(case.x, case.h0, *opposite), "z and 1 - z are exchanged"),
        ]
        check_array(f"h for {case.label}", result, reference.min_gru(*given.values()), hints=hints)


hidden_min_gru()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 5: a stabilised step of the sLSTM (2 points)
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
# What to expect: in the test `h_t` is 0.4444, `c_t` 1.3333, `n_t` 1.5 and `m_t` 0.


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
parts = Parts()
STATES = ("h_t", "c_t", "n_t", "m_t")


def test_slstm_step():
    check_own(slstm_step)
    a = np.array([[0.0, 0.0, np.arctanh(1 / 3), 0.0]])
    arrays = a, np.array([[2.0]]), np.array([[1.0]]), np.array([[0.0]])
    yours = take_apart("slstm_step", slstm_step(*arrays), STATES)
    with parts.part("the four states", 1):
        check_example("m_t", yours[3], [[0.0]], hints=[([[0.6931]], "log f is below zero")])
        check_example(
            "c_t",
            yours[1],
            [[1.3333]],
            hints=[
                ([[2.3333]], "the forget gate multiplies c_prev"),
                ([[1.1667]], "the input gate is an exponential, not a sigmoid"),
                ([[1.3466]], "the candidate is tanh(a_g)"),
            ],
        )
        check_example("n_t", yours[2], [[1.5]], hints=[([[2.0]], "f multiplies n_prev too")])
        check_example(
            "h_t",
            yours[0],
            [[0.4444]],
            hints=[
                ([[0.6667]], "divide by n_t"),
                ([[0.8889]], "the output gate is missing"),
                ([[0.3556]], "there is no tanh of the cell state here"),
            ],
        )
    with parts.part("gates of any size", 1):
        empty = np.zeros((1, 1)), np.zeros((1, 1)), np.full((1, 1), -np.inf)
        for size in (1000.0, -1000.0):
            large = np.array([[size, -size, 1.0, size]])
            yours = take_apart("slstm_step", slstm_step(large, *empty), STATES)
            right = 0.7616 if size > 0 else 0.0
            check_example(f"h_t where a_i is {size:.0f}", yours[0], [[right]])
            check_example(f"n_t where a_i is {size:.0f}", yours[2], [[1.0]])


test_slstm_step()


### BEGIN HIDDEN TESTS
def hidden_slstm_step():
    for case in random_cases(question_seed("slstm_step")):
        given = {"a": case.a, "c_prev": case.c_prev, "n_prev": case.n_prev, "m_prev": case.m_prev}
        H = case.c_prev.shape[1]
        right = reference.slstm_step(*given.values())
        no_m = reference.slstm_step(case.a, case.c_prev, case.n_prev, 0 * case.m_prev)
        with parts.part("the four states"):
            yours = take_apart("slstm_step", call_unchanged(slstm_step, **given), STATES)
            for name, found, expected, wrong in zip(STATES, yours, right, no_m, strict=True):
                hints = [(wrong, "m_prev is missing")]
                check_array(f"{name} for {case.label}", found, expected, hints=hints)
        with parts.part("gates of any size"):
            for block in range(4):
                for size in (-300, 300):
                    a = case.a.copy()
                    a[:, block * H : (block + 1) * H] += size
                    result = call_unchanged(slstm_step, **{**given, "a": a})
                    yours = take_apart("slstm_step", result, STATES)
                    right = reference.slstm_step(a, *list(given.values())[1:])
                    for name, found, expected in zip(STATES, yours, right, strict=True):
                        where = f"{name} with one large gate, {case.label}"
                        check_array(where, found, expected, rtol=1e-4)


hidden_slstm_step()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: the mLSTM at once (2 points)
#
# The mLSTM stores every value under its key in a matrix, and its gates see the input only.
# So all outputs can be computed at once.
# What step $t$ still has of step $s$ is a weight with the logarithm
#
# $$\log \gamma_{ts} = \sum_{j=s+1}^{t} \log f_j + \log i_s \quad\text{for } s \le t,$$
#
# and with the largest of them in each row, $m_t = \max_s \log \gamma_{ts}$, the output is
#
# $$w_{ts} = e^{\log \gamma_{ts} - m_t}\, q_t k_s^\top, \qquad h_t = \frac{\sum_{s \le t} w_{ts} v_s}{\max\left(\left|\sum_{s \le t} w_{ts}\right|,\; e^{-m_t}\right)}$$
#
# The output gate is left out here, and the keys are scaled already.
#
# What to expect: in the test `h` is 2 at the first step and 3.3333 at the second.


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
parts = Parts()


def test_mlstm_parallel():
    check_own(mlstm_parallel)
    q, k, v = np.ones((1, 2, 1)), np.ones((1, 2, 1)), np.array([2.0, 4.0]).reshape(1, 2, 1)
    log_i, log_f = np.log([[1.0, 1.0]]), np.log([[0.25, 0.5]])
    h = mlstm_parallel(q, k, v, log_i, log_f)
    with parts.part("the outputs", 1):
        check_example(
            "h",
            h,
            np.array([2.0, 3.3333]).reshape(1, 2, 1),
            hints=[
                (np.array([3.3333, 3.3333]).reshape(1, 2, 1), "no step sees a later one: the mask"),
                (np.array([2.0, 5.0]).reshape(1, 2, 1), "divide by the sum of the weights"),
                (np.array([2.0, 3.0]).reshape(1, 2, 1), "the forget gates are missing"),
                (np.array([0.5, 2.25]).reshape(1, 2, 1), "the gate of step s itself is not in it"),
            ],
        )
    with parts.part("gates of any size", 1):
        for size in (800.0, -600.0):
            h = mlstm_parallel(q, k, v, log_i + size, log_f)
            right = np.array([2.0, 3.3333]) if size > 0 else np.zeros(2)
            check_example(f"h where log_i is about {size:.0f}", h, right.reshape(1, 2, 1))


test_mlstm_parallel()


### BEGIN HIDDEN TESTS
def hidden_mlstm_parallel():
    for case in random_cases(question_seed("mlstm_parallel")):
        given = {"q": case.q, "k": case.k, "v": case.v, "log_i": case.log_i, "log_f": case.log_f}
        right = reference.mlstm_parallel(*given.values())
        turned = reference.mlstm_parallel(case.k, case.q, *list(given.values())[2:])
        no_i = reference.mlstm_parallel(case.q, case.k, case.v, 0 * case.log_i, case.log_f)
        with parts.part("the outputs"):
            result = call_unchanged(mlstm_parallel, **given)
            hints = [
                (turned, "queries and keys are exchanged"),
                (no_i, "the input gates are missing"),
            ]
            check_array(f"h for {case.label}", result, right, hints=hints)
        with parts.part("gates of any size"):
            single = case.q.dtype == np.float32
            for size in (-80, 100) if single else (-600, 800):
                one_step = case.log_i.copy()
                one_step[:, -1] += size
                for changed in (
                    {"log_i": case.log_i + size},
                    {"log_i": one_step},
                    {"log_f": case.log_f - abs(size)},
                ):
                    arrays = {**given, **changed}
                    result = call_unchanged(mlstm_parallel, **arrays)
                    expected = reference.mlstm_parallel(*arrays.values())
                    where = f"h with one large gate, {case.label}"
                    # Differences of large sums keep few digits in float32.
                    rtol = 1e-2 if single else 1e-6
                    check_array(where, result, expected, rtol=rtol)


hidden_mlstm_parallel()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Where to go from here
#
# - Time your scan against a loop, for T from 10 to 10,000: from which length on does it win on your machine?
# - Run the mLSTM step by step, with a matrix as memory, and compare with your parallel form.
