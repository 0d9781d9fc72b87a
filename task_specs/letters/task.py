"""Letters: count one letter in a word and name its positions, from 1.

Models see words in pieces, not in letters; a program sees the letters.
"""

import re
from collections.abc import Mapping
from random import Random
from string import ascii_lowercase
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Unreadable, plain, shown

from .solver import counted, positions

_ANSWER = re.compile(
    r"count ?[:=] ?(\d{1,6}) ?[,;.]? ?(?:and )?positions? ?[:=] ?[\[({]([\d, ]*)[\])}]",
    re.IGNORECASE,
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
    found = {(int(count), listed) for count, listed in _ANSWER.findall(" ".join(_text(answer).split()))}
    if len(found) != 1:
        raise Unreadable(f"not one 'Count: X, Positions: [Y, Z]': {shown(answer)}")
    count, listed = found.pop()
    named = [int(position) for position in re.findall(r"\d+", listed) if len(position) < 10]
    truth = positions(data["word"], data["letter"])
    if count != len(truth):
        return wrong(f"counts {count}, not {len(truth)}")
    if sorted(named) != truth:
        return wrong(f"positions {shown(named)}, not {shown(truth)}")
    return right()


def _text(answer: str) -> str:
    return plain(answer.replace("*", "").replace("{", "(").replace("}", ")"))
