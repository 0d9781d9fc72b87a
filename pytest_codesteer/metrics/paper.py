"""The paper's metrics (Chen et al., ICLR 2025, arXiv:2410.03524, section 4), over plain tables of scores.

A table of scores has a row for each task and in it the score of each method, as shares or as percentages.
None, or no entry, stands for a method that was not run.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

Scores = Mapping[str, Mapping[str, float | None]]  # task -> method -> score
Column = Mapping[str, float | None]  # method -> score


def normalised_scores(scores: Scores) -> dict[str, float | None]:
    """Return each method's average normalised score, 0-1: the mean over tasks of score / best score.

    The best is that of all methods of the table.  A task that no method scores in has no best one, and is
    left out.  A method that lacks a task has no average: it would be one over other tasks.
    """
    methods = list(dict.fromkeys(method for row in scores.values() for method in row))
    best = {task: max(filter(None, row.values()), default=0.0) for task, row in scores.items()}
    tasks = [task for task in scores if best[task] > 0]
    return {
        method: _mean([_share(scores[task].get(method), best[task]) for task in tasks]) for method in methods
    }


def average_scores(columns: Mapping[str, Column]) -> dict[str, float | None]:
    """Return each method's mean over the models that it was run on; *columns* is model -> method -> score."""
    return {
        method: _mean([column[method] for column in columns.values() if column.get(method) is not None])
        for method in _methods(columns)
    }


def ranks(column: Column, methods: Sequence[str] | None = None) -> dict[str, int]:
    """Return each method's rank in one model's column, the highest score first.

    Equal scores share the better rank, and every method that was not run comes behind all that were.
    """
    values = [value for value in column.values() if value is not None]
    ranked: dict[str, int] = {}
    for method in column if methods is None else methods:
        mine = column.get(method)
        ranked[method] = 1 + (len(values) if mine is None else sum(other > mine for other in values))
    return ranked


def average_ranks(columns: Mapping[str, Column]) -> dict[str, float]:
    """Return each method's mean rank over all models; *columns* is model -> method -> score."""
    methods = _methods(columns)
    each = [ranks(column, methods) for column in columns.values()]
    return {method: fmean(ranked[method] for ranked in each) for method in methods}


def _methods(columns: Mapping[str, Column]) -> list[str]:
    return list(dict.fromkeys(method for column in columns.values() for method in column))


def _share(score: float | None, best: float) -> float | None:
    return None if score is None else score / best


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None
