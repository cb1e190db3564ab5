"""The live picture of the page on short series: three networks go on as NumPy does."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from lstm_course import LSTMWeights, lstm_forward

PAGE = "chapters/applications/small_series"
PHONE = {"width": 390, "height": 844}
IDS = ("raw-numbers", "last-value-subtracted", "steps-divided-by-their-size")
LIVE = "#small-series-live"


@pytest.fixture
def live(visit):
    """Return a function that opens the page; at the end nothing may have gone wrong."""
    opened = []

    def _open(careful=True, **options):
        seen = visit(PAGE, **options)
        seen.page.wait_for_selector(f"{LIVE}[data-ready]")
        opened.extend([seen] if careful else [])
        return seen.page

    yield _open
    for seen in opened:
        assert seen.problems == []


def array(packed):
    raw = np.frombuffer(base64.b64decode(packed["float16"]), "<f2")
    return raw.astype(float).reshape(packed["shape"])


def model_of(page, name):
    return json.loads(page.locator(f"#{name}-model").text_content())


def seen_by(name, x):
    """What a network reads of four numbers, and the offset and scale of its answer."""
    if name == "raw-numbers":
        return x, 0.0, 1.0
    if name == "last-value-subtracted":
        return x - x[-1], x[-1], 1.0
    steps = np.diff(x)
    size = np.abs(steps).mean() or 1.0
    return steps / size, x[-1], size


def three_more(model, name, x):
    (layer,) = model["layers"]
    weights = LSTMWeights(*(array(layer[field]) for field in LSTMWeights._fields))
    x = np.array(x, float)
    for _ in range(3):
        shown, offset, scale = seen_by(name, x[-4:])
        h, _, _ = lstm_forward(shown[None, :, None], weights)
        said = h[0, -1] @ array(model["W_y"]) + array(model["b_y"])
        x = np.append(x, offset + scale * said[0])
    return x[4:]


def values(page):
    points = page.locator(f"{LIVE} [role=slider]")
    return [float(points.nth(k).get_attribute("aria-valuenow")) for k in range(4)]


def says(page):
    return page.locator(f"{LIVE} .lc-says").text_content().replace("\u2212", "-")


def sure(page):
    """Check the sentence and the ends of the curves against NumPy."""
    x = values(page)
    right = [three_more(model_of(page, name), name, x) for name in IDS]
    said = [float(part.rsplit(" ", 1)[1]) for part in says(page).rstrip(".").split("; ")]
    np.testing.assert_allclose(said, [row[0] for row in right], rtol=0, atol=0.0501)
    assert f"Last value plus last step: {2 * x[3] - x[2]:.1f}." in says(page)
    assert page.locator(f"{LIVE} .lc-lines .lc-curve").count() == 4  # three, and the points' own
    return right


def test_it_begins_with_the_numbers_of_the_chapter(live):
    page = live()
    for name, right in zip(IDS, sure(page), strict=True):
        np.testing.assert_allclose(model_of(page, name)["extra"]["first"], right, rtol=0, atol=0.3)


@pytest.mark.parametrize("words", ["2, 4, 6, 8", "the same, 50 higher", "falling", "doubling"])
def test_a_button_sets_all_four_and_is_answered_as_numpy_does(live, words):
    page = live()
    before = says(page)
    page.locator(f"{LIVE} button", has_text=words).first.click()
    page.wait_for_function(
        "before => document.querySelector('#small-series-live .lc-says').textContent !== before",
        arg=before,
    )
    raw, last, steps = sure(page)
    if words == "the same, 50 higher":
        np.testing.assert_allclose(last, [60, 62, 64], rtol=0, atol=1)
        np.testing.assert_allclose(steps, [60, 62, 64], rtol=0, atol=1)
        assert raw.max() < 50


def test_keys_and_a_flat_row(live):
    page = live()
    for k in range(4):
        point = page.locator(f"{LIVE} [role=slider]").nth(k)
        point.focus()
        page.keyboard.press("End")
    assert values(page) == [120] * 4
    page.wait_for_function(
        "document.querySelector('#small-series-live .lc-says').textContent.includes('step: 120.0.')"
    )
    sure(page)


def test_a_phone_fits(live):
    page = live(**PHONE)
    page.locator(LIVE).scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for part in (".lc-svg", ".lc-says", "button"):
        box = page.locator(f"{LIVE} {part}").first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(live, scheme):
    page = live(careful=False, scheme=scheme)  # axe itself fills the console
    found = Axe().run(page, context=LIVE).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
