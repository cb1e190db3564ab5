"""How far a student is: the last cell of a notebook lists every question with its points."""

from __future__ import annotations

from collections.abc import Sequence

from nbjudge.checks.arrays import GREEN, RED, paint
from nbjudge.checks.parts import NOT_WRITTEN, Score, points_word, scores


def how_far(questions: Sequence[tuple[str, str, float]]) -> None:
    """Print a line for each question of a notebook, with the points that it has so far.

    Parameters
    ----------
    questions : sequence of (str, str, float)
        The name that `Parts` was given, the title, and the points that can be had.
    """
    earned, lines = 0.0, []
    width = max(len(title) for _, title, _ in questions)
    for name, title, points in questions:
        score = scores.get(name)
        earned += score or 0.0
        lines.append(f"{title:{width}}  {_how_far(score, points)}")
    total = sum(points for *_, points in questions)
    print("\n".join([*lines, f"{'Together':{width}}  {earned:g} of {total:g} points"]))


def _how_far(score: Score | None, points: float) -> str:
    if score is None:
        return "the test has not run"
    if score.not_written:
        return NOT_WRITTEN
    return paint(
        f"{score:g} of {points:g} {points_word(points)}", GREEN if score == points else RED
    )
