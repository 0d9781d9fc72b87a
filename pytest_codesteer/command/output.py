"""What the command prints.  Texts of runs and tasks may be a model's: none of it reaches a terminal raw."""

import json
import os
import sys
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Literal, TypeAlias

from pytest_codesteer.metrics import Undefined
from pytest_codesteer.report import Section, lines_of
from pytest_codesteer.report.cells import Table
from pytest_codesteer.report.visible import visible

Format = Literal["text", "json", "markdown"]
NewCommand: TypeAlias = Callable[..., ArgumentParser]  # `add_parser` of the command's parser


class OutputError(Exception):
    """What is printed goes nowhere.  One line."""


def say(lines: Iterable[str]) -> None:
    """Print lines.  Raises `OutputError`."""
    out = sys.stdout
    if out is None:
        raise OutputError("the output: is closed; send it to a terminal, a file or a program")
    if (reconfigure := getattr(out, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter gets its number
    try:
        out.write("".join(f"{visible(line)}\n" for line in lines))
        out.flush()
    except OSError as error:
        # what waits in the buffer would fail again at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever read it has enough, as in `| head`
            raise OutputError(f"the output: {error.strerror}; send it somewhere else") from error


def warn(line: str) -> None:
    """Tell something beside the output."""
    if sys.stderr is not None:
        with suppress(OSError):  # there is nowhere else to tell it
            sys.stderr.write(f"codesteer: {visible(line)}\n")


def add_formats(parser: ArgumentParser) -> Callable[..., Action]:
    """Let the user choose the form of the output; returns what adds a form that one command alone has."""
    group = parser.add_mutually_exclusive_group()
    for name in ("json", "markdown"):
        group.add_argument(
            f"--{name}",
            dest="format",
            action="store_const",
            const=name,
            help=f"print {name.title()}" if name == "markdown" else "print JSON, with figures as numbers",
        )
    parser.set_defaults(format="text")
    return group.add_argument


def show(
    form: Format,
    text: Callable[[], Iterable[str]],
    markdown: Callable[[], Iterable[str]],
    values: Callable[[], Any],
) -> None:
    """Print what the user chose of these."""
    if form == "json":
        say([json.dumps(values(), indent=2)])
    else:
        say(markdown() if form == "markdown" else text())


def show_sections(form: Format, sections: Iterable[Section], values: Callable[[], Any]) -> None:
    """Print tables in the form that the user chose."""
    from pytest_codesteer.report.markdown import markdown

    listed = list(sections)
    show(form, lambda: lines_of(listed), lambda: markdown(listed), values)


def section(title: str, /, **tables: Table | Undefined) -> Section:
    """Return a section of these tables."""
    return Section(title, tables)
