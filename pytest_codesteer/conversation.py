"""What a steering method may do: ask a model, run a program, do several things at once.  No I/O here.

A method is a generator of requests.  It yields an `Ask`, a `RunCode` or an `All`, is sent back a `Reply`, an
`Execution` or a tuple of results, and returns its final text.  `ask`, `run_code` and `together` are the three
verbs; with ``yield from`` they give the result its right type, so a method reads like plain sequential code.
`conclude` is how every method turns its last reply into the final text.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, TypeVar

from pytest_codesteer.answers import program, without_programs

T = TypeVar("T")

Role = Literal["system", "user", "assistant", "tool"]
Addressee = Literal["task", "guide"]
FinishReason = Literal["stop", "length", "refusal", "content_filter"]
Status = Literal["ok", "error", "timeout", "memory", "output_limit", "killed"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to be used before it goes on."""

    id: str
    name: str
    arguments: str  # as the model wrote them: JSON, if it keeps to the protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat.  One with the role "tool" shows the model what a program printed."""

    role: Role
    content: str
    calls: tuple[ToolCall, ...] = ()  # that an assistant message asks for
    call_id: str = ""  # of the call that a tool message answers; "" when there was none


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
class RunCode:
    """Request: run this complete Python program in the sandbox.

    Programs with the same *session* share what they define, until the episode ends; None is a fresh start.
    """

    source: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """Outcome of a `RunCode`.  A crash or a timeout is a result, not an exception."""

    status: Status
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None  # as a shell gives it, negative for a signal; None: it did not end itself
    seconds: float = 0.0  # wall-clock time
    isolation: str = ""  # what the sandbox that ran it protects with

    @property
    def printed(self) -> bool:
        """Whether the program ended well and printed something."""
        return self.status == "ok" and bool(self.stdout.strip())


@dataclass(frozen=True, slots=True)
class Ask:
    """Request: continue this chat with one assistant message.

    The tool "python" is an interpreter that keeps its state: either the provider's own, whose runs come with
    the reply, or one whose `Reply.tool_calls` the method performs and answers with tool messages.
    """

    messages: tuple[Message, ...]
    tools: tuple[str, ...] = ()
    role: Addressee = "task"  # the model under test, or the one that guides it
    key: str = ""  # under which its reply is kept, once a cache has looked for it


@dataclass(frozen=True, slots=True)
class HostedRun:
    """A program that the provider's own interpreter ran while it made a reply."""

    source: str
    execution: Execution  # its time is part of the reply's


@dataclass(frozen=True, slots=True)
class Reply:
    """Outcome of an `Ask`."""

    text: str
    usage: Usage | None = None  # None: the provider did not say
    seconds: float | None = 0.0  # wall-clock time of the call; None: not known, as it was made in a batch
    finish_reason: FinishReason = "stop"
    model: str = ""  # what the provider says it ran
    tool_calls: tuple[ToolCall, ...] = ()  # that wait to be performed
    executions: tuple[HostedRun, ...] = ()
    containers: int = 0  # of the provider's interpreter, each of which is billed
    cached: bool = False  # whether an earlier request paid for it
    batch: bool = False  # whether it was made in a batch, at the price of one

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Reply":
        """Return the reply of which `dataclasses.asdict` made *values*, also by way of JSON."""
        usage, calls, runs = values["usage"], values["tool_calls"], values["executions"]
        parts = {
            "usage": None if usage is None else Usage(**usage),
            "tool_calls": tuple(ToolCall(**call) for call in calls),
            "executions": tuple(HostedRun(run["source"], Execution(**run["execution"])) for run in runs),
        }
        return cls(**{**values, **parts})


@dataclass(frozen=True, slots=True)
class All:
    """Request: perform these generators at the same time.  Outcome: the tuple of their results, in order."""

    children: "tuple[Steps[Any], ...]"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one episode may use."""

    requests: int = 40  # that a method makes, those of its children included
    seconds: float = 900.0  # that its replies and programs take; waiting for a turn is not counted
    code_seconds: float = 10.0  # processor time of one program; the wall clock stops it at twice that
    memory_mb: int = 1024  # of one program, or of one session


Request: TypeAlias = Ask | RunCode | All
Outcome: TypeAlias = Reply | Execution | tuple[Any, ...]
Steps: TypeAlias = Generator[Request, Outcome, T]


def in_batch(reply: Reply) -> Reply:
    """Return *reply* as one that was made in a batch, whose time nobody knows."""
    return replace(reply, seconds=None, batch=True)


def system(content: str) -> Message:
    """Return a system message."""
    return Message("system", content)


def user(content: str) -> Message:
    """Return a user message."""
    return Message("user", content)


def assistant(content: str, calls: tuple[ToolCall, ...] = ()) -> Message:
    """Return an assistant message, with the tool calls it made."""
    return Message("assistant", content, calls)


def output(content: str, call_id: str = "") -> Message:
    """Return a message that shows the model what a program printed, in answer to a call if there was one."""
    return Message("tool", content, call_id=call_id)


def ask(*messages: Message, tools: tuple[str, ...] = (), role: Addressee = "task") -> Steps[Reply]:
    """Ask the model, or the one that guides it, to continue *messages*."""
    outcome = yield Ask(messages, tools, role)
    if not isinstance(outcome, Reply):
        raise TypeError(f"an Ask was answered with {outcome!r}")
    return outcome


def run_code(source: str, session: str | None = None) -> Steps[Execution]:
    """Run *source* in the sandbox, afresh or in a session."""
    outcome = yield RunCode(source, session)
    if not isinstance(outcome, Execution):
        raise TypeError(f"a RunCode was answered with {outcome!r}")
    return outcome


def together(*children: Steps[T]) -> Steps[tuple[T, ...]]:
    """Perform *children* at the same time and return their results, in order."""
    outcome = yield All(children)
    if not isinstance(outcome, tuple):
        raise TypeError(f"an All was answered with {outcome!r}")
    return outcome


def run_program(reply: Reply, session: str | None = None) -> Steps[Execution | None]:
    """Run the program in *reply*; None when it holds none."""
    source = program(reply.text)
    return None if source is None else (yield from run_code(source, session))


def final_text(reply: Reply, execution: Execution | None) -> str:
    """Return what counts of *reply*: what its program printed when it ran well, else its words.

    This is the answer rule of all methods: one chance, deterministic, no model judges or extracts.
    """
    if execution is not None and execution.printed:
        return execution.stdout
    return reply.text if execution is None else without_programs(reply.text)


def conclude(reply: Reply, session: str | None = None) -> Steps[str]:
    """Return the final text of *reply*, whose program is run if it holds one."""
    return final_text(reply, (yield from run_program(reply, session)))
