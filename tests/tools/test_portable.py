"""Chapters as notebooks in plain Markdown: one test for each thing that MyST writes its own way."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lstm_course.plotting import INK, PAPER
from tools.book import notebooks, toc
from tools.book.portable import pictures
from tools.book.portable.blocks import Prose
from tools.book.portable.book import Book, Place, site_of
from tools.book.portable.convert import cited_by, file_name, portable
from tools.book.portable.syntax import MystError, figures

ROOT = Path(__file__).resolve().parents[2]
PAGE = "chapters/foundations/lstm_cell"
#: What must not be left: a role, a directive, a label, a comment.
LEFT = re.compile(r"\{[A-Za-z][\w:.-]*\}`|^[\s>]*[`:~]{3,}\{|^\([\w-]+\)=|^%", re.MULTILINE)
#: Code, in which they may stand.
CODE = re.compile(r"^([ >]*)(`{3,})(?!\{).*?^\1\2$|(?<!\})`[^`\n]+`", re.DOTALL | re.MULTILINE)


def left(*texts):
    """Return what is left of MyST in texts."""
    return [found for text in texts for found in LEFT.findall(CODE.sub("", text))]


@pytest.fixture(scope="module")
def book():
    return Book(ROOT, repository="")


@pytest.fixture(scope="module")
def public():
    return Book(ROOT, repository="https://github.com/Someone/lstm")


@pytest.fixture
def plain(book):
    """Return a function that makes plain Markdown of a text on the page of the LSTM cell."""
    return lambda text: Prose(book, PAGE, cited_by([text])).markdown(text)


def fenced(info, body, mark="```"):
    return f"{mark}{{{info}\n{body}\n{mark}"


def test_labels_comments_and_breaks_are_dropped(plain):
    text = "% a note\n(ch-x)=\n# Title\n\n+++\n\n% another\nText 100 % sure.\n"
    assert plain(text) == "# Title\n\nText 100 % sure."


def test_an_equation_is_set_off_and_keeps_its_number(plain, book):
    body = ":label: eq-cell-step\n\\begin{aligned}\na &= b\n\\end{aligned}"
    number = book.equations["eq-cell-step"].text
    expected = f"$$\n\\begin{{aligned}}\na &= b\n\\end{{aligned}} \\tag{{{number}}}\n$$"
    assert plain(fenced("math}", body)) == expected
    assert plain("$$\nx = 1\n$$ (eq-cell-step)\n") == f"$$\nx = 1 \\tag{{{number}}}\n$$"


def test_lines_of_an_equation_are_aligned_where_the_page_does_it(plain):
    assert (
        plain(fenced("math}", "a \\\\\nb")) == "$$\n\\begin{aligned}\na \\\\\nb\n\\end{aligned}\n$$"
    )
    assert "aligned" not in plain(fenced("math}", "a \\mathbin{\\&} b"))


def test_equations_are_named_in_words(plain, book):
    number = book.equations["eq-cell-step"].text
    assert plain("In {eq}`eq-cell-step` it is.") == f"In equation {number} it is."
    assert plain("{eq}`eq-cell-step` says.") == f"Equation {number} says."
    assert plain("The bound {eq}`eq-cell-step` holds.") == f"The bound ({number}) holds."
    other = plain("See {eq}`eq-conv2d`.")
    assert other == "See equation 2 of **ConvLSTM: keep the map a map**."


def test_references_are_titles_in_bold_or_links(plain, public):
    assert plain("See {ref}`ch-notation`.") == "See **Notation**."
    assert plain("See {ref}`the symbols <ch-notation>`.") == "See **the symbols**."
    assert plain("See {doc}`../notation`.") == "See **Notation**."
    linked = Prose(public, PAGE, []).markdown("See {ref}`the explorer <sec-explorer>`.")
    where = "https://someone.github.io/lstm/chapters/foundations/cell_explorer.html#sec-explorer"
    assert linked == f"See [the explorer]({where})."


def test_the_address_of_the_site_is_that_of_the_settings_or_of_the_repository():
    settings = {"repository": {"url": ""}, "sphinx": {"config": {"ogp_site_url": ""}}}
    assert site_of(settings) == ""
    settings["repository"]["url"] = "https://github.com/Someone/lstm/"
    assert site_of(settings) == "https://someone.github.io/lstm"
    settings["sphinx"]["config"]["ogp_site_url"] = "https://lstm.example/"
    assert site_of(settings) == "https://lstm.example"


def test_downloads_are_named_by_their_place(plain, public):
    role = "{download}`gru.ipynb <../../exercises/gru/gru.ipynb>`"
    assert plain(role) == "**gru.ipynb** (in a clone of the course `exercises/gru/gru.ipynb`)"
    linked = Prose(public, PAGE, []).markdown(role)
    assert linked.endswith("lstm/raw/HEAD/exercises/gru/gru.ipynb)")


def test_citations_have_author_and_year_and_a_list_at_the_end(plain):
    text = "{cite:t}`gers2000` and {cite:p}`hochreiter1997,gers2000`.\n\n```{bibliography}\n```"
    head, _, references = plain(text).partition("\n\n**References**\n\n")
    assert head == ("Gers et al. (2000) and (Hochreiter and Schmidhuber, 1997; Gers et al., 2000).")
    assert [line.split(":")[0] for line in references.split("\n")] == [
        "- Gers et al. (2000)",
        "- Hochreiter and Schmidhuber (1997)",
    ]
    assert "Jürgen Schmidhuber" in references
    assert "\\" not in references


def test_two_works_of_one_year_get_letters(book):
    twins = [key for key in book.bibliography.entries if key.startswith("cho2014")]
    assert len(twins) == 2
    assert set(book.bibliography.years(twins).values()) == {"2014a", "2014b"}
    assert book.bibliography.years(twins[:1]) == {twins[0]: "2014b"}  # as the book has it


def test_a_box_is_a_quotation_with_a_title_and_its_equations_fit(plain):
    body = ":class: tip\n\n- **One** of {ref}`ch-notation`.\n\n$$\na\n= b\n$$\n"
    expected = "> **What {x}**\n>\n> - **One** of **Notation**.\n>\n> $$ a = b $$"
    assert plain(fenced("admonition} What {x}", body)) == expected
    assert plain(fenced("note}", "Text.", ":::")) == "> **Note**\n>\n> Text."


def test_a_dropdown_is_closed_with_what_it_holds(plain):
    inner = "Look:\n\n```python\n{ref}`x`\n```\n\n{ref}`ch-notation`"
    expected = (
        "<details>\n<summary><b>Use <code>c_t</code></b></summary>\n\n"
        "Look:\n\n```python\n{ref}`x`\n```\n\n**Notation**\n\n</details>"
    )
    assert plain(fenced("dropdown} Use `c_t`", inner, ":::")) == expected


CHOICES = """\
What is {ref}`ch-notation`?

