"""Read files that students own, and trust none of them: no links, no pipes, no endless sizes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from nbjudge.errors import Unreadable


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
