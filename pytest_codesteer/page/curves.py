"""Plots of shares against costs, levels and turns."""

from collections.abc import Callable, Iterable, Sequence

from pytest_codesteer.metrics import Rate, classes, grouped, summarise, total, way
from pytest_codesteer.page.vega import (
    INK,
    Chart,
    Row,
    Spec,
    by_method,
    chart,
    ends,
    facets,
    nominal,
    share,
    whisker,
)
from pytest_codesteer.runlog import Record


def costs(records: Sequence[Record]) -> Chart | None:
    """Return the plot of what methods solve against the tokens and seconds that they spend."""
    rows = []
    for (model, method), mine in grouped(records, lambda r: (r.model, way(r))).items():
        summary = summarise(mine)
        if summary.solved is None:
            continue
        spent = {
            "tokens": total([summary.prompt_tokens, summary.completion_tokens]),
            "seconds": total([summary.model_seconds, summary.code_seconds]),
        }
        rows.append({"model": model, "method": method, **spent, **ends(summary.solved)})
    panels = [panel for of in ("tokens", "seconds") if (panel := _against(of, rows))]
    caption = (
        "Each point is a method, with the 95 % interval of the share it solves. Up and to the left is better."
    )
    return chart("Share solved against cost", caption, rows, {"hconcat": panels}) if panels else None


def solved_by_level(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the plot of what methods solve as problems grow."""
    caption = "How each method fares as problems grow."
    return _by_level(
        f"{model}: share solved by level", caption, "solved", records, lambda mine: summarise(mine).solved
    )


def code_by_level(model: str, records: Sequence[Record]) -> Chart | None:
    """Return the plot of how often methods run a program as problems grow."""
    caption = "The share of cases in which a program was run."
    return _by_level(
        f"{model}: code usage by level", caption, "code used", records, lambda mine: classes(mine).usage
    )


def by_turns(records: Sequence[Record]) -> Chart | None:
    """Return the plot of what refinement in turns brings; None where all cases had the same turns."""
    rows = []
    for (model, method, turns), mine in grouped(records, lambda r: (r.model, r.method, r.turns)).items():
        if (solved := summarise(mine).solved) is not None:
            rows.append({"model": model, "method": method, "turns": turns, **ends(solved)})
    if len({row["turns"] for row in rows}) < 2:
        return None
    x = {"field": "turns", "type": "ordinal", "title": "turns", "axis": {"labelAngle": 0}}
    line = {"mark": {"type": "line", "point": True}, "encoding": {"y": share("value", "solved")}}
    inner = {
        "width": 220, "height": 200, "encoding": {"x": x, "color": by_method(rows)},
        "layer": [whisker("solved"), line],
    }  # fmt: skip
    caption = "What it brings that a model may refine its answer, with 95 % intervals."
    return chart(
        "Share solved by turns of refinement", caption, rows, facets("model", rows, inner, columns=3)
    )


def _against(of: str, rows: Sequence[Row]) -> Spec | None:
    """Return the panel of shares against a cost; None where it is not known."""
    known = [row[of] for row in rows if row[of] is not None]
    if not known:
        return None
    log = min(known) > 0 and max(known) > 20 * min(known)
    x = {
        "field": of,
        "type": "quantitative",
        "title": f"{of} of a case",
        "scale": {"type": "log"} if log else {},
    }
    encoding = {"x": x, "color": by_method(rows)}
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 90},
        "encoding": {**encoding, "y": share("value", "solved")},
    }
    if len({row["model"] for row in rows}) > 1:
        legend = {"symbolFillColor": INK, "symbolStrokeColor": INK}
        point["encoding"]["shape"] = nominal("model", rows, "model", legend=legend)
    known_only = [{"filter": f"isValid(datum.{of})"}]
    return {
        "width": 320,
        "height": 280,
        "transform": known_only,
        "layer": [whisker("solved", **encoding), point],
    }


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
        for name, mine in grouped(cases, way).items():
            if (found := share_of(mine)) is not None:
                rows.append({"task": task, "level": level, "method": name, **ends(found)})
    if len({(row["task"], row["level"]) for row in rows}) < 2:
        return None
    x = {"field": "level", "type": "ordinal", "sort": None, "title": None, "axis": {"labelAngle": -30}}
    encoding = {"x": x, "y": share("value", what), "color": by_method(rows)}
    inner = {"width": 220, "height": 150, "mark": {"type": "line", "point": True}, "encoding": encoding}
    own_levels = {"scale": {"x": "independent"}}
    return chart(title, caption, rows, facets("task", rows, inner, columns=3, resolve=own_levels))
