"""Instances that a file gives, instead of a generator.

Read without help from the task:

.jsonl   an instance a line: its data; or an object with the data under `instance` and, beside them, `level`,
         which is a name or says what makes the instance hard: ``{"n_numbers": 4, "target": 24}``
.json    a list of instances, or an object with that list under `examples`, as BIG-bench has it

Everything else is for the task's own `load`, whose contract stands in `pytest_codesteer.task`.
"""

import json
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pytest_codesteer.task.faults import Faults

Load = Callable[[Path], Iterable[tuple[str, Mapping[str, Any]]]]

NO_LEVEL = "data"  # the level of instances that name none
MOST_LEVELS = 40  # that mappings make: the key with most values is left out until there are no more
MOST_FAULTS = 3  # of one file that are told one by one

_UNFIT = "[]:/\\"  # in the name of a test
_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Given:
    """An instance, as a file gives it."""

    where: str  # the file, and the line if there is one
    level: Any  # a name, a mapping, or None
    data: Mapping[str, Any]

    def key(self, name: str) -> str:
        """Return where the value under a key of the data stands."""
        return f"{self.where}{'.' if self.where.endswith(']') else ': '}{name}"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.  Raises `ValueError` with file and line, `OSError`."""
    return _parsed(_text(path), path)


def read_data(path: Path, load: Load | None, faults: Faults) -> list[Given]:
    """Return the instances at *path*, in their order; what is wrong with it goes to *faults*."""
    if not path.exists():
        faults.lines.append(f"{path}: No such file or folder")
        return []
    found: list[Given] = []
    wrong: list[str] = []
    try:
        for each in _given(path, load):
            if isinstance(each, Given):
                found.append(each)
            else:
                wrong.append(each)
    except OSError as error:
        wrong.append(f"{error.filename or path}: {error.strerror}")
    except ValueError as error:
        said = str(error)
        wrong.append(said if said.startswith(str(path)) else f"{path}: {said}")
    if not found and not wrong:
        wrong.append(f"{path}: holds no instance")
    _tell(path, wrong, faults)
    return found


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that the instances at *path* rest on."""
    return tuple(sorted(file for file in path.rglob("*") if file.is_file())) if path.is_dir() else (path,)


def require(
    given: Iterable[Given],
    path: Path,
    faults: Faults,
    *,
    names: Collection[str],
    like: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Note each instance that lacks one of *names* or of the keys of *like*, or has another kind under it."""
    wrong = []
    for each in given:
        missing = [key for key in (*like, *sorted(set(names) - like.keys())) if key not in each.data]
        if missing:
            held = ", ".join(map(repr, each.data)) or "nothing"
            wrong.append(f"{each.where}: no {', '.join(map(repr, missing))} (it holds {held:.80})")
            continue
        for key, value in like.items():
            if (kind := _KINDS[type(each.data[key])]) != _KINDS[type(value)]:
                wrong.append(f"{each.key(key)}: is {kind}, not {_KINDS[type(value)]}")
    _tell(path, wrong, faults)


def by_level(given: Sequence[Given], *, unnamed: str = NO_LEVEL) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Return the data of the instances by the names of their levels, in order of appearance."""
    mappings = [each.level for each in given if isinstance(each.level, Mapping)]
    keys = _telling(mappings)
    levels: dict[str, list[Mapping[str, Any]]] = {}
    for each in given:
        name = _of_mapping(each.level, keys) if isinstance(each.level, Mapping) else _shown(each.level)
        fit = "".join(sign if sign.isprintable() and sign not in _UNFIT else " " for sign in name)
        levels.setdefault(" ".join(fit.split()) or unnamed, []).append(each.data)
    return {name: tuple(data) for name, data in levels.items()}


def _given(path: Path, load: Load | None) -> Iterator[Given | str]:
    """Yield the instances, and a message in place of each that cannot be used."""
    if path.is_file() and path.suffix == ".jsonl":
        return _of_lines(path)
    if load is not None:
        return _loaded(path, load)
    if path.is_file() and path.suffix == ".json":
        return _of_json(path)
    what = "a folder" if path.is_dir() else f"{path.suffix!r} files"
    raise ValueError(f"{path}: give a .jsonl or .json file; the task has no load() for {what}")


def _of_lines(path: Path) -> Iterator[Given | str]:
    for number, line in enumerate(_text(path).split("\n"), 1):  # not at U+2028, which a text may hold
        if not line.strip():
            continue
        try:
            yield _of_object(_parsed(line, path, number), f"{path}:{number}")
        except ValueError as error:
            yield str(error)


def _of_json(path: Path) -> Iterator[Given | str]:
    content = read_json(path)
    name = "examples" if isinstance(content, dict) else ""
    items = content.get(name) if isinstance(content, dict) else content
    if not isinstance(items, list):
        yield f"{path}: neither a list of instances nor an object with one under 'examples'"
        return
    for at, item in enumerate(items):
        yield _of_object(item, f"{path}: {name}[{at}]")


def _of_object(value: Any, where: str) -> Given | str:
    if not isinstance(value, dict):
        return f"{where}: is {_KINDS[type(value)]}, not an object"
    data = value["instance"] if isinstance(value.get("instance"), dict) else value
    return Given(where, value.get("level"), data)


def _loaded(path: Path, load: Load) -> Iterator[Given | str]:
    """Yield what the task's `load` makes of *path*; whatever it raises is a fault of the file."""
    try:
        for at, pair in enumerate(load(path)):
            level, data = pair
            yield Given(f"{path}: instance {at}", level, json.loads(json.dumps(dict(data), allow_nan=False)))
    except (OSError, ValueError):
        raise
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"load() raised {type(error).__name__}: {error}"
        raise ValueError(f"{path}: {said} ({last.filename}:{last.lineno})") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error


def _parsed(text: str, path: Path, line: int | None = None) -> Any:
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        said = f"{error.msg} (column {error.colno})"
        raise ValueError(f"{path}:{line or error.lineno}: not JSON: {said}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}{f':{line}' if line else ''}: not JSON: {error}") from error


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON value")


def _telling(levels: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys that make a handful of levels: a rank, say, tells an instance, not a level."""
    values: dict[str, set[str]] = {}
    for level in levels:
        for key, value in level.items():
            values.setdefault(key, set()).add(_shown(value))
    keys = list(values)
    while len({_of_mapping(level, keys) for level in levels}) > MOST_LEVELS:
        keys.remove(max(keys, key=lambda key: len(values[key])))
    return keys


def _of_mapping(level: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return the name of a level: ``n_numbers=4,target=24``."""
    if [*level] == ["level"]:
        return _shown(level["level"])
    return ",".join(f"{key}={_shown(level[key])}" for key in keys if key in level)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "_".join(map(_shown, value))
    return value if isinstance(value, str) else json.dumps(value)


def _tell(path: Path, wrong: Sequence[str], faults: Faults) -> None:
    faults.lines.extend(wrong[:MOST_FAULTS])
    if len(wrong) > MOST_FAULTS:
        faults.lines.append(f"{path}: {len(wrong) - MOST_FAULTS} more faults of this kind")
