"""What the process that will be the program is given, and how it takes it."""

import os
import resource
import signal
import socket
from dataclasses import dataclass
from typing import NoReturn

from pytest_codesteer.jail import program
from pytest_codesteer.jail.walls import CORE_BYTES
from pytest_codesteer.jail.wire import close_all, receive

_TOKEN_BYTES = 16
_LOCKED_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Task:
    """What to run, under which limits of every process; 0 for none.  Source, stdout, stderr come along."""

    data: int = 0  # bytes of private memory
    address_space: int = 0  # bytes
    tasks: int = 0  # processes and threads
    descriptors: int = 0
    file: int = 0  # bytes of one file
    stack: int = 0  # bytes
    processor_seconds: int = 0
    token: str = ""  # "": a program that ends; else what to answer with at the end of a session's run


def new_token() -> str:
    """Return what only the interpreter of one session's run knows."""
    return os.urandom(_TOKEN_BYTES).hex()


def answer(token: str, status: int) -> bytes:
    """Return what the interpreter sends when a session's run has ended with this status, 0 or 1."""
    return f"{token}{status}".encode()


def carry_out(channel: socket.socket, folder: str) -> NoReturn:
    """Wait for a task and be its program, which finds itself in *folder*; never returns."""
    task, source = _take(channel)
    _limit(task)
    if not task.token:
        channel.close()
        _end(program.run(source, folder))
    notebook = program.Notebook(folder)
    while True:
        channel.send(answer(task.token, notebook.run(source)))
        task, source = _take(channel)


def _take(channel: socket.socket) -> tuple[Task, bytes]:
    task, descriptors = receive(channel, Task)
    if task is None:  # whoever would have sent one is gone
        os._exit(0)
    source, out, err = descriptors
    os.dup2(out, 1)
    os.dup2(err, 2)
    with open(source, "rb", closefd=False) as file:
        code = file.read()
    close_all(descriptors)
    return task, code


def _limit(task: Task) -> None:
    """Set the limits, none of them above what was set before."""
    wanted = {
        resource.RLIMIT_DATA: task.data,
        resource.RLIMIT_AS: task.address_space,
        resource.RLIMIT_NPROC: task.tasks,
        resource.RLIMIT_NOFILE: task.descriptors,
        resource.RLIMIT_FSIZE: task.file,
        resource.RLIMIT_STACK: task.stack,
        resource.RLIMIT_CPU: task.processor_seconds,
    }
    for kind, bound in wanted.items():
        if bound:
            # At the first bound on processor time comes SIGXCPU, which tells why; at the last SIGKILL.
            last = bound + 1 if kind == resource.RLIMIT_CPU else bound
            hard = resource.getrlimit(kind)[1]
            allowed = last if hard == resource.RLIM_INFINITY else min(last, hard)
            resource.setrlimit(kind, (min(bound, allowed), allowed))
    if any(wanted.values()):
        resource.setrlimit(resource.RLIMIT_CORE, (CORE_BYTES, CORE_BYTES))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (_LOCKED_BYTES, _LOCKED_BYTES))


def _end(status: int) -> NoReturn:
    """End this process without a trace of what ran in it; negative: by this signal."""
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)
