"""The gates of a run: what they are, what became of them, and ending a run that they need no more."""

import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_codesteer.engine import Case
from pytest_codesteer.gate import Decision, Gate, Place, Watch, decide, decide_against
from pytest_codesteer.plugin.items import CaseItem
from pytest_codesteer.plugin.options import Options, task_gates
from pytest_codesteer.runlog import Record
from pytest_codesteer.task import Task

DECIDED = "codesteer_decided"  # under this key xdist brings the path of the sign to its workers


class Gatekeeper:
    """Holds the records of a run against its gates; lives in the process that reports.

    That all gates are decided shows to every process of the run by a file, the sign.  A worker on another
    machine does not see it, and runs all its cases.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.gates = list(options.gates)
        self.decisions: list[Decision] = []
        self.planned = 0  # cases that are to leave a record
        self.needless = options.earlier.needless if options.earlier else 0  # skipped, as all was decided
        self._folder = Path(tempfile.mkdtemp(prefix="codesteer-")) if options.until_decided else None
        self._watch: Watch | None = None
        self._next: Iterator[str] = iter(())
        self._awaited: str | None = None  # the case in planned order whose record is to come
        self._early: dict[str, Record] = {}  # records that came before it

    @property
    def sign(self) -> Path | None:
        """The file that is there once all gates are decided."""
        return self._folder / "decided" if self._folder else None

    def expect(self, plan: Mapping[str, Case | None], tasks: Iterable[Task]) -> None:
        """Note what is to be run, by node id and in order, and what gates that brings."""
        earlier = self.options.earlier
        self.planned, self.gates = len(plan), list(self.options.gates)
        if earlier:
            self.planned += earlier.missing + earlier.needless
        for task in tasks:
            self.gates += task_gates(task, self.options.methods)
        known = {gate.text for gate in self.gates}
        self.gates += [gate for gate in self.options.default_gates if plan and gate.text not in known]
        cases = [case for case in plan.values() if case]
        if self._folder and len(cases) == len(plan) and not self.options.baseline:
            places = [Place(case.model, case.method, case.turns, case.task.name) for case in cases]
            self._watch = Watch(self.gates, places, epochs=self.options.epochs)
            self._next = iter(plan)
            self._awaited = next(self._next, None)
            self._look(self._watch)

    def take(self, nodeid: str, record: Record) -> None:
        """Take up a record.  The watch sees records in planned order: fast cases must not come first."""
        if self._watch is None:
            return
        self._early[nodeid] = record
        while self._awaited in self._early:
            self._watch.add(self._early.pop(self._awaited))
            self._awaited = next(self._next, None)
        self._look(self._watch)

    def decide(self, records: list[Record]) -> None:
        """Decide every gate, of which the watch may have decided some."""
        missing = max(0, self.planned - len(records) - self.needless)
        lenient = self.options.inconclusive_passes
        watch = self._watch if self.needless else None  # a run that was whole is judged as a whole
        for gate in self.gates:
            early = watch and watch.decision(gate, missing, inconclusive_passes=lenient)
            lacking = missing + self._unasked(gate)
            self.decisions.append(early or decide(gate, records, lacking, inconclusive_passes=lenient))
        if self.options.baseline:
            against = decide_against(self.options.baseline, records, missing, inconclusive_passes=lenient)
            self.decisions.append(against)

    def saved(self) -> list[str]:
        """Say how much of the run was not needed, or why all of it was."""
        if not self.options.until_decided:
            return []
        if self.needless:
            run, share = self.planned - self.needless, self.needless / self.planned
            return [
                f"decided after {run} of {self.planned} cases: {self.needless} ({share:.1%}) were not run"
            ]
        if self.options.baseline:
            return ["not decided early: a baseline is compared with the whole run"]
        whys = self._watch.needs_all if self._watch else []
        return [f"not decided early: {why}" for why in whys] or ["not decided before the last case"]

    def reports(self) -> Iterator[pytest.TestReport]:
        """Yield for each decision the reports of a test that passes or fails as the gate does."""
        for decision in self.decisions:
            name = f"gate[{decision.text}]"
            for when in ("setup", "call", "teardown"):
                failed = when == "call" and not decision.passed
                yield pytest.TestReport(
                    nodeid=f"codesteer::{name}",
                    location=("codesteer", None, name),
                    keywords={"codesteer": 1},
                    outcome="failed" if failed else "passed",
                    longrepr="\n".join(decision.lines) if failed else None,
                    when=when,
                )

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the sign is."""
        node.workerinput[DECIDED] = str(self.sign) if self.sign else ""

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _unasked(self, gate: Gate) -> int:
        """Return how many cases an earlier run left out that decided early, but not this gate."""
        earlier = self.options.earlier
        return 0 if earlier is None or gate.text in earlier.gates else earlier.needless

    def _look(self, watch: Watch) -> None:
        if watch.decided and self.sign:
            self.sign.touch()


def shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    """Return the items with their cases in random order, behind all others.

    The methods of an instance stay together, so that each method meets the instances in the same order.
    """
    cases = [item for item in items if isinstance(item, CaseItem)]
    together: dict[tuple[str, str, int, int], list[pytest.Item]] = {}
    for item in cases:
        case = item.case
        together.setdefault((case.task.name, case.level, case.index, case.epoch), []).append(item)
    order = list(together.values())
    random.Random(f"codesteer/{seed}").shuffle(order)
    rest = [item for item in items if not isinstance(item, CaseItem)]
    return [*rest, *(item for group in order for item in group)]
