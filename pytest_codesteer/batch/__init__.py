"""Models that are asked in batches: slower by hours, at half the price.

A model is asked as ever.  What it would send goes to `Rounds` instead, which gather requests until no more
come, send them together, and bring each its reply: a case that asks five times takes five rounds.  What is
under way is on disk (`pytest_codesteer.cache.batches`), so a run that was ended, in whatever way, goes on.
"""

import math
from dataclasses import replace

from pytest_codesteer.batch.api import BatchApi
from pytest_codesteer.batch.rounds import Rounds, Timing
from pytest_codesteer.cache import Batches, Store
from pytest_codesteer.models import ChatModel, ModelName, Patience, Settings, hosts_interpreter, key_of

CONCURRENCY = 50_000  # requests in flight: all that fit into a batch
TRIES = 3  # of a request whose failure may pass, each in another round
TIMING = Timing()


def open_in_batches(name: ModelName, settings: Settings, store: Store) -> ChatModel:
    """Return a model that is asked in batches, which *store* keeps note of.  Raises `ModelError`."""
    key = key_of(name)
    rounds = Rounds(BatchApi(name, key, settings.patience), Batches(store), TIMING)
    patience = Patience(seconds=math.inf, first=0.0, tries=TRIES)  # a round takes long enough
    return ChatModel(
        name, replace(settings, patience=patience), key=key, hosted=hosts_interpreter(name), post=rounds.post
    )


__all__ = ["CONCURRENCY", "Timing", "open_in_batches"]
