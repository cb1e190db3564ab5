"""What is known of the assignment conv_lstm: the mistakes of each question, as small changes of
the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

CONV = """
def same_conv(x, W):
    p = len(W) // 2
    z = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(z, W.shape[:2], axis=(1, 2))
    return np.einsum("nrcduv,uvdf->nrcf", around, W)
"""

STEP = """
def conv_lstm_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a = same_conv(x_t, W_x) + same_conv(h_prev, W_h) + b
    i, f, g, o = np.split(a, 4, axis=-1)
    c_t = sigmoid(f + w_c[1] * c_prev) * c_prev + sigmoid(i + w_c[0] * c_prev) * np.tanh(g)
    h_t = sigmoid(o + w_c[2] * c_t) * np.tanh(c_t)
    return h_t, c_t
"""

BACK = """
def conv_backward(dy, x, W):
    p = len(W) // 2
    dx = same_conv(dy, W[::-1, ::-1].swapaxes(2, 3))
    z = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(z, W.shape[:2], axis=(1, 2))
    dW = np.einsum("nrcduv,nrcf->uvdf", around, dy)
    return dx, dW
"""

FRAMES = """
def every_frame(x, W, b):
    N, T, D, R, C = x.shape
    y = torch.nn.functional.conv2d(x.reshape(N * T, D, R, C), W, b)
    y = torch.relu(y)
    return y.reshape(N, T, -1)
"""

TORCH = """
def torch_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    kernels = [W.permute(3, 2, 0, 1) for W in (W_x, W_h)]
    p = len(W_x) // 2
    a = torch.nn.functional.conv2d(x_t, kernels[0], padding=p) + b.reshape(1, -1, 1, 1)
    a = a + torch.nn.functional.conv2d(h_prev, kernels[1], padding=p)
    i, f, g, o = torch.chunk(a, 4, dim=1)
    w = w_c.reshape(3, 1, -1, 1, 1)
    c_t = torch.sigmoid(f + w[1] * c_prev) * c_prev
    c_t = c_t + torch.sigmoid(i + w[0] * c_prev) * torch.tanh(g)
    h_t = torch.sigmoid(o + w[2] * c_t) * torch.tanh(c_t)
    return h_t, c_t
"""

COUNT = """
def parameter_count(D, H, size_x, size_h, peepholes, R, C):
    count = 4 * H * (size_x * size_x * D + size_h * size_h * H) + 4 * H
    if peepholes == "channel":
        count += 3 * H
    if peepholes == "position":
        count += 3 * H * R * C
    return count
"""

DILATED = """
def dilated_conv(x, W, dilation, dy):
    if dilation == 1:
        return same_conv(x, W), *conv_backward(dy, x, W)
    holes = np.zeros((dilation, dilation))
    holes[0, 0] = 1
    wide = np.kron(W.transpose(2, 3, 0, 1), holes).transpose(2, 3, 0, 1)
    wide = wide[: 1 - dilation, : 1 - dilation]
    dx, dwide = conv_backward(dy, x, wide)
    return same_conv(x, wide), dx, dwide[::dilation, ::dilation]
"""

# What a student writes who counts on square frames, or pads by one.
PADDED = "padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
WINDOW = "padded[:, r : r + R, c : c + C]"
ADDED = f'np.einsum("nrcd,nrcf->df", {WINDOW}, dy)'
TURNED = "W[::-1, ::-1].transpose(0, 1, 3, 2)"
FOLD = "x.flatten(0, 1)"
SHOW = "return torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t), c_t"
FROM_X = "conv2d(x_t, W_x.permute(3, 2, 0, 1)"
FROM_H = "conv2d(h_prev, W_h.permute(3, 2, 0, 1)"

MISTAKES = {
    "same_conv": [
        slip(
            "do not turn the kernel: W[0, 0] belongs to the neighbour above and to the left",
            2,
            ("W[r, c]", "W[size - 1 - r, size - 1 - c]"),
        ),
        slip(
            "the kernel is turned upside down: its first row belongs to the row above",
            2,
            ("W[r, c]", "W[size - 1 - r, c]"),
        ),
        slip(
            "the kernel is turned left to right: its first column belongs to the left neighbour",
            2,
            ("W[r, c]", "W[r, size - 1 - c]"),
        ),
        slip(
            "the axes of the kernel are mixed: rows come first, then columns",
            2,
            ("W[r, c]", "W[c, r]"),
        ),
        slip(
            "pad with zeros first: the size must be kept",
            2,
            (PADDED, "padded, R, C = x, R - 2 * pad, C - 2 * pad"),
            ("y = np.zeros((*x.shape[:3], W.shape[3]), x.dtype)", "y = 0"),
            ways=[
                """
def same_conv(x, W):
    around = np.lib.stride_tricks.sliding_window_view(x, W.shape[:2], axis=(1, 2))
    return np.tensordot(around, W, axes=([4, 5, 3], [0, 1, 2]))
"""
            ],
        ),
        slip(
            "how much to pad depends on the kernel: half of its side, not always one pixel",
            2,
            ("pad = size // 2", "pad = 1"),
            ways=[
                """
def same_conv(x, W):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))
    return np.tensordot(around, W, axes=([4, 5, 3], [0, 1, 2]))
""",
                [("pad = size // 2", "pad = 1"), ("y = y + padded", "y += padded")],
            ],
        ),
        slip(
            "the padding is too wide: half of the kernel's side on each side",
            2,
            ("pad = size // 2", "pad = size"),
            ways=[
                [("pad = size // 2", "pad = (size + 1) // 2")],
                """
def same_conv(x, W):
    pad = len(W) - 1
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))
    return np.tensordot(around, W, axes=([4, 5, 3], [0, 1, 2]))
""",
            ],
        ),
        slip(
            "outside the frame there are zeros",
            2,
            ("(0, 0)))", '(0, 0)), mode="edge")'),
            ways=[
                [("(0, 0)))", '(0, 0)), mode="wrap")')],
                [("(0, 0)))", '(0, 0)), mode="symmetric")')],
                [("(0, 0)))", '(0, 0)), mode="reflect")')],
            ],
        ),
        slip(
            "each window begins too far up and left: pad half of the kernel's side on each side",
            2,
            (PADDED, "padded = np.pad(x, ((0, 0), (size - 1, 0), (size - 1, 0), (0, 0)))"),
            ways=[[("pad = size // 2", "pad = size - 1")]],
        ),
        slip(
            "each window begins too far down and right: pad half of the kernel's side on each side",
            2,
            (PADDED, "padded = np.pad(x, ((0, 0), (0, size - 1), (0, size - 1), (0, 0)))"),
        ),
        slip(
            "frames need not be square: take rows and columns from x.shape",
            2,
            ("(_, R, C, _) = len(W), x.shape", "(_, R, _, _) = len(W), x.shape"),
            ("c : c + C", "c : c + R"),
            ways=[
                [
                    ("(_, R, C, _) = len(W), x.shape", "(_, _, C, _) = len(W), x.shape"),
                    ("r : r + R", "r : r + C"),
                ],
                [
                    ("padded[:, r : r + R, c : c + C]", "padded[:, r : r + C, c : c + R]"),
                    ("y = y + padded", "y += padded"),
                ],
            ],
        ),
        slip(
            "rows and columns of the frame are exchanged: x has the axes (N, R, C, D)",
            2,
            ("(_, R, C, _) =", "(_, C, R, _) ="),
        ),
        slip(
            "pad the rows and the columns alone, not the channels",
            2,
            ("(pad, pad), (0, 0)))", "(pad, pad), (pad, pad)))"),
            ways=[[(PADDED, "padded = np.pad(x, pad)")]],
        ),
        slip(
            "pad the rows and the columns, not the batch",
            2,
            (
                "((0, 0), (pad, pad), (pad, pad), (0, 0))",
                "((pad, pad), (pad, pad), (0, 0), (0, 0))",
            ),
        ),
        slip(
            "each entry of the kernel is a matrix (D, F): take a product with @, which adds over D",
            2,
            (f"{WINDOW} @ W[r, c]", f"{WINDOW} * W[r, c]"),
            ways=[
                [(f"{WINDOW} @ W[r, c]", f"{WINDOW}.sum(axis=3, keepdims=True) * W[r, c, 0]")],
                [(f"{WINDOW} @ W[r, c]", f"{WINDOW} @ W[r, c].T")],
            ],
        ),
        slip(
            "a window is not as large as the frame: take rows r to r + R of the padded frame",
            2,
            (WINDOW, "padded[:, r:R, c:C]"),
            ways=[
                [(WINDOW, "padded[:, r : r + size, c : c + size]")],
                [(WINDOW, "padded[:, r:, c:]")],
                [(PADDED, "padded = x")],
                [(WINDOW, "padded[:, r : r + size, c : c + size]"), ("y = y + ", "y += ")],
                [(WINDOW, "padded[:, r:R, c:C]"), ("y = y + ", "y += ")],
                [(PADDED, "padded = x"), ("y = y + ", "y += ")],
            ],
        ),
        slip(
            "add the products up: only the last one is left",
            2,
            (f"y = y + {WINDOW}", f"y = {WINDOW}"),
        ),
        slip(
            "the last row and column of the kernel are left out",
            2,
            ("for r in range(size)", "for r in range(size - 1)"),
            ("for c in range(size)", "for c in range(size - 1)"),
        ),
        slip(
            "the first row and column of the kernel are left out",
            2,
            ("for r in range(size)", "for r in range(1, size)"),
            ("for c in range(size)", "for c in range(1, size)"),
        ),
        slip(
            "only the diagonal of the kernel is used: rows and columns need two loops",
            2,
            """
def same_conv(x, W):
    size, (_, R, C, _) = len(W), x.shape
    pad = size // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return sum(padded[:, k : k + R, k : k + C] @ W[k, k] for k in range(size))
