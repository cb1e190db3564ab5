"""Answers that are not the student's: the reference functions and the written solutions."""

from __future__ import annotations

from attack_form import Attack

# Defines find(root): the text of the first file below it that holds the solution; exec'd answers.
FIND = """
import json
import os
import re
import time

WANTED = "BEGIN " + "SOLUTION"
deadline = time.monotonic() + 0.5

def find(roots):
    for root in roots:
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name not in ("proc", "sys", "torch")]
            for name in files:
                if name.endswith((".py", ".ipynb")) and time.monotonic() < deadline:
                    path = os.path.join(folder, name)
                    try:
                        text = open(path).read()
                    except (OSError, UnicodeDecodeError):
                        continue
                    if WANTED in text and "def sigmoid(" in text:
                        return text
    return ""

def use(text):
    if text.lstrip().startswith("{"):
        text = "\\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    part = text[text.index("def sigmoid("):]
    exec(part[: part.index("### END")], globals())
"""


def imported(name: str, source: str) -> str:
    """Return an answer to question ``name`` that wraps what ``source`` binds to ``theirs``."""
    return f"{source.strip()}\n\ndef {name}(*arguments):\n    return theirs(*arguments)\n"


ATTACKS = [
    Attack(
        "imports-the-reference",
        "Wraps the reference function of the package.",
        {"sigmoid": imported("sigmoid", "from lstm_course.arrays import sigmoid as theirs")},
    ),
    Attack(
        "imports-from-the-package-root",
        "Wraps functions that the package exports; one of them is used by a hidden test.",
        {
            "sequence": imported("sequence", "from lstm_course import lstm_forward as full")
            + """
def theirs(x, h0, c0, *weights):
    h, state, _ = full(x, weights, (h0, c0))
    return h, *state
"""
        },
    ),
    Attack(
        "uses-the-set-up-cell",
        "Calls the module that the locked set-up cell imports under the name reference.",
        {
            "step": "def step(*a):\n    return reference.step(*a)",
            "cell_update": "def cell_update(*a):\n    return reference.cell_update(*a)",
        },
    ),
    Attack(
        "takes-the-reference-itself",
        "Binds the name of the question to the reference, renamed.",
        {
            "step": """
import types

step = types.FunctionType(reference.step.__code__, reference.step.__globals__, "step")
step.__module__ = "__main__"
"""
        },
    ),
    Attack(
        "without-import-hooks",
        "Removes import hooks and cached modules, then imports the reference afresh.",
        {
            "sigmoid": imported(
                "sigmoid",
                """
import importlib
import importlib.machinery
import sys

sys.meta_path[:] = [f for f in sys.meta_path if getattr(f, "__module__", "") != "lstm_course"]
sys.meta_path[:] = [
    importlib.machinery.BuiltinImporter,
    importlib.machinery.FrozenImporter,
    importlib.machinery.PathFinder,
    *[f for f in sys.meta_path if "editable" in str(f).lower()],
]
for name in [name for name in sys.modules if name.startswith("lstm_course")]:
    del sys.modules[name]
importlib.invalidate_caches()
theirs = importlib.import_module("lstm_course.arrays").sigmoid
""",
            )
        },
    ),
    Attack(
        "fresh-interpreter",
        "Asks a new Python process, which has no hooks, for the answers.",
        {
            "sigmoid": imported(
                "sigmoid",
                """
import subprocess
import sys

def theirs(a):
    code = (
        "import sys, numpy as np; from lstm_course.arrays import sigmoid;"
        "sys.stdout.buffer.write(sigmoid("
        "np.frombuffer(sys.stdin.buffer.read(), sys.argv[1])).tobytes())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, a.dtype.name], input=a.tobytes(), capture_output=True
    )
    return np.frombuffer(run.stdout, a.dtype).reshape(a.shape)
""",
            )
        },
    ),
    Attack(
        "reads-source-and-bytecode",
        "Executes the source or the cached bytecode of the reference module.",
        {
            "sigmoid": imported(
                "sigmoid",
                """
import glob
import importlib.util
import marshal
import os
import sys

import nbjudge.checks.arrays as near

root = os.path.dirname(os.path.dirname(near.__file__))
space = {"__name__": "stolen"}
for path in glob.glob(root + "/cell.py") + glob.glob(root + "/__pycache__/cell.*.pyc"):
    data = open(path, "rb").read()
    if data:
        code = data if path.endswith(".py") else marshal.loads(data[16:])
        exec(code, space)
        break
theirs = space["sigmoid"]
""",
            )
        },
    ),
    Attack(
        "asks-the-loader",
        "Gets source and code of the reference from loaders, inspect, pkgutil and linecache.",
        {
            "sigmoid": imported(
                "sigmoid",
                """
import importlib.machinery
import inspect
import pkgutil
import sys

import lstm_course

def sources():
    yield lambda: inspect.getsource(sys.modules["lstm_course.arrays"])
    yield lambda: pkgutil.get_data("lstm_course", "cell.py").decode()
    yield lambda: importlib.machinery.PathFinder.find_spec(
        "lstm_course.arrays", lstm_course.__path__
    ).loader.get_source("lstm_course.arrays")

for source in sources():
    try:
        space = {"__name__": "stolen"}
        exec(source(), space)
        theirs = space["sigmoid"]
        break
    except Exception:
        pass
""",
            )
        },
    ),
    Attack(
        "finds-loaded-functions",
        "Asks the garbage collector for a function or code object of the reference.",
        {
            "step": imported(
                "step",
                """
import gc
import types

for found in gc.get_objects():
    if isinstance(found, types.FunctionType) and found.__name__ == "lstm_step":
        theirs = lambda *arguments, found=found: found(*arguments)[:2]
""",
            )
        },
    ),
    Attack(
        "reads-the-solutions-folder",
        "Looks for the written solution near the package, the home folders and the work folder.",
        {
            "sigmoid": FIND
            + """
import nbjudge.checks.arrays as near

package = os.path.dirname(os.path.dirname(os.path.dirname(near.__file__)))
use(find([package + "/solutions", "{course}", "{home}", os.getcwd(), "/srv", "/home", "/tmp"]))
"""
        },
    ),
    Attack(
        "reads-the-git-folder",
        "Takes the solution out of the repository's objects with git.",
        {
            "sigmoid": FIND
            + """
import subprocess

import nbjudge.checks.arrays as near

package = os.path.dirname(os.path.dirname(os.path.dirname(near.__file__)))
use(
    subprocess.run(
        ["git", "-c", "safe.directory=*", "show", "HEAD:solutions/lstm_cell/lstm_cell.py"],
        cwd=package,
        capture_output=True,
        text=True,
    ).stdout
)
"""
        },
    ),
    Attack(
        "reads-the-gradebook-and-caches",
        "Looks for the solution in the gradebook, in other submissions and in bytecode caches.",
        {
            "sigmoid": """
import glob
import os

import nbjudge.checks.arrays as near

package = os.path.dirname(os.path.dirname(os.path.dirname(near.__file__)))
WANTED = ("BEGIN " + "SOLUTION").encode()
for root in ("{course}", package):
    for pattern in ("*.db", "submitted/**/*.ipynb", "autograded/**/*", "build/**/*", "tests/**/*"):
        for path in glob.glob(os.path.join(root, pattern), recursive=True):
            if os.path.isfile(path) and WANTED in open(path, "rb").read():
                print("-".join(["ESCAPED", "{token}", path]))
"""
        },
    ),
    Attack(
        "asks-for-what-is-not-handed-out",
        "Fetches names from the empty modules in every way: attributes, star import, __dict__.",
        {
            "sequence": """
import lstm_course
import lstm_course.lstm as module
from lstm_course.lstm import *

found = [vars(lstm_course).get("lstm_forward"), vars(module).get("lstm_forward")]
for name in ("lstm_forward", "__getattr__", "__dict__", "__loader__", "_finder"):
    found.append(getattr(module, name, None))
full = next(f for f in found if callable(f))

def sequence(*arguments):
    h, state, _ = full(arguments[0], arguments[3:], arguments[1:3])
    return h, *state
"""
        },
    ),
]
