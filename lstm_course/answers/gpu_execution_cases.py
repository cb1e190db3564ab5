# Made from solutions/gpu_execution/cases.py by `make exercises`: edit that file, not this one.
"""Scenes of the tests of ``gpu_execution``: data, machines that are pretended, a slow device.

The groups are ``values``, ``device`` (PyTorch's meta device in place of a GPU) and ``cuda``,
which is there only where PyTorch finds a GPU.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from nbjudge.checks.calls import beside_student, take_apart
from nbjudge.checks.device_checks import (
    check_made,
    has_tensorflow_gpu,
    run_on_tensorflow_device,
    watched,
    with_devices,
)
from nbjudge.checks.seen import Case
from torch import Tensor, nn

Function = Callable[..., Any]
Scene = Callable[..., dict[str, Any]]

CPU = torch.device("cpu")
#: What the case is, then N of each batch, T, D, H and the dtype; the sizes of a case all differ.
SIZES: tuple[tuple[str, tuple[int, ...], int, int, int, torch.dtype], ...] = (
    ("batches of 3, 2 and 4 in float64", (3, 2, 4), 5, 1, 6, torch.float64),
    ("one time step, T = 1", (2, 6), 1, 3, 5, torch.float64),
    ("batches of 5 and 1 in float32", (5, 1), 3, 2, 4, torch.float32),
)


def places() -> list[tuple[str, str]]:
    """Return the devices to try and the groups of their cases: ``meta``, and a GPU if any."""
    found = [("meta", "device")]
    return [*found, ("cuda", "cuda")] if torch.cuda.is_available() else found


def inputs(seed: int) -> Iterator[tuple[str, Tensor, int]]:
    """Yield a label, ``x (N, T, D)`` and H, in float64 and float32."""
    draw = torch.Generator().manual_seed(seed)
    for label, N, T, D, H, dtype in (
        ("a float64 batch", 2, 3, 5, 4, torch.float64),
        ("a batch of one example in float32", 1, 4, 3, 6, torch.float32),
        ("one time step in float64", 4, 1, 3, 2, torch.float64),
    ):
        yield label, torch.randn(N, T, D, generator=draw, dtype=dtype), H


def form(value: Any) -> str:
    """Return a nested batch in words: its containers, and dtype and shape of its tensors."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {form(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        start, end = "[]" if isinstance(value, list) else "()"
        return start + ", ".join(map(form, value)) + end
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return f"a {getattr(value, '__student_type__', type(value).__name__)}"


def arrays(value: Any) -> list[Any]:
    """Return the tensors of a nested batch, one after the other, as arrays."""
    if isinstance(value, Tensor):
        return [value.detach().cpu().numpy()]
    if not isinstance(value, dict | list | tuple):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [array for part in parts for array in arrays(part)]


def described(value: Any) -> list[tuple[str, str, list[int]]]:
    """Return kind or device, dtype and shape of each tensor and array in a report's result."""
    if isinstance(value, dict) and len(value) == 1 and "array" in value:
        return [("NumPy", *value["array"][1:])]
    if isinstance(value, dict) and len(value) == 1 and "tensor" in value:
        return [tuple(value["tensor"])]
    if not isinstance(value, dict | list):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [one for part in parts for one in described(part)]


