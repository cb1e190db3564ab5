"""What is known of the assignment seq2seq_attention: the mistakes of each question, as small
changes of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

TEACHER = """
def teacher_inputs(target, begin):
    inputs = np.empty_like(target)
    inputs[:, 0] = begin
    inputs[:, 1:] = target[:, :-1]
    return inputs
"""

BEAM = """
def beam_step(log_p, totals, width):
    sums = (log_p + totals[:, None]).ravel()
    order = np.argsort(-sums)[:width]
    rows, symbols = order // log_p.shape[1], order % log_p.shape[1]
    return rows, symbols, sums[order]
"""

MISTAKES = {
    "teacher_inputs": [
        slip(
            "these are the targets themselves: move them one step to the right",
            1,
            ("np.concatenate([first, target[:, :-1]], axis=1)", "target"),
            ways=[[("np.concatenate([first, target[:, :-1]], axis=1)", "target.copy()")]],
        ),
        slip(
            "the last symbol came round to the front: begin stands there",
            1,
            ("[first, target", "[target[:, -1:], target"),
        ),
        slip(
            "the targets move the wrong way: begin comes first, and the last target is never fed",
            1,
            ("[first, target[:, :-1]]", "[target[:, 1:], first]"),
        ),
        slip(
            "begin stands before the first symbol, not after the last",
            1,
            ("[first, target[:, :-1]]", "[target[:, :-1], first]"),
        ),
        slip(
            "begin is put in front of the targets, which move: it does not replace the first one",
            1,
            ("target[:, :-1]", "target[:, 1:]"),
        ),
        slip(
            "one step too many: the last target is never fed",
            1,
            ("target[:, :-1]", "target"),
        ),
        slip(
            "begin is missing: it stands at the first step",
            1,
            ("np.concatenate([first, target[:, :-1]], axis=1)", "target[:, :-1]"),
        ),
        slip(
            "the symbol begin is an argument: write no number in its place",
            1,
            ("np.full_like(target[:, :1], begin)", "np.zeros_like(target[:, :1])"),
            ways=[[("np.full_like(target[:, :1], begin)", "np.ones_like(target[:, :1])")]],
        ),
        slip(
            "symbols are whole numbers: start from an array of integers",
            1,
            ("np.full_like(target[:, :1], begin)", "np.full((len(target), 1), float(begin))"),
        ),
        slip(
            "your function changes its argument target",
            1,
            """
def teacher_inputs(target, begin):
    target[:, 1:] = target[:, :-1].copy()
    target[:, 0] = begin
    return target
""",
        ),
        slip(
            "the shift goes along the steps, axis 1, not along the examples",
            1,
            """
def teacher_inputs(target, begin):
    return np.concatenate([np.full_like(target[:1], begin), target[:-1]], axis=0)
""",
        ),
        slip(
            "the targets move along the steps, inputs[:, 1:], not along the examples, inputs[1:]",
            1,
            """
def teacher_inputs(target, begin):
    inputs = target.copy()
    inputs[1:] = target[:-1]
    inputs[:, 0] = begin
    return inputs
""",
        ),
        slip(
            "begin fills the first column, inputs[:, 0]: inputs[0] is the first example",
            1,
            """
def teacher_inputs(target, begin):
    inputs = np.roll(target, 1, axis=1)
    inputs[0] = begin
    return inputs
""",
        ),
        slip(
            "every example begins with begin, not the first one alone",
            1,
            """
def teacher_inputs(target, begin):
    inputs = np.roll(target, 1, axis=1)
    inputs[0, 0] = begin
    return inputs
""",
            ways=[
                """
def teacher_inputs(target, begin):
    inputs = np.roll(target, 1)
    inputs[0, 0] = begin
    return inputs
"""
            ],
        ),
        slip(
            "the targets move by one step, not by two",
            1,
            """
def teacher_inputs(target, begin):
    inputs = np.full_like(target, begin)
    inputs[:, 2:] = target[:, :-2]
    return inputs
""",
        ),
        slip(
            "the targets keep their order: it is a source that may be reversed",
            1,
            ("target[:, :-1]", "target[:, :0:-1]"),
            ways=[[("target[:, :-1]", "target[:, -2::-1]")]],
        ),
        slip(
            "after the first step the true symbols are fed, not begin again",
            1,
            ("np.concatenate([first, target[:, :-1]], axis=1)", "np.full_like(target, begin)"),
        ),
        slip(
            "inputs must be an array, not a list",
            1,
            ("[first, target[:, :-1]], axis=1)", "[first, target[:, :-1]], axis=1).tolist()"),
            ways=[
                """
def teacher_inputs(target, begin):
    return [[begin, *row[:-1]] for row in target]
"""
            ],
        ),
        slip(
            "steps are joined along axis 1",
            1,
            (", axis=1)", ")"),
            ways=[[(", axis=1)", ", axis=0)")], [("np.concatenate(", "np.stack(")]],
        ),
        slip(
            "begin must be a column of shape (N, 1) before it can be joined",
            1,
            ("np.full_like(target[:, :1], begin)", "[begin]"),
            ways=[
                [("np.full_like(target[:, :1], begin)", "begin")],
                [("np.full_like(target[:, :1], begin)", "[[begin]]")],
                [("np.full_like(target[:, :1], begin)", "np.full(len(target), begin)")],
                [("np.full_like(target[:, :1], begin)", "np.full_like(target[:, 0], begin)")],
            ],
        ),
        slip(
            "inputs keeps the shape (N, T): name the axis, or the array is laid out flat",
            1,
            """
def teacher_inputs(target, begin):
    return np.insert(target, 0, begin)[: target.size]
""",
            ways=[
                """
def teacher_inputs(target, begin):
    return np.insert(target, 0, begin)
""",
                """
def teacher_inputs(target, begin):
    return np.append(begin, target[:, :-1])
