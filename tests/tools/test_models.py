"""What a chapter hands over to scripts becomes a file that any page can load."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.book.models import models_of, script_of

HANDED = '<script type="application/json" id="my-model">{"b": [1.5, 2]}</script><p>Two.</p>'


@pytest.fixture
def executed(tmp_path):
    """Return a function that writes an executed notebook whose cells put out some HTML."""

    def _write(*outputs):
        cells = [
            new_code_cell(outputs=[new_output("display_data", data={"text/html": html})])
            for html in outputs
        ]
        cells.append(new_code_cell(outputs=[new_output("stream", name="stdout", text="a")]))
        path = tmp_path / "page.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return _write


def test_models_are_found_by_their_id(executed):
    path = executed("<p>nothing</p>", HANDED)
    assert list(models_of(path)) == [("my-model", '{"b": [1.5, 2]}')]
    assert list(models_of(executed("<p>nothing</p>"))) == []


def test_the_script_holds_the_same_numbers():
    script = script_of("my-model", '{"b": [1.5, 2]}')
    table = '{ ...window.courseModels, "my-model": {"b":[1.5,2]} }'
    assert script == f"window.courseModels = {table};\n"


def test_what_is_no_json_is_an_error():
    with pytest.raises(json.JSONDecodeError):
        script_of("my-model", "{1}")
