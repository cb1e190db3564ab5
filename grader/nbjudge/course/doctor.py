"""``nbjudge doctor``: what of the sandbox works on this machine, and what to install.

It ends with a trial: a tiny submission that tries to call out, to read and write the course
folder, to change the system and to start a program.  The sandbox works if all of that fails.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbgrader.utils import determine_grade
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.folder import Course
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import GRADED, Job
from nbjudge.errors import SandboxError, SourceError
from nbjudge.limits import Limits
from nbjudge.sandbox.bubblewrap import BWRAP, INSTALL

OK, NOTE, FAULT = "ok", "note", "FAULT"
OLDEST = (0, 8, 0)  # the first bubblewrap that knows --disable-userns
WORKER_MB = Limits.memory_mb + 512  # a submission at its limit, and the libraries
Finding = tuple[str, str]  # one of the states above, and a sentence

#: A setting of the kernel, the value that forbids user namespaces, and the command that helps.
SETTINGS = (
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "15000"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)

#: What the trial tries: a question, what it stands for, and code that returns "done" if it can.
#: The fields are filled in by `_job`.
ATTEMPTS = {
    "call": ("reaching the network", "socket.create_connection(('127.0.0.1', {port}), 2)"),
    "read": ("reading the course folder", "open({secret!r}).read()"),
    "write": ("writing into the course folder", "open({folder!r} + '/written', 'w').close()"),
    "change": ("changing the system", "os.chmod('/usr', os.stat('/usr').st_mode)"),
    "start": ("starting a program", "subprocess.run(['/usr/bin/true'], check=True)"),
}


def main() -> int:
    """Print what works and what does not; return 0 if submissions can be graded, else 1."""
    faults = 0
    for state, text in findings():
        print(f"{state:6} {text}", flush=True)
        faults += state == FAULT
    if faults:
        print("\nSubmissions cannot be graded safely here until the faults are put right.")
    else:
        print("\nAll is well: submissions can be graded here.")
    return 1 if faults else 0


def findings() -> Iterator[Finding]:
    """Yield all findings; the trial comes only where nothing that it needs is missing."""
    if platform.system() != "Linux":
        yield FAULT, f"this is {platform.system()}: it takes Linux, a virtual machine will do"
        return
    yield OK, f"Linux {platform.release()} on {platform.machine()}"
    needed = [call_filter(), bubblewrap()]
    if needed[-1][0] == OK:
        needed.append(namespaces())
    yield from needed
    if all(state == OK for state, _ in needed):
        yield trial()
    yield user()
    yield room()
    yield gradebook()
    yield OK, "not needed: a graphics card, control groups, Docker"


def bubblewrap() -> Finding:
    """Look for the program that makes jails."""
    if shutil.which(BWRAP) is None:
        return FAULT, f"bubblewrap is missing: {INSTALL}"
    said = subprocess.run([BWRAP, "--version"], capture_output=True, text=True).stdout
    version = tuple(int(number) for number in re.findall(r"\d+", said)[:3])
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return FAULT, f"{said.strip()} is too old: install {oldest} or newer"
    return OK, said.strip()


def namespaces() -> Finding:
    """Find out whether this user may make user namespaces, of which jails consist."""
    spaces = ["--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/"]
    done = subprocess.run([BWRAP, *spaces, "/usr/bin/true"], capture_output=True, text=True)
    if done.returncode == 0:
        return OK, "user namespaces are allowed"
    return FAULT, f"user namespaces are refused ({done.stderr.strip()}): {at_fault()}"


def at_fault(folder: Path = Path("/proc/sys")) -> str:
    """Return which setting of the kernel forbids user namespaces, and how to change it."""
    for name, forbidding, allowing in SETTINGS:
        path = folder / name.replace(".", "/")
        if path.exists() and path.read_text().strip() == forbidding:
            return f"{name} is {forbidding}, try `sudo sysctl -w {name}={allowing}`"
    return (
        "no setting of the kernel forbids them, so it may be a container around us: "
        "start it so that it allows user namespaces, or grade outside of it"
    )


def call_filter() -> Finding:
    """Look for what filters system calls."""
    try:
        import pyseccomp  # noqa: F401
    except ImportError:
        return FAULT, "the package pyseccomp is missing: pip install pyseccomp"
    except (OSError, RuntimeError):
        return FAULT, "libseccomp is missing (Debian: `sudo apt-get install libseccomp2`)"
    return OK, "libseccomp and pyseccomp are there"


def trial() -> Finding:
    """Grade a submission that tries to get out of the sandbox."""
    began = time.monotonic()
    place = Path.cwd() if os.access(Path.cwd(), os.W_OK) else None
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as folder,
            socket.create_server(("127.0.0.1", 0)) as listener,
            Engine() as engine,
        ):
            secret = Path(folder, "secret.txt")
            secret.write_text("secret")
            known = {"port": listener.getsockname()[1], "secret": str(secret), "folder": folder}
            report = engine.grade(_job(known))
    except (SandboxError, SourceError, OSError) as error:
        return FAULT, f"the sandbox does not start: {error}"
    cells = nbformat.from_dict(report.graded).cells if report.graded is not None else []
    tests = [cell for cell in cells if cell.metadata.nbgrader.grade]
    allowed = [
        meaning
        for cell, (meaning, _) in zip(tests, ATTEMPTS.values(), strict=False)
        if determine_grade(cell)[0] != 1
    ]
    if report.status != GRADED or not tests:
        return FAULT, f"the trial ended early: {'; '.join(report.problems) or report.status}"
    if allowed:
        return FAULT, f"the sandbox leaks, it allows {', '.join(allowed)}: do not grade here"
    tried = ", ".join(meaning for meaning, _ in ATTEMPTS.values())
    return OK, f"a trial in the sandbox ({time.monotonic() - began:.1f} s) was refused {tried}"


def _job(known: dict[str, object]) -> Job:
    """Return the trial: the right answers refuse, the submitted ones try."""
    instructors = nbformat.v4.new_notebook()
    submitted = nbformat.v4.new_notebook()
    for name, (_, code) in ATTEMPTS.items():
        attempt = f"""\
