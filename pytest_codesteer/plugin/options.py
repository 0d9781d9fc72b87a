"""What the command line asks for, checked before anything is collected."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from pytest_codesteer.batch import CONCURRENCY as BATCH_CONCURRENCY
from pytest_codesteer.engine import Budget, Case
from pytest_codesteer.gate import Baseline, Gate, GateError, parse_drop, parse_gate
from pytest_codesteer.methods import REFINABLE, MethodError, find_method, method_names
from pytest_codesteer.models import ModelError, ModelName, Patience, Settings
from pytest_codesteer.models.prices import PriceError, Prices, load_prices
from pytest_codesteer.plugin.asked import asked, read_models
from pytest_codesteer.plugin.batch import read_batch
from pytest_codesteer.plugin.cache import cache_file
from pytest_codesteer.plugin.earlier import earlier_run, of_earlier
from pytest_codesteer.plugin.limits import read_budget, read_time
from pytest_codesteer.plugin.selection import chosen_tasks, given_data, nameable_tasks
from pytest_codesteer.plugin.shard import Shard, read_shard
from pytest_codesteer.prompts import Prompts, TemplateFault, bundled
from pytest_codesteer.report import TableError, chosen_tables
from pytest_codesteer.runlog import Earlier, RunLogError, Scoring, read_run, scored
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import Suite, Task, TaskError, find_suite, load_task, task_name

CONCURRENCY = 16  # requests in flight in one process
CI_GATES = (parse_gate("*: errors == 0"),)  # where the environment says that this is CI
DEFAULT_METHODS = ("only_question", "all_text", "all_code")


@dataclass(frozen=True, slots=True)
class Options:
    """A run, as it was asked for."""

    models: tuple[ModelName, ...]
    methods: tuple[str, ...]
    guide: ModelName | None  # None: each model guides itself
    turns: tuple[int, ...]
    tasks: Mapping[str, tuple[str, ...]] | None  # task -> levels, () for all; None for every task
    levels: tuple[str, ...]  # () for every level
    data: Mapping[str, Path]  # task -> where its instances come from, instead of from the task itself
    samples: int | None  # instances per level; None for what each task says
    seed: int
    shard: Shard
    epochs: int
    concurrency: int
    budget: Budget
    estimate: bool
    case_requests: int | None  # None for what each task says
    case_seconds: float | None
    settings: Settings
    prompts: Prompts
    prices: Prices
    cache: Path | None  # None: no reply is kept
    replay: bool
    batch: bool
    sandbox: str
    gates: tuple[Gate, ...]
    default_gates: tuple[Gate, ...]  # of every run that has cases
    baseline: Baseline | None
    inconclusive_passes: bool
    until_decided: bool
    tables: tuple[str, ...] | None  # None for the default ones
    scoring: Scoring
    strict: bool
    suite: Suite | None
    task_dirs: tuple[Path, ...]  # the project's own, those that are there
    earlier: Earlier | None = None  # the finished run that is judged again, instead of a new one

    @property
    def served(self) -> tuple[ModelName, ...]:
        """All models that are asked, the guide included, each once."""
        return asked(self.models, self.guide)

    @property
    def ways(self) -> list[tuple[str, int]]:
        """The methods, each with every number of turns; those that are not refinable with one alone."""
        return [
            (method, turns)
            for method in self.methods
            for turns in (self.turns if method in REFINABLE else (1,))
        ]

    def load(self, path: Path) -> Task:
        """Load a task for this run.  Raises `TaskError`."""
        task = load_task(path, data=self.data.get(task_name(path)))
        requests, seconds = (
            self.case_requests or task.limits.requests,
            self.case_seconds or task.limits.seconds,
        )
        return replace(task, limits=replace(task.limits, requests=requests, seconds=seconds))

    def levels_of(self, task: Task) -> list[str]:
        """Return the levels of a task that this run plays; none if it does not play the task.

        A suite names levels of the generator: where the instances are given, all levels are played.
        """
        if self.tasks is not None and task.name not in self.tasks:
            return []
        named = () if task.name in self.data else (self.tasks or {}).get(task.name)
        chosen = named or tuple(task.levels)
        for level in chosen:
            if level not in task.levels:
                raise TaskError(f"{task.path}: {unknown('level', level, task.levels)}")
        return [level for level in chosen if not self.levels or level in self.levels]

    def cases(self, task: Task) -> Iterator[Case]:
        """Yield the cases of a task instance by instance, so that methods are compared from the start."""
        if self.earlier:
            mine = self.earlier.cases(task) if self.tasks and task.name in self.tasks else iter(())
            yield from (case for case in mine if not self.levels or case.level in self.levels)
            return
        epochs = range(1, self.epochs + 1)
        for level in self.levels_of(task):
            count = task.count(level, self.samples)
            indices = [index for index in range(count) if self.shard.holds(task.name, level, index)]
            for index, epoch, model, (method, turns) in product(indices, epochs, self.models, self.ways):
                yield Case(task, level, index, self.seed, method, model.label, turns, epoch)


def read_options(config: pytest.Config) -> Options:
    """Return the options.  Raises `pytest.UsageError`, which pytest shows as one line, with exit status 4."""
    try:
        return _read(config)
    except (
        GateError, MethodError, ModelError, PriceError, RunLogError, TableError, TaskError, TemplateFault,
    ) as error:  # fmt: skip
        raise pytest.UsageError(str(error)) from error


def _read(config: pytest.Config) -> Options:
    given = config.option
    earlier = earlier_run(config)
    _check_values(config)
    task_dirs = _task_dirs(config)
    suite = find_suite(given.codesteer_suite, task_dirs) if given.codesteer_suite else None
    models, guide = read_models(config)
    named = asked(models, guide)
    batch = read_batch(config, named)
    prompts = Prompts((given.codesteer_prompts,) if given.codesteer_prompts else ())
    prompts.check()
    prices = load_prices(given.codesteer_prices)
    options = Options(
        models=models,
        methods=_methods(given.codesteer_method or (suite.methods if suite else ()) or DEFAULT_METHODS),
        guide=guide,
        turns=_turns(given.codesteer_turns or "1"),
        tasks=chosen_tasks(config, suite, task_dirs),
        levels=tuple(given.codesteer_level),
        data=given_data(config, task_dirs),
        samples=given.codesteer_samples or (suite.samples if suite else None),
        seed=given.codesteer_seed or 0,
        shard=read_shard(given.codesteer_shard),
        epochs=given.codesteer_epochs or 1,
        concurrency=given.codesteer_concurrency or (BATCH_CONCURRENCY if batch else CONCURRENCY),
        budget=read_budget(config, named, prices),
        estimate=given.codesteer_estimate,
        case_requests=given.codesteer_case_requests,
        case_seconds=read_time("case-time", given.codesteer_case_time),
        settings=_settings(config, suite, prompts),
        prompts=prompts,
        prices=prices,
        cache=cache_file(config),
        replay=given.codesteer_replay,
        batch=batch,
        sandbox=given.codesteer_sandbox or "auto",
        gates=tuple(parse_gate(text) for text in (*given.codesteer_gate, *config.getini("codesteer_gates"))),
        default_gates=CI_GATES if os.environ.get("CI", "").lower() not in ("", "0", "false") else (),
        baseline=_baseline(config),
        inconclusive_passes=given.codesteer_inconclusive == "pass",
        until_decided=given.codesteer_until_decided,
        tables=chosen_tables(given.codesteer_tables),
        scoring=given.codesteer_scoring or "strict",
        strict=given.codesteer_strict,
        suite=suite,
        task_dirs=task_dirs,
    )
    known = nameable_tasks(config, task_dirs)
    if earlier:
        return of_earlier(options, earlier, known)
    for gate in options.gates:
        gate.require_known({*method_names(), *options.methods}, known)
    return options


def _task_dirs(config: pytest.Config) -> tuple[Path, ...]:
    """Return the project's folders of tasks; one that is named must be there."""
    named = [config.rootpath / path for path in config.getini("codesteer_task_dirs")]
    for folder in named:
        if not folder.is_dir():
            raise pytest.UsageError(f"codesteer_task_dirs: {folder}: there is no such folder")
    usual = config.rootpath / "task_specs"
    return tuple(named) or ((usual,) if usual.is_dir() else ())


