"""The map of the course is that of the table of contents."""

from __future__ import annotations

from pathlib import Path

from tools.book import course_map

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_map_is_up_to_date():
    assert course_map.FILE.read_text(encoding="utf-8") == course_map.draw(), "run: make map"


def test_every_assignment_branches_off_once():
    drawn = [assignment for *_, assignment in course_map.STATIONS.values() if assignment]
    assert sorted(drawn) == sorted(path.stem for path in ROOT.glob("solutions/*/*.py"))


def test_no_station_is_left_over():
    found, _, _ = course_map.stations()
    assert {Path(station.page).name for station in found} == set(course_map.STATIONS)
