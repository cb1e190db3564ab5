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
# It goes with the chapter *GRU*, where the equations below are derived; only the last question is answered on no page.
#
# There are seven questions and **12 points**.
# Plan 75 minutes.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "gru_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import gru as reference
from lstm_course.answers import gru_cases as cases
from lstm_course.answers import gru_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

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
# Read: GRU, section *Before the product, or after it?*.
#
# In PyTorch, and by default in Keras, the reset gate stands *after* the product with the state:
#
# $$g_t = \tanh\bigl(x_t W_{xg} + b_{xg} + r_t \odot (h_{t-1} W_{hg} + b_{hg})\bigr)$$
#
# In the papers it stands *before* it:
#
# $$g_t = \tanh\bigl(x_t W_{xg} + b_{xg} + (r_t \odot h_{t-1}) W_{hg} + b_{hg}\bigr)$$
#
# What to expect: with $r_t = 1$ both forms give the same numbers; with $b_{hg} = 0$ and $r_t = 0$ both give $\tanh(x_t W_{xg} + b_{xg})$.


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
parts = Parts("candidate")


def test_candidate(cases):
    yours = attempt(candidate, reference.candidate, cases, known.candidate, gives=["g"])
    with parts.part("the reset gate after the product", 1):
        yours.check(group="after")
    with parts.part("the reset gate before the product", 1):
        yours.check(group="before")


test_candidate(cases.candidate(VISIBLE))

### BEGIN HIDDEN TESTS
test_candidate(cases.candidate(question_seed("candidate")))
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
# Read: GRU, section *The equations*.
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
#
# What to expect: each entry of $h_t$ lies between that of $h_{t-1}$ and that of $g_t$.


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
parts = Parts("gru_step")


def test_gru_step(cases):
    yours = attempt(
        gru_step, reference.gru_step, cases, known.gru_step, gives=["h_t", "r", "z", "g"]
    )
    with parts.part("the gates", 1):
        yours.check("r", "z")
    with parts.part("candidate and state", 1):
        yours.check("g", "h_t")


