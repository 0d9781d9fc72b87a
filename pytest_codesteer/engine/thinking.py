"""Running the code of tasks: in a thread beside the event loop, and not for ever."""

import asyncio
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from pytest_codesteer.engine.pulse import BELIEVED_SECONDS, MOST, Spent, stack_of
from pytest_codesteer.task import Task, TaskCrash

T = TypeVar("T")

HUNG_AT_MOST = 2  # calls of one task, before its code is not called any more
WATCH_SECONDS = 0.5  # between looks at what is under way


class Thinking:
    """One thread for task code, which is the user's and need not be safe to run twice at once.

    A call that takes too long is given up: its thread, which nothing can end, is left to itself, and another
    takes its place.  They are daemons: the process does not wait for them at its end.
    """

    def __init__(self, most: Spent = MOST) -> None:
        self._most = most
        self._calls: SimpleQueue[_Call[Any] | None] = SimpleQueue()
        self._lock = threading.Lock()  # for what follows
        self._running: _Call[Any] | None = None
        self._hung: Counter[Path] = Counter()  # calls given up, by task
        self._thread = self._started()

    async def call(self, function: Callable[[], T], task: Task) -> T:
        """Call *function*, which runs code of *task*.  Raises what it does; `TaskCrash` if it takes too long.

        A hop to the thread and back costs 0.1 ms.
        """
        loop = asyncio.get_running_loop()
        call: _Call[T] = _Call(function, task, loop, loop.create_future())
        self._calls.put(call)
        watching = loop.call_later(WATCH_SECONDS, self._watch, call)
        try:
            return await call.answer
        finally:
            (call.watching or watching).cancel()

    def busy(self) -> str:
        """Say what has run for long enough to be named as what a run waits for; "" if there is nothing."""
        with self._lock:
            call, seconds = self._running, self._spent().wall
            if call is None or seconds < BELIEVED_SECONDS:
                return ""
            return f"{_place(call.task, self._thread)} has not ended in {seconds:.0f} s"

    def close(self) -> None:
        """End the thread when it is through with what it does."""
        self._calls.put(None)

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="codesteer-task", daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        """Make one call after the other, until another thread has taken this one's place."""
        while (call := self._calls.get()) is not None:
            if call.answer.cancelled():
                continue
            with self._lock:
                hung = self._hung[call.task.path]
                call.begun = Spent.by(threading.current_thread())
                self._running = call
            answer = call.refused if hung >= HUNG_AT_MOST else call.made()
            with self._lock:
                if self._running is not call:
                    return
                self._running = None
            call.settle(answer)

    def _watch(self, call: "_Call[Any]") -> None:
        """Give up what runs if it takes too long, be it *call* or one that it waits for."""
        self._give_up_what_hangs()
        if not call.answer.done():
            call.watching = call.loop.call_later(WATCH_SECONDS, self._watch, call)

    def _give_up_what_hangs(self) -> None:
        with self._lock:
            call, spent = self._running, self._spent()
            if call is None or not spent.beyond(self._most):
                return
            computes = spent.processor > self._most.processor
            said = f"took longer than {self._most.processor if computes else self._most.wall:g} s"
            error = TaskCrash(f"{_place(call.task, self._thread)} {said}")
            self._hung[call.task.path] += 1
            self._running, self._thread = None, self._started()
        call.settle(partial(call.fail, error))

    def _spent(self) -> Spent:
        """Return what the call that runs has used so far."""
        begun = self._running.begun if self._running else None
        return Spent.by(self._thread).since(begun) if begun else Spent(0.0, 0.0)


@dataclass(slots=True, eq=False)
class _Call(Generic[T]):
    """A call, and where its answer goes."""

    function: Callable[[], T]
    task: Task
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[T]"
    begun: Spent | None = None  # by its thread, when it began
    watching: asyncio.TimerHandle | None = None

    def made(self) -> Callable[[], None]:
        """Make the call; returns what the loop is to do with its answer."""
        try:
            return partial(self._succeed, self.function())
        except BaseException as error:  # noqa: BLE001  (handed to whoever waits)
            return partial(self.fail, error)

    def refused(self) -> None:
        """Fail, as the task's code hung too often."""
        self.fail(TaskCrash(f"{self.task.path}: not called any more: its code hung {HUNG_AT_MOST} times"))

    def settle(self, answer: Callable[[], None]) -> None:
        """Let the loop take the answer."""
        with suppress(RuntimeError):  # it is closed: nobody waits any more
            self.loop.call_soon_threadsafe(answer)

    def fail(self, error: BaseException) -> None:
        """Hand an error to whoever waits."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def _succeed(self, result: T) -> None:
        if not self.answer.done():
            self.answer.set_result(result)


def _place(task: Task, thread: threading.Thread) -> str:
    """Name what *thread* does for *task*, with the line where it is just now."""
    stack = traceback.StackSummary.extract(traceback.walk_stack(stack_of(thread)), lookup_lines=False)
    mine = [frame for frame in stack if Path(frame.filename).parent == task.path.parent]
    if not mine:  # a template, or a kind of answer
        return f"{task.path}: a question or its answer"
    innermost, outermost = mine[0], mine[-1]
    return f"{innermost.filename}:{innermost.lineno}: {outermost.name}()"
