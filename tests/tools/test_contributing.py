"""The contributor's guide names files and functions that exist."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

from tools import stages

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOPS = "chapters|grader|lstm_course|solutions|studies|tests|tools"
#: Paths in lower case; words in capitals stand for something.
PATHS = sorted(set(re.findall(rf"`((?:{TOPS})/[a-z_/.\d]*)`", GUIDE)))
COMMANDS = sorted(set(re.findall(r"python -m ([\w.]+)", GUIDE)))
TARGETS = sorted(set(re.findall(r"`make ([\w-]+)", GUIDE)))
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


def test_every_command_that_the_guide_names_is_there() -> None:
    assert len(PATHS) > 30
    assert len(TARGETS) > 10
    assert [name for name in COMMANDS if importlib.util.find_spec(name) is None] == []
    made = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(TARGETS) <= set(made)


def test_the_table_of_stages_is_that_of_the_checks() -> None:
    table = GUIDE.split("| Stage |")[1].split("\n\n")[0]
    named = dict(re.findall(r"^\| (\w+) \| (.*) \|$", table, re.MULTILINE))
    assert list(named) == [stage.name for stage in stages.stages()]
    for folder in (*stages.UNIT, *stages.GRADING):
        assert f"`{folder}`" in "".join(named.values())


def test_derived_files_are_named_with_their_sources() -> None:
    for path in (ROOT / "lstm_course/results").glob("*.json"):
        study = ROOT / "studies" / f"{path.stem}.py"
        assert study.exists() or f"| `lstm_course/results/{path.name}` |" in GUIDE, path.name


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
