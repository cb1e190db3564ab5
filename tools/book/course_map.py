"""Draw the map of the course, ``chapters/_static/map.svg`` (`make map`).

Order and parts come from the table of contents; the names of the stations, what stands below
them, and the assignments that branch off, stand here.
"""

from __future__ import annotations

import itertools
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "chapters/_static/map.svg"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
#: Height of a station, of one from which an assignment branches off, and of a part's name.
ROW, BRANCHED, PART = 60, 94, 56
PARTS = ("Foundations", "Variants", "Applications")

#: A short name, what the page is about, the colour of its stretch of the line, the assignment.
STATIONS: dict[str, tuple[str, str, str, str | None]] = {
    "sequences_and_rnns": (
        "Sequences and recurrent networks",
        "why order matters, and a memory that reads",
        "red",
        None,
    ),
    "backpropagation_through_time": (
        "Backpropagation through time",
        "one loss, every step; checks that find bugs",
        "red",
        "rnn_bptt",
    ),
    "vanishing_gradients": (
        "Vanishing gradients",
        "why a plain network cannot learn from far back",
        "red",
        None,
    ),
    "lstm_cell": (
        "The LSTM cell",
        "one gate at a time, with pencil and paper",
        "blue",
        "lstm_cell",
    ),
    "cell_explorer": ("The cell explorer", "a trained cell to play with", "blue", None),
    "lstm_backward": (
        "The backward pass",
        "line by line, then trained in NumPy",
        "blue",
        "lstm_backward",
    ),
    "lstm_in_pytorch": (
        "LSTM in PyTorch",
        "the layer, a cell of your own, a whole loop",
        "purple",
        "torch_training",
    ),
    "lstm_in_keras": (
        "LSTM in Keras",
        "the layer, callbacks, the loop by hand",
        "purple",
        "keras_training",
    ),
    "three_frameworks": (
        "Three frameworks, one function",
        "the same weights, the same numbers",
        "purple",
        None,
    ),
    "training_practice": (
        "Training practice",
        "every golden rule, broken and mended",
        "gold",
        None,
    ),
    "troubleshooting": ("Troubleshooting", "symptom, test, repair", "gold", None),
    "gpu_execution": (
        "GPU execution",
        "the same code on any device, measured right",
        "gold",
        "gpu_execution",
    ),
    "gated_recurrent_unit": ("GRU", "two gates and one state", "blue", "gru"),
    "stacked_lstm": ("Stacked LSTM", "layers on layers, and what each learns", "blue", None),
    "bidirectional_lstm": (
        "Bidirectional LSTM",
        "past and future, padding done right",
        "blue",
        "bidirectional_stacked",
    ),
    "peephole_lstm": ("Peephole LSTM", "gates that see the cell, and a clock", "red", None),
    "ablations": ("Eight ablations", "take a part away and measure", "red", "peephole_ablation"),
    "cnn_lstm": ("CNN-LSTM", "convolutions see, an LSTM remembers", "green", None),
    "conv_lstm": ("ConvLSTM", "a memory that is a picture", "green", "conv_lstm"),
    "encoder_decoder": ("Encoder-decoder", "one sequence in, another out", "purple", None),
    "attention": ("Attention", "look back at every source step", "purple", "seq2seq_attention"),
    "lstm_crf": ("LSTM-CRF", "tags decided together", "gold", "crf"),
    "lstm_autoencoder": ("LSTM autoencoder", "squeeze a sequence, then unfold it", "gold", None),
    "after_1997": ("From 1997 to 2017", "forget gate, layer norm, dropout that fits", "blue", None),
    "after_2017": (
        "After 2017",
        "scans, exponential gates, matrix memory",
        "blue",
        "parallel_scan",
    ),
    "the_family": (
        "The family side by side",
        "all of them side by side, and how to choose",
        "orange",
        None,
    ),
    "stock_forecasting": (
        "A stock price, honestly",
        'the popular pipeline, beside "tomorrow = today"',
        "orange",
        None,
    ),
}


class Station(NamedTuple):
    """A chapter on the map, ``y`` pixels from the top."""

    y: int
    page: str
    name: str
    says: str
    colour: str
    assignment: str | None


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
                name, says, colour, assignment = STATIONS[Path(page).name]
                found.append(Station(y, page, name, says, colour, assignment))
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
        text = f'<text x="66" y="{s.y - 2}">{escape(s.name)}</text>'
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
