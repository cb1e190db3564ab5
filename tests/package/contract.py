"""The table of all cells: one row a module, one column a promise that every cell keeps.

A row names the module; its functions have the names and the form that ``lstm_course.arrays``
describes, and what differs from one cell to the next stands in the row: how weights and states
are drawn, the form of the inputs, the frameworks that compute the same.  ``test_contract.py`` runs
every column for every row.  A row that lacks a column has an entry ``contract-COLUMN`` (or
``contract-COLUMN of LABEL`` where other rows of the module have it) with a reason in
``tests/exceptions.toml``; a module with a cell and without a row has one of ``contract``.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import torch

from lstm_course.gradcheck import Problem, check_gradients, map_arrays
from lstm_course.lstm import LSTMWeights
from lstm_course.variants import (
    ablation,
    cnn_lstm,
    conv_lstm,
    recurrent_dropout,
    recurrent_dropout_torch,
    stacked,
)
from lstm_course.variants.min_rnn import (
    MinGRUWeights,
    MinLSTMWeights,
    init_min_rnn,
    min_rnn_parameter_count,
)

ROOT = Path(__file__).resolve().parents[2]


def first_states(final):
    """Return the states of PyTorch's own layers without the axis of layers, as a list."""
    return [state[0] for state in (final if isinstance(final, tuple) else (final,))]


def run_torch_layer(layer, x, state):
    """Run one of PyTorch's own layers; return all outputs in a row: h, then the final state."""
    states = [array[None] for array in state]
    h, final = layer(x, tuple(states) if len(states) > 1 else states[0])
    return [h, *first_states(final)]


def run_torch_cell(layer, x, state):
    """Run a PyTorch layer of the course, ``layer(x, state) -> h, state``."""
    h, final = layer(x, tuple(state) if len(state) > 1 else state[0])
    return [h, *(final if isinstance(final, tuple) else (final,))]


def run_keras_layer(layer, x, state):
    """Run a Keras layer that returns sequences and states."""
    return layer(x, initial_state=list(state))


def run_torch_slstm(layer, x, state):
    """Run PyTorch's sLSTM; no gradient flows through the stabiliser, which is held fixed."""
    *free, m = state
    h, final = layer(x, (*free, m.detach()))
    return [h + 0.0 * m.sum(), *final]


def run_torch_mlstm(layer, x, state):
    """Run PyTorch's mLSTM, whose state has no output in front; the stabiliser is held fixed."""
    h0, *free, m = state
    h, final = layer(x, (*free, m.detach()))
    return [h + 0.0 * (m.sum() + h0.sum()), h[:, -1], *final]


def run_keras_slstm(layer, x, state):
    """Run Keras' sLSTM; no gradient flows through the stabiliser, which is held fixed."""
    import keras

    *free, m = state
    h, final = layer(x, (*free, keras.ops.stop_gradient(m)))
    return [h + 0.0 * keras.ops.sum(m), *final]


def run_keras_min_rnn(layer, x, state):
    """Run Keras' minGRU or minLSTM."""
    return layer(x, state[0])


def stored_by_slstm(problem):
    """Return a problem with a positive normaliser, and no gradient of the stabiliser."""
    state, d_state = problem.state, problem.d_state
    return problem._replace(
        state=state._replace(n=0.5 + np.abs(state.n)), d_state=d_state._replace(m=0.0 * d_state.m)
    )


def stored_by_mlstm(problem):
    """Return a problem without a gradient of the stabiliser."""
    return problem._replace(d_state=problem.d_state._replace(m=0.0 * problem.d_state.m))


def true_slstm(final, point):
    """Return the states in the units of those at the point: the stabiliser is free to move."""
    scale = np.exp(final.m - point.m)
    return final._replace(c=final.c * scale, n=final.n * scale)


def true_mlstm(final, point):
    """Return the states in the units of those at the point: the stabiliser is free to move."""
    scale = np.exp(final.m - point.m)[:, None]
    return final._replace(C=final.C * scale[..., None], n=final.n * scale)


