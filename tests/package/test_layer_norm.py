"""What is special about the layer-norm LSTM, and the planted bugs of its backward pass."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course.gradcheck import check_gradients, random_problem
from lstm_course.variants import layer_norm, layer_norm_torch
from lstm_course.variants.layer_norm import (
    LayerNormLSTMWeights,
    init_layer_norm,
    layer_norm_backward,
    layer_norm_forward,
    layer_norm_parameter_count,
    normalise,
    normalise_backward,
)

TOLERANCE = 1e-6


def problem(seed, N=3, T=5, D=4, H=6):
    """Draw a problem in which nothing is zero; all gains are random."""
    rng = np.random.default_rng(seed)
    drawn = random_problem(rng, N, T, D, H)
    shapes = ((D, 4 * H), (H, 4 * H), (4 * H,), (4 * H,), (4 * H,), (H,), (H,))
    return drawn._replace(weights=LayerNormLSTMWeights(*map(rng.standard_normal, shapes)))


def errors(given, backward=layer_norm_backward):
    return check_gradients(given, layer_norm_forward, backward)


def test_keras_cell_is_serialised():
    from lstm_course.variants.layer_norm_keras import LayerNormLSTMCell

    cell = LayerNormLSTMCell.from_config(LayerNormLSTMCell(7).get_config())
    assert cell.units == 7


def test_a_layer_with_another_epsilon_is_refused():
    layer = layer_norm_torch.to_torch(problem(3).weights)
    layer.norm_c.eps = 1e-3
    with pytest.raises(ValueError, match=r"epsilon 1e-05, got"):
        layer_norm_torch.from_torch(layer)


PLANTS = {
    "normalisation of c not differentiated": (
        "normalise_backward(gain_c * dn[:, t], c_hat[0][:, t], c_hat[1][:, t])",
        "gain_c * dn[:, t] / c_hat[1][:, t]",
    ),
    "normalisation of h not differentiated": (
        "normalise_backward(gain_h * da[:, t], h_hat[0][:, t], h_hat[1][:, t])",
        "gain_h * da[:, t] / h_hat[1][:, t]",
    ),
    "normalisation of x not differentiated": (
        "normalise_backward(gain_x * da, *x_hat)",
        "gain_x * da / x_hat[1]",
    ),
    "gain of c left out": ("normalise_backward(gain_c * dn[:, t]", "normalise_backward(dn[:, t]"),
    "gain of h left out": ("normalise_backward(gain_h * da[:, t]", "normalise_backward(da[:, t]"),
    "gain of x left out": ("normalise_backward(gain_x * da", "normalise_backward(da"),
    "gradient of the gain without the normalised sum": (
        "np.sum(da * h_hat[0], axis=(0, 1))",
        "np.sum(da, axis=(0, 1))",
    ),
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t] + d_state.h * (t == T - 1)"),
    "dc not carried": ("dc_t = dc_next + ", "dc_t = d_state.c * (t == T - 1) + "),
    "forget gate not differentiated": ("dc_t * c[:, t] * f * (1.0 - f)", "0.0 * f"),
    "c_t used for c_prev": ("dc_t * c[:, t] * f", "dc_t * c[:, t + 1] * f"),
    "i and f swapped": ("[da_i, da_f,", "[da_f, da_i,"),
    "tanh' at c instead of at the normalised c": (
        "(1.0 - tanh_n[:, t] ** 2)",
        "(1.0 - np.tanh(c[:, t + 1]) ** 2)",
    ),
    "dW_h from the gradient after the normalisation": (
        "np.tensordot(h[:, :-1], dsum_h,",
        "np.tensordot(h[:, :-1], da,",
    ),
    "dW_h built with h_t": ("np.tensordot(h[:, :-1],", "np.tensordot(h[:, 1:],"),
    "db not summed over the batch": ("da.sum(axis=(0, 1))", "da[0].sum(axis=0)"),
    "dh_T ignored": ("dh_next, dc_next = d_state", "dh_next, dc_next = 0 * d_state.h, d_state.c"),
    "dc_T ignored": ("dh_next, dc_next = d_state", "dh_next, dc_next = d_state.h, 0 * d_state.c"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_bugs_are_caught(planted, name):
    wrong = planted(layer_norm_backward, *PLANTS[name])
    assert max(errors(problem(4), wrong).values()) > TOLERANCE


@pytest.mark.parametrize(
    ("text", "bug"),
    [
        ("(da_hat - mean - a_hat * along)", "(da_hat - a_hat * along)"),
        ("(da_hat - mean - a_hat * along)", "(da_hat - mean)"),
        (" / spread", " / spread**2"),
    ],
)
def test_bugs_of_the_normalisation_are_caught(planted, monkeypatch, text, bug):
    wrong = planted(normalise_backward, text, bug)
    monkeypatch.setattr(layer_norm, "normalise_backward", wrong)
    assert max(errors(problem(5)).values()) > TOLERANCE


def test_rows_are_normalised():
    a = np.random.default_rng(6).standard_normal((2, 3, 50)) * 7.0 + 100.0
    a_hat, spread = normalise(a)
    np.testing.assert_allclose(a_hat.mean(-1), 0.0, rtol=0, atol=1e-12)
    np.testing.assert_allclose(a_hat.std(-1), 1.0, rtol=0, atol=1e-6)
    assert spread.shape == (2, 3, 1)


def test_parameter_count():
    weights = init_layer_norm(np.random.default_rng(0), 3, 5)
    total = sum(array.size for array in weights)
    assert total == layer_norm_parameter_count(3, 5)
    layer = layer_norm_torch.to_torch(weights)
    assert total == sum(p.numel() for p in layer.parameters())
    assert weights.b[5:10].tolist() == [1.0] * 5


def test_errors_name_expected_and_given_shape():
    x, _, weights, _, _ = problem(8)
    with pytest.raises(ValueError, match=r"gain_h must have shape \(4H,\) = \(24,\), got \(6,\)"):
        layer_norm_forward(x, weights._replace(gain_h=weights.gain_c))
    with pytest.raises(ValueError, match=r"b_c must have shape \(H,\) = \(6,\), got \(24,\)"):
        layer_norm_forward(x, weights._replace(b_c=weights.b))
