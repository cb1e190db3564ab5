"""No assertion depends on how long something took: a busy machine must not fail a check.

A name is timed when its value comes, however indirectly, from a clock such as
``time.perf_counter`` or ``timeit.repeat``.  The tests follow timed names through assignments,
loops, containers and the functions of a file, and look at every assertion and at the output of
every cell tagged ``nbval-check-output``.  A time-out, ``assert time.monotonic() < end``, is fine.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("chapters", "solutions", "studies", "tests", "tools", "lstm_course", "grader")
FILES = sorted(
    str(path.relative_to(ROOT))
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".md")
)
CLOCKS = {
    *(f"time.{name}" for name in ("time", "perf_counter", "monotonic", "process_time")),
    *(f"timeit.{name}" for name in ("timeit", "repeat", "default_timer")),
}
#: Names by which other modules hand over what they measured.
MEASURED = re.compile(r"(^|[_ ])(milli|micro)?seconds$|^(elapsed|timings?|durations?)$|^time,")
#: A file in which nothing of this stands has no times.
ANY_TIME = re.compile(r"import time|from time|timeit|seconds|elapsed|timing|duration")
FILLS = {"append", "extend", "insert", "add", "update"}


def names_in(tree):
    """Yield the names, attributes and text keys of an expression."""
    if isinstance(tree, ast.Call) and ast.unparse(tree.func) == "len":
        return
    if isinstance(tree, ast.Name):
        yield tree.id
    elif isinstance(tree, ast.Attribute):
        yield tree.attr
    elif isinstance(tree, ast.Subscript):
        yield ast.unparse(tree.slice).strip("f'\"")
    for part in ast.iter_child_nodes(tree):
        yield from names_in(part)


def filled(target):
    """Return the variable of which ``target`` is an element."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target


class Scope(ast.NodeVisitor):
    """Follows the timed names of a file, or of a function in it, and notes faults."""

    def __init__(self, outer=None):
        self.timed = dict(outer.timed) if outer else {}  # name: a flag for each part of its value
        self.functions = set(outer.functions) if outer else set()
        self.returned, self.faults = [], outer.faults if outer else {}

    def is_timed(self, tree):
        if isinstance(tree, ast.Call) and ast.unparse(tree.func) == "len":
            return False
        if isinstance(tree, ast.Name | ast.Attribute):
            name = ast.unparse(tree)
            if name in CLOCKS or any(self.timed.get(name, ())):
                return True
        return any(map(self.is_timed, ast.iter_child_nodes(tree)))

    def parts(self, value, count):
        """Say for each of the parts into which a value is unpacked whether it is timed."""
        called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
        flags = [self.is_timed(value)]
        if isinstance(value, ast.Tuple):
            flags = [self.is_timed(part) for part in value.elts]
        elif called == "zip":
            flags = [self.is_timed(part) for part in value.args]
        elif called == "enumerate" or called.endswith(".items"):
            flags = [False, *flags]
        elif called in self.timed:
            flags = self.timed[called]
        return flags if len(flags) == count else [any(flags)] * count

    def bind(self, target, flags):
        """Note whether a variable, or a part of one, is timed now."""
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self.bind(part, flags)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, flags)
        elif isinstance(target, ast.Name | ast.Attribute):
            self.timed[ast.unparse(target)] = flags
        elif any(flags) and not any(map(MEASURED.search, names_in(target))):
            self.bind(filled(target), [True])

    def assign(self, target, value):
        if isinstance(target, ast.Tuple | ast.List):
            for part, flag in zip(target.elts, self.parts(value, len(target.elts)), strict=True):
                self.bind(part, [flag])
        else:
            called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
            self.bind(target, self.timed.get(called, [self.is_timed(value)]))

    def visit_Assign(self, node):
        self.generic_visit(node)
        for target in node.targets:
            self.assign(target, node.value)

    def visit_AugAssign(self, node):
        if self.is_timed(node.value):
            self.bind(node.target, [True])

    def visit_For(self, node):
        self.assign(node.target, node.iter)
        self.generic_visit(node)

    def visit_ImportFrom(self, node):
        for alias in node.names:
            if f"{node.module}.{alias.name}" in CLOCKS:
                self.timed[alias.asname or alias.name] = [True]

    def visit_FunctionDef(self, node):
        inner = Scope(self)
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        inner.timed.update({argument.arg: [False] for argument in arguments})
        inner.follow(node.body)
        widths = {len(flags) for flags in inner.returned}
        flags = zip(*inner.returned, strict=True) if len(widths) == 1 else inner.returned
        self.timed[node.name] = [any(flag) for flag in flags]
        self.functions.add(node.name)

    def visit_Return(self, node):
        if isinstance(node.value, ast.Tuple):
            self.returned.append([self.is_timed(part) for part in node.value.elts])
        elif node.value:
            self.returned.append([self.is_timed(node.value)])

    def visit_Call(self, node):
        self.generic_visit(node)
        name = ast.unparse(node.func).rpartition(".")[2]
        if name.startswith(("assert_", "check_")):
            self.judge(node, *node.args)
        fills = name in FILLS and isinstance(node.func, ast.Attribute)
        if fills and any(map(self.is_timed, node.args)):
            self.bind(filled(node.func.value), [True])

    def visit_Assert(self, node):
        self.generic_visit(node)
        left = node.test.left if isinstance(node.test, ast.Compare) else None
        if left is None or ast.unparse(left) != "time.monotonic()":
            self.judge(node, node.test)

    def judge(self, node, *trees):
        """Note a fault where an expression that counts is timed."""
        for tree in trees:
            unknown = set(names_in(tree)) - self.functions
            if self.is_timed(tree) or any(map(MEASURED.search, unknown)):
                self.faults[ast.unparse(node)] = None

    def follow(self, body):
        """Visit statements twice: what a loop fills at its end counts at its start."""
        for _ in range(2):
            for statement in body:
                self.visit(statement)


