# Made from solutions/keras_training/cases.py by `make exercises`: edit that file, not this one.
"""Scenes of the tests of ``keras_training``: cells, models and data, always from fixed seeds."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import keras
import numpy as np
from nbjudge.checks.calls import beside_student, take_apart
from nbjudge.checks.seen import Case
from numpy.typing import NDArray

Array = NDArray[np.floating]
Function = Callable[..., Any]
Scene = Callable[..., Mapping[str, Any]]
Pair = tuple[Array, Array]

REACHED = "the gradients must reach all weights: use keras.ops, which know their derivatives"
BATCH = 16  # the size of a batch in the question on ``fit``


def floats(values: Any) -> Array:
    """Return an array of float32, the dtype of Keras."""
    return np.asarray(values, dtype=np.float32)


def randomise(model: Any, rng: np.random.Generator) -> None:
    """Set all weights of a model to random numbers, the biases too."""
    model.set_weights([floats(0.4 * rng.normal(size=w.shape)) for w in model.get_weights()])


def weights(model: Any) -> Array:
    """Return all weights of a model, one after the other, as one vector."""
    return np.concatenate([w.ravel() for w in model.get_weights()])


def array(value: object) -> Any:
    """Return a tensor of Keras as an array, and None in place of anything else."""
    if not (hasattr(value, "__proxy__") or keras.ops.is_tensor(value)):
        return None
    with contextlib.suppress(Exception):  # an object of the student's that is no tensor
        found = beside_student(keras.ops.convert_to_numpy, value)
        return found if type(found) is np.ndarray else None
    return None


def number(value: object) -> Any:
    """Return a plain number as an array of float32, and None in place of anything else."""
    plain = isinstance(value, (float, np.floating)) and not isinstance(value, bool)
    return floats(value) if plain else None


def numbers(value: object) -> Any:
    """Return a list of plain numbers as an array of float32, and None for anything else."""
    if not isinstance(value, (list, tuple, np.ndarray)):
        return None
    found = [number(one) for one in value]
    return None if any(one is None for one in found) else floats([float(one) for one in found])


def cell(seed: int) -> Iterator[Case]:
    """Yield one step of a cell in several sizes; the groups are ``output`` and ``states``."""
    for label, N, D, H, dtype in (
        ("several examples", 3, 2, 4, "float32"),
        ("one example and one feature", 1, 1, 3, "float32"),
        ("more features than units, in float64", 4, 5, 2, "float64"),
    ):
        for group, show in (("output", _output), ("states", _states)):
            yield Case(label, _stepped(seed, (N, D, H), dtype, show), group=group)
    yield Case("a layer of the cell", _learning(seed), group="output")


@functools.cache
def _stepped(seed: int, sizes: tuple[int, int, int], dtype: str, show: Function) -> Scene:
    def scene(HandCell: Function) -> Mapping[str, Any]:
        found: Mapping[str, Any] = show(*_step(seed, sizes, dtype, HandCell))
        return found

    return scene


@functools.lru_cache(maxsize=128)
def _step(seed: int, sizes: tuple[int, int, int], dtype: str, HandCell: Function) -> Sequence[Any]:
    """Return the output and the states of one step of a cell with random weights."""
    N, D, H = sizes
    draw = np.random.default_rng([seed, *sizes]).standard_normal
    shapes = (N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,)
    x_t, h_prev, c_prev, *drawn = (draw(shape).astype(dtype) for shape in shapes)
    one = HandCell(H, dtype=dtype)
    one.build((None, D))
    one.set_weights(drawn)
    return take_apart("call", one(x_t, [h_prev, c_prev]), ("h_t", "states"))


def _output(h_t: Any, _: Any) -> dict[str, Any]:
    found = array(h_t)
    return {"h_t must be a tensor, made with keras.ops": found is not None, "h_t": found}


def _states(_: Any, states: Any) -> dict[str, Any]:
    first, second = map(array, take_apart("the list of states", states, ("h_t", "c_t")))
    made = first is not None and second is not None
    facts = {"the states must be tensors, made with keras.ops": made}
    return facts | {"the first state": first, "the second state": second}


@functools.cache
def _learning(seed: int) -> Scene:
    def scene(HandCell: Function) -> Mapping[str, Any]:
        one = HandCell(3)
        with contextlib.suppress(
            NotImplementedError
        ):  # what TensorFlow raises where NumPy is asked
            return {REACHED: _learns(one, np.random.default_rng(seed))}
        return {REACHED: False}

    return scene


def _learns(one: Any, rng: np.random.Generator) -> bool:
    """Return whether each weight of a cell changes when a layer of it is trained."""
    keras.utils.set_random_seed(0)
    model = _beside(one, keras.Sequential)
    model.add(beside_student(keras.layers.RNN, one))
    model.add(_beside(one, keras.layers.Dense, 1))
    model.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    x, y = floats(rng.normal(size=(2, 3, 2))), floats([[3.0], [4.0]])
    model.train_on_batch(x, y)  # which also makes the weights
    before = model.get_weights()
    model.train_on_batch(x, y)
    return not any(map(np.array_equal, before, model.get_weights()))


def _beside(one: Any, helper: Function, *arguments: Any) -> Any:
    """Return ``helper(*arguments)``, run where an object of the student's lives."""
    if hasattr(one, "__proxy__"):
        return one.run_beside(helper, *arguments)
    return helper(*arguments)


