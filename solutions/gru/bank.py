"""What is known of the assignment gru: the mistakes of each question, as small changes of the
answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

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

MISTAKES = {
    "candidate": [
        slip(
            "the form is the same whatever reset_after says: only its own form is right",
            1,
            ("(r * h_prev) @ W_hg + b_hg", "r * (h_prev @ W_hg + b_hg)"),
            ways=[[("r * (h_prev @ W_hg + b_hg)", "(r * h_prev) @ W_hg + b_hg")]],
        ),
        slip("the two forms are exchanged", 2, ("if reset_after", "if not reset_after")),
        slip(
            "with reset_after=True the gate multiplies b_hg too: it belongs into the brackets",
            1,
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ W_hg) + b_hg"),
        ),
        slip(
            "with reset_after=False b_hg is not multiplied by the gate",
            1,
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev) @ W_hg + r * b_hg"),
        ),
        slip(
            "the reset gate is missing",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "h_prev @ W_hg + b_hg"),
            ("(r * h_prev) @ W_hg", "h_prev @ W_hg"),
        ),
        slip(
            "the tanh is missing",
            2,
            ("np.tanh(from_x + r * (h_prev @ W_hg + b_hg))", "from_x + r * (h_prev @ W_hg + b_hg)"),
            ("np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)", "from_x + (r * h_prev) @ W_hg + b_hg"),
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            2,
            ("np.tanh(from_x + r", "sigmoid(from_x + r"),
            ("np.tanh(from_x + (r", "sigmoid(from_x + (r"),
        ),
        slip(
            "the gate does not touch the input: it multiplies the state's part alone",
            2,
            ("np.tanh(from_x + r *", "np.tanh(r * from_x + r *"),
            ("np.tanh(from_x + (r", "np.tanh(r * from_x + (r"),
            ways=[
                [
                    ("from_x + r * (h_prev @ W_hg + b_hg)", "r * (from_x + h_prev @ W_hg + b_hg)"),
                    ("from_x + (r * h_prev) @ W_hg", "r * from_x + (r * h_prev) @ W_hg"),
                ]
            ],
        ),
        slip(
            "W_hg is transposed: h_prev stands on its left",
            2,
            ("(h_prev @ W_hg + b_hg)", "(h_prev @ W_hg.T + b_hg)"),
            ("(r * h_prev) @ W_hg", "(r * h_prev) @ W_hg.T"),
        ),
        slip("the bias b_xg is missing", 2, ("x_t @ W_xg + b_xg", "x_t @ W_xg")),
        slip(
            "the bias b_hg is missing",
            2,
            ("(h_prev @ W_hg + b_hg)", "(h_prev @ W_hg)"),
            ("@ W_hg + b_hg)\n", "@ W_hg)\n"),
        ),
        slip(
            "the gate is r itself, not 1 - r",
            2,
            ("r * (h_prev", "(1.0 - r) * (h_prev"),
            ("(r * h_prev)", "((1.0 - r) * h_prev)"),
        ),
        slip(
            "your function changes its argument h_prev",
            1,
            (
                "    return np.tanh(from_x + (r * h_prev)",
                "    h_prev *= r\n    return np.tanh(from_x + h_prev",
            ),
        ),
        slip(
            "the bias is added to the product, not to the matrix",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ (W_hg + b_hg))"),
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev) @ (W_hg + b_hg)"),
        ),
        slip(
            "with reset_after=False the bias is added to the product, not to the matrix",
            1,
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev) @ (W_hg + b_hg)"),
        ),
        slip(
            "with reset_after=True the bias is added to the product, not to the matrix",
            1,
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ (W_hg + b_hg))"),
        ),
        slip(
            "there is one tanh, of the whole sum: do not take it of each part",
            2,
            (
                "np.tanh(from_x + r * (h_prev @ W_hg + b_hg))",
                "np.tanh(from_x) + np.tanh(r * (h_prev @ W_hg + b_hg))",
            ),
            (
                "np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)",
                "np.tanh(from_x) + np.tanh((r * h_prev) @ W_hg + b_hg)",
            ),
            ways=[
                [
                    (
                        "np.tanh(from_x + r * (h_prev @ W_hg + b_hg))",
                        "np.tanh(from_x) + r * np.tanh(h_prev @ W_hg + b_hg)",
                    ),
                    (
                        "np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)",
                        "np.tanh(from_x) + np.tanh((r * h_prev) @ W_hg + b_hg)",
                    ),
                ],
                [
                    (
                        "np.tanh(from_x + r * (h_prev @ W_hg + b_hg))",
                        "np.tanh(from_x) + r * (h_prev @ W_hg + b_hg)",
                    ),
                    (
                        "np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)",
                        "np.tanh(from_x) + (r * h_prev) @ W_hg + b_hg",
                    ),
                ],
            ],
        ),
        slip(
            "the gate is not taken of the tanh: it multiplies the state's part inside it",
            1,
            (
                "np.tanh(from_x + r * (h_prev @ W_hg + b_hg))",
                "np.tanh(from_x + r * np.tanh(h_prev @ W_hg + b_hg))",
            ),
            ways=[
                [
                    (
                        "np.tanh(from_x + r * (h_prev @ W_hg + b_hg))",
                        "r * np.tanh(from_x + h_prev @ W_hg + b_hg)",
                    )
                ]
            ],
        ),
        slip(
            "each example has a gate of its own: this takes that of the first for all",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "r[0] * (h_prev @ W_hg + b_hg)"),
            ("(r * h_prev) @ W_hg + b_hg", "(r[0] * h_prev) @ W_hg + b_hg"),
            ways=[
                [
                    ("r * (h_prev @ W_hg + b_hg)", "r[-1] * (h_prev @ W_hg + b_hg)"),
                    ("(r * h_prev) @ W_hg + b_hg", "(r[-1] * h_prev) @ W_hg + b_hg"),
                ],
            ],
        ),
        slip(
            "each example has a state of its own: this takes that of the first for all",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev[:1] @ W_hg + b_hg)"),
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev[0]) @ W_hg + b_hg"),
        ),
        slip(
            "each of the two biases stands once: b_xg beside the input, b_hg beside the state",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ W_hg + b_xg)"),
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev) @ W_hg + b_xg"),
            ways=[[("x_t @ W_xg + b_xg", "x_t @ W_xg + b_hg")]],
        ),
        slip(
            "the gate multiplies entry by entry: use *, not @",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "r @ (h_prev @ W_hg + b_hg)"),
            ("(r * h_prev) @ W_hg", "(r @ h_prev) @ W_hg"),
        ),
        slip("these are matrix products: use @, not *", 2, ("x_t @ W_xg", "x_t * W_xg")),
        slip(
            "the two biases are exchanged: b_xg stands beside the input, b_hg beside the state",
            1,
            ("x_t @ W_xg + b_xg", "x_t @ W_xg + b_hg"),
            ("r * (h_prev @ W_hg + b_hg)", "r * (h_prev @ W_hg + b_xg)"),
            ("(r * h_prev) @ W_hg + b_hg", "(r * h_prev) @ W_hg + b_xg"),
        ),
        slip(
            "the input's part and the state's part are added, not multiplied",
            2,
            ("from_x + r * (h_prev @ W_hg + b_hg)", "from_x * r * (h_prev @ W_hg + b_hg)"),
            ("from_x + (r * h_prev) @ W_hg + b_hg", "from_x * ((r * h_prev) @ W_hg + b_hg)"),
        ),
        slip(
            "r is a gate already: take no sigmoid of it",
            2,
            ("r * (h_prev @ W_hg + b_hg)", "sigmoid(r) * (h_prev @ W_hg + b_hg)"),
            ("(r * h_prev)", "(sigmoid(r) * h_prev)"),
        ),
        slip(
            "W_xg belongs to x_t and W_hg to h_prev: they are exchanged",
            2,
            ("x_t @ W_xg", "x_t @ W_hg"),
        ),
        slip(
            "with reset_after=False the gate multiplies the state before the product, not the product",
            1,
            ("(r * h_prev) @ W_hg + b_hg", "r * (h_prev @ W_hg) + b_hg"),
        ),
        slip(
            "with reset_after=True the gate multiplies the product, not the state before it",
            1,
            ("r * (h_prev @ W_hg + b_hg)", "(r * h_prev) @ W_hg + r * b_hg"),
        ),
        slip(
            "the gate is applied once: here the state and its product are both multiplied by it",
            1,
            ("r * (h_prev @ W_hg + b_hg)", "r * ((r * h_prev) @ W_hg + b_hg)"),
            ways=[[("(r * h_prev) @ W_hg", "r * ((r * h_prev) @ W_hg)")]],
        ),
    ],
    "gru_step": [
        slip(
            "a large z keeps the old state here: z multiplies h_prev, 1 - z the candidate",
            1,
            ("z * h_prev + (1.0 - z) * g", "(1.0 - z) * h_prev + z * g"),
        ),
        slip(
            "r and z are exchanged: the blocks stand in the order r, z, g",
            2,
            ("r, z = sigmoid", "z, r = sigmoid"),
        ),
        slip(
            "the candidate is reset by r, not by z",
            1,
            ("candidate(x_t, h_prev, r,", "candidate(x_t, h_prev, z,"),
        ),
        slip(
            "the bias b_h is missing in the gates",
            2,
            ("x_t @ W_x + b_x + h_prev @ W_h + b_h", "x_t @ W_x + b_x + h_prev @ W_h"),
        ),
        slip(
            "the bias b_x is missing in the gates",
            2,
            ("x_t @ W_x + b_x + h_prev", "x_t @ W_x + h_prev"),
        ),
        slip(
            "the gates read h_prev too: add h_prev @ W_h",
            2,
            ("x_t @ W_x + b_x + h_prev @ W_h + b_h", "x_t @ W_x + b_x + b_h"),
        ),
        slip(
            "the gates go through the sigmoid, not through tanh",
            2,
            (
                "sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])",
                "np.tanh(a[:, :H]), np.tanh(a[:, H : 2 * H])",
            ),
        ),
        slip(
            "the sigmoid of the gates is missing",
            2,
            ("sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])", "a[:, :H], a[:, H : 2 * H]"),
        ),
        slip("use the candidate with reset_after=True", 1, ("*last, True)", "*last, False)")),
        slip(
            "the candidate has no reset gate: it is no plain tanh of the last block",
            1,
            ("g = candidate(x_t, h_prev, r, *last, True)", "g = np.tanh(a[:, 2 * H :])"),
        ),
        slip("the candidate must be weighted with 1 - z", 1, ("(1.0 - z) * g", "g")),
        slip("the old state must be weighted with z", 1, ("z * h_prev +", "h_prev +")),
        slip(
            "z weighs the average, not r",
            1,
            ("z * h_prev + (1.0 - z) * g", "r * h_prev + (1.0 - r) * g"),
        ),
        slip(
            "the results stand in the order h_t, r, z, g",
            1,
            ("(1.0 - z) * g, r, z, g", "(1.0 - z) * g, z, r, g"),
        ),
        slip(
            "gru_step must return 4 values, (h_t, r, z, g)",
            2,
            ("(1.0 - z) * g, r, z, g", "(1.0 - z) * g"),
        ),
        slip(
            "the last block belongs to the candidate: this takes another one",
            1,
            ("array[..., 2 * H :]", "array[..., :H]"),
            ways=[[("array[..., 2 * H :]", "array[..., H : 2 * H]")]],
        ),
        slip(
            "brackets are missing: 1 - z as a whole multiplies the candidate",
            1,
            ("z * h_prev + (1.0 - z) * g", "z * h_prev + 1.0 - z * g"),
            ways=[
                [("z * h_prev + (1.0 - z) * g", "(z * h_prev + 1.0 - z) * g")],
                [("z * h_prev + (1.0 - z) * g", "z * (h_prev + 1.0 - z) * g")],
                [("z * h_prev + (1.0 - z) * g", "z * (h_prev + (1.0 - z) * g)")],
            ],
        ),
        slip(
            "r multiplies the candidate's bias b_h too: it stands inside the brackets with the state",
            1,
            (
                "g = candidate(x_t, h_prev, r, *last, True)",
                "g = np.tanh(x_t @ last[0] + r * (h_prev @ last[1]) + last[2] + last[3])",
            ),
        ),
        slip(
            "a bias of the candidate is missing",
            1,
            (
                "g = candidate(x_t, h_prev, r, *last, True)",
                "g = np.tanh(x_t @ last[0] + last[2] + r * (h_prev @ last[1]))",
            ),
            ways=[
                [
                    (
                        "g = candidate(x_t, h_prev, r, *last, True)",
                        "g = np.tanh(x_t @ last[0] + r * (h_prev @ last[1] + last[3]))",
                    )
                ],
            ],
        ),
        slip(
            "r does not touch the input: it multiplies the candidate's part of the state alone",
            1,
            ("g = candidate(x_t, h_prev, r, *last, True)", "g = np.tanh(r * a[:, 2 * H :])"),
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            1,
            (
                "g = candidate(x_t, h_prev, r, *last, True)",
                "g = sigmoid(x_t @ last[0] + last[2] + r * (h_prev @ last[1] + last[3]))",
            ),
        ),
        slip(
            "both gates read the same block: they stand in the order r, z, g",
            2,
            ("sigmoid(a[:, H : 2 * H])", "sigmoid(a[:, :H])"),
            ways=[[("sigmoid(a[:, :H])", "sigmoid(a[:, H : 2 * H])")]],
        ),
        slip(
            "the last block is the candidate's: the gates are the first two",
            2,
            ("sigmoid(a[:, H : 2 * H])", "sigmoid(a[:, 2 * H :])"),
        ),
        slip(
            "the candidate is reset by r alone: it reads h_prev, not r * h_prev",
            1,
            ("candidate(x_t, h_prev, r,", "candidate(x_t, r * h_prev, r,"),
        ),
        slip(
            "the average takes the candidate, not the input or the pre-activation",
            1,
            ("(1.0 - z) * g", "(1.0 - z) * a[:, 2 * H :]"),
        ),
        slip(
            "the candidate joins the state in an average: no tanh of the new state",
            1,
            (
                "return z * h_prev + (1.0 - z) * g, r",
                "return np.tanh(z * h_prev + (1.0 - z) * g), r",
            ),
        ),
        slip(
            "the two parts of the average are added, not multiplied",
            1,
            ("z * h_prev + (1.0 - z) * g", "z * h_prev * (1.0 - z) * g"),
        ),
        slip(
            "the reset gate does not touch the state in the average",
            1,
            ("z * h_prev +", "z * r * h_prev +"),
        ),
        slip(
            "the candidate is reset by r itself, not by 1 - r",
            1,
            ("h_prev, r, *last", "h_prev, 1.0 - r, *last"),
        ),
        slip(
            "the pre-activation of r is no gate yet: take its sigmoid before the candidate",
            1,
            ("h_prev, r, *last", "h_prev, a[:, :H], *last"),
        ),
        slip(
            "r and z are returned as gates, after the sigmoid, not as pre-activations",
            1,
            ("(1.0 - z) * g, r, z, g", "(1.0 - z) * g, a[:, :H], a[:, H : 2 * H], g"),
        ),
        slip(
            "x_t and h_prev are exchanged",
            2,
            ("x_t @ W_x + b_x + h_prev @ W_h", "h_prev @ W_x + b_x + x_t @ W_h"),
        ),
        slip(
            "H is the number of units: it is h_prev.shape[1], and a third of the columns",
            2,
            ("H = h_prev.shape[1]", "H = x_t.shape[1]"),
            ways=[
                [("H = h_prev.shape[1]", "H = len(h_prev)")],
                [("H = h_prev.shape[1]", "H = W_x.shape[0]")],
                [("H = h_prev.shape[1]", "H = W_x.shape[1] // 4")],
            ],
        ),
        slip(
            "candidate takes x_t, h_prev, r, W_xg, W_hg, b_xg, b_hg, reset_after in this order",
            2,
            (
                "[array[..., 2 * H :] for array in (W_x, W_h, b_x, b_h)]",
                "[array[..., 2 * H :] for array in (W_x, b_x, W_h, b_h)]",
            ),
            ways=[[("candidate(x_t, h_prev, r,", "candidate(h_prev, x_t, r,")]],
        ),
        slip(
            "candidate takes h_prev before r: the two are exchanged",
            1,
            ("candidate(x_t, h_prev, r,", "candidate(x_t, r, h_prev,"),
        ),
        slip(
            "candidate takes b_xg before b_hg: the two are exchanged",
            1,
            (
                "[array[..., 2 * H :] for array in (W_x, W_h, b_x, b_h)]",
                "[array[..., 2 * H :] for array in (W_x, W_h, b_h, b_x)]",
            ),
        ),
        slip(
            "candidate wants the block of the candidate alone, not the whole arrays",
            2,
            ("[array[..., 2 * H :] for array in (W_x, W_h, b_x, b_h)]", "[W_x, W_h, b_x, b_h]"),
        ),
        slip(
            "the parts of the input and of the state are added in the gates, not multiplied",
            2,
            ("x_t @ W_x + b_x + h_prev @ W_h + b_h", "(x_t @ W_x + b_x) * (h_prev @ W_h + b_h)"),
        ),
    ],
    "gru_forward": [
        slip("time stands second: stack along axis 1", 1, ("axis=1", "axis=0")),
        slip(
            "start from h0, not from zeros",
            1,
            ("h_t, h = h0, []", "h_t, h = np.zeros_like(h0), []"),
        ),
        slip(
            "each step starts from h0: carry h_t on",
            1,
            ("gru_step(x[:, t], h_t,", "gru_step(x[:, t], h0,"),
        ),
        slip("leave h0 out: h has T columns", 1, ("h_t, h = h0, []", "h_t, h = h0, [h0]")),
        slip(
            "this is the state before each step, not after it",
            1,
            (
                "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                "        h.append(h_t)\n        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]",
            ),
        ),
        slip(
            "this is the last state only: keep them all",
            1,
            ("return np.stack(h, axis=1)", "return h_t"),
        ),
        slip(
            "the sequence is read from its end: start with t = 0",
            1,
            ("range(x.shape[1])", "reversed(range(x.shape[1]))"),
        ),
        slip(
            "the last step is left out",
            1,
            ("range(x.shape[1])", "range(x.shape[1] - 1)"),
            ("np.stack(h, axis=1)", "np.stack(h or [h_t], axis=1)"),
            ways=[
                [
                    ("range(x.shape[1])", "range(x.shape[1] - 1)"),
                    ("np.stack(h, axis=1)", "np.stack([*h, 0 * h0], axis=1)"),
                ],
            ],
        ),
        slip(
            "the first step is left out",
            1,
            ("range(x.shape[1])", "range(1, x.shape[1])"),
            ("np.stack(h, axis=1)", "np.stack(h or [h_t], axis=1)"),
            ways=[
                [
                    ("range(x.shape[1])", "range(1, x.shape[1])"),
                    ("np.stack(h, axis=1)", "np.stack([0 * h0, *h], axis=1)"),
                ],
            ],
        ),
        slip("every step reads the first column of x: take x[:, t]", 1, ("x[:, t]", "x[:, 0]")),
        slip(
            "the loop goes over the examples: T is x.shape[1]",
            1,
            ("range(x.shape[1])", "range(x.shape[0])"),
        ),
        slip("x[t] is one example: the steps are x[:, t]", 1, ("x[:, t]", "x[t]")),
        slip(
            "h holds the states alone: gru_step returns four results, and the first is h_t",
            1,
            ("W_x, W_h, b_x, b_h)[0]", "W_x, W_h, b_x, b_h)"),
        ),
        slip(
            "concatenate joins the steps along the features: stack them",
            1,
            ("np.stack(h, axis=1)", "np.concatenate(h, axis=1)"),
        ),
        slip("h must be a NumPy array, but yours is a list", 1, ("np.stack(h, axis=1)", "h")),
        slip(
            "carry the new state on, the first of the four results, not a gate or the candidate",
            1,
            (
                "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                "        new, _, _, h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)\n        h.append(new)",
            ),
            ways=[
                [
                    (
                        "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                        "        new, _, h_t, _ = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)\n        h.append(new)",
                    )
                ],
                [
                    (
                        "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                        "        new, h_t, _, _ = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)\n        h.append(new)",
                    )
                ],
                [("W_x, W_h, b_x, b_h)[0]", "W_x, W_h, b_x, b_h)[3]")],
                [("W_x, W_h, b_x, b_h)[0]", "W_x, W_h, b_x, b_h)[1]")],
                [("W_x, W_h, b_x, b_h)[0]", "W_x, W_h, b_x, b_h)[2]")],
            ],
        ),
        slip(
            "the states are asked for, not the candidates or the gates",
            1,
            (
                "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                "        h_t, _, _, g = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)\n        h.append(g)",
            ),
            ways=[
                [
                    (
                        "        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)",
                        "        h_t, _, z, _ = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)\n        h.append(z)",
                    )
                ],
            ],
        ),
        slip(
            "a reshape does not exchange axes: it mixes examples and steps",
            1,
            ("np.stack(h, axis=1)", "np.array(h).reshape(len(x), x.shape[1], -1)"),
        ),
        slip(
            "this turns the axes of example and features too: exchange the first two alone",
            1,
            ("np.stack(h, axis=1)", "np.array(h).T"),
        ),
        slip(
            "the columns of x are one step off: step t reads x[:, t]",
            1,
            ("x[:, t]", "x[:, t - 1]"),
            ways=[[("x[:, t]", "x[:, min(t + 1, x.shape[1] - 1)]")]],
        ),
        slip(
            "all columns hold the last state: every step needs an array of its own",
            1,
            ("np.stack(h, axis=1)", "np.stack([h_t] * len(h), axis=1)"),
        ),
        slip(
            "gru_step takes x_t, h_prev, W_x, W_h, b_x, b_h in this order",
            1,
            ("h_t, W_x, W_h, b_x, b_h)", "h_t, W_h, W_x, b_x, b_h)"),
            ways=[
                [("gru_step(x[:, t], h_t,", "gru_step(h_t, x[:, t],")],
                [("h_t, W_x, W_h, b_x, b_h)", "h_t, W_x, W_h, b_h, b_x)")],
                [("h_t, W_x, W_h, b_x, b_h)", "h_t, W_x, b_x, W_h, b_h)")],
            ],
        ),
        slip(
            "a slice keeps the axis of time: the input of a step is x[:, t]",
            1,
            ("x[:, t]", "x[:, t : t + 1]"),
        ),
        slip("x[:, :, t] is one feature: the steps are x[:, t]", 1, ("x[:, t]", "x[:, :, t]")),
        slip(
            "the loop goes over the features: T is x.shape[1]",
            1,
            ("range(x.shape[1])", "range(x.shape[2])"),
            ways=[[("range(x.shape[1])", "range(x.shape[-1])")]],
        ),
        slip(
            "h_t is the new state as it is: do not add the old one again",
            1,
            (
                "h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]",
                "h_t = h_t + gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]",
            ),
        ),
        slip(
            "all examples belong into the result: keep the first axis, N",
            1,
            ("return np.stack(h, axis=1)", "return np.stack(h, axis=1)[:1]"),
            ways=[[("return np.stack(h, axis=1)", "return np.stack(h, axis=1)[0]")]],
        ),
        slip(
            "time stands second, not last: stack along axis 1",
            1,
            ("np.stack(h, axis=1)", "np.stack(h, axis=-1)"),
        ),
    ],
    "flip_update_gate": [
        slip("the biases take part too", 1, ("b_x * sign, b_h * sign", "b_x.copy(), b_h.copy()")),
        slip("b_h takes part too", 1, ("b_h * sign", "b_h.copy()")),
        slip("b_x takes part too", 1, ("b_x * sign", "b_x.copy()")),
        slip("the recurrent weights take part too", 1, ("W_h * sign", "W_h.copy()")),
        slip("the input weights take part too", 1, ("W_x * sign", "W_x.copy()")),
        slip("this is the block of the reset gate", 1, ("sign[H : 2 * H]", "sign[:H]")),
        slip("this is the block of the candidate", 1, ("sign[H : 2 * H]", "sign[2 * H :]")),
        slip("change only the block of the update gate", 1, ("sign[H : 2 * H]", "sign[:]")),
        slip(
            "the candidate stays as it is: change the update gate alone",
            1,
            ("sign[H : 2 * H]", "sign[H:]"),
        ),
        slip(
            "the reset gate stays as it is: change the update gate alone",
            1,
            ("sign[H : 2 * H]", "sign[: 2 * H]"),
        ),
        slip(
            "1 - sigma(a) is sigma(-a): turn the sign, do not subtract from 1",
            1,
            """
