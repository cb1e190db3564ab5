# ---
# jupyter:
#   # ruff: noqa: F811
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Peepholes, a clock, and the LSTM in parts
#
# In this assignment you write an LSTM whose gates see the cell state, one step of its backward pass, a clock of a single unit, and a cell that can leave out its parts.
# It goes with the chapters *Let the gates see the cell: peepholes* and *Take the LSTM apart*.
#
# There are five questions and **10 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test stays silent, or shows all points of the question, it passed; if it fails, read the last line of the message, which names the likely mistake.
# Some questions have parts: each gives points of its own, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests try other sizes: a batch of one, a sequence of one step, one hidden unit, biases and states that are not zero, `float32` arrays.
# Two habits get you through all of them:
#
# - take sizes from the shapes of the arguments, never from a cell above;
# - return new arrays and leave the arguments as they are: write `a = a + b`, not `a += b`.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import peephole_ablation as reference
from lstm_course.answers.peephole_ablation_cases import fired, peephole_cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count, check_numbers
from nbjudge.checks.seeds import question_seed


def sigmoid(a):
    """Return the logistic function of an array, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `x`, `x_t` | `(N, T, D)`, `(N, D)` | input sequences; input of one step |
# | `h_prev`, `c_prev`, `h_t`, `c_t` | `(N, H)` | hidden state and cell state before and after a step |
# | `W_x`, `W_h`, `b` | `(D, 4H)`, `(H, 4H)`, `(4H,)` | weights, gate blocks in the order i, f, g, o |
# | `w_c` | `(3, H)` | peepholes: row 0 of the input gate, row 1 of the forget gate, row 2 of the output gate |
# | `dv` | that of `v` | gradient of the loss with respect to `v` |
#
# `sigmoid` is defined above.

# %% [markdown]
# ## Question 1: one step with peepholes (2 points)
#
# The input gate and the forget gate see the cell state before the step, the output gate sees it after the step:
#
# $$i_t = \sigma(a_i + c_{t-1} \odot w_{ci}), \qquad f_t = \sigma(a_f + c_{t-1} \odot w_{cf}), \qquad c_t = f_t \odot c_{t-1} + i_t \odot \tanh(a_g)$$
#
# $$o_t = \sigma(a_o + c_t \odot w_{co}), \qquad h_t = o_t \odot \tanh(c_t)$$
#
# with $[a_i, a_f, a_g, a_o] = x_t W_x + h_{t-1} W_h + b$.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_peephole_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c):
    """Advance the peephole LSTM by one time step.

    Parameters
    ----------
    x_t : array (N, D)
    h_prev, c_prev : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)

    Returns
    -------
    h_t, c_t : arrays (N, H), floats

    Hint: the output gate has to wait until the new cell state is known.
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    i, f = sigmoid(a_i + c_prev * w_c[0]), sigmoid(a_f + c_prev * w_c[1])
    c_t = f * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + c_t * w_c[2]) * np.tanh(c_t), c_t
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_peephole_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_peephole_step():
    check_own(peephole_step)
    x_t, h_prev = np.array([[1.0], [-0.5]]), np.array([[0.5, -0.5], [0.2, 0.4]])
    W_x, W_h = np.arange(-4, 4).reshape(1, 8) / 10, np.arange(-8, 8).reshape(2, 8) / 10
    b, c_prev = np.linspace(-0.3, 0.4, 8), np.array([[1.0, -2.0], [0.5, 1.5]])
    w_c = np.array([[0.5, -1.0], [1.0, 0.5], [-1.0, 2.0]])
    result = peephole_step(x_t, h_prev, c_prev, W_x, W_h, b, w_c)
    h_t, c_t = take_apart("peephole_step", result, ("h_t", "c_t"))
    with parts.part("the cell state", 1):
        check_example(
            "c_t",
            c_t,
            [[0.4712, -0.4396], [0.3951, 1.0868]],
            hints=[
                ([[0.2591, -0.7839], [0.3225, 0.9067]], "the peepholes of i and f are missing"),
                ([[0.3118, -1.6481], [0.3758, 0.4718]], "row 0 is the input gate's, row 1 f's"),
            ],
        )
    with parts.part("the hidden state", 1):
        check_example(
            "h_t",
            h_t,
            [[0.1793, -0.1484], [0.1883, 0.7448]],
            hints=[
                ([[0.1269, -0.0100], [0.1785, 0.7726]], "the output gate sees c_t, not c_prev"),
                ([[0.2306, -0.2374], [0.2250, 0.4972]], "the output gate has a peephole too"),
            ],
        )


