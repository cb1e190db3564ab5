"""What is known of the assignment bidirectional_stacked: the mistakes of each question, as small
changes of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

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
STATES_BACK = """
def final_states_backward(d_final, lengths, T):
    H = d_final.shape[1] // 2
    dy = np.zeros((len(d_final), T, 2 * H))
    for n, length in enumerate(lengths):
        dy[n, length - 1, :H] = d_final[n, :H]
        dy[n, 0, H:] = d_final[n, H:]
    return dy
"""

TURN = "turned[n, :length] = x[n, :length][::-1]"
BACK = "reverse_within(run_lstm(reverse_within(x, lengths), back), lengths)"
REAL = "real = np.arange(x.shape[1]) < lengths[:, None]"
CLEAR = "    dy = np.where(real, dy, np.zeros_like(dy))\n"

MISTAKES = {
    "reverse_within": [
        slip(
            "the whole row is turned, so the padding comes first: turn within each length",
            2,
            "def reverse_within(x, lengths):\n    return x[:, ::-1].copy()\n",
            ways=[
                "def reverse_within(x, lengths):\n    return x[:, ::-1]\n",
                "def reverse_within(x, lengths):\n    return np.flip(x, axis=1)\n",
                [(TURN, "turned[n] = x[n][::-1]")],
            ],
        ),
        slip(
            "leave the padding as it is, with what stands in it",
            2,
            ("x.copy()", "np.zeros_like(x)"),
            ways=[[("    return turned\n", "        turned[n, length:] = 0\n    return turned\n")]],
        ),
        slip(
            "the padding keeps its order: only the real steps are turned",
            2,
            (TURN, "turned[n] = np.roll(x[n, ::-1], length, axis=0)"),
            ways=[
                [(TURN, TURN + "\n        turned[n, length:] = x[n, length:][::-1]")],
                [(TURN, "turned[n] = np.concatenate([x[n, :length][::-1], x[n, length:][::-1]])")],
                [(TURN, "turned[n, length:] = x[n, length:][::-1]")],
            ],
        ),
        slip(
            "this turns the batch round, not time",
            2,
            "def reverse_within(x, lengths):\n    return x[::-1].copy()\n",
            ways=[
                "def reverse_within(x, lengths):\n    return np.flip(x, axis=0)\n",
                [(TURN, "turned[n, :length] = x[-1 - n, :length]")],
            ],
        ),
        slip(
            "the features keep their places: turn the steps alone",
            2,
            (TURN, "turned[n, :length] = x[n, :length][:, ::-1]"),
            ways=[
                "def reverse_within(x, lengths):\n    return x[:, :, ::-1].copy()\n",
                [(TURN, "turned[n, :length] = x[n, :length, ::-1]")],
                [(TURN, "turned[n, :length] = x[n, :length][::-1, ::-1]")],
                [(TURN, "turned[n, :length] = np.flip(x[n, :length])")],
            ],
        ),
        slip(
            "your function changes its argument x",
            2,
            ("x.copy()", "x"),
            ways=[
                [
                    ("    turned = x.copy()\n", ""),
                    (TURN, TURN.replace("turned[", "x[") + ""),
                    ("return turned", "return x"),
                ],
                [("x.copy()", "x[:]")],
                [("x.copy()", "np.asarray(x)")],
            ],
        ),
        slip(
            "the last real step takes part too: it stands at lengths[n] - 1",
            2,
            (TURN, "turned[n, : length - 1] = x[n, : length - 1][::-1]"),
        ),
        slip(
            "the first step takes part too",
            2,
            (TURN, "turned[n, 1:length] = x[n, 1:length][::-1]"),
        ),
        slip(
            "one step of the padding is turned too: a sequence ends before step lengths[n]",
            2,
            (TURN, "turned[n, : length + 1] = x[n, : length + 1][::-1]"),
        ),
        slip(
            "one length is used for all sequences: each has its own",
            2,
            (TURN, TURN.replace(":length", ": lengths[0]")),
            ways=[
                [(TURN, TURN.replace(":length", ": lengths[-1]"))],
                [(TURN, TURN.replace(":length", ": lengths.max()"))],
                [(TURN, TURN.replace(":length", ": lengths.min()"))],
                [(TURN, TURN.replace(":length", ": int(lengths.mean())"))],
                [(TURN, "turned[:, :length] = x[:, :length][:, ::-1]")],
            ],
        ),
        slip(
            "the turned batch must have the dtype of x",
            2,
            ("x.copy()", "x.astype(float)"),
            ways=[
                [("x.copy()", "np.array(x, dtype=np.float64)")],
                [("x.copy()", "np.zeros(x.shape)"), (TURN, f"turned[n] = x[n]\n        {TURN}")],
            ],
        ),
        slip(
            "nothing is turned",
            2,
            "def reverse_within(x, lengths):\n    return x.copy()\n",
            ways=[
                [(TURN, "turned[n, :length] = x[n, :length]")],
                [(TURN, "turned[n, :length][::-1]")],
                [(TURN, "turned = x.copy()")],
                [
                    (
                        TURN,
                        "for t in range(length):\n"
                        "            turned[n, [t, length - 1 - t]] = turned[n, [length - 1 - t, t]]",
                    )
                ],
            ],
        ),
        slip(
            "a slice backwards begins at lengths[n] - 1, the last real step",
            2,
            (TURN, "turned[n, :length] = x[n, length::-1]"),
            ways=[[(TURN, "turned[n, :length] = x[n, length:0:-1]")]],
        ),
        slip(
            "a slice backwards that ends at 0 leaves out step 0, and one that ends at -1 is empty",
            2,
            (TURN, "turned[n, :length] = x[n, length - 1 : 0 : -1]"),
            ways=[[(TURN, "turned[n, :length] = x[n, length - 1 : -1 : -1]")]],
        ),
        slip(
            "step t changes places with step lengths[n] - 1 - t",
            2,
            (
                TURN,
                "for t in range(length):\n            turned[n, t] = x[n, length - t]",
            ),
            ways=[
                [
                    (
                        TURN,
                        "for t in range(length):\n            turned[n, length - t] = x[n, t]",
                    )
                ],
            ],
        ),
        slip(
            "a step is read after it was overwritten: read from x, write into the new array",
            2,
            (
                TURN,
                "for t in range(length):\n            turned[n, t] = turned[n, length - 1 - t]",
            ),
        ),
        slip(
            "only the first sequence is turned: does return stand inside the loop?",
            2,
            ("    return turned\n", "        return turned\n"),
        ),
        slip(
            "the turned batch is one array (N, T, D), not a list",
            2,
            ("    return turned\n", "    return list(turned)\n"),
            ways=[
                """
def reverse_within(x, lengths):
    return [row[:length][::-1] for row, length in zip(x, lengths)]
""",
                """
def reverse_within(x, lengths):
    return [np.concatenate([row[:k][::-1], row[k:]]) for row, k in zip(x, lengths)]
""",
            ],
        ),
        slip(
            "x[n, length::-1] begins with the first step of the padding: start with length - 1",
            2,
            ("x[n, :length][::-1]", "x[n, length::-1][:length]"),
        ),
        slip(
            "the real steps stand first, and the padding behind them",
            2,
            ("turned[n, :length]", "turned[n, -length:]"),
            ways=[
                [
                    ("    turned = x.copy()\n", "    turned = np.zeros_like(x)\n"),
                    (
                        "turned[n, :length] = x[n, :length][::-1]",
                        "turned[n] = np.concatenate([x[n, length:], x[n, :length][::-1]])",
                    ),
                ]
            ],
        ),
        slip(
            "cut first, then turn: the turned row begins with its padding",
            2,
            ("x[n, :length][::-1]", "x[n, ::-1][:length]"),
        ),
    ],
    "bidirectional_forward": [
        slip(
            "run_lstm takes the sequences first, then the weights",
            2,
            ("run_lstm(x, ahead)", "run_lstm(ahead, x)"),
            ways=[
                [
                    (
                        "run_lstm(reverse_within(x, lengths), back)",
                        "run_lstm(back, reverse_within(x, lengths))",
                    )
                ],
                [
                    ("run_lstm(x, ahead)", "run_lstm(ahead, x)"),
                    (
                        "run_lstm(reverse_within(x, lengths), back)",
                        "run_lstm(back, reverse_within(x, lengths))",
                    ),
                ],
            ],
        ),
        slip(
            "reverse_within takes the sequences first, then the lengths",
            2,
            ("reverse_within(x, lengths)", "reverse_within(lengths, x)"),
        ),
        slip(
            "the backward half has read the padding: turn within each length",
            2,
            (BACK, "run_lstm(x[:, ::-1], back)[:, ::-1]"),
            ways=[
                [(BACK, "reverse_within(run_lstm(x[:, ::-1], back), lengths)")],
                [(BACK, "run_lstm(x[:, ::-1], back)")],
                [(BACK, "np.flip(run_lstm(np.flip(x, 1), back), 1)")],
                """
