"""Finding tasks and suites by looking into folders.  There is no registry to edit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_codesteer.prompts import bundled
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task.faults import Faults, TaskError, read_toml

SUITES = "_suites"  # the folder of suites inside a task folder; names with _ or . in front are no tasks


@dataclass(frozen=True, slots=True)
class Suite:
    """A named selection of what to run."""

    title: str
    tasks: Mapping[str, tuple[str, ...]]  # task -> levels; () for all of them
    methods: tuple[str, ...]  # () for what the command line says
    samples: int | None  # instances per level; None for what each task says
    max_tokens: int | None  # of one reply; None for what the command line says


def task_file(path: Path) -> Path | None:
    """Return the TOML file of the task at *path*, an entry of a task folder; None if it is not one."""
    if path.name.startswith((".", "_")):
        return None
    if path.is_dir():
        return path / "task.toml"
    return path if path.suffix == ".toml" else None


def task_name(path: Path) -> str:
    """Return the name of the task whose TOML file is *path*."""
    return path.parent.name if path.name == "task.toml" else path.stem


def listed(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the TOML files of the tasks in *folders*, by name; of two of one name, the later holds.

    A link to nowhere is listed, so that loading the task says so.
    """
    entries = [entry for folder in folders for entry in sorted(folder.iterdir())]
    files = [path for path in map(task_file, entries) if path and (path.is_file() or path.is_symlink())]
    return {task_name(path): path for path in files}


def find_tasks(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the TOML file of each task in *folders*, by name, sorted.

    Raises `TaskError` for a name that two tasks share and for a folder without a task.
    """
    found: dict[str, Path] = {}
    faults: list[str] = []
    for folder in folders:
        for path in filter(None, map(task_file, sorted(folder.iterdir()))):
            if path.is_symlink() and not path.exists():
                faults.append(f"{path}: a link to {path.readlink()}, which is not there")
            elif not path.is_file():
                faults.append(f"{path.parent}: there is no task.toml in this folder")
            elif (other := found.setdefault(task_name(path), path)) != path:
                faults.append(f"{path}: the task name {task_name(path)!r} is taken by {other}")
    if faults:
        raise TaskError("\n".join(faults))
    return dict(sorted(found.items()))


def find_suite(name: str, folders: Iterable[Path]) -> Suite:
    """Load a suite by its file, or by its name from *folders* and the bundled ones."""
    if name.endswith(".toml"):
        return _suite(Path(name))
    known: dict[str, Path] = {}
    for folder in (*folders, bundled("task_specs")):
        for path in (folder / SUITES).glob("*.toml"):
            known.setdefault(path.stem, path)
    if name not in known:
        raise TaskError(unknown("suite", name, known))
    return _suite(known[name])


def _suite(path: Path) -> Suite:
    spec, faults = read_toml(path), Faults(path)
    faults.known(spec, ("suite", "tasks"))
    table, tasks = faults.value(spec, "suite", dict), faults.value(spec, "tasks", dict)
    faults.known(table, ("title", "methods", "samples", "max_tokens"), at="suite")
    if not tasks and "tasks" in spec:
        faults.add("tasks", "holds no task")
    suite = Suite(
        title=faults.value(table, "title", str, at="suite"),
        tasks={name: faults.texts(tasks, name, at="tasks") for name in tasks},
        methods=faults.texts(table, "methods", at="suite"),
        samples=faults.positive(table, "samples", int, None, at="suite"),
        max_tokens=faults.positive(table, "max_tokens", int, None, at="suite"),
    )
    faults.stop()
    return suite
