"""No attack gets points, harms anyone, gets out of the sandbox or carries hidden inputs away."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import neutral
import pytest
from attacks.harness import BY_COMMAND, IN_FOLDER, NAME, VICTIMS
from attacks.pages import page

FULL = 20.0
ACTIVE = {"script", "iframe", "frame", "object", "embed", "applet", "form", "base", "link"}
ACTIVE |= {"svg", "math", "style"}
URLS = {"href", "src", "action", "formaction", "data", "xlink:href", "background", "poster"}
BAD_URL = re.compile(r"^\s*(javascript|vbscript|data:(?!image/(png|jpeg|gif)))", re.IGNORECASE)


def outputs(notebook):
    """Return all that stands below the cells of a graded notebook, as one text."""
    below = [cell.get("outputs") for cell in notebook["cells"]]
    return json.dumps([below, notebook["metadata"]], ensure_ascii=False)


#: What a clone below /tmp may take for an escape.
IN_TMP = "this clone lies below /tmp, and a jail has a /tmp of its own: look outside of it"


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
    assert not told, IN_TMP if Path(__file__).resolve().is_relative_to("/tmp") else ""


def test_graded_notebook_stays_small(attack, outcome):
    size = len(outcome.handed_in[attack.name])
    assert len(json.dumps(outcome.graded[attack.name])) < 2 * size + 3_000_000


def test_victims_keep_their_grades(outcome):
    for name in VICTIMS:
        assert sum(outcome.points[name].values()) == FULL
        assert sum(outcome.points_again[name].values()) == FULL, "in a run after the attacks"


def test_gradebook_holds_what_was_handed_in(outcome):
    in_folder = {attack.name for attack in IN_FOLDER}
    assert set(outcome.points_again) == {*in_folder, *VICTIMS}
    again = {name: outcome.points_again[name] for name in in_folder}
    assert again == {name: outcome.points[name] for name in in_folder}
    assert outcome.book_after == outcome.book_before, "no attack on the engine may reach it"


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
    # A busy watchdog comes late; then it is the limit of addresses that holds, 2 x 1024 + 1024 MB
    # above what the libraries take.
    assert outcome.largest_process_mb < 4500


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
def page_of(outcome):
    """Return a function that gives the page of a student, parsed."""

    @functools.cache
    def _page_of(name):
        made = outcome.pages.get(name)
        return Page(page(outcome.graded[name], NAME) if made is None else made)

    return _page_of


@pytest.fixture(scope="session")
def harmless(page_of):
    """Return the active content that nbconvert's own template brings."""
    return page_of(VICTIMS[0]).active


def test_feedback_is_sanitized(shown, page_of, harmless):
    assert not page_of(shown.name).active - harmless


def test_feedback_of_the_course_is_the_page_that_is_looked_at(outcome, page_of):
    graded = outcome.graded[VICTIMS[0]]
    by_command, directly = (
        Page(made.partition("<main>")[2]).text.split()
        for made in (outcome.pages[VICTIMS[0]], page(graded, NAME, VICTIMS[0]))
    )
    assert by_command == directly
    assert set(outcome.pages) == set(BY_COMMAND)


@pytest.fixture(scope="session")
def hidden_lines():
    """Return the lines of the tests that students do not have."""
    given = json.dumps(neutral.release())
    lines = {
        line.strip()
        for cell in neutral.source().cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        for line in cell.source.splitlines()
    }
    found = {line for line in lines if len(line) > 25 and json.dumps(line)[1:-1] not in given}
    assert len(found) > 50
    return found


def test_feedback_keeps_secrets(shown, outcome, page_of, hidden_lines):
    text = page_of(shown.name).text
    marks = [f"{word}-{outcome.tokens[shown.name]}" for word in ("ESCAPED", "STOLEN")]
    assert not [mark for mark in [*marks, *outcome.secrets, *hidden_lines] if mark in text]
    assert not [leak for leak in shown.leaks if re.search(leak, text)]