def bidirectional_forward(x, lengths, ahead, back):
    y = np.concatenate([run_lstm(x, ahead), run_lstm(x[:, ::-1], back)[:, ::-1]], axis=2)
    return y
""",
                """
def bidirectional_forward(x, lengths, ahead, back):
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    turned = (x * real)[:, ::-1]
    return np.concatenate([run_lstm(x, ahead), run_lstm(turned, back)[:, ::-1]], axis=2) * real
""",
            ],
        ),
        slip(
            "turn the backward outputs back into time order",
            2,
            (BACK, "run_lstm(reverse_within(x, lengths), back)"),
            ways=[
                """
def bidirectional_forward(x, lengths, ahead, back):
    return np.concatenate(
        [run_lstm(x, ahead), run_lstm(reverse_within(x, lengths), back)], axis=2
    )
"""
            ],
        ),
        slip(
            "turn the backward outputs back within each length too, not the whole row",
            2,
            (BACK, "run_lstm(reverse_within(x, lengths), back)[:, ::-1]"),
        ),
        slip(
            "outputs of padded steps must be zero",
            2,
            ("np.where(real[:, :, None], y, np.zeros_like(y))", "y"),
            ways=[
                [(REAL, "real = x.any(axis=2)")],
                """
def bidirectional_forward(x, lengths, ahead, back):
    x = x * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    turned = run_lstm(reverse_within(x, lengths), back)
    return np.concatenate([run_lstm(x, ahead), reverse_within(turned, lengths)], axis=2)
""",
                [("y, np.zeros_like(y)", "y, y")],
            ],
        ),
        slip(
            "padded steps are zero in both halves",
            2,
            (
                "    return np.where(real[:, :, None], y, np.zeros_like(y))",
                "    h_ahead = h_ahead * real[:, :, None]\n"
                "    return np.concatenate([h_ahead, h_back], axis=2)",
            ),
            ways=[
                [
                    (
                        "    return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "    h_back = h_back * real[:, :, None]\n"
                        "    return np.concatenate([h_ahead, h_back], axis=2)",
                    )
                ]
            ],
        ),
        slip("the forward half comes first", 2, ("[h_ahead, h_back]", "[h_back, h_ahead]")),
        slip(
            "the second layer must read the sequences turned round",
            2,
            (BACK, "run_lstm(x, back)"),
            ways=[
                [(BACK, "reverse_within(run_lstm(x, back), lengths)")],
                [(BACK, "run_lstm(x, back)[:, ::-1]")],
            ],
        ),
        slip(
            "the first layer reads the sequences as they are",
            2,
            ("run_lstm(x, ahead)", "run_lstm(reverse_within(x, lengths), ahead)"),
            ways=[
                [
                    (
                        "run_lstm(x, ahead)",
                        "reverse_within(run_lstm(reverse_within(x, lengths), ahead), lengths)",
                    )
                ],
            ],
        ),
        slip(
            "the second layer reads x turned round, not the outputs of the first",
            2,
            ("reverse_within(x, lengths), back", "reverse_within(h_ahead, lengths), back"),
        ),
        slip(
            "put the halves side by side, do not merge them into one",
            2,
            ("np.concatenate([h_ahead, h_back], axis=2)", "h_ahead + h_back"),
            ways=[
                [("np.concatenate([h_ahead, h_back], axis=2)", "0.5 * (h_ahead + h_back)")],
                [("np.concatenate([h_ahead, h_back], axis=2)", "h_ahead * h_back")],
            ],
        ),
        slip(
            "put the halves side by side along the last axis, in one array (N, T, 2H)",
            2,
            ("axis=2", "axis=1"),
            ways=[
                [("axis=2", "axis=0")],
                [(", axis=2", "")],
                [("np.concatenate([h_ahead, h_back], axis=2)", "np.stack([h_ahead, h_back])")],
                [
                    (
                        "np.concatenate([h_ahead, h_back], axis=2)",
                        "np.stack([h_ahead, h_back], axis=2)",
                    )
                ],
                [
                    (
                        "np.concatenate([h_ahead, h_back], axis=2)",
                        "np.stack([h_ahead, h_back], axis=-1)",
                    )
                ],
                [
                    (
                        "    return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "    return h_ahead, h_back",
                    )
                ],
                [
                    (
                        "    return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "    return h_ahead * real[:, :, None], h_back * real[:, :, None]",
                    )
                ],
                [("np.concatenate([h_ahead, h_back], axis=2)", "np.hstack([h_ahead, h_back])")],
                [
                    (
                        "np.concatenate([h_ahead, h_back], axis=2)",
                        "np.concatenate([h_ahead, h_back], axis=1)",
                    ),
                    (
                        "return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "return y * real[:, :, None]",
                    ),
                ],
                [
                    (
                        "np.concatenate([h_ahead, h_back], axis=2)",
                        "np.stack([h_ahead, h_back], axis=2)",
                    ),
                    (
                        "return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "return y * real[:, :, None]",
                    ),
                ],
                [
                    (
                        "np.concatenate([h_ahead, h_back], axis=2)",
                        "np.stack([h_ahead, h_back], axis=3)",
                    ),
                    (
                        "return np.where(real[:, :, None], y, np.zeros_like(y))",
                        "return y * real[:, :, None]",
                    ),
                ],
            ],
        ),
        slip(
            "the backward direction has weights of its own",
            2,
            ("lengths), back)", "lengths), ahead)"),
        ),
        slip(
            "the forward direction has weights of its own",
            2,
            ("run_lstm(x, ahead)", "run_lstm(x, back)"),
        ),
        slip(
            "the weights of the two directions are exchanged",
            2,
            ("run_lstm(x, ahead)", "run_lstm(x, back)"),
            ("lengths), back)", "lengths), ahead)"),
        ),
        slip(
            "the mask has one step too many: a sequence ends before step lengths[n]",
            2,
            ("< lengths", "<= lengths"),
        ),
        slip(
            "the last real step is masked as well: step lengths[n] - 1 is real",
            2,
            ("< lengths[:, None]", "< lengths[:, None] - 1"),
            ways=[[("np.arange(x.shape[1]) <", "np.arange(1, x.shape[1] + 1) <")]],
        ),
        slip(
            "the mask is the wrong way round: real steps are zero, and padded ones are not",
            2,
            ("< lengths", ">= lengths"),
            ways=[
                [("< lengths", "> lengths")],
                [("y, np.zeros_like(y)", "np.zeros_like(y), y")],
            ],
        ),
        slip(
            "one mask is used for all sequences: each has its own length",
            2,
            ("< lengths[:, None]", "< np.full((len(x), 1), lengths[0])"),
            ways=[
                [("< lengths[:, None]", "< np.full((len(x), 1), lengths.max())")],
                [("< lengths[:, None]", "< np.full((len(x), 1), lengths.min())")],
            ],
        ),
        slip(
            "steps and lengths need axes of their own: compare with lengths[:, None]",
            2,
            ("< lengths[:, None]", "< lengths"),
            ways=[
                [("< lengths[:, None]", "< lengths[None, :]")],
                [("< lengths[:, None]", "< lengths[None]")],
            ],
        ),
        slip(
            "the mask needs a third axis, (N, T, 1), to meet the features",
            2,
            ("real[:, :, None]", "real"),
            ways=[
                [("np.where(real[:, :, None], y, np.zeros_like(y))", "y * real")],
                [("real[:, :, None]", "real[None]")],
                [("real[:, :, None]", "real[:, None]")],
            ],
        ),
        slip(
            "run_lstm returns the states alone: there is nothing to take apart",
            2,
            ("run_lstm(x, ahead)", "run_lstm(x, ahead)[0]"),
            ways=[
                [("h_ahead = ", "h_ahead, _ = ")],
                [("h_ahead = ", "h_ahead, _, _ = ")],
                [
                    ("run_lstm(x, ahead)", "run_lstm(x, ahead)[0]"),
                    ("back), lengths)", "back)[0], lengths)"),
                ],
            ],
        ),
        slip(
            "hand run_lstm the three weights as one tuple",
            2,
            ("run_lstm(x, ahead)", "run_lstm(x, *ahead)"),
            ways=[
                [
                    ("run_lstm(x, ahead)", "run_lstm(x, *ahead)"),
                    ("lengths), back)", "lengths), *back)"),
                ],
            ],
        ),
        slip(
            "reverse_within needs the lengths too",
            2,
            ("reverse_within(x, lengths)", "reverse_within(x)"),
            ways=[[(BACK, "reverse_within(run_lstm(reverse_within(x), back))")]],
        ),
        slip(
            "your function changes its argument x",
            2,
            (
                "    h_ahead = run_lstm",
                "    x[~(np.arange(x.shape[1]) < lengths[:, None])] = 0\n    h_ahead = run_lstm",
            ),
        ),
        slip(
            "the forward half stands first: do not mix the units of both",
            2,
            (
                "np.concatenate([h_ahead, h_back], axis=2)",
                "np.stack([h_ahead, h_back], axis=3).reshape(*x.shape[:2], -1)",
            ),
        ),
        slip(
            "the outputs of the forward direction stand in time order: turn only those of the backward direction",
            2,
            ("np.concatenate([h_ahead", "np.concatenate([reverse_within(h_ahead, lengths)"),
        ),
    ],
    "final_states": [
        slip(
            "the last column is taken, which is padding in a short sequence, and the backward "
            "direction ends at the first step",
            1,
            "def final_states(y, lengths):\n    return y[:, -1].copy()\n",
            ways=["def final_states(y, lengths):\n    return y[:, y.shape[1] - 1]\n"],
        ),
        slip(
            "the forward direction ends at the last real step, not in the last column",
            1,
            ("y[np.arange(len(y)), lengths - 1, :H]", "y[:, -1, :H]"),
        ),
        slip(
            "the backward half is taken from the last real step, and that direction ends at the "
            "first one",
            1,
            ("y[:, 0, H:]", "y[np.arange(len(y)), lengths - 1, H:]"),
            ways=[
                "def final_states(y, lengths):\n    return y[np.arange(len(y)), lengths - 1]\n",
            ],
        ),
        slip(
            "the backward half is taken from the last column, and that direction ends at the "
            "first step",
            1,
            ("y[:, 0, H:]", "y[:, -1, H:]"),
        ),
        slip(
            "the forward state comes first",
            1,
            ("[h_ahead, y[:, 0, H:]]", "[y[:, 0, H:], h_ahead]"),
        ),
        slip(
            "these are the first readings: each direction ends where the other one begins",
            1,
            (
                "    h_ahead = y[np.arange(len(y)), lengths - 1, :H]",
                "    h_back = y[np.arange(len(y)), lengths - 1, H:]",
            ),
            ("[h_ahead, y[:, 0, H:]]", "[y[:, 0, :H], h_back]"),
        ),
        slip(
            "the first half of y belongs to the forward direction, the second to the backward one",
            1,
            ("lengths - 1, :H]", "lengths - 1, H:]"),
            ("y[:, 0, H:]", "y[:, 0, :H]"),
        ),
        slip(
            "the forward half is taken from the first step, and that direction ends at the last "
            "real one",
            1,
            "def final_states(y, lengths):\n    return y[:, 0].copy()\n",
            ways=[[("y[np.arange(len(y)), lengths - 1, :H]", "y[:, 0, :H]")]],
        ),
        slip(
            "steps are counted from 0: the last real step stands at lengths[n] - 1",
            1,
            ("lengths - 1", "lengths"),
            ways=[
                """
