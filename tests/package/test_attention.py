"""Attention: parity with PyTorch and Keras, gradients, masks, planted bugs, errors."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from lstm_course.gradcheck import gradient_errors, relative_error
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
from lstm_course.variants.seq2seq_torch import Attention

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


def rebuilt(weights, arrays):
    score = weights.score
    if score is not None:
        score = type(score)(*(arrays[name] for name in score._fields))
    return AttentionWeights(score, arrays["W_c"])


def errors_of(problem, backward=attention_backward):
    query, keys, mask, weights, dh = problem
    inputs = {"query": query, "keys": keys, **flat(weights)}

    def loss(query, keys, **arrays):
        return float(np.sum(dh * attention_forward(query, keys, mask, rebuilt(weights, arrays))[0]))

    dquery, dkeys, dweights = backward(dh, attention_forward(query, keys, mask, weights)[2])
    return gradient_errors(loss, inputs, {"query": dquery, "keys": dkeys, **flat(dweights)})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape, kind):
    errors = errors_of(random_layer(1, kind, *shape))
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, kind):
    query, keys, mask, weights, dh = random_layer(2, kind, *shape)
    layer = Attention(shape[3], kind).double()
    names = {"W_q": "ask.weight", "W_k": "show.weight", "w_e": "score.weight", "W_c": "join.weight"}
    parameters = dict(layer.named_parameters())
    with torch.no_grad():
        for name, array in flat(weights).items():
            parameter = parameters[names[name]]
            parameter.copy_(torch.tensor(array.T.reshape(parameter.shape)))
    theirs = torch.tensor(query, requires_grad=True), torch.tensor(keys, requires_grad=True)
    output, seen = layer(*theirs, torch.tensor(mask))
    (output * torch.tensor(dh)).sum().backward()

    h_tilde, attention, cache = attention_forward(query, keys, mask, weights)
    np.testing.assert_allclose(h_tilde, output.detach(), atol=1e-12)
    np.testing.assert_allclose(attention, seen.detach(), atol=1e-12)
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
    np.testing.assert_allclose(context, theirs, atol=1e-9)
    np.testing.assert_allclose(attention, seen, atol=1e-9)

    layer = keras.layers.Attention(dtype="float64")
    theirs = layer([query, keys], mask=[None, mask > 0])
    np.testing.assert_allclose(attend(dot_scores(query, keys), keys, mask)[0], theirs, atol=1e-9)


def test_scaled_dot_is_that_of_the_transformer():
    query, keys, mask, _, _ = random_layer(4, "dot")
    given = [torch.tensor(array) for array in (query, keys, keys)]
    theirs = scaled_dot_product_attention(*given, attn_mask=torch.tensor(mask[:, None] > 0))
    ours = attend(dot_scores(query, keys, scale=6**-0.5), keys, mask)[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    query, keys, mask, weights, dh = random_layer(5, kind)
    wide_keys = np.concatenate([keys, np.full((3, 2, 6), 7.0)], axis=1)
    wide_mask = np.concatenate([mask, np.zeros((3, 2))], axis=1)
    h_tilde, attention, cache = attention_forward(query, keys, mask, weights)
    wide, wide_attention, wide_cache = attention_forward(query, wide_keys, wide_mask, weights)
    np.testing.assert_allclose(wide, h_tilde, atol=1e-12)
    assert not wide_attention[..., 5:].any()
    assert not attention[np.repeat(mask[:, None] == 0, 4, axis=1)].any()
    narrow, back = attention_backward(dh, cache), attention_backward(dh, wide_cache)
    assert not back[1][:, 5:].any()
    np.testing.assert_allclose(back[1][:, :5], narrow[1], atol=1e-12)
    for name, array in flat(back[2]).items():
        np.testing.assert_allclose(array, flat(narrow[2])[name], atol=1e-12)


def test_softmax_does_not_overflow_and_sums_to_one():
    scores = np.array([[[1e4, 1e4, -1e4, 1e300]]])
    attention = masked_softmax(scores, np.array([[1.0, 1.0, 1.0, 0.0]]))
    np.testing.assert_allclose(attention, [[[0.5, 0.5, 0.0, 0.0]]])


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
    if function == "attention_backward":
        assert max(errors_of(random_layer(seed, kind), broken).values()) > TOLERANCE
        return
    monkeypatch.setattr(module, function, broken)
    assert max(errors_of(random_layer(seed, kind)).values()) > TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_are_not_mutated_and_dtype_is_kept(kind):
    query, keys, mask, weights, dh = random_layer(6, kind)
    arrays = [query, keys, mask, dh, *flat(weights).values()]
    before = [array.copy() for array in arrays]
    _, _, cache = attention_forward(query, keys, mask, weights)
    attention_backward(dh, cache)
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)
    small = [array.astype(np.float32) for array in (query, keys, mask, dh)]
    light = rebuilt(weights, {k: a.astype(np.float32) for k, a in flat(weights).items()})
    h_tilde, attention, cache = attention_forward(*small[:3], light)
    dquery, dkeys, dweights = attention_backward(small[3], cache)
    results = [h_tilde, attention, dquery, dkeys, *flat(dweights).values()]
    assert {array.dtype for array in results} == {np.dtype(np.float32)}


def test_errors_name_expected_and_given_shape():
    query, keys, mask, weights, dh = random_layer(7, "additive")
    with pytest.raises(ValueError, match=r"keys must have shape \(N, S, H\) = \(3, 5, 6\)"):
        attention_forward(query, keys[..., :5], mask, weights)
    with pytest.raises(ValueError, match=r"query and keys must have shapes"):
        dot_scores(query[0], keys)
    with pytest.raises(ValueError, match=r"mask must have shape \(N, S\) = \(3, 5\)"):
        attention_forward(query, keys, mask[:, :4], weights)
    with pytest.raises(ValueError, match="nothing to attend to"):
        attention_forward(query, keys, 0 * mask, weights)
    with pytest.raises(ValueError, match=r"W_c must have shape \(2H, H\) = \(12, 6\)"):
        attention_forward(query, keys, mask, weights._replace(W_c=weights.W_c[:6]))
    with pytest.raises(ValueError, match=r"W_k must have shape \(H, A\)"):
        additive_scores(query, keys, weights.score._replace(W_k=weights.score.W_k[:2]))
    cache = attention_forward(query, keys, mask, weights)[2]
    with pytest.raises(ValueError, match=r"dh_tilde must have shape \(N, T, H\) = \(3, 4, 6\)"):
        attention_backward(dh[:, :2], cache)
    with pytest.raises(ValueError, match="kind must be additive, general or dot, got 'soft'"):
        Attention(3, "soft")
