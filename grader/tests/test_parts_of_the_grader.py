"""What the parts of the grader need: import-linter holds the floors, these tests the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TORCH = ("devices", "device_checks")  # checks that are about PyTorch


def loaded_by(*modules: str) -> set[str]:
    """Return the names of all top-level modules that an import brings along."""
    code = f"import json, sys, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_checks_need_numpy_and_nothing_else() -> None:
    names = [path.stem for path in (ROOT / "nbjudge/checks").glob("*.py") if path.stem not in TORCH]
    brought = loaded_by(*(f"nbjudge.checks.{name}" for name in names if name != "__init__"))
    own = {"nbjudge", "numpy", *sys.stdlib_module_names, *loaded_by("numpy")}
    assert brought - own == set()


def test_the_slow_grammar_is_not_loaded_and_not_forbidden() -> None:
    code = "import nbjudge.engine.engine, sys; assert {0!r} not in sys.modules; import {0}"
    code = code.format("rfc3987_syntax")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_course_is_named_here() -> None:
    word = "ls" + "tm"  # of the course that this grader was made for
    paths = [path for path in ROOT.rglob("*") if path.suffix in (".py", ".toml", ".j2", ".css")]
    assert len(paths) > 60
    named = [path for path in paths if word in path.read_text(encoding="utf-8").lower()]
    assert named == []
