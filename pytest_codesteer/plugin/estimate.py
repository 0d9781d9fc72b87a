"""What a run would come to: `--codesteer-estimate` prints it before the first request, and stops."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from pytest_codesteer.conversation import Ask, Usage
from pytest_codesteer.engine import Case
from pytest_codesteer.engine.rehearsal import RehearsalError, rehearse
from pytest_codesteer.models.tariff import Tariff
from pytest_codesteer.plugin.bench import Bench
from pytest_codesteer.plugin.items import CaseItem
from pytest_codesteer.plugin.options import Options
from pytest_codesteer.report.cells import table

CHARACTERS = 4  # of a token
REPLY_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Estimate:
    """What some cases would use.  Dollars are None where a price is not known."""

    cases: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = 0.0
    most: float | None = 0.0  # dollars if every reply is as long as it may be

    def __add__(self, other: "Estimate") -> "Estimate":
        known = None not in (self.dollars, other.dollars, self.most, other.most)
        return Estimate(
            self.cases + other.cases,
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            (self.dollars or 0.0) + (other.dollars or 0.0) if known else None,
            (self.most or 0.0) + (other.most or 0.0) if known else None,
        )

    def times(self, count: int) -> "Estimate":
        """Return the estimate of *count* times as many cases."""
        return Estimate(
            self.cases * count,
            self.requests * count,
            self.prompt_tokens * count,
            self.completion_tokens * count,
            None if self.dollars is None else self.dollars * count,
            None if self.most is None else self.most * count,
        )

    def cells(self) -> list[str]:
        """Return the cells of a table's row."""
        counts = (self.cases, self.requests, self.prompt_tokens, self.completion_tokens)
        money = ("?" if dollars is None else f"{dollars:.4f}" for dollars in (self.dollars, self.most))
        return [*(f"{count:,}" for count in counts), *money]


class Estimator:
    """The hooks of a run that only estimates; in place of those that run cases."""

    def __init__(self, options: Options, bench: Bench) -> None:
        self.options = options
        self.bench = bench
        self.lines: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Estimate the collected cases, and run none."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        cases = [item.case for item in session.items if isinstance(item, CaseItem)]
        try:
            self.lines = self._lines(cases)
        except RehearsalError as error:
            raise pytest.UsageError(f"--codesteer-estimate: {error}") from error
        return True

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the estimate."""
        terminalreporter.write_sep("=", "codesteer estimate")
        for line in self.lines:
            terminalreporter.write_line(line)

    def _lines(self, cases: Iterable[Case]) -> list[str]:
        sums: dict[tuple[str, str], Estimate] = {}
        for case, count in _counted(cases):
            name = case.method if case.turns == 1 else f"{case.method}-t{case.turns}"
            key = (case.model, name)
            sums[key] = sums.get(key, Estimate()) + self._one(case).times(count)
        rows = [[model, method, *found.cells()] for (model, method), found in sums.items()]
        rows.append(["all", "", *sum(sums.values(), Estimate()).cells()])
        columns = ("model", "method", "cases", "requests", "tokens in", "tokens out", "US$", "US$ at most")
        tokens = self.options.settings.max_tokens
        return [
            *table(columns, rows),
            f"Requests: of one instance a level, all replies being right; {CHARACTERS} characters a token.",
            f"Tokens out: {min(REPLY_TOKENS, tokens)} for a reply; US$ at most: {tokens:,} for a reply.",
            "Not in it: what wrong answers and tool calls lead to, hidden reasoning, requests tried again.",
        ]

    def _one(self, case: Case) -> Estimate:
        found = Estimate(cases=1)
        for ask in rehearse(case, self.bench.prompts):
            guide = self.options.guide if ask.role == "guide" else None
            found += self._request(ask, case.model if guide is None else guide.label)
        return found

    def _request(self, ask: Ask, label: str) -> Estimate:
        settings = self.options.settings
        name = next(name for name in self.options.served if name.label == label)
        tariff = Tariff(name, settings, self.bench.prices, self.bench.started, batch=self.options.batch)
        sent = sum(len(message.content) for message in ask.messages) // CHARACTERS
        reply = min(REPLY_TOKENS, settings.max_tokens)
        dollars = tariff.price(Usage(prompt=sent, completion=reply))
        most = tariff.price(Usage(prompt=sent, completion=settings.max_tokens))
        return Estimate(0, 1, sent, reply, dollars, most)


def _counted(cases: Iterable[Case]) -> list[tuple[Case, int]]:
    """Return the first case of each kind, and how many there are of it."""
    kinds: dict[tuple[str, str, str, int, str], tuple[Case, int]] = {}
    for case in cases:
        kind = (case.task.name, case.level, case.method, case.turns, case.model)
        first, count = kinds.get(kind, (case, 0))
        kinds[kind] = (first, count + 1)
    return list(kinds.values())
