"""The names of students in the gradebook: those of a roster, or else their ids.

A roster comes in with ``nbgrader db student import FILE``, a CSV file with the columns ``id``,
``first_name`` and ``last_name``.  Where nobody gave a name, nbgrader's pages would say "None,
None"; with the id in the place of the last name they say who it is.
"""

from __future__ import annotations

from typing import Any

from nbgrader.api import Student


def unnamed(student: str) -> Student:
    """Return the row of a student of whom only the id is known."""
    return Student(id=student, last_name=student, first_name="")


def show_ids(db: Any) -> None:
    """Put the id in the place of the name wherever a gradebook has none.

    Parameters
    ----------
    db : Session
        Of SQLAlchemy; the change is committed.
    """
    nameless = db.query(Student).filter(Student.first_name.is_(None), Student.last_name.is_(None))
    names = {Student.last_name: Student.id, Student.first_name: ""}
    if nameless.update(names, synchronize_session=False):
        db.commit()