def flip_update_gate(W_x, W_h, b_x, b_h):
    H = len(W_h)
    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]
    for array in new:
        array[..., H : 2 * H] = 1 - array[..., H : 2 * H]
    return tuple(new)
""",
            ways=[
                """
def flip_update_gate(W_x, W_h, b_x, b_h):
    H = len(W_h)
    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]
    new[2][H : 2 * H] = 1 - new[2][H : 2 * H]
    new[3][H : 2 * H] = 1 - new[3][H : 2 * H]
    new[0][:, H : 2 * H] *= -1
    new[1][:, H : 2 * H] *= -1
    return tuple(new)
"""
            ],
        ),
        slip("the update gate is not set to zero: turn its sign", 1, ("= -1.0", "= 0.0")),
        slip(
            "H is the number of units, which is len(W_h), not len(W_x)", 1, ("len(W_h)", "len(W_x)")
        ),
        slip(
            "your function changes its arguments W_x and W_h and b_x and b_h",
            1,
            """
def flip_update_gate(W_x, W_h, b_x, b_h):
    H = len(W_h)
    for array in (W_x, W_h, b_x, b_h):
        array[..., H : 2 * H] *= -1
    return W_x, W_h, b_x, b_h
""",
        ),
        slip(
            "rows and columns are mixed: the blocks are columns of the matrices",
            1,
            """
