"""Two runs, or two methods of a run, compared on what they have in common.

Cases are aligned on task, level, the digest of the instance, method, model, turns and epoch; what is not
common to both sides, or was not judged on one of them, is counted and left out.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pytest_codesteer.metrics.paired import Change, change, holm
from pytest_codesteer.metrics.summary import grouped, instance_of, judged, way
from pytest_codesteer.runlog import Record


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two sides: a method before and after, or two methods."""

    model: str
    before: str  # the way on either side
    after: str
    change: Change
    p_family: float  # the change's p, adjusted for all those that it is shown with (Holm)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side."""

    differences: tuple[Difference, ...]  # of each model and way with cases in common
    only_before: int  # judged cases without a counterpart
    only_after: int
    errors: int  # cases that ended in an error, on either side


def compare_runs(
    before: Iterable[Record], after: Iterable[Record], *, across_models: bool = False
) -> Comparison:
    """Compare two runs, method by method; *across_models*, two runs of one model each, model to model.

    Raises `ValueError` when a side of such a comparison holds several models.
    """
    old, new = list(before), list(after)
    if across_models:
        models = [sorted({record.model for record in side}) for side in (old, new)]
        if any(len(names) > 1 for names in models):
            raise ValueError(f"one model on each side can be compared, not {models[0]} with {models[1]}")
        old = [replace(record, model=name) for record in old for name in models[1]]
    common = aligned(old, new)
    by_way = grouped(common, lambda pair: (pair[1].model, way(pair[1])))
    found = [Difference(model, name, name, change_of(mine), 1.0) for (model, name), mine in by_way.items()]
    return Comparison(
        differences=_adjusted(found),
        only_before=len(judged(old)) - len(common),
        only_after=len(judged(new)) - len(common),
        errors=len(old) + len(new) - len(judged(old)) - len(judged(new)),
    )


def compare_methods(records: Iterable[Record]) -> tuple[Difference, ...]:
    """Compare every two methods of a run on the same instances, model by model."""
    found = []
    for model, mine in grouped(judged(records), lambda record: record.model).items():
        by_way = {name: _keyed(cases, lambda _: ()) for name, cases in grouped(mine, way).items()}
        for (one, left), (other, right) in combinations(by_way.items(), 2):
            pairs = [(left[key], right[key]) for key in left if key in right]
            if pairs:
                found.append(Difference(model, one, other, change_of(pairs), 1.0))
    return _adjusted(found)


def change_of(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Return the change of the share solved over pairs of records."""
    return change(
        [old.correct for old, _ in pairs],
        [new.correct for _, new in pairs],
        [instance_of(new) for _, new in pairs],
    )


def aligned(before: Iterable[Record], after: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Return the pairs of judged records that two runs have in common, in the order of *after*."""
    old, new = (_keyed(judged(side), lambda r: (r.method, r.model, r.turns)) for side in (before, after))
    return [(old[key], new[key]) for key in new if key in old]


def _keyed(records: Iterable[Record], more: Callable[[Record], Hashable]) -> dict[Hashable, Record]:
    """Return the records by what they are aligned on.

    A generator may draw an instance twice: the first of them on one side goes with the first on the other.
    """
    seen: Counter[Hashable] = Counter()
    keyed: dict[Hashable, Record] = {}
    for record in sorted(records, key=lambda record: record.instance):
        key = (record.task, record.level, record.digest, record.epoch, more(record))
        keyed[key, seen[key]] = record
        seen[key] += 1
    return keyed


def _adjusted(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """Adjust the p values of a family."""
    values = holm([difference.change.p for difference in found])
    return tuple(replace(each, p_family=p) for each, p in zip(found, values, strict=True))
