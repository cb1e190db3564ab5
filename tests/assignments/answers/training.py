"""Checks of answers about training in PyTorch and Keras, and about devices.

A training is replayed without an optimiser of either framework: PyTorch's ``functional_call``
gives loss and gradients as functions of the weights, and the step is written out.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
import numpy as np
import torch

from tests.assignments.answers.cells import tensors
from tests.assignments.answers.table import Draw, checks, close, torch_layer

Weights = dict[str, torch.Tensor]
RATE = 2.0**-4  # the learning rate, which TensorFlow holds as a float32
CPU, META = torch.device("cpu"), torch.device("meta")


class Forecaster(torch.nn.Module):
    """An LSTM with a linear layer, dropout between them; returns forecasts and the state."""

    def __init__(self, D: int, H: int, drop: float = 0.0) -> None:
        super().__init__()
        self.lstm = torch.nn.LSTM(D, H, batch_first=True, dtype=torch.float64)
        self.drop = torch.nn.Dropout(drop)
        self.out = torch.nn.Linear(H, 1, dtype=torch.float64)

    def forward(self, x: Any, state: Any = None) -> Any:
        h, state = self.lstm(x, state)
        return self.out(self.drop(h)), state


class LastForecaster(Forecaster):
    """The same, with a forecast after the last step only."""

    def forward(self, x: Any, state: Any = None) -> Any:
        return super().forward(x)[0][:, -1]


def forecaster(draw: Draw, kind: type[Forecaster] = Forecaster, drop: float = 0.0) -> Any:
    """Return a model with weights drawn by ``draw``."""
    model = kind(draw.D, draw.H, drop)
    for parameter in model.parameters():
        parameter.data = torch.tensor(draw.array(*parameter.shape))
    return model


def weights_of(model: torch.nn.Module) -> Weights:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def sgd(model: Any, learning_rate: float = RATE) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=learning_rate)


def stepped(
    loss_of: Callable[[Weights], Any], weights: Weights, max_norm: float = np.inf
) -> tuple[Weights, float, Any]:
    """Return weights after a step of `RATE` against clipped gradients, the loss, and the rest."""
    slopes, (loss, rest) = torch.func.grad_and_value(loss_of, has_aux=True)(weights)
    norm = torch.cat([slope.ravel() for slope in slopes.values()]).norm()
    scale = RATE * min(1.0, max_norm / float(norm))
    return {name: weights[name] - scale * slopes[name] for name in weights}, loss.item(), rest


def squared_error(model: Any, x: Any, y: Any, state: Any = None) -> Callable[[Weights], Any]:
    """Return the loss of a `Forecaster` as a function of its weights, with the state."""

    def loss(weights: Weights) -> Any:
        forecast, after = torch.func.functional_call(model, weights, (x, state))
        return ((forecast - y) ** 2).mean(), after

    return loss


def sequences(draw: Draw, N: int | None = None, last: bool = False) -> Any:
    """Return inputs (N, T, D) and targets (N, T, 1), or (N, 1) where there is one a sequence."""
    N = N or draw.N
    x, y = draw.array(N, draw.T, draw.D), draw.array(N, draw.T, 1)
    return tensors(x, y[:, -1] if last else y)


def epoch_of(model: Any, weights: Weights, x: Any, y: Any, size: int, max_norm: float) -> Any:
    """Replay an epoch; return the weights after it and the mean loss over the examples."""
    losses = []
    for rows in torch.arange(len(x)).split(size):
        weights, loss, _ = stepped(squared_error(model, x[rows], y[rows]), weights, max_norm)
        losses += [loss] * len(rows)
    return weights, float(np.mean(losses))


@checks("torch_training.LSTMCell")
def lstm_cell(answer: Any, draw: Draw) -> None:
    D, H = draw.D, draw.H
    cell = answer(D, H)
    shapes = {name: tuple(p.shape) for name, p in cell.named_parameters()}
    assert shapes == {"W_x": (D, 4 * H), "W_h": (H, 4 * H), "b": (4 * H,)}
    close(cell.b, np.repeat(np.float32([0, 1, 0, 0]), H), 0)
    drawn = torch.cat([p.ravel() for p in answer(5, 16).parameters() if p.ndim == 2])
    assert 0.24 < drawn.abs().max() <= 0.25
    assert abs(drawn.abs().mean().item() - 0.125) < 0.02  # uniform
    assert abs(drawn.mean().item()) < 0.04
    cell = cell.double()
    x, state = torch.tensor(draw.array(draw.N, 1, D)), tensors(*draw.state())
    weights = tensors(*draw.lstm())
    for name, tensor in zip(shapes, weights, strict=True):
        getattr(cell, name).data = tensor
    close(cell(x[:, 0], tuple(state)), torch_layer("LSTM", x, state, *weights)[1])


@checks("torch_training.last_step")
def last_step(answer: Any, draw: Draw) -> None:
    h, errors, lengths = (
        draw.array(draw.N, draw.T, draw.H),
        draw.array(draw.N, draw.T),
        draw.lengths(),
    )
    last, loss = answer(*tensors(h, errors**2, lengths))
    close(last, np.stack([h[n, length - 1] for n, length in enumerate(lengths)]), 0)
    valid = np.concatenate([errors[n, :length] for n, length in enumerate(lengths)])
    close(loss, np.array(np.mean(valid**2)))


@checks("torch_training.training_step")
def training_step(answer: Any, draw: Draw) -> None:
    model, (x, y) = forecaster(draw), sequences(draw)
    weights, optimizer = weights_of(model), sgd(model)
    for _ in range(3):
        weights, loss, _ = stepped(squared_error(model, x, y), weights)
        close(answer(model, optimizer, x, y), loss, 1e-11)
        close(list(weights_of(model).values()), list(weights.values()), 1e-11)


@checks("torch_training.clip_gradients")
def clip_gradients(answer: Any, draw: Draw) -> None:
    for factor in (0.3, 1.7):
        model = forecaster(draw)
        given = [torch.tensor(draw.array(*p.shape)) for p in model.parameters()]
        for p, gradient in zip(model.parameters(), given, strict=True):
            p.grad = gradient.clone()
        model.register_parameter("unused", torch.nn.Parameter(torch.zeros(2)))
        norm = float(np.linalg.norm(np.concatenate([g.numpy().ravel() for g in given])))
        close(answer(model, factor * norm), norm, 1e-11)
        found = [p.grad for p in model.parameters() if p.grad is not None]
        close(found, [min(1.0, factor) * gradient for gradient in given])
    model.zero_grad(set_to_none=False)
    assert answer(model, 1.0) == 0.0
    assert all((p.grad == 0).all() for p in model.parameters() if p.grad is not None)


@checks("torch_training.train")
def train(answer: Any, draw: Draw) -> None:
    model, (x, y) = forecaster(draw).eval(), sequences(draw, 2 * draw.N + 1)
    weights, losses = weights_of(model), []
    for _ in range(2):
        weights, loss = epoch_of(model, weights, x, y, 2, 0.7)
        losses.append(loss)
    found = answer(model, sgd(model), x, y, epochs=2, batch_size=2, max_norm=0.7)
    close(found, losses, 1e-10)
    close(list(weights_of(model).values()), list(weights.values()), 1e-10)
    assert model.training


@checks("torch_training.evaluate")
def evaluate(answer: Any, draw: Draw) -> None:
    model, (x, y) = forecaster(draw, drop=0.5), sequences(draw, 2 * draw.N + 1)
    weights, recorded = weights_of(model), []
    model.register_forward_hook(lambda *_: recorded.append(torch.is_grad_enabled()))
    for training in (True, False):
        model.train(False)
        right = squared_error(model, x, y)(weights)[0].item()
        model.train(training)
        recorded.clear()
        for size in (1, 2, len(x)):
            close(answer(model, x, y, size), right)
            assert model.training == training
        assert not any(recorded)
    assert all(p.grad is None for p in model.parameters())
    close(list(weights_of(model).values()), list(weights.values()), 0)


@checks("torch_training.train_chunks")
def train_chunks(answer: Any, draw: Draw) -> None:
    for chunk in (1, 2, draw.T):
        model, (x, y) = forecaster(draw).eval(), sequences(draw)
        weights, losses, state = weights_of(model), [], None
        for x_chunk, y_chunk in zip(x.split(chunk, 1), y.split(chunk, 1), strict=True):
            loss_of = squared_error(model, x_chunk, y_chunk, state)
            weights, loss, state = stepped(loss_of, weights, 0.7)
            losses.append(loss)
        found, final = answer(model, sgd(model), x, y, chunk, 0.7)
        close(found, losses, 1e-10)
        close(final, list(state or ()), 1e-10)
        close(list(weights_of(model).values()), list(weights.values()), 1e-10)
        assert model.training
        assert not any(tensor.requires_grad for tensor in final)


@checks("torch_training.next_state")
def next_state(answer: Any, draw: Draw) -> None:
    L = draw.D
    state = tuple(t.requires_grad_() for t in tensors(*draw.array(2, L, draw.N, draw.H)))
    is_new = torch.tensor(draw.rng.random(draw.N) < 0.5)
    right = [state[k].detach().numpy().copy() for k in range(2)]
    before = copy.deepcopy(right)
    for array in right:
        array[:, is_new.numpy()] = 0.0
    found = answer(state, is_new)
    close(found, right, 0)
    close(state, before, 0)
    assert not any(tensor.requires_grad for tensor in found)
    assert answer(None, is_new) is None


def stops_after(losses: Sequence[float], patience: int) -> int:
    """Return after how many epochs early stopping ends, given the losses of all of them."""
    for n in range(1, len(losses) + 1):
        if n > patience and min(losses[: n - patience]) <= min(losses[n - patience : n]):
            return n
    return len(losses)


@checks("torch_training.fit")
def fit(answer: Any, draw: Draw) -> None:
    lengths = set()
    for patience in (1, 2, 9):
        model, (x, y) = forecaster(draw), sequences(draw, 19)
        valid = sequences(draw, 5)
        weights, every, losses = weights_of(model), [], []
        for _ in range(8):
            weights, _ = epoch_of(model, weights, x, y, 16, 1.0)
            every.append(weights)
            losses.append(squared_error(model, *valid)(weights)[0].item())
        stop = stops_after(losses, patience)
        lengths.add(stop)
        close(answer(model, sgd(model), (x, y), valid, 8, patience), losses[:stop], 1e-10)
        best = every[int(np.argmin(losses[:stop]))]
        close(list(weights_of(model).values()), list(best.values()), 1e-10)
    assert 8 in lengths
    still = forecaster(draw)  # it does not learn: an equal loss is not lower
    loss = squared_error(still, *valid)(weights_of(still))[0].item()
    close(answer(still, sgd(still, 0.0), (x, y), valid, 8, 2), [loss] * 3)


@checks("torch_training.step_in_parts")
def step_in_parts(answer: Any, draw: Draw) -> None:
    """Each sequence alone, without its padding, and all errors in one row."""
    model = forecaster(draw)
    batches = []
    for N in (draw.N, draw.N + 2):
        lengths = draw.rng.integers(1, draw.T + 1, N)
        batches.append((*sequences(draw, N), torch.tensor(lengths)))
    alone = [
        (x[n : n + 1, :length], y[n : n + 1, :length])
        for x, y, lengths in batches
        for n, length in enumerate(lengths)
    ]

    def loss_of(held: Weights) -> Any:
        call = torch.func.functional_call
        rows = [((call(model, held, (x,))[0] - y) ** 2).ravel() for x, y in alone]
        return torch.cat(rows).mean(), ()

    for limit in (0.7, 1e9):
        weights, loss, _ = stepped(loss_of, weights_of(model), limit)
        close(answer(model, sgd(model), batches, limit), loss, 1e-11)
        close(list(weights_of(model).values()), list(weights.values()), 1e-11)


def setting(draw: Draw) -> Any:
    """Return a model, Adam and a schedule, and a generator."""
    model = forecaster(draw)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.3)
    return model, optimizer, scheduler, torch.Generator().manual_seed(int(draw.rng.integers(99)))


def epochs(number: int, model: Any, optimizer: Any, scheduler: Any, generator: Any, x: Any) -> None:
    """Train towards random targets."""
    for _ in range(number):
        optimizer.zero_grad()
        y = torch.randn(*x.shape[:2], 1, generator=generator, dtype=torch.float64)
        ((model(x)[0] - y) ** 2).mean().backward()
        optimizer.step()
        scheduler.step()


@checks("torch_training.save_checkpoint")
def save_checkpoint(answer: Any, draw: Draw) -> None:
    x, _ = sequences(draw)
    model, optimizer, scheduler, generator = whole = setting(draw)
    epochs(3, *whole, x)
    data = answer(model, optimizer, scheduler, generator.get_state(), 3)
    assert type(data) is bytes
    held = torch.load(io.BytesIO(data), weights_only=True)
    assert len(held) == 5
    close(list(held[0].values()), list(model.state_dict().values()), 0)
    moments = [optimizer.state[p]["exp_avg"] for p in model.parameters()]
    close([one["exp_avg"] for one in held[1]["state"].values()], moments, 0)
    assert held[2] == scheduler.state_dict()
    assert torch.equal(held[3], generator.get_state())
    assert held[4] == 3


@checks("torch_training.load_checkpoint")
def load_checkpoint(answer: Any, draw: Draw) -> None:
    x, _ = sequences(draw)
    model, optimizer, scheduler, generator = whole = setting(draw)
    epochs(3, *whole, x)
    states = [thing.state_dict() for thing in whole[:3]]
    buffer = io.BytesIO()
    torch.save([*states, generator.get_state(), 3], buffer)
    others = setting(draw)
    generator_state, epoch = answer(buffer.getvalue(), *others[:3])
    assert epoch == 3
    others[3].set_state(generator_state)
    epochs(4, *whole, x)
    epochs(4, *others, x)
    close(list(others[0].state_dict().values()), list(model.state_dict().values()), 0)
    assert others[2].get_last_lr() == scheduler.get_last_lr()
    assert others[1].param_groups[0]["lr"] == optimizer.param_groups[0]["lr"]


@contextmanager
def double() -> Iterator[None]:
    """Let Keras make layers, and take data, of float64 in the block."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def set_randomly(model: Any, draw: Draw) -> list[torch.Tensor]:
    """Set all weights of a Keras model, and return them as tensors."""
    model.set_weights([draw.array(*array.shape) for array in model.get_weights()])
    return tensors(*model.get_weights())


