"""The two kernels that nbval runs a chapter with: one that keeps all outputs, one that plays back.

nbval asks a kernel to execute a cell and then reads the messages that come.  `RecordingKernel`
is nbval's own, with a process behind it; it keeps each message that is an output.
`RecordedKernel` has no process: for a chapter that ran before and has not changed since, it
gives the outputs of that run again, so that nbval judges every chapter in every run.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import output_from_msg
from nbval.kernel import RunningKernel

OUTPUTS = ("stream", "display_data", "execute_result", "error")
#: How long a kernel may be silent where nbval has limits of its own that are too tight.
PATIENCE_SECONDS = 300.0

Message = dict[str, Any]


class KernelDied(RuntimeError):
    """The kernel's process has ended while it ran a cell."""


def add(output: NotebookNode, outputs: list[NotebookNode]) -> None:
    """Append an output, or its text to that of the last one if both are of the same stream."""
    last = outputs[-1] if outputs else NotebookNode()
    if output.output_type == "stream" and last.get("name") == output.name:
        last.text += output.text
    else:
        outputs.append(output)


class RecordingKernel(RunningKernel):  # type: ignore[misc]  # nbval has no type hints
    """A running kernel that keeps the outputs of each cell as a notebook stores them."""

    def __init__(self, name: str, folder: Path) -> None:
        self.outputs: list[list[NotebookNode]] = []
        self.current = ""
        super().__init__(name, cwd=str(folder), startup_timeout=PATIENCE_SECONDS)
        reply = self.kc.kernel_info(reply=True, timeout=PATIENCE_SECONDS)
        self.language_info = NotebookNode(reply["content"]["language_info"])

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Send a cell, which counts as in any notebook; return the identity of the message."""
        self.outputs.append([])
        self.current = self.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)
        return self.current

    def get_message(self, stream: str, timeout: float | None = None) -> Message:
        """Return the next message; keep it if it is an output of the current cell."""
        message: Message = super().get_message(stream, timeout=timeout)
        own = self.outputs and message["parent_header"].get("msg_id") == self.current
        if own and message["msg_type"] in OUTPUTS:
            add(output_from_msg(message), self.outputs[-1])
        return message

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Wait for the reply to a message.

        Raises
        ------
        KernelDied
            If the process ends, which is noticed within a second.
        Empty
            If the reply does not come in time.
        """
        end = time.monotonic() + max(timeout or 0.0, PATIENCE_SECONDS)
        while True:
            try:
                super().await_reply(msg_id, timeout=1.0)
                return
            except Empty:
                if not self.is_alive():
                    raise KernelDied("the kernel's process ended in this cell") from None
                if time.monotonic() > end:
                    raise


class RecordedKernel(RunningKernel):  # type: ignore[misc]
    """A kernel without a process that gives recorded outputs, cell by cell."""

    def __init__(self, outputs: list[list[NotebookNode]]) -> None:
        self.outputs = outputs
        self.messages: deque[Message] = deque()
        self.done = 0

    def is_alive(self) -> bool:
        """Return True: there is nothing that could die."""
        return True

    def stop(self) -> None:
        """Do nothing: there is no process."""

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Make the messages that the cell gave; return the identity of their parent."""
        parent = {"msg_id": str(self.done)}
        kept = [(output.output_type, dict(output)) for output in self.outputs[self.done]]
        for kind, content in [*kept, ("status", {"execution_state": "idle"})]:
            self.messages.append({"msg_type": kind, "content": content, "parent_header": parent})
        self.done += 1
        return parent["msg_id"]

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once: the cell has been run long ago."""

    def get_message(self, stream: str, timeout: float | None = None) -> Message:
        """Return the next message of the cell."""
        return self.messages.popleft()
