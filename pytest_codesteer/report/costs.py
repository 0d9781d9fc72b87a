"""What methods solve, and what it costs."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pytest_codesteer.metrics import Estimate, Summary, grouped, per_solved, summarise, way
from pytest_codesteer.report.cells import between, figure, interval, percent, table, valued
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


def costs(records: Sequence[Record]) -> list[str]:
    """Return the table of methods: what they solve and what a case costs."""
    rows = [[name, *_costs(summarise(mine))] for name, mine in grouped(records, way).items()]
    if len(rows) > 1:
        rows.append(["all", *_costs(summarise(records))])
    return [*table(_COLUMNS, rows), "tokens, US$, seconds and requests: mean of one case"]


def costs_per_solved(records: Sequence[Record]) -> list[str]:
    """Return the table of methods: what a solved case costs, with the cases that are not solved."""
    columns = ("method", "solved", "tokens", "95 %", "US$", "95 %", "seconds", "95 %")
    rows = []
    for name, mine in grouped(records, way).items():
        row = [name, str(sum(record.correct for record in mine))]
        for spent, form in _SPENT.items():
            found = per_solved(mine, spent)
            estimate = found if isinstance(found, Estimate) else None
            row += [valued(estimate, form), between(estimate, form)]
        rows.append(row)
    return [*table(columns, rows), "of one solved case, the costs of the others included"]


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
