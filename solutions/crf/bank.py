"""What is known of the assignment crf: the mistakes of each question, as small changes of the
answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

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

ENTROPY = """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    mean = np.einsum("ntj,ntj->n", single, emissions) + single[:, 0] @ start
    mean = mean + np.einsum("ntjk,jk->n", pair, transitions)
    mean = mean + np.array([single[n, L - 1] @ end for n, L in enumerate(lengths)])
    return log_partition(emissions, lengths, transitions, start, end) - mean
"""

# Whole cells of students who work step by step.
LOOPED = """
def sequence_score(emissions, tags, lengths, transitions, start, end):
    score = np.zeros(len(tags), emissions.dtype)
    for n, length in enumerate(lengths):
        for t in range(length):
            score[n] += emissions[n, t, tags[n, t]]
            if t > 0:
                score[n] += transitions[tags[n, t - 1], tags[n, t]]
        score[n] += start[tags[n, 0]] + end[tags[n, length - 1]]
    return score
"""
GREEDY = """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        tags[n, 0] = (start + emissions[n, 0]).argmax()
        for t in range(1, length):
            tags[n, t] = (transitions[tags[n, t - 1]] + emissions[n, t]).argmax()
    return tags
"""
ALONE = """
def viterbi(emissions, lengths, transitions, start, end):
    real = np.arange(emissions.shape[1]) < lengths[:, None]
    return np.where(real, emissions.argmax(axis=2), -1)
"""
MASKED = """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n in range(N):
        nu, winners = start + emissions[n, 0], []
        for t in range(1, T):
            winners.append((nu[:, None] + transitions).argmax(axis=0))
            nu = (nu[:, None] + transitions).max(axis=0) + emissions[n, t]
        tags[n, T - 1] = (nu + end).argmax()
        for t in range(T - 1, 0, -1):
            tags[n, t - 1] = winners[t - 1][tags[n, t]]
    return np.where(np.arange(T) < lengths[:, None], tags, -1)
"""
OF_STEPS = """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    p = np.where(single > 0, single, 1.0)
    return -(p * np.log(p)).sum(axis=(1, 2))
"""
OF_PAIRS = """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    p = np.where(pair > 0, pair, 1.0)
    return -(p * np.log(p)).sum(axis=(1, 2, 3))
"""

OBSERVED = "        demissions[n, np.arange(length), y] -= 1\n"
PAIRS = "        np.subtract.at(dtransitions, (y[:-1], y[1:]), 1)\n"
FOUR = "return demissions, dtransitions, demissions[:, 0].sum(axis=0), dend"
LAST = "single[rows, lengths - 1] @ end"
GRADIENT_OF = "torch.autograd.grad(loss.sum(), [e, A])"
RECURSION = "torch.logsumexp(alpha[:, :, None] + A, dim=1)"
MOVED = "A[tags[:, :-1], tags[:, 1:]]"
ENTROPY_LINE = "return log_partition(emissions, lengths, transitions, start, end) - (said + moved)"

MISTAKES = {
    "log_sum_exp": [
        slip(
            "subtract the maximum before the exponential: that of a large number overflows",
            1,
            (
                "np.exp(a - largest).sum(axis=axis)) + np.squeeze(largest, axis)",
                "np.exp(a).sum(axis=axis))",
            ),
        ),
        slip(
            "subtract the maximum and nothing else: with another number exponentials overflow",
            1,
            ("a.max(axis=axis, keepdims=True)", "a.min(axis=axis, keepdims=True)"),
            ways=[
                [("a.max(axis=axis, keepdims=True)", "a.mean(axis=axis, keepdims=True)")],
                [("a.max(axis=axis, keepdims=True)", "a.take([0], axis=axis)")],
            ],
        ),
        slip("add the maximum again at the end", 1, (" + np.squeeze(largest, axis)", "")),
        slip(
            "the maximum is added at the end, not subtracted once more",
            1,
            (" + np.squeeze(largest, axis)", " - np.squeeze(largest, axis)"),
        ),
        slip(
            "this is the maximum: the sum over the others is missing",
            1,
            (
                "return np.log(np.exp(a - largest).sum(axis=axis)) + np.squeeze(largest, axis)",
                "return np.squeeze(largest, axis)",
            ),
        ),
        slip(
            "the logarithm of the sum is missing",
            1,
            ("np.log(np.exp(a - largest).sum(axis=axis))", "np.exp(a - largest).sum(axis=axis)"),
            ways=[
                """
def log_sum_exp(a, axis):
    return np.exp(a).sum(axis=axis)
"""
            ],
        ),
        slip(
            "the logarithm of the sum, not the sum of the logarithms",
            1,
            (
                "np.log(np.exp(a - largest).sum(axis=axis))",
                "np.log(np.exp(a - largest)).sum(axis=axis)",
            ),
        ),
        slip(
            "the axis goes away: keep it only while you subtract",
            1,
            (
                ".sum(axis=axis)) + np.squeeze(largest, axis)",
                ".sum(axis=axis, keepdims=True)) + largest",
            ),
            ways=[[("np.squeeze(largest, axis)", "largest")]],
        ),
        slip(
            "the maximum must keep its axis to be subtracted: keepdims=True",
            1,
            ("a.max(axis=axis, keepdims=True)", "a.max(axis=axis)"),
            ("np.squeeze(largest, axis)", "largest"),
        ),
        slip(
            "one maximum for the whole array leaves the log of zero in low rows: take it along axis",
            1,
            ("a.max(axis=axis, keepdims=True)", "a.max()"),
            ("np.squeeze(largest, axis)", "largest"),
        ),
        slip(
            "sum along the given axis, not always along the same one",
            1,
            """
def log_sum_exp(a, axis):
    m = a.max(axis=-1, keepdims=True)
    return np.log(np.exp(a - m).sum(axis=-1)) + m.squeeze(-1)
""",
            ways=[
                """
def log_sum_exp(a, axis):
    m = a.max(axis=0, keepdims=True)
    return np.log(np.exp(a - m).sum(axis=0)) + m.squeeze(0)
""",
                """
def log_sum_exp(a, axis):
    m = a.max(axis=1, keepdims=True)
    return np.log(np.exp(a - m).sum(axis=1)) + m.squeeze(1)
""",
            ],
        ),
        slip(
            "sum along the given axis alone: this adds up the whole array",
            1,
            ("np.exp(a - largest).sum(axis=axis)", "np.exp(a - largest).sum()"),
            ways=[
                """
def log_sum_exp(a, axis):
    return np.log(np.exp(a - a.max()).sum()) + a.max()
"""
            ],
        ),
        slip(
            "add the exponentials up, do not average them",
            1,
            ("np.exp(a - largest).sum(axis=axis)", "np.exp(a - largest).mean(axis=axis)"),
        ),
        slip("the exponent is a - m, not m - a", 1, ("np.exp(a - largest)", "np.exp(largest - a)")),
        slip(
            "m is the largest entry, not the largest absolute value",
            1,
            ("a.max(axis=axis, keepdims=True)", "np.abs(a).max(axis=axis, keepdims=True)"),
        ),
        slip(
            "the largest entry is in the sum already: log, not log1p",
            1,
            ("np.log(np", "np.log1p(np"),
        ),
        slip(
            "take the natural logarithm, np.log",
            1,
            ("np.log(np", "np.log2(np"),
            ways=[[("np.log(np", "np.log10(np")]],
        ),
        slip(
            "your function changes its argument a",
            1,
            (
                "    return np.log(np.exp(a - largest)",
                "    a -= largest\n    return np.log(np.exp(a)",
            ),
        ),
        slip(
            "squeeze takes every axis of length 1 away: name the one that you mean",
            1,
            ("np.squeeze(largest, axis)", "np.squeeze(largest)"),
            ways=[
                [
                    (
                        "np.log(np.exp(a - largest).sum(axis=axis)) + np.squeeze(largest, axis)",
                        "np.squeeze(np.log(np.exp(a - largest).sum(axis=axis, keepdims=True)) + largest)",
                    )
                ],
            ],
        ),
        slip(
            "add up exp(a - m): without exp, or with expm1, the sum is negative and has no logarithm",
            1,
            ("np.exp(a - largest).sum", "(a - largest).sum"),
            ways=[[("np.exp(a - largest)", "np.expm1(a - largest)")]],
        ),
        slip(
            "this is the log of a softmax: return the log of the sum alone",
            1,
            """
