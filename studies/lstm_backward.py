"""The adding problem and the embedded Reber grammar, with more seeds and rates, for `make long`.

Schema of lstm_course/results/lstm_backward.json

    schema, chapter, command, date, versions, hardware
    adding, reber       one entry for each task:
        settings        the budget in updates, sequences an update, the seeds; T of adding
        runs            list, one for each network, its size H and learning rate:
            network, H, learning_rate, parameters
            sequences   trained on until solved, one entry a seed; null: not within the budget
            final       the last squared error (adding) or the share of strings right (reber)
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import heading, load_reusable, write

#: network, H and learning rates; "LSTM cut" does not carry dh back, as in the paper of 1997.
ADDING = (
    ("LSTM", 4, (0.02, 0.005)),
    ("LSTM", 16, (0.02, 0.005)),
    ("LSTM cut", 16, (0.02, 0.005)),
    ("RNN", 32, (0.02, 0.005, 0.001)),
)
REBER = (
    ("LSTM", 5, (0.03, 0.01)),
    ("LSTM", 8, (0.03, 0.01)),
    ("LSTM cut", 8, (0.03, 0.01)),
    ("RNN", 16, (0.03, 0.01, 0.003)),
)
ADDING_SETTINGS: dict[str, Any] = {"T": 100, "updates": 2500, "N": 32, "seeds": list(range(5))}
REBER_SETTINGS: dict[str, Any] = {"updates": 2500, "N": 10, "seeds": list(range(10))}


def study(page: ModuleType, task: str, networks: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Train every network of one task at every rate; return the entry of the file."""
    train = getattr(page, f"train_{task}")
    given = {name: value for name, value in settings.items() if name != "seeds"}
    runs = []
    for network, H, rates in networks:
        for learning_rate in rates:
            done = [train(network, seed, learning_rate, H=H, **given) for seed in settings["seeds"]]
            final = [float(log[-1]) for _, log, _ in done]
            solved = [end < 0.01 if task == "adding" else end == 1.0 for end in final]
            entry = {
                "network": network,
                "H": H,
                "learning_rate": learning_rate,
                "parameters": int(sum(array.size for array in done[0][0])),
                "sequences": [
                    count if ok else None for (*_, count), ok in zip(done, solved, strict=True)
                ],
                "final": [round(end, 4) for end in final],
            }
            runs.append(entry)
            print(
                f"{task}, {network}, H = {H}, rate {learning_rate}: {entry['sequences']}",
                flush=True,
            )
    return {"settings": settings, "runs": runs}


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every network on both tasks; write what came out.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    tasks = {"adding": (ADDING, ADDING_SETTINGS), "reber": (REBER, REBER_SETTINGS)}
    if quick:
        few = {"updates": 2, "seeds": [0]}
        tasks = {
            task: (networks, {**settings, **few}) for task, (networks, settings) in tasks.items()
        }
    results = {
        **heading(__name__),
        **{task: study(page, task, *given) for task, given in tasks.items()},
    }
    write(path, results)
