"""The answers to ``rnn_bptt``, as later questions and hidden tests use them.

Made from solutions/rnn_bptt/rnn_bptt.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def rnn_step(x_t, h_prev, W_x, W_h, b):
    """Advance the RNN by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev : array (N, H)
    W_x, W_h, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    h_t : array (N, H), floats

    Hint: write the shape of each product at the end of its line.
    """
    a_t = x_t @ W_x + h_prev @ W_h + b  # (N, H)
    return np.tanh(a_t)


def rnn_forward(x, h0, W_x, W_h, b):
    """Run the RNN over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0 : array (N, H)
        Initial state.
    W_x, W_h, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    h : array (N, T + 1, H), floats
        All states, batch first; ``h[:, 0]`` is ``h0`` and ``h[:, t]`` the state after step t.

    Hint: start a list with ``h0``; ``np.stack`` has an argument ``axis``.
    """
    h = [h0]
    for t in range(x.shape[1]):
        h.append(rnn_step(x[:, t], h[t], W_x, W_h, b))  # (N, H)
    return np.stack(h, axis=1)


def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    x_t, h_prev, h_t : arrays (N, D), (N, H), (N, H)
        Input, state before and state after the step.
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H), floats
    dW_x, dW_h, db : arrays (D, H), (H, H), (H,), floats

    Hint: each gradient has the shape of what it belongs to; weights serve all examples.
    """
    da_t = dh_t * (1.0 - h_t**2)  # (N, H)
    dx_t, dh_prev = da_t @ W_x.T, da_t @ W_h.T  # (N, D), (N, H)
    dW_x, dW_h = x_t.T @ da_t, h_prev.T @ da_t  # (D, H), (H, H)
    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0)


def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    """Backpropagate through time.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss of each step with respect to the state after that step.
    dh_T : array (N, H)
        Gradient that reaches the final state from elsewhere; it is added to ``dh[:, -1]``.
    x : array (N, T, D)
    h : array (N, T + 1, H)
        All states, as ``rnn_forward`` returns them.
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx, dh0 : arrays (N, T, D), (N, H), floats
    dW_x, dW_h, db : arrays (D, H), (H, H), (H,), floats

    Hint: ``reversed(range(T))``, and ``step_backward`` for each step.
    """
    dx, dh_next = np.zeros_like(x), dh_T
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(W_h[0])
    for t in reversed(range(x.shape[1])):
        dh_t = dh[:, t] + dh_next  # (N, H)
        now = step_backward(dh_t, x[:, t], h[:, t], h[:, t + 1], W_x, W_h)
        dx[:, t], dh_next = now[0], now[1]
        dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db + now[4]
    return dx, dh_next, dW_x, dW_h, db


def gradient_check(loss, array, gradient, step):
    """Compare a gradient with central differences.

    Parameters
    ----------
    loss : function
        ``loss(values)`` takes an array of the shape of ``array`` and returns a number.
    array : array of any shape, float64
        Where the gradient is wanted.  It must be as before when you return.
    gradient : array of the same shape
        The gradient to be checked.
    step : float
        How far each entry is nudged.

    Returns
    -------
    numeric : array of the same shape, floats
        The gradient by central differences.
    error : float
        The relative error of ``gradient``.

    Hint: nudge a copy; ``np.ndindex(array.shape)`` runs over all indices, whatever the shape.
    """
    numeric = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        above, below = array.copy(), array.copy()
        above[index] += step
        below[index] -= step
        numeric[index] = (loss(above) - loss(below)) / (2 * step)
    largest = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / largest)


def training_step(x, y, W_x, W_h, b, W_y, learning_rate):
    """Do one step of gradient descent.

    Parameters
    ----------
    x, y : arrays (N, T, D), (N, K)
    W_x, W_h, b, W_y : arrays (D, H), (H, H), (H,), (H, K)
    learning_rate : float

    Returns
    -------
    loss : float
        The mean squared error before the step.
    W_x, W_h, b, W_y : arrays, floats
        The weights after the step: new arrays.

    Hint: first ``dy_hat (N, K)``, the gradient of the loss with respect to the prediction; it
    gives ``dW_y`` and the gradient of the last state.  ``rnn_backward`` does the rest.
    """
    h = rnn_forward(x, np.zeros((len(x), len(W_h)), x.dtype), W_x, W_h, b)
    wrong = h[:, -1] @ W_y - y  # (N, K)
    dy_hat = 2 * wrong / wrong.size  # (N, K)
    dh = np.zeros_like(h[:, 1:])  # no step has a loss of its own
    _, _, dW_x, dW_h, db = rnn_backward(dh, dy_hat @ W_y.T, x, h, W_x, W_h)
    dW_y = h[:, -1].T @ dy_hat  # (H, K)
    loss = float(np.mean(wrong**2))
    return (
        loss,
        W_x - learning_rate * dW_x,
        W_h - learning_rate * dW_h,
        b - learning_rate * db,
        W_y - learning_rate * dW_y,
    )


def leaky_backward(dh_t, x_t, h_prev, g_t, alpha, W_x, W_h):
    """Carry the gradient of the loss back through one step of a leaky RNN.

    Parameters
    ----------
    dh_t : array (N, H)
        Gradient of the loss with respect to ``h_t``.
    x_t, h_prev, g_t : arrays (N, D), (N, H), (N, H)
        Input, state before the step, and what the tanh has given.
    alpha : array (H,)
    W_x, W_h : arrays (D, H), (H, H)

    Returns
    -------
    dx_t, dh_prev : arrays (N, D), (N, H), floats
    dW_x, dW_h, db, dalpha : arrays (D, H), (H, H), (H,), (H,), floats

    Hint: first the gradient of what stands inside the tanh.
    """
    da_t = dh_t * (1.0 - alpha) * (1.0 - g_t**2)  # (N, H)
    dx_t, dh_prev = da_t @ W_x.T, dh_t * alpha + da_t @ W_h.T
    dW_x, dW_h = x_t.T @ da_t, h_prev.T @ da_t
    dalpha = np.sum(dh_t * (h_prev - g_t), axis=0)  # (H,)
    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0), dalpha
