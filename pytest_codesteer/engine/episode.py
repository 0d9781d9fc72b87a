"""Running one steering method on one question: the only place where requests meet the world."""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal

from pytest_codesteer.conversation import (
    All,
    Ask,
    Execution,
    Limits,
    Outcome,
    Reply,
    Request,
    RunCode,
    Steps,
    Usage,
)
from pytest_codesteer.engine.sessions import Sessions
from pytest_codesteer.models import Model, TooLong
from pytest_codesteer.sandbox import Sandbox

Stopped = Literal["finished", "requests", "time", "context"]


@dataclass(frozen=True, slots=True)
class Step:
    """A request to a model or a sandbox, and what came back."""

    request: Ask | RunCode
    outcome: Reply | Execution


@dataclass(frozen=True, slots=True)
class Episode:
    """Everything that happened on one question."""

    final_text: str  # "" unless the method came to its end
    stopped: Stopped  # "finished", or which limit ended it
    steps: tuple[Step, ...]  # in order; those of an `All` child by child, not as they came in

    @property
    def replies(self) -> list[Reply]:
        """The model's replies, in order."""
        return [step.outcome for step in self.steps if isinstance(step.outcome, Reply)]

    @property
    def executions(self) -> list[Execution]:
        """The programs' outcomes, in order: those of the sandbox and of the provider's interpreter."""
        executions: list[Execution] = []
        for outcome in (step.outcome for step in self.steps):
            if isinstance(outcome, Execution):
                executions.append(outcome)
            else:
                executions += [run.execution for run in outcome.executions]
        return executions

    @property
    def used_code(self) -> bool:
        """Whether any program was run, be it only to check an answer."""
        return bool(self.executions)

    @property
    def answered_by(self) -> Literal["code", "text"]:
        """Whether code or text answered.

        Code did when a program printed the final text, or when the task model said it in view of what a
        program printed: its last reply follows a tool message in the same chat (an interpreter's loop, a
        refinement) or holds runs of the provider's interpreter.  A program counts that ended well and printed
        something.  All else is text: also what another agent, a guide or a check did by code.
        """
        if any(run.printed and run.stdout == self.final_text for run in self.executions):
            return "code"
        asked = [step for step in self.steps if isinstance(step.request, Ask) and step.request.role == "task"]
        return "code" if asked and any(run.printed for run in self._in_view_of(asked[-1])) else "text"

    def _in_view_of(self, step: Step) -> list[Execution]:
        """Return the outcomes that the reply of *step* was made in view of."""
        if isinstance(step.request, Ask) and any(said.role == "tool" for said in step.request.messages):
            return self.executions
        hosted = step.outcome.executions if isinstance(step.outcome, Reply) else ()
        return [run.execution for run in hosted]

    @property
    def usage(self) -> Usage | None:
        """Tokens of all replies; None when a provider did not report them."""
        usages = [reply.usage for reply in self.replies]
        known = [usage for usage in usages if usage is not None]
        return sum(known, Usage()) if len(known) == len(usages) else None

    @property
    def model_seconds(self) -> float | None:
        """Time spent waiting for models; of concurrent calls, the sum.  None when one's is not known."""
        seconds = [reply.seconds for reply in self.replies]
        known = [each for each in seconds if each is not None]
        return sum(known) if len(known) == len(seconds) else None

    @property
    def code_seconds(self) -> float:
        """Time spent running programs in the sandbox; of concurrent ones, the sum."""
        return sum(execution.seconds for execution in self.executions)


@dataclass(frozen=True, slots=True)
class World:
    """What an episode may touch."""

    model: Model
    sandbox: Sandbox
    programs: Executor  # its threads wait for programs, so its size bounds how many run at once
    guide: Model | None = None  # whom an `Ask` for the guide is put to; None: the model
    batch: bool = False  # whether models reply in batches: waiting for one is no time of the episode


class _Reached(Exception):
    """A limit was reached."""

    def __init__(self, limit: Stopped) -> None:
        super().__init__(limit)
        self.limit = limit


async def perform(steps: Steps[str], world: World, limits: Limits) -> Episode:
    """Drive *steps* to its end, or until a limit is reached.

    Raises what the model raises (`ModelError`) and what the method itself does.
    """
    log: list[Step] = []
    course = _Course(world, limits)
    try:
        async with course.clock:
            text = _final(await course.drive(steps, _Line(log)))
    except TimeoutError:
        if not course.clock.expired():  # the model's own
            raise
        return Episode("", "time", tuple(log))
    except TooLong:
        return Episode("", "context", tuple(log))
    except _Reached as reached:
        return Episode("", reached.limit, tuple(log))
    finally:
        await course.sessions.close()
    return Episode(text, "finished", tuple(log))


