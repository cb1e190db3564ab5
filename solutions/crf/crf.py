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
# A last question belongs to the autoencoder: a decoder that reads its code at every step.
# It goes with the chapters *Decide the tags together* and *Squeeze a sequence through a bottleneck*, where every equation below is derived.
#
# There are seven questions and **12 points**.
# Plan 75 to 90 minutes.
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
# After you hand in, hidden tests try other sizes: one sequence, one step, one tag, sequences of different lengths, scores of several hundred, `float32` arrays.
# Three habits get you through all of them:
#
# - take `N`, `T` and `M` from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are;
# - stop where a sequence stops: `lengths` says how many steps are real, and what stands behind them may be anything.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "crf_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import itertools

import numpy as np
import torch

from lstm_course.answers import crf as reference
from lstm_course.answers.crf_cases import check_tags, random_cases
from lstm_course.cases import lstm_cases
from nbjudge.checks.calls import call_unchanged, check_own, no_overflow, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import question_seed
from nbjudge.checks.tensors import check_tensor, check_tensor_example

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `emissions` | `(N, T, M)` | score $e(t, j)$ of each tag at each step |
# | `tags` | `(N, T)`, whole numbers | the path: a tag from 0 to $M - 1$ at each real step, $-1$ in the padding |
# | `lengths` | `(N,)`, whole numbers | real steps of each sequence, at least 1; they stand at the left |
# | `transitions` | `(M, M)` | $A(j, k)$: score of going *from* the row's tag *to* the column's |
# | `start`, `end` | `(M,)` | scores of the first and of the last tag |

# %% [markdown]
# ## Question 1: the log of a sum of exponentials (1 point)
#
# $$\log \sum_j e^{a_j} = m + \log \sum_j e^{a_j - m} \qquad\text{with}\qquad m = \max_j a_j$$
#
# Both sides are equal on paper; only the right one survives $a_j = 1000$.


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
def test_log_sum_exp():
    check_own(log_sum_exp)
    a = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]])
    check_example(
        "log_sum_exp(a, 1)",
        log_sum_exp(a, 1),
        [3.4076, 1.1041],
        hints=[
            ([3.0, 0.5], "this is the maximum: the sum over the others is missing"),
            ([0.4076, 0.6041], "add the maximum again at the end"),
            ([30.1929, 3.0166], "this is the sum of the exponentials: take its logarithm"),
            ([1.3133, 2.0486, 3.0789], "sum along the given axis"),
            ([[3.4076], [1.1041]], "the axis goes away: keep it only while you subtract"),
        ],
    )
    thousand = np.array([1000.0, 999.0])
    with no_overflow() as _:
        large = log_sum_exp(thousand, 0)
    check_array("log_sum_exp([1000, 999], 0)", np.asarray(large), np.array(1000.3132616875182))


test_log_sum_exp()


### BEGIN HIDDEN TESTS
def hidden_log_sum_exp():
    rng = np.random.default_rng(question_seed("log_sum_exp"))
    sizes = (
        ((4, 3), 0, 0.0, 1.0),
        ((2, 5, 3), 1, 900.0, 1.0),
        ((1, 2), -1, -2000.0, 1.0),
        ((3, 1, 4), 2, 50.0, 3.0),
        ((4, 6), 1, 0.0, 2000.0),
    )
    for shape, axis, offset, scale in sizes:
        for dtype in (np.float64, np.float32):
            a = (offset + scale * rng.standard_normal(shape)).astype(dtype)
            with no_overflow():
                result = call_unchanged(log_sum_exp, a=a, axis=axis)
            right = reference.log_sum_exp(a, axis)
            hints = [
                (a.max(axis=axis), "this is the maximum: the sum over the others is missing"),
                (right - a.max(axis=axis), "add the maximum again at the end"),
            ]
            where = f"{len(shape)} dimensions, {np.dtype(dtype).name}"
            check_array(f"the result for {where}", result, right, hints=hints)


hidden_log_sum_exp()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "crf_reference_log_sum_exp", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `log_sum_exp` is the reference version.  To try your own again, run its cell again.
log_sum_exp = reference.log_sum_exp

