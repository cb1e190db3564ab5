"""Seeds of hidden tests: one for each question, the same at any time and in any order.

In the judge they depend on a secret key, so that nobody who reads a test knows its numbers.
In a notebook there is no key, and a label always gives the same seed.
"""

from __future__ import annotations

import hashlib
import hmac

VISIBLE = 1  # the seed of the tests that students see

_secret: tuple[bytes, str] | None = None  # the key and what it is used for, in the judge only


def set_key(key: bytes, context: str) -> None:
    """Make all seeds depend on ``key`` and on ``context``, for example the assignment's name."""
    global _secret
    _secret = (key, context)


def question_seed(label: str) -> int:
    """Return the seed for ``label``, which names the question (and the part of it).

    Returns
    -------
    int
        Between 0 and 2**32 - 1, which every random generator takes.
    """
    if _secret is None:
        digest = hashlib.sha256(label.encode()).digest()
    else:
        key, context = _secret
        digest = hmac.new(key, f"{context}/{label}".encode(), "sha256").digest()
    return int.from_bytes(digest[:4], "big")
