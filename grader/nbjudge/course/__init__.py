"""The course folder: hand out, collect, grade, and write grades into the gradebook.

It is the first on the way of a submission and the last: it makes a job of a submitted file, has
the engine grade it, and writes what comes back into the gradebook and into ``autograded/``.
nbgrader's own command comes in through `plugins`.

First called: `commands.grade`
"""

from nbjudge.formats import load_validator

load_validator()
