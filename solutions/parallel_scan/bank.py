"""What is known of the assignment parallel_scan: the mistakes of each question, as small changes
of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

MISTAKES = {
    "combine": [
        slip(
            "this is the second map first: what was written first is multiplied later",
            1,
            ("keep_2 * write_1 + write_2", "keep_1 * write_2 + write_1"),
        ),
        slip(
            "the factors are multiplied, not added",
            1,
            ("keep_2 * keep_1", "keep_2 + keep_1"),
        ),
        slip(
            "the second map multiplies what the first has written",
            1,
            ("keep_2 * write_1 + write_2", "write_1 + write_2"),
        ),
        slip(
            "what the first map has written is multiplied by the factor of the second, not by its own",
            1,
            ("keep_2 * write_1", "keep_1 * write_1"),
        ),
        slip(
            "what the first map has written is multiplied by the second factor alone, not by both",
            1,
            ("keep_2 * write_1", "keep_1 * keep_2 * write_1"),
        ),
        slip(
            "what the second map writes is added as it is: nothing multiplies it",
            1,
            ("keep_2 * write_1 + write_2", "keep_2 * (write_1 + write_2)"),
            ways=[
                [("keep_2 * write_1 + write_2", "keep_2 * write_1 + keep_2 * write_2")],
                [("keep_2 * write_1 + write_2", "keep_2 * write_1 + keep_1 * write_2")],
                [("keep_2 * write_1 + write_2", "write_1 + keep_2 * write_2")],
            ],
        ),
        slip(
            "the second summand is missing: add what the second map writes",
            1,
            ("keep_2 * write_1 + write_2", "keep_2 * write_1"),
        ),
        slip(
            "what the first map has written is missing",
            1,
            ("keep_2 * write_1 + write_2", "write_2"),
        ),
        slip(
            "the second summand is added, not multiplied",
            1,
            ("keep_2 * write_1 + write_2", "keep_2 * write_1 * write_2"),
        ),
        slip(
            "what was written is added, not subtracted",
            1,
            ("keep_2 * write_1 + write_2", "keep_2 * write_1 - write_2"),
            ways=[[("keep_2 * write_1 + write_2", "write_2 - keep_2 * write_1")]],
        ),
        slip(
            "both maps multiply the state: keep has two factors",
            1,
            ("keep_2 * keep_1", "keep_2"),
            ways=[[("keep_2 * keep_1", "keep_1")], [("keep_2 * keep_1", "keep_2.copy()")]],
        ),
        slip(
            "keep has two factors alone: what is written stands in write",
            1,
            ("keep_2 * keep_1", "keep_2 * keep_1 + write_2"),
            ways=[
                [("keep_2 * keep_1", "keep_2 * keep_1 + write_1")],
                [("keep_2 * keep_1", "keep_2 * (keep_1 + write_1)")],
            ],
        ),
        slip(
            "first keep, then write",
            1,
            (
                "return keep_2 * keep_1, keep_2 * write_1 + write_2",
                "return keep_2 * write_1 + write_2, keep_2 * keep_1",
            ),
        ),
        slip(
            "the products are elementwise, with *, not products of matrices",
            1,
            ("keep_2 * keep_1, keep_2 * write_1", "keep_2 @ keep_1, keep_2 @ write_1"),
            ways=[
                [("keep_2 * keep_1", "keep_2 @ keep_1")],
                [("keep_2 * write_1", "keep_2 @ write_1")],
            ],
        ),
        slip(
            "the map is wanted, not what it makes of a state: h is not given",
            1,
            (
                "return keep_2 * keep_1, keep_2 * write_1 + write_2",
                "return keep_1 * write_1, keep_2 * write_2",
            ),
            ways=[
                [
                    (
                        "return keep_2 * keep_1, keep_2 * write_1 + write_2",
                        "return keep_1 + write_1, keep_2 + write_2",
                    )
                ]
            ],
        ),
        slip(
            "your function changes its argument write_1",
            1,
            ("    return", "    write_1 *= keep_2\n    return"),
            ("keep_2 * write_1 +", "write_1 +"),
        ),
        slip(
            "your function changes its argument keep_1",
            1,
            ("    return", "    keep_1 *= keep_2\n    return"),
            ("keep_2 * keep_1", "keep_1"),
        ),
        slip(
            "the factors are multiplied: take no quotient, mean or maximum of them",
            1,
            ("keep_2 * keep_1", "keep_2 / keep_1"),
            ways=[
                [("keep_2 * keep_1", "(keep_2 + keep_1) / 2")],
                [("keep_2 * keep_1", "np.maximum(keep_1, keep_2)")],
            ],
        ),
        slip(
            "phi itself multiplies, not 1 - phi: this is no average",
            1,
            ("keep_2 * write_1 + write_2", "(1 - keep_2) * write_1 + write_2"),
            ways=[[("keep_2 * write_1 + write_2", "keep_2 * write_1 + (1 - keep_2) * write_2")]],
        ),
        slip(
            "the two summands do not multiply one another: they end up in a sum",
            1,
            ("keep_2 * write_1 + write_2", "keep_2 * write_1 * write_2 + write_2"),
        ),
    ],
    "scan_round": [
        slip(
            "this is more than one round: a step takes in what its neighbour held before the round",
            2,
            """
def scan_round(keep, write, reach):
    keep, write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1]):
        a, b = keep[:, t - reach], write[:, t - reach]
        keep[:, t], write[:, t] = combine(a, b, keep[:, t], write[:, t])
    return keep, write
""",
            ways=[
                """
def scan_round(keep, write, reach):
    while reach < keep.shape[1]:
        new_keep, new_write = keep.copy(), write.copy()
        old, late = (keep[:, :-reach], write[:, :-reach]), (keep[:, reach:], write[:, reach:])
        new_keep[:, reach:], new_write[:, reach:] = combine(*old, *late)
        keep, write, reach = new_keep, new_write, 2 * reach
    return keep.copy(), write.copy()
"""
            ],
        ),
        slip(
            "write saw the new keep: both are made from the old arrays",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    new_keep[:, reach:] = keep[:, reach:] * keep[:, :-reach]
    new_write[:, reach:] = new_keep[:, reach:] * write[:, :-reach] + write[:, reach:]
    return new_keep, new_write
""",
        ),
        slip(
            "the earlier map comes first",
            2,
            (
                "combine(keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:])",
                "combine(keep[:, reach:], write[:, reach:], keep[:, :-reach], write[:, :-reach])",
            ),
        ),
        slip(
            "combine takes keep_1, write_1, keep_2, write_2, in this order",
            2,
            (
                "combine(keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:])",
                "combine(keep[:, :-reach], keep[:, reach:], write[:, :-reach], write[:, reach:])",
            ),
            ways=[
                [
                    (
                        "combine(keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:])",
                        "combine(write[:, :-reach], keep[:, :-reach], write[:, reach:], keep[:, reach:])",
                    )
                ]
            ],
        ),
        slip(
            "the first steps stay as they are: they are missing",
            2,
            (
                "    return new_keep, new_write",
                "    return new_keep[:, reach:], new_write[:, reach:]",
            ),
        ),
        slip(
            "the first steps stay as they are, not zero",
            2,
            ("keep.copy(), write.copy()", "np.zeros_like(keep), np.zeros_like(write)"),
        ),
        slip(
            "the first steps keep their own factor, not one",
            2,
            ("keep.copy(), write.copy()", "np.ones_like(keep), write.copy()"),
        ),
        slip(
            "this is the round with reach 1: use reach",
            2,
            (
                "    new_keep, new_write = keep.copy()",
                "    reach = 1\n    new_keep, new_write = keep.copy()",
            ),
        ),
        slip(
            "the map that a step takes in ends reach steps earlier, not twice as many",
            2,
            (
                "    new_keep, new_write = keep.copy()",
                "    reach = 2 * reach\n    new_keep, new_write = keep.copy()",
            ),
        ),
        slip(
            "one step off: the map that a step takes in ends exactly reach steps earlier",
            2,
            (
                "    new_keep, new_write = keep.copy()",
                "    reach = reach + 1\n    new_keep, new_write = keep.copy()",
            ),
            ways=[
                """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1]):
        old = keep[:, t - reach + 1], write[:, t - reach + 1]
        new_keep[:, t], new_write[:, t] = combine(*old, keep[:, t], write[:, t])
    return new_keep, new_write
"""
            ],
        ),
        slip(
            "step number reach has something earlier already: begin there",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach + 1, keep.shape[1]):
        old = keep[:, t - reach], write[:, t - reach]
        new_keep[:, t], new_write[:, t] = combine(*old, keep[:, t], write[:, t])
    return new_keep, new_write
