"""The secret of a course folder, from which the seeds of hidden tests are made."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

KEY_FILE = ".grading-key"


def read_key(root: Path) -> bytes:
    """Return the secret of the course in ``root``; it is made on first use and then kept.

    Raises
    ------
    ValueError
        If the file does not hold 64 hexadecimal digits.
    """
    path = root / KEY_FILE
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    text = path.read_text().strip()
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError(f"{path} must hold 64 hexadecimal digits: delete it or restore it")
    return bytes.fromhex(text)
