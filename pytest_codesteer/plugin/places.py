"""The files that a run is to write: what cannot be written is refused before anything is paid for."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from errno import EACCES, EEXIST, EISDIR, ENOTDIR
from pathlib import Path
from tempfile import TemporaryFile

import pytest


def require_places(log: Path | None, report: Path | None, folder: Path) -> None:
    """Raise `pytest.UsageError` where the log or the HTML report could not be written; nothing is made.

    Without a name of its own, the log is to come into *folder*.
    """
    if log is None:
        try:
            _require_writable(folder / "run.jsonl")
        except OSError as error:
            raise pytest.UsageError(f"{folder}: {error.strerror}; name a --codesteer-log") from error
    else:
        with _refused("--codesteer-log", log):
            if log.exists():
                raise FileExistsError(EEXIST, os.strerror(EEXIST))
            _require_writable(log)
    if report:
        from pytest_codesteer.page import NoDrawing, refuse_other, require

        try:
            require()
        except NoDrawing as error:
            raise pytest.UsageError(f"--codesteer-report: {error}") from error
        with _refused("--codesteer-report", report):
            if log and log.resolve() == report.resolve():
                raise FileExistsError(EEXIST, "is the log of this run")
            refuse_other(report)
            _require_writable(report)


def _require_writable(path: Path) -> None:
    """Raise `OSError` where a file cannot be written; its folder need not be there yet."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if there != path and not there.is_dir():
        raise NotADirectoryError(ENOTDIR, f"{there} is no folder")
    if not os.access(there, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))
    with TemporaryFile(dir=path.parent if there == path else there):
        pass  # a file system may refuse what the permissions allow


@contextmanager
def _refused(option: str, path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise pytest.UsageError(f"{option}={path}: {error.strerror}; name another file") from error