def log_sum_exp(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return a - m - np.log(np.exp(a - m).sum(axis=axis, keepdims=True))
""",
            ways=[
                """
def log_sum_exp(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return a - np.log(np.exp(a - m).sum(axis=axis, keepdims=True))
"""
            ],
        ),
        slip(
            "add back the maximum that was subtracted, not that of the whole array",
            1,
            (" + np.squeeze(largest, axis)", " + a.max()"),
        ),
        slip(
            "do not cut large numbers off: subtract the maximum",
            1,
            """
def log_sum_exp(a, axis):
    return np.log(np.exp(np.clip(a, -500, 500)).sum(axis=axis))
""",
            ways=[
                """
def log_sum_exp(a, axis):
    return np.log(np.exp(np.clip(a, -700, 700)).sum(axis=axis))
""",
                """
def log_sum_exp(a, axis):
    return np.log(np.exp(np.minimum(a, 700)).sum(axis=axis))
""",
                """
def log_sum_exp(a, axis):
    return np.log(np.exp(np.clip(a, -100, 100)).sum(axis=axis))
""",
            ],
        ),
        slip(
            "divide nothing by the maximum: subtract it",
            1,
            """
def log_sum_exp(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a / m).sum(axis=axis)) + np.squeeze(m, axis)
""",
            ways=[
                """
def log_sum_exp(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a / m).sum(axis=axis)) * np.squeeze(m, axis)
"""
            ],
        ),
    ],
    "sequence_score": [
        slip(
            "A(j, k) goes from the row j to the column k: transposed",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[1:], y[:-1]]"),
        ),
        slip(
            "the transitions are missing",
            2,
            ("        score[n] += transitions[y[:-1], y[1:]].sum()\n", ""),
        ),
        slip("the start score is missing", 2, ("start[y[0]] + ", "")),
        slip("the end score is missing", 2, (" + end[y[-1]]", "")),
        slip("start and end scores are missing", 2, ("start[y[0]] + ", ""), (" + end[y[-1]]", "")),
        slip("the emissions are missing", 2, (" + emissions[n, np.arange(length), y].sum()", "")),
        slip(
            "the padding counts: stop at lengths[n]",
            2,
            ("y = tags[n, :length]", "y = tags[n]"),
            ("np.arange(length)", "np.arange(len(y))"),
            ways=[
                [
                    (
                        "emissions[n, np.arange(length), y]",
                        "emissions[n, np.arange(tags.shape[1]), tags[n]]",
                    )
                ],
                [("transitions[y[:-1], y[1:]]", "transitions[tags[n, :-1], tags[n, 1:]]")],
                [
                    (
                        "emissions[n, np.arange(length), y]",
                        "emissions[n, np.arange(tags.shape[1]), tags[n]]",
                    ),
                    ("transitions[y[:-1], y[1:]]", "transitions[tags[n, :-1], tags[n, 1:]]"),
                ],
            ],
        ),
        slip(
            "the last real tag stands at lengths[n] - 1",
            2,
            ("end[y[-1]]", "end[tags[n, -1]]"),
            ways=[[("end[y[-1]]", "end[tags[n, length]]")]],
        ),
        slip(
            "the first step has no transition before it: L tags make L - 1 transitions",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[np.roll(y, 1), y]"),
            ways=[
                LOOPED.replace("if t > 0", "if t >= 0"),
                [("transitions[y[:-1], y[1:]]", "transitions[np.r_[y[0], y[:-1]], y]")],
            ],
        ),
        slip(
            "the last transition is missing",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[:-1], y[1:]][:-1]"),
        ),
        slip(
            "the first transition is missing",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[:-1], y[1:]][1:]"),
        ),
        slip(
            "the emission of the last step is missing",
            2,
            ("y].sum() + end", "y][:-1].sum() + end"),
        ),
        slip(
            "the emission of the first step is missing",
            2,
            ("y].sum() + end", "y][1:].sum() + end"),
        ),
        slip(
            "the last step is left out: the path has lengths[n] tags",
            2,
            LOOPED.replace("range(length)", "range(length - 1)"),
            ways=[[("enumerate(lengths)", "enumerate(lengths - 1)")]],
        ),
        slip(
            "the first step counts too: its emission is missing where the loop begins with the second",
            2,
            LOOPED.replace("range(length)", "range(2, length)"),
        ),
        slip(
            "start belongs to the first tag, end to the last",
            2,
            ("start[y[0]] +", "end[y[0]] +"),
            ("+ end[y[-1]]", "+ start[y[-1]]"),
            ways=[[("start[y[0]] +", "start[y[-1]] +"), ("+ end[y[-1]]", "+ end[y[0]]")]],
        ),
        slip(
            "start has an entry for each tag: take that of the first tag",
            2,
            ("start[y[0]]", "start[0]"),
            ways=[[("start[y[0]]", "start.sum()")]],
        ),
        slip(
            "end has an entry for each tag: take that of the last tag",
            2,
            ("end[y[-1]]", "end[-1]"),
            ways=[[("end[y[-1]]", "end.sum()")]],
        ),
        slip(
            "start counts once, with the first tag",
            2,
            ("start[y[0]]", "start[y].sum()"),
        ),
        slip("end counts once, with the last tag", 2, ("end[y[-1]]", "end[y].sum()")),
        slip(
            "emissions[n, :L, y] is a table of all steps and all tags: pair each step with its own tag",
            2,
            ("emissions[n, np.arange(length), y]", "emissions[n, :length, y]"),
            ways=[[("emissions[n, np.arange(length), y]", "emissions[n, :length][:, y]")]],
        ),
        slip(
            "one transition for each pair of neighbours: this is a table of all tags with all tags",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[:-1]][:, y[1:]]"),
        ),
        slip(
            "each step has one tag: this adds the emissions of all tags",
            2,
            ("emissions[n, np.arange(length), y]", "emissions[n, :length]"),
        ),
        slip(
            "the score of the given path is asked for, not that of the best tags",
            2,
            ("emissions[n, np.arange(length), y]", "emissions[n, :length].max(axis=1)"),
        ),
        slip(
            "a score is a sum: do not divide by the length",
            2,
            ("    return score", "    return score / lengths"),
            ways=[[("y].sum() + end", "y].mean() + end")]],
        ),
        slip(
            "a score is a sum of scores: nothing is multiplied",
            2,
            ("y].sum() + end", "y].prod() + end"),
        ),
        slip(
            "each sequence starts from zero: the score of the one before is still in it",
            2,
            ("    return score", "    return np.cumsum(score)"),
        ),
        slip(
            "one score for each sequence: do not add them",
            2,
            ("return score", "return score.sum()"),
        ),
        slip(
            "only the first sequence has a score: return after the loop",
            2,
            ("    return score", "        return score"),
        ),
        slip(
            "must be a NumPy array, but yours is a list",
            2,
            ("return score", "return list(score)"),
        ),
        slip(
            "score must hold floats: an array of whole numbers cuts the decimals off",
            2,
            ("np.zeros(len(tags), emissions.dtype)", "np.zeros(len(tags), int)"),
            ways=[[("np.zeros(len(tags), emissions.dtype)", "np.zeros_like(lengths)")]],
        ),
        slip(
            "the last tag of a path stands at lengths[n] - 1, not one step before",
            2,
            ("end[y[-1]]", "end[y[max(length - 2, 0)]]"),
            ways=[[("end[y[-1]]", "end[tags[n, length - 2]]")]],
        ),
        slip(
            "the transition from the last real tag into the padding is none: stop at lengths[n]",
            2,
            (
                "transitions[y[:-1], y[1:]].sum()",
                "transitions[tags[n, : length + 1][:-1], tags[n, : length + 1][1:]].sum()",
            ),
        ),
        slip(
            "each step adds to the score: here it overwrites what was there",
            2,
            ("score[n] += transitions", "score[n] = transitions"),
        ),
        slip(
            "the emission of a step is that of its own tag, not of the tag before or after",
            2,
            (
                "emissions[n, np.arange(length), y]",
                "emissions[n, np.arange(length), np.roll(y, 1)]",
            ),
            ways=[
                [
                    (
                        "emissions[n, np.arange(length), y]",
                        "emissions[n, np.arange(length), np.roll(y, -1)]",
                    )
                ]
            ],
        ),
        slip(
            "return the score, not its exponential",
            2,
            ("    return score", "    return np.exp(score)"),
        ),
        slip(
            "emissions[n] has the steps first and the tags second",
            2,
            LOOPED.replace("emissions[n, t, tags[n, t]]", "emissions[n, tags[n, t], t]"),
            ways=[
                [("emissions[n, np.arange(length), y]", "emissions[n, y, np.arange(length)]")],
            ],
        ),
        slip("end goes with the last tag, not with the first", 2, ("end[y[-1]]", "end[y[0]]")),
        slip(
            "start goes with the first tag, not with the last", 2, ("start[y[0]]", "start[y[-1]]")
        ),
        slip(
            "a transition goes from one tag to the next: here it goes from a tag to itself",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[1:], y[1:]]"),
            ways=[
                [("transitions[y[:-1], y[1:]]", "transitions[y[:-1], y[:-1]]")],
                [("transitions[y[:-1], y[1:]]", "transitions[y, y]")],
            ],
        ),
        slip(
            "each transition joins two neighbours: these tags stand two steps apart",
            2,
            ("transitions[y[:-1], y[1:]]", "transitions[y[:-2], y[2:]]"),
        ),
        slip(
            "the score is no loss: it has no minus sign",
            2,
            ("    return score", "    return -score"),
        ),
    ],
    "log_partition": [
        slip(
            "A(j, k) goes from the row j to the column k: the transitions are transposed",
            2,
            ("+ transitions, axis", "+ transitions.T, axis"),
            ways=[
                [
                    (
                        "alpha[:, :, None] + transitions, axis=1",
                        "alpha[:, None, :] + transitions, axis=2",
                    ),
                ]
            ],
        ),
        slip(
            "sum over the tags that a step comes from: axis 1 of (N, from, to)",
            2,
            ("transitions, axis=1", "transitions, axis=2"),
        ),
        slip(
            "alpha belongs to the tag that a step comes from: to the rows of the transitions",
            2,
            ("(alpha[:, :, None] +", "(alpha[:, None, :] +"),
        ),
        slip(
            "alpha and transitions need an axis more: (N, from, 1) and (from, to)",
            2,
            ("(alpha[:, :, None] + transitions", "(alpha + transitions"),
        ),
        slip("the start scores are missing", 2, ("alpha = start + emissions", "alpha = emissions")),
        slip("the end scores are missing", 2, ("log_sum_exp(alpha + end", "log_sum_exp(alpha")),
        slip(
            "start and end scores are missing",
            2,
            ("alpha = start + emissions", "alpha = emissions"),
            ("log_sum_exp(alpha + end", "log_sum_exp(alpha"),
        ),
        slip(
            "start and end are exchanged",
            2,
            ("alpha = start + emissions", "alpha = end + emissions"),
            ("log_sum_exp(alpha + end", "log_sum_exp(alpha + start"),
        ),
        slip(
            "the transitions are missing",
            2,
            ("(alpha[:, :, None] + transitions", "(alpha[:, :, None] + 0 * transitions"),
        ),
        slip(
            "the emissions of the later steps are missing",
            2,
            (", axis=1) + emissions[:, t]", ", axis=1)"),
        ),
        slip(
            "the emissions of the first step are missing",
            2,
            ("alpha = start + emissions[:, 0]", "alpha = start + 0 * emissions[:, 0]"),
        ),
        slip(
            "step t reads the emissions of step t",
            2,
            (", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, t - 1]"),
            ways=[[(", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, 0]")]],
        ),
        slip(
            "the padding counts: keep alpha where t >= lengths[n]",
            2,
            ("np.where((t < lengths)[:, None], arrive, alpha)", "arrive"),
        ),
        slip(
            "one step of the padding counts: keep alpha from t = lengths[n] on",
            2,
            ("t < lengths", "t <= lengths"),
        ),
        slip(
            "the last real step is left out: it is t = lengths[n] - 1",
            2,
            ("t < lengths", "t < lengths - 1"),
        ),
        slip(
            "the condition is the wrong way round: a sequence that goes on takes the new alpha",
            2,
            ("arrive, alpha)", "alpha, arrive)"),
        ),
        slip(
            "where a sequence is over alpha stays as it is: it does not become zero",
            2,
            ("arrive, alpha)", "arrive, 0.0)"),
        ),
        slip(
            "where a sequence is over alpha stays as it is: with minus infinity it is lost",
            2,
            ("arrive, alpha)", "arrive, -np.inf)"),
        ),
        slip(
            "the condition needs an axis for the tags: its shape must be (N, 1)",
            2,
            ("(t < lengths)[:, None]", "t < lengths"),
            ways=[[("(t < lengths)[:, None]", "(t < lengths)[None, :]")]],
        ),
        slip(
            "an if asks one question for the whole batch: np.where chooses for each sequence",
            2,
            (
                "alpha = np.where((t < lengths)[:, None], arrive, alpha)",
                "alpha = arrive if t < lengths else alpha",
            ),
        ),
        slip(
            "all sequences stop with the first one: lengths holds one number for each",
            2,
            ("(t < lengths)[:, None]", "t < lengths[0]"),
            ways=[[("(t < lengths)[:, None]", "t < lengths.min()")]],
        ),
        slip(
            "a maximum stands where a sum over all paths belongs",
            2,
            (
                "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
                "(alpha[:, :, None] + transitions).max(axis=1)",
            ),
            ways=[
                [("log_sum_exp(alpha + end, axis=1)", "(alpha + end).max(axis=1)")],
                [
                    (
                        "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
                        "(alpha[:, :, None] + transitions).max(axis=1)",
                    ),
                    ("log_sum_exp(alpha + end, axis=1)", "(alpha + end).max(axis=1)"),
                ],
            ],
        ),
        slip(
            "the plain exponential overflows where scores are large: use log_sum_exp",
            2,
            (
                "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
                "np.log(np.exp(alpha[:, :, None] + transitions).sum(axis=1))",
            ),
            ways=[
                [("log_sum_exp(alpha + end, axis=1)", "np.log(np.exp(alpha + end).sum(axis=1))")],
                [
                    (
                        "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
                        "np.log(np.exp(alpha[:, :, None] + transitions).sum(axis=1))",
                    ),
                    ("log_sum_exp(alpha + end, axis=1)", "np.log(np.exp(alpha + end).sum(axis=1))"),
                ],
            ],
        ),
        slip(
            "the scores are added up without exponentials: use log_sum_exp over the tags before",
            2,
            (
                "log_sum_exp(alpha[:, :, None] + transitions, axis=1)",
                "(alpha[:, :, None] + transitions).sum(axis=1)",
            ),
        ),
        slip(
            "log Z is the log_sum_exp over the last tags, not their sum",
            2,
            ("log_sum_exp(alpha + end, axis=1)", "(alpha + end).sum(axis=1)"),
        ),
        slip(
            "log Z is one number for each sequence: add over the last tags",
            2,
            ("log_sum_exp(alpha + end, axis=1)", "alpha + end"),
        ),
        slip(
            "add over the tags at the end, not over the sequences",
            2,
            ("log_sum_exp(alpha + end, axis=1)", "log_sum_exp(alpha + end, axis=0)"),
        ),
        slip(
            "the end score counts once, after the last real step",
            2,
            (", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, t] + end"),
        ),
        slip(
            "the start score counts once, at the first step",
            2,
            (", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, t] + start"),
        ),
        slip(
            "the first step is counted twice: the loop begins with the second",
            2,
            ("range(1, emissions.shape[1])", "range(emissions.shape[1])"),
        ),
        slip(
            "the loop ends one step too early: T is emissions.shape[1]",
            2,
            ("range(1, emissions.shape[1])", "range(1, emissions.shape[1] - 1)"),
        ),
        slip(
            "the loop goes over the examples: T is emissions.shape[1]",
            2,
            ("range(1, emissions.shape[1])", "range(1, emissions.shape[0])"),
        ),
        slip(
            "the loop goes over the tags: T is emissions.shape[1]",
            2,
            ("range(1, emissions.shape[1])", "range(1, emissions.shape[2])"),
        ),
        slip(
            "return log Z, not Z",
            2,
            (
                "return log_sum_exp(alpha + end, axis=1)",
                "return np.exp(log_sum_exp(alpha + end, axis=1))",
            ),
        ),
        slip(
            "log Z has no minus sign",
            2,
            ("return log_sum_exp", "return -log_sum_exp"),
        ),
        slip(
            "your function changes its argument emissions",
            2,
            ("alpha = start + emissions[:, 0]", "alpha = emissions[:, 0]\n    alpha += start"),
        ),
        slip(
            "end belongs to the last real step alone: here every step counts it",
            2,
            ("alpha = start + emissions[:, 0]", "alpha = start + emissions[:, 0] + end"),
            (", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, t] + end"),
            ("log_sum_exp(alpha + end, axis=1)", "log_sum_exp(alpha, axis=1)"),
            ways=[
                [
                    (", axis=1) + emissions[:, t]", ", axis=1) + emissions[:, t] + end"),
                    ("log_sum_exp(alpha + end, axis=1)", "log_sum_exp(alpha, axis=1)"),
                ],
            ],
        ),
        slip(
            "the first step has no transition before it: start stands in its place",
            2,
            ("alpha = start + emissions[:, 0]", "alpha = np.zeros_like(emissions[:, 0]) + start"),
            ("range(1, emissions.shape[1])", "range(emissions.shape[1])"),
        ),
        slip(
            "the emission of a step belongs to the tag that it goes to, not to the one it comes from",
            2,
            (
                "arrive = log_sum_exp(alpha[:, :, None] + transitions, axis=1) + emissions[:, t]",
                "arrive = log_sum_exp(alpha[:, :, None] + emissions[:, t, :, None] + transitions, axis=1)",
            ),
        ),
        slip(
            "alpha is overwritten while it is read: fill a new array at each step",
            2,
            """
