"""RNN, GRU, LSTM and Transformer on one task over lengths and over sizes of data, for `make long`.

Schema of lstm_course/results/the_family.json

    schema, chapter, command, date, versions, hardware
    settings            updates, points of measurement, seeds, learning rates
    lengths, sizes      list, one entry for each network, learning rate and length (or number of
                        training sequences, at one length):
        network, rate, T, size      size is null where every batch is new
        shares                      one list a seed: right at the last step, from update 0 on
        milliseconds                median time of an update, one a seed
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import heading, load_reusable, write

SETTINGS: dict[str, Any] = {"updates": 400, "every": 50, "seeds": [0, 1, 2], "rates": [0.005, 0.02]}
QUICK: dict[str, Any] = {"updates": 2, "every": 1, "seeds": [0], "rates": [0.01]}
LENGTHS = [(T, None) for T in (16, 32, 64, 128)]
SIZES = [(32, size) for size in (32, 128, 512)]


def study(page: ModuleType, cases: Any, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Train every network in every case at every rate; return the entries of the file."""
    entries = []
    for T, size in cases:
        for network in page.WIDTHS:
            for learning_rate in settings["rates"]:
                options = {"every": settings["every"], "size": size, "learning_rate": learning_rate}
                done = [
                    page.train(network, T, seed, settings["updates"], **options)
                    for seed in settings["seeds"]
                ]
                shares = [[round(float(share), 3) for share in run] for run, _ in done]
                times = [round(1e3 * seconds, 2) for _, seconds in done]
                case = {"network": network, "rate": learning_rate, "T": T, "size": size}
                entries.append({**case, "shares": shares, "milliseconds": times})
                print(case, [run[-1] for run in shares], flush=True)
    return entries


def run(path: Path, quick: bool, force: bool) -> None:
    """Train everything; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    settings = QUICK if quick else SETTINGS
    results = {
        **heading(__name__),
        "settings": settings,
        "lengths": study(page, LENGTHS, settings),
        "sizes": study(page, SIZES, settings),
    }
    write(path, results)
