"""What replies cost, by a dated table of prices.  A cost that is not known is None, never 0."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from pytest_codesteer.conversation import Reply, Usage

_NUMBER = (int, float)
_KEYS: Mapping[str, Mapping[str, Any]] = {
    "price": {
        "provider": str,
        "models": list,
        "since": date,
        "input": _NUMBER,
        "output": _NUMBER,
        "cached_input": _NUMBER,
    },
    "batch": {"provider": str, "models": list, "since": date, "factor": _NUMBER, "cached": bool},
    "container": {"provider": str, "since": date, "minute": _NUMBER, "least": int},
}


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
class BatchPrice:
    """What a token costs in a batch, as a share of what it costs otherwise."""

    provider: str
    models: tuple[str, ...]  # shell patterns
    since: date  # the first day it holds
    factor: float
    cached: bool  # whether cached input is cheaper there, too

    def of(self, price: Price) -> Price:
        """Return *price* as it is in a batch."""
        cached = price.cached_input if self.cached else None
        return replace(
            price,
            input=price.input * self.factor,
            output=price.output * self.factor,
            cached_input=None if cached is None else cached * self.factor,
        )


@dataclass(frozen=True, slots=True)
class ContainerPrice:
    """What a container of a provider's own interpreter costs, in US dollars."""

    provider: str
    since: date  # the first day it holds
    minute: float
    least: int  # minutes that are billed at least

    def dollars(self, seconds: float) -> float:
        """Return the price of a container that is used for *seconds*."""
        return self.minute * max(self.least, ceil(seconds / 60))


_Dated = TypeVar("_Dated", Price, BatchPrice)


@dataclass(frozen=True, slots=True, eq=False)  # one is itself: what is found in it is remembered
class Prices:
    """A table of prices; of two that fit, the later one holds, and of two of one day the first."""

    table: tuple[Price, ...]
    containers: tuple[ContainerPrice, ...] = ()
    batches: tuple[BatchPrice, ...] = ()

    def find(self, provider: str, model: str, on: date, *, batch: bool = False) -> Price | None:
        """Return the price of a provider's model on a day, that in a batch if it is one, or None."""
        return _found(self, provider, model, on, batch=batch)

    def find_container(self, provider: str, on: date) -> ContainerPrice | None:
        """Return the price of a provider's containers on a day, or None."""
        fitting = [each for each in self.containers if each.since <= on and each.provider == provider]
        return max(fitting, key=lambda price: price.since, default=None)

    def dollars(self, reply: Reply, provider: str, model: str, on: date) -> float | None:
        """Return what a reply costs, the containers it was billed for included; None when it is not known."""
        price = self.find(provider, model, on, batch=reply.batch)
        if price is None or reply.usage is None:
            return None
        container = self.find_container(provider, on) if reply.containers else None
        if container is None or reply.seconds is None:
            return None if reply.containers else price.dollars(reply.usage)
        return price.dollars(reply.usage) + reply.containers * container.dollars(reply.seconds)


def load_prices(extra: Iterable[Path] = ()) -> Prices:
    """Return the prices of the package, those of *extra* files before them.  Raises `PriceError`."""
    files = (*extra, Path(__file__).with_name("prices.toml"))
    read = [_read(path) for path in files]
    return Prices(
        tuple(price for each in read for price in each.table),
        tuple(price for each in read for price in each.containers),
        tuple(price for each in read for price in each.batches),
    )


@cache
def _found(prices: Prices, provider: str, model: str, on: date, *, batch: bool) -> Price | None:
    price = _latest(prices.table, provider, model, on)
    if price is None or not batch:
        return price
    reduced = _latest(prices.batches, provider, model, on)
    return None if reduced is None else reduced.of(price)


def _latest(table: Iterable[_Dated], provider: str, model: str, on: date) -> _Dated | None:
    """Return the entry for a provider's model that holds on a day, or None."""
    fitting = [
        entry
        for entry in table
        if entry.provider == provider
        and entry.since <= on
        and any(fnmatchcase(model, pattern) for pattern in entry.models)
    ]
    return max(fitting, key=lambda entry: entry.since, default=None)


def _read(path: Path) -> Prices:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PriceError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PriceError(f"{path}: {error}") from error
    if (
        not entries
        or not entries.keys() <= _KEYS.keys()
        or not all(isinstance(table, list) for table in entries.values())
    ):
        raise PriceError(f"{path}: write [[price]] tables with provider, models, since, input, output")
    faults = [
        f"{path}: {kind}[{at}]: {fault}"
        for kind, table in entries.items()
        for at, entry in enumerate(table)
        for fault in _faults(entry, _KEYS[kind])
    ]
    if faults:
        raise PriceError("\n".join(faults))
    return Prices(
        tuple(Price(**{**entry, "models": tuple(entry["models"])}) for entry in entries.get("price", ())),
        tuple(ContainerPrice(**entry) for entry in entries.get("container", ())),
        tuple(
            BatchPrice(**{**entry, "models": tuple(entry["models"])}) for entry in entries.get("batch", ())
        ),
    )


def _faults(entry: dict[str, Any], kinds: Mapping[str, Any]) -> Iterable[str]:
    """Yield what is wrong with one entry of a price file."""
    for key, kind in kinds.items():
        if (key in entry or key != "cached_input") and not isinstance(entry.get(key), kind):
            yield f"{key} is missing or of the wrong type"
    for key in sorted(entry.keys() - kinds.keys()):
        yield f"unknown key {key!r}"
    for key, value in entry.items():
        if isinstance(value, int | float) and value < 0:
            yield f"{key} is below 0"
