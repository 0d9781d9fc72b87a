"""How xdist distributes a run with cases.  Imported only where xdist is at work."""

from contextlib import suppress
from typing import Any

import pytest
from xdist.dsession import get_default_max_worker_restart
from xdist.scheduler import LoadScheduling
from xdist.workermanage import WorkerController

from pytest_codesteer.plugin.workers import Shares, case_places


class Dealing(LoadScheduling):  # type: ignore[misc]  # xdist says no types
    """Sends every worker its whole share of the cases, then ordinary tests as xdist's ``--dist=load`` does.

    No worker is shut down before all is done, so that it can take over what others leave.  A case that a
    worker died with is tried once more: with many under way, it need not be the one to blame.
    """

    nodes: list[WorkerController]
    node2pending: dict[WorkerController, list[int]]
    node2collection: dict[WorkerController, list[str]]
    collection: list[str] | None
    maxschedchunk: int | None

    def __init__(self, config: pytest.Config, log: Any, shares: Shares) -> None:
        super().__init__(config, log)
        self._shares = shares
        self._cases: frozenset[int] = frozenset()
        self._tried: set[int] = set()  # cases that a worker died with
        self._restarts = get_default_max_worker_restart(config)  # None: without end

    @property
    def tests_finished(self) -> bool:
        """Whether every worker has its last test, or none."""
        return bool(super().tests_finished) and not self._shares.outstanding

    def schedule(self) -> None:
        """Send what the workers that have collected are to run."""
        if self.collection is None:
            if not self._check_nodes_have_same_collection():
                return
            self.collection = next(iter(self.node2collection.values()))
            cases = case_places(self.collection, self._shares.tasks)
            self._cases = frozenset(cases)
            self._shares.deal(cases)
            self.pending = [at for at in range(len(self.collection)) if at not in self._cases]
            self.maxschedchunk = self.maxschedchunk or len(self.collection)
        for node in self.nodes:
            if node in self.node2collection:
                self._send(node, self._shares.due(node))
                self.check_schedule(node)
        self._share_what_is_left()

    def check_schedule(self, node: WorkerController, duration: float = 0) -> None:
        """Send a worker more ordinary tests, if it is short of work."""
        if self.pending and node in self.node2collection:
            super().check_schedule(node, duration)

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker out; what a dead one has left is for others.  Returns the test that it crashed."""
        pending = self.node2pending.pop(node)
        if not pending or self.collection is None:
            return None
        first, name, crashed = pending[0], self.collection[pending[0]], None
        if first in self._cases and first not in self._tried and name not in self._shares.done:
            self._tried.add(first)
        else:
            del pending[0]
            crashed = None if name in self._shares.done else name
        self.pending += [at for at in pending if at not in self._cases]
        self._shares.left += [at for at in pending if at in self._cases]
        self._share_what_is_left()
        for other in self.nodes:
            self.check_schedule(other)
        return crashed

    def _share_what_is_left(self) -> None:
        """Send it to the workers that are there, if no worker will be started any more."""
        if self._restarts is None or self._shares.deaths <= self._restarts:
            return
        nodes = [node for node in self.nodes if node in self.node2collection and not node.shutting_down]
        if nodes:
            left, self._shares.left = self._shares.left, []
            for place, node in enumerate(nodes):
                self._send(node, left[place :: len(nodes)])

    def _send(self, node: WorkerController, places: list[int]) -> None:
        if places:
            self.node2pending[node] += places
            with suppress(OSError):  # it is gone too; once that is reported, its cases go on to others
                node.send_runtest_some(places)
