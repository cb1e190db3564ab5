"""Answers to the assignment lstm_backward: wrong ones, each with the questions it breaks, and
right ones in other styles.  A question that an entry does not name gets the course's own
solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, changed

THROUGH_CELL = """
def through_cell(dh_t, dc_t, c_prev, i, f, g, o, tanh_c):
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f
"""
STEP = """
def step_backward(dh_t, dc_t, cache):
    i, f, g, o = cache["i"], cache["f"], cache["g"], cache["o"]
    di, df, dg, do, dc_prev = through_cell(dh_t, dc_t, cache["c_prev"], i, f, g, o, cache["tanh_c"])
    da_i, da_f = di * i * (1.0 - i), df * f * (1.0 - f)
    da_g, da_o = dg * (1.0 - g**2), do * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    dx_t, dh_prev = da @ cache["W_x"].T, da @ cache["W_h"].T
    return dx_t, dh_prev, dc_prev, cache["x_t"].T @ da, cache["h_prev"].T @ da, da.sum(axis=0)
"""
SEQUENCE = """
def sequence_backward(dh, dh_T, dc_T, caches):
    dh_next, dc_next = dh_T, dc_T
    dx, dW_x, dW_h, db = [], 0.0, 0.0, 0.0
    for t in reversed(range(len(caches))):
        dx_t, dh_next, dc_next, *dW = step_backward(dh[:, t] + dh_next, dc_next, caches[t])
        dx.insert(0, dx_t)
        dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]
    return np.stack(dx, axis=1), dh_next, dc_next, dW_x, dW_h, db
"""
DIRECTIONAL = """
def directional_error(loss, array, gradient, direction, step):
    analytic = np.sum(gradient * direction)
    numeric = (loss(array + step * direction) - loss(array - step * direction)) / (2.0 * step)
    return float(abs(analytic - numeric) / (abs(analytic) + abs(numeric)))
"""
CLIP = """
def clip(gradients, limit):
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = limit / norm if norm > limit else 1.0
    return [gradient * scale for gradient in gradients], norm
