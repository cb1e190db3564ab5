"""Nine variants of the LSTM: NumPy equals PyTorch and Keras, and gradients equal differences."""

from __future__ import annotations

import itertools
import types

import numpy as np
import pytest
import torch

from lstm_course import LSTMState, LSTMWeights, lstm_forward
from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import ablation
from lstm_course.variants.ablation import (
    VARIANTS,
    AblationState,
    AblationWeights,
    ablation_backward,
    ablation_forward,
    ablation_parameter_count,
    ablation_step,
    ablation_step_backward,
    init_ablation,
    weight_shapes,
    zero_state,
)
from lstm_course.variants.ablation_torch import AblationLSTM

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
FEW = [(1, 1, 1, 1), (3, 5, 4, 6)]


def problem(variant, seed=0, N=3, T=5, D=4, H=6):
    """Return x, state, weights, dh and d_state in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    weights = AblationWeights(*(0.5 * draw(shape) for shape in weight_shapes(D, H, variant)))

    def states():
        return AblationState(*(draw(array.shape) for array in zero_state(N, H, variant)))

    return draw((N, T, D)), states(), weights, draw((N, T, H)), states()


def named(x, state, weights):
    """Return the arrays by name, without the empty ones."""
    arrays = {"x": x, **state._asdict(), **weights._asdict()}
    return {name: array for name, array in arrays.items() if array.size}


def loss_and_gradients(variant, given, backward=ablation_backward):
    x, state, weights, dh, d_state = given
    inputs = named(x, state, weights)

    def loss(**arrays):
        start = state._replace(**{k: v for k, v in arrays.items() if k in state._fields})
        filled = weights._replace(**{k: v for k, v in arrays.items() if k in weights._fields})
        h, end, _ = ablation_forward(arrays["x"], start, filled, variant)
        return float(np.sum(h * dh) + sum(np.sum(a * b) for a, b in zip(end, d_state, strict=True)))

    _, _, caches = ablation_forward(x, state, weights, variant)
    return loss, inputs, named(*backward(dh, d_state, caches))


def errors_of(variant, given, backward=ablation_backward):
    return gradient_errors(*loss_and_gradients(variant, given, backward))


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 4, 2, 3)], ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_equal_differences(variant, shape):
    errors = errors_of(variant, problem(variant, 1, *shape))
    assert {"x", "h", "c", "W_x", "W_h", "b"} <= set(errors)
    assert ("w_c" in errors) == (variant != "NP")
    assert ("W_u" in errors) == ("u" in errors) == (variant == "FGR")
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("shape", GRID, ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_equals_torch(variant, shape):
    given = problem(variant, 2, *shape)
    x, state, weights, dh, d_state = given
    h, end, _ = ablation_forward(x, state, weights, variant)
    _, _, ours = loss_and_gradients(variant, given)
    layer = AblationLSTM(shape[2], shape[3], variant).load_numpy(weights)
    tensors = {
        name: torch.tensor(a, requires_grad=True) for name, a in named(x, state, weights).items()
    }
    start = tuple(tensors[name] for name in state._fields if name in tensors)
    output, final = layer(tensors["x"], start)
    np.testing.assert_allclose(output.detach(), h, atol=1e-12)
    for theirs, mine in zip(final, end, strict=False):
        np.testing.assert_allclose(theirs.detach(), mine, atol=1e-12)
    loss = (output * torch.tensor(dh)).sum()
    loss = loss + sum((a * torch.tensor(b)).sum() for a, b in zip(final, d_state, strict=False))
    loss.backward()
    for name, mine in ours.items():
        source = getattr(layer, name) if name in weights._fields else tensors[name]
        assert relative_error(mine, source.grad.numpy()) < TOLERANCE, name


@pytest.mark.parametrize("shape", FEW, ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_equals_keras(variant, shape):
    import tensorflow as tf

    from lstm_course.variants.ablation_keras import ablation_lstm, load_numpy

    given = problem(variant, 3, *shape)
    x, state, weights, dh, d_state = given
    h, end, _ = ablation_forward(x, state, weights, variant)
    _, _, ours = loss_and_gradients(variant, given)
    layer = ablation_lstm(
        shape[3], variant, return_sequences=True, return_state=True, dtype="float64", unroll=True
    )
    load_numpy(layer, weights)
    tensors = {name: tf.constant(a) for name, a in named(x, state, weights).items()}
    watched = {name: tensors[name] for name in ("x", *state._fields) if name in tensors}
    with tf.GradientTape() as tape:
        tape.watch(list(watched.values()))
        start = [tensors[name] for name in state._fields if name in tensors]
        output, *final = layer(tensors["x"], initial_state=start)
        loss = tf.reduce_sum(output * dh)
        for a, b in zip(final, d_state, strict=False):
            loss += tf.reduce_sum(a * b)
    variables = [v.value for v in layer.trainable_variables]
    sources = [*watched.values(), *variables]
    gradients = tape.gradient(loss, sources)
    np.testing.assert_allclose(output, h, atol=1e-12)
    for theirs, mine in zip(final, end, strict=False):
        np.testing.assert_allclose(theirs, mine, atol=1e-12)
    names = [*watched, *(name for name, a in weights._asdict().items() if a.size)]
    for name, theirs in zip(names, gradients, strict=True):
        assert relative_error(ours[name], np.asarray(theirs)) < TOLERANCE, name


def test_no_peepholes_is_the_lstm_of_the_course():
    x, state, weights, _, _ = problem("NP", 4)
    h, end, _ = ablation_forward(x, state, weights, "NP")
    start = LSTMState(state.h, state.c)
    plain, final, _ = lstm_forward(x, LSTMWeights(*weights[:3]), start)
    for ours, theirs in zip((h, end.h, end.c), (plain, *final), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_stack_is_its_layers(variant):
    x = torch.tensor(problem(variant, 5)[0], dtype=torch.float32)
    stack, single = AblationLSTM(4, 6, variant, (7, 8)), AblationLSTM(4, 6, variant, (8,))
    h, final = stack(x)
    assert h.shape == (2, 3, 5, 6)
    expected, state = single(x)
    torch.testing.assert_close(h[1], expected)
    for a, b in zip(final, state, strict=True):
        torch.testing.assert_close(a[1], b)
    both, _ = stack(torch.stack([0 * x, x]))
    torch.testing.assert_close(both[1], expected)


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameter_counts(variant):
    import keras

    from lstm_course.variants.ablation_keras import ablation_lstm

    D, H = 4, 6
    count = ablation_parameter_count(D, H, variant)
    assert count == sum(
        array.size for array in init_ablation(D, H, np.random.default_rng(0), variant)
    )
    assert count == sum(p.numel() for p in AblationLSTM(D, H, variant).parameters())
    layer = ablation_lstm(H, variant)
    layer.build((None, None, D))
    assert count == layer.count_params()
    assert isinstance(layer, keras.layers.RNN)
    extra = {"NP": 0, "V": 18, "NIG": 12, "NFG": 12, "NOG": 12, "CIFG": 12, "FGR": 18 + 324}
    blocks = 3 if variant in ("NIG", "NFG", "NOG", "CIFG") else 4
    assert count == blocks * (24 + 36 + 6) + extra.get(variant, 18)


#: name: (variant, text of the step backward, what the bug makes of it)
PLANTS = {
    "no gradient through the output peephole": ("V", 'dc = dc + da["o"] * w["o"]', "dc = dc + 0.0"),
    "output peephole taken at c_prev": ("V", 'c_t if gate == "o" else c_prev', "c_prev"),
    "input peepholes taken at c_t": ("V", 'c_t if gate == "o" else c_prev', "c_t"),
    "no gradient through the peepholes of i and f": (
        "V", "dc_prev = dc_prev + da[gate] * w[gate]", "dc_prev = dc_prev"),
    "peepholes of i and f exchanged": (
        "V", "dc_prev + da[gate] * w[gate]", 'dc_prev + da[gate] * w["fi"["if".index(gate)]]'),
    "dc to the past before the output peephole": (
        "V", "dc_prev = dc * f", "dc_prev = d_state.c * f"),
    "peephole gradient not summed over the batch": ("V", "c_prev)).sum(axis=0)", "c_prev))[0]"),
    "forget gate forgotten on the way back": ("V", "dc_prev = dc * f", "dc_prev = dc"),
    "coupling: sign": ("CIFG", "di = di - df", "di = di + df"),
    "coupling ignored": ("CIFG", "di = di - df", "di = di"),
    "candidate's tanh where there is none": (
        "NIAF", "1.0 - g**2 if v.candidate_tanh else 1.0", "1.0 - g**2"),
    "output tanh where there is none": (
        "NOAF", "1.0 - shown**2 if v.output_tanh else 1.0", "1.0 - shown**2"),
    "slope of the output tanh missing": (
        "V", "1.0 - shown**2 if v.output_tanh else 1.0", "1.0"),
    "gates to gates: transpose": ("FGR", "da_u @ weights.W_u.T", "da_u @ weights.W_u"),
    "gates to gates: gradient of the state lost": (
        "FGR", "di, df, do = np.split(d_state.u,", "di, df, do = np.split(0 * d_state.u,"),
    "gates to gates: new gates": (
        "FGR", "u_prev.T @ da_u", "np.concatenate([i, f, o], 1).T @ da_u"),
    "dW_h built with h_t": ("V", "h_prev.T @ da_all", "(o * shown).T @ da_all"),
    "db averaged": ("V", "da_all.sum(axis=0)", "da_all.mean(axis=0)"),
    "c_t used for c_prev": ("V", "df + dc * c_prev", "df + dc * c_t"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", range(2))
def test_each_planted_bug_is_caught(planted, name, seed):
    variant, text, bug = PLANTS[name]
    step = planted(ablation_step_backward, text, bug)
    names = {**vars(ablation), "ablation_step_backward": step}
    backward = types.FunctionType(ablation_backward.__code__, names)
    assert (
        max(errors_of(variant, problem(variant, seed, T=3, D=2, H=3), backward).values())
        > TOLERANCE
    )


@pytest.mark.parametrize(
    ("text", "bug"),
    [
        ("d_state.h + dh[:, t]", "dh[:, t]"),
        ("total = AblationWeights(*(a + b for", "total = AblationWeights(*(b for"),
    ],
)
def test_planted_bugs_of_the_loop_are_caught(planted, text, bug):
    backward = planted(ablation_backward, text, bug)
    assert max(errors_of("V", problem("V", 0, T=3, D=2, H=3), backward).values()) > TOLERANCE


@pytest.mark.parametrize(
    ("text", "bug"),
    [('c_t * w["o"]', 'state.c * w["o"]'), ("else 1.0 - i if v.coupled", "else i if v.coupled")],
)
def test_wrong_forward_steps_differ_from_torch(planted, text, bug):
    variant = "V" if "w[" in text else "CIFG"
    x, state, weights, _, _ = problem(variant)
    wrong, _ = planted(ablation_step, text, bug)(x[:, 0], state, weights, variant)
    layer = AblationLSTM(4, 6, variant).load_numpy(weights)
    h, _ = layer(torch.tensor(x[:, :1]), tuple(torch.tensor(a) for a in state[:2]))
    assert np.abs(h[:, 0].detach().numpy() - wrong.h).max() > 1e-3


def test_inputs_are_not_mutated():
    for variant in VARIANTS:
        x, state, weights, dh, d_state = problem(variant, 6)
        arrays = [x, *state, *weights, dh, *d_state]
        before = [array.copy() for array in arrays]
        _, _, caches = ablation_forward(x, state, weights, variant)
        ablation_backward(dh, d_state, caches)
        for a, b in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(a, b)


def test_errors_name_expected_and_given_shape():
    x, state, weights, dh, d_state = problem("V")
    with pytest.raises(ValueError, match=r"variant must be one of V, NIG, .*, got 'GRU'"):
        ablation_forward(x, state, weights, "GRU")
    with pytest.raises(ValueError, match=r"W_x must have shape \(D, BH\) of CIFG = \(4, 18\)"):
        ablation_forward(x, state, weights, "CIFG")
    with pytest.raises(ValueError, match=r"w_c must have shape .* = \(3, 6\), got \(2, 6\)"):
        ablation_forward(x, state, weights._replace(w_c=weights.w_c[:2]))
    with pytest.raises(ValueError, match=r"W_x and W_h must have shapes"):
        ablation_forward(x, state, weights._replace(W_x=weights.b))
    with pytest.raises(ValueError, match=r"c must have shape \(N, H\) = \(3, 6\), got \(1, 6\)"):
        ablation_step(x[:, 0], state._replace(c=state.c[:1]), weights)
    with pytest.raises(ValueError, match=r"u must have shape .* = \(3, 18\), got \(3, 0\)"):
        ablation_step(x[:, 0], state, problem("FGR")[2], "FGR")
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(3, 4\)"):
        ablation_forward(x[:, 0], state, weights)
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, D\) = \(3, 4\), got \(4,\)"):
        ablation_step(x[0, 0], state, weights)
    _, _, caches = ablation_forward(x, state, weights)
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        ablation_backward(dh[:, :4], d_state, caches)
    with pytest.raises(ValueError, match=r"dc_t must have shape .* = \(3, 6\), got \(6,\)"):
        ablation_backward(dh, d_state._replace(c=d_state.c[0]), caches)
    with pytest.raises(ValueError, match=r"these are not the weights of a layer NP"):
        AblationLSTM(4, 6, "NP").load_numpy(weights)
