"""Web of Lies: follow a chain of people who each say whether another one lies.

A chain of negations: easy to follow in words, and tempting to get wrong in a program that first has to
turn the sentences into data.  Where the statements are shuffled, the chain has side branches as well.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import yes_no

from .solver import HONEST, LYING, SAYING, asked, solution

_NAMES = (
    "Ada Amos Bela Bruno Celia Cyrus Dina Edgar Elke Enzo Fiona Felix Greta Hugo Ida Ivan Jonas Judith Karl "
    "Lena Linus Maja Milo Nadia Nils Olga Oskar Paula Pavel Rosa Ruben Selma Simon Tessa Theo Ursula Viktor "
    "Wanda Xenia Yusuf Zelda"
).split()
_SENTENCES = (
    "{who} {says} {about} {claim}.",
    "{who} {says} that {about} {claim}.",
    "According to {who}, {about} {claim}.",
    "{about} {claim}, {says} {who}.",
)
_QUESTIONS = ("Does {} tell the truth?", "Is {} telling the truth?", "Is {} honest?", "Is {} truthful?")

# Plain statements that answer the question; the name comes first.
_ADVERBS = r"(?:(?:also|therefore|thus|indeed|clearly|definitely|actually) )*"
_IS = rf"(?:(?:is|does|must(?: be)?) )*{_ADVERBS}"
_IS_NOT = rf"(?:is|does|must)(?:n't| not)(?: be)? {_ADVERBS}"
_TRUTH = r"(?:(?:tell(?:s|ing)?|told|speak(?:s|ing)?) the truth|truthful|honest|a truth[- ]teller)\b"
_LIE = r"(?:lie[sd]?|lying|a liar|dishonest|untruthful)\b"
_ALONE = (  # one word, or a line of a table
    r"(?:\A(?:the (?:last )?person )?|(?<={name}: )|(?<={name} = )|(?<={name} -> ))"
    r"(?:is )?(?:{words})(?=\W*\Z)"
)


def generate(rng: Random, *, people: int, varied: bool, shuffled: bool = False) -> dict[str, Any]:
    """Draw who speaks about whom and what they say; by construction there is one consistent reading.

    Not *varied*, everyone says "tells the truth" or "lies"; not *shuffled*, each speaks about the one before
    and the last one is asked about.
    """
    names = rng.sample(_NAMES, people)
    claims = [rng.choice((True, False)) for _ in names]
    sentences = [f"{names[0]} {_words(rng, claims[0], varied=varied)}."]
    honest = {names[0]: claims[0]}
    for at in range(1, people):
        about = names[rng.randrange(max(0, at - 3), at) if shuffled else at - 1]
        honest[names[at]] = honest[about] == claims[at]
        form = rng.choice(_SENTENCES) if varied else _SENTENCES[0]
        says = rng.choice(SAYING) if varied else "says"
        said = _words(rng, claims[at], varied=varied)
        sentences.append(form.format(who=names[at], about=about, says=says, claim=said))
    if shuffled:
        rng.shuffle(sentences)
    question = (rng.choice(_QUESTIONS) if varied else _QUESTIONS[0]).format(names[-1])
    text = f"Question: {' '.join(sentences)} {question}"
    return {"input": text, "target": "Yes" if honest[names[-1]] else "No"}


def solve(data: Mapping[str, Any]) -> str:
    """Follow the chain."""
    return solution(data["input"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the yes or no that is the target, or a statement about the person asked about that says so."""
    name = asked(data["input"])
    said = yes_no(
        answer,
        yes=rf"{name} (?:{_IS}{_TRUTH}|{_IS_NOT}{_LIE})|{_ALONE.format(name=name, words=f'truth|{_TRUTH}')}",
        no=rf"{name} (?:{_IS}{_LIE}|{_IS_NOT}{_TRUTH})|{_ALONE.format(name=name, words=f'liar|{_LIE}')}",
    )
    if said == (data["target"] == "Yes"):
        return right()
    return wrong(f"says {'Yes' if said else 'No'}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program that reads the sentences and follows the chain."""
    return program_of(solution, text=data["input"])


def _words(rng: Random, honest: bool, *, varied: bool) -> str:  # noqa: FBT001  (what is said, not a flag)
    words = HONEST if honest else LYING
    return rng.choice(words) if varied else words[0]
