"""What was graded stays where grading anew fails.

``nbgrader autograde``, and with it the button of its formgrader, removes a student's graded
notebooks before it grades them again, and for good where that fails.  It has no setting for
that.  But it makes one exporter before it begins, of the class that ``Autograde.exporter_class``
names: `KeepingExporter` takes that moment to stand between.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter


class KeepingExporter(NotebookExporter):
    """Exports as its parent does; whoever made it loses no graded notebook by a failure."""

    def __init__(self, **settings: Any) -> None:
        """Take the settings of the parent; ``parent`` is nbgrader's converter."""
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        converter = settings["parent"]
        convert = converter.convert_notebooks
        converter.convert_notebooks = lambda: keeping(converter, convert)


def keeping(converter: Any, convert: Callable[[], None]) -> None:
    """Let nbgrader convert; where it fails, put back the folders that it took away.

    Parameters
    ----------
    converter : BaseConverter
        nbgrader's, which knows what it is about to convert.
    convert : callable
        Its own method.
    """
    folders = [folder for folder in map(Path, _targets(converter)) if folder.is_dir()]
    base = Path(converter.coursedir.root, converter.coursedir.autograded_directory)
    if not folders:
        return convert()
    with tempfile.TemporaryDirectory(prefix=".kept-", dir=base) as kept:
        for number, folder in enumerate(folders):
            shutil.copytree(folder, Path(kept, str(number)))
        try:
            return convert()
        except BaseException:
            for number, folder in enumerate(folders):
                if not folder.exists():
                    Path(kept, str(number)).replace(folder)
                    converter.log.warning("What was graded before is kept: %s", folder)
            raise


def _targets(converter: Any) -> list[str]:
    """Return the folder that each submission's graded notebooks go into."""
    pattern = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
    found = [re.match(pattern, source) for source in converter.assignments]
    return [converter._format_dest(m["assignment"], m["student"]) for m in found if m]