""",
        ),
        slip(
            "add the neighbourhood up, do not average it",
            2,
            ("    return y", "    return y / size**2"),
        ),
        slip(
            "the return stands inside the loop: only the first product is there",
            2,
            ("    return y", "            return y"),
        ),
        slip(
            "the last row and column of the frame are left out",
            2,
            """
def same_conv(x, W):
    (N, R, C, D), k = x.shape, len(W) // 2
    y = np.zeros((N, R, C, W.shape[3]), x.dtype)
    for r in range(0, R - 1):
        for c in range(0, C - 1):
            for i in range(len(W)):
                for j in range(len(W)):
                    u, v = r + i - k, c + j - k
                    if 0 <= u < R and 0 <= v < C:
                        y[:, r, c] += x[:, u, v] @ W[i, j]
    return y
""",
        ),
        slip(
            "the first row and column of the frame are left out",
            2,
            """
def same_conv(x, W):
    (N, R, C, D), k = x.shape, len(W) // 2
    y = np.zeros((N, R, C, W.shape[3]), x.dtype)
    for r in range(1, R):
        for c in range(1, C):
            for i in range(len(W)):
                for j in range(len(W)):
                    u, v = r + i - k, c + j - k
                    if 0 <= u < R and 0 <= v < C:
                        y[:, r, c] += x[:, u, v] @ W[i, j]
    return y
""",
        ),
        slip(
            "a negative index wraps round to the other side: neighbours outside the frame are zero",
            2,
            """
def same_conv(x, W):
    (N, R, C, D), k = x.shape, len(W) // 2
    y = np.zeros((N, R, C, W.shape[3]), x.dtype)
    for r in range(0, R):
        for c in range(0, C):
            for i in range(len(W)):
                for j in range(len(W)):
                    u, v = r + i - k, c + j - k
                    if u < R and v < C:
                        y[:, r, c] += x[:, u, v] @ W[i, j]
    return y
""",
        ),
        slip(
            "indices of the kernel start from 0: negative ones count from its end",
            2,
            """
def same_conv(x, W):
    (N, R, C, D), k = x.shape, len(W) // 2
    y = np.zeros((N, R, C, W.shape[3]), x.dtype)
    for r in range(0, R):
        for c in range(0, C):
            for i in range(len(W)):
                for j in range(len(W)):
                    u, v = r + i - k, c + j - k
                    if 0 <= u < R and 0 <= v < C:
                        y[:, r, c] += x[:, u, v] @ W[i - k, j - k]
    return y
""",
        ),
        slip(
            "each position adds up its whole neighbourhood: here each product overwrites the last",
            2,
            """
def same_conv(x, W):
    (N, R, C, D), k = x.shape, len(W) // 2
    y = np.zeros((N, R, C, W.shape[3]), x.dtype)
    for r in range(0, R):
        for c in range(0, C):
            for i in range(len(W)):
                for j in range(len(W)):
                    u, v = r + i - k, c + j - k
                    if 0 <= u < R and 0 <= v < C:
                        y[:, r, c] = x[:, u, v] @ W[i, j]
    return y
