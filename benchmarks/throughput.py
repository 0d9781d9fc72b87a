"""How fast cases are put to a model, beside other harnesses and a bare client.

    python benchmarks/throughput.py [--rivals PYTHON] [--cases 1000] [--write docs/throughput.md]

Every contestant puts the same questions to a server in a process of its own, which answers each after a fixed
time.  PYTHON is an interpreter that has inspect_ai, lm_eval, deepeval and openai; without it only the bare
client is run, by this interpreter.  Prints a page of tables, or writes it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
AT_ONCE = 100
SECONDS = 0.5
ROUNDS = 2  # of which the fastest counts: the machine may have other work
RIVALS = {"inspect_ai": "run_inspect_ai", "lm_eval": "run_lm_eval", "deepeval": "run_deepeval"}
OURS = [sys.executable, "-m", "pytest", "-q", "--codesteer-tables=costs", "-p", "no:hypothesispytest"]
TASK = """
from pytest_codesteer import right, wrong

def generate(rng, *, first):
    return {"number": rng.randint(first, 10**12)}

def solve(data):
    return data["number"] + 1

def check(data, answer):
    return right() if answer == "<<<7>>>" else wrong("another number")
"""
PROGRAM = """```python
import time
while time.process_time() < 0.05:
    pass
print("<<<7>>>")
```"""
PROGRAMS = 400


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took."""

    wall: float  # seconds
    processor: float  # seconds, of all its processes
    memory: float  # MB, at most, of one of its processes
    requests: int = 0
    most: int = 0  # requests at once
    asking: float = 0.0  # seconds from the first request to the last reply


@contextmanager
def served(seconds: float, *text: str) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Run the server; what it has seen is there afterwards."""
    command = [sys.executable, str(HERE / "served.py"), str(seconds), *text]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    seen: list[dict[str, float]] = []
    yield server.stdout.readline().strip(), seen
    seen.append(json.loads(server.communicate()[0]))


def timed(command: Sequence[str], folder: str) -> Measured:
    """Run a command to its end."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    for name in list(environment):
        if name.lower().endswith("_proxy") or name == "PYTHONDONTWRITEBYTECODE":
            del environment[name]
    with Path(folder, "output").open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed:\n{Path(folder, 'output').read_text('utf-8', 'replace')[-2000:]}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def asked(command: Sequence[str], *text: str, cases: int, seconds: float = SECONDS) -> Measured:
    """Run a contestant against the server; ``URL`` in its command stands for the address."""
    with tempfile.TemporaryDirectory() as folder:
        project(Path(folder))
        with served(seconds, *text) as (url, seen):
            taken = timed([part.replace("URL", url) for part in command], folder)
    [found] = seen
    if found["requests"] != cases:
        sys.exit(f"{command}: {found['requests']} requests for {cases} cases")
    return replace(taken, requests=cases, most=int(found["most"]), asking=found["seconds"])


def project(folder: Path) -> None:
    """Write a repository with one task."""
    task = folder / "task_specs" / "next"
    task.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (task / "task.py").write_text(TASK, "utf-8")
    (task / "question.j2").write_text("What is {{ number }} + 1? <<<number>>>", "utf-8")
    head = '[task]\ntitle = "Next"\nsource = "own"\nsamples = 1\n'
    (task / "task.toml").write_text(head + "[levels]\none = { first = 1 }\n", "utf-8")


def ours(cases: int, at_once: int, *more: str, method: str = "only_question") -> list[str]:
    """Return the command of a run with so many cases of one call."""
    return [
        *OURS, "--codesteer-model=served", f"--codesteer-method={method}", "--codesteer-base-url=URL",
        f"--codesteer-samples={cases}", f"--codesteer-concurrency={at_once}", *more,
    ]  # fmt: skip


