"""`codesteer export`: a run for other tools."""

from argparse import Namespace
from collections.abc import Callable, Iterable

from pytest_codesteer.command.files import (
    STANDARD,
    CommandError,
    add_output,
    add_run,
    add_scoring,
    new_file,
    read,
    write,
)
from pytest_codesteer.command.output import NewCommand, say
from pytest_codesteer.export.flat import csv_of, jsonl_of
from pytest_codesteer.export.inspect_log import inspect_logs
from pytest_codesteer.report import sections, titles_of
from pytest_codesteer.report.markdown import markdown
from pytest_codesteer.runlog import Run

_TEXTS: dict[str, Callable[[Run], Iterable[str]]] = {
    "csv": lambda run: csv_of(run.records).splitlines(),
    "jsonl": lambda run: jsonl_of(run.records),
    "markdown": lambda run: markdown(sections(run.records, titles_of(run.header))),
}


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "export",
        help="a run as CSV, JSON lines, Markdown or Inspect logs",
        description="Write a run for other tools. csv: the figures of each case. jsonl: all of each case, "
        "a line each. markdown: the tables. inspect: a folder of .eval logs, one for each model and method, "
        "which `inspect view --log-dir OUT` opens.",
    )
    add_run(parser)
    parser.add_argument("--format", choices=(*_TEXTS, "inspect"), required=True)
    add_output(parser, needed=False, what="file to write, for inspect a folder (default, and -: print)")
    add_scoring(parser)
    parser.set_defaults(perform=export)


def export(options: Namespace) -> None:
    """Write a run in another format."""
    run = read(options.run, options.scoring)
    if options.format == "inspect":
        _inspect(run, options)
        return
    lines = _TEXTS[options.format](run)
    if options.output in (None, STANDARD):
        say(lines)
    else:
        write(options.output, "".join(f"{line}\n" for line in lines))


def _inspect(run: Run, options: Namespace) -> None:
    if options.output in (None, STANDARD):
        raise CommandError("--format=inspect: writes files; name a folder with --output")
    new_file(options.output)
    for name, content in inspect_logs(run):
        write(options.output / name, content)
        say([str(options.output / name)])
