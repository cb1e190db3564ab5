"""What is known of the assignment rnn_bptt: the mistakes of each question, as small changes of
the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

DA = "dh_t * (1.0 - h_t**2)"
CARRY = "dh_t = dh[:, t] + dh_next"
ADD = "dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db + now[4]"
ALL_SUMS = "dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0)"
QUOTIENT = "(loss(above) - loss(below)) / (2 * step)"
LARGEST = "np.max(np.abs(gradient) + np.abs(numeric))"
ERROR = "np.max(np.abs(gradient - numeric)) / largest"
NEW = """\
        W_x - learning_rate * dW_x,
        W_h - learning_rate * dW_h,
        b - learning_rate * db,
        W_y - learning_rate * dW_y,
"""
LEAKY_DA = "dh_t * (1.0 - alpha) * (1.0 - g_t**2)"
DALPHA = "np.sum(dh_t * (h_prev - g_t), axis=0)"


def without(text: str) -> tuple[str, str]:
    """Return the change that takes a text out."""
    return text, ""


def new_weights(form: str) -> tuple[str, str]:
    """Return the change that makes each new weight in another way."""
    names = ("W_x", "W_h", "b", "W_y")
    lines = [f"        {form.format(w=w, dw='d' + w)},\n" for w in names]
    return NEW, "".join(lines)


MISTAKES = {
    "rnn_step": [
        slip("the tanh is missing", 1, ("return np.tanh(a_t)", "return a_t")),
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
            "W_h is transposed: rows are examples",
            1,
            ("h_prev @ W_h", "h_prev @ W_h.T"),
            ways=[[("h_prev @ W_h", "(W_h @ h_prev.T).T")]],
        ),
        slip(
            "this is the sigmoid, not tanh",
            1,
            ("return np.tanh(a_t)", "return 0.5 * (1.0 + np.tanh(0.5 * a_t))"),
            ways=[[("return np.tanh(a_t)", "return 1.0 / (1.0 + np.exp(-a_t))")]],
        ),
        slip("this is relu, not tanh", 1, ("return np.tanh(a_t)", "return np.maximum(a_t, 0.0)")),
        slip(
            "the tanh is applied twice",
            1,
            ("return np.tanh(a_t)", "return np.tanh(np.tanh(a_t))"),
        ),
        slip("the bias is added, not subtracted", 1, ("h_prev @ W_h + b", "h_prev @ W_h - b")),
        slip(
            "the bias is added before the tanh, not after it",
            1,
            ("h_prev @ W_h + b", "h_prev @ W_h"),
            ("return np.tanh(a_t)", "return np.tanh(a_t) + b"),
        ),
        slip(
            "the old state enters by its product with W_h, not as it is",
            1,
            ("h_prev @ W_h + b", "h_prev + b"),
            ways=[
                [("return np.tanh(a_t)", "return h_prev + np.tanh(a_t)")],
                [
                    ("x_t @ W_x + h_prev @ W_h + b", "x_t @ W_x + b"),
                    ("return np.tanh(a_t)", "return np.tanh(a_t) + h_prev @ W_h"),
                ],
            ],
        ),
        slip(
            "one tanh of the whole sum, not one of each part",
            1,
            ("x_t @ W_x + h_prev @ W_h + b", "np.tanh(x_t @ W_x) + np.tanh(h_prev @ W_h) + b"),
            ("return np.tanh(a_t)", "return a_t"),
            ways=[
                [
                    ("x_t @ W_x + h_prev @ W_h + b", "np.tanh(x_t @ W_x + b)"),
                    ("return np.tanh(a_t)", "return a_t + np.tanh(h_prev @ W_h)"),
                ],
            ],
        ),
        slip(
            "the two products are added, not multiplied",
            1,
            ("x_t @ W_x + h_prev @ W_h", "(x_t @ W_x) * (h_prev @ W_h)"),
        ),
        slip(
            "x_t meets W_x and h_prev meets W_h: the two are exchanged",
            1,
            ("x_t @ W_x + h_prev @ W_h", "x_t @ W_h + h_prev @ W_x"),
            ways=[
                [("h_prev @ W_h", "h_prev @ W_x")],
                [
                    (
                        "x_t @ W_x + h_prev @ W_h",
                        "np.hstack([h_prev, x_t]) @ np.vstack([W_x, W_h])",
                    )
                ],
            ],
        ),
        slip(
            "the weights stand on the right of the product: rows are examples",
            1,
            ("x_t @ W_x", "W_x @ x_t"),
            ways=[
                [("h_prev @ W_h", "W_h @ h_prev")],
                [("x_t @ W_x", "W_x.T @ x_t")],
                [("x_t @ W_x", "np.dot(W_x, x_t)")],
                [("h_prev @ W_h", "W_h.T @ h_prev")],
            ],
        ),
        slip(
            "these are matrix products: use @, not *",
            1,
            ("x_t @ W_x", "x_t * W_x"),
            ways=[[("h_prev @ W_h", "h_prev * W_h")]],
        ),
        slip(
            "b has one entry for each unit and is added to every row: no new axis",
            1,
            ("h_prev @ W_h + b", "h_prev @ W_h + b[:, None]"),
        ),
        slip(
            "your function changes its argument h_prev",
            1,
            ("    return np.tanh(a_t)", "    h_prev[...] = np.tanh(a_t)\n    return h_prev"),
        ),
        slip("is the return statement missing?", 1, ("    return np.tanh(a_t)", "")),
        slip(
            "each product has a tanh of its own here: take one tanh of the whole sum, bias included",
            1,
            ("x_t @ W_x + h_prev @ W_h + b", "np.tanh(x_t @ W_x) + np.tanh(h_prev @ W_h + b)"),
            ("return np.tanh(a_t)", "return a_t"),
        ),
        slip(
            "the tanh is taken of the whole sum: here a part stands outside",
            1,
            ("x_t @ W_x + h_prev @ W_h + b", "np.tanh(x_t @ W_x) + h_prev @ W_h + b"),
            ("return np.tanh(a_t)", "return a_t"),
            ways=[
                [
                    ("x_t @ W_x + h_prev @ W_h + b", "h_prev @ W_h + b"),
                    ("return np.tanh(a_t)", "return np.tanh(a_t) + x_t @ W_x"),
                ]
            ],
        ),
        slip(
            "h_prev enters as it is: take no tanh of it",
            1,
            ("h_prev @ W_h", "np.tanh(h_prev) @ W_h"),
        ),
        slip(
            "the new state is the tanh alone: no average with h_prev",
            1,
            ("return np.tanh(a_t)", "return 0.5 * (h_prev + np.tanh(a_t))"),
        ),
        slip(
            "the bias is added once, not with each product",
            1,
            ("x_t @ W_x + h_prev @ W_h + b", "(x_t @ W_x + b) + (h_prev @ W_h + b)"),
        ),
    ],
    "rnn_forward": [
        slip(
            "h0 is missing: it comes first",
            2,
            ("np.stack(h, axis=1)", "np.stack(h[1:], axis=1)"),
        ),
        slip("time stands second: stack along axis 1", 2, ("axis=1", "axis=0")),
        slip("the units stand last: stack along axis 1", 2, ("axis=1", "axis=-1")),
        slip(
            "this is the last state only: keep them all",
            2,
            ("return np.stack(h, axis=1)", "return h[-1]"),
            ways=[[("return np.stack(h, axis=1)", "return h[-1][:, None]")]],
        ),
        slip(
            "each step starts from h0: carry the state on",
            2,
            ("h[t], W_x", "h[0], W_x"),
            ways=[[("h[t], W_x", "h0, W_x")]],
        ),
        slip(
            "start from h0, not from zeros",
            2,
            ("h = [h0]", "h = [np.zeros_like(h0)]"),
        ),
        slip(
            "the first step starts from h0, not from zeros: it is not enough to store h0",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    h, h_t = [h0], np.zeros_like(h0)
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_x, W_h, b)
        h.append(h_t)
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "h[:, 0] is h0, not zero",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    h, h_t = [np.zeros_like(h0)], h0
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_x, W_h, b)
        h.append(h_t)
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "the last step is left out",
            2,
            ("range(x.shape[1])", "range(x.shape[1] - 1)"),
        ),
        slip(
            "the first step is left out",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [h0]
    for t in range(1, x.shape[1]):
        h.append(rnn_step(x[:, t], h[-1], W_x, W_h, b))
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "the sequence is read from its end: start with its first column",
            2,
            ("x[:, t], h[t]", "x[:, x.shape[1] - 1 - t], h[t]"),
            ways=[
                """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [h0]
    for t in reversed(range(x.shape[1])):
        h.append(rnn_step(x[:, t], h[-1], W_x, W_h, b))
    return np.stack(h, axis=1)
""",
            ],
        ),
        slip("every step reads the first column of x: take x[:, t]", 2, ("x[:, t]", "x[:, 0]")),
        slip(
            "the column of x is one step late",
            2,
            ("x[:, t]", "x[:, t - 1]"),
            ways=[[("x[:, t]", "x[:, max(t - 1, 0)]")]],
        ),
        slip(
            "x[t] is one example: the steps are x[:, t]",
            2,
            ("x[:, t]", "x[t]"),
            ways=[
                """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [h0]
    for x_t in x:
        h.append(rnn_step(x_t, h[-1], W_x, W_h, b))
    return np.stack(h, axis=1)
