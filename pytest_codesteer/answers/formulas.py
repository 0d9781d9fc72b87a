r"""Formulas read from tokens into exact values, by recursive descent.

    sum     = product { ("+" | "-") product }
    product = factor { ["*" | "/"] factor }           factors may stand side by side: 2\sqrt{3}, 36\pi
    factor  = { "-" | "+" } power
    power   = operand { "!" | "%" | "degrees" } [ "^" exponent ]
    operand = number | number fraction | name | "(" sum ")" | function arguments

A formula ends at the first token that cannot continue it.  Percent and degree are symbols (`PERCENT`,
`DEGREE`), so that the reader of the answer can say what they stand for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

from pytest_codesteer.answers.marks import Unreadable, shown
from pytest_codesteer.answers.notation import DEGREE, PERCENT, Token
from pytest_codesteer.answers.surds import PI, Exact, exact, function, root, square_root, symbol

MOST_DEPTH = 30
MOST_DIGITS = 500  # of one number
MOST_EXPONENT = 300  # of ten, in scientific notation
MOST_FACTORIAL = 300

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TRIGONOMETRIC = frozenset("sin cos tan sec csc cot".split())
UNIT_LETTERS = frozenset("mgshlL")  # "5 m" is a length, unless m is an unknown of the question


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a formula comes to, and how it was written."""

    value: Exact
    places: int | None = None  # after the decimal point of its most precise number; None without a point
    literal: bool = False  # one number, with signs or without

    @property
    def names(self) -> frozenset[str]:
        """The unknowns in it."""
        return self.value.names - {PERCENT, DEGREE}

    @property
    def name(self) -> str | None:
        """The one name that it consists of, if it does."""
        return next((name for name in self.names if self.value == symbol(name)), None)


def formula(tokens: Sequence[Token], names: Collection[str] | None = None) -> tuple[Quantity, int]:
    """Read the formula that *tokens* begin with; return it and the number of tokens read.

    Raises `Unreadable` when they begin with none.
    """
    reader = _Reader(tokens, names)
    value = reader.sum(0)
    read = tokens[: reader.at]
    places = [_places(token.text) for token in read if token.kind == "number" and not token.text.isdecimal()]
    unsigned = [token.kind for token in read if token.text not in ("+", "-", PERCENT, DEGREE)]
    return Quantity(value, max(places, default=None), literal=unsigned == ["number"]), reader.at


def _places(number: str) -> int:
    mantissa, _, shift = number.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(shift or "0")


