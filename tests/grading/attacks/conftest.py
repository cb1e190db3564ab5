"""One run of the course's own commands over all attacks, between victims, and what it left."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import resource
import runpy
import secrets
import shutil
import signal
import site
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NAME = "lstm_cell"
MODULES = ["verdict", "reference", "values", "protocol", "escape", "harm", "feedback", "notebook"]
WITH_FEEDBACK = {"feedback", "notebook", "protocol"}  # modules whose feedback is made, too
VICTIMS = ("a-victim", "m-victim", "zz-victim")  # sorted before, between and after the attacks
LIMITS = ["--cell-seconds", "2", "--total-seconds", "8", "--memory-mb", "1024"]
COMMAND = "from nbjudge.cli import main; raise SystemExit(main())"
SECONDS = 600  # that a command may take
_PR_SET_CHILD_SUBREAPER = 36


def load(module: str) -> list[Any]:
    """Return the attacks of a module; its neighbours are importable while it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HERE))
        attacks: list[Any] = runpy.run_path(str(HERE / f"{module}.py"))["ATTACKS"]
    return attacks


ATTACKS = {module: load(module) for module in MODULES}
GUARDED = ("feedback", "values")  # what they take much of is taken inside a jail only
GUARD = runpy.run_path(str(HERE / "attack_form.py"))["GUARD"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``attack`` every attack, or those that suit it."""
    chosen = {
        "attack": lambda module, attack: True,
        "shown": lambda module, attack: module in WITH_FEEDBACK,
    }
    for name, suits in chosen.items():
        if name in metafunc.fixturenames:
            found = [a for m, attacks in ATTACKS.items() for a in attacks if suits(m, a)]
            metafunc.parametrize(name, found, ids=[attack.name for attack in found])


class Listener:
    """Listens wherever an attack might call, and keeps what it hears."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[bytes] = []
        internet = [socket.socket(socket.AF_INET, socket.SOCK_STREAM)]
        internet[0].bind(("127.0.0.1", 0))
        self.port = internet[0].getsockname()[1]
        internet.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        internet[1].bind(("127.0.0.1", self.port))
        local = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
        local[0].bind(str(folder / "socket"))
        local[1].bind(f"\0{folder}")
        os.chmod(folder / "socket", 0o777)
        self.sockets = [*internet, *local]
        for sock in self.sockets:
            if sock.type == socket.SOCK_STREAM:
                sock.listen()
            threading.Thread(target=self._listen, args=(sock,), daemon=True).start()

    def _listen(self, sock: socket.socket) -> None:
        while True:
            try:
                if sock.type == socket.SOCK_DGRAM:
                    self.heard.append(sock.recv(100))
                else:
                    made, _ = sock.accept()
                    with made:
                        made.settimeout(1)
                        self.heard.append(b"call " + made.recv(100))
            except TimeoutError:
                self.heard.append(b"silent call")
            except OSError:
                return

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


@dataclass
class Outcome:
    """What the run left behind."""

    course: Any
    canary: Path
    secrets: list[str]
    tokens: dict[str, str]
    answers: dict[str, dict[str, str]]  # of each attack, with the fields filled in
    before: dict[str, str] = field(default_factory=dict)  # files and their hashes
    after: dict[str, str] = field(default_factory=dict)
    graded: dict[str, Any] = field(default_factory=dict)  # student -> notebook, as JSON
    points: dict[str, dict[str, float | None]] = field(default_factory=dict)
    points_again: dict[str, dict[str, float | None]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)
    signals: int = 0
    processes: list[str] = field(default_factory=list)
    largest_process_mb: float = 0.0
    said: str = ""  # what the commands printed

    def command(self, *arguments: str) -> int:
        """Run one of the course's commands; return its exit status.

        Orphans of the command become children of this process, which does for them what
        process 1 does on a machine: it collects those that have ended.
        """
        with tempfile.TemporaryFile("w+") as output:
            running = subprocess.Popen(
                [sys.executable, "-c", COMMAND, *arguments],
                cwd=self.course.root,
                env=self.course.environment | {"THE_SECRET": self.secrets[0]},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            deadline = time.monotonic() + SECONDS
            while running.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
                collect_ended(running.pid)
            if running.poll() is None:
                running.kill()
                running.wait()
            time.sleep(1.0)  # what ends by itself has ended by now
            collect_ended(running.pid)
            output.seek(0)
            self.said += output.read()
        return running.returncode


def collect_ended(known: int) -> None:
    """Collect the children that have ended, except ``known``, which subprocess collects."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.pid != known and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def snapshot(*folders: Path) -> dict[str, str]:
    """Return a hash of each file below the folders, and the targets of links."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = os.readlink(path)
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found[str(path)] = str(path.lstat().st_mode)
    return found


def watched(course: Any, canary: Path) -> dict[str, str]:
    """Return the state of everything that grading must leave alone."""
    own = snapshot(canary, course.root, course.root.parent / "home", ROOT / "lstm_course")
    made = ("autograded", "feedback", ".grading-key", "gradebook.db")  # by the commands themselves
    made_at = tuple(str(course.root / name) for name in made)
    packages = [Path(folder) for folder in site.getsitepackages()]
    starters = [p for folder in packages for p in folder.glob("*.p*") if p.is_file()]
    starters += [p for folder in packages for p in folder.glob("numpy/*.py")]
    own |= {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in starters}
    return {p: h for p, h in own.items() if not p.startswith(made_at) and "__pycache__" not in p}


def points_of(course: Any) -> dict[str, dict[str, float | None]]:
    """Return student -> question -> points, all that the gradebook holds."""
    from nbgrader.api import Gradebook

    with (
        pytest.MonkeyPatch.context() as patch,
        Gradebook(f"sqlite:///{course.root}/gradebook.db", "lstm_course") as gradebook,
    ):
        patch.setenv("PATH", course.environment["PATH"])
        return {
            submission.student.id: {
                grade.cell.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.find_assignment(NAME).submissions
        }


def descendants() -> dict[int, str]:
    """Return the living processes that stem from this one."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = " ".join(process.cmdline()) or process.name()
        except psutil.NoSuchProcess:
            pass
    return found


def submit(outcome: Outcome, grading: dict[str, Any], listener: Listener) -> None:
    """Hand in every attack, and the victims' right answers."""
    course = outcome.course
    right = grading["solutions"](nbformat.read(course.source, as_version=4))
    for victim in VICTIMS:
        course.submit(victim, grading["fill"](course.release, right, f"# {outcome.secrets[1]}"))
    pairs = [(module, attack) for module, attacks in ATTACKS.items() for attack in attacks]
    for module, attack in pairs:
        outcome.tokens[attack.name] = secrets.token_hex(8)
        fields = {
            "token": outcome.tokens[attack.name],
            "canary": str(outcome.canary),
            "course": str(course.root),
            "home": course.environment["HOME"],
            "port": str(listener.port),
            "pid": str(os.getpid()),
        }

        def filled(text: str, fields: dict[str, str] = fields) -> str:
            return re.sub(r"\{(\w+)\}", lambda m: fields.get(m[1], m[0]), text)

        guard = GUARD if module in GUARDED else ""  # the others guard themselves where it matters
        answers = {question: filled(guard + text) for question, text in attack.answers.items()}
        outcome.answers[attack.name] = answers
        notebook: Any = json.loads(course.release.read_text())
        for cell in notebook["cells"]:
            data = cell["metadata"].get("nbgrader", {})
            question = data.get("grade_id", "").removeprefix(f"{NAME}_")
            if data.get("solution") and question in answers:
                cell["source"] = answers[question]
        if attack.change:
            notebook = attack.change(notebook)
        folder = course.root / "submitted" / attack.name / NAME
        folder.mkdir(parents=True)
        content = notebook if isinstance(notebook, bytes) else filled(json.dumps(notebook)).encode()
        (folder / f"{NAME}.ipynb").write_bytes(content)
        if attack.place:
            attack.place(folder, fields)


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Return what happened when everything was graded in one go."""
    folder = tmp_path_factory.mktemp("attacked")
    folder.chmod(0o755)
    grading = runpy.run_path(str(HERE.parent / "conftest.py"))
    course = grading["Course"](folder)
    for other in (course.root / "solutions").iterdir():
        if other.name != NAME:
            shutil.rmtree(other)
    status, output = course.exercises()
    assert status == 0, output
    course.nbgrader("generate_assignment", NAME, "--force")
    canary = folder / "outside"
    canary.mkdir()
    canary.chmod(0o777)
    words = [f"SECRET-{secrets.token_hex(8)}", f"victims-words-{secrets.token_hex(8)}"]
    (canary / "secret.txt").write_text(words[0])
    found = Outcome(course, canary, words, {}, {})
    listener = Listener(canary)

    def count(*_: object) -> None:
        found.signals += 1

    former = signal.signal(signal.SIGUSR1, count)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of the run come to us
    try:
        submit(found, grading, listener)
        found.before = watched(course, canary)
        here = descendants()
        found.command("grade", NAME, *LIMITS)
        found.processes = [line for pid, line in descendants().items() if pid not in here]
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        found.largest_process_mb = largest / 1024
        found.points = points_of(course)
        shown = [a.name for module in sorted(WITH_FEEDBACK) for a in ATTACKS[module]]
        options = [word for name in (*VICTIMS, *shown) for word in ("--student", name)]
        found.command("feedback", NAME, *options)
        found.command("grade", NAME, *LIMITS, "--again", "--student", "*-victim")
        found.points_again = points_of(course)
        found.after = watched(course, canary)
        for path in (course.root / "autograded").glob(f"*/{NAME}/{NAME}.ipynb"):
            found.graded[path.parts[-3]] = json.loads(path.read_text())
        for path in (course.root / "feedback").glob(f"*/{NAME}/{NAME}.html"):
            found.pages[path.parts[-3]] = path.read_text()
        found.heard = list(listener.heard)
        yield found
    finally:
        signal.signal(signal.SIGUSR1, former)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0)
        listener.close()
        shutil.rmtree(folder, ignore_errors=True)
