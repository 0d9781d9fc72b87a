"""`codesteer compare`: two runs, the methods of one, or a run beside the published numbers."""

from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_codesteer.command.files import CommandError, add_run, add_scoring, add_task_dirs, read, task_files
from pytest_codesteer.command.output import NewCommand, add_formats, section, show_sections
from pytest_codesteer.metrics import (
    Beside,
    Comparison,
    Difference,
    beside,
    compare_methods,
    compare_runs,
    published_models,
    published_of,
)
from pytest_codesteer.report import Section
from pytest_codesteer.report.cells import NONE, Table, between, interval, percent, table_of
from pytest_codesteer.report.values import numbers
from pytest_codesteer.runlog import Record, Run
from pytest_codesteer.task.faults import read_toml

PAPER = "paper:"

_ABOUT = """\
Compare on the instances that both sides have judged: the share solved, its change with a 95 % interval,
and the p of no change, also adjusted for all rows of the table (Holm).

  compare A B               each method before (A) and after (B)
  compare A B --across-models
                            two runs of one model each, model against model
  compare A                 every two methods of one run
  compare A paper:gpt-4o    a run beside the published numbers, with the differences in protocol;
                            published are: {models}"""

_SIDES = ("seed", "samples", "epochs", "max_tokens", "temperature", "scoring", "sandbox", "guide")


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "compare",
        help="two runs, or a run and the published numbers",
        description=_ABOUT.format(models=", ".join(published_models())),
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_run(parser, "before", metavar="A")
    add_run(
        parser,
        "after",
        metavar="B",
        nargs="?",
        help=f"another run, or {PAPER}MODEL; without it: the methods of A",
    )
    parser.add_argument("--model", metavar="NAME", help="the model of A to put beside the published numbers")
    parser.add_argument("--across-models", action="store_true", help="compare the models of two runs")
    add_scoring(parser)
    add_task_dirs(parser)
    add_formats(parser)
    parser.set_defaults(perform=compare)


def compare(options: Namespace) -> None:
    """Compare what the user named."""
    _check(options)
    before = read(options.before, options.scoring)
    if options.after is None:
        _methods(before, options)
    elif options.after.startswith(PAPER):
        _paper(before, options)
    else:
        _runs(before, read(options.after, options.scoring), options)


def _check(options: Namespace) -> None:
    """Refuse options that what is compared would not heed."""
    beside_paper = options.after is not None and options.after.startswith(PAPER)
    if options.model is not None and not beside_paper:
        raise CommandError(
            f"--model: chooses who stands beside the published numbers; write B as {PAPER}MODEL"
        )
    if options.across_models and (options.after is None or beside_paper):
        raise CommandError("--across-models: compares two runs; name a second one")


def _methods(run: Run, options: Namespace) -> None:
    found = compare_methods(run.records)
    if not found:
        raise CommandError(f"{options.before}: holds no two methods of the same instances to compare")
    shown = section(f"methods of {options.before}", methods=_table(found, ("one", "other")))
    show_sections(options.format, [shown], lambda: {"differences": numbers(found)})


def _runs(before: Run, after: Run, options: Namespace) -> None:
    try:
        found = compare_runs(before.records, after.records, across_models=options.across_models)
    except ValueError as error:
        raise CommandError(f"--across-models: {error}") from error
    if not found.differences:
        raise CommandError(
            f"{options.before} and {options.after}: no case in common: same tasks, seed, methods and models? "
            "(--across-models compares two models)"
        )
    unlike = _unlike(before, after)
    values = {
        "comparison": numbers(found),
        "protocol": [dict(zip(("about", "A", "B"), row, strict=True)) for row in unlike],
    }
    show_sections(options.format, _of_runs(found, unlike, options), lambda: values)


def _of_runs(found: Comparison, unlike: Sequence[Sequence[str]], options: Namespace) -> Iterable[Section]:
    left_out = (
        f"left out: {found.only_before} judged cases of A and {found.only_after} of B without a counterpart; "
        f"{found.errors} errors"
    )
    changes = _table(found.differences, ("A", "B"), left_out)
    yield section(f"A: {options.before}, B: {options.after}", changes=changes)
    if unlike:
        title = "the runs differ in more than their results"
        yield section("", protocol=table_of(("about", "A", "B"), unlike, title=title, names=3, prose=True))


