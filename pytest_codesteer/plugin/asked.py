"""Which models a run asks."""

from urllib.parse import urlsplit

import pytest

from pytest_codesteer.models import ModelName, Settings, open_model, read_name
from pytest_codesteer.models.providers import STAND_INS


def read_models(config: pytest.Config) -> tuple[tuple[ModelName, ...], ModelName | None]:
    """Return the models that are measured, and the one that guides them; None: each guides itself.

    Raises `ModelError` and `pytest.UsageError`: a missing key, too, shows before anything runs.
    """
    given = config.option
    address = _address(given.codesteer_base_url)
    if "" in given.codesteer_model:
        raise pytest.UsageError(
            "--codesteer-model=: names no model; write one, as in --codesteer-model=gpt-4o"
        )
    models = tuple(read_name(name, address) for name in dict.fromkeys(given.codesteer_model))
    guide = read_name(given.codesteer_guide, address) if given.codesteer_guide else None
    if guide and guide.provider in STAND_INS:
        raise pytest.UsageError(
            f"--codesteer-guide={guide.given}: name a model; {guide.given} only plays one"
        )
    named = asked(models, guide)
    for name in () if given.codesteer_replay else named:
        open_model(name, Settings())
    if len({name.label for name in named}) < len(named):
        raise pytest.UsageError("two models have the same name: " + ", ".join(name.given for name in named))
    return models, guide


def _address(given: str | None) -> str:
    """Return the address of a server; an empty one is a variable that is not set, not the provider's own."""
    if given is None:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise pytest.UsageError(
            f"--codesteer-base-url={given}: no address of a server; write one as in http://127.0.0.1:8000/v1"
        )
    return given


def asked(models: tuple[ModelName, ...], guide: ModelName | None) -> tuple[ModelName, ...]:
    """Return all models that are asked, the guide included, each once."""
    return tuple(dict.fromkeys((*models, guide) if guide else models))
