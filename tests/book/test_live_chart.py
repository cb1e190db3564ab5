"""The chart with points to move, on a bare page opened as a file: hands, keys, both themes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from lstm_course import init_lstm
from lstm_course.live import live_model

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "chapters/_static"
PHONE = {"width": 390, "height": 844}
START = [400, 500, 600, 500]
#: What a chapter writes: an element, the model of a cell, the scripts, and its own few lines.
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>A live model</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{static}/course.css">
<link rel="stylesheet" href="{static}/live_chart.css">
<style>
body {{ margin: 20px; background: var(--course-paper); font: 16px/1.5 sans-serif; }}
h1, p {{ color: var(--course-ink); }}
</style>
</head><body><main><h1>Test</h1>
<div id="power-live"><p>This picture needs JavaScript.</p></div>
{model}
</main>
<script src="{static}/live_lstm.js" defer></script>
<script src="{static}/live_chart.js" defer></script>
<script src="page.js" defer></script>
</body></html>
"""
SCRIPT = """
const model = LiveChart.model("power-model");
const { mean, std } = model.extra;
window.calls = [];
let net = null;
window.chart = LiveChart.start("power-live", {
  label: "Load of four hours and a forecast", pointsLabel: "load, yours to move",
  points: model.extra.start, min: 300, max: 700, step: 10, yRange: [200, 800], xRange: [0, 5],
  xTicks: [[0, "0:00"], [3, "now"], [5, "2:00"]], yLabel: "MW", xLabel: "hour",
  name: (k) => `hour ${k}`, format: (y) => `${y} MW`,
  curves: [{ label: "measured", colour: "grey", dashed: true, values: [[3, 500], [5, 420]] }],
  answer(values, k) {
    net ??= LiveLSTM.load(model);
    const [next] = net.run(values.map((y) => [(y - mean) / std])).at(-1).output;
    const y = mean + std * next;
    window.calls.push([values, k, y]);
    return {
      curves: [{ label: "forecast", colour: "orange", values: [[3, values[3]], [4, y]] }],
      band: { label: "nine in ten", colour: "sky", values: [[3, 500, 500], [4, y - 50, y + 50]] },
      says: `The forecast is ${Math.round(y)} MW.`,
    };
  },
});
"""


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    extra = {"mean": 500.0, "std": 100.0, "start": START}
    layer = init_lstm(rng, 1, 8)
    return live_model("power", layer, rng.normal(size=(8, 1)), np.zeros(1), extra=extra)


@pytest.fixture
def bare(tmp_path, model, visit):
    """Return a function that opens the page; at the end nothing may have gone wrong."""
    opened = []

    def _open(theme="light", careful=True, **options):
        html = PAGE.format(theme=theme, static=STATIC.as_uri(), model=model._repr_html_())
        (tmp_path / "page.html").write_text(html, encoding="utf8")
        (tmp_path / "page.js").write_text(SCRIPT, encoding="utf8")
        seen = visit(tmp_path / "page", **options)
        seen.page.wait_for_selector("#power-live[data-ready]")
        opened.extend([seen] if careful else [])
        return seen.page

    yield _open
    for seen in opened:
        assert seen.problems == []


def calls(page, count):
    """Return the calls of the page's own function, when there are so many."""
    page.wait_for_function(f"window.calls.length >= {count}")
    return page.evaluate("window.calls")


def sliders(page):
    return page.get_by_role("slider")


def value(page, k):
    return float(sliders(page).nth(k).get_attribute("aria-valuenow"))


def centre(page, k):
    box = page.locator(".lc-hit").nth(k).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, k, dy):
    x, y = centre(page, k)
    page.mouse.move(x, y + 3)
    page.mouse.down()
    page.mouse.move(x + 2, y + 3 + dy, steps=4)
    page.mouse.up()


