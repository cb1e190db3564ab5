"""What the Colab and Binder buttons open: complete, and the same notebooks as the book's."""

from __future__ import annotations

from pathlib import Path

import nbformat

from tools.book import toc
from tools.book.portable.book import Book
from tools.book.portable.convert import file_name, portable
from tools.book.publish import publish

ROOT = Path(__file__).resolve().parents[2]


URL = "https://github.com/someone/lstm"


def test_published_folder(tmp_path):
    written = {path.relative_to(tmp_path) for path in publish(tmp_path, URL)}
    assert written == {Path(page).parent / file_name(page) for page in toc.notebooks(ROOT)}
    book = Book(ROOT, repository=URL)
    for page in toc.notebooks(ROOT):
        notebook = nbformat.read(tmp_path / Path(page).parent / file_name(page), as_version=4)
        nbformat.validate(notebook)
        title, first, *others = notebook.cells
        assert title.source.startswith("# ")
        assert f"--branch notebooks {URL} course" in first.source
        executed = nbformat.read(ROOT / "_build/executed" / f"{page}.ipynb", as_version=4)
        assert [title, *others] == portable(executed, page, book).cells
    for needed in (
        "lstm_course/lstm.py",
        "lstm_course/results/stock_forecasting.json",
        "grader/pyproject.toml",
    ):
        assert (tmp_path / needed).is_file()
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    assert "torch==2.13.0" in lines
    assert lines[-2:] == [".", "./grader"]
    assert not any(line.startswith(("jupyter-book", "nbgrader", "pip==")) for line in lines)
