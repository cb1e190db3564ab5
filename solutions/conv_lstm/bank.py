"""Answers to the assignment conv_lstm: wrong ones, each with the questions it breaks, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

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

WRONG = [
    # Question 1
    wrong(
        "same_conv",
        "kernel-turned",
        2,
        "do not turn the kernel",
        CONV,
        ("around, W)", "around, W[::-1, ::-1])"),
    ),
    wrong(
        "same_conv",
        "kernel-transposed",
        2,
        "the axes of the kernel are mixed",
        CONV,
        ("uvdf->", "vudf->"),
    ),
    wrong(
        "same_conv", "no-padding", 2, "the size must be kept", CONV, ("p = len(W) // 2", "p = 0")
    ),
    wrong(
        "same_conv",
        "padded-by-one",  # right for a kernel of three
        2,
        "Wrong shape",
        CONV,
        ("p = len(W) // 2", "p = 1"),
    ),
    wrong(
        "same_conv",
        "padded-with-the-edge",
        2,
        "y has the right shape but wrong values",
        CONV,
        ("(p, p), (0, 0)))", '(p, p), (0, 0)), mode="edge")'),
    ),
    wrong(
        "same_conv",
        "square-frames-only",
        2,
        "could not be broadcast",
        """
def same_conv(x, W):
    p, size = len(W) // 2, x.shape[1]
    z = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    y = np.zeros((*x.shape[:3], W.shape[3]))
    for r in range(len(W)):
        for c in range(len(W)):
            y += z[:, r : r + size, c : c + size] @ W[r, c]
    return y
