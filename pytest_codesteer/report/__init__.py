"""The tables at the end of a session, made of records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_codesteer.metrics import Undefined, grouped
from pytest_codesteer.report.cells import Table
from pytest_codesteer.report.costs import costs, costs_per_solved
from pytest_codesteer.report.modes import levels, steering, usage
from pytest_codesteer.report.success import epochs, methods, successes, turns
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown

_Make = Callable[[Sequence[Record]], Table | Undefined]

OF_A_MODEL: Mapping[str, _Make] = {
    "costs": costs,
    "solved_costs": costs_per_solved,
    "tasks": successes,
    "usage": usage,
    "steering": steering,
    "levels": levels,
    "turns": turns,
    "epochs": epochs,
}
OF_ALL_MODELS: Mapping[str, _Make] = {"methods": methods}
TABLES = (*OF_A_MODEL, *OF_ALL_MODELS)
DEFAULT = ("costs", "tasks", "steering", "turns", "epochs", "methods")


class TableError(Exception):
    """A table is not known.  One line that names it."""


@dataclass(frozen=True, slots=True)
class Section:
    """The tables of one model, or of all together."""

    title: str  # the model and its cases; "" for all models
    tables: Mapping[str, Table | Undefined]  # by name; Undefined only where it was asked for by name
    model: str | None = None  # None for all models


def chosen_tables(text: str | None) -> tuple[str, ...] | None:
    """Return the tables that a list such as ``costs,tasks`` or ``all`` names; None for the default ones.

    Raises `TableError`.
    """
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in (*TABLES, "all"):
            raise TableError(unknown("table", name, (*TABLES, "all")))
    if not names:
        raise TableError(f"no table is named; known: all, {', '.join(TABLES)}")
    return TABLES if "all" in names else tuple(dict.fromkeys(names))


def sections(
    records: Iterable[Record], titles: Mapping[str, str], names: Sequence[str] | None = None
) -> list[Section]:
    """Return the tables called *names*, those of a model under its name, with which one it is from *titles*.

    A table that the records do not give says why if it was asked for by name, and is passed over if not.
    """
    listed = list(records)
    found = [
        Section(f"{model}{titles.get(model, '')}: {len(mine)} cases", _made(mine, OF_A_MODEL, names), model)
        for model, mine in grouped(listed, lambda record: record.model).items()
    ]
    found.append(Section("", _made(listed, OF_ALL_MODELS, names)))
    return [section for section in found if section.tables]


def tables(
    records: Iterable[Record], titles: Mapping[str, str], names: Sequence[str] | None = None
) -> list[str]:
    """Return the `sections` as lines of text."""
    return lines_of(sections(records, titles, names))


def lines_of(sections: Iterable[Section]) -> list[str]:
    """Return sections as lines of text."""
    lines: list[str] = []
    for section in sections:
        lines += [section.title, ""] if section.title else []
        for name, made in section.tables.items():
            lines += [no_table(name, made), ""] if isinstance(made, Undefined) else [*made.lines(), ""]
    return lines


def no_table(name: str, undefined: Undefined) -> str:
    """Return what stands where a table would."""
    return f"no table of {name}: {undefined.why}"


def outcomes(records: Iterable[Record]) -> str:
    """Return a line that counts the outcomes and the reasons of those that are not correct."""
    reasons = grouped((r for r in records if r.outcome in ("limit", "unreadable", "error")), _why)
    most = sorted(reasons.items(), key=lambda item: -len(item[1]))[:5]
    return "; ".join(f"{len(mine)} {why}" for why, mine in most)


def titles_of(header: Mapping[str, Any]) -> dict[str, str]:
    """Return, for each embedded model of a run's header, which one it is."""
    from pytest_codesteer.models.weights import title

    return {
        label: f" = {title(str(name.get('model', '')))}"
        for label, name in dict(header.get("models", {})).items()
        if isinstance(name, Mapping) and name.get("provider") == "local"
    }


def _made(
    records: Sequence[Record], known: Mapping[str, _Make], names: Sequence[str] | None
) -> dict[str, Table | Undefined]:
    chosen = {name: make for name, make in known.items() if name in (DEFAULT if names is None else names)}
    made = {name: make(records) for name, make in chosen.items() if records}
    return {
        name: table for name, table in made.items() if names is not None or not isinstance(table, Undefined)
    }


def _why(record: Record) -> str:
    return f"{record.outcome}: {record.error or record.reason}"[:100]
