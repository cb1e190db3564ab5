"""Answers to the assignment lstm_cell: wrong ones, each with the questions it breaks, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong

WRONG = [
    Wrong(
        "sigmoid-overflows",
        {"sigmoid": "def sigmoid(a):\n    return 1.0 / (1.0 + np.exp(-a))"},
        {"sigmoid": 1},
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
        {"sigmoid": 1},
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
        {"sigmoid": 1},
        "Wrong dtype: it must be that of the input",
    ),
    Wrong(
        "forget-gate-without-bias",
        {
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    return sigmoid(x_t @ W_xf + h_prev @ W_hf)
"""
        },
        {"forget_gate": 2},
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
        {"forget_gate": 2},
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
        {"input_gate_and_candidate": 1},
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
        {"input_gate_and_candidate": 2},
        "must return 2 values, (i_t, g_t), but yours returns one array of shape (1, 1)",
    ),
    Wrong(
        "forget-gate-on-the-candidate",
        {"cell_update": "def cell_update(c_prev, i, f, g):\n    return i * c_prev + f * g"},
        {"cell_update": 1},
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
        {"cell_update": 1},
        "Your function changes an argument, which the caller still needs: c_prev",
    ),
    Wrong(
        "no-return",
        {"cell_update": "def cell_update(c_prev, i, f, g):\n    c_t = f * c_prev + i * g"},
        {"cell_update": 1},
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
        {"output_gate_and_hidden_state": 1},
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
        {"pre_activations": 2},
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
        {"pre_activations": 2},
        "Wrong shape: a_i for a batch of one example, N = 1",
    ),
    Wrong(
        "hidden-state-left-out",  # h_prev is zero in the visible test
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    return tuple(np.split(x_t @ W_x + b, 4, axis=1))
"""
        },
        {"pre_activations": 2},
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
        {"step": 1},
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
        {"step": 3},
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
        {"sequence": 3},
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
        {"sequence": 1},
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
        {"parameter_count": 1, "initial_bias": 1},
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
        {"parameter_count": 2, "initial_bias": 1},
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
        {"sigmoid": 2, "forget_gate": 2, "pre_activations": 2, "step": 3, "sequence": 1},
        "reshape mixes examples and time steps",
    ),
    Wrong(
        "sigmoid-flipped",
        {"sigmoid": "def sigmoid(a):\n    return 0.5 * (1.0 - np.tanh(0.5 * a))"},
        {"sigmoid": 2},
        "the sign of a is flipped",
    ),
    Wrong(
        "sigmoid-clipped-too-early",  # the visible test does not look between 2 and 1000
        {
            "sigmoid": """
def sigmoid(a):
    return 1 / (1 + np.exp(-np.clip(a, -4, 4), dtype=a.dtype))
"""
        },
        {"sigmoid": 2},
        "wrong values (entry [0, 0] is 0.01799 and should be 0)",
    ),
    Wrong(
        "sigmoid-in-place",
        {
            "sigmoid": """
def sigmoid(a):
    a *= 0.5
    return 0.5 * (1.0 + np.tanh(a))
"""
        },
        {"sigmoid": 1},
        "Your function changes an argument, which the caller still needs: a",
    ),
    Wrong(
        "forget-gate-through-tanh",
        {
            "forget_gate": """
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    return np.tanh(x_t @ W_xf + h_prev @ W_hf + b_f)
"""
        },
        {"forget_gate": 2},
        "a gate uses the sigmoid, not tanh",
    ),
    Wrong(
        "candidate-borrows-weights",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    a = x_t @ W_xi + h_prev @ W_hi + b_i
    return sigmoid(a), np.tanh(a)
"""
        },
        {"input_gate_and_candidate": 1},
        "g_t has the right shape but wrong values",
    ),
    Wrong(
        "bias-forgotten-in-the-input-gate",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    i = sigmoid(x_t @ W_xi + h_prev @ W_hi)
    return i, np.tanh(x_t @ W_xg + h_prev @ W_hg + b_g)
"""
        },
        {"input_gate_and_candidate": 1},
        "i_t has the right shape but wrong values",
    ),
    Wrong(
        "one-minus-the-input-gate",  # a GRU in disguise
        {"cell_update": "def cell_update(c_prev, i, f, g):\n    return (1 - i) * c_prev + i * g"},
        {"cell_update": 1},
        "c_t has the right shape but wrong values",
    ),
    Wrong(
        "hidden-state-first",
        {
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)
    return o * np.tanh(c_t), o
"""
        },
        {"output_gate_and_hidden_state": 2},
        "return o_t first, then h_t",
    ),
    Wrong(
        "output-gate-sees-the-cell-state",  # h_prev is replaced; right for N = 1 only by luck
        {
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o = sigmoid(x_t @ W_xo + c_t @ W_ho + b_o)
    return o, o * np.tanh(c_t)
"""
        },
        {"output_gate_and_hidden_state": 2},
        "o_t has the right shape but wrong values",
    ),
    Wrong(
        "masked-array-that-hides-everything",
        {
            "output_gate_and_hidden_state": """
def output_gate_and_hidden_state(x_t, h_prev, c_t, W_xo, W_ho, b_o):
    o = sigmoid(x_t @ W_xo + h_prev @ W_ho + b_o)
    return o, np.ma.masked_all(c_t.shape)
"""
        },
        {"output_gate_and_hidden_state": 1},
        "h_t must be a NumPy array, but yours is a MaskedArray",
    ),
    Wrong(
        "bias-counted-four-times",
        {
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    H = W_h.shape[0]
    blocks = [slice(k * H, (k + 1) * H) for k in range(4)]
    return tuple(x_t @ W_x[:, k] + h_prev @ W_h[:, k] + b.reshape(4, H).sum(0) for k in blocks)
"""
        },
        {"pre_activations": 2},
        "a_i has the right shape but wrong values",
    ),
    Wrong(
        "step-returns-the-cell-state-first",
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    i, f, g, o = pre_activations(x_t, h_prev, W_x, W_h, b)
    c_t = cell_update(c_prev, sigmoid(i), sigmoid(f), np.tanh(g))
    return c_t, sigmoid(o) * np.tanh(c_t)
"""
        },
        {"step": 3},
        "this is c_t: return h_t first, then c_t",
    ),
    Wrong(
        "step-overwrites-the-states",  # in place in the caller's arrays
        {
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b):
    i, f, g, o = pre_activations(x_t, h_prev, W_x, W_h, b)
    c_prev[...] = cell_update(c_prev, sigmoid(i), sigmoid(f), np.tanh(g))
    h_prev[...] = sigmoid(o) * np.tanh(c_prev)
    return h_prev, c_prev
"""
        },
        {"step": 3},
        "Your function changes an argument, which the caller still needs: h_prev",
    ),
    Wrong(
        "sequence-starts-from-zeros",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = 0 * h0, 0 * c0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.stack(hidden, axis=1), h_t, c_t
"""
        },
        {"sequence": 3},
        "start from h0 and c0, not from zeros",
    ),
    Wrong(
        "final-cell-state-is-the-hidden-state",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = h0, c0, []
    for t in range(x.shape[1]):
        h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.stack(hidden, axis=1), h_t, h_t
"""
        },
        {"sequence": 1},
        "this is h_T: the cell state comes last",
    ),
    Wrong(
        "sequence-one-buffer-for-every-step",  # the list holds the same array T times
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    h_t, c_t, hidden = h0.copy(), c0, []
    for t in range(x.shape[1]):
        h_t[...], c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
        hidden.append(h_t)
    return np.stack(hidden, axis=1), h_t, c_t
"""
        },
        {"sequence": 1},
        "h has the right shape but wrong values",
    ),
    Wrong(
        "two-biases-a-block",
        {
            "parameter_count": """
def parameter_count(D, H, L):
    return 4 * (D * H + H * H + 2 * H) + (L - 1) * 4 * (2 * H * H + 2 * H)
"""
        },
        {"parameter_count": 2},
        "this counts two biases a block",
    ),
    Wrong(
        "forget-bias-always-one",
        {
            "initial_bias": """
def initial_bias(H, forget_bias):
    b = np.zeros(4 * H)
    b[H : 2 * H] = 1
    return b
"""
        },
        {"initial_bias": 1},
        "use the argument forget_bias, not 1",
    ),
    Wrong(
        "whole-numbers-for-the-bias",
        {
            "initial_bias": """
def initial_bias(H, forget_bias):
    b = np.zeros(4 * H, dtype=int)
    b[H : 2 * H] = forget_bias
    return b
"""
        },
        {"initial_bias": 1},
        "must hold floats (float64 or float32), but yours holds int64",
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
    Right(
        "classes-and-type-hints",
        {
            "forget_gate": """
from dataclasses import dataclass

import numpy.typing as npt

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Affine:
    W_x: Array
    W_h: Array
    b: Array

    def __call__(self, x: Array, h: Array) -> Array:
        return x @ self.W_x + h @ self.W_h + self.b


def forget_gate(x_t: Array, h_prev: Array, W_xf: Array, W_hf: Array, b_f: Array) -> Array:
    return sigmoid(Affine(W_xf, W_hf, b_f)(x_t, h_prev))
""",
            "step": """
class Step:
    def __init__(self, gate_order: str = "ifgo") -> None:
        self.gate_order = gate_order

    def __call__(self, x_t, h_prev, c_prev, W_x, W_h, b):
        a = dict(zip(self.gate_order, np.split(x_t @ W_x + h_prev @ W_h + b, 4, axis=1)))
        c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["g"])
        return sigmoid(a["o"]) * np.tanh(c_t), c_t


