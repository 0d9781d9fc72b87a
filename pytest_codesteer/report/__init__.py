"""The tables at the end of a session: lines of text, made of records."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_codesteer.metrics import Undefined, grouped
from pytest_codesteer.report.costs import costs, costs_per_solved
from pytest_codesteer.report.modes import levels, steering, usage
from pytest_codesteer.report.success import methods, successes, turns
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown

_Table = Callable[[Sequence[Record]], list[str] | Undefined]

OF_A_MODEL: Mapping[str, _Table] = {
    "costs": costs,
    "solved_costs": costs_per_solved,
    "tasks": successes,
    "usage": usage,
    "steering": steering,
    "levels": levels,
    "turns": turns,
}
OF_ALL_MODELS: Mapping[str, _Table] = {"methods": methods}
TABLES = (*OF_A_MODEL, *OF_ALL_MODELS)
DEFAULT = ("costs", "tasks", "steering", "turns", "methods")


class TableError(Exception):
    """A table is not known.  One line that names it."""


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


def tables(
    records: Iterable[Record], titles: Mapping[str, str], names: Sequence[str] | None = None
) -> list[str]:
    """Return the tables called *names*, those of a model under its name, with which one it is from *titles*.

    A table that the records do not give says why if it was asked for by name, and is passed over if not.
    """
    listed = list(records)
    lines: list[str] = []
    for model, mine in grouped(listed, lambda record: record.model).items():
        own = _lines(mine, OF_A_MODEL, names)
        if own:
            lines += [f"{model}{titles.get(model, '')}: {len(mine)} cases", "", *own]
    return lines + _lines(listed, OF_ALL_MODELS, names)


def outcomes(records: Iterable[Record]) -> str:
    """Return a line that counts the outcomes and the reasons of those that are not correct."""
    reasons = grouped((r for r in records if r.outcome in ("limit", "unreadable", "error")), _why)
    most = sorted(reasons.items(), key=lambda item: -len(item[1]))[:5]
    return "; ".join(f"{len(mine)} {why}" for why, mine in most)


def _lines(records: Sequence[Record], known: Mapping[str, _Table], names: Sequence[str] | None) -> list[str]:
    lines: list[str] = []
    for name, make in known.items():
        if not records or name not in (DEFAULT if names is None else names):
            continue
        made = make(records)
        if not isinstance(made, Undefined):
            lines += [*made, ""]
        elif names is not None:
            lines += [f"no table of {name}: {made.why}", ""]
    return lines


def _why(record: Record) -> str:
    return f"{record.outcome}: {record.error or record.reason}"[:100]
