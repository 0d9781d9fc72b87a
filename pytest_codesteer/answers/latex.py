"""Exact values written as LaTeX."""

from math import lcm

from pytest_codesteer.answers.surds import ONE, Exact, Monomial


def latex(value: Exact) -> str:
    r"""Return *value* as LaTeX, over one denominator.

    >>> from pytest_codesteer.answers.surds import PI, square_root
    >>> latex(3 * square_root(12) / 4 + 1), latex(64 - 16 * PI)
    ('\\frac{2 + 3\\sqrt{3}}{2}', '64 - 16\\pi')
    """
    if value.under != ONE:
        return rf"\frac{{{latex(Exact(value.over))}}}{{{latex(Exact(value.under))}}}"
    below = lcm(*(factor.denominator for _, factor in value.over))
    above = _sum([(monomial, int(factor * below)) for monomial, factor in value.over])
    if below == 1:
        return above
    if len(value.over) == 1 and above.startswith("-"):
        return rf"-\frac{{{above[1:]}}}{{{below}}}"
    return rf"\frac{{{above}}}{{{below}}}"


def _sum(parts: list[tuple[Monomial, int]]) -> str:
    """Write terms that are added first, then those that are subtracted; numbers, then roots, then pi."""
    text = ""
    for monomial, factor in sorted(parts, key=lambda part: (part[1] < 0, len(part[0][1]), part[0])):
        sign = " - " if factor < 0 else " + "
        text += (sign if text else sign.strip(" +")) + _term(monomial, abs(factor))
    return text or "0"


def _term(monomial: Monomial, factor: int) -> str:
    radicand, powers = monomial
    rest = rf"\sqrt{{{radicand}}}" if radicand > 1 else ""
    for symbol, power in powers:
        name = r"\pi" if symbol.kind == "pi" else symbol.name
        rest += name if power == 1 else f"{name}^{{{power}}}"
    return rest if factor == 1 and rest else f"{factor}{rest}"
