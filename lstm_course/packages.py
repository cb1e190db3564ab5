"""Say what to install, before an import fails: for the first cell of a notebook."""

from __future__ import annotations

import importlib.util

#: What reading the chapters and doing the assignments takes, in the folder of the course.
INSTALL = "pip install --constraint requirements.lock --editable '.[student]' --editable grader"


class MissingPackages(ModuleNotFoundError):
    """Packages are not installed; the message says which, and the command that installs them."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints: the message alone."""
        return str(self).splitlines()


def need(*modules: str) -> None:
    """Stop, with the command that helps, unless all ``modules`` are installed.

    ``modules`` are top-level names such as ``"torch"``; nothing is imported.  `MissingPackages`
    if one cannot be found.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        raise MissingPackages(
            f"This notebook needs {names}, which this environment does not have.\n"
            f"In the folder of the course run\n\n    {INSTALL}\n\n"
            "and then choose Kernel > Restart Kernel."
        )