class Oracle(NamedTuple):
    """A framework's version of a cell: a module with ``to_...`` and ``from_...``.

    ``run(layer, x, state)`` returns the framework's outputs in a row: h, then the final state.
    ``options`` go to ``to_...``, ``form`` to ``from_...``.  ``refused`` are options of layers
    that compute another function, each alone, and of the layer that ``from_...`` takes.
    """

    module: str
    run: Callable[..., Any]
    options: Mapping[str, Any] = {}
    refused: tuple[Mapping[str, Any], ...] = ()
    #: Whether the way there and back gives every bit again.
    exact: bool = True
    form: Mapping[str, Any] = {}
    #: A layer without weights, where a copy that Keras makes comes with some.
    unbuilt: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Row:
    """A cell: where it is, and what is special about it."""

    name: str  # NAME in init_NAME, NAME_forward and so on
    module: str
    label: str = ""  # where a module has more than one row
    options: Mapping[str, Any] = field(default_factory=dict)  # of NAME_step and NAME_forward
    init: Callable[..., Any] | None = None  # (rng, D, H) -> weights; init_NAME if left out
    zero_state: Callable[..., Any] | None = None  # (N, H, dtype); NAME_zero_state if left out
    count: Callable[..., int] | None = None  # (D, H); NAME_parameter_count if left out
    shape: Callable[[int, int, int], tuple[int, ...]] = lambda N, T, D: (N, T, D)  # of x
    #: The largest N, T, D and H that are drawn: differences of many weights take long.
    most: tuple[int, int, int, int] = (3, 5, 4, 6)
    #: Change what was drawn where not every number will do.
    fit: Callable[[Problem], Problem] = lambda problem: problem
    #: What of the final state the gradient check compares, given the one at its point.
    compared: Callable[[Any, Any], Any] = lambda final, point: final
    #: Fields of the state, by their paths, which are held fixed: their gradient is zero.
    held: tuple[str, ...] = ()
    torch: Oracle | None = None
    keras: Oracle | None = None

    def __str__(self) -> str:
        return self.label or self.name

    @property
    def path(self) -> str:
        """The file of the module, as ``tests/exceptions.toml`` names it."""
        return f"{self.module.replace('.', '/')}.py"

    def call(self, pattern: str) -> Callable[..., Any]:
        """Return a function of the cell by its pattern, ``"NAME_step"`` say."""
        return getattr(importlib.import_module(self.module), pattern.replace("NAME", self.name))

    def forward(self, x: Any, weights: Any, state: Any = None) -> Any:
        """Run ``NAME_forward`` with the options of the row."""
        return self.call("NAME_forward")(x, weights, state, **self.options)

    def step(self, x_t: Any, state: Any, weights: Any) -> Any:
        """Run ``NAME_step`` with the options of the row."""
        return self.call("NAME_step")(x_t, state, weights, **self.options)

    def gradient_errors(
        self, problem: Problem, backward: Callable[..., Any] | None = None
    ) -> dict[str, float]:
        """Return the relative error of each gradient against central differences."""
        end = self.forward(problem.x, problem.weights, problem.state)[1]

        def forward(x: Any, weights: Any, state: Any) -> Any:
            h, final, cache = self.forward(x, weights, state)
            return h, self.compared(final, end), cache

        errors = check_gradients(problem, forward, backward or self.call("NAME_backward"))
        return {name: error for name, error in errors.items() if name not in self.held}

    def draw(self, seed: int, N: int = 3, T: int = 5, D: int = 4, H: int = 6) -> Problem:
        """Draw a problem in which nothing is zero: weights, states and upstream gradients."""
        rng = np.random.default_rng(seed)
        N, T, D, H = map(min, (N, T, D, H), self.most)

        def like(array: np.ndarray) -> np.ndarray:
            return 0.5 * rng.standard_normal(array.shape)

        init = self.init or self.call("init_NAME")
        zeros = self.zero_state or self.call("NAME_zero_state")
        state, weights = (map_arrays(like, tree) for tree in (zeros(N, H, float), init(rng, D, H)))
        x = rng.standard_normal(self.shape(N, T, D))
        h, final, _ = self.forward(x, weights, state)
        return self.fit(Problem(x, state, weights, like(h), map_arrays(like, final)))