"""
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


def wrong(
    name: str, question: str, source: str, old: str, new: str, points: float, says: str
) -> Wrong:
    """Return an entry with one slip in one question."""
    return Wrong(name, {question: changed(source, (old, new))}, {question: points}, says)


WRONG = [
    wrong(
        "dc-t-ignored",
        "through_cell",
        THROUGH_CELL,
        "dc = dc_t + dh_t",
        "dc = dh_t",
        2,
        "the gradient dc_t of the next step is missing",
    ),
    wrong(
        "slope-at-c-without-tanh",
        "through_cell",
        THROUGH_CELL,
        "1.0 - tanh_c**2",
        "1.0 - np.arctanh(tanh_c) ** 2",
        2,
        "the slope is taken at c_t",
    ),
    wrong(
        "dh-overwritten",
        "through_cell",
        THROUGH_CELL,
        "    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)\n",
        "    do = dh_t = dh_t * tanh_c\n    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)\n"
        "    return dc * g, dc * c_prev, dc * i, do, dc * f\n",
        2,
        "dh_t was overwritten by do before it was used for dc",
    ),
    wrong(
        "dc-prev-from-dc-t-alone",
        "through_cell",
        THROUGH_CELL,
        "dc * f",
        "dc_t * f",
        1,
        "what comes by way of h_t counts too",
    ),
    wrong(
        "c-t-for-c-prev",
        "through_cell",
        THROUGH_CELL,
        "dc * c_prev",
        "dc * np.arctanh(tanh_c)",
        1,
        "df needs c_prev, not c_t",
    ),
    wrong(
        "through-cell-in-place",
        "through_cell",
        THROUGH_CELL,
        "dc = dc_t + dh_t",
        "dc = dc_t\n    dc += dh_t",
        2,
        "Your function changes an argument, which the caller still needs: dc_t",
    ),
    Wrong(
        "sigmoid-twice",
        {
            "step_backward": "def s(a):\n    return 1 / (1 + np.exp(-a))\n"
            + changed(
                STEP,
                ("di * i * (1.0 - i)", "di * s(i) * (1.0 - s(i))"),
                ("df * f * (1.0 - f)", "df * s(f) * (1.0 - s(f))"),
                ("do * o * (1.0 - o)", "do * s(o) * (1.0 - s(o))"),
            )
        },
        {"step_backward": 2},
        "the gates are activated already",
    ),
    wrong(
        "candidate-with-the-slope-of-a-gate",
        "step_backward",
        STEP,
        "dg * (1.0 - g**2)",
        "dg * g * (1.0 - g)",
        2,
        "the candidate goes through tanh",
    ),
    wrong(
        "i-and-f-swapped",
        "step_backward",
        STEP,
        "[da_i, da_f, da_g, da_o]",
        "[da_f, da_i, da_g, da_o]",
        2,
        "the blocks of i and f are swapped",
    ),
    wrong(
        "dW-h-with-h-t",
        "step_backward",
        STEP,
        'cache["h_prev"].T @ da',
        '(o * cache["tanh_c"]).T @ da',
        1,
        "dW_h needs h_prev, not h_t",
    ),
    wrong(
        "db-of-one-example",
        "step_backward",
        STEP,
        "da.sum(axis=0)",
        "da[0]",
        1,
        "sum over the batch: this is one example",
    ),
    wrong(
        "weights-averaged-over-the-batch",
        "step_backward",
        STEP,
        'cache["x_t"].T @ da',
        'cache["x_t"].T @ da / len(da)',
        1,
        "sum over the batch, do not average",
    ),
    wrong(
        "reshaped-in-place-of-transposed",  # right for one unit, which is all that is visible
        "step_backward",
        STEP,
        'da @ cache["W_h"].T',
        "da @ cache['W_h'].reshape(da.shape[1], -1)",
        1,
        "dh_prev",
    ),
    wrong(
        "dh-not-carried",
        "sequence_backward",
        SEQUENCE,
        "dh[:, t] + dh_next",
        "dh[:, t] + (dh_T if t == len(caches) - 1 else 0.0)",
        2,
        "dh is not carried from step to step",
    ),
    wrong(
        "dc-not-carried",
        "sequence_backward",
        SEQUENCE,
        "dh_next, dc_next, caches[t]",
        "dh_next, dc_T * (t == len(caches) - 1), caches[t]",
        2,
        "dc is not carried from step to step",
    ),
    wrong(
        "loss-at-the-end-only",
        "sequence_backward",
        SEQUENCE,
        "dh[:, t] + dh_next",
        "dh[:, t] * (t == len(caches) - 1) + dh_next",
        2,
        "dh enters at every step",
    ),
    wrong(
        "dc-T-ignored",
        "sequence_backward",
        SEQUENCE,
        "dh_next, dc_next = dh_T, dc_T",
        "dh_next, dc_next = dh_T, np.zeros_like(dc_T)",
        2,
        "dc_T is ignored",
    ),
    wrong(
        "dh-T-ignored",
        "sequence_backward",
        SEQUENCE,
        "dh_next, dc_next = dh_T, dc_T",
        "dh_next, dc_next = np.zeros_like(dh_T), dc_T",
        2,
        "dh_T is ignored",
    ),
    wrong(
        "dx-in-reverse",
        "sequence_backward",
        SEQUENCE,
        "dx.insert(0, dx_t)",
        "dx.append(dx_t)",
        1,
        "dx stands in reverse order",
    ),
    wrong(
        "weights-of-the-last-step",
        "sequence_backward",
        SEQUENCE,
        "dW_x, dW_h, db = dW_x + dW[0], dW_h + dW[1], db + dW[2]",
        "dW_x, dW_h, db = dW if t == len(caches) - 1 else (dW_x, dW_h, db)",
        1,
        "add up over all steps",
    ),
    wrong(
        "one-sided-difference",
        "directional_error",
        DIRECTIONAL,
        "loss(array - step * direction)) / (2.0 * step)",
        "loss(array)) / step",
        1,
        "a one-sided difference",
    ),
    wrong(
        "two-forgotten",
        "directional_error",
        DIRECTIONAL,
        "/ (2.0 * step)",
        "/ step",
        1,
        "divide by twice the step",
    ),
    wrong(
        "absolute-error",
        "directional_error",
        DIRECTIONAL,
        "abs(analytic - numeric) / (abs(analytic) + abs(numeric))",
        "abs(analytic - numeric)",
        1,
        "this is the absolute error",
    ),
    wrong(
        "array-moved-and-not-put-back",
        "directional_error",
        DIRECTIONAL,
        "    numeric = (loss(array + step * direction) - loss(array - step * direction))",
        "    array += step * direction\n    above = loss(array)\n"
        "    array -= 2 * step * direction\n    numeric = (above - loss(array))",
        1,
        "Your function changes an argument, which the caller still needs: array",
    ),
    wrong(
        "clips-each-array",
        "clip",
        CLIP,
        "[gradient * scale for gradient in gradients]",
        "[g * min(1.0, limit / max(np.linalg.norm(g), 1e-12)) for g in gradients]",
        1,
        "each array is clipped alone",
    ),
    wrong(
        "lengthens-short-gradients",
        "clip",
        CLIP,
        "limit / norm if norm > limit else 1.0",
        "limit / norm if norm > 0 else 1.0",
        1,
        "a gradient that is short enough stays as it is",
    ),
    wrong(
        "divides-by-zero",
        "clip",
        CLIP,
        "limit / norm if norm > limit else 1.0",
        "min(1.0, limit / norm)",
        1,
        "ZeroDivisionError",
    ),
    wrong(
        "no-bias-correction",
        "adam",
        ADAM,
        "new_m[-1] / (1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)",
        "new_m[-1], new_v[-1]",
        2,
        "divide m and v by",
    ),
    wrong(
        "always-the-first-update",
        "adam",
        ADAM,
        "(1.0 - 0.9**n), new_v[-1] / (1.0 - 0.999**n)",
        "0.1, new_v[-1] / 0.001",
        1,
        "the exponent is the number of the update",
    ),
    wrong(
        "corrected-means-stored",
        "adam",
        ADAM,
        "        new_parameters.append(",
        "        new_m[-1], new_v[-1] = m_hat, v_hat\n        new_parameters.append(",
        2,
        "keep m and v as they are before the division",
    ),
    wrong(
        "goes-up",
        "adam",
        ADAM,
        "theta - learning_rate",
        "theta + learning_rate",
        2,
        "go down: subtract the step",
    ),
    wrong(
        "not-clipped",
        "train",
        TRAIN,
        "parameters, clipped, m, v, n",
        "parameters, gradients, m, v, n",
        2,
        "clip the gradients",
    ),
    wrong(
        "loss-after-the-update",
        "train",
        TRAIN,
        "losses.append(loss)",
        "losses.append(loss_and_gradients(x, y, parameters)[0])",
        1,
        "return the loss before each update, not after it",
    ),
    wrong(
        "parameters-not-kept",
        "train",
        TRAIN,
        "parameters, m, v = adam(",
        "_, m, v = adam(",
        2,
        "use what adam returns",
    ),
    wrong(
        "counts-from-zero",
        "train",
        TRAIN,
        "range(1, updates + 1)",
        "range(updates)",
        2,
        "look for an overflow or a division by zero",
    ),
]

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
    t = T - 1
    while t >= 0:
        dh_carry = dh_carry + dh[:, t]
        dx[t], dh_carry, dc_carry, dW_x, dW_h, db = step_backward(dh_carry, dc_carry, caches[t])
        grads.append((dW_x, dW_h, db))
        t -= 1
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
    step = 0
    while step < updates:
        step += 1
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
                "return tuple(new_parameters), tuple(new_m), tuple(new_v)",
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
]
