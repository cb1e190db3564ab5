"""What is known of the assignment lstm_backward: the mistakes of each question, as small changes
of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

ADAM = """
def adam(parameters, gradients, m, v, n, learning_rate):
    new_parameters, new_m, new_v = [], [], []
    for theta, gradient, mean, square in zip(parameters, gradients, m, v):
        new_m.append(0.9 * mean + 0.1 * gradient)
        new_v.append(0.999 * square + 0.001 * gradient**2)
        m_hat, v_hat = new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)
        new_parameters.append(theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8))
    return new_parameters, new_m, new_v
"""
TRAIN = """
def train(x, y, parameters, updates, learning_rate, limit):
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses = []
    for n in range(1, updates + 1):
        loss, gradients = loss_and_gradients(x, y, parameters)
        clipped, _ = clip(gradients, limit)
        parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
        losses.append(loss)
    return parameters, losses
"""


DC = "dc = dc_t + dh_t * o * (1.0 - tanh_c**2)"
FIVE = "dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f"
BLOCKS = "[da_i, da_f, da_g, da_o]"
SIX = 'return dx_t, dh_prev, dc_prev, cache["x_t"].T @ da, cache["h_prev"].T @ da, da.sum(axis=0)'
STEP = "step_backward(dh[:, t] + dh_next, dc_next, caches[t])"
START = "dh_next, dc_next = dh_T, dc_T"
SUMS = "dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]"
NUMERIC = "(loss(array + step * direction) - loss(array - step * direction)) / (2.0 * step)"
ERROR = "abs(analytic - numeric) / (abs(analytic) + abs(numeric))"
NORM = "np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))"
SCALE = "limit / norm if norm > limit else 1.0"
HATS = "new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)"
MOVE = "theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)"
UPDATE = "parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)"
DC_LIMITED = "dc_t = dc_t + dh_t * o * (1.0 - tanh_c**2)"
CUT = "dc = dc_t * (np.abs(c) < limit)"


def five(*, di="dc * g", df="dc * c_prev", dg="dc * i", do="dh_t * tanh_c", dc_prev="dc * f"):
    """Return the change that makes some of the five gradients in another way."""
    return FIVE, f"{di}, {df}, {dg}, {do}, {dc_prev}"


def in_step(order: str) -> tuple[str, str]:
    """Return the change that puts the blocks into another order."""
    return BLOCKS, f"[{', '.join(f'da_{gate}' for gate in order)}]"


MISTAKES = {
    "through_cell": [
        slip(
            "the gradient dc_t of the next step is missing",
            2,
            (DC, "dc = dh_t * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "what comes by way of h_t is missing: dc is more than dc_t",
            2,
            (DC, "dc = dc_t"),
        ),
        slip(
            "the slope is taken at c_t, not at tanh(c_t): it is one minus tanh_c squared",
            2,
            (DC, "dc = dc_t + dh_t * o * (1.0 - np.arctanh(tanh_c) ** 2)"),
        ),
        slip(
            "tanh_c is the tanh already: do not apply it again",
            2,
            (DC, "dc = dc_t + dh_t * o * (1.0 - np.tanh(tanh_c) ** 2)"),
        ),
        slip(
            "the slope of the tanh is missing: one minus tanh_c squared",
            2,
            (DC, "dc = dc_t + dh_t * o"),
        ),
        slip(
            "the slope of tanh is one minus the square: the square, the minus or the 1 is wrong",
            2,
            (DC, "dc = dc_t + dh_t * o * (1.0 + tanh_c**2)"),
            ways=[
                [(DC, "dc = dc_t + dh_t * o * (1.0 - tanh_c)")],
                [(DC, "dc = dc_t + dh_t * o * tanh_c**2")],
                [(DC, "dc = dc_t + dh_t * o * (1.0 - tanh_c) ** 2")],
            ],
        ),
        slip(
            "this is the slope of a sigmoid: that of tanh is one minus the square",
            2,
            (DC, "dc = dc_t + dh_t * o * tanh_c * (1.0 - tanh_c)"),
        ),
        slip(
            "the output gate is missing on the way to the cell state",
            2,
            (DC, "dc = dc_t + dh_t * (1.0 - tanh_c**2)"),
        ),
        slip(
            "the output gate multiplied tanh(c_t), so dc has the factor o, not tanh_c or 1 - o",
            2,
            (DC, "dc = dc_t + dh_t * tanh_c * (1.0 - tanh_c**2)"),
            ways=[[(DC, "dc = dc_t + dh_t * (1.0 - o) * (1.0 - tanh_c**2)")]],
        ),
        slip(
            "no slope of the sigmoid yet: do and o are about the gate itself",
            2,
            (DC, "dc = dc_t + dh_t * o * (1.0 - o) * (1.0 - tanh_c**2)"),
        ),
        slip(
            "a sign is wrong in dc: both parts come with a plus, and the slope is 1 minus the square",
            2,
            (DC, "dc = dc_t - dh_t * o * (1.0 - tanh_c**2)"),
            ways=[
                [(DC, "dc = dh_t * o * (1.0 - tanh_c**2) - dc_t")],
                [(DC, "dc = dc_t + dh_t * o * (tanh_c**2 - 1.0)")],
            ],
        ),
        slip(
            "the slope belongs to the part from h_t alone: dc_t does not pass the tanh",
            2,
            (DC, "dc = (dc_t + dh_t * o) * (1.0 - tanh_c**2)"),
        ),
        slip(
            "dc_t has not passed the output gate: o belongs to the part from h_t alone",
            2,
            (DC, "dc = (dc_t + dh_t) * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "the two gradients of the cell state are added, not multiplied",
            2,
            (DC, "dc = dc_t * dh_t * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "dh_t was overwritten by do before it was used for dc",
            2,
            (
                "    dc = dc_t",
                "    do = dh_t = dh_t * tanh_c\n    dc = dc_t",
            ),
            five(do="do"),
        ),
        slip("do is multiplied by tanh(c_t), not by o", 1, five(do="dh_t * o")),
        slip(
            "do comes from dh_t, not from dc: the cell state has not passed the output gate",
            1,
            five(do="dc * tanh_c"),
        ),
        slip(
            "do is dh_t times tanh(c_t): c_t itself is not a factor of h_t",
            1,
            five(do="dh_t * np.arctanh(tanh_c)"),
        ),
        slip(
            "the factor tanh(c_t) is missing in do",
            1,
            five(do="dh_t"),
        ),
        slip(
            "no slopes of the gates here: the question asks for di, df, dg and do",
            1,
            five(
                di="dc * g * i * (1.0 - i)",
                df="dc * c_prev * f * (1.0 - f)",
                dg="dc * i * (1.0 - g**2)",
                do="dh_t * tanh_c * o * (1.0 - o)",
            ),
            ways=[
                [five(do="dh_t * tanh_c * o * (1.0 - o)")],
                [five(dg="dc * i * (1.0 - g**2)")],
            ],
        ),
        slip("di is multiplied by g, and dg by i", 1, five(di="dc * i", dg="dc * g")),
        slip("di is multiplied by g", 1, five(di="dc * i")),
        slip("dg is multiplied by i", 1, five(dg="dc * g")),
        slip(
            "df needs c_prev, not c_t",
            1,
            five(df="dc * np.arctanh(tanh_c)"),
            ways=[[five(df="dc * tanh_c")]],
        ),
        slip("df is multiplied by c_prev, not by f", 1, five(df="dc * f")),
        slip(
            "df and dc_prev are exchanged: f and c_prev are each multiplied by the other one",
            2,
            five(df="dc * f", dc_prev="dc * c_prev"),
        ),
        slip(
            "what comes by way of h_t counts for dc_prev too: it is dc times f",
            1,
            five(dc_prev="dc_t * f"),
        ),
        slip("the forget gate is missing in dc_prev", 1, five(dc_prev="dc")),
        slip(
            "dc_prev is multiplied by f, not by 1 - f or i",
            1,
            five(dc_prev="dc * (1.0 - f)"),
            ways=[[five(dc_prev="dc * i")]],
        ),
        slip(
            "the gates get dc, the whole gradient of the cell state, not dc_t",
            1,
            five(di="dc_t * g", df="dc_t * c_prev", dg="dc_t * i"),
            ways=[
                [five(di="dc_t * g")],
                [five(df="dc_t * c_prev")],
                [five(dg="dc_t * i")],
            ],
        ),
        slip(
            "the gates get dc, which has passed the tanh, not dh_t",
            1,
            five(di="dh_t * g", df="dh_t * c_prev", dg="dh_t * i"),
        ),
        slip(
            "do comes before dc_prev",
            2,
            (FIVE, "dc * g, dc * c_prev, dc * i, dc * f, dh_t * tanh_c"),
        ),
        slip(
            "di and df are exchanged: return di, df, dg, do, dc_prev",
            1,
            (FIVE, "dc * c_prev, dc * g, dc * i, dh_t * tanh_c, dc * f"),
        ),
        slip(
            "dg comes before do: return di, df, dg, do, dc_prev",
            1,
            (FIVE, "dc * g, dc * c_prev, dh_t * tanh_c, dc * i, dc * f"),
        ),
        slip(
            "through_cell must return 5 values, (di, df, dg, do, dc_prev)",
            2,
            (FIVE, "dc * g, dc * c_prev, dc * i, dh_t * tanh_c"),
            ways=[[(f"    return {FIVE}", "")]],
        ),
        slip(
            "your function changes its argument dc_t",
            2,
            (DC, "dc = dc_t\n    dc += dh_t * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "gradients and gates are multiplied entry by entry: use *, not @",
            2,
            (DC, "dc = dc_t + dh_t @ o * (1.0 - tanh_c**2)"),
            ways=[
                [five(di="dc @ g")],
                [five(di="dc @ g", df="dc @ c_prev")],
                [five(dc_prev="dc @ f")],
            ],
        ),
        slip(
            "do has tanh(c_t) as its factor: the slope of the tanh is for dc",
            1,
            five(do="dh_t * (1.0 - tanh_c**2)"),
            ways=[[five(do="dh_t * o * (1.0 - tanh_c**2)")]],
        ),
        slip(
            "brackets are missing: the slope is a factor as a whole",
            2,
            (DC, "dc = dc_t + dh_t * o * 1.0 - tanh_c**2"),
        ),
        slip(
            "dc_prev is dc times f, and nothing is added: dc holds dc_t already",
            1,
            five(dc_prev="dc * f + dc_t"),
            ways=[[five(dc_prev="dc * f + dc_t * f")]],
        ),
        slip(
            "do is dh_t times tanh(c_t): dc_t has no part in it",
            1,
            five(do="(dh_t + dc_t) * tanh_c"),
            ways=[[five(do="dh_t * tanh_c + dc_t")]],
        ),
    ],
    "step_backward": [
        slip(
            "the slopes of sigmoid and tanh are missing",
            2,
            ("di * i * (1.0 - i), df * f * (1.0 - f)", "di, df"),
            ("dg * (1.0 - g**2), do * o * (1.0 - o)", "dg, do"),
        ),
        slip(
            "the slopes of the three gates are missing: i (1 - i) and so on",
            2,
            ("di * i * (1.0 - i), df * f * (1.0 - f)", "di, df"),
            ("do * o * (1.0 - o)", "do"),
        ),
        slip("the slope of the candidate's tanh is missing", 2, ("dg * (1.0 - g**2)", "dg")),
        slip("the slope of the input gate is missing", 2, ("di * i * (1.0 - i)", "di")),
        slip("the slope of the forget gate is missing", 2, ("df * f * (1.0 - f)", "df")),
        slip("the slope of the output gate is missing", 2, ("do * o * (1.0 - o)", "do")),
        slip(
            "the gates are activated already: use i (1 - i)",
            2,
            """
def step_backward(dh_t, dc_t, cache):
    def slope(a):
        s = 1.0 / (1.0 + np.exp(-a))
        return s * (1.0 - s)

    i, f, g, o = cache["i"], cache["f"], cache["g"], cache["o"]
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, cache["c_prev"], i, f, g, o, cache["tanh_c"])
    da = np.concatenate([di * slope(i), df * slope(f), dg * (1.0 - g**2), do * slope(o)], axis=1)
    dx_t, dh_prev = da @ cache["W_x"].T, da @ cache["W_h"].T
    return dx_t, dh_prev, dc_prev, cache["x_t"].T @ da, cache["h_prev"].T @ da, da.sum(axis=0)
