"""Decimal values of exact ones, to 50 digits."""

import decimal
from decimal import Decimal

from pytest_codesteer.answers.marks import Unreadable
from pytest_codesteer.answers.surds import Exact, Symbol, Terms

_DIGITS = 60  # that are computed; ten of them may be lost on the way
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
_NOTHING = Decimal("1e-30")  # a divisor below it may be zero
_MOST_ANGLE = 1_000  # radians


def computed(value: Exact) -> Decimal:
    """Compute *value*.  Raises `Unreadable` when it holds unknowns or has no real value."""
    with decimal.localcontext(decimal.Context(prec=_DIGITS, Emax=10**6, Emin=-(10**6))):
        try:
            under = _sum(value.under)
            if abs(under) < _NOTHING:
                raise Unreadable("divides by zero")
            return _sum(value.over) / under
        except decimal.DecimalException as error:
            raise Unreadable("has no real value") from error


def _sum(terms: Terms) -> Decimal:
    total = Decimal(0)
    for (radicand, powers), factor in terms:
        part = Decimal(factor.numerator) / factor.denominator * Decimal(radicand).sqrt()
        for symbol, power in powers:
            part *= _symbol(symbol) ** power
        total += part
    return total


def _symbol(symbol: Symbol) -> Decimal:
    if symbol.kind == "pi":
        return _PI
    if symbol.of is None:
        raise Unreadable(f"{symbol.name} has no value")
    value = computed(symbol.of)
    if symbol.kind == "root":
        if symbol.index == 2:
            return value.sqrt()
        sign = -1 if value < 0 and symbol.index % 2 else 1
        return sign * (sign * value) ** (1 / Decimal(symbol.index))
    if abs(value) > _MOST_ANGLE:
        raise Unreadable("too large an angle")
    return _sine(value if symbol.kind == "sin" else value + _PI / 2)


def _sine(angle: Decimal) -> Decimal:
    angle %= 2 * _PI
    term = total = angle
    for n in range(3, 130, 2):  # the Taylor series; 2 pi to the power of 129 over 129! is below 1e-100
        term *= -angle * angle / (n * (n - 1))
        total += term
    return total
