"""Answers to the assignment seq2seq_attention: wrong ones, each with the questions it breaks, and
right ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, wrong

TEACHER = """
def teacher_inputs(target, begin):
    inputs = np.empty_like(target)
    inputs[:, 0] = begin
    inputs[:, 1:] = target[:, :-1]
    return inputs
"""

LOSS = """
def masked_cross_entropy(scores, target, mask):
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    log_p = scores - scores.max(axis=2, keepdims=True)
    log_p = log_p - np.log(powers.sum(axis=2, keepdims=True))
    right = np.eye(scores.shape[2])[target]
    weight = mask[:, :, None] / mask.sum()
    loss = -(weight * right * log_p).sum()
    dscores = weight * (np.exp(log_p) - right)
    return float(loss), dscores
"""

SCORES = """
def additive_scores(query, keys, W_q, W_k, w_e):
    a = (query @ W_q)[:, :, None, :] + (keys @ W_k)[:, None, :, :]
    return np.tanh(a) @ w_e
"""

ATTEND = """
def attend(scores, values, mask):
    opened = np.where(mask[:, None] == 1, scores, -np.inf)
    attention = np.exp(opened - opened.max(axis=2, keepdims=True))
    attention = attention / attention.sum(axis=2, keepdims=True)
    return attention @ values, attention
"""

BACKWARD = """
def attend_backward(dcontext, attention, values):
    dattention = dcontext @ values.transpose(0, 2, 1)
    mean = (dattention * attention).sum(axis=2, keepdims=True)
    dscores = attention * (dattention - mean)
    dvalues = attention.transpose(0, 2, 1) @ dcontext
    return dscores, dvalues
"""

BEAM = """
def beam_step(log_p, totals, width):
    sums = (log_p + totals[:, None]).ravel()
    order = np.argsort(-sums)[:width]
    rows, symbols = order // log_p.shape[1], order % log_p.shape[1]
    return rows, symbols, sums[order]
"""

WRONG = [
    wrong(
        "teacher_inputs",
        "target-fed-as-it-is",
        1,
        "these are the targets: move them one step",
        TEACHER,
        ("inputs[:, 0] = begin\n    inputs[:, 1:] = target[:, :-1]", "inputs[:] = target"),
    ),
    wrong(
        "teacher_inputs",
        "last-symbol-comes-round",
        1,
        "the last symbol came round: begin comes first",
        TEACHER,
        ("= begin", "= target[:, -1]"),
    ),
    Wrong(
        "moved-the-wrong-way",
        {
            "teacher_inputs": """
def teacher_inputs(target, begin):
    return np.hstack([target[:, 1:], np.full_like(target[:, :1], begin)])
"""
        },
        {"teacher_inputs": 1},
        "this is the wrong way: begin comes first",
    ),
    wrong(
        "teacher_inputs",
        "inputs-as-floats",
        1,
        "symbols are whole numbers",
        TEACHER,
        ("np.empty_like(target)", "np.zeros(target.shape)"),
    ),
    wrong(
        "teacher_inputs",
        "target-changed-in-place",
        1,
        "Your function changes an argument, which the caller still needs: target",
        TEACHER,
        ("np.empty_like(target)", "target"),
        ("target[:, :-1]", "target[:, :-1].copy()"),
        ("    inputs[:, 0] = begin\n", ""),
        ("    return inputs", "    inputs[:, 0] = begin\n    return inputs"),
    ),
    wrong(
        "masked_cross_entropy",
        "padding-counted",
        2,
        "padding is in it: multiply by the mask",
        LOSS,
        ("mask[:, :, None] / mask.sum()", "np.ones_like(mask)[:, :, None] / mask.size"),
    ),
    wrong(
        "masked_cross_entropy",
        "mean-over-all-steps",
        2,
        "divide by the number of real symbols, not of all",
        LOSS,
        ("mask.sum()", "mask.size"),
    ),
    wrong(
        "masked_cross_entropy",
        "sum-in-place-of-the-mean",
        2,
        "this is the sum: divide by the number of real symbols",
        LOSS,
        (" / mask.sum()", ""),
    ),
    wrong(
        "masked_cross_entropy",
        "gradient-of-the-sum",
        1,
        "the loss is a mean, so its gradient is divided too",
        LOSS,
        ("dscores = weight *", "dscores = mask[:, :, None] *"),
    ),
    wrong(
        "masked_cross_entropy",
        "gradient-on-padding",
        1,
        "dscores has the right shape but wrong values",
        LOSS,
        ("dscores = weight *", "dscores = 1 / mask.sum() *"),
    ),
    wrong(
        "masked_cross_entropy",
        "loss-without-its-sign",
        1,
        "a loss is minus the logarithm",
        LOSS,
        ("loss = -(", "loss = ("),
    ),
    Wrong(
        "exponential-overflows",
        {
            "masked_cross_entropy": """
