"""Numbers from records.  Pure; a number that cannot be computed is None, never 0.

Rates are over all cases that were judged; a case that ended in an error was not, and is counted apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import TypeVar

from pytest_codesteer.runlog import Record

T = TypeVar("T")

Z95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of cases, with its 95 % interval."""

    hits: int
    n: int
    low: float  # 0-1
    high: float  # 0-1

    @property
    def value(self) -> float:
        """The share, 0-1."""
        return self.hits / self.n


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share, 0-1 (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    >>> low, high = wilson(8, 10)
    >>> f"{low:.3f} {high:.3f}"
    '0.490 0.943'
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"no share: {hits} of {n}")
    p, z2 = hits / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def rate(hits: Iterable[bool]) -> Rate | None:
    """Return the share of true values; None when there is no value."""
    counted = list(hits)
    if not counted:
        return None
    return Rate(sum(counted), len(counted), *wilson(sum(counted), len(counted)))


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean; None when there is no value, or one that is not known."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return fmean(known) if known and len(known) == len(listed) else None


def total(values: Iterable[float | None]) -> float | None:
    """Return the sum; None when a value is not known."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if len(known) == len(listed) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a set of cases.  Tokens, dollars, seconds and requests are means of one case."""

    cases: int  # with those that ended in an error
    errors: int
    solved: Rate | None
    score: float | None  # mean partial credit, 0-1
    by_code: Rate | None  # of the judged cases, those whose final text a program printed
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
    judged = [record for record in listed if record.outcome != "error"]
    return Summary(
        cases=len(listed),
        errors=len(listed) - len(judged),
        solved=rate(record.correct for record in judged),
        score=mean(record.score for record in judged),
        by_code=rate(record.answered_by == "code" for record in judged),
        unreadable=rate(record.outcome == "unreadable" for record in judged),
        limit=rate(record.outcome == "limit" for record in judged),
        prompt_tokens=mean(record.prompt_tokens for record in judged),
        completion_tokens=mean(record.completion_tokens for record in judged),
        dollars=mean(record.dollars for record in judged),
        model_seconds=mean(record.model_seconds for record in judged),
        code_seconds=mean(record.code_seconds for record in judged),
        requests=mean(record.requests for record in judged),
    )


def grouped(records: Iterable[Record], key: Callable[[Record], T]) -> dict[T, Sequence[Record]]:
    """Return the records by a key, in order of its first appearance."""
    groups: dict[T, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return dict(groups)
