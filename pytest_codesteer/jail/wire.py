"""Messages between the harness, the fork server and its cells: one JSON object and a few descriptors each.

They travel over sockets that no program ever holds, so both ends trust them.
"""

import json
import os
import socket
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

T = TypeVar("T")

_BYTES = 1 << 16
_DESCRIPTORS = 4

Limit = Literal["timeout", "memory", "output_limit", "tasks", "disk"]


@dataclass(frozen=True, slots=True)
class Setup:
    """To the guard: what kind of cells to make; the cgroup to make theirs in comes along, if there is one."""

    tier: Literal["namespaces", "landlock"]
    shown: tuple[str, ...]  # files and folders that programs may read
    hidden: tuple[str, ...]  # among those, folders that they may not
    libraries: tuple[str, ...]  # folders to import from besides the interpreter's own
    scratch: str  # folder for what programs write, in the tier that has no file system of its own
    user: int | None  # whom to become before anything is run; None: nobody else
    landlock: int | None  # the newest ABI to use; None: the kernel's


@dataclass(frozen=True, slots=True)
class Open:
    """To the server: make a cell; its socket comes along.  Answered by `Opened`, with its pidfd."""

    preload: tuple[str, ...]  # modules to have imported


@dataclass(frozen=True, slots=True)
class Opened:
    """From the server: at its start, and for each cell."""

    loaded: tuple[str, ...] = ()  # those of the modules that are there
    threads: int = 1  # of the server; more than one must not be forked
    landlock: int = 0  # the ABI in use
    cgroups: bool = False  # whether they are in use
    fault: str = ""  # why there is no server, or no cell


@dataclass(frozen=True, slots=True)
class Order:
    """To a cell.

    ``run`` starts a program and ``go on`` continues the session it left; source, stdout and stderr come
    along.  ``stop`` ends what runs.  All are answered by one `Report`.
    """

    verb: Literal["run", "go on", "stop"]
    seconds: float = 0.0  # processor time
    memory: int = 0  # bytes, of all its processes together
    session: bool = False  # whether it stays for a ``go on``
    cause: Limit | None = None  # of a ``stop``, to be reported


@dataclass(frozen=True, slots=True)
class Report:
    """From a cell: what became of a program.  All its processes are gone, or paused if it `stays`."""

    exit_code: int | None = None  # negative for a signal; None: it was stopped
    stopped: Limit | None = None  # what for
    processor_seconds: float = 0.0
    waited: float = 0.0  # seconds it could have run, had others not had the processors
    stays: bool = False  # a session that can go on
    worn: bool = False  # the cell ends with this program
    fault: str = ""  # why there was no run


def send(connection: socket.socket, message: object, descriptors: tuple[int, ...] = ()) -> None:
    """Send a message; the descriptors stay open here."""
    values = {field: getattr(message, field) for field in message.__slots__}  # type: ignore[attr-defined]
    data = json.dumps(values).encode()
    socket.send_fds(connection, [data], descriptors)


def receive(connection: socket.socket, kind: type[T]) -> tuple[T | None, list[int]]:
    """Wait for a message of this kind; None when the other end is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(connection, _BYTES, _DESCRIPTORS)
    except ConnectionError:
        return None, []
    if not data:
        return None, []
    values: dict[str, Any] = json.loads(data)
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    ), (descriptors)


def close_all(descriptors: list[int]) -> None:
    """Close what came with a message."""
    for descriptor in descriptors:
        os.close(descriptor)
