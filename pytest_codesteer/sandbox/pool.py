"""Cells at hand: asked for when there are none, kept when they are no longer used."""

import threading
from collections import deque
from collections.abc import Callable

from pytest_codesteer.sandbox.cells import Cell, Server
from pytest_codesteer.sandbox.outcome import SandboxError


class CellPool:
    """The cells of one fork server, which is started when it is first needed and again when it dies."""

    def __init__(self, start: Callable[[], Server], started: Server | None = None) -> None:
        self._start = start
        self._server = started
        self._idle: deque[Cell] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._wanted: dict[str, None] = {}  # modules that programs asked for, in this order
        self._missing: set[str] = set()  # those that are not installed

    def take(self, modules: tuple[str, ...]) -> Cell:
        """Return a cell that nobody uses, in which these modules are imported if they are installed."""
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            self._wanted |= dict.fromkeys(modules)
            for _ in range(len(self._idle)):
                cell = self._idle.popleft()
                if self._serves(cell):
                    return cell
                cell.close()
            return self._open()

    def give(self, cell: Cell, *, worn: bool = False) -> None:
        """Take back a cell; a worn one serves no other program."""
        with self._lock:
            if worn or self._closed:
                cell.close()
            else:
                self._idle.append(cell)  # at the end: the one used last has time to prepare for its next

    def lose(self, cell: Cell) -> None:
        """Give up a cell that is gone, and the others, which may be too."""
        cell.close()
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def close(self) -> None:
        """End the server with all its cells."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._server is not None:
                self._server.close()
                self._server = None

    def _serves(self, cell: Cell) -> bool:
        return self._wanted.keys() - self._missing <= cell.loaded

    def _open(self) -> Cell:
        for _ in range(2):
            if self._server is None:
                self._server = self._start()
            cell = self._server.open(tuple(name for name in self._wanted if name not in self._missing))
            if cell is not None:
                self._missing |= self._wanted.keys() - cell.loaded
                return cell
            self._server.close()
            self._server = None
        raise SandboxError("the fork server of the sandbox ends as soon as it is used")
