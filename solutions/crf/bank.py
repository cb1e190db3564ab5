"""Answers to the assignment crf: wrong ones, each with the questions it breaks, and right ones
in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, wrong

LSE = """
def log_sum_exp(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - m).sum(axis=axis)) + m.squeeze(axis)
"""
SCORE = """
def sequence_score(emissions, tags, lengths, transitions, start, end):
    scores = []
    for n in range(len(tags)):
        last = lengths[n] - 1
        score = start[tags[n, 0]] + end[tags[n, last]]
        for t in range(lengths[n]):
            score = score + emissions[n, t, tags[n, t]]
            if t > 0:
                score = score + transitions[tags[n, t - 1], tags[n, t]]
        scores.append(score)
    return np.array(scores)
"""
PARTITION = """
def log_partition(emissions, lengths, transitions, start, end):
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        new = log_sum_exp(alpha[:, :, None] + transitions, axis=1) + emissions[:, t]
        alpha = np.where(t < lengths[:, None], new, alpha)
    return log_sum_exp(alpha + end, axis=1)
"""
VITERBI = """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n in range(N):
        L = lengths[n]
        mu = start + emissions[n, 0]
        back = np.zeros((L, M), int)
        for t in range(1, L):
            scores = mu[:, None] + transitions
            back[t] = scores.argmax(axis=0)
            mu = scores.max(axis=0) + emissions[n, t]
        tags[n, L - 1] = np.argmax(mu + end)
        for t in range(L - 1, 0, -1):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
"""
GRADIENT = """
def nll_gradient(tags, lengths, single, pair):
    demissions, dtransitions = single.copy(), pair.sum(axis=(0, 1))
    dstart, dend = single[:, 0].sum(axis=0), np.zeros(single.shape[2], single.dtype)
    for n, L in enumerate(lengths):
        for t in range(L):
            demissions[n, t, tags[n, t]] -= 1
        for t in range(L - 1):
            dtransitions[tags[n, t], tags[n, t + 1]] -= 1
        dstart[tags[n, 0]] -= 1
        dend = dend + demissions[n, L - 1]
    return demissions, dtransitions, dstart, dend
"""
PAIR_BY_PAIR = """\
        for t in range(L - 1):
            dtransitions[tags[n, t], tags[n, t + 1]] -= 1
"""
TORCH = """
def torch_nll(emissions, tags, transitions, start, end):
    e = emissions.clone().requires_grad_()
    A = transitions.clone().requires_grad_()
    alpha = start + e[:, 0]
    for t in range(1, e.shape[1]):
        alpha = torch.logsumexp(alpha[:, :, None] + A, dim=1) + e[:, t]
    log_Z = torch.logsumexp(alpha + end, dim=1)
    score = start[tags[:, 0]] + end[tags[:, -1]]
    score = score + e.gather(2, tags[:, :, None]).sum(dim=(1, 2))
    score = score + A[tags[:, :-1], tags[:, 1:]].sum(dim=1)
    loss = log_Z - score
    loss.sum().backward()
    return loss, e.grad, A.grad
"""
DECODER = """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h, c = np.zeros_like(z), np.zeros_like(z)
    rows = []
    for t in range(T):
        h, c = lstm_step(z, h, c, W_x, W_h, b)
        rows.append(h @ W_y + b_y)
    return np.stack(rows, axis=1)
