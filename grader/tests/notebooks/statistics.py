# %% text
# # Statistics, by hand
#
# Ten questions and **20 points**.

# %% locked setup
import numpy as np
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.calls import call_unchanged, check_own, no_overflow, take_apart
from nbjudge.checks.numbers import check_count
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import question_seed
from samplecourse import answers as reference
from samplecourse.cases import random_cases
from samplecourse.plots import bars

# %% text
# ## Question 1: the logistic function (2 points)


# %% solution logistic
def logistic(a):
    """Return the logistic function of each entry of ``a``."""
    ### BEGIN SOLUTION
    return 0.5 * (1.0 + np.tanh(0.5 * a))
    ### END SOLUTION


# %% test logistic 2
parts = Parts()


def test_logistic():
    check_own(logistic)
    with parts.part("moderate numbers", 1):
        hint = ([0.7311, 0.5, 0.1192], "the sign of a is flipped")
        result = logistic(np.array([-1.0, 0.0, 2.0]))
        check_example("logistic(a)", result, [0.2689, 0.5, 0.8808], hints=[hint])
    with parts.part("very large numbers", 1), no_overflow():
        check_example("logistic(a)", logistic(np.array([[-1000.0, 1000.0]])), [[0.0, 1.0]])


test_logistic()


### BEGIN HIDDEN TESTS
def hidden_logistic():
    rng = np.random.default_rng(question_seed("logistic"))
    for shape in ((7,), (1, 1), (2, 3), (2, 3, 4)):
        a = 6.0 * rng.standard_normal(shape)
        expected = 1.0 / (1.0 + np.exp(-a))
        with parts.part("moderate numbers"):
            name = f"logistic(a) for a {len(shape)}-dimensional array"
            check_array(name, call_unchanged(logistic, a=a), expected, same_dtype=True)
    extreme = np.array([-3e4, -120.0, 0.0, 120.0, 3e4])
    with parts.part("very large numbers"), no_overflow():
        right = np.array([0.0, 0.0, 0.5, 1.0, 1.0])
        check_array("logistic(a) for very large |a|", logistic(extreme), right)


hidden_logistic()
### END HIDDEN TESTS

parts.score()

# %% text
# From here on, `logistic` is the reference version.

# %% locked reference_logistic
logistic = reference.logistic

# %% text
# ## Question 2: a prediction (2 points)


# %% solution predict
def predict(x, W, b):
    """Return the probabilities ``logistic(x W + b)``, an array (N, K)."""
    ### BEGIN SOLUTION
    return logistic(x @ W + b)
    ### END SOLUTION


# %% test predict 2
def test_predict():
    check_own(predict)
    x, W, b = np.array([[1.0, 2.0]]), np.array([[0.5], [-0.5]]), np.array([1.0])
    hints = [(0.5, "the logistic function is missing"), (0.3775, "the bias b is missing")]
    check_example("predict(x, W, b)", predict(x, W, b), [[0.6225]], hints=hints)


test_predict()


### BEGIN HIDDEN TESTS
def hidden_predict():
    for case in random_cases(question_seed("predict")):
        expected = case.prediction()
        result = call_unchanged(predict, x=case.x, W=case.W, b=case.b)
        hint = (logistic(case.x @ case.W), "the bias b is missing")
        check_array(f"predict(x, W, b) for {case.label}", result, expected, hints=[hint])


hidden_predict()
### END HIDDEN TESTS

# %% text
# ## Question 3: centre and scale (2 points)


# %% solution centre_and_scale
def centre_and_scale(x):
    """Return ``x`` without the mean of each column, and that divided by its spread."""
    ### BEGIN SOLUTION
    centred = x - x.mean(axis=0)
    return centred, centred / x.std(axis=0)
    ### END SOLUTION


# %% test centre_and_scale 2
parts = Parts()


def test_centre_and_scale():
    check_own(centre_and_scale)
    result = centre_and_scale(np.array([[1.0], [4.0]]))
    centred, scaled = take_apart("centre_and_scale", result, ("centred", "scaled"))
    with parts.part("the centred columns", 1):
        check_example("centred", centred, [[-1.5], [1.5]], hints=[(4.0, "that is the largest")])
    with parts.part("the scaled columns", 1):
        check_example("scaled", scaled, [[-1.0], [1.0]])


test_centre_and_scale()


### BEGIN HIDDEN TESTS
def hidden_centre_and_scale():
    rng = np.random.default_rng(question_seed("centre_and_scale"))
    for N, D in ((3, 4), (6, 1), (2, 2)):
        x = rng.standard_normal((N, D)) + 3.0
        result = call_unchanged(centre_and_scale, x=x)
        centred, scaled = take_apart("centre_and_scale", result, ("centred", "scaled"))
        right = reference.centre_and_scale(x)
        with parts.part("the centred columns"):
            check_array(f"centred for N = {N}, D = {D}", centred, right[0])
        with parts.part("the scaled columns"):
            hint = (right[0], "the columns are not divided by their spread")
            check_array(f"scaled for N = {N}, D = {D}", scaled, right[1], hints=[hint])


