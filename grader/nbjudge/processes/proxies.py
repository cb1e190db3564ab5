"""The judge's side of every object that lives in the student's process.

A test calls the student's function as if it were its own.  The arguments travel to the
student's process; what comes back is plain data or, for any other object, a `Proxy` that
passes calls, attributes and items on, and refuses to be compared.
"""

from __future__ import annotations

import builtins
import io
import pickle
import socket
import types
from collections.abc import Callable, Iterator
from typing import Any

from nbjudge.processes import frames, model_state, random_state
from nbjudge.processes.codec import BadMessage, Decoder


class StudentGone(Exception):
    """The student's process ended or took too long; no more can be asked of it."""

    ends_the_run = True  # for what calls a student's function and catches its exceptions


class Link:
    """The judge's end of the conversation with the student's process."""

    def __init__(self, sock: socket.socket, answer: Callable[[list[Any]], bytes]) -> None:
        self._socket = sock
        self._answer = answer  # what to say when the student's process asks something
        self.printed = ""  # what student's code printed since the last `forget`
        self.forget()

    def forget(self) -> None:
        """Start afresh: no object is known to both sides and nothing is printed."""
        self.functions: list[Callable[..., Any]] = []
        self._stateful: list[Any] = []
        self.printed = ""
        self.died = False
        self._fresh = True

    def ask(self, operation: str, *args: Any, **details: Any) -> Any:
        """Send a request; return the plain answer.  A student's exception is raised here."""
        if self.died:
            raise StudentGone("your code ended the run of this question")
        new: list[Any] = []
        arguments = _materialise(((operation, *args), details))
        model_state.find([*arguments[0], *arguments[1].values()], new)
        new = [value for value in new if not any(value is old for old in self._stateful)]
        definitions = self._pickle(new)
        self._stateful += new
        sent = {
            "fresh": self._fresh,
            "definitions": definitions,
            "states": [model_state.snapshot(value) for value in self._stateful],
            "request": self._pickle(arguments),
            "random_state": random_state.current(),
        }
        random_state.draw_once()
        self._fresh = False
        frames.send(self._socket, frames.CALL, self._pickle(sent))
        data = self._wait()
        try:
            reply = self._decoder().value(data)
        except BadMessage as error:
            raise AssertionError("your code interfered with the test") from error
        return self._open(reply)

    def names(self, names: list[str]) -> dict[str, Any]:
        """Return what the student's process holds under these names; missing ones are absent."""
        found = self.ask("names", names)
        return {name: found[name] for name in names if name in found}

    def _decoder(self) -> Decoder:
        return Decoder(
            lambda number, kind, type_name, name: Proxy(self, number, kind, type_name, name),
            self._own,
        )

    def _own(self, number: int) -> Any:
        if not 0 <= number < len(self._stateful):
            raise BadMessage("no such object")
        return self._stateful[number]

    def _wait(self) -> bytes:
        while True:
            kind, payload = frames.receive(self._socket)
            if kind == frames.REPLY:
                return payload
            if kind == frames.DEAD:
                self.died = True
                raise StudentGone(payload.decode())
            if kind == frames.QUERY:
                frames.send(self._socket, frames.ANSWER, self.answer(payload))

    def answer(self, payload: bytes) -> bytes:
        """Return the answer to a question of the student's process, never raising."""
        try:
            return self._answer(self._decoder().value(payload))
        except Exception as error:
            return pickle.dumps((False, f"{type(error).__name__}: {error}"))

    def _open(self, reply: Any) -> Any:
        if type(reply) is not dict or type(reply.get("printed")) is not str:
            raise AssertionError("your code interfered with the test")
        self.printed += reply["printed"][:10_000]
        for value, state in zip(self._stateful, reply.get("states", ()), strict=False):
            model_state.restore(value, state)
        if "error" in reply:
            raise _student_error(reply)
        return reply["value"]

    def _pickle(self, value: Any) -> bytes:
        buffer = io.BytesIO()
        _Pickler(self, buffer).dump(value)
        return buffer.getvalue()

    def persistent_id(self, value: Any) -> Any:
        """Return what the student's process knows ``value`` by, or None."""
        if isinstance(value, Proxy):
            return ("object", value._number)
        for number, own in enumerate(self._stateful):
            if own is value:
                return ("stateful", number)
        if isinstance(value, types.FunctionType) and not _importable(value):
            self.functions.append(value)
            return ("function", len(self.functions) - 1, value.__name__)
        return None


