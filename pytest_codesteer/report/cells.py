"""How a number stands in a table, and how a table is made to fit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from textwrap import wrap
from typing import Any

from tabulate import tabulate

from pytest_codesteer.metrics import Estimate, Rate

UNKNOWN = "?"  # what is not known
NONE = "-"  # what does not exist
WIDTH = 120  # of a table, where its cells do not need more
GAP = 2  # blanks between columns

# Widths tried for names and headings, from the most to the least legible.
_SHAPES = (
    *((name, head) for names in ((60, 30), (24, 18)) for head in range(24, 8, -1) for name in names),
    *((18, head) for head in (8, 7, 6)),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table, made of text; `report.tables`, the HTML report and the exports show it each in their way."""

    title: str  # "" where the columns say it all
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()  # what stands below it
    names: int = 1  # columns that hold names, from the left
    prose: bool = False  # its cells hold sentences and lists, which are broken between words
    values: tuple[Mapping[str, Any], ...] = ()  # what the rows show, as figures of `metrics`

    def lines(self) -> list[str]:
        """Return the table for a terminal."""
        above = [self.title, ""] if self.title else []
        if self.prose:
            return [*above, *prose_table(self.columns, self.rows), *self.notes]
        return [*above, *table(self.columns, self.rows, names=self.names), *self.notes]


def table_of(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *notes: str,
    title: str = "",
    names: int = 1,
    prose: bool = False,
    values: Sequence[Mapping[str, Any]] = (),
) -> Table:
    """Return the table of these rows."""
    return Table(title, tuple(columns), tuple(map(tuple, rows)), notes, names, prose, tuple(values))


def percent(share: Rate | Estimate | None) -> str:
    """Return a share as a table shows it."""
    return NONE if share is None else f"{share.value:.0%}"


def interval(share: Rate | Estimate | None) -> str:
    """Return the interval of a share as a table shows it."""
    if share is None or isinf(share.low):
        return NONE
    return f"{100 * share.low:.0f}-{100 * share.high:.0f}%"


def figure(value: float | None, form: str) -> str:
    """Return a number as a table shows it."""
    return UNKNOWN if value is None else format(value, form)


def valued(estimate: Estimate | None, form: str) -> str:
    """Return a number that has an interval as a table shows it."""
    return UNKNOWN if estimate is None else format(estimate.value, form)


def between(estimate: Estimate | None, form: str) -> str:
    """Return the interval of a number as a table shows it; an end that the data leave open is ``?``."""
    if estimate is None:
        return NONE
    low, high = (UNKNOWN if isinf(end) else format(end, form) for end in (estimate.low, estimate.high))
    return NONE if (low, high) == (UNKNOWN, UNKNOWN) else f"{low} to {high}"


def prose_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table of sentences and lists, broken between words until it fits `WIDTH`."""
    for width in range(WIDTH, 10, -2):
        wrapped = [["\n".join(wrap(cell, width, break_on_hyphens=False)) for cell in row] for row in rows]
        if sum(_widths([columns, *wrapped])) <= WIDTH:
            break
    return _ruled([columns, *wrapped], ["left"] * len(columns))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, names: int = 1) -> list[str]:
    """Return the lines of a table whose first *names* columns hold names.

    Names and headings are broken into lines until the table fits `WIDTH`, if it can.
    """
    for name, head in _SHAPES:
        cells = _shaped(columns, rows, name, head, names)
        if sum(_widths(cells)) <= WIDTH:
            break
    return _ruled(cells, ["left"] * names + ["right"] * (len(columns) - names))


def broken(name: str, width: int) -> str:
    r"""Return a name in lines of at most *width*, broken behind ``_``, ``-``, ``:``, ``/`` or a blank.

    >>> broken("self_estimate_score", 10)
    'self_\nestimate_\nscore'
    >>> broken("interpreter", 8)
    'interpr-\neter'
    """
    lines = [""]
    for part in re.findall(r"[^_\-:/ ]*[_\-:/ ]?", name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
        while len(lines[-1].rstrip()) > width:
            lines[-1:] = [lines[-1][: width - 1] + "-", lines[-1][width - 1 :]]
    return "\n".join(line.rstrip() for line in lines)


def _ruled(cells: Sequence[Sequence[str]], align: Sequence[str]) -> list[str]:
    """Return the lines of a table with a rule below its first row."""
    # tabulate makes every column two wider than its heading, so that the headings are its first row
    lines = tabulate(cells, tablefmt="plain", colalign=align, disable_numparse=True).splitlines()
    height = 1 + max(heading.count("\n") for heading in cells[0])
    rule = "".join("-" * (width - GAP) + " " * GAP for width in _widths(cells))
    return [line.rstrip() for line in (*lines[:height], rule, *lines[height:])]


def _shaped(
    columns: Sequence[str], rows: Sequence[Sequence[str]], name: int, head: int, names: int
) -> list[Sequence[str]]:
    """Return the headings and the rows, broken to these widths."""
    heads = [broken(column, name if at < names else head) for at, column in enumerate(columns)]
    return [
        heads,
        *([broken(cell, name) if at < names else cell for at, cell in enumerate(row)] for row in rows),
    ]


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column is, with the gap behind it."""
    return [
        max(len(line) for text in column for line in [*text.splitlines(), ""]) + GAP
        for column in zip(*cells, strict=True)
    ]
