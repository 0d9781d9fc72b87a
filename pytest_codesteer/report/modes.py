"""Code or text: which mode answered, was it right, and did methods choose the one that solves."""

from collections.abc import Sequence

from pytest_codesteer.metrics import (
    Classes,
    Rate,
    Undefined,
    classes,
    grouped,
    judged,
    solved,
    steering_accuracy,
    steering_regret,
    way,
)
from pytest_codesteer.report.cells import NONE, Table, between, interval, percent, table_of
from pytest_codesteer.report.values import way_values
from pytest_codesteer.runlog import Record

_CLASSES = ("code right", "code wrong", "text right", "text wrong")


def usage(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods: how often a program was run, and the paper's four classes."""
    rows, values = [], []
    for name, mine in grouped(judged(records), way).items():
        found = classes(mine)
        rows.append([name, str(len(mine)), percent(found.usage), interval(found.usage), *_shares(found)])
        values.append(way_values(mine) | {"n": len(mine), "used_code": found.usage} | _counts(found))
    if not rows:
        return Undefined("no case was judged")
    columns = ("method", "n", "code used", "95 %", *_CLASSES)
    return table_of(columns, rows, title="code usage: cases in which a program was run", values=values)


def levels(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of levels: what is solved as problems grow, and by which mode."""
    by_level = grouped(judged(records), lambda record: (record.task, record.level))
    rows, values = [], []
    for (task, level), cases in sorted(by_level.items(), key=lambda item: item[0][0]):
        for name, mine in grouped(cases, way).items():
            share, found, n = solved(mine), classes(mine), len(mine)
            rows.append([task, level, name, str(n), percent(share), interval(share), *_shares(found)])
            of = {"task": task, "level": level} | way_values(mine)
            values.append(of | {"n": n, "solved": share} | _counts(found))
    if not rows:
        return Undefined("no case was judged")
    columns = ("task", "level", "method", "n", "solved", "95 %", *_CLASSES)
    return table_of(columns, rows, title="by level; with code: a program was run", names=3, values=values)


def steering(records: Sequence[Record]) -> Table | Undefined:
    """Return the table of methods: did they choose the mode that solves."""
    rows, values, why = [], [], "no case was judged"
    for name, mine in grouped(judged(records), way).items():
        accuracy, regret = steering_accuracy(mine, records), steering_regret(mine, records)
        if isinstance(regret, Undefined):
            why = regret.why
            continue
        cells = [NONE, NONE, "0"]
        if isinstance(accuracy, Rate):
            cells = [percent(accuracy), interval(accuracy), str(accuracy.n)]
        rows.append([name, *cells, f"{regret.value:+.1%}", between(regret, "+.1%"), str(regret.n)])
        values.append(way_values(mine) | {"steering_accuracy": accuracy, "steering_regret": regret})
    if not rows:
        return Undefined(why)
    columns = ("method", "steering accuracy", "95 %", "deciding", "regret", "95 %", "n")
    return table_of(
        columns,
        rows,
        "steering accuracy: of the cases that all_code alone or all_text alone solves (deciding), the share",
        "answered by that mode; regret: share that the better of the two solves minus that of the method",
        values=values,
    )


def _shares(found: Classes) -> list[str]:
    """Return the four classes as shares of the cases."""
    return [f"{count / found.n:.0%}" for count in _counts(found).values()]


def _counts(found: Classes) -> dict[str, int]:
    return {name: getattr(found, name) for name in (each.replace(" ", "_") for each in _CLASSES)}
