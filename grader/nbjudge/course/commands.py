"""What the commands do; `cli` reads their arguments.

Each takes the parsed arguments, prints what came of it, and returns an exit status.
"""

from __future__ import annotations

import argparse
import glob
import sys
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

from nbgrader.apps.exportapp import ExportApp
from nbgrader.utils import capture_log, temp_attrs

from nbjudge.course import collect as collecting
from nbjudge.course import names
from nbjudge.course.folder import Course
from nbjudge.course.grade import Options
from nbjudge.course.grade import grade as grade_assignment
from nbjudge.course.progress import Progress, printable
from nbjudge.engine.worker import Grader
from nbjudge.errors import SetupError
from nbjudge.limits import Limits
from nbjudge.program import program

OK, NEEDS_A_LOOK = 0, 1


def release(arguments: argparse.Namespace) -> int:
    """Make the students' version of an assignment and register it in the gradebook.

    The version with solutions and hidden tests lies in the source folder of nbgrader; the
    students' version goes into its release folder, and into nbgrader's exchange where that can
    be made: nbgrader's own pages show as released what lies there.
    """
    course = Course(arguments.db)
    name = arguments.assignment
    if not course.folder("source", ".", name).is_dir():
        raise SetupError(f"there is no {course.folder('source', '.', name)}: make it first")
    api = course.api()
    _expect(api.generate_assignment(name, force=True))
    print(f"{course.folder('release', '.', name)} is ready, the gradebook knows {name}")
    if arguments.exchange is not False:
        result = _to_exchange(course, name)
        if arguments.exchange:
            _expect(result)
        said = "in" if result["success"] else "not in"
        why = "" if result["success"] else f": {'; '.join(collecting.complaints(result))}"
        print(f"{name} is {said} the exchange, {api.exchange_root}{why}")
    return OK


def collect(arguments: argparse.Namespace) -> int:
    """Bring submissions into the course folder, from the exchange and from downloaded files.

    Downloaded files go into downloaded/NAME/archive/, as STUDENT.zip, STUDENT.tar.gz or as a
    folder STUDENT/.  A newer submission takes the place of an older one.  The only notebook of
    a submission may have another name, 'NAME (1).ipynb' for one, if it holds the questions.
    Whether something was late is known only for the exchange, and for files with a time in
    their name that the pattern FileNameCollectorPlugin.named_regexp finds.
    """
    name = arguments.assignment
    course = Course(arguments.db)
    downloads = collecting.downloads_course(name, arguments.db)
    places: list[tuple[str, Callable[[], tuple[int, collecting.Problems]]]] = []
    if (inbox := collecting.inbound(course)).is_dir() and any(inbox.iterdir()):
        places.append((str(inbox), lambda: collecting.from_exchange(course, name)))
    if (archive := collecting.archive(downloads, name)).is_dir():
        places.append((str(archive), lambda: collecting.from_downloads(downloads, name)))
    if not places:
        raise SetupError(f"nothing to collect: {inbox} is empty, and there is no {archive}")
    status = OK
    for place, gather in places:
        count, problems = gather()
        print(f"submissions of {count} students in {place}")
        status = max(status, _list(problems))
    renamed, others = names.settle(course, name)
    for student, text in renamed:
        print(f"  {printable(student)}: {printable(text)}")
    return max(status, _list(others))


def grade(arguments: argparse.Namespace) -> int:
    """Grade all submissions that are new or have changed since they were graded.

    May be stopped at any moment: the next run grades what is left.  What could not be graded
    is listed with the reason, and never stops the others.
    """
    course = Course(arguments.db)
    given = {name: getattr(arguments, name) for name in Limits.__dataclass_fields__}
    sandbox = arguments.sandbox and not course.run.run_student_code_without_sandbox
    if not sandbox:
        print("WARNING: no sandbox: what students wrote runs with your rights", file=sys.stderr)
    options = Options(
        students=tuple(arguments.student or ["*"]),
        workers=arguments.workers,
        scheduler=arguments.scheduler,
        again=arguments.again,
        limits=replace(course.run.limits(), **{k: v for k, v in given.items() if v is not None}),
        grader=Grader(sandbox=sandbox, secrets=course.secrets()),
    )
    summary = grade_assignment(course, arguments.assignment, options, sys.stdout)
    return NEEDS_A_LOOK if summary.looks else OK


def feedback(arguments: argparse.Namespace) -> int:
    """Write the feedback of everyone who was graded, one HTML file a notebook."""
    course = Course(arguments.db)
    name = arguments.assignment
    patterns = arguments.student or ["*"]
    everyone = [student for student, _ in course.student_folders("autograded", name)]
    graded = [one for one in everyone if any(fnmatch(one, pattern) for pattern in patterns)]
    if not graded:
        raise SetupError(f"no one to write to: run `{program()} grade {name}` first")
    api = course.api()
    problems: collecting.Problems = []
    progress = Progress(len(graded), sys.stdout)
    for student in graded:
        result = api.generate_feedback(name, glob.escape(student), force=True)
        if not result["success"]:
            problems.append((student, "; ".join(collecting.complaints(result))))
        progress.step(failing=not result["success"])
    progress.close()
    print(f"feedback is in {course.base('feedback')}")
    return _list(problems)


def export(arguments: argparse.Namespace) -> int:
    """Write all grades into a table (CSV)."""
    chosen = [f"--ExportPlugin.to={arguments.to}"]
    chosen += [f"--ExportPlugin.assignment={name}" for name in arguments.assignment]
    course = Course(arguments.db, ExportApp, chosen)
    _expect(capture_log(course.app))
    print(f"grades are in {arguments.to}")
    return OK


def doctor(_: argparse.Namespace) -> int:
    """Say what of the sandbox works on this machine, and what to install."""
    from nbjudge.course import doctor as checks

    return int(checks.main())


def _to_exchange(course: Course, name: str) -> dict[str, Any]:
    """Put a released assignment into the exchange, in the place of an older one."""
    with temp_attrs(course.settings, assignment_id=name):
        releasing = course.app.exchange.ReleaseAssignment(
            coursedir=course.settings, authenticator=course.app.authenticator, parent=course.app
        )
        releasing.force = True
        result: dict[str, Any] = capture_log(releasing)
        return result


def _expect(result: dict[str, Any]) -> None:
    """Raise `SetupError` with nbgrader's own words if one of its commands failed."""
    if not result["success"]:
        raise SetupError("nbgrader: " + "\n".join(collecting.complaints(result)))


def _list(problems: collecting.Problems) -> int:
    if problems:
        print(f"{len(problems)} need a look:")
    for name, problem in problems:
        print(f"  {printable(name)}: {printable(problem)}")
    return NEEDS_A_LOOK if problems else OK
