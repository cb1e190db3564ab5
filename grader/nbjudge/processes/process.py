"""The worker's side of the fork server and of the processes that it forks."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from nbjudge.errors import SandboxError
from nbjudge.limits import Limits
from nbjudge.processes import frames
from nbjudge.processes.withheld import Withheld
from nbjudge.sandbox.bubblewrap import Jail

_START_SECONDS = 600.0  # a busy machine may take long to import large libraries
_PROCESS_CLOCK = 2  # the clock of a process in the kernel's numbering, clock_getcpuclockid(3)
TICK = 0.05  # seconds that `wait` waits
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


class Process:
    """One forked process: its socket, its jail, and what it may use."""

    def __init__(self, sock: socket.socket, place: Jail | Path, pid: int, limits: Limits) -> None:
        self._place, self._limits = place, limits  # without a sandbox it is a plain folder
        self.pid = pid
        self.socket = sock
        sock.setblocking(False)
        self._reader = frames.Reader(limits.reply_mb * 2**20)
        self._outgoing = bytearray()
        self._base = self._memory()
        self._used = 0.0

    def send(self, kind: bytes, payload: bytes) -> None:
        """Queue one frame; it leaves while `exchange` waits."""
        self._outgoing += frames.pack(kind, payload)
        self._flush()

    @property
    def wants_to_write(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._outgoing)

    def _flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._outgoing:
                try:
                    sent = self.socket.send(self._outgoing[: 1 << 20])
                except (BrokenPipeError, ConnectionResetError):
                    self._outgoing.clear()  # `take` finds out and says so
                    return
                del self._outgoing[:sent]

    def take(self) -> list[tuple[bytes, bytes]]:
        """Return the frames that have arrived; the last one is `DEAD` if the process is lost."""
        try:
            part = self.socket.recv(1 << 20)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            part = b""
        if not part:
            return [(frames.DEAD, b"your code ended the process that ran it")]
        try:
            return self._reader.feed(part)
        except frames.TooLarge:
            reason = f"your code returned more than {self._limits.reply_mb} MB"
            return [(frames.DEAD, reason.encode())]

    def misuse(self) -> str:
        """Return what the process uses more of than it may, or an empty string."""
        if self._memory() - self._base > self._limits.memory_mb * 2**20:
            return f"your code used more than {self._limits.memory_mb} MB of memory"
        with contextlib.suppress(OSError):
            if len(os.listdir(f"/proc/{self.pid}/task")) > self._limits.threads:
                return f"your code started more than {self._limits.threads} threads"
        return ""

    def processor_seconds(self) -> float:
        """Return the processor time that the process has used; once it is gone, what was known."""
        with contextlib.suppress(OSError):
            self._used = time.clock_gettime(~self.pid << 3 | _PROCESS_CLOCK)
        return self._used

    def has_spoken(self) -> bool:
        """Return whether the process has sent something that was not taken yet."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def is_asleep(self) -> bool:
        """Return whether no thread of the process runs, or waits for a processor or a disk."""
        with contextlib.suppress(OSError):
            for path in Path(f"/proc/{self.pid}/task").iterdir():
                if (path / "stat").read_text().rpartition(")")[2].split()[0] in "RD":
                    return False
        return True

    def _memory(self) -> int:
        """Return the bytes that are this process's own, shared memory included."""
        total = 0
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
        return total

    def close(self) -> None:
        """Kill the process with everything it started."""
        self.socket.close()
        if isinstance(self._place, Jail):
            self._place.close()
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        shutil.rmtree(self._place, ignore_errors=True)


def wait(processes: Sequence[Process]) -> list[tuple[Process, bytes, bytes]]:
    """Wait a moment for frames of any of the processes; also sends what is queued."""
    writers = [process.socket for process in processes if process.wants_to_write]
    readers = [process.socket for process in processes]
    readable, writable, _ = select.select(readers, writers, [], TICK)
    frames = []
    for process in processes:
        if process.socket in writable:
            process._flush()
        if process.socket in readable:
            frames += [(process, kind, payload) for kind, payload in process.take()]
    return frames


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
            self._say(json.dumps(request).encode(), [theirs.fileno()])
            answer = self._hear()
        finally:
            theirs.close()
        if not answer.isdigit():
            raise SandboxError(f"no process could be started: {answer or self.errors()}")
        return Process(ours, place, int(answer), limits)

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
