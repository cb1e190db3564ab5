"""Nine variants of the LSTM on two tasks, longer and at two learning rates, for `make long`.

Schema of lstm_course/results/ablations.json

    schema, chapter, command, date, versions, hardware
    latch, chorales     one entry for each task:
        settings        updates, seeds, and how often the held-out sequences were looked at
        runs            list, one for each variant and learning rate:
            variant, learning_rate, H, parameters (head included)
            validation  one list a seed: the loss at each look
            test        the same for the test part (chorales only)
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import heading, load_reusable, write

SETTINGS: dict[str, dict[str, Any]] = {
    "latch": {"updates": 1000, "every": 50, "seeds": [0, 1, 2], "rates": [0.02, 0.007]},
    "chorales": {"updates": 900, "every": 50, "seeds": [0, 1, 2], "rates": [0.02, 0.007]},
}


def study(page: ModuleType, task: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Train every variant on one task at every rate; return the entry of the file."""
    train = getattr(page, f"train_{task}")
    keys = 1 if task == "latch" else page.HIGH - page.LOW + 1
    budget = page.LATCH_WEIGHTS if task == "latch" else page.CHORALE_WEIGHTS
    runs = []
    for variant in page.VARIANTS:
        H, parameters = page.size_for(budget, 2 if task == "latch" else keys, keys, variant)
        for learning_rate in settings["rates"]:
            seeds = tuple(settings["seeds"])
            seen = train(variant, seeds, settings["updates"], learning_rate, settings["every"])
            parts = [seen] if task == "latch" else [seen[:, 0], seen[:, 1]]
            entry = {
                "variant": variant,
                "learning_rate": learning_rate,
                "H": H,
                "parameters": parameters,
            }
            for name, part in zip(("validation", "test"), parts, strict=False):
                entry[name] = [[round(float(loss), 5) for loss in run] for run in part.T]
            runs.append(entry)
            best = [min(run) for run in entry["validation"]]
            print(f"{task}, {variant}, H = {H}, rate {learning_rate}: {best}", flush=True)
    return {"settings": settings, "runs": runs}


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every variant on both tasks; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    few = {"updates": 2, "every": 1, "seeds": [0, 1], "rates": [0.01]} if quick else {}
    results = {
        **heading(__name__),
        **{task: study(page, task, {**given, **few}) for task, given in SETTINGS.items()},
    }
    write(path, results)