"""


def q1(name, says, *changes):
    return wrong("log_sum_exp", name, 1, says, LSE, *changes)


def q2(name, says, *changes):
    return wrong("sequence_score", name, 2, says, SCORE, *changes)


def q3(name, says, *changes):
    return wrong("log_partition", name, 2, says, PARTITION, *changes)


def q4(name, says, *changes):
    return wrong("viterbi", name, 2, says, VITERBI, *changes)


def q5(name, points, says, *changes):
    return wrong("nll_gradient", name, points, says, GRADIENT, *changes)


def q6(name, points, says, *changes):
    return wrong("torch_nll", name, points, says, TORCH, *changes)


def q7(name, says, *changes):
    return wrong("repeat_decoder", name, 1, says, DECODER, *changes)


WRONG: list[Wrong] = [
    q1(
        "exponentials-overflow",
        "the exponential of a large number",
        ("a - m", "a - 0 * m"),
        (" + m.squeeze(axis)", ""),
    ),
    q1("maximum-not-added", "add the maximum again", (" + m.squeeze(axis)", "")),
    q1(
        "axis-kept",
        "the axis goes away",
        ("m.squeeze(axis)", "m"),
        (".sum(axis=axis)", ".sum(axis=axis, keepdims=True)"),
    ),
    q1(
        "always-the-last-axis",
        "sum along the given axis",
        ("axis=axis, keepdims", "axis=0, keepdims"),
        ("sum(axis=axis)", "sum(axis=0)"),
        ("squeeze(axis)", "squeeze(0)"),
    ),
    q1(
        "shifted-in-place",
        "changes an argument",
        ("    return", "    a -= m\n    return"),
        ("np.exp(a - m)", "np.exp(a)"),
    ),
    q2(
        "score-transposed",
        "from the row j to the column k",
        ("transitions[tags[n, t - 1], tags[n, t]]", "transitions[tags[n, t], tags[n, t - 1]]"),
    ),
    q2("score-without-end", "the end score is missing", (" + end[tags[n, last]]", "")),
    q2("score-last-column", "the last real tag stands at", ("last = lengths[n] - 1", "last = -1")),
    q2("score-counts-padding", "wrong values", ("range(lengths[n])", "range(tags.shape[1])")),
    q2("score-first-transition-twice", "wrong values", ("if t > 0", "if t >= 0")),
    q3(
        "partition-transposed",
        "from the row j to the column k",
        ("+ transitions", "+ transitions.T"),
    ),
    q3(
        "partition-counts-padding",
        "the padding counts",
        ("np.where(t < lengths[:, None], new, alpha)", "new"),
    ),
    q3("partition-one-step-long", "wrong values", ("t < lengths", "t <= lengths")),
    q3(
        "partition-without-start",
        "the start scores are missing",
        ("start + emissions", "emissions"),
    ),
    q3("partition-without-end", "the end scores are missing", ("alpha + end", "alpha")),
    q3(
        "partition-best-path-only",
        "wrong values",
        (
            "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
            "(alpha[:, :, None] + transitions).max(axis=1)",
        ),
    ),
    q3(
        "partition-naive",
        "the exponential of a large number",
        (
            "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
            "np.log(np.exp(alpha[:, :, None] + transitions).sum(axis=1))",
        ),
    ),
    q4(
        "viterbi-transposed", "from the row j to the column k", ("+ transitions", "+ transitions.T")
    ),
    q4(
        "viterbi-each-step-alone",
        "the best tag of each step on its own",
        ("scores = mu[:, None] + transitions", "scores = mu[:, None] + 0 * transitions"),
        ("np.argmax(mu + end)", "np.argmax(mu)"),
        ("start + emissions[n, 0]", "emissions[n, 0]"),
    ),
    q4(
        "viterbi-without-end",
        "the end scores are missing",
        ("np.argmax(mu + end)", "np.argmax(mu)"),
    ),
    q4("viterbi-pads-with-zeros", "wrong values", ("np.full((N, T), -1)", "np.zeros((N, T), int)")),
    q4("viterbi-runs-into-padding", "the padding holds -1", ("L = lengths[n]", "L = T")),
    q4(
        "viterbi-floats",
        "must be a NumPy array of whole numbers",
        ("    return tags", "    return tags.astype(float)"),
    ),
    q5(
        "gradient-other-sign",
        2,
        "expected minus observed, not the other way round",
        (
            "return demissions, dtransitions, dstart, dend",
            "return -demissions, -dtransitions, -dstart, -dend",
        ),
    ),
    q5(
        "gradient-last-column",
        1,
        "at lengths[n] - 1, not at T - 1",
        ("demissions[n, L - 1]", "demissions[n, -1]"),
    ),
    q5(
        "gradient-pairs-transposed",
        1,
        "from the row j to the column k",
        ("dtransitions[tags[n, t], tags[n, t + 1]]", "dtransitions[tags[n, t + 1], tags[n, t]]"),
    ),
    q5("gradient-marginals-changed", 2, "changes an argument", ("single.copy()", "single")),
    q5(
        "gradient-pairs-once",
        1,
        "a pair that occurs twice counts twice",
        (
            PAIR_BY_PAIR,
            "        dtransitions[tags[n, : L - 1], tags[n, 1:L]] -= 1\n",
        ),
    ),
    q5(
        "gradient-start-averaged",
        1,
        "add over the sequences, do not average",
        (
            "return demissions, dtransitions, dstart, dend",
            "return demissions, dtransitions, dstart / len(tags), dend",
        ),
    ),
    q6(
        "torch-score-minus-partition",
        2,
        "log Z minus the score",
        ("log_Z - score", "score - log_Z"),
    ),
    q6("torch-only-partition", 2, "this is log Z", ("log_Z - score", "log_Z")),
    q6(
        "torch-sum-of-losses",
        1,
        "one loss for each sequence",
        ("return loss,", "return loss.sum().expand(len(tags)),"),
    ),
    q6(
        "torch-mean-gradient",
        1,
        "add over the sequences, do not average",
        ("loss.sum().backward()", "loss.mean().backward()"),
    ),
    q6(
        "torch-transposed",
        2,
        "from the row j to the column k",
        ("alpha[:, :, None] + A, dim=1", "alpha[:, :, None] + A.T, dim=1"),
        ("A[tags[:, :-1], tags[:, 1:]]", "A[tags[:, 1:], tags[:, :-1]]"),
    ),
    q7("decoder-code-only-once", "wrong values", ("lstm_step(z, h", "lstm_step(z * (t == 0), h")),
    q7(
        "decoder-states-not-carried",
        "each step starts from zeros",
        ("lstm_step(z, h, c,", "lstm_step(z, 0 * z, 0 * z,"),
    ),
    q7("decoder-time-first", "time stands first", ("axis=1", "axis=0")),
    q7("decoder-head-without-bias", "the bias of the head is missing", (" + b_y", "")),
    q7(
        "decoder-starts-from-the-code",
        "wrong values",
        ("h, c = np.zeros_like(z), np.zeros_like(z)", "h, c = z, np.zeros_like(z)"),
    ),
]

RIGHT = [
    Right(
        "bases",
        {
            "log_sum_exp": LSE,
            "sequence_score": SCORE,
            "log_partition": PARTITION,
            "viterbi": VITERBI,
        },
    ),
    Right(
        "bases-of-the-rest",
        {"nll_gradient": GRADIENT, "torch_nll": TORCH, "repeat_decoder": DECODER},
    ),
    Right(
        "library-functions",
        {
            "log_sum_exp": """
