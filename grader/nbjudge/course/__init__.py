"""A course folder: release, collect, grade, gradebook."""
