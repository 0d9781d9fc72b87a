"""Reading a yes or no, or one option of several, out of an answer."""

import re
from collections.abc import Mapping

from pytest_codesteer.answers.marks import Unreadable, shown
from pytest_codesteer.answers.numbers import plain

_POLARITY = {"yes": True, "true": True, "no": False, "false": False}
_LEAD_IN = re.compile(
    r"^(?:.{0,200}\b(?:answer|conclusion|result|option|choice)\b(?:.{0,200}?(?:\bis\b|:))?"
    r"|(?:so|thus|hence|therefore|and)\b)?(?:[\s,:]*(?:indeed|definitely|clearly|simply)\b)?[\s,:;>*\-\u2022\"'\u201c\u2018(]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_OPTION = re.compile(r"\(?([A-Z])(?:[).:,]|\s*$|\s+(?:is|because|since|as)\b)", re.IGNORECASE)
#: "No clear answer" and the like name no answer at all.
_EMPTY_NO = re.compile(
    r"no\s+(?:\w+\s+)?(?:answer|idea|conclusion|solution|way|information|decision|result|one)\b",
    re.IGNORECASE,
)


def yes_no(text: str) -> bool:
    """Return what *text* says: yes or true, no or false.  Both, or neither, is `Unreadable`.

    >>> yes_no("The answer is **Yes**, because Ann lies.")
    True
    """
    sentence = plain(text).split("\n")[-1]
    said = {_POLARITY[word.lower()] for word in _WORD.findall(sentence) if word.lower() in _POLARITY}
    lead = _LEAD_IN.match(sentence)
    first = _WORD.match(sentence, lead.end() if lead else 0)
    if first is None or first[0].lower() not in _POLARITY or _EMPTY_NO.match(sentence, first.start()):
        raise Unreadable(f"neither yes nor no: {shown(text)}")
    if len(said) > 1:
        raise Unreadable(f"both yes and no: {shown(text)}")
    return said.pop()


def choice(text: str, options: Mapping[str, str]) -> str:
    """Return the letter of the one option that *text* names, by its letter or by its whole text.

    *options* maps letters to texts.

    >>> choice("The answer is (B).", {"A": "red", "B": "blue"})
    'B'
    >>> choice("blue", {"A": "red", "B": "blue"})
    'B'
    """
    sentence = plain(text).split("\n")[-1]
    by_text = {letter for letter, option in options.items() if _same(option, sentence)}
    if len(by_text) == 1:
        return by_text.pop()
    lead = _LEAD_IN.match(sentence)
    first = _OPTION.match(sentence, lead.end() if lead else 0)
    bracketed = {letter.upper() for letter in re.findall(r"\(([A-Za-z])\)", sentence)}
    named = bracketed | ({first[1].upper()} if first else set())
    if len(named) > 1:
        raise Unreadable(f"more than one option: {shown(text)}")
    if not named or not named <= set(options):
        raise Unreadable(f"none of the options: {shown(text)}")
    return named.pop()


def _same(option: str, sentence: str) -> bool:
    return _bare(option) == _bare(sentence)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
