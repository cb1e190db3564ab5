"""The page that a student gets back: code, points, and a sentence for each test that failed.

nbgrader's ``generate_feedback`` takes the preprocessors and the exporter from
``nbgrader_config.py``.  Hidden tests never reach the page.  What a student wrote is shown as
text; the page loads nothing from anywhere and forbids the browser to run a script.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from traitlets import List
from traitlets.config import Config

from nbjudge.checks.parts import PartResult
from nbjudge.engine.rebuild import METADATA
from nbjudge.feedback.sanitize import PICTURE, markdown

Resources = dict[str, Any]

HIDDEN = "# (hidden tests)"
LONGEST_SOURCE, LONGEST_TEXT, LONGEST_REASON = 100_000, 20_000, 200  # characters shown
_CONTROL = re.compile(
    r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_TITLE = re.compile(r"^# +(.+?) *#*$", re.MULTILINE)
_CHAPTERS = re.compile(r"\bchapters? ((?:(?:, | and |, and )?\*[^*\n]+\*)+)")
_FENCED = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.DOTALL | re.MULTILINE)
_POINTS = re.compile(r" *\([\d.]+ points?\)$")

#: Exceptions whose text is a sentence that needs no name before it.
_SPOKEN = ("AssertionError", "CheckFailed", "HiddenTestFailed", "NotRun", "TestFailed")


class MaskHiddenTests(ClearHiddenTests):  # type: ignore[misc]  # nbgrader has no type hints
    """Take out what a student must not see or need not see again."""

    display_data_priority: Any = List().tag(config=True)  # nbconvert's HTML exporter sets it

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook without hidden tests, the grader's notes and long instructions."""
        nb.metadata[METADATA] = {"title": "", "chapters": []}
        front = next((cell for cell in nb.cells if _is_instruction(cell)), None)
        if front is not None:
            nb.metadata[METADATA] = _front(front.source)
            front.source = _TITLE.sub("", front.source, count=1)  # it stands on top of the page
        nb, resources = super().preprocess(nb, resources)
        nb.cells = [cell for cell in nb.cells if cell.source or is_solution(cell)]
        return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """Return the cell as the student may see it."""
        instruction, notes = _is_instruction(cell), cell.metadata.pop(METADATA, {})
        if cell.cell_type == "code":
            if is_grade(cell) and not is_solution(cell):
                self._mask_test(cell, notes)
            outputs = [_plain_output(output) for output in cell.outputs]
            cell.outputs = [output for output in outputs if output.get("data") != {}]
            cell.source = _cut(cell.source, LONGEST_SOURCE)
        elif instruction:
            cell.metadata[METADATA] = {"instructions": True}
            found = _HEADING.finditer(_FENCED.sub("", cell.source))
            cell.source = "\n\n".join(match[0] for match in found)
        else:
            cell.source = _cut(cell.source, LONGEST_TEXT)
        return cell, resources

    def _mask_test(self, cell: NotebookNode, notes: dict[str, Any]) -> None:
        """Remove hidden tests, the bare number of points, and tracebacks through the test.

        The last output of a test in parts tells them in words; the page has its own for that.
        """
        if self._remove_hidden_test_region(cell):
            cell.source = f"{cell.source.rstrip()}\n\n{HIDDEN}"
        cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
        for output in cell.outputs:
            if output.output_type == "error" and (not notes or len(output.traceback) == 1):
                output.traceback = [_sentence(output)]
        if parts := [_plain_part(part) for part in notes.get("parts", [])]:
            cell.outputs.pop()
            cell.metadata[METADATA] = {"parts": [_words(part) for part in parts]}


