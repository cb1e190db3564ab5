"""Checks of answers about cells that are written in NumPy: steps, sequences, their gradients."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

from lstm_course.gradcheck import numerical_gradient, relative_error
from lstm_course.gru import GRUState, GRUWeights, gru_step
from lstm_course.lstm import LSTMState, LSTMWeights, lstm_step
from lstm_course.training import clip_by_global_norm
from lstm_course.variants.ablation import (
    VARIANTS,
    AblationState,
    AblationWeights,
    ablation_forward,
    ablation_parameter_count,
    ablation_step,
)
from lstm_course.variants.min_rnn import MinGRUWeights, MinRNNState, min_rnn_forward
from lstm_course.variants.scan import scan_loop
from lstm_course.variants.slstm import SLSTMState, slstm_step
from tests.assignments.answers.table import Draw, checks, close, gradients, leaf, torch_layer


def tensors(*arrays: Any) -> list[torch.Tensor]:
    return [torch.tensor(array) for array in arrays]


def step_of_lstm(draw: Draw) -> tuple[Any, LSTMState, LSTMWeights, LSTMState, Any]:
    """Return input, state and weights of a random step, and what the package makes of them."""
    x_t, state, weights = draw.array(draw.N, draw.D), draw.state(), draw.lstm()
    return x_t, state, weights, *lstm_step(x_t, state, weights)


def block(weights: LSTMWeights, gate: str) -> list[Any]:
    """Return the three arrays of one gate."""
    H, k = len(weights.W_h), "ifgo".index(gate)
    return [array[..., k * H : (k + 1) * H] for array in weights]


@checks("lstm_cell.sigmoid", "gru.sigmoid", "conv_lstm.sigmoid", "peephole_ablation.sigmoid")
def sigmoid(answer: Any, draw: Draw) -> None:
    a = np.concatenate([3 * draw.array(draw.N, draw.H).ravel(), [-1000.0, 0.0, 1000.0]])
    close(answer(a), torch.sigmoid(torch.tensor(a)))
    assert answer(a.astype(np.float32)).dtype == np.float32


@checks("lstm_cell.forget_gate")
def forget_gate(answer: Any, draw: Draw) -> None:
    x_t, state, weights, _, cache = step_of_lstm(draw)
    close(answer(x_t, state.h, *block(weights, "f")), cache.f)


@checks("lstm_cell.input_gate_and_candidate")
def input_gate_and_candidate(answer: Any, draw: Draw) -> None:
    x_t, state, weights, _, cache = step_of_lstm(draw)
    found = answer(x_t, state.h, *block(weights, "i"), *block(weights, "g"))
    close(found, (cache.i, cache.g))


@checks("lstm_cell.cell_update")
def cell_update(answer: Any, draw: Draw) -> None:
    _, state, _, after, cache = step_of_lstm(draw)
    close(answer(state.c, cache.i, cache.f, cache.g), after.c)


@checks("lstm_cell.output_gate_and_hidden_state")
def output_gate_and_hidden_state(answer: Any, draw: Draw) -> None:
    x_t, state, weights, after, cache = step_of_lstm(draw)
    close(answer(x_t, state.h, after.c, *block(weights, "o")), (cache.o, after.h))


@checks("lstm_cell.pre_activations")
def pre_activations(answer: Any, draw: Draw) -> None:
    x_t, state, weights, _, _ = step_of_lstm(draw)
    W_x, W_h, b = tensors(*weights)
    from_x = torch.nn.functional.linear(torch.tensor(x_t), W_x.T, b)
    a = from_x + torch.nn.functional.linear(torch.tensor(state.h), W_h.T)
    close(answer(x_t, state.h, *weights), a.chunk(4, dim=1))


@checks("lstm_cell.step", "crf.lstm_step")
def lstm_step_alone(answer: Any, draw: Draw) -> None:
    x_t, state, weights = draw.array(draw.N, draw.D), draw.state(), draw.lstm()
    _, right = torch_layer("LSTM", torch.tensor(x_t[:, None]), tensors(*state), *tensors(*weights))
    close(answer(x_t, *state, *weights), right)


@checks("lstm_cell.sequence")
def lstm_sequence(answer: Any, draw: Draw) -> None:
    x, state, weights = draw.array(draw.N, draw.T, draw.D), draw.state(), draw.lstm()
    h, final = torch_layer("LSTM", torch.tensor(x), tensors(*state), *tensors(*weights))
    close(answer(x, *state, *weights), (h, *final))


@checks("lstm_cell.parameter_count")
def lstm_parameter_count(answer: Any, draw: Draw) -> None:
    for L in (1, 2, 4):
        named = torch.nn.LSTM(draw.D, draw.H, L).named_parameters()  # with a second bias
        assert answer(draw.D, draw.H, L) == sum(p.numel() for n, p in named if "bias_hh" not in n)


@checks("lstm_cell.initial_bias")
def initial_bias(answer: Any, draw: Draw) -> None:
    D, H, forget = draw.D, draw.H, float(draw.array())
    weights = LSTMWeights(np.zeros((D, 4 * H)), np.zeros((H, 4 * H)), answer(H, forget))
    _, cache = lstm_step(draw.array(draw.N, D), draw.state(), weights)
    half, zero = np.full((draw.N, H), 0.5), np.zeros((draw.N, H))
    gate = torch.sigmoid(torch.full((draw.N, H), forget, dtype=torch.float64))
    close((cache.i, cache.f, cache.g, cache.o), (half, gate, zero, half))


@checks("lstm_cell.contributions")
def contributions(answer: Any, draw: Draw) -> None:
    shape = draw.N, draw.T, draw.H
    c0, i, f, g = (
        draw.array(draw.N, draw.H),
        draw.gate(*shape),
        draw.gate(*shape),
        draw.array(*shape),
    )
    found = answer(c0, i, f, g)
    assert found.shape == (draw.N, draw.T + 1, draw.H)
    for k in range(draw.T + 1):  # what the loop makes of one part alone
        c_t = c0 * (k == 0)
        for t in range(draw.T):
            c_t = f[:, t] * c_t + i[:, t] * g[:, t] * (k == t + 1)
        close(found[:, k], c_t)
    assert answer(*(array.astype(np.float32) for array in (c0, i, f, g))).dtype == np.float32


@checks("lstm_backward.sequence_forward")
def sequence_forward(answer: Any, draw: Draw) -> None:
    x, state, weights = draw.array(draw.N, draw.T, draw.D), draw.state(), draw.lstm()
    h, caches = answer(x, *state, *weights)
    close(h, torch_layer("LSTM", torch.tensor(x), tensors(*state), *tensors(*weights))[0])
    assert len(caches) == draw.T
    for t, cache in enumerate(caches):
        state, right = lstm_step(x[:, t], state, weights)
        assert cache.keys() == right._asdict().keys()
        close([cache[key] for key in right._fields], list(right))


@checks("lstm_backward.through_cell")
def through_cell(answer: Any, draw: Draw) -> None:
    shape = draw.N, draw.H
    upstream = draw.array(*shape), draw.array(*shape)
    values = draw.array(*shape), draw.gate(*shape), draw.gate(*shape), draw.array(*shape)
    c_prev, i, f, g, o = leaves = [leaf(array) for array in (*values, draw.gate(*shape))]
    c_t = f * c_prev + i * g
    d_c_prev, *d_gates = gradients((o * c_t.tanh(), c_t), upstream, leaves)
    held = [x.detach().numpy() for x in (*leaves, c_t.tanh())]
    close(answer(*upstream, *held), (*d_gates, d_c_prev))


@checks("lstm_backward.through_limited_cell")
def through_limited_cell(answer: Any, draw: Draw) -> None:
    shape = draw.N, draw.H
    upstream = draw.array(*shape), draw.array(*shape)
    values = draw.array(*shape), draw.gate(*shape), draw.gate(*shape), draw.array(*shape)
    c_prev, i, f, g, o = leaves = [leaf(array) for array in (*values, draw.gate(*shape))]
    for limit in (0.2, 0.6, 9.0):
        c_t = (f * c_prev + i * g).clamp(-limit, limit)
        d_c_prev, *d_gates = gradients((o * c_t.tanh(), c_t), upstream, leaves)
        held = [x.detach().numpy() for x in leaves]
        close(answer(*upstream, *held, limit), (*d_gates, d_c_prev))


@checks("lstm_backward.step_backward")
def lstm_step_backward(answer: Any, draw: Draw) -> None:
    x_t, state, weights, _, cache = step_of_lstm(draw)
    upstream = draw.state()
    x, h, c, *held = leaves = [leaf(array) for array in (x_t[:, None], *state, *weights)]
    _, final = torch_layer("LSTM", x, (h, c), *held)
    dx, *right = gradients(final, upstream, leaves)
    close(answer(*upstream, cache._asdict()), (dx[:, 0], *right))


@checks("lstm_backward.sequence_backward")
def sequence_backward(answer: Any, draw: Draw) -> None:
    x, state, weights = draw.array(draw.N, draw.T, draw.D), draw.state(), draw.lstm()
    upstream = (draw.array(draw.N, draw.T, draw.H), *draw.state())
    caches, now = [], state
    for t in range(draw.T):
        now, cache = lstm_step(x[:, t], now, weights)
        caches.append(cache._asdict())
    leaves = [leaf(array) for array in (x, *state, *weights)]
    h, final = torch_layer("LSTM", leaves[0], leaves[1:3], *leaves[3:])
    close(answer(*upstream, caches), gradients((h, *final), upstream, leaves), 1e-11)


@checks("lstm_backward.directional_error")
def directional_error(answer: Any, draw: Draw) -> None:
    array, scale, direction = (draw.array(draw.N, draw.D) for _ in range(3))
    right = 2 * scale * (array + 1)  # of a quadratic function, of which differences are exact

    def loss(a: Any) -> float:
        return float(np.sum(scale * (a + 1) ** 2))

    for factor in (1.0, 0.5, 3.0):
        found = answer(loss, array, factor * right, direction, 0.25)
        close(found, abs(factor - 1) / (factor + 1), 1e-11)
    assert answer(lambda a: float(np.sum(a**3)), array, 3 * array**2, direction, 0.25) > 1e-6


@checks("lstm_backward.clip")
def clip(answer: Any, draw: Draw) -> None:
    arrays = [draw.array(draw.D, draw.H), draw.array(draw.H)]
    whole = np.linalg.norm(np.concatenate([array.ravel() for array in arrays]))
    for limit in (0.3 * whole, 1.7 * whole):
        found, norm = answer(arrays, limit)
        close(norm, float(whole))
        close(found, clip_by_global_norm(arrays, limit)[0])
        length = np.linalg.norm(np.concatenate([array.ravel() for array in found]))
        close(length, min(limit, whole))
    close(answer([np.zeros(3)], 1.0), ([np.zeros(3)], 0.0))


@checks("lstm_backward.adam")
def adam(answer: Any, draw: Draw) -> None:
    parameters = [draw.array(draw.D, draw.H), draw.array(draw.H)]
    m, v = ([np.zeros_like(array) for array in parameters] for _ in range(2))
    theirs = [torch.nn.Parameter(torch.tensor(array)) for array in parameters]
    optimizer = torch.optim.Adam(theirs, lr=0.03)
    for n in (1, 2, 3):
        slopes = [draw.array(*array.shape) for array in parameters]
        parameters, m, v = answer(parameters, slopes, m, v, n, 0.03)
        for parameter, slope in zip(theirs, slopes, strict=True):
            parameter.grad = torch.tensor(slope)
        optimizer.step()
        close(parameters, theirs)
        close(m, [optimizer.state[p]["exp_avg"] for p in theirs])
        close(v, [optimizer.state[p]["exp_avg_sq"] for p in theirs])


def regression(draw: Draw) -> tuple[Any, Any, list[Any]]:
    """Return sequences, targets, and the parameters of an LSTM with a linear layer."""
    parameters = [0.7 * array for array in draw.lstm()]
    parameters += [draw.array(draw.H, 1), draw.array(1)]
    return draw.array(draw.N, draw.T, draw.D), draw.array(draw.N), parameters


def loss_of(x: Any, y: Any, parameters: list[torch.Tensor]) -> torch.Tensor:
    """Return the mean squared error of PyTorch's LSTM with a linear layer, from zero states."""
    W_x, W_h, b, W_y, b_y = parameters
    zeros = torch.zeros(len(x), len(W_h), dtype=torch.float64)
    _, (h, _) = torch_layer("LSTM", torch.tensor(x), (zeros, zeros), W_x, W_h, b)
    return torch.nn.functional.mse_loss((h @ W_y + b_y)[:, 0], torch.tensor(y))


