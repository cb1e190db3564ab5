"""What is known of the assignment peephole_ablation: the mistakes of each question, as small
changes of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

RUN = """
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    h_t, c_t, h = h0, c0, []
    one = np.ones_like(c0)
    w_c = w_c * (variant != "NP")
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)
        i = one if variant == "NIG" else sigmoid(a_i + c_t * w_c[0])
        f = one if variant == "NFG" else sigmoid(a_f + c_t * w_c[1])
        f = 1 - i if variant == "CIFG" else f
        c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))
        o = one if variant == "NOG" else sigmoid(a_o + c_t * w_c[2])
        h_t = o * c_t if variant == "NOAF" else o * np.tanh(c_t)
        h.append(h_t)
    return np.stack(h, axis=1)
"""

COUPLED = """
def coupled_backward(dc, c_prev, i, g, w_ci):
    slope_i, slope_g = i * (1 - i), 1 - g**2
    da_i = (dc * g - dc * c_prev) * slope_i
    dc_prev = da_i * w_ci
    dc_prev = dc_prev + (1 - i) * dc
    return da_i, i * dc * slope_g, dc_prev
"""

SPLIT = "a_i, a_f, a_g, a_o ="
GATES_OF_STEP = "i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])"
IN, FORGET, OUT = (
    "sigmoid(a_i + c_prev * w_c[0])",
    "sigmoid(a_f + c_prev * w_c[1])",
    "a_o + c_t * w_c[2]",
)
LATE = "    c_t = f * c_prev + i * np.tanh(a_g)\n"
DA_I, DA_F, DA_G = "dc * g * i * (1 - i)", "dc * c_prev * f * (1 - f)", "dc * i * (1 - g**2)"
DW = "np.stack([da_i * c_prev, da_f * c_prev, da_o * c_t]).sum(axis=1)"
I_RUN, F_RUN, O_RUN = (
    "sigmoid(a_i + c_t * w_i)",
    "sigmoid(a_f + c_t * w_f)",
    "sigmoid(a_o + c_t * w_o)",
)
STACK = "    return np.stack(h, axis=1)"

MISTAKES = {
    "peephole_step": [
        slip(
            "the output gate's peephole stands inside its sigmoid, with a plus",
            1,
            ("sigmoid(a_o + c_t * w_c[2])", "(sigmoid(a_o) + c_t * w_c[2])"),
            ways=[
                [(OUT, "a_o - c_t * w_c[2]")],
                [("sigmoid(a_o + c_t * w_c[2])", "sigmoid(a_o) * c_t * w_c[2]")],
            ],
        ),
        slip(
            "the output gate's peephole sees the cell state c_t itself, and weighs it",
            1,
            (OUT, "a_o + np.tanh(c_t) * w_c[2]"),
            ways=[[(OUT, "a_o + h_prev * w_c[2]")], [(OUT, "a_o + w_c[2]")], [(OUT, "a_o + c_t")]],
        ),
        slip(
            "the old cell state passes the forget gate",
            2,
            ("f * c_prev + i", "c_prev + i"),
        ),
        slip(
            "c_t is a sum of two products: f * c_prev and i * tanh(a_g)",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "f * c_prev * i * np.tanh(a_g)"),
            ways=[
                [("f * c_prev + i * np.tanh(a_g)", "f * c_prev + i + np.tanh(a_g)")],
                [("f * c_prev + i * np.tanh(a_g)", "f + c_prev + i * np.tanh(a_g)")],
                [("f * c_prev + i * np.tanh(a_g)", "f * c_prev - i * np.tanh(a_g)")],
            ],
        ),
        slip(
            "the output gate sees c_t, not c_prev",
            1,
            (OUT, "a_o + c_prev * w_c[2]"),
        ),
        slip("the output gate has a peephole too", 1, (OUT, "a_o")),
        slip(
            "the peepholes are missing",
            2,
            (IN, "sigmoid(a_i)"),
            (FORGET, "sigmoid(a_f)"),
            (OUT, "a_o"),
        ),
        slip(
            "the input gate and the forget gate have peepholes too",
            2,
            (IN, "sigmoid(a_i)"),
            (FORGET, "sigmoid(a_f)"),
            ways=[[(IN, "sigmoid(a_i)")], [(FORGET, "sigmoid(a_f)")]],
        ),
        slip(
            "the rows of w_c stand in the order i, f, o",
            2,
            ("c_prev * w_c[0]", "c_prev * w_c[1]"),
            (FORGET, FORGET.replace("[1]", "[0]")),
            ways=[
                [(FORGET, FORGET.replace("[1]", "[2]")), (OUT, "a_o + c_t * w_c[1]")],
                [(IN, IN.replace("[0]", "[2]")), (OUT, "a_o + c_t * w_c[0]")],
                [
                    (IN, IN.replace("[0]", "[1]")),
                    (FORGET, FORGET.replace("[1]", "[2]")),
                    (OUT, "a_o + c_t * w_c[0]"),
                ],
                [
                    (IN, IN.replace("[0]", "[2]")),
                    (FORGET, FORGET.replace("[1]", "[0]")),
                    (OUT, "a_o + c_t * w_c[1]"),
                ],
                [(FORGET, FORGET.replace("[1]", "[0]"))],
                [(IN, IN.replace("[0]", "[1]"))],
            ],
        ),
        slip(
            "the output gate's peephole is row 2 of w_c",
            1,
            (OUT, "a_o + c_t * w_c[0]"),
            ways=[[(OUT, "a_o + c_t * w_c[1]")]],
        ),
        slip(
            "the peepholes are rows of w_c, one weight for each unit: w_c[0], not w_c[:, 0]",
            2,
            (IN, "sigmoid(a_i + c_prev * w_c[:, 0])"),
            (FORGET, "sigmoid(a_f + c_prev * w_c[:, 1])"),
            (OUT, "a_o + c_t * w_c[:, 2]"),
        ),
        slip(
            "the candidate has no peephole",
            2,
            ("np.tanh(a_g)", "np.tanh(a_g + c_prev * w_c[2])"),
            (OUT, "a_o"),
            ways=[
                [("np.tanh(a_g)", "np.tanh(a_g + c_prev * w_c[2])")],
                [("np.tanh(a_g)", "np.tanh(a_g + c_prev * w_c[0])")],
                [("np.tanh(a_g)", "np.tanh(a_g + c_prev * w_c[1])")],
            ],
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            (SPLIT, "a_i, a_f, a_o, a_g ="),
            ways=[
                [(SPLIT, "a_f, a_i, a_g, a_o =")],
                [(SPLIT, "a_i, a_g, a_f, a_o =")],
                [(SPLIT, "a_f, a_i, a_o, a_g =")],
                [(SPLIT, "a_g, a_i, a_f, a_o =")],
                [(SPLIT, "a_i, a_o, a_f, a_g =")],
            ],
        ),
        slip(
            "h_t comes first, then c_t",
            2,
            (
                "return sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t), c_t",
                "return c_t, sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t)",
            ),
        ),
        slip(
            "the cell state passes a tanh at the output: h_t = o_t * tanh(c_t)",
            1,
            ("* np.tanh(c_t), c_t", "* c_t, c_t"),
            ways=[
                [("* np.tanh(c_t), c_t", "* sigmoid(c_t), c_t")],
            ],
        ),
        slip(
            "h_t shows the new cell state, not the old one",
            1,
            ("* np.tanh(c_t), c_t", "* np.tanh(c_prev), c_t"),
            ways=[[("* np.tanh(c_t), c_t", "* np.tanh(h_prev), c_t")]],
        ),
        slip(
            "the candidate goes through tanh",
            2,
            ("np.tanh(a_g)", "a_g"),
            ways=[[("np.tanh(a_g)", "sigmoid(a_g)")]],
        ),
        slip(
            "the gates go through the sigmoid",
            2,
            (GATES_OF_STEP, "i, f = a_i + c_prev * w_c[0], a_f + c_prev * w_c[1]"),
            ways=[
                [(IN, "a_i + c_prev * w_c[0]")],
                [(FORGET, "a_f + c_prev * w_c[1]")],
                [(IN, "np.tanh(a_i + c_prev * w_c[0])")],
                [(FORGET, "np.tanh(a_f + c_prev * w_c[1])")],
                [
                    (
                        GATES_OF_STEP,
                        "i, f = np.tanh(a_i + c_prev * w_c[0]), np.tanh(a_f + c_prev * w_c[1])",
                    )
                ],
                [
                    (
                        GATES_OF_STEP,
                        "i, f = np.tanh(a_i + c_prev * w_c[0]), np.tanh(a_f + c_prev * w_c[1])",
                    ),
                    ("sigmoid(a_o + c_t", "np.tanh(a_o + c_t"),
                ],
                [
                    (GATES_OF_STEP, "i, f = a_i + c_prev * w_c[0], a_f + c_prev * w_c[1]"),
                    ("sigmoid(a_o + c_t * w_c[2])", "(a_o + c_t * w_c[2])"),
                ],
            ],
        ),
        slip(
            "the output gate goes through the sigmoid",
            1,
            ("sigmoid(a_o + c_t * w_c[2])", "(a_o + c_t * w_c[2])"),
            ways=[[("sigmoid(a_o + c_t * w_c[2])", "np.tanh(a_o + c_t * w_c[2])")]],
        ),
        slip("the bias b is missing", 2, ("h_prev @ W_h + b", "h_prev @ W_h")),
        slip("the hidden state is not read: h_prev @ W_h is missing", 2, (" + h_prev @ W_h", "")),
        slip("the input is not read: x_t @ W_x is missing", 2, ("x_t @ W_x + ", "")),
        slip(
            "the peepholes stand inside the sigmoids, added to the pre-activations",
            2,
            (IN, "sigmoid(a_i) + c_prev * w_c[0]"),
            (FORGET, "sigmoid(a_f) + c_prev * w_c[1]"),
            ("sigmoid(a_o + c_t * w_c[2])", "(sigmoid(a_o) + c_t * w_c[2])"),
            ways=[
                [
                    (IN, "sigmoid(a_i) + c_prev * w_c[0]"),
                    (FORGET, "sigmoid(a_f) + c_prev * w_c[1]"),
                ],
                [
                    (IN, "sigmoid(a_i) * c_prev * w_c[0]"),
                    (FORGET, "sigmoid(a_f) * c_prev * w_c[1]"),
                    ("sigmoid(a_o + c_t * w_c[2])", "sigmoid(a_o) * c_t * w_c[2]"),
                ],
                [
                    (IN, "sigmoid(a_i * c_prev * w_c[0])"),
                    (FORGET, "sigmoid(a_f * c_prev * w_c[1])"),
                    ("sigmoid(a_o + c_t * w_c[2])", "sigmoid(a_o * c_t * w_c[2])"),
                ],
            ],
        ),
        slip(
            "the peepholes see the cell state, not h_prev",
            2,
            (IN, IN.replace("c_prev", "h_prev")),
            (FORGET, FORGET.replace("c_prev", "h_prev")),
            ways=[
                [(OUT, "a_o + h_prev * w_c[2]"), (IN, IN.replace("c_prev", "h_prev"))],
                [
                    (IN, IN.replace("c_prev", "h_prev")),
                    (FORGET, FORGET.replace("c_prev", "h_prev")),
                    (OUT, "a_o + h_prev * w_c[2]"),
                ],
            ],
        ),
        slip(
            "a peephole is multiplied with the cell state, not only added",
            2,
            (IN, "sigmoid(a_i + w_c[0])"),
            (FORGET, "sigmoid(a_f + w_c[1])"),
            (OUT, "a_o + w_c[2]"),
        ),
        slip(
            "the gates see the cell state through w_c: multiply by the peepholes",
            2,
            (IN, "sigmoid(a_i + c_prev)"),
            (FORGET, "sigmoid(a_f + c_prev)"),
            (OUT, "a_o + c_t"),
        ),
        slip(
            "a peephole is added with a plus",
            2,
            (IN, "sigmoid(a_i - c_prev * w_c[0])"),
            (FORGET, "sigmoid(a_f - c_prev * w_c[1])"),
            (OUT, "a_o - c_t * w_c[2]"),
        ),
        slip(
            "each gate sees the cell state of its own unit only: multiply by *, not by @",
            2,
            (IN, "sigmoid(a_i + c_prev @ w_c[0])"),
            (FORGET, "sigmoid(a_f + c_prev @ w_c[1])"),
            (OUT, "a_o + c_t @ w_c[2]"),
            ways=[
                [
                    (IN, "sigmoid(a_i + c_prev @ w_c[0])"),
                    (FORGET, "sigmoid(a_f + c_prev @ w_c[1])"),
                ],
                [
                    (IN, "sigmoid(a_i + np.dot(c_prev, w_c[0]))"),
                    (FORGET, "sigmoid(a_f + np.dot(c_prev, w_c[1]))"),
                ],
                [(OUT, "a_o + c_t @ w_c[2]")],
                [
                    (IN, "sigmoid(a_i + (c_prev @ w_c[0])[:, None])"),
                    (FORGET, "sigmoid(a_f + (c_prev @ w_c[1])[:, None])"),
                    (OUT, "a_o + (c_t @ w_c[2])[:, None]"),
                ],
            ],
        ),
        slip(
            "your function changes its argument c_prev",
            2,
            (LATE, "    c_prev *= f\n    c_prev += i * np.tanh(a_g)\n    c_t = c_prev\n"),
            ways=[
                """
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])
    c_prev *= f
    c_t = c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t), c_t
