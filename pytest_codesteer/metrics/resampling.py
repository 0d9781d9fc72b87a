"""Intervals of numbers that are made of several shares, by the bootstrap: resampling instances."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf, sqrt
from operator import itemgetter
from random import Random
from statistics import harmonic_mean

from pytest_codesteer.metrics.distributions import normal_cdf, student_quantile
from pytest_codesteer.metrics.intervals import Estimate

REPLICATES = 1000
SEED = "codesteer"  # the same records give the same intervals

Row = tuple[float, ...]  # of one instance: what is summed up over instances
Stratum = Sequence[Row]  # the instances of one task; rows of a stratum are equally long
Draw = Callable[[Stratum], Stratum]  # gives as many rows, some of them several times


@dataclass(frozen=True, slots=True)
class Resampled:
    """A number, and what it would be on other instances."""

    value: float
    drawn: tuple[float | None, ...]  # of each replicate; None where that does not define the number
    n: int  # instances
    size: float  # rows of a stratum, the harmonic mean: what the variance of a mean of strata goes by


def resample(
    strata: Sequence[Stratum],
    statistics: Callable[[Sequence[Row]], Sequence[float | None]],
    *,
    replicates: int = REPLICATES,
    seed: str = SEED,
) -> list[Resampled | None]:
    """Return each of the *statistics*, which are made of the sums of each stratum; None if not defined.

    Instances are drawn anew within their stratum.  Where all of them are alike, they tell no more than one.
    """
    observed = statistics([_sums(rows) for rows in strata])
    sizes, replicas = redrawn(strata, replicates=replicates, seed=seed)
    drawn = [statistics(sums) for sums in replicas]
    instances = sum(map(len, strata))
    size = harmonic_mean(sizes) if any(len(set(rows)) > 1 for rows in strata) else 1.0
    return [
        None if value is None else Resampled(value, mine, instances, size)
        for value, mine in zip(observed, zip(*drawn, strict=True), strict=True)
    ]


def redrawn(
    strata: Sequence[Stratum], *, replicates: int, seed: str
) -> tuple[list[int], Iterator[list[Row]]]:
    """Return how many rows of each stratum are drawn, and for each replicate the sums of each stratum."""
    most = max(50, 200 // len(strata))
    blocks = [_blocks(rows, most, Random(seed)) for rows in strata]
    sizes = list(map(len, blocks))
    return sizes, (
        [_sums(draw(rows)) for rows, draw in zip(blocks, draws, strict=True)]
        for draws in _draws(tuple(sizes), replicates, seed)
    )


def percentiles(number: Resampled) -> Estimate:
    """Return the number between percentiles, widened for small samples (Hesterberg 2015, Am. Stat. 69:371).

    A replicate that does not define the number counts as infinite: it leaves the upper end open.
    """
    if number.size < 2:
        return Estimate(number.value, -inf, inf, number.n)
    ordered = sorted(inf if other is None else other for other in number.drawn)
    wide = student_quantile(0.025, number.size - 1) * sqrt(number.size / (number.size - 1))
    tail, last = normal_cdf(wide), len(ordered) - 1
    return Estimate(number.value, ordered[floor(tail * last)], ordered[ceil((1 - tail) * last)], number.n)


@lru_cache(maxsize=4)  # methods of a run have as many instances, and to draw them takes longer than to sum
def _draws(sizes: tuple[int, ...], replicates: int, seed: str) -> list[list[Draw]]:
    """Return for each replicate what draws from strata of such *sizes*."""
    rng = Random(seed)
    return [[_draw(rng.choices(range(size), k=size)) for size in sizes] for _ in range(replicates)]


def _draw(places: Sequence[int]) -> Draw:
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(None))  # a tuple also of one


def _blocks(rows: Stratum, most: int, rng: Random) -> Stratum:
    """Return the sums of at most so many random blocks, which vary as instances do, and take less time."""
    if len(rows) <= 2 * most:
        return rows
    mixed = rng.sample(rows, len(rows))
    return [_sums(mixed[at::most]) for at in range(most)]


def _sums(rows: Stratum) -> Row:
    return tuple(map(sum, zip(*rows, strict=True)))
