"""Cases of the tests of ``torch_training``: models, optimizers and data, all sizes different.

The models are of the notebook's own class ``Forecaster``, because the student's code gets them.
A scene makes everything anew from its seed, so that the student's function and the answer start
from the same weights.
"""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from nbjudge.checks.calls import take_apart, unchanged
from nbjudge.checks.seen import Case
from torch import Tensor
from torch.nn.functional import mse_loss

from lstm_course.answers import torch_training as reference

Shown = dict[str, Any]

# What the run is, then N, T, D, H, the dtype, the optimizer and its settings.
RUNS: tuple[tuple[str, int, int, int, int, torch.dtype, str, dict[str, float]], ...] = (
    ("gradient descent", 10, 6, 2, 4, torch.float64, "SGD", {"lr": 0.1}),
    ("momentum", 7, 5, 1, 3, torch.float64, "SGD", {"lr": 0.05, "momentum": 0.9}),
    ("Adam", 9, 4, 3, 5, torch.float64, "Adam", {"lr": 0.02}),
    ("one example, N = 1", 1, 7, 2, 3, torch.float64, "SGD", {"lr": 0.1}),
    ("one time step, T = 1", 6, 1, 3, 2, torch.float64, "SGD", {"lr": 0.2}),
    ("float32", 5, 4, 2, 6, torch.float32, "SGD", {"lr": 0.1}),
)


class Run(NamedTuple):
    """What a training function is given; two runs made from the same arguments are equal."""

    model: Any
    optimizer: Any
    x: Tensor  # (N, T, D)
    y: Tensor  # (N, T, 1)


def run(seed: int, number: int, kind: str = "Forecaster", **more: Any) -> Run:
    """Return a run of `RUNS` in which the gradients of the first step are larger than 1.

    ``kind`` is the class of the model, in the notebook; ``more`` goes to it, but for ``N`` and
    ``T``, which replace those of the run.
    """
    _, N, T, D, H, dtype, optimizer, settings = RUNS[number]
    N, T = more.pop("N", N), more.pop("T", T)
    make_model = vars(sys.modules["__main__"])[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed((seed + number) % 2**32)
        model = make_model(D, H, **more).to(dtype)
        x, noise = torch.randn(N, T, D, dtype=dtype), torch.randn(N, T, 1, dtype=dtype)
    # The forecast starts near 0 and the target near 2, so no gradient starts out small.
    y = 2.0 + 0.5 * x[:, :, :1].cumsum(dim=1) + 0.3 * noise
    make_optimizer: Any = getattr(torch.optim, optimizer)
    return Run(model, make_optimizer(model.parameters(), **settings), x, y)


def leave_gradients(given: Run) -> None:
    """Leave gradients in a model, as a step does that was done before."""
    loss: Any = mse_loss(given.model(given.x)[0], given.y)
    loss.backward()


def weights(model: Any) -> Tensor:
    """Return all weights of a model, one after the other, as one vector."""
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def gradients(model: Any) -> Tensor:
    """Return all gradients of a model as one vector; where one is missing, zeros."""
    found = [torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()]
    return torch.cat([gradient.detach().flatten() for gradient in found])


def called(function: Any, *arguments: Any) -> tuple[Any, bool]:
    """Return the result of a call, and whether the tensors among its arguments stayed the same."""
    before, after = _copies(arguments), arguments
    if hasattr(function, "__proxy__"):
        result, after = function.call_and_return_arguments(*arguments)
    else:
        result = function(*arguments)
    return result, unchanged(before, _copies(tuple(after)))


def _copies(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_copies, value))
    return value.detach().clone() if isinstance(value, Tensor) else value


# What the case is, then N, D, H and the dtype.
_CELLS = (
    ("several examples", 3, 2, 5, torch.float64),
    ("one example, N = 1", 1, 4, 3, torch.float64),
    ("one input and one unit", 5, 1, 1, torch.float64),
    ("float32", 2, 6, 4, torch.float32),
)


def lstm_cell(seed: int) -> Iterator[Case]:
    """Yield a new cell, single steps, and the gradients of single steps, as three groups."""
    yield Case("D = 20 and H = 50", _new_cell, group="parameters")
    for scene, group in ((_one_step, "step"), (_step_gradients, "gradients")):
        rng = torch.Generator().manual_seed(seed)
        for label, N, D, H, dtype in _CELLS:
            shapes = ((N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,), (N, H), (N, H))
            drawn = [torch.randn(shape, generator=rng, dtype=torch.float64) for shape in shapes]
            yield Case(label, partial(scene, [one.to(dtype) for one in drawn]), group=group)


