"""Wrong answers that are objects which lie, or data made to break whoever reads it."""

from __future__ import annotations

from attacks.form import Attack


def returning(value: str, before: str = "") -> dict[str, str]:
    """Return answers to three questions, each of which is the expression ``value``."""
    return {
        "logistic": f"{before.strip()}\n\ndef logistic(a):\n    return {value}\n",
        "predict": f"def predict(*a):\n    a = a[1]\n    return {value}\n",
        "initial_bias": f"def initial_bias(K, share):\n    a = K\n    return {value}\n",
    }


EQUAL = """
class Equal:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __getattr__(self, name):
        if name.startswith("__") and name not in ("__array__", "__array_interface__"):
            raise AttributeError(name)
        return Equal()

    def __call__(self, *a, **k):
        return Equal()

    __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __sub__ = __rsub__ = __add__ = __radd__ = __abs__ = lambda self, *a: Equal()
    __array_ufunc__ = __array_function__ = lambda self, *a, **k: Equal()
    __torch_function__ = classmethod(lambda cls, *a, **k: True)
    __hash__ = object.__hash__
"""

ATTACKS = [
    Attack(
        "equal-to-everything",
        "Returns an object that is equal to everything and answers every protocol of NumPy.",
        returning("Equal()", EQUAL),
    ),
    Attack(
        "tuple-that-answers-anything",
        "Returns a tuple subclass that claims any length and yields objects equal to everything.",
        {
            "summary": EQUAL
            + """
class Many(tuple):
    def __len__(self):
        return 4

    def __iter__(self):
        return iter([Equal()] * 4)

def summary(*a):
    return Many()
"""
        },
    ),
    Attack(
        "lying-class",
        "Returns an object whose __class__ is ndarray and whose comparisons are all true.",
        returning(
            "Fake()",
            EQUAL
            + """
class Fake(Equal):
    __class__ = property(lambda self: np.ndarray)
    dtype = property(lambda self: np.dtype(np.float64))
    shape = property(lambda self: (3,))
""",
        ),
    ),
    Attack(
        "array-subclass",
        "Returns an ndarray subclass that overrides ufuncs and array functions.",
        returning(
            "np.zeros(np.shape(a)).view(Yes)",
            """
class Yes(np.ndarray):
    def __array_ufunc__(self, *a, **k):
        return np.True_

    def __array_function__(self, *a, **k):
        return True

    def __reduce__(self):
        raise SystemExit
""",
        ),
    ),
    Attack(
        "masked-array",
        "Returns an array that is masked everywhere: assert_allclose passes it.",
        returning("np.ma.masked_all(np.shape(a))"),
    ),
    Attack(
        "nan-array",
        "Returns NaN with a payload everywhere: `not (abs(a - e) > tol).any()` passes it.",
        returning("np.full(np.shape(a), 0x7FF8DEADBEEFCAFE, np.uint64).view(np.float64)"),
    ),
    Attack(
        "object-array",
        "Returns an object array of things that are equal to everything.",
        returning("np.full(np.shape(a), Equal(), dtype=object)", EQUAL),
    ),
    Attack(
        "odd-dtypes",
        "Returns structured, date, void and byte-swapped arrays and a long double.",
        {
            "logistic": "def logistic(a):\n    return np.zeros(a.shape, [('x', 'f8'), ('y', 'O')])",
            "predict": "def predict(*a):\n    return np.zeros((1, 1), 'M8[s]')",
            "blend": "def blend(*a):\n    return np.zeros((1, 2), np.longdouble)",
            "initial_bias": "def initial_bias(H, b):\n    return np.zeros(3, '>f8')",
            "step": "def step(*a):\n    return np.zeros((1, 1), 'V9'), np.zeros((1, 1), 'S0')",
        },
    ),
    Attack(
        "broadcastable",
        "Returns one number, and empty arrays, which np.allclose broadcasts to any shape.",
        {
            "logistic": "def logistic(a):\n    return np.zeros(0)",
            "predict": "def predict(*a):\n    return np.array(0.6225)",
            "blend": "def blend(*a):\n    return np.zeros((0, 2))",
        },
    ),
    Attack(
        "huge-without-memory",
        "Returns broadcast views of 10**14 entries and an empty array with a huge shape.",
        {
            "logistic": "def logistic(a):\n    return np.broadcast_to(a.flat[0], (10**7, 10**7))",
            "predict": "def predict(*a):\n    return np.empty((0, 2**60))",
            "blend": """
from numpy.lib.stride_tricks import as_strided

def blend(old, new, w):
    return as_strided(old, (2**40,), (0,))
""",
        },
    ),
    Attack(
        "wild-strides",
        "Returns exact arrays with negative strides, or over memory that is unmapped meanwhile.",
        {
            "logistic": "def logistic(a):\n    return np.zeros(a.shape)[::-1]",
            "predict": """
import mmap

def predict(*a):
    memory = mmap.mmap(-1, 4096)
    array = np.frombuffer(memory, np.float64)
    return array[::-3].reshape(-1, 1)
""",
            "initial_bias": """
def initial_bias(H, b):
    class Nowhere:
        __array_interface__ = {
            "shape": (3,), "typestr": "<f8", "data": (8, False), "version": 3
        }

    return np.asarray(Nowhere())
""",
        },
    ),
    Attack(
        "changing-memory",
        "Returns an exact array whose memory a thread changes between check and use.",
        {
            "logistic": """
import threading

shared = np.zeros(4096)

def change():
    while True:
        shared[...] = np.random.default_rng().random(4096)

threading.Thread(target=change, daemon=True).start()

def logistic(a):
    return shared[: a.size].reshape(a.shape)
"""
        },
    ),
    Attack(
        "lying-integer",
        "Returns a subclass of np.int64 whose int() reads the expected number from the caller.",
        {
            "parameter_count": """
import sys

class Lie(np.int64):
    def __int__(self):
        return sys._getframe(1).f_locals["expected"]

def parameter_count(D, K, L):
    return Lie(0)
"""
        },
    ),
    Attack(
        "number-subclasses",
        "Returns subclasses of int and float that are equal to everything.",
        {
            "parameter_count": """
class Any(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = int.__hash__

def parameter_count(D, K, L):
    return Any(1)
"""
        },
    ),
    Attack(
        "giant-integer",
        "Returns an integer of a million bits, whose decimal form costs minutes or raises.",
        {"parameter_count": "def parameter_count(D, K, L):\n    return 7 << 10**7"},
    ),
    Attack(
        "nested-to-the-limit",
        "Returns a list nested 100,000 deep, and a list that holds itself.",
        {
            "logistic": """
def logistic(a):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
""",
            "summary": """
def summary(*a):
    own = []
    own.extend([own, own, {"own": own}, own])
    return own
""",
        },
    ),
    Attack(
        "wide-and-shared",
        "Returns a small object that grows exponentially when it is written out.",
        {
            "summary": """
def summary(*a):
    wide = [0.0] * 4
    for _ in range(30):
        wide = [wide, wide, wide, wide]
    return wide
"""
        },
    ),
    Attack(
        "hostile-protocols",
        "Returns an object whose every special method raises, lies or never ends.",
        {
            "summary": """
class Hostile:
    def __len__(self):
        return -1

    def __iter__(self):
        while True:
            yield self

    def __getattr__(self, name):
        raise SystemExit(name)

    def __getitem__(self, key):
        return self

    def __repr__(self):
        raise KeyboardInterrupt

    __str__ = __format__ = __repr__
    __hash__ = None

    def __eq__(self, other):
        raise MemoryError

    def __del__(self):
        raise SystemExit

    def __reduce_ex__(self, protocol):
        import os

        return os.system, ("touch {canary}/{token}",)

def summary(*a):
    return Hostile()
""",
            "blend": "def blend(*a):\n    return (0.0 for _ in iter(int, 1))",
        },
    ),
    Attack(
        "pickle-that-runs",
        "Returns, raises and prints objects whose unpickling leaves a file outside.",
        {
            "logistic": """
import os

class Payload(Exception):
    def __reduce__(self):
        return os.system, ("touch {canary}/{token}",)

def logistic(a):
    return {"x": Payload(), Payload: [Payload()]}
""",
            "predict": "def predict(*a):\n    raise Payload()",
        },
    ),
    Attack(
        "hostile-exceptions",
        "Raises exceptions whose text, arguments, cause or class are traps.",
        {
            "logistic": """
class AssertionError(Exception):
    def __str__(self):
        raise RecursionError

    __repr__ = __str__
    args = property(__str__)

def logistic(a):
    raise AssertionError()
""",
            "predict": """
def predict(*a):
    one, two = ValueError("x" * 50_000_000), KeyError("y")
    one.__cause__, two.__cause__ = two, one
    raise one
""",
            "blend": """
def blend(*a):
    raise UnicodeDecodeError("x", b"", 0, 1, "x")
""",
            "parameter_count": """
def parameter_count(D, K, L):
    raise ExceptionGroup("many", [ValueError(), ExceptionGroup("more", [TypeError()])])
""",
            "initial_bias": r"""
def initial_bias(*a):
    raise ValueError("\ud800\x00\x1b[2J")
""",
        },
    ),
    Attack(
        "not-functions",
        "Binds the questions' names to things that cannot be called, or to a class or module.",
        {
            "logistic": "logistic = np",
            "predict": "predict = check_array",
            "blend": "blend = type('blend', (), {'__call__': None})()",
            "summary": "summary = print",
            "step": "step = 3.0",
            "initial_bias": "class initial_bias(BaseException, metaclass=type):\n    pass",
            "train": "train = None\ndel train",
        },
    ),
    Attack(
        "text-that-breaks-writers",
        "Returns and prints text with lone surrogates, NUL, terminal codes and half of UTF-8.",
        {
            "logistic": r"""
import os

def logistic(a):
    print("\ud800\udfff\x00\x1b[2J\x1b]0;title\x07\u202e")
    os.write(1, b"\xff\xfe\x80\xc3")
    return "\ud800\x00"
"""
        },
    ),
]
