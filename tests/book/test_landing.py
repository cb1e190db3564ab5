"""The first page: the way in, the facts, the small explorer, the map."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from html import unescape
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from tests.book.conftest import EXPLORER, HTML

ROOT = Path(__file__).resolve().parents[2]
#: All that the small explorer needs, compressed.
MOST_BYTES = 20_000


@lru_cache
def soup(page):
    return BeautifulSoup((HTML / f"{page}.html").read_text(encoding="utf8"), "html.parser")


@lru_cache
def stated():
    """Return what the front matter of each chapter says, in the order of the book."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))
    pages = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    texts = {page: (ROOT / f"{page}.md").read_text(encoding="utf8") for page in pages}
    return {
        page: yaml.safe_load(text.split("---\n")[1])["course"]
        for page, text in texts.items()
        if text.startswith("---\n") and "\ncourse:" in text
    }


def text_of(page):
    return (HTML / f"{page}.html").read_text(encoding="utf8")


def heading_of(page):
    """Return the name of a page, and the promise below it, empty where it has none."""
    top = text_of(page).split("<h1>")[-1][:2000]  # the first h1 is that of the printed page
    promise = re.search(r'</h1>\s*<p class="course-promise">(.*?)</p>', top)
    name = re.match(r'(?:<span class="section-number">[^<]*</span>)?([^<]*)', top)[1]
    return name, unescape(promise[1]) if promise else ""


def stations():
    return soup("intro").select(".course-map .station")


def words(tag):
    return " ".join(tag.get_text().split())


def test_the_start_leads_to_the_first_chapter_and_so_does_next():
    first = f"{next(iter(stated()))}.html"
    article = soup("intro").find("article")
    assert article.select_one("a.course-start")["href"] == first
    assert soup("intro").select_one("a.right-next")["href"] == first
    more = article.select_one("#course-continue")
    assert more.has_attr("hidden")  # until a script knows where the reader was


def test_the_facts_are_the_sums_of_the_front_matter():
    chapters = stated().values()
    facts = words(soup("intro").select_one(".course-facts"))
    reading = sum(chapter["minutes"] for chapter in chapters)
    exercises = sum(c.get("exercise_minutes", c.get("on_page", 0)) for c in chapters)
    graded = sum("assignment" in chapter for chapter in chapters)
    assert f"{len(chapters)} chapters, {round(reading / 60)} hours of reading" in facts
    assert f"{graded} graded assignments; {round(exercises / 60)} hours of exercises" in facts
    for fact in ("Free", "Offline", "Python", "no graphics card"):
        assert fact in facts


def test_the_first_screen_says_what_for_whom_and_where_to_start(visit):
    seen = visit("intro")
    for selector in ("article h1", ".course-start", ".course-facts", "#cc-text", ".cc-chart"):
        box = seen.page.locator(selector).first.bounding_box()
        assert box["y"] + box["height"] < 900, selector
    assert not seen.page.locator("#course-continue").is_visible()
    assert seen.problems == []


def test_every_chapter_is_a_station_whose_links_lead_somewhere():
    assert [station["data-page"] for station in stations()] == list(stated())
    for station in stations():
        page = station["data-page"]
        for link in station.find_all("a"):
            address, _, anchor = link["href"].partition("#")
            assert address == f"{page}.html"
            assert not anchor or re.search(
                rf'id="{anchor}">\s*<h2>(?:<span[^>]*>[^<]*</span>)?Exercise', text_of(page)
            ), link
        assignment = stated()[page].get("assignment")
        assert ("station-graded" in station["class"]) == bool(assignment)
        assert assignment is None or assignment in station.select_one(".station-exercise a").text


def test_the_colours_of_the_line_are_explained():
    colours = re.compile(r"--line: var\(--course-(\w+)\)")
    explained = [li["style"] for li in soup("intro").select(".map-themes li")]
    assert {colours.search(style)[1] for style in explained} == {
        colours.search(station["style"])[1] for station in stations()
    }


