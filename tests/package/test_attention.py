"""Attention: parity with PyTorch and Keras, masks, planted bugs; the rest is in the pieces."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from lstm_course.gradcheck import relative_error
from lstm_course.variants import attention as module
from lstm_course.variants.attention import (
    AdditiveWeights,
    AttentionWeights,
    GeneralWeights,
    additive_scores,
    attend,
    attention_backward,
    attention_forward,
    dot_scores,
    masked_softmax,
)
from lstm_course.variants.attention_torch import Attention, to_torch
from tests.package.pieces import piece_of

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 4), (1, 5), (1, 6)))  # N, T, S, H
KINDS = ("additive", "general", "dot")


def random_layer(seed, kind, N=3, T=4, S=5, H=6):
    """Draw a layer in which nothing is zero; the mask leaves 1 to S steps of each source."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    score = {
        "additive": AdditiveWeights(draw((H, H)), draw((H, H)), draw(H)),
        "general": GeneralWeights(draw((H, H)) / 2),
        "dot": None,
    }[kind]
    lengths = rng.integers(1, S + 1, N)
    mask = (np.arange(S) < lengths[:, None]).astype(float)
    weights = AttentionWeights(score, draw((2 * H, H)) / np.sqrt(H))
    return draw((N, T, H)), draw((N, S, H)), mask, weights, draw((N, T, H))


