"""The committed outputs belong to the cells that are tagged, in every chapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.book import expected
from tools.book.notebooks import read
from tools.book.toc import notebooks

ROOT = Path(__file__).resolve().parents[2]
PAGES = notebooks(ROOT)


@pytest.mark.parametrize("page", PAGES)
def test_the_file_fits_the_tagged_cells(page):
    expected.fill(read(ROOT, page), ROOT, page)


@pytest.mark.parametrize("page", PAGES)
def test_the_file_is_as_make_expected_writes_it(page):
    path = expected.path_of(ROOT, page)
    text = path.read_text(encoding="utf8") if path.exists() else expected.dump(page, [])
    assert expected.dump(page, expected.load(text)) == text


def test_no_file_is_left_over():
    found = set((ROOT / "chapters").glob("**/expected/*"))
    assert found <= {expected.path_of(ROOT, page) for page in PAGES}
