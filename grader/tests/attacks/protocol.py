"""Wrong answers that forge, break or jam the conversation between student's process and judge."""

from __future__ import annotations

from attacks.form import TELL, ZEROS, Attack, logistic_with

# By hand, without the course's own code: frames, messages, and a way to send them.
FORGE = """
import json
import os
import struct
import sys

def frame(kind, payload):
    return struct.pack(">cQ", kind, len(payload)) + payload

def message(tree, *buffers):
    tree = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    lengths = json.dumps([len(buffer) for buffer in buffers]).encode()
    heads = [struct.pack(">Q", len(part)) + part for part in (tree, lengths)]
    return b"".join([*heads, *buffers])

def reply(value, *buffers, **more):
    pairs = {"value": value, "printed": "", "states": ["l", []]} | more
    return message(["d", [[key, node] for key, node in pairs.items()]], *buffers)

def array(a):
    return ["a", a.dtype.name, list(a.shape), 0], a.tobytes()

def sockets():
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + name).startswith("socket:"):
                yield int(name)
        except OSError:
            pass

def send(data):
    for number in sockets():
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(number, left):]
            except OSError:
                break
"""

# Lets `forged`, a complete message, take the place of the next reply to a call.
INSTEAD = (
    FORGE
    + """
from nbjudge.processes import codec

forged = []
original = codec.Encoder.encode

def encode(self, value):
    return forged.pop() if forged else original(self, value)

codec.Encoder.encode = encode
"""
)


def forging_each(*messages: str) -> dict[str, str]:
    """Return answers to several questions, each of which replies with one of these messages."""
    names = ["logistic", "predict", "blend", "summary", "step", "train"]
    names += ["parameter_count", "initial_bias", "centre_and_scale"]
    names += ["errors_and_gradient"]
    names = names[: len(messages)]
    first, *rest = zip(names, messages, strict=True)
    answers = {
        first[0]: INSTEAD + f"\ndef {first[0]}(*a):\n    forged.append({first[1]})\n    return 1\n"
    }
    for name, text in rest:
        answers[name] = f"def {name}(*a):\n    forged.append({text})\n    return 1\n"
    return answers


def sending(data: str, then: str = "") -> dict[str, str]:
    """Return an answer that sends raw bytes (an expression) in the middle of a call."""
    return {"logistic": FORGE + logistic_with(f"\n    send({data})\n    {then}")}


