"""Keras models as arguments, and models that a student's function builds."""

from __future__ import annotations

SOLUTION = """
def fit(model, x, y, epochs):
    history = model.fit(x, y, epochs=epochs, batch_size=4, verbose=0, shuffle=False)
    return history.history["loss"]


def build(H):
    return keras.Sequential([keras.Input((5, 2)), keras.layers.GRU(H), keras.layers.Dense(1)])
"""

TEST = """
keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
x, y = (rng.standard_normal(shape).astype("float32") for shape in ((8, 5, 2), (8, 1)))


def model():
    made = keras.Sequential([keras.Input((5, 2)), keras.layers.GRU(3), keras.layers.Dense(1)])
    made.compile("adam", "mse")
    return made


theirs, twin = model(), model()
twin.set_weights(theirs.get_weights())
losses = fit(theirs, x, y, 2)
history = twin.fit(x, y, epochs=2, batch_size=4, verbose=0, shuffle=False).history["loss"]
np.testing.assert_allclose(losses, history, rtol=1e-5)
for a, b in zip(theirs.get_weights(), twin.get_weights()):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
built = build(4)
assert [a.shape for a in built.get_weights()] == [(2, 12), (4, 12), (2, 12), (4, 1), (1,)]
built.set_weights([0 * a + 1 for a in built.get_weights()])
assert built.predict(x, verbose=0).shape == (8, 1)
"""


def test_a_keras_model_is_trained_by_the_student_and_checked_by_the_judge(small):
    course = small(
        ("locked", "setup", "import keras\nimport numpy as np"),
        ("solution", "fit", SOLUTION),
        ("test", "fit_test", TEST),
    )
    points, texts = course.graded({"fit": SOLUTION})
    assert points == {"fit_test": 1}, texts
    assert course.graded({"fit": SOLUTION.replace("epochs=epochs", "epochs=1")})[0]["fit_test"] == 0


STATEFUL = """
def go_on(model, x):
    return model(x).numpy()
"""

STATEFUL_TEST = """
x = np.linspace(-1, 1, 12, dtype="float32").reshape(2, 3, 2)
keras.utils.set_random_seed(1)
model, twin = (
    keras.Sequential([keras.Input(batch_shape=(2, None, 2)), keras.layers.GRU(3, stateful=True)])
    for _ in "12"
)
twin.set_weights(model.get_weights())
found = [model(x).numpy(), go_on(model, x), model(x).numpy()]
for one, other in zip(found, [twin(x).numpy() for _ in range(3)]):
    np.testing.assert_allclose(one, other, rtol=1e-5)
"""


def test_the_states_of_a_stateful_model_go_to_the_student_and_come_back(small):
    course = small(
        ("locked", "setup", "import keras\nimport numpy as np"),
        ("solution", "go_on", STATEFUL),
        ("test", "go_on_test", STATEFUL_TEST),
    )
    points, texts = course.graded({"go_on": STATEFUL})
    assert points == {"go_on_test": 1}, texts
