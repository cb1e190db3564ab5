"""The full models of the chapter on stock prices, for `make long`.

A run that the file already holds with the same settings and seed is skipped, so an interrupted
run goes on where it stopped; the file is replaced atomically after every seed.

Schema of lstm_course/results/stock_forecasting.json (prices and errors in USD)

    schema      1
    chapter     path of the page whose code ran
    command     what regenerates the file
    data        days; train, val, test: [first, past the last] day to predict
    baseline    persistence on the test days: rmse, mae
    runs        {name: run}, and each run has
        framework, task     "torch" or "keras"; the chapter's function that makes the data
        settings            the arguments of fit_torch or fit_keras
        parameters          number of trainable weights
        date                day on which its last seed finished, UTC
        versions            python, numpy, torch, keras, tensorflow
        hardware            cpu (model name), cores, threads
        seeds               list, one a seed:
            seed, seconds
            best, last      epoch (from 1), val_rmse, rmse, mae, ratio = rmse / persistence rmse;
                            best is the epoch with the lowest validation error
            val_rmse, test_rmse     after every epoch; the test part chooses nothing
            clipped         torch only: share of the epochs with a gradient norm above `clip`
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import ROOT, THREADS, chapter_of, hardware, load_reusable, today, versions, write

SEEDS = (0, 1, 2)

TORCH_FULL = {
    "hidden": 128, "layers": 2, "dropout": 0.2, "epochs": 50, "batch": 32,
    "learning_rate": 1e-3, "clip": 1.0,
}  # fmt: skip
KERAS_FULL = {
    "hidden": 50, "layers": 4, "dropout": 0.2, "epochs": 20, "batch": 32,
    "learning_rate": 1e-3, "patience": 20,
}  # fmt: skip
STOCK_RUNS = {
    "keras_4x50_level": ("keras", "level_task", KERAS_FULL),
    "torch_2x128_level": ("torch", "level_task", TORCH_FULL),
    "torch_2x128_leaky_scaler": ("torch", "leaky_task", TORCH_FULL),
    "torch_2x128_residual": ("torch", "residual_task", TORCH_FULL),
}


def usable(kept: dict[str, Any], fresh: dict[str, Any], seeds: Sequence[int]) -> bool:
    """Say whether a run of the file still stands: same settings, and whole or of this machine."""
    if any(kept.get(key) != fresh[key] for key in ("framework", "task", "settings")):
        return False
    whole = set(seeds) <= {entry["seed"] for entry in kept["seeds"]}
    return whole or all(kept[key] == fresh[key] for key in ("versions", "hardware"))


def stock_seed(
    page: ModuleType,
    close: Any,
    kind: tuple[str, str, dict[str, Any]],
    seed: int,
    say: Callable[[str], None],
) -> tuple[dict[str, Any], int]:
    """Train one model of the chapter; return its entry in ``seeds`` and its size."""
    framework, task, settings = kind
    parts = page.split_by_time(len(close))
    data, price = getattr(page, task)(close, parts)
    predict = page.predict_torch if framework == "torch" else page.predict_keras
    scores: dict[str, list[tuple[float, float]]] = {"val": [], "test": []}
    start = time.perf_counter()

    def after_epoch(model: Any) -> None:
        for name, seen in scores.items():
            predicted = price(predict(model, data[name][0]), parts[name])
            actual = close[parts[name]]
            seen.append((page.rmse(actual, predicted), page.mae(actual, predicted)))
        say(
            f"epoch {len(seen):2}  val RMSE {scores['val'][-1][0]:6.2f}"
            f"  test RMSE {scores['test'][-1][0]:6.2f} USD  {time.perf_counter() - start:5.0f} s"
        )

    arguments = {**settings, "after_epoch": after_epoch}
    if framework == "torch":
        model, history = page.fit_torch(data["train"], data["val"], seed, **arguments)
        size = sum(weights.numel() for weights in model.parameters())
    else:
        with tempfile.TemporaryDirectory() as folder:
            arguments["checkpoint"] = str(Path(folder) / "best.keras")
            model, history = page.fit_keras(data["train"], data["val"], seed, **arguments)
        size = model.count_params()

    days = parts["test"]
    persistence = page.rmse(close[days], close[days.start - 1 : days.stop - 1])

    def at(epoch: int) -> dict[str, float]:
        error, absolute = scores["test"][epoch]
        figures = {"val_rmse": scores["val"][epoch][0], "rmse": error, "mae": absolute}
        figures["ratio"] = error / persistence
        return {"epoch": epoch + 1, **{name: round(value, 3) for name, value in figures.items()}}

    entry: dict[str, Any] = {"seed": seed, "seconds": round(time.perf_counter() - start)}
    entry["best"] = at(history["val"].index(min(history["val"])))
    entry["last"] = at(len(scores["test"]) - 1)
    for name, seen in scores.items():
        entry[f"{name}_rmse"] = [round(error, 2) for error, _ in seen]
    if "norm" in history:
        above = [norm > settings["clip"] for norm in history["norm"]]
        entry["clipped"] = round(sum(above) / len(above), 3)
    return entry, size


def run(path: Path, quick: bool, force: bool) -> None:
    """Train the full models of the chapter on stock prices and write their figures."""
    page = load_reusable(__name__)
    page.torch.set_num_threads(THREADS)
    close = page.load_ibm_prices()["close"].to_numpy()
    parts = page.split_by_time(len(close))
    days = parts["test"]
    last = close[days.start - 1 : days.stop - 1]
    results: dict[str, Any] = {
        "schema": 1,
        "chapter": chapter_of(__name__).relative_to(ROOT).as_posix(),
        "command": "python -m studies stock_forecasting",
        "data": {"days": len(close), **{n: [p.start, p.stop] for n, p in parts.items()}},
        "baseline": {
            "rmse": round(page.rmse(close[days], last), 3),
            "mae": round(page.mae(close[days], last), 3),
        },
        "runs": {},
    }
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not force else {}
    same_data = all(known.get(key) == results[key] for key in ("schema", "data"))
    seeds = SEEDS[:1] if quick else SEEDS
    for name, (framework, task, full) in STOCK_RUNS.items():
        fresh = {
            "framework": framework,
            "task": task,
            "settings": {**full, "epochs": 1} if quick else full,
            "versions": versions(),
            "hardware": hardware(),
            "seeds": [],
        }
        kept = known["runs"].get(name, {}) if same_data else {}
        results["runs"][name] = kept if usable(kept, fresh, seeds) else fresh
    for name, run in results["runs"].items():
        for seed in seeds:
            if any(entry["seed"] == seed for entry in run["seeds"]):
                print(f"{name} seed {seed}: kept from {run['date']}", flush=True)
                continue

            def say(line: str, label: str = f"{name} seed {seed}") -> None:
                print(label, line, flush=True)

            kind = (run["framework"], run["task"], run["settings"])
            entry, run["parameters"] = stock_seed(page, close, kind, seed, say)
            run["date"] = today()
            run["seeds"].append(entry)
            write(path, results)
    write(path, results)
    print(f"written: {path.name}", flush=True)