@checks("lstm_backward.loss_and_gradients")
def loss_and_gradients(answer: Any, draw: Draw) -> None:
    x, y, parameters = regression(draw)
    leaves = [leaf(array) for array in parameters]
    loss = loss_of(x, y, leaves)
    right = torch.autograd.grad(loss, leaves)
    close(answer(x, y, parameters), (loss.item(), list(right)), 1e-11)


@checks("lstm_backward.train")
def train(answer: Any, draw: Draw) -> None:
    x, y, parameters = regression(draw)
    leaves = [leaf(array) for array in parameters]
    optimizer, losses = torch.optim.Adam(leaves, lr=0.02), []
    for _ in range(5):
        optimizer.zero_grad()
        loss = loss_of(x, y, leaves)
        loss.backward()
        norm = torch.cat([p.grad.ravel() for p in leaves]).norm()
        for p in leaves:
            p.grad *= min(1.0, 0.5 / float(norm))
        optimizer.step()
        losses.append(loss.item())
    close(answer(x, y, parameters, 5, 0.02, 0.5), (leaves, losses), 1e-9)


def rnn_weights(draw: Draw) -> list[Any]:
    return [draw.array(draw.D, draw.H), draw.array(draw.H, draw.H), draw.array(draw.H)]


@checks("rnn_bptt.rnn_step")
def rnn_step(answer: Any, draw: Draw) -> None:
    x_t, h, weights = draw.array(draw.N, draw.D), draw.array(draw.N, draw.H), rnn_weights(draw)
    _, right = torch_layer("RNN", torch.tensor(x_t[:, None]), tensors(h), *tensors(*weights))
    close(answer(x_t, h, *weights), right)


