"""The loop over time of the layers that are their step again and again: its bugs are caught."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from lstm_course import LSTMState
from lstm_course.gradcheck import check_gradients, map_arrays, random_problem
from lstm_course.variants import ablation, conv_lstm, recurrent_dropout
from lstm_course.variants.steps import run_steps_back

TOLERANCE = 1e-6
MASK = recurrent_dropout.draw_mask(np.random.default_rng(1), (3, 5, 6), 0.4)


def peephole_problem(rng):
    problem = random_problem(rng)
    weights = ablation.init_ablation(rng, 4, 6)
    states = (
        ablation.AblationState(*s, np.zeros((3, 0))) for s in (problem.state, problem.d_state)
    )
    state, d_state = states
    return problem._replace(weights=weights, state=state, d_state=d_state)


def conv_problem(rng):
    draw, frame = rng.standard_normal, (2, 3)
    weights = conv_lstm.init_conv_lstm(rng, 2, 2, peepholes=(2,))
    weights = map_arrays(lambda array: array + draw(array.shape), weights)
    state, d_state = (LSTMState(draw((2, *frame, 2)), draw((2, *frame, 2))) for _ in range(2))
    x, dh = draw((2, 3, *frame, 2)), draw((2, 3, *frame, 2))
    return random_problem(rng)._replace(x=x, state=state, weights=weights, dh=dh, d_state=d_state)


LAYERS = {
    "peepholes": (peephole_problem, ablation, "ablation", {}),
    "recurrent dropout": (random_problem, recurrent_dropout, "recurrent_dropout", {"mask": MASK}),
    "ConvLSTM": (conv_problem, conv_lstm, "conv_lstm", {}),
}
#: name: (text of run_steps_back, what the bug makes of it)
PLANTS = {
    "none": ("dx: list[Array] = []", "dx = []"),
    "dh not carried": ("d_state[0] + dh[:, t]", "d_state[0] * (t == len(caches) - 1) + dh[:, t]"),
    "dc not carried": (
        "*d_state[1:])",
        "*(d * (t == len(caches) - 1) for d in d_state[1:]))",
    ),
    "loss gradient only at the last step": (
        "+ dh[:, t]",
        "+ dh[:, t] * (t == len(caches) - 1)",
    ),
    "loss gradient left out": ("d_state[0] + dh[:, t]", "d_state[0]"),
    "dh_T ignored": ("d_state[0] + dh[:, t]", "d_state[0] * (t < len(caches) - 1) + dh[:, t]"),
    "dc_T ignored": ("*d_state[1:])", "*(d * (t < len(caches) - 1) for d in d_state[1:]))"),
    "dx in the order of the loop": ("np.stack(dx[::-1]", "np.stack(dx"),
    "weights of the last step only": ("added(total, d_weights)", "total"),
    "weights of the first step only": ("added(total, d_weights)", "d_weights"),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(planted, monkeypatch, name, layer):
    draw_problem, module, prefix, options = LAYERS[layer]
    monkeypatch.setattr(module, "run_steps_back", planted(run_steps_back, *PLANTS[name]))
    forward = partial(getattr(module, f"{prefix}_forward"), **options)
    backward = getattr(module, f"{prefix}_backward")
    errors = check_gradients(draw_problem(np.random.default_rng(0)), forward, backward)
    assert (max(errors.values()) > TOLERANCE) == (name != "none"), errors