def test_a_chapter_has_one_name_on_the_map_in_the_sidebar_and_on_its_page():
    sidebar = {
        link["href"].removesuffix(".html"): words(link)
        for link in soup("intro").select(".bd-sidebar-primary a.reference.internal")
    }
    for station in stations():
        page, name = station["data-page"], words(station.select_one(".station-name"))
        assert heading_of(page)[0] == name == re.sub(r"^\d+\. ", "", sidebar[page])
        assert re.search(rf"<title>(?:\d+\. )?{re.escape(name)} &#8212;", text_of(page))


def test_a_promise_stands_below_the_name_of_its_chapter():
    promises = {}
    for page, chapter in stated().items():
        source = re.search(r"^# (.*)$", (ROOT / f"{page}.md").read_text("utf8"), re.M)[1]
        promises[page] = source.removeprefix(chapter["title"]).removeprefix(": ").lower()
    assert {page: heading_of(page)[1].lower() for page in promises} == promises
    assert len(set(promises.values())) > 10


def test_the_reference_comes_last():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))
    order = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    last = list(stated())[-1]
    assert order.index(last) < order.index("chapters/the_end") < order.index("chapters/notation")
    assert re.search(r'class="right-next"\s+href="\.\./the_end\.html"', text_of(last))


def test_the_small_explorer_is_small():
    files = {
        tag.get("src") or tag["href"]
        for tag in soup("intro").find("article").select("script[src], link[rel=stylesheet]")
    }
    assert {Path(file).name for file in files} >= {"landing.css", "cell-explorer-model.js"}
    sizes = [len(gzip.compress((HTML / file).read_bytes())) for file in files]
    assert sum(sizes) < MOST_BYTES


@pytest.mark.parametrize("size", [{}, {"width": 390, "height": 844}], ids=["desktop", "phone"])
def test_the_memory_moves_as_one_types(visit, size):
    seen = visit("intro", **size)
    page = seen.page
    page.emulate_media(reduced_motion="reduce")
    says = page.locator(".cc-says")
    heights = "() => [...document.querySelectorAll('.cc-bar')].map(e => e.offsetHeight)"
    page.locator("#cc-text").fill("a")
    low = page.evaluate(heights)
    assert len(low) == 1
    assert "outside all brackets" in says.text_content()
    page.locator("#cc-text").press("End")
    page.keyboard.type("((")
    high = page.evaluate(heights)
    assert high[0] < high[1] < high[2]
    assert "inside a bracket" in says.text_content()
    page.get_by_role("button", name="full stop").click()
    assert page.locator("#cc-text").input_value() == "a((."
    assert "outside all brackets" in says.text_content()
    page.get_by_role("button", name="delete the last symbol").press("Enter")
    assert page.locator("#cc-text").input_value() == "a(("
    page.locator("#cc-text").fill("a[")
    assert "Symbol 2" in says.text_content()
    assert page.locator("#cc-text").get_attribute("aria-invalid") == "true"
    page.locator("#cc-text").fill("(" * 60)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.problems == []


def test_the_whole_explorer_opens_with_the_text_of_the_small_one(visit):
    seen = visit("intro")
    seen.page.locator("#cc-text").fill("(a)b")
    memory = re.search(r"memory is (\S+),", seen.page.locator(".cc-says").text_content())[1]
    seen.page.locator(".cc-whole").click()
    seen.page.wait_for_selector("#cell-explorer[data-ready]")
    assert EXPLORER in seen.page.url
    assert seen.page.locator("#ce-text").input_value() == "(a)b"
    assert seen.page.locator(".ce-counter").text_content() == "4 of 4"
    cell = seen.page.locator("[data-unit='0'] td.ce-cell").last
    assert cell.text_content() == memory
    assert seen.problems == []


def test_without_javascript_the_first_page_still_leads_on(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((HTML / "intro.html").as_uri())
    assert "needs JavaScript" in page.locator("#cell-compact").text_content()
    assert page.locator(".course-start").is_visible()
    context.close()


def test_without_an_address_of_the_repository_the_page_says_where_to_type():
    url = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))["repository"]["url"]
    text = words(soup("intro").find(id="how-to-run-it"))
    assert (url or "your copy of the course") in text
    assert "{{" not in text
