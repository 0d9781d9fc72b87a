"""multiprocessing where /dev/shm is out of reach, as it is behind Landlock: programs share that folder.

Semaphores become event descriptors, which forked processes inherit; shared memory becomes files in the
scratch.
"""

import os
import select
import time
from _thread import get_ident
from types import TracebackType
from typing import Any

from pytest_codesteer.jail.amend import Change

RECURSIVE_MUTEX, SEMAPHORE = range(2)  # kinds, as in Modules/_multiprocessing/semaphore.c


class SemLock:
    """What `_multiprocessing.SemLock` is, for processes that are forked."""

    SEM_VALUE_MAX = (1 << 31) - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str | None, unlink: bool) -> None:  # noqa: FBT001
        if not unlink:
            raise OSError(f"processes that are not forked cannot share the semaphore {name} here")
        self.kind, self.maxvalue, self.name = kind, maxvalue, None
        self.handle = os.eventfd(value, os.EFD_SEMAPHORE | os.EFD_NONBLOCK)
        self._held = 0  # times, by this thread if it is the owner
        self._owner = 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002
        """Take one; wait for it if that is asked for."""
        if self.kind == RECURSIVE_MUTEX and self._is_mine():
            self._held += 1
            return True
        deadline = None if timeout is None else time.monotonic() + max(0.0, timeout)
        while True:
            try:
                os.eventfd_read(self.handle)
            except BlockingIOError:
                left = None if deadline is None else deadline - time.monotonic()
                if not block or (left is not None and left <= 0):
                    return False
                select.select([self.handle], [], [], left)
            else:
                self._held += 1
                self._owner = get_ident()
                return True

    def release(self) -> None:
        """Give one back."""
        if self.kind == RECURSIVE_MUTEX:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._held > 1:
                self._held -= 1
                return
        elif self.maxvalue == 1 and not self._is_zero():
            raise ValueError("semaphore or lock released too many times")
        self._held -= 1
        os.eventfd_write(self.handle, 1)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __del__(self) -> None:
        os.close(self.handle)

    def _count(self) -> int:
        return self._held

    def _is_mine(self) -> bool:
        return self._held > 0 and self._owner == get_ident()

    def _is_zero(self) -> bool:
        return not select.select([self.handle], [], [], 0)[0]

    def _get_value(self) -> int:
        if self.maxvalue == 1:
            return 0 if self._is_zero() else 1
        raise NotImplementedError  # as on macOS

    def _after_fork(self) -> None:
        self._held = 0


def _semaphores(module: Any) -> None:
    module.SemLock = SemLock
    module.sem_unlink = lambda _: None


def _shared_memory(module: Any) -> None:
    def place(name: str) -> str:
        return f"{os.environ['TMPDIR']}/{name.strip('/')}.shm"

    module.shm_open = lambda path, flags, mode=0o600: os.open(place(path), flags | os.O_CLOEXEC, mode)
    module.shm_unlink = lambda path: os.unlink(place(path))


def _heap(module: Any) -> None:
    type.__setattr__(module.Arena, "_dir_candidates", [])  # then it takes the folder for temporary files


def _context(module: Any) -> None:
    """Let processes be forked, as they are by default before Python 3.14: a fork server needs sockets."""
    fork = vars(module)["_concrete_contexts"]["fork"]
    vars(module)["_default_context"] = module.DefaultContext(fork)


CHANGES: dict[str, Change] = {
    "_multiprocessing": _semaphores,
    "_posixshmem": _shared_memory,
    "multiprocessing.heap": _heap,
    "multiprocessing.context": _context,
}
