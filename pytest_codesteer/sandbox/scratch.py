"""Folders for what programs write, removed when nobody needs them any more, whatever ended their owner."""

import fcntl
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pytest_codesteer.jail.remains import remove_tree

_PREFIX = "pytest-codesteer-scratch-"  # no folder of a user's is called that
_MODE = 0o711  # programs may run as another user


@dataclass(frozen=True, slots=True)
class ScratchFolder:
    """A folder of this process; a lock on it tells others that its owner lives."""

    path: Path
    lock: int
    turn: Lock = field(default_factory=Lock)

    def new_folder(self) -> Path:
        """Make a folder in it, which is made again first if a program without walls took it away."""
        try:
            return Path(tempfile.mkdtemp(dir=self.path))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            self._restore()
            return Path(tempfile.mkdtemp(dir=self.path))

    def close(self) -> None:
        """Remove it and all in it."""
        remove_tree(str(self.path))
        os.close(self.lock)

    def _restore(self) -> None:
        with self.turn:
            if self.path.is_dir():  # another thread was first, or it was only closed
                self.path.chmod(_MODE)
                return
            self.path.unlink(missing_ok=True)
            made, lock = _make(self.path.parent)
            made.rename(self.path)
            os.dup2(lock, self.lock)
            os.close(lock)


def open_scratch() -> ScratchFolder:
    """Make a folder, after removing those whose owners are gone."""
    base = Path(tempfile.gettempdir())
    for left in base.glob(f"{_PREFIX}*"):
        _remove_if_left(left)
    made, lock = _make(base)
    return ScratchFolder(made.rename(made.with_name(made.name[1:])), lock)


def _make(base: Path) -> tuple[Path, int]:
    """Make a folder that others do not look for yet, and lock it."""
    made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=base))
    lock = os.open(made, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    made.chmod(_MODE)
    return made, lock


def _remove_if_left(path: Path) -> None:
    """Remove a folder of ours that nobody holds."""
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(str(path))
    except OSError:
        return
    finally:
        os.close(lock)
