"""Loading a task: a folder with `task.toml`, `question.j2` and `task.py`, or a single TOML file.

A spec holds what one may vary (levels, counts, limits, source); what must not vary is Python.  All faults
of a spec are reported together.
"""

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_codesteer.conversation import Limits
from pytest_codesteer.prompts import Template, TemplateFault, template_from, template_of
from pytest_codesteer.task.data import Given, Load, by_level, files_of, read_data, require
from pytest_codesteer.task.faults import Faults, TaskError, place_of, read_toml
from pytest_codesteer.task.kinds import checker, solution
from pytest_codesteer.task.model import Listed, Task, TaskCrash

SAMPLES = 20  # instances per level, where a spec does not say

_SUFFIXES = (".toml", ".j2", ".py", ".jsonl")  # of the files that a task folder's behaviour rests on
_HIDDEN = frozenset({"answer", "example"})  # of the instances of a single-file task
_COMMON = ("title", "source", "version", "samples", "paper_levels", "gates")


def load_task(path: Path | str, *, data: Path | str | None = None) -> Task:
    """Load a task from its folder, its `task.toml`, or its single file.

    With *data*, a file or folder, its instances are those that stand there (`pytest_codesteer.task.data`).
    Raises `TaskError` with every fault found: unknown and missing keys, wrong types, a template that names
    what instances do not hold, instances whose own answer is not accepted, data that cannot be used.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / "task.toml").is_file():
            raise TaskError(f"{path}: there is no task.toml in this folder")
        path /= "task.toml"
    spec, faults = read_toml(path), Faults(path)
    table = faults.value(spec, "task", dict)
    load = _folder_task if path.name == "task.toml" else _file_task
    return load(path, spec, table, None if data is None else Path(data), faults)


def _folder_task(
    path: Path, spec: Mapping[str, Any], table: Mapping[str, Any], data: Path | None, faults: Faults
) -> Task:
    faults.known(spec, ("task", "levels", "limits", "data"))
    faults.known(table, (*_COMMON, "own_keys"), at="task")
    if "data" in spec:
        named = faults.value(spec, "data", dict)
        faults.known(named, ("path",), at="data")
        data = data or path.parent / faults.value(named, "path", str, at="data")
    levels = faults.value(spec, "levels", dict, {} if data else ...)
    if not levels and "levels" in spec:
        faults.add("levels", "holds no level")
    for name in levels:
        faults.value(levels, name, dict, at="levels")
    faults.json_only(levels, at="levels")
    common = _common(spec, table, list(levels), faults)
    own_keys = faults.texts(table, "own_keys", at="task")
    template = _template(lambda: template_from(path.with_name("question.j2")), faults)
    module = _module(path.with_name("task.py"), faults, [*(["generate"] if levels else []), "solve", "check"])
    faults.stop()
    own_files = [file for file in path.parent.iterdir() if file.suffix in _SUFFIXES]
    task = Task(
        **common, name=path.parent.name, path=path, levels=levels, template=template,
        files=tuple(sorted({*own_files, *template.included})),
        hidden=frozenset(), generate=getattr(module, "generate", Listed({})), solve_data=module.solve,
        write_program=getattr(module, "program", None), check_answer=module.check,
    )  # fmt: skip
    own: Mapping[str, Any] = {}
    try:
        own = task.first_instance(next(iter(levels))).data if levels else own
    except (TaskCrash, TaskError) as error:
        faults.lines.append(str(error))
    _check_template(template, [own] if own else [], faults)
    if own and (lacking := [key for key in own_keys if key not in own]):
        faults.add("task.own_keys", f"{', '.join(map(repr, lacking))}: no keys of a generated instance")
    faults.stop()
    like = {key: value for key, value in own.items() if key not in own_keys}
    return task if data is None else _with_data(task, data, getattr(module, "load", None), like, faults)


def _with_data(task: Task, path: Path, load: Load | None, like: Mapping[str, Any], faults: Faults) -> Task:
    """Return *task* with the instances at *path*, which must hold what *like* holds."""
    given = read_data(path, load, faults)
    require(given, path, faults, names=task.template.names, like=like)
    _check_template(task.template, [each.data for each in given[:1]], faults)
    faults.stop()
    levels = by_level(given)
    return replace(
        task, levels={level: {} for level in levels}, generate=Listed(levels), data_path=path,
        paper_levels=tuple(level for level in task.paper_levels if level in levels),
        files=(*task.files, *files_of(path)),
    )  # fmt: skip


def _file_task(
    path: Path, spec: Mapping[str, Any], table: Mapping[str, Any], data: Path | None, faults: Faults
) -> Task:
    faults.known(spec, ("task", "instances", "limits"))
    faults.known(table, (*_COMMON, "question", "answer", "data"), at="task")
    question = faults.value(table, "question", str, at="task")
    template = _template(
        lambda: template_of(question, name=f"{path}: task.question", folder=path.parent), faults
    )
    if (same := path.with_suffix("") / "task.toml").is_file():
        faults.add("", f"the task name {path.stem!r} is taken by {same}")
    if ("instances" in spec) == ("data" in table):
        faults.add("", "give either [[instances]] or task.data, a file of JSON lines")
    elif "data" in table:
        data = data or path.parent / faults.value(table, "data", str, at="task")
    given = read_data(data, None, faults) if data else _inline(path, spec, faults)
    if data:
        require(given, data, faults, names={"answer"} | template.names - _HIDDEN)
    check = checker(table, given, faults)
    levels = by_level(given, unnamed="all")
    common = _common({**spec, "levels": levels}, table, list(levels), faults)
    if "samples" not in table:
        common["samples"] = max(map(len, levels.values()), default=SAMPLES)
    _check_template(template, [each.data for each in given], faults, _HIDDEN)
    faults.stop()
    return Task(
        **common, name=path.stem, path=path, levels={level: {} for level in levels}, template=template,
        files=(path, *(files_of(data) if data else ()), *template.included), hidden=_HIDDEN,
        generate=Listed(levels), solve_data=lambda data: solution(table["answer"]["kind"], data),
        write_program=None, check_answer=check, data_path=data,
    )  # fmt: skip


def _common(
    spec: Mapping[str, Any], table: Mapping[str, Any], levels: list[str], faults: Faults
) -> dict[str, Any]:
    """Return what both kinds of spec hold."""
    limits = faults.value(spec, "limits", dict, {})
    names = Limits.__dataclass_fields__
    faults.known(limits, names, at="limits")
    paper_levels = faults.texts(table, "paper_levels", at="task")
    for level in paper_levels:
        if level not in levels:
            faults.add("task.paper_levels", f"{level!r} is not a level")
    used = {
        name: faults.positive(limits, name, int if field.type is int else float, field.default, at="limits")
        for name, field in names.items()
    }
    return {
        "title": faults.value(table, "title", str, at="task"),
        "source": faults.value(table, "source", str, at="task"),
        "version": faults.positive(table, "version", int, 1, at="task"),
        "samples": faults.positive(table, "samples", int, SAMPLES, at="task"),
        "paper_levels": paper_levels,
        "gates": faults.texts(table, "gates", at="task"),
        "limits": Limits(**used),
    }


def _template(make: Callable[[], Template], faults: Faults) -> Template:
    try:
        return make()
    except TemplateFault as error:
        faults.lines.append(str(error))
        return template_of("", name="", folder=faults.path.parent)


def _check_template(
    template: Template,
    instances: Iterable[Mapping[str, Any]],
    faults: Faults,
    hidden: frozenset[str] = frozenset(),
) -> None:
    """Note names that the template uses and an instance does not hold, and a template that cannot end."""
    for at, data in enumerate(instances):
        shown = {key: data[key] for key in sorted(data.keys() - hidden)}
        if missing := sorted(template.names - shown.keys()):
            held = ", ".join(shown)
            faults.lines.append(f"{template.name}: {', '.join(missing)}: not in instance {at} ({held})")
            return
        if at == 0:
            try:
                template.render(shown)
            except TemplateFault as error:
                faults.lines.append(str(error))
                return


def _module(path: Path, faults: Faults, functions: Sequence[str]) -> ModuleType:
    """Import a `task.py` under a name of its own, as a package, so that ``from .words import x`` works."""
    name = f"_codesteer_task_{path.parent.name}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    if not path.is_file():
        faults.lines.append(f"{path}: the file is missing")
        return module
    found = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    if found is None or found.loader is None:
        raise AssertionError(f"{path} has no loader")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except SyntaxError as error:
        faults.lines.append(f"{error.filename}:{error.lineno}: {error.msg}")
    except (Exception, SystemExit) as error:  # noqa: BLE001  (the user's: its fault, with its line)
        faults.lines.append(f"{place_of(error, path)}: {type(error).__name__}: {error}")
    else:
        missing = [part for part in functions if not callable(getattr(module, part, None))]
        if missing:
            faults.lines.append(f"{path}: define {', '.join(f'{part}()' for part in missing)}")
    return module


def _inline(path: Path, spec: Mapping[str, Any], faults: Faults) -> list[Given]:
    """Return the instances that stand in the spec of a single-file task."""
    instances = faults.value(spec, "instances", list, [])
    if not instances and "instances" in spec:
        faults.add("instances", "holds no instance")
    for at, data in enumerate(instances):
        if not isinstance(data, dict) or "answer" not in data:
            faults.add(f"instances[{at}].answer", "is missing")
            return []
    before = len(faults.lines)
    for at, data in enumerate(instances):
        faults.json_only(data, at=f"instances[{at}]")
    if len(faults.lines) > before:
        return []
    return [Given(f"{path}: instances[{at}]", data.get("level"), data) for at, data in enumerate(instances)]
