"""Answers to the assignment gru: wrong ones, each with the questions it breaks, and right ones in
other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

CANDIDATE = """
def candidate(x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg, reset_after):
    if reset_after:
        return np.tanh(x_t @ W_xg + b_xg + r * (h_prev @ W_hg + b_hg))
    return np.tanh(x_t @ W_xg + b_xg + (r * h_prev) @ W_hg + b_hg)
"""

STEP = """
def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = h_prev.shape[1]
    a_r, a_z, _ = np.split(x_t @ W_x + h_prev @ W_h + b_x + b_h, 3, axis=1)
    r, z = sigmoid(a_r), sigmoid(a_z)
    blocks = W_x[:, 2 * H :], W_h[:, 2 * H :], b_x[2 * H :], b_h[2 * H :]
    g = candidate(x_t, h_prev, r, *blocks, True)
    h_t = z * h_prev + (1 - z) * g
    return h_t, r, z, g
"""

FORWARD = """
def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    states = [h0]
    for t in range(x.shape[1]):
        states.append(gru_step(x[:, t], states[-1], W_x, W_h, b_x, b_h)[0])
    return np.stack(states[1:], axis=1)
"""

FLIP = """
def flip_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[0]
    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]
    for array in new:
        array[..., H : 2 * H] *= -1
    return new
