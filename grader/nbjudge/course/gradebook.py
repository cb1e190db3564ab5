"""Write grades into nbgrader's gradebook: the rows that ``nbgrader autograde`` would write.

Everything about one submitted notebook goes in as one transaction.  What a person entered by
hand stays, and the cell is marked as needing a look, as in nbgrader.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import (
    compute_checksum,
    determine_grade,
    is_grade,
    is_solution,
    is_task,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import load_only

from nbjudge.course.folder import Course
from nbjudge.course.release import Released, cell_id
from nbjudge.course.students import show_ids, unnamed
from nbjudge.errors import SetupError
from nbjudge.program import program

Scores = dict[str, float | None]  # by the name of the cell; None where a person must grade


class Writer:
    """The one writer of an assignment's grades.

    Parameters
    ----------
    course : Course
        Where the gradebook is and how late submissions are treated.
    assignment : str
        The assignment; it must have been released.

    Raises
    ------
    SetupError
        If the gradebook cannot be opened or does not know the assignment.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self._name = assignment
        self._may_add_students = course.autograde.create_student
        self._penalties = AssignLatePenalties(parent=course.app)
        self._penalties.init_plugin()
        try:
            self._gradebook = Gradebook(course.settings.db_url, course.settings.course_id)
        except (SQLAlchemyError, ImportError) as error:
            raise SetupError(f"the gradebook cannot be opened: {error}") from error
        self._db = self._gradebook.db
        try:
            found = self._gradebook.find_assignment(assignment)
        except MissingEntry as error:
            self.close()
            raise SetupError(
                f"the gradebook does not know {assignment}: run `{program()} release {assignment}`"
            ) from error
        self._id = found.id
        show_ids(self._db)
        self._released = {notebook.name: Released.of(notebook) for notebook in found.notebooks}
        self._forget()

    def close(self) -> None:
        """Close the connection."""
        self._gradebook.close()

    @property
    def notebooks(self) -> list[str]:
        """The names of the assignment's notebooks."""
        return list(self._released)

    def check(self, name: str, source: bytes) -> None:
        """Raise `SetupError` unless the instructor's notebook is the one that was released."""
        if changed := self._released[name].difference(source):
            raise SetupError(
                f"{name}.ipynb and the gradebook differ in {changed}: "
                f"run `{program()} release {self._name}`"
            )

    def scores(self) -> dict[tuple[str, str], Scores]:
        """Return the automatic scores in the gradebook by student and notebook."""
        rows = (
            self._db.query(SubmittedAssignment.student_id, Notebook.name)
            .filter(SubmittedAssignment.assignment_id == self._id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .add_columns(BaseCell.name, Grade.auto_score)
        )
        found: dict[tuple[str, str], Scores] = {}
        for student, notebook, cell, score in rows:
            found.setdefault((student, notebook), {})[cell] = score
        self._forget()
        return found

    def write(
        self, student: str, name: str, graded: NotebookNode | None, timestamp: datetime | None
    ) -> Scores:
        """Write the grades of one submitted notebook, all or none.

        Parameters
        ----------
        student : str
            The student, added to the gradebook where missing.
        name : str
            The notebook.
        graded : notebook, optional
            The executed notebook; its checksums are set to those of the release.  Without it
            every automatic score is zero, as in nbgrader when a notebook was not handed in.
        timestamp : datetime, optional
            When it was submitted, in UTC; without it an earlier time stays.

        Returns
        -------
        dict
            The automatic scores now in the gradebook.

        Raises
        ------
        ValueError
            If the notebook holds a graded cell that the gradebook does not know, or more points
            than there are, or if the student is unknown and none may be added.
        """
        try:
            submission = self._submission(student)
            if timestamp is not None:
                submission.timestamp = timestamp
            notebook = self._notebook(submission, name)
            grades = self._rows(Grade, notebook, self._released[name].graded)
            notebook.late_submission_penalty = None
            if graded is None:
                for grade in grades.values():
                    grade.auto_score, grade.needs_manual_grade = 0, False
            else:
                self._save_cells(name, graded, notebook, grades)
                self._db.flush()
                notebook.late_submission_penalty = self._penalty(submission, notebook)
            scores = {cell: grade.auto_score for cell, grade in grades.items()}
            self._db.commit()
        finally:
            self._forget()
        return scores

    def _submission(self, student: str) -> Any:
        """Return the row of the student's submission, made where missing."""
        if self._db.get(Student, student, options=[load_only(Student.id)]) is None:
            if not self._may_add_students:
                raise ValueError("the gradebook does not know this student")
            self._db.add(unnamed(student))
            self._db.flush()
        wanted = {"assignment_id": self._id, "student_id": student}
        columns = load_only(SubmittedAssignment.timestamp, SubmittedAssignment.extension)
        rows = self._db.query(SubmittedAssignment).options(columns).filter_by(**wanted)
        submission = rows.one_or_none()
        if submission is None:
            submission = SubmittedAssignment(id=new_uuid(), **wanted)
            self._db.add(submission)
            self._db.flush()
            for released in self._released.values():
                self._add_notebook(submission, released)
        return submission

    def _add_notebook(self, submission: Any, released: Released) -> None:
        """Add the rows of a submitted notebook, without grades."""
        row = SubmittedNotebook(id=new_uuid(), notebook_id=released.id, assignment_id=submission.id)
        self._db.add(row)
        self._db.flush()
        self._db.add_all(Grade(cell_id=i, notebook_id=row.id) for i in released.graded.values())
        self._db.add_all(
            Comment(cell_id=i, notebook_id=row.id) for i in released.commented.values()
        )
        self._db.flush()

    def _notebook(self, submission: Any, name: str) -> Any:
        wanted = {"assignment_id": submission.id, "notebook_id": self._released[name].id}
        columns = load_only(SubmittedNotebook.late_submission_penalty)
        return self._db.query(SubmittedNotebook).options(columns).filter_by(**wanted).one()

    def _rows(self, kind: Any, notebook: Any, cells: dict[str, str]) -> dict[str, Any]:
        """Return the grades or the comments of a notebook by the name of their cell."""
        rows = self._db.query(kind).filter(
            kind.notebook_id == notebook.id, kind.cell_id.in_(cells.values())
        )
        names = {cell: name for name, cell in cells.items()}
        return {names[row.cell_id]: row for row in rows}

    def _save_cells(
        self, name: str, graded: NotebookNode, notebook: Any, grades: dict[str, Any]
    ) -> None:
        """Set the rows of all cells, as nbgrader's ``SaveAutoGrades`` does."""
        released = self._released[name]
        comments = self._rows(Comment, notebook, released.commented)
        for cell in graded.cells:
            if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
                continue
            if (key := cell_id(cell)) not in released.checksums:
                raise ValueError(f"the gradebook does not know the cell {key}")
            checksum = cell.metadata.nbgrader["checksum"] = released.checksums[key]
            if is_grade(cell):
                grade = grades[key]
                grade.auto_score = determine_grade(cell)[0]
                by_hand = grade.manual_score is not None or grade.auto_score is None
                grade.needs_manual_grade = by_hand
            if key in comments:
                untouched = checksum == compute_checksum(cell) and not is_task(cell)
                comments[key].auto_comment = "No response." if untouched else None

    def _penalty(self, submission: Any, notebook: Any) -> float | None:
        """Return the penalty for a late submission, between zero and its score."""
        if submission.assignment.duedate is None:  # nbgrader fails here where there is an extension
            return None
        late = submission.total_seconds_late
        if late <= 0:
            return None
        score = self._db.query(SubmittedNotebook.score).filter_by(id=notebook.id).scalar()
        plugin = self._penalties.plugin_inst
        penalty = plugin.late_submission_penalty(submission.student_id, score, late)
        return None if penalty is None else min(max(penalty, 0.0), score)

    def _forget(self) -> None:
        """End the transaction, and keep nothing of it in memory."""
        self._db.rollback()
        self._db.expunge_all()