class Summary(NbGraderPreprocessor):  # type: ignore[misc]
    """List the questions with points and reasons for the table on top; runs after `GetGrades`."""

    display_data_priority: Any = List().tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put the list into ``resources``, and the status of a question into its cell."""
        about, questions, title = resources["nbgrader"], [], ""
        about |= nb.metadata.get(METADATA, {})
        for cell in nb.cells:
            if cell.metadata.get(METADATA, {}).get("instructions"):
                title = [match[1] for match in _HEADING.finditer(cell.source)][-1]
            elif is_grade(cell) or is_task(cell):
                known = cell.metadata.nbgrader
                known.status = _status(cell)
                question = {"id": known.grade_id, "score": known.score, "points": known.points}
                question["title"] = _POINTS.sub("", title) or _name(known, about["notebook"])
                question["status"], question["reason"] = known.status, _reason(cell)
                questions.append(question)
                title = ""
        about["questions"] = questions
        return nb, resources


class FeedbackExporter(HTMLExporter):
    """Makes one file that needs no network, reads well on a phone, and runs no script."""

    @property
    def default_config(self) -> Config:
        """Return settings that are stronger than those nbgrader makes for its own page."""
        own = {
            "template_name": "template",
            "extra_template_basedirs": [str(Path(__file__).parent)],
            "extra_template_paths": [],
            "filters": {"markdown2html": markdown},
            "sanitize_html": True,
        }
        config: Config = super().default_config.copy()
        config.merge(Config(FeedbackExporter=own))
        return config


def _is_instruction(cell: NotebookNode) -> bool:
    """Return whether a cell is a text of the instructor's."""
    if cell.cell_type == "code":
        return False
    locked = is_locked(cell) and not is_grade(cell) and not is_task(cell)
    return locked or bool(cell.metadata.get(METADATA, {}).get("instructions"))


def _front(text: str) -> dict[str, Any]:
    """Return what the instructor's first text says of the notebook: its title, its chapters."""
    title, named = _TITLE.search(_FENCED.sub("", text)), _CHAPTERS.search(text)
    chapters = re.findall(r"\*([^*\n]+)\*", named[1]) if named else []
    return {"title": title[1] if title else "", "chapters": chapters}


def _plain_output(output: NotebookNode) -> NotebookNode:
    """Return an output reduced to text without control characters, or to one picture."""
    if output.output_type == "stream":
        output.text = _CONTROL.sub("", output.text)
        output.name = "stdout"
    elif output.output_type == "error":
        output.traceback = [_CONTROL.sub("", line) for line in output.traceback]
        output.evalue = _CONTROL.sub("", output.evalue)
    else:
        data, text = output.data, _CONTROL.sub("", output.data.get("text/plain", ""))
        picture = data.get("image/png", "")
        shown = {"text/plain": text} if text else {}
        if PICTURE.fullmatch(f"data:image/png;base64,{picture}"):
            shown = {"image/png": picture}
        output.data = shown
        output.metadata = {"image/png": {"alt": "picture made by this cell"}}
    return output


def _plain_part(data: dict[str, Any]) -> PartResult:
    """Return what came of a part, without control characters."""
    texts = {name: _CONTROL.sub("", data[name]) for name in ("name", "message")}
    return PartResult(**{**data, **texts})


def _words(part: PartResult) -> dict[str, Any]:
    """Return what came of a part for the template, as data and in words."""
    return {**asdict(part), "title": part.title, "line": str(part)}


def _sentence(error: NotebookNode) -> str:
    """Return the message of an error, after its name where that says more."""
    return error.evalue if error.ename in _SPOKEN else f"{error.ename}: {error.evalue}"


def _cut(text: str, longest: int) -> str:
    text = _CONTROL.sub("", text)
    return text if len(text) <= longest else f"{text[:longest]}\n(the rest is not shown)"


def _name(known: Any, notebook: str) -> str:
    """Return a name for a question without a heading."""
    name = str(known.grade_id).removeprefix(f"{notebook}_").removesuffix("_test")
    return name.replace("_", " ")


def _status(cell: NotebookNode) -> str:
    """Return one word for the table."""
    known = cell.metadata.nbgrader
    if is_solution(cell) or is_task(cell):
        return "by hand"
    if known.score >= known.points:
        return "passed"
    return "partly" if known.score > 0 else "failed"


def _reason(cell: NotebookNode) -> str:
    """Return one line that says why points are missing."""
    if cell.metadata.nbgrader.status not in ("partly", "failed"):
        return ""
    parts = cell.metadata.get(METADATA, {}).get("parts", [])
    failed = [part for part in parts if part["ran"] and not part["passed"]]
    texts = [f"{part['title']}: {part['message']}" for part in failed]
    texts += [_sentence(o) for o in cell.outputs if o.output_type == "error"]
    texts += [o.text for o in cell.outputs if o.output_type == "stream"]
    line = next((line.strip() for line in "\n".join(texts).splitlines() if line.strip()), "")
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return (line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}...") + more
