"""What a gate measures in the records of one model and method."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pytest_codesteer.gate.grammar import Gate
from pytest_codesteer.metrics import (
    MEANS,
    Estimate,
    Rate,
    Standing,
    Undefined,
    all_of,
    mean_estimate,
    per_solved,
    standings,
    steering_accuracy,
    steering_regret,
    summarise,
    way,
)
from pytest_codesteer.runlog import Record

Measured = Rate | Estimate | int | Undefined

_SPENT: Mapping[str, Literal["tokens", "dollars", "seconds"]] = {
    "tokens_per_solved": "tokens",
    "dollars_per_solved": "dollars",
    "seconds_per_solved": "seconds",
}


def measures(gate: Gate, sets: Iterable[Sequence[Record]], run: Sequence[Record]) -> list[Measured]:
    """Return the gate's metric of each set of records, which are of one model and method; *run* are all."""
    if gate.metric not in ("normalised_score", "rank"):
        return [_measure(gate, records, run) for records in sets]
    fields: dict[tuple[str, frozenset[str]], dict[str, Standing]] = {}  # of a model and tasks: by way
    found: list[Measured] = []
    for records in sets:
        model, tasks = records[0].model, frozenset(record.task for record in records)
        if (model, tasks) not in fields:
            field = [record for record in run if record.model == model and record.task in tasks]
            fields[model, tasks] = {standing.way: standing for standing in standings(field)}
        found.append(_standing(gate, way(records[0]), fields[model, tasks]))
    return found


def _measure(gate: Gate, records: Sequence[Record], run: Sequence[Record]) -> Measured:
    match gate.metric:
        case "pass^k":
            return all_of(records, gate.k)
        case "steering_accuracy":
            return steering_accuracy(records, run)
        case "steering_regret":
            return steering_regret(records, run)
        case name if name in _SPENT:
            return per_solved(records, _SPENT[name])
        case name if name in MEANS:
            return mean_estimate(records, name)
    value: Rate | int | None = getattr(summarise(records), gate.metric)
    return Undefined("no case was judged") if value is None else value


def _standing(gate: Gate, name: str, field: Mapping[str, Standing]) -> Estimate | Undefined:
    """Return where a method stands among all those of its model, on the same tasks."""
    if len(field) < 2:
        return Undefined("no other method was run to compare it with")
    mine = field[name]
    if mine.score is None or mine.rank is None:
        return Undefined("no method solves anything, or a task has no judged case")
    return mine.score if gate.metric == "normalised_score" else mine.rank
