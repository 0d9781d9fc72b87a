"""An interpreter started for one program or one session, for the tiers without a fork server."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from pytest_codesteer.jail import census
from pytest_codesteer.jail.assignment import Task, answer
from pytest_codesteer.jail.remains import remove_tree
from pytest_codesteer.jail.watch import time_allowed
from pytest_codesteer.jail.wire import send
from pytest_codesteer.sandbox.environment import environment
from pytest_codesteer.sandbox.scratch import ScratchFolder
from pytest_codesteer.sandbox.streams import Stream, open_stream
from pytest_codesteer.sandbox.visible import PACKAGE

_TICK = 20  # milliseconds between two looks at the clock
_MESSAGE = 1 << 12

#: Read from standard input.
_BOOT = """
import os, socket, sys
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.path.insert(0, {package!r})
from pytest_codesteer.jail.assignment import carry_out
del sys.path[0]
for name in [name for name in sys.modules if name.partition(".")[0] == "pytest_codesteer"]:
    del sys.modules[name]
carry_out(socket.socket(fileno={channel}), {folder!r})
"""


class _End(NamedTuple):
    """How a run came to its end, and the seconds that it had taken by the last look at them."""

    stopped: Literal["timeout", "output_limit"] | None
    answered: int | None  # by a session that goes on
    computed: float
    waited: float


class Ended(NamedTuple):
    """What came of a run."""

    stopped: Literal["timeout", "output_limit"] | None
    exit_code: int | None  # None: it was stopped
    stays: bool  # it is a session that can go on
    stdout: str
    stderr: str
    seconds: float  # on the clock
    computed: float  # seconds of processor time
    waited: float  # seconds it could have run, had others not had the processors; all of them if not known


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A process that waits for what it is to run."""

    process: "subprocess.Popen[bytes]"
    channel: socket.socket
    folder: Path

    def run(self, task: Task, source: str, seconds: float) -> Ended:
        """Run *source* and wait for its end."""
        streams = open_stream(), open_stream()
        started = time.perf_counter()
        try:
            self._hand_over(task, source, streams)
            stopped, answered, computed, waited = self._wait(task, seconds, streams)
            if answered is None:
                self.kill()
            elif self.process.poll() is None:
                self._signal(signal.SIGSTOP)
        finally:
            for stream in streams:
                stream.drain()
                stream.close()
        if stopped is None and any(stream.flooded for stream in streams):
            stopped = "output_limit"
        exit_code = answered if answered is not None else self.process.returncode
        return Ended(
            stopped,
            None if stopped else exit_code,
            answered is not None,
            streams[0].text,
            streams[1].text,
            time.perf_counter() - started,
            computed,
            waited,
        )

    def kill(self) -> None:
        """End the process group."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """End the process group and remove what was written."""
        self.kill()
        self.channel.close()
        remove_tree(str(self.folder))

    def _hand_over(self, task: Task, source: str, streams: tuple[Stream, Stream]) -> None:
        with tempfile.TemporaryFile() as code:  # not in its folder, which it may have removed
            code.write(source.encode("utf-8", "surrogatepass"))
            code.seek(0)
            self._signal(signal.SIGCONT)
            with contextlib.suppress(OSError):  # it is gone, which `_wait` sees
                send(self.channel, task, (code.fileno(), *(stream.write_end for stream in streams)))
        for stream in streams:
            stream.close_write_end()

    def _wait(self, task: Task, seconds: float, streams: tuple[Stream, Stream]) -> _End:
        """Read what is printed until the run ends or has to."""
        poller = select.poll()
        by_descriptor = {stream.read_end: stream for stream in streams}
        for descriptor in (*by_descriptor, *([self.channel.fileno()] if task.token else [])):
            poller.register(descriptor, select.POLLIN)
        started = time.monotonic()
        wanted_before, used_before = self._wanted(), self._used()
        used = waited = 0.0
        while True:
            for descriptor, _ in poller.poll(_TICK):
                stream = by_descriptor.get(descriptor)
                if stream is None:
                    return _End(None, self._answer(task), used, waited)
                stream.read()
                if stream.flooded:
                    return _End("output_limit", None, used, waited)
                if stream.ended:
                    poller.unregister(descriptor)
            if self.process.poll() is not None:
                return _End(None, None, used, waited)
            elapsed = time.monotonic() - started
            used = self._used() - used_before
            waited = max(0.0, self._wanted() - wanted_before - used) if sys.platform == "linux" else seconds
            if elapsed > time_allowed(seconds, waited) or used >= seconds:
                return _End("timeout", None, used, waited)

    def _answer(self, task: Task) -> int | None:
        try:
            said = self.channel.recv(_MESSAGE)
        except ConnectionError:
            return None
        return next((status for status in (0, 1) if said == answer(task.token, status)), None)

    def _used(self) -> float:
        """Return the processor time of the process and the children it has waited for; 0 if not known."""
        return census.processor_seconds([self.process.pid])

    def _wanted(self) -> float:
        """Return how long it ran or was ready to run; 0 if not known (only Linux tells)."""
        return census.wanted_seconds([self.process.pid])

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def start_interpreter(scratch: ScratchFolder) -> Interpreter:
    """Start an interpreter whose files are in a new folder of *scratch*."""
    folder = scratch.new_folder()
    near, far = socket.socketpair()
    with far:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment() | dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(folder)),
            pass_fds=[far.fileno()],
            cwd=folder,
            start_new_session=True,
        )
        boot = _BOOT.format(package=str(PACKAGE.parent), channel=far.fileno(), folder=str(folder))
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(boot.encode())
    return Interpreter(process, near, folder)
