"""The sources of the chapters follow the template and the house rules."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("chapters/*/*.md"))
FOUND = [path.relative_to(ROOT) for path in ROOT.glob("chapters/**/*.md")]
#: Without the checkpoints that JupyterLab puts beside a page that it opens.
PAGES = sorted(str(path) for path in FOUND if ".ipynb_checkpoints" not in path.parts)
HEADINGS = ["Check it", "Common mistakes", "Quiz", "Exercise", "Further reading"]
KEY_POINTS = "```{admonition} Key points\n:class: key-points\n\n"
OBJECTIVES = "```{admonition} What you will be able to do\n:class: tip objectives\n\n"
LONGEST_CELL, LONGEST_MEDIAN, WIDEST_LINE = 25, 5, 88
#: What loads triton's library as soon as it is imported, where PyTorch is its CUDA build.
LOAD_TRITON = ("torch.utils.flop_counter", "torch._dynamo", "torch._inductor", "triton")


def text_of(page):
    return (ROOT / page).read_text(encoding="utf8")


def code_cells(page):
    notebook = jupytext.read(ROOT / page)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose_of(page):
    """Return a page without code, directives' fences, mathematics and front matter."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text_of(page), flags=re.DOTALL)
    text = re.sub(
        r"^(`{3,})\{(?:code-cell|math|bibliography|raw)\}.*?^\1$", "", text, flags=re.M | re.S
    )
    text = re.sub(r"^```(?:bash|python|text)\n.*?^```$", "", text, flags=re.M | re.S)
    text = re.sub(r"^ {4,}.*$", "", text, flags=re.M)
    return re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`", "M", text, flags=re.S)


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = {f"{entry['file']}.md" for part in toc["parts"] for entry in part["chapters"]}
    assert listed == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_label_and_title(page):
    stem = Path(page).stem.replace("_", "-")
    assert f"(ch-{stem})=\n# " in text_of(page), f"{page} needs the label (ch-{stem})= and a title"


@pytest.mark.parametrize("page", CHAPTERS)
def test_template(page):
    found = re.findall(r"^## (.+)$", text_of(page), flags=re.M)
    positions = [next((k for k, f in enumerate(found) if f.startswith(h)), None) for h in HEADINGS]
    assert None not in positions, f"missing: {HEADINGS[positions.index(None)]}"
    assert positions == sorted(positions), f"out of order: {found}"
    text = text_of(page)
    assert ":filter: docname in docnames" in text
    assert all(f"## {heading}" in prose_of(page) for heading in HEADINGS), "prose goes unread"
    opening, *boxes = re.split(f"({re.escape(KEY_POINTS)}|{re.escape(OBJECTIVES)})", text)
    assert boxes[::2] == [KEY_POINTS, OBJECTIVES], "key points, then objectives, once each"
    assert "```{code-cell}" not in opening, "the boxes come before the first cell"
    assert boxes[1].endswith("\n```\n\n"), "nothing stands between the two boxes"
    points = re.findall(r"^- ", boxes[1], flags=re.M)
    assert 3 <= len(points) <= 5, f"three to five key points, not {len(points)}"


@pytest.mark.parametrize("page", CHAPTERS)
def test_cells_are_short(page, exceptions):
    lengths = [len(cell.source.strip().splitlines()) for cell in code_cells(page)]
    longest, median = max(lengths), statistics.median(lengths)
    if (page, "cell-length") in exceptions:
        assert longest > LONGEST_CELL or median > LONGEST_MEDIAN, "it needs no exception any more"
    else:
        assert longest <= LONGEST_CELL, f"a cell of {longest} lines"
        assert median <= LONGEST_MEDIAN


