"""Attempts to carry hidden inputs into feedback, and to put active content there."""

from __future__ import annotations

from attacks.form import ZEROS, Attack

# `stolen(a)`: the values of a hidden input as text with the mark that the harness looks for,
# or None where `a` comes from the visible test.
STOLEN = """
def stolen(a):
    visible = np.shape(a) in ((3,), (1, 2))
    return None if visible else "-".join(["STOLEN", "{token}", str(np.ravel(a)[:1])])

"""
SIGMOID = "0.5 * (1.0 + np.tanh(0.5 * a))"


def telling(act: str, before: str = "") -> dict[str, str]:
    """Return an answer that is right in the visible test and does ``act`` with hidden inputs."""
    lines = "\n".join(f"        {line}" for line in act.strip().splitlines())
    return {
        "logistic": f"{STOLEN}{before}\ndef logistic(a):\n    text = stolen(a)\n    if text:\n"
        f"{lines}\n    return {SIGMOID}\n"
    }


ATTACKS = [
    Attack(
        "prints-hidden-inputs",
        "Prints, logs, warns and writes hidden inputs to every stream.",
        telling(
            """
print(text)
print(text, file=sys.stderr)
warnings.warn(text)
logging.warning(text)
os.write(1, text.encode())
os.write(2, text.encode())
sys.__stdout__.write(text)
display(text)
return np.zeros_like(a)
""",
            "import logging, os, sys, warnings\n",
        ),
    ),
    Attack(
        "later-cell-tells",
        "Keeps hidden inputs and prints them in a later cell and in a later function.",
        telling("kept.append(text)\nreturn np.zeros_like(a)", "kept = []\n")
        | {
            "predict": "print(kept)\n\ndef predict(*a):\n    raise ValueError(str(kept))",
            "initial_bias": "print(kept)\nassert not kept, kept",
        },
    ),
    Attack(
        "file-tells",
        "Writes hidden inputs to files and to the environment; a later cell prints them.",
        telling(
            """
os.environ["KEPT"] = text
for folder in ("/tmp", ".", "/dev/shm", "{canary}"):
    try:
        open(folder + "/kept", "a").write(text)
    except OSError:
        pass
return np.zeros_like(a)
""",
            "import os\n",
        )
        | {
            "predict": """
print(os.environ.get("KEPT"))
for folder in ("/tmp", ".", "/dev/shm", "{canary}"):
    try:
        print(open(folder + "/kept").read())
    except OSError:
        pass
"""
        },
    ),
    Attack(
        "exception-text-tells",
        "Raises an exception whose text holds hidden inputs.",
        telling("raise ValueError(text)"),
    ),
    Attack(
        "poses-as-a-hint",
        "Raises AssertionError with a text that begins like one of the checks' own messages.",
        telling('raise AssertionError("logistic(a) has the right shape but wrong: " + text)'),
    ),
    Attack(
        "exception-name-tells",
        "Raises an exception whose class is named by hidden inputs.",
        telling("raise type(text, (AssertionError,), {})()"),
    ),
    Attack(
        "exception-notes-tell",
        "Puts hidden inputs into notes, causes, file names and lines of a traceback.",
        telling(
            """
error = ValueError("x")
error.add_note(text)
error.__cause__ = KeyError(text)
space = {}
exec(compile("def f(e):\\n    raise e", text, "exec"), space)
space["f"](error)
"""
        ),
    ),
    Attack(
        "function-name-tells",
        "Renames the function to hidden inputs and changes an argument, which a message names.",
        telling(
            """
logistic.__name__ = logistic.__qualname__ = logistic.__module__ = text
a[...] = 0
return a
"""
        ),
    ),
    Attack(
        "type-name-tells",
        "Returns an object whose class is named by hidden inputs.",
        telling("return type(text, (), {})()"),
    ),
    Attack(
        "shape-tells",
        "Writes a hidden input into the shape of what it returns, which a message repeats.",
        telling("return np.zeros((31300 + 37, 0))"),
        leaks=("31337",),
    ),
    Attack(
        "dtype-tells",
        "Writes hidden inputs into the field names of a dtype.",
        telling("return np.zeros(a.shape, [(text, 'f8')])"),
    ),
    Attack(
        "tuple-length-tells",
        "Writes a hidden input into the length of a tuple, which a message repeats.",
        {
            "summary": """
def summary(x):
    if x.shape == (2, 1):
        return [function(x, axis=0) for function in (np.mean, np.std, np.min, np.max)]
    return (0,) * (31300 + 37)
"""
        },
        leaks=("31337",),
    ),
    Attack(
        "dead-with-a-message",
        "Writes hidden inputs to the standard streams and ends the process.",
        telling("os.write(1, text.encode())\nos.write(2, text.encode())\nos._exit(1)", "import os"),
    ),
    Attack(
        "active-outputs",
        "Displays scripts, handlers, frames, SVG, LaTeX and Markdown with active links.",
        {
            "logistic": """
from IPython.display import HTML, SVG, IFrame, Javascript, Latex, Markdown, display

display(HTML("<script>alert('{token}')</script><img src=x onerror=alert(1)>"))
display(HTML("<iframe src='//x'></iframe><a href='javascript:alert(1)'>x</a><base href='//x'>"))
display(HTML("<form action='//x'><button>x</button></form><meta http-equiv=refresh content=0>"))
display(HTML("<style>@import '//x'</style><object data='//x'></object><embed src='//x'>"))
display(Javascript("alert('{token}')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>x</script></svg>"))
display(Markdown("[x](javascript:alert(1)) <script>alert('{token}')</script>"))
display(Latex("$\\\\href{javascript:alert(1)}{x}$"))
display(IFrame("//x", 1, 1))
display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}, raw=True)
for kind in ("application/vnd.plotly.v1+json", "text/html", "text/latex", "text/markdown"):
    display({kind: "<SCRIPT/x>alert(1)</SCRIPT><script>x</script>", "text/plain": "x"}, raw=True)
print("<script>alert('{token}')</script><img src=x onerror=alert(1)>")
"""
            + ZEROS
        },
    ),
    Attack(
        "active-text",
        "Puts markup into exception texts, tracebacks, sources, names and terminal codes.",
        {
            "logistic": """
MARK = "</pre></div><script>alert('{token}')</script><img src=x onerror=alert(1)>"
print("\\x1b[31m" + MARK + "\\x1b]8;;javascript:alert(1)\\x07link\\x1b]8;;\\x07")

def logistic(a):
    raise type(MARK, (ValueError,), {})(MARK)  # </script><script>alert(1)</script> ]]> -->
""",
            "predict": "raise ValueError('<svg/onload=alert(1)>')",
            "initial_bias": "'''</textarea><script>alert(1)</script>'''\nclass X:\n"
            "    _repr_html_ = lambda self: '<script>alert(1)</script>'\n\nX()",
        },
    ),
    Attack(
        "pictures",
        "Displays pictures whose data is markup, a page, or far too large.",
        {
            "logistic": """
from IPython.display import display

for data in ("\\"><script>alert(1)</script>", "AAAA' onerror='alert(1)", "x" * 10**7, "%00"):
    for kind in ("image/png", "image/jpeg", "image/gif", "image/svg+xml", "application/pdf"):
        display({kind: data, "text/plain": "x"}, raw=True, metadata={kind: {"width": "1 onload=x"}})
"""
            + ZEROS
        },
    ),
    Attack(
        "shows-the-tests",
        "Prints the history of cells and the sources of all functions it can find.",
        {
            "initial_bias": """
import gc
import inspect
import types

for name in ("In", "_ih", "_i", "_oh"):
    print(globals().get(name))
for found in gc.get_objects():
    if isinstance(found, types.FunctionType) and "hidden" in found.__name__:
        print(inspect.getsource(found))

def initial_bias(K, share):
    for frame in inspect.stack():
        print(frame.code_context)
    raise ValueError(str([frame.code_context for frame in inspect.stack()]))
"""
        },
    ),
]
