"""The exceptions that pass from one part of the grader to another."""

from __future__ import annotations


class SetupError(Exception):
    """Something must be put right before the work can start; the text says what."""


class SandboxError(Exception):
    """The sandbox cannot be made; the message says what to do."""


class SourceError(Exception):
    """The instructor's own notebook is at fault: nothing is graded before it is put right."""


class Unreadable(Exception):
    """A submitted file cannot be used; the text says why, to the student and to the teacher."""