""",
        ),
        slip(
            "the border has values too: leave out the neighbours outside, not the whole position",
            2,
            (
                "    return y",
                "    inside = np.zeros_like(y)\n    inside[:, pad : R - pad, pad : C - pad] = y[:, pad : R - pad, pad : C - pad]\n    return inside",
            ),
        ),
        slip(
            "outside the frame there are zeros, not ones",
            2,
            ("(pad, pad), (0, 0)))", "(pad, pad), (0, 0)), constant_values=1)"),
        ),
        slip(
            "each entry of the kernel has its own row and column: W[r, r] is the diagonal alone",
            2,
            ("W[r, c]", "W[r, r]"),
            ways=[[("W[r, c]", "W[c, c]")]],
        ),
        slip(
            "the kernel has size entries on a side: 3 is that of the example alone",
            2,
            (
                "    for r in range(size):\n        for c in range(size):",
                "    for r in range(3):\n        for c in range(3):",
            ),
        ),
        slip(
            "a window begins at r and c, which count from 0: in the padded frame none is negative",
            2,
            (
                "    for r in range(size):\n        for c in range(size):",
                "    for r in range(-pad, pad + 1):\n        for c in range(-pad, pad + 1):",
            ),
            ways=[
                [
                    (
                        "    for r in range(size):\n        for c in range(size):",
                        "    for r in range(-pad, pad + 1):\n        for c in range(-pad, pad + 1):",
                    ),
                    ("y = y + padded", "y += padded"),
                ]
            ],
        ),
        slip(
            "y has F maps, as many as the last axis of W",
            2,
            ("W.shape[3]), x.dtype)", "W.shape[2]), x.dtype)"),
            ("y = y + padded", "y += padded"),
            ways=[[("np.zeros((*x.shape[:3], W.shape[3]), x.dtype)", "np.zeros_like(x)")]],
        ),
    ],
    "conv_lstm_step": [
        slip(
            "the peepholes are missing",
            2,
            ("a_i + w_c[0] * c_prev", "a_i"),
            ("a_f + w_c[1] * c_prev", "a_f"),
            ("a_o + w_c[2] * c_t", "a_o"),
        ),
        slip(
            "the peepholes stand in the order i, f, o",
            2,
            ("a_i + w_c[0]", "a_i + w_c[1]"),
            ("a_f + w_c[1]", "a_f + w_c[0]"),
            ways=[
                [("a_f + w_c[1]", "a_f + w_c[2]"), ("a_o + w_c[2]", "a_o + w_c[1]")],
                [("a_i + w_c[0]", "a_i + w_c[2]"), ("a_o + w_c[2]", "a_o + w_c[0]")],
            ],
        ),
        slip("each gate has a peephole of its own", 2, ("a_f + w_c[1]", "a_f + w_c[0]")),
        slip("the input gate has a peephole too", 2, ("a_i + w_c[0] * c_prev", "a_i")),
        slip("the forget gate has a peephole too", 2, ("a_f + w_c[1] * c_prev", "a_f")),
        slip("the output gate has a peephole too", 1, ("a_o + w_c[2] * c_t", "a_o")),
        slip("the output gate looks at the new cell state", 1, ("w_c[2] * c_t", "w_c[2] * c_prev")),
        slip(
            "the peepholes look at the cell state, not at the hidden state",
            2,
            ("w_c[0] * c_prev", "w_c[0] * h_prev"),
            ("w_c[1] * c_prev", "w_c[1] * h_prev"),
            ways=[
                [("w_c[0] * c_prev", "w_c[0] * h_prev")],
                [("w_c[1] * c_prev", "w_c[1] * h_prev")],
                [
                    ("w_c[0] * c_prev", "w_c[0] * h_prev"),
                    ("w_c[1] * c_prev", "w_c[1] * h_prev"),
                    ("w_c[2] * c_t", "w_c[2] * h_prev"),
                ],
            ],
        ),
        slip(
            "the candidate has no peephole",
            2,
            ("np.tanh(a_g)", "np.tanh(a_g + w_c[2] * c_prev)"),
            ways=[
                [("np.tanh(a_g)", "np.tanh(a_g + w_c[1] * c_prev)")],
                [("np.tanh(a_g)", "np.tanh(a_g + w_c[0] * c_prev)")],
                [("np.tanh(a_g)", "np.tanh(a_g + w_c[2] * c_prev)"), ("a_o + w_c[2] * c_t", "a_o")],
            ],
        ),
        slip("the bias is missing", 2, ("same_conv(h_prev, W_h) + b ", "same_conv(h_prev, W_h) ")),
        slip(
            "the bias is added twice",
            2,
            ("same_conv(h_prev, W_h) + b ", "same_conv(h_prev, W_h) + 2 * b "),
        ),
        slip("the hidden state is missing", 2, (" + same_conv(h_prev, W_h)", "")),
        slip("the input is missing", 2, ("same_conv(x_t, W_x) + ", "")),
        slip(
            "the hidden state is convolved too: one pixel of it is not enough",
            2,
            ("same_conv(h_prev, W_h)", "h_prev @ W_h[len(W_h) // 2, len(W_h) // 2]"),
        ),
        slip(
            "W_h is convolved with h_prev, not with c_prev",
            2,
            ("same_conv(h_prev, W_h)", "same_conv(c_prev, W_h)"),
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            ("a_i, a_f, a_g, a_o =", "a_i, a_f, a_o, a_g ="),
            ways=[
                [("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o =")],
                [("a_i, a_f, a_g, a_o =", "a_f, a_i, a_o, a_g =")],
                [("a_i, a_f, a_g, a_o =", "a_o, a_f, a_g, a_i =")],
                [("a_i, a_f, a_g, a_o =", "a_i, a_g, a_f, a_o =")],
                [("a_i, a_f, a_g, a_o =", "a_g, a_i, a_f, a_o =")],
            ],
        ),
        slip(
            "the blocks lie along the maps: axis 3",
            2,
            ("a_o = np.split(a, 4, axis=3)", "a_o = np.split(a, 4, axis=1)"),
            ways=[
                [("a_o = np.split(a, 4, axis=3)", "a_o = np.split(a, 4, axis=2)")],
                [("a_o = np.split(a, 4, axis=3)", "a_o = np.split(a, 4)")],
            ],
        ),
        slip(
            "the blocks lie one after the other: here every fourth map goes to one gate",
            2,
            ("a_o = np.split(a, 4, axis=3)", "a_o = (a[..., k::4] for k in range(4))"),
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            2,
            ("np.tanh(a_g)", "sigmoid(a_g)"),
        ),
        slip("the tanh of the candidate is missing", 2, ("i * np.tanh(a_g)", "i * a_g")),
        slip(
            "the gates go through the sigmoid, not through tanh",
            2,
            ("i, f = sigmoid(a_i", "i, f = np.tanh(a_i"),
            (", sigmoid(a_f", ", np.tanh(a_f"),
            ("return sigmoid(", "return np.tanh("),
        ),
        slip(
            "the output gate goes through the sigmoid, not through tanh",
            1,
            ("return sigmoid(", "return np.tanh("),
        ),
        slip(
            "the sigmoid of the gates is missing",
            2,
            ("sigmoid(a_i + w_c[0] * c_prev), sigmoid(", "(a_i + w_c[0] * c_prev), ("),
            ("return sigmoid(", "return ("),
        ),
        slip(
            "h_t is o_t times tanh(c_t): the tanh is missing",
            1,
            ("* np.tanh(c_t), c_t", "* c_t, c_t"),
        ),
        slip(
            "h_t is o_t times tanh(c_t), not the output gate alone",
            1,
            (" * np.tanh(c_t), c_t", ", c_t"),
        ),
        slip(
            "h_t is o_t times tanh(c_t): the output gate is missing",
            1,
            ("sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t", "np.tanh(c_t), c_t"),
        ),
        slip(
            "h_t shows the new cell state, not the old one",
            1,
            ("np.tanh(c_t), c_t", "np.tanh(c_prev), c_t"),
        ),
        slip(
            "h_t is o_t times tanh(c_t): this is the cell state twice",
            1,
            ("return sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t", "return c_t, c_t"),
        ),
        slip(
            "f keeps the old state, i lets the candidate in",
            2,
            ("f * c_prev + i * np", "i * c_prev + f * np"),
        ),
        slip(
            "the forget gate is missing: f multiplies c_prev", 2, ("f * c_prev + i", "c_prev + i")
        ),
        slip(
            "the input gate is missing: i multiplies the candidate",
            2,
            ("i * np.tanh(a_g)", "np.tanh(a_g)"),
        ),
        slip(
            "the old cell state is missing in c_t",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "i * np.tanh(a_g)"),
        ),
        slip(
            "i is a gate of its own, not 1 - f",
            2,
            ("i * np.tanh(a_g)", "(1 - f) * np.tanh(a_g)"),
        ),
        slip("f multiplies c_prev, not 1 - f", 2, ("f * c_prev + i", "(1 - f) * c_prev + i")),
        slip(
            "return h_t first, then c_t",
            2,
            (
                "return sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t), c_t",
                "return c_t, sigmoid(a_o + w_c[2] * c_t) * np.tanh(c_t)",
            ),
        ),
        slip(
            "conv_lstm_step must return 2 values, (h_t, c_t)",
            2,
            ("* np.tanh(c_t), c_t", "* np.tanh(c_t)"),
        ),
        slip(
            "a convolution takes the place of the matrix product: use same_conv",
            2,
            ("same_conv(x_t, W_x) + same_conv(h_prev, W_h)", "x_t @ W_x + h_prev @ W_h"),
        ),
        slip(
            "your function changes its argument c_prev",
            2,
            (
                "c_t = f * c_prev + i * np.tanh(a_g)",
                "c_prev *= f\n    c_prev += i * np.tanh(a_g)\n    c_t = c_prev",
            ),
            ways=[
                [
                    (
                        "c_t = f * c_prev + i * np.tanh(a_g)",
                        "c_t = c_prev\n    c_t *= f\n    c_t += i * np.tanh(a_g)",
                    )
                ],
            ],
        ),
        slip(
            "a peephole stands inside the sigmoid, with what the gate reads",
            2,
            (
                "sigmoid(a_i + w_c[0] * c_prev), sigmoid(a_f + w_c[1] * c_prev)",
                "sigmoid(a_i) + w_c[0] * c_prev, sigmoid(a_f) + w_c[1] * c_prev",
            ),
            ("sigmoid(a_o + w_c[2] * c_t)", "(sigmoid(a_o) + w_c[2] * c_t)"),
            ways=[
                [("sigmoid(a_i + w_c[0] * c_prev)", "sigmoid(a_i) + w_c[0] * c_prev")],
                [("sigmoid(a_f + w_c[1] * c_prev)", "sigmoid(a_f) + w_c[1] * c_prev")],
                [
                    (
                        "sigmoid(a_i + w_c[0] * c_prev), sigmoid(a_f + w_c[1] * c_prev)",
                        "sigmoid(a_i) + w_c[0] * c_prev, sigmoid(a_f) + w_c[1] * c_prev",
                    ),
                ],
            ],
        ),
        slip(
            "the peephole of the output gate stands inside its sigmoid",
            1,
            ("sigmoid(a_o + w_c[2] * c_t)", "(sigmoid(a_o) + w_c[2] * c_t)"),
        ),
        slip(
            "the output gate looks at the cell state itself, not at its tanh",
            1,
            ("w_c[2] * c_t", "w_c[2] * np.tanh(c_t)"),
        ),
        slip(
            "the output gate looks at the cell state, not at the hidden state",
            1,
            ("w_c[2] * c_t", "w_c[2] * h_prev"),
        ),
        slip(
            "the peepholes look at the cell state itself, not at its tanh",
            2,
            ("w_c[0] * c_prev", "w_c[0] * np.tanh(c_prev)"),
            ("w_c[1] * c_prev", "w_c[1] * np.tanh(c_prev)"),
            ways=[
                [
                    ("w_c[0] * c_prev", "w_c[0] * np.tanh(c_prev)"),
                    ("w_c[1] * c_prev", "w_c[1] * np.tanh(c_prev)"),
                    ("w_c[2] * c_t", "w_c[2] * np.tanh(c_t)"),
                ],
            ],
        ),
        slip(
            "a peephole multiplies the cell state and is added to what the gate reads",
            2,
            ("a_i + w_c[0] * c_prev", "a_i * w_c[0] + c_prev"),
            ("a_f + w_c[1] * c_prev", "a_f * w_c[1] + c_prev"),
            ("a_o + w_c[2] * c_t", "a_o * w_c[2] + c_t"),
            ways=[
                [
                    ("a_i + w_c[0] * c_prev", "(a_i + w_c[0]) * c_prev"),
                    ("a_f + w_c[1] * c_prev", "(a_f + w_c[1]) * c_prev"),
                    ("a_o + w_c[2] * c_t", "(a_o + w_c[2]) * c_t"),
                ],
                [
                    ("a_i + w_c[0] * c_prev", "a_i + w_c[0]"),
                    ("a_f + w_c[1] * c_prev", "a_f + w_c[1]"),
                    ("a_o + w_c[2] * c_t", "a_o + w_c[2]"),
                ],
            ],
        ),
        slip(
            "the hidden state is o_t times tanh of the cell state, not times its sigmoid",
            1,
            ("* np.tanh(c_t), c_t", "* sigmoid(c_t), c_t"),
        ),
        slip(
            "the forget gate has a block of its own: it is not 1 - i",
            2,
            ("c_t = f * c_prev", "c_t = (1 - i) * c_prev"),
        ),
        slip(
            "the forget gate keeps the old cell state, not the hidden state",
            2,
            ("c_t = f * c_prev", "c_t = f * h_prev"),
        ),
        slip(
            "the output gate is a sigmoid: here it is what the sigmoid reads",
            1,
            ("return sigmoid(a_o + w_c[2] * c_t)", "return (a_o + w_c[2] * c_t)"),
        ),
        slip(
            "the bias is added to the maps, not to the kernel",
            2,
            ("same_conv(h_prev, W_h) + b", "same_conv(h_prev, W_h + b)"),
            ways=[
                [
                    (
                        "same_conv(x_t, W_x) + same_conv(h_prev, W_h) + b",
                        "same_conv(x_t, W_x + b) + same_conv(h_prev, W_h)",
                    )
                ]
            ],
        ),
        slip(
            "the kernels are exchanged: W_x goes with the frame, W_h with the hidden state",
            2,
            (
                "same_conv(x_t, W_x) + same_conv(h_prev, W_h)",
                "same_conv(x_t, W_h) + same_conv(h_prev, W_x)",
            ),
        ),
        slip(
            "W_h is convolved with the hidden state, not with the frame",
            2,
            ("same_conv(h_prev, W_h)", "same_conv(x_t, W_h)"),
        ),
        slip(
            "a peephole is one number a channel, multiplied elementwise: no matrix product",
            2,
            ("w_c[0] * c_prev", "c_prev @ w_c[0]"),
            ("w_c[1] * c_prev", "c_prev @ w_c[1]"),
            ways=[[("w_c[0] * c_prev", "c_prev @ w_c[0]")]],
        ),
    ],
    "conv_backward": [
        slip(
            "turn the kernel by half a turn on the way back",
            1,
            ("W[::-1, ::-1].transpose", "W.transpose"),
        ),
        slip(
            "the kernel maps F to D on the way back: exchange its last two axes",
            2,
            (".transpose(0, 1, 3, 2)", ""),
            ways=[[(TURNED, "W")]],
        ),
        slip(
            "a reshape does not exchange the channels: transpose the last two axes",
            1,
            (
                ".transpose(0, 1, 3, 2)",
                ".reshape(*W.shape[:2], W.shape[3], W.shape[2])",
            ),
        ),
        slip(
            "turn rows and columns both",
            1,
            ("W[::-1, ::-1].transpose", "W[::-1].transpose"),
            ways=[[("W[::-1, ::-1].transpose", "W[:, ::-1].transpose")]],
        ),
        slip(
            "half a turn reverses rows and columns: it does not exchange them",
            1,
            (TURNED, "W.transpose(1, 0, 3, 2)"),
            ways=[[(TURNED, "np.rot90(W).transpose(0, 1, 3, 2)")]],
        ),
        slip(
            "exchange the channels alone: rows and columns of the kernel are exchanged too",
            1,
            (TURNED, "W[::-1, ::-1].transpose(1, 0, 3, 2)"),
        ),
        slip(
            "turn rows and columns, not the channels",
            1,
            ("W[::-1, ::-1].transpose", "W[::-1, ::-1, ::-1, ::-1].transpose"),
            ways=[
                [("W[::-1, ::-1].transpose", "W[::-1, ::-1, ::-1].transpose")],
                [("W[::-1, ::-1].transpose", "W[::-1, ::-1, :, ::-1].transpose")],
            ],
        ),
        slip(
            "dx is a convolution of dy, not of x",
            1,
            ("dx = same_conv(dy, W[::-1, ::-1].transpose(0, 1, 3, 2))", "dx = same_conv(x, W)"),
        ),
        slip(
            "add over the batch, do not average",
            1,
            (ADDED, f"{ADDED} / len(x)"),
        ),
        slip(
            "an entry of the kernel is used at every position: add, do not average",
            1,
            (ADDED, f"{ADDED} / (R * C)"),
            ways=[[(ADDED, f"{ADDED} / (R * C * len(x))")]],
        ),
        slip(
            "this is the first example only: add over the batch",
            1,
            (ADDED, ADDED.replace("padded[:,", "padded[:1,").replace("dy)", "dy[:1])")),
        ),
        slip(
            "add over the batch: each example has a kernel's gradient of its own here",
            1,
            ("np.zeros_like(W)", "np.zeros((*W.shape[:2], len(x), *W.shape[2:]), W.dtype)"),
            ('"nrcd,nrcf->df"', '"nrcd,nrcf->ndf"'),
            ("return dx, dW", "return dx, np.moveaxis(dW, 2, 0)"),
        ),
        slip(
            "the kernel's gradient is turned by half a turn: dW[0, 0] belongs to the upper left",
            1,
            ("return dx, dW", "return dx, dW[::-1, ::-1].copy()"),
            ways=[
                [
                    (
                        f"{WINDOW}, dy)",
                        "x, np.pad(dy, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
                        "[:, r : r + R, c : c + C])",
                    )
                ]
            ],
        ),
        slip(
            "the kernel's gradient has rows and columns exchanged",
            1,
            ("dW[r, c] =", "dW[c, r] ="),
        ),
        slip(
            "the windows come from the padded x",
            2,
            ("padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))", "padded = x"),
            ways=[[(WINDOW, "x[:, r : r + R, c : c + C]")]],
        ),
        slip(
            "each entry of dW takes a window of its own: here all take the frame itself",
            1,
            (f"{WINDOW}, dy)", "x, dy)"),
        ),
        slip(
            "how much to pad depends on the kernel: half of its side, not always one pixel",
            2,
            ("pad, (R, C) = len(W) // 2,", "pad, (R, C) = 1,"),
        ),
        slip(
            "dW has the shape of W: (size, size, D, F)",
            1,
            ("np.zeros_like(W)", "np.zeros((*W.shape[:2], W.shape[3], W.shape[2]))"),
            ("nrcf->df", "nrcf->fd"),
        ),
        slip(
            "the products are added to the last one: an entry of dW belongs to one window alone",
            1,
            ("dW[r, c] = np.einsum", "dW[r:, c:] += np.einsum"),
        ),
        slip(
            "the last row and column of dW are left at zero",
            1,
            ("for r in range(len(W))", "for r in range(len(W) - 1)"),
            ("for c in range(len(W))", "for c in range(len(W) - 1)"),
        ),
        slip("return dx first, then dW", 2, ("return dx, dW", "return dW, dx")),
        slip("a gradient has no minus sign here", 2, ("return dx, dW", "return -dx, -dW")),
        slip("conv_backward must return 2 values, (dx, dW)", 2, ("return dx, dW", "return dx")),
        slip(
            "frames need not be square: take rows and columns from x.shape",
            2,
            ("r : r + R, c : c + C", "r : r + R, c : c + R"),
        ),
        slip(
            "cut the border of the scattered gradient off on all sides: it begins at the padding",
            1,
            (
                "    return dx, dW",
                "    wide = np.zeros_like(padded)\n    for r in range(len(W)):\n        for c in range(len(W)):\n"
                "            wide[:, r : r + R, c : c + C] += dy @ W[r, c].T\n    return wide[:, :R, :C], dW",
            ),
            ways=[
                [
                    (
                        "    return dx, dW",
                        "    wide = np.zeros_like(padded)\n    for r in range(len(W)):\n        for c in range(len(W)):\n"
                        "            wide[:, r : r + R, c : c + C] += dy @ W[r, c].T\n    return wide[:, 2 * pad :, 2 * pad :], dW",
                    )
                ],
            ],
        ),
        slip(
            "a pixel is read by several windows: add up what they hand back, do not overwrite",
            1,
            (
                "    return dx, dW",
                "    wide = np.zeros_like(padded)\n    for r in range(len(W)):\n        for c in range(len(W)):\n"
                "            wide[:, r : r + R, c : c + C] = dy @ W[r, c].T\n    return wide[:, pad : pad + R, pad : pad + C], dW",
            ),
            ways=[
                [
                    (
                        "    return dx, dW",
                        "    wide = np.zeros_like(padded)\n    for r in range(R):\n        for c in range(C):\n"
                        "            wide[:, r : r + len(W), c : c + len(W)] = np.einsum('nf,ijdf->nijd', dy[:, r, c], W)\n    return wide[:, pad : pad + R, pad : pad + C], dW",
                    )
                ],
            ],
        ),
        slip(
            "the border of the scattered gradient stands for padding: cut it off",
            1,
            (
                "    return dx, dW",
                "    wide = np.zeros_like(padded)\n    for r in range(len(W)):\n        for c in range(len(W)):\n"
                "            wide[:, r : r + R, c : c + C] += dy @ W[r, c].T\n    return wide, dW",
            ),
        ),
        slip(
            "add over the batch: each frame overwrites the one before, and the last is left",
            1,
            (ADDED, ADDED.replace("padded[:,", "padded[-1:,").replace("dy)", "dy[-1:])")),
        ),
        slip(
            "add over all positions: each one overwrites the one before, and the last is left",
            1,
            (ADDED, 'np.einsum("nd,nf->df", padded[:, r + R - 1, c + C - 1], dy[:, -1, -1])'),
        ),
        slip(
            "the last row and column of the frame are left out",
            1,
            (
                ADDED,
                'np.einsum("nrcd,nrcf->df", padded[:, r : r + R - 1, c : c + C - 1], dy[:, :-1, :-1])',
            ),
        ),
        slip(
            "dW comes from the gradient dy, not from the output of the convolution",
            1,
            (
                "padded[:, r : r + R, c : c + C], dy)",
                "padded[:, r : r + R, c : c + C], same_conv(x, W))",
            ),
        ),
        slip(
            "add over the batch only where both have the same example: this pairs all with all",
            1,
            (
                'np.einsum("nrcd,nrcf->df", padded[:, r : r + R, c : c + C], dy)',
                "np.tensordot(padded[:, r : r + R, c : c + C], dy, ([1, 2], [1, 2])).sum((0, 2))",
            ),
            ways=[[('"nrcd,nrcf->df"', '"nrcd,mrcf->df"')]],
        ),
        slip(
            "turn the kernel along its rows and columns, not along its channels",
            1,
            ("W[::-1, ::-1].transpose", "W[:, :, ::-1, ::-1].transpose"),
        ),
        slip(
            "T turns the order of all axes round: exchange the channels alone",
            2,
            ("W[::-1, ::-1].transpose(0, 1, 3, 2)", "W[::-1, ::-1].T"),
            ways=[[("W[::-1, ::-1].transpose(0, 1, 3, 2)", "W.T")]],
        ),
        slip(
            "dW is (D, F) at each place: the channels of x come first",
            2,
            ("nrcf->df", "nrcf->fd"),
        ),
        slip(
            "the gradients are divided by the batch: add over the examples, do not average",
            2,
            ("    return dx, dW", "    return dx / len(x), dW / len(x)"),
        ),
    ],
    "every_frame": [
        slip(
            "unfold the batch again: the LSTM needs the axis of time",
            1,
            (".unflatten(0, (N, T))", ""),
        ),
        slip(
            "films and frames are mixed: the batch was N films of T frames",
            1,
            (".unflatten(0, (N, T))", ".unflatten(0, (T, N)).transpose(0, 1)"),
            ways=[
                [(FOLD, "x.transpose(0, 1).flatten(0, 1)")],
                [(FOLD, "x.transpose(0, 1).reshape(N * T, *x.shape[2:])")],
            ],
        ),
        slip(
            "unfold into N films of T frames, not into T of N",
            1,
            (".unflatten(0, (N, T))", ".unflatten(0, (T, N))"),
        ),
        slip(
            "time stands second: films first, then their frames",
            1,
            """
