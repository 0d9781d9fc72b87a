"""Models that ask nobody: for testing tasks, methods and the plugin itself, with no network."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_codesteer.conversation import Ask, Reply, Usage

if TYPE_CHECKING:
    from pytest_codesteer.models import Model

HOSTILE = (
    "",
    "<<<>>>",
    "<<<__import__('os').system('true')>>>",
    "<<<(lambda: 0).__class__>>>",
    "<<<9**9**9**9>>>",
    "<<<" + "[" * 50_000 + ">>>",
    "<<<NaN>>>",
    "<<<1e999999999>>>",
    "<<<\ud800\x00\u202e>>>",
    r"<<<\frac{\frac{\frac{1}{0}}{0}}{0}>>>",
    "<<<Yes and no>>>",
    "<<<Step 1: [(-1, [-1])]>>>",
    "<<<Count: -1, Positions: [-1]>>>",
    "<<<{{ answer }} or not>>>",
    "I will not tell.",
    "```python\nraise SystemExit('<<<no>>>')\n```",
)


class Scripted:
    """Says the next of some texts or replies, or what a function makes of the request."""

    def __init__(
        self, replies: Iterable[str | Reply] | Callable[[Ask], str | Reply], *, name: str = "scripted"
    ) -> None:
        self.name = name
        script = None if callable(replies) else iter(replies)
        self._say = replies if callable(replies) else lambda _: next(script or iter(()), "")

    async def reply(self, request: Ask) -> Reply:
        """Return the reply; a text costs no tokens, and "" comes when the script is at its end."""
        said = self._say(request)
        answer = await said if inspect.isawaitable(said) else said
        return answer if isinstance(answer, Reply) else Reply(answer, Usage(), model=self.name)


@dataclass(frozen=True, slots=True)
class Oracle:
    """Knows the task's own solution, and says it in the way that it is asked for; guides to code."""

    name: str = "oracle"

    def knowing(self, answer: str, program: str, question: str) -> "Model":  # noqa: ARG002  (as all stand-ins)
        """Return the model that answers with *answer*, or sends *program* where the prompt asks for one."""

        def say(request: Ask) -> str:
            if request.role == "guide":
                judges = "<<<Return Answer>>>" in request.messages[-1].content
                return "<<<Return Answer>>>" if judges else "<<<Code>>>"
            if "```python" in request.messages[-1].content:
                return f"Here is the program.\n```python\n{program}\n```\n"
            return f"The answer is <<<{answer}>>>."

        return Scripted(say, name=self.name)


@dataclass(frozen=True, slots=True)
class Adversary:
    """Says what breaks readers, another thing for each question, and is never right."""

    name: str = "adversary"

    def knowing(self, answer: str, program: str, question: str) -> "Model":  # noqa: ARG002  (as all stand-ins)
        """Return the model that answers *question* with one of the hostile texts."""
        return Scripted([HOSTILE[sum(question.encode()) % len(HOSTILE)]] * 100, name=self.name)
