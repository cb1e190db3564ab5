"""Answers to the assignment keras_training: wrong ones, each with the points it loses, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

CELL = """
class HandCell(CellWeights):
    def call(self, x_t, states):
        h_prev, c_prev = states
        a = ops.matmul(x_t, self.kernel) + ops.matmul(h_prev, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(a, 4, axis=-1)
        c_t = ops.sigmoid(f) * c_prev + ops.sigmoid(i) * ops.tanh(g)
        h_t = ops.sigmoid(o) * ops.tanh(c_t)
        return h_t, [h_t, c_t]
"""

STACKED = """
def stacked(D, H, L, every_step=False):
    model = keras.Sequential()
    model.add(keras.Input((None, D)))
    for k in range(L):
        top = k == L - 1
        model.add(keras.layers.RNN(HandCell(H), return_sequences=every_step or not top))
    model.add(keras.layers.Dense(1))
    return model
"""

STEP = """
def training_step(model, x, y, max_norm):
    with tf.GradientTape() as tape:
        forecast = model(x, training=True)
        loss = ops.mean(ops.square(forecast - y))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    gradients, norm = tf.clip_by_global_norm(gradients, max_norm)
    model.optimizer.apply(gradients, variables)
    return float(loss), float(norm)
"""

TRAIN = """
def train(model, train_set, valid_set, epochs, batch_size, max_norm):
    (x, y), (xv, yv) = train_set, valid_set
    losses, valid_losses = [], []
    for epoch in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            xb, yb = x[start : start + batch_size], y[start : start + batch_size]
            loss, norm = training_step(model, xb, yb, max_norm)
            total += loss * len(xb)
        losses.append(total / len(x))
        valid_losses.append(float(ops.mean((model(xv, training=False) - yv) ** 2)))
    return losses, valid_losses
"""

CHUNKS = """
def forecast_in_chunks(model, x, chunk):
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()
    pieces = []
    for start in range(0, x.shape[1], chunk):
        pieces.append(model(x[:, start : start + chunk]).numpy())
    return np.concatenate(pieces, axis=1)
"""

FIT = """
def fit(model, train_set, valid_set, epochs, patience):
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    slow = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1)
    history = model.fit(
        train_set[0],
        train_set[1],
        epochs=epochs,
        batch_size=16,
        validation_data=valid_set,
        callbacks=[stop, slow],
        shuffle=False,
        verbose=0,
    )
    return history.history["val_loss"]
"""


WRONG = [
    # Question 1
    wrong(
        "cell",
        "cell-without-the-bias",  # zero in the visible test
        2,
        "the bias is missing",
        CELL,
        (" + self.bias", ""),
    ),
    wrong(
        "cell",
        "cell-in-numpy",  # right numbers, but no gradient gets through
        2,
        "made with keras.ops",
        """
class HandCell(CellWeights):
    def call(self, x_t, states):
        h_prev, c_prev = (np.array(state) for state in states)
        W_x, W_h, b = self.get_weights()
        i, f, g, o = np.split(np.array(x_t) @ W_x + h_prev @ W_h + b, 4, axis=1)
        c_t = c_prev / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h_t = np.tanh(c_t) / (1 + np.exp(-o))
        return h_t, [h_t, c_t]
""",
    ),
    # Question 2
    wrong(
        "stacked",
        "stacked-without-return-sequences",
        2,
        "must be fully-defined",
        STACKED,
        ("every_step or not top", "every_step"),
    ),
    wrong(
        "stacked",
        "stacked-always-returns-sequences",  # trains without an error
        1,
        "the top layer returns every step",
        STACKED,
        ("every_step or not top", "True"),
    ),
    # Question 3
    wrong(
        "training_step",
        "step-clips-each-variable-alone",  # clipnorm, not global_clipnorm
        1,
        "each variable is clipped alone",
        STEP,
        (
            "gradients, norm = tf.clip_by_global_norm(gradients, max_norm)",
            "norm = tf.linalg.global_norm(gradients)\n"
            "    gradients = [tf.clip_by_norm(g, max_norm) for g in gradients]",
        ),
    ),
    wrong(
        "training_step",
        "step-without-dropout",
        2,
        "dropout is off",
        STEP,
        (", training=True", ""),
    ),
    # Question 4
    wrong(
        "train",
        "train-averages-over-batches",
        1,
        "a batch of 2 counts twice as much as a batch of 1",
        TRAIN,
        ("loss * len(xb)", "loss"),
        ("total / len(x)", "total / -(-len(x) // batch_size)"),
    ),
    wrong(
        "train",
        "train-validates-in-training-mode",
        1,
        "dropout is on",
        TRAIN,
        ("training=False", "training=True"),
    ),
    # Question 5
    wrong(
        "forecast_in_chunks",
        "chunks-without-a-reset",
        1,
        "the states of the last sequence were still there",
        CHUNKS,
        ("layer.reset_state()", "pass"),
    ),
    wrong(
        "forecast_in_chunks",
        "chunks-reset-every-time",
        2,
        "the states are cleared before every chunk",
        """