def _check_values(config: pytest.Config) -> None:
    """Refuse numbers out of range, and a folder that is not there."""
    given = config.option
    for name in ("samples", "epochs", "concurrency", "max_tokens", "max_requests", "case_requests"):
        value = getattr(given, f"codesteer_{name}")
        if value is not None and value < 1:
            raise pytest.UsageError(f"--codesteer-{name.replace('_', '-')}={value}: must be 1 or more")
    if (given.codesteer_temperature or 0) < 0:
        raise pytest.UsageError(f"--codesteer-temperature={given.codesteer_temperature}: must be 0 or more")
    if given.codesteer_prompts and not given.codesteer_prompts.is_dir():
        raise pytest.UsageError(f"--codesteer-prompts={given.codesteer_prompts}: there is no such folder")


def _baseline(config: pytest.Config) -> Baseline | None:
    """Read the run that this one is held against; a worker leaves it to the process that reports."""
    path, drop = config.option.codesteer_baseline, config.option.codesteer_max_drop
    if (path is None) != (drop is None):
        there, lacking = ("--codesteer-baseline", "--codesteer-max-drop=3%")
        if path is None:
            there, lacking = ("--codesteer-max-drop", "--codesteer-baseline=RUN.jsonl")
        raise pytest.UsageError(f"{there} needs another option: add {lacking}")
    if path is None or hasattr(config, "workerinput"):
        return None
    scoring: Scoring = config.option.codesteer_scoring or "strict"
    try:
        run = read_run(path)
    except RunLogError as error:
        raise pytest.UsageError(f"--codesteer-baseline: {error}; name the log of an earlier run") from error
    records = tuple(scored(record, scoring) for record in run.records)
    return Baseline(path.name, records, parse_drop(drop), run.missing)


