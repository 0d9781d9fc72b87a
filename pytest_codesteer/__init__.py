"""Measure how well language models are steered between running code and reasoning in text.

For task files: `Verdict`, `right`, `wrong`, `unreadable`, `program_of` and the readers in
`pytest_codesteer.answers`.
For method files: `Steps`, `Prompts`, the verbs `ask`, `run_code`, `run_program` and `together`, the messages
`system`, `user`, `assistant` and `output`, and `told`, `final_text` and `conclude`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_codesteer.conversation import (
        All,
        Ask,
        Execution,
        Message,
        Reply,
        RunCode,
        Steps,
        ToolCall,
        Usage,
        ask,
        assistant,
        conclude,
        final_text,
        output,
        run_code,
        run_program,
        system,
        together,
        user,
    )
    from pytest_codesteer.feedback import told
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
    "All",
    "Ask",
    "Execution",
    "Instance",
    "Message",
    "Prompts",
    "Reply",
    "RunCode",
    "Steps",
    "Task",
    "ToolCall",
    "Usage",
    "Verdict",
    "ask",
    "assistant",
    "conclude",
    "final_text",
    "load_task",
    "output",
    "program_of",
    "right",
    "run_code",
    "run_program",
    "system",
    "together",
    "told",
    "unreadable",
    "user",
    "wrong",
]

_TASK = ("Instance", "Task", "Verdict", "load_task", "program_of", "right", "unreadable", "wrong")
_MODULES = {**dict.fromkeys(_TASK, "task"), "Prompts": "prompts", "told": "feedback"}


def __getattr__(name: str) -> Any:
    """Import on first use: pytest imports this package in every run, also where nothing of it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name, "conversation")
    return getattr(import_module(f"{__name__}.{module}"), name)
