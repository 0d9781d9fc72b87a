"""Starting an attacked harness: as this user or another one, here or in something like a container."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pytest_codesteer.jail.remains import remove_tree

THE_TIER = "the tier"  # the finding whose status says what was attacked
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one program."""

    name: str
    status: str
    faults: tuple[str, ...]  # none: it was withstood
    seconds: float


def besiege(*options: str, place: tuple[str, ...] = ()) -> list[Finding]:
    """Run hostile programs against a harness of their own; *place* are options of `launch`."""
    folder = Path(tempfile.mkdtemp(prefix="siege-"))
    folder.chmod(0o777)
    world = folder / "world"
    canary = f"CANARY-{secrets.token_hex(8)}"
    launch = ["-m", "benchmarks.hostile.launch", *place, "--"] if place else []
    command = [sys.executable, *launch, sys.executable, "-m", "benchmarks.hostile", str(world), *options]
    if not place:
        command = command[1:]
    environment = dict(os.environ) | {
        "CODESTEER_HOSTILE_CANARY": canary,
        "OPENAI_API_KEY": canary,
        "HOME": str(world / "home"),
        "TMPDIR": str(world / "tmp"),
        "PYTHONPATH": str(ROOT),
    }
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    finally:
        remove_tree(str(folder))
    findings = [Finding(**values) for line in done.stdout.splitlines() if (values := json.loads(line))]
    if done.returncode:
        findings.append(Finding("the harness", "died", (done.stderr[-2000:] or str(done.returncode),), 0.0))
    return findings
