"""Collecting: from the exchange, from folders and archives, some of them hostile."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
EARLY, AFTER = "2026-03-01 11:00:00.000000 UTC", "2026-03-01 13:00:00.000000 UTC"
DUE = datetime(2026, 3, 1, 12)


@pytest.fixture
def archive(small: Any) -> Path:
    folder: Path = small.root / "downloaded" / "sums" / "archive"
    folder.mkdir(parents=True)
    return folder


def pack(path: Path, **members: str | bytes | zipfile.ZipInfo) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, str]:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def submitted(small: Any) -> dict[str, str]:
    """Return every file in ``submitted/`` but for the notes of ``collect``."""
    base = small.root / "submitted"
    paths = [path for path in base.glob("*/**/*") if path.is_file()] if base.exists() else []
    found = {str(path.relative_to(base)): path.read_text() for path in paths}
    return {name: text for name, text in found.items() if not name.startswith(".collected")}


def set_due(small: Any) -> None:
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write(LATE)
    with small.gradebook() as gradebook:
        gradebook.find_assignment("sums").duedate = DUE
        gradebook.db.commit()


def test_archives_and_folders_are_collected(small: Any, archive: Path) -> None:
    text = small.solved()
    pack(archive / "anna.zip", **{"work/sums.ipynb": text, "__MACOSX/._sums.ipynb": "x"})
    (archive / "ben").mkdir()
    (archive / "ben" / "sums.ipynb").write_text(text)
    pack(archive / "cleo.zip", **{"C\\sums.ipynb": text, ".ipynb_checkpoints/sums.ipynb": "x"})
    (archive / "dora").mkdir()
    pack(archive / "dora" / "mine.zip", **{"sums.ipynb": text})
    with tarfile.open(archive / "emil.tar.gz", "w:gz") as file:
        info = tarfile.TarInfo("sums.ipynb")
        info.size = len(text.encode())
        file.addfile(info, io.BytesIO(text.encode()))
    status, output = small.command("collect", "sums")
    assert status == 0, output
    assert "submissions of 5 students" in output
    students = ("anna", "ben", "cleo", "dora", "emil")
    assert submitted(small) == {f"{one}/sums/sums.ipynb": text for one in students}


def test_a_newer_download_takes_the_place_of_an_older_one(small: Any, archive: Path) -> None:
    pack(archive / "anna.zip", **{"sums.ipynb": "old"})
    pack(archive / "ben.zip", **{"sums.ipynb": "his"})
    small.command("collect", "sums")
    pack(archive / "anna.zip", **{"sums.ipynb": "new"})
    (archive / "ben.zip").unlink()
    assert small.command("collect", "sums")[0] == 0
    assert submitted(small) == {"anna/sums/sums.ipynb": "new", "ben/sums/sums.ipynb": "his"}


def outside(path: Path) -> None:
    pack(path, **{"sums.ipynb": "x", "../../../../out.txt": "gotcha"})


def absolute(path: Path) -> None:
    pack(path, **{"sums.ipynb": "x", str(path.parents[4] / "out.txt"): "gotcha"})


def backslash(path: Path) -> None:
    pack(path, **{"sums.ipynb": "x", "..\\..\\..\\..\\out.txt": "gotcha"})


def linked(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(*link("sums.ipynb", "../../../../nbgrader_config.py"))


def through_link(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(*link("way", "../../../.."))
        file.writestr("way/out.txt", "gotcha")


def tar_link(path: Path) -> None:
    with tarfile.open(path.with_suffix(".tar.gz"), "w:gz") as file:
        info = tarfile.TarInfo("sums.ipynb")
        info.type, info.linkname = tarfile.SYMTYPE, "../../../../nbgrader_config.py"
        file.addfile(info)


def tar_outside(path: Path) -> None:
    with tarfile.open(path.with_suffix(".tar.gz"), "w:gz") as file:
        info = tarfile.TarInfo("../../../../out.txt")
        info.size = 6
        file.addfile(info, io.BytesIO(b"gotcha"))


def bomb(path: Path) -> None:
    pack(path, **{"sums.ipynb": b"0" * 2_000_000})


def many(path: Path) -> None:
    pack(path, **{f"{number}.ipynb": "x" for number in range(1001)})


def twice(path: Path) -> None:
    pack(path, **{"a/sums.ipynb": "x", "b/sums.ipynb": "y"})


def damaged(path: Path) -> None:
    pack(path, **{"sums.ipynb": "x" * 1000})
    path.write_bytes(path.read_bytes()[:-30])


def not_a_zip(path: Path) -> None:
    path.write_text("hello")


def linked_folder(path: Path) -> None:
    path.with_suffix("").symlink_to(path.parents[3] / "build")


def link_in_folder(path: Path) -> None:
    path.with_suffix("").mkdir()
    (path.with_suffix("") / "sums.ipynb").symlink_to(path.parents[3] / "nbgrader_config.py")


def pipe(path: Path) -> None:
    path.with_suffix("").mkdir()
    os.mkfifo(path.with_suffix("") / "sums.ipynb")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (outside, "outside"),
        (absolute, "outside"),
        (backslash, "outside"),
        (linked, "link"),
        (through_link, "link"),
        (tar_link, "link"),
        (tar_outside, "outside"),
        (bomb, "more than 1 MB"),
        (many, "more than 1000 files"),
        (twice, "more than once"),
        (damaged, "cannot be unpacked"),
        (not_a_zip, "cannot be unpacked"),
        (linked_folder, "link"),
        (link_in_folder, "link"),
        (pipe, "not a file"),
    ],
)
def test_a_hostile_submission_is_listed_and_the_others_collected(
    small: Any, archive: Path, make: Any, reason: str
) -> None:
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.CourseDirectory.max_dir_size = 1000\n")
    pack(archive / "anna.zip", **{"sums.ipynb": "hers"})
    make(archive / "mallory.zip")
    pack(archive / "zoe.zip", **{"sums.ipynb": "hers, too"})
    status, output = small.command("collect", "sums")
    assert status == 1
    assert "1 need a look:\n  mallory" in output
    assert reason in output
    assert submitted(small) == {"anna/sums/sums.ipynb": "hers", "zoe/sums/sums.ipynb": "hers, too"}
    assert list(small.root.parent.rglob("out.txt")) == []
    assert not (small.root / "downloaded/sums/extracted/mallory").exists()


def test_a_time_that_a_student_sent_along_does_not_count(small: Any, archive: Path) -> None:
    set_due(small)
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.FileNameCollectorPlugin.valid_ext = ['.ipynb', '.txt']\n")
        file.write("c.FileNameCollectorPlugin.named_regexp = ")
        file.write("r'.*/extracted/(?P<student_id>[^/]+)/(?P<file_id>[^/]+)$'\n")
    pack(archive / "anna.zip", **{"sums.ipynb": small.solved(), "timestamp.txt": EARLY})
    (archive / "ben").mkdir()
    (archive / "ben" / "sums.ipynb").write_text(small.solved())
    (archive / "ben" / "timestamp.txt").write_text(EARLY)
    assert small.command("collect", "sums")[0] == 0
    assert sorted(submitted(small)) == ["anna/sums/sums.ipynb", "ben/sums/sums.ipynb"]
    small.submit("cleo")  # put there by hand, as she sent it
    (small.folder("cleo") / "timestamp.txt").write_text(EARLY)
    status, output = small.command("grade", "sums")
    assert status == 1
    assert "cleo, sums: timestamp.txt was not written by `nbjudge collect`" in output
    rows = small.rows()
    assert [rows[student, "submission"][0] for student in ("anna", "ben", "cleo")] == [None] * 3
    assert rows["cleo", "sums"] == (None, 4.0)


def test_the_time_in_a_file_name_counts(small: Any, archive: Path) -> None:
    set_due(small)
    with open(small.root / "nbgrader_config.py", "a") as file:
        pattern = r".*/extracted/(?P<student_id>[a-z]+)_(?P<timestamp>[^/]+)/(?P<file_id>sums)"
        file.write(f"\nc.FileNameCollectorPlugin.named_regexp = r'{pattern}'\n")
    for student, time in {"anna": "2026-03-01T11:00:00", "ben": "2026-03-01T13:00:00"}.items():
        pack(archive / f"{student}_{time}.zip", **{"sums.ipynb": small.solved()})
    assert small.command("collect", "sums")[0] == 0
    status, output = small.command("grade", "sums")
    assert status == 0, output
    rows = small.rows()
    assert rows["anna", "submission"][0] == datetime(2026, 3, 1, 11)
    assert rows["anna", "sums"] == (None, 4.0)
    assert rows["ben", "sums"] == (4.0, 4.0)


@pytest.fixture
def inbound(small: Any) -> Path:
    folder: Path = small.root / "exchange" / "arithmetic" / "inbound"
    folder.mkdir(parents=True)
    for part in (folder.parents[1], folder):
        part.chmod(0o777)
    return folder


def send(inbound: Path, student: str, time: str, text: str, random: str = "Zm9v") -> Path:
    folder = inbound / f"{student}+sums+{time}+{random}"
    folder.mkdir()
    (folder / "sums.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(EARLY)  # perhaps a lie
    return folder


def test_the_exchange_is_collected_and_its_times_count(small: Any, inbound: Path) -> None:
    set_due(small)
    send(inbound, "anna", EARLY, small.solved())
    send(inbound, "ben", AFTER, small.solved())
    send(inbound, "cleo", EARLY, "old")
    send(inbound, "cleo", AFTER, small.solved())
    status, output = small.command("collect", "sums")
    assert status == 0, output
    assert "submissions of 3 students" in output
    status, output = small.command("grade", "sums")
    assert status == 0, output
    rows = small.rows()
    scores = {who: rows[who, "sums"] for who in ("anna", "ben", "cleo")}
    assert scores == {"anna": (None, 4.0), "ben": (4.0, 4.0), "cleo": (4.0, 4.0)}
    assert rows["ben", "submission"][0] == datetime(2026, 3, 1, 13)
    assert small.command("collect", "sums")[0] == 0  # nothing newer
    assert "3 already up to date" in small.command("grade", "sums")[1]
    assert (small.root / "autograded/ben/sums/timestamp.txt").exists()


def test_links_and_lies_in_the_exchange(small: Any, inbound: Path) -> None:
    victim = send(inbound, "anna", EARLY, small.solved())
    thief = send(inbound, "mallory", EARLY, "x")
    (thief / "sums.ipynb").unlink()
    (thief / "sums.ipynb").symlink_to(victim / "sums.ipynb")
    (inbound / "nobody+sums+not a time+Zm9v").mkdir()
    (inbound / "twin+sums+2026-03-01 11:00:00 UTC+Zm9v").symlink_to(victim)
    plumber = send(inbound, "plumber", EARLY, "x")
    (plumber / "sums.ipynb").unlink()
    os.mkfifo(plumber / "sums.ipynb")
    status, output = small.command("collect", "sums")
    assert status == 1
    for student in ("mallory", "nobody", "plumber"):
        assert f"  {student}: " in output
    notebooks = [name for name in submitted(small) if name.endswith(".ipynb")]
    assert notebooks == ["anna/sums/sums.ipynb"]


def test_release_into_the_exchange_and_back(small: Any) -> None:
    (small.root / "exchange").mkdir(mode=0o777)
    (small.root / "exchange").chmod(0o777)
    status, output = small.command("release", "sums", "--exchange")
    assert status == 0, output
    fetched = small.root.parent
    small.root, root = fetched, small.root
    (fetched / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'arithmetic'\n"
        f"c.Exchange.root = {str(root / 'exchange')!r}\nc.Exchange.path_includes_course = False\n"
    )
    small.nbgrader("fetch_assignment", "sums")
    small.nbgrader("submit", "sums")
    small.root = root
    status, output = small.command("collect", "sums")
    assert status == 0, output
    assert len([name for name in submitted(small) if name.endswith("sums.ipynb")]) == 1
    assert small.command("grade", "sums")[0] == 0


def test_nbgraders_own_commands_are_as_careful(small: Any, archive: Path, inbound: Path) -> None:
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.ExchangeFactory.collect = 'nbjudge.course.collect.SafeCollect'\n")
        plugin = "nbjudge.course.archives.SafeExtractor"
        file.write(f"c.ZipCollectApp.extractor_plugin = {plugin!r}\n")
    victim = send(inbound, "anna", EARLY, small.solved())
    thief = send(inbound, "mallory", EARLY, "x")
    (thief / "sums.ipynb").unlink()
    (thief / "sums.ipynb").symlink_to(victim / "sums.ipynb")
    outside(archive / "oscar.zip")
    pack(archive / "zoe.zip", **{"sums.ipynb": "hers"})
    small.nbgrader("collect", "sums", "--student=anna")
    small.nbgrader("zip_collect", "sums")
    notebooks = [name for name in submitted(small) if name.endswith(".ipynb")]
    assert sorted(notebooks) == ["anna/sums/sums.ipynb", "zoe/sums/sums.ipynb"]
    assert list(small.root.parent.rglob("out.txt")) == []
    with pytest.raises(AssertionError, match="a link"):
        small.nbgrader("collect", "sums", "--student=mallory")


def chapter() -> str:
    """Return a notebook that has no questions."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    return str(nbformat.writes(notebook))