hidden_centre_and_scale()
### END HIDDEN TESTS

parts.score()

# %% text
# ## Question 4: blend two values (1 point)


# %% solution blend
def blend(old, new, w):
    """Return ``w`` of the old value and the rest of the new one."""
    ### BEGIN SOLUTION
    return w * old + (1.0 - w) * new
    ### END SOLUTION


# %% test blend 1
def test_blend():
    check_own(blend)
    old, new, w = np.array([[2.0, -1.0]]), np.array([[4.0, 3.0]]), np.array([[0.25, 0.75]])
    hint = ([[2.5, 2.0]], "w weighs the old value")
    check_example("blend(old, new, w)", blend(old, new, w), [[3.5, 0.0]], hints=[hint])


test_blend()


### BEGIN HIDDEN TESTS
def hidden_blend():
    rng = np.random.default_rng(question_seed("blend"))
    for shape in ((3, 2), (1, 5), (4, 4)):
        old, new, w = rng.standard_normal((3, *shape))
        expected = reference.blend(old, new, w)
        name = f"blend(old, new, w) for arrays of shape {shape}"
        check_array(name, call_unchanged(blend, old=old, new=new, w=w), expected)


hidden_blend()
### END HIDDEN TESTS

# %% text
# ## Question 5: errors and gradient (2 points)


# %% solution errors_and_gradient
def errors_and_gradient(x, y, W, b):
    """Return ``predict(x, W, b) - y`` and the gradient (D, K) of the loss."""
    ### BEGIN SOLUTION
    errors = logistic(x @ W + b) - y
    return errors, x.T @ errors / len(x)
    ### END SOLUTION


# %% test errors_and_gradient 2
parts = Parts()


def test_errors_and_gradient():
    check_own(errors_and_gradient)
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    result = errors_and_gradient(x, y, np.array([[0.5], [-0.5]]), np.array([1.0]))
    errors, gradient = take_apart("errors_and_gradient", result, ("errors", "gradient"))
    with parts.part("the errors", 1):
        check_example("errors", errors, [[-0.3775]], hints=[(0.3775, "the sign is flipped")])
    with parts.part("the gradient", 1):
        check_example("gradient", gradient, [[-0.3775], [-0.7551]])


test_errors_and_gradient()


### BEGIN HIDDEN TESTS
def hidden_errors_and_gradient():
    for case in random_cases(question_seed("errors_and_gradient")):
        inputs = {"x": case.x, "y": case.y, "W": case.W, "b": case.b}
        result = call_unchanged(errors_and_gradient, **inputs)
        errors, gradient = take_apart("errors_and_gradient", result, ("errors", "gradient"))
        right_errors, right_gradient = reference.errors_and_gradient(*case[1:])
        with parts.part("the errors"):
            check_array(f"errors for {case.label}", errors, right_errors)
        with parts.part("the gradient"):
            hint = (right_gradient * len(case.x), "the gradient is a mean over the examples")
            check_array(f"gradient for {case.label}", gradient, right_gradient, hints=[hint])


hidden_errors_and_gradient()
### END HIDDEN TESTS

parts.score()

# %% text
# ## Question 6: a summary (2 points)


# %% solution summary
def summary(x):
    """Return mean, spread, least and largest of each column, four arrays (D,)."""
    ### BEGIN SOLUTION
    return x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0)
    ### END SOLUTION


# %% test summary 2
NAMES = ("mean", "spread", "least", "largest")


def test_summary():
    check_own(summary)
    found = take_apart("summary", summary(np.array([[1.0], [4.0]])), NAMES)
    for name, value, right in zip(NAMES, found, ([2.5], [1.5], [1.0], [4.0]), strict=True):
        check_example(name, value, right, hints=[([5.0], "this is the sum")])


test_summary()


### BEGIN HIDDEN TESTS
def hidden_summary():
    for case in random_cases(question_seed("summary")):
        found = take_apart("summary", call_unchanged(summary, x=case.x), NAMES)
        for name, value, right in zip(NAMES, found, reference.summary(case.x), strict=True):
            check_array(f"{name} for {case.label}", value, right)


hidden_summary()
### END HIDDEN TESTS

# %% locked reference_parts
predict = reference.predict
errors_and_gradient = reference.errors_and_gradient

# %% text
# ## Question 7: one step (3 points)


# %% solution step
def step(x, y, W, b, rate):
    """Return ``W`` and ``b`` after one step down the gradient."""
    ### BEGIN SOLUTION
    errors, gradient = errors_and_gradient(x, y, W, b)
    return W - rate * gradient, b - rate * errors.mean(axis=0)
    ### END SOLUTION


# %% test step 3
parts = Parts()