def log_sum_exp(a, axis):
    return np.logaddexp.reduce(a, axis=axis)
""",
            "torch_nll": """
def torch_nll(emissions, tags, transitions, start, end):
    e = emissions.detach().clone().requires_grad_(True)
    A = transitions.detach().clone().requires_grad_(True)
    hot = torch.nn.functional.one_hot(tags, e.shape[2]).to(e.dtype)
    alpha = start + e[:, 0]
    score = hot[:, 0] @ start + hot[:, -1] @ end + (hot * e).sum((1, 2))
    for t in range(1, e.shape[1]):
        alpha = (alpha.unsqueeze(2) + A + e[:, t].unsqueeze(1)).logsumexp(1)
        score = score + torch.einsum("nj,jk,nk->n", hot[:, t - 1], A, hot[:, t])
    loss = torch.logsumexp(alpha + end, 1) - score
    gradients = torch.autograd.grad(loss, [e, A], torch.ones_like(loss))
    return (loss, *gradients)
""",
        },
    ),
    Right(
        "one-hot",
        {
            "sequence_score": """
def sequence_score(emissions, tags, lengths, transitions, start, end):
    M = len(start)
    hot = (tags[:, :, None] == np.arange(M)) * 1.0
    real = (np.arange(tags.shape[1]) < lengths[:, None])[:, :, None]
    hot = hot * real
    pairs = np.einsum("ntj,jk,ntk->n", hot[:, :-1], transitions, hot[:, 1:])
    last = hot[np.arange(len(tags)), lengths - 1]
    return np.sum(hot * emissions, axis=(1, 2)) + pairs + hot[:, 0] @ start + last @ end
""",
            "nll_gradient": """
def nll_gradient(tags, lengths, single, pair):
    M = single.shape[2]
    hot = (tags[:, :, None] == np.arange(M)).astype(single.dtype)
    demissions = single - hot
    dtransitions = pair.sum((0, 1)) - np.einsum("ntj,ntk->jk", hot[:, :-1], hot[:, 1:])
    last = demissions[np.arange(len(tags)), lengths - 1]
    return demissions, dtransitions, demissions[:, 0].sum(0), last.sum(0)
""",
        },
    ),
    Right(
        "one-sequence-at-a-time",
        {
            "log_partition": """
def log_partition(emissions, lengths, transitions, start, end):
    out = np.zeros(len(emissions), emissions.dtype)
    for n, e in enumerate(emissions):
        alpha = start + e[0]
        for t in range(1, lengths[n]):
            alpha = np.array([
                e[t, k] + log_sum_exp(alpha + transitions[:, k], 0) for k in range(len(start))
            ])
        out[n] = log_sum_exp(alpha + end, 0)
    return out
""",
        },
    ),
    Right(
        "viterbi-batched",
        {
            "viterbi": """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    mu, back = start + emissions[:, 0], [np.tile(np.arange(M), (N, 1))]
    for t in range(1, T):
        scores = mu[:, :, None] + transitions
        on = t < lengths[:, None]
        back.append(np.where(on, scores.argmax(1), np.arange(M)))
        mu = np.where(on, scores.max(1) + emissions[:, t], mu)
    tag, tags = (mu + end).argmax(1), np.full((N, T), -1)
    for t in range(T - 1, -1, -1):
        tags[:, t] = np.where(t < lengths, tag, -1)
        tag = back[t][np.arange(N), tag]
    return tags
""",
            "repeat_decoder": """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    copy = np.empty((len(z), T, len(b_y)), z.dtype)
    state = np.zeros_like(z), np.zeros_like(z)
    for t in range(T):
        state = lstm_step(z, *state, W_x, W_h, b)
        copy[:, t] = state[0] @ W_y + b_y
    return copy
""",
        },
    ),
    Right(
        "recursion",
        {
            "viterbi": """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1, dtype=np.int64)
    for n in range(len(tags)):
        paths = [(start[k] + emissions[n, 0, k], [k]) for k in range(len(start))]
        for t in range(1, lengths[n]):
            paths = [
                max(
                    ((s + transitions[p[-1], k] + emissions[n, t, k], p + [k]) for s, p in paths),
                    key=lambda pair: pair[0],
                )
                for k in range(len(start))
            ]
        best = max(paths, key=lambda pair: pair[0] + end[pair[1][-1]])
        tags[n, : lengths[n]] = best[1]
    return tags
""",
        },
    ),
]
