"""Tests as anyone might write them, and answers that fool them where both share a process.

Each is a solution, a test and an answer to the one question of a small notebook.  The engine
must give the solution its point and the answer nothing.  What no engine can mend is not here:
a test that NaN passes, or one that loops over however many items the student returns.
"""

from __future__ import annotations

from typing import NamedTuple


class Form(NamedTuple):
    """A way to write a test, and an answer that passes it in one process."""

    name: str
    solution: str
    test: str
    answer: str


DOUBLE = "def double(x):\n    return 2.0 * x"
ARRAY = "np.array([1.0, 2.0, 3.0])"
EQUAL = """
class Equal:
    def __eq__(self, other):
        return True

    __ne__ = lambda self, other: False
    __bool__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda self, *a: True
    __sub__ = __rsub__ = __abs__ = __add__ = __array_ufunc__ = lambda self, *a, **k: Equal()
    __array_function__ = lambda self, *a, **k: True
    __float__ = lambda self: 2.0
    all = any = __sub__
    shape = (3,)
    dtype = np.dtype("float64")
    __hash__ = None

def double(x):
    return Equal()
"""
MASKED = "def double(x):\n    return np.ma.masked_all(np.shape(x))"
TENSOR = """
import torch

class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True

def double(x):
    return torch.zeros(3).as_subclass(Yes)
"""
STOPS = "def double(x):\n    raise StopIteration"

FORMS = [
    Form("equal", DOUBLE, "assert double(1.0) == 2.0", EQUAL),
    Form("truth", "def double(x):\n    return True", "assert double(1.0)", EQUAL),
    Form("close", DOUBLE, "assert abs(double(1.0) - 2.0) < 1e-9", EQUAL),
    Form("allclose", DOUBLE, f"assert np.allclose(double({ARRAY}), 2 * {ARRAY})", EQUAL),
    Form(
        "array_equal",
        DOUBLE,
        f"assert np.array_equal(double({ARRAY}), 2 * {ARRAY})",
        "class Yes(np.ndarray):\n    __array_function__ = lambda self, *a, **k: True\n\n"
        "def double(x):\n    return np.zeros(3).view(Yes)",
    ),
    Form("all", DOUBLE, f"assert (double({ARRAY}) == 2 * {ARRAY}).all()", EQUAL),
    Form(
        "masked-all-close",
        DOUBLE,
        f"np.testing.assert_allclose(double({ARRAY}), 2 * {ARRAY})",
        MASKED,
    ),
    Form(
        "masked-none-differs",
        DOUBLE,
        f"assert not (abs(double({ARRAY}) - 2 * {ARRAY}) > 1e-9).any()",
        MASKED,
    ),
    Form(
        "torch-allclose",
        DOUBLE,
        "import torch\nassert torch.allclose(double(torch.ones(3)), 2 * torch.ones(3))",
        TENSOR,
    ),
    Form(
        "isinstance",
        "def double(x):\n    return 2.0 * x",
        "assert isinstance(double(1.0), float) and double(1.0) > 1.0",
        EQUAL.replace("shape =", "__class__ = property(lambda self: float)\n    shape ="),
    ),
    Form(
        "map-and-zip",
        DOUBLE,
        "for got, right in zip(map(double, [1.0, 2.0]), [2.0, 4.0]):\n    assert got == right",
        STOPS,
    ),
    Form(
        "list-of-map",
        DOUBLE,
        "for got in list(map(double, [1.0, 2.0])):\n    assert got in (2.0, 4.0)",
        STOPS,
    ),
    Form(
        "iter-with-sentinel",
        "def double(x):\n    return 2.0 * x",
        "left = iter([1.0, 2.0])\nfor got in iter(lambda: double(next(left, 0.0)), 0.0):\n"
        "    assert got in (2.0, 4.0)",
        STOPS,
    ),
    Form(
        "suppressed-error",
        "def double(x):\n    if x < 0:\n        raise ValueError\n    return 2.0 * x",
        "try:\n    double(-1.0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError\n"
        "assert double(1.0) == 2.0",
        "def double(x):\n    raise ValueError",
    ),
    Form(
        "in-place",
        "def double(x):\n    x = x.copy()\n    x *= 2.0\n    return x",
        f"x = {ARRAY}\ny = double(x)\nassert (x == {ARRAY}).all() and (y == 2 * x).all()",
        "def double(x):\n    x *= 0.0\n    return x",
    ),
    Form(
        "expected-from-the-arguments",
        DOUBLE,
        f"x = {ARRAY}\ny = double(x)\nnp.testing.assert_allclose(y, 2 * x)",
        "def double(x):\n    x[...] = 0.0\n    return x",
    ),
    Form(
        "class-and-attribute",
        "class Model:\n    def __init__(self):\n        self.size = 3\n\n"
        "    def double(self, x):\n        return 2.0 * x",
        "model = Model()\nassert model.size == 3 and model.double(2.0) == 4.0",
        EQUAL + "Model = type('Model', (), {'size': Equal(), 'double': lambda *a: Equal()})",
    ),
    Form(
        "patched-library",
        DOUBLE,
        f"np.testing.assert_allclose(double({ARRAY}), 2 * {ARRAY})",
        "np.testing.assert_allclose = lambda *a, **k: None\n\ndef double(x):\n    return 0.0 * x",
    ),
    Form(
        "callback",
        "def double(f, x):\n    return 2.0 * f(x)",
        "calls = []\ndef f(x):\n    calls.append(x)\n    return x + 1.0\n\n"
        "assert double(f, 1.0) == 4.0 and calls == [1.0]",
        "def double(f, x):\n    f.__code__ = (lambda x: 2.0).__code__\n    return 4.0",
    ),
    Form(
        "counted-questions",
        "def double(f, x):\n    return 2.0 * f(x)",
        "def f(x):\n    if x != 1.0:\n        raise ValueError\n    return x\n\n"
        "assert double(f, 1.0) == 2.0",
        "def double(f, x):\n    for other in (0.0, 2.0):\n        f(other)\n    return 2.0",
    ),
]
