"""Empty jails made by bubblewrap, which a forked process enters to run a submission.

A jail has no network, its own process table and host name, a read-only system, two small
folders in memory (`/home/student`, `/tmp`), and shows of the instructor's machine only the
Python installation and the packages that the notebooks import.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from nbjudge.errors import SandboxError
from nbjudge.limits import Limits
from nbjudge.program import program

BWRAP = "bwrap"
HOME = "/home/student"
INSTALL = "install bubblewrap (Debian and Ubuntu: `sudo apt-get install bubblewrap libseccomp2`)"
_START_SECONDS = 120.0
_END_SECONDS = 5.0


def visible_paths(
    packages: Iterable[str], withheld: Iterable[str] = (), open_modules: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Return what a jail shows, as pairs (kind, path); kind is ``"show"`` or ``"empty"``.

    Parameters
    ----------
    packages : names of top-level packages that may lie outside the Python installation
    withheld : names of packages whose files stay out of sight
    open_modules : modules inside these whose files are shown nevertheless

    Raises
    ------
    SandboxError
        If a withheld package or an open module is not there.
    """
    shown = {os.path.realpath("/usr"), os.path.realpath(sys.base_prefix), sys.prefix}
    shown |= {os.path.realpath(path) for path in site.getsitepackages()}
    paths = [("show", path) for path in _outermost(shown)]
    hidden = set(withheld)
    for package in sorted(set(packages) - hidden):
        for folder in _folders(package):
            if not any(Path(folder).is_relative_to(path) for path in shown):
                paths.append(("show", folder))
    for package in sorted(hidden):
        if not (folders := _folders(package)):
            raise SandboxError(f"withheld package {package}: there is no package of this name")
        paths += [("empty", folder) for folder in folders]
    return paths + _opened(open_modules)


def _folders(package: str) -> list[str]:
    """Return where a package lies, found without importing it."""
    spec = find_spec(package)
    return list(spec.submodule_search_locations or []) if spec is not None else []


def _opened(modules: Iterable[str]) -> list[tuple[str, str]]:
    """Return the entries that show open modules; the folders around them stay empty."""
    paths: list[tuple[str, str]] = []
    for module in sorted(set(modules)):
        root, *parts = module.split(".")
        places = [Path(folder, *parts) for folder in _folders(root)]
        for path in [option for place in places for option in (place, place.with_suffix(".py"))]:
            if path.exists():
                paths.append(("show", str(path)))
                break
        else:
            raise SandboxError(f"open module {module}: there is no module of this name")
    return paths


def _outermost(paths: Iterable[str]) -> list[str]:
    found: list[str] = []
    for path in sorted(paths):
        if not any(Path(path).is_relative_to(other) for other in found):
            found.append(path)
    return found


def refuse_secrets(paths: Iterable[tuple[str, str]], secrets: Iterable[Path]) -> None:
    """Raise `SandboxError` if a jail with these paths would show one of the secret files."""
    for kind, path in paths:
        for secret in secrets:
            if kind == "show" and secret.resolve().is_relative_to(Path(path).resolve()):
                raise SandboxError(
                    f"the student's code could read {secret}, because it lies inside {path}, "
                    "which every jail shows: move the course out of the Python installation"
                )


def command(paths: Iterable[tuple[str, str]], limits: Limits, info: int) -> list[str]:
    """Return the command line that makes an empty jail and waits until its input closes."""
    disk = str(limits.disk_mb * 2**20)
    words = [
        BWRAP,
        *["--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-net", "--unshare-ipc"],
        *["--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session"],
        *["--cap-drop", "ALL", "--clearenv", "--hostname", "jail"],
        *["--proc", "/proc", "--dev", "/dev", "--size", "16777216", "--tmpfs", "/dev/shm"],
        *("--size", disk, "--tmpfs", "/tmp", "--size", disk, "--tmpfs", HOME),
    ]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if os.path.islink(f"/{name}"):
            words += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    for kind, path in paths:
        words += ["--ro-bind", path, path] if kind == "show" else ["--tmpfs", path]
    words += [word for kind, path in paths if kind == "empty" for word in ("--remount-ro", path)]
    # Where root grades, files of root in /proc/sys could be written without any capability.
    for path in ("/proc", "/dev", "/"):
        words += ["--remount-ro", path]
    words += ["--info-fd", str(info)]
    return [*words, "--", "/usr/bin/cat"]


class Jail:
    """One jail: empty when made, gone with everything in it after `close`."""

    def __init__(self, paths: Sequence[tuple[str, str]], limits: Limits) -> None:
        """Make the jail; raises `SandboxError` if bubblewrap is missing or refuses."""
        if shutil.which(BWRAP) is None:
            raise SandboxError(f"bubblewrap is missing: {INSTALL}")
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            command(paths, limits, writer),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(writer,),
            bufsize=0,
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )
        os.close(writer)
        try:
            self.pid = self._wait_until_ready(reader)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            os.close(reader)

    def _wait_until_ready(self, info: int) -> int:
        """Return the pid of the jail's first process, once `cat` in the jail has answered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"?")
        ready, _, _ = select.select([self._process.stdout], [], [], _START_SECONDS)
        if not ready or os.read(self._process.stdout.fileno(), 1) != b"?":
            self._process.kill()
            assert self._process.stderr is not None
            said = self._process.stderr.read().decode(errors="replace").strip()
            raise SandboxError(
                f"bubblewrap could not make a jail ({said or 'no answer'}): "
                f"run `{program()} doctor`, which says what this machine lacks"
            )
        return int(json.loads(os.read(info, 4096))["child-pid"])

    def close(self) -> None:
        """Kill everything in the jail and wait until it is gone."""
        try:  # its first process takes all others along, and bubblewrap collects it
            os.kill(self.pid, signal.SIGKILL)
            self._process.wait(_END_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.wait()
