"""The tables at the end of a session: lines of text, made of records."""

from collections.abc import Iterable, Mapping, Sequence

from tabulate import tabulate

from pytest_codesteer.metrics import Rate, Summary, grouped, rate, summarise
from pytest_codesteer.runlog import Record

UNKNOWN = "?"  # what is not known
NONE = "-"  # what does not exist

_COST_COLUMNS = (
    "method", "n", "solved", "95 %", "by code", "tokens in", "tokens out", "US$", "model s", "code s",
    "requests", "errors",
)  # fmt: skip


def tables(records: Iterable[Record], titles: Mapping[str, str]) -> list[str]:
    """Return all tables, per model; *titles* adds to a model's name which one it is."""
    lines: list[str] = []
    for model, mine in grouped(records, lambda record: record.model).items():
        lines += [f"{model}{titles.get(model, '')}: {len(mine)} cases", "", *costs(mine), ""]
        lines += ["share solved, by task", "", *successes(mine), ""]
    return lines


def costs(records: Sequence[Record]) -> list[str]:
    """Return the table of methods: what they solve and what a case costs."""
    rows = [
        [method, *_costs(summarise(mine))]
        for method, mine in grouped(records, lambda record: record.method).items()
    ]
    if len(rows) > 1:
        rows.append(["all", *_costs(summarise(records))])
    return [*_table(_COST_COLUMNS, rows), "tokens, US$, seconds and requests: mean of one case"]


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


def successes(records: Sequence[Record]) -> list[str]:
    """Return the table of tasks by methods: the share solved."""
    methods = list(grouped(records, lambda record: record.method))
    rows = []
    for task, mine in sorted(grouped(records, lambda record: record.task).items()):
        by_method = grouped(mine, lambda record: record.method)
        rows.append([task, *(_solved(by_method.get(method, ())) for method in methods)])
    return _table(("task", *methods), rows)


def outcomes(records: Iterable[Record]) -> str:
    """Return a line that counts the outcomes and the reasons of those that are not correct."""
    reasons = grouped((r for r in records if r.outcome in ("limit", "unreadable", "error")), _why)
    most = sorted(reasons.items(), key=lambda item: -len(item[1]))[:5]
    return "; ".join(f"{len(mine)} {why}" for why, mine in most)


def _why(record: Record) -> str:
    return f"{record.outcome}: {record.error or record.reason}"[:100]


def percent(share: Rate | None) -> str:
    """Return a share as a table shows it."""
    return NONE if share is None else f"{share.value:.0%}"


def interval(share: Rate | None) -> str:
    """Return the interval of a share as a table shows it."""
    return NONE if share is None else f"{100 * share.low:.0f}-{100 * share.high:.0f}%"


def figure(value: float | None, form: str) -> str:
    """Return a number as a table shows it."""
    return UNKNOWN if value is None else format(value, form)


def _solved(records: Sequence[Record]) -> str:
    return percent(rate(record.correct for record in records if record.outcome != "error"))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    align = ["left", *["right"] * (len(columns) - 1)]
    return tabulate(rows, columns, tablefmt="simple", colalign=align, disable_numparse=True).splitlines()
