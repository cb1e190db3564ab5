"""Set-up on a bare machine: what is found, what is installed, and one sentence for what is not.

The programs that `tools/setup.sh` calls are fakes that write down how they were called.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
#: What the script may use of the real machine.
REAL = ["awk", "cat", "cksum", "cp", "df", "dirname", "env", "grep", "head", "mkdir", "rm", "sh"]
REAL += ["tail"]
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *"print("*) echo "${TOO_OLD:-3.11}" ;;
    *ensurepip*) [ -z "$NO_VENV" ] ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"--report"*) printf '%s' "$REPORT" >build/torch.json ;;
    *"install"*) echo "$*" >>calls; [ -z "$PIP_SAYS" ] || { echo "$PIP_SAYS"; exit 1; } ;;
esac
"""
FAKE_APT = """#!/bin/sh
echo "$*" >>calls
[ -n "$APT_FAILS" ] && { echo "E: no candidate"; exit 100; }
[ "$2" = install ] || exit 0
for name in chromium bwrap; do cp "$0" "$(dirname "$0")/$name"; done
cp "$(dirname "$0")/true" "$(dirname "$0")/ls"
echo "echo libseccomp.so.2" >"$(dirname "$0")/ldconfig"
"""
NAMES = "chromium bubblewrap libseccomp2 postgresql"
DISK_FULL = "OSError: [Errno 28] No space left on device"
NO_NETWORK = "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution"
OTHER = "ERROR: No matching distribution found for six==9\nhint: see above"


class Machine:
    """A bare machine with the course in a folder whose name has a space."""

    def __init__(self, folder: Path) -> None:
        self.course, self.programs = folder / "my course", folder / "bin"
        (self.course / "tools").mkdir(parents=True)
        (self.course / "grader").mkdir()
        self.programs.mkdir()
        for name in ("requirements.lock", "pyproject.toml", "grader/pyproject.toml", "Makefile"):
            shutil.copy(ROOT / name, self.course / name)
        shutil.copy(ROOT / "tools/setup.sh", self.course / "tools")
        for name in REAL:
            (self.programs / name).symlink_to(shutil.which(name))
        self.program("true")
        self.program("ls", "#!/bin/sh\nexit 1\n")  # no PostgreSQL, no GPU
        self.program("ldconfig")
        self.program("id", "#!/bin/sh\necho 1000\n")

    def program(self, name: str, source: str = "#!/bin/sh\n") -> Path:
        path = self.programs / name
        path.write_text(source)
        path.chmod(0o755)
        return path

    def setup(self, task: str, **environment: str) -> tuple[bool, list[str]]:
        """Run the script; return whether it succeeded, and the lines it printed."""
        done = subprocess.run(
            ["/bin/sh", str(self.course / "tools/setup.sh"), task],
            env={"PATH": str(self.programs), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode == 0, (done.stdout + done.stderr).splitlines()

    def calls(self) -> list[str]:
        """Return how the fakes were called since the last time that this was asked."""
        path = self.course / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def with_python(machine):
    machine.program("python3.12", FAKE_PYTHON)
    return machine


def test_an_environment_is_made_once(with_python):
    good, said = with_python.setup("environment")
    assert (good, said) == (True, ["installing into .venv (a few minutes the first time)"])
    pip, lock, course = with_python.calls()
    assert re.search(r"install pip==[\d.]+$", pip)
    assert lock.endswith("install -r requirements.lock")
    assert course.endswith("--editable . --editable grader")
    assert with_python.setup("environment") == (True, [])
    assert with_python.calls() == []


def test_a_changed_lock_is_installed_into_what_is_there(with_python):
    with_python.setup("environment")
    mark = with_python.course / ".venv/mark"
    mark.touch()
    with (with_python.course / "requirements.lock").open("a") as lock:
        lock.write("six==1\n")
    with_python.calls()
    assert with_python.setup("environment")[0]
    assert len(with_python.calls()) == 3
    assert mark.exists()


@pytest.mark.parametrize("fault", ["half made", "other folder", "no python"])
def test_a_broken_environment_is_made_anew(fault, with_python):
    if fault == "half made":
        assert not with_python.setup("environment", PIP_SAYS=DISK_FULL)[0]
    else:
        with_python.setup("environment")
    if fault == "other folder":
        with_python.course = with_python.course.rename(with_python.course.with_name("moved"))
    if fault == "no python":
        (with_python.course / ".venv/bin/python").unlink()
    mark = with_python.course / ".venv/mark"
    mark.touch()
    assert with_python.setup("environment")[0]
    assert not mark.exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TOO_OLD": "3.8"}, "needs Python 3.11, 3.12 or 3.13 and finds none: install one"),
        ({"NO_VENV": "1"}, "sudo apt-get install python3.11-venv"),
        *(
            ({"PYTHON": name}, f"PYTHON={name} is not a Python 3.11, 3.12 or 3.13")
            for name in ("python9", "/", ".", "environment", "exit", "true", "python3.12 -u", " ")
        ),
    ],
)
def test_without_a_python_that_fits(environment, words, with_python):
    good, (sentence,) = with_python.setup("environment", **environment)
    assert not good
    assert words in sentence
    assert not (with_python.course / ".venv").exists()


