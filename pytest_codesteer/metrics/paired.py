"""Two shares of the same instances, compared: differences, tests, and corrections for many of them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from pytest_codesteer.metrics.distributions import Z95, binomial_tail, student_cdf, student_quantile
from pytest_codesteer.metrics.intervals import Estimate, clusters_of, mean_of


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a share between two sides, over pairs of cases."""

    pairs: int
    size: float  # independent pairs that tell as much
    before: float  # share, 0-1
    after: float  # share, 0-1
    gained: int  # pairs that are correct after and not before
    lost: int  # pairs that are correct before and not after
    difference: Estimate  # after - before, -1 to 1
    p: float  # of no difference, two-sided


def change(before: Sequence[bool], after: Sequence[bool], instances: Sequence[Hashable]) -> Change:
    """Compare two sides pair by pair.  Raises `ValueError` when there is no pair.

    Where no instance occurs twice, the test is McNemar's exact one and the interval Tango's; else the test is
    Student's over the instances' differences, and Tango's interval is that of as many independent pairs as
    the instances are worth.
    """
    if not before:
        raise ValueError("no pairs to compare")
    steps = [float(a) - float(b) for b, a in zip(before, after, strict=True)]
    gained, lost, n = steps.count(1.0), steps.count(-1.0), len(steps)
    clusters = clusters_of(steps, instances)
    size = _effective_pairs(clusters, gained, lost, n)
    low, high = tango(gained / n * size, lost / n * size, size)
    p = mcnemar(gained, lost) if len(clusters) == n else clustered_test(clusters)
    difference = Estimate((gained - lost) / n, low, high, len(clusters))
    return Change(n, size, sum(before) / n, sum(after) / n, gained, lost, difference, p)


def mcnemar(gained: int, lost: int) -> float:
    """Return the exact two-sided p of as many gains as losses (McNemar 1947, Psychometrika 12:153)."""
    return min(1.0, 2 * binomial_tail(min(gained, lost), gained + lost))


def clustered_test(clusters: Sequence[tuple[float, float]]) -> float:
    """Return the two-sided p of a mean of zero over clusters of (sum, cases), by Student's t.

    A single cluster tells nothing: its p is 1.
    """
    estimate = mean_of(clusters)
    if estimate.value == 0 or len(clusters) == 1:
        return 1.0
    half = estimate.high - estimate.value
    if half == 0:
        return 0.0
    freedom = len(clusters) - 1
    t = estimate.value / half * student_quantile(0.975, freedom)
    return 2 * student_cdf(-abs(t), freedom)


def holm(values: Mapping[str, float] | Sequence[float]) -> list[float]:
    """Return the p values of a family, adjusted for its size (Holm 1979, Scand. J. Stat. 6:65), in order."""
    listed = list(values.values() if isinstance(values, Mapping) else values)
    adjusted, most = [0.0] * len(listed), 0.0
    for done, at in enumerate(sorted(range(len(listed)), key=listed.__getitem__)):
        most = max(most, min(1.0, (len(listed) - done) * listed[at]))
        adjusted[at] = most
    return adjusted


def tango(gained: float, lost: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a difference of paired shares (Tango 1998, Stat. Med. 17:891), -1 to 1.

    Unlike intervals that rest on the variance observed, it is not empty where no pair differs.
    """
    at = (gained - lost) / n
    return (
        _crossing(lambda d: _score(gained, lost, n, d) - z, -1.0, at),
        -_crossing(lambda d: _score(lost, gained, n, d) - z, -1.0, -at),
    )


def variance_at(difference: float, gained: float, lost: float) -> float:
    """Return a pair's likeliest variance were the true difference *difference*; *gained*, *lost*: shares."""
    b = -gained - lost + (2 - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    rare = (sqrt(max(0.0, b * b - 8 * c)) - b) / 4  # the likeliest share of losses
    return 2 * rare + difference * (1 - difference)


def _score(gained: float, lost: float, n: float, difference: float) -> float:
    """Return how many standard errors the observed difference lies above *difference*."""
    observed = (gained - lost) / n - difference
    variance = variance_at(difference, gained / n, lost / n) / n
    if variance <= 0:
        return 0.0 if observed == 0 else inf if observed > 0 else -inf
    return observed / sqrt(variance)


def _crossing(function: Callable[[float], float], above: float, below: float) -> float:
    """Return where a falling *function* crosses zero, by bisection."""
    for _ in range(50):
        middle = (above + below) / 2
        above, below = (middle, below) if function(middle) > 0 else (above, middle)
    return (above + below) / 2


def _effective_pairs(clusters: Sequence[tuple[float, float]], gained: float, lost: float, n: int) -> float:
    """Return how many independent pairs tell as much of a difference as *clusters* do."""
    if len(clusters) == n:
        return n
    as_one = n * n / sum(cases * cases for _, cases in clusters)
    share = (gained - lost) / n
    alone = (gained + lost) / n - share * share  # the variance of one pair
    half = mean_of(clusters).high - share
    if half == 0 or alone == 0 or half == inf:
        return as_one
    return min(n, alone * (Z95 / half) ** 2)
