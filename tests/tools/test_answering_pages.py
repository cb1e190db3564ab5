"""Quizzes, terms and figures of a small book: what is made of them, and what an author is told."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup, Tag

from tests.tools.conftest import SmallBook
from tools.book import figures, quiz, terms

#: What is wrong with a quiz, and what its author is told.
FAULTS = {
    "no list": ("Why?", "under the question belongs a list of choices"),
    "no question": ("- [x] a\n\n  b\n- [ ] c\n\n  d", "a question belongs first"),
    "no brackets": ("Q?\n\n- a\n\n  b", "choice 1: begin it with [x] if it is right"),
    "no words": ("Q?\n\n- [x] a\n\n  b\n- [ ]\n\n  c", "choice 2: begin it with [x]"),
    "no right one": ("Q?\n\n- [ ] a\n\n  b\n- [ ] c\n\n  d", "no choice is right: mark one"),
    "no wrong one": ("Q?\n\n- [x] a\n\n  b", "all choices are right"),
    "no sentence": ("Q?\n\n- [x] a\n\n  b\n- [ ] c", "choice 2 ('c'): below it"),
    "text after": ("Q?\n\n- [x] a\n\n  b\n- [ ] c\n\n  d\n\nMore.", "nothing may follow the list"),
    "no number": (":number:\n\nQ?\n\n- [x] 3\n\n  b\n- [ ] ten\n\n  d", "'ten' is neither"),
    "a comma": (":number:\n\nQ?\n\n- [x] 33,024\n\n  b\n- [ ] 1\n\n  d", "'33,024' is neither"),
    "too early": (
        ":number:\n\nQ?\n\n- [ ] otherwise\n\n  b\n- [x] 1\n\n  d",
        "'otherwise' is neither",
    ),
    "all others right": (
        ":number:\n\nQ?\n\n- [ ] 3\n\n  b\n- [x] 1\n\n  d\n- [x] otherwise\n\n  e",
        "it cannot be right",
    ),
    "no list of numbers": (":number:\n\nQ?\n\nAnswer:\nYes.", "under the question belongs a list"),
    "stray tolerance": (
        ":tolerance: 1\n\nQ?\n\n- [x] 3\n\n  b\n- [ ] 1\n\n  d",
        ":tolerance: belongs to :number:",
    ),
    "bad tolerance": (
        ":number:\n:tolerance: -1\n\nQ?\n\n- [x] 3\n\n  b\n- [ ] 1\n\n  d",
        "a number above 0 belongs here, not -1",
    ),
    "no answer": ("Q?\n\nAnswer:", "after `Answer:` belongs the answer"),
}
GOOD = r"""
:::{quiz}
Which is $x$?

Think *twice*.

- [ ] $y$, or `z`

  No `x` in it.

  A second paragraph.
- [x] itself

  Yes.
:::

:::{quiz}
:number:
:tolerance: 0.5

How many?

- [x] −3

  Right so.
- [ ] otherwise

  Count.
:::

:::{quiz}
Why?

Answer:
Because of $x$.

And more.
:::
"""
NOTATION = """# Notation

| Symbol | Code | Meaning |
| --- | --- | --- |
| $N$, $h_t$ | `h_t` | size, or state |
| $u$ |  | a loose letter |

| Term | Meaning here | Chapter |
| --- | --- | --- |
| forget gate | $f_t$, what is kept | {numref}`%s <ch-other>` |
| big gate, BG | a gate | {numref}`%s <ch-one>` |
| *head* | a layer | {numref}`%s <ch-one>` |
"""
PICTURE = '<svg role="img" aria-label="{}" class="course-figure" viewBox="0 0 1 1"></svg>'
ONE = f"""(ch-one)=
# A head and its forget gate

