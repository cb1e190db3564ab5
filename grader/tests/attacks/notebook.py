"""Submissions whose file, cells or metadata are the attack.

``change`` gets the released notebook, as JSON, with the answers of the attack written in; all
answers are wrong or missing, so nothing may earn points.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attacks.form import TELL, ZEROS, Attack

Notebook = dict[str, Any]
NAME = "statistics"
WRONG = {"logistic": ZEROS}


def tests(notebook: Notebook) -> list[Notebook]:
    """Return the graded cells."""
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


def each_test(change: Callable[[Notebook], None]) -> Callable[[Notebook], Notebook]:
    """Return a function that changes every graded cell of a notebook."""

    def changed(notebook: Notebook) -> Notebook:
        for cell in tests(notebook):
            change(cell)
        return notebook

    return changed


def forged(**values: Any) -> Callable[[Notebook], Notebook]:
    """Return a function that writes these values into nbgrader's metadata of every test."""
    return each_test(lambda cell: cell["metadata"]["nbgrader"].update(values))


def without_tests(notebook: Notebook) -> Notebook:
    notebook["cells"] = [c for c in notebook["cells"] if "grade_id" not in str(c["metadata"])]
    return notebook


def empty_tests_first(notebook: Notebook) -> Notebook:
    for cell in tests(notebook):
        twin = copy.deepcopy(cell)
        twin["source"], twin["id"] = "pass", cell["id"] + "x"
        notebook["cells"].insert(notebook["cells"].index(cell), twin)
    return notebook


def answers_twice(notebook: Notebook) -> Notebook:
    """Add to every cell of the instructor's a copy that shuts the checks off."""
    for cell in list(notebook["cells"]):
        if "nbgrader" in cell["metadata"]:
            twin = copy.deepcopy(cell)
            twin["source"] = "check_array = check_example = check_own = lambda *a, **k: None"
            notebook["cells"] += [twin, copy.deepcopy(twin)]
    return notebook


def reversed_cells(notebook: Notebook) -> Notebook:
    notebook["cells"].reverse()
    return notebook


def same_ids(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["id"] = "same"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "statistics_logistic_test"
    return notebook


def swapped_types(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["cell_type"] = "markdown"
    return notebook


def own_graded_cells(notebook: Notebook) -> Notebook:
    """Add cells with points that nobody asked for."""
    for number in range(3):
        cell = copy.deepcopy(tests(notebook)[0])
        cell["source"] = f"{20 * number}.0"
        cell["metadata"]["nbgrader"] |= {"grade_id": f"bonus_{number}", "points": 100}
        notebook["cells"].append(cell)
    return notebook


def results_in_outputs(notebook: Notebook) -> Notebook:
    result = {"output_type": "execute_result", "data": {"text/plain": "20.0"}, "metadata": {}}
    script = {"text/html": "<script>alert(1)</script>", "application/javascript": "alert(1)"}
    shown = {"output_type": "display_data", "data": script, "metadata": {}}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [result | {"execution_count": 1}, shown]
            cell["metadata"] |= {"tags": ["raises-exception", "skip-execution", "remove_cell"]}
    return notebook


def own_kernel(notebook: Notebook) -> Notebook:
    argv = ["/bin/sh", "-c", "touch {canary}/{token}"]
    notebook["metadata"] = {
        "kernelspec": {"name": "bash", "language": "bash", "display_name": "x", "argv": argv},
        "language_info": {"name": "<script>alert(1)</script>", "pygments_lexer": "../x"},
        "title": "<script>alert(1)</script>",
        "celltoolbar": "x",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "<script>"}}},
    }
    return notebook


