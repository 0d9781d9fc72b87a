"""Models: anything with a `name` that turns an `Ask` into a `Reply`."""

from dataclasses import replace
from typing import Protocol, runtime_checkable

from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.models.chat import ChatModel, Closed, TooLong, key_of
from pytest_codesteer.models.identity import identity_of
from pytest_codesteer.models.providers import (
    ModelError,
    ModelName,
    Patience,
    Settings,
    hosts_interpreter,
    read_name,
)
from pytest_codesteer.models.stand_ins import Adversary, Oracle, Scripted

LOCAL_AT_ONCE = 4  # replies that the embedded server works on at a time
LOCAL_SECONDS = 1800.0  # of one of them: a large model on a small machine writes a word in a second


@runtime_checkable
class Model(Protocol):
    """A chat model.

    One with the attribute ``keeps_time = True`` says in each reply how long it took, and ends a call that
    takes too long; with any other, the engine does so by the clock.
    """

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    async def reply(self, request: Ask) -> Reply:
        """Continue a chat.  Raises `ModelError` when there is no reply."""
        ...


@runtime_checkable
class StandIn(Protocol):
    """A model that has to be told the question, and its right answer, to play its part."""

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def knowing(self, answer: str, program: str, question: str) -> Model:
        """Return the model for one question, of which this is a right answer and a right program."""
        ...


def open_model(
    name: ModelName, settings: Settings, *, address: str = "", at_once: int = LOCAL_AT_ONCE
) -> Model | StandIn:
    """Return the model called *name*.

    For a local one *address* is where the embedded server listens, and *at_once* how many requests it is sent
    at a time: those of all processes together are as many as it works on, so that none waits there.

    Raises `ModelError` when a key is missing.
    """
    match name.provider:
        case "oracle":
            return Oracle()
        case "adversary":
            return Adversary()
        case "local":
            served = ModelName(name.given, "local", name.label, address, name.label)
            return ChatModel(served, replace(settings, seconds=LOCAL_SECONDS), at_once=at_once)
    return ChatModel(name, settings, key=key_of(name), hosted=hosts_interpreter(name))


__all__ = [
    "LOCAL_AT_ONCE",
    "Adversary",
    "ChatModel",
    "Closed",
    "Model",
    "ModelError",
    "ModelName",
    "Oracle",
    "Patience",
    "Scripted",
    "Settings",
    "StandIn",
    "TooLong",
    "hosts_interpreter",
    "identity_of",
    "key_of",
    "open_model",
    "read_name",
]
