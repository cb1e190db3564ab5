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
# # Conditional random fields
#
# In this assignment you write a linear-chain CRF: the log of a sum of exponentials, the score of a path, the sum over all paths, the best path, the gradient, and the loss in PyTorch.
# It goes with the chapter *LSTM-CRF*, where the equations below are derived; only the question on the entropy of the paths is answered on no page.
# The last question belongs to the chapter *LSTM autoencoder*: a decoder that reads its code at every step.
#
# There are eight questions and **14 points**.
# Plan 95 minutes, 20 of them for the last question.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# One thing more: stop where a sequence stops.
# `lengths` says how many steps are real, and what stands behind them may be anything.
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "crf_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from lstm_course.answers import crf as reference
from lstm_course.answers import crf_cases as cases
from lstm_course.answers import crf_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `emissions` | `(N, T, M)` | score $e(t, j)$ of each tag at each step |
# | `tags` | `(N, T)`, whole numbers | the path $y$: a tag from 0 to $M - 1$ at each real step, $-1$ in the padding |
# | `lengths` | `(N,)`, whole numbers | real steps of each sequence, at least 1; they stand at the left |
# | `transitions` | `(M, M)` | $A(j, k)$: score of going *from* the row's tag *to* the column's |
# | `start`, `end` | `(M,)` | scores of the first and of the last tag |
#
# Mind the $-1$ in the padding: to NumPy it is an index as good as any other, and picks the *last* tag.

# %% [markdown]
# ## Question 1: the log of a sum of exponentials (1 point)
#
# Read: LSTM-CRF, section *The forward algorithm*.
#
# $$\log \sum_j e^{a_j} = m + \log \sum_j e^{a_j - m} \qquad\text{with}\qquad m = \max_j a_j$$
#
# Both sides are equal on paper; only the right one survives $a_j = 1000$.
# Here the sum runs along one axis of an array, and each row along it has a maximum of its own.
#
# What to expect: of `[1000, 999]` it is 1000.3133, and of $n$ equal numbers $a$ it is $a + \log n$.


# %% nbgrader={"grade": false, "grade_id": "crf_log_sum_exp", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_sum_exp(a, axis):
    """Return log(sum(exp(a))) along one axis, without overflow.

    Parameters
    ----------
    a : array of any shape
    axis : int

    Returns
    -------
    array of the shape of ``a`` without that axis, floats

    Hint: ``keepdims=True`` keeps the axis of a maximum, so that it can be subtracted.
    """
    ### BEGIN SOLUTION
    largest = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - largest).sum(axis=axis)) + np.squeeze(largest, axis)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_log_sum_exp_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("log_sum_exp")


def test_log_sum_exp(cases):
    yours = attempt(
        log_sum_exp, reference.log_sum_exp, cases, known.log_sum_exp, gives=["the result"]
    )
    with parts.part("the log of a sum of exponentials", 1):
        yours.check()


test_log_sum_exp(cases.log_sum_exp(VISIBLE))

