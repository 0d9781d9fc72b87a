"""Which of the answers in a text stands, where a reader has found more than one.

The last one does, if those before it say the same or are taken back in words ("wait, ...", "corrected:").
One that is doubted, denied, or beside another is no answer.
"""

import re
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from pytest_codesteer.answers.marks import Unreadable, shown

Read = TypeVar("Read")

_NEARBY = 200  # characters before an answer that are looked at
_CORRECTION = re.compile(
    r"\b(?:wait|actually|oops|sorry|correct(?:ed|ing|ion)|revis(?:ed|ion)|retry(?:ing)?|re-?(?:count|check)(?:ed|ing)?"
    r"|start(?:ing)? over|try(?:ing)? again|final answer)\b",
    re.IGNORECASE,
)
_CUT = re.compile(r"\b(?:wait|actually|correction|sorry|oops|scratch that)\s*[,.:;!\u2014-]", re.IGNORECASE)
_CONCLUSION = re.compile(
    r"\b(?:mistake|wrong|incorrect|invalid|instead|fix(?:ed|ing)?|final(?:ly)?|answer|so|therefore|thus|hence)\b",
    re.IGNORECASE,
)
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_DOUBT_BEFORE = re.compile(r"\b(?:not|or|either|maybe|perhaps|possibly|probably)\W*$", re.IGNORECASE)
_DOUBT_BEHIND = re.compile(r"\W*\b(?:or|maybe|perhaps|possibly|probably)\b", re.IGNORECASE)
_TAKEN_BACK = re.compile(
    r"\b(?:is|was|are|seems?|looks?|that'?s) (?:\w+ )?(?:wrong|incorrect|invalid|mistaken)\b"
    r"|(?:\bnot|n't) (?:a )?(?:right|correct|valid|work)\b",
    re.IGNORECASE,
)


class Candidate(NamedTuple, Generic[Read]):
    """An answer that a reader has found, and where it stands in the text."""

    start: int
    end: int
    value: Read

    def moved(self, by: int) -> "Candidate[Read]":
        """Return the same answer where the text starts so much later, or earlier."""
        return self._replace(start=self.start + by, end=self.end + by)


def standing(text: str, candidates: Sequence[Candidate[Read]]) -> Read:
    """Return the answer that stands; none, or two that are not reconciled, are `Unreadable`.

    >>> text = "5. Wait, I forgot one: 6"
    >>> standing(text, [Candidate(0, 1, 5), Candidate(23, 24, 6)])
    6
    """
    if not candidates:
        raise Unreadable(f"no answer of the form asked for: {shown(text)}")
    last = candidates[-1]
    for earlier, following in zip(reversed(candidates[:-1]), reversed(candidates), strict=False):
        if earlier.value != last.value:
            words = text[earlier.end : following.start]
            if _OR.search(words) or not (is_correction(words) or _CONCLUSION.search(words)):
                raise Unreadable(f"more than one answer: {shown(text[earlier.start :])}")
            break
    refuse_doubt(text, last.start, last.end)
    return last.value


def between(text: str, found: Sequence[Candidate[Read]]) -> str:
    """Return what stands before, between and behind what was found."""
    ends = [0, *(candidate.end for candidate in found)]
    starts = [*(candidate.start for candidate in found), len(text)]
    return " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def refuse_doubt(text: str, start: int, end: int) -> None:
    """Raise `Unreadable` when the words around an answer deny it, doubt it, or take it back."""
    before, behind = text[max(start - _NEARBY, 0) : start], text[end:]
    if _DOUBT_BEFORE.search(before) or _DOUBT_BEHIND.match(behind) or _TAKEN_BACK.search(behind):
        raise Unreadable(f"denied or doubted: {shown(text[start:])}")


def is_correction(text: str) -> bool:
    """Say whether *text* announces that what follows replaces what stands before."""
    return _CORRECTION.search(text) is not None


def corrected(text: str) -> str:
    """Return what follows the last words that take back what stands before them, or all without such words.

    >>> corrected("5. Wait, no: 7")
    ' no: 7'
    """
    end = max((match.end() for match in _CUT.finditer(text)), default=0)
    return text[end:]
