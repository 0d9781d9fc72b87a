"""The words and units around a value: those that leave it as it is, and those that change or deny it."""

from itertools import pairwise, zip_longest

from pytest_codesteer.answers.formulas import UNIT_LETTERS
from pytest_codesteer.answers.notation import PERCENT, Token, closing

#: Words before a value that do not change it.  After any other word a value is not taken for the answer.
LEADS = frozenset(
    "the an about approximately approx roughly around nearly exactly precisely only just simply answer final "
    "result value then total of to it option choice area volume perimeter length "
    "probability ratio which that there segment line point letter".split()
)
ABOUT = frozenset("about approximately approx roughly around nearly".split())
#: Words behind a value that change or deny it; any other is taken for a unit.
_CHANGES = frozenset(
    "not no never nor neither either maybe perhaps possibly unless if half halves third thirds quarter "
    "quarters fourth fourths fifth fifths sixth sixths eighth eighths tenth tenths hundredth hundredths "
    "squared cubed factorial times more less fewer over out except but than least most minus plus wrong "
    "incorrect to root roots".split()
)
MAY_BE = frozenset("cannot could might may".split())  # what follows, after "be", is no answer
_OF = frozenset("of from with among choose".split())  # a number behind one of these belongs to the unit
_ABOUT_SIGN = Token("relation", "≈")


def opened(found: list[Token]) -> list[Token]:
    """Take the brackets from the same value set behind one: 1/2 (50%), 50% (1/2), 5/8 (= 0.625)."""
    starts = [at for at, token in enumerate(found) if at and token.text == "(" and token.spaced]
    if not starts or closing(found, starts[-1]) != len(found) - 1:
        return found
    value, inside = found[: starts[-1]], found[starts[-1] + 1 : -1]
    written = [token.text for token in inside]
    if inside and inside[0].kind == "relation":
        return [*value, *inside]
    if value[-1].text == PERCENT:
        return [*value, Token("relation", "="), *inside]
    decimal = len(inside) == 1 and inside[0].kind == "number" and "." in written[0]
    if decimal or written[1:] == [PERCENT] or (inside and written[0] in ABOUT):
        return [*value, _ABOUT_SIGN, *inside]
    return found


def article(found: list[Token], at: int) -> bool:
    """Whether a letter a stands before a word, or at the beginning before a number: "a 1/6 chance"."""
    following = [token.kind for token in found[at + 1 : at + 2]]
    return found[at].text in ("a", "A") and following in (["word"], [] if at else ["number"])


def changes(found: list[Token]) -> bool:
    """Whether a word among *found* changes or denies a value."""
    return any(
        token.kind == "word"
        and token.text in _CHANGES
        and not (token.text == "to" and after and after.kind == "word")  # "56 ways to choose 3 from 8"
        for token, after in zip_longest(found, found[1:])
    )


def units(found: list[Token]) -> bool:
    """Whether *found* is nothing, or units: cm^2, square feet, km/h, committees of 3 people."""
    if not found or not (found[0].kind == "word" or found[0].text in (*UNIT_LETTERS, "(")):
        return not found
    return all(
        token.kind == "word"
        or token.text in UNIT_LETTERS
        or token.text in ("^", "/", "-", "(", ")", "{", "}")
        or (
            token.text in ("2", "3")
            and (before.text in ("^", "{") or (before.kind == "word" and not token.spaced))
        )
        or (token.kind == "number" and before.text in _OF and before is not found[0])
        for before, token in pairwise(found)
    )
