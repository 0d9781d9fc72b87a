"""`codesteer merge` and `codesteer rejudge`: runs made of runs."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from pytest_codesteer.command.files import (
    CommandError,
    add_output,
    add_run,
    add_task_dirs,
    load,
    new_file,
    raw,
    task_files,
    write_run,
)
from pytest_codesteer.command.output import NewCommand, say
from pytest_codesteer.runlog import Record, Run
from pytest_codesteer.runlog.merging import merged
from pytest_codesteer.runlog.rejudging import OtherInstance, rejudged
from pytest_codesteer.task import Task


def add(new: NewCommand) -> None:
    """Add the commands."""
    _add_merge(new)
    _add_rejudge(new)


def merge(options: Namespace) -> None:
    """Write one run made of shards."""
    new_file(options.output)
    run = merged([(given, raw(given)) for given in options.runs])
    write_run(options.output, run)
    say([f"{options.output}: {len(run.records)} cases of {len(options.runs)} runs"])


def rejudge(options: Namespace) -> None:
    """Write a run whose cases are judged anew."""
    new_file(options.output)
    run = raw(options.run)
    files = task_files(options.task_dirs)
    names = dict.fromkeys(record.task for record in run.records)
    tasks = {name: load(name, files, run.header.get("data")) for name in names}
    records, other = _judged(run, tasks.__getitem__)
    if other and not options.skip_changed:
        raise CommandError(
            f"{options.run}: {len(other)} cases, such as {other[0]}, are of instances that the task does not "
            "make any more; check out its files of then, or leave these cases out with --skip-changed"
        )
    header = {
        **run.header,
        "tasks": {**run.header.get("tasks", {}), **{name: task.digest for name, task in tasks.items()}},
        "rejudged": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_run(options.output, Run(header, tuple(new for _, new in records), 0))
    say([f"{options.output}: {len(records)} cases"])
    if other:
        say([f"left out: {len(other)} cases of other instances"])
    say(_changes(records))


def _judged(run: Run, task_of: Callable[[str], Task]) -> tuple[list[tuple[Record, Record]], list[str]]:
    """Return each record before and after, and the cases whose instance is another one now."""
    records, other = [], []
    for record in run.records:
        try:
            records.append((record, rejudged(record, task_of(record.task))))
        except OtherInstance:
            other.append(record.id)
    return records, other


def _changes(records: list[tuple[Record, Record]]) -> list[str]:
    changed = [(old, new) for old, new in records if old.outcome != new.outcome]
    lines = [f"{new.id}: {old.outcome} -> {new.outcome}" for old, new in changed]
    reasons = sum(replace(old, reason="") != replace(new, reason="") for old, new in records)
    return [f"{len(changed)} outcomes and {reasons - len(changed)} other judgements changed", *lines]


def _add_merge(new: NewCommand) -> None:
    parser = new(
        "merge",
        help="one run, made of shards",
        description="Put the logs of shards into one. Refused: shards that were not run alike (seed, "
        "limits, task files, versions), and a case that stands in two of them.",
    )
    add_run(parser, "runs", nargs="+")
    add_output(parser, needed=True, what="log to write")
    parser.set_defaults(perform=merge)


def _add_rejudge(new: NewCommand) -> None:
    parser = new(
        "rejudge",
        help="judge the recorded final texts anew",
        description="Judge the recorded final texts with the checkers of today. No model is asked and no "
        "program is run. Cases that a limit or an error ended stay as they are.",
    )
    add_run(parser)
    add_output(parser, needed=True, what="log to write")
    add_task_dirs(parser)
    parser.add_argument(
        "--skip-changed", action="store_true", help="leave out cases whose instance is another one today"
    )
    parser.set_defaults(perform=rejudge)
