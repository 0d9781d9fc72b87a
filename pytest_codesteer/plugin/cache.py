"""The cache of a run: where it is, what it spared, and what is wrong with it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_codesteer.cache import OWN_FOLDER, Store, under_way
from pytest_codesteer.models import ModelName
from pytest_codesteer.models.providers import STAND_INS
from pytest_codesteer.plugin.machines import is_elsewhere, own_cache
from pytest_codesteer.runlog import Record

if TYPE_CHECKING:
    from pytest_codesteer.plugin.reporter import Reporter

_FAULT = "codesteer_cache_fault"  # under this key xdist brings it from a worker


def cache_file(config: pytest.Config) -> Path | None:
    """Return the file of replies; None for none.  Raises `pytest.UsageError`."""
    given = config.option
    path: Path = own_cache() if is_elsewhere(config) else config.rootpath / OWN_FOLDER / "cache.sqlite"
    if given.codesteer_cache:
        path = config.invocation_params.dir / given.codesteer_cache.expanduser()
    if given.codesteer_no_cache:
        for other in ("cache", "replay"):
            if getattr(given, f"codesteer_{other}"):
                raise pytest.UsageError(f"--codesteer-{other} and --codesteer-no-cache: take one of them out")
        return None
    if given.codesteer_replay and not path.is_file():
        raise pytest.UsageError(f"--codesteer-replay: {path}: there is no such file; run without it first")
    return path


class CacheReport:
    """Says what came of the cache, in the process that reports; hears of it from workers."""

    def __init__(self, config: pytest.Config, store: Store, reporter: "Reporter") -> None:
        self.config = config
        self.store = store
        self.reporter = reporter
        self.used = _served(reporter.options.served)
        self.faults: dict[str, None] = {}

    def pytest_report_header(self) -> list[str]:
        """Say where replies come from, and open the file before workers do: its first fault shows here."""
        if self.config.option.collectonly or not self.used:
            return []
        fault = self.store.check()
        if fault:
            return [f"codesteer: the cache is not used: {fault}"]
        options = self.reporter.options
        if options.replay:
            return [f"codesteer: replay of {self.store.path}"]
        requests, _ = (0, 0) if options.batch else self.store.look(under_way) or (0, 0)
        said = f"codesteer: {requests} requests are under way in batches: --codesteer-batch waits for them"
        return [said] if requests else []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take up what a worker says of the file."""
        if fault := getattr(node, "workeroutput", {}).get(_FAULT):
            self.faults[fault] = None

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say what the cache spared, and why it did not where it failed."""
        records = self.reporter.records
        requests = sum(record.requests for record in records)
        if self.used and requests and not self.config.option.codesteer_no_summary:
            cached = sum(record.cached_requests for record in records)
            terminalreporter.write_line(
                f"{cached} of {requests} requests came from the cache; spent in this run: {spent(records)}"
            )
        for fault in {**self.faults, self.store.fault: None}:
            if fault:
                line = f"codesteer: the cache was given up: {fault}; remove the file, or name another"
                terminalreporter.write_line(f"{line} --codesteer-cache", red=True)


def tell_fault(config: pytest.Config, store: Store | None) -> None:
    """Let a worker tell the process that reports what is wrong with the file."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None and store is not None:
        output[_FAULT] = store.fault


def spent(records: Sequence[Record]) -> str:
    """Return the dollars that the replies cost which were asked for in this run; "?" if not known of all."""
    dollars = [record.spent_dollars for record in records]
    known = [each for each in dollars if each is not None]
    unknown = len(dollars) - len(known)
    if not known or not unknown:
        return "?" if unknown else f"${sum(known):.4f}"
    return f"${sum(known):.4f} and ? for {unknown} cases"


def _served(names: Iterable[ModelName]) -> bool:
    """Tell whether anybody is asked."""
    return any(name.provider not in STAND_INS for name in names)