""",
        ),
        slip(
            "the last step takes part too",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1] - 1):
        old = keep[:, t - reach], write[:, t - reach]
        new_keep[:, t], new_write[:, t] = combine(*old, keep[:, t], write[:, t])
    return new_keep, new_write
""",
        ),
        slip(
            "look back, not ahead: a step takes in the map of an earlier step",
            2,
            (
                "new_keep[:, reach:], new_write[:, reach:] = joined",
                "new_keep[:, :-reach], new_write[:, :-reach] = joined",
            ),
            ways=[
                """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(keep.shape[1] - reach):
        later = keep[:, t + reach], write[:, t + reach]
        new_keep[:, t], new_write[:, t] = combine(*later, keep[:, t], write[:, t])
    return new_keep, new_write
"""
            ],
        ),
        slip(
            "the first steps have nothing earlier: the last ones came round to them",
            2,
            """
def scan_round(keep, write, reach):
    return combine(np.roll(keep, reach, axis=1), np.roll(write, reach, axis=1), keep, write)
""",
            ways=[
                """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(keep.shape[1]):
        old = keep[:, t - reach], write[:, t - reach]
        new_keep[:, t], new_write[:, t] = combine(*old, keep[:, t], write[:, t])
    return new_keep, new_write
"""
            ],
        ),
        slip(
            "the first steps have nothing earlier: they do not take in the first map",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(1, keep.shape[1]):
        s = max(t - reach, 0)
        new_keep[:, t], new_write[:, t] = combine(keep[:, s], write[:, s], keep[:, t], write[:, t])
    return new_keep, new_write
""",
        ),
        slip(
            "this is the whole scan, step by step: one round with the given reach is asked for",
            2,
            """
def scan_round(keep, write, reach):
    keep, write = keep.copy(), write.copy()
    for t in range(1, keep.shape[1]):
        a, b = keep[:, t - 1], write[:, t - 1]
        keep[:, t], write[:, t] = combine(a, b, keep[:, t], write[:, t])
    return keep, write
""",
        ),
        slip(
            "time is axis 1: write keep[:, reach:], not keep[reach:]",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    joined = combine(keep[:-reach], write[:-reach], keep[reach:], write[reach:])
    new_keep[reach:], new_write[reach:] = joined
    return new_keep, new_write
""",
        ),
        slip(
            "keep changes in a round too",
            2,
            ("    return new_keep, new_write", "    return keep.copy(), new_write"),
        ),
        slip(
            "write changes in a round too",
            2,
            ("    return new_keep, new_write", "    return new_keep, write.copy()"),
        ),
        slip(
            "first keep, then write",
            2,
            ("    return new_keep, new_write", "    return new_write, new_keep"),
        ),
        slip(
            "the two parts must be equally long: all but the last reach steps, all but the first reach",
            2,
            (
                "combine(keep[:, :-reach], write[:, :-reach],",
                "combine(keep[:, :reach], write[:, :reach],",
            ),
            ways=[
                [("combine(keep[:, :-reach], write[:, :-reach],", "combine(keep, write,")],
                [
                    (
                        "combine(keep[:, :-reach], write[:, :-reach],",
                        "combine(keep[:, :-1], write[:, :-1],",
                    )
                ],
            ],
        ),
        slip(
            "your function changes its arguments keep and write",
            2,
            ("keep.copy(), write.copy()", "keep, write"),
        ),
        slip(
            "every step from number reach on takes part in a round: none is skipped",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1], 2 * reach):
        one = combine(keep[:, t - reach], write[:, t - reach], keep[:, t], write[:, t])
        new_keep[:, t], new_write[:, t] = one
    return new_keep, new_write
""",
            ways=[
                """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1], reach):
        one = combine(keep[:, t - reach], write[:, t - reach], keep[:, t], write[:, t])
        new_keep[:, t], new_write[:, t] = one
    return new_keep, new_write
""",
                """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(2 * reach - 1, keep.shape[1], 2 * reach):
        one = combine(keep[:, t - reach], write[:, t - reach], keep[:, t], write[:, t])
        new_keep[:, t], new_write[:, t] = one
    return new_keep, new_write
""",
            ],
        ),
        slip(
            "each step takes in one earlier map, not all of the last reach steps",
            2,
            """
def scan_round(keep, write, reach):
    new_keep, new_write = keep.copy(), write.copy()
    for t in range(reach, keep.shape[1]):
        for s in range(t - 1, t - reach - 1, -1):
            one = combine(keep[:, s], write[:, s], new_keep[:, t], new_write[:, t])
            new_keep[:, t], new_write[:, t] = one
    return new_keep, new_write
""",
        ),
        slip(
            "this moves the earlier map to the later step: combine it with the one that is there",
            2,
            (
                "new_keep[:, reach:], new_write[:, reach:] = joined",
                "new_keep[:, reach:], new_write[:, reach:] = keep[:, :-reach], write[:, :-reach]",
            ),
        ),
        slip(
            "the results of combine stand in the order keep, write",
            2,
            (
                "new_keep[:, reach:], new_write[:, reach:] = joined",
                "new_write[:, reach:], new_keep[:, reach:] = joined",
            ),
        ),
        slip(
            "time is axis 1: this cuts the units, the last axis",
            2,
            (
                "keep[:, :-reach], write[:, :-reach], keep[:, reach:], write[:, reach:]",
                "keep[..., :-reach], write[..., :-reach], keep[..., reach:], write[..., reach:]",
            ),
        ),
    ],
    "scan_backward": [
        slip(
            "use the factor of the next step, not of the same one",
            2,
            ("np.roll(keep, -1, axis=1)", "keep"),
        ),
        slip(
            "use the factor of the next step, not of the one before",
            2,
            ("np.roll(keep, -1, axis=1)", "np.roll(keep, 1, axis=1)"),
            ways=[
                [("scan(later[:, ::-1]", "scan(np.roll(keep[:, ::-1], -1, axis=1)")],
                [
                    (
                        "np.roll(keep, -1, axis=1)",
                        "np.concatenate([np.zeros_like(keep[:, :1]), keep[:, :-1]], axis=1)",
                    )
                ],
            ],
        ),
        slip(
            "what comes from the next step is multiplied by its factor: it is missing",
            2,
            ("np.roll(keep, -1, axis=1)", "np.ones_like(keep)"),
        ),
        slip(
            "turn the result back in time",
            2,
            ("np.zeros_like(h0))[:, ::-1]", "np.zeros_like(h0))"),
        ),
        slip(
            "run from the last step to the first: [:, ::-1] reverses time",
            2,
            (
                "scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]",
                "scan(later, dh, np.zeros_like(h0))",
            ),
            ways=[
                [
                    (
                        "scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]",
                        "scan(keep, dh, np.zeros_like(h0))",
                    )
                ],
                [
                    (
                        "scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]",
                        "scan(later[::-1], dh[::-1], np.zeros_like(h0))[::-1]",
                    )
                ],
            ],
        ),
        slip("dh is reversed too", 2, ("dh[:, ::-1]", "dh")),
        slip("the factors are reversed too", 2, ("later[:, ::-1]", "later")),
        slip(
            "later steps read this one too: their gradients are missing",
            2,
            (
                "scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]",
                "dh.copy()",
            ),
            ways=[
                [("scan(later[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]", "dh")],
            ],
        ),
        slip(
            "all later steps count, not the next one alone",
            2,
            """
def scan_backward(dh, keep, h, h0):
    dwrite = dh.copy()
    dwrite[:, :-1] += keep[:, 1:] * dh[:, 1:]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]