def final_states(y, lengths):
    H = y.shape[2] // 2
    return np.stack([np.concatenate([y[n, k, :H], y[n, 0, H:]]) for n, k in enumerate(lengths)])
""",
                [("lengths - 1", "lengths - 2")],
            ],
        ),
        slip(
            "each row needs its own step: pair lengths - 1 with np.arange(N)",
            1,
            ("np.arange(len(y)), lengths - 1, :H", ":, lengths - 1, :H"),
            ways=[
                """
def final_states(y, lengths):
    H = y.shape[2] // 2
    return np.concatenate([y[:, lengths - 1][..., :H], y[:, 0, H:]], axis=1)
""",
                """
def final_states(y, lengths):
    H = y.shape[2] // 2
    return np.concatenate([y[:, lengths - 1, :H], y[:, 0, H:]], axis=-1)
""",
            ],
        ),
        slip(
            "one length is used for all sequences: each has its own",
            1,
            ("y[np.arange(len(y)), lengths - 1, :H]", "y[:, lengths[0] - 1, :H]"),
            ways=[
                [("y[np.arange(len(y)), lengths - 1, :H]", "y[:, lengths.max() - 1, :H]")],
                [("y[np.arange(len(y)), lengths - 1, :H]", "y[:, lengths[-1] - 1, :H]")],
                [("y[np.arange(len(y)), lengths - 1, :H]", "y[:, lengths.min() - 1, :H]")],
            ],
        ),
        slip(
            "put the two halves side by side: (N, 2H)",
            1,
            ("axis=1", "axis=0"),
            ways=[
                [(", axis=1", "")],
                [("np.concatenate([h_ahead, y[:, 0, H:]], axis=1)", "h_ahead, y[:, 0, H:]")],
                [
                    (
                        "np.concatenate([h_ahead, y[:, 0, H:]], axis=1)",
                        "np.stack([h_ahead, y[:, 0, H:]])",
                    )
                ],
                [
                    (
                        "np.concatenate([h_ahead, y[:, 0, H:]], axis=1)",
                        "np.stack([h_ahead, y[:, 0, H:]], axis=1)",
                    )
                ],
                [("np.concatenate([h_ahead, y[:, 0, H:]], axis=1)", "h_ahead + y[:, 0, H:]")],
                [("np.concatenate([h_ahead, y[:, 0, H:]], axis=1)", "(h_ahead + y[:, 0, H:]) / 2")],
            ],
        ),
        slip(
            "both directions have a final state: the backward half is missing",
            1,
            ("np.concatenate([h_ahead, y[:, 0, H:]], axis=1)", "h_ahead"),
        ),
        slip(
            "the final states are asked for, not what all steps say together",
            1,
            "def final_states(y, lengths):\n    return y.mean(axis=1)\n",
            ways=[
                "def final_states(y, lengths):\n    return y.sum(axis=1) / lengths[:, None]\n",
                "def final_states(y, lengths):\n    return y.max(axis=1)\n",
                "def final_states(y, lengths):\n    return y.sum(axis=1)\n",
            ],
        ),
        slip(
            "H must be a whole number to serve as an index: divide by //",
            1,
            ("y.shape[2] // 2", "y.shape[2] / 2"),
        ),
        slip(
            "only the first sequence is looked at: collect one vector for each",
            1,
            """
def final_states(y, lengths):
    H = y.shape[2] // 2
    for n, length in enumerate(lengths):
        final = np.concatenate([y[n, length - 1, :H], y[n, 0, H:]])
        return final[None]
""",
            ways=[
                """
