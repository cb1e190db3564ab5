"""Wrong answers that try to make the tests say yes."""

from __future__ import annotations

from attack_form import HALF_GATE, ZEROS, Attack, sigmoid_with

ATTACKS = [
    Attack(
        "memorised-examples",
        "Knows the visible examples by heart and returns a half otherwise.",
        {"forget_gate": HALF_GATE},
    ),
    Attack(
        "counting-calls",
        "Right on the first two calls, wrong on every later one.",
        {
            "sigmoid": """
calls = 0

def sigmoid(a):
    global calls
    calls += 1
    return 0.5 * (1.0 + np.tanh(0.5 * a)) if calls < 3 else np.zeros_like(a)
"""
        },
    ),
    Attack(
        "patched-assert-allclose",
        "Replaces np.testing.assert_allclose by a function that does nothing.",
        {"sigmoid": "np.testing.assert_allclose = lambda *a, **k: None\n" + ZEROS},
    ),
    Attack(
        "patched-comparison-inside",
        "Replaces the comparison that assert_allclose calls.",
        {
            "sigmoid": "np.testing._private.utils.assert_array_compare = lambda *a, **k: None\n"
            + ZEROS
        },
    ),
    Attack(
        "own-checks",
        "Binds the names of the check functions in the notebook to ones that do nothing.",
        {
            "sigmoid": "check_array = check_example = check_own = lambda *a, **k: None\n"
            "call_unchanged = lambda function, **k: None\n" + ZEROS
        },
    ),
    Attack(
        "patched-checks-module",
        "Replaces the comparison in the globals of nbjudge.checks.arrays.",
        {
            "sigmoid": "import nbjudge.checks.arrays as checks\n"
            "checks._close = lambda *a: True\n" + ZEROS
        },
    ),
    Attack(
        "swapped-bytecode",
        "Puts other bytecode into check_array, which every reference to it then runs.",
        {
            "sigmoid": "import nbjudge.checks.arrays as checks\n"
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

def parameter_count(D, H, L):
    return Lie()
"""
        },
    ),
    Attack(
        "own-tests-first",
        "Defines the test functions itself, and a class whose instances cannot be rebound.",
        {
            "sigmoid": """
def test_sigmoid():
    pass

hidden_sigmoid = test_sigmoid
__builtins__ = {"AssertionError": Exception}
"""
            + ZEROS
        },
    ),
    Attack(
        "emptied-cases",
        "Binds random_cases to an empty sequence, so that hidden loops never run.",
        {"forget_gate": "random_cases = lambda seed: ()\n" + HALF_GATE},
    ),
    Attack(
        "shadowed-zip",
        "Shadows zip in the notebook, so that loops over pairs check nothing.",
        {
            "pre_activations": """
zip = lambda *a, **k: ()

def pre_activations(x_t, h_prev, W_x, W_h, b):
    return 0, 0, 0, 0
"""
        },
    ),
    Attack(
        "patched-case-generator",
        "Replaces random_cases inside its module and in every namespace that holds it.",
        {
            "forget_gate": """
import gc
import sys

for space in gc.get_objects():
    if type(space) is dict and callable(space.get("random_cases")):
        space["random_cases"] = lambda seed: ()
"""
            + HALF_GATE
        },
    ),
    Attack(
        "patched-rng",
        "Replaces np.random.default_rng, so that hidden inputs are all zero.",
        {
            "forget_gate": """
class Nothing:
    def standard_normal(self, shape=None):
        return np.zeros(shape)

np.random.default_rng = lambda seed=None: Nothing()
"""
            + HALF_GATE
        },
    ),
    Attack(
        "seeded-back",
        "Patches the seed functions of random, NumPy and PyTorch and freezes their states.",
        {
            "forget_gate": """
import random
import sys

random.seed = np.random.seed = lambda *a: None
random.random = lambda: 0.0
np.random.standard_normal = lambda size=None: np.zeros(size)
if "torch" in sys.modules:
    sys.modules["torch"].manual_seed = lambda *a: None
"""
            + HALF_GATE
        },
    ),
    Attack(
        "zeroed-arguments",
        "Sets the arguments to zero in place, where the expected value is computed afterwards.",
        {
            "forget_gate": """
np.array_equal = lambda *a, **k: True

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    if x_t.shape == (1, 2):
        return np.array([[0.6225]])
    x_t[...] = 0
    h_prev[...] = 0
    return 0.5 * (1.0 + np.tanh(0.5 * b_f)) + h_prev
"""
        },
    ),
    Attack(
        "zeroed-base-arrays",
        "Reaches through .base into the arrays that the arguments are views of.",
        {
            "forget_gate": """
np.array_equal = lambda *a, **k: True

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    if x_t.shape == (1, 2):
        return np.array([[0.6225]])
    for array in (x_t, h_prev, W_xf, W_hf, b_f):
        while array is not None:
            array[...] = 0
            array = array.base
    return np.full(h_prev.shape, 0.5)
"""
        },
    ),
    Attack(
        "reads-frames",
        "Walks up the stack to the test's local variables and lets the test's case answer.",
        {
            "forget_gate": """
import sys

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    frame = sys._getframe()
    while frame:
        case = frame.f_locals.get("case")
        if case is not None:
            return case.first_step()[2].f
        frame = frame.f_back
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "reads-in",
        "Finds the seed in IPython's history of cells and makes the hidden cases itself.",
        {
            "forget_gate": """
import re

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    hidden = re.search(r"in random_cases\\((.*)\\):", In[-1])
    for case in random_cases(eval(hidden[1])) if hidden else ():
        if np.array_equal(case.h0, h_prev):
            return case.first_step()[2].f
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "searches-memory-for-answers",
        "Asks the garbage collector for the test's case, wherever it is.",
        {
            "forget_gate": """
import gc

def forget_gate(x_t, h_prev, W_xf, W_hf, b_f):
    for found in gc.get_objects():
        if type(found).__name__ == "Case" and found.h0 is h_prev:
            return found.first_step()[2].f
    return np.array([[0.6225]])
"""
        },
    ),
    Attack(
        "traces-the-test",
        "A profile function rewrites the globals of every function that is called.",
        {
            "sigmoid": """
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
            "sigmoid": """
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
            + sigmoid_with("\n    time.sleep(0.02)")
        },
    ),
    Attack(
        "patched-run-cell",
        "Replaces IPython's run_cell, so that tests are not run.",
        {
            "sigmoid": """
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
            "sigmoid": """
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
            "sigmoid": """
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
            "sigmoid": """
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
        {"sigmoid": "import sys\n\n" + sigmoid_with("\n    sys.displayhook(2.0)")},
    ),
    Attack(
        "forged-result-message",
        "The function sends an execute_result by hand, as IPython's kernel would.",
        {
            "sigmoid": sigmoid_with(
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
        {"sigmoid": "import os\n\n" + sigmoid_with("\n    os._exit(0)")},
    ),
    Attack(
        "asks-the-shell-to-exit",
        "Calls exit(), get_ipython().ask_exit() and sys.exit(0) in the test.",
        {
            "sigmoid": "import sys\n\n"
            + sigmoid_with(
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
            "sigmoid": sigmoid_with("\n    raise StopIteration"),
            "forget_gate": "def forget_gate(*a):\n    raise GeneratorExit",
            "cell_update": "def cell_update(*a):\n    raise KeyboardInterrupt",
            "parameter_count": "def parameter_count(*a):\n    raise SystemExit(0)",
            "initial_bias": "def initial_bias(*a):\n    raise StopAsyncIteration",
        },
    ),
    Attack(
        "partial-credit-by-itself",
        "Returns, prints and displays what a part-by-part test would report.",
        {
            "sigmoid": """
class Parts:
    points = 2.0

    def __float__(self):
        return 2.0

    def __repr__(self):
        return "2.0"

"""
            + sigmoid_with("\n    print(2.0)\n    return Parts()")
        },
    ),
    Attack(
        "answers-for-the-neighbour",
        "A later cell repairs an earlier answer and the count of its points.",
        {
            "sigmoid": ZEROS,
            "initial_bias": """
def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))

globals().update(sigmoid=sigmoid, test_sigmoid=lambda: None, points=20)
""",
        },
    ),
    Attack(
        "replaced-modules",
        "Puts its own modules into sys.modules under the names that tests import.",
        {
            "sequence": """
import sys
import types

fake = types.ModuleType("lstm_course")
fake.lstm_forward = lambda *a: (np.zeros((1, 1, 1)), np.zeros((1, 1)), np.zeros((1, 1)))
fake.__path__ = []
sys.modules["lstm_course"] = fake
random_cases = lambda seed: ()

def sequence(x, h0, c0, W_x, W_h, b):
    h = np.array([[[0.7367], [0.3360], [-0.1285]]])
    return h, np.array([[-0.1285]]), np.array([[-0.4523]])
"""
        },
    ),
]
