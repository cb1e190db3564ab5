"""The page that students get back: what it shows, what it hides, and that it does nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import Job
from nbjudge.feedback.page import FeedbackExporter, MaskHiddenTests, Summary
from nbjudge.feedback.sanitize import harmless
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
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
TEXT = "# Sums\n\nRead $x^2$ and this:\n\n```\n# no heading\n```"
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


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def graded(engine):
    """Return a function that grades answers; other cells are put before the first question."""

    def _graded(answers, *others):
        source = new_notebook(cells=instructors())
        source.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        cells = instructors()
        for cell in cells:
            question = cell.metadata.get("nbgrader", {}).get("grade_id", "")[len(NAME) + 1 :]
            cell.source = answers.get(question, cell.source)
        cells[2:2] = others
        submission = new_notebook(cells=cells, metadata=source.metadata)
        data = [nbformat.writes(one).encode() for one in (source, submission)]
        report = engine.grade(Job("course", NAME, NAME, "ada", *data, key=b"key"))
        assert report.graded is not None
        return nbformat.from_dict(report.graded)

    return _graded


def page_of(notebook):
    """Return the page as nbgrader makes it, settings of its own page included."""
    config = Config()
    config.Exporter.default_preprocessors = []
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = ["/nowhere"]
    exporter = FeedbackExporter(config=config)
    for preprocessor in (Grades, MaskHiddenTests, Summary):
        exporter.register_preprocessor(preprocessor, enabled=True)
    exporter.register_preprocessor("nbconvert.preprocessors.CSSHTMLHeaderPreprocessor", True)
    resources = {"nbgrader": {"notebook": NAME, "assignment": NAME, "student": "ada"}}
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


@pytest.fixture(scope="module")
def wrong(graded):
    return page_of(graded(WRONG))


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


def test_error_of_the_student_is_named_and_traced(graded):
    page = page_of(graded({"double": "def double(x):\n    return undefined_name"}))
    assert rows(page)[0][2] == "failed NameError: name 'undefined_name' is not defined"
    assert "in double" in page


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


@pytest.fixture(scope="module")
def hostile(graded):
    """Return a page made of everything bad that a student may write."""
    cells = [new_markdown_cell(text) for text in HOSTILE]
    cells[-2].source = "x" * 50_000
    for cell in cells:
        cell.attachments = {
            "bad.png": {"image/png": "\" onerror='alert(1)'"},
            "svg.svg": {"image/svg+xml": "PHN2Zy8+", "text/html": "x"},
        }
    printing = "print('\\x1b[31m</pre><script>alert(1)</script>' + 'y' * 20000)"
    cells += [new_code_cell(printing), new_code_cell(f"# {'z' * 200_000}")]
    notebook = graded(WRONG | {"why": HOSTILE[0] + HOSTILE[1]}, *cells)
    target = next(cell for cell in notebook.cells if cell.cell_type == "code")
    forms = {"text/html": HOSTILE[0], "image/svg+xml": HOSTILE[6], "application/javascript": "a"}
    bad = {"image/png": "\" onerror='alert(1)'", "text/plain": "<i>plain</i>"}
    for data in (forms, bad, {"image/png": PIXEL}):
        metadata = {"image/png": {"width": "1 onload=alert(1)"}}
        target.outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    return page_of(notebook)


def test_hostile_page_holds_nothing_active(hostile):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(hostile, "html5lib" if "html5lib" in sys.modules else "html.parser")
    names = {tag.name for tag in soup.find_all(True)}
    active = {"script", "iframe", "object", "embed", "form", "input", "button", "link", "base"}
    assert not names & (active | {"svg", "math", "noscript", "image", "video", "audio", "area"})
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            if name == "src":
                assert re.fullmatch(r"data:image/png;base64,[\w+/=]+", value), tag
            if name == "href":
                assert re.match(r"#|https?://", value), tag
            assert name not in ("srcset", "action", "style", "background"), tag
    assert len(soup.find_all("meta", attrs={"http-equiv": True})) == 1
    assert len(soup.find_all("style")) == 2
    assert PIXEL in hostile
    assert "alert(1)" in soup.get_text()  # shown as text
    assert "\x1b" not in hostile


def test_no_address_is_loaded(hostile):
    loading = re.findall(r"(?:src|srcset|data|poster)=\W*(?!data:)\w+:?//[^\"' ]*", hostile)
    styles = re.findall(r"<style>(.*?)</style>", hostile, flags=re.DOTALL)
    assert not loading
    assert not [style for style in styles if "url(" in style or "@import" in style]


def test_long_things_are_cut(hostile):
    assert "(the rest is not shown)" in hostile
    assert "z" * 100_001 not in hostile
    assert len(hostile) < 1_000_000


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ('<a href="https://a.example/?b=1&amp;c" title="t" id="i">x</a>', "title id"),
        ("<a href='#top'>x</a>", "href"),
        ("<a href='mailto:a@b.example'>x</a>", ""),
        ("<span class='k'>x</span><span class='highlight k'>y</span>", "highlight"),
        ("<p class='highlight'>x</p>", "class"),
        ("<img src='data:image/svg+xml;base64,AAAA' alt='x'>", "src"),
        ("<b>x</b><!-- y --><script>z</script>", "script y"),
    ],
)
def test_only_what_is_listed_stays(given, left):
    clean = harmless(given)
    assert not [word for word in left.split() if word in clean]
    assert harmless(clean) == clean


def test_what_is_too_deep_is_refused():
    assert harmless("<div>" * 50 + "x").startswith("<div>")
    with pytest.raises(ValueError, match="300 elements inside each other"):
        harmless("<div>" * 300)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from tools.book.look import CHROMIUM_FLAGS, find_chromium
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_browser_loads_one_file_and_runs_nothing(browser, hostile, tmp_path, width):
    path = tmp_path / "feedback.html"
    path.write_text(hostile)
    seen = browser.new_page(viewport={"width": width, "height": 844})
    asked, said = [], []
    seen.on("request", lambda request: asked.append(request.url))
    seen.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    seen.on("console", lambda message: said.append(message.text))
    seen.goto(path.as_uri(), wait_until="networkidle")
    for link in seen.locator("article a, main a[href^='#']").all():
        link.click()
    assert [url for url in asked if not url.startswith("data:image/png")] == [path.as_uri()]
    assert said == []
    sizes = seen.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert sizes[0] <= sizes[1]
    seen.close()


def test_policy_alone_would_stop_a_script(browser, wrong, tmp_path):
    path = tmp_path / "feedback.html"
    path.write_text(wrong.replace("</main>", "<script>document.title = 'ran'</script></main>"))
    seen = browser.new_page()
    seen.goto(path.as_uri())
    assert seen.title() == "Feedback: sums"
    with seen.expect_event("requestfailed") as stopped:
        seen.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://x.invalid'}))")
    assert stopped.value.failure == "csp"
    seen.close()


def test_page_for_the_instructor_holds_nothing_active_either(graded):
    # nbgrader's formgrader runs in the instructor's own JupyterLab.
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader.handlers import template_path

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    config.HTMLExporter.filters = {"markdown2html": "nbjudge.feedback.sanitize.markdown"}
    notebook = graded({"why": "\n\n".join(HOSTILE[:25])})
    page = HTMLExporter(config=config).from_notebook_node(notebook, {"index": 0, "total": 1})[0]
    assert "tracker.invalid/a.png" not in page
    assert "<iframe" not in page
    assert not re.search(r"<[^>]*\balert\(1\)", page)
