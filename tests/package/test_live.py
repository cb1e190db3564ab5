"""A model for the browser: what is rounded, what is handed over, and what is refused."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from lstm_course import LSTMWeights, init_lstm, lstm_forward
from lstm_course.live import MOST_BYTES, live_model
from tools.book.models import SCRIPT, script_of

D, H, TOP, V, K = 3, 5, 4, 7, 2


def weights(rng, D, H):
    return LSTMWeights(*init_lstm(rng, D, H)[:2], rng.normal(size=4 * H))


@pytest.fixture
def parts():
    """The arguments of a model with an embedding and two layers."""
    rng = np.random.default_rng(0)
    return {
        "name": "some-text",
        "layers": [weights(rng, D, H), weights(rng, H, TOP)],
        "W_y": rng.normal(size=(TOP, K)),
        "b_y": rng.normal(size=K),
        "embedding": rng.normal(size=(V, D)),
    }


def halves(entry):
    """Return an array of the JSON as float16."""
    data = np.frombuffer(base64.b64decode(entry["float16"]), "<f2")
    return data.reshape(entry["shape"])


def handed_over(model):
    """Return the id and the JSON that the build of the book finds in the output of a cell."""
    ((name, text),) = SCRIPT.findall(model._repr_html_())
    return name, json.loads(text)


def test_what_is_handed_over_is_what_python_holds(parts):
    model = live_model(**parts, softmax=True, extra={"mean": 2.5, "labels": ["</script>", "é"]})
    name, data = handed_over(model)
    assert name == "some-text-model"
    assert data["softmax"] is True
    assert data["extra"] == {"mean": 2.5, "labels": ["</script>", "é"]}
    pairs = [(data[key], getattr(model, key), parts[key]) for key in ("W_y", "b_y", "embedding")]
    for entry, ours, given in zip(data["layers"], model.layers, parts["layers"], strict=True):
        pairs += [(entry[f], getattr(ours, f), getattr(given, f)) for f in given._fields]
    assert len(pairs) == 9
    for entry, ours, given in pairs:
        assert ours.dtype == np.float64
        np.testing.assert_array_equal(halves(entry), ours)
        np.testing.assert_allclose(ours, given, rtol=2**-11, atol=2**-25)
    assert "window.courseModels" in script_of(name, model.text)


def test_the_sentence_says_what_it_is(parts):
    model = live_model(**parts)
    assert repr(model) == "The model some-text for the browser, 1 kB."
    assert model._repr_html_().endswith(f"</script><p>{model!r}</p>")


def test_one_layer_needs_no_list_and_float32_and_transposed_arrays_will_do(parts):
    layer = LSTMWeights(*(np.asfortranarray(a, np.float32) for a in parts["layers"][0]))
    W_y = np.ones((K, H), np.float32).T
    model = live_model("one", layer, W_y, parts["b_y"])
    (entry,) = handed_over(model)[1]["layers"]
    np.testing.assert_array_equal(halves(entry["W_x"]), model.layers[0].W_x)
    np.testing.assert_allclose(model.layers[0].W_x, layer.W_x, rtol=2**-11, atol=2**-25)
    assert model.embedding is None


def test_run_is_that_of_the_rounded_layers(parts):
    rng = np.random.default_rng(1)
    model = live_model(**parts)
    symbols = rng.integers(V, size=6)
    x = h = model.embedding[symbols][None]
    for layer in model.layers:
        h, _, _ = lstm_forward(h, layer)
    scores = h[0] @ model.W_y + model.b_y
    np.testing.assert_allclose(model.run(symbols), scores, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(model.run(x[0].astype(np.float32)), scores, rtol=0, atol=1e-6)
    shares = live_model(**parts, softmax=True).run(symbols)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-14, atol=0)
    expected = np.log(shares[:, 0] / shares[:, 1])
    np.testing.assert_allclose(expected, scores[:, 0] - scores[:, 1], rtol=1e-12, atol=1e-12)


def test_symbols_without_an_embedding_are_one_hot(parts):
    model = live_model(**parts | {"embedding": None})
    np.testing.assert_array_equal(model.run(np.array([2, 0, 1])), model.run(np.eye(D)[[2, 0, 1]]))


def test_symbols_that_the_model_lacks_are_refused(parts):
    model = live_model(**parts)
    for wrong in (np.array([0, V]), np.array([-1]), np.array([[1, 2]])):
        with pytest.raises(ValueError, match=r"x must be symbols from 0 to 6, of shape \(T,\)"):
            model.run(wrong)
    with pytest.raises(ValueError, match="x must have shape"):
        model.run(np.ones((4, D + 1)))


def test_rounding_is_to_the_nearest_and_reaches_the_ends(parts):
    b_y = np.array([65504.0, 1 + 2**-11, 1 + 3 * 2**-11, 2**-24, 2**-26, -0.1])
    model = live_model(**parts | {"W_y": np.zeros((TOP, 6)), "b_y": b_y})
    right = [65504, 1, 1 + 2**-9, 2**-24, 0, -0.0999755859375]
    np.testing.assert_array_equal(model.b_y, right)


def spoiled(array, value):
    copy = array.copy()
    copy.flat[1] = value
    return copy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: {"name": "Power_2"}, "name must be small letters and hyphens, .* 'Power_2'"),
        (lambda p: {"layers": []}, r"each read the H below, got D = \[0\] and H = \[\]"),
        (lambda p: {"layers": p["layers"][::-1]}, r"got D = \[5, 3\] and H = \[4, 5\]"),
        (lambda p: {"layers": [p["layers"][0]._replace(b=np.zeros(3))]}, r"b must .* \(4H,\)"),
        (lambda p: {"W_y": p["W_y"].T}, r"W_y must have shape \(H, K\) = \(4, 2\), got \(2, 4\)"),
        (lambda p: {"W_y": p["W_y"][:, 0]}, r"W_y must have shape \(H, K\)"),
        (lambda p: {"b_y": 0.5}, r"b_y must be a NumPy array of floats \(K,\), got float"),
        (lambda p: {"b_y": p["b_y"][None]}, r"b_y must have shape \(K,\)"),
        (lambda p: {"embedding": np.ones((V, D + 1))}, r"embedding must have shape \(V, D\)"),
        (lambda p: {"embedding": np.ones((V, D), int)}, "embedding must be .* floats"),
        (lambda p: {"W_y": spoiled(p["W_y"], np.nan)}, "W_y holds NaN or infinity: hand over"),
        (lambda p: {"embedding": spoiled(p["embedding"], -np.inf)}, "embedding holds NaN or inf"),
        (lambda p: {"b_y": spoiled(p["b_y"], -7e4)}, "holds 70000, float16 ends at 65504: scale"),
        (lambda p: {"extra": {"mean": np.ones(2)}}, "extra must be plain JSON, with lists for arr"),
        (lambda p: {"extra": {"mean": float("nan")}}, "extra must be plain JSON"),
        (lambda p: {"extra": {"text": "a" * MOST_BYTES}}, "30. kB, a page may carry 300: take"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(parts, change, message):
    with pytest.raises(ValueError, match=message):
        live_model(**parts | change(parts))


def test_the_layer_with_a_bad_weight_is_named(parts):
    below, top = parts["layers"]
    parts["layers"] = [below, top._replace(W_h=spoiled(top.W_h, np.nan))]
    with pytest.raises(ValueError, match="W_h of layer 2 holds NaN"):
        live_model(**parts)


def test_a_layer_of_128_units_fits_a_page_and_one_of_160_does_not():
    rng = np.random.default_rng(2)
    for H, fits in ((128, True), (160, False)):
        arguments = ("big", init_lstm(rng, 64, H), np.ones((H, 64)), np.ones(64))
        if fits:
            assert 250_000 < len(live_model(*arguments).text) <= MOST_BYTES
        else:
            with pytest.raises(ValueError, match=r"big has 4\d\d kB, a page may carry 300"):
                live_model(*arguments)


def test_nothing_that_is_given_is_changed_or_kept(parts):
    before = parts["W_y"].copy()
    model = live_model(**parts)
    np.testing.assert_array_equal(parts["W_y"], before)
    parts["W_y"][:] = 0
    assert model.W_y.any()