def _new_cell(kind: Any) -> Shown:
    D, H = 20, 50
    found, other = (dict(kind(D, H).named_parameters()) for _ in range(2))
    names = ("W_x", "W_h", "b")
    shown: Shown = {f"{name} is not among the parameters": name in found for name in names}
    for name in names[:2]:
        if name in found and name in other:
            shown |= _how_drawn(name, found[name].detach() * H**0.5)
            same = torch.equal(found[name], other[name])
            shown[f"two new cells have the same {name}: set no seed"] = not same
    for name in set(names) & set(found):
        default = found[name].dtype is torch.get_default_dtype()
        shown[f"{name} has not the default precision"] = default
    shown["the names of the parameters"] = ", ".join(sorted(found))
    for name in set(names) & set(found):
        shown[f"the shape of {name}"] = str(tuple(found[name].shape))
    return shown | ({"b": found["b"].detach()} if "b" in found else {})


def _how_drawn(name: str, scaled: Tensor) -> Shown:
    spread = scaled.double().std().item()
    reach = (scaled - scaled.mean()).abs().max().item()  # 1.7 times the spread where uniform
    return {
        f"all values of {name} are equal": spread > 1e-6,
        f"{name} has no negative value": scaled.min().item() < -1e-6,
        f"{name} looks like a bell curve": reach < 2.2 * spread,
        f"the largest value of {name} times sqrt(H)": round(scaled.max().item(), 1),
    }


def _filled(kind: Any, given: list[Tensor]) -> Any:
    """Return a student's cell with given weights, also where it has not registered its own."""
    cell = kind(given[0].shape[1], given[1].shape[1])
    for name, value in zip(("W_x", "W_h", "b"), given[3:6], strict=True):
        setattr(cell, name, torch.nn.Parameter(value.clone()))
    return cell


def _one_step(given: list[Tensor], kind: Any) -> Shown:
    x_t, h_prev, c_prev, *_ = (one.clone() for one in given)
    result, same = called(_filled(kind, given), x_t, (h_prev, c_prev))
    h_t, c_t = take_apart("the cell", result, ("h_t", "c_t"))
    return {"the cell changes its arguments: make new tensors": same, "h_t": h_t, "c_t": c_t}


def _step_gradients(given: list[Tensor], kind: Any) -> Shown:
    cell, (x_t, h_prev, c_prev, *_) = _filled(kind, given), (one.clone() for one in given)
    h_t, c_t = take_apart("the cell", cell(x_t, (h_prev, c_prev)), ("h_t", "c_t"))
    leads = bool(getattr(h_t, "requires_grad", False) and getattr(c_t, "requires_grad", False))
    shown: Shown = {"no gradient leads back to the weights": leads}
    if not leads:
        return shown
    beside = cell.run_beside if hasattr(cell, "__proxy__") else _here
    step = partial(torch.func.functional_call, cell)
    named = dict(zip(("W_x", "W_h", "b"), given[3:6], strict=True))
    _, pull_back = beside(torch.func.vjp, step, named, (x_t, (h_prev, c_prev)))
    found, (x, (h, c)) = pull_back((given[6], given[7]))
    found = {**found, "x_t": x, "h_prev": h, "c_prev": c}
    return shown | {f"the gradient of {name}": value for name, value in found.items()}


