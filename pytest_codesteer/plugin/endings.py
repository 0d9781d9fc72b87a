"""How a run ends before its time: by a limit, by Ctrl-C, by a model that nobody can ask."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pytest_codesteer.engine import Account, Budget, Ledger, NotRun
from pytest_codesteer.engine.ledger import GRACE_SECONDS
from pytest_codesteer.plugin.bench import Bench
from pytest_codesteer.plugin.items import CaseItem
from pytest_codesteer.plugin.machines import is_elsewhere, machine_of
from pytest_codesteer.plugin.notices import NOTICES, Notices, heed

LEDGER = "codesteer_ledger"  # under this key xdist brings the path of the ledger to workers on this machine,
_SECONDS = "codesteer_seconds"  # to others the seconds that are left, None for no end,
_CLOSED = "codesteer_closed"  # and from those why models are not asked any more
ENDED = "the run has ended"
GO_ON = "to go on, run the same command again"
_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


def open_ledger(config: pytest.Config, budget: Budget) -> Ledger:
    """Return the ledger of the run: a new one, or in an xdist worker that of the run it works for.

    A worker on another machine has one of its own, whose time is what the run has left.
    """
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    if path := worker.get(LEDGER):
        return Ledger(Path(path), budget)
    budget = replace(budget, seconds=worker.get(_SECONDS, budget.seconds))
    folder = tempfile.mkdtemp(prefix="steering-run-")
    config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))
    ledger = Ledger(Path(folder, "account.json"), budget)
    ledger.create()
    return ledger


class Endings:
    """The hooks by which a process ends its part of a run early."""

    def __init__(self, config: pytest.Config, bench: Bench) -> None:
        self.config = config
        self.bench = bench
        self.worker = hasattr(config, "workerinput")
        self.elsewhere = is_elsewhere(config)
        self.interrupted = ""  # by what
        self.died: list[str] = []  # workers
        self.item: pytest.Item | None = None  # that runs
        self.begun = False  # whether a worker has collected, and may run something
        self._notices = Notices()
        if self.elsewhere and bench.ledger:
            heed(config.workerinput[NOTICES], bench.ledger)  # type: ignore[attr-defined]  # given by xdist
        self._screen = 2  # where to write in a signal handler

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the ledger is, or how much time there is and how it hears of the end."""
        if self.bench.ledger is None:
            return
        if machine_of(node.gateway.spec):
            node.workerinput[_SECONDS] = self.bench.ledger.seconds_left()
            node.workerinput[NOTICES] = self._notices.open(node.gateway)
        else:
            node.workerinput[LEDGER] = str(self.bench.ledger.path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Note that there may be something to wait for."""
        self.begun = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take up why a worker on another machine left cases out, or that one died."""
        if error:
            self.died.append(node.gateway.id)
        for reason in getattr(node, "workeroutput", {}).get(_CLOSED, ()):
            if self.bench.ledger:
                self.bench.ledger.close(reason)

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

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self) -> Generator[None, object, object]:
        """Let a test that is no case fail in a line when the run has no room for it."""
        try:
            return (yield)
        except NotRun as reason:
            failure = pytest.fail.Exception(f"not run: {reason}")
            raise failure.with_traceback(reason.__traceback__) from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Generator[None, object, object]:
        """End the workers' cases, which nobody waits for any more; Ctrl-C from now on spares the tables."""
        self._end_cases(exitstatus)
        try:
            return (yield)
        except KeyboardInterrupt:
            if self.worker:
                raise
            said = "Ctrl-C cut the report short: the records are kept, and `codesteer report RUN` shows them"
            pytest.exit(said, returncode=pytest.ExitCode.INTERRUPTED)

    def _end_cases(self, exitstatus: int) -> None:
        ledger = self.bench.ledger
        if ledger is None:
            return
        with suppress(NotRun):  # the account is gone, which has ended the run
            if self.elsewhere:
                self.config.workeroutput[_CLOSED] = list(ledger.read().closed)  # type: ignore[attr-defined]
            elif not self.worker:
                reason = ledger.over() or ENDED
                if reason == ENDED and self.died and exitstatus != pytest.ExitCode.INTERRUPTED:
                    reason = f"{', '.join(self.died)} died, and no other worker took the cases over"
                ledger.end(reason, until=time.time())

    def _passed_over(self, item: pytest.Item) -> str:
        """Return why an item is not to be run; "" if it is."""
        if isinstance(item, CaseItem):
            return self.bench.not_run(item.case)
        return f"stopped by {self.interrupted}" if self.interrupted else ""

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Let what runs come to its end; at the second time, or in a test of another kind, stop at once."""
        name = _NAMES[signal.Signals(number)]
        graceful = isinstance(self.item, CaseItem) or self.begun
        if self.bench.ledger is None or self.interrupted or not graceful:
            self._end(f"stopped by {name}", 0.0)
            signal.default_int_handler(number, frame)
        self.interrupted = name
        grace = 0.0 if self.bench.batch else GRACE_SECONDS
        self._end(f"stopped by {name}", grace)
        said = f"codesteer: {name}: cases under way have {grace:g} s to end; once more: at once"
        if self.bench.batch:
            said = f"codesteer: {name}: the batches go on at the provider; {GO_ON}"
        os.write(self._screen, f"\n{said}\n".encode())

    def _end(self, reason: str, grace: float) -> None:
        """Start no further case, on any machine, and end those under way after *grace* seconds."""
        if self.bench.ledger is not None:
            with suppress(NotRun):  # the account is gone, which has ended the run
                self.bench.ledger.end(reason, until=time.time() + grace)
        self._notices.give(reason, grace)


def unfinished(ledger: Ledger, *, planned: int, missing: int) -> list[str]:
    """Return the lines that say what was not run and why; none if nothing is missing, or pytest says why."""
    try:
        account = ledger.read()
    except NotRun as error:
        account = Account(over=str(error))
    reasons = dict.fromkeys(filter(None, (account.over, *account.closed)))
    reasons.pop(ENDED, None)
    if not missing or not reasons:
        return []
    return [f"{missing} of {planned} cases were not run: {reason}" for reason in reasons] + [GO_ON]