""",
            ],
        ),
    ],
    "masked_cross_entropy": [
        slip(
            "padding is in it: multiply each step by the mask",
            2,
            ("mask[:, :, None] / mask.sum()", "np.ones_like(mask)[:, :, None] / mask.size"),
            ways=[[("mask[:, :, None] / mask.sum()", "1.0 / mask.sum()")]],
        ),
        slip(
            "divide by the number of real symbols, not of all",
            2,
            ("mask.sum()", "mask.size"),
        ),
        slip(
            "the loss is divided by the number of real symbols, like its gradient",
            1,
            (
                "-np.sum(share * right * log_p)",
                "-np.sum(mask[:, :, None] * right * log_p) / mask.size",
            ),
            ways=[
                [
                    (
                        "-np.sum(share * right * log_p)",
                        "-np.sum(mask[:, :, None] * right * log_p) / len(mask)",
                    )
                ],
                [("-np.sum(share * right", "-np.sum(mask[:, :, None] * right")],
            ],
        ),
        slip(
            "padding counts in the loss: multiply each step by the mask, as in the gradient",
            1,
            ("-np.sum(share * right * log_p)", "-np.sum(right * log_p) / mask.sum()"),
            ways=[
                [("-np.sum(share * right * log_p)", "-np.sum(right * log_p) / mask.size")],
                [("-np.sum(share * right * log_p)", "-np.sum(right * log_p)")],
            ],
        ),
        slip(
            "this is the sum: divide by the number of real symbols",
            2,
            (" / mask.sum()", ""),
        ),
        slip(
            "divide by the number of real symbols, not of examples",
            2,
            ("mask.sum()", "len(mask)"),
        ),
        slip(
            "divide by the number of real symbols, not of steps",
            2,
            ("mask.sum()", "mask.shape[1]"),
        ),
        slip(
            "all real symbols of the batch count alike: no mean for each example first",
            2,
            ("mask.sum()", "mask.sum(axis=1)[:, None, None] / len(mask)"),
        ),
        slip(
            "a loss is minus the logarithm: the sign",
            1,
            ("-np.sum(share", "np.sum(share"),
        ),
        slip(
            "the gradient is p minus one at the right symbol: the sign",
            1,
            ("(np.exp(log_p) - right)", "(right - np.exp(log_p))"),
        ),
        slip(
            "loss and gradient both have the wrong sign: a loss is minus the logarithm",
            2,
            ("-np.sum(share", "np.sum(share"),
            ("(np.exp(log_p) - right)", "(right - np.exp(log_p))"),
        ),
        slip(
            "the one at the right symbol is missing in the gradient: p minus one there",
            1,
            ("(np.exp(log_p) - right)", "np.exp(log_p)"),
        ),
        slip(
            "the loss is a mean, so its gradient is divided too",
            1,
            ("share * (np.exp", "mask[:, :, None] * (np.exp"),
        ),
        slip(
            "padding has no gradient: multiply it by the mask too",
            1,
            ("share * (np.exp(log_p) - right)", "(np.exp(log_p) - right) / mask.sum()"),
        ),
        slip(
            "the gradient is multiplied by the mask and divided by the number of real symbols",
            1,
            ("share * (np.exp(log_p) - right)", "np.exp(log_p) - right"),
        ),
        slip(
            "the gradient is divided by the number of real symbols, not of all",
            1,
            (
                "share * (np.exp(log_p) - right)",
                "mask[:, :, None] * (np.exp(log_p) - right) / mask.size",
            ),
            ways=[
                [
                    (
                        "share * (np.exp(log_p) - right)",
                        "mask[:, :, None] * (np.exp(log_p) - right) / len(mask)",
                    ),
                ]
            ],
        ),
        slip(
            "the softmax is over the symbols: axis 2, in the maximum and in the sum",
            2,
            ("scores.max(axis=2", "scores.max(axis=1"),
            ("np.exp(shifted).sum(axis=2", "np.exp(shifted).sum(axis=1"),
            ways=[
                [("np.exp(shifted).sum(axis=2", "np.exp(shifted).sum(axis=1")],
                [("np.exp(shifted).sum(axis=2", "np.exp(shifted).sum(axis=0")],
                [
                    ("scores.max(axis=2", "scores.max(axis=0"),
                    ("np.exp(shifted).sum(axis=2", "np.exp(shifted).sum(axis=0"),
                ],
                [("np.exp(shifted).sum(axis=2, keepdims=True)", "np.exp(shifted).sum()")],
                [
                    ("scores.max(axis=2, keepdims=True)", "scores.max()"),
                    ("np.exp(shifted).sum(axis=2, keepdims=True)", "np.exp(shifted).sum()"),
                ],
            ],
        ),
        slip(
            "subtract the largest score of each step: axis 2, not of the batch or of another axis",
            2,
            ("scores.max(axis=2, keepdims=True)", "scores.max()"),
            ways=[
                [("scores.max(axis=2", "scores.max(axis=1")],
                [("scores.max(axis=2", "scores.max(axis=0")],
            ],
        ),
        slip(
            "thousands overflow in the exponential: subtract the largest score of each step first",
            2,
            ("scores - scores.max(axis=2, keepdims=True)", "scores"),
            ways=[
                [("scores.max(axis=2", "scores.mean(axis=2")],
                [("scores.max(axis=2", "scores.min(axis=2")],
                """
def masked_cross_entropy(scores, target, mask):
    powers = np.exp(scores)
    p = powers / powers.sum(axis=2, keepdims=True)
    right = np.eye(scores.shape[2])[target]
    share = mask[:, :, None] / mask.sum()
    return float(-(share * right * np.log(p)).sum()), share * (p - right)
""",
                """
def masked_cross_entropy(scores, target, mask):
    powers = np.exp(scores)
    p = powers / powers.sum(axis=2, keepdims=True)
    right = np.eye(scores.shape[2])[target]
    share = mask[:, :, None] / mask.sum()
    chosen = np.take_along_axis(p, target[:, :, None], axis=2)
    return float(-(share * np.log(chosen)).sum()), share * (p - right)
