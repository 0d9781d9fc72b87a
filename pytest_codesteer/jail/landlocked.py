"""The tier without namespaces: Landlock, a stricter system call filter, and sweeping up.

It works where containers forbid new namespaces.  The warden of a cell is the subreaper of its program, so
that whatever the program starts, and however it hides, stays among the warden's descendants.  Where the
harness is root the program becomes a user of its own.
"""

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from pytest_codesteer.jail import census, kernel, landlock, seccomp
from pytest_codesteer.jail.namespaces import become
from pytest_codesteer.jail.remains import remove_tree
from pytest_codesteer.jail.walls import SCRATCH_FILES, TASKS, Scratch, make_folders
from pytest_codesteer.jail.wire import Setup

SCOPED = 6  # the ABI from which on Landlock refuses signals to processes outside
_TRUNCATE = 3  # the ABI from which on it governs truncate(2)
_MANY_FILES = 300  # some file systems take milliseconds to remove one
_FULL = 1 << 62  # more than any limit
_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2  # capabilities


@dataclass(frozen=True, slots=True)
class LandlockWalls:
    """The walls of one cell."""

    landlock: int
    folder: str  # of this cell
    user: int | None  # whom the program becomes
    capability: int | None  # without which this user could not read the interpreter
    filter: bytes | None  # None: it depends on the process
    read: tuple[str, ...]
    list_only: tuple[str, ...]
    files_in_memory: bool = False

    @property
    def scratch(self) -> Scratch:
        """The folders of its programs."""
        return Scratch(f"{self.folder}/run", f"{self.folder}/run/tmp")

    def prepare(self) -> None:
        """Make new folders."""
        root = self.scratch.root
        os.mkdir(root, 0o700)
        make_folders(root)
        if self.user is not None:
            for path in (root, *(f"{root}/{name}" for name in os.listdir(root))):
                os.chown(path, self.user, self.user)

    def enclose(self) -> None:
        """Become nobody in particular, who may read the interpreter and write in the scratch."""
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if self.user is not None:
            _become(self.user, self.capability)
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # becoming someone cleared it
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(
            self.landlock,
            read=self.read,
            list_only=self.list_only,
            write=(self.scratch.root, *_DEVICES),
            network=False,
        )
        seccomp.install(self.filter or _filter(self.landlock, os.getpid()))

    def task_limit(self) -> int:
        """Return the limit; the count is that of the user on the whole machine."""
        return TASKS if self.user is not None else TASKS + census.tasks_of_user(os.geteuid())

    def processes(self) -> list[int]:
        """Return all that the warden is the ancestor of."""
        return census.descendants(os.getpid())

    def signal(self, number: int) -> None:
        """Send a signal to every process, having stopped them all: what is stopped starts no others."""
        found: set[int] = set()
        while (now := set(self.processes())) != found:
            _send(now, signal.SIGSTOP)
            found = now
        _send(found, signal.SIGSTOP)  # for one that another continued before that was stopped itself
        if number != signal.SIGSTOP:
            _send(found, number)

    def size(self) -> int:
        """Return the bytes of all files; more than any limit if there are too many of them."""
        total = census.removed_files(self.processes())
        for count, entry in enumerate(_entries(self.scratch.root)):
            if count >= SCRATCH_FILES:
                return _FULL
            with contextlib.suppress(OSError):  # removed meanwhile
                total += entry.stat(follow_symlinks=False).st_blocks * 512
        return total

    def clear(self) -> None:
        """Remove the folders."""
        remove_tree(self.scratch.root)

    def worn(self) -> bool:
        """Tell whether it will take long to remove what is left; then nobody should wait for that."""
        return next(islice(_entries(self.scratch.root), _MANY_FILES, None), None) is not None


def leave() -> None:
    """Become the parent of all that loses its own."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def walls(setup: Setup) -> LandlockWalls:
    """Return the walls of this cell.  Raises `OSError` if the kernel lacks what they are made of."""
    version = landlock.abi(setup.landlock)
    if not version:
        raise OSError("the kernel does not offer Landlock")
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        raise OSError("/proc does not tell the children of a process")
    leave()
    folder = f"{setup.scratch}/{os.getpid()}"
    os.mkdir(folder)
    os.chmod(folder, 0o711)
    user = None if setup.user is None else setup.user + os.getpid() % 10_000
    read, list_only = without(setup.shown, setup.hidden)
    fixed = _filter(version, None) if version >= SCOPED else None
    bare = LandlockWalls(version, folder, user, None, fixed, read, list_only)
    if user is None or _readable_by(user, setup.shown):
        return bare
    return replace(bare, capability=_read_capability())


def without(shown: Iterable[str], hidden: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return paths that cover what is shown but not what is hidden in it, and the folders in between.

    Landlock only grants: around something hidden, its neighbours have to be granted one by one.
    """
    shown = set(shown)
    read: list[str] = []
    between: list[str] = []
    pending = sorted(shown)
    hidden = {os.path.realpath(path) for path in hidden}
    while pending:
        path = os.path.realpath(pending.pop())
        if path in hidden:
            continue
        if not any(each.startswith(f"{path}/") for each in hidden) or not os.path.isdir(path):
            read.append(path)
            continue
        between.append(path)
        pending += [f"{path}/{name}" for name in os.listdir(path)]
    return tuple(dict.fromkeys(read)), tuple(dict.fromkeys(between))


def _filter(version: int, signals_from: int | None) -> bytes:
    policy = seccomp.Policy(
        network=False, metadata=False, truncate=version >= _TRUNCATE, signals_from=signals_from
    )
    return seccomp.compile_filter(policy)


def _entries(root: str) -> Iterator["os.DirEntry[str]"]:
    """Yield what is in a folder and all folders in it, as far as they can be entered."""
    pending = [root]
    while pending:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as found:
            for entry in found:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def _send(processes: Iterable[int], number: int) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _become(user: int, capability: int | None) -> None:
    """Turn from root into an ordinary user, who may keep one capability."""
    if capability is None:
        become(user)
        return
    kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    become(user)
    kernel.set_capabilities(1 << capability)
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_RAISE, capability)  # also for what it starts


def _readable_by(user: int, paths: Iterable[str]) -> bool:
    """Try whether an ordinary user can reach those of these paths that exist."""
    existing = [path for path in paths if os.path.exists(path)]
    child = os.fork()
    if child == 0:
        become(user)
        os._exit(0 if all(os.access(path, os.R_OK) for path in existing) else 1)
    return os.waitpid(child, 0)[1] == 0


def _read_capability() -> int | None:
    """Return the weakest capability at hand that opens all files to reading; Landlock says which of them."""
    with open("/proc/self/status", encoding="utf-8") as file:
        permitted = next(int(line.split()[1], 16) for line in file if line.startswith("CapPrm:"))
    held = (each for each in (_DAC_READ_SEARCH, _DAC_OVERRIDE) if permitted >> each & 1)
    return next(held, None)
