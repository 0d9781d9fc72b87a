"""Checking what a user wrote in a TOML file: every fault is found before the first one is reported."""

import math
import tomllib
import traceback
from collections.abc import Collection, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from pytest_codesteer.suggest import unknown

_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    bool: "true or false",
}


class TaskError(Exception):
    """A spec cannot be used.  The message has a line for each fault, which starts with the file."""


class Faults:
    """The faults of one file, collected while it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []

    def add(self, key: str, problem: str) -> None:
        """Note that *key* (with its table, ``limits.seconds``; "" for the file as a whole) is wrong."""
        self.lines.append(f"{self.path}: {key}: {problem}" if key else f"{self.path}: {problem}")

    def stop(self) -> None:
        """Raise all faults found so far as one `TaskError`."""
        if self.lines:
            raise TaskError("\n".join(self.lines))

    def value(
        self, table: Mapping[str, Any], key: str, kind: type, default: Any = ..., *, at: str = ""
    ) -> Any:
        """Return ``table[key]`` if it is a *kind*; without a *default* the key is required."""
        name = f"{at}.{key}" if at else key
        if key not in table:
            if default is ...:
                self.add(name, f"is missing ({_NAMES[kind]})")
                return kind()
            return default
        value = table[key]
        accepted = (int, float) if kind is float else kind
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            self.add(name, f"is {value!r:.60}, not {_NAMES[kind]}")
            return kind() if default is ... else default
        if isinstance(value, str) and not value.strip():
            self.add(name, "is empty")
        return value

    def positive(self, table: Mapping[str, Any], key: str, kind: type, default: Any, *, at: str = "") -> Any:
        """Return a number above zero."""
        value = self.value(table, key, kind, default, at=at)
        if value is not None and value <= 0:
            self.add(f"{at}.{key}" if at else key, f"is {value}, not above 0")
        return value

    def texts(self, table: Mapping[str, Any], key: str, *, at: str = "") -> tuple[str, ...]:
        """Return an optional list of texts."""
        value = self.value(table, key, list, [], at=at)
        if not all(isinstance(item, str) for item in value):
            self.add(f"{at}.{key}" if at else key, "is not a list of texts")
            return ()
        return tuple(value)

    def known(self, table: Mapping[str, Any], keys: Collection[str], *, at: str = "") -> None:
        """Note every key of *table* that is not one of *keys*."""
        for key in table:
            if key not in keys:
                self.add(f"{at}.{key}" if at else key, unknown("key", key, keys))

    def json_only(self, value: object, *, at: str) -> None:
        """Note everything inside *value* that TOML can hold and JSON cannot: dates, times, inf and nan."""
        if isinstance(value, dict):
            for key, inner in value.items():
                self.json_only(inner, at=f"{at}.{key}")
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                self.json_only(inner, at=f"{at}[{place}]")
        elif isinstance(value, date | time) or (isinstance(value, float) and not math.isfinite(value)):
            self.add(at, f'is {value}, which JSON cannot hold: write it as a text, "{value}"')


def place_of(error: BaseException, path: Path) -> str:
    """Return where in the files beside *path* an error arose, as file and line; *path* if in none of them."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).parent == path.parent]
    return f"{mine[-1].filename}:{mine[-1].lineno}" if mine else str(path)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.  Raises `TaskError` with file, line and column."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        where = f" (a link to {path.readlink()})" if path.is_symlink() else ""
        raise TaskError(f"{path}: {error.strerror}{where}") from error
    except UnicodeDecodeError as error:
        raise TaskError(f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{path}: {error}") from error