def flip_update_gate(W_x, W_h, b_x, b_h):
    H = len(W_h)
    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]
    for array in new:
        array[H : 2 * H] *= -1
    return tuple(new)
""",
        ),
        slip(
            "the blocks keep their places: turn the sign of the middle one, exchange nothing",
            1,
            """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((z, r, g), axis=-1))
    return tuple(new)
""",
            ways=[
                """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((-z, r, g), axis=-1))
    return tuple(new)
""",
                """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((r, g, z), axis=-1))
    return tuple(new)
""",
                """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((r, g, -z), axis=-1))
    return tuple(new)
""",
            ],
        ),
        slip(
            "sigma stands around the pre-activation: turn the weights' sign, take no sigmoid of them",
            1,
            """
def flip_update_gate(W_x, W_h, b_x, b_h):
    new = []
    for array in (W_x, W_h, b_x, b_h):
        r, z, g = np.split(array, 3, axis=-1)
        new.append(np.concatenate((r, 1 - sigmoid(z), g), axis=-1))
    return tuple(new)
""",
        ),
        slip(
            "the slice from H to 2 H leaves 2 H out already: it is one column off",
            1,
            ("sign[H : 2 * H]", "sign[H : 2 * H - 1]"),
            ways=[
                [("sign[H : 2 * H]", "sign[H : 2 * H + 1]")],
                [("sign[H : 2 * H]", "sign[H + 1 : 2 * H]")],
            ],
        ),
        slip(
            "the whole arrays are returned, with all three blocks: this is the middle one alone",
            1,
            (
                "return W_x * sign, W_h * sign, b_x * sign, b_h * sign",
                "return tuple(-array[..., H : 2 * H] for array in (W_x, W_h, b_x, b_h))",
            ),
        ),
        slip(
            "turn the sign: a minus, not one divided by the weight",
            1,
            (
                "return W_x * sign, W_h * sign, b_x * sign, b_h * sign",
                "return W_x**sign, W_h**sign, b_x**sign, b_h**sign",
            ),
        ),
        slip(
            "H is the number of units, a third of the columns",
            1,
            ("H = len(W_h)", "H = W_h.shape[1] // 4"),
        ),
        slip(
            "nothing has changed: the block from H to 2 H needs the other sign, with H units",
            1,
            ("= -1.0", "= 1.0"),
            ways=[
                [("H = len(W_h)", "H = W_h.shape[1]")],
                [("H = len(W_h)", "H = len(b_x)")],
            ],
        ),
        slip(
            "turn each sign: do not make all of them negative",
            1,
            (
                "return W_x * sign, W_h * sign, b_x * sign, b_h * sign",
                "return tuple(np.where(sign < 0, -np.abs(array), array) for array in (W_x, W_h, b_x, b_h))",
            ),
        ),
    ],
    "torch_to_keras": [
        slip(
            "the blocks of Keras stand in the order z, r, h",
            2,
            ("[z, r, n]", "[r, z, n]"),
            ways=[
                [("[z, r, n]", "[n, z, r]")],
                [("[z, r, n]", "[z, n, r]")],
                [("[z, r, n]", "[n, r, z]")],
                [("[z, r, n]", "[r, n, z]")],
            ],
        ),
        slip(
            "a GRU needs both biases: do not add them",
            1,
            ("return tuple(moved)", "return moved[0], moved[1], moved[2].sum(axis=0)"),
        ),
        slip(
            "the first row is the bias of the input",
            1,
            ("np.stack([bias_ih, bias_hh])", "np.stack([bias_hh, bias_ih])"),
        ),
        slip(
            "the biases stand below one another, in two rows, not one after the other",
            1,
            ("return tuple(moved)", "return moved[0], moved[1], moved[2].reshape(-1)"),
        ),
        slip(
            "the biases stand in rows, not in columns: (2, 3H)",
            1,
            ("return tuple(moved)", "return moved[0], moved[1], moved[2].T"),
        ),
        slip(
            "the blocks of the biases are exchanged too",
            1,
            ("return tuple(moved)", "return moved[0], moved[1], np.stack([bias_ih, bias_hh])"),
        ),
        slip(
            "Keras stores the transpose of PyTorch's matrices",
            1,
            ("return tuple(moved)", "return moved[0].T, moved[1].T, moved[2]"),
        ),
        slip(
            "Keras stores the transpose of PyTorch's weight_hh too",
            1,
            ("return tuple(moved)", "return moved[0], moved[1].T, moved[2]"),
            ways=[
                """
