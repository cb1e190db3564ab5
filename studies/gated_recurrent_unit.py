"""How far counters reach in nine settings of the training, for `make long`.

Schema of lstm_course/results/gated_recurrent_unit.json

    schema, chapter, command, date, versions, hardware
    settings        the seeds, and the longest n that was looked at
    runs            list, one for each setting:
        bias, rate, updates         of the keeping gate, of Adam, how many
        H, parameters, reached      by the name of the cell: units, weights of the layer, and
                                    up to which n all strings are right (one a seed)
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import heading, load_reusable, write

SIZES = ({"LSTM": 6, "GRU": 7}, {"LSTM": 10, "GRU": 12}, {"LSTM": 4, "GRU": 5})
TRIED: tuple[tuple[float, float, int, dict[str, int]], ...] = (  # bias, rate, updates, H
    (1.0, 0.02, 1500, SIZES[0]),
    (1.0, 0.01, 3000, SIZES[0]),
    (3.0, 0.02, 1000, SIZES[0]),
    (3.0, 0.02, 1500, SIZES[0]),
    (3.0, 0.02, 3000, SIZES[0]),
    (3.0, 0.03, 1200, SIZES[0]),
    (3.0, 0.02, 1000, SIZES[1]),
    (5.0, 0.02, 1000, SIZES[0]),
    (5.0, 0.03, 1000, SIZES[2]),
)
SETTINGS: dict[str, Any] = {"seeds": [0, 1, 2, 3, 4], "longest": 60}


def measure(
    page: ModuleType,
    setting: tuple[float, float, int, dict[str, int]],
    seeds: list[int],
    longest: int,
) -> dict[str, Any]:
    """Train both cells with every seed in one setting; return its entry of the file."""
    bias, learning_rate, updates, sizes = setting
    entry: dict[str, Any] = {"bias": bias, "rate": learning_rate, "updates": updates, "H": sizes}
    entry.update(parameters={}, reached={})
    for kind, H in sizes.items():
        trained = [
            page.train_counter(kind, seed, H, bias, learning_rate, updates) for seed in seeds
        ]
        entry["parameters"][kind] = sum(array.size for array in trained[0][0])
        entry["reached"][kind] = [page.reach(one, longest) for one in trained]
    print(f"counting, {bias}, {learning_rate}, {updates}, {sizes}: {entry['reached']}", flush=True)
    return entry


def run(path: Path, quick: bool, force: bool) -> None:
    """Train in every setting; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    settings = {**SETTINGS, "seeds": [0]} if quick else SETTINGS
    tried = [
        (bias, learning_rate, 2 if quick else n, sizes) for bias, learning_rate, n, sizes in TRIED
    ]
    runs = [measure(page, setting, **settings) for setting in tried]
    results = {
        **heading(__name__),
        "settings": settings,
        "runs": runs,
    }
    write(path, results)