def _here(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def last_step(seed: int) -> Iterator[Case]:
    """Yield padded sequences of different lengths; in one case the padding holds nan."""
    rng = torch.Generator().manual_seed(seed)
    for label, N, T, H, dtype in (
        ("several sequences", 5, 6, 3, torch.float64),
        ("one sequence, N = 1", 1, 4, 2, torch.float64),
        ("one time step, T = 1", 3, 1, 2, torch.float64),
        ("one unit in float32", 4, 5, 1, torch.float32),
        ("padding that is nan", 6, 7, 2, torch.float64),
    ):
        h = torch.randn(N, T, H, generator=rng, dtype=torch.float64).to(dtype)
        errors = torch.rand(N, T, generator=rng, dtype=torch.float64).to(dtype)
        lengths = torch.randint(1, T + 1, (N,), generator=rng)
        lengths[0], lengths[1:2] = max(T - 2, 1), T
        if "nan" in label:
            errors[torch.arange(T) >= lengths[:, None]] = torch.nan
        yield Case(label, {"h": h, "squared_errors": errors, "lengths": lengths})


def training_step(seed: int) -> Iterator[Case]:
    """Yield two steps with each optimizer, the first on gradients left over from before."""
    for number, (label, *_) in enumerate(RUNS):
        yield Case(label, partial(_two_steps, seed, number))
    # In training mode nothing is left of h.
    yield Case("a model with dropout", partial(_two_steps, seed, 0, dropout=1.0))


def _two_steps(seed: int, number: int, step: Any, **more: Any) -> Shown:
    given = run(seed, number, **more)
    leave_gradients(given)
    loss = step(*given)
    once = weights(given.model)
    step(*given)
    twice = weights(given.model)
    return {"the loss": loss, "the weight vector": once, "the weight vector, a step later": twice}


def clip_gradients(seed: int) -> Iterator[Case]:
    """Yield gradients with a norm above and below the limit, or zero; ``left`` are facts."""
    for number, (label, *_) in enumerate(RUNS):
        for size, share in (("twenty times", 0.05), ("two thirds of", 1.5)):
            given = partial(_with_gradients, seed, number, share)
            yield Case(f"a norm {size} max_norm, {label}", partial(_clipped, given))
    given = partial(_with_gradients, seed, 0, 0.0)
    yield Case("gradients that are all zero", partial(_clipped, given))
    given = partial(_with_gradients, seed, 1, 1 / 3)
    yield Case("a parameter without a gradient", partial(_beside_gradients, given), group="left")


def _with_gradients(seed: int, number: int, share: float) -> tuple[Any, float]:
    """Return a model with gradients, but for one, and a limit, in units of their norm."""
    model = run(seed, number).model
    rng = torch.Generator().manual_seed(seed + number)
    for p in model.parameters():
        drawn = torch.randn(p.shape, generator=rng, dtype=torch.float64).to(p.dtype)
        p.grad = drawn if share else torch.zeros_like(p)
    model.out.bias.grad = None  # as of a parameter that is not trained
    return model, share * gradients(model).norm().item() or 1.5


def _clipped(make: Any, clip: Any) -> Shown:
    model, max_norm = make()
    norm = clip(model, max_norm)
    return {"the norm": norm, "the gradient vector": gradients(model)}


def _beside_gradients(make: Any, clip: Any) -> Shown:
    model, max_norm = make()
    start = weights(model)
    clip(model, max_norm)
    return {
        "a gradient that is None must stay None": model.out.bias.grad is None,
        "the weights have changed: scale the gradients only": torch.equal(weights(model), start),
    }


def train(seed: int) -> Iterator[Case]:
    """Yield trainings with each optimizer, one with the default settings, and what else counts."""
    settings = ((2, 4, 0.3), (1, 3, 100.0), (3, 5, 1.0), (2, 16, 0.5), (2, 4, 0.7), (1, 2, 0.5))
    for number, (epochs, batch_size, limit) in enumerate(settings):
        label = f"{RUNS[number][0]}, {epochs=}, {batch_size=}, max_norm={limit:g}"
        given = partial(run, seed, number)
        yield Case(label, partial(_trained, given, (epochs, batch_size, limit)))
    given = partial(run, seed, 0, N=20)
    yield Case("20 examples and the default settings", partial(_trained, given, ()))
    yield Case("a model in evaluation mode", partial(_mode, seed, _one_epoch), group="mode")


def _trained(make: Any, setting: tuple[float, ...], training: Any) -> Shown:
    given = make()
    leave_gradients(given)
    losses = training(*given, *setting)
    return {"the list of losses": losses, "the weight vector": weights(given.model)}


def _mode(seed: int, once: Any, training: Any) -> Shown:
    """Train a model that was left in evaluation mode.

    In training mode its dropout leaves nothing of h, and only the bias of the forecast can move.
    """
    given = run(seed, 0, dropout=1.0)
    given.model.eval()
    start = given.model.out.weight.detach().clone()
    once(training, given)
    learning_rate = given.optimizer.param_groups[0]["lr"]
    return {
        "call model.train() first": torch.equal(given.model.out.weight.detach(), start),
        "leave the learning rate as it is": learning_rate == RUNS[0][-1]["lr"],
    }


def _one_epoch(training: Any, given: Run) -> None:
    training(*given, 1, 4)


def evaluate(seed: int) -> Iterator[Case]:
    """Yield evaluations from both modes, and as the group ``left`` what they leave behind."""
    for training in (True, False):
        mode = "training" if training else "evaluation"
        yield Case(f"{mode} mode", partial(_left, seed, training), group="left")
        for number, size in enumerate((4, 3, 5, 16, 4, 2)):
            label = f"{RUNS[number][0]}, batch_size={size}, a model in {mode} mode"
            yield Case(label, partial(_evaluated, seed, number, training, size))


def _evaluated(seed: int, number: int, training: bool, size: int, measure: Any) -> Shown:
    model, _, x, y = run(seed, number, dropout=1.0)  # in training mode nothing is left of h
    loss = measure(model.train(training), x, y, size)
    torch.set_grad_enabled(True)  # who left it switched off must not lose a later question too
    return {"the loss": loss}


def _left(seed: int, training: bool, measure: Any) -> Shown:
    model, _, x, y = run(seed, 0, "WatchfulForecaster", dropout=1.0)
    start = weights(model)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    loss = measure(model.train(training), x, y, 4)
    torch.set_grad_enabled(True)
    mode = "training" if training else "evaluation"
    recorded = isinstance(loss, float) and math.isnan(loss)
    return {
        "gradients are recorded: use torch.no_grad()": not recorded,
        f"the model was in {mode} mode before: put it back": all(
            module.training is training for module in model.modules()
        ),
        "the weights have changed: an evaluation trains nothing": torch.equal(
            weights(model), start
        ),
        "the gradients have changed: an evaluation leaves them alone": bool(
            (gradients(model) == 1.0).all()
        ),
    }


def train_chunks(seed: int) -> Iterator[Case]:
    """Yield streams in chunks of several lengths; the groups ``mode`` and ``state`` are facts."""
    settings = ((5, 0.5), (4, 100.0), (20, 1.0), (1, 0.3), (3, 0.8), (7, 2.0))
    for number, (chunk, limit) in enumerate(settings):
        label = f"{RUNS[number][0]}, T = {9 + number}, {chunk=}, max_norm={limit:g}"
        given = partial(run, seed, number, T=9 + number)
        yield Case(label, partial(_chunked, given, (chunk, limit)))
        yield Case(label, partial(_detached, given, (chunk, limit)), group="state")
    given = partial(run, seed, 0, T=9)
    yield Case("T = 9, chunk=4 and the default max_norm", partial(_chunked, given, (4,)))
    yield Case("a model in evaluation mode", partial(_mode, seed, _one_chunk), group="mode")


def _chunked(make: Any, setting: tuple[float, ...], training: Any) -> Shown:
    given = make()
    leave_gradients(given)
    result = training(*given, *setting)
    losses, state = take_apart("train_chunks", result, ("losses", "state"))
    h, c = take_apart("the state", state, ("h", "c"))
    return {"the list of losses": losses, "the weight vector": weights(given.model), "h": h, "c": c}


def _detached(make: Any, setting: tuple[float, ...], training: Any) -> Shown:
    shown = _chunked(make, setting, training)
    return {f"return {name} detached": not _has_graph(shown[name]) for name in "hc"}


def _has_graph(tensor: Any) -> bool:
    return bool(getattr(tensor, "requires_grad", False))


def _one_chunk(training: Any, given: Run) -> None:
    training(*given, 3)


def next_state(seed: int) -> Iterator[Case]:
    """Yield states with their graph, and none; in some, all or no streams a sequence begins."""
    rng = torch.Generator().manual_seed(seed)
    for L, N, H, dtype in (
        (2, 5, 3, torch.float64),
        (1, 4, 2, torch.float64),
        (3, 1, 2, torch.float64),
        (2, 3, 1, torch.float32),
    ):
        h, c = (torch.randn(L, N, H, generator=rng, dtype=torch.float64).to(dtype) for _ in "hc")
        some = torch.arange(N) % 3 == 1
        for which, is_new in (("some", some), ("all", some | True), ("none", some & False)):
            label = f"{L = }, {N = }, {H = }, {which} of the streams new"
            yield Case(label, partial(_rows, h, c, is_new, "new"), group="new")
            yield Case(label, partial(_rows, h, c, is_new, "other"), group="carried")
            yield Case(label, partial(_cut, h, c, is_new), group="carried")
    yield Case("state=None", _before_the_first, group="carried")


def _rows(h: Tensor, c: Tensor, is_new: Tensor, which: str, carry: Any) -> Shown:
    after = take_apart("next_state", carry((h.clone(), c.clone()), is_new.clone()), ("h", "c"))
    shapes = [str(tuple(getattr(one, "shape", ()))) for one in after]
    shown: Shown = {f"the shape of {name}": shape for name, shape in zip("hc", shapes, strict=True)}
    if set(shapes) == {str(tuple(h.shape))}:
        for name, one in zip("hc", after, strict=True):
            rows = is_new if which == "new" else ~is_new
            shown[f"the tensor of the {which} streams in {name}"] = one[:, rows]
    return shown


def _cut(h: Tensor, c: Tensor, is_new: Tensor, carry: Any) -> Shown:
    leaf = h.clone().requires_grad_()
    result, same = called(carry, (1.0 * leaf, c * leaf), is_new.clone())
    after = take_apart("next_state", result, ("h", "c"))
    shown: Shown = {"your function changes its argument state: make new tensors": same}
    for name, one in zip("hc", after, strict=True):
        shown[f"{name} still has its graph: detach it"] = not _has_graph(one)
    return shown


def _before_the_first(carry: Any) -> Shown:
    return {"the state before the first chunk": carry(None, torch.tensor([True, False, True]))}


LONG = 16  # epochs in which a case of early stopping must have come to its end


def fit(seed: int) -> Iterator[Case]:
    """Yield trainings that stop soon or late, that end before, and that learn nothing."""
    good, stop, enough = _search(seed)
    for label, learning_rate, epochs, patience in (
        ("the loss rises, patience=1", 0.5, stop, 1),
        # Two epochs more than is right: who does not stop in time is seen to go on.
        (f"the loss rises and falls again, patience={enough}", 0.5, stop + 2, enough),
        ("the epochs end before the patience", 0.5, stop, enough + 4),
        ("nothing is learned, patience=2", 0.0, 5, 2),
    ):
        yield Case(label, partial(_fitted, good, learning_rate, epochs, patience))


def _fitted(seed: int, learning_rate: float, epochs: int, patience: int, training: Any) -> Shown:
    model, *rest = _stopping_run(seed, learning_rate)
    losses = training(model, *rest, epochs, patience)
    return {"the list of losses": losses, "the weight vector": weights(model)}


def _stopping_run(seed: int, learning_rate: float) -> tuple[Any, Any, Any, Any]:
    """Return a model, its optimizer, a training set and a validation set.

    The targets are small, so that no gradient is as long as the default limit of its norm, and
    the forecasts swing, with much momentum, past those of the validation set.
    """
    model, _, x, y = run(seed, 0, N=20, T=4)
    y = y / 4.0
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.85)
    return model, optimizer, (x[:16], y[:16]), (x[16:], y[16:] - 0.1)