step = Step()
""",
            "sequence": """
from collections import namedtuple

States = namedtuple("States", "h h_T c_T")


def sequence(x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array) -> States:
    states = [(h0, c0)]
    for x_t in x.swapaxes(0, 1):
        states.append(step(x_t, *states[-1], W_x, W_h, b))
    return States(np.stack([h for h, _ in states[1:]], axis=1), *states[-1])
""",
        },
    ),
    Right(
        "lambdas-and-partials",
        {
            "sigmoid": "sigmoid = lambda a: (np.tanh(a / 2) + 1) / 2",
            "cell_update": "cell_update = lambda c, i, f, g: np.add(f * c, np.multiply(i, g))",
            "parameter_count": """
from functools import reduce

parameter_count = lambda D, H, L: reduce(
    lambda total, width: total + 4 * H * (width + H + 1), [D] + [H] * (L - 1), 0
)
""",
            "initial_bias": """
initial_bias = lambda H, forget_bias: np.kron([0.0, 1.0, 0.0, 0.0], np.full(H, forget_bias))
""",
        },
    ),
    Right(
        "comments-in-other-languages",
        {
            "forget_gate": """
# Das Vergessenstor: σ(x_t·W_xf + h_{t-1}·W_hf + b_f)
def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    '''Gibt das Tor zurück — 忘却ゲート.'''
    größe = x_t @ W_xf  # размер (N, H)
    größe = größe + h_prev @ W_hf + b_f
    return sigmoid(größe)
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    # la porte d'oubli garde, la porte d'entrée écrit
    mémoire = f * c_prev
    return mémoire + i * g  # 新しいセル状態
