"""The run log: one append-only file of JSON lines, a header and then a line for each case as it ends.

Only the process that reports writes it.  Each line is handed to the operating system before the next case is
reported, so a run that is killed leaves every record that it has printed, and at worst half a line, which
reading passes over and counts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pytest_codesteer.runlog.record import (
    OUTCOMES,
    SCORINGS,
    Outcome,
    Record,
    Scoring,
    judge,
    record_of,
    scored,
)

FORMAT = 1


class RunLogError(Exception):
    """A run log cannot be written or read.  One line that starts with the file."""


class RunLog:
    """A run log that is being written."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("xb", buffering=0)
        except OSError as error:
            raise RunLogError(f"{path}: {error.strerror}; name another --codesteer-log") from error
        self._write({"codesteer": FORMAT, **header})

    def add(self, record: Mapping[str, Any]) -> None:
        """Write one record, as `Record.to_dict` gives it.  Raises `RunLogError`, as when the disk is full."""
        self._write(record)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, values: Mapping[str, Any]) -> None:
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(0, f"only {written} of {len(line)} bytes were written")
        except OSError as error:
            raise RunLogError(f"{self.path}: {error.strerror}; this record is not on disk") from error


@dataclass(frozen=True, slots=True)
class Run:
    """A run log, read back."""

    header: Mapping[str, Any]
    records: tuple[Record, ...]
    broken: int  # lines that are not whole, such as the last one of a killed run


def read_run(path: Path) -> Run:
    """Read a run log.  Raises `RunLogError` when it is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RunLogError(f"{path}: {error.strerror}") from error
    parsed = [_parsed(line) for line in lines if line.strip()]
    whole = [values for values in parsed if values is not None]
    if not whole or "codesteer" not in whole[0]:
        raise RunLogError(f"{path}: not a run log (its first line is no header)")
    if whole[0]["codesteer"] != FORMAT:
        raise RunLogError(f"{path}: of format {whole[0]['codesteer']}; this version reads format {FORMAT}")
    try:
        records = tuple(Record.from_dict(values) for values in whole[1:])
    except (TypeError, AttributeError) as error:
        raise RunLogError(f"{path}: a line of it is no record ({error})") from error
    return Run(whole[0], records, len(parsed) - len(whole))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


__all__ = [
    "OUTCOMES",
    "SCORINGS",
    "Outcome",
    "Record",
    "Run",
    "RunLog",
    "RunLogError",
    "Scoring",
    "judge",
    "read_run",
    "record_of",
    "scored",
]
