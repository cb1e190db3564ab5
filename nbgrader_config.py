"""The settings of nbgrader for this course; nbgrader reads them in the folder it is started in.

Grades go into ``gradebook.db`` (SQLite).  For another database set ``CourseDirectory.db_url``.
"""

import os
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent

c = get_config()  # noqa: F821  (nbgrader puts it here)

# nbgrader calls `alembic` by name: find it also where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

c.CourseDirectory.course_id = "lstm_course"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "build/source"  # generated from solutions/: make exercises
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"

# The exchange lies inside the project, so that one machine can play teacher and student.
c.Exchange.root = str(ROOT / "exchange")

# Files from a learning platform go into downloaded/<assignment>/archive/, as <student>.zip
# or as a folder <student>/; the notebook may lie in a folder of its own inside.
c.ZipCollectApp.downloaded_directory = "downloaded"
c.FileNameCollectorPlugin.named_regexp = (
    r".*/extracted/(?P<student_id>[^/]+)/(?:.*/)?(?P<file_id>[^/]+)\.ipynb$"
)

c.ZipCollectApp.extractor_plugin = "nbjudge.course.archives.SafeExtractor"
c.ExchangeFactory.collect = "nbjudge.course.collect.SafeCollect"

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE: replace this comment and the next line.\n"
    'raise NotImplementedError("write this function, run its cell, then its test")'
}

# What was graded stays where grading anew fails.
c.Autograde.exporter_class = "nbjudge.course.keeping.KeepingExporter"
# Submissions are rebuilt from the instructor's notebook and run in a sandbox.
c.Autograde.sanitize_preprocessors = [
    "nbjudge.course.plugins.RebuildSubmission",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nbjudge.course.plugins.RunSubmission",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The reference solutions are importable, because later questions build on them.  The process
# that runs a student's code has the modules of the course in name only, but for those that
# give no answer away.
c.RunSubmission.course_packages = ["lstm_course"]
c.RunSubmission.open_modules = [
    "lstm_course.data",
    "lstm_course.packages",
    "lstm_course.plotting",
    "lstm_course.tasks",
]

# The page for the student: one file, without hidden tests and without anything active.
c.GenerateFeedback.exporter_class = "nbjudge.feedback.page.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "nbjudge.feedback.page.MaskHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbjudge.feedback.about.About",
    "nbjudge.feedback.page.Summary",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# Nothing that a student wrote runs in a reader's browser, in nbgrader's own formgrader too.
c.HTMLExporter.filters = {
    "markdown2html": "nbjudge.feedback.sanitize.markdown",
    "mathjax": "nbjudge.feedback.formulas.mathjax",
}
c.HTMLExporter.sanitize_html = True
# Formulas there need no network: the first folder comes before nbgrader's own.
c.HTMLExporter.extra_template_basedirs = [
    str(files("nbjudge") / "feedback"),
    str(files("nbgrader") / "server_extensions" / "formgrader" / "templates"),
]
