"""What replies cost, by a dated table of prices.  A cost that is not known is None, never 0."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pytest_codesteer.conversation import Usage


class PriceError(Exception):
    """A price file cannot be used.  A line for each fault, which starts with the file."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in US dollars."""

    provider: str
    models: tuple[str, ...]  # shell patterns
    since: date  # the first day it holds
    input: float
    output: float  # reasoning tokens are output
    cached_input: float | None = None  # None: as `input`

    def dollars(self, usage: Usage) -> float:
        """Return the price of *usage*."""
        cached = self.input if self.cached_input is None else self.cached_input
        fresh = usage.prompt - usage.cached_prompt
        return (fresh * self.input + usage.cached_prompt * cached + usage.completion * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Prices:
    """A table of prices; of two that fit, the later one holds, and of two of one day the first."""

    table: tuple[Price, ...]

    def find(self, provider: str, model: str, on: date) -> Price | None:
        """Return the price of a provider's model on a day, or None."""
        fitting = [
            price
            for price in self.table
            if price.since <= on
            and price.provider == provider
            and any(fnmatchcase(model, pattern) for pattern in price.models)
        ]
        return max(fitting, key=lambda price: price.since, default=None)


def load_prices(extra: Iterable[Path] = ()) -> Prices:
    """Return the prices of the package, those of *extra* files before them.  Raises `PriceError`."""
    files = (*extra, Path(__file__).with_name("prices.toml"))
    return Prices(tuple(price for path in files for price in _read(path)))


def _read(path: Path) -> list[Price]:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PriceError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PriceError(f"{path}: {error}") from error
    table = entries.get("price")
    if set(entries) != {"price"} or not isinstance(table, list):
        raise PriceError(f"{path}: write [[price]] tables with provider, models, since, input, output")
    faults = [f"{path}: price[{at}]: {fault}" for at, entry in enumerate(table) for fault in _faults(entry)]
    if faults:
        raise PriceError("\n".join(faults))
    return [Price(**{**entry, "models": tuple(entry["models"])}) for entry in table]


def _faults(entry: dict[str, Any]) -> Iterable[str]:
    """Yield what is wrong with one entry of a price file."""
    kinds = {
        "provider": str,
        "models": list,
        "since": date,
        "input": (int, float),
        "output": (int, float),
    }
    for key, kind in kinds.items():
        if not isinstance(entry.get(key), kind):  # type: ignore[arg-type]
            yield f"{key} is missing or of the wrong type"
    for key in entry.keys() - kinds.keys() - {"cached_input"}:
        yield f"unknown key {key!r}"
    for key in ("input", "output", "cached_input"):
        if isinstance(entry.get(key, 0), int | float) and entry.get(key, 0) < 0:
            yield f"{key} is below 0"
