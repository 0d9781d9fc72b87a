"""The strong tier: user, mount, process, network, IPC, host name and cgroup namespaces.

The guard enters a user namespace and a `room`; the fork server is the first process in it.  Each cell has
process and network namespaces of its own, which live as long as the cell: when a program ends, its cell
kills all that is left in them at once, so that nothing but process numbers goes over to the next program.
Each program has user and cgroup namespaces of its own, in which it has no capabilities.
"""

import contextlib
import fcntl
import os
import socket
import struct
from dataclasses import dataclass

from pytest_codesteer.jail import census, kernel, landlock, room, seccomp
from pytest_codesteer.jail.kernel import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
)
from pytest_codesteer.jail.walls import SCRATCH_BYTES, SCRATCH_FILES, TASKS, Scratch, make_folders
from pytest_codesteer.jail.wire import Setup

_NOBODY = 1000  # whom programs see themselves as
_SCRATCH = Scratch(room.SCRATCH, "/tmp")
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41
_WRITABLE = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")


def leave(setup: Setup) -> None:
    """Leave the machine behind; runs in the guard, whose next child is the first process of the room."""
    every = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    if setup.user is not None:
        # Root reads the interpreter wherever it is, and no process limit holds for root in any namespace.
        kernel.unshare(CLONE_NEWNS)
        room.build(setup.shown, setup.hidden)
        become(setup.user)
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(every)
    kernel.map_ids(0, user, group)
    if setup.user is None:
        room.build(setup.shown, setup.hidden)
    socket.sethostname("sandbox")


def become(user: int) -> None:
    """Turn from root into an ordinary user."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or /proc/self would still be root's


def settle() -> None:
    """Show the room's processes instead of the machine's; runs in the fork server."""
    kernel.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def fork_cell(own: int) -> int:
    """Fork the first process of a new process namespace; *own* is a descriptor of the caller's."""
    kernel.unshare(CLONE_NEWPID)
    process = os.fork()
    if process:
        kernel.join(own, CLONE_NEWPID)
    return process


def settle_cell() -> None:
    """Enter the other namespaces of a cell."""
    kernel.unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC)
    # hidepid: the first process of the cell, the warden, is not shown to programs.
    kernel.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2")
    _limit_buffers()
    kernel.bind("/proc/sys", "/proc/sys", read_only=True)
    bring_up_loopback()


def _limit_buffers() -> None:
    """Keep TCP sockets from holding megabytes each in the kernel."""
    for name in ("tcp_rmem", "tcp_wmem"):
        path = f"/proc/sys/net/ipv4/{name}"
        with contextlib.suppress(OSError), open(path, "w", encoding="ascii") as file:  # old kernels refuse it
            file.write("4096 65536 212992")  # bytes: at least, at first, at most


def bring_up_loopback() -> None:
    """Let processes of a new network namespace talk to each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh14x", b"lo", _UP_AND_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, up)


@dataclass(frozen=True, slots=True)
class NamespaceWalls:
    """The walls of one cell."""

    landlock: int
    filter: bytes
    below_tmp: tuple[str, ...]  # parts of the interpreter that are installed below /tmp
    scratch: Scratch = _SCRATCH
    files_in_memory: bool = True

    def prepare(self) -> None:
        """Mount an empty file system in memory."""
        options = f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=700"
        kernel.mount("tmpfs", room.SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, options)
        make_folders(room.SCRATCH)
        for path in self.below_tmp:
            place = room.SCRATCH + path
            os.makedirs(place if os.path.isdir(path) else os.path.dirname(place), exist_ok=True)
            if not os.path.isdir(path):
                os.close(os.open(place, os.O_CREAT))
            kernel.bind(path, place, read_only=True)
        if self.below_tmp:
            kernel.bind(f"{room.SCRATCH}/tmp", "/tmp", read_only=False)

    def enclose(self) -> None:
        """Enter a user namespace without capabilities; allow writing in the scratch alone."""
        kernel.unshare(CLONE_NEWUSER | CLONE_NEWCGROUP)  # not before: it has to be in its cgroup by then
        kernel.map_ids(_NOBODY, 0, 0)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        kernel.set_capabilities(0)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if self.landlock:
            written = (room.SCRATCH, *(["/tmp"] if self.below_tmp else []), *_WRITABLE)
            landlock.restrict(self.landlock, read=["/"], write=written, network=True)
        seccomp.install(self.filter)

    def task_limit(self) -> int:
        """Return the limit; the count is that of the program's own user namespace."""
        return TASKS

    def processes(self) -> list[int]:
        """Return what /proc shows: it is the cell's own."""
        return census.others()

    def signal(self, number: int) -> None:
        """Send a signal to every process of the namespace but its first, in one system call."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, number)

    def size(self) -> int:
        """Return the bytes of all files."""
        usage = os.statvfs(room.SCRATCH)
        return (usage.f_blocks - usage.f_bfree) * usage.f_frsize

    def clear(self) -> None:
        """Unmount."""
        if self.below_tmp:
            kernel.unmount("/tmp")
        kernel.unmount(room.SCRATCH)

    def worn(self) -> bool:
        """Tell whether the network namespace remembers connections of a program that is gone."""
        with open("/proc/net/sockstat", "rb", buffering=0) as file:
            return b" tw 0 " not in file.read()


def walls(setup: Setup) -> NamespaceWalls:
    """Return the walls of this tier, as far as this kernel has them."""
    below_tmp = tuple(path for path in setup.shown if path.startswith("/tmp/") and os.path.exists(path))
    policy = seccomp.Policy(network=True, metadata=True)
    return NamespaceWalls(landlock.abi(setup.landlock), seccomp.compile_filter(policy), below_tmp)