def forecast_in_chunks(model, x, chunk):
    pieces = []
    for start in range(0, x.shape[1], chunk):
        for layer in model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()
        pieces.append(model(x[:, start : start + chunk]).numpy())
    return np.concatenate(pieces, axis=1)
""",
    ),
    wrong(
        "forecast_in_chunks",
        "chunks-reset-of-one-layer",  # the visible model has one
        1,
        "2 layers",
        CHUNKS,
        ("for layer in model.layers:", "for layer in model.layers[:1]:"),
    ),
    # Question 6
    wrong(
        "fit",
        "fit-keeps-the-last-weights",
        1,
        "EarlyStopping can restore the best",
        FIT,
        (", restore_best_weights=True", ""),
    ),
    wrong(
        "fit",
        "fit-watches-the-training-loss",
        2,
        "watch the validation loss",
        FIT,
        ("EarlyStopping(", 'EarlyStopping("loss", '),
    ),
    wrong(
        "fit",
        "fit-shuffles",  # the visible test has one batch
        2,
        "for 20 examples",
        FIT,
        ("        shuffle=False,\n", ""),
    ),
]


RIGHT = [
    Right(
        "the-layers-of-keras",
        {
            "stacked": """
def stacked(D, H, L, every_step=False):
    below = [keras.layers.LSTM(H, return_sequences=True) for _ in range(L - 1)]
    top = keras.layers.LSTM(H, return_sequences=every_step)
    return keras.Sequential([keras.Input((None, D)), *below, top, keras.layers.Dense(1)])
""",
            "training_step": """
def training_step(model, x, y, max_norm):
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_weights)
    norm = tf.linalg.global_norm(gradients)
    clipped, _ = tf.clip_by_global_norm(gradients, max_norm, use_norm=norm)
    model.optimizer.apply_gradients(zip(clipped, model.trainable_weights))
    return loss.numpy().item(), norm.numpy().item()
""",
            "train": """
def train(model, train_set, valid_set, epochs, batch_size, max_norm):
    x, y = train_set
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        batches = [slice(k, k + batch_size) for k in range(0, len(x), batch_size)]
        losses = [training_step(model, x[b], y[b], max_norm)[0] for b in batches]
        sizes = [len(x[b]) for b in batches]
        history["loss"].append(np.average(losses, weights=sizes))
        history["val_loss"].append(model.evaluate(*valid_set, batch_size=len(y) + 99, verbose=0))
    return history["loss"], history["val_loss"]
""",
        },
    ),
    Right(
        "a-functional-model",
        {
            "stacked": """
def stacked(D, H, L, every_step=False):
    inputs = x = keras.Input(shape=(None, D))
    for _ in range(L - 1):
        x = keras.layers.RNN(HandCell(H), return_sequences=True)(x)
    x = keras.layers.RNN(HandCell(H), return_sequences=every_step)(x)
    return keras.Model(inputs, keras.layers.Dense(1)(x))
""",
            "forecast_in_chunks": """
def forecast_in_chunks(model, x, chunk):
    N, T, _ = x.shape
    forecast = np.zeros((N, T, 1), dtype=x.dtype)
    for layer in model.layers:
        if isinstance(layer, keras.layers.LSTM):
            layer.reset_states()
    t = 0
    while t < T:
        forecast[:, t : t + chunk] = model.predict_on_batch(x[:, t : t + chunk])
        t += chunk
    return forecast
