"""What a cell showed, as the student's process tells it: checked, and cut to a sane length."""

from __future__ import annotations

import json
from typing import Any

MIME_TYPES = ("text/plain", "image/png")  # that a cell may show


def read_outputs(data: bytes, limit: int) -> list[dict[str, Any]]:
    """Return the outputs of a cell as the student's process tells them, checked and cut."""
    if len(data) > 10 * limit + 10_000:
        return [note("The output was longer than allowed and is not shown.")]
    try:
        given = json.loads(data)
        outputs, left = [], limit
        for output in given[:200]:
            kind = output["output_type"]
            if kind == "stream":
                made = {"output_type": kind, "name": "stdout", "text": str(output["text"])[:left]}
            elif kind == "display_data":
                forms = {k: str(v) for k, v in output["data"].items() if k in MIME_TYPES}
                made = {"output_type": kind, "data": forms, "metadata": {}}
            else:
                texts = [str(output[key])[:2000] for key in ("ename", "evalue")]
                trace = [str(line)[:left] for line in output["traceback"][:1]]
                made = {"output_type": "error", "traceback": trace}
                made |= {"ename": texts[0], "evalue": texts[1]}
            left -= len(json.dumps(made))
            if left < 0:
                outputs.append(note("The output was longer than allowed; the rest is not shown."))
                break
            outputs.append(made)
        return outputs
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def note(text: str) -> dict[str, Any]:
    """Return a line of the grader's own as an output."""
    return {"output_type": "stream", "name": "stdout", "text": f"{text}\n"}
