"""Students in nbgrader's pages: the names of a roster, or else their ids."""

from __future__ import annotations

from typing import Any

ROSTER = "id,first_name,last_name\nben,Ben,Bitdiddle\ncleo,Cleo,Club\n"


def names(small: Any) -> dict[str, tuple[str | None, str | None]]:
    with small.gradebook() as gradebook:
        return {one.id: (one.last_name, one.first_name) for one in gradebook.students}


def test_names_come_from_a_roster_and_ids_stand_in_for_them(small: Any) -> None:
    for student in ("anna", "ben"):
        small.submit(student)
    assert small.command("grade", "sums")[0] == 0
    assert names(small) == {"anna": ("anna", ""), "ben": ("ben", "")}
    (small.root / "roster.csv").write_text(ROSTER)
    small.nbgrader("db", "student", "import", "roster.csv")
    known = {"anna": ("anna", ""), "ben": ("Bitdiddle", "Ben"), "cleo": ("Club", "Cleo")}
    assert names(small) == known
    assert small.command("grade", "sums", "--again")[0] == 0
    assert names(small) == known


def test_who_was_entered_without_a_name_is_shown_with_the_id(small: Any) -> None:
    with small.gradebook() as gradebook:
        gradebook.add_student("dora")
        gradebook.add_student("emil", first_name="Emil")
    small.submit("anna")
    assert small.command("grade", "sums")[0] == 0
    assert names(small) == {"anna": ("anna", ""), "dora": ("dora", ""), "emil": (None, "Emil")}