def final_states(y, lengths):
    H = y.shape[2] // 2
    for n, length in enumerate(lengths):
        return np.concatenate([y[n, length - 1, :H], y[n, 0, H:]])
"""
            ],
        ),
        slip(
            "one vector is kept, that of the last sequence: collect one for each",
            1,
            """
def final_states(y, lengths):
    H = y.shape[2] // 2
    for n, length in enumerate(lengths):
        final = np.concatenate([y[n, length - 1, :H], y[n, 0, H:]])
    return final
""",
            ways=[
                """
def final_states(y, lengths):
    H = y.shape[2] // 2
    for n, length in enumerate(lengths):
        final = np.concatenate([y[n, length - 1, :H], y[n, 0, H:]])
    return final[None]
"""
            ],
        ),
        slip(
            "final must be a NumPy array",
            1,
            """
def final_states(y, lengths):
    H = y.shape[2] // 2
    return [np.concatenate([y[n, k - 1, :H], y[n, 0, H:]]) for n, k in enumerate(lengths)]
""",
        ),
        slip(
            "a final state is that of one step, no mean over the steps",
            1,
            ("y[np.arange(len(y)), lengths - 1, :H]", "y[:, :, :H].sum(axis=1) / lengths[:, None]"),
        ),
        slip(
            "steps are counted from 0: the backward direction ends at y[:, 0]",
            1,
            ("y[:, 0, H:]", "y[:, 1, H:]"),
        ),
        slip(
            "H is half of the last axis, not of that of time",
            1,
            ("y.shape[2] // 2", "y.shape[1] // 2"),
        ),
        slip(
            "the axis of time goes away: y[:, 0], not y[:, :1]", 1, ("y[:, 0, H:]", "y[:, :1, H:]")
        ),
    ],
    "final_states_backward": [
        slip(
            "the backward half belongs to the first step, from which it was taken",
            1,
            ("dy[:, 0, H:] =", "dy[np.arange(N), lengths - 1, H:] ="),
            ways=[
                [("dy[:, 0, H:] =", "dy[:, -1, H:] =")],
                """
def final_states_backward(d_final, lengths, T):
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, 2 * H), d_final.dtype)
    dy[np.arange(N), lengths - 1] = d_final
    return dy
""",
            ],
        ),
        slip(
            "the forward half belongs to the last real step, not to the last column",
            1,
            ("dy[np.arange(N), lengths - 1, :H]", "dy[:, -1, :H]"),
        ),
        slip(
            "the last column was never read: one half belongs to the last real step, the other "
            "to the first",
            1,
            """
def final_states_backward(d_final, lengths, T):
    dy = np.zeros((len(d_final), T, d_final.shape[1]), d_final.dtype)
    dy[:, -1] = d_final
    return dy
""",
        ),
        slip(
            "the forward half belongs to the last real step, not to the first",
            1,
            """
def final_states_backward(d_final, lengths, T):
    dy = np.zeros((len(d_final), T, d_final.shape[1]), d_final.dtype)
    dy[:, 0] = d_final
    return dy
""",
            ways=[[("dy[np.arange(N), lengths - 1, :H]", "dy[:, 0, :H]")]],
        ),
        slip(
            "the two steps are exchanged: the forward half belongs to the last real one",
            1,
            ("dy[np.arange(N), lengths - 1, :H]", "dy[:, 0, :H]"),
            ("dy[:, 0, H:]", "dy[np.arange(N), lengths - 1, H:]"),
        ),
        slip(
            "the halves are exchanged: the forward half stands first, in d_final and in dy",
            1,
            ("= d_final[:, :H]", "= d_final[:, H:]"),
            ("dy[:, 0, H:] = d_final[:, H:]", "dy[:, 0, H:] = d_final[:, :H]"),
            ways=[
                [
                    ("dy[np.arange(N), lengths - 1, :H]", "dy[np.arange(N), lengths - 1, H:]"),
                    ("dy[:, 0, H:]", "dy[:, 0, :H]"),
                ],
            ],
        ),
        slip(
            "each of the two steps gets its own half alone, and zeros in the other one",
            1,
            """
def final_states_backward(d_final, lengths, T):
    dy = np.zeros((len(d_final), T, d_final.shape[1]), d_final.dtype)
    dy[:, 0] = d_final
    dy[np.arange(len(dy)), lengths - 1] = d_final
    return dy
""",
            ways=[
                """
def final_states_backward(d_final, lengths, T):
    dy = np.zeros((len(d_final), T, d_final.shape[1]), d_final.dtype)
    dy[:, 0] += d_final
    dy[np.arange(len(dy)), lengths - 1] += d_final
    return dy
""",
                [("dy[:, 0, H:] = d_final[:, H:]", "dy[:, 0] = d_final")],
                [
                    (
                        "dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]",
                        "dy[np.arange(N), lengths - 1] = d_final",
                    )
                ],
            ],
        ),
        slip(
            "where a sequence has one step, one half overwrites the other",
            1,
            (
                "    dy[:, 0, H:] = d_final[:, H:]\n",
                "    dy[:, 0] = np.concatenate([0 * d_final[:, :H], d_final[:, H:]], axis=1)\n",
            ),
            ways=[
                """
def final_states_backward(d_final, lengths, T):
    N, H = len(d_final), d_final.shape[1] // 2
    dy, none = np.zeros((N, T, 2 * H), d_final.dtype), 0 * d_final[:, :H]
    dy[:, 0] = np.concatenate([none, d_final[:, H:]], axis=1)
    dy[np.arange(N), lengths - 1] = np.concatenate([d_final[:, :H], none], axis=1)
    return dy
"""
            ],
        ),
        slip(
            "steps are counted from 0: the last real step stands at lengths[n] - 1",
            1,
            ("lengths - 1, :H]", "lengths, :H]"),
            ways=[
                [("lengths - 1, :H]", "lengths - 2, :H]")],
                """
def final_states_backward(d_final, lengths, T):
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, 2 * H), d_final.dtype)
    for n, length in enumerate(lengths):
        dy[n, length, :H], dy[n, 0, H:] = d_final[n, :H], d_final[n, H:]
    return dy
""",
            ],
        ),
        slip(
            "each row has its own step: pair lengths - 1 with np.arange(N)",
            1,
            ("dy[np.arange(N), lengths - 1, :H] = d_final", "dy[:, lengths - 1, :H] = d_final"),
            ways=[
                [
                    (
                        "dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]",
                        "dy[:, lengths - 1, :H] = d_final[:, None, :H]",
                    )
                ],
            ],
        ),
        slip(
            "one length is used for all sequences: each has its own",
            1,
            ("dy[np.arange(N), lengths - 1, :H]", "dy[:, lengths[0] - 1, :H]"),
            ways=[
                [("dy[np.arange(N), lengths - 1, :H]", "dy[:, lengths.max() - 1, :H]")],
                [("dy[np.arange(N), lengths - 1, :H]", "dy[:, lengths[-1] - 1, :H]")],
            ],
        ),
        slip(
            "only the two steps that were read get a gradient, all others zero",
            1,
            """
def final_states_backward(d_final, lengths, T):
    return np.repeat(d_final[:, None], T, axis=1)
""",
            ways=[
                """
def final_states_backward(d_final, lengths, T):
    real = np.arange(T) < lengths[:, None]
    return d_final[:, None] * real[:, :, None]
""",
                """
def final_states_backward(d_final, lengths, T):
    real = np.arange(T) < lengths[:, None]
    return d_final[:, None] * real[:, :, None] / lengths[:, None, None]
