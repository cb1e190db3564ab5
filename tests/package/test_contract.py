"""Every cell keeps every promise of the one protocol; the cells stand in ``contract.py``."""

from __future__ import annotations

import importlib
import inspect
import itertools
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_course.arrays import Gradients
from lstm_course.gradcheck import map_arrays, named_arrays
from tests.package.contract import COLUMNS, ROOT, ROWS, Oracle, excepted, names_of, rows_with
from tests.package.pieces import PIECES

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
#: Half of them, in which every combination of three sizes still occurs.
HALF = [sizes for sizes in GRID if sum(size == 1 for size in sizes) % 2 == 0]
DTYPES = (np.float32, np.float64)


def column(name, **more):
    """Run a test for every row that has a column, and for every value of ``more``."""
    assert name in COLUMNS

    def mark(test):
        for argument, values in more.items():
            test = pytest.mark.parametrize(argument, values, ids=str)(test)
        return pytest.mark.parametrize("row", rows_with(name), ids=str)(test)

    return mark


def leaves(tree):
    return list(named_arrays(tree).values())


def shapes(tree):
    return {name: array.shape for name, array in named_arrays(tree).items()}


def cast(tree, dtype):
    return map_arrays(lambda array: array.astype(dtype), tree)


def kept(tree):
    return map_arrays(np.copy, tree)


