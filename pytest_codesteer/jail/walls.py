"""What a cell asks of the isolation around it; `namespaces` and `landlocked` provide it."""

import os
from dataclasses import dataclass
from typing import Protocol

SCRATCH_BYTES = 256 << 20  # of all files that a program writes
SCRATCH_FILES = 20_000
TASKS = 100  # processes and threads of a program at a time


@dataclass(frozen=True, slots=True)
class Scratch:
    """The folders of a cell's programs."""

    root: str
    tmp: str  # by the name that programs see

    @property
    def work(self) -> str:
        """The current directory."""
        return f"{self.root}/work"

    @property
    def home(self) -> str:
        """The home directory."""
        return f"{self.root}/home"


class Walls(Protocol):
    """One kind of isolation.  All but `enclose` is called by the warden of a cell."""

    @property
    def scratch(self) -> Scratch:
        """Where programs write."""
        ...

    @property
    def files_in_memory(self) -> bool:
        """Whether what a program writes takes memory, and the file system bounds it."""
        ...

    def prepare(self) -> None:
        """Make the empty folders of the next program."""
        ...

    def enclose(self) -> None:
        """Give up, in the process that programs are forked from, all that they need not have.  For good."""
        ...

    def task_limit(self) -> int:
        """Return the RLIMIT_NPROC that allows a program `TASKS`."""
        ...

    def processes(self) -> set[int]:
        """Return all processes in the cell but the warden."""
        ...

    def size(self) -> int:
        """Return the bytes of all files of the program."""
        ...

    def clear(self) -> None:
        """Remove the files of a program whose processes are all gone."""
        ...

    def worn(self) -> bool:
        """Tell whether the cell should serve no other program after one whose processes are all gone."""
        ...


def make_folders(root: str) -> None:
    """Make the folders of a scratch."""
    for name in ("work", "home", "tmp", "shm"):
        os.mkdir(f"{root}/{name}")