def markup(notebook: Notebook) -> Notebook:
    """Add text cells and attachments with everything that a browser might run."""
    texts = [
        "<script>alert('{token}')</script><img src=x onerror=alert(1)>",
        "[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:x> [y](data:text/html,x)",
        "<iframe src=//x></iframe><object data=//x></object><embed src=//x><base href=//x>",
        "<svg onload=alert(1)><script>x</script></svg><math><a xlink:href='javascript:x'>y</a>",
        "<form action=//x><input autofocus onfocus=alert(1)></form><meta http-equiv=refresh>",
        "<style>*{background:url(//x)}</style><link rel=stylesheet href=//x><p onclick=x>",
        "$\\href{javascript:alert(1)}{x}$ $$\\style{x}{y}</script><script>x</script>$$",
        "```html\n</code></pre><script>alert(1)</script>\n```\n<!-- --><script>x</script><!-- -->",
        '![x](attachment:a.svg) ![y](attachment:b.png"onerror="alert)',
    ]
    svg = {"image/svg+xml": "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+", "text/html": "<script>x</script>"}
    png = {"image/png": '"><script>alert(1)</script>', "../../x": "y"}
    for kind in ("markdown", "raw"):
        for number, text in enumerate(texts):
            cell = {"cell_type": kind, "id": f"{kind}-{number}", "source": text}
            cell["metadata"] = {"raw_mimetype": "text/html", "format": "text/html"}
            if kind == "markdown":
                cell["attachments"] = {"a.svg": svg, 'b.png"onerror="alert': png, "../c": 7}
            notebook["cells"].append(cell)
    return notebook


def odd_cells(notebook: Notebook) -> Notebook:
    """Put things that are no cells, and cells with wrong types, between the right ones."""
    notebook["cells"][3:3] = [
        None, 7, "text", [], {}, {"cell_type": "code"}, {"cell_type": "heading", "source": "x"},
        {"cell_type": "code", "metadata": None, "source": None, "outputs": "x"},
        {"cell_type": "code", "metadata": {"nbgrader": 5}, "source": {"a": 1}},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["x"]}}, "source": [1, None]},
        {"cell_type": "markdown", "metadata": {"nbgrader": {}}, "source": ["a", "b"], "id": 7},
        {"cell_type": ["code"], "metadata": {}, "source": ""},
    ]  # fmt: skip
    for cell in notebook["cells"][20:]:
        cell["metadata"]["nbgrader"] = dict.fromkeys(("grade_id", "points", "grade"), None)
    return notebook


def many_cells(notebook: Notebook) -> Notebook:
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}
    notebook["cells"] += [cell] * 50_000
    return notebook