@pytest.mark.parametrize("name", [".venv/bin/python", "tools/../.venv/bin/python"])
def test_a_python_inside_the_environment_is_refused_before_that_is_deleted(name, with_python):
    with_python.setup("environment")
    (with_python.course / ".venv/installed").write_text("of another folder\n")
    good, (sentence,) = with_python.setup("environment", PYTHON=name)
    assert not good
    assert f"PYTHON={name} lies in .venv" in sentence
    assert (with_python.course / ".venv/bin/python").exists()


def test_a_python_inside_the_environment_is_not_found_on_the_path(with_python):
    with_python.setup("environment")
    (with_python.course / ".venv/installed").write_text("of another folder\n")
    shutil.copy(with_python.programs / "python3.12", with_python.course / ".venv/bin/python3.11")
    path = f"/nonexistent:{with_python.course}/.venv/bin:{with_python.programs}"
    assert with_python.setup("environment", PATH=path)[0]
    assert not (with_python.course / ".venv/bin/python3.11").exists()


def test_a_file_in_place_of_the_environment_stays(with_python):
    (with_python.course / ".venv").write_text("somebody's\n")
    good, (sentence,) = with_python.setup("environment")
    assert not good
    assert ".venv is a file" in sentence
    assert (with_python.course / ".venv").read_text() == "somebody's\n"


def test_no_other_folder_is_taken_for_the_course(with_python):
    """A CDPATH leads ``cd tools/..`` into another folder that has a ``tools``."""
    other = with_python.course.with_name("other")
    (other / "tools").mkdir(parents=True)
    done = subprocess.run(
        ["/bin/sh", "tools/setup.sh", "environment"],
        cwd=with_python.course,
        env={"PATH": str(with_python.programs), "CDPATH": str(other)},
        timeout=60,
    )
    assert done.returncode == 0
    assert (with_python.course / ".venv/installed").exists()
    assert [path.name for path in other.iterdir()] == ["tools"]


def test_python_may_be_named(machine):
    named = machine.program("a python", FAKE_PYTHON)
    assert machine.setup("environment", PYTHON=str(named))[0]
    old = machine.program("python3.13", FAKE_PYTHON.replace("3.11", "3.13"))
    good, (sentence,) = machine.setup("environment", PYTHON=str(old))
    assert not good
    assert "made with Python 3.11: delete it" in sentence


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (DISK_FULL, "The disk is full"),
        (NO_NETWORK, "check the network"),
        (OTHER, "Installing failed with 'ERROR: No matching distribution found for six==9'"),
        ("Traceback:\nMemoryError", "Installing failed with 'MemoryError'"),
    ],
)
def test_one_sentence_for_what_pip_says(output, words, with_python):
    good, (_, sentence) = with_python.setup("environment", PIP_SAYS=output)
    assert not good
    assert words in sentence
    assert output in (with_python.course / "build/setup.log").read_text()
    assert not (with_python.course / ".venv/installed").exists()


def test_a_disk_too_small_is_seen_before_anything_is_loaded(with_python):
    (with_python.programs / "df").unlink()
    with_python.program("df", "#!/bin/sh\nprintf 'x\\nx 9 8 1000000 9%% /\\n'\n")
    good, (sentence,) = with_python.setup("environment")
    assert not good
    assert "needs about 4 GB" in sentence
    assert with_python.calls() == []


@pytest.mark.parametrize("task", ["environment", "system"])
def test_a_folder_that_cannot_be_written(task, with_python):
    (with_python.course / "build").write_text("a file where a folder should be\n")
    good, (sentence,) = with_python.setup(task)
    assert not good
    assert "cannot be written" in sentence


def test_arguments_for_torch_reach_torch_alone(with_python):
    assert with_python.setup("environment", TORCH_ARGS="--find-links wheels")[0]
    _, torch, *others = with_python.calls()
    assert re.search(r"install --no-deps --find-links wheels torch==[\d.]+$", torch)
    assert not any("wheels" in call for call in others)


