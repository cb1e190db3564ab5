"""What a reader has read is kept in the browser: it survives a reload, and can be forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

HTML = Path(__file__).resolve().parents[2] / "_build/html"
PAGE = "chapters/variants/peephole_lstm"
KEY = "lstm-course-progress"
#: The first page and the map have these; here they are put on a chapter.
PLACES = f"""() => {{
  document.querySelector("article").insertAdjacentHTML("beforeend",
    '<a id="course-continue" href="other.html" hidden></a><i id="station" data-page="{PAGE}"></i>');
  dispatchEvent(new Event("storage"));
}}"""
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"


def reload(page):
    page.reload(wait_until="domcontentloaded")


def read(page, sections):
    """Scroll through the first sections of a page, as somebody does who reads them."""
    for number in range(sections):
        heading = page.locator("article section section > :is(h2, h3)").nth(number)
        heading.evaluate("e => e.scrollIntoView({behavior: 'instant'})")
        while heading.evaluate("e => e.nextElementSibling !== null") and page.evaluate(
            """number => {
              const next = document.querySelectorAll("article section section > :is(h2, h3)");
              return next[number + 1].getBoundingClientRect().top > innerHeight;
            }""",
            number,
        ):
            page.evaluate("scrollBy({top: 600, behavior: 'instant'})")
            page.clock.run_for(1000)
        page.clock.run_for(4000)


def line(page):
    return page.locator(".course-left").text_content()


@pytest.fixture
def reader(browser):
    """A chapter, opened without waiting for its formulas; the test turns the clock."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda e: errors.append(e.stack))
    page.clock.install()
    page.goto((HTML / f"{PAGE}.html").as_uri(), wait_until="domcontentloaded")
    yield page
    context.close()
    assert [stack for stack in errors if "progress.js" in stack] == []


def test_what_was_read_survives_a_reload_and_can_be_forgotten(reader):
    total = reader.locator("article section section").count()
    assert line(reader) == f"45 min, {total} sections"
    reader.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    reader.clock.run_for(2000)
    assert line(reader) == f"45 min, {total} sections", "jumping to the end is not reading"

    read(reader, 3)
    words = line(reader)
    number, left = map(
        int, re.match(rf"(\d+) of {total} sections read, about (\d+) min", words).groups()
    )
    assert 3 <= number < total
    assert 0 < left < 45
    assert reader.locator(".page-toc a.course-read").count() == number

    reload(reader)
    assert line(reader) == words
    assert reader.locator(".bd-links a.course-begun").count() == 1
    reader.evaluate(PLACES)
    assert "course-begun" in reader.locator("#station").get_attribute("class")
    link = reader.locator("#course-continue")
    assert link.text_content().startswith("Continue where you were: 16. ")
    page, anchor = link.get_attribute("href").split("#")
    assert page.endswith(f"{PAGE}.html")
    assert reader.locator(f"section[id='{anchor}']").count() == 1

    reader.locator(".course-reading summary").click()
    reader.get_by_role("button", name="Forget all of it").click()
    assert line(reader) == f"45 min, {total} sections"
    assert reader.evaluate(f"localStorage.getItem('{KEY}')") is None
    marks = ".course-read, .course-begun, .course-done, #course-continue:visible"
    assert reader.locator(marks).count() == 0


def test_a_page_is_done_and_questions_are_counted(reader):
    page = reader
    ids = page.locator("article section section").evaluate_all("all => all.map(one => one.id)")
    kept = {"pages": {PAGE: {"read": ids, "total": len(ids), "title": "P", "at": ids[-1]}}}
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, json.dumps(kept)])
    reload(page)
    assert line(page) == f"{len(ids)} of {len(ids)} sections read"
    done = page.locator(".bd-links a.course-done")
    assert done.get_attribute("href") == "#"
    page.evaluate(
        """() => {
          document.querySelector("article").insertAdjacentHTML("beforeend",
            '<div class="quiz" id="quiz-9"><form></form></div>');
          const event = () => new CustomEvent("course-quiz", {bubbles: true});
          document.getElementById("quiz-9").dispatchEvent(event());
          document.getElementById("quiz-9").dispatchEvent(event());
        }"""
    )
    assert re.search(r"; 1 of \d+ questions answered$", line(page))


@pytest.mark.parametrize("trouble", [BLOCKED, FULL], ids=["blocked", "full"])
def test_a_storage_that_refuses_breaks_nothing(reader, trouble):
    reader.context.add_init_script(trouble)
    reload(reader)
    read(reader, 1)
    assert re.match(r"\d+ of \d+ sections read", line(reader)), "kept while the page is open"


def test_what_is_not_ours_in_the_storage_breaks_nothing(reader):
    for kept in ("no JSON", "null", "[]", '{"pages": 3}', f'{{"pages": {{"{PAGE}": 7}}}}'):
        reader.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
        reader.evaluate("() => dispatchEvent(new Event('storage'))")
        assert line(reader).startswith("45 min")