"""
            ],
        ),
        slip(
            "f keeps the old cell state and i writes the new one: they are exchanged in the sum",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "i * c_prev + f * np.tanh(a_g)"),
        ),
        slip(
            "the forget gate keeps the cell state, not h_prev",
            2,
            ("f * c_prev + i", "f * h_prev + i"),
        ),
        slip(
            "the gates are not coupled here: i and f have weights of their own",
            2,
            ("f * c_prev + i * np", "f * c_prev + (1 - f) * np"),
            ways=[[("f * c_prev + i * np", "(1 - i) * c_prev + i * np")]],
        ),
        slip(
            "f itself keeps the old cell state, not 1 - f",
            2,
            ("f * c_prev + i", "(1 - f) * c_prev + i"),
        ),
        slip("what was in the cell is missing: f * c_prev", 2, ("f * c_prev + i", "i")),
        slip(
            "what is written is missing: i * tanh(a_g)",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "f * c_prev"),
        ),
        slip(
            "what is written passes the input gate",
            2,
            ("f * c_prev + i * np.tanh(a_g)", "f * c_prev + np.tanh(a_g)"),
        ),
        slip(
            "h_t passes the output gate",
            1,
            ("sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t)", "np.tanh(c_t)"),
        ),
        slip(
            "split the columns, not the rows: axis 1",
            2,
            (", axis=1", ""),
            ways=[[("axis=1", "axis=0")]],
        ),
        slip(
            "both states are asked for: h_t and c_t",
            2,
            (" * np.tanh(c_t), c_t", " * np.tanh(c_t)"),
        ),
        slip(
            "the input gate and the forget gate see c_prev itself, not its tanh",
            2,
            (GATES_OF_STEP, GATES_OF_STEP.replace("c_prev *", "np.tanh(c_prev) *")),
        ),
        slip(
            "the input gate and the forget gate see c_prev: do not compute them again from c_t",
            2,
            (
                LATE,
                LATE
                + "    i, f = sigmoid(a_i + c_t * w_c[0]), sigmoid(a_f + c_t * w_c[1])\n    c_t = f * c_prev + i * np.tanh(a_g)\n",
            ),
        ),
        slip(
            "each unit has a peephole of its own: do not add over the row",
            2,
            (
                GATES_OF_STEP,
                GATES_OF_STEP.replace("w_c[0]", "w_c[0].sum()").replace("w_c[1]", "w_c[1].sum()"),
            ),
            (OUT, "a_o + c_t * w_c[2].sum()"),
        ),
    ],
    "step_backward": [
        slip(
            "the terms of dc are added, each with a plus",
            3,
            ("dc_t + dh_t * o", "dc_t - dh_t * o"),
            ways=[[("dc_t + dh_t * o", "dc_t * dh_t * o")]],
        ),
        slip(
            "the terms of dc_prev are added, each with a plus",
            1,
            (" + da_i * w_c[0] + da_f * w_c[1]", " - da_i * w_c[0] - da_f * w_c[1]"),
            ways=[[("+ da_f * w_c[1]", "- da_f * w_c[1]")], [("dc * f + da_i", "dc * f - da_i")]],
        ),
        slip(
            "c_t gets a gradient from the output gate through its peephole, before dc is used",
            3,
            (" + da_o * w_c[2]", ""),
            ways=[
                [
                    (" + da_o * w_c[2]", ""),
                    ("    dc_prev =", "    dc = dc + da_o * w_c[2]\n    dc_prev ="),
                ],
                [
                    (" + da_o * w_c[2]", ""),
                    ("dc_prev = dc * f", "dc_prev = dc * f + da_o * w_c[2]"),
                ],
            ],
        ),
        slip(
            "the output gate's peephole is row 2 of w_c",
            3,
            ("da_o * w_c[2]", "da_o * w_c[0]"),
            ways=[[("da_o * w_c[2]", "da_o * w_c[1]")]],
        ),
        slip(
            "the peephole stands inside the sigmoid: its gradient is da_o * w_co, with the slope",
            3,
            ("da_o * w_c[2]", "dh_t * tanh_c * w_c[2]"),
            ways=[[("da_o * w_c[2]", "dh_t * w_c[2]")]],
        ),
        slip(
            "a peephole hands the gradient on times its weight: da_o * w_co",
            3,
            ("da_o * w_c[2]", "da_o"),
            ways=[[("da_o * w_c[2]", "da_o * c_t")]],
        ),
        slip(
            "the peepholes add to the gradients of the cell states, with a plus",
            3,
            ("+ da_o * w_c[2]", "- da_o * w_c[2]"),
        ),
        slip(
            "c_prev was read three times, by the sum and by two gates: dc_prev has three terms",
            1,
            (" + da_i * w_c[0] + da_f * w_c[1]", ""),
            ways=[
                [(" + da_f * w_c[1]", "")],
                [(" + da_i * w_c[0]", "")],
                [("dc * f + da_i", "da_i")],
            ],
        ),
        slip(
            "the output gate has not seen c_prev: nothing of it enters dc_prev",
            1,
            ("+ da_f * w_c[1]", "+ da_f * w_c[1] + da_o * w_c[2]"),
        ),
        slip(
            "the output gate saw c_t, not c_prev",
            1,
            ("da_o * c_t]", "da_o * c_prev]"),
        ),
        slip(
            "the input gate and the forget gate saw c_prev, not c_t",
            1,
            ("da_i * c_prev, da_f * c_prev", "da_i * c_t, da_f * c_t"),
            ways=[
                [("da_i * c_prev, da_f", "da_i * c_t, da_f")],
                [("da_f * c_prev, da_o", "da_f * c_t, da_o")],
            ],
        ),
        slip(
            "add over the batch, do not average",
            1,
            (".sum(axis=1)", ".mean(axis=1)"),
        ),
        slip(
            "dw_c is a sum over the examples: (3, H)",
            1,
            (".sum(axis=1)", ""),
            ways=[
                [(".sum(axis=1)", ".sum(axis=0)")],
                [(".sum(axis=1)", ".sum(axis=2)")],
                [(".sum(axis=1)", ".sum(axis=-1)")],
                [(".sum(axis=1)", ".sum()")],
                [(DW, "np.concatenate([da_i * c_prev, da_f * c_prev, da_o * c_t]).sum(axis=0)")],
                [
                    (
                        DW,
                        "np.concatenate([da_i * c_prev, da_f * c_prev, da_o * c_t], axis=1).sum(axis=0)",
                    )
                ],
                [(DW, "(da_i * c_prev).sum(0), (da_f * c_prev).sum(0), (da_o * c_t).sum(0)")],
                [(DW, "[(da_i * c_prev).sum(0), (da_f * c_prev).sum(0), (da_o * c_t).sum(0)]")],
            ],
        ),
        slip(
            "the rows of dw_c stand in the order i, f, o",
            1,
            (
                "[da_i * c_prev, da_f * c_prev, da_o * c_t]",
                "[da_f * c_prev, da_i * c_prev, da_o * c_t]",
            ),
            ways=[
                [
                    (
                        "[da_i * c_prev, da_f * c_prev, da_o * c_t]",
                        "[da_i * c_prev, da_o * c_t, da_f * c_prev]",
                    )
                ],
                [
                    (
                        "[da_i * c_prev, da_f * c_prev, da_o * c_t]",
                        "[da_o * c_t, da_f * c_prev, da_i * c_prev]",
                    )
                ],
            ],
        ),
        slip(
            "the gradient of a peephole is that of its pre-activation, da, times what it saw",
            1,
            (
                "[da_i * c_prev, da_f * c_prev, da_o * c_t]",
                "[dc * g * c_prev, dc * c_prev * c_prev, dh_t * tanh_c * c_t]",
            ),
            ways=[
                [
                    (
                        "da_i * c_prev, da_f * c_prev, da_o * c_t]",
                        "da_i * c_prev, da_f * c_prev, da_o]",
                    )
                ],
                [("[da_i * c_prev, da_f * c_prev, da_o * c_t]", "[da_i, da_f, da_o]")],
                [("da_o * c_t]", "da_o * tanh_c]")],
                [
                    (
                        "[da_i * c_prev, da_f * c_prev, da_o * c_t]",
                        "[da_i * w_c[0], da_f * w_c[1], da_o * w_c[2]]",
                    )
                ],
            ],
        ),
        slip(
            "the forget gate multiplied c_prev, so df is dc * c_prev",
            3,
            (DA_F, "dc * c_t * f * (1 - f)"),
            ways=[[(DA_F, "dc * g * f * (1 - f)")], [(DA_F, "dc * f * (1 - f)")]],
        ),
        slip(
            "the input gate multiplied g, so di is dc * g",
            3,
            (DA_I, "dc * c_prev * i * (1 - i)"),
            ways=[
                [(DA_I, "dc * i * (1 - i)")],
                [(DA_I, "dc * c_t * i * (1 - i)")],
                [(DA_I, "dc * np.tanh(g) * i * (1 - i)")],
            ],
        ),
        slip(
            "i multiplied the candidate, so dg is dc * i",
            1,
            (DA_G, "dc * g * (1 - g**2)"),
            ways=[[(DA_G, "dc * (1 - g**2)")], [(DA_G, "dc * f * (1 - g**2)")]],
        ),
        slip(
            "g is a tanh already: its slope is 1 - g**2",
            1,
            (DA_G, "dc * i * g * (1 - g)"),
            ways=[
                [(DA_G, "dc * i * (1 - g)")],
                [(DA_G, "dc * i * (g**2 - 1)")],
                [(DA_G, "dc * i * (1 - g * 2)")],
                [(DA_G, "dc * i * (1 - np.tanh(g) ** 2)")],
                [(DA_G, "dc * i")],
                [(DA_G, "dc * i * (1 - g) ** 2")],
                [(DA_G, "dc * i * (1 + g**2)")],
            ],
        ),
        slip(
            "the slope of the input gate is i * (1 - i)",
            3,
            (DA_I, "dc * g"),
            ways=[
                [(DA_I, "dc * g * (1 - i**2)")],
                [(DA_I, "dc * g * i")],
                [(DA_I, "dc * g * (1 - i)")],
            ],
        ),
        slip(
            "the slope of the forget gate is f * (1 - f)",
            3,
            (DA_F, "dc * c_prev"),
            ways=[
                [(DA_F, "dc * c_prev * (1 - f**2)")],
                [(DA_F, "dc * c_prev * f")],
                [(DA_F, "dc * c_prev * (1 - f)")],
            ],
        ),
        slip(
            "the slope of the output gate is o * (1 - o)",
            3,
            ("tanh_c * o * (1 - o)", "tanh_c"),
            ways=[
                [("tanh_c * o * (1 - o)", "tanh_c * (1 - o**2)")],
                [("tanh_c * o * (1 - o)", "tanh_c * o")],
                [("tanh_c * o * (1 - o)", "tanh_c * (1 - o)")],
            ],
        ),
        slip(
            "the gates are sigmoids already: their slopes are made of i, f and o as they are",
            3,
            (DA_I, "dc * g * sigmoid(i) * (1 - sigmoid(i))"),
            (DA_F, "dc * c_prev * sigmoid(f) * (1 - sigmoid(f))"),
            ("tanh_c * o * (1 - o)", "tanh_c * sigmoid(o) * (1 - sigmoid(o))"),
            ways=[
                [
                    (DA_I, "dc * g"),
                    (DA_F, "dc * c_prev"),
                    ("tanh_c * o * (1 - o)", "tanh_c"),
                ],
            ],
        ),
        slip(
            "the slope of the tanh at the output is 1 - tanh(c_t)**2",
            3,
            (" * (1 - tanh_c**2)", ""),
            ways=[
                [("(1 - tanh_c**2)", "(1 - tanh_c)")],
                [("(1 - tanh_c**2)", "(1 - c_t)")],
                [("(1 - tanh_c**2)", "tanh_c")],
                [("(1 - tanh_c**2)", "(1 - c_t**2)")],
                [("(1 - tanh_c**2)", "(1 + tanh_c**2)")],
                [("(1 - tanh_c**2)", "(1 - tanh_c) ** 2")],
                [("(1 - tanh_c**2)", "(1 - np.tanh(tanh_c) ** 2)")],
                [("(1 - tanh_c**2)", "tanh_c * (1 - tanh_c)")],
            ],
        ),
        slip(
            "dc_t, what comes from later steps, is missing in dc",
            3,
            ("dc_t + dh_t * o", "dh_t * o"),
        ),
        slip(
            "what comes from h_t is missing in dc",
            3,
            ("dc_t + dh_t * o * (1 - tanh_c**2) + da_o", "dc_t + da_o"),
        ),
        slip(
            "h_t passed the output gate: dc has the factor o",
            3,
            ("dh_t * o * (1 - tanh_c**2)", "dh_t * (1 - tanh_c**2)"),
        ),
        slip(
            "o multiplied tanh(c_t), so do is dh_t * tanh(c_t)",
            3,
            ("dh_t * tanh_c * o * (1 - o)", "dh_t * c_t * o * (1 - o)"),
            ways=[
                [("dh_t * tanh_c * o * (1 - o)", "dh_t * o * (1 - o)")],
                [("dh_t * tanh_c * o * (1 - o)", "dh_t * np.tanh(c_prev) * o * (1 - o)")],
            ],
        ),
        slip(
            "the output gate made h_t: its gradient comes from dh_t, not from dc_t",
            3,
            ("dh_t * tanh_c * o * (1 - o)", "dc_t * tanh_c * o * (1 - o)"),
        ),
        slip(
            "the output made h_t from the new cell state: use tanh(c_t)",
            3,
            ("np.tanh(c_t)", "np.tanh(c_prev)"),
            ways=[[("np.tanh(c_t)", "c_t")]],
        ),
        slip(
            "the blocks stand in the order i, f, g, o, side by side",
            1,
            ("[da_i, da_f, da_g, da_o]", "[da_i, da_f, da_o, da_g]"),
            ways=[
                [("[da_i, da_f, da_g, da_o]", "[da_f, da_i, da_g, da_o]")],
                [("[da_i, da_f, da_g, da_o]", "[da_o, da_g, da_f, da_i]")],
                [("[da_i, da_f, da_g, da_o]", "[da_o, da_f, da_g, da_i]")],
                [("[da_i, da_f, da_g, da_o]", "[da_i, da_g, da_f, da_o]")],
                [("da_g, da_o], axis=1", "da_g, da_o], axis=0")],
                [("da_g, da_o], axis=1", "da_g, da_o]")],
                [
                    (
                        "np.concatenate([da_i, da_f, da_g, da_o], axis=1)",
                        "np.stack([da_i, da_f, da_g, da_o], axis=1)",
                    )
                ],
                [
                    (
                        "np.concatenate([da_i, da_f, da_g, da_o], axis=1)",
                        "np.stack([da_i, da_f, da_g, da_o])",
                    )
                ],
                [("np.concatenate([da_i, da_f, da_g, da_o], axis=1)", "[da_i, da_f, da_g, da_o]")],
            ],
        ),
        slip(
            "dc_prev is made of all of dc, not of dc_t alone",
            1,
            ("dc_prev = dc * f", "dc_prev = dc_t * f"),
        ),
        slip(
            "the whole of dc goes to i, f and g, not dc_t alone",
            3,
            (DA_I, "dc_t * g * i * (1 - i)"),
            (DA_F, "dc_t * c_prev * f * (1 - f)"),
            (DA_G, "dc_t * i * (1 - g**2)"),
        ),
        slip(
            "f multiplied c_prev, so dc_prev begins with dc * f",
            1,
            ("dc_prev = dc * f", "dc_prev = dc"),
            ways=[
                [("dc_prev = dc * f", "dc_prev = dc * i")],
                [("dc_prev = dc * f", "dc_prev = dc * (1 - f)")],
            ],
        ),
        slip(
            "in dc_prev row 0 of w_c goes with the input gate, row 1 with the forget gate",
            1,
            ("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[1] + da_f * w_c[0]"),
            ways=[
                [("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[1] + da_f * w_c[1]")],
                [("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[0] + da_f * w_c[0]")],
                [("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[0] + da_f * w_c[2]")],
                [("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[1] + da_f * w_c[2]")],
            ],
        ),
        slip(
            "the peepholes stand inside the sigmoids: da_i and da_f enter dc_prev, with their slopes",
            1,
            ("da_i * w_c[0] + da_f * w_c[1]", "dc * g * w_c[0] + dc * c_prev * w_c[1]"),
        ),
        slip(
            "da_i and da_f enter dc_prev times their peepholes",
            1,
            ("da_i * w_c[0] + da_f * w_c[1]", "da_i + da_f"),
            ways=[[("da_i * w_c[0] + da_f * w_c[1]", "da_i * c_prev + da_f * c_prev")]],
        ),
        slip(
            "the results stand in the order da, dc_prev, dw_c",
            2,
            ("axis=1), dc_prev, dw_c", "axis=1), dw_c, dc_prev"),
        ),
        slip(
            "your function changes its argument dc_t",
            3,
            ("dc = dc_t + dh_t", "dc = dc_t\n    dc += dh_t"),
        ),
        slip(
            "the forget gate multiplied c_prev: df is dc * c_prev, not dc * f or dc * i",
            3,
            (DA_F, "dc * f * f * (1 - f)"),
            ways=[[(DA_F, "dc * i * f * (1 - f)")]],
        ),
        slip(
            "dc holds dc_t already: dc_t is not added to dc_prev",
            1,
            ("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[0] + da_f * w_c[1] + dc_t"),
        ),
        slip(
            "the candidate has no peephole: da_g does not enter dc_prev",
            1,
            ("da_i * w_c[0] + da_f * w_c[1]", "da_i * w_c[0] + da_f * w_c[1] + da_g * w_c[2]"),
        ),
        slip(
            "row 2 of dw_c is that of the output gate, not of the candidate",
            1,
            (DW, DW.replace("da_o * c_t", "da_g * c_prev")),
            ways=[[(DW, DW.replace("da_o * c_t", "da_g * c_t"))]],
        ),
        slip(
            "a peephole saw the cell state itself, not its tanh",
            1,
            (DW, DW.replace("c_prev", "np.tanh(c_prev)")),
            ways=[
                [(DW, DW.replace("c_prev", "np.tanh(c_prev)").replace("c_t", "tanh_c"))],
            ],
        ),
        slip(
            "da_g is dc * i times its slope: nothing is added to it",
            1,
            (DA_G, "dc * i * (1 - g**2) + da_o"),
        ),
        slip(
            "dc holds what comes from h_t already: dh_t is not added to dc_prev",
            1,
            ("dc_prev = dc * f +", "dc_prev = dh_t + dc * f +"),
        ),
    ],
    "wire_clock": [
        slip(
            "after the first tick it never falls silent: the forget gate must empty the cell",
            2,
            ("40.0, sharp * threshold", "40.0, 40.0"),
            ("[0.0, -sharp, sharp]", "[0.0, 0.0, sharp]"),
            ways=[
                [("[0.0, -sharp, sharp]", "[0.0, sharp, sharp]")],
                [("[0.0, -sharp, sharp]", "[0.0, 0.0, sharp]")],
                [("40.0, sharp * threshold", "40.0, 2 * sharp")],
            ],
        ),
        slip(
            "it ticks one step early: the cell must pass the threshold in step period, not before",
            2,
            ("1.0 - 0.5 / period", "1.0 - 1.5 / period"),
            ways=[[("np.arctanh(1.0 / period)", "np.arctanh(1.0 / (period - 0.99))")]],
        ),
        slip(
            "it ticks one step late: the cell must pass the threshold in step period, not after",
            2,
            ("1.0 - 0.5 / period", "1.0 + 0.5 / period"),
            ways=[[("np.arctanh(1.0 / period)", "np.arctanh(1.0 / (period + 1))")]],
        ),
        slip(
            "at exactly 1 both gates are half open: the threshold belongs half a step lower",
            2,
            ("1.0 - 0.5 / period", "1.0"),
        ),
        slip(
            "the threshold lies half a step below 1, and a step is 1 / period",
            2,
            ("1.0 - 0.5 / period", "0.5"),
            ways=[
                [("1.0 - 0.5 / period", "0.6")],
                [("1.0 - 0.5 / period", "0.75")],
                [("1.0 - 0.5 / period", "0.8")],
                [("1.0 - 0.5 / period", "0.9")],
                [("1.0 - 0.5 / period", "0.95")],
                [("1.0 - 0.5 / period", "0.99")],
                [("1.0 - 0.5 / period", "period - 0.5")],
                [("1.0 - 0.5 / period", "1.0 - 1.0 / period")],
            ],
        ),
        slip(
            "the sharpness must grow with the period: half a step becomes smaller",
            2,
            ("80.0 * period", "80.0"),
            ways=[
                [("80.0 * period", "200.0")],
                [("80.0 * period", "100.0")],
                [("80.0 * period", "60.0")],
                [("80.0 * period", "50.0")],
                [("80.0 * period", "40.0")],
                [("80.0 * period", "30.0")],
                [("80.0 * period", "20.0")],
                [("80.0 * period", "10.0")],
                [("80.0 * period", "80.0 / period")],
            ],
        ),
        slip(
            "the step of the count is tanh(b_g): it must be 1 / period",
            2,
            ("np.arctanh(1.0 / period)", "1.0"),
            ways=[
                [("np.arctanh(1.0 / period)", "40.0")],
                [("np.arctanh(1.0 / period)", "np.arctanh(0.5)")],
                [("np.arctanh(1.0 / period)", "np.tanh(1.0)")],
                [("np.arctanh(1.0 / period)", "period")],
                [("np.arctanh(1.0 / period)", "0.1")],
                [
                    (
                        "[40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold]",
                        "[40.0, np.arctanh(1.0 / period), sharp * threshold, -sharp * threshold]",
                    )
                ],
            ],
        ),
        slip(
            "the cell never leaves 0: open the input gate, and let b_g write",
            2,
            ("np.arctanh(1.0 / period)", "1 // period"),
            ways=[
                [("np.arctanh(1.0 / period)", "0.0")],
                [("np.arctanh(1.0 / period)", "np.arctanh(1 // period)")],
                [("np.array([40.0,", "np.array([-1000.0,")],
            ],
        ),
        slip(
            "the cell state stands still: keep the input and the forget gate open while it counts",
            2,
            ("40.0, sharp * threshold", "40.0, -sharp * threshold"),
            ways=[
                [("40.0, sharp * threshold", "40.0, 0.0")],
                [("40.0, sharp * threshold", "40.0, threshold")],
                [("1.0 - 0.5 / period", "0.5 / period")],
                [("[0.0, -sharp, sharp]", "[-sharp, -sharp, sharp]")],
                [("[0.0, -sharp, sharp]", "[-sharp, 0.0, sharp]")],
                [("[0.0, -sharp, sharp]", "[-sharp, sharp, 0.0]")],
                [
                    ("40.0, sharp * threshold", "40.0, threshold"),
                    ("-sharp * threshold])", "-threshold])"),
                ],
                [
                    (
                        "[40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold]",
                        "[sharp * threshold, 40.0, np.arctanh(1.0 / period), -sharp * threshold]",
                    )
                ],
            ],
        ),
        slip(
            "it never ticks, although the cell state grows: the output gate must open",
            2,
            ("[0.0, -sharp, sharp]", "[0.0, -sharp, 0.0]"),
            ways=[
                [("[0.0, -sharp, sharp]", "[0.0, -sharp, -sharp]")],
                [("-sharp * threshold])", "-40.0 * sharp])")],
                [("-sharp * threshold])", "-2 * sharp * threshold])")],
                [("[0.0, -sharp, sharp]", "[0.0, sharp, -sharp]")],
                [("[0.0, -sharp, sharp]", "[sharp, -sharp, 0.0]")],
                [("80.0 * period", "1.0 * period")],
                [("80.0 * period", "2.0 * period")],
            ],
        ),
        slip(
            "it never ticks, since the cell state never comes above one half",
            2,
            ("np.arctanh(1.0 / period)", "-np.arctanh(1.0 / period)"),
            ways=[
                [
                    (
                        "[40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold]",
                        "[40.0, sharp * threshold, -sharp * threshold, np.arctanh(1.0 / period)]",
                    )
                ],
            ],
        ),
        slip(
            "the gates are too soft: half a step from the threshold they must be open or shut",
            2,
            ("80.0 * period", "4.0 * period"),
            ways=[[("80.0 * period", "3.0 * period")]],
        ),
        slip(
            "the output gate is open too early: its bias must hold it shut below the threshold",
            2,
            ("-sharp * threshold])", "0.0])"),
            ways=[
                [("-sharp * threshold])", "sharp * threshold])")],
                [("-sharp * threshold])", "-threshold])")],
                [("-sharp * threshold])", "-40.0])")],
                [("-sharp * threshold])", "40.0])")],
            ],
        ),
        slip(
            "the input gate is only half open: its bias must be large",
            2,
            ("np.array([40.0,", "np.array([0.0,"),
            ways=[
                [("np.array([40.0,", "np.array([1.0,")],
                [("np.array([40.0,", "np.array([2.0,")],
                [("np.array([40.0,", "np.array([-1.0,")],
            ],
        ),
        slip(
            "the period is an argument: nothing may be fixed for one period",
            2,
            ("    sharp, threshold", "    period = 6\n    sharp, threshold"),
            ways=[
                [("    sharp, threshold", "    period = 8\n    sharp, threshold")],
                [("    sharp, threshold", "    period = 5\n    sharp, threshold")],
            ],
        ),
        slip(
            "the forget gate must close at the threshold too, not above it",
            2,
            ("40.0, sharp * threshold", "40.0, sharp"),
        ),
        slip(
            "w_c must hold three numbers, the peepholes of i, f, o",
            2,
            ("np.array([0.0, -sharp, sharp])", "np.array([0.0, -sharp, 0.0, sharp])"),
            ways=[
                [("np.array([0.0, -sharp, sharp])", "np.array([[0.0], [-sharp], [sharp]])")],
                [("np.array([0.0, -sharp, sharp])", "np.array([-sharp, sharp])")],
                [("np.array([0.0, -sharp, sharp])", "np.array([[0.0, -sharp, sharp]])")],
            ],
        ),
        slip(
            "nan stands in b or w_c: arctanh takes numbers between -1 and 1",
            2,
            ("np.arctanh(1.0 / period)", "np.arctanh(period)"),
            ways=[[("np.arctanh(1.0 / period)", "np.arctanh(40.0)")]],
        ),
        slip(
            "b must hold four numbers, the biases of i, f, g, o",
            2,
            (
                "[40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold]",
                "[40.0, sharp * threshold, -sharp * threshold]",
            ),
            ways=[
                [("return b,", "return b[None],")],
                [("return b,", "return b[:, None],")],
                [
                    (
                        "return b, np.array([0.0, -sharp, sharp])",
                        "return np.array([0.0, -sharp, sharp]), b",
                    )
                ],
            ],
        ),
    ],
    "variant_forward": [
        slip(
            "only CIFG has coupled gates",
            2,
            ('        if variant == "CIFG":\n            f = 1 - i\n', "        f = 1 - i\n"),
        ),
        slip(
            "the output gate has a peephole, in all variants but NP",
            2,
            (O_RUN, "sigmoid(a_o)"),
        ),
        slip(
            "the input gate and the forget gate have peepholes, in all variants but NP",
            2,
            (I_RUN, "sigmoid(a_i)"),
            (F_RUN, "sigmoid(a_f)"),
            ways=[[(I_RUN, "sigmoid(a_i)")], [(F_RUN, "sigmoid(a_f)")]],
        ),
        slip(
            "no variant has peepholes here: only NP is without them",
            2,
            (I_RUN, "sigmoid(a_i)"),
            (F_RUN, "sigmoid(a_f)"),
            (O_RUN, "sigmoid(a_o)"),
        ),
        slip(
            "the gates go through the sigmoid",
            2,
            (I_RUN, "np.tanh(a_i + c_t * w_i)"),
            (F_RUN, "np.tanh(a_f + c_t * w_f)"),
            (O_RUN, "np.tanh(a_o + c_t * w_o)"),
            ways=[
                [(O_RUN, "(a_o + c_t * w_o)")],
                [(I_RUN, "(a_i + c_t * w_i)"), (F_RUN, "(a_f + c_t * w_f)")],
                [
                    (I_RUN, "(a_i + c_t * w_i)"),
                    (F_RUN, "(a_f + c_t * w_f)"),
                    (O_RUN, "(a_o + c_t * w_o)"),
                ],
            ],
        ),
        slip(
            "the candidate goes through tanh, not through the sigmoid",
            2,
            ("np.tanh(a_g)", "sigmoid(a_g)"),
        ),
        slip("the old cell state passes the forget gate", 2, ("f * c_t + i", "c_t + i")),
        slip(
            "f keeps the old cell state and i writes the new one: they are exchanged in the sum",
            2,
            ("c_t = f * c_t + i *", "c_t = i * c_t + f *"),
        ),
        slip("what was in the cell is missing: f * c", 2, ("f * c_t + i", "i")),
        slip(
            "h_t passes the output gate, in all variants but NOG",
            2,
            ("h_t = o * (c_t", "h_t = (c_t"),
        ),
        slip(
            "NOG keeps the tanh at the output: only the gate is 1",
            1,
            ('(c_t if variant == "NOAF"', '(c_t if variant in ("NOAF", "NOG")'),
        ),
        slip(
            "NIG keeps the tanh of the candidate: only the gate is 1",
            1,
            ('(a_g if variant == "NIAF"', '(a_g if variant in ("NIAF", "NIG")'),
        ),
        slip(
            "a missing gate has no part in the product: the rest of the product stays",
            1,
            ('np.ones_like(c_t) if variant == "NOG"', 'c_t if variant == "NOG"'),
            ways=[[('np.ones_like(c_t) if variant == "NFG"', 'c_t if variant == "NFG"')]],
        ),
        slip(
            "this is V, whatever the variant",
            2,
            """
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    h_t, c_t, h = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = peephole_step(x[:, t], h_t, c_t, W_x, W_h, b, w_c)
        h.append(h_t)
    return np.stack(h, axis=1)