""",
            ],
        ),
        slip("x[:, :, t] is one feature: the steps are x[:, t]", 2, ("x[:, t]", "x[:, :, t]")),
        slip(
            "the loop goes over the examples: T is x.shape[1]",
            2,
            ("range(x.shape[1])", "range(x.shape[0])"),
            ways=[[("range(x.shape[1])", "range(len(x))")]],
        ),
        slip(
            "the loop goes over the features: T is x.shape[1]",
            2,
            ("range(x.shape[1])", "range(x.shape[2])"),
        ),
        slip(
            "one buffer holds all states: make a new array at each step",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    h_t = h0.copy()
    h = [h_t]
    for t in range(x.shape[1]):
        h_t[...] = rnn_step(x[:, t], h_t, W_x, W_h, b)
        h.append(h_t)
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "reshape mixes examples and time steps: stack along axis 1 instead",
            2,
            ("np.stack(h, axis=1)", "np.array(h).reshape(len(x), len(h), -1)"),
        ),
        slip(
            "concatenate joins the states along the units: stack them",
            2,
            ("np.stack(h, axis=1)", "np.concatenate(h, axis=1)"),
            ways=[[("np.stack(h, axis=1)", "np.hstack(h)")]],
        ),
        slip(
            "concatenate joins the states along the batch: stack them",
            2,
            ("np.stack(h, axis=1)", "np.concatenate(h)"),
            ways=[[("np.stack(h, axis=1)", "np.vstack(h)")]],
        ),
        slip("must be a NumPy array, but yours is a list", 2, ("np.stack(h, axis=1)", "h")),
        slip(
            "the arguments of rnn_step stand in the order x_t, h_prev, W_x, W_h, b",
            2,
            ("rnn_step(x[:, t], h[t], W_x, W_h, b)", "rnn_step(h[t], x[:, t], W_x, W_h, b)"),
            ways=[[("h[t], W_x, W_h, b)", "h[t], W_h, W_x, b)")]],
        ),
        slip(
            "the states are kept as they are: rnn_step has the tanh already",
            2,
            (
                "h.append(rnn_step(x[:, t], h[t], W_x, W_h, b))",
                "h.append(np.tanh(rnn_step(x[:, t], h[t], W_x, W_h, b)))",
            ),
        ),
        slip("is the return statement missing?", 2, ("    return np.stack(h, axis=1)", "")),
        slip(
            "your function changes its argument h0",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [h0.copy()]
    for t in range(x.shape[1]):
        h0[...] = rnn_step(x[:, t], h0, W_x, W_h, b)
        h.append(h0.copy())
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "the last column stays as it was made: the loop must fill the columns 1 to T",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T = x.shape[:2]
    h = np.zeros((N, T + 1, h0.shape[1]))
    h[:, 0] = h0
    for t in range(1, T):
        h[:, t] = rnn_step(x[:, t - 1], h[:, t - 1], W_x, W_h, b)
    return h
""",
        ),
        slip(
            "a column that is not there is used: x has T columns, from 0 to T - 1, and h has T + 1",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T = x.shape[:2]
    h = np.zeros((N, T + 1, h0.shape[1]))
    h[:, 0] = h0
    for t in range(1, T + 1):
        h[:, t] = rnn_step(x[:, t], h[:, t - 1], W_x, W_h, b)
    return h
""",
            ways=[
                """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T = x.shape[:2]
    h = np.zeros((N, T, h0.shape[1]))
    h[:, 0] = h0
    for t in range(T):
        h[:, t + 1] = rnn_step(x[:, t], h[:, t], W_x, W_h, b)
    return h
""",
            ],
        ),
        slip(
            "the step overwrites h0 in column 0: the state after step t stands in column t + 1",
            2,
            """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T = x.shape[:2]
    h = np.zeros((N, T + 1, h0.shape[1]))
    h[:, 0] = h0
    for t in range(T):
        h[:, t] = rnn_step(x[:, t], h[:, t - 1], W_x, W_h, b)
    return h
""",
            ways=[
                """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T = x.shape[:2]
    h = np.zeros((N, T + 1, h0.shape[1]))
    h[:, 0] = h0
    for t in range(T):
        h[:, t] = rnn_step(x[:, t], h[:, t], W_x, W_h, b)
    return h
""",
            ],
        ),
        slip("h0 is a state already: take no tanh of it", 2, ("h = [h0]", "h = [np.tanh(h0)]")),
        slip(
            "h0 is the first column, not the last",
            2,
            ("return np.stack(h, axis=1)", "return np.stack(h[1:] + h[:1], axis=1)"),
        ),
    ],
    "step_backward": [
        slip(
            "the slope of tanh is missing: multiply by 1 - h_t**2 first",
            2,
            ("dh_t * (1.0 - h_t**2)", "dh_t"),
        ),
        slip(
            "h_t is a tanh already: do not apply it again",
            2,
            (DA, "dh_t * (1.0 - np.tanh(h_t) ** 2)"),
        ),
        slip(
            "the slope belongs to h_t, not to h_prev",
            2,
            (DA, "dh_t * (1.0 - h_prev**2)"),
        ),
        slip("the slope is 1 - h_t**2, not 1 - h_t", 2, (DA, "dh_t * (1.0 - h_t)")),
        slip(
            "this is the slope of the sigmoid: that of tanh is 1 - h_t**2",
            2,
            (DA, "dh_t * h_t * (1.0 - h_t)"),
        ),
        slip(
            "the slope is 1 - h_t**2: the minus is a plus, or the 1 is missing",
            2,
            (DA, "dh_t * (1.0 + h_t**2)"),
            ways=[[(DA, "dh_t * h_t**2")], [(DA, "dh_t * (h_t**2 - 1.0)")]],
        ),
        slip(
            "the square belongs to h_t alone, not to 1 - h_t",
            2,
            (DA, "dh_t * (1.0 - h_t) ** 2"),
        ),
        slip(
            "the slope is taken of h_t, not of dh_t",
            2,
            (DA, "h_t * (1.0 - dh_t**2)"),
            ways=[[(DA, "dh_t * (1.0 - dh_t**2)")]],
        ),
        slip(
            "W_h must be transposed on the way back",
            1,
            ("da_t @ W_h.T", "da_t @ W_h"),
        ),
        slip(
            "W_x must be transposed on the way back",
            2,
            ("da_t @ W_x.T", "da_t @ W_x"),
            ways=[[("da_t @ W_x.T", "W_x.T @ da_t")]],
        ),
        slip(
            "a product does not fit: the slope is multiplied with *, and da_t stands on the left of "
            "W_x.T and W_h.T",
            2,
            ("da_t @ W_x.T", "W_x @ da_t"),
            ways=[
                [(DA, "dh_t @ (1.0 - h_t**2)")],
                [("da_t @ W_h.T", "W_h @ da_t")],
                [(DA, "np.dot(dh_t, 1.0 - h_t**2)")],
            ],
        ),
        slip("W_h multiplied h_prev, not h_t", 1, ("h_prev.T @ da_t", "h_t.T @ da_t")),
        slip(
            "dW_h is transposed: h_prev.T stands on the left",
            1,
            ("h_prev.T @ da_t", "da_t.T @ h_prev"),
        ),
        slip(
            "dW_x is transposed: x_t.T stands on the left",
            1,
            ("x_t.T @ da_t", "da_t.T @ x_t"),
        ),
        slip(
            "dW_x and dW_h are transposed: x_t.T and h_prev.T stand on the left",
            1,
            ("x_t.T @ da_t", "da_t.T @ x_t"),
            ("h_prev.T @ da_t", "da_t.T @ h_prev"),
        ),
        slip(
            "all gradients but the first slope go through da_t, not through dh_t",
            1,
            ("da_t @ W_x.T, da_t @ W_h.T", "dh_t @ W_x.T, dh_t @ W_h.T"),
            ways=[
                [("da_t @ W_h.T", "dh_t @ W_h.T")],
                [("da_t @ W_x.T", "dh_t @ W_x.T")],
                [("x_t.T @ da_t, h_prev.T @ da_t", "x_t.T @ dh_t, h_prev.T @ dh_t")],
                [("h_prev.T @ da_t", "h_prev.T @ dh_t")],
                [("x_t.T @ da_t", "x_t.T @ dh_t")],
                [("da_t.sum(axis=0)", "dh_t.sum(axis=0)")],
            ],
        ),
        slip(
            "add over the batch, do not average",
            1,
            ("da_t.sum(axis=0)", "da_t.mean(axis=0)"),
            ways=[
                [
                    ("da_t.sum(axis=0)", "da_t.mean(axis=0)"),
                    (
                        "x_t.T @ da_t, h_prev.T @ da_t",
                        "x_t.T @ da_t / len(x_t), h_prev.T @ da_t / len(x_t)",
                    ),
                ],
                [
                    (
                        "x_t.T @ da_t, h_prev.T @ da_t",
                        "x_t.T @ da_t / len(x_t), h_prev.T @ da_t / len(x_t)",
                    ),
                ],
            ],
        ),
        slip(
            "the bias serves all examples: add over the batch",
            1,
            ("da_t.sum(axis=0)", "da_t"),
        ),
        slip(
            "this is the bias's gradient of one example: add over the batch",
            1,
            ("da_t.sum(axis=0)", "da_t[0]"),
            ways=[[("da_t.sum(axis=0)", "da_t[-1]")]],
        ),
        slip(
            "add over the batch (axis 0), not over the units",
            1,
            ("da_t.sum(axis=0)", "da_t.sum(axis=1)"),
            ways=[[("da_t.sum(axis=0)", "da_t.sum(axis=-1)")]],
        ),
        slip(
            "every unit has a bias: add over the batch alone (axis 0)",
            1,
            ("da_t.sum(axis=0)", "da_t.sum()"),
        ),
        slip(
            "db has one axis: no keepdims",
            1,
            ("da_t.sum(axis=0)", "da_t.sum(axis=0, keepdims=True)"),
        ),
        slip(
            "dh_prev is what goes back through W_h alone: dh_t is not added to it",
            1,
            ("da_t @ W_h.T", "da_t @ W_h.T + dh_t"),
        ),
        slip(
            "gradients do not go back through the tanh a second time",
            1,
            ("da_t @ W_x.T, da_t @ W_h.T", "da_t @ W_x.T, (da_t @ W_h.T) * (1.0 - h_prev**2)"),
        ),
        slip(
            "dx_t comes before dh_prev",
            1,
            ("return dx_t, dh_prev, dW_x,", "return dh_prev, dx_t, dW_x,"),
        ),
        slip(
            "the results stand in the order dx_t, dh_prev, dW_x, dW_h, db",
            2,
            (ALL_SUMS, "dW_x, dW_h, da_t.sum(axis=0), dx_t, dh_prev"),
        ),
        slip(
            "dW_x comes before dW_h",
            1,
            ("dh_prev, dW_x, dW_h, da", "dh_prev, dW_h, dW_x, da"),
        ),
        slip(
            "step_backward must return 5 values, (dx_t, dh_prev, dW_x, dW_h, db)",
            2,
            (
                "return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0)",
                "return dx_t, dh_prev, dW_x, dW_h",
            ),
            ways=[[("    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0)", "")]],
        ),
        slip(
            "your function changes its argument dh_t",
            2,
            ("da_t = dh_t * (1.0 - h_t**2)", "da_t = dh_t\n    da_t *= 1.0 - h_t**2"),
        ),
        slip("da_t is dh_t times the slope, not divided by it", 2, (DA, "dh_t / (1.0 - h_t**2)")),
        slip(
            "da_t is the product of dh_t and the slope, not their sum",
            2,
            (DA, "dh_t + (1.0 - h_t**2)"),
        ),
        slip(
            "brackets are missing: the slope is a factor as a whole", 2, (DA, "dh_t * 1.0 - h_t**2")
        ),
        slip(
            "dh_prev is da_t @ W_h.T: the slope comes before the product, not after it",
            1,
            ("da_t @ W_x.T, da_t @ W_h.T", "da_t @ W_x.T, (dh_t @ W_h.T) * (1.0 - h_t**2)"),
        ),
    ],
    "rnn_backward": [
        slip(
            "the gradient from the next step is missing: carry dh_prev on",
            3,
            (CARRY, "dh_t = dh[:, t] + (dh_T if t == x.shape[1] - 1 else 0)"),
            ways=[
                [
                    (
                        "dx[:, t], dh_next = now[0], now[1]",
                        "dx[:, t], dh0, dh_next = now[0], now[1], 0.0",
                    ),
                    ("return dx, dh_next,", "return dx, dh0,"),
                ],
            ],
        ),
        slip(
            "neither dh_prev nor dh_T is used: two gradients meet at every step",
            3,
            (CARRY, "dh_t = dh[:, t]"),
        ),
        slip(
            "the losses of the earlier steps are missing: add dh[:, t] at every step",
            3,
            (CARRY, "dh_t = dh[:, t] * (t == x.shape[1] - 1) + dh_next"),
        ),
        slip(
            "the losses of the steps are missing: add dh[:, t] at every step",
            3,
            (CARRY, "dh_t = dh_next"),
        ),
        slip(
            "dh_T is missing: it is added at the last step",
            3,
            ("np.zeros_like(x), dh_T", "np.zeros_like(x), 0 * dh_T"),
            ways=[[("np.zeros_like(x), dh_T", "np.zeros_like(x), 0.0")]],
        ),
        slip(
            "dh_T is added at the last step alone, not at every step",
            3,
            (CARRY, "dh_t = dh[:, t] + dh_next + dh_T * (t < x.shape[1] - 1)"),
        ),
        slip(
            "dh_T is added at the last step, not at the first",
            3,
            (CARRY, "dh_t = dh[:, t] + dh_next + dh_T * (t == 0)"),
            ("np.zeros_like(x), dh_T", "np.zeros_like(x), 0 * dh_T"),
        ),
        slip(
            "dh_T counts twice: dh[:, -1] does not hold it yet, add it once",
            3,
            (CARRY, "dh_t = dh[:, t] + dh_next + dh_T * (t == x.shape[1] - 1)"),
        ),
        slip(
            "the last step gets both: dh[:, -1] plus dh_T",
            3,
            (CARRY, "dh_t = dh[:, t] * (t < x.shape[1] - 1) + dh_next"),
        ),
        slip(
            "the two gradients are added, not multiplied or averaged",
            3,
            (CARRY, "dh_t = dh[:, t] * dh_next"),
            ways=[[(CARRY, "dh_t = (dh[:, t] + dh_next) / 2")]],
        ),
        slip(
            "the sums of the weights' gradients start at zero",
            2,
            ("np.zeros_like(W_x), np.zeros_like(W_h),", "np.ones_like(W_x), np.ones_like(W_h),"),
            ways=[
                [("np.zeros_like(W_x), np.zeros_like(W_h),", "W_x, W_h,")],
                [("np.zeros_like(W_x), np.zeros_like(W_h),", "W_x, np.zeros_like(W_h),")],
            ],
        ),
        slip(
            "the gradient from the next step is added, not subtracted",
            3,
            (CARRY, "dh_t = dh[:, t] - dh_next"),
        ),
        slip(
            "a sum stays zero: add what every step gives to dW_x, to dW_h and to db",
            2,
            (ADD, "dW_x, dW_h, db = dW_x, dW_h + now[3], db + now[4]"),
            ways=[
                [(ADD, "dW_x, dW_h, db = dW_x + now[2], dW_h, db + now[4]")],
                [(ADD, "dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db")],
                [(ADD, "pass")],
            ],
        ),
        slip(
            "the gradient of the next step replaces the one before: do not pile them up",
            3,
            ("dx[:, t], dh_next = now[0], now[1]", "dx[:, t], dh_next = now[0], dh_next + now[1]"),
        ),
        slip(
            "what is carried on is dh_prev, not the dh_t of the step",
            3,
            ("dx[:, t], dh_next = now[0], now[1]", "dx[:, t], dh_next = now[0], dh_t"),
        ),
        slip(
            "each step overwrites the last one: add them up",
            2,
            (ADD, "dW_x, dW_h, db = now[2], now[3], now[4]"),
        ),
        slip(
            "the weights' gradients are those of the last step only: add them up",
            2,
            (ADD, "dW_x, dW_h, db = now[2:] if t == x.shape[1] - 1 else (dW_x, dW_h, db)"),
        ),
        slip(
            "dW_h is not added up over the steps",
            2,
            (ADD, "dW_x, dW_h, db = dW_x + now[2], now[3], db + now[4]"),
        ),
        slip(
            "dW_x is not added up over the steps",
            2,
            (ADD, "dW_x, dW_h, db = now[2], dW_h + now[3], db + now[4]"),
        ),
        slip(
            "db is not added up over the steps",
            2,
            (ADD, "dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], now[4]"),
        ),
        slip(
            "gradients of shared weights are sums over time, not means",
            2,
            (
                "    return dx, dh_next, dW_x, dW_h, db",
                "    T = x.shape[1]\n    return dx, dh_next, dW_x / T, dW_h / T, db / T",
            ),
        ),
        slip(
            "gradients of weights are sums over the batch, not means",
            2,
            (
                "    return dx, dh_next, dW_x, dW_h, db",
                "    N = len(x)\n    return dx, dh_next, dW_x / N, dW_h / N, db / N",
            ),
        ),
        slip(
            "the walk goes from the last step to the first",
            3,
            ("reversed(range(x.shape[1]))", "range(x.shape[1])"),
        ),
        slip(
            "the first step is left out: the walk ends with t = 0",
            3,
            ("reversed(range(x.shape[1]))", "reversed(range(1, x.shape[1]))"),
            ways=[[("reversed(range(x.shape[1]))", "range(x.shape[1] - 1, 0, -1)")]],
        ),
        slip(
            "the last step is left out: the walk begins with the last column of x",
            3,
            ("reversed(range(x.shape[1]))", "reversed(range(x.shape[1] - 1))"),
        ),
        slip(
            "the step from h0 counts for dW_h too",
            2,
            (ADD, "dW_x, dW_h, db = dW_x + now[2], dW_h + now[3] * (t > 0), db + now[4]"),
        ),
        slip(
            "the state after step t stands in the column t + 1 of h: the slope needs that one",
            3,
            ("h[:, t], h[:, t + 1], W_x", "h[:, t], h[:, t], W_x"),
        ),
        slip(
            "the state before step t stands in the column t of h: dW_h needs that one",
            2,
            ("h[:, t], h[:, t + 1], W_x", "h[:, t + 1], h[:, t + 1], W_x"),
            ways=[[("h[:, t], h[:, t + 1], W_x", "h[:, t - 1], h[:, t + 1], W_x")]],
        ),
        slip(
            "h_prev and h_t are one column off: the columns t and t + 1 of h belong to step t",
            3,
            ("h[:, t], h[:, t + 1], W_x", "h[:, t - 1], h[:, t], W_x"),
        ),
        slip(
            "h_prev and h_t are exchanged",
            3,
            ("h[:, t], h[:, t + 1], W_x", "h[:, t + 1], h[:, t], W_x"),
        ),
        slip(
            "with t from 0 the loss of step t is dh[:, t]: this is one column off",
            3,
            (CARRY, "dh_t = dh[:, t - 1] + dh_next"),
            ways=[[(CARRY, "dh_t = dh[:, min(t + 1, x.shape[1] - 1)] + dh_next")]],
        ),
        slip(
            "with t from 0 the input of step t is x[:, t]: this is one column off",
            2,
            ("dh_t, x[:, t],", "dh_t, x[:, t - 1],"),
        ),
        slip(
            "a column that is not there is read: with t from 0 the last step is t = T - 1, and "
            "reads the columns t of dh and x",
            3,
            (CARRY, "dh_t = dh[:, t + 1] + dh_next"),
            ways=[
                [("reversed(range(x.shape[1]))", "reversed(range(h.shape[1]))")],
                [("reversed(range(x.shape[1]))", "range(x.shape[1], -1, -1)")],
                [("reversed(range(x.shape[1]))", "range(x.shape[1], 0, -1)")],
            ],
        ),
        slip(
            "T is x.shape[1]: this walks over examples or features",
            3,
            ("reversed(range(x.shape[1]))", "reversed(range(len(x)))"),
            ways=[
                [("reversed(range(x.shape[1]))", "reversed(range(x.shape[2]))")],
                [("reversed(range(x.shape[1]))", "reversed(range(len(h)))")],
            ],
        ),
        slip(
            "dh[t] is one example: the gradient of step t is dh[:, t]",
            3,
            (CARRY, "dh_t = dh[t] + dh_next"),
        ),
        slip(
            "the steps of dx stand in reverse order",
            1,
            ("dx[:, t], dh_next", "dx[:, x.shape[1] - 1 - t], dh_next"),
            ways=[
                """
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    dx, dh_next, sums = [], dh_T, (0.0, 0.0, 0.0)
    for t in reversed(range(x.shape[1])):
        now = step_backward(dh[:, t] + dh_next, x[:, t], h[:, t], h[:, t + 1], W_x, W_h)
        dx.append(now[0])
        dh_next, sums = now[1], [a + b for a, b in zip(sums, now[2:])]
    return np.stack(dx, axis=1), dh_next, *sums
""",
            ],
        ),
        slip(
            "dx stands batch first: stack along axis 1",
            1,
            ("return dx, dh_next", "return dx.transpose(1, 0, 2).copy(), dh_next"),
        ),
        slip(
            "dh0 is what is left after the walk, not the gradient of h_1",
            1,
            ("return dx, dh_next", "return dx, dh_t"),
        ),
        slip(
            "dh0 is what is left after the walk, not dh_T",
            1,
            ("return dx, dh_next", "return dx, dh_T"),
        ),
        slip(
            "hand W_h on as it is: step_backward transposes it",
            3,
            ("h[:, t + 1], W_x, W_h)", "h[:, t + 1], W_x, W_h.T)"),
        ),
        slip(
            "the arguments of step_backward stand in the order dh_t, x_t, h_prev, h_t, W_x, W_h",
            3,
            ("step_backward(dh_t, x[:, t],", "step_backward(x[:, t], dh_t,"),
            ways=[[("h[:, t + 1], W_x, W_h)", "h[:, t + 1], W_h, W_x)")]],
        ),
        slip(
            "rnn_backward must return 5 values, (dx, dh0, dW_x, dW_h, db)",
            3,
            ("return dx, dh_next, dW_x, dW_h, db", "return dx, dW_x, dW_h, db"),
            ways=[[("    return dx, dh_next, dW_x, dW_h, db", "")]],
        ),
        slip(
            "the return stands inside the loop: it ends with the last step",
            3,
            (
                "    return dx, dh_next, dW_x, dW_h, db",
                "        return dx, dh_next, dW_x, dW_h, db",
            ),
        ),
        slip(
            "your function changes its argument dh",
            3,
            (CARRY, "dh[:, t] += dh_next\n        dh_t = dh[:, t]"),
            ways=[
                [("    for t in rev", "    dh[:, -1] += dh_T\n    dh_next = 0.0\n    for t in rev")]
            ],
        ),
        slip(
            "your function changes its argument dh_T",
            3,
            (CARRY, "dh_next += dh[:, t]\n        dh_t = dh_next"),
        ),
        slip(
            "the losses of the later steps reach a state through dh_prev alone: add dh[:, t] only",
            3,
            (CARRY, "dh_t = dh[:, t:].sum(axis=1) + dh_next"),
        ),
        slip(
            "the walk ends with t = 0: range(T - 1, 0, -1) leaves it out, and with one step it is empty",
            3,
            (
                "    dx, dh_next = np.zeros_like(x), dh_T\n",
                "    dx, dh_next = [], dh_T\n",
            ),
            ("reversed(range(x.shape[1]))", "range(x.shape[1] - 1, 0, -1)"),
            (
                "        dx[:, t], dh_next = now[0], now[1]\n",
                "        dh_next = now[1]\n        dx.insert(0, now[0])\n",
            ),
            ("return dx, dh_next", "return np.stack(dx, axis=1), dh_next"),
        ),
        slip(
            "step_backward multiplies by the slope of the tanh: do not do it before",
            3,
            (CARRY, "dh_t = (dh[:, t] + dh_next) * (1.0 - h[:, t + 1] ** 2)"),
        ),
        slip(
            "dh_prev has passed W_h already, in step_backward: do not multiply by it again",
            3,
            (CARRY, "dh_t = dh[:, t] + dh_next @ W_h.T"),
        ),
        slip(
            "each step adds the loss gradient of its own column, dh[:, t], not one column or the sum",
            3,
            (CARRY, "dh_t = dh[:, -1] + dh_next"),
            ways=[
                [(CARRY, "dh_t = dh[:, 0] + dh_next")],
                [(CARRY, "dh_t = dh.sum(axis=1) + dh_next")],
            ],
        ),
        slip(
            "dh[:, 0] belongs to the state after step 1: it is not added to dh0",
            1,
            ("return dx, dh_next", "return dx, dh[:, 0] + dh_next"),
        ),
        slip(
            "dh is read in the wrong order: its column t belongs to step t",
            3,
            (CARRY, "dh_t = dh[:, -1 - t] + dh_next"),
        ),
        slip(
            "every step has the same weight in the sums: add its gradients as they are",
            2,
            (ADD, "dW_x, dW_h, db = 2 * dW_x + now[2], 2 * dW_h + now[3], 2 * db + now[4]"),
            ways=[
                [
                    (
                        ADD,
                        "dW_x, dW_h, db = dW_x + now[2] / (t + 1), dW_h + now[3] / (t + 1), db + now[4] / (t + 1)",
                    )
                ]
            ],
        ),
    ],
    "gradient_check": [
        slip(
            "nudge in both directions: this is one side alone",
            2,
            (QUOTIENT, "(loss(above) - loss(array)) / step"),
            ways=[
                [(QUOTIENT, "(loss(array) - loss(below)) / step")],
                [(QUOTIENT, "(loss(above) - loss(array)) / (2 * step)")],
                [(QUOTIENT, "(loss(array) - loss(below)) / (2 * step)")],
            ],
        ),
        slip(
            "the two losses are subtracted, not added",
            2,
            (QUOTIENT, "(loss(above) + loss(below)) / (2 * step)"),
        ),
        slip("divide by twice the step", 2, (QUOTIENT, "(loss(above) - loss(below)) / step")),
        slip(
            "divide by the step too: this is half of the difference, or all of it",
            2,
            (QUOTIENT, "(loss(above) - loss(below)) / 2"),
            ways=[[(QUOTIENT, "loss(above) - loss(below)")]],
        ),
        slip(
            "brackets are missing: 2 * step is the denominator as a whole",
            2,
            (QUOTIENT, "(loss(above) - loss(below)) / 2 * step"),
            ways=[[(QUOTIENT, "loss(above) - loss(below) / (2 * step)")]],
        ),
        slip(
            "the loss above minus the loss below, not the other way round",
            2,
            (QUOTIENT, "(loss(below) - loss(above)) / (2 * step)"),
        ),
        slip(
            "use the argument step, not a number of your own",
            2,
            (
                "    numeric = np.zeros_like(array)",
                "    numeric, step = np.zeros_like(array), 1e-5",
            ),
            ways=[
                [
                    (
                        "    numeric = np.zeros_like(array)",
                        "    numeric, step = np.zeros_like(array), 0.1",
                    )
                ],
                [
                    (
                        "    numeric = np.zeros_like(array)",
                        "    numeric, step = np.zeros_like(array), 1e-6",
                    )
                ],
                [
                    (
                        "    numeric = np.zeros_like(array)",
                        "    numeric, step = np.zeros_like(array), 1e-4",
                    )
                ],
                [
                    (
                        "    numeric = np.zeros_like(array)",
                        "    numeric, step = np.zeros_like(array), 1e-3",
                    )
                ],
            ],
        ),
        slip(
            "nudge one entry alone, not all of them at once",
            2,
            ("above[index] += step", "above += step"),
            ("below[index] -= step", "below -= step"),
        ),
        slip(
            "nudge one entry alone: an index of the first axis is a whole row",
            2,
            ("in np.ndindex(array.shape)", "in range(len(array))"),
        ),
        slip(
            "put every entry back before the next one is nudged",
            2,
            """
def gradient_check(loss, array, gradient, step):
    numeric, point = np.zeros_like(array), array.copy()
    for index in np.ndindex(array.shape):
        point[index] += step
        above = loss(point)
        point[index] -= 2 * step
        numeric[index] = (above - loss(point)) / (2 * step)
    scale = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / scale)
