"""Logical Deduction, solved: the clues read, and the one order that fits searched for."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SCALES = {  # the first and the last of an order; what is nearer the first, and the last, than another one is
    "row": ("leftmost", "rightmost", "to the left of", "to the right of"),
    "race": ("first", "last", "ahead of", "behind"),
    "tournament": ("first", "last", "above", "below"),
    "age": ("oldest", "newest", "older than", "newer than"),
    "price": ("cheapest", "most expensive", "cheaper than", "more expensive than"),
    "cost": ("cheapest", "most expensive", "less expensive than", "more expensive than"),
    "height": ("tallest", "shortest", "taller than", "shorter than"),
    "length": ("longest", "shortest", "longer than", "shorter than"),
    "weight": ("heaviest", "lightest", "heavier than", "lighter than"),
    "warmth": ("warmest", "coldest", "warmer than", "colder than"),
    "speed": ("fastest", "slowest", "faster than", "slower than"),
}
ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth"
).split()
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
).split()

_FIRST = {scale[0] for scale in SCALES.values()} | {"left"}
_BEFORE = {scale[2] for scale in SCALES.values()}
_LAST = {scale[1] for scale in SCALES.values()} | {"right"}
_AFTER = {scale[3] for scale in SCALES.values()}


class Clue(NamedTuple):
    """What is known of the places of some things; places count from 0."""

    kind: str  # place, not, before, next (directly before), apart, between (the first thing, two others)
    things: tuple[int, ...]
    number: int = 0  # the place, or how far apart


def solution(text: str) -> str:
    """Return the one option that every order which fits the clues makes true, as (A)."""
    story, _, listed = text.partition("\nOptions:\n")
    names = _names(story)
    sentences = [each.strip() for each in re.split(r"(?<=[.:?]) ", story)]
    found = (_clue(sentence.rstrip("."), names) for sentence in sentences)
    order = next(orders(len(names), [clue for clue in found if clue]))
    for letter, option in re.findall(r"\((\w)\) (.*)", listed):
        clue = _clue(option, names)
        if clue and order[clue.things[0]] == clue.number:
            return f"({letter})"
    raise ValueError(f"no option holds: {text:.60}")


def orders(count: int, clues: list[Clue]) -> Iterator[tuple[int, ...]]:
    """Yield every order that fits: the place of each thing.  *count* things have *count* places."""
    waiting = [[(1 << count) - 1] * count]  # the places that each thing may have, as bits
    while waiting:
        places = waiting.pop()
        if not _narrow(places, clues):
            continue
        free = [thing for thing in range(count) if places[thing].bit_count() > 1]
        if not free:
            yield tuple(bits.bit_length() - 1 for bits in places)
            continue
        thing = min(free, key=lambda thing: places[thing].bit_count())
        tries = [1 << place for place in range(count) if places[thing] >> place & 1]
        waiting.extend([*places[:thing], bit, *places[thing + 1 :]] for bit in tries)


def _narrow(places: list[int], clues: list[Clue]) -> bool:
    """Strike out the places that cannot be; False when a thing is left with none."""
    before: list[int] = []
    while before != places:
        before = places.copy()
        for clue in clues:
            _apply(clue, places)
        for thing, bits in enumerate(places):
            if bits.bit_count() == 1:
                places[:] = [other & ~bits for other in places]
                places[thing] = bits
        if not all(places):
            return False
    return True


def _apply(clue: Clue, places: list[int]) -> None:
    """Strike out what one clue forbids.  Bit k stands for place k."""
    x, y = clue.things[0], clue.things[-1]
    if clue.kind == "place":
        places[x] &= 1 << clue.number
    elif clue.kind == "not":
        places[x] &= ~(1 << clue.number)
    elif clue.kind == "before":
        _above(places, y, x)
        _below(places, x, y)
    elif clue.kind == "next":
        places[y] &= places[x] << 1
        places[x] &= places[y] >> 1
    elif clue.kind == "apart":
        places[y] &= places[x] << clue.number | places[x] >> clue.number
        places[x] &= places[y] << clue.number | places[y] >> clue.number
    else:
        _between(places, *clue.things)


def _between(places: list[int], middle: int, one: int, other: int) -> None:
    """Keep *middle* between two things, whichever of them comes first."""
    ways = []
    for first, last in ((one, other), (other, one)):
        way = places.copy()
        for lower, upper in ((first, middle), (middle, last), (first, middle)):
            _above(way, upper, lower)
            _below(way, lower, upper)
        ways.append(way if all(way[thing] for thing in (middle, one, other)) else [0] * len(places))
    for thing in (middle, one, other):
        places[thing] &= ways[0][thing] | ways[1][thing]


def _above(places: list[int], thing: int, lower: int) -> None:
    lowest = places[lower] & -places[lower]
    places[thing] &= ~(2 * lowest - 1) if lowest else 0


def _below(places: list[int], thing: int, upper: int) -> None:
    highest = 1 << places[upper].bit_length() >> 1
    places[thing] &= highest - 1 if highest else 0


# Reading --------------------------------------------------------------------------------------


def _names(story: str) -> list[str]:
    """Return the things in the order in which the story lists them."""
    listed = re.split(r", and |, | and ", story.partition(": ")[2].partition(".")[0])
    return [re.sub(r"^(?:a|an|the) ", "", name) for name in listed]


def _clue(sentence: str, names: list[str]) -> Clue | None:
    """Return what *sentence* says about places; None if it says nothing."""
    name = f"(?:[Tt]he )?({'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})"
    if apart := re.fullmatch(rf"Exactly (\w+) of the others comes? between {name} and {name}", sentence):
        return Clue("apart", (names.index(apart[2]), names.index(apart[3])), NUMBERS.index(apart[1]) + 1)
    if between := re.fullmatch(rf"{name} comes somewhere between {name} and {name}", sentence):
        return Clue("between", tuple(names.index(thing) for thing in between.groups()))
    words = "|".join(sorted(_BEFORE | _AFTER))
    directly = "(, with none of the others in between)?"
    if order := re.fullmatch(rf"{name} (?:is|are|finished) ({words}) {name}{directly}", sentence):
        things = (names.index(order[1]), names.index(order[3]))
        return Clue("next" if order[4] else "before", things if order[2] in _BEFORE else things[::-1])
    if place := re.fullmatch(rf"{name} (?:is|are|finished|did) (not )?(?:the |finish )?(.+)", sentence):
        number = _place(place[3], len(names))
        return Clue("not" if place[2] else "place", (names.index(place[1]),), number)
    return None


def _place(words: str, count: int) -> int:
    """Return the place that is meant by "second from the left", "third-oldest", "last"."""
    if words in ORDINALS:
        return ORDINALS.index(words) - 1
    if words in _FIRST | _LAST:
        return 0 if words in _FIRST else count - 1
    ordinal, _, rest = re.sub(r" from the |-to-|-", "|", words, count=1).partition("|")
    at = ORDINALS.index(ordinal)
    return at - 1 if rest in _FIRST else count - at
