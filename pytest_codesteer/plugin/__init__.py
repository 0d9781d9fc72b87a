"""The pytest plugin: the only package that imports pytest.

This module is imported by every pytest run wherever the package is installed, so it imports nothing of the
package itself: what is used is imported when it is used.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_codesteer.engine import Case, Episode
    from pytest_codesteer.models import Model, StandIn
    from pytest_codesteer.sandbox import Sandbox
    from pytest_codesteer.task import Instance

_MARKER = (
    "codesteer(method=...): a test of steering; every case collected from a task carries it too, "
    "with its task, level, method and model, so that -m \"codesteer(method='all_code')\" selects"
)


_MANY: dict[str, Any] = {"action": "append", "default": []}
_OPTIONS: dict[str, dict[str, Any]] = {
    "model": _MANY
    | {
        "metavar": "NAME",
        "help": "Model to run: gpt-4o, provider/model, local, local:PATH.gguf, oracle or adversary. "
        "Repeatable.",
    },
    "method": _MANY
    | {
        "metavar": "NAME",
        "help": "Steering method: a name, all, or module:function. Repeatable. "
        "Default: only_question, all_text, all_code.",
    },
    "guide": {
        "metavar": "NAME",
        "help": "Model that guides the others, in methods with a guide. Default: each guides itself.",
    },
    "turns": {
        "metavar": "LIST",
        "help": "Turns in which a model may refine its answer, e.g. 1,2,4; for methods of one call. "
        "Default: 1.",
    },
    "task": _MANY | {"metavar": "NAME", "help": "Run this task, and nothing else. Repeatable."},
    "level": _MANY | {"metavar": "NAME", "help": "Run only levels of this name. Repeatable."},
    "data": _MANY
    | {
        "metavar": "NAME=PATH",
        "help": "Take the instances of a task from a file: JSON lines, or a public data set as it comes. "
        "Repeatable.",
    },
    "suite": {
        "metavar": "NAME",
        "help": "Run a named selection of tasks: demo, paper, or a file of your own.",
    },
    "samples": {"metavar": "N", "type": int, "help": "Instances of each level. Default: as each task says."},
    "seed": {"metavar": "N", "type": int, "help": "Seed of the instances. Default: 0."},
    "shard": {
        "metavar": "I/N",
        "help": "Run one of N parts of the instances, e.g. 2/4. All methods of an instance stay together.",
    },
    "epochs": {"metavar": "N", "type": int, "help": "How often each case is run. Default: 1."},
    "base-url": {"metavar": "URL", "help": "Where the models are served, instead of by their provider."},
    "concurrency": {
        "metavar": "N",
        "type": int,
        "help": "Requests in flight at once, in each process: with -n 2, twice as many in all. Default: 16; "
        "with --codesteer-batch 50000.",
    },
    "max-cost": {
        "metavar": "DOLLARS",
        "help": "What the run may cost. No request is made that could go beyond it.",
    },
    "max-requests": {"metavar": "N", "type": int, "help": "Requests to models that the run may make."},
    "max-time": {
        "metavar": "TIME",
        "help": "Time after which no case is started and what runs is ended: 90 (seconds), 15m or 2h.",
    },
    "case-requests": {
        "metavar": "N",
        "type": int,
        "help": "Requests of one case. Default: as its task says.",
    },
    "case-time": {
        "metavar": "TIME",
        "help": "Time that the replies and programs of one case may take. Default: as its task says.",
    },
    "patience": {
        "metavar": "TIME",
        "help": "How long a request is tried again that a server or the way to it failed. Default: 2m.",
    },
    "estimate": {
        "action": "store_true",
        "help": "Estimate requests, tokens and dollars, and stop before the first request.",
    },
    "max-tokens": {
        "metavar": "N",
        "type": int,
        "help": "Limit of one reply. Default: 2000, or as the suite says.",
    },
    "temperature": {"metavar": "T", "type": float, "help": "Sampling temperature. Default: 0."},
    "gate": _MANY
    | {
        "metavar": "GATE",
        "help": "What the run must reach: 'METHOD[@TASK][ on MODEL]: METRIC OP VALUE', "
        "e.g. 'all_code: solved >= 70%%'. Repeatable.",
    },
    "baseline": {
        "metavar": "RUN",
        "type": Path,
        "help": "Run log of an earlier run: no method may fall behind it by more than --codesteer-max-drop.",
    },
    "max-drop": {
        "metavar": "SHARE",
        "help": "How far the share solved may drop below the baseline's, e.g. 3%%.",
    },
    "inconclusive": {
        "choices": ("fail", "pass"),
        "help": "What a gate does that the cases neither prove nor refute. Default: fail.",
    },
    "until-decided": {
        "action": "store_true",
        "help": "Run cases in random order, and no more once it is 99%% sure what every gate would say.",
    },
    "scoring": {
        "choices": ("strict", "lenient"),
        "help": "What counts as correct in tables and gates: one chance, or the two of the paper's harness. "
        "Both are recorded. Default: strict.",
    },
    "strict": {"action": "store_true", "help": "Let every case fail that is not correct."},
    "sandbox": {
        "metavar": "TIER",
        "help": "Where programs run: auto, strict, namespaces, landlock, process, docker[:IMAGE] or none. "
        "Default: auto, the strongest that the machine offers.",
    },
    "prompts": {
        "metavar": "DIR",
        "type": Path,
        "help": "Folder whose templates come before those of the package.",
    },
    "prices": _MANY | {"metavar": "FILE", "type": Path, "help": "TOML file with prices. Repeatable."},
    "log": {
        "metavar": "FILE",
        "type": Path,
        "help": "Run log to write. Default: .codesteer/runs/<time>.jsonl.",
    },
    "cache": {
        "metavar": "FILE",
        "type": Path,
        "help": "Where replies are kept. Default: .codesteer/cache.sqlite.",
    },
    "no-cache": {"action": "store_true", "help": "Ask for every reply anew, and keep none."},
    "batch": {
        "action": "store_true",
        "help": "Ask in batches, at half the price: a round of requests may take a day. A run that is ended "
        "goes on with the same command.",
    },
    "replay": {"action": "store_true", "help": "Ask no model: every reply comes from the cache."},
    "from": {
        "metavar": "RUN",
        "type": Path,
        "help": "Run log of a finished run: judge, gate and report it again, and ask no model.",
    },
    "tables": {
        "metavar": "NAMES",
        "help": "Tables to print, with commas between: costs, solved_costs, tasks, usage, steering, levels, "
        "turns, epochs, methods, or all. Default: costs,tasks,steering,turns,epochs,methods.",
    },
    "report": {
        "metavar": "FILE",
        "type": Path,
        "help": "HTML report to write: one file, which opens without a network. Needs the extra [report].",
    },
    "no-summary": {"action": "store_true", "help": "Print no tables at the end."},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options.  Without a model nothing is run, and none of them means anything."""
    group = parser.getgroup("codesteer", "steering benchmark")
    for name, settings in _OPTIONS.items():
        group.addoption(f"--codesteer-{name}", **settings)
    parser.addini("codesteer_task_dirs", "Folders that hold tasks (task_specs, if there is one).", "paths")
    parser.addini("codesteer_gates", "Gates of every run, a line each.", "linelist", [])


