"""Answers to the assignment bidirectional_stacked: wrong ones, each with the questions it breaks,
and right ones in other styles.  A question that an entry does not name gets the course's own
solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

REVERSE = """
def reverse_within(x, lengths):
    turned = x.copy()
    for n in range(len(x)):
        turned[n, : lengths[n]] = x[n, : lengths[n]][::-1]
    return turned
"""
FORWARD = """
def bidirectional_forward(x, lengths, ahead, back):
    a = run_lstm(x, ahead)
    b = reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)
    y = np.concatenate([a, b], axis=2)
    for n, length in enumerate(lengths):
        y[n, length:] = 0
    return y
"""
STATES = """
def final_states(y, lengths):
    H = y.shape[2] // 2
    rows = [np.concatenate([y[n, k - 1, :H], y[n, 0, H:]]) for n, k in enumerate(lengths)]
    return np.stack(rows)
"""
BACKWARD = """
def both_backward(dy, x, lengths, ahead, back):
    H = dy.shape[2] // 2
    dy = dy * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    dx_a, dW_a = run_backward(dy[:, :, :H], x, ahead)
    dh = reverse_within(dy[:, :, H:], lengths)
    dx_b, dW_b = run_backward(dh, reverse_within(x, lengths), back)
    dx = dx_a + reverse_within(dx_b, lengths)
    return dx, dW_a, dW_b
"""
STACK = """
def stacked_forward(x, layers, masks):
    z = run_lstm(x, layers[0])
    for k in range(1, len(layers)):
        below = masks[k - 1] * z if k == 1 else z
        h = run_lstm(below, layers[k])
        z = below + (masks[k] * h if k < len(masks) else h)
    return z
"""
COUNT = """
def parameter_count(D, H, L, directions):
    total, width = 0, D
    for _ in range(L):
        total += directions * 4 * (width * H + H * H + H)
        width = directions * H
    return total
