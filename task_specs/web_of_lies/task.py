"""Web of Lies: follow a chain of people who each say whether the one before lies.

A chain of negations: easy to follow in words, and tempting to get wrong in a program that first has to
turn the sentences into data.
"""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from pytest_codesteer import Verdict, right, wrong
from pytest_codesteer.answers import yes_no

_NAMES = (
    "Ada Amos Bela Bruno Celia Cyrus Dina Edgar Elke Enzo Fiona Felix Greta Hugo Ida Ivan Jonas Judith Karl "
    "Lena Linus Maja Milo Nadia Nils Olga Oskar Paula Pavel Rosa Ruben Selma Simon Tessa Theo Ursula Viktor "
    "Wanda Xenia Yusuf Zelda"
).split()
_FIRST = re.compile(r"(\w+) (tells the truth|lies)\.")
_NEXT = re.compile(r"(\w+) says (\w+) (tells the truth|lies)\.")
_ASKED = re.compile(r"Does (\w+) tell the truth\?")


def generate(rng: Random, *, people: int) -> dict[str, Any]:
    """Draw a chain of *people* statements; by construction it has one consistent reading."""
    names = rng.sample(_NAMES, people)
    claims = [rng.choice(("tells the truth", "lies")) for _ in names]
    sentences = [f"{names[0]} {claims[0]}."]
    for before, name, claim in zip(names, names[1:], claims[1:], strict=False):
        sentences.append(f"{name} says {before} {claim}.")
    text = f"Question: {' '.join(sentences)} Does {names[-1]} tell the truth?"
    return {"input": text, "target": _truth(text)}


def solve(data: Mapping[str, Any]) -> str:
    """Follow the chain."""
    return _truth(data["input"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the yes or no that is the target."""
    said = "Yes" if yes_no(answer) else "No"
    return right() if said == data["target"] else wrong(f"says {said}")


def _truth(text: str) -> str:
    """Return Yes or No: whether the person asked about tells the truth."""
    first, asked = _FIRST.search(text), _ASKED.search(text)
    if first is None or asked is None:
        raise ValueError(f"not a web of lies: {text:.80}")
    truthful = {first[1]: first[2] == "tells the truth"}
    for name, about, claim in _NEXT.findall(text):
        truthful[name] = truthful[about] == (claim == "tells the truth")
    return "Yes" if truthful[asked[1]] else "No"