### BEGIN HIDDEN TESTS
test_log_sum_exp(cases.log_sum_exp(question_seed("log_sum_exp")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "crf_reference_log_sum_exp", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `log_sum_exp` is the reference version.  To try your own again, run its cell again.
log_sum_exp = reference.log_sum_exp

# %% [markdown]
# ## Question 2: the score of a path (2 points)
#
# Read: LSTM-CRF, section *The score of a path*.
#
# $$s(y) = \sum_{t=1}^{T} e(t, y_t) + \sum_{t=2}^{T} A(y_{t-1}, y_t) + A(\text{start}, y_1) + A(y_T, \text{end})$$
#
# $T$ is the length of the sequence at hand: its last tag is not that of the last column.
# A loop over the sequences and their steps is fine.
#
# What to expect: with all scores 1 a sequence of length $L$ has the score $2L + 1$: $L$ emissions, $L - 1$ transitions, one start and one end.


# %% nbgrader={"grade": false, "grade_id": "crf_sequence_score", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_score(emissions, tags, lengths, transitions, start, end):
    """Return the score of one path for each sequence.

    Parameters
    ----------
    emissions : array (N, T, M)
    tags : whole numbers (N, T)
        -1 in the padding.
    lengths : whole numbers (N,)
    transitions, start, end : arrays (M, M), (M,), (M,)

    Returns
    -------
    array (N,), floats

    Hint: ``tags[n, : lengths[n]]`` is the path of sequence n.
    """
    ### BEGIN SOLUTION
    score = np.zeros(len(tags), emissions.dtype)
    for n, length in enumerate(lengths):
        y = tags[n, :length]
        score[n] = start[y[0]] + emissions[n, np.arange(length), y].sum() + end[y[-1]]
        score[n] += transitions[y[:-1], y[1:]].sum()
    return score
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_sequence_score_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("sequence_score")


def test_sequence_score(cases):
    yours = attempt(
        sequence_score, reference.sequence_score, cases, known.sequence_score, gives=["the score"]
    )
    with parts.part("the score of a path", 2):
        yours.check()


test_sequence_score(cases.sequence_score(VISIBLE))

### BEGIN HIDDEN TESTS
test_sequence_score(cases.sequence_score(question_seed("sequence_score")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "crf_reference_sequence_score", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `sequence_score` is the reference version.
sequence_score = reference.sequence_score

# %% [markdown]
# ## Question 3: the sum over all paths (2 points)
#
# Read: LSTM-CRF, section *The forward algorithm*.
#
# $$\alpha_1(k) = A(\text{start}, k) + e(1, k), \qquad \alpha_t(k) = e(t, k) + \log \sum_j e^{\alpha_{t-1}(j) + A(j, k)}$$
#
# $$\log Z = \log \sum_k e^{\alpha_T(k) + A(k, \text{end})}$$
#
# For a sequence that is over at step $t$, keep $\alpha$ as it is: `np.where` chooses, with a condition of shape `(N, 1)`.
#
# What to expect: with all scores 0 each of the $M^L$ paths counts 1, so $\log Z = L \log M$ for a sequence of length $L$.


# %% nbgrader={"grade": false, "grade_id": "crf_log_partition", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_partition(emissions, lengths, transitions, start, end):
    """Return log Z of each sequence by the forward algorithm.

    Parameters
    ----------
    emissions : array (N, T, M)
    lengths : whole numbers (N,)
    transitions, start, end : arrays (M, M), (M,), (M,)

    Returns
    -------
    array (N,), floats

    Hint: ``alpha[:, :, None] + transitions`` has the shape (N, from, to).
    """
    ### BEGIN SOLUTION
    alpha = start + emissions[:, 0]  # (N, M)
    for t in range(1, emissions.shape[1]):
        arrive = log_sum_exp(alpha[:, :, None] + transitions, axis=1) + emissions[:, t]
        alpha = np.where((t < lengths)[:, None], arrive, alpha)
    return log_sum_exp(alpha + end, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_log_partition_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("log_partition")


def test_log_partition(cases):
    yours = attempt(
        log_partition, reference.log_partition, cases, known.log_partition, gives=["log Z"]
    )
    with parts.part("the sum over all paths", 2):
        yours.check()


test_log_partition(cases.log_partition(VISIBLE))

### BEGIN HIDDEN TESTS
test_log_partition(cases.log_partition(question_seed("log_partition")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "crf_reference_log_partition", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `log_partition` is the reference version.
log_partition = reference.log_partition

# %% [markdown]
# ## Question 4: the best path (2 points)
#
# Read: LSTM-CRF, section *The Viterbi algorithm*.
#
# The same recursion with a maximum in place of the sum:
#
# $$\nu_1(k) = A(\text{start}, k) + e(1, k), \qquad \nu_t(k) = e(t, k) + \max_j \bigl(\nu_{t-1}(j) + A(j, k)\bigr)$$
#
# For each step and tag keep the $j$ that won.
# The best last tag has the largest $\nu_T(k) + A(k, \text{end})$; from there follow the winners back.
# It is easiest one sequence at a time, on `emissions[n, : lengths[n]]`.
#
# What to expect: with two tags, one large score $A(0, 1)$ and all else 0, a sequence of two steps has the path `[0, 1]`; transposed it would be `[1, 0]`.


# %% nbgrader={"grade": false, "grade_id": "crf_viterbi", "locked": false, "schema_version": 3, "solution": true, "task": false}
def viterbi(emissions, lengths, transitions, start, end):
    """Return the path of highest score for each sequence.

    Parameters
    ----------
    emissions : array (N, T, M)
    lengths : whole numbers (N,)
    transitions, start, end : arrays (M, M), (M,), (M,)

    Returns
    -------
    tags : array (N, T) of whole numbers
        -1 in the padding.

    Hint: ``np.full((N, T), -1)`` is an array of whole numbers; ``argmax`` finds the winners.
    """
    ### BEGIN SOLUTION
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        nu, winners = start + emissions[n, 0], []
        for t in range(1, length):
            candidates = nu[:, None] + transitions  # (from, to)
            winners.append(candidates.argmax(axis=0))
            nu = candidates.max(axis=0) + emissions[n, t]
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = winners[t - 1][tags[n, t]]
    return tags
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_viterbi_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("viterbi")


def test_viterbi(cases):
    yours = attempt(viterbi, reference.viterbi, cases, known.viterbi, gives=["the path"])
    with parts.part("the best path", 2):
        yours.check()


test_viterbi(cases.viterbi(VISIBLE))

### BEGIN HIDDEN TESTS
test_viterbi(cases.viterbi(question_seed("viterbi")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the gradient (2 points)
#
# Read: LSTM-CRF, section *The gradient*.
#
# The loss of a sequence is $\log Z - s(y)$, and the gradient is what the model *expects* minus what was *observed*:
#
# $$\frac{\partial \mathcal{L}}{\partial e(t, j)} = p(y_t = j) - [\text{tag } j \text{ stands at step } t]$$
#
# $$\frac{\partial \mathcal{L}}{\partial A(j, k)} = \sum_{t} \Bigl( p(y_t = j, y_{t+1} = k) - [j \text{ at } t \text{ and } k \text{ at } t + 1] \Bigr)$$
#
# A bracket is 1 where what it says is true, and 0 elsewhere.
# Start and end score are used once, with the first and with the last tag.
# The two arrays of probabilities are given: `single[n, t, j]` and `pair[n, t, j, k]`, zero in the padding.
# The loss is the **sum** over the sequences.
#
# What to expect: at each real step the gradients of the emissions add up to 0 over the tags, and so do all of `dtransitions`, all of `dstart` and all of `dend`.


# %% nbgrader={"grade": false, "grade_id": "crf_nll_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nll_gradient(tags, lengths, single, pair):
    """Return the gradients of the loss, summed over the sequences.

    Parameters
    ----------
    tags : whole numbers (N, T)
        -1 in the padding.
    lengths : whole numbers (N,)
    single, pair : arrays (N, T, M), (N, T - 1, M, M)
        The model's probabilities of single tags and of pairs of neighbours.

    Returns
    -------
    demissions, dtransitions, dstart, dend : arrays (N, T, M), (M, M), (M,), (M,), floats

    Hint: begin with copies or sums of ``single`` and ``pair``, and subtract 1 for each tag and
    each pair that was observed.
    """
    ### BEGIN SOLUTION
    demissions, dtransitions = single.copy(), pair.sum(axis=(0, 1))
    dend = np.zeros_like(single[0, 0])
    for n, length in enumerate(lengths):
        y = tags[n, :length]
        demissions[n, np.arange(length), y] -= 1
        np.subtract.at(dtransitions, (y[:-1], y[1:]), 1)
        dend += demissions[n, length - 1]
    return demissions, dtransitions, demissions[:, 0].sum(axis=0), dend
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_nll_gradient_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("nll_gradient")


def test_nll_gradient(cases):
    yours = attempt(
        nll_gradient,
        reference.nll_gradient,
        cases,
        known.nll_gradient,
        gives=["demissions", "dtransitions", "dstart", "dend"],
    )
    with parts.part("the gradients of emissions, start and end", 1):
        yours.check("demissions", "dstart", "dend")
    with parts.part("the gradient of the transitions", 1):
        yours.check("dtransitions")


test_nll_gradient(cases.nll_gradient(VISIBLE))

### BEGIN HIDDEN TESTS
test_nll_gradient(cases.nll_gradient(question_seed("nll_gradient")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: how undecided is the model? (2 points)
#
# Read: LSTM-CRF, sections *The score of a path* and *The gradient*.
#
# No page prints this answer.
# A model may give nearly all probability to one path, or spread it over many.
# The **entropy** of the paths of a sequence says which, in nats:
#
# $$-\sum_{y} p(y) \log p(y), \qquad p(y) = \frac{e^{s(y)}}{Z}$$
#
# There are $M^T$ paths, too many to go through.
# So first put $\log p(y) = s(y) - \log Z$ into the sum, and see which mean is left.
# Then use what question 5 gave you, the probabilities `single` and `pair`.
# `log_partition` is at hand.
#
# What to expect: the entropy is never negative, and near 0 where one path has nearly all probability.
# With all scores 0 it is $L \log M$ for a sequence of length $L$, the log of the number of paths.


# %% nbgrader={"grade": false, "grade_id": "crf_path_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    """Return the entropy of the distribution over all paths, for each sequence.

    Parameters
    ----------
    emissions : array (N, T, M)
    lengths : whole numbers (N,)
    transitions, start, end : arrays (M, M), (M,), (M,)
    single, pair : arrays (N, T, M), (N, T - 1, M, M)
        The model's probabilities of single tags and of pairs of neighbours, zero in the padding.

    Returns
    -------
    array (N,), floats

    Hint: a score is a sum, and the mean of a sum is the sum of the means.
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(lengths))
    said = (single * emissions).sum(axis=(1, 2)) + single[:, 0] @ start
    moved = (pair * transitions).sum(axis=(1, 2, 3)) + single[rows, lengths - 1] @ end
    return log_partition(emissions, lengths, transitions, start, end) - (said + moved)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_path_entropy_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("path_entropy")


def test_path_entropy(cases):
    yours = attempt(
        path_entropy, reference.path_entropy, cases, known.path_entropy, gives=["the entropy"]
    )
    with parts.part("the entropy of the paths", 2):
        yours.check()


test_path_entropy(cases.path_entropy(VISIBLE))

### BEGIN HIDDEN TESTS
test_path_entropy(cases.path_entropy(question_seed("path_entropy")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: the loss in PyTorch (2 points)
#
# Read: LSTM-CRF, section *In PyTorch*.
#
# Autograd differentiates the forward algorithm by itself, as long as everything is a PyTorch operation.
# Write $\log Z - s(y)$ in PyTorch, and let it find the gradient of the summed loss with respect to emissions and transitions.
# Here all sequences have the full length $T$, at least 2, so there is no padding to think of; `torch.logsumexp(a, dim=1)` does question 1.
#
# PyTorch records what is done with a tensor for which `requires_grad` is set; that record is called the graph, and a tensor at its beginning a leaf.
# The arguments come without one, so make leaves of your own: `emissions.clone().requires_grad_()` is a copy that collects a gradient.
#
# What to expect: no loss is negative, and the gradients are those of question 5.


# %% nbgrader={"grade": false, "grade_id": "crf_torch_nll", "locked": false, "schema_version": 3, "solution": true, "task": false}
def torch_nll(emissions, tags, transitions, start, end):
    """Return the negative log-likelihoods, and two gradients of their sum.

    Parameters
    ----------
    emissions : tensor (N, T, M)
    tags : int64 tensor (N, T)
    transitions, start, end : tensors (M, M), (M,), (M,)

    Returns
    -------
    loss : tensor (N,)
    demissions, dtransitions : tensors (N, T, M), (M, M)

    Hint: ``emissions.gather(2, tags[:, :, None])`` picks the entry of each tag, a pair of index
    tensors picks the transitions; ``torch.autograd.grad(number, [a, b])`` gives two gradients.
    """
    ### BEGIN SOLUTION
    e, A = emissions.clone().requires_grad_(), transitions.clone().requires_grad_()
    alpha = start + e[:, 0]  # (N, M)
    for t in range(1, e.shape[1]):
        alpha = torch.logsumexp(alpha[:, :, None] + A, dim=1) + e[:, t]
    log_Z = torch.logsumexp(alpha + end, dim=1)
    said = e.gather(2, tags[:, :, None]).sum(dim=(1, 2))
    moved = A[tags[:, :-1], tags[:, 1:]].sum(dim=1)
    loss = log_Z - (said + moved + start[tags[:, 0]] + end[tags[:, -1]])
    de, dA = torch.autograd.grad(loss.sum(), [e, A])
    return loss.detach(), de, dA
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_torch_nll_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("torch_nll")


def test_torch_nll(cases):
    yours = attempt(
        torch_nll,
        reference.torch_nll,
        cases,
        known.torch_nll,
        gives=["loss", "demissions", "dtransitions"],
    )
    with parts.part("the loss", 1):
        yours.check("loss")
    with parts.part("the gradients", 1):
        yours.check("demissions", "dtransitions")


test_torch_nll(cases.torch_nll(VISIBLE))

### BEGIN HIDDEN TESTS
test_torch_nll(cases.torch_nll(question_seed("torch_nll")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 8: a decoder that repeats its code (1 point)
#
# Read: LSTM autoencoder, section *Two decoders*.
#
# A repeat-vector decoder reads the code $z$ at **every** step, starts from zero states, and a linear head writes each step of the copy:
#
# $$(h'_t, c'_t) = \operatorname{LSTM}(z, h'_{t-1}, c'_{t-1}), \qquad \hat x_t = h'_t W_y + b_y$$
#
# The step is given: `h_t, c_t = lstm_step(x_t, h_prev, c_prev, W_x, W_h, b)`.
#
# What to expect: with $W_y = 0$ every step of the copy is `b_y`; the first step of a longer copy is that of a shorter one.


# %% nbgrader={"grade": false, "grade_id": "crf_given_lstm_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    """Return ``h_t, c_t``, both (N, H), after one step of an LSTM; gates in the order i, f, g, o."""
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * a) for a in (a_i, a_f, a_o))
    c_t = f * c_prev + i * np.tanh(a_g)
    return o * np.tanh(c_t), c_t


# %% nbgrader={"grade": false, "grade_id": "crf_repeat_decoder", "locked": false, "schema_version": 3, "solution": true, "task": false}
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    """Return the copy that a repeat-vector decoder writes.

    Parameters
    ----------
    z : array (N, H)
        The code.
    T : int
        Steps to write.
    W_x, W_h, b : arrays (H, 4H), (H, 4H), (4H,)
        The decoder's LSTM; its input is the code.
    W_y, b_y : arrays (H, D), (D,)

    Returns
    -------
    array (N, T, D), floats

    Hint: ``np.stack`` has an argument ``axis``.
    """
    ### BEGIN SOLUTION
    h_t, c_t, steps = np.zeros_like(z), np.zeros_like(z), []
    for _ in range(T):
        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)
        steps.append(h_t @ W_y + b_y)  # (N, D)
    return np.stack(steps, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crf_repeat_decoder_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("repeat_decoder")


def test_repeat_decoder(cases):
    yours = attempt(
        repeat_decoder, reference.repeat_decoder, cases, known.repeat_decoder, gives=["the copy"]
    )
    with parts.part("the repeat-vector decoder", 1):
        yours.check()


test_repeat_decoder(cases.repeat_decoder(VISIBLE))

### BEGIN HIDDEN TESTS
test_repeat_decoder(cases.repeat_decoder(question_seed("repeat_decoder")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Where to go from here
#
# You own a CRF and its gradient.
# Put it on a tagger of your own, and measure it against the same tagger with a softmax, decoded over legal paths: on your data, does training with the CRF pay?