import os, socket, subprocess
def {name}():
    try:
        {code.format(**known)}
    except OSError:
        return "refused"
    return "done"
"""
        refusal = f'def {name}():\n    return "refused"'
        test = _cell(f'assert {name}() == "refused"', f"{name}_test", grade=True, points=1)
        instructors.cells += [_cell(refusal, name, solution=True), test]
        submitted.cells += [_cell(attempt, name, solution=True), test]
    source, submission = (nbformat.writes(one).encode() for one in (instructors, submitted))
    return Job("doctor", "trial", "trial", "doctor", source, submission, key=b"trial")


def _cell(source: str, name: str, **flags: object) -> nbformat.NotebookNode:
    known = {"grade": False, "solution": False, "task": False, "locked": "grade" in flags}
    data = {**known, "schema_version": 3, "grade_id": name, **flags}
    cell = nbformat.v4.new_code_cell(source, id=name.replace("_", "-"))
    cell.metadata.nbgrader = nbformat.from_dict(data)
    return cell  # type: ignore[no-any-return]  # nbformat has no type hints


def user() -> Finding:
    """Say whose rights the grader has."""
    if os.geteuid() != 0:
        return OK, "grading as a plain user"
    return NOTE, (
        "grading as root works, but the kernel does not limit root's processes; the filter of "
        "system calls and the watchdog do. A plain user is better"
    )


def room() -> Finding:
    """Compare processor cores and memory with what as many workers may take."""
    cores = len(os.sched_getaffinity(0))
    lines = Path("/proc/meminfo").read_text().splitlines()
    free = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable"))
    fits = min(cores, free // WORKER_MB)
    text = f"{cores} cores and {free / 1024:.1f} GB of free memory"
    if fits >= cores:
        return OK, f"{text}, enough for {cores} workers"
    return NOTE, (
        f"{text}: grade with --workers {max(fits, 1)}, or with a smaller --memory-mb, "
        "so that submissions at their limit fit side by side"
    )


def gradebook() -> Finding:
    """Find out whether the gradebook of the course in this folder can be reached."""
    if not Path("nbgrader_config.py").exists():
        return NOTE, "this is no course folder, so no gradebook was looked for"
    url = make_url(Course().settings.db_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        return OK, f"the gradebook is a file, {shown}"
    try:
        engine = create_engine(url, connect_args={"connect_timeout": 5})
        with engine.connect():
            return OK, f"the gradebook answers, {shown}"
    except (SQLAlchemyError, ImportError) as error:
        reason = (str(error).splitlines() or [""])[0]
        return FAULT, f"the gradebook {shown} does not answer: {reason}"
