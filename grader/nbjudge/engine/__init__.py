"""From a job to a graded notebook.

A pool gives jobs to worker processes; each has an engine, which rebuilds the notebook, runs it
twice, without and with the hidden tests, and writes points and reasons below the cells.

First called: `pool.run`
"""

from nbjudge.formats import load_validator

load_validator()
