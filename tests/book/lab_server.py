"""A JupyterLab on a free port of this machine, with nothing of the user's own settings."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

PATIENCE = 180_000  # milliseconds that a page may take on a busy machine
TRACKER = "lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
NEWS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def write_settings(config: Path) -> None:
    """Have every cell of a notebook drawn at once, and no news asked for."""
    for name, setting in ((TRACKER, {"windowingMode": "none"}), (NEWS, {"fetchNews": "false"})):
        path = config / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(setting))


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api").close()
            return
        time.sleep(0.2)
    raise RuntimeError("JupyterLab did not start")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server and its kernels; now and then one hangs while it shuts down."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()  # its kernels notice that it is gone, and end
        process.wait()


@contextlib.contextmanager
def serve(
    home: Path, root: Path, *arguments: str, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[str, int]]:
    """Serve a folder; yield the address and the number of the process."""
    port = free_port()
    write_settings(home / "config")
    own = {
        **environment,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(home / "ipython"),
    }
    options = ["--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.password="]
    places = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    places.append(f"--ServerApp.root_dir={root}")
    command = [sys.executable, "-m", "jupyterlab", *arguments, *options, *places]
    with open(home / "log", "wb") as log:
        process = subprocess.Popen(command, env=own, stdout=log, stderr=log)
    try:
        wait_for(address := f"http://127.0.0.1:{port}", process)
        yield address, process.pid
    finally:
        end(process)
