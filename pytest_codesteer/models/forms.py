"""The forms in which a request can be put on the wire, and its answer read: chat, words or responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.models import completions, in_words, responses
from pytest_codesteer.models.providers import Quirks, Settings

Form = Literal["chat", "words", "responses"]

PATHS: Mapping[Form, str] = {
    "chat": "/chat/completions", "words": "/chat/completions", "responses": "/responses",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """A request as it is sent."""

    form: Form
    body: dict[str, Any]  # the JSON of the wire


def posting(model: str, request: Ask, quirks: Quirks, settings: Settings) -> Posting:
    """Put a request in the form that the model takes."""
    if request.tools and not quirks.no_hosted and not any(each.calls for each in request.messages):
        return Posting("responses", responses.arguments(model, request, quirks, settings))
    asked = in_words.put(request, settings.prompts) if quirks.no_tools else request
    form: Form = "words" if request.tools and quirks.no_tools else "chat"
    return Posting(form, completions.arguments(model, asked, quirks, settings))


def read(form: Form, answer: object, name: str) -> Reply:
    """Read the JSON of an answer, which is unchecked.  Raises `Malformed`."""
    if form == "responses":
        return responses.reply_of(answer, name)
    reply = completions.reply_of(answer, name)
    return in_words.read(reply) if form == "words" else reply