@checks("rnn_bptt.rnn_forward")
def rnn_forward(answer: Any, draw: Draw) -> None:
    x, h0 = draw.array(draw.N, draw.T, draw.D), draw.array(draw.N, draw.H)
    weights = rnn_weights(draw)
    h, _ = torch_layer("RNN", torch.tensor(x), tensors(h0), *tensors(*weights))
    close(answer(x, h0, *weights), torch.cat([torch.tensor(h0[:, None]), h], dim=1))


@checks("rnn_bptt.step_backward")
def rnn_step_backward(answer: Any, draw: Draw) -> None:
    x_t, h0 = draw.array(draw.N, draw.D), draw.array(draw.N, draw.H)
    weights, dh_t = rnn_weights(draw), draw.array(draw.N, draw.H)
    x, h, *held = leaves = [leaf(array) for array in (x_t[:, None], h0, *weights)]
    _, h_t = torch_layer("RNN", x, (h,), *held)
    dx, *right = gradients((h_t,), (dh_t,), leaves)
    found = answer(dh_t, x_t, h0, h_t.detach().numpy(), *weights[:2])
    close(found, (dx[:, 0], *right))


@checks("rnn_bptt.rnn_backward")
def rnn_backward(answer: Any, draw: Draw) -> None:
    x, h0 = draw.array(draw.N, draw.T, draw.D), draw.array(draw.N, draw.H)
    upstream = draw.array(draw.N, draw.T, draw.H), draw.array(draw.N, draw.H)
    weights = rnn_weights(draw)
    leaves = [leaf(array) for array in (x, h0, *weights)]
    h, h_T = torch_layer("RNN", leaves[0], leaves[1:2], *leaves[2:])
    states = np.concatenate([h0[:, None], h.detach().numpy()], axis=1)
    right = gradients((h, h_T), upstream, leaves)
    close(answer(*upstream, x, states, *weights[:2]), right, 1e-11)


