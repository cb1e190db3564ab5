"""A server that has imported the heavy libraries and forks a ready process for each submission.

Importing PyTorch or Keras takes seconds; a fork takes milliseconds.  The server runs in a
clean environment, knows nothing secret, has one thread, and executes nothing of a student.
It is started as a script, so that it can empty the withheld modules before anything imports
them: ``python -I forkserver.py SOCKET``.
"""

from __future__ import annotations

import array
import contextlib
import faulthandler
import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import tempfile
import traceback
import types
from pathlib import Path
from typing import Any

LATER = {"numpy": ["numpy.testing"], "torch": ["torch._dynamo"]}  # imported at first use


def load_by_path(name: str) -> types.ModuleType:
    """Import a module of this package under its full name, without its parents."""
    path = Path(__file__).parents[1].joinpath(*name.split(".")).with_suffix(".py")
    spec = importlib.util.spec_from_file_location(f"nbjudge.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def import_all(names: list[str]) -> None:
    """Import what the notebook imports; a module that is missing is the notebook's affair.

    PyTorch's CUDA build loads triton, which crashes a process that has TensorFlow.  PyTorch
    works without it, and here is no GPU.
    """
    sys.modules.setdefault("triton", None)  # type: ignore[arg-type]  # an import of it fails
    for name in names:
        for part in [name, *LATER.get(name, [])]:
            with contextlib.suppress(ImportError):
                importlib.import_module(part)


def serve(sock: socket.socket, config: dict[str, Any]) -> None:
    """Fork a process for each request until the socket closes."""
    sys.path += [folder for folder in config["path"] if folder not in sys.path]
    module = load_by_path("processes.withheld")
    finder = module.WithheldModules(module.Withheld(**config["withheld"]))
    finder.install()
    import_all(config["imports"])
    from nbjudge.processes import student  # noqa: F401  (imported before the first fork)
    from nbjudge.processes.shell import make_shell
    from nbjudge.sandbox import restrict

    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        shell = make_shell()
    rules = restrict.system_call_filter() if config["sandbox"] else None
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"the imports started {threads - 1} threads: a fork would hang")
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sock.send(b"ready")
    while True:
        request, files = _receive(sock)
        if not request:
            return
        _fork(sock, request, files, shell, finder, rules)


def _receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return the next request with the files that come along, or an empty one at the end."""
    size = array.array("i").itemsize
    data, ancillary, _, _ = sock.recvmsg(65536, socket.CMSG_SPACE(4 * size))
    if not data:
        return {}, []
    numbers = array.array("i")
    for _level, _kind, content in ancillary:
        numbers.frombytes(content[: len(content) - len(content) % size])
    return json.loads(data), list(numbers)


def _fork(
    sock: socket.socket,
    request: dict[str, Any],
    files: list[int],
    shell: Any,
    finder: Any,
    rules: Any,
) -> None:
    """Start one process; the answer to the worker is its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            _child(sock, request, files, shell, finder, rules)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    for file in files:
        os.close(file)
    if request["jail"] is None:
        sock.send(str(pid).encode())


def _child(
    sock: socket.socket,
    request: dict[str, Any],
    files: list[int],
    shell: Any,
    finder: Any,
    rules: Any,
) -> None:
    """Enter the jail; the process that is inside from birth, a second fork, does the work."""
    from nbjudge.sandbox import restrict

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if request["jail"] is None:
        restrict.die_with_parent()
        os.chdir(request["folder"])
    else:
        try:
            restrict.enter_jail(request["jail"])
        except OSError as error:
            sock.send(f"failed: {error}".encode())
            return
        pid = os.fork()
        if pid:  # stays until the other one ends, because nobody else need collect it
            sock.send(str(pid).encode())
            os.closerange(3, 4096)
            os.waitpid(pid, 0)
            return
        os.environ["HOME"] = "/home/student"
    os.setsid()  # a signal to one's own group must not reach the server
    channel, *errors = files
    restrict.close_files(set(files))
    for file in errors:  # the judge's: what it writes there is told where it ends too early
        os.dup2(file, 2)
        os.close(file)
    limits = request["limits"]
    restrict.limit(**limits)
    if request["jail"] is not None:
        restrict.drop_rights()
        rules.load()
    _work(request, socket.socket(fileno=channel), shell, finder)


def _work(request: dict[str, Any], channel: socket.socket, shell: Any, finder: Any) -> None:
    if request["role"] == "student":
        from nbjudge.processes.student import Student

        Student(channel, shell, finder, request["output"]).serve()
    else:
        from nbjudge.processes.judge import Judge

        faulthandler.enable()
        finder.remove()
        Judge(channel).serve()


if __name__ == "__main__":
    descriptor = socket.socket(fileno=int(sys.argv[1]))  # packets: one message each
    load_by_path("sandbox.restrict").die_with_parent()
    serve(descriptor, json.loads(descriptor.recv(1 << 20)))
