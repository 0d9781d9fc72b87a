"""Models behind an OpenAI-compatible chat completions endpoint, through the `openai` SDK (2.x and 3.x).

The SDK retries (408, 409, 429, 5xx, broken connections) with back-off and Retry-After.  What is left is
sorted here: a reply, however odd, is a `Reply`; everything else is a `ModelError` that says what to do.
"""

import asyncio
import os
import time
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_codesteer.conversation import Ask, Reply
from pytest_codesteer.models import completions, in_words, responses
from pytest_codesteer.models.providers import ModelError, ModelName, Quirks, Settings, providers, quirks_of
from pytest_codesteer.suggest import unknown

if TYPE_CHECKING:
    import openai

RETRIES = 5  # of the SDK: about 15 s of back-off in all, more where the server asks for it
_REFUSALS = (400, 404, 422, 500, 501)  # with which servers say that a model takes no tools


class TooLong(ModelError):
    """The chat does not fit the model's context: a limit of the model, not a fault of anybody."""


class ChatModel:
    """One model of one provider.  Its client is made at the first call and lives on that event loop.

    Where the provider has an interpreter of its own, *hosted*, that is what the tool "python" is; otherwise
    the model is offered it as a function to call, and a model that knows no tools, in words.
    """

    def __init__(
        self,
        name: ModelName,
        settings: Settings,
        *,
        key: str = "",
        at_once: int | None = None,
        hosted: bool = False,
    ) -> None:
        self.name = name.label
        self._name = name
        self._settings = settings
        self._key = key
        quirks = quirks_of(name)
        self._quirks = replace(quirks, no_hosted=quirks.no_hosted or quirks.no_tools or not hosted)
        self._places = asyncio.Semaphore(at_once) if at_once else None  # a small server's, not the run's
        self._client: openai.AsyncOpenAI | None = None

    async def reply(self, request: Ask) -> Reply:
        """Send the chat and return the reply.  Raises `ModelError`."""
        if self._places is None:
            return await self._timed(request)
        async with self._places:
            return await self._timed(request)

    async def _timed(self, request: Ask) -> Reply:
        started = time.perf_counter()
        reply = await self._sent(request)
        return replace(reply, seconds=time.perf_counter() - started)

    async def _sent(self, request: Ask) -> Reply:
        """Return the reply; a request that a server refuses for a quirk it has is sent again without."""
        import openai

        try:
            while True:
                quirks = self._quirks
                try:
                    return await self._asked(request, quirks)
                except openai.APIStatusError as error:
                    if not self._learned(error, request, quirks):
                        raise
        except openai.OpenAIError as error:
            raise self._sorted(error) from error
        except ValueError as error:  # the body is not JSON
            raise ModelError(f"{self.name}: the server's answer is not JSON ({error})") from error

    async def _asked(self, request: Ask, quirks: Quirks) -> Reply:
        """Send the request in the form that the model takes it."""
        client, settings, model = self._open(), self._settings, self._name.model
        if request.tools and not quirks.no_hosted and not any(each.calls for each in request.messages):
            sent = responses.arguments(model, request, quirks, settings)
            return responses.reply_of(await client.responses.create(**sent), self.name)
        asked = in_words.put(request, settings.prompts) if quirks.no_tools else request
        sent = completions.arguments(model, asked, quirks, settings)
        reply = completions.reply_of(await client.chat.completions.create(**sent), self.name)
        return in_words.read(reply) if request.tools and quirks.no_tools else reply

    def _open(self) -> "openai.AsyncOpenAI":
        """Return the client."""
        if self._client is None:
            import openai  # most of a second

            loopback = urlsplit(self._name.base_url).hostname in ("127.0.0.1", "localhost", "::1")
            self._client = openai.AsyncOpenAI(
                base_url=self._name.base_url,
                api_key=self._key or "none",  # the SDK insists on one, also for servers that do not
                max_retries=RETRIES,
                timeout=self._settings.seconds,
                http_client=openai.DefaultAsyncHttpxClient(trust_env=not loopback),  # no proxy to loopback
            )
        return self._client

    def _learned(self, error: "openai.APIStatusError", request: Ask, used: Quirks) -> bool:
        """Take up a quirk that the table does not know yet; True if the call is worth another try."""
        quirk = _quirk(error, request, used)
        if not quirk or getattr(used, quirk):
            return False
        if not getattr(self._quirks, quirk):  # else another call has met it in the meantime
            self._quirks = replace(self._quirks, **{quirk: True})
            what = {"no_hosted": "the hosted interpreter", "no_tools": "tools"}.get(quirk, error.param)
            warnings.warn(f"{self.name} refused {what}; it is asked without from now on", stacklevel=2)
        return True

    def _sorted(self, error: "openai.OpenAIError") -> ModelError:
        """Return what *error* means to the user, with the remedy."""
        import openai

        where = self._name.base_url
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                key = providers()[self._name.provider].key if self._name.provider in providers() else None
                remedy = f"check {key}" if key else "the server asks for a key"
                return ModelError(
                    f"{self.name}: {where} refused the key ({_said(error)}); {remedy}", final=True
                )
            case openai.NotFoundError():
                hint = unknown("model", self._name.model, KNOWN.get(self._name.provider, ()))
                return ModelError(
                    f"{self.name}: {where} answers not found ({_said(error)}); {hint}", final=True
                )
            case openai.RateLimitError(code="insufficient_quota"):
                return ModelError(f"{self.name}: the quota is used up ({_said(error)})", final=True)
            case openai.APIStatusError() if _is_too_long(error):
                return TooLong(f"{self.name}: {_said(error)}")
            case openai.APIStatusError():
                return ModelError(f"{self.name}: {where} answers {error.status_code} ({_said(error)})")
            case openai.APITimeoutError():
                return ModelError(f"{self.name}: no answer from {where} within {self._settings.seconds:g} s")
            case openai.APIConnectionError():
                cause = error.__cause__ or error
                return ModelError(f"{self.name}: cannot reach {where} ({cause}); is the server running?")
        return ModelError(f"{self.name}: {error}")