def every_frame(x, W, b):
    y = [torch.nn.functional.conv2d(x[:, t], W, b).relu() for t in range(x.shape[1])]
    return torch.stack([one.flatten(1) for one in y])
""",
            ways=[
                [
                    (FOLD, "x.transpose(0, 1).flatten(0, 1)"),
                    (".unflatten(0, (N, T))", ".unflatten(0, (T, N))"),
                ]
            ],
        ),
        slip("the bias is missing", 1, ("(0, 1), W, b)", "(0, 1), W)")),
        slip("the bias is added twice", 1, ("(0, 1), W, b)", "(0, 1), W, 2 * b)")),
        slip("the ReLU is missing", 1, ("y.relu()", "y")),
        slip(
            "the ReLU comes after the convolution, not before it",
            1,
            (f"({FOLD}, W", f"({FOLD}.relu(), W"),
            ("y.relu()", "y"),
        ),
        slip(
            "the ReLU comes after the bias",
            1,
            ("(0, 1), W, b)", "(0, 1), W).relu()"),
            ("y.relu()", "(y + b[:, None, None])"),
            ways=[
                [
                    (
                        "conv2d(x.flatten(0, 1), W, b)",
                        "conv2d(x.flatten(0, 1), W).relu() + b[:, None, None]",
                    )
                ],
            ],
        ),
        slip(
            "a ReLU is max(0, a): this is another function",
            1,
            ("y.relu()", "y.abs()"),
            ways=[
                [("y.relu()", "y.tanh()")],
                [("y.relu()", "y.sigmoid()")],
                [("y.relu()", "torch.nn.functional.leaky_relu(y)")],
                [("y.relu()", "torch.nn.functional.gelu(y)")],
                [("y.relu()", "torch.nn.functional.elu(y)")],
                [("y.relu()", "y.clamp(max=0)")],
                [("y.relu()", "torch.nn.functional.softplus(y)")],
            ],
        ),
        slip("flatten the features of a frame", 1, (".flatten(1)", "")),
        slip(
            "flatten the maps of a frame too, not only its pixels",
            1,
            (".flatten(1)", ".flatten(2)"),
        ),
        slip(
            "features stand in the order F, R', C': do not move the channels",
            1,
            (".flatten(1)", ".permute(0, 2, 3, 1).flatten(1)"),
        ),
        slip(
            "features stand in the order F, R', C': rows come before columns",
            1,
            (".flatten(1)", ".transpose(2, 3).flatten(1)"),
        ),
        slip(
            "there is no padding: the frames become a little smaller",
            1,
            ("(0, 1), W, b)", '(0, 1), W, b, padding="same")'),
            ways=[[("(0, 1), W, b)", "(0, 1), W, b, padding=1)")]],
        ),
        slip(
            "the kernel moves by one pixel: there is no stride",
            1,
            ("(0, 1), W, b)", "(0, 1), W, b, stride=2)"),
        ),
        slip(
            "conv2d takes frames with the axes (N T, D, R, C): fold time into the batch",
            1,
            (FOLD, "x.flatten(1, 2)"),
            ways=[[(FOLD, "x")]],
        ),
        slip(
            "a reshape does not move axes, and none has to move: channels come before rows",
            1,
            (FOLD, "x.reshape(N * T, *x.shape[3:], x.shape[2]).permute(0, 3, 1, 2)"),
        ),
        slip(
            "PyTorch turns no kernel: it comes as it is needed",
            1,
            (f"({FOLD}, W, b)", f"({FOLD}, W.flip(2, 3), b)"),
        ),
        slip(
            "this is the first frame of each film only",
            1,
            """
