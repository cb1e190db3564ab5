"""Quizzes in Chromium: by mouse and keyboard, as a choice and as a number, without a script.

What the questions are is the authors' business, so each test reads from the page what is right.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools.book.toc import pages

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
#: A right answer of 33024, in ways to write it, and numbers that are not it.
RIGHT = ("33024", "33,024", "33.024", "33 024", "+33024,0", "3.3024e4", "33024.4")
WRONG = ("33024.6", "330,24", "-33024")
#: What axe causes by looking at the style sheets of a page on disk.
OF_AXE = ("console: Access to XMLHttpRequest", "console: Failed to load", "request failed")


def page_with_both_kinds():
    for page in pages(ROOT):
        html = (HTML / f"{page}.html").read_text(encoding="utf8")
        if 'data-kind="choice"' in html and 'data-kind="number"' in html:
            return page
    raise AssertionError("no page has both a choice and a number to find")


@pytest.fixture(scope="module")
def quizzes(open_page):
    """A page with quizzes of both kinds; tests begin by clearing what they use."""
    seen = open_page(page_with_both_kinds())
    yield seen.page
    problems = [problem for problem in seen.problems if not problem.startswith(OF_AXE)]
    seen.context.close()
    assert problems == []


def of_kind(page, kind):
    quiz = page.locator(f".quiz[data-kind={kind}]").first
    quiz.locator("form").evaluate("form => form.reset()")
    return quiz


def values(quiz, *, right):
    """Return the values of the right choices of a question, or of the wrong ones."""
    replies = quiz.locator(f".quiz-reply[data-right={str(right).lower()}]")
    return replies.evaluate_all("all => all.map(one => one.dataset.value)")


def said(quiz):
    return quiz.locator(".quiz-said").inner_text()


def check(quiz):
    quiz.get_by_role("button", name="Check").click()


def test_a_choice_by_mouse(quizzes):
    quiz = of_kind(quizzes, "choice")
    assert quiz.locator(".quiz-said[role=status]").count() == 1
    check(quiz)
    assert said(quiz) == "Choose an answer first."
    for right, word in ((False, "Not quite."), (True, "Right.")):
        value = values(quiz, right=right)[0]
        quiz.locator(f"input[value='{value}']").locator("..").click()
        assert said(quiz) == ""
        check(quiz)
        assert said(quiz).startswith(word)
        assert len(said(quiz)) > len(word) + 10, "the sentence for this choice is missing"
        taken = quiz.locator(f".quiz-choice[data-right={str(right).lower()}]")
        assert taken.locator("input").get_attribute("value") == value
        mark = taken.evaluate("e => getComputedStyle(e, '::after').content")
        assert ("\u2713" in mark) == right, "right and wrong differ in more than color"
    quiz.get_by_role("button", name="Try again").click()
    assert said(quiz) == ""
    assert quiz.locator("input:checked, [data-right=true].quiz-choice").count() == 0


def test_a_choice_by_keyboard(quizzes):
    quiz = of_kind(quizzes, "choice")
    names = quiz.locator("fieldset").get_attribute("aria-labelledby").split()
    assert "Question" in quiz.locator(f"#{names[0]}").text_content()
    assert quiz.locator(f"#{names[1]}.quiz-question").count() == 1
    radios = quiz.locator("input")
    radios.first.focus()
    quizzes.keyboard.press("Space")
    for _ in range(int(values(quiz, right=True)[0])):
        quizzes.keyboard.press("ArrowDown")
    assert said(quiz) == "", "an arrow answers nothing"
    quizzes.keyboard.press("Enter")
    assert said(quiz).startswith("Right.")
    quizzes.keyboard.press("Tab")
    quizzes.keyboard.press("Tab")
    quizzes.keyboard.press("Enter")
    assert said(quiz) == ""
    assert radios.first.evaluate("e => e === document.activeElement")


def test_a_number(quizzes):
    quiz = of_kind(quizzes, "number")
    quiz.evaluate("e => { e.dataset.tolerance = '0.5' }")
    right = quiz.locator(".quiz-reply[data-right=true]").first
    right.evaluate("e => { e.dataset.value = '33024.0' }")
    field = quiz.get_by_label("Your number")
    field.fill("many")
    field.press("Enter")
    assert said(quiz).startswith("Type a number")
    for typed in RIGHT:
        field.fill(typed)
        field.press("Enter")
        assert said(quiz).startswith("Right."), typed
    for typed in WRONG:
        field.fill(typed)
        check(quiz)
        assert said(quiz).startswith("Not quite"), typed


def test_no_answer_can_be_read_before_one_is_given(quizzes):
    quizzes.reload(wait_until="domcontentloaded")
    answers = quizzes.locator(".quiz:has(form) .quiz-answers")
    assert answers.count() >= 2
    assert not any(one.is_visible() for one in answers.all())
    folded = quizzes.locator(".quiz-answers").evaluate_all("all => all.every(one => !one.open)")
    assert folded
    quizzes.emulate_media(media="print")
    assert all(one.is_visible() for one in answers.all()), "on paper they are folded below"
    assert quizzes.locator(".quiz :is(input, button):visible").count() == 0
    quizzes.emulate_media(media="screen")


def test_an_answered_quiz_is_accessible(quizzes):
    for kind in ("choice", "number"):
        quiz = of_kind(quizzes, kind)
        if kind == "choice":
            quiz.locator("input").first.check()
        else:
            quiz.get_by_label("Your number").fill("0,1")
        check(quiz)
    found = Axe().run(quizzes, context={"include": [[".quiz"]]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] != "minor"] == []


def test_without_a_script_the_answers_are_folded(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((HTML / f"{page_with_both_kinds()}.html").as_uri())
    quiz = page.locator(".quiz[data-kind=choice]").first
    assert quiz.locator(".quiz-choice").first.is_visible()
    assert quiz.locator("input:visible, button:visible").count() == 0
    reply = quiz.locator(".quiz-reply").first
    assert not reply.is_visible()
    quiz.locator("summary").click()
    assert reply.is_visible()
    assert re.match(r"a (Right|Not quite)\.", reply.inner_text())
    context.close()
