"""The HTML report: one file that opens from disk, with no network.

No text of a run becomes part of the page's code: what is rendered here is escaped, the cases are packed as
base64 and put into the page as text, and the page's policy runs the one script below and no other.
"""

import base64
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from errno import EEXIST
from pathlib import Path

from pytest_codesteer.page.charts import charts
from pytest_codesteer.page.drawing import NoDrawing, drawn, require
from pytest_codesteer.page.packing import COLUMNS, packed
from pytest_codesteer.page.vega import Chart
from pytest_codesteer.report import TABLES, outcomes, sections, titles_of
from pytest_codesteer.report.facts import NO_DECISIONS, counted, facts
from pytest_codesteer.runlog import Run

_FOLDER = Path(__file__).parent
_START = b"<!doctype html>\n"  # of the page
_TITLES = {  # of tables that a terminal shows without one
    "costs": "share solved, and costs of a case",
    "solved_costs": "costs of a solved case",
    "steering": "steering: was the mode chosen that solves",
}


def write_page(path: Path, run: Run) -> None:
    """Write the report on *run*, over a report that was there.  Raises `OSError`, `NoDrawing`."""
    refuse_other(path)
    text = page(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="replace")


def page(run: Run) -> str:
    """Return the report on *run*.  Raises `NoDrawing`."""
    import jinja2

    require()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (_FOLDER / "page.js").read_text("utf-8")
    plots = charts(run.records)
    with ThreadPoolExecutor(1) as pool:  # plots are drawn, by a process of their own, while tables are made
        drawing = pool.submit(_drawn, plots)
        index, blocks = packed(run.records)
        tables = sections(run.records, titles_of(run.header), TABLES)
        drawings, undrawn = drawing.result()
    return environment.get_template("page.html.j2").render(
        facts=facts(run.header, run.missing),
        outcomes=counted(run.records),
        said=outcomes(run.records),
        decisions=run.decisions,
        no_decisions=NO_DECISIONS,
        sections=tables,
        charts=list(zip(plots, drawings, strict=False)),
        undrawn=undrawn,
        titles=_TITLES,
        columns=COLUMNS,
        index=index,
        blocks=blocks,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        style=(_FOLDER / "page.css").read_text("utf-8"),
    )


def refuse_other(path: Path) -> None:
    """Keep a file that is no report, such as a log, from being written over.  Raises `OSError`."""
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(len(_START))
        if start and start != _START:
            raise FileExistsError(EEXIST, "is there already, and is no report")


def _drawn(plots: Sequence[Chart]) -> tuple[list[str], str]:
    """Return the plots, or none and why: the rest of a report is worth having."""
    try:
        return drawn([plot.spec for plot in plots]), ""
    except NoDrawing as error:
        return [], str(error)


__all__ = ["NoDrawing", "page", "refuse_other", "require", "write_page"]
