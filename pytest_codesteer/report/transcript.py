"""What was said and run in a case, in order: each message once, though every request repeats its chat."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pytest_codesteer.runlog import Record

# "call": of a tool, by a reply; "seen": an output as it was told to the model
Kind = Literal["said", "reply", "call", "program", "output", "seen", "verdict"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of a transcript.  All of its text may be a model's."""

    kind: Kind
    head: str  # who speaks, and a few figures
    text: str


def entries(record: Record) -> list[Entry]:
    """Return the transcript of a case, down to its verdict."""
    found: list[Entry] = []
    chats: dict[str, list[Mapping[str, Any]]] = {}
    for step in record.transcript:
        if "run_code" in step:
            session = f", session {step['session']}" if "session" in step else ""
            found.append(Entry("program", f"program{session}", step["run_code"]))
            found.append(_output(step["execution"]))
            continue
        addressee = step.get("role", "task")
        asked, reply = step["ask"], step["reply"]
        found += [_said(message) for message in _new(chats.get(addressee, []), asked)]
        found += _replied(reply, "guide" if addressee == "guide" else "model")
        chats[addressee] = [*asked, {"role": "assistant", "content": reply["text"]}]
    if not found and record.question:
        found.append(Entry("said", "question", record.question))
    return [*found, *_verdict(record)]


def _new(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Return the messages of a chat that were not in it the last time."""
    same = 0
    for old, new in zip(before, now, strict=False):
        if (old["role"], old["content"]) != (new["role"], new["content"]):
            break
        same += 1
    return now[same:]


def _said(message: Mapping[str, Any]) -> Entry:
    called = "".join(f"\n{call['name']}: {call['arguments']}" for call in message.get("calls", ()))
    heads = {"assistant": "model, as it is reminded", "tool": "output, as the model sees it"}
    kind: Kind = "seen" if message["role"] == "tool" else "said"
    return Entry(kind, heads.get(message["role"], message["role"]), message["content"] + called)


def _replied(reply: Mapping[str, Any], who: str) -> Iterator[Entry]:
    for run in reply.get("executions", ()):
        yield Entry("program", f"program, run by the provider of the {who}", run["source"])
        yield _output(run["execution"])
    usage = reply.get("usage")
    seconds = reply.get("seconds", 0.0)
    figures = ["by batch" if seconds is None else f"{seconds:.2f} s"]
    if usage:
        figures.append(f"{usage['prompt']} tokens in, {usage['completion']} out")
    if reply.get("finish_reason", "stop") != "stop":
        figures.append(reply["finish_reason"])
    yield Entry("reply", f"{who} ({', '.join(figures)})", reply["text"])
    for call in reply.get("tool_calls", ()):
        yield Entry("call", f"{who} calls {call['name']}", call["arguments"])


def _output(execution: Mapping[str, Any]) -> Entry:
    code = execution.get("exit_code")
    ended = execution["status"] if code in (None, 0) else f"{execution['status']}, exit code {code}"
    printed = [text for text in (execution.get("stdout", ""), execution.get("stderr", "")) if text]
    return Entry("output", f"output ({ended}, {execution.get('seconds', 0.0):.2f} s)", "\n".join(printed))


def _verdict(record: Record) -> Iterator[Entry]:
    if record.final_text:
        yield Entry("verdict", f"final text, by {record.answered_by or 'nothing'}", record.final_text)
    said = "\n".join(filter(None, (record.reason, record.error, record.details)))
    yield Entry("verdict", f"{record.outcome} (score {record.score:g})", said)
