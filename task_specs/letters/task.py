"""Letters: count one letter in a word and name its positions, from 1.

Models see words in pieces, not in letters; a program sees the letters.
"""

import re
from collections.abc import Mapping
from random import Random
from string import ascii_lowercase
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Candidate, Unreadable, plain, shown, standing

from .solver import counted, positions

_NAMES = (
    r"(?: of (?:the )?(?:letter )?\w)? ?(?:[:=]|is|are)? ?"  # what may stand behind "count" and "positions"
)
_COUNT = rf"\b(?:count|occurrence)s?{_NAMES}\[?(?P<count>\d{{1,6}})\b(?!\.\d)\]?"
_LISTED = (
    r"(?:[\[(](?P<listed>(?:\d|and|[,;\s])*)[\])]"
    r"|(?P<bare>\d+(?:[, ]+(?:and )?\d+)*)(?=[.)]? ?$| ?\(|\. [A-Za-z])|none\b)"
)
_BETWEEN = r"(?: ?\([^()\d]{0,30}\))?[\s,;.-]*(?:and )?(?:\d[.)] )?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.MULTILINE)
    for form in (
        rf"{_COUNT}{_BETWEEN}\bpositions?{_NAMES}{_LISTED}",
        rf"\bpositions?{_NAMES}{_LISTED}{_BETWEEN}{_COUNT}",
        rf"\b(?P<count>\d{{1,6}}) (?:times?|occurrences?)\b[^.\n]{{0,120}}?\bpositions?{_NAMES}{_LISTED}",
        rf"^[^\w\n]{{0,5}}(?P<count>\d{{1,6}})[,;:]?\s+{_LISTED}\W*\Z",  # as programs print two values
    )
)
_OTHERS = "eeeettttaaaooooiiinnnsssrrrhhhlldddcuuummffppgwybvkxjqz"  # roughly as often as in English


def generate(rng: Random, *, length: list[int], count: list[int]) -> dict[str, Any]:
    """Shuffle *count* times the letter among other letters, drawn about as often as English has them."""
    letter = rng.choice(ascii_lowercase)
    size, occurrences = rng.randint(*length), rng.randint(*count)
    others = [other for other in _OTHERS if other != letter]
    word = [letter] * occurrences + rng.choices(others, k=size - occurrences)
    rng.shuffle(word)
    return {"word": "".join(word), "letter": letter}


def solve(data: Mapping[str, Any]) -> str:
    """Scan the word."""
    return counted(data["word"], data["letter"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for this word."""
    return program_of(counted, word=data["word"], letter=data["letter"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the right count with the right positions, in any order, none twice."""
    count, named = _read(answer)
    truth = positions(data["word"], data["letter"])
    if count != len(truth):
        return wrong(f"counts {count}, not {len(truth)}")
    if named != truth:
        return wrong(f"positions {shown(named)}, not {shown(truth)}")
    return right()


def _read(answer: str) -> tuple[int, list[int]]:
    """Return the count and the positions, sorted, that *answer* states."""
    text = _text(answer)
    for form in _FORMS:
        found = [Candidate(match.start(), match.end(), _value(match)) for match in form.finditer(text)]
        if found:
            return standing(text, found)
    raise Unreadable(f"not of the form 'Count: X, Positions: [Y, Z]': {shown(answer)}")


def _value(match: re.Match[str]) -> tuple[int, list[int]]:
    listed = re.findall(r"\d+", match["listed"] or match["bare"] or "")
    return int(match["count"]), sorted(int(position[:10]) for position in listed)


def _text(answer: str) -> str:
    """Return *answer* without the dress of LaTeX, Markdown, JSON and NumPy."""
    text = re.sub(r"[*\"'`|]", "", plain(answer.replace("{}", "[]")))
    return re.sub(r"(?:\b(?:np|numpy)\.int\d+)?\((\d+)\)", r"\1", text)
