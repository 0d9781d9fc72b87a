"""Whether a thread still gives control back: seen from another one, as it cannot say so itself."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType

BELIEVED_SECONDS = 1.0  # after which what holds a run up is told from what is slow just now


@dataclass(frozen=True, slots=True)
class Spent:
    """What a thread has used: until now, or since some moment."""

    processor: float  # seconds
    wall: float  # seconds

    @classmethod
    def by(cls, thread: threading.Thread) -> "Spent":
        """Return what *thread*, which lives, has used until now."""
        return cls(_processor_seconds(thread), time.monotonic())

    def since(self, before: "Spent") -> "Spent":
        """Return what has been used since *before*."""
        return Spent(self.processor - before.processor, self.wall - before.wall)

    def beyond(self, most: "Spent") -> bool:
        """Whether this is more than *most*, by either clock."""
        return self.processor > most.processor or self.wall > most.wall


#: What code of the user's may take in one go, be it a call of a task's or a method's way from one request to
#: the next: of processor time, so that it does not matter what else the machine does, far above what the
#: bundled ones take (0.1 s); and of the clock, for what waits and does nothing.
MOST = Spent(processor=60.0, wall=1200.0)


class Pulse:
    """Looks whether an event loop turns.  Asked now and then by another thread; steps do nothing for it.

    *driver* is the code that advances methods: what stands on it in the thread's stack is a step.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, thread: threading.Thread, driver: CodeType) -> None:
        self._loop = loop
        self._thread = thread
        self._driver = driver
        self._turned = True  # since it was last asked to
        self._step: FrameType | None = None  # that was under way at the last look
        self._before = Spent(0.0, 0.0)

    def stuck(self, over: Callable[[], bool]) -> str:
        """Say which method holds the loop up for good, or that the loop has ended; "" if neither is so.

        Such a one has done so for too long, or does at the end of the run: *over* tells whether it is due.
        """
        if not self._thread.is_alive():  # a KeyboardInterrupt that code of a user's raised
            return "the thread that plays the cases has ended; its error is shown above"
        if self._turned:
            self._turned, self._step = False, None
            self._loop.call_soon_threadsafe(self._turn)
            return ""
        step, now = self._step_under_way(), Spent.by(self._thread)
        if step is None or step is not self._step:
            self._step, self._before = step, now
            return ""
        spent = now.since(self._before)
        if spent.wall < BELIEVED_SECONDS or not (spent.beyond(MOST) or over()):
            return ""
        code = step.f_code
        return f"{code.co_filename}:{step.f_lineno}: the method {code.co_name} does not give control back"

    def _turn(self) -> None:
        self._turned = True

    def _step_under_way(self) -> FrameType | None:
        """Return the frame of the generator that is being advanced."""
        frame = stack_of(self._thread)
        while frame is not None and (frame.f_back is None or frame.f_back.f_code is not self._driver):
            frame = frame.f_back
        return frame


def stack_of(thread: threading.Thread) -> FrameType | None:
    """Return the innermost frame of what *thread* does now."""
    return sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  (documented, and there is no other)


def _processor_seconds(thread: threading.Thread) -> float:
    """Return the processor time of a thread; where the system does not tell (macOS), of all threads."""
    if hasattr(time, "pthread_getcpuclockid"):
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
    return time.process_time()
