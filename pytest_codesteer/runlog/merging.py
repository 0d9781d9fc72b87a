"""One run, made of the logs of its shards."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_codesteer.runlog import Run, RunLogError

# What shards of one run may differ in; all else must agree.
_FREE = ("started", "python", "platform", "packages", "shard")
_SUMS = ("cases",)  # that were planned
_LISTS = ("methods", "turns", "gates")  # put together
_MAPPINGS = ("models", "tasks", "data")  # put together, and what two shards both name must agree


def merged(shards: Sequence[tuple[str, Run]]) -> Run:
    """Return one run made of *shards*, each with the name of its file.

    Raises `RunLogError` when they were not run alike, or hold a case twice.
    """
    (first, run), *others = shards
    header = dict(run.header)
    for name, other in others:
        _agree((first, header), (name, other.header))
        header = _joined(header, other.header)
    _distinct(shards)
    if absent := _absent([str(run.header.get("shard", "")) for _, run in shards]):
        raise RunLogError(
            f"{first}: part {absent} is missing: name its log, or run --codesteer-shard={absent}"
        )
    records = tuple(record for _, run in shards for record in run.records)
    broken, needless = (sum(getattr(run, name) for _, run in shards) for name in ("broken", "needless"))
    return Run({**header, "shard": "1/1"}, records, broken, needless=needless)


def _absent(parts: Sequence[str]) -> str:
    """Return the first part of a run that was split, as "2/3", which is not among these; "" if none is."""
    named = set(parts)
    of = max((int(part.partition("/")[2]) for part in named if re.fullmatch(r"\d+/\d+", part)), default=0)
    return next((part for at in range(of) if (part := f"{at + 1}/{of}") not in named), "")


def _agree(one: tuple[str, Mapping[str, Any]], other: tuple[str, Mapping[str, Any]]) -> None:
    """Refuse two headers that differ in what results rest on."""
    (first, mine), (name, theirs) = [(file, _rests_on(header)) for file, header in (one, other)]
    for key in dict.fromkeys((*mine, *theirs)):
        open_end = key.startswith(tuple(f"{mapping}." for mapping in _MAPPINGS))
        if open_end and not (key in mine and key in theirs):
            continue
        if mine.get(key) != theirs.get(key):
            raise RunLogError(
                f"{name}: {key} is {theirs.get(key)!r:.60}, in {first} it is {mine.get(key)!r:.60}: "
                "merge only shards of one run"
            )


def _rests_on(header: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a header that must agree, those of its mappings as ``tasks.game24``."""
    plain = {key: value for key, value in header.items() if key not in (*_FREE, *_SUMS, *_LISTS, *_MAPPINGS)}
    plain["pytest-codesteer"] = header.get("packages", {}).get("pytest-codesteer")
    return plain | {
        f"{mapping}.{key}": value for mapping in _MAPPINGS for key, value in header.get(mapping, {}).items()
    }


def _joined(header: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what two headers that agree hold together."""
    return {
        **header,
        **{key: header[key] + other[key] for key in _SUMS if key in header and key in other},
        **{key: [*dict.fromkeys((*header.get(key, ()), *other.get(key, ())))] for key in _LISTS},
        **{key: {**header.get(key, {}), **other.get(key, {})} for key in _MAPPINGS},
        "started": min(str(each.get("started", "")) for each in (header, other)),
    }


def _distinct(shards: Sequence[tuple[str, Run]]) -> None:
    """Refuse a case that was recorded twice."""
    seen: dict[tuple[str, int], str] = {}
    for name, record in ((name, record) for name, run in shards for record in run.records):
        if (key := (record.id, record.seed)) in seen:
            raise RunLogError(f"{name}: {record.id} is in {seen[key]}, too: name each shard once")
        seen[key] = name
