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
# It goes with the chapters *Bidirectional LSTMs* and *Stacked LSTMs*, where every equation below is explained.
#
# There are six questions and **10 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, `float32` arrays, and padding that is **not zero**.
# Three habits get you through all of them:
#
# - take `N`, `T`, `D` and `H` from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are;
# - ask of every step whether it is a real one or padding.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
# So you can go on even where a test still fails.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import bidirectional_stacked as reference
from lstm_course.answers.bidirectional_stacked_cases import random_cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation, and two tools
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x` | `(N, T, D)` | sequences, padded at the end to T steps |
# | `lengths` | `(N,)` | number of real steps of each sequence, integers from 1 to T |
# | `weights` | tuple of `(D, 4H)`, `(H, 4H)`, `(4H,)` | `W_x`, `W_h` and `b` of one LSTM layer |
# | `y` | `(N, T, 2H)` | outputs of a bidirectional layer: forward half, then backward half |
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
# A backward direction reads the last real step first.
# Reverse every sequence within its own length and leave the padding where it is, with what stands in it:
#
# | length | before | after |
# |---|---|---|
# | 4 | 1 2 3 4 0 | 4 3 2 1 0 |
# | 2 | 5 6 0 0 0 | 6 5 0 0 0 |


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reverse_within", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reverse_within(x, lengths):
    """Reverse each sequence within its own length.

    Parameters
    ----------
    x : array (N, T, D)
    lengths : integers (N,), each from 1 to T

    Returns
    -------
    array (N, T, D), of the dtype of ``x``
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
def test_reverse_within():
    check_own(reverse_within)
    x = np.array([[1.0, 2.0, 3.0, 4.0, 9.0], [5.0, 6.0, 9.0, 9.0, 9.0]])[:, :, None]
    check_example(
        "the turned batch",
        reverse_within(x, np.array([4, 2])),
        [[[4], [3], [2], [1], [9]], [[6], [5], [9], [9], [9]]],
        hints=[
            (x[:, ::-1], "the whole row is turned, so the padding now comes first"),
            (x, "nothing is turned"),
            ([[[4], [3], [2], [1], [0]], [[6], [5], [0], [0], [0]]], "leave the padding as it is"),
            (x[::-1], "this turns the batch round, not time"),
        ],
    )


test_reverse_within()


### BEGIN HIDDEN TESTS
def hidden_reverse_within():
    for case in random_cases(question_seed("reverse_within")):
        check_array(
            f"the turned batch for {case.label}",
            call_unchanged(reverse_within, x=case.x, lengths=case.lengths),
            reference.reverse_within(case.x, case.lengths),
            hints=[(case.x[:, ::-1], "the whole row is turned, so the padding now comes first")],
            same_dtype=True,
        )


hidden_reverse_within()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reference_reverse_within", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `reverse_within` is the reference version.  To try your own again, run its cell again.
reverse_within = reference.reverse_within

# %% [markdown]
# ## Question 2: a bidirectional layer (2 points)
#
# One layer reads the sequences as they are, another one reads them turned round.
# The outputs of the second one stand in the order in which it has read, so they have to be turned back before both are put side by side:
#
# $$y_t = \left(\overrightarrow{h}_t,\ \overleftarrow{h}_t\right)$$
#
# In padded steps the output is zero in both halves, as in a packed batch.


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
def hints_forward(x, lengths, ahead, back):
    """Return what some mistakes give, for the tests."""
    a, full = run_lstm(x, ahead), run_lstm(x[:, ::-1], back)[:, ::-1]
    read = run_lstm(reference.reverse_within(x, lengths), back)
    b = reference.reverse_within(read, lengths)
    both, on = [a, b], (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    whole = np.concatenate([a, full], axis=2)
    return [
        (whole, "the backward half has read the padding: turn within each length"),
        (whole * on, "the backward half has read the padding: turn within each length"),
        (np.concatenate([a, read], axis=2) * on, "turn the backward outputs back into time order"),
        (np.concatenate([a, read], axis=2), "turn the backward outputs back into time order"),
        (np.concatenate(both, axis=2), "outputs of padded steps must be zero"),
        (np.concatenate(both[::-1], axis=2) * on, "the forward half comes first"),
        (np.concatenate([a, run_lstm(x, back)], axis=2) * on, "both halves read forwards"),
        ((a + b) * on, "put the halves side by side, do not add them"),
    ]


def test_bidirectional_forward():
    check_own(bidirectional_forward)
    rng = np.random.default_rng(1)
    x, lengths = rng.standard_normal((2, 4, 3)), np.array([4, 2])
    ahead, back = (tuple(rng.standard_normal(s) for s in ((3, 8), (2, 8), (8,))) for _ in range(2))
    arrays = (x, lengths, ahead, back)
    y = reference.bidirectional_forward(*arrays)
    check_example("y", bidirectional_forward(*arrays), y, hints=hints_forward(*arrays))


test_bidirectional_forward()


### BEGIN HIDDEN TESTS
def hidden_bidirectional_forward():
    for case in random_cases(question_seed("bidirectional_forward")):
        x, lengths, ahead, back = case.x, case.lengths, case.ahead, case.back
        expected = reference.bidirectional_forward(x, lengths, ahead, back)
        result = call_unchanged(bidirectional_forward, x=x, lengths=lengths, ahead=ahead, back=back)
        hints = hints_forward(x, lengths, ahead, back)
        check_array(f"y for {case.label}", result, expected, hints=hints)


hidden_bidirectional_forward()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_reference_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `bidirectional_forward` is the reference version.
bidirectional_forward = reference.bidirectional_forward

# %% [markdown]
# ## Question 3: the final states (1 point)
#
# A classifier of whole sequences needs one vector for each: the final state of the forward direction and the final state of the backward direction.
# They stand at different steps of `y`.
# Which ones?


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
    array (N, 2H), floats
        Final state of the forward direction, then that of the backward direction.

    Hint: two lists of numbers as indices pick one step of each row.
    """
    ### BEGIN SOLUTION
    H = y.shape[2] // 2
    h_ahead = y[np.arange(len(y)), lengths - 1, :H]  # (N, H): after the last real step
    return np.concatenate([h_ahead, y[:, 0, H:]], axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bidirectional_stacked_final_states_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def hints_states(y, lengths):
    """Return what some mistakes give, for the tests."""
    rows, half = np.arange(len(y)), y.shape[2] // 2
    backward_end = "the backward direction ends at the first step"
    last = y[rows, lengths - 1]
    return [
        (y[:, -1], f"this is the last column, zero where there is padding; {backward_end}"),
        (last, backward_end),
        (np.concatenate([y[:, -1, :half], y[:, 0, half:]], axis=1), "the last step is padding"),
        (np.concatenate([y[:, 0, half:], last[:, :half]], axis=1), "the forward state comes first"),
        (np.concatenate([y[:, 0, :half], last[:, half:]], axis=1), "these are the first readings"),
        (y[:, 0], "the forward direction ends at the last real step"),
    ]


def test_final_states():
    check_own(final_states)
    y = np.arange(1.0, 13.0).reshape(2, 3, 2)
    y[1, 2] = 0.0  # a padded step
    lengths = np.array([3, 2])
    right = [[5.0, 2.0], [9.0, 8.0]]
    check_example("the states", final_states(y, lengths), right, hints=hints_states(y, lengths))


test_final_states()


### BEGIN HIDDEN TESTS
def hidden_final_states():
    for case in random_cases(question_seed("final_states")):
        y = reference.bidirectional_forward(case.x, case.lengths, case.ahead, case.back)
        check_array(
            f"the states for {case.label}",
            call_unchanged(final_states, y=y, lengths=case.lengths),
            reference.final_states(y, case.lengths),
            hints=hints_states(y, case.lengths),
        )


hidden_final_states()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 4: the way back (2 points)
#
# `dy` holds the gradient of the loss with respect to `y`.
# Its halves belong to the two directions; the backward half has to be turned round before it enters `run_backward`, together with the inputs as that direction has read them, and the gradient of the inputs has to be turned back.
#
# Both directions have read the same `x`.
# What stands in padded steps of `dy` has no influence, since `y` is zero there whatever happens: clear it first, and neither `dx` nor the gradients of the weights see it.


# %% nbgrader={"grade": false, "grade_id": "bidirectional_stacked_both_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def both_backward(dy, x, lengths, ahead, back):
    """Backpropagate through a bidirectional layer.

    Parameters
    ----------
    dy : array (N, T, 2H)
        Not zero in padded steps.
    x, lengths, ahead, back : as in ``bidirectional_forward``

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
parts = Parts()
THREE = ("dx", "dW_h_ahead", "dW_h_back")


def hints_backward(dy, x, lengths, ahead, back):
    """Return what some mistakes give, for the tests: for dx, dW_h_ahead and dW_h_back."""
    half = dy.shape[2] // 2
    turn = reference.reverse_within
    clear = dy * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    d_ahead, d_back = clear[..., :half], clear[..., half:]
    one, two = (
        run_backward(d_ahead, x, ahead),
        run_backward(turn(d_back, lengths), turn(x, lengths), back),
    )
    not_turned = run_backward(d_back, turn(x, lengths), back)
    not_cleared = run_backward(dy[..., :half], x, ahead)
    not_cleared_back = run_backward(turn(dy[..., half:], lengths), turn(x, lengths), back)
    padding = "clear dy in the padded steps first"
    return {
        "dx": [
            (one[0], "both directions have read x: add their gradients"),
            (turn(two[0], lengths), "both directions have read x: add their gradients"),
            (one[0] + two[0], "turn the gradient of the backward direction back into time order"),
            (one[0] + turn(not_turned[0], lengths), "turn the backward half of dy round"),
            (not_cleared[0] + turn(not_cleared_back[0], lengths), padding),
        ],
        "dW_h_ahead": [
            (two[1], "this is the gradient of the other direction"),
            (not_cleared[1], padding),
        ],
        "dW_h_back": [
            (one[1], "this is the gradient of the other direction"),
            (not_turned[1], "turn the backward half of dy round"),
            (
                run_backward(turn(d_back, lengths), x, back)[1],
                "this direction has read x turned round",
            ),
            (not_cleared_back[1], padding),
        ],
    }


def test_both_backward():
    check_own(both_backward)
    rng = np.random.default_rng(2)
    x, lengths, dy = (
        rng.standard_normal((2, 4, 3)),
        np.array([4, 2]),
        rng.standard_normal((2, 4, 4)),
    )
    ahead, back = (tuple(rng.standard_normal(s) for s in ((3, 8), (2, 8), (8,))) for _ in range(2))
    arrays = (dy, x, lengths, ahead, back)
    result = take_apart("both_backward", both_backward(*arrays), THREE)
    right, hints = reference.both_backward(*arrays), hints_backward(*arrays)
    with parts.part("the gradient of the inputs", 1):
        check_example("dx", result[0], right[0], hints=hints["dx"])
    with parts.part("the gradients of the weights", 1):
        for name, mine, expected in zip(THREE[1:], result[1:], right[1:], strict=True):
            check_example(name, mine, expected, hints=hints[name])


test_both_backward()


### BEGIN HIDDEN TESTS
def hidden_both_backward():
    for case in random_cases(question_seed("both_backward")):
        arrays = (case.dy, case.x, case.lengths, case.ahead, case.back)
        named = dict(zip(("dy", "x", "lengths", "ahead", "back"), arrays, strict=True))
        found = take_apart("both_backward", call_unchanged(both_backward, **named), THREE)
        expected, hints = reference.both_backward(*arrays), hints_backward(*arrays)
        for name, mine, wanted in zip(THREE, found, expected, strict=True):
            what = "inputs" if name == "dx" else "weights"
            with parts.part(f"the gradient{'' if name == 'dx' else 's'} of the {what}"):
                check_array(f"{name} for {case.label}", mine, wanted, hints=hints[name])


hidden_both_backward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a stack (2 points)
#
# Layer 1 reads $x$.
# What layer $l$ says is multiplied by a dropout mask and handed up, except at the top; and from layer 2 on each layer adds what it has read, its **residual connection**:
#
# $$x^{(2)} = M^{(1)} \odot h^{(1)}, \qquad x^{(l+1)} = M^{(l)} \odot h^{(l)} + x^{(l)} \quad (1 < l < L)$$
#
# The output of the stack is $h^{(L)} + x^{(L)}$, or $h^{(1)}$ if there is one layer only.
# The residual connection itself is never dropped.


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
def hints_stack(x, layers, masks):
    """Return what some mistakes give, for the tests."""

    def climb(residual, masked=True, drop_all=False, from_first=False):
        z = x
        for k, layer in enumerate(layers):
            above = k < len(layers) - 1
            out = run_lstm(z, layer)
            out = out * masks[k] if above and masked and not drop_all else out
            add = residual and k > 0 and not (from_first and k > 1)
            out = out + z if add else out
            z = out * masks[k] if above and drop_all else out
        return z

    return [
        (climb(False), "the residual connections are missing"),
        (climb(True, masked=False), "the masks are missing"),
        (climb(True, drop_all=True), "a mask must not drop the residual connection"),
        (climb(True, from_first=True), "every layer above the first has a residual connection"),
        (run_lstm(x, layers[0]), "this is the lowest layer only"),
    ]


def test_stacked_forward():
    check_own(stacked_forward)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 4, 3))
    shapes = [((width, 8), (2, 8), (8,)) for width in (3, 2, 2)]
    layers = [tuple(rng.standard_normal(s) for s in three) for three in shapes]
    masks = [(rng.random((2, 4, 2)) < 0.6) / 0.6 for _ in range(2)]
    stack = (x, layers, masks)
    right, hints = reference.stacked_forward(*stack), hints_stack(*stack)
    check_example("the output", stacked_forward(*stack), right, hints=hints)


test_stacked_forward()


### BEGIN HIDDEN TESTS
def hidden_stacked_forward():
    for case in random_cases(question_seed("stacked_forward")):
        x, layers, masks = case.x, case.layers, case.masks
        check_array(
            f"the output for {case.label}",
            call_unchanged(stacked_forward, x=x, layers=layers, masks=masks),
            reference.stacked_forward(x, layers, masks),
            hints=hints_stack(x, layers, masks),
        )


hidden_stacked_forward()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 6: how many parameters? (1 point)
#
# One direction of one layer that reads $K$ features has $4\,(KH + H^2 + H)$ parameters.
# In a bidirectional stack the halves are put side by side, so every layer but the lowest reads more than $H$ features.


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
def hints_count(D, H, L, directions):
    """Return what some mistakes give, for the tests."""
    layer = 4 * (D * H + H * H + H)
    single = 4 * (2 * H * H + H)
    return [
        (directions * (layer + (L - 1) * single), "an upper layer reads both halves: 2H features"),
        (directions * L * layer, "only the lowest layer reads D features"),
        (reference.parameter_count(D, H, L, 1), "each direction has weights of its own"),
        (layer, "this is one direction of the lowest layer"),
    ]


def test_parameter_count():
    check_own(parameter_count)
    for sizes, right in (((8, 64, 1, 1), 18688), ((8, 64, 2, 1), 51712), ((8, 64, 2, 2), 136192)):
        number = parameter_count(*sizes)
        check_count(
            f"the count for D, H, L, directions = {sizes}", number, right, hints=hints_count(*sizes)
        )


test_parameter_count()


### BEGIN HIDDEN TESTS
def hidden_parameter_count():
    rng = np.random.default_rng(question_seed("parameter_count"))
    for directions in (1, 2, 1, 2, 2):
        D, H, L = (int(k) for k in rng.integers((3, 5, 2), (30, 40, 6)))
        for sizes in ((D, H, L, directions), (D, H, 1, directions), (1, 1, 3, directions)):
            number, right = parameter_count(*sizes), reference.parameter_count(*sizes)
            check_count("the count", number, right, hints=hints_count(*sizes))


hidden_parameter_count()
### END HIDDEN TESTS

# %% [markdown]
# ## Where to go from here
#
# Two things are worth trying with what you have built:
#
# - fill the padding with something wild and watch `bidirectional_forward` not care;
# - call `bidirectional_forward` twice, the second time on the outputs of the first: a bidirectional stack, whose parameters you have just counted.
