"""What a call depends on besides its arguments: random states, error states, gradient mode.

The judge sends its own state along with every call, so that ``torch.manual_seed(0)`` or
``np.errstate(over="raise")`` in a test holds for the student's code too.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np


def current() -> dict[str, Any]:
    """Return the state of this process."""
    state: dict[str, Any] = {
        "errors": np.geterr(),
        "random": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002  (students may use the global generator)
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        state["torch"] = torch.random.get_rng_state()
        state["grad"] = torch.is_grad_enabled()
        state["dtype"] = torch.get_default_dtype()
    if "keras" in sys.modules:
        state["keras"] = _keras_seed()
    return state


@contextmanager
def applied(state: dict[str, Any]) -> Iterator[None]:
    """Run the block in ``state``; error states and modes are put back afterwards."""
    random.setstate(state["random"])
    with ExitStack() as stack:
        stack.enter_context(np.errstate(**state["errors"]))
        if state.get("keras") is not None:
            import keras

            keras.utils.set_random_seed(state["keras"])
        if "torch" in state:
            import torch

            torch.random.set_rng_state(state["torch"])
            torch.set_default_dtype(state["dtype"])
            stack.enter_context(torch.set_grad_enabled(state["grad"]))
        np.random.set_state(state["numpy"])  # noqa: NPY002
        yield


def draw_once() -> None:
    """Draw once from every generator, so that two calls in a row do not get the same numbers."""
    random.random()
    np.random.random()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.rand(1)


def seed(number: int) -> None:
    """Set every generator of this process."""
    number %= 2**32
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(number)
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(number)


def _keras_seed() -> int | None:
    from keras.src.utils import rng_utils

    found = rng_utils.get_random_seed()
    return None if found is None else int(found)
