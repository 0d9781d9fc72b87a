"""Published numbers, and a run beside them."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pytest_codesteer.metrics.intervals import Rate
from pytest_codesteer.metrics.paper import Column, Scores, normalised_scores
from pytest_codesteer.metrics.summary import grouped, judged, share
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of one model, in percent; None is what the paper marks NA."""

    model: str
    name: str  # as the paper calls it
    source: str
    tasks: Scores  # success of each task and method; empty where it was not published
    normalised: Column  # average normalised score of each method
    turns: Mapping[int, Column]  # the same after so many turns of refinement


class Departure(NamedTuple):
    """A difference in protocol between the paper and a run of this package."""

    about: str
    paper: str
    here: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One task and method, measured and published."""

    task: str
    method: str
    measured: Rate
    published: float  # 0-1


@dataclass(frozen=True, slots=True)
class Beside:
    """A run of one model beside the published numbers of a model."""

    published: Published
    cells: tuple[Cell, ...]
    measured: Column  # average normalised score over the tasks and methods in common, 0-1
    paper: Column  # the same of the published numbers, over the same tasks and methods
    left_out: int  # cases of tasks, levels, methods or turns that were not published
    departures: tuple[Departure, ...]


def published_models() -> tuple[str, ...]:
    """Return the models that numbers were published of."""
    return tuple(_file()["models"])


def published_of(model: str) -> Published:
    """Return what was published of *model*.  Raises `LookupError`."""
    file = _file()
    if model not in file["models"]:
        raise LookupError(unknown("published model", model, file["models"]))
    entry = file["models"][model]
    turns = entry.get("turns", {})
    return Published(
        model=model,
        name=entry["name"],
        source=file["source"],
        tasks={task: _column(file, values) for task, values in entry.get("tasks", {}).items()},
        normalised=_column(file, entry["normalised"]),
        turns={
            count: {method: values[at] for method, values in turns.items()}
            for at, count in enumerate(file["turns"])
            if turns
        },
    )


def published_overall() -> Mapping[str, Column]:
    """Return what was published of each method over several models.

    That is ``average_score`` (percent), ``average_rank``, and ``tokens`` and ``seconds`` of one case.
    """
    file = _file()
    names = ("average_score", "average_rank", "tokens", "seconds")
    return {name: _column(file, file[name]) for name in names}


def beside(
    records: Iterable[Record], paper: Published, levels: Mapping[str, Collection[str]] | None = None
) -> Beside:
    """Put the records of one model beside *paper*; *levels* names those of each task that the paper ran."""
    listed = list(records)
    common = [record for record in judged(listed) if _in_paper(record, paper, levels or {})]
    cells = []
    for (task, method), mine in grouped(common, lambda record: (record.task, record.method)).items():
        measured, score = share(mine, lambda record: record.correct), paper.tasks[task][method]
        if measured is not None and score is not None:
            cells.append(Cell(task, method, measured, score / 100))
    return Beside(
        published=paper,
        cells=tuple(cells),
        measured=normalised_scores(_table({(cell.task, cell.method): cell.measured.value for cell in cells})),
        paper=normalised_scores(_table({(cell.task, cell.method): cell.published for cell in cells})),
        left_out=len(judged(listed)) - len(common),
        departures=tuple(Departure(**entry) for entry in _file()["protocol"]),
    )


def _in_paper(record: Record, paper: Published, levels: Mapping[str, Collection[str]]) -> bool:
    known = levels.get(record.task)
    return (
        paper.tasks.get(record.task, {}).get(record.method) is not None
        and record.turns == 1
        and (known is None or record.level in known)
    )


def _table(cells: Mapping[tuple[str, str], float]) -> Scores:
    table: dict[str, dict[str, float | None]] = {}
    for (task, method), score in cells.items():
        table.setdefault(task, {})[method] = score
    return table


def _column(file: Mapping[str, Any], values: Iterable[float | str]) -> Column:
    return {
        method: None if isinstance(value, str) else float(value)
        for method, value in zip(file["methods"], values, strict=True)
    }


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("published.toml").read_text("utf-8"))
