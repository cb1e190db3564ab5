"""Submitted notebooks under another name, or in place of the assignment.

A browser names a second download ``week3 (1).ipynb``, and a student may hand in another notebook
than the one that is graded.  What is inside tells: the grade ids of the questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nbjudge.course.folder import Course
from nbjudge.errors import Unreadable
from nbjudge.files import read_safely
from nbjudge.limits import Limits

Lines = list[tuple[str, str]]  # (student, what is said)


def settle(course: Course, assignment: str) -> tuple[Lines, Lines]:
    """Give the only notebook of a submission the name of the assignment, if it is that.

    Nothing is deleted; a notebook that is not taken stays where it is.

    Returns
    -------
    tuple
        What was renamed, and what needs a look: other notebooks than the assignment's.
    """
    released = course.folder("release", ".", assignment)
    wanted = {path.name: grade_ids(path.read_bytes()) for path in released.glob("*.ipynb")}
    where = released.relative_to(course.root) if released.is_relative_to(course.root) else released
    renamed: Lines = []
    problems: Lines = []
    for student, folder in course.student_folders("submitted", assignment):
        found = {path.name: ids_in(course, path) for path in sorted(folder.glob("*.ipynb"))}
        if name := _taken(found, wanted):
            (folder / name[0]).rename(folder / name[1])
            found[name[1]] = found.pop(name[0])
            renamed.append((student, f"{name[0]} is taken for {name[1]}, whose questions it has"))
        problems += [(student, text) for text in _problems(found, wanted, where)]
    return renamed, problems


def _taken(
    found: Mapping[str, set[str] | None], wanted: Mapping[str, set[str]]
) -> tuple[str, str] | None:
    """Return the only notebook of a submission and the name that it should have."""
    if len(found) != 1 or set(found) & set(wanted):
        return None
    (name, ids), fitting = next(iter(found.items())), []
    for other, its in wanted.items():
        if ids and its and its <= ids:
            fitting.append(other)
    return (name, fitting[0]) if len(fitting) == 1 else None


def _problems(
    found: Mapping[str, set[str] | None], wanted: Mapping[str, set[str]], where: Path
) -> list[str]:
    """Say what is wrong with the notebooks of a submission; what cannot be read says `grade`."""
    questions = set().union(*wanted.values())
    said = []
    for name, ids in found.items():
        if ids is None or not questions:
            continue
        if not ids & questions:
            files = ", ".join(str(where / one) for one in sorted(wanted))
            said.append(
                f"{name} is a chapter or another notebook, not the assignment: "
                f"the assignment is the file {files}"
            )
        elif name not in wanted:
            said.append(f"{name} is not graded, because of its name: keep the one that counts")
    return said


def ids_in(course: Course, path: Path) -> set[str] | None:
    """Return the grade ids in a submitted notebook, or None if it cannot be read."""
    try:
        return grade_ids(read_safely(course.base("submitted"), path, Limits.submission_mb))
    except (OSError, Unreadable, ValueError, RecursionError):
        return None


def grade_ids(content: bytes) -> set[str]:
    """Return the grade ids of a notebook; raise ValueError if it is none."""
    read = json.loads(content)
    cells = read.get("cells") if isinstance(read, dict) else None
    if not isinstance(cells, list):
        raise ValueError("this is no notebook")
    return {text for cell in cells if isinstance(text := _grade_id(cell), str)}


def _grade_id(cell: object) -> object:
    """Return what stands in a cell for its grade id, whatever else is wrong with the cell."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell
