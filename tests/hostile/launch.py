"""Running a command as another user, or in what a container would allow.  Needs root.

    python -m tests.hostile.launch --user 12345 --container -- command ...

``--container`` rehearses Docker's defaults: its capabilities and its refusals of new namespaces and
mounts.  ``--contained`` makes everything but one folder read-only and hides all other processes, so that
programs may be run that nothing else holds.
"""

import argparse
import errno
import os
import resource
import signal
import sys
from pathlib import Path

from pytest_codesteer.jail import kernel, seccomp
from pytest_codesteer.jail.kernel import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    MS_BIND,
    MS_PRIVATE,
    MS_REC,
    MS_REMOUNT,
)
from pytest_codesteer.jail.namespaces import become, bring_up_loopback

_PR_CAPBSET_DROP = 24
_LAST_CAPABILITY = 40
#: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD
#: AUDIT_WRITE SETFCAP: what moby/profiles gives to containers.
_CAPABILITIES = (1, 0, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
#: From the default profile of the same source: what it allows only with capabilities not among these.
_REFUSED = """
    acct add_key bpf clock_settime delete_module fanotify_init finit_module fsconfig fsmount fsopen fspick
    init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load
    keyctl lookup_dcookie mount mount_setattr move_mount move_pages name_to_handle_at open_by_handle_at
    open_tree perf_event_open pivot_root quotactl reboot request_key setdomainname sethostname setns
    settimeofday swapoff swapon syslog umount2 unshare userfaultfd vhangup
""".split()
_PROCESSES = 400  # of a contained user
_MEMORY = 3 << 30  # bytes that one contained process may address


def main() -> None:
    """Do as the command line says and become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", type=int)
    parser.add_argument("--container", action="store_true")
    parser.add_argument("--contained", type=Path, help="the folder that stays writable")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    kernel.unshare(CLONE_NEWNS)
    kernel.mount(None, "/", None, MS_REC | MS_PRIVATE)
    if arguments.contained:
        _contain(arguments.contained)
    if arguments.user:
        _open_the_way([sys.prefix, sys.base_prefix, str(Path(__file__).parents[2])])
    if arguments.container:
        _be_like_a_container()
    if arguments.user:
        resource.setrlimit(resource.RLIMIT_NPROC, (_PROCESSES, _PROCESSES))
        become(arguments.user)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.execv(arguments.command[0], arguments.command)


def _be_like_a_container() -> None:
    refused = [*seccomp.refuse(_REFUSED, errno.EPERM), *seccomp.refuse(["clone3"], errno.ENOSYS)]
    program = seccomp.assemble([*refused, *seccomp.restrict_clone()])
    seccomp.install(program)  # while we may without giving up set-user-ID programs
    for capability in range(_LAST_CAPABILITY + 1):
        if capability not in _CAPABILITIES:
            kernel.prctl(_PR_CAPBSET_DROP, capability)
    kernel.set_capabilities(sum(1 << capability for capability in _CAPABILITIES))


def _open_the_way(paths: list[str]) -> None:
    """Let everybody reach these paths, below folders that are their owner's alone."""
    for path in paths:
        real = Path(path).resolve()
        for ancestor in reversed(real.parents):
            if not ancestor.stat().st_mode & 0o001:
                target = os.open(real, os.O_PATH)
                kernel.mount("tmpfs", str(ancestor), "tmpfs", 0, "mode=755")
                real.mkdir(parents=True)
                kernel.bind(f"/proc/self/fd/{target}", str(real), read_only=False)
                os.close(target)


def _contain(folder: Path) -> None:
    """Make all but *folder* read-only; leave the machine's processes and network."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    writable = ("/dev", str(folder))
    for path in writable:
        kernel.bind(path, path, read_only=False)
    kernel.protect("/")
    for path in writable:
        kernel.mount(None, path, None, MS_REMOUNT | MS_BIND)
    for shared in ("/dev/shm", "/var/tmp", "/home"):
        if Path(shared).is_dir():
            kernel.mount("tmpfs", shared, "tmpfs", 0, "mode=1777,size=1g")
    kernel.unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC)
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    kernel.mount("proc", "/proc", "proc", 0)
    bring_up_loopback()


if __name__ == "__main__":
    main()
