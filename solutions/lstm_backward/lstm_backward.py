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
# It goes with the chapter *The backward pass*, where the equations below are derived; only the last question is answered on no page.
# The forward pass is given; if you would like to write that too, do the assignment `lstm_cell` first.
# Backpropagation through a plain RNN, and a gradient check entry by entry, are in `rnn_bptt`.
#
# There are eight questions and **14 points**.
# Plan 90 minutes.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import lstm_backward as reference
from lstm_course.answers import lstm_backward_cases as cases
from lstm_course.answers import lstm_backward_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

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
#
# In the chapter the cache is a named tuple, which can be taken apart into its arrays; a dict, taken apart in this way, gives its *keys*, so write `cache["i"]` here.

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
# Read: The backward pass, section *The cell state*.
#
# Start with the two last equations of the step, $h_t = o_t \odot \tanh(c_t)$ and $c_t = f_t \odot c_{t-1} + i_t \odot g_t$.
# A product sends its gradient to each factor, multiplied by the other one.
# The cell state is read twice, by $h_t$ and by the next step, so its gradient is a sum:
#
# $$dc = dc_t + dh_t \odot o_t \odot \left(1 - \tanh^2(c_t)\right)$$
#
# Compute this first; then the five gradients follow in a line each.
#
# What to expect: with one unit, `dh_t` = 1, `dc_t` = 0.5, $c_{t-1} = 2$, $i = 0.25$, $f = 0.8$, $g = -0.5$, $o = 0.6$ and $\tanh(c_t) = 0.9$, $dc$ is 0.614, and the results are -0.307, 1.228, 0.1535, 0.9 and 0.4912.


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
parts = Parts("through_cell")


def test_through_cell(cases):
    yours = attempt(
        through_cell,
        reference.through_cell,
        cases,
        known.through_cell,
        gives=["di", "df", "dg", "do", "dc_prev"],
    )
    with parts.part("gates and candidate", 1):
        yours.check("di", "df", "dg", "do")
    with parts.part("the cell state before", 1):
        yours.check("dc_prev")


test_through_cell(cases.through_cell(VISIBLE))

### BEGIN HIDDEN TESTS
test_through_cell(cases.through_cell(question_seed("through_cell")))
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
# Read: The backward pass, section *The pre-activations*.
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
#
# What to expect: where all gates are 0 or 1 and $g$ is 1 or -1, every slope is zero, and `dc_prev` is the only result that is not.


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
parts = Parts("step_backward")


def test_step_backward(cases):
    yours = attempt(
        step_backward,
        reference.step_backward,
        cases,
        known.step_backward,
        gives=["dx_t", "dh_prev", "dc_prev", "dW_x", "dW_h", "db"],
    )
    with parts.part("what leaves the step", 1):
        yours.check("dx_t", "dh_prev", "dc_prev")
    with parts.part("the weights", 1):
        yours.check("dW_x", "dW_h", "db")


