"""GSM-Hard: word problems of a few steps, with numbers too large to work out in the head.

The steps are easy to see in words; the arithmetic is easy for a program.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from pytest_codesteer import Verdict, right, wrong
from pytest_codesteer.answers import number, parse, shown

from .long_stories import LONG
from .short_stories import SHORT
from .story import Story

TOLERANCE = Fraction(1, 10**6)  # relative, where the target is not whole
ROUNDING = Fraction(1, 2 * 10**10)  # absolute: the targets of the public data set have ten decimals
_LARGEST_FRACTION = 10**6  # a larger answer is whole: within the tolerance must not be another one
_TRIES = 300  # to find numbers that suit a story

_PEOPLE = (
    "Anouk Basil Chiara Dragan Emil Farida Goran Hanna Imre Jorinde Kaspar Liv Marek Noor Pia Tomas".split()
)
_WORD = re.compile(r"[a-z]+")
_PERCENT = re.compile(r"%|\bper ?cent", re.IGNORECASE)
_IN_PERCENT = re.compile(rf"\d\s*\\?(?:{_PERCENT.pattern})\W*\Z", re.IGNORECASE)
_PRINT = """

result = solution()
print(f"<<<{int(result) if result == int(result) else float(result)}>>>")
"""


def generate(rng: Random, *, steps: list[int], digits: list[int]) -> dict[str, Any]:
    """Draw a story with so many steps to the answer, and numbers for it; the big ones have so many digits."""
    fewest, most = steps
    stories = [story for story in SHORT + LONG if fewest <= len(_steps(story)) <= most]
    values = None
    while values is None:
        story = rng.choice(stories)
        values = next(filter(None, (_suiting(rng, story, digits) for _ in range(_TRIES))), None)
    people = dict(zip(("name", "other", "third"), rng.sample(_PEOPLE, 3), strict=True))
    text = story.text.format(**people, **{slot: _written(values[slot]) for slot, _ in _slots(story)})
    target = values[_steps(story)[-1][0]]
    return {
        "input": text,
        "code": _code(story, text, values),
        "target": int(target) if target.denominator == 1 else float(target),
    }


def solve(data: Mapping[str, Any]) -> str:
    """Return the target."""
    return _written(Fraction(str(data["target"])))


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the target: to ten decimals if it is whole, else within a millionth of it.

    To ten decimals is exact but for what rounding leaves, as in 12.000000000000002.  An answer in percent
    counts as a hundredth, where the question speaks of percent as it stands, too.
    """
    target, value = Fraction(str(data["target"])), number(answer)
    values = [value / 100] if _IN_PERCENT.search(answer) else [value]
    if _PERCENT.search(data["input"]):
        values.append(value)
    relative = 0 if target.denominator == 1 else TOLERANCE * abs(target)
    if any(abs(value - target) <= max(ROUNDING, relative) for value in values):
        return right()
    return wrong(f"{shown(answer)} is not {data['target']}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program that takes the steps."""
    return str(data["code"]).strip() + _PRINT


def _suiting(rng: Random, story: Story, digits: list[int]) -> dict[str, Fraction] | None:
    """Draw the numbers of a story and work its steps out; None where a number makes no sense."""
    values = {slot: _drawn(rng, kind, digits) for slot, kind in _slots(story)}
    if any(_value(need, values) <= 0 for need in story.needs.split(";") if need):
        return None
    for name, expression in _steps(story):
        value = values[name] = _value(expression, values)
        grain = 100 if name in story.fine.split() else 1
        if value <= 0 or (value * grain).denominator > 1:
            return None
    if value.denominator > 1 and value >= _LARGEST_FRACTION:
        return None
    return values


def _drawn(rng: Random, kind: str, digits: list[int]) -> Fraction:
    if kind == "big":
        count = rng.randint(*digits)
        return Fraction(rng.randint(max(2, 10 ** (count - 1)), 10**count - 1))
    if kind == "money":
        return Fraction(rng.randint(5, 400), 20)
    if kind == "percent":
        return Fraction(5 * rng.randint(1, 19))
    if "|" in kind:
        return Fraction(rng.choice(kind.split("|")))
    return Fraction(rng.randint(*map(int, kind.split("-"))))


def _slots(story: Story) -> list[tuple[str, str]]:
    """Return the name and the kind of each slot."""
    return [(name, kind) for name, _, kind in (slot.partition(":") for slot in story.slots.split())]


def _steps(story: Story) -> list[tuple[str, str]]:
    """Return the name and the expression of each step."""
    return [
        (name, value) for name, _, value in (step.strip().partition(" = ") for step in story.steps.split(";"))
    ]


def _value(expression: str, values: Mapping[str, Fraction]) -> Fraction:
    """Work an expression out, exactly."""
    return parse(_WORD.sub(lambda name: f"({values[name[0]]})", expression)).value()


def _code(story: Story, text: str, values: Mapping[str, Fraction]) -> str:
    """Return the steps as a Python function, as in the public data set, but in exact fractions."""
    given = [f"{slot} = Fraction({_written(values[slot])!r})" for slot, _ in _slots(story)]
    steps = [f"{name} = {expression}" for name, expression in _steps(story)]
    lines = [f'"""{text}"""', *given, *steps, f"return {_steps(story)[-1][0]}"]
    return "\n".join(
        ("from fractions import Fraction", "", "", "def solution():", *(f"    {it}" for it in lines))
    )


def _written(value: Fraction) -> str:
    """Return a number as people write it: whole, or with decimals, two of them where they are enough."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.2f}" if (100 * value).denominator == 1 else repr(float(value))