""",
        },
        extra="# Notizen: ñ, ü, 漢字, 🙂\nπ = np.pi\nprint('Größe:', π)",
    ),
    Right(
        "magics-display-and-shell-state",
        {
            "sigmoid": """
from IPython.display import Markdown, display

def sigmoid(a):
    display(Markdown("**sigmoid**"))
    return 0.5 * (1.0 + np.tanh(0.5 * a))

display(Markdown("my **notes**"))
sigmoid(np.array([0.0]))
""",
            "initial_bias": """
def initial_bias(H, forget_bias):
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return b

initial_bias?
%timeit -n 1 -r 1 initial_bias(2, 1.0)
initial_bias(2, 1.0)
""",
        },
        extra="""
%matplotlib inline
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, 1]);
_ = !echo hello
""",
    ),
    Right(
        "recursion-and-generators",
        {
            "sequence": """
def sequence(x, h0, c0, W_x, W_h, b):
    def states(h_t, c_t):
        for t in range(x.shape[1]):
            h_t, c_t = step(x[:, t], h_t, c_t, W_x, W_h, b)
            yield h_t, c_t

    hidden, cells = zip(*states(h0, c0), strict=True)
    return np.moveaxis(np.array(hidden), 0, 1), hidden[-1], cells[-1]
""",
            "parameter_count": """
def parameter_count(D, H, L):
    if L == 0:
        return 0
    return 4 * H * (D + H + 1) + parameter_count(H, H, L - 1)
""",
            "pre_activations": """
def pre_activations(x_t, h_prev, W_x, W_h, b):
    H = h_prev.shape[-1]
    a = np.dot(x_t, W_x) + np.dot(h_prev, W_h) + b
    return np.stack([a[..., k * H : (k + 1) * H] for k in range(4)])  # one stacked array
""",
        },
    ),
    Right(
        "fortran-order-views-and-numpy-scalars",
        {
            "input_gate_and_candidate": """
def input_gate_and_candidate(x_t, h_prev, W_xi, W_hi, b_i, W_xg, W_hg, b_g):
    i = sigmoid((W_xi.T @ x_t.T + W_hi.T @ h_prev.T + b_i[:, None])).T
    g = np.tanh((W_xg.T @ x_t.T + W_hg.T @ h_prev.T + b_g[:, None])).T
    return i, g
""",
            "cell_update": """
def cell_update(c_prev, i, f, g):
    return np.asfortranarray(np.stack([c_prev, g]) * np.stack([f, i])).sum(axis=0)
""",
            "parameter_count": """
def parameter_count(D, H, L):
    widths = np.array([D] + [H] * (L - 1))
    return np.sum(4 * H * (widths + H + 1))
""",
        },
    ),
    Right(
        "defensive-and-chatty",
        {
            "sigmoid": """
import logging

logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger("mine")

def sigmoid(a):
    a = np.asarray(a)
    with np.errstate(over="ignore"):
        result = 1 / (1 + np.exp(-a))
    log.info("sigmoid of %s", a.shape)
    return result.astype(a.dtype)
""",
            "step": """
def step(x_t, h_prev, c_prev, W_x, W_h, b, *, verbose=True):
    N, H = h_prev.shape
    assert c_prev.shape == (N, H), "the states must have the same shape"
    if W_x.shape[1] != 4 * H:
        raise ValueError(f"W_x must have {4 * H} columns, got {W_x.shape[1]}")
    try:
        a = x_t @ W_x + h_prev @ W_h + b
    finally:
        if verbose:
            print(f"step for {N} examples")
    i, f, o = (sigmoid(a[:, k * H : (k + 1) * H]) for k in (0, 1, 3))
    c_t = f * c_prev + i * np.tanh(a[:, 2 * H : 3 * H])
    return o * np.tanh(c_t), c_t
""",
        },
    ),
]
