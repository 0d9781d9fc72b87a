"""How a run ends before its time: by a limit, by Ctrl-C, by a model that nobody can ask."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pytest_codesteer.engine import Account, Budget, Ledger, NotRun
from pytest_codesteer.engine.ledger import GRACE_SECONDS
from pytest_codesteer.plugin.bench import Bench
from pytest_codesteer.plugin.items import CaseItem

LEDGER = "codesteer_ledger"  # under this key xdist brings the path of the ledger to its workers
ENDED = "the run has ended"
GO_ON = "to go on, run the same command again"
_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


def open_ledger(config: pytest.Config, budget: Budget) -> Ledger | None:
    """Return the ledger of the run: a new one, or in an xdist worker that of the run it works for.

    A worker on another machine has none, and no budget could hold there.
    """
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        ledger = Ledger(Path(tempfile.mkdtemp(prefix="steering-run-"), "account.json"), budget)
        ledger.create()
        return ledger
    path = Path(worker[LEDGER])
    if path.exists():
        return Ledger(path, budget)
    if budget != Budget():
        raise pytest.UsageError(
            "--codesteer-max-cost, -max-requests and -max-time hold on one machine; this worker is on another"
        )
    return None


class Endings:
    """The hooks by which a process ends its part of a run early."""

    def __init__(self, config: pytest.Config, bench: Bench) -> None:
        self.config = config
        self.bench = bench
        self.worker = hasattr(config, "workerinput")
        self.interrupted = ""  # by what
        self.item: pytest.Item | None = None  # that runs
        self._screen = 2  # where to write in a signal handler

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the ledger is."""
        node.workerinput[LEDGER] = str(self.bench.ledger.path) if self.bench.ledger else ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Take Ctrl-C and SIGTERM as a wish to come to an end; a worker leaves Ctrl-C to its run."""
        if session.config.option.collectonly or threading.current_thread() is not threading.main_thread():
            return (yield)
        ours = {signal.SIGINT: signal.SIG_IGN} if self.worker else dict.fromkeys(_NAMES, self._interrupt)
        self._screen = os.dup(2)  # while an item runs, pytest may have led standard error elsewhere
        theirs = {number: signal.signal(number, handler) for number, handler in ours.items()}
        try:
            result = yield
        finally:
            for number, handler in theirs.items():
                signal.signal(number, handler)
            os.close(self._screen)
        if self.interrupted:
            pytest.exit(f"stopped by {self.interrupted}", returncode=pytest.ExitCode.INTERRUPTED)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Pass over a case that is not to be run any more.

        It leaves no report, and costs next to nothing, unless what it shares with the case before has to be
        torn down.
        """
        self.item = item
        if self._passed_over(item) and (nextitem is None or nextitem.parent is item.parent):
            return True
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a case that could not be passed over in silence."""
        if reason := self._passed_over(item):
            pytest.skip(reason)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """End the workers' cases, which nobody waits for any more."""
        if self.bench.ledger and not self.worker:
            with suppress(NotRun):  # the account is gone, which has ended the run
                self.bench.ledger.end(ENDED, until=time.time())

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if self.bench.ledger and not self.worker:
            shutil.rmtree(self.bench.ledger.path.parent, ignore_errors=True)

    def _passed_over(self, item: pytest.Item) -> str:
        """Return why an item is not to be run; "" if it is."""
        if isinstance(item, CaseItem):
            return self.bench.not_run(item.case)
        return f"stopped by {self.interrupted}" if self.interrupted else ""

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Let what runs come to its end; at the second time, or in a test of another kind, stop at once."""
        ledger, name = self.bench.ledger, _NAMES[signal.Signals(number)]
        graceful = isinstance(self.item, CaseItem) or self.config.pluginmanager.has_plugin("dsession")
        if ledger is None or self.interrupted or not graceful:
            if ledger is not None:
                ledger.end(f"stopped by {name}", until=time.time())
            signal.default_int_handler(number, frame)
        self.interrupted = name
        grace = 0.0 if self.bench.batch else GRACE_SECONDS
        ledger.end(f"stopped by {name}", until=time.time() + grace)
        said = f"codesteer: {name}: cases under way have {grace:g} s to end; once more: at once"
        if self.bench.batch:
            said = f"codesteer: {name}: the batches go on at the provider; {GO_ON}"
        os.write(self._screen, f"\n{said}\n".encode())


def unfinished(ledger: Ledger, *, planned: int, missing: int) -> list[str]:
    """Return the lines that say what was not run and why; none if nothing is missing, or pytest says why."""
    try:
        account = ledger.read()
    except NotRun as error:
        account = Account(over=str(error))
    reasons = [*([account.over] if account.over not in ("", ENDED) else []), *account.closed]
    if not missing or not reasons:
        return []
    return [f"{missing} of {planned} cases were not run: {reason}" for reason in reasons] + [GO_ON]
