"""The popular film model with its settings, and longer trainings for rain, for `make long`.

Schema of lstm_course/results/weather_maps.json (a list over leads has one value a frame ahead)

    schema, chapter, command, date, versions, hardware
    settings    of both parts: filters, epochs (tutorial); hidden, updates (longer); seeds
    tutorial    {"padded on both sides": [...], "causal": [...]}, one entry a seed:
        reported    binary cross-entropy of the validation films over all frames
        last        that of their last frame alone
        on its own, true frames fed     lists over leads: csi, error (1000 x mean squared error);
                                        and tuned: CSI with cuts chosen on training films
    longer      {"ConvLSTM": [...], "ConvLSTM with the wind": [...]}, one entry a seed:
        tuned, error        as above, on the test films
        inner tuned, inner error    the same, five pixels away from the edges of the map
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from tools.records import THREADS, heading, load_reusable, write

SETTINGS: dict[str, Any] = {
    "filters": 8, "epochs": 12, "hidden": 8, "updates": 2000, "seeds": [0, 1, 2],
}  # fmt: skip


def rounded(values: Any) -> list[float]:
    """Return a list of short numbers."""
    return [round(float(value), 4) for value in values]


def judged(page: ModuleType, test: Any, forecast: Any, train: Any, on_train: Any) -> dict[str, Any]:
    """Return CSI, error and tuned CSI of a forecast of the test films, by lead."""
    csi, error = page.scores(test, forecast)
    tuned, _ = page.scores(test, forecast, page.best_cuts(train, on_train))
    return {"csi": rounded(csi), "error": rounded(error), "tuned": rounded(tuned)}


def cross_entropy(page: ModuleType, truth: Any, forecast: Any) -> float:
    """Return the mean binary cross-entropy, as Keras reports it."""
    losses = page.keras.losses.binary_crossentropy(truth, forecast)
    return round(float(page.np.mean(losses)), 4)


def tutorial_seed(
    page: ModuleType, films: dict[str, Any], causal: bool, seed: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """Train the popular model once and score it in all the ways of the page."""
    np = page.np
    model = page.fit_tutorial(
        films["train"], films["val"], seed, settings["filters"], causal, settings["epochs"]
    )
    val, test, train = films["val"], films["test"], films["train"][:200]
    said = np.asarray(model(val[:, :-1]))
    entry: dict[str, Any] = {
        "seed": seed,
        "reported": cross_entropy(page, val[:, 1:], said),
        "last": cross_entropy(page, val[:, -1:], said[:, -1:]),
    }
    truth, known = test[:, page.PAST :], train[:, page.PAST :]
    for name, feed in (("on its own", False), ("true frames fed", True)):
        forecast, on_train = (page.go_on(model, part, feed) for part in (test, train))
        entry[name] = judged(page, truth, forecast, known, on_train)
    return entry


def longer_seed(
    page: ModuleType, sets: dict[str, Any], moving: bool, seed: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """Train a network of the page for longer; return its scores on the test films."""
    winds = {name: page.find_wind(sets[name][0]) for name in ("train", "test")}
    net = page.fit(
        *sets["train"][:2],
        winds["train"],
        seed,
        moving,
        updates=settings["updates"],
        hidden=settings["hidden"],
        learning_rate=0.01,
    )
    forecast, on_train = (
        page.predict(net, sets[name][0], winds[name]) for name in ("test", "train")
    )
    truth, known = sets["test"][1], sets["train"][1][::3]
    entry: dict[str, Any] = {"seed": seed}
    for kind, crop in (("", page.np.s_[...]), ("inner ", page.INNER)):
        found = judged(page, truth[crop], forecast[crop], known[crop], on_train[::3][crop])
        entry |= {kind + "tuned": found["tuned"], kind + "error": found["error"]}
    return entry


def run(path: Path, quick: bool, force: bool) -> None:
    """Train everything and write the scores.  Always from scratch."""
    del force
    page = load_reusable(__name__)
    page.torch.set_num_threads(THREADS)
    settings = dict(SETTINGS)
    if quick:
        settings |= {"epochs": 1, "updates": 2, "seeds": [0]}
    sets = {name: page.film_set(name) for name in page.FILMS}
    films = {
        name: page.np.concatenate([past.numpy(), future.numpy()], axis=1)[..., None]
        for name, (past, future, _) in sets.items()
    }
    if quick:
        films["train"] = films["train"][:50]
    results: dict[str, Any] = {
        **heading(__name__), "settings": settings, "tutorial": {}, "longer": {},
    }  # fmt: skip
    for name, moving in (("ConvLSTM", False), ("ConvLSTM with the wind", True)):
        results["longer"][name] = []
        for seed in settings["seeds"]:
            entry = longer_seed(page, sets, moving, seed, settings)
            results["longer"][name].append(entry)
            print(name, seed, entry["tuned"], entry["error"], flush=True)
    for name, causal in (("padded on both sides", False), ("causal", True)):
        results["tutorial"][name] = []
        for seed in settings["seeds"]:
            entry = tutorial_seed(page, films, causal, seed, settings)
            results["tutorial"][name].append(entry)
            print(name, seed, entry, flush=True)
    write(path, results)
