"""Tasks as pytest sees them: a file of cases, an item for each case."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_codesteer.engine import Case, Episode, NotRun
from pytest_codesteer.models import Model, StandIn
from pytest_codesteer.plugin.bench import Bench, Steering
from pytest_codesteer.plugin.options import Options, task_gates
from pytest_codesteer.runlog import Record, Scoring, record_of, scored
from pytest_codesteer.runlog.rejudging import OtherInstance, rejudged
from pytest_codesteer.sandbox import Sandbox
from pytest_codesteer.task import TaskCrash, TaskError

NEEDLESS = "codesteer_needless"  # the attribute of a report on a case that no gate needed any more
FIXTURES = ("codesteer_model", "codesteer_sandbox", "steering")
_OWN = "pytest_codesteer.plugin"


class CaseError(Exception):
    """A case could not be judged."""


class NotSolved(Exception):
    """A case was judged and is not correct, in a strict run."""


class Carried(NamedTuple):
    """What a test report brings from the process that ran a case to the one that reports."""

    outcome: str
    reason: str
    line: str  # of the run log


class TaskFile(pytest.Module):
    """The cases of one task.  A Module, so that module-scoped fixtures have a node to live on."""

    obj = None  # there is no Python module to import

    def __init__(
        self,
        *,
        options: Options,
        bench: Bench,
        taken: dict[str, Path],
        levels_seen: dict[str, None],
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.options = options
        self.bench = bench
        self.taken = taken  # the names of the tasks collected so far
        self.levels_seen = levels_seen  # those of their levels

    def collect(self) -> Iterator["CaseItem"]:
        """Yield an item for each case."""
        try:
            task = self.options.load(self.path)
            self.levels_seen.update(dict.fromkeys(task.levels))
            cases = list(self.options.cases(task))
            task_gates(task, self.options.methods)  # a gate that cannot be read shows here
        except TaskError as error:
            raise self.CollectError(str(error)) from error
        if (other := self.taken.setdefault(task.name, task.path)) != task.path:
            raise self.CollectError(f"{task.path}: the task name {task.name!r} is taken by {other}")
        body = judge_case if self.options.earlier else run_case
        shared = None  # what fixtures a case takes is the same for all of them, and slow to find out
        for case in cases:
            item: CaseItem = CaseItem.from_parent(
                self, name=case.id, callobj=body, fixtureinfo=shared, case=case
            )
            shared = getattr(item, "_fixtureinfo", None)
            yield item


class BrokenFolder(pytest.Directory):
    """A folder among the tasks that holds none."""

    def collect(self) -> Iterator[pytest.Item]:
        """Say so."""
        raise self.CollectError(
            f"{self.path}: there is no task.toml in this folder (a name that starts with _ is passed over)"
        )


class CaseItem(pytest.Function):
    """One case.  Its body is `run_case`, whose arguments are fixtures as in any test function."""

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        if (node_id := getattr(self, "_id", None)) is not None:
            # From 9.2 on pytest compares ids by their parts, and takes the brackets of our name for no part:
            # without this, --lf would not know a case again.
            self._id = type(node_id).parse(self.nodeid)
        self.case = case
        self.carried: Carried | None = None
        self.needless = False  # skipped, as every gate was decided without it
        self.add_marker(
            pytest.mark.codesteer(
                task=case.task.name,
                level=case.level,
                method=case.method,
                model=case.model,
                turns=case.turns,
            )
        )

    @property
    def plannable(self) -> bool:
        """Whether nothing that the case is played with is overridden, so that it can start before its turn.

        pytest has no public way to ask; where this one is gone, cases are still right, but start one by one.
        """
        found = getattr(getattr(self, "_fixtureinfo", None), "name2fixturedefs", {})
        return all(name in found and found[name][-1].func.__module__ == _OWN for name in FIXTURES)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Point at the task rather than at `run_case`."""
        return self.path, 0, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Show what went wrong, and our traceback only where it tells something."""
        if isinstance(excinfo.value, CaseError | NotSolved):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def carry(self, record: Record, scoring: Scoring) -> None:
        """Put the record where the test report is made, and its outcome as *scoring* counts it."""
        self.carried = carried(record, scored(record, scoring))


def run_case(
    request: pytest.FixtureRequest,
    codesteer_case: Case,
    codesteer_model: Model | StandIn,
    codesteer_sandbox: Sandbox,
    steering: Callable[..., Episode],
) -> None:
    """Spec -> instance -> question -> episode -> verdict -> record."""
    item: CaseItem = request.node
    parent = item.parent
    if not isinstance(parent, TaskFile):
        raise TypeError(f"{item.nodeid} does not belong to a task")
    bench = parent.bench
    own = codesteer_model is bench.model(codesteer_case.model) and codesteer_sandbox is bench.sandbox
    try:
        if own and isinstance(steering, Steering):
            played = bench.play(codesteer_case)
        else:
            played = bench.play_with(codesteer_case, steering)
    except NotRun as reason:
        pytest.skip(str(reason))
    name = bench.names[codesteer_case.model]
    record = record_of(played, name, bench.prices, bench.started, guide=bench.guide)
    _settle(item, record, parent.options)


def judge_case(request: pytest.FixtureRequest) -> None:
    """Record of a finished run -> verdict -> record.  Takes no fixture: nothing is asked, nothing is run."""
    item: CaseItem = request.node
    parent = item.parent
    if not isinstance(parent, TaskFile) or parent.options.earlier is None:
        raise TypeError(f"{item.nodeid} does not belong to a finished run")
    options, engine, earlier = parent.options, parent.bench.engine, parent.options.earlier
    record, task = earlier.record(item.case.id), item.case.task
    record = replace(record, cached_requests=record.requests, spent_dollars=0.0)
    try:
        record = engine.run(engine.thinking.call(partial(rejudged, record, task), task))
    except NotRun as reason:
        pytest.skip(str(reason))
    except OtherInstance:
        said = f"{task.path}: {record.instance} is not the instance any more that the model was asked about"
        record = unjudged(record, said)
    except TaskCrash as error:
        record = unjudged(record, str(error))
    except (TypeError, KeyError) as error:
        record = unjudged(record, f"{earlier.path}: its transcript cannot be read ({error!r})")
    _settle(item, record, options)


def unjudged(record: Record, error: str) -> Record:
    """Return the record of a case that cannot be judged any more."""
    return replace(
        record, outcome="error", reason="error", error=error, details="",
        score=0.0, scores={}, lenient=False, lenient_score=0.0,
    )  # fmt: skip


def carried(record: Record, counted: Record) -> Carried:
    """Put a record where a test report takes it along, with its outcome as it is *counted*."""
    return Carried(counted.outcome, counted.reason, record.to_json())


def _settle(item: CaseItem, record: Record, options: Options) -> None:
    """Leave the record, and let the item pass or fail."""
    item.carry(record, options.scoring)
    record = scored(record, options.scoring)
    if record.outcome == "error":
        raise CaseError("\n".join(filter(None, (record.error, record.details))))
    if options.strict and not record.correct:
        raise NotSolved(f"{record.outcome}: {record.reason}")
