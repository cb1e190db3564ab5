"""The encoder-decoder: both frameworks, masks, bugs, decoding, data; the rest is in the pieces."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from lstm_course.data.dates import load_date_pairs
from lstm_course.gradcheck import map_arrays
from lstm_course.lstm import LSTMWeights
from lstm_course.variants import seq2seq as module
from lstm_course.variants.attention import AttentionWeights
from lstm_course.variants.decoding import Hypothesis, beam_score, beam_search
from lstm_course.variants.seq2seq import (
    init_seq2seq,
    masked_cross_entropy,
    masked_lstm_forward,
    seq2seq_backward,
    seq2seq_forward,
    teacher_inputs,
)
from lstm_course.variants.seq2seq_keras import to_keras
from lstm_course.variants.seq2seq_torch import Seq2Seq, to_torch
from lstm_course.variants.seq2seq_training import (
    BEGIN as START,
)
from lstm_course.variants.seq2seq_training import (
    DICTIONARY,
    dictionary_copy,
    greedy,
    make_batch,
    share_exact,
    train_seq2seq,
)
from tests.package.pieces import leaves, piece_of

TOLERANCE = 1e-6
V_SOURCE, V = 5, 4
KINDS = ("none", "additive", "general", "dot")
GRID = list(itertools.product((1, 3), (1, 4), (1, 2), (1, 3)))  # N, T (and S + 1), D, H


def lengths_to_mask(lengths, longest):
    return (np.arange(longest) < np.asarray(lengths)[:, None]).astype(float)


def random_model(seed, kind, N=3, T=4, D=2, H=3):
    """Draw a model and a batch in which nothing is zero, the biases included."""
    rng = np.random.default_rng(seed)
    S = T + 1
    weights = init_seq2seq(rng, V_SOURCE, V, D, H, kind)
    weights = map_arrays(lambda a: 0.7 * rng.standard_normal(a.shape), weights)
    source, target = rng.integers(0, V_SOURCE, (N, S)), rng.integers(0, V, (N, T))
    mask = lengths_to_mask(rng.integers(1, S + 1, N), S)
    return weights, source, mask, target, lengths_to_mask(rng.integers(1, T + 1, N), T)


def loss_of(weights, source, mask, target, target_mask):
    scores, cache = seq2seq_forward(source, mask, teacher_inputs(target, 0), weights)
    loss, dscores = masked_cross_entropy(scores, target, target_mask)
    return loss, dscores, cache


def torch_gradients(model):
    """Return PyTorch's gradients in the form of ours; the two biases have the same."""
    layers = [
        [m.weight_ih_l0.grad.T, m.weight_hh_l0.grad.T, m.bias_ih_l0.grad]
        for m in (model.encoder, model.decoder)
    ]
    found = [model.embed_source.weight.grad, model.embed_target.weight.grad, *layers[0], *layers[1]]
    found += [model.head.weight.grad.T, model.head.bias.grad]
    if model.attention is not None:
        for name in ("ask", "show", "score", "join"):
            if hasattr(model.attention, name):
                grad = getattr(model.attention, name).weight.grad.T
                found.append(grad[:, 0] if name == "score" else grad)
    return [gradient.numpy() for gradient in found]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, kind):
    weights, source, mask, target, target_mask = random_model(3, kind, *shape)
    model = to_torch(weights)
    inputs = teacher_inputs(target, 0)
    theirs = model(*map(torch.from_numpy, (source, inputs, mask)))
    nll = torch.nn.functional.cross_entropy(
        theirs.transpose(1, 2), torch.from_numpy(target), reduction="none"
    )
    loss = (nll * torch.from_numpy(target_mask)).sum() / target_mask.sum()
    loss.backward()
    scores, cache = seq2seq_forward(source, mask, inputs, weights)
    np.testing.assert_allclose(scores, theirs.detach(), rtol=0, atol=1e-12)
    ours, dscores = masked_cross_entropy(scores, target, target_mask)
    assert abs(ours - loss.item()) < 1e-12
    for a, b in zip(leaves(seq2seq_backward(dscores, cache)), torch_gradients(model), strict=True):
        assert np.abs(a - b).max() < TOLERANCE * max(1e-3, np.abs(b).max())


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        *((kind, (3, 4, 2, 3)) for kind in KINDS),
        ("none", (1, 1, 1, 1)),
        ("additive", (1, 4, 2, 1)),
        ("general", (3, 1, 1, 3)),
    ],
)
def test_equals_keras(kind, shape):
    weights, source, mask, target, target_mask = random_model(4, kind, *shape)
    model = to_keras(weights)
    inputs = teacher_inputs(target, 0)
    with tf.GradientTape() as tape:
        theirs = model(source, inputs, mask > 0)
        nll = keras.losses.sparse_categorical_crossentropy(target, theirs, from_logits=True)
        loss = keras.ops.sum(nll * target_mask) / target_mask.sum()
    scores, cache = seq2seq_forward(source, mask, inputs, weights)
    np.testing.assert_allclose(scores, theirs, rtol=0, atol=1e-9)
    layers = [model.embed_source, model.embed_target, model.encoder, model.decoder, model.head]
    names = {"additive": ("ask", "show", "attention", "join"), "general": ("ask", "join")}
    layers += [getattr(model, name) for name in names.get(kind, ("join",) * (kind == "dot"))]
    variables = [v.value for layer in layers for v in layer.trainable_weights]
    dscores = masked_cross_entropy(scores, target, target_mask)[1]
    ours = leaves(seq2seq_backward(dscores, cache))
    for a, b in zip(ours, tape.gradient(loss, variables), strict=True):
        b = tf.convert_to_tensor(0.0 if b is None else b).numpy()
        assert np.abs(a - b).max() < TOLERANCE * max(1e-3, np.abs(a).max())


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    weights, source, mask, target, target_mask = random_model(5, kind)
    wide = (
        weights,
        np.concatenate([source, np.full((3, 2), 3)], axis=1),
        np.concatenate([mask, np.zeros((3, 2))], axis=1),
        np.concatenate([target, np.full((3, 2), 3)], axis=1),
        np.concatenate([target_mask, np.zeros((3, 2))], axis=1),
    )
    loss, dscores, cache = loss_of(weights, source, mask, target, target_mask)
    wide_loss, wide_dscores, wide_cache = loss_of(*wide)
    assert abs(loss - wide_loss) < 1e-12
    ours, theirs = seq2seq_backward(dscores, cache), seq2seq_backward(wide_dscores, wide_cache)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