def log_partition(emissions, lengths, transitions, start, end):
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        for k in range(len(end)):
            new = log_sum_exp(alpha + transitions[:, k], axis=1) + emissions[:, t, k]
            alpha[:, k] = np.where(t < lengths, new, alpha[:, k])
    return log_sum_exp(alpha + end, axis=1)
""",
        ),
        slip(
            "log Z is not divided by the length",
            2,
            (
                "return log_sum_exp(alpha + end, axis=1)",
                "return log_sum_exp(alpha + end, axis=1) / lengths",
            ),
        ),
        slip(
            "the padding has no transitions either: keep alpha, do not only drop the emissions",
            2,
            (
                "alpha = np.where((t < lengths)[:, None], arrive, alpha)",
                "alpha = arrive - emissions[:, t] * (t >= lengths)[:, None]",
            ),
        ),
        slip(
            "the padding has no emissions either: keep alpha, do not only drop the transitions",
            2,
            (
                "arrive, alpha)",
                "arrive, alpha + emissions[:, t])",
            ),
        ),
        slip(
            "end goes with the last tag: add it to alpha before the sum over the tags",
            2,
            (
                "log_sum_exp(alpha + end, axis=1)",
                "log_sum_exp(alpha, axis=1) + log_sum_exp(end, 0)",
            ),
            ways=[
                [("log_sum_exp(alpha + end, axis=1)", "log_sum_exp(alpha, axis=1) + end.sum()")],
            ],
        ),
        slip(
            "the transition is counted twice at each step",
            2,
            ("(alpha[:, :, None] + transitions", "(alpha[:, :, None] + 2 * transitions"),
        ),
        slip(
            "each step goes on from alpha: here it starts from the emissions of the step before",
            2,
            ("(alpha[:, :, None] + transitions", "(emissions[:, t - 1, :, None] + transitions"),
        ),
        slip(
            "the new alpha takes the place of the old one: do not add it",
            2,
            ("arrive, alpha)", "alpha + arrive, alpha)"),
        ),
    ],
    "viterbi": [
        slip(
            "A(j, k) goes from the row j to the column k: the transitions are transposed",
            2,
            ("nu[:, None] + transitions", "nu[:, None] + transitions.T"),
            ways=[
                [
                    ("nu[:, None] + transitions", "nu[None, :] + transitions"),
                    ("candidates.argmax(axis=0)", "candidates.argmax(axis=1)"),
                    ("candidates.max(axis=0)", "candidates.max(axis=1)"),
                ]
            ],
        ),
        slip(
            "nu belongs to the tag that a step comes from: to the rows of the transitions",
            2,
            ("nu[:, None] + transitions", "nu[None, :] + transitions"),
            ways=[[("nu[:, None] + transitions", "nu + transitions")]],
        ),
        slip(
            "the winner is the tag that a step comes from: take both maxima over the rows",
            2,
            ("candidates.argmax(axis=0)", "candidates.argmax(axis=1)"),
            ways=[
                [("candidates.max(axis=0)", "candidates.max(axis=1)")],
                [
                    ("candidates.argmax(axis=0)", "candidates.argmax(axis=1)"),
                    ("candidates.max(axis=0)", "candidates.max(axis=1)"),
                ],
            ],
        ),
        slip("this is the best tag of each step on its own", 2, ALONE),
        slip(
            "a choice from step to step misses the best path: keep nu for all tags",
            2,
            GREEDY,
        ),
        slip(
            "the best nu of each step is no path: follow the winners back",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        nu = start + emissions[n, 0]
        for t in range(1, length):
            tags[n, t - 1] = nu.argmax()
            nu = (nu[:, None] + transitions).max(axis=0) + emissions[n, t]
        tags[n, length - 1] = (nu + end).argmax()
    return tags
""",
            ways=[
                """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        nu = start + emissions[n, 0]
        tags[n, 0] = nu.argmax()
        for t in range(1, length):
            nu = (nu[:, None] + transitions).max(axis=0) + emissions[n, t]
            nu = nu + end if t == length - 1 else nu
            tags[n, t] = nu.argmax()
    return tags
""",
                """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        nu = start + emissions[n, 0]
        tags[n, 0] = nu.argmax()
        for t in range(1, length):
            nu = (nu[:, None] + transitions).max(axis=0) + emissions[n, t]
            tags[n, t] = nu.argmax()
    return tags
""",
            ],
        ),
        slip("the end scores are missing", 2, ("(nu + end).argmax()", "nu.argmax()")),
        slip("the start scores are missing", 2, ("nu, winners = start + ", "nu, winners = ")),
        slip(
            "start and end scores are missing",
            2,
            ("(nu + end).argmax()", "nu.argmax()"),
            ("nu, winners = start + ", "nu, winners = "),
        ),
        slip(
            "start and end are exchanged",
            2,
            ("(nu + end).argmax()", "(nu + start).argmax()"),
            ("nu, winners = start + ", "nu, winners = end + "),
        ),
        slip(
            "the transitions are missing",
            2,
            ("nu[:, None] + transitions", "nu[:, None] + 0 * transitions"),
        ),
        slip(
            "the emissions of the later steps are missing",
            2,
            ("candidates.max(axis=0) + emissions[n, t]", "candidates.max(axis=0)"),
        ),
        slip(
            "the emissions of the first step are missing",
            2,
            ("start + emissions[n, 0], []", "start, []"),
        ),
        slip(
            "step t reads the emissions of step t",
            2,
            (
                "candidates.max(axis=0) + emissions[n, t]",
                "candidates.max(axis=0) + emissions[n, t - 1]",
            ),
        ),
        slip(
            "nu grows from step to step: here each step forgets the one before",
            2,
            ("nu = candidates.max(axis=0) + emissions[n, t]", "nu = emissions[n, t]"),
        ),
        slip(
            "the end score counts once, after the last real step",
            2,
            (
                "candidates.max(axis=0) + emissions[n, t]",
                "candidates.max(axis=0) + emissions[n, t] + end",
            ),
        ),
        slip(
            "the last tag is the best of nu plus the end scores, not of the emissions",
            2,
            ("(nu + end).argmax()", "emissions[n, length - 1].argmax()"),
            ways=[[("(nu + end).argmax()", "(emissions[n, length - 1] + end).argmax()")]],
        ),
        slip(
            "the padding holds -1",
            2,
            ("np.full(emissions.shape[:2], -1)", "np.zeros(emissions.shape[:2], int)"),
            ways=[
                [("np.full(emissions.shape[:2], -1)", "np.ones(emissions.shape[:2], int)")],
            ],
        ),
        slip(
            "stop at lengths[n]: a path of T steps ends elsewhere",
            2,
            MASKED,
            ways=[[("enumerate(lengths)", "enumerate([emissions.shape[1]] * len(lengths))")]],
        ),
        slip(
            "the path is one step too short: it has lengths[n] tags",
            2,
            ("enumerate(lengths)", "enumerate(np.maximum(lengths - 1, 1))"),
            ways=[[("enumerate(lengths)", "enumerate(lengths - 1)")]],
        ),
        slip(
            "the path is the wrong way round: the winners lead from the last step to the first",
            2,
            (
                "            tags[n, t - 1] = winners[t - 1][tags[n, t]]",
                "            tags[n, t - 1] = winners[t - 1][tags[n, t]]\n"
                "        tags[n, :length] = tags[n, :length][::-1]",
            ),
        ),
        slip(
            "follow the winners from the last step back to the first, not forwards",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    tags = np.full(emissions.shape[:2], -1)
    for n, length in enumerate(lengths):
        nu, winners = start + emissions[n, 0], []
        for t in range(1, length):
            candidates = nu[:, None] + transitions
            winners.append(candidates.argmax(axis=0))
            nu = candidates.max(axis=0) + emissions[n, t]
        path = [int((nu + end).argmax())]
        for winner in winners:
            path.append(int(winner[path[-1]]))
        tags[n, :length] = path[::-1]
    return tags
""",
            ways=[
                [
                    (
                        "        for t in reversed(range(1, length)):\n",
                        "        for t in range(1, length):\n",
                    )
                ],
                [
                    (
                        "        tags[n, length - 1] = (nu + end).argmax()\n"
                        "        for t in reversed(range(1, length)):\n"
                        "            tags[n, t - 1] = winners[t - 1][tags[n, t]]\n",
                        "        tags[n, 0] = (start + emissions[n, 0]).argmax()\n"
                        "        for t in range(1, length):\n"
                        "            tags[n, t] = winners[t - 1][tags[n, t - 1]]\n",
                    )
                ],
            ],
        ),
        slip(
            "follow the winners: each step needs those of the tag that comes after it",
            2,
            ("winners[t - 1][tags[n, t]]", "winners[t - 1][tags[n, length - 1]]"),
        ),
        slip(
            "the winners are read one step off: those of the second step are the first that were kept",
            2,
            ("winners[t - 1][tags[n, t]]", "winners[t - 2][tags[n, t]]"),
        ),
        slip(
            "there are fewer winners than you ask for: one array for each step but the first is kept",
            2,
            ("winners[t - 1][tags[n, t]]", "winners[t][tags[n, t]]"),
        ),
        slip(
            "the first tag is missing: follow the winners to the first step",
            2,
            ("reversed(range(1, length))", "reversed(range(2, length))"),
            ways=[
                [
                    (
                        "        for t in reversed(range(1, length)):\n            tags[n, t - 1] = winners[t - 1][tags[n, t]]\n",
                        "        tag, tags[n, length - 1] = (nu + end).argmax(), -1\n        for t in reversed(range(1, length)):\n            tags[n, t] = tag\n            tag = winners[t - 1][tag]\n",
                    )
                ],
            ],
        ),
        slip(
            "the last step is missing: the loop goes on to lengths[n] - 1",
            2,
            (
                "        for t in range(1, length):\n            cand",
                "        for t in range(1, length - 1):\n            cand",
            ),
            (
                "winners[t - 1][tags[n, t]]",
                "winners[min(t, len(winners)) - 1][tags[n, t]] if winners else 0",
            ),
        ),
        slip(
            "this is the sum over all paths: the best path needs a maximum",
            2,
            ("candidates.max(axis=0)", "log_sum_exp(candidates, 0)"),
        ),
        slip(
            "the scores of all ways are added: the best path needs a maximum",
            2,
            ("candidates.max(axis=0)", "candidates.sum(axis=0)"),
        ),
        slip(
            "the largest score wins, not the smallest",
            2,
            ("candidates.argmax(axis=0)", "candidates.argmin(axis=0)"),
            ("candidates.max(axis=0)", "candidates.min(axis=0)"),
            ("(nu + end).argmax()", "(nu + end).argmin()"),
            ways=[
                [("(nu + end).argmax()", "(nu + end).argmin()")],
                [("candidates.argmax(axis=0)", "candidates.argmin(axis=0)")],
            ],
        ),
        slip(
            "keep which tag won, not its score: argmax",
            2,
            ("candidates.argmax(axis=0)", "candidates.max(axis=0)"),
        ),
        slip(
            "must be a NumPy array of whole numbers",
            2,
            ("    return tags", "    return tags.astype(float)"),
            ways=[
                [("    return tags", "    return tags.tolist()")],
                [("np.full(emissions.shape[:2], -1)", "np.full(emissions.shape[:2], -1.0)")],
                [("    return tags", "    return [t[:k].tolist() for t, k in zip(tags, lengths)]")],
            ],
        ),
        slip("tags are counted from 0", 2, ("    return tags", "    return tags + 1")),
        slip(
            "return the tags alone, without their scores",
            2,
            ("    return tags", "    return tags, (nu + end).max()"),
        ),
        slip(
            "the end scores count at the last real step alone: here every step adds them",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions + end
            back[t] = candidates.argmax(axis=0)
            nu = candidates.max(axis=0) + emissions[n, t]
        tags[n, length - 1] = nu.argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
""",
            ways=[
                """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions
            back[t] = candidates.argmax(axis=0)
            nu = candidates.max(axis=0) + emissions[n, t] + end
        tags[n, length - 1] = nu.argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
""",
            ],
        ),
        slip(
            "a back pointer is read at the step of its tag: this is that of the next or last step",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions
            back[t] = candidates.argmax(axis=0)
            nu = candidates.max(axis=0) + emissions[n, t]
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t + 1, tags[n, t]]
    return tags