def mask_of(N: int, weights: Any) -> np.ndarray:
    """Return the dropout mask (N, H) of a batch; the same for the same sizes."""
    rng, H = np.random.default_rng(N), len(weights.W_h)
    return recurrent_dropout.draw_mask(rng, (N, H), 0.4, np.asarray(weights.b).dtype)


class MaskedRow(Row):
    """A cell whose layer needs a mask (N, 1, H), and whose step one (N, H)."""

    def forward(self, x: Any, weights: Any, state: Any = None) -> Any:
        """Run ``NAME_forward`` with the mask of the batch."""
        mask = mask_of(len(x), weights)[:, None]
        return self.call("NAME_forward")(x, weights, state, mask=mask)

    def step(self, x_t: Any, state: Any, weights: Any) -> Any:
        """Run ``NAME_step`` with the mask of the batch."""
        return self.call("NAME_step")(x_t, state, weights, mask=mask_of(len(x_t), weights))


def run_torch_masked(layer, x, state):
    """Run variational dropout in PyTorch with the mask of the batch."""
    weights = recurrent_dropout_torch.from_torch(layer)
    h, final = layer(x, tuple(state), mask=torch.tensor(mask_of(len(x), weights)))
    return [h, *final]


def run_keras_masked(layer, x, state):
    """Run tied dropout in Keras with the mask of the batch."""
    layer.cell.fixed = mask_of(len(x), LSTMWeights(*layer.get_weights()))
    return layer(x, initial_state=list(state), training=True)


def run_torch_ablation(layer, x, state):
    """Run an ablation in PyTorch; what the variant does not carry is handed on."""
    h, final = layer(x, tuple(state))
    return [h, *final, *state[len(final) :]]


def run_keras_ablation(layer, x, state):
    """Run an ablation in Keras; what the variant does not carry is handed on."""
    size = len(layer.cell.state_size)
    return [*layer(x, initial_state=list(state[:size])), *state[size:]]


def run_torch_maps(layer, x, state):
    """Run a ConvLSTM of PyTorch, which has the channels first."""
    h, final = layer(x.movedim(-1, -3), tuple(a.movedim(-1, -3) for a in state))
    return [a.movedim(-3, -1) for a in (h, *final)]


def run_keras_sides(layer, x, state):
    """Run a bidirectional layer of Keras, whose states stand side by side."""
    h, c = state
    y, h_f, c_f, h_b, c_b = layer(x, initial_state=[h[0], c[0], h[1], c[1]])
    return [y, keras.ops.stack([h_f, h_b]), keras.ops.stack([c_f, c_b])]


def run_keras_stack(layer, x, state):
    """Run stacked cells of Keras, whose states are nested, layer by layer."""
    h, *final = layer(x, initial_state=[list(both) for both in zip(*state, strict=True)])
    return [h, *(keras.ops.stack(states) for states in zip(*final, strict=True))]


def small_sums(problem: Problem) -> Problem:
    """Make sums of a layer-norm LSTM small where a row of its weights is all that they consist of.

    One number times a vector has all but the same normalised value whatever the number is: where
    D or H is 1, the gradient of larger weights is all but zero, and differences are rounding.
    """
    W_x, W_h = (W * (0.1 if len(W) == 1 else 1.0) for W in problem.weights[:2])
    return problem._replace(weights=problem.weights._replace(W_x=W_x, W_h=W_h))


def ablation_row(variant: str) -> Row:
    """Return the row of one of the nine variants."""
    options = {"variant": variant}
    return Row(
        "ablation",
        "lstm_course.variants.ablation",
        f"ablation {variant}",
        options,
        partial(ablation.init_ablation, **options),
        partial(ablation.ablation_zero_state, **options),
        partial(ablation.ablation_parameter_count, **options),
        most=(3, 5, 3, 3),
        torch=Oracle("lstm_course.variants.ablation_torch", run_torch_ablation, options),
        keras=Oracle(
            "lstm_course.variants.ablation_keras",
            run_keras_ablation,
            KERAS_ALL | options,
            ({"go_backwards": True},),
        ),
    )


FRAME = (2, 3)


