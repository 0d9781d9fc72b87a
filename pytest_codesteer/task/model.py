"""A task, its instances, and what is done with them."""

import hashlib
import json
import random
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_codesteer.answers import Unreadable, final_answer
from pytest_codesteer.conversation import Limits
from pytest_codesteer.prompts import Template
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task.faults import TaskError
from pytest_codesteer.task.verdict import Verdict, no_answer, unreadable

Data = Mapping[str, Any]


class TaskCrash(Exception):
    """A task's own code failed.  The message starts with the file and line to repair."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem of a task."""

    id: str  # "<level>-<index>", e.g. "four-003"
    task: str
    level: str
    data: Data  # JSON values only

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change when the data do."""
        text = json.dumps(self.data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Listed:
    """The generator of a task whose instances are given: it picks the next one."""

    levels: Mapping[str, tuple[Data, ...]]


@dataclass(frozen=True)
class Task:
    """One kind of problem, loaded by `load_task`."""

    name: str
    path: Path  # of the TOML file
    title: str
    source: str
    version: int
    samples: int  # instances per level, unless a run asks for another number
    levels: Mapping[str, Mapping[str, Any]]  # level -> arguments of generate()
    paper_levels: tuple[str, ...]  # those that the paper ran
    gates: tuple[str, ...]
    limits: Limits
    template: Template
    files: tuple[Path, ...]  # all that the task's behaviour rests on
    hidden: frozenset[str]  # keys of an instance that its question cannot show
    generate: Callable[..., Any] | Listed = field(repr=False)
    solve_data: Callable[[Data], Any] = field(repr=False)
    write_program: Callable[[Data], Any] | None = field(repr=False)
    check_answer: Callable[[Data, str], Any] = field(repr=False)
    data_path: Path | None = None  # where its instances come from, if not from the task itself

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change when any file of the task does."""
        content = hashlib.sha256()
        for path in self.files:
            content.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return content.hexdigest()[:12]

    def count(self, level: str, samples: int | None = None) -> int:
        """Return how many instances a run of *level* has: *samples*, as far as there are so many."""
        wanted = self.samples if samples is None else samples
        return min(wanted, len(self.generate.levels[level])) if isinstance(self.generate, Listed) else wanted

    def instances(self, level: str, count: int | None = None, seed: int = 0) -> list[Instance]:
        """Return the first *count* instances of *level*; the same ones in every process."""
        return [self.instance(level, index, seed) for index in range(self.count(level, count))]

    def instance(self, level: str, index: int, seed: int = 0) -> Instance:
        """Return one instance.  Raises `TaskError` for an unknown level, `TaskCrash` for a bad generator."""
        if level not in self.levels:
            raise TaskError(f"{self.path}: {unknown('level', level, self.levels)}")
        return Instance(f"{level}-{index:03}", self.name, level, self._data(level, index, seed))

    def question(self, data: Data) -> str:
        """Return the question put to the model.  Raises `prompts.TemplateFault`."""
        return self.template.render({key: data[key] for key in data.keys() - self.hidden}).strip()

    def solve(self, data: Data) -> str:
        """Return a right answer, in the form that the question asks for, without the marks."""
        return str(self._call("solve", self.solve_data, data))

    def program(self, data: Data) -> str:
        """Return the reference program: what a perfect coder would send.

        For a task without one, a program that prints the solution.
        """
        if self.write_program is None:
            return f"print({f'<<<{self.solve(data)}>>>'!r})\n"
        return str(self._call("program", self.write_program, data))

    def check(self, data: Data, final_text: str) -> Verdict:
        """Judge a final text, with or without marks around the answer.

        Total: text of any kind is judged.  Raises `TaskCrash` when the task's own checker fails.
        """
        if not final_text.strip():
            return no_answer()
        try:
            verdict = self._call("check", self.check_answer, data, final_answer(final_text))
        except Unreadable as error:
            return unreadable(str(error))
        if not isinstance(verdict, Verdict):
            raise TaskCrash(f"{self._code()}: check() returned {verdict!r:.60}, not a Verdict")
        return verdict

    def _data(self, level: str, index: int, seed: int) -> Data:
        if isinstance(self.generate, Listed):
            given = self.generate.levels[level]
            return given[_place(f"{self.name}/{level}", len(given), index, seed)]
        rng = random.Random(f"{self.name}/{level}/{seed}/{index}")
        data = self._call("generate", self.generate, rng, **self.levels[level])
        try:
            clean = json.loads(json.dumps(data, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise TaskCrash(f"{self._code()}: generate() returned what JSON cannot hold: {error}") from error
        if not isinstance(clean, dict):
            raise TaskCrash(f"{self._code()}: generate() returned {data!r:.60}, not a dict")
        return clean

    def _call(self, name: str, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except Unreadable:
            raise
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            mine = [frame for frame in frames if Path(frame.filename).parent == self.path.parent]
            place = f"{mine[-1].filename}:{mine[-1].lineno}" if mine else str(self._code())
            raise TaskCrash(f"{place}: {name}() raised {type(error).__name__}: {error}") from error

    def _code(self) -> Path:
        return self.path.with_name("task.py") if self.path.name == "task.toml" else self.path


def _place(name: str, size: int, index: int, seed: int) -> int:
    """Return which listed instance comes at *index*: in file order for seed 0, else shuffled."""
    if seed == 0:
        return index
    order = list(range(size))
    random.Random(f"{name}/{seed}").shuffle(order)
    return order[index]