@checks("rnn_bptt.leaky_backward")
def leaky_backward(answer: Any, draw: Draw) -> None:
    x_t, h0 = draw.array(draw.N, draw.D), draw.array(draw.N, draw.H)
    weights, alpha, dh_t = rnn_weights(draw), draw.gate(draw.H), draw.array(draw.N, draw.H)
    x, h, *held, leak = leaves = [leaf(array) for array in (x_t, h0, *weights, alpha)]
    g_t = torch.tanh(x @ held[0] + h @ held[1] + held[2])
    right = gradients((leak * h + (1 - leak) * g_t,), (dh_t,), leaves)
    close(answer(dh_t, x_t, h0, g_t.detach().numpy(), alpha, *weights[:2]), right)


@checks("rnn_bptt.gradient_check")
def gradient_check(answer: Any, draw: Draw) -> None:
    array, step = draw.array(draw.N, draw.D), 0.01
    for sign in (1, -1):

        def loss(a: Any, sign: int = sign) -> float:
            return sign * float(np.sum(np.exp(a) * np.cos(np.roll(0.3 * a, 1))))

        claimed = numerical_gradient(loss, array) + 0.1 * draw.array(*array.shape)
        right = numerical_gradient(loss, array, step)
        close(answer(loss, array, claimed, step), (right, relative_error(claimed, right)), 1e-11)


