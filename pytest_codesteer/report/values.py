"""Figures as JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import isfinite
from typing import Any

from pytest_codesteer.metrics import Rate, Undefined
from pytest_codesteer.runlog import Record


def numbers(value: Any) -> Any:
    """Return a value of `metrics` as JSON values; what is not known, or not bounded by the data, is None."""
    if isinstance(value, Rate):
        return {"value": value.value, "low": value.low, "high": value.high, "n": value.n}
    if isinstance(value, Undefined):
        return None
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: numbers(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: numbers(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [numbers(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def way_values(records: Sequence[Record]) -> dict[str, Any]:
    """Return what `way` names in text, of records that are alike in it."""
    return {"method": records[0].method, "turns": records[0].turns}
