"""Whose work a page is about, and when it was handed in: what the gradebook knows of that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

Resources = dict[str, Any]

_UNITS = {"day": 86_400, "hour": 3600, "minute": 60}


class About(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no type hints
    """Look up the student's name, and the time of the submission."""

    display_data_priority: Any = List().tag(config=True)  # nbconvert's HTML exporter sets it

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put ``name`` and ``handed_in`` into ``resources``, empty where nobody knows."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            submission = gradebook.find_submission(about["assignment"], about["student"])
            about["name"] = full_name(submission.student)
            about["handed_in"] = handed_in(submission.timestamp, _due(submission))
        return nb, resources


def full_name(student: Any) -> str:
    """Return the name of a student of the gradebook, empty where only the id is known."""
    given = [student.first_name, student.last_name]
    name = " ".join(part.strip() for part in given if part and part.strip())
    return "" if name == student.id else name


def handed_in(at: datetime | None, due: datetime | None) -> str:
    """Return when something was handed in, and how late that was; empty if nobody knows.

    Parameters
    ----------
    at, due : datetime, optional
        In UTC, without a zone.
    """
    if at is None:
        return ""
    text = f"{at:%Y-%m-%d} at {at:%H:%M} UTC"
    late = at - due if due is not None else timedelta(0)
    return f"{text}, {in_words(late)} late" if late > timedelta(0) else text


def in_words(length: timedelta) -> str:
    """Return a length of time in its two largest units."""
    left, words = int(length.total_seconds()), []
    for unit, seconds in _UNITS.items():
        number, left = divmod(left, seconds)
        if number:
            words.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(words[:2]) or "less than a minute"


def _due(submission: Any) -> datetime | None:
    """Return when a submission was due; nbgrader fails where only an extension is known."""
    if submission.assignment.duedate is None:
        return None
    due: datetime = submission.duedate
    return due
