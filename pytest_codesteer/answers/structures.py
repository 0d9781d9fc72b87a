"""Lists, pairs and mappings written as JSON or as Python literals, read by our own bounded grammar.

    value = number | string | word | "[" values "]" | "(" values ")" | "{" pairs "}" | type "(" value ")"
    word  = true | false | null | True | False | None
    type  = what NumPy and deques write around a value, such as np.int64

Numbers come back as `int`, or as `Fraction` when written with a point or an exponent: 1.10 is exactly
11/10, 2e-1 exactly 1/5.  Numbers and rows in square brackets need no commas: NumPy prints none.  A whole
number that is the key of a pair comes back as text: JSON has no others.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from pytest_codesteer.answers.candidates import Candidate
from pytest_codesteer.answers.marks import Unreadable, shown

MOST_DEPTH = 50
MOST_DIGITS = 40  # of one number

Value: TypeAlias = "int | Fraction | str | bool | list[Value] | dict[str, Value] | None"

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2})?)(?![\w.])
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<word>true|false|null|True|False|None)\b
    |(?P<type>(?:(?:np|numpy)\.)?(?:u?int\d+|float\d+|str_|array)|deque)\(
    |(?P<sign>[\[\](){},:]))""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_PAIRS = {"[": "]", "(": ")", "{": "}"}
_OPENING = re.compile(r"[\[({]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def structure(text: str) -> Value:
    """Read one value that fills *text*.  Pairs in round brackets come back as lists.

    >>> structure("[(50, [0, 2]), (30.5, [1])]")
    [[50, [0, 2]], [Fraction(61, 2), [1]]]
    """
    reader = _Reader(text.strip())
    value = reader.value(0)
    if reader.at < len(reader.text):
        raise reader.fault()
    return value


def structures(text: str) -> Iterator[Candidate[Value]]:
    """Yield each list, pair and mapping that can be read, the outermost; words between are passed over.

    >>> [found.value for found in structures("from [1, 2] to (3, 4), not [5, x]")]
    [[1, 2], [3, 4]]
    """
    reader = _Reader(text)
    opening = _OPENING.search(text)
    while opening:
        reader.at, reader.read = opening.start(), []
        try:
            reader.value(0)
        except Unreadable:  # what it holds may be readable; nothing is read twice
            reader.at = max(reader.seen, opening.start() + 1)
        yield from reader.read
        opening = _OPENING.search(text, reader.at)


class _Reader:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0  # how far it has come
        self.seen = 0  # where the last token starts
        self.read: list[Candidate[Value]] = []  # what has been read to its end, the outermost

    def value(self, depth: int) -> Value:
        """Read the value that starts here."""
        start = self.at
        value = self._value(depth)
        if isinstance(value, (list, dict)):
            while self.read and self.read[-1].start >= start:
                self.read.pop()
            self.read.append(Candidate(start, self.at, value))
        return value

    def _value(self, depth: int) -> Value:
        match = self._next()
        if match["number"]:
            return self._number(match["number"])
        if match["string"]:
            return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match["string"][1:-1])
        if match["word"]:
            return _WORDS[match["word"]]
        if depth == MOST_DEPTH or not (match["type"] or match["sign"] in _PAIRS):
            raise self.fault()
        if match["type"]:
            value = self.value(depth + 1)
            if self._next()["sign"] != ")":
                raise self.fault()
            return value
        if match["sign"] == "{":
            return self._mapping(depth)
        return self._items(_PAIRS[match["sign"]], depth)

    def _items(self, closing: str, depth: int) -> "list[Value]":
        items: list[Value] = []
        while not self._closes(closing, first=not items):
            items.append(self.value(depth + 1))
        return items

    def _mapping(self, depth: int) -> "dict[str, Value]":
        pairs: dict[str, Value] = {}
        while not self._closes("}", first=not pairs):
            key = self.value(depth + 1)
            name = str(key) if type(key) is int else key
            if not isinstance(name, str) or name in pairs or self._next()["sign"] != ":":
                raise self.fault()
            pairs[name] = self.value(depth + 1)
        return pairs

    def _closes(self, closing: str, *, first: bool) -> bool:
        """Pass the closing bracket, or the comma before the next item; a comma too many is forgiven."""
        if not first:
            match = self._next()
            if match["sign"] == closing:
                return True
            if closing == "]" and match[0][0].isspace() and (match["number"] or match["sign"] == "["):
                self.at = self.seen
                return False
            if match["sign"] != ",":
                raise self.fault()
        match = _TOKEN.match(self.text, self.at) or self._next()
        if match["sign"] == closing:
            self.at = match.end()
            return True
        return False

    def _number(self, text: str) -> int | Fraction:
        if len(text) > MOST_DIGITS:
            raise self.fault()
        return int(text) if text.lstrip("+-").isdigit() else Fraction(text)

    def _next(self) -> re.Match[str]:
        self.seen = self.at
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise self.fault()
        self.at = match.end()
        return match

    def fault(self) -> Unreadable:
        """Return the error that names the place."""
        return Unreadable(f"not a list as asked for, at {shown(self.text[max(self.at - 8, 0) :])}")
