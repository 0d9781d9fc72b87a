"""The system call filter of programs: classic BPF, installed for good (man 2 seccomp).

The filter takes away what no honest program of this benchmark needs and what the other walls do not cover.
A jump of a BPF instruction counts the instructions to skip when its condition holds, then when it does not.
"""

import ctypes
import errno
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.syscalls import NEWEST, machine, number, numbers

_LOAD, _IF_EQUAL, _IF_ABOVE, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_JUMP = 0x05
_FEW = 4  # numbers that are not worth halving
_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_SECCOMP_SET_MODE_FILTER = 1

_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_SEQPACKET, _SOCK_TYPE_FLAGS = 1, 5, 0o2004000  # SOCK_NONBLOCK | SOCK_CLOEXEC
_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
_F_SETOWN, _F_SETOWN_EX = 8, 15
_NEW_NAMESPACES, _CLONE_THREAD, _CLONE_FILES = 0x7E020000, 0x10000, 0x400  # the first: all of CLONE_NEW*
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20

#: Other processes, the kernel's own matters, mounts, namespaces, memory that no limit sees, the clock.
_REFUSED = """
    acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module
    fsconfig fsmount fsopen fspick init_module ioperm iopl ioprio_set kcmp kexec_file_load kexec_load keyctl
    listmount lookup_dcookie memfd_secret migrate_pages modify_ldt mount mount_setattr move_mount move_pages
    mq_open mq_unlink msgctl msgget msgrcv msgsnd name_to_handle_at open_by_handle_at open_tree
    open_tree_attr perf_event_open pidfd_getfd pivot_root process_madvise process_mrelease process_vm_readv
    process_vm_writev ptrace quotactl quotactl_fd reboot request_key semctl semget semop semtimedop
    setdomainname sethostname setns settimeofday shmat shmctl shmget statmount swapoff swapon syslog umount2
    unshare userfaultfd vhangup
""".split()

#: Libraries fall back to older ways when these seem to be missing.  clone3 hides its flags in memory.
_MISSING = "clone3 io_uring_enter io_uring_register io_uring_setup memfd_create".split()

#: Landlock does not govern them.  They seem to work: copying a file sets its times and its mode.
_METADATA = """
    chmod chown fchmod fchmodat fchmodat2 fchown fchownat file_setattr fremovexattr fsetxattr futimesat
    lchown lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat utime utimensat utimes
""".split()

_WATCHING = "inotify_init inotify_init1".split()  # what happens to files that cannot be read
_REACHING = "accept accept4 bind connect listen".split()
_ONLY_ITSELF = "prlimit64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler".split()
#: Call, argument, values: have the kernel signal others, type into a terminal, hide from /proc.
_VALUES = (
    ("fcntl", 1, (_F_SETOWN, _F_SETOWN_EX)),
    ("ioctl", 1, (_FIOSETOWN, _SIOCSPGRP, _TIOCLINUX, _TIOCSTI)),
    ("prctl", 0, (kernel.PR_SET_DUMPABLE,)),
)
_SIGNALS = "kill pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill".split()


class Instruction(NamedTuple):
    """One step of a filter."""

    code: int
    if_true: int
    if_false: int
    operand: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What differs between the tiers."""

    network: bool  # a network of its own, where it may talk to itself
    metadata: bool  # whether modes and times of files may be changed; False: it only seems so
    truncate: bool = True  # False: Landlock before ABI 3 does not govern truncate(2)
    signals_from: int | None = None  # if set, the lowest process number that may be sent signals


def compile_filter(policy: Policy) -> bytes:
    """Return the filter for `install`."""
    steps = [*refuse(_REFUSED, errno.EPERM), *refuse(_MISSING, errno.ENOSYS), *restrict_clone()]
    if not policy.metadata:
        steps += [*refuse(_METADATA, 0), *refuse(_WATCHING, errno.ENOSYS)]
    if not policy.truncate:
        steps += refuse(["truncate"], errno.EACCES)
    if not policy.network:
        steps += refuse(_REACHING, errno.EACCES)
    if policy.signals_from is not None:
        steps += _signals_from(policy.signals_from)
    return assemble([*steps, *_sockets(network=policy.network), *_arguments()])


def assemble(steps: Iterable[Instruction]) -> bytes:
    """Return the filter that allows what these steps let pass, of the calls of this machine."""
    whole = [
        _load(_ARCHITECTURE),
        Instruction(_IF_EQUAL, 1, 0, machine().audit),
        _give(_KILL),
        _load(_NUMBER),
        # Also refuses the x32 calls of x86_64, which start at 0x40000000.
        Instruction(_IF_ABOVE, 0, 1, NEWEST),
        _fail(errno.ENOSYS),
        *steps,
        _give(_ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in whole)


def refuse(names: Iterable[str], code: int) -> list[Instruction]:
    """Let these calls do nothing and return this error, or success for 0."""
    return _refuse_sorted(sorted(numbers(*names)), code)


def restrict_clone() -> list[Instruction]:
    """Let no process be started in namespaces of its own, and no thread with descriptors of its own.

    Those of a process are counted once, whatever the number of its threads.
    """
    body = [
        _argument(0),
        Instruction(_IF_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        _fail(errno.EPERM),
        Instruction(_IF_ANY_BIT, 0, 2, _CLONE_THREAD),
        Instruction(_IF_ANY_BIT, 1, 0, _CLONE_FILES),
        _fail(errno.EPERM),
        _give(_ALLOW),
    ]
    return _when("clone", body)


def install(program: bytes) -> None:
    """Filter the calls of this process and its children from now on.  Needs no_new_privs."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    kernel.call("seccomp", _SECCOMP_SET_MODE_FILTER, 0, header)