""",
        ),
        slip(
            "the gate is still there, this is V: is the name the one of the table?",
            1,
            ('"NIG"', '"nig"'),
            ways=[
                [('"NFG"', '"nfg"')],
                [('"NOG"', '"nog"')],
                [('"NIG"', '"nig"'), ('"NFG"', '"nfg"'), ('"NOG"', '"nog"')],
            ],
        ),
        slip(
            "nothing is left out here, this is V: is the name the one of the table?",
            1,
            ('"NIAF"', '"niaf"'),
            ways=[
                [('"NOAF"', '"noaf"')],
                [('"CIFG"', '"cifg"')],
            ],
        ),
        slip(
            "a gate that is missing is 1, not 0",
            1,
            ('np.ones_like(c_t) if variant == "NIG"', 'np.zeros_like(c_t) if variant == "NIG"'),
            ('np.ones_like(c_t) if variant == "NFG"', 'np.zeros_like(c_t) if variant == "NFG"'),
            ('np.ones_like(c_t) if variant == "NOG"', 'np.zeros_like(c_t) if variant == "NOG"'),
            ways=[
                [('np.ones_like(c_t) if variant == "NIG"', '0 * c_t if variant == "NIG"')],
                [('np.ones_like(c_t) if variant == "NFG"', '0 * c_t if variant == "NFG"')],
                [('np.ones_like(c_t) if variant == "NOG"', '0 * c_t if variant == "NOG"')],
            ],
        ),
        slip(
            "a gate that is missing is 1: it is no sigmoid of 0 or of 1",
            1,
            ('np.ones_like(c_t) if variant == "NIG"', 'sigmoid(0 * a_i) if variant == "NIG"'),
            ('np.ones_like(c_t) if variant == "NFG"', 'sigmoid(0 * a_f) if variant == "NFG"'),
            ('np.ones_like(c_t) if variant == "NOG"', 'sigmoid(0 * a_o) if variant == "NOG"'),
            ways=[
                [
                    (
                        'np.ones_like(c_t) if variant == "NIG"',
                        'sigmoid(1 + 0 * a_i) if variant == "NIG"',
                    ),
                    (
                        'np.ones_like(c_t) if variant == "NFG"',
                        'sigmoid(1 + 0 * a_f) if variant == "NFG"',
                    ),
                    (
                        'np.ones_like(c_t) if variant == "NOG"',
                        'sigmoid(1 + 0 * a_o) if variant == "NOG"',
                    ),
                ],
            ],
        ),
        slip(
            "the gate of another variant is left out: NIG has no input, NFG no forget, NOG no output gate",
            1,
            ('"NIG"', '"N?G"'),
            ('"NFG"', '"NIG"'),
            ('"N?G"', '"NFG"'),
            ways=[
                [('"NIG"', '"N?G"'), ('"NOG"', '"NIG"'), ('"N?G"', '"NOG"')],
                [('"NOG"', '"N?G"'), ('"NFG"', '"NOG"'), ('"N?G"', '"NFG"')],
            ],
        ),
        slip(
            "NIAF leaves out the tanh of the candidate, NOAF that of the output",
            1,
            ('"NIAF"', '"N?AF"'),
            ('"NOAF"', '"NIAF"'),
            ('"N?AF"', '"NOAF"'),
        ),
        slip(
            "the coupled forget gate is 1 - i",
            1,
            ("f = 1 - i", "f = i"),
            ways=[
                [("f = 1 - i", "f = np.ones_like(i)")],
                [("f = 1 - i", "f = i - 1")],
                [("f = 1 - i", "f = 1 + i")],
            ],
        ),
        slip(
            "coupled is the forget gate to the input gate: f follows from i, not i from f",
            1,
            ("f = 1 - i", "i = 1 - f"),
            ways=[[("f = 1 - i", "f = 1 - f")]],
        ),
        slip(
            "the input gate of CIFG keeps its peephole",
            1,
            ("f = 1 - i", "i = sigmoid(a_i)\n            f = 1 - i"),
            ways=[[("f = 1 - i", "f = 1 - sigmoid(a_i)")]],
        ),
        slip(
            "NP has no peepholes at all, whatever the gate",
            1,
            ("0 * w_c if variant", "w_c if variant"),
            ways=[
                [('"NP"', '"np"')],
                [(O_RUN, "sigmoid(a_o + c_t * w_c[2])")],
                [(I_RUN, "sigmoid(a_i + c_t * w_c[0])")],
                [(F_RUN, "sigmoid(a_f + c_t * w_c[1])")],
                [(I_RUN, "sigmoid(a_i + c_t * w_c[0])"), (F_RUN, "sigmoid(a_f + c_t * w_c[1])")],
            ],
        ),
        slip(
            "all variants but NP have peepholes",
            2,
            ('variant == "NP"', 'variant != "NP"'),
        ),
        slip(
            "NOAF keeps the output gate: h_t is o_t * c_t",
            1,
            (
                'h_t = o * (c_t if variant == "NOAF" else np.tanh(c_t))',
                'h_t = c_t if variant == "NOAF" else o * np.tanh(c_t)',
            ),
            ways=[
                [
                    (
                        'h_t = o * (c_t if variant == "NOAF" else np.tanh(c_t))',
                        'h_t = o if variant == "NOAF" else o * np.tanh(c_t)',
                    )
                ],
                [('(c_t if variant == "NOAF"', '(sigmoid(c_t) if variant == "NOAF"')],
            ],
        ),
        slip(
            "NIAF keeps the candidate and the input gate: only the tanh goes",
            1,
            (
                'i * (a_g if variant == "NIAF" else np.tanh(a_g))',
                '(a_g if variant == "NIAF" else i * np.tanh(a_g))',
            ),
            ways=[
                [('(a_g if variant == "NIAF"', '(0 * a_g if variant == "NIAF"')],
                [('(a_g if variant == "NIAF"', '(1 if variant == "NIAF"')],
                [('(a_g if variant == "NIAF"', '(sigmoid(a_g) if variant == "NIAF"')],
            ],
        ),
        slip(
            "start from h0 and c0, not from zeros",
            2,
            ("h_t, c_t, h = h0, c0, []", "h_t, c_t, h = 0 * h0, 0 * c0, []"),
            ways=[
                [("h_t, c_t, h = h0, c0, []", "h_t, c_t, h = h0, 0 * c0, []")],
                [("h_t, c_t, h = h0, c0, []", "h_t, c_t, h = 0 * h0, c0, []")],
            ],
        ),
        slip(
            "the two states are exchanged at the start: h_t begins with h0, c_t with c0",
            2,
            ("h_t, c_t, h = h0, c0, []", "h_t, c_t, h = c0, h0, []"),
        ),
        slip(
            "each step starts from the states that the step before has left",
            2,
            ("h_t @ W_h", "h0 @ W_h"),
            ways=[
                [
                    (
                        "    for t in range(x.shape[1]):\n",
                        "    for t in range(x.shape[1]):\n        c_t = c0\n",
                    )
                ],
                [
                    (
                        "    for t in range(x.shape[1]):\n",
                        "    for t in range(x.shape[1]):\n        h_t, c_t = h0, c0\n",
                    )
                ],
            ],
        ),
        slip(
            "examples come first, then steps: stack along axis 1",
            2,
            ("np.stack(h, axis=1)", "np.stack(h)"),
            ways=[
                [("np.stack(h, axis=1)", "np.stack(h, axis=0)")],
                [("np.stack(h, axis=1)", "np.array(h)")],
                [("np.stack(h, axis=1)", "np.stack(h, axis=2)")],
                [("np.stack(h, axis=1)", "np.stack(h, axis=-1)")],
                [("np.stack(h, axis=1)", "np.concatenate(h, axis=1)")],
                [("np.stack(h, axis=1)", "np.concatenate(h)")],
                [("np.stack(h, axis=1)", "h")],
            ],
        ),
        slip(
            "h begins after the first step: h0 is not part of it",
            2,
            ("h0, c0, []", "h0, c0, [h0]"),
            ways=[
                [
                    ("        h.append(h_t)\n", ""),
                    ("        a_i,", "        h.append(h_t)\n        a_i,"),
                ],
            ],
        ),
        slip(
            "the hidden state of every step is asked for, not the last one alone",
            2,
            (STACK, "    return h_t"),
            ways=[[("np.stack(h, axis=1)", "np.stack(h, axis=1)[:, -1]")]],
        ),
        slip(
            "only the first step is taken: does return stand inside the loop?",
            2,
            (STACK, "        return np.stack(h, axis=1)"),
        ),
        slip(
            "the hidden states are asked for, not the cell states",
            2,
            ("h.append(h_t)", "h.append(c_t)"),
        ),
        slip(
            "the hidden states alone are asked for",
            2,
            (STACK, STACK + ", c_t"),
            ways=[[(STACK, STACK + ", h_t, c_t")]],
        ),
        slip(
            "time is axis 1 of x: x[:, t], and x.shape[1] steps",
            2,
            ("x[:, t]", "x[t]"),
            ways=[
                [("range(x.shape[1])", "range(len(x))")],
                [("range(x.shape[1])", "range(x.shape[0])")],
                [("range(x.shape[1])", "range(x.shape[2])")],
                [("range(x.shape[1])", "range(len(x))"), ("x[:, t]", "x[t]")],
            ],
        ),
        slip(
            "all T steps are taken, from the first to the last",
            2,
            ("range(x.shape[1])", "range(x.shape[1] - 1)"),
            ways=[[("range(x.shape[1])", "range(1, x.shape[1])")]],
        ),
        slip(
            "time runs forwards",
            2,
            ("range(x.shape[1])", "reversed(range(x.shape[1]))"),
            ways=[[("x[:, t]", "x[:, -1 - t]")]],
        ),
        slip(
            "the output gate sees the new cell state",
            2,
            (
                "        c_t = f * c_t",
                '        o = np.ones_like(c_t) if variant == "NOG" else sigmoid(a_o + c_t * w_o)\n        c_t = f * c_t',
            ),
            (
                '        o = np.ones_like(c_t) if variant == "NOG" else sigmoid(a_o + c_t * w_o)\n        h_t',
                "        h_t",
            ),
        ),
        slip(
            "the input gate and the forget gate see the cell state before the step",
            2,
            ('        if variant == "CIFG"', '        old = c_t\n        if variant == "CIFG"'),
            (
                'c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))',
                'c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))\n        f = f if variant in ("NFG", "CIFG") else sigmoid(a_f + c_t * w_f)\n        c_t = f * old + i * (a_g if variant == "NIAF" else np.tanh(a_g))',
            ),
        ),
        slip(
            "the rows of w_c stand in the order i, f, o",
            2,
            ("w_i, w_f, w_o =", "w_f, w_i, w_o ="),
            ways=[
                [("w_i, w_f, w_o =", "w_i, w_o, w_f =")],
                [("w_i, w_f, w_o =", "w_o, w_f, w_i =")],
            ],
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            ("a_i, a_f, a_g, a_o =", "a_i, a_f, a_o, a_g ="),
            ways=[
                [("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o =")],
                [("a_i, a_f, a_g, a_o =", "a_i, a_g, a_f, a_o =")],
            ],
        ),
        slip("the bias b is missing", 2, ("h_t @ W_h + b", "h_t @ W_h")),
        slip("the hidden state is not read: h_t @ W_h is missing", 2, (" + h_t @ W_h", "")),
        slip(
            "the tanh at the output is missing in all variants but NOAF",
            2,
            ('(c_t if variant == "NOAF" else np.tanh(c_t))', "c_t"),
        ),
        slip(
            "the tanh of the candidate is missing in all variants but NIAF",
            2,
            ('(a_g if variant == "NIAF" else np.tanh(a_g))', "a_g"),
        ),
        slip(
            "your function changes its argument c0",
            2,
            (
                'c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))',
                'c_t *= f\n        c_t += i * (a_g if variant == "NIAF" else np.tanh(a_g))',
            ),
            ways=[
                [
                    (
                        'c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))',
                        'c_t[:] = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))',
                    )
                ]
            ],
        ),
        slip(
            "your function changes its argument w_c",
            1,
            (
                '    w_i, w_f, w_o = 0 * w_c if variant == "NP" else w_c\n',
                '    if variant == "NP":\n        w_c *= 0\n    w_i, w_f, w_o = w_c\n',
            ),
            ways=[
                [
                    (
                        '    w_i, w_f, w_o = 0 * w_c if variant == "NP" else w_c\n',
                        '    if variant == "NP":\n        w_c[:] = 0\n    w_i, w_f, w_o = w_c\n',
                    )
                ]
            ],
        ),
        slip(
            "1 - i holds the peephole of the input gate: the forget gate of CIFG has none of its own",
            1,
            ("f = 1 - i", "f = sigmoid(-a_i + c_t * w_f)"),
            ways=[[("f = 1 - i", "f = sigmoid(-a_i - c_t * w_f)")]],
        ),
        slip(
            "NOAF leaves out the tanh at the output alone: the candidate keeps its tanh",
            1,
            ('variant == "NIAF"', 'variant in ("NIAF", "NOAF")'),
        ),
        slip(
            "NIAF leaves out the tanh of the candidate alone: the output keeps its tanh",
            1,
            ('variant == "NOAF"', 'variant in ("NIAF", "NOAF")'),
        ),
        slip(
            "NIG keeps its forget gate: only the input gate is 1",
            1,
            (
                '        if variant == "CIFG":',
                '        if variant == "NIG":\n            f = 0 * f + 1.0\n        if variant == "CIFG":',
            ),
        ),
        slip(
            "NFG keeps its input gate: only the forget gate is 1",
            1,
            (
                '        if variant == "CIFG":',
                '        if variant == "NFG":\n            i = 0 * i + 1.0\n        if variant == "CIFG":',
            ),
        ),
    ],
    "parameter_count": [
        slip("the peepholes are missing", 1, (" + peepholes * H", "")),
        slip(
            "a peephole is a vector, not a matrix",
            1,
            ("peepholes * H", "peepholes * H * H"),
        ),
        slip(
            "a gate's peephole has one weight for each unit: H, not 1",
            1,
            (" + peepholes * H", " + peepholes"),
        ),
        slip(
            "every gate with weights has a peephole: one for each block but that of the candidate",
            1,
            ('peepholes = 0 if variant == "NP" else blocks - 1', 'peepholes = variant != "NP"'),
            ways=[
                [(" + peepholes * H", " + H")],
                [("else blocks - 1", "else 2")],
                [("else blocks - 1", "else blocks - 2")],
            ],
        ),
        slip(
            "the candidate has no peephole: there is one block more than peepholes",
            1,
            ("else blocks - 1", "else blocks"),
            ways=[[("else blocks - 1", "else 4")]],
        ),
        slip(
            "a gate without weights has no peephole either",
            1,
            ("else blocks - 1", "else 3"),
        ),
        slip(
            "a variant without a gate has three blocks, and so has CIFG",
            1,
            ('blocks = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4', "blocks = 4"),
            ways=[
                [('"NFG", "NOG", "CIFG")', '"NFG", "NOG")')],
                [('("NIG", "NFG", "NOG", "CIFG")', '("CIFG",)')],
                [('"NFG", ', "")],
                [('"NIG", ', "")],
                [('"NOG", ', "")],
            ],
        ),
        slip(
            "CIFG keeps the weights of its input gate: three blocks, not two",
            1,
            ("    peepholes =", '    blocks -= variant == "CIFG"\n    peepholes ='),
        ),
        slip(
            "a tanh has no weights: NIAF and NOAF keep all four blocks",
            1,
            ('"CIFG")', '"CIFG", "NIAF")'),
            ways=[
                [('"CIFG")', '"CIFG", "NIAF", "NOAF")')],
                [('"CIFG")', '"CIFG", "NOAF")')],
            ],
        ),
        slip(
            "NP keeps its four blocks: only the peepholes go",
            1,
            ('"CIFG")', '"CIFG", "NP")'),
        ),
        slip(
            "NP has no peepholes",
            1,
            ('0 if variant == "NP" else blocks - 1', "blocks - 1"),
        ),
        slip(
            "only NP is without peepholes",
            1,
            ('variant == "NP"', 'variant != "NP"'),
        ),
        slip(
            "there is one bias vector, not two",
            1,
            ("H * H + H)", "H * H + 2 * H)"),
        ),
        slip("the bias b is missing", 1, ("H * H + H)", "H * H)")),
        slip(
            "W_h has H rows for each block: H * H is missing", 1, ("D * H + H * H + H", "D * H + H")
        ),
        slip(
            "W_x has D rows for each block: D * H is missing", 1, ("D * H + H * H + H", "H * H + H")
        ),
        slip(
            "every block has its W_x, its W_h and its b: all three are multiplied",
            1,
            ("blocks * (D * H + H * H + H)", "blocks * D * H + H * H + H"),
            ways=[
                [("blocks * (D * H + H * H + H)", "blocks * (D * H + H * H) + H")],
                [("blocks * (D * H + H * H + H)", "D * H + H * H + H")],
            ],
        ),
        slip(
            "the peepholes are added once, beside the blocks, and not in every block",
            1,
            (
                "blocks * (D * H + H * H + H) + peepholes * H",
                "blocks * (D * H + H * H + H + peepholes * H)",
            ),
        ),
        slip(
            "H^2 is H * H, not 2 * H",
            1,
            ("D * H + H * H + H", "D * H + 2 * H + H"),
        ),
        slip(
            "the weights lead from D and from H to H units: D * H and H * H",
            1,
            ("D * H + H * H + H", "D * D + H * H + H"),
            ways=[
                [("D * H + H * H + H", "D + H + H * H + H")],
                [("D * H + H * H + H", "(D + H) * (D + H) + H")],
                [("D * H + H * H + H", "D * H + D * H + H")],
                [("D * H + H * H + H", "D + H + H")],
            ],
        ),
        slip(
            "must be a whole number",
            1,
            ("return blocks", "return 1.0 * blocks"),
        ),
        slip(
            "CIFG has two peepholes, those of the input gate and of the output gate",
            1,
            (
                'peepholes = 0 if variant == "NP" else blocks - 1',
                'peepholes = {"NP": 0, "NIG": 2, "NFG": 2, "NOG": 2}.get(variant, 3)',
            ),
            ways=[
                [
                    (
                        'peepholes = 0 if variant == "NP" else blocks - 1',
                        'peepholes = {"NP": 0, "NIG": 2, "NFG": 2, "NOG": 2, "CIFG": 1}.get(variant, 3)',
                    )
                ]
            ],
        ),
        slip(
            "NIAF and NOAF lack a tanh and no weights: their four blocks stay",
            1,
            ('("NIG", "NFG", "NOG", "CIFG")', '("NIG", "NFG", "NOG", "CIFG", "NIAF")'),
            ("blocks - 1", '(2 if variant in ("NIG", "NFG", "NOG", "CIFG") else 3)'),
            ways=[
                [
                    (
                        '("NIG", "NFG", "NOG", "CIFG")',
                        '("NIG", "NFG", "NOG", "CIFG", "NIAF", "NOAF")',
                    ),
                    ("blocks - 1", '(2 if variant in ("NIG", "NFG", "NOG", "CIFG") else 3)'),
                ],
                [
                    ('("NIG", "NFG", "NOG", "CIFG")', '("NIG", "NFG", "NOG", "CIFG", "NOAF")'),
                    ("blocks - 1", '(2 if variant in ("NIG", "NFG", "NOG", "CIFG") else 3)'),
                ],
            ],
        ),
        slip(
            "the bias of a block has one entry for each unit: H, not 1 or D",
            1,
            ("H * H + H)", "H * H + 1)"),
            ways=[[("H * H + H)", "H * H + D)")]],
        ),
        slip(
            "a block has D + H rows of weights, not D * H",
            1,
            ("D * H + H * H + H", "D * H * H + H"),
        ),
        slip(
            "CIFG has three blocks too: its forget gate has no weights",
            1,
            ('("NIG", "NFG", "NOG", "CIFG")', '("NIG", "NFG", "NOG")'),
            (
                'peepholes = 0 if variant == "NP" else blocks - 1',
                'peepholes = 0 if variant == "NP" else (2 if variant == "CIFG" else blocks - 1)',
            ),
        ),
        slip(
            "V has three peepholes: NP is the variant without them",
            1,
            ('"NP" else blocks - 1', '"NP" else blocks - 1 if variant != "V" else 0'),
        ),
    ],
    "coupled_backward": [
        slip(
            "what passes the peephole is multiplied by its weight: da_i * w_ci",
            1,
            ("+ da_i * w_ci", "+ da_i"),
            ways=[[("+ da_i * w_ci", "+ w_ci")], [("+ da_i * w_ci", "+ da_i * c_prev")]],
        ),
        slip(
            "the peephole belongs to the input gate: da_i enters dc_prev, not da_g",
            1,
            ("+ da_i * w_ci", "+ da_g * w_ci"),
        ),
        slip(
            "the gate stands in both terms of the sum: di is dc * (g - c_prev)",
            2,
            ("(g - c_prev)", "g"),
            ways=[[("(g - c_prev)", "c_prev")]],
        ),
        slip(
            "1 - i keeps and i writes: c_prev has a minus in di, and g a plus",
            2,
            ("(g - c_prev)", "(g + c_prev)"),
            ways=[[("(g - c_prev)", "(c_prev - g)")], [("(g - c_prev)", "-c_prev")]],
        ),
        slip(
            "the slope of the input gate is i * (1 - i)",
            2,
            (" * i * (1 - i)\n", "\n"),
            ways=[
                [(" * i * (1 - i)\n", " * (1 - i**2)\n")],
                [(" * i * (1 - i)\n", " * i\n")],
                [(" * i * (1 - i)\n", " * (1 - i)\n")],
                [(" * i * (1 - i)\n", " * sigmoid(i) * (1 - sigmoid(i))\n")],
            ],
        ),
        slip(
            "g is a tanh already: its slope is 1 - g**2",
            1,
            (" * (1 - g**2)", ""),
            ways=[
                [("(1 - g**2)", "(1 - g)")],
                [("(1 - g**2)", "(g**2 - 1)")],
                [("(1 - g**2)", "(1 - np.tanh(g) ** 2)")],
                [("(1 - g**2)", "g * (1 - g)")],
                [("(1 - g**2)", "(1 + g**2)")],
                [("(1 - g**2)", "(1 - g) ** 2")],
            ],
        ),
        slip(
            "i writes the candidate, so dg is dc * i",
            1,
            ("dc * i * (1 - g**2)", "dc * (1 - i) * (1 - g**2)"),
            ways=[
                [("dc * i * (1 - g**2)", "dc * (1 - g**2)")],
                [("dc * i * (1 - g**2)", "dc * g * (1 - g**2)")],
            ],
        ),
        slip(
            "the coupled forget gate is 1 - i, so dc_prev begins with dc * (1 - i)",
            1,
            ("da_g, dc * (1 - i)", "da_g, dc * i"),
            ways=[
                [("da_g, dc * (1 - i)", "da_g, dc * (i - 1)")],
                [("da_g, dc * (1 - i)", "da_g, dc * (1 + i)")],
                [("da_g, dc * (1 - i)", "da_g, (1 - i)")],
                [("da_g, dc * (1 - i)", "da_g, dc")],
            ],
        ),
        slip(
            "the input gate has seen c_prev through its peephole: add da_i * w_ci",
            1,
            (" + da_i * w_ci", ""),
        ),
        slip(
            "the sum has read c_prev as well: dc * (1 - i) is missing in dc_prev",
            1,
            ("dc * (1 - i) + da_i * w_ci", "da_i * w_ci"),
        ),
        slip(
            "the peephole adds to the pre-activation: its term in dc_prev has a plus",
            1,
            ("+ da_i * w_ci", "- da_i * w_ci"),
        ),
        slip(
            "there is one peephole: the coupled forget gate has none of its own",
            1,
            ("+ da_i * w_ci", "+ 2 * da_i * w_ci"),
            ways=[
                [("+ da_i * w_ci", "+ da_i * w_ci - dc * c_prev * i * (1 - i) * w_ci")],
            ],
        ),
        slip(
            "the peephole stands inside the sigmoid: da_i enters dc_prev, with both terms and the slope",
            1,
            ("+ da_i * w_ci", "+ dc * (g - c_prev) * w_ci"),
            ways=[
                [("+ da_i * w_ci", "+ dc * g * i * (1 - i) * w_ci")],
                [("+ da_i * w_ci", "+ dc * w_ci")],
            ],
        ),
        slip(
            "da_i comes first, then da_g",
            1,
            ("return da_i, da_g,", "return da_g, da_i,"),
        ),
        slip(
            "dc_prev comes last, after da_i and da_g",
            2,
            (
                "return da_i, da_g, dc * (1 - i) + da_i * w_ci",
                "return dc * (1 - i) + da_i * w_ci, da_i, da_g",
            ),
        ),
        slip(
            "w_ci has one weight for each unit: multiply by *, not by @",
            2,
            ("da_i * w_ci", "da_i @ w_ci"),
        ),
        slip(
            "the gradients keep their examples: nothing is added over the batch",
            2,
            (
                "return da_i, da_g, dc * (1 - i) + da_i * w_ci",
                "return da_i.sum(axis=0), da_g.sum(axis=0), (dc * (1 - i) + da_i * w_ci).sum(axis=0)",
            ),
        ),
        slip(
            "da_i and da_g keep their examples: nothing is added over the batch",
            1,
            ("return da_i, da_g,", "return da_i.sum(axis=0), da_g.sum(axis=0),"),
        ),
        slip(
            "three results are asked for: the two gradients are not one array",
            2,
            ("return da_i, da_g,", "return np.concatenate([da_i, da_g], axis=1),"),
        ),
        slip(
            "your function changes its argument dc",
            2,
            ("    return da_i", "    dc *= 1 - i\n    return da_i"),
            ("dc * (1 - i) + da_i * w_ci", "dc + da_i * w_ci"),
        ),
        slip(
            "di has the gradient dc as a factor of both terms",
            2,
            ("dc * (g - c_prev) *", "(dc * g - c_prev) *"),
            ways=[[("dc * (g - c_prev) *", "(g - dc * c_prev) *")]],
        ),
        slip(
            "c_prev is multiplied by 1 - i alone: dc * (1 - i) has no other factor",
            1,
            ("dc * (1 - i) + da_i * w_ci", "dc * (1 - i) * i + da_i * w_ci"),
        ),
        slip(
            "the two terms of dc_prev are added, not multiplied",
            1,
            ("dc * (1 - i) + da_i * w_ci", "dc * (1 - i) * da_i * w_ci"),
        ),
    ],
}

RIGHT = [
    Right(
        "gate-by-gate",
        {
            "peephole_step": """
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    H = h_prev.shape[1]
    def a(k):
        block = slice(k * H, (k + 1) * H)
        return x_t @ W_x[:, block] + h_prev @ W_h[:, block] + b[block]
    i = sigmoid(a(0) + c_prev * w_c[0])
    f = sigmoid(a(1) + c_prev * w_c[1])
    c_t = f * c_prev + i * np.tanh(a(2))
    o = sigmoid(a(3) + c_t * w_c[2])
    return [o * np.tanh(c_t), c_t]
