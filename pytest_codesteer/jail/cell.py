"""A cell: a place where one program at a time runs, and the warden that watches over it.

The warden forks the process of the next program ahead of time, hands it the program when one comes, ends
it when it uses more than it may, and reports.  It is single-threaded and never reads what a program
writes, but for the one message by which the interpreter of a session tells that a run has ended.
"""

import contextlib
import os
import select
import signal
import socket
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn

from pytest_codesteer.jail import watch
from pytest_codesteer.jail.assignment import Task, answer, new_token
from pytest_codesteer.jail.cgroup import CellGroup
from pytest_codesteer.jail.tenant import Tenant, house
from pytest_codesteer.jail.walls import Walls
from pytest_codesteer.jail.watch import Idle, Watch
from pytest_codesteer.jail.wire import Limit, Order, Report, close_all, receive, send

_TICK = 20  # milliseconds between two looks at what a program uses
_PAUSE, _STIRRING = 1.0, 0.1  # seconds between two looks at a paused session; of processor time it may use
_RESERVED = 2 << 30  # bytes of address space beyond the memory: thread stacks, arenas, shared mappings
_SLACK = 2  # seconds of RLIMIT_CPU beyond the warden's own limit
_DESCRIPTORS, _FILE_BYTES, _STACK_BYTES = 256, 64 << 20, 64 << 20
_MESSAGE = 1 << 12


class Outcome(NamedTuple):
    """Why a run is over."""

    what: Literal["exited", "answered", "abandoned", "stopped"]
    limit: Limit | None = None  # for which it has to be stopped


@dataclass(frozen=True, slots=True)
class Warden:
    """Serves one harness through one socket, until that is closed."""

    walls: Walls
    harness: socket.socket
    idle: Idle
    group: CellGroup | None  # around its programs, where there are cgroups

    def serve(self) -> NoReturn:
        """Run programs one after the other."""
        scratch = self.walls.scratch
        for name, path in (("HOME", scratch.home), ("TMPDIR", scratch.tmp), ("MPLCONFIGDIR", scratch.tmp)):
            os.environ[name] = path  # here once, as it would cost each program a part of its start
        going = True
        while going:
            tenant = house(self.walls, self.group)
            going = self._attend(tenant)
            tenant.evict()
            tenant.forget()
        if self.group is not None:
            self.group.remove()
        os._exit(0)

    def _attend(self, tenant: Tenant) -> bool:
        """Carry out the orders for one program; return whether to go on with another."""
        ready, _, _ = select.select([self.harness.fileno(), tenant.ended], [], [])
        if tenant.ended in ready:
            said = tenant.channel.recv(_MESSAGE).decode("utf-8", "replace")
            send(self.harness, Report(fault=said or "the process of a program ended before it started"))
            return False
        while True:
            order, descriptors = receive(self.harness, Order)
            if order is None:
                return False
            if order.verb == "stop" and order.cause:
                continue  # was meant for a program that ended by itself meanwhile
            if order.verb == "stop":  # a session that is paused
                tenant.evict()
                report = Report(worn=self.walls.worn())
            else:
                token = new_token() if order.session else ""
                run = self._start(tenant, order, token, descriptors)
                outcome = self._wait(run, in_session=order.session)
                if outcome.what == "abandoned":
                    return False
                report = self._conclude(run, outcome, token)
            send(self.harness, report)
            if not report.stays:
                return not report.worn
            self._guard_pause(run)

    def _start(self, tenant: Tenant, order: Order, token: str, descriptors: list[int]) -> Watch:
        task = Task(
            data=self.idle.data + order.memory,
            address_space=self.idle.address_space + order.memory + _RESERVED,
            tasks=self.walls.task_limit(),
            descriptors=_DESCRIPTORS,
            file=_FILE_BYTES,
            stack=_STACK_BYTES,
            processor_seconds=0 if order.session else int(order.seconds) + _SLACK,
            token=token,
        )
        if self.group is not None:
            self.group.limit(watch.memory_at_most(order, self.idle, self.walls))
        run = watch.begin(tenant, order, self.idle)
        with contextlib.suppress(OSError):  # its process is gone, which `_wait` sees
            send(tenant.channel, task, tuple(descriptors))
        close_all(descriptors)
        if order.verb == "go on":
            self.walls.signal(signal.SIGCONT)
        return run

    def _wait(self, run: Watch, *, in_session: bool) -> Outcome:
        """Wait until the run ends or has to end."""
        tenant = run.tenant
        poller = select.poll()
        for descriptor in (self.harness.fileno(), tenant.ended):
            poller.register(descriptor, select.POLLIN)
        if in_session:
            poller.register(tenant.channel, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poller.poll(_TICK)}
            if self.harness.fileno() in ready:
                order, _ = receive(self.harness, Order)
                if order is None:
                    return Outcome("abandoned")
                return Outcome("stopped", order.cause)
            if tenant.ended in ready:
                return Outcome("exited")
            if ready:
                return Outcome("answered")
            if limit := run.overuse():
                return Outcome("stopped", limit)

    def _guard_pause(self, run: Watch) -> None:
        """Wait for the next order; end a session that goes on meanwhile, as its own timer can make it."""
        used = run.used(self.walls.processes())
        while not select.select([self.harness], [], [], _PAUSE)[0]:
            if run.used(self.walls.processes()) > used + _STIRRING:
                run.tenant.evict()

    def _conclude(self, run: Watch, outcome: Outcome, token: str) -> Report:
        """End the program, or pause it if its session goes on, and say what became of it."""
        tenant = run.tenant
        said = _answer(tenant.channel) if outcome.what == "answered" else b""
        for status in (0, 1):
            if said == answer(token, status):
                self.walls.signal(signal.SIGSTOP)
                tenant.reap()
                used = run.used(self.walls.processes())
                return Report(exit_code=status, processor_seconds=used, stays=True)
        stopped = outcome.what == "stopped"
        waited = run.has_waited(self.walls.processes()) if stopped else 0.0
        tenant.evict()  # also when the answer was a wrong one
        limit = outcome.limit
        if self.group is not None and self.group.ran_out() and tenant.exit_code() == -signal.SIGKILL:
            limit = limit or "memory"
        return Report(
            exit_code=None if limit else tenant.exit_code(),
            stopped=limit,
            processor_seconds=run.used([]),
            waited=waited,
            worn=self.walls.worn(),
        )


def _answer(channel: socket.socket) -> bytes:
    """Return what was sent through a channel; nothing if it was closed instead."""
    try:
        return channel.recv(_MESSAGE)
    except ConnectionError:
        return b""