def every_frame(x, W, b):
    y = torch.nn.functional.conv2d(x[:, 0], W, b)
    return y.relu().flatten(1)
""",
            ways=[
                """
def every_frame(x, W, b):
    y = torch.nn.functional.conv2d(x[:, 0], W, b)
    return y.relu().flatten(1).unsqueeze(1)
"""
            ],
        ),
        slip(
            "this is the last frame of each film only: keep the features of all",
            1,
            """
def every_frame(x, W, b):
    for t in range(x.shape[1]):
        y = torch.nn.functional.conv2d(x[:, t], W, b).relu().flatten(1)
    return y
""",
        ),
        slip(
            "the features of all frames stand in one row: keep an axis for time",
            1,
            (".flatten(1).unflatten(0, (N, T))", ".flatten(1).reshape(N, -1)"),
        ),
        slip(
            "must be a PyTorch tensor, but yours is a list",
            1,
            (
                "return y.relu().flatten(1).unflatten(0, (N, T))",
                "return list(y.relu().flatten(1).unflatten(0, (N, T)))",
            ),
        ),
        slip(
            "every position is a feature: do not take the mean over rows and columns",
            1,
            ("y.relu().flatten(1)", "y.relu().mean(dim=(2, 3))"),
        ),
        slip(
            "every position is a feature: nothing is pooled",
            1,
            ("y.relu().flatten(1)", "torch.nn.functional.max_pool2d(y.relu(), 2).flatten(1)"),
        ),
        slip(
            "rows and columns of the frames are exchanged: a film is (N, T, D, R, C)",
            1,
            ("x.flatten(0, 1)", "x.flatten(0, 1).transpose(2, 3)"),
        ),
        slip(
            "rows and columns of the frames are mixed: reshape keeps the order D, R, C",
            1,
            ("x.flatten(0, 1)", "x.reshape(-1, x.shape[2], x.shape[4], x.shape[3])"),
        ),
        slip(
            "the kernel is (F, D, rows, columns) already: do not exchange its axes",
            1,
            ("(x.flatten(0, 1), W, b)", "(x.flatten(0, 1), W.transpose(2, 3), b)"),
        ),
        slip(
            "all frames go through the kernel: these are the first ones of the films alone",
            1,
            ("conv2d(x.flatten(0, 1), W, b)", "conv2d(x[:, 0], W, b)"),
        ),
        slip(
            "return a tensor, not an array: no numpy()",
            1,
            (".unflatten(0, (N, T))", ".unflatten(0, (N, T)).numpy()"),
        ),
        slip(
            "there is one ReLU, after the convolution: the frames themselves may be negative",
            1,
            ("conv2d(x.flatten(0, 1), W, b)", "conv2d(x.flatten(0, 1).relu(), W, b)"),
        ),
    ],
    "torch_step": [
        slip(
            "reshape mixes the kernel: permute moves its axes",
            2,
            ("W_x.permute(3, 2, 0, 1)", "W_x.reshape(W_x.shape[3], W_x.shape[2], *W_x.shape[:2])"),
            ("W_h.permute(3, 2, 0, 1)", "W_h.reshape(W_h.shape[3], W_h.shape[2], *W_h.shape[:2])"),
        ),
        slip(
            "rows and columns of the kernel are exchanged: check the permute",
            2,
            ("W_x.permute(3, 2, 0, 1)", "W_x.permute(3, 2, 1, 0)"),
            ("W_h.permute(3, 2, 0, 1)", "W_h.permute(3, 2, 1, 0)"),
            ways=[
                [("W_x.permute(3, 2, 0, 1)", "W_x.permute(3, 2, 1, 0)")],
                [("W_h.permute(3, 2, 0, 1)", "W_h.permute(3, 2, 1, 0)")],
                [("W_x.permute(3, 2, 0, 1)", "W_x.T"), ("W_h.permute(3, 2, 0, 1)", "W_h.T")],
            ],
        ),
        slip(
            "PyTorch wants kernels (4H, D, size, size): permute",
            2,
            ("W_x.permute(3, 2, 0, 1)", "W_x"),
            ("W_h.permute(3, 2, 0, 1)", "W_h"),
            ways=[
                [
                    ("W_x.permute(3, 2, 0, 1)", "W_x.permute(2, 3, 0, 1)"),
                    ("W_h.permute(3, 2, 0, 1)", "W_h.permute(2, 3, 0, 1)"),
                ],
                [("W_h.permute(3, 2, 0, 1)", "W_h")],
            ],
        ),
        slip(
            "PyTorch turns no kernel: only its axes move",
            2,
            ("W_x.permute(3, 2, 0, 1)", "W_x.permute(3, 2, 0, 1).flip(2, 3)"),
            ("W_h.permute(3, 2, 0, 1)", "W_h.permute(3, 2, 0, 1).flip(2, 3)"),
        ),
        slip(
            "the bias is added twice: give it to one of the two convolutions",
            2,
            (FROM_H, f"{FROM_H}, b"),
        ),
        slip("the bias is missing", 2, ('b, padding="same")', 'padding="same")')),
        slip("the hidden state is missing", 2, (f'a + {FROM_H}, padding="same")', "a")),
        slip(
            "the input is missing",
            2,
            (f'a = {FROM_X}, b, padding="same")', "a = b[:, None, None]"),
        ),
        slip(
            "W_h is convolved with h_prev, not with c_prev",
            2,
            (FROM_H, FROM_H.replace("h_prev", "c_prev")),
        ),
        slip(
            'the size must be kept: padding="same"',
            2,
            ('b, padding="same")', "b)"),
            (f'{FROM_H}, padding="same")', f"{FROM_H})"),
            ways=[
                [('b, padding="same")', "b)")],
                [(f'{FROM_H}, padding="same")', f"{FROM_H})")],
            ],
        ),
        slip(
            "how much to pad depends on the kernel: half of its side, not always one pixel",
            2,
            ('b, padding="same")', "b, padding=1)"),
            (f'{FROM_H}, padding="same")', f"{FROM_H}, padding=1)"),
        ),
        slip(
            "a peephole must meet maps (N, H, R, C): it needs two more axes behind its own",
            2,
            ("w_c[:, :, None, None]", "w_c"),
            ways=[
                [("w_c[:, :, None, None]", "w_c[:, :, None]")],
                [("w_c[:, :, None, None]", "w_c[:, None, None]")],
            ],
        ),
        slip(
            "the peepholes are missing",
            2,
            ("a_i + w_i * c_prev", "a_i"),
            ("a_f + w_f * c_prev", "a_f"),
            ("a_o + w_o * c_t", "a_o"),
        ),
        slip(
            "the peepholes stand in the order i, f, o",
            2,
            ("w_i, w_f, w_o = w_c", "w_f, w_i, w_o = w_c"),
            ways=[
                [("w_i, w_f, w_o = w_c", "w_i, w_o, w_f = w_c")],
                [("w_i, w_f, w_o = w_c", "w_o, w_f, w_i = w_c")],
            ],
        ),
        slip("the input gate has a peephole too", 2, ("a_i + w_i * c_prev", "a_i")),
        slip("the forget gate has a peephole too", 2, ("a_f + w_f * c_prev", "a_f")),
        slip("the output gate has a peephole too", 1, ("a_o + w_o * c_t", "a_o")),
        slip("the output gate looks at the new cell state", 1, ("w_o * c_t", "w_o * c_prev")),
        slip(
            "the candidate has no peephole",
            2,
            ("torch.tanh(a_g)", "torch.tanh(a_g + w_o * c_prev)"),
            ways=[[("torch.tanh(a_g)", "torch.tanh(a_g + w_f * c_prev)")]],
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            ("a_i, a_f, a_g, a_o =", "a_i, a_f, a_o, a_g ="),
            ways=[
                [("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o =")],
                [("a_i, a_f, a_g, a_o =", "a_f, a_i, a_o, a_g =")],
                [("a_i, a_f, a_g, a_o =", "a_o, a_f, a_g, a_i =")],
                [("a_i, a_f, a_g, a_o =", "a_i, a_g, a_f, a_o =")],
            ],
        ),
        slip(
            "the blocks lie along the maps, which are axis 1 here",
            2,
            ("a.chunk(4, dim=1)", "a.chunk(4, dim=3)"),
            ways=[
                [("a.chunk(4, dim=1)", "a.chunk(4, dim=2)")],
                [("a.chunk(4, dim=1)", "a.chunk(4)")],
                [("a.chunk(4, dim=1)", "a.chunk(4, dim=-1)")],
            ],
        ),
        slip(
            "split takes the size of a block, not their number: use chunk",
            2,
            ("a.chunk(4, dim=1)", "a.split(4, dim=1)"),
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            2,
            ("torch.tanh(a_g)", "torch.sigmoid(a_g)"),
        ),
        slip("the tanh of the candidate is missing", 2, ("i * torch.tanh(a_g)", "i * a_g")),
        slip(
            "the output gate goes through the sigmoid, not through tanh",
            1,
            ("return torch.sigmoid(", "return torch.tanh("),
        ),
        slip(
            "f keeps the old state, i lets the candidate in",
            2,
            ("f * c_prev + i * torch", "i * c_prev + f * torch"),
        ),
        slip(
            "the forget gate is missing: f multiplies c_prev", 2, ("f * c_prev + i", "c_prev + i")
        ),
        slip(
            "the input gate is missing: i multiplies the candidate",
            2,
            ("i * torch.tanh(a_g)", "torch.tanh(a_g)"),
        ),
        slip(
            "h_t is o_t times tanh(c_t): the tanh is missing",
            1,
            ("* torch.tanh(c_t), c_t", "* c_t, c_t"),
        ),
        slip(
            "h_t is o_t times tanh(c_t): the output gate is missing",
            1,
            (SHOW, "return torch.tanh(c_t), c_t"),
        ),
        slip(
            "h_t is o_t times tanh(c_t): this is the cell state twice", 1, (SHOW, "return c_t, c_t")
        ),
        slip(
            "return h_t first, then c_t",
            2,
            (SHOW, "return c_t, torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t)"),
        ),
        slip(
            "torch_step must return 2 values, (h_t, c_t)",
            2,
            (SHOW, "return torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t)"),
        ),
        slip(
            "your function changes its argument c_prev",
            2,
            (
                "c_t = f * c_prev + i * torch.tanh(a_g)",
                "c_t = c_prev.mul_(f).add_(i * torch.tanh(a_g))",
            ),
        ),
        slip(
            "the channels come first and stay there: return maps (N, H, R, C)",
            2,
            (
                SHOW,
                "h_t = torch.sigmoid(a_o + w_o * c_t) * torch.tanh(c_t)\n"
                "    return h_t.permute(0, 2, 3, 1), c_t.permute(0, 2, 3, 1)",
            ),
        ),
        slip(
            "x_t has its channels first already: do not move them",
            2,
            ("conv2d(x_t,", "conv2d(x_t.permute(0, 3, 1, 2),"),
            ("conv2d(h_prev,", "conv2d(h_prev.permute(0, 3, 1, 2),"),
        ),
        slip(
            "the kernels stand in the same order as the maps: here x_t meets W_h, and h_prev W_x",
            2,
            (
                "    a_i, a_f, a_g, a_o =",
                "    both = torch.cat([W_h, W_x], dim=2).permute(3, 2, 0, 1)\n"
                "    a = conv2d(torch.cat([x_t, h_prev], dim=1), both, b, padding='same')\n"
                "    a_i, a_f, a_g, a_o =",
            ),
            ways=[
                [
                    (
                        "    a_i, a_f, a_g, a_o =",
                        "    both = torch.cat([W_x, W_h], dim=2).permute(3, 2, 0, 1)\n"
                        "    a = conv2d(torch.cat([h_prev, x_t], dim=1), both, b, padding='same')\n"
                        "    a_i, a_f, a_g, a_o =",
                    )
                ],
            ],
        ),
        slip(
            "the peepholes look at the cell state, not at the hidden state",
            2,
            ("w_f * c_prev", "w_f * h_prev"),
            ways=[
                [("w_i * c_prev", "w_i * h_prev")],
                [("w_i * c_prev", "w_i * h_prev"), ("w_f * c_prev", "w_f * h_prev")],
                [
                    ("w_i * c_prev", "w_i * h_prev"),
                    ("w_f * c_prev", "w_f * h_prev"),
                    ("w_o * c_t", "w_o * h_prev"),
                ],
            ],
        ),
        slip(
            "a peephole stands inside the sigmoid, with what the gate reads",
            2,
            (
                "torch.sigmoid(a_i + w_i * c_prev), torch.sigmoid(a_f + w_f * c_prev)",
                "torch.sigmoid(a_i) + w_i * c_prev, torch.sigmoid(a_f) + w_f * c_prev",
            ),
            ("torch.sigmoid(a_o + w_o * c_t)", "(torch.sigmoid(a_o) + w_o * c_t)"),
            ways=[
                [("torch.sigmoid(a_i + w_i * c_prev)", "torch.sigmoid(a_i) + w_i * c_prev")],
                [("torch.sigmoid(a_f + w_f * c_prev)", "torch.sigmoid(a_f) + w_f * c_prev")],
            ],
        ),
        slip(
            "the peephole of the output gate stands inside its sigmoid",
            1,
            ("torch.sigmoid(a_o + w_o * c_t)", "(torch.sigmoid(a_o) + w_o * c_t)"),
        ),
        slip(
            "the output gate looks at the cell state itself, not at its tanh",
            1,
            ("w_o * c_t", "w_o * torch.tanh(c_t)"),
        ),
        slip(
            "each gate has a peephole of its own",
            2,
            ("w_f * c_prev", "w_i * c_prev"),
            ways=[[("w_i * c_prev", "w_f * c_prev")]],
        ),
        slip(
            "the candidate is a tanh, not a ReLU",
            2,
            ("i * torch.tanh(a_g)", "i * torch.relu(a_g)"),
        ),
        slip(
            "both convolutions are added: here the second one takes the place of the first",
            2,
            ("a = a + conv2d(", "a = conv2d("),
        ),
        slip(
            "the forget gate has a block of its own: it is not 1 - i",
            2,
            ("c_t = f * c_prev", "c_t = (1 - i) * c_prev"),
        ),
        slip(
            "the hidden state is o_t times tanh of the cell state, not times its sigmoid",
            1,
            ("* torch.tanh(c_t), c_t", "* torch.sigmoid(c_t), c_t"),
        ),
    ],
    "parameter_count": [
        slip("the biases are missing", 1, (" + 1)", ")")),
        slip(
            "one bias for each map of each block, not two",
            1,
            (" + 1)", " + 2)"),
        ),
        slip(
            "each of the four blocks has biases of its own",
            1,
            (
                "4 * H * (size_x**2 * D + size_h**2 * H + 1)",
                "4 * H * (size_x**2 * D + size_h**2 * H) + H",
            ),
            ways=[
                [
                    (
                        "4 * H * (size_x**2 * D + size_h**2 * H + 1)",
                        "4 * H * (size_x**2 * D + size_h**2 * H) + 1",
                    )
                ],
                [
                    (
                        "4 * H * (size_x**2 * D + size_h**2 * H + 1)",
                        "4 * H * (size_x**2 * D + size_h**2 * H) + 4",
                    )
                ],
            ],
        ),
        slip(
            "a bias belongs to a map, not to each position",
            1,
            (" + 1)", " + R * C)"),
        ),
        slip(
            "a kernel has size times size entries for each channel",
            1,
            ("size_x**2", "size_x"),
            ("size_h**2", "size_h"),
            ways=[
                [("size_x**2", "1"), ("size_h**2", "1")],
                [("size_x**2", "2 * size_x"), ("size_h**2", "2 * size_h")],
                [("size_x**2", "size_x")],
                [("size_h**2", "size_h")],
            ],
        ),
        slip(
            "the two kernels may have different sides: one is size_x, the other size_h",
            1,
            ("size_h**2", "size_x**2"),
            ways=[[("size_x**2", "size_h**2")]],
        ),
        slip(
            "the sides of the two kernels are exchanged",
            1,
            ("size_x**2 * D + size_h**2 * H", "size_h**2 * D + size_x**2 * H"),
        ),
        slip(
            "a kernel is square: size_x rows and size_x columns",
            1,
            ("size_x**2 * D", "size_x * size_h * D"),
        ),
        slip("there are four blocks", 1, ("4 * H * (", "H * (")),
        slip("there are four blocks, not three", 1, ("4 * H * (", "3 * H * (")),
        slip("the input's kernel is missing", 1, ("size_x**2 * D + ", "")),
        slip("the state's kernel is missing", 1, ("size_h**2 * H + ", "")),
        slip(
            "the kernel of the state reads H channels, not D",
            1,
            ("size_h**2 * H", "size_h**2 * D"),
        ),
        slip(
            "the kernel of the input reads D channels, not H",
            1,
            ("size_x**2 * D", "size_x**2 * H"),
        ),
        slip(
            "each of the 4H maps reads all channels: multiply by 4H and by D or H",
            1,
            (
                "4 * H * (size_x**2 * D + size_h**2 * H + 1)",
                "4 * (size_x**2 * D + size_h**2 * H + H)",
            ),
        ),
        slip(
            "the weights are the same at every position: R and C do not multiply the kernels",
            1,
            ("return 4 * H * (", "return R * C * 4 * H * ("),
        ),
        slip("three gates have a peephole, the candidate has none", 1, ("3 * each", "4 * each")),
        slip("three gates have a peephole, not one", 1, ("3 * each", "each")),
        slip("the peepholes are missing", 1, (" + 3 * each", "")),
        slip(
            "by position there is one number for each position of each channel",
            1,
            ("R * C * H", "R * C"),
            ways=[
                [("R * C * H", "(R + C) * H")],
                [("R * C * H", "R * C + H")],
                [("R * C * H", "R * H")],
            ],
        ),
        slip(
            "by channel there is one number for each map",
            1,
            ('"channel": H', '"channel": 1'),
            ways=[[('"channel": H', '"channel": D')]],
        ),
        slip(
            "frames need not be square: R rows and C columns",
            1,
            ("R * C * H", "R * R * H"),
            ways=[[("R * C * H", "C * C * H")]],
        ),
        slip(
            "the peepholes belong to the maps of the state: H, not D",
            1,
            ("R * C * H", "R * C * D"),
        ),
        slip(
            "the peepholes by channel and by position are exchanged",
            1,
            ('"channel": H, "position": R * C * H', '"channel": R * C * H, "position": H'),
        ),
        slip(
            "must be a whole number (int), but yours is a float",
            1,
            ("+ 3 * each", "+ 3.0 * each"),
        ),
        slip(
            "a text that is not empty counts as true: compare peepholes with each word",
            1,
            (
                '{"none": 0, "channel": H, "position": R * C * H}[peepholes]',
                '(H if peepholes != "position" else R * C * H)',
            ),
            ways=[
                [
                    (
                        '{"none": 0, "channel": H, "position": R * C * H}[peepholes]',
                        "H if peepholes else 0",
                    )
                ],
                [
                    (
                        '{"none": 0, "channel": H, "position": R * C * H}[peepholes]',
                        "R * C * H if peepholes else 0",
                    )
                ],
                [
                    (
                        '{"none": 0, "channel": H, "position": R * C * H}[peepholes]',
                        'R * C * H if peepholes != "channel" else H',
                    )
                ],
            ],
        ),
        slip(
            "the numbers by position take the place of those by channel: count one kind, not both",
            1,
            ("R * C * H", "R * C * H + H"),
        ),
        slip(
            "each gate has two kernels, one for x and one for h: their sizes do not add up to one kernel",
            1,
            ("size_x**2 * D + size_h**2 * H", "(size_x + size_h) ** 2 * (D + H)"),
            ways=[[("size_x**2 * D + size_h**2 * H", "size_x**2 * size_h**2 * (D + H)")]],
        ),
        slip(
            "three gates have a peephole, not two: i, f and o",
            1,
            ("3 * each", "2 * each"),
        ),
        slip(
            "a peephole is multiplied elementwise: it has no entry for each of the four blocks",
            1,
            ("+ 3 * each", "+ 4 * H * each"),
            ways=[[("+ 3 * each", "+ 12 * each")], [("+ 3 * each", "+ 3 * H * each")]],
        ),
    ],
    "dilated_conv": [
        slip(
            "the kernel is not dilated: its entries must stand dilation pixels apart",
            2,
            """
