"""The process that programs are forked from: it has given everything up itself, once for many of them.

A forked process pays for every page that it or its parent writes to afterwards, so the spawner does next
to nothing: it forks, waits, and tells the warden how the process ended.  A program may send it signals,
which harms the program itself; it can neither see nor change it, since it does not let itself be dumped.
"""

import os
import signal
import socket
import struct
from typing import NamedTuple, NoReturn

from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.assignment import carry_out
from pytest_codesteer.jail.walls import Walls

_ENDED = struct.Struct("iid")
_GO = b"go"
_MESSAGE = 1 << 12


class Ended(NamedTuple):
    """How the process of a program ended."""

    process: int  # its number, in the spawner's process namespace
    status: int  # as wait gives it
    seconds: float  # processor time, with that of the children it waited for


class Spawner(NamedTuple):
    """The spawner as its warden sees it."""

    process: int
    control: socket.socket
    tasks: socket.socket  # to the process that was forked last

    def fork(self) -> None:
        """Have the process of the next program forked, which waits for its task."""
        self.control.send(_GO)

    def ended(self) -> Ended | None:
        """Take the message that the process has ended; None if the spawner is gone instead."""
        try:
            message = self.control.recv(_MESSAGE)
        except ConnectionError:
            return None
        return Ended(*_ENDED.unpack(message)) if len(message) == _ENDED.size else None

    def close(self) -> None:
        """Let it end, if it has not."""
        self.control.close()
        self.tasks.close()


def start_spawner(walls: Walls) -> Spawner:
    """Fork a spawner from the warden, inside the walls.  Raises `OSError` with the reason if it fails."""
    control, far_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    tasks, far_tasks = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process == 0:
        _be_spawner(walls, far_control, far_tasks)
    far_control.close()
    far_tasks.close()
    said = control.recv(_MESSAGE)
    if said != _GO:
        raise OSError(said.decode("utf-8", "replace") or "the spawner of a cell ended at its start")
    return Spawner(process, control, tasks)


def _be_spawner(walls: Walls, control: socket.socket, tasks: socket.socket) -> NoReturn:
    try:
        walls.enclose()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.close_all_but(control.fileno(), tasks.fileno())
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        scratch = walls.scratch
        os.environ.update(HOME=scratch.home, TMPDIR=scratch.tmp, MPLCONFIGDIR=scratch.tmp)
    except BaseException as error:  # noqa: BLE001  (told to the warden: there is nobody to raise it to)
        control.send(f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    control.send(_GO)
    while control.recv(_MESSAGE) == _GO:
        process = os.fork()
        if process == 0:
            control.close()
            os.setsid()
            carry_out(tasks, scratch.work)
        _, status, usage = os.wait4(process, 0)
        control.send(_ENDED.pack(process, status, usage.ru_utime + usage.ru_stime))
    os._exit(0)
