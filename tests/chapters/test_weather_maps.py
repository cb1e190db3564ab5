"""The measures and rules of the page on weather maps, against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import shift
from sklearn.metrics import jaccard_score

from tools.records import load_reusable


@pytest.fixture(scope="module")
def page():
    return load_reusable("studies.weather_maps")


@pytest.mark.parametrize(("rain", "cut"), [(0.3, 0.3), (0.3, 0.12), (0.5, 0.44)])
def test_csi_is_the_jaccard_index(page, rain, cut):
    rng = np.random.default_rng(1)
    truth, said = rng.random((3, 5, 7)), rng.random((3, 5, 7))
    expected = jaccard_score((truth > rain).ravel(), (said > cut).ravel())
    np.testing.assert_allclose(page.csi(truth, said, cut, rain), expected, rtol=1e-12, atol=0)


def test_csi_of_an_example_by_hand(page):
    truth = np.array([0.9, 0.8, 0.1, 0.4, 0.0])
    said = np.array([0.5, 0.2, 0.6, 0.31, 0.1])  # hit, miss, false alarm, hit, nothing
    assert page.csi(truth, said) == 2 / 4
    assert page.csi(truth, truth) == 1


def test_scores_keep_the_leads_apart(page):
    rng = np.random.default_rng(2)
    truth, said = (page.torch.tensor(rng.random((4, 6, 5, 3))) for _ in range(2))
    cuts = np.linspace(0.1, 0.6, 6)
    found, error = page.scores(truth, said, cuts)
    for k, cut in enumerate(cuts):
        assert found[k] == page.csi(truth[:, k], said[:, k], cut)
        squared = np.mean((truth[:, k].numpy() - said[:, k].numpy()) ** 2)
        np.testing.assert_allclose(error[k], 1000 * squared, rtol=1e-12, atol=0)


def test_the_chosen_cut_is_the_best_of_its_grid(page):
    rng = np.random.default_rng(3)
    truth = page.torch.tensor(rng.random((5, 6, 8, 9)))
    said = 0.5 * truth + 0.1 * page.torch.tensor(rng.random((5, 6, 8, 9)))
    for k, cut in enumerate(page.best_cuts(truth, said)):
        mine = page.csi(truth[:, k], said[:, k], cut)
        for other in (0.04, 0.2, 0.4):
            assert mine >= page.csi(truth[:, k], said[:, k], other)


@pytest.mark.parametrize("by", [(2.0, -3.0), (0.6, 1.3), (-1.25, 0.0)])
def test_a_map_is_carried_as_scipy_carries_it(page, by):
    maps = np.random.default_rng(4).random((2, 11, 14))
    carried = page.move(page.torch.tensor(maps).float(), page.torch.tensor([by, by]).float())
    for ours, one in zip(carried.numpy(), maps, strict=True):
        theirs = shift(one, by, order=1, mode="grid-constant")
        np.testing.assert_allclose(ours[3:-3, 4:-4], theirs[3:-3, 4:-4], rtol=0, atol=1e-5)


def test_the_wind_of_a_shifted_map_is_found(page):
    rows, columns = np.mgrid[:24, :24]
    hill = np.exp(-((rows - 11) ** 2 + (columns - 13) ** 2) / 18)
    for wind in ((1.0, -2.0), (0.4, 1.3), (-1.2, 0.1)):
        film = np.stack([shift(hill, np.multiply(k, wind), order=3) for k in range(4)])
        found = page.find_wind(page.torch.tensor(film[None]))
        np.testing.assert_allclose(found.numpy()[0], wind, rtol=0, atol=0.12)


def test_misfits_are_indexed_by_down_and_right(page):
    film = np.zeros((1, 2, 9, 9))
    film[0, 0, 4, 4] = film[0, 1, 5, 2] = 1  # one down, two to the left
    fit = page.misfits(film, 3)[0]
    assert np.unravel_index(fit.argmin(), fit.shape) == (3 + 1, 3 - 2)


def test_the_parts_have_films_of_their_own(page):
    sets = {name: page.film_set(name)[0].numpy() for name in ("val", "test")}
    assert sets["val"].shape == (100, page.PAST, 24, 24)
    wet = [part[part.max(axis=(1, 2, 3)) > 0] for part in sets.values()]
    assert not any((one == wet[1]).all(axis=(1, 2, 3)).any() for one in wet[0])


def test_only_the_causal_head_waits_for_its_answer(page):
    film = np.random.default_rng(5).random((1, 6, 24, 24, 1)).astype(np.float32)
    changed = film.copy()
    changed[:, 4] += 1
    for causal, first in ((False, 3), (True, 4)):
        page.keras.utils.set_random_seed(1)
        model = page.tutorial(2, causal)
        moved = np.abs(np.asarray(model(film)) - np.asarray(model(changed)))
        assert np.flatnonzero(moved.max(axis=(0, 2, 3, 4)) > 0)[0] == first