def conv_row(label: str, shape: Callable[[int], tuple[int, ...] | None]) -> Row:
    """Return a row of the ConvLSTM; ``shape(H)`` is that of a peephole."""
    per_unit = 3 * int(np.prod(shape(1) or (0,)))
    return Row(
        "conv_lstm",
        "lstm_course.variants.conv_lstm",
        label,
        init=lambda rng, D, H: conv_lstm.init_conv_lstm(rng, D, H, peepholes=shape(H)),
        zero_state=partial(conv_lstm.conv_lstm_zero_state, frame=FRAME),
        count=lambda D, H: conv_lstm.conv_lstm_parameter_count(D, H, peepholes=per_unit * H),
        shape=lambda N, T, D: (N, T, *FRAME, D),
        most=(2, 2, 2, 2),
        torch=Oracle("lstm_course.variants.conv_lstm_torch", run_torch_maps),
        keras=None
        if label
        else Oracle(
            "lstm_course.variants.conv_lstm_keras",
            run_keras_layer,
            KERAS_ALL | {"frame": FRAME},
            (*KERAS_GATED, {"dropout": 0.5}, {"recurrent_dropout": 0.5}),
        ),
    )


CNN = {"F": 2, "size": (2, 2), "positions": 4}  # for frames of 3 x 3
KERAS_SAME = ({"go_backwards": True}, {"activation": "relu"})
KERAS_GATED = (*KERAS_SAME, {"recurrent_activation": "hard_sigmoid"})
KERAS_ALL = {"return_sequences": True, "return_state": True}
TORCH_ONE = ({"num_layers": 2}, {"bidirectional": True})
BEFORE = {"reset_after": False}

VARIANTS = "lstm_course.variants"

