"""Answers to the assignment peephole_ablation: wrong ones, each with the questions it breaks, and
right ones in other styles.  A question that an entry does not name gets the course's solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong

_STEP = """
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = {i}, {f}
    c_t = f * c_prev + i * np.tanh(a_g)
    o = {o}
    return {result}
"""


def step(
    i="sigmoid(a_i + c_prev * w_c[0])",
    f="sigmoid(a_f + c_prev * w_c[1])",
    o="sigmoid(a_o + c_t * w_c[2])",
    result="o * np.tanh(c_t), c_t",
):
    """Return `peephole_step` with some of its parts replaced."""
    return {"peephole_step": _STEP.format(i=i, f=f, o=o, result=result)}


_BACK = """
def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    tanh_c = np.tanh(c_t)
    da_o = dh_t * tanh_c * o * (1 - o)
    dc = {dc}
    da_i, da_f, da_g = dc * g * i * (1 - i), {da_f}, dc * i * (1 - g**2)
    dw_c = {dw_c}
    return {da}, {dc_prev}, dw_c
"""


def back(
    dc="dc_t + dh_t * o * (1 - tanh_c**2) + da_o * w_c[2]",
    da_f="dc * c_prev * f * (1 - f)",
    dw_c="np.stack([(da_i * c_prev).sum(0), (da_f * c_prev).sum(0), (da_o * c_t).sum(0)])",
    da="np.concatenate([da_i, da_f, da_g, da_o], axis=1)",
    dc_prev="dc * f + da_i * w_c[0] + da_f * w_c[1]",
):
    """Return `step_backward` with some of its parts replaced."""
    text = _BACK.format(dc=dc, da_f=da_f, dw_c=dw_c, da=da, dc_prev=dc_prev)
    return {"step_backward": text}


_CLOCK = """
def wire_clock(period):
    k, threshold = {k}, {threshold}
    b = np.array([40.0, {b_f}, {b_g}, -k * threshold])
    return b, np.array([0.0, {w_f}, k])
"""


def clock(
    k="80.0 * period",
    threshold="1.0 - 0.5 / period",
    b_f="k * threshold",
    b_g="np.arctanh(1 / period)",
    w_f="-k",
):
    """Return `wire_clock` with some of its parts replaced."""
    return {"wire_clock": _CLOCK.format(k=k, threshold=threshold, b_f=b_f, b_g=b_g, w_f=w_f)}


_RUN = """
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    h_t, c_t, h = {start}
    one = np.ones_like(c0)
    {peepholes}
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)
        i = {nig} if variant == "NIG" else sigmoid(a_i + c_t * w_c[0])
        f = {nfg} if variant == "NFG" else sigmoid(a_f + c_t * w_c[1])
        f = {cifg} if variant == "CIFG" else f
        c_t = f * c_t + i * ({niaf} if variant == "NIAF" else np.tanh(a_g))
        o = {nog} if variant == "NOG" else sigmoid(a_o + c_t * w_c[2])
        h_t = {noaf} if variant == "NOAF" else o * np.tanh(c_t)
        h.append(h_t)
    return np.stack(h, axis={axis})
"""


def run(
    start="h0, c0, []",
    peepholes='w_c = w_c * (variant != "NP")',
    nig="one",
    nfg="one",
    nog="one",
    niaf="a_g",
    noaf="o * c_t",
    cifg="1 - i",
    axis="1",
):
    """Return `variant_forward` with some of its parts replaced."""
    text = _RUN.format(
        start=start,
        peepholes=peepholes,
        nig=nig,
        nfg=nfg,
        nog=nog,
        niaf=niaf,
        noaf=noaf,
        cifg=cifg,
        axis=axis,
    )
    return {"variant_forward": text}


def count(expression):
    """Return `parameter_count` with another formula; it may use K blocks and G gates."""
    return {
        "parameter_count": f"""
def parameter_count(D, H, variant):
    K = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4
    G = 0 if variant == "NP" else K - 1
    return {expression}
"""
    }


WRONG = [
    Wrong(
        "output-gate-sees-the-old-cell-state",
        step(o="sigmoid(a_o + c_prev * w_c[2])"),
        {"peephole_step": 1},
        "the output gate sees c_t, not c_prev",
    ),
    Wrong(
        "no-peephole-at-the-output-gate",
        step(o="sigmoid(a_o)"),
        {"peephole_step": 1},
        "the output gate has a peephole too",
    ),
    Wrong(
        "no-peepholes-at-all",
        step(i="sigmoid(a_i)", f="sigmoid(a_f)", o="sigmoid(a_o)"),
        {"peephole_step": 2},
        "the peepholes of i and f are missing",
    ),
    Wrong(
        "peepholes-of-i-and-f-exchanged",
        step(i="sigmoid(a_i + c_prev * w_c[1])", f="sigmoid(a_f + c_prev * w_c[0])"),
        {"peephole_step": 2},
        "row 0 is the input gate's",
    ),
    Wrong(
        "cell-state-before-hidden-state",
        step(result="c_t, o * np.tanh(c_t)"),
        {"peephole_step": 2},
        "wrong values",
    ),
    Wrong(
        "cell-state-changed-in-place",
        {
            "peephole_step": """
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])
    c_prev *= f
    c_prev += i * np.tanh(a_g)
    return sigmoid(a_o + c_prev * w_c[2]) * np.tanh(c_prev), c_prev
