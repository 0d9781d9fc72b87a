"""Plots of shares against costs, levels and turns."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import floor, log10

from pytest_codesteer.metrics import Rate, classes, grouped, solved, summarise, total, way, way_of
from pytest_codesteer.page.vega import (
    SAID,
    Chart,
    Row,
    Spec,
    by_method,
    by_turns,
    chart,
    ends,
    facets,
    in_words,
    labels,
    nominal,
    share,
    tiles,
    whisker,
)
from pytest_codesteer.report.cells import percent
from pytest_codesteer.runlog import Record

_UNITS = {"tokens": "tokens of a case, in and out", "seconds": "seconds of a case, model and programs"}
_APART = {"paddingInner": 0.4, "paddingOuter": 0.2}  # within a band the methods stand side by side
_LINES = 4  # that one panel can show; of more ways the shares are tiles, one line of them for each
_WIDEST = 1000  # pixels of panels side by side
_TILE = {"width": {"step": 40}, "height": {"step": 22}}
_BLUE = "#0072b2"


def costs(records: Sequence[Record]) -> Chart | None:
    """Return the plot of what methods solve against the tokens and seconds that they spend."""
    rows = list(_spent(records))
    models = list(dict.fromkeys(row["model"] for row in rows))
    panels = [(model, _beside(model, rows)) for model in models]
    known = [{"title": model, "hconcat": side} for model, side in panels if side]
    if not known:
        return None
    caption = (
        "Each point is a method, with the 95 % interval of the share it solves. Up and to the left is better."
    )
    return chart("Share solved against cost", caption, rows, {"vconcat": known})


def solved_by_level(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the plot of what methods solve as problems grow."""
    caption = "How each method fares as problems grow."
    return _by_level(f"{model}: share solved by level", caption, "solved", records, solved)


