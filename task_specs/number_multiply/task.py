"""Number Multiplying: the exact product of two to seven signed integers.

Easy for a program at any length; in text the error grows with the digits, and models overrate themselves.
"""

from collections.abc import Mapping
from math import prod
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import number, shown

from .solver import product


def generate(rng: Random, *, digits: list[int]) -> dict[str, Any]:
    """Draw a factor of each number of digits, with a random sign; none is 1 or -1."""
    return {"factors": [_factor(rng, count) for count in digits]}


def solve(data: Mapping[str, Any]) -> str:
    """Multiply."""
    return product(data["factors"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for these factors."""
    return program_of(product, factors=data["factors"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept exactly the product."""
    if number(answer) == prod(data["factors"]):
        return right()
    return wrong(f"{shown(answer)} is not the product")


def _factor(rng: Random, digits: int) -> int:
    smallest = 2 if digits == 1 else 10 ** (digits - 1)
    return rng.choice((1, -1)) * rng.randint(smallest, 10**digits - 1)