""",
        ),
        slip(
            "behind the last step there is no gradient: start the scan from zeros",
            2,
            ("np.zeros_like(h0))[:, ::-1]", "h0)[:, ::-1]"),
            ways=[
                [("np.zeros_like(h0))[:, ::-1]", "dh[:, -1])[:, ::-1]")],
                [("np.zeros_like(h0))[:, ::-1]", "h[:, -1])[:, ::-1]")],
                [("np.zeros_like(h0))[:, ::-1]", "np.ones_like(h0))[:, ::-1]")],
            ],
        ),
        slip(
            "dwrite is the gradient of the state itself: no factor of its own step",
            2,
            ("np.zeros_like(h0))[:, ::-1]", "np.zeros_like(h0))[:, ::-1] * keep"),
        ),
        slip(
            "time is axis 1: another axis was reversed or shifted",
            2,
            ("np.zeros_like(h0))[:, ::-1]", "np.zeros_like(h0))[::-1]"),
            ways=[[("np.roll(keep, -1, axis=1)", "np.roll(keep, -1, axis=0)")]],
        ),
        slip(
            "np.roll without an axis mixes everything: time is axis 1",
            2,
            ("np.roll(keep, -1, axis=1)", "np.roll(keep, -1)"),
        ),
        slip(
            "the factor multiplied h_{t-1}, the state before the step",
            1,
            ("return dwrite * h_prev", "return dwrite * h"),
        ),
        slip(
            "the factor multiplied the state before the step, not the one after the next",
            1,
            (
                "np.concatenate([h0[:, None], h[:, :-1]], axis=1)",
                "np.concatenate([h[:, 1:], h0[:, None]], axis=1)",
            ),
            ways=[
                [("np.concatenate([h0[:, None], h[:, :-1]], axis=1)", "np.roll(h, -1, axis=1)")],
            ],
        ),
        slip(
            "before the first step stands h0",
            1,
            ("[h0[:, None], h[:, :-1]]", "[np.zeros_like(h0)[:, None], h[:, :-1]]"),
            ways=[
                [("np.concatenate([h0[:, None], h[:, :-1]], axis=1)", "np.roll(h, 1, axis=1)")],
                [("[h0[:, None], h[:, :-1]]", "[h[:, :1], h[:, :-1]]")],
                [("[h0[:, None], h[:, :-1]]", "[np.ones_like(h0)[:, None], h[:, :-1]]")],
            ],
        ),
        slip(
            "every step read the state before it: h0 stands before the first one alone",
            1,
            ("np.concatenate([h0[:, None], h[:, :-1]], axis=1)", "h0[:, None]"),
        ),
        slip(
            "dkeep is made with dwrite, which holds what later steps say, not with dh",
            1,
            ("return dwrite * h_prev", "return dh * h_prev"),
        ),
        slip(
            "the state before the step is missing in dkeep",
            1,
            ("return dwrite * h_prev", "return dwrite"),
            ways=[[("return dwrite * h_prev", "return dwrite * keep")]],
        ),
        slip(
            "the first step multiplied h0 by keep",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "dwrite[:, 0]"),
        ),
        slip(
            "the first step read h0, not the last one",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "keep[:, -1] * dwrite[:, -1]"),
            ways=[[("keep[:, 0] * dwrite[:, 0]", "keep[:, -1] * dwrite[:, 0]")]],
        ),
        slip(
            "dh0 holds the factor of the first step, not h0 itself",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "h0 * dwrite[:, 0]"),
            ways=[[("keep[:, 0] * dwrite[:, 0]", "h0 * keep[:, 0] * dwrite[:, 0]")]],
        ),
        slip(
            "later steps depend on h0 through the first one: dh0 is made with dwrite, not with dh",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "keep[:, 0] * dh[:, 0]"),
        ),
        slip(
            "h0 is read by the first step alone: do not add over time",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "(keep * dwrite).sum(axis=1)"),
            ways=[[("keep[:, 0] * dwrite[:, 0]", "(keep[:, :1] * dwrite).sum(axis=1)")]],
        ),
        slip(
            "each example has its own h0: do not add over the batch",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "(keep[:, 0] * dwrite[:, 0]).sum(axis=0)"),
        ),
        slip(
            "dh0 has no axis of time: (N, H)",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "keep[:, :1] * dwrite[:, :1]"),
        ),
        slip(
            "the results stand in the order dkeep, dwrite, dh0",
            2,
            (
                "return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]",
                "return dwrite, dwrite * h_prev, keep[:, 0] * dwrite[:, 0]",
            ),
        ),
        slip(
            "h0 needs an axis of time before it can be joined: h0[:, None]",
            2,
            ("[h0[:, None], h[:, :-1]]", "[h0, h[:, :-1]]"),
            ways=[[("[h0[:, None], h[:, :-1]]", "[h0[None], h[:, :-1]]")]],
        ),
        slip(
            "h_{t-1} has T steps: h0 in front, and the last state left out",
            2,
            ("[h0[:, None], h[:, :-1]]", "[h0[:, None], h]"),
        ),
        slip(
            "your function changes its argument dh",
            2,
            """
def scan_backward(dh, keep, h, h0):
    for t in range(dh.shape[1] - 2, -1, -1):
        dh[:, t] += keep[:, t + 1] * dh[:, t + 1]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dh * h_prev, dh, keep[:, 0] * dh[:, 0]
""",
        ),
        slip(
            "dh0 is keep times dwrite, both of the first step: here one of them is another",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "keep.prod(axis=1) * dwrite[:, 0]"),
            ways=[
                [("keep[:, 0] * dwrite[:, 0]", "keep[:, 0] * dwrite[:, -1]")],
                [("keep[:, 0] * dwrite[:, 0]", "keep.prod(axis=1) * dwrite[:, -1]")],
            ],
        ),
        slip(
            "dwrite[:, 0] holds dh[:, 0] already: do not add it to dh0",
            1,
            ("keep[:, 0] * dwrite[:, 0]", "keep[:, 0] * dwrite[:, 0] + dh[:, 0]"),
        ),
        slip(
            "dwrite stands in the order of time again: h is not reversed in dkeep",
            1,
            ("h[:, :-1]]", "h[:, ::-1][:, :-1]]"),
        ),
        slip(
            "keep has a factor for each example and step: add over neither of them in dkeep",
            1,
            ("return dwrite * h_prev,", "return (dwrite * h_prev).sum(axis=0),"),
            ways=[[("return dwrite * h_prev,", "return (dwrite * h_prev).sum(axis=1),")]],
        ),
        slip(
            "dkeep is the product of dwrite and h_{t-1}, not their sum",
            1,
            ("return dwrite * h_prev,", "return dwrite + h_prev,"),
        ),
        slip(
            "keep moves the other way: step t needs the factor of step t + 1, not of t - 1 or 1",
            2,
            (
                "later = np.roll(keep, -1, axis=1)",
                "later = np.concatenate([np.ones_like(keep[:, :1]), keep[:, :-1]], axis=1)",
            ),
        ),
        slip(
            "scan adds up what later steps say: hand it dh as it is, without a cumsum",
            2,
            ("dh[:, ::-1], np.zeros_like(h0)", "np.cumsum(dh[:, ::-1], axis=1), np.zeros_like(h0)"),
        ),
        slip(
            "the factor of the next step is keep[:, t + 1]: shift by one step, not by two",
            2,
            ("np.roll(keep, -1, axis=1)", "np.roll(keep, -2, axis=1)"),
        ),
        slip(
            "dh enters scan as it is: no factor multiplies it",
            2,
            ("dh[:, ::-1], np.zeros_like(h0)", "(keep * dh)[:, ::-1], np.zeros_like(h0)"),
            ways=[[("dh[:, ::-1], np.zeros_like(h0)", "(later * dh)[:, ::-1], np.zeros_like(h0)")]],
        ),
    ],
    "min_gru": [
        slip("the candidate has no tanh", 2, ("z * a_g", "z * np.tanh(a_g)")),
        slip(
            "the candidate is linear: no sigmoid",
            2,
            ("z * a_g", "z / (1 + np.exp(-a_g))"),
        ),
        slip("z multiplies the candidate", 2, ("z * a_g", "a_g")),
        slip(
            "z and 1 - z are exchanged: here a large z writes",
            2,
            ("scan(1 - z, z * a_g", "scan(z, (1 - z) * a_g"),
            ways=[[("np.exp(-a_z)", "np.exp(a_z)")]],
        ),
        slip(
            "1 - z multiplies the old state, not z",
            2,
            ("scan(1 - z, z * a_g", "scan(z, z * a_g"),
        ),
        slip(
            "z multiplies the candidate, not 1 - z",
            2,
            ("z * a_g", "(1 - z) * a_g"),
        ),
        slip(
            "the candidate is multiplied by z, not added to it",
            2,
            ("z * a_g", "z + a_g"),
        ),
        slip("the old state is multiplied by 1 - z", 2, ("scan(1 - z,", "scan(np.ones_like(z),")),
        slip("start from h0", 2, ("a_g, h0)", "a_g, np.zeros_like(h0))")),
        slip("the bias b is missing", 2, ("x @ W_x + b", "x @ W_x")),
        slip(
            "the first block is the gate, the second the candidate",
            2,
            ("a_z, a_g = np.split", "a_g, a_z = np.split"),
        ),
        slip(
            "gate and candidate come from two blocks, not from one",
            2,
            ("z * a_g", "z * a_z"),
        ),
        slip(
            "scan takes h0 as it is, with the shape (N, H)",
            2,
            ("a_g, h0)", "a_g, h0[:, None])"),
        ),
        slip("the sigmoid of the gate is missing", 2, ("1 / (1 + np.exp(-a_z))", "a_z")),
        slip(
            "the gate goes through the sigmoid, not through tanh",
            2,
            ("1 / (1 + np.exp(-a_z))", "np.tanh(a_z)"),
        ),
        slip(
            "this sigmoid divides infinity by infinity where a gate is large: use 1 / (1 + exp(-a))",
            2,
            ("1 / (1 + np.exp(-a_z))", "np.exp(a_z) / (1 + np.exp(a_z))"),
            ways=[[("1 / (1 + np.exp(-a_z))", "np.exp(a_z) / (np.exp(a_z) + 1)")]],
        ),
        slip(
            "the blocks lie one after the other, H columns each: they do not alternate",
            2,
            (
                "np.split(x @ W_x + b, 2, axis=2)",
                "((x @ W_x + b)[:, :, ::2], (x @ W_x + b)[:, :, 1::2])",
            ),
        ),
        slip(
            "the blocks lie along the last axis: axis 2",
            2,
            ("+ b, 2, axis=2)", "+ b, 2, axis=1)"),
            ways=[[("+ b, 2, axis=2)", "+ b, 2, axis=0)")], [("+ b, 2, axis=2)", "+ b, 2)")]],
        ),
        slip(
            "a block is as wide as h0, not as x",
            2,
            (
                "a_z, a_g = np.split(x @ W_x + b, 2, axis=2)",
                "D, a = x.shape[2], x @ W_x + b\n    a_z, a_g = a[:, :, :D], a[:, :, D:]",
            ),
            ways=[
                [
                    (
                        "a_z, a_g = np.split(x @ W_x + b, 2, axis=2)",
                        "D, a = x.shape[2], x @ W_x + b\n    a_z, a_g = a[:, :, :D], a[:, :, D : 2 * D]",
                    )
                ]
            ],
        ),
        slip(
            "the old states are missing: call scan",
            2,
            ("scan(1 - z, z * a_g, h0)", "z * a_g"),
            ways=[[("scan(1 - z, z * a_g, h0)", "(1 - z) * h0[:, None] + z * a_g")]],
        ),
        slip(
            "all states are asked for, not the last one alone",
            2,
            ("scan(1 - z, z * a_g, h0)", "scan(1 - z, z * a_g, h0)[:, -1]"),
        ),
        slip(
            "scan takes the factor first, then what is added",
            2,
            ("scan(1 - z, z * a_g, h0)", "scan(z * a_g, 1 - z, h0)"),
        ),
        slip(
            "the state goes through no tanh",
            2,
            ("return scan(1 - z, z * a_g, h0)", "return np.tanh(scan(1 - z, z * a_g, h0))"),
        ),
        slip(
            "h0 is the state before the first step: the first output is made from it",
            2,
            (
                "return scan(1 - z, z * a_g, h0)",
                "return np.concatenate([h0[:, None], scan(1 - z, z * a_g, h0)[:, :-1]], axis=1)",
            ),
            ways=[
                [
                    (
                        "return scan(1 - z, z * a_g, h0)",
                        "return np.concatenate([h0[:, None], scan(1 - z, z * a_g, h0)], axis=1)",
                    )
                ]
            ],
        ),
        slip(
            "the bias belongs to both blocks",
            2,
            (
                "a_z, a_g = np.split(x @ W_x + b, 2, axis=2)",
                "a_z, a_g = np.split(x @ W_x, 2, axis=2)\n    a_z = a_z + b[: len(b) // 2]",
            ),
            ways=[
                [
                    (
                        "a_z, a_g = np.split(x @ W_x + b, 2, axis=2)",
                        "a_z, a_g = np.split(x @ W_x, 2, axis=2)\n    a_g = a_g + b[len(b) // 2 :]",
                    )
                ]
            ],
        ),
        slip(
            "the gate looks at the input alone, not at h0",
            2,
            (
                "np.split(x @ W_x + b, 2, axis=2)",
                "np.split(x @ W_x + b, 2, axis=2)\n    a_z = a_z + h0[:, None]",
            ),
        ),
        slip(
            "your function changes its argument h0",
            2,
            """