""",
            ways=[
                """
def gradient_check(loss, array, gradient, step):
    numeric, above, below = np.zeros_like(array), array.copy(), array.copy()
    for index in np.ndindex(array.shape):
        above[index] += step
        below[index] -= step
        numeric[index] = (loss(above) - loss(below)) / (2 * step)
    scale = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / scale)
""",
            ],
        ),
        slip(
            "add the step to the entry: do not multiply by it",
            2,
            ("above[index] += step", "above[index] *= 1 + step"),
            ("below[index] -= step", "below[index] *= 1 - step"),
        ),
        slip(
            "both losses are of the same array: nudge one copy up and another one down",
            2,
            ("below[index] -= step", "below[index] += step"),
            ways=[
                [("above, below = array.copy(), array.copy()", "above = below = array.copy()")],
            ],
        ),
        slip(
            "the step is nudged in half only: both sides move by the whole step",
            2,
            ("above[index] += step", "above[index] += step / 2"),
            ("below[index] -= step", "below[index] -= step / 2"),
        ),
        slip(
            "the loss takes the whole array, not one entry of it",
            2,
            (QUOTIENT, "(loss(above[index]) - loss(below[index])) / (2 * step)"),
        ),
        slip(
            "this is the absolute error: divide by the size of the gradients",
            1,
            (ERROR, "np.max(np.abs(gradient - numeric))"),
        ),
        slip(
            "divide by the largest sum in the array, not entry by entry",
            1,
            (ERROR, "np.max(np.abs(gradient - numeric) / (np.abs(gradient) + np.abs(numeric)))"),
        ),
        slip(
            "these are norms: the question asks for maxima",
            1,
            (
                ERROR,
                "np.linalg.norm(gradient - numeric)"
                " / (np.linalg.norm(gradient) + np.linalg.norm(numeric))",
            ),
            ways=[
                [
                    (
                        ERROR,
                        "np.linalg.norm(gradient - numeric)"
                        " / np.linalg.norm(np.abs(gradient) + np.abs(numeric))",
                    )
                ],
            ],
        ),
        slip(
            "these are means or sums: the question asks for maxima",
            1,
            ("np.max(np.abs(gradient - numeric))", "np.mean(np.abs(gradient - numeric))"),
            (LARGEST, "np.mean(np.abs(gradient) + np.abs(numeric))"),
            ways=[
                [
                    ("np.max(np.abs(gradient - numeric))", "np.sum(np.abs(gradient - numeric))"),
                ],
                [
                    ("np.max(np.abs(gradient - numeric))", "np.mean(np.abs(gradient - numeric))"),
                ],
                [(LARGEST, "np.sum(np.abs(gradient) + np.abs(numeric))")],
                [(LARGEST, "np.mean(np.abs(gradient) + np.abs(numeric))")],
            ],
        ),
        slip(
            "the scale is the sum of both gradients, not one of them",
            1,
            (LARGEST, "np.max(np.abs(numeric))"),
            ways=[
                [(LARGEST, "np.max(np.abs(gradient))")],
                [(LARGEST, "np.max(np.maximum(np.abs(gradient), np.abs(numeric)))")],
            ],
        ),
        slip(
            "the maximum is taken of the sum, entry by entry: not one maximum of each",
            1,
            (LARGEST, "np.max(np.abs(gradient)) + np.max(np.abs(numeric))"),
        ),
        slip(
            "the scale is a sum of sizes, not a difference or a product",
            1,
            (LARGEST, "np.max(np.abs(gradient) - np.abs(numeric))"),
            ways=[
                [(LARGEST, "np.max(np.abs(gradient) * np.abs(numeric))")],
                [(LARGEST, "np.max(np.abs(gradient - numeric))")],
            ],
        ),
        slip(
            "the error is about the difference of the two gradients, not about their sum",
            1,
            (ERROR, "np.max(np.abs(gradient + numeric)) / largest"),
        ),
        slip(
            "a loop that returns or ends after its first entry leaves the others at zero",
            2,
            ("    largest =", "        break\n    largest ="),
        ),
        slip(
            "the absolute values are taken before the sum of the two gradients",
            1,
            (LARGEST, "np.max(np.abs(gradient + numeric))"),
            ways=[[(LARGEST, "np.max(gradient + numeric)")]],
        ),
        slip(
            "the absolute value of the difference comes before the maximum",
            1,
            (ERROR, "np.max(gradient - numeric) / largest"),
            ways=[
                [(ERROR, "np.abs(np.max(gradient - numeric)) / largest")],
                [(ERROR, "np.max(np.abs(gradient) - np.abs(numeric)) / largest")],
                [(ERROR, "np.abs(np.max(gradient) - np.max(numeric)) / largest")],
            ],
        ),
        slip(
            "the error is a maximum, not a minimum",
            1,
            (ERROR, "np.min(np.abs(gradient - numeric)) / largest"),
        ),
        slip(
            "the difference is not squared",
            1,
            (ERROR, "np.max((gradient - numeric) ** 2) / largest"),
        ),
        slip(
            "the error is one number: this is one for each entry",
            1,
            (
                "float(np.max(np.abs(gradient - numeric)) / largest)",
                "np.abs(gradient - numeric) / largest",
            ),
            ways=[
                [
                    (
                        "float(np.max(np.abs(gradient - numeric)) / largest)",
                        "np.abs(gradient - numeric) / (np.abs(gradient) + np.abs(numeric))",
                    )
                ]
            ],
        ),
        slip(
            "return numeric first, then the error",
            2,
            (
                "return numeric, float(np.max(np.abs(gradient - numeric)) / largest)",
                "return float(np.max(np.abs(gradient - numeric)) / largest), numeric",
            ),
        ),
        slip(
            "numeric is the gradient by differences, not the one that was claimed",
            1,
            ("return numeric, float", "return gradient, float"),
        ),
        slip(
            "gradient_check must return 2 values, (numeric, error)",
            2,
            (
                "return numeric, float(np.max(np.abs(gradient - numeric)) / largest)",
                "return float(np.max(np.abs(gradient - numeric)) / largest)",
            ),
            ways=[
                [
                    (
                        "    return numeric, float(np.max(np.abs(gradient - numeric)) / largest)",
                        "",
                    )
                ]
            ],
        ),
        slip(
            "your function changes its argument array",
            2,
            ("above, below = array.copy(), array.copy()", "above, below = array, array.copy()"),
            ways=[
                """
