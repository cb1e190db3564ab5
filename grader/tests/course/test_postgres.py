"""The gradebook in a real PostgreSQL server, started here from Debian's binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_course import SmallCourse
from sqlalchemy import Connection, create_engine, text

WRONG = "def half(x):\n    return x"


def binaries() -> Path | None:
    """Return the folder with the server's programs, the newest version."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the URL of a database in a server that only this machine's users can reach."""
    folder = binaries()
    if folder is None:
        reason = "no PostgreSQL server in /usr/lib/postgresql: apt install postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    home = Path(
        tempfile.mkdtemp(prefix="pg")
    )  # not below pytest's folder, which others cannot read
    user: dict[str, Any] = {}
    if os.getuid() == 0:  # initdb refuses to run as root
        person = pwd.getpwnam("postgres")
        os.chown(home, person.pw_uid, person.pw_gid)
        user = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        words = [str(folder / program), "-D", str(home / "data"), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        subprocess.run(words, check=True, cwd=home, timeout=120, **quiet, **user)

    run("initdb", "--auth=trust", "--username=teacher", "--no-sync", "--encoding=UTF8")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    run("pg_ctl", "start", "-w", "-o", options, "-l", str(home / "log"))
    try:
        yield f"postgresql+psycopg://teacher@/postgres?host={home}"
    finally:
        run("pg_ctl", "stop", "-m", "immediate")
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def gradebook(
    server: str, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """Return a connection to a server with a gradebook, ``released``, that knows the assignment."""
    home = tmp_path_factory.mktemp("postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE released"))
        url = server.replace("/postgres?", "/released?")
        course = SmallCourse(home / "course", home)
        status, output = course.command("release", "sums", "--db", url)
        assert status == 0, output
        yield connection
    engine.dispose()


@pytest.fixture
def database(server: str, gradebook: Connection) -> Iterator[str]:
    """Return the URL of a copy of that gradebook."""
    gradebook.execute(text("CREATE DATABASE grades TEMPLATE released"))
    yield server.replace("/postgres?", "/grades?")
    gradebook.execute(text("DROP DATABASE grades WITH (FORCE)"))


def test_the_same_grades_as_in_sqlite(
    small: Any, new_course: Callable[[str], Any], database: str
) -> None:
    sqlite = new_course("sqlite")
    for course, options in ((small, ["--db", database]), (sqlite, [])):
        for student in ("anna", "ben", "Žofie"):
            course.submit(student, **({"half": WRONG} if student == "ben" else {}))
        course.submit("damaged", "{")
        assert course.command("grade", "sums", *options)[0] == 1
        course.submit("damaged")
        status, output = course.command("grade", "sums", *options)
        assert status == 0, output
        assert "1 graded" in output
        assert "3 already up to date" in output
    assert small.rows(database) == sqlite.rows()
    assert small.rows() == {}  # nothing in gradebook.db


def test_all_commands_work(small: Any, database: str) -> None:
    with open(small.root / "nbgrader_config.py", "a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {database!r}\n")
    assert small.command("release", "sums")[0] == 0
    small.submit("anna")
    for command in (["grade", "sums"], ["feedback", "sums"], ["export"]):
        status, output = small.command(*command)
        assert status == 0, output
    assert "sums,,,anna,anna,,,4.0,0.0,4.0,7.0" in (small.root / "grades.csv").read_text()
    assert (small.root / "feedback/anna/sums/sums.html").exists()
    small.nbgrader("export")


def test_a_server_that_does_not_answer_is_named(small: Any) -> None:
    small.submit("anna")
    url = "postgresql+psycopg://teacher@127.0.0.1:1/grades"
    status, output = small.command("grade", "sums", "--db", url)
    assert status == 2
    assert "the gradebook cannot be opened" in output


def test_a_name_that_the_database_refuses_stops_no_one(small: Any, database: str) -> None:
    small.submit("a" * 150)  # longer than nbgrader's column
    small.submit("anna")
    status, output = small.command("grade", "sums", "--db", database)
    assert status == 1
    assert "1 graded" in output
    assert "1 not graded" in output
    assert "could not be saved" in output
    assert small.rows(database)["anna", "sums"] == (None, 4.0)
