"""The recall race of the chapter on vanishing gradients at longer lags, for `make long`.

Schema of lstm_course/results/vanishing_gradients.json

    schema, chapter, command, date, versions, hardware
    settings    updates (the budget of a run) and seeds
    runs        list, one for each network, lag T and learning rate:
        network, T, learning_rate
        accuracy    on 1,000 new sequences, one entry a seed; 0.5 is a coin
        updates     done before the run stopped, one entry a seed
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.records import THREADS, heading, load_reusable, write

LAGS = (60, 100, 200)
RATES = (0.003, 0.01)
NETWORKS = (
    "RNN tanh",
    "RNN orthogonal",
    "LSTM default",
    "LSTM bias 1",
    "LSTM bias 3",
    "LSTM chrono",
)
SETTINGS: dict[str, Any] = {"updates": 400, "seeds": list(range(10))}


def run(path: Path, quick: bool, force: bool) -> None:
    """Train every network at every lag and rate; write the accuracies.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    page.torch.set_num_threads(THREADS)
    settings: dict[str, Any] = {"updates": 5, "seeds": [0]} if quick else SETTINGS
    runs = []
    for T in LAGS[:1] if quick else LAGS:
        for learning_rate in RATES:
            for network in NETWORKS:
                done = [
                    page.train_recall(
                        network, seed, learning_rate, T=T, updates=settings["updates"]
                    )
                    for seed in settings["seeds"]
                ]
                accuracy = [round(score, 3) for score, _ in done]
                updates = [len(norms) for _, norms in done]
                entry = {"network": network, "T": T, "learning_rate": learning_rate}
                runs.append({**entry, "accuracy": accuracy, "updates": updates})
                print(f"T = {T}, rate {learning_rate}, {network}: accuracy {accuracy}", flush=True)
    results = {
        **heading(__name__),
        "settings": settings,
        "runs": runs,
    }
    write(path, results)
