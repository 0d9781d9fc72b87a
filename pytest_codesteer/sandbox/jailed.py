"""The tiers with real isolation: programs are forked by a server that holds nothing of ours.

There are two servers, each started when it is first needed: one bare, so that a plain program costs as
little as can be, and one that has imported what takes long and programs have asked for.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from threading import Lock

from pytest_codesteer.conversation import Execution, RunCode, Status
from pytest_codesteer.jail.wire import Limit, Order
from pytest_codesteer.sandbox.cells import Cell, Performed
from pytest_codesteer.sandbox.gate import Gate, Timeout
from pytest_codesteer.sandbox.imports import preloads
from pytest_codesteer.sandbox.outcome import SandboxError, status_of, with_restart
from pytest_codesteer.sandbox.pool import CellPool

_STATUSES: dict[Limit, Status] = {
    "timeout": "timeout",
    "memory": "memory",
    "output_limit": "output_limit",
    "tasks": "killed",
    "disk": "killed",
}


@dataclass(frozen=True, slots=True)
class Jail:
    """Where programs run: the cells of two servers."""

    isolation: str
    bare: CellPool
    warm: CellPool
    one_at_a_time: bool  # programs could send each other signals
    gate: Gate
    turn: Lock = field(default_factory=Lock)

    def pool(self, modules: tuple[str, ...]) -> CellPool:
        """Return the cells for a program that imports these modules."""
        return self.warm if modules else self.bare

    def perform(self, cell: Cell, order: Order, source: str) -> Performed | None:
        """Have a program run in a cell; None if the cell is lost."""
        turn: AbstractContextManager[object] = self.turn if self.one_at_a_time else nullcontext()
        with turn:
            return cell.perform(order, source)

    def execution(self, performed: Performed) -> Execution:
        """Say what became of a program."""
        report = performed.report
        status = status_of(report.exit_code or 0, performed.stderr)
        if performed.flooded:
            status = "output_limit"
        elif report.stopped:
            status = _STATUSES[report.stopped]
        return Execution(
            status,
            performed.stdout,
            performed.stderr,
            exit_code=report.exit_code,
            seconds=performed.seconds,
            isolation=self.isolation,
        )

    def timeout(self, performed: Performed, seconds: float) -> Timeout | None:
        """Return how a program spent its time that may compute for *seconds*; None if it had enough."""
        if self.execution(performed).status != "timeout":
            return None
        return Timeout(seconds, performed.report.processor_seconds, performed.report.waited)


class JailedSandbox:
    """Runs each program in a process forked for it, within walls; several at a time."""

    def __init__(self, jail: Jail, on_close: Callable[[], None]) -> None:
        self.isolation = jail.isolation
        self._jail = jail
        self._on_close = on_close

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time; see `Gate.run`."""
        order = Order("run", seconds, memory_mb << 20)
        performed = self._jail.gate.run(
            lambda: self._perform(order, request.source),
            lambda performed: self._jail.timeout(performed, seconds),
        )
        return self._jail.execution(performed)

    def session(self, *, memory_mb: int) -> "JailedSession":
        """Start an interpreter that keeps its state."""
        return JailedSession(self._jail, memory_mb << 20)

    def close(self) -> None:
        """End the servers."""
        self._jail.gate.close()
        self._jail.bare.close()
        self._jail.warm.close()
        self._on_close()

    def _perform(self, order: Order, source: str) -> Performed:
        """Have a program run in any cell; in another one if the first is lost, or fails before it can run."""
        modules = preloads(source)
        pool = self._jail.pool(modules)
        fault = SandboxError("the cells of the sandbox die while they run programs")
        for _ in range(2):
            cell = pool.take(modules)
            try:
                performed = self._jail.perform(cell, order, source)
            except SandboxError as error:  # as when the system has killed what waits for a program
                performed, fault = None, error
            if performed is not None:
                pool.give(cell, worn=performed.report.worn)
                return performed
            pool.lose(cell)
        raise fault


class JailedSession:
    """An interpreter in a cell of its own, paused between runs."""

    def __init__(self, jail: Jail, memory: int) -> None:
        self._jail = jail
        self._memory = memory  # bytes
        self._held: tuple[Cell, CellPool] | None = None

    def run(self, source: str, *, seconds: float) -> Execution:
        """Run *source* where the runs before it left off, for at most *seconds* of processor time."""
        fresh = self._held is None
        if self._held is None:
            modules = preloads(source)
            pool = self._jail.pool(modules)
            self._held = pool.take(modules), pool
        cell, pool = self._held
        order = Order("run" if fresh else "go on", seconds, self._memory, session=True)
        with self._jail.gate.shared():
            performed = self._jail.perform(cell, order, source)
        if performed is None:
            self._held = None
            pool.lose(cell)
            return Execution("killed", stderr=with_restart(""), isolation=self._jail.isolation)
        execution = self._jail.execution(performed)
        if performed.report.stays:
            return execution
        self._held = None
        pool.give(cell, worn=performed.report.worn)
        return replace(execution, stderr=with_restart(execution.stderr))

    def close(self) -> None:
        """End the interpreter."""
        if self._held is None:
            return
        cell, pool = self._held
        self._held = None
        report = cell.end_session()
        if report is None:
            pool.lose(cell)
        else:
            pool.give(cell, worn=report.worn)
