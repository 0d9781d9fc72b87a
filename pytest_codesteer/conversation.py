"""What a steering method may do: ask the model, run a program.  No I/O happens here.

A method is a generator of requests.  It yields an `Ask` or a `RunCode`, is sent back a `Reply` or an
`Execution`, and returns its final text.  `ask` and `run_code` are the two verbs; with ``yield from`` they
give the result its right type, so a method reads like plain sequential code.  `conclude` is how every
method turns its last reply into the final text.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from pytest_codesteer.answers import program, without_programs

T = TypeVar("T")

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "refusal", "content_filter"]
Status = Literal["ok", "error", "timeout", "memory", "output_limit", "killed"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens billed for one reply, as the provider reports them."""

    prompt: int = 0
    cached_prompt: int = 0  # those of `prompt` that the provider had in its cache
    completion: int = 0
    reasoning: int = 0  # those of `completion` that were thought and not shown

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt + other.prompt,
            self.cached_prompt + other.cached_prompt,
            self.completion + other.completion,
            self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """Request: continue this chat with one assistant message."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """Outcome of an `Ask`."""

    text: str
    usage: Usage | None = None  # None: the provider did not say
    seconds: float = 0.0  # wall-clock time of the call
    finish_reason: FinishReason = "stop"
    model: str = ""  # what the provider says it ran


@dataclass(frozen=True, slots=True)
class RunCode:
    """Request: run this complete Python program in a fresh sandbox."""

    source: str


@dataclass(frozen=True, slots=True)
class Execution:
    """Outcome of a `RunCode`.  A crash or a timeout is a result, not an exception."""

    status: Status
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None  # as a shell gives it, negative for a signal; None: it did not end itself
    seconds: float = 0.0  # wall-clock time
    isolation: str = ""  # what the sandbox that ran it protects with


@dataclass(frozen=True, slots=True)
class Limits:
    """What one episode may use."""

    requests: int = 20  # to the model and to the sandbox together
    seconds: float = 900.0  # wall-clock time of the whole episode
    code_seconds: float = 10.0  # processor time of one program; the wall clock stops it at twice that
    memory_mb: int = 1024  # of one program


Request: TypeAlias = Ask | RunCode
Outcome: TypeAlias = Reply | Execution
Steps: TypeAlias = Generator[Request, Outcome, T]


def system(content: str) -> Message:
    """Return a system message."""
    return Message("system", content)


def user(content: str) -> Message:
    """Return a user message."""
    return Message("user", content)


def assistant(content: str) -> Message:
    """Return an assistant message."""
    return Message("assistant", content)


def ask(*messages: Message) -> Steps[Reply]:
    """Ask the model to continue *messages*."""
    outcome = yield Ask(messages)
    if not isinstance(outcome, Reply):
        raise TypeError(f"an Ask was answered with {outcome!r}")
    return outcome


def run_code(source: str) -> Steps[Execution]:
    """Run *source* in the sandbox."""
    outcome = yield RunCode(source)
    if not isinstance(outcome, Execution):
        raise TypeError(f"a RunCode was answered with {outcome!r}")
    return outcome


def conclude(reply: Reply) -> Steps[str]:
    """Return the final text of *reply*: what its program prints when it runs, else its words.

    This is the answer rule of all methods: one chance, deterministic, no model judges or extracts.
    """
    source = program(reply.text)
    if source is None:
        return reply.text
    execution = yield from run_code(source)
    if execution.status == "ok" and execution.stdout.strip():
        return execution.stdout
    return without_programs(reply.text)
