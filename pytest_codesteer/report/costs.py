"""What methods solve, and what it costs."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pytest_codesteer.metrics import Estimate, Summary, grouped, per_solved, summarise, way
from pytest_codesteer.report.cells import Table, between, figure, interval, percent, table_of, valued
from pytest_codesteer.report.values import numbers, way_values
from pytest_codesteer.runlog import Record

_COLUMNS = (
    "method", "n", "solved", "95 %", "by code", "tokens in", "tokens out", "US$", "model s", "code s",
    "requests", "errors",
)  # fmt: skip
_SPENT: Mapping[Literal["tokens", "dollars", "seconds"], str] = {
    "tokens": ".0f",
    "dollars": ".5f",
    "seconds": ".1f",
}


def costs(records: Sequence[Record]) -> Table:
    """Return the table of methods: what they solve and what a case costs."""
    found = [(name, way_values(mine), summarise(mine)) for name, mine in grouped(records, way).items()]
    if len(found) > 1:
        found.append(("all", {"method": None, "turns": None}, summarise(records)))
    return table_of(
        _COLUMNS,
        [[name, *_costs(summary)] for name, _, summary in found],
        "tokens, US$, seconds and requests: mean of one case",
        values=[of | numbers(summary) for _, of, summary in found],
    )


def costs_per_solved(records: Sequence[Record]) -> Table:
    """Return the table of methods: what a solved case costs, with the cases that are not solved."""
    columns = ("method", "solved", "tokens", "95 %", "US$", "95 %", "seconds", "95 %")
    rows, values = [], []
    for name, mine in grouped(records, way).items():
        solved = sum(record.correct for record in mine)
        row, value = [name, str(solved)], way_values(mine) | {"correct": solved}
        for spent, form in _SPENT.items():
            found = value[f"{spent}_per_solved"] = per_solved(mine, spent)
            estimate = found if isinstance(found, Estimate) else None
            row += [valued(estimate, form), between(estimate, form)]
        rows.append(row)
        values.append(value)
    return table_of(columns, rows, "of one solved case, the costs of the others included", values=values)


def _costs(summary: Summary) -> list[str]:
    return [
        str(summary.cases),
        percent(summary.solved),
        interval(summary.solved),
        percent(summary.by_code),
        figure(summary.prompt_tokens, ".0f"),
        figure(summary.completion_tokens, ".0f"),
        figure(summary.dollars, ".5f"),
        figure(summary.model_seconds, ".2f"),
        figure(summary.code_seconds, ".3f"),
        figure(summary.requests, ".1f"),
        str(summary.errors),
    ]