def test_nothing_is_computed_before_the_reader_moves_a_point(bare):
    page = bare()
    page.wait_for_timeout(200)
    page.mouse.move(*centre(page, 1))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert page.evaluate("window.calls.length") == 0
    assert page.locator(".lc-legend li").all_text_contents() == ["load, yours to move", "measured"]


def test_every_point_is_a_slider_that_says_what_it_is(bare):
    page = bare()
    assert sliders(page).count() == len(START)
    for k, start in enumerate(START):
        said = {
            "aria-label": f"hour {k}",
            "aria-valuemin": "300",
            "aria-valuemax": "700",
            "aria-valuenow": str(start),
            "aria-valuetext": f"{start} MW",
            "aria-orientation": "vertical",
        }
        for name, right in said.items():
            assert sliders(page).nth(k).get_attribute(name) == right
    group = page.get_by_role("group", name="Load of four hours and a forecast")
    assert (
        "arrow keys" in page.locator(f"#{group.get_attribute('aria-describedby')}").text_content()
    )
    assert page.locator(".lc-says[role=status]").count() == 1


def test_keys_move_a_point_and_choose_another(bare):
    page = bare()
    page.keyboard.press("Tab")
    for key, k, right in (
        ("ArrowUp", 0, 410),
        ("ArrowDown", 0, 400),
        ("ArrowRight", 1, 500),
        ("PageUp", 1, 600),
        ("PageUp", 1, 700),
        ("ArrowUp", 1, 700),
        ("Home", 1, 300),
        ("ArrowRight", 2, 600),
        ("ArrowRight", 3, 500),
        ("ArrowRight", 3, 500),
        ("End", 3, 700),
        ("PageDown", 3, 600),
        ("ArrowLeft", 2, 600),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"hour {k}"
        assert value(page, k) == right, key
    assert page.evaluate("chart.values()") == [400, 300, 600, 600]
    assert page.locator("[role=slider][tabindex='0']").count() == 1  # one stop for all points
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "lc-reset"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "hour 2"


def test_the_answer_is_that_of_the_model_and_is_drawn_and_said(bare, model):
    page = bare()
    before = page.locator(".lc-lines").inner_html()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    values, k, y = calls(page, 1)[-1]
    assert (values, k) == ([410, *START[1:]], 0)
    right = model.run((np.array(values)[:, None] - 500.0) / 100.0)[-1, 0]
    assert y == pytest.approx(500.0 + 100.0 * right, abs=1e-9)
    page.wait_for_function("document.querySelector('.lc-says').textContent !== ''")
    assert page.locator(".lc-says").text_content() == f"The forecast is {y:.0f} MW."
    assert page.locator(".lc-lines").inner_html() != before
    assert page.locator(".lc-band").count() == 1
    shown = page.locator(".lc-legend li").all_text_contents()
    assert shown == ["load, yours to move", "forecast", "nine in ten"]


def test_a_point_follows_the_mouse_and_no_other_does(bare):
    page = bare()
    x, y = centre(page, 2)
    drag(page, 2, -20)
    moved, _, _ = calls(page, 1)[-1]
    assert value(page, 2) > 600
    assert value(page, 2) % 10 == 0
    assert [value(page, k) for k in (0, 1, 3)] == [400, 500, 500]
    page.wait_for_function(f"window.calls.at(-1)[0][2] === {value(page, 2)}")
    assert moved[2] > 600
    after = centre(page, 2)
    assert after[0] == pytest.approx(x, abs=0.5)
    assert after[1] == pytest.approx(y - 20, abs=2)  # a step is three pixels
    held = value(page, 2)
    page.mouse.move(x, y + 60)
    assert value(page, 2) == held, "it was let go"
    drag(page, 2, -400)
    assert value(page, 2) == 700
    page.keyboard.press("ArrowDown")  # the point has the keys now
    assert value(page, 2) == 690
    assert page.locator(".lc-says").get_attribute("aria-busy") is None


def test_values_can_be_set_and_set_back(bare):
    page = bare()
    page.evaluate("chart.set([350, 450, 550, 650])")
    assert calls(page, 1)[-1][0] == [350, 450, 550, 650]
    page.get_by_role("button", name="Start again").click()
    assert calls(page, 2)[-1][0] == START
    assert [value(page, k) for k in range(4)] == START


def test_a_phone_fits_and_a_finger_moves_a_point(bare, browser, tmp_path):
    bare(careful=False)  # writes the page
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("#power-live[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    edges = page.locator(".lc-svg text:not(.lc-value)").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).flatMap(b => [b.left, b.right])"
    )
    assert min(edges) >= 0
    assert max(edges) <= PHONE["width"]
    x, y = centre(page, 1)
    session = context.new_cdp_session(page)
    for kind, at in (("Start", y), ("Move", y + 15), ("Move", y + 30), ("End", None)):
        points = [] if at is None else [{"x": x, "y": at}]
        touch = {"type": f"touch{kind}", "touchPoints": points}
        session.send("Input.dispatchTouchEvent", touch)
    assert calls(page, 1)[-1][1] == 1
    assert value(page, 1) < 500
    assert page.evaluate("window.scrollY") == 0
    sizes = page.locator(".lc-hit").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().width)"
    )
    assert min(sizes) >= 40
    context.close()


