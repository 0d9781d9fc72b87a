"""What became of a program, told from how it ended."""

import re
import signal

from pytest_codesteer.conversation import Status

#: How a Python program ends that was refused memory, and how one in C++ does.
_NO_MEMORY = re.compile(r"(?:[\w.]*MemoryError\b.*|.*std::bad_alloc.*)\Z")
_TAIL = 1000  # characters
_RESTARTED = "[The interpreter was restarted: nothing of the runs before is left.]\n"


class SandboxError(Exception):
    """Programs cannot be run, or not as was asked for; the message says what to do."""


def status_of(exit_code: int, stderr: str) -> Status:
    """Return the status of a program that ended without being stopped."""
    if exit_code == 0:
        return "ok"
    if exit_code == -signal.SIGXCPU:  # the system's own limit on processor time
        return "timeout"
    last = stderr[-_TAIL:].rstrip().rpartition("\n")[2]
    if _NO_MEMORY.match(last):
        return "memory"
    return "killed" if exit_code < 0 else "error"


def with_restart(stderr: str) -> str:
    """Return what a session's run printed, followed by the word that its state is lost."""
    gap = "" if not stderr or stderr.endswith("\n") else "\n"
    return f"{stderr}{gap}{_RESTARTED}"
