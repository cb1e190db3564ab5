"""The CRF equals enumeration over all paths; NumPy, PyTorch and Keras agree; bugs are caught."""

from __future__ import annotations

import inspect
import itertools

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import relative_error
from lstm_course.variants import crf
from lstm_course.variants.crf import (
    CRFWeights,
    crf_backward_scores,
    crf_log_partition,
    crf_marginals,
    crf_nll,
    crf_nll_backward,
    log_sum_exp,
    sequence_score,
    viterbi,
)
from lstm_course.variants.crf_torch import to_torch
from tests.package.pieces import piece_of

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 2, 5), (1, 2, 4)))  # N, T, M


def problem(seed, N=3, T=5, M=3):
    """Draw emissions, tags, weights, lengths and upstream gradients; nothing is zero."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    weights = CRFWeights(draw((M, M)), draw(M), draw(M))
    lengths = rng.integers(1, T + 1, N)
    lengths[0] = T
    return draw((N, T, M)), rng.integers(0, M, (N, T)), weights, lengths, 0.5 + rng.random(N)


def enumerate_paths(emissions, weights, length):
    """Return every path over the real steps, and its score by plain addition."""
    paths, scores = list(itertools.product(range(emissions.shape[1]), repeat=int(length))), []
    for path in paths:
        score = weights.start[path[0]] + weights.end[path[-1]]
        score += sum(emissions[t, tag] for t, tag in enumerate(path))
        score += sum(weights.transitions[pair] for pair in itertools.pairwise(path))
        scores.append(score)
    return paths, np.array(scores)


def enumerated_marginals(emissions, weights, length):
    """Return single (T, M) and pair (T - 1, M, M) probabilities, counted path by path."""
    T, M = emissions.shape
    paths, scores = enumerate_paths(emissions, weights, length)
    p = np.exp(scores - scores.max())
    single, pair = np.zeros((T, M)), np.zeros((T - 1, M, M))
    for path, share in zip(paths, p / p.sum(), strict=True):
        for t, tag in enumerate(path):
            single[t, tag] += share
        for t, (j, k) in enumerate(itertools.pairwise(path)):
            pair[t, j, k] += share
    return single, pair


@pytest.mark.parametrize(("N", "T", "M"), GRID)
def test_everything_equals_enumeration(N, T, M):
    emissions, tags, weights, lengths, _ = problem(N + 10 * T + 100 * M, N, T, M)
    log_Z, _ = crf_log_partition(emissions, weights, lengths)
    best, top = viterbi(emissions, weights, lengths)
    said = sequence_score(emissions, tags, weights, lengths)
    single, pair = crf_marginals(emissions, weights, lengths)
    for n in range(N):
        paths, scores = enumerate_paths(emissions[n], weights, lengths[n])
        assert np.isclose(log_Z[n], np.log(np.exp(scores).sum()), rtol=0, atol=1e-12)
        assert np.isclose(top[n], scores.max(), rtol=0, atol=1e-12)
        assert tuple(best[n, : lengths[n]]) == paths[scores.argmax()]
        assert np.all(best[n, lengths[n] :] == -1)
        own = scores[paths.index(tuple(tags[n, : lengths[n]]))]
        assert np.isclose(said[n], own, rtol=0, atol=1e-12)
        right = enumerated_marginals(emissions[n], weights, lengths[n])
        assert np.allclose(single[n], right[0], rtol=0, atol=1e-12)
        assert np.allclose(pair[n], right[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("N", "T", "M"), GRID)
def test_gradient_is_expected_minus_observed(N, T, M):
    emissions, tags, weights, lengths, dnll = problem(7 + N + 10 * T + 100 * M, N, T, M)
    gradients = crf_nll_backward(dnll, crf_nll(emissions, tags, weights, lengths)[1])
    demissions, dtransitions = np.zeros_like(emissions), np.zeros((M, M))
    for n in range(N):
        single, pair = enumerated_marginals(emissions[n], weights, lengths[n])
        for t in range(lengths[n]):
            single[t, tags[n, t]] -= 1
        for t in range(lengths[n] - 1):
            pair[t, tags[n, t], tags[n, t + 1]] -= 1
        demissions[n], dtransitions = dnll[n] * single, dtransitions + dnll[n] * pair.sum(axis=0)
    assert np.allclose(gradients.demissions, demissions, rtol=0, atol=1e-12)
    assert np.allclose(gradients.dtransitions, dtransitions, rtol=0, atol=1e-12)
    assert np.allclose(gradients.dstart, demissions[:, 0].sum(axis=0), rtol=0, atol=1e-12)
    dend = sum(demissions[n, lengths[n] - 1] for n in range(N))
    assert np.allclose(gradients.dend, dend, rtol=0, atol=1e-12)


PLANTS = {
    "signs exchanged": ("(single - observed)", "(observed - single)"),
    "upstream gradient ignored for the emissions": ("dnll[:, None, None] * (", "("),
    "upstream gradient ignored for the transitions": (
        '"n,ntjk->jk", dnll, pair',
        '"n,ntjk->jk", 0 * dnll + 1, pair',
    ),
    "observed counts of the emissions left out": ("(single - observed)", "single"),
    "observed counts of the transitions left out": ("pair - observed_pair", "pair"),
    "pairs transposed": ('"n,ntjk->jk"', '"n,ntjk->kj"'),
    "padding counted in the observed tags": (" * real[:, :, None]", ""),
    "last tag taken at T": ("lengths - 1]", "-1]"),
    "start summed over all steps": ("demissions[:, 0].sum(axis=0)", "demissions.sum(axis=(0, 1))"),
    "end not summed over the batch": ("last.sum(axis=0)", "last[0]"),
    "observed pairs shifted": ("observed[:, :-1, :, None]", "observed[:, 1:, :, None]"),
}
MARGINAL_PLANTS = {
    "padding counted in the single marginals": (" * real[:, :, None]", ""),
    "padding counted in the pairs": (
        "np.where(real[:, 1:, None, None], log_pair, -np.inf)",
        "log_pair",
    ),
    "pairs without the next emission": ("(emissions + beta)[:, 1:", "beta[:, 1:"),
    "pairs without beta": ("(emissions + beta)[:, 1:", "emissions[:, 1:"),
    "pairs without transitions": (" + weights.transitions + after", " + after"),
    "not normalised": ("alpha + beta - log_Z[:, None, None]", "alpha + beta"),
    "alpha alone": ("np.exp(alpha + beta -", "np.exp(alpha -"),
}
BETA_PLANTS = {
    "end scores forgotten": ("beta[:, -1] = weights.end", "beta[:, -1] = 0.0"),
    "summed over the wrong axis": ("log_sum_exp(leave, axis=2)", "log_sum_exp(leave, axis=1)"),
    "this step's emission": ("emissions[:, t + 1] + beta", "emissions[:, t] + beta"),
    "one step too early": ("(t + 1 < lengths)", "(t < lengths)"),
    "end of short sequences forgotten": ("axis=2), weights.end)", "axis=2), 0.0)"),
    "transitions transposed": ("weights.transitions + (", "weights.transitions.T + ("),
}
FORWARD_PLANTS = {
    "start scores forgotten": ("weights.start + emissions[:, 0]", "emissions[:, 0]"),
    "transitions transposed": ("+ weights.transitions, axis", "+ weights.transitions.T, axis"),
    "summed over the wrong axis": ("weights.transitions, axis=1", "weights.transitions, axis=2"),
    "padding runs on": ("np.where(goes_on, arrive + emissions[:, t], alpha[:, t - 1])",
                        "arrive + emissions[:, t]"),
    "end scores forgotten": ("alpha[:, -1] + weights.end", "alpha[:, -1]"),
    "the best instead of the sum": ("arrive = log_sum_exp(", "arrive = np.max("),
}  # fmt: skip


def with_plant(planted, name, text, bug):
    """Return crf_nll and crf_nll_backward, where one function that they use has a bug."""
    namespace = dict(vars(crf)) | {name: planted(getattr(crf, name), text, bug)}
    for other in ("_marginals", "crf_nll", "crf_nll_backward"):
        if other != name:  # defined anew, so that it finds the broken one
            exec(inspect.getsource(getattr(crf, other)), namespace)
    return namespace["crf_nll"], namespace["crf_nll_backward"]


ALL_PLANTS = [
    (name, *plant)
    for name, plants in (
        ("crf_nll_backward", PLANTS),
        ("_marginals", MARGINAL_PLANTS),
        ("crf_backward_scores", BETA_PLANTS),
        ("crf_log_partition", FORWARD_PLANTS),
    )
    for plant in plants.items()
]


@pytest.mark.parametrize(
    ("name", "what", "change"), ALL_PLANTS, ids=[f"{p[0]}-{p[1]}" for p in ALL_PLANTS]
)
def test_planted_bugs_are_caught(planted, name, what, change):
    nll, backward = with_plant(planted, name, *change)
    with np.errstate(all="ignore"):
        piece = piece_of("crf")
        drawn = piece.drawn(1, N=3, T=4)
        cache = nll(**drawn.point, **drawn.fixed)[1]
        errors = piece.gradient_errors(drawn, lambda dnll, _: backward(dnll, cache))
    assert max(errors.values()) > TOLERANCE


def test_log_sum_exp_is_stable():
    a = np.array([[1000.0, 1000.0], [-1000.0, -1001.0], [-np.inf, 3.0], [-np.inf, -np.inf]])
    right = [1000 + np.log(2), -1000 + np.log1p(np.exp(-1)), 3.0, -np.inf]
    assert np.allclose(log_sum_exp(a, axis=1), right, rtol=0, atol=1e-12)
    assert log_sum_exp(a.astype(np.float32), axis=0).dtype == np.float32


def test_padding_changes_nothing():
    emissions, tags, weights, lengths, dnll = problem(3)
    wild, other = emissions.copy(), tags.copy()
    for n, length in enumerate(lengths):
        wild[n, length:], other[n, length:] = 1e3, -1
    assert (lengths < emissions.shape[1]).any()
    nll, cache = crf_nll(emissions, tags, weights, lengths)
    nll_wild, cache_wild = crf_nll(wild, other, weights, lengths)
    assert np.allclose(nll, nll_wild, rtol=0, atol=1e-12)
    for a, b in zip(crf_nll_backward(dnll, cache), crf_nll_backward(dnll, cache_wild), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


def test_the_best_paths_leave_what_is_handed_in():
    emissions, _, weights, lengths, _ = problem(6)
    copies = [array.copy() for array in (emissions, *weights, lengths)]
    viterbi(emissions, weights, lengths)
    assert all(map(np.array_equal, (emissions, *weights, lengths), copies))


def test_forbidden_transitions_have_no_share():
    emissions, _, weights, lengths, _ = problem(4)
    transitions = weights.transitions.copy()
    transitions[0, 1] = -np.inf
    weights = weights._replace(transitions=transitions)
    _, pair = crf_marginals(emissions, weights, lengths)
    paths, _ = viterbi(100 * emissions, weights, lengths)
    assert np.all(pair[:, :, 0, 1] == 0)
    assert np.isfinite(pair).all()
    assert not np.any((paths[:, :-1] == 0) & (paths[:, 1:] == 1))


def test_alpha_and_beta_meet_at_every_step():
    emissions, _, weights, lengths, _ = problem(5)
    log_Z, alpha = crf_log_partition(emissions, weights, lengths)
    beta = crf_backward_scores(emissions, weights, lengths)
    together = log_sum_exp(alpha + beta)
    for n, length in enumerate(lengths):
        assert np.allclose(together[n, :length], log_Z[n], rtol=0, atol=1e-12)


def test_wrong_shapes_are_named():
    emissions, tags, weights, lengths, _ = problem(0)
    wrong = weights._replace(transitions=weights.transitions[:2])
    with pytest.raises(ValueError, match=r"transitions .* \(3, 3\), got \(2, 3\)"):
        crf_log_partition(emissions, wrong)
    with pytest.raises(ValueError, match=r"start"):
        viterbi(emissions, weights._replace(start=weights.end[:1]))
    with pytest.raises(ValueError, match=r"emissions .*got \(5, 3\)"):
        crf_log_partition(emissions[0], weights)
    with pytest.raises(ValueError, match=r"lengths must have shape"):
        crf_log_partition(emissions, weights, lengths[:2])
    for outside in (0, 6):
        with pytest.raises(ValueError, match=r"between 1 and T = 5"):
            crf_log_partition(emissions, weights, np.array([5, outside, 1]))
    with pytest.raises(ValueError, match=r"tags must have shape .* got \(3, 4\)"):
        sequence_score(emissions, tags[:, 1:], weights)
    with pytest.raises(ValueError, match=r"between 0 and M - 1 = 2"):
        sequence_score(emissions, tags + 3, weights)


@pytest.mark.parametrize(("N", "T", "M"), GRID)
def test_torch_agrees(N, T, M):
    emissions, tags, weights, lengths, dnll = problem(N + T + M, N, T, M)
    layer = to_torch(weights)
    x = torch.tensor(emissions, requires_grad=True)
    given = torch.tensor(tags), torch.tensor(lengths)
    nll = layer.nll(x, *given)
    (nll * torch.tensor(dnll)).sum().backward()
    theirs = (x.grad, layer.transitions.grad, layer.start.grad, layer.end.grad)
    ours, cache = crf_nll(emissions, tags, weights, lengths)
    assert np.allclose(nll.detach().numpy(), ours, rtol=0, atol=1e-12)
    for a, b in zip(crf_nll_backward(dnll, cache), theirs, strict=True):
        assert np.allclose(a, b.numpy(), rtol=0, atol=1e-12)
    paths = layer.decode(x, given[1]).numpy()
    assert np.array_equal(paths, viterbi(emissions, weights, lengths)[0])


@pytest.mark.parametrize(("N", "T", "M"), [(3, 5, 4), (1, 5, 2), (3, 1, 4), (2, 4, 1)])
def test_keras_agrees(N, T, M):
    tf = pytest.importorskip("tensorflow")
    from lstm_course.variants.crf_keras import to_keras

    emissions, tags, weights, lengths, dnll = problem(N + T + M, N, T, M)
    layer = to_keras(weights)
    padded = np.where(np.arange(T) < lengths[:, None], tags, -1)
    x = tf.Variable(emissions)
    with tf.GradientTape() as tape:
        nll = layer.loss(padded, layer(x))
        total = tf.reduce_sum(nll * dnll)
    theirs = tape.gradient(total, [x, *(w.value for w in layer.trainable_variables)])
    ours, cache = crf_nll(emissions, tags, weights, lengths)
    assert np.allclose(nll.numpy(), ours, rtol=0, atol=1e-12)
    for a, b in zip(crf_nll_backward(dnll, cache), theirs, strict=True):
        b = np.zeros_like(a) if b is None else b.numpy()  # one step has no transitions
        assert relative_error(1.0 + a, 1.0 + b) < 1e-9
    paths = np.array(layer.decode(emissions, lengths))
    assert np.array_equal(paths, viterbi(emissions, weights, lengths)[0])


def test_keras_layer_trains_in_a_model():
    keras = pytest.importorskip("keras")
    from lstm_course.variants.crf_keras import CRF as KerasCRF

    rng = np.random.default_rng(0)
    layer = KerasCRF()
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Dense(3), layer])
    model.compile(keras.optimizers.Adam(0.1), layer.loss)
    x, tags = rng.standard_normal((6, 4, 2)), rng.integers(0, 3, (6, 4))
    losses = model.fit(x, tags, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert all(np.any(np.array(w)) for w in layer.get_weights())
