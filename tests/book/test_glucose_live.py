"""The live picture of the page on glucose: what it says is what NumPy computes, for every hand."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from lstm_course import LSTMWeights, lstm_forward

PAGE = "chapters/applications/glucose"
PHONE = {"width": 390, "height": 844}
READ, MOVED = 24, 12
#: Notes every run of the network, with what it read and what it said.
SPY = """() => {
  window.runs = [];
  const load = LiveLSTM.load;
  LiveLSTM.load = (model) => {
    const net = load(model);
    const run = (xs) => {
      const found = net.run(xs);
      window.runs.push([xs, found.at(-1).output]);
      return found;
    };
    return { ...net, run };
  };
}"""


@pytest.fixture
def live(visit):
    """Return a function that opens the page with a spy; at the end nothing may have gone wrong."""
    opened = []

    def _open(careful=True, **options):
        seen = visit(PAGE, **options)
        seen.page.wait_for_selector("#glucose-live[data-ready]")
        seen.page.evaluate(SPY)
        opened.extend([seen] if careful else [])
        return seen.page

    yield _open
    for seen in opened:
        assert seen.problems == []


def model_of(page):
    return json.loads(page.locator("#glucose-model").text_content())


def array(packed):
    raw = np.frombuffer(base64.b64decode(packed["float16"]), "<f2")
    return raw.astype(float).reshape(packed["shape"])


def quantiles(model, readings, gone):
    """Return the quantiles in mg/dl, (12, 3), with the last `gone` readings missing."""
    extra = model["extra"]
    kept = len(readings) - gone
    seen = np.minimum(np.arange(len(readings)), kept - 1)
    filled = np.array(readings, float)[seen]
    change, age = np.diff(filled, prepend=filled[0]), np.arange(len(readings)) - seen
    x = np.stack([(filled - extra["mean"]) / extra["std"], change / 10, age / 6], axis=1)
    (layer,) = model["layers"]
    weights = LSTMWeights(*(array(layer[name]) for name in LSTMWeights._fields))
    h, _, _ = lstm_forward(x[None], weights)
    said = h[0, -1] @ array(model["W_y"]) + array(model["b_y"])
    return x, filled[-1] + extra["std"] * said.reshape(12, 3)


def runs(page, count):
    page.wait_for_function(f"window.runs.length >= {count}")
    page.wait_for_timeout(50)  # the picture is drawn in the same frame
    return page.evaluate("window.runs")


def readings(page):
    older = model_of(page)["extra"]["start"][:-MOVED]
    points = page.locator("#glucose-live [role=slider]")
    return older + [float(points.nth(k).get_attribute("aria-valuenow")) for k in range(MOVED)]


def says(page):
    return page.locator("#glucose-live .lc-says").text_content()


def drag(page, k, dy):
    point = page.locator("#glucose-live .lc-hit").nth(k)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + dy, steps=3)
    page.mouse.up()


def sure(page, gone=0, level=70):
    """Check the last run and what is said against NumPy."""
    model = model_of(page)
    x, right = quantiles(model, readings(page), gone)
    xs, output = runs(page, 1)[-1]
    np.testing.assert_allclose(xs, x, rtol=0, atol=1e-12)
    last = readings(page)[READ - 1 - gone]
    theirs = last + model["extra"]["std"] * np.array(output).reshape(12, 3)
    np.testing.assert_allclose(theirs, right, rtol=0, atol=1e-8)
    lower, middle, upper = np.floor(right[5] + 0.5)
    said = says(page)
    assert f"{middle:.0f} mg/dl, nine in ten between {lower:.0f} and {upper:.0f}." in said
    if last >= 70:
        state = "rings" if right[5, 0] < level else "is silent"
        assert f"The alarm {state} at level {level}." in said
    return said


def test_it_shows_the_forecast_of_the_chapter_and_computes_nothing_by_itself(live):
    page = live()
    page.wait_for_timeout(200)
    assert page.evaluate("window.runs.length") == 0
    model = model_of(page)
    _, right = quantiles(model, model["extra"]["start"], 0)
    np.testing.assert_allclose(model["extra"]["first"], right, rtol=0, atol=0.3)
    assert page.locator("#glucose-live .lc-band").count() == 1
    assert "nine in ten between" in says(page)


def test_a_drag_is_answered_as_numpy_does(live):
    page = live()
    before = readings(page)
    drag(page, MOVED - 1, -15)
    after = readings(page)
    assert after[:-1] == before[:-1]
    assert after[-1] > before[-1]
    sure(page)
    drag(page, 3, 25)
    sure(page)


def test_keys_move_the_newest_reading_until_it_is_low(live):
    page = live()
    points = page.locator("#glucose-live [role=slider]")
    points.first.focus()
    for _ in range(MOVED):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "now"
    page.keyboard.press("ArrowDown")
    sure(page)
    page.keyboard.press("Home")
    page.wait_for_function(
        "document.querySelector('#glucose-live .lc-says').textContent.includes('low already')"
    )
    assert "low already" in sure(page)


def test_the_level_decides_whether_it_rings(live):
    page = live()
    level = page.get_by_label("Ring below")
    level.focus()
    model = model_of(page)
    for key, right in (("End", 90), ("Home", 55), ("ArrowRight", 60)):
        count = page.evaluate("window.runs.length")
        page.keyboard.press(key)
        runs(page, count + 1)
        said = sure(page, level=right)
        found, rings = model["extra"]["judged"][model["extra"]["levels"].index(right)]
        assert f"rang {rings:.1f} times a day and found {100 * found:.0f} %" in said
    assert page.locator("#glucose-live output").text_content() == "60 mg/dl"


def test_silence_hides_the_last_readings(live):
    page = live()
    page.get_by_label("Sensor silent").select_option("20")
    runs(page, 1)
    sure(page, gone=4)
    count = page.evaluate("window.runs.length")
    drag(page, MOVED - 2, -40)  # a reading that nobody has seen
    _, hidden = runs(page, count + 1)[-1]
    assert hidden == page.evaluate("window.runs[0][1]")


def test_a_phone_fits(live):
    page = live(**PHONE)
    page.locator("#glucose-live").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for part in ("input", "select", ".lc-svg", ".lc-says"):
        box = page.locator(f"#glucose-live {part}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    for part in ("input", "select"):
        assert page.locator(f"#glucose-live {part}").bounding_box()["height"] >= 36
    drag(page, MOVED - 1, -10)
    sure(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_a_move(live, scheme):
    page = live(careful=False, scheme=scheme)  # axe itself fills the console
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    for dy in (0, -10):
        drag(page, MOVED - 1, dy)
        found = Axe().run(page, context="#glucose-live").response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
