"""The checks of graded notebooks: what they refuse, what they say, and what they keep secret."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from nbjudge.checks import arrays
from nbjudge.checks.arrays import CheckFailed, check_array, check_example, describe
from nbjudge.checks.calls import (
    beside_student,
    call_unchanged,
    check_own,
    check_raises,
    no_overflow,
    take_apart,
)
from nbjudge.checks.numbers import check_count, check_number, check_numbers
from nbjudge.checks.seeds import question_seed, set_key
from nbjudge.checks.tensors import check_tensor, check_tensor_example


class AlwaysEqual:
    def __eq__(self, other):
        return True


class Renamed(np.ndarray):
    pass


class EqualTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


class Proxy:
    """What the judge puts in the place of a student's object: here it runs at once."""

    __proxy__ = True
    __student_type__ = "Cell"

    def __init__(self, value):
        self.value = value

    def call_and_return_arguments(self, *args):
        args = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
        return self.value(*args), tuple(args)

    def run_beside(self, helper, *args):
        return helper(*[arg.value if isinstance(arg, Proxy) else arg for arg in args])

    def __call__(self, *args):
        return self.value(*args)


ONES = np.ones((2, 3))

REFUSED = {
    "none": (None, "return statement"),
    "list": ([[1.0] * 3] * 2, "a list of 2"),
    "tuple": ((ONES, ONES), "a tuple of 2"),
    "number": (1.0, "a float"),
    "equal-to-everything": (AlwaysEqual(), "a AlwaysEqual"),
    "proxy": (Proxy(1), "a Cell"),
    "masked": (np.ma.masked_all((2, 3)), "a MaskedArray"),
    "subclass": (ONES.view(Renamed), "a Renamed"),
    "tensor": (torch.ones(2, 3), "a Tensor"),
    "objects": (np.full((2, 3), AlwaysEqual()), "holds object"),
    "integers": (np.ones((2, 3), int), "holds int64"),
    "half-precision": (ONES.astype(np.float16), "holds float16"),
    "broadcast": (np.ones((1, 3)), "must have shape (2, 3), but yours has (1, 3)"),
    "transposed": (ONES.T, "must have shape (2, 3), but yours has (3, 2)"),
    "nan": (ONES * np.nan, "nan or inf"),
    "close-but-wrong": (ONES + 1e-6, "wrong values"),
    "known-mistake": (2.0 * ONES, "wrong values: halve it"),
}

REFUSED_TENSORS = {
    "array": (ONES, "one array of shape (2, 3)"),
    "subclass": (torch.ones(2, 3).as_subclass(EqualTensor), "a EqualTensor"),
    "integers": (torch.ones(2, 3, dtype=torch.int64), "holds torch.int64"),
    "half-precision": (torch.ones(2, 3, dtype=torch.bfloat16), "holds torch.bfloat16"),
    "sparse": (torch.ones(2, 3).to_sparse(), "torch.sparse_coo"),
    "broadcast": (torch.ones(3), "must have shape (2, 3), but yours has (3,)"),
    "nan": (torch.full((2, 3), float("nan")), "nan or inf"),
    "wrong": (torch.full((2, 3), 1.001), "wrong values"),
    "known-mistake": (torch.full((2, 3), 2.0), "wrong values: halve it"),
}


