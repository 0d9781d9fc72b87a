"""The paper's metrics of a run: average normalised scores and ranks, with intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from pytest_codesteer.metrics.intervals import Estimate
from pytest_codesteer.metrics.paper import (
    Scores,
    average_scores,
    normalised_scores,
    ranks,
)
from pytest_codesteer.metrics.relative import REPLICATES, Relative, Shares, centred, placed, relative
from pytest_codesteer.metrics.resampling import Row
from pytest_codesteer.metrics.summary import grouped, instance_of, judged, way
from pytest_codesteer.runlog import Record

Of = Literal["solved", "score"]  # what a task's score is made of: solved cases, or partial credit

_VALUE: Mapping[Of, Callable[[Record], float]] = {
    "solved": lambda record: float(record.correct),
    "score": lambda record: record.score,
}

_Cell = tuple[str, str]  # model, way


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a method stands among those of a run.  None stands for what cannot be computed."""

    way: str
    by_model: Mapping[str, Estimate | None]  # average normalised score, 0-1
    rank_by_model: Mapping[str, int]
    score: Estimate | None  # mean over the models that it was run on
    rank: Estimate | None  # mean over all models; None where no method scores at all


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
    strata = list(_strata(records, cells, of).values())
    numbers = relative(
        strata,
        [[at for at, (other, _) in enumerate(cells) if other == model] for model in models],
        lambda shares: _figures(shares, cells, ways),
        replicates=replicates,
    )
    scores = [
        _estimate(score, ahead)
        for score, ahead in zip(numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :], strict=True)
    ]
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
            rank=_rank(name, ranked, dict(zip(cells, numbers, strict=False)), sum(map(len, strata)))
            if any(numbers)
            else None,
        )
        for name, average in zip(ways, scores[len(cells) :], strict=True)
    ]


def _estimate(score: Relative | None, ahead: Relative | None) -> Estimate | None:
    """Return a normalised score with its interval, whose lower end may be that of the unbounded score.

    The best one has a score of 1 by however little it is ahead, so that of two methods that change places by
    chance, the score alone would make either look surer than it is.
    """
    if score is None or ahead is None:
        return None
    found = centred(score, 0.0, 1.0)
    return replace(found, low=min(found.low, centred(ahead, 0.0, 1.0).low))


def _rank(
    name: str, ranked: Mapping[str, Mapping[str, int]], numbers: Mapping[_Cell, Relative | None], n: int
) -> Estimate:
    """Return the mean over all models of a method's rank, between the means of what it may be on each."""
    ends: list[tuple[int, int]] = []
    for model, column in ranked.items():
        field = {way: number for (other, way), number in numbers.items() if other == model and number}
        place = column[name]
        ends.append(
            placed(list(field.values()), list(field).index(name)) if name in field else (place, place)
        )
    lows, highs = zip(*ends, strict=True)
    return Estimate(fmean(column[name] for column in ranked.values()), fmean(lows), fmean(highs), n)


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


def _figures(shares: Sequence[Shares], cells: Sequence[_Cell], ways: Sequence[str]) -> list[float | None]:
    """Return the score of each cell and the average one of each way, then the same without a bound."""
    bounded, ahead = {}, {}
    for model in dict.fromkeys(model for model, _ in cells):
        mine = [(at, name) for at, (other, name) in enumerate(cells) if other == model]
        table = {str(at): {name: row[cell] for cell, name in mine} for at, row in enumerate(shares)}
        leads = _leads(table)
        bounded[model] = normalised_scores(table)
        ahead[model] = {
            name: None if score is None else score + leads.get(name, 0.0)
            for name, score in bounded[model].items()
        }
    return [
        figure
        for columns in (bounded, ahead)
        for figure in (
            *(columns[model][name] for model, name in cells),
            *map(average_scores(columns).__getitem__, ways),
        )
    ]


def _leads(table: Scores) -> dict[str, float]:
    """Return by how much of its score each method is ahead where it is the best: the mean over tasks."""
    leads: dict[str, float] = {}
    tasks = 0
    for row in table.values():
        known = {name: score for name, score in row.items() if score is not None}
        best = max(known, key=known.__getitem__, default=None)
        if best is None or known[best] <= 0:
            continue
        tasks += 1
        second = max((score for name, score in known.items() if name != best), default=known[best])
        leads[best] = leads.get(best, 0.0) + 1 - second / known[best]
    return {name: total / tasks for name, total in leads.items()}