def tensors_on(device: str, report: dict[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """Return what can be said of the tensors that a function returned on a device."""
    found, name = described(report["result"]), str(dtype).removeprefix("torch.")
    there = torch.device(device).type
    facts = {
        "the result must live on the device of the input": all(
            place == there for place, *_ in found
        ),
        "the result must have the dtype of the input": all(kind == name for _, kind, _ in found),
    }
    shapes = {"the list of shapes of the result": [tuple(shape) for *_, shape in found]}
    values = {
        f"the tensor number {k} of the result": tensor
        for k, tensor in enumerate(report["values"], 1)
    }
    return facts | shapes | values


def pick_device(seed: int) -> Iterator[Case]:
    """Yield machines with and without GPUs, and what the user of each asks for."""
    number = random.Random(seed).randint(1, 7)
    machines = (
        ("a machine with no GPU", False, False),
        ("a machine with an NVIDIA GPU", True, False),
        ("a Mac with a GPU", False, True),
        ("a machine on which both are found", True, True),
    )
    for machine, cuda, mps in machines:
        for wanted in (("auto",), (), ("cpu",), ("cuda",), (f"cuda:{number}",), ("mps",)):
            yield Case(machine, _picked(cuda, mps, wanted))


def _picked(cuda: bool, mps: bool, wanted: tuple[str, ...]) -> Scene:
    def scene(pick_device: Function) -> dict[str, Any]:
        kind, found = beside_student(with_devices, cuda, mps, pick_device, *wanted)
        returned = "a device must come back in every case: is a return statement missing?"
        made = "the name is no device yet: torch.device(name) makes one"
        facts = {returned: kind != "NoneType", made: kind in ("device", "NoneType")}
        call = f"pick_device({', '.join(map(repr, wanted))})"
        return facts | {call: None if kind == "NoneType" else found}

    return scene


def zero_state(seed: int) -> Iterator[Case]:
    """Yield batches; the groups are ``values``, ``device`` and ``cuda``."""
    for label, x, H in inputs(seed):
        yield Case(label, _state_of(x, H), group="values")
    for device, group in places():
        for label, x, H in inputs(seed):
            yield Case(label, _state_on(device, label, x, H), group=group)


def _state_of(x: Tensor, H: int) -> Scene:
    def scene(zero_state: Function) -> dict[str, Any]:
        h0, c0 = take_apart("zero_state", zero_state(x.clone(), H), ("h0", "c0"))
        facts = {
            f"{name} must have the dtype of x": getattr(state, "dtype", x.dtype) == x.dtype
            for name, state in (("h0", h0), ("c0", c0))
        }
        return facts | {"h0": h0, "c0": c0}

    return scene


def _state_on(device: str, label: str, x: Tensor, H: int) -> Scene:
    def scene(zero_state: Function) -> dict[str, Any]:
        report = watched(label, zero_state, x, H, device=device)
        check_made(label, report, device)
        return tensors_on(device, report, x.dtype)

    return scene


def nested(seed: int) -> Iterator[tuple[str, Any]]:
    """Yield a label and a batch: tensors at several depths, of several dtypes, and other things."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 3, 1, generator=draw, dtype=torch.float64)
    mask = torch.tensor([[True, True, False], [True, False, False]])
    pair = (x[:, 0], [x[:, 1].float(), "a name", None])
    yield "a single tensor", x
    yield "a tuple with a list in it", pair
    yield "a list with a dict in it", [x + 1.0, {"mask": mask}, 3.5]
    lengths, inner = mask.sum(dim=1), {"mask": mask, "count": 2, "none of them": []}
    yield "a dict with parts at several depths", {"x": x, "n": lengths, "pair": pair, "in": inner}
    yield "a name", "a name"


def move_batch(seed: int) -> Iterator[Case]:
    """Yield nested batches; the groups are ``values``, ``device`` and ``cuda``."""
    for label, batch in nested(seed):
        yield Case(label, _moved(batch), group="values")
    for device, group in places():
        for label, batch in nested(seed):
            yield Case(label, _moved_to(device, label, batch), group=group)


def _moved(batch: Any) -> Scene:
    def scene(move_batch: Function) -> dict[str, Any]:
        found = move_batch(copy.deepcopy(batch), CPU)
        return {"the form": form(found), "the list of tensors": arrays(found)}

    return scene


def _moved_to(device: str, label: str, batch: Any) -> Scene:
    def scene(move_batch: Function) -> dict[str, Any]:
        given = copy.deepcopy(batch)
        report = watched(label, move_batch, given, "device", device=device, stay=(0,))
        check_made(label, report, device)
        there, found = torch.device(device).type, described(report["result"])
        after = described(report["arguments"][0])
        return {
            "the batch that was given must stay as it was": all(
                place == "cpu" for place, *_ in after
            ),
            "every tensor of the new batch must be on the device": all(
                p == there for p, *_ in found
            ),
            "the list of places in the new batch": [place for place, *_ in found],
        }

    return scene


def standardise(seed: int) -> Iterator[Case]:
    """Yield inputs with mean and std; the groups are ``values``, ``device`` and ``cuda``."""
    for label, x, _ in inputs(seed):
        yield Case(label, _standardised(x), group="values")
    for device, group in places():
        for label, x, _ in inputs(seed):
            yield Case(label, _standardised_on(device, label, x), group=group)


def _mean_and_std(x: Tensor) -> tuple[Tensor, Tensor]:
    mean = x.mean(dim=(0, 1)) + 1.0
    return mean, 0.7 + mean.abs().sqrt()


def _standardised(x: Tensor) -> Scene:
    def scene(Standardise: Function) -> dict[str, Any]:
        mean, std = _mean_and_std(x)
        module = Standardise(mean, std)
        result, saved = module(x), dict(module.state_dict())
        none, held = not list(module.parameters()), saved.keys() >= {"mean", "std"}
        dtypes = {getattr(tensor, "dtype", None) for tensor in saved.values()}
        return {
            "mean and std must be buffers: the module has no parameters": none,
            "mean and std must stand in the state_dict, or a checkpoint would lose them": held,
            "the buffers must have the dtype of mean and std": dtypes <= {x.dtype},
            "the standardised x": result,
            "the mean of the checkpoint": saved.get("mean"),
            "the std of the checkpoint": saved.get("std"),
        }

    return scene


def _standardised_on(device: str, label: str, x: Tensor) -> Scene:
    def scene(Standardise: Function) -> dict[str, Any]:
        report = watched(label, Standardise(*_mean_and_std(x)), x, device=device)
        check_made(label, report, device)
        return tensors_on(device, report, x.dtype)

    return scene


def run_cell(seed: int) -> Iterator[Case]:
    """Yield sequences; the groups are ``values``, ``device`` and ``cuda``."""
    for label, x, H in inputs(seed):
        yield Case(label, _ran(x, H), group="values")
    for device, group in places():
        for label, x, H in inputs(seed):
            yield Case(label, _ran_on(device, label, x, H), group=group)


def _cell(x: Tensor, H: int) -> nn.LSTMCell:
    torch.manual_seed(0)
    return nn.LSTMCell(x.shape[2], H, dtype=x.dtype)


def _ran(x: Tensor, H: int) -> Scene:
    def scene(run_cell: Function) -> dict[str, Any]:
        torch.set_grad_enabled(True)  # who has switched it off must not change what the answer does
        h, state = take_apart("run_cell", run_cell(_cell(x, H), x.clone()), ("h", "state"))
        pair = type(state) in (list, tuple) and len(state) == 2
        facts = {
            "the state must be the pair (h_T, c_T)": pair,
            "h must keep its gradients, or the cell cannot be trained": getattr(
                h, "requires_grad", True
            ),
        }
        return facts | {"h": h} | (dict(zip(("h_T", "c_T"), state, strict=True)) if pair else {})

    return scene


def _ran_on(device: str, label: str, x: Tensor, H: int) -> Scene:
    def scene(run_cell: Function) -> dict[str, Any]:
        report = watched(label, run_cell, _cell(x, H), x, device=device)
        check_made(label, report, device)
        facts = {"nothing must be copied to the CPU on the way": report["copies"] == 0}
        return facts | tensors_on(device, report, x.dtype)

    return scene


class Training(NamedTuple):
    """A model, its optimizer and batches on the CPU; two made alike are equal."""

    label: str
    model: nn.Module
    optimizer: torch.optim.SGD
    batches: list[tuple[Tensor, Tensor]]  # (N, T, D) and (N, 1), N differs from batch to batch

    @property
    def weights(self) -> Tensor:
        """Return all weights of the model, one after the other, as they are now."""
        return nn.utils.parameters_to_vector(self.model.parameters()).detach().clone()


def training(seed: int, number: int, dropout: float = 0.0) -> Training:
    """Return a small model with what it needs, in one of `SIZES`; it is in evaluation mode."""
    label, sizes, T, D, H, dtype = SIZES[number]
    torch.manual_seed(seed + number)
    layers = nn.Linear(T * D, H), nn.Tanh(), nn.Dropout(dropout), nn.Linear(H, 1)
    model = nn.Sequential(nn.Flatten(), *layers).to(dtype).eval()
    x = [torch.randn(n, T, D, dtype=dtype) for n in sizes]
    batches = [(part, torch.randn(len(part), 1, dtype=dtype) + 2.0) for part in x]
    return Training(label, model, torch.optim.SGD(model.parameters(), lr=0.1), batches)


def train_epoch(seed: int) -> Iterator[Case]:
    """Yield trainings of two epochs; the groups are ``values``, ``device`` and ``cuda``."""
    for number, (label, *_) in enumerate(SIZES):
        yield Case(label, _trained(seed, number, 0.0), group="values")
    dropping = f"a model with dropout, {SIZES[0][0]}"
    yield Case(dropping, _trained(seed, 0, 0.4), group="values")
    for device, group in places():
        for number, (label, *_) in enumerate(SIZES):
            yield Case(label, _trained_on(device, seed, number), group=group)


def _trained(seed: int, number: int, dropout: float) -> Scene:
    def scene(train_epoch: Function) -> dict[str, Any]:
        one = training(seed, number, dropout)
        start, arguments = one.weights, (one.model, one.optimizer, one.batches, CPU)
        torch.manual_seed(seed)
        first = train_epoch(*arguments)
        middle = one.weights
        torch.manual_seed(seed)
        second = train_epoch(*arguments)
        moved = not torch.equal(start, middle)
        return {
            "the weights do not change: backward fills the gradients, then step uses them": moved,
            "the model must be in training mode": one.model.training is True,
            "the loss of the first epoch": first,
            "the vector of weights after it": middle,
            "the loss of the second epoch": second,
            "the vector of weights after the second epoch": one.weights,
        }

    return scene


def _trained_on(device: str, seed: int, number: int) -> Scene:
    def scene(train_epoch: Function) -> dict[str, Any]:
        one = training(seed, number)
        given = (one.model, one.optimizer, one.batches, "device")
        report = watched(one.label, train_epoch, *given, device=device, stay=(2,))
        stays = report["parameters"] == [torch.device(device).type]
        if stays:
            check_made(one.label, report, device)
        return {
            "the parameters must stay on the device": stays,
            "the number of times that Python waits for the device": report["reads"]
            + report["copies"],
        }

    return scene


def predict(seed: int) -> Iterator[Case]:
    """Yield models with dropout and batches; the groups are ``values``, ``device``, ``cuda``."""
    for number, (label, *_) in enumerate(SIZES):
        yield Case(label, _predicted(seed, number), group="values")
    for device, group in places():
        for number, (label, *_) in enumerate(SIZES):
            yield Case(label, _predicted_on(device, seed, number), group=group)


def _predicted(seed: int, number: int) -> Scene:
    def scene(predict: Function) -> dict[str, Any]:
        one = training(seed, number, 0.5)
        one.model.train()
        torch.manual_seed(seed)
        forecasts = predict(one.model, [x for x, _ in one.batches], CPU)
        facts = {"the model must be in evaluation mode": one.model.training is False}
        return facts | {"the array of forecasts": forecasts}

    return scene


def _predicted_on(device: str, seed: int, number: int) -> Scene:
    def scene(predict: Function) -> dict[str, Any]:
        one = training(seed, number, 0.5)
        batches = [x for x, _ in one.batches]
        report = watched(one.label, predict, one.model, batches, "device", device=device, stay=(1,))
        stays = report["parameters"] == [torch.device(device).type]
        if stays:
            check_made(one.label, report, device)
        return {
            "the model must stay on the device": stays,
            "the forecasts must be computed on the device and come back": report["copies"] > 0,
            "the kind of the result": [kind for kind, *_ in described(report["result"])],
        }

    return scene


class SlowDevice:
    """A device that works through a queue by itself, with a clock that this moves on.

    ``work`` puts a job into the queue, which takes Python `LAUNCH` seconds; ``synchronise``
    waits until the queue is empty.

    Parameters
    ----------
    seconds : list of floats
        How long each job takes; after the last one the list begins anew.
    """

    LAUNCH = 0.25

    def __init__(self, seconds: list[float]) -> None:
        self.seconds = seconds
        self.jobs = self.looks = 0
        self._now, self._free = 100.0, 100.0  # the time, and when the queue will be empty

    def functions(
        self,
    ) -> tuple[Callable[[], None], Callable[[], None], Callable[[], float]]:
        """Return ``work``, ``synchronise`` and ``clock``."""

        def work() -> None:
            self._now += self.LAUNCH
            job = self.seconds[self.jobs % len(self.seconds)]
            self._free = max(self._free, self._now) + job
            self.jobs += 1

        def synchronise() -> None:
            self._now = max(self._now, self._free)

        def clock() -> float:
            self.looks += 1
            return self._now

        return work, synchronise, clock


def job_times(seed: int, warm_up: int, repeats: int) -> list[float]:
    """Return times for jobs: slow ones to warm up, then fast ones with a slow one among them."""
    draw = random.Random(seed)
    slow = [draw.uniform(40, 60) for _ in range(warm_up)]
    usual = [draw.uniform(1, 3) for _ in range(repeats - 1)]
    usual.insert(warm_up % repeats, draw.uniform(20, 30))  # in another place for each case
    return slow + usual


def median_seconds(seed: int) -> Iterator[Case]:
    """Yield slow devices, with odd and even numbers of measurements; once the defaults."""
    for label, warm_up, repeats in (
        ("2 to warm up, 3 measured", 2, 3),
        ("1 to warm up, 4 measured", 1, 4),
        ("3 to warm up, 6 measured", 3, 6),
        ("none to warm up, 5 measured", 0, 5),
    ):
        jobs = job_times(seed + repeats, warm_up, repeats)
        yield Case(label, _timed(jobs, (warm_up, repeats)))
    yield Case("the defaults, 2 to warm up, 5 measured", _timed(job_times(seed, 2, 5), ()))


def _timed(jobs: list[float], numbers: tuple[int, ...]) -> Scene:
    def scene(median_seconds: Function) -> dict[str, Any]:
        device = SlowDevice(jobs)
        found = median_seconds(*device.functions(), *numbers)
        return {
            "the time must be read from clock, the argument": device.looks > 0,
            "the number of times that the work is done": device.jobs,
            "the number of seconds": found if device.looks else None,
        }

    return scene


def keras_zero_state(seed: int) -> Iterator[Case]:
    """Yield batches on devices of TensorFlow; the groups are ``values``, ``device``, ``cuda``."""
    rng = np.random.default_rng(seed)
    places = ("CPU:1", "CPU:0")
    for place, dtype, N, T, D, H in zip(
        places, (np.float32, np.float64), (3, 1), (5, 4), (2, 6), (4, 3), strict=True
    ):
        x = rng.standard_normal((N, T, D)).astype(dtype)
        for group, show in (("values", _keras_values), ("device", _keras_place)):
            yield Case(f"x on {place} in {x.dtype}", show(place, x, H), group=group)
    if has_tensorflow_gpu():
        x = rng.standard_normal((3, 5, 2)).astype(np.float32)
        yield Case("x on GPU:0", _keras_place("GPU:0", x, 4), group="cuda")


def _keras_state(device: str, function: Function, x: Any, H: int) -> Sequence[Any]:
    found: Sequence[Any] = beside_student(run_on_tensorflow_device, device, function, x, H)
    return found


def _keras_values(device: str, x: Any, H: int) -> Scene:
    def scene(keras_zero_state: Function) -> dict[str, Any]:
        state = _keras_state(device, keras_zero_state, x, H)
        arrays = [array for _, _, array in state]
        facts = {
            "two tensors must come back, h0 and c0": len(state) == 2,
            "h0 and c0 must be tensors of TensorFlow": all(a is not None for a in arrays),
            "h0 and c0 must have the dtype of x": {kind for _, kind, _ in state} <= {str(x.dtype)},
        }
        return facts | dict(zip(("h0", "c0"), arrays, strict=False))

    return scene


def _keras_place(device: str, x: Any, H: int) -> Scene:
    def scene(keras_zero_state: Function) -> dict[str, Any]:
        state = _keras_state(device, keras_zero_state, x, H)
        found = dict(zip(("the place of h0", "the place of c0"), state, strict=False))
        return {name: place for name, (place, _, _) in found.items()}

    return scene


def average_gradients(seed: int) -> Iterator[Case]:
    """Yield the gradients of several processes; the groups are ``values``, ``device``, ``cuda``."""
    for label, sizes, dtype in _SHARES:
        gradients = _gradients(seed, sizes, dtype)
        yield Case(label, {"gradients": gradients, "sizes": sizes}, group="values")
    for device, group in places():
        for label, sizes, dtype in _SHARES:
            gradients = _gradients(seed, sizes, dtype)
            yield Case(label, _averaged_on(device, label, gradients, sizes), group=group)


_SHARES: tuple[tuple[str, list[int], torch.dtype], ...] = (
    ("shares of 3 and 1", [3, 1], torch.float64),
    ("shares of 2, 5 and 4", [2, 5, 4], torch.float32),
    ("two shares of 3", [3, 3], torch.float64),
    ("a single process", [4], torch.float64),
    ("shares of 0, 2 and 6", [0, 2, 6], torch.float64),
)


def _gradients(seed: int, sizes: list[int], dtype: torch.dtype) -> list[list[Tensor]]:
    """Return a list for each process; the mean over no example is nan."""
    draw = torch.Generator().manual_seed(seed)
    shapes = (3, 4), (5,), (2, 3, 1), (1,)
    drawn = [[torch.randn(s, generator=draw, dtype=dtype) for s in shapes] for _ in sizes]
    return [[g if n else g * np.nan for g in own] for own, n in zip(drawn, sizes, strict=True)]


def _averaged_on(device: str, label: str, gradients: list[list[Tensor]], sizes: list[int]) -> Scene:
    def scene(average_gradients: Function) -> dict[str, Any]:
        report = watched(label, average_gradients, gradients, list(sizes), device=device)
        check_made(label, report, device)
        waits = report["reads"] + report["copies"]
        facts = {"Python must not wait for the device": waits == 0}
        return facts | tensors_on(device, report, gradients[0][0].dtype)

    return scene
