"""What is known of the assignment lstm_cell: the mistakes of each question, as small changes of
the answer, wrong answers that are no mistake of one question, and right ones in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, slip

SIGMOID = "    return 0.5 * (1.0 + np.tanh(0.5 * a))"


def sigmoid(line: str) -> str:
    """Return the cell of the first question with another last line."""
    return f"def sigmoid(a):\n    return {line}\n"


def blocks(order: str) -> list[tuple[str, str]]:
    """Return the change that cuts the pre-activations in another order."""
    names = ", ".join(f"a_{gate}" for gate in order)
    return [("a_i, a_f, a_g, a_o = np.split", f"{names} = np.split")]


def in_step(order: str) -> list[tuple[str, str]]:
    """Return the change that takes the blocks in another order in a step."""
    names = ", ".join(f"a_{gate}" for gate in order)
    return [("a_i, a_f, a_g, a_o = pre_activations", f"{names} = pre_activations")]


def cut(first: str, second: str, third: str, last: str) -> list[tuple[str, str]]:
    """Return the change that cuts the columns by these slices."""
    slices = ", ".join(f"a[:, {part}]" for part in (first, second, third, last))
    return [
        (
            "    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (N, H)\n",
            f"""\
    H = h_prev.shape[1]
    a_i, a_f, a_g, a_o = {slices}
""",
        )
    ]


MISTAKES = {
    "sigmoid": [
        slip(
            "exp(-a) overflows where a is very negative: use the form with tanh",
            1,
            sigmoid("1.0 / (1.0 + np.exp(-a))"),
            ways=[sigmoid("1.0 / (1.0 + np.e ** (-a))"), sigmoid("1.0 / (1.0 + np.e**-a)")],
        ),
        slip(
            "exp(a) overflows where a is very positive: use the form with tanh",
            1,
            sigmoid("np.exp(a) / (1.0 + np.exp(a))"),
            ways=[sigmoid("1.0 - 1.0 / (1.0 + np.exp(a))")],
        ),
        slip(
            "np.where computes both of its branches, and one of them overflows",
            1,
            sigmoid("np.where(a >= 0, 1 / (1 + np.exp(-a)), np.exp(a) / (1 + np.exp(a)))"),
            ways=[
                sigmoid("np.where(a > 0, 1 / (1 + np.exp(-a)), 1 - 1 / (1 + np.exp(a)))"),
                sigmoid("np.where(a < 0, np.exp(a) / (np.exp(a) + 1), 1 / (np.exp(-a) + 1))"),
            ],
        ),
        slip(
            "a limit of several hundred is too late for float32, whose exponential ends near 88",
            1,
            sigmoid("1 / (1 + np.exp(-np.clip(a, -500, 500)))"),
            ways=[sigmoid("1 / (1 + np.exp(-np.clip(a, -700, 700)))")],
        ),
        slip(
            "a is clipped so early that the results do not reach 0 and 1",
            1,
            sigmoid("1 / (1 + np.exp(-np.clip(a, -20, 20)))"),
            ways=[sigmoid("0.5 * (1.0 + np.tanh(0.5 * np.clip(a, -20, 20)))")],
        ),
        slip(
            "a is clipped so early that moderate numbers are changed too",
            2,
            sigmoid("1 / (1 + np.exp(-np.clip(a, -4, 4)))"),
            ways=[
                sigmoid("1 / (1 + np.exp(-np.clip(a, -5, 5)))"),
                sigmoid("1 / (1 + np.exp(-np.clip(a, -6, 6)))"),
                sigmoid("0.5 * (1.0 + np.tanh(np.clip(0.5 * a, -1, 1)))"),
            ],
        ),
        slip(
            "the result has the dtype of a",
            1,
            """
def sigmoid(a):
    out = np.zeros(a.shape)
    out[...] = 0.5 * (1.0 + np.tanh(0.5 * a))
    return out
""",
            ways=[
                sigmoid("(0.5 * (1.0 + np.tanh(0.5 * a))).astype(np.float64)"),
                sigmoid("(0.5 * (1.0 + np.tanh(0.5 * a))).astype(np.float32)"),
                sigmoid("np.float64(0.5) * (1.0 + np.tanh(0.5 * a))"),
            ],
        ),
        slip(
            "the sign of a is flipped",
            2,
            ("(1.0 + np.tanh", "(1.0 - np.tanh"),
            ways=[sigmoid("1.0 / (1.0 + np.exp(a))"), sigmoid("1 - 0.5 * (1 + np.tanh(0.5 * a))")],
        ),
        slip("this is tanh, which runs from -1 to 1", 2, sigmoid("np.tanh(a)")),
        slip(
            "tanh(a / 2) runs from -1 to 1: shift and scale it",
            2,
            sigmoid("np.tanh(0.5 * a)"),
        ),
        slip(
            "one half multiplies the whole sum of 1 and tanh",
            2,
            ("0.5 * (1.0 + np.tanh(0.5 * a))", "0.5 + np.tanh(0.5 * a)"),
            ways=[
                sigmoid("1.0 + np.tanh(0.5 * a)"),
                sigmoid("1.0 + 0.5 * np.tanh(0.5 * a)"),
                sigmoid("0.5 * np.tanh(0.5 * a)"),
            ],
        ),
        slip(
            "tanh is taken of half of a",
            1,
            ("np.tanh(0.5 * a)", "np.tanh(a)"),
            ways=[sigmoid("0.5 * (1.0 + np.tanh(2 * a))")],
        ),
        slip(
            "brackets are missing: the whole sum is the denominator",
            2,
            sigmoid("1.0 / 1.0 + np.exp(-a)"),
            ways=[sigmoid("1 / 1 + np.exp(-a)")],
        ),
        slip(
            "math knows single numbers only: use the functions of NumPy",
            2,
            "import math\n\n" + sigmoid("1.0 / (1.0 + math.exp(-a))"),
            ways=["import math\n\n" + sigmoid("0.5 * (1.0 + math.tanh(0.5 * a))")],
        ),
        slip(
            "with the absolute value negative numbers come out as positive ones do",
            2,
            sigmoid("1.0 / (1.0 + np.exp(-np.abs(a)))"),
            ways=[sigmoid("0.5 * (1.0 + np.tanh(0.5 * np.abs(a)))")],
        ),
        slip(
            "this is the slope of the sigmoid, not the sigmoid",
            2,
            """
def sigmoid(a):
    s = 0.5 * (1.0 + np.tanh(0.5 * a))
    return s * (1.0 - s)
""",
        ),
        slip(
            "a gate is not cut off by straight lines: this is a hard sigmoid",
            1,
            sigmoid("np.clip(0.2 * a + 0.5, 0, 1)"),
            ways=[
                sigmoid("np.clip(0.25 * a + 0.5, 0, 1)"),
                sigmoid("np.clip(a / 6 + 0.5, 0, 1)"),
            ],
        ),
        slip(
            "this is a softmax: each entry has a sigmoid of its own",
            2,
            sigmoid("np.exp(a) / np.exp(a).sum()"),
            ways=[
                sigmoid("np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True)"),
                sigmoid("np.exp(a - a.max()) / np.exp(a - a.max()).sum()"),
            ],
        ),
        slip(
            "an if, an and or an or needs one truth value",
            2,
            """
def sigmoid(a):
    if a >= 0:
        return 1 / (1 + np.exp(-a))
    return np.exp(a) / (1 + np.exp(a))
""",
            ways=[sigmoid("1 / (1 + np.exp(-a)) if a >= 0 else np.exp(a) / (1 + np.exp(a))")],
        ),
        slip(
            "your function changes its argument a",
            1,
            """
def sigmoid(a):
    a *= 0.5
    return 0.5 * (1.0 + np.tanh(a))
""",
        ),
        slip("halve a with /: // rounds down", 1, ("np.tanh(0.5 * a)", "np.tanh(a // 2)")),
        slip(
            "the result has the shape of a: ravel and flatten take its axes away",
            1,
            """
def sigmoid(a):
    return np.array([0.5 * (1 + np.tanh(v / 2)) for v in a.ravel()], dtype=a.dtype)
""",
            ways=[
                """
def sigmoid(a):
    return 0.5 * (1 + np.tanh(a.flatten() / 2))