def gradient_check(loss, array, gradient, step):
    numeric = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        array[index] += step
        above = loss(array)
        array[index] -= 2 * step
        numeric[index] = (above - loss(array)) / (2 * step)
    scale = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / scale)
""",
            ],
        ),
        slip(
            "the last entry is not nudged",
            2,
            ("in np.ndindex(array.shape)", "in list(np.ndindex(array.shape))[:-1]"),
        ),
        slip(
            "divide by the size of the gradients, not by the step or by the array",
            1,
            (ERROR, "np.max(np.abs(gradient - numeric)) / step"),
            ways=[[(ERROR, "np.max(np.abs(gradient - numeric)) / np.max(np.abs(array))")]],
        ),
        slip(
            "divide by the largest sum itself, even where it is below 1",
            1,
            (LARGEST, "max(1.0, float(np.max(np.abs(gradient) + np.abs(numeric))))"),
        ),
        slip(
            "the scale is the sum of the two sizes, not their mean",
            1,
            (LARGEST, "np.max(np.abs(gradient) + np.abs(numeric)) / 2"),
        ),
        slip(
            "every entry is nudged by the step itself, whatever its size",
            2,
            ("above[index] += step", "above[index] += step * max(1.0, abs(array[index]))"),
            ("below[index] -= step", "below[index] -= step * max(1.0, abs(array[index]))"),
        ),
        slip(
            "the error is the plain ratio: no percent",
            1,
            (ERROR, "100 * np.max(np.abs(gradient - numeric)) / largest"),
        ),
        slip(
            "the claimed gradient has no part in numeric",
            2,
            (QUOTIENT, "(loss(above) - loss(below)) / (2 * step) - gradient[index]"),
        ),
    ],
    "training_step": [
        slip(
            "this is the sum: the loss is the mean",
            1,
            ("np.mean(wrong**2)", "np.sum(wrong**2)"),
        ),
        slip(
            "there is no factor one half in this loss",
            1,
            ("float(np.mean(wrong**2))", "float(np.mean(wrong**2)) / 2"),
        ),
        slip(
            "the mean runs over examples and outputs: divide by N * K, not by N",
            1,
            ("np.mean(wrong**2)", "np.sum(wrong**2) / len(x)"),
            ways=[
                [("2 * wrong / wrong.size", "2 * wrong / len(x)")],
            ],
        ),
        slip(
            "the mean runs over the batch too: divide the gradient by N * K, not by K",
            1,
            ("2 * wrong / wrong.size", "2 * wrong / wrong.shape[1]"),
        ),
        slip(
            "this is the root of the mean: the loss has no root",
            1,
            ("np.mean(wrong**2)", "np.sqrt(np.mean(wrong**2))"),
        ),
        slip(
            "the differences are squared, not taken without their sign",
            1,
            ("np.mean(wrong**2)", "np.mean(np.abs(wrong))"),
        ),
        slip(
            "the mean is taken of the squares, not squared itself",
            1,
            ("np.mean(wrong**2)", "np.mean(wrong) ** 2"),
        ),
        slip(
            "the differences are squared, not doubled",
            1,
            ("np.mean(wrong**2)", "np.mean(wrong * 2)"),
        ),
        slip(
            "the steps have no losses of their own: dh is zero, not one",
            1,
            ("np.zeros_like(h[:, 1:])", "np.ones_like(h[:, 1:])"),
        ),
        slip(
            "the square is missing in the loss",
            1,
            ("np.mean(wrong**2)", "np.mean(wrong)"),
        ),
        slip(
            "this is the loss after the step: return the one before",
            1,
            (
                "    loss = float(np.mean(wrong**2))",
                "    W_x, W_h, b = W_x - learning_rate * dW_x, W_h - learning_rate * dW_h,"
                " b - learning_rate * db\n"
                "    W_y, learning_rate = W_y - learning_rate * dW_y, 0.0\n"
                "    h = rnn_forward(x, 0 * h[:, 0], W_x, W_h, b)\n"
                "    loss = float(np.mean((h[:, -1] @ W_y - y) ** 2))",
            ),
        ),
        slip(
            "the loss is one number: take the mean over examples and outputs",
            1,
            ("float(np.mean(wrong**2))", "np.mean(wrong**2, axis=0)"),
            ways=[
                [("float(np.mean(wrong**2))", "np.mean(wrong**2, axis=1)")],
                [("float(np.mean(wrong**2))", "wrong**2")],
            ],
        ),
        slip(
            "the loss is a mean, so its gradient is divided too",
            1,
            ("2 * wrong / wrong.size", "2 * wrong"),
        ),
        slip(
            "the gradient of a square has a factor 2",
            1,
            ("2 * wrong / wrong.size", "wrong / wrong.size"),
        ),
        slip(
            "the gradient of the mean has the factor 2 / (N K): both are missing",
            1,
            ("2 * wrong / wrong.size", "wrong"),
        ),
        slip(
            "the step goes uphill: check the sign of the gradient and that of the update",
            1,
            ("2 * wrong / wrong.size", "-2 * wrong / wrong.size"),
            ways=[
                [("wrong = h[:, -1] @ W_y - y", "wrong = y - h[:, -1] @ W_y")],
                [new_weights("{w} + learning_rate * {dw}")],
            ],
        ),
        slip(
            "the weights did not change: return the new ones",
            1,
            new_weights("{w}"),
        ),
        slip(
            "these are the gradients: return the new weights",
            1,
            new_weights("{dw}"),
        ),
        slip(
            "these are the steps alone: take them off the weights",
            1,
            new_weights("learning_rate * {dw}"),
            ways=[[new_weights("-learning_rate * {dw}")]],
        ),
        slip(
            "the learning rate is missing",
            1,
            new_weights("{w} - {dw}"),
        ),
        slip(
            "multiply by the learning rate, do not divide",
            1,
            new_weights("{w} - {dw} / learning_rate"),
        ),
        slip(
            "use the argument learning_rate, not a number of your own",
            1,
            new_weights("{w} - 0.2 * {dw}"),
            ways=[[new_weights("{w} - 0.1 * {dw}")], [new_weights("{w} - 0.01 * {dw}")]],
        ),
        slip(
            "W_y does not change here: it learns too, from the last state and dy_hat",
            1,
            ("W_y - learning_rate * dW_y,", "W_y,"),
            ways=[[("dW_y = h[:, -1].T", "dW_y = h[:, 0].T")]],
        ),
        slip("b learns too", 1, ("b - learning_rate * db,", "b,")),
        slip("W_h learns too", 1, ("W_h - learning_rate * dW_h,", "W_h,")),
        slip("W_x learns too", 1, ("W_x - learning_rate * dW_x,", "W_x,")),
        slip(
            "the network learns too, not W_y alone: the gradient must reach the last state",
            1,
            ("rnn_backward(dh, dy_hat @ W_y.T,", "rnn_backward(dh, 0 * h[:, -1],"),
        ),
        slip(
            "only the last step has a loss: every other column of dh is zero",
            1,
            (
                "rnn_backward(dh, dy_hat @ W_y.T,",
                "rnn_backward(dh + (dy_hat @ W_y.T)[:, None], 0 * h[:, -1],",
            ),
        ),
        slip(
            "the gradient of the last state enters once, by dh_T or by dh[:, -1]",
            1,
            ("    _, _, dW_x", "    dh[:, -1] = dy_hat @ W_y.T\n    _, _, dW_x"),
        ),
        slip(
            "the gradient of the last state stands in the last column of dh, not in the first",
            1,
            ("    _, _, dW_x", "    dh[:, 0] = dy_hat @ W_y.T\n    _, _, dW_x"),
            ("rnn_backward(dh, dy_hat @ W_y.T,", "rnn_backward(dh, 0 * h[:, -1],"),
        ),
        slip(
            "the network starts from a state of zeros",
            2,
            ("np.zeros((len(x), len(W_h)), x.dtype)", "np.ones((len(x), len(W_h)), x.dtype)"),
        ),
        slip(
            "the head reads the last state, not the first: h[:, 0] is h0",
            2,
            ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, 0] @ W_y - y"),
            ways=[
                [
                    ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, 0] @ W_y - y"),
                    ("dW_y = h[:, -1].T", "dW_y = h[:, 0].T"),
                ],
            ],
        ),
        slip(
            "the head reads the last state: this is the state before it",
            2,
            ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, -2] @ W_y - y"),
            ways=[
                [
                    ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, -2] @ W_y - y"),
                    ("dW_y = h[:, -1].T", "dW_y = h[:, -2].T"),
                ],
            ],
        ),
        slip(
            "dW_y is made with the last state, which the head has read",
            1,
            ("dW_y = h[:, -1].T", "dW_y = h[:, -2].T"),
            ways=[[("dW_y = h[:, -1].T", "dW_y = h[:, 1].T")]],
        ),
        slip(
            "dW_y is transposed: the state stands on the left",
            2,
            ("dW_y = h[:, -1].T @ dy_hat", "dW_y = dy_hat.T @ h[:, -1]"),
        ),
        slip(
            "W_y must be transposed on the way back",
            2,
            ("dy_hat @ W_y.T", "dy_hat @ W_y"),
            ways=[[("dy_hat @ W_y.T", "W_y @ dy_hat")], [("dy_hat @ W_y.T", "W_y.T @ dy_hat")]],
        ),
        slip(
            "all gradients belong to the weights before the step: do not change W_y first",
            1,
            (
                "    _, _, dW_x",
                "    W_y = W_y - learning_rate * h[:, -1].T @ dy_hat\n    _, _, dW_x",
            ),
            ("W_y - learning_rate * dW_y,", "W_y,"),
        ),
        slip(
            "the targets are missing: the loss is about the difference to y",
            2,
            ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, -1] @ W_y"),
        ),
        slip(
            "the head has no tanh: it is a plain product with W_y",
            2,
            ("wrong = h[:, -1] @ W_y - y", "wrong = np.tanh(h[:, -1] @ W_y) - y"),
        ),
        slip(
            "training_step must return 5 values, (loss, W_x, W_h, b, W_y)",
            2,
            ("        loss,\n", ""),
            ways=[
                [
                    ("        loss,\n        W_x - ", "        loss,\n        [W_x - "),
                    ("W_y - learning_rate * dW_y,", "W_y - learning_rate * dW_y],"),
                ]
            ],
        ),
        slip(
            "the loss comes first, then the weights",
            2,
            ("        loss,\n", ""),
            ("W_y - learning_rate * dW_y,", "W_y - learning_rate * dW_y,\n        loss,"),
        ),
        slip(
            "your function changes its arguments W_x and W_h and b and W_y",
            2,
            (
                "    loss = float(np.mean(wrong**2))",
                "    for weight, slope in ((W_x, dW_x), (W_h, dW_h), (b, db), (W_y, dW_y)):\n"
                "        weight -= (learning_rate * slope).astype(weight.dtype)\n"
                "    learning_rate = 0.0\n"
                "    loss = float(np.mean(wrong**2))",
            ),
        ),
        slip(
            "the mean runs over examples and outputs: loss and gradient are both divided by N * K",
            2,
            ("np.mean(wrong**2)", "np.sum(wrong**2) / len(x)"),
            ("2 * wrong / wrong.size", "2 * wrong / len(x)"),
            ways=[
                [
                    ("np.mean(wrong**2)", "np.sum(wrong**2) / y.shape[1]"),
                    ("2 * wrong / wrong.size", "2 * wrong / y.shape[1]"),
                ]
            ],
        ),
        slip(
            "the loss is a mean and so is its gradient: both are sums here",
            2,
            ("np.mean(wrong**2)", "np.sum(wrong**2)"),
            ("2 * wrong / wrong.size", "2 * wrong"),
        ),
        slip(
            "this loss has no factor one half, so its gradient has the factor 2: both are wrong here",
            2,
            ("float(np.mean(wrong**2))", "float(np.mean(wrong**2)) / 2"),
            ("2 * wrong / wrong.size", "wrong / wrong.size"),
        ),
        slip(
            "the gradient of a square is twice the difference, with its sign: no square and no size of it",
            1,
            ("2 * wrong / wrong.size", "2 * np.sign(wrong) / wrong.size"),
            ways=[
                [("2 * wrong / wrong.size", "2 * wrong**2 / wrong.size")],
                [("2 * wrong / wrong.size", "2 * np.abs(wrong) / wrong.size")],
            ],
        ),
        slip(
            "the mean has divided by N already: do not divide the gradients once more",
            1,
            new_weights("{w} - learning_rate * {dw} / len(x)"),
            ways=[[new_weights("{w} - learning_rate * {dw} / x.shape[1]")]],
        ),
        slip(
            "the step is the gradient times the learning rate: do not clip, scale or round the gradient",
            1,
            new_weights("{w} - learning_rate * np.sign({dw})"),
            ways=[
                [new_weights("{w} - learning_rate * {dw} / np.sqrt(np.sum({dw}**2))")],
                [new_weights("{w} - learning_rate * np.clip({dw}, -1, 1)")],
            ],
        ),
        slip(
            "only the gradients go into the step: the weights do not decay",
            1,
            new_weights("(1 - learning_rate) * {w} - learning_rate * {dw}"),
        ),
        slip(
            "dW_y is made with dy_hat, which has the factor 2 / (N K)",
            1,
            ("dW_y = h[:, -1].T @ dy_hat", "dW_y = h[:, -1].T @ wrong"),
        ),
        slip(
            "the gradient of the last state is made with dy_hat, which has the factor 2 / (N K)",
            1,
            ("dy_hat @ W_y.T", "wrong @ W_y.T"),
        ),
        slip(
            "rnn_backward multiplies by the slope of the tanh: hand it dy_hat @ W_y.T as it is",
            1,
            ("dy_hat @ W_y.T", "dy_hat @ W_y.T * (1.0 - h[:, -1] ** 2)"),
        ),
        slip(
            "the head reads the last state alone, not the mean of all states",
            2,
            ("wrong = h[:, -1] @ W_y - y", "wrong = h[:, 1:].mean(axis=1) @ W_y - y"),
        ),
    ],
    "leaky_backward": [
        slip(
            "h_prev leaks into h_t directly too: its share alpha of dh_t is missing in dh_prev",
            1,
            ("dh_t * alpha + da_t @ W_h.T", "da_t @ W_h.T"),
        ),
        slip(
            "h_prev stands inside the tanh too: what comes back through W_h is missing in dh_prev",
            1,
            ("dh_t * alpha + da_t @ W_h.T", "dh_t * alpha"),
        ),
        slip(
            "what leaks is multiplied by alpha on the way back too, not by 1 - alpha or by 1",
            1,
            ("dh_t * alpha + da_t", "dh_t * (1.0 - alpha) + da_t"),
            ways=[[("dh_t * alpha + da_t", "dh_t + da_t")]],
        ),
        slip(
            "what leaks does not pass the tanh: it is not multiplied by a slope",
            1,
            ("dh_t * alpha + da_t", "dh_t * alpha * (1.0 - g_t**2) + da_t"),
            ways=[
                [("dh_t * alpha + da_t", "dh_t * alpha * (1.0 - h_prev**2) + da_t")],
                [("dh_t * alpha + da_t", "da_t * alpha + da_t")],
            ],
        ),
        slip(
            "g_t is weighted with 1 - alpha, so its gradient is too",
            2,
            (LEAKY_DA, "dh_t * (1.0 - g_t**2)"),
        ),
        slip(
            "g_t is weighted with 1 - alpha, not with alpha",
            2,
            (LEAKY_DA, "dh_t * alpha * (1.0 - g_t**2)"),
        ),
        slip(
            "alpha and 1 - alpha are exchanged",
            2,
            (LEAKY_DA, "dh_t * alpha * (1.0 - g_t**2)"),
            ("dh_t * alpha + da_t", "dh_t * (1.0 - alpha) + da_t"),
        ),
        slip(
            "the slope of the tanh is missing: multiply by 1 - g_t**2",
            2,
            (LEAKY_DA, "dh_t * (1.0 - alpha)"),
        ),
        slip(
            "the tanh has given g_t: its slope is 1 - g_t**2, not one made of h_t or h_prev",
            2,
            (
                LEAKY_DA,
                "dh_t * (1.0 - alpha) * (1.0 - (alpha * h_prev + (1.0 - alpha) * g_t) ** 2)",
            ),
            ways=[[(LEAKY_DA, "dh_t * (1.0 - alpha) * (1.0 - h_prev**2)")]],
        ),
        slip(
            "g_t is a tanh already: do not apply it again",
            2,
            (LEAKY_DA, "dh_t * (1.0 - alpha) * (1.0 - np.tanh(g_t) ** 2)"),
        ),
        slip(
            "this is the slope of the sigmoid: that of tanh is 1 - g_t**2",
            2,
            (LEAKY_DA, "dh_t * (1.0 - alpha) * g_t * (1.0 - g_t)"),
        ),
        slip(
            "the slope is 1 - g_t**2: a sign or the square is wrong",
            2,
            (LEAKY_DA, "dh_t * (1.0 - alpha) * (1.0 + g_t**2)"),
            ways=[
                [(LEAKY_DA, "dh_t * (1.0 - alpha) * (g_t**2 - 1.0)")],
                [(LEAKY_DA, "dh_t * (1.0 - alpha) * (1.0 - g_t)")],
                [(LEAKY_DA, "dh_t * (1.0 - alpha) * g_t**2")],
            ],
        ),
        slip(
            "the two gradients of h_prev are added, not subtracted",
            1,
            ("dh_t * alpha + da_t", "dh_t * alpha - da_t"),
        ),
        slip(
            "the slope belongs to the tanh alone: 1 - alpha stands outside of the square",
            2,
            (LEAKY_DA, "dh_t * (1.0 - ((1.0 - alpha) * g_t) ** 2)"),
        ),
        slip(
            "a larger alpha takes g_t away: dalpha has the factor h_prev - g_t, not h_prev alone",
            1,
            (DALPHA, "np.sum(dh_t * h_prev, axis=0)"),
        ),
        slip(
            "a larger alpha keeps more of h_prev: dalpha has the factor h_prev - g_t",
            1,
            (DALPHA, "np.sum(-dh_t * g_t, axis=0)"),
            ways=[[(DALPHA, "np.sum(dh_t * g_t, axis=0)")]],
        ),
        slip(
            "dalpha has the wrong sign: h_prev comes with a plus, g_t with a minus",
            1,
            (DALPHA, "np.sum(dh_t * (g_t - h_prev), axis=0)"),
            ways=[[(DALPHA, "np.sum(dh_t * (h_prev + g_t), axis=0)")]],
        ),
        slip(
            "dalpha comes from dh_t, not from behind the tanh",
            1,
            (DALPHA, "np.sum(da_t * (h_prev - g_t), axis=0)"),
            ways=[[(DALPHA, "np.sum(dh_t * (1.0 - g_t**2) * (h_prev - g_t), axis=0)")]],
        ),
        slip(
            "alpha itself is learned: no slope of a sigmoid",
            1,
            (DALPHA, "np.sum(dh_t * (h_prev - g_t) * alpha * (1.0 - alpha), axis=0)"),
        ),
        slip(
            "alpha serves all examples: add over the batch",
            1,
            (DALPHA, "dh_t * (h_prev - g_t)"),
            ways=[[(DALPHA, "np.mean(dh_t * (h_prev - g_t), axis=0)")]],
        ),
        slip(
            "every unit has an alpha of its own: add over the batch alone (axis 0)",
            1,
            (DALPHA, "np.sum(dh_t * (h_prev - g_t), axis=1)"),
            ways=[[(DALPHA, "np.sum(dh_t * (h_prev - g_t))")]],
        ),
        slip(
            "W_h must be transposed on the way back",
            1,
            ("da_t @ W_h.T", "da_t @ W_h"),
        ),
        slip(
            "W_x must be transposed on the way back",
            2,
            ("da_t @ W_x.T", "da_t @ W_x"),
            ways=[[("da_t @ W_x.T", "W_x @ da_t")]],
        ),
        slip(
            "W_h multiplied h_prev, so dW_h is made with h_prev",
            1,
            ("h_prev.T @ da_t", "g_t.T @ da_t"),
            ways=[
                [("h_prev.T @ da_t", "(alpha * h_prev).T @ da_t")],
                [("h_prev.T @ da_t", "(alpha * h_prev + (1.0 - alpha) * g_t).T @ da_t")],
            ],
        ),
        slip(
            "the weights get their gradient through da_t, not through dh_t",
            1,
            ("x_t.T @ da_t, h_prev.T @ da_t", "x_t.T @ dh_t, h_prev.T @ dh_t"),
            ways=[
                [("h_prev.T @ da_t", "h_prev.T @ dh_t")],
                [("x_t.T @ da_t", "x_t.T @ dh_t")],
                [("da_t.sum(axis=0)", "dh_t.sum(axis=0)")],
            ],
        ),
        slip(
            "the input gets its gradient through da_t, not through dh_t",
            1,
            ("da_t @ W_x.T", "dh_t @ W_x.T"),
        ),
        slip(
            "dW_h is transposed: h_prev.T stands on the left",
            1,
            ("h_prev.T @ da_t", "da_t.T @ h_prev"),
        ),
        slip(
            "add over the batch, do not average",
            1,
            ("da_t.sum(axis=0)", "da_t.mean(axis=0)"),
            ways=[
                [
                    (
                        "x_t.T @ da_t, h_prev.T @ da_t",
                        "x_t.T @ da_t / len(x_t), h_prev.T @ da_t / len(x_t)",
                    ),
                    ("da_t.sum(axis=0)", "da_t.mean(axis=0)"),
                    (DALPHA, "np.mean(dh_t * (h_prev - g_t), axis=0)"),
                ],
            ],
        ),
        slip(
            "the bias serves all examples: add over the batch",
            1,
            ("da_t.sum(axis=0)", "da_t"),
        ),
        slip(
            "db is a sum over the batch: axis 0",
            1,
            ("da_t.sum(axis=0)", "da_t.sum(axis=1)"),
        ),
        slip(
            "leaky_backward must return 6 values, (dx_t, dh_prev, dW_x, dW_h, db, dalpha)",
            2,
            ("dW_h, da_t.sum(axis=0), dalpha", "dW_h, da_t.sum(axis=0)"),
            ways=[[("    return dx_t, dh_prev, dW_x, dW_h, da_t.sum(axis=0), dalpha", "")]],
        ),
        slip(
            "the results stand in the order dx_t, dh_prev, dW_x, dW_h, db, dalpha",
            1,
            ("dW_h, da_t.sum(axis=0), dalpha", "dW_h, dalpha, da_t.sum(axis=0)"),
        ),
        slip(
            "your function changes its argument dh_t",
            2,
            (
                "da_t = dh_t * (1.0 - alpha) * (1.0 - g_t**2)",
                "da_t = dh_t\n    da_t *= (1.0 - alpha) * (1.0 - g_t**2)",
            ),
        ),
        slip(
            "dh_t itself is needed for dh_prev and dalpha: keep it beside da_t",
            2,
            (
                "da_t = dh_t * (1.0 - alpha) * (1.0 - g_t**2)",
                "da_t = dh_t = dh_t * (1.0 - alpha) * (1.0 - g_t**2)",
            ),
        ),
        slip(
            "alpha weighs h_prev and 1 - alpha weighs g_t: they are exchanged, in dalpha too",
            2,
            (LEAKY_DA, "dh_t * alpha * (1.0 - g_t**2)"),
            ("dh_t * alpha + da_t", "dh_t * (1.0 - alpha) + da_t"),
            (DALPHA, "np.sum(dh_t * (g_t - h_prev), axis=0)"),
        ),
        slip(
            "dalpha has no factor alpha or 1 - alpha: it is the sum of dh_t * (h_prev - g_t)",
            1,
            (DALPHA, "np.sum(dh_t * (h_prev - g_t) * alpha, axis=0)"),
            ways=[
                [(DALPHA, "np.sum(dh_t * (alpha * h_prev - (1.0 - alpha) * g_t), axis=0)")],
                [(DALPHA, "np.sum(dh_t * (h_prev - (1.0 - alpha) * g_t), axis=0)")],
                [(DALPHA, "np.sum(dh_t * (h_prev - g_t) * (1.0 - alpha), axis=0)")],
            ],
        ),
        slip(
            "alpha multiplies g_t behind the tanh: dalpha has no slope",
            1,
            (DALPHA, "np.sum(dh_t * (h_prev - g_t * (1.0 - g_t**2)), axis=0)"),
        ),
        slip(
            "dalpha is made with h_prev - g_t: it is not dh_t times h_t",
            1,
            (DALPHA, "np.sum(dh_t * (alpha * h_prev + (1.0 - alpha) * g_t), axis=0)"),
        ),
        slip(
            "da_t holds 1 - alpha already: what comes back through W_h is not weighted again",
            1,
            ("dh_t * alpha + da_t @ W_h.T", "dh_t * alpha + (1.0 - alpha) * (da_t @ W_h.T)"),
            ways=[[("dh_t * alpha + da_t @ W_h.T", "dh_t * alpha + alpha * (da_t @ W_h.T)")]],
        ),
        slip(
            "the two parts of dh_prev are added, not multiplied",
            1,
            ("dh_t * alpha + da_t @ W_h.T", "dh_t * alpha * (da_t @ W_h.T)"),
        ),
        slip(
            "the factor 1 - alpha stands once in da_t",
            2,
            (LEAKY_DA, "dh_t * (1.0 - alpha) ** 2 * (1.0 - g_t**2)"),
        ),
        slip(
            "brackets are missing: 1 - alpha and 1 - g_t**2 are factors as a whole",
            2,
            (LEAKY_DA, "dh_t * 1.0 - alpha * (1.0 - g_t**2)"),
            ways=[[(LEAKY_DA, "dh_t * (1.0 - alpha) * 1.0 - g_t**2")]],
        ),
    ],
}

RIGHT = [
    Right(
        "loops",
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    N, H = h_prev.shape
    h_t = np.zeros((N, H))
    for n in range(N):
        for k in range(H):
            a = b[k]
            for d in range(x_t.shape[1]):
                a = a + x_t[n, d] * W_x[d, k]
            for j in range(H):
                a = a + h_prev[n, j] * W_h[j, k]
            h_t[n, k] = np.tanh(a)
    return h_t
""",
            "step_backward": """
def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    dx_t, dh_prev = np.zeros(x_t.shape), np.zeros(h_prev.shape)
    dW_x, dW_h, db = np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(len(W_h))
    for n in range(len(x_t)):
        for k in range(len(W_h)):
            da = dh_t[n, k] * (1 - h_t[n, k] ** 2)
            dx_t[n] += da * W_x[:, k]
            dh_prev[n] += da * W_h[:, k]
            dW_x[:, k] += da * x_t[n]
            dW_h[:, k] += da * h_prev[n]
            db[k] += da
    return dx_t, dh_prev, dW_x, dW_h, db
""",
        },
    ),
    Right(
        "arrays-filled-in-place",
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    N, T, _ = x.shape
    h = np.empty((N, T + 1, h0.shape[1]), x.dtype)
    h[:, 0] = h0
    for t in range(T):
        h[:, t + 1] = rnn_step(x[:, t], h[:, t], W_x, W_h, b)
    return h
""",
            "rnn_backward": """
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    dh = dh.copy()
    dh[:, -1] += dh_T
    da = np.zeros_like(dh)
    for t in range(x.shape[1] - 1, -1, -1):
        da[:, t] = dh[:, t] * (1 - h[:, t + 1] ** 2)
        if t > 0:
            dh[:, t - 1] += da[:, t] @ W_h.T
    dW_x = np.tensordot(x, da, axes=([0, 1], [0, 1]))
    dW_h = np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))
    return da @ W_x.T, da[:, 0] @ W_h.T, dW_x, dW_h, da.sum(axis=(0, 1))
