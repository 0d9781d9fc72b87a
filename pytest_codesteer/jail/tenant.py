"""A program and all its processes, as the warden of its cell sees them."""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_codesteer.jail import census
from pytest_codesteer.jail.spawner import Ended, Spawner
from pytest_codesteer.jail.walls import Walls

_SWEEP = 0.001  # seconds between two attempts to kill all of it


@dataclass(slots=True)
class Tenant:
    """One program, from the fork of its first process until all its processes are gone."""

    walls: Walls
    spawner: Spawner
    ended: Ended | None = None  # how its first process did; None: it has not, or nobody knows
    seconds_of_orphans: float = 0.0  # processor time of those that have ended

    def processes(self) -> set[int]:
        """Return its processes."""
        return self.walls.processes() - {self.spawner.process}

    def processor_seconds(self, processes: Iterable[int]) -> float:
        """Return the processor time of all its processes, of which these have not been waited for."""
        of_first = self.ended.seconds if self.ended else 0.0
        return of_first + self.seconds_of_orphans + census.processor_seconds(processes)

    def exit_code(self) -> int:
        """Return how its first process ended; one that took the spawner with it was killed."""
        return os.waitstatus_to_exitcode(self.ended.status) if self.ended else -signal.SIGKILL

    def take_end(self) -> None:
        """Take the message that its first process has ended."""
        self.ended = self.spawner.ended()

    def was_alone(self) -> bool:
        """Tell whether its first process has ended and never was but one, without a thread."""
        return self.ended is not None and self.walls.alone(self.ended.process)

    def reap(self) -> bool:
        """Take note of processes that have lost their parents and ended; return whether there are others."""
        while True:
            try:
                process, _, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not process:
                return True
            if process != self.spawner.process:
                self.seconds_of_orphans += usage.ru_utime + usage.ru_stime

    def evict(self) -> None:
        """Kill all processes, and the spawner with them, and wait until they are gone."""
        while True:
            self.walls.signal(signal.SIGKILL)
            if not self.reap():
                return
            time.sleep(_SWEEP)
