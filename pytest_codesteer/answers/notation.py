r"""Mathematical text, as LaTeX or plain, cut into tokens.

`\frac{1}{2}`, ``½`` and ``1/2``, `5\sqrt{13}`, ``5√13`` and ``5*sqrt(13)``, `90^\circ`, ``90°`` and ``90
degrees`` come out alike.  LaTeX that says nothing of the value (`\left`, `\displaystyle`, ``$``) falls away.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from pytest_codesteer.answers.marks import Unreadable, shown

MOST_CHARS = 2_000  # of one answer
MOST_TOKENS = 400

Kind = Literal["number", "name", "function", "word", "relation", "sign"]


class Token(NamedTuple):
    """One token; what is written in several ways comes with one text."""

    kind: Kind
    text: str
    spaced: bool = False  # whether a blank stands before it


# Characters --------------------------------------------------------------------------------------

#: What a program prints that writes "\frac" without doubling the backslash.
_ESCAPED = {"\x07": r"\a", "\x08": r"\b", "\x0b": r"\v", "\x0c": r"\f"}
_SIGNS = {
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63", "-"),
    **dict.fromkeys("\u00d7\u00b7\u22c5\u2217\u2219", "*"),
    **dict.fromkeys("\u00f7\u2215\u2044", "/"),
    **dict.fromkeys("\u2248\u2243\u2245\u2252", r"\approx "),
    **dict.fromkeys("\u2192\u21d2\u27f9\u27f6", "="),
    **dict.fromkeys("\u00b0\u00ba\u02da", r"\degree "),
    **dict.fromkeys("\u2018\u2019\u2032", "'"),
    **dict.fromkeys("\u2236\ua789", ":"),
    **dict.fromkeys('"\u2705\u2713\u2714\ufe0f\u201c\u201d\u2033\u20ac\u00a3\u00a5\u200b\u2220\u25b3', ""),
    "\u221a": r"\sqrt ", "\u221b": r"\cbrt ", "\u03c0": r"\pi ", "\u00b1": r"\pm ",
    "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u221e": r"\infty ",
}  # fmt: skip
_RAISED = {ord(raised): plain for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
_GREEK = {
    chr(code): f"\\{unicodedata.name(chr(code)).split()[-1].lower()} "
    for code in range(0x3B1, 0x3CA)
    if chr(code) != "π"
}
_SINGLE = str.maketrans({**_ESCAPED, **_SIGNS, **_GREEK})

_PROSE, _FORMULA = "\x02", "\x03"  # stand around the content of \text{...}
_REWRITTEN = (
    (re.compile(r"[\x00-\x06\x0e-\x1f\ud800-\udfff]"), ""),
    (re.compile(r"\t(?=ext|imes|frac|heta|riangle)"), r"\\t"),
    (re.compile(f"([{''.join(map(chr, _RAISED))}]+)"), r"^{\1}"),
    (re.compile("(?=[\u00bc-\u00be\u2150-\u215e])"), " "),  # a vulgar fraction is never part of 11/2
)
_DRESS = (
    (re.compile(r"\{,\}|(?<=\d),\\!|(?<=\d)_(?=\d{3}(?!\d))"), ""),
    (re.compile(r"\\\\(?=(?:[dtc]?frac|sqrt|pi|text|[dt]?binom|left|right|times|cdot)(?![a-z]))"), r"\\"),
    (re.compile(r"\\(?:[,;:!> \\]|(?:q?quad|indent)(?![A-Za-z]))|~|(?:\bUS)?\\?\$|\bUSD\b"), " "),
    (re.compile(r"(?:\^\s*)?(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))"), r"\\degree "),
    (
        re.compile(
            r"\\(?:text(?:bf|it|rm|sf|normal)?|mbox|hbox|math(?:rm|bf|it|sf)|operatorname)\s*\{([^{}\\]*)\}"
        ),
        rf" {_PROSE}\1{_FORMULA} ",
    ),
    (re.compile(r"\\(?:text(?:bf|it)|math(?:rm|bf|it|sf)|bm|boldsymbol)\s*(?=\{)"), " "),
    (re.compile(r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\\over(?![A-Za-z])"), r"\\frac{\1}{"),
    (re.compile(r"\{([^{}]*)\\choose(?![A-Za-z])"), r"\\binom{\1}{"),
    (re.compile(r"<([A-Za-z]{1,12})>([^<>]*)</\1>"), r"\2"),  # <answer>...</answer>
    (re.compile(r"^\s*(?:#+|\u2022)\s+"), ""),  # a heading, an item
    (re.compile(r"\\langle(?![A-Za-z])"), "("),
    (re.compile(r"\\rangle(?![A-Za-z])"), ")"),
    (re.compile(r"\b(?:math|np|numpy|sp|sympy|mpmath)\.(?=[A-Za-z])"), ""),
    (re.compile(r"\b(?:float(?:32|64)?|int(?:32|64)|Decimal|Float|Integer|mpf|Point[23]D)(?=\()"), ""),
    (
        re.compile(
            r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|limits|triangle|angle|overline|widehat|bar|vec|boxed|"
            r"overarc|measuredangle|mathcal|[()\[\]])(?![A-Za-z])"
        ),
        " ",
    ),
    (re.compile(r"\bper\s+cent\b"), "percent"),
    (re.compile(r"(?<=\d)\s+(?:out\s+of|in(?=\s+\d+(?:\s+chance)?\W*\Z))\s+(?=\d)"), "/"),  # 1 in 6
)
_ENDS = " \t\r\n\v\f*_`',;"


def prepared(text: str) -> str:
    """Return *text* with one way of writing for each sign, and without dress."""
    if len(text) > MOST_CHARS:
        raise Unreadable(f"too long for a formula: {shown(text)}")
    for pattern, replacement in _REWRITTEN:
        text = pattern.sub(replacement, text)
    text = unicodedata.normalize("NFKC", text.translate(_SINGLE | _RAISED)).translate(_SINGLE)
    for pattern, replacement in _DRESS:
        text = pattern.sub(replacement, text)
    return text.strip(_ENDS).rstrip(_ENDS + ".")


# Tokens ------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<number>(?:\d{{1,3}}(?:\ \d{{3}})+(?![\d./^])|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)
    |(?P<command>\\(?:[A-Za-z]+|[{{}}%|_#&]))
    |(?P<letters>[A-Za-z]+(?:_(?:\w|\{{\w+\}}))?'*)
    |(?P<sign>\*\*|<=|>=|!=|==|=>|->|[{_PROSE}{_FORMULA}]|.)""",
    re.VERBOSE | re.DOTALL,
)
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
_PAIR = r"\s*\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)"
_COUNTED = (  # what is counted, in other words than \binom{n}{k}, \frac{n!}{(n-k)!} and n!
    (re.compile(rf"\b(?:C|nCr|binom|binomial|comb){_PAIR}"), r"\\binom{\1}{\2}"),
    (re.compile(rf"\b(?:P|nPr|perm){_PAIR}(?!\s*[=≈\\])"), r"\\frac{\1!}{(\1-\2)!}"),
    (
        re.compile(r"[\^_]?\{?(?<!\d)(\d{1,3})\}?\s*(?:C|choose)\s*_?\{?(\d{1,3})(?!\d)\}?"),
        r"\\binom{\1}{\2}",
    ),
    (re.compile(r"\bfactorial\s*\(\s*(\d{1,3})\s*\)"), r"(\1!)"),
)

