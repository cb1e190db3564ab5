"""The doctor: it finds what is missing, names what to install, and believes only a trial."""

from __future__ import annotations

import os
import stat
import sys

import pytest
from nbjudge.course import doctor
from nbjudge.engine.engine import Engine

CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "arithmetic"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder, which is the working folder of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_is_well_here(folder, capsys):
    (folder / "nbgrader_config.py").write_text(CONFIG)
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "FAULT" not in said
    assert "was refused reaching the network, reading the course folder" in said
    assert "gradebook.db" in said
    assert said.rstrip().endswith("All is well: submissions can be graded here.")
    assert os.listdir(folder) == ["nbgrader_config.py"]


def program(folder, name, text):
    """Put a program into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


def test_missing_bubblewrap_is_named(folder, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(folder))
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "FAULT  bubblewrap is missing" in said
    assert "apt-get install bubblewrap" in said
    assert "a trial" not in said
    assert "cannot be graded safely" in said


def test_old_bubblewrap_is_refused(folder, monkeypatch):
    program(folder, "bwrap", "echo bubblewrap 0.4.1")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    assert doctor.bubblewrap() == (
        "FAULT",
        "bubblewrap 0.4.1 is too old: install 0.8.0 or newer",
    )


def test_refused_namespaces_are_explained(folder, monkeypatch):
    program(folder, "bwrap", "echo 'bwrap: No permissions' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    state, text = doctor.namespaces()
    assert state == "FAULT"
    assert "(bwrap: No permissions)" in text


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("kernel.unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user.max_user_namespaces", "0", "user.max_user_namespaces=15000"),
        (
            "kernel.apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_setting_at_fault_is_named(folder, name, value, command):
    for other, forbidding, allowing in doctor.SETTINGS:
        path = folder / other.replace(".", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{allowing if other != name else forbidding}\n")
    assert doctor.at_fault(folder) == f"{name} is {value}, try `sudo sysctl -w {command}`"


def test_without_such_settings_it_may_be_a_container(folder):
    assert "container" in doctor.at_fault(folder)


def test_missing_filter_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    state, text = doctor.call_filter()
    assert state == "FAULT"
    assert "pip install pyseccomp" in text


def test_trial_finds_what_a_missing_sandbox_allows(folder, monkeypatch):
    monkeypatch.setattr(doctor, "Engine", lambda: Engine(sandbox=False))
    state, text = doctor.trial()
    assert state == "FAULT"
    for meaning in ("reaching the network", "reading the course folder", "writing into"):
        assert meaning in text
    assert os.listdir(folder) == []


def test_trial_reports_why_the_sandbox_does_not_start(folder, monkeypatch):
    program(folder, "bwrap", "echo 'bwrap: No permissions' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    state, text = doctor.trial()
    assert state == "FAULT"
    assert "the sandbox does not start" in text


def test_little_memory_means_fewer_workers(monkeypatch):
    monkeypatch.setattr(doctor, "WORKER_MB", 10**9)
    state, text = doctor.room()
    assert state == "note"
    assert "--workers 1" in text


def test_database_that_does_not_answer_is_named_without_its_password(folder):
    url = "postgresql+psycopg://grader:hush@127.0.0.1:9/grades"
    (folder / "nbgrader_config.py").write_text(f"{CONFIG}c.CourseDirectory.db_url = {url!r}\n")
    state, text = doctor.gradebook()
    assert state == "FAULT"
    assert "does not answer" in text
    assert "hush" not in text


def test_other_systems_are_sent_to_linux(monkeypatch, capsys):
    monkeypatch.setattr(doctor.platform, "system", lambda: "Windows")
    assert doctor.main() == 1
    assert "it takes Linux" in capsys.readouterr().out
