"""What the command reads and writes: runs, tasks, files."""

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from stat import S_ISDIR
from typing import Any, cast

from pytest_codesteer.command.output import warn
from pytest_codesteer.prompts import bundled
from pytest_codesteer.runlog import SCORINGS, Run, RunLog, Scoring, read_run, scored
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import Task, listed, load_task

RUNS = Path(".codesteer", "runs")
TASK_DIR = Path("task_specs")
STANDARD = Path("-")  # as --output: not a file of this name


class CommandError(Exception):
    """Something that the user can put right.  One line, with the remedy."""


def add_run(parser: ArgumentParser, name: str = "run", **more: Any) -> None:
    """Take a run; "last" becomes the file that it stands for."""
    words: dict[str, Any] = {"metavar": "RUN", "help": 'log of a run, or "last"', "type": _named}
    parser.add_argument(name, **(words | more))


def add_scoring(parser: ArgumentParser) -> None:
    """Let the user choose what counts as correct."""
    parser.add_argument("--scoring", choices=SCORINGS, help="what counts as correct (default: as in the run)")


def add_task_dirs(parser: ArgumentParser) -> None:
    """Let the user say where tasks are."""
    parser.add_argument(
        "--task-dir",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        dest="task_dirs",
        help="folder of tasks, besides the bundled ones; repeatable (default: task_specs)",
    )


def add_output(parser: ArgumentParser, *, needed: bool, what: str) -> None:
    """Take the file to write."""
    parser.add_argument(
        "-o", "--output", metavar="OUT", type=Path, required=needed, help=f"{what}; must not exist yet"
    )


def read(given: str, scoring: Scoring | None = None) -> Run:
    """Read a run, as *scoring* or its own header counts it.  Raises `RunLogError`."""
    run = raw(given)
    own = cast("Scoring", run.header.get("scoring", "strict"))
    chosen = scoring or own
    if chosen not in SCORINGS:
        raise CommandError(f"{given}: {unknown('scoring', str(chosen), SCORINGS)}")
    records = tuple(scored(record, chosen) for record in run.records)
    return replace(run, records=records, decisions=run.decisions if chosen == own else None)


def raw(given: str) -> Run:
    """Read a run as it was judged: strictly.  Raises `RunLogError`."""
    path = Path(given)
    try:
        fault = "is a folder" if S_ISDIR(path.stat().st_mode) else ""
    except OSError as error:
        fault = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
    if fault:
        raise CommandError(f'{given}: {fault}; name the log of a run, or "last"')
    run = read_run(path)
    if run.broken:
        warn(f"{given}: {run.broken} broken lines are passed over, as a run that is killed leaves them")
    if not run.records:
        raise CommandError(f"{given}: holds no case")
    if run.missing:
        warn(f"{given}: is not whole: {run.missing} of {run.header['cases']} cases left no record")
    return run


def write_run(path: Path, run: Run) -> None:
    """Write a run to a new file.  Raises `CommandError`, `RunLogError`."""
    new_file(path)
    log = RunLog(path, run.header, "--output")
    for record in run.records:
        log.add(record.to_json())
    log.close()


def write(path: Path, content: str | bytes, option: str = "--output") -> None:
    """Write a new file, to a place that the user named by *option*.  Raises `CommandError`."""
    new_file(path, option)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}; name another {option}") from error


def new_file(path: Path, option: str = "--output") -> None:
    """Refuse to write over a file, and to one whose name means something else."""
    if path == STANDARD:
        raise CommandError(f"{path}: only texts can be printed; name a file with {option}")
    try:
        there = path.exists()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}; name another {option}") from error
    if there:
        raise CommandError(f"{path}: is there already; name another {option}")


def task_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the files of all tasks, bundled and of the user, by name.  Raises `CommandError`."""
    chosen = tuple(folders)
    for folder in chosen:
        need_folder(folder, "--task-dir")
    own = chosen or ((TASK_DIR,) if TASK_DIR.is_dir() else ())
    return dict(sorted(listed((bundled("task_specs"), *own)).items()))


def need_folder(path: Path, option: str) -> None:
    """Refuse what is no folder, where the user named it by *option*."""
    try:
        fault = "" if path.is_dir() else "there is no such folder"
    except OSError as error:
        fault = str(error.strerror)
    if fault:
        raise CommandError(f"{option}={path}: {fault}")


def _named(given: str) -> str:
    """Return the file of a run that is named by its path or as the last one.  Raises `CommandError`."""
    if given != "last":
        return given
    found = sorted(RUNS.glob("*.jsonl"))
    if not found:
        raise CommandError(
            f"last: there is no run in {RUNS}: run pytest --codesteer-model=NAME, or name a file"
        )
    return str(found[-1])


def load(name: str, files: Mapping[str, Path], data: Mapping[str, str] | None = None) -> Task:
    """Load a task by its name; *data* says where the instances of tasks come from.  Raises `TaskError`."""
    if name not in files:
        raise CommandError(f"{unknown('task', name, files)} (--task-dir names a folder of tasks)")
    return load_task(files[name], data=(data or {}).get(name))
