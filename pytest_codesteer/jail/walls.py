"""What a cell asks of the isolation around it; `namespaces` and `landlocked` provide it."""

import os
from dataclasses import dataclass
from typing import Protocol

SCRATCH_BYTES = 256 << 20  # of all files that a program writes
SCRATCH_FILES = 20_000
TASKS = 100  # processes and threads at a time
CORE_BYTES = 1  # of a core dump, too few for one; at 0 the kernel still starts what takes them, outside


@dataclass(frozen=True, slots=True)
class Scratch:
    """The folders of one program."""

    root: str
    tmp: str  # by the name that the program sees

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
    def files_in_memory(self) -> bool:
        """Whether what the program writes takes memory, and the file system bounds it."""
        ...

    @property
    def scratch(self) -> Scratch:
        """The folders of every program of this cell: those of one are gone before the next has its own."""
        ...

    def prepare(self) -> None:
        """Make the empty folders of the next program."""
        ...

    def enclose(self) -> None:
        """Give up, in the process that will be the program, all that it need not have.  For good."""
        ...

    def task_limit(self) -> int:
        """Return the RLIMIT_NPROC that allows `TASKS`."""
        ...

    def processes(self) -> list[int]:
        """Return all processes of the program."""
        ...

    def signal(self, number: int) -> None:
        """Send a signal to all of them, also to those that are being started meanwhile."""
        ...

    def size(self) -> int:
        """Return the bytes of all files of the program."""
        ...

    def clear(self) -> None:
        """Remove the folders of a program whose processes are all gone."""
        ...

    def worn(self) -> bool:
        """Tell whether the cell should serve no other program after one whose processes are all gone."""
        ...


def make_folders(root: str) -> None:
    """Make the folders of a scratch."""
    for name in ("work", "home", "tmp", "shm"):
        os.mkdir(f"{root}/{name}")
