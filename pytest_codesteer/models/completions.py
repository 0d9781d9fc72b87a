"""The wire format of chat completions: requests as it wants them, its answers as replies."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pytest_codesteer.answers import Unreadable, called_program
from pytest_codesteer.conversation import Ask, FinishReason, Message, Reply, ToolCall, Usage, user
from pytest_codesteer.models.patience import Malformed
from pytest_codesteer.models.providers import Quirks, Settings

_FINISH: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}
_CODE = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}


def arguments(model: str, request: Ask, quirks: Quirks, settings: Settings) -> dict[str, Any]:
    """Return the body of a request.

    A chat that holds tool calls names the tool also when it may not be called any more: providers insist.
    """
    messages = plain(request.messages, no_system=quirks.no_system)
    sent: dict[str, Any] = {"model": model, "messages": [_message(message) for message in messages]}
    if not quirks.no_temperature:
        sent["temperature"] = settings.temperature
    if not quirks.no_limit:
        sent["max_completion_tokens" if quirks.completion_tokens else "max_tokens"] = settings.max_tokens
    if request.tools or any(message.calls for message in messages):
        names = request.tools or ("python",)
        description = settings.prompts.render("python_tool")
        sent["tools"] = [
            {"type": "function", "function": {"name": name, "description": description, "parameters": _CODE}}
            for name in names
        ]
        if not request.tools:
            sent["tool_choice"] = "none"
    return sent


def plain(messages: Iterable[Message], *, no_system: bool = False) -> list[Message]:
    """Return a chat in which what a program printed is said by the user, unless it answers a call.

    It becomes one message with what the user says next to it: some chat templates refuse two in a row.  Lone
    surrogates, which models may write and the wire cannot carry, become ``?``.
    """
    chat: list[Message] = []
    shown = False  # whether the message before shows what a program printed
    for message in merged(messages) if no_system else messages:
        shows = message.role == "tool" and not message.call_id
        said = replace(message, role="user" if shows else message.role, content=_utf8(message.content))
        if chat and said.role == chat[-1].role == "user" and (shows or shown):
            chat[-1] = user(f"{chat[-1].content}\n\n{said.content}")
        else:
            chat.append(said)
        shown = shows
    return chat


def merged(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Put the text of system messages in front of the first user message."""
    every = list(messages)
    spoken = [message for message in every if message.role != "system"]
    orders = [message.content for message in every if message.role == "system"]
    if orders and spoken:
        spoken[0] = replace(spoken[0], content="\n\n".join([*orders, spoken[0].content]))
    return tuple(spoken)


def reply_of(completion: object, name: str) -> Reply:
    """Make a `Reply` of a server's answer, which is unchecked JSON: any field may be missing."""
    choices = field(completion, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = field(choice, "message")
    if not isinstance(message, Mapping):
        raise Malformed(f"{name}: malformed reply: it holds no choice ({str(completion)[:200]})")
    text, refusal = _text(field(message, "content")), field(message, "refusal")
    finish: FinishReason = _FINISH.get(str(field(choice, "finish_reason")), "stop")
    return Reply(
        text=text or str(refusal or ""),
        usage=usage_of(field(completion, "usage"), "prompt_tokens", "completion_tokens"),
        finish_reason="refusal" if refusal and not text else finish,
        model=str(field(completion, "model") or ""),
        tool_calls=tuple(_calls(field(message, "tool_calls"))),
    )


def field(value: object, name: str) -> Any:
    """Return a field of a JSON object; None if it has none, or is no object."""
    return value.get(name) if isinstance(value, Mapping) else None


def listed(value: object) -> list[Any]:
    """Return a JSON list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def usage_of(usage: object, prompt_key: str, completion_key: str) -> Usage | None:
    """Return the tokens that the provider reports; None when it does not, or reports nonsense."""
    prompt, completion = field(usage, prompt_key), field(usage, completion_key)
    if not isinstance(prompt, int) or not isinstance(completion, int) or min(prompt, completion) < 0:
        return None
    cached = field(field(usage, f"{prompt_key}_details"), "cached_tokens")
    reasoning = field(field(usage, f"{completion_key}_details"), "reasoning_tokens")
    return Usage(prompt, _part(cached, prompt), completion, _part(reasoning, completion))


def _part(given: object, whole: int) -> int:
    """Return how many of the *whole* tokens were of a kind; none where the provider reports nonsense."""
    return min(given, whole) if isinstance(given, int) and given > 0 else 0


def _message(message: Message) -> dict[str, Any]:
    """Return a message as the protocol has it."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    if not message.calls:
        return {"role": message.role, "content": message.content}
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _json(call)}}
        for call in message.calls
    ]
    return {"role": "assistant", "content": message.content or None, "tool_calls": calls}


def _json(call: ToolCall) -> str:
    """Return the arguments of a call as JSON, also where the model wrote none: servers refuse others."""
    try:
        given = json.loads(call.arguments, strict=False, parse_constant=str)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, Mapping):
        try:
            given = {"code": called_program(call.arguments)}
        except Unreadable:
            given = {"code": call.arguments}
    return json.dumps(given)


def _calls(calls: object) -> Iterable[ToolCall]:
    """Yield the tool calls of a message.

    Some servers leave ids out, give two calls the same, or send the arguments as an object.
    """
    seen: set[str] = set()
    for at, call in enumerate(listed(calls)):
        function = field(call, "function")
        given = field(function, "arguments")
        name = _utf8(str(field(call, "id") or f"call-{at}"))
        name = f"{name}-{at}" if name in seen else name
        seen.add(name)
        yield ToolCall(
            id=name,
            name=_utf8(str(field(function, "name") or "")),
            arguments=given if isinstance(given, str) else json.dumps(given or {}),
        )


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(content: object) -> str:
    """Return the text of a message; some servers send it in parts."""
    if isinstance(content, list):
        return "".join(str(field(part, "text") or "") for part in content)
    return content if isinstance(content, str) else ""
