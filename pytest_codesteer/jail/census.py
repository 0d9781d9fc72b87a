"""What the processes of a program use, read from /proc.  A process that has ended meanwhile uses nothing."""

import contextlib
import os
import stat
from collections.abc import Iterable

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def others() -> list[int]:
    """Return all processes of this PID namespace but its first, which asks."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def descendants(root: int) -> list[int]:
    """Return the children of a process, their children, and so on."""
    found: list[int] = []
    pending = [root]
    while pending:
        born = children(pending.pop())
        found += born
        pending += born
    return found


def children(process: int) -> list[int]:
    """Return the children of a process."""
    found = [_read(f"/proc/{process}/task/{task}/children") for task in _names(f"/proc/{process}/task")]
    return [int(child) for line in found for child in line.split()]


def processor_seconds(processes: Iterable[int]) -> float:
    """Return the processor time of these processes and of the children they have waited for."""
    ticks = 0
    for process in processes:
        # The name, in parentheses, may hold anything.  Then utime, stime, cutime, cstime: fields 14 to 17.
        fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS


def wanted_seconds(processes: Iterable[int]) -> float:
    """Return how long the busiest thread of these processes ran or was ready to run."""
    nanoseconds = 0
    for process in processes:
        for task in _names(f"/proc/{process}/task"):
            running, ready, *_ = map(int, _read(f"/proc/{process}/task/{task}/schedstat").split() or (0, 0))
            nanoseconds = max(nanoseconds, running + ready)
    return nanoseconds / 1e9


def tasks(processes: Iterable[int]) -> int:
    """Return how many threads these processes have."""
    return sum(len(_names(f"/proc/{process}/task")) for process in processes)


def descriptors(processes: Iterable[int]) -> int:
    """Return how many descriptors these processes have; 0 if not known, as before Linux 6.2."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            total += os.stat(f"{_some_thread(process)}/fd").st_size
    return total


def removed_files(processes: Iterable[int]) -> int:
    """Return the bytes of files that these processes have open and that are in no folder any more."""
    found = {}
    for process in processes:
        folder = f"{_some_thread(process)}/fd"
        for name in _names(folder):
            with contextlib.suppress(OSError):
                file = os.stat(f"{folder}/{name}")
                if stat.S_ISREG(file.st_mode) and not file.st_nlink:
                    found[file.st_dev, file.st_ino] = file.st_blocks * 512
    return sum(found.values())


def resident(process: int | str) -> int:
    """Return the bytes in memory of a process, those that it shares included."""
    return _statm(process, 1)


def data(process: int | str) -> int:
    """Return the bytes that RLIMIT_DATA counts for a process."""
    return _statm(process, 5)


def address_space(process: int | str) -> int:
    """Return the bytes that RLIMIT_AS counts for a process."""
    return _statm(process, 0)


def proportional(process: int) -> int | None:
    """Return the bytes in memory of a process, each page divided by its users; None if we may not know.

    Slow: the kernel walks all pages.
    """
    for line in _read(f"{_some_thread(process)}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return None


def tasks_of_user(user: int) -> int:
    """Return how many threads a user has on the whole machine."""
    found = [name for name in os.listdir("/proc") if name.isdigit() and _owner(f"/proc/{name}") == user]
    return tasks(map(int, found))


def _statm(process: int | str, column: int) -> int:
    fields = _read(f"/proc/{process}/statm").split()
    if fields[:1] == ["0"]:
        fields = _read(f"{_some_thread(process)}/statm").split()
    return int(fields[column]) * _PAGE if fields else 0


def _some_thread(process: int | str) -> str:
    """Return the folder in /proc of a process, or of a thread of it if the first has ended."""
    own = f"/proc/{process}"
    threads = [own, *(f"{own}/task/{task}" for task in _names(f"{own}/task"))]
    return next((each for each in threads if not _read(f"{each}/statm").startswith("0 ")), own)


def _owner(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
