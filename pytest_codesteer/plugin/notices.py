"""Notice that a run ends, for its workers on other machines, which have no part in its ledger.

It goes by a channel of its own beside that of pytest-xdist, which also tells a worker that its run is gone.
"""

import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from pytest_codesteer.engine import Ledger, NotRun
from pytest_codesteer.engine.ledger import GRACE_SECONDS

if TYPE_CHECKING:
    from execnet import Channel, Gateway

NOTICES = "codesteer_notices"  # under this key xdist brings the channel to a worker
GONE = "the run is gone"


class Notices:
    """Gives notice; lives in the process that reports.

    A thread sends it: a signal handler, which gives it, may have come in the middle of another sending.
    """

    def __init__(self) -> None:
        self._channels: list[Channel] = []
        self._given: SimpleQueue[tuple[str, float]] = SimpleQueue()  # which takes what a handler puts in

    def open(self, gateway: "Gateway") -> "Channel":
        """Return the channel for one more worker."""
        if not self._channels:
            threading.Thread(target=self._send_on, name="codesteer-notices", daemon=True).start()
        channel: Channel = gateway.newchannel()
        self._channels.append(channel)
        return channel

    def give(self, reason: str, grace: float) -> None:
        """Tell all workers to start no case, and to end those under way after *grace* seconds."""
        self._given.put((reason, grace))

    def _send_on(self) -> None:
        while True:
            notice = self._given.get()
            for channel in list(self._channels):
                with suppress(OSError):  # it is closed: its worker is gone
                    channel.send(notice)


def heed(channel: "Channel", ledger: Ledger) -> None:
    """End a worker's part of the run when notice comes, or nobody is there any more who would give it."""

    def end(notice: tuple[str, float]) -> None:
        reason, grace = notice
        with suppress(NotRun):  # the worker is through, and its account is gone
            ledger.end(reason, until=time.time() + grace)

    channel.setcallback(end, endmarker=(GONE, GRACE_SECONDS))
