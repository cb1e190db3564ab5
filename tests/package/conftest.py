"""What the tests of the package share."""

from __future__ import annotations

import inspect
import sys

import pytest


@pytest.fixture(scope="session")
def planted():
    """Return a function that plants a bug in another: ``planted(function, text, bug)``.

    The text must occur exactly once in the source of the function, so that a plant cannot
    drift from the code that it breaks.  The bug may use further names.
    """

    def plant(function, text, bug, **names):
        source = inspect.getsource(function)
        assert source.count(text) == 1, f"{text!r} no longer fits {function.__name__}"
        namespace = {**vars(sys.modules[function.__module__]), **names}
        exec(source.replace(text, bug), namespace)
        return namespace[function.__name__]

    return plant
