"""The near side of the fork server: starting it, asking it for cells, handing them programs.

See `pytest_codesteer.jail` for the far side.
"""

import contextlib
import io
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from pytest_codesteer.jail.wire import Open, Opened, Order, Report, Setup, receive, send
from pytest_codesteer.sandbox.delegation import Share
from pytest_codesteer.sandbox.environment import environment
from pytest_codesteer.sandbox.outcome import SandboxError
from pytest_codesteer.sandbox.streams import Stream, open_stream
from pytest_codesteer.sandbox.visible import PACKAGE

_GRACE = 5.0  # seconds that a cell has to report beyond any limit of its program
_START_SECONDS = 30.0  # of a server, or of a cell that imports modules first

#: Read by the new interpreter from its standard input, so that no path shows in its command line.
_BOOT = """
import sys
sys.path.insert(0, {path!r})
from pytest_codesteer.jail.server import main
sys.path.pop(0)
main({descriptor})
"""


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of an order: the cell's report and what the program printed."""

    report: Report
    stdout: str
    stderr: str
    seconds: float  # on the clock
    flooded: bool  # it printed more than is kept


@dataclass(frozen=True, slots=True)
class Cell:
    """A place where one program at a time runs."""

    connection: socket.socket
    process: int  # a pidfd
    loaded: frozenset[str]  # modules that its programs need not import

    def perform(self, order: Order, source: str) -> Performed | None:
        """Have a program run and wait for its end; None if the cell is gone.

        Raises `SandboxError` if the cell could not run it.
        """
        streams = open_stream(), open_stream()
        started = time.perf_counter()
        try:
            self._order(order, source, streams)
            report = self._wait(order, streams, started)
        except ConnectionError:
            report = None
        finally:
            for stream in streams:
                stream.drain()
                stream.close()
        if report is None:
            return None
        if report.fault:
            raise SandboxError(report.fault)
        out, err = streams
        seconds = time.perf_counter() - started
        return Performed(report, out.text, err.text, seconds, flooded=out.flooded or err.flooded)

    def end_session(self) -> Report | None:
        """End the program that stays; None if the cell is gone."""
        try:
            send(self.connection, Order("stop"))
            return receive(self.connection, Report)[0]
        except OSError:
            return None

    def close(self) -> None:
        """Give the cell up: its warden kills what is in it, and ends."""
        self.connection.close()
        os.close(self.process)

    def _order(self, order: Order, source: str, streams: tuple[Stream, Stream]) -> None:
        """Send a program, in a file without a name."""
        code = os.memfd_create("program")
        try:
            with open(code, "wb", closefd=False) as file:
                file.write(source.encode("utf-8", "surrogatepass"))
            os.lseek(code, 0, os.SEEK_SET)
            send(self.connection, order, (code, *(stream.write_end for stream in streams)))
        finally:
            os.close(code)
            for stream in streams:
                stream.close_write_end()

    def _wait(self, order: Order, streams: tuple[Stream, Stream], started: float) -> Report | None:
        """Read what the program prints until the cell reports."""
        poller = select.poll()
        by_descriptor = {stream.read_end: stream for stream in streams}
        for descriptor in (self.connection.fileno(), *by_descriptor):
            poller.register(descriptor, select.POLLIN)
        deadline = started + 2 * order.seconds + _GRACE
        stopped = False
        while True:
            ready = [each for each, _ in poller.poll(max(0.0, deadline - time.perf_counter()) * 1000)]
            if not ready:  # the warden is stuck; what it guards dies with it
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
                return Report(stopped="timeout", waited=2 * order.seconds + _GRACE)  # for all that is known
            for descriptor in ready:
                if descriptor == self.connection.fileno():
                    return receive(self.connection, Report)[0]
                stream = by_descriptor[descriptor]
                stream.read()
                if stream.flooded and not stopped:
                    send(self.connection, Order("stop", cause="output_limit"))
                    stopped = True
                if stream.ended or stream.flooded:
                    poller.unregister(descriptor)


@dataclass(frozen=True, slots=True)
class Server:
    """A fork server of one tier."""

    guard: "subprocess.Popen[bytes]"
    connection: socket.socket
    landlock: int  # the ABI in use; 0 without
    cgroups: bool  # whether its cells have their own

    def open(self, preload: tuple[str, ...]) -> Cell | None:
        """Ask for a cell whose programs find these modules imported; None if the server is gone."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            try:
                send(self.connection, Open(preload), (far.fileno(),))
                opened, descriptors = receive(self.connection, Opened)
            except OSError:
                opened, descriptors = None, []
        if opened is None or opened.fault or opened.threads > 1:
            near.close()
        if opened is None:
            return None
        if opened.fault:
            raise SandboxError(opened.fault)
        if opened.threads > 1:
            raise SandboxError(f"importing {', '.join(preload)} started a thread")
        return Cell(near, descriptors[0], frozenset(opened.loaded))

    def close(self) -> None:
        """End the server and all its cells."""
        self.connection.close()
        self.guard.wait()


def start_server(setup: Setup, share: Share | None) -> Server:
    """Start a fork server, in *share* if there is one.

    Raises `SandboxError` with the reason if this tier is not to be had.
    """
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        guard = subprocess.Popen(
            [sys.executable, "-s", "-P", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            pass_fds=[far.fileno()],
            cwd="/",
            start_new_session=True,
        )
        boot = _BOOT.format(path=str(PACKAGE.parent), descriptor=far.fileno())
        with contextlib.suppress(BrokenPipeError), guard.stdin or io.BytesIO() as stdin:
            stdin.write(boot.encode())
    near.settimeout(_START_SECONDS)
    try:
        if share is not None:
            with contextlib.suppress(OSError):  # the server tries whether cgroups work for it
                share.admit(guard.pid)
        send(near, setup, () if share is None else (share.folder,))
        opened, _ = receive(near, Opened)
    except OSError as error:
        opened = Opened(fault=str(error))
    if opened is None or opened.fault:
        near.close()
        guard.kill()
        guard.wait()
        raise SandboxError(opened.fault if opened else "the fork server ended at its start")
    return Server(guard, near, opened.landlock, opened.cgroups)
