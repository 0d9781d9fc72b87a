"""Whether a running program uses more than it may."""

import time
from dataclasses import dataclass

from pytest_codesteer.jail import census
from pytest_codesteer.jail.tenant import Tenant
from pytest_codesteer.jail.walls import TASKS, Walls
from pytest_codesteer.jail.wire import Limit, Order

MARGIN = 1.0  # seconds on the clock beyond the processor time
DISK_BYTES = 256 << 20
_DESCRIPTORS = 512  # of all processes of a program, beyond which each is taken for a socket that is full
_SOCKET_BYTES = 416 << 10  # that a socket holds in the kernel, at most, where nobody else counts them


@dataclass(frozen=True, slots=True)
class Idle:
    """What a process uses before it runs anything, because it was forked from the warden.  In bytes."""

    data: int
    address_space: int
    resident: int


@dataclass(frozen=True, slots=True)
class Watch:
    """One order that is being carried out, and where its counting starts."""

    tenant: Tenant
    order: Order
    idle: Idle
    started: float
    processor_seconds: float
    wanted: float

    def overuse(self) -> Limit | None:
        """Return what the program uses too much of."""
        self.tenant.reap()
        processes = self.tenant.walls.processes()
        if self.used(processes) >= self.order.seconds or self._late(processes):
            return "timeout"
        if census.tasks(processes) > TASKS:
            return "tasks"
        return self._space(processes)

    def used(self, processes: list[int]) -> float:
        """Return the processor time of this run, in seconds."""
        return self.tenant.processor_seconds(processes) - self.processor_seconds

    def has_waited(self, processes: list[int]) -> float:
        """Return how long it could have run, had others not had the processors, in seconds.

        Its own processes keep each other waiting too, but while one of them waits for another it advances.
        """
        return max(0.0, census.wanted_seconds(processes) - self.wanted - self.used(processes))

    def _late(self, processes: list[int]) -> bool:
        elapsed = time.monotonic() - self.started
        seconds = self.order.seconds
        return elapsed >= seconds + MARGIN and elapsed >= time_allowed(seconds, self.has_waited(processes))

    def _space(self, processes: list[int]) -> Limit | None:
        walls = self.tenant.walls
        files = walls.size()
        if not walls.files_in_memory and files > DISK_BYTES:
            return "disk"
        held = files if walls.files_in_memory else 0
        held += max(0, census.descriptors(processes) - _DESCRIPTORS) * _SOCKET_BYTES
        return "memory" if self._memory_exceeds(self.order.memory - held, processes) else None

    def _memory_exceeds(self, limit: int, processes: list[int]) -> bool:
        """Compare the memory of all processes; pages that they share are told apart only if it matters.

        What one process has from the warden is free, a copy of it in another is not.
        """
        rough = [census.resident(process) for process in processes]
        if sum(rough) - self.idle.resident <= limit:
            return False
        exact = [census.proportional(process) for process in processes]
        total = sum(r if e is None else e for r, e in zip(rough, exact, strict=True))
        return total - self.idle.resident > limit


def time_allowed(seconds: float, waited: float) -> float:
    """Return how long a program may take on the clock that may compute for so many *seconds*.

    One that sleeps is charged for that, but not for the time in which others had the processors, up to as
    much again as it may compute.
    """
    return seconds + MARGIN + min(waited, seconds)


def memory_at_most(order: Order, idle: Idle, walls: Walls) -> int:
    """Return the bytes that a program cannot need more of, where the kernel counts them.

    It charges a process for a copy of what that has from the warden, and for files of a scratch in memory.
    """
    return order.memory + idle.resident + (0 if walls.files_in_memory else DISK_BYTES)


def measure_idle() -> Idle:
    """Return what this process uses, of which those it forks will have their share."""
    return Idle(census.data("self"), census.address_space("self"), census.resident("self"))


def begin(tenant: Tenant, order: Order, idle: Idle) -> Watch:
    """Start counting; for a new program at the start of its process, which has done next to nothing."""
    processes = tenant.walls.processes() if order.verb == "go on" else []
    return Watch(
        tenant,
        order,
        idle,
        started=time.monotonic(),
        processor_seconds=tenant.processor_seconds(processes),
        wanted=census.wanted_seconds(processes),
    )