def assert_same(a, b):
    """Two trees have the same arrays, bit for bit, not a number included."""
    assert shapes(a) == shapes(b)
    for mine, theirs in zip(leaves(a), leaves(b), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def layer_results(row, problem):
    """Run forward and backward; return h and the final state, the gradients, and the cache."""
    x, state, weights, dh, d_state = problem
    h, final, cache = row.forward(x, weights, state)
    return (h, final), row.call("NAME_backward")(dh, cache, d_state), cache


def assert_takes(function, *names):
    """The first parameters have these names; every other one has a default or a keyword."""
    found = list(inspect.signature(function).parameters.values())
    assert [p.name for p in found[: len(names)]] == list(names), function
    for other in found[len(names) :]:
        free = other.kind in (other.KEYWORD_ONLY, other.VAR_KEYWORD)
        assert free or other.default is not other.empty, (function, other.name)


@column("signatures")
def test_functions_have_the_one_form(row):
    assert_takes(row.call("init_NAME"), "rng", "D", "H")
    assert_takes(row.call("NAME_zero_state"), "N", "H", "dtype")
    if row in rows_with("steps"):
        assert_takes(row.call("NAME_step"), "x_t", "state", "weights")
        assert_takes(row.call("NAME_step_backward"), "d_state", "cache")
    assert_takes(row.call("NAME_forward"), "x", "weights", "state")
    assert_takes(row.call("NAME_backward"), "dh", "cache", "d_state")
    assert_takes(row.call("NAME_parameter_count"), "D", "H")


@column("types")
def test_results_have_the_form_of_the_inputs(row):
    problem = row.draw(0)
    (h, final), gradients, _ = layer_results(row, problem)
    assert isinstance(h, np.ndarray)
    assert h.shape[:2] == problem.x.shape[:2]
    assert isinstance(gradients, Gradients)
    pairs = (problem.x, gradients.dx), (problem.state, final), (problem.state, gradients.d_state)
    for given, found in (*pairs, (problem.weights, gradients.d_weights)):
        assert type(found) is type(given)
        assert shapes(found) == shapes(given)


@column("dtypes", dtype=DTYPES)
def test_dtype_is_kept(row, dtype):
    problem = cast(row.draw(1), dtype)
    (h, final), gradients, _ = layer_results(row, problem)
    x, _, weights, dh, _ = problem
    alone, end, cache = row.forward(x, weights)
    found = h, final, gradients, alone, end, row.call("NAME_backward")(dh, cache)
    assert {array.dtype for array in leaves(found)} == {np.dtype(dtype)}


@column("unchanged", sizes=[(3, 5, 4, 6), (1, 1, 4, 6), (1, 1, 1, 1)])
def test_inputs_stay_and_results_are_the_callers(row, sizes):
    """What is handed in is not changed; writing into a result changes nothing behind it."""
    problem = row.draw(2, *sizes)
    before = kept(problem)
    _, gradients, _ = layer_results(row, problem)
    assert_same(problem, before)
    x, state, weights, dh, d_state = problem
    h, final, cache = row.forward(x, weights, state)
    for array in leaves((h, final)):
        array[...] = np.nan
    again = row.call("NAME_backward")(dh, cache, d_state)
    assert_same(again, gradients)
    assert_same(problem, before)
    once_more = row.call("NAME_backward")(dh, cache, d_state)
    for array in leaves(again):
        array[...] = np.nan
    assert_same(once_more, gradients)  # the cache serves as often as it is asked
    assert_same(problem, before)


@column("defaults")
def test_a_batch_may_be_empty(row):
    x, _, weights, _, _ = row.draw(2)
    h, final, cache = row.forward(x[:0], weights)
    gradients = row.call("NAME_backward")(h, cache)
    assert {a.shape[0] for a in (h, gradients.dx)} == {0}
    assert shapes(final) == shapes(gradients.d_state)
    assert shapes(weights) == shapes(gradients.d_weights)
    assert all(np.array_equal(a, np.zeros_like(a)) for a in leaves(gradients.d_weights))


def without_last(array, axis):
    return np.take(array, range(array.shape[axis] - 1), axis)


def damaged(tree, axis):
    """Yield copies of a tree, in each one array one shorter along an axis, and that array."""
    for name, array in named_arrays(tree).items():
        if array.ndim and array.shape[axis]:
            wrong = without_last(array, axis)
            yield (
                name,
                map_arrays(lambda a, array=array, wrong=wrong: wrong if a is array else a, tree),
                wrong,
            )


def of_other_kinds(tree):
    """Yield copies of a tree, in each one array as integers or as a list, and what stands there."""
    for array in leaves(tree):
        for wrong in (array.astype(int), array.tolist()):
            yield (
                map_arrays(lambda a, array=array, wrong=wrong: wrong if a is array else a, tree),
                wrong,
            )


def kind_of(wrong):
    return getattr(wrong, "dtype", type(wrong).__name__)


def refused(function, *arguments):
    with pytest.raises(ValueError, match="got") as error:
        function(*arguments)
    return str(error.value)


@column("errors")
def test_errors_say_what_was_given(row):
    x, state, weights, dh, d_state = row.draw(3)
    assert refused(row.forward, x.tolist(), weights, state).endswith("got list")
    assert refused(row.forward, x.astype(int), weights, state).endswith("got int64")
    wider = np.concatenate([x, x[..., :1]], axis=-1)
    for wrong in (x[0], x[:, :0], wider):
        assert str(wrong.shape) in refused(row.forward, wrong, weights, state)
    for _, wrong, array in damaged(state, 0):
        assert str(array.shape) in refused(row.forward, x, weights, wrong)
    for _, wrong, array in damaged(weights, -1):
        assert str(array.shape) in refused(row.forward, x, wrong, state)
    for wrong, array in of_other_kinds(weights):
        assert refused(row.forward, x, wrong, state).endswith(f"got {kind_of(array)}")
    cache = row.forward(x, weights, state)[2]
    backward = row.call("NAME_backward")
    assert str(dh[:, 1:].shape) in refused(backward, dh[:, 1:], cache, d_state)
    assert refused(backward, dh.tolist(), cache, d_state).endswith("got list")
    for _, wrong, array in damaged(d_state, 0):
        assert str(array.shape) in refused(backward, dh, cache, wrong)
    assert refused(row.forward, x, weights, leaves(state)[0])  # an array where a state belongs


@column("steps")
def test_errors_of_a_step_say_what_was_given(row):
    x, state, weights, _, d_state = row.draw(3)
    x_t = x[:, 0]
    assert refused(row.step, x_t.tolist(), state, weights).endswith("got list")
    assert str(x_t[0].shape) in refused(row.step, x_t[0], state, weights)
    for _, wrong, array in damaged(state, 0):
        assert str(array.shape) in refused(row.step, x_t, wrong, weights)
    for _, wrong, array in damaged(weights, -1):
        assert str(array.shape) in refused(row.step, x_t, state, wrong)
    cache = row.step(x_t, state, weights)[1]
    for _, wrong, array in damaged(d_state, 0):
        assert str(array.shape) in refused(row.call("NAME_step_backward"), wrong, cache)


@column("gradients", sizes=GRID)
def test_gradients_equal_differences(row, sizes):
    errors = row.gradient_errors(row.draw(4, *sizes))
    assert max(errors.values()) < TOLERANCE, errors


def by_steps(row, problem):
    """Run a layer step by step; return h, the final state, and the gradients of all inputs."""
    x, state, weights, dh, d_state = problem
    h, caches, dx = [], [], []
    for t in range(x.shape[1]):
        state, cache = row.step(x[:, t], state, weights)
        h.append(leaves(state)[0])
        caches.append(cache)
    d_weights = map_arrays(np.zeros_like, weights)
    for t in reversed(range(x.shape[1])):
        first = leaves(d_state)[0]
        d_state = map_arrays(lambda a, t=t, first=first: a + dh[:, t] if a is first else a, d_state)
        dx_t, d_state, part = row.call("NAME_step_backward")(d_state, caches[t])
        parts = iter(leaves(part))
        d_weights = map_arrays(lambda a, parts=parts: a + next(parts), d_weights)
        dx.insert(0, dx_t)
    return (np.stack(h, axis=1), state), Gradients(np.stack(dx, axis=1), d_state, d_weights)


@column("steps", sizes=GRID)
def test_a_layer_equals_its_steps(row, sizes):
    problem = row.draw(5, *sizes)
    outputs, gradients, _ = layer_results(row, problem)
    for whole, steps in zip((outputs, gradients), by_steps(row, problem), strict=True):
        assert shapes(whole) == shapes(steps)
        for a, b in zip(leaves(whole), leaves(steps), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@column("steps", dtype=DTYPES)
def test_a_step_keeps_dtype_types_and_inputs(row, dtype):
    x, state, weights, _, d_state = cast(row.draw(6), dtype)
    x_t = x[:, 0].copy()
    before = kept((x_t, state, weights, d_state))
    after, cache = row.step(x_t, state, weights)
    saved = kept(named_arrays(cache))
    found = row.call("NAME_step_backward")(d_state, cache)
    assert_same((x_t, state, weights, d_state), before)
    assert_same(named_arrays(cache), saved)
    assert {array.dtype for array in leaves((after, found))} == {np.dtype(dtype)}
    for given, result in zip((x_t, state, weights), found, strict=True):
        assert type(result) is type(given)
        assert shapes(result) == shapes(given)
    assert type(after) is type(state)


@column("defaults")
def test_a_state_left_out_is_that_of_the_start(row):
    x, state, weights, dh, _ = row.draw(7)
    zeros = (row.zero_state or row.call("NAME_zero_state"))(len(x), row.most[3], float)
    assert type(zeros) is type(state)
    h, final, cache = row.forward(x, weights)
    explicit = row.forward(x, weights, zeros)
    assert_same((h, final), explicit[:2])
    nothing = map_arrays(np.zeros_like, final)
    backward = row.call("NAME_backward")
    assert_same(backward(dh, cache), backward(dh, explicit[2], nothing))


@column("defaults", dtype=DTYPES)
def test_zero_states_have_the_dtype_that_is_asked_for(row, dtype):
    zeros = row.zero_state or row.call("NAME_zero_state")
    assert {array.dtype for array in leaves(zeros(2, 3, dtype))} == {np.dtype(dtype)}


@column("start")
def test_weights_come_from_the_generator_alone(row):
    init = row.init or row.call("init_NAME")
    first, same, other = (init(np.random.default_rng(seed), 4, 6) for seed in (0, 0, 1))
    assert_same(first, same)
    assert any(not np.array_equal(a, b) for a, b in zip(leaves(first), leaves(other), strict=True))
    assert {array.dtype for array in leaves(first)} == {np.dtype(float)}
    for D, H in ((0, 6), (4, 0)):
        with pytest.raises(ValueError, match=rf"must be at least 1, got .*D={D} and H={H}"):
            init(np.random.default_rng(0), D, H)


@column("count", sizes=[(1, 1), (4, 5), (16, 32)])
def test_count_is_that_of_the_weights(row, sizes):
    init = row.init or row.call("init_NAME")
    count = row.count or row.call("NAME_parameter_count")
    weights = init(np.random.default_rng(0), *sizes)
    assert count(*sizes) == sum(array.size for array in leaves(weights))


def converters(oracle: Oracle, kind: str):
    module = importlib.import_module(oracle.module)
    back = getattr(module, f"from_{kind}")
    return getattr(module, f"to_{kind}"), partial(back, **oracle.form) if oracle.form else back


def check_parity(problem, outputs, gradients, theirs, slopes, parameters):
    """Compare outputs and gradients with a framework's.

    ``theirs`` are its outputs and the gradients of x and the state, ``slopes`` those of its
    parameters.  How these come from our weights is linear, so along any direction of our weights
    both must say the same: we take a random one for each array.
    """
    ours = leaves((outputs, gradients.dx, gradients.d_state))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, np.reshape(b, a.shape), rtol=1e-9, atol=1e-11)
    rng = np.random.default_rng(0)
    nothing = map_arrays(np.zeros_like, problem.weights)
    start = parameters(nothing)
    for name, array in named_arrays(nothing).items():
        direction = rng.standard_normal(array.shape)
        moved = map_arrays(lambda a, array=array, d=direction: d if a is array else a, nothing)
        terms = [s * (p - q) for s, p, q in zip(slopes, parameters(moved), start, strict=True)]
        expected = sum(np.sum(term) for term in terms)
        scale = sum(np.sum(np.abs(term)) for term in terms)
        found = np.sum(named_arrays(gradients.d_weights)[name] * direction)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 + 1e-9 * scale, err_msg=name)


