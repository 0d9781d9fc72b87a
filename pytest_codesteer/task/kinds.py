"""The kinds of answer that a single-file task can declare, each a checker made from data.

kind = "number"    exact; or within an absolute `tolerance`, or a `relative` one
kind = "choice"    a letter or a whole text of `options`, or of the instance's own `options`
kind = "yes_no"    yes or true, no or false
kind = "exact"     the same words, also behind a lead-in, or as the last line; `case_sensitive` on request
kind = "regex"     the instance's answer is a pattern, its `example` a text that fits it
kind = "json"      the same JSON value, also behind a lead-in, or in a block of code
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from string import ascii_uppercase
from typing import Any

from pytest_codesteer.answers import Unreadable, Value, choice, number, plain, shown, structure, yes_no
from pytest_codesteer.suggest import unknown
from pytest_codesteer.task.data import Given
from pytest_codesteer.task.faults import Faults
from pytest_codesteer.task.verdict import Verdict, right, wrong

Check = Callable[[Mapping[str, Any], str], Verdict]

REGEX_SECONDS = 1.0  # a pattern that takes longer on an answer does not match it
REGEX_CHARS = 10_000
COMPOSED_CHARS = 10_000  # of a text whose accents are composed, which takes quadratic time

_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_ITEM = re.compile(r"\s*[-*\u2022]\s+")  # the sign before an item of a list
_LEAD = re.compile(
    r"""(?:(?:so|thus|hence|therefore),?\s+)?(?:(?:the|my)\s+)?(?:(?:final|correct)\s+)?
    ["'*]*answer["'*]*\s*(?:is\b\s*:?|[:=])""",
    re.IGNORECASE | re.VERBOSE,
)
_BRACKETED = re.compile(r"\s*[\[(](.*)[\])]\s*", re.DOTALL)
_FENCE = re.compile(r"```\w*\n(.*)\n```", re.DOTALL)
_LEADS_TO_VALUE = (":", "=", "\n", " is", " are")

_SETTINGS: dict[str, tuple[str, ...]] = {
    "number": ("tolerance", "relative"),
    "choice": ("options",),
    "yes_no": (),
    "exact": ("case_sensitive",),
    "regex": ("case_sensitive",),
    "json": (),
}
KINDS = tuple(_SETTINGS)
_AT = "task.answer"  # the table of a spec that declares the kind


def checker(table: Mapping[str, Any], instances: Iterable[Given], faults: Faults) -> Check:
    """Return the checker that *table* (a spec's ``task``) declares under ``answer``.

    What is wrong with it, and each instance whose own answer it does not accept, goes to *faults*.
    """
    declared = faults.value(table, "answer", dict, at="task")
    if not isinstance(table.get("answer"), dict):
        return _yes_no(declared, faults)
    kind = faults.value(declared, "kind", str, at=_AT)
    if kind in _SETTINGS:
        faults.known(declared, ("kind", *_SETTINGS[kind]), at=_AT)
    elif kind:
        faults.add(f"{_AT}.kind", unknown("kind", kind, KINDS))
    make = {
        "number": _number,
        "choice": _choice,
        "yes_no": _yes_no,
        "exact": _exact,
        "regex": _regex,
        "json": _json,
    }.get(kind, _yes_no)
    before = len(faults.lines)
    check = make(declared, faults)
    for given in instances:
        if "answer" in given.data and len(faults.lines) == before and kind in _SETTINGS:
            _try(check, kind, given, faults)
    return check


def solution(kind: str, data: Mapping[str, Any]) -> str:
    """Return an answer to the instance *data* that is right, as text."""
    if kind == "regex":
        return str(data["example"])
    if kind == "json":
        return json.dumps(data["answer"])
    if kind == "yes_no" and isinstance(data["answer"], bool):
        return "yes" if data["answer"] else "no"
    return str(data["answer"])


def _try(check: Check, kind: str, given: Given, faults: Faults) -> None:
    """Note an instance whose own answer its checker does not accept: nobody could be right."""
    data, answer = given.data, f"{given.key('answer')}: is {given.data['answer']!r:.60}"
    try:
        verdict = check(data, solution(kind, data))
    except KeyError:
        faults.lines.append(f"{given.where}: has no `example`, a text that its pattern accepts")
    except (Unreadable, TypeError, ValueError) as error:
        faults.lines.append(f"{answer}: {error}")
    else:
        if not verdict.correct:
            faults.lines.append(f"{answer}: {verdict.reason}")


def _number(table: Mapping[str, Any], faults: Faults) -> Check:
    tolerance = Fraction(str(faults.value(table, "tolerance", float, 0, at=_AT)))
    relative = Fraction(str(faults.value(table, "relative", float, 0, at=_AT)))
    if tolerance < 0 or relative < 0:
        faults.add(_AT, "tolerance and relative are not below 0")

    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        truth, value = number(str(data["answer"])), number(answer)
        if abs(value - truth) <= max(tolerance, relative * abs(truth)):
            return right()
        return wrong(f"{shown(answer)} is not {data['answer']}")

    return check


