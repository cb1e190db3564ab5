"""What every cell is made of: the logistic function, draws of weights, messages of checks."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course.arrays import check_state, glorot, orthogonal, sigmoid
from lstm_course.lstm import lstm_zero_state
from lstm_course.rnn import rnn_zero_state


def test_sigmoid_is_exact_and_does_not_overflow():
    assert sigmoid(np.array(0.0)) == 0.5
    np.testing.assert_allclose(sigmoid(np.log([3.0, 1 / 3])), [0.75, 0.25], rtol=1e-15, atol=0)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1000.0, 1000.0])), [0.0, 1.0])


@pytest.mark.parametrize("H", [1, 2, 16, 64])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_every_block_is_orthogonal_and_leans_to_no_side(H, count):
    """The trace of a random orthogonal matrix has mean 0 and variance 1 (for H = 1 it is +-1).

    Without the sign fix LAPACK's factor gives about -2.4 at H = 16 and -4.7 at H = 64.
    """
    rng = np.random.default_rng(0)
    drawn = [orthogonal(rng, H, count) for _ in range(400 // count)]
    blocks = [block for W_h in drawn for block in np.split(W_h, count, axis=1)]
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, np.eye(H), rtol=0, atol=1e-12)
    traces = [np.trace(block) for block in blocks]
    assert abs(np.mean(traces)) < 4 / np.sqrt(len(traces))
    assert 0.7 < np.std(traces) < 1.3


def test_input_weights_have_the_limit_of_one_block():
    W_x = glorot(np.random.default_rng(0), 30, 40, 4)
    limit = np.sqrt(6 / (30 + 40))
    assert W_x.shape == (30, 160)
    assert 0.98 * limit < np.abs(W_x).max() <= limit


def test_states_that_are_none_are_named():
    with pytest.raises(ValueError, match=r"state must be a tuple of \(h, c\), got ndarray"):
        check_state("state", np.zeros((2, 3)), lstm_zero_state(2, 3))
    with pytest.raises(ValueError, match=r"d_state must be a tuple of \(h\), got 2 of them"):
        check_state("d_state", (np.zeros((2, 3)), np.zeros((2, 3))), rnn_zero_state(2, 3))