def masked_cross_entropy(scores, target, mask):
    powers = np.exp(scores)
    p = powers / powers.sum(axis=2, keepdims=True)
    right = np.eye(scores.shape[2])[target]
    weight = mask[:, :, None] / mask.sum()
    return float(-(weight * right * np.log(p)).sum()), weight * (p - right)
"""
        },
        {"masked_cross_entropy": 2},
        "NumPy reports an overflow",
    ),
    wrong(
        "additive_scores",
        "score-without-tanh",
        1,
        "the tanh is missing",
        SCORES,
        ("np.tanh(a)", "a"),
    ),
    wrong(
        "additive_scores",
        "tanh-after-the-sum",
        1,
        "the tanh belongs before w_e",
        SCORES,
        ("np.tanh(a) @ w_e", "np.tanh(a @ w_e)"),
    ),
    wrong(
        "additive_scores",
        "projections-swapped",
        1,
        "W_q and W_k are swapped",
        SCORES,
        ("query @ W_q", "query @ W_k"),
        ("keys @ W_k", "keys @ W_q"),
    ),
    wrong(
        "additive_scores",
        "keys-stand-first",
        1,
        "queries stand first",
        SCORES,
        (" @ w_e\n", " @ w_e @ np.eye(1)\n"),
        ("np.tanh(a) @ w_e @ np.eye(1)", "(np.tanh(a) @ w_e).transpose(0, 2, 1)"),
    ),
    wrong(
        "attend",
        "mask-forgotten",
        2,
        "padding takes part: the mask is missing",
        ATTEND,
        ("np.where(mask[:, None] == 1, scores, -np.inf)", "scores"),
    ),
    Wrong(
        "masked-after-the-softmax",
        {
            "attend": """
def attend(scores, values, mask):
    attention = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = attention / attention.sum(axis=2, keepdims=True) * mask[:, None]
    return attention @ values, attention
"""
        },
        {"attend": 2},
        "mask before the softmax: a row must sum to one",
    ),
    wrong(
        "attend",
        "masked-score-of-zero",
        2,
        "a score of zero is a score: use minus infinity",
        ATTEND,
        ("-np.inf", "0.0"),
    ),
    Wrong(
        "softmax-over-the-queries",
        {
            "attend": """
def attend(scores, values, mask):
    attention = np.exp(scores - scores.max(axis=1, keepdims=True))
    attention = attention / attention.sum(axis=1, keepdims=True) * mask[:, None]
    return attention @ values, attention
