"""Sentences with a part of speech for every word."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from lstm_course.data.packages import missing


class TaggedSentence(NamedTuple):
    """One sentence: its words and, of the same number, their parts of speech."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def load_turkish_web() -> list[TaggedSentence]:
    """Return the Turkish Web Treebank: 2,541 sentences, 14 parts of speech, in the file's order.

    Words that the treebank cuts into inflectional groups stand in their pieces, as the treebank
    tags them.  ``ModuleNotFoundError`` if the package turkish-treebanks is missing.

    Source: the package turkish-treebanks (Apache-2.0), file ``web.conllu``, of Google Research.
    """
    try:
        place = distribution("turkish-treebanks").locate_file("data/web.conllu")
    except PackageNotFoundError as error:
        raise missing("turkish-treebanks") from error
    sentences = []
    for block in Path(str(place)).read_text(encoding="utf8").strip().split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if not line.startswith("#")]
        sentences.append(TaggedSentence(tuple(r[1] for r in rows), tuple(r[3] for r in rows)))
    return sentences