"""
        },
        {"peephole_step": 2},
        "Your function changes an argument, which the caller still needs: c_prev",
    ),
    Wrong(
        "no-blame-through-the-output-peephole",
        back(dc="dc_t + dh_t * o * (1 - tanh_c**2)"),
        {"step_backward": 3},
        "c_t gets blame from the output gate",
    ),
    Wrong(
        "no-blame-through-the-other-peepholes",
        back(dc_prev="dc * f"),
        {"step_backward": 1},
        "two gates have seen c_prev as well",
    ),
    Wrong(
        "output-peephole-taken-at-the-old-cell-state",
        back(dw_c="np.stack([(da * c_prev).sum(0) for da in (da_i, da_f, da_o)])"),
        {"step_backward": 1},
        "the output gate saw c_t, not c_prev",
    ),
    Wrong(
        "peepholes-averaged",
        back(
            dw_c="np.stack([(da_i * c_prev).mean(0), (da_f * c_prev).mean(0),"
            " (da_o * c_t).mean(0)])"
        ),
        {"step_backward": 1},
        "add over the batch, do not average",
    ),
    Wrong(
        "forget-gate-blamed-with-the-new-cell-state",
        back(da_f="dc * c_t * f * (1 - f)"),
        {"step_backward": 3},
        "wrong values",
    ),
    Wrong(
        "blocks-in-another-order",
        back(da="np.concatenate([da_i, da_f, da_o, da_g], axis=1)"),
        {"step_backward": 1},
        "wrong values",
    ),
    Wrong(
        "incoming-blame-sent-on-in-place-of-all",
        back(dc_prev="dc_t * f + da_i * w_c[0] + da_f * w_c[1]"),
        {"step_backward": 1},
        "dc_prev",
    ),
    Wrong(
        "clock-that-is-never-emptied",
        clock(b_f="40.0", w_f="0.0"),
        {"wire_clock": 2},
        "after the first tick it never stops",
    ),
    Wrong(
        "clock-one-step-early",
        clock(threshold="1.0 - 1.5 / period"),
        {"wire_clock": 2},
        "one step early",
    ),
    Wrong(
        "clock-one-step-late",
        clock(threshold="1.0 + 0.5 / period"),
        {"wire_clock": 2},
        "one step late",
    ),
    Wrong(
        "clock-too-soft",  # right for short periods
        clock(k="200.0"),
        {"wire_clock": 2},
        "the ticks for a period of many steps",
    ),
    Wrong(
        "clock-with-steps-of-one",  # the candidate is 0.76 whatever the period
        clock(b_g="1.0"),
        {"wire_clock": 2},
        "the ticks for period = 6",
    ),
    Wrong(
        "always-the-vanilla-cell",
        {
            "variant_forward": """
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    h_t, c_t, h = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = peephole_step(x[:, t], h_t, c_t, W_x, W_h, b, w_c)
        h.append(h_t)
    return np.stack(h, axis=1)
"""
        },
        {"variant_forward": 2},
        "this is V: nothing is left out",
    ),
    Wrong(
        "missing-gate-is-zero",
        run(nig="0 * one"),
        {"variant_forward": 1},
        "h of NIG",
    ),
    Wrong(
        "coupled-the-wrong-way",
        run(cifg="i"),
        {"variant_forward": 1},
        "h of CIFG",
    ),
    Wrong(
        "peepholes-kept",
        run(peepholes="pass"),
        {"variant_forward": 1},
        "this is V: nothing is left out",
    ),
    Wrong(
        "output-gate-lost-with-its-tanh",
        run(noaf="c_t"),
        {"variant_forward": 1},
        "h of NOAF",
    ),
    Wrong(
        "sequence-starts-from-zeros",
        run(start="0 * h0, 0 * c0, []"),
        {"variant_forward": 2},
        "wrong values",
    ),
    Wrong(
        "time-stands-first",
        run(axis="0"),
        {"variant_forward": 2},
        "shape",
    ),
    Wrong(
        "peepholes-not-counted",
        count("K * (D * H + H * H + H)"),
        {"parameter_count": 1},
        "the peepholes are missing",
    ),
    Wrong(
        "peepholes-counted-as-matrices",
        count("K * (D * H + H * H + H) + G * H * H"),
        {"parameter_count": 1},
        "a peephole is a vector, not a matrix",
    ),
    Wrong(
        "every-variant-has-four-blocks",
        {
            "parameter_count": """
def parameter_count(D, H, variant):
    return 4 * (D * H + H * H + H) + 3 * H * (variant != "NP")
"""
        },
        {"parameter_count": 1},
        "CIFG has three blocks",
    ),
    Wrong(
        "the-candidate-loses-its-weights",
        {
            "parameter_count": """
def parameter_count(D, H, variant):
    K = 3 if variant in ("NIG", "NFG", "NOG", "CIFG", "NIAF") else 4
    return K * (D * H + H * H + H) + (0 if variant == "NP" else K - 1) * H
"""
        },
        {"parameter_count": 1},
        "the candidate keeps its weights",
    ),
]

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
    Right("a-table-of-cases", run()),
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
]
