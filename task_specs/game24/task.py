"""Game of 24: combine all given numbers, each once, with + - * / so that the result is the target.

A search: programs that search find a solution at once, text must guess, and "text-like" programs, which
only print a guess, are no better than text.
"""

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Expression, Unreadable, parse, shown

from .solver import equation, expression

TARGET = 24


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
