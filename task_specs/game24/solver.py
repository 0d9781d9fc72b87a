"""Game of 24, solved: by exhaustive search, or for many numbers by making a zero that takes up the rest."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice

EXHAUSTIVE = 5  # so many numbers are searched to the end
FEW = 9  # among so many, every set of four is tried
ZEROS = 50  # ways to make zero that are tried

Term = tuple[Fraction, str]  # a value and the expression that makes it
Made = tuple[frozenset[int], str]  # which terms an expression uses, and the expression


def equation(numbers: list[int], target: int) -> str:
    """Return an equation that makes *target* of all the numbers."""
    return f"{expression(numbers, target)} = {target}"


def expression(numbers: list[int], target: int) -> str | None:
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
