"""Answers that are not the student's: the reference functions and the written solutions."""

from __future__ import annotations

from attacks.form import Attack

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
                    if WANTED in text and "def logistic(" in text:
                        return text
    return ""

def use(text):
    if text.lstrip().startswith("{"):
        text = "\\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    part = text[text.index("def logistic("):]
    exec(part[: part.index("### END")], globals())
"""


def imported(name: str, source: str) -> str:
    """Return an answer to question ``name`` that wraps what ``source`` binds to ``theirs``."""
    return f"{source.strip()}\n\ndef {name}(*arguments):\n    return theirs(*arguments)\n"


ATTACKS = [
    Attack(
        "imports-the-reference",
        "Wraps the reference function of the package.",
        {"logistic": imported("logistic", "from samplecourse.arrays import logistic as theirs")},
    ),
    Attack(
        "imports-from-the-package-root",
        "Wraps functions that the package exports; one of them is used by a hidden test.",
        {
            "train": imported("train", "from samplecourse import fit as full")
            + "\ntheirs = lambda *arguments: full(*arguments)[:3]\n"
        },
    ),
    Attack(
        "uses-the-set-up-cell",
        "Calls the module that the locked set-up cell imports under the name reference.",
        {
            "step": "def step(*a):\n    return reference.step(*a)",
            "blend": "def blend(*a):\n    return reference.blend(*a)",
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
            "logistic": imported(
                "logistic",
                """
import importlib
import importlib.machinery
import sys

sys.meta_path[:] = [f for f in sys.meta_path if getattr(f, "__module__", "") != "samplecourse"]
sys.meta_path[:] = [
    importlib.machinery.BuiltinImporter,
    importlib.machinery.FrozenImporter,
    importlib.machinery.PathFinder,
    *[f for f in sys.meta_path if "editable" in str(f).lower()],
]
for name in [name for name in sys.modules if name.startswith("samplecourse")]:
    del sys.modules[name]
importlib.invalidate_caches()
theirs = importlib.import_module("samplecourse.arrays").logistic
""",
            )
        },
    ),
    Attack(
        "fresh-interpreter",
        "Asks a new Python process, which has no hooks, for the answers.",
        {
            "logistic": imported(
                "logistic",
                """
import subprocess
import sys

def theirs(a):
    code = (
        "import sys, numpy as np; from samplecourse.arrays import logistic;"
        "sys.stdout.buffer.write(logistic("
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
            "logistic": imported(
                "logistic",
                """
import glob
import importlib.util
import marshal
import os
import sys

import samplecourse

root = samplecourse.__path__[0]
space = {"__name__": "stolen"}
for path in glob.glob(root + "/arrays.py") + glob.glob(root + "/__pycache__/arrays.*.pyc"):
    data = open(path, "rb").read()
    if data:
        code = data if path.endswith(".py") else marshal.loads(data[16:])
        exec(code, space)
        break
theirs = space["logistic"]
""",
            )
        },
    ),
    Attack(
        "asks-the-loader",
        "Gets source and code of the reference from loaders, inspect, pkgutil and linecache.",
        {
            "logistic": imported(
                "logistic",
                """
import importlib.machinery
import inspect
import pkgutil
import sys

import samplecourse

def sources():
    yield lambda: inspect.getsource(sys.modules["samplecourse.arrays"])
    yield lambda: pkgutil.get_data("samplecourse", "arrays.py").decode()
    yield lambda: importlib.machinery.PathFinder.find_spec(
        "samplecourse.arrays", samplecourse.__path__
    ).loader.get_source("samplecourse.arrays")

for source in sources():
    try:
        space = {"__name__": "stolen"}
        exec(source(), space)
        theirs = space["logistic"]
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
    if isinstance(found, types.FunctionType) and found.__module__ == "samplecourse.answers":
        theirs = lambda *arguments, found=found: found(*arguments)[:2]
""",
            )
        },
    ),
    Attack(
        "reads-the-solutions-folder",
        "Looks for the written solution near the package, the home folders and the work folder.",
        {
            "logistic": FIND
            + """
import nbjudge.checks.arrays as near

package = os.path.dirname(os.path.dirname(os.path.dirname(near.__file__)))
use(find([package + "/tests", "{course}", "{home}", os.getcwd(), "/srv", "/home", "/tmp"]))
"""
        },
    ),
    Attack(
        "reads-the-git-folder",
        "Takes the solution out of the repository's objects with git.",
        {
            "logistic": FIND
            + """
import subprocess

import nbjudge.checks.arrays as near

package = os.path.dirname(os.path.dirname(os.path.dirname(near.__file__)))
use(
    subprocess.run(
        ["git", "-c", "safe.directory=*", "show", "HEAD:grader/tests/notebooks/statistics.py"],
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
            "logistic": """
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
            "train": """
import samplecourse
import samplecourse.model as module
from samplecourse.model import *

found = [vars(samplecourse).get("fit"), vars(module).get("fit")]
for name in ("fit", "__getattr__", "__dict__", "__loader__", "_finder"):
    found.append(getattr(module, name, None))
full = next(f for f in found if callable(f))

def train(*arguments):
    return full(*arguments)[:3]
"""
        },
    ),
]
