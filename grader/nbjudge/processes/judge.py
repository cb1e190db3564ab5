"""The process that runs the tests: locked cells and test cells, never a student's code.

It has a sandbox of its own, because it reads what the student's process says.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import pickle
import socket
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from typing import Any

import cloudpickle

from nbjudge.checks import arrays, seeds
from nbjudge.checks.parts import Part, Score
from nbjudge.processes import frames, random_state
from nbjudge.processes.proxies import Link, StudentGone
from nbjudge.processes.withheld import Withheld


class Judge:
    """Serve the worker over one socket until it closes."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._link = Link(sock, self._answer)

    def serve(self) -> None:
        """Answer until the other side closes the connection."""
        while True:
            try:
                kind, payload = frames.receive(self._socket)
            except frames.Closed:
                return
            if kind == frames.RUN:
                request = json.loads(payload)
                result = getattr(self, f"_do_{request.pop('do')}")(**request)
                frames.send(self._socket, frames.DONE, json.dumps(result).encode())
            elif kind == frames.QUERY:
                frames.send(self._socket, frames.ANSWER, self._link.answer(payload))
            elif kind == frames.FILES:
                frames.write_files(payload)

    def _do_start(self, key: str, context: str, withheld: dict[str, list[str]]) -> dict[str, Any]:
        """Begin a run with an empty name space."""
        seeds.set_key(bytes.fromhex(key), context)
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self._space = main.__dict__
        self._students: set[str] = set()  # names that belong to the student at present
        self._handed_out: list[Any] = []
        self._withheld = Withheld(**{name: tuple(given) for name, given in withheld.items()})
        return {}

    def _do_locked(self, source: str, names: list[str]) -> dict[str, Any]:
        """Run a locked cell, which binds ``names``; from here on they are the judge's own."""
        verdict = _Verdict()
        with verdict.collect():
            exec(compile(source, "<locked cell>", "exec"), self._space)
        handed = [self._space[name] for name in names if name in self._students & set(self._space)]
        self._handed_out += handed
        self._students -= set(names)
        return verdict.plain()

    def _do_solution(self, names: list[str]) -> dict[str, Any]:
        """Note that a solution cell binds ``names``: from here on they are the student's."""
        self._students |= set(names)
        for name in names:
            self._space.pop(name, None)
        return {}

    def _do_test(self, source: str, seed: int, record: bool) -> dict[str, Any]:
        """Run a test cell; return whether its last statement was reached, and why not."""
        verdict = _Verdict()
        self._link.forget()
        texts: set[str] = set()
        arrays.author_texts = texts.add if record else None
        with verdict.collect():
            body, last = _split(source)
            self._bind_proxies(source, seed)
            random_state.seed(seed)
            exec(body, self._space)
            value = eval(last, self._space) if last is not None else None
            verdict.take(value)
        arrays.author_texts = None
        return verdict.plain() | {"texts": sorted(texts), "printed_there": self._link.printed}

    def _bind_proxies(self, source: str, seed: int) -> None:
        used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        for name in self._students:
            self._space.pop(name, None)
        self._link.ask("seed", seed)
        self._space.update(self._link.names(sorted(used & self._students)))

    def _answer(self, question: list[Any]) -> bytes:
        """Answer the student's process: call a function of the test, or give a reference."""
        what, *rest = question
        if what == "function":
            number, args, kwargs = rest
            return pickle.dumps((True, self._link.functions[number](*args, **kwargs)))
        module, name = str(rest[0]), str(rest[1])
        if not self._withheld.covers(module):
            return pickle.dumps((True, None))
        try:
            found = getattr(importlib.import_module(module), name, None)
        except ImportError:
            found = None
        if found is None or not any(found is value for value in self._handed_out):
            return pickle.dumps((True, None))
        for loaded in list(sys.modules):
            if self._withheld.covers(loaded):
                cloudpickle.register_pickle_by_value(sys.modules[loaded])
        data: bytes = cloudpickle.dumps((True, found))
        return data


def _split(source: str) -> tuple[types.CodeType, types.CodeType | None]:
    """Compile a cell: its statements, and the expression on its last line if there is one."""
    tree = ast.parse(source)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        expression = tree.body.pop()
        assert isinstance(expression, ast.Expr)
        last = compile(ast.Expression(expression.value), "<test>", "eval")
    return compile(tree, "<test>", "exec"), last


class _Verdict:
    """What came of a cell: whether its end was reached, its score, the reason of a failure."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._result: dict[str, Any] = {"reached": False}

    @contextlib.contextmanager
    def collect(self) -> Any:
        """Run the block; every exception in it becomes the reason of the failure."""
        try:
            with redirect_stdout(self._text), redirect_stderr(self._text):
                yield
            self._result["reached"] = True
        except frames.Closed:
            raise
        except BaseException as error:
            self._result |= explain(error)

    def take(self, value: Any) -> None:
        """Note the points of `Parts`, if the last line of the cell gives them."""
        if isinstance(value, Score):
            self._result["score"] = float(value)
            self._result["parts"] = [_plain(part) for part in value.parts]

    def plain(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return self._result | {"printed": self._text.getvalue()[:100_000]}


def explain(error: BaseException) -> dict[str, Any]:
    """Return the reason of a failure: in full, and as far as it says nothing of the test."""
    kind = "NotRun" if isinstance(error, StudentGone) else type(error).__name__
    trace = getattr(error, "student_traceback", "")
    # Of a student's KeyError the text came along; as a KeyError it would be quoted once more.
    message = error.args[0] if trace and type(error) is KeyError else error
    return {"error": kind, "message": str(message)[:5000], "trace": trace} | reason(error)


def _plain(part: Part) -> dict[str, Any]:
    """Return a part of a question as plain data, with the reason where it failed."""
    data = asdict(part.result)
    if part.error is None:
        return data
    said = {"message": str(part.error)} if isinstance(part.error, StudentGone) else {}
    return data | said | reason(part.error)


def reason(error: BaseException) -> dict[str, Any]:
    """Return what may be said of a failure: a fixed sentence, and texts of the test's author."""
    kind = type(error).__name__
    if isinstance(error, StudentGone):
        return {"public": str(error), "author": []}
    if isinstance(error, arrays.CheckFailed):
        return {"public": error.public, "author": list(error.texts)}
    if getattr(error, "student_traceback", ""):
        return {"public": f"your code raised {_article(kind)}", "author": []}
    if isinstance(error, AssertionError):
        return {"public": "", "author": [str(error)]}
    where = "".join(traceback.format_exception(error)[-3:])
    return {"public": f"the test ended with {_article(kind)}", "author": [], "where": where}


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "AEIOU" else f"a {kind}"
