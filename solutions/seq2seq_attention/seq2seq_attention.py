# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Encoder-decoder and attention
#
# In this assignment you write the parts that turn two LSTMs into a translator: the inputs of the decoder, the loss over padded targets, the scores and the context of attention with their backward pass, and one step of a beam search.
# It goes with the chapters *Two LSTMs and a vector between them* and *Look back at the source*, where every equation below is derived.
#
# There are six questions and **10 points**.
# Plan 60 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# Some questions have two parts: each gives points of its own, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, one target step, one source step, one hidden unit, scores of a thousand, `float32` arrays.
# Two habits get you through all of them:
#
# - take the sizes from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import seq2seq_attention as reference
from lstm_course.answers.seq2seq_attention_cases import check_symbols, random_cases
from nbjudge.checks.calls import call_unchanged, check_own, no_overflow, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_number
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `target` | `(N, T)` | symbols to write, whole numbers, padded on the right |
# | `mask` | `(N, T)` or `(N, S)` | 1.0 for a real step, 0.0 for padding |
# | `query` | `(N, T, H)` | the decoder's hidden states $h_t$ |
# | `keys`, `values` | `(N, S, H)` | the encoder's hidden states $\bar h_j$ |
# | `scores` | `(N, T, V)`, in attention `(N, T, S)` | before a softmax |
# | `attention` | `(N, T, S)` | fractions $p_{tj}$ |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# $N$ examples, $T$ target steps, $S$ source steps, $H$ hidden units, $A$ units of the additive score, $V$ symbols.