test_peephole_step()


### BEGIN HIDDEN TESTS
def hidden_peephole_step():
    names = ("h_prev", "c_prev", "W_x", "W_h", "b", "w_c")
    for label, case in peephole_cases(question_seed("peephole_step")):
        arrays = {"x_t": case["x"][:, 0].copy()}
        arrays |= dict(zip(names, (case[k] for k in ("h0", "c0", *names[2:])), strict=True))
        result = call_unchanged(peephole_step, **arrays)
        your_h, your_c = take_apart("peephole_step", result, ("h_t", "c_t"))
        right_h, right_c = reference.peephole_step(*arrays.values())
        blind = {**arrays, "w_c": 0 * case["w_c"]}
        shut = {**arrays, "w_c": case["w_c"] * np.array([[1], [1], [0]], case["b"].dtype)}
        hints_c = [(reference.peephole_step(*blind.values())[1], "the peepholes are missing")]
        hints_h = [(reference.peephole_step(*shut.values())[0], "the output gate has one too")]
        with parts.part("the cell state"):
            check_array(f"c_t for {label}", your_c, right_c, hints=hints_c)
        with parts.part("the hidden state"):
            check_array(f"h_t for {label}", your_h, right_h, hints=hints_h)


hidden_peephole_step()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: one step back (3 points)
#
# Going back, three lines of the plain LSTM change.
# The cell state $c_t$ is read by the output gate, so it gets blame from it before anything else is computed:
#
# $$dc = dc_t + dh_t \odot o_t \odot (1 - \tanh^2 c_t) + da_o \odot w_{co}$$
#
# The cell state $c_{t-1}$ is read by the sum and by two gates:
#
# $$dc_{t-1} = dc \odot f_t + da_i \odot w_{ci} + da_f \odot w_{cf}$$
#
# And each peephole collects, over the examples, the gradient of its gate times what it saw.
# The rest is as you know it: $da_o = dh_t \odot \tanh(c_t) \odot o_t (1 - o_t)$, and $dc$ goes to $i_t$, $f_t$ and $g_t$, each through its slope.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_step_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c):
    """Carry the gradient of the loss back through one step, as far as the pre-activations.

    Parameters
    ----------
    dh_t, dc_t : arrays (N, H)
        Gradients with respect to ``h_t`` and ``c_t``, from everything after this step.
    c_prev, c_t, i, f, g, o : arrays (N, H)
        Cell state before and after the step, and the gates after their activations.
    w_c : array (3, H)

    Returns
    -------
    da : array (N, 4H), floats
        Gradient of the pre-activations, blocks in the order i, f, g, o.
    dc_prev : array (N, H), floats
    dw_c : array (3, H), floats

    Hint: begin with the block of the output gate; everything else waits for it.
    """
    ### BEGIN SOLUTION
    tanh_c = np.tanh(c_t)
    da_o = dh_t * tanh_c * o * (1 - o)
    dc = dc_t + dh_t * o * (1 - tanh_c**2) + da_o * w_c[2]
    da_i, da_f, da_g = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)
    dc_prev = dc * f + da_i * w_c[0] + da_f * w_c[1]
    dw_c = np.stack([da_i * c_prev, da_f * c_prev, da_o * c_t]).sum(axis=1)
    return np.concatenate([da_i, da_f, da_g, da_o], axis=1), dc_prev, dw_c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_step_backward_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
THREE = ("da", "dc_prev", "dw_c")


