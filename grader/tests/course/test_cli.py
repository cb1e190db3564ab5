"""The command line: what it grades, what it says, and how it ends."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from nbjudge import cli
from nbjudge.course.plugins import RunSubmission
from nbjudge.course.progress import Progress
from nbjudge.limits import MEANINGS, Limits
from traitlets.config import Config

WRONG = "def half(x):\n    return x"
COMMANDS = ["release", "collect", "grade", "feedback", "export", "doctor"]


def test_from_release_to_table(small: Any) -> None:
    small.submit("anna")
    small.submit("ben", half=WRONG)
    status, output = small.command("grade", "sums")
    assert status == 0
    assert "2 graded" in output
    status, output = small.command("feedback", "sums")
    assert status == 0, output
    html = small.root / "feedback" / "ben" / "sums" / "sums.html"
    assert ">half<" in html.read_text().replace("</span>", "<")
    assert small.command("export", "--to", "table.csv")[0] == 0
    with open(small.root / "table.csv") as file:
        table = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert table == {"anna": "4.0", "ben": "2.0"}
    assert small.command("export", "--to", "none.csv", "--assignment", "other")[0] == 0
    assert (small.root / "none.csv").read_text().count("\n") == 1


def test_the_autograded_notebook_is_one_for_nbgrader(small: Any) -> None:
    (small.root / "build/source/sums/data.csv").write_text("1,2")
    (small.root / "build/source/sums/sums.py").write_text("the solutions")
    small.submit("anna")
    (small.folder("anna") / "mine.txt").write_text("not wanted")
    assert small.command("grade", "sums")[0] == 0
    folder = small.root / "autograded" / "anna" / "sums"
    assert sorted(os.listdir(folder)) == ["data.csv", "sums.ipynb"]
    assert (folder / "sums.ipynb").stat().st_mode & 0o777 == 0o444
    assert "nbgrader" in small.autograded("anna").cells[0].metadata
    small.nbgrader("generate_feedback", "sums")
    assert (small.root / "feedback/anna/sums/sums.html").exists()


def test_what_is_released_is_released_for_nbgraders_pages_too(small: Any) -> None:
    assert small.api("sums") == (True, "draft")
    status, output = small.command("release", "sums", "--no-exchange")
    assert (status, "exchange" in output) == (0, False)
    assert small.api("sums") == (True, "draft")
    for _ in range(2):  # what is there already is replaced
        status, output = small.command("release", "sums")
        assert (status, "sums is in the exchange, " in output) == (0, True)
        assert small.api("sums") == (False, "released")


def test_where_no_exchange_can_be_made_the_release_stands_all_the_same(small: Any) -> None:
    (small.root / "exchange").write_text("a file is in the way")
    status, output = small.command("release", "sums")
    assert status == 0, output
    assert re.search("^sums is not in the exchange, .*/exchange: .*exchange", output, re.MULTILINE)
    status, output = small.command("release", "sums", "--exchange")
    assert (status, "nbjudge: nbgrader: " in output) == (2, True)


def test_an_exchange_to_which_nobody_submitted_is_nothing_to_collect(small: Any) -> None:
    assert small.command("release", "sums")[0] == 0
    status, output = small.command("collect", "sums")
    assert (status, "/inbound is empty, and there is no " in output) == (2, True)


def orders(small: Any, student: str, *words: str) -> None:
    lines = "\n".join(f"#! {word}" for word in words)
    small.submit(student, double=f"{lines}\ndef double(x):\n    return 2 * x")


def test_one_bad_submission_never_stops_the_others(small: Any) -> None:
    small.workers = True
    for student in ("anna", "zoe"):
        small.submit(student)
    orders(small, "dies", "die")
    orders(small, "dies-once", "die_once")
    orders(small, "fails", "fail")
    orders(small, "crashes", "crash")
    small.submit("damaged", "{ not a notebook")
    small.folder("missing").mkdir(parents=True)
    status, output = small.command("grade", "sums", "--workers", "2")
    assert status == 1
    assert "3 graded, 0 timed out, 1 crashed, 2 unreadable, 2 not graded" in output
    assert "5 need a look:" in output
    listed = dict(re.findall(r"^  (\S+), sums: (.*)$", output, flags=re.MULTILINE))
    assert sorted(listed) == ["crashes", "damaged", "dies", "fails", "missing"]
    assert "tried 3 times: the worker process died" in listed["dies"]
    assert "a bug of the engine" in listed["fails"]
    assert "not handed in" in listed["missing"]
    assert small.students_graded().count("dies") == 3
    rows = small.rows()
    assert rows["dies-once", "sums"] == rows["anna", "sums"] == (None, 4.0)
    assert rows["damaged", "sums"] == rows["missing", "sums"] == (None, 0.0)
    assert ("dies", "sums") not in rows


def test_what_needed_a_look_is_listed_again_until_it_is_well(small: Any) -> None:
    orders(small, "crashes", "crash")
    assert small.command("grade", "sums")[0] == 1
    status, output = small.command("grade", "sums")
    assert status == 1
    assert "crashes, sums: crashed" in output
    assert small.students_graded() == ["crashes"]
    small.submit("crashes")
    assert small.command("grade", "sums")[0] == 0


def test_not_graded_keeps_the_old_grade(small: Any) -> None:
    small.submit("anna", half=WRONG)
    small.command("grade", "sums")
    before, notebook = small.rows(), small.autograded("anna")
    orders(small, "anna", "fail")
    assert small.command("grade", "sums")[0] == 1
    assert small.rows() == before
    assert small.autograded("anna") == notebook
    assert small.command("grade", "sums")[0] == 1  # and it is tried again
    assert small.students_graded() == ["anna"] * 3


def test_who_was_starved_runs_once_more_alone_at_the_end(small: Any) -> None:
    small.workers = True
    for student in ("anna", "ben", "cleo"):
        orders(small, student, *(["starve"] if student == "anna" else []))
    status, output = small.command("grade", "sums", "--workers", "2")
    assert status == 0, output
    assert small.students_graded()[-1] == "anna"
    assert small.rows()["anna", "sums"] == (None, 4.0)
    assert "3 done, 0 left, 0 failing" in output


def test_links_pipes_and_large_files_are_not_read(small: Any) -> None:
    victim = small.submit("victim")
    stolen = small.folder("thief")
    stolen.mkdir(parents=True)
    (stolen / "sums.ipynb").symlink_to(victim)
    (small.root / "submitted" / "twin").symlink_to(small.root / "submitted" / "victim")
    half = small.root / "submitted" / "half"
    half.mkdir()
    (half / "sums").symlink_to(victim.parent)
    small.folder("plumber").mkdir(parents=True)
    os.mkfifo(small.folder("plumber") / "sums.ipynb")
    small.submit("large", small.solved() + " " * 1_100_000)
    status, output = small.command("grade", "sums", "--submission-mb", "1")
    assert status == 1
    for student, reason in {
        "thief": "a link",
        "twin": "a link",
        "half": "a link",
        "plumber": "not a file",
        "large": "larger than the 1 MB",
    }.items():
        assert re.search(rf"  {student}, sums: .*{reason}", output), output
        assert small.rows()[student, "sums"] == (None, 0.0)
    assert small.rows()["victim", "sums"] == (None, 4.0)


def test_files_that_students_may_change_are_theirs(small: Any) -> None:
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.Autograde.exclude_overwriting = {'sums': ['mine.txt']}\n")
    for name in ("mine.txt", "other.txt"):
        (small.root / "build/source/sums" / name).write_text("the instructor's")
    small.submit("anna")
    small.submit("ben")
    for name in ("mine.txt", "other.txt"):
        (small.folder("anna") / name).write_text("hers")
    assert small.command("grade", "sums")[0] == 0
    found = {
        (student, name): (small.root / "autograded" / student / "sums" / name).read_text()
        for student in ("anna", "ben")
        for name in ("mine.txt", "other.txt")
    }
    assert found.pop(("anna", "mine.txt")) == "hers"
    assert set(found.values()) == {"the instructor's"}


def test_feedback_for_one_never_stops_the_others(small: Any) -> None:
    for student in ("anna", "ben", "cleo"):
        small.submit(student)
    small.command("grade", "sums")
    spoilt = small.root / "autograded/anna/sums/sums.ipynb"
    spoilt.chmod(0o644)
    spoilt.write_text("{")
    status, output = small.command("feedback", "sums", "--student", "anna", "--student", "b*")
    assert status == 1
    assert "1 need a look:\n  anna: " in output
    assert "2 done, 0 left, 1 failing" in output
    assert sorted(path.parts[-3] for path in small.root.glob("feedback/*/sums/*.html")) == ["ben"]


def test_only_the_students_asked_for(small: Any) -> None:
    for student in ("anna", "andrea", "ben"):
        small.submit(student)
    assert small.command("grade", "sums", "--student", "an*", "--student", "x")[0] == 0
    assert sorted(small.students_graded()) == ["andrea", "anna"]
    status, output = small.command("grade", "sums", "--student", "nobody")
    assert (status, "no student matches nobody" in output) == (2, True)


def test_a_name_cannot_steer_the_terminal(small: Any) -> None:
    small.submit("an\x1b[2Jna\n", "{}")
    output = small.command("grade", "sums")[1]
    assert "need a look" in output
    assert "\x1b" not in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "other"], "nbjudge release other"),
        (["release", "other"], "build/source/other"),
        (["grade", "sums"], "nbjudge collect sums"),
        (["feedback", "sums"], "nbjudge grade sums"),
        (["collect", "sums"], "nothing to collect"),
        (["grade", "sums", "--workers", "0"], "--workers"),
        (["grade"], "NAME"),
        (["grade", "sums", "--db", "nonsense://x"], "the gradebook cannot be opened"),
        (["grade", "sums", "--db", "sqlite:////no/such/folder/x.db"], "cannot be opened"),
    ],
)
def test_what_cannot_start_says_what_to_do(small: Any, arguments: list[str], said: str) -> None:
    status, output = small.command(*arguments)
    assert status == 2
    assert said in output
    assert "Traceback" not in output


def test_another_folder_is_refused(
    tmp_path: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["grade", "sums"]) == 2
    assert "start the command in the course folder" in capsys.readouterr().err


def test_an_engine_that_does_not_start_stops_everything(small: Any) -> None:
    small.workers = True
    small.submit("anna")
    small.engine = "fake_engine.Refusing"
    status, output = small.command("grade", "sums")
    assert status == 2
    assert "apt install bubblewrap" in output
    assert small.rows() == {}


def test_no_sandbox_is_said_loudly(small: Any) -> None:
    small.workers = True
    small.submit("anna")
    status, output = small.command("grade", "sums", "--run-student-code-without-sandbox")
    assert "what students wrote runs with your rights" in output
    assert (status, "wants a sandbox" in output) == (2, True)  # the fake one


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    text = capsys.readouterr().out
    assert f"example: nbjudge {command}" in text
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert f"    {command} " in text
    assert "exit status" in text


def test_every_limit_is_a_setting_and_an_option_with_its_usual_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = Limits()
    settings = RunSubmission.class_traits(config=True)
    with pytest.raises(SystemExit, match="0"):
        cli.main(["grade", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for limit in fields(Limits):
        value = getattr(usual, limit.name)
        assert settings[limit.name].default() == value
        assert settings[limit.name].help == MEANINGS[limit.name]
        option = f"--{limit.name.replace('_', '-')} N {MEANINGS[limit.name]}"
        assert f"{option} (default: that of nbgrader_config.py, or else {value:g})" in text
    config = Config()
    config.RunSubmission = Config({limit.name: 7 for limit in fields(Limits)})
    assert set(asdict(RunSubmission(config=config).limits()).values()) == {7}
    assert RunSubmission().limits() == usual


def test_the_name_of_an_alias_is_the_one_in_every_message(
    small: Any, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBJUDGE_PROGRAM", "nbjudge")  # to be restored at the end
    monkeypatch.setattr(sys, "argv", ["/opt/bin/our-course", "grade", "sums"])
    monkeypatch.setenv("PATH", small.environment["PATH"])
    monkeypatch.chdir(small.root)
    assert cli.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("our-course: there is no submission of sums")
    assert "run `our-course collect sums`" in said
    monkeypatch.setattr(sys, "argv", ["/usr/lib/nbjudge/cli.py", "--help"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    assert capsys.readouterr().out.startswith("usage: nbjudge ")


def without_nbgrader(*arguments: str) -> tuple[int, str]:
    """Run the command line where only the checks are installed."""
    code = "import sys; sys.modules['nbgrader'] = None; from nbjudge import cli; "
    command = [sys.executable, "-c", f"{code}sys.exit(cli.main({list(arguments)}))"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_where_only_the_checks_are_installed_the_rest_is_named() -> None:
    said = "the package nbgrader is missing: install nbjudge with its extra `engine`"
    status, output = without_nbgrader("--help")
    assert (status, [f"    {name} " in output for name in COMMANDS]) == (0, [True] * len(COMMANDS))
    status, output = without_nbgrader("doctor")
    assert (status, output.startswith(f"FAULT  {said}")) == (1, True)
    status, output = without_nbgrader("export")
    assert (status, output.startswith(f"nbjudge: {said}")) == (2, True)


def test_every_limit_can_be_set() -> None:
    words = [f"--{name.replace('_', '-')}=7" for name in MEANINGS]
    chosen = cli.parser().parse_args(["grade", "sums", *words])
    none = cli.parser().parse_args(["grade", "sums"])
    assert all(getattr(none, name) is None for name in MEANINGS)
    assert all(getattr(chosen, name) == 7 for name in MEANINGS)
    assert type(chosen.threads) is int


class Terminal:
    """Something that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def test_a_terminal_gets_one_line_that_changes() -> None:
    terminal: Any = Terminal()
    progress = Progress(2, terminal)
    progress.step(failing=False)
    progress.step(failing=True)
    progress.close()
    lines = terminal.text.split("\r\033[K")
    assert lines == ["", "1 done, 1 left, 0 failing", "2 done, 0 left, 1 failing\n"]


def test_the_entry_point_runs(small: Any) -> None:
    shutil.rmtree(small.root / "exercises")
    done = subprocess.run(
        [sys.executable, "-m", "nbjudge.cli", "release", "sums"],
        cwd=small.root,
        env=small.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"{small.root}/exercises/sums is ready, the gradebook knows sums\n"
        f"sums is in the exchange, {small.root}/exchange\n"
    )
    assert (small.root / "exercises/sums/sums.ipynb").exists()
    assert "BEGIN" not in (small.root / "exercises/sums/sums.ipynb").read_text()
