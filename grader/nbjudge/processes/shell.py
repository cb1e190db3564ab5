"""IPython as cells of a student find it: no window system, no system shell, outputs collected."""

from __future__ import annotations

import io
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

SHOWN = ("text/plain", "image/png")  # forms of output that travel


class Capped(io.StringIO):
    """Text that stops growing at ``limit`` characters."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit

    def write(self, text: str) -> int:
        """Keep what still fits."""
        super().write(text[: self._left])
        self._left = max(0, self._left - len(text))
        return len(text)


class Shell(InteractiveShell):  # type: ignore[misc]  # IPython is partly typed
    """IPython without a window system and without a system shell."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: figures become outputs, as in JupyterLab."""

    def system(self, cmd: str) -> None:
        """Say that ``!command`` and ``%pip`` do not run; what follows in the cell does."""
        print(f"(not run while grading: {cmd})")


def make_shell() -> Shell:
    """Return the IPython shell of the process; made once, before the first fork."""
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    main = sys.modules["__main__"]
    shell: Shell = Shell.instance(config=config, user_module=main)
    return shell


class Display(DisplayPublisher):  # type: ignore[misc]
    """Collect what ``display(...)`` shows."""

    outputs: list[dict[str, Any]]

    def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
        """Add one output."""
        self.outputs.append({"output_type": "display_data", "data": _plain_mime(data)})


class LastValue(DisplayHook):  # type: ignore[misc]
    """Collect the value of the last line of a cell."""

    outputs: list[dict[str, Any]]

    def __call__(self, result: Any = None) -> None:
        if result is not None and not self.quiet():
            data, _ = self.shell.display_formatter.format(result)
            self.outputs.append({"output_type": "display_data", "data": _plain_mime(data)})


def _plain_mime(data: dict[str, Any]) -> dict[str, str]:
    return {kind: data[kind] for kind in SHOWN if type(data.get(kind)) is str}
