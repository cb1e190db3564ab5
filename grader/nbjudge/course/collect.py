"""Collect submissions through nbgrader: from its exchange, and from downloaded files.

Whatever is wrong with one submission is listed, and the others are collected.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO

from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import capture_log, temp_attrs

from nbjudge.course import timestamps
from nbjudge.course.archives import Allowance, SafeExtractor
from nbjudge.course.folder import Course
from nbjudge.errors import Unreadable
from nbjudge.files import open_plain

Problems = list[tuple[str, str]]  # (student or file, what is wrong)


class SafeCollect(ExchangeCollect):  # type: ignore[misc]  # nbgrader has no type hints
    """nbgrader's collection from the exchange, without following links.

    The exchange's folders belong to the students: a link there could lead to a classmate's
    work, which a student cannot read but the instructor can.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy the plain files of a submission; its time is the one in the folder's name."""
        allowance = Allowance(self.coursedir.max_dir_size)
        try:
            for folder, name, file in _plain_files(src, self.coursedir.ignore):
                target = Path(dest) / folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with file, open(target, "wb") as copy:
                    while block := file.read(1 << 16):
                        allowance.spend(len(block))
                        copy.write(block)
        except (Unreadable, OSError) as error:
            shutil.rmtree(dest, ignore_errors=True)
            raise Unreadable(f"{src} is left out: {error}") from error
        student, assignment, time = os.path.basename(src).rsplit("+", 3)[:3]
        Path(dest).mkdir(parents=True, exist_ok=True)
        Path(dest, timestamps.FILE).write_text(time)
        base = Path(self.coursedir.root, self.coursedir.submitted_directory)
        timestamps.note(base, assignment, student, time)


class NotingCollector(FileNameCollectorPlugin):  # type: ignore[misc]  # as above
    """nbgrader's collector of downloaded files; remembers whose files it saw."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return what the file's name says, or None for a file that is not collected."""
        found: dict[str, str] | None = super().collect(submitted_file)
        if found is not None:
            self.students = {*getattr(self, "students", ()), found["student_id"]}
        return found


def from_exchange(course: Course, assignment: str) -> tuple[int, Problems]:
    """Collect the newest submission of everyone from the exchange.

    Returns
    -------
    tuple
        How many students have submitted there, and what was wrong.
    """
    collector_class = course.app.exchange.collect
    if collector_class is ExchangeCollect:
        collector_class = SafeCollect
    problems: Problems = []
    students = sorted(_submitters(course, assignment))
    for student in students:
        changes = {"assignment_id": assignment, "student_id": glob.escape(student)}
        with temp_attrs(course.settings, **changes):
            collector = collector_class(
                coursedir=course.settings, authenticator=course.app.authenticator, parent=course.app
            )
            collector.update = True
            problems += [(student, line) for line in complaints(capture_log(collector))]
    return len(students), problems


def inbound(course: Course) -> Path:
    """Return the folder of the exchange where submissions arrive."""
    collector = SafeCollect(coursedir=course.settings, parent=course.app)
    return Path(collector.root, course.settings.course_id, "inbound")


def downloads_course(assignment: str, db_url: str | None = None) -> Course:
    """Return the course as nbgrader's zip_collect sees it."""
    return Course(db_url, ZipCollectApp, [assignment])


def from_downloads(course: Course, assignment: str) -> tuple[int, Problems]:
    """Collect ``downloaded/<assignment>/archive/`` with nbgrader's zip_collect.

    Parameters
    ----------
    course : Course
        Opened with `downloads_course`.
    assignment : str
        The assignment.

    Returns
    -------
    tuple
        How many students' files were collected, and what was wrong.
    """
    app = course.app
    app.force = True  # a newer download takes the place of an older one
    if not issubclass(app.extractor_plugin, SafeExtractor):
        app.extractor_plugin = SafeExtractor
    if not issubclass(app.collector_plugin, NotingCollector):
        app.collector_plugin = NotingCollector
    result = capture_log(app)
    extractor, collector = app.extractor_plugin_inst, app.collector_plugin_inst
    problems = sorted(getattr(extractor, "problems", {}).items())
    if not result["success"]:
        problems += [(assignment, line) for line in complaints(result)]
    students = sorted(getattr(collector, "students", ()))
    for student in students:
        written = course.folder("submitted", student, assignment) / timestamps.FILE
        time = written.read_text() if written.exists() else None
        timestamps.note(course.base("submitted"), assignment, student, time)
    return len(students), problems


def archive(course: Course, assignment: str) -> Path:
    """Return the folder for downloaded files; ``course`` from `downloads_course`."""
    app = course.app
    folder: str = app.collect_directory_structure.format(
        downloaded=app.downloaded_directory,
        assignment_id=assignment,
        collect_step=app.archive_directory,
    )
    return course.root / folder


_NOISE = ("There was an error processing", "Please see the", "Removing failed", "Removing existing")


def complaints(result: dict[str, Any]) -> list[str]:
    """Return the warnings and errors in what nbgrader logged; of a traceback its last line."""
    parts = re.split(r"^\[([A-Z]+)\] ", str(result.get("log", "")), flags=re.MULTILINE)
    logged = zip(parts[1::2], parts[2::2], strict=True)
    texts = [text.strip() for level, text in logged if level not in ("DEBUG", "INFO")]
    found = [_last_line(text) if "Traceback" in text else " ".join(text.split()) for text in texts]
    found = [text for text in found if not text.startswith(_NOISE)]
    if not result["success"] and not found:
        found.append(_last_line(str(result.get("error", ""))))
    return found


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1].strip()


def _submitters(course: Course, assignment: str) -> set[str]:
    names = os.listdir(inbound(course)) if inbound(course).is_dir() else []
    marked = [name.split(f"+{assignment}+", 1) for name in names]
    return {parts[0] for parts in marked if len(parts) == 2}


def _plain_files(folder: str, ignored: list[str]) -> Iterator[tuple[str, str, BinaryIO]]:
    """Yield (subfolder, name, open file) of every file; refuse links.

    Each file is opened relative to its folder's descriptor, so that the owner cannot put a link
    in its place between the look and the copy.
    """
    for path, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        folders[:] = [n for n in folders if not any(fnmatch(n, p) for p in ignored)]
        for name in files:
            if any(fnmatch(name, pattern) for pattern in ignored):
                continue
            try:
                file = open_plain(name, descriptor)
            except OSError as error:
                raise Unreadable(f"{name} cannot be read, or is a link") from error
            yield os.path.relpath(path, folder), name, file