"""
            ],
        ),
    ],
    "forget_gate": [
        slip("the bias b_f is missing", 1, ("h_prev @ W_hf + b_f", "h_prev @ W_hf")),
        slip(
            "the hidden state is missing: add its product with W_hf",
            1,
            ("x_t @ W_xf + h_prev @ W_hf + b_f", "x_t @ W_xf + b_f"),
        ),
        slip(
            "the input is missing: add its product with W_xf",
            1,
            ("x_t @ W_xf + h_prev", "h_prev"),
        ),
        slip(
            "only the input is there: add the hidden state and the bias",
            1,
            ("x_t @ W_xf + h_prev @ W_hf + b_f", "x_t @ W_xf"),
        ),
        slip(
            "this is the pre-activation: the sigmoid is missing",
            1,
            ("return sigmoid(a_f)", "return a_f"),
        ),
        slip(
            "a gate uses the sigmoid, not tanh: it is never negative",
            1,
            ("return sigmoid(a_f)", "return np.tanh(a_f)"),
        ),
        slip(
            "W_hf is transposed: rows are examples, so h_prev stands on its left",
            1,
            ("h_prev @ W_hf", "h_prev @ W_hf.T"),
            ways=[[("h_prev @ W_hf", "(W_hf @ h_prev.T).T")]],
        ),
        slip(
            "this is 1 - f_t: a gate of 1 keeps all",
            1,
            ("return sigmoid(a_f)", "return 1 - sigmoid(a_f)"),
            ways=[[("return sigmoid(a_f)", "return sigmoid(-a_f)")]],
        ),
        slip(
            "the bias is added, not subtracted",
            1,
            ("h_prev @ W_hf + b_f", "h_prev @ W_hf - b_f"),
        ),
        slip(
            "the bias is added before the sigmoid, not after it",
            1,
            ("h_prev @ W_hf + b_f  # (N, H)", "h_prev @ W_hf"),
            ("return sigmoid(a_f)", "return sigmoid(a_f) + b_f"),
        ),
        slip(
            "one sigmoid of the whole sum, not one of each part",
            1,
            (
                "x_t @ W_xf + h_prev @ W_hf + b_f",
                "sigmoid(x_t @ W_xf) + sigmoid(h_prev @ W_hf) + b_f",
            ),
            ("return sigmoid(a_f)", "return a_f"),
            ways=[
                [
                    (
                        "x_t @ W_xf + h_prev @ W_hf + b_f",
                        "sigmoid(x_t @ W_xf) + h_prev @ W_hf + b_f",
                    ),
                    ("return sigmoid(a_f)", "return a_f"),
                ],
                [
                    (
                        "x_t @ W_xf + h_prev @ W_hf + b_f",
                        "sigmoid(x_t @ W_xf + b_f) + sigmoid(h_prev @ W_hf)",
                    ),
                    ("return sigmoid(a_f)", "return a_f"),
                ],
                [
                    (
                        "return sigmoid(a_f)",
                        "return sigmoid(x_t @ W_xf) + sigmoid(h_prev @ W_hf + b_f)",
                    )
                ],
                [
                    (
                        "return sigmoid(a_f)",
                        "return sigmoid(x_t @ W_xf + b_f) + sigmoid(h_prev @ W_hf)",
                    )
                ],
                [
                    (
                        "return sigmoid(a_f)",
                        "return sigmoid(x_t @ W_xf + b_f) + sigmoid(h_prev @ W_hf + b_f)",
                    )
                ],
            ],
        ),
        slip(
            "the sigmoid is applied twice",
            1,
            ("return sigmoid(a_f)", "return sigmoid(sigmoid(a_f))"),
        ),
        slip(
            "the weights stand on the right of the product: rows are examples",
            1,
            ("x_t @ W_xf", "W_xf @ x_t"),
            ways=[
                [("h_prev @ W_hf", "W_hf @ h_prev")],
                [("x_t @ W_xf", "W_xf.T @ x_t")],
                [("x_t @ W_xf", "np.dot(W_xf, x_t)")],
                [("x_t @ W_xf", "W_xf.T @ x_t.T"), ("h_prev @ W_hf", "W_hf.T @ h_prev.T")],
            ],
        ),
        slip(
            "these are matrix products: use @, not *",
            1,
            ("x_t @ W_xf", "x_t * W_xf"),
            ways=[
                [("h_prev @ W_hf", "h_prev * W_hf")],
                [("x_t @ W_xf", "x_t * W_xf"), ("h_prev @ W_hf", "h_prev * W_hf")],
            ],
        ),
        slip(
            "the two products are added, not multiplied",
            1,
            ("x_t @ W_xf + h_prev @ W_hf", "(x_t @ W_xf) * (h_prev @ W_hf)"),
        ),
        slip(
            "x_t meets W_xf and h_prev meets W_hf: the two are exchanged",
            1,
            ("x_t @ W_xf + h_prev @ W_hf", "x_t @ W_hf + h_prev @ W_xf"),
            ways=[
                [("h_prev @ W_hf", "h_prev @ W_xf")],
                [("x_t @ W_xf", "x_t @ W_hf")],
                [
                    (
                        "x_t @ W_xf + h_prev @ W_hf",
                        "np.hstack([h_prev, x_t]) @ np.vstack([W_xf, W_hf])",
                    )
                ],
            ],
        ),
        slip(
            "b_f has one entry for each unit and is added to every row: no new axis",
            1,
            ("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f[:, None]"),
            ways=[[("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f.reshape(-1, 1)")]],
        ),
        slip(
            "is the return statement missing?",
            1,
            ("    return sigmoid(a_f)", "    f_t = sigmoid(a_f)"),
        ),
        slip(
            "every unit has a bias of its own: do not add them up",
            1,
            ("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f.sum()"),
            ways=[
                [("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f.mean()")],
                [("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f[0]")],
            ],
        ),
        slip(
            "return the gate itself: it multiplies the cell state later, in the cell update",
            1,
            ("return sigmoid(a_f)", "return sigmoid(a_f) * h_prev"),
        ),
        slip(
            "the bias is added once, not with each product",
            1,
            ("x_t @ W_xf + h_prev @ W_hf + b_f", "x_t @ W_xf + b_f + h_prev @ W_hf + b_f"),
        ),
        slip(
            "the bias is added, not multiplied",
            1,
            ("h_prev @ W_hf + b_f", "h_prev @ W_hf * b_f"),
            ways=[[("x_t @ W_xf + h_prev @ W_hf + b_f", "(x_t @ W_xf + h_prev @ W_hf) * b_f")]],
        ),
        slip(
            "b_f is the whole bias: add no 1 to it",
            1,
            ("h_prev @ W_hf + b_f", "h_prev @ W_hf + b_f + 1"),
        ),
        slip(
            "a gate may be half open: do not round it to 0 and 1",
            1,
            ("return sigmoid(a_f)", "return np.round(sigmoid(a_f))"),
            ways=[[("return sigmoid(a_f)", "return (a_f > 0).astype(float)")]],
        ),
    ],
    "input_gate_and_candidate": [
        slip(
            "the candidate uses tanh, not the sigmoid: it may be negative",
            1,
            ("g = np.tanh(x_t", "g = sigmoid(x_t"),
        ),
        slip(
            "the input gate uses the sigmoid, not tanh",
            1,
            ("i = sigmoid(x_t", "i = np.tanh(x_t"),
        ),
        slip(
            "the two functions are exchanged: the gate uses the sigmoid, the candidate tanh",
            2,
            ("i = sigmoid(x_t", "i = np.tanh(x_t"),
            ("g = np.tanh(x_t", "g = sigmoid(x_t"),
        ),
        slip(
            "the biases are added, not subtracted",
            2,
            ("h_prev @ W_hi + b_i", "h_prev @ W_hi - b_i"),
            ("h_prev @ W_hg + b_g", "h_prev @ W_hg - b_g"),
        ),
        slip(
            "the bias of the input gate is added, not subtracted",
            1,
            ("h_prev @ W_hi + b_i", "h_prev @ W_hi - b_i"),
        ),
        slip(
            "the bias of the candidate is added, not subtracted",
            1,
            ("h_prev @ W_hg + b_g", "h_prev @ W_hg - b_g"),
        ),
        slip("return i_t first, then g_t", 2, ("return i, g", "return g, i")),
        slip("the bias b_i is missing", 1, ("h_prev @ W_hi + b_i", "h_prev @ W_hi")),
        slip("the bias b_g is missing", 1, ("h_prev @ W_hg + b_g", "h_prev @ W_hg")),
        slip(
            "both biases are missing",
            2,
            ("h_prev @ W_hi + b_i", "h_prev @ W_hi"),
            ("h_prev @ W_hg + b_g", "h_prev @ W_hg"),
        ),
        slip(
            "the biases are exchanged",
            2,
            ("h_prev @ W_hi + b_i", "h_prev @ W_hi + b_g"),
            ("h_prev @ W_hg + b_g", "h_prev @ W_hg + b_i"),
        ),
        slip(
            "the candidate has a bias of its own, b_g",
            1,
            ("h_prev @ W_hg + b_g", "h_prev @ W_hg + b_i"),
        ),
        slip(
            "the input gate has a bias of its own, b_i",
            1,
            ("h_prev @ W_hi + b_i", "h_prev @ W_hi + b_g"),
        ),
        slip(
            "the input gate reads h_prev too: add its product with W_hi",
            1,
            ("x_t @ W_xi + h_prev @ W_hi", "x_t @ W_xi"),
        ),
        slip(
            "the candidate reads h_prev too: add its product with W_hg",
            1,
            ("x_t @ W_xg + h_prev @ W_hg", "x_t @ W_xg"),
        ),
        slip(
            "both read h_prev: add its products with W_hi and W_hg",
            2,
            ("x_t @ W_xi + h_prev @ W_hi", "x_t @ W_xi"),
            ("x_t @ W_xg + h_prev @ W_hg", "x_t @ W_xg"),
        ),
        slip(
            "the input gate reads x_t too: add its product with W_xi",
            1,
            ("x_t @ W_xi + h_prev", "h_prev"),
        ),
        slip(
            "the candidate reads x_t too: add its product with W_xg",
            1,
            ("x_t @ W_xg + h_prev", "h_prev"),
        ),
        slip(
            "the candidate has weights of its own",
            1,
            ("x_t @ W_xg + h_prev @ W_hg + b_g", "x_t @ W_xi + h_prev @ W_hi + b_i"),
            ways=[
                [("x_t @ W_xg + h_prev @ W_hg", "x_t @ W_xi + h_prev @ W_hi")],
                [("h_prev @ W_hg", "h_prev @ W_hi")],
                [("x_t @ W_xg", "x_t @ W_xi")],
            ],
        ),
        slip(
            "the input gate has weights of its own",
            1,
            ("x_t @ W_xi + h_prev @ W_hi + b_i", "x_t @ W_xg + h_prev @ W_hg + b_g"),
            ways=[
                [("x_t @ W_xi + h_prev @ W_hi", "x_t @ W_xg + h_prev @ W_hg")],
                [("h_prev @ W_hi", "h_prev @ W_hg")],
                [("x_t @ W_xi", "x_t @ W_xg")],
            ],
        ),
        slip(
            "the weights of gate and candidate are exchanged",
            2,
            """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    i = sigmoid(x_t @ W_xg + h_prev @ W_hg + b_g)
    g = np.tanh(x_t @ W_xi + h_prev @ W_hi + b_i)
    return i, g
