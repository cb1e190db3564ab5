"""When something was submitted, and who says so.

nbgrader believes a ``timestamp.txt`` next to a submission, whoever wrote it.  Here a time counts
only if ``collect`` wrote it: the time in the name of the folder in the exchange, or the one that
nbgrader's collector plugin found in the name of a file from a learning platform.  ``collect``
keeps a note of it in ``submitted/.collected/``, where no submission ever comes to lie.  A
``timestamp.txt`` that a student sent along, or the time of a file, says nothing.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from nbjudge.errors import Unreadable
from nbjudge.files import read_safely
from nbjudge.program import program

FILE = "timestamp.txt"


def note(base: Path, assignment: str, student: str, text: str | None) -> None:
    """Write down when a student's submission was collected; None: nobody knows when.

    Parameters
    ----------
    base : Path
        The folder with all submissions.
    assignment, student : str
        Whose submission.
    text : str, optional
        The time, in the form of nbgrader.
    """
    path = base / ".collected" / assignment / student
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.strip())


def of_submission(
    base: Path, assignment: str, student: str, folder: Path
) -> tuple[datetime | None, str | None]:
    """Return when a submission came in, in UTC, and what is wrong with its ``timestamp.txt``.

    Parameters
    ----------
    base, assignment, student
        As for `note`.
    folder : Path
        The student's folder.
    """
    try:
        text = read_safely(base, folder / FILE, limit_mb=0.001).decode().strip()
    except FileNotFoundError:
        return None, None
    except (Unreadable, OSError, UnicodeDecodeError) as error:
        return None, f"{FILE} cannot be read: {error}"
    noted = base / ".collected" / assignment / student
    if not noted.exists() or noted.read_text() != text:
        return None, (
            f"{FILE} was not written by `{program()} collect`, so it does not count for lateness: "
            "collect the submission with it, or delete the file"
        )
    try:
        return parse_utc(text), None
    except (ValueError, OverflowError):
        return None, f"{FILE} holds no time"