def dilated_conv(x, W, dilation, dy):
    return same_conv(x, W), *conv_backward(dy, x, W)
""",
        ),
        slip(
            "y is right, and the gradients are those of the kernel without holes",
            1,
            ("conv_backward(dy, x, wide)", "conv_backward(dy, x, W)"),
            ("dwide[::dilation, ::dilation]", "dwide"),
        ),
        slip(
            "y is the convolution with the kernel without holes, and the gradients are not",
            1,
            ("return same_conv(x, wide)", "return same_conv(x, W)"),
        ),
        slip(
            "between the first and the last entry lie size - 1 gaps: the larger kernel is too large",
            2,
            ("dilation * (len(W) - 1) + 1", "dilation * len(W)"),
            ways=[[("dilation * (len(W) - 1) + 1", "dilation * len(W) + 1")]],
        ),
        slip(
            "the larger kernel is too small: count the pixels from the first entry to the last",
            2,
            ("dilation * (len(W) - 1) + 1", "dilation * (len(W) - 1)"),
            ways=[
                [("dilation * (len(W) - 1) + 1", "len(W) + dilation - 1")],
                [("dilation * (len(W) - 1) + 1", "len(W) + dilation")],
            ],
        ),
        slip(
            "with dilation 1 the kernel has no holes: there are dilation - 1 pixels between entries",
            2,
            (
                "side = dilation * (len(W) - 1) + 1",
                "dilation = dilation + 1\n    side = dilation * (len(W) - 1) + 1",
            ),
        ),
        slip(
            "the kernel stands at its own size in a corner of the larger one: spread it out",
            2,
            ("wide[::dilation, ::dilation] = W", "wide[: len(W), : len(W)] = W"),
            ("dwide[::dilation, ::dilation]", "dwide[: len(W), : len(W)]"),
        ),
        slip(
            "between the entries stand zeros: here entries are repeated",
            2,
            (
                "    dx, dwide",
                "    wide = W.repeat(dilation, axis=0).repeat(dilation, axis=1)[:side, :side]\n"
                "    dx, dwide",
            ),
            ways=[
                [
                    (
                        "    dx, dwide",
                        "    near = (np.arange(side) + dilation // 2) // dilation\n"
                        "    wide = W[near][:, near]\n"
                        "    dx, dwide",
                    )
                ]
            ],
        ),
        slip(
            "between the entries of the larger kernel stand zeros, not ones",
            2,
            (
                "np.zeros((side, side, *W.shape[2:]), W.dtype)",
                "np.ones((side, side, *W.shape[2:]))",
            ),
        ),
        slip(
            "the larger kernel is not filled in: start from zeros",
            2,
            ("wide[::dilation, ::dilation] = W", "wide[::dilation, ::dilation] = 0"),
        ),
        slip(
            "rows and columns are both dilated",
            2,
            """
