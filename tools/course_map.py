"""Draw the map of the course, ``chapters/_static/map.svg`` (`make map`).

Order, parts and titles come from the table of contents and the pages; what a station says
below its title, and the assignments that branch off, stand here.
"""

from __future__ import annotations

import itertools
import re
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "chapters/_static/map.svg"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
#: Height of a station, of one from which an assignment branches off, and of a part's name.
ROW, BRANCHED, PART = 60, 94, 56
PARTS = ("Foundations", "Variants", "Applications")

#: What the page is about, the colour of its stretch of the line, the assignment.
STATIONS: dict[str, tuple[str, str, str | None]] = {
    "sequences_and_rnns": ("why order matters, and a memory that reads", "red", None),
    "backpropagation_through_time": (
        "one loss, every step; checks that find bugs",
        "red",
        "rnn_bptt",
    ),
    "vanishing_gradients": ("why a plain network cannot learn from far back", "red", None),
    "lstm_cell": ("one gate at a time, with pencil and paper", "blue", "lstm_cell"),
    "cell_explorer": ("a trained cell to play with", "blue", None),
    "lstm_backward": ("line by line, then trained in NumPy", "blue", "lstm_backward"),
    "lstm_in_pytorch": ("the layer, a cell of your own, a whole loop", "purple", "torch_training"),
    "lstm_in_keras": ("the layer, callbacks, the loop by hand", "purple", "keras_training"),
    "three_frameworks": ("the same weights, the same numbers", "purple", None),
    "training_practice": ("every golden rule, broken and mended", "gold", None),
    "troubleshooting": ("symptom, test, repair", "gold", None),
    "gpu_execution": ("the same code on any device, measured right", "gold", "gpu_execution"),
    "gated_recurrent_unit": ("two gates and one state", "blue", "gru"),
    "stacked_lstm": ("layers on layers, and what each learns", "blue", None),
    "bidirectional_lstm": ("past and future, padding done right", "blue", "bidirectional_stacked"),
    "peephole_lstm": ("gates that see the cell, and a clock", "red", None),
    "ablations": ("take a part away and measure", "red", "peephole_ablation"),
    "cnn_lstm": ("convolutions see, an LSTM remembers", "green", None),
    "conv_lstm": ("a memory that is a picture", "green", "conv_lstm"),
    "encoder_decoder": ("one sequence in, another out", "purple", None),
    "attention": ("look back at every source step", "purple", "seq2seq_attention"),
    "lstm_crf": ("tags decided together", "gold", "crf"),
    "lstm_autoencoder": ("squeeze a sequence, then unfold it", "gold", None),
    "after_1997": ("forget gate, layer norm, dropout that fits", "blue", None),
    "after_2017": ("scans, exponential gates, matrix memory", "blue", "parallel_scan"),
    "the_family": ("all of them side by side, and how to choose", "orange", None),
    "stock_forecasting": ('the popular pipeline, beside "tomorrow = today"', "orange", None),
}


class Station(NamedTuple):
    """A chapter on the map, ``y`` pixels from the top."""

    y: int
    page: str
    title: str
    says: str
    colour: str
    assignment: str | None


def title_of(page: str) -> str:
    """Return the title of a page.

    Raises
    ------
    ValueError
        If it has none.
    """
    found = re.search(r"^# (.+)$", (ROOT / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{page}.md has no title")
    return found.group(1)


def stations() -> tuple[list[Station], dict[str, int], int]:
    """Return the stations, where the name of each part stands, and the height of the map."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found: list[Station] = []
    names: dict[str, int] = {}
    y = 0
    for part in toc["parts"]:
        if part["caption"] in PARTS:
            names[part["caption"]] = y + 24
            y += PART
            for chapter in part["chapters"]:
                page = chapter["file"]
                says, colour, assignment = STATIONS[Path(page).name]
                found.append(Station(y, page, title_of(page), says, colour, assignment))
                y += BRANCHED if assignment else ROW
    return found, names, y


def draw() -> str:
    """Return the map as SVG."""
    found, names, height = stations()
    graded = [station for station in found if station.assignment]
    label = (
        f"Map of the course: a line of {len(found)} chapters in {len(names)} parts, "
        f"{', '.join(names)}; from {len(graded)} of them a graded assignment branches off."
    )
    lines = [
        f'<svg class="course-figure" role="group" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 {height}" '
        f'style="max-width:100%;width:520px;height:auto" font-family="{FONTS}">',
        '  <g fill="none" stroke-width="7" stroke-linecap="round">',
    ]
    for a, b in itertools.pairwise(found):
        lines.append(f'    <path d="M38 {a.y}V{b.y}" stroke="var(--course-{a.colour})"/>')
    for s in graded:
        curve = f"M38 {s.y}V{s.y + 26}C38 {s.y + 42} 46 {s.y + 48} 64 {s.y + 48}"
        lines.append(
            f'    <path d="{curve}" stroke="var(--course-green)" stroke-dasharray="1 11"/>'
        )
    lines += [
        "  </g>",
        '  <g fill="var(--pst-color-background, #fff)" stroke="var(--course-ink)" '
        'stroke-width="3.5">',
    ]
    for s in found:
        branch = f'<circle cx="74" cy="{s.y + 48}" r="7"/>' if s.assignment else ""
        lines.append(f'    <circle cx="38" cy="{s.y}" r="10"/>{branch}')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="14" letter-spacing="1.5">']
    for name, y in names.items():
        lines.append(f'    <text x="66" y="{y}">{name.upper()}</text>')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="17" font-weight="600">']
    for s in found:
        text = f'<text x="66" y="{s.y - 2}">{escape(s.title)}</text>'
        lines.append(f'    <a href="{s.page}.html">{text}</a>')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="13.5">']
    for s in found:
        lines.append(f'    <text x="66" y="{s.y + 18}">{escape(s.says, quote=False)}</text>')
        if s.assignment:
            lines.append(
                f'    <text x="92" y="{s.y + 53}">Assignment: {escape(s.assignment)}</text>'
            )
    return "\n".join([*lines, "  </g>", "</svg>"]) + "\n"


if __name__ == "__main__":
    FILE.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE.relative_to(ROOT)}\n")
