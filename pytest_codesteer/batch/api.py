"""What the Batch API is asked: to take a batch, how it stands, what came of it.

But for the making of a batch, a call whose failure may pass is made again, as long as patience lasts.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_codesteer.batch.lines import URLS, Answer, answers
from pytest_codesteer.models import ModelError, ModelName, Patience
from pytest_codesteer.models.client import open_client
from pytest_codesteer.models.forms import Form
from pytest_codesteer.models.patience import Malformed, Trouble

if TYPE_CHECKING:
    import openai

T = TypeVar("T")

CALL_SECONDS = 600.0  # of one call: a file may have 200 MB
ID = "codesteer"  # under this key a batch's metadata hold our id
ENDED = ("completed", "failed", "expired", "cancelled")
_GOES_ON = ("validating", "in_progress", "finalizing", "cancelling")
_SLACK_SECONDS = 3600.0  # by which the provider's clock may differ from ours
_NO_SUCH_API = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class BatchState:
    """How a batch stands."""

    status: str
    files: tuple[str, ...] = ()  # that hold its answers, the good ones first
    faults: tuple[tuple[str, str], ...] = ()  # why it failed: codes and messages


class BatchApi:
    """The Batch API of one model's provider.  Its methods raise `ModelError`, and what the SDK raises."""

    def __init__(self, name: ModelName, key: str, patience: Patience) -> None:
        self.name = name.label
        self.where = name.base_url
        self._name = name
        self._key = key
        self._patience = patience
        self._random = random.Random(name.label)
        self._opened: openai.AsyncOpenAI | None = None

    async def upload(self, content: bytes) -> str:
        """Bring the file of a batch; returns its id."""
        file = ("batch.jsonl", content, "application/jsonl")
        call = self._patiently(lambda: self._client.files.create(file=file, purpose="batch"), _id)
        return await self._offered(call)

    async def create(self, file: str, form: Form, ours: str) -> str:
        """Have a batch made; returns the provider's id.

        It is tried once: what fails may have got there all the same, which `look_for` finds out in a while.
        """
        endpoint: Any = URLS[form]
        call = partial(
            self._client.batches.create,
            input_file_id=file,
            endpoint=endpoint,
            completion_window="24h",
            metadata={ID: ours},
        )
        return await self._offered(_read(call, _id))

    async def look_for(self, ours: str, since: float) -> str | None:
        """Return the provider's id of a batch that was to be made at a time, if it was made."""
        return await self._patiently(lambda: self._found(ours, since), lambda found: found)

    async def state(self, batch: str) -> BatchState:
        """Return how a batch stands."""
        import openai

        try:
            return await self._patiently(lambda: self._client.batches.retrieve(batch), _state)
        except openai.NotFoundError as error:
            raise ModelError(
                f"{self.name}: {self.where} does not know {batch}, which an earlier run sent; use the key of"
                " that run, or name another --codesteer-cache to ask anew"
            ) from error

    async def answers(self, files: tuple[str, ...]) -> Mapping[str, Answer]:
        """Return what the files of a batch bring; nothing from one that the provider keeps no longer."""
        import openai

        found: dict[str, Answer] = {}
        for file in files:
            fetch = partial(self._client.files.content, file)
            try:
                read = await self._patiently(fetch, lambda content: answers(content.content))
            except openai.NotFoundError:
                continue
            found = {**read, **found}
        return found

    async def cancel(self, batch: str) -> None:
        """Have a batch ended that nobody waits for."""
        await self._patiently(lambda: self._client.batches.cancel(batch), _id)

    @property
    def _client(self) -> "openai.AsyncOpenAI":
        if self._opened is None:
            self._opened = open_client(self._name, self._key, CALL_SECONDS)
        return self._opened

    async def _found(self, ours: str, since: float) -> str | None:
        page = await self._client.batches.list(limit=100)
        while isinstance(page.data, list):
            for batch in page.data:
                if (batch.metadata or {}).get(ID) == ours:
                    return _id(batch)
                if (batch.created_at or math.inf) < since - _SLACK_SECONDS:  # the newest come first
                    return None
            if not page.has_next_page():
                return None
            page = await page.get_next_page()
        raise Malformed(f"the server's answer is no list of batches ({str(page)[:100]})")

    async def _patiently(self, call: Callable[[], Awaitable[Any]], read: Callable[[Any], T]) -> T:
        import openai

        trouble = Trouble(self._patience, self._random)
        while True:
            try:
                return await _read(call, read)
            except (openai.OpenAIError, Malformed) as error:
                wait = trouble.wait(error, -math.inf)
                if wait is None:
                    raise
            await asyncio.sleep(wait)

    async def _offered(self, call: Awaitable[T]) -> T:
        """Say so where the server has no Batch API."""
        import openai

        try:
            return await call
        except openai.APIStatusError as error:
            if error.status_code not in _NO_SUCH_API:
                raise
            said = f"{self.name}: {self.where} has no Batch API ({error.status_code})"
            raise ModelError(f"{said}; leave --codesteer-batch out", final=True) from error


async def _read(call: Callable[[], Awaitable[Any]], read: Callable[[Any], T]) -> T:
    """Return what *read* makes of an answer.  Raises `Malformed` where it is not what it should be."""
    try:
        return read(await call())
    except (ValueError, TypeError, AttributeError) as error:
        raise Malformed(f"the server's answer is not of the Batch API ({error})") from error


def _id(made: Any) -> str:
    """Return the id of what was made."""
    if not isinstance(given := getattr(made, "id", None), str) or not given:
        raise Malformed(f"the server's answer names no id ({str(made)[:100]})")
    return given


def _state(batch: Any) -> BatchState:
    status = getattr(batch, "status", None)
    if status not in (*ENDED, *_GOES_ON):
        raise Malformed(f"the server's answer is no batch ({str(batch)[:100]})")
    files = (getattr(batch, "output_file_id", None), getattr(batch, "error_file_id", None))
    errors = getattr(getattr(batch, "errors", None), "data", None) or ()
    faults = tuple(
        (str(getattr(each, "code", None) or ""), str(getattr(each, "message", None) or "")) for each in errors
    )
    return BatchState(status, tuple(str(file) for file in files if file), faults)
