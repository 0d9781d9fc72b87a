"""What the process that reports does: keep records, apply gates, print tables."""

import json
import platform
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_codesteer.cache import OWN_FOLDER
from pytest_codesteer.engine import Case, Played
from pytest_codesteer.methods import REFINABLE
from pytest_codesteer.models.weights import title
from pytest_codesteer.plugin.bench import Bench
from pytest_codesteer.plugin.earlier import header_of, report_header
from pytest_codesteer.plugin.endings import unfinished
from pytest_codesteer.plugin.gates import Gatekeeper
from pytest_codesteer.plugin.items import NEEDLESS, Carried, CaseItem, carried
from pytest_codesteer.plugin.lost import LostItem
from pytest_codesteer.plugin.options import Options
from pytest_codesteer.plugin.selection import nameable_tasks
from pytest_codesteer.plugin.workers import case_places, task_named
from pytest_codesteer.report import outcomes, tables
from pytest_codesteer.runlog import Record, RunLog, RunLogError, record_of, scored
from pytest_codesteer.task import Task, TaskCrash, TaskError

_LETTERS = {"wrong": "w", "unreadable": "u", "limit": "l"}
_KEPT_IN_THE_LOG = ("transcript", "question", "final_text", "details")  # too long for memory and properties
_PACKAGES = ("pytest-codesteer", "pytest", "openai", "jinja2", "pytest-xdist")


