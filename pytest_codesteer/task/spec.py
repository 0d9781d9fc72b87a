"""Loading a task: a folder with `task.toml`, `question.j2` and `task.py`, or a single TOML file.

A spec holds what one may vary (levels, counts, limits, source); what must not vary is Python.  All faults
of a spec are reported together.
"""

import hashlib
import importlib.util
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_codesteer.conversation import Limits
from pytest_codesteer.prompts import Template, TemplateFault, template_from, template_of
from pytest_codesteer.task.faults import Faults, TaskError, read_toml
from pytest_codesteer.task.kinds import checker, solution
from pytest_codesteer.task.model import Listed, Task, TaskCrash

SAMPLES = 20  # instances per level, where a spec does not say

_SUFFIXES = (".toml", ".j2", ".py", ".jsonl")  # of the files that a task folder's behaviour rests on
_HIDDEN = frozenset({"answer", "example"})  # of the instances of a single-file task
_COMMON = ("title", "source", "version", "samples", "paper_levels", "gates")


def load_task(path: Path | str) -> Task:
    """Load a task from its folder, its `task.toml`, or its single file.

    Raises `TaskError` with every fault found: unknown and missing keys, wrong types, a template that names
    what instances do not hold, instances whose own answer is not accepted.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / "task.toml").is_file():
            raise TaskError(f"{path}: there is no task.toml in this folder")
        path /= "task.toml"
    spec, faults = read_toml(path), Faults(path)
    table = faults.value(spec, "task", dict)
    if path.name == "task.toml":
        return _folder_task(path, spec, table, faults)
    return _file_task(path, spec, table, faults)


def _folder_task(path: Path, spec: Mapping[str, Any], table: Mapping[str, Any], faults: Faults) -> Task:
    faults.known(spec, ("task", "levels", "limits"))
    faults.known(table, _COMMON, at="task")
    levels = faults.value(spec, "levels", dict)
    if not levels and "levels" in spec:
        faults.add("levels", "holds no level")
    for name in levels:
        faults.value(levels, name, dict, at="levels")
    common = _common(spec, table, list(levels), faults)
    template = _template(lambda: template_from(path.with_name("question.j2")), faults)
    module = _module(path.with_name("task.py"), faults)
    faults.stop()
    task = Task(
        **common, name=path.parent.name, path=path, levels=levels, template=template,
        files=tuple(sorted(file for file in path.parent.iterdir() if file.suffix in _SUFFIXES)),
        hidden=frozenset(), generate=module.generate, solve_data=module.solve,
        write_program=getattr(module, "program", None), check_answer=module.check,
    )  # fmt: skip
    try:
        _check_template(template, [task.instance(next(iter(levels)), 0).data], faults)
    except TaskCrash as error:
        faults.lines.append(str(error))
    faults.stop()
    return task


def _file_task(path: Path, spec: Mapping[str, Any], table: Mapping[str, Any], faults: Faults) -> Task:
    faults.known(spec, ("task", "instances", "limits"))
    faults.known(table, (*_COMMON, "question", "answer", "data"), at="task")
    question = faults.value(table, "question", str, at="task")
    answer = faults.value(table, "answer", dict, at="task")
    template = _template(
        lambda: template_of(question, name=f"{path}: task.question", folder=path.parent), faults
    )
    instances = _listed(path, spec, table, faults)
    check = checker(answer, instances, faults)
    levels: dict[str, list[Mapping[str, Any]]] = {}
    for data in instances:
        levels.setdefault(str(data.get("level", "all")), []).append(data)
    common = _common({**spec, "levels": levels}, table, list(levels), faults)
    if "samples" not in table:
        common["samples"] = max(map(len, levels.values()), default=SAMPLES)
    _check_template(template, instances, faults, _HIDDEN)
    faults.stop()
    return Task(
        **common, name=path.stem, path=path, levels={level: {} for level in levels}, template=template,
        files=(path, *([path.parent / table["data"]] if "data" in table else [])),
        hidden=_HIDDEN, generate=Listed({level: tuple(items) for level, items in levels.items()}),
        solve_data=lambda data: solution(answer["kind"], data), write_program=None, check_answer=check,
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


def _module(path: Path, faults: Faults) -> ModuleType:
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
    except Exception as error:  # noqa: BLE001  (the user's file: reported as its fault, with its line)
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        faults.lines.append(f"{path}:{line}: {type(error).__name__}: {error}")
    else:
        missing = [
            part for part in ("generate", "solve", "check") if not callable(getattr(module, part, None))
        ]
        if missing:
            faults.lines.append(f"{path}: define {', '.join(f'{part}()' for part in missing)}")
    return module


def _listed(
    path: Path, spec: Mapping[str, Any], table: Mapping[str, Any], faults: Faults
) -> list[Mapping[str, Any]]:
    """Return the instances of a single-file task, inline or from the file that ``data`` names."""
    if ("instances" in spec) == ("data" in table):
        faults.add("", "give either [[instances]] or task.data, a file of JSON lines")
        return []
    if "data" in table:
        return _json_lines(path.parent / faults.value(table, "data", str, at="task"), faults)
    instances: list[Mapping[str, Any]] = faults.value(spec, "instances", list)
    if not instances:
        faults.add("instances", "holds no instance")
    for at, data in enumerate(instances):
        if not isinstance(data, dict) or "answer" not in data:
            faults.add(f"instances[{at}].answer", "is missing")
            return []
    return instances


def _json_lines(path: Path, faults: Faults) -> list[Mapping[str, Any]]:
    instances: list[Mapping[str, Any]] = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        faults.add("task.data", f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        return []
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError) as error:
            faults.lines.append(f"{path}:{number}: not JSON: {error}")
            continue
        if isinstance(data, dict) and "answer" in data:
            instances.append(data)
        elif data is not None:
            faults.lines.append(f"{path}:{number}: not an object with a key `answer`")
    if not instances:
        faults.lines.append(f"{path}: holds no instance")
    return instances
