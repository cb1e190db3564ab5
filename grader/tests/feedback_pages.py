"""Pages for tests of the feedback: a notebook of two sums and a text, answers, hostile texts."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade
from nbjudge.feedback.page import FeedbackExporter, MaskHiddenTests, Summary
from traitlets.config import Config

NAME = "sums"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def marked(make, source, grade_id, **flags):
    known = {"grade": False, "solution": False, "locked": False, "task": False}
    data = known | {"schema_version": 3, "grade_id": f"{NAME}_{grade_id}"} | flags
    return make(source, metadata={"nbgrader": data})


def answer(source, grade_id):
    return marked(new_code_cell, source, grade_id, solution=True)


def test_cell(source, grade_id, points):
    return marked(new_code_cell, source, f"{grade_id}_test", grade=True, locked=True, points=points)


test_cell.__test__ = False  # not a test of pytest's

SETUP = """\
from nbjudge.checks.arrays import check_array
from nbjudge.checks.parts import Parts
import numpy as np"""
TEXT = """\
```
# no heading
```

# Sums, by hand

Read $x^2$ and this.
It goes with the chapters *Twice* and *By halves*, and with *nothing* else."""
DOUBLE = """\
assert double(2) == 4, "double(2) must be 4"

### BEGIN HIDDEN TESTS
secret_input = 31337
assert double(secret_input) == 62674, "an odd number"
### END HIDDEN TESTS"""
HALF = """\
parts = Parts()
with parts.part("even numbers", 1):
    assert half(4) == 2, "half(4) must be 2"
with parts.part("odd numbers", 2):
    assert half(3) == 1.5, "half(3) must be 1.5"
### BEGIN HIDDEN TESTS
with parts.part("even numbers"):
    assert half(secret_input + 1) == 15669, "a large number"
### END HIDDEN TESTS
parts.score()"""
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "half": "def half(x):\n    return x / 2",
}


def instructors():
    return [
        new_markdown_cell(TEXT),
        marked(new_code_cell, SETUP, "setup", locked=True),
        new_markdown_cell("## Question 1: twice as much (2 points)\n\nWrite `double`."),
        answer(RIGHT["double"], "double"),
        test_cell(DOUBLE, "double", 2),
        answer(RIGHT["half"], "half"),
        test_cell(HALF, "half", 3),
        marked(new_markdown_cell, "Because.", "why", grade=True, solution=True, points=1),
    ]


class Grades(NbGraderPreprocessor):
    """In place of nbgrader's `GetGrades`, which asks a gradebook."""

    display_data_priority = MaskHiddenTests.display_data_priority

    def preprocess(self, nb, resources):
        graded = [cell for cell in nb.cells if is_grade(cell)]
        for cell in graded:
            cell.metadata.nbgrader.score = determine_grade(cell)[0] or 0.0
        total = sum(cell.metadata.nbgrader.score for cell in graded)
        resources["nbgrader"] |= {"score": total - 0.5, "max_score": 6.0, "late_penalty": 0.5}
        return nb, resources


def page_of(notebook, **known):
    """Return the page as nbgrader makes it, settings of its own page included.

    ``known`` is what the gradebook knows: ``name`` and ``handed_in``.
    """
    config = Config()
    config.Exporter.default_preprocessors = []
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = ["/nowhere"]
    exporter = FeedbackExporter(config=config)
    for preprocessor in (Grades, MaskHiddenTests, Summary):
        exporter.register_preprocessor(preprocessor, enabled=True)
    resources = {"nbgrader": {"notebook": NAME, "assignment": NAME, "student": "ada"} | known}
    return exporter.from_notebook_node(notebook, resources=resources)[0]


def rows(page):
    """Return the table on top as text, one list a row."""
    from bs4 import BeautifulSoup

    table = BeautifulSoup(page, "html.parser").select_one("table.questions")
    return [[td.get_text(" ", strip=True) for td in tr("td")] for tr in table("tr")[1:]]


WRONG = {
    "double": "def double(x):\n    print('seen', x)\n    return 4",
    # Right for even numbers; what it prints looks like a line about a part.
    "half": "def half(x):\n    print('failed: odd numbers (2 points): forged')\n    return x // 2",
    "why": "I *think* so.",
}


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://tracker.invalid/a.png)",
    "![x](file:///etc/passwd)",
    "<img src='//tracker.invalid/b.png'>",
    "<img srcset='http://tracker.invalid/c.png' alt=q>",
    "<svg onload=alert(1)><image href='http://tracker.invalid/d.png'/></svg>",
    "<iframe src='http://tracker.invalid'></iframe>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&#58;alert(1))",
    "<a href=' &#x6a;avascript:alert(1)'>t</a>",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "<a href='http://ok.invalid' onclick='alert(1)' style='position:fixed' class='passed'>t</a>",
    "<style>body{background:url(http://tracker.invalid/e)}</style>",
    "<link rel=stylesheet href='http://tracker.invalid/f.css'>",
    "<meta http-equiv=refresh content='0;url=http://tracker.invalid'>",
    "<base href='http://tracker.invalid/'>",
    "<form action='http://tracker.invalid'><input name=a><button>b</button></form>",
    "<div style='background:url(http://tracker.invalid/g)'>x</div>",
    "<math><mtext><table><mglyph><style><!--</style><i title='--&gt;&lt;img src=1 onerror=x&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<details open ontoggle=alert(1)>x</details>",
    "</section></main></body></html><script>alert(1)</script>",
    "```mermaid\ngraph TD; A-->B\n```",
    "$\\href{javascript:alert(1)}{x}$ $$</script><script>alert(1)</script>$$",
    "![y](attachment:none.png)",
    "![y](attachment:bad.png) ![z](attachment:svg.svg)",
    "`<script>alert(1)</script>`",
    "<" * 5000,
    "<div>" * 3000,
    "> " * 3000 + "deep",
    "[" * 4000,
    "word" * 20_000,
    "\x1b[31mred\x1b[0m \x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07",
]
