"""What one process plays cases with: engine, models, sandbox, prompts; made when it is first needed."""

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from pytest_codesteer.conversation import Limits
from pytest_codesteer.engine import Case, Engine, Episode, Means, Played, perform_method, play
from pytest_codesteer.methods import find_method, in_turns
from pytest_codesteer.models import (
    Model,
    ModelError,
    ModelName,
    Settings,
    StandIn,
    open_model,
    read_name,
)
from pytest_codesteer.models.prices import Prices, load_prices
from pytest_codesteer.prompts import Prompts
from pytest_codesteer.sandbox import Sandbox, open_sandbox


class Bench:
    """The means of one pytest process; *addresses* says where the embedded servers of the run listen."""

    def __init__(
        self,
        *,
        concurrency: int = 1,
        processes: int = 1,
        settings: Settings | None = None,
        prompts: Prompts | None = None,
        prices: Prices | None = None,
        names: Iterable[ModelName] = (),
        guide: ModelName | None = None,
    ) -> None:
        self.names = {name.label: name for name in names}
        self.guide = guide
        self.addresses: dict[str, str] = {}
        self.sandbox: Sandbox = open_sandbox()
        self.prompts = prompts or Prompts()
        self.prices = prices or load_prices()
        self.started: date = datetime.now(UTC).date()
        self._settings = settings or Settings()
        self._concurrency = concurrency
        self._programs = max(1, (os.cpu_count() or 1) // processes)
        self._engine: Engine[Played] | None = None
        self._models: dict[str, Model | StandIn] = {}
        self._means: dict[tuple[str, str, int], Means] = {}  # the same for thousands of cases

    @property
    def engine(self) -> Engine[Played]:
        """The engine, running."""
        if self._engine is None:
            self._engine = Engine(self._concurrency, programs=self._programs)
        return self._engine

    def model(self, name: str) -> Model | StandIn:
        """Return the model of this name or label; one client for each in this process."""
        return self._opened(self.names.get(name) or read_name(name))

    def means(self, case: Case) -> Means:
        """Return what a case is played with."""
        key = (case.model, case.method, case.turns)
        if key not in self._means:
            self._means[key] = self._new_means(case)
        return self._means[key]

    def _new_means(self, case: Case) -> Means:
        return Means(
            model=self.model(case.model),
            sandbox=self.sandbox,
            method=in_turns(find_method(case.method), case.turns),
            prompts=self.prompts,
            programs=self.engine.programs,
            thinking=self.engine.thinking,
            guide=self.guiding(),
        )

    def guiding(self) -> Model | None:
        """Return the model that guides; None when each guides itself."""
        opened = self._opened(self.guide) if self.guide else None
        return None if isinstance(opened, StandIn) else opened

    def plan(self, cases: Iterable[Case]) -> None:
        """Start playing *cases* ahead of their items."""
        self.engine.plan([(case.id, partial(play, case, self.means(case))) for case in cases])

    def give_up(self) -> frozenset[str]:
        """Start no planned case any more; returns the ids of those that are under way."""
        return frozenset(map(str, self.engine.give_up()))

    def play(self, case: Case) -> Played:
        """Wait for a case, which may have been planned."""
        return self.engine.result(case.id, partial(play, case, self.means(case)))

    def play_with(self, case: Case, steering: "Steering | Callable[..., Episode]") -> Played:
        """Play a case with means of the user's, in the item that asks for it."""
        means = self.means(case)
        if isinstance(steering, Steering):
            means = replace(means, model=steering.model, sandbox=steering.sandbox)
        else:
            ask = steering

            async def steer(question: str) -> Episode:
                return await asyncio.to_thread(ask, question, method=case.method)

            means = replace(means, steer=steer)
        played: Played = self.engine.run(play(case, means))
        return played

    def _opened(self, name: ModelName) -> Model | StandIn:
        if name.label not in self._models:
            address = self.addresses.get(name.label, "")
            self._models[name.label] = open_model(name, self._settings, address=address)
        return self._models[name.label]

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
            self._means.clear()


class Steering:
    """The value of the fixture `steering`: puts questions to a model by a method."""

    def __init__(self, bench: Bench, model: Model | StandIn, sandbox: Sandbox, method: str | None) -> None:
        self.model = model
        self.sandbox = sandbox
        self._bench = bench
        self._method = method

    def __call__(self, question: str, *, method: str | None = None, limits: Limits | None = None) -> Episode:
        """Return the episode.  *method* defaults to that of the test's marker.

        Raises `ModelError` when the model gives no reply, `MethodError` for an unknown method.
        """
        name = method or self._method
        if name is None:
            raise pytest.UsageError(
                "steering(question, method=...): name a method, here or in the marker codesteer"
            )
        if isinstance(self.model, StandIn):
            raise ModelError(
                f"the model {self.model.name} answers only cases collected from a task", final=True
            )
        engine = self._bench.engine
        means = Means(
            self.model,
            self.sandbox,
            find_method(name),
            self._bench.prompts,
            engine.programs,
            engine.thinking,
            self._bench.guiding(),
        )
        episode: Episode = engine.run(perform_method(question, self.model, means, limits or Limits()))
        return episode


_BENCH = pytest.StashKey[Bench]()


def bench_of(config: pytest.Config) -> Bench:
    """Return the bench of this process, made with defaults if no run has made it."""
    if _BENCH not in config.stash:
        config.stash[_BENCH] = Bench()
    return config.stash[_BENCH]


def keep(config: pytest.Config, bench: Bench) -> None:
    """Make *bench* the one of this process."""
    config.stash[_BENCH] = bench


def close(config: pytest.Config) -> None:
    """Close the bench of this process, if there is one."""
    bench = config.stash.get(_BENCH, None)
    if bench is not None:
        bench.close()
        del config.stash[_BENCH]
