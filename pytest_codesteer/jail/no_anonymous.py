"""Memory that processes share without a file becomes a file of the scratch, whose size is limited.

Behind the system call filter there is no other: the kernel keeps such memory until its last page is
unmapped, and shows nobody how much it is.
"""

import os
from typing import Any

from pytest_codesteer.jail.amend import Change


def _mmap(module: Any) -> None:
    original = module.mmap

    class mmap(original):  # type: ignore[misc, valid-type]  # noqa: N801  (the name that programs know)
        """What `mmap.mmap` is."""

        def __new__(cls, fileno: int, length: int, *rest: Any, **named: Any) -> Any:
            flags = rest[0] if rest else named.get("flags", module.MAP_SHARED)
            access = rest[2] if len(rest) > 2 else named.get("access", module.ACCESS_DEFAULT)
            if fileno != -1 or not flags & module.MAP_SHARED or access == module.ACCESS_COPY:
                return super().__new__(cls, fileno, length, *rest, **named)
            if rest:
                rest = (flags & ~module.MAP_ANONYMOUS, *rest[1:])
            elif "flags" in named:
                named["flags"] = flags & ~module.MAP_ANONYMOUS
            file = _new_file(length)
            try:
                return super().__new__(cls, file, length, *rest, **named)
            finally:
                os.close(file)

    mmap.__module__, mmap.__qualname__ = module.__name__, original.__qualname__
    module.mmap = mmap


def _new_file(length: int) -> int:
    """Make a file that has no name."""
    path = f"{os.environ.get('TMPDIR', '.')}/{os.urandom(8).hex()}.mmap"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    os.truncate(file, length)
    return file


CHANGES: dict[str, Change] = {"mmap": _mmap}
