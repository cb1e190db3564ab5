"""The answers to ``crf``, as later questions and hidden tests use them.

Made from solutions/crf/crf.py by `make exercises`: edit that file, not this one.
"""

import numpy as np
import torch


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
    largest = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - largest).sum(axis=axis)) + np.squeeze(largest, axis)


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
    score = np.zeros(len(tags), emissions.dtype)
    for n, length in enumerate(lengths):
        y = tags[n, :length]
        score[n] = start[y[0]] + emissions[n, np.arange(length), y].sum() + end[y[-1]]
        score[n] += transitions[y[:-1], y[1:]].sum()
    return score


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
    alpha = start + emissions[:, 0]  # (N, M)
    for t in range(1, emissions.shape[1]):
        arrive = log_sum_exp(alpha[:, :, None] + transitions, axis=1) + emissions[:, t]
        alpha = np.where((t < lengths)[:, None], arrive, alpha)
    return log_sum_exp(alpha + end, axis=1)


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
    demissions, dtransitions = single.copy(), pair.sum(axis=(0, 1))
    dend = np.zeros_like(single[0, 0])
    for n, length in enumerate(lengths):
        y = tags[n, :length]
        demissions[n, np.arange(length), y] -= 1
        np.subtract.at(dtransitions, (y[:-1], y[1:]), 1)
        dend += demissions[n, length - 1]
    return demissions, dtransitions, demissions[:, 0].sum(axis=0), dend


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
    rows = np.arange(len(lengths))
    said = (single * emissions).sum(axis=(1, 2)) + single[:, 0] @ start
    moved = (pair * transitions).sum(axis=(1, 2, 3)) + single[rows, lengths - 1] @ end
    return log_partition(emissions, lengths, transitions, start, end) - (said + moved)


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


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    """Return ``h_t, c_t``, both (N, H), after one step of an LSTM; gates in the order i, f, g, o."""
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * a) for a in (a_i, a_f, a_o))
    c_t = f * c_prev + i * np.tanh(a_g)
    return o * np.tanh(c_t), c_t


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
    h_t, c_t, steps = np.zeros_like(z), np.zeros_like(z), []
    for _ in range(T):
        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)
        steps.append(h_t @ W_y + b_y)  # (N, D)
    return np.stack(steps, axis=1)
