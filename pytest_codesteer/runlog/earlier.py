"""A finished run, to be judged again: its cases, whose records are read one at a time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_codesteer.engine import Case
from pytest_codesteer.runlog.log import (
    DECISIONS,
    RunLogError,
    decisions_of,
    missing_of,
    needless_of,
    read_lines,
)
from pytest_codesteer.runlog.record import Record
from pytest_codesteer.task import Task


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of a finished run."""

    record: Record  # but for question, final text, transcript and details
    place: int  # of its line in the file


@dataclass(frozen=True, slots=True)
class Earlier:
    """A finished run.  Of a case that is in it twice, the later record holds."""

    path: Path
    header: Mapping[str, Any]
    entries: Mapping[str, Entry]  # by the ids of the cases
    broken: int  # lines that are not whole
    needless: int  # planned cases that were left out, as its gates were decided without them
    gates: frozenset[str]  # that were decided when it ended

    @property
    def missing(self) -> int:
        """How many planned cases left no record, those that were needless apart."""
        return missing_of(self.header, len(self.entries) + self.needless)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of its tasks."""
        return tuple(dict.fromkeys(entry.record.task for entry in self.entries.values()))

    def cases(self, task: Task) -> Iterator[Case]:
        """Yield its cases of a task."""
        for entry in self.entries.values():
            record = entry.record
            if record.task == task.name:
                index = int(record.instance.rpartition("-")[2])
                yield Case(
                    task, record.level, index, record.seed, record.method, record.model, record.turns,
                    record.epoch,
                )  # fmt: skip

    def record(self, case: str) -> Record:
        """Return the whole record of the case with this id."""
        with self.path.open("rb") as file:
            file.seek(self.entries[case].place)
            return Record.from_dict(json.loads(file.readline()))


def read_earlier(path: Path) -> Earlier:
    """Read the cases of a run log.  Raises `RunLogError` when it is none."""
    header: Mapping[str, Any] = {}
    entries: dict[str, Entry] = {}
    broken, needless = 0, 0
    gates: frozenset[str] = frozenset()
    for number, place, values in read_lines(path):
        gates, needless = frozenset(), 0  # cases behind them were not decided on
        if number == 1 and values is not None:
            header = values
        elif values is None:
            broken += 1
        else:
            try:
                if DECISIONS in values:
                    gates = frozenset(decision.text for decision in decisions_of(values))
                    needless = needless_of(values)
                else:
                    record = _slim(values)
                    entries[record.id] = Entry(record, place)
            except TypeError as error:
                raise RunLogError(f"{path}: line {number} is no record ({error})") from error
    return Earlier(path, header, entries, broken, needless, gates)


def _slim(values: Mapping[str, Any]) -> Record:
    heavy = ("transcript", "question", "final_text", "details")
    return Record.from_dict({key: value for key, value in values.items() if key not in heavy})
