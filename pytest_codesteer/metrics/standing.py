"""The paper's metrics of a run: average normalised scores and ranks, with intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from pytest_codesteer.metrics.intervals import Estimate
from pytest_codesteer.metrics.paper import (
    Scores,
    average_ranks,
    average_scores,
    normalised_scores,
    ranks,
)
from pytest_codesteer.metrics.resampling import REPLICATES, Row, centred, percentiles, resample
from pytest_codesteer.metrics.summary import grouped, instance_of, judged, way
from pytest_codesteer.runlog import Record

Of = Literal["solved", "score"]  # what a task's score is made of: solved cases, or partial credit

_VALUE: Mapping[Of, Callable[[Record], float]] = {
    "solved": lambda record: float(record.correct),
    "score": lambda record: record.score,
}
# The bias of a share of the best is the greater the more methods are the best in truth.  How many are, the
# data do not say: those within a few standard errors of the best may be, and if they are, the bootstrap shows
# less than the bias there is.  Both numbers are chosen for what the intervals then cover in simulations:
# see docs/reference/metrics.md.
_ALIKE = 2.5  # standard errors
_WORST = 1.6  # times the bias that the bootstrap shows of methods that are levelled

_Cell = tuple[str, str]  # model, way


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a method stands among those of a run.  None stands for what cannot be computed."""

    way: str
    by_model: Mapping[str, Estimate | None]  # average normalised score, 0-1
    rank_by_model: Mapping[str, int]
    score: Estimate | None  # mean over the models that it was run on
    rank: Estimate | None  # mean over all models


def score_table(records: Iterable[Record], of: Of = "solved") -> Scores:
    """Return the score of each task and way, 0-1, over the judged cases of *records*, best of one model."""
    value = _VALUE[of]
    table: dict[str, dict[str, float | None]] = {}
    for task, mine in grouped(records, lambda record: record.task).items():
        by_way = {name: judged(cases) for name, cases in grouped(mine, way).items()}
        table[task] = {
            name: sum(map(value, cases)) / len(cases) if cases else None for name, cases in by_way.items()
        }
    return table


