# ---
# jupyter:
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
# # Encoder-decoder and attention
#
# In this assignment you write the parts that turn two LSTMs into a translator: the inputs of the decoder, the loss over padded targets, the scores and the context of attention with their backward pass, one step of a beam search, and the way back through a score of another kind.
# It goes with two chapters, *Encoder-decoder* and *Attention*, where the equations below are derived; only the last question is answered on no page.
#
# There are seven questions and **12 points**.
# Plan 75 minutes for both chapters together.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import seq2seq_attention as reference
from lstm_course.answers import seq2seq_attention_cases as cases
from lstm_course.answers import seq2seq_attention_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

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
# Read: Encoder-decoder, sections *The model* and *A mask inside the recurrence*.
#
# With teacher forcing, the decoder reads at each step the true symbol of the step before; at the first step it reads a symbol that means "begin".
# So the inputs are the targets, moved one step to the right:
#
# | | | | | |
# |---|---|---|---|---|
# | target | 7 | 4 | 9 | 2 |
# | inputs | begin | 7 | 4 | 9 |
#
# Symbols are whole numbers, and stay whole numbers.
#
# What to expect: `inputs[:, 1:]` is `target[:, :-1]`, and the last target is never fed.


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

    Hint: ``np.full_like`` makes a column of ``begin``, and ``np.concatenate`` joins.
    """
    ### BEGIN SOLUTION
    first = np.full_like(target[:, :1], begin)  # (N, 1)
    return np.concatenate([first, target[:, :-1]], axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_teacher_inputs_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("teacher_inputs")


def test_teacher_inputs(cases):
    yours = attempt(
        teacher_inputs, reference.teacher_inputs, cases, known.teacher_inputs, gives=["inputs"]
    )
    with parts.part("what the decoder is fed", 1):
        yours.check()


test_teacher_inputs(cases.teacher_inputs(VISIBLE))

### BEGIN HIDDEN TESTS
test_teacher_inputs(cases.teacher_inputs(question_seed("teacher_inputs")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: a loss that leaves padding out (2 points)
#
# Read: Encoder-decoder, section *A loss that counts real symbols only*.
#
# $$p = \mathrm{softmax}(\texttt{scores}) \qquad
# \mathcal{L} = - \frac{\sum_{n,t} \mu_{nt} \log p_{nt}(y_{nt})}{\sum_{n,t} \mu_{nt}} \qquad
# \frac{\partial \mathcal{L}}{\partial \texttt{scores}_{ntv}} = \frac{\mu_{nt}}{\sum \mu}\, \bigl(p_{ntv} - 1[v = y_{nt}]\bigr)$$
#
# $\mu$ is the mask.
# The sum is divided by the number of *real* symbols, so that the loss does not depend on how far a batch is padded.
# Subtract the largest score of each step before the exponential: the softmax does not change, and nothing overflows.
# Take care with the logarithm, too: where scores are in the thousands, a probability may be rounded to zero.
#
# What to expect: where all scores of a step are equal, each symbol has the probability $1 / V$, so the loss is $\log V$.
# In each step `dscores` adds up to zero over the symbols.


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

    Hint: ``np.eye(V)[target]`` has a one at each right symbol, shape (N, T, V).
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
parts = Parts("masked_cross_entropy")


def test_masked_cross_entropy(cases):
    yours = attempt(
        masked_cross_entropy,
        reference.masked_cross_entropy,
        cases,
        known.masked_cross_entropy,
        gives=["loss", "dscores"],
    )
    with parts.part("the loss", 1):
        yours.check("loss")
    with parts.part("the gradient", 1):
        yours.check("dscores")


test_masked_cross_entropy(cases.masked_cross_entropy(VISIBLE))

### BEGIN HIDDEN TESTS
test_masked_cross_entropy(cases.masked_cross_entropy(question_seed("masked_cross_entropy")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: the additive score (1 point)
#
# Read: Attention, section *Scores, fractions, a mean*.
#
# Each decoder state gives each encoder state a score, by a network with one hidden layer:
#
# $$e_{tj} = \tanh\bigl(h_t W_q + \bar h_j W_k\bigr)\, w_e$$
#
# There are $T$ queries and $S$ keys, so the hidden layer has the shape $(N, T, S, A)$.
#
# What to expect: no score is larger than the sum of the absolute values of `w_e`, since tanh stays below one.


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

    Hint: an axis of length one, put in with ``None``, is spread out in a sum.
    """
    ### BEGIN SOLUTION
    asked = (query @ W_q)[:, :, None]  # (N, T, 1, A)
    shown = (keys @ W_k)[:, None]  # (N, 1, S, A)
    return np.tanh(asked + shown) @ w_e  # (N, T, S)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_additive_scores_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("additive_scores")


