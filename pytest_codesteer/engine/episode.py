"""Running one steering method on one question: the only place where requests meet the world."""

import asyncio
import inspect
import time
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


class MethodFault(TypeError):
    """A method breaks the rules of methods.  The message starts with its file and line."""


class _Reached(Exception):
    """A limit was reached."""

    def __init__(self, limit: Stopped) -> None:
        super().__init__(limit)
        self.limit = limit


async def perform(steps: Steps[str], world: World, limits: Limits) -> Episode:
    """Drive *steps* to its end, or until a limit is reached.

    Raises what the model raises (`ModelError`), what the method itself does, and `MethodFault`.
    """
    log: list[Step] = []
    course = _Course(world, limits)
    try:
        text = await course.drive(steps, _Line(log))
    except TooLong:
        return Episode("", "context", tuple(log))
    except _Reached as reached:
        return Episode("", reached.limit, tuple(log))
    finally:
        await course.sessions.close()
    if not isinstance(text, str):
        raise MethodFault(f"{_place(steps)} returned {text!r:.100}, not its final text")
    return Episode(text, "finished", tuple(log))


@dataclass(slots=True)
class _Line:
    """What one generator does, its requests one after the other."""

    log: list[Step]
    seconds: float = 0.0  # that its replies and programs have taken


class _Course:
    """One episode under way: what its generators, which may run side by side, have in common."""

    def __init__(self, world: World, limits: Limits) -> None:
        self.sessions = Sessions(world.sandbox, world.programs, limits)
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
                except SystemExit as error:  # which would end the event loop
                    raised = error.__traceback__.tb_next if error.__traceback__ else None
                    raise RuntimeError(f"the method raised {error!r}").with_traceback(raised) from None
                if not isinstance(request, All | Ask | RunCode):
                    raise MethodFault(f"{_place(steps)} yielded {request!r:.100}, which is no request")
                if self._requests == self._limits.requests:
                    raise _Reached("requests")
                self._requests += 1
                outcome = await self._outcome(request, line, steps)
                if line.seconds > self._limits.seconds:
                    raise _Reached("time")
        finally:
            steps.close()

    async def _outcome(self, request: Request, line: _Line, steps: Steps[Any]) -> Outcome:
        match request:
            case All(children):
                for child in children:
                    if not inspect.isgenerator(child):
                        said = f"yielded an All of {child!r:.100}, which is no generator"
                        raise MethodFault(f"{_place(steps)} {said}")
                return await self._all(children, line)
            case Ask():
                reply, seconds = await self._ask(request, self._limits.seconds - line.seconds)
                line.log.append(Step(request, reply))
                line.seconds += seconds
                return reply
            case RunCode():
                execution = await self._run(request)
                line.log.append(Step(request, execution))
                line.seconds += execution.seconds
                return execution

    async def _ask(self, request: Ask, left: float) -> tuple[Reply, float]:
        """Return the reply, and the seconds of the episode that it took.

        Those that the reply tells, of a model that keeps time: waiting for a turn, a batch or room in the
        budget is not counted, and it does not matter what is cached.  Another model is given what is *left*.
        """
        guide = self._world.guide if request.role == "guide" else None
        model = self._world.model if guide is None else guide
        if getattr(model, "keeps_time", False):
            reply = await reply_of(model, request)
            return reply, reply.seconds or 0.0
        started = time.monotonic()
        try:
            async with asyncio.timeout(left) as clock:
                reply = await reply_of(model, request)
        except TimeoutError:
            if not clock.expired():  # the model's own
                raise
            raise _Reached("time") from None
        return reply, time.monotonic() - started

    async def _all(self, children: tuple[Steps[Any], ...], line: _Line) -> tuple[Any, ...]:
        """Drive *children* at the same time; when one fails, or a limit is reached, the others are ended."""
        lines = [_Line([], line.seconds) for _ in children]
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
            line.seconds = max((mine.seconds for mine in lines), default=line.seconds)

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


def _place(steps: Steps[Any]) -> str:
    """Name a method, its file, and the line where it waits; once it has ended, the line where it begins."""
    method: Any = steps
    inner = method
    while inspect.isgenerator(inner.gi_yieldfrom):
        inner = inner.gi_yieldfrom
    code, frame = inner.gi_code, inner.gi_frame
    return (
        f"{code.co_filename}:{frame.f_lineno if frame else code.co_firstlineno}: the method {method.__name__}"
    )


#: The code that advances methods: what a traceback has below it is a method's.
DRIVER = _Course.drive.__code__