"""

CARRY = """
def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    def swap(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    bias = np.stack([swap(bias_ih), swap(bias_hh)])
    return swap(weight_ih).T, swap(weight_hh).T, bias
"""

BACK = """
def step_backward(dh_t, cache):
    x_t, h_prev, W_x, W_h = (cache[name] for name in ("x_t", "h_prev", "W_x", "W_h"))
    r, z, g, h_g = (cache[name] for name in ("r", "z", "g", "h_g"))
    da_z = dh_t * (h_prev - g) * z * (1 - z)
    da_g = dh_t * (1 - z) * (1 - g**2)
    da_r = da_g * h_g * r * (1 - r)
    da_x = np.hstack([da_r, da_z, da_g])
    da_h = np.hstack([da_r, da_z, r * da_g])
    dh_prev = da_h @ W_h.T + dh_t * z
    return da_x @ W_x.T, dh_prev, x_t.T @ da_x, h_prev.T @ da_h, da_x.sum(0), da_h.sum(0)
"""

WRONG = [
    wrong(
        "candidate",
        "candidate-always-after",
        1,
        "this is the other form",
        CANDIDATE,
        ("(r * h_prev) @ W_hg + b_hg", "r * (h_prev @ W_hg + b_hg)"),
    ),
    wrong(
        "candidate",
        "candidate-bias-outside-the-gate",
        1,
        "the gate multiplies b_hg too",
        CANDIDATE,
        ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ W_hg) + b_hg"),
    ),
    wrong(
        "candidate",
        "candidate-forms-exchanged",
        2,
        "this is the other form",
        CANDIDATE,
        ("if reset_after", "if not reset_after"),
    ),
    wrong(
        "candidate",
        "candidate-changes-the-state",
        1,
        "the caller still needs",
        CANDIDATE,
        (
            "    return np.tanh(x_t @ W_xg + b_xg + (r",
            "    h_prev *= r\n    return np.tanh(x_t @ W_xg + b_xg + (1",
        ),
    ),
    wrong(
        "gru_step",
        "step-that-writes",
        1,
        "a large z keeps the old state here",
        STEP,
        ("z * h_prev + (1 - z) * g", "(1 - z) * h_prev + z * g"),
    ),
    wrong(
        "gru_step",
        "step-with-the-gates-exchanged",
        2,
        "r and z are exchanged",
        STEP,
        ("a_r, a_z, _", "a_z, a_r, _"),
    ),
    wrong(
        "gru_step",
        "step-without-the-second-bias-in-the-gates",
        2,
        "the bias b_h is missing",
        STEP,
        ("b_x + b_h, 3", "b_x, 3"),
    ),
    wrong(
        "gru_forward",
        "forward-time-first",
        1,
        "time stands first",
        FORWARD,
        ("axis=1", "axis=0"),
    ),
    wrong(
        "gru_forward",
        "forward-from-zeros",
        1,
        "start from h0, not from zeros",
        FORWARD,
        ("states = [h0]", "states = [0 * h0]"),
    ),
    wrong(
        "gru_forward",
        "forward-that-forgets",
        1,
        "each step starts from h0: carry h_t on",
        FORWARD,
        ("states[-1], W_x", "h0, W_x"),
    ),
    wrong(
        "flip_update_gate",
        "flip-of-the-matrices-only",
        1,
        "the biases take part too",
        FLIP,
        ("in new:", "in new[:2]:"),
    ),
    wrong(
        "flip_update_gate",
        "flip-of-the-reset-gate",
        1,
        "this is the block of the reset gate",
        FLIP,
        ("H : 2 * H", ":H"),
    ),
    wrong(
        "flip_update_gate",
        "flip-in-place",
        1,
        "the caller still needs",
        FLIP,
        ("array.copy() for", "array for"),
    ),
    wrong(
        "torch_to_keras",
        "carried-without-exchange",
        2,
        "the blocks of Keras stand in the order z, r, h",
        CARRY,
        ("[z, r, n]", "[r, z, n]"),
    ),
    wrong(
        "torch_to_keras",
        "carried-with-added-biases",
        1,
        "a GRU needs both biases: do not add them",
        CARRY,
        ("np.stack([swap(bias_ih), swap(bias_hh)])", "swap(bias_ih) + swap(bias_hh)"),
    ),
    wrong(
        "torch_to_keras",
        "carried-with-the-biases-exchanged",
        1,
        "the first row is the bias of the input",
        CARRY,
        ("[swap(bias_ih), swap(bias_hh)]", "[swap(bias_hh), swap(bias_ih)]"),
    ),
    wrong(
        "step_backward",
        "back-without-the-direct-path",
        1,
        "the average reads h_prev too: add dh_t * z",
        BACK,
        (" + dh_t * z", ""),
    ),
    wrong(
        "step_backward",
        "back-with-one-array",
        2,
        "the candidate's block of da_h has passed the reset gate",
        BACK,
        ("r * da_g", "da_g"),
    ),
    wrong(
        "step_backward",
        "back-with-the-sign-turned",
        2,
        "dz is multiplied by h_prev - g, not by g - h_prev",
        BACK,
        ("(h_prev - g)", "(g - h_prev)"),
    ),
    wrong(
        "step_backward",
        "back-with-one-bias",
        1,
        "db_h is the sum of da_h, not of da_x",
        BACK,
        ("da_h.sum(0)", "da_x.sum(0)"),
    ),
]

RIGHT = [
    Right(
        "as-in-the-bank",
        {
            "candidate": CANDIDATE,
            "gru_step": STEP,
            "gru_forward": FORWARD,
            "flip_update_gate": FLIP,
            "torch_to_keras": CARRY,
            "step_backward": BACK,
        },
    ),
    Right(
        "loops-over-units",
        {
            "candidate": """
def candidate(x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg, reset_after):
    g = np.zeros(h_prev.shape)
    for k in range(len(W_hg)):
        a = x_t @ W_xg[:, k] + b_xg[k]
        if reset_after:
            a = a + r[:, k] * (h_prev @ W_hg[:, k] + b_hg[k])
        else:
            a = a + (r * h_prev) @ W_hg[:, k] + b_hg[k]
        g[:, k] = np.tanh(a)
    return g
""",
            "flip_update_gate": """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((r, -z, g), axis=-1))
    return tuple(new)
""",
        },
    ),
    Right(
        "index-lists",
        {
            "torch_to_keras": """
def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    H = weight_hh.shape[1]
    order = [*range(H, 2 * H), *range(H), *range(2 * H, 3 * H)]
    return weight_ih[order].T, weight_hh[order].T, np.array([bias_ih[order], bias_hh[order]])
""",
            "gru_forward": """
def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h = np.empty((*x.shape[:2], h0.shape[1]), x.dtype)
    for t in range(x.shape[1]):
        before = h0 if t == 0 else h[:, t - 1]
        h[:, t], *_ = gru_step(x[:, t], before, W_x, W_h, b_x, b_h)
    return h