def min_gru(x, h0, W_x, b):
    a_z, a_g = np.split(x @ W_x + b, 2, axis=2)
    z = 1 / (1 + np.exp(-a_z))
    h = np.zeros_like(a_g)
    for t in range(x.shape[1]):
        h0 *= 1 - z[:, t]
        h0 += z[:, t] * a_g[:, t]
        h[:, t] = h0
    return h
""",
        ),
        slip(
            "scan has counted h0 already: do not add it to the states",
            2,
            ("return scan(1 - z, z * a_g, h0)", "return scan(1 - z, z * a_g, h0) + h0[:, None]"),
        ),
        slip(
            "the gate has no second sigmoid",
            2,
            ("    return scan(", "    z = 1 / (1 + np.exp(-z))\n    return scan("),
        ),
        slip(
            "the gate is the sigmoid as it is: do not round it or cut it off",
            2,
            ("    return scan(", "    z = np.round(z)\n    return scan("),
            ways=[[("    return scan(", "    z = np.clip(z, 0.1, 0.9)\n    return scan(")]],
        ),
    ],
    "slstm_step": [
        slip(
            "log f is below zero: log sigma(a) is minus log(1 + exp(-a))",
            2,
            ("log_f = -np.logaddexp", "log_f = np.logaddexp"),
        ),
        slip(
            "log f is log sigma(a_f), with a minus inside too",
            2,
            ("-np.logaddexp(0, -a_f)", "-np.logaddexp(0, a_f)"),
        ),
        slip(
            "the forget gate is a sigmoid: its logarithm is not a_f",
            2,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = a_f"),
        ),
        slip(
            "the logarithm of f is missing: m_t and f' are made with log f",
            2,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = np.exp(-np.logaddexp(0, -a_f))"),
        ),
        slip(
            "the stabiliser is missing in f': exp(log f + m_prev - m_t)",
            2,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f)"),
        ),
        slip(
            "m_prev is missing in f': what is stored was divided by exp(m_prev)",
            2,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f - m_t)"),
        ),
        slip(
            "f' is divided by exp(m_t): subtract m_t",
            2,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f + m_prev)"),
        ),
        slip(
            "m_prev and m_t are exchanged in f'",
            2,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f - m_prev + m_t)"),
        ),
        slip(
            "m_prev is missing in m_t",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "np.maximum(log_f, a_i)"),
        ),
        slip(
            "m_prev is missing, in m_t and in f'",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "np.maximum(log_f, a_i)"),
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f - m_t)"),
        ),
        slip(
            "m_t is the larger of two exponents, not one of them alone",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "a_i"),
            ways=[[("np.maximum(log_f + m_prev, a_i)", "log_f + m_prev")]],
        ),
        slip(
            "m_t is the larger of the two, not the smaller",
            2,
            ("np.maximum(", "np.minimum("),
        ),
        slip(
            "m_t is the larger of log f + m_prev and a_i: m_prev does not stand alone",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "np.maximum(m_prev, a_i)"),
            ways=[[("np.maximum(log_f + m_prev, a_i)", "np.maximum(a_f + m_prev, a_i)")]],
        ),
        slip(
            "m_t is one number for each unit: the maximum of two arrays, entry by entry",
            2,
            (
                "np.maximum(log_f + m_prev, a_i)",
                "np.maximum(log_f + m_prev, a_i).max(axis=1, keepdims=True) + 0 * a_i",
            ),
            ways=[
                [
                    (
                        "np.maximum(log_f + m_prev, a_i)",
                        "np.maximum(log_f + m_prev, a_i).max() + 0 * a_i",
                    )
                ],
                [
                    (
                        "np.maximum(log_f + m_prev, a_i)",
                        "np.maximum(log_f + m_prev, a_i).max(axis=1, keepdims=True)",
                    )
                ],
                [
                    (
                        "np.maximum(log_f + m_prev, a_i)",
                        "np.maximum(log_f + m_prev, a_i).max(axis=0) + 0 * a_i",
                    )
                ],
            ],
        ),
        slip(
            "np.max takes one array: np.maximum compares two",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "np.max(log_f + m_prev, a_i)"),
            ways=[[("np.maximum(log_f + m_prev, a_i)", "max(log_f + m_prev, a_i)")]],
        ),
        slip(
            "the stabiliser is missing in i': exp(a_i - m_t)",
            2,
            ("np.exp(a_i - m_t)", "np.exp(a_i)"),
        ),
        slip(
            "the stabiliser is missing in both gates",
            2,
            ("np.exp(a_i - m_t)", "np.exp(a_i)"),
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f)"),
        ),
        slip(
            "m_prev belongs to the old state: it is not in i'",
            2,
            ("np.exp(a_i - m_t)", "np.exp(a_i + m_prev - m_t)"),
        ),
        slip(
            "the input gate is an exponential, not a sigmoid",
            2,
            ("np.exp(a_i - m_t)", "np.exp(-np.logaddexp(0, -a_i))"),
            ways=[
                [("np.exp(a_i - m_t)", "np.exp(-np.logaddexp(0, -a_i) - m_t)")],
                [("np.exp(a_i - m_t)", "np.exp(-np.logaddexp(0, m_t - a_i))")],
            ],
        ),
        slip(
            "exp(a_i) itself overflows: subtract m_t in the exponent, before the exponential",
            1,
            (
                "np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)",
                "np.exp(a_i) / np.exp(m_t), np.exp(log_f + m_prev) / np.exp(m_t)",
            ),
            ways=[
                [("np.exp(a_i - m_t)", "np.exp(a_i) / np.exp(m_t)")],
                [("np.exp(a_i - m_t)", "np.exp(a_i) * np.exp(-m_t)")],
                [
                    (
                        "np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)",
                        "np.exp(a_i) * np.exp(-m_t), np.exp(log_f + m_prev) * np.exp(-m_t)",
                    )
                ],
            ],
        ),
        slip(
            "the difference m_prev - m_t stands in the exponent: exponentials of each overflow",
            1,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f) * np.exp(m_prev) / np.exp(m_t)"),
            ways=[[("np.exp(log_f + m_prev - m_t)", "np.exp(log_f + m_prev) / np.exp(m_t)")]],
        ),
        slip(
            "log f must not become minus infinity where a_f is very negative: take np.logaddexp",
            1,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = np.log(1 / (1 + np.exp(-a_f)))"),
            ways=[
                [("log_f = -np.logaddexp(0, -a_f)", "log_f = -np.log(1 + np.exp(-a_f))")],
                [("log_f = -np.logaddexp(0, -a_f)", "log_f = -np.log1p(np.exp(-a_f))")],
                [
                    (
                        "log_f = -np.logaddexp(0, -a_f)",
                        "log_f = np.log(0.5 * (1 + np.tanh(0.5 * a_f)))",
                    )
                ],
                [
                    ("log_f = -np.logaddexp(0, -a_f)", "log_f = -np.log(1 + np.exp(-a_f))"),
                    ("np.exp(-np.logaddexp(0, -a_o))", "1 / (1 + np.exp(-a_o))"),
                ],
            ],
        ),
        slip(
            "exp(a) / (1 + exp(a)) is infinity by infinity where a_o is large: 1 / (1 + exp(-a)) is not",
            1,
            ("np.exp(-np.logaddexp(0, -a_o))", "np.exp(a_o) / (1 + np.exp(a_o))"),
        ),
        slip(
            "both sigmoids overflow where a gate is large: write them with np.logaddexp",
            1,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = np.log(1 / (1 + np.exp(-a_f)))"),
            ("np.exp(-np.logaddexp(0, -a_o))", "np.exp(a_o) / (1 + np.exp(a_o))"),
            ways=[
                [
                    (
                        "log_f = -np.logaddexp(0, -a_f)",
                        "log_f = np.log(np.exp(a_f) / (1 + np.exp(a_f)))",
                    ),
                    ("np.exp(-np.logaddexp(0, -a_o))", "np.exp(a_o) / (1 + np.exp(a_o))"),
                ],
            ],
        ),
        slip("divide by n_t", 2, ("* c_t / n_t, c_t", "* c_t, c_t")),
        slip("divide by n_t, not by n_prev", 2, ("c_t / n_t, c_t", "c_t / n_prev, c_t")),
        slip(
            "there is no maximum with 1 here: that belongs to the mLSTM",
            2,
            ("c_t / n_t, c_t", "c_t / np.maximum(n_t, 1), c_t"),
        ),
        slip("f multiplies n_prev too", 2, ("f * n_prev", "n_prev")),
        slip("the forget gate multiplies c_prev", 2, ("f * c_prev", "c_prev")),
        slip(
            "f multiplies what is stored, c_prev and n_prev",
            2,
            ("f * c_prev", "c_prev"),
            ("f * n_prev", "n_prev"),
        ),
        slip("n_t adds i', which is missing", 2, ("f * n_prev + i\n", "f * n_prev\n")),
        slip(
            "n_t adds i' alone: the candidate is not in it",
            2,
            ("f * n_prev + i\n", "f * n_prev + i * np.tanh(a_g)\n"),
        ),
        slip("n_t adds i', not 1", 2, ("f * n_prev + i\n", "f * n_prev + 1\n")),
        slip("the candidate is tanh(a_g)", 2, ("np.tanh(a_g)", "a_g")),
        slip(
            "the candidate is missing: i' multiplies tanh(a_g)",
            2,
            ("i * np.tanh(a_g)", "i"),
        ),
        slip(
            "c_t adds what is new, i' times the candidate: it is missing",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "f * c_prev"),
        ),
        slip(
            "the old state c_prev is missing in c_t",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "i * np.tanh(a_g)"),
        ),
        slip(
            "the old normaliser n_prev is missing in n_t",
            2,
            ("f * n_prev + i\n", "i\n"),
        ),
        slip(
            "what is new is added, not subtracted",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "f * c_prev - i * np.tanh(a_g)"),
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            2,
            ("np.tanh(a_g)", "np.exp(-np.logaddexp(0, -a_g))"),
        ),
        slip("i' multiplies the candidate", 2, ("i * np.tanh(a_g)", "np.tanh(a_g)")),
        slip(
            "f' multiplies the old state and i' the candidate: they are exchanged",
            2,
            (
                "f * c_prev + i * np.tanh(a_g), f * n_prev + i",
                "i * c_prev + f * np.tanh(a_g), i * n_prev + f",
            ),
        ),
        slip(
            "1 - i' is no forget gate here: f' multiplies the old state",
            2,
            (
                "f * c_prev + i * np.tanh(a_g), f * n_prev + i",
                "(1 - i) * c_prev + i * np.tanh(a_g), (1 - i) * n_prev + i",
            ),
        ),
        slip(
            "the output gate is missing",
            2,
            ("np.exp(-np.logaddexp(0, -a_o)) * c_t", "c_t"),
        ),
        slip(
            "the output gate goes through the sigmoid",
            2,
            ("np.exp(-np.logaddexp(0, -a_o))", "a_o"),
            ways=[
                [("np.exp(-np.logaddexp(0, -a_o))", "np.tanh(a_o)")],
                [("np.exp(-np.logaddexp(0, -a_o))", "-np.logaddexp(0, -a_o)")],
            ],
        ),
        slip(
            "the output gate is sigma(a_o), not sigma(-a_o)",
            2,
            ("np.logaddexp(0, -a_o)", "np.logaddexp(0, a_o)"),
        ),
        slip(
            "there is no tanh of the cell state here",
            2,
            ("* c_t / n_t, c_t", "* np.tanh(c_t / n_t), c_t"),
            ways=[[("* c_t / n_t, c_t", "* np.tanh(c_t) / n_t, c_t")]],
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            ("a_i, a_f, a_g, a_o = np.split", "a_i, a_f, a_o, a_g = np.split"),
            ways=[
                [("a_i, a_f, a_g, a_o = np.split", "a_f, a_i, a_g, a_o = np.split")],
                [("a_i, a_f, a_g, a_o = np.split", "a_f, a_i, a_o, a_g = np.split")],
                [("a_i, a_f, a_g, a_o = np.split", "a_i, a_g, a_f, a_o = np.split")],
                [("a_i, a_f, a_g, a_o = np.split", "a_i, a_o, a_f, a_g = np.split")],
            ],
        ),
        slip(
            "h_t is divided by n_t: it is not multiplied by it",
            2,
            ("* c_t / n_t, c_t", "* c_t * n_t, c_t"),
        ),
        slip(
            "the results stand in the order h_t, c_t, n_t, m_t",
            2,
            ("c_t / n_t, c_t, n_t, m_t", "c_t / n_t, c_t, m_t, n_t"),
            ways=[
                [("c_t / n_t, c_t, n_t, m_t", "c_t / n_t, n_t, c_t, m_t")],
                """