def loose_comparisons(source):
    """Return the calls of ``assert_allclose`` that leave a tolerance to NumPy."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if "assert_allclose" in ast.unparse(call.func)]
    both = {"rtol", "atol"}
    return [ast.unparse(c) for c in named if not both <= {k.arg for k in c.keywords}]


def test_loose_comparisons_are_found():
    assert loose_comparisons("np.testing.assert_allclose(a, b, atol=1e-12)")
    assert not loose_comparisons("np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)")


@pytest.mark.parametrize("page", CHAPTERS)
def test_comparisons_say_both_tolerances(page):
    assert not [call for cell in code_cells(page) for call in loose_comparisons(cell.source)]


@pytest.mark.parametrize("page", CHAPTERS)
def test_visible_code_fits_the_page(page):
    for cell in code_cells(page):
        if "hide-input" not in cell.metadata.get("tags", []):
            long = [line for line in cell.source.splitlines() if len(line) > WIDEST_LINE]
            assert not long, long


@pytest.mark.parametrize("page", CHAPTERS)
def test_figures_are_shown_with_a_description(page):
    for cell in code_cells(page):
        assert "plt.show" not in cell.source
        if "plt.subplots" in cell.source and "def " not in cell.source:
            assert "course_style()" in cell.source, cell.source
            assert re.search(r"\bshow\(", cell.source), cell.source
            assert "hide-input" in cell.metadata.get("tags", []), cell.source


@pytest.mark.parametrize("page", CHAPTERS)
def test_code_does_not_reach_for_the_network_or_hide_errors(page):
    for cell in code_cells(page):
        tree = ast.parse(cell.source)  # fails on magics and shell lines, which are not allowed
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Try), f"try in teaching code:\n{cell.source}"
            names = (
                [a.name for a in getattr(node, "names", [])] if isinstance(node, ast.Import) else []
            )
            assert not {"requests", "urllib", "subprocess", "pip"} & set(names)


def modules_in_order(sources):
    """Return the modules that code imports, in the order in which it stands."""
    found = []
    for source in sources:
        nodes = [
            n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        for node in sorted(nodes, key=lambda node: node.lineno):
            if isinstance(node, ast.ImportFrom):
                found += [f"{node.module}.{name.name}" for name in node.names]
            else:
                found += [name.name for name in node.names]
    return found


def too_early(modules):
    """Return the imports that load triton before the course has seen to it (triton_guard.py)."""
    ours = [n for n, name in enumerate(modules) if name.split(".")[0] == "lstm_course"]
    before = modules[: ours[0]] if ours else modules
    return [name for name in before if name.startswith(LOAD_TRITON)]


def test_an_import_that_comes_too_early_is_found():
    early, late = "from torch.utils.flop_counter import FlopCounterMode", "import lstm_course"
    assert too_early(modules_in_order([early, late])) == [
        "torch.utils.flop_counter.FlopCounterMode"
    ]
    assert too_early(modules_in_order([early])) != []
    assert too_early(modules_in_order([f"import keras, torch\n{late}\n{early}"])) == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_nothing_loads_triton_before_the_course(page):
    assert too_early(modules_in_order(cell.source for cell in code_cells(page))) == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_random_numbers_are_seeded(page):
    code = "\n".join(cell.source for cell in code_cells(page))
    assert "default_rng()" not in code
    assert not re.search(r"np\.random\.(?!default_rng|Generator)\w+\(", code)


@pytest.mark.parametrize("page", [*PAGES, "intro.md"])
def test_one_sentence_a_line(page):
    # A full stop followed by a capital letter inside a line; abbreviations and initials aside.
    crowded = [
        line
        for line in prose_of(page).splitlines()
        if re.search(r"(?<!\b[A-Z])(?<!e\.g)(?<!i\.e)(?<!\bvs)(?<!\d)[.!?] [A-Z][a-z]", line)
        and not line.lstrip().startswith(("|", "```", ":", "<", "#"))
    ]
    assert not crowded, "\n".join(crowded[:5])


@pytest.mark.parametrize("page", [*PAGES, "intro.md"])
def test_words(page):
    prose = prose_of(page).lower()
    for word in (
        "delve",
        "crucial",
        "powerful",
        "seamless",
        "game-chang",
        "unlock",
        "todo",
        "fixme",
    ):
        assert word not in prose, word
    assert not re.search("[\U0001f300-\U0001faff]", text_of(page)), "no emoji"


def symbols_of(text):
    """Return the one-letter symbols with a time or role index, as x_t or W_h."""
    return set(re.findall(r"(?<![A-Za-z\\])([A-Za-z])_\{?(?:t|T|h|x|\w*[ifgo])\b", text))


@pytest.mark.parametrize("page", CHAPTERS)
def test_symbols_stand_in_the_notation_page(page):
    mathematics = " ".join(re.findall(r"\$[^$\n]+\$|```\{math\}.*?```", text_of(page), flags=re.S))
    known = symbols_of(text_of("chapters/notation.md"))
    unknown = symbols_of(mathematics) - known
    assert not unknown, (
        f"{page} uses {sorted(unknown)}, which chapters/notation.md does not explain"
    )


@pytest.mark.parametrize("page", PAGES)
def test_no_bracket_is_taken_for_an_option(page):
    # TeX reads a [ at the start of an environment or after a line break as an optional argument
    # and swallows it, without an error and with what stands in it.
    swallowed = re.findall(r"(?:\\begin\{\w+\}|\\\\)\s*\[[^\n]*", text_of(page))
    assert not swallowed, swallowed


@pytest.mark.parametrize("page", CHAPTERS)
def test_labels_carry_a_kind(page):
    labels = re.findall(
        r"^\(([\w-]+)\)=$|^:label: *([\w-]+)$|^:name: *([\w-]+)$", text_of(page), flags=re.M
    )
    for label in ("".join(parts) for parts in labels):
        assert re.match(r"(ch|eq|fig|tab|sec|ex)-", label), label


def test_equations_that_the_package_cites_stand_in_one_chapter_each():
    labels = [
        label for page in PAGES for label in re.findall(r"^:label: (\S+)$", text_of(page), re.M)
    ]
    assert sorted(set(labels)) == sorted(labels), "an equation label is used twice"
    for path in ROOT.glob("lstm_course/**/*.py"):
        cited = set(re.findall(r"``(eq-[a-z0-9-]+)``", path.read_text(encoding="utf8")))
        assert cited <= set(labels), path