""",
            "parameter_count": """
def parameter_count(D, H, variant):
    per_block = H * (D + H + 1)
    gates = {"NIG": "fo", "NFG": "io", "NOG": "if", "CIFG": "io"}.get(variant, "ifo")
    total = per_block
    for gate in gates:
        total += per_block
        if variant != "NP":
            total += H
    return total
""",
        },
    ),
    Right(
        "diagonal-matrices",
        {
            "peephole_step": """
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i = sigmoid(a_i + c_prev @ np.diag(w_c[0]))
    f = sigmoid(a_f + c_prev @ np.diag(w_c[1]))
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + c_t @ np.diag(w_c[2])) * np.tanh(c_t), c_t
""",
        },
    ),
    Right(
        "loops-over-units",
        {
            "step_backward": """
def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    N, H = c_t.shape
    da, dc_prev, dw_c = np.zeros((N, 4 * H)), np.zeros((N, H)), np.zeros((3, H))
    for n in range(N):
        for k in range(H):
            at = n, k
            tanh_c = np.tanh(c_t[at])
            da_o = dh_t[at] * tanh_c * o[at] * (1 - o[at])
            dc = dc_t[at] + dh_t[at] * o[at] * (1 - tanh_c**2) + da_o * w_c[2, k]
            da_i = dc * g[at] * i[at] * (1 - i[at])
            da_f = dc * c_prev[at] * f[at] * (1 - f[at])
            da[n, k::H] = da_i, da_f, dc * i[at] * (1 - g[at] ** 2), da_o
            dc_prev[at] = dc * f[at] + da_i * w_c[0, k] + da_f * w_c[1, k]
            dw_c[:, k] += da_i * c_prev[at], da_f * c_prev[at], da_o * c_t[at]
    return da, dc_prev, dw_c
