"""Chorales of J. S. Bach in four voices."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.packages import folder

_SEMITONE = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ITEM = re.compile(
    r"<divisions>(\d+)</divisions>|<note\b[^>]*>(.*?)</note>|<(backup|forward)>", re.DOTALL
)
_DURATION = re.compile(r"<duration>(\d+)</duration>")
_PITCH = re.compile(
    r"<step>(\w)</step>(?:\s*<alter>(-?\d+)</alter>)?\s*<octave>(\d)</octave>", re.DOTALL
)


class Chorale(NamedTuple):
    """One chorale as a grid of notes."""

    name: str  # "bwv104.6": the number in the catalogue of Bach's works
    pitches: NDArray[np.int64]  # (T, 4) MIDI numbers, soprano first; 0 is a rest


def load_chorales(steps_per_quarter: int = 1) -> list[Chorale]:
    """Return the chorales of J. S. Bach that are written in four voices throughout.

    They are ordered by name: pieces with exactly four parts, one note at a time in each, equally
    long; of pieces with the same notes the first only.  ``steps_per_quarter`` of 1 takes the
    notes that sound on each quarter note and skips what lies between; 4 takes every sixteenth.
    ``ModuleNotFoundError`` if music21 is missing, ``ValueError`` if the number is below 1.

    Source: the MusicXML files in the package music21 (code BSD-3; the scores are part of its
    corpus by permission of their encoders).  We read them ourselves, which takes about a second;
    music21's own reader knows far more about music and takes more than a minute.
    """
    if steps_per_quarter < 1:
        raise ValueError(f"steps_per_quarter must be at least 1, got {steps_per_quarter}")
    chorales, seen = [], set()
    for path in sorted((folder("music21") / "corpus" / "bach").glob("bwv*.mxl")):
        pitches = _pitches(_text(path), steps_per_quarter)
        if pitches is not None and pitches.tobytes() not in seen:
            seen.add(pitches.tobytes())
            chorales.append(Chorale(path.stem, pitches))
    return chorales


def piano_roll(pitches: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return notes as the 88 keys of a piano: ``(T, 88)``, 1 where a key sounds, else 0."""
    roll = np.zeros((len(pitches), 88), np.float32)
    steps, voices = np.nonzero(pitches)
    roll[steps, pitches[steps, voices] - 21] = 1.0  # MIDI 21 is the lowest key, A0
    return roll


def _text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith("xml") and not n.startswith("META")]
        return archive.read(names[0]).decode("utf8")


def _pitches(text: str, steps_per_quarter: int) -> NDArray[np.int64] | None:
    """Return (T, 4) notes, or None where the piece is not in four voices throughout."""
    parts = text.split("<part id=")[1:]
    if len(parts) != 4:
        return None
    voices = [_voice(part, steps_per_quarter) for part in parts]
    kept = [voice for voice in voices if voice is not None]
    if len(kept) != 4 or len({len(voice) for voice in kept}) != 1:
        return None
    return np.array(kept, np.int64).T.copy()


def _voice(part: str, steps_per_quarter: int) -> list[int] | None:
    """Return the note that sounds at each step, or None where there are several at once."""
    quarter, time, ends, notes = 1, 0.0, [], []
    for divisions, note, move in _ITEM.findall(part):
        if divisions:
            quarter = int(divisions)
        if move or "<chord" in note:
            return None
        length = _DURATION.search(note)
        if length is None:  # a grace note, or <divisions>
            continue
        pitch = _PITCH.search(note)
        step, alter, octave = pitch.groups() if pitch else ("C", "0", "-1")
        time += int(length[1]) / quarter
        ends.append(time)
        notes.append(12 * (int(octave) + 1) + _SEMITONE[step] + int(alter or 0))
    starts = np.arange(round(time * steps_per_quarter)) / steps_per_quarter
    where = np.searchsorted(np.array(ends), starts + 1e-6)
    return [notes[k] for k in where]
