"""`--codesteer-from`: what a finished run, which is judged again, says of itself."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_codesteer.models import ModelName
from pytest_codesteer.runlog import Earlier, RunLogError, read_earlier

if TYPE_CHECKING:
    from pytest_codesteer.plugin.options import Options

#: What is settled once a run is finished.
_SETTLED = (
    "model", "method", "guide", "turns", "suite", "samples", "seed", "epochs", "base-url", "concurrency",
    "max-tokens", "temperature", "until-decided", "prompts", "prices", "cache", "no-cache", "replay", "batch",
)  # fmt: skip


def earlier_run(config: pytest.Config) -> Earlier | None:
    """Read the run that is to be judged again; None if a new one is asked for.

    Raises `pytest.UsageError`.
    """
    path: Path | None = config.option.codesteer_from
    if path is None:
        return None
    for name in _SETTLED:
        if getattr(config.option, f"codesteer_{name.replace('-', '_')}") not in (None, False, []):
            raise pytest.UsageError(
                f"--codesteer-from judges a finished run, whose --codesteer-{name} is settled: take it out"
            )
    try:
        return read_earlier(config.invocation_params.dir / path.expanduser())
    except RunLogError as error:
        raise pytest.UsageError(f"--codesteer-from: {error}; name the log of a finished run") from error


def of_earlier(options: "Options", earlier: Earlier, known: Mapping[str, Path]) -> "Options":
    """Return the options of a run that judges *earlier* again; *known* are the tasks that are there."""
    names = earlier.tasks if options.tasks is None else options.tasks
    given = {name: Path(path) for name, path in earlier.header.get("data", {}).items()}
    data = {**given, **options.data}
    for name, path in data.items():
        if not path.exists():
            raise pytest.UsageError(
                f"--codesteer-from: the instances of {name} came from {path}, which is not there; "
                f"say where they are: --codesteer-data={name}=PATH"
            )
    models: Mapping[str, Mapping[str, str]] = earlier.header.get("models", {})
    return replace(
        options,
        models=tuple(
            ModelName(label, model.get("provider", ""), model.get("model", ""), label=label)
            for label, model in models.items()
        ),
        tasks={name: () for name in names if name in known},
        data=data,
        cache=None,
        earlier=earlier,
    )


def header_of(earlier: Earlier) -> dict[str, Any]:
    """Return what the log of the new run says as the log of the old one does."""
    kept = {key: value for key, value in earlier.header.items() if key != "codesteer"}
    return {**kept, "judged": {"log": earlier.path.name, "started": earlier.header.get("started", "")}}


def report_header(earlier: Earlier) -> list[str]:
    """Say what is judged again."""
    started = earlier.header.get("started", "?")
    lines = [f"codesteer: judges {earlier.path} again, of {started}: {len(earlier.entries)} cases"]
    if earlier.missing:
        lines.append(f"codesteer: {earlier.missing} cases of that run left no record")
    if earlier.needless:
        left_out = f"{earlier.needless} cases of that run were left out, as its gates were decided"
        lines.append(f"codesteer: {left_out}; other gates miss them")
    if earlier.broken:
        lines.append(f"codesteer: lines that are not whole, and are passed over: {earlier.broken}")
    return lines