""",
        },
    ),
    Right(
        "recursion-and-convex-form",
        {
            "gru_forward": """
def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h_t = gru_step(x[:, 0], h0, W_x, W_h, b_x, b_h)[0]
    if x.shape[1] == 1:
        return h_t[:, None]
    rest = gru_forward(x[:, 1:], h_t, W_x, W_h, b_x, b_h)
    return np.concatenate([h_t[:, None], rest], axis=1)
""",
            "gru_step": """
def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    x_r, x_z, x_g = np.split(x_t @ W_x + b_x, 3, axis=1)
    h_r, h_z, h_g = np.split(h_prev @ W_h + b_h, 3, axis=1)
    r, z = 1 / (1 + np.exp(-x_r - h_r)), 1 / (1 + np.exp(-x_z - h_z))
    g = np.tanh(x_g + r * h_g)
    return g + z * (h_prev - g), r, z, g
""",
        },
    ),
    Right(
        "einsum",
        {
            "step_backward": """
def step_backward(dh_t, cache):
    c = cache
    dg, dz = dh_t * (1 - c["z"]), dh_t * (c["h_prev"] - c["g"])
    da_g = dg * (1 + c["g"]) * (1 - c["g"])
    da_x = np.concatenate(
        [da_g * c["h_g"] * c["r"] * (1 - c["r"]), dz * c["z"] * (1 - c["z"]), da_g], axis=1
    )
    H = dh_t.shape[1]
    da_h = da_x.copy()
    da_h[:, 2 * H :] *= c["r"]
    dx_t = np.einsum("bk,dk->bd", da_x, c["W_x"])
    dh_prev = dh_t * c["z"] + np.einsum("bk,hk->bh", da_h, c["W_h"])
    dW_x = np.einsum("bd,bk->dk", c["x_t"], da_x)
    dW_h = np.einsum("bh,bk->hk", c["h_prev"], da_h)
    return [dx_t, dh_prev, dW_x, dW_h, da_x.sum(axis=0), da_h.sum(axis=0)]
""",
        },
    ),
    Right(
        "by-blocks",
        {
            "step_backward": """
def step_backward(dh_t, cache):
    r, z, g = (cache[k] for k in "rzg")
    h = cache["h_prev"]
    a_g = dh_t * (1 - z) * (1 - g * g)
    a_r, a_z = a_g * cache["h_g"] * (r - r * r), dh_t * (h - g) * (z - z * z)
    dx = dW_x = 0
    W_xr, W_xz, W_xg = np.split(cache["W_x"], 3, axis=1)
    W_hr, W_hz, W_hg = np.split(cache["W_h"], 3, axis=1)
    dx = a_r @ W_xr.T + a_z @ W_xz.T + a_g @ W_xg.T
    dh = dh_t * z + a_r @ W_hr.T + a_z @ W_hz.T + (a_g * r) @ W_hg.T
    dW_x = np.hstack([cache["x_t"].T @ a for a in (a_r, a_z, a_g)])
    dW_h = np.hstack([h.T @ a for a in (a_r, a_z, a_g * r)])
    db_x = np.hstack([a.sum(axis=0) for a in (a_r, a_z, a_g)])
    return dx, dh, dW_x, dW_h, db_x, np.hstack([a.sum(axis=0) for a in (a_r, a_z, a_g * r)])
""",
        },
    ),
    Right(
        "float32-and-helpers",
        {
            "gru_step": """
def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = b_x.size // 3
    r, z = (gate(x_t, h_prev, W_x, W_h, b_x + b_h, k * H, H) for k in (0, 1))
    tail = slice(2 * H, None)
    g = candidate(x_t, h_prev, r, W_x[:, tail], W_h[:, tail], b_x[tail], b_h[tail], True)
    return (z * h_prev + (1 - z) * g).astype(np.float32), r, z, g
""",
        },
        extra="""
def gate(x_t, h_prev, W_x, W_h, b, first, H):
    block = slice(first, first + H)
    return sigmoid(x_t @ W_x[:, block] + h_prev @ W_h[:, block] + b[block])

N, T, D, H = "names", "of", "my", "own"
""",
    ),
]
