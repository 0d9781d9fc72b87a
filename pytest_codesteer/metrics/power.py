"""How many instances a question needs, and what a number of instances can tell.

All figures are for 95 % intervals and a power of 80 %: the answer comes out in four runs of five.
"""

from collections.abc import Callable
from math import ceil, isinf, sqrt

from pytest_codesteer.metrics.distributions import Z95, normal_quantile
from pytest_codesteer.metrics.intervals import Estimate
from pytest_codesteer.metrics.paired import variance_at

POWER = 0.8
_Z_POWER = normal_quantile(POWER)


def instances_to_clear(share: float, bound: float) -> int | None:
    """Return how many instances show on which side of *bound* a share of *share* lies; None if it is on it.

    By the score test of one share (Fleiss, Levin and Paik 2003, section 2.7).
    """
    if share == bound:
        return None
    spread = Z95 * sqrt(bound * (1 - bound)) + _Z_POWER * sqrt(share * (1 - share))
    return max(1, ceil((spread / (share - bound)) ** 2))


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
    sign = -1 if share > 0.5 else 1
    most = share if share > 0.5 else 1 - share
    return _smallest(lambda step: instances_to_clear(share + sign * step, share), most, n)


def detectable_difference(discordant: float, pairs: int) -> float | None:
    """Return the smallest difference of two shares that *pairs* show; None for none.

    *discordant* is the share of pairs of which one side alone is correct; no difference is larger than that.
    """
    return _smallest(lambda step: _pairs(step, discordant), discordant, pairs)


def _pairs(difference: float, discordant: float) -> int | None:
    return pairs_to_clear((discordant + difference) / 2, (discordant - difference) / 2, 0.0)


def _smallest(needs: Callable[[float], int | None], most: float, n: int) -> float | None:
    """Return the smallest step up to *most* that needs no more than *n*, by bisection."""
    if (needs(most) or n + 1) > n:
        return None
    low, high = 0.0, most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if (needs(middle) or n + 1) <= n else (middle, high)
    return high
