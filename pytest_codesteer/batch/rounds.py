"""Requests gathered to rounds, and each round sent as a batch."""

import asyncio
import os
import time
import uuid
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytest_codesteer.batch.api import ENDED, BatchApi, BatchState
from pytest_codesteer.batch.lines import Answer, error_of, line, read_answers
from pytest_codesteer.cache import Batches, Entry, lives
from pytest_codesteer.conversation import Reply
from pytest_codesteer.models import ModelError
from pytest_codesteer.models.forms import Form, Posting
from pytest_codesteer.models.patience import Malformed, may_pass

_LATE = Answer(408, {"error": {"message": "the batch expired before it"}})
_CANCELLED = Answer(410, {"error": {"message": "the batch was cancelled before it"}})


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited for what, in seconds, and how large a batch may be."""

    linger: float = 10.0  # without a further request, after which a round is sent
    longest_linger: float = 600.0  # from its first request
    first: float = 5.0  # before the first look at a batch; each wait is half as long again as the one before
    longest: float = 60.0
    settle: float = 60.0  # until a batch that a dead process asked for shows in the provider's list
    making: float = 900.0  # that a process which lives may take to send a batch
    requests: int = 50_000
    size: int = 200_000_000  # bytes


@dataclass(frozen=True, slots=True)
class _Request:
    form: Form
    line: bytes
    reply: asyncio.Future[Reply]


class Rounds:
    """The requests to one model; lives on one event loop.

    A request that is under way in a batch of another process, or of an earlier run, is not sent: its reply
    comes from there.
    """

    def __init__(self, api: BatchApi, batches: Batches, timing: Timing) -> None:
        self._api = api
        self._batches = batches
        self._timing = timing
        self._most = timing.requests  # of a batch, as far as the provider takes so many
        self._requests: dict[str, _Request] = {}  # that wait for a reply
        self._gathered: list[str] = []  # the keys of those that wait to be sent
        self._since = 0.0  # when the first of them came
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0  # batches

    async def post(self, key: str, posting: Posting) -> Reply:
        """Return the reply that a batch brings.  Raises `ModelError`, and what the SDK raises."""
        key = key or uuid.uuid4().hex  # of a request that no cache has looked for
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._requests[key] = _Request(posting.form, line(key, posting), reply)
        self._gather([key])
        try:
            return await reply
        finally:
            del self._requests[key]

    def _gather(self, keys: Iterable[str]) -> None:
        """Put requests into the next round, which goes when no more come, or when it is full."""
        now = asyncio.get_running_loop().time()
        self._since = self._since if self._gathered else now
        self._gathered += [key for key in keys if key in self._requests]
        wait = min(self._timing.linger, self._since + self._timing.longest_linger - now)
        if self._timer is not None:
            self._timer.cancel()
        full = len(self._gathered) >= self._most
        self._timer = asyncio.get_running_loop().call_later(0 if full else max(0.0, wait), self._flush)

    def _flush(self) -> None:
        """Send what is gathered, in as many batches as it takes: each has one form."""
        by_form: dict[Form, list[str]] = {}
        for key in self._gathered:
            if key in self._requests:
                by_form.setdefault(self._requests[key].form, []).append(key)
        self._gathered = []
        for form, keys in by_form.items():
            for part in self._parts(keys):
                self._start(self._round(form, part), part)

    def _parts(self, keys: Iterable[str]) -> Iterator[list[str]]:
        """Yield the keys in parts that fit into a batch each."""
        part: list[str] = []
        size = 0
        for key in keys:
            more = len(self._requests[key].line)
            if part and (len(part) == self._most or size + more > self._timing.size):
                yield part
                part, size = [], 0
            part.append(key)
            size += more
        if part:
            yield part

    def _start(self, work: Coroutine[Any, Any, None], keys: Iterable[str]) -> None:
        """Do *work* beside all else; what it raises goes to those who wait for *keys*."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001  (handed to whoever waits)
                for key in keys:
                    self._fail(key, error)

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _round(self, form: Form, keys: list[str]) -> None:
        """Take what has come in the meantime, wait for what others have sent, and send the rest."""
        entry = Entry(uuid.uuid4().hex, form, os.getpid(), time.time())
        holders: dict[str, list[str]] = {}
        for key, found in (await self._batches.claim(entry, keys)).items():
            if isinstance(found, Reply):
                self._settle(key, found)
            else:
                holders.setdefault(found, []).append(key)
        for holder, held in holders.items():
            mine = holder == entry.id
            self._start(self._see_through(entry, held) if mine else self._wait(holder, held), held)

    async def _see_through(self, entry: Entry, keys: list[str]) -> None:
        if await self._send(entry, keys):
            await self._wait(entry.id, keys)

    async def _send(self, entry: Entry, keys: list[str]) -> bool:
        """Have a batch made of an entry's requests; False if another process took them for lost."""
        content = b"".join(self._requests[key].line for key in keys if key in self._requests)
        sending = None
        try:
            file = await self._api.upload(content)
            sending = await self._batches.sending(entry)
            if sending is not None:
                batch = await self._api.create(file, entry.form, entry.id)
        except Exception as error:
            if sending is not None and may_pass(error):  # so it may have been made
                await self._batches.leave(sending)
            else:
                await self._batches.drop(sending or entry)
            raise
        if sending is not None and await self._batches.sent(sending, batch):
            return True
        if sending is not None:
            await self._api.cancel(batch)
        self._gather(keys)
        return False

    async def _wait(self, id_: str, keys: list[str]) -> None:
        """Wait for a batch, whoever sends it, and bring its replies home."""
        with self._counted():
            for wait in self._waits():
                entry = await self._batches.find(id_)
                if entry is None:  # another process has brought it home, or given it up
                    self._gather(keys)
                    return
                if not entry.batch:
                    await self._look_after(entry)
                else:
                    state = await self._api.state(entry.batch)
                    if state.status in ENDED:
                        await self._bring_home(entry, state, keys)
                        return
                await asyncio.sleep(wait)

    async def _look_after(self, entry: Entry) -> None:
        """Find out what became of an entry whose batch is not known."""
        age = time.time() - (entry.sent or entry.made)
        if entry.process and lives(entry.process) and age < self._timing.making:
            return
        if entry.sent is None:
            await self._batches.drop(entry)
        elif found := await self._api.look_for(entry.id, entry.sent):
            await self._batches.sent(entry, found)
        elif age > self._timing.settle:
            await self._batches.drop(entry)

    async def _bring_home(self, entry: Entry, state: BatchState, keys: list[str]) -> None:
        """Keep all that a batch brings, and hand it to those who wait for it."""
        if state.status == "failed":
            await self._batches.drop(entry)
            await self._refused(entry, state, keys)
            return
        answers = await self._api.answers(state.files)
        replies, errors = await asyncio.to_thread(read_answers, answers, entry.form, self._api.name)
        await self._batches.bring_home(entry, replies)
        for key in keys:
            if key in replies:
                self._settle(key, replies[key])
            else:
                self._fail(key, errors.get(key) or self._lost(entry, state))

    async def _refused(self, entry: Entry, state: BatchState, keys: list[str]) -> None:
        """Try again what is too much at a time; say why a batch failed otherwise."""
        too_much = any(code == "token_limit_exceeded" for code, _ in state.faults)
        alone = self._under_way == 1
        if too_much and not (alone and len(keys) == 1):
            if alone:
                self._most = len(keys) // 2
            else:  # others have to come home first
                await asyncio.sleep(self._timing.longest)
            self._gather(keys)
            return
        said = "; ".join(": ".join(filter(None, fault)) for fault in state.faults[:3]) or "it says not why"
        raise ModelError(f"{self._api.name}: {self._api.where} refused the batch {entry.batch} ({said})")

    def _lost(self, entry: Entry, state: BatchState) -> Exception:
        """Return the error of a request that a batch came back without."""
        if state.status == "completed":
            return Malformed(f"{self._api.name}: the batch {entry.batch} came back without the request")
        return error_of(_LATE if state.status == "expired" else _CANCELLED)

    def _settle(self, key: str, reply: Reply) -> None:
        if (request := self._requests.get(key)) and not request.reply.done():
            request.reply.set_result(reply)

    def _fail(self, key: str, error: Exception) -> None:
        if (request := self._requests.get(key)) and not request.reply.done():
            request.reply.set_exception(error)

    def _waits(self) -> Iterator[float]:
        """Yield how long to wait before each further look."""
        wait = self._timing.first
        while True:
            yield wait
            wait = min(self._timing.longest, 1.5 * wait)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