def _choice(table: Mapping[str, Any], faults: Faults) -> Check:
    common = faults.texts(table, "options", at=_AT)
    if common:
        try:
            _lettered(common)
        except ValueError as error:
            faults.add(f"{_AT}.options", str(error))

    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        options = _lettered(data.get("options", common))
        truth, chosen = choice(str(data["answer"]), options), choice(answer, options)
        return right() if chosen == truth else wrong(f"chooses {chosen}, not {truth}")

    return check


def _lettered(options: object) -> dict[str, str]:
    """Return options by their letters.  Raises `ValueError` for what nobody could choose from."""
    if not isinstance(options, list | tuple) or not all(isinstance(option, str) for option in options):
        raise ValueError("`options` is not a list of texts")
    if not options:
        raise ValueError(f"there are no options: give `options`, in {_AT} or in the instance")
    if len(options) > len(ascii_uppercase):
        raise ValueError(f"there are {len(options)} options, and {len(ascii_uppercase)} letters to name them")
    if twice := [option for option in options if options.count(option) > 1]:
        raise ValueError(f"the option {twice[0]!r:.60} is there twice")
    return dict(zip(ascii_uppercase, options, strict=False))


def _yes_no(table: Mapping[str, Any], faults: Faults) -> Check:  # noqa: ARG001  (one shape for all kinds)
    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        truth = data["answer"] if isinstance(data["answer"], bool) else yes_no(str(data["answer"]))
        said = yes_no(answer)
        return right() if said == truth else wrong(f"says {'yes' if said else 'no'}")

    return check


def _exact(table: Mapping[str, Any], faults: Faults) -> Check:
    sensitive = faults.value(table, "case_sensitive", bool, default=False, at=_AT)

    def same(text: str) -> str:
        if len(text) <= COMPOSED_CHARS:
            text = unicodedata.normalize("NFC", text)
        words = " ".join(plain(text).translate(_QUOTES).strip(" \"'*_").rstrip(".").strip(" \"'*_").split())
        return words if sensitive else words.casefold()

    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        truth = same(str(data["answer"]))
        if not truth:
            raise ValueError('holds no word, so no answer at all would be right; signs take kind = "regex"')
        if truth in map(same, _forms(answer)):
            return right()
        return wrong(f"{shown(answer)} is not {shown(data['answer'])}")

    return check


def _forms(answer: str) -> Iterator[str]:
    """Yield an answer and its last line, as they are and without sign of a list, lead-in or brackets."""
    for text in (answer, answer.strip().rpartition("\n")[2]):
        yield text
        item = _ITEM.match(text)
        bare = plain(text[item.end() :] if item else text)
        lead = _LEAD.match(bare)
        yield bare[lead.end() :] if lead else bare
        if bracketed := _BRACKETED.fullmatch(bare):
            yield bracketed[1]


def _regex(table: Mapping[str, Any], faults: Faults) -> Check:
    import regex  # a tenth of a second, and only this kind needs it

    sensitive = faults.value(table, "case_sensitive", bool, default=False, at=_AT)
    flags = 0 if sensitive else regex.IGNORECASE

    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        try:
            pattern = regex.compile(str(data["answer"]), flags)
        except regex.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if len(answer) > REGEX_CHARS:
            raise Unreadable(f"longer than {REGEX_CHARS:,} characters")
        try:
            matches = pattern.fullmatch(answer.strip(), timeout=REGEX_SECONDS)
        except TimeoutError:
            return wrong(f"matching took more than {REGEX_SECONDS:g} s")
        return right() if matches else wrong(f"{shown(answer)} does not match")

    return check


def _json(table: Mapping[str, Any], faults: Faults) -> Check:  # noqa: ARG001  (one shape for all kinds)
    def check(data: Mapping[str, Any], answer: str) -> Verdict:
        truth = structure(json.dumps(data["answer"]))
        return right() if _same(_value(answer, truth), truth) else wrong(f"{shown(answer)} is another value")

    return check


def _value(answer: str, truth: Value) -> Value:
    """Read a value, also behind a lead-in or in code; a text without its quotes, a list without brackets."""
    with suppress(Unreadable):
        return structure(answer)
    fenced = _FENCE.search(answer)
    text = (fenced[1] if fenced else answer).translate(_QUOTES).strip("`*$. \r\n")
    start = min((at for at in map(text.find, "[{(") if at >= 0), default=0)
    if text[:start].rstrip(" ").endswith(_LEADS_TO_VALUE):
        text = text[start:]
    try:
        return structure(text)
    except Unreadable:
        if isinstance(truth, list):
            return structure(f"[{text}]")
        if isinstance(truth, str) and text and text == truth:
            return text
        raise


def _same(one: object, other: object) -> bool:
    """Compare as JSON does: ``true`` is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and one == other
