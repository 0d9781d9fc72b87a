"""The stateful interpreters of one episode."""

import asyncio
import threading
from concurrent.futures import Executor

from pytest_codesteer.conversation import Execution, Limits
from pytest_codesteer.sandbox import Sandbox, Session


class Sessions:
    """The sessions of one episode by name: opened with their first program, closed with the episode."""

    def __init__(self, sandbox: Sandbox, programs: Executor, limits: Limits) -> None:
        self._sandbox = sandbox
        self._programs = programs
        self._limits = limits
        self._named: dict[str, _Named] = {}

    async def run(self, name: str, source: str) -> Execution:
        """Run a program in the session called *name*; two of one session run one after the other."""
        session = self._named.setdefault(name, _Named(self._sandbox, self._limits))
        return await asyncio.get_running_loop().run_in_executor(self._programs, session.run, source)

    async def close(self) -> None:
        """End all sessions, those with a program that still runs as soon as it has ended.

        An interrupted wait leaves the closing to the executor, which does it before its threads end.
        """
        closing = [asyncio.wrap_future(self._programs.submit(named.close)) for named in self._named.values()]
        if closing:
            await asyncio.shield(asyncio.gather(*closing))


class _Named:
    """One session, opened when it is first used; its methods wait for each other."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._closed = False

    def run(self, source: str) -> Execution:
        """Run a program.  Called in a thread of the executor."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the episode of this session has ended")
            if self._session is None:
                self._session = self._sandbox.session(memory_mb=self._limits.memory_mb)
            return self._session.run(source, seconds=self._limits.code_seconds)

    def close(self) -> None:
        """End the session, if it was opened.  Called in a thread of the executor."""
        with self._lock:
            self._closed = True
            if self._session is not None:
                self._session.close()
