"""The cache: a reply that was paid for once is not asked for again.

A request is known by all that the model's provider is sent, by the epoch of its case, and by how often its
episode has made it before: epochs, and repeats within an episode, each have a reply of their own.  Cases that
ask the same in the same epoch share one.  Errors are not kept.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from pytest_codesteer.cache.batches import Batches, Entry, lives, under_way
from pytest_codesteer.cache.store import OWN_FOLDER, Store, make_folder
from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.models import Model, ModelError

Identity: TypeAlias = Callable[[Ask], Mapping[str, Any]]


class Cache:
    """The replies of all runs in one project, for the episodes of this process."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._asking: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def reply(self, key: bytes, model: Model, request: Ask) -> Reply:
        """Return the reply kept under *key*, or ask for it; of several who want it at once, one asks."""
        turn = self._asking.setdefault(key, asyncio.Lock())
        async with turn:
            found = await self.store.find(key)
            if found is not None:
                return found
            return await self.store.keep(key, await model.reply(request))


class Cached:
    """A model as one episode has it: it is asked what the cache does not hold.

    *identity* tells all that a request is known by; *made* counts those that the episode has made.
    """

    keeps_time = True  # what is cached are models that do

    def __init__(
        self, model: Model, cache: Cache, identity: Identity, *, epoch: int, made: Counter[bytes]
    ) -> None:
        self.name = model.name
        self._model = model
        self._cache = cache
        self._identity = identity
        self._epoch = epoch
        self._made = made

    async def reply(self, request: Ask) -> Reply:
        """Return the reply of now or then.  Raises `ModelError`."""
        asked = _digest(self._identity(request))
        self._made[asked] += 1
        key = _digest({"request": asked.hex(), "epoch": self._epoch, "time": self._made[asked]})
        return await self._cache.reply(key, self._model, replace(request, key=key.hex()))


class Absent:
    """A model that nobody may ask: what is not in the cache is an error."""

    def __init__(self, name: str, store: Store) -> None:
        self.name = name
        self._store = store

    async def reply(self, request: Ask) -> Reply:  # noqa: ARG002  (as all models)
        """Raise `ModelError`."""
        why = self._store.fault or f"{self._store.path} does not hold this request"
        raise ModelError(f"{self.name}: {why}; --codesteer-replay asks nobody")


def _digest(values: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).digest()


__all__ = [
    "OWN_FOLDER",
    "Absent",
    "Batches",
    "Cache",
    "Cached",
    "Entry",
    "Identity",
    "Store",
    "lives",
    "make_folder",
    "under_way",
]
