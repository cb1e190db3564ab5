"""The command line of the instructor: ``nbjudge release | collect | grade | ...``.

A course may give it another name; its messages use the one by which it was called.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import cleandoc
from pathlib import Path

from nbjudge.errors import SetupError
from nbjudge.limits import MEANINGS, Limits
from nbjudge.program import note_program, program

DESCRIPTION = """\
Hand out, collect and grade assignments.  Start it in the course folder.  Settings come from
nbgrader_config.py; every command of nbgrader works on the same folders and the same gradebook.
"""
STATUS = """\
exit status: 0 all is well; 1 something needs a look (it is listed); 2 the work could not start
"""

COMMANDS = "nbjudge.course.commands"
HOW_TO_INSTALL = (
    "install nbjudge with its extra `engine` "
    "(pip install --editable 'grader[engine]' in the folder that holds grader/)"
)
SETUP = 2  # the exit status where the work could not start

Run = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 if something needs a look, 2 if the work could not start."""
    if argv is None:
        note_program(sys.argv[0])
    try:
        arguments = parser().parse_args(argv)
        run: Run = arguments.run
        return run(arguments)
    except SetupError as error:
        print(f"{program()}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\n{program()}: stopped; start again to do what is left", file=sys.stderr)
    return SETUP


def run_command(name: str, arguments: argparse.Namespace) -> int:
    """Run a command; what it needs is imported now, for not everyone has it installed.

    Raises
    ------
    SetupError
        If a package is missing; `doctor` prints that, as it does other faults.
    """
    try:
        commands = importlib.import_module(COMMANDS)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        said = f"the package {package} is missing: {HOW_TO_INSTALL}"
        if name != "doctor":
            raise SetupError(said) from error
        print(f"FAULT  {said}\n\nSubmissions cannot be graded here until it is installed.")
        return 1
    run: Run = getattr(commands, name)
    return run(arguments)


def descriptions() -> dict[str, str]:
    """Return the docstrings of the commands, read from the source without importing it."""
    source = Path(__file__).with_name("course") / "commands.py"
    parsed = ast.parse(source.read_text(encoding="utf8")).body
    functions = [node for node in parsed if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_docstring(node, clean=False) or "" for node in functions}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog=program(), description=DESCRIPTION, epilog=STATUS)
    group = top.add_subparsers(required=True, metavar="COMMAND", title="commands")
    add = partial(_command, group, descriptions())
    _release(add("release", "week3"))
    _collect(add("collect", "week3"))
    _grade(add("grade", "week3 --workers 4"))
    _feedback(add("feedback", "week3 --student anna"))
    _export(add("export", "--to grades.csv"))
    add("doctor", "")
    return top


def _command(
    group: argparse._SubParsersAction[argparse.ArgumentParser],
    texts: Mapping[str, str],
    name: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add a command; its help is the docstring of what it runs."""
    text = cleandoc(texts[name])
    command = group.add_parser(
        name,
        help=text.splitlines()[0].rstrip("."),
        description=text,
        epilog=f"example: {program()} {name} {example}".strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=partial(run_command, name))
    return command


def _assignment(command: argparse.ArgumentParser) -> None:
    command.add_argument("assignment", metavar="NAME", help="the assignment, week3 for one")
    _database(command)


def _database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--db", metavar="URL", help="the gradebook, postgresql+psycopg://HOST/NAME for one"
    )


def _students(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--student",
        metavar="WHO",
        action="append",
        default=[],
        help="only this student, or all that match, 'a*' for one; may be given several times",
    )


def _release(command: argparse.ArgumentParser) -> None:
    _assignment(command)
    command.add_argument(
        "--exchange",
        action=argparse.BooleanOptionalAction,
        help="put it into nbgrader's exchange, or not (default: where that can be made)",
    )


def _collect(command: argparse.ArgumentParser) -> None:
    _assignment(command)


def _feedback(command: argparse.ArgumentParser) -> None:
    _assignment(command)
    _students(command)


def _export(command: argparse.ArgumentParser) -> None:
    _database(command)
    command.add_argument(
        "--to", metavar="FILE", default="grades.csv", help="(default: %(default)s)"
    )
    command.add_argument(
        "--assignment",
        metavar="NAME",
        action="append",
        default=[],
        help="only this assignment; may be given several times",
    )


def _grade(command: argparse.ArgumentParser) -> None:
    _assignment(command)
    _students(command)
    command.add_argument(
        "--again", action="store_true", help="grade also what has not changed since it was graded"
    )
    command.add_argument(
        "--workers",
        type=_positive(int),
        metavar="N",
        default=len(os.sched_getaffinity(0)),
        help="how many submissions to grade at a time (default: one a core, here %(default)s)",
    )
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="grade on the Dask cluster of this scheduler, tcp://HOST:8786 for one",
    )
    command.add_argument(
        "--run-student-code-without-sandbox",
        dest="sandbox",
        action="store_false",
        help="DANGEROUS: let students' code do whatever you may do on this machine",
    )
    limits = command.add_argument_group("limits of a submission")
    for name, meaning in MEANINGS.items():
        usual = getattr(Limits, name)
        limits.add_argument(
            f"--{name.replace('_', '-')}",
            type=_positive(type(usual)),
            metavar="N",
            help=f"{meaning} (default: that of nbgrader_config.py, or else {usual:g})",
        )


def _positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return a reader of positive numbers."""

    def number(text: str) -> float:
        value = kind(text)
        if not value > 0:
            raise ValueError
        return value

    return number


if __name__ == "__main__":
    raise SystemExit(main())
