"""The file that keeps replies: an SQLite database which several processes may use at once.

The file is a help, never a need.  Its first fault, whatever it is, closes it for good: from then on nothing
is found and nothing kept, and `fault` says why.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pytest_codesteer.conversation import Reply
from pytest_codesteer.models import ModelError

T = TypeVar("T")

OWN_FOLDER = ".codesteer"  # of a project, for all that runs leave behind
_BATCHES = """batches (
    id TEXT PRIMARY KEY, form TEXT NOT NULL, process INTEGER NOT NULL, made REAL NOT NULL,
    sent REAL, batch TEXT NOT NULL DEFAULT ''
)"""
_TABLES = (
    "replies (key BLOB PRIMARY KEY, reply TEXT NOT NULL)",
    _BATCHES,
    "batched (key BLOB PRIMARY KEY, id TEXT NOT NULL REFERENCES batches) WITHOUT ROWID",
)
LOCK_SECONDS = 3.0  # to wait for another process, which holds the file for a fraction of a millisecond


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there; the plugin's own keeps itself out of version control."""
    folder.mkdir(parents=True, exist_ok=True)
    for own in (folder, folder.parent):
        if own.name == OWN_FOLDER and not (own / ".gitignore").exists():
            (own / ".gitignore").write_text("*\n", "utf-8")


class Store:
    """Replies by key.  All work on the file is done by one thread, which a lock holds up alone."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.fault = ""  # one line that starts with the file
        self._read_only = read_only
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="codesteer-cache")
        self._connection: sqlite3.Connection | None = None

    def check(self) -> str:
        """Open the file; returns the fault, if there is one."""
        self._thread.submit(self._guarded, self._opened).result()
        return self.fault

    async def find(self, key: bytes) -> Reply | None:
        """Return the reply that is kept under *key*, if there is one."""
        return await self._done(lambda: self._find(key))

    async def keep(self, key: bytes, reply: Reply) -> Reply:
        """Put *reply* on disk and return what is kept under *key*: the first one that came, of any process.

        It gets there also when the wait for it is cancelled.
        """
        if self.fault:
            return reply
        written = self._thread.submit(self._guarded, lambda: self._keep(key, reply))
        return await asyncio.shield(asyncio.wrap_future(written)) or reply

    def look(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Read the file; None if there is a fault."""
        return self._thread.submit(self._guarded, lambda: work(self._opened())).result()

    async def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* in one transaction, which a power cut does not undo.  Raises `ModelError` for a fault.

        It is done also when the wait for it is cancelled.
        """
        changed = self._thread.submit(self._guarded, lambda: (self._transacted(work),))
        done = await asyncio.shield(asyncio.wrap_future(changed))
        if done is None:
            raise ModelError(f"{self.fault}; batches cannot do without it")
        return done[0]

    def close(self) -> None:
        """Close the file, once everything is written."""
        self._thread.submit(self._shut)
        self._thread.shutdown()

    async def _done(self, work: Callable[[], T]) -> T | None:
        if self.fault:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    def _guarded(self, work: Callable[[], T]) -> T | None:
        """Do *work*, in the thread of the file; None if there is a fault, or was one."""
        if self.fault:
            return None
        try:
            return work()
        except sqlite3.Error as error:
            self.fault = f"{self.path}: {error}"
        except OSError as error:
            self.fault = f"{self.path}: {error.strerror}"
        except (ValueError, TypeError, KeyError) as error:
            self.fault = f"{self.path}: holds what is no reply ({type(error).__name__}: {error})"
        self._shut()
        return None

    def _find(self, key: bytes) -> Reply | None:
        found = kept(self._opened(), key)
        return None if found is None else replace(found, cached=True)

    def _keep(self, key: bytes, reply: Reply) -> Reply:
        if insert(self._opened(), key, reply):
            return reply
        return kept(self._opened(), key) or reply

    def _transacted(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._opened()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result

    def _opened(self) -> sqlite3.Connection:
        """Return the connection.  Another process that makes the file at this moment is waited for."""
        deadline = time.monotonic() + LOCK_SECONDS
        while self._connection is None:
            try:
                self._connection = _read(self.path) if self._read_only else _written(self.path)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        return self._connection

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def kept(connection: sqlite3.Connection, key: bytes) -> Reply | None:
    """Return the reply that is kept under *key*, if there is one."""
    row = connection.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
    return None if row is None else Reply.from_dict(json.loads(row[0]))


def insert(connection: sqlite3.Connection, key: bytes, reply: Reply) -> bool:
    """Keep a reply unless there is one already; True if it is kept now."""
    values = {name: value for name, value in asdict(reply).items() if name != "cached"}
    text = json.dumps(values, separators=(",", ":"))  # in ASCII: model text may hold lone surrogates
    statement = "INSERT OR IGNORE INTO replies (key, reply) VALUES (?, ?)"
    return connection.execute(statement, (key, text)).rowcount > 0


def _written(path: Path) -> sqlite3.Connection:
    """Open a file that is made if it is not there."""
    make_folder(path.parent)
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)  # the caller waits
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "PRAGMA synchronous = NORMAL"
        )  # a killed process loses nothing, a power cut little
        for table in _TABLES:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")
    except BaseException:
        connection.close()
        raise
    return connection


def _read(path: Path) -> sqlite3.Connection:
    """Open a file that has to be there, to read it alone."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None)