""",
        ),
        slip(
            "the candidate goes through tanh: its slope is 1 - g squared",
            2,
            ("dg * (1.0 - g**2)", "dg * g * (1.0 - g)"),
        ),
        slip(
            "the candidate is activated already: use 1 - g squared",
            2,
            ("dg * (1.0 - g**2)", "dg * (1.0 - np.tanh(g) ** 2)"),
        ),
        slip(
            "the slope of the candidate is 1 - g squared: the square or the sign is wrong",
            2,
            ("dg * (1.0 - g**2)", "dg * (1.0 - g)"),
            ways=[
                [("dg * (1.0 - g**2)", "dg * (1.0 + g**2)")],
                [("dg * (1.0 - g**2)", "dg * (1.0 - g) ** 2")],
                [("dg * (1.0 - g**2)", "dg * g**2")],
            ],
        ),
        slip(
            "the gates go through the sigmoid: their slope is i (1 - i), not 1 - i squared",
            2,
            ("di * i * (1.0 - i), df * f * (1.0 - f)", "di * (1.0 - i**2), df * (1.0 - f**2)"),
            ("do * o * (1.0 - o)", "do * (1.0 - o**2)"),
        ),
        slip(
            "the slope of a sigmoid has two factors, i and 1 - i",
            2,
            ("di * i * (1.0 - i), df * f * (1.0 - f)", "di * (1.0 - i), df * (1.0 - f)"),
            ("do * o * (1.0 - o)", "do * (1.0 - o)"),
            ways=[
                [
                    ("di * i * (1.0 - i), df * f * (1.0 - f)", "di * i, df * f"),
                    ("do * o * (1.0 - o)", "do * o"),
                ],
            ],
        ),
        slip(
            "the slope of one sigmoid lacks a factor, i or 1 - i, or has a wrong sign",
            2,
            ("di * i * (1.0 - i)", "di * (1.0 - i)"),
            ways=[
                [("df * f * (1.0 - f)", "df * (1.0 - f)")],
                [("do * o * (1.0 - o)", "do * (1.0 - o)")],
                [("di * i * (1.0 - i)", "di * i")],
                [("df * f * (1.0 - f)", "df * f")],
                [("do * o * (1.0 - o)", "do * o")],
                [("di * i * (1.0 - i)", "di * i * (i - 1.0)")],
                [("df * f * (1.0 - f)", "df * f * (f - 1.0)")],
                [("do * o * (1.0 - o)", "do * o * (o - 1.0)")],
                [("do * o * (1.0 - o)", "do * o * (1.0 + o)")],
            ],
        ),
        slip(
            "each slope belongs to its own gate",
            2,
            ("di * i * (1.0 - i), df * f * (1.0 - f)", "di * f * (1.0 - f), df * i * (1.0 - i)"),
            ways=[
                [("df * f * (1.0 - f)", "df * i * (1.0 - i)")],
                [("do * o * (1.0 - o)", "do * f * (1.0 - f)")],
                [("do * o * (1.0 - o)", "do * i * (1.0 - i)")],
            ],
        ),
        slip("the blocks of i and f are swapped", 2, in_step("figo")),
        slip("g and o are swapped: the blocks stand in the order i, f, g, o", 2, in_step("ifog")),
        slip("f and g are swapped: the blocks stand in the order i, f, g, o", 2, in_step("igfo")),
        slip("i and o are swapped: the blocks stand in the order i, f, g, o", 2, in_step("ofgi")),
        slip(
            "the blocks stand in the order i, f, g, o, not i, o, f, g or f, i, o, g",
            2,
            in_step("iofg"),
            ways=[[in_step("fiog")]],
        ),
        slip(
            "da must be (N, 4H): the four blocks stand side by side, along axis 1",
            2,
            (f"{BLOCKS}, axis=1)", f"{BLOCKS})"),
            ways=[
                [(f"{BLOCKS}, axis=1)", f"{BLOCKS}, axis=0)")],
                [(f"np.concatenate({BLOCKS}, axis=1)", f"np.stack({BLOCKS}, axis=1)")],
                [(f"np.concatenate({BLOCKS}, axis=1)", f"np.array({BLOCKS})")],
            ],
        ),
        slip(
            "the weights must be transposed on the way back",
            2,
            ('da @ cache["W_x"].T, da', 'da @ cache["W_x"], da'),
            ways=[
                [('da @ cache["W_h"].T', 'da @ cache["W_h"]')],
                [('da @ cache["W_x"].T, da', 'cache["W_x"] @ da, da')],
            ],
        ),
        slip(
            "transpose, do not reshape",
            1,
            ('da @ cache["W_h"].T', 'da @ cache["W_h"].reshape(da.shape[1], -1)'),
            ways=[
                [('da @ cache["W_x"].T, da', 'da @ cache["W_x"].reshape(da.shape[1], -1), da')],
                [
                    ('da @ cache["W_x"].T, da', 'da @ cache["W_x"].reshape(da.shape[1], -1), da'),
                    ('da @ cache["W_h"].T', 'da @ cache["W_h"].reshape(da.shape[1], -1)'),
                ],
            ],
        ),
        slip(
            "dW_h needs h_prev, not h_t",
            1,
            ('cache["h_prev"].T @ da', '(o * cache["tanh_c"]).T @ da'),
            ways=[[('cache["h_prev"].T @ da', 'cache["tanh_c"].T @ da')]],
        ),
        slip(
            "dW_h needs h_prev, not c_prev",
            1,
            ('cache["h_prev"].T @ da', 'cache["c_prev"].T @ da'),
        ),
        slip(
            "dW_h needs h_prev, not x_t",
            1,
            ('cache["h_prev"].T @ da', 'cache["x_t"].T @ da + 0.0'),
        ),
        slip(
            "dW_x and dW_h are exchanged",
            1,
            (
                'cache["x_t"].T @ da, cache["h_prev"].T @ da',
                'cache["h_prev"].T @ da, cache["x_t"].T @ da',
            ),
        ),
        slip(
            "dW_x and dW_h are transposed: da stands on the right",
            1,
            (
                'cache["x_t"].T @ da, cache["h_prev"].T @ da',
                'da.T @ cache["x_t"], da.T @ cache["h_prev"]',
            ),
            ways=[
                [('cache["x_t"].T @ da', 'da.T @ cache["x_t"]')],
                [('cache["h_prev"].T @ da', 'da.T @ cache["h_prev"]')],
            ],
        ),
        slip(
            "sum over the batch, do not average",
            1,
            ('cache["x_t"].T @ da', 'cache["x_t"].T @ da / len(da)'),
            ways=[
                [("da.sum(axis=0)", "da.mean(axis=0)")],
                [
                    ('cache["x_t"].T @ da', 'cache["x_t"].T @ da / len(da)'),
                    ('cache["h_prev"].T @ da', 'cache["h_prev"].T @ da / len(da)'),
                    ("da.sum(axis=0)", "da.mean(axis=0)"),
                ],
                [
                    ('cache["x_t"].T @ da', 'cache["x_t"].T @ da / len(da)'),
                    ('cache["h_prev"].T @ da', 'cache["h_prev"].T @ da / len(da)'),
                ],
            ],
        ),
        slip(
            "sum over the batch: this is one example",
            1,
            ("da.sum(axis=0)", "da[0]"),
            ways=[[("da.sum(axis=0)", "da[-1]")]],
        ),
        slip("db is a sum over the batch: this is da itself", 1, ("da.sum(axis=0)", "da")),
        slip(
            "db is a sum over the batch: axis 0",
            1,
            ("da.sum(axis=0)", "da.sum(axis=1)"),
            ways=[[("da.sum(axis=0)", "da.sum(axis=-1)")]],
        ),
        slip(
            "every column of da has a bias: add along axis 0 alone",
            1,
            ("da.sum(axis=0)", "da.sum()"),
        ),
        slip(
            "db has one axis: no keepdims",
            1,
            ("da.sum(axis=0)", "da.sum(axis=0, keepdims=True)"),
        ),
        slip(
            "dc_prev comes from through_cell: it is more than dc_t times f",
            1,
            (SIX, SIX.replace("dc_prev,", "dc_t * f,")),
        ),
        slip(
            "dc_prev must be handed on, not the dc_t that came in",
            1,
            (SIX, SIX.replace("dc_prev,", "dc_t,")),
        ),
        slip(
            "h_prev is read by the pre-activations alone: nothing of dh_t is added to dh_prev",
            1,
            (SIX, SIX.replace("dh_prev,", "dh_prev + dh_t,")),
        ),
        slip(
            "dh_prev and dc_prev are exchanged: first dx_t, then dh_prev, then dc_prev",
            1,
            (SIX, SIX.replace("dh_prev, dc_prev", "dc_prev, dh_prev")),
        ),
        slip(
            "dx_t comes first, then dh_prev",
            1,
            (SIX, SIX.replace("dx_t, dh_prev", "dh_prev, dx_t")),
        ),
        slip(
            "the arguments of through_cell stand in the order dh_t, dc_t, c_prev, i, f, g, o, tanh_c",
            2,
            (
                'cache["c_prev"], i, f, g, o, cache["tanh_c"]',
                'cache["c_prev"], f, i, g, o, cache["tanh_c"]',
            ),
            ways=[
                [("through_cell(dh_t, dc_t,", "through_cell(dc_t, dh_t,")],
                [
                    (
                        'cache["c_prev"], i, f, g, o, cache["tanh_c"]',
                        'i, f, g, o, cache["c_prev"], cache["tanh_c"]',
                    )
                ],
                [
                    (
                        'cache["c_prev"], i, f, g, o, cache["tanh_c"]',
                        'cache["tanh_c"], i, f, g, o, cache["c_prev"]',
                    )
                ],
                [
                    (
                        'cache["c_prev"], i, f, g, o, cache["tanh_c"]',
                        'cache["c_prev"], i, f, o, g, cache["tanh_c"]',
                    )
                ],
            ],
        ),
        slip(
            "through_cell returns di, df, dg, do, dc_prev: take them apart in this order",
            2,
            ("di, df, dg, do, dc_prev = through", "di, df, do, dg, dc_prev = through"),
            ways=[
                [("di, df, dg, do, dc_prev = through", "dc_prev, di, df, dg, do = through")],
                [("di, df, dg, do, dc_prev = through", "df, di, dg, do, dc_prev = through")],
            ],
        ),
        slip(
            'taking a dict apart gives its keys: write cache["i"]',
            2,
            """
def step_backward(dh_t, dc_t, cache):
    x_t, h_prev, c_prev, i, f, g, o, tanh_c, W_x, W_h = cache
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c)
    da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)
    da = np.concatenate([da_i, da_f, dg * (1.0 - g**2), do * o * (1.0 - o)], axis=1)
    return da @ W_x.T, da @ W_h.T, dc_prev, x_t.T @ da, h_prev.T @ da, da.sum(axis=0)
""",
            ways=[
                """
def step_backward(dh_t, dc_t, cache):
    x_t, h_prev, c_prev, W_x, W_h, i, f, g, o, tanh_c = cache
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c)
    da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)
    da = np.concatenate([da_i, da_f, dg * (1.0 - g**2), do * o * (1.0 - o)], axis=1)
    return da @ W_x.T, da @ W_h.T, dc_prev, x_t.T @ da, h_prev.T @ da, da.sum(axis=0)