# %% [markdown]
# ## Question 2: the score of a path (2 points)
#
# $$s(y) = \sum_{t=1}^{T} e(t, y_t) + \sum_{t=2}^{T} A(y_{t-1}, y_t) + A(\text{start}, y_1) + A(y_T, \text{end})$$
#
# $T$ is the length of the sequence at hand: its last tag is not that of the last column.
# A loop over the sequences and their steps is fine.


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
def test_sequence_score():
    check_own(sequence_score)
    emissions = np.array(
        [[[1.0, 0.0], [0.5, 2.0], [0.0, 3.0]], [[2.0, 1.0], [0.0, 9.0], [9.0, 9.0]]]
    )
    tags, lengths = np.array([[0, 1, 1], [1, 0, -1]]), np.array([3, 2])
    transitions = np.array([[0.1, 0.2], [0.4, 0.8]])
    start, end = np.array([10.0, 20.0]), np.array([100.0, 200.0])
    check_example(
        "the scores",
        sequence_score(emissions, tags, lengths, transitions, start, end),
        [217.0, 121.4],
        hints=[
            ([217.2, 121.2], "A(j, k) goes from the row j to the column k: transpose"),
            ([216.0, 121.0], "the transitions are missing"),
            ([207.0, 101.4], "the start score is missing"),
            ([17.0, 21.4], "the end score is missing"),
            ([211.0, 120.4], "the emissions are missing"),
            ([217.0, 230.6], "the padding counts: stop at lengths[n]"),
            ([217.0, 221.4], "the last real tag stands at lengths[n] - 1"),
        ],
    )


test_sequence_score()


### BEGIN HIDDEN TESTS
def hidden_sequence_score():
    for case in random_cases(question_seed("sequence_score")):
        arrays = (case.emissions, case.tags, case.lengths)
        A, start, end = case.scores.values()
        right = reference.sequence_score(*arrays, A, start, end)
        known = (
            ((A.T, start, end), "A(j, k) goes from the row j to the column k: transpose"),
            ((0 * A, start, end), "the transitions are missing"),
            ((A, 0 * start, end), "the start score is missing"),
            ((A, start, 0 * end), "the end score is missing"),
        )
        hints = [(reference.sequence_score(*arrays, *w), text) for w, text in known]
        given = dict(zip(("emissions", "tags", "lengths"), arrays, strict=True))
        result = call_unchanged(sequence_score, **given, **case.scores)
        loose = 1e-4 if case.emissions.dtype == np.float32 else None
        check_array(f"the scores for {case.label}", result, right, rtol=loose, hints=hints)


hidden_sequence_score()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "crf_reference_sequence_score", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `sequence_score` is the reference version.
sequence_score = reference.sequence_score

# %% [markdown]
# ## Question 3: the sum over all paths (2 points)
#
# $$\alpha_1(k) = A(\text{start}, k) + e(1, k), \qquad \alpha_t(k) = e(t, k) + \log \sum_j e^{\alpha_{t-1}(j) + A(j, k)}$$
#
# $$\log Z = \log \sum_k e^{\alpha_T(k) + A(k, \text{end})}$$
#
# For a sequence that is over at step $t$, keep $\alpha$ as it is: `np.where` chooses, with a condition of shape `(N, 1)`.
#
# What to expect: the test compares with the sum over all $3^4 = 81$ paths.


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
def score_of_all_paths(emissions, length, transitions, start, end):
    """Return the scores of all paths of one sequence, (M**length,)."""
    paths = np.array(list(itertools.product(range(len(start)), repeat=int(length))))
    many = np.repeat(emissions[None, :length], len(paths), axis=0)
    lengths = np.full(len(paths), length)
    return reference.sequence_score(many, paths, lengths, transitions, start, end)


def test_log_partition():
    check_own(log_partition)
    rng = np.random.default_rng(0)
    emissions, lengths = rng.standard_normal((2, 4, 3)), np.array([4, 2])
    scores = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)
    moves, first, last = scores
    right = [
        np.log(np.exp(score_of_all_paths(e, length, *scores)).sum())
        for e, length in zip(emissions, lengths, strict=True)
    ]
    known = (
        ((moves.T, first, last), "A(j, k) goes from the row j to the column k: sum over the rows"),
        ((moves, 0 * first, last), "the start scores are missing"),
        ((moves, first, 0 * last), "the end scores are missing"),
        ((0 * moves, first, last), "the transitions are missing"),
    )
    hints = [(reference.log_partition(emissions, lengths, *w), text) for w, text in known]
    whole = reference.log_partition(emissions, np.array([4, 4]), *scores)
    hints.append((whole, "the padding counts: keep alpha where t >= lengths[n]"))
    check_array(
        "log Z",
        log_partition(emissions, lengths, *scores),
        np.array(right),
        hints=hints,
        reveal=True,
    )


test_log_partition()