def test_step():
    check_own(step)
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    result = step(x, y, np.array([[0.5], [-0.5]]), np.array([1.0]), 0.5)
    new_W, new_b = take_apart("step", result, ("W", "b"))
    with parts.part("the weights", 2):
        hint = ([[0.3112], [-0.8775]], "this goes up the gradient")
        check_example("W", new_W, [[0.6888], [-0.1225]], hints=[hint])
    with parts.part("the bias", 1):
        check_example("b", new_b, [1.1888])


test_step()


### BEGIN HIDDEN TESTS
def hidden_step():
    for case in random_cases(question_seed("step")):
        inputs = {"x": case.x, "y": case.y, "W": case.W, "b": case.b, "rate": 0.25}
        result = call_unchanged(step, **inputs)
        new_W, new_b = take_apart("step", result, ("W", "b"))
        right_W, right_b = reference.step(*case[1:], 0.25)
        with parts.part("the weights"):
            check_array(f"W for {case.label}", new_W, right_W)
        with parts.part("the bias"):
            check_array(f"b for {case.label}", new_b, right_b)


hidden_step()
### END HIDDEN TESTS

parts.score()

# %% locked reference_step
step = reference.step

# %% text
# ## Question 8: train (3 points)


# %% solution train
def train(x, y, W, b, rate, epochs):
    """Return the losses (epochs,), and ``W`` and ``b`` after as many steps."""
    ### BEGIN SOLUTION
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        losses[epoch] = np.mean((predict(x, W, b) - y) ** 2)
        W, b = step(x, y, W, b, rate)
    return losses, W, b
    ### END SOLUTION


# %% test train 3
parts = Parts()


def test_train():
    check_own(train)
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    result = train(x, y, np.array([[0.5], [-0.5]]), np.array([1.0]), 0.5, 2)
    losses, W, b = take_apart("train", result, ("losses", "W", "b"))
    with parts.part("the losses", 1):
        check_example("losses", losses, [0.1425, 0.0267], hints=[(0.1425, "the loss must fall")])
    with parts.part("the weights", 1):
        check_example("W", W, [[0.7705], [0.0410]])
    with parts.part("the bias", 1):
        check_example("b", b, [1.2705])


test_train()


### BEGIN HIDDEN TESTS
def hidden_train():
    from samplecourse import fit

    for case in random_cases(question_seed("train")):
        arrays = {"x": case.x, "y": case.y, "W": case.W, "b": case.b}
        result = call_unchanged(train, **arrays, rate=0.25, epochs=4)
        yours = take_apart("train", result, ("losses", "W", "b"))
        right_losses, right_W, right_b = fit(*case[1:], 0.25, 4)
        with parts.part("the losses"):
            check_array(f"losses for {case.label}", yours[0], right_losses, rtol=1e-4)
        with parts.part("the weights"):
            check_array(f"W for {case.label}", yours[1], right_W)
        with parts.part("the bias"):
            check_array(f"b for {case.label}", yours[2], right_b)


hidden_train()
### END HIDDEN TESTS

parts.score()

# %% text
# ## Question 9: how many parameters? (2 points)


# %% solution parameter_count
def parameter_count(D, K, L):
    """Return the number of parameters of a stack of L layers with K outputs each."""
    ### BEGIN SOLUTION
    return (D + 1) * K + (L - 1) * (K + 1) * K
    ### END SOLUTION


# %% test parameter_count 2
def test_parameter_count():
    check_own(parameter_count)
    expected = 11
    hints = [(9, "the biases are missing"), (12, "one layer too many")]
    check_count("parameter_count(2, 1, 5)", parameter_count(2, 1, 5), expected, hints=hints)


test_parameter_count()


### BEGIN HIDDEN TESTS
def hidden_parameter_count():
    for D, K, L in ((3, 5, 1), (7, 2, 4), (1, 1, 1)):
        expected = reference.parameter_count(D, K, L)
        count = parameter_count(D, K, L)
        check_count(f"parameter_count for D = {D}, K = {K}, L = {L}", count, expected)


hidden_parameter_count()
### END HIDDEN TESTS

# %% text
# ## Question 10: the first bias (1 point)


# %% solution initial_bias
def initial_bias(K, share):
    """Return the bias (K,) with which ``share`` is predicted."""
    ### BEGIN SOLUTION
    return np.full(K, np.log(share / (1.0 - share)))
    ### END SOLUTION


# %% test initial_bias 1
def test_initial_bias():
    check_own(initial_bias)
    hint = (0.2, "this is the share itself")
    check_example("initial_bias(3, 0.2)", initial_bias(3, 0.2), [-1.3863] * 3, hints=[hint])


test_initial_bias()


### BEGIN HIDDEN TESTS
def hidden_initial_bias():
    for K, share in ((1, 0.5), (4, 0.9), (2, 0.01)):
        name = f"initial_bias for K = {K} and a share of {share}"
        check_array(name, initial_bias(K, share), reference.initial_bias(K, share))


hidden_initial_bias()
### END HIDDEN TESTS