def stacked(seed: int) -> Iterator[Case]:
    """Yield stacks of one to three layers; the groups are ``last`` and ``every``."""
    for D, H, L in ((3, 4, 1), (2, 3, 2), (1, 2, 3)):
        words = f"{L} {'layer' if L == 1 else 'layers'}"
        yield Case(words, _stack(seed, D, H, L, False), group="last")
        yield Case(f"{words}, every step", _stack(seed, D, H, L, True), group="every")


@functools.cache
def _stack(seed: int, D: int, H: int, L: int, every_step: bool) -> Scene:
    def scene(stacked: Function) -> Mapping[str, Any]:
        keras.utils.set_random_seed(seed)
        with plain_errors():
            model = stacked(D, H, L, True) if every_step else stacked(D, H, L)
        is_model = hasattr(model, "get_weights") or hasattr(model, "__proxy__")
        if not is_model:
            return {"a model must come back: is the return statement missing?": False}
        rng = np.random.default_rng([seed, D, H, L])
        shapes = [tuple(w.shape) for w in model.get_weights()]
        model.set_weights([floats(0.6 * rng.normal(size=shape)) for shape in shapes])
        whole, short = (floats(rng.normal(size=(N, T, D))) for N, T in ((3, 5), (2, 1)))
        with plain_errors():
            forecasts = array(model(whole)), array(model(short))
        return {
            "a model must come back: is the return statement missing?": True,
            "the output shape": list(model.output_shape),
            "the list of shapes of the weights": shapes,
            "the forecast": forecasts[0],
            "the forecast for another length": forecasts[1],
        }

    return scene


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Take the running numbers of layers out of errors: two that mean the same are the same."""
    try:
        yield
    except Exception as error:
        if refused := re.search(r"\}\}\s*(.*?)\s*\[Op", str(error), re.DOTALL):
            raise ValueError(f"TensorFlow says: {refused[1]}") from error
        if isinstance(error, KeyError):  # that of a student comes with its quotes
            error.args = (str(error.args[0]).strip("'"),)
        if error.args and isinstance(error.args[0], str):
            error.args = (re.sub(r"(?<=[a-z])_\d+\b", "", error.args[0]), *error.args[1:])
        raise


def small_model(D: int, dropout: float, optimizer: Any) -> Any:
    """Return a compiled model from (N, T, D) to (N, 1) that is quick: it has no loop over time."""
    layers = keras.layers.GlobalAveragePooling1D(), keras.layers.Dropout(dropout)
    model = keras.Sequential([keras.Input((None, D)), *layers, keras.layers.Dense(1)])
    model.compile(optimizer, "mse", run_eagerly=True)
    return model


def data(seed: int, N: int, T: int, D: int) -> Pair:
    """Return inputs (N, T, D), and targets (N, 1) that are far from any first forecast."""
    rng = np.random.default_rng([seed, N, T, D])
    x = floats(rng.normal(size=(N, T, D)))
    return x, floats(2.0 + x[:, -1, :1] + 0.5 * rng.normal(size=(N, 1)))


def training_step(seed: int) -> Iterator[Case]:
    """Yield two steps of several models; the groups are ``loss`` and ``weights``."""
    for label, optimizer, dropout, N, D, max_norm in (
        ("a norm to clip", sgd, 0.0, 5, 3, 0.5),
        ("a norm below the limit", sgd, 0.0, 4, 2, 100.0),
        ("Adam and one example", adam, 0.0, 1, 3, 0.3),
        ("a model with dropout", sgd, 0.5, 6, 4, 2.0),
    ):
        for group in ("loss", "weights"):
            scene = _one_step(seed, (optimizer, dropout, N, D, max_norm), group)
            yield Case(label, scene, group=group)


def sgd() -> Any:
    """Return an optimizer without a memory."""
    return keras.optimizers.SGD(0.1)


def adam() -> Any:
    """Return an optimizer with one."""
    return keras.optimizers.Adam(0.02)


@functools.cache
def _one_step(seed: int, setting: tuple[Any, ...], group: str) -> Scene:
    def scene(training_step: Function) -> Mapping[str, Any]:
        start, after, loss, norm = _two_steps(seed, setting, training_step)
        if group == "weights":
            moved = not np.array_equal(start, after)
            facts = {"the weights do not change: let the optimizer do its step": moved}
            return facts | {"the vector of weights after two steps": after}
        return {
            "loss must be a plain number: float(loss) makes one": loss is not None,
            "norm must be a plain number: float(norm) makes one": norm is not None,
            "the loss": loss,
            "the norm": norm,
        }

    return scene


@functools.lru_cache(maxsize=128)
def _two_steps(seed: int, setting: tuple[Any, ...], training_step: Function) -> tuple[Any, ...]:
    """Return the weights before and after two steps; the loss and the norm of the first one."""
    optimizer, dropout, N, D, max_norm = setting
    keras.utils.set_random_seed(seed % 2**31)
    model, (x, y) = small_model(D, dropout, optimizer()), data(seed, N, 2, D)
    randomise(model, np.random.default_rng(seed))
    start, seen = weights(model), []
    for _ in range(2):
        result = training_step(model, x, y, max_norm)
        seen.append(take_apart("training_step", result, ("loss", "norm")))
    loss, norm = map(number, seen[0])
    return start, weights(model), loss, norm


def train(seed: int) -> Iterator[Case]:
    """Yield trainings of some epochs; the groups are ``training`` and ``validation``.

    Whoever validates with dropout draws numbers that training misses: that costs one point.
    """
    for label, dropout, N, epochs, size, max_norm in (
        ("batches of 2, 2 and 1", 0.0, 5, 2, 2, 0.8),
        ("a batch with room for more", 0.0, 3, 3, 8, 50.0),
        ("a model with dropout", 0.5, 7, 2, 4, 2.0),
    ):
        groups = ("validation",) if dropout else ("training", "validation")
        for group in groups:
            scene = _trained(seed, (dropout, N, epochs, size, max_norm), group)
            yield Case(label, scene, group=group)


@functools.cache
def _trained(seed: int, setting: tuple[Any, ...], group: str) -> Scene:
    def scene(train: Function) -> Mapping[str, Any]:
        found, after = _training(seed, setting, train)
        name = "losses" if group == "training" else "valid_losses"
        losses = numbers(found[name])
        facts = {f"{name} must be a list of plain numbers, one for each epoch": losses is not None}
        if group == "validation":
            return facts | {"the list of valid_losses": losses}
        return facts | {"the list of losses": losses, "the vector of weights": after}

    return scene


@functools.lru_cache(maxsize=128)
def _training(seed: int, setting: tuple[Any, ...], train: Function) -> tuple[dict[str, Any], Array]:
    """Return the two lists by their names, and the weights after the training."""
    dropout, N, epochs, size, max_norm = setting
    keras.utils.set_random_seed(seed % 2**31)
    model = small_model(3, dropout, keras.optimizers.SGD(0.1))
    randomise(model, np.random.default_rng(seed))
    sets = data(seed, N, 2, 3), data(seed + 1, N + 1, 4, 3)
    result = train(model, *sets, epochs, size, max_norm)
    names = "losses", "valid_losses"
    return dict(zip(names, take_apart("train", result, names), strict=True)), weights(model)


def stateful_model(N: int, D: int, H: int, L: int, seed: int) -> Any:
    """Return a model with stateful layers for batches of exactly N sequences."""
    options = {"return_sequences": True, "stateful": True}
    layers = [keras.layers.LSTM(H, **options) for _ in range(L)]
    ends = keras.Input(batch_shape=(N, None, D)), keras.layers.Dense(1)
    model = keras.Sequential([ends[0], *layers, ends[1]])
    randomise(model, np.random.default_rng([seed, N, D, H]))
    return model


def forecast_in_chunks(seed: int) -> Iterator[Case]:
    """Yield sequences and chunks; the groups are ``carried`` and ``cleared``."""
    for label, N, T, D, H, L, chunk in (
        ("chunks of 2, 2 and 1 steps", 2, 5, 1, 3, 1, 2),
        ("two layers and two chunks of 3 steps", 1, 6, 3, 2, 2, 3),
        ("a chunk with room for more", 3, 2, 2, 4, 1, 5),
    ):
        sizes = N, T, D, H, L
        yield Case(label, _chunked(seed, sizes, chunk, before=False), group="carried")
        if chunk < T:
            again = _chunked(seed, sizes, chunk, before=True)
            yield Case(f"{label}, again", again, group="cleared")


@functools.cache
def _chunked(seed: int, sizes: tuple[int, ...], chunk: int, before: bool) -> Scene:
    def scene(forecast_in_chunks: Function) -> Mapping[str, Any]:
        N, T, D, H, L = sizes
        model = stateful_model(N, D, H, L, seed)
        x = floats(np.random.default_rng([seed, N, T, D]).normal(size=(N, T, D)))
        if before:
            model(x + 1.0)  # what the model has read before must not count
        with plain_errors():
            found = [forecast_in_chunks(model, x, chunk) for _ in range(1 + before)]
        arrays = all(type(forecast) is np.ndarray for forecast in found)
        kept = ["the forecast", "the forecast of a second call"] if arrays else []
        kinds = {"the kind of the forecast": "a list" if type(found[0]) is list else "one thing"}
        facts = {"the forecast must be a NumPy array": arrays}
        return facts | kinds | dict(zip(kept, found, strict=False))

    return scene


def fit(seed: int) -> Iterator[Case]:
    """Yield trainings with early stopping; the groups are ``losses`` and ``weights``."""
    for label, N, learning_rate, epochs, patience in (
        ("a patience of 3", 6, 0.15, 9, 3),
        ("few epochs and much patience", 7, 0.12, 6, 5),
        ("a patience of 1", 5, 0.15, 5, 1),
    ):
        for group in ("losses", "weights"):
            setting = N, learning_rate, epochs, patience
            yield Case(label, _fitted(seed, setting, group), group=group)
    yield Case("20 examples", _in_order(seed), group="losses")


def stopping_set(seed: int, N: int) -> tuple[Pair, Pair]:
    """Return data for training and validation on which the validation loss falls, then rises.

    The validation targets lie below those of training: the forecasts pass them on their way
    up, and from there the loss rises.
    """
    rng = np.random.default_rng([seed, N])
    x = floats(rng.normal(size=(N, 3, 1)))
    y = floats(2.0 + 0.3 * x[:, -1] + 0.1 * rng.normal(size=(N, 1)))
    return (x, y), (x[: N // 2 + 1], floats(y[: N // 2 + 1] - 0.8))


@functools.cache
def _fitted(seed: int, setting: tuple[Any, ...], group: str) -> Scene:
    def scene(fit: Function) -> Mapping[str, Any]:
        losses, after = _fitting(seed, setting, fit)
        if group == "weights":
            return {"the vector of weights": after}
        found = numbers(losses)
        words = "the validation losses must be a list of plain numbers"
        alone = {"what is a number in place of the list": number(losses)}
        return {words: found is not None, "the list of validation losses": found} | alone

    return scene


@functools.lru_cache(maxsize=128)
def _fitting(seed: int, setting: tuple[Any, ...], fit: Function) -> tuple[Any, Array]:
    """Return what came back from a training with callbacks, and the weights after it."""
    N, learning_rate, epochs, patience = setting
    keras.utils.set_random_seed(seed % 2**31)
    model = small_model(1, 0.0, keras.optimizers.SGD(learning_rate))
    model.set_weights([floats([[0.4]]), floats([-0.3])])
    with quick_where_possible(fit), plain_errors():
        losses = fit(model, *stopping_set(seed, N), epochs, patience)
    return losses, weights(model)


@functools.cache
def _in_order(seed: int) -> Scene:
    def scene(fit: Function) -> Mapping[str, Any]:
        seen = []
        for start in range(2):
            keras.utils.set_random_seed(start)
            model = small_model(1, 0.0, keras.optimizers.SGD(0.3))
            model.set_weights([floats([[0.4]]), floats([-0.3])])
            with quick_where_possible(fit), plain_errors():
                fit(model, *stopping_set(seed, BATCH + 4), 1, 1)
            seen.append(weights(model))
        same = all(np.allclose(seen[0], one, rtol=1e-4, atol=1e-6) for one in seen)
        facts = {
            "the batches must come in their order: fit shuffles unless it is told not to": same
        }
        return facts | {"the vector of weights": seen[0] if same else None}

    return scene


@contextlib.contextmanager
def quick_where_possible(function: Function) -> Iterator[None]:
    """Let ``model.fit`` take a tenth of the time in the answer and in its mistaken versions.

    The student's own function always meets the real one.
    """
    name = getattr(function, "__globals__", {}).get("__name__", "")
    if not str(name).startswith("lstm_course.answers"):
        yield
        return
    with mock.patch.object(keras.Sequential, "fit", quick_fit):
        yield


def shuffled(N: int) -> NDArray[np.int64]:
    """Return the numbers below N in an order that follows from the seed of Keras."""
    return np.asarray(keras.ops.convert_to_numpy(keras.random.shuffle(keras.ops.arange(N))), int)


def quick_fit(
    model: Any,
    x: Array,
    y: Array,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = 0,
    callbacks: Sequence[Any] = (),
    validation_split: float = 0.0,
    validation_data: Pair | None = None,
    shuffle: bool = True,
) -> Any:
    """Do what ``model.fit`` does with these arguments, without its preparations."""
    if validation_split:
        kept = int(len(x) * (1.0 - validation_split))
        validation_data, x, y = (x[kept:], y[kept:]), x[:kept], y[:kept]
    watching = keras.callbacks.CallbackList(list(callbacks), add_history=True, model=model)
    model.stop_training = False
    watching.on_train_begin()
    for epoch in range(epochs):
        watching.on_epoch_begin(epoch)
        order = shuffled(len(x)) if shuffle else np.arange(len(x))
        total = 0.0
        for rows in np.split(order, range(batch_size or 32, len(x), batch_size or 32)):
            total += len(rows) * float(model.train_on_batch(x[rows], y[rows]))
        logs = {"loss": total / len(x)}
        if validation_data is not None:
            off = array(model(validation_data[0])) - validation_data[1]
            logs["val_loss"] = float(np.mean(off**2))
        watching.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    watching.on_train_end(logs)
    return model.history


def diary(seed: int) -> Iterator[Case]:
    """Yield validation losses with bumps; the groups are ``epochs`` and ``rates``."""
    rng = np.random.default_rng(seed)
    for label, ups, patience, halve_after in (
        ("a bump, then a new best", "0010110", 2, 1),
        ("an epoch that is not better and an end", "00111111", 3, 2),
        ("a loss that falls to the end", "00000", 2, 1),
        ("the first epoch is the best", "01111", 4, 2),
        ("a loss that comes back to the best and stays", "00=1=00", 3, 1),
        ("a single epoch", "0", 1, 1),
        ("several bumps", "0101101111", 4, 2),
        ("less patience than epochs to a halving", "01111", 2, 3),
        ("more patience than epochs", "0101", 6, 1),
    ):
        losses = _losses(rng, ups)
        learning_rate = round(float(rng.uniform(0.1, 0.9)), 3)
        given = {"losses": losses, "patience": patience, "halve_after": halve_after}
        for group, name in (("epochs", 0), ("rates", 1)):
            scene = _diary(given | {"learning_rate": learning_rate}, name)
            yield Case(label, scene, group=group)


def _losses(rng: np.random.Generator, ups: str) -> list[float]:
    """Return losses of which each is better than the best (0), worse (1), or equal (=)."""
    best, losses = 2.0, []
    for up in ups:
        step = round(float(rng.uniform(0.05, 0.2)), 3)
        best -= step if up == "0" else 0.0
        losses.append(round(best + (step if up == "1" else 0.0), 3))
    return losses


def _diary(given: dict[str, Any], which: int) -> Scene:
    def scene(diary: Function) -> Mapping[str, Any]:
        result = diary(*given.values())
        epochs, best, rates = take_apart("diary", result, ("epochs", "best", "rates"))
        return {"rates": rates} if which else {"epochs": epochs, "best": best}

    return scene
