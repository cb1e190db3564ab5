"""What is known of the assignment keras_training: the mistakes of each question, as small changes
of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

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

DIARY = """
def diary(losses, patience, halve_after, learning_rate):
    best, best_loss, rates = 1, float("inf"), []
    for number, loss in enumerate(losses, 1):
        bad = number - best
        if bad > 1 and (bad - 1) % halve_after == 0:
            learning_rate = learning_rate / 2
        rates.append(learning_rate)
        if loss < best_loss:
            best, best_loss = number, loss
        elif bad >= patience:
            return number, best, rates
    return len(losses), best, rates
"""


MISTAKES = {
    "cell": [
        slip("the bias is missing", 2, (" + self.bias", "")),
        slip("h_prev @ recurrent_kernel is missing", 2, (" + h_prev @ self.recurrent_kernel", "")),
        slip("x_t @ kernel is missing", 2, ("x_t @ self.kernel + ", "")),
        slip(
            "the blocks stand in the order i, f, g, o: this takes the output gate for the candidate",
            2,
            ("a_i, a_f, a_g, a_o =", "a_i, a_f, a_o, a_g ="),
        ),
        slip(
            "input and forget gate are exchanged: the blocks stand in the order i, f, g, o, and f "
            "multiplies c_prev",
            2,
            ("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o ="),
            ways=[
                [
                    ("ops.sigmoid(a_f) * c", "ops.sigmoid(a_i) * c"),
                    ("ops.sigmoid(a_i) * ops", "ops.sigmoid(a_f) * ops"),
                ]
            ],
        ),
        slip(
            "the blocks stand in the order i, f, g, o, and not f, i, o, g",
            2,
            ("a_i, a_f, a_g, a_o =", "a_f, a_i, a_o, a_g ="),
        ),
        slip(
            "the candidate goes through tanh, and not through the sigmoid",
            2,
            ("ops.tanh(a_g)", "ops.sigmoid(a_g)"),
        ),
        slip("the tanh of the candidate is missing", 2, ("ops.tanh(a_g)", "a_g")),
        slip("the tanh of the cell state is missing", 2, ("ops.tanh(c_t)", "c_t")),
        slip(
            "h_t uses the new cell state, and not c_prev", 2, ("ops.tanh(c_t)", "ops.tanh(c_prev)")
        ),
        slip(
            "the gates go through the sigmoid, and not through tanh",
            2,
            ("ops.sigmoid(a_f)", "ops.tanh(a_f)"),
            ("ops.sigmoid(a_i)", "ops.tanh(a_i)"),
            ("ops.sigmoid(a_o)", "ops.tanh(a_o)"),
        ),
        slip(
            "the sigmoid of the gates is missing",
            2,
            ("ops.sigmoid(a_f)", "a_f"),
            ("ops.sigmoid(a_i)", "a_i"),
            ("ops.sigmoid(a_o)", "a_o"),
        ),
        slip("the sigmoid of the output gate is missing", 2, ("ops.sigmoid(a_o)", "a_o")),
        slip("the forget gate is missing: it multiplies c_prev", 2, ("ops.sigmoid(a_f) * ", "")),
        slip(
            "the input gate is missing: it multiplies the candidate", 2, ("ops.sigmoid(a_i) * ", "")
        ),
        slip("the output gate is missing", 2, ("ops.sigmoid(a_o) * ", "")),
        slip(
            "the forget gate is f itself, and not 1 - f",
            2,
            ("ops.sigmoid(a_f)", "(1.0 - ops.sigmoid(a_f))"),
        ),
        slip(
            "the input gate has weights of its own: it is not 1 - f",
            2,
            ("ops.sigmoid(a_i)", "(1.0 - ops.sigmoid(a_f))"),
        ),
        slip("the new cell state is a sum: add the two terms", 2, ("c_prev + ", "c_prev - ")),
        slip("the old cell state is missing", 2, ("ops.sigmoid(a_f) * c_prev + ", "")),
        slip("the output is h_t, and not c_t", 1, ("return h_t, [", "return c_t, [")),
        slip(
            "the states are exchanged: h_t comes first, then c_t",
            1,
            ("[h_t, c_t]", "[c_t, h_t]"),
        ),
        slip("the second state is the new c_t, and not c_prev", 1, ("[h_t, c_t]", "[h_t, c_prev]")),
        slip("the first state is the new h_t, and not h_prev", 2, ("[h_t, c_t]", "[h_prev, c_t]")),
        slip("the states that come back are the new ones", 2, ("[h_t, c_t]", "[h_prev, c_prev]")),
        slip("the second state is c_t, and not h_t once more", 1, ("[h_t, c_t]", "[h_t, h_t]")),
        slip(
            "states holds h_prev first, then c_prev",
            2,
            ("h_prev, c_prev = states", "c_prev, h_prev = states"),
        ),
        slip(
            "call must return 2 values, (h_t, states)",
            2,
            ("return h_t, [h_t, c_t]", "return h_t"),
            ways=[[("return h_t, [h_t, c_t]", "return h_t, h_t, c_t")]],
        ),
        slip(
            "the list of states must return 2 values, (h_t, c_t)",
            2,
            ("[h_t, c_t]", "[c_t]"),
            ways=[[("[h_t, c_t]", "h_t")]],
        ),
        slip(
            "NumPy knows no derivatives, and returns no tensors: use keras.ops",
            2,
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
        slip(
            "no gradient reaches the weights through get_weights: use self.kernel and the others",
            1,
            ("x_t @ self.kernel", "x_t @ ops.convert_to_tensor(self.get_weights()[0])"),
            (
                "h_prev @ self.recurrent_kernel",
                "h_prev @ ops.convert_to_tensor(self.get_weights()[1])",
            ),
            ("+ self.bias", "+ ops.convert_to_tensor(self.get_weights()[2])"),
            ways=[
                [("= ops.split(a, 4, axis=1)", "= ops.split(ops.stop_gradient(a), 4, axis=1)")],
            ],
        ),
        slip(
            "split along the last axis, where the four blocks stand side by side",
            2,
            ("= ops.split(a, 4, axis=1)", "= ops.split(a, 4, axis=0)"),
            ways=[[("= ops.split(a, 4, axis=1)", "= ops.split(a, 4)")]],
        ),
        slip(
            "the units of a gate stand together: do not take every fourth column",
            2,
            ("= ops.split(a, 4, axis=1)", "= (a[:, k::4] for k in range(4))"),
        ),
        slip("* is no matrix product: use @", 2, ("x_t @ self", "x_t * self")),
    ],
    "stacked": [
        slip(
            "a layer that reads another one needs whole sequences: return_sequences=True below",
            1,
            ("every_step or number < L - 1", "every_step"),
            ways=[[("every_step or number < L - 1", "every_step or number > 0")]],
        ),
        slip(
            "the top layer returns every step: it needs the last one only, unless every_step is True",
            1,
            ("every_step or number < L - 1", "True"),
            ways=[
                [("number < L - 1", "number < L")],
                [("number < L - 1", "number <= L - 1")],
            ],
        ),
        slip(
            "with every_step=True the top layer returns whole sequences, too",
            1,
            ("every_step or number < L - 1", "number < L - 1"),
        ),
        slip(
            "every_step is the wrong way round at the top",
            2,
            ("every_step or number < L - 1", "not every_step or number < L - 1"),
        ),
        slip("the stack has L layers: this is one too many", 2, ("range(L)", "range(L + 1)")),
        slip("the stack has L layers: this is one too few", 2, ("range(L)", "range(L - 1)")),
        slip(
            "the stack has L layers, and not always one",
            2,
            ("range(L)", "range(1)"),
            ("every_step or number < L - 1", "every_step"),
        ),
        slip("the stack has L layers, and not always two", 2, ("range(L)", "range(2)")),
        slip("no dense layer stands on top", 2, ("    model.add(keras.layers.Dense(1))\n", "")),
        slip(
            "a dense layer stands on top only, and not after each layer",
            2,
            (
                "return_sequences=whole))\n    model.add",
                "return_sequences=whole))\n        model.add",
            ),
        ),
        slip(
            "a forecast may be any number: no activation on top",
            2,
            ("Dense(1)", 'Dense(1, activation="sigmoid")'),
            ways=[
                [("Dense(1)", 'Dense(1, activation="tanh")')],
                [("Dense(1)", 'Dense(1, activation="relu")')],
            ],
        ),
        slip("one number is forecast: the top layer is Dense(1)", 2, ("Dense(1)", "Dense(H)")),
        slip("the dense layer has a bias", 2, ("Dense(1)", "Dense(1, use_bias=False)")),
        slip("each layer has H units, and not D", 2, ("HandCell(H)", "HandCell(D)")),
        slip(
            "a sequence may have any length: keras.Input((None, D))",
            1,
            ("keras.Input((None, D))", "keras.Input((5, D))"),
            ways=[[("keras.Input((None, D))", "keras.Input((7, D))")]],
        ),
        slip("a step has D features", 2, ("keras.Input((None, D))", "keras.Input((None, H))")),
        slip(
            "Input takes the shape of one example, without the batch",
            2,
            ("keras.Input((None, D))", "keras.Input((None, None, D))"),
        ),
        slip(
            "Input takes the shape of a sequence, (None, D), and not of a step",
            2,
            ("keras.Input((None, D))", "keras.Input((D,))"),
        ),
        slip(
            "every layer needs a cell of its own: one cell shares its weights",
            2,
            ("    for number", "    cell = HandCell(H)\n    for number"),
            ("HandCell(H), return", "cell, return"),
        ),
        slip(
            "the layers read forwards: go_backwards is not asked for",
            2,
            ("return_sequences=whole", "return_sequences=whole, go_backwards=True"),
        ),
        slip(
            "a model must come back: is the return statement missing?",
            2,
            ("    return model\n", ""),
        ),
        slip(
            "RNN takes a cell, HandCell(H), and not the class or a number",
            2,
            ("HandCell(H)", "HandCell"),
        ),
    ],
    "training_step": [
        slip(
            "this is the loss after the step: return the one before",
            2,
            (
                "    return float(loss)",
                "    loss = ops.mean(ops.square(model(x, training=True) - y))\n    return float(loss)",
            ),
        ),
        slip("this is the sum of the squares, and not their mean", 2, ("ops.mean(", "ops.sum(")),
        slip(
            "the mean squared error is not halved", 2, ("loss = ops.mean", "loss = 0.5 * ops.mean")
        ),
        slip("the error is squared, and not absolute", 2, ("ops.square(", "ops.abs(")),
        slip(
            "return the norm before clipping, and not after",
            1,
            ("float(norm)", "float(tf.linalg.global_norm(gradients))"),
            ways=[[("float(norm)", "min(float(norm), max_norm)")]],
        ),
        slip("the norm is a root: this is its square", 1, ("float(norm)", "float(norm) ** 2")),
        slip(
            "there is one norm for all gradients, and this is the largest of those of the variables",
            1,
            (
                "    gradients, norm = tf.clip",
                "    largest = max(float(tf.norm(g)) for g in tape.gradient(loss, variables))\n"
                "    gradients, norm = tf.clip",
            ),
            ("tf.GradientTape()", "tf.GradientTape(persistent=True)"),
            ("float(norm)", "largest"),
        ),
        slip(
            "dropout is off: tell the model that this is training",
            2,
            (", training=True", ""),
            ways=[[("training=True", "training=False")]],
        ),
        slip(
            "the weights do not change: let the optimizer do its step",
            1,
            ("    model.optimizer.apply(gradients, variables)\n", ""),
        ),
        slip(
            "the gradients are not clipped before the step",
            1,
            (
                "gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)",
                "gradients = tape.gradient(loss, variables)\n"
                "    norm = tf.linalg.global_norm(gradients)",
            ),
            ways=[
                [
                    ("    gradients, norm =", "    _, norm ="),
                    (
                        "tape.gradient(loss, variables), max",
                        "(gradients := tape.gradient(loss, variables)), max",
                    ),
                ]
            ],
        ),
        slip(
            "each variable is clipped alone: there is one norm for all",
            1,
            (
                "gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)",
                "gradients = tape.gradient(loss, variables)\n"
                "    norm = tf.linalg.global_norm(gradients)\n"
                "    gradients = [tf.clip_by_norm(g, max_norm) for g in gradients]",
            ),
        ),
        slip(
            "each entry is clipped alone, which turns the direction: multiply all by one number",
            1,
            (
                "gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)",
                "gradients = tape.gradient(loss, variables)\n"
                "    norm = tf.linalg.global_norm(gradients)\n"
                "    gradients = [tf.clip_by_value(g, -max_norm, max_norm) for g in gradients]",
            ),
        ),
        slip(
            "the norm is clipped to 1, and not to max_norm",
            1,
            (", max_norm)\n    model", ", 1.0)\n    model"),
        ),
        slip(
            "gradients whose norm is below max_norm stay as they are",
            1,
            (
                "    model.optimizer.apply(gradients",
                "    gradients = [g * max_norm / tf.linalg.global_norm(gradients) for g in gradients]\n"
                "    model.optimizer.apply(gradients",
            ),
        ),
        slip(
            "the step is up to model.optimizer, whatever it is: this is plain gradient descent",
            1,
            (
                "    model.optimizer.apply(gradients, variables)\n",
                "    for variable, gradient in zip(variables, gradients):\n"
                "        variable.assign_sub(model.optimizer.learning_rate * gradient)\n",
            ),
        ),
        slip(
            "an optimizer of its own has another learning rate: use model.optimizer",
            1,
            ("model.optimizer.apply(", "keras.optimizers.SGD().apply("),
        ),
        slip(
            "loss must be a plain number: float(loss) makes one",
            1,
            ("float(loss), float(norm)", "loss, float(norm)"),
        ),
        slip(
            "norm must be a plain number: float(norm) makes one",
            1,
            ("float(loss), float(norm)", "float(loss), norm"),
        ),
        slip(
            "both results are still tensors: float() makes plain numbers of them",
            1,
            ("float(loss), float(norm)", "loss, norm"),
        ),
        slip(
            "the results are exchanged: the loss comes first, then the norm",
            1,
            ("float(loss), float(norm)", "float(norm), float(loss)"),
        ),
        slip(
            "training_step must return 2 values, (loss, norm)",
            2,
            ("float(loss), float(norm)", "float(loss)"),
        ),
        slip(
            "the tape has not seen the model: compute forecast and loss inside the with block",
            2,
            (
                "    with tf.GradientTape() as tape:\n        loss =",
                "    with tf.GradientTape() as tape:\n        pass\n    loss =",
            ),
            ways=[
                [
                    (
                        "    with tf.GradientTape() as tape:\n"
                        "        loss = ops.mean(ops.square(model(x, training=True) - y))\n",
                        "    forecast = model(x, training=True)\n"
                        "    with tf.GradientTape() as tape:\n"
                        "        loss = ops.mean(ops.square(forecast - y))\n",
                    )
                ]
            ],
        ),
        slip(
            "y keeps its shape (N, 1): (N, 1) - (N,) compares each forecast with every target",
            2,
            (" - y))", " - y[:, 0]))"),
            ways=[[("model(x, training=True) - y", "model(x, training=True)[:, 0] - y")]],
        ),
        slip(
            "the target is missing: the error is model(x) - y",
            2,
            ("model(x, training=True) - y", "model(x, training=True)"),
        ),
        slip(
            "the step goes against the gradient: the loss is not negative",
            2,
            ("loss = ops.mean", "loss = -ops.mean"),
        ),
        slip(
            "one call does one step",
            1,
            (
                "    model.optimizer.apply(gradients, variables)\n",
                "    model.optimizer.apply(gradients, variables)\n"
                "    model.optimizer.apply(gradients, variables)\n",
            ),
        ),
    ],
    "train": [
        slip(
            "a batch of 2 counts twice as much as a batch of 1: weight its loss",
            1,
            ("loss * len(x_batch)", "loss"),
            ("total / len(x)", "total / len(range(0, len(x), batch_size))"),
            ways=[
                [
                    ("loss * len(x_batch)", "loss"),
                    ("total / len(x)", "total / -(-len(x) // batch_size)"),
                ]
            ],
        ),
        slip(
            "this is the sum over the examples: divide by their number",
            1,
            ("total / len(x)", "total"),
        ),
        slip(
            "the loss of a batch is a mean: multiply it by the number of its examples",
            1,
            ("loss * len(x_batch)", "loss"),
        ),
        slip(
            "the last batch may be smaller: multiply by len of the batch, and not by batch_size",
            1,
            ("loss * len(x_batch)", "loss * batch_size"),
        ),
        slip(
            "divide by the number of examples, and not by that of batches",
            1,
            ("total / len(x)", "total / len(range(0, len(x), batch_size))"),
        ),
        slip(
            "the last batch, which is smaller, is left out",
            2,
            (
                "range(0, len(x), batch_size)",
                "range(0, len(x) - batch_size + 1, batch_size)",
            ),
        ),
        slip(
            "this is the loss of the last batch of each epoch",
            1,
            ("total += loss * len(x_batch)", "total = loss * len(x)"),
        ),
        slip(
            "the sum starts from zero in each epoch",
            1,
            (
                "    for _ in range(epochs):\n        total = 0.0\n",
                "    total = 0.0\n    for _ in range(epochs):\n",
            ),
        ),
        slip(
            "take the batches in their order",
            2,
            (
                "for start in range(0, len(x), batch_size)",
                "for start in reversed(range(0, len(x), batch_size))",
            ),
        ),
        slip(
            "the norm is clipped to 1, and not to max_norm",
            2,
            ("x_batch, y_batch, max_norm)", "x_batch, y_batch, 1.0)"),
        ),
        slip(
            "this is the training set: measure on the validation set",
            1,
            ("model(x_valid, training=False)", "model(x, training=False)"),
            ("forecast - y_valid", "forecast - y"),
        ),
        slip(
            "dropout is on: validation is not training",
            1,
            ("training=False", "training=True"),
        ),
        slip(
            "validation takes no step: it only looks",
            2,
            (
                "        forecast = model(x_valid, training=False)\n",
                "        training_step(model, x_valid, y_valid, max_norm)\n"
                "        forecast = model(x_valid, training=False)\n",
            ),
        ),
        slip(
            "the validation loss is computed after the epoch, and not before it",
            1,
            (
                "    for _ in range(epochs):\n",
                "    for _ in range(epochs):\n        forecast = model(x_valid, training=False)\n",
            ),
            ("        forecast = model(x_valid, training=False)\n        valid", "        valid"),
        ),
        slip(
            "the validation loss is measured after each epoch, and not after each batch",
            1,
            (
                "            total +=",
                "            valid_losses.append(float(ops.mean(ops.square(model(x_valid) - y_valid))))\n"
                "            total +=",
            ),
            (
                "        forecast = model(x_valid, training=False)\n"
                "        valid_losses.append(float(ops.mean(ops.square(forecast - y_valid))))\n",
                "",
            ),
        ),
        slip(
            "the loss is measured once for each epoch, and not for each batch",
            1,
            ("            total +=", "            losses.append(loss)\n            total +="),
            ("        losses.append(total / len(x))\n", ""),
        ),
        slip(
            "the lists are exchanged: the losses of training come first",
            2,
            ("return losses, valid_losses", "return valid_losses, losses"),
        ),
        slip(
            "train must return 2 values, (losses, valid_losses)",
            2,
            ("return losses, valid_losses", "return losses"),
        ),
        slip(
            "valid_losses must be a list of plain numbers, one for each epoch",
            1,
            (
                "float(ops.mean(ops.square(forecast - y_valid)))",
                "ops.mean(ops.square(forecast - y_valid))",
            ),
        ),
        slip(
            "losses holds the loss alone: training_step returns the loss and the norm",
            2,
            ("loss, _ = training_step", "loss = training_step"),
        ),
        slip(
            "this adds up the norms: the loss is the first of the two results",
            1,
            ("loss, _ = training_step", "_, loss = training_step"),
        ),
        slip(
            "the whole training set goes through at once: cut it into batches",
            2,
            ("range(0, len(x), batch_size)", "range(0, len(x), len(x))"),
            ("start : start + batch_size], y[start : start + batch_size]", "start:], y[start:]"),
        ),
        slip(
            "every batch starts from the first example: take x[start : start + batch_size]",
            2,
            (
                "x[start : start + batch_size], y[start : start + batch_size]",
                "x[:batch_size], y[:batch_size]",
            ),
        ),
        slip(
            "start is an example: advance it by batch_size",
            2,
            ("range(0, len(x), batch_size)", "range(len(x))"),
            ways=[[("range(0, len(x), batch_size)", "range(0, len(x))")]],
        ),
        slip(
            "a single epoch is run: repeat it epochs times, and return after the loop",
            2,
            ("range(epochs)", "range(1)"),
            ways=[[("    return losses, valid_losses", "        return losses, valid_losses")]],
        ),
        slip(
            "the first epoch counts, too: range(epochs)",
            2,
            ("range(epochs)", "range(1, epochs)"),
            ways=[[("range(epochs)", "range(epochs - 1)")]],
        ),
        slip(
            "the validation loss is measured on the whole validation set, and not on one example",
            1,
            ("forecast - y_valid", "forecast - y_valid[:1]"),
            ways=[
                [
                    ("model(x_valid, training", "model(x_valid[:1], training"),
                    ("- y_valid)", "- y_valid[:1])"),
                ]
            ],
        ),
        slip(
            "the validation loss is the mean of the squares, and not their sum",
            1,
            ("float(ops.mean(ops.square(forecast", "float(ops.sum(ops.square(forecast"),
        ),
        slip(
            "the validation error is squared, and not absolute",
            1,
            ("ops.square(forecast - y_valid)", "ops.abs(forecast - y_valid)"),
        ),
    ],
    "forecast_in_chunks": [
        slip(
            "the states of the last sequence were still there: clear them first",
            1,
            ("            layer.reset_state()\n", "            pass\n"),
            ways=[[("layer.reset_state()", "layer.reset_state")]],
        ),
        slip(
            "the states are cleared before every chunk: clear them once, at the start",
            2,
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
            ways=[
                """
