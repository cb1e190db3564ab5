"""Front matter of the chapters, and what is made of it: the map, the facts, the routes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.book import course_map, facts

ROOT = Path(__file__).resolve().parents[2]
GRU = {
    "title": "GRU",
    "line": "two gates and one state",
    "part": "Variants",
    "colour": "blue",
    "minutes": 60,
    "assignment": "gru",
    "exercise_minutes": 60,
    "routes": ["research"],
}


def stated(**changes):
    """Return the facts of a page whose front matter has ``changes``; None leaves a fact out."""
    given = {name: value for name, value in {**GRU, **changes}.items() if value is not None}
    return facts.facts_of("chapters/variants/gru", "Variants", given)


def test_what_is_made_of_the_front_matter_is_up_to_date():
    for path, text in course_map.made().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make map`"


def test_every_assignment_branches_off_once_and_every_share_has_its_assignment():
    assignments = {
        path.stem for path in ROOT.glob("solutions/*/*.py") if path.stem == path.parent.name
    }
    chapters = facts.chapters()
    branches = [chapter.assignment for chapter in chapters if chapter.assignment]
    assert sorted(branches) == sorted(assignments)
    named = set(re.findall(r"`(\w+)`", " ".join(chapter.exercise for chapter in chapters)))
    assert named == assignments


def test_every_chapter_says_the_same_time_in_its_box():
    for chapter in facts.chapters():
        text = (ROOT / f"{chapter.page}.md").read_text(encoding="utf-8")
        said = re.search(r"^Time: (?:about )?(\d+) minutes to read", text, re.M)
        assert said, f"{chapter.page}: the box with the objectives needs a line `Time: ...`"
        assert int(said[1]) == chapter.minutes, chapter.page


def minutes_of_exercise(text):
    """Return the minutes that a box promises for the exercises, the middle of a range."""
    line = re.search(r"^Time: (.*)$", text, re.M)[1].replace("two hours", "120 minutes")
    said = re.search(r"(\d+)(?: to (\d+))? minutes (?:for (?:the|its)|to explore)", line)
    return 0 if said is None else (int(said[1]) + int(said[2] or said[1])) // 2


def test_every_chapter_says_the_same_time_for_exercises_in_its_box():
    for chapter in facts.chapters():
        text = (ROOT / f"{chapter.page}.md").read_text(encoding="utf-8")
        assert minutes_of_exercise(text) == chapter.exercise_minutes, chapter.page


def test_a_longer_route_holds_the_shorter():
    evening, week = (
        {c.page for c in facts.chapters() if pace in c.routes} for pace in ("evening", "week")
    )
    assert evening < week


def test_every_route_has_several_chapters():
    for route in facts.ROUTES:
        assert sum(route in chapter.routes for chapter in facts.chapters()) >= 3, route


@pytest.mark.parametrize("name", facts.REQUIRED)
def test_a_missing_fact_is_named(name):
    with pytest.raises(facts.FactsError, match=rf"gru\.md: the front matter lacks course\.{name}"):
        stated(**{name: None})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes": "60"}, "course.minutes must be int: '60'"),
        ({"colour": "pink"}, "course.colour must be one of red, blue"),
        ({"part": "Foundations"}, "says part 'Foundations', the table of contents 'Variants'"),
        ({"on_page": 30}, "exactly one of assignment, part_of, on_page, exercise"),
        ({"assignment": None}, "exactly one of assignment, part_of, on_page, exercise"),
        ({"exercise_minutes": None}, "course.exercise_minutes goes with assignment"),
        ({"exercise_minutes": 0}, "course.exercise_minutes goes with assignment"),
        ({"exercise_minutes": "60"}, "must be a number: '60'"),
        ({"assignment": None, "on_page": 30}, "course.exercise_minutes goes with assignment"),
        ({"routes": ["scenic"]}, "no such route: scenic"),
        ({"length": 3}, "unknown facts: length"),
        ({"minutes": 0}, "course.minutes must be at least 1: 0"),
        ({"routes": "research"}, "course.routes must be a list of names: 'research'"),
        ({"routes": [["research"]]}, "course.routes must be a list of names: [['research']]"),
    ],
)
def test_a_wrong_fact_is_named(changes, said):
    with pytest.raises(facts.FactsError, match=re.escape(said)):
        stated(**changes)


def test_a_page_without_facts_says_what_it_needs():
    with pytest.raises(facts.FactsError, match="needs a block `course:`"):
        facts.facts_of("chapters/variants/gru", "Variants", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"---\ncourse: [\n---\n# A page\n", "gru.md: this is no YAML: "),
        (b"---\n- a\n---\n# A page\n", "gru.md: a mapping belongs here, got ['a']"),
        (b"---\n---\n# A page\n", "gru.md: a mapping belongs here, got None"),
        (b"---\ncourse: 1\n# A page\n", "gru.md: the front matter has no end"),
        (b"\xff", "gru.md cannot be read"),
        (None, "gru.md cannot be read"),
    ],
)
def test_front_matter_that_cannot_be_read_is_one_sentence(text, said, tmp_path):
    if text is not None:
        (tmp_path / "gru.md").write_bytes(text)
    with pytest.raises(facts.FactsError, match=re.escape(said)) as error:
        facts.front_matter(tmp_path / "gru.md")
    assert "\n" not in str(error.value)


def test_a_block_without_its_comments_is_an_error():
    with pytest.raises(facts.FactsError, match="needs the lines"):
        course_map.filled("# A page\n", {"chapters": "| a |"})


def test_check_tells_a_stale_file_and_changes_nothing(monkeypatch, capsys, tmp_path):
    path = tmp_path / "map.svg"
    path.write_text("old")
    monkeypatch.setattr(course_map, "ROOT", tmp_path)
    monkeypatch.setattr(course_map, "made", lambda: {path: "new"})
    assert course_map.main(["--check"]) == 1
    assert "map.svg is not what the front matter says" in capsys.readouterr().err
    assert path.read_text() == "old"
    assert course_map.main(["--chek"]) == 2
    assert "there is no --chek, only --check" in capsys.readouterr().err
    assert path.read_text() == "old"
    path.unlink()
    assert course_map.main(["--check"]) == 1
    assert course_map.main([]) == 0
    assert path.read_text() == "new"
    assert course_map.main(["--check"]) == 0
