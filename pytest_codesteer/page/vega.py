"""The parts that the plots are made of, in Vega-Lite's grammar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_codesteer.metrics import Rate
from pytest_codesteer.report.cells import interval, percent

Spec = dict[str, Any]
Row = dict[str, Any]

# Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008), and eight more.
PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#8a6fd1", "#9a6a3a",
    "#7f8c8d", "#2fb9a4", "#b5533c", "#6b8e23", "#d17fd1", "#4a78d0", "#a08c5b",
)  # fmt: skip
INK = "currentColor"  # the colour of the text of the page, light or dark
# Room is left for the widest of the letters that browsers use, which Verdana and DejaVu are.
FONT = "Verdana, DejaVu Sans, sans-serif"


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot, and what a reader is to see in it."""

    title: str
    caption: str
    spec: Spec


def chart(title: str, caption: str, rows: Sequence[Row], spec: Spec) -> Chart:
    """Return the plot of *rows* that *spec* says, in the colours of the page."""
    ink = {"labelColor": INK, "titleColor": INK, "labelLimit": 400}
    axis = {**ink, "domainColor": INK, "tickColor": INK, "gridColor": INK, "gridOpacity": 0.15}
    numbers = {"labelOverlap": "greedy", "labelSeparation": 6, "tickCount": 6}
    legend = {
        **ink,
        "symbolLimit": 0,
        "symbolOpacity": 1,
        "orient": "bottom",
        "columns": 4,
        "columnPadding": 24,
    }
    heading = {"color": INK, "anchor": "start"}
    config = {"axis": axis, "axisQuantitative": numbers, "legend": legend, "header": ink, "title": heading,
              "view": {"stroke": None}, "font": FONT}  # fmt: skip
    return Chart(
        title,
        caption,
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",  # its name; it is not fetched
            "background": "transparent",
            "config": config,
            "data": {"values": list(rows)},
            **spec,
        },
    )


def nominal(field: str, rows: Iterable[Row], title: str | None = None, **more: Any) -> Spec:
    """Return the encoding of names, in the order in which *rows* bring them."""
    names = list(dict.fromkeys(row[field] for row in rows))
    return {"field": field, "type": "nominal", "sort": names, "title": title, **more}


def by_method(rows: Iterable[Row]) -> Spec:
    """Return the encoding of methods by colour; beyond the palette colours are used again."""
    encoding = nominal("method", rows, "method")
    names = encoding["sort"]
    colours = [PALETTE[at % len(PALETTE)] for at in range(len(names))]
    return {**encoding, "scale": {"domain": names, "range": colours}}


def by_turns(rows: Sequence[Row], channel: str, **legend: Any) -> Spec:
    """Return the encoding of turns by *channel*; none where all cases had the same turns."""
    if len({row["turns"] for row in rows}) < 2:
        return {}
    counts = sorted({row["turns"] for row in rows})
    shown = {"symbolFillColor": INK, "symbolStrokeColor": INK, **legend}
    return {channel: {"field": "turns", "type": "ordinal", "sort": counts, "title": "turns", "legend": shown}}


def share(field: str, title: str) -> Spec:
    """Return the encoding of a share on an axis from 0 to 100 %."""
    whole = {"scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
    return {"field": field, "title": title, "type": "quantitative", **whole}


def ends(rate: Rate) -> Row:
    """Return a share and the ends of its interval as fields of a row."""
    return {"value": rate.value, "low": rate.low, "high": rate.high}


def in_words(rate: Rate, what: str) -> str:
    """Return what a pointer, and a reader who does not see, is told of a share."""
    return f"{percent(rate)} {what}, 95 % interval {interval(rate)}, n = {rate.n}"


SAID = {"description": {"field": "said", "type": "nominal"}}  # a row's words on itself, at its mark


def whisker(title: str, **encoding: Any) -> Spec:
    """Return the mark of an interval."""
    return {
        "mark": {"type": "rule", "opacity": 0.5, "aria": False},
        "encoding": {"y": share("low", title), "y2": {"field": "high"}, **encoding},
    }


def facets(field: str, rows: Iterable[Row], inner: Spec, *, columns: int, **more: Any) -> Spec:
    """Return a panel for each value of *field*."""
    return {"facet": nominal(field, rows), "columns": columns, "spec": inner, **more}


def tiles(share_of: str, colour: Mapping[str, Any], *, most: float) -> Spec:
    """Return tiles that are the fuller of their colour the larger the share; *most* is the largest."""
    scale = {"domain": [0, most or 1.0], "range": [0.05, 0.8]}
    opacity = {"field": share_of, "type": "quantitative", "legend": None, "scale": scale}
    mark = {"type": "rect", "stroke": INK, "strokeOpacity": 0.25}
    return {"mark": mark, "encoding": {"color": dict(colour), "opacity": opacity, **SAID}}


def labels(field: str, size: int = 12) -> Spec:
    """Return the text on tiles, in letters of *size* pixels."""
    encoding = {"text": {"field": field, "type": "nominal"}, "color": {"value": INK}}
    return {"mark": {"type": "text", "fontSize": size, "aria": False}, "encoding": encoding}