""",
                [
                    (
                        "dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]",
                        "dy[:, :, :H] = d_final[:, None, :H]",
                    )
                ],
                [("dy[:, 0, H:] = d_final[:, H:]", "dy[:, :, H:] = d_final[:, None, H:]")],
                [
                    (
                        "    dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]\n",
                        "    for n, length in enumerate(lengths):\n        dy[n, :length, :H] = d_final[n, :H]\n",
                    )
                ],
                [
                    (
                        "    dy[:, 0, H:] = d_final[:, H:]\n",
                        "    for n, length in enumerate(lengths):\n        dy[n, :length, H:] = d_final[n, H:]\n",
                    )
                ],
                [
                    (
                        "    dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]\n    dy[:, 0, H:] = d_final[:, H:]\n",
                        "    for n, length in enumerate(lengths):\n        dy[n, :length] = d_final[n]\n",
                    )
                ],
                [
                    (
                        "    dy[:, 0, H:] = d_final[:, H:]\n",
                        "    dy[:, :, H:] = d_final[:, None, H:]\n",
                    )
                ],
            ],
        ),
        slip(
            "the gradient is handed on as it is, not divided by the number of steps",
            1,
            ("    return dy\n", "    return dy / lengths[:, None, None]\n"),
            ways=[
                [("    return dy\n", "    return dy / T\n")],
                [("= d_final[:, :H]", "= d_final[:, :H] / lengths[:, None]")],
            ],
        ),
        slip(
            "every other entry of dy is zero: start from np.zeros",
            1,
            ("np.zeros(", "np.ones("),
        ),
        slip(
            "dy has T steps, even if no sequence is that long",
            1,
            ("(N, T, 2 * H)", "(N, lengths.max(), 2 * H)"),
        ),
        slip(
            "both halves have a place in dy: its last axis is as long as that of d_final",
            1,
            ("2 * H)", "H)"),
            ways=[
                [("d_final.shape[1] // 2", "d_final.shape[1]")],
                """
def final_states_backward(d_final, lengths, T):
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, H), d_final.dtype)
    dy[np.arange(N), lengths - 1] = d_final[:, :H]
    dy[:, 0] += d_final[:, H:]
    return dy
""",
                """
def final_states_backward(d_final, lengths, T):
    N, H = len(d_final), d_final.shape[1] // 2
    dy = np.zeros((N, T, H), d_final.dtype)
    dy[np.arange(N), lengths - 1] = d_final[:, :H]
    dy[:, 0] = d_final[:, H:]
    return dy
""",
            ],
        ),
        slip(
            "the forward half of the gradient is missing",
            1,
            ("    dy[np.arange(N), lengths - 1, :H] = d_final[:, :H]\n", ""),
        ),
        slip(
            "the backward half of the gradient is missing",
            1,
            ("    dy[:, 0, H:] = d_final[:, H:]\n", ""),
        ),
        slip(
            "H must be a whole number to serve as an index: divide by //",
            1,
            ("shape[1] // 2", "shape[1] / 2"),
        ),
        slip(
            "examples come first, then steps: (N, T, 2H)",
            1,
            ("np.zeros((N, T, 2 * H)", "np.zeros((T, N, 2 * H)"),
            ways=[[("    return dy\n", "    return dy.transpose(1, 0, 2)\n")]],
        ),
        slip(
            "only the first sequence is filled: return after the loop",
            1,
            """