ROWS = [
    Row(
        "lstm",
        "lstm_course.lstm",
        torch=Oracle(
            "lstm_course.lstm_torch", run_torch_layer, refused=(*TORCH_ONE, {"proj_size": 2})
        ),
        keras=Oracle("lstm_course.lstm_keras", run_keras_layer, KERAS_ALL, KERAS_GATED),
    ),
    Row(
        "rnn",
        "lstm_course.rnn",
        torch=Oracle(
            "lstm_course.rnn_torch", run_torch_layer, refused=(*TORCH_ONE, {"nonlinearity": "relu"})
        ),
        keras=Oracle("lstm_course.rnn_keras", run_keras_layer, KERAS_ALL, KERAS_SAME),
    ),
    Row(
        "gru",
        "lstm_course.gru",
        torch=Oracle("lstm_course.gru_torch", run_torch_layer, refused=TORCH_ONE),
        keras=Oracle("lstm_course.gru_keras", run_keras_layer, KERAS_ALL, (*KERAS_GATED, BEFORE)),
    ),
    Row(
        "gru",
        "lstm_course.gru",
        "gru, reset before the product",
        BEFORE,
        keras=Oracle(
            "lstm_course.gru_keras",
            run_keras_layer,
            KERAS_ALL | BEFORE,
            (*KERAS_GATED, {"reset_after": True}),
            exact=False,
            form=BEFORE,
        ),
    ),
    Row(
        "stacked",
        "lstm_course.variants.stacked",
        init=partial(stacked.init_stacked, L=2),
        zero_state=partial(stacked.stacked_zero_state, L=2),
        count=partial(stacked.stacked_parameter_count, L=2),
        torch=Oracle(
            "lstm_course.variants.stacked_torch",
            run_torch_cell,
            refused=({"bidirectional": True}, {"proj_size": 2}, {"bias": False}),
        ),
        keras=Oracle(
            "lstm_course.variants.stacked_keras", run_keras_stack, KERAS_ALL, KERAS_SAME[:1]
        ),
    ),
    Row(
        "bidirectional",
        "lstm_course.variants.bidirectional",
        torch=Oracle(
            "lstm_course.variants.bidirectional_torch",
            run_torch_cell,
            refused=(
                {"bidirectional": False},
                {"proj_size": 2, "bidirectional": True},
                {"bias": False, "bidirectional": True},
            ),
        ),
        keras=Oracle(
            "lstm_course.variants.bidirectional_keras",
            run_keras_sides,
            KERAS_ALL,
            KERAS_GATED[1:],
            unbuilt=lambda: keras.layers.Bidirectional(keras.layers.LSTM(3)),
        ),
    ),
    *map(ablation_row, ablation.VARIANTS),
    Row(
        "layer_norm",
        "lstm_course.variants.layer_norm",
        fit=small_sums,
        torch=Oracle("lstm_course.variants.layer_norm_torch", run_torch_cell),
        keras=Oracle(
            "lstm_course.variants.layer_norm_keras", run_keras_layer, KERAS_ALL, KERAS_SAME[:1]
        ),
    ),
    MaskedRow(
        "recurrent_dropout",
        "lstm_course.variants.recurrent_dropout",
        torch=Oracle("lstm_course.variants.recurrent_dropout_torch", run_torch_masked, {"p": 0.4}),
        keras=Oracle(
            "lstm_course.variants.recurrent_dropout_keras",
            run_keras_masked,
            KERAS_ALL | {"p": 0.4},
            KERAS_SAME[:1],
        ),
    ),
    conv_row("", lambda H: None),
    conv_row("conv_lstm, peepholes by channel", lambda H: (H,)),
    conv_row("conv_lstm, peepholes by position", lambda H: (*FRAME, H)),
    Row(
        "cnn_lstm",
        "lstm_course.variants.cnn_lstm",
        init=partial(cnn_lstm.init_cnn_lstm, **CNN),
        count=partial(cnn_lstm.cnn_lstm_parameter_count, **CNN),
        shape=lambda N, T, D: (N, T, 3, 3, D),
        most=(3, 5, 3, 3),
    ),
    *(
        Row(
            "slstm",
            f"{VARIANTS}.slstm",
            label,
            options,
            fit=stored_by_slstm,
            compared=true_slstm,
            held=("state.m",),
            torch=Oracle(f"{VARIANTS}.slstm_torch", run_torch_slstm, options),
            keras=Oracle(f"{VARIANTS}.slstm_keras", run_keras_slstm, options),
        )
        for label, options in (("slstm", {}), ("slstm, exp forget gate", {"exp_forget": True}))
    ),
    Row(
        "mlstm",
        f"{VARIANTS}.mlstm",
        fit=stored_by_mlstm,
        compared=true_mlstm,
        held=("state.m",),
        torch=Oracle(f"{VARIANTS}.mlstm_torch", run_torch_mlstm),
    ),
    *(
        Row(
            "min_rnn",
            f"{VARIANTS}.min_rnn",
            label,
            options,
            init=partial(init_min_rnn, kind=kind),
            count=partial(min_rnn_parameter_count, kind=kind),
            torch=Oracle(f"{VARIANTS}.min_rnn_torch", run_torch_cell, options),
            keras=Oracle(f"{VARIANTS}.min_rnn_keras", run_keras_min_rnn) if not options else None,
        )
        for label, kind, options in (
            ("minGRU", MinGRUWeights, {}),
            ("minLSTM", MinLSTMWeights, {}),
            ("minLSTM, positive candidate", MinLSTMWeights, {"is_positive": True}),
        )
    ),
]

COLUMNS = (
    "signatures",
    "types",
    "dtypes",
    "unchanged",
    "errors",
    "gradients",
    "steps",
    "defaults",
    "start",
    "count",
    "torch",
    "keras",
)


@cache
def excepted() -> set[tuple[str, str]]:
    """Return (path, rule) of the exceptions that concern this table."""
    listed = tomllib.loads((ROOT / "tests/exceptions.toml").read_text()).get("exception", [])
    pairs = {(entry["path"], entry["rule"]) for entry in listed}
    return {pair for pair in pairs if pair[1].split("-")[0] == "contract"}


def names_of(row: Row, column: str) -> set[tuple[str, str]]:
    """Return what an exception from a column may be called: for the module, for one row."""
    return {(row.path, f"contract-{column}"), (row.path, f"contract-{column} of {row}")}


def row_of(label: str) -> Row:
    """Return the row with this label."""
    return next(row for row in ROWS if str(row) == label)


def rows_with(column: str) -> list[Row]:
    """Return the rows that have a column, which is all but the excepted ones."""
    return [row for row in ROWS if not names_of(row, column) & excepted()]