### BEGIN HIDDEN TESTS
def hidden_log_partition():
    for case in random_cases(question_seed("log_partition")):
        x, A, start, end = case.emissions, *case.scores.values()
        with no_overflow():
            result = call_unchanged(log_partition, emissions=x, lengths=case.lengths, **case.scores)
        known = (
            ((case.lengths, A.T, start, end), "A(j, k) goes from the row j to the column k"),
            ((case.lengths, A, 0 * start, end), "the start scores are missing"),
            ((case.lengths, A, start, 0 * end), "the end scores are missing"),
            ((np.full(len(x), x.shape[1]), A, start, end), "the padding counts"),
        )
        hints = [(reference.log_partition(x, *w), text) for w, text in known]
        right = reference.log_partition(x, case.lengths, A, start, end)
        check_array(f"log Z for {case.label}", result, right, hints=hints)


hidden_log_partition()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "crf_reference_log_partition", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `log_partition` is the reference version.
log_partition = reference.log_partition

# %% [markdown]
# ## Question 4: the best path (2 points)
#
# The same recursion with a maximum in place of the sum:
#
# $$\nu_1(k) = A(\text{start}, k) + e(1, k), \qquad \nu_t(k) = e(t, k) + \max_j \bigl(\nu_{t-1}(j) + A(j, k)\bigr)$$
#
# For each step and tag keep the $j$ that won.
# The best last tag has the largest $\nu_T(k) + A(k, \text{end})$; from there follow the winners back.
# It is easiest one sequence at a time, on `emissions[n, : lengths[n]]`.


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
def test_viterbi():
    check_own(viterbi)
    emissions = np.zeros((2, 4, 2))
    emissions[0, :, 0], emissions[0, 2] = 0.1, [0.0, 0.5]
    lengths = np.array([4, 2])
    transitions = np.array([[0.0, 5.0], [-1.0, -1.0]])
    start, end = np.array([0.0, 1.0]), np.array([0.0, 3.0])
    check_tags(
        "the best paths",
        viterbi(emissions, lengths, transitions, start, end),
        np.array([[0, 1, 0, 1], [0, 1, -1, -1]]),
        hints=[
            ([[0, 0, 1, 0], [0, 0, -1, -1]], "this is the best tag of each step on its own"),
            ([[1, 0, 1, 0], [0, 1, -1, -1]], "the path is the wrong way round"),
            ([[1, 0, 1, 0], [1, 0, -1, -1]], "A(j, k) goes from the row j to the column k"),
            ([[0, 1, 0, 1], [0, 1, 0, 1]], "the padding holds -1"),
        ],
    )


test_viterbi()


### BEGIN HIDDEN TESTS
def hidden_viterbi():
    for case in random_cases(question_seed("viterbi")):
        x, lengths, scores = case.emissions, case.lengths, case.scores
        A, start, end = scores.values()
        real = np.arange(x.shape[1]) < lengths[:, None]
        known = (
            ((A.T, start, end), "A(j, k) goes from the row j to the column k"),
            ((0 * A, 0 * start, 0 * end), "this is the best tag of each step on its own"),
            ((A, start, 0 * end), "the end scores are missing"),
            ((A, 0 * start, end), "the start scores are missing"),
        )
        hints = [(reference.viterbi(x, lengths, *w), text) for w, text in known]
        whole = reference.viterbi(x, np.full(len(x), x.shape[1]), A, start, end)
        hints.append((np.where(real, whole, -1), "the end scores come after the last real step"))
        hints.append((whole, "the padding holds -1"))
        result = call_unchanged(viterbi, emissions=x, lengths=lengths, **scores)
        right = reference.viterbi(x, lengths, A, start, end)
        check_tags(f"the best paths for {case.label}", result, right, hints=hints)


hidden_viterbi()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 5: the gradient (2 points)
#
# The loss of a sequence is $\log Z - s(y)$, and the gradient is what the model *expects* minus what was *observed*:
#
# $$\frac{\partial \mathcal{L}}{\partial e(t, j)} = p(y_t = j) - [\text{tag } j \text{ stands at step } t]$$
#
# $$\frac{\partial \mathcal{L}}{\partial A(j, k)} = \sum_{t} \Bigl( p(y_t = j, y_{t+1} = k) - [j \text{ at } t \text{ and } k \text{ at } t + 1] \Bigr)$$
#
# Start and end score are used once, with the first and with the last tag.
# The two arrays of probabilities are given: `single[n, t, j]` and `pair[n, t, j, k]`, zero in the padding.
# The loss is the **sum** over the sequences.


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
parts = Parts()
FOUR = ("demissions", "dtransitions", "dstart", "dend")