def slstm_step(a, c_prev, n_prev, m_prev):
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
    log_f = -np.logaddexp(0, -a_f)
    m_t = np.maximum(log_f + m_prev, a_i)
    i, f = np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)
    c_t, n_t = f * c_prev + i * np.tanh(a_g), f * n_prev + i
    return c_t, n_t, m_t, np.exp(-np.logaddexp(0, -a_o)) * c_t / n_t
""",
            ],
        ),
        slip(
            "the blocks lie along the last axis: axis 1",
            2,
            ("np.split(a, 4, axis=1)", "np.split(a, 4)"),
            ways=[
                [("np.split(a, 4, axis=1)", "np.split(a, 4, axis=0)")],
                [("np.split(a, 4, axis=1)", "a")],
            ],
        ),
        slip(
            "c_t and n_t stay divided by exp(m_t): that is how they are stored",
            2,
            ("c_t / n_t, c_t, n_t, m_t", "c_t / n_t, c_t * np.exp(m_t), n_t * np.exp(m_t), m_t"),
        ),
        slip(
            "m_t is handed on with the other states, not m_prev",
            2,
            ("c_t / n_t, c_t, n_t, m_t", "c_t / n_t, c_t, n_t, m_prev"),
        ),
        slip(
            "your function changes its argument m_prev",
            2,
            (
                "    m_t = np.maximum(log_f + m_prev, a_i)\n    i, f = np.exp(a_i - m_t), np.exp(log_f + m_prev - m_t)",
                "    old = log_f + m_prev\n    m_t = np.maximum(old, a_i, out=m_prev)\n"
                "    i, f = np.exp(a_i - m_t), np.exp(old - m_t)",
            ),
        ),
        slip(
            "your function changes its arguments c_prev and n_prev",
            2,
            (
                "    c_t, n_t = f * c_prev + i * np.tanh(a_g), f * n_prev + i",
                "    c_prev *= f\n    n_prev *= f\n    c_t, n_t = c_prev + i * np.tanh(a_g), n_prev + i",
            ),
        ),
        slip(
            "exp(a_f) overflows where a_f is large: take np.logaddexp(0, -a_f)",
            1,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = a_f - np.log(1 + np.exp(a_f))"),
            ways=[
                [
                    (
                        "log_f = -np.logaddexp(0, -a_f)",
                        "log_f = np.log(np.exp(a_f) / (1 + np.exp(a_f)))",
                    )
                ]
            ],
        ),
        slip(
            "the input gate is an exponential: its logarithm in m_t is a_i, not log sigma(a_i)",
            2,
            (
                "np.maximum(log_f + m_prev, a_i)",
                "np.maximum(log_f + m_prev, -np.logaddexp(0, -a_i))",
            ),
        ),
        slip(
            "m_prev is added to log f before the maximum, not after it",
            2,
            ("np.maximum(log_f + m_prev, a_i)", "np.maximum(log_f, a_i) + m_prev"),
        ),
        slip(
            "divide c_t by n_t as they are: no root, no 1 and no old state",
            2,
            ("c_t / n_t, c_t", "c_t / (n_t + 1), c_t"),
            ways=[
                [("c_t / n_t, c_t", "c_t / np.sqrt(n_t), c_t")],
                [("c_t / n_t, c_t", "c_prev / n_t, c_t")],
            ],
        ),
        slip(
            "c_t continues c_prev, and n_t continues n_prev: they are exchanged",
            2,
            (
                "f * c_prev + i * np.tanh(a_g), f * n_prev + i",
                "f * n_prev + i * np.tanh(a_g), f * c_prev + i",
            ),
        ),
        slip(
            "log f is made of a_f, not of another block",
            2,
            ("log_f = -np.logaddexp(0, -a_f)", "log_f = -np.logaddexp(0, -a_o)"),
            ways=[[("log_f = -np.logaddexp(0, -a_f)", "log_f = -np.logaddexp(0, -a_i)")]],
        ),
        slip(
            "divide by n_t itself: no small number is added",
            2,
            ("c_t / n_t, c_t", "c_t / (n_t + 0.01), c_t"),
        ),
        slip(
            "log f stands in the exponent of f' once: do not multiply by the forget gate again",
            2,
            ("np.exp(log_f + m_prev - m_t)", "np.exp(log_f) * np.exp(log_f + m_prev - m_t)"),
        ),
    ],
    "mlstm_parallel": [
        slip(
            "no step sees a later one: the mask is missing",
            2,
            ("np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)", "1 * log_weight"),
        ),
        slip(
            "the mask is turned round: step t reads the steps s up to t",
            2,
            ("np.tri(q.shape[1], dtype=bool)", "np.tri(q.shape[1], dtype=bool).T"),
            ways=[[("np.tri(q.shape[1], dtype=bool)", "~np.tri(q.shape[1], dtype=bool)")]],
        ),
        slip(
            "a step reads itself too: the mask holds s = t",
            2,
            ("np.tri(q.shape[1], dtype=bool)", "np.tri(q.shape[1], k=-1, dtype=bool)"),
        ),
        slip(
            "the mask lets the next step in: s is t at most",
            2,
            ("np.tri(q.shape[1], dtype=bool)", "np.tri(q.shape[1], k=1, dtype=bool)"),
        ),
        slip(
            "a logarithm of zero is a weight of one: later steps get minus infinity",
            2,
            ("log_weight, -np.inf)", "log_weight, 0.0)"),
            ways=[
                [
                    (
                        "np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)",
                        "np.tril(log_weight)",
                    )
                ]
            ],
        ),
        slip(
            "divide by the sum of the weights",
            2,
            (" / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))", ""),
            ways=[
                [
                    (
                        " / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))",
                        " * np.exp(m)",
                    )
                ],
            ],
        ),
        slip(
            "the weights are divided by exp(m_t), and so is the 1 of the divisor: exp(-m_t)",
            2,
            ("np.exp(-m))", "1.0)"),
        ),
        slip(
            "the 1 of the divisor is divided by exp(m_t) too: exp(-m_t), not exp(m_t)",
            2,
            ("np.exp(-m))", "np.exp(m))"),
        ),
        slip(
            "the divisor is at least exp(-m_t): the maximum is missing",
            2,
            (
                "np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))",
                "np.abs(w.sum(axis=2, keepdims=True))",
            ),
            ways=[
                [
                    (
                        "np.maximum(np.abs(w.sum(axis=2, keepdims=True)), np.exp(-m))",
                        "w.sum(axis=2, keepdims=True)",
                    )
                ],
            ],
        ),
        slip(
            "the divisor holds the sum of the weights, not their mean",
            2,
            ("w.sum(axis=2, keepdims=True)", "w.mean(axis=2, keepdims=True)"),
        ),
        slip(
            "keep the axis of the maximum and of the sum: keepdims=True",
            2,
            ("w.sum(axis=2, keepdims=True)", "w.sum(axis=2)"),
            ways=[
                [("log_weight.max(axis=2, keepdims=True)", "log_weight.max(axis=2)")],
                [
                    ("log_weight.max(axis=2, keepdims=True)", "log_weight.max(axis=2)"),
                    ("w.sum(axis=2, keepdims=True)", "w.sum(axis=2)"),
                ],
            ],
        ),
        slip(
            "the divisor is the larger of the two, neither their sum nor the smaller",
            2,
            ("/ np.maximum(", "/ np.add("),
            ways=[[("/ np.maximum(", "/ np.minimum(")]],
        ),
        slip(
            "the divisor holds the absolute value of the sum",
            2,
            ("np.abs(w.sum(axis=2, keepdims=True))", "w.sum(axis=2, keepdims=True)"),
        ),
        slip(
            "the absolute value is that of the sum: add first",
            2,
            ("np.abs(w.sum(axis=2, keepdims=True))", "np.abs(w).sum(axis=2, keepdims=True)"),
        ),
        slip(
            "the weights are added over s, the last axis",
            2,
            ("w.sum(axis=2, keepdims=True)", "w.sum(axis=1, keepdims=True)"),
            ways=[
                [("w.sum(axis=2, keepdims=True)", "w.sum(axis=1)[:, :, None]")],
                [("w.sum(axis=2, keepdims=True)", "w.sum(axis=0, keepdims=True)")],
                [("w.sum(axis=2, keepdims=True)", "w.sum()")],
            ],
        ),
        slip(
            "the divisor adds the weights alone: the values are not in it",
            2,
            (
                "np.abs(w.sum(axis=2, keepdims=True))",
                "np.abs((w @ v).sum(axis=2, keepdims=True))",
            ),
            ways=[[("np.abs(w.sum(axis=2, keepdims=True))", "np.abs(w @ v)")]],
        ),
        slip(
            "the divisor is the sum of the weights with the match of query and key",
            2,
            (
                "np.abs(w.sum(axis=2, keepdims=True))",
                "np.abs(np.exp(log_weight - m).sum(axis=2, keepdims=True))",
            ),
        ),
        slip(
            "the forget gates are missing",
            2,
            ("total[:, :, None] - total[:, None, :] + log_i", "0 * total[:, :, None] + log_i"),
        ),
        slip(
            "the input gates are missing",
            2,
            (" + log_i[:, None, :]", ""),
        ),
        slip(
            "log i_s is added, not subtracted",
            2,
            ("+ log_i[:, None, :]", "- log_i[:, None, :]"),
        ),
        slip(
            "the input gate is that of step s, which wrote: log_i[:, None, :]",
            2,
            ("log_i[:, None, :]", "log_i[:, :, None]"),
        ),
        slip(
            "s and t are exchanged in the sum of log f",
            2,
            ("total[:, :, None] - total[:, None, :]", "total[:, None, :] - total[:, :, None]"),
        ),
        slip(
            "s and t are exchanged: rows are steps t, columns steps s",
            2,
            (
                "total[:, :, None] - total[:, None, :] + log_i[:, None, :]",
                "total[:, None, :] - total[:, :, None] + log_i[:, :, None]",
            ),
        ),
        slip(
            "the gate of step s itself is not in it: the sum begins at s + 1",
            2,
            (
                "total[:, :, None] - total[:, None, :]",
                "total[:, :, None] - total[:, None, :] + log_f[:, None, :]",
            ),
        ),
        slip(
            "the gate of step t is in it: the sum ends at t",
            2,
            (
                "total[:, :, None] - total[:, None, :]",
                "total[:, :, None] - log_f[:, :, None] - total[:, None, :]",
            ),
        ),
        slip(
            "what was written is forgotten from s + 1 on: subtract the sum up to s",
            2,
            ("total[:, :, None] - total[:, None, :] + log_i", "total[:, :, None] + log_i"),
            ways=[
                [("total[:, :, None] - total[:, None, :] + log_i", "total[:, None, :] + log_i")],
                [
                    (
                        "total[:, :, None] - total[:, None, :]",
                        "total[:, :, None] + total[:, None, :]",
                    )
                ],
            ],
        ),
        slip(
            "log f is added up over time: cumsum is missing",
            2,
            ("np.cumsum(log_f, axis=1)  #", "log_f  #"),
        ),
        slip(
            "logarithms are added, so cumsum, not cumprod",
            2,
            ("np.cumsum(log_f, axis=1)  #", "np.cumprod(log_f, axis=1)  #"),
        ),
        slip(
            "log f is added up over time, axis 1",
            2,
            ("np.cumsum(log_f, axis=1)  #", "np.cumsum(log_f, axis=0)  #"),
        ),
        slip(
            "the gates are given as logarithms already",
            2,
            ("np.cumsum(log_f, axis=1)  #", "np.cumsum(np.exp(log_f), axis=1)  #"),
            ways=[
                [("log_i[:, None, :]", "np.exp(log_i[:, None, :])")],
                [("np.cumsum(log_f, axis=1)  #", "np.cumsum(-np.logaddexp(0, -log_f), axis=1)  #")],
            ],
        ),
        slip(
            "the exponential of the logarithms is missing",
            2,
            ("np.exp(log_weight - m) *", "np.where(np.isfinite(log_weight), log_weight - m, 0) *"),
            ways=[[("np.exp(log_weight - m) *", "(log_weight - m) *")]],
        ),
        slip(
            "queries and keys are exchanged",
            2,
            ("(q @ k.transpose(0, 2, 1))", "(k @ q.transpose(0, 2, 1))"),
        ),
        slip(
            "the match of query and key is missing in the weights",
            2,
            ("np.exp(log_weight - m) * (q @ k.transpose(0, 2, 1))", "np.exp(log_weight - m)"),
        ),
        slip(
            "the match of query and key enters as it is: no exponential and no softmax",
            2,
            ("(q @ k.transpose(0, 2, 1))", "np.exp(q @ k.transpose(0, 2, 1))"),
            ways=[
                """
