"""`codesteer show`: the transcript of a case."""

from argparse import Namespace
from collections.abc import Iterable
from difflib import get_close_matches
from shlex import quote

from pytest_codesteer.command.files import CommandError, add_run, read
from pytest_codesteer.command.output import NewCommand, add_formats, show
from pytest_codesteer.report.markdown import escaped
from pytest_codesteer.report.transcript import Entry, entries
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown

_MOST = 8  # cases that a message names
_WIDTH = 100


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "show",
        help="the transcript of a case",
        description="Print what was asked, answered, run and printed in a case, and how it was judged. "
        "Control characters in a model's text are written out.",
    )
    add_run(parser)
    parser.add_argument(
        "case",
        metavar="CASE",
        help="its name, as 'game24[gpt-4o-all_code-four-003]', or a part that only it has",
    )
    add_formats(parser)
    parser.set_defaults(perform=show_case)


def show_case(options: Namespace) -> None:
    """Print the transcript of a case."""
    record = _found(options.case, options.run, read(options.run).records)
    found = entries(record)
    show(
        options.format,
        lambda: [f"{record.id}: {record.outcome}", *(line for entry in found for line in _text(entry))],
        lambda: [f"### {escaped(record.id)}", *(line for entry in found for line in _markdown(entry))],
        record.to_dict,
    )


def _found(name: str, run: str, records: Iterable[Record]) -> Record:
    """Return the record of the case called *name*.  Raises `CommandError`."""
    by_id = {record.id: record for record in records}
    if name in by_id:
        return by_id[name]
    fitting = [each for each in by_id if name in each]
    if not fitting:
        near = get_close_matches(name, by_id, n=1)
        said = f"no case has {name!r} in its name"
        if near or len(by_id) < _MOST:
            said = unknown("case", name, near or by_id)
        raise CommandError(f"{said} (codesteer export {quote(run)} --format=csv lists all {len(by_id)})")
    if len(fitting) > 1:
        more = "" if len(fitting) <= _MOST else f" and {len(fitting) - _MOST} more"
        raise CommandError(f"{name!r} is in the names of {', '.join(fitting[:_MOST])}{more}: name one")
    return by_id[fitting[0]]


def _text(entry: Entry) -> list[str]:
    # what was said is indented, so that no text can pass for a heading
    return ["", f"--- {entry.head} ".ljust(_WIDTH, "-"), *(f"  {line}" for line in entry.text.split("\n"))]


def _markdown(entry: Entry) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in _ticks(entry.text)), default=0))
    return ["", f"**{escaped(entry.head)}**", "", fence, entry.text, fence]


def _ticks(text: str) -> list[str]:
    return "".join(sign if sign == "`" else " " for sign in text).split()
