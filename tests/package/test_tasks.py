"""The tasks are what their docstrings say: rules, distributions, baselines, floors."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lstm_course.tasks import (
    REBER_SYMBOLS,
    adding_problem,
    embedded_reber,
    encode_reber,
    parity,
    recall,
)

SEEDS = range(3)


def is_reber(string):
    """Walk the picture of the grammar, written as one letter a branch."""
    state = "start"
    arrows = {
        "start": {"B": "fork"},
        "fork": {"T": "upper", "P": "lower"},
        "upper": {"S": "upper", "X": "middle"},
        "lower": {"T": "lower", "V": "right"},
        "middle": {"X": "lower", "S": "last"},
        "right": {"P": "middle", "V": "last"},
        "last": {"E": "end"},
        "end": {},
    }
    for symbol in string:
        if symbol not in arrows[state]:
            return False
        state = arrows[state][symbol]
    return state == "end"


@pytest.mark.parametrize("T", [2, 3, 10, 50])
def test_adding_problem_marks_one_number_in_each_half(T):
    x, y = adding_problem(np.random.default_rng(0), 200, T)
    assert x.shape == (200, T, 2)
    assert y.shape == (200,)
    assert x.dtype == y.dtype == np.float64
    assert set(np.unique(x[:, :, 1])) <= {0.0, 1.0}
    assert np.all(x[:, : T // 2, 1].sum(axis=1) == 1)
    assert np.all(x[:, T // 2 :, 1].sum(axis=1) == 1)
    np.testing.assert_allclose(y, (x[:, :, 0] * x[:, :, 1]).sum(axis=1), rtol=0, atol=1e-15)
    assert np.all((x[:, :, 0] >= 0) & (x[:, :, 0] < 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_baseline_of_the_adding_problem_is_one_sixth(seed):
    _, y = adding_problem(np.random.default_rng(seed), 200_000, 4)
    error = np.mean((y - 1.0) ** 2)
    spread = np.sqrt(7 / 180 / len(y))  # of the mean: fourth moment 1/15 minus 1/36
    assert abs(error - 1 / 6) < 5 * spread
    assert abs(error - 0.1767) > 10 * spread  # a number often printed
    assert y.mean() == pytest.approx(1.0, abs=5 * np.sqrt(1 / 6 / len(y)))


def test_every_step_is_marked_sometimes():
    x, _ = adding_problem(np.random.default_rng(0), 5000, 7)
    share = x[:, :, 1].mean(axis=0)
    np.testing.assert_allclose(share, [1 / 3] * 3 + [1 / 4] * 4, rtol=0, atol=0.04)


def test_recall_shows_the_bit_once_and_then_noise():
    x, y = recall(np.random.default_rng(0), 4000, 6)
    assert x.shape == (4000, 6, 2)
    assert y.shape == (4000,)
    np.testing.assert_array_equal(x[:, 0, 0], 2 * y - 1)
    assert np.all(x[:, 1:, 0] == 0)
    assert np.all(x[:, 0, 1] == 0)
    assert y.mean() == pytest.approx(0.5, abs=0.05)
    assert x[:, 1:, 1].std() == pytest.approx(1, abs=0.02)
    assert recall(np.random.default_rng(0), 2, 1)[0].shape == (2, 1, 2)


def test_parity_counts_the_ones_so_far():
    x, y = parity(np.random.default_rng(0), 300, 9)
    assert x.shape == (300, 9, 1)
    assert y.shape == (300, 9)
    odd = 0
    for t in range(9):
        odd = (odd + x[:, t, 0]) % 2
        np.testing.assert_array_equal(y[:, t], odd)
    assert abs(y[:, -1].mean() - 0.5) < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_reber_strings_are_in_the_grammar(seed):
    strings = embedded_reber(np.random.default_rng(seed), 500).strings
    for string in strings:
        assert re.fullmatch("B([TP])B.*E\\1E", string), string
        assert is_reber(string[2:-2]), string
        assert len(string) >= 9
    assert len({s[1] for s in strings}) == 2
    lengths = np.array([len(s) for s in strings])
    assert abs(lengths.mean() - 12) < 5 * lengths.std() / np.sqrt(len(lengths))


def test_reber_arrays_say_what_the_strings_say():
    strings, x, y, p, mask = embedded_reber(np.random.default_rng(1), 50)
    for n, string in enumerate(strings):
        length = len(string) - 1
        assert "".join(REBER_SYMBOLS[k] for k in x[n, :length].argmax(axis=1)) == string[:-1]
        assert "".join(REBER_SYMBOLS[k] for k in y[n, :length]) == string[1:]
        assert np.all(mask[n, :length] == 1)
        assert np.all(mask[n, length:] == 0)
        assert np.all(x[n, length:] == 0)
        assert np.all(p[n, length:] == 0)
        assert p[n, length - 2, REBER_SYMBOLS.index(string[1])] == 1  # the one to remember
    np.testing.assert_allclose(p.sum(axis=2), mask, rtol=1e-7, atol=0)
    assert np.all(np.take_along_axis(p, y[:, :, None], axis=2)[:, :, 0][mask == 1] > 0)
    assert set(np.unique(p)) == {0.0, 0.5, 1.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_entropy_floor_of_the_embedded_reber_grammar(seed):
    batch = embedded_reber(np.random.default_rng(seed), 4000)
    choices = (batch.p == 0.5).any(axis=2).sum(axis=1)  # binary choices of each string
    symbols = batch.mask.sum(axis=1)
    floor = np.log(2) * choices.sum() / symbols.sum()
    assert 7 * np.log(2) / 11 == pytest.approx(0.4411, abs=5e-5)
    assert 7 * np.log(2) / 12 == pytest.approx(0.4043, abs=5e-5)  # the continual one: 12 to predict
    assert choices.mean() == pytest.approx(7, abs=0.3)
    assert floor == pytest.approx(0.4411, abs=0.003)


def test_the_two_symbols_of_a_choice_are_equally_frequent():
    batch = embedded_reber(np.random.default_rng(5), 4000)
    for pair in ("TP", "SX", "TV", "XS", "PV"):
        first, second = (REBER_SYMBOLS.index(s) for s in pair)
        here = (batch.p[:, :, first] == 0.5) & (batch.p[:, :, second] == 0.5)
        assert np.mean(batch.y[here] == first) == pytest.approx(0.5, abs=0.03), pair


@pytest.mark.parametrize(
    "string",
    ["", "BE", "BTBTXSETE"[:-1], "BTBTXSEPE", "BPBTXSETE", "BTBTXXETE", "TTBTXSETE", "BTBTXSTE",
     "BTBTXSETEE", "BTBTXSETB", "BSBTXSESE", "BTBTXSZTE"],
)  # fmt: skip
def test_strings_outside_the_grammar_are_refused(string):
    with pytest.raises(ValueError, match="not in the embedded Reber grammar"):
        encode_reber([string])


def test_what_is_in_the_grammar_is_encoded():
    batch = encode_reber(["BTBTXSETE", "BPBPTTVPXVVEPE"])
    assert batch.x.shape == (2, 13, 7)
    with pytest.raises(ValueError, match="at least one"):
        encode_reber([])


@pytest.mark.parametrize(
    ("task", "shortest"),
    [(adding_problem, 2), (recall, 1), (parity, 1)],
    ids=["adding", "recall", "parity"],
)
def test_too_small_sizes_are_named(task, shortest):
    with pytest.raises(ValueError, match="got N=0 and T=5"):
        task(np.random.default_rng(0), 0, 5)
    with pytest.raises(ValueError, match=f"T at least {shortest}, got N=1 and T={shortest - 1}"):
        task(np.random.default_rng(0), 1, shortest - 1)
    with pytest.raises(ValueError, match="got N=0"):
        embedded_reber(np.random.default_rng(0), 0)


def test_the_same_seed_draws_the_same():
    for draw in (
        lambda rng: adding_problem(rng, 3, 5),
        lambda rng: recall(rng, 3, 5),
        lambda rng: parity(rng, 3, 5),
        lambda rng: embedded_reber(rng, 3)[1:],
    ):
        first, second = draw(np.random.default_rng(7)), draw(np.random.default_rng(7))
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)
