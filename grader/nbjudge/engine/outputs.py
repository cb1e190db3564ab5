"""What is written below the cells of a graded notebook: points for the gradebook, reasons for
the student, and in the metadata the full reason for the instructor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import nbformat

from nbjudge.checks.parts import PartResult, report
from nbjudge.engine.causes import Causes
from nbjudge.engine.cell_outputs import note
from nbjudge.engine.rebuild import METADATA, TEST, Cell
from nbjudge.engine.run import Result

_HIDDEN = "A hidden test of this question fails."


@dataclass
class Verdicts:
    """What the two runs say of one cell; ``reason`` is set where nothing ran."""

    open: Result | None = None
    graded: Result | None = None
    reason: str = ""


def write_outputs(
    cells: Sequence[Cell], verdicts: Sequence[Verdicts], texts: dict[str, set[str]]
) -> None:
    """Fill in the outputs of every code cell, in the way that nbgrader reads points from them."""
    causes = Causes()
    for cell, both in zip(cells, verdicts, strict=True):
        if cell.node.cell_type != "code":
            continue
        if cell.kind == TEST:
            outputs = _test_outputs(cell, both, texts.get(cell.grade_id, set()), causes)
        elif both.open is not None:
            causes.note(cell, both.open)
            outputs = list(both.open.outputs)
            if both.open.gone:
                outputs.append(_error("NotRun", both.open.gone))
        else:
            outputs = []
        cell.node.outputs = [nbformat.from_dict(output) for output in outputs]


def _test_outputs(
    cell: Cell, both: Verdicts, allowed: set[str], causes: Causes
) -> list[dict[str, Any]]:
    if both.open is None or both.graded is None:
        return [_error("NotRun", both.reason)]
    shown, counted = both.open.verdict or {}, both.graded.verdict or {}
    points = float(cell.node.metadata.nbgrader.get("points", 0))
    printed = str(shown.get("printed_there", ""))
    if "parts" not in shown:  # which print a report of their own
        printed += str(shown.get("printed", ""))
    outputs = [note(printed.rstrip("\n"))] if printed.strip() else []
    cell.node.metadata[METADATA] = {"full_reason": counted.get("message", "")}
    if "parts" in counted and counted.get("reached"):
        return outputs + _parts_outputs(cell, shown, counted, points, allowed, causes)
    if counted.get("reached"):
        return outputs
    if shown.get("reached") and shown.get("score", points) == points:
        return [*outputs, _error("HiddenTestFailed", _public(counted, allowed))]
    trace, message = str(shown.get("trace", "")), str(shown.get("message"))
    kind = str(shown.get("error"))
    if cause := causes.of(message) if kind == "NameError" else "":
        kind, message, trace = "NotRun", cause, ""
    if shown is counted:  # without an open run no student reads this: say what both would read
        message += f"\n{_public(counted, allowed)}"
    return [*outputs, _error(kind, message, trace)]


def _parts_outputs(
    cell: Cell,
    shown: dict[str, Any],
    counted: dict[str, Any],
    points: float,
    allowed: set[str],
    causes: Causes,
) -> list[dict[str, Any]]:
    """Return the outputs of a test with partial credit: a line for each part, then the points.

    Where no part passes, all for want of the same cell, that cell alone is named.
    """
    score = min(float(counted["score"]), points)
    visible = {part["name"]: part for part in shown.get("parts", [])}
    parts = [
        part
        for known in counted["parts"]
        if (part := _part(known, visible.get(known["name"], {}), allowed, causes)) is not None
    ]
    if score == points:
        not_run = [f"  {part}" for part in parts if not part.ran]
        return [note("\n".join(not_run))] if not_run else []
    failed = [part for part in counted["parts"] if part["ran"] and not part["passed"]]
    reason = "\n".join(f"{part['name']}: {part['message']}" for part in failed)
    cell.node.metadata[METADATA] = {"full_reason": reason}
    found = {causes.of(part["message"]) for part in shown.get("parts", []) if part["ran"]}
    if score <= 0 and len(found) == 1 and (cause := found.pop()):
        return [_error("NotRun", cause)]
    cell.node.metadata[METADATA]["parts"] = [asdict(part) for part in parts]
    text = report(score, points, parts)
    if score <= 0:
        return [_error("TestFailed", text)]
    value = {"text/plain": f"{score:g}"}
    result = {"output_type": "execute_result", "data": value, "metadata": {}}
    return [note(text), result | {"execution_count": None}]


def _part(
    counted: dict[str, Any], shown: dict[str, Any], allowed: set[str], causes: Causes
) -> PartResult | None:
    """Return a part as the student may see it, None if nothing of it may be seen."""
    part = PartResult(*(counted[name] for name in PartResult.__dataclass_fields__))
    if not part.ran:
        return part if {part.name, part.message} <= allowed else None
    name = part.name if part.name in allowed else "a part"
    if part.passed:
        return replace(part, name=name)
    fails_in_the_open = shown.get("ran") and not shown["passed"]
    reasons = [causes.of(shown["message"]) or shown["message"]] if fails_in_the_open else []
    if not reasons or shown is counted:  # without an open run: what both would read
        reasons.append(_public(counted, allowed))
    return replace(part, name=name, message="\n".join(reasons))


def _public(reason: dict[str, Any], allowed: set[str]) -> str:
    """Return what may be said about a hidden failure: only texts known beforehand."""
    author = [text for text in reason.get("author", []) if text in allowed]
    fixed = str(reason.get("public", ""))
    said = ": ".join(part for part in [fixed, *author] if part)
    return f"{_HIDDEN} {said}" if said else _HIDDEN


def _error(kind: str, message: str, trace: str = "") -> dict[str, Any]:
    """Return an error as an output; the last line of a trace says what the error is already."""
    lines = trace.splitlines() or [f"{kind}: {message}"]
    return {"output_type": "error", "ename": kind, "evalue": message, "traceback": lines}
