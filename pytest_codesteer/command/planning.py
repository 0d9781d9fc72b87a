"""`codesteer plan`: how many instances an effect needs, and what they cost."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pytest_codesteer.command.files import CommandError, add_run, add_scoring, read
from pytest_codesteer.command.output import NewCommand, add_formats, section, show_sections
from pytest_codesteer.conversation import Usage
from pytest_codesteer.metrics import (
    compare_methods,
    detectable_change,
    detectable_difference,
    grouped,
    instances_to_clear,
    judged,
    pairs_to_clear,
    summarise,
    way,
)
from pytest_codesteer.models import read_name
from pytest_codesteer.models.prices import load_prices
from pytest_codesteer.report.cells import NONE, UNKNOWN, Table, figure, table_of
from pytest_codesteer.runlog import Record

_NOTE = "for 95 % intervals and a power of 80 %: four such runs of five show the effect"
_IMPOSSIBLE = f"{NONE}: there can be no such effect, as the share cannot move so far or too few differ"
_SHARE, _DIFFER = 0.5, 0.3  # where no run is there to tell
_LEAST = 1e-6  # share that can be named


class _Need(NamedTuple):
    """What one question needs.  None stands for what is not known."""

    what: str
    share: float  # solved, or of instances that one of two methods alone solves
    instances: int | None  # None where there can be no such effect
    dollars: float | None  # of one instance
    seconds: float | None = None  # of one instance
    now: int | None = None  # instances of the run
    detectable: float | None = None  # the effect that those would show


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
        "--share", metavar="SHARE", type=_share, help=f"expected to be solved (default: {_SHARE:.0%}%)"
    )
    parser.add_argument(
        "--differ", metavar="SHARE", type=_share,
        help=f"of instances expected to be solved by one of two methods alone (default: {_DIFFER:.0%}%)",
    )  # fmt: skip
    parser.add_argument("--model", metavar="NAME", help="whose price is taken, as in openai/gpt-4o")
    parser.add_argument("--tokens", metavar="IN,OUT", type=_tokens, help="of one case, e.g. 400,300")
    add_scoring(parser)
    add_formats(parser)
    parser.set_defaults(perform=plan)


def plan(options: Namespace) -> None:
    """Print how many instances the effect needs."""
    _check(options)
    if options.run is None:
        (alone, paired), notes = _from_shares(options), []
    else:
        records = read(options.run, options.scoring).records
        alone, paired = _of_methods(records, options.effect), _of_pairs(records, options.effect)
        notes = _left_out(records)
        if not alone:
            raise CommandError(
                f"{options.run}: no case was judged, all {len(records)} are errors; "
                "name a run that has judged cases"
            )
    effect = f"{100 * options.effect:g}%"
    title = f"to show that the share solved has moved by {effect}"
    sections = [section("", alone=_table("method", "solved", alone, title, *notes))]
    if paired:
        title = f"to show that two methods lie {effect} apart, on the same instances"
        sections.append(section("", paired=_table("methods", "differ", paired, title)))
    values = {
        "effect": options.effect,
        "alone": [each._asdict() for each in alone],
        "paired": [each._asdict() for each in paired],
    }
    show_sections(options.format, sections, lambda: values)


def _check(options: Namespace) -> None:
    """Refuse options that the plan would not heed."""
    if options.run is None:
        if options.scoring is not None:
            raise CommandError("--scoring: says what counts as correct in a RUN; name one")
        return
    for name in ("share", "differ", "model", "tokens"):
        if getattr(options, name) is not None:
            raise CommandError(
                f"--{name}: is for a plan without a RUN, which has its own; leave one of them out"
            )


def _from_shares(options: Namespace) -> tuple[list[_Need], list[_Need]]:
    dollars = _dollars(options)
    effect = options.effect
    share = _SHARE if options.share is None else options.share
    differ = _DIFFER if options.differ is None else options.differ
    moved = _to_move(share, effect)
    if moved is None:
        raise CommandError(
            f"--effect={100 * effect:g}%: a share of {100 * share:g}% cannot move so far; lower it"
        )
    if effect > differ:
        raise CommandError(
            f"--differ={100 * differ:g}%: methods that lie {100 * effect:g}% apart differ on more; raise it"
        )
    return (
        [_Need("a method", share, moved, dollars)],
        [_Need("two methods", differ, _to_differ(differ, effect), dollars and 2 * dollars)],
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


def _left_out(records: Iterable[Record]) -> list[str]:
    """Return a note on the methods of which no case was judged; none if there are none."""
    by_way = grouped(records, lambda record: (record.model, way(record)))
    names = [f"{model}: {name}" for (model, name), mine in by_way.items() if not judged(mine)]
    return [f"left out, as all their cases are errors: {'; '.join(names)}"] if names else []


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
    """Return how many instances show that a share is no longer *share*; None where it cannot move so far."""
    moved = share - effect if share >= 0.5 else share + effect  # towards one half, or beyond it
    return instances_to_clear(moved, share) if 0 <= moved <= 1 else None


def _to_differ(differ: float, effect: float) -> int | None:
    return pairs_to_clear((differ + effect) / 2, (differ - effect) / 2, 0.0) if effect <= differ else None


def _table(names: str, share: str, needs: Sequence[_Need], title: str, *more: str) -> Table:
    measured = any(need.now is not None for need in needs)
    rows = []
    for need in needs:
        row = [
            need.what,
            f"{need.share:.0%}",
            NONE if need.instances is None else f"{need.instances:,}",
            _in_all(need.instances, need.dollars, _amount),
        ]
        if measured:
            row += [
                _in_all(need.instances, need.seconds, _time),
                figure(need.now, ","),
                "none" if need.detectable is None else f"{need.detectable:.1%}",
            ]
        rows.append(row)
    columns = [names, share, "instances", "US$"] + (
        ["time one by one", "in the run", "which show"] if measured else []
    )
    impossible = [_IMPOSSIBLE] if any(need.instances is None for need in needs) else []
    return table_of(columns, rows, _NOTE, *impossible, *more, title=title)


def _in_all(instances: int | None, each: float | None, shown: Callable[[float], str]) -> str:
    """Return what all instances take as a table shows it."""
    if instances is None:
        return NONE
    return UNKNOWN if each is None else shown(instances * each)


def _amount(dollars: float) -> str:
    """Return dollars with the digits of the report where cents would not show them."""
    return format(dollars, ",.2f" if dollars >= 1 else ".5f")


def _time(seconds: float) -> str:
    """Return a time in the unit in which it is no less than one, if there is such."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:,.1f} h"


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
    if not _LEAST <= value < 1:
        raise ArgumentTypeError(f"{text!r} is no share: write one as 5% or 0.05, from {_LEAST:.4%}")
    return value


def _tokens(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise ArgumentTypeError(f"{text!r}: write tokens in and out, as in 400,300")
    return int(parts[0]), int(parts[1])