class Reporter:
    """Keeps the records of a run as its reports come in."""

    def __init__(self, config: pytest.Config, options: Options, bench: Bench, gatekeeper: Gatekeeper) -> None:
        self.config = config
        self.options = options
        self.bench = bench
        self.gatekeeper = gatekeeper
        self.tasks: dict[str, str] = {}  # digests, which those of given data are part of
        self.data: dict[str, str] = {}  # where the instances of tasks come from that do not make them
        self._collected: list[str] = []  # by a worker
        self._plan: Mapping[str, Case | None] = {}  # by node id, in order; None: as collected by a worker
        self._records: dict[str, Record] = {}
        self._figures: dict[str, list[tuple[str, object]]] = {}  # of cases that are not torn down yet
        self._log: RunLog | None = None
        self._log_fault = ""
        self._unfinished: list[str] = []
        self._unlike: list[str] = []  # tasks whose cases are not about the same instances

    @property
    def records(self) -> list[Record]:
        """The records so far, in the order in which their cases were collected."""
        unplanned = (nodeid for nodeid in self._records if nodeid not in self._plan)
        return [self._records[nodeid] for nodeid in (*self._plan, *unplanned) if nodeid in self._records]

    @property
    def done(self) -> Container[str]:
        """The node ids of the cases that have left a record, also those to come."""
        return self._records

    @property
    def log_path(self) -> Path | None:
        """The log of this run, once it holds a record; None when it is not whole."""
        return self._log.path if self._log and not self._log_fault else None

    def titles(self) -> dict[str, str]:
        """Return, for each embedded model, which one it is."""
        local = [name for name in self.options.served if name.provider == "local"]
        return {name.label: f" = {title(name.model)}" for name in local}

    def pytest_report_header(self) -> list[str]:
        """Say what will be run."""
        options = self.options
        if options.earlier:
            return report_header(options.earlier)
        titles = self.titles()
        models = ", ".join(f"{name.label}{titles.get(name.label, '')}" for name in options.models)
        lines = [
            f"codesteer: {models}; {', '.join(options.methods)}",
            f"codesteer: sandbox {self.bench.sandbox.isolation}",
        ]
        if options.guide:
            lines.append(f"codesteer: guide {options.guide.label}{titles.get(options.guide.label, '')}")
        if options.turns != (1,):
            once = [method for method in options.methods if method not in REFINABLE]
            said = f"; one turn only: {', '.join(once)}" if once else ""
            lines.append(f"codesteer: turns {', '.join(map(str, options.turns))}{said}")
        if options.tasks is None and not options.task_dirs:
            lines.append("codesteer: the bundled tasks, as this project has none of its own")
        if options.scoring != "strict":
            lines.append(f"codesteer: {options.scoring} scoring")
        if options.suite:
            lines.append(f"codesteer: suite {options.suite.title}")
        if options.shard.of > 1:
            lines.append(f"codesteer: shard {options.shard} of the instances")
        lines += [f"codesteer: instances of {name} from {path}" for name, path in options.data.items()]
        return lines

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record of a finished case, on disk before anything else happens.

        Its figures become properties of the test here: xdist would bring them over several times.
        """
        if report.when == "teardown":
            report.user_properties += self._figures.pop(report.nodeid, ())
        self.gatekeeper.needless += getattr(report, NEEDLESS, False)
        brought: Carried | None = getattr(report, "codesteer", None) or self._crashed(report)
        if brought is None:
            return
        outcome, reason, line = brought
        self._write(line)
        report.codesteer = Carried(outcome, reason, "")  # type: ignore[attr-defined]  # pytest keeps reports
        slim = {key: value for key, value in json.loads(line).items() if key not in _KEPT_IN_THE_LOG}
        record = scored(Record.from_dict(slim), self.options.scoring)
        self._records[report.nodeid] = record
        self._figures[report.nodeid] = figures = _properties(record)
        report.user_properties += figures
        self.gatekeeper.take(report.nodeid, record)

    def _crashed(self, report: pytest.TestReport) -> Carried | None:
        """Return the record of a case that no worker survived."""
        case = self._plan.get(report.nodeid)
        if report.when in ("setup", "call", "teardown") or case is None:
            return None
        name, played = self.bench.names[case.model], Played(case, error=str(report.longrepr))
        record = record_of(played, name, self.bench.prices, self.bench.started)
        return carried(record, record)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Show what a case came to: the benchmark did its work, also where the model did not."""
        brought = getattr(report, "codesteer", None)
        if brought is None or not report.passed or brought[0] not in _LETTERS:
            return None
        outcome, reason, _ = brought
        return outcome, _LETTERS[outcome], (f"{outcome.upper()} ({reason})", {"yellow": True})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the cases of a run without xdist."""
        plan = {
            item.nodeid: getattr(item, "case", None)
            for item in session.items
            if isinstance(item, CaseItem | LostItem)
        }
        self._expect(plan, {case.task.name: case.task for case in plan.values() if case}.values())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Note the cases of a run with xdist: every worker has collected the same ones."""
        if ids == self._collected:
            return  # by one more worker
        self._collected = ids
        files = nameable_tasks(self.config, self.options.task_dirs)
        earlier = self.options.earlier
        places = set(case_places(ids, files))
        names = {}
        for at, nodeid in enumerate(ids):
            name = nodeid.partition("::")[2]
            if at in places or (earlier and name in earlier.entries):
                names[nodeid] = name
        with suppress(TaskError):  # the worker's own collection shows it
            known = [task for task in dict.fromkeys(map(task_named, names)) if task in files]
            tasks = [self.options.load(files[task]) for task in known]
            cases = {case.id: case for task in tasks for case in self.options.cases(task)}
            self._expect({nodeid: cases.get(name) for nodeid, name in names.items()}, tasks)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Apply the gates; each is reported as a test of its own, so that it shows in every output."""
        if self.config.option.collectonly:
            return
        self.gatekeeper.decide(self.records)
        if session.testscollected:  # what pytest's progress is a share of
            session.testscollected += len(self.gatekeeper.decisions)
        for report in self.gatekeeper.reports():
            self.config.hook.pytest_runtest_logreport(report=report)
        self._unlike = _unlike_instances(self.records)
        keeper = self.gatekeeper
        missing = keeper.planned - keeper.needless - len(self._records)
        if self.bench.ledger:
            self._unfinished = unfinished(self.bench.ledger, planned=keeper.planned, missing=missing)
        if self.options.earlier and missing > 0:
            self._unfinished = [f"{missing} of {keeper.planned} cases of that run left no record"]
        if self.options.shard.of > 1 and not keeper.planned:
            self._write()  # a log without a case, for the whole is made of the logs of all parts
        if self._log:
            self._close(self._log)
        red = (
            self._log_fault
            or self._unfinished
            or self._unlike
            or not all(decision.passed for decision in self.gatekeeper.decisions)
        )
        if red and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter", exitstatus: int) -> None:
        """Print the tables, the gates and where the records are."""
        if self._log_fault:
            terminalreporter.write_line(f"codesteer: {self._log_fault}", red=True)
        for line in (*self._unfinished, *self._unlike):
            terminalreporter.write_line(f"codesteer: {line}", red=True)
        option, decisions, records = self.config.option, self.gatekeeper.decisions, self.records
        cut_short = exitstatus in (
            pytest.ExitCode.USAGE_ERROR,  # of a worker, which says why
            pytest.ExitCode.INTERRUPTED,
        )
        broken = "error" in terminalreporter.stats  # as a task file is whose faults are shown
        others = any(terminalreporter.stats.get(each) for each in ("passed", "failed", "skipped"))
        if not (self.gatekeeper.planned or option.collectonly or cut_short or broken or others):
            part = self.options.shard
            why = f"part {part} has no instance" if part.of > 1 else "is there such a task, and such a level?"
            terminalreporter.write_line(f"codesteer: no case was collected: {why}")
        if option.codesteer_no_summary or option.no_summary or not (records or decisions):
            return
        terminalreporter.write_sep("=", "codesteer")
        for line in tables(records, self.titles(), self.options.tables):
            terminalreporter.write_line(line)
        if said := outcomes(records):
            terminalreporter.write_line(said)
        for decision in decisions:
            colour = "green" if decision.verdict == "passed" else "yellow" if decision.passed else "red"
            for line in decision.lines:
                terminalreporter.write_line(line, **{colour: True})
        for line in self.gatekeeper.saved():
            terminalreporter.write_line(line)
        if self._log:
            terminalreporter.write_line(f"records: {self._log.path}")

    def _expect(self, plan: Mapping[str, Case | None], tasks: Iterable[Task]) -> None:
        """Note what is to leave a record, by node id and in order, and of which tasks it is."""
        tasks = list(tasks)
        if not self.options.earlier:
            _require_repeatable(filter(None, plan.values()))
        self._plan = plan
        self.tasks = {task.name: task.digest for task in tasks}
        self.data = {task.name: str(task.data_path) for task in tasks if task.data_path}
        self.gatekeeper.expect(plan, tasks)

    def _write(self, *lines: str) -> None:
        """Write records; a full disk stops the log, not the run, and is said at the end."""
        if self._log_fault:
            return
        try:
            if self._log is None:
                self._log = RunLog(self._path(), self._header())
            for line in lines:
                self._log.add(line)
        except RunLogError as error:
            self._log_fault = str(error)

    def _close(self, log: RunLog) -> None:
        """Write what became of the gates, and no more; a log that is not whole does not say it."""
        try:
            if not self._log_fault:
                log.decided(self.gatekeeper.decisions, self.gatekeeper.needless)
            log.close()
        except RunLogError as error:
            self._log_fault = self._log_fault or str(error)

    def _path(self) -> Path:
        given: Path | None = self.config.option.codesteer_log
        if given is not None:
            return given
        folder: Path = self.config.rootpath / OWN_FOLDER / "runs"
        return folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%f}Z.jsonl"

    def _header(self) -> dict[str, Any]:
        """Return what the log says of the run: of one that is judged again, what it said before."""
        earlier = self.options.earlier
        return (header_of(earlier) if earlier else self._asked()) | {
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": {name: version(name) for name in _PACKAGES},
            "cases": self.gatekeeper.planned,
            "scoring": self.options.scoring,
            "gates": [gate.text for gate in self.gatekeeper.gates],
            "tasks": self.tasks,
            "data": self.data,
        }

    def _asked(self) -> dict[str, Any]:
        options = self.options
        return {
            "models": {
                name.label: {"provider": name.provider, "model": name.model} for name in options.models
            },
            "methods": list(options.methods),
            "guide": options.guide.label if options.guide else "",
            "turns": list(options.turns),
            "suite": options.suite.title if options.suite else "",
            "samples": options.samples,
            "seed": options.seed,
            "epochs": options.epochs,
            "until_decided": options.until_decided,
            "shard": str(options.shard),
            "max_tokens": options.settings.max_tokens,
            "temperature": options.settings.temperature,
            "batch": options.batch,
            "sandbox": self.bench.sandbox.isolation,
        }


def _require_repeatable(cases: Iterable[Case]) -> None:
    """Refuse a generator that makes other instances each time, before anything is paid for.

    Raises `pytest.UsageError`.  A generator that fails is an error of its cases.
    """
    chosen = {(case.task.name, case.level, case.seed): case.task for case in cases}
    for (_, level, seed), task in chosen.items():
        try:
            with suppress(TaskCrash):
                task.first_instance(level, seed)
        except TaskError as error:
            raise pytest.UsageError(str(error)) from error


def _unlike_instances(records: Iterable[Record]) -> list[str]:
    """Return a line for each task whose cases met other data under the name of the same instance."""
    digests: dict[tuple[str, str, int], set[str]] = {}
    for record in records:
        if record.digest:
            digests.setdefault((record.task, record.instance, record.seed), set()).add(record.digest)
    unlike: dict[str, list[str]] = {}
    for (task, instance, _), made in digests.items():
        if len(made) > 1:
            unlike.setdefault(task, []).append(instance)
    return [
        f"{task}: {len(instances)} of its instances, such as {instances[0]}, were not the same in all cases:"
        " generate() is not deterministic: use the rng that it is given"
        for task, instances in unlike.items()
    ]


def _properties(record: Record) -> list[tuple[str, object]]:
    """Return the figures of a record, as JUnit files and other plugins show them; no long texts."""
    figures = record.to_dict().items()
    return [
        (f"codesteer_{name}", "" if value is None else str(value))
        for name, value in figures
        if name not in _KEPT_IN_THE_LOG
    ]
