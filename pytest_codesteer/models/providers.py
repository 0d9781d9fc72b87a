"""Which provider serves a model, and how to speak to it: the table `providers.toml`, read."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pytest_codesteer.prompts import Prompts
from pytest_codesteer.suggest import unknown

STAND_INS = ("oracle", "adversary")  # answer without asking anybody


class ModelError(Exception):
    """A model gave no reply.  The message names the model and, where there is one, the remedy."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final  # asking again, also for another case, cannot help


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a model departs from the protocol."""

    no_system: bool = False
    no_temperature: bool = False
    completion_tokens: bool = False
    no_limit: bool = False
    no_tools: bool = False
    no_hosted: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request is tried again whose failure may pass."""

    seconds: float = 120.0  # from its first failure to its last try
    first: float = 0.5  # the first wait, where the server asks for none; each is twice the one before
    longest: float = 8.0
    malformed: int = 2  # tries after an answer that is no reply
    tries: float = math.inf  # in all


@dataclass(frozen=True, slots=True)
class Settings:
    """How replies are sampled, and waited for; the same for every model of a run."""

    max_tokens: int = 2000  # of one reply (arXiv:2410.03524 samples with this limit)
    temperature: float = 0.0
    seconds: float = 300.0  # of one call
    patience: Patience = field(default_factory=Patience)
    prompts: Prompts = field(default_factory=Prompts)  # in which tools are offered


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who serves models."""

    name: str
    base_url: str
    key: str | None = None  # environment variable of the key; None: it asks for none
    responses: bool = False  # whether it has an interpreter of its own, in the Responses API
    batch: bool = False  # whether it has OpenAI's Batch API
    quirks: tuple[tuple[tuple[str, ...], Quirks], ...] = field(default=(), repr=False)

    def quirks_of(self, model: str) -> Quirks:
        """Return the quirks of one of its models."""
        for patterns, quirks in self.quirks:
            if any(fnmatchcase(model, pattern) for pattern in patterns):
                return quirks
        return Quirks()


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model as the user named it, taken apart."""

    given: str  # on the command line
    provider: str  # a provider of the table, "local", "oracle" or "adversary"
    model: str  # what the provider calls it; for "local", its weights, "" for the small ones
    base_url: str = ""
    label: str = ""  # how tables and test ids call it


@cache
def providers() -> Mapping[str, Provider]:
    """Return the providers by name."""
    table = tomllib.loads(Path(__file__).with_name("providers.toml").read_text("utf-8"))
    return {name: _provider(name, entry) for name, entry in table.items()}


def _provider(name: str, entry: Mapping[str, object]) -> Provider:
    quirks = [dict(quirk) for quirk in entry.get("quirk", ())]  # type: ignore[attr-defined]
    return Provider(
        name=name,
        base_url=str(entry["base_url"]),
        key=str(entry["key"]) if "key" in entry else None,
        responses=bool(entry.get("responses", False)),
        batch=bool(entry.get("batch", False)),
        quirks=tuple((tuple(quirk.pop("models")), Quirks(**quirk)) for quirk in quirks),
    )


@cache
def quirks_of(name: ModelName) -> Quirks:
    """Return the quirks of a model; small embedded ones mostly know no tools, and drop an offer silently."""
    if name.provider == "local":
        return Quirks(no_tools=True)
    provider = providers().get(name.provider)
    return provider.quirks_of(name.model) if provider else Quirks()


def hosts_interpreter(name: ModelName) -> bool:
    """Whether a model's own provider, not another server that speaks its protocol, serves it a hosted one."""
    provider = providers()[name.provider]
    return provider.responses and name.base_url == provider.base_url


def takes_batches(name: ModelName) -> bool:
    """Whether a model's provider has a Batch API, or may have one, as any server behind another address."""
    provider = providers().get(name.provider)
    return provider is not None and (provider.batch or name.base_url != provider.base_url)


def read_name(given: str, base_url: str = "") -> ModelName:
    """Take a model's name apart.  Raises `ModelError` for a provider that is not in the table.

    >>> read_name("mistral/open-mixtral-8x7b").provider
    'mistral'
    >>> read_name("gpt-4o").provider
    'openai'
    """
    if given in STAND_INS:
        return ModelName(given, given, given, label=given)
    if given == "local" or given.startswith("local:"):
        weights = given.partition(":")[2]
        name = Path(weights.partition("#")[0]).stem or "smollm2-135m"
        return ModelName(given, "local", weights, label=f"local:{name}" if weights else "local")
    provider, slash, model = given.partition("/")
    if slash and not model:
        raise ModelError(f"{given!r} names no model; write provider/model, as in openai/gpt-4o", final=True)
    if slash and provider in providers():
        return ModelName(given, provider, model, base_url or providers()[provider].base_url, given)
    if slash and not base_url:
        known = (*providers(), "local")
        hint = f"{unknown('provider', provider, known)} (in {given!r}; or name its --codesteer-base-url)"
        raise ModelError(hint, final=True)
    return ModelName(given, "openai", given, base_url or providers()["openai"].base_url, given)
