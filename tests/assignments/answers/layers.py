"""Checks of answers about layers, convolutions, tag paths and attention."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

from lstm_course.lstm import LSTMState, lstm_step
from lstm_course.variants.conv_lstm import (
    ConvLSTMWeights,
    conv_lstm_parameter_count,
    conv_lstm_step,
)
from lstm_course.variants.crf import CRFWeights, crf_marginals
from lstm_course.variants.stacked import stacked_forward
from tests.assignments.answers.cells import tensors
from tests.assignments.answers.table import Draw, checks, close, gradients, leaf, torch_layer

PACKED = {"batch_first": True, "enforce_sorted": False}


def zero_states(draw: Draw) -> LSTMState:
    return LSTMState(np.zeros((draw.N, draw.H)), np.zeros((draw.N, draw.H)))


@checks("bidirectional_stacked.steps_of")
def steps_of(answer: Any, draw: Draw) -> None:
    x, state, weights = draw.array(draw.N, draw.T, draw.D), zero_states(draw), draw.lstm()
    found = answer(x, weights)
    assert len(found) == draw.T
    for t in range(draw.T):
        state, cache = lstm_step(x[:, t], state, weights)
        close(found[t], (cache.i, cache.f, cache.g, cache.o, state.c, state.h))


@checks("bidirectional_stacked.run_lstm")
def run_lstm(answer: Any, draw: Draw) -> None:
    x, weights = draw.array(draw.N, draw.T, draw.D), draw.lstm()
    h, _ = torch_layer("LSTM", torch.tensor(x), tensors(*zero_states(draw)), *tensors(*weights))
    close(answer(x, weights), h)


@checks("bidirectional_stacked.run_backward")
def run_backward(answer: Any, draw: Draw) -> None:
    x, weights = draw.array(draw.N, draw.T, draw.D), draw.lstm()
    dh, leaves = draw.array(draw.N, draw.T, draw.H), [leaf(array) for array in (x, *weights)]
    h, _ = torch_layer("LSTM", leaves[0], tensors(*zero_states(draw)), *leaves[1:])
    dx, _, dW_h, _ = gradients((h,), (dh,), leaves)
    close(answer(dh, x, weights), (dx, dW_h), 1e-11)


@checks("bidirectional_stacked.reverse_within")
def reverse_within(answer: Any, draw: Draw) -> None:
    x, lengths = draw.array(draw.N, draw.T, draw.D), draw.lengths()
    right = x.copy()
    for n, t in itertools.product(range(draw.N), range(draw.T)):
        if t < lengths[n]:
            right[n, t] = x[n, lengths[n] - 1 - t]
    close(answer(x, lengths), right, 0)


def both_directions(x: Any, lengths: Any, weights: list[Any], H: int) -> tuple[Any, Any]:
    """Return PyTorch's outputs (N, T, 2H) of a packed batch, and its final states (N, 2H)."""
    options = {"batch_first": True, "bidirectional": True, "dtype": torch.float64}
    layer, held = torch.nn.LSTM(x.shape[2], H, **options), {}
    for suffix, (W_x, W_h, b) in zip(("", "_reverse"), weights, strict=True):
        held |= {f"weight_ih_l0{suffix}": W_x.T, f"weight_hh_l0{suffix}": W_h.T}
        held |= {f"bias_ih_l0{suffix}": b, f"bias_hh_l0{suffix}": torch.zeros_like(b)}
    batch = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), **PACKED)
    packed, (h_n, _) = torch.func.functional_call(layer, held, (batch,))
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    return y, torch.cat([h_n[0], h_n[1]], dim=1)


@checks("bidirectional_stacked.bidirectional_forward")
def bidirectional_forward(answer: Any, draw: Draw) -> None:
    x, lengths = draw.array(draw.N, draw.T, draw.D), draw.lengths()
    ahead, back = draw.lstm(), draw.lstm()
    right, _ = both_directions(torch.tensor(x), lengths, [tensors(*ahead), tensors(*back)], draw.H)
    close(answer(x, lengths, ahead, back), right)