@pytest.mark.parametrize("name", ["sums (1).ipynb", "sums-1.ipynb", "sums - Copy.ipynb"])
def test_the_only_notebook_may_have_another_name(small: Any, archive: Path, name: str) -> None:
    pack(archive / "anna.zip", **{name: small.solved()})
    status, output = small.command("collect", "sums")
    assert status == 0, output
    assert f"anna: {name} is taken for sums.ipynb" in output
    assert submitted(small) == {"anna/sums/sums.ipynb": small.solved()}
    assert small.command("collect", "sums")[0] == 0
    assert small.command("grade", "sums")[0] == 0
    assert small.rows()["anna", "sums"] == (None, 4.0)


def test_a_chapter_in_place_of_the_assignment_is_named_and_kept(small: Any, archive: Path) -> None:
    pack(archive / "anna.zip", **{"chapter.ipynb": chapter()})
    pack(archive / "ben.zip", **{"sums.ipynb": chapter()})
    status, output = small.command("collect", "sums")
    assert status == 1
    for student, name in (("anna", "chapter"), ("ben", "sums")):
        assert f"{student}: {name}.ipynb is a chapter or another notebook, not" in output
    assert output.count("the assignment is the file exercises/sums/sums.ipynb") == 2
    assert sorted(submitted(small)) == ["anna/sums/chapter.ipynb", "ben/sums/sums.ipynb"]


def test_of_two_notebooks_none_is_chosen(small: Any, archive: Path) -> None:
    text = small.solved()
    pack(archive / "anna.zip", **{"sums.ipynb": text, "sums (1).ipynb": text})
    pack(archive / "ben.zip", **{"sums-1.ipynb": text, "sums-2.ipynb": text})
    status, output = small.command("collect", "sums")
    assert status == 1
    for student, name in (("anna", "sums (1)"), ("ben", "sums-1"), ("ben", "sums-2")):
        assert f"{student}: {name}.ipynb is not graded" in output
    assert len(submitted(small)) == 4


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"cells": 1}', '{"cells": [1, {"metadata": 2}]}', "[" * 100_000, "\udcff"]
)
def test_what_is_no_notebook_stays_for_grade_to_name(small: Any, archive: Path, text: str) -> None:
    pack(archive / "anna.zip", **{"other.ipynb": text.encode("utf-8", "surrogateescape")})
    pack(archive / "ben.zip", **{"sums.ipynb": small.solved()})
    status, output = small.command("collect", "sums")
    assert status in (0, 1)
    assert "Traceback" not in output
    assert (small.root / "submitted/anna/sums/other.ipynb").exists()
