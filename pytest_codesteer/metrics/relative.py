"""Intervals of numbers that are relative to the best of several methods.

The best of several noisy shares is also the luckiest.  So such a number is biased, and the more so the more
methods are the best in truth, which the data do not say.  Two truths that the data allow are supposed, and it
is drawn how far off what is observed would be in each of them:

scattered
    The shares of a task are normally distributed, with a standard deviation that is drawn from what is likely
    after the data, if any was equally likely before (Gelman 2006, Bayesian Analysis 1:515).
levelled
    All methods that lie within some standard errors of the best are equal.

The one gives an interval the end that less bias asks for, the other the end that more of it does.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, copysign, exp, inf, log, sqrt
from random import Random
from statistics import fmean, pstdev
from typing import NamedTuple

from pytest_codesteer.metrics.distributions import normal_cdf, student_quantile
from pytest_codesteer.metrics.intervals import Estimate
from pytest_codesteer.metrics.resampling import SEED, Stratum, redrawn

Shares = Sequence[float | None]  # of the cells of a stratum; None where there is no case
Figures = Callable[[Sequence[Shares]], Sequence[float | None]]  # from the shares of each stratum
Group = Sequence[int]  # cells whose best one is what others are relative to

REPLICATES = 500  # means and deviations, unlike percentiles, need no more
_ALIKE = 2.5  # standard errors of a difference within which methods may be equal
_SCATTER = tuple(at / 20 for at in range(11))  # standard deviations of the shares of a task: 0 to a half
_SURE = 0.01  # no share is taken to be surer than this


@dataclass(frozen=True, slots=True)
class Relative:
    """A number, and by how much it is off the truth in each replicate, if the truth is this or that."""

    value: float
    scattered: tuple[float | None, ...]  # None where the replicate does not define the number
    levelled: tuple[float | None, ...]
    n: int  # instances
    freedom: int  # degrees: instances that are more than one of their stratum


class _Likely(NamedTuple):
    """How the shares of a group are distributed if they scatter by one standard deviation."""

    mean: float
    error: float  # of the mean
    kept: tuple[float, ...]  # of each cell: what part of its distance from the mean is not chance


@dataclass(frozen=True, slots=True)
class _Field:
    """The cells of a group that have cases in a stratum."""

    cells: tuple[int, ...]
    shares: tuple[float, ...]
    errors: tuple[float, ...]  # standard errors against the mean of the group
    chances: tuple[float, ...]  # of each standard deviation, summed up
    likely: tuple[_Likely, ...]  # for each standard deviation


@dataclass(frozen=True, slots=True)
class _Task:
    """What was observed in a stratum."""

    shares: Shares
    lacks: tuple[float, ...]  # of each cell: the standard deviation that replicates do not show
    fields: tuple[_Field, ...]  # of each group


def relative(
    strata: Sequence[Stratum],
    groups: Sequence[Group],
    figures: Figures,
    *,
    replicates: int = REPLICATES,
    seed: str = SEED,
) -> list[Relative | None]:
    """Return each of the *figures*, which are relative to the best cells of the *groups*; None if undefined.

    A row holds for each cell what was scored and of how many cases.
    """
    rng = Random(seed)
    tasks = [_task(rows, groups, 2 / len(strata)) for rows in strata]
    level = [_levelled(task) for task in tasks]
    true_if_level = figures(level)
    scattered, levelled = [], []
    sizes, replicas = redrawn(strata, replicates=replicates, seed=seed)
    for sums in replicas:
        noise = [_noise(*each, rng) for each in zip(tasks, map(_shares, sums), sizes, strict=True)]
        scatter = [_scattered(task, rng) for task in tasks]
        scattered.append(_off(figures(_seen(scatter, noise)), figures(scatter)))
        levelled.append(_off(figures(_seen(level, noise)), true_if_level))
    observed = figures([task.shares for task in tasks])
    instances, freedom = sum(map(len, strata)), sum(sizes) - len(sizes)
    return [
        None if value is None else Relative(value, one, other, instances, freedom)
        for value, one, other in zip(
            observed, zip(*scattered, strict=True), zip(*levelled, strict=True), strict=True
        )
    ]


def centred(number: Relative, least: float = -inf, most: float = inf) -> Estimate:
    """Return the number with Student's interval, less the bias, within *least* and *most*.

    Where there is so much bias that the number itself would lie outside, it is the end.
    """
    sides = [_known(off) for off in (number.scattered, number.levelled)]
    if number.freedom < 1 or not all(sides):
        return Estimate(number.value, -inf, inf, number.n)
    wide = student_quantile(0.975, number.freedom)
    (over, spread), (under, other) = sorted(((fmean(off), pstdev(off)) for off in sides), reverse=True)
    low, high = number.value - over - wide * spread, number.value - under + wide * other
    low, high = min(max(low, least), number.value), max(min(high, most), number.value)
    return Estimate(number.value, low, high, number.n)


def placed(numbers: Sequence[Relative], at: int) -> tuple[int, int]:
    """Return between which ranks one of several numbers lies, the greatest of which has rank 1.

    Numbers stand above or below it that differ from it by more than the greatest of all these differences
    does by chance (Mogstad, Romano, Shaikh and Wilhelm 2024, Rev. Econ. Stud. 91:476).
    """
    mine, others = numbers[at], [other for number, other in enumerate(numbers) if number != at]
    if mine.freedom < 1:
        return 1, len(numbers)
    gaps = [_gap(mine, other) for other in others]
    worst = sorted(max(map(abs, drawn)) for drawn in zip(*(gap.drawn for gap in gaps), strict=True))
    tail = 2 * normal_cdf(student_quantile(0.025, mine.freedom))
    most = worst[ceil((1 - tail) * (len(worst) - 1))] if worst else 0.0
    return 1 + sum(gap.size > most for gap in gaps), len(numbers) - sum(gap.size < -most for gap in gaps)


class _Gap(NamedTuple):
    """By how much a number is greater than another one, in standard errors."""

    size: float
    drawn: tuple[float, ...]  # what it is by chance


def _gap(mine: Relative, other: Relative) -> _Gap:
    off = [
        0.0 if one is None or two is None else two - one
        for one, two in zip(mine.scattered, other.scattered, strict=True)
    ]
    middle, spread = fmean(off), pstdev(off)
    size = other.value - mine.value
    if spread == 0:
        return _Gap(copysign(inf, size) if size else 0.0, tuple(off))
    return _Gap(size / spread, tuple((each - middle) / spread for each in off))


def _seen(truth: Sequence[Shares], noise: Sequence[Sequence[float]]) -> list[Shares]:
    return [
        [None if share is None else share + off for share, off in zip(shares, offs, strict=True)]
        for shares, offs in zip(truth, noise, strict=True)
    ]


def _off(seen: Sequence[float | None], truth: Sequence[float | None]) -> list[float | None]:
    return [
        None if one is None or other is None else one - other for one, other in zip(seen, truth, strict=True)
    ]


def _known(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)


def _noise(task: _Task, drawn: Shares, size: int, rng: Random) -> list[float]:
    """Return by how much each share is off in a replicate that was *drawn* of so many rows."""
    wide = sqrt(size / (size - 1)) if size > 1 else 1.0
    return [
        (0.0 if share is None or other is None else (other - share) * wide)
        + (rng.gauss() * lack if lack else 0.0)
        for share, other, lack in zip(task.shares, drawn, task.lacks, strict=True)
    ]


def _shares(sums: Iterable[float]) -> list[float | None]:
    row = list(sums)
    return [row[at] / row[at + 1] if row[at + 1] else None for at in range(0, len(row), 2)]


def _task(rows: Stratum, groups: Sequence[Group], more: float) -> _Task:
    shares = _shares(map(sum, zip(*rows, strict=True)))
    lacks = tuple(_lack(rows, at, more) for at in range(len(shares)))
    known = [{at: share for at in group if (share := shares[at]) is not None} for group in groups]
    return _Task(shares, lacks, tuple(_field(rows, cells) for cells in known if cells))


def _field(rows: Stratum, cells: Mapping[int, float]) -> _Field:
    values = tuple(cells.values())
    errors = _errors(rows, cells) if len(cells) > 1 else (_SURE,)
    likely, logs = zip(*(_likely(values, errors, scatter) for scatter in _SCATTER), strict=True)
    chances = accumulate(exp(each - max(logs)) for each in logs)
    return _Field(tuple(cells), values, errors, tuple(chances), likely)


def _errors(rows: Stratum, shares: Mapping[int, float]) -> tuple[float, ...]:
    """Return standard errors against the mean of the cells: what is common to all of them moves no rank."""
    n, of = len(rows), len(shares)
    cases = {at: sum(row[2 * at + 1] for row in rows) for at in shares}
    squares = dict.fromkeys(shares, 0.0)
    for row in rows:
        pulls = {at: (row[2 * at] - share * row[2 * at + 1]) / cases[at] for at, share in shares.items()}
        middle = fmean(pulls.values())
        for at, pull in pulls.items():
            squares[at] += (pull - middle) ** 2
    lacks = {at: _lack(rows, at, 2.0) ** 2 for at in shares}
    common, wide = sum(lacks.values()) / of**2, n / (n - 1) if n > 1 else 1.0
    return tuple(
        max(_SURE, sqrt((square * wide + lacks[at] * (1 - 2 / of) + common) * of / (of - 1)))
        for at, square in squares.items()
    )


def _lack(rows: Stratum, at: int, more: float) -> float:
    """Return by what standard deviation the one observed of a cell's share is too small.

    Few instances make a share near 0 or 1 seem surer than it is: none of ten would have no variance at all.
    The smoothed share of Agresti and Coull (1998, Am. Stat. 52:119) has one.  They add two hits and two
    misses; of a mean over strata, each of them needs but its part of *more*.
    """
    n = sum(row[2 * at + 1] > 0 for row in rows)
    if not n:
        return 0.0
    share = sum(row[2 * at] for row in rows) / sum(row[2 * at + 1] for row in rows)
    smooth = (share * n + more) / (n + 2 * more)
    return sqrt(max(0.0, smooth * (1 - smooth) / (n + 2 * more) - share * (1 - share) / n))


def _likely(shares: Sequence[float], errors: Sequence[float], scatter: float) -> tuple[_Likely, float]:
    """Return what shares are like if they scatter so, and the logarithm of how likely it is that they do."""
    variances = [scatter**2 + error**2 for error in errors]
    weight = sum(1 / variance for variance in variances)
    mean = sum(share / variance for share, variance in zip(shares, variances, strict=True)) / weight
    fit = sum(
        (share - mean) ** 2 / variance + log(variance)
        for share, variance in zip(shares, variances, strict=True)
    )
    kept = tuple(scatter**2 / variance for variance in variances)
    return _Likely(mean, 1 / sqrt(weight), kept), -(fit + log(weight)) / 2


def _scattered(task: _Task, rng: Random) -> list[float | None]:
    """Return what the shares may be in truth if those of a field scatter."""
    truth = list(task.shares)
    for field in task.fields:
        likely = field.likely[bisect_left(field.chances, rng.random() * field.chances[-1])]
        middle = rng.gauss(likely.mean, likely.error)
        for at, share, error, kept in zip(field.cells, field.shares, field.errors, likely.kept, strict=True):
            drawn = middle + kept * (share - middle) + rng.gauss() * sqrt(kept) * error
            truth[at] = min(max(drawn, 0.0), 1.0)
    return truth


def _levelled(task: _Task) -> list[float | None]:
    """Return what the shares are in truth if all that may be the best of a field are alike."""
    truth = list(task.shares)
    for field in task.fields:
        best, sure = max(zip(field.shares, field.errors, strict=True), key=lambda each: each[0])
        alike = [
            best - share < _ALIKE * sqrt(sure**2 + error**2)
            for share, error in zip(field.shares, field.errors, strict=True)
        ]
        level = fmean(share for share, same in zip(field.shares, alike, strict=True) if same)
        for at, share, same in zip(field.cells, field.shares, alike, strict=True):
            truth[at] = level if same else min(share, level)
    return truth