test_gru_step(cases.gru_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_gru_step(cases.gru_step(question_seed("gru_step")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gru_reference_gru_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `gru_step` is the reference version.
gru_step = reference.gru_step

# %% [markdown]
# ## Question 3: a whole sequence (1 point)
#
# Read: GRU, section *A layer*.
#
# The same step, with the same weights, for one column of `x` after the other; each step starts from the state that the step before has left.
#
# What to expect: `h[:, -1]` is the last state, and `h[:, 0]` what one step makes of `h0`.


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
parts = Parts("gru_forward")


def test_gru_forward(cases):
    yours = attempt(gru_forward, reference.gru_forward, cases, known.gru_forward, gives=["h"])
    with parts.part("a whole sequence", 1):
        yours.check()


test_gru_forward(cases.gru_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_gru_forward(cases.gru_forward(question_seed("gru_forward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gru_reference_gru_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `gru_forward` is the reference version.
gru_forward = reference.gru_forward

# %% [markdown]
# ## Question 4: the other convention (1 point)
#
# Read: GRU, section *Who keeps, and who writes?*.
#
# Chung et al. (2014) and many tutorials let a large update gate *write*:
#
# $$h_t = (1 - z_t) \odot h_{t-1} + z_t \odot g_t$$
#
# Change the weights of a layer so that it computes in their convention what yours computes in ours.
# Use that $1 - \sigma(a) = \sigma(-a)$.
#
# What to expect: to change the weights twice gives the old ones back.


# %% nbgrader={"grade": false, "grade_id": "gru_flip_update_gate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flip_update_gate(W_x, W_h, b_x, b_h):
    """Convert weights between the two conventions of the update gate.

    Parameters
    ----------
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    W_x, W_h, b_x, b_h : new arrays of the same shapes

    Hint: everything that enters the update gate takes part.
    """
    ### BEGIN SOLUTION
    H = len(W_h)
    sign = np.ones_like(b_x)
    sign[H : 2 * H] = -1.0
    return W_x * sign, W_h * sign, b_x * sign, b_h * sign
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_flip_update_gate_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("flip_update_gate")


def test_flip_update_gate(cases):
    yours = attempt(
        flip_update_gate,
        reference.flip_update_gate,
        cases,
        known.flip_update_gate,
        gives=["W_x", "W_h", "b_x", "b_h"],
    )
    with parts.part("the weights of the other convention", 1):
        yours.check()


test_flip_update_gate(cases.flip_update_gate(VISIBLE))

### BEGIN HIDDEN TESTS
test_flip_update_gate(cases.flip_update_gate(question_seed("flip_update_gate")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: from PyTorch to Keras (2 points)
#
# Read: GRU, section *The same numbers from PyTorch and Keras*.
#
# | | PyTorch `nn.GRU` | Keras `layers.GRU` |
# |---|---|---|
# | input weights | `weight_ih (3H, D)` | `kernel (D, 3H)` |
# | recurrent weights | `weight_hh (3H, H)` | `recurrent_kernel (H, 3H)` |
# | biases | `bias_ih (3H,)`, `bias_hh (3H,)` | `bias (2, 3H)`: first that of the input, then that of the state |
# | order of the blocks | r, z, n | z, r, h |
#
# `n` and `h` are two names for the candidate.
#
# What to expect: with $H = 1$ and the rows `[1, 2, 3]` of a weight in PyTorch, Keras has the columns `[2, 1, 3]`.


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
parts = Parts("torch_to_keras")


def test_torch_to_keras(cases):
    yours = attempt(
        torch_to_keras,
        reference.torch_to_keras,
        cases,
        known.torch_to_keras,
        gives=["kernel", "recurrent_kernel", "bias"],
    )
    with parts.part("the two kernels", 1):
        yours.check("kernel", "recurrent_kernel")
    with parts.part("the biases", 1):
        yours.check("bias")


test_torch_to_keras(cases.torch_to_keras(VISIBLE))

### BEGIN HIDDEN TESTS
test_torch_to_keras(cases.torch_to_keras(question_seed("torch_to_keras")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: one step back (2 points)
#
# Read: GRU, section *The way back*.
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
#
# What to expect: where $z_t = 1$ the state was kept, and `dh_prev` is `dh_t`, while `dx_t` is zero.


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
parts = Parts("step_backward")


def test_step_backward(cases):
    yours = attempt(
        step_backward,
        reference.step_backward,
        cases,
        known.step_backward,
        gives=["dx_t", "dh_prev", "dW_x", "dW_h", "db_x", "db_h"],
    )
    with parts.part("what leaves the step", 1):
        yours.check("dx_t", "dh_prev")
    with parts.part("the weights", 1):
        yours.check("dW_x", "dW_h", "db_x", "db_h")


test_step_backward(cases.step_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_step_backward(cases.step_backward(question_seed("step_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: what a state is an average of (2 points)
#
# Read: GRU, section *Who keeps, and who writes?*.
#
# No page prints this answer.
# Each step makes an average of the state before it and a candidate, so in the end the state is an average of everything:
#
# $$h_T = w_0 \odot h_0 + w_1 \odot g_1 + \dots + w_T \odot g_T$$
#
# Find the weights $w_0, \dots, w_T$ from the update gates alone.
# Write two steps out by hand first: what became of $h_0$, and what of $g_1$, when the second step was done?
#
# What to expect: all weights lie between 0 and 1, and for each unit they add up to 1.
# With $z_1 = 0.5$ and $z_2 = 0.2$ they are 0.1, 0.1 and 0.8.


# %% nbgrader={"grade": false, "grade_id": "gru_average_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_weights(z):
    """Compute with which weight the first state and each candidate enter the last state.

    Parameters
    ----------
    z : array (N, T, H)
        The update gates of all steps; a large one keeps.

    Returns
    -------
    w : array (N, T + 1, H), floats
        First the weight of ``h0``, then those of the candidates of steps 1 to T.

    Hint: what a step has written is multiplied by the gates of all steps *after* it.
    """
    ### BEGIN SOLUTION
    N, T, H = z.shape
    w = np.ones((N, T + 1, H), dtype=z.dtype)
    w[:, 1:] = 1.0 - z
    for t in range(T):
        w[:, : t + 1] *= z[:, t : t + 1]  # what was there before step t + 1
    return w
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gru_average_weights_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("average_weights")


def test_average_weights(cases):
    yours = attempt(average_weights, reference.average_weights, cases, known.average_weights, ["w"])
    with parts.part("the weights of the average", 2):
        yours.check()


test_average_weights(cases.average_weights(VISIBLE))

### BEGIN HIDDEN TESTS
test_average_weights(cases.average_weights(question_seed("average_weights")))
### END HIDDEN TESTS

parts.score()