def faults(cells):
    """Return what depends on times in (source, is its output compared) pairs of one file."""
    scope = Scope()
    for source, compared in cells:
        body = ast.parse(source).body
        scope.follow(body)
        for node in [n for statement in body for n in ast.walk(statement)] if compared else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                scope.judge(node, *node.args)
        if compared and body and isinstance(body[-1], ast.Expr):
            scope.judge(body[-1], body[-1].value)
    return list(scope.faults)


def cells_of(path):
    """Return the code of a file as cells: all of them of a chapter, the whole of a module."""
    text = (ROOT / path).read_text(encoding="utf8")
    if not ANY_TIME.search(text):
        return []
    if path.endswith(".py"):
        return [(text, False)]
    return [
        (cell.source, "nbval-check-output" in cell.metadata.get("tags", []))
        for cell in jupytext.reads(text, "md:myst").cells
        if cell.cell_type == "code"
    ]


CLOCK = "import time\nfrom timeit import repeat\n"
TIMED = {
    "a difference": "a = time.perf_counter()\nb = time.perf_counter() - a\nassert b < 1",
    "a ratio": "r = min(repeat(f)) / min(repeat(g))\nassert r > 1.5",
    "a function": "def spent(f):\n    return min(repeat(f))\nassert spent(f) > spent(g)",
    "a container": "t = [[]]\nt[0].append(time.time())\nfor v in t:\n    assert v[0]",
    "a part of a result": "def f():\n    return 1, time.time()\na, b = f()\nassert b > 1",
    "a part of a pair": "for a, b in zip(range(2), repeat(f)):\n    assert b > 1",
    "a name from elsewhere": "model, seconds = train()\nassert seconds < 9",
    "a key": "assert row['seconds'] < 9",
    "a check": "check_close(time.time(), 3)",
}
UNTIMED = {
    "the other part of a result": "def f():\n    return 1, time.time()\na, b = f()\nassert a == 1",
    "the other part of a pair": "for a, b in zip(range(2), repeat(f)):\n    assert a < 2",
    "how many": "t = repeat(f)\nassert len(t) == 5",
    "a time-out": "end = time.monotonic() + 60\nassert time.monotonic() < end",
    "a name used again": "t = time.time()\nt = 3\nassert t == 3",
}


@pytest.mark.parametrize("case", TIMED)
def test_an_assertion_on_times_is_found(case):
    assert len(faults([(CLOCK + TIMED[case], False)])) == 1


@pytest.mark.parametrize("case", UNTIMED)
def test_other_assertions_are_left_alone(case):
    assert faults([(CLOCK + UNTIMED[case], False)]) == []


def test_a_compared_output_that_shows_a_time_is_found():
    assert len(faults([(CLOCK + "print(time.time())", True)])) == 1
    assert len(faults([(CLOCK + "repeat(f)", True)])) == 1
    assert faults([(CLOCK + "print(time.time())", False)]) == []


@pytest.mark.parametrize("path", FILES)
def test_nothing_is_asserted_of_times(path, exceptions):
    if (str(path), "times") in exceptions:
        assert faults(cells_of(path)), "this needs no exception any more"
    else:
        assert faults(cells_of(path)) == []