"""
        },
        {"attend": 2},
        "the fractions are over the source: axis 2",
    ),
    wrong(
        "attend",
        "largest-score-of-the-padding",  # underflows where padding has a much larger score
        2,
        "NumPy reports an overflow",
        ATTEND,
        ("opened.max(axis=2", "scores.max(axis=2"),
    ),
    wrong(
        "attend",
        "context-before-the-division",
        1,
        "context has the right shape but wrong values",
        ATTEND,
        (
            "    attention = attention /",
            "    context = attention @ values\n    attention = attention /",
        ),
        ("return attention @ values", "return context"),
    ),
    wrong(
        "attend_backward",
        "softmax-left-out",
        1,
        "this is the gradient of the attention: the softmax follows",
        BACKWARD,
        ("attention * (dattention - mean)", "dattention"),
    ),
    wrong(
        "attend_backward",
        "mean-not-subtracted",
        1,
        "the places compete: subtract the mean",
        BACKWARD,
        ("(dattention - mean)", "dattention"),
    ),
    wrong(
        "attend_backward",
        "slope-of-a-sigmoid",
        1,
        "this is the slope of a sigmoid",
        BACKWARD,
        ("(dattention - mean)", "dattention * (1 - attention)"),
    ),
    wrong(
        "attend_backward",
        "plain-mean-subtracted",
        1,
        "the mean is weighed by the attention",
        BACKWARD,
        ("(dattention * attention).sum(", "dattention.mean("),
    ),
    wrong(
        "attend_backward",
        "values-averaged-over-the-queries",
        1,
        "dvalues",
        BACKWARD,
        ("@ dcontext", "@ dcontext / dcontext.shape[1]"),
    ),
    wrong(
        "attend_backward",
        "gradients-in-the-wrong-order",
        2,
        "must have shape",
        BACKWARD,
        ("return dscores, dvalues", "return dvalues, dscores"),
    ),
    wrong(
        "beam_step",
        "sums-of-the-beginnings-forgotten",
        2,
        "the sums of the beginnings are missing",
        BEAM,
        (" + totals[:, None]", ""),
    ),
    wrong(
        "beam_step",
        "least-likely-kept",
        2,
        "these are the least likely ones",
        BEAM,
        ("np.argsort(-sums)", "np.argsort(sums)"),
    ),
    wrong(
        "beam_step",
        "best-stands-last",
        2,
        "the best comes first",
        BEAM,
        ("[:width]", "[:width][::-1]"),
    ),
    wrong(
        "beam_step",
        "rows-and-symbols-swapped",
        1,
        "rows come first, then symbols",
        BEAM,
        ("rows, symbols =", "symbols, rows ="),
    ),
    wrong(
        "beam_step",
        "old-sums-returned",
        1,
        "totals has the right shape but wrong values",
        BEAM,
        ("sums[order]", "totals[rows]"),
    ),
    Wrong(
        "best-of-each-beginning",
        {
            "beam_step": """
def beam_step(log_p, totals, width):
    symbols = log_p.argmax(axis=1)
    sums = totals + log_p.max(axis=1)
    rows = np.argsort(-sums)[:width]
    return rows, symbols[rows], sums[rows]
"""
        },
        {"beam_step": 2},
        "must have shape",
    ),
]

RIGHT = [
    Right("arrays-filled-in-place", {"teacher_inputs": TEACHER, "beam_step": BEAM}),
    Right(
        "loops",
        {
            "masked_cross_entropy": """
def masked_cross_entropy(scores, target, mask):
    dscores, loss, real = np.zeros(scores.shape), 0.0, float(mask.sum())
    for n in range(len(target)):
        for t in range(target.shape[1]):
            if mask[n, t] == 0:
                continue
            one = np.exp(scores[n, t].astype(float) - scores[n, t].max())
            top, total = scores[n, t, target[n, t]] - scores[n, t].max(), one.sum()
            loss += (np.log(total) - float(top)) / real
            dscores[n, t] = one / total / real
            dscores[n, t, target[n, t]] -= 1 / real
    return loss, dscores
""",
            "additive_scores": """
def additive_scores(query, keys, W_q, W_k, w_e):
    scores = np.zeros((*query.shape[:2], keys.shape[1]))
    for n in range(len(query)):
        for t in range(query.shape[1]):
            for j in range(keys.shape[1]):
                scores[n, t, j] = w_e @ np.tanh(query[n, t] @ W_q + keys[n, j] @ W_k)
    return scores