@dataclass(slots=True)
class _Line:
    """What one generator does, its requests one after the other."""

    log: list[Step]
    saved: float = 0.0  # seconds that the replies took which it did not wait for, as they were cached


class _Course:
    """One episode under way: what its generators, which may run side by side, have in common."""

    def __init__(self, world: World, limits: Limits) -> None:
        self.sessions = Sessions(world.sandbox, world.programs, limits)
        self.clock = asyncio.timeout(limits.seconds)
        self._end = self.clock.when() or 0.0
        self._saved = 0.0  # seconds by which cached replies bring the end nearer
        self._waiting = 0  # requests for their batches
        self._since = 0.0  # when the first of them began to
        self._world = world
        self._limits = limits
        self._requests = 0

    async def drive(self, steps: Steps[Any], line: _Line) -> Any:
        """Perform the requests of *steps* and return its result; *line* takes what was done."""
        outcome: Outcome | None = None
        try:
            while True:
                try:
                    request = next(steps) if outcome is None else steps.send(outcome)
                except StopIteration as end:  # caught here alone: one from a model is an error
                    return end.value
                if self._requests == self._limits.requests:
                    raise _Reached("requests")
                self._requests += 1
                outcome = await self._outcome(request, line)
        finally:
            steps.close()

    async def _outcome(self, request: Request, line: _Line) -> Outcome:
        match request:
            case All(children):
                return await self._all(children, line)
            case Ask():
                guide = self._world.guide if request.role == "guide" else None
                started = asyncio.get_running_loop().time()
                reply = await self._reply(self._world.model if guide is None else guide, request)
                line.log.append(Step(request, reply))
                if reply.cached and reply.seconds is not None:
                    self._save(line, reply.seconds - (asyncio.get_running_loop().time() - started))
                return reply
            case RunCode():
                execution = await self._run(request)
                line.log.append(Step(request, execution))
                return execution
        raise TypeError(f"the method yielded {request!r:.100}, which is no request")

    async def _reply(self, model: Model, request: Ask) -> Reply:
        """Ask the model; the time that its reply waits for a batch is not the episode's."""
        if not self._world.batch:
            return await reply_of(model, request)
        self._wait(1)
        try:
            return await reply_of(model, request)
        finally:
            self._wait(-1)

    def _wait(self, more: int) -> None:
        """Count the requests that wait for batches; as long as there is one, the clock stands still."""
        now = asyncio.get_running_loop().time()
        if not self._waiting:
            self._since = now
        self._waiting += more
        if not self._waiting:
            self._end += now - self._since
        self._set_clock()

    def _save(self, line: _Line, seconds: float) -> None:
        """Take the time of a cached reply off what is left: a run that goes on has the limits of one."""
        line.saved += max(0.0, seconds)
        self._saved = max(self._saved, line.saved)
        self._set_clock()

    def _set_clock(self) -> None:
        if not self.clock.expired():
            self.clock.reschedule(None if self._waiting else self._end - self._saved)

    async def _all(self, children: tuple[Steps[Any], ...], line: _Line) -> tuple[Any, ...]:
        """Drive *children* at the same time; when one fails, or a limit is reached, the others are ended."""
        for child in children:
            if not inspect.isgenerator(child):
                raise TypeError(f"the method yielded an All of {child!r:.100}, which is no generator")
        lines = [_Line([], line.saved) for _ in children]
        tasks = [
            asyncio.ensure_future(self.drive(child, mine))
            for child, mine in zip(children, lines, strict=True)
        ]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for mine in lines:
                line.log += mine.log
            line.saved = max((mine.saved for mine in lines), default=line.saved)

    async def _run(self, request: RunCode) -> Execution:
        if request.session is not None:
            return await self.sessions.run(request.session, request.source)
        return await asyncio.get_running_loop().run_in_executor(
            self._world.programs,
            lambda: self._world.sandbox.run(
                request, seconds=self._limits.code_seconds, memory_mb=self._limits.memory_mb
            ),
        )


async def reply_of(model: Model, request: Ask) -> Reply:
    """Ask the model; one whose `reply` is a plain function is asked in a thread."""
    reply: object
    if inspect.iscoroutinefunction(model.reply):
        reply = await model.reply(request)
    else:
        plain: Callable[[Ask], object] = model.reply
        reply = await asyncio.to_thread(plain, request)
    if not isinstance(reply, Reply):
        raise TypeError(f"the model {model.name} returned {reply!r:.100}, not a Reply")
    return reply


def _final(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"the method returned {value!r:.100}, not its final text")
    return value