def test_the_drawing_follows_the_window_and_keeps_the_focus(bare):
    page = bare()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    wide = centre(page, 3)[0]
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        f"document.querySelectorAll('.lc-hit')[3].getBoundingClientRect().x < {wide / 2}"
    )
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "hour 1"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_it_stands_still_when_asked(bare):
    page = bare()
    style = "e => getComputedStyle(e).transitionDuration"
    assert page.locator(".lc-dot").first.evaluate(style) == "0.15s"
    page.emulate_media(reduced_motion="reduce")
    assert page.locator(".lc-dot").first.evaluate(style) == "0s"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_those_of_the_course(bare, theme):
    page = bare(theme)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.wait_for_selector(".lc-band")
    css = (STATIC / "course.css").read_text(encoding="utf8")
    block = css.split(f'html[data-theme="{theme}"]')[1].split("}")[0]
    inks = dict(line.strip(" ;").split(": ") for line in block.splitlines() if "--course" in line)
    for selector, kind, name in (
        (".lc-lines > .lc-curve", "stroke", "orange"),
        (".lc-band", "fill", "sky"),
        (".lc-dot", "stroke", "ink"),  # it has the focus
        (".lc-axes text", "fill", "ink"),
    ):
        code = f"e => getComputedStyle(e).{kind}"
        red, green, blue = (int(inks[f"--course-{name}"][k : k + 2], 16) for k in (1, 3, 5))
        found = page.locator(selector).first.evaluate(code)
        assert found == f"rgb({red}, {green}, {blue})", selector


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_a_move(bare, theme):
    page = bare(theme, careful=False)  # axe itself fills the console
    page.emulate_media(reduced_motion="reduce")
    for key in ("Tab", "ArrowUp"):
        page.keyboard.press(key)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_without_a_model_the_page_says_which(bare):
    page = bare()
    code = (
        "() => { try { LiveChart.model('none-model'); } catch (error) { return error.message; } }"
    )
    assert page.evaluate(code) == "No model none-model: load _static/models/none-model.js first."
    page.evaluate("window.courseModels = { 'other-model': { softmax: true } }")
    assert page.evaluate("LiveChart.model('other-model')") == {"softmax": True}


def test_the_words_for_readers_without_javascript_stay(bare, browser, tmp_path):
    bare(careful=False)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("#power-live").inner_text() == "This picture needs JavaScript."
    context.close()


def test_the_text_of_a_model_cannot_end_its_script(model):
    assert json.loads(model.text)["extra"]["start"] == START
    assert "<" not in model.text
