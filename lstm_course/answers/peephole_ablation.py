"""The answers to ``peephole_ablation``, as later questions and hidden tests use them.

Made from solutions/peephole_ablation/peephole_ablation.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def sigmoid(a):
    """Return the logistic function of an array, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    """Advance the peephole LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, c_prev : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)

    Returns
    -------
    h_t, c_t : arrays (N, H), floats

    Hint: the output gate has to wait until the new cell state is known.
    """
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t), c_t


def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    """Carry the gradient of the loss back through one step, as far as the pre-activations.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients with respect to ``h_t`` and ``c_t``, from everything after this step.
    c_prev, c_t, i, f, g, o : arrays (N, H)
        Cell state before and after the step, and the gates after their activations.
    w_c : array (3, H)

    Returns
    -------
    da : array (N, 4H), floats
        Gradient of the pre-activations, blocks in the order i, f, g, o.
    dc_prev : array (N, H), floats
    dw_c : array (3, H), floats

    Hint: begin with the block of the output gate; everything else waits for it.
    """
    tanh_c = np.tanh(c_t)
    da_o = dh_t * tanh_c * o * (1 - o)
    dc = dc_t + dh_t * o * (1 - tanh_c**2) + da_o * w_c[2]
    da_i, da_f, da_g = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)
    dc_prev = dc * f + da_i * w_c[0] + da_f * w_c[1]
    dw_c = np.stack([da_i * c_prev, da_f * c_prev, da_o * c_t]).sum(axis=1)
    return np.concatenate([da_i, da_f, da_g, da_o], axis=1), dc_prev, dw_c


def wire_clock(period):
    """Wire a one-unit peephole LSTM that fires every ``period`` steps.

    Parameters
    ----------
    period : int
        Period, at least 2.

    Returns
    -------
    b : array (4,), floats
        Biases of i, f, g, o.
    w_c : array (3,), floats
        Peepholes of i, f, o.

    Hint: ``np.arctanh``; and let both gates switch sharply, half a step before 1.
    """
    sharp, threshold = 80.0 * period, 1.0 - 0.5 / period
    b = np.array([40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold])
    return b, np.array([0.0, -sharp, sharp])


def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    """Run a layer of a variant over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0, c0 : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)
    variant : str
        One of V, NIG, NFG, NOG, NIAF, NOAF, CIFG, NP.

    Returns
    -------
    h : array (N, T, H), floats
        Hidden state after every step.

    Hint: write question 1 once more, and change one line for each variant.  A gate that is
    missing can be ``np.ones_like(c_t)``.
    """
    h_t, c_t, h = h0, c0, []
    w_i, w_f, w_o = 0 * w_c if variant == "NP" else w_c
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)
        i = np.ones_like(c_t) if variant == "NIG" else sigmoid(a_i + c_t * w_i)
        f = np.ones_like(c_t) if variant == "NFG" else sigmoid(a_f + c_t * w_f)
        if variant == "CIFG":
            f = 1 - i
        c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))
        o = np.ones_like(c_t) if variant == "NOG" else sigmoid(a_o + c_t * w_o)
        h_t = o * (c_t if variant == "NOAF" else np.tanh(c_t))
        h.append(h_t)
    return np.stack(h, axis=1)


def parameter_count(D, H, variant):
    """Return the number of parameters of one layer.

    Parameters
    ----------
    D, H : int
        Input features and hidden units.
    variant : str
        As in question 4.

    Returns
    -------
    int

    Hint: count the blocks, and then the peepholes.
    """
    blocks = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4
    peepholes = 0 if variant == "NP" else blocks - 1
    return blocks * (D * H + H * H + H) + peepholes * H


def coupled_backward(dc, c_prev, i, g, w_ci):
    """Carry the gradient of the cell state back through a step with coupled gates.

    Parameters
    ----------
    dc : array (N, H)
        Gradient of the loss with respect to ``c_t``, from everything that reads it.
    c_prev, i, g : arrays (N, H)
        Cell state before the step; input gate and candidate, after sigmoid and tanh.
    w_ci : array (H,)
        Peephole of the input gate.

    Returns
    -------
    da_i, da_g, dc_prev : arrays (N, H), floats

    Hint: count the places where ``i`` stands in the equations, and those where ``c_prev`` stands.
    """
    da_i = dc * (g - c_prev) * i * (1 - i)
    da_g = dc * i * (1 - g**2)
    return da_i, da_g, dc * (1 - i) + da_i * w_ci
