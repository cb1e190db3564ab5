"""Wrong answers that try to make the tests say yes."""

from __future__ import annotations

from attacks.form import HALF, ZEROS, Attack, logistic_with

ATTACKS = [
    Attack(
        "memorised-examples",
        "Knows the visible examples by heart and returns a half otherwise.",
        {"predict": HALF},
    ),
    Attack(
        "counting-calls",
        "Right on the first two calls, wrong on every later one.",
        {
            "logistic": """
calls = 0

def logistic(a):
    global calls
    calls += 1
    return 0.5 * (1.0 + np.tanh(0.5 * a)) if calls < 3 else np.zeros_like(a)
"""
        },
    ),
    Attack(
        "patched-assert-allclose",
        "Replaces np.testing.assert_allclose by a function that does nothing.",
        {"logistic": "np.testing.assert_allclose = lambda *a, **k: None\n" + ZEROS},
    ),
    Attack(
        "patched-comparison-inside",
        "Replaces the comparison that assert_allclose calls.",
        {
            "logistic": "np.testing._private.utils.assert_array_compare = lambda *a, **k: None\n"
            + ZEROS
        },
    ),
    Attack(
        "own-checks",
        "Binds the names of the check functions in the notebook to ones that do nothing.",
        {
            "logistic": "check_array = check_example = check_own = lambda *a, **k: None\n"
            "call_unchanged = lambda function, **k: None\n" + ZEROS
        },
    ),
    Attack(
        "patched-checks-module",
        "Replaces the comparison in the globals of nbjudge.checks.arrays.",
        {
            "logistic": "import nbjudge.checks.arrays as checks\n"
            "checks._close = lambda *a: True\n" + ZEROS
        },
    ),
    Attack(
        "swapped-bytecode",
        "Puts other bytecode into check_array, which every reference to it then runs.",
        {
            "logistic": "import nbjudge.checks.arrays as checks\n"
            "checks.check_array.__code__ = (lambda *a, **k: None).__code__\n" + ZEROS
        },
    ),
    Attack(
        "patched-builtins",
        "Replaces isinstance in builtins and returns an object that reads the expected number.",
        {
            "parameter_count": """
import builtins
import sys

plain = builtins.isinstance
builtins.isinstance = lambda value, kind: kind is np.integer or plain(value, kind)

class Lie:
    def __int__(self):
        return sys._getframe(1).f_locals["expected"]

def parameter_count(D, K, L):
    return Lie()
"""
        },
    ),
    Attack(
        "own-tests-first",
        "Defines the test functions itself, and a class whose instances cannot be rebound.",
        {
            "logistic": """
def test_logistic():
    pass

hidden_logistic = test_logistic
__builtins__ = {"AssertionError": Exception}
"""
            + ZEROS
        },
    ),
    Attack(
        "emptied-cases",
        "Binds random_cases to an empty sequence, so that hidden loops never run.",
        {"predict": "random_cases = lambda seed: ()\n" + HALF},
    ),
    Attack(
        "shadowed-zip",
        "Shadows zip in the notebook, so that loops over pairs check nothing.",
        {
            "summary": """
zip = lambda *a, **k: ()

def summary(x):
    return 0, 0, 0, 0
"""
        },
    ),
    Attack(
        "patched-case-generator",
        "Replaces random_cases inside its module and in every namespace that holds it.",
        {
            "predict": """
import gc
import sys

for space in gc.get_objects():
    if type(space) is dict and callable(space.get("random_cases")):
        space["random_cases"] = lambda seed: ()
"""
            + HALF
        },
    ),
    Attack(
        "patched-rng",
        "Replaces np.random.default_rng, so that hidden inputs are all zero.",
        {
            "predict": """
class Nothing:
    def standard_normal(self, shape=None):
        return np.zeros(shape)

np.random.default_rng = lambda seed=None: Nothing()
"""
            + HALF
        },
    ),
    Attack(
        "seeded-back",
        "Patches the seed functions of random, NumPy and PyTorch and freezes their states.",
        {
            "predict": """
import random
import sys

random.seed = np.random.seed = lambda *a: None
random.random = lambda: 0.0
np.random.standard_normal = lambda size=None: np.zeros(size)
if "torch" in sys.modules:
    sys.modules["torch"].manual_seed = lambda *a: None
"""
            + HALF
        },
    ),
    Attack(
        "zeroed-arguments",
        "Sets the arguments to zero in place, where the expected value is computed afterwards.",
        {
            "predict": """
np.array_equal = lambda *a, **k: True

def predict(x, W, b):
    if x.shape == (1, 2):
        return np.array([[0.6225]])
    x[...] = 0
    return 0.5 * (1.0 + np.tanh(0.5 * b)) + x @ W
"""
        },
    ),
    Attack(
        "zeroed-base-arrays",
        "Reaches through .base into the arrays that the arguments are views of.",
        {
            "predict": """
np.array_equal = lambda *a, **k: True

def predict(x, W, b):
    if x.shape == (1, 2):
        return np.array([[0.6225]])
    shape = len(x), len(b)
    for array in (x, W, b):
        while array is not None:
            array[...] = 0
            array = array.base
    return np.full(shape, 0.5)
"""
        },
    ),
    Attack(
        "reads-frames",
        "Walks up the stack to the test's local variables and lets the test's case answer.",
        {
            "predict": """
import sys

def predict(x, W, b):
    frame = sys._getframe()
    while frame:
        case = frame.f_locals.get("case")
        if case is not None:
            return case.prediction()
        frame = frame.f_back
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "reads-in",
        "Finds the seed in IPython's history of cells and makes the hidden cases itself.",
        {
            "predict": """
import re

def predict(x, W, b):
    hidden = re.search(r"in random_cases\\((.*)\\):", In[-1])
    for case in random_cases(eval(hidden[1])) if hidden else ():
        if np.array_equal(case.x, x):
            return case.prediction()
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "searches-memory-for-answers",
        "Asks the garbage collector for the test's case, wherever it is.",
        {
            "predict": """
import gc

def predict(x, W, b):
    for found in gc.get_objects():
        if type(found).__name__ == "Case" and found.x is x:
            return found.prediction()
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "traces-the-test",
        "A profile function rewrites the globals of every function that is called.",
        {
            "logistic": """
import sys

def rewrite(frame, event, argument):
    if "check_example" in frame.f_globals:
        for name in ("check_array", "check_example", "check_own"):
            frame.f_globals[name] = lambda *a, **k: None

sys.setprofile(rewrite)
"""
            + ZEROS
        },
    ),
    Attack(
        "background-thread",
        "A thread binds the names of the checks again and again.",
        {
            "logistic": """
import threading
import time

def keep(space):
    while True:
        for name in ("check_array", "check_example", "check_own"):
            space[name] = lambda *a, **k: None
        time.sleep(1e-4)

threading.Thread(target=keep, args=(globals(),), daemon=True).start()
time.sleep(0.01)
"""
            + logistic_with("\n    time.sleep(0.02)")
        },
    ),
    Attack(
        "patched-run-cell",
        "Replaces IPython's run_cell, so that tests are not run.",
        {
            "logistic": """
shell = get_ipython()
shell.original = {name: getattr(shell, name) for name in ("run_cell", "run_cell_async")}

def skipping(name):
    def run(source, *rest, **options):
        return shell.original[name]("pass" if "check_" in source else source, *rest, **options)

    return run

for name in shell.original:
    setattr(shell, name, skipping(name))
"""
            + ZEROS
        },
    ),
    Attack(
        "input-transformer",
        "An input transformer of IPython empties the test cells.",
        {
            "logistic": """
def empty(lines):
    return ["pass\\n"] if "check_" in "".join(lines) else lines

get_ipython().input_transformers_post.append(empty)
"""
            + ZEROS
        },
    ),
    Attack(
        "ast-transformer",
        "An AST transformer of IPython deletes the line that calls the test.",
        {
            "logistic": """
import ast

class Drop(ast.NodeTransformer):
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(Drop())
"""
            + ZEROS
        },
    ),
    Attack(
        "swallowed-errors",
        "A custom exception handler of IPython shows no error; stock nbgrader then gives all.",
        {
            "logistic": """
import sys

sys.excepthook = lambda *a: None
get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
get_ipython().showtraceback = lambda *a, **k: None
"""
            + ZEROS
        },
    ),
    Attack(
        "number-as-result",
        "The function hands a number to the display hook; stock nbgrader takes it as points.",
        {"logistic": "import sys\n\n" + logistic_with("\n    sys.displayhook(2.0)")},
    ),
    Attack(
        "forged-result-message",
        "The function sends an execute_result by hand, as IPython's kernel would.",
        {
            "logistic": logistic_with(
                """
    kernel = get_ipython().kernel
    content = {"execution_count": 1, "data": {"text/plain": "2.0"}, "metadata": {}}
    kernel.session.send(
        kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell")
    )
"""
            )
        },
    ),
    Attack(
        "ends-the-run",
        "Ends the process with status 0 in the middle of the test.",
        {"logistic": "import os\n\n" + logistic_with("\n    os._exit(0)")},
    ),
    Attack(
        "asks-the-shell-to-exit",
        "Calls exit(), get_ipython().ask_exit() and sys.exit(0) in the test.",
        {
            "logistic": "import sys\n\n"
            + logistic_with(
                """
    for leave in ("exit()", "get_ipython().ask_exit()"):
        try:
            eval(leave)
        except NameError:
            pass
    sys.exit(0)
"""
            )
        },
    ),
    Attack(
        "raises-what-ends-loops",
        "Raises StopIteration, which a loop of the test over map() would take as its end.",
        {
            "logistic": logistic_with("\n    raise StopIteration"),
            "predict": "def predict(*a):\n    raise GeneratorExit",
            "blend": "def blend(*a):\n    raise KeyboardInterrupt",
            "parameter_count": "def parameter_count(*a):\n    raise SystemExit(0)",
            "initial_bias": "def initial_bias(*a):\n    raise StopAsyncIteration",
        },
    ),
    Attack(
        "partial-credit-by-itself",
        "Returns, prints and displays what a part-by-part test would report.",
        {
            "logistic": """
class Parts:
    points = 2.0

    def __float__(self):
        return 2.0

    def __repr__(self):
        return "2.0"

"""
            + logistic_with("\n    print(2.0)\n    return Parts()")
        },
    ),
    Attack(
        "answers-for-the-neighbour",
        "A later cell repairs an earlier answer and the count of its points.",
        {
            "logistic": ZEROS,
            "initial_bias": """
def logistic(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))

globals().update(logistic=logistic, test_logistic=lambda: None, points=20)
""",
        },
    ),
    Attack(
        "replaced-modules",
        "Puts its own modules into sys.modules under the names that tests import.",
        {
            "train": """
import sys
import types

fake = types.ModuleType("samplecourse")
fake.fit = lambda *a: (np.zeros(4), np.zeros((1, 1)), np.zeros(1))
fake.__path__ = []
sys.modules["samplecourse"] = fake
random_cases = lambda seed: ()

def train(x, y, W, b, rate, epochs):
    return np.array([0.1425, 0.0267]), np.array([[0.7705], [0.0410]]), np.array([1.2705])
"""
        },
    ),
]