@checks("rnn_bptt.training_step")
def rnn_training_step(answer: Any, draw: Draw) -> None:
    x, y = draw.array(draw.N, draw.T, draw.D), draw.array(draw.N, 2)
    weights = [*rnn_weights(draw), draw.array(draw.H, 2)]
    leaves = [leaf(array) for array in weights]
    zeros = torch.zeros(draw.N, draw.H, dtype=torch.float64)
    _, h_T = torch_layer("RNN", torch.tensor(x), (zeros,), *leaves[:3])
    loss = torch.nn.functional.mse_loss(h_T @ leaves[3], torch.tensor(y))
    loss.backward()
    torch.optim.SGD(leaves, lr=0.3).step()
    close(answer(x, y, *weights, 0.3), (loss.item(), *leaves), 1e-11)


def gru_case(draw: Draw) -> tuple[Any, Any, GRUWeights]:
    """Return an input (N, T, D), a state (N, H) and weights."""
    D, H = draw.D, draw.H
    shapes = (D, 3 * H), (H, 3 * H), (3 * H,), (3 * H,)
    weights = GRUWeights(*(draw.array(*shape) for shape in shapes))
    return draw.array(draw.N, draw.T, D), draw.array(draw.N, H), weights


@checks("gru.candidate")
def candidate(answer: Any, draw: Draw) -> None:
    x, h, weights = gru_case(draw)
    last = [array[..., 2 * draw.H :] for array in weights]
    for reset_after in (True, False):
        _, cache = gru_step(x[:, 0], GRUState(h), weights, reset_after=reset_after)
        close(answer(x[:, 0], h, cache.r, *last, reset_after), cache.g)


@checks("gru.gru_step")
def gru_step_alone(answer: Any, draw: Draw) -> None:
    x, h, weights = gru_case(draw)
    _, right = torch_layer("GRU", torch.tensor(x[:, :1]), tensors(h), *tensors(*weights))
    _, cache = gru_step(x[:, 0], GRUState(h), weights)
    close(answer(x[:, 0], h, *weights), (right, cache.r, cache.z, cache.g))


