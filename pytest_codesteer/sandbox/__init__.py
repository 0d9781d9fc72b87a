"""Running model-written programs.

A crash, a flood or an endless loop is an `Execution` with its status, never an exception.
"""

from typing import Protocol

from pytest_codesteer.conversation import Execution, RunCode
from pytest_codesteer.sandbox.process import ProcessSandbox


class Session(Protocol):
    """An interpreter that keeps its state from one run to the next.  Used by one thread at a time."""

    def run(self, source: str, *, seconds: float) -> Execution:
        """Run *source* where the runs before it left off, for at most *seconds* of processor time.

        The value of a last expression is printed, as in a notebook.  After a run that was stopped or that
        ended the interpreter the session goes on empty, and `stderr` of that run says so.
        """
        ...

    def close(self) -> None:
        """End the interpreter and whatever it started."""
        ...


class Sandbox(Protocol):
    """A place to run programs that nobody has read.  Used from several threads at once."""

    @property
    def isolation(self) -> str:
        """What this place protects from, in one word."""
        ...

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time."""
        ...

    def session(self, *, memory_mb: int) -> Session:
        """Start an interpreter with the same isolation as `run`."""
        ...

    def close(self) -> None:
        """End what was started to run programs."""
        ...


def open_sandbox() -> Sandbox:
    """Return the sandbox of this machine."""
    return ProcessSandbox()


def run(source: str, *, seconds: float = 10.0, memory_mb: int = 1024) -> Execution:
    """Run one program and wait for it.

    *seconds* bounds its processor time; the wall clock stops it at twice that and a second.
    """
    return open_sandbox().run(RunCode(source), seconds=seconds, memory_mb=memory_mb)


__all__ = ["Execution", "ProcessSandbox", "RunCode", "Sandbox", "Session", "open_sandbox", "run"]
