"""Landlock: which files a process may touch from now on, for good (Documentation/userspace-api/landlock.rst).

What is not granted is refused.  Older kernels know fewer rights; a right that the kernel does not know
cannot be refused, so `seccomp` fills the gaps.
"""

import os
import struct
from collections.abc import Iterable

from pytest_codesteer.jail import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK, TRUNCATE, IOCTL_DEV = 1 << 6, 1 << 11, 1 << 14, 1 << 15
NET_BIND_AND_CONNECT_TCP = 3
SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3

READ = EXECUTE | READ_FILE | READ_DIR
#: How many file rights each ABI knows; the last holds for all later ones.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_VERSION, _PATH_BENEATH = 1, 1


def abi(newest: int | None = None) -> int:
    """Return the version of Landlock in this kernel, at most *newest*; 0 if we have none."""
    try:
        version = kernel.call("landlock_create_ruleset", None, 0, _VERSION)
    except OSError:
        return 0
    return version if newest is None else min(version, newest)


def restrict(
    version: int,
    *,
    read: Iterable[str],
    write: Iterable[str],
    list_only: Iterable[str] = (),
    network: bool,
    scope: bool = True,
) -> None:
    """Let this process touch nothing but these paths and what is below them.

    *version*: the ABI to use.  *list_only*: folders whose names may be read but not their files.
    *network*: whether TCP stays allowed.  *scope*: whether to refuse signals to processes outside.
    """
    known = (1 << _RIGHTS.get(version, 16)) - 1
    attributes = struct.pack(
        "QQQ",
        known,
        0 if network else NET_BIND_AND_CONNECT_TCP,
        SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if scope else 0,
    )[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = kernel.call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path in read:
            _grant(rules, path, READ)
        for path in list_only:
            _grant(rules, path, READ_DIR)
        for path in write:
            _grant(rules, path, known & ~(MAKE_CHAR | MAKE_BLOCK))
        kernel.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _grant(rules: int, path: str, rights: int) -> None:
    """Add a rule; a path that is not there needs none."""
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _ON_FILES
        rule = struct.pack("=Qi", rights, target)
        kernel.call("landlock_add_rule", rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(target)