def failure(check, *args, **kwargs):
    """Return what a check raises; it must raise."""
    with pytest.raises(CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value


@pytest.fixture
def recorded(monkeypatch):
    texts = []
    monkeypatch.setattr(arrays, "author_texts", texts.append)
    return texts


@pytest.mark.parametrize("name", REFUSED)
def test_check_array_refuses(name):
    actual, message = REFUSED[name]
    error = failure(check_array, "a", actual, ONES, hints=[(2.0 * ONES, "halve it")])
    assert message in str(error)
    assert isinstance(error, AssertionError)


@pytest.mark.parametrize("name", REFUSED_TENSORS)
def test_check_tensor_refuses(name):
    actual, message = REFUSED_TENSORS[name]
    hints = [(torch.full((2, 3), 2.0), "halve it")]
    assert message in str(failure(check_tensor, "a", actual, torch.ones(2, 3), hints=hints))


def test_both_float_dtypes_are_right():
    check_array("a", ONES.astype(np.float32) / 3, ONES / 3)
    check_array("a", ONES / 3, ONES.astype(np.float32) / 3)
    error = failure(check_array, "a", ONES, ONES.astype(np.float32), same_dtype=True)
    assert "keep the dtype of the input, float32" in str(error)
    third = torch.ones(2, dtype=torch.float64) / 3
    check_tensor("a", third.float(), third)
    check_tensor("a", torch.nn.Parameter(third), third.float())
    error = failure(check_tensor, "a", third, third.float(), same_dtype=True)
    assert "keep the dtype torch.float32" in str(error)


def test_tolerance_depends_on_the_dtype():
    one = torch.ones(2, dtype=torch.float64)
    assert "wrong values" in str(failure(check_tensor, "a", one + 1e-6, one))
    check_tensor("a", (one + 1e-6).float(), one)
    assert "wrong values" in str(failure(check_tensor, "a", (one + 1e-3).float(), one))


def test_values_are_shown_only_where_told():
    for reveal in (False, True):
        error = failure(check_array, "a", ONES, ONES * 0.75, reveal=reveal)
        assert ("0.75" in str(error)) == reveal
        error = failure(check_number, "a", 1.0, 0.75, reveal=reveal)
        assert ("0.75" in str(error)) == reveal
    assert "should be 0.75" in str(failure(check_example, "a", ONES, ONES * 0.75))
    assert "should be 0.75" in str(failure(check_tensor_example, "a", torch.ones(2), [0.75, 1]))


def test_numbers():
    check_number("a", np.float32(0.5), 0.5)
    check_number("a", 0, 0.0)
    for value in (True, None, np.ones(1), torch.tensor(0.5), "0.5", Proxy(0.5), AlwaysEqual()):
        assert "must be a plain number" in str(failure(check_number, "a", value, 0.5))
    assert ".item()" in str(failure(check_number, "a", torch.tensor(0.5), 0.5))
    assert "nan" in str(failure(check_number, "a", float("nan"), 0.5))
    hints = [(0.25, "square root")]
    assert str(failure(check_number, "a", 0.25, 0.5, hints=hints)) == "a is not right: square root"
    assert "not right" in str(failure(check_number, "a", 0.5 + 1e-5, 0.5))


def test_lists_of_numbers():
    check_numbers("a", [1.0, np.float64(2.0)], [1.0, 2.0])
    check_numbers("a", (1.0, 2.0), [1.0, 2.0])
    assert "a list of numbers" in str(failure(check_numbers, "a", np.ones(2), [1.0, 1.0]))
    assert "a[1] must be a plain" in str(failure(check_numbers, "a", [1.0, None], [1.0, 1.0]))
    hints = [([3.0], "sum")]
    error = failure(check_numbers, "a", [3.0], [1.0, 2.0], hints=hints)
    assert str(error) == "a must have shape (2,), but yours has (1,): sum"
    assert "wrong values" in str(failure(check_numbers, "a", [1.0, 2.1], [1.0, 2.0]))


def test_counts():
    assert "int), but yours is a bool" in str(failure(check_count, "n", True, 1))
    error = failure(check_count, "n", 4, 2, hints=[(4, "twice too many")])
    assert str(error) == "n is not right: twice too many"
    check_count("n", np.int64(2), 2)


def test_take_apart():
    assert take_apart("f", [1, 2], ("a", "b")) == (1, 2)
    assert take_apart("f", Proxy((1, 2)), ("a", "b")) == (1, 2)
    assert len(take_apart("f", ONES, ("a", "b"))) == 2
    for value in ((1, 2, 3), "ab", {1: 2, 3: 4}, np.ones(2), iter([1, 2]), Proxy({1: 2, 3: 4})):
        error = failure(take_apart, "f", value, ("a", "b"))
        assert "f must return 2 values, (a, b), but yours returns" in str(error)


def test_reference_is_not_ones_own(monkeypatch):
    notebook = ModuleType("__main__")
    notebook.reference = ModuleType("statistics_course.answers")
    notebook.np = np
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    for module in ("statistics_course.answers", "statistics_course.arrays"):

        def total(values):
            return sum(values)

        total.__module__ = module
        notebook.reference.total = notebook.total = total
        assert "reference version" in str(failure(check_own, total))
        assert "reference version" in str(failure(check_own, Proxy(total)))
    for own in (failure, np.sum, max, lambda values: 0, Proxy(failure)):
        notebook.total = own
        check_own(own)


def add_in_place(a, b):
    a += b
    return a


@pytest.mark.parametrize("wrap", [lambda function: function, Proxy])
def test_changed_arguments_are_found(wrap):
    a, b = np.array([1.0, np.nan]), np.ones(2)
    assert call_unchanged(wrap(np.add), a=a, b=b)[0] == 2.0
    error = failure(call_unchanged, wrap(add_in_place), a=a, b=b)
    assert "your function changes its argument a" in str(error)
    assert error.texts == ("a",)


def test_changed_tensors_are_found():
    a, b = torch.ones(2, requires_grad=True), torch.ones(2)
    call_unchanged(torch.add, a=a, b=b)
    assert "argument b" in str(failure(call_unchanged, lambda a, b: b.zero_(), a=a, b=b))
    assert "argument b" in str(failure(call_unchanged, lambda a, b: b.resize_(3), a=a, b=b))


def test_beside_student():
    assert beside_student(len, [1, 2]) == 2
    assert beside_student(sorted, Proxy([2, 1])) == [1, 2]


def test_overflow_is_a_failed_check():
    with no_overflow():
        np.tanh(np.array([1000.0]))
    with pytest.raises(CheckFailed, match="exponential of a large number"), no_overflow():
        np.exp(np.array([1000.0]))


def picky(x):
    if x < 0:
        raise ValueError(f"x must be positive, got {x}")
    raise KeyError(x)


def stub(x):
    raise NotImplementedError("write this function")


def test_check_raises():
    check_raises("a negative x", ValueError, "x", picky, -1)
    check_raises("a negative x", Exception, "positive", picky, -1)
    error = failure(check_raises, "a negative x", ValueError, "the sign", picky, -1)
    assert str(error) == (
        "for a negative x the message must mention the sign, but yours says: "
        "x must be positive, got -1"
    )
    error = failure(check_raises, "a large x", ValueError, "x", picky, 1)
    assert str(error) == "a large x must raise ValueError, but yours raises KeyError: 1"
    error = failure(check_raises, "a negative x", ValueError, "x", abs, -1)
    assert "but your function accepts it" in str(error)
    with pytest.raises(NotImplementedError):
        check_raises("a negative x", RuntimeError, "write", stub, -1)


SECRET = 987.25  # stands for everything that is the student's or expected

FAILING = {
    "shape": lambda: check_array("name", np.full(987, SECRET), ONES),
    "values": lambda: check_array("name", SECRET * ONES, ONES, hints=[(SECRET * ONES, "hint")]),
    "type": lambda: check_array("name", "987", ONES),
    "dtype": lambda: check_array("name", np.full(987, 987), ONES),
    "same dtype": lambda: check_array("name", ONES, np.float32(ONES), same_dtype=True),
    "nan": lambda: check_array("name", np.nan * ONES, ONES),
    "tensor type": lambda: check_tensor("name", [SECRET] * 987, torch.ones(2)),
    "tensor": lambda: check_tensor("name", torch.ones(987), torch.ones(2)),
    "number": lambda: check_number("name", SECRET, 1.0, hints=[(SECRET, "hint")], reveal=True),
    "number type": lambda: check_number("name", np.full(987, 1.0), 1.0),
    "numbers": lambda: check_numbers("name", [1.0, SECRET], [1.0, 2.0], reveal=True),
    "an entry": lambda: check_numbers("name", [1.0] * 987 + [None], [1.0] * 988),
    "count": lambda: check_count("name", 987, 1, hints=[(987, "hint")]),
    "parts": lambda: take_apart("name", (1,) * 987, ("a", "b")),
    "raises": lambda: check_raises("name", ValueError, "sign", picky, -987),
    "raises another": lambda: check_raises("name", ValueError, "sign", picky, 987),
    "accepts": lambda: check_raises("name", ValueError, "sign", abs, -987),
}


@pytest.mark.parametrize("name", FAILING)
def test_public_texts_hold_no_data_and_are_recorded(name, recorded):
    error = failure(FAILING[name])
    assert type(error.public) is str
    assert error.public
    assert not any("987" in text or "nan" in text for text in error.texts)
    assert "987" not in error.public
    assert error.texts[0] == "name"
    assert set(error.texts) <= set(recorded)


def test_texts_are_recorded_also_where_the_check_passes(recorded):
    hints = [(2.0, "first"), (3.0, "second")]
    check_array("array", ONES, ONES, hints=hints)
    check_example("example", ONES, ONES, hints)
    check_tensor("tensor", torch.ones(2), torch.ones(2), hints=hints)
    check_number("number", 1.0, 1.0, hints=hints)
    check_numbers("numbers", [1.0], [1.0], hints=hints)
    check_count("count", 1, 1, hints=hints)
    take_apart("apart", (1, 2), ("a", "b"))
    call_unchanged(np.add, left=1.0, right=2.0)
    check_raises("bad", ValueError, "x", picky, -1)
    assert {"first", "second", "array", "example", "tensor", "number", "numbers"} <= set(recorded)
    assert {"count", "apart", "2 values, (a, b)", "left", "right", "bad"} <= set(recorded)


def test_describe_asks_a_proxy():
    assert describe(Proxy(1)) == "a Cell"
    assert describe(ONES) == "one array of shape (2, 3)"


def test_seeds(monkeypatch):
    import nbjudge.checks.seeds as seeds

    monkeypatch.setattr(seeds, "_secret", None)
    plain = question_seed("step")
    assert plain == question_seed("step") != question_seed("sequence")
    set_key(b"key", "course")
    secret = question_seed("step")
    question_seed("sequence")  # the order does not matter
    assert secret == question_seed("step") != plain
    set_key(b"other", "course")
    assert question_seed("step") != secret
    set_key(b"key", "another")
    assert question_seed("step") != secret
    for label in "abcdefgh":
        assert 0 <= question_seed(label) < 2**32
    np.random.default_rng(secret)
    torch.manual_seed(secret)
