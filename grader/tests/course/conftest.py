"""Course folders for tests of what surrounds the engine: copies of one that was released."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_course import NAME, SmallCourse


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a released course, made once for all processes that test."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "released"
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            making.mkdir()
            course = SmallCourse(making / "course", making)
            status, output = course.command("release", NAME, "--no-exchange")
            assert status == 0, output
            making.rename(folder)
    return folder / "course"


@pytest.fixture
def new_course(released: Path, tmp_path: Path) -> Callable[[str], SmallCourse]:
    """Return a function that makes fresh released courses."""

    def make(name: str) -> SmallCourse:
        home = tmp_path / name
        home.mkdir()
        made = SmallCourse(home / "course", home)
        shutil.copytree(released, made.root, dirs_exist_ok=True)
        return made

    return make


@pytest.fixture
def small(new_course: Callable[[str], SmallCourse]) -> SmallCourse:
    """Return a fresh released course without submissions."""
    return new_course("small")