"""

WRONG = [
    wrong(
        "reverse_within",
        "reverse-the-whole-row",
        2,
        "the whole row is turned",
        "def reverse_within(x, lengths):\n    return x[:, ::-1].copy()\n",
    ),
    wrong(
        "reverse_within",
        "reverse-clears-the-padding",
        2,
        "leave the padding as it is",
        REVERSE,
        ("x.copy()", "np.zeros_like(x)"),
    ),
    wrong(
        "reverse_within",
        "reverse-one-step-short",
        2,
        "wrong values",
        REVERSE,
        (
            "turned[n, : lengths[n]] = x[n, : lengths[n]]",
            "k = lengths[n] - 1\n        turned[n, :k] = x[n, :k]",
        ),
    ),
    wrong(
        "reverse_within",
        "reverse-in-place",
        2,
        "Your function changes an argument, which the caller still needs: x",
        REVERSE,
        ("x.copy()", "x"),
        ("[::-1]", "[::-1].copy()"),
    ),
    wrong(
        "reverse_within",
        "reverse-by-the-first-length",
        2,
        "wrong values",
        REVERSE,
        (
            "turned[n, : lengths[n]] = x[n, : lengths[n]]",
            "k = lengths[0]\n        turned[n, :k] = x[n, :k]",
        ),
    ),
    wrong(
        "reverse_within",
        "reverse-in-float64",
        2,
        "Wrong dtype",
        REVERSE,
        ("x.copy()", "x.astype(float)"),
    ),
    wrong(
        "bidirectional_forward",
        "forward-reads-the-padding",
        2,
        "the backward half has read the padding",
        FORWARD,
        (
            "reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)",
            "run_lstm(x[:, ::-1], back)[:, ::-1]",
        ),
    ),
    wrong(
        "bidirectional_forward",
        "forward-not-turned-back",
        2,
        "turn the backward outputs back into time order",
        FORWARD,
        (
            "reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)",
            "run_lstm(reverse_within(x, lengths), back)",
        ),
    ),
    wrong(
        "bidirectional_forward",
        "forward-padding-not-zero",
        2,
        "outputs of padded steps must be zero",
        FORWARD,
        ("y[n, length:] = 0", "pass"),
    ),
    wrong(
        "bidirectional_forward",
        "forward-halves-swapped",
        2,
        "the forward half comes first",
        FORWARD,
        ("[a, b]", "[b, a]"),
    ),
    wrong(
        "bidirectional_forward",
        "forward-both-read-forwards",
        2,
        "both halves read forwards",
        FORWARD,
        (
            "reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)",
            "run_lstm(x, back)",
        ),
    ),
    wrong(
        "bidirectional_forward",
        "forward-halves-added",
        2,
        "put the halves side by side",
        FORWARD,
        ("np.concatenate([a, b], axis=2)", "a + b"),
    ),
    wrong(
        "bidirectional_forward",
        "forward-one-set-of-weights",
        2,
        "y has the right shape but wrong values",
        FORWARD,
        ("lengths), back)", "lengths), ahead)"),
    ),
    wrong(
        "final_states",
        "states-last-column",
        1,
        "this is the last column",
        "def final_states(y, lengths):\n    return y[:, -1].copy()\n",
    ),
    wrong(
        "final_states",
        "states-both-at-the-last-real-step",
        1,
        "the backward direction ends at the first step",
        STATES,
        ("y[n, 0, H:]", "y[n, k - 1, H:]"),
    ),
    wrong(
        "final_states",
        "states-of-the-padding",
        1,
        "the last step is padding",
        STATES,
        ("y[n, k - 1, :H]", "y[n, -1, :H]"),
    ),
    wrong(
        "final_states",
        "states-swapped",
        1,
        "the forward state comes first",
        STATES,
        ("[y[n, k - 1, :H], y[n, 0, H:]]", "[y[n, 0, H:], y[n, k - 1, :H]]"),
    ),
    wrong(
        "final_states",
        "states-one-step-late",
        1,
        "IndexError",
        STATES,
        ("y[n, k - 1, :H]", "y[n, k, :H]"),
    ),
    wrong(
        "both_backward",
        "backward-one-direction-only",
        1,
        "both directions have read x",
        BACKWARD,
        ("dx_a + reverse_within(dx_b, lengths)", "dx_a"),
    ),
    wrong(
        "both_backward",
        "backward-gradient-not-turned-back",
        1,
        "back into time order",
        BACKWARD,
        ("reverse_within(dx_b, lengths)", "dx_b"),
    ),
    wrong(
        "both_backward",
        "backward-half-not-turned",
        2,
        "turn the backward half of dy round",
        BACKWARD,
        ("dh = reverse_within(dy[:, :, H:], lengths)", "dh = dy[:, :, H:]"),
    ),
    wrong(
        "both_backward",
        "backward-padding-not-cleared",
        2,
        "clear dy in the padded steps first",
        BACKWARD,
        ("    dy = dy * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]\n", ""),
    ),
    wrong(
        "both_backward",
        "backward-clears-dy-in-place",
        2,
        "Your function changes an argument, which the caller still needs: dy",
        BACKWARD,
        ("dy = dy *", "dy *="),
    ),
    wrong(
        "both_backward",
        "backward-weights-swapped",
        1,
        "this is the gradient of the other direction",
        BACKWARD,
        ("return dx, dW_a, dW_b", "return dx, dW_b, dW_a"),
    ),
    wrong(
        "both_backward",
        "backward-inputs-not-turned",
        2,
        "this direction has read x turned round",
        BACKWARD,
        ("run_backward(dh, reverse_within(x, lengths), back)", "run_backward(dh, x, back)"),
    ),
    wrong(
        "stacked_forward",
        "stack-without-residual-connections",
        2,
        "the residual connections are missing",
        STACK,
        ("z = below + (", "z = ("),
    ),
    wrong(
        "stacked_forward",
        "stack-without-masks",
        2,
        "the masks are missing",
        STACK,
        ("masks[k - 1] * z if k == 1 else z", "z"),
        ("masks[k] * h if k < len(masks) else h", "h"),
    ),
    wrong(
        "stacked_forward",
        "stack-drops-the-residual-connection",
        2,
        "a mask must not drop the residual connection",
        STACK,
        ("masks[k - 1] * z if k == 1 else z", "masks[k - 1] * z"),
        ("(masks[k] * h if k < len(masks) else h)", "h"),
    ),
    wrong(
        "stacked_forward",
        "stack-uses-the-first-mask-everywhere",
        2,
        "the output has the right shape but wrong values",
        STACK,
        ("masks[k] * h", "masks[0] * h"),
    ),
    wrong(
        "stacked_forward",
        "stack-residual-only-once",
        2,
        "every layer above the first has a residual connection",
        STACK,
        ("z = below + (", "z = (below if k == 1 else 0) + ("),
    ),
    wrong(
        "parameter_count",
        "count-upper-layers-read-H",
        1,
        "an upper layer reads both halves",
        COUNT,
        ("width = directions * H", "width = H"),
    ),
    wrong(
        "parameter_count",
        "count-every-layer-reads-D",
        1,
        "only the lowest layer reads D features",
        COUNT,
        ("width = directions * H", "width = D"),
    ),
    wrong(
        "parameter_count",
        "count-one-direction",
        1,
        "each direction has weights of its own",
        "def parameter_count(D, H, L, directions):\n"
        "    return 4 * (D * H + H * H + H) + (L - 1) * 4 * (2 * H * H + H)\n",
    ),
    wrong(
        "parameter_count",
        "count-two-biases",
        1,
        "is not right",
        COUNT,
        ("H * H + H)", "H * H + 2 * H)"),
    ),
    wrong(
        "parameter_count",
        "count-a-float",
        1,
        "must be a whole number (int)",
        COUNT,
        ("return total", "return total / 1"),
    ),
]

RIGHT = [
    Right(
        "loops",
        {
            "reverse_within": REVERSE,
            "bidirectional_forward": FORWARD,
            "final_states": STATES,
            "both_backward": BACKWARD,
            "stacked_forward": STACK,
            "parameter_count": COUNT,
        },
    ),
    Right(
        "gather",
        {
            "reverse_within": """
