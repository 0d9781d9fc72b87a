"""What a run writes besides its log, once it is decided: the HTML report, and what GitHub shows."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_codesteer.plugin.options import Options
from pytest_codesteer.plugin.reporter import Reporter
from pytest_codesteer.report import sections
from pytest_codesteer.runlog import RunLogError, read_run, scored

if TYPE_CHECKING:
    from pytest_codesteer.gate import Decision


class Outputs:
    """Lives in the process that reports, behind the reporter.  What cannot be written makes the run fail."""

    def __init__(self, config: pytest.Config, options: Options, reporter: Reporter) -> None:
        self.config = config
        self.options = options
        self.reporter = reporter
        self.page: Path | None = config.option.codesteer_report
        self.faults: list[str] = []

    @property
    def decisions(self) -> "list[Decision]":
        """What became of the gates."""
        return self.reporter.gatekeeper.decisions

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files; the reporter, which comes first, has decided the gates."""
        if self.config.option.collectonly:
            return
        if self.page:
            self._write_page(self.page)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            self._write_summary(Path(summary))
        if self.faults and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say where the report is, and tell GitHub of the gates that failed."""
        for fault in self.faults:
            terminalreporter.write_line(f"codesteer: {fault}", red=True)
        if self.page and not self.faults and not self.config.option.collectonly:
            terminalreporter.write_line(f"report: {self.page}")
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from pytest_codesteer.export.github import annotations

            terminalreporter.ensure_newline()  # GitHub reads a command at the start of a line
            for line in annotations(self.decisions):
                terminalreporter.write_line(line)

    def _write_page(self, path: Path) -> None:
        """Write the report from the log, which has the transcripts that are not kept in memory."""
        from pytest_codesteer.page import write_page

        log = self.reporter.log_path
        if log is None:
            self.faults.append(
                f"--codesteer-report={path}: not written, as there is no whole log of this run"
            )
            return
        try:
            run = read_run(log)
            records = tuple(scored(record, self.options.scoring) for record in run.records)
            write_page(path, replace(run, records=records))
        except RunLogError as error:
            self.faults.append(f"--codesteer-report={path}: {error}")
        except OSError as error:
            self.faults.append(f"--codesteer-report={path}: {error.strerror}; name another file")

    def _write_summary(self, path: Path) -> None:
        from pytest_codesteer.export.github import job_summary

        records = self.reporter.records
        if not (records or self.decisions):
            return
        shown = sections(records, self.reporter.titles(), self.options.tables)
        try:
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(job_summary(records, shown, self.decisions))
        except OSError as error:
            self.faults.append(f"GITHUB_STEP_SUMMARY={path}: {error.strerror}")