@checks("gru.gru_forward")
def gru_forward(answer: Any, draw: Draw) -> None:
    x, h, weights = gru_case(draw)
    right, _ = torch_layer("GRU", torch.tensor(x), tensors(h), *tensors(*weights))
    close(answer(x, h, *weights), right)


@checks("gru.flip_update_gate")
def flip_update_gate(answer: Any, draw: Draw) -> None:
    x, h, weights = gru_case(draw)
    flipped = GRUWeights(*answer(*weights))
    after, cache = gru_step(x[:, 0], GRUState(h), flipped)
    _, before = gru_step(x[:, 0], GRUState(h), weights)
    close((cache.r, cache.z, cache.g), (before.r, 1 - before.z, before.g))
    close(after.h, (1 - before.z) * h + before.z * before.g)
    close(list(answer(*flipped)), list(weights), 0)
    single = answer(*(array.astype(np.float32) for array in weights))
    assert all(array.dtype == np.float32 for array in single)


@checks("gru.torch_to_keras")
def torch_to_keras(answer: Any, draw: Draw) -> None:
    import keras

    x, h, (W_x, W_h, b_x, b_h) = gru_case(draw)
    layer = keras.layers.GRU(draw.H, return_sequences=True, dtype="float64")
    layer.build(x.shape)
    layer.set_weights(answer(W_x.T, W_h.T, b_x, b_h))
    right, _ = torch_layer("GRU", torch.tensor(x), tensors(h), *tensors(W_x, W_h, b_x, b_h))
    close(layer(x, initial_state=keras.ops.convert_to_tensor(h)).numpy(), right)


@checks("gru.average_weights")
def average_weights(answer: Any, draw: Draw) -> None:
    z, g = draw.gate(draw.N, draw.T, draw.H), draw.array(draw.N, draw.T, draw.H)
    h = h0 = draw.array(draw.N, draw.H)
    for t in range(draw.T):
        h = z[:, t] * h + (1 - z[:, t]) * g[:, t]
    w = answer(z)
    close((w * np.concatenate([h0[:, None], g], axis=1)).sum(axis=1), h)
    close(w.sum(axis=1), np.ones_like(h))


@checks("gru.step_backward")
def gru_step_backward(answer: Any, draw: Draw) -> None:
    x, h0, weights = gru_case(draw)
    _, cache = gru_step(x[:, 0], GRUState(h0), weights)
    held = {"x_t": x[:, 0], "h_prev": h0, "r": cache.r, "z": cache.z, "g": cache.g}
    held |= {"h_g": cache.recurrent_g, "W_x": weights.W_x, "W_h": weights.W_h}
    leaves = [leaf(array) for array in (x[:, :1], h0, *weights)]
    _, h_t = torch_layer("GRU", leaves[0], leaves[1:2], *leaves[2:])
    dh_t = draw.array(draw.N, draw.H)
    dx, *right = gradients((h_t,), (dh_t,), leaves)
    close(answer(dh_t, held), (dx[:, 0], *right))


@checks("peephole_ablation.peephole_step")
def peephole_step(answer: Any, draw: Draw) -> None:
    x_t, state, weights, w_c = (
        draw.array(draw.N, draw.D),
        draw.state(),
        draw.lstm(),
        draw.array(3, draw.H),
    )
    whole = AblationWeights(*weights, w_c, np.zeros((0, 0)))
    after, _ = ablation_step(x_t, AblationState(*state, np.zeros((draw.N, 0))), whole)
    close(answer(x_t, *state, *weights, w_c), (after.h, after.c))


@checks("peephole_ablation.step_backward")
def peephole_step_backward(answer: Any, draw: Draw) -> None:
    upstream, state = draw.state(), draw.state()
    a, c_prev, w_c = (
        leaf(draw.array(draw.N, 4 * draw.H)),
        leaf(state.c),
        leaf(draw.array(3, draw.H)),
    )
    a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
    i, f, g = (a_i + c_prev * w_c[0]).sigmoid(), (a_f + c_prev * w_c[1]).sigmoid(), a_g.tanh()
    c_t = f * c_prev + i * g
    o = (a_o + c_t * w_c[2]).sigmoid()
    right = gradients((o * c_t.tanh(), c_t), upstream, (a, c_prev, w_c))
    held = [x.detach().numpy() for x in (c_prev, c_t, i, f, g, o, w_c)]
    close(answer(*upstream, *held), right)


