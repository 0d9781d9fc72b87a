"""Opening the tiers with real isolation: each is really started, and a program really tries to get out."""

import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal

from pytest_codesteer.jail.landlocked import SCOPED
from pytest_codesteer.jail.wire import Setup
from pytest_codesteer.sandbox import visible
from pytest_codesteer.sandbox.cells import start_server
from pytest_codesteer.sandbox.delegation import open_share
from pytest_codesteer.sandbox.gate import Gate
from pytest_codesteer.sandbox.jailed import Jail, JailedSandbox
from pytest_codesteer.sandbox.outcome import SandboxError
from pytest_codesteer.sandbox.pool import CellPool
from pytest_codesteer.sandbox.proof import reached
from pytest_codesteer.sandbox.scratch import open_scratch

Tier = Literal["namespaces", "landlock"]

_USERS = {
    "namespaces": 20_000,
    "landlock": 30_000,
}  # the first of 10,000 numbers that root's programs run under
_NEEDED_TO_BECOME = (0, 6, 7)  # the capabilities to change owners, groups and users
_SWITCHES = {  # by which systems keep user namespaces from ordinary users: the file, when it does, the remedy
    "apparmor_restrict_unprivileged_userns": ("1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    "unprivileged_userns_clone": ("0", "kernel.unprivileged_userns_clone=1"),
}


def open_strong(
    tier: Tier, *, strict: bool = False, landlock: int | None = None, run_folder: Path | None = None
) -> JailedSandbox:
    """Start a sandbox.  Raises `SandboxError`, which says why there is none and what would help.

    *strict*: refuse one that keeps signals from some processes only.  *landlock*: the newest version of
    Landlock to use, to rehearse older kernels.  *run_folder*: see `open_sandbox`.
    """
    if sys.platform != "linux":
        raise SandboxError("it needs Linux")
    scratch = open_scratch()
    setup = Setup(
        tier,
        shown=visible.shown(),
        hidden=visible.hidden(),
        libraries=visible.libraries(),
        scratch=str(scratch.path),
        user=_USERS[tier] + os.getpid() % 10_000 if _can_become_others() else None,
        landlock=landlock,
    )
    share = open_share(setup.user if tier == "namespaces" else None)
    closing = ExitStack()
    closing.callback(scratch.close)
    if share is not None:
        closing.callback(share.close)
    start = partial(start_server, setup, share)
    try:
        server = start()
    except SandboxError as error:
        closing.close()
        raise SandboxError(f"{error}; {_remedy(tier)}") from error
    except KeyboardInterrupt:
        closing.close()
        raise
    open_to_signals = tier == "landlock" and server.landlock < SCOPED and setup.user is None
    jail = Jail(
        isolation(tier, server.landlock, cgroups=server.cgroups),
        CellPool(start, server),
        CellPool(start),
        one_at_a_time=open_to_signals,
        gate=Gate(run_folder),
    )
    sandbox = JailedSandbox(jail, closing.close)
    try:
        if strict and open_to_signals:
            raise SandboxError(
                "programs could signal your later processes; Linux 6.12 knows how to refuse that"
            )
        if found := reached(sandbox):
            raise SandboxError(f"a program reached {' and '.join(found)} outside")
    except (SandboxError, KeyboardInterrupt):
        sandbox.close()
        raise
    return sandbox


def isolation(tier: Tier, landlock: int, *, cgroups: bool) -> str:
    """Return what the walls of a tier are made of."""
    parts = [
        *(["namespaces"] if tier == "namespaces" else []),
        *(["landlock"] if landlock else []),
        "seccomp",
        *(["cgroup"] if cgroups else []),
    ]
    return f"{'+'.join(parts)}, no network"


def _can_become_others() -> bool:
    """Tell whether this process is root, with what it takes to give that up."""
    if os.geteuid() != 0:
        return False
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    held = next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))
    return all(held >> capability & 1 for capability in _NEEDED_TO_BECOME)


def _remedy(tier: Tier) -> str:
    """Return what the user can do about a tier that is not to be had."""
    if tier == "landlock":
        return "it needs Linux 5.13 or later with landlock among the security modules (boot parameter lsm=)"
    for name, (forbidden, remedy) in _SWITCHES.items():
        switch = Path("/proc/sys/kernel", name)
        if switch.exists() and switch.read_text("utf-8").strip() == forbidden:
            return f"allow user namespaces: sudo sysctl -w {remedy}"
    return (
        "it needs user namespaces, which containers often forbid (docker: --security-opt seccomp=unconfined)"
    )