def mlstm_parallel(q, k, v, log_i, log_f):
    total = np.cumsum(log_f, axis=1)
    logs = total[:, :, None] - total[:, None, :] + log_i[:, None, :] + q @ k.transpose(0, 2, 1)
    logs = np.where(np.tri(q.shape[1], dtype=bool), logs, -np.inf)
    w = np.exp(logs - logs.max(axis=2, keepdims=True))
    return w @ v / w.sum(axis=2, keepdims=True)
"""
            ],
        ),
        slip(
            "the keys are scaled already: do not divide by a root",
            2,
            ("(q @ k.transpose(0, 2, 1))", "(q @ k.transpose(0, 2, 1) / q.shape[2] ** 0.5)"),
        ),
        slip(
            "a query meets every key in a product of matrices: transpose(0, 2, 1) of the keys",
            2,
            ("q @ k.transpose(0, 2, 1)", "q @ k"),
            ways=[
                [("q @ k.transpose(0, 2, 1)", "q @ k.T")],
                [("q @ k.transpose(0, 2, 1)", "q * k")],
                [("q @ k.transpose(0, 2, 1)", "q.transpose(0, 2, 1) @ k")],
            ],
        ),
        slip(
            "the values of the steps s are read by w @ v: nothing is transposed",
            2,
            ("w @ v", "w.transpose(0, 2, 1) @ v"),
        ),
        slip(
            "the values are read, not the keys",
            2,
            ("w @ v", "w @ k"),
        ),
        slip(
            "each row has a largest logarithm of its own: axis 2",
            2,
            ("log_weight.max(axis=2", "log_weight.max(axis=1"),
            ways=[[("log_weight.max(axis=2", "log_weight.max(axis=0")]],
        ),
        slip(
            "each row has a largest logarithm of its own, not one for all rows",
            1,
            ("log_weight.max(axis=2, keepdims=True)", "log_weight.max()"),
            ways=[[("log_weight.max(axis=2", "log_weight.max(axis=(1, 2)")]],
        ),
        slip(
            "the largest logarithm is that of the steps up to t: mask first",
            1,
            (
                "    log_weight = np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)\n"
                "    m = log_weight.max(axis=2, keepdims=True)  # (N, T, 1)",
                "    m = log_weight.max(axis=2, keepdims=True)  # (N, T, 1)\n"
                "    log_weight = np.where(np.tri(q.shape[1], dtype=bool), log_weight, -np.inf)",
            ),
        ),
        slip(
            "large gates overflow in the exponential: subtract the largest logarithm of each row",
            1,
            ("log_weight.max(axis=2, keepdims=True)", "0 * total[:, :, None]"),
            ways=[
                """
