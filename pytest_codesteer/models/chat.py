"""Models behind an OpenAI-compatible chat completions endpoint, through the `openai` SDK (2.x and 3.x).

The SDK retries (408, 409, 429, 5xx, broken connections) with back-off and Retry-After.  What is left is
sorted here: a reply, however odd, is a `Reply`; everything else is a `ModelError` that says what to do.
"""

import asyncio
import os
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_codesteer.conversation import Ask, FinishReason, Message, Reply, Usage
from pytest_codesteer.models.providers import ModelError, ModelName, Quirks, providers
from pytest_codesteer.suggest import unknown

if TYPE_CHECKING:
    import openai

RETRIES = 5  # of the SDK: about 15 s of back-off in all, more where the server asks for it
_FINISH: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}


class TooLong(ModelError):
    """The chat does not fit the model's context: a limit of the model, not a fault of anybody."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How replies are sampled; the same for every model of a run."""

    max_tokens: int = 2000  # of one reply (arXiv:2410.03524 samples with this limit)
    temperature: float = 0.0
    seconds: float = 300.0  # of one call


class ChatModel:
    """One model of one provider.  Its client is made at the first call and lives on that event loop."""

    def __init__(
        self, name: ModelName, settings: Settings, *, key: str = "", at_once: int | None = None
    ) -> None:
        self.name = name.label
        self._name = name
        self._settings = settings
        self._key = key
        self._quirks = (
            providers()[name.provider].quirks_of(name.model) if name.provider in providers() else Quirks()
        )
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
        completion = await self._completion(request)
        return replace(_reply(completion, self.name), seconds=time.perf_counter() - started)

    async def _completion(self, request: Ask) -> Any:
        """Return what the SDK made of the answer, which need not be a completion."""
        import openai

        client = self._open()
        try:
            try:
                return await client.chat.completions.create(**self._arguments(request))
            except openai.BadRequestError as error:
                if not self._learned(error):
                    raise
                return await client.chat.completions.create(**self._arguments(request))
        except openai.OpenAIError as error:
            raise self._sorted(error) from error
        except ValueError as error:  # the body is not JSON
            raise ModelError(f"{self.name}: the server's answer is not JSON ({error})") from error

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

    def _arguments(self, request: Ask) -> dict[str, Any]:
        messages = _merged(request.messages) if self._quirks.no_system else request.messages
        arguments: dict[str, Any] = {
            "model": self._name.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
        }
        if not self._quirks.no_temperature:
            arguments["temperature"] = self._settings.temperature
        if not self._quirks.no_limit:
            limit = "max_completion_tokens" if self._quirks.completion_tokens else "max_tokens"
            arguments[limit] = self._settings.max_tokens
        return arguments

    def _learned(self, error: "openai.BadRequestError") -> bool:
        """Take up a quirk that the table does not know yet; True if the call is worth a second try."""
        quirk = ""
        if error.param == "temperature" and not self._quirks.no_temperature:
            quirk = "no_temperature"
        elif error.param == "max_tokens" and "max_completion_tokens" in str(error):
            quirk = "completion_tokens"
        if not quirk or getattr(self._quirks, quirk):
            return False
        self._quirks = replace(self._quirks, **{quirk: True})
        warnings.warn(f"{self.name} refused {error.param}; it is asked without from now on", stacklevel=2)
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


def _reply(completion: Any, name: str) -> Reply:
    """Make a `Reply` of what the SDK returned, which is unchecked: any field may be missing."""
    choices = getattr(completion, "choices", None)
    choice = choices[0] if choices else None
    message = getattr(choice, "message", None)
    if choice is None or message is None:
        raise ModelError(f"{name}: malformed reply: it holds no choice ({str(completion)[:200]})")
    text, refusal = _text(message.content), getattr(message, "refusal", None)
    finish: FinishReason = _FINISH.get(str(choice.finish_reason), "stop")
    return Reply(
        text=text or str(refusal or ""),
        usage=_usage(getattr(completion, "usage", None)),
        finish_reason="refusal" if refusal and not text else finish,
        model=str(getattr(completion, "model", None) or ""),
    )


def _text(content: object) -> str:
    """Return the text of a message; some servers send it in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _usage(usage: Any) -> Usage | None:
    """Return the tokens that the provider reports; None when it does not, or reports nonsense."""
    prompt, completion = (
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
    )
    if not isinstance(prompt, int) or not isinstance(completion, int) or min(prompt, completion) < 0:
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    reasoning = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None)
    return Usage(prompt, min(cached or 0, prompt), completion, min(reasoning or 0, completion))


def _merged(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Put the text of system messages in front of the first user message."""
    spoken = [message for message in messages if message.role != "system"]
    orders = [message.content for message in messages if message.role == "system"]
    if orders and spoken:
        spoken[0] = replace(spoken[0], content="\n\n".join([*orders, spoken[0].content]))
    return tuple(spoken)


def _said(error: "openai.OpenAIError") -> str:
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(message or error).split())[:200]


def _is_too_long(error: "openai.APIStatusError") -> bool:
    said = f"{error.code} {_said(error)}".lower()
    return error.status_code in (400, 413, 422) and "context" in said and ("length" in said or "size" in said)