""",
            ],
        ),
        slip(
            'the cache is a dict here, not a named tuple: write cache["i"], not cache.i',
            2,
            ('i, f, g, o = cache["i"], cache["f"]', 'i, f, g, o = cache.i, cache["f"]'),
            ways=[
                [('cache["tanh_c"])', "cache.tanh_c)")],
                [('dc_t, cache["c_prev"]', "dc_t, cache.c_prev")],
                [('da @ cache["W_x"].T, da', "da @ cache.W_x.T, da")],
                [('cache["x_t"].T @ da', "cache.x_t.T @ da")],
            ],
        ),
        slip(
            "step_backward must return 6 values, (dx_t, dh_prev, dc_prev, dW_x, dW_h, db)",
            2,
            (SIX, "return dx_t, dh_prev, dc_prev"),
            ways=[
                [(f"    {SIX}", "")],
                [(SIX, SIX.replace("dc_prev, ", ""))],
                [(SIX, SIX.replace(", da.sum(axis=0)", ""))],
            ],
        ),
        slip(
            "your function changes its argument cache",
            2,
            (
                "da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)",
                "i *= di * (1.0 - i)\n    da_i, da_f = i, df * f * (1.0 - f)",
            ),
        ),
        slip(
            "dW_h is made with da, the gradient of the pre-activations, not with dh_t",
            1,
            ('cache["h_prev"].T @ da', 'cache["h_prev"].T @ np.tile(dh_t, 4)'),
            ways=[
                [
                    ('cache["x_t"].T @ da', 'cache["x_t"].T @ np.tile(dh_t, 4)'),
                    ('cache["h_prev"].T @ da', 'cache["h_prev"].T @ np.tile(dh_t, 4)'),
                ],
                [
                    (
                        'cache["h_prev"].T @ da',
                        'cache["h_prev"].T @ np.concatenate([di, df, dg, do], axis=1)',
                    ),
                ],
            ],
        ),
        slip(
            "the forget gate multiplied the old cell state: hand on c_prev, not another state",
            2,
            ('cache["c_prev"], i, f, g, o', 'f * cache["c_prev"] + i * g, i, f, g, o'),
            ways=[
                [('cache["c_prev"], i, f, g, o', 'cache["tanh_c"], i, f, g, o')],
                [('cache["c_prev"], i, f, g, o', 'cache["h_prev"], i, f, g, o')],
            ],
        ),
        slip(
            "brackets are missing: 1 minus a gate, or 1 minus a square, is a factor as a whole",
            2,
            ("do * o * (1.0 - o)", "do * o * 1.0 - o"),
            ways=[
                [("di * i * (1.0 - i)", "di * i * 1.0 - i")],
                [("df * f * (1.0 - f)", "df * f * 1.0 - f")],
                [("dg * (1.0 - g**2)", "dg * 1.0 - g**2")],
                [
                    ("di * i * (1.0 - i)", "di * i * 1.0 - i"),
                    ("df * f * (1.0 - f)", "df * f * 1.0 - f"),
                    ("do * o * (1.0 - o)", "do * o * 1.0 - o"),
                ],
                [
                    ("di * i * (1.0 - i)", "di * i * 1.0 - i"),
                    ("df * f * (1.0 - f)", "df * f * 1.0 - f"),
                    ("dg * (1.0 - g**2)", "dg * 1.0 - g**2"),
                    ("do * o * (1.0 - o)", "do * o * 1.0 - o"),
                ],
            ],
        ),
        slip(
            "the four blocks stand one after the other: here their columns alternate",
            2,
            (
                f"np.concatenate({BLOCKS}, axis=1)",
                f"np.stack({BLOCKS}, axis=-1).reshape(len(dh_t), -1)",
            ),
        ),
        slip(
            "the four blocks stand side by side: this reshape mixes examples and blocks",
            2,
            (
                f"np.concatenate({BLOCKS}, axis=1)",
                f"np.concatenate({BLOCKS}).reshape(len(dh_t), -1)",
            ),
        ),
        slip(
            "dx_t and dh_prev come from da, which has passed the slopes",
            1,
            (
                'da @ cache["W_x"].T, da @ cache["W_h"].T',
                'da @ cache["W_x"].T, np.concatenate([di, df, dg, do], axis=1) @ cache["W_h"].T',
            ),
            ways=[
                [
                    (
                        'da @ cache["W_x"].T, da',
                        'np.concatenate([di, df, dg, do], axis=1) @ cache["W_x"].T, da',
                    )
                ],
            ],
        ),
        slip(
            "dc_prev is complete: through_cell has multiplied it by the forget gate",
            1,
            (SIX, SIX.replace("dc_prev,", "dc_prev * f,")),
        ),
        slip(
            "dc_prev is complete: through_cell has counted dc_t already",
            1,
            (SIX, SIX.replace("dc_prev,", "dc_prev + dc_t,")),
            ways=[[(SIX, SIX.replace("dc_prev,", "dc_prev + dc_t * f,"))]],
        ),
        slip(
            "dc_prev comes from through_cell as it is: nothing of da is added, for there are no peepholes",
            1,
            (SIX, SIX.replace("dc_prev,", "dc_prev + da_o,")),
            ways=[
                [(SIX, SIX.replace("dc_prev,", "dc_prev + da_f,"))],
                [(SIX, SIX.replace("dc_prev,", "dc_prev + da_i + da_f,"))],
            ],
        ),
    ],
    "sequence_backward": [
        slip(
            "dh is not carried from step to step",
            2,
            (
                STEP,
                "step_backward(dh[:, t] + (dh_T if t == len(caches) - 1 else 0.0), dc_next, caches[t])",
            ),
        ),
        slip(
            "neither dh_T nor what the next step hands back is used: add it to dh[:, t]",
            2,
            (STEP, "step_backward(dh[:, t], dc_next, caches[t])"),
        ),
        slip(
            "dc is not carried from step to step",
            2,
            (STEP, "step_backward(dh[:, t] + dh_next, dc_T * (t == len(caches) - 1), caches[t])"),
        ),
        slip(
            "dc_T reaches the last step alone: carry what each step hands back",
            2,
            (STEP, "step_backward(dh[:, t] + dh_next, dc_T, caches[t])"),
            ways=[[(f"dx_t, dh_next, dc_next, *dW = {STEP}", f"dx_t, dh_next, _, *dW = {STEP}")]],
        ),
        slip(
            "dh_T reaches the last step alone: carry what each step hands back",
            2,
            (STEP, "step_backward(dh[:, t] + dh_T, dc_next, caches[t])"),
        ),
        slip(
            "neither dh nor dc is carried from step to step",
            2,
            (
                STEP,
                "step_backward(dh[:, t] + dh_T * (t == len(caches) - 1), "
                "dc_T * (t == len(caches) - 1), caches[t])",
            ),
        ),
        slip(
            "dh enters at every step, not at the last one alone",
            2,
            (
                STEP,
                "step_backward(dh[:, t] * (t == len(caches) - 1) + dh_next, dc_next, caches[t])",
            ),
        ),
        slip(
            "what the loss says about each step is missing: add dh[:, t]",
            2,
            (STEP, "step_backward(dh_next, dc_next, caches[t])"),
        ),
        slip("dh_T is ignored", 2, (START, "dh_next, dc_next = np.zeros_like(dh_T), dc_T")),
        slip("dc_T is ignored", 2, (START, "dh_next, dc_next = dh_T, np.zeros_like(dc_T)")),
        slip(
            "dh_T and dc_T are ignored",
            2,
            (START, "dh_next, dc_next = np.zeros_like(dh_T), np.zeros_like(dc_T)"),
        ),
        slip("dh_T and dc_T are exchanged", 2, (START, "dh_next, dc_next = dc_T, dh_T")),
        slip(
            "at the last step dh[:, -1] and dh_T are added: neither takes the place of the other",
            2,
            (STEP, "step_backward(dh[:, t] * (t < len(caches) - 1) + dh_next, dc_next, caches[t])"),
        ),
        slip(
            "dh_T counts once, at the last step: this adds it at every step",
            2,
            (
                STEP,
                "step_backward(dh[:, t] + dh_next + dh_T * (t < len(caches) - 1), dc_next, caches[t])",
            ),
        ),
        slip(
            "dh_T counts once: here it enters twice at the last step",
            2,
            (
                STEP,
                "step_backward(dh[:, t] + dh_next + dh_T * (t == len(caches) - 1), dc_next, caches[t])",
            ),
        ),
        slip(
            "the gradient of c_t comes from the next step alone: dh[:, t] is about h_t",
            2,
            (STEP, "step_backward(dh[:, t] + dh_next, dc_next + dh[:, t], caches[t])"),
        ),
        slip(
            "what the next step hands back takes the place of the older one: do not pile it up",
            2,
            (
                f"dx_t, dh_next, dc_next, *dW = {STEP}",
                f"dx_t, dh_prev, dc_prev, *dW = {STEP}\n        dh_next, dc_next = dh_next + dh_prev, dc_next + dc_prev",
            ),
            ways=[
                [
                    (
                        f"dx_t, dh_next, dc_next, *dW = {STEP}",
                        f"dx_t, dh_prev, dc_next, *dW = {STEP}\n        dh_next = dh_next + dh_prev",
                    )
                ],
                [
                    (
                        f"dx_t, dh_next, dc_next, *dW = {STEP}",
                        f"dx_t, dh_next, dc_prev, *dW = {STEP}\n        dc_next = dc_next + dc_prev",
                    )
                ],
            ],
        ),
        slip(
            "what is handed back of h and c is exchanged: step_backward returns dx_t, dh_prev, dc_prev",
            2,
            ("dx_t, dh_next, dc_next, *dW", "dx_t, dc_next, dh_next, *dW"),
        ),
        slip(
            "dx stands in reverse order",
            1,
            ("dx.insert(0, dx_t)", "dx.append(dx_t)"),
        ),
        slip(
            "walk from the last step to the first",
            2,
            ("reversed(range(len(caches)))", "range(len(caches))"),
            ("dx.insert(0, dx_t)", "dx.append(dx_t)"),
            ways=[[("reversed(range(len(caches)))", "range(len(caches))")]],
        ),
        slip(
            "the first step is left out: the walk ends with t = 0",
            2,
            ("reversed(range(len(caches)))", "reversed(range(1, len(caches)))"),
            ("np.stack(dx, axis=1)", "np.stack(dx or [dh_T], axis=1)"),
            ways=[
                [
                    ("reversed(range(len(caches)))", "range(len(caches) - 1, 0, -1)"),
                    (
                        "dx, dW_x, dW_h, db = [], 0.0",
                        'dx, dW_x, dW_h, db = [0 * caches[0]["x_t"]], 0.0',
                    ),
                    ("dx.insert(0, dx_t)", "dx.insert(1, dx_t)"),
                ],
            ],
        ),
        slip(
            "the last step is left out: the walk begins with the last cache",
            2,
            ("reversed(range(len(caches)))", "reversed(range(len(caches) - 1))"),
            ("np.stack(dx, axis=1)", "np.stack(dx or [dh_T], axis=1)"),
        ),
        slip(
            "add up over all steps: this is the last step alone",
            1,
            (SUMS, "dW_x, dW_h, db = dW if t == len(caches) - 1 else (dW_x, dW_h, db)"),
        ),
        slip(
            "add up over all steps: each step overwrites the one before",
            1,
            (SUMS, "dW_x, dW_h, db = dW"),
        ),
        slip(
            "one of the sums is overwritten: dW_x, dW_h and db all add up",
            1,
            (SUMS, "dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], dW[2]"),
            ways=[
                [(SUMS, "dW_x, dW_h, db = dW_x + dW[0], dW[1], db + dW[2]")],
                [(SUMS, "dW_x, dW_h, db = dW[0], dW_h + dW[1], db + dW[2]")],
            ],
        ),
        slip(
            "gradients of shared weights are sums over the steps, not means",
            1,
            (
                "dc_next, dW_x, dW_h, db\n",
                "dc_next, dW_x / len(caches), dW_h / len(caches), db / len(caches)\n",
            ),
        ),
        slip(
            "gradients of weights are sums over the batch, not means",
            1,
            (
                "dc_next, dW_x, dW_h, db\n",
                "dc_next, dW_x / len(dh), dW_h / len(dh), db / len(dh)\n",
            ),
        ),
        slip(
            "dh[:, t] and caches[t] belong to the same step: this is one step off",
            2,
            (STEP, "step_backward(dh[:, t - 1] + dh_next, dc_next, caches[t])"),
            ways=[
                [(STEP, "step_backward(dh[:, t] + dh_next, dc_next, caches[t - 1])")],
                [(STEP, "step_backward(dh[:, -1 - t] + dh_next, dc_next, caches[t])")],
                [(STEP, "step_backward(dh[:, t] + dh_next, dc_next, caches[-1 - t])")],
            ],
        ),
        slip(
            "every step has its own cache: caches[t]",
            2,
            (STEP, "step_backward(dh[:, t] + dh_next, dc_next, caches[0])"),
            ways=[[(STEP, "step_backward(dh[:, t] + dh_next, dc_next, caches[-1])")]],
        ),
        slip(
            "dh[t] is one example: the gradient of step t is dh[:, t]",
            2,
            (STEP, "step_backward(dh[t] + dh_next, dc_next, caches[t])"),
        ),
        slip(
            "dh has T columns, and t counts from 0: dh[:, t + 1] is not there at the last step",
            2,
            (STEP, "step_backward(dh[:, t + 1] + dh_next, dc_next, caches[t])"),
        ),
        slip(
            "the walk is over the T caches, not over the N examples",
            2,
            ("reversed(range(len(caches)))", "reversed(range(len(dh)))"),
        ),
        slip(
            "dh0 and dc0 are what is left after the walk, not dh_T and dc_T",
            1,
            ("axis=1), dh_next, dc_next,", "axis=1), dh_T, dc_T,"),
        ),
        slip(
            "dh0 and dc0 are exchanged",
            1,
            ("axis=1), dh_next, dc_next,", "axis=1), dc_next, dh_next,"),
        ),
        slip(
            "dh0 is what the first step hands back: dh[:, 0] is not added again",
            1,
            ("axis=1), dh_next, dc_next,", "axis=1), dh_next + dh[:, 0], dc_next,"),
        ),
        slip(
            "time stands second in dx: stack along axis 1",
            1,
            ("np.stack(dx, axis=1)", "np.stack(dx)"),
            ways=[
                [("np.stack(dx, axis=1)", "np.array(dx)")],
                [("np.stack(dx, axis=1)", "np.stack(dx, axis=2)")],
            ],
        ),
        slip(
            "concatenate joins the steps of dx along the features: stack them",
            1,
            ("np.stack(dx, axis=1)", "np.concatenate(dx, axis=1)"),
        ),
        slip(
            "dx must be an array: stack the steps",
            1,
            ("np.stack(dx, axis=1)", "dx"),
        ),
        slip(
            "the return stands inside the loop: it ends with the last step",
            2,
            ("    return np.stack(dx, axis=1)", "        return np.stack(dx, axis=1)"),
        ),
        slip(
            "your function changes its argument dh",
            2,
            (
                f"        dx_t, dh_next, dc_next, *dW = {STEP}",
                "        dh[:, t] += dh_next\n"
                "        dx_t, dh_next, dc_next, *dW = step_backward(dh[:, t], dc_next, caches[t])",
            ),
            ways=[
                [
                    (START, "dh[:, -1] += dh_T\n    dh_next, dc_next = 0.0, dc_T"),
                ],
            ],
        ),
        slip(
            "your function changes its argument dh_T",
            2,
            (
                f"        dx_t, dh_next, dc_next, *dW = {STEP}",
                "        dh_next += dh[:, t]\n"
                "        dx_t, dh_next, dc_next, *dW = step_backward(dh_next, dc_next, caches[t])",
            ),
        ),
        slip(
            "your function changes its argument caches",
            2,
            (
                "reversed(range(len(caches))):",
                "reversed(range(len(caches))):\n        last = caches.pop()",
            ),
            (STEP, "step_backward(dh[:, t] + dh_next, dc_next, last)"),
            ways=[
                [
                    ("    for t in rev", "    caches.reverse()\n    for t in rev"),
                    (STEP, "step_backward(dh[:, t] + dh_next, dc_next, caches[-1 - t])"),
                ],
            ],
        ),
        slip(
            "sequence_backward must return 6 values, (dx, dh0, dc0, dW_x, dW_h, db)",
            2,
            ("dc_next, dW_x, dW_h, db\n", "dc_next\n"),
            ways=[
                [("    return np.stack(dx, axis=1), dh_next, dc_next, dW_x, dW_h, db\n", "\n")],
                [
                    (
                        "return np.stack(dx, axis=1), dh_next, dc_next,",
                        "return np.stack(dx, axis=1),",
                    )
                ],
            ],
        ),
        slip(
            "this turns the examples round, not the steps",
            1,
            ("dx.insert(0, dx_t)", "dx.append(dx_t)"),
            ("np.stack(dx, axis=1)", "np.stack(dx, axis=1)[::-1]"),
            ways=[[("np.stack(dx, axis=1)", "np.stack(dx, axis=1)[::-1]")]],
        ),
        slip(
            "this turns the features round, not the steps",
            1,
            ("dx.insert(0, dx_t)", "dx.append(dx_t)"),
            ("np.stack(dx, axis=1)", "np.stack(dx, axis=1)[..., ::-1]"),
        ),
        slip(
            "a reshape does not exchange axes: it mixes examples and steps of dx",
            1,
            ("np.stack(dx, axis=1)", "np.array(dx).reshape(len(dh), len(dx), -1)"),
        ),
        slip(
            "the sums start from zero: the first of them is counted twice",
            1,
            (
                SUMS,
                "dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]\n"
                "        if t == len(caches) - 1:\n            dW_x, dW_h, db = 2 * dW[0], 2 * dW[1], 2 * dW[2]",
            ),
        ),
        slip(
            "what is carried on is the dh_prev of the step alone: its dh_t, or dh[:, t], is not added to it",
            2,
            (
                f"dx_t, dh_next, dc_next, *dW = {STEP}",
                "dh_t = dh[:, t] + dh_next\n        dx_t, dh_prev, dc_next, *dW = step_backward(dh_t, dc_next, caches[t])\n        dh_next = dh_t + dh_prev",
            ),
            ways=[
                [
                    (
                        f"dx_t, dh_next, dc_next, *dW = {STEP}",
                        f"dx_t, dh_prev, dc_next, *dW = {STEP}\n        dh_next = dh[:, t] + dh_prev",
                    )
                ]
            ],
        ),
        slip(
            "the two gradients of h_t are added: no product, no mean, no difference",
            2,
            (STEP, "step_backward(dh[:, t] * dh_next, dc_next, caches[t])"),
            ways=[
                [(STEP, "step_backward((dh[:, t] + dh_next) / 2, dc_next, caches[t])")],
                [(STEP, "step_backward(dh[:, t] - dh_next, dc_next, caches[t])")],
            ],
        ),
        slip(
            "what the loss says of later steps comes back through the steps: add dh[:, t] alone",
            2,
            (STEP, "step_backward(dh[:, t:].sum(axis=1) + dh_next, dc_next, caches[t])"),
        ),
        slip(
            "dh_T enters at the last step: here the first one gets it",
            2,
            (START, "dh_next, dc_next = np.zeros_like(dh_T), dc_T"),
            (
                STEP,
                "step_backward(dh[:, t] + dh_next + (dh_T if t == 0 else 0), dc_next, caches[t])",
            ),
        ),
        slip(
            "dc_T enters once, at the last step: this adds it at every step",
            2,
            (
                STEP,
                "step_backward(dh[:, t] + dh_next, dc_next + (dc_T if t < len(caches) - 1 else 0), caches[t])",
            ),
        ),
    ],
    "directional_error": [
        slip(
            "a one-sided difference: move to both sides",
            1,
            (NUMERIC, "(loss(array + step * direction) - loss(array)) / step"),
            ways=[
                [(NUMERIC, "(loss(array) - loss(array - step * direction)) / step")],
                [(NUMERIC, "(loss(array + step * direction) - loss(array)) / (2.0 * step)")],
            ],
        ),
        slip(
            "divide by twice the step",
            1,
            ("/ (2.0 * step)", "/ step"),
        ),
        slip(
            "divide by the step as well",
            1,
            ("/ (2.0 * step)", "/ 2.0"),
            ways=[[(" / (2.0 * step)", "")]],
        ),
        slip(
            "brackets are missing: 2 * step is the denominator as a whole",
            1,
            ("/ (2.0 * step)", "/ 2.0 * step"),
            ways=[
                [
                    (
                        NUMERIC,
                        "loss(array + step * direction) - loss(array - step * direction) / (2.0 * step)",
                    )
                ]
            ],
        ),
        slip(
            "this is the absolute error: divide by the sum of the sizes",
            1,
            (ERROR, "abs(analytic - numeric)"),
        ),
        slip(
            "divide by the sum of the two sizes, not by one of them",
            1,
            (ERROR, "abs(analytic - numeric) / abs(analytic)"),
            ways=[
                [(ERROR, "abs(analytic - numeric) / abs(numeric)")],
                [(ERROR, "abs(analytic - numeric) / max(abs(analytic), abs(numeric))")],
            ],
        ),
        slip(
            "the size of a difference is never negative: take its absolute value",
            1,
            (ERROR, "(analytic - numeric) / (abs(analytic) + abs(numeric))"),
            ways=[[(ERROR, "(numeric - analytic) / (abs(analytic) + abs(numeric))")]],
        ),
        slip(
            "take the sizes before you add them: |a| + |n|, not |a + n|",
            1,
            (ERROR, "abs(analytic - numeric) / abs(analytic + numeric)"),
            ways=[
                [(ERROR, "abs(analytic - numeric) / (analytic + numeric)")],
                [(ERROR, "abs(analytic - numeric) / (abs(analytic) + numeric)")],
                [(ERROR, "abs((analytic - numeric) / (analytic + numeric))")],
            ],
        ),
        slip(
            "a sign is wrong: the loss ahead minus the loss behind, then the difference of the slopes",
            1,
            (ERROR, "abs(analytic + numeric) / (abs(analytic) + abs(numeric))"),
            ways=[
                [
                    (
                        NUMERIC,
                        "(loss(array - step * direction) - loss(array + step * direction)) / (2.0 * step)",
                    )
                ],
            ],
        ),
        slip(
            "the two sizes are compared with their signs: |a - n|, not the difference of |a| and |n|",
            1,
            (ERROR, "abs(abs(analytic) - abs(numeric)) / (abs(analytic) + abs(numeric))"),
        ),
        slip(
            "no mean of the two sizes: divide by their sum",
            1,
            (ERROR, "abs(analytic - numeric) / ((abs(analytic) + abs(numeric)) / 2)"),
        ),
        slip(
            "brackets are missing: the sum of the sizes is the denominator as a whole",
            1,
            (ERROR, "abs(analytic - numeric) / abs(analytic) + abs(numeric)"),
        ),
        slip(
            "the direction is missing in the slope that the gradient promises: sum of dv times u",
            1,
            ("np.sum(gradient * direction)", "np.sum(gradient)"),
        ),
        slip(
            "move along the direction, not every entry by the same step",
            1,
            (NUMERIC, "(loss(array + step) - loss(array - step)) / (2.0 * step)"),
        ),
        slip(
            "move along the direction, not along the gradient",
            1,
            (
                NUMERIC,
                "(loss(array + step * gradient) - loss(array - step * gradient)) / (2.0 * step)",
            ),
        ),
        slip(
            "the slope that the gradient promises is a sum, not a mean",
            1,
            ("np.sum(gradient * direction)", "np.mean(gradient * direction)"),
        ),
        slip(
            "the slope that the gradient promises is one number: sum over all entries",
            1,
            ("np.sum(gradient * direction)", "gradient * direction"),
            ways=[
                [("np.sum(gradient * direction)", "np.sum(gradient * direction, axis=0)")],
                [("np.sum(gradient * direction)", "np.sum(gradient * direction, axis=-1)")],
            ],
        ),
        slip(
            "multiply entry by entry and sum: @ is a matrix product",
            1,
            ("np.sum(gradient * direction)", "gradient @ direction"),
            ways=[
                [("np.sum(gradient * direction)", "np.dot(gradient, direction)")],
                [("np.sum(gradient * direction)", "np.sum(gradient @ direction)")],
            ],
        ),
        slip(
            "use the direction as it is: do not change its length",
            1,
            (
                "    analytic = np.sum",
                "    direction = direction / np.linalg.norm(direction)\n    analytic = np.sum",
            ),
            ways=[
                [
                    (
                        "    numeric = ",
                        "    direction = direction / np.linalg.norm(direction)\n    numeric = ",
                    )
                ],
                [
                    (
                        "np.sum(gradient * direction)",
                        "np.sum(gradient * direction) / np.linalg.norm(direction)",
                    )
                ],
            ],
        ),
        slip(
            "use the argument step, not a number of your own",
            1,
            ("    analytic = np.sum", "    step = 1e-5\n    analytic = np.sum"),
            ways=[
                [("    analytic = np.sum", "    step = 1e-4\n    analytic = np.sum")],
                [("    analytic = np.sum", "    step = 1e-6\n    analytic = np.sum")],
                [("    analytic = np.sum", "    step = 0.1\n    analytic = np.sum")],
            ],
        ),
        slip(
            "the difference is not squared",
            1,
            (ERROR, "(analytic - numeric) ** 2 / (abs(analytic) + abs(numeric))"),
        ),
        slip(
            "the gradient promises the slope: the gradient is not compared with a loss",
            1,
            ("np.sum(gradient * direction)", "loss(gradient * direction)"),
        ),
        slip(
            "your function changes its argument array",
            1,
            (
                f"    numeric = {NUMERIC}",
                "    array += step * direction\n    above = loss(array)\n"
                "    array -= 2 * step * direction\n    numeric = (above - loss(array)) / (2.0 * step)",
            ),
        ),
        slip(
            "is the return statement missing?",
            1,
            ("    return float", "    error = float"),
        ),
        slip(
            "the error is a number, not a yes or no",
            1,
            (f"float({ERROR})", f"bool({ERROR} < 1e-5)"),
        ),
        slip(
            "the two slopes are numbers: the gradient's is the sum of its products with the direction",
            1,
            (
                f"float({ERROR})",
                "float(np.abs(gradient * direction - numeric).sum()"
                " / (np.abs(gradient * direction).sum() + abs(numeric)))",
            ),
            ways=[
                [
                    (
                        f"float({ERROR})",
                        "float(np.linalg.norm(gradient * direction - numeric)"
                        " / (np.linalg.norm(gradient * direction) + abs(numeric)))",
                    )
                ],
                [
                    (
                        f"float({ERROR})",
                        "float(np.linalg.norm(gradient * direction - numeric)"
                        " / (np.linalg.norm(gradient * direction) + np.linalg.norm(numeric * np.ones_like(gradient))))",
                    )
                ],
                [
                    (
                        f"float({ERROR})",
                        "float(np.abs(gradient * direction - numeric).sum()"
                        " / (np.abs(gradient * direction) + abs(numeric)).sum())",
                    )
                ],
                [
                    (
                        f"float({ERROR})",
                        "float(np.abs(gradient - numeric).sum()"
                        " / (np.abs(gradient) + abs(numeric)).sum())",
                    )
                ],
                [
                    (
                        f"float({ERROR})",
                        "float(np.abs(gradient - numeric).sum()"
                        " / (np.abs(gradient).sum() + abs(numeric)))",
                    )
                ],
            ],
        ),
        slip(
            "the sizes are added before the root or the square: |a| + |n|, not the root of a sum of squares",
            1,
            (ERROR, "abs(analytic - numeric) / np.sqrt(analytic**2 + numeric**2)"),
        ),
        slip(
            "divide by the sizes of the two slopes, not by that of the gradient or the array",
            1,
            (ERROR, "abs(analytic - numeric) / np.linalg.norm(gradient)"),
            ways=[
                [(ERROR, "abs(analytic - numeric) / np.sum(np.abs(gradient))")],
                [(ERROR, "abs(analytic - numeric) / np.linalg.norm(array)")],
            ],
        ),
        slip(
            "the loss itself is no part of the divisor: divide by the sizes of the two slopes",
            1,
            (ERROR, "abs(analytic - numeric) / abs(loss(array))"),
        ),
        slip(
            "the slope is the sum of the products with their signs: take its size later",
            1,
            ("np.sum(gradient * direction)", "np.sum(np.abs(gradient * direction))"),
        ),
        slip(
            "the gradient promises the slope, not the change over a step: do not multiply by the step",
            1,
            ("np.sum(gradient * direction)", "np.sum(gradient * direction * step)"),
        ),
        slip(
            "the slope that is promised is made of the gradient, not of the array",
            1,
            ("np.sum(gradient * direction)", "np.sum(array * direction)"),
        ),
        slip(
            "divide by the sum of the sizes itself, even where it is below 1",
            1,
            (ERROR, "abs(analytic - numeric) / max(1.0, abs(analytic) + abs(numeric))"),
            ways=[[(ERROR, "abs(analytic - numeric) / (1.0 + abs(analytic) + abs(numeric))")]],
        ),
        slip(
            "each side moves by one whole step: this is two steps, or half of one",
            1,
            (NUMERIC, NUMERIC.replace("step * direction", "2 * step * direction")),
            ways=[[(NUMERIC, NUMERIC.replace("step * direction", "step / 2 * direction"))]],
        ),
    ],
    "clip": [
        slip(
            "take the square root",
            1,
            (f"float({NORM})", "float(sum(np.sum(gradient**2) for gradient in gradients))"),
        ),
        slip(
            "add the squares of all entries, then take the root of the sum",
            1,
            (NORM, "sum(np.sqrt(np.sum(gradient**2)) for gradient in gradients)"),
            ways=[[(NORM, "sum(np.linalg.norm(gradient) for gradient in gradients)")]],
        ),
        slip(
            "return the norm before clipping",
            1,
            ("for gradient in gradients], norm", "for gradient in gradients], min(norm, limit)"),
            ways=[
                [("for gradient in gradients], norm", "for gradient in gradients], norm * scale")]
            ],
        ),
        slip(
            "each array is clipped alone: there is one norm for all",
            1,
            (
                "[gradient * scale for gradient in gradients]",
                "[g * min(1.0, limit / max(np.linalg.norm(g), 1e-12)) for g in gradients]",
            ),
        ),
        slip(
            "the entries are not clipped one by one: the direction must stay",
            1,
            (
                "[gradient * scale for gradient in gradients]",
                "[np.clip(gradient, -limit, limit) for gradient in gradients]",
            ),
            ways=[
                [
                    (
                        "[gradient * scale for gradient in gradients]",
                        "[np.clip(g, -limit, limit) if norm > limit else g for g in gradients]",
                    )
                ],
                [
                    (
                        "[gradient * scale for gradient in gradients]",
                        "[np.minimum(gradient, limit) for gradient in gradients]",
                    )
                ],
            ],
        ),
        slip(
            "this has the norm 1: multiply by the limit as well",
            1,
            (SCALE, "1.0 / norm if norm > limit else 1.0"),
        ),
        slip(
            "a gradient that is short enough stays as it is",
            1,
            (SCALE, "limit / norm if norm > 0 else 1.0"),
        ),
        slip(
            "the factor is limit / norm, not norm / limit",
            1,
            (SCALE, "norm / limit if norm > limit else 1.0"),
            ways=[[(SCALE, "limit * norm if norm > limit else 1.0")]],
        ),
        slip(
            "this lengthens short gradients and leaves long ones: the comparison is turned round",
            1,
            (SCALE, "limit / norm if 0 < norm < limit else 1.0"),
            ways=[
                [(SCALE, "limit / norm if norm < limit else 1.0")],
                [(SCALE, "1.0 if norm > limit else limit / norm")],
                [(SCALE, "max(1.0, limit / norm)")],
                [
                    ("float(np.sqrt(", "(np.sqrt("),
                    (SCALE, "limit / norm if norm < limit else 1.0"),
                ],
            ],
        ),
        slip(
            "shorten by a factor: do not subtract",
            1,
            ("[gradient * scale for", "[gradient - (norm - limit) * (norm > limit) for"),
        ),
        slip(
            "gradients that are too long are shortened, not set to the limit or to zero",
            1,
            (SCALE, "limit if norm > limit else 1.0"),
            ways=[[(SCALE, "0.0 if norm > limit else 1.0")]],
        ),
        slip(
            "nothing is clipped: multiply by limit / norm where the norm is too large",
            1,
            ("[gradient * scale for gradient in gradients]", "gradients"),
        ),
        slip(
            "gradients that are all zero have the norm 0: do not divide by it",
            1,
            (SCALE, "min(1.0, limit / norm)"),
            ways=[
                [(SCALE, "limit / norm if limit / norm < 1.0 else 1.0")],
            ],
        ),
        slip(
            "these are means: the norm is made of the sum of the squares",
            1,
            (NORM, "np.sqrt(sum(np.mean(gradient**2) for gradient in gradients))"),
            ways=[
                [(NORM, "np.sqrt(np.mean([np.sum(gradient**2) for gradient in gradients]))")],
            ],
        ),
        slip(
            "the norm is made of squares, not of absolute values",
            1,
            (NORM, "sum(np.sum(np.abs(gradient)) for gradient in gradients)"),
            ways=[[(NORM, "np.sqrt(sum(np.sum(np.abs(gradient)) for gradient in gradients))")]],
        ),
        slip(
            "the norm is that of all entries, not the largest of them",
            1,
            (NORM, "max(np.abs(gradient).max() for gradient in gradients)"),
            ways=[[(NORM, "max(np.linalg.norm(gradient) for gradient in gradients)")]],
        ),
        slip(
            "the norm of all arrays counts, not that of the first or the last",
            1,
            (NORM, "np.linalg.norm(gradients[0])"),
            ways=[[(NORM, "np.linalg.norm(gradients[-1])")]],
        ),
        slip(
            "np.linalg.norm takes one array: these have different shapes",
            1,
            (NORM, "np.linalg.norm(gradients)"),
        ),
        slip(
            "only one array is clipped: all of them are multiplied by the same factor",
            1,
            (
                "[gradient * scale for gradient in gradients]",
                "[gradients[0] * scale, *gradients[1:]]",
            ),
        ),
        slip(
            "the norm is one number, not one for each array",
            1,
            (f"float({NORM})", "np.sqrt([np.sum(gradient**2) for gradient in gradients]).max()"),
            (
                "for gradient in gradients], norm",
                "for gradient in gradients], [float(np.linalg.norm(g)) for g in gradients]",
            ),
        ),
        slip(
            "the arrays keep their shapes: do not join them",
            1,
            (
                "[gradient * scale for gradient in gradients]",
                "np.concatenate([(g * scale).ravel() for g in gradients])",
            ),
            ways=[
                [
                    (
                        "[gradient * scale for gradient in gradients]",
                        "[(g * scale).ravel() for g in gradients]",
                    )
                ]
            ],
        ),
        slip(
            "clip must return 2 values, (the clipped gradients, the norm)",
            1,
            ("for gradient in gradients], norm", "for gradient in gradients]"),
            ways=[[("    return [gradient", "    clipped = [gradient")]],
        ),
        slip(
            "the clipped gradients come first, then the norm",
            1,
            (
                "return [gradient * scale for gradient in gradients], norm",
                "return norm, [gradient * scale for gradient in gradients]",
            ),
        ),
        slip(
            "your function changes its argument gradients",
            1,
            (
                "    return [gradient * scale for gradient in gradients], norm",
                "    for gradient in gradients:\n        gradient *= scale\n    return gradients, norm",
            ),
            ways=[
                [
                    (
                        "    return [gradient * scale for gradient in gradients], norm",
                        "    for k in range(len(gradients)):\n"
                        "        gradients[k] = gradients[k] * scale\n"
                        "    return gradients, norm",
                    )
                ]
            ],
        ),
        slip(
            "this is the root of a mean over all entries: the norm is that of the sum",
            1,
            (
                NORM,
                "np.sqrt(np.mean(np.concatenate([gradient.ravel() for gradient in gradients]) ** 2))",
            ),
        ),
        slip(
            "the factor is limit / norm: the norm is not squared",
            1,
            (SCALE, "limit / norm**2 if norm > limit else 1.0"),
            ways=[[(SCALE, "np.sqrt(limit / norm) if norm > limit else 1.0")]],
        ),
        slip(
            "divide by the norm itself, even where it is below 1",
            1,
            (SCALE, "min(1.0, limit / max(norm, 1.0))"),
            ways=[[(SCALE, "limit / max(norm, 1.0) if norm > limit else 1.0")]],
        ),
        slip(
            "the divisor is the norm alone: nothing is added to it",
            1,
            (SCALE, "limit / (norm + limit) if norm > limit else 1.0"),
            ways=[[(SCALE, "limit / (norm + 1.0) if norm > limit else 1.0")]],
        ),
        slip(
            "the joint norm decides for all: do not compare each array alone with the limit",
            1,
            (
                "[gradient * scale for gradient in gradients]",
                "[gradient * scale if np.sqrt(np.sum(gradient**2)) > limit else gradient for gradient in gradients]",
            ),
        ),
        slip(
            "divide by the norm, not by the largest entry",
            1,
            (
                SCALE,
                "limit / max(float(np.abs(g).max()) for g in gradients) if norm > limit else 1.0",
            ),
        ),
        slip(
            "there is one norm of all entries: no mean over the arrays",
            1,
            (NORM, f"{NORM} / len(gradients)"),
            ways=[
                [(NORM, "np.mean([np.sqrt(np.sum(gradient**2)) for gradient in gradients])")],
            ],
        ),
        slip(
            "np.linalg.norm with an order is another norm of a matrix: leave the order out",
            1,
            (NORM, "np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in gradients))"),
            ways=[[(NORM, "np.sqrt(sum(np.linalg.norm(g, 1) ** 2 for g in gradients))")]],
        ),
        slip(
            "the root is taken once, of the whole sum: here single roots are added or the root is taken twice",
            1,
            (NORM, f"np.sqrt({NORM})"),
        ),
    ],
    "adam": [
        slip(
            "divide m and v by 1 - 0.9**n and 1 - 0.999**n",
            2,
            (HATS, "new_m[-1], new_v[-1]"),
        ),
        slip(
            "the correction of m is missing: divide it by 1 - 0.9**n",
            2,
            (HATS, "new_m[-1], new_v[-1] / (1.0 - 0.999**n)"),
        ),
        slip(
            "the correction of v is missing: divide it by 1 - 0.999**n",
            2,
            (HATS, "new_m[-1] / (1.0 - 0.9**n), new_v[-1]"),
        ),
        slip(
            "the exponent is the number of the update, n",
            1,
            (HATS, "new_m[-1] / 0.1, new_v[-1] / 0.001"),
        ),
        slip(
            "the exponent is n itself: it starts at 1 already",
            2,
            (HATS, "new_m[-1] / (1.0 - 0.9 ** (n + 1)), new_v[-1] / (1.0 - 0.999 ** (n + 1))"),
        ),
        slip(
            "with the exponent n - 1 the first update divides by zero: n starts at 1",
            2,
            (HATS, "new_m[-1] / (1.0 - 0.9 ** (n - 1)), new_v[-1] / (1.0 - 0.999 ** (n - 1))"),
        ),
        slip(
            "the power is taken, not the product: 0.9**n",
            1,
            (HATS, "new_m[-1] / (1.0 - 0.9 * n), new_v[-1] / (1.0 - 0.999 * n)"),
        ),
        slip(
            "the stored m and v are those before the division",
            2,
            (
                "        new_parameters.append(",
                "        new_m[-1], new_v[-1] = m_hat, v_hat\n        new_parameters.append(",
            ),
        ),
        slip(
            "go down: subtract the step",
            2,
            (MOVE, "theta + learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)"),
        ),
        slip(
            "this is plain gradient descent: the step is made of m and v",
            2,
            (MOVE, "theta - learning_rate * gradient"),
        ),
        slip(
            "the square root of v is missing",
            2,
            (MOVE, "theta - learning_rate * m_hat / (v_hat + 1e-8)"),
        ),
        slip(
            "the small number 1e-8 is added after the square root, not before it",
            2,
            (MOVE, "theta - learning_rate * m_hat / np.sqrt(v_hat + 1e-8)"),
        ),
        slip(
            "the small number 1e-8 is missing",
            2,
            (MOVE, "theta - learning_rate * m_hat / np.sqrt(v_hat)"),
        ),
        slip(
            "the small number is 1e-8, not another one",
            2,
            (MOVE, "theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-6)"),
            ways=[
                [(MOVE, "theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-7)")],
                [(MOVE, "theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-5)")],
                [(MOVE, "theta - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-10)")],
            ],
        ),
        slip(
            "the numerator is the mean m, not the gradient alone",
            1,
            (MOVE, "theta - learning_rate * gradient / (np.sqrt(v_hat) + 1e-8)"),
        ),
        slip(
            "the numerator is the mean m: the division by the root of v is missing",
            2,
            (MOVE, "theta - learning_rate * m_hat"),
        ),
        slip(
            "brackets are missing: root and 1e-8 are the denominator together",
            2,
            (MOVE, "theta - learning_rate * m_hat / np.sqrt(v_hat) + 1e-8"),
        ),
        slip(
            "the gradient enters the mean m with a plus: the step is subtracted later",
            2,
            ("0.9 * mean + 0.1 * gradient", "0.9 * mean - 0.1 * gradient"),
        ),
        slip(
            "divide m and v by the corrections, do not multiply",
            2,
            (HATS, "new_m[-1] * (1.0 - 0.9**n), new_v[-1] * (1.0 - 0.999**n)"),
        ),
        slip(
            "m and v are exchanged: the lists stand in the order parameters, gradients, m, v",
            1,
            ("gradient, mean, square in zip", "gradient, square, mean in zip"),
        ),
        slip(
            "0.9 is the share of the old mean, 0.1 that of the gradient",
            2,
            ("0.9 * mean + 0.1 * gradient", "0.1 * mean + 0.9 * gradient"),
        ),
        slip(
            "0.999 is the share of the old mean of squares, 0.001 that of the new square",
            2,
            ("0.999 * square + 0.001 * gradient**2", "0.001 * square + 0.999 * gradient**2"),
        ),
        slip(
            "0.9 belongs to m and 0.999 to v",
            2,
            ("0.9 * mean + 0.1 * gradient", "0.999 * mean + 0.001 * gradient"),
            ("0.999 * square + 0.001 * gradient**2", "0.9 * square + 0.1 * gradient**2"),
            ways=[
                [
                    ("0.9 * mean + 0.1 * gradient", "0.999 * mean + 0.001 * gradient"),
                    ("0.999 * square + 0.001 * gradient**2", "0.9 * square + 0.1 * gradient**2"),
                    (HATS, "new_m[-1] / (1.0 - 0.999**n), new_v[-1] / (1.0 - 0.9**n)"),
                ],
                [(HATS, "new_m[-1] / (1.0 - 0.999**n), new_v[-1] / (1.0 - 0.9**n)")],
            ],
        ),
        slip(
            "v is the mean of the squares: the square is missing",
            2,
            ("0.001 * gradient**2", "0.001 * gradient"),
            ways=[[("0.001 * gradient**2", "0.001 * np.abs(gradient)")]],
        ),
        slip(
            "m is a mean: the gradient has the share 0.1",
            2,
            ("0.9 * mean + 0.1 * gradient", "0.9 * mean + gradient"),
        ),
        slip(
            "v is a mean: the square has the share 0.001",
            2,
            ("0.999 * square + 0.001 * gradient**2", "0.999 * square + gradient**2"),
        ),
        slip(
            "the mean of earlier gradients, m, is not used",
            1,
            ("0.9 * mean + 0.1 * gradient", "0.1 * gradient"),
        ),
        slip(
            "the mean of earlier squares, v, is not used",
            1,
            ("0.999 * square + 0.001 * gradient**2", "0.001 * gradient**2"),
        ),
        slip(
            "the new m and v are returned, not the old ones",
            2,
            ("return new_parameters, new_m, new_v", "return new_parameters, m, v"),
        ),
        slip(
            "the step is made of the new m and v, not of the old ones",
            2,
            (HATS, "mean / (1.0 - 0.9**n), square / (1.0 - 0.999**n)"),
        ),
        slip(
            "the new parameters are returned, not the old ones",
            2,
            ("return new_parameters, new_m, new_v", "return parameters, new_m, new_v"),
        ),
        slip(
            "the learning rate is missing",
            2,
            (MOVE, "theta - m_hat / (np.sqrt(v_hat) + 1e-8)"),
        ),
        slip(
            "use the argument learning_rate, not a number of your own",
            2,
            (MOVE, "theta - 0.001 * m_hat / (np.sqrt(v_hat) + 1e-8)"),
            ways=[
                [(MOVE, "theta - 0.01 * m_hat / (np.sqrt(v_hat) + 1e-8)")],
                [(MOVE, "theta - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-8)")],
            ],
        ),
        slip(
            "the results stand in the order parameters, m, v",
            2,
            ("return new_parameters, new_m, new_v", "return new_m, new_v, new_parameters"),
            ways=[[("return new_parameters, new_m, new_v", "return new_parameters, new_v, new_m")]],
        ),
        slip(
            "adam must return 3 values, (the new parameters, m, v)",
            2,
            ("return new_parameters, new_m, new_v", "return new_parameters"),
            ways=[[("    return new_parameters, new_m, new_v", "")]],
        ),
        slip(
            "the return stands inside the loop: only the first array is updated",
            2,
            (
                "    return new_parameters, new_m, new_v",
                "        return new_parameters, new_m, new_v",
            ),
        ),
        slip(
            "these are the steps alone: take them off the parameters",
            2,
            (MOVE, "learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)"),
            ways=[[(MOVE, "-learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)")]],
        ),
        slip(
            "your function changes its argument parameters",
            2,
            (
                f"        new_parameters.append({MOVE})",
                "        theta -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)\n        new_parameters.append(theta)",
            ),
        ),
        slip(
            "your function changes its arguments m and v",
            2,
            (
                "        new_m.append(0.9 * mean + 0.1 * gradient)",
                "        mean *= 0.9\n        mean += 0.1 * gradient\n        new_m.append(mean)",
            ),
            (
                "        new_v.append(0.999 * square + 0.001 * gradient**2)",
                "        square *= 0.999\n        square += 0.001 * gradient**2\n        new_v.append(square)",
            ),
            ways=[
                """
