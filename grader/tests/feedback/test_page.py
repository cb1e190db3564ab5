"""The page that students get back: what it shows, what it hides, and that it does nothing."""

from __future__ import annotations

import re

import nbformat
from feedback_pages import NAME, WRONG, instructors, marked, page_of, rows
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbjudge.engine.job import Job
from nbjudge.feedback.page import MaskHiddenTests, Summary


def test_table_has_points_and_one_reason_a_question(wrong):
    assert "<strong>0.5 of 6 points</strong>" in wrong
    assert rows(wrong) == [
        [
            "Question 1: twice as much",
            "0 of 2",
            "failed A hidden test of this question fails. an odd number",
        ],
        [
            "half",
            "1 of 3",
            "partly odd numbers (2 points): half(3) must be 1.5",
        ],
        ["why", "0 of 1", "by hand"],
        ["Handed in late", "−0.5", ""],
    ]


def test_all_right_is_all_passed(graded):
    table = rows(page_of(graded({})))
    assert [row[2] for row in table[:2]] == ["passed", "passed"]


def test_error_of_the_student_is_named_and_traced_once(graded):
    page = page_of(graded({"double": "def double(x):\n    return undefined_name"}))
    said = "NameError: name 'undefined_name' is not defined"
    assert rows(page)[0][2] == f"failed {said}"
    assert "in double" in page
    below = re.sub("<[^>]+>", "", page[page.index("</table>") :]).replace("&#39;", "'")
    assert below.count(said) == 1


def test_cell_that_cannot_be_read_is_the_reason(graded):
    page = page_of(graded({"double": "def double(x):\n    return (2 * x", "half": "def half(x)"}))
    said = "failed your answer's cell has a SyntaxError in line"
    assert rows(page)[0][2] == f"{said} 2: '(' was never closed"
    assert rows(page)[1][2] == f"{said} 1: expected ':'"


def about(page):
    """Return what stands above the table, by its name."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    terms = [term.get_text() for term in soup.select("dl.about dt")]
    texts = [text.get_text() for text in soup.select("dl.about dd")]
    return {"title": soup.h1.get_text()} | dict(zip(terms, texts, strict=True))


def test_page_says_whose_work_it_is_and_of_what(graded):
    late = "2026-11-30 at 18:05 UTC, 2 hours late"
    assert about(page_of(graded({}), name="Ada <Lovelace>", handed_in=late)) == {
        "title": "Sums, by hand",
        "Student": "Ada <Lovelace> (ada)",
        "Notebook": "sums.ipynb",
        "Handed in": late,
        "Chapters": "Twice; By halves",
    }


def test_what_nobody_knows_is_left_out(graded):
    notebook = graded({})
    front = next(cell for cell in notebook.cells if "# Sums" in cell.source)
    front.source = "Read the chapter *Twice*."
    found = {"title": "sums", "Student": "ada", "Notebook": "sums.ipynb", "Chapter": "Twice"}
    assert about(page_of(notebook)) == found
    front.source = "Read on.\n\n## Sums"
    assert about(page_of(notebook)).keys() == {"title", "Student", "Notebook"}


def test_a_student_cannot_name_the_page(graded):
    page = page_of(graded({}, new_markdown_cell("# Full marks\n\nIt is the chapter *Mine*.")))
    assert about(page)["title"] == "Sums, by hand"
    assert about(page)["Chapters"] == "Twice; By halves"


def test_hidden_tests_stay_hidden(wrong):
    text = re.sub("<[^>]+>", "", wrong)
    for secret in ("secret_input", "31337", "62674", "a large number", "BEGIN HIDDEN", "15669"):
        assert secret not in text
    assert text.count("# (hidden tests)") == 2
    assert "assert double(2) == 4" in text


def test_a_mark_inside_a_string_hides_to_the_end(graded):
    notebook = graded({})
    test = next(c for c in notebook.cells if "double_test" in str(c.metadata))
    test.source += "\n\n### BEGIN HIDDEN TESTS\nmore_secret = 1\n### END HIDDEN TESTS\nx = 1"
    page = page_of(notebook)
    assert "more_secret" not in page


def test_notes_for_the_instructor_are_dropped(graded):
    notebook = graded(WRONG)
    notebook.metadata["grading"] = {"problems": ["for your eyes only"]}
    assert any("full_reason" in str(cell.metadata) for cell in notebook.cells)
    seen, _ = MaskHiddenTests().preprocess(notebook, {})
    assert "full_reason" not in str(seen)
    assert "eyes only" not in str(seen)


def test_traceback_through_a_test_is_cut_where_another_engine_ran(graded):
    notebook = graded({})
    test = next(c for c in notebook.cells if "double_test" in str(c.metadata))
    test.metadata.pop("grading", None)
    test.outputs = [
        nbformat.v4.new_output(
            "error", ename="ValueError", evalue="x", traceback=["secret_input = 31337", "x"]
        )
    ]
    page = page_of(notebook)
    assert "31337" not in page
    assert "ValueError: x" in page


def test_instructions_are_reduced_to_headings(wrong):
    text = re.sub("<[^>]+>", "", wrong)
    assert "Sums" in text
    assert "no heading" not in text
    assert "Read $x^2$" not in text
    assert "Write double" not in text


def test_task_of_a_locked_cell_keeps_its_text_and_its_row():
    task = marked(new_markdown_cell, "Draw it on paper.", "draw", task=True, locked=True, points=3)
    task.metadata.nbgrader.score = 2.0
    seen, _ = MaskHiddenTests().preprocess(new_notebook(cells=[task]), {})
    assert seen.cells[0].source == "Draw it on paper."
    _, resources = Summary().preprocess(seen, {"nbgrader": {"notebook": NAME}})
    assert [(q["title"], q["score"]) for q in resources["nbgrader"]["questions"]] == [("draw", 2.0)]


def test_own_texts_and_cells_stay(graded):
    own = [new_markdown_cell("My **notes**\n\n|a|b|\n|-|-|\n|1|2|"), new_code_cell("6 * 7")]
    page = page_of(graded({}, *own, new_markdown_cell("# Sums")))
    assert "<strong>notes</strong>" in page
    assert "<td>2</td>" in page
    assert "42" in re.sub("<[^>]+>", "", page)
    assert page.count("Your own text") == 2  # a heading alone is not the instructor's text


def test_unreadable_submission_says_why(engine):
    source = new_notebook(cells=instructors())
    job = Job("course", NAME, NAME, "ada", nbformat.writes(source).encode(), b"{}", key=b"key")
    page = page_of(nbformat.from_dict(engine.grade(job).graded))
    assert "not a notebook of format 4" in rows(page)[0][2]
