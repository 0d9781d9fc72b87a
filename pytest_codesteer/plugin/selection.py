"""Which tasks a run may name, which it is asked for, and where their instances come from."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from pytest_codesteer.prompts import bundled
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task import Suite, TaskError, listed, task_name


def nameable_tasks(config: pytest.Config, task_dirs: Iterable[Path]) -> dict[str, Path]:
    """Return the TOML files of the tasks that a run may name: bundled, of the project, among its arguments.

    Of two of one name, the later holds.
    """
    given = [Path(arg.partition("::")[0]) for arg in config.args]
    files = [path / "task.toml" if path.is_dir() else path for path in given]
    named = {task_name(path): path.resolve() for path in files if path.suffix == ".toml" and path.is_file()}
    return listed((bundled("task_specs"), *task_dirs)) | named


def chosen_tasks(
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


def given_data(config: pytest.Config, task_dirs: tuple[Path, ...]) -> Mapping[str, Path]:
    """Return where the instances of tasks are to come from."""
    data: dict[str, Path] = {}
    for given in config.option.codesteer_data:
        name, _, path = given.partition("=")
        if not name or not path:
            raise pytest.UsageError(
                f"--codesteer-data={given}: must be NAME=PATH, a task and a file or folder"
            )
        if name in data:
            raise pytest.UsageError(f"--codesteer-data={given}: {name} has its data from {data[name]}")
        if name not in (known := nameable_tasks(config, task_dirs)):
            raise pytest.UsageError(f"--codesteer-data={given}: {unknown('task', name, known)}")
        data[name] = config.invocation_params.dir / Path(path).expanduser()
        if not data[name].exists():
            raise pytest.UsageError(f"--codesteer-data={given}: there is no such file or folder")
    return data
