"""What it costs to run a program in the sandbox, beside `subprocess.run` of the same interpreter.

    python benchmarks/sandbox.py [RUNS] [--tier TIER] [--profile]

All ways take turns, so that the load of the machine falls on each alike.  Prints medians in milliseconds,
programs per second of four clients, and the memory of the idle sandbox.  With ``--profile``: where the time
of a trivial program goes.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from statistics import median

from pytest_codesteer.conversation import RunCode
from pytest_codesteer.jail import census
from pytest_codesteer.sandbox import Sandbox, open_sandbox

TRIVIAL = "print(6 * 7)"
SYMPY = "from sympy import *\nx = symbols('x')\nprint(solve(x**2 - 5*x + 6, x))"
CLIENTS = 4
_ROUNDS = 9


def by_subprocess(source: str) -> None:
    """Run a program as most harnesses do, without isolation."""
    subprocess.run([sys.executable, "-c", source], capture_output=True, check=True, timeout=60)


def in_turn(runs: int, *ways: Callable[[], object]) -> list[float]:
    """Return the median milliseconds of each way."""
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(runs):
        for way, taken in zip(ways, seconds, strict=True):
            started = time.perf_counter()
            way()
            taken.append(time.perf_counter() - started)
    return [median(each) * 1e3 for each in seconds]


def throughput(runs: int, *ways: Callable[[], object]) -> list[float]:
    """Return how many runs per second several clients get done; the ways take turns, medians of rounds."""
    rates: list[list[float]] = [[] for _ in ways]
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(_ROUNDS):
            for way, rate in zip(ways, rates, strict=True):
                started = time.perf_counter()
                list(pool.map(lambda _, way=way: way(), range(runs)))
                rate.append(runs / (time.perf_counter() - started))
    return [median(each) for each in rates]


def idle_megabytes() -> float:
    """Return the memory of all processes of the sandbox, each page divided by its users (PSS)."""
    return sum(census.proportional(each) or 0 for each in census.descendants(os.getpid())) / (1 << 20)


def profile(sandbox: Sandbox, runs: int) -> None:
    """Print what a trivial program costs beside the floor: forking a small process and waiting for it."""

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    def run(source: str) -> None:
        sandbox.run(RunCode(source), seconds=10, memory_mb=512)

    names = (
        "fork and wait, of this process",
        "an empty program",
        "the trivial program",
        "with an import of json",
    )
    times = in_turn(runs, fork, lambda: run(""), lambda: run(TRIVIAL), lambda: run(f"import json\n{TRIVIAL}"))
    for name, taken in zip(names, times, strict=True):
        print(f"{name:>32}: {taken:6.2f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=int, nargs="?", default=40)
    parser.add_argument("--tier", default="auto")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    sandbox = open_sandbox(arguments.tier)

    def isolated(source: str) -> None:
        done = sandbox.run(RunCode(source), seconds=20, memory_mb=1024)
        assert done.status == "ok", done

    isolated(TRIVIAL)
    bare = idle_megabytes()
    for source in (TRIVIAL, SYMPY):
        isolated(source), by_subprocess(source)  # the first of each pays for what is kept
    system = f"{platform.system()} {platform.release()}, {os.cpu_count()} processors"
    print(f"{sandbox.isolation}; Python {platform.python_version()}, sympy {version('sympy')}, {system}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; medians of {arguments.runs} runs")
    for name, source in (("trivial", TRIVIAL), ("sympy", SYMPY)):
        ways = partial(isolated, source), partial(by_subprocess, source)
        ours, theirs = in_turn(arguments.runs, *ways)
        print(f"{name:>10}: sandbox {ours:.1f} ms, subprocess.run {theirs:.1f} ms, {theirs / ours:.1f} times")
    ours, theirs = throughput(arguments.runs * 2, partial(isolated, TRIVIAL), partial(by_subprocess, TRIVIAL))
    print(
        f"{CLIENTS} clients: sandbox {ours:.0f}/s, subprocess.run {theirs:.0f}/s, {ours / theirs:.1f} times"
    )
    print(f"idle: {bare:.0f} MB bare, {idle_megabytes():.0f} MB with all cells and sympy imported")
    if arguments.profile:
        profile(sandbox, arguments.runs)
    sandbox.close()


if __name__ == "__main__":
    main()
