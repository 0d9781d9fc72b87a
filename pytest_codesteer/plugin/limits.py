"""The limits that the command line sets: money, requests, times."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from pytest_codesteer.engine import Budget
from pytest_codesteer.models import ModelName, Settings
from pytest_codesteer.models.prices import Prices
from pytest_codesteer.models.tariff import Tariff

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def read_budget(config: pytest.Config, served: Iterable[ModelName], prices: Prices) -> Budget:
    """Return what the run may use.  Raises `pytest.UsageError`, also for a model without a price."""
    given = config.option
    dollars = _dollars(given.codesteer_max_cost)
    if dollars is not None:
        today = datetime.now(UTC).date()
        for name in served:
            if not Tariff(name, Settings(), prices, today, batch=given.codesteer_batch).known:
                where = " in a batch" if given.codesteer_batch else ""
                raise pytest.UsageError(
                    f"--codesteer-max-cost={given.codesteer_max_cost}: the price of {name.given}{where} is"
                    " not known; add it with --codesteer-prices=FILE"
                )
    return Budget(
        requests=given.codesteer_max_requests,
        dollars=dollars,
        seconds=read_time("max-time", given.codesteer_max_time),
    )


def read_time(option: str, given: str | None) -> float | None:
    """Return the seconds that an option gives.  Raises `pytest.UsageError`."""
    if given is None:
        return None
    read = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smh]?)", given, re.ASCII)
    seconds = float(read[1]) * _UNITS[read[2]] if read else 0.0
    if seconds <= 0:
        raise pytest.UsageError(f"--codesteer-{option}={given}: write a time as in 90 (seconds), 15m or 2h")
    return seconds


def _dollars(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        dollars = float(given.removeprefix("$"))
    except ValueError:
        dollars = math.nan
    if not 0 < dollars < math.inf:
        raise pytest.UsageError(f"--codesteer-max-cost={given}: write US dollars, as in 2.50")
    return dollars