def adam(parameters, gradients, m, v, n, learning_rate):
    new = []
    for k in range(len(parameters)):
        m[k] = 0.9 * m[k] + 0.1 * gradients[k]
        v[k] = 0.999 * v[k] + 0.001 * gradients[k] ** 2
        step = m[k] / (1.0 - 0.9**n) / (np.sqrt(v[k] / (1.0 - 0.999**n)) + 1e-8)
        new.append(parameters[k] - learning_rate * step)
    return new, m, v
"""
            ],
        ),
        slip(
            "v is corrected with 0.999, and m with 0.9: both have the same number here",
            2,
            (HATS, "new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.9**n)"),
            ways=[[(HATS, "new_m[-1] / (1.0 - 0.999**n), new_v[-1] / (1.0 - 0.999**n)")]],
        ),
        slip(
            "the shares of v are 0.999 and 0.001",
            2,
            ("0.999 * square + 0.001 * gradient**2", "0.99 * square + 0.01 * gradient**2"),
            ways=[
                [
                    ("0.999 * square + 0.001 * gradient**2", "0.99 * square + 0.01 * gradient**2"),
                    (HATS, "new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.99**n)"),
                ],
                [("0.999 * square + 0.001 * gradient**2", "0.9 * square + 0.1 * gradient**2")],
                [
                    ("0.999 * square + 0.001 * gradient**2", "0.9 * square + 0.1 * gradient**2"),
                    (HATS, "new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.9**n)"),
                ],
            ],
        ),
        slip(
            "the step is made of the new m, not of the old one",
            2,
            (HATS, "mean / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)"),
        ),
        slip(
            "the step is made of the new v, not of the old one",
            2,
            (HATS, "new_m[-1] / (1.0 - 0.9**n), square / (1.0 - 0.999**n)"),
        ),
        slip(
            "brackets are wrong: the power is taken of 0.9 and 0.999, then taken from 1",
            1,
            (HATS, "(new_m[-1] / (1.0 - 0.9)) ** n, new_v[-1] / (1.0 - 0.999**n)"),
            ways=[
                [(HATS, "(new_m[-1] / (1.0 - 0.9)) ** n, (new_v[-1] / (1.0 - 0.999)) ** n")],
                [(HATS, "new_m[-1] / (1.0 - 0.9) ** n, new_v[-1] / (1.0 - 0.999) ** n")],
                [(HATS, "new_m[-1] / (1.0 - 0.9) ** n, new_v[-1] / (1.0 - 0.999**n)")],
            ],
        ),
        slip(
            "brackets are missing: the correction is the denominator as a whole",
            2,
            (HATS, "new_m[-1] / 1.0 - 0.9**n, new_v[-1] / (1.0 - 0.999**n)"),
            ways=[[(HATS, "new_m[-1] / (1.0 - 0.9**n), np.abs(new_v[-1] / 1.0 - 0.999**n)")]],
        ),
        slip(
            "the root is taken of the corrected v: the correction belongs under the root",
            2,
            (
                MOVE,
                "theta - learning_rate * m_hat / (np.sqrt(new_v[-1]) / (1.0 - 0.999**n) + 1e-8)",
            ),
        ),
        slip(
            "the root is taken of v alone, not of the whole fraction",
            2,
            (MOVE, "theta - learning_rate * np.sqrt(np.abs(m_hat / (v_hat + 1e-8)))"),
        ),
        slip(
            "every entry has a mean of squares of its own: take no sum or mean over the array",
            2,
            ("0.001 * gradient**2", "0.001 * np.mean(gradient**2)"),
            ways=[[("0.001 * gradient**2", "0.001 * np.sum(gradient**2)")]],
        ),
        slip(
            "v is made of the squares of the gradient, not of those of m",
            2,
            ("0.001 * gradient**2", "0.001 * new_m[-1] ** 2"),
        ),
        slip(
            "the gradients add up in the means: their shares are added, not subtracted",
            2,
            ("0.999 * square + 0.001", "0.999 * square - 0.001"),
        ),
        slip(
            "the step is the fraction alone: the gradient is not subtracted too",
            2,
            (MOVE, f"{MOVE} - learning_rate * gradient"),
        ),
        slip(
            "1e-8 is added to the root of the corrected v: correct v itself, not the learning rate",
            2,
            (
                MOVE,
                "theta - learning_rate * np.sqrt(1.0 - 0.999**n) * m_hat / (np.sqrt(new_v[-1]) + 1e-8)",
            ),
        ),
    ],
    "train": [
        slip(
            "the gradients are not clipped",
            2,
            (UPDATE, UPDATE.replace("clipped", "gradients")),
        ),
        slip(
            "return the loss before each update, not after it",
            1,
            ("losses.append(loss)", "losses.append(loss_and_gradients(x, y, parameters)[0])"),
        ),
        slip(
            "the parameters do not move on: use what adam returns",
            2,
            (UPDATE, UPDATE.replace("parameters, m, v =", "_, m, v =")),
        ),
        slip(
            "nan from the first update on: its number is 1, not 0, and v starts at zero",
            2,
            ("range(1, updates + 1)", "range(updates)"),
            ways=[
                [("v = [np.zeros_like(array)", "v = [array.copy()")],
                [
                    ("m = [np.zeros_like(array)", "m = [array.copy()"),
                    ("v = [np.zeros_like(array)", "v = [array.copy()"),
                ],
            ],
        ),
        slip(
            "the number of the update grows: this one is always 1",
            2,
            (UPDATE, UPDATE.replace("v, n,", "v, 1,")),
        ),
        slip(
            "the number of an update is one more here than it should be",
            2,
            (UPDATE, UPDATE.replace("v, n,", "v, n + 1,")),
        ),
        slip(
            "m is not carried from update to update",
            2,
            (UPDATE, UPDATE.replace("parameters, m, v =", "parameters, _, v =")),
        ),
        slip(
            "v is not carried from update to update",
            2,
            (UPDATE, UPDATE.replace("parameters, m, v =", "parameters, m, _ =")),
        ),
        slip(
            "m and v are not carried from update to update",
            2,
            (UPDATE, UPDATE.replace("parameters, m, v =", "parameters, _, _ =")),
            ways=[
                [
                    (
                        "        loss, gradients = loss",
                        "        m = [np.zeros_like(array) for array in parameters]\n"
                        "        v = [np.zeros_like(array) for array in parameters]\n"
                        "        loss, gradients = loss",
                    )
                ]
            ],
        ),
        slip(
            "m and v are exchanged",
            2,
            (UPDATE, UPDATE.replace("parameters, m, v =", "parameters, v, m =")),
            ways=[[(UPDATE, UPDATE.replace("clipped, m, v", "clipped, v, m"))]],
        ),
        slip(
            "m and v start at zero",
            2,
            ("m = [np.zeros_like(array)", "m = [np.ones_like(array)"),
            ("v = [np.zeros_like(array)", "v = [np.ones_like(array)"),
            ways=[
                [("v = [np.zeros_like(array)", "v = [np.ones_like(array)")],
                [("m = [np.zeros_like(array)", "m = [array.copy()")],
            ],
        ),
        slip(
            "the last update is missing",
            2,
            ("range(1, updates + 1)", "range(1, updates)"),
        ),
        slip(
            "this is one update too many",
            2,
            ("range(1, updates + 1)", "range(1, updates + 2)"),
        ),
        slip(
            "clip returns two things: take the gradients out, or adam gets a pair",
            2,
            ("clipped, _ = clip(gradients, limit)", "clipped = clip(gradients, limit)"),
        ),
        slip(
            "a pair is taken apart the wrong way round: clip gives the gradients first, "
            "loss_and_gradients the loss",
            2,
            ("clipped, _ = clip(gradients, limit)", "_, clipped = clip(gradients, limit)"),
            ways=[
                [("loss, gradients = loss_and_gradients", "gradients, loss = loss_and_gradients")]
            ],
        ),
        slip(
            "use the argument limit, not a number of your own",
            2,
            ("clip(gradients, limit)", "clip(gradients, 1.0)"),
            ways=[
                [("clip(gradients, limit)", "clip(gradients, 5.0)")],
                [("clip(gradients, limit)", "clip(gradients, 0.5)")],
            ],
        ),
        slip(
            "the gradients are clipped, not the parameters",
            2,
            ("clipped, _ = clip(gradients, limit)", "clipped, _ = clip(parameters, limit)"),
            ways=[
                [
                    (
                        UPDATE,
                        UPDATE.replace("clipped", "gradients")
                        + "\n        parameters, _ = clip(parameters, limit)",
                    ),
                ],
            ],
        ),
        slip(
            "use the argument learning_rate, not a number of your own",
            2,
            (UPDATE, UPDATE.replace("learning_rate)", "0.01)")),
            ways=[
                [(UPDATE, UPDATE.replace("learning_rate)", "0.001)"))],
                [(UPDATE, UPDATE.replace("learning_rate)", "0.05)"))],
            ],
        ),
        slip(
            "this goes uphill: adam subtracts the step itself",
            2,
            (UPDATE, UPDATE.replace("learning_rate)", "-learning_rate)")),
            ways=[[(UPDATE, UPDATE.replace("clipped", "[-array for array in clipped]"))]],
        ),
        slip(
            "this is gradient descent: let adam change the parameters",
            2,
            (
                UPDATE,
                "parameters = [p - learning_rate * d for p, d in zip(parameters, clipped, strict=True)]",
            ),
        ),
        slip(
            "every update starts from the parameters of the one before, not from the first ones",
            2,
            ("    losses = []", "    losses, start = [], parameters"),
            (UPDATE, UPDATE.replace("adam(parameters,", "adam(start,")),
        ),
        slip(
            "the gradients belong to the parameters of this update: compute them inside the loop",
            2,
            (
                "    losses = []",
                "    losses = []\n    _, gradients = loss_and_gradients(x, y, parameters)",
            ),
            ("        loss, gradients = loss", "        loss, _ = loss"),
        ),
        slip(
            "adam takes parameters, gradients, m, v, n, learning_rate and returns parameters, m, v",
            2,
            (UPDATE, UPDATE.replace("n, learning_rate)", "learning_rate, n)")),
            ways=[
                [(UPDATE, UPDATE.replace("parameters, m, v =", "m, parameters, v ="))],
                [(UPDATE, UPDATE.replace("parameters, m, v =", "m, v, parameters ="))],
            ],
        ),
        slip(
            "these are the norms: losses holds the losses",
            1,
            ("clipped, _ = clip(gradients, limit)", "clipped, norm = clip(gradients, limit)"),
            ("losses.append(loss)", "losses.append(norm)"),
        ),
        slip(
            "the losses of all updates are asked for, in a list: this is the last one",
            1,
            ("return parameters, losses", "return parameters, loss"),
            ways=[[("return parameters, losses", "return parameters, losses[-1:]")]],
        ),
        slip(
            "losses must be a list of numbers, not an array",
            1,
            ("return parameters, losses", "return parameters, np.array(losses)"),
        ),
        slip(
            "loss_and_gradients returns two things: take them apart",
            2,
            ("loss, gradients = loss_and_gradients", "gradients = loss = loss_and_gradients"),
        ),
        slip(
            "the parameters come first, then the losses",
            2,
            ("return parameters, losses", "return losses, parameters"),
        ),
        slip(
            "these are the parameters of the start: return those after all updates",
            1,
            ("    losses = []", "    losses, start = [], parameters"),
            ("return parameters, losses", "return start, losses"),
        ),
        slip(
            "train must return 2 values, (the trained parameters, the losses)",
            2,
            ("return parameters, losses", "return parameters"),
            ways=[
                [("    return parameters, losses", "")],
                [("return parameters, losses", "return *parameters, losses")],
            ],
        ),
        slip(
            "the return stands inside the loop: it ends with the first update",
            2,
            ("    return parameters, losses", "        return parameters, losses"),
        ),
        slip(
            "your function changes its argument parameters",
            2,
            (
                UPDATE,
                "new, m, v = adam(parameters, clipped, m, v, n, learning_rate)\n"
                "        for array, value in zip(parameters, new, strict=True):\n"
                "            array[...] = value",
            ),
            ways=[
                [(UPDATE, UPDATE.replace("parameters, m, v =", "parameters[:], m, v ="))],
            ],
        ),
        slip(
            "the losses stand for the updates: this list has one loss too many",
            1,
            (
                "    return parameters, losses",
                "    losses.append(loss_and_gradients(x, y, parameters)[0])\n    return parameters, losses",
            ),
        ),
        slip(
            "the gradients are those of the parameters of now, not of the first ones",
            2,
            ("    losses = []", "    losses, first = [], parameters"),
            ("loss_and_gradients(x, y, parameters)", "loss_and_gradients(x, y, first)"),
        ),
        slip(
            "an update takes all sequences together: here each example has an update of its own",
            2,
            (
                "        loss, gradients = loss_and_gradients(x, y, parameters)",
                "        k = (n - 1) % len(x)\n"
                "        loss, gradients = loss_and_gradients(x[k : k + 1], y[k : k + 1], parameters)",
            ),
            ways=[
                """
