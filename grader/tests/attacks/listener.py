"""Listens wherever an attack might call."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path


class Listener:
    """Listens to TCP, UDP, a socket file and an abstract name, and keeps what it hears."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[bytes] = []
        internet = [socket.socket(socket.AF_INET, socket.SOCK_STREAM)]
        internet[0].bind(("127.0.0.1", 0))
        self.port = internet[0].getsockname()[1]
        internet.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        internet[1].bind(("127.0.0.1", self.port))
        local = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
        local[0].bind(str(folder / "socket"))
        local[1].bind(f"\0{folder}")
        os.chmod(folder / "socket", 0o777)
        self.sockets = [*internet, *local]
        for sock in self.sockets:
            if sock.type == socket.SOCK_STREAM:
                sock.listen()
            threading.Thread(target=self._listen, args=(sock,), daemon=True).start()

    def _listen(self, sock: socket.socket) -> None:
        while True:
            try:
                if sock.type == socket.SOCK_DGRAM:
                    self.heard.append(sock.recv(100))
                else:
                    made, _ = sock.accept()
                    with made:
                        made.settimeout(1)
                        self.heard.append(b"call " + made.recv(100))
            except TimeoutError:
                self.heard.append(b"silent call")
            except OSError:
                return

    def close(self) -> None:
        """Stop to listen."""
        for sock in self.sockets:
            sock.close()
