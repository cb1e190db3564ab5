"""What decides a grade besides the submission, as one digest: the same digest, the same grade."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import json
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.machinery import ModuleSpec
from pathlib import Path

from nbjudge.engine.job import Job
from nbjudge.engine.version import digest

_OURS = __name__.partition(".")[0]


def deciding(job: Job) -> str:
    """Return a digest of all that decides the grade of a job, but for what was handed in.

    It covers the instructor's notebook, the modules of the course that it imports and all that
    these import, the files beside it, the key, the limits, the open modules, and the grader.

    Parameters
    ----------
    job : Job
        Of any submission; what the student handed in makes no difference.
    """
    rules = {"limits": asdict(job.limits), "withheld": asdict(job.withheld)}
    about = (digest(), job.assignment, job.notebook, json.dumps(rules, sort_keys=True))
    code = course_modules(job.source, job.withheld.packages)
    named = [pair for one in (job.files, code) for pair in sorted(one.items())]
    return digest_of(
        *(text.encode() for text in about),
        job.source,
        job.key,
        *(part for name, content in named for part in (name.encode(), content)),
    )


def digest_of(*parts: bytes) -> str:
    """Return a digest of texts in their order; where one ends makes a difference."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def course_modules(source: bytes, packages: Sequence[str]) -> dict[str, bytes]:
    """Return the code of a course that a notebook depends on, by the name of the module.

    Imports are read off the code, so one whose name is made while it runs is not seen.

    Parameters
    ----------
    source : bytes
        The instructor's notebook as JSON.
    packages : sequence of str
        The packages of the course.  Other modules count as the course's if they lie neither in
        Python's library nor among installed packages.
    """
    cells = [cell for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
    waiting = {name for cell in cells for name in _imported("".join(cell["source"]), "")}
    found: dict[str, bytes] = {}
    places: dict[str, list[Path]] = {}
    while waiting:
        name = waiting.pop()
        root, _, below = name.partition(".")
        if root not in places:
            places[root] = _places(root, packages)
        path = None if name in found else _file(places[root], below)
        if path is not None:
            found[name] = path.read_bytes()
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            waiting |= {name.rpartition(".")[0], *_imported(found[name], package)} - {""}
    return found


def _imported(code: str | bytes, package: str) -> Iterator[str]:
    """Yield the names of modules that code inside ``package`` may import."""
    with contextlib.suppress(SyntaxError, ValueError):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = package.split(".")[: 1 - node.level or None] if node.level else []
                module = ".".join([*start, *([node.module] if node.module else [])])
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def _places(root: str, packages: Iterable[str]) -> list[Path]:
    """Return the folders of a package, or the file of a module, if it is the course's."""
    try:
        spec = importlib.util.find_spec(root) if root else None
    except ValueError:  # a module that was made by hand
        spec = None
    if spec is None or root == _OURS:
        return []
    named = any(package.partition(".")[0] == root for package in packages)
    places = [Path(place) for place in _locations(spec)]
    return [place for place in places if named or not _is_installed(place)]


def _locations(spec: ModuleSpec) -> Iterable[str]:
    if spec.submodule_search_locations is not None:
        return spec.submodule_search_locations
    return [spec.origin] if spec.has_location and spec.origin else []


def _is_installed(place: Path) -> bool:
    installed = {"site-packages", "dist-packages"} & set(place.parts)
    return bool(installed) or place.is_relative_to(sysconfig.get_path("stdlib"))


def _file(places: Iterable[Path], below: str) -> Path | None:
    """Return the file of the module ``below`` in a package's folders, None if there is none."""
    for place in places:
        if place.is_file():
            return None if below else place
        inside = place.joinpath(*below.split(".")) if below else place
        for path in (inside.with_name(f"{inside.name}.py"), inside / "__init__.py"):
            if path.is_file() and (below or path.name == "__init__.py"):
                return path
    return None