def train(x, y, parameters, updates, learning_rate, limit):
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses, n = [], 0
    for _ in range(updates):
        for k in range(len(x)):
            n += 1
            loss, gradients = loss_and_gradients(x[k : k + 1], y[k : k + 1], parameters)
            clipped, _ = clip(gradients, limit)
            parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
            losses.append(loss)
    return parameters, losses
""",
                """
def train(x, y, parameters, updates, learning_rate, limit):
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses, n = [], 0
    for _ in range(updates):
        sums = 0.0
        for k in range(len(x)):
            n += 1
            loss, gradients = loss_and_gradients(x[k : k + 1], y[k : k + 1], parameters)
            clipped, _ = clip(gradients, limit)
            parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
            sums += loss
        losses.append(sums / len(x))
    return parameters, losses
""",
                """
def train(x, y, parameters, updates, learning_rate, limit):
    m = [np.zeros_like(array) for array in parameters]
    v = [np.zeros_like(array) for array in parameters]
    losses = []
    for n in range(1, updates + 1):
        for k in range(len(x)):
            loss, gradients = loss_and_gradients(x[k : k + 1], y[k : k + 1], parameters)
            clipped, _ = clip(gradients, limit)
            parameters, m, v = adam(parameters, clipped, m, v, n, learning_rate)
        losses.append(loss)
    return parameters, losses
