"""What builds, checks and measures the course; each module runs as ``python -m tools.NAME``."""

import sys

# nbformat asks jsonschema for every format it knows, and this one takes three seconds to load.
# No notebook has such a field; jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
