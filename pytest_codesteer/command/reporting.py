"""`codesteer report`."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from pytest_codesteer.command.files import CommandError, add_run, add_scoring, read
from pytest_codesteer.command.output import NewCommand, add_formats, say, show
from pytest_codesteer.report import TABLES, chosen_tables, lines_of, outcomes, sections, titles_of
from pytest_codesteer.report.facts import NO_DECISIONS, counted, facts, figures, table_values
from pytest_codesteer.report.markdown import escaped, gate_list, markdown
from pytest_codesteer.report.values import numbers
from pytest_codesteer.runlog import Decision, Run


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "report",
        help="the tables of a run, or its HTML report",
        description="Print the tables of a run and what became of its gates, as they stood at the end of "
        "the session, or write its HTML report, which has every table, plot and transcript.",
    )
    add_run(parser)
    parser.add_argument(
        "--tables",
        metavar="NAMES",
        help=f"with commas between: {', '.join(TABLES)}, or all (with --json the default)",
    )
    add_scoring(parser)
    add_form = add_formats(parser)
    add_form(
        "--html", metavar="FILE", type=Path,
        help="write the report as one HTML file, which opens without a network (needs the extra [report])",
    )  # fmt: skip
    parser.set_defaults(perform=report)


def report(options: Namespace) -> None:
    """Print the tables of a run, or write its page."""
    if options.html and options.tables:
        raise CommandError("--tables: the HTML report has them all; take it out")
    run = read(options.run, options.scoring)
    if options.html:
        _write_page(options.html, run)
        return
    names = chosen_tables(options.tables) or (TABLES if options.format == "json" else None)
    found = sections(run.records, titles_of(run.header), names)
    about = [("log", options.run), *facts(run.header, run.missing)]
    said = [said] if (said := outcomes(run.records)) else []
    show(
        options.format,
        lambda: [
            *(f"{name}: {text}" for name, text in about), "", *lines_of(found), *said, *_gates(run.decisions),
        ],
        lambda: [
            *(f"- {escaped(name)}: {escaped(text)}" for name, text in about),
            "", *markdown(found), *map(escaped, said), "",
            *([NO_DECISIONS] if run.decisions is None else gate_list(run.decisions)),
        ],
        lambda: {
            "log": options.run,
            "run": dict(run.header),
            "missing": run.missing,
            "outcomes": counted(run.records),
            "figures": figures(run.records),
            "gates": numbers(run.decisions),
            **table_values(found),
        },
    )  # fmt: skip


def _gates(decisions: Sequence[Decision] | None) -> list[str]:
    if decisions is None:
        return [NO_DECISIONS]
    return [line for decision in decisions for line in decision.lines]


def _write_page(path: Path, run: Run) -> None:
    from pytest_codesteer.page import NoDrawing, write_page

    try:
        write_page(path, run)
    except NoDrawing as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"--html={path}: {error.strerror}; name another file") from error
    say([f"report: {path}"])
