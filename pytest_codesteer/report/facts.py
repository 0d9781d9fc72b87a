"""What a run was: its header in words, and its figures as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_codesteer.metrics import Undefined, grouped, summarise
from pytest_codesteer.report import Section, titles_of
from pytest_codesteer.report.values import numbers
from pytest_codesteer.runlog import OUTCOMES, Record

_SHOWN = {
    "started": "started", "suite": "suite", "methods": "methods", "guide": "guide", "turns": "turns",
    "samples": "instances of each level", "seed": "seed", "epochs": "epochs", "scoring": "scoring",
    "max_tokens": "tokens of a reply at most", "temperature": "temperature", "sandbox": "sandbox",
    "python": "Python",
}  # fmt: skip

# A run that was killed has decided nothing, and what is merged, or counted otherwise, was not decided on.
NO_DECISIONS = "gates: not recorded, as these cases are not those of one finished run as it was judged"


def facts(header: Mapping[str, Any], missing: int = 0) -> list[tuple[str, str]]:
    """Return what a reader wants to know of a run, as names and values; *missing* cases left no record."""
    titles = titles_of(header)
    models = ", ".join(f"{label}{titles.get(label, '')}" for label in header.get("models", {}))
    shown = [(name, _text(header.get(key))) for key, name in _SHOWN.items()]
    own = header.get("packages", {}).get("pytest-codesteer", "")
    gap = f"{missing} of {header.get('cases')} left no record" if missing else ""
    every = [("models", models), ("cases", gap), *shown, ("pytest-codesteer", str(own))]
    return [(name, text) for name, text in every if text]


def table_values(sections: Iterable[Section]) -> dict[str, Any]:
    """Return the figures of tables, row by row under the name of the table, and why others have none."""
    rows: dict[str, list[dict[str, Any]]] = {}
    undefined = []
    for section in sections:
        of = {} if section.model is None else {"model": section.model}
        for name, made in section.tables.items():
            listed = rows.setdefault(name, [])
            if isinstance(made, Undefined):
                undefined.append(of | {"table": name, "why": made.why})
            else:
                listed += [of | numbers(row) for row in made.values]
    return {"tables": rows, "undefined": undefined}


def figures(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the figures of each model, method and number of turns: of all tasks, and task by task."""
    found = []
    for (model, method, turns), mine in grouped(records, lambda r: (r.model, r.method, r.turns)).items():
        by_task = grouped(mine, lambda record: record.task)
        for task, cases in [(None, mine), *by_task.items()]:
            place = {"model": model, "method": method, "turns": turns, "task": task}
            found.append(place | numbers(summarise(cases)))
    return found


def counted(records: Iterable[Record]) -> dict[str, int]:
    """Return how many cases came to each outcome, in the order of `OUTCOMES`."""
    listed = [record.outcome for record in records]
    return {outcome: listed.count(outcome) for outcome in OUTCOMES}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
