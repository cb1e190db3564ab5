"""The treebank is read whole, and its sentences are what the file says."""

from __future__ import annotations

from importlib import metadata

import pytest

from lstm_course.data import treebank
from lstm_course.data.treebank import load_turkish_web


@pytest.fixture(scope="module")
def sentences():
    pytest.importorskip("turkish_treebanks")
    return load_turkish_web()


def test_the_treebank_is_whole(sentences):
    assert len(sentences) == 2541
    assert all(len(s.words) == len(s.tags) > 0 for s in sentences)
    assert len({tag for s in sentences for tag in s.tags}) == 14
    assert len({s.words for s in sentences}) == len(sentences)


def test_a_sentence(sentences):
    assert sentences[0].words == ("Burda", "da", "öylemi", "yoksa", "kiloyla", "mı", "?")
    assert sentences[0].tags == ("PRON", "PRT", "VERB", "CONJ", "VERB", "PRT", "PUNCT")


def test_a_missing_package_is_named(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(treebank, "distribution", missing)
    with pytest.raises(ModuleNotFoundError, match=r"turkish-treebanks.*lstm-course\[data\]"):
        load_turkish_web()
