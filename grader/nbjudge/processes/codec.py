"""Plain data as bytes: what a student's process may say to the judge.

The form is a JSON tree and the raw bytes of the arrays in it.  Reading it back executes
nothing: each node is one of a few kinds, checked for type, size and depth.  Only exact types
count as plain data; a subclass, which may lie about itself, becomes a handle.

A node is ``null``, a bool, a number, a string, or a list whose first entry names its kind:

====================  ==============================================================
``["l", [nodes]]``    list; ``"t"`` tuple
``["d", [[k, v]]]``   dict (also ``OrderedDict``)
``["i", "123"]``      a long int; ``["c", re, im]`` complex; ``["y", buffer]`` bytes
``["a", dtype, shape, buffer]``   NumPy array; ``"s"`` NumPy scalar
``["T", dtype, shape, buffer, requires_grad, device]``   PyTorch tensor
``["h", number, kind, type, name]``   a handle: any other object
``["m", number]``     an object that the judge itself passed in
====================  ==============================================================
"""

from __future__ import annotations

import json
import math
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

_DTYPES = """
bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64
complex128
"""
DTYPES = frozenset(_DTYPES.split())
_SCALARS = frozenset(np.dtype(name).type for name in DTYPES)
MAX_DEPTH = 40
MAX_NODES = 1_000_000
MAX_ODD_KEYS = 2_000
_LENGTH = struct.Struct(">Q")


class BadMessage(Exception):
    """Bytes that are not plain data in the form above."""