class _Pickler(pickle.Pickler):
    def __init__(self, link: Link, buffer: io.BytesIO) -> None:
        super().__init__(buffer)
        self._link = link

    def persistent_id(self, value: Any) -> Any:
        return self._link.persistent_id(value)

    def reducer_override(self, value: Any) -> Any:
        """Send a tensor as an array, which takes a tenth of the time of PyTorch's own way."""
        return model_state.reduce_tensor(value)


def _importable(function: types.FunctionType) -> bool:
    return function.__module__ != "__main__" and "<" not in function.__qualname__


def _materialise(value: Any) -> Any:
    """Return ``value`` with what generators yield in their place, because they cannot travel."""
    if isinstance(value, types.GeneratorType):
        return model_state.Yielded(value)
    if type(value) in (list, tuple):
        return type(value)(_materialise(item) for item in value)
    if type(value) is dict:
        return {key: _materialise(item) for key, item in value.items()}
    return value


def _student_error(reply: dict[str, Any]) -> Exception:
    """Return the exception of the student's code, as the builtin class it derives from."""
    kind = getattr(builtins, str(reply["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = RuntimeError
    if issubclass(kind, (StopIteration, StopAsyncIteration)):
        kind = RuntimeError  # these would end a loop of the test in silence
    try:
        error: Exception = kind(str(reply.get("message"))[:2000])
    except TypeError:  # such as UnicodeDecodeError, which takes five arguments
        error = RuntimeError(f"{kind.__name__}: {str(reply.get('message'))[:2000]}")
    error.student_traceback = str(reply.get("traceback"))[:10_000]  # type: ignore[attr-defined]
    return error


class Proxy:
    """An object of the student's process.  It can be called, asked, indexed, never compared."""

    __proxy__ = True
    _link: Link
    _number: int
    _kind: str

    def __init__(self, link: Link, number: int, kind: str, type_name: str, name: str) -> None:
        for key, value in (("_link", link), ("_number", number), ("_kind", kind)):
            object.__setattr__(self, key, value)
        object.__setattr__(self, "__student_type__", type_name)
        object.__setattr__(self, "__name__", name or type_name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object in the student's process."""
        return self._link.ask("call", self, args, kwargs)

    def call_and_return_arguments(self, *args: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the result and the arguments as they are after the call."""
        result, after = self._link.ask("call_and_return_arguments", self, args)
        return result, after

    def run_beside(self, helper: Callable[..., Any], *args: Any) -> Any:
        """Return ``helper(*args)``, run in the student's process; ``helper`` is importable."""
        return self._link.ask("beside", helper, args)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._link.ask("attribute", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of the object in the student's process."""
        self._link.ask("set_attribute", self, name, value)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over what the object yields, fetched at once."""
        return iter(self._link.ask("iterate", self))

    def __len__(self) -> int:
        """Return the length that the object gives."""
        length = self._link.ask("length", self)
        if type(length) is not int or length < 0:
            raise AssertionError(f"len() of your {self.__name__} is not a whole number")
        return length

    def __getitem__(self, key: Any) -> Any:
        """Return one item of the object."""
        return self._link.ask("item", self, key)

    def _refuse(self, *_: object) -> Any:
        raise AssertionError(
            f"a number or an array is needed here, but yours is an object of type "
            f"{object.__getattribute__(self, '__student_type__')}"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __float__ = __int__ = __index__ = __complex__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _refuse
    __rmatmul__ = __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __mod__ = _refuse
    __neg__ = __abs__ = __round__ = __array__ = __contains__ = __reduce__ = _refuse
    __hash__ = object.__hash__