test_step_backward(cases.step_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_step_backward(cases.step_backward(question_seed("step_backward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_step_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step_backward` is the reference version.
step_backward = reference.step_backward

# %% [markdown]
# ## Question 3: the whole sequence (2 points)
#
# Read: The backward pass, section *The sequence, from its end*.
#
# Walk through the sequence from its end.
# At each step, the gradient of $h_t$ is what the loss says about it, `dh[:, t]`, plus what the step after it has handed back; the gradient of $c_t$ comes from the step after it alone.
# Behind the last step stand `dh_T` and `dc_T`, from whoever uses the final states.
# ($h_T$ is `h[:, -1]`, so two gradients may reach it, `dh[:, -1]` from the loss and `dh_T` from another user; they are added.)
# The weights are the same in every step, so their gradients add up.
#
# What to expect: for a sequence of one step the results are those of `step_backward` for `dh[:, 0] + dh_T` and `dc_T`.


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
parts = Parts("sequence_backward")


def test_sequence_backward(cases):
    yours = attempt(
        sequence_backward,
        reference.sequence_backward,
        cases,
        known.sequence_backward,
        gives=["dx", "dh0", "dc0", "dW_x", "dW_h", "db"],
    )
    with parts.part("inputs and initial states", 1):
        yours.check("dx", "dh0", "dc0")
    with parts.part("the weights", 1):
        yours.check("dW_x", "dW_h", "db")


test_sequence_backward(cases.sequence_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_sequence_backward(cases.sequence_backward(question_seed("sequence_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: check it along a direction (1 point)
#
# Read: The backward pass, section *Against differences*.
#
# A check of every entry calls the loss twice for each of them.
# There is a cheaper one: move the whole array a little along one direction $u$, and compare.
# The gradient promises the slope $\sum dv \odot u$, and two calls measure it:
#
# $$n = \frac{\mathcal{L}(v + \epsilon u) - \mathcal{L}(v - \epsilon u)}{2 \epsilon} \qquad\qquad \text{error} = \frac{\lvert a - n \rvert}{\lvert a \rvert + \lvert n \rvert} \quad\text{with } a = \textstyle\sum dv \odot u$$
#
# With a random direction, a wrong gradient shows nearly surely.
# In the tests $a$ and $n$ are never both zero.
#
# What to expect: for the sum of the cubes at $(1, 2)$, the direction $(1, -0.5)$ and a step as wide as 0.1, the right gradient $(3, 12)$ has the error 0.00146, and $(3, 10)$ the error 0.198; a gradient with the wrong sign has the error 1.


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
parts = Parts("directional_error")


def test_directional_error(cases):
    yours = attempt(
        directional_error,
        reference.directional_error,
        cases,
        known.directional_error,
        gives=["the error"],
    )
    with parts.part("the error along a direction", 1):
        yours.check()


test_directional_error(cases.directional_error(VISIBLE))

### BEGIN HIDDEN TESTS
test_directional_error(cases.directional_error(question_seed("directional_error")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# Here is the check at work on a whole LSTM, with the reference versions of your functions, and with three planted bugs.
# The first line is close to zero, and none of the others is.

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
none = np.zeros((3, 6))
zero_dh = np.zeros_like(dh)
for name, given in (
    ("right", (dh, none, dc_T)),
    ("dc_T forgotten", (dh, none, none)),
    ("dh forgotten", (zero_dh, none, dc_T)),
    ("dh at the wrong steps", (np.roll(dh, 1, axis=1), none, dc_T)),
):
    dW_h = sequence_backward(*given, caches)[4]
    print(f"{name:22} {directional_error(loss_of_W_h, W_h, dW_h, direction, 1e-5):.1e}")

# %% [markdown]
# ## Question 5: clip by the global norm (1 point)
#
# Read: The backward pass, section *Clip, then step*.
#
# Before a gradient is used, it is shortened if it is too long.
# All arrays together are one vector with one norm, so that the direction stays what it is:
#
# $$\lVert \Delta \rVert = \sqrt{\textstyle\sum_{\text{arrays}} \sum_{\text{entries}} \Delta^2} \qquad\qquad \Delta \leftarrow \Delta \cdot \frac{\text{limit}}{\lVert \Delta \rVert} \quad\text{if } \lVert \Delta \rVert > \text{limit}$$
#
# Gradients that are short enough stay as they are; you may hand back the arrays that you were given.
#
# What to expect: the arrays `[3, 4]` and `[[12]]` have the joint norm 13, and with the limit 6.5 each entry is halved.


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
parts = Parts("clip")


def test_clip(cases):
    yours = attempt(
        clip, reference.clip, cases, known.clip, gives=["the clipped gradients", "the norm"]
    )
    with parts.part("norm and clipped gradients", 1):
        yours.check("the norm", "the clipped gradients")


test_clip(cases.clip(VISIBLE))

### BEGIN HIDDEN TESTS
test_clip(cases.clip(question_seed("clip")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_clip", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `clip` is the reference version.
clip = reference.clip

# %% [markdown]
# ## Question 6: Adam (2 points)
#
# Read: The backward pass, section *Clip, then step*.
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
parts = Parts("adam")


def test_adam(cases):
    yours = attempt(adam, reference.adam, cases, known.adam, gives=["the new parameters", "m", "v"])
    with parts.part("the first update", 1):
        yours.check(group="first")
    with parts.part("later updates", 1):
        yours.check(group="later")


test_adam(cases.adam(VISIBLE))

### BEGIN HIDDEN TESTS
test_adam(cases.adam(question_seed("adam")))
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
# Read: The backward pass, section *One update of a whole network*.
#
# A training loop that is right can learn a handful of examples by heart; one that cannot is wrong somewhere.
# An update computes the loss and the gradients, clips the gradients, and lets Adam change the parameters.
#
# What to expect: on `five_sequences()`, which the next cell makes, with the learning rate 0.05 and the limit 1, the losses begin with 1.218, 0.641 and 0.242.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_five_sequences", "locked": true, "schema_version": 3, "solution": false, "task": false}
def five_sequences():
    """Return x (5, 6, 2), y (5,) and parameters for four hidden units, always the same."""
    x = np.zeros((5, 6, 2))
    x[:, :, 0] = (np.arange(30).reshape(5, 6) * 0.37) % 1
    for n, steps in enumerate(([0, 5], [1, 3], [2, 4], [0, 3], [2, 5])):
        x[n, steps, 1] = 1.0
    shapes = (((2, 16), 0.8), ((4, 16), 0.6), ((16,), 0.3), ((4, 1), 1.0), ((1,), 0.0))
    waves = [s * np.sin(np.arange(1, np.prod(shape) + 1)).reshape(shape) for shape, s in shapes]
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1), waves


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
parts = Parts("train")


def test_train(cases):
    yours = attempt(
        train, reference.train, cases, known.train, gives=["the trained parameters", "the losses"]
    )
    with parts.part("the losses", 1):
        yours.check("the losses")
    with parts.part("the parameters", 1):
        yours.check("the trained parameters")


test_train(cases.train(VISIBLE))

### BEGIN HIDDEN TESTS
test_train(cases.train(question_seed("train")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "lstm_backward_reference_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `train` is the reference version.
train = reference.train

# %% [markdown]
# Run the cell: the loop learns the five sums by heart, in 300 updates.
# The last loss is far below 0.0001.

# %%
x, y, start = five_sequences()
parameters, losses = train(x, y, start, 300, 0.05, 1.0)
print(f"loss at the start {losses[0]:.2f}, at the end {losses[-1]:.0e}")

# %% [markdown]
# ## Question 8: back through a cell with a limit (2 points)
#
# Read: The backward pass, section *The cell state*.
#
# No page prints this answer.
# Nothing keeps a cell state from growing, so some implementations cut it off at a limit $L$:
#
# $$c = f_t \odot c_{t-1} + i_t \odot g_t \qquad c_t = \min(\max(c, -L), L) \qquad h_t = o_t \odot \tanh(c_t)$$
#
# Where the limit has cut, $c_t$ is $L$ or $-L$ whatever the gates do a little more or less; elsewhere it is $c$.
# Change your answer to question 1 so that it gives the gradients of this cell.
# You get no `tanh_c` here: compute what you need.
# No entry of $c$ is exactly $L$ or $-L$.
#
# What to expect: with a limit that cuts nothing, the results are those of question 1; where the limit has cut, all are zero but `do`.


# %% nbgrader={"grade": false, "grade_id": "lstm_backward_through_limited_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def through_limited_cell(dh_t, dc_t, c_prev, i, f, g, o, limit):
    """Carry the gradient back through a cell whose state is cut off at a limit.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients of the loss with respect to h_t, and with respect to c_t from the next step.
    c_prev, i, f, g, o : arrays (N, H)
        From the forward pass.
    limit : float
        The largest size of a cell state, positive.

    Returns
    -------
    di, df, dg, do, dc_prev : five arrays (N, H), floats

    Hint: ``np.clip`` cuts off; a comparison such as ``a < b`` can be multiplied like numbers.
    """
    ### BEGIN SOLUTION
    c = f * c_prev + i * g  # (N, H), before it is cut off
    tanh_c = np.tanh(np.clip(c, -limit, limit))
    dc_t = dc_t + dh_t * o * (1.0 - tanh_c**2)
    dc = dc_t * (np.abs(c) < limit)  # (N, H)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_backward_through_limited_cell_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("through_limited_cell")


def test_through_limited_cell(cases):
    yours = attempt(
        through_limited_cell,
        reference.through_limited_cell,
        cases,
        known.through_limited_cell,
        gives=["di", "df", "dg", "do", "dc_prev"],
    )
    with parts.part("gates and candidate", 1):
        yours.check("di", "df", "dg", "do")
    with parts.part("the cell state before", 1):
        yours.check("dc_prev")


test_through_limited_cell(cases.through_limited_cell(VISIBLE))

### BEGIN HIDDEN TESTS
test_through_limited_cell(cases.through_limited_cell(question_seed("through_limited_cell")))
### END HIDDEN TESTS

parts.score()


# %% [markdown]
# ## What you have built
#
# Everything between the input of question 7 and its last loss is arithmetic that you have written down yourself.
# The chapter *The backward pass* goes on from here to a task that a plain RNN does not learn.
