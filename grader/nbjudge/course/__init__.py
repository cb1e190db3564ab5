"""A course folder: release, collect, grade, gradebook."""

from nbjudge.formats import load_validator

load_validator()
