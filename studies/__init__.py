"""The trainings too long for a page: one module a chapter, named like it and its results."""
