"""Answers to the assignment lstm_cell: wrong ones, each with the questions it breaks, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from typing import NamedTuple


class Wrong(NamedTuple):
    """A submission with a mistake."""

    name: str
    answers: dict[str, str]  # source of the solution cell of each question named
    breaks: set[str]  # the questions that must lose their points; all others keep them
    says: str  # what the message of the failed test must contain


class Right(NamedTuple):
    """A correct submission in another style."""

    name: str
    answers: dict[str, str]
    extra: str = ""  # source of a cell of the student's own, at the top


WRONG = [
    Wrong(
        "sigmoid-overflows",
        {"sigmoid": "def sigmoid(a):\n    return 1.0 / (1.0 + np.exp(-a))"},
        {"sigmoid"},
        "the exponential of a large number does not fit",
    ),
    Wrong(
        "sigmoid-where-computes-both",
        {
            "sigmoid": """
def sigmoid(a):
    return np.where(a >= 0, 1.0 / (1.0 + np.exp(-a)), np.exp(a) / (1.0 + np.exp(a)))
"""
        },
        {"sigmoid"},
        "np.where computes both of its branches",
    ),
    Wrong(
        "sigmoid-always-float64",
        {
            "sigmoid": """
def sigmoid(a):
    out = np.zeros(a.shape)
    out[...] = 0.5 * (1.0 + np.tanh(0.5 * a))
    return out
"""
        },
        {"sigmoid"},
        "must keep the dtype of the input, float32, but yours is float64",
    ),
    Wrong(
        "forget-gate-without-bias",
        {
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    return sigmoid(x_t @ W_xf + h_prev @ W_hf)
"""
        },
        {"forget_gate"},
        "the bias b_f is missing",
    ),
    Wrong(
        "forget-gate-transposed",  # right for H = 1, which is all that the visible test tries
        {
            "forget_gate": """
from IPython.display import HTML, display

display(HTML("<p>my notes</p><script>alert(1)</script>"))

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    return sigmoid(x_t @ W_xf + h_prev @ W_hf.T + b_f)
"""
        },
        {"forget_gate"},
        "W_hf is transposed",
    ),
    Wrong(
        "candidate-through-sigmoid",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    i = sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)
    g = sigmoid(x_t @ W_xg + h_prev @ W_hg + b_g)
    return i, g
"""
        },
        {"input_gate_and_candidate"},
        "the candidate uses tanh, not the sigmoid",
    ),
    Wrong(
        "input-gate-alone",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    return sigmoid(x_t @ W_xi + h_prev @ W_hi + b_i)
"""
        },
        {"input_gate_and_candidate"},
        "must return 2 arrays, (i_t, g_t), but yours returns one array of shape (1, 1)",
    ),
    Wrong(
        "forget-gate-on-the-candidate",
        {"cell_update": "def cell_update(c_prev, i, f, g):\n    return i * c_prev + f * g"},
        {"cell_update"},
        "the forget gate multiplies c_prev, not the candidate",
    ),
    Wrong(
        "cell-updated-in-place",
        {
            "cell_update": """
def cell_update(c_prev, i, f, g):
    c_prev *= f
    c_prev += i * g
    return c_prev
"""
        },
        {"cell_update"},
        "changes its argument c_prev",
    ),
    Wrong(
        "no-return",
        {"cell_update": "def cell_update(c_prev, i, f, g):\n    c_t = f * c_prev + i * g"},
        {"cell_update"},
        "is the return statement missing?",
    ),
    Wrong(
        "hidden-state-without-tanh",
        {
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)
    return o, o * c_t
"""
        },
        {"output_gate_and_hidden_state"},
        "the tanh of the cell state is missing",
    ),
    Wrong(
        "blocks-in-another-order",
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a_i, a_f, a_o, a_g = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    return a_i, a_f, a_g, a_o
"""
        },
        {"pre_activations"},
        "this is the output gate's block: it comes last",
    ),
    Wrong(
        "batch-of-one-squeezed",  # the visible test has two examples
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a = (x_t @ W_x + h_prev @ W_h + b).squeeze()
    return np.split(a, 4, axis=-1)
"""
        },
        {"pre_activations"},
        "N = 1 must have shape",
    ),
    Wrong(
        "hidden-state-left-out",  # h_prev is zero in the visible test
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    return tuple(np.split(x_t @ W_x + b, 4, axis=1))
"""
        },
        {"pre_activations"},
        "the hidden state h_prev is missing",
    ),
    Wrong(
        "step-uses-the-old-cell-state",
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    a_i, a_f, a_g, a_o = pre_activations(x_t, h_prev, W_x, W_h, b)
    c_t = sigmoid(a_f) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c_prev), c_t
