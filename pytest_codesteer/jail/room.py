"""A root directory of its own: the interpreter and its libraries to read, nothing else.

It is built in a mount namespace that nobody else sees, on a file system in memory.
"""

import os
from collections.abc import Collection, Mapping

from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.kernel import (
    MS_BIND,
    MS_NODEV,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
)

SCRATCH = "/scratch"  # where a program's own files are
_STAGING = "/usr"  # any folder that every machine has; covered only while the room is built
_PLAIN = MS_NOSUID | MS_NODEV
_DEVICES = ("null", "full", "random", "urandom")
_ETC = {
    "passwd": f"sandbox:x:1000:1000::{SCRATCH}/home:/bin/sh\n",
    "group": "sandbox:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def build(shown: Collection[str], hidden: Collection[str]) -> None:
    """Make the new root and move into it.

    The old one goes out of reach.  Of two paths one of which is inside the other, the inner one counts.
    """
    real = {path: os.path.realpath(path) for path in {*shown, *hidden}}  # while links lead to the right place
    kernel.mount(None, "/", None, MS_REC | MS_PRIVATE)
    kernel.mount("tmpfs", _STAGING, "tmpfs", _PLAIN, "size=1m,mode=755")
    os.mkdir(f"{_STAGING}/old")
    os.mkdir(f"{_STAGING}/new")
    kernel.pivot_root(_STAGING, f"{_STAGING}/old")
    os.chdir("/")
    kernel.mount("tmpfs", "/new", "tmpfs", _PLAIN, "size=4m,mode=755")
    covers = _show(real, {real[path] for path in hidden})
    _furnish()
    os.chdir("/new")
    kernel.pivot_root(".", ".")  # puts the old root on top of the new one, to be taken off
    kernel.unmount(".")
    os.chdir("/")
    for path in (*covers, "/"):
        kernel.mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | _PLAIN)


def _show(real: Mapping[str, str], hidden: set[str]) -> list[str]:
    """Bind what is shown, cover what is hidden in it; return the covers."""
    bound: list[str] = []
    covers: list[str] = []
    for path in sorted({*real, *hidden}):
        source, target = f"/old{real.get(path, path)}", f"/new{path}"
        inside = any(path.startswith(f"{each}/") for each in bound)
        covered = any(path.startswith(f"{each}/") for each in covers)
        if path in hidden:
            if inside and os.path.isdir(target):
                kernel.mount("tmpfs", target, "tmpfs", _PLAIN, "size=1m,mode=755")
                covers.append(path)
        elif os.path.exists(source) and (covered or not inside):
            _make_place(target, folder=os.path.isdir(source))
            kernel.bind(source, target, read_only=True)
            bound.append(path)
    return covers


def _make_place(path: str, *, folder: bool) -> None:
    os.makedirs(path if folder else os.path.dirname(path), exist_ok=True)
    if not folder:
        with open(path, "a", encoding="utf-8"):
            pass


def _furnish() -> None:
    """Add the devices and files that programs take for granted."""
    os.mkdir("/new/dev")
    for name in _DEVICES:
        _make_place(f"/new/dev/{name}", folder=False)
        kernel.mount(f"/old/dev/{name}", f"/new/dev/{name}", None, MS_BIND)
        # Read-only: that does not hold for what is written to the device, but for its times.
        kernel.mount(None, f"/new/dev/{name}", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)
    os.symlink("full", "/new/dev/zero")  # reads alike, but cannot be mapped as memory that nobody counts
    os.symlink(f"{SCRATCH}/shm", "/new/dev/shm")
    os.symlink("/proc/self/fd", "/new/dev/fd")
    os.mkdir("/new/proc")
    kernel.bind("/old/proc", "/new/proc", read_only=False)  # without one in sight no other can be mounted
    os.mkdir(f"/new{SCRATCH}")
    os.makedirs("/new/etc", exist_ok=True)
    for name, text in _ETC.items():
        with open(f"/new/etc/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    if not os.path.exists("/new/tmp"):  # else something shown is below it: see `namespaces`
        os.symlink(f"{SCRATCH[1:]}/tmp", "/new/tmp")
