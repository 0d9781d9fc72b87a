"""The engine: performs the requests of many cases at once, on an event loop in a thread of its own.

Cases are planned in the order in which they will be asked for.  Up to `concurrency` of them run at a time,
ahead of whoever waits for results, so that one process keeps hundreds of calls in flight.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Hashable, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Generic, TypeVar

from pytest_codesteer.engine.case import (
    Case,
    Means,
    Played,
    case_id,
    chances_of,
    of_own_method,
    perform_method,
    play,
)
from pytest_codesteer.engine.episode import DRIVER, Episode, MethodFault, Step, Stopped, World, perform
from pytest_codesteer.engine.ledger import Account, Budget, Ledger, NotRun
from pytest_codesteer.engine.meter import Metered
from pytest_codesteer.engine.pulse import Pulse
from pytest_codesteer.engine.thinking import Thinking

T = TypeVar("T")
R = TypeVar("R")

#: Results that may wait to be asked for, per case that runs: bounds memory when the asker falls behind.
BACKLOG = 20
WATCH_SECONDS = 0.1  # between looks at the ledger, and at whether the loop turns


class Engine(Generic[T]):
    """Runs coroutines in the background.  Made and used by one thread; closed by it.

    With a ledger it starts no more jobs once the run is over, and ends those under way when their time is up.
    A method that never gives control back ends the run: whoever waits is told, and the thread is left behind.
    """

    def __init__(self, concurrency: int, *, programs: int, ledger: Ledger | None = None) -> None:
        self.concurrency = concurrency
        self.programs = ThreadPoolExecutor(programs, thread_name_prefix="codesteer-program")
        self.thinking = Thinking()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="codesteer-engine", daemon=True)
        self._thread.start()
        self._planned: deque[tuple[Hashable, Callable[[], Coroutine[Any, Any, T]]]] = deque()
        self._taken: set[Hashable] = set()  # the keys of all jobs that were planned or asked for
        self._started: dict[Hashable, Future[T]] = {}
        self._running: dict[Hashable, tuple[asyncio.Task[None], Future[T]]] = {}
        self._over = ""  # why no job is started any more
        self._held = ""  # which method holds the loop up for good
        self._closing = False
        self._ledger = ledger
        self._pulse = Pulse(self._loop, self._thread, DRIVER)
        if ledger is not None:
            self._watching = asyncio.run_coroutine_threadsafe(self._watch(ledger), self._loop)

    def plan(self, jobs: Iterable[tuple[Hashable, Callable[[], Coroutine[Any, Any, T]]]]) -> None:
        """Take up jobs by key, to be started in this order as places become free; each key once."""
        fresh = {key: job for key, job in jobs if key not in self._taken}
        self._taken.update(fresh)
        self._call(lambda: self._planned.extend(fresh.items()))
        self._call(self._fill)

    def knows(self, key: Hashable) -> bool:
        """Whether the job called *key* was planned or asked for."""
        return key in self._taken

    def result(self, key: Hashable, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the job called *key*; one that is not started yet starts now.  Each is done once."""
        self._taken.add(key)
        started = self._started.pop(key, None)
        if started is None:
            future: Future[Future[T]] = Future()
            self._call(lambda: future.set_result(self._demand(key, job)))
            started = self._wait(future)
        elif len(self._started) >= self.concurrency * BACKLOG - 1:
            self._call(self._fill)  # which this result was in the way of
        return self._wait(started)

    def not_run(self, key: Hashable, reason: str = "") -> str:
        """Return why the job called *key* has not run and will not; "" if it has, or still may.

        *reason* is one not to start it that the engine does not know of.
        """
        future = self._started.get(key)
        if future is None:
            return self._over or reason
        if self._held and not future.done():
            return self._held
        error = future.exception() if future.done() else None
        if not isinstance(error, NotRun):
            return ""
        self._call(lambda: self._started.pop(key, None))
        self._call(self._fill)
        return str(error)

    def give_up(self) -> frozenset[Hashable]:
        """Forget the planned jobs that are not started; returns the keys of those that are."""
        future: Future[frozenset[Hashable]] = Future()

        def forget() -> None:
            self._planned.clear()
            future.set_result(frozenset(self._started))

        self._call(forget)
        with suppress(NotRun):
            return self._wait(future)
        return frozenset(self._started)  # nobody changes it any more

    def run(self, job: Coroutine[Any, Any, Any]) -> Any:
        """Run one coroutine beside the planned jobs and wait for it.  Raises `NotRun` if the run ends."""
        if self._held:
            job.close()  # or Python would complain that nobody awaited it
            raise NotRun(self._held)
        try:
            return self._wait(asyncio.run_coroutine_threadsafe(job, self._loop))
        except CancelledError as error:
            raise NotRun(self._over) from error

    def close(self) -> None:
        """Cancel what runs and end the thread, unless a method holds it up."""
        if self._closing:
            return
        self._closing = True
        ended: Future[None] = Future()
        self._call(lambda: self._loop.create_task(self._cancel(ended)))
        with suppress(NotRun):
            self._wait(ended)
            self._thread.join()
            self._loop.close()
        self.programs.shutdown(wait=False)  # what is left in it are sessions to be closed
        self.thinking.close()

    def _call(self, function: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(function)

    def _demand(self, key: Hashable, job: Callable[[], Coroutine[Any, Any, T]]) -> "Future[T]":
        """Hand over a job's result, now or later; runs on the loop."""
        if key not in self._started:
            self._planned = deque(planned for planned in self._planned if planned[0] != key)
            self._start(key, job)
        future = self._started.pop(key)
        self._fill()
        return future

    def _fill(self) -> None:
        """Start planned jobs while there is room; runs on the loop."""
        while (
            self._planned
            and len(self._running) < self.concurrency
            and len(self._started) < self.concurrency * BACKLOG
        ):
            key, job = self._planned.popleft()
            if key not in self._started:  # a worker plans a case as its next one, and again as its own
                self._start(key, job)

    def _start(self, key: Hashable, job: Callable[[], Coroutine[Any, Any, T]]) -> None:
        future: Future[T] = Future()
        self._started[key] = future
        if self._over:
            future.set_exception(NotRun(self._over))
            return
        self._running[key] = (self._loop.create_task(self._finish(key, job, future)), future)

    async def _finish(
        self, key: Hashable, job: Callable[[], Coroutine[Any, Any, T]], future: "Future[T]"
    ) -> None:
        try:
            result = await job()
        except asyncio.CancelledError:
            if not future.done():
                future.set_exception(NotRun(self._over))
        except BaseException as error:  # noqa: BLE001  (handed to whoever waits)
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)
        finally:
            self._running.pop(key, None)
            self._fill()

    async def _watch(self, ledger: Ledger) -> None:
        """Look whether the run is over; then give up what is planned, and in the end what is under way."""
        while not self._over:
            await asyncio.sleep(WATCH_SECONDS)
            self._over = ledger.over()
        self._planned.clear()
        while not ledger.times_up():
            await asyncio.sleep(WATCH_SECONDS)
        if said := self.thinking.busy():
            with suppress(NotRun):  # the account is gone, which has ended the run
                ledger.close(said)
        for _, future in self._running.values():  # at once, also if what a job waits for is slow to end
            if not future.done():
                future.set_exception(NotRun(self._over))
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _cancel(self, ended: "Future[None]") -> None:
        """End all tasks, and then the loop: so does a thread that was left behind, if it ever gets here."""
        self._planned.clear()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._loop.stop()
            ended.set_result(None)

    def _wait(self, future: "Future[R]") -> R:
        """Wait for what the loop is to bring.  Raises `NotRun` once a method holds it up for good."""
        while not future.done():
            if self._held:
                raise NotRun(self._held)
            if not wait([future], WATCH_SECONDS).done:
                self._look()
        return future.result()

    def _look(self) -> None:
        """Look whether a method holds the loop up; if one does for good, that is the end of the run."""
        self._held = self._pulse.stuck(self._ends)
        if not self._held:
            return
        self._over = self._over or self._held
        if self._ledger:
            with suppress(NotRun):  # the account is gone, which has ended the run
                self._ledger.end(self._held, until=time.time())
                self._ledger.close(self._held)

    def _ends(self) -> bool:
        """Whether what is under way is to end."""
        ledger = self._ledger
        return self._closing or (ledger is not None and bool(ledger.over()) and ledger.times_up())


__all__ = [
    "Account",
    "Budget",
    "Case",
    "Engine",
    "Episode",
    "Ledger",
    "Means",
    "Metered",
    "MethodFault",
    "NotRun",
    "Played",
    "Step",
    "Stopped",
    "World",
    "case_id",
    "chances_of",
    "of_own_method",
    "perform",
    "perform_method",
    "play",
]