""",
            ways=[
                """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions
            back[t] = candidates.argmax(axis=0)
            nu = candidates.max(axis=0) + emissions[n, t]
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t - 1, tags[n, t]]
    return tags
"""
            ],
        ),
        slip(
            "the scores are overwritten while they are read: fill a new array at each step",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T, M), int)
        for t in range(1, length):
            for k in range(M):
                scores = nu + transitions[:, k]
                back[t, k] = scores.argmax()
                nu[k] = scores.max() + emissions[n, t, k]
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
""",
        ),
        slip(
            "keep the winners before the scores move on: they belong to the old ones",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions
            nu = candidates.max(axis=0) + emissions[n, t]
            candidates = nu[:, None] + transitions
            back[t] = candidates.argmax(axis=0)
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
""",
        ),
        slip(
            "the emission of a step belongs to the tag that it goes to, not to the one it comes from",
            2,
            """
def viterbi(emissions, lengths, transitions, start, end):
    N, T, M = emissions.shape
    tags = np.full((N, T), -1)
    for n, length in enumerate(lengths):
        nu, back = start + emissions[n, 0], np.zeros((T + 1, M), int)
        for t in range(1, length):
            candidates = nu[:, None] + transitions + emissions[n, t][:, None]
            back[t] = candidates.argmax(axis=0)
            nu = candidates.max(axis=0)
        tags[n, length - 1] = (nu + end).argmax()
        for t in reversed(range(1, length)):
            tags[n, t - 1] = back[t, tags[n, t]]
    return tags
""",
        ),
        slip(
            "the first step is counted twice: the loop begins with the second",
            2,
            VITERBI.replace("range(1, L)", "range(L)"),
        ),
        slip(
            "the path stands at the left, and the padding behind it",
            2,
            (
                "    return tags",
                "    for n, length in enumerate(lengths):\n"
                "        tags[n] = np.roll(tags[n], -length)\n"
                "    return tags",
            ),
        ),
        slip(
            "the emission of a step counts once: here it is added before and after the maximum",
            2,
            ("nu[:, None] + transitions", "nu[:, None] + transitions + emissions[n, t]"),
        ),
        slip(
            "the start scores count once, at the first step",
            2,
            (
                "candidates.max(axis=0) + emissions[n, t]",
                "candidates.max(axis=0) + emissions[n, t] + start",
            ),
        ),
    ],
    "nll_gradient": [
        slip(
            "expected minus observed, not the other way round",
            2,
            (FOUR, "return -demissions, -dtransitions, -demissions[:, 0].sum(axis=0), -dend"),
        ),
        slip(
            "observed is taken away from expected, not added to it",
            2,
            ("y] -= 1", "y] += 1"),
            ("np.subtract.at", "np.add.at"),
        ),
        slip("the observed tags are missing", 1, (OBSERVED, "")),
        slip("the observed pairs are missing", 1, (PAIRS, "")),
        slip("the observed tags and pairs are missing", 2, (OBSERVED, ""), (PAIRS, "")),
        slip(
            "a pair that occurs twice counts twice: fancy indexing subtracts only once",
            1,
            (
                "np.subtract.at(dtransitions, (y[:-1], y[1:]), 1)",
                "dtransitions[y[:-1], y[1:]] -= 1",
            ),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: the observed pairs are transposed",
            1,
            ("(y[:-1], y[1:])", "(y[1:], y[:-1])"),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: dtransitions is transposed",
            1,
            (FOUR, FOUR.replace("dtransitions", "dtransitions.T")),
        ),
        slip(
            "the last step of a sequence is at lengths[n] - 1, not at T - 1",
            1,
            ("demissions[n, length - 1]", "demissions[n, -1]"),
        ),
        slip(
            "lengths[n] is one step behind the last one",
            2,
            ("demissions[n, length - 1]", "demissions[n, length]"),
        ),
        slip(
            "the padding counts: its -1 picks the last tag; stop at lengths[n]",
            2,
            ("y = tags[n, :length]", "y = tags[n]"),
            ("np.arange(length), y]", "np.arange(len(y)), y]"),
        ),
        slip(
            "-1 in the padding picks the last tag: subtract only at real steps",
            1,
            (
                "demissions[n, np.arange(length), y]",
                "demissions[n, np.arange(tags.shape[1]), tags[n]]",
            ),
        ),
        slip(
            "pairs in the padding are no pairs: stop at lengths[n]",
            1,
            ("(y[:-1], y[1:])", "(tags[n, :-1], tags[n, 1:])"),
        ),
        slip(
            "the pair from the last real step into the padding is no pair",
            1,
            ("(y[:-1], y[1:])", "(tags[n, :length][: tags.shape[1] - 1], tags[n, 1 : length + 1])"),
        ),
        slip(
            "add over the sequences, do not average",
            1,
            (FOUR, FOUR.replace("sum(axis=0)", "mean(axis=0)")),
            ways=[
                [(FOUR, FOUR.replace("dend", "dend / len(tags)"))],
                [(FOUR, FOUR.replace("sum(axis=0), dend", "mean(axis=0), dend / len(tags)"))],
                [(FOUR, FOUR.replace("dtransitions", "dtransitions / len(tags)"))],
                [(FOUR, FOUR.replace("demissions,", "demissions / len(tags),"))],
                [("pair.sum(axis=(0, 1))", "pair.mean(axis=0).sum(axis=0)")],
            ],
        ),
        slip(
            "the loss is the sum over the sequences: nothing is divided by N",
            2,
            (
                FOUR,
                "return tuple(d / len(tags) for d in "
                "(demissions, dtransitions, demissions[:, 0].sum(axis=0), dend))",
            ),
        ),
        slip(
            "add over the steps, do not average",
            1,
            ("pair.sum(axis=(0, 1))", "pair.sum(axis=0).mean(axis=0)"),
            ways=[[(FOUR, FOUR.replace("dtransitions", "dtransitions / (tags.shape[1] - 1)"))]],
        ),
        slip(
            "start is used once, with the first tag: take the first step alone",
            1,
            ("demissions[:, 0].sum(axis=0)", "demissions.sum(axis=(0, 1))"),
        ),
        slip(
            "end is used once, with the last tag: take the last step alone",
            1,
            ("dend += demissions[n, length - 1]", "dend += demissions[n].sum(axis=0)"),
        ),
        slip(
            "the observed first tag is missing in dstart",
            1,
            ("demissions[:, 0].sum(axis=0)", "single[:, 0].sum(axis=0)"),
        ),
        slip(
            "the observed last tag is missing in dend",
            1,
            ("dend += demissions[n, length - 1]", "dend += single[n, length - 1]"),
        ),
        slip(
            "the expected first tag is missing in dstart: this only counts the observed ones",
            1,
            ("demissions[:, 0].sum(axis=0)", "(demissions - single)[:, 0].sum(axis=0)"),
        ),
        slip(
            "several sequences may begin or end with one tag: fancy indexing subtracts only once",
            1,
            (
                FOUR,
                "dstart = single[:, 0].sum(axis=0)\n"
                "    dstart[tags[:, 0]] -= 1\n"
                "    return demissions, dtransitions, dstart, dend",
            ),
            ways=[
                [
                    (
                        FOUR,
                        "rows = np.arange(len(tags))\n"
                        "    dend = single[rows, lengths - 1].sum(axis=0)\n"
                        "    dend[tags[rows, lengths - 1]] -= 1\n"
                        f"    {FOUR}",
                    )
                ],
                [
                    (
                        FOUR,
                        "rows = np.arange(len(tags))\n"
                        "    dstart, dend = single[:, 0].sum(axis=0), single[rows, lengths - 1].sum(axis=0)\n"
                        "    dstart[tags[:, 0]] -= 1\n"
                        "    dend[tags[rows, lengths - 1]] -= 1\n"
                        "    return demissions, dtransitions, dstart, dend",
                    )
                ],
            ],
        ),
        slip(
            "add over the sequences: dend is that of one sequence alone",
            1,
            ("dend += demissions", "dend = demissions"),
        ),
        slip(
            "add over the sequences: dstart is that of one sequence alone",
            1,
            ("demissions[:, 0].sum(axis=0)", "demissions[0, 0]"),
            ways=[[("demissions[:, 0].sum(axis=0)", "demissions[-1, 0]")]],
        ),
        slip(
            "add over the sequences: dstart has one entry for each tag",
            1,
            ("demissions[:, 0].sum(axis=0)", "demissions[:, 0]"),
        ),
        slip(
            "the transitions are the same for all sequences and steps: add over both",
            1,
            (FOUR, FOUR.replace("dtransitions", "pair.sum(axis=1)")),
            ways=[[(FOUR, FOUR.replace("dtransitions", "pair"))]],
        ),
        slip(
            "dstart comes before dend",
            1,
            (FOUR, "return demissions, dtransitions, dend, demissions[:, 0].sum(axis=0)"),
        ),
        slip(
            "demissions comes before dtransitions",
            2,
            (FOUR, "return dtransitions, demissions, demissions[:, 0].sum(axis=0), dend"),
        ),
        slip(
            "demissions[n, :L, y] is a table of all steps and all tags: pair each step with its own tag",
            1,
            ("demissions[n, np.arange(length), y]", "demissions[n, :length, y]"),
        ),
        slip(
            "subtract 1 only from the tag that was observed",
            1,
            ("demissions[n, np.arange(length), y]", "demissions[n, :length]"),
        ),
        slip(
            "the last pair of each sequence is missing",
            1,
            ("(y[:-1], y[1:])", "(y[:-2], y[1:-1])"),
        ),
        slip(
            "the first pair of each sequence is missing",
            1,
            ("(y[:-1], y[1:])", "(y[1:-1], y[2:])"),
        ),
        slip(
            "your function changes its argument single",
            2,
            ("single.copy()", "single"),
        ),
        slip(
            "nll_gradient must return 4 values, (demissions, dtransitions, dstart, dend)",
            2,
            (FOUR, "return demissions, dtransitions"),
            ways=[[(FOUR, "return demissions")]],
        ),
        slip(
            "the expected last tag is missing in dend: this only counts the observed ones",
            1,
            ("dend += demissions[n, length - 1]", "dend += (demissions - single)[n, length - 1]"),
        ),
        slip(
            "the expected first and last tags are missing: this only counts the observed ones",
            1,
            ("demissions[:, 0].sum(axis=0)", "(demissions - single)[:, 0].sum(axis=0)"),
            ("dend += demissions[n, length - 1]", "dend += (demissions - single)[n, length - 1]"),
        ),
        slip(
            "the observed first and last tags are missing in dstart and dend",
            1,
            ("demissions[:, 0].sum(axis=0)", "single[:, 0].sum(axis=0)"),
            ("dend += demissions[n, length - 1]", "dend += single[n, length - 1]"),
        ),
        slip(
            "the expected pairs are missing in dtransitions: begin with the sum of pair",
            1,
            ("pair.sum(axis=(0, 1))", "np.zeros_like(pair.sum(axis=(0, 1)))"),
        ),
        slip(
            "neighbours depend on one another: dtransitions is made of pair, not of products of single",
            1,
            (
                FOUR,
                FOUR.replace(
                    "dtransitions",
                    'np.einsum("ntj,ntk->jk", demissions[:, :-1], demissions[:, 1:])',
                ),
            ),
            ways=[
                [
                    (
                        "pair.sum(axis=(0, 1))",
                        'np.einsum("ntj,ntk->jk", single[:, :-1], single[:, 1:])',
                    )
                ],
            ],
        ),
        slip(
            "start and end are used once each: take the first and the last step alone",
            1,
            ("demissions[:, 0].sum(axis=0)", "demissions.sum(axis=(0, 1))"),
            ("dend += demissions[n, length - 1]", "dend += demissions[n].sum(axis=0)"),
        ),
        slip(
            "add over the sequences: dstart and dend have one entry for each tag",
            1,
            (
                FOUR,
                "return demissions, dtransitions, demissions[:, 0], demissions[np.arange(len(tags)), lengths - 1]",
            ),
        ),
        slip(
            "a pair that occurs twice counts twice: count the pairs, do not set them to 1",
            1,
            """
def nll_gradient(tags, lengths, single, pair):
    N, T, M = single.shape
    demissions, observed = single.copy(), np.zeros((M, M), single.dtype)
    dend = np.zeros(M, single.dtype)
    for n, L in enumerate(lengths):
        for t in range(L):
            demissions[n, t, tags[n, t]] -= 1
            if t > 0:
                observed[tags[n, t - 1], tags[n, t]] = 1
        dend += demissions[n, L - 1]
    return demissions, pair.sum((0, 1)) - observed, demissions[:, 0].sum(0), dend
""",
        ),
        slip(
            "only the first sequence is gone through: return after the loop",
            2,
            (FOUR, f"    {FOUR}"),
        ),
    ],
    "path_entropy": [
        slip(
            "log Z minus the mean score, not the other way round",
            2,
            (
                ENTROPY_LINE,
                "return said + moved - log_partition(emissions, lengths, transitions, start, end)",
            ),
        ),
        slip("this is log Z: subtract the mean score of the paths", 2, (" - (said + moved)", "")),
        slip(
            "this is the mean score of the paths: log Z is missing",
            2,
            (ENTROPY_LINE, "return said + moved"),
            ways=[[(ENTROPY_LINE, "return -(said + moved)")]],
        ),
        slip(
            "log p(y) is s(y) minus log Z: it is not added",
            2,
            ("- (said + moved)", "+ (said + moved)"),
        ),
        slip("the mean of the start scores is missing", 2, (" + single[:, 0] @ start", "")),
        slip("the mean of the end scores is missing", 2, (f" + {LAST}", "")),
        slip(
            "the means of the start and end scores are missing",
            2,
            (" + single[:, 0] @ start", ""),
            (f" + {LAST}", ""),
        ),
        slip(
            "the mean of the transitions is missing",
            2,
            ("(pair * transitions).sum(axis=(1, 2, 3)) + ", ""),
        ),
        slip(
            "the mean of the emissions is missing",
            2,
            ("(single * emissions).sum(axis=(1, 2)) + ", ""),
        ),
        slip(
            "the last real step is lengths[n] - 1, and not that of the last column",
            2,
            (LAST, "single[:, -1] @ end"),
            ways=[[(LAST, "single[rows, lengths] @ end")]],
        ),
        slip(
            "start goes with the first tag, end with the last",
            2,
            ("single[:, 0] @ start", "single[:, 0] @ end"),
            (LAST, LAST.replace("end", "start")),
        ),
        slip(
            "start and end count once: not with every step",
            2,
            ("single[:, 0] @ start", "(single @ start).sum(axis=1)"),
            ways=[
                [(LAST, "(single @ end).sum(axis=1)")],
                [
                    ("single[:, 0] @ start", "(single @ start).sum(axis=1)"),
                    (LAST, "(single @ end).sum(axis=1)"),
                ],
            ],
        ),
        slip(
            "a mean score needs its probability: start and end count with that of their tag",
            2,
            ("single[:, 0] @ start", "start.sum()"),
            (LAST, "end.sum()"),
            ways=[
                [("single[:, 0] @ start", "start.mean()"), (LAST, "end.mean()")],
                [
                    ("single[:, 0] @ start", "start[single[:, 0].argmax(axis=1)]"),
                    (LAST, "end[single[rows, lengths - 1].argmax(axis=1)]"),
                ],
            ],
        ),
        slip(
            "each emission counts with the probability of its tag",
            2,
            ("(single * emissions)", "emissions"),
            ways=[[("(single * emissions).sum(axis=(1, 2))", "emissions.max(axis=2).sum(axis=1)")]],
        ),
        slip(
            "each transition counts with the probability of its pair",
            2,
            ("(pair * transitions).sum(axis=(1, 2, 3))", "transitions.sum()"),
            ways=[
                [
                    (
                        "(pair * transitions).sum(axis=(1, 2, 3))",
                        "np.einsum('ntj,jk,ntk->n', single[:, :-1], transitions, single[:, 1:])",
                    )
                ]
            ],
        ),
        slip(
            "A(j, k) goes from the row j to the column k: the transitions are transposed",
            2,
            ("pair * transitions", "pair * transitions.T"),
        ),
        slip(
            "all pairs of neighbours count: this is the first one alone",
            2,
            (
                "(pair * transitions).sum(axis=(1, 2, 3))",
                "(pair * transitions)[:, :1].sum(axis=(1, 2, 3))",
            ),
        ),
        slip(
            "all steps count: this is the first one alone",
            2,
            ("(single * emissions).sum(axis=(1, 2))", "(single * emissions)[:, 0].sum(axis=1)"),
        ),
        slip(
            "the mean score of all paths is asked for, not that of the most probable tags",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    tags = np.where(single.sum(axis=2) > 0, single.argmax(axis=2), -1)
    log_Z = log_partition(emissions, lengths, transitions, start, end)
    best = []
    for n, L in enumerate(lengths):
        y = tags[n, :L]
        score = start[y[0]] + emissions[n, np.arange(L), y].sum() + end[y[-1]]
        best.append(score + transitions[y[:-1], y[1:]].sum())
    return log_Z - np.array(best)
""",
        ),
        slip(
            "steps depend on one another: the entropies of single steps do not add up to it",
            2,
            OF_STEPS,
        ),
        slip(
            "neighbouring pairs overlap: their entropies do not add up to that of the path",
            2,
            OF_PAIRS,
        ),
        slip(
            "0 times log 0 is nan, and the entropies of single steps do not add up to it",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    return -(single * np.log(single)).sum(axis=(1, 2))
""",
        ),
        slip(
            "0 times log 0 is nan, and the entropies of pairs do not add up to it",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    return -(pair * np.log(pair)).sum(axis=(1, 2, 3))
""",
        ),
        slip(
            "one entropy for each sequence: do not add them",
            2,
            ("- (said + moved)", "- (said + moved).sum()"),
            ways=[
                [(ENTROPY_LINE, f"{ENTROPY_LINE.replace('return ', 'return (')}).sum()")],
                [("(single * emissions).sum(axis=(1, 2))", "(single * emissions).sum()")],
                [("(pair * transitions).sum(axis=(1, 2, 3))", "(pair * transitions).sum()")],
            ],
        ),
        slip(
            "the entropy of a path is not divided by its length",
            2,
            (ENTROPY_LINE, f"{ENTROPY_LINE.replace('return ', 'return (')}) / lengths"),
        ),
        slip(
            "the entropy is in nats: no logarithm to the base 2",
            2,
            (ENTROPY_LINE, f"{ENTROPY_LINE.replace('return ', 'return (')}) / np.log(2)"),
        ),
        slip(
            "this is the exponential of the entropy",
            2,
            (ENTROPY_LINE, f"{ENTROPY_LINE.replace('return ', 'return np.exp(')})"),
        ),
        slip(
            "add over the steps and tags, do not average",
            2,
            ("(single * emissions).sum(axis=(1, 2))", "(single * emissions).mean(axis=(1, 2))"),
            ways=[
                [
                    (
                        "(pair * transitions).sum(axis=(1, 2, 3))",
                        "(pair * transitions).mean(axis=(1, 2, 3))",
                    )
                ],
            ],
        ),
        slip(
            "log Z has no minus sign: the mean score alone is subtracted",
            2,
            (
                ENTROPY_LINE,
                "return -log_partition(emissions, lengths, transitions, start, end) - (said + moved)",
            ),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: transposed in log Z",
            2,
            (
                "log_partition(emissions, lengths, transitions,",
                "log_partition(emissions, lengths, transitions.T,",
            ),
        ),
        slip(
            "the end score goes with the last real step, at lengths[n] - 1: this is one step early",
            2,
            (LAST, "single[rows, np.maximum(lengths - 2, 0)] @ end"),
            ways=[[(LAST, "single[rows, lengths - 2] @ end")]],
        ),
        slip(
            "log Z is a logarithm already: take no other one",
            2,
            (
                "return log_partition(emissions, lengths, transitions, start, end)",
                "return np.log(log_partition(emissions, lengths, transitions, start, end))",
            ),
            ways=[
                [
                    (
                        "return log_partition(emissions, lengths, transitions, start, end)",
                        "return np.exp(log_partition(emissions, lengths, transitions, start, end))",
                    )
                ]
            ],
        ),
        slip(
            "the first and the last step are in one pair only: take the entropies of the inner steps off",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    q, p = np.where(pair > 0, pair, 1.0), np.where(single > 0, single, 1.0)
    return -(q * np.log(q)).sum(axis=(1, 2, 3)) + (p * np.log(p)).sum(axis=(1, 2))
""",
        ),
        slip(
            "the last pair is missing: L steps have L - 1 pairs",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    log_Z = log_partition(emissions, lengths, transitions, start, end)
    entropy = np.zeros(len(lengths), emissions.dtype)
    for n, L in enumerate(lengths):
        said = (single[n] * emissions[n]).sum() + single[n, 0] @ start + single[n, L - 1] @ end
        moved = (pair[n, : max(L - 2, 0)] * transitions).sum()
        entropy[n] = log_Z[n] - said - moved
    return entropy
""",
        ),
        slip(
            "the mean of the last step's emissions is missing: L steps are real",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    log_Z = log_partition(emissions, lengths, transitions, start, end)
    entropy = np.zeros(len(lengths), emissions.dtype)
    for n, L in enumerate(lengths):
        said = (single[n, : L - 1] * emissions[n, : L - 1]).sum()
        said = said + single[n, 0] @ start + single[n, L - 1] @ end
        entropy[n] = log_Z[n] - said - (pair[n] * transitions).sum()
    return entropy
""",
        ),
        slip(
            "the mean of log p(y) is asked for: do not multiply it with a probability again",
            2,
            (
                ENTROPY_LINE,
                "q = said + moved - log_partition(emissions, lengths, transitions, start, end)\n    return -np.exp(q) * q",
            ),
        ),
        slip(
            "the inner steps of a sequence end at lengths[n] - 2, not at T - 2",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    q, p = np.where(pair > 0, pair, 1.0), np.where(single > 0, single, 1.0)
    inner = p[:, 1:-1]
    return (inner * np.log(inner)).sum(axis=(1, 2)) - (q * np.log(q)).sum(axis=(1, 2, 3))
""",
        ),
        slip(
            "start goes with the first tag: it meets the last one here",
            2,
            ("single[:, 0] @ start", "single[rows, lengths - 1] @ start"),
        ),
        slip(
            "end goes with the last tag: it meets the first one here",
            2,
            (LAST, "single[:, 0] @ end"),
        ),
        slip(
            "entropy has no minus sign too many: the sum of p log p is negative, turn its sign round",
            2,
            """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    p = np.where(single > 0, single, 1.0)
    return (p * np.log(p)).sum(axis=(1, 2))
""",
        ),
    ],
    "torch_nll": [
        slip(
            "the loss is log Z minus the score, not the other way round",
            2,
            (
                "loss = log_Z - (said + moved + start[tags[:, 0]] + end[tags[:, -1]])",
                "loss = said + moved + start[tags[:, 0]] + end[tags[:, -1]] - log_Z",
            ),
        ),
        slip(
            "this is log Z: subtract the score",
            2,
            ("log_Z - (said + moved + start[tags[:, 0]] + end[tags[:, -1]])", "log_Z"),
        ),
        slip(
            "the score is subtracted from log Z, not added",
            2,
            ("loss = log_Z - (", "loss = log_Z + ("),
        ),
        slip(
            "one loss for each sequence: add them only for the gradients",
            1,
            ("return loss.detach(),", "return loss.sum().detach(),"),
            ways=[
                [("return loss.detach(),", "return loss.mean().detach(),")],
                [("return loss.detach(),", "return loss.sum().detach().expand(len(tags)),")],
            ],
        ),
        slip(
            "add over the sequences for the gradients, do not average",
            1,
            ("loss.sum(), [e, A]", "loss.mean(), [e, A]"),
        ),
        slip(
            "the gradients are those of the summed loss: this is one sequence alone",
            1,
            ("loss.sum(), [e, A]", "loss[0], [e, A]"),
            ways=[
                [("loss.sum(), [e, A]", "loss[-1], [e, A]")],
            ],
        ),
        slip(
            "the gradients are those of log Z alone: the score, made of your leaves, is in the loss too",
            1,
            ("loss.sum(), [e, A]", "log_Z.sum(), [e, A]"),
            ways=[
                [
                    ("said = e.gather", "said = emissions.gather"),
                    (MOVED, MOVED.replace("A[", "transitions[")),
                ]
            ],
        ),
        slip(
            "the gradients have the wrong sign: they are those of the loss, not of its negative",
            1,
            ("loss.sum(), [e, A]", "-loss.sum(), [e, A]"),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: transposed in log Z and in the score",
            2,
            (RECURSION, RECURSION.replace("A,", "A.T,")),
            (MOVED, "A[tags[:, 1:], tags[:, :-1]]"),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: transposed in the score",
            2,
            (MOVED, "A[tags[:, 1:], tags[:, :-1]]"),
        ),
        slip(
            "A(j, k) goes from the row j to the column k: transposed in log Z",
            2,
            (RECURSION, RECURSION.replace("A,", "A.T,")),
            ways=[
                [(RECURSION, "torch.logsumexp(alpha[:, None, :] + A, dim=2)")],
            ],
        ),
        slip(
            "sum over the tags that a step comes from: dim 1 of (N, from, to)",
            2,
            (RECURSION, RECURSION.replace("dim=1", "dim=2")),
        ),
        slip(
            "alpha belongs to the tag that a step comes from: to the rows of the transitions",
            2,
            (RECURSION, RECURSION.replace("[:, :, None]", "[:, None, :]")),
        ),
        slip(
            "the start scores are missing",
            2,
            ("alpha = start + e[:, 0]", "alpha = e[:, 0]"),
            (" + start[tags[:, 0]]", ""),
        ),
        slip(
            "the start scores are missing in log Z",
            2,
            ("alpha = start + e[:, 0]", "alpha = e[:, 0]"),
        ),
        slip("the start score is missing in the score", 1, (" + start[tags[:, 0]]", "")),
        slip(
            "the end scores are missing",
            2,
            ("torch.logsumexp(alpha + end", "torch.logsumexp(alpha"),
            (" + end[tags[:, -1]]", ""),
        ),
        slip(
            "the end scores are missing in log Z",
            2,
            ("torch.logsumexp(alpha + end", "torch.logsumexp(alpha"),
        ),
        slip("the end score is missing in the score", 1, (" + end[tags[:, -1]]", "")),
        slip(
            "start and end scores are missing in the score",
            1,
            (" + start[tags[:, 0]] + end[tags[:, -1]]", ""),
        ),
        slip("the emissions are missing in the score", 2, ("(said + moved", "(moved")),
        slip("the transitions are missing in the score", 2, ("(said + moved", "(said")),
        slip(
            "the emissions of the later steps are missing in log Z",
            2,
            (f"{RECURSION} + e[:, t]", RECURSION),
        ),
        slip(
            "step t reads the emissions of step t",
            2,
            ("dim=1) + e[:, t]", "dim=1) + e[:, t - 1]"),
        ),
        slip(
            "the score must be made of your leaf, not of the argument emissions",
            1,
            ("said = e.gather", "said = emissions.gather"),
        ),
        slip(
            "the score must be made of your leaf, not of the argument transitions",
            1,
            (MOVED, MOVED.replace("A[", "transitions[")),
        ),
        slip(
            "log Z must be made of your leaf, not of the argument transitions",
            1,
            (RECURSION, RECURSION.replace("A,", "transitions,")),
        ),
        slip(
            "a leaf of yours is not used at all: compute with it, not with the argument",
            2,
            (RECURSION, RECURSION.replace("A,", "transitions,")),
            (MOVED, MOVED.replace("A[", "transitions[")),
            ways=[
                [
                    ("alpha = start + e[:, 0]", "alpha = start + emissions[:, 0]"),
                    ("dim=1) + e[:, t]", "dim=1) + emissions[:, t]"),
                    ("said = e.gather", "said = emissions.gather"),
                ]
            ],
        ),
        slip(
            "a gradient is asked for a tensor without requires_grad_(): both must be copies with it",
            2,
            (GRADIENT_OF, "torch.autograd.grad(loss.sum(), [emissions, transitions])"),
            ways=[[("transitions.clone().requires_grad_()", "transitions.clone()")]],
        ),
        slip(
            "nothing leads from the loss to your copies: without requires_grad_(), or detached too early",
            2,
            (
                "emissions.clone().requires_grad_(), transitions.clone().requires_grad_()",
                "emissions.clone(), transitions.clone()",
            ),
            ways=[
                [
                    ("loss = log_Z - (", "loss = log_Z.detach() - ("),
                    ("said + moved +", "said.detach() + moved.detach() +"),
                ]
            ],
        ),
        slip(
            "grad is None: backward() has not run, or the copy is no leaf (clone first, then requires_grad_())",
            1,
            (
                "emissions.clone().requires_grad_(), transitions.clone().requires_grad_()",
                "emissions.requires_grad_().clone(), transitions.requires_grad_().clone()",
            ),
            (f"de, dA = {GRADIENT_OF}", "loss.sum().backward()"),
            ("de, dA\n", "e.grad, A.grad\n"),
            ways=[
                [
                    ("emissions.clone().requires_grad_()", "emissions.requires_grad_().clone()"),
                    (f"de, dA = {GRADIENT_OF}", "loss.sum().backward()"),
                    ("de, dA\n", "e.grad, A.grad\n"),
                ],
                [(f"    de, dA = {GRADIENT_OF}\n", ""), ("de, dA\n", "e.grad, A.grad\n")],
            ],
        ),
        slip(
            "the gradient needs one number: add the losses up first",
            2,
            ("loss.sum(), [e, A]", "loss, [e, A]"),
            ways=[
                [(f"de, dA = {GRADIENT_OF}", "loss.backward()"), ("de, dA\n", "e.grad, A.grad\n")],
            ],
        ),
        slip(
            "log Z is cut off from the graph: its gradients are missing",
            1,
            ("loss = log_Z - (", "loss = log_Z.detach() - ("),
        ),
        slip(
            "the plain exponential overflows where scores are large: use torch.logsumexp",
            2,
            (RECURSION, "torch.log(torch.exp(alpha[:, :, None] + A).sum(dim=1))"),
            ways=[
                [
                    (RECURSION, "torch.log(torch.exp(alpha[:, :, None] + A).sum(dim=1))"),
                    (
                        "torch.logsumexp(alpha + end, dim=1)",
                        "torch.log(torch.exp(alpha + end).sum(dim=1))",
                    ),
                ],
                [
                    (
                        "torch.logsumexp(alpha + end, dim=1)",
                        "torch.log(torch.exp(alpha + end).sum(dim=1))",
                    )
                ],
            ],
        ),
        slip(
            "a maximum stands where a sum over all paths belongs",
            2,
            (RECURSION, "(alpha[:, :, None] + A).amax(dim=1)"),
            ways=[
                [
                    (RECURSION, "(alpha[:, :, None] + A).amax(dim=1)"),
                    ("torch.logsumexp(alpha + end, dim=1)", "(alpha + end).amax(dim=1)"),
                ],
                [("torch.logsumexp(alpha + end, dim=1)", "(alpha + end).amax(dim=1)")],
            ],
        ),
        slip(
            "add over the tags at the end, not over the sequences",
            2,
            ("torch.logsumexp(alpha + end, dim=1)", "torch.logsumexp(alpha + end, dim=0)"),
        ),
        slip(
            "the first step is counted twice: the loop begins with the second",
            2,
            ("range(1, e.shape[1])", "range(e.shape[1])"),
        ),
        slip(
            "the loop ends one step too early: T is emissions.shape[1]",
            2,
            ("range(1, e.shape[1])", "range(1, e.shape[1] - 1)"),
        ),
        slip(
            "the loop goes over the examples: T is emissions.shape[1]",
            2,
            ("range(1, e.shape[1])", "range(1, e.shape[0])"),
        ),
        slip(
            "tags need an axis more to pick emissions: gather wants (N, T, 1)",
            2,
            ("e.gather(2, tags[:, :, None]).sum(dim=(1, 2))", "e.gather(2, tags).sum(dim=1)"),
        ),
        slip(
            "pair each step with its own tag: this adds the emissions of all tags",
            2,
            ("e.gather(2, tags[:, :, None]).sum(dim=(1, 2))", "e.sum(dim=(1, 2))"),
        ),
        slip(
            "demissions comes before dtransitions",
            1,
            ("return loss.detach(), de, dA", "return loss.detach(), dA, de"),
        ),
        slip(
            "torch_nll must return 3 values, (loss, demissions, dtransitions)",
            2,
            ("return loss.detach(), de, dA", "return loss.detach()"),
            ways=[[("return loss.detach(), de, dA", "return loss.detach(), (de, dA)")]],
        ),
        slip(
            "loss for several sequences of different lengths must be a PyTorch tensor",
            1,
            ("return loss.detach(), de, dA", "return loss.tolist(), de, dA"),
            ways=[[("return loss.detach(), de, dA", "return loss.detach().numpy(), de, dA")]],
        ),
        slip(
            "backward has run on the same loss before: ask for both gradients in one call",
            2,
            (
                f"de, dA = {GRADIENT_OF}",
                "de, dA = (torch.autograd.grad(loss.sum(), one)[0] for one in (e, A))",
            ),
        ),
        slip(
            "there is one loss for each sequence, and the gradients are those of their sum: take no mean",
            2,
            ("    de, dA = ", "    loss = loss.mean()\n    de, dA = "),
        ),
        slip(
            "the recursion is cut off from the graph: no detach() on the way",
            1,
            (RECURSION, RECURSION.replace("alpha[", "alpha.detach()[")),
        ),
        slip(
            "the end score is added in the score: its sign is wrong",
            1,
            (" + end[tags[:, -1]]", " - end[tags[:, -1]]"),
            ways=[[(" + start[tags[:, 0]]", " - start[tags[:, 0]]")]],
        ),
        slip(
            "end is added to alpha in log Z: its sign is wrong",
            2,
            ("torch.logsumexp(alpha + end", "torch.logsumexp(alpha - end"),
        ),
        slip(
            "the recursion must read your leaf, not the argument emissions",
            1,
            ("dim=1) + e[:, t]", "dim=1) + emissions[:, t]"),
            ways=[
                [
                    ("alpha = start + e[:, 0]", "alpha = start + emissions[:, 0]"),
                    ("dim=1) + e[:, t]", "dim=1) + emissions[:, t]"),
                ],
                [("alpha = start + e[:, 0]", "alpha = start + emissions[:, 0]")],
            ],
        ),
        slip(
            "the emission of a step belongs to the tag that it goes to, not to the one it comes from",
            2,
            (f"{RECURSION} + e[:, t]", RECURSION.replace(" + A", " + e[:, t, :, None] + A")),
        ),
        slip(
            "gather keeps the axis of the tags: sum over it too, or the losses become a table (N, N)",
            2,
            (
                "e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                "e.gather(2, tags[:, :, None]).sum(dim=1)",
            ),
        ),
        slip(
            "add over the steps of each sequence, not over the whole batch",
            2,
            (
                "e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                "e.gather(2, tags[:, :, None]).sum()",
            ),
            ways=[
                [(f"{MOVED}.sum(dim=1)", f"{MOVED}.sum()")],
                [
                    (
                        "e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                        "e.gather(2, tags[:, :, None]).sum()",
                    ),
                    (f"{MOVED}.sum(dim=1)", f"{MOVED}.sum()"),
                ],
                [
                    (
                        "e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                        "e.gather(2, tags[:, :, None]).sum()",
                    ),
                    (f"{MOVED}.sum(dim=1)", f"{MOVED}.sum()"),
                    ("start[tags[:, 0]]", "start[tags[:, 0]].sum()"),
                    ("end[tags[:, -1]]", "end[tags[:, -1]].sum()"),
                ],
            ],
        ),
        slip(
            "gather picks among the tags, which are dimension 2, not 1",
            2,
            ("e.gather(2, tags[:, :, None])", "e.gather(1, tags[:, :, None])"),
        ),
        slip(
            "e[:, t, tags[:, t]] is a table of all examples with all tags: pair each with its own",
            2,
            (
                "said = e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                "said = sum(e[:, t, tags[:, t]].sum(dim=1) for t in range(e.shape[1]))",
            ),
            ways=[
                [
                    (
                        "said = e.gather(2, tags[:, :, None]).sum(dim=(1, 2))",
                        "said = sum(e[:, t, tags[:, t]] for t in range(e.shape[1]))",
                    ),
                ],
            ],
        ),
        slip(
            "do not change your leaf in place: alpha is a new tensor, start plus e[:, 0]",
            2,
            ("alpha = start + e[:, 0]", "alpha = e[:, 0]\n    alpha += start"),
        ),
        slip(
            "the score is a sum: do not average over the steps",
            2,
            (f"{MOVED}.sum(dim=1)", f"{MOVED}.mean(dim=1)"),
        ),
        slip(
            "the end score counts once, after the last step",
            2,
            ("dim=1) + e[:, t]", "dim=1) + e[:, t] + end"),
        ),
        slip(
            "the start score counts once, at the first step",
            2,
            ("dim=1) + e[:, t]", "dim=1) + e[:, t] + start"),
        ),
        slip(
            "start goes with the first tag, end with the last",
            1,
            ("start[tags[:, 0]] + end[tags[:, -1]]", "start[tags[:, -1]] + end[tags[:, 0]]"),
            ways=[
                [("start[tags[:, 0]]", "start[tags[:, -1]]")],
                [("end[tags[:, -1]]", "end[tags[:, 0]]")],
            ],
        ),
    ],
    "repeat_decoder": [
        slip(
            "all steps are the first one again: carry both states on",
            1,
            ("lstm_step(z, h_t, c_t,", "lstm_step(z, 0 * z, 0 * z,"),
            ways=[
                """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, _ = lstm_step(z, np.zeros_like(z), np.zeros_like(z), W_x, W_h, b)
    return np.repeat((h_t @ W_y + b_y)[:, None], T, axis=1)
"""
            ],
        ),
        slip(
            "the cell state is not carried on",
            1,
            ("h_t, c_t = lstm_step(z, h_t, c_t,", "h_t, _ = lstm_step(z, h_t, c_t,"),
        ),
        slip(
            "the hidden state is not carried on",
            1,
            ("lstm_step(z, h_t, c_t,", "lstm_step(z, 0 * z, c_t,"),
        ),
        slip(
            "the code is read at every step, not only at the first",
            1,
            """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, c_t, steps = np.zeros_like(z), np.zeros_like(z), []
    for t in range(T):
        h_t, c_t = lstm_step(z if t == 0 else 0 * z, h_t, c_t, W_x, W_h, b)
        steps.append(h_t @ W_y + b_y)
    return np.stack(steps, axis=1)
""",
        ),
        slip(
            "every step reads zeros: it must read the code", 1, ("lstm_step(z,", "lstm_step(0 * z,")
        ),
        slip(
            "every step reads the code z, not the state of the step before",
            1,
            ("lstm_step(z,", "lstm_step(h_t,"),
            ways=[
                """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, c_t, u, steps = np.zeros_like(z), np.zeros_like(z), z, []
    for _ in range(T):
        h_t, c_t = lstm_step(u, h_t, c_t, W_x, W_h, b)
        u = h_t
        steps.append(h_t @ W_y + b_y)
    return np.stack(steps, axis=1)
"""
            ],
        ),
        slip(
            "both states start from zeros, not from the code",
            1,
            (
                "h_t, c_t, steps = np.zeros_like(z), np.zeros_like(z), []",
                "h_t, c_t, steps = z, z, []",
            ),
            ways=[
                [("h_t, c_t, steps = np.zeros_like(z),", "h_t, c_t, steps = z,")],
                [("np.zeros_like(z), []", "z, []")],
            ],
        ),
        slip(
            "both states start from zeros, not from ones",
            1,
            ("np.zeros_like(z), np.zeros_like(z), []", "np.ones_like(z), np.ones_like(z), []"),
        ),
        slip("time stands second: stack along axis 1", 1, ("axis=1", "axis=0")),
        slip(
            "time stands second: the features of the copy come last",
            1,
            ("axis=1", "axis=2"),
            ways=[[("axis=1", "axis=-1")]],
        ),
        slip(
            "concatenate joins the steps along the features: stack them",
            1,
            ("np.stack(steps, axis=1)", "np.concatenate(steps, axis=1)"),
        ),
        slip("the bias of the head is missing", 1, (" + b_y", "")),
        slip("the head is missing: the copy is h_t @ W_y + b_y", 1, ("h_t @ W_y + b_y", "h_t")),
        slip(
            "the head reads the hidden state, which lstm_step takes and returns first, not c_t",
            1,
            ("h_t @ W_y", "c_t @ W_y"),
            ways=[[("h_t, c_t = lstm_step(z, h_t, c_t,", "c_t, h_t = lstm_step(z, c_t, h_t,")]],
        ),
        slip("the head reads the hidden state, not the code", 1, ("h_t @ W_y", "z @ W_y")),
        slip("the head is linear: no tanh", 1, ("h_t @ W_y + b_y", "np.tanh(h_t @ W_y + b_y)")),
        slip(
            "the head's weights are transposed: h_t stands on their left",
            1,
            ("h_t @ W_y", "h_t @ W_y.T"),
        ),
        slip(
            "the states are exchanged: lstm_step takes and returns h first, then c",
            1,
            ("h_t, c_t = lstm_step", "c_t, h_t = lstm_step"),
            ways=[[("lstm_step(z, h_t, c_t,", "lstm_step(z, c_t, h_t,")]],
        ),
        slip(
            "z belongs to W_x and the state to W_h: here it is the other way round",
            1,
            ("W_x, W_h, b)\n        steps", "W_h, W_x, b)\n        steps"),
            ways=[[("lstm_step(z, h_t, c_t,", "lstm_step(h_t, z, c_t,")]],
        ),
        slip(
            "each step is written after the state has moved on, not before it",
            1,
            (
                "        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)\n        steps.append(h_t @ W_y + b_y)  # (N, D)",
                "        steps.append(h_t @ W_y + b_y)\n        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)",
            ),
        ),
        slip(
            "the state before the first step is no step of the copy",
            1,
            (
                "np.zeros_like(z), np.zeros_like(z), []",
                "np.zeros_like(z), np.zeros_like(z), [0 * z @ W_y + b_y]",
            ),
        ),
        slip(
            "the copy has T steps: one is missing",
            1,
            ("range(T)", "range(T - 1)"),
            ("np.stack(steps, axis=1)", "np.stack(steps or [0 * z @ W_y], axis=1)"),
            ways=[[("range(T)", "range(T - 1)")]],
        ),
        slip("the copy has T steps: there is one too many", 1, ("range(T)", "range(T + 1)")),
        slip(
            "the copy runs from the first step to the last: do not turn it round",
            1,
            ("np.stack(steps, axis=1)", "np.stack(steps[::-1], axis=1)"),
        ),
        slip(
            "this is the last step only: keep them all",
            1,
            ("return np.stack(steps, axis=1)", "return h_t @ W_y + b_y"),
        ),
        slip("must be a NumPy array, but yours is a list", 1, ("np.stack(steps, axis=1)", "steps")),
        slip(
            "lstm_step returns two results, h_t and c_t: take them apart",
            1,
            ("h_t, c_t = lstm_step", "h_t = lstm_step"),
        ),
        slip(
            "each step of the copy is its own: here the last one is repeated",
            1,
            ("np.stack(steps, axis=1)", "np.stack([steps[-1]] * T, axis=1)"),
            ways=[[("np.stack(steps, axis=1)", "np.repeat(steps[-1][:, None], T, axis=1)")]],
        ),
        slip(
            "a reshape does not exchange axes: it mixes examples and steps",
            1,
            ("np.stack(steps, axis=1)", "np.array(steps).reshape(len(z), T, -1)"),
        ),
        slip(
            "the copy has as many features as W_y has columns: W_y is (H, D)",
            1,
            """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, c_t = np.zeros_like(z), np.zeros_like(z)
    copy = np.zeros((len(z), T, W_y.shape[0]))
    for t in range(T):
        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)
        copy[:, t] = h_t @ W_y + b_y
    return copy
""",
            ways=[
                """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, c_t = np.zeros_like(z), np.zeros_like(z)
    copy = np.zeros((len(z), T, z.shape[1]))
    for t in range(T):
        h_t, c_t = lstm_step(z, h_t, c_t, W_x, W_h, b)
        copy[:, t, :] = h_t @ W_y + b_y
    return copy
"""
            ],
        ),
        slip(
            "the code is the input of every step, and the states start from zeros: not the other way round",
            1,
            ("np.zeros_like(z), np.zeros_like(z), []", "z, z, []"),
            ("lstm_step(z,", "lstm_step(0 * z,"),
            ways=[
                [
                    ("h_t, c_t, steps = np.zeros_like(z),", "h_t, c_t, steps = z,"),
                    ("lstm_step(z,", "lstm_step(0 * z,"),
                ],
            ],
        ),
        slip(
            "the repeated code has the steps on axis 1: this takes an example as a step",
            1,
            (
                "    for _ in range(T):",
                "    zs = np.repeat(z[:, None], T, axis=1)\n    for t in range(T):",
            ),
            ("lstm_step(z,", "lstm_step(zs[t],"),
        ),
        slip(
            "the next step reads the code again, not the step of the copy that was written last",
            1,
            """
def repeat_decoder(z, T, W_x, W_h, b, W_y, b_y):
    h_t, c_t, y, steps = np.zeros_like(z), np.zeros_like(z), z, []
    for _ in range(T):
        h_t, c_t = lstm_step(y, h_t, c_t, W_x, W_h, b)
        y = h_t @ W_y + b_y
        steps.append(y)
    return np.stack(steps, axis=1)
""",
        ),
        slip(
            "the steps are not added up: each stands on its own in the copy",
            1,
            ("np.stack(steps, axis=1)", "np.cumsum(np.stack(steps, axis=1), axis=1)"),
            ways=[[("np.stack(steps, axis=1)", "sum(steps)")]],
        ),
    ],
}

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
        {
            "nll_gradient": GRADIENT,
            "path_entropy": ENTROPY,
            "torch_nll": TORCH,
            "repeat_decoder": DECODER,
        },
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
            "path_entropy": """
def path_entropy(emissions, lengths, transitions, start, end, single, pair):
    def plogp(p):
        return p * np.log(np.where(p > 0, p, 1.0))

    inner = single.copy()  # the tags that two pairs share
    inner[:, 0] = 0
    inner[np.arange(len(lengths)), lengths - 1] = 0
    chain = plogp(inner).sum(axis=(1, 2)) - plogp(pair).sum(axis=(1, 2, 3))
    return np.where(lengths == 1, -plogp(single[:, 0]).sum(axis=1), chain)
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