The [forget gate](https://example.org) and `forget gate` are left alone, a forget-gate too.
Forget gates and a forget gate; BGs, a big gate, and bg; heads; $h_t$ and $h_{{t}}$, $h_t + 1$, $u$.

```{{raw}} html
{PICTURE.format("The state h_{t-1} &amp; its size_x")}
```

(fig-second)=
```{{raw}} html
{PICTURE.format("A second picture, of W_h")}
```

See {{numref}}`fig-second`, {{numref}}`fig-cell`, {{numref}}`sec-more` and {{eq}}`eq-one`.

```{{math}}
:label: eq-one
a = b
```

(sec-more)=
## More
"""


class Built(NamedTuple):
    """A built book: what was printed, its faulty and its good quizzes, and a chapter."""

    log: str
    intro: Tag
    quizzes: list[Tag]
    notation: Tag
    one: Tag


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    book = SmallBook(folder)
    (folder / "chapters/part").mkdir()
    draws = (
        f"from IPython.display import HTML\nHTML('{PICTURE.format('Drawn by a cell, with c_t')}')"
    )
    book.write("cell", f":label: fig-cell\n\n{draws}")
    blocks = [f"Fault: {name}\n\n:::{{quiz}}\n{text}\n:::\n" for name, (text, _) in FAULTS.items()]
    (folder / "intro.md").write_text("# Start\n\n" + "\n".join(blocks))
    (folder / "chapters/good.md").write_text("# Good\n" + GOOD)
    (folder / "chapters/notation.md").write_text(NOTATION)
    (folder / "chapters/part/one.md").write_text(ONE)
    (folder / "chapters/part/other.md").write_text("(ch-other)=\n# Another chapter\n\nText.\n")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nparts:\n"
        "- {caption: A, chapters: [{file: chapters/notation}, {file: chapters/good}]}\n"
        "- {caption: B, numbered: 2, "
        "chapters: [{file: chapters/part/one}, {file: chapters/part/other}, "
        "{file: chapters/cell}]}\n"
    )
    code, log = book.build()
    assert code != 0
    pages = [
        BeautifulSoup((folder / f"_build/html/{name}.html").read_text(), "html.parser")
        for name in ("intro", "chapters/good", "chapters/notation", "chapters/part/one")
    ]
    intro, good, notation, one = (page.find("article") for page in pages)
    return Built(log[log.index("did not build") :], intro, good.select(".quiz"), notation, one)


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_quiz_is_a_warning_that_says_what_to_do(built, name):
    assert FAULTS[name][1] in built.log


def test_nothing_else_is_wrong(built):
    warnings = re.findall(r"^ .*(?:WARNING|ERROR).*$", built.log, flags=re.MULTILINE)
    assert len(warnings) == len(FAULTS), built.log
    assert all(re.search(r"intro\.md:\d+: ", line) for line in warnings)
    assert len(built.intro.select(".quiz")) == 1, "only a faulty option leaves a quiz a quiz"


def test_a_choice_with_its_replies(built):
    first = built.quizzes[0]
    assert (first["id"], first["data-kind"]) == ("quiz-1", "choice")
    assert first.find("legend").get_text() == "Question 1."
    assert [p.get_text() for p in first.select(".quiz-question p")][1] == "Think twice."
    labels = [" ".join(label.get_text().split()) for label in first.select("label.quiz-choice")]
    assert labels == ["a y, or z", "b itself"]
    assert [one["value"] for one in first.select("input[type=radio]")] == ["0", "1"]
    replies = first.select("details .quiz-reply")
    assert [(r["data-value"], r["data-right"]) for r in replies] == [("0", "false"), ("1", "true")]
    assert [len(reply.select("p")) for reply in replies] == [3, 2]
    assert "No x in it." in replies[0].get_text()
    assert not first.find("details").has_attr("open")


def test_a_number_and_an_open_question(built):
    second, third = built.quizzes[1:]
    assert (second["data-kind"], second["data-tolerance"]) == ("number", "0.5")
    replies = second.select(".quiz-reply")
    assert [r["data-value"] for r in replies] == ["-3.0", "otherwise"]
    assert second.select("input[type=radio]") == []
    shown = second.find("form").get_text()
    assert "3" not in shown, "the answer stands in what a reader sees"
    assert third["data-kind"] == "open"
    assert third.find("form") is None
    assert [p.get_text() for p in third.select("details p")] == ["Because of x.", "And more."]


def test_first_uses_are_marked_and_nothing_else(built):
    marks = built.one.select("a.course-term")
    said = [" ".join(mark.get_text().split()) for mark in marks]
    assert said == ["Forget gates", "BGs", "ht"]
    assert [mark["href"].partition("#")[2] for mark in marks] == [
        "term-forget-gate",
        "term-big-gate",
        "symbol-1",
    ]
    assert [mark.get("aria-label") for mark in marks] == [None, None, "h_t"]
    meanings = [built.one.find(id=mark["aria-describedby"]).get_text() for mark in marks]
    assert meanings[0].strip() == (
        "forget gate: ft, what is kept. Introduced in chapter 2, Another chapter."
    )
    assert meanings[1].strip() == "big gate: a gate.", "a page has no link to itself"
    assert meanings[2].strip() == "size, or state; in the code h_t."
    rows = [row["id"] for row in built.notation.select("tr[id]")]
    assert rows == ["symbol-1", "symbol-2", "term-forget-gate", "term-big-gate", "term-head"]


def test_figures_have_captions_and_can_be_referred_to(built):
    first, second = built.one.select("figure")
    captions = [figure.find("figcaption") for figure in (first, second)]
    assert captions[0].get_text() == "Figure 1.1. The state ht\u22121 & its size_x#"
    assert captions[0].find("sub").get_text() == "t\u22121"
    assert captions[1].get_text().startswith("Figure 1.2. A second picture, of Wh")
    for figure, caption in zip((first, second), captions, strict=True):
        assert figure.find("svg")["aria-labelledby"] == caption["id"]
        assert not figure.find("svg").has_attr("aria-label")
    assert second["id"] == "fig-second"
    links = {link.get_text(): link["href"] for link in built.one.select("section p a.internal")}
    assert links == {
        "Figure 1.2": "#fig-second",
        "Figure 3.1": "../cell.html#fig-cell",
        "Section 1.1": "#sec-more",
        "(1.1)": "#equation-eq-one",
    }


def test_numbers_of_authors():
    for text, value in {"3": 3.0, "-0.5": -0.5, "\u22122": -2.0, ".5": 0.5, "1e-3": 0.001}.items():
        assert quiz.number_of(text) == value
    for text in ("3,5", "1_000", "nan", "inf", "", "3 units"):
        with pytest.raises(quiz.QuizError, match="is neither"):
            quiz.number_of(text)


def test_names_are_found_as_they_are_written():
    found = terms.pattern_of(["mask", "BPTT", "minLSTM", "forget gate"])
    text = "Masks, unmask, mask-like; BPTT bptt; minLSTMs MinLSTM; forget gates, Forget gate"
    assert [match[0] for match in found.finditer(text)] == [
        "Masks",
        "BPTT",
        "minLSTMs",
        "forget gates",
        "Forget gate",
    ]


def test_indices_of_a_description():
    text = "x_t, W_{hf} and c_prev, not batch_first or 2_3"
    lower = [node.astext() for node in figures.words(text) if node.tagname == "subscript"]
    assert lower == ["t", "hf", "prev"]
