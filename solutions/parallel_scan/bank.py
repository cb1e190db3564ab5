"""Answers to the assignment parallel_scan: wrong ones, each with the questions it breaks, and
right ones in other styles.  A question that an entry does not name gets the course's solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

COMBINE = """
def combine(keep_1, write_1, keep_2, write_2):
    return keep_1 * keep_2, keep_2 * write_1 + write_2
"""

ROUND = """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    first, second = (keep[:, :-reach], write[:, :-reach]), (keep[:, reach:], write[:, reach:])
    new_keep[:, reach:], new_write[:, reach:] = combine(*first, *second)
    return new_keep, new_write
"""

BACKWARD = """
def scan_backward(dh, keep, h, h0):
    later = np.concatenate([keep[:, 1:], 0 * keep[:, :1]], axis=1)
    dwrite = scan(later[:, ::-1], dh[:, ::-1], 0 * h0)[:, ::-1]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]
"""

MIN_GRU = """
def min_gru(x, h0, W_x, b):
    a_z, a_g = np.split(x @ W_x + b, 2, axis=2)
    z = 1 / (1 + np.exp(-a_z))
    return scan(1 - z, z * a_g, h0)
"""

SLSTM = """
def slstm_step(a, c_prev, n_prev, m_prev):
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
    log_f = -np.logaddexp(0, -a_f)
    m_t = np.maximum(log_f + m_prev, a_i)
    i, f = np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)
    c_t, n_t = f * c_prev + i * np.tanh(a_g), f * n_prev + i
    o = np.exp(-np.logaddexp(0, -a_o))
    return o * c_t / n_t, c_t, n_t, m_t
"""

MLSTM = """
def mlstm_parallel(q, k, v, log_i, log_f):
    total = np.cumsum(log_f, axis=1)
    log_weight = total[:, :, None] - total[:, None, :] + log_i[:, None, :]
    log_weight = np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)
    m = log_weight.max(axis=2, keepdims=True)
    w = np.exp(log_weight - m) * (q @ k.transpose(0, 2, 1))
    return w @ v / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))
"""

WRONG = [
    wrong(
        "combine",
        "second-map-first",
        1,
        "this is the second map first",
        COMBINE,
        ("keep_2 * write_1 + write_2", "keep_1 * write_2 + write_1"),
    ),
    wrong(
        "combine",
        "first-summand-not-multiplied",
        1,
        "the second map multiplies what the first has written",
        COMBINE,
        ("keep_2 * write_1", "write_1"),
    ),
    wrong(
        "combine",
        "combine-in-place",
        1,
        "Your function changes an argument, which the caller still needs: write_1",
        COMBINE,
        ("    return", "    write_1 *= keep_2\n    return"),
        ("keep_2 * write_1 +", "write_1 +"),
    ),
    wrong(
        "scan_round",
        "round-sees-itself",
        2,
        "a step saw what its neighbour became in this round",
        """
def scan_round(keep, write, reach):
    keep, write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1]):
        a, b = keep[:, t - reach], write[:, t - reach]
        keep[:, t], write[:, t] = combine(a, b, keep[:, t], write[:, t])
    return keep, write
