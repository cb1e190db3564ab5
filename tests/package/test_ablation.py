"""What is special about the nine variants of the LSTM, and the planted bugs of their step."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from lstm_course import lstm_forward
from lstm_course.gradcheck import Problem, check_gradients
from lstm_course.variants import ablation, ablation_keras, ablation_torch
from lstm_course.variants.ablation import (
    VARIANTS,
    AblationState,
    AblationWeights,
    ablation_backward,
    ablation_forward,
    ablation_parameter_count,
    ablation_step,
    ablation_step_backward,
    ablation_zero_state,
    init_ablation,
    weight_shapes,
)
from lstm_course.variants.ablation_torch import AblationLSTM

TOLERANCE = 1e-6
CLOSE = {"rtol": 0, "atol": 1e-12}


def random_problem(variant, seed=0, N=3, T=5, D=4, H=6):
    """Draw a problem in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    weights = AblationWeights(*(0.5 * draw(shape) for shape in weight_shapes(D, H, variant)))
    zeros = ablation_zero_state(N, H, variant=variant)
    state, d_state = (AblationState(*(draw(array.shape) for array in zeros)) for _ in range(2))
    return Problem(draw((N, T, D)), state, weights, draw((N, T, H)), d_state)


def errors_of(variant, problem, backward=ablation_backward):
    return check_gradients(problem, partial(ablation_forward, variant=variant), backward)


def test_layers_that_compute_another_function_are_refused():
    import keras

    with pytest.raises(ValueError, match="takes a single layer, got a stack of 2"):
        ablation_torch.from_torch(AblationLSTM(4, 6, "V", (1, 2)))
    layer = ablation_keras.ablation_lstm(6, go_backwards=True)
    layer.build((None, None, 4))
    with pytest.raises(ValueError, match="go_backwards=False, got True: it computes another"):
        ablation_keras.from_keras(layer)
    with pytest.raises(ValueError, match="AblationCell layer, got LSTMCell"):
        ablation_keras.from_keras(keras.layers.RNN(keras.layers.LSTMCell(6)))
    with pytest.raises(ValueError, match="no weights yet"):
        ablation_keras.from_keras(ablation_keras.ablation_lstm(6))


def test_no_peepholes_is_the_lstm_of_the_course():
    x, state, weights, _, _ = random_problem("NP", 4)
    h, final, _ = ablation_forward(x, weights, state, "NP")
    plain, end, _ = lstm_forward(x, weights[:3], state[:2])
    for ours, theirs in zip((h, *final[:2]), (plain, *end), strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_stack_is_its_layers(variant):
    x = torch.tensor(random_problem(variant, 5).x)
    stack = AblationLSTM(4, 6, variant, (7, 8)).double()
    single = AblationLSTM(4, 6, variant, (8,)).double()
    h, final = stack(x)
    assert h.shape == (2, 3, 5, 6)
    expected, state = single(x)
    torch.testing.assert_close(h[1], expected, rtol=0, atol=1e-12)
    for a, b in zip(final, state, strict=True):
        torch.testing.assert_close(a[1], b, rtol=0, atol=1e-12)
    both, _ = stack(torch.stack([0 * x, x]))
    torch.testing.assert_close(both[1], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameter_counts(variant):
    D, H = 4, 6
    count = ablation_parameter_count(D, H, variant)
    assert count == sum(
        array.size for array in init_ablation(np.random.default_rng(0), D, H, variant)
    )
    assert count == sum(p.numel() for p in AblationLSTM(D, H, variant).parameters())
    layer = ablation_keras.ablation_lstm(H, variant)
    layer.build((None, None, D))
    assert count == layer.count_params()
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
def test_each_planted_bug_is_caught(planted, monkeypatch, name, seed):
    variant, text, bug = PLANTS[name]
    broken = planted(ablation_step_backward, text, bug)
    monkeypatch.setattr(ablation, "ablation_step_backward", broken)
    problem = random_problem(variant, seed, T=3, D=2, H=3)
    assert max(errors_of(variant, problem).values()) > TOLERANCE


@pytest.mark.parametrize(
    ("text", "bug"),
    [('c_t * w["o"]', 'state.c * w["o"]'), ("else 1.0 - i if v.coupled", "else i if v.coupled")],
)
def test_wrong_forward_steps_differ_from_torch(planted, text, bug):
    variant = "V" if "w[" in text else "CIFG"
    x, state, weights, _, _ = random_problem(variant)
    wrong, _ = planted(ablation_step, text, bug)(x[:, 0], state, weights, variant)
    layer = ablation_torch.to_torch(weights, variant)
    h, _ = layer(torch.tensor(x[:, :1]), tuple(torch.tensor(a) for a in state[:2]))
    assert np.abs(h[:, 0].detach().numpy() - wrong.h).max() > 1e-3


def test_errors_name_expected_and_given_shape():
    x, state, weights, dh, d_state = random_problem("V")
    with pytest.raises(ValueError, match=r"variant must be one of V, NIG, .*, got 'GRU'"):
        ablation_forward(x, weights, state, "GRU")
    with pytest.raises(ValueError, match=r"W_x must have shape \(D, BH\) of CIFG = \(4, 18\)"):
        ablation_forward(x, weights, state, "CIFG")
    with pytest.raises(ValueError, match=r"w_c must have shape .* = \(3, 6\), got \(2, 6\)"):
        ablation_forward(x, weights._replace(w_c=weights.w_c[:2]))
    with pytest.raises(ValueError, match=r"W_x and W_h must have shapes"):
        ablation_forward(x, weights._replace(W_x=weights.b))
    with pytest.raises(ValueError, match=r"state.c must have shape .* = \(3, 6\), got"):
        ablation_step(x[:, 0], state._replace(c=state.c[:1]), weights)
    with pytest.raises(ValueError, match=r"state.u must have shape .* = \(3, 18\), got \(3, 0\)"):
        ablation_step(x[:, 0], state, random_problem("FGR").weights, "FGR")
    with pytest.raises(ValueError, match=r"state must be a tuple of \(h, c, u\), got ndarray"):
        ablation_step(x[:, 0], state.h, weights)
    cache = ablation_forward(x, weights, state)[2]
    with pytest.raises(ValueError, match=r"d_state.c must have shape .* = \(3, 6\), got \(6,\)"):
        ablation_backward(dh, cache, d_state._replace(c=d_state.c[0]))
    with pytest.raises(ValueError, match=r"w_c must have shape \(G, H\) of NP = \(0, 6\)"):
        ablation_torch.to_torch(weights, "NP")