""",
            ],
        ),
        slip(
            "a tiny p is rounded to zero and has no logarithm: log p is the shifted score minus the "
            "log of the sum",
            1,
            ("-np.sum(share * right * log_p)", "-np.sum(share * right * np.log(np.exp(log_p)))"),
            ways=[
                [
                    (
                        "-np.sum(share * right * log_p)",
                        "-np.sum(share * np.log(np.sum(right * np.exp(log_p), axis=2, keepdims=True)))",
                    )
                ],
                [
                    (
                        "-np.sum(share * right * log_p)",
                        "-np.sum(share * right * np.log(np.exp(log_p) + 1e-12))",
                    )
                ],
                [
                    (
                        "-np.sum(share * right * log_p)",
                        "-np.sum(share * right * np.log(np.exp(log_p) + 1e-9))",
                    )
                ],
            ],
        ),
        slip(
            "keep the axis of the maximum and of the sum: keepdims=True",
            2,
            ("scores.max(axis=2, keepdims=True)", "scores.max(axis=2)"),
            ways=[
                [("np.exp(shifted).sum(axis=2, keepdims=True)", "np.exp(shifted).sum(axis=2)")],
                [
                    ("scores.max(axis=2, keepdims=True)", "scores.max(axis=2)"),
                    ("np.exp(shifted).sum(axis=2, keepdims=True)", "np.exp(shifted).sum(axis=2)"),
                ],
            ],
        ),
        slip(
            "the mask has no axis for the symbols yet: give it a third one, of length one",
            2,
            ("mask[:, :, None]", "mask"),
            ways=[[("mask[:, :, None]", "mask[:, None]")], [("mask[:, :, None]", "mask[None]")]],
        ),
        slip(
            "a row of ones and zeros is as long as there are symbols: the last axis of scores",
            2,
            ("np.eye(scores.shape[2]", "np.eye(scores.shape[1]"),
            ways=[
                [("np.eye(scores.shape[2]", "np.eye(scores.shape[0]")],
                [("np.eye(scores.shape[2]", "np.eye(target.max() + 1")],
                [("np.eye(scores.shape[2]", "np.eye(len(target)")],
            ],
        ),
        slip(
            "subtract the largest score from the scores, not the other way round",
            2,
            (
                "scores - scores.max(axis=2, keepdims=True)",
                "scores.max(axis=2, keepdims=True) - scores",
            ),
        ),
        slip(
            "the number of real symbols divides once, not twice",
            2,
            ("/ mask.sum()", "/ mask.sum() ** 2"),
        ),
        slip(
            "pick one symbol for each step: log_p[:, :, target] takes those of all steps",
            1,
            (
                "-np.sum(share * right * log_p)",
                "-np.sum(share[..., None] * log_p[:, :, target])",
            ),
        ),
        slip(
            "the loss is one number: add over examples, steps and symbols",
            1,
            ("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=2)"),
            ("float(loss)", "loss"),
            ways=[
                [
                    ("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=(1, 2))"),
                    ("float(loss)", "loss"),
                ],
                [
                    ("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=1)"),
                    ("float(loss)", "loss"),
                ],
                [
                    ("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=0)"),
                    ("float(loss)", "loss"),
                ],
                [
                    ("-np.sum(share * right * log_p)", "-share * right * log_p"),
                    ("float(loss)", "loss"),
                ],
            ],
        ),
        slip(
            "a loss for each step cannot become one float: add over examples and steps first",
            2,
            ("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=2)"),
            ways=[
                [("np.sum(share * right * log_p)", "np.sum(share * right * log_p, axis=(1, 2))")],
                [("-np.sum(share * right * log_p)", "-share * right * log_p")],
            ],
        ),
        slip(
            "the share divides already: add over the steps, do not average",
            1,
            ("-np.sum(share", "-np.mean(share"),
        ),
        slip(
            "the mask multiplies the loss of a step, not its scores",
            2,
            ("scores - scores.max(axis=2, keepdims=True)", "scores * mask[:, :, None]"),
            ("mask[:, :, None] / mask.sum()", "1.0 / mask.sum()"),
            (
                "    log_p = shifted",
                "    shifted = shifted - shifted.max(axis=2, keepdims=True)\n    log_p = shifted",
            ),
        ),
        slip(
            "the right symbol stands in target: it is not the likeliest one",
            2,
            ("scores.dtype)[target]", "scores.dtype)[scores.argmax(axis=2)]"),
        ),
        slip(
            "first the loss, then dscores",
            2,
            (
                "float(loss), share * (np.exp(log_p) - right)",
                "share * (np.exp(log_p) - right), float(loss)",
            ),
        ),
        slip(
            "the loss takes the logarithm of p, not p itself",
            1,
            ("-np.sum(share * right * log_p)", "-np.sum(share * right * np.exp(log_p))"),
            ways=[
                [("-np.sum(share * right * log_p)", "1.0 - np.sum(share * right * np.exp(log_p))")]
            ],
        ),
        slip(
            "the logarithm is the natural one, np.log",
            1,
            ("-np.sum(share * right * log_p)", "-np.sum(share * right * log_p) / np.log(2.0)"),
            ways=[
                [
                    (
                        "-np.sum(share * right * log_p)",
                        "-np.sum(share * right * log_p) / np.log(10.0)",
                    )
                ]
            ],
        ),
        slip(
            "subtract a one at the right symbol, not its number",
            1,
            ("(np.exp(log_p) - right)", "(np.exp(log_p) - target[:, :, None])"),
        ),
        slip(
            "the gradient holds p, not log p",
            1,
            ("(np.exp(log_p) - right)", "(log_p - right)"),
        ),
        slip(
            "p minus one is the whole gradient: no slope p (1 - p) any more",
            1,
            (
                "(np.exp(log_p) - right)",
                "(np.exp(log_p) - right) * np.exp(log_p) * (1.0 - np.exp(log_p))",
            ),
            ways=[[("(np.exp(log_p) - right)", "(np.exp(log_p) - right) * np.exp(log_p)")]],
        ),
        slip(
            "every symbol has a gradient, not the right one alone",
            1,
            ("(np.exp(log_p) - right)", "right * (np.exp(log_p) - 1.0)"),
        ),
        slip(
            "padding is where the mask is 0, not where the target is 0",
            2,
            (
                "    share = mask[:, :, None]",
                "    mask = (target > 0).astype(scores.dtype)\n    share = mask[:, :, None]",
            ),
        ),
        slip(
            "this is the loss of all symbols: pick the right one by target",
            1,
            ("-np.sum(share * right * log_p)", "-np.sum(share * log_p)"),
        ),
        slip(
            "the softmax divides by the sum of the exponentials: its logarithm is missing",
            2,
            ("shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))", "shifted"),
            ways=[
                [
                    (
                        "np.log(np.exp(shifted).sum(axis=2, keepdims=True))",
                        "np.exp(shifted).sum(axis=2, keepdims=True)",
                    )
                ]
            ],
        ),
        slip(
            "your function changes its argument scores",
            2,
            (
                "    shifted = scores - scores.max(axis=2, keepdims=True)",
                "    scores -= scores.max(axis=2, keepdims=True)\n    shifted = scores",
            ),
        ),
        slip(
            "divide by the real symbols of the whole batch, not by those of each sequence",
            2,
            ("mask[:, :, None] / mask.sum()", "mask[:, :, None] / mask.sum(axis=1)[:, None, None]"),
        ),
    ],
    "additive_scores": [
        slip("the tanh is missing", 1, ("np.tanh(asked + shown)", "(asked + shown)")),
        slip(
            "the tanh belongs before w_e",
            1,
            ("np.tanh(asked + shown) @ w_e", "np.tanh((asked + shown) @ w_e)"),
        ),
        slip(
            "one tanh too many: w_e comes last, and its scores go through none",
            1,
            ("np.tanh(asked + shown) @ w_e", "np.tanh(np.tanh(asked + shown) @ w_e)"),
        ),
        slip(
            "there is one tanh, of the sum of both",
            1,
            ("np.tanh(asked + shown)", "(np.tanh(asked) + np.tanh(shown))"),
            ways=[
                [("np.tanh(asked + shown)", "(np.tanh(asked) + shown)")],
                [("np.tanh(asked + shown)", "(asked + np.tanh(shown))")],
                [("np.tanh(asked + shown)", "np.tanh(np.tanh(asked) + np.tanh(shown))")],
            ],
        ),
        slip(
            "W_q and W_k are swapped",
            1,
            ("query @ W_q", "query @ W_k"),
            ("keys @ W_k", "keys @ W_q"),
        ),
        slip("the keys have a matrix of their own, W_k", 1, ("keys @ W_k", "keys @ W_q")),
        slip("the queries have a matrix of their own, W_q", 1, ("query @ W_q", "query @ W_k")),
        slip(
            "queries stand first: (N, T, S)",
            1,
            ("np.tanh(asked + shown) @ w_e", "(np.tanh(asked + shown) @ w_e).transpose(0, 2, 1)"),
            ways=[
                [
                    ("[:, :, None]  #", "[:, None]  #"),
                    ("(keys @ W_k)[:, None]", "(keys @ W_k)[:, :, None]"),
                ]
            ],
        ),
        slip(
            "queries and keys are exchanged",
            1,
            """
