"""Playing methods by hand: no model, no sandbox, no event loop."""

from collections.abc import Callable, Generator
from typing import Any

from pytest_codesteer import All, Ask, Execution, Prompts, Reply, RunCode
from pytest_codesteer.feedback.complexity import counting

PROMPTS = Prompts()


def play(steps: Generator[Any, Any, Any], *outcomes: Any) -> tuple[list[Any], Any]:
    """Send *outcomes* into a method; return the requests it made and its result.

    The outcome of an All is a list of outcomes for each child; its request shows as the children's lists.
    """
    requests: list[Any] = []
    outcome = None
    waiting = list(outcomes)
    while True:
        try:
            request = steps.send(outcome)
        except StopIteration as end:
            assert not waiting, f"the method did not want {waiting}"
            return requests, end.value
        assert waiting, f"the method wants more: {request}"
        outcome = waiting.pop(0)
        if isinstance(request, All):
            played = [play(child, *mine) for child, mine in zip(request.children, outcome, strict=True)]
            requests.append([asked for asked, _ in played])
            outcome = tuple(result for _, result in played)
        else:
            requests.append(request)


def drive(
    steps: Generator[Any, Any, Any],
    reply: Callable[[Ask], Reply],
    execution: Callable[[RunCode], Execution],
    log: list[Any],
    most: int = 200,
) -> Any:
    """Answer the requests of a method by two functions, and return its result; *log* takes the requests."""
    outcome: Any = None
    while True:
        try:
            request = steps.send(outcome)
        except StopIteration as end:
            return end.value
        assert len(log) < most, "the method does not end"
        if isinstance(request, All):
            outcome = tuple(drive(child, reply, execution, log, most) for child in request.children)
            continue
        log.append(request)
        outcome = reply(request) if isinstance(request, Ask) else execution(request)


def block(source: str) -> str:
    """Return a reply that holds a program."""
    return f"Here is a program.\n```python\n{source}\n```\n"


def printed(text: str) -> Execution:
    """Return the outcome of a program that printed *text*."""
    return Execution("ok", stdout=text, exit_code=0)


def counted(**counts: int) -> Execution:
    """Return the outcome of the symbolic checker's counting program."""
    names = ("branches", "loops", "operations", "recursions", "searching", "symbolic", "tries")
    return printed(" ".join(f"{name}={counts.get(name, 0)}" for name in names) + "\n")


def counts(request: Any, source: str) -> bool:
    """Tell whether a request is the symbolic checker's, of this program."""
    return bool(request == RunCode(counting(source)))
