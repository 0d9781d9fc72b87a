"""A cell: a place where one program at a time runs, and the warden that watches over it.

The warden has the process of the next program forked ahead of time, hands it the program when one comes,
ends it when it uses more than it may, and reports.  It is single-threaded and never reads what a program
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
from pytest_codesteer.jail.assignment import Task, answer, give, new_token
from pytest_codesteer.jail.spawner import start_spawner
from pytest_codesteer.jail.tenant import Tenant
from pytest_codesteer.jail.walls import Walls
from pytest_codesteer.jail.watch import Idle, Watch
from pytest_codesteer.jail.wire import Limit, Order, Report, close_all, receive, send

_TICK = 20  # milliseconds between two looks at what a program uses
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

    def serve(self) -> NoReturn:
        """Run programs one after the other."""
        spawner = start_spawner(self.walls)
        while True:
            self.walls.prepare()
            spawner.fork()
            tenant = Tenant(self.walls, spawner)
            going = self._attend(tenant)
            self.walls.clear()
            if not going:
                os._exit(0)
            if not tenant.was_alone():  # then the spawner is gone with the rest
                spawner.close()
                spawner = start_spawner(self.walls)

    def _attend(self, tenant: Tenant) -> bool:
        """Carry out the orders for one program; return whether to go on with another."""
        while True:
            order, descriptors = receive(self.harness, Order)
            if order is None:
                tenant.evict()
                return False
            if order.verb == "stop":  # a session that is paused
                tenant.evict()
                report = Report(worn=self.walls.worn())
            else:
                token = new_token() if order.session else ""
                run = self._start(tenant, order, token, descriptors)
                report = self._conclude(run, self._wait(run), token)
            if report is None:
                return False
            send(self.harness, report)
            if not report.stays:
                return not report.worn

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
        run = watch.begin(tenant, order, self.idle)
        with contextlib.suppress(OSError):  # its process is gone, which `_wait` sees
            give(tenant.spawner.tasks, task, descriptors)
        close_all(descriptors)
        if order.verb == "go on":
            self.walls.signal(signal.SIGCONT)
        return run

    def _wait(self, run: Watch) -> Outcome:
        """Wait until the run ends or has to end."""
        harness, spawner = self.harness.fileno(), run.tenant.spawner
        poller = select.poll()
        for descriptor in (harness, spawner.control.fileno(), *([spawner.tasks.fileno()] * run.order.session)):
            poller.register(descriptor, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poller.poll(_TICK)}
            if harness in ready:
                order, _ = receive(self.harness, Order)
                return Outcome("abandoned") if order is None else Outcome("stopped", order.cause)
            if spawner.control.fileno() in ready:
                run.tenant.take_end()
                return Outcome("exited")
            if ready:
                return Outcome("answered")
            if limit := run.overuse():
                return Outcome("stopped", limit)

    def _conclude(self, run: Watch, outcome: Outcome, token: str) -> Report | None:
        """End the program, or pause it if its session goes on, and say what became of it."""
        tenant = run.tenant
        if outcome.what == "answered":
            said = _answer(tenant.spawner.tasks)
            for status in (0, 1):
                if said == answer(token, status):
                    self.walls.signal(signal.SIGSTOP)
                    used = run.used(tenant.processes())
                    return Report(exit_code=status, processor_seconds=used, stays=True)
        stopped = outcome.what == "stopped"
        processes = tenant.processes() if stopped else set()
        used, waited = run.used(processes), run.has_waited(processes)
        if run.order.session or not tenant.was_alone():  # also when the answer was a wrong one
            tenant.ended = None if run.order.session else tenant.ended
            tenant.evict()
        if outcome.what == "abandoned":
            return None
        return Report(
            exit_code=None if stopped else tenant.exit_code(),
            stopped=outcome.limit,
            processor_seconds=used,
            waited=waited,
            worn=self.walls.worn(),
        )


def _answer(channel: socket.socket) -> bytes:
    """Return what was sent through a channel; nothing if it was closed instead."""
    try:
        return channel.recv(_MESSAGE)
    except ConnectionError:
        return b""