def by_torch(weights: Sequence[torch.Tensor], x: Any, every_step: bool = False) -> torch.Tensor:
    """Return what Keras's stack of LSTM layers with a dense layer computes, by PyTorch."""
    *layers, W_y, b_y = weights
    h = torch.as_tensor(x)
    for k in range(0, len(layers), 3):
        zeros = torch.zeros(len(x), len(layers[k + 1]), dtype=torch.float64)
        h, _ = torch_layer("LSTM", h, (zeros, zeros), *layers[k : k + 3])
    return (h if every_step else h[:, -1]) @ W_y + b_y


@checks("keras_training.CellWeights")
def cell_weights(answer: Any, draw: Draw) -> None:
    mine, theirs = answer(draw.H), keras.layers.LSTMCell(draw.H, unit_forget_bias=False)
    for cell in (mine, theirs):
        cell.build((draw.N, draw.D))
    assert mine.state_size == theirs.state_size == [draw.H, draw.H]
    for name in ("kernel", "recurrent_kernel", "bias"):
        assert getattr(mine, name).shape == getattr(theirs, name).shape
    W_h = mine.recurrent_kernel.numpy()
    close(W_h @ W_h.T, np.eye(draw.H, dtype=np.float32), 1e-5)
    close(mine.bias.numpy(), np.zeros(4 * draw.H, np.float32), 0)


