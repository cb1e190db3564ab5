"""Keeps TensorFlow and the triton of PyTorch's CUDA build from crashing each other.

The first optimizer of PyTorch loads triton's library if there is one.  If TensorFlow's was
loaded before it, the process ends in a segmentation fault; the other way round both work.
Importing this module settles the matter for the whole process.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path

GPU_DEVICES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))  # Linux; Linux inside Windows


def has_gpu() -> bool:
    """Say whether this machine shows a device that triton can compile for."""
    return any(device.exists() for device in GPU_DEVICES)


def settle_triton(gpu: bool) -> None:
    """Load triton while that is safe and of use; else let PyTorch find none.

    Without triton PyTorch works as its CPU build does, which has none: only ``torch.compile``
    for a GPU needs it.  ``gpu`` says whether the machine has one that triton can compile for.
    """
    if "triton" in sys.modules:
        return
    if gpu and "tensorflow" not in sys.modules:
        with contextlib.suppress(ImportError):
            importlib.import_module("triton")
    else:
        sys.modules["triton"] = None  # type: ignore[assignment]  # an import of it now fails


settle_triton(has_gpu())
