"""From one submission to a graded notebook."""

from nbjudge.formats import load_validator

load_validator()
