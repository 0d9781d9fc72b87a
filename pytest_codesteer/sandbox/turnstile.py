"""Keeping the programs of several processes apart, by locks on two files in a folder that they share.

The system takes a lock back when its holder ends, however that comes about: nobody waits for the dead.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pytest_codesteer.sandbox.outcome import SandboxError

_DOOR, _ROOM = "door", "room"
_TICK = 0.01  # seconds between two tries to get a lock


class Turnstile:
    """Lets programs into a room through a door: all that come, or one alone.

    Who wants to be alone holds the door shut and waits until the room is empty, so that it need not wait for
    those who come later.  Where there is no folder, or it is gone or not to be written, everybody gets in.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._closing = threading.Event()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Go in with others."""
        with ExitStack() as room:
            with self._holding(_DOOR, fcntl.LOCK_SH):
                room.enter_context(self._holding(_ROOM, fcntl.LOCK_SH))
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody is in, and keep others out."""
        with self._holding(_DOOR, fcntl.LOCK_EX), self._holding(_ROOM, fcntl.LOCK_EX):
            yield

    def close(self) -> None:
        """Wake those who wait; they raise `SandboxError`."""
        self._closing.set()

    @contextmanager
    def _holding(self, name: str, kind: int) -> Iterator[None]:
        """Hold a lock, which threads do apart from each other: each has opened the file for itself."""
        file = self._open(name)
        if file is None:
            yield
            return
        try:
            while not _locks(file, kind):
                if self._closing.wait(_TICK):
                    raise SandboxError("the sandbox is closed")
            yield
        finally:
            with suppress(OSError):  # there is no lock in such a file system
                fcntl.flock(file, fcntl.LOCK_UN)  # closing would leave it to a process forked meanwhile
            os.close(file)

    def _open(self, name: str) -> int | None:
        if self.folder is None:
            return None
        try:
            return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None


def _locks(file: int, kind: int) -> bool:
    """Take a lock if it is free; one that a file system does not know is taken by all."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