def _search(seed: int) -> tuple[int, int, int]:
    """Return a seed whose loss rises and falls again, the epochs until the stop, the patience."""
    for attempt in range(seed, seed + 200):
        model, optimizer, train_set, valid_set = _stopping_run(attempt, 0.5)
        losses: list[float] = []
        for _ in range(LONG):
            reference.train(model, optimizer, *train_set)
            if gradients(model).norm().item() > 0.95:
                break
            losses.append(reference.evaluate(model, *valid_set))
            for patience in (3, 4, 2, 5):
                if stop := _clear_stop(losses, patience):
                    return attempt, stop, patience
    raise RuntimeError(f"no loss that rises and falls again near the seed {seed}")


def _clear_stop(losses: list[float], patience: int) -> int | None:
    """Return after how many epochs to stop, or None where it is close or the loss just rises."""
    best, worse = 0, []
    for epoch in range(1, len(losses) - 1):
        if abs(losses[epoch] / losses[best] - 1.0) < 1e-3:
            return None  # better or worse by a hair
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            worse.append(epoch)
        if epoch - best == patience:
            break
    else:
        return None
    # The best epoch is neither the first nor the one after the stop.  It comes after as many bad
    # epochs as the patience, though not in a row, and an epoch after the best is better than the
    # one before it, though not than the best.
    if best == 0 or losses[epoch + 1] < 1.001 * losses[best]:
        return None
    better = any(losses[k] < 0.999 * losses[k - 1] for k in range(best + 2, epoch + 1))
    return epoch + 1 if worse[patience - 1] < best and better else None


