"""Starting an attacked harness: as this user or another one, here or in something like a container."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_codesteer.jail.remains import remove_tree

THE_HARNESS = "the harness"  # the finding that there is when it did not survive
THE_TIER = "the tier"  # the finding whose status says what was attacked
ROOT = Path(__file__).parents[2]
_SILENCE = 120.0  # seconds; a busy machine is slow


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one program."""

    name: str
    status: str
    faults: tuple[str, ...]  # none: it was withstood
    seconds: float

    @property
    def in_doubt(self) -> bool:
        """Whether it may be the load: a program that was to fail in one way ended in another, or late."""
        return bool(self.faults) and all(fault.startswith(("status", "took")) for fault in self.faults)


def besiege(*options: str, place: tuple[str, ...] = (), contained: bool = False) -> list[Finding]:
    """Run hostile programs against a harness of their own.

    *place*: options of `launch`.  *contained*: let nothing but the attacked world come to harm.
    """
    folder = Path(tempfile.mkdtemp(prefix="siege-"))
    folder.chmod(0o777)
    world = folder / "world"
    canary = f"CANARY-{secrets.token_hex(8)}"
    if contained:
        place = (*place, "--contained", str(folder))
    launch = ["-m", "tests.hostile.launch", *place, "--"] if place else []
    command = [sys.executable, *launch, sys.executable, "-m", "tests.hostile", str(world), *options]
    if not place:
        command = command[1:]
    environment = dict(os.environ) | {
        "CODESTEER_HOSTILE_CANARY": canary,
        "OPENAI_API_KEY": canary,
        "HOME": str(world / "home"),
        "TMPDIR": str(world / "tmp"),
        "PYTHONPATH": str(ROOT),
    }
    findings = []
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=complaints, text=True
        )
        try:
            findings += [Finding(**json.loads(line)) for line in _lines(process)]
        finally:
            process.kill()
            process.wait()
            remove_tree(str(folder))
        if process.returncode:
            complaints.seek(0)
            reason = complaints.read()[-2000:].decode("utf-8", "replace") or str(process.returncode)
            findings.append(Finding(THE_HARNESS, "died", (reason,), 0.0))
    return findings


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Yield what the attacked harness says, until it ends; one that is silent has been stopped."""
    assert process.stdout is not None
    with process.stdout as stdout:
        while True:
            watchdog = threading.Timer(_SILENCE, process.kill)
            watchdog.start()
            line = stdout.readline()
            watchdog.cancel()
            if not line:
                process.wait()
                return
            yield line
