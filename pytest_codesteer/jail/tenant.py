"""A program and all its processes, as the warden of its cell sees them."""

import os
import signal
import socket
import time
from dataclasses import dataclass

from pytest_codesteer.jail import census, kernel, occupant
from pytest_codesteer.jail.cgroup import CellGroup
from pytest_codesteer.jail.walls import Walls

_SWEEP = 0.001  # seconds between two attempts to kill all of it


@dataclass(slots=True)
class Tenant:
    """One program, from the fork of its process until all its processes are gone."""

    walls: Walls
    process: int
    ended: int  # descriptor that is readable when the process has ended
    channel: socket.socket  # to the process, as long as it keeps its end
    seconds_of_gone: float = 0.0  # processor time
    status: int | None = None  # of the process, as wait gives it

    def processor_seconds(self, processes: list[int]) -> float:
        """Return the processor time of all its processes, of which these have not been waited for."""
        return self.seconds_of_gone + census.processor_seconds(processes)

    def exit_code(self) -> int | None:
        """Return how the process has ended."""
        return None if self.status is None else os.waitstatus_to_exitcode(self.status)

    def reap(self) -> bool:
        """Take note of processes that have ended; return whether there are others."""
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not process:
                return True
            self.seconds_of_gone += usage.ru_utime + usage.ru_stime
            if process == self.process and self.status is None:  # numbers are used again
                self.status = status

    def evict(self) -> None:
        """Kill all processes and wait until they are gone."""
        while True:
            self.walls.signal(signal.SIGKILL)
            if not self.reap():
                return
            time.sleep(_SWEEP)

    def forget(self) -> None:
        """Remove what it wrote; all its processes are gone."""
        os.close(self.ended)
        self.channel.close()
        self.walls.clear()


def house(walls: Walls, group: CellGroup | None) -> Tenant:
    """Fork the process of the next program, which waits for it."""
    walls.prepare()
    channel, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = kernel.fork() if group is None else group.fork()
    if process == 0:
        occupant.start(walls, far_end)
    far_end.close()
    return Tenant(walls, process, os.pidfd_open(process), channel)
