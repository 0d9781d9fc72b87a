"""Running model-written programs.

A crash, a flood or an endless loop is an `Execution` with its status, never an exception.
"""

import atexit
import os
from functools import cache
from pathlib import Path

from pytest_codesteer.conversation import Execution, RunCode
from pytest_codesteer.sandbox.outcome import SandboxError
from pytest_codesteer.sandbox.protocol import Sandbox, Session
from pytest_codesteer.sandbox.tiers import TIERS, open_tier


def open_sandbox(tier: str = "auto", *, run_folder: Path | None = None) -> Sandbox:
    """Return a sandbox of this tier, one of `TIERS`; with ``auto`` the strongest that the machine offers.

    *run_folder* is a folder that the processes of one run share: a program that is tried again alone is so
    among the programs of them all.  None: there are no other processes.
    Raises `SandboxError`, which says why a tier is not to be had and what would help.
    """
    return open_tier(tier, run_folder)


def run(source: str, *, seconds: float = 10.0, memory_mb: int = 1024) -> Execution:
    """Run one program in the strongest sandbox and wait for it.

    *seconds* bounds its processor time; the wall clock stops it at twice that and a second.  A timeout that
    others may have caused is tried again, alone, before it counts.
    """
    return _own(os.getpid()).run(RunCode(source), seconds=seconds, memory_mb=memory_mb)


@cache
def _own(process: int) -> Sandbox:
    """Return the sandbox of this process, for callers that open none themselves."""
    sandbox = open_sandbox()
    atexit.register(lambda: sandbox.close() if os.getpid() == process else None)  # not in a forked child
    return sandbox


__all__ = ["TIERS", "Execution", "RunCode", "Sandbox", "SandboxError", "Session", "open_sandbox", "run"]
