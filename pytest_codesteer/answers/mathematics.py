"""Whether an answer to a mathematical question states the value that is right.

Exact forms are compared exactly.  A decimal number may be rounded: it is right within `TOLERANCE` of a
rational value, and within `ROUNDED` of an irrational one, which no decimal number can be.  All that an answer
states must be right: "5 or 7" and "x = 5 = 7" are not; "1/3 = 0.333" is, 0.333 being the rounding of what it
is set equal to.

Units, a name before an equals sign and the order of an equation's sides are form.  What the signs for percent
and degrees are, `_readings` says.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from pytest_codesteer.answers.decimals import computed
from pytest_codesteer.answers.formulas import Quantity
from pytest_codesteer.answers.marks import Unreadable, shown
from pytest_codesteer.answers.notation import DEGREE, PERCENT
from pytest_codesteer.answers.statements import Listing, Side, Statement, Term, statement
from pytest_codesteer.answers.surds import PI, Exact, exact

Asked: TypeAlias = frozenset[str]  # of the words "percent" and "interval", those in the question

TOLERANCE = Decimal("1e-6")  # relative, of a decimal number to a rational value
ROUNDED = Decimal("1e-3")  # relative, of a decimal number to an irrational value
NOISE = Decimal("1e-9")  # of a decimal number to a whole one; relative, but absolute below 1
ALIKE = Decimal("1e-40")  # relative, of exact forms that have no common form

_ORDERS = frozenset(("<", "<=", ">", ">=", "!="))
_TURNED = {">": "<", ">=": "<="}
_COORDINATES = frozenset("xyz")  # y = -1 and x = -1 are two lines, but K = 8 and x = 8 one value
_ASKED = re.compile(r"\b(?:percent|interval)", re.IGNORECASE)
_FITTING = {"": ("", "()", "[]", "{}"), "()": ("()", ""), "[]": ("[]", ""), "{}": ("{}", "")}


def same_mathematics(answer: str, target: str, *, question: str = "") -> bool:
    r"""Return whether *answer* states what *target* states.  Raises `Unreadable`.

    Of the *question* it counts whether it speaks of percent (then "50%" is an answer for a target 50) and
    of intervals (else [3, 4] is an answer for a target (3, 4)).

    >>> same_mathematics(r"x = \sqrt{405} \text{ cm}", r"9\sqrt{5}")
    True
    """
    asked = frozenset(word.lower() for word in _ASKED.findall(question))
    goal = statement(target, separate=target.strip(" $").startswith(("(", "[", "\\{", "\\left")))
    several = any(isinstance(side.term, Listing) for side in goal.sides)
    said = statement(answer, goal.names, separate=several)
    return _agree(said, goal, asked=asked)


def _agree(said: Statement, goal: Statement, *, asked: Asked) -> bool:
    """Compare two statements, as wholes or as items of lists."""
    if _is_equation(goal) or _labels(goal):
        if _same_equation(said, goal):
            return True
        if _is_equation(goal):
            return False
    if any(side.relation in _ORDERS for side in said.sides):
        raise Unreadable("an inequality, where a value is asked for")
    line = _labels(goal) & _COORDINATES
    if line and _labels(said) & _COORDINATES and not _labels(said) & line:
        return False
    accepted = [side.term for side in _stated(goal, goal.names) if side.term]
    unknowns = frozenset().union(*(term.names for term in accepted))
    stated = _stated(said, unknowns)
    if not stated:
        raise Unreadable(f"in terms of {shown(', '.join(sorted(said.names - unknowns)))}")
    right = [any(_equal(side.term, term, asked=asked) for term in accepted) for side in stated if side.term]
    return any(right) and all(
        fits or any(_is_rounding(side, term, asked=asked) for term in accepted)
        for side, fits in zip(stated, right, strict=True)
    )


def _labels(one: Statement) -> frozenset[str]:
    """Return the names that *one* gives its value to: the x of x = 5."""
    return frozenset(side.label for side in one.sides if side.label) if len(one.sides) > 1 else frozenset()


def _stated(one: Statement, unknowns: frozenset[str]) -> list[Side]:
    """Return the sides that are values: the last, those without words before it, and alternatives ("or").

    A side in other unknowns is a label, and so is one name alone, when there are other sides.
    """
    last = one.sides[-1]
    following = [side.relation for side in one.sides[1:]] + [""]
    alternatives = [
        "or" in (side.relation, relation) for side, relation in zip(one.sides, following, strict=True)
    ]
    sides = [
        (side, alternative)
        for side, alternative in zip(one.sides, alternatives, strict=True)
        if side.term and (alternative or (side.names <= unknowns and (side.bare or side is last)))
    ]
    values = [side for side, alternative in sides if alternative or not side.label or side is last]
    return values or [side for side, _ in sides]


def _equal(said: Term, goal: Term, *, asked: Asked) -> bool:
    if isinstance(said, Quantity) and isinstance(goal, Quantity):
        return any(_close(said, a, b) for a, b in _readings(said.value, goal.value, asked=asked))
    if isinstance(said, Quantity) or isinstance(goal, Quantity):
        return False
    brackets = said.brackets
    if brackets == "[]" and goal.brackets == "()" and "interval" not in asked:
        brackets = "()"
    if brackets not in _FITTING.get(goal.brackets, (goal.brackets,)) or len(said.items) != len(goal.items):
        return False
    labelled = all(_labels(item) for item in (*said.items, *goal.items))
    left = list(said.items)
    for item in goal.items:
        choices = left if labelled or goal.brackets == "{}" else left[:1]
        found = [
            one
            for one in choices
            if (_labels(one) & _labels(item) or not labelled) and _agree(one, item, asked=asked)
        ]
        if not found:
            return False
        left.remove(found[0])
    return True


def _readings(said: Exact, goal: Exact, *, asked: Asked) -> Iterator[tuple[Exact, Exact]]:
    """Yield both values without signs for percent and degrees, in each way that means the same.

    A sign on both sides falls away; so does one on the target alone (50 for 50%, 90 for 90 degrees), one for
    degrees on the answer alone, and one for percent where the question asks for percent.  A sign on one side
    may also count as what it is: 50% is 1/2 (on either side), and an answer of 60 degrees is pi/3.
    """
    in_said, in_goal = said.names & {PERCENT, DEGREE}, goal.names & {PERCENT, DEGREE}
    if in_said and in_goal and in_said != in_goal:
        return
    if in_said == in_goal or in_goal or "percent" in asked or DEGREE in in_said:
        yield _without_signs(said), _without_signs(goal)
    if PERCENT in in_said ^ in_goal or DEGREE in in_said - in_goal:
        yield _with_signs(said), _with_signs(goal)


def _without_signs(value: Exact) -> Exact:
    return value.replaced(PERCENT, 1).replaced(DEGREE, 1)


def _with_signs(value: Exact) -> Exact:
    return value.replaced(PERCENT, Fraction(1, 100)).replaced(DEGREE, PI / 180)


def _close(said: Quantity, value: Exact, goal: Exact) -> bool:
    """Compare exactly; a decimal number with the tolerance that its value is given."""
    if value == goal:
        return True
    if value.names or goal.names:
        return False
    if not (value.comparable and goal.comparable) and _within(value, goal, ALIKE):
        return True
    number, wanted = value.rational, goal.rational
    if number is not None and wanted is None:
        return (said.literal or said.places is not None) and _within(value, goal, ROUNDED)
    if said.places is None:
        return False
    if wanted is not None and wanted.denominator == 1:
        return abs(computed(value) - int(wanted)) <= NOISE * max(1, abs(int(wanted)))
    return _within(value, goal, TOLERANCE)


def _within(value: Exact, goal: Exact, tolerance: Decimal) -> bool:
    wanted = computed(goal)
    return abs(computed(value) - wanted) <= tolerance * abs(wanted)


def _is_rounding(side: Side, goal: Term, *, asked: Asked) -> bool:
    """Whether *side* is a decimal number that *goal* becomes when rounded, or cut off, at its last place."""
    said = side.term
    if not isinstance(said, Quantity) or not isinstance(goal, Quantity):
        return False
    written = _without_signs(said.value).rational
    if not said.literal or not written or goal.names or (said.places is None and not side.about):
        return False
    last_place = abs(Decimal(10) ** -(said.places or 0) / computed(exact(written)))  # relative
    missing = [
        computed(wanted) / computed(value) - 1
        for value, wanted in _readings(said.value, goal.value, asked=asked)
    ]
    return any(-last_place / 2 <= part < last_place for part in missing)


# Equations ---------------------------------------------------------------------------------------


def _is_equation(one: Statement) -> bool:
    """Whether *one* relates two formulas, neither of which is the name of the other."""
    return len(one.sides) > 1 and (
        any(side.relation in _ORDERS for side in one.sides) or (bool(one.names) and not _labels(one))
    )


def _same_equation(said: Statement, goal: Statement) -> bool:
    """Whether two equations or inequalities differ by a factor alone, that of an inequality positive."""
    one, other = _difference(said), _difference(goal)
    if one is None or other is None or one[0] != other[0] or not other[1].over:
        return False
    if len(one[1].over) != len(other[1].over):
        return False
    factor = one[1].over[0][1] / other[1].over[0][1]
    return one[1] == other[1] * factor and (factor > 0 or one[0] in ("=", "!="))


def _difference(one: Statement) -> tuple[str, Exact] | None:
    """Return the last relation of *one*, and its left side less its right, as a numerator."""
    if len(one.sides) < 2:
        return None
    left, right = one.sides[-2].term, one.sides[-1].term
    if not isinstance(left, Quantity) or not isinstance(right, Quantity):
        return None
    relation = one.sides[-1].relation
    difference = Exact((left.value - right.value).over)
    if relation in _TURNED:
        return _TURNED[relation], -difference
    return relation, difference
