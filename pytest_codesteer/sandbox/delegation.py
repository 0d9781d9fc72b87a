"""The part of the cgroup tree that the system has handed to us, and its division among sandboxes.

    what was delegated           the kernel wants no process here while its controllers are divided
      pytest-codesteer-PID       this process, if it was in the one above, and what it starts
      pytest-codesteer-PID-...   one sandbox
        wardens                  all of it that is not a program
        ...                      one cell (`pytest_codesteer.jail.cgroup`)

Nothing is divided that holds anybody else's processes, and nobody but this process is moved.  See
cgroups(7), version 2, and systemd's CGROUP_DELEGATION.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OURS = re.compile(r"pytest-codesteer-(?P<owner>\d+)(?:-[0-9a-f]+)?")
_NEEDED = ("memory", "pids")
_RANDOM_BYTES = 4
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Share:
    """The cgroup of one sandbox."""

    path: Path
    folder: int  # its descriptor
    proc: Path = _PROC

    def admit(self, process: int) -> None:
        """Move a process of the sandbox here; what it starts is here too."""
        (self.path / "wardens" / "cgroup.procs").write_text(str(process), "ascii")

    def close(self) -> None:
        """Remove it; all its processes are gone.  The last of this process goes back to where it was."""
        os.close(self.folder)
        _remove(self.path)
        _withdraw(self.path.parent, self.proc)


def open_share(owner: int | None, proc: Path = _PROC) -> Share | None:
    """Make a cgroup for a sandbox whose wardens run as the user *owner*; None if we have none to divide."""
    delegated = _claim(proc)
    if delegated is None:
        return None
    path = delegated / f"{_name()}-{secrets.token_hex(_RANDOM_BYTES)}"
    try:
        _sweep(delegated, proc)
        path.mkdir()
        (path / "wardens").mkdir()
        _divide(path, on=True)
        if owner is not None:
            for each in (path, path / "cgroup.procs"):
                os.chown(each, owner, owner)
        return Share(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY), proc)
    except OSError:  # whatever the reason: there are the other limits
        _remove(path)
        _withdraw(delegated, proc)
        return None


def own_group(proc: Path = _PROC) -> Path | None:
    """Return the folder of this process's cgroup; None if none is in sight."""
    lines = (proc / "self/cgroup").read_text("utf-8", "surrogateescape").splitlines()
    name = next((line.removeprefix("0::") for line in lines if line.startswith("0::/")), "/..")
    if ".." in Path(name).parts:  # out of sight of our cgroup namespace
        return None
    for mount in (proc / "self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        before, _, after = mount.partition(" - ")
        root, point = before.split()[3:5]
        if after.startswith("cgroup2 ") and Path(name).is_relative_to(root):
            return Path(point) / Path(name).relative_to(root)
    return None


def _claim(proc: Path) -> Path | None:
    """Return a cgroup that can be divided, having moved this process out of it if it was there alone."""
    try:
        own = own_group(proc)
        if own is None:
            return None
        if _OURS.fullmatch(own.name) and _is_divided(own.parent):  # by us, or by who started us
            return own.parent
        if _is_divided(own):  # the root of all, in which processes may stay
            return own
        return own if _is_ours_alone(own) and _step_aside(own) else None
    except OSError:  # no such files, or not for us
        return None


def _is_divided(group: Path) -> bool:
    """Tell whether we may make cgroups in this one that have what we need."""
    controllers = (group / "cgroup.subtree_control").read_text("ascii").split()
    return set(_NEEDED) <= set(controllers) and _is_writable(group)


def _is_ours_alone(group: Path) -> bool:
    """Tell whether nobody else is in this cgroup, or in one below it."""
    inside = [each for each in group.iterdir() if each.is_dir()]
    controllers = (group / "cgroup.controllers").read_text("ascii").split()
    return (
        set(_NEEDED) <= set(controllers)
        and _is_writable(group)
        and _processes(group) == [os.getpid()]
        and all(_OURS.fullmatch(each.name) for each in inside)
    )


def _is_writable(group: Path) -> bool:
    return os.access(group, os.W_OK) and os.access(group / "cgroup.procs", os.W_OK)


def _processes(group: Path) -> list[int]:
    return [int(line) for line in (group / "cgroup.procs").read_text("ascii").split()]


def _step_aside(group: Path) -> bool:
    """Move this process to a cgroup of its own inside this one, so that it can be divided."""
    aside = group / _name()
    aside.mkdir(exist_ok=True)
    try:
        _move_to(aside)
        _divide(group, on=True)
    except OSError:  # such as when somebody else has come meanwhile
        _move_to(group)
        _remove(aside)
        return False
    return True


def _withdraw(group: Path, proc: Path) -> None:
    """Put this process back to where it was, if nothing else needs what it made of it."""
    aside = group / _name()
    with contextlib.suppress(OSError):
        _sweep(group, proc)  # such as after workers that were killed
        if own_group(proc) == aside and _processes(aside) == [os.getpid()] and list(_ours(group)) == [aside]:
            _divide(group, on=False)
            _move_to(group)
            _remove(aside)


def _divide(group: Path, *, on: bool) -> None:
    sign = "+" if on else "-"
    words = " ".join(f"{sign}{controller}" for controller in _NEEDED)
    (group / "cgroup.subtree_control").write_text(words, "ascii")


def _move_to(group: Path) -> None:
    (group / "cgroup.procs").write_text(str(os.getpid()), "ascii")


def _remove(group: Path) -> None:
    """Remove a cgroup and those in it; the kernel keeps those that hold processes."""
    with contextlib.suppress(OSError):
        for each in (*(inside for inside in group.iterdir() if inside.is_dir()), group):
            each.rmdir()


def _sweep(group: Path, proc: Path) -> None:
    """Remove what processes have left that are gone."""
    for each in _ours(group):
        if not (proc / _owner(each)).exists():
            _remove(each)


def _ours(group: Path) -> Iterator[Path]:
    return (each for each in group.iterdir() if _OURS.fullmatch(each.name))


def _owner(group: Path) -> str:
    found = _OURS.fullmatch(group.name)
    return found["owner"] if found else ""


def _name() -> str:
    return f"pytest-codesteer-{os.getpid()}"
