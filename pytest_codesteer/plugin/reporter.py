"""What the process that reports does: keep records, apply gates, print tables."""

import json
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_codesteer.gate import Decision, decide
from pytest_codesteer.models.weights import title
from pytest_codesteer.plugin.bench import Bench
from pytest_codesteer.plugin.items import CaseItem
from pytest_codesteer.plugin.options import Options, nameable_tasks, task_gates
from pytest_codesteer.report import outcomes, tables
from pytest_codesteer.runlog import Record, RunLog, RunLogError
from pytest_codesteer.task import Task, TaskError, load_task

_LETTERS = {"wrong": "w", "unreadable": "u", "limit": "l"}
_KEPT_IN_THE_LOG = ("transcript", "question", "final_text", "details")  # not in memory
_PACKAGES = ("pytest-codesteer", "pytest", "openai", "jinja2", "pytest-xdist")


class Reporter:
    """Keeps the records of a run as its reports come in."""

    def __init__(self, config: pytest.Config, options: Options, bench: Bench) -> None:
        self.config = config
        self.options = options
        self.bench = bench
        self.records: list[Record] = []
        self.decisions: list[Decision] = []
        self.planned = 0  # cases that are to leave a record
        self.tasks: dict[str, str] = {}  # digests
        self.gates = list(options.gates)
        self._log: RunLog | None = None
        self._log_fault = ""

    def pytest_report_header(self) -> list[str]:
        """Say what will be run."""
        options = self.options
        titles = self._titles()
        models = ", ".join(f"{name.label}{titles.get(name.label, '')}" for name in options.models)
        lines = [
            f"codesteer: {models}; {', '.join(options.methods)}",
            f"codesteer: sandbox {self.bench.sandbox.isolation}",
        ]
        if options.suite:
            lines.append(f"codesteer: suite {options.suite.title}")
        return lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record of a finished case, on disk before anything else happens."""
        carried = getattr(report, "codesteer", None)
        if carried is None:
            return
        values = json.loads(carried[2])
        self._write(values)
        self.records.append(Record.from_dict({k: v for k, v in values.items() if k not in _KEPT_IN_THE_LOG}))

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Show what a case came to: the benchmark did its work, also where the model did not."""
        carried = getattr(report, "codesteer", None)
        if carried is None or not report.passed or carried[0] not in _LETTERS:
            return None
        outcome, reason, _ = carried
        return outcome, _LETTERS[outcome], (f"{outcome.upper()} ({reason})", {"yellow": True})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the cases of a run without xdist."""
        tasks = [item.case.task for item in session.items if isinstance(item, CaseItem)]
        self._expect(len(tasks), {task.name: task for task in tasks}.values())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the cases of a run with xdist: every worker has collected the same ones."""
        parts = [nodeid.partition("::") for nodeid in ids]
        names = [case.partition("[")[0] for file, _, case in parts if file.endswith(".toml")]
        files = nameable_tasks(self.config, self.options.task_dirs)
        with suppress(TaskError):  # the worker's own collection shows it
            self._expect(len(names), [load_task(files[name]) for name in dict.fromkeys(names)])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Apply the gates; each is reported as a test of its own, so that it shows in every output."""
        if self.config.option.collectonly:
            return
        missing = max(0, self.planned - len(self.records))
        self.decisions = [decide(gate, self.records, missing) for gate in self.gates]
        for decision in self.decisions:
            for report in _reports(decision):
                self.config.hook.pytest_runtest_logreport(report=report)
        red = self._log_fault or not all(decision.passed for decision in self.decisions)
        if red and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._log:
            self._log.close()

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the tables, the gates and where the records are."""
        if self._log_fault:
            terminalreporter.write_line(f"codesteer: {self._log_fault}", red=True)
        option = self.config.option
        if not self.planned and not option.collectonly:
            terminalreporter.write_line(
                "codesteer: no case was collected: is there such a task, and such a level?"
            )
        if option.codesteer_no_summary or option.no_summary or not (self.records or self.decisions):
            return
        terminalreporter.write_sep("=", "codesteer")
        for line in tables(self.records, self._titles()):
            terminalreporter.write_line(line)
        if said := outcomes(self.records):
            terminalreporter.write_line(said)
        for decision in self.decisions:
            for line in decision.lines:
                terminalreporter.write_line(line, green=decision.passed, red=not decision.passed)
        if self._log:
            terminalreporter.write_line(f"records: {self._log.path}")

    def _expect(self, cases: int, tasks: Iterable[Task]) -> None:
        """Note how many cases are to leave a record, of which tasks, and what gates those bring."""
        self.planned, self.gates = cases, list(self.options.gates)
        for task in tasks:
            self.tasks[task.name] = task.digest
            self.gates += task_gates(task)

    def _titles(self) -> dict[str, str]:
        """Return, for each embedded model, which one it is."""
        local = [name for name in self.options.models if name.provider == "local"]
        return {name.label: f" = {title(name.model)}" for name in local}

    def _write(self, values: dict[str, Any]) -> None:
        """Write a record; a full disk stops the log, not the run, and is said at the end."""
        if self._log_fault:
            return
        try:
            if self._log is None:
                self._log = RunLog(self._path(), self._header())
            self._log.add(values)
        except RunLogError as error:
            self._log_fault = str(error)

    def _path(self) -> Path:
        given: Path | None = self.config.option.codesteer_log
        if given is not None:
            return given
        folder = self.config.rootpath / ".codesteer"
        folder.mkdir(exist_ok=True)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("*\n", "utf-8")
        return folder / "runs" / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%f}Z.jsonl"

    def _header(self) -> dict[str, Any]:
        options = self.options
        return {
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": {name: version(name) for name in _PACKAGES},
            "models": {
                name.label: {"provider": name.provider, "model": name.model} for name in options.models
            },
            "methods": list(options.methods),
            "suite": options.suite.title if options.suite else "",
            "samples": options.samples,
            "seed": options.seed,
            "max_tokens": options.settings.max_tokens,
            "temperature": options.settings.temperature,
            "sandbox": self.bench.sandbox.isolation,
            "gates": [gate.text for gate in self.gates],
            "tasks": self.tasks,
        }


def _reports(decision: Decision) -> Iterator[pytest.TestReport]:
    """Yield the reports of a test that passes or fails as the gate does."""
    name = f"gate[{decision.gate.text}]"
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