""",
        },
    ),
    Right(
        "by-hand",
        {
            "cell": """
class HandCell(CellWeights):
    def call(self, x_t, states):
        H = self.units
        a = tf.concat([x_t, states[0]], 1) @ tf.concat([self.kernel, self.recurrent_kernel], 0)
        a = a + self.bias
        gate = keras.activations.sigmoid
        i, f, o = gate(a[:, :H]), gate(a[:, H : 2 * H]), gate(a[:, 3 * H :])
        c = f * states[1] + i * tf.tanh(a[:, 2 * H : 3 * H])
        h = o * tf.tanh(c)
        return h, (h, c)
""",
            "training_step": """
def training_step(model, x, y, max_norm):
    with tf.GradientTape() as tape:
        difference = model(x, training=True) - y
        loss = tf.reduce_mean(difference * difference)
    gradients = tape.gradient(loss, model.trainable_variables)
    norm = sum(float(tf.reduce_sum(g**2)) for g in gradients) ** 0.5
    if norm > max_norm:
        gradients = [g * (max_norm / norm) for g in gradients]
    model.optimizer.apply(gradients, model.trainable_variables)
    return loss.numpy().item(), norm
""",
        },
    ),
    Right(
        "early-stopping-by-hand",
        {
            "fit": """
def fit(model, train_set, valid_set, epochs, patience):
    losses, best, waited = [], None, 0
    for epoch in range(epochs):
        model.fit(*train_set, batch_size=16, shuffle=False, verbose=0)
        losses.append(float(np.mean((model(valid_set[0]).numpy() - valid_set[1]) ** 2)))
        if best is None or losses[-1] < min(losses[:-1]):
            best, waited = model.get_weights(), 0
            continue
        waited += 1
        if waited >= patience:
            break
        model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 2
    model.set_weights(best)
    return losses
""",
        },
    ),
    Right(
        "classes-and-type-hints",
        {
            "forecast_in_chunks": """
from collections.abc import Iterator


def chunks(x: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, x.shape[1], size):
        yield x[:, start : start + size]


def forecast_in_chunks(model: keras.Model, x: np.ndarray, chunk: int) -> np.ndarray:
    for layer in model.layers:
        if hasattr(layer, "reset_state"):
            layer.reset_state()
    parts = [model(part, training=False).numpy() for part in chunks(x, chunk)]
    return np.hstack(parts)
""",
            "fit": """
class Losses(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seen.append(logs["val_loss"])


def fit(model, train_set, valid_set, epochs, patience):
    losses = Losses()
    watch = {"monitor": "val_loss", "mode": "min"}
    callbacks = [
        losses,
        keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1, **watch),
        keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True, **watch),
    ]
    data = tf.data.Dataset.from_tensor_slices(train_set).batch(16)
    held_out = tf.data.Dataset.from_tensor_slices(valid_set).batch(32)
    model.fit(data, epochs=epochs, validation_data=held_out, callbacks=callbacks, verbose=2)
    return losses.seen
""",
        },
    ),
    Right(
        "helpers-noise-and-other-languages",
        {
            "training_step": """
import sys
import warnings

def training_step(netz, eingabe, ziel, grenze):
    # Vorwärts, rückwärts, Schritt — 一步一步来
    warnings.warn("nur eine Warnung", stacklevel=1)
    with tf.GradientTape() as band:
        fehler = verlust(netz(eingabe, training=True), ziel)
    steigungen = band.gradient(fehler, netz.trainable_variables)
    gekappt, norm = tf.clip_by_global_norm(steigungen, grenze)
    netz.optimizer.apply_gradients(zip(gekappt, netz.trainable_variables))
    print("Fehler:", fehler, file=sys.stderr)
    return float(fehler), float(norm)
""",
        },
        extra="""
%matplotlib inline
from keras import layers

def verlust(vorhersage, ziel):
    return ops.mean((ziel - vorhersage) ** 2)

keras.utils.set_random_seed(1)
x = y = model = "names of mine"
verlust?
""",
    ),
]