def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    def swap(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    return swap(weight_ih).T, swap(weight_hh), np.stack([swap(bias_ih), swap(bias_hh)])
""",
            ],
        ),
        slip(
            "transpose, do not reshape",
            1,
            (
                "for array in (weight_ih.T, weight_hh.T,",
                "for array in (weight_ih.reshape(-1, len(weight_ih)), weight_hh.reshape(-1, len(weight_hh)),",
            ),
            ways=[
                """
def torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    def swap(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    kernel, recurrent = swap(weight_ih), swap(weight_hh)
    bias = np.stack([swap(bias_ih), swap(bias_hh)])
    return kernel.reshape(-1, len(kernel)), recurrent.reshape(-1, len(recurrent)), bias
"""
            ],
        ),
        slip(
            "the kernel of the input comes first",
            1,
            ("return tuple(moved)", "return moved[1], moved[0], moved[2]"),
        ),
        slip(
            "the blocks of recurrent_kernel are exchanged too",
            1,
            ("return tuple(moved)", "return moved[0], weight_hh.T, moved[2]"),
        ),
        slip(
            "the blocks of kernel are exchanged too",
            1,
            ("return tuple(moved)", "return weight_ih.T, moved[1], moved[2]"),
        ),
        slip(
            "carry the numbers as they are: 1 - z is for the papers, not for Keras",
            2,
            ("[z, r, n]", "[-z, r, n]"),
        ),
        slip(
            "after the transposition the blocks of the kernels are columns: cut along the last axis",
            1,
            (
                "return tuple(moved)",
                "H = weight_hh.shape[1]\n"
                "    rows = [np.concatenate([w[H : 2 * H], w[:H], w[2 * H :]]) for w in (weight_ih.T, weight_hh.T)]\n"
                "    return *rows, moved[2]",
            ),
        ),
        slip(
            "a slice is no copy: the first block is overwritten before it is moved",
            2,
            (
                "r, z, n = np.split(array, 3, axis=-1)",
                "_, z, n = np.split(array, 3, axis=-1)\n        r = z",
            ),
            ways=[
                [
                    (
                        "r, z, n = np.split(array, 3, axis=-1)",
                        "r, _, n = np.split(array, 3, axis=-1)\n        z = r",
                    )
                ]
            ],
        ),
        slip(
            "each bias has a row of its own: bias_ih the first one, bias_hh the second",
            1,
            ("np.stack([bias_ih, bias_hh])", "np.stack([bias_ih, bias_ih])"),
            ways=[
                [("np.stack([bias_ih, bias_hh])", "np.stack([bias_hh, bias_hh])")],
                [("np.stack([bias_ih, bias_hh])", "np.stack([bias_ih + bias_hh] * 2)")],
                [("np.stack([bias_ih, bias_hh])", "np.stack([bias_ih + bias_hh, 0 * bias_hh])")],
            ],
        ),
        slip(
            "inside a block the rows and columns keep their order: turn nothing round",
            1,
            ("weight_ih.T, weight_hh.T,", "weight_ih.T[::-1], weight_hh.T[::-1],"),
            ways=[[("weight_ih.T, weight_hh.T,", "weight_ih.T[:, ::-1], weight_hh.T[:, ::-1],")]],
        ),
        slip(
            "weight_hh is transposed as a whole, not each of its blocks once more",
            1,
            ("weight_hh.T,", "np.concatenate([part.T for part in np.split(weight_hh, 3)]).T,"),
        ),
    ],
    "step_backward": [
        slip("the average reads h_prev too: add dh_t * z", 1, ("dh_t * z + da_h @", "da_h @")),
        slip(
            "the gates and the candidate read h_prev too: add da_h @ W_h.T",
            1,
            ('dh_t * z + da_h @ cache["W_h"].T', "dh_t * z"),
        ),
        slip(
            "the average hands on dh_t * z, not dh_t",
            1,
            ("dh_t * z +", "dh_t +"),
            ways=[[("dh_t * z +", "dh_t * (1.0 - z) +")]],
        ),
        slip(
            "the candidate's block of da_h has passed the reset gate: multiply it by r",
            2,
            ("da_g * r]", "da_g]"),
        ),
        slip(
            "the input does not pass the reset gate: use da_x for dx_t and dW_x",
            2,
            (
                "np.concatenate([da_r, da_z, da_g], axis=1)",
                "np.concatenate([da_r, da_z, da_g * r], axis=1)",
            ),
        ),
        slip(
            "dz is multiplied by h_prev - g, not by g - h_prev", 2, ("(h_prev - g)", "(g - h_prev)")
        ),
        slip("dz has two terms: h_prev - g, not h_prev alone", 2, ("(h_prev - g)", "h_prev")),
        slip(
            "g is weighted with 1 - z in the average, so dg is dh_t * (1 - z)",
            2,
            ("dh_t * (1.0 - z) * (1.0 - g**2)", "dh_t * z * (1.0 - g**2)"),
            ways=[[("dh_t * (1.0 - z) * (1.0 - g**2)", "dh_t * (1.0 - g**2)")]],
        ),
        slip(
            "g is a tanh already: its slope is 1 - g**2",
            2,
            ("1.0 - g**2", "1.0 - np.tanh(g) ** 2"),
            ways=[[("(1.0 - g**2)", "g * (1.0 - g)")]],
        ),
        slip("the slope of the tanh is missing", 2, (" * (1.0 - g**2)", "")),
        slip(
            "the slope of the update gate's sigmoid is missing",
            2,
            ("(h_prev - g) * z * (1.0 - z)", "(h_prev - g)"),
        ),
        slip(
            "the slope of the reset gate's sigmoid is missing",
            2,
            ('cache["h_g"] * r * (1.0 - r)', 'cache["h_g"]'),
        ),
        slip(
            "r multiplied h_g, so dr is da_g * h_g",
            2,
            ('da_g * cache["h_g"]', "da_g * h_prev"),
            ways=[
                [('da_g * cache["h_g"]', "da_g")],
                [('da_g * cache["h_g"]', 'dh_t * (1.0 - z) * cache["h_g"]')],
            ],
        ),
        slip("db_h is the sum of da_h, not of da_x", 1, ("da_h.sum(axis=0)", "da_x.sum(axis=0)")),
        slip(
            "add over the batch, do not average",
            1,
            ("da_x.sum(axis=0), da_h.sum(axis=0)", "da_x.mean(axis=0), da_h.mean(axis=0)"),
            ways=[
                [
                    (
                        'cache["x_t"].T @ da_x, h_prev.T @ da_h',
                        'cache["x_t"].T @ da_x / len(z), h_prev.T @ da_h / len(z)',
                    ),
                    ("da_x.sum(axis=0), da_h.sum(axis=0)", "da_x.mean(axis=0), da_h.mean(axis=0)"),
                ]
            ],
        ),
        slip(
            "dW_h is made with da_h, which has passed the reset gate",
            1,
            ("h_prev.T @ da_h", "h_prev.T @ da_x"),
        ),
        slip(
            "the blocks stand in the order r, z, g",
            2,
            ("[da_r, da_z, da_g]", "[da_z, da_r, da_g]"),
            ("[da_r, da_z, da_g * r]", "[da_z, da_r, da_g * r]"),
        ),
        slip(
            "dh_prev comes from da_h, which has passed the reset gate",
            1,
            ('da_h @ cache["W_h"].T', 'da_x @ cache["W_h"].T'),
        ),
        slip(
            "db_x and db_h are sums over the batch: axis 0",
            1,
            ("da_x.sum(axis=0), da_h.sum(axis=0)", "da_x.sum(axis=1), da_h.sum(axis=1)"),
        ),
        slip(
            "this is dr of the papers' form: here r multiplied the product h_g",
            2,
            ('da_g * cache["h_g"] *', '(da_g @ cache["W_h"][:, 2 * z.shape[1] :].T) * h_prev *'),
        ),
        slip(
            "the gate is applied once in dh_prev: da_h has passed it already",
            1,
            (
                'da_h @ cache["W_h"].T',
                'da_h[:, : 2 * z.shape[1]] @ cache["W_h"][:, : 2 * z.shape[1]].T'
                ' + r * ((da_g * r) @ cache["W_h"][:, 2 * z.shape[1] :].T)',
            ),
            ways=[[('da_h @ cache["W_h"].T', 'r * (da_h @ cache["W_h"].T)')]],
        ),
        slip(
            "this is dh_prev of the papers' form: here the gate stands before the product with W_h",
            1,
            (
                'da_h @ cache["W_h"].T',
                'da_h[:, : 2 * z.shape[1]] @ cache["W_h"][:, : 2 * z.shape[1]].T'
                ' + r * (da_g @ cache["W_h"][:, 2 * z.shape[1] :].T)',
            ),
        ),
        slip(
            "the candidate reads h_prev too: its block is missing in dh_prev",
            1,
            (
                'da_h @ cache["W_h"].T',
                'da_h[:, : 2 * z.shape[1]] @ cache["W_h"][:, : 2 * z.shape[1]].T',
            ),
        ),
        slip(
            "the gates read h_prev too: their blocks are missing in dh_prev",
            1,
            (
                'da_h @ cache["W_h"].T',
                'da_h[:, 2 * z.shape[1] :] @ cache["W_h"][:, 2 * z.shape[1] :].T',
            ),
        ),
        slip(
            "brackets are missing: a difference is a factor as a whole",
            2,
            ("(h_prev - g) * z * (1.0 - z)", "(h_prev - g) * z * 1.0 - z"),
            ways=[
                [("dh_t * (h_prev - g) *", "dh_t * h_prev - g *")],
                [("* r * (1.0 - r)", "* r * 1.0 - r")],
                [("dh_t * (1.0 - z) *", "dh_t * 1.0 - z *")],
                [("* (1.0 - g**2)", "* 1.0 - g**2")],
            ],
        ),
        slip(
            "the gates go through the sigmoid: its slope has the factors r and 1 - r",
            2,
            ("(h_prev - g) * z * (1.0 - z)", "(h_prev - g) * (1.0 - z**2)"),
            ("r * (1.0 - r)", "(1.0 - r**2)"),
            ways=[
                [("(h_prev - g) * z * (1.0 - z)", "(h_prev - g) * (1.0 - z)")],
                [("r * (1.0 - r)", "(1.0 - r)")],
                [("(h_prev - g) * z * (1.0 - z)", "(h_prev - g) * (1.0 - z**2)")],
                [("r * (1.0 - r)", "(1.0 - r**2)")],
            ],
        ),
        slip(
            "the reset gate is in da_h already: dW_h is made with h_prev itself",
            1,
            ("h_prev.T @ da_h", "(r * h_prev).T @ da_h"),
        ),
        slip(
            "the reset gate is in da_h already: db_h is its plain sum",
            1,
            ("da_h.sum(axis=0)", "(da_h * np.hstack([r, r, r])).sum(axis=0)"),
        ),
        slip(
            "the share z of dh_t counts once in dh_prev",
            1,
            ("dh_t * z + da_h", "2 * dh_t * z + da_h"),
        ),
        slip(
            "dr is da_g * h_g: da_g has not passed the reset gate there",
            2,
            ("da_r = da_g *", "da_r = da_g * r *"),
        ),
        slip(
            "the reset gate acts through the candidate: da_r starts from da_g, not from dh_t or da_z",
            2,
            ("da_r = da_g *", "da_r = da_z *"),
            ways=[[("da_r = da_g *", "da_r = dh_t *")]],
        ),
        slip(
            "dz has two terms: h_prev - g, not g or -g alone",
            2,
            ("(h_prev - g)", "-g"),
            ways=[[("(h_prev - g)", "g")]],
        ),
        slip(
            "dz has a difference: h_prev comes with a plus, g with a minus",
            2,
            ("(h_prev - g)", "(h_prev + g)"),
        ),
        slip(
            "dz is dh_t * (h_prev - g): h_prev and g are not weighted in it",
            2,
            ("(h_prev - g) * z * (1.0 - z)", "(z * h_prev - (1.0 - z) * g) * z * (1.0 - z)"),
        ),
        slip(
            "the two parts of dh_prev are added, not multiplied",
            1,
            ('dh_t * z + da_h @ cache["W_h"].T', 'dh_t * z * (da_h @ cache["W_h"].T)'),
        ),
        slip(
            "the weights must be transposed on the way back",
            2,
            ('da_h @ cache["W_h"].T', 'da_h @ cache["W_h"]'),
            ways=[
                [('da_x @ cache["W_x"].T', 'da_x @ cache["W_x"]')],
                [('da_x @ cache["W_x"].T', 'cache["W_x"] @ da_x')],
            ],
        ),
        slip("dW_h needs h_prev, not h_g", 1, ("h_prev.T @ da_h", 'cache["h_g"].T @ da_h')),
        slip(
            "r multiplied h_g as it is: take no tanh of it",
            2,
            ('cache["h_g"] *', 'np.tanh(cache["h_g"]) *'),
        ),
        slip(
            "the gates are activated already: use z (1 - z)",
            2,
            (
                "(h_prev - g) * z * (1.0 - z)",
                "(h_prev - g) * (1 / (1 + np.exp(-z))) * (1.0 - 1 / (1 + np.exp(-z)))",
            ),
            ("r * (1.0 - r)", "(1 / (1 + np.exp(-r))) * (1.0 - 1 / (1 + np.exp(-r)))"),
        ),
        slip(
            "each gate has a slope of its own: those of r and z are exchanged",
            2,
            ("(h_prev - g) * z * (1.0 - z)", "(h_prev - g) * r * (1.0 - r)"),
            ways=[[("r * (1.0 - r)", "z * (1.0 - z)")]],
        ),
        slip(
            "the candidate's block of da_h has passed r, not z or 1 - r",
            2,
            ("da_g * r]", "da_g * z]"),
            ways=[[("da_g * r]", "da_g * (1.0 - r)]")]],
        ),
        slip(
            "of the three blocks of da_h the candidate's alone passes the reset gate",
            2,
            ("[da_r, da_z, da_g * r]", "[da_r * r, da_z * r, da_g * r]"),
            ways=[
                [("[da_r, da_z, da_g * r]", "[da_r * r, da_z, da_g]")],
                [("[da_r, da_z, da_g * r]", "[da_r, da_z * r, da_g]")],
            ],
        ),
        slip(
            "da_x and da_h are joined along axis 1: the blocks stand side by side",
            2,
            ("np.concatenate([da_r, da_z, da_g], axis=1)", "np.concatenate([da_r, da_z, da_g])"),
            (
                "np.concatenate([da_r, da_z, da_g * r], axis=1)",
                "np.concatenate([da_r, da_z, da_g * r])",
            ),
        ),
    ],
    "average_weights": [
        slip(
            "what a step writes is weighted with 1 - z of that step",
            2,
            ("w[:, 1:] = 1.0 - z\n", "w[:, 1:] = z\n"),
            ways=[[("    w[:, 1:] = 1.0 - z\n", "")]],
        ),
        slip(
            "a large z keeps: what was there is multiplied by z, not by 1 - z",
            2,
            ("*= z[:, t : t + 1]", "*= 1.0 - z[:, t : t + 1]"),
        ),
        slip(
            "the conventions are exchanged: here a large z keeps",
            2,
            ("1.0 - z\n", "z\n"),
            ("*= z[:, t : t + 1]", "*= 1.0 - z[:, t : t + 1]"),
        ),
        slip(
            "the gate of step t itself does not multiply what step t has just written",
            2,
            ("w[:, : t + 1] *=", "w[:, : t + 2] *="),
        ),
        slip(
            "h0 is multiplied by the gates of all steps",
            2,
            ("w[:, : t + 1] *=", "w[:, 1 : t + 1] *="),
        ),
        slip(
            "every step after the writing multiplies, not the next one alone",
            2,
            ("w[:, : t + 1] *= z", "w[:, t : t + 1] *= z"),
        ),
        slip(
            "the steps after the writing multiply, not those before it",
            2,
            """
def average_weights(z):
    N, T, H = z.shape
    w = np.ones((N, T + 1, H), dtype=z.dtype)
    w[:, 0] = z.prod(axis=1)
    w[:, 1:] = 1.0 - z
    for t in range(1, T):
        w[:, t + 1] *= z[:, :t].prod(axis=1)
    return w
""",
        ),
        slip("the last step multiplies too", 2, ("for t in range(T)", "for t in range(T - 1)")),
        slip("the first step multiplies h0 too", 2, ("for t in range(T)", "for t in range(1, T)")),
        slip(
            "the weight of h0 stands first, that of the last candidate last",
            2,
            ("    return w\n", "    return w[:, ::-1].copy()\n"),
        ),
        slip(
            "h0 has a weight too: w has T + 1 columns",
            2,
            ("    return w\n", "    return w[:, 1:]\n"),
        ),
        slip(
            "the gates multiply one another, they are not added",
            2,
            """
def average_weights(z):
    N, T, H = z.shape
    w = np.ones((N, T + 1, H), dtype=z.dtype)
    w[:, 1:] = 1.0 - z
    for t in range(T + 1):
        w[:, t] *= z[:, t:].sum(axis=1) if t < T else 1.0
    return w
""",
        ),
        slip(
            "your function changes its argument z",
            2,
            """
def average_weights(z):
    w = np.concatenate([np.ones_like(z[:, :1]), 1.0 - z], axis=1)
    for t in range(z.shape[1] - 2, -1, -1):
        z[:, t] *= z[:, t + 1]
    w[:, :-1] *= z
    return w
""",
        ),
        slip(
            "the weight of h0 stands first, before those of the candidates",
            2,
            ("    return w\n", "    return np.concatenate([w[:, 1:], w[:, :1]], axis=1)\n"),
        ),
        slip(
            "one gate too few: the step right after the writing multiplies too",
            2,
            """
def average_weights(z):
    T = z.shape[1]
    w = [z.prod(axis=1)] + [(1 - z[:, k]) * z[:, k + 2 :].prod(axis=1) for k in range(T)]
    return np.stack(w, axis=1)
""",
            ways=[
                """
def average_weights(z):
    T = z.shape[1]
    w = [z[:, 1:].prod(axis=1)] + [(1 - z[:, k]) * z[:, k + 2 :].prod(axis=1) for k in range(T)]
    return np.stack(w, axis=1)
""",
            ],
        ),
        slip(
            "the gate of the last step is missing: it multiplies all that was written before it",
            2,
            """
def average_weights(z):
    T = z.shape[1]
    w = [z.prod(axis=1)] + [(1 - z[:, k]) * z[:, k + 1 : -1].prod(axis=1) for k in range(T)]
    return np.stack(w, axis=1)
""",
        ),
        slip(
            "the gates multiply along time alone: axis 1",
            2,
            """
def average_weights(z):
    T = z.shape[1]
    w = [z.prod(axis=(1, 2), keepdims=True)[:, 0] + 0 * z[:, 0]]
    w += [(1 - z[:, k]) * z[:, k + 1 :].prod(axis=(1, 2), keepdims=True)[:, 0] for k in range(T)]
    return np.stack(w, axis=1)
""",
        ),
        slip(
            "the weight of h0 is the product of all z: here one gate counts alone, or 1 - z does",
            2,
            ("    return w\n", "    w[:, 0] = z[:, 0]\n    return w\n"),
            ways=[
                [("    return w\n", "    w[:, 0] = z[:, -1]\n    return w\n")],
                [("    return w\n", "    w[:, 0] = 1.0 - z[:, 0]\n    return w\n")],
                [("    return w\n", "    w[:, 0] = (1.0 - z).prod(axis=1)\n    return w\n")],
            ],
        ),
        slip(
            "what a step has written is multiplied by all later gates: 1 - z alone is no weight",
            2,
            ("    return w\n", "    w[:, 1:] = 1.0 - z\n    return w\n"),
        ),
        slip(
            "the weights add up to 1 by themselves: take no softmax and divide by no sum",
            2,
            ("    return w\n", "    return np.exp(w) / np.exp(w).sum(axis=1, keepdims=True)\n"),
        ),
        slip(
            "the products belong to the later steps: this cumprod runs from the first step on",
            2,
            """
def average_weights(z):
    before = np.concatenate([np.ones_like(z[:, :1]), np.cumprod(z, axis=1)], axis=1)
    w = before.copy()
    w[:, 1:] *= 1.0 - z
    return w
""",
        ),
        slip(
            "the products are in reverse order: turn the cumprod back in time",
            2,
            """
def average_weights(z):
    later = np.cumprod(z[:, ::-1], axis=1)
    later = np.concatenate([later, np.ones_like(z[:, :1])], axis=1)
    w = later.copy()
    w[:, 1:] *= 1.0 - z
    return w
""",
        ),
        slip(
            "time is axis 1: this multiplies along another axis",
            2,
            """
def average_weights(z):
    later = np.cumprod(z[::-1], axis=0)[::-1]
    later = np.concatenate([later, np.ones_like(z[:, :1])], axis=1)
    w = later.copy()
    w[:, 1:] *= 1.0 - z
    return w
""",
            ways=[
                """
def average_weights(z):
    later = np.cumprod(z[:, :, ::-1], axis=2)[:, :, ::-1]
    later = np.concatenate([later, np.ones_like(z[:, :1])], axis=1)
    w = later.copy()
    w[:, 1:] *= 1.0 - z
    return w
"""
            ],
        ),
        slip(
            "time stands second in w, and the units last",
            2,
            ("    return w\n", "    return w.swapaxes(1, 2).copy()\n"),
        ),
        slip(
            "each unit has weights of its own: no mean or sum over the units or the examples",
            2,
            ("    return w\n", "    return w.mean(axis=2)\n"),
            ways=[[("    return w\n", "    return w.mean(axis=0)\n")]],
        ),
    ],
}

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
        "products-of-what-follows",
        {
            "average_weights": """
def average_weights(z):
    after = np.cumprod(z[:, ::-1], axis=1)[:, ::-1]
    written = np.concatenate([np.ones_like(z[:, :1]), 1 - z], axis=1)
    return written * np.concatenate([after, np.ones_like(z[:, :1])], axis=1)
"""
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