def _table(differences: Sequence[Difference], sides: tuple[str, str], *notes: str) -> Table:
    same = all(each.before == each.after for each in differences)
    names = ("model", "method") if same else ("model", *sides)
    heads = tuple(f"{side} solved" for side in sides) if same else ("solved", "solved")
    rows = []
    for each in differences:
        change = each.change
        ways = (each.before,) if same else (each.before, each.after)
        rows.append(
            (each.model, *ways, str(change.pairs), f"{change.before:.1%}", f"{change.after:.1%}",
             f"{change.difference.value:+.1%}", between(change.difference, "+.1%"),
             f"+{change.gained} -{change.lost}", f"{change.p:.3g}", f"{each.p_family:.3g}")
        )  # fmt: skip
    columns = (*names, "cases", *heads, "change", "95 %", "gained, lost", "p", "p of all")
    return table_of(columns, rows, *notes, names=len(names))


def _unlike(before: Run, after: Run) -> list[tuple[str, str, str]]:
    """Return in what the headers of two runs differ that results rest on."""
    one, other = ({**_flat(run.header)} for run in (before, after))
    return [
        (key, str(one.get(key, NONE)), str(other.get(key, NONE)))
        for key in dict.fromkeys((*one, *other))
        if one.get(key) != other.get(key) and (key in one and key in other)
    ]


def _flat(header: Mapping[str, Any]) -> dict[str, Any]:
    tasks = {f"task {name}": digest for name, digest in header.get("tasks", {}).items()}
    return {**{key: header.get(key) for key in _SIDES}, **tasks}


def _paper(run: Run, options: Namespace) -> None:
    try:
        paper = published_of(options.after.removeprefix(PAPER))
    except LookupError as error:
        raise CommandError(str(error.args[0])) from error
    records = _of_one_model(run, options)
    found = beside(records, paper, _paper_levels(run, options))
    if not found.cells:
        raise CommandError(f"{options.before}: no task, level and method that was published of {paper.name}")
    show_sections(options.format, _beside(found), lambda: numbers(found))


def _of_one_model(run: Run, options: Namespace) -> list[Record]:
    models = list(dict.fromkeys(record.model for record in run.records))
    if options.model is None and len(models) > 1:
        raise CommandError(f"{options.before}: holds several models: choose with --model={models[0]}")
    chosen = options.model or models[0]
    if chosen not in models:
        raise CommandError(f"--model={chosen}: the run holds {', '.join(models)}")
    return [record for record in run.records if record.model == chosen]


def _paper_levels(run: Run, options: Namespace) -> dict[str, list[str]]:
    """Return the levels that the paper ran, of tasks that make their instances themselves."""
    files: Mapping[str, Path] = task_files(options.task_dirs)
    names = dict.fromkeys(record.task for record in run.records)
    tables = {name: read_toml(files[name]).get("task", {}) for name in names if name in files}
    given = run.header.get("data", {})
    return {
        name: table["paper_levels"]
        for name, table in tables.items()
        if "paper_levels" in table and name not in given
    }


def _beside(found: Beside) -> Iterable[Section]:
    paper = found.published
    cells = [
        (cell.task, cell.method, str(cell.measured.n), percent(cell.measured), interval(cell.measured),
         f"{cell.published:.0%}", f"{cell.measured.value - cell.published:+.0%}")
        for cell in sorted(found.cells, key=lambda cell: cell.task)
    ]  # fmt: skip
    heads = ("task", "method", "n", "solved", "95 %", "published", "difference")
    left_out = f"left out: {found.left_out} cases of tasks, levels, methods or turns that were not published"
    yield section(
        f"beside {paper.name} ({paper.source})",
        cells=table_of(heads, cells, left_out, names=2),
        normalised=table_of(
            ("method", "here", "published"),
            [
                (name, _share(found.measured.get(name)), _share(found.paper.get(name)))
                for name in found.measured
            ],
            title="average normalised score over these tasks and methods",
        ),
        protocol=table_of(
            ("about", "the paper", "here"),
            found.departures,
            title="differences in protocol",
            names=3,
            prose=True,
        ),
    )


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"
