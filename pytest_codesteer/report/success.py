"""How often methods solve tasks: the tables of the paper."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pytest_codesteer.metrics import (
    Rate,
    Standing,
    Undefined,
    all_of,
    grouped,
    solved,
    standings,
    way,
)
from pytest_codesteer.report.cells import NONE, UNKNOWN, Table, between, interval, percent, table_of, valued
from pytest_codesteer.report.values import way_values
from pytest_codesteer.runlog import Record


def successes(records: Sequence[Record]) -> Table:
    """Return the table of tasks by methods, as the paper's table 1: the share solved, the best one marked."""
    ways = list(grouped(records, way))
    rows, values = [], []
    for task, cases in sorted(grouped(records, lambda record: record.task).items()):
        by_way = grouped(cases, way)
        shares = {name: solved(mine) for name, mine in by_way.items()}
        rows.append([task, *_marked(shares, ways)])
        values += [{"task": task, **way_values(by_way[name]), "solved": shares[name]} for name in by_way]
    marks = ["* the best of its row"] if any("*" in cell for row in rows for cell in row) else []
    return table_of(("task", *ways), rows, *marks, title="share solved, by task", values=values)


def methods(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods by models, as the paper's table 2: average normalised score and rank."""
    found = standings(records)
    if len(found) < 2:
        return Undefined("a score is normalised by the best of several methods, and one was run")
    models, by_way = list(found[0].by_model), grouped(records, way)
    each = models if len(models) > 1 else []
    rows = [
        [
            standing.way,
            *(_placed(standing, model) for model in each),
            percent(standing.score),
            interval(standing.score),
            valued(standing.rank, ".2f"),
            between(standing.rank, ".1f"),
        ]
        for standing in found
    ]
    return table_of(
        ("method", *each, "score", "95 %", "rank", "95 %"),
        rows,
        *(["in brackets: rank among the methods of the model"] if each else []),
        title="average normalised score (share solved / share of the best method, mean over tasks) and rank",
        values=[way_values(by_way[standing.way]) | _standing(standing) for standing in found],
    )


def turns(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods by turns of refinement: the share solved."""
    counts = sorted({record.turns for record in records})
    if len(counts) < 2:
        return Undefined("all cases were given the same number of turns")
    rows, values = [], []
    for method, mine in grouped(records, lambda record: record.method).items():
        by_turns = grouped(mine, lambda record: record.turns)
        shares = {count: solved(some) for count, some in by_turns.items()}
        cells = [(percent(shares.get(count)), interval(shares.get(count))) for count in counts]
        rows.append([method, *(cell for pair in cells for cell in pair)])
        values += [way_values(by_turns[count]) | {"solved": share} for count, share in shares.items()]
    heads = [head for count in counts for head in (f"{count} turn{'s' if count > 1 else ''}", "95 %")]
    return table_of(("method", *heads), rows, title="share solved, by turns of refinement", values=values)


def epochs(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods by k: the chance that k epochs of an instance are all correct."""
    most = len({record.epoch for record in records})
    if most < 2:
        return Undefined("each instance was asked once")
    rows, values = [], []
    for name, mine in grouped(records, way).items():
        for k in range(1, most + 1):
            found = all_of(mine, k)
            share = found if isinstance(found, Rate) else None
            known = [percent(share), interval(share), str(share.n)] if share else [UNKNOWN, NONE, NONE]
            rows.append([name, str(k), *known])
            values.append(way_values(mine) | {"k": k, "pass^k": share})
    note = f"{UNKNOWN}: an instance has fewer judged epochs than k"
    return table_of(
        ("method", "k", "pass^k", "95 %", "n"),
        rows,
        *([note] if any(UNKNOWN in row for row in rows) else []),
        title="pass^k: chance that k epochs of an instance are all correct",
        values=values,
    )


def _standing(standing: Standing) -> dict[str, Any]:
    """Return the figures of a standing, but for whose it is."""
    return {item.name: getattr(standing, item.name) for item in fields(standing) if item.name != "way"}


def _marked(shares: Mapping[str, Rate | None], ways: Sequence[str]) -> list[str]:
    """Return the cells of a row, the best marked unless all are alike."""
    known = {share.value for share in shares.values() if share is not None}
    best = max(known) if len(known) > 1 else None
    cells = map(shares.get, ways)
    return [f"{'*' if share and share.value == best else ''}{percent(share)}" for share in cells]


def _placed(standing: Standing, model: str) -> str:
    score = standing.by_model[model]
    return NONE if score is None else f"{percent(score)} ({standing.rank_by_model[model]})"
