"""The harness that is attacked: runs hostile programs in one tier and prints what came of each.

    python -m benchmarks.hostile FOLDER --tier landlock

One line of JSON for each program: its name, its status, and its faults, of which there should be none.
`benchmarks.hostile.siege` starts it with the secrets it is to keep.
"""

import argparse
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from benchmarks.hostile import KINDS
from benchmarks.hostile.program import Program
from benchmarks.hostile.siege import THE_TIER, Finding
from benchmarks.hostile.world import World, build
from pytest_codesteer.conversation import RunCode
from pytest_codesteer.jail import kernel
from pytest_codesteer.sandbox import Sandbox, open_sandbox
from pytest_codesteer.sandbox.strong import open_strong

_SLACK = 3.0  # seconds that a run may take beyond its processor time
_TRIVIAL = RunCode("print(6 * 7)")
_AFTERWARDS = "the world afterwards"


def main() -> None:
    """Run the programs that the command line asks for."""
    arguments = _arguments()
    world = build(arguments.folder)
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
    print(json.dumps(asdict(Finding(THE_TIER, sandbox.isolation, (), 0.0))))
    try:
        for finding in _findings(programs, world, sandbox, arguments):
            print(json.dumps(asdict(finding)), flush=True)
    finally:
        sandbox.close()


def _findings(
    programs: list[Program], world: World, sandbox: Sandbox, arguments: argparse.Namespace
) -> Iterator[Finding]:
    with ThreadPoolExecutor(arguments.jobs) as pool:
        warm = [
            pool.submit(_run, sandbox, RunCode("import time; time.sleep(0.2)"), arguments)
            for _ in range(arguments.jobs)
        ]
        [each.result() for each in warm]
        world.settle()
        threading.Thread(target=world.watch, daemon=True).start()
        time.sleep(0.1)
        world.settle()
        if arguments.jobs == 1:
            for program in programs:
                finding = _attacked(program, world, sandbox, arguments)
                yield Finding(
                    finding.name, finding.status, (*finding.faults, *world.faults()), finding.seconds
                )
            return
        yield from pool.map(lambda program: _attacked(program, world, sandbox, arguments), programs)
    yield Finding(_AFTERWARDS, "", tuple(world.faults()), 0.0)
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
    if seconds > _longest(arguments.seconds):
        faults.append(f"took {seconds:.1f} s")
    if any(word in execution.stdout + execution.stderr for word in (world.canary, "FOUND")):
        faults.append("found a secret")
    after = _run(sandbox, _TRIVIAL, arguments)
    if after.stdout != "42\n":
        faults.append(f"the next run: {after.status} {after.stderr[-200:]}")
    return Finding(program.name, execution.status, tuple(faults), seconds)


def _longest(seconds: float) -> float:
    """Return how long a run may take; on a busy machine one that runs out of time is run again."""
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    return 2 * (2 * seconds + 1) + _SLACK if busy else seconds + _SLACK


def _run(sandbox: Sandbox, request: RunCode, arguments: argparse.Namespace):  # noqa: ANN202
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
