"""What an answer states: a value, a list of values or an equation, inside a sentence or without one.

statement = item { "," item }           a bare list, when there is more than one
item      = side { relation side }      x = 9 sqrt(5) ≈ 20.12, "The area is 5", "1/2 or 0.5"
side      = [ lead words ] term [ words ]
term      = formula { ":" formula } | bracket item { "," item } bracket
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from pytest_codesteer.answers.candidates import corrected
from pytest_codesteer.answers.formulas import Quantity, formula
from pytest_codesteer.answers.marks import Unreadable, boxed, shown
from pytest_codesteer.answers.notation import (
    OPENING,
    Token,
    closing,
    outside,
    prepared,
    split,
    tokens,
)
from pytest_codesteer.answers.phrases import ABOUT, LEADS, MAY_BE, article, changes, opened, units

MOST_LINES = 20  # that are looked at, from the last
MOST_DEPTH = 4  # of lists in lists

_RESUMES = frozenset("which that ie".split())  # what follows says the same again
_WRAPPED = re.compile(  # {"answer": "5"}, ['5']
    r"""\s*(?:\{\s*(?:"[\w ]+"|'[\w ]+')\s*:\s*("[^"\n]*"|'[^'\n]*'|[^"'\n{}]+)\}
    |[\[(]\s*("[^"\n]*"|'[^'\n]*')\s*,?\s*[\])])\s*""",
    re.VERBOSE,
)
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values, and the brackets around them: "()", "[]", "{}", "[)", "(]", ":"; "" for none."""

    brackets: str
    items: "tuple[Statement, ...]"

    @property
    def names(self) -> frozenset[str]:
        """The unknowns in its values."""
        return frozenset().union(*(item.sides[-1].names for item in self.items))


Term: TypeAlias = Quantity | Listing


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a statement."""

    relation: str  # to the side before; "" for the first
    term: Term | None = None  # None for words
    bare: bool = True  # without words around the term; for words: without numbers among them
    about: bool = False  # whether it is said to be approximate

    @property
    def names(self) -> frozenset[str]:
        """The unknowns in it."""
        return frozenset() if self.term is None else self.term.names

    @property
    def label(self) -> str | None:
        """The one name that it consists of, if it does."""
        return self.term.name if isinstance(self.term, Quantity) else None

    @property
    def empty(self) -> bool:
        """Whether it holds words alone."""
        return self.term is None and self.bare


@dataclass(frozen=True, slots=True)
class Statement:
    """Sides that are said to be equal, or to stand in another relation.  The last one has a term."""

    sides: tuple[Side, ...]

    @property
    def names(self) -> frozenset[str]:
        """The unknowns in it."""
        return frozenset().union(*(side.names for side in self.sides))


def statement(text: str, names: Collection[str] | None = None, *, separate: bool = False) -> Statement:
    """Read the last line of *text* that says anything.  Raises `Unreadable`.

    *names* are the unknowns of the question: other letters are labels or units.  None: all letters are
    unknowns.  With *separate*, commas separate values, and do not group digits.
    """
    if wrapped := _WRAPPED.fullmatch(text):
        text = (wrapped[1] or wrapped[2]).strip("\"' ")
    if re.search(r"[\d\\]", last := corrected(text)):
        text = last
    inner = boxed(text) if text.count("\\boxed") == 1 else None
    lines = (text if inner is None else inner).split("\n")[: -MOST_LINES - 1 : -1]
    for line in map(prepared, lines):
        if not any(map(str.isalnum, line)):
            continue
        found = tokens(line, names=names, separate=separate)
        if any(token.kind != "word" for token in found):
            return _Reader(text, names, separate=separate).sentences(found)
        if changes(found):
            break
    raise Unreadable(f"no value in {shown(text)}")


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str  # for messages
    names: Collection[str] | None
    separate: bool

    def sentences(self, found: list[Token]) -> Statement:
        """Read a line.  Its last sentence counts; what one before it says of the same must agree."""
        parts = split(found, ".", *([] if self.separate else ";"))
        said = [
            one for at, part in enumerate(parts, 1) if (one := self.sentence(part, last=at == len(parts)))
        ]
        if not said or said[-1].sides[-1].term is None:
            raise self.fault()
        before = [one for one in said[:-1] if _on_the_same(one, said[-1])]
        earlier = [side for one in before for side in one.sides if side.bare and side.term]
        first, *rest = said[-1].sides
        if earlier:
            first = replace(first, relation=first.relation or "=")
        return Statement((*earlier, first, *rest))

    def sentence(self, found: list[Token], *, last: bool) -> Statement | None:
        """Read a sentence; None for one of words alone, and for one before the last that cannot be read."""
        try:
            one = self.statement(found, 0)
        except Unreadable:
            if last or changes(found):
                raise
            return None
        return None if all(side.empty for side in one.sides) else one

    def statement(self, found: list[Token], depth: int) -> Statement:
        """Read items: one, or a bare list of several."""
        items = [item for part in self.parts(found) if (item := self.item(part, depth)).sides]
        if len(items) > 1 and items[-1].sides[0].term is None:
            # "With 5 boys and 3 girls, the number of ways is 56": the items before begin the sentence.
            items = [item for item in items[:-1] if all(side.bare for side in item.sides)] + items[-1:]
        if len(items) < 2:
            return items[0] if items else Statement((Side(""),))
        if any(item.sides[-1].term is None for item in items):
            raise self.fault()
        bare = all(side.bare and side.term for item in items for side in item.sides)
        return Statement((Side("", Listing("", tuple(items)), bare=bare),))

    def parts(self, found: list[Token]) -> Iterator[list[Token]]:
        """Split at commas; what follows ", which is about" goes on with the part before."""
        whole: list[Token] = []
        for part in split(found, ",", ";", *(["or"] if self.separate else [])):
            if whole and part[0].text in _RESUMES:
                whole += [Token("relation", "="), *part]
                continue
            if whole and part[0].text == "or":
                whole += part
                continue
            if whole:
                yield whole
            whole = part
        if whole:
            yield whole

    def item(self, found: list[Token], depth: int) -> Statement:
        """Read sides.  Words alone at the end fall away, unless they deny what stands before."""
        found = opened(found)
        relations = [""] + [token.text for token in outside(found) if token.kind == "relation"]
        parts = split(found, *set(relations), keep_empty=True)
        if relations[1:-1] and {*relations[1:]} == {"is"} and self.side("", parts[0], depth).term is None:
            # "The probability that the sum is 7 is 1/6": what stands before the last verb is its subject.
            relations, parts = relations[-1:], parts[-1:]
        relations = ["=" if relation == "is" else relation for relation in relations]
        sides = [self.side(relation, part, depth) for relation, part in zip(relations, parts, strict=True)]
        while sides and sides[-1].empty:
            sides.pop()
        if any(map(changes, parts[len(sides) :])) or "or" in relations[len(sides) :]:
            raise self.fault()
        for at, side in enumerate(sides[1:]):
            read = sides[at].term and side.term
            if side.relation == "or" and not read and all(s.relation == "or" for s in sides[at + 2 :]):
                raise self.fault()  # "maybe 5 or 7"; but "1 or 2 heads: 5 ways" begins with words
        return Statement(tuple(sides))

    def side(self, relation: str, found: list[Token], depth: int) -> Side:
        """Read a term, with harmless words before it and units behind it."""
        at = 0
        while at < len(found) and (found[at].text in (*LEADS, "*", "^", ":") or article(found, at)):
            at += 1
        if self.ends_in_name(found[at:]):
            at = len(found) - 1  # "column B"
        opening = next((i for i, token in enumerate(found) if token.kind != "word"), 0)
        if (
            self.separate
            and found[opening:]
            and found[opening].text in OPENING
            and not changes(found[:opening])
        ):
            at = max(at, opening)  # "they meet at (2, 5)"
        about = relation == "≈" or any(token.text in ABOUT for token in found[:at])
        rest = found[at:]
        if not rest or all(token.kind == "word" for token in rest):
            if rest and rest[-1].text in MAY_BE:
                raise self.fault()
            return Side(relation)
        try:
            term, rest = self.term(rest, depth)
        except Unreadable:
            return Side(relation, bare=False)
        if changes(rest):
            raise self.fault()
        if not units(rest):
            return Side(relation, bare=False)
        return Side(relation, term, bare=not rest, about=about)

    def ends_in_name(self, found: list[Token]) -> bool:
        """Whether *found* is words and then one of the names that are asked for."""
        words = all(token.kind == "word" for token in found[:-1])
        return words and len(found) > 1 and found[-1].text in (self.names or ()) and not changes(found)

    def term(self, found: list[Token], depth: int) -> tuple[Term, list[Token]]:
        """Read a formula, a ratio or a list in brackets; return it and the tokens behind it."""
        start = 1 if self.separate and found[0].kind == "name" and found[1:2] and found[1].text == "(" else 0
        if found[start].text in OPENING:  # (3, -4), or C(3, -4)
            end = closing(found, start)
            inside = found[start + 1 : end]
            if found[start].text == "\\{" or any(token.text in (",", ";") for token in outside(inside)):
                return self.listing(found[start], inside, found[end], depth), found[end + 1 :]
        value, read = formula(found, self.names)
        parts = [value]
        while read < len(found) and found[read].text == ":":
            value, more = formula(found[read + 1 :], self.names)
            parts.append(value)
            read += 1 + more
        if read < len(found) and found[read].text in _SCALES:
            parts[-1] = replace(parts[-1], value=parts[-1].value * _SCALES[found[read].text])
            read += 1
        return _ratio(parts), found[read:]

    def listing(self, opening: Token, inside: list[Token], end: Token, depth: int) -> Listing:
        """Read the values between two brackets."""
        if depth == MOST_DEPTH:
            raise self.fault()
        items = tuple(self.item(part, depth + 1) for part in split(inside, ",", ";"))
        if not all(item.sides and item.sides[-1].term for item in items):
            raise self.fault()
        return Listing((opening.text + end.text).replace("\\", ""), items)

    def fault(self) -> Unreadable:
        """Return the error that shows the text."""
        return Unreadable(f"not one value or one list of values: {shown(self.text)}")


def _ratio(parts: list[Quantity]) -> Term:
    """Return 1:4 as a quarter, and 2:4:6 as a list that ends in 1."""
    if len(parts) == 1:
        return parts[0]
    quotients = [Quantity(part.value / parts[-1].value) for part in parts[:-1]]
    if len(parts) == 2:
        return quotients[0]
    return Listing(":", tuple(Statement((Side("", quotient),)) for quotient in quotients))


def _on_the_same(one: Statement, last: Statement) -> bool:
    """Whether *one* says a value of what *last* is about: neither of another name, nor in a computation."""
    labels = {side.label for side in one.sides} & {side.label for side in last.sides} - {None}
    words = any(side.term is None for side in one.sides)
    return bool(labels) or (not one.names and (words or len(one.sides) == 1))
