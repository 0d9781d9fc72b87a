"""Models behind an OpenAI-compatible chat completions endpoint, through the `openai` SDK (2.x and 3.x).

The SDK's own retries are off: what may pass is tried again here, where the pace can follow.  What is left is
sorted: a reply, however odd, is a `Reply`; everything else is a `ModelError` that says what to do.
"""

import asyncio
import json
import math
import os
import random
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_codesteer.conversation import Ask, Reply, in_batch
from pytest_codesteer.models.client import Clients
from pytest_codesteer.models.forms import PATHS, Posting, posting, read
from pytest_codesteer.models.pace import Pace
from pytest_codesteer.models.patience import (
    Malformed,
    Slow,
    Trouble,
    asked_wait,
    innermost,
    is_busy,
    is_insecure,
)
from pytest_codesteer.models.providers import ModelError, ModelName, Quirks, Settings, providers, quirks_of
from pytest_codesteer.suggest import unknown

if TYPE_CHECKING:
    import openai

#: Brings a posting, under the key of its request, to somebody who answers it.  Raises what the SDK does, too.
Post: TypeAlias = Callable[[str, Posting], Awaitable[Reply]]

_MOST_SAID = 200  # characters of what a server says of an error
_LEAST_KEY = 8  # characters; less is no secret, and may stand in any text
_REFUSALS = (400, 404, 422, 500, 501)  # with which servers say that a model takes no tools


class TooLong(ModelError):
    """The chat does not fit the model's context: a limit of the model, not a fault of anybody."""


class Closed(ModelError):
    """The model is not asked any more, after an error that would meet every request."""