""",
        ),
        slip("W_hi is transposed", 1, ("h_prev @ W_hi", "h_prev @ W_hi.T")),
        slip("W_hg is transposed", 1, ("h_prev @ W_hg", "h_prev @ W_hg.T")),
        slip(
            "W_hi and W_hg are transposed",
            2,
            ("h_prev @ W_hi", "h_prev @ W_hi.T"),
            ("h_prev @ W_hg", "h_prev @ W_hg.T"),
        ),
        slip(
            "the sigmoid of the input gate is missing",
            1,
            (
                "i = sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)",
                "i = x_t @ W_xi + h_prev @ W_hi + b_i",
            ),
        ),
        slip(
            "the tanh of the candidate is missing",
            1,
            (
                "g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)",
                "g = x_t @ W_xg + h_prev @ W_hg + b_g",
            ),
        ),
        slip(
            "these are the pre-activations: sigmoid and tanh are missing",
            2,
            (
                "i = sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)",
                "i = x_t @ W_xi + h_prev @ W_hi + b_i",
            ),
            (
                "g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)",
                "g = x_t @ W_xg + h_prev @ W_hg + b_g",
            ),
        ),
        slip(
            "the gate multiplies the candidate in the cell update, not here",
            1,
            ("return i, g", "return i, i * g"),
        ),
        slip(
            "input_gate_and_candidate must return 2 values, (i_t, g_t)",
            2,
            ("return i, g", "return i"),
            ways=[
                [("return i, g", "return i * g")],
                [("return i, g", "return np.concatenate([i, g], axis=1)")],
                [("return i, g", "return {'i_t': i, 'g_t': g}")],
                [("    return i, g", "")],
            ],
        ),
        slip("this is 1 - i_t: a gate of 1 lets all in", 1, ("return i, g", "return 1 - i, g")),
        slip(
            "the weights stand on the right of the products: rows are examples",
            2,
            ("x_t @ W_xi", "W_xi @ x_t"),
            ways=[
                [("h_prev @ W_hi", "W_hi @ h_prev")],
                [("x_t @ W_xi", "np.dot(W_xi, x_t)")],
                [("x_t @ W_xi", "W_xi.T @ x_t")],
            ],
        ),
        slip(
            "these are matrix products: use @, not *",
            2,
            ("x_t @ W_xi", "x_t * W_xi"),
            ways=[[("h_prev @ W_hi", "h_prev * W_hi")]],
        ),
        slip(
            "the candidate uses tanh, not the ReLU: it may be negative",
            1,
            (
                "g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)",
                "g = np.maximum(0, x_t @ W_xg + h_prev @ W_hg + b_g)",
            ),
        ),
        slip(
            "the candidate has a pre-activation of its own: it is not the tanh of the input gate",
            1,
            ("g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)", "g = np.tanh(i)"),
        ),
        slip(
            "h_prev enters the candidate as it is: a GRU gates it, an LSTM does not",
            1,
            ("h_prev @ W_hg", "(i * h_prev) @ W_hg"),
        ),
        slip(
            "the tanh of a is not 2 sigmoid(a) - 1, which is the tanh of a / 2: take np.tanh",
            1,
            (
                "g = np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)",
                "g = 2 * sigmoid(x_t @ W_xg + h_prev @ W_hg + b_g) - 1",
            ),
        ),
    ],
    "cell_update": [
        slip(
            "the forget gate multiplies c_prev, not the candidate",
            1,
            ("f * c_prev + i * g", "i * c_prev + f * g"),
        ),
        slip(
            "c_prev is kept whole: the forget gate scales it",
            1,
            ("f * c_prev + i * g", "c_prev + i * g"),
        ),
        slip(
            "the candidate is added whole: the input gate scales it",
            1,
            ("f * c_prev + i * g", "f * c_prev + g"),
        ),
        slip(
            "neither gate is used: f scales c_prev, i scales the candidate",
            1,
            ("f * c_prev + i * g", "c_prev + g"),
        ),
        slip(
            "multiply c_prev by f, not by 1 - f",
            1,
            ("f * c_prev + i * g", "(1 - f) * c_prev + i * g"),
        ),
        slip(
            "multiply the candidate by i, not by 1 - i",
            1,
            ("f * c_prev + i * g", "f * c_prev + (1 - i) * g"),
        ),
        slip(
            "the forget gate is an argument of its own: it is not 1 - i",
            1,
            ("f * c_prev + i * g", "(1 - i) * c_prev + i * g"),
        ),
        slip(
            "the input gate is an argument of its own: it is not 1 - f",
            1,
            ("f * c_prev + i * g", "f * c_prev + (1 - f) * g"),
        ),
        slip(
            "the two parts are added, not multiplied",
            1,
            ("f * c_prev + i * g", "f * c_prev * i * g"),
        ),
        slip(
            "the two parts are added, not subtracted",
            1,
            ("f * c_prev + i * g", "f * c_prev - i * g"),
            ways=[[("f * c_prev + i * g", "i * g - f * c_prev")]],
        ),
        slip(
            "f multiplies c_prev and i multiplies g: the candidate meets the wrong factor",
            1,
            ("f * c_prev + i * g", "c_prev * g + f * i"),
            ways=[[("f * c_prev + i * g", "f * g + i * c_prev * g")]],
        ),
        slip(
            "f scales c_prev alone, not the sum: mind the brackets",
            1,
            ("f * c_prev + i * g", "f * (c_prev + i * g)"),
            ways=[[("f * c_prev + i * g", "f * c_prev + f * i * g")]],
        ),
        slip(
            "i scales the candidate alone, not the sum: mind the brackets",
            1,
            ("f * c_prev + i * g", "(f * c_prev + g) * i"),
            ways=[[("f * c_prev + i * g", "i * (f * c_prev + i * g)")]],
        ),
        slip(
            "the cell state is not squashed: no tanh here",
            1,
            ("return c_t", "return np.tanh(c_t)"),
        ),
        slip(
            "the gates are activated already: no sigmoid here",
            1,
            ("f * c_prev + i * g", "sigmoid(f) * c_prev + sigmoid(i) * g"),
            ways=[
                [("f * c_prev + i * g", "sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)")],
                [("f * c_prev + i * g", "sigmoid(f) * c_prev + i * g")],
            ],
        ),
        slip(
            "the candidate is activated already: no tanh here",
            1,
            ("f * c_prev + i * g", "f * c_prev + i * np.tanh(g)"),
        ),
        slip(
            "the new part is missing: add i * g",
            1,
            ("f * c_prev + i * g", "f * c_prev"),
        ),
        slip(
            "the old part is missing: add f * c_prev",
            1,
            ("f * c_prev + i * g", "i * g"),
        ),
        slip(
            "the products are elementwise: use *, not @",
            1,
            ("f * c_prev + i * g", "f @ c_prev + i @ g"),
            ways=[
                [("f * c_prev + i * g", "f @ c_prev + i * g")],
                [("f * c_prev + i * g", "f * c_prev + i @ g")],
                [("f * c_prev + i * g", "np.dot(f, c_prev) + np.dot(i, g)")],
                [("f * c_prev + i * g", "f.T @ c_prev + i.T @ g")],
                [("f * c_prev + i * g", "f @ c_prev.T + i @ g.T")],
            ],
        ),
        slip(
            "the two parts are added as they are: no mean",
            1,
            ("f * c_prev + i * g", "(f * c_prev + i * g) / 2"),
        ),
        slip(
            "your function changes its argument c_prev",
            1,
            ("    c_t = f * c_prev + i * g", "    c_t = c_prev\n    c_t *= f\n    c_t += i * g"),
            ways=[
                [("    c_t = f * c_prev + i * g", "    c_prev *= f\n    c_t = c_prev + i * g")],
                [
                    (
                        "    c_t = f * c_prev + i * g",
                        "    c_prev[:] = f * c_prev + i * g\n    c_t = c_prev",
                    )
                ],
            ],
        ),
        slip("is the return statement missing?", 1, ("    return c_t", "")),
        slip(
            "the cell state may grow beyond 1: do not cut it off",
            1,
            ("return c_t", "return np.clip(c_t, -1, 1)"),
        ),
        slip(
            "each part has a factor of its own: multiply first, then add",
            1,
            ("f * c_prev + i * g", "(f + i) * (c_prev + g)"),
        ),
        slip(
            "the input gate scales the candidate g, not c_prev once more",
            1,
            ("f * c_prev + i * g", "f * c_prev + i * c_prev"),
        ),
        slip(
            "the forget gate multiplies c_prev: it is not added",
            1,
            ("f * c_prev + i * g", "f + c_prev + i * g"),
        ),
        slip(
            "the input gate multiplies the candidate: it is not added",
            1,
            ("f * c_prev + i * g", "f * c_prev + i + g"),
        ),
        slip(
            "c_prev enters as it is: the tanh of a cell state belongs to h_t",
            1,
            ("f * c_prev + i * g", "f * np.tanh(c_prev) + i * g"),
        ),
    ],
    "output_gate_and_hidden_state": [
        slip("the tanh of the cell state is missing", 1, ("o * np.tanh(c_t)", "o * c_t")),
        slip(
            "the cell state goes through tanh, not through the sigmoid",
            1,
            ("o * np.tanh(c_t)", "o * sigmoid(c_t)"),
        ),
        slip("the output gate is missing in h_t", 1, ("o * np.tanh(c_t)", "np.tanh(c_t)")),
        slip(
            "apply tanh to c_t before you multiply by the gate, not after",
            1,
            ("o * np.tanh(c_t)", "np.tanh(o * c_t)"),
        ),
        slip("the gate multiplies: it is not added", 1, ("o * np.tanh(c_t)", "o + np.tanh(c_t)")),
        slip(
            "tanh is taken of c_t, not of h_prev",
            1,
            ("o * np.tanh(c_t)", "o * np.tanh(h_prev)"),
        ),
        slip(
            "multiply by o_t, not by 1 - o_t",
            1,
            ("o * np.tanh(c_t)", "(1 - o) * np.tanh(c_t)"),
        ),
        slip(
            "the gate is used twice in h_t",
            1,
            ("o * np.tanh(c_t)", "o * o * np.tanh(c_t)"),
            ways=[[("o * np.tanh(c_t)", "o * np.tanh(o * c_t)")]],
        ),
        slip(
            "the tanh is applied twice in h_t",
            1,
            ("o * np.tanh(c_t)", "o * np.tanh(np.tanh(c_t))"),
            ways=[[("o * np.tanh(c_t)", "np.tanh(o * np.tanh(c_t))")]],
        ),
        slip("return o_t first, then h_t", 2, ("return o, h_t", "return h_t, o")),
        slip(
            "output_gate_and_hidden_state must return 2 values, (o_t, h_t)",
            2,
            ("return o, h_t", "return h_t"),
            ways=[
                [("return o, h_t", "return o")],
                [("return o, h_t", "return o, h_t, c_t")],
                [("    return o, h_t", "")],
            ],
        ),
        slip(
            "the output gate uses the sigmoid, not tanh",
            2,
            ("o = sigmoid(x_t", "o = np.tanh(x_t"),
        ),
        slip(
            "the sigmoid of the output gate is missing",
            2,
            (
                "o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)",
                "o = x_t @ W_xo + h_prev @ W_ho + b_o",
            ),
        ),
        slip(
            "the bias is added, not subtracted",
            2,
            ("h_prev @ W_ho + b_o", "h_prev @ W_ho - b_o"),
        ),
        slip(
            "the gate is multiplied, not divided by tanh(c_t)",
            1,
            ("o * np.tanh(c_t)", "o / np.tanh(c_t)"),
        ),
        slip("the bias b_o is missing", 2, ("h_prev @ W_ho + b_o", "h_prev @ W_ho")),
        slip(
            "the output gate reads h_prev too: add its product with W_ho",
            2,
            ("x_t @ W_xo + h_prev @ W_ho", "x_t @ W_xo"),
        ),
        slip(
            "the output gate reads x_t too: add its product with W_xo",
            2,
            ("x_t @ W_xo + h_prev", "h_prev"),
        ),
        slip(
            "the output gate reads h_prev, not c_t",
            2,
            ("h_prev @ W_ho", "c_t @ W_ho"),
            ways=[[("h_prev @ W_ho", "np.tanh(c_t) @ W_ho")]],
        ),
        slip("W_ho is transposed", 2, ("h_prev @ W_ho", "h_prev @ W_ho.T")),
        slip(
            "the output gate does not read the cell state: this is a peephole",
            2,
            ("h_prev @ W_ho + b_o", "h_prev @ W_ho + b_o + c_t"),
            ways=[[("h_prev @ W_ho + b_o", "(h_prev + c_t) @ W_ho + b_o")]],
        ),
        slip(
            "this is 1 - o_t: a gate of 1 shows all",
            2,
            (
                "o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)",
                "o = 1 - sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)",
            ),
        ),
        slip(
            "a matrix product is wrong: weights stand on its right, and gates multiply with *, not @",
            2,
            ("x_t @ W_xo", "W_xo @ x_t"),
            ways=[
                [("h_prev @ W_ho", "W_ho @ h_prev")],
                [("x_t @ W_xo", "np.dot(W_xo, x_t)")],
                [("x_t @ W_xo", "W_xo.T @ x_t")],
                [("o * np.tanh(c_t)", "o @ np.tanh(c_t)")],
                [("o * np.tanh(c_t)", "np.dot(o, np.tanh(c_t))")],
            ],
        ),
        slip(
            "the products with the weights are matrix products: use @, not *",
            2,
            ("x_t @ W_xo", "x_t * W_xo"),
            ways=[[("h_prev @ W_ho", "h_prev * W_ho")]],
        ),
        slip(
            "your function changes its argument c_t",
            2,
            ("    h_t = o * np.tanh(c_t)", "    h_t = np.tanh(c_t, out=c_t)\n    h_t = o * h_t"),
        ),
        slip(
            "the tanh is taken of the cell state, not of the gate",
            1,
            ("o * np.tanh(c_t)", "np.tanh(o) * c_t"),
        ),
        slip(
            "o_t is a gate already: no second sigmoid in h_t",
            1,
            ("o * np.tanh(c_t)", "sigmoid(o) * np.tanh(c_t)"),
        ),
        slip(
            "h_t is made of the cell state: the gate does not multiply h_prev",
            1,
            ("o * np.tanh(c_t)", "o * h_prev"),
        ),
        slip(
            "the old hidden state is not added to the new one",
            1,
            ("o * np.tanh(c_t)", "o * np.tanh(c_t) + h_prev"),
        ),
        slip(
            "h_t holds nothing of h_prev: a GRU mixes old and new, an LSTM does not",
            1,
            ("o * np.tanh(c_t)", "o * np.tanh(c_t) + (1 - o) * h_prev"),
        ),
    ],
    "pre_activations": [
        slip(
            "the blocks stand in the order i, f, g, o",
            1,
            *blocks("ifog"),
            ways=[
                blocks(order) for order in ("iofg", "figo", "igfo", "gifo", "oifg", "fiog", "iogf")
            ],
        ),
        slip("the bias b is missing", 1, ("h_prev @ W_h + b", "h_prev @ W_h")),
        slip(
            "the hidden state is missing: add its product with W_h",
            1,
            ("x_t @ W_x + h_prev @ W_h", "x_t @ W_x"),
        ),
        slip(
            "the input is missing: add its product with W_x",
            1,
            ("x_t @ W_x + h_prev", "h_prev"),
        ),
        slip(
            "the blocks stand side by side: split along axis 1, not along the batch",
            1,
            ("np.split(a, 4, axis=1)", "np.split(a, 4, axis=0)"),
            ways=[[("np.split(a, 4, axis=1)", "np.split(a, 4)")]],
        ),
        slip(
            "each block has H columns, not one: take H from a shape",
            1,
            ("np.split(a, 4, axis=1)", "(a[:, k : k + 1] for k in range(4))"),
            ways=[[("np.split(a, 4, axis=1)", "(a[:, k] for k in range(4))")]],
        ),
        slip(
            "the columns of one block stand together: every fourth column is another layout",
            1,
            ("np.split(a, 4, axis=1)", "(a[:, k::4] for k in range(4))"),
            ways=[
                [("np.split(a, 4, axis=1)", "np.moveaxis(a.reshape(len(a), -1, 4), 2, 0)")],
            ],
        ),
        slip(
            "H is the number of hidden units: take it from h_prev or W_h, not from x_t",
            1,
            ("np.split(a, 4, axis=1)", "(a[:, k * n : (k + 1) * n] for k in range(4))"),
            ("    a = x_t", "    n = x_t.shape[1]\n    a = x_t"),
            ways=[
                [
                    (
                        "    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)",
                        "    n = x_t.shape[1]\n    a_i, a_f, a_g, a_o = "
                        "a[:, :n], a[:, n : 2 * n], a[:, 2 * n : 3 * n], a[:, 3 * n :]",
                    )
                ],
            ],
        ),
        slip(
            "H is the number of columns of h_prev, not of rows",
            1,
            ("np.split(a, 4, axis=1)", "(a[:, k * n : (k + 1) * n] for k in range(4))"),
            ("    a = x_t", "    n = h_prev.shape[0]\n    a = x_t"),
            ways=[
                [
                    (
                        "np.split(a, 4, axis=1)",
                        "(a[:, :n], a[:, n : 2 * n], a[:, 2 * n : 3 * n], a[:, 3 * n :])",
                    ),
                    ("    a = x_t", "    n = h_prev.shape[0]\n    a = x_t"),
                ],
            ],
        ),
        slip(
            "the last block ends with the last column",
            1,
            *cut(":H", "H : 2 * H", "2 * H : 3 * H", "3 * H : -1"),
        ),
        slip(
            "neighboring blocks share no column: a slice ends before its second number",
            1,
            *cut(": H + 1", "H : 2 * H + 1", "2 * H : 3 * H + 1", "3 * H :"),
            ways=[cut(":H", "H + 1 : 2 * H", "2 * H + 1 : 3 * H", "3 * H + 1 :")],
        ),
        slip(
            "each block has a bias of its own: take its H entries of b",
            1,
            ("h_prev @ W_h + b", "h_prev @ W_h + np.tile(b[: W_h.shape[0]], 4)"),
            ways=[
                [("h_prev @ W_h + b", "h_prev @ W_h + np.tile(b.reshape(4, -1).sum(axis=0), 4)")],
                [("h_prev @ W_h + b", "h_prev @ W_h + b.sum()")],
            ],
        ),
        slip(
            "pre-activations are not activated yet: no sigmoid and no tanh here",
            1,
            (
                "return a_i, a_f, a_g, a_o",
                "return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)",
            ),
            ways=[
                [("x_t @ W_x + h_prev @ W_h + b", "sigmoid(x_t @ W_x + h_prev @ W_h + b)")],
                [("x_t @ W_x + h_prev @ W_h + b", "np.tanh(x_t @ W_x + h_prev @ W_h + b)")],
            ],
        ),
        slip(
            "keep the axis of the batch: squeeze takes it away where N = 1",
            1,
            ("h_prev @ W_h + b  # (N, 4H)", "h_prev @ W_h + b\n    a = a.squeeze()"),
            ("np.split(a, 4, axis=1)", "np.split(a, 4, axis=-1)"),
        ),
        slip(
            "pre_activations must return 4 values, (a_i, a_f, a_g, a_o)",
            1,
            ("return a_i, a_f, a_g, a_o", "return a"),
            ways=[
                [("return a_i, a_f, a_g, a_o", "return a_i, a_f, a_g")],
                [("    return a_i, a_f, a_g, a_o", "")],
                [("return a_i, a_f, a_g, a_o", "return {'i': a_i, 'f': a_f, 'g': a_g, 'o': a_o}")],
            ],
        ),
        slip(
            "the weights stand on the right of the products: rows are examples",
            1,
            ("x_t @ W_x + h_prev", "W_x @ x_t + h_prev"),
            ways=[
                [("h_prev @ W_h + b", "W_h @ h_prev + b")],
                [("x_t @ W_x + h_prev", "np.dot(W_x, x_t) + h_prev")],
                [("x_t @ W_x + h_prev", "W_x.T @ x_t + h_prev")],
            ],
        ),
        slip(
            "the weights are used as they are: no transpose",
            1,
            ("h_prev @ W_h + b", "h_prev @ W_h.T + b"),
            ways=[
                [("x_t @ W_x + h_prev", "x_t @ W_x.T + h_prev")],
                [("x_t @ W_x + h_prev @ W_h", "x_t @ W_x.T + h_prev @ W_h.T")],
            ],
        ),
        slip(
            "the two products are added, not multiplied",
            1,
            ("x_t @ W_x + h_prev @ W_h", "(x_t @ W_x) * (h_prev @ W_h)"),
        ),
        slip(
            "cut into four parts, not into H parts",
            1,
            ("np.split(a, 4, axis=1)", "np.split(a, h_prev.shape[1], axis=1)"),
            ways=[[("np.split(a, 4, axis=1)", "np.split(a, len(W_h), axis=1)")]],
        ),
        slip(
            "these are matrix products: use @, not *",
            1,
            ("x_t @ W_x + h_prev", "x_t * W_x + h_prev"),
            ways=[[("h_prev @ W_h + b", "h_prev * W_h + b")]],
        ),
        slip(
            "the bias is added, not subtracted",
            1,
            ("h_prev @ W_h + b", "h_prev @ W_h - b"),
        ),
        slip(
            "the rows of [W_x; W_h] must stand in the order of the columns that they multiply",
            1,
            (
                "x_t @ W_x + h_prev @ W_h + b",
                "np.hstack([h_prev, x_t]) @ np.vstack([W_x, W_h]) + b",
            ),
        ),
        slip(
            "a block has the shape (N, H): do not transpose it",
            1,
            ("return a_i, a_f, a_g, a_o", "return a_i.T, a_f.T, a_g.T, a_o.T"),
        ),
        slip(
            "the batch is not averaged here: every example has its own row",
            1,
            (
                "h_prev @ W_h + b",
                "h_prev @ W_h + b\n    a = np.broadcast_to(a.mean(axis=0), a.shape)",
            ),
        ),
        slip(
            "reshape mixes examples and blocks: split along axis 1 instead",
            1,
            ("np.split(a, 4, axis=1)", "a.reshape(4, len(x_t), -1)"),
        ),
        slip(
            "after reshape(N, 4, H) the blocks stand along axis 1, and unpacking takes axis 0 apart",
            1,
            ("np.split(a, 4, axis=1)", "a.reshape(len(x_t), 4, -1)"),
        ),
        slip(
            "each block is one column too short: the second number of a slice is not in it",
            1,
            ("np.split(a, 4, axis=1)", "(a[:, k * n : (k + 1) * n - 1] for k in range(4))"),
            ("    a = x_t", "    n = h_prev.shape[1]\n    a = x_t"),
        ),
        slip(
            "the blocks are made of columns, a[:, ...]: here the rows are cut",
            1,
            ("np.split(a, 4, axis=1)", "(a[k * n : (k + 1) * n] for k in range(4))"),
            ("    a = x_t", "    n = h_prev.shape[1]\n    a = x_t"),
        ),
    ],
    "step": [
        slip(
            "this is c_t: return h_t first, then c_t",
            3,
            ("return o * np.tanh(c_new), c_new", "return c_new, o * np.tanh(c_new)"),
        ),
        slip(
            "h_t uses the new cell state, not c_prev",
            1,
            ("return o * np.tanh(c_new)", "return o * np.tanh(c_prev)"),
        ),
        slip(
            "the tanh of the cell state is missing",
            1,
            ("return o * np.tanh(c_new)", "return o * c_new"),
        ),
        slip(
            "the cell state goes through tanh, not through the sigmoid",
            1,
            ("return o * np.tanh(c_new)", "return o * sigmoid(c_new)"),
        ),
        slip(
            "the output gate is missing in h_t",
            1,
            ("return o * np.tanh(c_new)", "return np.tanh(c_new)"),
        ),
        slip(
            "apply tanh to c_t before you multiply by the output gate, not after",
            1,
            ("return o * np.tanh(c_new)", "return np.tanh(o * c_new)"),
        ),
        slip(
            "the next step needs c_t itself: return it without the tanh",
            2,
            ("return o * np.tanh(c_new), c_new", "return o * np.tanh(c_new), np.tanh(c_new)"),
        ),
        slip(
            "squash c_t for h_t alone: the cell state itself stays as it is",
            3,
            (
                "c_new = cell_update(c_prev, i, f, g)",
                "c_new = np.tanh(cell_update(c_prev, i, f, g))",
            ),
        ),
        slip(
            "the new cell state is missing: c_prev is returned",
            2,
            ("return o * np.tanh(c_new), c_new", "return o * np.tanh(c_new), c_prev"),
        ),
        slip(
            "the forget gate multiplies c_prev, not the candidate",
            3,
            ("cell_update(c_prev, i, f, g)", "cell_update(c_prev, f, i, g)"),
        ),
        slip(
            "i and o are exchanged: the blocks stand in the order i, f, g, o",
            3,
            *in_step("ofgi"),
        ),
        slip(
            "g and o are exchanged: the blocks stand in the order i, f, g, o",
            3,
            *in_step("ifog"),
        ),
        slip(
            "f and g are exchanged: the blocks stand in the order i, f, g, o",
            3,
            *in_step("igfo"),
        ),
        slip(
            "f and o are exchanged: the blocks stand in the order i, f, g, o",
            3,
            *in_step("iogf"),
        ),
        slip(
            "the blocks stand in the order i, f, g, o, not i, o, f, g",
            3,
            *in_step("iofg"),
        ),
        slip(
            "the candidate uses tanh, not the sigmoid",
            3,
            ("g = np.tanh(a_g)", "g = sigmoid(a_g)"),
        ),
        slip(
            "the tanh of the candidate is missing",
            3,
            ("g = np.tanh(a_g)", "g = a_g"),
        ),
        slip(
            "the gates use the sigmoid, not tanh",
            3,
            (
                "sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)",
                "np.tanh(a_i), np.tanh(a_f), np.tanh(a_o)",
            ),
        ),
        slip(
            "the sigmoid of the gates is missing",
            3,
            ("i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)", "i, f, o = a_i, a_f, a_o"),
        ),
        slip(
            "the output gate uses the sigmoid, not tanh",
            1,
            ("sigmoid(a_f), sigmoid(a_o)", "sigmoid(a_f), np.tanh(a_o)"),
        ),
        slip(
            "the output gate has a block of its own, the last one",
            1,
            ("sigmoid(a_f), sigmoid(a_o)", "sigmoid(a_f), sigmoid(a_f)"),
            ways=[[("sigmoid(a_f), sigmoid(a_o)", "sigmoid(a_f), sigmoid(a_i)")]],
        ),
        slip(
            "the forget gate has a block of its own, the second one",
            3,
            ("sigmoid(a_i), sigmoid(a_f)", "sigmoid(a_i), sigmoid(a_i)"),
        ),
        slip(
            "the output gate multiplies: it is not added",
            1,
            ("return o * np.tanh(c_new)", "return o + np.tanh(c_new)"),
        ),
        slip(
            "multiply by o_t, not by 1 - o_t",
            1,
            ("return o * np.tanh(c_new)", "return (1 - o) * np.tanh(c_new)"),
        ),
        slip(
            "the two parts of the cell state are added, not multiplied",
            3,
            ("cell_update(c_prev, i, f, g)", "f * c_prev * i * g"),
        ),
        slip(
            "c_prev is missing: what is kept of it is added",
            3,
            ("cell_update(c_prev, i, f, g)", "i * g"),
        ),
        slip(
            "the forget gate is a gate of its own: it is not 1 - i",
            3,
            ("cell_update(c_prev, i, f, g)", "(1 - i) * c_prev + i * g"),
        ),
        slip(
            "the sigmoid of the output gate is missing",
            1,
            ("sigmoid(a_f), sigmoid(a_o)", "sigmoid(a_f), a_o"),
        ),
        slip(
            "the sigmoid of the forget gate is missing",
            3,
            ("sigmoid(a_f), sigmoid(a_o)", "a_f, sigmoid(a_o)"),
        ),
        slip(
            "the sigmoid of the input gate is missing",
            3,
            ("sigmoid(a_i), sigmoid(a_f)", "a_i, sigmoid(a_f)"),
        ),
        slip(
            "c_prev is kept whole: the forget gate scales it",
            3,
            ("cell_update(c_prev, i, f, g)", "c_prev + i * g"),
        ),
        slip(
            "the candidate is added whole: the input gate scales it",
            3,
            ("cell_update(c_prev, i, f, g)", "f * c_prev + g"),
        ),
        slip(
            "h_prev belongs into the pre-activations, and c_prev into the cell update",
            3,
            ("pre_activations(x_t, h_prev,", "pre_activations(x_t, c_prev,"),
            ways=[
                [("cell_update(c_prev, i, f, g)", "cell_update(h_prev, i, f, g)")],
                [
                    ("pre_activations(x_t, h_prev,", "pre_activations(x_t, c_prev,"),
                    ("cell_update(c_prev, i, f, g)", "cell_update(h_prev, i, f, g)"),
                ],
            ],
        ),
        slip(
            "the arguments of cell_update stand in the order c_prev, i, f, g",
            3,
            ("cell_update(c_prev, i, f, g)", "cell_update(c_prev, i, g, f)"),
            ways=[[("cell_update(c_prev, i, f, g)", "cell_update(i, c_prev, f, g)")]],
        ),
        slip(
            "h_t comes from the cell state, not from the candidate",
            1,
            ("return o * np.tanh(c_new)", "return o * np.tanh(g)"),
            ways=[[("return o * np.tanh(c_new)", "return o * g")]],
        ),
        slip(
            "the bias is missing: add b",
            3,
            (
                "pre_activations(x_t, h_prev, W_x, W_h, b)",
                "np.split(x_t @ W_x + h_prev @ W_h, 4, axis=1)",
            ),
            ways=[
                [
                    (
                        "pre_activations(x_t, h_prev, W_x, W_h, b)",
                        "pre_activations(x_t, h_prev, W_x, W_h, 0 * b)",
                    )
                ]
            ],
        ),
        slip(
            "the hidden state is missing: add h_prev @ W_h",
            3,
            (
                "pre_activations(x_t, h_prev, W_x, W_h, b)",
                "np.split(x_t @ W_x + b, 4, axis=1)",
            ),
        ),
        slip(
            "each block has H columns, not one: take H from a shape",
            3,
            """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = x_t @ W_x + h_prev @ W_h + b
    c_t = sigmoid(a[:, 1:2]) * c_prev + sigmoid(a[:, 0:1]) * np.tanh(a[:, 2:3])
    return sigmoid(a[:, 3:4]) * np.tanh(c_t), c_t