class _Reader:
    """One pass over tokens; `at` is how far it has come."""

    def __init__(self, tokens: Sequence[Token], names: Collection[str] | None) -> None:
        self.tokens = tokens
        self.names = names
        self.at = 0

    def sum(self, depth: int) -> Exact:
        value = self.product(depth)
        while self.sees("+", "-"):
            sign = self.next().text
            value = value + self.product(depth) if sign == "+" else value - self.product(depth)
        return value

    def product(self, depth: int) -> Exact:
        value = self.factor(depth)
        while True:
            if self.sees("*", "/"):
                sign = self.next().text
                value = value * self.factor(depth) if sign == "*" else value / self.factor(depth)
            elif self.continues():
                value *= self.power(depth)
            else:
                return value

    def angle(self, depth: int) -> Exact:
        r"""Read the argument of a function: in brackets, or \sin 2x, which ends at a sign or a function."""
        if self.sees("(", "{"):
            return self.operand(depth)
        value = self.factor(depth)
        while self.continues() and self.peek().text not in _TRIGONOMETRIC:
            value *= self.power(depth)
        return value

    def factor(self, depth: int) -> Exact:
        negative = False
        while self.sees("+", "-"):
            negative ^= self.next().text == "-"
        value = self.power(depth)
        return -value if negative else value

    def power(self, depth: int) -> Exact:
        value = self.operand(depth)
        while self.sees("!", PERCENT, DEGREE):
            sign = self.next().text
            value = self.factorial(value) if sign == "!" else value * symbol(sign)
        if self.sees("^"):
            self.next()
            value = self.raised(value, self.exponent(depth + 1))
        return value

    def exponent(self, depth: int) -> Exact:
        if depth > MOST_DEPTH:
            raise self.fault("is nested too deep")
        return self.factor(depth)

    def operand(self, depth: int) -> Exact:
        if depth > MOST_DEPTH:
            raise self.fault("is nested too deep")
        token = self.next()
        if token.kind == "number":
            return self.mixed(self.number(token.text))
        if token.kind == "name":
            return PI if token.text == "pi" else symbol(token.text)
        if token.kind == "function":
            return self.function(token.text, depth)
        if token.text in _CLOSING:
            value = self.sum(depth + 1)
            if self.next().text != _CLOSING[token.text]:
                raise self.fault()
            return value
        raise self.fault()

    def mixed(self, whole: Exact) -> Exact:
        r"""Add the fraction behind a whole number, if there is one: 1\frac{1}{2}, 1\frac12, 1 1/2."""
        rest = [token.text for token in self.tokens[self.at : self.at + 7]]
        if rest[:2] == ["frac", "{"] and rest[3:5] == ["}", "{"] and rest[6:] == ["}"]:
            above, below, length = rest[2], rest[5], 7
        elif rest[:1] == ["frac"] and len("".join(rest[1:2])) == 2:
            above, below, length = *rest[1], 2
        elif len(rest) > 2 and rest[1] == "/":
            above, below, length = rest[0], rest[2], 3
        else:
            return whole
        if not (above + below).isdecimal() or not self.before().isdecimal() or int(above) >= int(below):
            return whole
        self.at += length
        return whole + self.number(above) / self.number(below)

    def function(self, name: str, depth: int) -> Exact:
        if name == "frac":
            above, below = self.arguments(depth)
            return above / below
        if name == "binom":
            return self.binomial(*self.arguments(depth))
        if name in ("sqrt", "cbrt"):
            index = exact(3 if name == "cbrt" else 2)
            if self.sees("["):
                index = self.operand(depth + 1)
            return self.rooted(self.operand(depth + 1), index.rational)
        times = exact(1)
        if self.sees("^"):
            self.next()
            times = self.exponent(depth + 1)
        return self.raised(_trigonometric(name, self.angle(depth + 1)), times)

    def arguments(self, depth: int) -> tuple[Exact, Exact]:
        r"""Read {a}{b}, or (a, b), or what \frac takes without braces: single digits."""
        if self.sees("("):
            self.next()
            first = self.sum(depth + 1)
            if self.next().text != ",":
                raise self.fault()
            second = self.sum(depth + 1)
            if self.next().text != ")":
                raise self.fault()
            return first, second
        digits = self.peek().text
        if self.peek().kind == "number" and len(digits) == 2 and digits.isdecimal():
            self.next()
            return exact(int(digits[0])), exact(int(digits[1]))
        return self.argument(depth), self.argument(depth)

    def argument(self, depth: int) -> Exact:
        if self.peek().kind == "number" and len(self.peek().text) > 1:
            raise self.fault()
        return self.operand(depth + 1)

    def number(self, text: str) -> Exact:
        mantissa, _, shift = text.lower().partition("e")
        if len(mantissa) > MOST_DIGITS or len(shift) > 4 or abs(int(shift or "0")) > MOST_EXPONENT:
            raise self.fault("holds a number too large to read")
        return exact(Fraction(mantissa) * Fraction(10) ** int(shift or "0"))

    def factorial(self, value: Exact) -> Exact:
        number = value.rational
        if number is None or number.denominator != 1 or not 0 <= number <= MOST_FACTORIAL:
            raise self.fault("holds a factorial that is not read")
        return exact(factorial(number.numerator))

    def binomial(self, above: Exact, below: Exact) -> Exact:
        n, k = above.rational, below.rational
        if n is None or k is None or n.denominator * k.denominator != 1 or not 0 <= n <= MOST_FACTORIAL:
            raise self.fault("holds a binomial that is not read")
        return exact(comb(n.numerator, k.numerator) if k >= 0 else 0)

    def raised(self, value: Exact, power: Exact) -> Exact:
        times = power.rational
        if times is None or times.denominator > 10:
            raise self.fault("holds a power that is not read")
        base = value if times.denominator == 1 else self.rooted(value, Fraction(times.denominator))
        return base**times.numerator

    def rooted(self, value: Exact, index: Fraction | None) -> Exact:
        if index is None or index.denominator != 1:
            raise self.fault("holds a root that is not read")
        return square_root(value) if index == 2 else root(value, index.numerator)

    # Tokens

    def sees(self, *texts: str) -> bool:
        return self.at < len(self.tokens) and self.peek().text in texts and self.peek().kind == "sign"

    def continues(self) -> bool:
        """Whether what comes is one more factor, without a sign before it."""
        if self.at >= len(self.tokens):
            return False
        token = self.peek()
        if token.kind == "number":
            return not self.before().replace(".", "").isdecimal()
        if token.kind == "name":
            return token.text not in UNIT_LETTERS or self.names is None or token.text in self.names
        if token.text in _CLOSING and token.kind == "sign":
            following = self.tokens[self.at + 1 : self.at + 2]
            return not following or following[0].kind not in ("word", "relation")
        return token.kind == "function"

    def before(self) -> str:
        return self.tokens[self.at - 1].text

    def peek(self) -> Token:
        if self.at >= len(self.tokens):
            raise self.fault()
        return self.tokens[self.at]

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def fault(self, why: str = "cannot be read") -> Unreadable:
        return Unreadable(f"{shown(' '.join(token.text for token in self.tokens))} {why}")


def _trigonometric(name: str, angle: Exact) -> Exact:
    angle = angle.replaced(DEGREE, PI / 180)
    sine, cosine = function("sin", angle), function("cos", angle)
    match name:
        case "sin":
            return sine
        case "cos":
            return cosine
        case "tan":
            return sine / cosine
        case "cot":
            return cosine / sine
        case "sec":
            return 1 / cosine
        case _:
            return 1 / sine
