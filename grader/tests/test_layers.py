"""The floors of the grader: what stands below imports nothing from above."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "nbjudge"
#: From the ground up.  Modules of one floor that are not named together import one another.
FLOORS = (
    ("errors", "limits", "formats"),
    ("files",),
    ("checks", "sandbox"),
    ("processes",),
    ("engine",),
    ("course", "feedback", "verify"),
    ("cli",),
)
HEIGHT = {name: height for height, names in enumerate(FLOORS) for name in names}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")
TORCH = ("devices", "device_checks")  # checks that are about PyTorch


def imported(path: Path) -> set[str]:
    """Return the parts of the grader that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("nbjudge.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_from_a_floor_above(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    above = {name for name in imported(path) if HEIGHT[name] > HEIGHT[own]}
    assert above == set()


def test_the_checks_stand_on_the_ground() -> None:
    for path in (ROOT / "checks").glob("*.py"):
        assert imported(path) <= {"checks"}


def loaded_by(*modules: str) -> set[str]:
    """Return the names of all top-level modules that an import brings along."""
    code = f"import json, sys, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_checks_need_numpy_and_nothing_else() -> None:
    names = [path.stem for path in (ROOT / "checks").glob("*.py") if path.stem not in TORCH]
    brought = loaded_by(*(f"nbjudge.checks.{name}" for name in names if name != "__init__"))
    own = {"nbjudge", "numpy", *sys.stdlib_module_names, *loaded_by("numpy")}
    assert brought - own == set()


def test_the_slow_grammar_is_not_loaded_and_not_forbidden() -> None:
    code = "import nbjudge.engine.engine, sys; assert {0!r} not in sys.modules; import {0}"
    code = code.format("rfc3987_syntax")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
