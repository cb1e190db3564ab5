"""The notebooks that readers download, opened in a JupyterLab that does not trust them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.book.lab_server import PATIENCE, serve
from tools.book.portable.blocks import Prose
from tools.book.portable.book import Book

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "_build/html/_sources"
#: Together they have all that a chapter may hold.
SAMPLE = [
    "chapters/foundations/chapter_lstm_cell",
    "chapters/foundations/chapter_cell_explorer",
    "chapters/variants/chapter_after_1997",
]
QUIZ = """\
# A quiz

:::{quiz}
Which is the gate of $f_t$?

- [x] forget

  It keeps.
- [ ] input

  It writes.
:::

```{math}
:label: eq-cell-step
a &= b \\\\
c &= d
```
"""
LOOK = """() => {
  const of = (where) => [...document.querySelectorAll(where)];
  const text = document.querySelector('.jp-Notebook').innerText;
  const shown = (where) => of(where).filter((e) => e.offsetParent !== null).length;
  const pictures = of('.jp-OutputArea img');
  return {
    untrusted: of('.jp-NotebookTrustedStatus-untrusted, [title*="not trusted" i]').length,
    pictures: pictures.length,
    blank: pictures.filter((e) => !e.complete || !e.naturalWidth || !e.alt).length,
    raw: text.match(/\\{(math|[a-z]*ref|eq|doc|download|cite[:a-z]*|quiz|admonition|dropdown)\\}/g),
    formulas: of('mjx-container').length,
    displayed: of('mjx-container[display="true"]').length,
    wrong: of('mjx-merror').length,
    dollars: text.match(/\\$\\$/g),
    answers: of('details').length,
    open: of('details[open]').length,
    folded: shown('.jp-CodeCell .jp-Placeholder'),
  };
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve copies of the sample, which nobody has signed."""
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    for name in SAMPLE:
        target = folder / Path(f"{name}.ipynb").name
        target.write_bytes((SOURCES / f"{name}.ipynb").read_bytes())
    prose = Prose(Book(ROOT), "chapters/foundations/lstm_cell", [])
    quiz = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(prose.markdown(QUIZ))])
    nbformat.write(quiz, folder / "quiz.ipynb")
    with serve(home, folder) as (where, _):
        yield where


@pytest.fixture
def look(address, browser):
    """Return a function that opens a notebook and says what is seen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)

    def _look(name):
        page = context.new_page()
        page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(
            "() => document.querySelector('mjx-container')"
            " && !document.querySelector('.jp-MarkdownOutput:empty')"
            " && ![...document.querySelectorAll('.jp-MarkdownOutput')]"
            ".some((e) => e.innerText.includes('$$'))"
        )
        return page.evaluate(LOOK)

    yield _look
    context.close()


@pytest.mark.parametrize("name", [Path(name).name for name in SAMPLE])
def test_a_chapter_reads_well_without_trust(look, address, name):
    notebook = nbformat.read(next(SOURCES.glob(f"**/{name}.ipynb")), as_version=4)
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    pictures = sum(
        "<img" in output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    seen = look(name)
    assert seen["untrusted"] == 1
    assert (seen["pictures"], seen["blank"]) == (pictures, 0)
    assert pictures > 0
    assert seen["raw"] is None
    assert seen["dollars"] is None
    assert seen["wrong"] == 0
    assert seen["displayed"] == prose.count("$$") // 2
    assert seen["formulas"] > 20
    assert (seen["answers"], seen["open"]) == (prose.count("<details>"), 0)
    hidden = [c for c in notebook.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
    assert seen["folded"] == len(hidden)


def test_a_quiz_is_closed_and_its_equation_has_a_number(look):
    seen = look("quiz")
    assert (seen["answers"], seen["open"]) == (1, 0)
    assert (seen["displayed"], seen["wrong"]) == (1, 0)