def final_states_backward(d_final, lengths, T):
    N, H2 = d_final.shape
    dy = np.zeros((N, T, H2))
    for n in range(N):
        dy[n, lengths[n] - 1, : H2 // 2] = d_final[n, : H2 // 2]
        dy[n, 0, H2 // 2 :] = d_final[n, H2 // 2 :]
        return dy
""",
        ),
    ],
    "both_backward": [
        slip(
            "run_backward takes the weights last",
            2,
            ("dy[:, :, :H], x, ahead)", "dy[:, :, :H], ahead, x)"),
            ways=[
                [
                    (
                        "(turned, reverse_within(x, lengths), back)",
                        "(turned, back, reverse_within(x, lengths))",
                    )
                ],
                [
                    ("dy[:, :, :H], x, ahead)", "dy[:, :, :H], ahead, x)"),
                    (
                        "(turned, reverse_within(x, lengths), back)",
                        "(turned, back, reverse_within(x, lengths))",
                    ),
                ],
            ],
        ),
        slip(
            "run_backward needs the gradient, the inputs and the weights",
            2,
            ("run_backward(dy[:, :, :H], x, ahead)", "run_backward(dy[:, :, :H], ahead)"),
            ways=[[("(dy[:, :, :H], x, ahead)", "(dy[:, :, :H], x, *ahead)")]],
        ),
        slip(
            "both directions have read x: add their gradients",
            1,
            ("dx_ahead + reverse_within(dx_back, lengths)", "dx_ahead"),
            ways=[
                [
                    (
                        "dx_ahead + reverse_within(dx_back, lengths)",
                        "reverse_within(dx_back, lengths)",
                    )
                ],
                [
                    (
                        "dx_ahead + reverse_within(dx_back, lengths)",
                        "np.concatenate([dx_ahead, reverse_within(dx_back, lengths)], axis=2)",
                    )
                ],
                [
                    (
                        "dx_ahead + reverse_within(dx_back, lengths)",
                        "0.5 * (dx_ahead + reverse_within(dx_back, lengths))",
                    )
                ],
                [("dx_ahead + reverse_within", "dx_ahead - reverse_within")],
            ],
        ),
        slip(
            "turn the gradient of the backward direction back into time order",
            1,
            ("reverse_within(dx_back, lengths)", "dx_back"),
        ),
        slip(
            "turn the gradient of the backward direction back within each length, not the whole row",
            1,
            ("reverse_within(dx_back, lengths)", "dx_back[:, ::-1]"),
        ),
        slip(
            "the gradient of the forward direction is in time order already",
            1,
            (
                "dx_ahead + reverse_within(dx_back, lengths)",
                "reverse_within(dx_ahead, lengths) + dx_back",
            ),
            ways=[
                [
                    (
                        "dx_ahead + reverse_within(dx_back, lengths)",
                        "reverse_within(dx_ahead + dx_back, lengths)",
                    )
                ],
            ],
        ),
        slip(
            "turn the backward half of dy round",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "dy[:, :, H:]"),
        ),
        slip(
            "turn the backward half of dy within each length, not the whole row",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "dy[:, ::-1, H:]"),
        ),
        slip(
            "clear dy in the padded steps first",
            2,
            (CLEAR, ""),
            ways=[
                [("real, dy, np.zeros_like(dy)", "real, dy, dy")],
                [
                    (
                        "run_backward(dy[:, :, :H], x, ahead)",
                        "run_backward(whole[:, :, :H], x, ahead)",
                    ),
                    (CLEAR, "    whole = dy\n" + CLEAR),
                ],
                [
                    (
                        "reverse_within(dy[:, :, H:], lengths)",
                        "reverse_within(whole[:, :, H:], lengths)",
                    ),
                    (CLEAR, "    whole = dy\n" + CLEAR),
                ],
                [(CLEAR, "    x = np.where(real, x, np.zeros_like(x))\n")],
            ],
        ),
        slip(
            "clear dy in the padded steps before it enters run_backward, not dx afterwards",
            2,
            (CLEAR, ""),
            (
                "dx_ahead + reverse_within(dx_back, lengths),",
                "np.where(real, dx_ahead + reverse_within(dx_back, lengths), 0 * x),",
            ),
        ),
        slip(
            "your function changes its argument dy",
            2,
            (CLEAR, "    dy *= real\n"),
            ways=[[(CLEAR, "    dy[~real[:, :, 0]] = 0\n")]],
        ),
        slip(
            "the gradients of the weights are exchanged: that of the forward direction comes first",
            1,
            ("dW_h_ahead, dW_h_back\n", "dW_h_back, dW_h_ahead\n"),
        ),
        slip(
            "each direction keeps the gradient of its own weights: do not add them",
            1,
            (
                "lengths), dW_h_ahead, dW_h_back\n",
                "lengths), dW_h_ahead + dW_h_back, dW_h_ahead + dW_h_back\n",
            ),
            ways=[
                [("dW_h_ahead, dW_h_back\n", "dW_h_ahead, dW_h_ahead\n")],
                [("dW_h_ahead, dW_h_back\n", "dW_h_back, dW_h_back\n")],
                [("dW_h_ahead, dW_h_back\n", "dW_h_ahead, dW_h_ahead + dW_h_back\n")],
            ],
        ),
        slip(
            "the backward direction has read x turned round",
            2,
            ("reverse_within(x, lengths), back)", "x, back)"),
        ),
        slip(
            "the backward direction has read x turned within each length, not the whole row",
            2,
            ("reverse_within(x, lengths), back)", "x[:, ::-1], back)"),
        ),
        slip(
            "the whole row is turned, and padding with it: turn within each length",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "dy[:, ::-1, H:]"),
            ("reverse_within(x, lengths), back)", "x[:, ::-1], back)"),
            ("reverse_within(dx_back, lengths)", "dx_back[:, ::-1]"),
        ),
        slip(
            "nothing is turned: the backward direction has read the sequences backwards",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "dy[:, :, H:]"),
            ("reverse_within(x, lengths), back)", "x, back)"),
            ("reverse_within(dx_back, lengths)", "dx_back"),
        ),
        slip(
            "the weights of the two directions are exchanged",
            2,
            ("x, ahead)", "x, back)"),
            ("lengths), back)", "lengths), ahead)"),
        ),
        slip(
            "the backward direction has weights of its own",
            2,
            ("lengths), back)", "lengths), ahead)"),
        ),
        slip(
            "the halves of dy are exchanged: that of the forward direction comes first",
            2,
            ("dy[:, :, :H]", "dy[:, :, H:]"),
            ("reverse_within(dy[:, :, H:], lengths)", "reverse_within(dy[:, :, :H], lengths)"),
        ),
        slip(
            "the backward direction has the second half of dy",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "reverse_within(dy[:, :, :H], lengths)"),
        ),
        slip(
            "H is half of the width of dy",
            2,
            ("dy.shape[2] // 2", "dy.shape[2]"),
            ways=[
                [("dy[:, :, :H]", "dy")],
                [("dy.shape[2] // 2", "x.shape[2]")],
                [("dy.shape[2] // 2", "x.shape[2] // 2")],
            ],
        ),
        slip(
            "H must be a whole number to serve as an index: divide by //",
            2,
            ("dy.shape[2] // 2", "dy.shape[2] / 2"),
        ),
        slip(
            "dx comes first, then the gradients of the weights",
            2,
            (
                "return dx_ahead + reverse_within(dx_back, lengths), dW_h_ahead, dW_h_back",
                "return dW_h_ahead, dW_h_back, dx_ahead + reverse_within(dx_back, lengths)",
            ),
        ),
        slip(
            "run_backward takes dh first, then x",
            2,
            ("run_backward(dy[:, :, :H], x, ahead)", "run_backward(x, dy[:, :, :H], ahead)"),
            ways=[
                [
                    (
                        "run_backward(dy[:, :, :H], x, ahead)",
                        "run_backward(x, dy[:, :, :H], ahead)",
                    ),
                    (
                        "(turned, reverse_within(x, lengths), back)",
                        "(reverse_within(x, lengths), turned, back)",
                    ),
                ],
            ],
        ),
        slip(
            "run_backward returns two arrays, dx and dW_h: take them apart",
            2,
            ("dx_ahead, dW_h_ahead = ", "dx_ahead = dW_h_ahead = "),
            ("dx_back, dW_h_back = ", "dx_back = dW_h_back = "),
            ways=[
                [("dx_back, dW_h_back = ", "dx_back = dW_h_back = ")],
                [("dx_ahead, dW_h_ahead = ", "dx_ahead = dW_h_ahead = ")],
            ],
        ),
        slip(
            "run_backward returns dx first, then dW_h",
            2,
            ("dx_ahead, dW_h_ahead = ", "dW_h_ahead, dx_ahead = "),
            ("dx_back, dW_h_back = ", "dW_h_back, dx_back = "),
            ways=[
                [("dx_ahead, dW_h_ahead = ", "dW_h_ahead, dx_ahead = ")],
                [("dx_back, dW_h_back = ", "dW_h_back, dx_back = ")],
            ],
        ),
        slip(
            "the mask has one step too many: a sequence ends before step lengths[n]",
            2,
            ("< lengths", "<= lengths"),
        ),
        slip(
            "the last real step is cleared as well: step lengths[n] - 1 is real",
            2,
            ("< lengths[:, None]", "< lengths[:, None] - 1"),
        ),
        slip(
            "the mask is the wrong way round: real steps are cleared, and padded ones are not",
            2,
            ("< lengths", ">= lengths"),
            ways=[[("real, dy, np.zeros_like(dy)", "real, np.zeros_like(dy), dy")]],
        ),
        slip(
            "add over the batch, do not average",
            1,
            ("dW_h_ahead, dW_h_back\n", "dW_h_ahead / len(x), dW_h_back / len(x)\n"),
        ),
        slip(
            "the mask needs a third axis, (N, T, 1), to meet the features",
            2,
            (
                "(np.arange(x.shape[1]) < lengths[:, None])[:, :, None]",
                "np.arange(x.shape[1]) < lengths[:, None]",
            ),
            ways=[
                [
                    (CLEAR, "    dy = dy * real\n"),
                    (
                        "(np.arange(x.shape[1]) < lengths[:, None])[:, :, None]",
                        "np.arange(x.shape[1]) < lengths[:, None]",
                    ),
                ]
            ],
        ),
        slip(
            "turn dy and x round for the backward direction as well, not its result alone",
            2,
            ("reverse_within(dy[:, :, H:], lengths)", "dy[:, :, H:]"),
            (
                "run_backward(turned, reverse_within(x, lengths), back)",
                "run_backward(turned, x, back)",
            ),
        ),
        slip(
            "the gradients of both directions are added, not multiplied",
            1,
            ("dx_ahead + rev", "dx_ahead * rev"),
        ),
    ],
    "stacked_forward": [
        slip(
            "run_lstm takes the sequences first, then the weights",
            2,
            ("= run_lstm(z, weights)", "= run_lstm(weights, z)"),
        ),
        slip(
            "run_lstm returns the states alone: there is nothing to take apart",
            2,
            ("= run_lstm(z, weights)", "= run_lstm(z, weights)[0]"),
            ways=[[("h = run_lstm", "h, _ = run_lstm")], [("h = run_lstm", "h, _, _ = run_lstm")]],
        ),
        slip(
            "hand run_lstm the three weights as one tuple",
            2,
            ("= run_lstm(z, weights)", "= run_lstm(z, *weights)"),
        ),
        slip("the residual connections are missing", 2, ("h + z if k > 0 else h", "h")),
        slip(
            "the masks are missing",
            2,
            ("        if k < len(masks):\n            h = masks[k] * h\n", ""),
        ),
        slip(
            "residual connections and masks are missing",
            2,
            ("        if k < len(masks):\n            h = masks[k] * h\n", ""),
            ("h + z if k > 0 else h", "h"),
        ),
        slip(
            "a mask must not drop the residual connection",
            2,
            (
                "            h = masks[k] * h\n",
                "            z = masks[k] * (h + z if k > 0 else h)\n            continue\n",
            ),
            ways=[
                """
def stacked_forward(x, layers, masks):
    z = run_lstm(x, layers[0])
    for weights, mask in zip(layers[1:], masks):
        z = mask * z
        z = run_lstm(z, weights) + z
    return z
""",
            ],
        ),
        slip(
            "each layer has a mask of its own: masks[0] belongs to layer 1",
            2,
            ("masks[k] * h", "masks[0] * h"),
            ways=[
                [("masks[k] * h", "masks[-1] * h")],
                [("masks[k] * h", "masks[-1 - k] * h")],
                [("masks[k] * h", "masks[k - 1] * h")],
                [
                    (
                        "        if k < len(masks):\n            h = masks[k] * h\n",
                        "        if k > 0:\n            h = masks[k - 1] * h\n",
                    )
                ],
            ],
        ),
        slip(
            "every layer above the first has a residual connection, not one of them alone",
            2,
            ("if k > 0", "if k == 1"),
            ways=[
                [("if k > 0", "if 0 < k == len(layers) - 1")],
                [("if k > 0", "if k % 2")],
            ],
        ),
        slip(
            "the residual connections begin at layer 2",
            2,
            ("if k > 0", "if k > 1"),
        ),
        slip(
            "the top layer adds what it has read, too",
            2,
            ("if k > 0", "if 0 < k < len(masks)"),
            ways=[[("    return z\n", "    return h\n")]],
        ),
        slip(
            "layer 1 has no residual connection: x may have another width",
            2,
            (" if k > 0 else h", ""),
            ways=[[("if k > 0", "if h.shape == z.shape")]],
        ),
        slip(
            "a layer adds what it has read itself, not x",
            2,
            ("h + z if", "h + x if"),
        ),
        slip(
            "a layer adds all that it has read: masked, and with what the layer below has added",
            2,
            """
def stacked_forward(x, layers, masks):
    z, below = x, None
    for k, weights in enumerate(layers):
        said = run_lstm(z, weights)
        h = masks[k] * said if k < len(masks) else said
        z, below = (h + below if k > 0 else h), said
    return z
""",
            ways=[
                """
def stacked_forward(x, layers, masks):
    z, below = x, None
    for k, weights in enumerate(layers):
        h = run_lstm(z, weights)
        h = masks[k] * h if k < len(masks) else h
        z, below = (h + below if k > 0 else h), h
    return z
""",
                """
def stacked_forward(x, layers, masks):
    first = z = run_lstm(x, layers[0])
    z = masks[0] * z if masks else z
    first = z
    for k, weights in enumerate(layers[1:], start=1):
        h = run_lstm(z, weights)
        z = first + (masks[k] * h if k < len(masks) else h)
    return z
""",
            ],
        ),
        slip(
            "nothing is dropped at the top: there are L - 1 masks for L layers",
            2,
            (
                "        if k < len(masks):\n            h = masks[k] * h\n",
                "        h = masks[k] * h\n",
            ),
            ways=[
                [("k < len(masks)", "k <= len(masks)")],
                [("k < len(masks)", "k < len(layers)")],
                [
                    (
                        "        if k < len(masks):\n            h = masks[k] * h\n",
                        "        if masks:\n            h = masks[min(k, len(masks) - 1)] * h\n",
                    )
                ],
            ],
        ),
        slip(
            "every layer but the top one has a mask",
            2,
            ("k < len(masks)", "k < len(masks) - 1"),
            ways=[
                [("k < len(masks)", "k == 0 and masks")],
                [("k < len(masks)", "0 < k < len(masks)")],
            ],
        ),
        slip(
            "the top layer is missing: there is one layer more than masks",
            2,
            """
def stacked_forward(x, layers, masks):
    z = x
    for k, (weights, mask) in enumerate(zip(layers, masks)):
        h = mask * run_lstm(z, weights)
        z = h + z if k > 0 else h
    return z
""",
            ways=[[("enumerate(layers)", "enumerate(layers[:-1])")]],
        ),
        slip(
            "this is the lowest layer only",
            2,
            "def stacked_forward(x, layers, masks):\n    return run_lstm(x, layers[0])\n",
            ways=[[("    return z\n", "        return z\n")]],
        ),
        slip(
            "an upper layer reads what the layer below hands up, not x",
            2,
            ("= run_lstm(z, weights)", "= run_lstm(x, weights)"),
        ),
        slip(
            "every layer has weights of its own",
            2,
            ("= run_lstm(z, weights)", "= run_lstm(z, layers[0])"),
            ways=[[("= run_lstm(z, weights)", "= run_lstm(z, layers[min(k, 1)])")]],
        ),
        slip(
            "layers[0] is the lowest layer, which reads x",
            2,
            ("enumerate(layers)", "enumerate(layers[::-1])"),
        ),
        slip(
            "the masks are factors, not switches: what is kept is multiplied by 1 / (1 - p)",
            2,
            ("masks[k] * h", "(masks[k] > 0) * h"),
            ways=[[("masks[k] * h", "np.where(masks[k] > 0, h, 0 * h)")]],
        ),
        slip(
            "where a mask is 0 the unit is dropped, and the mask is a factor as it is",
            2,
            ("masks[k] * h", "(masks[k] == 0) * h"),
            ways=[
                [("masks[k] * h", "(1 - masks[k]) * h")],
                [("masks[k] * h", "h / (masks[k] + 1)")],
            ],
        ),
        slip("a mask is multiplied with h, not added", 2, ("masks[k] * h", "masks[k] + h")),
        slip(
            "a mask is multiplied with what the layer says, not with what it reads",
            2,
            (
                "        h = run_lstm(z, weights)\n        if k < len(masks):\n            h = masks[k] * h\n",
                "        if 0 < k < len(masks):\n            z = masks[k] * z\n        h = run_lstm(z, weights)\n",
            ),
            ways=[
                [
                    (
                        "        h = run_lstm(z, weights)\n        if k < len(masks):\n            h = masks[k] * h\n",
                        "        read = masks[k - 1] * z if k > 0 else z\n        h = run_lstm(read, weights)\n",
                    )
                ],
            ],
        ),
        slip(
            "your function changes its argument masks",
            2,
            ("h = masks[k] * h", "masks[k] *= h\n            h = masks[k]"),
        ),
        slip(
            "a residual connection adds, it does not average",
            2,
            ("h + z if", "0.5 * (h + z) if"),
        ),
        slip(
            "a residual connection adds: the two are not put side by side",
            2,
            ("h + z if", "np.concatenate([h, z], axis=2) if"),
        ),
        slip("a residual connection adds, it does not multiply", 2, ("h + z if", "h * z if")),
        slip(
            "the output is that of the top layer, not a list of all",
            2,
            ("    z = x\n", "    z, all_h = x, []\n"),
            ("else h\n    return z", "else h\n        all_h.append(z)\n    return all_h"),
            ways=[
                [
                    ("    z = x\n", "    z, all_h = x, []\n"),
                    (
                        "else h\n    return z",
                        "else h\n        all_h.append(z)\n    return np.stack(all_h)",
                    ),
                ],
            ],
        ),
        slip(
            "all steps of the top layer are asked for, not the last one alone",
            2,
            ("    return z\n", "    return z[:, -1]\n"),
        ),
        slip(
            "the masks hold the factor 1 / (1 - p) already: do not divide once more",
            2,
            ("masks[k] * h", "masks[k] * h / 0.5"),
            ways=[[("masks[k] * h", "masks[k] * h * masks[k].max()")]],
        ),
        slip(
            "a layer adds what it has read, not its own output a second time",
            2,
            ("h + z if k > 0", "h + h if k > 0"),
        ),
        slip(
            "the residual connection adds what the layer has read, not its output without the mask",
            2,
            ("        h = run_lstm(z, weights)\n", "        h = bare = run_lstm(z, weights)\n"),
            ("h + z if k > 0", "h + bare if k > 0"),
        ),
    ],
    "parameter_count": [
        slip(
            "the lowest layer is missing",
            1,
            ("lowest + (L - 1) * other", "(L - 1) * other"),
            ways=[[("lowest + (L - 1) * other", "L * other")]],
        ),
        slip(
            "the weights of what a layer reads are missing",
            1,
            ("4 * (D * H + H * H + H)", "4 * (H * H + H)"),
            ways=[
                [("4 * (directions * H * H + H * H + H)", "4 * (H * H + H)")],
                [
                    ("4 * (D * H + H * H + H)", "4 * (H * H + H)"),
                    ("4 * (directions * H * H + H * H + H)", "4 * (H * H + H)"),
                ],
            ],
        ),
        slip(
            "H^2 is H * H, not 2 * H",
            1,
            ("4 * (D * H + H * H + H)", "4 * (D * H + 2 * H + H)"),
            ways=[
                [("4 * (directions * H * H + H * H + H)", "4 * (directions * H * H + 2 * H + H)")],
                [
                    ("4 * (D * H + H * H + H)", "4 * (D * H + 2 * H + H)"),
                    (
                        "4 * (directions * H * H + H * H + H)",
                        "4 * (directions * H * H + 2 * H + H)",
                    ),
                ],
                [
                    ("4 * (D * H + H * H + H)", "4 * (D * H + 2 * H + H)"),
                    (
                        "4 * (directions * H * H + H * H + H)",
                        "4 * (directions * H * 2 + 2 * H + H)",
                    ),
                ],
            ],
        ),
        slip(
            "an upper layer reads both halves: directions * H features",
            1,
            ("directions * H * H + H * H + H", "H * H + H * H + H"),
            ways=[[("directions * H * H + H * H + H", "2 * H * H + H")]],
        ),
        slip(
            "only the lowest layer reads D features",
            1,
            ("directions * H * H + H * H + H", "D * H + H * H + H"),
            ways=[
                "def parameter_count(D, H, L, directions):\n"
                "    return directions * L * 4 * (D * H + H * H + H)\n",
                [("directions * H * H + H * H + H", "directions * D * H + H * H + H")],
            ],
        ),
        slip(
            "each direction has weights of its own",
            1,
            ("directions * (lowest", "(lowest"),
            ways=[
                "def parameter_count(D, H, L, directions):\n"
                "    return 4 * (D * H + H * H + H) + (L - 1) * 4 * (2 * H * H + H)\n",
            ],
        ),
        slip(
            "both directions count in the upper layers too",
            1,
            ("directions * (lowest + (L - 1) * other)", "directions * lowest + (L - 1) * other"),
        ),
        slip(
            "both directions count in the lowest layer too",
            1,
            ("directions * (lowest + (L - 1) * other)", "lowest + directions * (L - 1) * other"),
        ),
        slip(
            "there is one bias vector for each layer and direction, not two",
            1,
            ("D * H + H * H + H)", "D * H + H * H + 2 * H)"),
            ("directions * H * H + H * H + H)", "directions * H * H + H * H + 2 * H)"),
        ),
        slip(
            "the biases are missing",
            1,
            ("D * H + H * H + H)", "D * H + H * H)"),
            ("directions * H * H + H * H + H)", "directions * H * H + H * H)"),
            ways=[
                [("D * H + H * H + H)", "D * H + H * H)")],
                [("directions * H * H + H * H + H)", "directions * H * H + H * H)")],
            ],
        ),
        slip(
            "each of the four blocks has its bias: 4 multiplies all three terms",
            1,
            ("4 * (D * H + H * H + H)", "4 * (D * H + H * H) + H"),
            ("4 * (directions * H * H + H * H + H)", "4 * (directions * H * H + H * H) + H"),
            ways=[
                [
                    ("4 * (D * H + H * H + H)", "4 * D * H + H * H + H"),
                    ("4 * (directions * H * H + H * H + H)", "4 * directions * H * H + H * H + H"),
                ]
            ],
        ),
        slip(
            "the recurrent weights H * H are missing",
            1,
            ("D * H + H * H + H)", "D * H + H)"),
            ("directions * H * H + H * H + H)", "directions * H * H + H)"),
            ways=[
                [("D * H + H * H + H)", "D * H + H)")],
                [("directions * H * H + H * H + H)", "directions * H * H + H)")],
            ],
        ),
        slip(
            "an LSTM has four blocks",
            1,
            ("4 * (D", "3 * (D"),
            ("4 * (directions", "3 * (directions"),
            ways=[
                [("4 * (D", "(D"), ("4 * (directions", "(directions")],
                [("4 * (D", "(D")],
                [("4 * (directions", "(directions")],
                [("4 * (D", "3 * (D")],
                [("4 * (directions", "3 * (directions")],
                [("4 * (D", "5 * (D"), ("4 * (directions", "5 * (directions")],
            ],
        ),
        slip(
            "above the lowest layer there are L - 1 others",
            1,
            ("(L - 1)", "L"),
            ways=[
                [("(L - 1)", "(L + 1)")],
                [("(L - 1)", "(L - 2)")],
                [("(L - 1) * other", "other")],
            ],
        ),
        slip(
            "this is the lowest layer alone: add the L - 1 others",
            1,
            ("lowest + (L - 1) * other", "lowest"),
        ),
        slip(
            "one direction keeps H rows of recurrent weights, however many directions there are",
            1,
            ("directions * H * H + H * H + H)", "directions * H * H + directions * H * H + H)"),
        ),
        slip(
            "each direction has H units, and not all together",
            1,
            (
                "    lowest =",
                "    H = H // directions\n    lowest =",
            ),
        ),
        slip(
            "H is the number of units of each direction already: do not double it",
            1,
            ("    lowest =", "    H = directions * H\n    lowest ="),
            ways=[
                """
def parameter_count(D, H, L, directions):
    H = directions * H
    return 4 * (D * H + H * H + H) + (L - 1) * 4 * (2 * H * H + H)
"""
            ],
        ),
        slip(
            "each direction of the lowest layer reads D features",
            1,
            ("4 * (D * H", "4 * (directions * D * H"),
        ),
        slip(
            "must be a whole number",
            1,
            ("return directions", "return 1.0 * directions"),
            ways=[[("4 * (D * H", "4.0 * (D * H")], [("other)\n", "other) / 1\n")]],
        ),
        slip(
            "the weights lead from what is read and from H units to H units: D * H and H * H",
            1,
            ("(D * H + H", "(D * D + H"),
            ways=[[("(D * H + H * H", "(D * H + D * H")], [("(D * H + H * H", "(D + H * H")]],
        ),
        slip(
            "one layer is missing: range(L) has L numbers",
            1,
            """
def parameter_count(D, H, L, directions):
    count, K = 0, D
    for _ in range(L - 1):
        count += directions * 4 * (K * H + H * H + H)
        K = directions * H
    return count
""",
        ),
        slip(
            "with one direction an upper layer reads H features, not 2H: use directions",
            1,
            ("4 * (directions * H * H", "4 * (2 * H * H"),
        ),
        slip(
            "the number of directions multiplies a layer once, not twice",
            1,
            ("return directions * (", "return directions**2 * ("),
        ),
        slip(
            "a bias has an entry for each hidden unit in each block",
            1,
            ("(D * H + H * H + H)", "(D * H + H * H + 1)"),
            ("(directions * H * H + H * H + H)", "(directions * H * H + H * H + 1)"),
        ),
        slip(
            "each direction has biases of its own",
            1,
            (
                "    return directions * (lowest + (L - 1) * other)",
                "    return directions * (lowest + (L - 1) * other) - (directions - 1) * 4 * L * H",
            ),
        ),
        slip(
            "each direction has a matrix W_x of its own",
            1,
            """
def parameter_count(D, H, L, directions):
    lowest = 4 * (D * H + directions * (H * H + H))
    other = 4 * (directions * H * H + directions * (H * H + H))
    return lowest + (L - 1) * other
""",
        ),
        slip(
            "an upper layer reads the outputs of the layer below alone, not x as well",
            1,
            ("(directions * H * H + H * H + H)", "((D + directions * H) * H + H * H + H)"),
        ),
        slip(
            "H is the number of units of each direction: do not divide it by directions",
            1,
            """
def parameter_count(D, H, L, directions):
    h = H // directions
    lowest = 4 * (D * h + h * h + h)
    other = 4 * (H * h + h * h + h)
    return directions * (lowest + (L - 1) * other)
""",
        ),
    ],
}

RIGHT = [
    Right(
        "loops",
        {
            "reverse_within": REVERSE,
            "bidirectional_forward": FORWARD,
            "final_states": STATES,
            "final_states_backward": STATES_BACK,
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
        "rows-of-gradients",
        {
            "final_states_backward": """
def final_states_backward(d_final, lengths, T):
    ahead, behind = np.split(d_final, 2, axis=1)
    steps = np.arange(T)
    last = steps == (lengths - 1)[:, None]
    first = np.broadcast_to(steps == 0, last.shape)
    return np.concatenate(
        [last[:, :, None] * ahead[:, None], first[:, :, None] * behind[:, None]], axis=2
    )
""",
        },
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
