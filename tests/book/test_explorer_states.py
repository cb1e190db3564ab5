"""The cell explorer as readers share and play it: addresses, buttons of experiments, two games."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.book.conftest import EXPLORER
from tests.book.test_cell_explorer import at, column, model_of, reference, shown

ROOT = Path(__file__).resolve().parents[2]
FIRST = "a(b(cd)e)f.g(h"
LOADED = "window.courseModels['cell-explorer-model']"


@pytest.fixture(scope="module")
def opened(open_page):
    """Return the explorer, opened once for the tests of this file."""
    seen = open_page(EXPLORER)
    seen.page.wait_for_selector("#cell-explorer[data-ready]")
    seen.page.emulate_media(reduced_motion="reduce")
    yield seen
    seen.context.close()


@pytest.fixture
def board(opened):
    """Return the opened explorer with its first text; at the end nothing may have gone wrong."""
    opened.page.locator("#ce-guess").uncheck()
    go(opened.page, f"#t={FIRST}")
    yield opened.page
    assert opened.problems == []


def go(page, address):
    """Follow an address in the open explorer, as a link of the page does."""
    page.evaluate("location.hash = '#t=.'")
    page.wait_for_function("document.querySelector('#ce-text').value === '.'")
    page.evaluate("address => { location.hash = address }", address)
    page.wait_for_function("document.querySelector('#ce-text').value !== '.'")


def reload(page):
    page.reload(wait_until="networkidle")
    page.wait_for_selector("#cell-explorer[data-ready]")


def judge(page, text):
    return page.evaluate(f"text => CellGames.judge({LOADED}, text)", text)


def zeros(**changes):
    return {"i": 0, "f": 0, "g": 0, "o": 0, **changes}


def test_the_page_shows_what_it_trained(board):
    page = board
    assert page.evaluate(LOADED) == model_of(page)
    executed = json.loads((ROOT / f"_build/executed/{EXPLORER}.ipynb").read_text("utf-8"))
    outputs = [o for cell in executed["cells"] for o in cell.get("outputs", [])]
    trained = [o["data"]["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    (handed,) = [html for html in trained if "cell-explorer-model" in "".join(html)]
    start, end = ">{", "}</script>"
    text = "".join(handed)
    assert json.loads(text[text.index(start) + 1 : text.index(end) + 1]) == page.evaluate(LOADED)


@pytest.mark.parametrize("size", [{}, {"width": 390, "height": 844}], ids=["desktop", "phone"])
def test_it_stands_at_the_top_of_its_page(explorer, size):
    page = explorer(**size)
    assert page.locator("#cell-explorer").bounding_box()["y"] < 320


STATES = [
    ("#t=((a)b&f=-6&step=4", {"text": "((a)b", "at": 3, "unit": 0, "offsets": [zeros(f=-6)] * 2}),
    ("#t=a&f1=2.5&g=-12&unit=2", {"text": "a", "at": 0, "unit": 1,
                                  "offsets": [zeros(f=2.5, g=-12), zeros(g=-12)]}),
    ("#t=%C3%A9%20%26(&o2=1", {"text": "é &(", "at": 0, "unit": 0,
                               "offsets": [zeros(), zeros(o=1)]}),
]  # fmt: skip


def test_addresses_are_written_and_read_back(board):
    page = board
    for address, state in STATES:
        assert page.evaluate("state => CellAddress.write(state)", state) == address
        assert page.evaluate("address => CellAddress.read(address, 2)", address) == state
    read = "address => CellAddress.read(address, 2)"
    assert page.evaluate(read, "#sec-explorer") is None
    assert page.evaluate(read, "") is None
    odd = page.evaluate(read, "#t=%&f=99&g=x&i=&o3=4&step=-3&unit=9&nothing")
    assert odd == {"text": "%", "at": 0, "unit": 1, "offsets": [zeros(f=12)] * 2}


def test_an_address_sets_text_unit_step_and_offsets(board):
    page = board
    go(page, "#t=(abc&f=-12&o2=3&unit=2&step=3")
    assert page.locator("#ce-text").input_value() == "(abc"
    assert at(page) == 3
    assert page.locator("#ce-unit-1").is_checked()
    assert page.locator("#ce-offset-f").input_value() == "-12"
    assert page.locator("#ce-offset-o").input_value() == "3"
    assert page.locator("#ce-only").is_checked()
    assert column(page, "forget", 2) < 0.05
    assert page.evaluate("location.hash") == "#t=(abc&f=-12&o2=3&unit=2&step=3"


def test_an_address_with_a_text_that_cannot_be_read_says_so_and_sets_the_rest(board):
    page = board
    go(page, "#t=a[b&f=-12&step=99")
    assert "Symbol 2" in page.locator("#ce-message").text_content()
    assert at(page) == 1  # of the text before
    assert shown(page, "f") < 0.05


def test_the_address_follows_without_filling_the_history(explorer):
    page = explorer()
    entries = page.evaluate("history.length")
    page.wait_for_timeout(400)
    assert page.evaluate("location.hash") == ""
    page.locator("#ce-text").fill("((a)b")
    page.locator("#ce-offset-f").fill("-6")
    page.locator(".ce-previous").click()
    page.wait_for_function("location.hash === '#t=((a)b&f=-6&step=4'")
    assert page.evaluate("history.length") == entries
    reload(page)
    assert at(page) == 4
    assert page.locator("#ce-offset-f").input_value() == "-6"


def test_every_button_of_an_experiment_says_what_the_explorer_can_do(board):
    page = board
    addresses = page.locator(".ce-open a").evaluate_all("all => all.map(a => a.hash)")
    assert len(addresses) >= 12
    for address in addresses:
        state = page.evaluate("address => CellAddress.read(address, 2)", address)
        assert page.evaluate("state => CellAddress.write(state)", state) == address
        read = page.evaluate(f"text => CellMath.parse({LOADED}, text)", state["text"])
        assert "problem" not in read
        assert state["at"] < len(state["text"])


def test_a_button_of_an_experiment_opens_it_and_leads_back(board):
    page = board
    link = page.locator(".ce-open a", has_text="forget gate −12")
    for _ in range(2):  # the second time the address is the same already
        link.press("Enter")
        page.wait_for_function("document.activeElement.className === 'ce-stage'")
        assert page.locator("#ce-text").input_value() == "(abc"
        assert page.locator("#ce-offset-f").input_value() == "-12"
        assert page.evaluate("Math.abs(document.querySelector('.ce').offsetTop - scrollY) < 400")
        page.locator(".ce-back").press("Enter")
        assert link.evaluate("a => a === document.activeElement")


def test_a_slider_is_set_to_zero_by_double_click_key_and_nearly_by_hand(board):
    page = board
    slider = page.locator("#ce-offset-i")
    slider.fill("5")
    slider.dblclick(position={"x": 4, "y": 15})
    assert slider.input_value() == "0"
    slider.fill("-5")
    slider.press("0")
    assert slider.input_value() == "0"
    assert shown(page, "i") == pytest.approx(0.34, abs=0.01)
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 60, y)
    page.mouse.down()
    page.mouse.move(x + 1, y, steps=3)
    assert slider.input_value() == "0"
    page.mouse.up()
    slider.press("ArrowRight")
    assert slider.input_value() == "0.1"


def test_a_slider_moved_in_the_middle_of_a_step_shows_its_numbers(board):
    page = board
    page.emulate_media(reduced_motion="no-preference")
    page.locator("#ce-pace").select_option("0.5")
    page.locator(".ce-stage").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert page.locator(".ce-badge").is_visible()  # stopped on the way
    assert page.locator(".ce-svg .ce-wait").count() > 0
    page.locator("#ce-offset-f").fill("-3")
    assert page.locator(".ce-svg .ce-wait").count() == 0
    page.emulate_media(reduced_motion="reduce")


def test_typing_shows_the_symbol_just_typed_and_a_bad_text_says_what_is_drawn(board):
    page = board
    text = page.locator("#ce-text")
    text.fill("(ab")
    assert at(page) == 3
    text.press("Home")
    text.press("a")
    assert text.input_value() == "a(ab"
    assert at(page) == 1
    text.fill("")
    assert "still shows “a(ab”" in page.locator("#ce-message").text_content()
    assert page.locator(".ce-stale").count() == 1
    text.fill("a")
    assert page.locator(".ce-stale").count() == 0


def test_wrong_answers_are_underlined_in_red(board):
    page = board
    go(page, "#t=(abc&f=-12&step=4")
    colours = page.locator(".ce-wrong").last.evaluate(
        """e => {
          const probe = document.createElement('i');
          probe.style.color = 'var(--course-red)';
          document.body.append(probe);
          return [getComputedStyle(e).textDecorationColor, getComputedStyle(probe).color];
        }"""
    )
    assert colours[0] == colours[1]


def first_wrong(model, text):
    """Return the first step at which lstm_step is wrong on a text within the rules, -1 if none."""
    symbols = [max(0, "x().".find(symbol)) for symbol in text]
    p = np.array([now["p"] for now in reference(model, symbols, np.zeros(8))])
    moves = np.array([0, 1, -1, 0])[symbols]
    wrong = np.flatnonzero((p > 0.5) != (np.cumsum(moves) > 0))
    return int(wrong[0]) if len(wrong) else -1


def test_the_challenge_is_judged_by_the_reference(board):
    page = board
    model = model_of(page)
    texts = ["(" + "a" * letters + ")" for letters in range(1, 59, 3)]
    expected = [first_wrong(model, text) for text in texts]
    assert min(expected) == -1 < max(expected)  # it can be fooled, and not by everything
    assert [judge(page, text)["at"] for text in texts] == expected
    for text, said in (("a)", "closes"), ("((((a", "at most 3"), ("", "empty"), ("a[", "“[”")):
        assert said in judge(page, text)["problem"]


def test_tries_and_finds_are_counted_and_kept(explorer):
    page = explorer()
    model, count = model_of(page), page.locator(".ce-count")
    texts = ["(" + "a" * letters + ")" for letters in range(1, 59)]
    find = next(text for text in texts if first_wrong(model, text) >= 0)
    says = page.locator(".ce-fool-says")
    tries = [("(a)b", "all 4 steps", "1 try, 0 finds"), ("(a)b", "not fooled", "1 try, 0 finds")]
    tries += [("a)", "does not count", "1 try, 0 finds"), (find, "fooled it", "2 tries, 1 find")]
    page.locator("#ce-offset-f").fill("-12")  # what is judged is the network without pushes
    for text, said, counted in tries:
        page.locator("#ce-text").fill(text)
        page.locator(".ce-try").press("Enter")
        assert said in says.text_content()
        assert count.text_content() == counted
    reload(page)
    assert count.text_content() == "2 tries, 1 find"
    page.locator(".ce-finds a").click()
    page.wait_for_function("document.querySelector('#ce-offset-f').value === '0'")
    assert page.locator("#ce-text").input_value() == find
    assert at(page) == first_wrong(model, find) + 1
    assert page.locator(".ce-said.ce-mistake").count() == 1
    page.locator(".ce-forget-tries").click()
    assert count.text_content() == "0 tries, 0 finds"
    assert page.evaluate("localStorage.getItem('lstm-course:fool-it')") == (
        '{"tried":[],"found":[]}'
    )


def test_guessing_hides_what_the_network_says_until_the_reader_said_it(board):
    page = board
    page.locator("#ce-text").fill("a(b")
    page.locator(".ce-first").click()
    page.locator("#ce-guess").check()
    p_row = page.locator(".ce-strip tbody").last.locator("tr").first
    assert p_row.locator("td").all_text_contents() == ["?", "?", "?"]
    assert page.locator(".ce-wide .ce-result").text_content() == "?"
    assert page.locator(".ce-said").count() == 0
    page.locator(".ce-say-inside").press("Enter")
    assert page.locator(".ce-score").text_content() == "No: 0 of 1 guesses right"
    assert "outside" in page.locator(".ce-said").text_content()
    assert page.evaluate("document.activeElement.classList.contains('ce-next')")
    page.keyboard.press("Enter")
    assert "probability" not in page.locator(".ce-live").text_content()
    page.keyboard.press("i")
    assert page.locator(".ce-score").text_content() == "Yes: 1 of 2 guesses right"
    assert p_row.locator("td").all_text_contents()[2] == "?"
    page.locator("#ce-offset-f").fill("-12")  # new numbers, new guesses
    assert p_row.locator("td").all_text_contents() == ["?", "?", "?"]
    page.locator("#ce-guess").uncheck()
    assert "?" not in p_row.locator("td").all_text_contents()


PRINTED = re.compile(r"[−-]?\d+\.\d{2,3}")

#: Every number that the explorer shows or says: of the drawing and its words, of the equations,
#: of the strip from a step on, and of everything that is said or shown in a hint.
GIVEN_AWAY = """(elements, step) => elements.map((ce) => {
    const parts = [...ce.querySelectorAll(".ce-svg, .ce-legend, .ce-cards, .ce-verdict, .ce-live")];
    const late = [...ce.querySelectorAll(".ce-strip td[data-t]")].filter(
        (cell) => Number(cell.dataset.t) >= step - 1);
    const hints = [...ce.querySelectorAll("[aria-label], [title]")].map(
        (one) => `${one.getAttribute("aria-label")} ${one.title}`);
    const texts = (one) => [...one.childNodes].filter((node) => node.nodeType === 3);
    const all = [...parts, ...late].flatMap((one) => [one, ...one.querySelectorAll("*")]);
    return all.flatMap(texts).map((node) => node.data).concat(hints).join(" ");
})[0]"""

#: How thick the wires, how full the gates and how deep the colours of the strip are.
SIZES = """(elements, step) => elements.map((ce) => {
    const of = (selector, value) => [...ce.querySelectorAll(selector)].filter(
        (one) => Number(one.closest("[data-t]")?.dataset.t ?? step) >= step - 1).map(value);
    return [
        ...of(".ce-mini path", (one) => one.style.strokeWidth),
        ...of(".ce-level", (one) => one.getAttribute("height")),
        ...of(".ce-meter span", (one) => one.style.width),
        ...of(".ce-heat", (one) => one.style.getPropertyValue("--ce-heat")),
    ].map(parseFloat);
})[0]"""


@pytest.mark.parametrize("size", [{}, {"width": 390, "height": 844}], ids=["desktop", "phone"])
def test_an_open_guess_is_given_away_by_no_number(explorer, size):
    page = explorer(**size)
    page.emulate_media(reduced_motion="reduce")
    go(page, f"#t={FIRST}&step=2")
    symbols = [max(0, "x().".find(symbol)) for symbol in FIRST]
    model = model_of(page)
    steps = reference(model, symbols, np.zeros(8))
    page.locator("#ce-guess").check()
    page.locator(".ce-last").click()
    page.locator(".ce-say-inside").click()  # a later step than the one to be guessed
    page.locator(".ce-first").click()
    for step in (1, 2, 3):
        known = {f"{abs(w):.3f}" for w in (*model["W_y"], model["b_y"])}  # the head's own weights
        before = [steps[step - 2][state][0] if step > 1 else 0.0 for state in "ch"]
        known |= {f"{abs(value):.{digits}f}" for value in before for digits in (2, 3)}
        found = PRINTED.findall(page.locator(".ce").evaluate_all(GIVEN_AWAY, step))
        assert {number.strip("−-") for number in found} <= known
        assert len(set(page.locator(".ce").evaluate_all(SIZES, step))) <= 2  # 0 or a thin line
        assert page.locator(".ce-fool").is_hidden()
        page.locator(".ce-say-outside").click()
        assert shown(page, "c") == pytest.approx(steps[step - 1]["c"][0], abs=5.1e-4)
        assert column(page, "hidden", step) == pytest.approx(steps[step - 1]["h"][0], abs=5.1e-3)
        page.locator(".ce-next").click()


def test_copying_a_link_says_what_happened(board):
    page = board
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#ce-text").fill("(a")
    page.locator(".ce-share").click()
    page.wait_for_function("document.querySelector('#ce-message').textContent.includes('link')")
    assert page.evaluate("location.hash") == "#t=(a&step=2"


def test_axe_finds_nothing_in_the_games(visit):
    page = visit(EXPLORER).page  # axe itself fills the console
    page.emulate_media(reduced_motion="reduce")
    page.locator("#ce-text").fill("(" + "a" * 58 + ")")
    page.locator(".ce-try").click()
    page.locator("#ce-guess").check()
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found = Axe().run(page, context="#cell-explorer").response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