def additive_scores(query, keys, W_q, W_k, w_e):
    asked, shown = (keys @ W_q)[:, :, None], (query @ W_k)[:, None]
    return np.tanh(asked + shown) @ w_e
""",
        ),
        slip(
            "w_e is missing: it weighs the hidden units",
            1,
            ("@ w_e", "@ np.ones_like(w_e)"),
            ways=[
                [("np.tanh(asked + shown) @ w_e", "np.tanh(asked + shown).mean(axis=3)")],
                [("np.tanh(asked + shown) @ w_e", "np.tanh(asked + shown)")],
            ],
        ),
        slip(
            "add over the hidden units, do not average",
            1,
            ("@ w_e", "@ w_e / len(w_e)"),
        ),
        slip(
            "the hidden units are not added up yet: a product with @ does it",
            1,
            ("@ w_e", "* w_e"),
        ),
        slip(
            "the two parts are added, not multiplied",
            1,
            ("asked + shown", "asked * shown"),
        ),
        slip("the two parts are added, not subtracted", 1, ("asked + shown", "asked - shown")),
        slip(
            "the hidden layer goes through tanh, not through another function",
            1,
            ("np.tanh(asked + shown)", "(1.0 / (1.0 + np.exp(-asked - shown)))"),
            ways=[[("np.tanh(asked + shown)", "np.maximum(asked + shown, 0.0)")]],
        ),
        slip(
            "the softmax comes later: these are to be scores",
            1,
            """
def additive_scores(query, keys, W_q, W_k, w_e):
    scores = np.tanh((query @ W_q)[:, :, None] + (keys @ W_k)[:, None]) @ w_e
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    return powers / powers.sum(axis=2, keepdims=True)
""",
        ),
        slip(
            "this is the dot score: the additive one has a hidden layer with a tanh",
            1,
            """
def additive_scores(query, keys, W_q, W_k, w_e):
    return query @ keys.transpose(0, 2, 1)
""",
            ways=[
                """
def additive_scores(query, keys, W_q, W_k, w_e):
    return (query @ W_q) @ (keys @ W_k).transpose(0, 2, 1)
"""
            ],
        ),
        slip(
            "each query meets each key: both need an axis of length one for the other",
            1,
            ("(query @ W_q)[:, :, None]", "(query @ W_q)"),
            ("(keys @ W_k)[:, None]", "(keys @ W_k)"),
            ways=[
                [("(query @ W_q)[:, :, None]", "(query @ W_q)")],
                [("(keys @ W_k)[:, None]", "(keys @ W_k)")],
                [("(query @ W_q)[:, :, None]", "(query @ W_q)[:, None]")],
                [("(keys @ W_k)[:, None]", "(keys @ W_k)[:, :, None]")],
            ],
        ),
        slip(
            "scores has three axes: w_e is a vector, no column",
            1,
            ("@ w_e", "@ w_e[:, None]"),
        ),
        slip(
            "the matrices stand on the right and keep their shape (H, A)",
            1,
            ("query @ W_q", "query @ W_q.T"),
            ways=[
                [("query @ W_q", "W_q @ query")],
                [("query @ W_q", "query @ W_q.T"), ("keys @ W_k", "keys @ W_k.T")],
                [("keys @ W_k", "keys @ W_k.T")],
            ],
        ),
        slip(
            "nothing is divided by a root here: that belongs to the scaled dot score",
            1,
            ("@ w_e", "@ w_e / np.sqrt(query.shape[2])"),
            ways=[[("@ w_e", "@ w_e / np.sqrt(len(w_e))")]],
        ),
    ],
    "attend": [
        slip(
            "padding takes part: the mask is missing",
            2,
            ("np.where(mask[:, None] > 0, scores, -np.inf)", "scores"),
        ),
        slip(
            "mask before the softmax: a row must sum to one",
            2,
            """
def attend(scores, values, mask):
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True) * mask[:, None]
    return attention @ values, attention
""",
        ),
        slip(
            "a score of zero is a score: use minus infinity",
            2,
            ("-np.inf", "0.0"),
            ways=[[("np.where(mask[:, None] > 0, scores, -np.inf)", "scores * mask[:, None]")]],
        ),
        slip(
            "a score that is only low still lets padding in where scores are large: minus infinity",
            2,
            ("-np.inf", "-1.0"),
            ways=[
                [("-np.inf", "-10.0")],
                [("-np.inf", "-100.0")],
                [
                    (
                        "np.where(mask[:, None] > 0, scores, -np.inf)",
                        "scores - 10.0 * (1.0 - mask[:, None])",
                    )
                ],
                [
                    (
                        "np.where(mask[:, None] > 0, scores, -np.inf)",
                        "scores - 100.0 * (1.0 - mask[:, None])",
                    )
                ],
                [
                    (
                        "np.where(mask[:, None] > 0, scores, -np.inf)",
                        "scores - 1000.0 * (1.0 - mask[:, None])",
                    )
                ],
                [
                    (
                        "np.where(mask[:, None] > 0, scores, -np.inf)",
                        "scores - (1.0 - mask[:, None])",
                    )
                ],
            ],
        ),
        slip(
            "the mask is 1 for a real step: it is turned round",
            2,
            ("mask[:, None] > 0", "mask[:, None] == 0"),
        ),
        slip(
            "the fractions are over the source: axis 2, in the maximum and in the sum",
            2,
            ("open_scores.max(axis=2", "open_scores.max(axis=1"),
            ("powers.sum(axis=2", "powers.sum(axis=1"),
            ways=[
                [("powers.sum(axis=2", "powers.sum(axis=1")],
                [("open_scores.max(axis=2", "open_scores.max(axis=1")],
                [("powers.sum(axis=2", "powers.sum(axis=0")],
                [
                    ("open_scores.max(axis=2", "open_scores.max(axis=0"),
                    ("powers.sum(axis=2", "powers.sum(axis=0"),
                ],
                """
