"""The answers to ``lstm_cell``, as later questions and hidden tests use them.

Made from solutions/lstm_cell/lstm_cell.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def sigmoid(a):
    """Return the logistic function of each entry of ``a``.

    Parameters
    ----------
    a : array of any shape, float32 or float64

    Returns
    -------
    array of the same shape and the same dtype as ``a``

    Hint: tanh never overflows.  The second form of the equation needs one line.
    """
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    """Return the forget gate.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_xf, W_hf, b_f : arrays (D, H), (H, H), (H,)

    Returns
    -------
    f_t : array (N, H), floats

    Hint: write the shape of each product at the end of its line; ``sigmoid`` is at hand.
    """
    a_f = x_t @ W_xf + h_prev @ W_hf + b_f  # (N, H)
    return sigmoid(a_f)


def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    """Return the input gate and the candidate.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_xi, W_hi, b_i : arrays (D, H), (H, H), (H,)
        Weights of the input gate.
    W_xg, W_hg, b_g : arrays (D, H), (H, H), (H,)
        Weights of the candidate.

    Returns
    -------
    i_t, g_t : two arrays (N, H), floats

    Hint: a gate opens between 0 and 1; a value may also be negative.
    """
    i = sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)  # (N, H)
    g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)  # (N, H)
    return i, g


def cell_update(c_prev, i, f, g):
    """Return the new cell state.

    Parameters
    ----------
    c_prev : array (N, H)
    i, f, g : arrays (N, H)
        Input gate, forget gate and candidate, already activated.

    Returns
    -------
    c_t : array (N, H), floats

    Hint: every product here is elementwise.
    """
    c_t = f * c_prev + i * g  # (N, H)
    return c_t


def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    """Return the output gate and the new hidden state.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    c_t : array (N, H)
        The new cell state.
    W_xo, W_ho, b_o : arrays (D, H), (H, H), (H,)

    Returns
    -------
    o_t, h_t : two arrays (N, H), floats

    Hint: the cell state can grow beyond 1; the hidden state cannot.
    """
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)  # (N, H)
    h_t = o * np.tanh(c_t)  # (N, H)
    return o, h_t


def pre_activations(x_t, h_prev, W_x, W_h, b):
    """Return the four pre-activations of one step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Blocks in the order i, f, g, o.

    Returns
    -------
    a_i, a_f, a_g, a_o : four arrays (N, H), floats

    Hint: look up the argument ``axis`` of ``np.split``, or slice the columns yourself.
    """
    a = x_t @ W_x + h_prev @ W_h + b  # (N, 4H)
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (N, H)
    return a_i, a_f, a_g, a_o


def step(x_t, h_prev, c_prev, W_x, W_h, b):
    """Advance the LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, c_prev : arrays (N, H)
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Blocks in the order i, f, g, o.

    Returns
    -------
    h_t, c_t : two arrays (N, H), floats

    Hint: ``pre_activations`` does the products; three blocks then need a sigmoid, one a tanh.
    """
    a_i, a_f, a_g, a_o = pre_activations(x_t, h_prev, W_x, W_h, b)  # each (N, H)
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = np.tanh(a_g)
    c_new = cell_update(c_prev, i, f, g)  # (N, H)
    return o * np.tanh(c_new), c_new


def sequence(x, h0, c0, W_x, W_h, b):
    """Run the LSTM over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0, c0 : arrays (N, H)
        Initial states.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)

    Returns
    -------
    h : array (N, T, H), floats
        Hidden state after every step, batch first.
    h_T, c_T : two arrays (N, H), floats
        Final states.

    Hint: ``x[:, t]`` is the input of step t; ``np.stack`` has an argument ``axis``.
    """
    h_t, c_t = h0, c0
    hidden_states = []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)  # both (N, H)
        hidden_states.append(h_t)
    return np.stack(hidden_states, axis=1), h_t, c_t


def parameter_count(D, H, L):
    """Return the number of parameters of a stack of LSTM layers.

    Parameters
    ----------
    D, H, L : int
        Input features, hidden units of each layer, and layers (at least 1).

    Returns
    -------
    int

    Hint: count the entries of ``W_x``, ``W_h`` and ``b`` of one layer, then ask what changes
    in the next.
    """
    first = 4 * (D * H + H * H + H)
    above = 4 * (H * H + H * H + H)
    return first + (L - 1) * above


def initial_bias(H, forget_bias):
    """Return the bias vector of an LSTM layer before training.

    Parameters
    ----------
    H : int
        Hidden units.
    forget_bias : float
        Bias of every forget gate; all other biases are zero.

    Returns
    -------
    b : array (4H,), floats
        Blocks in the order i, f, g, o.

    Hint: ``np.zeros`` gives floats.
    """
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return b


def contributions(c0, i, f, g):
    """Take the last cell state apart: what each step has written, as far as it is still there.

    Parameters
    ----------
    c0 : array (N, H)
    i, f, g : arrays (N, T, H)
        Input gates, forget gates and candidates of all steps.

    Returns
    -------
    p : array (N, T + 1, H), floats
        First what is left of ``c0``, then what is left of the writing of steps 1 to T.

    Hint: what a step has written is multiplied by the forget gates of all steps *after* it.
    """
    p = np.concatenate([c0[:, None], i * g], axis=1)  # (N, T + 1, H), as it was written
    for t in range(f.shape[1]):
        p[:, : t + 1] *= f[:, t : t + 1]  # what was there before step t + 1
    return p
