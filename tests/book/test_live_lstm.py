"""The arithmetic of live models in Chromium, against the reference of the package."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from lstm_course import LSTMState, LSTMWeights, init_lstm, lstm_step
from lstm_course.live import MOST_BYTES, live_model
from tests.book.conftest import HTML
from tools.book.models import SCRIPT

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "chapters/_static"
#: The scripts that live models share; each page adds its own.
SHARED = ("live_lstm.js", "live_chart.js")
SIZES = {"one layer": [6], "two layers": [6, 4], "one unit": [1]}
D, V, K, T = 3, 7, 5, 12


@pytest.fixture(scope="module")
def bare(browser):
    """A page with nothing but the script, and no network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_script_tag(path=str(STATIC / "live_lstm.js"))
    yield page
    context.close()


def drawn(seed, units, embedding, softmax):
    """Return the parts of a model with random weights, biases too."""
    rng = np.random.default_rng(seed)
    layers, below = [], D
    for H in units:
        W_x, W_h, _ = init_lstm(rng, below, H)
        layers.append(LSTMWeights(W_x, W_h, rng.normal(size=4 * H)))
        below = H
    parts = {"name": "test", "layers": layers, "softmax": softmax}
    parts |= {"W_y": rng.normal(size=(below, K)), "b_y": rng.normal(size=K)}
    return parts | ({"embedding": rng.normal(size=(V, D))} if embedding else {})


def inputs(seed, embedding):
    rng = np.random.default_rng(seed + 100)
    return rng.integers(V, size=T) if embedding else 2 * rng.normal(size=(T, D))


def in_browser(page, model, x, call="net.run(xs)"):
    code = f"([model, xs]) => {{ const net = LiveLSTM.load(model); return {call}; }}"
    return page.evaluate(code, [json.loads(model.text), x.tolist()])


def intermediates(model, x):
    """Yield for each step what lstm_step has for each layer, by name."""
    below = (x if model.embedding is None else model.embedding[x])[:, None]  # (T, 1, D)
    states = [LSTMState(*np.zeros((2, 1, len(w.W_h)))) for w in model.layers]
    for x_t in below:
        found, into = [], x_t
        for k, weights in enumerate(model.layers):
            states[k], cache = lstm_step(into, states[k], weights)
            into = states[k].h
            now = {gate: getattr(cache, gate)[0] for gate in "ifgo"}
            found.append(now | {"c": states[k].c[0], "h": states[k].h[0]})
        yield found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("embedding", [False, True])