def code_by_level(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the plot of how often methods run a program as problems grow."""
    caption = "The share of cases in which a program was run."
    return _by_level(
        f"{model}: code usage by level", caption, "code used", records, lambda mine: classes(mine).usage
    )


def solved_by_turns(records: Sequence[Record]) -> Chart | None:
    """Return the plot of what refinement in turns brings, of the methods that were given several."""
    rows = []
    for (model, method), cases in grouped(records, lambda r: (r.model, r.method)).items():
        by_count = grouped(cases, lambda r: r.turns)
        for turns, mine in by_count.items() if len(by_count) > 1 else ():
            if (found := solved(mine)) is not None:
                said = f"{model}, {way_of(method, turns)}: {in_words(found, 'solved')}"
                rows.append({"model": model, "method": method, "turns": turns, "said": said, **ends(found)})
    if not rows:
        return None
    x = {"field": "turns", "type": "ordinal", "title": "turns", "axis": {"labelAngle": 0}, "scale": _APART}
    inner = {
        "width": 260, "height": 220,
        "encoding": {"x": x, "color": by_method(rows), "xOffset": nominal("method", rows)},
        "layer": [whisker("solved"), *_line_and_points("solved")],
    }  # fmt: skip
    caption = "What it brings that a model may refine its answer, with 95 % intervals."
    return chart(
        "Share solved by turns of refinement", caption, rows, facets("model", rows, inner, columns=3)
    )


def _spent(records: Sequence[Record]) -> Iterator[Row]:
    """Yield a row for each model and method: what it solves and spends; None for what is not known."""
    for (model, method, turns), mine in grouped(records, lambda r: (r.model, r.method, r.turns)).items():
        summary = summarise(mine)
        if summary.solved is None:
            continue
        tokens = total([summary.prompt_tokens, summary.completion_tokens])
        seconds = total([summary.model_seconds, summary.code_seconds])
        words = [
            in_words(summary.solved, "solved"),
            *([] if tokens is None else [f"{tokens:.0f} tokens"]),
            *([] if seconds is None else [f"{seconds:.2f} s"]),
        ]
        yield {
            "model": model, "method": method, "turns": turns, "tokens": tokens, "seconds": seconds,
            "said": f"{model}, {way_of(method, turns)}: {', '.join(words)}",
            **ends(summary.solved),
        }  # fmt: skip


def _beside(model: str, rows: Sequence[Row]) -> list[Spec]:
    """Return the panels of a model: against tokens where they are known, and against seconds."""
    panels = [_against(of, model, rows) for of in _UNITS]
    return [panel for panel in panels if panel]


def _against(of: str, model: str, rows: Sequence[Row]) -> Spec | None:
    """Return the panel of shares against a cost; None where it is not known."""
    known = [row[of] for row in rows if row["model"] == model and row[of] is not None]
    if not known:
        return None
    x = {"field": of, "type": "quantitative", "title": _UNITS[of], **_scale(known)}
    colours, shapes = {"color": by_method(rows)}, by_turns(rows, "shape")
    at = {"x": x, "y": share("value", "solved"), **colours}
    path: Spec = {  # from turn to turn of a method
        "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.5, "aria": False},
        "encoding": {**at, "order": {"field": "turns", "type": "quantitative"}},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.9},
        "encoding": {**at, **shapes, **SAID},
    }
    its_own = [{"filter": {"field": "model", "equal": model}}, {"filter": f"isValid(datum.{of})"}]
    return {
        "width": 460,
        "height": 300,
        "transform": its_own,
        "layer": [whisker("solved", x=x, **colours), *([path] if shapes else []), point],
    }


def _scale(known: Sequence[float]) -> Spec:
    """Return the scale of costs, and its axis: logarithmic where they differ much."""
    low, high = min(known), max(known)
    if not 0 < low * 20 < high:
        return {}
    steps = [
        step * 10.0**power for power in range(floor(log10(low)), floor(log10(high)) + 1) for step in (1, 2, 5)
    ]
    scale = {"type": "log", "domain": [low / 1.2, high * 1.2], "nice": False}
    return {"scale": scale, "axis": {"values": steps}}


def _by_level(
    title: str,
    caption: str,
    what: str,
    records: Iterable[Record],
    share_of: Callable[[Sequence[Record]], Rate | None],
) -> Chart | None:
    """Return the plot of a share by level, a panel for each task; None where there is one level alone."""
    rows = []
    for (task, level), cases in grouped(records, lambda r: (r.task, r.level)).items():
        for (method, turns), mine in grouped(cases, lambda r: (r.method, r.turns)).items():
            if (found := share_of(mine)) is not None:
                name = way(mine[0])
                said = f"{task}, {level}, {name}: {in_words(found, what)}"
                place = {"task": task, "level": level, "method": method, "turns": turns, "way": name}
                rows.append({**place, "said": said, "shown": percent(found).rstrip("%"), **ends(found)})
    if len({(row["task"], row["level"]) for row in rows}) < 2:
        return None
    if len({row["way"] for row in rows}) <= _LINES:
        return chart(title, f"{caption} With 95 % intervals.", rows, _lines_by_level(what, rows))
    return chart(title, f"{caption} In each tile: the share in %.", rows, _tiles_by_level(rows))


def _lines_by_level(what: str, rows: Sequence[Row]) -> Spec:
    """Return a panel of curves for each task."""
    x = {**_level(), "axis": {"labelAngle": -30}, "scale": _APART}
    encoding = {"x": x, "xOffset": nominal("way", rows), "color": by_method(rows)}
    dashes = by_turns(rows, "strokeDash", symbolFillColor="transparent")
    layer = [whisker(what), *_line_and_points(what, detail={"field": "way", "type": "nominal"}, **dashes)]
    inner = {"width": 280, "height": 190, "encoding": encoding, "layer": layer}
    own_levels = {"scale": {"x": "independent", "xOffset": "independent"}}
    return facets("task", rows, inner, columns=3, resolve=own_levels)


def _tiles_by_level(rows: Sequence[Row]) -> Spec:
    """Return a panel of tiles for each task: a line for each way, a column for each level."""
    levels = Counter(task for task, _ in {(row["task"], row["level"]) for row in rows})
    columns = max(1, _WIDEST // (max(levels.values()) * _TILE["width"]["step"]))
    x = {**_level(), "axis": {"labelAngle": -40}}
    inner = {
        **_TILE,
        "encoding": {"x": x, "y": nominal("way", rows)},
        "layer": [tiles("value", {"value": _BLUE}, most=1.0), labels("shown")],
    }
    return facets("task", rows, inner, columns=columns, resolve={"scale": {"x": "independent"}})


def _level() -> Spec:
    return {"field": "level", "type": "ordinal", "sort": None, "title": "level"}


def _line_and_points(what: str, **of_line: Spec) -> list[Spec]:
    """Return the marks of a curve, each of whose points says what it is."""
    y = {"y": share("value", what)}
    return [
        {"mark": {"type": "line", "strokeWidth": 1.5, "aria": False}, "encoding": {**y, **of_line}},
        {"mark": {"type": "point", "filled": True, "size": 40, "opacity": 1}, "encoding": {**y, **SAID}},
    ]