def checkpoint(seed: int) -> Iterator[Case]:
    """Yield runs that are saved, go on, and are loaded into others, once for each group."""
    for number, epochs in ((1, 1), (2, 3)):  # momentum, Adam
        for group in ("weights", "memory", "order"):
            label = f"{RUNS[number][0]}, saved after epoch {epochs}"
            yield Case(label, partial(_resumed, seed, number, epochs, group), group=group)


def _resumed(seed: int, number: int, epochs: int, group: str, save: Any, load: Any) -> Shown:
    first, x, y = _long_run(seed, number)
    for _ in range(epochs):
        _next_epoch(first, x, y)
    model, optimizer, scheduler, generator = first
    then, order = copy.deepcopy(model.state_dict()), generator.get_state()
    data = save(model, optimizer, scheduler, order, epochs)
    shown: Shown = {"return bytes: buffer.getvalue()": type(data) is bytes}
    if type(data) is not bytes:
        return shown
    _next_epoch(first, x, y)
    save(model, optimizer, scheduler, generator.get_state(), epochs + 1)
    again, _, _ = _long_run(seed + 1, number, learning_rate=0.4)
    result = load(data, *again[:3])
    if group == "weights":
        now = torch.cat([tensor.flatten() for tensor in again[0].state_dict().values()])
        best = torch.cat([tensor.flatten() for tensor in then.values()])
        rounded = torch.allclose(now, best, rtol=1e-2) and not torch.equal(now, best)
        shown["the weights come back rounded: save them as they are"] = not rounded
        return shown | {"the weight vector after loading": now}
    if group == "order":
        state, epoch = take_apart("load_checkpoint", result, ("generator_state", "epoch"))
        same = type(state) is Tensor and state.dtype is torch.uint8 and torch.equal(state, order)
        return shown | {"the state of the generator is not the one saved": same, "epoch": epoch}
    again[0].load_state_dict(then)
    again[3].set_state(order)
    shown["the learning rate after loading"] = again[1].param_groups[0]["lr"]
    _next_epoch(again, x, y)
    shown["the learning rate an epoch later"] = again[1].param_groups[0]["lr"]
    return shown | {"the weight vector an epoch later": weights(again[0])}