def standings(
    records: Sequence[Record], of: Of = "solved", *, replicates: int = REPLICATES
) -> list[Standing]:
    """Return the standing of each way, in order of first appearance.

    The intervals are bootstrapped over instances, drawn within their task, for all methods and models alike.
    """
    cells = list(dict.fromkeys((record.model, way(record)) for record in records))
    if not judged(records):
        return []
    models, ways = (list(dict.fromkeys(names)) for names in zip(*cells, strict=True))
    strata = _strata(records, cells, of)
    raises = _raises(strata, cells)

    def figures_and_their_levelled(sums: Sequence[Row]) -> list[float | None]:
        drawn = dict(zip(strata, sums, strict=True))
        return [*_figures(drawn, cells, ways), *_figures(_levelled(drawn, raises), cells, ways)]

    both = resample(list(strata.values()), figures_and_their_levelled, replicates=replicates)
    figures, levelled = both[: len(both) // 2], both[len(both) // 2 :]
    lacks = _lacks(strata, cells, ways)
    scores = [
        centred(figure, 0.0, 1.0, worst=_WORST * level.bias, lack=lack) if figure and level else None
        for figure, level, lack in zip(figures, levelled, lacks, strict=False)
    ]
    middles = [percentiles(figure) if figure else None for figure in figures[len(cells) + len(ways) :]]
    by_cell = dict(zip(cells, scores, strict=False))
    columns = {model: {name: by_cell.get((model, name)) for name in ways} for model in models}
    ranked = {
        model: ranks({name: each.value if each else None for name, each in column.items()}, ways)
        for model, column in columns.items()
    }
    return [
        Standing(
            way=name,
            by_model={model: columns[model][name] for model in models},
            rank_by_model={model: ranked[model][name] for model in models},
            score=average,
            rank=middle,
        )
        for name, average, middle in zip(ways, scores[len(cells) :], middles, strict=False)
    ]


def _strata(records: Iterable[Record], cells: Sequence[_Cell], of: Of) -> dict[str, list[Row]]:
    """Return for each task a row for each instance: of each cell what was scored, and of how many cases."""
    value = _VALUE[of]
    strata: dict[str, list[Row]] = {}
    for task, mine in grouped(judged(records), lambda record: record.task).items():
        for cases in grouped(mine, instance_of).values():
            by_cell = grouped(cases, lambda record: (record.model, way(record)))
            scored = [(sum(map(value, by_cell.get(cell, ()))), len(by_cell.get(cell, ()))) for cell in cells]
            strata.setdefault(task, []).append(tuple(float(figure) for pair in scored for figure in pair))
    return strata


def _raises(strata: Mapping[str, Sequence[Row]], cells: Sequence[_Cell]) -> dict[str, tuple[float, ...]]:
    """Return for each task what each cell's share lacks of its model's best, where that may be chance."""
    return {
        task: tuple(
            _short_of(max(_of_model(model, cells), key=lambda other: _share(rows, other)), at, rows)
            for at, (model, _) in enumerate(cells)
        )
        for task, rows in strata.items()
    }


def _short_of(best: int, at: int, rows: Sequence[Row]) -> float:
    """Return by how much one cell's share lies below the best one's; 0 where that is more than chance."""
    gap = _share(rows, best) - _share(rows, at)
    pulls = zip(_pulls(rows, best), _pulls(rows, at), strict=True)
    lack = _lack(rows, best) + _lack(rows, at)
    error = sqrt(sum((one - other) ** 2 for one, other in pulls) + lack)
    return gap if gap <= _ALIKE * error else 0.0


def _lacks(strata: Mapping[str, Sequence[Row]], cells: Sequence[_Cell], ways: Sequence[str]) -> list[float]:
    """Return what variances lack: of the normalised score of each cell, then of the average of each way."""
    of_cells = []
    for at, (model, _) in enumerate(cells):
        bests = [max(_share(rows, other) for other in _of_model(model, cells)) for rows in strata.values()]
        lacks = [
            _lack(rows, at) / best**2 for rows, best in zip(strata.values(), bests, strict=True) if best > 0
        ]
        of_cells.append(sum(lacks) / max(len(lacks), 1) ** 2)
    by_way = grouped(zip(cells, of_cells, strict=True), lambda each: each[0][1])
    return [*of_cells, *(sum(lack for _, lack in by_way[name]) / len(by_way[name]) ** 2 for name in ways)]


def _lack(rows: Sequence[Row], at: int) -> float:
    """Return by how much the variance observed of a cell's share is too small.

    Few instances make a share near 0 or 1 seem surer than it is: none of ten would have no variance at all.
    The smoothed share of Agresti and Coull (1998, Am. Stat. 52:119) has one.
    """
    n = sum(row[2 * at + 1] > 0 for row in rows)
    if not n:
        return 0.0
    share = _share(rows, at)
    smooth = (share * n + 2) / (n + 4)
    return max(0.0, smooth * (1 - smooth) / (n + 4) - share * (1 - share) / n)


def _pulls(rows: Sequence[Row], at: int) -> list[float]:
    """Return by how much each instance pulls the share of a cell from where it is."""
    share, cases = _share(rows, at), sum(row[2 * at + 1] for row in rows)
    return [(row[2 * at] - share * row[2 * at + 1]) / max(cases, 1.0) for row in rows]


def _share(rows: Sequence[Row], at: int) -> float:
    """Return the share of a cell; below all others where it has no case."""
    cases = sum(row[2 * at + 1] for row in rows)
    return sum(row[2 * at] for row in rows) / cases if cases else -1.0


def _of_model(model: str, cells: Sequence[_Cell]) -> list[int]:
    return [at for at, (other, _) in enumerate(cells) if other == model]


def _levelled(sums: Mapping[str, Row], raises: Mapping[str, Sequence[float]]) -> dict[str, Row]:
    """Return sums as they might be if methods that seem alike were."""
    return {
        task: tuple(
            figure + raises[task][at // 2] * row[at + 1] if at % 2 == 0 else figure
            for at, figure in enumerate(row)
        )
        for task, row in sums.items()
    }


def _figures(sums: Mapping[str, Row], cells: Sequence[_Cell], ways: Sequence[str]) -> list[float | None]:
    """Return the normalised score of each cell, then the average score of each way, then its average rank."""
    columns: dict[str, dict[str, float | None]] = {}
    for model in dict.fromkeys(model for model, _ in cells):
        mine = [(at, name) for at, (other, name) in enumerate(cells) if other == model]
        table = {
            task: {name: row[2 * at] / row[2 * at + 1] if row[2 * at + 1] else None for at, name in mine}
            for task, row in sums.items()
        }
        columns[model] = normalised_scores(table)
    averages, middles = average_scores(columns), average_ranks(columns)
    return [
        *(columns[model][name] for model, name in cells),
        *(averages[name] for name in ways),
        *(middles[name] for name in ways),
    ]
