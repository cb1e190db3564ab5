"""Plain data survives the way from one process to the other; nothing else gets through."""

from __future__ import annotations

import json
import struct
from collections import OrderedDict

import numpy as np
import pytest
import torch
from nbjudge.processes.codec import BadMessage, Decoder, Encoder


def handle(number, kind, type_name, name):
    return ("handle", number, kind, type_name, name)


def own(number):
    return ("own", number)


def there_and_back(value):
    data = Encoder(lambda odd: ["h", 7, "object", type(odd).__name__, ""]).encode(value)
    return Decoder(handle, own).value(data)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -5, 2**53, -(10**40), 0.1, float("inf"), 1 + 2j),
        *("text \u00e9 \U0001f600", b"\x00\xff"),
        *([], [1, [2.5, None]], (1, ("a",)), {"a": 1, 2: [3], None: {}}),
    ],
)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "float16", "float32"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_arrays_come_back_bit_by_bit(dtype, shape):
    array = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape) % 2, dtype)
    for value in (array, array.T):
        back = there_and_back(value)
        assert type(back) is np.ndarray
        assert back.dtype == value.dtype
        assert back.flags.writeable
        np.testing.assert_array_equal(back, value)


def test_scalars_and_nan():
    assert type(there_and_back(np.float32(1.5))) is np.float32
    assert np.isnan(there_and_back(np.array([np.nan]))[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_come_back(dtype):
    tensor = torch.arange(6).reshape(2, 3).to(dtype)
    back = there_and_back(tensor)
    assert type(back) is torch.Tensor
    assert back.dtype == dtype
    assert torch.equal(back, tensor)
    assert there_and_back(torch.nn.Parameter(torch.ones(2))).requires_grad


class Child(dict):
    pass


class Number(float):
    pass


@pytest.mark.parametrize(
    "value",
    [
        *(
            Child(),
            Number(1),
            object(),
            {1},
            np.ma.ones(2),
            np.array([None]),
            np.zeros(2, "datetime64"),
        ),
        *(np.zeros(2, [("a", int)]), torch.ones(2).to_sparse(), len, np.longdouble(1), range(3)),
    ],
)
def test_anything_else_is_a_handle(value):
    assert there_and_back([value])[0][:2] == ("handle", 7)


def test_an_ordered_dict_is_a_dict():
    assert type(there_and_back(OrderedDict(a=1))) is dict


def message(tree, *buffers):
    parts = [json.dumps(tree).encode(), json.dumps([len(b) for b in buffers]).encode()]
    return b"".join(struct.pack(">Q", len(p)) + p for p in parts) + b"".join(buffers)


ODD = {
    "object dtype": message(["a", "object", [1], 0], b"12345678"),
    "pickle": message(["p", 0], b"cos\nsystem\n"),
    "dtype text": message(["a", "float64,O", [1], 0], b"12345678"),
    "shape too large": message(["a", "float64", [2**40], 0], b"12345678"),
    "negative shape": message(["a", "float64", [-1], 0], b"12345678"),
    "shape of floats": message(["a", "float64", [1.0], 0], b"12345678"),
    "truth value": message(["a", "bool", [1], 0], b"\x02"),
    "no such buffer": message(["y", 3]),
    "negative buffer": message(["y", -1], b"abc"),
    "unknown kind": message(["evil", 1]),
    "object": message({"__reduce__": 1}),
    "empty node": message([]),
    "list as key": message(["d", [[["l", []], 1]]]),
    "deep": message(json.loads('["l", [' * 60 + "1" + "]]" * 60)),
    "wrong lengths": message(["y", 0], b"abc") + b"more",
    "no json": struct.pack(">Q", 3) + b"{{{" + struct.pack(">Q", 2) + b"[]",
    "huge length": struct.pack(">Q", 2**60),
    "too short": b"\x00",
    "empty": b"",
    "bracket bomb": struct.pack(">Q", 10**5) + b"[" * 10**5 + struct.pack(">Q", 2) + b"[]",
    "handle without parts": message(["h", 1]),
    "huge int": message(["i", "0x" + "f" * 10**6 + "g"]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_are_refused(name):
    with pytest.raises(BadMessage):
        Decoder(handle, own).value(ODD[name])


def test_random_changes_never_do_more_than_be_refused():
    rng = np.random.default_rng(0)
    good = message(["l", [["a", "float32", [2], 0], "text", ["d", [["k", 1.5]]]]], b"12345678")
    refused = 0
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] = rng.integers(256)
        try:
            Decoder(handle, own).value(bytes(data))
        except BadMessage:
            refused += 1
    assert refused > 1000


def test_names_of_students_are_short_and_harmless():
    node = ["h", 1, "object", "<script>alert(1)</script>" + "x" * 500, "a\nb"]
    _, _, _, type_name, name = Decoder(handle, own).value(message(node))
    assert "(" not in type_name
    assert len(type_name) <= 60
    assert name == "ab"