"""
        },
        {"step"},
        "h_t uses the new cell state, not c_prev",
    ),
    Wrong(
        "step-for-one-hidden-unit",  # sizes taken from the visible test
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = x_t @ W_x + h_prev @ W_h + b
    c_t = sigmoid(a[:, 1:2]) * c_prev + sigmoid(a[:, 0:1]) * np.tanh(a[:, 2:3])
    return sigmoid(a[:, 3:4]) * np.tanh(c_t), c_t
"""
        },
        {"step"},
        "each block has H columns, not one",
    ),
    Wrong(
        "sequence-forgets-the-cell-state",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, hidden = h0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c0, W_x, W_h, b)
        hidden.append(h_t)
    return np.stack(hidden, axis=1), h_t, c_t
"""
        },
        {"sequence"},
        "each step starts from c0: carry c_t on",
    ),
    Wrong(
        "sequence-time-first",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.array(hidden), h_t, c_t
"""
        },
        {"sequence"},
        "time stands first: stack along axis 1",
    ),
    Wrong(
        "two-slips",
        {
            "parameter_count": """
def parameter_count(D, H, L):
    return L * 4 * (D * H + H * H + H)
""",
            "initial_bias": """
def initial_bias(H, forget_bias):
    b = np.zeros(4 * H)
    b[2 * H : 3 * H] = forget_bias
    return b
""",
        },
        {"parameter_count", "initial_bias"},
        "forget is block 2",
    ),
    Wrong(
        "float-count-and-syntax-error",
        {
            "parameter_count": """
def parameter_count(D, H, L):
    return 4.0 * (D * H + H * H + H) + (L - 1) * 4.0 * (2 * H * H + H)
""",
            "initial_bias": "def initial_bias(H, forget_bias)\n    return np.zeros(4 * H)",
        },
        {"parameter_count", "initial_bias"},
        "must be a whole number (int), but yours is a float",
    ),
    Wrong(
        "many-slips",  # a slip in each does not reach the questions that build on them
        {
            "sigmoid": "def sigmoid(a):\n    return np.tanh(a)",
            "forget_gate": "def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):\n    return x_t @ W_xf",
            "pre_activations": "pre_activations = None",
            "step": "def step(x_t, h_prev, c_prev, W_x, W_h, b):\n    return h_prev, c_prev",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.array(hidden).reshape(*x.shape[:2], -1), h_t, c_t
""",
        },
        {"sigmoid", "forget_gate", "pre_activations", "step", "sequence"},
        "reshape mixes examples and time steps",
    ),
]

RIGHT = [
    Right(
        "loops",
        {
            "sigmoid": """
import math

def sigmoid(a):
    out = np.empty_like(a)
    for index in np.ndindex(a.shape):
        if a[index] >= 0:
            out[index] = 1 / (1 + math.exp(-a[index]))
        else:
            out[index] = math.exp(a[index]) / (1 + math.exp(a[index]))
    return out
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    c_t = np.zeros(c_prev.shape)
    for n in range(c_prev.shape[0]):
        for k in range(c_prev.shape[1]):
            c_t[n, k] = f[n, k] * c_prev[n, k] + i[n, k] * g[n, k]
    return c_t
""",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    N, T, D = x.shape
    h = np.zeros((N, T, W_h.shape[0]))
    h_T, c_T = np.zeros(h0.shape), np.zeros(c0.shape)
    for n in range(N):
        h_n, c_n = h0[n : n + 1], c0[n : n + 1]
        for t in range(T):
            h_n, c_n = step(x[n : n + 1, t], h_n, c_n, W_x, W_h, b)
            h[n, t] = h_n[0]
        h_T[n], c_T[n] = h_n[0], c_n[0]
    return h, h_T, c_T
""",
            "parameter_count": """
def parameter_count(D, H, L):
    total = 0
    for layer in range(L):
        width = D if layer == 0 else H
        for gate in "ifgo":
            total += width * H + H * H + H
    return total
""",
        },
    ),
    Right(
        "einsum",
        {
            "sigmoid": "def sigmoid(a):\n    return np.exp(-np.logaddexp(0, -a))",
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    products = np.einsum("bd,dh->bh", x_t, W_xf) + np.einsum("bk,kh->bh", h_prev, W_hf)
    return sigmoid(products + b_f[None, :])
""",
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a = np.einsum("bd,dk->bk", x_t, W_x) + np.einsum("bh,hk->bk", h_prev, W_h) + b
    return tuple(a.reshape(len(x_t), 4, -1).transpose(1, 0, 2))
""",
        },
    ),
    Right(
        "float32",
        {
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    x_t, h_prev = np.float32(x_t), np.float32(h_prev)
    return sigmoid(x_t @ np.float32(W_xf) + h_prev @ np.float32(W_hf) + np.float32(b_f))
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    x_t, h_prev, c_prev, W_x, W_h, b = map(np.float32, (x_t, h_prev, c_prev, W_x, W_h, b))
    i, f, g, o = np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t
""",
            "initial_bias": """
def initial_bias(H, forget_bias):
    return np.repeat(np.array([0, forget_bias, 0, 0], dtype=np.float32), H)
""",
        },
    ),
    Right(
        "fused",
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    a = np.hstack([x_t, h_prev]) @ np.vstack([W_x, W_h]) + b
    H = W_h.shape[0]
    return [a[:, k * H : (k + 1) * H] for k in range(4)]
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    H = h_prev.shape[1]
    a = np.concatenate([x_t, h_prev, np.ones((len(x_t), 1))], axis=1) @ np.vstack([W_x, W_h, b])
    gates = np.tanh(a * np.repeat([0.5, 0.5, 1.0, 0.5], H))
    i, f, o = ((1 + gates[:, k * H : (k + 1) * H]) / 2 for k in (0, 1, 3))
    c_t = f * c_prev + i * gates[:, 2 * H : 3 * H]
    return o * np.tanh(c_t), c_t
""",
        },
    ),
    Right(
        "per-gate",
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    H = h_prev.shape[1]
    at = {name: slice(k * H, (k + 1) * H) for k, name in enumerate("ifgo")}
    i, g = input_gate_and_candidate(
        x_t, h_prev, W_x[:, at["i"]], W_h[:, at["i"]], b[at["i"]],
        W_x[:, at["g"]], W_h[:, at["g"]], b[at["g"]],
    )
    f = forget_gate(x_t, h_prev, W_x[:, at["f"]], W_h[:, at["f"]], b[at["f"]])
    c_t = cell_update(c_prev, i, f, g)
    _, h_t = output_gate_and_hidden_state(
        x_t, h_prev, c_t, W_x[:, at["o"]], W_h[:, at["o"]], b[at["o"]]
    )
    return h_t, c_t
""",
        },
    ),
    Right(
        "in-place-in-own-arrays",
        {
            "sigmoid": """
def sigmoid(a):
    out = a / 2
    np.tanh(out, out=out)
    out += 1
    out /= 2
    return out
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    c_t = c_prev.copy()
    c_t *= f
    c_t += i * g
    return c_t
""",
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h = np.empty((x.shape[0], x.shape[1], h0.shape[1]), x.dtype)
    h_t, c_t = h0.copy(), c0.copy()
    for t in range(x.shape[1]):
        h_t[:], c_t[:] = step(x[:, t], h_t, c_t, W_x, W_h, b)
        h[:, t] = h_t
    return h, h_t, c_t
""",
        },
    ),
    Right(
        "helper-and-noise",
        {
            "forget_gate": """
import sys
import warnings

def forget_gate(inputs, hidden, *weights):
    print("computing the gate", file=sys.stderr)
    warnings.warn("a warning costs nothing", stacklevel=1)
    return sigmoid(affine(inputs, hidden, *weights))
""",
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o_t = sigmoid(affine(x_t, h_prev, W_xo, W_ho, b_o))
    return [o_t, np.tanh(c_t) * o_t]
""",
        },
        extra="""
def affine(x_t, h_prev, W_x, W_h, b):
    return x_t @ W_x + h_prev @ W_h + b

N, D, H = "names", "of", "mine"
""",
    ),
]
