"""The answers to ``parallel_scan``, as later questions and hidden tests use them.

Made from solutions/parallel_scan/parallel_scan.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def combine(keep_1, write_1, keep_2, write_2):
    """Return the map "first 1, then 2".

    Parameters
    ----------
    keep_1, write_1, keep_2, write_2 : arrays of one shape

    Returns
    -------
    keep, write : arrays of the same shape, floats

    Hint: put ``keep_1 * h + write_1`` where the second map has its ``h``.
    """
    return keep_2 * keep_1, keep_2 * write_1 + write_2


def scan_round(keep, write, reach):
    """Do one round.

    Parameters
    ----------
    keep, write : arrays (N, T, H)
    reach : int
        From 1 to T.

    Returns
    -------
    new_keep, new_write : arrays (N, T, H), floats

    Hint: the earlier maps are ``keep[:, :-reach]``, the later ones ``keep[:, reach:]``.
    Work on copies: a step must see what its neighbour held *before* the round.
    """
    new_keep, new_write = keep.copy(), write.copy()
    joined = combine(keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:])
    new_keep[:, reach:], new_write[:, reach:] = joined
    return new_keep, new_write


def scan(keep, write, h0):
    """Return all states h (N, T, H) of h_t = keep_t * h_{t-1} + write_t."""
    write, reach = write.copy(), 1
    write[:, 0] += keep[:, 0] * h0
    while reach < write.shape[1]:
        keep, write = scan_round(keep, write, reach)
        reach *= 2
    return write


def scan_backward(dh, keep, h, h0):
    """Carry a gradient back through a linear recurrence.

    Parameters
    ----------
    dh, keep, h : arrays (N, T, H)
        ``dh`` is the gradient with respect to ``h``.
    h0 : array (N, H)

    Returns
    -------
    dkeep, dwrite, dh0 : arrays (N, T, H), (N, T, H), (N, H), floats

    Hint: ``array[:, ::-1]`` reverses time; call ``scan`` above, and turn its result back.
    """
    later = np.roll(keep, -1, axis=1)  # of step t + 1; what stands at the last one meets a zero
    dwrite = scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]


def min_gru(x, h0, W_x, b):
    """Run a minGRU layer.

    Parameters
    ----------
    x : array (N, T, D)
    h0 : array (N, H)
    W_x, b : arrays (D, 2H), (2H,)
        The first H columns are those of the gate z, the others those of the candidate.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: ``np.split(a, 2, axis=2)`` separates the blocks; then it is one call of ``scan``.
    """
    a_z, a_g = np.split(x @ W_x + b, 2, axis=2)  # each (N, T, H)
    z = 1 / (1 + np.exp(-a_z))
    return scan(1 - z, z * a_g, h0)


def slstm_step(a, c_prev, n_prev, m_prev):
    """Advance the sLSTM by one step.

    Parameters
    ----------
    a : array (N, 4H)
        Pre-activations, blocks i, f, g, o.
    c_prev, n_prev, m_prev : arrays (N, H)
        ``m_prev`` is minus infinity where the memory is empty; ``c_prev`` and ``n_prev`` are
        then 0.

    Returns
    -------
    h_t, c_t, n_t, m_t : arrays (N, H), floats

    Hint: never form ``np.exp(a_i)`` itself.
    """
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (N, H)
    log_f = -np.logaddexp(0, -a_f)
    m_t = np.maximum(log_f + m_prev, a_i)
    i, f = np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)
    c_t, n_t = f * c_prev + i * np.tanh(a_g), f * n_prev + i
    return np.exp(-np.logaddexp(0, -a_o)) * c_t / n_t, c_t, n_t, m_t


def mlstm_parallel(q, k, v, log_i, log_f):
    """Return the outputs of the mLSTM from an empty memory, before the output gate.

    Parameters
    ----------
    q, k, v : arrays (N, T, H)
    log_i, log_f : arrays (N, T)
        Logarithms of the gates, of any size.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: with ``total = np.cumsum(log_f, axis=1)`` the sum of log f from s + 1 to t is
    ``total[:, t] - total[:, s]``; ``np.tri(T, dtype=bool)`` is True where s <= t.
    """
    total = np.cumsum(log_f, axis=1)  # (N, T)
    log_weight = total[:, :, None] - total[:, None, :] + log_i[:, None, :]  # (N, T, T)
    log_weight = np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)
    m = log_weight.max(axis=2, keepdims=True)  # (N, T, 1)
    w = np.exp(log_weight - m) * (q @ k.transpose(0, 2, 1))
    return w @ v / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))


def scan_restarts(keep, write, h0, starts):
    """Run the recurrence over rows in which several sequences stand one behind the other.

    Parameters
    ----------
    keep, write : arrays (N, T, H)
    h0 : array (N, H)
        The state from which every sequence of a row begins.
    starts : bool array (N, T)
        Where a new sequence begins.

    Returns
    -------
    h : array (N, T, H), floats

    Hint: with which factor does a step forget all that came before, and what must it write then?
    """
    new = starts[:, :, None]  # (N, T, 1)
    begun = keep * h0[:, None] + write  # what a step makes of h0
    return scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)
