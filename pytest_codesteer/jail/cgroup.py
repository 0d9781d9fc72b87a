"""The cgroup of a cell, which bounds what the programs in it take together, the kernel's memory included.

It lies in one that the harness has made and whose descriptor it has sent along: programs are forked into
it, and nobody but the warden, who is not in it, knows where it is.  See cgroups(7), version 2.
"""

import contextlib
import os
from dataclasses import dataclass

from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.walls import TASKS

_MARGIN = 64 << 20  # bytes for what the kernel keeps about a hundred processes, which no program asks for
_EVENTS_BYTES = 1 << 10
_NAME_BYTES = 8
_FIXED = {
    "pids.max": TASKS + 1,  # so that the watch sees one too many, and says what for
    "memory.oom.group": 1,  # all of a program or nothing: half of one might go on for ever
}


@dataclass(slots=True)
class CellGroup:
    """The cgroup of one cell."""

    parent: int  # descriptors of folders
    folder: int
    name: str
    events: int  # descriptor of a file that counts how often memory ran out
    most: int = 0  # bytes that it may have now
    seen: int = 0  # of those events

    def fork(self) -> int:
        """Fork this process; the child is in the group from its start."""
        return kernel.fork_into(self.folder)

    def limit(self, memory: int) -> None:
        """Let the next program have so many bytes."""
        if memory + _MARGIN != self.most:
            self.most = memory + _MARGIN
            _write(self.folder, "memory.max", self.most)

    def ran_out(self) -> bool:
        """Tell whether memory ran out since this was last asked, for which the kernel ends a program."""
        before, self.seen = self.seen, _times_out(self.events)
        return self.seen > before

    def remove(self) -> None:
        """Remove the group; all its processes are gone."""
        os.close(self.events)
        os.close(self.folder)
        with contextlib.suppress(OSError):  # then the harness does it
            os.rmdir(self.name, dir_fd=self.parent)


def make(parent: int) -> CellGroup:
    """Make a group in the one of this descriptor.  Raises `OSError` if that cannot be."""
    name = os.urandom(_NAME_BYTES).hex()
    os.mkdir(name, dir_fd=parent)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)
    for file, value in _FIXED.items():
        _write(folder, file, value)
    with contextlib.suppress(FileNotFoundError):  # the kernel does not count what is swapped out
        _write(folder, "memory.swap.max", 0)
    return CellGroup(parent, folder, name, os.open("memory.events", os.O_RDONLY, dir_fd=folder))


def works(parent: int) -> bool:
    """Try whether groups can be made in the one of this descriptor, limited, and forked into."""
    try:
        group = make(parent)
    except OSError:
        return False
    try:
        group.limit(0)
        process = group.fork()
    except OSError:
        return False
    else:
        if process == 0:
            os._exit(0)
        os.waitpid(process, 0)
        return True
    finally:
        group.remove()


def _times_out(events: int) -> int:
    """Return how often memory has run out: at this group's own limit, not at one of its ancestors."""
    lines = os.pread(events, _EVENTS_BYTES, 0).decode("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("oom "))


def _write(folder: int, name: str, value: int) -> None:
    file = os.open(name, os.O_WRONLY, dir_fd=folder)
    try:
        os.write(file, str(value).encode("ascii"))
    finally:
        os.close(file)