@column("torch", sizes=GRID)
def test_outputs_and_gradients_equal_torch(row, sizes):
    problem = row.draw(8, *sizes)
    outputs, gradients, _ = layer_results(row, problem)
    to_torch, _ = converters(row.torch, "torch")

    def parameters(weights):
        layer = to_torch(weights, **row.torch.options)
        return [p.detach().numpy() for p in layer.parameters()]

    layer = to_torch(problem.weights, **row.torch.options)
    x, *state = inputs = [torch.tensor(a, requires_grad=True) for a in leaves(problem[:2])]
    found = row.torch.run(layer, x, state)
    upstream = [torch.tensor(a) for a in leaves(problem[3:])]
    sum((a * b).sum() for a, b in zip(found, upstream, strict=True)).backward()
    theirs = [a.detach().numpy() for a in (*found, *(a.grad for a in inputs))]
    slopes = [0.0 if p.grad is None else p.grad.numpy() for p in layer.parameters()]
    check_parity(problem, outputs, gradients, theirs, slopes, parameters)


@column("keras", sizes=HALF)
def test_outputs_and_gradients_equal_keras(row, sizes):
    import tensorflow as tf

    problem = row.draw(9, *sizes)
    outputs, gradients, _ = layer_results(row, problem)
    to_keras, _ = converters(row.keras, "keras")

    def parameters(weights):
        layer = to_keras(weights, **row.keras.options)
        return [np.asarray(v) for v in layer.trainable_variables]

    layer = to_keras(problem.weights, **row.keras.options)
    x, *state = inputs = [tf.constant(a) for a in leaves(problem[:2])]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        found = row.keras.run(layer, x, state)
        loss = sum(tf.reduce_sum(a * b) for a, b in zip(found, leaves(problem[3:]), strict=True))
    slopes = tape.gradient(loss, [*inputs, *layer.trainable_variables])
    theirs = [a.numpy() for a in (*found, *slopes[: len(inputs)])]
    rest = [np.asarray(s) for s in slopes[len(inputs) :]]
    check_parity(problem, outputs, gradients, theirs, rest, parameters)