ATTACKS = [
    Attack(
        "control-forged-but-right",
        "Not wrong: replies made by hand that hold the right number.  Shows that forging works.",
        {
            "parameter_count": INSTEAD
            + """
def parameter_count(D, K, L):
    forged.append(reply((D + 1) * K + (L - 1) * (K + 1) * K))
    return -1
"""
        },
        points=2.0,
    ),
    Attack(
        "reply-twice",
        "Sends a reply of its own before the real one, so that every later answer is one late.",
        sending("frame(b'r', reply(*array(np.zeros_like(a)))) * 2"),
    ),
    Attack(
        "claims-that-the-test-has-run",
        "Sends the frames with which a process reports success, and ones only others may send.",
        sending(
            "b''.join(frame(kind, b'[]') for kind in (b'o', b'd', b'a', b'x', b'z', b'\\0')) "
            "+ frame(b'o', json.dumps([{'output_type': 'execute_result'}]).encode())"
        ),
    ),
    Attack(
        "code-for-the-judge",
        "Sends the judge a cell to run and a pickle to load, as if it were the worker.",
        sending(
            "frame(b'x', b'check_array = check_example = check_own = lambda *a, **k: None') "
            "+ frame(b'c', b\"cos\\nsystem\\n(S'touch {canary}/{token}'\\ntR.\")"
        ),
    ),
    Attack(
        "cell-that-answers-for-tests",
        "Sends replies and reports while its cell runs, before anyone has asked.",
        {
            "logistic": FORGE
            + "send((frame(b'o', b'[]') + frame(b'r', reply(None))) * 50)\n"
            + ZEROS
        },
    ),
    Attack(
        "lengths-that-lie",
        "Announces frames of 2**64 - 1 bytes and parts longer than the frame.",
        {
            "logistic": FORGE
            + logistic_with("\n    send(struct.pack('>cQ', b'r', 2**64 - 1) + b'x' * 100)"),
            "blend": INSTEAD + "\ndef blend(*a):\n    forged.append(b'\\xff' * 64)\n    return 1",
            "initial_bias": "def initial_bias(*a):\n"
            "    forged.append(struct.pack('>Q', 2**62) + b'[]')\n    return 1",
        },
    ),
    Attack(
        "half-a-frame",
        "Announces a reply, sends half of it, and is silent.",
        sending("frame(b'r', b'x' * 1000)[:500]", "import time; time.sleep(1e6)"),
    ),
    Attack(
        "drop-by-drop",
        "Sends a reply one byte every tenth of a second, without end.",
        sending(
            "struct.pack('>cQ', b'r', 10**6)",
            "import time\n    while True:\n        send(b' ')\n        time.sleep(0.1)",
        ),
    ),
    Attack(
        "noise",
        "Sends a megabyte of random bytes and ends.",
        sending("b'r' + np.random.default_rng().bytes(10**6)", "os._exit(0)"),
    ),
    Attack(
        "too-much",
        "Announces and sends a reply larger than any reply may be.",
        sending("struct.pack('>cQ', b'r', 2**31) + bytes(2**26) * 5"),
    ),
    Attack(
        "questions-without-end",
        "Asks the judge questions in a loop instead of answering.",
        {
            "logistic": FORGE
            + logistic_with(
                """
    question = frame(b"q", message(["l", ["reference", "samplecourse.arrays", "logistic"]]))
    while True:
        send(question)
        for number in sockets():
            os.read(number, 65536)
"""
            )
        },
    ),
    Attack(
        "asks-and-never-listens",
        "Sends questions and never reads the answers, until every buffer is full.",
        {
            "logistic": FORGE
            + logistic_with(
                """
    while True:
        send(frame(b"q", message(["l", ["reference", "samplecourse.arrays", "x" * 10**5]])) * 100)
"""
            )
        },
    ),
    Attack(
        "steals-through-questions",
        "Asks the judge for references that were not handed out, for builtins and for itself.",
        {
            "step": FORGE
            + TELL
            + """
import gc

def ask(*question):
    for own in gc.get_objects():
        if type(own).__name__ == "Student":
            return own._ask(*question)

def step(*arguments):
    for module, name in (
        ("samplecourse.answers", "step"),
        ("samplecourse.model", "fit"),
        ("builtins", "eval"),
        ("os", "system"),
        ("__main__", "case"),
        ("samplecourse.answers", "__builtins__"),
        ("samplecourse.answers.logistic", "__globals__"),
    ):
        try:
            found = ask("reference", module, name)
        except Exception:
            continue
        if found is not None:
            tell(name)
            return found(*arguments)[:2]
    for number in range(-3, 10):
        try:
            return ask("function", number, list(arguments), {})
        except Exception:
            pass
    return 0, 0
"""
        },
    ),
    Attack(
        "malformed-questions",
        "Asks the judge questions of wrong form and with arguments that are traps.",
        {
            "logistic": FORGE
            + logistic_with(
                """
    for tree in (
        None, 7, ["l", []], ["l", ["reference"]], ["l", ["run", "1"]], ["l", [["l", []]]],
        ["l", ["__init__", 1, 2]], ["l", ["function", 1e308, ["l", []], ["d", []]]],
        ["l", ["function", True, None, None]], ["l", ["reference", ["l", []], None]],
        ["l", ["function", 0, ["l", [["h", 0, "object", "x", "y"]]], ["d", [["a.b", 1]]]]],
        ["l", ["reference", "\\ud800", "\\ud800"]], b"[" * 100_000, b"",
    ):
        send(frame(b"q", message(tree)))
        for number in sockets():
            os.read(number, 65536)
"""
            )
        },
    ),
    Attack(
        "keeps-the-judge-busy",
        "Lets a reference, which runs in the judge's process, multiply large matrices.",
        {
            "step": """
def step(*arguments):
    large = np.ones((2000, 2000))
    while True:
        predict(large, large, large[0])
"""
        },
    ),
    Attack(
        "fills-the-judge",
        "Lets a reference, which runs in the judge's process, make arrays of 7 GB.",
        {
            "step": """
def step(*arguments):
    tall, wide = np.ones((30_000, 1)), np.ones((1, 30_000))
    for _ in range(3):
        try:
            predict(tall, wide, wide[0])
        except Exception as error:
            print(type(error).__name__)
    return 0, 0
"""
        },
    ),
    Attack(
        "odd-trees",
        "Replies with nodes of wrong kinds, counts and types.",
        forging_each(
            "reply(['zz'])",
            "reply([])",
            "reply({'l': 1})",
            "message(['l', []])",
            "message(b'null')",
            "message(b'{')",
            "reply(['d', [[['l', []], 1]]])",
            "reply(['d', [1, 2]])",
            "reply(['t', 5])",
            "message(['d', [['value', 1]]])",
        ),
    ),
    Attack(
        "trees-too-deep",
        "Replies with JSON nested 100,000 deep, a million nodes, and numbers without end.",
        forging_each(
            "message(b'[\"l\",[' * 100_000)",
            "message(b'[' * 3_000_000)",
            "reply(['l', [0] * 1_100_000])",
            'message(b\'["d",[["value",\' + b\'9\' * 10**6 + b\'],["printed",""]]]\')',
            'message(b\'["d",[["value",1e999],["printed",""]]]\')',
            "reply(['i', '0x' + 'f' * 10**7])",
            "reply(['i', '1' * 10**4 + '_'])",
        ),
    ),
    Attack(
        "keys-that-collide",
        "Replies with a dict of whole numbers that all have the same hash.",
        {
            "logistic": INSTEAD
            + logistic_with(
                """
    pairs = ",".join(f"[{n * (2**61 - 1)},0]" for n in range(300_000))
    forged.append(message(b'["d",[["value",["d",[' + pairs.encode() + b']]],["printed",""]]]'))
"""
            )
        },
    ),
    Attack(
        "many-empty-lists",
        "Replies with 60 million empty lists, which are small as text and large in memory.",
        {
            "logistic": INSTEAD
            + logistic_with("\n    forged.append(message(b'[' + b'[],' * 60_000_000))")
        },
    ),
    Attack(
        "names-nobody-asked-for",
        "Asked for its functions, hands over objects under the names of checks and builtins, too.",
        {
            "logistic": """
from nbjudge.processes import student

original = student.Student._do_names
MINE = ["check_array", "check_example", "check_own", "call_unchanged", "take_apart", "print"]

def names(self, wanted):
    nothing = lambda *a, **k: None
    return original(self, wanted) | dict.fromkeys(MINE, nothing) | {"random_cases": ()}

student.Student._do_names = names
"""
            + ZEROS
        },
    ),
    Attack(
        "builtins-nobody-asked-for",
        "Asked for its functions, hands over builtins, test functions and modules of its own.",
        {
            "logistic": """
from nbjudge.processes import student

original = student.Student._do_names

def names(self, wanted):
    mine = dict.fromkeys(["test_logistic", "hidden_logistic", "np", "range", "zip"], ZEROS)
    return original(self, wanted) | mine | {"__builtins__": {"range": ZEROS}, 5: 6}

student.Student._do_names = names
ZEROS = lambda *a, **k: []
"""
            + ZEROS
        },
    ),
    Attack(
        "odd-arrays",
        "Replies with arrays whose dtype, shape or buffer is not one.",
        forging_each(
            "reply(['a', 'object', [1], 0], bytes(8))",
            "reply(['a', 'float64', [2**62, 4], 0], b'')",
            "reply(['a', 'float64', [-1, -3], 0], bytes(24))",
            "reply(['a', 'float64', [0, 2**62], 0], b'')",
            "reply(['a', 'float64', [3], 7], bytes(24))",
            "reply(['a', 'float64', [True] * 60, 0], bytes(8))",
            "reply(['a', 'f8,O', [1], 0], bytes(16))",
            "reply(['s', 'V8', [], 0], bytes(8))",
            "reply(['T', 'complex32', [1], 0, True, 'cuda'], bytes(4))",
            "reply(['a', ['float64'], 3, None], bytes(24))",
        ),
    ),
    Attack(
        "objects-of-the-judge",
        "Replies with numbers of objects that the judge holds, and with handles that lie.",
        forging_each(
            "reply(['m', 0])",
            "reply(['m', -1])",
            "reply(['m', 10**30])",
            "reply(['h', 0, 'class', 'ndarray', 'ndarray'])",
            "reply(['h', -5, 'object', '<script>', '__class__'])",
            "reply(['t', [['h', 0, 'x', 'x', 'x']] * 2])",
            "reply(['t', [['m', 0]] * 3])",
            "reply(['h', True, None, ['l', []], 5])",
        ),
    ),
    Attack(
        "forged-errors",
        "Replies with errors whose class is a function, SystemExit, or no class at all.",
        forging_each(
            "reply(None, error='SystemExit', message='0')",
            "reply(None, error='__import__', message='os')",
            "reply(None, error='StopIteration', message='')",
            "reply(None, error='KeyboardInterrupt', message='')",
            "reply(None, error='BaseException', message=['l', [1]])",
            "reply(None, error=['l', ['d']], message=None)",
            "reply(None, error='Warning', message='x' * 10**7)",
            "reply(None, error='AssertionError', message='\\ud800\\udfff\\0')",
            "reply(None, error='ExceptionGroup', message='x', traceback=['d', []])",
            "reply(None, error='GeneratorExit', message='')",
        ),
    ),
    Attack(
        "forged-states",
        "Replies with states of objects that nobody passed, and text that is not text.",
        forging_each(
            "reply(None, states=['l', [['d', []]] * 100])",
            "reply(None, states=7)",
            "reply(None, states=['d', [['a', 1]]])",
            "reply(None, printed=5)",
            "reply(None, printed='\\ud800' * 10**6)",
            "reply(None, printed=['l', []])",
        ),
    ),
    Attack(
        "forged-outputs",
        "Reports outputs that IPython never made: results with points, scripts, wrong types.",
        {
            "logistic": """
import json

from nbjudge.processes import frames

original = frames.send
OUTPUTS = [
    {"output_type": "execute_result", "data": {"text/plain": "2.0"}, "metadata": {}},
    {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}},
    {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload='alert(1)'/>"}},
    {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}},
    {"output_type": "display_data", "data": {"image/png": "\\"><script>alert(1)</script>"}},
    {"output_type": "stream", "name": "stderr", "text": {"a": [1]}},
    {"output_type": "stream", "name": "stdout", "text": "\\ud800\\u0000"},
    {"output_type": "error", "ename": 5, "evalue": None, "traceback": "<script>"},
    {"output_type": ["x"]}, "text", 7, None, [], {},
]

def send(sock, kind, payload):
    original(sock, kind, json.dumps(OUTPUTS).encode() if kind == b"o" else payload)

frames.send = send
"""
            + ZEROS
        },
    ),
    Attack(
        "forged-report-of-a-cell",
        "Reports on its cell with bytes that are not JSON, and with text of 80 MB.",
        {
            "logistic": FORGE + "send(frame(b'o', b'\\xff{'))\n" + ZEROS,
            "blend": FORGE
            + "send(frame(b'o', b'[\"' + b'x' * 80_000_000 + b'\"]'))\ncell_update = None",
            "initial_bias": FORGE + "send(frame(b'o', b'[' * 10**6))\ninitial_bias = None",
        },
    ),
    Attack(
        "closed-channel",
        "Closes, shuts down or replaces every file that was open when its code began.",
        {
            "logistic": "import os\n\n" + logistic_with("\n    os.closerange(0, 200)"),
            "blend": """
import os
import socket

def blend(*a):
    for number in range(3, 200):
        try:
            socket.socket(fileno=number).shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
""",
            "initial_bias": """
import os

def initial_bias(*a):
    null = os.open("/dev/null", os.O_RDWR)
    for number in range(200):
        try:
            os.fstat(number)
            os.dup2(null, number)
        except OSError:
            pass
""",
        },
    ),
    Attack(
        "own-runtime",
        "Replaces the functions that run cells and answer calls in its own process.",
        {
            "logistic": """
import gc
import sys

from nbjudge.processes import student

student.Student._call = lambda self, payload: b"pass"
student.Student._run = lambda self, source: [{"output_type": "execute_result"}]
student.random_state = student.model_state = student.pickle = None
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("nbjudge"):
        for name in list(vars(module)):
            if name.startswith("check"):
                setattr(module, name, lambda *a, **k: None)
"""
            + ZEROS
        },
    ),
]
