"""One run of the grader over all attacks, between victims, and what it left.

Attacks on the engine go through it as jobs.  Those whose file is a link, a pipe or has
company lie in a course folder and are graded by the commands of the course.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import resource
import secrets
import shutil
import signal
import site
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neutral
import psutil
from attacks import escape, feedback, harm, notebook, protocol, reference, values, verdict
from attacks.form import GUARD
from attacks.listener import Listener
from coursefolder import CourseFolder
from nbjudge.engine.pool import local_pool, run
from nbjudge.engine.worker import Grader
from nbjudge.limits import Limits

NAME = neutral.NAME
MODULES = (verdict, reference, values, protocol, escape, harm, feedback, notebook)
ATTACKS = [(module, attack) for module in MODULES for attack in module.ATTACKS]
WITH_FEEDBACK = (feedback, notebook, protocol)  # modules whose feedback is made, too
GUARDED = (feedback, values)  # what they take much of is taken inside a jail only
IN_FOLDER = [attack for _, attack in ATTACKS if attack.place]
VICTIMS = ("a-victim", "m-victim", "zz-victim")  # sorted before, between and after the attacks
# Generous, since a run is given up after ten times the total by the wall clock, busy or not.
LIMITS = Limits(cell_seconds=4, total_seconds=16, memory_mb=1024)
OPTIONS = ["--cell-seconds", "4", "--total-seconds", "16", "--memory-mb", "1024"]
BY_COMMAND = (VICTIMS[0], "extra-files", "pipe")  # whose feedback the course's command makes
_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Outcome:
    """What the run left behind."""

    course: CourseFolder
    canary: Path
    secrets: list[str]
    fields: dict[str, dict[str, str]] = field(default_factory=dict)  # what each attack knows
    handed_in: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)  # files and their hashes
    after: dict[str, str] = field(default_factory=dict)
    book_before: str = ""  # the hash of the gradebook
    book_after: str = ""
    graded: dict[str, Any] = field(default_factory=dict)  # student -> notebook, as JSON
    points: dict[str, dict[str, float | None]] = field(default_factory=dict)
    points_again: dict[str, dict[str, float | None]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)
    signals: int = 0
    processes: list[str] = field(default_factory=list)
    largest_process_mb: float = 0.0
    said: str = ""  # what the commands printed

    @property
    def tokens(self) -> dict[str, str]:
        """Return the unguessable word of each attack."""
        return {name: known["token"] for name, known in self.fields.items()}


def collect_ended() -> None:
    """Collect the children that have ended: orphans come to this process, as if it were 1."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def snapshot(*folders: Path) -> dict[str, str]:
    """Return a hash of each file below the folders, and the targets of links."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = os.readlink(path)
            elif path.is_file():
                found[str(path)] = digest(path)
            else:
                found[str(path)] = str(path.lstat().st_mode)
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def watched(course: CourseFolder, canary: Path) -> dict[str, str]:
    """Return the state of everything that grading must leave alone."""
    own = snapshot(canary, course.root, course.home, neutral.HERE / "samplecourse")
    own |= snapshot(neutral.HERE.parent / "nbjudge")
    made = ("autograded", "feedback", ".grading-key", "gradebook.db")  # by the commands themselves
    made_at = tuple(str(course.root / name) for name in made)
    packages = [Path(folder) for folder in site.getsitepackages()]
    starters = [p for folder in packages for p in folder.glob("*.p*") if p.is_file()]
    starters += [p for folder in packages for p in folder.glob("numpy/*.py")]
    own |= {str(path): digest(path) for path in starters}
    return {p: h for p, h in own.items() if not p.startswith(made_at) and "__pycache__" not in p}


def descendants() -> dict[int, str]:
    """Return the living processes that stem from this one."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = " ".join(process.cmdline()) or process.name()
    return found


def left_over(here: dict[int, str], seconds: float = 15.0) -> list[str]:
    """Return the processes that are still there after a while, of those that were not before."""
    until = time.monotonic() + seconds
    while True:
        collect_ended()
        left = [line for pid, line in descendants().items() if pid not in here]
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.2)