- [x] $f_t$, a gate

  It *keeps*.
- [ ] `c_t`

  That is the state.
"""


def test_a_quiz_shows_its_choices_and_folds_its_answers(plain):
    shown, _, folded = plain(fenced("quiz}", CHOICES, ":::")).partition("<details>")
    assert shown == "What is **Notation**?\n\n- $f_t$, a gate\n- `c_t`\n\n"
    assert "**Right:** $f_t$, a gate\n\n  It *keeps*." in folded
    assert "**Wrong:** `c_t`\n\n  That is the state." in folded


def test_a_quiz_with_a_number_shows_no_choices(plain):
    body = ":number:\n:tolerance: 0.5\n\nHow many?\n\n- [x] 128\n\n  Yes.\n- [ ] otherwise\n\n  No."
    shown, _, folded = plain(fenced("quiz}", body, ":::")).partition("<details>")
    assert shown == "How many?\n\n"
    assert "**Right:** 128" in folded


def test_a_quiz_in_words_folds_its_answer(plain):
    shown, _, folded = plain(fenced("quiz}", "Why?\n\nAnswer:\nBecause.", ":::")).partition(
        "<details>"
    )
    assert shown == "Why?\n\n"
    assert "Because." in folded


@pytest.mark.parametrize("body", ["Why?", "Why?\n\n- no mark"])
def test_a_quiz_without_an_answer_is_a_fault(plain, body):
    with pytest.raises(MystError, match=r"answer|\[x\]"):
        plain(fenced("quiz}", body, ":::"))


def test_code_is_left_as_it_stands(plain):
    text = "`{ref}` and `` {ref}`x` `` and\n\n```python\n% magic\n(x)=\n{ref}`y`\n```"
    assert plain(text) == text


def test_a_block_in_a_list_keeps_its_place(plain):
    text = "- first\n\n  ```{math}\n  a\n  ```\n- second {ref}`ch-notation`"
    assert plain(text) == "- first\n\n  $$\n  a\n  $$\n- second **Notation**"


def test_one_object_of_a_file_is_shown(plain):
    text = plain("```{literalinclude} ../../lstm_course/arrays.py\n:pyobject: sigmoid\n```")
    assert text.startswith("```python\ndef sigmoid(")
    assert text.endswith("\n```")
    with pytest.raises(MystError, match=r"arrays\.py"):
        plain("```{literalinclude} ../../lstm_course/arrays.py\n:lines: 1-3\n```")


def test_html_of_the_page_becomes_a_sentence_and_a_picture_an_image(plain):
    text = plain('```{raw} html\n<div id="x"></div>\n```')
    assert text.startswith(
        "*The page **The LSTM cell: one step, by hand** of the book has something"
    )
    image = plain("```{raw} html\n:file: ../_static/grading.svg\n```")
    assert image.startswith('<img alt="How a submission is graded')


@pytest.mark.parametrize("text", ["```{sidebar} x\n```", "{guilabel}`x`", "{ref}`ch-nowhere`"])
def test_what_is_not_known_is_a_fault_that_names_it(book, text):
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    name = re.search(r"\w+", text)[0]
    with pytest.raises(MystError, match=rf"{PAGE}.*{name}"):
        portable(notebook, PAGE, book)


def test_a_figure_is_named_by_its_section():
    text = "# Page\n\n## Growth\n\n```{code-cell} ipython3\n:label: fig-a\nshow(fig)\n```\n"
    text += "\n## Decay\n\n(fig-b)=\n```{raw} html\n<svg></svg>\n```\n\n(sec-c)=\n## Rest\n"
    assert dict(figures(text)) == {"fig-a": "Growth", "fig-b": "Decay"}
    elsewhere = Book(ROOT, repository="")
    elsewhere.figures["fig-a"] = Place(PAGE, "Growth")
    words = Prose(elsewhere, PAGE, cited_by([""])).markdown("See {numref}`fig-a`.")
    assert words == "See the figure in **Growth**."


def svg_of(image):
    return base64.b64decode(re.search(r"base64,([^\"]*)", image)[1]).decode()


def test_a_picture_shows_untrusted_in_light_colors_on_a_light_ground():
    inline = (
        '<figure><svg role="img" aria-label="two &lt; lines" class="course-figure" '
        'style="max-width:100%;width:400px;height:auto" viewBox="-1 0 300 200" '
        f'xmlns="http://www.w3.org/2000/svg"><path stroke="var(--course-ink, {INK})" '
        'fill="var(--course-paper)"/></svg><figcaption>Two.</figcaption></figure>'
    )
    html = pictures.with_images(inline)
    assert html.startswith('<figure><img alt="two &lt; lines" width="400" src="data:image/svg')
    assert html.endswith("<figcaption>Two.</figcaption></figure>")
    svg = svg_of(html)
    assert "var(" not in svg
    assert f'<rect x="-1" y="0" width="300" height="200" fill="{PAPER}"/>' in svg
    assert f'stroke="{INK}" fill="{PAPER}"' in svg
    assert 'width="400"' not in svg


def test_cells_are_folded_as_on_the_page_and_tags_of_the_book_are_gone(book):
    tags = [["hide-input"], ["hide-cell"], ["nbval-check-output", "raises-exception"], []]
    output = new_output("stream", text="x")
    cells = [new_code_cell("1", metadata={"tags": t}, outputs=[output]) for t in tags]
    handed = new_output("execute_result", {"text/html": "<script>1</script>"})
    cells.append(new_code_cell("2", outputs=[handed]))
    notebook = new_notebook(cells=[new_markdown_cell("# A"), *cells], metadata={"course": {}})
    made = portable(notebook, PAGE, book)
    nbformat.validate(made)
    assert made.metadata == {}
    title, environment, *others = made.cells
    assert title.source == "# A"
    assert "TF_CPP_MIN_LOG_LEVEL" in environment.source
    both = {"source_hidden": True, "outputs_hidden": True}
    folds = [cell.metadata.get("jupyter", {}) for cell in others]
    assert folds == [{"source_hidden": True}, both, {}, {}, {}]
    assert [cell.metadata.get("tags") for cell in others] == [
        None,
        None,
        ["raises-exception"],
        None,
        None,
    ]
    assert [len(cell.outputs) for cell in others] == [1, 1, 1, 1, 0]
    assert notebook.cells[1].metadata == {"tags": ["hide-input"]}


@pytest.mark.parametrize("page", toc.notebooks(ROOT))
def test_nothing_of_myst_is_left_in_any_chapter(book, page):
    notebook = notebooks.read(ROOT, page)
    made = portable(notebook, page, book)
    nbformat.validate(made)
    assert made.cells[0].source.startswith("# ")
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    assert left(*texts) == []
    before = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(left(*before)) > 0
    assert all(text.count("<details>") == text.count("</details>") for text in texts)


def test_no_chapter_has_the_name_of_an_assignment():
    names = {file_name(page) for page in toc.notebooks(ROOT)}
    assert len(names) == len(toc.notebooks(ROOT))
    assert not names & {path.name for path in ROOT.glob("exercises/*/*.ipynb")}