@checks("bidirectional_stacked.final_states")
def final_states(answer: Any, draw: Draw) -> None:
    x, lengths = torch.tensor(draw.array(draw.N, draw.T, draw.D)), draw.lengths()
    weights = [tensors(*draw.lstm()), tensors(*draw.lstm())]
    y, right = both_directions(x, lengths, weights, draw.H)
    close(answer(y.detach().numpy(), lengths), right)


@checks("bidirectional_stacked.final_states_backward")
def final_states_backward(answer: Any, draw: Draw) -> None:
    y, lengths = leaf(draw.array(draw.N, draw.T, 2 * draw.H)), draw.lengths()
    d_final = draw.array(draw.N, 2 * draw.H)
    rows = [torch.cat([y[n, k - 1, : draw.H], y[n, 0, draw.H :]]) for n, k in enumerate(lengths)]
    (right,) = gradients((torch.stack(rows),), (d_final,), (y,))
    close(answer(d_final, lengths, draw.T), right, 0)


@checks("bidirectional_stacked.both_backward")
def both_backward(answer: Any, draw: Draw) -> None:
    x, lengths = draw.array(draw.N, draw.T, draw.D), draw.lengths()
    ahead, back, dy = draw.lstm(), draw.lstm(), draw.array(draw.N, draw.T, 2 * draw.H)
    held = [[leaf(array) for array in one] for one in (ahead, back)]
    x_leaf = leaf(x)
    y, _ = both_directions(x_leaf, lengths, held, draw.H)
    right = gradients((y,), (dy,), (x_leaf, held[0][1], held[1][1]))
    close(answer(dy, x, lengths, ahead, back), right, 1e-11)


@checks("bidirectional_stacked.stacked_forward")
def stack_of_layers(answer: Any, draw: Draw) -> None:
    x = draw.array(draw.N, draw.T, draw.D)
    for L in (1, 2, 4):
        layers = [draw.lstm(draw.H if k else draw.D) for k in range(L)]
        kept = draw.rng.random((L - 1, draw.N, draw.T, draw.H)) < 0.7
        masks = list(kept / 0.7)
        right, _, _ = stacked_forward(x, layers, masks=masks, residual=True)
        close(answer(x, layers, masks), right)


@checks("bidirectional_stacked.parameter_count")
def stack_count(answer: Any, draw: Draw) -> None:
    for L, both in itertools.product((1, 2, 4), (False, True)):
        named = torch.nn.LSTM(draw.D, draw.H, L, bidirectional=both).named_parameters()
        right = sum(p.numel() for name, p in named if "bias_hh" not in name)
        assert answer(draw.D, draw.H, L, 1 + both) == right


def frames(draw: Draw) -> tuple[Any, Any]:
    """Return frames (N, R, C, D), R and C different, and a kernel (size, size, D, H)."""
    size = int(draw.rng.choice([1, 3, 5]))
    x = draw.array(draw.N, draw.T + 1, draw.D + draw.T + 2, draw.D)
    return x, draw.array(size, size, draw.D, draw.H)


def channels_first(frames: torch.Tensor) -> torch.Tensor:
    return frames.permute(0, 3, 1, 2)


