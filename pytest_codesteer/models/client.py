"""The clients of the `openai` SDK for the address of one model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_codesteer.models.providers import ModelName

if TYPE_CHECKING:
    import openai

CONNECT_SECONDS = 10.0
CLIENT_AT_ONCE = 32  # requests of one client: for each, it looks through all its connections twice


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


class Clients:
    """As many clients as the requests under way need, each made when it is; they live on one event loop."""

    def __init__(self, name: ModelName, key: str, seconds: float) -> None:
        self._given = name, key, seconds
        self._clients: list[openai.AsyncOpenAI] = []
        self._under_way: list[int] = []  # requests of each

    @contextmanager
    def free(self) -> Iterator["openai.AsyncOpenAI"]:
        """Return the first client that has room for one more request, which it counts while in here."""
        at = next((at for at, count in enumerate(self._under_way) if count < CLIENT_AT_ONCE), None)
        if at is None:
            at = len(self._clients)
            self._clients.append(open_client(*self._given))
            self._under_way.append(0)
        self._under_way[at] += 1
        try:
            yield self._clients[at]
        finally:
            self._under_way[at] -= 1
