"""What the gradebook knows of a submission, in the words of the page."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbjudge.feedback.about import About, handed_in, in_words

DUE = datetime(2026, 11, 30, 18, 0)


@pytest.fixture
def known(tmp_path, monkeypatch):
    """Return a function that asks about a submission after filling in a gradebook."""
    # nbgrader calls `alembic` by name to make a gradebook.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)

    def _known(person, due=None, extension=None, **submitted):
        address = f"sqlite:///{tmp_path}/gradebook.db"
        with Gradebook(address) as gradebook:
            gradebook.add_student("ada", **person)
            gradebook.add_assignment("sums", duedate=due)
            gradebook.add_submission("sums", "ada", **submitted)
            if extension:
                gradebook.grant_extension("sums", "ada", hours=extension)
        resources = {"nbgrader": {"db_url": address, "assignment": "sums", "student": "ada"}}
        about = About().preprocess(new_notebook(), resources)[1]["nbgrader"]
        return about["name"], about["handed_in"]

    return _known


def test_name_and_time_are_looked_up(known):
    person = {"first_name": "Ada", "last_name": "Lovelace"}
    at = DUE + timedelta(hours=26, minutes=5)
    expected = ("Ada Lovelace", "2026-12-01 at 20:05 UTC, 1 day 2 hours late")
    assert known(person, DUE, timestamp=at) == expected


def test_extension_counts(known):
    at = DUE + timedelta(hours=2)
    assert known({}, DUE, extension=1, timestamp=at)[1].endswith(", 1 hour late")


def test_extension_of_nothing_is_not_late(known):
    assert known({}, extension=1, timestamp=DUE) == ("", "2026-11-30 at 18:00 UTC")


@pytest.mark.parametrize("person", [{}, {"first_name": "", "last_name": "ada"}])
def test_nobody_knows_is_empty(known, person):
    assert known(person) == ("", "")


def test_one_name_is_enough(known):
    assert known({"last_name": " Lovelace "})[0] == "Lovelace"


def test_in_time_is_not_late():
    assert handed_in(DUE, DUE) == "2026-11-30 at 18:00 UTC"
    assert handed_in(DUE, None) == "2026-11-30 at 18:00 UTC"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (59, "less than a minute"),
        (60, "1 minute"),
        (7260, "2 hours 1 minute"),
        (86_400, "1 day"),
        (3 * 86_400 + 3600 + 120, "3 days 1 hour"),
    ],
)
def test_lengths_of_time_in_words(length, words):
    assert in_words(timedelta(0, length)) == words
