"""The answers to ``gru``, as later questions and hidden tests use them.

Made from solutions/gru/gru.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def candidate(x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg, reset_after):
    """Compute the candidate of a GRU.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, r : arrays (N, H)
    W_xg, W_hg : arrays (D, H), (H, H)
    b_xg, b_hg : arrays (H,)
    reset_after : bool
        Whether the reset gate stands after the product with the state, or before it.

    Returns
    -------
    g : array (N, H), floats

    Hint: look where the brackets are, and on which side of them each bias stands.
    """
    from_x = x_t @ W_xg + b_xg  # (N, H)
    if reset_after:
        return np.tanh(from_x + r * (h_prev @ W_hg + b_hg))
    return np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)


def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    """Advance the GRU by one time step.

    Parameters
    ----------
    x_t, h_prev : arrays (N, D), (N, H)
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    h_t, r, z, g : four arrays (N, H), floats

    Hint: the blocks stand in the order r, z, g; ``candidate`` is at hand.
    """
    H = h_prev.shape[1]
    a = x_t @ W_x + b_x + h_prev @ W_h + b_h  # (N, 3H); the last block is not used
    r, z = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])
    last = [array[..., 2 * H :] for array in (W_x, W_h, b_x, b_h)]
    g = candidate(x_t, h_prev, r, *last, True)
    return z * h_prev + (1.0 - z) * g, r, z, g


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    """Run the GRU over a batch of sequences.

    Parameters
    ----------
    x, h0 : arrays (N, T, D), (N, H)
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    h : array (N, T, H), floats
        The state after every step, without ``h0``.

    Hint: ``np.stack`` has an argument ``axis``.
    """
    h_t, h = h0, []
    for t in range(x.shape[1]):
        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]
        h.append(h_t)
    return np.stack(h, axis=1)


def flip_update_gate(W_x, W_h, b_x, b_h):
    """Convert weights between the two conventions of the update gate.

    Parameters
    ----------
    W_x, W_h : arrays (D, 3H), (H, 3H)
    b_x, b_h : arrays (3H,)

    Returns
    -------
    W_x, W_h, b_x, b_h : new arrays of the same shapes

    Hint: everything that enters the update gate takes part.
    """
    H = len(W_h)
    sign = np.ones_like(b_x)
    sign[H : 2 * H] = -1.0
    return W_x * sign, W_h * sign, b_x * sign, b_h * sign


def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    """Carry the weights of a GRU layer from PyTorch's layout to that of Keras.

    Parameters
    ----------
    weight_ih, weight_hh : arrays (3H, D), (3H, H)
    bias_ih, bias_hh : arrays (3H,)

    Returns
    -------
    kernel, recurrent_kernel, bias : arrays (D, 3H), (H, 3H), (2, 3H)

    Hint: ``np.split(array, 3, axis=-1)`` gives the three blocks of any of them.
    """
    moved = []
    for array in (weight_ih.T, weight_hh.T, np.stack([bias_ih, bias_hh])):
        r, z, n = np.split(array, 3, axis=-1)
        moved.append(np.concatenate([z, r, n], axis=-1))
    return tuple(moved)


def step_backward(dh_t, cache):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    cache : dict of arrays
        See the table above.

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H)
    dW_x, dW_h : arrays (D, 3H), (H, 3H)
    db_x, db_h : arrays (3H,)

    Hint: first ``da_g`` and ``da_z``, then ``da_r`` from ``da_g``.
    """
    h_prev, r, z, g = cache["h_prev"], cache["r"], cache["z"], cache["g"]
    da_z = dh_t * (h_prev - g) * z * (1.0 - z)
    da_g = dh_t * (1.0 - z) * (1.0 - g**2)
    da_r = da_g * cache["h_g"] * r * (1.0 - r)
    da_x = np.concatenate([da_r, da_z, da_g], axis=1)  # (N, 3H)
    da_h = np.concatenate([da_r, da_z, da_g * r], axis=1)  # (N, 3H)
    dx_t, dh_prev = da_x @ cache["W_x"].T, dh_t * z + da_h @ cache["W_h"].T
    dW_x, dW_h = cache["x_t"].T @ da_x, h_prev.T @ da_h
    return dx_t, dh_prev, dW_x, dW_h, da_x.sum(axis=0), da_h.sum(axis=0)


def average_weights(z):
    """Compute with which weight the first state and each candidate enter the last state.

    Parameters
    ----------
    z : array (N, T, H)
        The update gates of all steps; a large one keeps.

    Returns
    -------
    w : array (N, T + 1, H), floats
        First the weight of ``h0``, then those of the candidates of steps 1 to T.

    Hint: what a step has written is multiplied by the gates of all steps *after* it.
    """
    N, T, H = z.shape
    w = np.ones((N, T + 1, H), dtype=z.dtype)
    w[:, 1:] = 1.0 - z
    for t in range(T):
        w[:, : t + 1] *= z[:, t : t + 1]  # what was there before step t + 1
    return w
