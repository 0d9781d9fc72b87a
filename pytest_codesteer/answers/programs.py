"""Finding the program in a reply or in a tool call.  Nothing is parsed as Python here, let alone run."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from pytest_codesteer.answers.marks import Unreadable

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[^\n`]*)$")
_PYTHON = ("python", "py", "python3", "ipython")
_PRINTS = re.compile(r"^\s*(?:print\s*\(|import\s|from\s+\w+\s+import\s|def\s+\w+\()", re.MULTILINE)


class _Block(NamedTuple):
    tag: str  # the word behind the fence, in lower case; "" when there is none
    source: str
    first_line: int  # of the fence
    end_line: int  # behind the closing fence


def program(text: str) -> str | None:
    """Return the source of the last Python block of *text*, or None.

    A block is Python when it is tagged so, or when no block is and an untagged one prints, imports
    or defines something.  A block that the reply ends without closing counts: it was cut short.
    """
    blocks = _python_blocks(text)
    return blocks[-1].source if blocks else None


def without_programs(text: str) -> str:
    """Return *text* without its Python blocks, so that no ``print("<<<...>>>")`` is read as an answer."""
    lines = _lines(text)
    for block in reversed(_python_blocks(text)):
        del lines[block.first_line : block.end_line]
    return "\n".join(lines)


def called_program(arguments: str) -> str:
    r"""Return the program that the arguments of a tool call hold.

    The protocol is JSON with the key "code".  Line ends inside the string, another key, the string alone and
    the bare program are understood; JSON that was cut short is `Unreadable`.

    >>> called_program('{"code": "print(1)\\n"}')
    'print(1)\n'
    """
    try:
        value = json.loads(arguments, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        value = None if arguments.lstrip().startswith("{") else arguments
    if isinstance(value, dict):
        value = value.get("code", next(iter(value.values())) if len(value) == 1 else None)
    if not isinstance(value, str) or not value.strip():
        raise Unreadable('the arguments are not JSON with a program under "code"')
    return value


def _python_blocks(text: str) -> list[_Block]:
    blocks = [block for block in _blocks(text) if block.source.strip()]
    tagged = [block for block in blocks if block.tag in _PYTHON]
    return tagged or [b for b in blocks if not b.tag and _PRINTS.search(b.source)]


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the fenced blocks of *text* (CommonMark 4.5, without its rules on indentation)."""
    lines = _lines(text)
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        at += 1
        if opening is None:
            continue
        first, fence = at - 1, opening["fence"]
        indent = len(lines[first]) - len(lines[first].lstrip())
        body = []
        while at < len(lines) and not _closes(lines[at], fence):
            body.append(_outdented(lines[at], indent))
            at += 1
        at += 1
        tag = opening["tag"].strip().split(" ")[0].strip("{}.").lower()
        yield _Block(tag, "\n".join([*body, ""]), first, at)


def _lines(text: str) -> list[str]:
    """Split at line ends alone: `str.splitlines` would also split at a form feed or U+2028 in a literal."""
    return text.replace("\r\n", "\n").split("\n")


def _closes(line: str, fence: str) -> bool:
    line = line.strip()
    return len(line) >= len(fence) and not line.strip(fence[0])


def _outdented(line: str, indent: int) -> str:
    """Take at most *indent* blanks off: a block inside a list item is indented as a whole."""
    return line[min(indent, len(line) - len(line.lstrip())) :]
