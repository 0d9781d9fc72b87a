"""What the command line asks for, checked before anything is collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_codesteer.gate import Gate, GateError, parse_gate
from pytest_codesteer.methods import MethodError, find_method, method_names
from pytest_codesteer.models import ModelError, ModelName, Settings, open_model, read_name
from pytest_codesteer.models.prices import PriceError, Prices, load_prices
from pytest_codesteer.prompts import Prompts, bundled
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import Suite, Task, TaskError, find_suite, listed, task_name

CONCURRENCY = 16  # cases in flight in one process
DEFAULT_METHODS = ("only_question", "all_text", "all_code")


@dataclass(frozen=True, slots=True)
class Options:
    """A run, as it was asked for."""

    models: tuple[ModelName, ...]
    methods: tuple[str, ...]
    tasks: Mapping[str, tuple[str, ...]] | None  # task -> levels, () for all; None for every task
    levels: tuple[str, ...]  # () for every level
    samples: int | None  # instances per level; None for what each task says
    seed: int
    concurrency: int
    settings: Settings
    prompts: Prompts
    prices: Prices
    sandbox: str
    gates: tuple[Gate, ...]
    strict: bool
    suite: Suite | None
    task_dirs: tuple[Path, ...]  # the project's own, those that are there

    def levels_of(self, task: Task) -> list[str]:
        """Return the levels of a task that this run plays; none if it does not play the task."""
        if self.tasks is not None and task.name not in self.tasks:
            return []
        chosen = (self.tasks or {}).get(task.name) or tuple(task.levels)
        for level in chosen:
            if level not in task.levels:
                raise TaskError(f"{task.path}: {unknown('level', level, task.levels)}")
        return [level for level in chosen if not self.levels or level in self.levels]


def read_options(config: pytest.Config) -> Options:
    """Return the options.  Raises `pytest.UsageError`, which pytest shows as one line, with exit status 4."""
    try:
        return _read(config)
    except (GateError, MethodError, ModelError, PriceError, TaskError) as error:
        raise pytest.UsageError(str(error)) from error


def _read(config: pytest.Config) -> Options:
    given = config.option
    for name in ("samples", "concurrency", "max_tokens"):
        value = getattr(given, f"codesteer_{name}")
        if value is not None and value < 1:
            raise pytest.UsageError(f"--codesteer-{name.replace('_', '-')}={value}: must be 1 or more")
    if (given.codesteer_temperature or 0) < 0:
        raise pytest.UsageError(f"--codesteer-temperature={given.codesteer_temperature}: must be 0 or more")
    if given.codesteer_prompts and not given.codesteer_prompts.is_dir():
        raise pytest.UsageError(f"--codesteer-prompts={given.codesteer_prompts}: there is no such folder")
    named = [config.rootpath / path for path in config.getini("codesteer_task_dirs")]
    task_dirs = tuple(path for path in named if path.is_dir())
    suite = find_suite(given.codesteer_suite, task_dirs) if given.codesteer_suite else None
    models = tuple(
        read_name(name, given.codesteer_base_url or "") for name in dict.fromkeys(given.codesteer_model)
    )
    for model in models:
        open_model(model, Settings())  # a missing key shows before anything runs
    if len({model.label for model in models}) < len(models):
        raise pytest.UsageError(
            "two models have the same name: " + ", ".join(model.given for model in models)
        )
    return Options(
        models=models,
        methods=_methods(given.codesteer_method or (suite.methods if suite else ()) or DEFAULT_METHODS),
        tasks=_tasks(config, suite, task_dirs),
        levels=tuple(given.codesteer_level),
        samples=given.codesteer_samples or (suite.samples if suite else None),
        seed=given.codesteer_seed or 0,
        concurrency=given.codesteer_concurrency or CONCURRENCY,
        settings=_settings(config, suite),
        prompts=Prompts((given.codesteer_prompts,) if given.codesteer_prompts else ()),
        prices=load_prices(given.codesteer_prices),
        sandbox=given.codesteer_sandbox or "auto",
        gates=tuple(parse_gate(text) for text in (*given.codesteer_gate, *config.getini("codesteer_gates"))),
        strict=given.codesteer_strict,
        suite=suite,
        task_dirs=task_dirs,
    )


def _settings(config: pytest.Config, suite: Suite | None) -> Settings:
    default = Settings()
    return Settings(
        max_tokens=config.option.codesteer_max_tokens or (suite and suite.max_tokens) or default.max_tokens,
        temperature=config.option.codesteer_temperature or default.temperature,
    )


def _methods(names: Iterable[str]) -> tuple[str, ...]:
    chosen: dict[str, None] = {}
    for name in names:
        for each in method_names() if name == "all" else (name,):
            find_method(each)
            chosen[each] = None
    return tuple(chosen)


def _tasks(
    config: pytest.Config, suite: Suite | None, task_dirs: tuple[Path, ...]
) -> Mapping[str, tuple[str, ...]] | None:
    """Return which tasks are chosen, each with its levels; None when none is named."""
    names = config.option.codesteer_task
    if not names and suite is None:
        return None
    known = nameable_tasks(config, task_dirs)
    chosen = suite.tasks if suite else dict.fromkeys(names, ())
    where = f" (in the suite {suite.title!r})" if suite else ""
    for name in chosen:
        if name not in known:
            raise TaskError(unknown("task", name, known) + where)
    for name in names:
        if name not in chosen:
            raise TaskError(unknown("task", name, chosen) + where)
    return {name: levels for name, levels in chosen.items() if not names or name in names}


def nameable_tasks(config: pytest.Config, task_dirs: Iterable[Path]) -> dict[str, Path]:
    """Return the TOML files of the tasks that a run may name: bundled, of the project, among its arguments.

    Of two of one name, the later holds.
    """
    given = [Path(arg.partition("::")[0]) for arg in config.args]
    files = [path / "task.toml" if path.is_dir() else path for path in given]
    named = {task_name(path): path.resolve() for path in files if path.suffix == ".toml" and path.is_file()}
    return listed((bundled("task_specs"), *task_dirs)) | named


def task_roots(config: pytest.Config, options: Options) -> list[Path]:
    """Return what is to be collected when the command line names no path: folders or files of tasks.

    Tasks that are chosen by name or by a suite, and nothing else; without a choice the project's own task
    folders, or, where it has none, the bundled ones.
    """
    if options.tasks is not None:
        found = nameable_tasks(config, options.task_dirs)
        return [found[name] for name in options.tasks]
    return list(options.task_dirs) or [bundled("task_specs")]


def task_gates(task: Task) -> list[Gate]:
    """Return the gates that a task's own file sets, for that task.  Raises `TaskError`."""
    try:
        gates = [parse_gate(text) for text in task.gates]
    except GateError as error:
        raise TaskError(f"{task.path}: task.gates: {error}") from error
    return [replace(gate, task=task.name, text=f"{gate.text} ({task.name})") for gate in gates]