""",
            ],
        ),
        slip(
            "clip once, with the whole limit: the gradients are clipped twice or to a part of it",
            2,
            ("clip(gradients, limit)", "clip(gradients, limit * learning_rate)"),
            ways=[
                [("clip(gradients, limit)", "clip(gradients, limit / len(x))")],
                [("clip(gradients, limit)", "clip(gradients, limit / len(parameters))")],
            ],
        ),
        slip(
            "the number of the update is n, not the number of all updates",
            2,
            (UPDATE, UPDATE.replace(" n,", " updates,")),
        ),
        slip(
            "the learning rate stays the same in all updates",
            2,
            (UPDATE, UPDATE.replace("learning_rate)", "learning_rate / n)")),
            ways=[
                [(UPDATE, UPDATE.replace("learning_rate)", "learning_rate / np.sqrt(n))"))],
                [
                    (
                        UPDATE,
                        UPDATE.replace(
                            "learning_rate)", "learning_rate * (1 - (n - 1) / updates))"
                        ),
                    )
                ],
            ],
        ),
        slip(
            "append the loss as it is: it is a mean already, and has no root",
            1,
            ("losses.append(loss)", "losses.append(loss / len(x))"),
            ways=[
                [("losses.append(loss)", "losses.append(float(np.sqrt(loss)))")],
                [("losses.append(loss)", "losses.append(loss / 2)")],
            ],
        ),
        slip(
            "the norm is that of all gradients: hand clip the whole list, not one array at a time",
            2,
            (
                "clipped, _ = clip(gradients, limit)",
                "clipped = [clip([gradient], limit)[0][0] for gradient in gradients]",
            ),
        ),
        slip(
            "each update takes its own gradients: do not add up those of earlier ones",
            2,
            (
                "        clipped, _ = clip(gradients, limit)",
                "        total = gradients if n == 1 else [a + b for a, b in zip(total, gradients)]\n        clipped, _ = clip(total, limit)",
            ),
        ),
        slip(
            "the losses are those of single updates: do not add them up or average them",
            1,
            (
                "    return parameters, losses",
                "    losses = [float(s) for s in np.cumsum(losses)]\n    return parameters, losses",
            ),
            ways=[
                [
                    (
                        "    return parameters, losses",
                        "    losses = [sum(losses[:k]) / k for k in range(1, updates + 1)]\n    return parameters, losses",
                    )
                ]
            ],
        ),
        slip(
            "the gradients are shortened where they are too long, not stretched: clip does both parts",
            2,
            (
                "clipped, _ = clip(gradients, limit)",
                "clipped, norm = clip(gradients, limit)\n        clipped = [c * norm / limit for c in clipped]",
            ),
        ),
    ],
    "through_limited_cell": [
        slip(
            "where the limit has cut, the cell state no longer depends on gates: its slope is zero",
            2,
            (CUT, "dc = dc_t"),
            ways=[
                [(CUT, "dc = dc_t * (np.abs(np.clip(c, -limit, limit)) <= limit)")],
                [(CUT, "dc = dc_t * (np.abs(tanh_c) < limit)")],
            ],
        ),
        slip(
            "the limit is not used: cut the cell state off, and its gradient where it was cut",
            2,
            ("np.tanh(np.clip(c, -limit, limit))", "np.tanh(c)"),
            (CUT, "dc = dc_t"),
        ),
        slip(
            "tanh is taken of the cell state after the cut",
            1,
            ("np.tanh(np.clip(c, -limit, limit))", "np.tanh(c)"),
        ),
        slip(
            "dc_t stops at the cut too, not only what comes by way of h_t",
            2,
            (
                DC_LIMITED,
                "dc_t = dc_t + dh_t * o * (1.0 - tanh_c**2) * (np.abs(c) < limit)",
            ),
            (CUT, "dc = dc_t"),
        ),
        slip(
            "what comes by way of h_t stops at the cut too, not only dc_t",
            2,
            (
                DC_LIMITED,
                "dc_t = dc_t * (np.abs(c) < limit) + dh_t * o * (1.0 - tanh_c**2)",
            ),
            (CUT, "dc = dc_t"),
        ),
        slip(
            "the gradient passes where nothing was cut, not where the limit has cut",
            2,
            (CUT, "dc = dc_t * (np.abs(c) > limit)"),
        ),
        slip(
            "the limit cuts on both sides: compare the size of c with it, and cut off with both",
            2,
            (CUT, "dc = dc_t * (c < limit)"),
            ways=[
                [(CUT, "dc = dc_t * (c > -limit)")],
                [
                    (CUT, "dc = dc_t * (c < limit)"),
                    ("np.clip(c, -limit, limit)", "np.minimum(c, limit)"),
                ],
            ],
        ),
        slip(
            "the output gate still sees tanh(c_t) where the limit has cut: do is not zero there",
            1,
            five(do="dh_t * tanh_c * (np.abs(c) < limit)"),
        ),
        slip(
            "the cell state is cut off, not its gradient",
            2,
            (CUT, "dc = np.clip(dc_t, -limit, limit)"),
        ),
        slip(
            "each entry has a cut of its own: this stops all of them as soon as one is cut",
            2,
            (CUT, "dc = dc_t * np.all(np.abs(c) < limit)"),
            ways=[
                [(CUT, "dc = dc_t * np.any(np.abs(c) < limit)")],
                [(CUT, "dc = dc_t if np.all(np.abs(c) < limit) else 0 * dc_t")],
                [(CUT, "dc = dc_t * np.all(np.abs(c) < limit, axis=1, keepdims=True)")],
                [(CUT, "dc = dc_t * np.all(np.abs(c) < limit, axis=0)")],
            ],
        ),
        slip(
            "an if, an and or an or needs one truth value",
            2,
            (CUT, "dc = dc_t if np.abs(c) < limit else 0.0 * dc_t"),
            ways=[[(CUT, "dc = dc_t * (-limit < c < limit)")]],
        ),
        slip(
            "compare c with the limit, not c_prev",
            2,
            (CUT, "dc = dc_t * (np.abs(c_prev) < limit)"),
        ),
        slip(
            "a cut is no shortening: the slope is zero there, not limit over the size of c",
            2,
            (CUT, "dc = dc_t * np.minimum(1.0, limit / np.abs(c))"),
        ),
        slip(
            "dc_prev stops at the cut as well",
            1,
            five(dc_prev="dc_t * f"),
        ),
        slip(
            "the gates and the candidate stop at the cut as well",
            1,
            five(di="dc_t * g", df="dc_t * c_prev", dg="dc_t * i"),
            ways=[
                [five(di="dc_t * g")],
                [five(df="dc_t * c_prev")],
                [five(dg="dc_t * i")],
            ],
        ),
        slip(
            "the gradient dc_t of the next step is missing",
            2,
            (DC_LIMITED, "dc_t = dh_t * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "what comes by way of h_t is missing",
            2,
            (DC_LIMITED, "dc_t = dc_t + 0.0"),
        ),
        slip(
            "the slope of the tanh is missing: one minus its square",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o"),
        ),
        slip(
            "the output gate is missing on the way to the cell state",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * (1.0 - tanh_c**2)"),
        ),
        slip(
            "the slope belongs to the part from h_t alone: dc_t does not pass the tanh",
            2,
            (DC_LIMITED, "dc_t = (dc_t + dh_t * o) * (1.0 - tanh_c**2)"),
        ),
        slip(
            "the slope of tanh is one minus the square of tanh(c_t), not of c_t",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 - np.clip(c, -limit, limit) ** 2)"),
        ),
        slip(
            "c is f * c_prev + i * g, before the cut",
            2,
            ("c = f * c_prev + i * g", "c = i * c_prev + f * g"),
            ways=[
                [("c = f * c_prev + i * g", "c = c_prev")],
                [("c = f * c_prev + i * g", "c = c_prev + i * g")],
                [("c = f * c_prev + i * g", "c = f * c_prev")],
            ],
        ),
        slip(
            "the cell state before is not cut here: only the new one is",
            2,
            ("c = f * c_prev + i * g", "c = f * np.clip(c_prev, -limit, limit) + i * g"),
        ),
        slip("do is multiplied by tanh(c_t), not by o", 1, five(do="dh_t * o")),
        slip(
            "do is multiplied by tanh(c_t), not by c_t",
            1,
            five(do="dh_t * np.clip(c, -limit, limit)"),
        ),
        slip("di is multiplied by g, and dg by i", 1, five(di="dc * i", dg="dc * g")),
        slip("df is multiplied by c_prev, not by the new cell state", 1, five(df="dc * c")),
        slip("the forget gate is missing in dc_prev", 1, five(dc_prev="dc")),
        slip(
            "do comes before dc_prev",
            2,
            (FIVE, "dc * g, dc * c_prev, dc * i, dc * f, dh_t * tanh_c"),
        ),
        slip(
            "through_limited_cell must return 5 values, (di, df, dg, do, dc_prev)",
            2,
            (FIVE, "dc * g, dc * c_prev, dc * i, dh_t * tanh_c"),
            ways=[[(f"    return {FIVE}", "")]],
        ),
        slip(
            "your function changes its argument dc_t",
            2,
            (DC_LIMITED, "dc_t += dh_t * o * (1.0 - tanh_c**2)"),
        ),
        slip(
            "the cell state is cut off, not its gradient dc_t",
            2,
            (DC_LIMITED, "dc_t = np.clip(dc_t + dh_t * o * (1.0 - tanh_c**2), -limit, limit)"),
            ways=[
                [(DC_LIMITED, "dc_t = np.clip(dc_t, -limit, limit) + dh_t * o * (1.0 - tanh_c**2)")]
            ],
        ),
        slip(
            "cut off the new cell state, not the old one",
            2,
            ("c = f * c_prev + i * g", "c = f * np.clip(c_prev, -limit, limit) + i * g"),
            ("np.tanh(np.clip(c, -limit, limit))", "np.tanh(c)"),
            (CUT, "dc = dc_t"),
            ways=[
                [
                    ("c = f * c_prev + i * g", "c = f * np.clip(c_prev, -limit, limit) + i * g"),
                    ("np.tanh(np.clip(c, -limit, limit))", "np.tanh(c)"),
                    (CUT, "dc = dc_t * (np.abs(c_prev) < limit)"),
                ],
                [
                    (
                        "c = f * c_prev + i * g",
                        "c_prev = np.clip(c_prev, -limit, limit)\n    c = f * c_prev + i * g",
                    ),
                    ("np.tanh(np.clip(c, -limit, limit))", "np.tanh(c)"),
                    (CUT, "dc = dc_t"),
                ],
                [
                    (
                        "c = f * c_prev + i * g",
                        "c_prev = np.clip(c_prev, -limit, limit)\n    c = f * c_prev + i * g",
                    ),
                ],
            ],
        ),
        slip(
            "the limit cuts from below too, at its negative: this cuts from above alone",
            1,
            ("np.clip(c, -limit, limit)", "np.minimum(c, limit)"),
            ways=[[("np.clip(c, -limit, limit)", "np.maximum(c, -limit)")]],
        ),
        slip(
            "brackets are missing: the slope is a factor as a whole",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o * 1.0 - tanh_c**2"),
        ),
        slip(
            "tanh is cut off, not the cell state: take tanh after the cut",
            1,
            ("np.tanh(np.clip(c, -limit, limit))", "np.clip(np.tanh(c), -limit, limit)"),
        ),
        slip(
            "dc_prev is dc times f, and nothing is added: dc holds dc_t already",
            1,
            five(dc_prev="dc * f + dc_t"),
        ),
        slip(
            "do is dh_t times tanh(c_t), without the slope of the tanh",
            1,
            five(do="dh_t * tanh_c * (1.0 - tanh_c**2)"),
            ways=[[five(do="dh_t * (1.0 - tanh_c**2)")]],
        ),
        slip(
            "no slopes of the gates here: the question asks for di, df, dg and do",
            1,
            five(
                di="dc * g * i * (1.0 - i)",
                df="dc * c_prev * f * (1.0 - f)",
                dg="dc * i * (1.0 - g**2)",
                do="dh_t * tanh_c * o * (1.0 - o)",
            ),
        ),
        slip(
            "the gates get dc, which has passed the tanh and the cut, not dh_t",
            1,
            five(di="dh_t * g", df="dh_t * c_prev", dg="dh_t * i"),
        ),
        slip(
            "do comes from dh_t, not from dc: the cell state has not passed the output gate",
            1,
            five(do="dc * tanh_c"),
        ),
        slip(
            "do is multiplied by tanh(c_t) of each entry, not by that of the limit",
            1,
            five(do="dh_t * np.tanh(limit)"),
        ),
        slip("dc_prev is multiplied by f, not by 1 - f", 1, five(dc_prev="dc * (1.0 - f)")),
        slip(
            "the limit is compared with c, not with its tanh or with a gradient",
            2,
            (CUT, "dc = dc_t * (np.abs(dc_t) < limit)"),
            ways=[
                [(CUT, "dc = dc_t * (np.abs(np.tanh(c)) < limit)")],
                [(CUT, "dc = dc_t * (np.abs(dh_t) < limit)")],
            ],
        ),
        slip(
            "where the limit has cut the gradient is zero, not the limit",
            2,
            (CUT, "dc = np.where(np.abs(c) < limit, dc_t, limit)"),
            ways=[[(CUT, "dc = np.where(np.abs(c) < limit, dc_t, 1.0)")]],
        ),
        slip(
            "both parts of dc are added, and the slope is 1 minus the square: a sign is wrong",
            2,
            (DC_LIMITED, "dc_t = dc_t - dh_t * o * (1.0 - tanh_c**2)"),
            ways=[[(DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 + tanh_c**2)")]],
        ),
        slip(
            "the slope of tanh is one minus the square: the square is missing or stands elsewhere",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 - tanh_c)"),
            ways=[
                [(DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 - tanh_c) ** 2")],
                [(DC_LIMITED, "dc_t = dc_t + dh_t * o * tanh_c**2")],
            ],
        ),
        slip(
            "no slope of a sigmoid here: the output gate itself is the factor of dc",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 - o) * (1.0 - tanh_c**2)"),
        ),
        slip(
            "tanh_c is the tanh already: do not apply it again",
            2,
            (DC_LIMITED, "dc_t = dc_t + dh_t * o * (1.0 - np.tanh(tanh_c) ** 2)"),
        ),
    ],
}

RIGHT = [
    Right(
        "columns-as-examples",
        {
            "step_backward": """
