"""The `codesteer` command: runs that are on disk, tasks, and plans.  It asks no model and knows no pytest."""

import os
import sys
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
from pytest_codesteer.models import ModelError
from pytest_codesteer.report import TableError
from pytest_codesteer.report.visible import visible
from pytest_codesteer.runlog import RunLogError
from pytest_codesteer.task import TaskCrash, TaskError

_USERS_TO_PUT_RIGHT = (CommandError, ModelError, RunLogError, TableError, TaskError, TaskCrash)
_MODULES = (reporting, comparing, logs, exporting, tasks, showing, new_task, planning, schemas)
_ABOUT = """\
Read, compare and judge the runs that pytest --codesteer-model=NAME leaves behind.

RUN is the log of a run: .codesteer/runs/<time>.jsonl, or the file named by --codesteer-log;
"last" is the newest one in .codesteer/runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 2 for what the user can put right."""
    options = _parser().parse_args(arguments)
    try:
        options.perform(options)
        sys.stdout.flush()
    except _USERS_TO_PUT_RIGHT as error:
        sys.stderr.write("".join(f"codesteer: {visible(line)}\n" for line in str(error).splitlines()))
        return 2
    except BrokenPipeError:  # whoever read the output has enough, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="codesteer", description=_ABOUT, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _MODULES:
        module.add(commands.add_parser)
    return parser