def flat(weights):
    return {**(weights.score._asdict() if weights.score else {}), "W_c": weights.W_c}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, kind):
    query, keys, mask, weights, dh = random_layer(2, kind, *shape)
    layer = to_torch(weights)
    names = {"W_q": "ask.weight", "W_k": "show.weight", "w_e": "score.weight", "W_c": "join.weight"}
    parameters = dict(layer.named_parameters())
    theirs = torch.tensor(query, requires_grad=True), torch.tensor(keys, requires_grad=True)
    output, seen = layer(*theirs, torch.tensor(mask))
    (output * torch.tensor(dh)).sum().backward()

    h_tilde, attention, cache = attention_forward(query, keys, mask, weights)
    np.testing.assert_allclose(h_tilde, output.detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(attention, seen.detach(), rtol=0, atol=1e-12)
    dquery, dkeys, dweights = attention_backward(dh, cache)
    assert relative_error(dquery, theirs[0].grad.numpy()) < TOLERANCE
    assert relative_error(dkeys, theirs[1].grad.numpy()) < TOLERANCE
    for name, array in flat(dweights).items():
        grad = parameters[names[name]].grad.numpy()
        assert relative_error(array.T.reshape(grad.shape), grad) < TOLERANCE, name


@pytest.mark.parametrize("shape", [(3, 4, 5, 6), (1, 1, 1, 1), (1, 4, 5, 1)], ids=str)
def test_equals_the_layers_of_keras(shape):
    query, keys, mask, weights, _ = random_layer(3, "additive", *shape)
    layer = keras.layers.AdditiveAttention(dtype="float64")
    shown = [query @ weights.score.W_q, keys, keys @ weights.score.W_k]
    layer.build([array.shape for array in shown])
    layer.set_weights([weights.score.w_e])
    theirs, seen = layer(shown, mask=[None, mask > 0], return_attention_scores=True)
    context, attention = attend(additive_scores(query, keys, weights.score)[0], keys, mask)
    np.testing.assert_allclose(context, theirs, rtol=0, atol=1e-9)
    np.testing.assert_allclose(attention, seen, rtol=0, atol=1e-9)

    layer = keras.layers.Attention(dtype="float64")
    theirs = layer([query, keys], mask=[None, mask > 0])
    np.testing.assert_allclose(
        attend(dot_scores(query, keys), keys, mask)[0], theirs, rtol=0, atol=1e-9
    )


def test_scaled_dot_is_that_of_the_transformer():
    query, keys, mask, _, _ = random_layer(4, "dot")
    given = [torch.tensor(array) for array in (query, keys, keys)]
    theirs = scaled_dot_product_attention(*given, attn_mask=torch.tensor(mask[:, None] > 0))
    ours = attend(dot_scores(query, keys, scale=6**-0.5), keys, mask)[0]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    query, keys, mask, weights, dh = random_layer(5, kind)
    wide_keys = np.concatenate([keys, np.full((3, 2, 6), 7.0)], axis=1)
    wide_mask = np.concatenate([mask, np.zeros((3, 2))], axis=1)
    h_tilde, attention, cache = attention_forward(query, keys, mask, weights)
    wide, wide_attention, wide_cache = attention_forward(query, wide_keys, wide_mask, weights)
    np.testing.assert_allclose(wide, h_tilde, rtol=0, atol=1e-12)
    assert not wide_attention[..., 5:].any()
    assert not attention[np.repeat(mask[:, None] == 0, 4, axis=1)].any()
    narrow, back = attention_backward(dh, cache), attention_backward(dh, wide_cache)
    assert not back[1][:, 5:].any()
    np.testing.assert_allclose(back[1][:, :5], narrow[1], rtol=0, atol=1e-12)
    for name, array in flat(back[2]).items():
        np.testing.assert_allclose(array, flat(narrow[2])[name], rtol=0, atol=1e-12)


def test_softmax_does_not_overflow_and_sums_to_one():
    scores = np.array([[[1e4, 1e4, -1e4, 1e300]]])
    attention = masked_softmax(scores, np.array([[1.0, 1.0, 1.0, 0.0]]))
    np.testing.assert_allclose(attention, [[[0.5, 0.5, 0.0, 0.0]]], rtol=0, atol=1e-15)


#: name: (function of the module, text in it, what the bug makes of it, kind)
PLANTS = {
    "slope of the joining tanh forgotten": (
        "attention_backward",
        "dh_tilde * (1.0 - h_tilde**2)",
        "dh_tilde",
        "dot",
    ),
    "query's own share forgotten": ("attention_backward", "dquery + dasked", "dasked", "dot"),
    "query's share through the scores forgotten": (
        "attention_backward",
        "dquery + dasked",
        "dquery",
        "dot",
    ),
    "values forgotten": ("attention_backward", "dkeys + dvalues", "dkeys", "dot"),
    "keys' share through the scores forgotten": (
        "attention_backward",
        "dkeys + dvalues",
        "dvalues",
        "dot",
    ),
    "halves of the join swapped": (
        "attention_backward",
        "dquery, dcontext = np",
        "dcontext, dquery = np",
        "dot",
    ),
    "projection not undone": ("attention_backward", "score.W_q.T", "score.W_q", "general"),
    "gradient of the raw query as key's": (
        "attention_backward",
        "dot_scores_backward(dscores, query @ score.W_q, keys)",
        "dot_scores_backward(dscores, query, keys)",
        "general",
    ),
    "softmax taken for independent places": (
        "softmax_backward",
        "(dattention - inner)",
        "dattention * (1.0 - attention)",
        "dot",
    ),
    "softmax without its mean": ("softmax_backward", "(dattention - inner)", "dattention", "dot"),
    "softmax mean over the wrong axis": ("softmax_backward", "axis=-1", "axis=-2", "dot"),
    "values not transposed": (
        "attend_backward",
        "attention.transpose(0, 2, 1) @ dcontext",
        "attention.swapaxes(1, 2) @ dcontext[:, ::-1]",
        "dot",
    ),
    "slope of the score's tanh forgotten": (
        "additive_scores_backward",
        " * (1.0 - hidden**2)",
        "",
        "additive",
    ),
    "slope at a value that is a tanh already": (
        "additive_scores_backward",
        "1.0 - hidden**2",
        "1.0 - np.tanh(hidden) ** 2",
        "additive",
    ),
    "weights of the score left out": ("additive_scores_backward", " * w_e", "", "additive"),
    "W_q and W_k mixed up": (
        "additive_scores_backward",
        "da_q @ W_q.T",
        "da_q @ W_k.T",
        "additive",
    ),
    "query summed over the queries": (
        "additive_scores_backward",
        "da.sum(axis=1)",
        "da.mean(axis=1)",
        "additive",
    ),
    "score's weights without the gradient": (
        "additive_scores_backward",
        "np.tensordot(dscores, hidden, axes=3)",
        "hidden.sum(axis=(0, 1, 2))",
        "additive",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", range(2))
def test_each_planted_bug_is_caught(name, seed, planted, monkeypatch):
    function, text, bug, kind = PLANTS[name]
    broken = planted(getattr(module, function), text, bug)
    backward = broken if function == "attention_backward" else None
    monkeypatch.setattr(module, function, broken)
    piece = piece_of(f"attention, {kind}")
    assert max(piece.gradient_errors(piece.drawn(seed), backward).values()) > TOLERANCE


def test_errors_name_expected_and_given_shape():
    query, keys, mask, weights, _ = random_layer(7, "additive")
    with pytest.raises(ValueError, match=r"keys must have shape \(N, S, H\) = \(3, 5, 6\)"):
        attention_forward(query, keys[..., :5], mask, weights)
    with pytest.raises(ValueError, match=r"query and keys must have shapes"):
        dot_scores(query[0], keys)
    with pytest.raises(ValueError, match="nothing to attend to"):
        attention_forward(query, keys, 0 * mask, weights)
    with pytest.raises(ValueError, match=r"W_k must have shape \(H, A\)"):
        additive_scores(query, keys, weights.score._replace(W_k=weights.score.W_k[:2]))
    with pytest.raises(ValueError, match="kind must be additive, general or dot, got 'soft'"):
        Attention(3, "soft")
    wide = weights.score._replace(**{name: np.ones((6, 2)) for name in ("W_q", "W_k")})
    with pytest.raises(ValueError, match=r"w_e must have shape \(H,\) = \(6,\), got \(2,\)"):
        to_torch(weights._replace(score=wide._replace(w_e=np.ones(2))))