# %% [markdown]
# ## Question 1: what the decoder is fed (1 point)
#
# With teacher forcing, the decoder reads at each step the true symbol of the step before; at the first step it reads a symbol that means "begin".
# So the inputs are the targets, moved one step to the right:
#
# | | | | | |
# |---|---|---|---|---|
# | target | 7 | 4 | 9 | 2 |
# | inputs | begin | 7 | 4 | 9 |


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_teacher_inputs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def teacher_inputs(target, begin):
    """Return the decoder's inputs for teacher forcing.

    Parameters
    ----------
    target : int array (N, T)
    begin : int
        The symbol that stands before the first one.

    Returns
    -------
    inputs : int array (N, T)

    Hint: `np.full_like`, `np.concatenate`; the last target is never fed.
    """
    ### BEGIN SOLUTION
    first = np.full_like(target[:, :1], begin)  # (N, 1)
    return np.concatenate([first, target[:, :-1]], axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_teacher_inputs_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_teacher_inputs():
    check_own(teacher_inputs)
    check_symbols(
        "inputs",
        teacher_inputs(np.array([[7, 4, 9, 2], [5, 2, 0, 0]]), 1),
        np.array([[1, 7, 4, 9], [1, 5, 2, 0]]),
        hints=[
            ([[7, 4, 9, 2], [5, 2, 0, 0]], "these are the targets: move them one step"),
            ([[4, 9, 2, 1], [2, 0, 0, 1]], "this is the wrong way: begin comes first"),
            ([[1, 7, 4, 9, 2], [1, 5, 2, 0, 0]], "one step too many: drop the last target"),
            ([[2, 7, 4, 9], [0, 5, 2, 0]], "the last symbol came round: begin comes first"),
            ([[0, 7, 4, 9], [0, 5, 2, 0]], "the symbol begin is an argument, not 0"),
        ],
    )


test_teacher_inputs()


### BEGIN HIDDEN TESTS
def hidden_teacher_inputs():
    for number, case in enumerate(random_cases(question_seed("teacher_inputs"))):
        begin = 11 + number
        result = call_unchanged(teacher_inputs, target=case.target, begin=begin)
        right = reference.teacher_inputs(case.target, begin)
        check_symbols(f"inputs for {case.label}", result, right)


hidden_teacher_inputs()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 2: a loss that leaves padding out (2 points)
#
# $$p = \mathrm{softmax}(\texttt{scores}) \qquad
# \mathcal{L} = - \frac{\sum_{n,t} \mu_{nt} \log p_{nt}(y_{nt})}{\sum_{n,t} \mu_{nt}} \qquad
# \frac{\partial \mathcal{L}}{\partial \texttt{scores}_{ntv}} = \frac{\mu_{nt}}{\sum \mu}\, \bigl(p_{ntv} - 1[v = y_{nt}]\bigr)$$
#
# $\mu$ is the mask.
# The sum is divided by the number of *real* symbols, so that the loss does not depend on how far a batch is padded.
# Subtract the largest score of each step before the exponential: the softmax does not change, and nothing overflows.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_masked_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def masked_cross_entropy(scores, target, mask):
    """Return the mean loss of the real targets, and its gradient.

    Parameters
    ----------
    scores : array (N, T, V)
    target : int array (N, T)
    mask : array (N, T)

    Returns
    -------
    loss : float
    dscores : array (N, T, V), floats

    Hint: `np.eye(V)[target]` has a one at each right symbol, shape (N, T, V).
    """
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=2, keepdims=True)  # (N, T, V)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    right = np.eye(scores.shape[2], dtype=scores.dtype)[target]  # (N, T, V)
    share = mask[:, :, None] / mask.sum()  # (N, T, 1)
    loss = -np.sum(share * right * log_p)
    return float(loss), share * (np.exp(log_p) - right)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_masked_cross_entropy_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_masked_cross_entropy():
    check_own(masked_cross_entropy)
    scores = np.array([[[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]], [[0.0, 1.0, 0.5], [3.0, -1.0, 2.0]]])
    target, mask = np.array([[0, 1], [2, 0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
    result = masked_cross_entropy(scores, target, mask)
    loss, dscores = take_apart("masked_cross_entropy", result, ("loss", "dscores"))
    with parts.part("the loss", 1):
        check_number(
            "the loss",
            loss,
            0.6314,
            rtol=1e-3,
            hints=[
                (0.5552, "padding is in it: multiply by the mask"),
                (0.4736, "divide by the number of real symbols, not of all"),
                (1.8942, "this is the sum: divide by the number of real symbols"),
                (0.9471, "divide by the number of real symbols, not of examples"),
                (-0.6314, "the sign: a loss is minus the logarithm"),
            ],
            reveal=True,
        )
    with parts.part("the gradient", 1):
        check_example(
            "dscores",
            dscores,
            [
                [[-0.1116, 0.0816, 0.03], [0.0548, -0.088, 0.0332]],
                [[0.0621, 0.1688, -0.2309], [-0.0, 0.0, 0.0]],
            ],
            hints=[
                (
                    [
                        [[-0.0837, 0.0612, 0.0225], [0.0411, -0.066, 0.0249]],
                        [[0.0466, 0.1266, -0.1732], [-0.0697, 0.0033, 0.0663]],
                    ],
                    "padding is in it: multiply by the mask",
                ),
                (
                    [
                        [[-0.3348, 0.2447, 0.09], [0.1643, -0.2639, 0.0996]],
                        [[0.1863, 0.5065, -0.6928], [-0.0, 0.0, 0.0]],
                    ],
                    "the loss is a mean, so its gradient is divided too",
                ),
                (
                    [
                        [[-0.0837, 0.0612, 0.0225], [0.0411, -0.066, 0.0249]],
                        [[0.0466, 0.1266, -0.1732], [-0.0, 0.0, 0.0]],
                    ],
                    "divide by the number of real symbols, not of all",
                ),
                (
                    [
                        [[0.1116, -0.0816, -0.03], [-0.0548, 0.088, -0.0332]],
                        [[-0.0621, -0.1688, 0.2309], [0.0, -0.0, -0.0]],
                    ],
                    "the sign: the probability minus one at the right symbol",
                ),
                (
                    [
                        [[0.2217, 0.0816, 0.03], [0.0548, 0.2454, 0.0332]],
                        [[0.0621, 0.1688, 0.1024], [0.0, 0.0, 0.0]],
                    ],
                    "the one at the right symbol is missing",
                ),
            ],
        )


test_masked_cross_entropy()


### BEGIN HIDDEN TESTS
def hidden_masked_cross_entropy():
    for case in random_cases(question_seed("masked_cross_entropy")):
        arrays = {"scores": case.scores, "target": case.target, "mask": case.target_mask}
        with no_overflow():
            result = call_unchanged(masked_cross_entropy, **arrays)
        yours = take_apart("masked_cross_entropy", result, ("loss", "dscores"))
        right = reference.masked_cross_entropy(*arrays.values())
        ones = np.ones_like(case.target_mask)
        padded = reference.masked_cross_entropy(case.scores, case.target, ones)
        everything = case.target_mask.mean()
        with parts.part("the loss"):
            hints = [
                (padded[0], "padding is in it: multiply by the mask"),
                (right[0] * everything, "divide by the number of real symbols, not of all"),
            ]
            what = f"the loss for {case.label}"
            check_number(what, yours[0], right[0], rtol=1e-5, hints=hints)
        with parts.part("the gradient"):
            hint = (padded[1], "padding is in it: multiply by the mask")
            check_array(f"dscores for {case.label}", yours[1], right[1], hints=[hint])


hidden_masked_cross_entropy()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: the additive score (1 point)
#
# Each decoder state gives each encoder state a score, by a network with one hidden layer:
#
# $$e_{tj} = \tanh\bigl(h_t W_q + \bar h_j W_k\bigr)\, w_e$$
#
# There are $T$ queries and $S$ keys, so the hidden layer has the shape $(N, T, S, A)$.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_additive_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def additive_scores(query, keys, W_q, W_k, w_e):
    """Return the additive scores of all pairs of a query and a key.

    Parameters
    ----------
    query, keys : arrays (N, T, H), (N, S, H)
    W_q, W_k, w_e : arrays (H, A), (H, A), (A,)

    Returns
    -------
    scores : array (N, T, S), floats

    Hint: an axis of length one, put in with `None`, is spread out in a sum.
    """
    ### BEGIN SOLUTION
    asked = (query @ W_q)[:, :, None]  # (N, T, 1, A)
    shown = (keys @ W_k)[:, None]  # (N, 1, S, A)
    return np.tanh(asked + shown) @ w_e  # (N, T, S)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_additive_scores_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_additive_scores():
    check_own(additive_scores)
    query, keys = (
        np.array([[[1.0, 0.0], [0.5, -0.5]]]),
        np.array([[[0.2, 0.4], [-1.0, 0.3], [0.0, 1.0]]]),
    )
    W_q, W_k = np.array([[0.5, -0.2], [0.1, 0.3]]), np.array([[0.4, 0.6], [-0.3, 0.2]])
    check_example(
        "scores",
        additive_scores(query, keys, W_q, W_k, np.array([1.0, -2.0])),
        [[[0.4301, 1.2683, 0.1974], [0.2586, 1.0347, 0.0002]]],
        hints=[
            ([[[0.46, 1.49, 0.2], [0.26, 1.29, 0.0]]], "the tanh is missing"),
            (
                [[[0.4301, 0.2586], [1.2683, 1.0347], [0.1974, 0.0002]]],
                "queries stand first: (N, T, S)",
            ),
            (
                [[[0.4301, -0.6191, 0.1974], [0.1087, -0.9405, -0.1496]]],
                "w_e is missing: it weighs the hidden units",
            ),
            ([[[0.4301, 0.9033, 0.1974], [0.2543, 0.8591, 0.0]]], "the tanh belongs before w_e"),
            ([[[0.4221, 1.3886, 0.1708], [0.2525, 1.219, 0.0011]]], "one tanh, of the sum"),
            (
                [[[-0.6901, -1.4927, -0.9705], [-0.0916, -1.0279, -0.5023]]],
                "W_q and W_k are swapped",
            ),
        ],
    )


test_additive_scores()


### BEGIN HIDDEN TESTS
def hidden_additive_scores():
    for case in random_cases(question_seed("additive_scores")):
        arrays = {name: getattr(case, name) for name in ("query", "keys", "W_q", "W_k", "w_e")}
        right = reference.additive_scores(**arrays)
        swapped = reference.additive_scores(case.query, case.keys, case.W_k, case.W_q, case.w_e)
        hints = [
            (right.transpose(0, 2, 1), "queries stand first"),
            (swapped, "W_q and W_k are swapped"),
        ]
        result = call_unchanged(additive_scores, **arrays)
        check_array(f"scores for {case.label}", result, right, hints=hints)


hidden_additive_scores()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 4: read where the mask allows (2 points)
#
# The scores become fractions over the *source*, and padding ($\mu_j = 0$) gets exactly none.
# The context is the mean of the values with these fractions:
#
# $$p_{tj} = \frac{\mu_j\, e^{e_{tj}}}{\sum_k \mu_k\, e^{e_{tk}}} \qquad \chi_t = \sum_j p_{tj}\, \bar h_j$$
#
# Every source has at least one real step.
# Scores may be in the thousands.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_attend", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attend(scores, values, mask):
    """Return what the decoder reads, and with which fractions.

    Parameters
    ----------
    scores : array (N, T, S)
    values : array (N, S, H)
    mask : array (N, S)

    Returns
    -------
    context : array (N, T, H), floats
    attention : array (N, T, S), floats

    Hint: give padding the score minus infinity first, and subtract the largest score after.
    """
    ### BEGIN SOLUTION
    open_scores = np.where(mask[:, None] > 0, scores, -np.inf)  # (N, T, S)
    powers = np.exp(open_scores - open_scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True)
    return attention @ values, attention
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_attend_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_attend():
    check_own(attend)
    scores = np.array([[[1.0, 2.0, 3.0], [0.0, -1.0, 5.0]]])
    values = np.array([[[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]])
    result = attend(scores, values, np.array([[1.0, 1.0, 0.0]]))
    context, attention = take_apart("attend", result, ("context", "attention"))
    with parts.part("the attention", 1):
        check_example(
            "attention",
            attention,
            [[[0.2689, 0.7311, 0.0], [0.7311, 0.2689, 0.0]]],
            hints=[
                (
                    [[[0.09, 0.2447, 0.6652], [0.0067, 0.0025, 0.9909]]],
                    "padding takes part: the mask is missing",
                ),
                (
                    [[[0.09, 0.2447, 0.0], [0.0067, 0.0025, 0.0]]],
                    "mask before the softmax: a row must sum to one",
                ),
                (
                    [[[0.2447, 0.6652, 0.09], [0.4223, 0.1554, 0.4223]]],
                    "a score of zero is a score: use minus infinity",
                ),
                (
                    [[[0.7311, 0.9526, 0.0], [0.2689, 0.0474, 0.0]]],
                    "the fractions are over the source: axis 2",
                ),
            ],
        )
    with parts.part("the context", 1):
        check_example(
            "context",
            context,
            [[[0.2689, 1.4621], [0.7311, 0.5379]]],
            hints=[
                ([[[3.4162, 3.8157], [4.961, 4.9592]]], "padding takes part: the mask is missing"),
                (
                    [[[0.09, 0.4895], [0.0067, 0.0049]]],
                    "mask before the softmax: a row must sum to one",
                ),
                (
                    [[[0.6949, 1.7806], [2.5339, 2.4223]]],
                    "a score of zero is a score: use minus infinity",
                ),
            ],
        )


test_attend()


### BEGIN HIDDEN TESTS
def hidden_attend():
    for case in random_cases(question_seed("attend")):
        with no_overflow():
            result = call_unchanged(attend, scores=case.e, values=case.keys, mask=case.mask)
        found = take_apart("attend", result, ("context", "attention"))
        right = reference.attend(case.e, case.keys, case.mask)
        ignoring = reference.attend(case.e, case.keys, np.ones_like(case.mask))
        with parts.part("the attention"):
            hint = (ignoring[1], "padding takes part: the mask is missing")
            check_array(f"attention for {case.label}", found[1], right[1], hints=[hint])
        with parts.part("the context"):
            hint = (ignoring[0], "padding takes part: the mask is missing")
            check_array(f"context for {case.label}", found[0], right[0], hints=[hint])


hidden_attend()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the way back (2 points)
#
# Somebody hands you `dcontext`.
# First it goes to the two factors of the mean, then through the softmax, in which the places compete:
#
# $$\frac{\partial \mathcal{L}}{\partial e_{tj}} = p_{tj} \Bigl(\frac{\partial \mathcal{L}}{\partial p_{tj}} - \sum_k p_{tk} \frac{\partial \mathcal{L}}{\partial p_{tk}}\Bigr)$$
#
# The gradients of the attention and of the values are matrix products; find them with the help of the shapes.
# The mask is not needed again: where the attention is zero, so is the gradient.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_attend_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attend_backward(dcontext, attention, values):
    """Carry the gradient of the context back to the scores and the values.

    Parameters
    ----------
    dcontext : array (N, T, H)
    attention : array (N, T, S)
    values : array (N, S, H)

    Returns
    -------
    dscores : array (N, T, S), floats
    dvalues : array (N, S, H), floats

    Hint: `transpose(0, 2, 1)` swaps the last two axes of a batch of matrices.
    """
    ### BEGIN SOLUTION
    dattention = dcontext @ values.transpose(0, 2, 1)  # (N, T, S)
    inner = (dattention * attention).sum(axis=2, keepdims=True)  # (N, T, 1)
    dvalues = attention.transpose(0, 2, 1) @ dcontext  # (N, S, H)
    return attention * (dattention - inner), dvalues
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_attend_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_attend_backward():
    check_own(attend_backward)
    dcontext = np.array([[[1.0, -1.0], [0.5, 2.0]]])
    attention = np.array([[[0.2, 0.8, 0.0], [0.5, 0.25, 0.25]]])
    values = np.array([[[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]])
    result = attend_backward(dcontext, attention, values)
    dscores, dvalues = take_apart("attend_backward", result, ("dscores", "dvalues"))
    with parts.part("the gradient of the scores", 1):
        check_example(
            "dscores",
            dscores,
            [[[0.48, -0.48, 0.0], [-1.9375, -0.0938, 2.0312]]],
            hints=[
                (
                    [[[1.0, -2.0, 0.0], [0.5, 4.0, 12.5]]],
                    "this is the gradient of the attention: the softmax follows",
                ),
                ([[[0.2, -1.6, 0.0], [0.25, 1.0, 3.125]]], "the places compete: subtract the mean"),
                (
                    [[[0.16, -0.32, 0.0], [0.125, 0.75, 2.3438]]],
                    "this is the slope of a sigmoid: in a softmax places compete",
                ),
                (
                    [[[0.4, -0.8, 0.0], [-8.25, -3.25, -1.125]]],
                    "the sum is weighed by the attention",
                ),
                (
                    [[[0.2667, -1.3333, 0.0], [-2.5833, -0.4167, 1.7083]]],
                    "the mean is weighed by the attention",
                ),
            ],
        )
    with parts.part("the gradient of the values", 1):
        check_example(
            "dvalues",
            dvalues,
            [[[0.45, 0.8], [0.925, -0.3], [0.125, 0.5]]],
            hints=[
                (
                    [[[0.225, 0.4], [0.4625, -0.15], [0.0625, 0.25]]],
                    "add over the queries, do not average",
                ),
                ([[[1.5, 1.0], [1.5, 1.0], [0.5, 2.0]]], "the attention weighs it"),
            ],
        )


test_attend_backward()


### BEGIN HIDDEN TESTS
def hidden_attend_backward():
    for case in random_cases(question_seed("attend_backward")):
        attention = reference.attend(case.e, case.keys, case.mask)[1]
        arrays = {"dcontext": case.dcontext, "attention": attention, "values": case.keys}
        result = call_unchanged(attend_backward, **arrays)
        yours = take_apart("attend_backward", result, ("dscores", "dvalues"))
        right = reference.attend_backward(*arrays.values())
        with parts.part("the gradient of the scores"):
            raw = case.dcontext @ case.keys.transpose(0, 2, 1)
            hint = (attention * raw, "the places compete: subtract the mean")
            check_array(f"dscores for {case.label}", yours[0], right[0], hints=[hint])
        with parts.part("the gradient of the values"):
            check_array(f"dvalues for {case.label}", yours[1], right[1])


hidden_attend_backward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: one step of a beam search (2 points)
#
# A beam holds $B$ beginnings, each with the sum of its log-probabilities.
# The decoder gives the log-probabilities of $V$ next symbols for each, so there are $B \cdot V$ continuations.
# Keep the `width` likeliest of *all* of them, best first: two may continue the same beginning, and another beginning may die out.
#
# Say for each which beginning it continues (its row), with which symbol, and its new sum.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_beam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def beam_step(log_p, totals, width):
    """Return the likeliest continuations of a beam.

    Parameters
    ----------
    log_p : array (B, V)
        Log-probabilities of the next symbol.
    totals : array (B,)
        Log-probabilities of the beginnings.
    width : int
        How many to keep, at most B times V.

    Returns
    -------
    rows, symbols : int arrays (width,)
    totals : array (width,), floats
        The new sums, the largest first.

    Hint: `ravel` lays all sums in a row, `np.argsort` sorts them, and `//` and `%` by the
    number of symbols tell where each came from.
    """
    ### BEGIN SOLUTION
    grown = (totals[:, None] + log_p).ravel()  # (B V,)
    best = np.argsort(-grown)[:width]
    V = log_p.shape[1]
    return best // V, best % V, grown[best]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_beam_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
THREE = ("rows", "symbols", "totals")


def test_beam_step():
    check_own(beam_step)
    log_p = np.log(np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]))
    result = beam_step(log_p, np.array([-1.0, -2.0]), 3)
    rows, symbols, totals = take_apart("beam_step", result, THREE)
    with parts.part("which continuations", 1):
        hints = [
            ([0, 1, 1], "rows come first, then symbols"),
            ([1, 0, 0], "the best comes first, and the sums of the beginnings count"),
        ]
        check_symbols("rows", rows, np.array([0, 0, 1]), hints=hints)
        hint = ([1, 1, 0], "the best comes first")
        check_symbols("symbols", symbols, np.array([0, 1, 1]), hints=[hint])
    with parts.part("their sums", 1):
        check_example(
            "totals",
            totals,
            [-1.6931, -2.204, -2.2231],
            hints=[
                ([-0.2231, -0.6931, -1.204], "the sums of the beginnings are missing"),
                ([-2.2231, -2.204, -1.6931], "the best comes first"),
                ([-4.3026, -4.3026, -2.6094], "these are the least likely ones"),
                ([0.1839, 0.1104, 0.1083], "logarithms are asked for, not probabilities"),
            ],
        )


test_beam_step()


### BEGIN HIDDEN TESTS
def hidden_beam_step():
    rng = np.random.default_rng(question_seed("beam_step"))
    sizes = ((1, 5, 3), (4, 3, 2), (2, 7, 9), (3, 4, 1), (5, 6, 30))
    for B, V, width in sizes:
        log_p = np.log(rng.dirichlet(np.ones(V), B))
        totals = -rng.exponential(size=B)
        result = call_unchanged(beam_step, log_p=log_p, totals=totals, width=width)
        found = take_apart("beam_step", result, THREE)
        right = reference.beam_step(log_p, totals, width)
        where = f"for {B} beginnings and a width of {width}"
        with parts.part("which continuations"):
            check_symbols(f"rows {where}", found[0], right[0])
            check_symbols(f"symbols {where}", found[1], right[1])
        with parts.part("their sums"):
            check_array(f"totals {where}", found[2], right[2])


hidden_beam_step()
### END HIDDEN TESTS

parts.score()