def _long_run(seed: int, number: int, learning_rate: float = 0.0) -> tuple[Any, Tensor, Tensor]:
    """Return what a run consists of, with a schedule and a generator of the order, and its data."""
    model, optimizer, x, y = run(seed, number)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate or group["lr"]
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
    return (model, optimizer, scheduler, torch.Generator().manual_seed(seed)), x, y


def _next_epoch(parts: Any, x: Tensor, y: Tensor) -> None:
    """Train for one epoch in a random order, then move the schedule on."""
    model, optimizer, scheduler, generator = parts
    order = torch.randperm(len(x), generator=generator)
    reference.train(model, optimizer, x[order], y[order], batch_size=4)
    scheduler.step()


def step_in_parts(seed: int) -> Iterator[Case]:
    """Yield batches of padded sequences that are parts of one, with other sizes and lengths."""
    limits = (0.4, 100.0, 1.5, 0.7, 50.0, 0.3)
    for number, (label, *_) in enumerate(RUNS):
        sizes = ((4, 5), (2, 3), (1, 6)) if number % 2 else ((2, 4), (5, 7))
        setting = (limits[number],)
        where = f"{label}, {len(sizes)} batches, max_norm={limits[number]:g}"
        yield Case(where, partial(_in_parts, seed, number, sizes, setting))
    sizes = ((3, 5), (1, 2))
    yield Case("two batches and the default max_norm", partial(_in_parts, seed, 0, sizes, ()))


def _in_parts(seed: int, number: int, sizes: Any, setting: tuple[float, ...], step: Any) -> Shown:
    """Do a step from batches of (N, T) in ``sizes``; the padding of x and y holds large numbers."""
    given = run(seed, number)
    leave_gradients(given)
    rng = torch.Generator().manual_seed(seed + number)
    batches = []
    for k, (N, T) in enumerate(sizes):
        _, _, x, y = run(seed + 1 + k, number, N=N, T=T)
        lengths = torch.randint(1, T + 1, (N,), generator=rng)
        lengths[0], lengths[1:2] = T - 1, T
        y[torch.arange(T) >= lengths[:, None]] = 30.0
        batches.append((x, y, lengths))
    loss = step(given.model, given.optimizer, batches, *setting)
    return {"the loss": loss, "the weight vector": weights(given.model)}