def mlstm_parallel(q, k, v, log_i, log_f):
    total = np.cumsum(log_f, axis=1)
    logs = total[:, :, None] - total[:, None, :] + log_i[:, None, :]
    w = np.tril(np.exp(logs)) * (q @ k.transpose(0, 2, 1))
    return w @ v / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), 1.0)
""",
                """
def mlstm_parallel(q, k, v, log_i, log_f):
    f = np.cumprod(np.exp(log_f), axis=1)
    w = np.tril(f[:, :, None] / f[:, None, :] * np.exp(log_i)[:, None, :])
    w = w * (q @ k.transpose(0, 2, 1))
    return w @ v / np.maximum(np.abs(w.sum(axis=2, keepdims=True)), 1.0)
""",
            ],
        ),
        slip(
            "m_t is subtracted in the exponent too, not in the divisor alone",
            2,
            ("np.exp(log_weight - m)", "np.exp(log_weight)"),
        ),
        slip(
            "your function changes its argument log_f",
            2,
            (
                "    total = np.cumsum(log_f, axis=1)  #",
                "    total = np.cumsum(log_f, axis=1, out=log_f)  #",
            ),
        ),
        slip(
            "the sum from s + 1 to t is total[t] - total[s]: a sign is wrong",
            2,
            ("total[:, :, None] - total[:, None, :]", "-total[:, :, None] - total[:, None, :]"),
        ),
        slip(
            "the weights read the values v alone: keys and queries are in the weights",
            2,
            ("w @ v /", "w @ (v * k) /"),
            ways=[[("w @ v /", "w @ (v * q) /")]],
        ),
        slip(
            "the divisor holds the sum of the weights: no norm and no maximum of them",
            2,
            ("np.abs(w.sum(axis=2, keepdims=True))", "np.sqrt((w**2).sum(axis=2, keepdims=True))"),
            ways=[[("np.abs(w.sum(axis=2, keepdims=True))", "w.max(axis=2, keepdims=True)")]],
        ),
        slip(
            "divide by the divisor, do not multiply",
            2,
            ("return w @ v / np.maximum(", "return w @ v * np.maximum("),
        ),
    ],
    "scan_restarts": [
        slip(
            "no sequence begins anew: starts is not used",
            2,
            ("np.where(new, 0.0, keep), np.where(new, begun, write)", "keep, write"),
        ),
        slip(
            "a new sequence begins from h0, not from zero: h0 is missing in what is written",
            2,
            ("np.where(new, begun, write)", "write"),
        ),
        slip(
            "what came before must be forgotten: the factor of a first step is zero",
            2,
            ("np.where(new, 0.0, keep)", "keep"),
        ),
        slip(
            "the first step of a sequence multiplies h0 by its factor",
            2,
            ("keep * h0[:, None] + write  #", "h0[:, None] + write  #"),
        ),
        slip(
            "the first step of a sequence is a step like any other: h0 is not its result",
            2,
            ("keep * h0[:, None] + write  #", "h0[:, None] + 0 * write  #"),
        ),
        slip(
            "the first step of a sequence writes as well: add write",
            2,
            ("keep * h0[:, None] + write  #", "keep * h0[:, None]  #"),
        ),
        slip(
            "a first step writes more than nothing: only its factor is zero",
            2,
            ("np.where(new, begun, write)", "np.where(new, 0.0, write)"),
        ),
        slip(
            "the row begins from h0, whatever starts says of its first step",
            2,
            ("write), h0)", "write), np.zeros_like(h0))"),
        ),
        slip(
            "one step late: the step where starts is True is the first of the new sequence",
            2,
            (
                "new = starts[:, :, None]",
                "new = np.concatenate([np.zeros_like(starts[:, :1]), starts[:, :-1]], axis=1)[:, :, None]",
            ),
            ways=[[("new = starts[:, :, None]", "new = np.roll(starts, 1, axis=1)[:, :, None]")]],
        ),
        slip(
            "one step early: the step where starts is True is the first of the new sequence",
            2,
            ("new = starts[:, :, None]", "new = np.roll(starts, -1, axis=1)[:, :, None]"),
            ways=[
                [
                    (
                        "new = starts[:, :, None]",
                        "new = np.concatenate([starts[:, 1:], np.zeros_like(starts[:, :1])], axis=1)[:, :, None]",
                    )
                ]
            ],
        ),
        slip(
            "it is turned round: where starts is True, the step begins anew",
            2,
            ("new = starts[:, :, None]", "new = ~starts[:, :, None]"),
            ways=[
                [
                    (
                        "np.where(new, 0.0, keep), np.where(new, begun, write)",
                        "np.where(new, keep, 0.0), np.where(new, write, begun)",
                    )
                ]
            ],
        ),
        slip(
            "only the steps where starts is True begin anew, not all after them",
            2,
            (
                "new = starts[:, :, None]",
                "new = np.logical_or.accumulate(starts, axis=1)[:, :, None]",
            ),
        ),
        slip(
            "each row has starts of its own, not those of the first row",
            2,
            ("new = starts[:, :, None]", "new = starts[:1, :, None]"),
            ways=[
                [("new = starts[:, :, None]", "new = starts.any(axis=0)[None, :, None]")],
            ],
        ),
        slip(
            "later steps still read the old sequence: the new start must enter the recurrence, not "
            "its result",
            2,
            (
                "scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                "np.where(new, begun, scan(keep, write, h0))",
            ),
            ways=[
                [
                    (
                        "scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                        "np.where(new, h0[:, None], scan(keep, write, h0))",
                    )
                ]
            ],
        ),
        slip(
            "a first step has the factor zero, and every other step its own: they are exchanged",
            2,
            ("np.where(new, 0.0, keep)", "np.where(new, keep, 0.0)"),
        ),
        slip(
            "scan takes the factors first, then what is added",
            2,
            (
                "scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                "scan(np.where(new, begun, write), np.where(new, 0.0, keep), h0)",
            ),
        ),
        slip(
            "to forget, the factor is zero: a factor of one keeps everything",
            2,
            ("np.where(new, 0.0, keep)", "np.where(new, 1.0, keep)"),
        ),
        slip(
            "h0 enters at first steps alone, not at every step",
            2,
            ("np.where(new, begun, write)", "begun"),
        ),
        slip(
            "starts has no axis for the units yet: starts[:, :, None]",
            2,
            ("starts[:, :, None]", "starts"),
            ways=[[("starts[:, :, None]", "starts[:, None]")]],
        ),
        slip(
            "h0 has no axis of time yet: h0[:, None]",
            2,
            ("keep * h0[:, None]", "keep * h0"),
            ways=[[("keep * h0[:, None]", "keep * h0[:, :, None]")]],
        ),
        slip(
            "all states are asked for, not the last one alone",
            2,
            ("np.where(new, begun, write), h0)", "np.where(new, begun, write), h0)[:, -1]"),
        ),
        slip(
            "a first step takes h0 in place of the state of the step before: it does not add both",
            2,
            (
                "np.where(new, 0.0, keep), np.where(new, begun, write)",
                "keep, np.where(new, write + h0[:, None], write)",
            ),
        ),
        slip(
            "your function changes its argument keep",
            2,
            (
                "    return scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                "    keep[starts] = 0.0\n    return scan(keep, np.where(new, begun, write), h0)",
            ),
        ),
        slip(
            "your function changes its argument write",
            2,
            (
                "    return scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                "    write += new * keep * h0[:, None]\n    return scan(np.where(new, 0.0, keep), write, h0)",
            ),
        ),
        slip(
            "your function changes its argument starts",
            2,
            ("    new = starts", "    starts[:, 0] = True\n    new = starts"),
        ),
        slip(
            "your function changes its arguments keep and write",
            2,
            (
                "    return scan(np.where(new, 0.0, keep), np.where(new, begun, write), h0)",
                "    write[starts] = begun[starts]\n    keep[starts] = 0.0\n    return scan(keep, write, h0)",
            ),
        ),
        slip(
            "h0 is multiplied by keep itself, not by 1 - keep",
            2,
            ("begun = keep * h0[:, None] + write", "begun = (1 - keep) * h0[:, None] + write"),
        ),
        slip(
            "each row begins from its own h0, not from that of the first row",
            2,
            ("keep * h0[:, None]", "keep * h0[:1, None]"),
        ),
        slip(
            "a first step has its own keep and write, not those of the row's first column",
            2,
            ("begun = keep * h0[:, None] + write", "begun = keep[:, :1] * h0[:, None] + write"),
            ways=[
                [
                    (
                        "begun = keep * h0[:, None] + write",
                        "begun = keep * h0[:, None] + write[:, :1]",
                    )
                ]
            ],
        ),
        slip(
            "at a start keep times h0 and write are added: a sign is wrong",
            2,
            ("begun = keep * h0[:, None] + write", "begun = write - keep * h0[:, None]"),
            ways=[[("begun = keep * h0[:, None] + write", "begun = keep * h0[:, None] - write")]],
        ),
        slip(
            "h0 is multiplied by the factor of the first step itself: this one is a step off",
            2,
            (
                "begun = keep * h0[:, None] + write",
                "begun = np.roll(keep, 1, axis=1) * h0[:, None] + write",
            ),
            ways=[
                [
                    (
                        "begun = keep * h0[:, None] + write",
                        "begun = np.roll(keep, -1, axis=1) * h0[:, None] + write",
                    )
                ]
            ],
        ),
    ],
}

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
    Right(
        "restarts-by-products",
        {
            "scan_restarts": """