def forecast_in_chunks(model, x, chunk):
    pieces = []
    for start in range(0, x.shape[1], chunk):
        model.layers[0].reset_state()
        model.layers[-2].reset_state()
        pieces.append(model(x[:, start : start + chunk]).numpy())
    return np.concatenate(pieces, axis=1)
"""
            ],
        ),
        slip(
            "the states are cleared at the end: what the model read before must not count either",
            1,
            """
def forecast_in_chunks(model, x, chunk):
    pieces = []
    for start in range(0, x.shape[1], chunk):
        pieces.append(model(x[:, start : start + chunk]).numpy())
    for layer in model.layers:
        if isinstance(layer, keras.layers.RNN):
            layer.reset_state()
    return np.concatenate(pieces, axis=1)
""",
        ),
        slip(
            "the model may have several stateful layers: clear them all, and not the first alone",
            1,
            ("for layer in model.layers:", "for layer in model.layers[:1]:"),
        ),
        slip(
            "the model may have several stateful layers: clear them all, and not the last alone",
            1,
            ("for layer in model.layers:", "for layer in model.layers[-2:]:"),
        ),
        slip(
            "a dense layer has no state: clear the layers that are stateful",
            2,
            (
                "        if isinstance(layer, keras.layers.RNN):\n            layer.reset_state()",
                "        layer.reset_state()",
            ),
        ),
        slip(
            "a dense layer knows no stateful: ask with getattr, or for the kind of the layer",
            2,
            ("isinstance(layer, keras.layers.RNN)", "layer.stateful"),
        ),
        slip(
            "the last chunk, which may be shorter, is left out",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, x.shape[1] - chunk + 1, chunk)"),
        ),
        slip(
            "time stands second: join the chunks along axis 1",
            2,
            ("np.concatenate(pieces, axis=1)", "np.concatenate(pieces, axis=0)"),
            ways=[[("np.concatenate(pieces, axis=1)", "np.concatenate(pieces)")]],
        ),
        slip(
            "join the chunks along time, and not along the forecasts",
            2,
            ("np.concatenate(pieces, axis=1)", "np.concatenate(pieces, axis=-1)"),
        ),
        slip(
            "chunks are cut from time, the second axis, and not from the batch",
            2,
            ("x[:, start : start + chunk]", "x[start : start + chunk]"),
        ),
        slip(
            "the number of steps is x.shape[1]: the first axis counts the examples",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, len(x), chunk)"),
        ),
        slip(
            "start is a step of time: advance it by chunk",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, x.shape[1])"),
        ),
        slip(
            "chunks may not overlap, and leave no step out: from start to start + chunk",
            2,
            ("start : start + chunk]", "start : start + chunk + 1]"),
            ways=[[("start : start + chunk]", "start : start + chunk - 1]")]],
        ),
        slip(
            "a chunk ends at start + chunk, and not at chunk",
            2,
            ("start : start + chunk]", "start : chunk]"),
        ),
        slip(
            "each chunk begins where the last one ended, and not at the start",
            2,
            ("x[:, start : start + chunk]", "x[:, : start + chunk]"),
        ),
        slip(
            "the chunks are read in the order of time",
            2,
            ("range(0, x.shape[1], chunk)", "reversed(range(0, x.shape[1], chunk))"),
        ),
        slip(
            "this is the forecast for the last chunk: keep them all",
            2,
            ("np.concatenate(pieces, axis=1)", "pieces[-1]"),
        ),
        slip(
            "this is the forecast after the last step: keep every step, (N, T, 1)",
            2,
            ("np.concatenate(pieces, axis=1)", "np.concatenate(pieces, axis=1)[:, -1]"),
        ),
        slip(
            "this is the last step of each chunk: keep every step",
            2,
            (
                "pieces.append(ops.convert_to_numpy(forecast))",
                "pieces.append(ops.convert_to_numpy(forecast)[:, -1:])",
            ),
        ),
        slip(
            "keep the last axis: (N, T, 1)",
            2,
            ("np.concatenate(pieces, axis=1)", "np.concatenate(pieces, axis=1)[..., 0]"),
            ways=[
                [("np.concatenate(pieces, axis=1)", "np.concatenate(pieces, axis=1).squeeze(-1)")]
            ],
        ),
        slip(
            "the forecast is a NumPy array: this is a tensor",
            2,
            ("np.concatenate(pieces, axis=1)", "ops.concatenate(pieces, axis=1)"),
            ("pieces.append(ops.convert_to_numpy(forecast))", "pieces.append(forecast)"),
        ),
        slip(
            "this is a list of chunks: join them along axis 1",
            2,
            ("np.concatenate(pieces, axis=1)", "pieces"),
        ),
    ],
    "fit": [
        slip(
            "these are the weights of the last epoch: EarlyStopping can restore the best",
            1,
            (", restore_best_weights=True", ""),
            ways=[[("restore_best_weights=True", "restore_best_weights=False")]],
        ),
        slip(
            "this does not stop: EarlyStopping must watch the validation loss, and be passed to fit",
            2,
            ("EarlyStopping(", 'EarlyStopping("loss", '),
            ways=[[("[stop, slow_down]", "[slow_down]")]],
        ),
        slip(
            "the batches must come in their order: fit shuffles unless it is told not to",
            1,
            ("shuffle=False, ", ""),
            ways=[[("shuffle=False", "shuffle=True")]],
        ),
        slip("a batch holds 16 examples, and not 32", 1, ("batch_size=16, ", "")),
        slip(
            "the learning rate falls to a tenth: halve it",
            1,
            ("factor=0.5, ", ""),
            ways=[[("factor=0.5", "factor=0.1")]],
        ),
        slip(
            "halve the rate after one epoch that is not better, and not later",
            1,
            ("(factor=0.5, patience=1)", "(factor=0.5, patience=2)"),
        ),
        slip(
            "the rate never falls: ReduceLROnPlateau must watch the validation loss, with patience=1, "
            "and be passed to fit",
            1,
            ("(factor=0.5, patience=1)", "(factor=0.5)"),
            ways=[
                [("[stop, slow_down]", "[stop]")],
                [("ReduceLROnPlateau(", 'ReduceLROnPlateau("loss", ')],
                [("(factor=0.5, patience=1)", "(factor=0.5, patience=patience)")],
            ],
        ),
        slip(
            "no callback is passed to fit",
            2,
            ('"callbacks": [stop, slow_down]', '"callbacks": []'),
        ),
        slip(
            "this stops one epoch too late: hand on patience as it is",
            1,
            ("EarlyStopping(patience=patience", "EarlyStopping(patience=patience + 1"),
        ),
        slip(
            "this stops one epoch too early: hand on patience as it is",
            1,
            ("EarlyStopping(patience=patience", "EarlyStopping(patience=patience - 1"),
        ),
        slip(
            "EarlyStopping gets no patience: its default is 0",
            1,
            ("EarlyStopping(patience=patience, ", "EarlyStopping("),
        ),
        slip(
            "EarlyStopping waits for patience epochs, and not always for one number of them",
            1,
            ("EarlyStopping(patience=patience", "EarlyStopping(patience=2"),
            ways=[[("EarlyStopping(patience=patience", "EarlyStopping(patience=3")]],
        ),
        slip(
            "these are the losses of training: the history has val_loss, too",
            1,
            ('return history.history["val_loss"]', 'return history.history["loss"]'),
        ),
        slip(
            "the validation losses must be a list of plain numbers: this is the history",
            1,
            ('return history.history["val_loss"]', "return history"),
            ways=[[('return history.history["val_loss"]', "return history.history")]],
        ),
        slip(
            "this is the lowest loss: return those of all epochs",
            1,
            ('return history.history["val_loss"]', 'return min(history.history["val_loss"])'),
        ),
        slip(
            "this is the last loss: return those of all epochs",
            1,
            ('return history.history["val_loss"]', 'return history.history["val_loss"][-1]'),
        ),
        slip(
            "the losses end with the best epoch: return those of all that were run",
            1,
            (
                'return history.history["val_loss"]',
                'return history.history["val_loss"][: stop.best_epoch + 1]',
            ),
        ),
        slip(
            "the two sets are exchanged",
            2,
            ('"validation_data": valid_set', '"validation_data": train_set'),
            ("*train_set", "*valid_set"),
        ),
        slip(
            "validation needs the validation set, and not the one of training",
            2,
            ('"validation_data": valid_set', '"validation_data": train_set'),
        ),
        slip(
            "fit got no validation_data, so that there is no val_loss",
            2,
            ('"validation_data": valid_set, ', ""),
        ),
        slip(
            "validation_split cuts off a part of the training set: use valid_set",
            2,
            ('"validation_data": valid_set', '"validation_split": 0.5'),
            ways=[
                [('"validation_data": valid_set', '"validation_split": 0.2')],
                [('"validation_data": valid_set', '"validation_split": 0.3')],
            ],
        ),
        slip("fit got no epochs: its default is 1", 2, ("epochs=epochs, ", "")),
        slip(
            "the best loss is the lowest one: mode is min",
            2,
            ("EarlyStopping(", 'EarlyStopping(mode="max", '),
        ),
    ],
    "diary": [
        slip(
            "an equal loss is not better",
            2,
            ("loss < losses[best]", "loss <= losses[best]"),
        ),
        slip(
            "better means lower than the best so far, and not than the epoch before",
            2,
            ("loss < losses[best]", "loss < losses[epoch - 1]"),
        ),
        slip(
            "epochs that are not better count only in a row: a better one starts the count anew",
            2,
            ("            waited = since = 0\n            continue", "            continue"),
        ),
        slip(
            "a better epoch starts the patience anew, too",
            2,
            (
                "            waited = since = 0\n            continue",
                "            since = 0\n            continue",
            ),
        ),
        slip(
            "a better epoch starts the count of the learning rate anew, too",
            1,
            (
                "            waited = since = 0\n            continue",
                "            waited = 0\n            continue",
            ),
        ),
        slip(
            "after a halving the count for the learning rate starts from zero",
            1,
            (
                "            learning_rate /= 2\n            since = 0\n",
                "            learning_rate /= 2\n",
            ),
        ),
        slip(
            "after a halving the rate is halved once more after each epoch that is not better: "
            "let the count start from zero",
            1,
            (
                "            learning_rate /= 2\n            since = 0\n",
                "            learning_rate /= 2\n",
            ),
            ("since == halve_after", "since >= halve_after"),
        ),
        slip(
            "halving takes nothing off the patience",
            2,
            (
                "            learning_rate /= 2\n            since = 0\n",
                "            learning_rate /= 2\n            since = waited = 0\n",
            ),
        ),
        slip(
            "the training ends after patience epochs that are not better: this is one more",
            2,
            ("waited == patience", "waited > patience"),
            ways=[[("waited == patience", "waited == patience + 1")]],
        ),
        slip(
            "the training ends after patience epochs that are not better: this is one fewer",
            2,
            ("waited == patience", "waited + 1 >= patience"),
            ways=[[("waited == patience", "waited >= patience - 1")]],
        ),
        slip(
            "nothing ends the training: compare with patience",
            2,
            ("        if waited == patience:\n            break\n", ""),
        ),
        slip(
            "the rate is halved after halve_after epochs, and not one later",
            1,
            ("since == halve_after", "since > halve_after"),
        ),
        slip(
            "the rate is halved after halve_after epochs in a row, and not after each one",
            1,
            ("since == halve_after", "since > 0"),
            ways=[
                [
                    (
                        "        if since == halve_after:\n            learning_rate",
                        "        if True:\n            learning_rate",
                    )
                ]
            ],
        ),
        slip(
            "patience and halve_after are exchanged",
            2,
            ("since == halve_after", "since == patience"),
            ("waited == patience", "waited == halve_after"),
        ),
        slip(
            "the rate is halved, and not divided by ten",
            1,
            ("learning_rate /= 2", "learning_rate /= 10"),
            ways=[[("learning_rate /= 2", "learning_rate *= 0.1")]],
        ),
        slip(
            "the rate is halved, and not doubled", 1, ("learning_rate /= 2", "learning_rate *= 2")
        ),
        slip(
            "// makes a whole number of the rate: divide with /",
            1,
            ("learning_rate /= 2", "learning_rate //= 2"),
        ),
        slip(
            "what is halved after an epoch counts from the next one on",
            1,
            ("        rates.append(learning_rate)\n", ""),
            (
                "            waited = since = 0\n            continue",
                "            waited = since = 0\n            rates.append(learning_rate)\n            continue",
            ),
            (
                "        if waited == patience",
                "        rates.append(learning_rate)\n        if waited == patience",
            ),
        ),
        slip(
            "best is counted from 1, and not from 0",
            1,
            ("best + 1", "best"),
        ),
        slip(
            "epochs is the number of those that are run: this is one fewer",
            1,
            ("return len(rates), best", "return epoch, best"),
        ),
        slip(
            "epochs counts those that are run, and not all losses",
            1,
            ("return len(rates), best", "return len(losses), best"),
        ),
        slip(
            "best is the number of the epoch, and not its loss",
            1,
            ("best + 1", "losses[best]"),
        ),
        slip(
            "best is the best of the epochs that are run: what would have come later does not count",
            1,
            ("best + 1", "losses.index(min(losses)) + 1"),
        ),
        slip(
            "best is the epoch with the lowest loss, and not the last one",
            1,
            ("best + 1", "len(rates)"),
        ),
        slip(
            "rates has one entry for each epoch that is run: this is the last one alone",
            1,
            ("best + 1, rates", "best + 1, learning_rate"),
        ),
        slip(
            "diary must return 3 values, (epochs, best, rates)",
            2,
            ("return len(rates), best + 1, rates", "return len(rates), best + 1"),
        ),
        slip(
            "the results stand in the order epochs, best, rates",
            1,
            ("return len(rates), best + 1, rates", "return best + 1, len(rates), rates"),
        ),
    ],
}


RIGHT = [
    Right(
        "written-out",
        {
            "cell": CELL,
            "stacked": STACKED,
            "training_step": STEP,
            "train": TRAIN,
            "forecast_in_chunks": CHUNKS,
            "fit": FIT,
            "diary": DIARY,
        },
    ),
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
            "diary": """
def diary(losses, patience, halve_after, learning_rate):
    rate, rates, run = learning_rate, [], []
    for loss in losses:
        rates.append(rate)
        run.append(loss)
        bad = len(run) - 1 - run.index(min(run))
        if bad and bad % halve_after == 0:
            rate *= 0.5
        if bad == patience:
            break
    return len(run), run.index(min(run)) + 1, rates
""",
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