def test_arguments_for_torch_are_taken_as_they_stand(with_python):
    assert with_python.setup("environment", TORCH_ARGS="--pre *")[0]
    assert "install --no-deps --pre * torch" in with_python.calls()[1]


def test_gigabytes_for_a_gpu_that_is_not_there_are_announced(with_python):
    good, (_, warning) = with_python.setup("environment", REPORT='["triton==3.7.1; linux"]')
    assert good
    assert "README.md, section Versions" in warning
    with_python.program("ls")
    (with_python.course / ".venv/installed").unlink()
    assert len(with_python.setup("environment", REPORT='["triton==3.7.1; linux"]')[1]) == 1


def test_without_apt_the_sentence_names_what_is_missing(machine):
    good, (sentence,) = machine.setup("system")
    assert not good
    assert f"what Debian calls {NAMES}, and start again" in sentence
    machine.program("google-chrome")
    machine.program("bwrap")
    _, (sentence,) = machine.setup("system")
    assert "what Debian calls libseccomp2 postgresql, and" in sentence


@pytest.mark.parametrize("sudo", [None, "#!/bin/sh\necho 'a password is required' >&2\nexit 1\n"])
def test_without_rights_the_sentence_holds_the_command(sudo, machine):
    machine.program("apt-get", FAKE_APT)
    if sudo:
        machine.program("sudo", sudo)
    good, (sentence,) = machine.setup("system")
    assert not good
    install = f"sudo apt-get install --no-install-recommends {NAMES}"
    assert f"run 'sudo apt-get update && {install}' and start again" in sentence
    assert machine.calls() == []


@pytest.mark.parametrize("rights", ["root", "sudo"])
def test_with_rights_it_is_installed(rights, machine):
    machine.program("apt-get", FAKE_APT)
    if rights == "root":
        machine.program("id", "#!/bin/sh\necho 0\n")
    else:
        machine.program("sudo", '#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n')
    assert machine.setup("system") == (True, [f"installing into the system: {NAMES}"])
    assert machine.calls() == ["-qq update", f"-qq install -y --no-install-recommends {NAMES}"]
    assert machine.setup("system") == (True, [])
    assert machine.calls() == []


def test_what_apt_cannot_install_is_said(machine):
    machine.program("apt-get", FAKE_APT)
    machine.program("id", "#!/bin/sh\necho 0\n")
    good, (_, sentence) = machine.setup("system", APT_FAILS="1")
    assert not good
    assert "could not be installed" in sentence
    assert "E: no candidate" in (machine.course / "build/setup.log").read_text()


def test_ci_and_the_readme_have_one_command():
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")][-1] == "exec make test"
    assert "bash .ci/run" in (ROOT / ".github/workflows/ci.yml").read_text()
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(
        r"^test: system environment .*\n\t.* -m tools.check \$\(if \$\(FAST\),--fast\)$",
        makefile,
        flags=re.M,
    )
    assert re.search(r"^book: environment .*", makefile, flags=re.M)
    assert re.search(r"^make test ", (ROOT / "README.md").read_text(), flags=re.M)


def test_make_help_names_every_task():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, flags=re.M).group(1).split()
    assert re.findall(r"^  make ([\w-]+)", listed, flags=re.M) == phony


def pins():
    """Return name -> version of every package in requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return {
        canonicalize_name(n): v for n, equals, v in (x.partition("==") for x in lines) if equals
    }


@pytest.mark.parametrize("file", ["pyproject.toml", "grader/pyproject.toml"])
def test_lock_satisfies_pyproject(file):
    project = tomllib.loads((ROOT / file).read_text())["project"]
    extras = project["optional-dependencies"]
    needed = project["dependencies"] + [n for e in extras if e != "gpu" for n in extras[e]]
    for requirement in map(Requirement, needed):
        if requirement.name == "lstm-course":
            continue
        pinned = pins().get(canonicalize_name(requirement.name))
        assert pinned, f"{requirement.name} is not in requirements.lock: run `make lock`"
        assert requirement.specifier.contains(pinned), f"{requirement} but the lock has {pinned}"


def test_the_lock_asks_for_no_build_of_torch():
    assert pins()["torch"] == "2.13.0"
    assert not any("+" in version for version in pins().values())


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0"])  # the first is Debian 12's
def test_every_locked_package_takes_this_python(python):
    for name, version in pins().items():
        found = importlib.metadata.metadata(name)
        assert found["Version"].partition("+")[0] == version, f"{name}: run `make environment`"
        allowed = SpecifierSet(found.get("Requires-Python", ""))
        assert allowed.contains(python), f"{name} {version} needs Python {allowed}"
