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
from pytest_codesteer.page.vega import SAID, Chart, Row, chart, facets, labels, nominal, tiles
from pytest_codesteer.runlog import Record

_CLASSES = {
    "code right": "#0072b2",
    "code wrong": "#56b4e9",
    "text right": "#d55e00",
    "text wrong": "#f0b27a",
}
_ANSWERED = {"code": "code", "text": "text", "": "none"}
_GAIN, _LOSS, _EVEN = "#009e73", "#d55e00", "#7f8c8d"
_CHOICES = {"the mode that solves": _GAIN, "the other mode": _LOSS, "either or neither would do": _EVEN}
_MANY = 16  # methods, whose matrix fits on a page only with small tiles


def four_classes(model: str, records: Sequence[Record]) -> Chart:
    """Return the bars of each method's cases: was a program run, was the answer right."""
    rows: list[Row] = []
    for name, mine in grouped(records, way).items():
        found = classes(mine)
        counts = (found.code_right, found.code_wrong, found.text_right, found.text_wrong)
        for at, (kind, count) in enumerate(zip(_CLASSES, counts, strict=True)):
            said = f"{name}, {kind}: {count} of {found.n} cases, {count / found.n:.0%}"
            rows.append({"method": name, "class": kind, "cases": count, "order": at, "said": said})
    scale = {"domain": list(_CLASSES), "range": list(_CLASSES.values())}
    encoding = {
        "y": nominal("method", rows),
        "x": {"field": "cases", "type": "quantitative", "title": "share of cases", "stack": "normalize",
              "axis": {"format": "%"}},
        "color": nominal("class", rows, scale=scale),
        "order": {"field": "order", "type": "quantitative"},
        **SAID,
    }  # fmt: skip
    spec = {"width": 640, "height": {"step": 24}, "mark": "bar", "encoding": encoding}
    caption = "The four classes of each method's cases; code: a program was run, text: none was."
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
                said = f"{name}: {count} of {n} cases solved by {solves}, answered by {shown}"
                place = {"method": name, "solves": solves, "answered": shown, "said": said}
                rows.append({**place, "cases": count, "share": count / n, "chose": _choice(solves, answered)})
    if not rows:
        return None
    x = nominal("answered", rows, "answered by", axis={"labelAngle": 0})
    scale = {"domain": list(_CHOICES), "range": list(_CHOICES.values())}
    colour = nominal("chose", rows, "answered by", scale=scale)
    inner = {
        "width": 150,
        "height": 110,
        "encoding": {"x": x, "y": nominal("solves", rows, "solved by")},
        "layer": [tiles("share", colour, most=max(row["share"] for row in rows)), labels("cases")],
    }
    caption = (
        "Rows: which of all_code and all_text solves the instance. Columns: the mode that the method "
        "answered by. Good steering fills code/code and text/text."
    )
    own_axes = {"axis": {"x": "independent"}}
    return chart(
        f"{model}: steering", caption, rows, facets("method", rows, inner, columns=5, resolve=own_axes)
    )


def wins(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the matrix of instances that one method solves and another does not."""
    rows = [row for each in compare_methods(records) for row in _both_ways(each)]
    if not rows:
        return None
    names = list(grouped(records, way))
    x = {**nominal("against", rows, "against", axis={"labelAngle": -40}), "sort": names}
    y = {**nominal("method", rows), "sort": names}
    cases = [{"test": "datum.net == 0", "value": _EVEN}, {"test": "datum.wins", "value": _GAIN}]
    colour = {"condition": cases, "value": _LOSS}
    many = len(names) > _MANY
    spec = {
        "width": {"step": 40 if many else 62},
        "height": {"step": 24 if many else 30},
        "encoding": {"x": x, "y": y},
        "layer": [
            tiles("net", colour, most=max(row["net"] for row in rows)),
            labels("shown", size=9 if many else 12),
        ],
    }
    caption = (
        "In each cell: instances that the method of the row alone solves, and those that the one of the "
        "column alone solves. Green: more won than lost; orange: more lost; grey: as many. * p < 0.05, "
        "corrected for all pairs (Holm)."
    )
    return chart(f"{model}: method against method", caption, rows, spec)


def _choice(solves: str, answered: str) -> str:
    """Return what it means that a method answered by a mode: the key of a colour."""
    right, other, even = _CHOICES
    if solves not in ("code", "text"):
        return even
    return right if answered == solves else other


def _both_ways(difference: Difference) -> Iterator[Row]:
    """Yield the cells of two methods: each as a row against the other as a column."""
    change = difference.change
    sure = "*" if difference.p_family < 0.05 else ""
    sides = (difference.after, difference.before)
    counts = (change.gained, change.lost)
    for (one, other), (won, lost) in ((sides, counts), (sides[::-1], counts[::-1])):
        yield {
            "method": one, "against": other, "net": abs(won - lost) / change.pairs, "wins": won > lost,
            "shown": f"{won}:{lost}{sure}",
            "said": f"of {change.pairs} cases {one} alone solves {won}, {other} alone {lost}; "
            f"p = {difference.p_family:.3g}, corrected for all pairs",
        }  # fmt: skip
