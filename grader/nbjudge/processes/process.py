"""A forked process, as the worker sees it: its socket, what it uses, how it ends."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from nbjudge.limits import Limits
from nbjudge.processes import frames
from nbjudge.sandbox.bubblewrap import Jail

_PROCESS_CLOCK = 2  # the clock of a process in the kernel's numbering, clock_getcpuclockid(3)
TICK = 0.05  # seconds that `wait` waits
_SAID, _LINES = 2000, 4  # bytes and lines of a stderr that an error repeats


class Process:
    """One forked process: its socket, its jail, and what it may use."""

    def __init__(
        self,
        sock: socket.socket,
        place: Jail | Path,
        pid: int,
        limits: Limits,
        errors: IO[bytes] | None = None,
    ) -> None:
        self._place, self._limits = place, limits  # without a sandbox it is a plain folder
        self._errors = errors  # what it writes to stderr, if that is kept
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

    def last_words(self) -> str:
        """Return the last lines of its stderr as the end of a sentence, empty if there are none."""
        if self._errors is None:
            return ""
        number = self._errors.fileno()
        size = os.fstat(number).st_size
        said = os.pread(number, _SAID, max(0, size - _SAID)).decode(errors="replace")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return f"; its last words: {'; '.join(lines[-_LINES:])}" if lines else ""

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
        if self._errors is not None:
            self._errors.close()
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