def test_step_backward():
    check_own(step_backward)
    dh_t, dc_t = np.array([[2.0, -2.6], [0.4, -0.6]]), np.array([[-0.5, -0.2], [-2.0, -0.2]])
    c_prev, c_t = np.array([[-0.9, 3.3], [0.2, -0.4]]), np.array([[-0.3, -0.7], [-1.1, -0.4]])
    i, f = np.array([[0.4, 0.6], [0.6, 0.4]]), np.array([[0.2, 0.8], [0.4, 0.4]])
    g, o = np.array([[-0.8, 0.3], [-0.2, -0.7]]), np.array([[0.7, 0.6], [0.5, 0.7]])
    w_c = np.array([[0.5, -1.0], [1.0, 0.5], [-1.0, 2.0]])
    result = step_backward(dh_t, dc_t, c_prev, c_t, i, f, g, o, w_c)
    da, dc_prev, dw_c = take_apart("step_backward", result, THREE)
    first = "c_t gets blame from the output gate, through its peephole, before dc is used"
    with parts.part("the pre-activations", 1):
        check_example(
            "da",
            da,
            [
                [-0.1735, -0.0314, -0.1301, -0.2302, 0.1301, -0.2380, -0.1224, 0.3771],
                [0.0887, 0.0779, -0.0887, 0.0445, -1.0645, -0.0946, -0.0800, 0.0479],
            ],
            hints=[
                (
                    [
                        [-0.1500, -0.0857, -0.1125, -0.6284, 0.1125, -0.6498, -0.1224, 0.3771],
                        [0.0926, 0.0940, -0.0926, 0.0537, -1.1106, -0.1141, -0.0800, 0.0479],
                    ],
                    first,
                )
            ],
        )
    with parts.part("the cell state before", 1):
        check_example(
            "dc_prev",
            dc_prev,
            [[-0.0361, -0.4325], [-0.7836, -0.2411]],
            hints=[
                ([[0.1807, -0.3488], [-0.7392, -0.1854]], "two gates have seen c_prev as well"),
                ([[-0.0312, -1.1807], [-0.8175, -0.2909]], first),
            ],
        )
    with parts.part("the peepholes", 1):
        check_example(
            "dw_c",
            dw_c,
            [[0.1739, -0.1347], [0.0994, -0.7774], [0.1248, -0.2831]],
            hints=[
                (
                    [[0.1739, -0.1347], [0.0994, -0.7774], [0.0941, 1.2254]],
                    "the output gate saw c_t, not c_prev",
                ),
                ([[0.1535, -0.3204], [0.0827, -2.0953], [0.1248, -0.2831]], first),
                (
                    [[0.0869, -0.0674], [0.0497, -0.3887], [0.0624, -0.1416]],
                    "add over the batch, do not average",
                ),
            ],
        )


test_step_backward()


### BEGIN HIDDEN TESTS
def hidden_step_backward():
    rng = np.random.default_rng(question_seed("step_backward, gradients"))
    for label, case in peephole_cases(question_seed("step_backward")):
        w_c, shape, dtype = case["w_c"], case["h0"].shape, case["b"].dtype
        arrays = {k: rng.standard_normal(shape) for k in ("dh_t", "dc_t", "c_prev", "c_t")}
        arrays |= {gate: rng.uniform(0.1, 0.9, shape) for gate in "ifgo"}
        arrays = {k: v.astype(dtype) for k, v in arrays.items()}
        result = call_unchanged(step_backward, **arrays, w_c=w_c)
        yours = take_apart("step_backward", result, THREE)
        right = reference.step_backward(*arrays.values(), w_c)
        H = shape[1]
        da = right[0]
        hints = {
            "da": (da[:, ::-1].copy(), "the blocks stand in the order i, f, g, o"),
            "dc_prev": (
                right[1] - da[:, :H] * w_c[0] - da[:, H : 2 * H] * w_c[1],
                "two gates have seen c_prev as well",
            ),
            "dw_c": (right[2] / len(da), "add over the batch, do not average"),
        }
        whole = ("the pre-activations", "the cell state before", "the peepholes")
        for part, name, mine, theirs in zip(whole, THREE, yours, right, strict=True):
            with parts.part(part):
                check_array(f"{name} for {label}", mine, theirs, hints=[hints[name]])


hidden_step_backward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: a clock of one unit (2 points)
#
# Choose four biases and three peepholes, so that a single unit fires exactly every $\tau$ steps.
# It has no input and no recurrent weights: all it sees is its own cell state, which starts at 0.
# *Firing* means that the hidden state is above 0.5, and at all other steps it must stay below.
# The first tick is at step $\tau$, counted from 1.
#
# A way to do it: let the cell state grow by $1/\tau$ a step; open the output gate once it has come close to 1; and let the forget gate close in the step after that.
# Think about which of the two gates sees $c_{t-1}$ and which sees $c_t$: it makes the count come out exactly.
#
# Any wiring that keeps time is right, for every $\tau$ from 2 to 300.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_wire_clock", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wire_clock(period):
    """Wire a one-unit peephole LSTM that fires every ``period`` steps.

    Parameters
    ----------
    period : int
        Period, at least 2.

    Returns
    -------
    b : array (4,), floats
        Biases of i, f, g, o.
    w_c : array (3,), floats
        Peepholes of i, f, o.

    Hint: ``np.arctanh``; and let both gates switch sharply, half a step before 1.
    """
    ### BEGIN SOLUTION
    sharp, threshold = 80.0 * period, 1.0 - 0.5 / period
    b = np.array([40.0, sharp * threshold, np.arctanh(1.0 / period), -sharp * threshold])
    return b, np.array([0.0, -sharp, sharp])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_wire_clock_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def ticks(period, periods):
    """Return the steps at which the wired cell fires."""
    b, w_c = take_apart("wire_clock", wire_clock(period), ("b", "w_c"))
    check_array("b", 0 * np.asarray(b, float), np.zeros(4))
    check_array("w_c", 0 * np.asarray(w_c, float), np.zeros(3))
    return fired(np.array(b, float), np.array(w_c, float), periods * period)


