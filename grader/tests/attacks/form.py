"""What an attack is, and pieces that many of them share.

The sources of attacks hold fields that the harness fills in (plain replacement, no escapes):

===========  ==============================================================================
``{token}``   unguessable word of this attack; names what it leaves behind
``{canary}``  folder outside the sandbox with a file ``secret.txt``
``{course}``  the course folder that holds gradebook, solutions and submissions
``{home}``    home folder of whoever grades
``{port}``    port on 127.0.0.1 where the harness listens (TCP and UDP)
``{pid}``     process that hands out the work; it counts SIGUSR1
===========  ==============================================================================

An attack that gets where it must not says ``tell("what")``: the harness looks for
``ESCAPED-<token>`` in every output.  One that carries hidden inputs away marks them with
``STOLEN-<token>``.  Both words are joined at run time, so the source does not contain them.
Nothing here may damage the machine when a sandbox fails: an attempt opens and does not write,
makes a file of an unguessable name and takes it away again, or signals with SIGUSR1.  What
uses up resources begins with GUARD, which ends it unless the jail is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Attack(NamedTuple):
    """One submission that must not get more than ``points`` and must do no harm."""

    name: str  # also the student's name; letters, digits and hyphens
    what: str  # what it tries
    answers: Mapping[str, str] = {}  # question -> source of its solution cell; others stay stubs
    change: Callable[[dict[str, Any]], dict[str, Any] | bytes] | None = None  # to the notebook
    place: Callable[[Path, Mapping[str, str]], None] | None = None  # prepares the folder
    points: float = 0.0
    leaks: tuple[str, ...] = ()  # regular expressions that feedback and outputs must not match


TELL = """
def tell(what):
    print("-".join(["ESCAPED", "{token}", str(what)]), flush=True)

"""

# Goes on only in a process table of its own, where the folder outside cannot be seen.
GUARD = """
import os

if os.path.exists("{canary}") or os.getpid() > 100:
    print("-".join(["ESCAPED", "{token}", "there is no jail"]), flush=True)
    raise SystemExit
"""

ZEROS = """
def logistic(a):
    return np.zeros_like(a)
"""

# Right for the visible example, which has two features and one output; else a half.
HALF = """
def predict(x, W, b):
    if x.shape == (1, 2):
        return np.array([[0.6225]])
    return np.full((len(x), len(b)), 0.5)
"""


def logistic_with(body: str) -> str:
    """Return a function ``logistic`` with this body (indented by four) that returns zeros."""
    return f"def logistic(a):{body.rstrip()}\n    return np.zeros_like(a)\n"