""",
        },
    ),
    Right(
        "einsum",
        {
            "step_backward": """
def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    da_o = dh_t * np.tanh(c_t) * (o - o**2)
    dc = dc_t + dh_t * o / np.cosh(c_t) ** 2 + da_o * w_c[2]
    da_i, da_f = dc * g * (i - i**2), dc * c_prev * (f - f**2)
    gates, seen = np.stack([da_i, da_f, da_o]), np.stack([c_prev, c_prev, c_t])
    da = np.hstack([da_i, da_f, dc * i * (1 - g) * (1 + g), da_o])
    return da, dc * f + np.einsum("knh,kh->nh", gates[:2], w_c[:2]), np.einsum(
        "knh,knh->kh", gates, seen)
""",
        },
    ),
    Right(
        "another-clock",  # with another slope and another threshold
        {
            "wire_clock": """
def wire_clock(period):
    sharp = 60 * period
    rest = 1 - 0.4 / period
    candidate = 0.5 * np.log((period + 1) / (period - 1))
    return [30, sharp * rest, candidate, -sharp * rest], [0, -sharp, sharp]
""",
        },
    ),
    Right("a-table-of-cases", {"variant_forward": RUN, "coupled_backward": COUPLED}),
    Right(
        "steps-of-functions",
        {
            "variant_forward": """
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    N, T, _ = x.shape
    H = h0.shape[1]
    h, h_t, c_t = np.empty((N, T, H), x.dtype), h0, c0
    see = 0.0 if variant == "NP" else 1.0
    for t in range(T):
        a = x[:, t] @ W_x + h_t @ W_h + b
        i = sigmoid(a[:, :H] + see * c_t * w_c[0])
        f = sigmoid(a[:, H : 2 * H] + see * c_t * w_c[1])
        if variant == "NIG":
            i = np.ones((N, H), x.dtype)
        if variant == "NFG":
            f = np.ones((N, H), x.dtype)
        if variant == "CIFG":
            f = 1 - i
        g = a[:, 2 * H : 3 * H]
        c_t = f * c_t + i * (g if variant == "NIAF" else np.tanh(g))
        shown = c_t if variant == "NOAF" else np.tanh(c_t)
        o = sigmoid(a[:, 3 * H :] + see * c_t * w_c[2])
        h_t = shown if variant == "NOG" else o * shown
        h[:, t] = h_t
    return h
""",
        },
    ),
    Right(
        "an-average",
        {
            "coupled_backward": """
def coupled_backward(dc, c_prev, i, g, w_ci):
    di, df = dc * g, dc * c_prev
    a = (di - df) * (i - i * i)
    return [a, (1 - g) * (1 + g) * dc * i, dc - dc * i + w_ci[None, :] * a]
""",
        },
    ),
]