@checks("peephole_ablation.coupled_backward")
def coupled_backward(answer: Any, draw: Draw) -> None:
    shape = draw.N, draw.H
    leaves = [leaf(draw.array(*shape)) for _ in range(3)]
    (a_i, a_g, c_prev), w_ci, dc = leaves, draw.array(draw.H), draw.array(*shape)
    i, g = (a_i + c_prev * torch.tensor(w_ci)).sigmoid(), a_g.tanh()
    right = gradients(((1 - i) * c_prev + i * g,), (dc,), leaves)
    close(answer(dc, *(x.detach().numpy() for x in (c_prev, i, g)), w_ci), right)


@checks("peephole_ablation.wire_clock")
def wire_clock(answer: Any, draw: Draw) -> None:
    for period in (2, 3, 300, int(draw.rng.integers(4, 300))):
        b, w_c = answer(period)
        weights = AblationWeights(
            np.zeros((1, 4)), np.zeros((1, 4)), b, w_c[:, None], np.zeros((0, 0))
        )
        h, _, _ = ablation_forward(np.zeros((1, 4 * period, 1)), weights)
        ticks = np.flatnonzero(h[0, :, 0] > 0.5) + 1
        assert ticks.tolist() == [period, 2 * period, 3 * period, 4 * period]


@checks("peephole_ablation.variant_forward")
def variant_forward(answer: Any, draw: Draw) -> None:
    x, state, weights = draw.array(draw.N, draw.T, draw.D), draw.state(), draw.lstm()
    w_c, start = draw.array(3, draw.H), AblationState(*state, np.zeros((draw.N, 0)))
    outputs = []
    for variant in [name for name in VARIANTS if name != "FGR"]:
        switches = VARIANTS[variant]
        parts = zip(*(block(weights, gate) for gate in switches.blocks), strict=True)
        arrays = [np.concatenate(part, axis=-1) for part in parts]
        rows = ["ifo".index(gate) for gate in switches.gates if switches.peepholes]
        held = AblationWeights(*arrays, w_c[rows], np.zeros((0, 0)))
        outputs.append(ablation_forward(x, held, start, variant)[0])
        close(answer(x, *state, *weights, w_c, variant), outputs[-1])
    assert len({array.tobytes() for array in outputs}) == 8


@checks("peephole_ablation.parameter_count")
def ablation_count(answer: Any, draw: Draw) -> None:
    for variant in [name for name in VARIANTS if name != "FGR"]:
        right = ablation_parameter_count(draw.D, draw.H, variant)
        assert answer(draw.D, draw.H, variant) == right


@checks("parallel_scan.combine")
def combine(answer: Any, draw: Draw) -> None:
    first, second = draw.array(2, draw.N, draw.H), draw.array(2, draw.N, draw.H)
    keep, write = answer(*first, *second)
    h = draw.array(draw.N, draw.H)
    close(keep * h + write, second[0] * (first[0] * h + first[1]) + second[1])


@checks("parallel_scan.scan_round")
def scan_round(answer: Any, draw: Draw) -> None:
    maps = draw.array(2, draw.N, draw.T, draw.H)
    for reach in range(1, draw.T + 1):
        right = maps.copy()
        for t in range(reach, draw.T):  # the map at t after the one that ends ``reach`` before
            keep, (earlier_keep, earlier_write) = maps[0, :, t], maps[:, :, t - reach]
            right[0, :, t] = keep * earlier_keep
            right[1, :, t] += keep * earlier_write
        close(answer(*maps, reach), list(right))


