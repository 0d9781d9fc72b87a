"""Reading a yes or no, or one option of several, out of an answer.

Tolerant on form: marks, bullets, a lead-in ("So the answer is"), reasons behind it.  Strict on meaning: two
answers, a denied one, or one that its writer does not stand by are no answer.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from pytest_codesteer.answers.candidates import corrected
from pytest_codesteer.answers.marks import Unreadable, shown
from pytest_codesteer.answers.numbers import plain

_SIGNS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u02bc": "'", "\0": " "})
_EMPHASIS = re.compile(r"(?<!\w)_{1,3}(?=\w)|(?<=[^\W_])_{1,3}(?!\w)")  # __Yes__
_SENTENCE = re.compile(r"(?:[^.!?;\n]|[.](?=\w))+[.!?;\n]?")
#: What stands behind one of these gives reasons, and answers nothing.
_REASON = re.compile(r"\b(?:because|since|given|due to|as (?=\w))", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|likely|unlikely|might|(?-i:may)|could|either|if|unless|depends?|guess"
    r"|un(?:sure|certain|clear|known|determined|decided)|ambiguous|insufficient|impossible"
    r"|(?:can ?not|can't|couldn't)(?: be)? (?:determined?|tell|told|sa[iy]d?|known?|decided?|answer(?:ed)?)"
    r"|also possible|not (?:sure|certain|clear|known|enough)|(?:don't|do not) know|hard to (?:say|tell))\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|none|cannot|wrong|incorrect|false|except|excluding|than"
    r"|(?:all|any|anything|every|everything|nothing)(?: \w+)? but)\b|n't\b",
    re.IGNORECASE,
)

# Yes or no ------------------------------------------------------------------------------------

_MOST_LEADS = 12  # so many of these parts stand before an answer at most
_GAP = r"(?:(?!\b(?:not|no|never|nor|neither|wrong)\b|n't)[^.!?;\n]){0,120}?"
_LEAD = re.compile(
    rf"""\([-\d\s,.]{{1,40}}\)|[^\w\s!\u00ac\u2260]+|\s+
    |(?:(?:it|that|this|(?:the|that|this)\ (?:statement|claim))(?:\ is|'s)
      |so|thus|hence|therefore|then|and|finally|consequently|overall|clearly|indeed|that
      |definitely|certainly|absolutely|surely|sure|of\ course
      |in\ (?:conclusion|short|summary|the\ end)|(?:it\ follows|this\ means|we\ (?:conclude|find|see|know)
      |i(?:'d|\ would)?\ (?:conclude|think|believe|say|answer))(?:\ that)?)\b
    |(?:(?:the|my|our|your|a|final|correct|right|short|best|only|resulting)\ ){{0,3}}
      (?:answer|conclusion|result|option|choice|response|verdict)\b
      (?:{_GAP}(?:\b(?:is|(?:would|must|should)\ be)\b|[:=]))?
    |(?!not\b)\w{_GAP}[:=]                                      # a label
    |[a-z\d][).](?=\s)                                          # a number or letter of a list
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SAID = re.compile(r"(?P<not>not )?(?P<word>yes|no|true|false)\b", re.IGNORECASE)
_ALONE = re.compile(rf"\b{_SAID.pattern}(?=\s*(?:[^\w\s]|$|(?:and|or|but)\b))", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[^\w\s]|(?:indeed|definitely)\b)", re.IGNORECASE)
_ECHO = re.compile(
    r"[\s,]*(?:you|we|i|he|she|they|it)\s+(?:do|does|will|would|did|is|are)"
    r"(?:\s*(?P<not>n't\b|not\b)|(?!\s*\w))",
    re.IGNORECASE,
)
#: What stands behind the last of these, or behind its own beginning, a sentence answers.
_CONCLUSION = re.compile(
    r"\b(?:(?<!not )so|thus|hence|therefore|consequently)\b|->|=>|[\u2192\u21d2\u27f9]"
    r"|[,;:)-] ?(?=(?:the|my|our) (?:\w+ ){0,2}answer\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\s*[:=]|,?\s+or\b")  # what stands before one of these is a label or an alternative
_REPORTED = r"(?<!says )(?<!said )(?<!claims )(?<!that )"


def yes_no(text: str, *, yes: str = r"(?!)", no: str = r"(?!)") -> bool:
    """Return what *text* says: yes or true, no or false.  Both, or neither, is `Unreadable`.

    *yes* and *no* are patterns of plain statements that say as much.

    >>> yes_no("The answer is **Yes**, because Ann lies.")
    True
    >>> yes_no("So Ann lies.", yes="Ann tells the truth", no="Ann lies")
    False
    """
    statements = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (no, yes))
    for part in _parts(_said(text)):
        claims = [claim for claim in _claims(part) if not claim.endswith("?")]
        if any(_HEDGE.search(claim) for claim in claims):
            raise Unreadable(f"hedges: {shown(text)}")
        said = {answer for claim in claims for answer in _answers(claim, statements)}
        if len(said | {answer for claim in claims for answer in _mentions(claim, statements)}) > 1:
            raise Unreadable(f"both yes and no: {shown(text)}")
        if said:
            return said.pop()
    raise Unreadable(f"neither yes nor no: {shown(text)}")


def _answers(claim: str, statements: tuple[re.Pattern[str], ...]) -> Iterator[bool]:
    """Yield what *claim*, a sentence, says right behind its lead-in or that of its conclusion."""
    conclusions = [match.end() for match in _CONCLUSION.finditer(claim)]
    for start in (0, *conclusions[-1:]):
        yield from _answers_at(claim, _behind_leads(claim, start), statements)


def _answers_at(claim: str, at: int, statements: tuple[re.Pattern[str], ...]) -> Iterator[bool]:
    if word := _SAID.match(claim, at):
        echo = _ECHO.match(claim, word.end())
        if echo:
            yield not echo["not"]
        if echo or _ENDS.match(claim, word.end()) or any(s.match(claim, word.end() + 1) for s in statements):
            yield _polarity(word)
    for polarity, statement in enumerate(statements):
        match = statement.match(claim, at)
        if match and not _DENIAL.search(claim, match.end()) and not _OPEN.match(claim, match.end()):
            yield bool(polarity)


def _mentions(claim: str, statements: tuple[re.Pattern[str], ...]) -> Iterator[bool]:
    """Yield each yes, no or plain statement anywhere in *claim*."""
    yield from map(_polarity, _ALONE.finditer(claim))
    for polarity, statement in enumerate(statements):
        if re.search(rf"{_REPORTED}(?:{statement.pattern})(?!{_OPEN.pattern})", claim, re.IGNORECASE):
            yield bool(polarity)


def _polarity(word: re.Match[str]) -> bool:
    return (word["word"].lower() in ("yes", "true")) != bool(word["not"])


def _behind_leads(claim: str, at: int) -> int:
    for _ in range(_MOST_LEADS):
        lead = _LEAD.match(claim, at)
        if lead is None or _SAID.match(claim, at):
            break
        at = lead.end()
    return at


# One of several -------------------------------------------------------------------------------

_TOKEN = re.compile(r"\d+(?:[.,/:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_ARTICLES = ("the", "a", "an")
_BETWEEN = r"\W{1,5}(?:(?:the|an?)\W{1,5})?"
_FOLLOWS = r"(?=\s*(?:$|[^\w\s']|'(?!\w)|(?:and|or|but|is|are|because|since|as)\b))"
_LETTER = re.compile(
    rf"[(\[]([A-Za-z])[)\]]|(?<!\w)(?<!\w')([A-Z]){_FOLLOWS}"
    rf"|\b(?i:option|answer|choice|letter)\b\s*(?:is\b|:)?\s*([a-z]){_FOLLOWS}|^\W*([a-z])(?:[).:]|\W*$)"
)


def choice(text: str, options: Mapping[str, str]) -> str:
    """Return the letter of the one option that *text* names, by its letter, its text, or both.

    *options* maps capital letters to texts.

    >>> choice("The answer is (B).", {"A": "red", "B": "blue"})
    'B'
    >>> choice("blue", {"A": "red", "B": "blue"})
    'B'
    """
    said = _said(text)
    same = [letter for letter, option in options.items() if _bare(option) == _bare(said)]
    if len(same) == 1:
        return same[0]
    pattern, letters = _texts(options)
    for part in _parts(said):
        found = pattern.sub(lambda match: f"\0{letters[match.lastindex or 0]}\0", part)
        claim = " ".join(claim for claim in _claims(found) if not claim.endswith("?"))
        letter_signs = _LETTER.finditer(re.sub("\0.\0", "\0", claim))
        named: set[str] = {match[match.lastindex or 0].upper() for match in letter_signs}
        named.update(re.findall("\0(.)\0", claim))
        if not named:
            continue
        words = re.sub("\0.\0", "", claim)
        if len(named) > 1 or _DENIAL.search(words) or _HEDGE.search(words):
            raise Unreadable(f"more than one option, or none for sure: {shown(text)}")
        if (letter := named.pop()) in options:
            return letter
    raise Unreadable(f"none of the options: {shown(text)}")


def _texts(options: Mapping[str, str]) -> tuple[re.Pattern[str], Mapping[int, str]]:
    """Return a pattern that finds the texts of *options*, and the letter of each of its groups.

    Texts that differ only in signs, such as 5 and -5, are not looked for.
    """
    sources = {letter: _source(option) for letter, option in options.items()}
    times = Counter(sources.values())
    usable = [letter for letter in sources if sources[letter] and times[sources[letter]] == 1]
    usable.sort(key=lambda letter: -len(sources[letter]))
    joined = "|".join(f"({sources[letter]})" for letter in usable) or "(?!)"
    pattern = re.compile(rf"(?<![\w.+/-])(?:{joined})(?![\w/]|[.,]\d)", re.IGNORECASE)
    return pattern, dict(enumerate(usable, 1))


def _source(option: str) -> str:
    """Return a pattern for the words of *option*; articles and zeros in front of numbers do not count."""
    words = list(_TOKEN.finditer(option.translate(_SIGNS)))
    source, end = "", 0
    for word in words:
        if word[0].lower() in _ARTICLES:
            if word is words[0]:
                source = rf"(?:{word[0]}\W{{1,5}})?"
            continue
        if end:
            source += _BETWEEN if word.start() > end else ""
        source += re.sub(r"\d+", lambda digits: f"0*{int(digits[0])}", re.escape(word[0]))
        end = word.end()
    return source if end else ""


def _bare(text: str) -> str:
    return " ".join(text.strip(" .\"'").lower().split())


# What a text claims ---------------------------------------------------------------------------

_ITEM = 12  # characters of a line that says nothing but an answer
_LISTED = re.compile(r"\W*[A-Z][).:](?!\w)")  # begins a line of a list of options


def _said(text: str) -> str:
    """Return *text* without dress, and with one way of writing for each sign."""
    return _EMPHASIS.sub("", plain(text).translate(_SIGNS))


def _parts(text: str) -> Iterator[str]:
    """Yield where an answer may stand: the last line (two of a list), then all; first behind a correction."""
    if (last := corrected(text)) != text:
        yield from _parts(last)
    lines = [line for line in text.split("\n") if line.strip()]
    if lines:
        both = max(map(len, lines[-2:])) <= _ITEM or all(map(_LISTED.match, lines[-2:]))
        yield "\n".join(lines[-2:] if both else lines[-1:])
    if len(lines) > 1:
        yield "\n".join(lines)


def _claims(text: str) -> Iterator[str]:
    """Yield the sentences of *text*, without the reasons that they give."""
    for sentence in _SENTENCE.findall(text):
        reason = _REASON.search(sentence)
        if reason is None:
            yield sentence.strip()
        elif sentence[: reason.start()].strip():
            yield sentence[: reason.start()].strip()
        else:
            yield sentence[reason.start() :].partition(",")[2].strip()