""",
            "attend": """
def attend(scores, values, mask):
    attention = np.zeros(scores.shape)
    for n in range(len(scores)):
        real = mask[n] > 0
        for t in range(scores.shape[1]):
            some = np.exp(scores[n, t, real] - scores[n, t, real].max())
            attention[n, t, real] = some / some.sum()
    return np.stack([a @ v for a, v in zip(attention, values)]), attention
""",
        },
    ),
    Right(
        "einsum",
        {
            "additive_scores": """
def additive_scores(query, keys, W_q, W_k, w_e):
    asked = np.einsum("nth,ha->nta", query, W_q)[:, :, np.newaxis]
    hidden = np.tanh(asked + np.einsum("njh,ha->nja", keys, W_k)[:, np.newaxis])
    return np.einsum("ntja,a->ntj", hidden, w_e)
""",
            "attend_backward": """
def attend_backward(dcontext, attention, values):
    dattention = np.einsum("nth,njh->ntj", dcontext, values)
    inner = np.einsum("ntj,ntj->nt", dattention, attention)
    dvalues = np.einsum("ntj,nth->njh", attention, dcontext)
    return [attention * dattention - attention * inner[:, :, None], dvalues]
""",
        },
    ),
    Right(
        "a-very-negative-score",
        {
            "attend": """
def attend(scores, values, mask):
    low = scores - 1e9 * (1 - mask)[:, None]
    low = low - low.max(axis=-1, keepdims=True)
    attention = np.exp(low) * mask[:, None]
    attention /= attention.sum(axis=-1, keepdims=True)
    return np.matmul(attention, values), attention
""",
        },
    ),
    Right(
        "jacobians",
        {
            "attend_backward": """
def attend_backward(dcontext, attention, values):
    size = attention.shape[2]
    slopes = attention[..., None] * (np.eye(size) - attention[:, :, None])
    dattention = np.matmul(dcontext, np.swapaxes(values, 1, 2))
    dscores = np.matmul(slopes, dattention[..., None])[..., 0]
    return dscores, np.matmul(np.swapaxes(attention, 1, 2), dcontext)
""",
            "teacher_inputs": """
def teacher_inputs(target, begin):
    inputs = np.roll(target, 1, axis=1)
    inputs[:, 0] = begin
    return inputs
""",
        },
    ),
    Right(
        "sorting-in-python",
        {
            "beam_step": """
def beam_step(log_p, totals, width):
    B, V = log_p.shape
    every = [(totals[b] + log_p[b, v], b, v) for b in range(B) for v in range(V)]
    every = sorted(every, reverse=True)[:width]
    sums, rows, symbols = zip(*every)
    return np.array(rows), np.array(symbols), np.array(sums)
""",
            "teacher_inputs": """
def teacher_inputs(target, begin):
    return np.array([[begin, *row[:-1]] for row in target.tolist()])
""",
        },
    ),
    Right(
        "indices-and-helpers",
        {
            "masked_cross_entropy": """
def masked_cross_entropy(scores, target, mask):
    log_p = log_softmax(scores)
    chosen = np.take_along_axis(log_p, target[:, :, None], axis=2)[:, :, 0]
    real = np.count_nonzero(mask)
    gradient = np.exp(log_p)
    n, t = np.indices(target.shape)
    gradient[n, t, target] -= 1
    return -float((chosen * mask).sum() / real), gradient * mask[..., None] / real
""",
            "beam_step": """
def beam_step(log_p, totals, width):
    sums = log_p + totals.reshape(-1, 1)
    order = np.argsort(sums, axis=None)[::-1][:width]
    rows, symbols = np.unravel_index(order, sums.shape)
    return rows, symbols, sums[rows, symbols]
""",
        },
        extra="""
def log_softmax(a):
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))

N, T, V = "names", "of", "my own"
""",
    ),
]