def pytest_configure(config: pytest.Config) -> None:
    """Take up work only if a model is named."""
    config.addinivalue_line("markers", _MARKER)
    if config.option.codesteer_model or config.option.codesteer_from:
        from pytest_codesteer.plugin.session import activate

        activate(config)
        return
    for name, value in vars(config.option).items():
        if name.startswith("codesteer_") and value not in (None, False, []):
            option = f"--{name.replace('_', '-')}"
            raise pytest.UsageError(f"{option} needs a model: add --codesteer-model=NAME")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started for this run."""
    from sys import modules

    if bench := modules.get("pytest_codesteer.plugin.bench"):  # imported only where it was used
        bench.close(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `codesteer_model` once for each model of the command line."""
    models = metafunc.config.option.codesteer_model
    if "codesteer_model_name" in metafunc.fixturenames and models:
        metafunc.parametrize("codesteer_model_name", models, indirect=True)


# Fixtures: take them in your own tests, override them in a conftest.py --------------------------


@pytest.fixture
def codesteer_case(request: pytest.FixtureRequest) -> "Case":
    """The case that this item runs; only in items collected from a task."""
    case: Case | None = getattr(request.node, "case", None)
    if case is None:
        said = "codesteer_case and codesteer_instance exist only in cases collected from a task"
        pytest.fail(said, pytrace=False)
    return case


@pytest.fixture
def codesteer_instance(codesteer_case: "Case") -> "Instance":
    """The instance of this item's case; only in items collected from a task."""
    return codesteer_case.instance()


@pytest.fixture
def codesteer_model_name(request: pytest.FixtureRequest) -> str:
    """The name of the model under test, as the command line gives it."""
    case: Case | None = getattr(request.node, "case", None)
    if case is not None:
        return case.model
    name: str | None = getattr(request, "param", None)
    if name is None:
        pytest.skip("needs a model: pytest --codesteer-model=NAME")
    return name


@pytest.fixture
def codesteer_model(request: pytest.FixtureRequest, codesteer_model_name: str) -> "Model | StandIn":
    """The model under test; a test that takes it runs once for each --codesteer-model."""
    from pytest_codesteer.models import StandIn
    from pytest_codesteer.plugin.bench import bench_of

    model = bench_of(request.config).model(codesteer_model_name)
    if isinstance(model, StandIn) and not hasattr(request.node, "case"):
        pytest.skip(f"the model {model.name} answers only cases collected from a task")
    return model


@pytest.fixture
def codesteer_sandbox(request: pytest.FixtureRequest) -> "Sandbox":
    """The place where model-written programs run."""
    from pytest_codesteer.plugin.bench import bench_of

    return bench_of(request.config).sandbox


@pytest.fixture
def steering(
    request: pytest.FixtureRequest, codesteer_model: "Model | StandIn", codesteer_sandbox: "Sandbox"
) -> Callable[..., "Episode"]:
    """Put a question to the model by a method: ``steering("...", method="all_code") -> Episode``."""
    from pytest_codesteer.plugin.bench import Steering, bench_of

    marker = request.node.get_closest_marker("codesteer")
    method = marker.kwargs.get("method") if marker else None
    return Steering(bench_of(request.config), codesteer_model, codesteer_sandbox, method)
