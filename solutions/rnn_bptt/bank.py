"""Answers to the assignment rnn_bptt: wrong ones, each with the questions it breaks, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong

_STEP = """
def step_backward(dh_t, x_t, h_prev, h_t, W_x, W_h):
    da_t = {da}
    return da_t @ W_x.T, {dh_prev}, x_t.T @ da_t, {dW_h}, {db}
"""


def step(da="dh_t * (1 - h_t**2)", dh_prev="da_t @ W_h.T", dW_h="h_prev.T @ da_t", db=None):
    """Return `step_backward` with some of its products replaced."""
    text = _STEP.format(da=da, dh_prev=dh_prev, dW_h=dW_h, db=db or "da_t.sum(axis=0)")
    return {"step_backward": text}


_BACKWARD = """
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    T = x.shape[1]
    dx, dh_next = np.zeros_like(x), {start}
    dW_x, dW_h, db = 0 * W_x, 0 * W_h, 0 * W_h[0]
    for t in {order}:
        dh_t = {dh_t}
        now = step_backward(dh_t, x[:, t], h[:, t], {h_t}, W_x, W_h)
        dx[:, t], dh_next = now[0], now[1]
        {add}
    return dx, dh_next, dW_x, dW_h, db
"""


def backward(
    start="dh_T",
    order="reversed(range(T))",
    dh_t="dh[:, t] + dh_next",
    h_t="h[:, t + 1]",
    add="dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db + now[4]",
):
    """Return `rnn_backward` with some of its parts replaced."""
    return {"rnn_backward": _BACKWARD.format(start=start, order=order, dh_t=dh_t, h_t=h_t, add=add)}


_CHECK = """
def gradient_check(loss, array, gradient, step):
    numeric = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        above, below = array.copy(), array.copy()
        above[index] += step
        below[index] -= step
        numeric[index] = {quotient}
    return numeric, float({error})
"""


def check(
    quotient="(loss(above) - loss(below)) / (2 * step)",
    error="np.max(abs(gradient - numeric)) / np.max(abs(gradient) + abs(numeric))",
):
    """Return `gradient_check` with the quotient or the error replaced."""
    return {"gradient_check": _CHECK.format(quotient=quotient, error=error)}


_TRAIN = """
def training_step(x, y, W_x, W_h, b, W_y, learning_rate):
    h = rnn_forward(x, np.zeros((len(x), len(W_h)), x.dtype), W_x, W_h, b)
    wrong = h[:, -1] @ W_y - y
    dy_hat = {dy_hat}
    _, _, dW_x, dW_h, db = rnn_backward({upstream}, x, h, W_x, W_h)
    dW_y = h[:, -1].T @ dy_hat
    loss = {loss}
    return loss, {weights}
