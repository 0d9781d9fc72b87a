"""What a run has used so far and whether it is over: a small file that all its processes on a machine share.

A budget has to be one for all of them, and a process may die at any moment: so every change is made under a
lock that the system takes back, and what a dead process has claimed counts as used.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from pytest_codesteer.cache import lives
from pytest_codesteer.conversation import Usage

GRACE_SECONDS = 5.0  # that cases under way are given to come to their end
_SIZE = 1 << 20  # bytes, far more than an account takes


class NotRun(Exception):
    """The run was over, or a model closed, before the case was through."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may use in all.  None: as much as it takes."""

    requests: int | None = None
    dollars: float | None = None
    seconds: float | None = None  # of wall-clock time


@dataclass(frozen=True, slots=True)
class Account:
    """What has been used, by all processes together."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float = 0.0  # of a request whose cost is not known, the most that it may have cost
    unpriced: int = 0  # requests whose cost is not known
    over: str = ""  # why no further case is started
    deadline: float | None = None  # when the run is over at the latest, of `time.time`
    until: float | None = None  # when what is under way is ended; None: it may take its time
    spent: bool = False  # no further request is made either
    closed: tuple[str, ...] = ()  # what else keeps cases from being run: models, code that does not end
    held: Mapping[str, tuple[int, float]] = field(
        default_factory=dict
    )  # process -> requests under way, dollars

    @property
    def under_way(self) -> int:
        """Requests under way."""
        return sum(count for count, _ in self.held.values())


class Ledger:
    """The file.  Any thread of any process may use it; each use takes some ten microseconds."""

    def __init__(self, path: Path, budget: Budget | None = None) -> None:
        self.path = path
        self.budget = budget or Budget()

    def create(self) -> None:
        """Begin with nothing used; the time runs from now."""
        seconds = self.budget.seconds
        deadline = None if seconds is None else time.time() + seconds
        self.path.write_text(json.dumps({"deadline": deadline}), "utf-8")

    def read(self) -> Account:
        """Return the account as it is."""
        return self._change(lambda account: account)[0]

    def claim(self, worst: float) -> bool:
        """Claim a request that costs at most *worst* dollars, to be settled when it is through.

        False: there may be room when what is under way is settled.  Raises `NotRun` when there is none.
        """
        before, after = self._change(lambda account: _claimed(account, self.budget, worst))
        if after.spent:
            raise NotRun(after.over)
        return after.requests > before.requests

    def settle(self, worst: float, dollars: float | None, usage: Usage | None) -> None:
        """Put down what a claimed request came to; one of unknown cost counts with its worst."""
        self._change(lambda account: _settled(account, worst, dollars, usage or Usage()))

    def end(self, reason: str, *, until: float | None = None) -> None:
        """Let no further case start; the first reason holds, and the earliest end of what is under way."""

        def ended(account: Account) -> Account:
            ends = [each for each in (account.until, until) if each is not None]
            return replace(account, over=account.over or reason, until=min(ends, default=None))

        self._change(ended)

    def over(self) -> str:
        """Return why no further case is to be started; "" while there is no reason."""
        try:
            account = self.read()
            if not account.over and account.deadline is not None and time.time() >= account.deadline:
                reason = f"--codesteer-max-time is reached ({self.budget.seconds:g} s)"
                self.end(reason, until=account.deadline + GRACE_SECONDS)
                return reason
        except NotRun as error:
            return str(error)
        return account.over

    def seconds_left(self) -> float | None:
        """Return the seconds until the run is over at the latest; None if no limit says."""
        deadline = self.read().deadline
        return None if deadline is None else max(0.0, deadline - time.time())

    def times_up(self) -> bool:
        """Whether what is under way is to be ended."""
        try:
            until = self.read().until
        except NotRun:
            return True
        return until is not None and time.time() >= until

    def close(self, reason: str) -> None:
        """Note that a model is not asked any more, or what code of a user's does not end."""
        self._change(lambda account: replace(account, closed=tuple(dict.fromkeys((*account.closed, reason)))))

    def _change(self, change: Callable[[Account], Account]) -> tuple[Account, Account]:
        """Change the account; returns what it was and what it is.  Raises `NotRun` when the file is gone."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise NotRun(f"the account of the run is gone ({self.path}: {error.strerror})") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            values, _ = json.JSONDecoder().raw_decode(os.pread(file, _SIZE, 0).decode())
            before = Account(**{**values, "closed": tuple(values.get("closed", ()))})
            if (after := change(before)) != before:
                text = json.dumps({each.name: getattr(after, each.name) for each in fields(after)}).encode()
                os.pwrite(file, text, 0)
                os.ftruncate(file, len(text))  # a reader passes over what is left should this not be reached
        finally:
            os.close(file)  # and with it the lock
        return before, after


def _claimed(account: Account, budget: Budget, worst: float) -> Account:
    """Return the account with one more request; without it if it has to wait; spent if there is no room."""
    if account.spent:
        return account
    if budget.requests is not None and account.requests >= budget.requests:
        reason = f"--codesteer-max-requests={budget.requests} is reached"
        return replace(account, over=account.over or reason, spent=True)
    if budget.dollars is not None:
        account = _without_the_dead(account)
        if account.dollars + worst > budget.dollars:
            left = budget.dollars - account.dollars
            reason = (
                f"--codesteer-max-cost={budget.dollars:g} is reached: {_money(left)} are left,"
                f" and the next request may cost {_money(worst)}"
            )
            return replace(account, over=account.over or reason, spent=True)
        if account.dollars + sum(dollars for _, dollars in account.held.values()) + worst > budget.dollars:
            return account
    return replace(account, requests=account.requests + 1, held=_held(account, 1, worst))


def _settled(account: Account, worst: float, dollars: float | None, usage: Usage) -> Account:
    return replace(
        account,
        prompt_tokens=account.prompt_tokens + usage.prompt,
        completion_tokens=account.completion_tokens + usage.completion,
        dollars=account.dollars + (worst if dollars is None else dollars),
        unpriced=account.unpriced + (dollars is None),
        held=_held(account, -1, -worst),
    )


def _held(account: Account, count: int, dollars: float) -> dict[str, tuple[int, float]]:
    """Return what is held when this process holds that much more."""
    mine = str(os.getpid())
    requests, before = account.held.get(mine, (0, 0.0))
    return {**account.held, mine: (requests + count, before + dollars if requests + count else 0.0)}


def _without_the_dead(account: Account) -> Account:
    """Return the account in which what dead processes claimed is used."""
    dead = [process for process, (count, _) in account.held.items() if count and not lives(int(process))]
    lost = sum(account.held[process][1] for process in dead)
    held = {process: held for process, held in account.held.items() if process not in dead}
    return replace(
        account, dollars=account.dollars + lost, unpriced=account.unpriced + len(dead), held=held
    ) if dead else account  # fmt: skip


def _money(dollars: float) -> str:
    return f"US$ {dollars:.4f}"
