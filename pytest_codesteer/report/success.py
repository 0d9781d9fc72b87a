"""How often methods solve tasks: the tables of the paper."""

from collections.abc import Mapping, Sequence

from pytest_codesteer.metrics import (
    Standing,
    Undefined,
    grouped,
    score_table,
    solved,
    standings,
    way,
)
from pytest_codesteer.report.cells import NONE, Table, between, interval, percent, table_of, valued
from pytest_codesteer.runlog import Record


def successes(records: Sequence[Record]) -> Table:
    """Return the table of tasks by methods, as the paper's table 1: the share solved, the best one marked."""
    ways = list(grouped(records, way))
    rows = [[task, *_marked(scores, ways)] for task, scores in sorted(score_table(records).items())]
    marks = ["* the best of its row"] if any("*" in cell for row in rows for cell in row) else []
    return table_of(("task", *ways), rows, *marks, title="share solved, by task")


def methods(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods by models, as the paper's table 2: average normalised score and rank."""
    found = standings(records)
    if len(found) < 2:
        return Undefined("a score is normalised by the best of several methods, and one was run")
    models = list(found[0].by_model)
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
    )


def turns(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods by turns of refinement: the share solved."""
    counts = sorted({record.turns for record in records})
    if len(counts) < 2:
        return Undefined("all cases were given the same number of turns")
    rows = []
    for method, mine in grouped(records, lambda record: record.method).items():
        by_turns = grouped(mine, lambda record: record.turns)
        shares = {count: solved(some) for count, some in by_turns.items()}
        cells = [(percent(shares.get(count)), interval(shares.get(count))) for count in counts]
        rows.append([method, *(cell for pair in cells for cell in pair)])
    heads = [head for count in counts for head in (f"{count} turn{'s' if count > 1 else ''}", "95 %")]
    return table_of(("method", *heads), rows, title="share solved, by turns of refinement")


def _marked(scores: Mapping[str, float | None], ways: Sequence[str]) -> list[str]:
    """Return the cells of a row, the best marked unless all are alike."""
    known = [value for name in ways if (value := scores.get(name)) is not None]
    best = max(known, default=0.0)
    marks = len(set(known)) > 1
    cells = [(value, "*" if marks and value == best else "") for value in map(scores.get, ways)]
    return [NONE if value is None else f"{mark}{value:.0%}" for value, mark in cells]


def _placed(standing: Standing, model: str) -> str:
    score = standing.by_model[model]
    return NONE if score is None else f"{percent(score)} ({standing.rank_by_model[model]})"
