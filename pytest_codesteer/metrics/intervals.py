"""Shares and means with their 95 % intervals.

A case is not independent of another one on the same instance, as in the epochs of a run or where several
methods are taken together.  So an interval rests on *clusters*: for each instance its hits and its cases.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import cbrt, inf, sqrt
from statistics import fmean

from pytest_codesteer.metrics.distributions import Z95, student_quantile

Cluster = tuple[float, float]  # of one instance: the sum of what was counted, and how many cases


@dataclass(frozen=True, slots=True)
class Undefined:
    """Stands where a number would, when there is none."""

    why: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; an end that the data do not bound is infinite."""

    value: float
    low: float
    high: float
    n: int  # instances that it rests on


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of cases, with its 95 % interval."""

    hits: float
    n: int  # cases
    low: float  # 0-1
    high: float  # 0-1
    instances: int  # that the cases are of
    size: float  # independent cases that tell as much

    @property
    def value(self) -> float:
        """The share, 0-1."""
        return self.hits / self.n


def wilson(hits: float, n: float, z: float = Z95) -> tuple[float, float]:
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
    # Of no hits and of hits alone, an end is 0 or 1; rounding must not put it a hair inside.
    return (max(0.0, centre - half) if hits else 0.0), (min(1.0, centre + half) if hits < n else 1.0)


def rate(hits: Iterable[bool], instances: Iterable[Hashable] | None = None) -> Rate | None:
    """Return the share of true values; None when there is no value.

    *instances* says for each value which instance it is of; without it, each is of its own.
    """
    counted = [float(hit) for hit in hits]
    if not counted:
        return None
    keys = range(len(counted)) if instances is None else instances
    return share_of(clusters_of(counted, keys))


def share_of(clusters: Sequence[Cluster], most: float | None = None) -> Rate:
    """Return the share of hits in *clusters*, each of (hits, cases).

    They count as *most* independent cases at most; without it, as the cases that they are.
    """
    hits, n = sum(hits for hits, _ in clusters), sum(cases for _, cases in clusters)
    size = effective_size(clusters, n if most is None else most)
    low, high = wilson(min(hits / n, 1.0) * size, size)
    return Rate(hits, round(n), low, high, len(clusters), size)


def effective_size(clusters: Sequence[Cluster], most: float) -> float:
    """Return how many independent cases tell as much of a share as *clusters* do: *most*, or less.

    That is the number of cases over the design effect (Kish 1965, section 8.2), where the variance between
    clusters is that of a ratio, with Student's quantile in place of the normal one.  Where all cases agree
    nothing can be learnt of it, and clusters count as if their cases always did.
    """
    n = sum(cases for _, cases in clusters)
    if len(clusters) == n and all(value in (0, 1) for value, _ in clusters):
        return n
    share = sum(value for value, _ in clusters) / n
    as_one = n * n / sum(cases * cases for _, cases in clusters)
    if not 0 < share < 1 or len(clusters) == 1:
        return as_one
    variance = _ratio_variance(clusters, share)
    if variance <= 0:
        return n
    narrow = (Z95 / student_quantile(0.975, len(clusters) - 1)) ** 2
    return min(most, share * (1 - share) / variance * narrow)


def mean_of(clusters: Sequence[Cluster]) -> Estimate:
    """Return the mean of any quantity, with Student's interval over *clusters*, each of (sum, cases)."""
    n = sum(cases for _, cases in clusters)
    value = sum(total for total, _ in clusters) / n
    if len(clusters) == 1:
        return Estimate(value, -inf, inf, 1)
    half = student_quantile(0.975, len(clusters) - 1) * sqrt(_ratio_variance(clusters, value))
    return Estimate(value, value - half, value + half, len(clusters))


def skewed_mean_of(clusters: Sequence[Cluster]) -> Estimate:
    """Return the mean of a quantity that may be skewed, as costs are.

    Student's interval lies too low for a quantity that is now and then great.  Hall's transformation of the
    statistic (1992, J. R. Stat. Soc. B 54:221) takes off what the skewness of the clusters does to it.
    """
    student = mean_of(clusters)
    n = sum(cases for _, cases in clusters)
    off = [(value - student.value * cases) * len(clusters) / n for value, cases in clusters]
    variance = fmean(each**2 for each in off)
    if variance == 0 or student.high == inf:
        return student
    skewness = fmean(each**3 for each in off) / variance**1.5
    spread = sqrt(variance * len(off) / (len(off) - 1))
    wide = student_quantile(0.975, len(off) - 1)
    low, high = (student.value - spread * _skewed(sign * wide, skewness, len(off)) for sign in (1, -1))
    return Estimate(student.value, low, high, len(clusters))


def _skewed(point: float, skewness: float, n: int) -> float:
    """Return where a mean in standard deviations lies whose transformed statistic lies at *point*."""
    plain = point / sqrt(n) - skewness / (6 * n)
    return 3 / skewness * (cbrt(1 + skewness * plain) - 1) if abs(skewness) > 1e-6 else plain


def clusters_of(values: Iterable[float], instances: Iterable[Hashable]) -> list[Cluster]:
    """Return for each instance the sum of its values and their number."""
    sums: dict[Hashable, tuple[float, int]] = {}
    for value, instance in zip(values, instances, strict=True):
        total, cases = sums.get(instance, (0.0, 0))
        sums[instance] = (total + value, cases + 1)
    return list(sums.values())


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


def _ratio_variance(clusters: Sequence[Cluster], ratio: float) -> float:
    """Return the variance of a ratio of sums over clusters (Cochran 1977, section 6.3)."""
    k, n = len(clusters), sum(cases for _, cases in clusters)
    return k / (k - 1) * sum((value - ratio * cases) ** 2 for value, cases in clusters) / (n * n)
