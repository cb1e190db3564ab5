"""The worker's side of the fork server: it starts the server and asks it for processes."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from nbjudge.errors import SandboxError
from nbjudge.limits import Limits
from nbjudge.processes.process import Process
from nbjudge.processes.withheld import Withheld
from nbjudge.sandbox.bubblewrap import Jail

_START_SECONDS = 600.0  # a busy machine may take long to import large libraries
_SCRIPT = Path(__file__).with_name("forkserver.py")
#: Nothing of the instructor's environment reaches a submission.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONHASHSEED": "0",
} | {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "TF_NUM_INTEROP")}


class ForkServer:
    """The process of `forkserver.py`, and the jails for what it forks."""

    def __init__(
        self,
        imports: Sequence[str],
        withheld: Withheld,
        shown: dict[str, list[tuple[str, str]]] | None,
    ) -> None:
        """Start the server.

        Parameters
        ----------
        imports : modules to import once, from wherever this process would
        withheld : what the student's process has only by name
        shown : what the jail of each role shows, or None to do without a sandbox
        """
        self._shown = shown
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the server)
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", str(_SCRIPT), str(other.fileno())],
            pass_fds=(other.fileno(),),
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        other.close()
        settings = {
            "imports": list(imports),
            "path": [folder for folder in sys.path if os.path.isabs(folder)],
            "withheld": asdict(withheld),
            "sandbox": shown is not None,
        }
        self._socket.settimeout(_START_SECONDS)
        self._say(json.dumps(settings).encode(), [])
        if self._hear() != "ready":
            raise SandboxError(f"the server that imports the libraries ended:\n{self.errors()}")

    def errors(self) -> str:
        """Return the end of what the server wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-3000:]

    def fork(self, role: str, limits: Limits) -> Process:
        """Return a new process for ``role``, ``"student"`` or ``"judge"``."""
        if self._shown is not None:
            place: Jail | Path = Jail(self._shown[role], limits)
        else:
            place = Path(tempfile.mkdtemp())
        ours, theirs = socket.socketpair()
        # Student's code has no stderr: what it wrote there would take the instructor's disk.
        errors = tempfile.TemporaryFile() if role == "judge" else None  # noqa: SIM115
        request = {
            "role": role,
            "jail": place.pid if isinstance(place, Jail) else None,
            "folder": str(place),
            "output": limits.output_kb * 1024,
            "limits": {
                "memory_mb": limits.memory_mb,
                "disk_mb": limits.disk_mb,
                "threads": limits.threads,
                "processor_seconds": 2 * limits.total_seconds,
            },
        }
        try:
            files = [theirs.fileno(), *([errors.fileno()] if errors else [])]
            self._say(json.dumps(request).encode(), files)
            answer = self._hear()
        finally:
            theirs.close()
        if not answer.isdigit():
            raise SandboxError(f"no process could be started: {answer or self.errors()}")
        return Process(ours, place, int(answer), limits, errors)

    def _say(self, data: bytes, files: list[int]) -> None:
        extra = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
        try:
            self._socket.sendmsg([data], extra)
        except OSError as error:
            raise SandboxError(f"the fork server is gone:\n{self.errors()}") from error

    def _hear(self) -> str:
        try:
            return self._socket.recv(65536).decode()
        except (TimeoutError, OSError) as error:
            raise SandboxError(f"the fork server does not answer:\n{self.errors()}") from error

    def close(self) -> None:
        """End the server; processes that it forked end with their jails."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