def dilated_conv(x, W, dilation, dy):
    size = len(W)
    side = dilation * (size - 1) + 1
    wide, middle = np.zeros((side, side, *W.shape[2:])), (side - size) // 2
    wide[::dilation, middle : middle + size] = W
    dx, dwide = conv_backward(dy, x, wide)
    return same_conv(x, wide), dx, dwide[::dilation, middle : middle + size]
""",
            ways=[
                """
def dilated_conv(x, W, dilation, dy):
    size = len(W)
    side = dilation * (size - 1) + 1
    wide, middle = np.zeros((side, side, *W.shape[2:])), (side - size) // 2
    wide[middle : middle + size, ::dilation] = W
    dx, dwide = conv_backward(dy, x, wide)
    return same_conv(x, wide), dx, dwide[middle : middle + size, ::dilation]
"""
            ],
        ),
        slip(
            "dW has the shape of W: take the entries out of the larger gradient",
            1,
            ("dwide[::dilation, ::dilation]", "dwide"),
        ),
        slip(
            "dW is taken from a corner of the larger gradient: take every entry dilation apart",
            1,
            ("dwide[::dilation, ::dilation]", "dwide[: len(W), : len(W)]"),
        ),
        slip(
            "dW is that of a kernel without holes: take entries that lie dilation apart",
            1,
            ("dwide[::dilation, ::dilation]", "conv_backward(dy, x, W)[1]"),
            ways=[
                [
                    (
                        "return same_conv(x, wide), dx, dwide[::dilation, ::dilation]",
                        "k = (side - len(W)) // 2\n"
                        "    return same_conv(x, wide), dx, dwide[k : k + len(W), k : k + len(W)]",
                    )
                ]
            ],
        ),
        slip(
            "dx is that of a kernel without holes",
            1,
            (
                "return same_conv(x, wide), dx,",
                "return same_conv(x, wide), conv_backward(dy, x, W)[0],",
            ),
        ),
        slip(
            "the kernel is dilated, not the frames: this skips pixels of x",
            2,
            """
def dilated_conv(x, W, dilation, dy):
    x, dy = x[:, ::dilation, ::dilation], dy[:, ::dilation, ::dilation]
    return same_conv(x, W), *conv_backward(dy, x, W)
""",
        ),
        slip(
            "no position is skipped: this is a stride, and y has the size of the frame",
            2,
            """
def dilated_conv(x, W, dilation, dy):
    strided = np.zeros_like(dy)
    strided[:, ::dilation, ::dilation] = dy[:, ::dilation, ::dilation]
    y = same_conv(x, W)[:, ::dilation, ::dilation]
    return y, *conv_backward(strided, x, W)
