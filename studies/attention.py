"""Attention against a fixed vector on longer sentences, for `make long`.

Schema of lstm_course/results/attention.json

    schema, chapter, command, date, versions, hardware
    settings        longest sentence trained on, updates, the seeds, the lengths of the tests
    runs            list, one for each kind of attention:
        attention, H, parameters
        exact       share of sentences exactly right: a list for each seed, one entry a length
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.records import heading, load_reusable, write

SIZES = {"none": 57, "dot": 52, "additive": 48}
SETTINGS: dict[str, Any] = {
    "longest": 20,
    "updates": 1500,
    "seeds": [0, 1, 2],
    "lengths": [5, 10, 15, 20, 25, 30],
}


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every kind with every seed; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    settings = {**SETTINGS, "updates": 2, "seeds": [0]} if quick else SETTINGS
    given = (SIZES, settings["longest"], settings["updates"], settings["lengths"])
    runs = []
    for kind, H in SIZES.items():
        model = page.build(kind, 0, SIZES)
        exact = [page.run(kind, seed, *given) for seed in settings["seeds"]]
        count = sum(parameter.numel() for parameter in model.parameters())
        entry = {"attention": kind, "H": H, "parameters": count}
        runs.append({**entry, "exact": [[round(x, 3) for x in row] for row in exact]})
        print(f"attention, {kind}: {runs[-1]['exact']}", flush=True)
    results = {
        **heading(__name__),
        "settings": settings,
        "runs": runs,
    }
    write(path, results)
