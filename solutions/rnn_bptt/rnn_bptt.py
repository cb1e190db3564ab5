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
# It goes with the chapter *Backpropagation through time*, where the equations below are derived; only the last question is answered on no page.
#
# There are seven questions and **14 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# One habit more than in other assignments: add gradients up wherever a value is used more than once, over time and over the examples of the batch.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import rnn_bptt as reference
from lstm_course.answers import rnn_bptt_cases as cases
from lstm_course.answers import rnn_bptt_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

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
# Read: Backpropagation through time, section *The network as a graph*.
#
# The plain RNN adds what it reads to what it remembers, and squashes the sum:
#
# $$h_t = \tanh\left(x_t W_x + h_{t-1} W_h + b\right)$$
#
# What to expect: with one feature and one unit, $x_t = 1$, $h_{t-1} = 0.5$, $W_x = 0.4$, $W_h = 0.8$ and $b = -0.5$ the new state is 0.2913.


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
parts = Parts("rnn_step")


def test_rnn_step(cases):
    yours = attempt(rnn_step, reference.rnn_step, cases, known.rnn_step, gives=["h_t"])
    with parts.part("the new state", 1):
        yours.check()


test_rnn_step(cases.rnn_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_rnn_step(cases.rnn_step(question_seed("rnn_step")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_step` is the reference version.  To try your own again, run its cell again.
rnn_step = reference.rnn_step

# %% [markdown]
# ## Question 2: a whole sequence (2 points)
#
# Read: Backpropagation through time, section *The network as a graph*.
#
# The same step, with the same weights, is applied to one column of `x` after the other, and each step starts from the state that the step before has left.
# The backward pass will need every state, also the first, so keep them all: `h` has $T + 1$ columns, and `h[:, 0]` is $h_0$.
#
# What to expect: `h[:, 1]` is what one step makes of `x[:, 0]` and `h0`.


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
parts = Parts("rnn_forward")


def test_rnn_forward(cases):
    yours = attempt(rnn_forward, reference.rnn_forward, cases, known.rnn_forward, gives=["h"])
    with parts.part("all states", 2):
        yours.check()


test_rnn_forward(cases.rnn_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_rnn_forward(cases.rnn_forward(question_seed("rnn_forward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_forward` is the reference version.
rnn_forward = reference.rnn_forward

# %% [markdown]
# ## Question 3: one step back (2 points)
#
# Read: Backpropagation through time, section *One step back*.
#
# Somebody hands you `dh_t`, the gradient of the loss with respect to $h_t$, from everything that uses $h_t$.
# First it passes the tanh, whose slope is known from $h_t$ itself, and becomes `da_t`:
#
# $$\frac{\partial \mathcal{L}}{\partial a_t} = \frac{\partial \mathcal{L}}{\partial h_t} \odot \left(1 - h_t^2\right)
# \qquad\text{with}\qquad a_t = x_t W_x + h_{t-1} W_h + b$$
#
# Then it goes to everything that $a_t$ was computed from: to $x_t$ and $h_{t-1}$, and to the weights.
# Find the five products with the help of the shapes.
# Only one of them is not settled by its shape: $W_h$ is square, so think about it.
#
# What to expect: with one feature and one unit, `dh_t` = 2, $x_t = 1$, $h_{t-1} = 0.5$, $h_t = 0.6$, $W_x = 0.4$ and $W_h = 0.8$ the five gradients are 0.512, 1.024, 1.28, 0.64 and 1.28.


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
parts = Parts("step_backward")


def test_step_backward(cases):
    yours = attempt(
        step_backward,
        reference.step_backward,
        cases,
        known.step_backward,
        gives=["dx_t", "dh_prev", "dW_x", "dW_h", "db"],
    )
    with parts.part("the gradients of the input and of the state before", 1):
        yours.check("dx_t", "dh_prev")
    with parts.part("the gradients of the weights", 1):
        yours.check("dW_x", "dW_h", "db")


test_step_backward(cases.step_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_step_backward(cases.step_backward(question_seed("step_backward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_step_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `step_backward` is the reference version.
step_backward = reference.step_backward

# %% [markdown]
# ## Question 4: backpropagation through time (3 points)
#
# Read: Backpropagation through time, section *The walk down the stairs*.
#
# Now walk back over the sequence.
# A state is used twice, by the loss of its own step and by the next step, so two gradients meet there:
#
# $$\frac{\partial \mathcal{L}}{\partial h_t} = \underbrace{\frac{\partial \mathcal{L}_t}{\partial h_t}}_{\texttt{dh[:, t - 1]}} + \underbrace{\frac{\partial \mathcal{L}}{\partial a_{t+1}}\, W_h^\top}_{\text{from step } t + 1}$$
#
# `dh` has $T$ columns, one for each step, and `h` has $T + 1$: the column `t` of `dh` and of `x` belongs to the column `t + 1` of `h`.
# After the last step there is no next one; there, the gradient from the future is `dh_T`, which comes from whatever else uses the final state.
# The weights are used at every step, so their gradients are sums over time.
#
# What to expect: for a sequence of one step the results are those of `step_backward` for `dh[:, 0] + dh_T`.


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
parts = Parts("rnn_backward")


def test_rnn_backward(cases):
    yours = attempt(
        rnn_backward,
        reference.rnn_backward,
        cases,
        known.rnn_backward,
        gives=["dx", "dh0", "dW_x", "dW_h", "db"],
    )
    with parts.part("what flows back to the inputs and to the initial state", 1):
        yours.check("dx", "dh0")
    with parts.part("what adds up in the weights", 2):
        yours.check("dW_x", "dW_h", "db")


test_rnn_backward(cases.rnn_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_rnn_backward(cases.rnn_backward(question_seed("rnn_backward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_rnn_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `rnn_backward` is the reference version.
rnn_backward = reference.rnn_backward

# %% [markdown]
# ## Question 5: a gradient check (2 points)
#
# Read: Backpropagation through time, section *Is it right? Central differences*.
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
# In the tests one of the two gradients is never zero everywhere.
#
# What to expect: for the sum of the cubes as the loss, and the (large) step 0.1, the numerical gradient at 1 is 3.01 where the exact one is 3; for the one entry alone the error is then 0.0017.


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
parts = Parts("gradient_check")


def test_gradient_check(cases):
    yours = attempt(
        gradient_check,
        reference.gradient_check,
        cases,
        known.gradient_check,
        gives=["numeric", "error"],
    )
    with parts.part("the numerical gradient", 1):
        yours.check("numeric")
    with parts.part("the relative error", 1):
        yours.check("error")


test_gradient_check(cases.gradient_check(VISIBLE))

### BEGIN HIDDEN TESTS
test_gradient_check(cases.gradient_check(question_seed("gradient_check")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: learn five sequences (2 points)
#
# Read: Backpropagation through time, section *Does it learn?*.
#
# The first thing to ask of a new network is that it can learn a handful of examples by heart; if it cannot, something is broken.
# Here a head reads the **last** state, and the loss is the mean of all squared differences:
#
# $$\hat y = h_T W_y \qquad\qquad \mathcal{L} = \frac{1}{N K} \sum_{n, k} \left(\hat y_{nk} - y_{nk}\right)^2$$
#
# A training step runs the network from $h_0 = 0$, computes all gradients, and moves each array a little against its gradient, by the learning rate $\eta$: $W \leftarrow W - \eta \cdot \partial \mathcal{L} / \partial W$.
# The gradient of the head is a product like those of question 3.
#
# What to expect: on `five_sequences()`, which the next cell makes, with the learning rate 0.2, the loss is 0.5927 before the first step, 0.4351 before the second, and below 0.001 after forty.


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
parts = Parts("training_step")


def test_training_step(cases):
    yours = attempt(
        training_step,
        reference.training_step,
        cases,
        known.training_step,
        gives=["loss", "W_x", "W_h", "b", "W_y"],
    )
    with parts.part("the loss", 1):
        yours.check("loss")
    with parts.part("the weights", 1):
        yours.check("W_x", "W_h", "b", "W_y")


test_training_step(cases.training_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_training_step(cases.training_step(question_seed("training_step")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_reference_training_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `training_step` is the reference version.
training_step = reference.training_step

# %% [markdown]
# Here it is at work on the five sequences: the loss at every tenth step goes up again on its way, and ends close to zero.

# %%
x, y, *weights = five_sequences()
for step in range(41):
    loss, *weights = training_step(x, y, *weights, 0.2)
    if step % 10 == 0:
        print(f"after {step:2d} steps: {loss:.4f}")

# %% [markdown]
# ## Question 7: back through a step that leaks (2 points)
#
# Read: Backpropagation through time, section *One step back*.
#
# No page prints this answer.
# In a **leaky** unit a part of the old state stays, whatever the network computes; $\alpha$ has one entry for each unit, between 0 and 1, and is learned:
#
# $$g_t = \tanh\left(x_t W_x + h_{t-1} W_h + b\right) \qquad\qquad h_t = \alpha \odot h_{t-1} + (1 - \alpha) \odot g_t$$
#
# Find the gradients, with the rules of question 3.
# Let `da_t` be the gradient of what stands inside the tanh, and ask of every value where it is used: $h_{t-1}$ stands in two places, and so does $\alpha$.
#
# What to expect: with $\alpha = 0$ the first five results are those of `step_backward`; with $\alpha = 1$ `dh_prev` is `dh_t`, and the weights learn nothing.
# With one feature and one unit, `dh_t` = 2, $x_t = 1$, $h_{t-1} = 0.5$, $g_t = 0.6$, $\alpha = 0.75$, $W_x = 0.4$ and $W_h = 0.8$ the results are 0.128, 1.756, 0.32, 0.16, 0.32 and -0.2.


# %% nbgrader={"grade": false, "grade_id": "rnn_bptt_leaky_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_backward(dh_t, x_t, h_prev, g_t, alpha, W_x, W_h):
    """Carry the gradient of the loss back through one step of a leaky RNN.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    x_t, h_prev, g_t : arrays (N, D), (N, H), (N, H)
        Input, state before the step, and what the tanh has given.
    alpha : array (H,)
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H), floats
    dW_x, dW_h, db, dalpha : arrays (D, H), (H, H), (H,), (H,), floats

    Hint: first the gradient of what stands inside the tanh.
    """
    ### BEGIN SOLUTION
    da_t = dh_t * (1.0 - alpha) * (1.0 - g_t**2)  # (N, H)
    dx_t, dh_prev = da_t @ W_x.T, dh_t * alpha + da_t @ W_h.T
    dW_x, dW_h = x_t.T @ da_t, h_prev.T @ da_t
    dalpha = np.sum(dh_t * (h_prev - g_t), axis=0)  # (H,)
    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0), dalpha
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_bptt_leaky_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("leaky_backward")


def test_leaky_backward(cases):
    yours = attempt(
        leaky_backward,
        reference.leaky_backward,
        cases,
        known.leaky_backward,
        gives=["dx_t", "dh_prev", "dW_x", "dW_h", "db", "dalpha"],
    )
    with parts.part("what leaves the step", 1):
        yours.check("dx_t", "dh_prev")
    with parts.part("the weights and the leak", 1):
        yours.check("dW_x", "dW_h", "db", "dalpha")


test_leaky_backward(cases.leaky_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_leaky_backward(cases.leaky_backward(question_seed("leaky_backward")))
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