def reverse_within(x, lengths):
    t = np.arange(x.shape[1])[None, :]
    source = np.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return x[np.arange(len(x))[:, None], source]
""",
            "final_states": """
def final_states(y, lengths):
    H = y.shape[2] // 2
    last = np.take_along_axis(y, (lengths - 1)[:, None, None], axis=1)[:, 0]
    return np.hstack([last[:, :H], y[:, 0, H:]])
""",
        },
    ),
    Right(
        "row-by-row",
        {
            "bidirectional_forward": """
def bidirectional_forward(x, lengths, ahead, back):
    H = len(ahead[1])
    y = np.zeros((*x.shape[:2], 2 * H))
    for n, k in enumerate(lengths):
        one = x[n : n + 1, :k]
        y[n : n + 1, :k, :H] = run_lstm(one, ahead)
        y[n : n + 1, :k, H:] = run_lstm(one[:, ::-1], back)[:, ::-1]
    return y
""",
            "both_backward": """
def both_backward(dy, x, lengths, ahead, back):
    H = dy.shape[2] // 2
    dx, sums = np.zeros_like(x), [0.0, 0.0]
    for n, k in enumerate(lengths):
        one, d = x[n : n + 1, :k], dy[n : n + 1, :k]
        a = run_backward(d[..., :H], one, ahead)
        b = run_backward(d[:, ::-1, H:], one[:, ::-1], back)
        dx[n, :k] = a[0][0] + b[0][0][::-1]
        sums = [sums[0] + a[1], sums[1] + b[1]]
    return dx, *sums
""",
        },
    ),
    Right(
        "masks-multiplied",
        {
            "bidirectional_forward": """
def bidirectional_forward(x, lengths, ahead, back):
    on = (np.arange(x.shape[1]) < lengths[:, None]).astype(x.dtype)[:, :, None]
    turned = run_lstm(reverse_within(x * on, lengths), back)
    return np.dstack([run_lstm(x * on, ahead), reverse_within(turned, lengths)]) * on
""",
            "stacked_forward": """
def stacked_forward(x, layers, masks):
    z = None
    for weights, mask in zip(layers, [*masks, 1.0]):
        h = mask * run_lstm(x if z is None else z, weights)
        z = h if z is None else z + h
    return z
""",
        },
    ),
    Right(
        "recursion",
        {
            "stacked_forward": """
def stacked_forward(x, layers, masks):
    if len(layers) == 1:
        return run_lstm(x, layers[0])
    below = stacked_below(x, layers[:-1], masks)
    return run_lstm(below, layers[-1]) + below
""",
            "parameter_count": """
def parameter_count(D, H, L, directions):
    if L == 1:
        return directions * 4 * H * (D + H + 1)
    above = 4 * H * (directions * H + H + 1)
    return parameter_count(D, H, L - 1, directions) + directions * above
""",
        },
        extra="""
def stacked_below(x, layers, masks):
    h = masks[len(layers) - 1] * run_lstm(
        x if len(layers) == 1 else stacked_below(x, layers[:-1], masks), layers[-1]
    )
    return h if len(layers) == 1 else h + stacked_below(x, layers[:-1], masks)
""",
    ),
    Right(
        "lists-and-names-of-my-own",
        {
            "final_states": """
def final_states(y, lengths):
    ahead, behind = np.split(y, 2, axis=-1)
    picked = [ahead[row, int(k) - 1] for row, k in enumerate(lengths)]
    return np.concatenate([np.array(picked), behind[:, 0]], axis=-1)
""",
            "reverse_within": """
def reverse_within(x, lengths):
    rows = [np.concatenate([row[:k][::-1], row[k:]]) for row, k in zip(x, lengths)]
    return np.stack(rows)
""",
            "parameter_count": """
def parameter_count(D, H, L, directions):
    widths = [D] + [directions * H] * (L - 1)
    return int(sum(directions * 4 * H * (K + H + 1) for K in widths))
""",
        },
        extra='N, T, D, H = "names", "of", "my", "own"',
    ),
]
