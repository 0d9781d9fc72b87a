"""Kill runs at random moments, start them again, and count what was asked twice.

    python -m tests.kills

writes docs/kills.md.  The server answers the same to the same request, and tells in its text which request
that was: so the cache file itself shows, after each kill, whose replies were on disk.
"""

import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version, system
from typing import Any

from pytest_codesteer.runlog import Record, read_run
from tests.loopback import Loopback, completion
from tests.test_plugin import TOML, write_task

PAGE = Path(__file__).parents[1] / "docs" / "kills.md"
CONCURRENCY = 4
CASES_AT_ONCE = CONCURRENCY + CONCURRENCY // 2
LOST_AT_MOST = (
    2 * CASES_AT_ONCE
)  # a case of code_text_sum asks twice at once; a place is free before a reply is kept
LATENCY = 0.02  # seconds; each request's own, up to twice as long
OPTIONS = (
    "--codesteer-model=vllm/served", "--codesteer-method=all_text", "--codesteer-method=all_code",
    "--codesteer-method=code_text_sum", "--codesteer-turns=1,2", f"--codesteer-concurrency={CONCURRENCY}",
    "-q", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
)  # fmt: skip


def digest_of(body: dict[str, Any]) -> str:
    """Return what tells a request from others."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """Answer a sum by a program or in words, as the prompt wants it; sometimes wrongly."""
    digest = digest_of(body)
    asked = " ".join(message["content"] for message in body["messages"])
    a, b = map(int, re.findall(r"What is (\d+) \+ (\d+)", asked)[0])
    said = f"<<<{a + b + int(digest, 16) % 2}>>>"
    last = body["messages"][-1]["content"]
    text = f"```python\nprint({said!r})\n```" if "```python" in last else f"So it is {said}"
    return completion(f"[{digest}] {text}")


class Counting:
    """The server, which outlives the runs; `arrived` holds the requests of the run that is under way."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self._news = threading.Condition()
        self.server = Loopback(self._respond)
        self.server._http.handle_error = lambda *_: None  # clients that are killed hang up

    def wait_for(self, requests: int, process: "subprocess.Popen[bytes]") -> None:
        """Wait until so many requests have come from *process*, or it has ended."""
        with self._news:
            while len(self.arrived) < requests and process.poll() is None:
                self._news.wait(0.01)

    def _respond(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._news:
            self.arrived.append(digest_of(body))
            self._news.notify_all()
        time.sleep(LATENCY * (1 + int(digest_of(body), 16) % 100 / 100))
        return answer(body)


@dataclass
class Tally:
    """What became of one run that was killed and started again until it was whole."""

    kills: int = 0
    needed: int = 0  # requests of an undisturbed run
    asked: int = 0  # requests in all
    lost: list[int] = field(default_factory=list)  # per kill: asked, and not on disk afterwards
    kept_and_asked_again: int = 0
    repeated: int = 0
    faults: list[str] = field(default_factory=list)
    records_differ: int = 0
    cases: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was lost and nothing asked twice that need not be."""
        within = all(lost <= LOST_AT_MOST for lost in self.lost) and self.repeated <= sum(self.lost)
        return within and not (self.kept_and_asked_again or self.faults or self.records_differ)


def undisturbed(folder: Path, counting: Counting) -> dict[str, Any]:
    """Run once to the end; returns the records."""
    write_task(folder / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
    counting.arrived.clear()
    process = start(folder, counting)
    assert process.wait() == 0
    assert len(set(counting.arrived)) == len(counting.arrived), "the same was asked twice"
    return dict(records_of(folder))


def killed(folder: Path, counting: Counting, rng: random.Random, kills: int, whole: dict[str, Any]) -> Tally:
    """Kill a run so often, let it come to its end, and hold its records against *whole*."""
    write_task(folder / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 999"))
    needed = len({digest for record in whole.values() for digest in digests_in(json.dumps(record))})
    tally = Tally(cases=len(whole), needed=needed)
    kept: set[str] = set()
    ever: list[str] = []
    while tally.kills < kills:
        counting.arrived.clear()
        process = start(folder, counting)
        if rng.random() < 0.15:
            time.sleep(rng.uniform(0, 1.5))  # also while it starts
        else:
            counting.wait_for(rng.randint(1, max(1, (needed - len(kept)) // 2)), process)
            time.sleep(rng.uniform(0, 2 * LATENCY))
        try:
            os.killpg(process.pid, signal.SIGKILL)
            tally.kills += 1
        except ProcessLookupError:
            pass  # it had just come to its end: nothing was killed
        process.wait()
        tally.kept_and_asked_again += len(kept & set(counting.arrived))
        ever += counting.arrived
        kept, fault = on_disk(folder)
        tally.faults += [fault] if fault else []
        tally.lost.append(len(set(counting.arrived) - kept))
    counting.arrived.clear()
    assert start(folder, counting).wait() == 0
    tally.kept_and_asked_again += len(kept & set(counting.arrived))
    ever += counting.arrived
    tally.asked, tally.repeated = len(ever), len(ever) - len(set(ever))
    told = list(records_of(folder))  # also those that runs had written before they were killed
    tally.records_differ = sum(record != whole[case] for case, record in told)
    tally.records_differ += len(whole.keys() - dict(told).keys())
    return tally


def start(folder: Path, counting: Counting) -> "subprocess.Popen[bytes]":
    """Start a run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *OPTIONS, f"--codesteer-base-url={counting.server.url}"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def on_disk(folder: Path) -> tuple[set[str], str]:
    """Return the requests whose replies are in the cache file, and what is wrong with the file."""
    path = folder / ".codesteer" / "cache.sqlite"
    if not path.exists():
        return set(), ""
    connection = sqlite3.connect(path)
    try:
        [(checked,)] = connection.execute("PRAGMA integrity_check")
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        rows = connection.execute("SELECT reply FROM replies").fetchall() if tables else []
    finally:
        connection.close()
    return {digest for (reply,) in rows for digest in digests_in(reply)}, "" if checked == "ok" else checked


def digests_in(text: str) -> set[str]:
    """Return the requests that a text of replies answers."""
    return set(re.findall(r"\[([0-9a-f]{16})\] ", text))


def records_of(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the records of all runs in a project, but for times and for whether a reply was cached."""
    for path in sorted((folder / ".codesteer" / "runs").glob("*.jsonl")):
        if path.stat().st_size and b"\n" in path.read_bytes():
            for record in read_run(path).records:
                yield record.id, timeless(record)


def timeless(record: Record) -> Any:
    """Return what is the same in every run of a case."""
    return _without(record.to_dict(), ("cached", "cached_requests", "spent_dollars"))


def _without(value: Any, names: tuple[str, ...]) -> Any:
    match value:
        case dict():
            kept = {key: each for key, each in value.items() if key not in names and "seconds" not in key}
            return {key: _without(each, names) for key, each in kept.items()}
        case list() | tuple():
            return [_without(each, names) for each in value]
    return value


def page(tallies: list[Tally]) -> str:
    """Return the text of docs/kills.md."""
    rows = [
        f"| {at} | {each.kills} | {each.cases} | {each.needed} | {each.asked} | {sum(each.lost)} "
        f"| {each.repeated} | {each.kept_and_asked_again} | {each.records_differ} | {len(each.faults)} |"
        for at, each in enumerate(tallies, 1)
    ]
    totals = [sum(getattr(each, name) for each in tallies) for name in ("kills", "cases", "needed", "asked")]
    totals += [sum(sum(each.lost) for each in tallies), sum(each.repeated for each in tallies)]
    totals += [
        sum(each.kept_and_asked_again for each in tallies),
        sum(each.records_differ for each in tallies),
    ]
    totals += [sum(len(each.faults) for each in tallies)]
    most = max(lost for each in tallies for lost in each.lost)
    return HEAD.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{system()} {machine()}, {os.cpu_count()} cores, Python {python_version()}",
        sqlite=sqlite3.sqlite_version,
        cases_at_once=CASES_AT_ONCE,
        lost_at_most=LOST_AT_MOST,
        rows="\n".join([*rows, "| all | " + " | ".join(map(str, totals)) + " |"]),
        most=most,
    )


HEAD = """\
# Runs that are killed

Made by `python -m tests.kills` on {day} ({machine}, SQLite {sqlite}).
The tests do a part of it each time.

A run of a few methods is killed with SIGKILL, its whole process group at once, at random moments: after a
random number of its requests and some milliseconds more, or while it starts. It is started again with the
same command line and killed again, and in the end left alone. The server on loopback outlives the runs and
counts requests by their content. It writes into each reply which request it answers, so that after each kill
the cache file itself shows whose replies were on disk.

| run | kills | cases | needed | asked | in flight at kills | asked again | kept and asked again | records differ | broken files |
| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
{rows}

* *needed*: requests of an undisturbed run. Each of them is asked once there, also where several cases ask
  the same at the same time.
* *asked*: requests that the server got in all runs together.
* *in flight at kills*: requests that had reached the server when their run was killed, and whose replies were
  not on disk afterwards. With {cases_at_once} cases under way, of at most two requests side by side, there can be
  {lost_at_most} for each kill; there were {most} at most. A method gets a reply only once it is on disk.
* *asked again*: what was asked more than once. It can only be what was in flight at a kill.
* *kept and asked again*: requests whose replies were on disk, and which were asked all the same. Must be 0.
* *records differ*: records, of the last run or of one that was killed, which are not those of the undisturbed
  run. Not compared are times, and whether a reply came from the cache.
* *broken files*: cache files that do not pass SQLite's integrity check after a kill.
"""


def main() -> None:
    """Write the page.  Fails if a run is not as it is to be."""
    rng = random.Random(20241003)
    counting = Counting()
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory() as work:
        whole = undisturbed(Path(work, "whole"), counting)
        while sum(tally.kills for tally in tallies) < 40:
            folder = Path(work, str(len(tallies)))
            tallies.append(killed(folder, counting, rng, 5, whole))
    counting.server.close()
    PAGE.write_text(page(tallies), "utf-8")
    if not all(tally.sound for tally in tallies):
        sys.exit(f"not as it is to be: see {PAGE}")


if __name__ == "__main__":
    main()
