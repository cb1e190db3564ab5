"""Frames over a socket: one letter that says what it is, a length, and that many bytes."""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

_HEAD = struct.Struct(">cQ")
HEAD_SIZE = _HEAD.size

# Worker -> process: what to do.          Process -> worker: what came of it.
RUN = b"x"  # run this cell                DONE = the cell has run
DONE = b"o"
CALL = b"c"  # judge -> student: call, look up, ...   REPLY = the answer
REPLY = b"r"
QUERY = b"q"  # student -> judge: call a function of the test, hand out a reference
ANSWER = b"a"
FILES = b"f"  # worker -> both: data files that lie next to the notebook
DEAD = b"d"  # worker -> judge: the student's process ended or took too long


class Closed(Exception):
    """The other side ended the connection."""


class TooLarge(Exception):
    """A frame announces more bytes than it may have."""


def pack(kind: bytes, payload: bytes) -> bytes:
    """Return one frame."""
    return _HEAD.pack(kind, len(payload)) + payload


def send(sock: socket.socket, kind: bytes, payload: bytes) -> None:
    """Send one frame; raises `Closed` when the other side is gone."""
    try:
        sock.sendall(_HEAD.pack(kind, len(payload)))
        sock.sendall(payload)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed from error


def receive(sock: socket.socket) -> tuple[bytes, bytes]:
    """Wait for one frame and return its kind and its payload; raises `Closed` at the end."""
    kind, length = _HEAD.unpack(_exactly(sock, HEAD_SIZE))
    return kind, _exactly(sock, length)


def _exactly(sock: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        try:
            part = sock.recv(min(length - len(parts), 1 << 20))
        except ConnectionResetError as error:
            raise Closed from error
        if not part:
            raise Closed
        parts += part
    return bytes(parts)


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return data files as the payload of a `FILES` frame, which only the worker sends."""
    return pickle.dumps(dict(files))


def write_files(payload: bytes) -> None:
    """Write the files of a `FILES` frame below the current folder."""
    for name, content in pickle.loads(payload).items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"{name} does not lie below the notebook's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class Reader:
    """Take frames from bytes that arrive in pieces, none longer than ``limit``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def feed(self, part: bytes) -> list[tuple[bytes, bytes]]:
        """Return the frames that ``part`` completes; raises `TooLarge`."""
        self._bytes += part
        frames = []
        while len(self._bytes) >= HEAD_SIZE:
            kind, length = _HEAD.unpack_from(self._bytes)
            if length > self._limit:
                raise TooLarge
            if len(self._bytes) < HEAD_SIZE + length:
                break
            frames.append((kind, bytes(self._bytes[HEAD_SIZE : HEAD_SIZE + length])))
            del self._bytes[: HEAD_SIZE + length]
        return frames