""",
    ),
    wrong(
        "scan_round",
        "round-the-wrong-way-round",
        2,
        "the earlier map comes first",
        ROUND,
        ("combine(*first, *second)", "combine(*second, *first)"),
    ),
    wrong(
        "scan_round",
        "round-without-the-first-steps",
        2,
        "the first steps stay as they are",
        ROUND,
        ("    return new_keep, new_write", "    return new_keep[:, reach:], new_write[:, reach:]"),
    ),
    wrong(
        "scan_round",
        "reach-always-one",  # right in the visible test
        2,
        "use reach",
        ROUND,
        ("    new_keep, new_write =", "    reach = 1\n    new_keep, new_write ="),
    ),
    wrong(
        "scan_round",
        "round-in-place",
        2,
        "Your function changes an argument, which the caller still needs: keep",
        ROUND,
        ("keep.copy(), write.copy()", "keep, write"),
        ("combine(*first, *second)", "(a.copy() for a in combine(*first, *second))"),
    ),
    wrong(
        "scan_backward",
        "factor-of-the-same-step",
        2,
        "use the factor of the next step",
        BACKWARD,
        ("[keep[:, 1:], 0 * keep[:, :1]]", "[0 * keep[:, :1], keep[:, 1:]]"),
        (
            "later[:, ::-1], dh[:, ::-1], 0 * h0)[:, ::-1]",
            "keep[:, ::-1], dh[:, ::-1], 0 * h0)[:, ::-1]",
        ),
    ),
    wrong(
        "scan_backward",
        "gradient-not-turned-back",
        2,
        "turn the result back in time",
        BACKWARD,
        ("0 * h0)[:, ::-1]", "0 * h0)"),
    ),
    wrong(
        "scan_backward",
        "later-steps-forgotten",
        2,
        "later steps read this one too",
        BACKWARD,
        ("scan(later[:, ::-1], dh[:, ::-1], 0 * h0)[:, ::-1]", "dh"),
    ),
    wrong(
        "scan_backward",
        "state-after-the-step",
        2,
        "the factor multiplied h_{t-1}",
        BACKWARD,
        ("return dwrite * h_prev", "return dwrite * h"),
    ),
    wrong(
        "scan_backward",
        "initial-state-taken-for-zero",
        2,
        "before the first step stands h0",
        BACKWARD,
        ("[h0[:, None], h", "[0 * h0[:, None], h"),
    ),
    wrong(
        "scan_backward",
        "initial-gradient-without-its-factor",
        2,
        "the first step multiplied h0 by keep",
        BACKWARD,
        ("keep[:, 0] * dwrite[:, 0]", "dwrite[:, 0]"),
    ),
    wrong(
        "min_gru",
        "candidate-with-tanh",
        2,
        "the candidate has no tanh",
        MIN_GRU,
        ("z * a_g", "z * np.tanh(a_g)"),
    ),
    wrong(
        "min_gru",
        "candidate-not-gated",
        2,
        "z multiplies the candidate",
        MIN_GRU,
        ("z * a_g", "a_g"),
    ),
    wrong(
        "min_gru",
        "update-gate-turned-round",  # right in the visible test, where z is one half
        2,
        "z and 1 - z are exchanged",
        MIN_GRU,
        ("scan(1 - z, z * a_g", "scan(z, (1 - z) * a_g"),
    ),
    wrong(
        "min_gru",
        "start-from-zero",
        2,
        "start from h0",
        MIN_GRU,
        ("a_g, h0)", "a_g, 0 * h0)"),
    ),
    wrong(
        "min_gru",
        "layer-without-a-bias",
        2,
        "the bias b is missing",
        MIN_GRU,
        ("x @ W_x + b", "x @ W_x"),
    ),
    wrong(
        "slstm_step",
        "no-stabiliser",
        2,
        "log f is below zero",
        SLSTM,
        ("log_f = -np.logaddexp", "log_f = np.logaddexp"),
    ),
    wrong(
        "slstm_step",
        "old-state-in-the-wrong-units",
        2,
        "Wrong values",
        SLSTM,
        ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f)"),
    ),
    wrong(
        "slstm_step",
        "sigmoid-that-overflows",  # right for gates of ordinary size
        1,
        "nan or inf",
        SLSTM,
        ("log_f = -np.logaddexp(0, -a_f)", "log_f = np.log(1 / (1 + np.exp(-a_f)))"),
        ("np.exp(-np.logaddexp(0, -a_o))", "np.exp(a_o) / (1 + np.exp(a_o))"),
    ),
    wrong(
        "slstm_step",
        "normaliser-not-used",
        2,
        "divide by n_t",
        SLSTM,
        ("o * c_t / n_t,", "o * c_t,"),
    ),
    wrong(
        "slstm_step",
        "normaliser-without-forgetting",
        2,
        "f multiplies n_prev too",
        SLSTM,
        ("f * n_prev", "n_prev"),
    ),
    wrong(
        "mlstm_parallel",
        "no-mask",
        2,
        "no step sees a later one",
        MLSTM,
        ("np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)", "1 * log_weight"),
    ),
    wrong(
        "mlstm_parallel",
        "no-divisor",
        2,
        "divide by the sum of the weights",
        MLSTM,
        (" / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))", " * np.exp(m)"),
    ),
    wrong(
        "mlstm_parallel",
        "forget-gates-missing",
        2,
        "the forget gates are missing",
        MLSTM,
        ("np.cumsum(log_f, axis=1)", "0 * log_f"),
    ),
    wrong(
        "mlstm_parallel",
        "without-a-stabiliser",  # right where the exponentials fit
        1,
        "nan or inf",
        MLSTM,
        ("    w = np.exp(log_weight - m)", "    m = 0\n    w = np.exp(log_weight)"),
    ),
    wrong(
        "mlstm_parallel",
        "queries-and-keys-exchanged",  # right in the visible test
        2,
        "queries and keys are exchanged",
        MLSTM,
        ("(q @ k.transpose(0, 2, 1))", "(k @ q.transpose(0, 2, 1))"),
    ),
]

RIGHT = [
    Right(
        "loops",
        {
            "scan_round": """