""",
        ),
        slip(
            "your function changes its arguments h_prev and c_prev",
            3,
            """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    i, f, g, o = pre_activations(x_t, h_prev, W_x, W_h, b)
    c_prev[...] = cell_update(c_prev, sigmoid(i), sigmoid(f), np.tanh(g))
    h_prev[...] = sigmoid(o) * np.tanh(c_prev)
    return h_prev, c_prev
""",
        ),
        slip(
            "your function changes its argument c_prev",
            3,
            """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    i, f, g, o = pre_activations(x_t, h_prev, W_x, W_h, b)
    c_prev *= sigmoid(f)
    c_prev += sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_prev), c_prev
""",
        ),
        slip(
            "gates and states are multiplied entry by entry: use *, not @",
            3,
            ("return o * np.tanh(c_new)", "return o @ np.tanh(c_new)"),
            ways=[[("cell_update(c_prev, i, f, g)", "f @ c_prev + i @ g")]],
        ),
        slip(
            "step must return 2 values, (h_t, c_t)",
            3,
            ("return o * np.tanh(c_new), c_new", "return o * np.tanh(c_new)"),
            ways=[[("    return o * np.tanh(c_new), c_new", "    h_t = o * np.tanh(c_new)")]],
        ),
        slip(
            "the candidate is activated already: no second tanh in the cell update",
            3,
            ("cell_update(c_prev, i, f, g)", "cell_update(c_prev, i, f, np.tanh(g))"),
        ),
        slip(
            "return h_t, not the output gate",
            1,
            ("return o * np.tanh(c_new), c_new", "return o, c_new"),
        ),
        slip(
            "nothing is activated: i, f and o need the sigmoid, the candidate tanh",
            3,
            ("i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)", "i, f, o = a_i, a_f, a_o"),
            ("g = np.tanh(a_g)", "g = a_g"),
        ),
        slip(
            "W_x multiplies x_t and W_h multiplies h_prev: the two are exchanged",
            3,
            (
                "pre_activations(x_t, h_prev, W_x, W_h, b)",
                "pre_activations(x_t, h_prev, W_h, W_x, b)",
            ),
        ),
    ],
    "sequence": [
        slip(
            "time stands first: stack along axis 1",
            1,
            ("np.stack(hidden_states, axis=1)", "np.stack(hidden_states, axis=0)"),
            ways=[[("np.stack(hidden_states, axis=1)", "np.array(hidden_states)")]],
        ),
        slip(
            "the features stand last: stack along axis 1",
            1,
            ("np.stack(hidden_states, axis=1)", "np.stack(hidden_states, axis=-1)"),
        ),
        slip(
            "reshape mixes examples and time steps: stack along axis 1 instead",
            1,
            (
                "np.stack(hidden_states, axis=1)",
                "np.array(hidden_states).reshape(*x.shape[:2], -1)",
            ),
        ),
        slip(
            "concatenate joins the steps along the units: stack them",
            1,
            ("np.stack(hidden_states, axis=1)", "np.concatenate(hidden_states, axis=1)"),
            ways=[[("np.stack(hidden_states, axis=1)", "np.hstack(hidden_states)")]],
        ),
        slip(
            "concatenate joins the steps along the batch: stack them",
            1,
            ("np.stack(hidden_states, axis=1)", "np.concatenate(hidden_states, axis=0)"),
            ways=[[("np.stack(hidden_states, axis=1)", "np.concatenate(hidden_states)")]],
        ),
        slip(
            "this is the last hidden state only: keep that of every step",
            1,
            ("return np.stack(hidden_states, axis=1), h_t", "return h_t, h_t"),
        ),
        slip(
            "each step starts from h0: carry h_t on",
            3,
            ("step(x[:, t], h_t, c_t,", "step(x[:, t], h0, c_t,"),
        ),
        slip(
            "each step starts from c0: carry c_t on",
            3,
            ("step(x[:, t], h_t, c_t,", "step(x[:, t], h_t, c0,"),
        ),
        slip(
            "each step starts from h0 and c0: carry both states on",
            3,
            ("step(x[:, t], h_t, c_t,", "step(x[:, t], h0, c0,"),
        ),
        slip(
            "start from h0 and c0, not from zeros",
            3,
            ("h_t, c_t = h0, c0", "h_t, c_t = np.zeros_like(h0), np.zeros_like(c0)"),
        ),
        slip("start from h0, not from zeros", 3, ("h_t, c_t = h0, c0", "h_t, c_t = 0 * h0, c0")),
        slip("start from c0, not from zeros", 3, ("h_t, c_t = h0, c0", "h_t, c_t = h0, 0 * c0")),
        slip(
            "h0 and c0 are exchanged at the start",
            3,
            ("h_t, c_t = h0, c0", "h_t, c_t = c0, h0"),
        ),
        slip(
            "step returns h_t first, then c_t",
            3,
            ("h_t, c_t = step(", "c_t, h_t = step("),
        ),
        slip(
            "the arguments of step stand in the order x_t, h_prev, c_prev, W_x, W_h, b",
            3,
            ("step(x[:, t], h_t, c_t,", "step(x[:, t], c_t, h_t,"),
            ways=[
                [("step(x[:, t], h_t, c_t,", "step(h_t, x[:, t], c_t,")],
                [("step(x[:, t], h_t, c_t,", "step(h_t, c_t, x[:, t],")],
                [("h_t, c_t, W_x, W_h, b)", "h_t, c_t, W_h, W_x, b)")],
            ],
        ),
        slip(
            "nothing is kept: append h_t at each step",
            3,
            ("        hidden_states.append(h_t)\n", ""),
        ),
        slip(
            "this keeps the last state alone: append at each step, inside the loop",
            1,
            ("        hidden_states.append(h_t)\n", "    hidden_states.append(h_t)\n"),
        ),
        slip(
            "these are the cell states: h holds the hidden states",
            1,
            ("hidden_states.append(h_t)", "hidden_states.append(c_t)"),
        ),
        slip(
            "this is h_T: the cell state comes last",
            1,
            ("axis=1), h_t, c_t", "axis=1), h_t, h_t"),
        ),
        slip(
            "the final states are exchanged: first h_T, then c_T",
            2,
            ("axis=1), h_t, c_t", "axis=1), c_t, h_t"),
        ),
        slip(
            "h_T is the hidden state after the last step, not the cell state",
            1,
            ("axis=1), h_t, c_t", "axis=1), c_t, c_t"),
        ),
        slip(
            "the final states are those after the last step, not h0 and c0",
            2,
            ("axis=1), h_t, c_t", "axis=1), h0, c0"),
        ),
        slip(
            "h_T is the last state, not the first",
            1,
            ("axis=1), h_t, c_t", "axis=1), hidden_states[0], c_t"),
        ),
        slip(
            "the sequence is read from its end: start with t = 0",
            3,
            ("range(x.shape[1])", "reversed(range(x.shape[1]))"),
            ways=[
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in reversed(range(T)):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ],
        ),
        slip(
            "the last step is left out",
            3,
            ("range(x.shape[1])", "range(x.shape[1] - 1)"),
            ways=[
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(T - 1):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ],
        ),
        slip(
            "the first step is left out",
            3,
            ("range(x.shape[1])", "range(1, x.shape[1])"),
            ways=[
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(1, T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ],
        ),
        slip(
            "the loop goes over the examples: T is x.shape[1]",
            3,
            ("range(x.shape[1])", "range(x.shape[0])"),
            ways=[
                [("range(x.shape[1])", "range(len(x))")],
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(N):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ],
        ),
        slip(
            "the loop goes over the features: T is x.shape[1]",
            3,
            ("range(x.shape[1])", "range(x.shape[2])"),
            ways=[[("range(x.shape[1])", "range(x.shape[-1])")]],
        ),
        slip(
            "x[t] is one example: the input of step t is x[:, t]",
            3,
            ("step(x[:, t]", "step(x[t]"),
            ways=[
                [("for t in range(x.shape[1]):", "for x_t in x:"), ("step(x[:, t]", "step(x_t")],
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ],
        ),
        slip(
            "x[:, :, t] is one feature: the input of step t is x[:, t]",
            3,
            ("step(x[:, t]", "step(x[:, :, t]"),
            ways=[[("step(x[:, t]", "step(x[..., t]")]],
        ),
        slip(
            "every step reads the first input: take x[:, t]",
            3,
            ("step(x[:, t]", "step(x[:, 0]"),
        ),
        slip(
            "h begins with the state after the first step: leave h0 out",
            1,
            ("hidden_states = []", "hidden_states = [h0]"),
        ),
        slip(
            "h holds the states after the steps, not those before them",
            1,
            (
                "        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)  # both (N, H)\n"
                "        hidden_states.append(h_t)",
                "        hidden_states.append(h_t)\n"
                "        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)",
            ),
        ),
        slip(
            "one buffer holds all steps: append a new array at each of them",
            1,
            ("    h_t, c_t = h0, c0", "    h_t, c_t = h0.copy(), c0"),
            ("h_t, c_t = step(", "h_t[...], c_t = step("),
        ),
        slip(
            "h must be a NumPy array, but yours is a list",
            1,
            ("np.stack(hidden_states, axis=1)", "hidden_states"),
        ),
        slip(
            "append h_t alone: each entry of the list is a pair here",
            1,
            ("hidden_states.append(h_t)", "hidden_states.append((h_t, c_t))"),
        ),
        slip(
            "sequence must return 3 values, (h, h_T, c_T)",
            3,
            (
                "return np.stack(hidden_states, axis=1), h_t, c_t",
                "return np.stack(hidden_states, axis=1)",
            ),
            ways=[
                [
                    (
                        "return np.stack(hidden_states, axis=1), h_t, c_t",
                        "return np.stack(hidden_states, axis=1), h_t",
                    )
                ],
                [
                    (
                        "return np.stack(hidden_states, axis=1), h_t, c_t",
                        "return np.stack(hidden_states, axis=1), (h_t, c_t)",
                    )
                ],
            ],
        ),
        slip(
            "the return stands inside the loop: it ends with the first step",
            3,
            (
                "        hidden_states.append(h_t)\n    return",
                "        hidden_states.append(h_t)\n        return",
            ),
            ways=[
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
        return h, h_t, c_t
""",
            ],
        ),
        slip(
            "h[t] is one example: the states of step t go into h[:, t]",
            3,
            """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[t] = h_t
    return h, h_t, c_t
""",
        ),
        slip(
            "H is the number of columns of h0: W_x has four times as many",
            3,
            """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, W_x.shape[1]))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
        ),
        slip(
            "h has H columns, as h0, not the D columns of x",
            3,
            """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, D))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
            ways=[
                """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros_like(x)
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
"""
            ],
        ),
        slip(
            "the cell state of the step is thrown away: carry it on, and return the last one",
            3,
            ("h_t, c_t = step(", "h_t, c_new = step("),
        ),
    ],
    "parameter_count": [
        slip(
            "this is one block: an LSTM layer has four",
            2,
            ("first = 4 * (", "first = 1 * ("),
            ("above = 4 * (", "above = 1 * ("),
        ),
        slip(
            "these are three blocks, as in a GRU: the candidate has weights too",
            2,
            ("first = 4 * (", "first = 3 * ("),
            ("above = 4 * (", "above = 3 * ("),
        ),
        slip(
            "these are two biases a block, as in PyTorch: the question says one",
            2,
            ("(D * H + H * H + H)", "(D * H + H * H + 2 * H)"),
            ("(H * H + H * H + H)", "(H * H + H * H + 2 * H)"),
        ),
        slip(
            "the biases are missing",
            2,
            ("(D * H + H * H + H)", "(D * H + H * H)"),
            ("(H * H + H * H + H)", "(H * H + H * H)"),
        ),
        slip(
            "the bias has one entry for each hidden unit in each block",
            2,
            ("(D * H + H * H + H)", "(D * H + H * H + 1)"),
            ("(H * H + H * H + H)", "(H * H + H * H + 1)"),
            ways=[
                [
                    ("4 * (D * H + H * H + H)", "4 * (D * H + H * H) + H"),
                    ("4 * (H * H + H * H + H)", "4 * (H * H + H * H) + H"),
                ],
            ],
        ),
        slip(
            "W_h is missing: it has H rows",
            2,
            ("(D * H + H * H + H)", "(D * H + H)"),
            ("(H * H + H * H + H)", "(H * H + H)"),
        ),
        slip(
            "W_x is missing: it has as many rows as the layer reads features",
            2,
            ("(D * H + H * H + H)", "(H * H + H)"),
            ("(H * H + H * H + H)", "(H * H + H)"),
        ),
        slip(
            "the layers above read the H units of the layer below, not D features",
            1,
            ("(H * H + H * H + H)", "(D * H + H * H + H)"),
            ways=["def parameter_count(D, H, L):\n    return L * 4 * (D * H + H * H + H)\n"],
        ),
        slip(
            "a layer above has two matrices with H rows: W_x and W_h",
            1,
            ("above = 4 * (H * H + H * H + H)", "above = 4 * (H * H + H)"),
        ),
        slip(
            "there are no peepholes here",
            2,
            ("first = 4 * (D * H + H * H + H)", "first = 4 * (D * H + H * H + H) + 3 * H"),
            ("above = 4 * (H * H + H * H + H)", "above = 4 * (H * H + H * H + H) + 3 * H"),
        ),
        slip("this is one layer only: use L", 1, ("first + (L - 1) * above", "first")),
        slip(
            "there are L layers in all, so L - 1 above the first",
            2,
            ("(L - 1) * above", "L * above"),
        ),
        slip(
            "there are L - 1 layers above the first, not L - 2",
            2,
            ("(L - 1) * above", "(L - 2) * above"),
        ),
        slip(
            "these are two layers, whatever L is: use L",
            2,
            ("first + (L - 1) * above", "first + above"),
        ),
        slip(
            "only the first layer reads D features: this counts the first as one above",
            2,
            ("first + (L - 1) * above", "L * above"),
        ),
        slip(
            "the first layer is missing: this counts the layers above it",
            2,
            ("first + (L - 1) * above", "(L - 1) * above"),
        ),
        slip(
            "the factor 4 holds for the biases too: mind the brackets",
            2,
            ("4 * (D * H + H * H + H)", "4 * D * H + H * H + H"),
            ("4 * (H * H + H * H + H)", "4 * H * H + H * H + H"),
        ),
        slip(
            "W_x has D rows and H columns a block: multiply, do not add",
            2,
            ("(D * H + H * H + H)", "(D + H + H)"),
            ("(H * H + H * H + H)", "(H + H + H)"),
        ),
        slip(
            "W_h has H rows, not D",
            2,
            ("(D * H + H * H + H)", "(D * H + D * H + H)"),
            ways=[[("(D * H + H * H + H)", "(D * D + D * H + H)")]],
        ),
        slip(
            "the weights of the input are D times H, not D times D",
            2,
            ("(D * H + H * H + H)", "(D * D + H * H + H)"),
        ),
        slip(
            "the bias of a block has H entries, not D",
            2,
            ("(D * H + H * H + H)", "(D * H + H * H + D)"),
        ),
        slip(
            "must be a whole number (int), but yours is a float",
            2,
            ("first = 4 * (", "first = 4.0 * ("),
            ways=[[("return first + (L - 1) * above", "return float(first + (L - 1) * above)")]],
        ),
        slip(
            "there is no product of the sizes of two layers: layers are added, not multiplied",
            1,
            ("first + (L - 1) * above", "first * above ** (L - 1)"),
        ),
        slip(
            "the layers above read the H units of the layer below alone, not the input as well",
            1,
            ("(H * H + H * H + H)", "((D + H) * H + H * H + H)"),
        ),
        slip(
            "a layer hands H numbers up, not 4H",
            1,
            ("(H * H + H * H + H)", "(4 * H * H + H * H + H)"),
        ),
        slip("the layers above have biases too", 1, ("(H * H + H * H + H)", "(H * H + H * H)")),
        slip(
            "count the LSTM layers alone: no output layer is asked for",
            2,
            ("return first + (L - 1) * above", "return first + (L - 1) * above + H + 1"),
        ),
    ],
    "initial_bias": [
        slip(
            "only the forget gate gets the bias, not all four blocks", 1, ("b[H : 2 * H]", "b[:]")
        ),
        slip(
            "this is the block of the input gate: that of the forget gate is the second",
            1,
            ("b[H : 2 * H]", "b[:H]"),
            ways=[[("b[H : 2 * H]", "b[0:H]")]],
        ),
        slip(
            "this is the block of the candidate: that of the forget gate is the second",
            1,
            ("b[H : 2 * H]", "b[2 * H : 3 * H]"),
        ),
        slip(
            "this is the block of the output gate: that of the forget gate is the second",
            1,
            ("b[H : 2 * H]", "b[3 * H :]"),
        ),
        slip(
            "every hidden unit has a forget bias, not just one",
            1,
            ("b[H : 2 * H]", "b[1]"),
            ways=[[("b[H : 2 * H]", "b[H]")], [("b[H : 2 * H]", "b[1:2]")]],
        ),
        slip(
            "the block ends before the candidate's begins: everything from the second block on is set",
            1,
            ("b[H : 2 * H]", "b[H:]"),
        ),
        slip(
            "the input gate's bias stays zero: the first two blocks are set",
            1,
            ("b[H : 2 * H]", "b[: 2 * H]"),
        ),
        slip(
            "the slice is one entry too long: it ends before its second number",
            1,
            ("b[H : 2 * H]", "b[H : 2 * H + 1]"),
        ),
        slip(
            "the slice is one entry too short: its second number is not in it",
            1,
            ("b[H : 2 * H]", "b[H : 2 * H - 1]"),
        ),
        slip(
            "use the argument forget_bias, not 1",
            1,
            ("b[H : 2 * H] = forget_bias", "b[H : 2 * H] = 1.0"),
        ),
        slip(
            "the bias is forget_bias itself: the gate takes the sigmoid of it later",
            1,
            ("= forget_bias", "= sigmoid(forget_bias)"),
        ),
        slip("all other biases are zero, not one", 1, ("np.zeros(4 * H)", "np.ones(4 * H)")),
        slip(
            "all other biases are zero, not random",
            1,
            ("np.zeros(4 * H)", "np.random.default_rng(0).standard_normal(4 * H)"),
            ways=[[("np.zeros(4 * H)", "np.random.randn(4 * H)")]],
        ),
        slip(
            "must hold floats (float64 or float32), but yours holds",
            1,
            ("np.zeros(4 * H)", "np.zeros(4 * H, dtype=int)"),
            ways=[
                """
def initial_bias(H, forget_bias):
    return np.array([0] * H + [forget_bias] * H + [0] * 2 * H)
"""
            ],
        ),
        slip(
            "one vector is asked for, without a second axis: flatten it",
            1,
            ("return b", "return b.reshape(4, H)"),
            ways=[[("return b", "return b[None]")], [("return b", "return b[:, None]")]],
        ),
        slip("b has four blocks, not three", 1, ("np.zeros(4 * H)", "np.zeros(3 * H)")),
        slip(
            "b has one block for each gate and the candidate: four times H entries",
            1,
            """
def initial_bias(H, forget_bias):
    return np.full(H, float(forget_bias))
""",
        ),
        slip(
            "the units of a block stand together: every fourth entry is another layout",
            1,
            ("b[H : 2 * H]", "b[1::4]"),
        ),
        slip(
            "must be a NumPy array, but yours is a list",
            1,
            ("return b", "return b.tolist()"),
            ways=[
                """
def initial_bias(H, forget_bias):
    return [0.0] * H + [forget_bias] * H + [0.0] * (2 * H)
"""
            ],
        ),
        slip("is the return statement missing?", 1, ("    return b", "")),
        slip(
            "forget_bias is the bias, not the gate: do not turn it around",
            1,
            ("= forget_bias", "= -forget_bias"),
        ),
        slip(
            "counting starts at 0: the second block begins with entry H, not H + 1",
            1,
            ("b[H : 2 * H]", "b[H + 1 : 2 * H]"),
        ),
    ],
    "contributions": [
        slip(
            "what a step writes is i * g, not g alone",
            2,
            ("c0[:, None], i * g", "c0[:, None], g"),
        ),
        slip(
            "what a step writes is i * g, not i alone", 2, ("c0[:, None], i * g", "c0[:, None], i")
        ),
        slip(
            "what is kept is multiplied by f, not by 1 - f",
            2,
            ("*= f[:, t : t + 1]", "*= 1 - f[:, t : t + 1]"),
        ),
        slip(
            "the forget gate keeps, not the input gate",
            2,
            ("*= f[:, t : t + 1]", "*= i[:, t : t + 1]"),
        ),
        slip(
            "the two gates are exchanged: i writes, f keeps",
            2,
            ("c0[:, None], i * g", "c0[:, None], f * g"),
            ("*= f[:, t : t + 1]", "*= i[:, t : t + 1]"),
        ),
        slip(
            "the forget gate of step t itself does not multiply what step t has just written",
            2,
            ("p[:, : t + 1] *=", "p[:, : t + 2] *="),
        ),
        slip(
            "what is left of c0 is multiplied by the forget gates of all steps",
            2,
            ("p[:, : t + 1] *=", "p[:, 1 : t + 1] *="),
        ),
        slip(
            "every later step multiplies, not the next one alone",
            2,
            ("p[:, : t + 1] *= f", "p[:, t : t + 1] *= f"),
            ways=[
                """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * np.prod(f, axis=1)
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * (f[:, t + 1] if t + 1 < T else 1.0)
    return p
""",
            ],
        ),
        slip(
            "what a step has written is forgotten from the very next step on",
            2,
            ("p[:, : t + 1] *=", "p[:, :t] *="),
            ways=[
                """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * np.prod(f, axis=1)
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * np.prod(f[:, t + 2 :], axis=1)
    return p
""",
            ],
        ),
        slip(
            "what the steps have written is forgotten too, not c0 alone",
            2,
            ("p[:, : t + 1] *=", "p[:, :1] *="),
        ),
        slip(
            "what was there is multiplied by one gate at each step, not by all gates so far",
            2,
            ("*= f[:, t : t + 1]", "*= f[:, : t + 1].prod(axis=1, keepdims=True)"),
        ),
        slip(
            "c0 and the writing of all steps stand along axis 1: c0 needs an axis of time first",
            2,
            ("[c0[:, None], i", "[c0, i"),
        ),
        slip(
            "the later steps multiply what was written, not the earlier ones",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = f.shape
    p = np.concatenate([c0[:, None], i * g], axis=1)
    p[:, 0] *= f.prod(axis=1)
    for t in range(1, T):
        p[:, t + 1] *= f[:, :t].prod(axis=1)
    return p
""",
            ways=[
                """
def contributions(c0, i, f, g):
    kept = np.concatenate([np.ones_like(f[:, :1]), np.cumprod(f, axis=1)], axis=1)
    return np.concatenate([c0[:, None], i * g], axis=1) * kept
"""
            ],
        ),
        slip("the last step multiplies too", 2, ("range(f.shape[1])", "range(f.shape[1] - 1)")),
        slip(
            "the first step multiplies c0 too",
            2,
            ("range(f.shape[1])", "range(1, f.shape[1])"),
        ),
        slip(
            "nothing is forgotten here: multiply by the forget gates of the later steps",
            2,
            ("        p[:, : t + 1] *= f[:, t : t + 1]", "        p[:, : t + 1] *= 1.0"),
            ways=[
                """
def contributions(c0, i, f, g):
    return np.concatenate([c0[:, None], i * g], axis=1)
"""
            ],
        ),
        slip(
            "c0 stands first, and the writing of the last step last",
            2,
            ("    return p\n", "    return p[:, ::-1].copy()\n"),
        ),
        slip(
            "c0 has a part too: p has T + 1 columns",
            2,
            ("    return p\n", "    return p[:, 1:]\n"),
        ),
        slip(
            "this is the sum of the parts: keep them apart",
            2,
            ("    return p\n", "    return p.sum(axis=1)\n"),
        ),
        slip(
            "these are sums of all parts so far: keep the parts apart",
            2,
            ("    return p\n", "    return np.cumsum(p, axis=1)\n"),
        ),
        slip(
            "these are the cell states after the steps: take the last one apart",
            2,
            """
def contributions(c0, i, f, g):
    c = [c0]
    for t in range(f.shape[1]):
        c.append(f[:, t] * c[-1] + i[:, t] * g[:, t])
    return np.stack(c, axis=1)
""",
        ),
        slip(
            "what is left of c0 is c0 times the gates, not the gates alone",
            2,
            ("[c0[:, None], i", "[np.ones_like(c0[:, None]), i"),
        ),
        slip(
            "these are the shares of what was written: multiply by i * g and c0",
            2,
            ("[c0[:, None], i * g]", "[np.ones_like(c0[:, None]), np.ones_like(g)]"),
        ),
        slip("c0 is missing: it is not zero", 2, ("[c0[:, None], i", "[0 * c0[:, None], i")),
        slip(
            "c0 is not written by an input gate: it enters as it is",
            2,
            ("[c0[:, None], i", "[i[:, :1] * c0[:, None], i"),
        ),
        slip(
            "the cell state is not squashed: no tanh here",
            2,
            ("    return p\n", "    return np.tanh(p)\n"),
        ),
        slip(
            "the gates multiply one another, they are not added",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = f.shape
    p = np.concatenate([c0[:, None], i * g], axis=1)
    for t in range(T):
        p[:, t] *= f[:, t:].sum(axis=1)
    return p
""",
        ),
        slip(
            "time is the second axis: stack along axis 1",
            2,
            ("    return p\n", "    return p.transpose(1, 0, 2).copy()\n"),
        ),
        slip(
            "your function changes its argument f",
            2,
            """
def contributions(c0, i, f, g):
    p = np.concatenate([c0[:, None], i * g], axis=1)
    for t in range(f.shape[1] - 2, -1, -1):
        f[:, t] *= f[:, t + 1]
    p[:, :-1] *= f
    return p
""",
        ),
        slip("is the return statement missing?", 2, ("    return p\n", "\n")),
        slip(
            "c0 is multiplied by the forget gates of all steps, not by that of the first alone",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * f[:, 0]
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * np.prod(f[:, t + 1 :], axis=1)
    return p
""",
        ),
        slip(
            "c0 is multiplied by the forget gates of all steps, not by that of the last alone",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * f[:, -1]
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * np.prod(f[:, t + 1 :], axis=1)
    return p
""",
        ),
        slip(
            "c0 stands first: here it stands behind what the steps have written",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, T] = c0 * np.prod(f, axis=1)
    for t in range(T):
        p[:, t] = i[:, t] * g[:, t] * np.prod(f[:, t + 1 :], axis=1)
    return p
""",
        ),
        slip(
            "the product runs over the steps, which are axis 1, not over the examples",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * np.prod(f, axis=0)
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * np.prod(f[:, t + 1 :], axis=1)
    return p
""",
        ),
        slip(
            "a running product from the first step on holds the earlier gates: run it from the last step back",
            2,
            """
def contributions(c0, i, f, g):
    kept = np.cumprod(f, axis=1)
    return np.concatenate([c0[:, None] * kept[:, -1:], i * g * kept], axis=1)
""",
        ),
        slip(
            "the running product still stands in reversed order: turn it round again",
            2,
            """
def contributions(c0, i, f, g):
    kept = np.cumprod(f[:, ::-1], axis=1)
    later = np.concatenate([np.ones_like(f[:, :1]), kept[:, :-1]], axis=1)
    return np.concatenate([c0[:, None] * kept[:, -1:], i * g * later], axis=1)
""",
        ),
        slip(
            "divide by no product of forget gates: one of them may be 0",
            2,
            """
def contributions(c0, i, f, g):
    all_steps = np.prod(f, axis=1, keepdims=True)
    return np.concatenate([c0[:, None] * all_steps, i * g * all_steps / np.cumprod(f, axis=1)], axis=1)
""",
        ),
        slip(
            "the parts add up to the cell state: do not divide them by their sum",
            2,
            ("    return p\n", "    return p / p.sum(axis=1, keepdims=True)\n"),
        ),
        slip(
            "multiply over the steps alone: np.prod needs axis=1",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * np.prod(f)
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * np.prod(f[:, t + 1 :], axis=1)
    return p
""",
        ),
        slip(
            "the candidate is activated already: no tanh here",
            2,
            ("c0[:, None], i * g", "c0[:, None], i * np.tanh(g)"),
        ),
        slip(
            "each step has a forget gate of its own: a power takes one for all",
            2,
            """
def contributions(c0, i, f, g):
    N, T, H = i.shape
    p = np.zeros((N, T + 1, H))
    p[:, 0] = c0 * np.prod(f, axis=1)
    for t in range(T):
        p[:, t + 1] = i[:, t] * g[:, t] * f[:, t] ** (T - t - 1)
    return p
""",
        ),
    ],
}

WRONG = [
    Wrong(
        "forget-gate-transposed",
        {
            "forget_gate": """
from IPython.display import HTML, display

display(HTML("<p>my notes</p><script>alert(1)</script>"))

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    return sigmoid(x_t @ W_xf + h_prev @ W_hf.T + b_f)
"""
        },
        {"forget_gate": 1},
        "W_hf is transposed",
    ),
    Wrong(
        "float-count-and-syntax-error",
        {
            "parameter_count": """
def parameter_count(D, H, L):
    return 4.0 * (D * H + H * H + H) + (L - 1) * 4.0 * (2 * H * H + H)
""",
            "initial_bias": "def initial_bias(H, forget_bias)\n    return np.zeros(4 * H)",
        },
        {"parameter_count": 2, "initial_bias": 1},
        "must be a whole number (int), but yours is a float",
    ),
    Wrong(
        "many-slips",  # a slip in each does not reach the questions that build on them
        {
            "sigmoid": "def sigmoid(a):\n    return np.tanh(a)",
            "forget_gate": "def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):\n    return x_t @ W_xf",
            "pre_activations": "pre_activations = None",
            "step": "def step(x_t, h_prev, c_prev, W_x, W_h, b):\n    return h_prev, c_prev",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.array(hidden).reshape(*x.shape[:2], -1), h_t, c_t
""",
        },
        {"sigmoid": 2, "forget_gate": 1, "pre_activations": 1, "step": 3, "sequence": 1},
        "reshape mixes examples and time steps",
    ),
    Wrong(
        "masked-array-that-hides-everything",
        {
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)
    return o, np.ma.masked_all(c_t.shape)
"""
        },
        {"output_gate_and_hidden_state": 1},
        "h_t for several examples",
    ),
]

RIGHT = [
    Right(
        "loops",
        {
            "sigmoid": """
import math

def sigmoid(a):
    out = np.empty_like(a)
    for index in np.ndindex(a.shape):
        if a[index] >= 0:
            out[index] = 1 / (1 + math.exp(-a[index]))
        else:
            out[index] = math.exp(a[index]) / (1 + math.exp(a[index]))
    return out
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    c_t = np.zeros(c_prev.shape)
    for n in range(c_prev.shape[0]):
        for k in range(c_prev.shape[1]):
            c_t[n, k] = f[n, k] * c_prev[n, k] + i[n, k] * g[n, k]
    return c_t
""",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, W_h.shape[0]))
    h_T, c_T = np.zeros(h0.shape), np.zeros(c0.shape)
    for n in range(N):
        h_n, c_n = h0[n : n + 1], c0[n : n + 1]
        for t in range(T):
            h_n, c_n = step(x[n : n + 1, t], h_n, c_n, W_x, W_h, b)
            h[n, t] = h_n[0]
        h_T[n], c_T[n] = h_n[0], c_n[0]
    return h, h_T, c_T
""",
            "parameter_count": """
def parameter_count(D, H, L):
    total = 0
    for layer in range(L):
        width = D if layer == 0 else H
        for gate in "ifgo":
            total += width * H + H * H + H
    return total
""",
        },
    ),
    Right(
        "einsum",
        {
            "sigmoid": "def sigmoid(a):\n    return np.exp(-np.logaddexp(0, -a))",
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    products = np.einsum("bd,dh->bh", x_t, W_xf) + np.einsum("bk,kh->bh", h_prev, W_hf)
    return sigmoid(products + b_f[None, :])
""",
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a = np.einsum("bd,dk->bk", x_t, W_x) + np.einsum("bh,hk->bk", h_prev, W_h) + b
    return tuple(a.reshape(len(x_t), 4, -1).transpose(1, 0, 2))
""",
        },
    ),
    Right(
        "float32",
        {
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    x_t, h_prev = np.float32(x_t), np.float32(h_prev)
    return sigmoid(x_t @ np.float32(W_xf) + h_prev @ np.float32(W_hf) + np.float32(b_f))
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    x_t, h_prev, c_prev, W_x, W_h, b = map(np.float32, (x_t, h_prev, c_prev, W_x, W_h, b))
    i, f, g, o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t
""",
            "initial_bias": """
def initial_bias(H, forget_bias):
    return np.repeat(np.array([0, forget_bias, 0, 0], dtype=np.float32), H)
""",
        },
    ),
    Right(
        "fused",
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a = np.hstack([x_t, h_prev]) @ np.vstack([W_x, W_h]) + b
    H = W_h.shape[0]
    return [a[:, k * H : (k + 1) * H] for k in range(4)]
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    H = h_prev.shape[1]
    a = np.concatenate([x_t, h_prev, np.ones((len(x_t), 1))], axis=1) @ np.vstack([W_x, W_h, b])
    gates = np.tanh(a * np.repeat([0.5, 0.5, 1.0, 0.5], H))
    i, f, o = ((1 + gates[:, k * H : (k + 1) * H]) / 2 for k in (0, 1, 3))
    c_t = f * c_prev + i * gates[:, 2 * H : 3 * H]
    return o * np.tanh(c_t), c_t
""",
        },
    ),
    Right(
        "per-gate",
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    H = h_prev.shape[1]
    at = {name: slice(k * H, (k + 1) * H) for k, name in enumerate("ifgo")}
    i, g = input_gate_and_candidate(
        x_t, h_prev, W_x[:, at["i"]], W_h[:, at["i"]], b[at["i"]],
        W_x[:, at["g"]], W_h[:, at["g"]], b[at["g"]],
    )
    f = forget_gate(x_t, h_prev, W_x[:, at["f"]], W_h[:, at["f"]], b[at["f"]])
    c_t = cell_update(c_prev, i, f, g)
    _, h_t = output_gate_and_hidden_state(
        x_t, h_prev, c_t, W_x[:, at["o"]], W_h[:, at["o"]], b[at["o"]]
    )
    return h_t, c_t
""",
        },
    ),
    Right(
        "in-place-in-own-arrays",
        {
            "sigmoid": """
def sigmoid(a):
    out = a / 2
    np.tanh(out, out=out)
    out += 1
    out /= 2
    return out
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    c_t = c_prev.copy()
    c_t *= f
    c_t += i * g
    return c_t
""",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h = np.empty((x.shape[0], x.shape[1], h0.shape[1]), x.dtype)
    h_t, c_t = h0.copy(), c0.copy()
    for t in range(x.shape[1]):
        h_t[:], c_t[:] = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
        },
    ),
    Right(
        "helper-and-noise",
        {
            "forget_gate": """
import sys
import warnings

def forget_gate(inputs, hidden, *weights):
    print("computing the gate", file=sys.stderr)
    warnings.warn("a warning costs nothing", stacklevel=1)
    return sigmoid(affine(inputs, hidden, *weights))
""",
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o_t = sigmoid(affine(x_t, h_prev, W_xo, W_ho, b_o))
    return [o_t, np.tanh(c_t) * o_t]
""",
        },
        extra="""
def affine(x_t, h_prev, W_x, W_h, b):
    return x_t @ W_x + h_prev @ W_h + b

N, D, H = "names", "of", "mine"
""",
    ),
    Right(
        "classes-and-type-hints",
        {
            "forget_gate": """
from dataclasses import dataclass

import numpy.typing as npt

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Affine:
    W_x: Array
    W_h: Array
    b: Array

    def __call__(self, x: Array, h: Array) -> Array:
        return x @ self.W_x + h @ self.W_h + self.b


def forget_gate(x_t: Array, h_prev: Array, W_xf: Array, W_hf: Array, b_f: Array) -> Array:
    return sigmoid(Affine(W_xf, W_hf, b_f)(x_t, h_prev))
""",
            "step": """
class Step:
    def __init__(self, gate_order: str = "ifgo") -> None:
        self.gate_order = gate_order

    def __call__(self, x_t, h_prev, c_prev, W_x, W_h, b):
        a = dict(zip(self.gate_order, np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)))
        c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["g"])
        return sigmoid(a["o"]) * np.tanh(c_t), c_t


step = Step()
""",
            "sequence": """
from collections import namedtuple

States = namedtuple("States", "h h_T c_T")


def sequence(x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array) -> States:
    states = [(h0, c0)]
    for x_t in x.swapaxes(0, 1):
        states.append(step(x_t, *states[-1], W_x, W_h, b))
    return States(np.stack([h for h, _ in states[1:]], axis=1), *states[-1])
""",
        },
    ),
    Right(
        "lambdas-and-partials",
        {
            "sigmoid": "sigmoid = lambda a: (np.tanh(a / 2) + 1) / 2",
            "cell_update": "cell_update = lambda c, i, f, g: np.add(f * c, np.multiply(i, g))",
            "parameter_count": """
from functools import reduce

parameter_count = lambda D, H, L: reduce(
    lambda total, width: total + 4 * H * (width + H + 1), [D] + [H] * (L - 1), 0
)
""",
            "initial_bias": """
initial_bias = lambda H, forget_bias: np.kron([0.0, 1.0, 0.0, 0.0], np.full(H, forget_bias))
""",
        },
    ),
    Right(
        "comments-in-other-languages",
        {
            "forget_gate": """
# Das Vergessenstor: σ(x_t·W_xf + h_{t-1}·W_hf + b_f)
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    '''Gibt das Tor zurück — 忘却ゲート.'''
    größe = x_t @ W_xf  # размер (N, H)
    größe = größe + h_prev @ W_hf + b_f
    return sigmoid(größe)
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    # la porte d'oubli garde, la porte d'entrée écrit
    mémoire = f * c_prev
    return mémoire + i * g  # 新しいセル状態
""",
        },
        extra="# Notizen: ñ, ü, 漢字, 🙂\nπ = np.pi\nprint('Größe:', π)",
    ),
    Right(
        "magics-display-and-shell-state",
        {
            "sigmoid": """
from IPython.display import Markdown, display

def sigmoid(a):
    display(Markdown("**sigmoid**"))
    return 0.5 * (1.0 + np.tanh(0.5 * a))

display(Markdown("my **notes**"))
sigmoid(np.array([0.0]))
""",
            "initial_bias": """
def initial_bias(H, forget_bias):
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return b

initial_bias?
%timeit -n 1 -r 1 initial_bias(2, 1.0)
initial_bias(2, 1.0)
""",
        },
        extra="""
%matplotlib inline
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, 1]);
_ = !echo hello
""",
    ),
    Right(
        "recursion-and-generators",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    def states(h_t, c_t):
        for t in range(x.shape[1]):
            h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
            yield h_t, c_t

    hidden, cells = zip(*states(h0, c0), strict=True)
    return np.moveaxis(np.array(hidden), 0, 1), hidden[-1], cells[-1]
""",
            "parameter_count": """
def parameter_count(D, H, L):
    if L == 0:
        return 0
    return 4 * H * (D + H + 1) + parameter_count(H, H, L - 1)
""",
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    H = h_prev.shape[-1]
    a = np.dot(x_t, W_x) + np.dot(h_prev, W_h) + b
    return np.stack([a[..., k * H : (k + 1) * H] for k in range(4)])  # one stacked array
""",
        },
    ),
    Right(
        "fortran-order-views-and-numpy-scalars",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    i = sigmoid((W_xi.T @ x_t.T + W_hi.T @ h_prev.T + b_i[:, None])).T
    g = np.tanh((W_xg.T @ x_t.T + W_hg.T @ h_prev.T + b_g[:, None])).T
    return i, g
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    return np.asfortranarray(np.stack([c_prev, g]) * np.stack([f, i])).sum(axis=0)
""",
            "parameter_count": """
def parameter_count(D, H, L):
    widths = np.array([D] + [H] * (L - 1))
    return np.sum(4 * H * (widths + H + 1))
""",
        },
    ),
    Right(
        "defensive-and-chatty",
        {
            "sigmoid": """
import logging

logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger("mine")

def sigmoid(a):
    a = np.asarray(a)
    with np.errstate(over="ignore"):
        result = 1 / (1 + np.exp(-a))
    log.info("sigmoid of %s", a.shape)
    return result.astype(a.dtype)
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b, *, verbose=True):
    N, H = h_prev.shape
    assert c_prev.shape == (N, H), "the states must have the same shape"
    if W_x.shape[1] != 4 * H:
        raise ValueError(f"W_x must have {4 * H} columns, got {W_x.shape[1]}")
    try:
        a = x_t @ W_x + h_prev @ W_h + b
    finally:
        if verbose:
            print(f"step for {N} examples")
    i, f, o = (sigmoid(a[:, k * H : (k + 1) * H]) for k in (0, 1, 3))
    c_t = f * c_prev + i * np.tanh(a[:, 2 * H : 3 * H])
    return o * np.tanh(c_t), c_t
""",
        },
    ),
    Right(
        "products-of-the-gates-that-follow",
        {
            "contributions": """
def contributions(c0, i, f, g):
    after = np.cumprod(f[:, ::-1], axis=1)[:, ::-1]
    kept = np.concatenate([after, np.ones_like(f[:, :1])], axis=1)
    return np.concatenate([c0[:, None], i * g], axis=1) * kept
"""
        },
    ),
    Right(
        "one-sum-kept-in-parts",
        {
            "contributions": """
def contributions(c0, i, f, g):
    parts = [c0]
    for t in range(f.shape[1]):
        parts = [f[:, t] * part for part in parts] + [i[:, t] * g[:, t]]
    return np.stack(parts, axis=1)
"""
        },
    ),
]