def test_additive_scores(cases):
    yours = attempt(
        additive_scores, reference.additive_scores, cases, known.additive_scores, gives=["scores"]
    )
    with parts.part("the additive score", 1):
        yours.check()


test_additive_scores(cases.additive_scores(VISIBLE))

### BEGIN HIDDEN TESTS
test_additive_scores(cases.additive_scores(question_seed("additive_scores")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: read where the mask allows (2 points)
#
# Read: Attention, section *Scores, fractions, a mean*.
#
# The scores become fractions over the *source*, and padding ($\mu_j = 0$) gets exactly none.
# The context is the mean of the values with these fractions:
#
# $$p_{tj} = \frac{\mu_j\, e^{e_{tj}}}{\sum_k \mu_k\, e^{e_{tk}}} \qquad \chi_t = \sum_j p_{tj}\, \bar h_j$$
#
# Every source has at least one real step.
# Scores may be in the thousands, those of padding too.
#
# What to expect: each row of the attention adds up to one.
# With the scores 0, 0 and 9, and the mask 1, 1 and 0, it is 0.5, 0.5 and 0.


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
parts = Parts("attend")


def test_attend(cases):
    yours = attempt(attend, reference.attend, cases, known.attend, gives=["context", "attention"])
    with parts.part("the attention", 1):
        yours.check("attention")
    with parts.part("the context", 1):
        yours.check("context")


test_attend(cases.attend(VISIBLE))

### BEGIN HIDDEN TESTS
test_attend(cases.attend(question_seed("attend")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the way back (2 points)
#
# Read: Attention, section *The way back*.
#
# Somebody hands you `dcontext`.
# First it goes to the two factors of the mean, then through the softmax, in which the places compete:
#
# $$\frac{\partial \mathcal{L}}{\partial e_{tj}} = p_{tj} \Bigl(\frac{\partial \mathcal{L}}{\partial p_{tj}} - \sum_k p_{tk} \frac{\partial \mathcal{L}}{\partial p_{tk}}\Bigr)$$
#
# The gradients of the attention and of the values are matrix products; find them with the help of the shapes.
# The mask is not needed again: where the attention is zero, so is the gradient.
#
# What to expect: over the source `dscores` adds up to zero for each query.
# Where one place has all the attention, `dscores` is zero.


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

    Hint: ``transpose(0, 2, 1)`` swaps the last two axes of a batch of matrices.
    """
    ### BEGIN SOLUTION
    dattention = dcontext @ values.transpose(0, 2, 1)  # (N, T, S)
    inner = (dattention * attention).sum(axis=2, keepdims=True)  # (N, T, 1)
    dvalues = attention.transpose(0, 2, 1) @ dcontext  # (N, S, H)
    return attention * (dattention - inner), dvalues
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_attend_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("attend_backward")


def test_attend_backward(cases):
    yours = attempt(
        attend_backward,
        reference.attend_backward,
        cases,
        known.attend_backward,
        gives=["dscores", "dvalues"],
    )
    with parts.part("the gradient of the scores", 1):
        yours.check("dscores")
    with parts.part("the gradient of the values", 1):
        yours.check("dvalues")


test_attend_backward(cases.attend_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_attend_backward(cases.attend_backward(question_seed("attend_backward")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: one step of a beam search (2 points)
#
# Read: Encoder-decoder, section *Greedy and beam search*.
#
# A beam holds $B$ beginnings, each with the sum of its log-probabilities.
# The decoder gives the log-probabilities of $V$ next symbols for each, so there are $B \cdot V$ continuations.
# Keep the `width` likeliest of *all* of them, best first: two may continue the same beginning, and another beginning may die out.
#
# Say for each which beginning it continues (its row), with which symbol, and its new sum.
# Rows and symbols are whole numbers; no two sums are equal.
#
# What to expect: `sums` falls from the first entry to the last.
# With one beginning and a width of one this is greedy decoding: the symbol is the likeliest one.


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
    sums : array (width,), floats
        Log-probabilities of the continuations as a whole, the largest first.

    Hint: ``ravel`` lays all sums in a row, ``np.argsort`` sorts them, and ``//`` and ``%`` by
    the number of symbols tell where each came from.
    """
    ### BEGIN SOLUTION
    grown = (totals[:, None] + log_p).ravel()  # (B V,)
    best = np.argsort(-grown)[:width]
    V = log_p.shape[1]
    return best // V, best % V, grown[best]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_beam_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("beam_step")


def test_beam_step(cases):
    yours = attempt(
        beam_step, reference.beam_step, cases, known.beam_step, gives=["rows", "symbols", "sums"]
    )
    with parts.part("which continuations", 1):
        yours.check("rows", "symbols")
    with parts.part("their sums", 1):
        yours.check("sums")


test_beam_step(cases.beam_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_beam_step(cases.beam_step(question_seed("beam_step")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: a score with a matrix, and its way back (2 points)
#
# Read: Attention, sections *Scores, fractions, a mean* and *The way back*.
#
# No page prints this answer.
# The "general" score of Luong et al. (2015) has no hidden layer, but a matrix between the query and the key:
#
# $$e_{tj} = h_t\, W_q\, \bar h_j^\top$$
#
# Somebody hands you `dscores`, the gradient of all these scores.
# Carry it on to the queries, to the keys and to the matrix.
# Each query meets all keys, each key meets all queries, and the matrix serves every pair of every example.
#
# What to expect: the score is linear in each of its three factors.
# So `np.sum(dquery * query)`, `np.sum(dkeys * keys)` and `np.sum(dW_q * W_q)` are one and the same number.


# %% nbgrader={"grade": false, "grade_id": "seq2seq_attention_general_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def general_backward(dscores, query, keys, W_q):
    """Carry the gradient of the general scores back to the queries, the keys and the matrix.

    Parameters
    ----------
    dscores : array (N, T, S)
    query, keys : arrays (N, T, H), (N, S, H)
    W_q : array (H, H)

    Returns
    -------
    dquery, dkeys : arrays (N, T, H), (N, S, H), floats
    dW_q : array (H, H), floats

    Hint: first the gradient of ``query @ W_q``, which is a factor of the scores.
    """
    ### BEGIN SOLUTION
    dasked = dscores @ keys  # (N, T, H), of query @ W_q
    dkeys = dscores.transpose(0, 2, 1) @ (query @ W_q)  # (N, S, H)
    dW_q = np.tensordot(query, dasked, axes=([0, 1], [0, 1]))  # (H, H)
    return dasked @ W_q.T, dkeys, dW_q
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "seq2seq_attention_general_backward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("general_backward")


def test_general_backward(cases):
    yours = attempt(
        general_backward,
        reference.general_backward,
        cases,
        known.general_backward,
        gives=["dquery", "dkeys", "dW_q"],
    )
    with parts.part("the queries and the keys", 1):
        yours.check("dquery", "dkeys")
    with parts.part("the matrix", 1):
        yours.check("dW_q")


test_general_backward(cases.general_backward(VISIBLE))

### BEGIN HIDDEN TESTS
test_general_backward(cases.general_backward(question_seed("general_backward")))
### END HIDDEN TESTS

parts.score()