#: Names that a typing error may have meant.
KNOWN = {
    "openai": (
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4.1",
        "gpt-4.1-mini",
        "gpt-5",
        "gpt-5-mini",
        "o1",
        "o3",
        "o4-mini",
    ),
    "mistral": ("open-mixtral-8x7b", "mistral-large-latest", "mistral-small-latest"),
    "deepseek": ("deepseek-chat", "deepseek-reasoner"),
}


def key_of(name: ModelName) -> str:
    """Return the key for a model from the environment.  Raises `ModelError` when it is not set."""
    variable = providers()[name.provider].key
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key and name.base_url == providers()[name.provider].base_url:
        hint = "" if name.provider != "openai" or "/" in name.given else _meant(name.given)
        raise ModelError(
            f"model {name.given!r} needs a key: set {variable}, or use --codesteer-model=local{hint}",
            final=True,
        )
    return key


def _meant(given: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(given, ("local", "oracle", "adversary"), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _quirk(error: "openai.APIStatusError", request: Ask, used: Quirks) -> str:
    """Return the quirk that a server's refusal tells of; "" if it tells of none."""
    if error.status_code == 400 and error.param == "temperature":
        return "no_temperature"
    if error.status_code == 400 and error.param == "max_tokens" and "max_completion_tokens" in str(error):
        return "completion_tokens"
    about = str(error.param or "")
    said = f"{about} {_said(error)}".lower()
    if (
        error.status_code in _REFUSALS
        and (request.tools or any(message.calls for message in request.messages))
        and ("tool" in said or "code_interpreter" in said)
        and not about.startswith("messages")
        and not _is_too_long(error)
    ):
        return "no_tools" if used.no_hosted else "no_hosted"
    return ""


def _said(error: "openai.OpenAIError") -> str:
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(message or error).split())[:200]


def _is_too_long(error: "openai.APIStatusError") -> bool:
    said = f"{error.code} {_said(error)}".lower()
    return error.status_code in (400, 413, 422) and "context" in said and ("length" in said or "size" in said)
