"""The normal, Student's and the binomial distribution, as far as intervals and tests need them."""

from functools import cache
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

Z95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution

_TINY = 1e-300
_STEPS = 500  # of the continued fraction; it settles within some multiple of the root of its arguments


def normal_quantile(share: float) -> float:
    """Return the point below which a standard normal value lies with probability *share*."""
    return NormalDist().inv_cdf(share)


def normal_cdf(point: float) -> float:
    """Return the probability that a standard normal value is at most *point*."""
    return NormalDist().cdf(point)


def student_cdf(point: float, freedom: float) -> float:
    """Return the probability that Student's t with *freedom* degrees of freedom is at most *point*."""
    square = point * point
    if square < freedom:  # of the two forms the one that loses no digits
        middle = incomplete_beta(0.5, freedom / 2, square / (freedom + square))
        return 0.5 + (0.5 if point > 0 else -0.5) * middle
    tail = 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square))
    return 1 - tail if point > 0 else tail


@cache
def student_quantile(share: float, freedom: float) -> float:
    """Return the point below which Student's t lies with probability *share*, by bisection."""
    if share < 0.5:
        return -student_quantile(1 - share, freedom)
    low, high = 0.0, 1.0
    while student_cdf(high, freedom) < share:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if student_cdf(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def binomial_tail(hits: int, n: int) -> float:
    """Return the probability of at most *hits* heads in *n* throws of a fair coin; exact."""
    ways, term = 0, 1
    for heads in range(min(hits, n) + 1):
        ways += term
        term = term * (n - heads) // (heads + 1)
    return ways / (1 << n)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function (Press et al., Numerical Recipes, section 6.4)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS + int(10 * sqrt(max(a, b)))):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return value


def _away(value: float) -> float:
    """Keep a divisor away from zero."""
    return value if abs(value) > _TINY else _TINY
