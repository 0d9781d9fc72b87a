"""The tool "python" for a model that knows no tools: offered in words, called by a fenced block."""

import json
from collections.abc import Iterator
from dataclasses import replace

from pytest_codesteer.answers import Unreadable, called_program, program
from pytest_codesteer.conversation import Ask, Message, Reply, ToolCall, assistant, output
from pytest_codesteer.prompts import Prompts


def put(request: Ask, prompts: Prompts) -> Ask:
    """Return the request without tools: the offer follows the question, and results are told by the user."""
    messages = list(_in_words(request))
    first = next((at for at, message in enumerate(messages) if message.role == "user"), None)
    if request.tools and first is not None:
        offer = prompts.render("python_tool_in_words", content=messages[first].content)
        messages[first] = replace(messages[first], content=offer)
    return replace(request, messages=tuple(messages), tools=())


def read(reply: Reply) -> Reply:
    """Return the reply with its program, if it holds one, as a call of the interpreter."""
    source = program(reply.text)
    if source is None:
        return reply
    return replace(reply, tool_calls=(ToolCall("block", "python", json.dumps({"code": source})),))


def _in_words(request: Ask) -> Iterator[Message]:
    for message in request.messages:
        if message.role == "tool":
            yield output(message.content)
        elif message.calls and program(message.content) is None:
            blocks = (f"```python\n{_source(call)}\n```" for call in message.calls)
            yield assistant("\n\n".join(filter(None, (message.content, *blocks))))
        else:
            yield replace(message, calls=())


def _source(call: ToolCall) -> str:
    try:
        return called_program(call.arguments).strip()
    except Unreadable:
        return call.arguments