def hand_in(outcome: Outcome, listener: Listener) -> None:
    """Make the submission of every attack, and the victims' right answers."""
    right = json.dumps(neutral.filled(neutral.solutions())).encode()
    for victim in VICTIMS:
        outcome.handed_in[victim] = right
        outcome.course.submit(victim, right)
    for module, attack in ATTACKS:
        known = outcome.fields[attack.name] = {
            "token": secrets.token_hex(8),
            "canary": str(outcome.canary),
            "course": str(outcome.course.root),
            "home": str(outcome.course.home),
            "port": str(listener.port),
            "pid": str(os.getpid()),
        }

        def fill(text: str, known: dict[str, str] = known) -> str:
            return re.sub(r"\{(\w+)\}", lambda m: known.get(m[1], m[0]), text)

        guard = GUARD if module in GUARDED else ""  # the others guard themselves where it matters
        answers = {question: fill(guard + text) for question, text in attack.answers.items()}
        made: Any = neutral.filled(answers)
        made = attack.change(made) if attack.change else made
        content = made if isinstance(made, bytes) else fill(json.dumps(made)).encode()
        outcome.handed_in[attack.name] = content
        if attack.place:
            attack.place(outcome.course.submit(attack.name, content).parent, known)


def grade_jobs(outcome: Outcome) -> None:
    """Grade, in order, every attack that is about the engine, and the victims between them."""
    in_folder = {attack.name for attack in IN_FOLDER}
    names = sorted(name for name in outcome.handed_in if name not in in_folder)

    def load(name: str) -> Any:
        return neutral.job(outcome.handed_in[name], name, limits=LIMITS)

    grader = Grader(secrets=(str(outcome.course.root), str(outcome.canary)))
    with local_pool(grader, 2) as pool:
        for name, _, report in run(names, load, pool):
            assert report.graded is not None, (name, report.problems)
            outcome.graded[name] = report.graded
            outcome.points[name] = dict(neutral.points(report.graded))


def grade_folder(outcome: Outcome) -> None:
    """Grade the course folder, give feedback there, and grade the victims once more."""
    outcome.said += outcome.course.command("grade", NAME, *OPTIONS)
    outcome.points |= outcome.course.points()
    shown = [word for name in BY_COMMAND for word in ("--student", name)]
    outcome.said += outcome.course.command("feedback", NAME, *shown)
    outcome.said += outcome.course.command(
        "grade", NAME, *OPTIONS, "--again", "--student", "*-victim"
    )
    outcome.points_again = outcome.course.points()
    for path in (outcome.course.root / "autograded").glob(f"*/{NAME}/{NAME}.ipynb"):
        outcome.graded[path.parts[-3]] = json.loads(path.read_text())
    for path in (outcome.course.root / "feedback").glob(f"*/{NAME}/{NAME}.html"):
        outcome.pages[path.parts[-3]] = path.read_text()


@contextlib.contextmanager
def attacked(folder: Path) -> Iterator[Outcome]:
    """Grade everything in one go; lend what happened."""
    folder.chmod(0o755)
    words = [f"SECRET-{secrets.token_hex(8)}", f"words-{secrets.token_hex(8)}"]
    course = CourseFolder(folder, neutral.source())
    course.environment |= {"THE_SECRET": words[0]}
    canary = folder / "outside"
    canary.mkdir()
    canary.chmod(0o777)
    (canary / "secret.txt").write_text(words[0])
    found = Outcome(course, canary, words)
    found.said += course.command("release", NAME)
    listener = Listener(canary)

    def count(*_: object) -> None:
        found.signals += 1

    former = signal.signal(signal.SIGUSR1, count)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of the run come to us
    try:
        hand_in(found, listener)
        here = descendants()
        found.before, found.book_before = watched(course, canary), digest(course.book)
        with course.surroundings():
            grade_jobs(found)
        found.book_after = digest(course.book)
        grade_folder(found)
        found.processes = left_over(here)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        found.largest_process_mb = largest / 1024
        found.after = watched(course, canary)
        found.heard = list(listener.heard)
        yield found
    finally:
        signal.signal(signal.SIGUSR1, former)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0)
        listener.close()
        shutil.rmtree(folder, ignore_errors=True)
