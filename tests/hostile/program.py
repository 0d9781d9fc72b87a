"""A hostile program and what must be true when it has run."""

from dataclasses import dataclass
from textwrap import dedent

from pytest_codesteer.conversation import Status


@dataclass(frozen=True, slots=True)
class Program:
    """One attack.

    Words between ``@`` in the source stand for things of the attacked world (see `world`).  Besides what
    is said here, every program must leave the world as it was.
    """

    name: str
    source: str
    statuses: tuple[Status, ...]  # any of them
    stdout: str | None = None  # exactly
    exit_code: int | None = None  # exactly, if given


def attack(
    name: str, source: str, *statuses: Status, stdout: str | None = None, exit_code: int | None = None
) -> Program:
    """Return a program whose source was indented."""
    return Program(name, dedent(source).lstrip("\n"), statuses, stdout, exit_code)