def test_a_masked_encoder_equals_each_sequence_alone():
    rng = np.random.default_rng(6)
    weights = LSTMWeights(*(rng.standard_normal(s) for s in ((2, 12), (3, 12), 12)))
    x, lengths = rng.standard_normal((3, 5, 2)), (5, 1, 3)
    h, state, _ = masked_lstm_forward(x, lengths_to_mask(lengths, 5), weights)
    for n, length in enumerate(lengths):
        alone = masked_lstm_forward(x[n : n + 1, :length], np.ones((1, length)), weights)
        np.testing.assert_allclose(h[n : n + 1, :length], alone[0], rtol=0, atol=1e-12)
        for whole, one in zip(state, alone[1], strict=True):
            np.testing.assert_allclose(whole[n], one[0], rtol=0, atol=1e-12)


#: name: (function, text in it, what the bug makes of it)
PLANTS = {
    "dh not masked": ("masked_lstm_backward", "real * dh_t,", "dh_t,"),
    "dc not masked": ("masked_lstm_backward", "real * dc_t)", "dc_t)"),
    "dh not carried over padding": ("masked_lstm_backward", " + (1 - real) * dh_t", ""),
    "dc not carried over padding": ("masked_lstm_backward", " + (1 - real) * dc_t", ""),
    "gradient of the step forgotten": ("masked_lstm_backward", "dh[:, t] + d_state.h", "d_state.h"),
    "final state forgotten": (
        "masked_lstm_backward",
        "dx, total = ",
        "d_state = d_state._replace(h=0 * d_state.h); dx, total = ",
    ),
    "final cell state forgotten": (
        "masked_lstm_backward",
        "dx, total = ",
        "d_state = d_state._replace(c=0 * d_state.c); dx, total = ",
    ),
    "inputs in reverse order": ("masked_lstm_backward", "dx[::-1]", "dx"),
    "weights of the last step only": (
        "masked_lstm_backward",
        "added(total, d_weights)",
        "d_weights",
    ),
    "keys forgotten": (
        "seq2seq_backward",
        "masked_lstm_backward(dkeys,",
        "masked_lstm_backward(0 * dkeys,",
    ),
    "cell state of the decoder's start forgotten": (
        "seq2seq_backward",
        "encoder, back.d_state)",
        "encoder, back.d_state._replace(c=0 * back.d_state.c))",
    ),
    "repeated symbols overwrite": (
        "seq2seq_backward",
        "np.add.at(dW_source, source, front.dx)",
        "dW_source[source] += front.dx",
    ),
    "embedding of the target instead of the input": (
        "masked_cross_entropy",
        "float(mask.sum())  #",
        "float(mask.size)  #",
    ),
    "loss gradient on padding": (
        "masked_cross_entropy",
        "share * (np.exp(log_p) - right)",
        "(np.exp(log_p) - right) / mask.sum()",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", [10])
def test_each_planted_bug_is_caught(name, seed, planted, monkeypatch):
    function, text, bug = PLANTS[name]
    broken = planted(getattr(module, function), text, bug)
    if function == "masked_cross_entropy":
        drawn = piece_of("masked cross-entropy").drawn(seed)
        right, found = (f(**drawn.point, **drawn.fixed) for f in (masked_cross_entropy, broken))
        assert max(abs(found[0] - right[0]), np.abs(found[1] - right[1]).max()) > TOLERANCE
        return
    monkeypatch.setattr(module, function, broken)
    piece = piece_of("encoder-decoder, additive")
    assert max(piece.gradient_errors(piece.drawn(seed)).values()) > TOLERANCE


def test_teacher_inputs():
    moved = teacher_inputs(np.array([[5, 6, 2], [7, 2, 0]]), 1)
    np.testing.assert_array_equal(moved, [[1, 5, 6], [1, 7, 2]])


def test_errors():
    with pytest.raises(ValueError, match="mask must have a 1"):
        masked_cross_entropy(np.zeros((3, 4, V)), np.zeros((3, 4), int), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="attention must be none, additive"):
        init_seq2seq(np.random.default_rng(0), 3, 3, 2, 2, "soft")


def test_initial_models():
    for kind in KINDS:
        weights = init_seq2seq(np.random.default_rng(0), V_SOURCE, V, 2, 3, kind)
        assert (weights.attention is None) == (kind == "none")
        if kind == "dot":
            assert weights.attention == AttentionWeights(None, weights.attention.W_c)
        count = sum(p.numel() for p in to_torch(weights).parameters())
        biases = 2 * 4 * 3  # PyTorch's second bias of two layers
        assert count - biases == sum(array.size for array in leaves(weights))
    assert isinstance(Seq2Seq(3, 3, 2, 2, "dot"), torch.nn.Module)


# A decoder whose probabilities stand in a table: (beginning) -> probabilities of A, B, end.
A, B, END, BEGIN = 0, 1, 2, 3
TRAP = {
    (): (0.5, 0.4, 0.1),
    (A,): (0.1, 0.3, 0.6),
    (B,): (0.05, 0.0, 0.95),
    (A, B): (0.3, 0.3, 0.4),
}


def table_step(table):
    def step(symbols, state):
        (seen,) = state
        seen = [
            () if symbol == BEGIN else (*before, int(symbol))
            for symbol, before in zip(symbols, seen, strict=True)
        ]
        rows = np.array([table.get(one, (0.2, 0.2, 0.6)) for one in seen])
        kept = np.empty(len(seen), object)
        kept[:] = seen
        return np.log(np.maximum(rows, 1e-30)), (kept,)

    start = np.empty(1, object)
    start[0] = ()
    return step, (start,)


def everything(table, longest):
    """Return the log-probability of every complete output, by enumeration."""
    found = {}
    for length in range(1, longest + 1):
        for symbols in itertools.product((A, B), repeat=length - 1):
            p = 1.0
            for k, symbol in enumerate((*symbols, END)):
                p *= table.get(symbols[:k], (0.2, 0.2, 0.6))[symbol]
            found[(*symbols, END)] = np.log(max(p, 1e-30))
    return found


def test_a_beam_finds_what_greedy_misses():
    step, state = table_step(TRAP)
    assert beam_search(step, state, BEGIN, END, 4, width=1)[0].symbols == (A, END)
    best = beam_search(step, state, BEGIN, END, 4, width=2)[0]
    assert best.symbols == (B, END)
    assert best.log_p == pytest.approx(np.log(0.4 * 0.95), abs=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_is_exhaustive(seed, power):
    rng = np.random.default_rng(seed)
    beginnings = [s for n in range(4) for s in itertools.product((A, B), repeat=n)]
    table = {one: tuple(rng.dirichlet([1, 1, 0.5])) for one in beginnings}
    step, state = table_step(table)
    found = beam_search(step, state, BEGIN, END, 4, width=60, length_power=power)
    every = everything(table, 4)
    right = max(every, key=lambda one: every[one] / len(one) ** power)
    assert found[0].symbols == right
    assert found[0].log_p == pytest.approx(every[right], abs=1e-12)
    scores = [beam_score(one, power) for one in found]
    assert scores == sorted(scores, reverse=True)


def test_length_normalisation_prefers_longer_outputs():
    table = {(): (0.55, 0.0, 0.45), (A,): (0.8, 0.0, 0.2), (A, A): (0.0, 0.0, 1.0)}
    step, state = table_step(table)
    assert beam_search(step, state, BEGIN, END, 4, 3)[0].symbols == (END,)
    assert beam_search(step, state, BEGIN, END, 4, 3, 1.0)[0].symbols == (A, A, END)
    assert beam_score(Hypothesis((A, A, END), -3.0), 1.0) == -1.0


def test_open_outputs_are_returned_where_none_is_complete():
    step, state = table_step({(): (1.0, 0.0, 0.0), (A,): (1.0, 0.0, 0.0)})
    assert beam_search(step, state, BEGIN, END, 2, 1)[0].symbols == (A, A)
    with pytest.raises(ValueError, match="width and longest must be at least 1, got 0 and 2"):
        beam_search(step, state, BEGIN, END, 2, 0)


def test_dates():
    pairs = load_date_pairs(200, seed=1)
    assert pairs == load_date_pairs(200, seed=1) != load_date_pairs(200, seed=2)
    assert len(set(pairs)) == 200
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    for english, french in pairs:
        name, day, month, year = french.split()
        assert f"{day}, {year}" in english
        assert month in months.split()
        assert name.endswith("di") or name == "dimanche"
    with pytest.raises(ValueError, match="there are 365 days in 2001-2001, not 400"):
        load_date_pairs(400, first=2001, last=2001)


def test_batches_are_padded_and_shifted():
    batch = make_batch([[3, 4, 5], [6]], [[7], [8, 9]])
    assert batch.source.tolist() == [[3, 4, 5], [6, 0, 0]]
    assert batch.mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch.target.tolist() == [[7, 2, 0], [8, 9, 2]]
    assert batch.inputs.tolist() == [[1, 7, 2], [1, 8, 9]]
    assert batch.rows(slice(1, 2)).target_mask.tolist() == [[1, 1, 1]]


def test_dictionary_copy():
    batch = dictionary_copy(np.random.default_rng(0), 4, 6)
    back = dictionary_copy(np.random.default_rng(0), 4, 6, reverse=True)
    assert sorted(DICTIONARY) == list(range(13))
    np.testing.assert_array_equal(DICTIONARY[batch.source], batch.target[:, :-1])
    np.testing.assert_array_equal(back.source, batch.source.flip(1))
    np.testing.assert_array_equal(back.target, batch.target)


def test_training_lowers_the_loss_and_greedy_agrees_with_the_decoder():
    torch.manual_seed(0)
    model = Seq2Seq(13, 13, 8, 16, "dot")
    losses = train_seq2seq(
        model, lambda rng: dictionary_copy(rng, 32, 2), 60, seed=0, learning_rate=0.03
    )
    assert np.mean(losses[-5:]) < 0.7 * losses[0]
    batch = dictionary_copy(np.random.default_rng(1), 5, 2)
    symbols, attention = greedy(model, batch.source, batch.mask, 3)
    inputs = torch.cat([torch.full((5, 1), START), symbols[:, :-1]], dim=1)
    assert torch.equal(model(batch.source, inputs, batch.mask).argmax(dim=2), symbols)
    assert attention.shape == (5, 3, 2)
    assert 0.0 <= share_exact(model, batch) <= 1.0
