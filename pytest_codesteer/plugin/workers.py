"""Cases shared out among xdist workers: each knows its own beforehand, so it plays them ahead, too.

What a worker is to play reaches it with what xdist sends to start it.  One that dies has its cases played by
the worker that replaces it.
"""

import random
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_codesteer.plugin.scheduler import Dealing

_SHARE = "codesteer_share"  # under this key xdist brings to a worker which share is its own: [place, shares]
_LEFT = "codesteer_left"  # or what a dead worker left: places in the collection


def task_named(node_id: str) -> str:
    """Return the name of the task in the node id of a case."""
    return node_id.partition("::")[2].partition("[")[0]


def case_places(node_ids: Sequence[str], tasks: Container[str]) -> list[int]:
    """Return which places of a collection are cases; every process of a run says the same."""
    return [at for at, node_id in enumerate(node_ids) if _is_case(node_id, tasks)]


def _is_case(node_id: str, tasks: Container[str]) -> bool:
    file = node_id.partition("::")[0]
    return (not file or file.endswith(".toml")) and task_named(
        node_id
    ) in tasks  # no file: outside the project


def dealt(cases: Sequence[int], place: int, shares: int) -> list[int]:
    """Return the share at *place*, from 0, in the order of *cases*.

    Of as many neighbours as there are shares each gets one, by lot: dealt in turn, a share might hold one
    method alone, as the cases of an instance come one method after the other.
    """
    lots = random.Random(shares)
    share: list[int] = []
    for start in range(0, len(cases), shares):
        at = start + lots.sample(range(shares), shares)[place]
        share += cases[at : at + 1]
    return share


def own_share(worker: Mapping[str, Any], cases: Sequence[int]) -> list[int]:
    """Return which of *cases* this worker is going to be sent; [] where xdist deals them out itself."""
    if _LEFT in worker:
        return list(worker[_LEFT])
    return dealt(cases, *worker[_SHARE]) if _SHARE in worker else []


class Shares:
    """What each worker has been told that it will be sent; lives in the process that reports."""

    def __init__(self, config: pytest.Config, tasks: Container[str], done: Container[str]) -> None:
        self.tasks = tasks  # by name
        self.done = done  # the node ids of the cases that have left a record
        self.left: list[int] = []  # by dead workers, and promised to none so far
        self.deaths = 0
        self._dist = config.getoption("dist", "no")
        self._dealt = False
        self._places: dict[WorkerController, int] = {}  # of workers that start before there is a collection
        self._owed: dict[WorkerController, list[int]] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: "WorkerController") -> None:
        """Tell a worker what it will be sent: a share of what will be collected, or what a dead one left."""
        if self._dist != "load":
            return
        if not self._dealt:
            shares = node.workerinput["workercount"]
            self._places[node] = min(set(range(shares)) - set(self._places.values()))
            node.workerinput[_SHARE] = [self._places[node], shares]
        elif self.left:
            self._owed[node] = node.workerinput[_LEFT] = self.left
            self.left = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: "WorkerController", error: object) -> None:
        """Take back what a dead worker was not sent any more."""
        self.deaths += bool(error)
        self._places.pop(node, None)
        self.left[:0] = self._owed.pop(node, [])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> "Dealing | None":
        """Deal the cases out, unless another way is asked for."""
        if self._dist != "load":
            return None
        from pytest_codesteer.plugin.scheduler import Dealing

        return Dealing(config, log, self)

    def deal(self, cases: Sequence[int]) -> None:
        """Give every worker its share."""
        self._dealt = True
        shares = len(self._places)
        self._owed = {node: dealt(cases, place, shares) for node, place in self._places.items()}

    def due(self, node: "WorkerController") -> list[int]:
        """Hand over what a worker is to be sent."""
        return self._owed.pop(node, [])

    @property
    def outstanding(self) -> bool:
        """Whether there are cases that no worker has been sent."""
        return bool(self.left or any(self._owed.values()))
