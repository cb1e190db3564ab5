"""A student's function beside the answer: what is compared, and which mistake is named."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nbjudge.checks import arrays
from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.attempts import attempt
from nbjudge.checks.mistakes import edited, source_of, versions
from nbjudge.checks.parts import Parts
from nbjudge.checks.seen import Case, Seen, alike

RNG = np.random.default_rng(0)


def gate(x, h, W, b):
    """Return a gate.

    Parameters
    ----------
    x, h : arrays (N, D), (N, H)
    W : array (D, H)
    b : array (H,)

    Returns
    -------
    f : array (N, H)
    """
    if len(x) == 0:
        raise ValueError("x is empty")
    return np.tanh(x @ W + b) * h


def two(x):
    return x.sum(axis=0), x.max(axis=0)


def add_one(arrays):
    return [array + 1 for array in arrays]


MISTAKES = [
    ("the tanh is missing", [[("np.tanh(x @ W + b)", "(x @ W + b)")]]),
    ("the bias is missing", [[("x @ W + b", "x @ W")]]),
    ("the state is not multiplied", [[(" * h", "")]]),
    ("W is transposed", [[("x @ W", "x @ W.T")]]),
    (
        "the sigmoid stands in place of the tanh",
        ["def gate(x, h, W, b):\n    return h / (1 + np.exp(-x @ W - b))"],
    ),
]


def cases(D=4, H=5):
    for label, N in (("several examples", 3), ("one example", 1)):
        given = {"x": RNG.standard_normal((N, D)), "h": RNG.standard_normal((N, H))}
        yield Case(label, given | {"W": RNG.standard_normal((D, H)), "b": RNG.standard_normal(H)})


def failure(yours, *names, answer=gate, given=None, mistakes=MISTAKES, gives=("f",), group=None):
    """Return what a check of ``yours`` raises."""
    found = attempt(yours, answer, list(given or cases()), mistakes, gives)
    with pytest.raises(CheckFailed) as error:
        found.check(*names, group=group)
    return error.value


def test_a_right_function_passes_and_nothing_else_runs(monkeypatch):
    monkeypatch.setattr("nbjudge.checks.attempts.versions", lambda *_: pytest.fail("not needed"))

    def candidate(x, h, W, b):
        return (h * np.tanh(b + x @ W)).astype(np.float32)

    attempt(candidate, gate, cases(), MISTAKES, ["f"]).check()


def test_nothing_runs_before_the_check():
    attempt(lambda: pytest.fail("called"), gate, cases(), MISTAKES)


@pytest.mark.parametrize(("sentence", "ways"), MISTAKES)
def test_each_mistake_is_named_first_and_in_public(sentence, ways):
    ((_, (mistaken,)),) = versions([gate], [(sentence, ways)])
    error = failure(mistaken)
    assert str(error).startswith(f"{sentence} (")
    assert error.texts[-1] == sentence


def test_the_message_shows_the_entry_that_is_furthest_off():
    def yours(x, h, W, b):
        wrong = gate(x, h, W, b)
        wrong[0, 1] += 0.5
        wrong[0, 2] += 0.001
        return wrong

    assert "entry [0, 1] is" in str(failure(yours, mistakes=()))


def mean_of(x):
    return float(np.mean(x))


@pytest.mark.parametrize("number", [float, np.float64, np.float32])
def test_a_number_of_numpy_shows_the_mistake_too(number):
    known = [("this is the sum", [[("np.mean", "np.sum")]])]
    given = [Case("three numbers", {"x": np.array([0.3, 1.7, -0.6])})]
    error = failure(lambda x: number(np.sum(x)), answer=mean_of, given=given, mistakes=known)
    assert str(error).startswith("this is the sum (")


def test_a_part_that_is_lost_is_not_checked_again():
    parts = Parts("gate")
    with parts.part("the gate", 1):
        attempt(lambda x, h, W, b: -gate(x, h, W, b), gate, cases(), MISTAKES, ["f"]).check()
    with parts.part("the gate"):
        attempt(lambda *_: pytest.fail("called"), gate, cases(), MISTAKES, ["f"]).check()
    with parts.part("the rest", 2):
        attempt(gate, gate, cases(), MISTAKES, ["f"]).check()
    assert parts.score() == 2


def test_two_mistakes_at_once_are_not_named():
    error = failure(lambda x, h, W, b: x @ W * h)
    assert "wrong values" in str(error)
    assert error.texts == ("f for several examples",)


def test_no_sentence_where_two_mistakes_explain_it():
    twice = [*MISTAKES, ("no nonlinearity", [[("np.tanh(x @ W + b)", "1.0 * (x @ W + b)")]])]
    error = failure(lambda x, h, W, b: (x @ W + b) * h, mistakes=twice)
    assert error.texts == ("f for several examples",)


def test_one_sentence_with_two_ways_is_one_mistake():
    ways = [[("np.tanh(x @ W + b)", "(x @ W + b)")], [("np.tanh(x @ W + b)", "1.0 * (x @ W + b)")]]
    error = failure(
        lambda x, h, W, b: (x @ W + b) * h, mistakes=[("the tanh is missing", ways), *MISTAKES[1:]]
    )
    assert str(error).startswith("the tanh is missing (")


def test_a_mistake_must_explain_every_case():
    def yours(x, h, W, b):
        return x @ W + b if len(x) > 1 else gate(x, h, W, b)

    assert failure(yours, mistakes=MISTAKES[2:3]).texts == ("f for several examples",)


def test_a_mistake_of_another_group_is_another_mistake():
    one, other = cases()
    groups = [one._replace(group="many"), other._replace(group="one")]

    def yours(x, h, W, b):
        return (x @ W + b) * h if len(x) > 1 else np.tanh(x @ W) * h

    assert str(failure(yours, given=groups, group="many")).startswith("the tanh is missing")
    assert str(failure(yours, given=groups, group="one")).startswith("the bias is missing")
    attempt(lambda *a: gate(*a) if len(a[0]) > 1 else 0, gate, groups, MISTAKES).check(group="many")


def test_an_exception_is_named_by_the_mistake_that_raises_it_too():
    error = failure(lambda x, h, W, b: np.tanh(x @ W.T + b) * h)
    assert str(error).startswith("W is transposed (the two factors of a matrix product do not fit")
    assert error.public == "your code raised a ValueError"


def test_an_error_says_the_line_of_the_student():
    def yours(x, h, W, b):
        return np.tanh(x @ weights + b) * h  # noqa: F821

    told = str(failure(yours))
    assert "NameError: name 'weights' is not defined, in line" in told
    assert "of your cell: return np.tanh(x @ weights + b) * h" in told


def test_a_function_that_is_not_written_says_so():
    def yours(x, h, W, b):
        raise NotImplementedError("write this function")

    with pytest.raises(NotImplementedError):
        attempt(yours, gate, cases(), MISTAKES).check()


def test_an_argument_that_is_changed():
    def yours(x, h, W, b):
        h *= np.tanh(x @ W + b)
        return h

    assert "your function changes its argument h, which" in str(failure(yours))


@pytest.mark.parametrize("change", [lambda a: a[0].fill(0), lambda a: a.append(1), list.clear])
def test_an_argument_that_is_changed_inside(change):
    def yours(arrays):
        right = add_one(arrays)
        change(arrays)
        return right

    given = [Case("two arrays", {"arrays": [np.ones(2), np.ones(3)]})]
    error = failure(yours, answer=add_one, given=given, mistakes=())
    assert "changes its argument arrays" in str(error)


def test_several_results_and_parts_of_them():
    given = [Case("a table", {"x": RNG.standard_normal((4, 3))})]
    options = {"answer": two, "given": given, "mistakes": (), "gives": ("total", "largest")}

    def yours(x):
        return x.sum(axis=0), x.min(axis=0)

    attempt(yours, two, given, (), ("total", "largest")).check("total")
    assert "largest for a table" in str(failure(yours, "largest", **options))
    assert "must return 2 values" in str(failure(lambda x: x.sum(axis=0)[0], **options))


def test_bad_input_must_be_refused():
    given = [Case("an empty batch", {"x": np.ones((0, 4)), "h": 0, "W": 0, "b": 0})]
    given = [given[0]._replace(raises=(ValueError, "empty"))]
    attempt(gate, gate, given).check()

    def loud(x, h, W, b):
        raise ValueError("no")

    def other(x, h, W, b):
        raise TypeError("empty")

    for yours, says in (
        (lambda *_: 0, "an empty batch must raise ValueError, but your function accepts it"),
        (other, "an empty batch must raise ValueError, but yours raises TypeError: empty"),
        (loud, "for an empty batch the message must mention empty, but yours says: no"),
    ):
        assert says in str(failure(yours, given=given, mistakes=()))


# -- scenes


def train(model, steps):
    model.train()
    with torch.no_grad():
        for _ in range(steps):
            model.weight += 1
    return float(steps)


def scene(steps):
    def play(function):
        torch.manual_seed(0)
        model = torch.nn.Linear(2, 3)
        model.eval()
        losses = function(model, steps)
        return {
            "call model.train() first": model.training,
            "the weights": model.weight.detach(),
            "the losses": losses,
        }

    return Case(f"{steps} steps", play)


SCENES = [scene(2), scene(3)]
OF_TRAINING = [
    ("one step too few", [[("range(steps)", "range(steps - 1)")]]),
    ("the weights grow by one", [[("+= 1", "+= 2")]]),
]


def test_scenes_are_compared_and_facts_are_told_first():
    attempt(train, train, SCENES, OF_TRAINING).check()

    def lazy(model, steps):
        with torch.no_grad():
            model.weight += steps + 1
        return float(steps)

    options = {"answer": train, "given": SCENES, "mistakes": OF_TRAINING}
    assert str(failure(lazy, **options)) == "call model.train() first"

    def short(model, steps):
        model.train()
        with torch.no_grad():
            model.weight += steps - 1
        return float(steps)

    assert str(failure(short, "the weights", **options)).startswith("one step too few (")
    attempt(short, train, SCENES, OF_TRAINING).check("the losses")


# -- classes and several functions


class Counter:
    def __init__(self):
        self.count = 0

    def up(self):
        self.count += 1
        return self.count


def count(counter):
    return counter.up()


def test_a_cell_with_several_definitions_is_one_answer():
    def play(kind, function):
        counter = kind()
        return {"the counts": [function(counter) for _ in range(3)]}

    mistakes = [("start with 0", [[("self.count = 0", "self.count = 1")]])]
    given = [Case("three calls", play)]
    attempt((Counter, count), (Counter, count), given, mistakes).check()

    class Mine(Counter):
        def __init__(self):
            self.count = 1

    with pytest.raises(CheckFailed, match=r"start with 0 \(the counts for three calls\[0\] is not"):
        attempt((Mine, count), (Counter, count), given, mistakes).check()


# -- the kinds of results


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        (True, False, "the result"),
        (False, True, "must be False, but yours is True"),
        (None, 1, "must be None, but yours is 1"),
        ("cpu", "cuda", "must be 'cpu', but yours is 'cuda'"),
        (3, 4, "is not right (it is 4 and should be 3)"),
        (3, 3.0, "must be a whole number"),
        (0.5, 0.50001, "is not right (it is 0.50001 and should be 0.5)"),
        ([0.5, 1.0], [0.5], "must have shape (2,)"),
        ([1, 2], [1, 3], "for it[1] is not right"),
        ([1, 2], [1], "must have 2 entries, but yours has 1"),
        ([1, 2], 3, "must be a list, but yours is a int"),
        ({"a": 1}, {"b": 1}, "must have the keys ['a'], but yours has ['b']"),
        ({"a": 1}, [1], "must be a dict"),
        ({"a": 1}, {"a": 2}, "for it['a'] is not right"),
        (np.array([1, 2]), np.array([1.0, 2.0]), "must be a NumPy array of whole numbers"),
        (np.array([True]), np.array([1]), "must be a NumPy array of True and False"),
        (np.array([1, 2]), np.array([1, 3]), "wrong values"),
        (torch.ones(2), np.ones(2), "must be a PyTorch tensor"),
        (torch.ones(2), torch.zeros(2), "wrong values"),
    ],
)
def test_every_kind_of_result_has_a_strict_check(right, wrong, says):
    given = [Case("it", {"value": "any"})]
    attempt(lambda value: right, lambda value: right, given).check()
    with pytest.raises(CheckFailed) as error:
        attempt(lambda value: wrong, lambda value: right, given).check()
    assert says in str(error.value)


def test_a_recogniser_that_stumbles_says_nothing(monkeypatch):
    monkeypatch.setattr("nbjudge.checks.kinds.recognised", lambda *_: 1 / 0)
    assert "wrong values" in str(failure(lambda x, h, W, b: x @ W * h))


def test_what_a_scene_says_of_a_line_is_the_students_own():
    def scene(function):
        where = " in the line `y = f(x)`" if function.__name__ == "yours" else ""
        if function(1) != 1:
            raise CheckFailed(f"a tensor is made on the CPU{where}: look there", "On the CPU")
        return {"the fact": True}

    def answer(value):
        return value

    def yours(value):
        return 2 * value

    given = [Case("a scene", scene)]
    mistakes = [("it is doubled", ["def answer(value):\n    return value + value"])]
    error = failure(yours, answer=answer, given=given, mistakes=mistakes)
    assert str(error).startswith("it is doubled (")
    assert "y = f(x)" in str(error)


# -- the table


def test_texts_of_a_question_are_recorded(monkeypatch):
    texts = set()
    monkeypatch.setattr(arrays, "author_texts", texts.add)
    attempt(gate, gate, cases(), MISTAKES, ["f"]).check()
    assert texts >= {sentence for sentence, _ in MISTAKES} | {"f for one example"}


def test_an_edit_must_fit_exactly_once():
    assert edited("a + b", [("a", "c")]) == "c + b"
    for old, times in (("x", 0), ("a", 2)):
        with pytest.raises(ValueError, match=f"'{old}' occurs {times} times, not once"):
            edited("a + a", [(old, "y")])
    assert edited("a", "def f():\n    return 1") == "def f():\n    return 1\n"


def test_the_source_of_an_answer_is_what_defines_its_names():
    module = "import x\n\n\n@x.y\ndef f():\n    return 1  # one\n\n\ndef g():\n    pass\n"
    assert source_of(module, ["f"]) == "@x.y\ndef f():\n    return 1  # one\n"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (ValueError("no"), ValueError("no")),
        (np.exceptions.AxisError(1, 1), ValueError(f"AxisError: {np.exceptions.AxisError(1, 1)}")),
        (torch.OutOfMemoryError("no"), RuntimeError("OutOfMemoryError: no")),
    ],
)
def test_an_exception_is_known_again_when_another_process_tells_of_it(here, there):
    assert alike(Seen({}, here), Seen({}, there))
    assert not alike(Seen({}, here), Seen({}, RuntimeError(str(here) + "!")))