"""


def train(
    dy_hat="2 * wrong / wrong.size",
    upstream="np.zeros_like(h[:, 1:]), dy_hat @ W_y.T",
    loss="float(np.mean(wrong**2))",
    weights="W_x - learning_rate * dW_x, W_h - learning_rate * dW_h, "
    "b - learning_rate * db, W_y - learning_rate * dW_y",
):
    """Return `training_step` with some of its parts replaced."""
    text = _TRAIN.format(dy_hat=dy_hat, upstream=upstream, loss=loss, weights=weights)
    return {"training_step": text}


WRONG = [
    Wrong(
        "step-without-bias",
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(x_t @ W_x + h_prev @ W_h)
"""
        },
        {"rnn_step": 1},
        "the bias b is missing",
    ),
    Wrong(
        "step-with-transposed-weights",  # right where H = 1
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(x_t @ W_x + h_prev @ W_h.T + b)
"""
        },
        {"rnn_step": 1},
        "W_h is transposed",
    ),
    Wrong(
        "step-adds-in-place",  # into the caller's state
        {
            "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    h_prev[...] = np.tanh(x_t @ W_x + h_prev @ W_h + b)
    return h_prev
"""
        },
        {"rnn_step": 1},
        "Your function changes an argument, which the caller still needs: h_prev",
    ),
    Wrong(
        "forward-starts-from-zeros",
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [np.zeros_like(h0)]
    for t in range(x.shape[1]):
        h.append(rnn_step(x[:, t], h[-1], W_x, W_h, b))
    return np.stack(h, axis=1)
"""
        },
        {"rnn_forward": 2},
        "start from h0, not from zeros",
    ),
    Wrong(
        "forward-without-the-initial-state",
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    h_t, h = h0, []
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_x, W_h, b)
        h.append(h_t)
    return np.stack(h, axis=1)
"""
        },
        {"rnn_forward": 2},
        "h0 is missing: it comes first",
    ),
    Wrong(
        "forward-one-buffer-for-every-step",  # the list holds the same array again and again
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    h_t = h0.copy()
    h = [h_t]
    for t in range(x.shape[1]):
        h_t[...] = rnn_step(x[:, t], h_t, W_x, W_h, b)
        h.append(h_t)
    return np.stack(h, axis=1)
"""
        },
        {"rnn_forward": 2},
        "h has the right shape but wrong values",
    ),
    Wrong(
        "forward-reshapes-instead-of-stacking",
        {
            "rnn_forward": """
def rnn_forward(x, h0, W_x, W_h, b):
    h = [h0]
    for t in range(x.shape[1]):
        h.append(rnn_step(x[:, t], h[-1], W_x, W_h, b))
    return np.array(h).reshape(len(x), len(h), -1)
"""
        },
        {"rnn_forward": 2},
        "reshape mixes examples and time steps",
    ),
    Wrong("slope-forgotten", step(da="dh_t"), {"step_backward": 2}, "the slope of tanh is missing"),
    Wrong(
        "slope-of-an-activated-value",
        step(da="dh_t * (1 - np.tanh(h_t)**2)"),
        {"step_backward": 2},
        "h_t is a tanh already",
    ),
    Wrong(
        "slope-one-step-early",
        step(da="dh_t * (1 - h_prev**2)"),
        {"step_backward": 2},
        "the slope belongs to h_t, not to h_prev",
    ),
    Wrong(
        "recurrent-weights-not-transposed",
        step(dh_prev="da_t @ W_h"),
        {"step_backward": 1},
        "W_h must be transposed on the way back",
    ),
    Wrong(
        "recurrent-gradient-built-with-h-t",
        step(dW_h="h_t.T @ da_t"),
        {"step_backward": 1},
        "W_h multiplied h_prev, not h_t",
    ),
    Wrong(
        "bias-not-summed-over-the-batch",
        step(db="da_t"),
        {"step_backward": 1},
        "the bias serves all examples",
    ),
    Wrong(
        "bias-averaged",
        step(db="da_t.mean(axis=0)"),
        {"step_backward": 1},
        "add over the batch, do not average",
    ),
    Wrong(
        "bias-summed-over-the-units",
        step(db="da_t.sum(axis=1)"),
        {"step_backward": 1},
        "add over the batch (axis 0), not over the units",
    ),
    Wrong(
        "bias-from-the-first-example",
        step(db="da_t[0]"),
        {"step_backward": 1},
        "db has the right shape but wrong values",
    ),
    Wrong(
        "gradient-not-carried",
        backward(dh_t="dh[:, t] + (dh_T if t == T - 1 else 0)"),
        {"rnn_backward": 3},
        "carry dh_prev on",
    ),
    Wrong(
        "losses-of-earlier-steps-ignored",
        backward(dh_t="dh[:, t] * (t == T - 1) + dh_next"),
        {"rnn_backward": 3},
        "add dh[:, t] at every step",
    ),
    Wrong(
        "final-gradient-ignored",
        backward(start="0 * dh_T"),
        {"rnn_backward": 3},
        "dh_T is missing",
    ),
    Wrong(
        "final-gradient-added-at-every-step",
        backward(dh_t="dh[:, t] + dh_next + dh_T * (t < T - 1)"),
        {"rnn_backward": 3},
        "dx has the right shape but wrong values",
    ),
    Wrong(
        "weight-gradients-overwritten",
        backward(add="dW_x, dW_h, db = now[2:]"),
        {"rnn_backward": 2},
        "each step overwrites the last one",
    ),
    Wrong(
        "first-step-left-out",  # right for the recurrent weights where the initial state is zero
        backward(order="reversed(range(1, T))"),
        {"rnn_backward": 3},
        "wrong values",
    ),
    Wrong(
        "first-step-left-out-of-the-recurrent-weights",
        backward(add="dW_x, dW_h, db = dW_x + now[2], dW_h + now[3] * (t > 0), db + now[4]"),
        {"rnn_backward": 2},
        "dW_h has the right shape but wrong values",
    ),
    Wrong(
        "state-of-the-wrong-column",
        backward(h_t="h[:, t]"),
        {"rnn_backward": 3},
        "wrong values",
    ),
    Wrong(
        "backward-runs-forward",
        backward(order="range(T)"),
        {"rnn_backward": 3},
        "wrong values",
    ),
    Wrong(
        "upstream-gradient-changed-in-place",
        {
            "rnn_backward": """
def rnn_backward(dh, dh_T, x, h, W_x, W_h):
    dx, dh_next = np.zeros_like(x), dh_T
    dW_x, dW_h, db = 0 * W_x, 0 * W_h, 0 * W_h[0]
    for t in reversed(range(x.shape[1])):
        dh[:, t] += dh_next
        now = step_backward(dh[:, t], x[:, t], h[:, t], h[:, t + 1], W_x, W_h)
        dx[:, t], dh_next = now[0], now[1]
        dW_x, dW_h, db = dW_x + now[2], dW_h + now[3], db + now[4]
    return dx, dh_next, dW_x, dW_h, db
"""
        },
        {"rnn_backward": 3},
        "Your function changes an argument, which the caller still needs: dh",
    ),
    Wrong(
        "differences-on-one-side",
        check(quotient="(loss(above) - loss(array)) / step"),
        {"gradient_check": 2},
        "nudge in both directions",
    ),
    Wrong(
        "differences-divided-by-one-step",
        check(quotient="(loss(above) - loss(below)) / step"),
        {"gradient_check": 2},
        "divide by twice the step",
    ),
    Wrong(
        "fixed-step",
        {
            "gradient_check": """
def gradient_check(loss, array, gradient, step):
    numeric, step = np.zeros_like(array), 0.1
    for index in np.ndindex(array.shape):
        nudge = np.zeros_like(array)
        nudge[index] = step
        numeric[index] = (loss(array + nudge) - loss(array - nudge)) / (2 * step)
    scale = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / scale)
