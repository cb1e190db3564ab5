"""The continual embedded Reber grammar with and without a forget gate, for `make long`.

Schema of lstm_course/results/after_1997.json

    schema, chapter, command, date, versions, hardware
    settings            updates, points of measurement, seeds
    runs                network -> one list for each seed, with a pair for each measurement:
                        the share of symbols recalled on new streams, and the largest |c|
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.records import heading, load_reusable, write

SETTINGS: dict[str, Any] = {"updates": 2000, "every": 50, "seeds": list(range(5))}
QUICK: dict[str, Any] = {"updates": 4, "every": 2, "seeds": [0]}


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every network with every seed; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    settings = QUICK if quick else SETTINGS
    runs: dict[str, list[Any]] = {}
    for network in page.NETWORKS:
        runs[network] = []
        for seed in settings["seeds"]:
            log = page.train_stream(network, seed, settings["updates"], settings["every"])
            runs[network].append(
                [[round(float(share), 3), round(float(size), 1)] for share, size in log]
            )
            print(f"{network}, seed {seed}: {runs[network][-1][-1]}", flush=True)
    results = {
        **heading(__name__),
        "settings": settings,
        "runs": runs,
    }
    write(path, results)
