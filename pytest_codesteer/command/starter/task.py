"""A list of numbers is to be added up."""

from collections.abc import Mapping
from random import Random
from typing import Any

from pytest_codesteer import Verdict, right, wrong
from pytest_codesteer.answers import number


def generate(rng: Random, *, count: int, largest: int) -> dict[str, Any]:
    """Return one instance; all randomness comes from *rng*."""
    return {"numbers": [rng.randint(1, largest) for _ in range(count)]}


def solve(data: Mapping[str, Any]) -> int:
    """Return a right answer."""
    return sum(data["numbers"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Judge an answer; `number` raises `Unreadable` for a text that holds none."""
    said = number(answer)
    return right() if said == sum(data["numbers"]) else wrong(f"{said} is another number")