@pytest.mark.parametrize("units", SIZES.values(), ids=SIZES)
def test_the_browser_computes_what_numpy_does(bare, units, embedding, softmax, seed):
    model = live_model(**drawn(seed, units, embedding, softmax))
    x = inputs(seed, embedding)
    steps = in_browser(bare, model, x)
    outputs = np.array([step["output"] for step in steps])
    np.testing.assert_allclose(outputs, model.run(x), rtol=0, atol=1e-12)
    for step, layers in zip(steps, intermediates(model, x), strict=True):
        assert len(step["layers"]) == len(layers) == len(units)
        for ours, theirs, state in zip(step["layers"], layers, step["state"], strict=True):
            assert set(ours) == {"i", "f", "g", "o", "c", "h"}
            assert state == {"h": ours["h"], "c": ours["c"]}
            for name, right in theirs.items():
                np.testing.assert_allclose(ours[name], right, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("units", [[6], [6, 4], [32, 32]])
def test_rounded_weights_compute_nearly_what_the_trained_ones_do(bare, units):
    parts = drawn(3, units, embedding=False, softmax=True)
    x = inputs(3, embedding=False)
    outputs = [step["output"] for step in in_browser(bare, live_model(**parts), x)]
    below = x[None]
    for weights in parts["layers"]:
        below = run_layer(below, weights)
    scores = below[0] @ parts["W_y"] + parts["b_y"]
    powers = np.exp(scores)
    right = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(outputs, right, rtol=0, atol=1e-3)
    assert np.abs(outputs - right).max() > 1e-9, "nothing was rounded"


def run_layer(x, weights):
    """Return what one layer gives, step by step."""
    state, hidden = LSTMState(*np.zeros((2, 1, len(weights.W_h)))), []
    for t in range(x.shape[1]):
        state, _ = lstm_step(x[:, t], state, weights)
        hidden.append(state.h)
    return np.stack(hidden, axis=1)


def test_a_large_model_still_agrees(bare):
    rng = np.random.default_rng(4)
    model = live_model("big", init_lstm(rng, 64, 128), rng.normal(size=(128, 9)), np.ones(9))
    x = rng.normal(size=(40, 64))
    outputs = [step["output"] for step in in_browser(bare, model, x)]
    np.testing.assert_allclose(outputs, model.run(x), rtol=0, atol=1e-11)


def test_all_numbers_of_float16_are_read(bare):
    bits = np.arange(2**16, dtype=np.uint16)
    values = bits[np.isfinite(bits.view(np.float16))].view(np.float16).astype(float)
    for part in np.array_split(values, 2):
        zeros = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
        model = live_model("all", zeros, np.zeros((1, part.size)), part)
        (step,) = in_browser(bare, model, np.zeros((1, 1)))
        np.testing.assert_array_equal(step["output"], part)


def test_symbols_without_an_embedding_are_one_hot(bare):
    model = live_model(**drawn(5, [4], embedding=False, softmax=True))
    outputs = [step["output"] for step in in_browser(bare, model, np.array([2, 0, 1]))]
    right = model.run(np.array([2, 0, 1]))
    np.testing.assert_allclose(outputs, right, rtol=0, atol=1e-12)


def test_calls_keep_nothing_and_change_nothing(bare):
    model = live_model(**drawn(6, [6, 4], embedding=False, softmax=False))
    x = inputs(6, embedding=False)
    first, again, halves, state = in_browser(
        bare,
        model,
        x,
        """(() => {
          const first = net.run(xs);
          const half = net.run(xs.slice(0, 5));
          const kept = half.at(-1).state;
          const before = JSON.stringify([xs, kept]);
          const rest = [net.run(xs.slice(5), kept), net.run(xs.slice(5), kept)];
          if (JSON.stringify([xs, kept]) !== before) throw new Error("changed");
          half.at(-1).layers[0].h[0] = 9; // results are the page's own
          return [first, net.run(xs), [...half.slice(0, 4), rest[1]], kept];
        })()""",
    )
    assert first == again
    assert halves[:4] == first[:4]
    assert halves[4] == first[5:]
    assert state == first[4]["state"]


def test_softmax_can_be_left_out_and_warmed(bare):
    model = live_model(**drawn(7, [4], embedding=True, softmax=True))
    x = inputs(7, embedding=True)
    call = """[net.run(xs), LiveLSTM.load(model, { softmax: false }).run(xs),
      net.run(xs).map((now) => LiveLSTM.softmax(now.scores, 2)), LiveLSTM.softmax([1e4, 0])]"""
    with_it, without, warm, extreme = in_browser(bare, model, x, call)
    assert [step["scores"] for step in with_it] == [step["output"] for step in without]
    scores = np.array([step["scores"] for step in with_it]) / 2
    right = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(warm, right, rtol=0, atol=1e-12)
    assert extreme == [1, 0]


def test_sizes_and_further_numbers(bare):
    model = live_model(**drawn(8, [6, 4], True, False), extra={"mean": 2.5})
    call = "[net.sizes, net.extra, net.zeroState()]"
    sizes, extra, state = in_browser(bare, model, np.array([0]), call)
    assert sizes == {"D": D, "H": 4, "K": K, "V": V, "layers": 2}
    assert extra == {"mean": 2.5}
    assert state == [{"h": [0] * H, "c": [0] * H} for H in (6, 4)]


@pytest.mark.parametrize(
    ("embedding", "call", "message"),
    [
        (False, "net.step([1, 2], net.zeroState())", "x must be 3 finite numbers, got 1,2"),
        (False, "net.step([1, 2, NaN], net.zeroState())", "x must be 3 finite numbers"),
        (False, "net.step(3, net.zeroState())", "x must be a whole number from 0 to 2, got 3"),
        (True, "net.step(7, net.zeroState())", "x must be a whole number from 0 to 6, got 7"),
        (True, "net.step(1.5, net.zeroState())", "x must be a whole number"),
        (True, "net.step([1, 2, 3], net.zeroState())", "x must be a whole number"),
        (True, "net.step(1)", "state must hold h and c of 6 and 4 units"),
        (True, "net.step(1, net.zeroState().reverse())", "state must hold h and c"),
        (True, "LiveLSTM.softmax([1, 2], 0)", "temperature must be above 0, got 0"),
        (True, "(model.b_y.shape = [4], LiveLSTM.load(model))", "are not an array of 4 float16"),
    ],
)
def test_what_does_not_fit_is_said(bare, embedding, call, message):
    from playwright.sync_api import Error

    model = live_model(**drawn(9, [6, 4], embedding, False))
    with pytest.raises(Error, match=re.escape(message)):
        in_browser(bare, model, np.array([0]), call)


def test_the_shared_scripts_are_small():
    assert sum((STATIC / name).stat().st_size for name in SHARED) < 20_000


def test_all_models_of_a_page_stay_below_what_a_page_may_carry(page):
    """Those that stand on it and those that it loads: one loaded on its own page counts twice."""
    path = HTML / f"{page}.html"
    text = path.read_text(encoding="utf8")
    files = set(re.findall(r'src="([^"]*_static/models/[a-z-]+\.js)', text))
    weights = [(path.parent / name).stat().st_size for name in files]
    weights += [len(model) for _, model in SCRIPT.findall(text)]
    assert sum(weights) <= 1.01 * MOST_BYTES