""",
    ),
    # Question 2
    wrong(
        "conv_lstm_step",
        "no-peepholes",
        2,
        "the peepholes are missing",
        STEP,
        ("f + w_c[1] * c_prev", "f"),
        ("i + w_c[0] * c_prev", "i"),
        ("o + w_c[2] * c_t", "o"),
    ),
    wrong(
        "conv_lstm_step",
        "output-gate-without-peephole",
        2,
        "the output gate has a peephole too",
        STEP,
        ("o + w_c[2] * c_t", "o"),
    ),
    wrong(
        "conv_lstm_step",
        "output-gate-peeps-at-the-old-cell",
        2,
        "h_t has the right shape but wrong values",
        STEP,
        ("w_c[2] * c_t", "w_c[2] * c_prev"),
    ),
    wrong(
        "conv_lstm_step",
        "peepholes-exchanged",
        2,
        "the peepholes stand in the order i, f, o",
        STEP,
        ("w_c[1]", "w_c[9]"),
        ("w_c[0]", "w_c[1]"),
        ("w_c[9]", "w_c[0]"),
    ),
    wrong("conv_lstm_step", "step-without-bias", 2, "the bias is missing", STEP, (" + b\n", "\n")),
    wrong(
        "conv_lstm_step",
        "step-returns-c-first",
        2,
        "return h_t first, then c_t",
        STEP,
        ("return h_t, c_t", "return c_t, h_t"),
    ),
    wrong(
        "conv_lstm_step",
        "cell-state-changed-in-place",
        2,
        "changes an argument",
        STEP,
        (
            "    c_t = sigmoid(f + w_c[1] * c_prev) * c_prev "
            "+ sigmoid(i + w_c[0] * c_prev) * np.tanh(g)",
            "    add = sigmoid(i + w_c[0] * c_prev) * np.tanh(g)\n"
            "    c_prev *= sigmoid(f + w_c[1] * c_prev)\n"
            "    c_prev += add\n"
            "    c_t = c_prev",
        ),
    ),
    # Question 3
    wrong(
        "conv_backward",
        "kernel-not-turned-on-the-way-back",
        1,
        "turn the kernel by half a turn",
        BACK,
        ("W[::-1, ::-1]", "W"),
    ),
    wrong(
        "conv_backward",
        "channels-not-exchanged",
        2,
        "x must have shape (N, R, C, D)",
        BACK,
        (".swapaxes(2, 3)", ""),
    ),
    wrong(
        "conv_backward",
        "kernel-gradient-averaged",
        1,
        "add over the batch, do not average",
        BACK,
        ("around, dy)", "around, dy) / len(x)"),
    ),
    wrong(
        "conv_backward",
        "kernel-gradient-of-the-first-example",
        1,
        "this is the first example only",
        BACK,
        ("around, dy)", "around[:1], dy[:1])"),
    ),
    wrong(
        "conv_backward",
        "kernel-gradient-turned",
        1,
        "the kernel's gradient is turned",
        BACK,
        ("return dx, dW", "return dx, dW[::-1, ::-1].copy()"),
    ),
    # Question 4
    wrong(
        "every_frame",
        "films-and-frames-mixed",
        1,
        "films and frames are mixed",
        FRAMES,
        ("return y.reshape(N, T, -1)", "return y.reshape(T, N, -1).transpose(0, 1)"),
    ),
    wrong(
        "every_frame",
        "time-left-in-the-batch",
        1,
        "unfold the batch again",
        FRAMES,
        ("y.reshape(N, T, -1)", "y.reshape(N * T, -1)"),
    ),
    wrong("every_frame", "no-relu", 1, "the ReLU is missing", FRAMES, ("torch.relu(y)", "y")),
    wrong(
        "every_frame",
        "frames-without-bias",
        1,
        "the bias is missing",
        FRAMES,
        ("C), W, b)", "C), W)"),
    ),
    wrong(
        "every_frame",
        "frames-not-flattened",
        1,
        "flatten the features of a frame",
        FRAMES,
        ("y.reshape(N, T, -1)", "y.unflatten(0, (N, T))"),
    ),
    wrong(
        "every_frame",
        "films-of-the-visible-test-only",
        1,
        "your code raised a RuntimeError",
        FRAMES,
        ("y.reshape(N, T, -1)", "y.reshape(2, 3, 18)"),
    ),
    # Question 5
    wrong(
        "torch_step",
        "kernels-reshaped",
        2,
        "reshape mixes the kernel",
        TORCH,
        ("W.permute(3, 2, 0, 1)", "W.reshape(W.shape[3], W.shape[2], *W.shape[:2])"),
    ),
    wrong(
        "torch_step",
        "kernels-turned-on-their-side",
        2,
        "rows and columns of the kernel are exchanged",
        TORCH,
        ("permute(3, 2, 0, 1)", "permute(3, 2, 1, 0)"),
    ),
    wrong(
        "torch_step",
        "torch-without-peepholes",
        2,
        "the peepholes are missing",
        TORCH,
        ("w_c.reshape(3, 1, -1, 1, 1)", "0 * w_c.reshape(3, 1, -1, 1, 1)"),
    ),
    wrong(
        "torch_step",
        "peepholes-along-the-columns",  # the shapes fit where C = H
        2,
        "c_t has the right shape but wrong values",
        TORCH,
        ("w_c.reshape(3, 1, -1, 1, 1)", "w_c"),
    ),
    wrong(
        "torch_step",
        "torch-shows-the-cell-state",
        2,
        "h_t is o_t times tanh(c_t)",
        TORCH,
        ("return h_t, c_t", "return c_t, c_t"),
    ),
    # Question 6
    wrong(
        "parameter_count",
        "count-without-biases",
        1,
        "the biases are missing",
        COUNT,
        (" + 4 * H\n", "\n"),
    ),
    wrong(
        "parameter_count",
        "count-two-biases",
        1,
        "one bias for each map of each block",
        COUNT,
        (" + 4 * H\n", " + 8 * H\n"),
    ),
    wrong(
        "parameter_count",
        "count-four-peepholes",
        1,
        "three gates have a peephole",
        COUNT,
        ("count += 3 * H\n", "count += 4 * H\n"),
    ),
    wrong(
        "parameter_count",
        "count-one-kernel-size",  # right where both are the same
        1,
        "Wrong number",
        COUNT,
        ("size_h * size_h", "size_x * size_x"),
    ),
    wrong(
        "parameter_count",
        "count-square-frames",  # right for R = C
        1,
        "the count by position",
        COUNT,
        ("R * C", "R * R"),
    ),
]

RIGHT = [
    Right("einsum", {"same_conv": CONV, "conv_backward": BACK}),
    Right("short-names", {"conv_lstm_step": STEP, "torch_step": TORCH}),
    Right("plain-arithmetic", {"every_frame": FRAMES, "parameter_count": COUNT}),
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
