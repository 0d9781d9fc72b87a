"""`--codesteer-batch`: whether it can be, and what is said of the batches that are under way."""

from collections.abc import Iterable

import pytest

from pytest_codesteer.cache import Store, under_way
from pytest_codesteer.models import ModelName
from pytest_codesteer.models.providers import providers, takes_batches


def read_batch(config: pytest.Config, served: Iterable[ModelName]) -> bool:
    """Return whether models are asked in batches.  Raises `pytest.UsageError` where they cannot be."""
    given = config.option
    if not given.codesteer_batch:
        return False
    for other, reason in (
        ("no_cache", "without a cache a run that is ended would pay twice"),
        ("replay", "a replay asks nobody"),
        ("until_decided", "all cases are under way before the first is decided"),
    ):
        if getattr(given, f"codesteer_{other}"):
            option = f"--codesteer-{other.replace('_', '-')}"
            raise pytest.UsageError(f"--codesteer-batch and {option}: {reason}; take one of them out")
    for name in served:
        if not takes_batches(name):
            known = ", ".join(provider.name for provider in providers().values() if provider.batch)
            raise pytest.UsageError(
                f"--codesteer-batch: there is no Batch API for {name.given}; take it out, or name a model of"
                f" {known}, or the --codesteer-base-url of a server that has one"
            )
    return True


class BatchReport:
    """Says what is under way, in the process that reports."""

    def __init__(self, store: Store) -> None:
        self.store = store
        if fault := store.check():
            raise pytest.UsageError(
                f"--codesteer-batch needs the cache, to pay for nothing twice: {fault}; remove the file,"
                " or name another --codesteer-cache"
            )

    def pytest_report_header(self) -> str:
        """Say how long it may take, and what an earlier run has sent."""
        return "; ".join(["codesteer: batch: a round of requests may take 24 hours", *self._under_way()])

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say what goes on without this run."""
        for line in self._under_way():
            terminalreporter.write_line(f"codesteer: {line}; the same command waits for them")

    def _under_way(self) -> list[str]:
        requests, batches = self.store.look(under_way) or (0, 0)
        return [f"{requests} requests are under way in {batches} batches"] if requests else []
