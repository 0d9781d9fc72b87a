"""The `codesteer` command: runs that are on disk, tasks, and plans.  It asks no model and knows no pytest."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

from pytest_codesteer.command import (
    comparing,
    exporting,
    logs,
    new_task,
    planning,
    reporting,
    schemas,
    showing,
    tasks,
)
from pytest_codesteer.command.files import CommandError
from pytest_codesteer.command.output import OutputError, warn
from pytest_codesteer.models import ModelError
from pytest_codesteer.report import TableError
from pytest_codesteer.runlog import RunLogError
from pytest_codesteer.task import TaskCrash, TaskError

_USERS_TO_PUT_RIGHT = (
    CommandError,
    ModelError,
    OutputError,
    RunLogError,
    TableError,
    TaskError,
    TaskCrash,
)
_MODULES = (reporting, comparing, logs, exporting, tasks, showing, new_task, planning, schemas)
_ABOUT = """\
Read, compare and judge the runs that pytest --codesteer-model=NAME leaves behind.

RUN is the log of a run: .codesteer/runs/<time>.jsonl, or the file named by --codesteer-log;
"last" is the newest one in .codesteer/runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 2 for what the user can put right."""
    try:
        options = _parser().parse_args(arguments)
        options.perform(options)
    except _USERS_TO_PUT_RIGHT as error:
        for line in str(error).splitlines():
            warn(line)
        return 2
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="codesteer", description=_ABOUT, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _MODULES:
        module.add(commands.add_parser)
    return parser