_ALIKE = {
    "**": "^", "==": "=", "=>": "=", "->": "=", "\\cdot": "*", "\\times": "*", "\\ast": "*", "\\div": "/",
    "\\%": "%", "\\degree": "°", "\\pi": "pi", "\\le": "<=", "\\leq": "<=", "\\leqslant": "<=", "\\lt": "<",
    "\\ge": ">=", "\\geq": ">=", "\\geqslant": ">=", "\\gt": ">", "\\neq": "!=", "\\ne": "!=",
    "\\approx": "≈", "\\simeq": "≈", "\\sim": "≈", "\\doteq": "≈", "\\to": "=", "\\implies": "=",
    "\\rightarrow": "=", "\\Rightarrow": "=", "\\dfrac": "frac", "\\tfrac": "frac", "\\cfrac": "frac",
    "\\dbinom": "binom", "\\tbinom": "binom", "percent": "%", "percentage": "%", "pct": "%",
    "degree": "°", "degrees": "°", "deg": "°", "and": ",",
    **dict.fromkeys(("so", "thus", "hence", "therefore"), "."),  # a conclusion is a sentence of its own
    "comb": "binom", "fraction": "frac", "rational": "frac",
}  # fmt: skip
_SAYS = "is are was be equals equal gives get gets have has yields makes measures contains".split()
PERCENT, DEGREE = "%", "°"
RELATIONS = frozenset(("=", "≈", "<", ">", "<=", ">=", "!=", "or"))
FUNCTIONS = frozenset("frac sqrt cbrt binom sin cos tan sec csc cot".split())
OPENING, CLOSING = frozenset(("(", "[", "{", "\\{")), frozenset((")", "]", "}", "\\}"))
_LETTERS = frozenset("alpha beta gamma delta epsilon zeta eta theta kappa lambda mu phi omega infty".split())


