"""Grading: the strict checks of graded notebooks, the run of a submission, its feedback."""
