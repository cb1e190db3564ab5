"""The process that runs a student's code: it executes cells and answers the judge's calls.

Nothing it says is trusted.  It runs inside a sandbox and gets from the judge only arguments;
expected values and the tests themselves stay on the other side.
"""

from __future__ import annotations

import builtins
import io
import json
import pickle
import socket
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from nbjudge.processes import frames, model_state, random_state
from nbjudge.processes.codec import BadMessage, Encoder
from nbjudge.processes.shell import Capped, Display, LastValue, Shell
from nbjudge.processes.withheld import WithheldModules

_INCOMPLETE = "incomplete input"  # all that IPython says of an open bracket or string
MAX_ITEMS = 100_000  # that a test can take from one iterator


class Student:
    """Serve the worker and the judge over one socket until it closes."""

    def __init__(
        self, sock: socket.socket, shell: Shell, finder: WithheldModules, output: int
    ) -> None:
        self._socket = sock
        self._shell = shell
        self._output_limit = output
        self._objects: list[Any] = []
        self._stateful: list[Any] = []
        finder.fetch = self._fetch

    def serve(self) -> None:
        """Answer until the other side closes the connection."""
        while True:
            try:
                kind, payload = frames.receive(self._socket)
            except frames.Closed:
                return
            if kind == frames.RUN:
                outputs = self._run(payload.decode())
                frames.send(self._socket, frames.DONE, json.dumps(outputs).encode())
            elif kind == frames.CALL:
                frames.send(self._socket, frames.REPLY, self._call(payload))
            elif kind == frames.FILES:
                frames.write_files(payload)

    # -- cells

    def _run(self, source: str) -> list[dict[str, Any]]:
        """Execute a cell as IPython does; return its outputs, an error as the last one."""
        outputs: list[dict[str, Any]] = []
        shell, text = self._shell, Capped(self._output_limit)
        display, hook = Display(), LastValue(shell=shell)
        display.outputs = hook.outputs = outputs
        errors: list[dict[str, Any]] = []

        def note(kind: Any, error: Any, lines: list[str]) -> None:
            trace = "\n".join(lines)[: self._output_limit]
            name, message = str(kind.__name__), str(error)[:2000]
            if kind is SyntaxError and error.msg == _INCOMPLETE:
                message = _what_is_incomplete(source) or message
                trace = trace.replace(_INCOMPLETE, message)
            errors[:] = [
                {"output_type": "error", "ename": name, "evalue": message, "traceback": [trace]}
            ]

        shell._showtraceback = note
        shell.display_pub, shell.displayhook = display, hook
        with redirect_stdout(text), redirect_stderr(text):
            result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None and not errors:
            note(type(error), error, [f"{type(error).__name__}: {error}"])
        if text.getvalue():
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text.getvalue()})
        return outputs + (errors if error is not None else [])

    # -- calls

    def _call(self, payload: bytes) -> bytes:
        """Do what the judge asks; return the encoded reply, an error included."""
        text = Capped(10_000)
        try:
            sent = pickle.loads(payload)
            if sent["fresh"]:
                self._objects.clear()
                self._stateful.clear()
            self._stateful += self._load(sent["definitions"])
            for value, state in zip(self._stateful, sent["states"], strict=True):
                model_state.restore(value, state)
            (operation, *args), details = self._load_request(sent["request"])
            with (
                random_state.applied(sent["random_state"]),
                redirect_stdout(text),
                redirect_stderr(text),
            ):
                result = getattr(self, f"_do_{operation}")(*args, **details)
                reply = {"value": result}
        except BaseException as error:
            reply = _describe_error(error)
        return self._encode(reply, text.getvalue())

    def _encode(self, reply: dict[str, Any], printed: str) -> bytes:
        try:
            reply |= {"printed": printed}
            reply["states"] = [model_state.snapshot(value) for value in self._stateful]
            return Encoder(self._node).encode(reply)
        except BaseException as error:
            reply = _describe_error(error) | {"printed": printed}
            return Encoder(self._node).encode(reply)

    def _load_request(self, data: bytes) -> tuple[Any, dict[str, Any]]:
        args, details = self._load(data)
        return args, details

    def _load(self, data: bytes) -> Any:
        return _Unpickler(self, io.BytesIO(data)).load()

    def persistent_load(self, known: tuple[Any, ...]) -> Any:
        """Return the object that the judge refers to."""
        if known[0] == "object":
            return self._objects[known[1]]
        if known[0] == "stateful":
            return self._stateful[known[1]]
        return self._remote(known[1], known[2])

    def _node(self, value: Any) -> list[Any]:
        """Return the node of an object that is not plain: one of the judge's own, or a handle."""
        for number, own in enumerate(self._stateful):
            if own is value:
                return ["m", number]
        places = [n for n, known in enumerate(self._objects) if known is value]
        number = places[0] if places else len(self._objects)
        if not places:
            self._objects.append(value)
        kind = "class" if isinstance(value, type) else "object"
        name = getattr(value, "__name__", "")
        return ["h", number, kind, type(value).__name__, name if type(name) is str else ""]

    def _do_seed(self, number: int) -> None:
        random_state.seed(number)

    def _do_names(self, names: list[str]) -> dict[str, Any]:
        space = self._shell.user_ns
        return {name: space[name] for name in names if name in space}

    def _do_call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return target(*args, **kwargs)

    def _do_call_and_return_arguments(self, target: Any, args: tuple[Any, ...]) -> Any:
        return target(*args), args

    def _do_beside(self, helper: Any, args: tuple[Any, ...]) -> Any:
        return helper(*args)

    def _do_attribute(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def _do_set_attribute(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def _do_iterate(self, target: Any) -> list[Any]:
        items = []
        for item in target:
            items.append(item)
            if len(items) > MAX_ITEMS:
                raise ValueError(f"it yields more than {MAX_ITEMS} items")
        return items

    def _do_length(self, target: Any) -> int:
        return len(target)

    def _do_item(self, target: Any, key: Any) -> Any:
        return target[key]

    # -- questions to the judge

    def _remote(self, number: int, name: str) -> Any:
        """Return a function that runs in the judge's process, on plain data."""

        def remote(*args: Any, **kwargs: Any) -> Any:
            return self._ask("function", number, list(args), kwargs)

        remote.__name__ = remote.__qualname__ = name
        return remote

    def _fetch(self, module: str, name: str) -> Any:
        return self._ask("reference", module, name)

    def _ask(self, *question: Any) -> Any:
        frames.send(self._socket, frames.QUERY, Encoder(self._no_handle).encode(list(question)))
        _, payload = frames.receive(self._socket)
        succeeded, value = self._load(payload)
        if not succeeded:
            raise RuntimeError(value)
        return value

    @staticmethod
    def _no_handle(value: Any) -> list[Any]:
        raise BadMessage(f"a {type(value).__name__} cannot be passed to a function of the test")


class _Unpickler(pickle.Unpickler):
    def __init__(self, student: Student, buffer: io.BytesIO) -> None:
        super().__init__(buffer)
        self._student = student

    def persistent_load(self, known: Any) -> Any:
        return self._student.persistent_load(known)


def _describe_error(error: BaseException) -> dict[str, Any]:
    """Return an exception as plain data, with the name of the builtin class it derives from."""
    known = [kind for kind in type(error).__mro__ if getattr(builtins, kind.__name__, 0) is kind]
    kind = known[0].__name__ if issubclass(known[0], Exception) else "RuntimeError"
    message = _text_of(error)
    if kind != type(error).__name__:
        message = f"{type(error).__name__}: {message}"
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    own = [line for line in lines if "nbjudge/" not in line]
    return {"error": kind, "message": message, "traceback": "".join(own)[-8000:]}


def _what_is_incomplete(source: str) -> str:
    """Return what Python itself says of a cell that IPython takes for unfinished."""
    try:
        compile(source, "<cell>", "exec")
    except (SyntaxError, ValueError) as error:
        return str(error)[:2000]
    return ""


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return ""
