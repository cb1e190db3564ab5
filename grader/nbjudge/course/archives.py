"""Unpack what students sent to a learning platform, and trust none of it.

`SafeExtractor` takes the place of nbgrader's extractor.  Only plain files come out, inside the
student's folder, up to nbgrader's ``CourseDirectory.max_dir_size``.  An archive that tries
anything else is left out as a whole and listed; the others are collected.
"""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from nbgrader.plugins import ExtractorPlugin

from nbjudge.course import timestamps
from nbjudge.errors import Unreadable
from nbjudge.files import open_plain

MAX_FILES = 1000  # in one student's archive or folder


class Allowance:
    """How much one student's submission may still hold."""

    def __init__(self, kilobytes: int) -> None:
        self._bytes = self._all = kilobytes * 1000
        self._files = MAX_FILES

    def spend(self, size: int, files: int = 0) -> None:
        """Use up some bytes and files; raises `Unreadable` when there are none left."""
        self._bytes -= size
        self._files -= files
        if self._bytes < 0:
            raise Unreadable(f"it holds more than {self._all / 1e6:g} MB")
        if self._files < 0:
            raise Unreadable(f"it holds more than {MAX_FILES} files")


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]  # nbgrader has no type hints
    """Copies and unpacks ``downloaded/<assignment>/archive/``; notes what it left out."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Fill the folder ``extracted_path``; called by ``nbgrader zip_collect``."""
        self.problems: dict[str, str] = {}
        for path in _visible(Path(archive_path)):
            target = Path(extracted_path) / _folder_name(path)
            try:
                self._take(path, target, Allowance(self.parent.coursedir.max_dir_size))
                _check_names(target)
            except Unreadable as error:
                self._leave_out(path, target, str(error))
            except Exception as error:  # what a damaged archive raises has no end of names
                self._leave_out(path, target, f"it cannot be unpacked ({error})")

    def _leave_out(self, path: Path, target: Path, reason: str) -> None:
        self.log.error("%s is left out: %s", path, reason)
        self.problems[path.name] = reason
        shutil.rmtree(target, ignore_errors=True)

    def _take(self, path: Path, target: Path, allowance: Allowance) -> None:
        if path.is_symlink():
            raise Unreadable(f"{path.name} is a link")
        if path.is_dir():
            for child in _visible(path):
                self._take(child, target / _folder_name(child), allowance)
        elif _is_archive(path):
            if path.stat().st_size > self.parent.coursedir.max_dir_size * 1000:
                raise Unreadable("the archive is too large")
            for name, content in _members(path, allowance):
                self._write(content, target / _inside(name), allowance)
        else:
            with open_plain(path) as file:
                allowance.spend(0, files=1)
                self._write(file, target, allowance)

    def _write(self, content: IO[bytes], target: Path, allowance: Allowance) -> None:
        ignored = ["__MACOSX", "._*", timestamps.FILE, *self.parent.coursedir.ignore]
        if any(fnmatch(part, pattern) for part in target.parts for pattern in ignored):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            while block := content.read(1 << 16):
                allowance.spend(len(block))
                file.write(block)


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _is_archive(path: Path) -> bool:
    return path.suffix in (".zip", ".gz") and path.is_file()


def _folder_name(path: Path) -> str:
    """Return the name under which nbgrader's extractor files a path."""
    return path.stem.removesuffix(".tar") if _is_archive(path) else path.name


def _members(path: Path, allowance: Allowance) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an archive; anything but files and folders is refused."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                allowance.spend(0, files=1)
                kind = stat.S_IFMT(info.external_attr >> 16)
                if info.is_dir():
                    continue
                if kind not in (0, stat.S_IFREG):
                    raise Unreadable(f"{info.filename} is a link or another special file")
                with archive.open(info) as file:
                    yield info.filename, file
        return
    with tarfile.open(path, "r:gz") as archive_:
        for member in archive_:
            allowance.spend(0, files=1)
            content: Any = archive_.extractfile(member) if member.isreg() else None
            if content is not None:
                yield member.name, content
            elif not member.isdir():
                raise Unreadable(f"{member.name} is a link or another special file")


def _inside(name: str) -> PurePosixPath:
    """Return the path of a member; refuse one that leads out of its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or (":",))[0]:
        raise Unreadable(f"{name!r} would be written outside its folder")
    return path


def _check_names(folder: Path) -> None:
    """Refuse two notebooks with the same name: which one counts?"""
    names = Counter(path.name for path in folder.rglob("*.ipynb"))
    twice = sorted(name for name, times in names.items() if times > 1)
    if twice:
        raise Unreadable(f"it holds {', '.join(twice)} more than once: keep the one that counts")
