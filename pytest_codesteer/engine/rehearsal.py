"""Playing a case without asking anybody, to see what it would ask."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from pytest_codesteer.conversation import Ask, Execution
from pytest_codesteer.engine.case import Case, Means, play
from pytest_codesteer.engine.thinking import Thinking
from pytest_codesteer.methods import find_method, in_turns
from pytest_codesteer.models import Oracle
from pytest_codesteer.prompts import Prompts
from pytest_codesteer.task import TaskCrash


class RehearsalError(Exception):
    """A case cannot be rehearsed.  The message says why."""


@dataclass(frozen=True, slots=True)
class Pretended:
    """A sandbox, and a session in it, in which every program prints what it should."""

    printed: str
    isolation: str = "none"

    def run(self, *request: object, **limits: object) -> Execution:  # noqa: ARG002  (as all sandboxes)
        """Return what the program would print."""
        return Execution("ok", self.printed, isolation=self.isolation)

    def session(self, *, memory_mb: int) -> "Pretended":  # noqa: ARG002  (as all sandboxes)
        """Return a session."""
        return self

    def close(self) -> None:
        """End the session."""


def rehearse(case: Case, prompts: Prompts) -> list[Ask]:
    """Return what a case asks when every reply is right.  Raises `RehearsalError`."""
    with ThreadPoolExecutor(2) as threads, closing(Thinking()) as thinking:
        means = Means(
            model=Oracle(),
            sandbox=Pretended(_answer(case)),
            method=in_turns(find_method(case.method), case.turns),
            prompts=prompts,
            programs=threads,
            thinking=thinking,
        )
        played = asyncio.run(play(case, means))
    if played.episode is None:
        raise RehearsalError(played.error)
    return [step.request for step in played.episode.steps if isinstance(step.request, Ask)]


def _answer(case: Case) -> str:
    try:
        return f"<<<{case.task.solve(case.instance().data)}>>>\n"
    except TaskCrash as error:
        raise RehearsalError(str(error)) from error