@checks("keras_training.HandCell")
def hand_cell(answer: Any, draw: Draw) -> None:
    with double():
        layer = keras.layers.RNN(answer(draw.H), return_sequences=True, return_state=True)
        layer.build((draw.N, draw.T, draw.D))
        weights = set_randomly(layer, draw)
    x, state = draw.array(draw.N, draw.T, draw.D), draw.state()
    start = [keras.ops.convert_to_tensor(array) for array in state]
    h, final = torch_layer("LSTM", torch.tensor(x), tensors(*state), *weights)
    found = [tensor.numpy() for tensor in layer(x, initial_state=start)]
    close(found, [h, *final])


@checks("keras_training.stacked")
def stacked(answer: Any, draw: Draw) -> None:
    x = draw.array(draw.N, draw.T, draw.D)
    for L, every_step in ((1, False), (3, False), (2, True)):
        with double():
            model = answer(draw.D, draw.H, L, every_step)
        weights = set_randomly(model, draw)
        assert len(weights) == 3 * L + 2
        close(model(x).numpy(), by_torch(weights, x, every_step))
        assert model.input_shape == (None, None, draw.D)


class Mode(keras.layers.Layer):  # type: ignore[misc]
    """Hands on what it is given, and notes whether the model is told to train."""

    def __init__(self) -> None:
        super().__init__()
        self.told = []

    def call(self, x: Any, training: Any = None) -> Any:
        self.told.append(training)
        return x


