"""Game of 24: combine all given numbers, each once, with + - * / so that the result is the target.

A search: programs that search find a solution at once, text must guess, and "text-like" programs, which
only print a guess, are no better than text.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Expression, Unreadable, boxed, parse, refuse_doubt, shown, structure

from .solver import equation, expression

TARGET = 24

_TAG = re.compile(r"</?[A-Za-z]{1,20}>")
_MOST_LINES = 100  # looked at, from the last one up
_MOST_SIDES = 20  # of an equation
_LABEL = re.compile(
    r"\s*(?:(?:[-*\u2022#>]+|\d{1,2}[.)])\s+)?"  # a bullet or a number of a list
    r"(?:[*_]*[\w\s,:]{0,60}\b(?:answer|expression|equation|solution|result|final)[*_ ]{0,3}:[*_\s]*)?",
    re.IGNORECASE,
)


def generate(rng: Random, *, count: int, between: list[int]) -> dict[str, Any]:
    """Draw numbers until they can make the target."""
    while True:
        numbers = [rng.randint(*between) for _ in range(count)]
        if expression(numbers, TARGET):
            return {"numbers": numbers, "target": TARGET}


def solve(data: Mapping[str, Any]) -> str:
    """Search for an expression."""
    return equation(data["numbers"], data["target"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for these numbers."""
    return program_of(equation, numbers=data["numbers"], target=data["target"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept an expression that uses exactly the given numbers and is exactly the target.

    In an equation, on either side; every side of it must then be the target.
    """
    sides = _sides(answer)
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


def _sides(answer: str) -> list[Expression]:
    """Return the sides of the last equation, or the last expression alone; a remark may stand behind it."""
    text = _text(answer)
    end = len(text)
    for line in text.split("\n")[:-_MOST_LINES:-1]:
        start = end - len(line)
        try:
            sides = [parse(side) for side in re.split("[=\uff1d]+", _equation(line), maxsplit=_MOST_SIDES)]
        except Unreadable:
            if re.search(r"\d", line):
                raise
        else:
            refuse_doubt(text, start, end)
            return sides
        end = start - 1
    raise Unreadable(f"no expression in {shown(answer)}")


def _equation(line: str) -> str:
    """Return *line* without a label, tags or a box around the rest."""
    bare = _LABEL.sub("", _TAG.sub("", line), count=1)
    before, box, _ = bare.partition("\\boxed{")
    return boxed(bare) or bare if box and not re.search(r"\d", before) else bare


def _text(answer: str) -> str:
    """Return *answer*, or what a JSON object or a string in quotes says."""
    try:
        value = structure(answer)
    except Unreadable:
        return answer
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    return value if isinstance(value, str) else answer


def _value(side: Expression) -> Fraction | None:
    try:
        return side.value()
    except Unreadable:
        return None  # divides by zero
