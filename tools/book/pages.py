"""What the theme does not offer, or does not do right, on the pages of this book."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from tools.book.execution import executed_path
from tools.book.portable.book import Book
from tools.book.portable.convert import file_name, portable
from tools.book.portable.syntax import MystError

#: What stands before the commands of the first page, with a public address and without one.
PUBLIC = "Clone the [repository]({url}), and in its folder say:"
COPY = "In the folder of your copy of the course, where the file `Makefile` lies, say:"
COLAB, BINDER = "https://colab.research.google.com", "https://mybinder.org"


def say_where_the_course_is(app: Sphinx, config: Config) -> None:
    """Let pages say ``{{ get_the_course }}``: where to get it, if `_config.yml` has an address."""
    url = (config.html_theme_options or {}).get("repository_url", "")
    sentence = PUBLIC.format(url=url) if url else COPY
    config.myst_substitutions = {**config.myst_substitutions, "get_the_course": sentence}


@lru_cache
def all_pages(root: Path) -> Book:
    return Book(root)


def offer_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Offer the chapter as a notebook: as a download always, on Colab and Binder when public."""
    path = executed_path(app, pagename)
    if "kernelspec" not in app.env.metadata.get(pagename, {}) or not path.exists():
        return
    try:
        made = portable(nbformat.read(path, as_version=4), pagename, all_pages(Path(app.srcdir)))
    except MystError as fault:
        raise ExtensionError(str(fault)) from fault
    source = f"{Path(pagename).parent}/{file_name(pagename)}"
    target = Path(app.outdir) / "_sources" / source
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, target)
    context["ipynb_source"] = source


def name_downloads(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say on the buttons for downloads what they hand out."""
    names = {
        "download-notebook-button": ("This chapter as a notebook", "Download this chapter"),
        "download-source-button": ("Source of the page (MyST)", "Download the source"),
        "download-pdf-button": ("Print or save as PDF", "Print this page"),
    }
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("label") in names:
                button["text"], button["tooltip"] = names[button["label"]]


def offer_launch(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add the Colab and Binder buttons to a notebook's page when the repository is public."""
    options = app.config.html_theme_options
    url, branch = options.get("repository_url", ""), options.get("repository_branch", "")
    if not url or "ipynb_source" not in context:
        return
    repository = "/".join(url.rstrip("/").split("/")[-2:])
    notebook = context["ipynb_source"]
    targets = {
        "Colab": (f"{COLAB}/github/{repository}/blob/{branch}/{notebook}", "logo_colab.png"),
        "Binder": (
            f"{BINDER}/v2/gh/{repository}/{branch}?urlpath=lab/tree/{notebook}",
            "logo_binder.svg",
        ),
    }
    context["header_buttons"].append(
        {
            "type": "group",
            "tooltip": "Run this chapter online",
            "icon": "fas fa-rocket",
            "label": "launch-buttons",
            "buttons": [
                {
                    "type": "link",
                    "text": name,
                    "tooltip": f"Open on {name}",
                    "icon": f"_static/images/{icon}",
                    "url": target,
                }
                for name, (target, icon) in targets.items()
            ],
        }
    )


def mend_citation_lists(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Drop a role that docutils gives to bibliographies whose entries are no list items."""
    role, plain = '<div role="list" class="citation-list">', '<div class="citation-list">'
    context["body"] = context.get("body", "").replace(role, plain)


class running_times(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils has no type hints
    """Stands where the table of running times goes, until all chapters are known."""


class RunningTimes(SphinxDirective):
    """The directive ``running-times``: how long each chapter took to execute, and when."""

    def run(self) -> list[nodes.Node]:
        return [running_times()]


def table_of(rows: list[list[nodes.Node]]) -> nodes.table:
    """Return a table whose first row is its head."""
    group = nodes.tgroup(cols=len(rows[0]))
    group += [nodes.colspec(colwidth=1) for _ in rows[0]]
    parts = nodes.thead(), nodes.tbody()
    for number, row in enumerate(rows):
        line = nodes.row()
        line += [nodes.entry("", nodes.paragraph("", "", cell)) for cell in row]
        parts[number > 0].append(line)
    group += parts
    return nodes.table("", group)


def fill_running_times(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table of running times in its place."""
    for place in list(doctree.findall(running_times)):
        rows: list[list[nodes.Node]] = [
            [nodes.Text(text) for text in ("Chapter", "Seconds", "Executed on")]
        ]
        for name in (n for names in app.env.toctree_includes.values() for n in names):
            data = NbMetadataCollector.get_exec_data(app.env, name)
            if data is None or data["runtime"] is None:
                continue
            link = nodes.reference("", app.env.titles[name].astext(), internal=True)
            link["refuri"] = app.builder.get_relative_uri(docname, name)
            day = datetime.fromtimestamp(data["mtime"]).date().isoformat()
            rows.append([link, nodes.Text(f"{data['runtime']:.0f}"), nodes.Text(day)])
        place.replace_self(table_of(rows))


def pages_with_times(app: Sphinx, env: Any) -> list[str]:
    """Write the pages with that table again whenever anything was read."""
    return [name for name in env.found_docs if list(env.get_doctree(name).findall(running_times))]