def attend(scores, values, mask):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    attention = powers / powers.sum(axis=1, keepdims=True) * mask[:, None]
    return attention @ values, attention
""",
                """
def attend(scores, values, mask):
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=1, keepdims=True) * mask[:, None]
    return attention @ values, attention
""",
            ],
        ),
        slip(
            "each query has fractions of its own that sum to one: do not divide by the sum of all",
            2,
            ("powers.sum(axis=2, keepdims=True)", "powers.sum()"),
            ways=[
                [
                    ("open_scores.max(axis=2, keepdims=True)", "open_scores.max()"),
                    ("powers.sum(axis=2, keepdims=True)", "powers.sum()"),
                ],
                [("powers.sum(axis=2", "powers.sum(axis=(1, 2)")],
            ],
        ),
        slip(
            "thousands overflow in the exponential: subtract the largest score of each row first",
            2,
            ("open_scores - open_scores.max(axis=2, keepdims=True)", "open_scores"),
            ways=[
                """
def attend(scores, values, mask):
    powers = np.exp(scores) * mask[:, None]
    attention = powers / powers.sum(axis=2, keepdims=True)
    return attention @ values, attention
"""
            ],
        ),
        slip(
            "the largest score is that of the real steps: close the padding before you look for it",
            2,
            ("open_scores.max(axis=2", "scores.max(axis=2"),
            ways=[
                """
def attend(scores, values, mask):
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True) * mask[:, None]
    attention = attention / attention.sum(axis=2, keepdims=True)
    return attention @ values, attention
"""
            ],
        ),
        slip(
            "each row has a largest score of its own: not one for the whole batch",
            2,
            ("open_scores.max(axis=2, keepdims=True)", "open_scores.max()"),
            ways=[[("open_scores.max(axis=2", "open_scores.max(axis=(1, 2)")]],
        ),
        slip(
            "divide by the sum of the row: fractions sum to one",
            2,
            ("powers / powers.sum(axis=2, keepdims=True)", "powers"),
        ),
        slip(
            "divide by the sum of the row, not by its mean",
            2,
            ("powers.sum(axis=2", "powers.mean(axis=2"),
        ),
        slip(
            "zero times infinity is nan: choose with np.where, do not multiply by infinity",
            2,
            (
                "np.where(mask[:, None] > 0, scores, -np.inf)",
                "scores - (1.0 - mask[:, None]) * np.inf",
            ),
            ways=[
                [
                    (
                        "np.where(mask[:, None] > 0, scores, -np.inf)",
                        "scores * mask[:, None] - (1.0 - mask[:, None]) * np.inf",
                    )
                ],
            ],
        ),
        slip(
            "the context adds over the source, not over the queries",
            1,
            (
                "attention @ values,",
                "(attention[..., None] * values[:, None]).sum(axis=1),",
            ),
        ),
        slip(
            "padding gets the score minus infinity, not plus infinity",
            2,
            ("-np.inf", "np.inf"),
        ),
        slip(
            "subtract the largest score from the scores, not the other way round",
            2,
            (
                "open_scores - open_scores.max(axis=2, keepdims=True)",
                "open_scores.max(axis=2, keepdims=True) - open_scores",
            ),
        ),
        slip(
            "the context is made with the fractions, after the division",
            1,
            ("attention @ values,", "powers @ values,"),
        ),
        slip(
            "the context is made with the fractions, not with the scores",
            1,
            ("attention @ values,", "scores @ values,"),
            ways=[[("attention @ values,", "open_scores @ values,")]],
        ),
        slip(
            "the context is a sum weighed by fractions: do not divide it again",
            1,
            ("attention @ values,", "attention @ values / values.shape[1],"),
            ways=[
                [("attention @ values,", "attention @ values / mask.sum(axis=1)[:, None, None],")]
            ],
        ),
        slip(
            "padding must get no fraction: the mask belongs above the line too",
            2,
            """
def attend(scores, values, mask):
    real = np.where(mask[:, None] > 0, scores, -np.inf)
    powers = np.exp(scores - real.max(axis=2, keepdims=True))
    attention = powers / (powers * mask[:, None]).sum(axis=2, keepdims=True)
    return attention @ values, attention
""",
        ),
        slip(
            "mask the scores, not the values",
            2,
            """
def attend(scores, values, mask):
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True)
    return attention @ (values * mask[:, :, None]), attention
""",
        ),
        slip(
            "the mask has the axes (N, S): give it one for the queries in the middle",
            2,
            ("mask[:, None] > 0", "mask > 0"),
            ways=[
                [("mask[:, None] > 0", "mask[:, :, None] > 0")],
                [("mask[:, None] > 0", "mask[None] > 0")],
            ],
        ),
        slip(
            "keep the axis of the maximum and of the sum: keepdims=True",
            2,
            ("open_scores.max(axis=2, keepdims=True)", "open_scores.max(axis=2)"),
            ways=[
                [("powers.sum(axis=2, keepdims=True)", "powers.sum(axis=2)")],
                [
                    ("open_scores.max(axis=2, keepdims=True)", "open_scores.max(axis=2)"),
                    ("powers.sum(axis=2, keepdims=True)", "powers.sum(axis=2)"),
                ],
            ],
        ),
        slip(
            "context = attention @ values: nothing is transposed",
            2,
            ("attention @ values,", "attention.transpose(0, 2, 1) @ values,"),
            ways=[
                [("attention @ values,", "attention @ values.transpose(0, 2, 1),")],
                [("attention @ values,", "values @ attention,")],
                [("attention @ values,", "attention.T @ values,")],
            ],
        ),
        slip(
            "the values are weighed with a matrix product @, not entry by entry",
            2,
            ("attention @ values,", "attention * values,"),
        ),
        slip(
            "first the context, then the attention",
            2,
            ("return attention @ values, attention", "return attention, attention @ values"),
        ),
        slip(
            "nothing is divided by a root here: that belongs to the scaled dot score",
            2,
            ("scores, -np.inf)", "scores / np.sqrt(values.shape[2]), -np.inf)"),
        ),
        slip(
            "this is a choice of the largest score: a softmax shares out among all",
            2,
            ("powers / powers.sum(axis=2, keepdims=True)", "(powers == 1.0).astype(scores.dtype)"),
        ),
        slip(
            "your function changes its argument scores",
            2,
            (
                "    open_scores = np.where(mask[:, None] > 0, scores, -np.inf)",
                "    scores[np.broadcast_to(mask[:, None] == 0, scores.shape)] = -np.inf\n    open_scores = scores",
            ),
            ways=[
                """
def attend(scores, values, mask):
    scores -= 1e9 * (1 - mask[:, None]).astype(scores.dtype)
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    attention = powers / powers.sum(axis=2, keepdims=True)
    return attention @ values, attention