class Encoder:
    """Turn an object into bytes; ``handle(value)`` gives the node of an object not plain."""

    def __init__(self, handle: Callable[[Any], list[Any]]) -> None:
        self._handle = handle
        self._buffers: list[bytes] = []
        self._nodes = 0

    def encode(self, value: Any) -> bytes:
        """Return ``value`` as bytes."""
        tree = json.dumps(self.node(value, 0)).encode()
        lengths = json.dumps([len(buffer) for buffer in self._buffers]).encode()
        parts = [_LENGTH.pack(len(tree)), tree, _LENGTH.pack(len(lengths)), lengths]
        return b"".join(parts + self._buffers)

    def node(self, value: Any, depth: int) -> Any:
        """Return the node of ``value``; raises `BadMessage` if it is too deep or too large."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise BadMessage("the value is nested too deeply or has too many parts")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is str:
            return value.encode("utf-8", "replace").decode()
        if kind is int:
            return value if abs(value) < 2**53 else ["i", hex(value)]
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is bytes:
            return ["y", self._buffer(value)]
        if kind is list or kind is tuple:
            name = "l" if kind is list else "t"
            return [name, [self.node(item, depth + 1) for item in value]]
        if kind is dict or kind is OrderedDict:
            pairs = [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in value.items()]
            return ["d", pairs]
        return self._array_node(value, kind)

    def _array_node(self, value: Any, kind: type) -> Any:
        if kind is np.ndarray and value.dtype.name in DTYPES and value.dtype.isnative:
            data = np.ascontiguousarray(value).tobytes()
            return ["a", value.dtype.name, list(value.shape), self._buffer(data)]
        if kind in _SCALARS:
            return ["s", value.dtype.name, [], self._buffer(value.tobytes())]
        torch = sys.modules.get("torch")
        if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
            return self._tensor_node(value, torch)
        return self._handle(value)

    def _tensor_node(self, value: Any, torch: Any) -> Any:
        if value.layout is not torch.strided or value.is_quantized or value.is_meta:
            return self._handle(value)
        dtype = str(value.dtype).removeprefix("torch.")
        plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16":
            plain = plain.view(torch.int16)
        elif dtype not in DTYPES:
            return self._handle(value)
        shape, data = list(value.shape), plain.numpy().tobytes()
        return ["T", dtype, shape, self._buffer(data), bool(value.requires_grad), str(value.device)]

    def _buffer(self, data: bytes) -> int:
        self._buffers.append(data)
        return len(self._buffers) - 1


class Decoder:
    """Turn bytes into plain data; ``handle(number, kind, type, name)`` makes a handle.

    ``own(number)`` returns the judge's own object of that number.
    """

    def __init__(
        self, handle: Callable[[int, str, str, str], Any], own: Callable[[int], Any]
    ) -> None:
        self._handle = handle
        self._own = own
        self._nodes = self._odd_keys = 0

    def value(self, data: bytes) -> Any:
        """Return the object that ``data`` describes; raises `BadMessage`."""
        try:
            tree, rest = _split(memoryview(data))
            lengths, rest = _split(rest)
            self._buffers = _cut(json.loads(bytes(lengths)), rest)
            return self._decode(json.loads(bytes(tree)), 0)
        except BadMessage:
            raise
        except Exception as error:  # whatever odd bytes lead to, they are only that: odd bytes
            raise BadMessage(f"not plain data ({type(error).__name__})") from error

    def _decode(self, node: Any, depth: int) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise BadMessage("nested too deeply or too many parts")
        if not isinstance(node, list):
            if isinstance(node, dict):
                raise BadMessage("an object where a node should be")
            return node
        kind, *rest = node
        if kind in ("l", "t"):
            items = [self._decode(item, depth + 1) for item in rest[0]]
            return items if kind == "l" else tuple(items)
        if kind == "d":
            return {self._key(k, depth): self._decode(v, depth + 1) for k, v in rest[0]}
        if kind == "i":
            return int(rest[0], 16)
        if kind == "c":
            return complex(float(rest[0]), float(rest[1]))
        if kind == "y":
            return bytes(self._data(rest[0]))
        if kind in ("a", "s", "T"):
            return self._array(kind, *rest)
        if kind == "h":
            number, what, type_name, name = rest
            return self._handle(int(number), str(what), _word(type_name), _word(name))
        if kind == "m":
            return self._own(int(rest[0]))
        raise BadMessage("a node of unknown kind")

    def _key(self, node: Any, depth: int) -> Any:
        key = self._decode(node, depth + 1)
        if type(key) not in (str, int, float, bool, tuple, type(None)):
            raise BadMessage("a dict key that is not plain")
        if type(key) in (float, tuple) or (type(key) is int and abs(key) >= 2**53):
            self._odd_keys += 1  # these can be made to collide, which makes a dict very slow
            if self._odd_keys > MAX_ODD_KEYS:
                raise BadMessage("too many unusual dict keys")
        return key

    def _data(self, index: Any) -> memoryview:
        if type(index) is not int or not 0 <= index < len(self._buffers):
            raise BadMessage("no such buffer")
        return self._buffers[index]

    def _array(
        self,
        kind: str,
        dtype: str,
        shape: list[int],
        buffer: int,
        requires_grad: bool = False,
        device: str = "cpu",
    ) -> Any:
        sixteen = kind == "T" and dtype == "bfloat16"
        if not sixteen and dtype not in DTYPES:
            raise BadMessage("a dtype that is not allowed")
        if any(type(size) is not int or size < 0 for size in shape) or len(shape) > 32:
            raise BadMessage("a shape that is not one")
        form = np.dtype("int16" if sixteen else dtype)
        data = self._data(buffer)
        if math.prod(shape) * form.itemsize != len(data):
            raise BadMessage("a shape that does not fit its data")
        array = np.frombuffer(data, form).reshape(shape).copy()
        if form == np.bool_ and array.view(np.uint8).max(initial=0) > 1:
            raise BadMessage("a truth value that is neither 0 nor 1")
        if kind == "a":
            return array
        if kind == "s":
            return array[()]
        import torch

        tensor = torch.from_numpy(array)
        tensor = tensor.view(torch.bfloat16) if sixteen else tensor
        if requires_grad is True and (tensor.is_floating_point() or tensor.is_complex()):
            tensor.requires_grad_()
        tensor.student_device = _word(device)  # type: ignore[attr-defined]  # here it is a copy
        return tensor


def _split(data: memoryview) -> tuple[memoryview, memoryview]:
    if len(data) < _LENGTH.size:
        raise BadMessage("too short")
    (length,) = _LENGTH.unpack(data[: _LENGTH.size])
    end = _LENGTH.size + length
    if end > len(data):
        raise BadMessage("too short")
    return data[_LENGTH.size : end], data[end:]


def _cut(lengths: Any, data: memoryview) -> list[memoryview]:
    if type(lengths) is not list or any(type(n) is not int or n < 0 for n in lengths):
        raise BadMessage("odd buffer lengths")
    if sum(lengths) != len(data):
        raise BadMessage("buffers that do not fill the message")
    buffers, start = [], 0
    for length in lengths:
        buffers.append(data[start : start + length])
        start += length
    return buffers


def _word(text: Any) -> str:
    """Return a name that came from the student, short and harmless to print."""
    return "".join(c for c in str(text)[:60] if c.isalnum() or c in "_.<>: ")
