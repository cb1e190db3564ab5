"""How a quiz is written as HTML; `quiz.py` makes its parts, `chapters/_static/quiz.js` asks."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from tools.book import quiz

FIELD = (
    '<p class="quiz-field"><label>Your number '
    '<input type="text" inputmode="decimal" autocomplete="off"></label></p>'
)
BUTTONS = (
    '<p class="quiz-buttons"><button type="submit" class="btn btn-primary">Check</button>'
    '<button type="reset" class="btn btn-secondary" hidden>Try again</button></p>\n'
    '<div class="quiz-said" role="status"></div>\n'
)
VERDICTS = {True: "Right.", False: "Not quite."}


def visit_quiz(writer: Any, node: quiz.quiz) -> None:
    """Open a question; one that is answered by a choice or a number is a form."""
    name, kind = f"quiz-{node['place']}", node["kind"]
    writer.body.append(
        f'<div class="quiz" id="{name}" data-kind="{kind}" data-tolerance="{node["tolerance"]!r}">'
    )
    if kind == "open":
        writer.body.append(f'<p class="quiz-number">{node["place"]}.</p>\n')
    else:
        labels = f"{name}-number {name}-question"
        writer.body.append(f'<form novalidate>\n<fieldset aria-labelledby="{labels}">\n')
        legend = f'<span class="visually-hidden">Question </span>{node["place"]}.'
        writer.body.append(f'<legend class="quiz-number" id="{name}-number">{legend}</legend>\n')


def depart_quiz(writer: Any, node: quiz.quiz) -> None:
    """Close a question."""
    writer.body.append("</div>\n")


def visit_question(writer: Any, node: quiz.quiz_question) -> None:
    """Open the text of a question."""
    name = f"quiz-{node['place']}-question"
    writer.body.append(f'<div class="quiz-question" id="{name}">\n')


def visit_choice(writer: Any, node: quiz.quiz_choice) -> None:
    """Open a choice: its button and its letter."""
    writer.body.append(
        f'<label class="quiz-choice"><input type="radio" name="quiz-{node["place"]}" '
        f'value="{node["value"]}"><span class="quiz-letter">{node["name"]}</span> <span>'
    )


def depart_choice(writer: Any, node: quiz.quiz_choice) -> None:
    """Close a choice."""
    writer.body.append("</span></label>\n")


def visit_answers(writer: Any, node: quiz.quiz_answers) -> None:
    """Close what the reader fills in, and open what is folded away."""
    if node["kind"] != "open":
        field = FIELD if node["kind"] == "number" else ""
        writer.body.append(f"{field}</fieldset>\n{BUTTONS}</form>\n")
    word = "Answer" if node["kind"] == "open" else "All answers"
    writer.body.append(f'<details class="quiz-answers"><summary>{word}</summary>\n')


def depart_answers(writer: Any, node: quiz.quiz_answers) -> None:
    """Close what is folded away."""
    writer.body.append("</details>\n")


def visit_reply(writer: Any, node: quiz.quiz_reply) -> None:
    """Open the reply to a choice: which one, and whether it is right."""
    verdict = f'<strong class="quiz-verdict">{VERDICTS[node["right"]]}</strong>'
    right = str(node["right"]).lower()
    writer.body.append(
        f'<div class="quiz-reply" data-right="{right}" data-value="{node["value"]}">'
        f'<p class="quiz-of"><span class="quiz-letter">{node["name"]}</span> {verdict}</p>\n'
    )


def load(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the script and the style on pages with a quiz."""
    if doctree is not None and next(iter(doctree.findall(quiz.quiz)), None):
        app.add_css_file("quiz.css")
        app.add_js_file("quiz.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directive, and tell Sphinx how its parts are written."""
    app.add_directive("quiz", quiz.Quiz)
    written: dict[Any, Any] = {
        quiz.quiz: (visit_quiz, depart_quiz),
        quiz.quiz_question: (visit_question, depart_quiz),
        quiz.quiz_choice: (visit_choice, depart_choice),
        quiz.quiz_answers: (visit_answers, depart_answers),
        quiz.quiz_reply: (visit_reply, depart_quiz),
    }
    for node, visitors in written.items():
        app.add_node(node, html=visitors)
    app.connect("html-page-context", load)