def check_round_trip(row, oracle, kind, dtype, spoil):
    weights = cast(row.draw(10).weights, dtype)
    there, back = converters(oracle, kind)
    layer = there(weights, **oracle.options)
    returned = back(layer)
    assert type(returned) is type(weights)
    assert shapes(returned) == shapes(weights)
    assert {array.dtype for array in leaves(returned)} == {np.dtype(dtype)}
    if oracle.exact:
        assert_same(returned, weights)
    before = kept((weights, returned))
    spoil(layer)
    assert_same((weights, returned), before)  # both ways copy


@column("torch", dtype=DTYPES)
def test_weights_survive_the_trip_to_torch(row, dtype):
    def spoil(layer):
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.fill_(7.0)

    check_round_trip(row, row.torch, "torch", dtype, spoil)


@column("keras", dtype=DTYPES)
def test_weights_survive_the_trip_to_keras(row, dtype):
    def spoil(layer):
        layer.set_weights([np.full_like(array, 7.0) for array in layer.get_weights()])

    check_round_trip(row, row.keras, "keras", dtype, spoil)


def check_wrong_weights(row, oracle, kind):
    there, _ = converters(oracle, kind)
    for _, wrong, array in damaged(row.draw(11).weights, -1):
        assert str(array.shape) in refused(partial(there, **oracle.options), wrong)


