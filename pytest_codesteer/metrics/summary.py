"""Numbers of a set of records.

Rates and means are over all cases that were judged; a case that ended in an error was not, and is counted
apart.  What is spent counts whatever came of it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, TypeVar

from pytest_codesteer.metrics.intervals import (
    Estimate,
    Rate,
    Undefined,
    clusters_of,
    mean,
    rate,
    share_of,
    skewed_mean_of,
)
from pytest_codesteer.metrics.resampling import percentiles, resample
from pytest_codesteer.runlog import Record

T = TypeVar("T")
V = TypeVar("V")

MEANS = (
    "score",
    "prompt_tokens",
    "completion_tokens",
    "dollars",
    "model_seconds",
    "code_seconds",
    "requests",
)
SPENT: Mapping[str, Callable[[Record], float | None]] = {
    "tokens": lambda record: record.tokens,
    "dollars": lambda record: record.dollars,
    "seconds": lambda record: record.seconds,
}


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a set of cases.  Tokens, dollars, seconds and requests are means of one case."""

    cases: int  # with those that ended in an error
    errors: int
    error_rate: Rate | None  # of all cases
    solved: Rate | None
    score: float | None  # mean partial credit, 0-1
    by_code: Rate | None  # of the judged cases, those whose final text a program printed
    used_code: Rate | None  # of the judged cases, those in which a program was run: the code usage rate
    unreadable: Rate | None
    limit: Rate | None
    prompt_tokens: float | None
    completion_tokens: float | None
    dollars: float | None
    model_seconds: float | None
    code_seconds: float | None
    requests: float | None


def summarise(records: Iterable[Record]) -> Summary:
    """Return the figures of *records*."""
    listed = list(records)
    known = judged(listed)
    return Summary(
        cases=len(listed),
        errors=len(listed) - len(known),
        error_rate=share(listed, lambda record: record.outcome == "error"),
        solved=solved(known),
        by_code=share(known, lambda record: record.answered_by == "code"),
        used_code=share(known, lambda record: record.used_code),
        unreadable=share(known, lambda record: record.outcome == "unreadable"),
        limit=share(known, lambda record: record.outcome == "limit"),
        **{name: mean(getattr(record, name) for record in known) for name in MEANS},
    )


def solved(records: Iterable[Record]) -> Rate | None:
    """Return the share of the judged cases that are correct; None when there is none."""
    return share(judged(records), lambda record: record.correct)


def mean_estimate(records: Iterable[Record], name: str) -> Estimate | Undefined:
    """Return the mean of a field of `MEANS` over the judged cases, with its interval.

    Scores that are all alike make no later one so: they have the interval of a share of as many cases.
    """
    known = judged(records)
    values = [getattr(record, name) for record in known]
    if not known or None in values:
        return Undefined(f"{name} is not known for {values.count(None)} of {len(known)} judged cases")
    clusters = clusters_of(values, map(instance_of, known))
    if name == "score" and len(set(values)) == 1:
        alike = share_of(clusters)
        return Estimate(alike.value, alike.low, alike.high, len(clusters))
    return skewed_mean_of(clusters)


def per_solved(
    records: Iterable[Record], spent: Literal["tokens", "dollars", "seconds"]
) -> Estimate | Undefined:
    """Return what one solved case costs, the costs of all the others included."""
    listed = list(records)
    costs = [SPENT[spent](record) for record in listed]
    if None in costs:
        return Undefined(f"the {spent} of {costs.count(None)} of {len(listed)} cases are not known")
    rows = [
        (sum(SPENT[spent](record) or 0.0 for record in mine), float(sum(record.correct for record in mine)))
        for mine in grouped(listed, instance_of).values()
    ]
    (number,) = resample([rows], lambda sums: [_ratio(*sums[0])])
    return percentiles(number) if number else Undefined("no case is solved")


def all_of(records: Iterable[Record], k: int) -> Rate | Undefined:
    """Return pass^k: the chance that *k* epochs of an instance are all correct.

    Of the n epochs of an instance, c of them correct, that is C(c, k) / C(n, k) (Yao et al. 2024,
    arXiv:2406.12045).
    """
    by_instance = grouped(judged(records), instance_of)
    counts = [(sum(record.correct for record in mine), len(mine)) for mine in by_instance.values()]
    few = sum(n < k for _, n in counts)
    if few or not counts:
        return Undefined(
            f"pass^{k} needs {k} judged epochs of each instance; {few} of {len(counts)} have less"
        )
    chances = [(comb(hits, k) / comb(n, k), 1) for hits, n in counts]
    return share_of(chances, most=sum(n for _, n in counts))


def judged(records: Iterable[Record]) -> list[Record]:
    """Return the records that did not end in an error."""
    return [record for record in records if record.outcome != "error"]


def share(records: Sequence[Record], hit: Callable[[Record], bool]) -> Rate | None:
    """Return the share of *records* for which *hit* holds, its interval clustered by instance."""
    return rate(map(hit, records), map(instance_of, records))


def instance_of(record: Record) -> Hashable:
    """Return what says which instance a record is of, within a run."""
    return record.task, record.seed, record.instance


def way(record: Record) -> str:
    """Return how a table calls the method of a record: with its turns, where they are more than one."""
    return way_of(record.method, record.turns)


def way_of(method: str, turns: int) -> str:
    """Return how a table calls a method that was given so many turns.

    >>> way_of("all_code", 2)
    'all_code (2 turns)'
    """
    return method if turns == 1 else f"{method} ({turns} turns)"


def grouped(records: Iterable[V], key: Callable[[V], T]) -> dict[T, Sequence[V]]:
    """Return the records by a key, in order of its first appearance."""
    groups: dict[T, list[V]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return dict(groups)


def _ratio(spent: float, solved: float) -> float | None:
    return spent / solved if solved else None
