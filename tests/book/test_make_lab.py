"""What `make lab` opens: a start page, chapters on a double click, tools for whom they are for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.book.lab_server import PATIENCE, serve
from tools.book import facts
from tools.environment import KERNEL_ENVIRONMENT
from tools.lab import __main__ as lab
from tools.lab import chapters

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "build/lab_of_the_tests"


@pytest.fixture(scope="module")
def folder():
    """Return a folder in the course with copies of the chapters."""
    path = ROOT / FOLDER
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    chapters.write(ROOT, path)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def started(monkeypatch, folder):
    """Return a function that says what `make lab` would become: a command, an environment."""

    def _started(*arguments):
        found = []
        monkeypatch.setattr(chapters, "write", lambda root, where: [])
        monkeypatch.setattr(os, "execve", lambda program, *rest: found.extend(rest))
        lab.main([f"--folder={FOLDER}", *arguments])
        return found

    return _started


@pytest.fixture
def served(started, tmp_path):
    """Return a function that serves what `make lab` opens."""

    def _served(*arguments):
        command, environment = started(*arguments)
        assert command[1:3] == ["-m", "jupyterlab"]
        return serve(tmp_path, ROOT, *command[3:], environment=environment)

    return _served


def opened(browser, address):
    """Return a page on which JupyterLab has opened what it opens first."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector(".jp-Notebook a[href*='lstm_cell']")
    return page, asked


def children(process):
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def environment_of(process):
    pairs = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def test_a_reader_finds_chapters_and_assignments(served, browser):
    with served() as (address, process):
        page, asked = opened(browser, address)
        assert page.locator(".jp-Notebook table tr").count() == 1 + len(facts.chapters())
        page.locator(".jp-Notebook a", has_text="The LSTM cell").click()
        page.wait_for_selector(".jp-OutputArea img")
        page.get_by_text("Python 3 | Idle").wait_for()
        page.goto(f"{address}/lab/tree/exercises/lstm_cell?reset")
        page.wait_for_selector(".jp-DirListing-item")
        assert page.get_by_text("Create Assignment").count() == 0
        page.get_by_text("Nbgrader", exact=True).first.click()
        page.wait_for_selector(".lm-Menu-itemLabel")
        assert page.get_by_text("Assignment List").count() == 1
        assert page.get_by_text("Formgrader").count() == 0
        page.keyboard.press("Escape")
        page.goto(f"{address}/lab/tree/chapters/foundations?reset")
        page.locator(".jp-DirListing-item", has_text="lstm_in_keras.md").dblclick()
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
        assert page.locator(".jp-FileEditor").count() == 0
        page.close()
        kernels = [environment_of(child) for child in children(process)]
        assert len(kernels) > 1
        assert all(KERNEL_ENVIRONMENT.items() <= one.items() for one in kernels)
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "ws:"))] == []


def test_a_teacher_has_the_formgrader_too(served, browser):
    with served("--teacher") as (address, _):
        page, _ = opened(browser, address)
        page.get_by_text("Create Assignment").first.wait_for()
        page.get_by_text("Nbgrader", exact=True).first.click()
        page.get_by_text("Formgrader").first.wait_for()
        page.close()


def test_a_copy_that_the_reader_changed_stays(tmp_path, monkeypatch):
    mine, other = tmp_path / "mine.ipynb", tmp_path / "part/other.ipynb"

    def page(text, **metadata):
        cells = [nbformat.v4.new_markdown_cell(text, id="a")]
        return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata))

    def write(words):
        text = page(words)
        monkeypatch.setattr(chapters, "contents", lambda root, folder: {mine: text, other: text})
        return chapters.write(ROOT, tmp_path)

    assert write("first") == []
    mine.write_text(page("changed"))
    other.write_text(page("first", opened="and saved"))
    assert write("second") == [mine]
    assert (mine.read_text(), other.read_text()) == (page("changed"), page("second"))
    mine.unlink()
    assert write("third") == []
    assert (mine.read_text(), other.read_text()) == (page("third"), page("third"))
    mine.write_text("no notebook")
    assert write("fourth") == [mine]