def keras_model(draw: Draw) -> Any:
    """Return a compiled model of one LSTM layer and a dense one, and its weights as tensors."""
    with double():
        layers = [Mode(), keras.layers.LSTM(draw.H), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input((None, draw.D)), *layers])
        model.compile(optimizer=keras.optimizers.SGD(RATE), loss="mse")
    return model, dict(zip("xhbyc", set_randomly(model, draw), strict=True))


def keras_loss(x: Any, y: Any) -> Callable[[Weights], Any]:
    def loss(weights: Weights) -> Any:
        return ((by_torch(list(weights.values()), x) - torch.as_tensor(y)) ** 2).mean(), ()

    return loss


@checks("keras_training.training_step")
def keras_training_step(answer: Any, draw: Draw) -> None:
    x, y = (tensor.numpy() for tensor in sequences(draw, last=True))
    for max_norm in (0.1, 1e6):
        model, weights = keras_model(draw)
        slopes, _ = torch.func.grad_and_value(keras_loss(x, y), has_aux=True)(weights)
        norm = torch.cat([slope.ravel() for slope in slopes.values()]).norm()
        weights, loss, _ = stepped(keras_loss(x, y), weights, max_norm)
        model.layers[0].told.clear()
        close(answer(model, x, y, max_norm), (loss, float(norm)), 1e-10)
        assert model.layers[0].told == [True]
        close(model.get_weights(), list(weights.values()), 1e-11)


