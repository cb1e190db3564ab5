"""Building a book of two small chapters: what runs again when, and what turns the build red.

Each gate that the real book relies on is broken here once, on purpose.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from tools.book import execution

ROOT = Path(__file__).resolve().parents[2]


CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# {title}

```{{code-cell}} ipython3
{code}
```
"""
USES_PACKAGE = "from lstm_course.one import ONE\nprint('uses', ONE)"
STANDS_ALONE = "print('stands alone')"


@pytest.fixture
def book(tmp_path):
    """A small book with the settings, the extension and the tools of the real one."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/_static").symlink_to(ROOT / "chapters/_static")
    shutil.copytree(
        ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "references.bib").write_text("@misc{a, title={A}, year={2000}}")
    (tmp_path / "intro.md").write_text("# Start\n")
    toc = {"format": "jb-book", "root": "intro"}
    toc["chapters"] = [{"file": "chapters/user"}, {"file": "chapters/alone"}]
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc))
    (tmp_path / "lstm_course").mkdir()
    (tmp_path / "lstm_course/__init__.py").write_text("")
    (tmp_path / "lstm_course/one.py").write_text("from lstm_course.two import TWO\nONE = TWO - 1\n")
    (tmp_path / "lstm_course/two.py").write_text("TWO = 2\n")
    write(tmp_path, "user", USES_PACKAGE)
    write(tmp_path, "alone", STANDS_ALONE)
    return tmp_path


def write(book, name, code, title="A chapter"):
    (book / f"chapters/{name}.md").write_text(CHAPTER.format(title=title, code=code))


def build(book):
    done = subprocess.run(
        [sys.executable, "-m", "tools.book.build"],
        cwd=book,
        env={"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(book), "HOME": str(book)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def executed(output):
    return re.findall(r"executing chapters/(\w+)", output)


def test_only_what_changed_is_executed_again(book):
    code, output = build(book)
    assert code == 0, output
    assert sorted(executed(output)) == ["alone", "user"]
    assert "[1/2]" in output
    assert "[2/2]" in output
    assert "the book is built in" in output

    code, output = build(book)
    assert (code, executed(output)) == (0, []), output

    (book / "lstm_course/two.py").write_text("TWO = 3\n")  # imported by a module that user imports
    code, output = build(book)
    assert (code, executed(output)) == (0, ["user"]), output
    notebook = nbformat.read(book / "_build/executed/chapters/user.ipynb", as_version=4)
    assert notebook.cells[-1].outputs[0].text == "uses 2\n"
    assert "uses 2" in (book / "_build/html/chapters/user.html").read_text()

    write(book, "alone", STANDS_ALONE, title="The same code under another title")
    code, output = build(book)
    assert (code, executed(output)) == (0, []), output
    assert "under another title" in (book / "_build/html/chapters/alone.html").read_text()

    write(book, "alone", "print('changed')")
    code, output = build(book)
    assert (code, executed(output)) == (0, ["alone"]), output

    (book / "_build/executed/chapters/user.ipynb").unlink()
    code, output = build(book)
    assert (code, executed(output)) == (0, []), output
    assert (book / "_build/executed/chapters/user.ipynb").exists()


def test_a_failing_cell_is_named_and_the_others_still_run(book):
    write(book, "alone", "x = 1\nx / 0")
    code, output = build(book)
    assert code != 0
    assert "chapters/alone, cell 2 ('x = 1'): ZeroDivisionError: division by zero" in output
    assert "[2/2] chapters/user done" in output
    assert "the book did not build" in output
    write(book, "alone", STANDS_ALONE)
    code, output = build(book)
    assert (code, executed(output)) == (0, ["alone"]), output


def test_an_intended_error_shows_no_file_of_a_library(tmp_path):
    cell = nbformat.v4.new_code_cell("import json\njson.loads('{')")
    cell.metadata["tags"] = ["raises-exception"]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    execution.execute(notebook, tmp_path / "page.md", timeout=60)
    (output,) = notebook.cells[0].outputs
    shown = execution.COLOURS.sub("", "\n".join(output.traceback))
    assert "json.loads('{')" in shown
    assert shown.splitlines()[-1].startswith("JSONDecodeError: Expecting property name")
    assert "decoder.py" not in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gone](nowhere.md)", "WARNING"),
        ("{ref}`ch-nowhere`", "undefined label"),
        ("{cite:t}`nobody1900`", "could not find bibtex key"),
    ],
)
def test_a_warning_is_a_failure(book, text, message):
    (book / "intro.md").write_text(f"# Start\n\n{text}\n")
    code, output = build(book)
    assert code != 0
    assert message in output


def test_output_on_stderr_is_a_failure(book):
    write(book, "alone", "import sys\nprint('careful', file=sys.stderr)")
    code, output = build(book)
    assert code != 0
    assert "careful" in output


def test_launch_buttons_appear_with_the_repository_address(book):
    code, output = build(book)
    assert code == 0, output
    page = book / "_build/html/chapters/user.html"
    assert "colab" not in page.read_text().lower()
    assert "mybinder" not in page.read_text()
    assert "_sources/chapters/user.ipynb" in page.read_text()

    config = (book / "_config.yml").read_text()
    config = config.replace('url: ""', 'url: "https://github.com/someone/lstm"')
    (book / "_config.yml").write_text(config)
    code, output = build(book)
    assert code == 0, output
    html = page.read_text()
    notebook = "someone/lstm/blob/notebooks/chapters/user.ipynb"
    assert f"https://colab.research.google.com/github/{notebook}" in html
    tree = "someone/lstm/notebooks?urlpath=lab/tree/chapters/user.ipynb"
    assert f"https://mybinder.org/v2/gh/{tree}" in html
    assert "colab" not in (book / "_build/html/intro.html").read_text().lower()
