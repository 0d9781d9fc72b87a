"""Reading one number out of an answer, exactly.

Tolerant on form (thousands separators, LaTeX, units, an equation, a sentence around it), strict on
meaning: two different numbers are no answer, nor is a sum that is left undone, or a number denied or doubted.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from pytest_codesteer.answers.candidates import corrected
from pytest_codesteer.answers.marks import Unreadable, boxed, shown

MOST_CHARS = 20_000  # of a text that holds one number
MOST_DIGITS = 4_000  # of a number; the interpreter's own limit for int() is 4,300
MOST_EXPONENT = 1_000  # of ten, in scientific notation

_DASHES = dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63"), "-")
_FULL_WIDTH = {0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"), " ")
_SIGNS = dict.fromkeys(map(ord, "\u00d7\u00b7\u22c5\u2217\u2219"), "*")
_SIGNS |= dict.fromkeys(map(ord, "\u00f7\u2215\u2044"), "/") | {0x2248: "="}
_FRACTIONS = {0xBC: " 1/4", 0xBD: " 1/2", 0xBE: " 3/4", 0x2153: " 1/3", 0x2154: " 2/3", 0x215B: " 1/8"}
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_PLAIN = str.maketrans(_FULL_WIDTH | _DASHES | _SPACES | _SIGNS | _FRACTIONS | _UNSEEN)

_LATEX = (
    (re.compile(r"\{,\}|,\\!"), ","),
    (re.compile(r"\\[,;:! ]|~"), " "),
    (re.compile(r"\\[dt]?frac ?\{ ?(-?\d+) ?\} ?\{ ?(\d+) ?\}"), r" \1/\2 "),
    (re.compile(r"\\[dt]?frac ?(\d) ?(\d)(?!\d)"), r" \1/\2 "),
    (re.compile(r"\b(?:Fraction|Rational)\((-?\d+), ?(\d+)\)"), r" \1/\2 "),
    (re.compile(r"\b[A-Z]{1,3}\\?\$(?= ?\d)"), ""),  # US$
    (
        re.compile(
            r"\\(?:text|mathrm|mathbf|textbf|underline|displaystyle|left|right|[bB]igg?[lr]?)(?![A-Za-z])"
            r"|\\[()\[\]]|\\?\$|[{}]"
        ),
        "",
    ),
    (re.compile(r"\\(?:times|cdot|ast)(?![A-Za-z])"), "*"),
    (re.compile(r"\\approx(?![A-Za-z])"), "="),
    (re.compile(r"<([A-Za-z]{1,12})>([^<>]*)</\1>"), r"\2"),  # <answer>...</answer>
    (re.compile(r"<{1,3}([^<>\n]*)>{1,3}"), r"\1"),
    (re.compile(r"[`\u20ac\u00a3\u00a5]|(?<![\d)])\*\*|\*\*(?![\d(])"), ""),  # code, money, bold
    (re.compile(r" +"), " "),
)
_DENIAL = re.compile(
    r"""\b(?:not|never|neither|isn't)\s+(?:equal(?:\s+to)?\s+)?\S?\d
    |\d\W{1,3}(?:(?:is|was)\s+)?(?:wrong|incorrect|false)\b
    |\b(?:is|was)(?:\ not|n't)\s+(?:(?:the|my)\s+)?(?:right|correct|true|(?:final\s+)?answer|result)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DOUBT = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|unsure|uncertain|not sure|either|(?:could|might|may) be|or so)\b"
    r"|\d\s*[<>\u2264\u2265]|\d[^\w.!;?]*\?\W*\Z",
    re.IGNORECASE,
)
#: Before a number: it is but compared with, or worked on.
_BOUND = re.compile(
    r"""(?:[<>\u2264\u2265\u00b1\u221a]|\+/-?|\bsqrt\W{0,2}|\\(?:[lg]eq?(?:slant)?|[lg]t|pm)\b
    |\b(?:(?:more|less|fewer|greater|higher|lower|larger|smaller|better)\ than|at\ (?:least|most)|up\ to
      |over|under|above|below|almost|half(?:\ of)?|twice|double|triple|between))\s*=?\s*\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_BOUND = 20  # characters
_CODE = re.compile(r"__[a-z]\w*__|\blambda\b", re.IGNORECASE)
_UNDONE = re.compile(r"\d[\s)]*(?:[-+/]|\*{1,2}|\bx\b)[\s(]*[-+]?\d|\A\W*\d+!\W*\Z")
_LEAD = re.compile(
    r"=|\b(?:is|are|was|were|equals|so|thus|hence|therefore|has|have|had|gets?|gives?|makes?|earns?|costs?"
    r"|needs?|takes?|pays?|spends?|saves?)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_REWRITTEN = (
    (re.compile(r"\b(?:minus|negative)\s+(?=\d)", re.IGNORECASE), "-"),
    (re.compile(r"-\((\d[\d,.]*)\)"), r"-\1"),
    (re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.,])"), lambda match: match[0].replace(".", "")),
    (re.compile(r"(\d\)? ?[-+*/x] ?\(?-?\d[\d,.]*\)?) ?(?::|->|=>|[\u2192\u21d2]) "), r"\1 = "),
)
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SUFFIXES = {"k": 3, "K": 3, "M": 6}  # right behind a number
_NUMBER = re.compile(
    rf"""(?<![\w.^])(?P<sign>[-+]\ ?)?                    # not the 2 of m2 or of m^2
    (?P<whole>\d(?:[,_']?\d|\ (?=\d{{3}}(?!\d))\d)*)?(?P<decimals>\.\d+)?
    (?<=\d)(?![\d^]|[.,]\d|x\w)
    (?:[eE](?P<exponent>[-+]?\d+)
      |\ ?[*x]\ ?10(?:\^|\*\*)(?P<ten>[-+]?\d+)
      |\ ?/\ ?(?P<over>\d+)(?![\d/])
      |\ (?P<part>\d+)/(?P<of>\d+)(?![\d/])                # a mixed number
      |\ (?P<scale>{"|".join(_SCALES)})s?\b
      |(?P<suffix>[{"".join(_SUFFIXES)}])\b)?""",
    re.VERBOSE,
)
_GROUPED = re.compile(r"\d+|\d{1,3}(?:(?P<sep>[,_' ])\d{3})(?:(?P=sep)\d{3})*|\d{1,2}(?:,\d\d)+,\d{3}")


def number(text: str) -> Fraction:
    """Return the one number that *text* states.

    >>> number("1838*2285 = 4,199,830")
    Fraction(4199830, 1)
    >>> number("The result is \u22123/4.")
    Fraction(-3, 4)
    """
    if len(text) > MOST_CHARS:
        raise Unreadable(f"too long for a number: {shown(text)}")
    stated = plain(text)
    last = corrected(stated)
    lines = [line for line in (last if _DIGIT.search(last) else stated).split("\n") if line.strip()]
    for said in (lines[-1] if lines else "", " ".join(lines)):
        statement = _rewritten(said)
        if _CODE.search(statement):
            raise Unreadable(f"code, not a number: {shown(text)}")
        if _DENIAL.search(statement) or _DOUBT.search(statement):
            raise Unreadable(f"denies or doubts something: {shown(text)}")
        values = _stated(statement)
        if len(values) > 1:
            raise Unreadable(f"more than one number: {shown(text)}")
        if values:
            return values.pop()
    raise Unreadable(f"no number in {shown(text)}")


def plain(text: str) -> str:
    r"""Return *text* without LaTeX dress and with plain minus signs, digits and blanks.

    >>> plain(r"$4\,199\,830$")
    '4 199 830'
    """
    inner = boxed(text)
    text = (text if inner is None else inner).translate(_PLAIN)
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    return text.strip()


def _rewritten(statement: str) -> str:
    """Return *statement* with words for a sign, dots between thousands and arrows in their usual form."""
    for pattern, replacement in _REWRITTEN:
        statement = pattern.sub(replacement, statement)
    return statement


def _stated(statement: str) -> set[Fraction]:
    """Return the values that *statement* ends in: those behind its last "=" or verb, else all.

    Each side of an equation that is but a number counts: ``42 = 6*7`` states 42, ``24 = 25`` two values,
    and so does ``x = 5 or x = 7``.
    """
    sides = statement.split("=")
    plain_sides = [side for side in sides if _NUMBER.fullmatch(side.strip(" .()"))]
    between = [side for side in sides[1:-1] if not re.search(r"[-+*/()]", side)]
    values = {value for side in (*plain_sides, *between) for value in _numbers(side)}
    last = max((match.end() for match in _DIGIT.finditer(statement)), default=0)
    leads = [match.end() for match in _LEAD.finditer(statement, 0, last)]
    said = statement[leads[-1] :] if leads else ""
    numbers = [*_numbers(said)]
    if len(sides) > 1 and plain_sides == sides[:1] and len(numbers) > 1:
        return values  # the equation is written the other way round
    if not numbers:
        numbers = [*_numbers(said := statement)]
    if _UNDONE.search(said) and (len(numbers) > 1 or "!" in said):
        raise Unreadable(f"not worked out: {shown(said)}")
    return values.union(numbers)


def _numbers(text: str) -> Iterator[Fraction]:
    """Yield the value of each number in *text*.  One that is but compared with is `Unreadable`."""
    for match in _NUMBER.finditer(text):
        if not match["whole"] and not match["decimals"]:
            continue
        if _BOUND.search(text, max(0, match.start() - _LONGEST_BOUND), match.start()):
            raise Unreadable(f"a bound, not a number: {shown(text)}")
        if match["sign"] and text[max(match.start() - 1, 0)] in "+-" and match.start():
            raise Unreadable(f"two signs: {shown(text)}")
        whole = match["whole"] or "0"
        if not _GROUPED.fullmatch(whole):
            raise Unreadable(f"oddly grouped digits: {shown(whole)}")
        yield _value(match, re.sub(r"\D", "", whole))


def _value(match: re.Match[str], whole: str) -> Fraction:
    decimals, over = (match["decimals"] or ".")[1:], match["over"] or "1"
    scale = match["scale"] or match["suffix"] or ""
    shift = match["exponent"] or match["ten"] or (_SCALES | _SUFFIXES).get(scale, 0)
    if len(whole) + len(decimals) + len(over) > MOST_DIGITS or len(str(shift)) > len(str(MOST_EXPONENT)):
        raise Unreadable(f"a number too large to read: {shown(match[0])}")
    part, of = match["part"] or "0", match["of"] or "1"
    if max(len(part), len(of)) > MOST_DIGITS or not int(over) or abs(int(shift)) > MOST_EXPONENT:
        raise Unreadable(f"a number that cannot be read: {shown(match[0])}")
    if int(part) >= int(of) or (decimals and match["part"]):
        raise Unreadable(f"not a mixed number: {shown(match[0])}")
    value = Fraction(int(whole + decimals), 10 ** len(decimals)) * Fraction(10) ** int(shift) / int(over)
    value += Fraction(int(part), int(of))
    return -value if (match["sign"] or "").startswith("-") else value
