"""What the Colab and Binder buttons open: complete, and the same notebooks as the book's."""

from __future__ import annotations

from pathlib import Path

import nbformat

from tools.book.publish import publish
from tools.book.toc import is_notebook, pages

ROOT = Path(__file__).resolve().parents[2]


URL = "https://github.com/someone/lstm"


def test_published_folder(tmp_path):
    written = {path.relative_to(tmp_path).with_suffix("") for path in publish(tmp_path, URL)}
    assert written == {Path(name) for name in pages(ROOT) if is_notebook(ROOT, name)}
    for name in written:
        notebook = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        first, *others = notebook.cells
        assert f"--branch notebooks {URL} course" in first.source
        executed = nbformat.read(ROOT / "_build/executed" / f"{name}.ipynb", as_version=4)
        assert others == executed.cells
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
