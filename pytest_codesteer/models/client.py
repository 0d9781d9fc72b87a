"""The client of the `openai` SDK for the address of one model."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_codesteer.models.providers import ModelName

if TYPE_CHECKING:
    import openai

CONNECT_SECONDS = 10.0


def open_client(name: ModelName, key: str, seconds: float) -> "openai.AsyncOpenAI":
    """Return a client that waits so many seconds for each answer, and tries nothing again."""
    import openai  # most of a second

    loopback = urlsplit(name.base_url).hostname in ("127.0.0.1", "localhost", "::1")
    return openai.AsyncOpenAI(
        base_url=name.base_url,
        api_key=key or "none",  # the SDK insists on one, also for servers that do not
        max_retries=0,
        timeout=openai.Timeout(seconds, connect=CONNECT_SECONDS),
        http_client=openai.DefaultAsyncHttpxClient(trust_env=not loopback),  # no proxy to loopback
    )