def torch_conv(x: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    """Convolve frames whose channels stand last by PyTorch's own convolution."""
    kernel = W.permute(3, 2, 0, 1).contiguous()
    y = torch.nn.functional.conv2d(channels_first(x), kernel, padding="same")
    return y.permute(0, 2, 3, 1)


@checks("conv_lstm.same_conv")
def same_conv(answer: Any, draw: Draw) -> None:
    x, W = frames(draw)
    close(answer(x, W), torch_conv(*tensors(x, W)), 1e-11)


@checks("conv_lstm.conv_backward")
def conv_backward(answer: Any, draw: Draw) -> None:
    x, W = frames(draw)
    leaves = [leaf(x), leaf(W)]
    dy = draw.array(*x.shape[:3], draw.H)
    close(answer(dy, x, W), gradients((torch_conv(*leaves),), (dy,), leaves), 1e-11)


def conv_step(draw: Draw) -> tuple[Any, LSTMState, ConvLSTMWeights]:
    """Return frames, a state and weights of a ConvLSTM with one peephole for each channel."""
    x, W = frames(draw)
    size, H = len(W), draw.H
    shapes = (size, size, draw.D, 4 * H), (size, size, H, 4 * H), (4 * H,), (3, H)
    state = LSTMState(draw.array(*x.shape[:3], H), draw.array(*x.shape[:3], H))
    return x, state, ConvLSTMWeights(*(draw.array(*shape) for shape in shapes))


@checks("conv_lstm.conv_lstm_step")
def conv_lstm_step_alone(answer: Any, draw: Draw) -> None:
    x_t, state, weights = conv_step(draw)
    right, _ = conv_lstm_step(x_t, state, weights)
    close(answer(x_t, *state, *weights), tuple(right), 1e-11)


@checks("conv_lstm.torch_step")
def torch_step(answer: Any, draw: Draw) -> None:
    x_t, state, weights = conv_step(draw)
    right, _ = conv_lstm_step(x_t, state, weights)
    maps = [channels_first(array) for array in tensors(x_t, *state)]
    found = answer(*maps, *tensors(*weights))
    close(found, [channels_first(array) for array in tensors(*right)], 1e-11)


@checks("conv_lstm.every_frame")
def every_frame(answer: Any, draw: Draw) -> None:
    x = torch.tensor(draw.array(draw.N, draw.T, draw.D, 5, 7))
    W, b = tensors(draw.array(draw.H, draw.D, 3, 2), draw.array(draw.H))
    found = answer(x, W, b)
    assert found.shape == (draw.N, draw.T, draw.H * 3 * 6)
    for n, t in itertools.product(range(draw.N), range(draw.T)):
        y = torch.nn.functional.conv2d(x[n, t][None], W, b)[0]
        close(found[n, t], torch.clamp(y, min=0).reshape(-1))


@checks("conv_lstm.parameter_count")
def conv_count(answer: Any, draw: Draw) -> None:
    import keras

    D, H, R, C = draw.D, draw.H, 5, 7
    layer = keras.layers.ConvLSTM2D(H, 3)
    layer.build((None, draw.T, R, C, D))
    assert answer(D, H, 3, 3, "none", R, C) == layer.count_params()
    for peepholes, number in {"none": 0, "channel": 3 * H, "position": 3 * R * C * H}.items():
        right = conv_lstm_parameter_count(D, H, 5, 3, peepholes=number)
        assert answer(D, H, 5, 3, peepholes, R, C) == right


@checks("conv_lstm.dilated_conv")
def dilated_conv(answer: Any, draw: Draw) -> None:
    x, W = frames(draw)
    leaves, dy = [leaf(x), leaf(W)], draw.array(*x.shape[:3], draw.H)
    for dilation in (1, 2, 3):
        kernel = leaves[1].permute(3, 2, 0, 1).contiguous()
        y = torch.nn.functional.conv2d(
            channels_first(leaves[0]), kernel, padding="same", dilation=dilation
        ).permute(0, 2, 3, 1)
        close(answer(x, W, dilation, dy), (y, *gradients((y,), (dy,), leaves)), 1e-11)


class Tags(Draw):
    """A draw with M tags, few enough to try out all paths."""

    @property
    def M(self) -> int:
        """Return the number of tags."""
        return min(self.H, 3)

    def scores(self) -> tuple[Any, CRFWeights]:
        """Return emissions and weights, steep enough for the paths to differ."""
        M = self.M
        weights = CRFWeights(self.array(M, M), self.array(M), self.array(M))
        return 2 * self.array(self.N, self.T, M), weights

    def path(self, lengths: Any) -> Any:
        """Return tags, -1 in the padding."""
        tags = self.rng.integers(0, self.M, (self.N, self.T))
        return np.where(np.arange(self.T) < lengths[:, None], tags, -1)


def score_of(e: Any, path: Any, A: Any, start: Any, end: Any) -> Any:
    """Return the score of one path through emissions (T, M), by plain addition."""
    score = start[path[0]] + end[path[-1]]
    for t, tag in enumerate(path):
        score = score + e[t, tag] + (A[path[t - 1], tag] if t else 0)
    return score


def all_paths(e: Any, length: int, weights: Any) -> list[tuple[Any, tuple[int, ...]]]:
    """Return the score of every path of a length, with the path."""
    paths = itertools.product(range(e.shape[1]), repeat=length)
    return [(score_of(e, path, *weights), path) for path in paths]


def nll_of(e: Any, tags: Any, lengths: Any, weights: Any) -> torch.Tensor:
    """Return the negative log-likelihoods (N,) from a sum over all paths."""
    losses = []
    for n, length in enumerate(lengths):
        scores = torch.stack([score for score, _ in all_paths(e[n], length, weights)])
        losses.append(scores.logsumexp(0) - score_of(e[n], tags[n, :length], *weights))
    return torch.stack(losses)


@checks("crf.log_sum_exp")
def log_sum_exp(answer: Any, draw: Draw) -> None:
    a = 500 * draw.array(draw.N, draw.T, draw.D)
    for axis in (0, 1, 2):
        close(answer(a, axis), torch.logsumexp(torch.tensor(a), axis))
    close(answer(draw.array(3, 4) * 0 + 1000.0, 0), np.full(4, 1000.0 + np.log(3)), 1e-12)


@checks("crf.sequence_score")
def sequence_score(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), draw.lengths()
    (e, weights), tags = draw.scores(), draw.path(lengths)
    right = [score_of(e[n], tags[n, : lengths[n]], *weights) for n in range(draw.N)]
    close(answer(e, tags, lengths, *weights), np.array(right))


@checks("crf.log_partition")
def log_partition(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), draw.lengths()
    e, weights = draw.scores()
    every = [all_paths(e[n], lengths[n], weights) for n in range(draw.N)]
    right = [torch.tensor([score for score, _ in one]).logsumexp(0) for one in every]
    close(answer(e, lengths, *weights), torch.stack(right))


@checks("crf.viterbi")
def viterbi(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), draw.lengths()
    e, weights = draw.scores()
    right = np.full((draw.N, draw.T), -1)
    for n, length in enumerate(lengths):
        right[n, :length] = max(all_paths(e[n], length, weights))[1]
    close(answer(e, lengths, *weights), right, 0)


@checks("crf.nll_gradient")
def nll_gradient(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), draw.lengths()
    (e, weights), tags = draw.scores(), draw.path(lengths)
    leaves = [leaf(array) for array in (e, *weights)]
    loss = nll_of(leaves[0], tags, lengths, leaves[1:])
    right = gradients((loss,), (np.ones(draw.N),), leaves)
    close(answer(tags, lengths, *crf_marginals(e, weights, lengths)), right)


@checks("crf.path_entropy")
def path_entropy(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), draw.lengths()
    e, weights = draw.scores()
    right = []
    for n, length in enumerate(lengths):
        p = torch.tensor([score for score, _ in all_paths(e[n], length, weights)]).softmax(0)
        right.append(torch.distributions.Categorical(p).entropy())
    marginals = crf_marginals(e, weights, lengths)
    close(answer(e, lengths, *weights, *marginals), torch.stack(right), 1e-10)


@checks("crf.torch_nll")
def torch_nll(answer: Any, draw: Draw) -> None:
    draw, lengths = Tags(*draw), np.full(draw.N, draw.T)
    (e, weights), tags = draw.scores(), draw.path(lengths)
    leaves = [leaf(array) for array in (e, *weights)]
    loss = nll_of(leaves[0], tags, lengths, leaves[1:])
    right = gradients((loss,), (np.ones(draw.N),), leaves)[:2]
    found = answer(torch.tensor(e), torch.tensor(tags), *tensors(*weights))
    close(found, (loss, *right))
    assert not any(tensor.requires_grad for tensor in found)


@checks("crf.repeat_decoder")
def repeat_decoder(answer: Any, draw: Draw) -> None:
    z, weights = draw.array(draw.N, draw.H), draw.lstm(draw.H)
    W_y, b_y = draw.array(draw.H, draw.D), draw.array(draw.D)
    repeated = torch.tensor(np.repeat(z[:, None], draw.T, axis=1))
    h, _ = torch_layer("LSTM", repeated, tensors(*zero_states(draw)), *tensors(*weights))
    close(answer(z, draw.T, *weights, W_y, b_y), h @ torch.tensor(W_y) + torch.tensor(b_y))


@checks("seq2seq_attention.teacher_inputs")
def teacher_inputs(answer: Any, draw: Draw) -> None:
    target = draw.rng.integers(2, 9, (draw.N, draw.T))
    found = answer(target, 1)
    assert found.dtype == target.dtype
    assert found.tolist() == [[1, *row[:-1]] for row in target.tolist()]


def real_steps(draw: Draw) -> Any:
    """Return a mask (N, T) of floats."""
    return (np.arange(draw.T) < draw.lengths()[:, None]).astype(float)


@checks("seq2seq_attention.masked_cross_entropy")
def masked_cross_entropy(answer: Any, draw: Draw) -> None:
    V, mask = draw.H + 1, real_steps(draw)
    target = draw.rng.integers(0, V, (draw.N, draw.T))
    for scale in (1.0, 300.0):
        scores = scale * draw.array(draw.N, draw.T, V)
        s = leaf(scores)
        said = torch.where(torch.tensor(mask) > 0, torch.tensor(target), -100)  # -100: left out
        loss = torch.nn.functional.cross_entropy(s.flatten(0, 1), said.flatten())
        (right,) = torch.autograd.grad(loss, [s])
        close(answer(scores, target, mask), (loss.item(), right))


@checks("seq2seq_attention.additive_scores")
def additive_scores(answer: Any, draw: Draw) -> None:
    N, T, S, H, A = draw.N, draw.T, draw.T + 2, draw.H, draw.D
    query, keys = draw.array(N, T, H), draw.array(N, S, H)
    W_q, W_k, w_e = draw.array(H, A), draw.array(H, A), draw.array(A)
    right = np.empty((N, T, S))
    for n, t, s in np.ndindex(N, T, S):
        right[n, t, s] = np.tanh(query[n, t] @ W_q + keys[n, s] @ W_k) @ w_e
    close(answer(query, keys, W_q, W_k, w_e), right)


@checks("seq2seq_attention.attend")
def attend(answer: Any, draw: Draw) -> None:
    mask, steps = real_steps(draw), draw.D + 1  # of the source, and of the decoder
    values = draw.array(draw.N, draw.T, draw.H)
    for scale in (1.0, 500.0):
        scores = scale * draw.array(draw.N, steps, draw.T)
        closed = torch.tensor(mask)[:, None] == 0
        fractions = torch.tensor(scores).masked_fill(closed, -torch.inf).softmax(dim=2)
        close(answer(scores, values, mask), (fractions @ torch.tensor(values), fractions))


@checks("seq2seq_attention.attend_backward")
def attend_backward(answer: Any, draw: Draw) -> None:
    steps = draw.D + 1
    scores, values = (
        leaf(draw.array(draw.N, steps, draw.T)),
        leaf(draw.array(draw.N, draw.T, draw.H)),
    )
    attention = scores.softmax(dim=2)
    dcontext = draw.array(draw.N, steps, draw.H)
    right = gradients((attention @ values,), (dcontext,), (scores, values))
    close(answer(dcontext, attention.detach().numpy(), values.detach().numpy()), right)


@checks("seq2seq_attention.beam_step")
def beam_step(answer: Any, draw: Draw) -> None:
    B, V = draw.N, draw.H + 1
    log_p, totals = draw.array(B, V), draw.array(B)
    every = [(totals[b] + log_p[b, v], b, v) for b in range(B) for v in range(V)]
    for width in (1, V, B * V):
        sums, rows, symbols = zip(*sorted(every, reverse=True)[:width], strict=True)
        close(answer(log_p, totals, width), (np.array(rows), np.array(symbols), np.array(sums)))


@checks("seq2seq_attention.general_backward")
def general_backward(answer: Any, draw: Draw) -> None:
    query, keys = draw.array(draw.N, draw.D + 1, draw.H), draw.array(draw.N, draw.T, draw.H)
    arrays = query, keys, draw.array(draw.H, draw.H)
    leaves = [leaf(array) for array in arrays]
    scores = torch.einsum("nth,hk,nsk->nts", leaves[0], leaves[2], leaves[1])
    dscores = draw.array(*scores.shape)
    close(answer(dscores, *arrays), tuple(gradients((scores,), (dscores,), leaves)), 1e-11)