def test_wire_clock():
    check_own(wire_clock)
    check_numbers(
        "the ticks for period = 6",
        ticks(6, 4),
        [6, 12, 18, 24],
        hints=[
            ([], "the cell never fires: does the count reach the threshold?"),
            ([6], "it fires once: the forget gate must empty the cell afterwards"),
            ([5, 11, 17, 23], "one step early: the threshold must lie between the last step and the one before it"),
            ([5, 10, 15, 20], "one step early: the threshold must lie between the last step and the one before it"),
            ([7, 14, 21], "one step late: the threshold must lie between the last step and the one before it"),
            (list(range(6, 25)), "after the first tick it never stops: empty the cell"),
        ],
        reveal=True,
    )


test_wire_clock()


### BEGIN HIDDEN TESTS
def hidden_wire_clock():
    rng = np.random.default_rng(question_seed("wire_clock"))
    for period in (2, 3, int(rng.integers(10, 30)), int(rng.integers(100, 300))):
        length = "few" if period < 10 else "many"
        check_numbers(f"the ticks for a period of {length} steps", ticks(period, 3), [period, 2 * period, 3 * period])


hidden_wire_clock()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_reference_peephole_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `peephole_step` is the reference version.  To try your own again, run its cell again.
peephole_step = reference.peephole_step

