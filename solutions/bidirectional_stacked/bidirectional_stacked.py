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
# # Both directions, several layers
#
# In this assignment you build a bidirectional LSTM that handles padding right, and a stack of LSTM layers with dropout masks and residual connections.
# It goes with the chapters *Bidirectional LSTM* and *Stacked LSTM*, where the equations below are explained; only question 4 is answered on no page.
#
# There are seven questions and **11 points**.
# Plan 75 minutes for all seven.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# One more habit belongs to this assignment: ask of every step whether it is a real one or padding, since what stands in the padding is not zero.
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import bidirectional_stacked as reference
from lstm_course.answers import bidirectional_stacked_cases as cases
from lstm_course.answers import bidirectional_stacked_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation, and two tools
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x` | `(N, T, D)` | sequences, padded at the end to T steps |
# | `lengths` | `(N,)` | number of real steps of each sequence, integers from 1 to T |
# | `weights` | tuple of `(D, 4H)`, `(H, 4H)`, `(4H,)` | `W_x`, `W_h` and `b` of one LSTM layer |
# | `y` | `(N, T, 2H)` | outputs of a bidirectional layer: forward half, then backward half |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# Two functions are given, so that you can think about directions and layers:
#
# - `run_lstm(x, weights)` returns the hidden states `h (N, T, H)` of one layer that starts from zero states;
# - `run_backward(dh, x, weights)` returns `dx (N, T, D)` and `dW_h (H, 4H)` of that layer, where `dh (N, T, H)` is the gradient of the loss with respect to `h`.
#
# Both know nothing of lengths: they run over all T steps.
# You need not read them.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_tools", "locked": true, "schema_version": 3, "solution": false, "task": false}
def steps_of(x, weights):
    """Run a layer from zero states; return one (i, f, g, o, c, h) for each time step."""
    W_x, W_h, b = weights
    h = c = np.zeros((len(x), len(W_h)), x.dtype)
    steps = []
    for t in range(x.shape[1]):
        a = np.split(x[:, t] @ W_x + h @ W_h + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * a[k]) for k in (0, 1, 3))
        g = np.tanh(a[2])
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append((i, f, g, o, c, h))
    return steps


def run_lstm(x, weights):
    """Return the hidden states h (N, T, H) of a layer that starts from zero states."""
    return np.stack([step[5] for step in steps_of(x, weights)], axis=1)


def run_backward(dh, x, weights):
    """Return dx (N, T, D) and dW_h (H, 4H), given the gradient dh (N, T, H) of h."""
    W_x, W_h, _ = weights
    steps, dx, dW_h = steps_of(x, weights), np.zeros_like(x), np.zeros_like(W_h)
    zeros = np.zeros_like(steps[0][5])
    dh_next, dc = zeros, zeros
    for t in reversed(range(x.shape[1])):
        i, f, g, o, c, _ = steps[t]
        c_prev, h_prev = steps[t - 1][4:] if t > 0 else (zeros, zeros)
        dh_t, tanh_c = dh[:, t] + dh_next, np.tanh(c)
        dc = dc + dh_t * o * (1 - tanh_c**2)
        da = [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)]
        da = np.concatenate([*da, dh_t * tanh_c * o * (1 - o)], axis=1)
        dx[:, t], dh_next, dc = da @ W_x.T, da @ W_h.T, dc * f
        dW_h += h_prev.T @ da
    return dx, dW_h


# %% [markdown]
# ## Question 1: turn round, within each length (2 points)
#
# Read: Bidirectional LSTM, section *Padding done right*.
#
# A backward direction reads the last real step first.
# Reverse every sequence within its own length and leave the padding where it is, with what stands in it:
#
# | length | before | after |
# |---|---|---|
# | 4 | 1 2 3 4 9 | 4 3 2 1 9 |
# | 2 | 5 6 7 8 9 | 6 5 7 8 9 |
#
# The result has the dtype of `x`.
#
# What to expect: to turn twice gives `x` back.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reverse_within", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reverse_within(x, lengths):
    """Reverse each sequence within its own length.

    Parameters
    ----------
    x : array (N, T, D)
    lengths : integers (N,), each from 1 to T

    Returns
    -------
    array (N, T, D), in the dtype of ``x``
        A new array.

    Hint: start from a copy, and treat one row after the other.
    """
    ### BEGIN SOLUTION
    turned = x.copy()
    for n, length in enumerate(lengths):
        turned[n, :length] = x[n, :length][::-1]
    return turned
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_reverse_within_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("reverse_within")


def test_reverse_within(cases):
    yours = attempt(
        reverse_within,
        reference.reverse_within,
        cases,
        known.reverse_within,
        gives=["the turned batch"],
    )
    with parts.part("turned within each length", 2):
        yours.check()


test_reverse_within(cases.reverse_within(VISIBLE))

### BEGIN HIDDEN TESTS
test_reverse_within(cases.reverse_within(question_seed("reverse_within")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `reverse_within` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reference_reverse_within", "locked": true, "schema_version": 3, "solution": false, "task": false}
reverse_within = reference.reverse_within

# %% [markdown]
# ## Question 2: a bidirectional layer (2 points)
#
# Read: Bidirectional LSTM, section *Padding done right*.
#
# One layer reads the sequences as they are, another one reads them turned round.
# The outputs of the second one stand in the order in which it has read, so they have to be turned back before both are put side by side:
#
# $$y_t = \left(\overrightarrow{h}_t,\ \overleftarrow{h}_t\right)$$
#
# In padded steps the output is zero in both halves, as in a packed batch.
#
# What to expect: what stands in the padding of `x` changes no number of `y`.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_bidirectional_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bidirectional_forward(x, lengths, ahead, back):
    """Run a bidirectional LSTM layer over a padded batch.

    Parameters
    ----------
    x : array (N, T, D)
        What stands in padded steps must have no influence.
    lengths : integers (N,)
    ahead, back : weights of the forward and of the backward direction

    Returns
    -------
    y : array (N, T, 2H), floats
        The forward half first; zero in padded steps.

    Hint: ``run_lstm`` and ``reverse_within``; compare the numbers of the steps with
    ``lengths[:, None]`` to get a mask (N, T).
    """
    ### BEGIN SOLUTION
    h_ahead = run_lstm(x, ahead)  # (N, T, H)
    h_back = reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)
    y = np.concatenate([h_ahead, h_back], axis=2)
    real = np.arange(x.shape[1]) < lengths[:, None]  # (N, T)
    return np.where(real[:, :, None], y, np.zeros_like(y))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_bidirectional_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("bidirectional_forward")


def test_bidirectional_forward(cases):
    yours = attempt(
        bidirectional_forward,
        reference.bidirectional_forward,
        cases,
        known.bidirectional_forward,
        gives=["y"],
    )
    with parts.part("both directions, padding left out", 2):
        yours.check()


test_bidirectional_forward(cases.bidirectional_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_bidirectional_forward(cases.bidirectional_forward(question_seed("bidirectional_forward")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reference_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `bidirectional_forward` is the reference version.
bidirectional_forward = reference.bidirectional_forward

# %% [markdown]
# ## Question 3: the final states (1 point)
#
# Read: Bidirectional LSTM, section *The final state, and half a mistake*.
#
# A classifier of whole sequences needs one vector for each: the final state of the forward direction and the final state of the backward direction.
# They stand at different steps of `y`.
# Which ones?
#
# What to expect: for a sequence of one real step, both halves come from that step.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_final_states", "locked": false, "schema_version": 3, "solution": true, "task": false}
def final_states(y, lengths):
    """Return the final states of both directions.

    Parameters
    ----------
    y : array (N, T, 2H)
        Outputs of a bidirectional layer; zero in padded steps.
    lengths : integers (N,)

    Returns
    -------
    final : array (N, 2H), floats
        Final state of the forward direction, then that of the backward direction.

    Hint: two lists of numbers as indices pick one step of each row.
    """
    ### BEGIN SOLUTION
    H = y.shape[2] // 2
    h_ahead = y[np.arange(len(y)), lengths - 1, :H]  # (N, H): after the last real step
    return np.concatenate([h_ahead, y[:, 0, H:]], axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_final_states_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("final_states")


def test_final_states(cases):
    yours = attempt(
        final_states, reference.final_states, cases, known.final_states, gives=["final"]
    )
    with parts.part("one vector for each sequence", 1):
        yours.check()


test_final_states(cases.final_states(VISIBLE))

### BEGIN HIDDEN TESTS
test_final_states(cases.final_states(question_seed("final_states")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reference_final_states", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `final_states` is the reference version.
final_states = reference.final_states

# %% [markdown]
# ## Question 4: the way back from the final states (1 point)
#
# Read: Bidirectional LSTM, section *The final state, and half a mistake*.
#
# The loss of such a classifier reads `final_states` and nothing else of `y`.
# Its gradient `d_final` goes back to the places from which the numbers were taken, and every other entry of `dy` is zero.
#
# What to expect: `np.sum(dy * y)` is `np.sum(d_final * final_states(y, lengths))`, for every `y`.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_final_states_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def final_states_backward(d_final, lengths, T):
    """Carry the gradient of the final states back to the outputs of all steps.

    Parameters
    ----------
    d_final : array (N, 2H)
        Gradient of the loss with respect to the final states; the forward half first.
    lengths : integers (N,)
    T : int
        Number of steps of ``y``, padding included.

    Returns
    -------
    dy : array (N, T, 2H), floats

    Hint: start from zeros; the indices of question 3 stand on the left of the equals sign now.
    """
    ### BEGIN SOLUTION
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, 2 * H), d_final.dtype)
    dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]
    dy[:, 0, H:] = d_final[:, H:]
    return dy
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_final_states_backward_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("final_states_backward")


def test_final_states_backward(cases):
    yours = attempt(
        final_states_backward,
        reference.final_states_backward,
        cases,
        known.final_states_backward,
        gives=["dy"],
    )
    with parts.part("the gradient of the outputs", 1):
        yours.check()


test_final_states_backward(cases.final_states_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_final_states_backward(cases.final_states_backward(question_seed("final_states_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the way back through both directions (2 points)
#
# Read: Bidirectional LSTM, section *The way back*.
#
# `dy` holds the gradient of the loss with respect to `y`.
# Its halves belong to the two directions; the backward half has to be turned round before it enters `run_backward`, together with the inputs as that direction has read them, and the gradient of the inputs has to be turned back.
#
# Both directions have read the same `x`.
# What stands in padded steps of `dy` has no influence, since `y` is zero there whatever happens: clear it first, and neither `dx` nor the gradients of the weights see it.
#
# What to expect: `dx` is zero in all padded steps.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_both_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def both_backward(dy, x, lengths, ahead, back):
    """Backpropagate through a bidirectional layer.

    Parameters
    ----------
    dy : array (N, T, 2H)
        Not zero in padded steps.
    x : array (N, T, D)
    lengths : integers (N,)
    ahead, back : weights of the forward and of the backward direction

    Returns
    -------
    dx : array (N, T, D), floats
        Zero in padded steps.
    dW_h_ahead, dW_h_back : arrays (H, 4H), floats
        Gradients of the recurrent weights of the two directions.

    Hint: ``run_backward(dh, x, weights)``, once for each direction.
    """
    ### BEGIN SOLUTION
    H = dy.shape[2] // 2
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]  # (N, T, 1)
    dy = np.where(real, dy, np.zeros_like(dy))
    dx_ahead, dW_h_ahead = run_backward(dy[:, :, :H], x, ahead)
    turned = reverse_within(dy[:, :, H:], lengths)
    dx_back, dW_h_back = run_backward(turned, reverse_within(x, lengths), back)
    return dx_ahead + reverse_within(dx_back, lengths), dW_h_ahead, dW_h_back
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_both_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("both_backward")


def test_both_backward(cases):
    yours = attempt(
        both_backward,
        reference.both_backward,
        cases,
        known.both_backward,
        gives=["dx", "dW_h_ahead", "dW_h_back"],
    )
    with parts.part("the gradient of the inputs", 1):
        yours.check("dx")
    with parts.part("the gradients of the weights", 1):
        yours.check("dW_h_ahead", "dW_h_back")


test_both_backward(cases.both_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_both_backward(cases.both_backward(question_seed("both_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: a stack (2 points)
#
# Read: Stacked LSTM, section *The equations*.
#
# Layer 1 reads $x$.
# What layer $l$ says is multiplied by a dropout mask and handed up, except at the top; and from layer 2 on each layer adds what it has read, its **residual connection**:
#
# $$x^{(2)} = M^{(1)} \odot h^{(1)}, \qquad x^{(l+1)} = M^{(l)} \odot h^{(l)} + x^{(l)} \quad (1 < l < L)$$
#
# The output of the stack is $h^{(L)} + x^{(L)}$, or $h^{(1)}$ if there is one layer only.
# The residual connection itself is never dropped.
#
# What to expect: with masks of zeros the output of two layers is what layer 2 makes of zeros, whatever `x` holds.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_stacked_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stacked_forward(x, layers, masks):
    """Run a stack of LSTM layers with dropout masks and residual connections.

    Parameters
    ----------
    x : array (N, T, D)
        No padding here: all steps are real.
    layers : list of L weights
        Those of the first layer read D features, the others H.
    masks : list of L - 1 arrays (N, T, H)
        0 where a unit is dropped, ``1 / (1 - p)`` elsewhere; ``masks[0]`` belongs to layer 1.

    Returns
    -------
    array (N, T, H), floats
        Output of the stack.

    Hint: one loop; ``run_lstm(z, weights)`` runs a layer.
    """
    ### BEGIN SOLUTION
    z = x
    for k, weights in enumerate(layers):
        h = run_lstm(z, weights)
        if k < len(masks):
            h = masks[k] * h
        z = h + z if k > 0 else h
    return z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_stacked_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("stacked_forward")


def test_stacked_forward(cases):
    yours = attempt(
        stacked_forward,
        reference.stacked_forward,
        cases,
        known.stacked_forward,
        gives=["the output"],
    )
    with parts.part("the output of the stack", 2):
        yours.check()


test_stacked_forward(cases.stacked_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_stacked_forward(cases.stacked_forward(question_seed("stacked_forward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: how many parameters? (1 point)
#
# Read: Stacked LSTM, section *What a stack costs*, and Bidirectional LSTM, section *Parameters*.
#
# One direction of one layer that reads $K$ features has $4\,(KH + H^2 + H)$ parameters.
# In a bidirectional stack the halves are put side by side, so every layer but the lowest reads more than $H$ features.
#
# What to expect: `parameter_count(8, 64, 2, 2)` is 136192.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_parameter_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_count(D, H, L, directions):
    """Return the number of parameters of a stack, with one bias vector a layer and direction.

    Parameters
    ----------
    D, H, L : int
        Input features, hidden units of each direction, layers.
    directions : int
        1, or 2 for a bidirectional stack.

    Returns
    -------
    int

    Hint: how many features does the second layer read?
    """
    ### BEGIN SOLUTION
    lowest = 4 * (D * H + H * H + H)
    other = 4 * (directions * H * H + H * H + H)
    return directions * (lowest + (L - 1) * other)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_parameter_count_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
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
# ## Where to go from here
#
# Two things are worth trying with what you have built:
#
# - fill the padding with something wild and watch `bidirectional_forward` not care;
# - call `bidirectional_forward` twice, the second time on the outputs of the first: a bidirectional stack, whose parameters you have just counted.
