"""The chorales are read whole, on any grid, and their notes are what the score says."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course.data import load_chorales, packages, piano_roll


@pytest.fixture(scope="module")
def pieces():
    pytest.importorskip("music21")
    return load_chorales()


def test_they_are_whole(pieces):
    assert len(pieces) == 335
    assert sum(len(piece.pitches) for piece in pieces) == 18053
    assert all(piece.pitches.shape == (len(piece.pitches), 4) for piece in pieces)
    assert len({piece.pitches.tobytes() for piece in pieces}) == len(pieces)
    notes = np.concatenate([piece.pitches for piece in pieces])
    assert (notes[notes > 0].min(), notes.max()) == (36, 81)


def test_a_chorale(pieces):
    (piece,) = [piece for piece in pieces if piece.name == "bwv108.6"]
    assert piece.pitches[:2].tolist() == [[71, 66, 62, 47], [71, 67, 64, 52]]


def test_a_finer_grid_holds_the_coarse_one(pieces):
    fine = load_chorales(2)
    assert [piece.name for piece in fine] == [piece.name for piece in pieces]
    for a, b in zip(pieces, fine, strict=True):
        np.testing.assert_array_equal(a.pitches, b.pitches[::2][: len(a.pitches)])


def test_piano_roll():
    roll = piano_roll(np.array([[60, 60, 48, 21], [108, 0, 0, 0]]))
    assert roll.shape == (2, 88)
    assert [np.flatnonzero(row).tolist() for row in roll] == [[0, 27, 39], [87]]


def test_errors(monkeypatch):
    with pytest.raises(ValueError, match="steps_per_quarter must be at least 1, got 0"):
        load_chorales(0)
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "music21", None)
    with pytest.raises(ModuleNotFoundError, match="music21"):
        load_chorales()