@checks("parallel_scan.scan")
def scan(answer: Any, draw: Draw) -> None:
    keep, write = draw.array(2, draw.N, draw.T, draw.H)
    h0 = draw.array(draw.N, draw.H)
    close(answer(keep, write, h0), scan_loop(keep, write, h0))


@checks("parallel_scan.scan_backward")
def scan_backward(answer: Any, draw: Draw) -> None:
    arrays = (*draw.array(2, draw.N, draw.T, draw.H), draw.array(draw.N, draw.H))
    keep, write, h0 = leaves = [leaf(array) for array in arrays]
    states = [h0]
    for t in range(draw.T):
        states.append(keep[:, t] * states[-1] + write[:, t])
    h, dh = torch.stack(states[1:], dim=1), draw.array(draw.N, draw.T, draw.H)
    right = gradients((h,), (dh,), leaves)
    close(answer(dh, arrays[0], h.detach().numpy(), arrays[2]), right)


@checks("parallel_scan.min_gru")
def min_gru(answer: Any, draw: Draw) -> None:
    x, h0 = draw.array(draw.N, draw.T, draw.D), draw.array(draw.N, draw.H)
    weights = MinGRUWeights(draw.array(draw.D, 2 * draw.H), draw.array(2 * draw.H))
    close(answer(x, h0, *weights), min_rnn_forward(x, weights, MinRNNState(h0))[0])


@checks("parallel_scan.slstm_step")
def slstm_step_alone(answer: Any, draw: Draw) -> None:
    H, shape = draw.H, (draw.N, draw.H)
    weights = LSTMWeights(np.eye(4 * H), np.zeros((H, 4 * H)), np.zeros(4 * H))
    full = draw.array(*shape), draw.gate(*shape), draw.array(*shape)
    empty = np.zeros(shape), np.zeros(shape), np.full(shape, -np.inf)
    for c, n, m in (full, empty):
        for scale in (1.0, 100.0):
            a = scale * draw.array(draw.N, 4 * H)
            right, _ = slstm_step(a, SLSTMState(np.zeros(shape), c, n, m), weights)
            close(answer(a, c, n, m), list(right))


@checks("parallel_scan.mlstm_parallel")
def mlstm_parallel(answer: Any, draw: Draw) -> None:
    q, k, v = draw.array(3, draw.N, draw.T, draw.H)
    log_i, log_f = np.log(draw.gate(2, draw.N, draw.T))
    C, n = np.zeros((draw.N, draw.H, draw.H)), np.zeros((draw.N, draw.H))
    read, found = [], []
    for t in range(draw.T):  # the memory step by step, with the gates as they are
        i, f = np.exp(log_i[:, t, None]), np.exp(log_f[:, t, None])
        C = f[:, :, None] * C + i[:, :, None] * k[:, t, :, None] * v[:, t, None, :]
        n = f * n + i * k[:, t]
        read.append(np.einsum("nk,nkv->nv", q[:, t], C))
        found.append(np.abs((n * q[:, t]).sum(axis=1, keepdims=True)))
    h, size = np.stack(read, axis=1), np.stack(found, axis=1)
    close(answer(q, k, v, log_i, log_f), h / np.maximum(size, 1.0))
    large = 1000.0 * (1 + np.arange(draw.N))[:, None]  # then the size is never below 1
    close(answer(q, k, v, log_i + large, log_f), h / size, 1e-9)


@checks("parallel_scan.scan_restarts")
def scan_restarts(answer: Any, draw: Draw) -> None:
    keep, write = draw.array(2, draw.N, draw.T, draw.H)
    h0, starts = draw.array(draw.N, draw.H), draw.rng.random((draw.N, draw.T)) < 0.4
    right = np.zeros_like(keep)
    for n in range(draw.N):
        begins = [0, *(t for t in np.flatnonzero(starts[n]) if t), draw.T]
        for first, end in itertools.pairwise(begins):  # each sequence alone
            part = keep[n : n + 1, first:end], write[n : n + 1, first:end]
            right[n, first:end] = scan_loop(*part, h0[n : n + 1])[0]
    close(answer(keep, write, h0, starts), right)