"""
            ],
        ),
    ],
    "attend_backward": [
        slip(
            "this is the gradient of the attention: the softmax follows",
            1,
            ("attention * (dattention - inner)", "dattention"),
        ),
        slip(
            "the places compete: subtract the mean",
            1,
            ("(dattention - inner)", "dattention"),
        ),
        slip(
            "this is the slope of a sigmoid: in a softmax places compete",
            1,
            ("(dattention - inner)", "dattention * (1.0 - attention)"),
        ),
        slip(
            "the difference is multiplied by the attention",
            1,
            ("attention * (dattention - inner)", "dattention - inner"),
        ),
        slip(
            "the sum is multiplied by the attention too: mind the brackets",
            1,
            ("attention * (dattention - inner)", "attention * dattention - inner"),
        ),
        slip(
            "the mean is weighed by the attention",
            1,
            (
                "(dattention * attention).sum(axis=2, keepdims=True)",
                "dattention.mean(axis=2, keepdims=True)",
            ),
        ),
        slip(
            "the sum is weighed by the attention",
            1,
            ("(dattention * attention).sum", "dattention.sum"),
        ),
        slip(
            "the attention sums to one already: add, do not average",
            1,
            ("(dattention * attention).sum", "(dattention * attention).mean"),
        ),
        slip(
            "the sum runs over the source: axis 2",
            1,
            ("sum(axis=2, keepdims=True)", "sum(axis=1, keepdims=True)"),
            ways=[
                [("sum(axis=2, keepdims=True)", "sum(axis=0, keepdims=True)")],
                [("sum(axis=2, keepdims=True)", "sum()")],
                [("sum(axis=2, keepdims=True)", "sum(axis=(1, 2), keepdims=True)")],
            ],
        ),
        slip(
            "keep the axis of the sum: keepdims=True",
            2,
            ("sum(axis=2, keepdims=True)", "sum(axis=2)"),
            ways=[
                [("sum(axis=2, keepdims=True)", "sum(axis=2)[:, None]")],
                [("sum(axis=2, keepdims=True)", "sum(axis=1)")],
            ],
        ),
        slip(
            "the sum is subtracted, not added",
            1,
            ("(dattention - inner)", "(dattention + inner)"),
        ),
        slip(
            "dscores has the wrong sign: dattention minus the sum",
            1,
            ("(dattention - inner)", "(inner - dattention)"),
        ),
        slip(
            "the sum holds p_tk times its gradient: not the square of p_tk",
            1,
            ("(dattention * attention).sum", "(dattention * attention**2).sum"),
        ),
        slip(
            "add over the queries, do not average",
            1,
            ("@ dcontext  # (N, S, H)", "@ dcontext / dcontext.shape[1]"),
        ),
        slip(
            "the values get the gradient of the context weighed by the attention: it is missing",
            1,
            (
                "attention.transpose(0, 2, 1) @ dcontext",
                "np.ones_like(attention).transpose(0, 2, 1) @ dcontext",
            ),
        ),
        slip(
            "dvalues is made with the attention, not with a gradient of it",
            1,
            ("attention.transpose(0, 2, 1) @ dcontext", "dattention.transpose(0, 2, 1) @ dcontext"),
            ways=[
                [
                    (
                        "attention.transpose(0, 2, 1) @ dcontext",
                        "(attention * (dattention - inner)).transpose(0, 2, 1) @ dcontext",
                    )
                ]
            ],
        ),
        slip(
            "each example has values of its own: do not add over the batch",
            1,
            (
                "attention.transpose(0, 2, 1) @ dcontext",
                'np.einsum("nts,nth->sh", attention, dcontext)',
            ),
            ways=[
                [
                    (
                        "attention.transpose(0, 2, 1) @ dcontext",
                        "np.tensordot(attention, dcontext, axes=([0, 1], [0, 1]))",
                    )
                ]
            ],
        ),
        slip(
            "first dscores, then dvalues",
            2,
            (
                "return attention * (dattention - inner), dvalues",
                "return dvalues, attention * (dattention - inner)",
            ),
        ),
        slip(
            "the attention has the axes (N, T, S): for dvalues its last two are exchanged",
            2,
            ("attention.transpose(0, 2, 1) @ dcontext", "attention @ dcontext"),
        ),
        slip(
            "dcontext meets the values with their last two axes exchanged: transpose(0, 2, 1)",
            2,
            ("dcontext @ values.transpose(0, 2, 1)", "dcontext @ values"),
            ways=[
                [("dcontext @ values.transpose(0, 2, 1)", "dcontext * values")],
                [("values.transpose(0, 2, 1)", "values.T")],
                [
                    ("values.transpose(0, 2, 1)", "values.T"),
                    ("attention.transpose(0, 2, 1)", "attention.T"),
                ],
            ],
        ),
        slip(
            ".T turns all axes round: transpose(0, 2, 1) exchanges the last two alone",
            2,
            ("attention.transpose(0, 2, 1)", "attention.T"),
        ),
        slip(
            "the fractions came out of the softmax: do not take it once more",
            1,
            (
                "    return attention * (dattention - inner), dvalues",
                "    attention = np.exp(attention) / np.exp(attention).sum(axis=2, keepdims=True)\n"
                "    return attention * (dattention - inner), dvalues",
            ),
        ),
        slip(
            "your function changes its argument attention",
            2,
            (
                "    return attention * (dattention - inner), dvalues",
                "    attention *= dattention - inner\n    return attention, dvalues",
            ),
        ),
    ],
    "beam_step": [
        slip(
            "the sums of the beginnings are missing",
            2,
            ("(totals[:, None] + log_p)", "log_p"),
        ),
        slip(
            "these are the least likely ones",
            2,
            ("np.argsort(-grown)", "np.argsort(grown)"),
        ),
        slip(
            "the largest sum comes first",
            2,
            ("[:width]\n", "[:width][::-1]\n"),
            ways=[
                [("np.argsort(-grown)[:width]", "np.argsort(grown)[-width:]")],
                [("np.argsort(-grown)[:width]", "np.sort(np.argsort(-grown)[:width])")],
            ],
        ),
        slip(
            "rows come first, then symbols",
            1,
            ("best // V, best % V", "best % V, best // V"),
        ),
        slip(
            "divide by the number of symbols, not by the number of beginnings",
            1,
            ("log_p.shape[1]", "log_p.shape[0]"),
            ways=[[("log_p.shape[1]", "len(totals)")]],
        ),
        slip("divide by the number of symbols, not by the width", 1, ("log_p.shape[1]", "width")),
        slip(
            "these are the sums of the beginnings: add the last symbol",
            1,
            ("grown[best]", "totals[best // V]"),
        ),
        slip(
            "these are the log-probabilities of the last symbols alone: add the sums of their beginnings",
            1,
            ("grown[best]", "log_p.ravel()[best]"),
        ),
        slip(
            "the sums are those of the continuations that were kept, in the same order",
            1,
            ("grown[best]", "np.sort(grown)[-width:]"),
            ways=[
                [("grown[best]", "np.sort(grown)[:width]")],
                [("grown[best]", "grown[:width]")],
                [("grown[best]", "grown[np.sort(best)]")],
            ],
        ),
        slip(
            "logarithms are asked for, not probabilities",
            1,
            ("grown[best]", "np.exp(grown[best])"),
        ),
        slip(
            "totals holds one number for each row of log_p: make it a column",
            2,
            ("totals[:, None]", "totals"),
            ways=[[("totals[:, None]", "totals[None]")]],
        ),
        slip(
            "the likeliest of all are kept: two may continue the same beginning",
            2,
            """
