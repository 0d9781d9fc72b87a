"""Plots of what methods do and of how they stand to each other: classes, steering, wins."""

from collections.abc import Iterator, Sequence

from pytest_codesteer.metrics import (
    SOLVES,
    Difference,
    Undefined,
    classes,
    compare_methods,
    grouped,
    steering_matrix,
    way,
)
from pytest_codesteer.page.vega import PALETTE, Chart, Row, chart, facets, labels, nominal, tiles
from pytest_codesteer.runlog import Record

_CLASSES = {
    "code right": "#0072b2",
    "code wrong": "#56b4e9",
    "text right": "#d55e00",
    "text wrong": "#f0b27a",
}
_ANSWERED = {"code": "code", "text": "text", "": "none"}
_GAIN, _LOSS = "#009e73", "#d55e00"


def four_classes(model: str, records: Sequence[Record]) -> Chart:
    """Return the bars of each method's cases: was a program run, was the answer right."""
    rows: list[Row] = []
    for name, mine in grouped(records, way).items():
        found = classes(mine)
        counts = (found.code_right, found.code_wrong, found.text_right, found.text_wrong)
        for at, (kind, count) in enumerate(zip(_CLASSES, counts, strict=True)):
            rows.append({"method": name, "class": kind, "cases": count, "order": at})
    scale = {"domain": list(_CLASSES), "range": list(_CLASSES.values())}
    encoding = {
        "y": nominal("method", rows),
        "x": {"field": "cases", "type": "quantitative", "stack": "normalize", "axis": {"format": "%"}},
        "color": nominal("class", rows, scale=scale),
        "order": {"field": "order", "type": "quantitative"},
    }
    spec = {"width": 480, "height": {"step": 24}, "mark": "bar", "encoding": encoding}
    caption = "The four classes of each method's cases."
    return chart(f"{model}: was a program run, was the answer right", caption, rows, spec)


def steering(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the matrix of which mode solves an instance and which one each method answered by."""
    rows: list[Row] = []
    for name, mine in grouped(records, way).items():
        found = steering_matrix(mine, records)
        if isinstance(found, Undefined):
            continue
        n = sum(found.values())
        for solves in SOLVES:
            for answered, shown in _ANSWERED.items():
                count = found.get((solves, answered), 0)
                place = {"method": name, "solves": solves, "answered": shown}
                rows.append({**place, "cases": count, "share": count / n})
    if not rows:
        return None
    x = nominal("answered", rows, "answered by", axis={"labelAngle": 0})
    inner = {
        "width": 130,
        "height": 110,
        "encoding": {"x": x, "y": nominal("solves", rows, "solved by")},
        "layer": [tiles("share", {"value": PALETTE[0]}), labels("cases")],
    }
    caption = (
        "Rows: which of all_code and all_text solves the instance. Columns: the mode that the method "
        "answered by. Good steering fills code/code and text/text."
    )
    return chart(f"{model}: steering", caption, rows, facets("method", rows, inner, columns=4))


def wins(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the matrix of instances that one method solves and another does not."""
    rows = [row for each in compare_methods(records) for row in _both_ways(each)]
    if not rows:
        return None
    names = list(grouped(records, way))
    x = {**nominal("against", rows, "against", axis={"labelAngle": -40}), "sort": names}
    y = {**nominal("method", rows), "sort": names}
    colour = {"condition": {"test": "datum.wins", "value": _GAIN}, "value": _LOSS}
    spec = {
        "width": {"step": 62},
        "height": {"step": 30},
        "encoding": {"x": x, "y": y},
        "layer": [tiles("net", colour), labels("shown")],
    }
    caption = (
        "In each cell: instances that the method of the row alone solves, and those that the one of the "
        "column alone solves. Green: more won than lost; orange: more lost. * p < 0.05, corrected for all "
        "pairs (Holm)."
    )
    return chart(f"{model}: method against method", caption, rows, spec)


def _both_ways(difference: Difference) -> Iterator[Row]:
    change = difference.change
    sure = "*" if difference.p_family < 0.05 else ""
    sides = (difference.after, difference.before)
    counts = (change.gained, change.lost)
    for (one, other), (won, lost) in ((sides, counts), (sides[::-1], counts[::-1])):
        net = abs(won - lost) / change.pairs
        shown = f"{won}:{lost}{sure}"
        yield {"method": one, "against": other, "net": net, "wins": won > lost, "shown": shown}
