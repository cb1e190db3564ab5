"""nbval runs the chapters: what it compares, what turns it red, and what is played back."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.book import expect as make_expected
from tools.book import expected, kept
from tools.book.kernel import KernelDied, RecordingKernel

TAGGED = ":tags: [nbval-check-output]\n\n"
VALUE = f"{TAGGED}print('a line')\n{{'a': 1}}"
BLOCKS = """Expected outputs of chapters/{name}.md, cell by cell.
Written by `make expected`; CI compares.

=== print('a line')
--- stdout
    a line
--- text/plain
    {value}
"""


def expect(book, name, value="{'a': 1}"):
    folder = book.folder / "chapters/expected"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(BLOCKS.format(name=name, value=value))


def test_each_gate_turns_red(small_book):
    for name in ("right", "changed", "lost"):
        small_book.write(name, "x = 1", VALUE, "y = x")
    small_book.write("raises", "x = 1", "x / 0", "y = 2")
    small_book.write("dies", "import os, signal", "os.kill(os.getpid(), signal.SIGKILL)", "y = 2")
    expect(small_book, "right")
    expect(small_book, "changed", "{'a': 2}")
    cells = small_book.judge()
    assert {key for key, verdict in cells.items() if verdict is None} == {
        *(("right", number) for number in range(3)),
        *(("changed", number) for number in (0, 2)),
        *(("lost", number) for number in range(3)),
        ("raises", 0),
        ("dies", 0),
    }
    assert "{'a': 2}" in cells["changed", 1][1]
    assert "ZeroDivisionError" in cells["raises", 1][1]
    assert "the kernel's process ended in this cell" in cells["dies", 1][1]
    for name in ("raises", "dies"):
        assert cells[name, 2][0] == "skipped"
    code, output = small_book.run("python", "-m", "tools.book.notebooks")
    assert code == 1
    assert "chapters/expected/lost.txt does not fit the tagged cells" in output
    assert "\nchapters that have to run: 2" in output


def test_a_run_that_is_kept_is_judged_again(small_book):
    mark = small_book.folder / "ran"
    small_book.write("page", f"open({str(mark)!r}, 'a').write('x')", VALUE)
    expect(small_book, "page")
    for value, verdicts in (("{'a': 1}", 0), ("{'a': 1}", 0), ("{'a': 2}", 1)):
        expect(small_book, "page", value)
        cells = small_book.judge()
        assert len(cells) == 2
        assert sum(verdict is not None for verdict in cells.values()) == verdicts
    assert mark.read_text() == "x", "the chapter ran more than once"


def test_make_expected_writes_what_the_chapters_put_out(small_book):
    small_book.write("page", "x = 1", VALUE)
    small_book.write("plain", "x = 1")
    expect(small_book, "plain")  # of a cell that is no longer there
    code, output = small_book.run("python", "-m", "tools.book.expect")
    assert code == 0, output
    folder = small_book.folder / "chapters/expected"
    assert {path.name for path in folder.iterdir()} == {"page.txt"}
    assert (folder / "page.txt").read_text() == BLOCKS.format(name="page", value="{'a': 1}")


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


OUTPUTS = {
    "a line": [stream("a\n")],
    "an open line": [stream("a")],
    "blank lines": [stream("\n\na\n\n")],
    "no output": [],
    "looks like a head": [stream("=== a\n--- stdout\n    b\n")],
    "both streams": [stream("a\n"), stream("b\n", "stderr"), stream("c\n")],
    "a value": [new_output("execute_result", data={"text/plain": "a\n  b"}, execution_count=1)],
    "a line and a value": [
        stream("a\n"),
        new_output("execute_result", data={"text/plain": "3"}, execution_count=1),
    ],
}


@pytest.mark.parametrize("after", OUTPUTS)
@pytest.mark.parametrize("case", OUTPUTS)
def test_expected_outputs_are_read_as_written(case, after):
    blocks = [("f(x)", OUTPUTS[case]), ("=== g", OUTPUTS[after]), ("f(x)", [])]
    assert expected.load(expected.dump("chapters/page", blocks)) == blocks


def test_a_tagged_picture_is_refused():
    cell = new_code_cell("show()", metadata={"tags": [expected.TAG]})
    cell.outputs = [new_output("display_data", data={"image/png": "abc"})]
    with pytest.raises(expected.ExpectedError, match="shows a display_data: drop the tag"):
        expected.dump("page", expected.blocks_of(new_notebook(cells=[cell])))


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    kernel = RecordingKernel("python3", tmp_path_factory.mktemp("kernel"))
    yield kernel
    kernel.stop()


def test_the_kernel_keeps_outputs_as_a_notebook_has_them(kernel):
    source = "print('a')\nprint('b')\nimport sys\nprint('c', file=sys.stderr)\n3"
    message = kernel.execute_cell_input(source)
    kernel.await_reply(message, timeout=60)
    kernel.await_idle(message, timeout=60)
    value = new_output("execute_result", data={"text/plain": "3"}, execution_count=1)
    assert kernel.outputs[-1] == [stream("a\nb\n"), stream("c\n", "stderr"), value]
    assert kernel.language_info.pygments_lexer == "ipython3"


def test_a_kernel_that_dies_is_noticed_at_once(kernel):
    message = kernel.execute_cell_input("import os\nos._exit(3)")
    with pytest.raises(KernelDied):
        kernel.await_reply(message, timeout=3600)


def test_make_expected_writes_all_or_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(make_expected, "run_chapters", lambda root: (0, ""))
    monkeypatch.setattr(make_expected.toc, "notebooks", lambda root: ["chapters/a", "chapters/b"])
    for page, output in (
        ("a", new_output("stream", text="1\n")),
        ("b", new_output("display_data")),
    ):
        cell = new_code_cell("show()", metadata={"tags": [expected.TAG]}, outputs=[output])
        path = kept.executed_path(tmp_path, f"chapters/{page}")
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=[cell]), path)
        old = expected.path_of(tmp_path, f"chapters/{page}")
        old.parent.mkdir(parents=True, exist_ok=True)
        old.write_text("as it was\n")
    assert make_expected.main() == 1
    assert capsys.readouterr().out.startswith("chapters/b: a cell tagged nbval-check-output shows")
    for page in "ab":
        assert expected.path_of(tmp_path, f"chapters/{page}").read_text() == "as it was\n"
