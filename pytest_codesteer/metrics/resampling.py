"""Intervals of numbers that are made of several shares, by resampling instances."""

from collections.abc import Callable, Sequence
from math import ceil, floor, inf, sqrt
from random import Random
from statistics import harmonic_mean

from pytest_codesteer.metrics.distributions import normal_cdf, student_quantile
from pytest_codesteer.metrics.intervals import Estimate

REPLICATES = 1000

Row = tuple[float, ...]  # of one instance: what is summed up over instances
Stratum = Sequence[Row]  # the instances of one task; rows of a stratum are equally long


def bootstrap(
    strata: Sequence[Stratum],
    statistics: Callable[[Sequence[Row]], Sequence[float | None]],
    rng: Random,
    *,
    replicates: int = REPLICATES,
) -> list[Estimate | None]:
    """Return each of *statistics* with its interval; None for one that the data do not define.

    *statistics* makes its numbers of the sums of each stratum.  Instances are drawn anew within their
    stratum, and the percentiles are widened for small samples (Hesterberg 2015, Am. Stat. 69:371, section
    5.3).  A replicate that does not define a number counts as infinite: it leaves the upper end open.
    """
    observed = statistics([_sums(rows) for rows in strata])
    sizes = [len(rows) for rows in strata]
    size = harmonic_mean(sizes)
    drawn = [
        statistics([_sums(rng.choices(rows, k=len(rows))) for rows in strata]) for _ in range(replicates)
    ]
    return [
        None if value is None else _estimate(value, [row[at] for row in drawn], size, sum(sizes))
        for at, value in enumerate(observed)
    ]


def _sums(rows: Stratum) -> Row:
    return tuple(map(sum, zip(*rows, strict=True)))


def _estimate(value: float, drawn: Sequence[float | None], size: float, n: int) -> Estimate:
    if size < 2:
        return Estimate(value, -inf, inf, n)
    ordered = sorted(inf if other is None else other for other in drawn)
    tail = normal_cdf(student_quantile(0.025, size - 1) * sqrt(size / (size - 1)))
    last = len(ordered) - 1
    return Estimate(value, ordered[floor(tail * last)], ordered[ceil((1 - tail) * last)], n)
