"""How many instances a question needs, and what a number of instances can tell.

All figures are for 95 % intervals and a power of 80 %: the answer comes out in four runs of five.
"""

from collections.abc import Callable
from math import ceil, floor, isinf, sqrt

from pytest_codesteer.metrics.distributions import Z95, incomplete_beta, normal_quantile
from pytest_codesteer.metrics.intervals import Estimate
from pytest_codesteer.metrics.paired import variance_at

POWER = 0.8
_Z_POWER = normal_quantile(POWER)
_COUNTED = 100_000  # instances up to which their number is exact


def instances_to_clear(share: float, bound: float) -> int | None:
    """Return how many instances show on which side of *bound* a share of *share* lies; None if it is on it.

    So many, and every larger number, put Wilson's interval on that side in four runs of five, by the binomial
    distribution.  Beyond 100,000 the number is the approximate one of Fleiss, Levin and Paik (2003, section
    2.7), with their correction for continuity.
    """
    if share < bound:  # what holds of the hits below a bound holds of the misses above one
        share, bound = 1 - share, 1 - bound
    if share == bound:
        return None
    about = _instances_about(share, bound)
    return about if about > _COUNTED else _instances_exactly(share, bound, about)


def pairs_to_clear(gained: float, lost: float, bound: float) -> int | None:
    """Return how many pairs show on which side of *bound* a difference of shares lies; None if it is on it.

    *gained* and *lost* are the shares of pairs of which the one side alone, or the other, is correct.
    """
    difference = gained - lost
    if difference == bound:
        return None
    tied, free = variance_at(bound, gained, lost), gained + lost - difference**2
    spread = Z95 * sqrt(tied) + _Z_POWER * sqrt(max(0.0, free))
    return max(1, ceil((spread / (difference - bound)) ** 2))


def instances_to_narrow(estimate: Estimate, bound: float) -> int | None:
    """Return how many instances show on which side of *bound* a number lies; None if that cannot be said.

    The interval is taken to narrow with the root of their number, as it does for means.
    """
    side = estimate.value - estimate.low if bound < estimate.value else estimate.high - estimate.value
    if estimate.value == bound or isinf(side):
        return None
    return max(1, ceil(estimate.n * (side * (1 + _Z_POWER / Z95) / (estimate.value - bound)) ** 2))


def detectable_change(share: float, n: int) -> float | None:
    """Return the smallest distance from *share*, towards one half, that *n* instances show; None for none."""
    bound = min(share, 1 - share)
    hits = _hits_to_clear(n, bound)
    return _smallest(lambda step: _chance(hits, n, bound + step) >= POWER, 1 - bound)


def detectable_difference(discordant: float, pairs: int) -> float | None:
    """Return the smallest difference of two shares that *pairs* show; None for none.

    *discordant* is the share of pairs of which one side alone is correct; no difference is larger than that.
    """

    def shown(difference: float) -> bool:
        needed = pairs_to_clear((discordant + difference) / 2, (discordant - difference) / 2, 0.0)
        return needed is not None and needed <= pairs

    return _smallest(shown, discordant)


def _instances_about(share: float, bound: float) -> int:
    """Return how many instances put a *share* above *bound*, as if shares were normal."""
    spread = Z95 * sqrt(bound * (1 - bound)) + _Z_POWER * sqrt(share * (1 - share))
    distance = share - bound
    return ceil((spread + sqrt(spread**2 + 2 * distance)) ** 2 / (2 * distance) ** 2)


def _instances_exactly(share: float, bound: float, start: int) -> int:
    """Return how many instances, and every larger number, put a *share* above *bound*; search from *start*.

    Hits are whole, so the chance goes up and down as instances are added.  But it is never less than that of
    one hit more than lies on the bound, fractions and all, and that one only goes up.  Where it is enough is
    found by bisection; steps back from there lead to the last number that is too small.
    """
    few, many = 0, start
    while not _surely_clears(share, bound, many):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if _surely_clears(share, bound, middle) else (middle, many)
    hits = _hits_to_clear(many, bound)
    while True:
        before = _hits_to_clear(many - 1, bound)
        if (
            before == hits and _chance(hits, many - 1, share) < POWER
        ):  # else one hit less will do, which is likelier
            return many
        many, hits = many - 1, before


def _surely_clears(share: float, bound: float, n: int) -> bool:
    """Return whether *n* instances, and every larger number, are certain to be enough."""
    return _chance(_hits_on(n, bound) + 1, n, share) >= POWER


def _hits_to_clear(n: int, bound: float) -> int:
    """Return the least hits of *n* whose Wilson interval lies above *bound*; more than *n* if none does."""
    return floor(_hits_on(n, bound)) + 1


def _hits_on(n: int, bound: float) -> float:
    """Return the hits of *n* whose Wilson interval begins at *bound*."""
    return n * bound + Z95 * sqrt(n * bound * (1 - bound))


def _chance(hits: float, n: int, share: float) -> float:
    """Return the probability of at least *hits* of *n*."""
    return incomplete_beta(hits, n - hits + 1, share) if hits <= n else 0.0


def _smallest(shown: Callable[[float], bool], most: float) -> float | None:
    """Return the smallest step up to *most* that is shown, by bisection."""
    if not shown(most):
        return None
    low, high = 0.0, most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if shown(middle) else (middle, high)
    return high
