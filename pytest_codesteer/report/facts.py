"""What a run was: its header in words, and its figures as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from pytest_codesteer.metrics import Rate, grouped, summarise
from pytest_codesteer.report import titles_of
from pytest_codesteer.runlog import OUTCOMES, Record

_SHOWN = {
    "started": "started", "suite": "suite", "methods": "methods", "guide": "guide", "turns": "turns",
    "samples": "instances of each level", "seed": "seed", "epochs": "epochs", "scoring": "scoring",
    "max_tokens": "tokens of a reply at most", "temperature": "temperature", "sandbox": "sandbox",
    "python": "Python",
}  # fmt: skip

# A run that was killed has decided nothing, and what is merged, or counted otherwise, was not decided on.
NO_DECISIONS = "gates: not recorded, as these cases are not those of one finished run as it was judged"


def facts(header: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a reader wants to know of a run, as names and values."""
    titles = titles_of(header)
    models = ", ".join(f"{label}{titles.get(label, '')}" for label in header.get("models", {}))
    shown = [(name, _text(header.get(key))) for key, name in _SHOWN.items()]
    own = header.get("packages", {}).get("pytest-codesteer", "")
    every = [("models", models), *shown, ("pytest-codesteer", str(own))]
    return [(name, text) for name, text in every if text]


def figures(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the figures of each model, method and number of turns: of all tasks, and task by task."""
    found = []
    for (model, method, turns), mine in grouped(records, lambda r: (r.model, r.method, r.turns)).items():
        by_task = grouped(mine, lambda record: record.task)
        for task, cases in [(None, mine), *by_task.items()]:
            place = {"model": model, "method": method, "turns": turns, "task": task}
            found.append(place | numbers(summarise(cases)))
    return found


def numbers(value: Any) -> Any:
    """Return a value of `metrics` as JSON values; an end of an interval that the data leave open is None."""
    if isinstance(value, Rate):
        return {"value": value.value, "low": value.low, "high": value.high, "n": value.n}
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: numbers(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: numbers(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [numbers(each) for each in value]
    return None if isinstance(value, float) and value in (float("inf"), float("-inf")) else value


def counted(records: Iterable[Record]) -> dict[str, int]:
    """Return how many cases came to each outcome, in the order of `OUTCOMES`."""
    listed = [record.outcome for record in records]
    return {outcome: listed.count(outcome) for outcome in OUTCOMES}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
