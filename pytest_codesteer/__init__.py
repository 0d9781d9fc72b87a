"""Measure how well language models are steered between running code and reasoning in text.

For task files: `Verdict`, `right`, `wrong`, `unreadable`, `program_of` and the readers in
`pytest_codesteer.answers`.
For method files: `Steps`, `Prompts`, `ask`, `run_code`, `conclude`, `system`, `user`, `assistant`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_codesteer.conversation import (
        Ask,
        Execution,
        Message,
        Reply,
        RunCode,
        Steps,
        Usage,
        ask,
        assistant,
        conclude,
        run_code,
        system,
        user,
    )
    from pytest_codesteer.prompts import Prompts
    from pytest_codesteer.task import (
        Instance,
        Task,
        Verdict,
        load_task,
        program_of,
        right,
        unreadable,
        wrong,
    )

__all__ = [
    "Ask",
    "Execution",
    "Instance",
    "Message",
    "Prompts",
    "Reply",
    "RunCode",
    "Steps",
    "Task",
    "Usage",
    "Verdict",
    "ask",
    "assistant",
    "conclude",
    "load_task",
    "program_of",
    "right",
    "run_code",
    "system",
    "unreadable",
    "user",
    "wrong",
]

_TASK = {"Instance", "Task", "Verdict", "load_task", "program_of", "right", "unreadable", "wrong"}


def __getattr__(name: str) -> Any:
    """Import on first use: pytest imports this package in every run, also where nothing of it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "task" if name in _TASK else "prompts" if name == "Prompts" else "conversation"
    return getattr(import_module(f"{__name__}.{module}"), name)