""",
        ),
        slip(
            "the results stand in the order y, dx, dW",
            2,
            (
                "same_conv(x, wide), dx, dwide[::dilation, ::dilation]",
                "dx, dwide[::dilation, ::dilation], same_conv(x, wide)",
            ),
        ),
        slip(
            "after y comes dx, then dW",
            1,
            ("dx, dwide[::dilation, ::dilation]", "dwide[::dilation, ::dilation], dx"),
        ),
        slip(
            "conv_backward returns dx first, then dW",
            1,
            ("dx, dwide = conv_backward", "dwide, dx = conv_backward"),
        ),
        slip(
            "conv_backward takes dy first, then x, then the kernel",
            2,
            ("conv_backward(dy, x, wide)", "conv_backward(x, dy, wide)"),
            ways=[[("conv_backward(dy, x, wide)", "conv_backward(x, wide, dy)")]],
        ),
        slip(
            "dilated_conv must return 3 values, (y, dx, dW)",
            2,
            (", dx, dwide[::dilation, ::dilation]", ""),
        ),
        slip(
            "dilation is an argument: it is not always 2",
            2,
            (
                "side = dilation * (len(W) - 1) + 1",
                "dilation = 2\n    side = dilation * (len(W) - 1) + 1",
            ),
        ),
        slip(
            "the sum over the kernel is no average: do not divide by dilation",
            1,
            ("return same_conv(x, wide), dx, ", "return same_conv(x, wide) / dilation**2, dx, "),
        ),
        slip(
            "the padding is too wide: half of the dilated kernel's side, once",
            2,
            (
                "    return same_conv(x, wide), dx, dwide[::dilation, ::dilation]",
                "    k, (R, C) = side // 2, x.shape[1:3]\n"
                "    edge = ((0, 0), (k, k), (k, k), (0, 0))\n"
                "    dx, dwide = conv_backward(np.pad(dy, ((0, 0), (0, 2 * k), (0, 2 * k), (0, 0))), np.pad(x, edge), wide)\n"
                "    return same_conv(np.pad(x, edge), wide)[:, :R, :C], dx[:, k : k + R, k : k + C], dwide[::dilation, ::dilation]",
            ),
            ways=[
                [
                    (
                        "    return same_conv(x, wide), dx, dwide[::dilation, ::dilation]",
                        "    k = side // 2\n"
                        "    edge = ((0, 0), (k, k), (k, k), (0, 0))\n"
                        "    dx, dwide = conv_backward(np.pad(dy, edge), np.pad(x, edge), wide)\n"
                        "    return same_conv(np.pad(x, edge), wide), dx, dwide[::dilation, ::dilation]",
                    )
                ],
            ],
        ),
        slip(
            "y has the size of the frame: spread the kernel out, do not thin out the frames",
            1,
            ("return same_conv(x, wide)", "return same_conv(x[:, ::dilation, ::dilation], W)"),
            ways=[
                [
                    (
                        "return same_conv(x, wide)",
                        "return same_conv(x, wide)[:, ::dilation, ::dilation]",
                    )
                ],
                [
                    (
                        "return same_conv(x, wide)",
                        "return same_conv(x, W)[:, ::dilation, ::dilation]",
                    )
                ],
            ],
        ),
        slip(
            "the frame keeps all its pixels: it is the kernel that gets holes",
            2,
            """
def dilated_conv(x, W, dilation, dy):
    y, dx = np.zeros_like(dy), np.zeros_like(x)
    few = x[:, ::dilation, ::dilation]
    y[:, ::dilation, ::dilation] = same_conv(few, W)
    back, dW = conv_backward(dy[:, ::dilation, ::dilation], few, W)
    dx[:, ::dilation, ::dilation] = back
    return y, dx, dW
""",
        ),
        slip(
            "the entries of W stand dilation apart in the larger kernel: here they stay together in a corner",
            2,
            ("wide[::dilation, ::dilation] = W", "wide[: len(W), : len(W)] = W"),
        ),
        slip(
            "the holes lie between the columns as well as between the rows",
            2,
            ("wide[::dilation, ::dilation] = W", "wide[::dilation, : len(W)] = W"),
            ways=[[("wide[::dilation, ::dilation] = W", "wide[: len(W), ::dilation] = W")]],
        ),
        slip(
            "the entries are dilation pixels apart, which is not always 2",
            2,
            ("wide[::dilation, ::dilation] = W", "wide[::2, ::2] = W"),
        ),
        slip(
            "the first entry stands in the corner of the larger kernel, at 0",
            2,
            (
                "wide[::dilation, ::dilation] = W",
                "wide[dilation - 1 :: dilation, dilation - 1 :: dilation] = W",
            ),
        ),
        slip(
            "the larger kernel has size - 1 gaps of dilation pixels and one more entry",
            2,
            ("dilation * (len(W) - 1) + 1", "(dilation - 1) * len(W) + 1"),
        ),
        slip(
            "dx has the size of the frame: only the gradient of the kernel has holes",
            1,
            ("dx, dwide[", "dx[:, ::dilation, ::dilation], dwide["),
        ),
        slip(
            "each entry of W is used once in the larger kernel: its gradient is not divided",
            1,
            ("dwide[::dilation, ::dilation]", "dwide[::dilation, ::dilation] / dilation**2"),
        ),
    ],
}

RIGHT = [
    Right("einsum", {"same_conv": CONV, "conv_backward": BACK}),
    Right("short-names", {"conv_lstm_step": STEP, "torch_step": TORCH}),
    Right(
        "plain-arithmetic",
        {"every_frame": FRAMES, "parameter_count": COUNT, "dilated_conv": DILATED},
    ),
    Right(
        "loops-over-positions",
        {
            "same_conv": """
def same_conv(x, W):
    N, R, C, D = x.shape
    p = W.shape[0] // 2
    y = np.zeros((N, R, C, W.shape[3]))
    for r in range(R):
        for c in range(C):
            for u in range(-p, p + 1):
                for v in range(-p, p + 1):
                    if 0 <= r + u < R and 0 <= c + v < C:
                        y[:, r, c] += x[:, r + u, c + v] @ W[u + p, v + p]
    return y
""",
            "conv_backward": """
def conv_backward(dy, x, W):
    N, R, C, D = x.shape
    p = W.shape[0] // 2
    dx, dW = np.zeros(x.shape), np.zeros(W.shape)
    for r in range(R):
        for c in range(C):
            for u in range(-p, p + 1):
                for v in range(-p, p + 1):
                    if 0 <= r + u < R and 0 <= c + v < C:
                        dx[:, r + u, c + v] += dy[:, r, c] @ W[u + p, v + p].T
                        dW[u + p, v + p] += x[:, r + u, c + v].T @ dy[:, r, c]
    return dx, dW
""",
            "parameter_count": """
def parameter_count(D, H, size_x, size_h, peepholes, R, C):
    shapes = [(size_x, size_x, D, 4 * H), (size_h, size_h, H, 4 * H), (4 * H,)]
    if peepholes != "none":
        shapes.append((3, H) if peepholes == "channel" else (3, R, C, H))
    return sum(int(np.prod(shape)) for shape in shapes)
""",
            "dilated_conv": """
def dilated_conv(x, W, dilation, dy):
    (N, R, C, D), p = x.shape, len(W) // 2
    y, dx, dW = np.zeros(dy.shape), np.zeros(x.shape), np.zeros(W.shape)
    for r in range(R):
        for c in range(C):
            for u in range(-p, p + 1):
                for v in range(-p, p + 1):
                    i, j = r + dilation * u, c + dilation * v
                    if 0 <= i < R and 0 <= j < C:
                        y[:, r, c] += x[:, i, j] @ W[u + p, v + p]
                        dx[:, i, j] += dy[:, r, c] @ W[u + p, v + p].T
                        dW[u + p, v + p] += x[:, i, j].T @ dy[:, r, c]
    return y, dx, dW
""",
        },
    ),
    Right(
        "by-pytorch",
        {
            "same_conv": """
def same_conv(x, W):
    x, W = torch.from_numpy(x).permute(0, 3, 1, 2), torch.from_numpy(W).permute(3, 2, 0, 1)
    y = torch.nn.functional.conv2d(x, W, padding=W.shape[-1] // 2)
    return y.permute(0, 2, 3, 1).numpy().copy()
""",
            "conv_backward": """
def conv_backward(dy, x, W):
    x, W = torch.tensor(x, requires_grad=True), torch.tensor(W, requires_grad=True)
    y = torch.nn.functional.conv2d(
        x.permute(0, 3, 1, 2), W.permute(3, 2, 0, 1), padding=len(W) // 2
    )
    y.permute(0, 2, 3, 1).backward(torch.from_numpy(dy))
    return x.grad.numpy(), W.grad.numpy()
""",
            "dilated_conv": """
def dilated_conv(x, W, dilation, dy):
    x, W = torch.tensor(x, requires_grad=True), torch.tensor(W, requires_grad=True)
    y = torch.nn.functional.conv2d(
        x.permute(0, 3, 1, 2), W.permute(3, 2, 0, 1), padding="same", dilation=dilation
    ).permute(0, 2, 3, 1)
    y.backward(torch.tensor(dy))
    return y.detach().numpy().copy(), x.grad.numpy(), W.grad.numpy()
""",
        },
    ),
    Right(
        "frame-by-frame",
        {
            "every_frame": """
def every_frame(x, W, b):
    steps = []
    for t in range(x.shape[1]):
        y = torch.nn.functional.conv2d(x[:, t], W, b).clamp(min=0)
        steps.append(y.flatten(start_dim=1))
    return torch.stack(steps, dim=1)
""",
            "torch_step": """
def torch_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    both = torch.cat([x_t, h_prev], dim=1)
    W = torch.cat([W_x, W_h], dim=2).permute(3, 2, 0, 1)
    a = torch.nn.functional.conv2d(both, W, b, padding=W.shape[-1] // 2)
    H = h_prev.shape[1]
    a_i, a_f, a_g, a_o = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
    w_i, w_f, w_o = (w.view(-1, 1, 1) for w in w_c)
    i, f = (a_i + w_i * c_prev).sigmoid(), (a_f + w_f * c_prev).sigmoid()
    c_t = f * c_prev + i * a_g.tanh()
    return [(a_o + w_o * c_t).sigmoid() * c_t.tanh(), c_t]
""",
        },
    ),
    Right(
        "one-convolution-for-both",
        {
            "conv_lstm_step": """
def conv_lstm_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a = b + same_conv(np.concatenate([x_t, h_prev], 3), np.concatenate([W_x, W_h], 2))
    H = h_prev.shape[3]
    i = sigmoid(a[..., :H] + w_c[0] * c_prev)
    f = sigmoid(a[..., H : 2 * H] + w_c[1] * c_prev)
    c_t = i * np.tanh(a[..., 2 * H : 3 * H]) + f * c_prev
    return squash(a[..., 3 * H :] + w_c[2] * c_t) * np.tanh(c_t), c_t
"""
        },
        extra="""
def squash(a):
    return 1 / (1 + np.exp(-a))
""",
    ),
]
