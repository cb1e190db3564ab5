"""The answers to ``bidirectional_stacked``, as later questions and hidden tests use them.

Made from solutions/bidirectional_stacked/bidirectional_stacked.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


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
    turned = x.copy()
    for n, length in enumerate(lengths):
        turned[n, :length] = x[n, :length][::-1]
    return turned


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
    h_ahead = run_lstm(x, ahead)  # (N, T, H)
    h_back = reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)
    y = np.concatenate([h_ahead, h_back], axis=2)
    real = np.arange(x.shape[1]) < lengths[:, None]  # (N, T)
    return np.where(real[:, :, None], y, np.zeros_like(y))


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
    H = y.shape[2] // 2
    h_ahead = y[np.arange(len(y)), lengths - 1, :H]  # (N, H): after the last real step
    return np.concatenate([h_ahead, y[:, 0, H:]], axis=1)


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
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, 2 * H), d_final.dtype)
    dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]
    dy[:, 0, H:] = d_final[:, H:]
    return dy


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
    H = dy.shape[2] // 2
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]  # (N, T, 1)
    dy = np.where(real, dy, np.zeros_like(dy))
    dx_ahead, dW_h_ahead = run_backward(dy[:, :, :H], x, ahead)
    turned = reverse_within(dy[:, :, H:], lengths)
    dx_back, dW_h_back = run_backward(turned, reverse_within(x, lengths), back)
    return dx_ahead + reverse_within(dx_back, lengths), dW_h_ahead, dW_h_back


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
    z = x
    for k, weights in enumerate(layers):
        h = run_lstm(z, weights)
        if k < len(masks):
            h = masks[k] * h
        z = h + z if k > 0 else h
    return z


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
    lowest = 4 * (D * H + H * H + H)
    other = 4 * (directions * H * H + H * H + H)
    return directions * (lowest + (L - 1) * other)
