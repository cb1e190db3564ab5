"""The answers to ``lstm_backward``, as later questions and hidden tests use them.

Made from solutions/lstm_backward/lstm_backward.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def sequence_forward(x, h0, c0, W_x, W_h, b):
    """Run the LSTM over x (N, T, D); return h (N, T, H) and a list of T caches."""
    h_t, c_t, h, caches = h0, c0, [], []
    for t in range(x.shape[1]):
        cache = {"x_t": x[:, t], "h_prev": h_t, "c_prev": c_t, "W_x": W_x, "W_h": W_h}
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)  # each (N, H)
        i, f, o = (0.5 * (1.0 + np.tanh(0.5 * a)) for a in (a_i, a_f, a_o))
        g = np.tanh(a_g)
        c_t = f * c_t + i * g
        h_t = o * np.tanh(c_t)
        h.append(h_t)
        caches.append({**cache, "i": i, "f": f, "g": g, "o": o, "tanh_c": np.tanh(c_t)})
    return np.stack(h, axis=1), caches


def through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c):
    """Carry the gradient from the new states back to gates, candidate and old cell state.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients of the loss with respect to h_t, and with respect to c_t from the next step.
    c_prev, i, f, g, o, tanh_c : arrays (N, H)
        From the forward pass.

    Returns
    -------
    di, df, dg, do, dc_prev : five arrays (N, H)

    Hint: ``tanh_c`` is already the tanh, so its slope is one minus its square.
    """
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)  # (N, H)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f


def step_backward(dh_t, dc_t, cache):
    """Carry the gradient of the loss back through one time step.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
    cache : dict of arrays
        See the table above: ``cache["i"]`` is the input gate.

    Returns
    -------
    dx_t, dh_prev, dc_prev : arrays (N, D), (N, H), (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)

    Hint: ``through_cell`` is at hand; ``np.concatenate`` has an argument ``axis``.
    """
    i, f, g, o = cache["i"], cache["f"], cache["g"], cache["o"]
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, cache["c_prev"], i, f, g, o, cache["tanh_c"])
    da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)
    da_g, da_o = dg * (1.0 - g**2), do * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    dx_t, dh_prev = da @ cache["W_x"].T, da @ cache["W_h"].T
    return dx_t, dh_prev, dc_prev, cache["x_t"].T @ da, cache["h_prev"].T @ da, da.sum(axis=0)


def sequence_backward(dh, dh_T, dc_T, caches):
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        What the loss says about the hidden state of every step.
    dh_T, dc_T : arrays (N, H)
        Gradients of the final states, from whoever uses them.
    caches : list of T dicts
        The cache of every step, the first step first.

    Returns
    -------
    dx : array (N, T, D)
    dh0, dc0 : arrays (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)

    Hint: two gradients are carried from step to step.  ``reversed(range(T))`` counts down.
    """
    dh_next, dc_next = dh_T, dc_T
    dx, dW_x, dW_h, db = [], 0.0, 0.0, 0.0
    for t in reversed(range(len(caches))):
        dx_t, dh_next, dc_next, *dW = step_backward(dh[:, t] + dh_next, dc_next, caches[t])
        dx.insert(0, dx_t)
        dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]
    return np.stack(dx, axis=1), dh_next, dc_next, dW_x, dW_h, db


def directional_error(loss, array, gradient, direction, step):
    """Return the relative error of a gradient along one direction.

    Parameters
    ----------
    loss : function
        ``loss(array)`` is a number.
    array, gradient, direction : arrays of one shape
        Where to look, the gradient that is claimed there, and which way to move.
    step : float
        How far to move to either side.

    Returns
    -------
    error : float
        Between 0 and 1; close to 0 where the gradient is right.

    Hint: ``array`` must stay as it is; ``array + step * direction`` is a new array.
    """
    analytic = np.sum(gradient * direction)
    numeric = (loss(array + step * direction) - loss(array - step * direction)) / (2.0 * step)
    return float(abs(analytic - numeric) / (abs(analytic) + abs(numeric)))


