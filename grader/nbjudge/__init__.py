"""Grading: checks for tests, an engine that runs submissions safely, and the way to a gradebook."""