class ChatModel:
    """One model of one provider.  Its clients are made as they are needed and live on that event loop.

    With *post*, requests take that way instead of going out one by one, each for as long as it takes.
    Where the provider has an interpreter of its own, *hosted*, that is what the tool "python" is; otherwise
    the model is offered it as a function to call, and a model that knows no tools, in words.
    """

    keeps_time = True  # a reply says how long it took, and a call that takes too long ends by itself

    def __init__(
        self,
        name: ModelName,
        settings: Settings,
        *,
        key: str = "",
        at_once: int | None = None,
        hosted: bool = False,
        post: Post | None = None,
    ) -> None:
        self.name = name.label
        self._name = name
        self._settings = settings
        quirks = quirks_of(name)
        self._quirks = replace(quirks, no_hosted=quirks.no_hosted or quirks.no_tools or not hosted)
        self._key = key
        self._clients = Clients(name, key, settings.seconds)
        self._post = post or self._posted
        self._timed = post is None  # whether the time until a reply is the model's
        self._pace = Pace(at_once)
        self._random = random.Random(name.label)
        self._answered = -math.inf  # when it did last, of `time.monotonic`
        self.closed = ""  # why the model is not asked any more

    async def reply(self, request: Ask) -> Reply:
        """Send the chat and return the reply, tried again while that may help.  Raises `ModelError`.

        Its seconds are those of the try that brought it: waiting for a turn is not the model's time.
        """
        import openai

        trouble = Trouble(self._settings.patience, self._random)
        while True:
            wait = 0.0
            entered = await self._pace.enter(again=trouble.failures > 0)
            try:
                if self.closed:
                    raise Closed(f"{self.name} is not asked any more ({self.closed})")
                reply = await (self._in_time(request) if self._timed else self._sent(request))
            except (openai.OpenAIError, Malformed, Slow) as error:
                if is_busy(error) and self._timed:
                    self._pace.refused(entered, asked_wait(error))
                again = trouble.wait(error, self._answered)
                if again is None:
                    raise self._given_up(error, trouble) from error
                wait = again
            else:
                self._answered = time.monotonic()
                self._pace.answered()
                return reply
            finally:
                self._pace.leave()
            await asyncio.sleep(wait)

    async def _in_time(self, request: Ask) -> Reply:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.seconds) as clock:  # the SDK's is for each read
                reply = await self._sent(request)
        except TimeoutError as error:
            if not clock.expired():
                raise
            where, limit = self._name.base_url, self._settings.seconds
            raise Slow(f"{self.name}: no answer from {where} within {limit:g} s") from error
        return replace(reply, seconds=time.perf_counter() - started)

    async def _sent(self, request: Ask) -> Reply:
        """Return the reply; a request that a server refuses for a quirk it has is sent again without."""
        import openai

        while True:
            quirks = self._quirks
            try:
                sent = posting(self._name.model, request, quirks, self._settings)
                return await self._post(request.key, sent)
            except openai.APIStatusError as error:
                if _is_filtered(error):
                    reply = Reply("", finish_reason="content_filter")
                    return reply if self._timed else in_batch(reply)
                if not self._learned(error, request, quirks):
                    raise

    def _given_up(self, error: Exception, trouble: Trouble) -> ModelError:
        """Return what *error* means to the user; the model is closed if it would meet every request."""
        import openai

        told = self._sorted(error) if isinstance(error, openai.OpenAIError) else error
        if not isinstance(told, ModelError):
            raise TypeError(f"{error!r} is no model's")
        if self.closed and (told.final or trouble.is_lasting(error, self._answered)):
            return Closed(f"{self.name} is not asked any more ({self.closed})")
        if told.final or trouble.is_lasting(error, self._answered):
            self.closed = str(told)
        return told

    async def _posted(self, key: str, sent: Posting) -> Reply:  # noqa: ARG002  (as all posts)
        """Send a posting by itself."""
        # The SDK's methods for each address check and copy what goes out and comes in, for 0.5 ms a request.
        with self._clients.free() as client:
            content = await client.post(PATHS[sent.form], cast_to=bytes, body=sent.body)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            said = self._masked(" ".join(content.decode("utf-8", "replace").split()))[:_MOST_SAID]
            raise Malformed(f"{self.name}: the server's answer is not JSON ({said!r})") from error
        return read(sent.form, answer, self.name)

    def _masked(self, text: str) -> str:
        """Return what a server said without the user's key, which some servers repeat."""
        return text.replace(self._key, "***") if len(self._key) >= _LEAST_KEY else text

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

        where, said = self._name.base_url, self._masked(_said(error))[:_MOST_SAID]
        match error:
            case openai.PermissionDeniedError() if math.isfinite(self._answered):  # so it is not the key
                return ModelError(f"{self.name}: {where} refused the request ({said})")
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                key = providers()[self._name.provider].key if self._name.provider in providers() else None
                remedy = f"check {key}" if key else "the server asks for a key"
                return ModelError(f"{self.name}: {where} refused the key ({said}); {remedy}", final=True)
            case openai.NotFoundError():
                provider = providers().get(self._name.provider)
                own = provider is not None and provider.base_url == where
                hint = unknown("model", self._name.model, KNOWN.get(self._name.provider, ()))
                if not own and "did you mean" not in hint:
                    hint = "is the model served there?"
                return ModelError(f"{self.name}: {where} answers not found ({said}); {hint}", final=True)
            case openai.RateLimitError(code="insufficient_quota"):
                return ModelError(f"{self.name}: the quota is used up ({said})", final=True)
            case openai.APIStatusError() if _is_too_long(error):
                return TooLong(f"{self.name}: {said}")
            case openai.APIStatusError():
                return ModelError(f"{self.name}: {where} answers {error.status_code} ({said})")
            case openai.APITimeoutError():
                return ModelError(f"{self.name}: no answer from {where} within {self._settings.seconds:g} s")
            case openai.APIConnectionError() if is_insecure(error):
                return ModelError(
                    f"{self.name}: no secure connection to {where} ({innermost(error)}); check the address",
                    final=True,
                )
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
    return " ".join(str(message or error).split())


def _is_filtered(error: "openai.APIStatusError") -> bool:
    """Whether the provider's filter stopped the chat, which some report as an error."""
    return error.status_code == 400 and error.code in ("content_filter", "content_policy_violation")


def _is_too_long(error: "openai.APIStatusError") -> bool:
    said = f"{error.code} {_said(error)}".lower()
    return error.status_code in (400, 413, 422) and "context" in said and ("length" in said or "size" in said)
