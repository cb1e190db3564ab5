"""What is no cell keeps the promises of the table of cells that apply; see ``pieces.py``."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import map_arrays, named_arrays
from tests.package.pieces import PIECES, leaves

TOLERANCE = 1e-6
SIZES = [(3, 4, 2, 3), (1, 1, 1, 1), (1, 4, 2, 1), (3, 1, 1, 3)]  # N, T, D, H
EACH = pytest.mark.parametrize("piece", PIECES, ids=str)
CARRIED = pytest.mark.parametrize(
    ("piece", "kind"),
    [(piece, kind) for piece in PIECES for kind in piece.kinds],
    ids=str,
)


def cast(tree, dtype):
    """Return the tree with its floats in another dtype; whole numbers stay."""
    return map_arrays(lambda a: a.astype(dtype) if a.dtype.kind == "f" else a, tree)


def results(piece, drawn):
    outputs, cache = piece.forward(**drawn.point, **drawn.fixed)
    return outputs, piece.backward(drawn.upstream, cache)


@EACH
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_gradients_equal_differences(piece, sizes):
    errors = piece.gradient_errors(piece.drawn(1, *sizes))
    assert max(errors.values()) < TOLERANCE, errors


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("all_floats", [True, False], ids=["all", "masks stay float64"])
def test_dtype_is_kept(piece, dtype, all_floats):
    drawn = piece.drawn(2)
    fixed = cast(drawn.fixed, dtype) if all_floats else drawn.fixed
    low = drawn._replace(**{k: cast(getattr(drawn, k), dtype) for k in ("point", "upstream")})
    found = leaves(results(piece, low._replace(fixed=fixed)))
    assert {array.dtype for array in found} == {np.dtype(dtype)}


@EACH
def test_inputs_stay(piece):
    drawn = piece.drawn(3)
    before = map_arrays(np.copy, drawn)
    results(piece, drawn)
    for mine, copy in zip(leaves(drawn), leaves(before), strict=True):
        np.testing.assert_array_equal(mine, copy)


@EACH
def test_gradients_have_the_shapes_of_the_inputs(piece):
    drawn = piece.drawn(4)
    _, gradients = results(piece, drawn)
    assert [a.shape for a in leaves(gradients)] == [a.shape for a in leaves(drawn.point)]


def refused(function, *arguments, **named):
    with pytest.raises(ValueError, match="got") as error:
        function(*arguments, **named)
    return str(error.value)


def damaged(weights):
    """Yield copies of the weights, in each one array one shorter along its last axis."""
    for array in leaves(weights):
        yield map_arrays(lambda a, array=array: a[..., :-1] if a is array else a, weights)


def assert_names_one(message, weights):
    """Two arrays no longer fit; the message gives the shape of one of them."""
    assert any(message.endswith(f"got {array.shape}") for array in leaves(weights)), message


@EACH
def test_errors_say_what_was_given(piece):
    drawn = piece.drawn(5)
    arguments = {**drawn.point, **drawn.fixed}
    for name, value in arguments.items():
        if isinstance(value, np.ndarray):
            assert "got list" in refused(piece.forward, **{**arguments, name: value.tolist()})
            refused(piece.forward, **{**arguments, name: value[..., 0]})
    for wrong in damaged(drawn.point.get("weights", ())):
        assert_names_one(refused(piece.forward, **{**arguments, "weights": wrong}), wrong)
    cache = piece.forward(**arguments)[1]
    first = leaves(drawn.upstream)[0]
    wrong = map_arrays(lambda a: a[..., :-1] if a is first else a, drawn.upstream)
    if piece.label != "masked cross-entropy":  # its gradient is the loss's own
        assert str(first[..., :-1].shape) in refused(piece.backward, wrong, cache)


def converters(piece, kind):
    module = importlib.import_module(f"{piece.module}_{kind}")
    return getattr(module, f"to_{kind}"), getattr(module, f"from_{kind}")


@CARRIED
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_survive_the_trip(piece, kind, dtype):
    weights = cast(piece.drawn(6).point["weights"], dtype)
    there, back = converters(piece, kind)
    layer = there(weights)
    returned = back(layer)
    assert type(returned) is type(weights)
    before = map_arrays(np.copy, weights)
    if kind == "torch":
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.fill_(7.0)
    else:
        layer.set_weights([np.full_like(array, 7.0) for array in layer.get_weights()])
    for tree in (weights, returned):  # both ways copy
        assert named_arrays(tree).keys() == named_arrays(before).keys()
        for array, original in zip(leaves(tree), leaves(before), strict=True):
            assert array.dtype == dtype
            np.testing.assert_array_equal(array, original)


@CARRIED
def test_wrong_weights_and_layers_are_refused(piece, kind):
    weights = piece.drawn(7).point["weights"]
    there, back = converters(piece, kind)
    for wrong in damaged(weights):
        assert_names_one(refused(there, wrong), wrong)
    if kind == "torch":
        assert refused(back, torch.nn.Linear(4, 6)).endswith("got Linear")
    else:
        import keras

        assert refused(back, keras.layers.Dense(6)).endswith("got Dense")


def test_every_piece_says_what_carries_it():
    """No converter of a module stands outside the table."""
    for piece in PIECES:
        for kind in ("torch", "keras"):
            name = f"{piece.module}_{kind}"
            found = importlib.util.find_spec(name) and importlib.import_module(name)
            has = inspect.isfunction(getattr(found, f"to_{kind}", None))
            part = piece.label.startswith("masked")  # of the encoder-decoder
            assert has == (kind in piece.kinds or part), (piece.label, kind)
