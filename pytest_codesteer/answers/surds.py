"""Exact values: quotients of sums of terms  rational * sqrt(n) * powers of pi and of other symbols.

    5*sqrt(13)      (2 + sqrt(3))*pi/4      b*x/h

Square roots of square-free numbers, pi and the names of unknowns are independent over the rationals, so two
such values are equal exactly when, cross-multiplied, their terms are.  Other roots and functions (a cube
root, a sine) are symbols too; `decimals.computed` gives their values.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, isqrt
from typing import TypeAlias

from pytest_codesteer.answers.marks import Unreadable

MOST_BITS = 3_000  # of a numerator, a denominator or a radicand
MOST_TERMS = 40  # of a sum
MOST_POWER = 3_000
FACTORED = 2_000  # roots of numbers below its square are certainly reduced


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """Pi, an unknown, or a root or function of a value; equal when their names are."""

    name: str
    kind: str = field(default="", compare=False)  # "" for an unknown; "pi", "root", "sin", "cos"
    of: "Exact | None" = field(default=None, compare=False)  # of a root or function
    index: int = field(default=0, compare=False)  # of a root


Monomial: TypeAlias = tuple[int, tuple[tuple[Symbol, int], ...]]  # radicand, symbols with their powers
Terms: TypeAlias = tuple[tuple[Monomial, Fraction], ...]  # sorted; no coefficient is 0

ONE: Terms = (((1, ()), Fraction(1)),)


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """A value; made by `rational`, `symbol`, `root`, `function` and arithmetic.

    Arithmetic raises `Unreadable` for what is too large and for a division by zero.
    """

    over: Terms
    under: Terms = ONE

    def __add__(self, other: "Exact | Fraction | int") -> "Exact":
        other = exact(other)
        if self.under == other.under:
            return _quotient(_sum(self.over, other.over), self.under)
        over = _sum(_product(self.over, other.under), _product(other.over, self.under))
        return _quotient(over, _product(self.under, other.under))

    def __mul__(self, other: "Exact | Fraction | int") -> "Exact":
        other = exact(other)
        return _quotient(_product(self.over, other.over), _product(self.under, other.under))

    def __truediv__(self, other: "Exact | Fraction | int") -> "Exact":
        other = exact(other)
        return _quotient(_product(self.over, other.under), _product(self.under, other.over))

    def __neg__(self) -> "Exact":
        return self * -1

    def __sub__(self, other: "Exact | Fraction | int") -> "Exact":
        return self + -exact(other)

    def __rsub__(self, other: Fraction | int) -> "Exact":
        return exact(other) - self

    def __rtruediv__(self, other: Fraction | int) -> "Exact":
        return exact(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __pow__(self, power: int) -> "Exact":
        if abs(power) > MOST_POWER:
            raise Unreadable(f"a power beyond {MOST_POWER:,}")
        base, result = (1 / self if power < 0 else self), exact(1)
        for bit in f"{abs(power):b}":
            result = result * result * (base if bit == "1" else 1)
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Exact, Fraction, int)):
            return NotImplemented
        other = exact(other)
        return _product(self.over, other.under) == _product(other.over, self.under)

    @property
    def rational(self) -> Fraction | None:
        """The value as a fraction, if it is one."""
        if self.under != ONE or len(self.over) > 1:
            return None
        (monomial, value) = self.over[0] if self.over else ((1, ()), Fraction(0))
        return value if monomial == (1, ()) else None

    @property
    def symbols(self) -> frozenset[Symbol]:
        """Every symbol in it, also those inside roots and functions."""
        own = {symbol for (_, powers), _ in (*self.over, *self.under) for symbol, _ in powers}
        return frozenset(own.union(*(symbol.of.symbols for symbol in own if symbol.of)))

    @property
    def names(self) -> frozenset[str]:
        """The unknowns in it."""
        return frozenset(symbol.name for symbol in self.symbols if not symbol.kind)

    @property
    def comparable(self) -> bool:
        """Whether values like this one are equal only when their terms are."""
        radicands = [radicand for (radicand, _), _ in (*self.over, *self.under)]
        return max(radicands, default=1) < FACTORED**2 and all(not s.of for s in self.symbols)

    def replaced(self, name: str, value: "Exact | Fraction | int") -> "Exact":
        """Return this value with the unknown *name* replaced."""
        return _replaced(self.over, name, exact(value)) / _replaced(self.under, name, exact(value))


def exact(value: Exact | Fraction | int) -> Exact:
    """Return a rational number as an `Exact`."""
    if isinstance(value, Exact):
        return value
    return Exact(_terms([((1, ()), Fraction(value))]))


def symbol(name: str) -> Exact:
    """Return an unknown."""
    return _of_symbol(Symbol(name))


def square_root(value: Exact | Fraction | int) -> Exact:
    """Return the square root of a value that is not negative, reduced."""
    value = exact(value)
    number = value.rational
    if number is None:
        return root(value, 2)
    if number < 0:
        raise Unreadable("the square root of a negative number")
    outside, inside = _reduced(number.numerator * number.denominator)
    return Exact(_terms([((inside, ()), Fraction(outside, number.denominator))]))


def root(value: Exact, index: int) -> Exact:
    """Return a root; one that is neither a square root of a number nor rational becomes a symbol."""
    number = value.rational
    if index == 2 and number is not None:
        return square_root(number)
    if not 2 <= index <= MOST_POWER:
        raise Unreadable("a root of a kind that is not read")
    if number is not None:
        whole = _whole_root(number, index)
        if whole is not None:
            return exact(whole)
    return _of_symbol(Symbol(f"root{index}({_text(value)})", "root", value, index))


def function(name: str, value: Exact) -> Exact:
    """Return the sine or cosine of a value in radians, as a symbol."""
    return _of_symbol(Symbol(f"{name}({_text(value)})", name, value))


def _of_symbol(of: Symbol) -> Exact:
    return Exact((((1, ((of, 1),)), Fraction(1)),))


PI = _of_symbol(Symbol("pi", "pi"))


# Sums of terms ---------------------------------------------------------------------------------


def _terms(parts: Iterable[tuple[Monomial, Fraction]]) -> Terms:
    """Add up the terms that are alike."""
    total: dict[Monomial, Fraction] = {}
    for monomial, value in parts:
        total[monomial] = total.get(monomial, Fraction(0)) + value
    if len(total) > MOST_TERMS:
        raise Unreadable(f"more than {MOST_TERMS} terms")
    for (radicand, _), value in total.items():
        if max(n.bit_length() for n in (radicand, value.numerator, value.denominator)) > MOST_BITS:
            raise Unreadable("a number too large to read")
    return tuple(sorted((monomial, value) for monomial, value in total.items() if value))


def _sum(some: Terms, others: Terms) -> Terms:
    return _terms((*some, *others))


def _product(some: Terms, others: Terms) -> Terms:
    if some == ONE or others == ONE:
        return others if some == ONE else some
    if len(some) * len(others) > 5 * MOST_TERMS:
        raise Unreadable("too many terms")
    return _terms(_times(one, other, value * factor) for one, value in some for other, factor in others)


def _times(one: Monomial, other: Monomial, value: Fraction) -> tuple[Monomial, Fraction]:
    shared = gcd(one[0], other[0])
    powers = dict(one[1])
    for of, power in other[1]:
        powers[of] = powers.get(of, 0) + power
    if any(abs(power) > MOST_POWER for power in powers.values()):
        raise Unreadable(f"a power beyond {MOST_POWER:,}")
    kept = tuple(sorted((of, power) for of, power in powers.items() if power))
    return (one[0] * other[0] // shared**2, kept), value * shared


def _quotient(over: Terms, under: Terms) -> Exact:
    """Make a quotient with as simple a denominator as there is: 1, when it holds no sum of symbols."""
    if not under:
        raise Unreadable("divides by zero")
    if not over:
        return Exact(())
    for _ in range(8):  # each round takes one prime out from under the roots of the denominator
        radicands = [radicand for (radicand, powers), _ in under if radicand > 1 and not powers]
        if len(under) == 1 or not radicands or any(powers for (_, powers), _ in under):
            break
        prime = _least_factor(radicands[0])
        conjugate = tuple((m, -value if m[0] % prime == 0 else value) for m, value in under)
        over, under = _product(over, conjugate), _product(under, conjugate)
    if not under:
        raise Unreadable("divides by zero")
    (radicand, powers), value = under[0]
    inverse = (radicand, tuple((of, -power) for of, power in powers)), 1 / (value * radicand)
    if len(under) == 1:
        return Exact(_product(over, (inverse,)))
    scale: Terms = (((1, ()), 1 / value),)
    return Exact(_product(over, scale), _product(under, scale))


def _replaced(terms: Terms, name: str, by: Exact) -> Exact:
    total = exact(0)
    for (radicand, powers), value in terms:
        kept = tuple((of, power) for of, power in powers if of.name != name)
        times = sum(power for of, power in powers if of.name == name)
        total += Exact((((radicand, kept), value),)) * by**times
    return total


def _text(value: Exact) -> str:
    """Return a text that is the same for the same terms."""
    parts = (
        "+".join(f"{v}*{r}*{'*'.join(f'{of.name}^{power}' for of, power in p)}" for (r, p), v in terms)
        for terms in (value.over, value.under)
    )
    text = "/".join(parts)
    if len(text) > MOST_BITS:
        raise Unreadable("too long a root or function")
    return text


# Whole numbers ---------------------------------------------------------------------------------


def _reduced(number: int) -> tuple[int, int]:
    """Return (a, b) with a*a*b = *number*, b as small as trial division finds."""
    if number.bit_length() > 2 * MOST_BITS:
        raise Unreadable("a number too large to read")
    outside, inside, factor = 1, number, 2
    while factor * factor <= inside and factor <= FACTORED:
        while inside % (factor * factor) == 0:
            inside //= factor * factor
            outside *= factor
        factor += 1
    whole = isqrt(inside)
    return (outside * whole, 1) if whole * whole == inside else (outside, inside)


def _least_factor(number: int) -> int:
    return next((f for f in range(2, min(number, FACTORED)) if number % f == 0), number)


def _whole_root(number: Fraction, index: int) -> Fraction | None:
    """Return the exact root of *number*, if it is rational and small."""
    sign = -1 if number < 0 and index % 2 else 1
    parts = []
    for part in (sign * number.numerator, number.denominator):
        if part < 0 or part > 10**15:
            return None
        near = round(part ** (1 / index))
        parts.append(near if near**index == part else -1)
    return None if -1 in parts else sign * Fraction(*parts)
