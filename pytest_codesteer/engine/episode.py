"""Running one steering method on one question: the only place where requests meet the world."""

import asyncio
import inspect
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from pytest_codesteer.conversation import (
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
from pytest_codesteer.models import Model, TooLong
from pytest_codesteer.sandbox import Sandbox

Stopped = Literal["finished", "requests", "time", "context"]


@dataclass(frozen=True, slots=True)
class Step:
    """A request and what came back."""

    request: Request
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Episode:
    """Everything that happened on one question."""

    final_text: str  # "" unless the method came to its end
    stopped: Stopped  # "finished", or which limit ended it
    steps: tuple[Step, ...]

    @property
    def replies(self) -> list[Reply]:
        """The model's replies, in order."""
        return [step.outcome for step in self.steps if isinstance(step.outcome, Reply)]

    @property
    def executions(self) -> list[Execution]:
        """The programs' outcomes, in order."""
        return [step.outcome for step in self.steps if isinstance(step.outcome, Execution)]

    @property
    def used_code(self) -> bool:
        """Whether any program was run."""
        return bool(self.executions)

    @property
    def answered_by(self) -> Literal["code", "text"]:
        """Whether the final text was printed by a program or written by the model."""
        printed = self.executions[-1].stdout if self.executions else ""
        return "code" if printed.strip() and printed == self.final_text else "text"

    @property
    def usage(self) -> Usage | None:
        """Tokens of all replies; None when a provider did not report them."""
        usages = [reply.usage for reply in self.replies]
        known = [usage for usage in usages if usage is not None]
        return sum(known, Usage()) if len(known) == len(usages) else None

    @property
    def model_seconds(self) -> float:
        """Time spent waiting for the model."""
        return sum(reply.seconds for reply in self.replies)

    @property
    def code_seconds(self) -> float:
        """Time spent running programs."""
        return sum(execution.seconds for execution in self.executions)


@dataclass(frozen=True, slots=True)
class World:
    """What an episode may touch."""

    model: Model
    sandbox: Sandbox
    programs: Executor  # its threads wait for programs, so its size bounds how many run at once


async def perform(steps: Steps[str], world: World, limits: Limits) -> Episode:
    """Drive *steps* to its end, or until a limit is reached.

    Raises what the model raises (`ModelError`) and what the method itself does.
    """
    log: list[Step] = []
    deadline = time.monotonic() + limits.seconds
    try:
        while True:
            try:
                request = steps.send(log[-1].outcome) if log else next(steps)
            except StopIteration as end:  # caught here alone: one from a model is an error
                return Episode(_final(end.value), "finished", tuple(log))
            if len(log) == limits.requests:
                return Episode("", "requests", tuple(log))
            try:
                async with asyncio.timeout(deadline - time.monotonic()) as clock:
                    outcome = await _outcome(request, world, limits)
            except TimeoutError:
                if not clock.expired():  # the model's own
                    raise
                return Episode("", "time", tuple(log))
            except TooLong:
                return Episode("", "context", tuple(log))
            log.append(Step(request, outcome))
    finally:
        steps.close()


async def _outcome(request: Request, world: World, limits: Limits) -> Outcome:
    match request:
        case Ask():
            return await _reply(world.model, request)
        case RunCode():
            return await asyncio.get_running_loop().run_in_executor(
                world.programs,
                lambda: world.sandbox.run(request, seconds=limits.code_seconds, memory_mb=limits.memory_mb),
            )
    raise TypeError(f"the method yielded {request!r:.100}, which is no request")


async def _reply(model: Model, request: Ask) -> Reply:
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
