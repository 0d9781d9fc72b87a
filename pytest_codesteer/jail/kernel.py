"""The Linux system calls that Python does not offer.  Each raises `OSError` naming the call.

Nothing here decides anything: flags and numbers are those of the manual pages.
"""

import ctypes
import errno
import os
import signal
import struct

from pytest_codesteer.jail.syscalls import number

CLONE_NEWNS = 0x00020000
CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID = 0x00200000, 0x01000000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_INTO_CGROUP = 0x200000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 1 << 14, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 1, 4, 8
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS, PR_CAP_AMBIENT = 36, 38, 40, 47
PR_CAP_AMBIENT_RAISE = 2

_CAPABILITY_VERSION = 0x20080522
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

_LIBC = ctypes.CDLL(None, use_errno=True)
for _name in ("syscall", "unshare", "prctl", "capset", "mount", "umount2"):
    getattr(_LIBC, _name)  # looked up here once, and not in every process that is forked
_KEEPING_THE_LOCK = ctypes.PyDLL(None, use_errno=True)  # that of the interpreter, during a call
_fork, _syscall = _KEEPING_THE_LOCK.fork, _KEEPING_THE_LOCK.syscall


def call(name: str, *arguments: int | bytes | None) -> int:
    """Make a system call by its name."""
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number(name)), *words), name)


def fork() -> int:
    """Fork this process, which must have one thread, without what `os.fork` does to Python besides.

    That is for processes with several threads and their locks, and costs a child a third of its start.
    """
    return _checked(_fork(), "fork")


def fork_into(cgroup: int) -> int:
    """Fork this process, which must have one thread; the child is in the cgroup of this descriptor.

    To move it there later would take milliseconds.  The C library has no call for that, so its note of
    who a thread is, which its own fork renews, is renewed from here.
    """
    note = ctypes.c_ulong()
    prctl(PR_GET_TID_ADDRESS, ctypes.addressof(note))
    if ctypes.c_int.from_address(note.value).value != os.getpid():
        raise OSError(errno.ENOSYS, "clone3: this C library keeps its note of threads elsewhere")
    flags = CLONE_INTO_CGROUP | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID
    arguments = struct.pack("11Q", flags, 0, note.value, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, cgroup)
    return _checked(
        _syscall(ctypes.c_long(number("clone3")), arguments, ctypes.c_long(len(arguments))), "clone3"
    )


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    _checked(_LIBC.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def join(namespace: int, kind: int) -> None:
    """Enter the namespace of this descriptor; for processes, the next child does."""
    _checked(_LIBC.setns(namespace, kind), "setns")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount."""
    status = _LIBC.mount(
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _checked(status, f"mount({target})")


def unmount(target: str) -> None:
    """Take a mount and all below it out of sight; it ends with its last user."""
    _checked(_LIBC.umount2(os.fsencode(target), MNT_DETACH), f"umount({target})")


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Show *source* and all mounted below it at *target*."""
    mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        protect(target)


def protect(target: str) -> None:
    """Let nothing be written to a mount and all below it, and no device or set-user-ID program work there."""
    on = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV
    attributes = struct.pack("QQQQ", on, 0, 0, 0)
    call("mount_setattr", _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, len(attributes))


def pivot_root(new: str, old: str) -> None:
    """Make *new* the root and put the old one at *old*."""
    call("pivot_root", os.fsencode(new), os.fsencode(old))


def prctl(operation: int, first: int = 0, second: int = 0) -> None:
    """Change a property of this process."""
    words = [ctypes.c_ulong(word) for word in (first, second, 0, 0)]
    _checked(_LIBC.prctl(operation, *words), f"prctl({operation})")


def set_capabilities(mask: int) -> None:
    """Keep only the capabilities in *mask*, also across `execve` if they are made ambient."""
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    data = struct.pack("6I", low, low, low, high, high, high)
    _checked(_LIBC.capset(header, data), "capset")


def map_ids(inside: int, user: int, group: int) -> None:
    """Make *user* and *group* of the namespace outside appear as *inside* in a new user namespace."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{inside} {user} 1")
    _write("/proc/self/gid_map", f"{inside} {group} 1")


def close_from(first: int) -> None:
    """Close all descriptors from *first* on."""
    call("close_range", first, 0xFFFFFFFF, 0)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _checked(status: int, what: str) -> int:
    if status < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return status