def step_backward(dh_t, dc_t, cache):
    gates = [cache[name] for name in "ifgo"]
    *d, dc_prev = through_cell(dh_t, dc_t, cache["c_prev"], *gates, cache["tanh_c"])
    slopes = [1 - a**2 if name == "g" else a * (1 - a) for name, a in zip("ifgo", gates)]
    da = np.hstack([dv * slope for dv, slope in zip(d, slopes)]).T
    dW_x, dW_h = (da @ cache["x_t"]).T, (da @ cache["h_prev"]).T
    return (cache["W_x"] @ da).T, (cache["W_h"] @ da).T, dc_prev, dW_x, dW_h, da.sum(1)
""",
            "clip": """
def clip(gradients, limit):
    norm = np.linalg.norm(np.concatenate([gradient.ravel() for gradient in gradients]))
    if norm <= limit:
        return gradients, norm
    return [limit / norm * gradient for gradient in gradients], norm
""",
        },
    ),
    Right(
        "weights-after-the-loop",
        {
            "sequence_backward": """
def sequence_backward(dh, dh_T, dc_T, caches):
    N, T, H = dh.shape
    dx, grads = [None] * T, []
    dh_carry, dc_carry = dh_T.copy(), dc_T.copy()
    for t in range(T - 1, -1, -1):
        dh_carry = dh_carry + dh[:, t]
        dx[t], dh_carry, dc_carry, dW_x, dW_h, db = step_backward(dh_carry, dc_carry, caches[t])
        grads.append((dW_x, dW_h, db))
    dW_x, dW_h, db = (sum(arrays) for arrays in zip(*grads))
    return np.stack(dx).transpose(1, 0, 2), dh_carry, dc_carry, dW_x, dW_h, db