"""
        },
        {"gradient_check": 2},
        "numeric for an array",
    ),
    Wrong(
        "absolute-error",
        check(error="np.max(abs(gradient - numeric))"),
        {"gradient_check": 1},
        "this is the absolute error",
    ),
    Wrong(
        "error-entry-by-entry",
        check(error="np.max(abs(gradient - numeric) / (abs(gradient) + abs(numeric)))"),
        {"gradient_check": 1},
        "not entry by entry",
    ),
    Wrong(
        "nudge-not-taken-back",
        {
            "gradient_check": """
def gradient_check(loss, array, gradient, step):
    numeric, point = np.zeros_like(array), array.copy()
    for index in np.ndindex(array.shape):
        point[index] += step
        above = loss(point)
        point[index] -= 2 * step
        numeric[index] = (above - loss(point)) / (2 * step)
    scale = np.max(np.abs(gradient) + np.abs(numeric))
    return numeric, float(np.max(np.abs(gradient - numeric)) / scale)
"""
        },
        {"gradient_check": 2},  # in the visible test the entries do not meet in the loss
        "numeric for an array",
    ),
    Wrong(
        "loss-is-a-sum",
        train(loss="float(np.sum(wrong**2))"),
        {"training_step": 1},
        "this is the sum: the loss is the mean",
    ),
    Wrong(
        "gradient-of-the-sum",
        train(dy_hat="2 * wrong"),
        {"training_step": 1},
        "the loss is a mean, so its gradient is divided too",
    ),
    Wrong(
        "mean-over-the-examples-only",  # right where there is one target
        train(dy_hat="2 * wrong / len(x)"),
        {"training_step": 1},
        "W_x after the",
    ),
    Wrong(
        "gradient-without-the-two",
        train(dy_hat="wrong / wrong.size"),
        {"training_step": 1},
        "the gradient of a square has a factor 2",
    ),
    Wrong(
        "uphill",
        train(
            weights="W_x + learning_rate * dW_x, W_h + learning_rate * dW_h, "
            "b + learning_rate * db, W_y + learning_rate * dW_y"
        ),
        {"training_step": 1},
        "go against the gradient, not along it",
    ),
    Wrong(
        "the-head-does-not-learn",
        train(
            weights="W_x - learning_rate * dW_x, W_h - learning_rate * dW_h, "
            "b - learning_rate * db, W_y"
        ),
        {"training_step": 1},
        "W_y learns too",
    ),
    Wrong(
        "a-loss-at-every-step",
        train(upstream="np.repeat((dy_hat @ W_y.T)[:, None], x.shape[1], 1), 0 * h[:, 0]"),
        {"training_step": 1},
        "only the last step has a loss",
    ),
    Wrong(
        "weights-updated-in-place",
        {
            "training_step": """
def training_step(x, y, W_x, W_h, b, W_y, learning_rate):
    h = rnn_forward(x, np.zeros((len(x), len(W_h)), x.dtype), W_x, W_h, b)
    wrong = h[:, -1] @ W_y - y
    dy_hat = 2 * wrong / wrong.size
    _, _, dW_x, dW_h, db = rnn_backward(0 * h[:, 1:], dy_hat @ W_y.T, x, h, W_x, W_h)
    W_x -= learning_rate * dW_x
    W_h -= learning_rate * dW_h
    b -= learning_rate * db
    W_y -= learning_rate * (h[:, -1].T @ dy_hat)
    return float(np.mean(wrong**2)), W_x, W_h, b, W_y
"""
        },
        {"training_step": 2},
        "Your function changes an argument, which the caller still needs: W_x",
    ),
    Wrong(
        "loss-is-an-array",
        train(loss="np.mean(wrong**2, axis=0)"),
        {"training_step": 1},
        "must be a plain number (float)",
    ),
]

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
]