def contestants(rivals: str | None, cases: int) -> dict[str, list[str]]:
    """Return the commands by name."""

    def client(script: str) -> list[str]:
        return [
            rivals or sys.executable,
            str(HERE / "rivals" / f"{script}.py"),
            "URL",
            str(cases),
            str(AT_ONCE),
        ]

    others = {f"{name} {of(name, rivals)}": client(script) for name, script in RIVALS.items() if rivals}
    return {
        f"bare client (openai {of('openai', rivals)})": client("bare_client"),
        "pytest-codesteer": ours(cases, AT_ONCE),
        "pytest-codesteer -n 2": ours(cases, AT_ONCE // 2, "-n2"),
        **others,
    }


def of(package: str, python: str | None) -> str:
    """Return the version of a package that an interpreter has."""
    if python is None:
        return version(package)
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def fastest(runs: Sequence[Measured]) -> Measured:
    """Return the run that took least, wall and processor apart."""
    best = min(runs, key=lambda run: run.wall)
    return replace(best, processor=min(run.processor for run in runs))


def race(rivals: str | None, cases: int) -> dict[str, Measured]:
    """Run all contestants, in turn, several rounds of them."""
    runs: dict[str, list[Measured]] = {}
    for _ in range(ROUNDS):
        for name, command in contestants(rivals, cases).items():
            runs.setdefault(name, []).append(asked(command, cases=cases))
            print(f"{name}: {runs[name][-1]}", file=sys.stderr)
    return {name: fastest(taken) for name, taken in runs.items()}


def growth() -> float:
    """Return how many MB 10,000 more cases take."""
    few, many = (asked(ours(n, AT_ONCE), cases=n, seconds=0.01) for n in (2_000, 12_000))
    return many.memory - few.memory


def local(*options: str) -> Measured:
    """Run pytest without a server."""
    with tempfile.TemporaryDirectory() as folder:
        project(Path(folder))
        return timed([*OURS, *options], folder)


def programs(cases: int, *workers: str) -> float:
    """Return the seconds of a run whose programs compute for 50 ms each."""
    command = ours(cases, 16, "--codesteer-no-cache", *workers, method="all_code")
    return min(asked(command, PROGRAM, cases=cases, seconds=0).wall for _ in range(ROUNDS))


def machine() -> str:
    """Describe where this runs."""
    names = ("pytest-codesteer", "pytest", "pytest-xdist", "openai")
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), cpu)
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{cpu}, {os.cpu_count()} processors; Python {platform.python_version()}; {packages}."


def page(rivals: str | None, cases: int) -> str:
    """Measure everything and return the page."""
    taken = race(rivals, cases)
    bare = next(iter(taken.values()))
    rows = [
        f"| {name} | {run.wall:.2f} | {run.wall / bare.wall:.2f} | {run.asking:.2f} | {run.most} "
        f"| {run.processor / cases * 1e3:.2f} | {run.processor / bare.processor:.2f} | {run.memory:.0f} |"
        for name, run in taken.items()
    ]
    mine = taken["pytest-codesteer"]
    collection = local("--codesteer-model=oracle", "--codesteer-samples=50000",
                       "--codesteer-method=only_question", "--collect-only", "-q")  # fmt: skip
    alone, pair = programs(PROGRAMS), programs(PROGRAMS, "-n2")
    start, pair_start = programs(2), programs(2, "-n2")
    goals = [
        ("wall time, of the bare client's", f"{mine.wall / bare.wall:.2f}", "at most 1.3"),
        (
            "processor time of a case, of the bare client's",
            f"{mine.processor / bare.processor:.2f}",
            "at most 2",
        ),
        ("memory for 10,000 more cases", f"{growth():.0f} MB", "under 200 MB"),
        ("collection of 50,000 cases", f"{collection.wall:.1f} s", "under 10 s"),
        (
            f"{PROGRAMS} programs that compute for 50 ms, with `-n 2`, of the time without, less the start",
            f"{(pair - pair_start) / (alone - start):.2f}",
            "at most 1",
        ),
        ("the same, with the start", f"{pair / alone:.2f}", ""),
        ("the start of a run with `-n 2`, and without", f"{pair_start:.1f} s, {start:.1f} s", ""),
    ]
    return PAGE.format(
        cases=cases, at_once=AT_ONCE, seconds=SECONDS, machine=machine(), rows="\n".join(rows), rounds=ROUNDS,
        goals="\n".join(f"| {what} | {found} | {goal} |" for what, found, goal in goals),
    )  # fmt: skip


PAGE = """\
# Throughput

This page is made by `python benchmarks/throughput.py --rivals PYTHON --write docs/throughput.md`.

{cases:,} cases of one call, {at_once} at once, against a server in a process of its own that answers each
call after {seconds} s. All in turn on one machine, {rounds} rounds, the least of each number. Seconds and
processor time are those of the whole process, its imports included; *asking* is the time from the first
request to the last reply, as the server saw it; a *ratio* is to the bare client's.

| | wall s | ratio | asking s | at once | processor ms a case | ratio | memory MB |
|---|--:|--:|--:|--:|--:|--:|--:|
{rows}

lm_eval sends its requests by aiohttp, the others by the openai SDK. deepeval makes no calls of its own: the
call stands in a metric. With `-n 2` each of the two workers has half as many in flight.

| goal | measured | |
|---|--:|---|
{goals}

{machine}
"""


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rivals", metavar="PYTHON", help="interpreter that has the other harnesses")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--write", type=Path, metavar="FILE")
    given = parser.parse_args()
    made = page(given.rivals, given.cases)
    if given.write:
        given.write.write_text(made, "utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
