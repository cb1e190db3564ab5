"""Building a book of two small chapters: what runs again when, and what turns the build red.

Each gate that the real book relies on is broken here once, on purpose.
"""

from __future__ import annotations

import re

import nbformat
import pytest

from tools.book.nbval_chapters import COLOURS

USES_PACKAGE = "from lstm_course.one import ONE\nprint('uses', ONE)"
STANDS_ALONE = "print('stands alone')"


@pytest.fixture
def book(small_book):
    """A book of one chapter that imports a package and one that does not."""
    package = small_book.folder / "lstm_course"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("from lstm_course.two import TWO\nONE = TWO - 1\n")
    (package / "two.py").write_text("TWO = 2\n")
    small_book.write("user", USES_PACKAGE)
    small_book.write("alone", STANDS_ALONE)
    return small_book


def executed(output):
    return re.findall(r"executing chapters/(\w+)", output)


def test_only_what_changed_is_executed_again(book):
    code, output = book.build()
    assert code == 0, output
    assert sorted(executed(output)) == ["alone", "user"]
    assert "[1/2]" in output
    assert "[2/2]" in output
    assert "the book is built in" in output

    code, output = book.build()
    assert (code, executed(output)) == (0, []), output

    (book.folder / "lstm_course/two.py").write_text(
        "TWO = 3\n"
    )  # imported by a module that user imports
    code, output = book.build()
    assert (code, executed(output)) == (0, ["user"]), output
    notebook = nbformat.read(book.folder / "_build/executed/chapters/user.ipynb", as_version=4)
    assert notebook.cells[-1].outputs[0].text == "uses 2\n"
    assert "uses 2" in (book.folder / "_build/html/chapters/user.html").read_text()

    book.write("alone", STANDS_ALONE, title="The same code under another title")
    code, output = book.build()
    assert (code, executed(output)) == (0, []), output
    assert "under another title" in (book.folder / "_build/html/chapters/alone.html").read_text()
    notebook = nbformat.read(book.folder / "_build/executed/chapters/alone.ipynb", as_version=4)
    assert "under another title" in notebook.cells[0].source

    book.write("alone", "print('changed')")
    code, output = book.build()
    assert (code, executed(output)) == (0, ["alone"]), output

    (book.folder / "_build/executed/chapters/user.ipynb").unlink()
    code, output = book.build()
    assert (code, executed(output)) == (0, ["user"]), output
    assert (book.folder / "_build/executed/chapters/user.ipynb").exists()


def test_a_failing_cell_is_named_and_the_others_still_run(book):
    book.write("alone", "x = 1\nx / 0")
    code, output = book.build()
    assert code != 0
    fault = "FAILED chapters/alone, code cell 1 ('x = 1'): ZeroDivisionError: division by zero"
    assert fault in output
    assert "chapters/user done in" in output
    assert "the book did not build" in output
    book.write("alone", STANDS_ALONE)
    code, output = book.build()
    assert (code, executed(output)) == (0, ["alone"]), output


def test_an_intended_error_shows_no_file_of_a_library(book):
    book.write("alone", ":tags: [raises-exception]\n\nimport json\njson.loads('{')")
    code, output = book.build()
    assert code == 0, output
    notebook = nbformat.read(book.folder / "_build/executed/chapters/alone.ipynb", as_version=4)
    (output,) = notebook.cells[-1].outputs
    shown = COLOURS.sub("", "\n".join(output.traceback))
    assert "Cell In[1], line 2" in shown
    assert "json.loads('{')" in shown
    assert shown.splitlines()[-1].startswith("JSONDecodeError: Expecting property name")
    assert "decoder.py" not in shown


def test_every_warning_is_a_failure(book):
    links = ["[gone](nowhere.md)", "{ref}`ch-nowhere`", "{cite:t}`nobody1900`"]
    (book.folder / "intro.md").write_text("\n\n".join(["# Start", *links]))
    code, output = book.build()
    assert code != 0
    faults = output[output.index("the book did not build") :]
    assert faults.count("WARNING") == len(links)
    for message in ("nowhere.md", "undefined label", "could not find bibtex key"):
        assert message in faults


def test_output_on_stderr_is_a_failure(book):
    book.write("alone", "import sys\nprint('careful', file=sys.stderr)")
    code, output = book.build()
    assert code != 0
    assert "careful" in output


def test_launch_buttons_appear_with_the_repository_address(book):
    code, output = book.build()
    assert code == 0, output
    page = book.folder / "_build/html/chapters/user.html"
    assert "colab" not in page.read_text().lower()
    assert "mybinder" not in page.read_text()
    assert "_sources/chapters/chapter_user.ipynb" in page.read_text()
    assert "This chapter as a notebook" in page.read_text()

    config = (book.folder / "_config.yml").read_text()
    config = config.replace('url: ""', 'url: "https://github.com/someone/lstm"')
    (book.folder / "_config.yml").write_text(config)
    code, output = book.build()
    assert code == 0, output
    html = page.read_text()
    notebook = "someone/lstm/blob/notebooks/chapters/chapter_user.ipynb"
    assert f"https://colab.research.google.com/github/{notebook}" in html
    tree = "someone/lstm/notebooks?urlpath=lab/tree/chapters/chapter_user.ipynb"
    assert f"https://mybinder.org/v2/gh/{tree}" in html
    assert "colab" not in (book.folder / "_build/html/intro.html").read_text().lower()
