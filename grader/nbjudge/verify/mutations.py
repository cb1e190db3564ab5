"""The mistakes that `mutants` makes: what may stand in the place of a statement or expression."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

OTHER_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
MODULES = ("np", "torch", "nn", "F", "keras", "math", "copy")
CONFUSED_FUNCTIONS = [
    ("sigmoid", "np.tanh"),
    ("torch.sigmoid", "torch.tanh"),
    ("np.stack", "np.concatenate"),
    ("torch.stack", "torch.cat"),
]
CONFUSED_ATTRIBUTES = [
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("sum", "mean"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("softmax", "log_softmax"),
    ("train", "eval"),
    ("no_grad", "enable_grad"),
    ("clip_grad_norm_", "clip_grad_value_"),
    ("Adam", "SGD"),
    ("MSELoss", "L1Loss"),
    ("mse_loss", "l1_loss"),
    ("log", "exp"),
    ("sqrt", "square"),
]
_ONE = ast.Constant(1)


def exchanges(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each name of each pair the other one."""
    return {a: b for pair in pairs for a, b in (pair, pair[::-1])}


OTHER_FUNCTIONS = exchanges(CONFUSED_FUNCTIONS)


def statements(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield what may stand in the place of a statement; an empty list if nothing."""
    yield []
    match node:
        case ast.AugAssign(target, op, value):
            yield [ast.Assign([target], value, lineno=0)]
            for new in OTHER_OPERATORS.get(type(op), ()):
                yield [ast.AugAssign(target, new(), value)]
        case ast.With(_, body):
            yield body
        case ast.If(_, body, orelse):
            yield body
            yield orelse
        case ast.For(target, iterable, body, orelse):
            yield [ast.For(target, iterable, [*body, ast.Break()], orelse, lineno=0)]
            if ast.unparse(target) != "_":
                backwards = ast.Call(ast.Name("reversed"), [iterable], [])
                yield [ast.For(target, backwards, body, orelse, lineno=0)]
        case ast.FunctionDef(decorator_list=[_, *_]):
            fields = dict(ast.iter_fields(node)) | {"decorator_list": []}
            yield [ast.FunctionDef(**fields, lineno=0)]


def expressions(
    node: ast.expr, used: bool, other_attributes: Mapping[str, str]
) -> Iterator[ast.expr]:
    """Yield what may stand in the place of an expression; ``used`` is whether its value is."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, new(), right) for new in OTHER_OPERATORS.get(type(op), ()))
            yield from (left, right)
            if not isinstance(op, ast.Add | ast.Mult):
                yield ast.BinOp(right, op, left)
            if isinstance(op, ast.MatMult):
                yield ast.BinOp(left, op, ast.Attribute(right, "T"))
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.Compare(left, [op], right):
            others = OTHER_COMPARISONS.get(type(op), ())
            yield from (ast.Compare(left, [new()], right) for new in others)
            if not others:  # x in y
                yield ast.UnaryOp(ast.Not(), node)
        case ast.Constant(value):
            yield from (ast.Constant(new) for new in _constants(value))
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)
        case ast.Tuple(items, context) | ast.List(items, context):
            yield from (type(node)(swapped, context) for swapped in _swaps(items))
        case ast.Attribute(value, name, context):
            if name == "T":
                yield value
            if name in other_attributes:
                yield ast.Attribute(value, other_attributes[name], context)
        case ast.ListComp(item, parts) | ast.GeneratorExp(item, parts):
            if any(part.ifs for part in parts):
                all_of = [ast.comprehension(p.target, p.iter, [], p.is_async) for p in parts]
                yield type(node)(item, all_of)
        case ast.Call():
            yield from _calls(node, used)


def _calls(node: ast.Call, used: bool) -> Iterator[ast.expr]:
    name = ast.unparse(node.func)
    if name in OTHER_FUNCTIONS:
        yield ast.Call(ast.Name(OTHER_FUNCTIONS[name]), node.args, node.keywords)
    yield from (ast.Call(node.func, swapped, node.keywords) for swapped in _swaps(node.args))
    for left_out in node.keywords:
        kept = [keyword for keyword in node.keywords if keyword is not left_out]
        yield ast.Call(node.func, node.args, kept)
    if name == "range":
        less = [*node.args[:-1], ast.BinOp(node.args[-1], ast.Sub(), _ONE)]
        yield ast.Call(node.func, less, [])
    elif used and isinstance(node.func, ast.Attribute) and name.split(".")[0] not in MODULES:
        yield node.func.value  # x.detach() -> x
    elif used and node.args:
        yield node.args[0]  # f(x) -> x


def bounds(index: ast.expr) -> Iterator[ast.expr]:
    """Yield indices that are off by one, and slices without one of their bounds."""
    items = index.elts if isinstance(index, ast.Tuple) else [index]
    for number, item in enumerate(items):
        for new in _off_by_one(item):
            if isinstance(index, ast.Tuple):
                yield ast.Tuple([*items[:number], new, *items[number + 1 :]], ast.Load())
            else:
                yield new


def _off_by_one(item: ast.expr) -> Iterator[ast.expr]:
    if isinstance(item, ast.Name | ast.BinOp):
        yield from (ast.BinOp(item, step, _ONE) for step in (ast.Sub(), ast.Add()))
    elif isinstance(item, ast.Slice):
        lower, upper, step = item.lower, item.upper, item.step
        if lower is not None:
            yield from (ast.Slice(new, upper, step) for new in [*_off_by_one(lower), None])
        if upper is not None:
            yield from (ast.Slice(lower, new, step) for new in [*_off_by_one(upper), None])


def _constants(value: object) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        others = dict.fromkeys((value + 1, value - 1, 0, 1, -1))
        return [new for new in others if abs(new) != abs(value)]  # signs are changed elsewhere
    if isinstance(value, float):
        return [new for new in dict.fromkeys((0.0, 1.0, -value, 2 * value)) if new != value]
    return []


def _swaps(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the list with two neighbours exchanged, for each pair of neighbours."""
    for k in range(len(items) - 1):
        yield [*items[:k], items[k + 1], items[k], *items[k + 2 :]]