def test_nll_gradient():
    check_own(nll_gradient)
    tags, lengths = np.array([[0, 0, 0], [1, 0, -1]]), np.array([3, 2])
    single = np.zeros((2, 3, 2))
    single[0], single[1, :2] = [[0.6, 0.4], [0.5, 0.5], [0.7, 0.3]], [[0.2, 0.8], [0.9, 0.1]]
    pair = np.zeros((2, 2, 2, 2))
    pair[0], pair[1, 0] = 0.25, [[0.1, 0.1], [0.8, 0.0]]
    result = nll_gradient(tags, lengths, single, pair)
    demissions, dtransitions, dstart, dend = take_apart("nll_gradient", result, FOUR)
    with parts.part("the gradients of emissions, start and end", 1):
        right = [[[-0.4, 0.4], [-0.5, 0.5], [-0.3, 0.3]], [[0.2, -0.2], [-0.1, 0.1], [0, 0]]]
        check_example(
            "demissions",
            demissions,
            right,
            hints=[
                (-np.array(right), "expected minus observed, not the other way round"),
                (single, "the observed tags are missing"),
            ],
        )
        hint = ([-0.1, 0.1], "add over the sequences, do not average")
        check_example("dstart", dstart, [-0.2, 0.2], hints=[hint])
        hint = ([-0.3, 0.3], "the last step of a sequence is at lengths[n] - 1, not at T - 1")
        check_example("dend", dend, [-0.4, 0.4], hints=[hint])
    with parts.part("the gradient of the transitions", 1):
        check_example(
            "dtransitions",
            dtransitions,
            [[-1.4, 0.6], [0.3, 0.5]],
            hints=[
                ([[0.6, 0.6], [1.3, 0.5]], "the observed pairs are missing"),
                ([[-0.4, 0.6], [0.3, 0.5]], "a pair that occurs twice counts twice"),
                ([[-1.4, 0.3], [0.6, 0.5]], "A(j, k) goes from the row j to the column k"),
                ([[-1.4, -0.4], [1.3, 0.5]], "A(j, k) goes from the row j to the column k"),
            ],
        )


test_nll_gradient()


### BEGIN HIDDEN TESTS
def hidden_nll_gradient():
    for case in random_cases(question_seed("nll_gradient")):
        single, pair = case.marginals
        given = {"tags": case.tags, "lengths": case.lengths, "single": single, "pair": pair}
        result = take_apart("nll_gradient", call_unchanged(nll_gradient, **given), FOUR)
        right = reference.nll_gradient(*given.values())
        with parts.part("the gradients of emissions, start and end"):
            for index in (0, 2, 3):
                name, hint = FOUR[index], (-right[index], "expected minus observed")
                where = f"{name} for {case.label}"
                check_array(where, result[index], right[index], rtol=1e-5, hints=[hint])
        with parts.part("the gradient of the transitions"):
            hints = [
                (right[1].T, "A(j, k) goes from the row j to the column k"),
                (pair.sum(axis=(0, 1)), "the observed pairs are missing"),
            ]
            where = f"dtransitions for {case.label}"
            check_array(where, result[1], right[1], rtol=1e-5, hints=hints)


hidden_nll_gradient()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: the loss in PyTorch (2 points)
#
# Autograd differentiates the forward algorithm by itself, as long as everything is a PyTorch operation.
# Write $\log Z - s(y)$ in PyTorch, and let it find the gradient of the summed loss with respect to emissions and transitions.
# Here all sequences have the full length $T$, at least 2, so there is no padding to think of; `torch.logsumexp(a, dim=1)` does question 1.
#
# The arguments come without a graph.
# Make leaves of your own: `emissions.clone().requires_grad_()` is a copy that collects a gradient.


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
parts = Parts()
THREE = ("loss", "demissions", "dtransitions")


def test_torch_nll():
    check_own(torch_nll)
    emissions = torch.tensor([[[1.0, 0.0], [0.5, 2.0], [0.0, 3.0]]])
    tags, transitions = torch.tensor([[0, 1, 0]]), torch.tensor([[0.1, 0.6], [0.4, 0.8]])
    start, end = torch.tensor([0.3, 0.1]), torch.tensor([-0.2, 0.5])
    result = torch_nll(emissions, tags, transitions, start, end)
    loss, demissions, dtransitions = take_apart("torch_nll", result, THREE)
    with parts.part("the loss", 1):
        check_tensor_example(
            "the loss",
            loss,
            [4.5374],
            hints=[
                ([-4.5374], "the loss is log Z minus the score, not the other way round"),
                ([8.6374], "this is log Z: subtract the score"),
                ([4.3993], "A(j, k) goes from the row j to the column k"),
                ([4.5957], "the start scores are missing"),
                ([3.8537], "the end scores are missing"),
            ],
        )
    with parts.part("the gradients", 1):
        right = [[0.0741, -0.2430], [-0.9558, 1.1247]]
        hints = [(-np.array(right), "the gradient of the loss, not of the score")]
        check_tensor_example("dtransitions", dtransitions, right, hints=hints)
        check_array("the shape of demissions", np.zeros(demissions.shape), np.zeros((1, 3, 2)))


