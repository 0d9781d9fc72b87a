"""Counting the requests to models: so many at once, and none that the run's budget has no room for."""

import asyncio

from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.engine.episode import reply_of
from pytest_codesteer.engine.ledger import Ledger, NotRun
from pytest_codesteer.models import Closed, Model, ModelError
from pytest_codesteer.models.patience import Malformed, Slow
from pytest_codesteer.models.tariff import Tariff

POLL_SECONDS = 0.05  # between looks whether others have left room
LOOKERS = 20  # requests that look so often; the more there are beyond, the less often each does


class Metered:
    """A model that asks *model*, for each request that the ledger has room for.

    Each has one of the *places*, which the models of a process share.
    """

    def __init__(self, model: Model, ledger: Ledger, tariff: Tariff, places: asyncio.Semaphore) -> None:
        self.name = model.name
        self._model = model
        self._ledger = ledger
        self._tariff = tariff
        self._places = places
        self._longest: Reply | None = None  # so far
        self._waiting = 0  # requests, for room

    @property
    def keeps_time(self) -> bool:
        """As the model says."""
        return bool(getattr(self._model, "keeps_time", False))

    @property
    def closed(self) -> str:
        """Why the model is not asked any more; "" if it is."""
        return str(getattr(self._model, "closed", ""))

    async def reply(self, request: Ask) -> Reply:
        """Ask the model.  Raises `ModelError`, and `NotRun` when the budget is spent or the model closed.

        What was begun and brought no reply counts with the most that it may have cost, unless it is sure
        that nobody bills it.
        """
        waited = self._places.locked()
        async with self._places:
            if waited and (reason := self._ledger.over()):
                raise NotRun(reason)  # mostly the first request of a case: it counts as not begun
            return await self._counted(request)

    async def _counted(self, request: Ask) -> Reply:
        worst = self._tariff.worst(request, self._longest)
        while not self._ledger.claim(worst):
            self._waiting += 1
            try:
                await asyncio.sleep(POLL_SECONDS * max(1.0, self._waiting / LOOKERS))
            finally:
                self._waiting -= 1
        dollars, usage = None, None
        try:
            reply = await reply_of(self._model, request)
            dollars, usage = self._tariff.dollars(reply), reply.usage
        except Closed as error:
            dollars = 0.0
            raise NotRun(str(error)) from error
        except ModelError as error:
            dollars = None if isinstance(error, Malformed | Slow) else 0.0
            raise
        finally:
            self._ledger.settle(worst, dollars, usage)
            if self.closed:
                self._ledger.close(self.closed)
        self._longest = max(filter(None, (self._longest, reply)), key=_length)
        return reply


def _length(reply: Reply) -> int:
    return reply.usage.completion if reply.usage else 0
