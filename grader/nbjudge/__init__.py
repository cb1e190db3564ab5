"""Grading: checks for tests, an engine that runs submissions safely, and the way to a gradebook."""

import sys

# nbformat asks jsonschema for every format it knows, and this one takes a second to load.  No
# notebook has such a field; jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
