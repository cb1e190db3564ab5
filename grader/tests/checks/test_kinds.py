"""Kinds of mistakes that are recognised without knowing the question, and what is no kind."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.attempts import attempt
from nbjudge.checks.axes import axes_of
from nbjudge.checks.kinds import Compared, recognised
from nbjudge.checks.raised import MEANINGS, meaning
from nbjudge.checks.relations import with_others
from nbjudge.checks.seen import Case, see

N, T, D, H = 3, 5, 4, 6


def answer(x, s, W, b):
    """Return a step and its sum.

    Parameters
    ----------
    x, s : arrays (N, T, D), (N, H)
    W : array (D, H)
    b : array (H,)

    Returns
    -------
    y : array (N, T, H)
    total : array (N, H)
    """
    y = np.exp(0.1 * np.cumsum(x, axis=1) @ W) * s[:, None] + b
    return y, y.sum(axis=1)


def cases():
    for seed, label in ((0, "one"), (1, "two")):
        draw = np.random.default_rng(seed).standard_normal
        given = {"x": draw((N, T, D)), "s": draw((N, H)), "W": draw((D, H)), "b": draw(H)}
        yield Case(label, given)


def kind(change, name="y"):
    """Return what is recognised where ``change(y, total, arguments)`` stands for the results."""

    def yours(x, s, W, b):
        given = {"x": x, "s": s, "W": W, "b": b}
        return change(*answer(x, s, W, b), given)

    known, gives = list(cases()), ("y", "total")
    seen = [[see((f,), case, gives) for case in known] for f in (yours, answer)]
    return recognised(name, Compared((yours,), (answer,), known, gives, *seen))


def blocks(y):
    one, two, three = np.split(y, 3, axis=-1)
    return np.concatenate([two, one, three], axis=-1)


def without(y, k):
    y = y.copy()
    y[:, k] = 0
    return y


def late(y):
    return np.concatenate([np.ones_like(y[:, :1]), y[:, :-1]], axis=1)


KINDS = {
    "the results stand in the order y, total": lambda y, t, g: (t, y),
    "the axes of y are exchanged: they stand in the order (N, T, H)": lambda y, t, g: (
        y.transpose(1, 0, 2),
        t,
    ),
    "y holds the right numbers in another shape: it must be (N, T, H)": lambda y, t, g: (
        y.reshape(N, T * H),
        t,
    ),
    "this is only the last entry along T (time): y has the shape (N, T, H)": lambda y, t, g: (
        y[:, -1],
        t,
    ),
    "this is the sum over H (the units): y has the shape (N, T, H)": lambda y, t, g: (y.sum(2), t),
    "the last entry of y along T (time) is missing": lambda y, t, g: (y[:, :-1], t),
    "the first entry of y along T (time) is missing": lambda y, t, g: (y[:, 1:], t),
    "y has one entry too many at the start of T (time)": lambda y, t, g: (
        np.concatenate([0 * y[:, :1], y], axis=1),
        t,
    ),
    "y has one entry too many at the end of T (time)": lambda y, t, g: (
        np.concatenate([y, 0 * y[:, :1]], axis=1),
        t,
    ),
    "y is the wrong way round along T (time)": lambda y, t, g: (y[:, ::-1].copy(), t),
    "y comes one place too late along T (time)": lambda y, t, g: (late(y), t),
    "y comes one place too early along T (time)": lambda y, t, g: (
        late(y[:, ::-1])[:, ::-1].copy(),
        t,
    ),
    "the 3 blocks of y stand in another order": lambda y, t, g: (blocks(y), t),
    "the last of y along T (time) is all zero": lambda y, t, g: (without(y, -1), t),
    "the first of y along T (time) is all zero": lambda y, t, g: (without(y, 0), t),
    "y has the wrong sign": lambda y, t, g: (-y, t),
    "y is divided by N (the batch) once too often: add, do not average": lambda y, t, g: (y / N, t),
    "y is T (time) times too large: average, do not add": lambda y, t, g: (y * T, t),
    "y is twice of what it must be": lambda y, t, g: (2 * y, t),
    "y is half of what it must be": lambda y, t, g: (y / 2, t),
    "one tanh too many in y": lambda y, t, g: (np.tanh(y), t),
    "one exponential too many in y": lambda y, t, g: (np.exp(y), t),
    "this is 1 - y": lambda y, t, g: (1 - y, t),
    "the summand b is missing in y": lambda y, t, g: (y - g["b"], t),
    "b is added once too often in y": lambda y, t, g: (y + g["b"], t),
    "b has the wrong sign in y": lambda y, t, g: (y - 2 * g["b"], t),
    "y is multiplied by b once too often": lambda y, t, g: (y * g["b"], t),
    "the factor b is missing in y": lambda y, t, g: (y / g["b"], t),
    "this is W, not y": lambda y, t, g: (g["W"], t),
    "s has no effect on y": lambda y, t, g: answer(g["x"], np.ones_like(g["s"]), g["W"], g["b"]),
    "W and b have no effect on y": lambda y, t, g: answer(
        g["x"], g["s"], np.ones_like(g["W"]), np.ones_like(g["b"])
    ),
    "the result of one example depends on the other examples of the batch": lambda y, t, g: (
        y + y.mean(axis=0) ** 2,
        t,
    ),
    "the result of a step depends on what comes after it": lambda y, t, g: (
        y + y.mean(axis=1, keepdims=True) ** 2,
        t,
    ),
}


def with_a_nan(array):
    array = array.copy()
    array.flat[0] = np.nan
    return array


@pytest.mark.parametrize("sentence", KINDS)
def test_a_kind_is_recognised(sentence):
    assert kind(KINDS[sentence]) == sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda y, t, g: (y + 0.1, t),
        lambda y, t, g: (y * np.linspace(0.5, 2, H), t),
        lambda y, t, g: (np.sin(y) + g["b"] ** 2, t),
        lambda y, t, g: ("a text", t),
        lambda y, t, g: (np.full_like(y, np.nan), t),
        lambda y, t, g: (with_a_nan(KINDS["W and b have no effect on y"](y, t, g)[0]), t),
        lambda y, t, g: (np.zeros_like(y), t),
        lambda y, t, g: (y[:, :, :2], t),
    ],
)
def test_what_is_of_no_kind_is_told_none(change):
    assert kind(change) == ""


def test_a_kind_must_hold_in_every_case():
    calls = []

    def sometimes(y, t, g):
        calls.append(1)
        return (-y if len(calls) == 1 else 2 * y), t

    assert kind(sometimes) == ""


def test_a_kind_is_said_of_the_result_that_failed():
    assert kind(lambda y, t, g: (y, -t), "total") == "total has the wrong sign"


def test_numbers_that_overflow():
    def soft(a):
        e = np.exp(a - a.max())
        return e / e.sum()

    given = [Case("small", {"a": np.arange(3.0)}), Case("large", {"a": 1000 * np.arange(3.0)})]
    says = pytest.raises(CheckFailed, match="only where the numbers are large: subtract the l")
    with says, np.errstate(all="ignore"):
        attempt(lambda a: np.exp(a) / np.exp(a).sum(), soft, given, (), ["p"]).check()


def test_a_sum_to_one_along_the_wrong_axis():
    def soft(a):
        e = np.exp(a)
        return e / e.sum(axis=1, keepdims=True)

    soft.__doc__ = "a : array (N, V)\n\nReturns\n-------\np : array (N, V)"
    given = [Case("a table", {"a": np.random.default_rng(0).standard_normal((3, 4))})]
    with pytest.raises(CheckFailed, match=r"p adds up to one along N \(the batch\), and must al"):
        attempt(lambda a: np.exp(a) / np.exp(a).sum(axis=0), soft, given, (), ["p"]).check()


def test_letters_of_the_axes_come_from_the_docstring():
    assert axes_of(answer.__doc__, ("y", "total")) == {
        "x": ("N", "T", "D"),
        "s": ("N", "H"),
        "W": ("D", "H"),
        "b": ("H",),
        "y": ("N", "T", "H"),
        "total": ("N", "H"),
    }
    doc = "weight : array (4H, D)\n\nReturns\n-------\narray (N, T + 1), floats"
    assert axes_of(doc, ("w",)) == {"weight": ("4H", "D"), "w": ("N", "T + 1")}


ERRORS = [
    ("Trying to backward through the graph a second time ... Specify retain_graph=True", "detach"),
    ("a view of a leaf Variable that requires grad is being used in an in-place", "plain tensor"),
    ("a leaf Variable that requires grad is being used in an in-place operation", "no_grad"),
    ("one of the variables ... has been modified by an inplace operation", "make a new one"),
    ("element 0 of tensors does not require grad and does not have a grad_fn", "detached"),
    ("Can't call numpy() on Tensor that requires grad.", "detached before"),
    ("AttributeError: 'tuple' object has no attribute 'size'", "take them apart"),
    ("matmul: Input operand 1 has a mismatch in its core dimension 0", "print the shapes"),
    ("operands could not be broadcast together with shapes (3,) (4,)", "print the shapes"),
    ("expected m1 and m2 to have the same dtype, but got: float != double", "dtype of the input"),
    ("Expected all tensors to be on the same device", "device of the input"),
    ("ufunc 'multiply' did not contain a loop with signature matching types <U6", "keys"),
    ("only length-1 arrays can be converted to Python scalars", "one number"),
    ("arrays used as indices must be of integer (or boolean) type", "whole number"),
    ("The truth value of an array with more than one element is ambiguous.", "np.where"),
    ("too many values to unpack (expected 2)", "more values"),
    ("not enough values to unpack (expected 3, got 2)", "fewer values"),
    ("EOFError: Ran out of input", "seek(0)"),
    ("f() missing 1 required positional argument: 'x'", "agree on the arguments"),
    ("unsupported operand type(s) for *: 'NoneType' and 'float'", "None is used"),
]


@pytest.mark.parametrize(("text", "words"), ERRORS)
def test_messages_that_mislead_are_explained(text, words):
    assert words in meaning(text)


def test_every_explanation_is_tested_and_others_get_none():
    assert {meaning(text) for text, _ in ERRORS} == {words for _, words in MEANINGS}
    assert meaning("division by zero") == ""


def test_an_argument_that_comes_back_is_not_called_another_one():
    y = np.arange(1.0, 7.0).reshape(2, 3)
    assert list(with_others("y", y, y + 0.5 * y**2, {"y": y})) == ["y comes back as it was"]