def scan_round(keep, write, reach):
    new_keep, new_write = np.zeros(keep.shape), np.zeros(keep.shape)
    for t in range(keep.shape[1]):
        if t < reach:
            new_keep[:, t], new_write[:, t] = keep[:, t], write[:, t]
        else:
            new_keep[:, t] = keep[:, t] * keep[:, t - reach]
            new_write[:, t] = keep[:, t] * write[:, t - reach] + write[:, t]
    return new_keep, new_write
""",
            "scan_backward": """
def scan_backward(dh, keep, h, h0):
    dwrite, dkeep, coming = np.zeros(dh.shape), np.zeros(dh.shape), np.zeros(h0.shape)
    for t in range(dh.shape[1] - 1, -1, -1):
        dwrite[:, t] = dh[:, t] + coming
        dkeep[:, t] = dwrite[:, t] * (h[:, t - 1] if t else h0)
        coming = keep[:, t] * dwrite[:, t]
    return dkeep, dwrite, coming
""",
        },
    ),
    Right(
        "concatenate",
        {
            "scan_round": """
def scan_round(keep, write, reach):
    T = keep.shape[1]
    pairs = combine(keep[:, : T - reach], write[:, : T - reach], keep[:, reach:], write[:, reach:])
    whole = zip((keep, write), pairs)
    return [np.concatenate([old[:, :reach], new], axis=1) for old, new in whole]
""",
            "combine": """
def combine(keep_1, write_1, keep_2, write_2):
    return [np.multiply(keep_1, keep_2), np.add(np.multiply(keep_2, write_1), write_2)]
""",
        },
    ),
    Right(
        "padding-with-the-identity",
        {
            "scan_round": """
def scan_round(keep, write, reach):
    ones, zeros = np.ones_like(keep[:, :reach]), np.zeros_like(keep[:, :reach])
    before = np.concatenate([ones, keep], axis=1)[:, :-reach]
    return combine(before, np.concatenate([zeros, write], axis=1)[:, :-reach], keep, write)
""",
            "min_gru": """
def min_gru(x, h0, W_x, b):
    H = h0.shape[1]
    keep = 0.5 * (1 - np.tanh((x @ W_x[:, :H] + b[:H]) / 2))
    g = x @ W_x[:, H:] + b[H:]
    return scan(keep, g - keep * g, h0)
