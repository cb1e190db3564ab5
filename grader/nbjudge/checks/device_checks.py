"""Checks of what a student's function does on other devices than the CPU.

The meta device stands for a GPU on every machine (see `devices`); a real GPU is used where
there is one.  Reports come from the student's process and are its word: let a test compare
values as well, so that a device part alone never gives all points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import torch

from nbjudge.checks.arrays import CheckFailed, note_texts
from nbjudge.checks.calls import beside_student
from nbjudge.checks.devices import run_on
from nbjudge.checks.parts import Parts

GPU_PART = "on a real GPU"
NO_GPU = "no GPU"
WHAT_FAILS = "On another device your function fails"
WHERE_MADE = "A tensor is created on the CPU while the rest is on another device"
WHERE_RESULT = "The result is on the wrong device, or of the wrong kind"


def check_run(
    name: str,
    function: Callable[..., Any],
    *arguments: Any,
    expected: Any = None,
    device: str = "meta",
    stay: Sequence[int] = (),
) -> dict[str, Any]:
    """Check that a function works on another device; return the report of `run_on`.

    Parameters
    ----------
    name : str
        What the case is called.
    function, *arguments
        The student's function and its arguments, on the CPU; see `run_on`.
    expected : nested lists, optional
        The result that is wanted, as `described` gives it; ``"device"`` stands for ``device``.
    device, stay
        See `run_on`.

    Raises
    ------
    CheckFailed
        If the call fails, makes a tensor on the CPU, or returns something else.
    """
    report = watched(name, function, *arguments, device=device, stay=stay)
    check_made(name, report, device)
    wanted = _at(expected, torch.device(device).type)
    if expected is not None and report["result"] != wanted:
        place = _place(device)
        message = f"{name}: on {place} the result must be {wanted}, but yours is {report['result']}"
        raise CheckFailed(message.replace("'meta'", "'device'"), WHERE_RESULT, name)
    return report


def watched(
    name: str,
    function: Callable[..., Any],
    *arguments: Any,
    device: str = "meta",
    stay: Sequence[int] = (),
) -> dict[str, Any]:
    """Return the report of `run_on` of a function that works on another device.

    Parameters and exception are those of `check_run`; what the function made, and what it
    returned, is in the report, and nothing is said of it.
    """
    note_texts(name, WHAT_FAILS, WHERE_MADE, WHERE_RESULT)
    report = beside_student(run_on, device, tuple(stay), function, *arguments)
    if type(report) is not dict or type(report.get("created")) is not list:
        raise CheckFailed("your code interfered with the test", "Not a report")
    if report["error"]:
        line = report.get("line", "")
        reasons = [f"{report['error']}{line}", *_made(report, other_than=line)]
        message = f"{name}: on {_place(device)} this fails: {'; '.join(reasons)}"
        raise CheckFailed(message, WHAT_FAILS, name)
    return report


def check_made(name: str, report: dict[str, Any], device: str) -> None:
    """Check that no tensor was made on the CPU while the rest was on another device.

    Raises
    ------
    CheckFailed
        With the shape of the first one, and the line that made it.
    """
    note_texts(name)
    for made in _made(report):
        advice = "make it on the device of the input"
        message = f"{name}: while the rest is on {_place(device)}, {made}: {advice}"
        raise CheckFailed(message, WHERE_MADE, name)


def has_gpu(*_: object) -> bool:
    """Return whether PyTorch sees a GPU; arguments only say next to whose code to look."""
    return torch.cuda.is_available()


def has_tensorflow_gpu(*_: object) -> bool:
    """Return whether TensorFlow sees a GPU."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def gpu_part(
    parts: Parts,
    points: float,
    function: object,
    check: Callable[[str], object],
    present: Callable[..., bool] = has_gpu,
) -> None:
    """Run ``check("cuda")`` as a part of its own; without a GPU, list the part as not run.

    ``function`` is the student's: what counts is whether that process sees a GPU.
    """
    note_texts(GPU_PART, NO_GPU)
    if beside_student(present, function) is True:
        with parts.part(GPU_PART, points):
            check("cuda")
    else:
        parts.not_run(GPU_PART, points, NO_GPU)


def with_devices(
    cuda: bool, mps: bool, function: Callable[..., Any], *arguments: Any
) -> tuple[str, str]:
    """Return the type of ``function(*arguments)`` and its text, on a machine with these devices.

    Runs next to the student's code; what PyTorch says of the machine is replaced meanwhile.
    """
    found = torch.device("cuda" if cuda else "mps") if cuda or mps else None
    answers = {
        "torch.cuda.is_available": cuda,
        "torch.cuda.device_count": int(cuda),
        "torch.backends.mps.is_available": mps,
        "torch.accelerator.is_available": cuda or mps,
        "torch.accelerator.current_accelerator": found,
    }
    patches = [
        mock.patch(name, lambda *_, value=value, **__: value) for name, value in answers.items()
    ]
    for patch in patches:
        patch.start()
    try:
        result = function(*arguments)
    finally:
        for patch in patches:
            patch.stop()
    return type(result).__name__, str(result)


def two_cpu_devices() -> None:
    """Split the CPU into two logical devices for TensorFlow; a second call changes nothing."""
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    if tf.config.get_logical_device_configuration(cpu) is None:
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * 2
        )


def run_on_tensorflow_device(
    device: str, function: Callable[..., Any], array: Any, *arguments: Any
) -> Any:
    """Return the results of ``function(tensor, *arguments)``, each as (device, dtype, array).

    Runs next to the student's code.  ``array`` becomes a tensor on ``device``; outside of the
    call, new tensors go to the first CPU as ever.
    """
    import tensorflow as tf

    with tf.device(device):
        tensor = tf.identity(tf.constant(array))
    results = function(tensor, *arguments)
    found = []
    for result in results if isinstance(results, (list, tuple)) else [results]:
        place = str(getattr(result, "device", "")).rpartition("device:")[2]
        value = getattr(result, "numpy", lambda: None)()
        found.append((place, str(getattr(value, "dtype", "")), value))
    return found


def _made(report: dict[str, Any], other_than: str = "") -> list[str]:
    """Return what was made first on the CPU, in words, but for what a line named already made."""
    return [
        f"a tensor of shape {tuple(note['shape'])} is created on the {note['device']}{note['line']}"
        for note in report["created"][:1]
        if not note["line"] or note["line"] != other_than
    ]


def _place(device: str) -> str:
    return "a GPU" if device == "meta" else device


def _at(expected: Any, device: str) -> Any:
    if isinstance(expected, (list, tuple)):
        return [_at(item, device) for item in expected]
    if isinstance(expected, dict):
        return {key: _at(item, device) for key, item in expected.items()}
    return device if expected == "device" else expected
