"""The contributor's guide names files and functions that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: Paths in lower case; words in capitals stand for something.
PATHS = sorted(set(re.findall(r"`((?:grader|tests|tools)/[a-z_/.\d]+\.\w+)`", GUIDE)))
FOLDERS = ["course", "engine", "sandbox", "processes", "checks", "feedback", "verify"]


def walk() -> dict[str, str]:
    """Return the paragraphs on the way of a submission by the folder that they begin with."""
    section = GUIDE.split("### Follow one submission")[1].split("\n## ")[0]
    parts = re.split(r"^\d\. \*\*`(\w+)`\*\*", section, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def named() -> list[tuple[str, str]]:
    """Return (folder, name) of everything that the paragraphs name as ``module.name``."""
    return [
        (folder, name)
        for folder, text in walk().items()
        for name in re.findall(r"`([a-z]\w*(?:\.\w+)+)`", text)
        if not name.endswith((".py", ".md"))
    ]


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_the_guide_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_way_of_a_submission_goes_through_all_folders_in_order() -> None:
    assert list(walk()) == FOLDERS
    packages = [path.parent.name for path in (ROOT / "grader/nbjudge").glob("*/__init__.py")]
    assert sorted(packages) == sorted(FOLDERS)


@pytest.mark.parametrize(("folder", "name"), named())
def test_every_step_on_the_way_exists(folder: str, name: str) -> None:
    module, *attributes = name.split(".")
    places = [folder, *FOLDERS]
    found = next(p for p in places if (ROOT / f"grader/nbjudge/{p}/{module}.py").exists())
    thing = importlib.import_module(f"nbjudge.{found}.{module}")
    for attribute in attributes:
        thing = getattr(thing, attribute)
    assert callable(thing)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_says_what_is_called_first(folder: str) -> None:
    package = importlib.import_module(f"nbjudge.{folder}")
    assert package.__doc__
    (name,) = re.findall(r"^First called: `([\w.]+)`", package.__doc__, flags=re.MULTILINE)
    module, *attributes = name.split(".")
    thing = importlib.import_module(f"nbjudge.{folder}.{module}")
    for attribute in attributes:
        thing = getattr(thing, attribute)
    assert callable(thing)
