"""The cases of a run as the page holds them: an index, and transcripts in compressed blocks."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pytest_codesteer.report.transcript import entries
from pytest_codesteer.report.visible import visible
from pytest_codesteer.runlog import Record

BLOCK = 1_000_000  # characters of transcripts that are unpacked at once

COLUMNS = (
    "id", "model", "method", "task", "level", "outcome", "answered_by", "score", "tokens", "dollars",
    "seconds",
    "reason",
)  # fmt: skip


def packed(records: Iterable[Record]) -> tuple[str, list[str]]:
    """Return the index of *records* and the blocks of their transcripts, each packed.

    A row of the index ends with the number of its block and its place therein.
    """
    rows: list[list[Any]] = []
    blocks: list[str] = []
    waiting: list[Any] = []
    size = 0
    for record in records:
        transcript = list(_transcript(record))
        rows.append([*_row(record), len(blocks), len(waiting)])
        waiting.append(transcript)
        size += sum(len(text) for _, _, text in transcript)
        if size >= BLOCK:
            blocks.append(_pack(waiting))
            waiting, size = [], 0
    if waiting:
        blocks.append(_pack(waiting))
    return _pack(rows), blocks


def _row(record: Record) -> list[Any]:
    figures = {
        "method": record.method if record.turns == 1 else f"{record.method} ({record.turns} turns)",
        "seconds": None if record.seconds is None else round(record.seconds, 3),
        "reason": record.error or record.reason,
    }
    values = [figures[name] if name in figures else getattr(record, name) for name in COLUMNS]
    return [visible(value) if isinstance(value, str) else value for value in values]


def _transcript(record: Record) -> Iterator[tuple[str, str, str]]:
    for entry in entries(record):
        yield entry.kind, visible(entry.head), visible(entry.text)


def _pack(value: Any) -> str:
    """Return JSON as letters and digits, which can end no element of a page."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode("ascii")