# %% [markdown]
# ## Question 4: a sequence, with parts left out (2 points)
#
# Now the whole sequence, for one of eight variants.
# All of them get the full set of weights and leave alone what they do not have:
#
# | `variant` | what differs from `"V"`, the cell of question 1 |
# |---|---|
# | `"NIG"`, `"NFG"`, `"NOG"` | no input gate, no forget gate, no output gate: the gate is 1 |
# | `"NIAF"` | no tanh for the candidate: it is $a_g$ itself |
# | `"NOAF"` | no tanh at the output: $h_t = o_t \odot c_t$ |
# | `"CIFG"` | coupled gates: $f_t = 1 - i_t$ |
# | `"NP"` | no peepholes |


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_variant_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant):
    """Run a layer of a variant over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
    h0, c0 : arrays (N, H)
    W_x, W_h, b, w_c : arrays (D, 4H), (H, 4H), (4H,), (3, H)
    variant : str
        One of V, NIG, NFG, NOG, NIAF, NOAF, CIFG, NP.

    Returns
    -------
    h : array (N, T, H), floats
        Hidden state after every step.

    Hint: write question 1 once more, and change one line for each variant.  A gate that is
    missing can be ``np.ones_like(c_t)``.
    """
    ### BEGIN SOLUTION
    h_t, c_t, h = h0, c0, []
    w_i, w_f, w_o = 0 * w_c if variant == "NP" else w_c
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h_t @ W_h + b, 4, axis=1)
        i = np.ones_like(c_t) if variant == "NIG" else sigmoid(a_i + c_t * w_i)
        f = np.ones_like(c_t) if variant == "NFG" else sigmoid(a_f + c_t * w_f)
        if variant == "CIFG":
            f = 1 - i
        c_t = f * c_t + i * (a_g if variant == "NIAF" else np.tanh(a_g))
        o = np.ones_like(c_t) if variant == "NOG" else sigmoid(a_o + c_t * w_o)
        h_t = o * (c_t if variant == "NOAF" else np.tanh(c_t))
        h.append(h_t)
    return np.stack(h, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_variant_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()
GATES, REST = ("V", "NIG", "NFG", "NOG"), ("NIAF", "NOAF", "CIFG", "NP")


def test_variant_forward():
    check_own(variant_forward)
    x, h0, c0 = np.array([[[1.0], [0.0], [-1.0]]]), np.array([[0.5]]), np.array([[2.0]])
    W_x, W_h = np.array([[0.5, -0.4, 0.8, 0.3]]), np.array([[0.2, 0.1, -0.3, 0.6]])
    b, w_c = np.array([0.1, 1.0, -0.2, 0.3]), np.array([[0.5], [-0.5], [0.7]])
    expected = {
        "V": [0.7036, 0.3177, -0.0135],
        "NIG": [0.7249, 0.2564, -0.2104],
        "NFG": [0.9111, 0.8717, 0.7286],
        "NOG": [0.8286, 0.4127, -0.0457],
        "NIAF": [0.7116, 0.3138, -0.0863],
        "NOAF": [1.0050, 0.3147, -0.0299],
        "CIFG": [0.4638, 0.0272, -0.1268],
        "NP": [0.6548, 0.5011, 0.2392],
    }
    variant_forward(x, h0, c0, W_x, W_h, b, w_c, "V")  # does it run at all?
    for part, variants in (("the three gates", GATES), ("the others", REST)):
        with parts.part(part, 1):
            for variant in variants:
                h = variant_forward(x, h0, c0, W_x, W_h, b, w_c, variant)
                hint = (np.reshape(expected["V"], (1, 3, 1)), "this is V: nothing is left out")
                wanted = np.reshape(expected[variant], (1, 3, 1)).tolist()
                hints = [] if variant == "V" else [hint]
                check_example(f"h of {variant}", h, wanted, hints=hints)


test_variant_forward()


### BEGIN HIDDEN TESTS
def hidden_variant_forward():
    for label, case in peephole_cases(question_seed("variant_forward")):
        full = reference.variant_forward(*case.values(), "V")
        zero = reference.variant_forward(
            case["x"], 0 * case["h0"], 0 * case["c0"], *list(case.values())[3:], "V"
        )
        for title, group in (("the three gates", GATES), ("the others", REST)):
            for name in group:
                h = call_unchanged(variant_forward, **case, variant=name)
                hints = [(full, "this is V: nothing is left out"), (zero, "start from h0 and c0")]
                right = reference.variant_forward(*case.values(), name)
                hints = hints[1:] if name == "V" else hints
                with parts.part(title):
                    check_array(f"h of {name} for {label}", h, right, hints=hints)


hidden_variant_forward()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: how many parameters? (1 point)
#
# A variant without a gate has no weights for it, and no peephole of it.
# In CIFG the forget gate follows from the input gate, so it has none either.
# Count the weights of a layer: `W_x`, `W_h`, `b` and the peepholes.


# %% nbgrader={"grade": false, "grade_id": "peephole_ablation_parameter_count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_count(D, H, variant):
    """Return the number of parameters of one layer.

    Parameters
    ----------
    D, H : int
        Input features and hidden units.
    variant : str
        As in question 4.

    Returns
    -------
    int

    Hint: count the blocks, and then the peepholes.
    """
    ### BEGIN SOLUTION
    blocks = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4
    peepholes = 0 if variant == "NP" else blocks - 1
    return blocks * (D * H + H * H + H) + peepholes * H
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "peephole_ablation_parameter_count_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def test_parameter_count():
    check_own(parameter_count)
    hints = {
        "V": [(840, "the peepholes are missing"), (1140, "a peephole is a vector, not a matrix")],
        "NP": [(870, "NP has no peepholes")],
        "CIFG": [(870, "CIFG has three blocks"), (660, "only two gates have peepholes here")],
        "NIAF": [
            (650, "the candidate keeps its weights"),
            (660, "the candidate keeps its weights"),
        ],
    }
    for variant, expected in (("V", 870), ("NP", 840), ("CIFG", 650), ("NIAF", 870)):
        count = parameter_count(10, 10, variant)
        check_count(f"the count of {variant} for D = H = 10", count, expected, hints=hints[variant])


test_parameter_count()


### BEGIN HIDDEN TESTS
def hidden_parameter_count():
    rng = np.random.default_rng(question_seed("parameter_count"))
    for variant in (*GATES, *REST):
        D, H = (int(size) for size in rng.integers(1, 40, 2))
        name = f"the count of {variant} for another layer"
        check_count(name, parameter_count(D, H, variant), reference.parameter_count(D, H, variant))


hidden_parameter_count()
### END HIDDEN TESTS

# %% [markdown]
# ## Where to go from here
#
# You own nine tenths of the cell of the study that took the LSTM apart.
# Two things are worth trying with it:
#
# - let your clock run with the output gate looking at the old cell state, and see what becomes of it;
# - train two variants on a task of your own, at the same number of parameters, with three seeds each, and look at the spread before you name a winner.