def _settings(config: pytest.Config, suite: Suite | None, prompts: Prompts) -> Settings:
    default = Settings()
    patience = read_time("patience", config.option.codesteer_patience)
    return Settings(
        max_tokens=config.option.codesteer_max_tokens or (suite and suite.max_tokens) or default.max_tokens,
        temperature=config.option.codesteer_temperature or default.temperature,
        patience=Patience(seconds=patience) if patience else default.patience,
        prompts=prompts,
    )


def _turns(given: str) -> tuple[int, ...]:
    """Read a list of numbers of turns, each once."""
    parts = [part.strip() for part in given.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < len(part) < 4 and int(part) for part in parts):
        raise pytest.UsageError(f"--codesteer-turns={given}: write whole numbers of 1 or more, as in 1,2,4")
    return tuple(dict.fromkeys(map(int, parts)))


def _methods(names: Iterable[str]) -> tuple[str, ...]:
    chosen: dict[str, None] = {}
    for name in names:
        for each in method_names() if name == "all" else (name,):
            find_method(each)
            chosen[each] = None
    return tuple(chosen)


def task_roots(config: pytest.Config, options: Options) -> list[Path]:
    """Return what is to be collected when the command line names no path: folders or files of tasks.

    Tasks that are chosen by name or by a suite, and nothing else; without a choice the project's own task
    folders, or, where it has none, the bundled ones.
    """
    if options.tasks is not None:
        found = nameable_tasks(config, options.task_dirs)
        return [found[name] for name in options.tasks]
    return list(options.task_dirs) or [bundled("task_specs")]


def task_gates(task: Task, methods: Iterable[str]) -> list[Gate]:
    """Return the gates that a task's own file sets, for that task; *methods* are those of the run.

    Raises `TaskError`.
    """
    try:
        gates = [parse_gate(text) for text in task.gates]
        for gate in gates:
            gate.require_known({*method_names(), *methods}, [task.name])
    except GateError as error:
        raise TaskError(f"{task.path}: task.gates: {error}") from error
    return [replace(gate, task=task.name, text=f"{gate.text} ({task.name})") for gate in gates]
