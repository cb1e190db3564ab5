"""Graded notebooks and the pages made of them, each once for all tests."""

from __future__ import annotations

import copy
import json
import shutil

import nbformat
import pytest
from feedback_pages import HOSTILE, NAME, PIXEL, WRONG, instructors, page_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import Job

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser():
    """Return Chromium."""
    from playwright.sync_api import sync_playwright

    found = [path for name in NAMES if (path := shutil.which(name))]
    assert found, "Chromium is missing: install it (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def engine():
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def graded(engine):
    """Return a function that grades answers; other cells are put before the first question."""
    known = {}

    def _graded(answers, *others):
        asked = json.dumps([answers, others])
        if asked not in known:
            known[asked] = grade(answers, others)
        return nbformat.from_dict(copy.deepcopy(known[asked]))

    def grade(answers, others):
        source = new_notebook(cells=instructors())
        source.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        cells = instructors()
        for cell in cells:
            question = cell.metadata.get("nbgrader", {}).get("grade_id", "")[len(NAME) + 1 :]
            cell.source = answers.get(question, cell.source)
        cells[2:2] = others
        submission = new_notebook(cells=cells, metadata=source.metadata)
        data = [nbformat.writes(one).encode() for one in (source, submission)]
        report = engine.grade(Job("course", NAME, NAME, "ada", *data, key=b"key"))
        assert report.graded is not None
        return report.graded

    return _graded


@pytest.fixture(scope="session")
def wrong(graded):
    return page_of(graded(WRONG))


@pytest.fixture(scope="session")
def hostile(graded):
    """Return a page made of everything bad that a student may write."""
    cells = [new_markdown_cell(text) for text in HOSTILE]
    cells[-2].source = "x" * 50_000
    for cell in cells:
        cell.attachments = {
            "bad.png": {"image/png": "\" onerror='alert(1)'"},
            "svg.svg": {"image/svg+xml": "PHN2Zy8+", "text/html": "x"},
        }
    printing = "print('\\x1b[31m</pre><script>alert(1)</script>' + 'y' * 20000)"
    cells += [new_code_cell(printing), new_code_cell(f"# {'z' * 200_000}")]
    notebook = graded(WRONG | {"why": HOSTILE[0] + HOSTILE[1]}, *cells)
    target = next(cell for cell in notebook.cells if cell.cell_type == "code")
    forms = {"text/html": HOSTILE[0], "image/svg+xml": HOSTILE[6], "application/javascript": "a"}
    bad = {"image/png": "\" onerror='alert(1)'", "text/plain": "<i>plain</i>"}
    for data in (forms, bad, {"image/png": PIXEL}):
        metadata = {"image/png": {"width": "1 onload=alert(1)"}}
        target.outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    return page_of(notebook)