test_torch_nll()


### BEGIN HIDDEN TESTS
def hidden_torch_nll():
    for case in random_cases(question_seed("torch_nll")):
        if case.emissions.shape[1] < 2:
            continue
        tags = torch.tensor(np.where(case.tags < 0, 0, case.tags))
        given = {"emissions": torch.tensor(case.emissions), "tags": tags}
        given |= {name: torch.tensor(array) for name, array in case.scores.items()}
        right = reference.torch_nll(**given)
        summed = right[0].sum().expand_as(right[0])
        result = take_apart("torch_nll", call_unchanged(torch_nll, **given), THREE)
        with parts.part("the loss"):
            hints = [(-right[0], "log Z minus the score"), (summed, "one loss for each sequence")]
            check_tensor(f"the loss for {case.label}", result[0], right[0], rtol=1e-4, hints=hints)
        with parts.part("the gradients"):
            for name, yours, expected in zip(THREE[1:], result[1:], right[1:], strict=True):
                hints = [
                    (expected / len(tags), "add over the sequences, do not average"),
                    (-expected, "the gradient of the loss, not of the score"),
                ]
                check_tensor(f"{name} for {case.label}", yours, expected, rtol=1e-4, hints=hints)


hidden_torch_nll()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: a decoder that repeats its code (1 point)
#
# A repeat-vector decoder reads the code $z$ at **every** step, starts from zero states, and a linear head writes each step of the copy:
#
# $$(h_t, c_t) = \operatorname{LSTM}(z, h_{t-1}, c_{t-1}), \qquad \hat x_t = h_t W_y + b_y$$
#
# The step is given: `h_t, c_t = lstm_step(x_t, h_prev, c_prev, W_x, W_h, b)`.


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
def test_repeat_decoder():
    check_own(repeat_decoder)
    z, W_x = np.array([[1.0], [-0.5]]), np.array([[0.5, 1.0, 2.0, 0.3]])
    W_h, b = np.array([[0.2, 0.1, -0.4, 0.6]]), np.array([0.0, 1.0, 0.1, 0.0])
    W_y, b_y = np.array([[2.0]]), np.array([0.5])
    check_example(
        "the copy",
        repeat_decoder(z, 3, W_x, W_h, b, W_y, b_y),
        [[[1.1203], [1.5114], [1.6980]], [[0.2190], [0.0984], [0.0402]]],
        hints=[
            (
                [[[1.1203], [1.1203], [1.1203]], [[0.2190], [0.2190], [0.2190]]],
                "each step starts from zeros: carry both states on",
            ),
            (
                [[[0.6203], [1.0114], [1.1980]], [[-0.2810], [-0.4016], [-0.4598]]],
                "the bias of the head is missing",
            ),
            (
                [[[1.1203], [0.2190]], [[1.5114], [0.0984]], [[1.6980], [0.0402]]],
                "time stands first: stack along axis 1",
            ),
        ],
    )


test_repeat_decoder()


### BEGIN HIDDEN TESTS
def hidden_repeat_decoder():
    for case in lstm_cases(question_seed("repeat_decoder")):
        H, T = len(case.W_h), case.x.shape[1]
        W_x = np.concatenate([case.W_h[:, 2 * H :], case.W_h[:, : 2 * H]], axis=1)
        W_y, b_y = case.W_h[:, :2].copy(), case.b[:2].copy()
        arrays = {"W_x": W_x, "W_h": case.W_h, "b": case.b, "W_y": W_y, "b_y": b_y}
        result = call_unchanged(repeat_decoder, z=case.h0, T=T, **arrays)
        right = reference.repeat_decoder(case.h0, T, *arrays.values())
        one = reference.repeat_decoder(case.h0, 1, *arrays.values())
        hints = [
            (right.transpose(1, 0, 2), "time stands first: stack along axis 1"),
            (right - b_y, "the bias of the head is missing"),
            (np.repeat(one, T, axis=1), "each step starts from zeros: carry both states on"),
        ]
        check_array(f"the copy for {case.label}", result, right, hints=hints)


hidden_repeat_decoder()
### END HIDDEN TESTS

# %% [markdown]
# ## Where to go from here
#
# You own a CRF and its gradient.
# Put it on a tagger of your own, and measure it against the same tagger with a softmax, decoded over legal paths: on your data, does training with the CRF pay?
