"""Logical Deduction: find out what stands at one place of a fixed order, from clues.

A constraint problem: a few lines of search solve it at any size, once the sentences are data.
"""

import re
from collections.abc import Mapping
from itertools import islice
from random import Random
from string import ascii_uppercase
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import choice

from .scenes import INTROS, SCENES, Scene
from .solver import NUMBERS, ORDINALS, SCALES, Clue, orders, solution

_OPTION = re.compile(r"^\(([A-Z])\) (.+)$", re.MULTILINE)


def generate(rng: Random, *, objects: int, clues: list[str]) -> dict[str, Any]:
    """Draw an order, and clues of the given kinds that leave no other order; none of them can be spared."""
    scene = rng.choice(SCENES)
    things = rng.sample(scene.things, objects)
    places = rng.sample(range(objects), objects)  # of the things
    needed = _needed(rng, places, clues)
    given = [clue.number for clue in needed if clue.kind == "place"]
    asked = rng.choice([place for place in range(objects) if place not in given])
    position = _position(rng, scene, asked, objects)
    shown = rng.sample(range(objects), objects)  # the things, in the order of the options
    listed = f"{', '.join(things[:-1])}, and {things[-1]}"
    story = scene.story.format(number=NUMBERS[objects], things=listed)
    said = [rng.choice(INTROS), story, *(_told(rng, clue, scene, things) for clue in needed)]
    options = [f"({ascii_uppercase[at]}) {_upper(things[each])} {position}" for at, each in enumerate(shown)]
    target = ascii_uppercase[shown.index(places.index(asked))]
    return {"input": "\n".join((" ".join(map(_upper, said)), "Options:", *options)), "target": f"({target})"}


def solve(data: Mapping[str, Any]) -> str:
    """Search for the order that fits."""
    return solution(data["input"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept the option that is the target, by its letter, its text, or both."""
    chosen = choice(answer, dict(_OPTION.findall(data["input"])))
    return right() if f"({chosen})" == data["target"] else wrong(f"chooses {chosen}")


def program(data: Mapping[str, Any]) -> str:
    """Return the program that reads the clues and searches."""
    return program_of(solution, text=data["input"])


def _needed(rng: Random, places: list[int], kinds: list[str]) -> list[Clue]:
    """Return clues that are true of *places* and of no other order, not one too many."""
    clues: list[Clue] = []
    while not _unique(len(places), clues):
        clues += [_true(rng, places, rng.choice(kinds)) for _ in places]
    for clue in clues.copy():
        fewer = [other for other in clues if other is not clue]
        if _unique(len(places), fewer):
            clues = fewer
    return clues


def _unique(count: int, clues: list[Clue]) -> bool:
    return len(list(islice(orders(count, clues), 2))) == 1


def _true(rng: Random, places: list[int], kind: str) -> Clue:
    """Return a clue of this kind that is true of *places*."""
    at = {place: thing for thing, place in enumerate(places)}
    first, middle, last = sorted(rng.sample(range(len(places)), 3))
    ends = tuple(rng.sample((at[first], at[last]), 2))
    match kind:
        case "place":
            return Clue(kind, (at[middle],), middle)
        case "not":
            return Clue(kind, (at[middle],), rng.choice((first, last)))
        case "before":
            return Clue(kind, (at[first], at[last]))
        case "next":
            return Clue(kind, (at[first], at[first + 1]))
        case "apart":
            return Clue(kind, ends, last - first)
        case "between":
            return Clue(kind, (at[middle], *ends))
    raise ValueError(f"unknown kind of clue: {kind}")


def _told(rng: Random, clue: Clue, scene: Scene, things: list[str]) -> str:
    """Return the sentence of a clue."""
    names = [things[thing] for thing in clue.things]
    if clue.kind in ("place", "not"):
        position = _position(rng, scene, clue.number, len(things))
        if clue.kind == "not":
            position = position.replace("finished ", "did not finish ").replace("is the", "is not the")
        return f"{names[0]} {position}."
    if clue.kind == "apart":
        some = (
            "one of the others comes"
            if clue.number == 2
            else f"{NUMBERS[clue.number - 1]} of the others come"
        )
        return f"exactly {some} between {names[0]} and {names[1]}."
    if clue.kind == "between":
        return f"{names[0]} comes somewhere between {names[1]} and {names[2]}."
    way = rng.choice((2, 3))
    one, other = names if way == 2 else names[::-1]
    directly = ", with none of the others in between" if clue.kind == "next" else ""
    return f"{one} {scene.verb} {SCALES[scene.scale][way]} {other}{directly}."


def _position(rng: Random, scene: Scene, place: int, count: int) -> str:
    """Return the words for a place, mostly counted from the nearer end."""
    from_last = (2 * place >= count) != (rng.random() < 0.2)
    at = count - place if from_last else place + 1
    end = SCALES[scene.scale][from_last]
    if scene.scale == "row":
        ordinal = f"{ORDINALS[at]} from the {end.removesuffix('most')}"
    elif scene.verb == "finished":
        ordinal = f"{ORDINALS[at]}-to-last" if from_last else ORDINALS[at]
    else:
        ordinal = f"{ORDINALS[at]}-{end}"
    said = end if at == 1 else ordinal
    return f"finished {said}" if scene.verb == "finished" else f"is the {said}"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
