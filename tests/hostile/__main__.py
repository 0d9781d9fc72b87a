"""The harness that is attacked: runs hostile programs in one tier and prints what came of each.

    python -m tests.hostile FOLDER --tier landlock

One line of JSON for each program: its name, its status, and its faults, of which there should be none.
`tests.hostile.siege` starts it with the secrets it is to keep.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from pytest_codesteer.conversation import Execution, RunCode
from pytest_codesteer.jail import kernel
from pytest_codesteer.jail.watch import MARGIN
from pytest_codesteer.sandbox import Sandbox, open_sandbox
from pytest_codesteer.sandbox.strong import open_strong
from tests.hostile import KINDS
from tests.hostile.program import Program
from tests.hostile.siege import THE_TIER, Finding
from tests.hostile.world import World, build

_SLACK = 3.0  # seconds that a run may take beyond its processor time
_TRIVIAL = RunCode("print(6 * 7)")
_WARMING = RunCode("import time; time.sleep(0.2)")  # long enough that each job gets a cell of its own
_AFTERWARDS = "the world afterwards"


def main() -> None:
    """Run the programs that the command line asks for."""
    arguments = _arguments()
    world = build(arguments.folder, jobs=arguments.jobs)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)  # what programs leave becomes a child of ours
    sandbox: Sandbox = (
        open_strong(arguments.tier, landlock=arguments.landlock)
        if arguments.landlock
        else open_sandbox(arguments.tier)
    )
    programs = [
        program
        for kind, programs in KINDS.items()
        for program in programs
        if not arguments.only or program.name in arguments.only or kind in arguments.only
    ]
    _report(Finding(THE_TIER, sandbox.isolation, (), 0.0))
    try:
        for finding in _findings(programs, world, sandbox, arguments):
            _report(finding)
    finally:
        sandbox.close()


def _report(finding: Finding) -> None:
    sys.stdout.write(json.dumps(asdict(finding)) + "\n")
    sys.stdout.flush()


def _findings(
    programs: list[Program], world: World, sandbox: Sandbox, arguments: argparse.Namespace
) -> Iterator[Finding]:
    """Run programs, several at a time if asked to; then only the world after all of them is looked at."""
    with ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(lambda _: _run(sandbox, _WARMING, arguments), range(arguments.jobs)))
        world.settle()
        threading.Thread(target=world.watch, daemon=True).start()
        time.sleep(0.1)
        world.settle()
        if arguments.jobs > 1:
            yield from pool.map(lambda program: _attacked(program, world, sandbox, arguments), programs)
            list(pool.map(lambda _: _run(sandbox, _WARMING, arguments), range(arguments.jobs)))
            yield Finding(_AFTERWARDS, "", tuple(world.faults()), 0.0)
        else:
            for program in programs:
                finding = _attacked(program, world, sandbox, arguments)
                yield replace(finding, faults=(*finding.faults, *world.faults()))
    world.done.set()


def _attacked(program: Program, world: World, sandbox: Sandbox, arguments: argparse.Namespace) -> Finding:
    started = time.monotonic()
    execution = _run(sandbox, RunCode(world.fill_in(program.source)), arguments)
    seconds = time.monotonic() - started
    faults = []
    if execution.status not in program.statuses:
        faults.append(f"status {execution.status}: {execution.stderr.strip()[-200:]}")
    if program.stdout is not None and execution.stdout != program.stdout:
        faults.append(f"stdout {execution.stdout[:100]!r}")
    if program.exit_code is not None and execution.exit_code != program.exit_code:
        faults.append(f"exit code {execution.exit_code}")
    if seconds > _longest(arguments.seconds, arguments.jobs):
        faults.append(f"took {seconds:.1f} s")
    if any(word in execution.stdout + execution.stderr for word in (world.canary, "FOUND")):
        faults.append("found a secret")
    after = _run(sandbox, _TRIVIAL, arguments)
    if after.stdout != "42\n":
        faults.append(f"the next run: {after.status} {after.stderr[-200:]}")
    return Finding(program.name, execution.status, tuple(faults), seconds)


def _longest(seconds: float, jobs: int) -> float:
    """Return how long a run may take: one that runs out of time is run again, alone, as those of other jobs are."""
    return (1 + jobs) * (2 * seconds + MARGIN) + _SLACK


def _run(sandbox: Sandbox, request: RunCode, arguments: argparse.Namespace) -> Execution:
    return sandbox.run(request, seconds=arguments.seconds, memory_mb=arguments.memory)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tier", default="auto")
    parser.add_argument("--landlock", type=int, help="newest ABI to use")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--memory", type=int, default=256, help="megabytes")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], help="names of programs or kinds")
    return parser.parse_args()


if __name__ == "__main__":
    os.umask(0o022)
    main()