@checks("keras_training.train")
def keras_train(answer: Any, draw: Draw) -> None:
    x, y = (tensor.numpy() for tensor in sequences(draw, 2 * draw.N + 1, last=True))
    valid = tuple(tensor.numpy() for tensor in sequences(draw, 3, last=True))
    model, weights = keras_model(draw)
    losses, valid_losses = [], []
    for _ in range(2):
        each = []
        for rows in np.split(np.arange(len(x)), range(2, len(x), 2)):
            weights, loss, _ = stepped(keras_loss(x[rows], y[rows]), weights, 0.7)
            each += [loss] * len(rows)
        losses.append(float(np.mean(each)))
        valid_losses.append(keras_loss(*valid)(weights)[0].item())
    close(answer(model, (x, y), valid, 2, 2, 0.7), (losses, valid_losses), 1e-10)


@checks("keras_training.forecast_in_chunks")
def forecast_in_chunks(answer: Any, draw: Draw) -> None:
    options = {"return_sequences": True, "stateful": True}
    x = draw.array(draw.N, draw.T, draw.D)
    with double():
        layers = [keras.layers.LSTM(draw.H, **options), keras.layers.LSTM(draw.H, **options)]
        model = keras.Sequential([keras.Input(batch_shape=(draw.N, None, draw.D)), *layers])
        model.add(keras.layers.Dense(1))
    right = by_torch(set_randomly(model, draw), x, every_step=True)
    for chunk in (1, 2, draw.T):
        close(answer(model, x, chunk), right)


def keras_losses(draw: Draw, weights: Weights, train: Any, valid: Any, number: int) -> Any:
    """Replay epochs in batches of 16, halving the step where the loss fell by 1e-4 or less."""
    every, losses, scale, lowest = [], [], 1.0, np.inf
    for _ in range(number):
        for rows in np.split(np.arange(len(train[0])), range(16, len(train[0]), 16)):
            after, _, _ = stepped(keras_loss(train[0][rows], train[1][rows]), weights)
            weights = {k: weights[k] + scale * (after[k] - weights[k]) for k in weights}
        every.append(weights)
        losses.append(keras_loss(*valid)(weights)[0].item())
        scale *= 1.0 if losses[-1] < lowest - 1e-4 else 0.5
        lowest = losses[-1] if losses[-1] < lowest - 1e-4 else lowest
    return every, losses


@checks("keras_training.fit")
def keras_fit(answer: Any, draw: Draw) -> None:
    train = tuple(tensor.numpy() for tensor in sequences(draw, 19, last=True))
    valid = tuple(tensor.numpy() for tensor in sequences(draw, 5, last=True))
    for patience in (1, 9):
        model, weights = keras_model(draw)
        every, losses = keras_losses(draw, weights, train, valid, 6)
        stop = stops_after(losses, patience)
        with double():
            close(answer(model, train, valid, 6, patience), losses[:stop], 1e-10)
        best = every[int(np.argmin(losses[:stop]))]
        close(model.get_weights(), list(best.values()), 1e-10)


