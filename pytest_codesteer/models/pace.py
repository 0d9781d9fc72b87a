"""How many requests a model is sent at a time: fewer when its server is busy, then more again."""

import asyncio
import math
import time
from collections import deque

KNOWN = 0.9  # of the number at which a server refused, up to which the way back is fast
FAST = 0.1  # of that number, that a round of replies brings on the fast way


class Pace:
    """The requests to one model; lives on one event loop.

    Without a refusal there is no limit but *most*.  A refusal halves what is under way, once for all requests
    that were sent before; a round of replies then brings back a tenth of what was refused, up to nine tenths
    of it, and beyond that one place.  While a server asks to wait, nothing is sent.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = float(most or math.inf)
        self.limit = self.most
        self.under_way = 0
        self._known = 0.0  # up to here the limit grows fast
        self._halved = -math.inf  # when the limit was lowered last
        self._paused = -math.inf  # until when nothing is sent
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, *, again: bool = False) -> float:
        """Wait for a place, one that was refused before the others; returns when it was given."""
        turn = asyncio.get_running_loop().create_future()
        if again:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place came, and nobody takes it
            raise
        return time.monotonic()

    def leave(self) -> None:
        """Give a place back."""
        self.under_way -= 1
        self._admit()

    def answered(self) -> None:
        """Note a reply, before its place is given back."""
        if self.limit < self.most and self.under_way >= self.limit - 1:
            more = max(1.0, FAST * self._known) if self.limit < self._known else 1.0
            self.limit = min(self.most, self.limit + more / self.limit)

    def refused(self, entered: float, pause: float | None) -> None:
        """Note that the server was too busy for a request, and for how long it asks to be left alone."""
        now = time.monotonic()
        if pause is not None:
            self._paused = max(self._paused, now + pause)
        if entered > self._halved:
            self._known = KNOWN * min(self.limit, self.under_way)
            self.limit = max(1.0, min(self.limit, self.under_way) / 2)
            self._halved = now

    def _admit(self) -> None:
        """Let those in for whom there is room."""
        left = self._paused - time.monotonic()
        while left <= 0 and self._waiting and self.under_way + 1 <= self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.under_way += 1
                turn.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and left > 0:
            self._timer = asyncio.get_running_loop().call_later(left, self._admit)
