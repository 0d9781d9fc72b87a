"""What runs programs, as the rest of the package sees it."""

from typing import Protocol

from pytest_codesteer.conversation import Execution, RunCode


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
        """What this place protects with, in a few words for the header of a run."""
        ...

    def run(self, request: RunCode, *, seconds: float, memory_mb: int) -> Execution:
        """Run a program for at most *seconds* of processor time.

        One that ran out of time, perhaps because of others, is run again, alone, and that run counts.
        """
        ...

    def session(self, *, memory_mb: int) -> Session:
        """Start an interpreter with the same isolation as `run`."""
        ...

    def close(self) -> None:
        """End what was started to run programs."""
        ...
