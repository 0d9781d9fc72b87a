"""The file of a run log: writing it, and reading it back."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypedDict

from pytest_codesteer.cache import make_folder
from pytest_codesteer.runlog.decision import Decision
from pytest_codesteer.runlog.record import Record
from pytest_codesteer.runlog.shapes import misfit, shapes_of

FORMAT = 1
DECISIONS = "decisions"  # the key of the last line of a run that came to its end
NEEDLESS = "needless"  # in that line: how many planned cases were left out, as all gates were decided


class RunLogError(Exception):
    """A run log cannot be written or read.  One line that starts with the file."""


class _Header(TypedDict, total=False):
    """What of the first line is gone by; the rest is only shown and compared."""

    models: Mapping[str, Any]
    methods: list[str]
    turns: list[int]
    tasks: Mapping[str, Any]
    data: Mapping[str, Any]
    gates: list[str]
    packages: Mapping[str, Any]
    started: str
    scoring: str
    cases: int


class _Last(TypedDict, total=False):
    decisions: list[Mapping[str, Any]]
    needless: int


_HEADER, _LAST = shapes_of(_Header), shapes_of(_Last)


class RunLog:
    """A run log that is being written, to the file that the user named by *option*."""

    def __init__(self, path: Path, header: Mapping[str, Any], option: str = "--codesteer-log") -> None:
        self.path = path
        try:
            make_folder(path.parent)
            self._file: IO[bytes] = path.open("xb", buffering=0)
        except OSError as error:
            raise RunLogError(f"{path}: {error.strerror}; name another {option}") from error
        self._write(_json({"codesteer": FORMAT, **header}))

    def add(self, record: str) -> None:
        """Write one record, as `Record.to_json` gives it.  Raises `RunLogError`, as when the disk is full."""
        self._write(record)

    def decided(self, decisions: Iterable[Decision], needless: int = 0) -> None:
        """Write what became of the gates, behind the last record.  Raises `RunLogError`."""
        last = {DECISIONS: [decision.to_dict() for decision in decisions]}
        self._write(_json(last | ({NEEDLESS: needless} if needless else {})))

    def close(self) -> None:
        """Close the file.  Raises `RunLogError` when it is not there any more."""
        try:
            self._check()
        finally:
            self._file.close()

    def _write(self, text: str) -> None:
        line = text.encode() + b"\n"
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(0, f"only {written} of {len(line)} bytes were written")
        except OSError as error:
            raise RunLogError(f"{self.path}: {error.strerror}; this record is not on disk") from error
        self._check()

    def _check(self) -> None:
        """Notice that the file was removed: what is written then goes nowhere."""
        if os.fstat(self._file.fileno()).st_nlink == 0:
            raise RunLogError(f"{self.path}: was removed while the run went on; its records are lost")


@dataclass(frozen=True, slots=True)
class Run:
    """A run log, read back."""

    header: Mapping[str, Any]
    records: tuple[Record, ...]
    broken: int  # lines that are not whole, such as the last one of a killed run
    decisions: tuple[Decision, ...] | None = None  # of its gates; None: not recorded for these records
    needless: int = 0  # planned cases that were left out, as all gates were decided

    @property
    def missing(self) -> int:
        """How many planned cases left no record, those that were needless apart."""
        return missing_of(self.header, len(self.records) + self.needless)


def read_run(path: Path) -> Run:
    """Read a run log.  Raises `RunLogError` when it is none."""
    (_, _, header), *lines = read_lines(path)
    records: list[Record] = []
    decisions = None
    for number, _, values in lines:
        decisions = None  # cases behind them were not decided on
        try:
            if values is not None and DECISIONS in values:
                decisions = decisions_of(values)
            elif values is not None:
                records.append(Record.from_dict(values))
        except TypeError as error:
            raise RunLogError(f"{path}: line {number} is no record ({error})") from error
    broken = sum(values is None for *_, values in lines)
    last = lines[-1][-1] if lines else None
    return Run(header or {}, tuple(records), broken, decisions, needless_of(last or {}))


def missing_of(header: Mapping[str, Any], accounted: int) -> int:
    """Return how many cases of a run are not accounted for."""
    planned = header.get("cases")
    return max(0, planned - accounted) if isinstance(planned, int) else 0


def needless_of(last: Mapping[str, Any]) -> int:
    """Return how many cases the last line of a log says were left out."""
    return int(last.get(NEEDLESS, 0)) if DECISIONS in last else 0


def read_lines(path: Path) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
    """Yield the lines of a run log, its header first.

    Of each, its number from 1, where it starts, and its values; None if it is not whole.  Raises
    `RunLogError` when it is no run log.
    """
    try:
        with path.open("rb") as file:
            place, first = 0, True
            for number, line in enumerate(file, 1):
                values = _parsed(line)
                if first:
                    _check_header(path, values)
                    first = False
                if line.strip():
                    yield number, place, values
                place += len(line)
    except OSError as error:
        raise RunLogError(f"{path}: {error.strerror}") from error
    if first:
        _check_header(path, None)


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _check_header(path: Path, values: Mapping[str, Any] | None) -> None:
    if values is None or "codesteer" not in values:
        raise RunLogError(f"{path}: not a run log (its first line is no header)")
    if values["codesteer"] != FORMAT:
        found = f"of format {values['codesteer']}; this version reads format {FORMAT}"
        raise RunLogError(f"{path}: {found}: read it with the version that wrote it")
    if wrong := misfit(_HEADER, values):
        raise RunLogError(f"{path}: line 1 is no header ({wrong})")


def decisions_of(values: Mapping[str, Any]) -> tuple[Decision, ...]:
    """Return the decisions that the last line of a log holds.  Raises `TypeError` where it does not."""
    if wrong := misfit(_LAST, values):
        raise TypeError(wrong)
    return tuple(map(Decision.from_dict, values[DECISIONS]))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None