""",
        },
    ),
    Right(
        "step-by-step",
        {
            "min_gru": """
def min_gru(x, h0, W_x, b):
    h_t, h = h0, []
    for t in range(x.shape[1]):
        a_z, a_g = np.split(x[:, t] @ W_x + b, 2, axis=1)
        z = 1 / (1 + np.exp(-a_z))
        h_t = h_t + z * (a_g - h_t)
        h.append(h_t)
    return np.stack(h, axis=1)
""",
            "mlstm_parallel": """
def mlstm_parallel(q, k, v, log_i, log_f):
    N, T, H = q.shape
    C, n, m = np.zeros((N, H, H)), np.zeros((N, H)), np.full(N, -np.inf)
    h = np.zeros((N, T, H))
    for t in range(T):
        new = np.maximum(log_f[:, t] + m, log_i[:, t])
        f, i = np.exp(log_f[:, t] + m - new)[:, None], np.exp(log_i[:, t] - new)[:, None]
        C = f[..., None] * C + i[..., None] * k[:, t, :, None] * v[:, t, None]
        n, m = f * n + i * k[:, t], new
        divisor = np.maximum(np.abs((q[:, t] * n).sum(1)), np.exp(-m))
        h[:, t] = (q[:, t, None] @ C)[:, 0] / divisor[:, None]
    return h
""",
        },
    ),
    Right(
        "einsum-and-masks",
        {
            "mlstm_parallel": """
def mlstm_parallel(q, k, v, log_i, log_f):
    T = q.shape[1]
    total = np.cumsum(log_f, axis=1)
    logs = np.einsum("nt,s->nts", total, np.ones(T)) + (log_i - total)[:, None]
    logs[:, np.triu(np.ones((T, T), bool), 1)] = -np.inf
    m = logs.max(-1)
    w = np.einsum("nth,nsh->nts", q, k) * np.exp(logs - m[..., None])
    divisor = np.fmax(np.abs(w.sum(-1)), np.exp(-m))
    return np.einsum("nts,nsh->nth", w, v) / divisor[..., None]
""",
            "slstm_step": """
def slstm_step(a, c_prev, n_prev, m_prev):
    H = c_prev.shape[1]
    a_i, a_f, a_g, a_o = (a[:, j * H : (j + 1) * H] for j in range(4))
    log_f = np.minimum(a_f, 0) - np.log1p(np.exp(-np.abs(a_f)))
    m_t = np.where(log_f + m_prev > a_i, log_f + m_prev, a_i)
    i = np.exp(a_i - m_t)
    f = np.exp(log_f + m_prev - m_t)
    c_t = f * c_prev + i * np.tanh(a_g)
    n_t = f * n_prev + i
    return 0.5 * (1 + np.tanh(a_o / 2)) * (c_t / n_t), c_t, n_t, m_t
""",
        },
    ),
    Right(
        "helpers-of-my-own",
        {
            "min_gru": """
def min_gru(x, h0, W_x, b):
    a = np.einsum("ntd,dk->ntk", x, W_x) + b
    H = len(b) // 2
    z = logistic(a[..., :H])
    return scan(logistic(-a[..., :H]), z * a[..., H:], h0)
""",
            "scan_backward": """
def scan_backward(dh, keep, h, h0):
    factors = np.roll(np.flip(keep, 1), 1, axis=1)
    factors[:, 0] = 0
    dwrite = np.flip(scan(factors, np.flip(dh, 1), np.zeros_like(h0)), 1)
    dkeep = dwrite.copy()
    dkeep[:, 0] *= h0
    dkeep[:, 1:] *= h[:, :-1]
    return dkeep, dwrite, dwrite[:, 0] * keep[:, 0]
""",
        },
        extra="""
def logistic(a):
    return np.exp(-np.logaddexp(0, -a))

N, T, D, H = "names", "of", "my", "own"
""",
    ),
]
