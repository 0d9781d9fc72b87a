"""Which requests are under way in which batch, on disk from before it is sent until its replies are kept.

An entry is written first, and its id goes along with the batch.  So a process that is killed at any moment
leaves one of three: an entry that was not sent, whose requests are free again; one that may have been sent,
which the provider is asked for; or one with the provider's id, which is waited for.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pytest_codesteer.cache.store import Store, insert, kept
from pytest_codesteer.conversation import Reply
from pytest_codesteer.models.forms import Form

KEPT_SECONDS = 30 * 86_400.0  # for which providers keep the files of a batch


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch, as far as it has come."""

    id: str  # ours
    form: Form
    process: int  # that sends it; 0 once it has given up
    made: float  # of `time.time`
    sent: float | None = None  # when the provider was asked to make it
    batch: str = ""  # the provider's id, once it is known


class Batches:
    """The batches in the file of the cache, whose faults every method raises as `ModelError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, entry: Entry, keys: Iterable[str]) -> dict[str, Reply | str]:
        """Put those of *keys* into a new entry that nobody has asked for.

        Returns for each key its reply, if it has come in the meantime, or the id of the entry that holds it.
        """

        def work(connection: sqlite3.Connection) -> dict[str, Reply | str]:
            old = "SELECT id FROM batches WHERE made < ?"
            connection.execute(f"DELETE FROM batched WHERE id IN ({old})", (time.time() - KEPT_SECONDS,))
            held = {key: _holder(connection, bytes.fromhex(key)) or entry.id for key in keys}
            mine = [(bytes.fromhex(key), entry.id) for key, holder in held.items() if holder == entry.id]
            if mine:
                connection.execute(
                    "INSERT INTO batches (id, form, process, made) VALUES (?, ?, ?, ?)",
                    (entry.id, entry.form, entry.process, entry.made),
                )
                connection.executemany("INSERT INTO batched (key, id) VALUES (?, ?)", mine)
            return held

        return await self._store.change(work)

    async def find(self, id: str) -> Entry | None:  # noqa: A002  (as the field)
        """Return an entry; None once its replies are kept, or it is dropped."""

        def work(connection: sqlite3.Connection) -> Entry | None:
            statement = "SELECT id, form, process, made, sent, batch FROM batches WHERE id = ?"
            row = connection.execute(statement, (id,)).fetchone()
            return None if row is None else Entry(*row)

        return await self._store.change(work)

    async def sending(self, entry: Entry) -> Entry | None:
        """Note that the provider is about to be asked; None if the entry was dropped by another process."""
        now = time.time()
        return replace(entry, sent=now) if await self._set("sent = ?", now, where=entry) else None

    async def sent(self, entry: Entry, batch: str) -> bool:
        """Note the provider's id; False if the entry was dropped by another process."""
        return await self._set("batch = ?", batch, where=entry)

    async def leave(self, entry: Entry) -> bool:
        """Note that it is open whether the provider has made the batch, and that nobody is at it any more."""
        return await self._set("process = 0", where=entry)

    async def drop(self, entry: Entry) -> None:
        """Let the requests of an entry go, unless another process has brought it further."""

        def work(connection: sqlite3.Connection) -> None:
            statement = "DELETE FROM batches WHERE id = ? AND sent IS ? AND batch = ?"
            if connection.execute(statement, (entry.id, entry.sent, entry.batch)).rowcount:
                connection.execute("DELETE FROM batched WHERE id = ?", (entry.id,))

        await self._store.change(work)

    async def bring_home(self, entry: Entry, replies: Mapping[str, Reply]) -> None:
        """Keep the replies to an entry's requests, and let go those that have none."""

        def work(connection: sqlite3.Connection) -> None:
            held = connection.execute("SELECT key FROM batched WHERE id = ?", (entry.id,))
            for (key,) in held.fetchall():
                if reply := replies.get(key.hex()):
                    insert(connection, key, reply)
            connection.execute("DELETE FROM batched WHERE id = ?", (entry.id,))
            connection.execute("DELETE FROM batches WHERE id = ?", (entry.id,))

        await self._store.change(work)

    async def _set(self, what: str, *values: float | str, where: Entry) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            statement = f"UPDATE batches SET {what} WHERE id = ? AND batch = ''"
            return connection.execute(statement, (*values, where.id)).rowcount > 0

        return await self._store.change(work)


def under_way(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many requests are under way, and in how many batches."""
    statement = "SELECT count(*), count(DISTINCT id) FROM batched JOIN batches USING (id) WHERE made > ?"
    [(requests, batches)] = connection.execute(statement, (time.time() - KEPT_SECONDS,))
    return requests, batches


def lives(process: int) -> bool:
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _holder(connection: sqlite3.Connection, key: bytes) -> Reply | str | None:
    """Return the reply under *key*, or the id of the entry that the request is in."""
    row = connection.execute("SELECT id FROM batched WHERE key = ?", (key,)).fetchone()
    return kept(connection, key) or (str(row[0]) if row else None)
