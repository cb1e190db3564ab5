"""What every notebook of an assignment has, written once: how to work, the questions, the end.

In ``solutions/NAME/NAME.py`` a Markdown cell says where it goes:

    <!-- how to work -->   what all assignments have in common, from how_to_work.md
    <!-- the questions --> a table: the number, the points and where to read for each question

The set-up cell first says what is not installed.  The tests are folded, and a last cell lists
all questions with the points so far.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from tools.environment import KERNEL_ENVIRONMENT

HOW_TO_WORK = Path(__file__).with_name("how_to_work.md")
IMPORTS = (ast.Import, ast.ImportFrom)
MARKS = {"work": "<!-- how to work -->", "questions": "<!-- the questions -->"}
_HEADING = re.compile(r"^## Question (\d+): (.+?) \((\d+) points?\)$", re.MULTILINE)
_READ = re.compile(r"^Read: (.+?)\.?$", re.MULTILINE)
_HOW_FAR = """\
from nbjudge.checks.progress import how_far

how_far(
    [
{lines}
    ]
)"""


class Question(NamedTuple):
    """What the heading of a question and its test say."""

    name: str  # of the function, and in the ids of the cells
    number: int
    title: str
    points: float
    read: str  # the chapter and the section


def questions(name: str, notebook: NotebookNode) -> list[Question]:
    """Return the questions of a notebook in their order.

    Raises
    ------
    ValueError
        If the headings and the tests do not agree.
    """
    found: list[Question] = []
    heading: tuple[int, str, float, str] | None = None
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and (match := _HEADING.search(cell.source)):
            read = _READ.search(cell.source)
            heading = int(match[1]), match[2], float(match[3]), read[1] if read else ""
        elif about.get("grade"):
            question = str(about["grade_id"]).removeprefix(f"{name}_").removesuffix("_test")
            points = float(about.get("points", 0))
            if heading is None or heading[2] != points or heading[0] != len(found) + 1:
                text = f"## Question {len(found) + 1}: TITLE ({points:g} points)"
                raise ValueError(f"the heading before {question}_test must be {text!r}")
            found.append(Question(question, *heading))
            heading = None
    return found


def complete(name: str, notebook: NotebookNode) -> None:
    """Fill in what all notebooks have in common, fold the tests, and add the last cell.

    Raises
    ------
    ValueError
        If the headings and the tests do not agree.
    """
    known = questions(name, notebook)
    numbers = {f"{name}_{one.name}_test": one.number for one in known}
    how_to_work = HOW_TO_WORK.read_text(encoding="utf-8").strip()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(MARKS["work"], how_to_work)
            cell.source = cell.source.replace(MARKS["questions"], _table(known))
        elif cell.metadata.get("nbgrader", {}).get("grade"):
            number = numbers[cell.metadata.nbgrader.grade_id]
            cell.source = f"# The test of question {number}: run this cell.\n{cell.source}"
            cell.metadata.jupyter = {"source_hidden": True}
        elif cell.metadata.get("nbgrader", {}).get("grade_id") == f"{name}_setup":
            cell.source = _prepared(cell.source)
    notebook.cells += [
        nbformat.v4.new_markdown_cell("## How far am I?\n\nRun the tests first, then this cell."),
        _last_cell(name, known),
    ]


def _prepared(source: str) -> str:
    """Return the set-up cell with a check of the packages before its imports.

    TensorFlow writes on stderr while it is imported, unless it is told before not to.  A cell
    that is not plain Python stays as it is, for `tools.notebooks` to refuse.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return source
    imports = [node for node in statements if isinstance(node, IMPORTS)]
    names = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in imports if isinstance(node, ast.ImportFrom)]
    tops = dict.fromkeys(name.partition(".")[0] for name in names)
    found = [top for top in tops if top not in sys.stdlib_module_names | {"lstm_course"}]
    arguments = ", ".join(f'"{name}"' for name in found)
    lines = ["from lstm_course.packages import need", "", f"need({arguments})", "", source]
    if {"keras", "tensorflow"} & set(found):
        quiet = [
            f'os.environ.setdefault("{k}", "{v}")'
            for k, v in KERNEL_ENVIRONMENT.items()
            if k.startswith(("TF_", "KERAS_"))
        ]
        lines[:0] = ["import os", "", *quiet, ""]
    return "\n".join(lines)


def _table(known: list[Question]) -> str:
    lines = ["| Question | Points | Read first |", "|---|---|---|"]
    lines += [f"| {one.number}. {one.title} | {one.points:g} | {one.read} |" for one in known]
    return "\n".join(lines)


def _last_cell(name: str, known: list[Question]) -> NotebookNode:
    lines = [f'        ("{q.name}", "{q.number}. {_plain(q.title)}", {q.points:g}),' for q in known]
    about = {
        "grade": False,
        "grade_id": f"{name}_how_far",
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    source = _HOW_FAR.format(lines="\n".join(lines))
    cell: NotebookNode = nbformat.v4.new_code_cell(source)
    cell.metadata = nbformat.from_dict({"nbgrader": about, "jupyter": {"source_hidden": True}})
    return cell


def _plain(title: str) -> str:
    """Return a title without the marks of Markdown, for a plain line."""
    return re.sub(r"[`*$\\]", "", title).replace('"', "'")