def beam_step(log_p, totals, width):
    symbols = log_p.argmax(axis=1)
    sums = totals + log_p.max(axis=1)
    rows = np.argsort(-sums)[:width]
    return rows, symbols[rows], sums[rows]
""",
            ways=[
                """
def beam_step(log_p, totals, width):
    return np.arange(len(totals)), log_p.argmax(axis=1), totals + log_p.max(axis=1)
"""
            ],
        ),
        slip(
            "width counts the continuations of all beginnings together, not of each",
            2,
            """
def beam_step(log_p, totals, width):
    grown = totals[:, None] + log_p
    symbols = np.argsort(-grown, axis=1)[:, :width]
    rows = np.repeat(np.arange(len(totals)), symbols.shape[1])
    return rows, symbols.ravel(), grown[rows, symbols.ravel()]
""",
            ways=[
                """
def beam_step(log_p, totals, width):
    grown = totals[:, None] + log_p
    symbols = np.argsort(-grown, axis=1)[:, :width]
    rows = np.repeat(np.arange(len(totals)), symbols.shape[1])
    sums = grown[rows, symbols.ravel()]
    order = np.argsort(-sums)
    return rows[order], symbols.ravel()[order], sums[order]
""",
            ],
        ),
        slip(
            "argsort must sort all sums in one row: ravel them first",
            2,
            ("(totals[:, None] + log_p).ravel()", "totals[:, None] + log_p"),
        ),
        slip(
            "logarithms are added, not multiplied",
            2,
            ("totals[:, None] + log_p", "totals[:, None] * log_p"),
        ),
        slip(
            "log_p and totals hold logarithms already",
            2,
            ("totals[:, None] + log_p", "totals[:, None] + np.exp(log_p)"),
            ways=[
                [("totals[:, None] + log_p", "np.exp(totals)[:, None] + np.exp(log_p)")],
                [("totals[:, None] + log_p", "totals[:, None] + np.log(-log_p)")],
            ],
        ),
        slip(
            "sums are asked for, not means: do not divide by the length",
            1,
            ("grown[best]", "grown[best] / 2"),
        ),
        slip(
            "keep width of them, not all", 2, ("np.argsort(-grown)[:width]", "np.argsort(-grown)")
        ),
        slip(
            "the new beam has width entries, not as many as there were beginnings",
            2,
            ("[:width]", "[: len(totals)]"),
        ),
        slip(
            "how many to keep is an argument: write no number in its place",
            2,
            ("[:width]", "[:2]"),
            ways=[[("[:width]", "[:3]")], [("[:width]", "[:1]")]],
        ),
        slip("the likeliest one itself is left out", 2, ("[:width]", "[1 : width + 1]")),
        slip("one too many: keep width of them", 2, ("[:width]", "[: width + 1]")),
        slip(
            "rows are whole numbers: divide with //",
            1,
            ("best // V", "best / V"),
        ),
        slip(
            "lay the sums out row by row, or // and % tell other places",
            1,
            (".ravel()", '.ravel("F")'),
            ways=[[("(totals[:, None] + log_p).ravel()", "(totals[:, None] + log_p).T.ravel()")]],
        ),
        slip(
            "sort by the new sums, not by the last symbols alone",
            2,
            ("np.argsort(-grown)", "np.argsort(-log_p.ravel())"),
        ),
        slip(
            "the places in the row are no symbols yet: take them modulo the number of symbols",
            1,
            ("best // V, best % V", "best // V, best"),
        ),
        slip(
            "your function changes its argument log_p",
            2,
            (
                "    grown = (totals[:, None] + log_p).ravel()",
                "    log_p += totals[:, None]\n    grown = log_p.ravel()",
            ),
        ),
        slip(
            "log-probabilities of a path add up: nothing goes through exp on the way",
            2,
            ("totals[:, None] + log_p", "np.log(np.exp(totals)[:, None] + np.exp(log_p))"),
            ways=[[("totals[:, None] + log_p", "np.logaddexp(totals[:, None], log_p)")]],
        ),
    ],
    "general_backward": [
        slip(
            "dquery passes W_q the other way: transposed",
            1,
            ("dasked @ W_q.T", "dasked @ W_q"),
        ),
        slip(
            "dquery passes the matrix: multiply by W_q.T",
            1,
            ("dasked @ W_q.T", "dasked"),
        ),
        slip(
            "the keys met query @ W_q, with W_q as it is: no transpose",
            1,
            ("(query @ W_q)", "(query @ W_q.T)"),
        ),
        slip(
            "the keys met query @ W_q, not query alone",
            1,
            ("(query @ W_q)", "query"),
        ),
        slip(
            "both sides go through the matrix the right way: dquery with W_q.T, dkeys with W_q",
            1,
            ("dasked @ W_q.T", "dasked @ W_q"),
            ("(query @ W_q)", "(query @ W_q.T)"),
        ),
        slip(
            "W_q is missing in dquery and in dkeys",
            1,
            ("dasked @ W_q.T", "dasked"),
            ("(query @ W_q)", "query"),
        ),
        slip(
            "dkeys is made with the queries, not with their gradient",
            1,
            ("(query @ W_q)", "dasked"),
            ways=[[("(query @ W_q)", "(dasked @ W_q.T)")]],
        ),
        slip(
            "dW_q is transposed: the query gives its rows, the key its columns",
            1,
            ("np.tensordot(query, dasked,", "np.tensordot(dasked, query,"),
        ),
        slip(
            "add dW_q over the batch, do not average",
            1,
            ("axes=([0, 1], [0, 1]))", "axes=([0, 1], [0, 1])) / len(query)"),
        ),
        slip(
            "add dW_q over the queries, do not average",
            1,
            ("axes=([0, 1], [0, 1]))", "axes=([0, 1], [0, 1])) / query.shape[1]"),
            ways=[
                [
                    (
                        "axes=([0, 1], [0, 1]))",
                        "axes=([0, 1], [0, 1])) / query.shape[0] / query.shape[1]",
                    )
                ]
            ],
        ),
        slip(
            "one matrix serves all examples: add dW_q over the batch",
            1,
            (
                "np.tensordot(query, dasked, axes=([0, 1], [0, 1]))",
                "query.transpose(0, 2, 1) @ dasked",
            ),
        ),
        slip(
            "every example adds to dW_q, not one of them alone",
            1,
            ("np.tensordot(query, dasked, axes=([0, 1], [0, 1]))", "query[0].T @ dasked[0]"),
            ways=[
                [("np.tensordot(query, dasked, axes=([0, 1], [0, 1]))", "query[-1].T @ dasked[-1]")]
            ],
        ),
        slip(
            "dW_q is made with the gradient of query @ W_q, before it passes W_q",
            1,
            ("np.tensordot(query, dasked,", "np.tensordot(query, dasked @ W_q.T,"),
        ),
        slip(
            "dW_q is made with the queries as they are: W_q is not in it",
            1,
            ("np.tensordot(query, dasked,", "np.tensordot(query @ W_q, dasked,"),
        ),
        slip(
            "dW_q needs the gradient of the scores too, not the keys alone",
            1,
            (
                "np.tensordot(query, dasked, axes=([0, 1], [0, 1]))",
                "query.sum(axis=(0, 1))[:, None] * keys.sum(axis=(0, 1))",
            ),
        ),
        slip(
            "the results stand in the order dquery, dkeys, dW_q",
            1,
            ("return dasked @ W_q.T, dkeys, dW_q", "return dkeys, dasked @ W_q.T, dW_q"),
        ),
        slip(
            "dW_q comes last: the results stand in the order dquery, dkeys, dW_q",
            2,
            ("return dasked @ W_q.T, dkeys, dW_q", "return dW_q, dasked @ W_q.T, dkeys"),
            ways=[
                [("return dasked @ W_q.T, dkeys, dW_q", "return dasked @ W_q.T, dW_q, dkeys")],
                [("return dasked @ W_q.T, dkeys, dW_q", "return dW_q, dkeys, dasked @ W_q.T")],
            ],
        ),
        slip(
            "dscores meets the keys as it is, and the queries with its last two axes exchanged",
            2,
            ("dscores.transpose(0, 2, 1)", "dscores"),
            ways=[
                [("dscores @ keys", "dscores @ query")],
                [("dscores @ keys", "dscores.transpose(0, 2, 1) @ keys")],
            ],
        ),
        slip(
            ".T turns all axes round: transpose(0, 2, 1) exchanges the last two alone",
            2,
            ("dscores.transpose(0, 2, 1)", "dscores.T"),
        ),
        slip(
            "dquery adds over the keys: (N, T, S) @ (N, S, H)",
            2,
            ("dscores @ keys", "dscores @ keys.transpose(0, 2, 1)"),
            ways=[[("dscores @ keys", "dscores * keys")]],
        ),
        slip(
            "the scores are a product: no tanh and no slope of it",
            2,
            (
                "    dasked = dscores @ keys",
                "    dscores = dscores * (1.0 - np.tanh(query @ W_q @ keys.transpose(0, 2, 1)) ** 2)\n"
                "    dasked = dscores @ keys",
            ),
        ),
        slip(
            "dscores is the gradient of the scores: the softmax is behind you",
            2,
            (
                "    dasked = dscores @ keys",
                "    p = np.exp(query @ W_q @ keys.transpose(0, 2, 1))\n"
                "    p = p / p.sum(axis=2, keepdims=True)\n"
                "    dscores = p * (dscores - (dscores * p).sum(axis=2, keepdims=True))\n"
                "    dasked = dscores @ keys",
            ),
        ),
        slip(
            "nothing is divided by a root here: that belongs to the scaled dot score",
            2,
            (
                "    dasked = dscores @ keys",
                "    dscores = dscores / np.sqrt(len(W_q))\n    dasked = dscores @ keys",
            ),
        ),
        slip(
            "the gradients have the wrong sign",
            2,
            ("    dasked = dscores @ keys", "    dscores = -dscores\n    dasked = dscores @ keys"),
        ),
        slip(
            "add over queries and keys, do not average",
            1,
            ("dscores @ keys", "dscores @ keys / keys.shape[1]"),
            ("(query @ W_q)  #", "(query @ W_q) / query.shape[1]  #"),
            ("np.tensordot(query, dasked,", "np.tensordot(query, dscores @ keys,"),
            ways=[
                [
                    ("dasked @ W_q.T", "dasked @ W_q.T / keys.shape[1]"),
                ],
                [("(query @ W_q)  #", "(query @ W_q) / query.shape[1]  #")],
            ],
        ),
        slip(
            "your function changes its argument W_q",
            2,
            (
                "    return dasked @ W_q.T, dkeys, dW_q",
                "    dquery = dasked @ W_q.T\n    W_q -= 0.1 * dW_q\n    return dquery, dkeys, dW_q",
            ),
        ),
        slip(
            "the matrix stands between query and key: its own gradient does not hold it again",
            1,
            ("np.tensordot(query, dasked,", "np.tensordot(query, dscores @ (keys @ W_q),"),
        ),
    ],
}

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
    Right(
        "general-score-by-einsum",
        {
            "general_backward": """