@column("torch")
def test_torch_layers_that_compute_something_else_are_refused(row):
    there, back = converters(row.torch, "torch")
    check_wrong_weights(row, row.torch, "torch")
    layer = there(row.draw(11).weights, **row.torch.options)
    assert refused(back, torch.nn.Linear(4, 6)).endswith("got Linear")

    class Other(type(layer)):
        def forward(self, *arguments):
            return None

    layer.__class__ = Other
    assert refused(back, layer).endswith("got Other")
    for options in row.torch.refused:
        layer = Other.__base__(4, 6, **options)
        assert f"got {next(iter(options.values()))!r}" in refused(back, layer)


@column("keras")
def test_keras_layers_that_compute_something_else_are_refused(row):
    import keras

    there, back = converters(row.keras, "keras")
    check_wrong_weights(row, row.keras, "keras")
    weights = row.draw(11).weights
    layer = there(weights, **row.keras.options)
    assert refused(back, keras.layers.Dense(6)).endswith("got Dense")
    for options in row.keras.refused:
        layer = there(weights, **{**row.keras.options, **options})
        assert f"got {next(iter(options.values()))!r}" in refused(back, layer)
    copy = there(weights, **row.keras.options).get_config()
    raw = row.keras.unbuilt() if row.keras.unbuilt else type(layer).from_config(copy)
    with pytest.raises(ValueError, match="no weights yet: call it once"):
        back(raw)


def cells() -> set[str]:
    """Return the paths of the modules of the package that have a function ``..._forward``."""
    found = (ROOT / "lstm_course").rglob("*.py")
    pattern = re.compile(r"^(?:def )?[a-z]\w*_forward(?:\(|\[| = )", re.MULTILINE)
    apart = {"answers", "assignments"}
    return {
        str(path.relative_to(ROOT))
        for path in found
        if not apart & set(path.parts) and pattern.search(path.read_text(encoding="utf8"))
    }


def test_every_cell_has_a_row():
    without = {path for path, rule in excepted() if rule == "contract"}
    known = {row.path for row in [*ROWS, *PIECES]}
    missing = cells() - known - without  # no piece needs a function of that name
    assert missing == set(), "give them a row in tests/package/contract.py"
    assert without <= cells() | known, "exceptions for modules without a cell"
    assert not known & without


def test_every_exception_is_from_a_column_that_a_row_lacks(exceptions):
    assert excepted() <= exceptions
    known = {name for row in ROWS for c in COLUMNS for name in names_of(row, c)}
    assert {pair for pair in excepted() if pair[1] != "contract"} <= known
    for row, kind in itertools.product(ROWS, ("torch", "keras")):
        assert (getattr(row, kind) is None) == (row not in rows_with(kind)), (str(row), kind)
    for row in ROWS:
        step = hasattr(importlib.import_module(row.module), f"{row.name}_step_backward")
        assert step == (row in rows_with("steps")), f"{row}: steps"


def test_orthogonal_draws_stand_in_one_place():
    for path in Path(ROOT, "lstm_course").rglob("*.py"):
        if path.name != "arrays.py":
            assert "linalg.qr" not in path.read_text(encoding="utf8"), path
