"""Records as CSV and as JSON lines, for spreadsheets and data frames."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from pytest_codesteer.runlog import Record

TEXTS = ("question", "final_text", "details", "transcript")  # long, and a model's: not in CSV
COLUMNS = ("case", *(field.name for field in fields(Record) if field.name not in TEXTS))

_FORMULA = ("=", "+", "-", "@")  # a spreadsheet takes such a text for a formula


def csv_of(records: Iterable[Record]) -> str:
    """Return the figures of *records* as CSV, a case a row; what is not known is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        values = {"case": record.id, **record.to_dict()}
        writer.writerow([_cell(values[name]) for name in COLUMNS])
    return file.getvalue()


def jsonl_of(records: Iterable[Record]) -> Iterator[str]:
    """Yield all of each record as a line of JSON in ASCII, with the name of its case."""
    for record in records:
        yield json.dumps({"case": record.id, **record.to_dict()})


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
        return f"'{line}" if line.startswith(_FORMULA) else line
    return json.dumps(value) if isinstance(value, dict) else value
