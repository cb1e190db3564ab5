"""Read files: those beside a notebook, and those of students, of which none is trusted.

Of a student's files there are no links, no pipes, no endless sizes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from nbjudge.errors import Unreadable


def companions(folder: Path, ignored: Iterable[str] = ()) -> dict[str, bytes]:
    """Return the instructor's files beside the notebooks in ``folder``, by relative path.

    Parameters
    ----------
    folder : Path
        The instructor's folder for an assignment.  Its notebooks, and the files that are named
        like one and end in ``.py``, hold solutions and are left out.
    ignored : iterable of str
        Patterns for names of files and folders that are left out, too.
    """
    solutions = [f"{path.stem}.py" for path in folder.glob("*.ipynb")]
    left_out = [*ignored, "*.ipynb", *solutions]
    return {str(path.relative_to(folder)): path.read_bytes() for path in _below(folder, left_out)}


def _below(folder: Path, left_out: Iterable[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in left_out):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _below(path, left_out)
        elif path.is_file():
            yield path


def read_safely(base: Path, path: Path, limit_mb: float) -> bytes:
    """Return what is in ``path``, below ``base``, if it is a plain file of a sane size.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    Unreadable
        If it is a link, lies in a linked folder, is no plain file, or is too large.
    """
    relative = path.relative_to(base)
    for parent in [base / part for part in reversed(relative.parents[:-1])] + [path]:
        if parent.is_symlink():
            raise Unreadable(f"{parent.name} is a link to another place; hand in the file itself")
    with open_plain(path) as file:
        content = file.read(int(limit_mb * 1e6) + 1)
    if len(content) > limit_mb * 1e6:
        raise Unreadable(f"it is larger than the {limit_mb:g} MB allowed")
    return content


def open_plain(path: Path | str, folder: int | None = None) -> BinaryIO:
    """Open a plain file: a pipe must not block us, a link not lead elsewhere.

    Parameters
    ----------
    path : path
        The file.
    folder : int, optional
        The descriptor of the folder that ``path`` is relative to.

    Raises
    ------
    OSError
        If it cannot be opened, or is a link.
    Unreadable
        If it is something else than a file.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{os.path.basename(path)} is not a file")
    return os.fdopen(descriptor, "rb")
