"""Run the measurements that are too long for a page, and keep them as JSON (`make long`).

    python -m studies                     every study, all seeds, into lstm_course/results/
    python -m studies vanishing_gradients one study
    python -m studies --force             run again what the file already has
    python -m studies --quick             a few steps, one seed, into a temporary folder

A study uses the code of its chapter: the cells tagged `reusable` (the imports among them) are
executed in a module of their own, nothing else of the page is, and the functions are called
with the full settings that stand in the study's module.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tools.records import ROOT

STUDIES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the studies that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("study", nargs="*", help=f"one of {', '.join(STUDIES)} (default: all)")
    parser.add_argument("--force", action="store_true", help="run again what the file has")
    parser.add_argument("--quick", action="store_true", help="1 epoch, 1 seed: a test of the code")
    parser.add_argument("--output", type=Path, help="folder to write to (default: the package's)")
    options = parser.parse_args(arguments)
    if unknown := set(options.study) - set(STUDIES):
        parser.error(f"unknown study {', '.join(sorted(unknown))}; known: {', '.join(STUDIES)}")
    kept = ROOT / "lstm_course/results"
    default = Path(tempfile.mkdtemp(prefix="long-runs-")) if options.quick else kept
    folder = options.output or default
    for name in options.study or STUDIES:
        import_module(f"studies.{name}").run(folder / f"{name}.json", options.quick, options.force)
    return 0


if __name__ == "__main__":
    sys.exit(main())
