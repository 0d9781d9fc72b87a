"""Many at a time, or one alone; and a second chance, alone, for a program whose timeout is in doubt."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from pytest_codesteer.sandbox.turnstile import Turnstile

T = TypeVar("T")

_DOUBT = 0.1  # seconds that others may have cost a program, from which on they may be to blame


class Timeout(NamedTuple):
    """How a program spent its time until that was up, in seconds."""

    limit: float
    computed: float  # processor time
    waited: float  # when it could have run, had others not had the processors

    def doubtful(self, *, accompanied: bool) -> bool:
        """Tell whether others may be to blame.

        They cost a program the time it waited and, if any ran beside it, an unknown part of what it computed:
        the same work takes more processor time where caches and cores are shared.  One that only slept lost
        nothing; it would do so again, and keep all others waiting while it is alone.
        """
        return self.waited + (self.computed if accompanied else 0.0) >= min(_DOUBT, self.limit)


@dataclass(slots=True, eq=False)
class Stay:
    """The time that one is in."""

    accompanied: bool  # whether others were, or may have been, in at any time of it


class Gate:
    """Lets any number of threads in, unless one has asked to be alone; those of other processes as well.

    *folder* is one that all processes share whose programs are to be kept apart; None: there are no others.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._turnstile = Turnstile(folder)
        self._others = folder is not None  # other processes, of which it is not known when they run programs
        self._changed = threading.Condition()
        self._inside: list[Stay] = []
        self._wishes = 0  # to be alone, of those who wait and of the one who is

    def run(self, program: Callable[[], T], timeout: Callable[[T], Timeout | None]) -> T:
        """Return what comes of a program; of a second run, alone, if a doubtful *timeout* ended the first."""
        with self.shared() as stay:
            done = program()
        found = timeout(done)
        if found is not None and found.doubtful(accompanied=stay.accompanied):
            with self.alone():
                done = program()
        return done

    @contextmanager
    def shared(self) -> Iterator[Stay]:
        """Go in with others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._wishes)
            stay = Stay(accompanied=self._others or bool(self._inside))
            for other in self._inside:
                other.accompanied = True
            self._inside.append(stay)
        try:
            with self._turnstile.shared():
                yield stay
        finally:
            self._leave(stay)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody is in, and keep others out; those who wish it go one after the other."""
        stay = Stay(accompanied=False)
        with self._changed:
            self._wishes += 1
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._inside)
                self._inside.append(stay)
            with self._turnstile.alone():
                yield
        finally:
            with self._changed:
                self._wishes -= 1
            self._leave(stay)

    def close(self) -> None:
        """Wake those who wait for other processes; they raise `SandboxError`."""
        self._turnstile.close()

    def _leave(self, stay: Stay) -> None:
        with self._changed:
            if stay in self._inside:
                self._inside.remove(stay)
            self._changed.notify_all()
