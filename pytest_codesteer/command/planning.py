"""`codesteer plan`: how many instances an effect needs, and what they cost."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pytest_codesteer.command.files import CommandError, add_run, add_scoring, read
from pytest_codesteer.command.output import NewCommand, add_formats, section, show_sections
from pytest_codesteer.conversation import Usage
from pytest_codesteer.metrics import (
    compare_methods,
    detectable_change,
    detectable_difference,
    grouped,
    instances_to_clear,
    pairs_to_clear,
    summarise,
    way,
)
from pytest_codesteer.models import read_name
from pytest_codesteer.models.prices import load_prices
from pytest_codesteer.report.cells import Table, figure, table_of
from pytest_codesteer.runlog import Record

_NOTE = "for 95 % intervals and a power of 80 %: four such runs of five show the effect"


class _Need(NamedTuple):
    """What one question needs.  None stands for what is not known."""

    what: str
    share: float  # solved, or of instances that one of two methods alone solves
    instances: int | None
    dollars: float | None  # of one instance
    seconds: float | None  # of one instance
    now: int | None  # instances of the run
    detectable: float | None  # the effect that those would show


def add(new: NewCommand) -> None:
    """Add the command."""
    parser = new(
        "plan",
        help="how many instances an effect needs, and what they cost",
        description="Say how many instances show an effect, and what they cost: from a small RUN, "
        "or from a share and a price that you name. Nothing is asked of a model.",
    )
    add_run(parser, nargs="?", help='log of a small run, or "last", whose shares and costs are taken')
    parser.add_argument(
        "--effect", metavar="SHARE", type=_share, default=0.05, help="to be shown, e.g. 5%% (default)"
    )
    parser.add_argument(
        "--share", metavar="SHARE", type=_share, default=0.5, help="expected to be solved (default: 50%%)"
    )
    parser.add_argument(
        "--differ", metavar="SHARE", type=_share, default=0.3,
        help="of instances expected to be solved by one of two methods alone (default: 30%%)",
    )  # fmt: skip
    parser.add_argument("--model", metavar="NAME", help="whose price is taken, as in openai/gpt-4o")
    parser.add_argument("--tokens", metavar="IN,OUT", type=_tokens, help="of one case, e.g. 400,300")
    add_scoring(parser)
    add_formats(parser)
    parser.set_defaults(perform=plan)


def plan(options: Namespace) -> None:
    """Print how many instances the effect needs."""
    if options.run is None:
        alone, paired = _from_shares(options)
    else:
        records = read(options.run, options.scoring).records
        alone, paired = _of_methods(records, options.effect), _of_pairs(records, options.effect)
    effect = f"{options.effect:.1%}"
    sections = [
        section(
            "",
            alone=_table("method", "solved", alone, f"to show that the share solved has moved by {effect}"),
        )
    ]
    if paired:
        title = f"to show that two methods lie {effect} apart, on the same instances"
        sections.append(section("", paired=_table("methods", "differ", paired, title)))
    values = {
        "effect": options.effect,
        "alone": [_values(each) for each in alone],
        "paired": [_values(each) for each in paired],
    }
    show_sections(options.format, sections, lambda: values)


def _from_shares(options: Namespace) -> tuple[list[_Need], list[_Need]]:
    dollars = _dollars(options)
    differ = options.differ
    if options.effect > differ:
        raise CommandError(
            f"--differ={differ:.0%}: methods that lie {options.effect:.0%} apart differ on more; raise it"
        )
    return (
        [
            _Need(
                "a method", options.share, _to_move(options.share, options.effect), dollars, None, None, None
            )
        ],
        [
            _Need(
                "two methods",
                differ,
                _to_differ(differ, options.effect),
                dollars and 2 * dollars,
                None,
                None,
                None,
            )
        ],
    )


def _of_methods(records: Iterable[Record], effect: float) -> list[_Need]:
    needs = []
    for (model, name), mine in grouped(records, lambda record: (record.model, way(record))).items():
        summary = summarise(mine)
        if summary.solved is None:
            continue
        share, now = summary.solved.value, summary.solved.instances
        seconds = _seconds(mine)
        needs.append(
            _Need(f"{model}: {name}", share, _to_move(share, effect), summary.dollars, seconds, now,
                  detectable_change(share, now))
        )  # fmt: skip
    return needs


def _of_pairs(records: Sequence[Record], effect: float) -> list[_Need]:
    by_way = grouped(records, lambda record: (record.model, way(record)))
    costs = {key: (summarise(mine).dollars, _seconds(mine)) for key, mine in by_way.items()}
    needs = []
    for each in compare_methods(records):
        change = each.change
        differ = (change.gained + change.lost) / change.pairs
        sides = [costs[each.model, name] for name in (each.before, each.after)]
        needs.append(
            _Need(f"{each.model}: {each.before}, {each.after}", differ, _to_differ(differ, effect),
                  _sum(dollars for dollars, _ in sides), _sum(seconds for _, seconds in sides),
                  change.difference.n, detectable_difference(differ, change.difference.n))
        )  # fmt: skip
    return needs


def _to_move(share: float, effect: float) -> int | None:
    """Return how many instances show that a share is no longer *share*, towards one half."""
    moved = share - effect if share >= 0.5 else share + effect
    return instances_to_clear(moved, share)


def _to_differ(differ: float, effect: float) -> int | None:
    return pairs_to_clear((differ + effect) / 2, (differ - effect) / 2, 0.0) if effect <= differ else None


def _table(names: str, share: str, needs: Sequence[_Need], title: str) -> Table:
    measured = any(need.now is not None for need in needs)
    rows = []
    for need in needs:
        cost = (
            need.instances * need.dollars if need.instances is not None and need.dollars is not None else None
        )
        row = [need.what, f"{need.share:.0%}", figure(need.instances, ","), figure(cost, ",.2f")]
        if measured:
            took = (
                need.instances * need.seconds / 3600
                if need.instances is not None and need.seconds is not None
                else None
            )
            row += [
                figure(took, ",.1f"),
                figure(need.now, ","),
                "none" if need.detectable is None else f"{need.detectable:.1%}",
            ]
        rows.append(row)
    columns = [names, share, "instances", "US$"] + (
        ["hours one by one", "in the run", "which show"] if measured else []
    )
    return table_of(columns, rows, _NOTE, title=title)


def _values(need: _Need) -> dict[str, Any]:
    return need._asdict()


def _seconds(records: Iterable[Record]) -> float | None:
    summary = summarise(records)
    return _sum([summary.model_seconds, summary.code_seconds])


def _sum(values: Iterable[float | None]) -> float | None:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if len(known) == len(listed) else None


def _dollars(options: Namespace) -> float | None:
    """Return what one case costs, by the prices of today; None when the user names no model."""
    if (options.model is None) != (options.tokens is None):
        raise CommandError(
            "--model and --tokens make a price: name both, as in --model=openai/gpt-4o --tokens=400,300"
        )
    if options.model is None:
        return None
    name = read_name(options.model)
    price = load_prices().find(name.provider, name.model or name.label, datetime.now(UTC).date())
    if price is None:
        raise CommandError(f"--model={options.model}: no price is known: plan from a RUN that has dollars")
    prompt, completion = options.tokens
    return price.dollars(Usage(prompt=prompt, completion=completion))


def _share(text: str) -> float:
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r} is no share: write one as 5% or 0.05")
    return value


def _tokens(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise ArgumentTypeError(f"{text!r}: write tokens in and out, as in 400,300")
    return int(parts[0]), int(parts[1])