""",
        },
    ),
    Right(
        "lists-and-loops",
        {
            "adam": """
def adam(parameters, gradients, m, v, n, learning_rate):
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients)]
    rate = learning_rate * np.sqrt(1 - beta2**n) / (1 - beta1**n)
    scaled_eps = eps * np.sqrt(1 - beta2**n)
    new = [p - rate * a / (np.sqrt(b) + scaled_eps) for p, a, b in zip(parameters, m, v)]
    return new, m, v
""",
            "train": """
def train(x, y, parameters, updates, learning_rate, limit):
    p = [a.copy() for a in parameters]
    m, v, history = [0 * a for a in p], [0 * a for a in p], []
    for step in range(1, updates + 1):
        loss, g = loss_and_gradients(x, y, p)
        history += [float(loss)]
        p, m, v = adam(p, clip(g, limit)[0], m, v, step, learning_rate)
    return p, history
""",
        },
    ),
    Right(
        "tuples-and-stacked-arrays",
        {
            "through_cell": """
def through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c):
    dc = dc_t + dh_t * o / np.cosh(np.arctanh(tanh_c)) ** 2
    return np.stack([dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f])
""",
            "adam": ADAM.replace(
                "return new_parameters, new_m, new_v",
                "return tuple(map(tuple, (new_parameters, new_m, new_v)))",
            ),
        },
    ),
    Right(
        "dot-and-einsum",
        {
            "step_backward": """
def step_backward(dh_t, dc_t, cache):
    i, f, g, o = (cache[k] for k in ("i", "f", "g", "o"))
    di, df, dg, do, dc_prev = through_cell(
        dh_t, dc_t, c_prev=cache["c_prev"], i=i, f=f, g=g, o=o, tanh_c=cache["tanh_c"]
    )
    N, H = dh_t.shape
    da = np.empty((N, 4 * H))
    da[:, :H], da[:, H : 2 * H] = di * (i - i**2), df * (f - f**2)
    da[:, 2 * H : 3 * H], da[:, 3 * H :] = dg * (1 + g) * (1 - g), do * (o - o**2)
    dW_x = np.einsum("ni,nk->ik", cache["x_t"], da)
    dW_h = np.einsum("nh,nk->hk", cache["h_prev"], da)
    db = np.ones(N) @ da
    return np.dot(da, cache["W_x"].T), np.dot(da, cache["W_h"].T), dc_prev, dW_x, dW_h, db
""",
            "directional_error": """
def directional_error(loss, array, gradient, direction, step):
    a = float(np.dot(gradient.ravel(), direction.ravel()))
    sides = [loss(array + sign * step * direction) for sign in (+1, -1)]
    n = (sides[0] - sides[1]) / step / 2
    return np.abs(a - n) / (np.abs(a) + np.abs(n))
""",
        },
    ),
    Right(
        "chatty-with-helpers-of-its-own",
        {
            "clip": """
def length(arrays):
    return np.sqrt(np.array([np.vdot(a, a) for a in arrays]).sum())

def clip(gradients, limit):
    norm = length(gradients)
    print(f"norm {norm:.3f}")
    return [g / max(1.0, norm / limit) for g in gradients], norm
""",
            "train": TRAIN.replace(
                "losses.append(loss)", "losses.append(loss)\n        note(n, loss)"
            ),
        },
        extra="""
def note(n, loss):
    if n % 5 == 0:
        print(f"update {n}: {loss:.4f}")
""",
    ),
    Right(
        "question-one-again",
        {
            "through_limited_cell": """
def through_limited_cell(dh_t, dc_t, c_prev, i, f, g, o, limit):
    free = f * c_prev + i * g
    tanh_c = np.tanh(np.minimum(np.maximum(free, -limit), limit))
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c)
    cut = (free >= limit) | (free <= -limit)
    return [*(np.where(cut, 0.0, d) for d in (di, df, dg)), do, np.where(cut, 0.0, dc_prev)]
""",
        },
    ),
    Right(
        "entry-by-entry",
        {
            "through_limited_cell": """
def through_limited_cell(dh_t, dc_t, c_prev, i, f, g, o, limit):
    five = [np.zeros_like(dh_t) for _ in range(5)]
    for at in np.ndindex(dh_t.shape):
        c = f[at] * c_prev[at] + i[at] * g[at]
        c_t = max(-limit, min(limit, c))
        five[3][at] = dh_t[at] * np.tanh(c_t)
        if c_t == c:
            dc = dc_t[at] + dh_t[at] * o[at] / np.cosh(c) ** 2
            five[0][at], five[1][at] = dc * g[at], dc * c_prev[at]
            five[2][at], five[4][at] = dc * i[at], dc * f[at]
    return five
""",
            "through_cell": """
def through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c):
    dc = dh_t * o
    dc -= dc * tanh_c * tanh_c
    dc += dc_t
    return dc * g, dc * c_prev, dc * i, tanh_c * dh_t, f * dc
""",
        },
    ),
]
