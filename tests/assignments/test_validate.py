"""Validate, as students use it: on the command line and with the button in JupyterLab."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from nbgrader.utils import is_solution
from traitlets.config.loader import PyFileConfigLoader

from tests.assignments.course_folder import NAME, ROOT, clean_environment
from tools import exercises
from tools.notebooks import source_notebook

START_SECONDS = 60
STUB = ": not written yet"
#: Right for moderate numbers; exp(1000) overflows.
OVERFLOWS = "def sigmoid(a):\n    return 1.0 / (1.0 + np.exp(-a))"
PARTS = ["1 of 2 points", "passed: moderate numbers", "failed: very large numbers", "overflow"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Return a student's folder with the released notebook: untouched, solved, half solved."""
    folder = tmp_path_factory.mktemp("validate")
    source = source_notebook(ROOT / "solutions" / NAME / f"{NAME}.py")
    place = folder / "build/source" / NAME
    place.mkdir(parents=True)
    nbformat.write(source, place / f"{NAME}.ipynb")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    exercises.generate(NAME, folder, config)
    release = nbformat.read(folder / "exercises" / NAME / f"{NAME}.ipynb", as_version=4)
    right = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
    desk = folder / "desk"
    desk.mkdir()
    nbformat.write(release, desk / "untouched.ipynb")
    for cell in release.cells:
        cell.source = right.get(cell.id, cell.source)
    nbformat.write(release, desk / "solved.ipynb")
    next(filter(is_solution, release.cells)).source = OVERFLOWS
    nbformat.write(release, desk / "half.ipynb")
    (folder / "home").mkdir()
    return desk


@pytest.fixture(scope="module")
def environment(desk):
    return clean_environment(desk.parent / "home")


@pytest.fixture(scope="module")
def validated(desk, environment):
    """Return a function that runs ``nbgrader validate`` and returns what it prints."""

    def _validated(name):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "validate", f"{name}.ipynb"],
            cwd=desk,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return _validated


def test_untouched_fails_with_the_words_of_the_stub(validated):
    said = validated("untouched")
    assert "VALIDATION FAILED ON 11 CELL(S)" in said
    assert said.count(STUB) == 18  # one for each part


def test_solved_is_a_success(validated):
    assert validated("solved").strip() == "Success! Your notebook passes all the tests."


def test_half_solved_names_the_cell_and_the_part(validated):
    said = validated("half")
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "test_sigmoid(cases" in said
    assert "test_forget_gate(cases" not in said
    assert [word for word in PARTS if word not in said] == []


class Lab:
    """A JupyterLab of a student, with nbgrader's extension as the package installs it."""

    def __init__(self, desk, environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{port}"
        self.log = desk.parent / "lab.log"
        with self.log.open("w") as log:
            options = [
                *("--no-browser", "--allow-root", "--ServerApp.port_retries=0"),
                *("--ip=127.0.0.1", f"--port={port}", f"--ServerApp.root_dir={desk}"),
                f"--IdentityProvider.token={self.token}",
            ]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options],
                cwd=desk,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self):
        for _ in range(2 * START_SECONDS):
            try:
                self.ask("/api/status")
                return
            except urllib.error.URLError:
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                time.sleep(0.5)
        self.close()
        pytest.fail(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def ask(self, address, **data):
        """Return the answer to a request, a POST if there is data."""
        request = urllib.request.Request(
            self.url + address,
            data=json.dumps(data).encode() if data else None,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def lab(desk, environment):
    lab = Lab(desk, environment)
    yield lab
    lab.close()


def test_server_answers_as_the_button_expects(lab):
    assert lab.ask("/assignments/validate", path="solved.ipynb") == {"success": True, "value": {}}
    answer = lab.ask("/assignments/validate", path="half.ipynb")
    assert answer["success"] is True
    (failed,) = answer["value"]["failed"]
    assert "test_sigmoid(cases" in failed["source"]
    assert [word for word in PARTS if word not in failed["raw_error"]] == []


def test_button_in_the_browser(lab):
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from tools.book.look import CHROMIUM_FLAGS, find_chromium
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = chromium.new_page()
        page.goto(f"{lab.url}/lab/tree/half.ipynb?token={lab.token}")
        page.locator(".validate-button").first.click(timeout=60_000)
        dialog = page.locator(".jp-Dialog", has_text="Validation Results")
        dialog.wait_for(timeout=60_000)
        said = dialog.inner_text()
        chromium.close()
    assert "The following cell failed" in said
    assert "test_sigmoid(cases" in said
    assert [word for word in PARTS if word not in said] == []
