"""How far a run is: a line below pytest's own on a terminal, elsewhere a line a minute."""

import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_codesteer.engine import Account, Ledger, NotRun

TERMINAL_SECONDS = 0.25  # between redraws
PLAIN_SECONDS = 60.0
#: Down without changing the column, which scrolls at the last line; up again; remember the place.
_ROOM_BELOW = "\x1bD\x1b[A\x1b7"
_ERASE_BELOW = "\x1bD\x1b[A\x1b7\r\n\x1b[J\x1b8"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands."""

    done: int  # cases
    total: int
    seconds: float  # since the first case began
    account: Account
    batch: bool = False  # whether requests are made in batches

    def line(self) -> str:
        """Return it in one line.  Without a request there is nothing to say of tokens and dollars."""
        account, rate = self.account, self.done / self.seconds if self.seconds > 0 else 0.0
        parts = [f"{self.done}/{self.total} cases"]
        if account.requests:
            tokens = account.prompt_tokens + account.completion_tokens
            dollars = "US$ ?" if account.unpriced else f"US$ {account.dollars:.4f}"
            where = "waiting in batches" if self.batch else "in flight"
            parts += [f"{account.under_way} {where}", f"{_short(tokens)} tokens", dollars]
        if self.done:
            parts += [f"{rate:.3g}/s", f"{_clock((self.total - self.done) / rate)} left"]
        return ", ".join(parts)


class Screen:
    """Where progress is shown: draws from a thread of its own, never while pytest writes."""

    def __init__(
        self, file: int, standing: Callable[[], Standing], *, terminal: bool, seconds: float
    ) -> None:
        self.writing = threading.Lock()  # held while pytest writes
        self._file = file
        self._standing = standing
        self._terminal = terminal
        self._seconds = seconds
        self._end = threading.Event()
        self._drawn = False
        self._thread = threading.Thread(target=self._draw_on, name="codesteer-progress", daemon=True)
        self._thread.start()

    def erase(self) -> None:
        """Take the line away; called with `writing` held, before pytest writes."""
        if self._drawn:
            self._write(_ERASE_BELOW)
            self._drawn = False

    def close(self) -> None:
        """Draw no more."""
        self._end.set()
        self._thread.join()
        self.erase()
        os.close(self._file)

    def _draw_on(self) -> None:
        while not self._end.wait(self._seconds):
            line = self._standing().line()
            with self.writing:
                if self._terminal:
                    width = os.get_terminal_size(self._file).columns or 80
                    self._write(f"{_ROOM_BELOW}\r\n{line[: width - 1]}\x1b[K\x1b8")
                    self._drawn = True
                else:
                    self._write(f"\ncodesteer: {line}\n")

    def _write(self, text: str) -> None:
        os.write(self._file, text.encode())


class Progress:
    """The hooks that count cases and keep out of pytest's way; lives in the process that reports."""

    def __init__(self, ledger: Ledger | None, planned: Callable[[], int], *, batch: bool = False) -> None:
        self.done = 0
        self._batch = batch
        self._ledger = ledger  # None where it does not hold the requests of all workers
        self._planned = planned
        self._started = 0.0
        self._screen: Screen | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Show progress while cases run."""
        if not session.config.option.collectonly:
            self._open()
        try:
            return (yield)
        finally:
            if self._screen:
                self._screen.close()
                self._screen = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Generator[None, object, object]:
        """Make room for the file's name."""
        return (yield from self._aside())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> Generator[None, object, object]:
        """Make room for the letter of a case, and count it."""
        self.done += getattr(report, "codesteer", None) is not None
        return (yield from self._aside())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Generator[None, object, object]:
        """Make room for the share that is done."""
        return (yield from self._aside())

    def _aside(self) -> Generator[None, object, object]:
        if self._screen is None:
            return (yield)
        with self._screen.writing:
            self._screen.erase()
            return (yield)

    def _open(self) -> None:
        try:
            file = os.dup(sys.stdout.fileno())  # pytest leads it elsewhere while an item runs
        except (OSError, ValueError):  # standard output is no file
            return
        terminal = os.isatty(file) and not os.environ.get("CI") and os.environ.get("TERM", "dumb") != "dumb"
        self._started = time.monotonic()
        seconds = TERMINAL_SECONDS if terminal else PLAIN_SECONDS
        self._screen = Screen(file, self._standing, terminal=terminal, seconds=seconds)

    def _standing(self) -> Standing:
        try:
            account = self._ledger.read() if self._ledger else Account()
        except NotRun:  # which ends the run
            account = Account()
        return Standing(self.done, self._planned(), time.monotonic() - self._started, account, self._batch)


def _short(count: int) -> str:
    """Return a number in at most four digits.

    >>> [_short(number) for number in (999, 1000, 25_400, 3_200_000)]
    ['999', '1.0k', '25k', '3.2M']
    """
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if count >= size:
            return f"{count / size:.1f}{unit}" if count < 10 * size else f"{count // size}{unit}"
    return str(count)


def _clock(seconds: float) -> str:
    """Return a time in words of a watch.

    >>> [_clock(seconds) for seconds in (4.4, 75, 7322)]
    ['0:04', '1:15', '2:02:02']
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