def scan_restarts(keep, write, h0, starts):
    fresh = starts.astype(keep.dtype)[..., np.newaxis]
    return scan(keep * (1 - fresh), write + fresh * keep * h0[:, np.newaxis], h0)
""",
            "combine": """
def combine(keep_1, write_1, keep_2, write_2):
    def both(h):
        return keep_2 * (keep_1 * h + write_1) + write_2

    return both(1.0) - both(0.0), both(0.0)
""",
        },
    ),
    Right(
        "restarts-by-a-loop-and-an-sLSTM-by-units",
        {
            "scan_restarts": """
def scan_restarts(keep, write, h0, starts):
    h, h_t = np.zeros(keep.shape), h0
    for t in range(keep.shape[1]):
        before = np.where(starts[:, t, None], h0, h_t)
        h_t = keep[:, t] * before + write[:, t]
        h[:, t] = h_t
    return h
""",
            "slstm_step": """
def slstm_step(a, c_prev, n_prev, m_prev):
    H = a.shape[1] // 4
    a_i, a_f, a_g, a_o = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
    old = m_prev - np.logaddexp(-a_f, 0)
    m_t = np.fmax(old, a_i)
    c_t = np.exp(old - m_t) * c_prev + np.exp(a_i - m_t) * np.tanh(a_g)
    n_t = np.exp(old - m_t) * n_prev + np.exp(a_i - m_t)
    return c_t / n_t / (1 + np.exp(-a_o)), c_t, n_t, m_t
""",
        },
    ),
]
