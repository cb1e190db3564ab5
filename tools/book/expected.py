"""Expected outputs: what the cells tagged ``nbval-check-output`` print (`make expected`).

The prose leans on these numbers, so they are committed, one readable file a chapter:
``chapters/PART/expected/NAME.txt``.  A block starts with ``===`` and the first line of the cell;
under it stands each output, its kind after ``---``, its lines indented.
`fill` puts them into a notebook, where nbval compares them with what the cell gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output

TAG = "nbval-check-output"
HEAD = "Expected outputs of {page}.md, cell by cell.\nWritten by `make expected`; CI compares.\n"
CELL, KIND, INDENT = "=== ", "--- ", "    "
OPEN = ", without a line break at the end"

Block = tuple[str, list[NotebookNode]]


class ExpectedError(ValueError):
    """A file of expected outputs is missing, or does not fit the chapter's tagged cells."""


def path_of(root: Path, page: str) -> Path:
    """Return where the expected outputs of a chapter stand."""
    path = root / page
    return path.parent / "expected" / f"{path.name}.txt"


def tagged(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells whose outputs are compared."""
    return [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]


def first_line(cell: NotebookNode) -> str:
    return str(cell.source.strip().partition("\n")[0])


def texts(output: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each part of an output that is compared.

    Raises
    ------
    ExpectedError
        If the output is neither text nor a value.
    """
    if output.output_type == "stream":
        text = str(output.text)
        yield output.name + ("" if text.endswith("\n") else OPEN), text.removesuffix("\n")
    elif output.output_type == "execute_result":
        yield from sorted(output.data.items())
    else:
        raise ExpectedError(f"a cell tagged {TAG} shows a {output.output_type}: drop the tag")


def blocks_of(notebook: NotebookNode) -> list[Block]:
    """Return the first line and the outputs of each tagged cell."""
    return [(first_line(cell), cell.outputs) for cell in tagged(notebook)]


def dump(page: str, blocks: list[Block]) -> str:
    """Return the file of a chapter's expected outputs."""
    lines = HEAD.format(page=page).splitlines()
    for title, outputs in blocks:
        lines += ["", CELL + title]
        for kind, text in (pair for output in outputs for pair in texts(output)):
            lines.append(KIND + kind)
            lines += [INDENT + line if line else "" for line in text.split("\n")]
    return "\n".join(lines) + "\n"


def output_of(kind: str, text: str) -> NotebookNode:
    """Return a stream for stdout and stderr, a value for anything else."""
    name, ended = kind.removesuffix(OPEN), "" if kind.endswith(OPEN) else "\n"
    output: NotebookNode = (
        new_output("stream", name=name, text=text + ended)
        if name in ("stdout", "stderr")
        else new_output("execute_result", data={kind: text}, execution_count=1)
    )
    return output


def load(text: str) -> list[Block]:
    """Return the blocks of a file that `dump` wrote."""
    blocks: list[Block] = []
    for part in f"\n{text}".removesuffix("\n").split(f"\n\n{CELL}")[1:]:
        title, *kinds = part.split(f"\n{KIND}")
        outputs = []
        for block in kinds:
            kind, _, body = block.partition("\n")
            lines = [line.removeprefix(INDENT) for line in body.split("\n")]
            outputs.append(output_of(kind, "\n".join(lines)))
        blocks.append((title, outputs))
    return blocks


def fill(notebook: NotebookNode, root: Path, page: str) -> None:
    """Give the tagged cells of a notebook their expected outputs.

    Raises
    ------
    ExpectedError
        If the file is missing, or its blocks are not those of the tagged cells.
    """
    cells, path = tagged(notebook), path_of(root, page)
    blocks = load(path.read_text(encoding="utf8")) if path.exists() else []
    if [title for title, _ in blocks] != [first_line(cell) for cell in cells]:
        name = path.relative_to(root)
        raise ExpectedError(f"{name} does not fit the tagged cells of {page}.md: `make expected`")
    for cell, (_, outputs) in zip(cells, blocks, strict=True):
        cell.execution_count, cell.outputs = 1, outputs
