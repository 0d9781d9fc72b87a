"""Game of 24: combine all given numbers, each once, with + - * / so that the result is the target.

A search: programs that search find a solution at once, text must guess, and "text-like" programs, which
only print a guess, are no better than text.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, islice
from random import Random
from typing import Any

from pytest_codesteer import Verdict, right, wrong
from pytest_codesteer.answers import Expression, Unreadable, parse, shown

TARGET = 24
EXHAUSTIVE = 5  # so many numbers are searched to the end
FEW = 9  # among so many, every set of four is tried
ZEROS = 50  # ways to make zero that are tried

Term = tuple[Fraction, str]  # a value and the expression that makes it
Made = tuple[frozenset[int], str]  # which terms an expression uses, and the expression


def generate(rng: Random, *, count: int, between: list[int]) -> dict[str, Any]:
    """Draw numbers until they can make the target."""
    while True:
        numbers = [rng.randint(*between) for _ in range(count)]
        if _expression(numbers, TARGET):
            return {"numbers": numbers, "target": TARGET}


def solve(data: Mapping[str, Any]) -> str:
    """Search for an expression."""
    return f"{_expression(data['numbers'], data['target'])} = {data['target']}"


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept an expression that uses exactly the given numbers and is exactly the target.

    In an equation, on either side; every side of it must then be the target.
    """
    sides = [parse(side) for side in answer.strip().split("\n")[-1].split("=")]
    given = sorted(data["numbers"])
    if not any(sorted(side.numbers) == given for side in sides):
        used = [str(number) for number in max(sides, key=lambda side: len(side.numbers)).numbers]
        return wrong(f"uses {shown(', '.join(used))}, not the given numbers")
    for side in sides:
        if len(side.numbers) > len(given):
            return wrong("one side uses more numbers than are given")
        if _value(side) != data["target"]:
            return wrong(f"is {shown(str(_value(side)))}, not {data['target']}")
    return right()


def _value(side: Expression) -> Fraction | None:
    try:
        return side.value()
    except Unreadable:
        return None  # divides by zero


def _expression(numbers: list[int], target: int) -> str | None:
    """Return an expression for *target*, or None; up to `EXHAUSTIVE` numbers, None means there is none."""
    terms = [(Fraction(number), str(number)) for number in numbers]
    if len(terms) <= EXHAUSTIVE:
        return _search(terms, target, set())
    return _sparse(terms, target) or _search(terms, target, set(), tries=200_000)


def _search(
    terms: list[Term], target: int, seen: set[tuple[Fraction, ...]], tries: int | None = None
) -> str | None:
    """Combine two terms into one, in every way, until one term is left."""
    if len(terms) == 1:
        return terms[0][1] if terms[0][0] == target else None
    state = tuple(sorted(value for value, _ in terms))
    if state in seen or (tries is not None and len(seen) > tries):
        return None
    seen.add(state)
    for i, j in combinations(range(len(terms)), 2):
        rest = [term for at, term in enumerate(terms) if at not in (i, j)]
        for term in _combined(terms[i], terms[j]):
            if found := _search([*rest, term], target, seen, tries):
                return found
    return None


def _combined(one: Term, other: Term) -> Iterator[Term]:
    (a, x), (b, y) = one, other
    yield a + b, f"({x} + {y})"
    yield a * b, f"({x} * {y})"
    yield a - b, f"({x} - {y})"
    yield b - a, f"({y} - {x})"
    if b:
        yield a / b, f"({x} / {y})"
    if a:
        yield b / a, f"({y} / {x})"


def _sparse(terms: list[Term], target: int) -> str | None:
    """Make the target of a few terms and zero of a few others; zero times the rest takes up the rest."""
    everything = frozenset(range(len(terms)))
    for for_zero, zero in islice(_making(terms, everything, 0), ZEROS):
        for for_target, core in _making(terms, everything - for_zero, target):
            spare = [terms[at][1] for at in sorted(everything - for_zero - for_target)]
            return f"{core} + {zero} * ({' + '.join(spare)})" if spare else f"{core} + {zero}"
    return None


def _making(terms: list[Term], among: frozenset[int], target: int) -> Iterator[Made]:
    """Yield sets of at most six terms that make *target*, small ones first."""
    if len(among) <= FEW:
        for size in range(1, 5):
            for chosen in combinations(sorted(among), size):
                if found := _search([terms[at] for at in chosen], target, set()):
                    yield frozenset(chosen), found
        return
    pairs: dict[Fraction, list[Made]] = {}
    for i, j in combinations(sorted(among), 2):
        for value, text in _combined(terms[i], terms[j]):
            if value.denominator == 1:
                pairs.setdefault(value, []).append((frozenset((i, j)), text))
    yield from pairs.get(Fraction(target), ())
    for value, made in pairs.items():  # two pairs: what one leaves to add, the other makes
        yield from _joined(made, "+", pairs.get(target - value, []))
    for one, other in combinations(sorted(pairs, reverse=True), 2):  # two multiplied, and a third to add
        rest = pairs.get(target - one * other, []) if one * other > 1 else []
        for used, text in _joined(pairs[one], "*", pairs[other]) if rest else ():
            yield from _joined([(used, text)], "+", rest)


def _joined(some: list[Made], sign: str, others: list[Made]) -> Iterator[Made]:
    for used, text in some:
        for more, other in others:
            if not used & more:
                yield used | more, f"({text} {sign} {other})"