def _refuse_sorted(refused: list[int], code: int) -> list[Instruction]:
    """Find a number by halves: at its installation the kernel tries a filter on every call that there is."""
    if len(refused) <= _FEW:
        return [step for each in refused for step in (Instruction(_IF_EQUAL, 0, 1, each), _fail(code))]
    middle = len(refused) // 2
    upper = _refuse_sorted(refused[middle:], code)
    lower = [*_refuse_sorted(refused[:middle], code), Instruction(_JUMP, 0, 0, len(upper))]
    return [Instruction(_IF_AT_LEAST, len(lower), 0, refused[middle]), *lower, *upper]


def _arguments() -> list[Instruction]:
    """Calls that are harmless only with certain arguments."""
    only_itself = [_argument(0), Instruction(_IF_EQUAL, 0, 1, 0), _give(_ALLOW), _fail(errno.EPERM)]
    steps = [step for name in _ONLY_ITSELF for step in _when(name, only_itself)]
    steps += _when(
        "setpriority",
        [
            _argument(0),
            Instruction(_IF_EQUAL, 0, 3, 0),  # PRIO_PROCESS
            _argument(1),
            Instruction(_IF_EQUAL, 0, 1, 0),
            _give(_ALLOW),
            _fail(errno.EPERM),
        ],
    )
    for name, index, values in _VALUES:
        refused = [
            step for each in values for step in (Instruction(_IF_EQUAL, 0, 1, each), _fail(errno.EPERM))
        ]
        steps += _when(name, [_argument(index), *refused, _give(_ALLOW)])
    return steps + _when(
        "mmap",  # memory without a file, which stays when it is no longer mapped and nobody can see it
        [
            _argument(3),
            Instruction(_IF_ANY_BIT, 0, 2, _MAP_ANONYMOUS),
            Instruction(_IF_ANY_BIT, 0, 1, _MAP_SHARED),
            _fail(errno.EPERM),
            _give(_ALLOW),
        ],
    )


def _sockets(*, network: bool) -> list[Instruction]:
    families = (_AF_UNIX, _AF_INET, _AF_INET6) if network else ()
    allowed = [step for family in families for step in (Instruction(_IF_EQUAL, 0, 1, family), _give(_ALLOW))]
    steps = _when("socket", [_argument(0), *allowed, _fail(errno.EACCES)])
    if network:
        return steps
    # A pair of datagram sockets could still send to an address.
    return steps + _when(
        "socketpair",
        [
            _argument(0),
            Instruction(_IF_EQUAL, 0, 5, _AF_UNIX),
            _argument(1),
            Instruction(0x54, 0, 0, 0xFFFFFFFF & ~_SOCK_TYPE_FLAGS),  # BPF_ALU | BPF_AND
            Instruction(_IF_EQUAL, 1, 0, _SOCK_STREAM),
            Instruction(_IF_EQUAL, 0, 1, _SOCK_SEQPACKET),
            _give(_ALLOW),
            _fail(errno.EACCES),
        ],
    )


def _signals_from(lowest: int) -> list[Instruction]:
    """Refuse signals to processes that were there before the program, and to process groups but its own."""
    steps: list[Instruction] = []
    for name in _SIGNALS:
        own_group = [Instruction(_IF_EQUAL, 0, 1, 0), _give(_ALLOW)] if name == "kill" else []
        steps += _when(
            name,
            [
                _argument(0),
                *own_group,
                Instruction(_IF_AT_LEAST, 0, 2, lowest),
                Instruction(_IF_AT_LEAST, 1, 0, 0x80000000),  # negative: a process group, or all
                _give(_ALLOW),
                _fail(errno.EPERM),
            ],
        )
    return steps


def _when(name: str, body: list[Instruction]) -> list[Instruction]:
    """Do *body*, which ends by giving a verdict, for one call; the call's number is loaded."""
    return [Instruction(_IF_EQUAL, 0, len(body), number(name)), *body]


def _load(offset: int) -> Instruction:
    return Instruction(_LOAD, 0, 0, offset)


def _argument(index: int) -> Instruction:
    return _load(_FIRST_ARGUMENT + 8 * index)


def _give(verdict: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, verdict)


def _fail(code: int) -> Instruction:
    return _give(_ERRNO | code)
