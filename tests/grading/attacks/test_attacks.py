"""No attack gets points, harms anyone, gets out of the sandbox or carries hidden inputs away."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).parent
NAME = "lstm_cell"
FULL = 20.0
ACTIVE = {"script", "iframe", "frame", "object", "embed", "applet", "form", "base", "link"}
ACTIVE |= {"svg", "math", "style"}
URLS = {"href", "src", "action", "formaction", "data", "xlink:href", "background", "poster"}
# The whole machine read-only, without network and rights; a folder in memory to write to.
READ_ONLY = ["bwrap", "--unshare-all", "--cap-drop", "ALL", "--die-with-parent", "--new-session"]
READ_ONLY += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
READ_ONLY += ["--tmpfs", "/tmp", "--tmpfs", "/run"]
BAD_URL = re.compile(r"^\s*(javascript|vbscript|data:(?!image/(png|jpeg|gif)))", re.IGNORECASE)


def outputs(notebook):
    """Return all that stands below the cells of a graded notebook, as one text."""
    below = [cell.get("outputs") for cell in notebook["cells"]]
    return json.dumps([below, notebook["metadata"]], ensure_ascii=False)


def test_there_are_many(outcome):
    assert len(outcome.tokens) >= 75


def test_points(attack, outcome):
    points = outcome.points[attack.name]
    assert len(points) == 10
    assert None not in points.values(), "left without a grade"
    assert sum(points.values()) == attack.points, points


def test_nothing_gets_out(attack, outcome):
    notebook = outcome.graded[attack.name]
    text, token = outputs(notebook), outcome.tokens[attack.name]
    told = re.findall(f"(?:ESCAPED|STOLEN)-{token}.{{0,200}}", text)
    told += [found[0] for leak in attack.leaks for found in re.finditer(leak, text)]
    told += [word for word in outcome.secrets if word in json.dumps(notebook)]
    assert not told


def test_graded_notebook_stays_small(attack, outcome):
    handed_in = outcome.course.root / "submitted" / attack.name / NAME / f"{NAME}.ipynb"
    size = handed_in.stat().st_size if handed_in.is_file() and not handed_in.is_symlink() else 0
    assert len(json.dumps(outcome.graded[attack.name])) < 2 * size + 3_000_000


def test_victims_keep_their_grades(outcome):
    for name in ("a-victim", "m-victim", "zz-victim"):
        assert sum(outcome.points[name].values()) == FULL
        assert sum(outcome.points_again[name].values()) == FULL, "in a run after the attacks"


def test_gradebook_holds_what_was_handed_in(outcome):
    assert set(outcome.points) == {*outcome.tokens, "a-victim", "m-victim", "zz-victim"}
    again = {name: points for name, points in outcome.points_again.items() if "victim" not in name}
    assert again == {name: p for name, p in outcome.points.items() if "victim" not in name}


def test_no_file_is_touched(outcome):
    assert outcome.after == outcome.before


def test_nothing_with_a_token_is_left(outcome):
    folders = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue", "/etc", "/")
    names = [path.name for folder in folders for path in Path(folder).glob("*")]
    kept = [name for name in names for token in outcome.tokens.values() if token in name]
    assert not kept


def test_no_system_v_memory_is_left(outcome):
    keys = {int(token[-6:], 16): name for name, token in outcome.tokens.items()}
    for kind in ("shm", "sem", "msg"):
        table = Path(f"/proc/sysvipc/{kind}")
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        assert not [keys[int(line.split()[0])] for line in lines if int(line.split()[0]) in keys]


def test_no_process_is_left(outcome):
    assert not outcome.processes
    names = {path: path.read_text().strip() for path in Path("/proc").glob("[0-9]*/comm")}
    tokens = {token[:15] for token in outcome.tokens.values()}
    assert not [path for path, name in names.items() if name in tokens]


def test_no_one_calls(outcome):
    assert not outcome.heard


def test_the_grader_gets_no_signal(outcome):
    assert outcome.signals == 0


def test_no_process_grows(outcome):
    assert outcome.largest_process_mb < 2500


class Page(HTMLParser):
    """Collects the text of a page, and whatever in it a browser might run or load."""

    def __init__(self, page):
        super().__init__()
        self.active, self.text = Counter(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in ACTIVE or (tag == "meta" and "http-equiv" in dict(attributes)):
            self.active[tag] += 1
        for name, value in attributes:
            if name.startswith("on") or name in ("srcdoc", "formaction"):
                self.active[f"{tag} {name}"] += 1
            if name in URLS and BAD_URL.match(value or ""):
                self.active[f"{tag} {name} {value[:40]}"] += 1

    def handle_data(self, data):
        self.text += data


def test_page_finds_active_content():
    page = Page("<img src=x onerror=y><a href=' javascript:x'>t</a><SVG/onload=x><p>a &lt;b</p>")
    assert set(page.active) == {"img onerror", "a href  javascript:x", "svg", "svg onload"}
    assert page.text == "ta <b"


@pytest.fixture(scope="session")
def harmless(outcome):
    """Return the active content that nbconvert's own template brings."""
    return Page(outcome.pages["a-victim"]).active


def test_feedback_is_inert(shown, outcome, harmless):
    assert not Page(outcome.pages[shown.name]).active - harmless


@pytest.fixture(scope="session")
def hidden_lines(outcome):
    """Return the lines of the tests that students do not have."""
    release = outcome.course.release.read_text()
    source = nbformat.read(outcome.course.source, as_version=4)
    lines = {
        line.strip()
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        for line in cell.source.splitlines()
    }
    found = {line for line in lines if len(line) > 25 and json.dumps(line)[1:-1] not in release}
    assert len(found) > 50
    return found


def test_feedback_keeps_secrets(shown, outcome, hidden_lines):
    text = Page(outcome.pages[shown.name]).text
    marks = [f"{word}-{outcome.tokens[shown.name]}" for word in ("ESCAPED", "STOLEN")]
    assert not [mark for mark in [*marks, *outcome.secrets, *hidden_lines] if mark in text]
    assert not [leak for leak in shown.leaks if re.search(leak, text)]
