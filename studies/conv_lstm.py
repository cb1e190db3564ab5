"""Moving digits with more seeds, updates and networks than the page has, for `make long`.

Schema of lstm_course/results/conv_lstm.json

    schema, chapter, command, date, versions, hardware
    settings    updates (of a ConvLSTM; others by their factor in NETWORKS) and seeds
    speeds      list, one for each largest speed of a digit:
        fastest     pixels a frame
        baselines   name: squared error of each predicted frame
        runs        list, one for each network:
            network, parameters
            errors      squared error of each predicted frame, one list a seed
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.records import THREADS, heading, load_reusable, write

SETTINGS: dict[str, Any] = {"updates": 400, "seeds": [0, 1, 2]}


def rounded(errors: Any) -> list[float]:
    """Return an array as a list of short numbers."""
    return [round(float(error), 4) for error in errors]


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every network on slow and on fast digits; write the errors.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    page.torch.set_num_threads(THREADS)
    settings: dict[str, Any] = {"updates": 2, "seeds": [0]} if quick else SETTINGS
    speeds = []
    for fastest in (1, 2):
        train, test = page.film_sets(fastest)
        answers = page.baselines(train, test, fastest)
        entry: dict[str, Any] = {
            "fastest": fastest,
            "baselines": {name: rounded(errors) for name, errors in answers.items()},
            "runs": [],
        }
        for name in page.NETWORKS:
            nets = [
                page.train_films(name, seed, train, settings["updates"])
                for seed in settings["seeds"]
            ]
            errors = [rounded(page.error_by_frame(page.predict(net, test), test)) for net in nets]
            parameters = sum(p.numel() for p in nets[0].parameters())
            entry["runs"].append({"network": name, "parameters": parameters, "errors": errors})
            last = [one[-1] for one in errors]
            print(f"at most {fastest} pixels, {name}: last frame {last}", flush=True)
        speeds.append(entry)
    results = {
        **heading(__name__),
        "settings": settings,
        "speeds": speeds,
    }
    write(path, results)