""",
        },
    ),
    Right(
        "einsum",
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.einsum("bd,dh->bh", x_t, W_x) + np.einsum("bj,jh->bh", h_prev, W_h) + b)
""",
            "step_backward": """
def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    da = dh_t * (1 + h_t) * (1 - h_t)
    products = ("bh,dh->bd", da, W_x), ("bh,jh->bj", da, W_h), ("bd,bh->dh", x_t, da)
    return [*(np.einsum(*p) for p in products), np.einsum("bj,bh->jh", h_prev, da), da.sum(0)]
""",
        },
    ),
    Right(
        "recursion-and-lists",
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    def states(h_t, t):
        if t == x.shape[1]:
            return [h_t]
        return [h_t, *states(rnn_step(x[:, t], h_t, W_x, W_h, b), t + 1)]

    return np.stack(states(h0, 0), axis=1)
""",
            "rnn_backward": """
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    steps, dh_next = [], dh_T
    for t in range(x.shape[1])[::-1]:
        one = step_backward(dh[:, t] + dh_next, x[:, t], h[:, t], h[:, t + 1], W_x, W_h)
        steps.insert(0, one)
        dh_next = one[1]
    dx_t, _, dW_x, dW_h, db = zip(*steps)
    return np.stack(dx_t, axis=1), dh_next, sum(dW_x), sum(dW_h), sum(db)
""",
        },
    ),
    Right(
        "one-point-nudged-and-restored",
        {
            "gradient_check": """
def gradient_check(loss, array, gradient, step):
    point, numeric = array.copy(), np.empty_like(array)
    for index in np.ndindex(*array.shape):
        value = point[index]
        point[index] = value + step
        above = loss(point)
        point[index] = value - step
        numeric[index] = (above - loss(point)) / (2 * step)
        point[index] = value
    difference = np.abs(gradient - numeric).max()
    return numeric, difference / (np.abs(gradient) + np.abs(numeric)).max()
""",
        },
    ),
    Right(
        "flat-views",
        {
            "gradient_check": """
def gradient_check(loss, array, gradient, step):
    quotients = []
    for k in range(array.size):
        nudge = np.zeros(array.size)
        nudge[k] = step
        nudge = nudge.reshape(array.shape)
        quotients.append((loss(array + nudge) - loss(array - nudge)) / step / 2)
    numeric = np.array(quotients).reshape(array.shape)
    return [numeric, abs(gradient - numeric).max() / (abs(gradient) + abs(numeric)).max()]
""",
            "training_step": """
def training_step(x, y, W_x, W_h, b, W_y, learning_rate):
    N, T, _ = x.shape
    h = rnn_forward(x, np.zeros((N, W_h.shape[0])), W_x, W_h, b)
    error = h[:, T] @ W_y - y
    dh = np.zeros((N, T, W_h.shape[0]))
    dh[:, -1] = 2 / error.size * error @ W_y.T
    gradients = rnn_backward(dh, np.zeros_like(dh[:, 0]), x, h, W_x, W_h)[2:]
    gradients = (*gradients, 2 / error.size * h[:, T].T @ error)
    new = [w - learning_rate * g for w, g in zip((W_x, W_h, b, W_y), gradients)]
    return [np.square(error).mean().item(), *new]
""",
        },
    ),
    Right(
        "float32",
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    x_t, h_prev, W_x, W_h, b = map(np.float32, (x_t, h_prev, W_x, W_h, b))
    return np.tanh(x_t @ W_x + h_prev @ W_h + b)
""",
        },
    ),
    Right(
        "stacked-weights-and-helpers",
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    ones = np.ones((len(x_t), 1))
    return np.tanh(np.hstack([x_t, h_prev, ones]) @ np.vstack([W_x, W_h, b]))
""",
            "step_backward": """
def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    da = dh_t * slope(h_t)
    D, H = W_x.shape
    dz = da @ np.vstack([W_x, W_h]).T
    dW = np.hstack([x_t, h_prev, np.ones((len(x_t), 1))]).T @ da
    return dz[:, :D], dz[:, D:], dW[:D], dW[D : D + H], dW[-1]
""",
        },
        extra="""
def slope(h_t):
    return 1 / np.cosh(np.arctanh(h_t)) ** 2

N, T, D, H = "names", "of", "my", "own"
""",
    ),
    Right(
        "the-chain-rule-in-other-words",
        {
            "leaky_backward": """
def leaky_backward(dh_t, x_t, h_prev, g_t, alpha, W_x, W_h):
    kept, dg = dh_t * alpha, dh_t - dh_t * alpha
    dx_t, dh_prev, dW_x, dW_h, db = step_backward(dg, x_t, h_prev, g_t, W_x, W_h)
    dalpha = (dh_t * h_prev).sum(0) - (dh_t * g_t).sum(0)
    return [dx_t, dh_prev + kept, dW_x, dW_h, db, dalpha]
""",
        },
    ),
    Right(
        "einsum-of-a-leaky-step",
        {
            "leaky_backward": """
def leaky_backward(dh_t, x_t, h_prev, g_t, alpha, W_x, W_h):
    da = np.einsum("bh,h,bh->bh", dh_t, 1 - alpha, 1 - g_t * g_t)
    dx_t = np.einsum("bh,dh->bd", da, W_x)
    dh_prev = np.einsum("bh,kh->bk", da, W_h) + np.einsum("bh,h->bh", dh_t, alpha)
    dW_x, dW_h = np.einsum("bd,bh->dh", x_t, da), np.einsum("bk,bh->kh", h_prev, da)
    return dx_t, dh_prev, dW_x, dW_h, da.sum(0), np.einsum("bh,bh->h", dh_t, h_prev - g_t)
""",
        },
    ),
]