def clip(gradients, limit):
    """Shorten a list of gradients to a joint norm of at most ``limit``.

    Parameters
    ----------
    gradients : list of arrays of any shapes
    limit : float

    Returns
    -------
    clipped : list of arrays of the same shapes
    norm : float
        The joint norm before clipping, a plain number.

    Hint: gradients that are all zero have the norm 0: do not divide by it.
    """
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = limit / norm if norm > limit else 1.0
    return [gradient * scale for gradient in gradients], norm


def adam(parameters, gradients, m, v, n, learning_rate):
    """Do one update of Adam.

    Parameters
    ----------
    parameters, gradients, m, v : lists of arrays
        The k-th arrays of all four lists have the same shape.
    n : int
        The number of this update; the first is 1.
    learning_rate : float

    Returns
    -------
    parameters, m, v : three lists of new arrays

    Hint: loop over ``zip(parameters, gradients, m, v)``; the stored ``m`` and ``v`` are the ones
    before the division.
    """
    new_parameters, new_m, new_v = [], [], []
    for theta, gradient, mean, square in zip(parameters, gradients, m, v, strict=True):
        new_m.append(0.9 * mean + 0.1 * gradient)
        new_v.append(0.999 * square + 0.001 * gradient**2)
        m_hat, v_hat = new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)
        new_parameters.append(theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8))
    return new_parameters, new_m, new_v


def loss_and_gradients(x, y, parameters):
    """Return the loss, a number, and the gradients of the five parameters."""
    W_x, W_h, b, W_y, b_y = parameters
    zeros = np.zeros((len(x), len(W_h)))  # (N, H)
    h, caches = sequence_forward(x, zeros, zeros, W_x, W_h, b)
    error = h[:, -1] @ W_y + b_y - y[:, None]  # (N, 1)
    dy_hat = 2.0 * error / len(error)  # (N, 1)
    dh_T = dy_hat @ W_y.T  # (N, H): the loss sees the last hidden state only
    _, _, _, dW_x, dW_h, db = sequence_backward(np.zeros_like(h), dh_T, zeros, caches)
    loss = float(np.mean(error**2))
    return loss, [dW_x, dW_h, db, h[:, -1].T @ dy_hat, dy_hat.sum(axis=0)]


def train(x, y, parameters, updates, learning_rate, limit):
    """Train on all sequences at once, with clipping and Adam.

    Parameters
    ----------
    x, y : arrays (N, T, D), (N,)
    parameters : list of arrays
        Where to start; the list and its arrays must stay as they are.
    updates : int
    learning_rate : float
    limit : float
        The largest norm of a gradient.

    Returns
    -------
    parameters : list of arrays
        After all updates.
    losses : list of floats
        The loss before each update.

    Hint: ``m`` and ``v`` start as lists of zeros of the parameters' shapes, and the number of
    the first update is 1.
    """
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses = []
    for n in range(1, updates + 1):
        loss, gradients = loss_and_gradients(x, y, parameters)
        clipped, _ = clip(gradients, limit)
        parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
        losses.append(loss)
    return parameters, losses


def through_limited_cell(dh_t, dc_t, c_prev, i, f, g, o, limit):
    """Carry the gradient back through a cell whose state is cut off at a limit.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients of the loss with respect to h_t, and with respect to c_t from the next step.
    c_prev, i, f, g, o : arrays (N, H)
        From the forward pass.
    limit : float
        The largest size of a cell state, positive.

    Returns
    -------
    di, df, dg, do, dc_prev : five arrays (N, H), floats

    Hint: ``np.clip`` cuts off; a comparison such as ``a < b`` can be multiplied like numbers.
    """
    c = f * c_prev + i * g  # (N, H), before it is cut off
    tanh_c = np.tanh(np.clip(c, -limit, limit))
    dc_t = dc_t + dh_t * o * (1.0 - tanh_c**2)
    dc = dc_t * (np.abs(c) < limit)  # (N, H)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f
