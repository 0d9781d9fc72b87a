"""Number Multiplying, solved."""

from math import prod


def product(factors: list[int]) -> str:
    """Multiply."""
    return str(prod(factors))