def tokens(text: str, *, names: Collection[str] | None = None, separate: bool = False) -> list[Token]:
    """Cut a prepared text into tokens.

    A run of small letters is a product of unknowns when they are all in *names*, else a word; with no
    *names* given it is always a product.  With *separate*, a comma is never part of a number.
    """
    if not separate:
        for pattern, replacement in _COUNTED:
            text = pattern.sub(replacement, text)
        text = _GROUPED.sub(lambda match: match[1].replace(",", ""), text)
    found = _in_context(list(_scan(text, names)), names)
    if len(found) > MOST_TOKENS:
        raise Unreadable(f"too long for a formula: {shown(text)}")
    return found


def _scan(text: str, names: Collection[str] | None) -> Iterator[Token]:
    spaced = prose = False
    for match in _TOKEN.finditer(text):
        part = match[0]
        if match["space"]:
            spaced = True
            continue
        if part in (_PROSE, _FORMULA):
            spaced, prose = True, part == _PROSE
            continue
        if match["number"]:
            yield Token("number", part.replace(" ", ""), spaced)
        elif match["letters"]:
            yield from _letters(part, names, spaced=spaced, prose=prose)
        else:
            yield _sign(part, spaced=spaced)
        spaced = False


def _letters(part: str, names: Collection[str] | None, *, spaced: bool, prose: bool) -> Iterator[Token]:
    alike = _ALIKE.get(part.lower(), part.lower())
    if alike in FUNCTIONS:
        yield Token("function", alike, spaced)
    elif alike == "pi":
        yield Token("name", "pi", spaced)
    elif alike == "or" or alike in _SAYS:
        yield Token("relation", "or" if alike == "or" else "is", spaced)
    elif alike in ("%", "°", ",", "."):
        yield Token("sign", alike, spaced)
    elif part.rstrip("'").isupper() or len(part) == 1 or "_" in part:
        # The segment BA is the segment AB.
        yield Token("name", "".join(sorted(part)) if part.isupper() and len(part) == 2 else part, spaced)
    elif not prose and part.isalpha() and (names is None or set(part) <= set(names)):
        yield from (Token("name", letter, spaced) for letter in part)
    else:
        yield Token("word", part.lower(), spaced)


def _sign(part: str, *, spaced: bool) -> Token:
    alike = _ALIKE.get(part, part)
    bare = alike.removeprefix("\\")
    if alike in RELATIONS:
        return Token("relation", alike, spaced)
    if bare in FUNCTIONS:
        return Token("function", bare, spaced)
    if bare == "pi" or bare.lower() in _LETTERS:
        return Token("name", bare, spaced)
    return Token("sign", alike, spaced)


def _in_context(found: list[Token], names: Collection[str] | None) -> list[Token]:
    """Tell what a colon, a "to" and an "x" are by what stands on both sides.

    3:5 and 3 to 5 are ratios, 3 x 5 is a product; another colon introduces the answer.
    """
    for at, token in enumerate(found):
        if token.text not in (":", "to", "x"):
            continue
        before, after = found[at - 1 : at] if at else [], found[at + 1 : at + 2]
        valued = before and (
            before[0].kind == "number" or before[0].text in (*CLOSING, "pi", PERCENT, DEGREE)
        )
        if (
            valued
            and after
            and (after[0].kind in ("number", "function") or after[0].text in (*OPENING, "pi"))
        ):
            if token.text != "x" or (names is not None and "x" not in names):
                found[at] = Token("sign", "*" if token.text == "x" else ":")
        elif token.text == ":":
            found[at] = Token("relation", "=")
    return found


# Brackets ------------------------------------------------------------------------------------------


def split(found: list[Token], *signs: str, keep_empty: bool = False) -> list[list[Token]]:
    """Split at those *signs* that stand outside all brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth == 0 and token.text in signs and token.kind != "word":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part or keep_empty]


def outside(found: list[Token]) -> Iterator[Token]:
    """Yield the tokens outside all brackets."""
    depth = 0
    for token in found:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth == 0:
            yield token


def closing(found: list[Token], start: int) -> int:
    """Return where the bracket that opens at *start* closes."""
    depth = 0
    for at in range(start, len(found)):
        depth += (found[at].text in OPENING) - (found[at].text in CLOSING)
        if depth == 0:
            return at
    raise Unreadable("a bracket is not closed")