def own_code(*sources: str, first: bool = True) -> Callable[[Notebook], Notebook]:
    """Return a function that adds code cells of the student's own, at the top or at the end."""

    def changed(notebook: Notebook) -> Notebook:
        cells = [
            {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
            for source in sources
        ]
        place = 0 if first else len(notebook["cells"])
        notebook["cells"][place:place] = cells
        return notebook

    return changed


def after_every_cell(source: str) -> Callable[[Notebook], Notebook]:
    """Return a function that adds a code cell of the student's own after each other cell."""

    def changed(notebook: Notebook) -> Notebook:
        own = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
        notebook["cells"] = [c for cell in notebook["cells"] for c in (cell, dict(own))]
        return notebook

    return changed


def version_three(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["input"] = cell["source"]
    sheet = {"cells": notebook["cells"], "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}


def as_bytes(form: Callable[[bytes], bytes]) -> Callable[[Notebook], bytes]:
    """Return a function that hands in a form of the notebook's bytes."""
    return lambda notebook: form(json.dumps(notebook).encode())


def surrogates(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") or "markdown" in cell["cell_type"]:
            cell["source"] = f"# \ud800 \x00 \u2028 \ufeff\n{cell['source']}"
    notebook["metadata"]["\udfff"] = "\ud800"
    return notebook


def linked(target: str) -> Callable[[Path, Mapping[str, str]], None]:
    """Return a function that puts a link in the place of the notebook."""

    def place(folder: Path, fields: Mapping[str, str]) -> None:
        file = folder / f"{NAME}.ipynb"
        file.unlink(missing_ok=True)
        file.symlink_to(target.format(**fields))

    return place


def linked_folder(folder: Path, fields: Mapping[str, str]) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.symlink_to(f"{fields['course']}/submitted/m-victim/{NAME}")


def pipe(folder: Path, fields: Mapping[str, str]) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    os.mkfifo(folder / f"{NAME}.ipynb")


def folder_as_notebook(folder: Path, fields: Mapping[str, str]) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    (folder / f"{NAME}.ipynb" / "x").mkdir(parents=True)


def linked_to_victim_file(folder: Path, fields: Mapping[str, str]) -> None:
    victim = Path(fields["course"]) / "submitted" / "m-victim" / NAME / f"{NAME}.ipynb"
    (folder / f"{NAME}.ipynb").unlink()
    (folder / "deep").symlink_to(victim.parent)
    (folder / f"{NAME}.ipynb").symlink_to(f"deep/{NAME}.ipynb")


def extra_files(folder: Path, fields: Mapping[str, str]) -> None:
    """Hand in files that Python, Jupyter or nbgrader would load by their name."""
    code = "open('{canary}/{token}', 'w'); check_array = None\n".format(**fields)
    names = ["samplecourse/__init__.py", ".ipython/profile_default/startup/0.py", "x.pth"]
    names += [f"{name}.py" for name in ("numpy", "samplecourse", "random", "json", "IPython")]
    names += [f"{name}.py" for name in ("sitecustomize", "usercustomize", "conftest", "setup")]
    names += [f"{name}_config.py" for name in ("nbgrader", "jupyter", "ipython")]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code)
    (folder / "timestamp.txt").write_text("1970-01-01 00:00:00 UTC\n" + "x" * 10**6)
    (folder / f"{NAME}.html").write_text("<script>alert(1)</script>")
    (folder / "other.ipynb").write_text("{")
    (folder / "passwords").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("..")


ATTACKS = [
    Attack("deleted-tests", "Hands in no cell of the instructor's.", WRONG, change=without_tests),
    Attack(
        "emptied-tests",
        "Replaces the source of every test by nothing and unlocks it.",
        WRONG,
        change=each_test(
            lambda cell: (
                cell.update(source="pass"),
                cell["metadata"]["nbgrader"].update(locked=False),
            )
        ),
    ),
    Attack(
        "empty-tests-first",
        "Puts an empty test of the same id before each test.",
        WRONG,
        change=empty_tests_first,
    ),
    Attack(
        "answers-twice",
        "Repeats every cell of the instructor's at the end, with code that shuts the checks off.",
        WRONG,
        change=answers_twice,
    ),
    Attack("forged-points", "Says 1000 points on every test.", WRONG, change=forged(points=1000)),
    Attack(
        "tests-as-solutions",
        "Marks tests as solutions and as not graded, so that nothing is put back.",
        WRONG,
        change=forged(solution=True, grade=False, locked=False, points=0),
    ),
    Attack(
        "odd-metadata",
        "Writes NaN, text and lists where numbers and flags belong.",
        WRONG,
        change=forged(points=float("nan"), schema_version="x", grade="yes", task=[], checksum=5),
    ),
    Attack("tests-before-answers", "Reverses the cells.", WRONG, change=reversed_cells),
    Attack("same-ids", "Gives every cell the id of one test.", WRONG, change=same_ids),
    Attack("swapped-types", "Makes text of every cell.", WRONG, change=swapped_types),
    Attack(
        "bonus-questions",
        "Adds graded cells of its own, with 100 points each.",
        WRONG,
        change=own_graded_cells,
    ),
    Attack(
        "results-in-outputs",
        "Hands in outputs that stock nbgrader would read as points, and tags that skip cells.",
        WRONG,
        change=results_in_outputs,
    ),
    Attack("own-kernel", "Brings a kernel of its own.", WRONG, change=own_kernel),
    Attack("markup", "Adds text cells and attachments with scripts.", WRONG, change=markup),
    Attack("odd-cells", "Adds cells that are no cells.", WRONG, change=odd_cells),
    Attack("fifty-thousand-cells", "Adds 50,000 cells.", WRONG, change=many_cells),
    Attack(
        "own-cells-patch",
        "Adds cells that patch checks, NumPy and IPython, at the top.",
        WRONG,
        change=own_code(
            "import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None",
            "import nbjudge.checks.arrays as c\nc._close = c.check_array = lambda *a: True",
            "get_ipython().input_transformers_post.append(lambda lines: [])",
        ),
    ),
    Attack(
        "own-cells-tell",
        "Adds a cell after each cell that prints all arrays that exist in the process.",
        {
            "logistic": """
def logistic(a):
    global kept
    if np.shape(a) not in ((3,), (1, 2)):
        kept = "-".join(["STOLEN", "{token}", str(np.ravel(a)[:1])])
    return a
"""
        },
        change=after_every_cell("print(globals().get('kept'))"),
    ),
    Attack(
        "own-cells-hang",
        "Adds 30 cells each of which sleeps two seconds.",
        {},
        change=own_code(*["import time\ntime.sleep(2)"] * 30),
    ),
    Attack("version-three", "Hands in a notebook of format 3.", WRONG, change=version_three),
    Attack("cut-off", "The file ends in the middle.", {}, change=as_bytes(lambda b: b[:5000])),
    Attack("empty-file", "The file is empty.", {}, change=as_bytes(lambda b: b"")),
    Attack("binary", "The file is noise.", {}, change=as_bytes(lambda b: bytes(range(256)) * 50)),
    Attack("nul-bytes", "NUL after each byte.", {}, change=as_bytes(lambda b: b"\0".join([b, b]))),
    Attack(
        "sixteen-bits",
        "Another encoding.",
        {},
        change=as_bytes(lambda b: b.decode().encode("utf-16")),
    ),
    Attack("no-notebook", "JSON, but a number.", {}, change=as_bytes(lambda b: b"1e999")),
    Attack("no-cells", "A notebook without cells.", {}, change=lambda n: n | {"cells": {"0": "x"}}),
    Attack("deep-json", "JSON nested a million deep.", {}, change=as_bytes(lambda b: b"[" * 10**6)),
    Attack("too-large", "A file of 21 MB.", {}, change=as_bytes(lambda b: b + b" " * 21 * 2**20)),
    Attack(
        "long-source",
        "An answer of 5 MB, and one with 100,000 nested brackets.",
        {
            "logistic": "x = '" + "y" * 5_000_000 + "'\n" + ZEROS,
            "predict": "(" * 10**5,
            "initial_bias": "x = " + "-" * 10**5 + "1",
        },
    ),
    Attack("surrogates", "Half characters and NUL in sources.", {}, change=surrogates),
    Attack(
        "linked-to-the-solution",
        "The notebook is a link to the instructor's.",
        {},
        place=linked("{course}/build/source/statistics/statistics.ipynb"),
    ),
    Attack(
        "linked-to-a-secret",
        "The notebook is a link to a file outside.",
        {},
        place=linked("{canary}/secret.txt"),
    ),
    Attack(
        "linked-to-a-classmate",
        "The notebook is a link, through a linked folder, to a classmate's.",
        {},
        place=linked_to_victim_file,
    ),
    Attack("linked-folder", "The folder is a link to a classmate's.", {}, place=linked_folder),
    Attack("linked-to-zeros", "The notebook is /dev/zero.", {}, place=linked("/dev/zero")),
    Attack("pipe", "The notebook is a pipe that nobody writes to.", {}, place=pipe),
    Attack("folder-as-notebook", "The notebook is a folder.", {}, place=folder_as_notebook),
    Attack(
        "extra-files",
        "Hands in modules and settings under names that are loaded, a time stamp, and links.",
        {"logistic": TELL + "import random, json, numpy\nimport samplecourse\n" + ZEROS},
        place=extra_files,
    ),
]
