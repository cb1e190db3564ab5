"""The answers to ``seq2seq_attention``, as later questions and hidden tests use them.

Made from solutions/seq2seq_attention/seq2seq_attention.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


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
    first = np.full_like(target[:, :1], begin)  # (N, 1)
    return np.concatenate([first, target[:, :-1]], axis=1)


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
    shifted = scores - scores.max(axis=2, keepdims=True)  # (N, T, V)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    right = np.eye(scores.shape[2], dtype=scores.dtype)[target]  # (N, T, V)
    share = mask[:, :, None] / mask.sum()  # (N, T, 1)
    loss = -np.sum(share * right * log_p)
    return float(loss), share * (np.exp(log_p) - right)


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
    asked = (query @ W_q)[:, :, None]  # (N, T, 1, A)
    shown = (keys @ W_k)[:, None]  # (N, 1, S, A)
    return np.tanh(asked + shown) @ w_e  # (N, T, S)


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
    open_scores = np.where(mask[:, None] > 0, scores, -np.inf)  # (N, T, S)
    powers = np.exp(open_scores - open_scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True)
    return attention @ values, attention


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
    dattention = dcontext @ values.transpose(0, 2, 1)  # (N, T, S)
    inner = (dattention * attention).sum(axis=2, keepdims=True)  # (N, T, 1)
    dvalues = attention.transpose(0, 2, 1) @ dcontext  # (N, S, H)
    return attention * (dattention - inner), dvalues


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
    grown = (totals[:, None] + log_p).ravel()  # (B V,)
    best = np.argsort(-grown)[:width]
    V = log_p.shape[1]
    return best // V, best % V, grown[best]


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
    dasked = dscores @ keys  # (N, T, H), of query @ W_q
    dkeys = dscores.transpose(0, 2, 1) @ (query @ W_q)  # (N, S, H)
    dW_q = np.tensordot(query, dasked, axes=([0, 1], [0, 1]))  # (H, H)
    return dasked @ W_q.T, dkeys, dW_q