@checks("keras_training.diary")
def diary(answer: Any, draw: Draw) -> None:
    """Let the callbacks of Keras look at the same losses."""
    for patience, halve_after in ((1, 1), (2, 1), (2, 3), (4, 2)):
        losses = (2 + draw.array(9)).round(2).tolist()
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.SGD(0.5))
        options = {"monitor": "val_loss", "min_delta": 0.0, "mode": "min"}
        stop = keras.callbacks.EarlyStopping(patience=patience, **options)
        slow = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=halve_after, **options)
        both = keras.callbacks.CallbackList([stop, slow], model=model)
        both.on_train_begin()
        rates: list[float] = []
        for epoch, loss in enumerate(losses):
            rates.append(float(model.optimizer.learning_rate))
            both.on_epoch_end(epoch, {"val_loss": loss})
            if model.stop_training:
                break
        epochs, best, found = answer(losses, patience, halve_after, 0.5)
        assert (epochs, best) == (len(rates), stop.best_epoch + 1)
        close(found, rates, 1e-6)


class Parcel:
    """A tensor that must be brought to the CPU by name before it can be used."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self._tensor = tensor

    def to(self, device: torch.device) -> torch.Tensor:
        assert device == CPU
        return self._tensor


@checks("gpu_execution.pick_device")
def pick_device(answer: Any, draw: Draw) -> None:
    for cuda, mps, best in ((0, 0, "cpu"), (0, 1, "mps"), (1, 0, "cuda"), (1, 1, "cuda")):
        with (
            mock.patch("torch.cuda.is_available", lambda cuda=cuda: bool(cuda)),
            mock.patch("torch.backends.mps.is_available", lambda mps=mps: bool(mps)),
        ):
            assert answer() == answer("auto") == torch.device(best)
            for named in ("cpu", "cuda:1", "mps", "meta"):
                assert answer(named) == torch.device(named)


@checks("gpu_execution.zero_state")
def zero_state(answer: Any, draw: Draw) -> None:
    for device in (CPU, META):
        for dtype in (torch.float32, torch.float64, torch.float16):
            x = torch.ones(draw.N, draw.T, draw.D, device=device, dtype=dtype)
            for tensor in answer(x, draw.H):
                assert (tensor.device, tensor.dtype) == (device, dtype)
                assert tensor.shape == (draw.N, draw.H)
    close(answer(x.new_ones(draw.N, 1, 1, device=CPU).double(), 2), [np.zeros((draw.N, 2))] * 2, 0)


@checks("gpu_execution.move_batch")
def move_batch(answer: Any, draw: Draw) -> None:
    x, y = tensors(draw.array(draw.N, draw.D), draw.array(draw.N))
    batch = {"x": x, "more": [y, (x, "a name", None)], "N": 3}
    moved = answer(batch, META)
    assert type(moved["more"]) is list
    assert type(moved["more"][1]) is tuple
    assert (moved["N"], *moved["more"][1][1:]) == (3, "a name", None)
    for tensor, own in ((moved["x"], x), (moved["more"][0], y), (moved["more"][1][0], x)):
        assert (tensor.device, tensor.shape, own.device) == (META, own.shape, CPU)
    same = answer(batch, CPU)
    close((same["x"], same["more"][0]), (x, y), 0)


@checks("gpu_execution.Standardise")
def standardise(answer: Any, draw: Draw) -> None:
    x, mean, std = draw.array(draw.N, draw.T, draw.D), draw.array(draw.D), draw.gate(draw.D)
    module = answer(*tensors(mean, std))
    right = np.empty_like(x)
    for d in range(draw.D):
        right[..., d] = (x[..., d] - mean[d]) / std[d]
    close(module(torch.tensor(x)), right)
    assert list(module.parameters()) == []
    other = answer(*tensors(0 * mean, 1 + std))
    other.load_state_dict(module.state_dict())
    close(other(torch.tensor(x)), right)
    assert module.to(META)(torch.tensor(x, device=META)).device == META


@checks("gpu_execution.run_cell")
def run_cell(answer: Any, draw: Draw) -> None:
    x, (W_x, W_h, b) = torch.tensor(draw.array(draw.N, draw.T, draw.D)), tensors(*draw.lstm())
    cell = torch.nn.LSTMCell(draw.D, draw.H, dtype=torch.float64)
    held = {"weight_ih": W_x.T, "weight_hh": W_h.T, "bias_ih": b, "bias_hh": 0 * b}
    cell.load_state_dict(held)
    zeros = torch.zeros(draw.N, draw.H, dtype=torch.float64)
    h, state = answer(cell, x)
    right, final = torch_layer("LSTM", x, (zeros, zeros), W_x, W_h, b)
    close((h, *state), (right, *final))
    assert h.requires_grad


@checks("gpu_execution.train_epoch")
def train_epoch(answer: Any, draw: Draw) -> None:
    model = forecaster(draw, LastForecaster).eval()
    batches = [sequences(draw, N, last=True) for N in (draw.N, draw.N + 2)]
    weights, each = weights_of(model), []
    for x, y in batches:

        def loss_of(held: Weights, x: Any = x, y: Any = y) -> Any:
            return ((torch.func.functional_call(model, held, (x,)) - y) ** 2).mean(), ()

        weights, loss, _ = stepped(loss_of, weights)
        each += [loss] * len(x)
    parcels = [(Parcel(x), Parcel(y)) for x, y in batches]
    close(answer(model, sgd(model), parcels, CPU), float(np.mean(each)), 1e-11)
    close(list(weights_of(model).values()), list(weights.values()), 1e-11)
    assert model.training


@checks("gpu_execution.predict")
def predict(answer: Any, draw: Draw) -> None:
    model = forecaster(draw, LastForecaster, drop=0.5)
    x, _ = sequences(draw, 2 * draw.N + 1)
    parcels, brought = [Parcel(rows) for rows in x.split(2)], []

    def cpu(tensor: torch.Tensor) -> torch.Tensor:
        brought.append(tensor)
        return tensor

    with mock.patch.object(torch.Tensor, "cpu", cpu):
        found = answer(model, parcels, CPU)
    assert brought
    assert type(found) is np.ndarray
    assert not model.training
    close(found, model(x))


@checks("gpu_execution.median_seconds")
def median_seconds(answer: Any, draw: Draw) -> None:
    for warm_up, repeats in ((2, 5), (0, 4), (3, 1)):
        steps, now, queue = 100 * draw.gate(warm_up + repeats), [0.0], [0.0]
        done: list[str] = []

        def work(steps: Any = steps, queue: Any = queue, done: Any = done) -> None:
            queue[0] += steps[done.count("work")]
            done.append("work")

        def synchronise(now: Any = now, queue: Any = queue, done: Any = done) -> None:
            now[0] += queue[0]
            queue[0] = 0.0
            done.append("wait")

        found = answer(work, synchronise, lambda now=now: now[0], warm_up, repeats)
        close(found, float(np.median(steps[warm_up:])), 1e-10)
        assert done.count("work") == warm_up + repeats


@checks("gpu_execution.keras_zero_state")
def keras_zero_state(answer: Any, draw: Draw) -> None:
    import tensorflow as tf

    for dtype in (tf.float32, tf.float64):
        x = tf.ones((draw.N, draw.T, draw.D), dtype)
        with mock.patch.object(tf, "device", wraps=tf.device) as chosen:
            state = answer(x, draw.H)
        chosen.assert_called_with(x.device)
        for tensor in state:
            assert (tensor.device, tensor.dtype) == (x.device, dtype)
            close(tensor.numpy(), np.zeros((draw.N, draw.H), dtype.as_numpy_dtype), 0)


@checks("gpu_execution.average_gradients")
def average_gradients(answer: Any, draw: Draw) -> None:
    """Compare with the gradient of the whole batch, which autograd finds."""
    model = forecaster(draw, LastForecaster)
    for sizes in ([3, 1], [2, 0, 5], [4]):
        x, y = sequences(draw, sum(sizes), last=True)
        shares, start = [], 0
        for n in sizes:
            model.zero_grad()
            ((model(x[start : start + n]) - y[start : start + n]) ** 2).mean().backward()
            shares.append([p.grad.clone() if n else p.grad * np.nan for p in model.parameters()])
            start += n
        model.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        close(answer(shares, sizes), [p.grad for p in model.parameters()], 1e-11)
