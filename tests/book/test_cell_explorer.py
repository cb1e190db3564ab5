"""The cell explorer in Chromium: its arithmetic, and everything a reader can do with it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from lstm_course import LSTMState, LSTMWeights, init_lstm, lstm_step, sigmoid
from tests.book.conftest import EXPLORER as PAGE

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
PHONE = {"width": 390, "height": 844}


def state(page):
    return page.locator(".ce").get_attribute("data-state")


def at(page):
    return int(page.locator(".ce-counter").text_content().split()[0])


def shown(page, part):
    text = page.locator(f".ce-card[data-part={part}] .ce-result").first.text_content()
    return float(text.replace("−", "-"))


def column(page, row, step):
    """Return the numbers of a strip row (as 'c' of unit 0) at a step, from 1."""
    cells = page.locator(f"[data-unit='0'] td.ce-{row}").all_text_contents()
    return float(cells[step - 1].replace("−", "-"))


def model_of(page):
    return json.loads(page.locator("#cell-explorer-model").text_content())


def reference(model, symbols, offsets):
    """Run the sequence through lstm_step; return every intermediate, one dict a step."""
    W_x, W_h, b, W_y = (np.array(model[name]) for name in ("W_x", "W_h", "b", "W_y"))
    b = b + np.array(offsets)
    h = c = np.zeros((1, len(W_y)))
    steps = []
    for symbol in symbols:
        x_t, c_prev = np.eye(len(W_x))[[symbol]], c
        a = np.split((x_t @ W_x + h @ W_h + b)[0], 4)
        (h, c), cache = lstm_step(x_t, LSTMState(h, c), LSTMWeights(W_x, W_h, b))
        score = h @ W_y + model["b_y"]
        now = {name: getattr(cache, name)[0] for name in "ifgo"}
        now |= {"kept": (cache.f * c_prev)[0], "written": (cache.i * cache.g)[0], "c": c[0]}
        now |= {"tanhC": cache.tanh_c[0], "h": h[0], "score": score[0], "p": sigmoid(score)[0]}
        steps.append(now | {"a": dict(zip("ifgo", a, strict=True))})
    return steps


def compare(page, model, symbols, offsets):
    call = "([model, symbols, offsets]) => CellMath.run(model, symbols, offsets)"
    ours = page.evaluate(call, [model, symbols, offsets])
    for mine, theirs in zip(ours, reference(model, symbols, offsets), strict=True):
        for name in ("i", "f", "g", "o", "kept", "written", "c", "tanhC", "h", "score", "p"):
            np.testing.assert_allclose(mine[name], theirs[name], rtol=0, atol=1e-12, err_msg=name)
        for gate in "ifgo":
            np.testing.assert_allclose(mine["a"][gate], theirs["a"][gate], rtol=0, atol=1e-12)
            for unit, terms in enumerate(mine["terms"][gate]):
                parts = terms["fromX"] + terms["bias"] + terms["offset"]
                parts += sum(term["weight"] * term["h"] for term in terms["fromH"])
                np.testing.assert_allclose(parts, mine["a"][gate][unit], rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_arithmetic_on_the_exported_weights(explorer, seed):
    rng, page = np.random.default_rng(seed), explorer()
    for length in (1, 7, 60):
        offsets = np.zeros(8) if seed == 0 else rng.uniform(-12, 12, size=8)
        symbols = rng.integers(4, size=length).tolist()
        compare(page, model_of(page), symbols, offsets.tolist())


@pytest.mark.parametrize("H", [1, 3])
def test_arithmetic_on_random_weights_of_other_sizes(explorer, H):
    rng, page = np.random.default_rng(H), explorer()
    W_x, W_h, _ = init_lstm(rng, 4, H)
    model = {"W_x": W_x.tolist(), "W_h": W_h.tolist(), "b_y": 0.3}
    model |= {"b": rng.normal(size=4 * H).tolist(), "W_y": rng.normal(size=H).tolist()}
    symbols = rng.integers(4, size=25).tolist()
    compare(page, model, symbols, rng.normal(size=4 * H).tolist())


def test_every_printed_number_is_that_of_the_reference(explorer):
    page = explorer()
    model = model_of(page)
    text = model["texts"][0]["text"]
    symbols = [max(0, model["symbols"].index(s)) if s in model["symbols"] else 0 for s in text]
    steps = reference(model, symbols, np.zeros(8))
    page.locator(".ce-next").click()
    page.locator(".ce-next").click()
    for part in "figoch":
        assert shown(page, part) == pytest.approx(steps[2][part][0], abs=5.1e-4)

    for unit in (0, 1):
        for part, name in (("c", "cell"), ("h", "hidden"), ("f", "forget"), ("o", "output")):
            cells = page.locator(f"[data-unit='{unit}'] td.ce-{name}").all_text_contents()
            found = [float(cell.replace("−", "-")) for cell in cells]
            np.testing.assert_allclose(found, [s[part][unit] for s in steps], rtol=0, atol=5.1e-3)


def test_buttons_step_and_stop_at_the_ends(explorer):
    page = explorer()
    length = len(model_of(page)["texts"][0]["text"])
    assert at(page) == 1
    assert page.locator(".ce-previous").is_disabled()
    page.locator(".ce-next").click()
    assert at(page) == 2
    page.locator(".ce-last").click()
    assert at(page) == length
    assert page.locator(".ce-next").is_disabled()
    page.locator(".ce-previous").click()
    assert at(page) == length - 1
    page.locator(".ce-first").click()
    assert at(page) == 1
    assert state(page) == "paused"
    page.keyboard.press("ArrowRight")  # the button that ended its own use handed the keys on
    assert at(page) == 2


def test_keys(explorer):
    page = explorer()
    page.locator(".ce-stage").focus()
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 1)):
        page.keyboard.press(key)
        assert at(page) == step
    page.keyboard.press("Space")
    assert state(page) == "playing"
    page.keyboard.press("k")
    assert state(page) == "paused"
    page.keyboard.press("2")
    assert page.locator("#ce-unit-1").is_checked()
    assert page.locator("[data-unit='1'].ce-chosen").count() == 1
    page.locator(".ce-last").focus()
    page.keyboard.press("K")
    assert state(page) == "playing"
    page.keyboard.press("K")
    # Keys that type or slide keep their own meaning.
    page.locator("#ce-text").fill("(k1")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#ce-text").input_value() == "(k1"
    assert state(page) == "paused"


def test_focus_is_visible_and_everything_is_reached_by_tab(explorer):
    page = explorer()
    page.locator("#ce-pick").focus()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    wanted = {
        "ce-text",
        "ce-pace",
        "ce-offset-f",
        "ce-offset-o",
        "ce-only",
        "ce-stage",
        "ce-scroll",
    }
    assert wanted <= reached
    page.locator(".ce-stage").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".ce-stage").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_plays_on_under_the_pointer_and_is_paused_by_click_and_key(explorer):
    page = explorer()
    page.select_option("#ce-pace", "4")
    page.mouse.move(2, 2)
    page.locator(".ce-stage").scroll_into_view_if_needed()
    page.locator(".ce-play").press("Enter")
    assert page.locator(".ce-play").get_attribute("aria-label") == "pause"
    page.wait_for_function("document.querySelector('.ce-counter').textContent[0] > '2'")
    page.locator(".ce-stage").hover()
    assert state(page) == "playing"
    was = at(page)
    page.wait_for_function(f"parseInt(document.querySelector('.ce-counter').textContent) > {was}")
    page.locator(".ce-stage").click()
    assert state(page) == "paused"
    assert page.locator(".ce-badge").is_visible()
    held = at(page)
    page.wait_for_timeout(1200)
    assert at(page) == held
    page.locator(".ce-stage").click()
    assert state(page) == "playing"
    page.keyboard.press("k")
    assert state(page) == "paused"
    page.wait_for_timeout(300)
    frozen = page.locator(".ce-dots").inner_html()
    page.wait_for_timeout(300)
    assert page.locator(".ce-dots").inner_html() == frozen


def test_stops_at_the_end(explorer):
    page = explorer()
    page.mouse.move(2, 2)
    page.select_option("#ce-pace", "4")
    page.locator("#ce-text").fill("(a")
    page.locator(".ce-play").press("Enter")
    page.wait_for_function("document.querySelector('.ce').dataset.state === 'paused'")
    assert at(page) == 2


def test_playing_from_the_end_begins_again_at_once(explorer):
    page = explorer()
    page.mouse.move(2, 2)
    for _ in range(2):  # also when the last step was reached a moment ago by hand
        page.locator(".ce-last").click()
        page.locator(".ce-play").press("Enter")
        assert at(page) == 1
        assert state(page) == "playing"


def test_a_pause_in_the_last_step_goes_on_there(explorer):
    page = explorer()
    page.mouse.move(2, 2)
    page.locator("#ce-text").fill("(a")
    page.select_option("#ce-pace", "4")
    page.locator(".ce-play").press("Enter")
    page.wait_for_function("document.querySelector('.ce-counter').textContent[0] === '2'")
    page.select_option("#ce-pace", "0.5")
    page.locator(".ce-play").press("Enter")
    assert page.locator(".ce-badge").is_visible()
    page.locator(".ce-play").press("Enter")
    assert at(page) == 2


def test_sliders_by_key_and_by_hand(explorer):
    page = explorer()
    page.locator("#ce-text").fill("(abc")
    assert at(page) == 4  # the symbol typed last
    assert column(page, "cell", 4) > 0.5
    slider = page.locator("#ce-offset-f")
    slider.focus()
    page.keyboard.press("Home")
    assert slider.input_value() == "-12"
    assert shown(page, "f") < 0.05
    assert abs(column(page, "cell", 2)) < 0.3
    assert page.locator(".ce-slider.ce-forget output").text_content() == "−12.0"
    page.locator(".ce-reset").click()
    assert slider.input_value() == "0"
    assert shown(page, "f") > 0.9
    box = page.locator("#ce-offset-o").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.1, middle, steps=4)
    page.mouse.up()
    assert float(page.locator("#ce-offset-o").input_value()) < -6
    assert shown(page, "o") < 0.5


def test_an_offset_for_one_unit_stays_with_it_while_another_is_looked_at(explorer):
    page = explorer()
    page.locator("#ce-only").check()
    page.locator("label[for=ce-unit-1]").click()
    page.locator("#ce-offset-o").fill("-12")
    assert shown(page, "o") < 0.05
    page.locator("label[for=ce-unit-0]").click()
    assert page.locator("#ce-offset-o").input_value() == "0"
    assert "unit 2: −12.0" in page.locator("#ce-offset-o-note").text_content()
    silent = page.locator("[data-unit='1'] td.ce-output").all_text_contents()
    assert max(float(cell.replace("−", "-")) for cell in silent) < 0.05
    assert column(page, "output", 1) > 0.5
    # One slider for both units sets both alike.
    page.locator("#ce-only").uncheck()
    page.locator("#ce-offset-o").fill("3")
    assert page.locator("#ce-offset-o-note").text_content() == ""
    page.locator("label[for=ce-unit-1]").click()
    assert page.locator("#ce-offset-o").input_value() == "3"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a[b", "Symbol 2, “[”"),
        ("", "empty"),
        ("(" * 61, "61 symbols"),
    ],
)
def test_text_that_cannot_be_read_says_so_and_changes_nothing(explorer, text, says):
    page = explorer()
    before = page.locator(".ce-strip").text_content()
    page.locator("#ce-text").fill(text)
    assert says in page.locator("#ce-message").text_content()
    assert page.locator("#ce-text").get_attribute("aria-invalid") == "true"
    assert page.locator(".ce-strip").text_content() == before
    page.locator("#ce-text").fill("(a)")
    assert page.locator("#ce-message").text_content() == ""
    assert page.locator("#ce-text").get_attribute("aria-invalid") == "false"
    assert page.locator(".ce-strip thead button").count() == 3


@pytest.mark.parametrize(("text", "says"), [("a)b", "Symbol 2 closes"), ("((((", "bracket 4")])
def test_text_outside_training_is_run_and_remarked(explorer, text, says):
    page = explorer()
    page.locator("#ce-text").fill(text)
    assert says in page.locator("#ce-message").text_content()
    assert page.locator(".ce-strip thead button").count() == len(text)


def test_offered_texts_and_true_depth(explorer):
    page = explorer()
    for entry in model_of(page)["texts"]:
        page.select_option("#ce-pick", entry["text"])
        assert page.locator("#ce-text").input_value() == entry["text"]
        assert at(page) == 1
    page.locator("#ce-text").fill("(a(b).c)d.(")
    depths = "".join(page.locator(".ce-depth").all_text_contents())
    assert depths == "1122100??01"
    assert page.locator("#ce-pick").input_value() == ""


def test_strip_jumps_and_chooses_units(explorer):
    page = explorer()
    page.locator(".ce-strip thead button").nth(4).click()
    assert at(page) == 5
    assert page.locator("[aria-current=step]").text_content().endswith("5")
    page.locator("[data-unit='1'] td.ce-cell").nth(7).click()
    assert at(page) == 8
    page.locator("[data-unit='1'] .ce-unit").press("Enter")
    assert page.locator("#ce-unit-1").is_checked()
    assert "unit 2" in page.locator(".ce-svg").get_attribute("aria-label")


def test_steps_are_announced(explorer):
    page = explorer()
    page.locator(".ce-next").click()
    said = page.locator(".ce-live").text_content()
    assert "Step 2 of" in said
    assert "forget gate" in said
    assert "probability" in said
    assert page.locator(".ce-live").get_attribute("aria-live") == "polite"


def test_less_motion_when_asked(explorer):
    page = explorer()
    page.emulate_media(reduced_motion="reduce")
    page.mouse.move(2, 2)
    page.locator(".ce-next").click()
    assert not page.locator(".ce-dots").is_visible()
    assert page.locator(".ce-svg .ce-wait").count() == 0
    page.select_option("#ce-pace", "4")
    page.locator(".ce-play").press("Enter")
    page.wait_for_function("parseInt(document.querySelector('.ce-counter').textContent) > 3")
    assert not page.locator(".ce-dots").is_visible()
    assert page.locator(".ce-svg .ce-wait").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_theme(explorer, scheme):
    page = explorer(scheme=scheme)
    got = page.evaluate(
        """() => {
          const probe = document.createElement('i');
          probe.style.color = 'var(--course-red)';
          document.body.append(probe);
          const edge = document.querySelector('.ce-box.ce-forget .ce-edge');
          return [getComputedStyle(edge).stroke, getComputedStyle(probe).color];
        }"""
    )
    assert got[0] == got[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(visit, scheme):
    page = visit(PAGE, scheme=scheme).page  # axe itself fills the console
    page.wait_for_selector("#cell-explorer[data-ready]")
    page.emulate_media(reduced_motion="reduce")
    for text in ("(" * 10 + ")" * 10, "a[b"):
        page.locator("#ce-text").fill(text)
        page.locator(".ce-last").click(force=True)
        found = Axe().run(page, context="#cell-explorer").response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_phone_fits_and_is_touched(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((HTML / f"{PAGE}.html").as_uri(), wait_until="networkidle")
    page.wait_for_selector("#cell-explorer[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sizes = page.locator(".ce-svg").bounding_box()
    assert sizes["x"] >= 0
    assert sizes["x"] + sizes["width"] <= PHONE["width"]
    page.locator(".ce-next").tap()
    assert at(page) == 2
    page.locator(".ce-stage").tap()
    assert state(page) == "playing"
    page.locator(".ce-stage").tap()
    assert state(page) == "paused"
    page.locator("#ce-text").fill("(" * 30 + ")" * 30)
    assert at(page) == 60
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("[aria-current=step]").is_visible()
    small = page.locator(".ce-button:not([hidden])").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 30).length"
    )
    assert small == 0
    assert errors == []
    context.close()


def test_a_drawing_without_room_for_words_has_them_below(explorer):
    page = explorer(**PHONE)
    page.emulate_media(reduced_motion="reduce")
    page.locator(".ce-next").click()
    lines = page.locator(".ce-legend li").all_inner_texts()
    for words in ("kept", "written", "highway", "hidden state", "forget gate", "candidate"):
        assert sum(words in line for line in lines) >= 1
    (kept,) = [line for line in lines if "kept" in line]
    assert kept.split()[-1] in page.locator(".ce-svg .ce-value").all_text_contents()
    text = page.locator(".ce-legend li").first
    assert text.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 12
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("document.querySelector('.ce-legend').hidden")


def test_redraws_when_the_window_changes(explorer):
    page = explorer()
    wide = page.locator(".ce-svg").bounding_box()["width"]
    page.locator(".ce-next").click()
    page.set_viewport_size(PHONE)
    page.wait_for_function("document.querySelector('.ce-svg').classList.contains('ce-narrow')")
    assert page.locator(".ce-svg").bounding_box()["width"] < wide
    assert at(page) == 2


def test_without_javascript_the_page_says_what_to_read_instead(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((HTML / f"{PAGE}.html").as_uri())
    assert "needs JavaScript" in page.locator("#cell-explorer").text_content()
    assert page.locator("article svg.course-figure").count() >= 1
    context.close()