def general_backward(dscores, query, keys, W_q):
    dquery = np.einsum("nts,nsk,hk->nth", dscores, keys, W_q)
    dkeys = np.einsum("nts,nth,hk->nsk", dscores, query, W_q)
    return [dquery, dkeys, np.einsum("nts,nth,nsk->hk", dscores, query, keys)]
""",
            "attend_backward": """
def attend_backward(dcontext, attention, values):
    dattention = np.matmul(dcontext, np.moveaxis(values, 1, 2))
    pulled = attention * dattention
    dscores = pulled - attention * pulled.sum(axis=-1)[..., None]
    return dscores, np.matmul(np.moveaxis(attention, 1, 2), dcontext)
""",
        },
    ),
    Right(
        "general-score-by-loops",
        {
            "general_backward": """
def general_backward(dscores, query, keys, W_q):
    N, T, S = dscores.shape
    dquery, dkeys = np.zeros(query.shape), np.zeros(keys.shape)
    dW_q = np.zeros(W_q.shape)
    for n in range(N):
        for t in range(T):
            for j in range(S):
                d = dscores[n, t, j]
                dquery[n, t] += d * np.dot(W_q, keys[n, j])
                dkeys[n, j] += d * np.dot(query[n, t], W_q)
                dW_q += d * np.outer(query[n, t], keys[n, j])
    return dquery, dkeys, dW_q
""",
            "teacher_inputs": """
def teacher_inputs(target, begin):
    return np.insert(target, 0, begin, axis=1)[:, :-1]
""",
        },
    ),
]
