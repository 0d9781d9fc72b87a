"""What one process plays cases with: engine, models, sandbox, prompts; made when it is first needed."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from pytest_codesteer.batch import open_in_batches
from pytest_codesteer.cache import Absent, Cache, Cached, Store
from pytest_codesteer.conversation import Limits
from pytest_codesteer.engine import (
    Case,
    Engine,
    Episode,
    Ledger,
    Means,
    Metered,
    MethodFault,
    NotRun,
    Played,
    of_own_method,
    perform_method,
    play,
)
from pytest_codesteer.methods import Method, MethodError, find_method, in_turns
from pytest_codesteer.models import (
    LOCAL_AT_ONCE,
    Model,
    ModelError,
    ModelName,
    Settings,
    StandIn,
    identity_of,
    open_model,
    read_name,
)
from pytest_codesteer.models.prices import Prices, load_prices
from pytest_codesteer.models.providers import STAND_INS
from pytest_codesteer.models.tariff import Tariff
from pytest_codesteer.prompts import Prompts, TemplateFault
from pytest_codesteer.sandbox import Sandbox, open_sandbox

#: Errors whose message says all: what was done on the way to them is no matter of the user's.
_IN_A_LINE = (MethodError, MethodFault, ModelError, NotRun, TemplateFault)


class Bench:
    """The means of one pytest process; *addresses* says where the embedded servers of the run listen.

    *concurrency* requests are made at once.  Half as many cases more are under way, so that none of these
    places is empty while cases are prepared, run programs and are judged.
    """

    def __init__(
        self,
        *,
        concurrency: int = 1,
        processes: int = 1,
        settings: Settings | None = None,
        prompts: Prompts | None = None,
        prices: Prices | None = None,
        names: Iterable[ModelName] = (),
        tier: str = "auto",
        guide: ModelName | None = None,
        store: Store | None = None,
        replay: bool = False,
        batch: bool = False,
        ledger: Ledger | None = None,
    ) -> None:
        self.names = {name.label: name for name in names}
        self.guide = guide
        self.ledger = ledger  # None: nothing is counted, as in a run without a model
        self.addresses: dict[str, str] = {}
        self.prompts = prompts or Prompts()
        self.prices = prices or load_prices()
        self.started: date = datetime.now(UTC).date()
        self.store = store  # None: nothing is cached
        self._cache = Cache(store) if store else None
        self._replay = replay
        self.batch = batch  # whether models are asked in batches
        self._settings = settings or Settings()
        self._places = asyncio.Semaphore(concurrency)  # for requests
        self._cases = concurrency if batch else concurrency + concurrency // 2
        self._processes = processes
        self._programs = max(1, (os.cpu_count() or 1) // processes)
        self._local_at_once = max(1, LOCAL_AT_ONCE // processes)
        self._engine: Engine[Played] | None = None
        self._tier = tier
        self._sandbox: Sandbox | None = None
        self._models: dict[str, Model | StandIn] = {}
        self._served: dict[str, ModelName] = {}  # those of them that somebody serves

    @property
    def engine(self) -> Engine[Played]:
        """The engine, running."""
        if self._engine is None:
            self._engine = Engine(self._cases, programs=self._programs, ledger=self.ledger)
        return self._engine

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox, open.  Raises `SandboxError` if it is not to be had."""
        if self._sandbox is None:
            shared = self.ledger.path.parent if self.ledger and self._processes > 1 else None
            self._sandbox = open_sandbox(self._tier, run_folder=shared)
        return self._sandbox

    def model(self, name: str) -> Model | StandIn:
        """Return the model of this name or label; one client for each in this process."""
        return self._opened(self.names.get(name) or read_name(name))

    def means(self, case: Case) -> Means:
        """Return what a case is played with."""
        model = self.model(case.model)
        made: Counter[bytes] = Counter()
        return Means(
            model=model if isinstance(model, StandIn) else self.cached(model, made, case.epoch),
            sandbox=self.sandbox,
            method=in_turns(find_method(case.method), case.turns),
            prompts=self.prompts,
            programs=self.engine.programs,
            thinking=self.engine.thinking,
            guide=self.guiding(made, case.epoch),
        )

    def guiding(self, made: Counter[bytes], epoch: int = 1) -> Model | None:
        """Return the model that guides, as one episode has it; None when each guides itself."""
        opened = self._opened(self.guide) if self.guide else None
        return None if opened is None or isinstance(opened, StandIn) else self.cached(opened, made, epoch)

    def cached(self, model: Model, made: Counter[bytes], epoch: int = 1) -> Model:
        """Return *model* as one episode has it, which counts its requests in *made*.

        What is cached is what the models of the command line say, not a model that a fixture puts in place.
        """
        name = self._served.get(model.name)
        if self._cache is None or name is None or model is not self._models[name.label]:
            return model
        return Cached(model, self._cache, partial(identity_of, name, self._settings), epoch=epoch, made=made)

    def plan(self, cases: Iterable[Case]) -> None:
        """Start playing *cases* ahead of their items, each once."""
        fresh = [case for case in cases if not self.engine.knows(case.id)]
        for case in {case.model: case for case in fresh}.values():
            self.means(case)  # opens all they need, in the thread that can say what is not to be had
        if fresh:
            self.engine.plan([(case.id, partial(self._played, case)) for case in fresh])

    def give_up(self) -> frozenset[str]:
        """Start no planned case any more; returns the ids of those that are under way."""
        return frozenset(map(str, self.engine.give_up()))

    def not_run(self, case: Case) -> str:
        """Return why a case has not run and will not; "" if it has, or still may."""
        closed = getattr(self._models.get(case.model), "closed", "")
        return self.engine.not_run(case.id, closed)

    def play(self, case: Case) -> Played:
        """Wait for a case, which may have been planned.  Raises `NotRun`."""
        if not self.engine.knows(case.id):
            self.means(case)  # as in `plan`
        return self.engine.result(case.id, partial(self._played, case))

    def play_with(self, case: Case, steering: "Steering | Callable[..., Episode]") -> Played:
        """Play a case with means of the user's, in the item that asks for it."""
        means = self.means(case)
        if isinstance(steering, Steering):
            own = steering.model is self.model(case.model)
            means = replace(means, sandbox=steering.sandbox)
            if not own:
                means = replace(means, model=self.metered(steering.model, self.names[case.model]))
        else:
            ask = steering

            async def steer(question: str) -> Episode:
                return await asyncio.to_thread(ask, question, method=case.method)

            means = replace(means, steer=steer)
        played: Played = self.engine.run(play(case, means))
        return played

    async def _played(self, case: Case) -> Played:
        """Play a case with means that are made when it starts, as there may be many cases to come."""
        return await play(case, self.means(case))

    def _opened(self, name: ModelName) -> Model | StandIn:
        if name.label not in self._models:
            if self._replay and self.store and name.provider not in STAND_INS:
                self._models[name.label] = Absent(name.label, self.store)
            else:
                opened = self._open(name)
                self._models[name.label] = self.metered(opened, name)
            if name.provider not in STAND_INS:
                self._served[name.label] = name
        return self._models[name.label]

    def _open(self, name: ModelName) -> Model | StandIn:
        if self.batch and self.store and name.provider not in STAND_INS:
            return open_in_batches(name, self._settings, self.store)
        address = self.addresses.get(name.label, "")
        return open_model(name, self._settings, address=address, at_once=self._local_at_once)

    def metered(self, model: Model | StandIn, name: ModelName) -> Model | StandIn:
        """Return *model* with its requests counted against the run's budget; a stand-in makes none."""
        if self.ledger is None or isinstance(model, StandIn | Metered):
            return model
        tariff = Tariff(name, self._settings, self.prices, self.started, batch=self.batch)
        return Metered(model, self.ledger, tariff, self._places)

    def close(self) -> None:
        """End the engine, what runs its programs, and the cache."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None
        if self.store is not None:
            self.store.close()


class Steering:
    """The value of the fixture `steering`: puts questions to a model by a method."""

    def __init__(self, bench: Bench, model: Model | StandIn, sandbox: Sandbox, method: str | None) -> None:
        self.model = model
        self.sandbox = sandbox
        self._bench = bench
        self._method = method
        self._made: Counter[bytes] = Counter()  # a test that asks the same twice wants two replies

    def __call__(self, question: str, *, method: str | None = None, limits: Limits | None = None) -> Episode:
        """Return the episode.  *method* defaults to that of the test's marker.

        Raises `ModelError` when the model gives no reply, `MethodError` for an unknown method, `NotRun` when
        the run has no room for it.
        """
        __tracebackhide__ = True  # a test that fails here is shown where it calls
        name = method or self._method
        if name is None:
            raise pytest.UsageError(
                "steering(question, method=...): name a method, here or in the marker codesteer"
            )
        if not isinstance(question, str):
            raise pytest.UsageError(f"steering(question, method=...): {question!r:.60} is no text")
        try:
            return self._asked(question, find_method(name), limits or Limits())
        except _IN_A_LINE as error:
            raise error.with_traceback(None) from error.__cause__
        except Exception as error:  # noqa: BLE001  (raised again, without our frames where they tell nothing)
            raise error.with_traceback(of_own_method(error) or error.__traceback__) from error.__cause__

    def _asked(self, question: str, method: Method, limits: Limits) -> Episode:
        if isinstance(self.model, StandIn):
            raise ModelError(
                f"the model {self.model.name} answers only cases collected from a task", final=True
            )
        engine = self._bench.engine
        model = self._bench.cached(self.model, self._made)
        guide = self._bench.guiding(self._made)
        means = Means(
            model, self.sandbox, method, self._bench.prompts, engine.programs, engine.thinking, guide
        )
        episode: Episode = engine.run(perform_method(question, model, means, limits))
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
