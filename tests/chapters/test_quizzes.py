"""Every chapter has a quiz whose questions can be answered, and each choice answers back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("chapters/*/*.md"))
BLOCK = re.compile(r"^:::\{quiz\}\n(.*?)^:::$", flags=re.M | re.S)
CHOICE = re.compile(r"^- \[(x| )\] (.+)\n((?:(?!- \[).*\n)*)", flags=re.M)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PLACES = 4  # of the right choice among the choices


def quiz_of(page):
    text = (ROOT / page).read_text(encoding="utf8")
    return text[text.index("\n## Quiz\n") : text.index("\n## Exercise")]


def wrong_form(block):
    """Return what is wrong with the form of one question, as a list of short texts."""
    choices = CHOICE.findall(block)
    if not choices:
        asked, *answer = re.split(r"^Answer:\n", block, flags=re.M)
        complete = asked.strip() and len(answer) == 1 and answer[0].strip()
        return [] if complete else ["neither choices nor an answer"]
    options = re.match(r"(?::\w+:.*\n)*", block).group()
    question = block[len(options) : block.index("- [")].strip()
    texts = [text for _, text, _ in choices]
    faults = {
        "no question": not question,
        "fewer than three choices": len(choices) < 3,
        "not exactly one right choice": [mark for mark, *_ in choices].count("x") != 1,
        "two choices say the same": len(set(texts)) < len(texts),
        "a choice without a sentence": not all(sentences(below) for *_, below in choices),
        "no number": ":number:" in options and not all(map(is_number, texts[:-1])),
        "the last choice is no number": ":number:" in options
        and not (is_number(texts[-1]) or texts[-1] == "otherwise"),
    }
    return [fault for fault, there in faults.items() if there]


def sentences(below):
    """Say whether what stands below a choice is indented and ends like a sentence."""
    lines = below.strip("\n").split("\n")
    return lines[-1].endswith((".", "?", "!")) and all(
        line.startswith("  ") for line in lines if line
    )


def is_number(text):
    return NUMBER.fullmatch(text) is not None


def right_places(blocks):
    """Return where the right choice stands, for the questions that are no numbers."""
    chosen = [CHOICE.findall(block) for block in blocks if ":number:" not in block]
    return [[mark for mark, *_ in choices].index("x") for choices in chosen if choices]


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_quiz_has_four_or_five_questions_of_the_right_form(page):
    quiz = quiz_of(page)
    blocks = BLOCK.findall(quiz)
    assert BLOCK.sub("", quiz).strip() == "## Quiz", "something stands outside the questions"
    assert 4 <= len(blocks) <= 5, f"{len(blocks)} questions"
    assert not [(block[:60], wrong_form(block)) for block in blocks if wrong_form(block)]
    assert sum(not CHOICE.search(block) for block in blocks) <= 1, "more than one open question"


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_right_choice_moves(page):
    places = right_places(BLOCK.findall(quiz_of(page)))
    assert len(set(places)) > 1, f"the right choice always stands at place {places[0] + 1}"


def test_neither_place_nor_length_gives_the_right_choice_away():
    blocks = [block for page in CHAPTERS for block in BLOCK.findall(quiz_of(page))]
    places = right_places(blocks)
    shares = [places.count(place) / len(places) for place in range(PLACES)]
    assert min(shares) > 0.15, shares
    assert max(shares) < 0.35, shares
    chosen = [CHOICE.findall(block) for block in blocks if ":number:" not in block]
    longest = [max(choices, key=lambda choice: len(choice[1]))[0] for choices in chosen if choices]
    assert 0.05 < longest.count("x") / len(longest) < 0.35


GOOD = """Which?

- [ ] one

  Not this one.
- [x] two

  This one.
- [ ] three

  Nor this one.
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Which?", "", "no question"),
        ("- [ ] one\n\n  Not this one.\n", "", "fewer than three choices"),
        ("[ ] one", "[x] one", "not exactly one right choice"),
        ("[x]", "[ ]", "not exactly one right choice"),
        ("] three", "] one", "two choices say the same"),
        ("  This one.\n", "", "a choice without a sentence"),
        ("  This one.", "This one.", "a choice without a sentence"),
        ("Which?", ":number:\n\nWhich?", "no number"),
        (GOOD, "Which?\n", "neither choices nor an answer"),
    ],
)
def test_a_question_of_wrong_form_is_found(old, new, fault):
    assert old in GOOD
    assert wrong_form(GOOD) == []
    assert fault in wrong_form(GOOD.replace(old, new, 1))


def test_questions_with_numbers_and_open_ones_have_the_right_form():
    numbers = ":number:\n:tolerance: 0.5\n\n" + GOOD
    for word, number in (("one", "-0.5"), ("] two", "] 128"), ("three", "otherwise")):
        numbers = numbers.replace(word, number, 1)
    assert wrong_form(numbers.replace("Not this -0.5", "Not this one")) == []
    assert wrong_form("Why?\n\nAnswer:\nBecause.\n") == []
