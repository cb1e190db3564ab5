"""What the studies of `make long` share: the chapter's code, the machine, the file."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.environment import KERNEL_ENVIRONMENT

# Before a chapter imports NumPy, PyTorch and TensorFlow, which read these once.
THREADS = 1
os.environ.update(KERNEL_ENVIRONMENT, TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")

ROOT = Path(__file__).resolve().parents[1]


def chapter_of(study: str) -> Path:
    """Return the page that a study, ``"studies.NAME"``, belongs to: the one of its name.

    Raises
    ------
    FileNotFoundError
        If no chapter is called like the study.
    """
    name = study.rpartition(".")[2]
    found = sorted(ROOT.glob(f"chapters/*/{name}.md"))
    if not found:
        raise FileNotFoundError(f"studies/{name}.py needs a chapter of that name, {name}.md")
    return found[0]


def load_reusable(study: str) -> ModuleType:
    """Execute the cells tagged `reusable` of a study's chapter in a new module; return it."""
    import jupytext

    chapter = chapter_of(study)
    module = ModuleType(chapter.stem)
    for cell in jupytext.read(chapter).cells:
        if cell.cell_type == "code" and "reusable" in cell.metadata.get("tags", []):
            exec(compile(cell.source, str(chapter), "exec"), vars(module))
    return module


def hardware() -> dict[str, Any]:
    """Return what the figures were measured on."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    cpu = found.group(1).strip() if found else platform.processor() or platform.machine()
    return {"cpu": cpu, "cores": os.cpu_count(), "threads": THREADS}


def versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    tensorflow = "tensorflow"
    try:
        found = version(tensorflow)
    except ModuleNotFoundError:
        found = version("tensorflow-cpu")
    names = {name: version(name) for name in ("numpy", "torch", "keras")}
    return {"python": platform.python_version(), **names, tensorflow: found}


def dumps(value: Any) -> str:
    """Return pretty JSON in which a list of numbers stays on one line."""
    text = json.dumps(value, indent=1)
    return re.sub(r"\[[^][{}\"]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text) + "\n"


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace ``path`` in one step, so that no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(dumps(content), encoding="utf-8")
    os.replace(draft, path)


def today() -> str:
    """Return the date (UTC) as it stands in the files."""
    return datetime.now(UTC).date().isoformat()


def heading(study: str) -> dict[str, Any]:
    """Return how the file of a study begins: where its figures come from."""
    chapter = chapter_of(study)
    return {
        "schema": 1,
        "chapter": chapter.relative_to(ROOT).as_posix(),
        "command": f"python -m studies {chapter.stem}",
        "date": today(),
        "versions": versions(),
        "hardware": hardware(),
    }
